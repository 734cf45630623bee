use cenote_paths::{Step, StreamKey, StreamLanes};
use cenote_units::{Lanes, SimDuration, kernel};

/// When a chain makes blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// Every interval; the first block comes one interval after the start.
    Fixed(SimDuration),
    /// With independent, exponentially distributed gaps of this mean.
    Poisson(SimDuration),
}

/// One before block 0.
const NONE_YET: u32 = u32::MAX;

/// A chain's clock on `L` paths: it advances by block index, and every lane has its own time.
///
/// Runs in legs: up to an end, where prices get their last move, in or out of step with a block. Where the leg's end is past, a
/// lane stands still: its step has length zero and [`active`](Self::active) is 0.
#[derive(Debug)]
pub(crate) struct ClockLanes<const L: usize> {
    clock: Clock,
    streams: StreamLanes<L>,
    key: StreamKey,
    block: u32,
    end: u64,
    time: [u64; L],
    nanos: [u64; L],
    years: Lanes<L>,
    shared: Option<f64>,
    active: Lanes<L>,
    blocks: Lanes<L>,
    /// The second exponential of an even block's draw, for the odd block after it.
    spare: Lanes<L>,
}

impl<const L: usize> ClockLanes<L> {
    pub(crate) fn new(clock: Clock, key: StreamKey) -> Self {
        Self {
            clock,
            streams: StreamLanes::new(key, [0; L]),
            key,
            block: NONE_YET,
            end: 0,
            time: [0; L],
            nanos: [0; L],
            years: Lanes::ZERO,
            shared: None,
            active: Lanes::splat(1.0),
            blocks: Lanes::ZERO,
            spare: Lanes::ZERO,
        }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.key, paths);
        self.block = NONE_YET;
        self.time = [0; L];
        self.active = Lanes::splat(1.0);
        self.blocks = Lanes::ZERO;
    }

    /// Sets the end of the next leg, and counts blocks from here.
    pub(crate) fn begin_leg(&mut self, length: SimDuration) {
        self.end = self.time[0].saturating_add(length.as_nanos());
        self.blocks = Lanes::ZERO;
        self.active = Lanes::splat(1.0);
        if let Clock::Fixed(interval) = self.clock {
            self.set_shared(interval.as_nanos());
        }
    }

    /// Whether all lanes tick together.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.clock, Clock::Fixed(_))
    }

    /// Moves to the next block. `false` when the leg's end is reached in every lane, and there is nothing more to do in it.
    pub(crate) fn advance(&mut self) -> bool {
        match self.clock {
            Clock::Fixed(interval) => self.advance_fixed(interval.as_nanos()),
            Clock::Poisson(mean) => self.advance_poisson(mean),
        }
    }

    fn advance_fixed(&mut self, interval: u64) -> bool {
        let now = self.time[0];
        if now == self.end {
            return false;
        }
        self.block = self.block.wrapping_add(1);
        let left = self.end - now;
        if left < interval {
            // No block any more: only the prices' last move.
            self.set_shared(left);
            self.active = Lanes::ZERO;
            self.time = [self.end; L];
            return true;
        }
        self.time = [now + interval; L];
        for blocks in &mut self.blocks.0 {
            *blocks += 1.0;
        }
        true
    }

    fn set_shared(&mut self, nanos: u64) {
        let years = SimDuration::from_nanos(nanos).as_years();
        self.nanos = [nanos; L];
        self.years = Lanes::splat(years);
        self.shared = Some(years);
    }

    fn advance_poisson(&mut self, mean: SimDuration) -> bool {
        if self.time.iter().all(|&time| time == self.end) {
            return false;
        }
        self.block = self.block.wrapping_add(1);
        let mut gaps = self.spare;
        if self.block & 1 == 0 {
            self.streams.exponential_pair(self.block, 0, &mut gaps, &mut self.spare);
        }
        let year = SimDuration::from_nanos(1).as_years();
        advance_poisson(
            &gaps,
            to_f64(mean.as_nanos()),
            self.end,
            year,
            &mut self.time,
            &mut self.nanos,
            &mut self.years,
            &mut self.active,
            &mut self.blocks,
        );
        true
    }

    /// The step that led to the current block.
    pub(crate) fn step(&self) -> Step<'_, L> {
        Step { block: self.block, nanos: &self.nanos, end: &self.time, years: &self.years, shared: self.shared }
    }


    pub(crate) fn time(&self) -> &[u64; L] {
        &self.time
    }

    /// 1 where the current step ends in a block, 0 where it ended at the leg's end or did not happen.
    pub(crate) fn active(&self) -> &Lanes<L> {
        &self.active
    }

    /// Blocks of this leg so far, lane by lane.
    pub(crate) fn blocks(&self) -> &Lanes<L> {
        &self.blocks
    }
}

/// Nearest float; durations of whole studies in nanoseconds exceed 2⁵³ only where a rounding of 1e-16 means nothing.
#[expect(clippy::cast_precision_loss, reason = "stated above")]
fn to_f64(nanos: u64) -> f64 {
    nanos as f64
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one")]
    fn advance_poisson<const L: usize>(
        gaps: &Lanes<L>,
        mean: f64,
        end: u64,
        years_per_nano: f64,
        time: &mut [u64; L],
        nanos: &mut [u64; L],
        years: &mut Lanes<L>,
        active: &mut Lanes<L>,
        blocks: &mut Lanes<L>,
    ) {
        /// 2⁵²: added, it rounds to an integer that stands in the low bits. Gaps up to 52 days of 10⁻⁹ s fit.
        const TWO_52: f64 = 4_503_599_627_370_496.0;
        for l in 0..L {
            let gap = gaps[l] * mean;
            let gap = if gap < TWO_52 { gap } else { TWO_52 - 1.0 };
            let gap = (gap + TWO_52).to_bits() & 0x000f_ffff_ffff_ffff;
            let left = end - time[l];
            let ticks = gap <= left && left > 0;
            let step = if ticks { gap } else { left };
            nanos[l] = step;
            time[l] += step;
            let float = f64::from_bits((step & 0x000f_ffff_ffff_ffff) | TWO_52.to_bits()) - TWO_52;
            years[l] = float * years_per_nano;
            active[l] = if ticks { 1.0 } else { 0.0 };
            blocks[l] += active[l];
        }
    }
}
