//! How many jumps a step has.

use cenote_units::{Lanes, kernel, mask, math, select};

use crate::convert::count;
use crate::jump_times::JumpTimes;
use crate::process::Step;
use crate::stream::{Stream, StreamKey};
use crate::stream_lanes::StreamLanes;

/// The numbers of the jumps of a Poisson process within each step, by inversion of one uniform.
///
/// The uniforms of blocks b and b + 1, b even, are the pair of the draw (block b, `draw`). A step with more than
/// [`LARGEST_MEAN`] expected jumps is counted in parts that have at most as many each: Poisson numbers add up. Part i
/// takes uniform number i of its block from draw 2³¹ on, two to a draw. Those are the streams of the jumps' own component, or of the
/// events that they come at; then `draw` is 0, and each event is a jump with a probability.
#[derive(Clone, Debug)]
pub(crate) struct JumpCounts<const L: usize> {
    counts: Lanes<L>,
    uniforms: [Lanes<L>; 2],
    /// The even block whose pair `uniforms` holds.
    pair: Option<u32>,
    draw: u32,
    /// Expected jumps, or events, per year.
    rate: f64,
    /// The probability that an event is a jump.
    share: f64,
    /// Of events, whether they are jumps or not; not kept up where all of them are.
    events: Lanes<L>,
    shared: bool,
    /// Cumulative probabilities at the mean of a fixed step.
    cdf: Vec<f64>,
    cdf_mean: f64,
    /// Whose uniforms count.
    source: StreamLanes<L>,
    streams: StreamLanes<L>,
}

/// Expected jumps up to which one uniform decides: e^(−mean) and the terms that follow are floats with all their digits.
const LARGEST_MEAN: f64 = 256.0;
/// The draw that counting in parts begins with.
const PARTS_DRAW: u32 = 1 << 31;
/// The draw that decides with the next ones which events are jumps.
const SHARE_DRAW: u32 = 1 << 30;
/// The draw of events' streams that begins to say when in the step they are.
const MOMENT_DRAW: u32 = 1;

impl<const L: usize> JumpCounts<L> {
    /// `draw` is the one that jumps at times of their own are counted by.
    pub(crate) fn new(key: StreamKey, draw: u32, times: JumpTimes) -> Self {
        let (source, rate, share) = times.source(key);
        Self {
            counts: Lanes::ZERO,
            uniforms: [Lanes::ZERO; 2],
            pair: None,
            draw: if times.are_shared() { 0 } else { draw },
            rate,
            share,
            events: Lanes::ZERO,
            shared: times.are_shared(),
            cdf: Vec::new(),
            cdf_mean: f64::NAN,
            source: StreamLanes::new(source, [0; L]),
            streams: StreamLanes::new(key, [0; L]),
        }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        self.source = StreamLanes::new(self.source.key(), paths);
        self.streams = StreamLanes::new(self.streams.key(), paths);
        self.pair = None;
    }

    /// The component's own streams.
    pub(crate) fn streams(&self) -> &StreamLanes<L> {
        &self.streams
    }

    /// The numbers that the last [`count`](Self::count) came to, whole numbers.
    pub(crate) fn of_lanes(&self) -> &Lanes<L> {
        &self.counts
    }

    /// Counts the jumps within a step, lane by lane; returns the largest number.
    pub(crate) fn count(&mut self, step: &Step<'_, L>) -> u32 {
        if self.rate == 0.0 || self.share == 0.0 {
            return 0;
        }
        let most = largest(self.count_over(step.block, step.shared, step.years), &self.counts);
        if most == 0 || self.share == 1.0 {
            return most;
        }
        self.events = self.counts;
        for l in 0..L {
            let mut jumps = 0.0;
            self.for_each_jump(l, step.block, |_| jumps += 1.0);
            self.counts[l] = jumps;
        }
        largest(1, &self.counts)
    }

