use cenote_amm::RangeLanes;
use cenote_strategy::RangePlace;
use cenote_units::{Lanes, kernel};

/// The books of one of a position's ranges.
///
/// What trades did to it is the change of its amounts and of what it is owed since the last look, at the outside prices at which
/// they happened; so it is looked at before prices move and before its liquidity changes.
#[derive(Debug)]
pub(crate) struct RangeBook<const L: usize> {
    /// The pool's place and the range's number there.
    pub(crate) pool: usize,
    pub(crate) number: usize,
    /// Whether there ever was liquidity on these paths.
    pub(crate) used: bool,
    /// As of the last look.
    amounts: [Lanes<L>; 2],
    owed: [Lanes<L>; 2],
}

/// Where a range's income is booked.
#[derive(Debug)]
pub(crate) struct Income<'a, const L: usize> {
    pub(crate) price: &'a mut Lanes<L>,
    pub(crate) loss_versus_rebalancing: &'a mut Lanes<L>,
    pub(crate) fees: &'a mut Lanes<L>,
}

impl<const L: usize> RangeBook<L> {
    pub(crate) fn new(place: &RangePlace) -> Self {
        Self { pool: place.pool.index(), number: place.number, used: false, amounts: [Lanes::ZERO; 2], owed: [Lanes::ZERO; 2] }
    }

    pub(crate) fn clear(&mut self) {
        self.used = false;
        self.amounts = [Lanes::ZERO; 2];
        self.owed = [Lanes::ZERO; 2];
    }

    /// Books what trades did, in all lanes, and then what a move of outside prices did.
    pub(crate) fn book_block(
        &mut self,
        now: &RangeLanes<L>,
        before: [&Lanes<L>; 2],
        after: [&Lanes<L>; 2],
        income: &mut Income<'_, L>,
    ) {
        for i in 0..2 {
            book_block(
                &now.amounts[i],
                &now.owed[i],
                before[i],
                after[i],
                &mut self.amounts[i],
                &mut self.owed[i],
                income.price,
                income.loss_versus_rebalancing,
                income.fees,
            );
        }
    }

    /// Books what trades did where `wanted` is positive. There and only there: how often a lane is booked decides its last bits.
    pub(crate) fn book_trades(
        &mut self,
        now: &RangeLanes<L>,
        wanted: &Lanes<L>,
        prices: [&Lanes<L>; 2],
        income: &mut Income<'_, L>,
    ) {
        for i in 0..2 {
            for l in 0..L {
                if wanted[l] > 0.0 {
                    income.loss_versus_rebalancing[l] -= (now.amounts[i][l] - self.amounts[i][l]) * prices[i][l];
                    income.fees[l] += (now.owed[i][l] - self.owed[i][l]) * prices[i][l];
                }
            }
        }
    }

    /// Takes over what there is after liquidity may have changed where `wanted` is positive.
    pub(crate) fn take_over(&mut self, now: &RangeLanes<L>, wanted: &Lanes<L>) {
        self.used = true;
        for i in 0..2 {
            for l in 0..L {
                if wanted[l] > 0.0 {
                    self.amounts[i][l] = now.amounts[i][l];
                    self.owed[i][l] = now.owed[i][l];
                }
            }
        }
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    fn book_block<const L: usize>(
        amount: &Lanes<L>,
        owed: &Lanes<L>,
        before: &Lanes<L>,
        after: &Lanes<L>,
        last_amount: &mut Lanes<L>,
        last_owed: &mut Lanes<L>,
        price: &mut Lanes<L>,
        loss_versus_rebalancing: &mut Lanes<L>,
        fees: &mut Lanes<L>,
    ) {
        for l in 0..L {
            loss_versus_rebalancing[l] -= (amount[l] - last_amount[l]) * before[l];
            fees[l] += (owed[l] - last_owed[l]) * before[l];
            price[l] += (amount[l] + owed[l]) * (after[l] - before[l]);
            last_amount[l] = amount[l];
            last_owed[l] = owed[l];
        }
    }
}
