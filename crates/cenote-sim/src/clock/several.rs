use cenote_paths::{Step, StreamKey};
use cenote_units::{Lanes, SimDuration};

use super::gaps::Gaps;
use super::{Clock, Turn, to_f64};

/// The clocks of several chains on `L` paths.
///
/// Every lane goes to its own next block, of whichever chain has the earliest; so the lanes of a pack may be at blocks of different
/// chains, and each chain's [`Turn`] says in which. What is numbered is the moments of a lane at which any chain has a block.
///
/// The gaps of a chain are those that it would have alone: they do not depend on the other chains.
#[derive(Debug)]
pub(crate) struct SeveralClocks<const L: usize> {
    chains: Vec<ChainClock<L>>,
    /// Whether all chains have fixed intervals: then all lanes are at the same time.
    fixed: bool,
    number: u32,
    end: u64,
    time: [u64; L],
    nanos: [u64; L],
    years: Lanes<L>,
    active: Lanes<L>,
}

/// One of them.
#[derive(Debug)]
struct ChainClock<const L: usize> {
    clock: Clock,
    /// Lane by lane: each is at a block of its own.
    gaps: Vec<Gaps<1>>,
    /// The number of the next block.
    number: [u32; L],
    /// When the next block comes, and when the last one came.
    next: [u64; L],
    last: [u64; L],
    active: Lanes<L>,
    some: bool,
    years: Lanes<L>,
    blocks: Lanes<L>,
}

impl<const L: usize> ChainClock<L> {
    /// Sets when the next block comes in a lane.
    fn schedule(&mut self, l: usize) {
        let gap = match self.clock {
            Clock::Fixed(interval) => interval.as_nanos(),
            Clock::Poisson(mean) | Clock::Gamma { mean, .. } => {
                let gap = self.gaps[l].before(self.number[l])[0];
                nanos(gap * to_f64(mean.as_nanos()))
            }
        };
        self.number[l] = self.number[l].wrapping_add(1);
        self.next[l] = self.last[l].saturating_add(gap);
    }
}

/// To the nearest nanosecond, as the clock of one chain rounds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and below 2⁵²")]
fn nanos(gap: f64) -> u64 {
    gap.clamp(0.0, 4_503_599_627_370_495.0).round_ties_even() as u64
}

impl<const L: usize> SeveralClocks<L> {
    pub(super) fn new(chains: &[(Clock, StreamKey)]) -> Self {
        let chain = |&(clock, key): &(Clock, StreamKey)| ChainClock {
            clock,
            gaps: (0..L).map(|_| Gaps::new(clock, key)).collect(),
            number: [0; L],
            next: [0; L],
            last: [0; L],
            active: Lanes::ZERO,
            some: false,
            years: Lanes::ZERO,
            blocks: Lanes::ZERO,
        };
        Self {
            chains: chains.iter().map(chain).collect(),
            fixed: chains.iter().all(|(clock, _)| !clock.is_random()),
            number: u32::MAX,
            end: 0,
            time: [0; L],
            nanos: [0; L],
            years: Lanes::ZERO,
            active: Lanes::splat(1.0),
        }
    }

    pub(super) fn start(&mut self, paths: [u32; L]) {
        self.number = u32::MAX;
        self.time = [0; L];
        self.active = Lanes::splat(1.0);
        for chain in &mut self.chains {
            for (gaps, path) in chain.gaps.iter_mut().zip(paths) {
                gaps.start([path]);
            }
        }
    }

    pub(super) fn begin_leg(&mut self, first: u32, length: SimDuration) {
        self.number = first.wrapping_sub(1);
        self.end = self.time[0].saturating_add(length.as_nanos());
        self.active = Lanes::splat(1.0);
        for chain in &mut self.chains {
            chain.number = [first; L];
            chain.last = self.time;
            chain.active = Lanes::splat(1.0);
            chain.some = true;
            chain.blocks = Lanes::ZERO;
            for l in 0..L {
                chain.schedule(l);
            }
        }
    }

    pub(super) fn advance(&mut self) -> bool {
        if self.time.iter().all(|&time| time == self.end) {
            return false;
        }
        self.number = self.number.wrapping_add(1);
        for chain in &mut self.chains {
            chain.some = false;
        }
        for l in 0..L {
            let now = self.time[l];
            let next = self.chains.iter().map(|chain| chain.next[l]).min().unwrap_or(u64::MAX).min(self.end);
            self.nanos[l] = next - now;
            self.years[l] = SimDuration::from_nanos(next - now).as_years();
            self.active[l] = 0.0;
            for chain in &mut self.chains {
                let ticks = now < self.end && chain.next[l] == next;
                chain.active[l] = if ticks { 1.0 } else { 0.0 };
                if ticks {
                    chain.some = true;
                    chain.blocks[l] += 1.0;
                    chain.years[l] = SimDuration::from_nanos(next - chain.last[l]).as_years();
                    chain.last[l] = next;
                    chain.schedule(l);
                    self.active[l] = 1.0;
                }
            }
            self.time[l] = next;
        }
        true
    }