    /// The events of a lane's last step that are jumps, by their numbers.
    pub(crate) fn for_each_jump(&self, lane: usize, block: u32, mut jump: impl FnMut(u32)) {
        let events = if self.share == 1.0 { self.counts[lane] } else { self.events[lane] };
        let mut chance = self.streams.lane(lane, block).at_draw(SHARE_DRAW);
        for number in 0..count(events) {
            if self.share == 1.0 || chance.uniform() < self.share {
                jump(number);
            }
        }
    }

    /// The share of a lane's step that is left after its event of this number; `None` where events are not shared.
    pub(crate) fn moment(&self, lane: usize, block: u32, number: u32) -> Option<f64> {
        self.shared.then(|| self.source.lane(lane, block).at_draw(MOMENT_DRAW + number).uniform())
    }

    /// Counts what happens within so many years up to a block, lane by lane; `shared` if they are the same in all lanes.
    /// Returns 0 only if there is none.
    pub(crate) fn count_over(&mut self, block: u32, shared: Option<f64>, years: &Lanes<L>) -> u64 {
        let even = block & !1;
        if self.pair != Some(even) {
            let [u0, u1] = &mut self.uniforms;
            self.source.uniform_pair(even, self.draw, u0, u1);
            self.pair = Some(even);
        }
        let u = &self.uniforms[(block & 1) as usize];
        if let Some(years) = shared {
            let mean = self.rate * years;
            if mean <= LARGEST_MEAN {
                if self.cdf_mean.to_bits() != mean.to_bits() {
                    tabulate(mean, &mut self.cdf);
                    self.cdf_mean = mean;
                }
                return count_shared(u, &self.cdf, &mut self.counts);
            }
        } else {
            let some = count_each(u, self.rate, years, &mut self.counts);
            if years.iter().all(|years| self.rate * years <= LARGEST_MEAN) {
                return some;
            }
        }
        for l in 0..L {
            let mean = self.rate * years[l];
            if mean > LARGEST_MEAN {
                self.counts[l] = count_in_parts(self.source.lane(l, block).at_draw(PARTS_DRAW), mean);
            }
        }
        1
    }
}

/// P(N ≤ k) and P(N = k) of a Poisson number, from k = 0 on.
///
/// Where the sum no longer grows the distribution ends: the next probability is put beyond any uniform.
#[derive(Clone, Copy)]
struct Cumulated {
    below: f64,
    term: f64,
}

/// Beyond any uniform.
const END: f64 = 2.0;

impl Cumulated {
    #[inline(always)]
    fn start(mean: f64) -> Self {
        let term = math::exp(-mean);
        Self { below: term, term }
    }

    /// From k − 1 to k, with 1/k at hand.
    #[inline(always)]
    fn next(self, mean: f64, k: f64, inverse: f64) -> Self {
        let term = self.term * (mean * inverse);
        let below = self.below + term;
        let same = mask(below == self.below) & mask(k > mean);
        Self { below: select(same, END, below), term }
    }
}

/// P(N ≤ k) for k = 0, 1, … up to where the sum no longer grows.
fn tabulate(mean: f64, cdf: &mut Vec<f64>) {
    cdf.clear();
    let mut at = Cumulated::start(mean);
    let mut k = 0.0;
    while at.below < END {
        cdf.push(at.below);
        k += 1.0;
        at = at.next(mean, k, 1.0 / k);
    }
}

fn count_one(u: f64, mean: f64) -> f64 {
    let mut at = Cumulated::start(mean);
    let mut k = 0.0;
    while u > at.below {
        k += 1.0;
        at = at.next(mean, k, 1.0 / k);
    }
    k
}

fn count_in_parts(mut stream: Stream, mean: f64) -> f64 {
    let parts = (mean / LARGEST_MEAN).ceil();
    let (mut total, mut part) = (0.0, 0.0);
    while part < parts {
        total += count_one(stream.uniform(), mean / parts);
        part += 1.0;
    }
    total
}

/// The largest of the counts, if `some` are not zero.
pub(crate) fn largest<const L: usize>(some: u64, counts: &Lanes<L>) -> u32 {
    if some == 0 {
        return 0;
    }
    // Numbers that are not negative order like their bits.
    let bits = counts.iter().map(|count| count.to_bits()).max().unwrap_or(0);
    count(f64::from_bits(bits))
}

