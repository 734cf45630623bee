use cenote_paths::{Step, StreamKey};
use cenote_units::{Lanes, SimDuration, kernel};

use super::gaps::Gaps;
use super::{Clock, Turn, to_f64};

/// One before block 0.
const NONE_YET: u32 = u32::MAX;

/// The clock of a world's only chain on `L` paths: it advances by block index, and every lane has its own time.
///
/// Runs in legs: up to an end, where prices get their last move, in or out of step with a block. Where the leg's end is past, a
/// lane stands still: its step has length zero and [`active`](Self::active) is 0.
#[derive(Debug)]
pub(crate) struct OneClock<const L: usize> {
    clock: Clock,
    gaps: Gaps<L>,
    block: u32,
    end: u64,
    time: [u64; L],
    nanos: [u64; L],
    years: Lanes<L>,
    shared: Option<f64>,
    active: Lanes<L>,
    /// Whether every lane is.
    all: bool,
    /// Blocks of all lanes, and of each besides.
    shared_blocks: f64,
    blocks: Lanes<L>,
    /// So many blocks are still sure to come in every lane before the leg ends.
    sure: u64,
}

impl<const L: usize> OneClock<L> {
    pub(crate) fn new(clock: Clock, key: StreamKey) -> Self {
        Self {
            clock,
            gaps: Gaps::new(clock, key),
            block: NONE_YET,
            end: 0,
            time: [0; L],
            nanos: [0; L],
            years: Lanes::ZERO,
            shared: None,
            active: Lanes::splat(1.0),
            all: true,
            shared_blocks: 0.0,
            blocks: Lanes::ZERO,
            sure: 0,
        }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        self.gaps.start(paths);
        self.block = NONE_YET;
        self.time = [0; L];
        (self.active, self.all) = (Lanes::splat(1.0), true);
        self.clear_blocks();
    }

    fn clear_blocks(&mut self) {
        (self.shared_blocks, self.blocks, self.sure) = (0.0, Lanes::ZERO, 0);
    }

    /// Sets the end of the next leg, counts blocks from here and numbers them from `first`.
    pub(crate) fn begin_leg(&mut self, first: u32, length: SimDuration) {
        self.block = first.wrapping_sub(1);
        self.end = self.time[0].saturating_add(length.as_nanos());
        self.clear_blocks();
        (self.active, self.all) = (Lanes::splat(1.0), true);
        if let Clock::Fixed(interval) = self.clock {
            self.set_shared(interval.as_nanos());
        }
    }

    pub(super) fn turn(&self) -> Turn<'_, L> {
        Turn { active: &self.active, years: &self.years, shared: self.shared, some: true, all: self.all }
    }

    /// Moves to the next block. `false` when the leg's end is reached in every lane, and there is nothing more to do in it.
    pub(crate) fn advance(&mut self) -> bool {
        match self.clock {
            Clock::Fixed(interval) => self.advance_fixed(interval.as_nanos()),
            Clock::Poisson(mean) | Clock::Gamma { mean, .. } => self.advance_random(mean),
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
            (self.active, self.all) = (Lanes::ZERO, false);
            self.time = [self.end; L];
            return true;
        }
        advance_fixed(now + interval, &mut self.time);
        self.shared_blocks += 1.0;
        true
    }

    fn set_shared(&mut self, nanos: u64) {
        let years = SimDuration::from_nanos(nanos).as_years();
        self.nanos = [nanos; L];
        self.years = Lanes::splat(years);
        self.shared = Some(years);
    }

    fn advance_random(&mut self, mean: SimDuration) -> bool {
        let (year, mean) = (SimDuration::from_nanos(1).as_years(), to_f64(mean.as_nanos()));
        if self.sure == 0 {
            self.sure = self.sure_blocks(mean);
        }
        if self.sure > 0 {
            self.sure -= 1;
            self.block = self.block.wrapping_add(1);
            self.shared_blocks += 1.0;
            advance_sure(self.gaps.before(self.block), mean, year, &mut self.time, &mut self.nanos, &mut self.years);
            return true;
        }
        if self.time.iter().all(|&time| time == self.end) {
            return false;
        }
        self.block = self.block.wrapping_add(1);
        self.all = advance_random(
            self.gaps.before(self.block),
            mean,
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

    /// How many blocks are sure to come in every lane, if gaps are as long as they can be.
    fn sure_blocks(&self, mean: f64) -> u64 {
        let longest = self.gaps.longest() * mean + 1.0;
        let left = self.end - self.time.iter().copied().max().unwrap_or(self.end);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "neither negative nor above what is left")]
        if longest < TWO_52 { (to_f64(left) * (1.0 - 1e-9) / longest) as u64 } else { 0 }
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
    pub(crate) fn blocks(&self) -> Lanes<L> {
        let mut blocks = self.blocks;
        for l in 0..L {
            blocks[l] += self.shared_blocks;
        }
        blocks
    }
}

/// 2⁵²: added, it rounds to an integer that stands in the low bits. Gaps up to 52 days of 10⁻⁹ s fit.
const TWO_52: f64 = 4_503_599_627_370_496.0;
/// Those bits.
const LOW_52: u64 = 0x000f_ffff_ffff_ffff;