    pub(super) fn step(&self) -> Step<'_, L> {
        let shared = self.fixed.then_some(self.years[0]);
        Step { block: self.number, nanos: &self.nanos, end: &self.time, years: &self.years, shared }
    }

    pub(super) fn time(&self) -> &[u64; L] {
        &self.time
    }

    pub(super) fn active(&self) -> &Lanes<L> {
        &self.active
    }

    pub(super) fn turn(&self, chain: usize) -> Turn<'_, L> {
        let clock = &self.chains[chain];
        let shared = self.fixed.then_some(clock.years[0]);
        Turn { active: &clock.active, years: &clock.years, shared, some: clock.some, all: self.fixed && clock.active[0] != 0.0 }
    }

    pub(super) fn blocks(&self, chain: usize) -> Lanes<L> {
        self.chains[chain].blocks
    }
}

#[cfg(test)]
mod tests {
    use super::super::Timeline;
    use super::*;

    fn seconds(n: u64) -> SimDuration {
        SimDuration::from_nanos(n * 1_000_000_000)
    }

    fn timeline<const L: usize>(clocks: &[(Clock, &str)], paths: [u32; L]) -> Timeline<L> {
        let chains: Vec<_> = clocks.iter().map(|&(clock, name)| (clock, StreamKey::new(7, name))).collect();
        let mut timeline = Timeline::new(&chains);
        timeline.start(paths);
        timeline
    }

    #[test]
    fn fixed_clocks_meet() {
        let mut time = timeline::<2>(&[(Clock::Fixed(seconds(12)), "a"), (Clock::Fixed(seconds(8)), "b")], [0, 1]);
        time.begin_leg(0, seconds(30));
        let mut seen = Vec::new();
        while time.advance() {
            let at = time.time()[0] / 1_000_000_000;
            seen.push((at, time.turn(0).active[0], time.turn(1).active[0], time.step().nanos[0] / 1_000_000_000));
        }
        let expected = [(8, 0.0, 1.0, 8), (12, 1.0, 0.0, 4), (16, 0.0, 1.0, 4), (24, 1.0, 1.0, 8), (30, 0.0, 0.0, 6)];
        assert_eq!(seen, expected);
        assert_eq!((time.blocks(0)[1], time.blocks(1)[1]), (2.0, 3.0));
        // A chain's own steps are from block to block.
        time.begin_leg(0, seconds(12));
        assert!(time.advance() && time.advance());
        assert_eq!(time.turn(0).years[0], seconds(12).as_years());
    }

    /// The times of a chain's blocks on path 5.
    fn blocks_of(mut time: Timeline<8>, chain: usize) -> Vec<u64> {
        time.begin_leg(0, seconds(3600));
        let mut times = Vec::new();
        while time.advance() {
            if time.turn(chain).active[5] == 1.0 {
                times.push(time.time()[5]);
            }
        }
        times
    }

    #[test]
    fn a_chain_has_the_same_blocks_alone_and_beside_others() {
        let paths = [0, 1, 2, 3, 4, 5, 6, 7];
        let random = [Clock::Poisson(seconds(12)), Clock::Gamma { mean: seconds(12), shape: 3.0 }];
        for clock in random {
            let alone = blocks_of(timeline(&[(clock, "a")], paths), 0);
            let others = [(Clock::Fixed(seconds(60)), "c"), (Clock::Poisson(seconds(2)), "b"), (clock, "a")];
            assert_eq!(blocks_of(timeline(&others, paths), 2), alone);
            assert!(alone.len() > 200);
        }
    }

    #[test]
    fn a_lane_is_the_same_alone_and_in_a_pack() {
        let clocks = [(Clock::Poisson(seconds(12)), "a"), (Clock::Gamma { mean: seconds(2), shape: 4.0 }, "b")];
        let mut pack = timeline(&clocks, [0, 1, 2, 3, 4, 5, 6, 7]);
        let mut alone = timeline(&clocks, [5]);
        pack.begin_leg(0, seconds(3600));
        alone.begin_leg(0, seconds(3600));
        while alone.advance() {
            assert!(pack.advance());
            assert_eq!((alone.step().block, alone.time()[0]), (pack.step().block, pack.time()[5]));
            for chain in [0, 1] {
                assert_eq!(alone.turn(chain).active[0], pack.turn(chain).active[5]);
            }
        }
    }
}