kernel! {
    /// The number of k with u > P(N ≤ k). Returns 0 if that is 0 in all lanes.
    fn count_shared<const L: usize>(u: &Lanes<L>, cdf: &[f64], counts: &mut Lanes<L>) -> u64 {
        *counts = Lanes::ZERO;
        let mut some = 0_u64;
        for &below in cdf {
            let mut above = 0_u64;
            for l in 0..L {
                let one = if u[l] > below { 1.0 } else { 0.0 };
                counts[l] += one;
                above |= one.to_bits();
            }
            some |= above;
            if above == 0 {
                break;
            }
        }
        some
    }
}

kernel! {
    /// The same where every lane has a mean of its own; means beyond the largest are left for the caller to count.
    fn count_each<const L: usize>(u: &Lanes<L>, rate: f64, years: &Lanes<L>, counts: &mut Lanes<L>) -> u64 {
        let (mut mean, mut below, mut term) = (Lanes::<L>::ZERO, Lanes::<L>::ZERO, Lanes::<L>::ZERO);
        for l in 0..L {
            let m = rate * years[l];
            mean[l] = if m > LARGEST_MEAN { LARGEST_MEAN } else { m };
            let start = Cumulated::start(mean[l]);
            (below[l], term[l]) = (start.below, start.term);
        }
        *counts = Lanes::ZERO;
        let (mut some, mut k) = (0_u64, 0.0);
        loop {
            let mut above = 0_u64;
            k += 1.0;
            let inverse = 1.0 / k;
            for l in 0..L {
                let one = if u[l] > below[l] { 1.0 } else { 0.0 };
                counts[l] += one;
                above |= one.to_bits();
                let next = Cumulated { below: below[l], term: term[l] }.next(mean[l], k, inverse);
                (below[l], term[l]) = (next.below, next.term);
            }
            some |= above;
            // The probabilities of every lane end, so this comes.
            if above == 0 {
                return some;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{DiscreteCDF, Poisson};

    use super::*;

    /// Counts of a grid of uniforms are the distribution itself; the three ways to count agree on each.
    #[test]
    fn counts_are_poisson() {
        let mut cdf = Vec::new();
        for mean in [1e-9, 0.02, 1.0, 6.25, 40.0, 255.9] {
            tabulate(mean, &mut cdf);
            let law = Poisson::new(mean).unwrap();
            for chunk in 0..500 {
                let u = Lanes::<64>(std::array::from_fn(|l| (f64::from(64 * chunk) + count_to_f64(l) + 0.5) / 32_000.0));
                let (mut shared, mut each) = (Lanes::ZERO, Lanes::ZERO);
                count_shared(&u, &cdf, &mut shared);
                count_each(&u, mean, &Lanes::splat(1.0), &mut each);
                assert_eq!(shared, each);
                for l in 0..64 {
                    assert_eq!(shared[l], count_one(u[l], mean));
                    let k = u64::from(count(shared[l]));
                    assert!(u[l] <= law.cdf(k) + 1e-12, "{k} at {} of mean {mean}", u[l]);
                    assert!(k == 0 || u[l] > law.cdf(k - 1) - 1e-12, "{k} at {} of mean {mean}", u[l]);
                }
            }
        }
    }

    /// The uniforms nearest to 1 find an end.
    #[test]
    fn the_distribution_ends() {
        let last = 1.0 - f64::EPSILON / 2.0;
        let mut cdf = Vec::new();
        for mean in [0.0, 1e-300, 0.5, 3.0, 77.7, 256.0] {
            tabulate(mean, &mut cdf);
            let (mut shared, mut each) = (Lanes::<1>::ZERO, Lanes::ZERO);
            count_shared(&Lanes([last]), &cdf, &mut shared);
            count_each(&Lanes([last]), mean, &Lanes([1.0]), &mut each);
            assert_eq!((shared, shared[0]), (each, count_one(last, mean)));
            assert!(shared[0] <= mean + 12.0 * mean.sqrt() + 12.0);
        }
    }

    fn count_to_f64(l: usize) -> f64 {
        crate::convert::index_to_f64(l)
    }
}
