//! What the lanes compute, all of them at once.

use cenote_units::math::exp;
use cenote_units::{Lanes, kernel, mask, select};

use crate::lending::RateModel;
use crate::lending::convert::nearest_f64;

/// Years of 365 days per nanosecond.
const YEARS_PER_NANOSECOND: f64 = 1.0 / (365.0 * 86_400.0 * 1e9);

/// A rate model ready for lanes: its divisions done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slopes {
    base: f64,
    below: f64,
    above: f64,
    optimal: f64,
    suppliers_share: f64,
}

impl Slopes {
    pub(super) fn new(model: &RateModel, reserve_factor: f64) -> Self {
        let rates = &model.fractions;
        // With a kink at full utilisation nothing is above it.
        let above = if rates.optimal < 1.0 { rates.slope2 / (1.0 - rates.optimal) } else { 0.0 };
        Self {
            base: rates.base,
            below: rates.slope1 / rates.optimal,
            above,
            optimal: rates.optimal,
            suppliers_share: 1.0 - reserve_factor,
        }
    }

    /// Supply and borrow rate at this utilisation.
    #[inline(always)]
    fn at(&self, utilisation: f64) -> (f64, f64) {
        let below = if utilisation < self.optimal { utilisation } else { self.optimal };
        let borrow = self.base + self.below * below + self.above * (utilisation - below);
        (borrow * utilisation * self.suppliers_share, borrow)
    }
}

kernel! {
    /// Interest for the time since the last change.
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    pub(super) fn grow<const L: usize>(
        last: &mut [u64; L],
        time: &[u64; L],
        supply_rate: &Lanes<L>,
        borrow_rate: &Lanes<L>,
        supply_index: &mut Lanes<L>,
        borrow_index: &mut Lanes<L>,
        supply: &mut Lanes<L>,
        debt: &mut Lanes<L>,
        moved: &mut [u64; L],
    ) {
        for l in 0..L {
            let elapsed = time[l].saturating_sub(last[l]);
            let years = nearest_f64(elapsed) * YEARS_PER_NANOSECOND;
            let earned = exp(supply_rate[l] * years);
            let owed = exp(borrow_rate[l] * years);
            supply_index[l] *= earned;
            borrow_index[l] *= owed;
            supply[l] *= earned;
            debt[l] *= owed;
            last[l] += elapsed;
            moved[l] = mask(elapsed > 0);
        }
    }
}

kernel! {
    /// Rates where something has moved.
    pub(super) fn follow<const L: usize>(
        slopes: &Slopes,
        liquidity: &Lanes<L>,
        debt: &Lanes<L>,
        moved: &[u64; L],
        supply_rate: &mut Lanes<L>,
        borrow_rate: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let total = liquidity[l] + debt[l];
            let utilisation = debt[l] / if total > 0.0 { total } else { 1.0 };
            let (supply, borrow) = slopes.at(utilisation);
            supply_rate[l] = select(moved[l], supply, supply_rate[l]);
            borrow_rate[l] = select(moved[l], borrow, borrow_rate[l]);
        }
    }
}

kernel! {
    /// Others' debt, and rates, at a utilisation.
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    pub(super) fn drive<const L: usize>(
        slopes: &Slopes,
        utilisation: &Lanes<L>,
        own_scaled: &Lanes<L>,
        borrow_index: &Lanes<L>,
        liquidity: &mut Lanes<L>,
        debt: &mut Lanes<L>,
        supply_rate: &mut Lanes<L>,
        borrow_rate: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let wanted = if utilisation[l] < 1.0 { utilisation[l] } else { 1.0 };
            // What is no number, which is not below 1 either, is 0.
            let wanted = if utilisation[l] > 0.0 { wanted } else { 0.0 };
            let total = liquidity[l] + debt[l];
            let own = own_scaled[l] * borrow_index[l];
            let target = wanted * total;
            let short = target < own;
            let owed = if short { own } else { target };
            let reached = if short { own / total } else { wanted };
            debt[l] = owed;
            liquidity[l] = total - owed;
            let (supply, borrow) = slopes.at(reached);
            supply_rate[l] = supply;
            borrow_rate[l] = borrow;
        }
    }
}

kernel! {
    /// A payment in, for a claim or against a debt: `amount` tokens at `index`.
    pub(super) fn add<const L: usize>(
        amount: &mut Lanes<L>,
        limit: &Lanes<L>,
        index: &Lanes<L>,
        scaled: &mut Lanes<L>,
        total: &mut Lanes<L>,
        moved: &mut [u64; L],
    ) {
        for l in 0..L {
            let some = if amount[l] <= limit[l] { amount[l] } else { 0.0 };
            let some = if some > 0.0 { some } else { 0.0 };
            moved[l] = mask(some > 0.0);
            scaled[l] += some / index[l];
            total[l] += some;
            amount[l] = some;
        }
    }
}

kernel! {
    /// A payment out of a claim, or off a debt: `amount` tokens at `index`, at most `limit`; all of it leaves nothing.
    pub(super) fn take<const L: usize>(
        amount: &mut Lanes<L>,
        limit: &Lanes<L>,
        index: &Lanes<L>,
        scaled: &mut Lanes<L>,
        total: &mut Lanes<L>,
        moved: &mut [u64; L],
    ) {
        for l in 0..L {
            let held = scaled[l] * index[l];
            let some = if amount[l] <= held { amount[l] } else { 0.0 };
            let some = if some <= limit[l] { some } else { 0.0 };
            let some = if some > 0.0 { some } else { 0.0 };
            let rest = scaled[l] - some / index[l];
            let rest = if rest > 0.0 { rest } else { 0.0 };
            moved[l] = mask(some > 0.0);
            scaled[l] = if some == held { 0.0 } else { rest };
            let left = total[l] - some;
            total[l] = if left > 0.0 { left } else { 0.0 };
            amount[l] = some;
        }
    }
}
