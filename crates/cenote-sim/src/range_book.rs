use cenote_amm::RangeLanes;
use cenote_strategy::RangePlace;
use cenote_units::{Lanes, kernel, mask, select};

use crate::lane_list::LaneList;

/// The books of one of a position's ranges.
///
/// What trades did to it is the change of its amounts and of what it is owed since the last look, at the outside prices at which
/// they happened. What moves of outside prices did is what it was since the last look times the way they have gone. So a lane is looked
/// at after a block in which its pool has traded, before prices move on, and before its liquidity changes; other lanes cost nothing.
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
    /// Outside prices then.
    prices: [Lanes<L>; 2],
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
        let [amounts, owed, prices] = [[Lanes::ZERO; 2]; 3];
        Self { pool: place.pool.index(), number: place.number, used: false, amounts, owed, prices }
    }

    pub(crate) fn clear(&mut self) {
        self.used = false;
        self.amounts = [Lanes::ZERO; 2];
        self.owed = [Lanes::ZERO; 2];
        self.prices = [Lanes::ZERO; 2];
    }

    /// Books what happened since the last look, where the pool has `changed` since; trades happened at these prices. `numeraire`: the
    /// second token is.
    pub(crate) fn look(
        &mut self,
        now: &RangeLanes<L>,
        changed: &[bool; L],
        prices: [&Lanes<L>; 2],
        numeraire: bool,
        income: &mut Income<'_, L>,
    ) {
        let kernel = if numeraire { look::<L, true> } else { look::<L, false> };
        let ([amount0, amount1], [owed0, owed1]) = (&now.amounts, &now.owed);
        let ([last0, last1], [last_owed0, last_owed1], [mark0, mark1]) = (&mut self.amounts, &mut self.owed, &mut self.prices);
        let Income { price, loss_versus_rebalancing, fees } = income;
        kernel(
            changed,
            amount0,
            amount1,
            owed0,
            owed1,
            prices[0],
            prices[1],
            last0,
            last1,
            last_owed0,
            last_owed1,
            mark0,
            mark1,
            price,
            loss_versus_rebalancing,
            fees,
        );
    }

    /// The same in these lanes.
    pub(crate) fn look_in(
        &mut self,
        now: &RangeLanes<L>,
        lanes: &LaneList<L>,
        prices: [&Lanes<L>; 2],
        numeraire: bool,
        income: &mut Income<'_, L>,
    ) {
        for l in lanes.iter() {
            let lane = |of: &[Lanes<L>; 2]| [of[0][l], of[1][l]];
            let (amounts, owed, prices) = (lane(&now.amounts), lane(&now.owed), [prices[0][l], prices[1][l]]);
            let (last, last_owed, mark) = (lane(&self.amounts), lane(&self.owed), lane(&self.prices));
            let sums = [income.price[l], income.loss_versus_rebalancing[l], income.fees[l]];
            let sums = if numeraire {
                booked::<true>(sums, amounts, owed, prices, last, last_owed, mark)
            } else {
                booked::<false>(sums, amounts, owed, prices, last, last_owed, mark)
            };
            [income.price[l], income.loss_versus_rebalancing[l], income.fees[l]] = sums;
            for i in 0..2 {
                (self.amounts[i][l], self.owed[i][l], self.prices[i][l]) = (amounts[i], owed[i], prices[i]);
            }
        }
    }

    /// Takes over what there is after liquidity may have changed in these lanes, which were looked at just before.
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

/// Sums of what prices did, of losses against rebalancing and of fees, of one lane. The price of the numeraire does not move.
#[inline(always)]
fn booked<const NUMERAIRE: bool>(
    [price, loss, fees]: [f64; 3],
    amounts: [f64; 2],
    owed: [f64; 2],
    prices: [f64; 2],
    last: [f64; 2],
    last_owed: [f64; 2],
    mark: [f64; 2],
) -> [f64; 3] {
    let moved = price + (last[0] + last_owed[0]) * (prices[0] - mark[0]);
    [
        if NUMERAIRE { moved } else { moved + (last[1] + last_owed[1]) * (prices[1] - mark[1]) },
        (loss - (amounts[0] - last[0]) * prices[0]) - (amounts[1] - last[1]) * prices[1],
        (fees + (owed[0] - last_owed[0]) * prices[0]) + (owed[1] - last_owed[1]) * prices[1],
    ]
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    fn look<const L: usize, const NUMERAIRE: bool>(
        changed: &[bool; L],
        amount0: &Lanes<L>,
        amount1: &Lanes<L>,
        owed0: &Lanes<L>,
        owed1: &Lanes<L>,
        price0: &Lanes<L>,
        price1: &Lanes<L>,
        last0: &mut Lanes<L>,
        last1: &mut Lanes<L>,
        last_owed0: &mut Lanes<L>,
        last_owed1: &mut Lanes<L>,
        mark0: &mut Lanes<L>,
        mark1: &mut Lanes<L>,
        price: &mut Lanes<L>,
        loss_versus_rebalancing: &mut Lanes<L>,
        fees: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let here = mask(changed[l]);
            let (amounts, owed, prices) = ([amount0[l], amount1[l]], [owed0[l], owed1[l]], [price0[l], price1[l]]);
            let (last, last_owed, mark) = ([last0[l], last1[l]], [last_owed0[l], last_owed1[l]], [mark0[l], mark1[l]]);
            let before = [price[l], loss_versus_rebalancing[l], fees[l]];
            let sums = booked::<NUMERAIRE>(before, amounts, owed, prices, last, last_owed, mark);
            price[l] = select(here, sums[0], before[0]);
            loss_versus_rebalancing[l] = select(here, sums[1], before[1]);
            fees[l] = select(here, sums[2], before[2]);
            last0[l] = select(here, amounts[0], last[0]);
            last1[l] = select(here, amounts[1], last[1]);
            last_owed0[l] = select(here, owed[0], last_owed[0]);
            last_owed1[l] = select(here, owed[1], last_owed[1]);
            mark0[l] = select(here, prices[0], mark[0]);
            if !NUMERAIRE {
                mark1[l] = select(here, prices[1], mark[1]);
            }
        }
    }
}
