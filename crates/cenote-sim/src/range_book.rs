use cenote_amm::{RangeIncome, RangeLanes, RangedLanes};
use cenote_strategy::RangePlace;
use cenote_units::{LaneList, Lanes};

/// The books of one of a position's ranges.
///
/// What trades did to it is summed up by its pool, at the outside prices at which they happened. So it is looked at before its
/// liquidity changes and at the end, in the lanes in which that is, and costs nothing in between. What moves of outside prices did to it
/// is then what remains of the change of its value: Σ x Δp = Δ(x p) − Σ p Δx, step by step.
#[derive(Debug)]
pub(crate) struct RangeBook<const L: usize> {
    /// The pool's place and the range's number there.
    pub(crate) pool: usize,
    pub(crate) number: usize,
    /// Whether there ever was liquidity on these paths.
    pub(crate) used: bool,
    /// As of the last look: what it was worth, and what trades had done to it until then.
    value: Lanes<L>,
    income: [RangeIncome; L],
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
        let income = [RangeIncome::default(); L];
        Self { pool: place.pool.index(), number: place.number, used: false, value: Lanes::ZERO, income }
    }

    pub(crate) fn clear(&mut self) {
        (self.used, self.value, self.income) = (false, Lanes::ZERO, [RangeIncome::default(); L]);
    }

    /// Books what happened since the last look in these lanes, up to now.
    pub(crate) fn look(
        &mut self,
        pool: &dyn RangedLanes<L>,
        lanes: impl IntoIterator<Item = usize>,
        prices: [&Lanes<L>; 2],
        income: &mut Income<'_, L>,
    ) {
        let now = pool.position(self.number);
        for l in lanes {
            let (value, so_far, before) = (value(now, l, prices), pool.income(self.number, l), self.income[l]);
            let loss = so_far.loss_versus_rebalancing - before.loss_versus_rebalancing;
            let earned = so_far.fees - before.fees;
            income.price[l] += value - self.value[l] + loss - earned;
            income.loss_versus_rebalancing[l] += loss;
            income.fees[l] += earned;
            (self.value[l], self.income[l]) = (value, so_far);
        }
    }

    /// Takes over what there is after liquidity may have changed in these lanes, which were looked at just before.
    pub(crate) fn take_over(&mut self, now: &RangeLanes<L>, lanes: &LaneList<L>, prices: [&Lanes<L>; 2]) {
        self.used = true;
        for l in lanes.iter() {
            self.value[l] = value(now, l, prices);
        }
    }
}

/// What a range is worth with all that it is owed.
fn value<const L: usize>(now: &RangeLanes<L>, l: usize, prices: [&Lanes<L>; 2]) -> f64 {
    let token = |i: usize| (now.amounts[i][l] + now.owed[i][l]) * prices[i][l];
    token(0) + token(1)
}
