use cenote_amm::RangeLanes;
use cenote_strategy::RangePlace;
use cenote_units::{Lanes, kernel};

use crate::lane_list::LaneList;

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
        let ([amount0, amount1], [owed0, owed1]) = (&now.amounts, &now.owed);
        let ([last0, last1], [last_owed0, last_owed1]) = (&mut self.amounts, &mut self.owed);
        let Income { price, loss_versus_rebalancing, fees } = income;
        book_block(
            amount0,
            amount1,
            owed0,
            owed1,
            before[0],
            before[1],
            after[0],
            after[1],
            last0,
            last1,
            last_owed0,
            last_owed1,
            price,
            loss_versus_rebalancing,
            fees,
        );
    }

    /// Books what trades did in these lanes, and only there: how often a lane is booked decides its last bits.
    pub(crate) fn book_trades(
        &mut self,
        now: &RangeLanes<L>,
        lanes: &LaneList<L>,
        prices: [&Lanes<L>; 2],
        income: &mut Income<'_, L>,
    ) {
        for i in 0..2 {
            for l in lanes.iter() {
                income.loss_versus_rebalancing[l] -= (now.amounts[i][l] - self.amounts[i][l]) * prices[i][l];
                income.fees[l] += (now.owed[i][l] - self.owed[i][l]) * prices[i][l];
            }
        }
    }

    /// Takes over what there is after liquidity may have changed in these lanes.
    pub(crate) fn take_over(&mut self, now: &RangeLanes<L>, lanes: &LaneList<L>) {
        self.used = true;
        for i in 0..2 {
            for l in lanes.iter() {
                self.amounts[i][l] = now.amounts[i][l];
                self.owed[i][l] = now.owed[i][l];
            }
        }
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    fn book_block<const L: usize>(
        amount0: &Lanes<L>,
        amount1: &Lanes<L>,
        owed0: &Lanes<L>,
        owed1: &Lanes<L>,
        before0: &Lanes<L>,
        before1: &Lanes<L>,
        after0: &Lanes<L>,
        after1: &Lanes<L>,
        last0: &mut Lanes<L>,
        last1: &mut Lanes<L>,
        last_owed0: &mut Lanes<L>,
        last_owed1: &mut Lanes<L>,
        price: &mut Lanes<L>,
        loss_versus_rebalancing: &mut Lanes<L>,
        fees: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let (p0, p1) = (before0[l], before1[l]);
            // One after the other, as they are booked lane by lane.
            loss_versus_rebalancing[l] = (loss_versus_rebalancing[l] - (amount0[l] - last0[l]) * p0) - (amount1[l] - last1[l]) * p1;
            fees[l] = (fees[l] + (owed0[l] - last_owed0[l]) * p0) + (owed1[l] - last_owed1[l]) * p1;
            price[l] = (price[l] + (amount0[l] + owed0[l]) * (after0[l] - p0)) + (amount1[l] + owed1[l]) * (after1[l] - p1);
            last0[l] = amount0[l];
            last1[l] = amount1[l];
            last_owed0[l] = owed0[l];
            last_owed1[l] = owed1[l];
        }
    }
}