kernel! {
    fn advance_fixed<const L: usize>(now: u64, time: &mut [u64; L]) {
        for l in 0..L {
            time[l] = now;
        }
    }
}

kernel! {
    /// Where every gap fits: in each lane what [`advance_random`] does.
    fn advance_sure<const L: usize>(
        gaps: &Lanes<L>, mean: f64, years_per_nano: f64, time: &mut [u64; L], nanos: &mut [u64; L], years: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let gap = gaps[l] * mean + TWO_52;
            let step = gap.to_bits() & LOW_52;
            nanos[l] = step;
            time[l] += step;
            years[l] = (gap - TWO_52) * years_per_nano;
        }
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one")]
    fn advance_random<const L: usize>(
        gaps: &Lanes<L>,
        mean: f64,
        end: u64,
        years_per_nano: f64,
        time: &mut [u64; L],
        nanos: &mut [u64; L],
        years: &mut Lanes<L>,
        active: &mut Lanes<L>,
        blocks: &mut Lanes<L>,
    ) -> bool {
        for l in 0..L {
            let gap = gaps[l] * mean;
            let gap = if gap < TWO_52 { gap } else { TWO_52 - 1.0 };
            let gap = (gap + TWO_52).to_bits() & LOW_52;
            let left = end - time[l];
            let ticks = gap <= left && left > 0;
            let step = if ticks { gap } else { left };
            nanos[l] = step;
            time[l] += step;
            let float = f64::from_bits((step & LOW_52) | TWO_52.to_bits()) - TWO_52;
            years[l] = float * years_per_nano;
            active[l] = if ticks { 1.0 } else { 0.0 };
            blocks[l] += active[l];
        }
        // In a loop of its own: in the one above it would keep that from vectorising.
        let mut idle = 0;
        for l in 0..L {
            idle |= active[l].to_bits() ^ 1.0_f64.to_bits();
        }
        idle == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock<const L: usize>(clock: Clock) -> OneClock<L> {
        let mut lanes = OneClock::new(clock, StreamKey::new(7, "chains.test.clock"));
        lanes.start(std::array::from_fn(|l| u32::try_from(l).unwrap()));
        lanes
    }

    fn hours(n: u64) -> SimDuration {
        SimDuration::from_nanos(n * 3_600_000_000_000)
    }

    #[test]
    fn a_fixed_clock_has_whole_blocks_and_a_last_move() {
        let mut clock = clock::<4>(Clock::Fixed(hours(2)));
        clock.begin_leg(0, hours(5));
        let mut seen = Vec::new();
        while clock.advance() {
            seen.push((clock.step().block, clock.time()[0], clock.active()[0]));
        }
        let hour = hours(1).as_nanos();
        assert_eq!(seen, [(0, 2 * hour, 1.0), (1, 4 * hour, 1.0), (2, 5 * hour, 0.0)]);
        assert_eq!(clock.blocks()[3], 2.0);
        // The next leg starts where this one ended, and numbers its blocks anew.
        clock.begin_leg(100, hours(2));
        assert_eq!(clock.active()[0], 1.0);
        assert!(clock.advance());
        assert_eq!((clock.step().block, clock.time()[0]), (100, 7 * hour));
        assert!(!clock.advance());
        assert_eq!(clock.blocks()[0], 1.0);
    }

    #[test]
    fn a_random_clock_ends_every_lane_at_the_horizon() {
        let mean = SimDuration::from_nanos(12_000_000_000);
        // 64 x 7200 gaps: the mean count is 7200 with a standard error of 10.6 divided by the root of the shape; four of them.
        ends_at_the_horizon(Clock::Poisson(mean), 43.0);
        ends_at_the_horizon(Clock::Gamma { mean, shape: 4.0 }, 21.5);
    }

    fn ends_at_the_horizon(kind: Clock, tolerance: f64) {
        let mut clock = clock::<64>(kind);
        let horizon = hours(24);
        clock.begin_leg(0, horizon);
        let mut elapsed = [0_u64; 64];
        let mut ticks = [0.0; 64];
        while clock.advance() {
            let step = clock.step();
            for l in 0..64 {
                elapsed[l] += step.nanos[l];
                ticks[l] += clock.active()[l];
                assert_eq!(elapsed[l], step.end[l]);
            }
        }
        assert_eq!(elapsed, [horizon.as_nanos(); 64]);
        assert_eq!(ticks, clock.blocks().0);
        let mean = ticks.iter().sum::<f64>() / 64.0;
        assert!((mean - 7200.0).abs() < tolerance, "{mean}");
    }

    #[test]
    fn a_lane_has_the_same_blocks_alone_and_in_a_pack() {
        let mean = SimDuration::from_nanos(12_000_000_000);
        for kind in [Clock::Poisson(mean), Clock::Gamma { mean, shape: 0.5 }] {
            let (mut pack, mut alone) = (clock::<8>(kind), clock::<1>(kind));
            alone.start([5]);
            pack.begin_leg(0, hours(1));
            alone.begin_leg(0, hours(1));
            while alone.advance() {
                assert!(pack.advance());
                assert_eq!(alone.time()[0], pack.time()[5]);
                assert_eq!(alone.step().years[0].to_bits(), pack.step().years[5].to_bits());
            }
        }
    }
}
