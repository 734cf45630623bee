//! What farms compute over lanes. The leaf formulas are written once, for kernels and for single lanes alike.

use cenote_units::{Lanes, kernel, mask, select};

use crate::emission::years;

/// What a constant rate emits.
#[inline(always)]
pub(super) fn constant(rate: f64, from: u64, to: u64) -> f64 {
    rate * years(to.saturating_sub(from))
}

/// What a unit of weight has got: nothing is divided by nothing.
#[inline(always)]
pub(super) fn per_unit(acc: f64, emitted: f64, total: f64) -> f64 {
    let any = mask(total > 0.0);
    acc + select(any, emitted / select(any, total, 1.0), 0.0)
}

/// What a weight has got since `mark`. Rounding may take a sum of later pieces below one of fewer, by a digit in the last place.
#[inline(always)]
pub(super) fn since(weight: f64, acc: f64, mark: f64) -> f64 {
    weight * (acc - mark).max(0.0)
}

kernel! {
    /// What constant rates emit between two times.
    pub(super) fn emissions<const L: usize>(rate: &Lanes<L>, from: &[u64; L], to: &[u64; L], out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = constant(rate[l], from[l], to[l]);
        }
    }
}

kernel! {
    /// Whether any lane has left its stretch of constant rate: zero if none has.
    pub(super) fn beyond<const L: usize>(until: &[u64; L], time: &[u64; L]) -> u64 {
        let mut any = 0;
        for l in 0..L {
            any |= mask(time[l] > until[l]);
        }
        any
    }
}

kernel! {
    /// Whether any lane among those of the mask has come to the end of its stretch: zero if none has.
    pub(super) fn due<const L: usize>(lanes: &[u64; L], until: &[u64; L], time: &[u64; L]) -> u64 {
        let mut any = 0;
        for l in 0..L {
            any |= lanes[l] & mask(time[l] >= until[l]);
        }
        any
    }
}

kernel! {
    /// All ones where something is to change.
    pub(super) fn changed<const L: usize>(amount: &Lanes<L>, lanes: &mut [u64; L]) {
        for l in 0..L {
            lanes[l] = mask(amount[l] != 0.0);
        }
    }
}

kernel! {
    /// All ones where the two are not equal.
    pub(super) fn differing<const L: usize>(a: &Lanes<L>, b: &Lanes<L>, lanes: &mut [u64; L]) {
        for l in 0..L {
            lanes[l] = mask(a[l] != b[l]);
        }
    }
}

kernel! {
    /// The later time, where the mask says so.
    pub(super) fn move_clock<const L: usize>(lanes: &[u64; L], time: &[u64; L], last: &mut [u64; L]) {
        for l in 0..L {
            let later = if time[l] > last[l] { time[l] } else { last[l] };
            last[l] = (later & lanes[l]) | (last[l] & !lanes[l]);
        }
    }
}

kernel! {
    /// Adds, everywhere: nothing where nothing is added.
    pub(super) fn add<const L: usize>(part: &Lanes<L>, sum: &mut Lanes<L>) {
        for l in 0..L {
            sum[l] += part[l];
        }
    }
}

kernel! {
    /// Takes no more than there is, and says how much.
    pub(super) fn take<const L: usize>(amount: &mut Lanes<L>, from: &Lanes<L>) {
        for l in 0..L {
            amount[l] = if amount[l] < from[l] { amount[l] } else { from[l] };
        }
    }
}

kernel! {
    /// Subtracts, everywhere.
    pub(super) fn subtract<const L: usize>(part: &Lanes<L>, sum: &mut Lanes<L>) {
        for l in 0..L {
            sum[l] -= part[l];
        }
    }
}

kernel! {
    /// Copies, where the mask says so.
    pub(super) fn copy<const L: usize>(lanes: &[u64; L], from: &Lanes<L>, to: &mut Lanes<L>) {
        for l in 0..L {
            to[l] = select(lanes[l], from[l], to[l]);
        }
    }
}

/// The sums of one reward token.
#[derive(Clone, Debug)]
pub(super) struct Sums<const L: usize> {
    /// What a unit of weight has got since the start.
    pub(super) acc: Lanes<L>,
    pub(super) emitted: Lanes<L>,
    pub(super) undistributed: Lanes<L>,
}

impl<const L: usize> Sums<L> {
    pub(super) const ZERO: Self = Self { acc: Lanes::ZERO, emitted: Lanes::ZERO, undistributed: Lanes::ZERO };
}

kernel! {
    /// Counts what was emitted, where the mask says so.
    pub(super) fn count<const L: usize>(lanes: &[u64; L], emitted: &Lanes<L>, total: &Lanes<L>, sums: &mut Sums<L>) {
        for l in 0..L {
            let acc = per_unit(sums.acc[l], emitted[l], total[l]);
            let lost = select(mask(total[l] > 0.0), 0.0, emitted[l]);
            sums.acc[l] = select(lanes[l], acc, sums.acc[l]);
            sums.emitted[l] = select(lanes[l], sums.emitted[l] + emitted[l], sums.emitted[l]);
            sums.undistributed[l] = select(lanes[l], sums.undistributed[l] + lost, sums.undistributed[l]);
        }
    }
}

/// What one weight has got of one reward token.
#[derive(Clone, Debug)]
pub(super) struct Share<const L: usize> {
    /// What a unit had got when this one was last settled.
    pub(super) mark: Lanes<L>,
    /// Settled and not claimed.
    pub(super) owed: Lanes<L>,
    pub(super) claimed: Lanes<L>,
}

impl<const L: usize> Share<L> {
    pub(super) const ZERO: Self = Self { mark: Lanes::ZERO, owed: Lanes::ZERO, claimed: Lanes::ZERO };
}

kernel! {
    /// Settles a weight that is about to change, where the mask says so.
    pub(super) fn settle<const L: usize>(lanes: &[u64; L], weight: &Lanes<L>, acc: &Lanes<L>, share: &mut Share<L>) {
        for l in 0..L {
            let owed = share.owed[l] + since(weight[l], acc[l], share.mark[l]);
            share.owed[l] = select(lanes[l], owed, share.owed[l]);
            share.mark[l] = select(lanes[l], acc[l], share.mark[l]);
        }
    }
}

kernel! {
    /// What a weight has got and not claimed, `emitted` having come on top of what is counted.
    pub(super) fn pending<const L: usize>(
        weight: &Lanes<L>,
        acc: &Lanes<L>,
        emitted: &Lanes<L>,
        total: &Lanes<L>,
        share: &Share<L>,
        out: &mut Lanes<L>,
    ) {
        for l in 0..L {
            out[l] = share.owed[l] + since(weight[l], per_unit(acc[l], emitted[l], total[l]), share.mark[l]);
        }
    }
}
