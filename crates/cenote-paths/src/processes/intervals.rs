//! Log prices that get one return per interval, under clocks of any step.

use std::fmt::Debug;

use cenote_units::{Lanes, kernel, math};

use crate::block_normals::BlockNormals;
use crate::convert::to_f64;
use crate::process::{PriceLanes, Step};

/// What the intervals of `L` paths bring: their log returns, one interval after the other, from 0.
///
/// The returns of a lane are the same whether they are asked for with those of all lanes or alone.
pub(super) trait Returns<const L: usize>: Debug + Send {
    /// Back to before the first interval, on these paths.
    fn start(&mut self, paths: [u32; L]);

    /// Opens interval `number` in all lanes and adds its log returns to `end`.
    fn open_all(&mut self, number: u32, end: &mut Lanes<L>);

    /// Opens interval `number` in one lane and adds its log return to `end`.
    fn open_one(&mut self, lane: usize, number: u32, end: &mut f64);

    /// Standard deviations of the log prices over the open intervals: those of the bridges between their ends.
    fn deviations(&self) -> &Lanes<L>;
}

/// Where a lane stands in its intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct IntervalClock {
    /// Nanoseconds left of the interval that was opened last.
    left: u64,
    /// Intervals opened: the number of the next.
    opened: u32,
}

impl IntervalClock {
    const START: Self = Self { left: 0, opened: 0 };
}

/// Prices of [`Returns`]. A step that ends with an interval lands on the series of returns; a step over several intervals
/// takes their sum; one that ends inside an interval lands on a Brownian bridge between the log prices at its ends. Bridges
/// use the four normals of the draw (block b, draw 1) in the chain's blocks b to b + 3, b a multiple of four.
#[derive(Clone, Debug)]
pub(super) struct IntervalLanes<const L: usize, R> {
    /// Log price over its initial value.
    x: Lanes<L>,
    /// The same at the end of the interval.
    end: Lanes<L>,
    bridges: BlockNormals<L>,
    clocks: [IntervalClock; L],
    /// Whether all lanes are at the same place in the same interval, which `clocks[0]` then tells.
    lockstep: bool,
    /// In nanoseconds.
    interval: u64,
    initial: f64,
    returns: R,
}

impl<const L: usize, R: Returns<L>> IntervalLanes<L, R> {
    pub(super) fn new(bridges: BlockNormals<L>, interval: u64, initial: f64, returns: R) -> Self {
        Self {
            x: Lanes::ZERO,
            end: Lanes::ZERO,
            bridges,
            clocks: [IntervalClock::START; L],
            lockstep: true,
            interval,
            initial,
            returns,
        }
    }

    /// All lanes at once.
    fn step_together(&mut self, mut nanos: u64, block: u32) {
        let IntervalClock { mut left, mut opened } = self.clocks[0];
        while nanos > left {
            nanos -= left;
            self.x = self.end;
            self.returns.open_all(opened, &mut self.end);
            left = self.interval;
            opened = opened.wrapping_add(1);
        }
        if nanos == left {
            self.x = self.end;
        } else if nanos > 0 {
            let (share, spread) = bridge(nanos, left, self.interval);
            bridge_together(&mut self.x, &self.end, self.bridges.of(block), self.returns.deviations(), share, spread);
        }
        self.clocks[0] = IntervalClock { left: left - nanos, opened };
    }

    /// The same operations for one lane.
    fn step_lane(&mut self, l: usize, mut nanos: u64, block: u32) {
        let IntervalClock { mut left, mut opened } = self.clocks[l];
        while nanos > left {
            nanos -= left;
            self.x[l] = self.end[l];
            self.returns.open_one(l, opened, &mut self.end[l]);
            left = self.interval;
            opened = opened.wrapping_add(1);
        }
        if nanos == left {
            self.x[l] = self.end[l];
        } else if nanos > 0 {
            let z = self.bridges.of(block)[l];
            let (share, spread) = bridge(nanos, left, self.interval);
            self.x[l] = bridged(self.x[l], self.end[l], z, share, self.returns.deviations()[l] * spread);
        }
        self.clocks[l] = IntervalClock { left: left - nanos, opened };
    }

    fn leave_lockstep(&mut self) {
        if self.lockstep {
            self.clocks = [self.clocks[0]; L];
            self.lockstep = false;
        }
    }
}

impl<const L: usize, R: Returns<L>> PriceLanes<L> for IntervalLanes<L, R> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.returns.start(paths);
        self.bridges.start(paths);
        self.x = Lanes::ZERO;
        self.end = Lanes::ZERO;
        self.clocks = [IntervalClock::START; L];
        self.lockstep = true;
        *price = Lanes::splat(self.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        if self.lockstep && step.shared.is_some() {
            self.step_together(step.nanos[0], step.block);
        } else {
            self.leave_lockstep();
            for l in 0..L {
                self.step_lane(l, step.nanos[l], step.block);
            }
        }
        price_of(&self.x, self.initial, price);
    }
}

/// Brownian bridge over the next `nanos` of the `left` nanoseconds of an interval: the share of the way to its end, and
/// √(h (left − h)/(left × interval)), by which the deviation over an interval is to be multiplied.
#[inline(always)]
fn bridge(nanos: u64, left: u64, interval: u64) -> (f64, f64) {
    let share = to_f64(nanos) / to_f64(left);
    let variance = share * (to_f64(left - nanos) / to_f64(interval));
    (share, variance.sqrt())
}

#[inline(always)]
fn bridged(x: f64, end: f64, z: f64, share: f64, deviation: f64) -> f64 {
    x + (end - x) * share + deviation * z
}

kernel! {
    fn bridge_together<const L: usize>(
        x: &mut Lanes<L>, end: &Lanes<L>, z: &Lanes<L>, deviations: &Lanes<L>, share: f64, spread: f64,
    ) {
        let (x, end, z) = (&mut x.0, &end.0, &z.0);
        for l in 0..L {
            x[l] = bridged(x[l], end[l], z[l], share, deviations[l] * spread);
        }
    }
}

kernel! {
    fn price_of<const L: usize>(x: &Lanes<L>, initial: f64, price: &mut Lanes<L>) {
        let (x, price) = (&x.0, &mut price.0);
        for l in 0..L {
            price[l] = initial * math::exp(x[l]);
        }
    }
}
