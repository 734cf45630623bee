//! Gamma variates of any shape.

use cenote_units::{Lanes, kernel, mask, math};

use crate::process::Step;
use crate::stream::{Stream, StreamKey};
use crate::stream_lanes::StreamLanes;
use crate::uniform::{exponential, open_uniform};

/// Increments of a gamma process: over a step h, Gamma variates of shape `rate` × h and scale 1.
///
/// Of shape a they are Gamma(a + 1) × U^(1/a) (Stuart 1962), Gamma(a + 1) by the rejection of Marsaglia and Tsang (2000, "A simple method for
/// generating gamma variables"), which accepts at least 95 of 100 attempts. Attempt j takes the draw `draw` + j of the block:
/// the first normal of its first word, and the uniform of its second. U of blocks b and b + 1, b even, are the two uniforms
/// of the draw (block b, `draw` − 1).
#[derive(Clone, Debug)]
pub(crate) struct GammaIncrements<const L: usize> {
    increments: Lanes<L>,
    words: [[u64; L]; 4],
    rejected: [u64; L],
    uniforms: [Lanes<L>; 2],
    /// The even block whose pair `uniforms` holds.
    pair: Option<u32>,
    draw: u32,
    rate: f64,
    streams: StreamLanes<L>,
}

impl<const L: usize> GammaIncrements<L> {
    /// `draw` is that of the first attempt, above zero; `rate` the shape per year.
    pub(crate) fn new(key: StreamKey, draw: u32, rate: f64) -> Self {
        Self {
            increments: Lanes::ZERO,
            words: [[0; L]; 4],
            rejected: [0; L],
            uniforms: [Lanes::ZERO; 2],
            pair: None,
            draw,
            rate,
            streams: StreamLanes::new(key, [0; L]),
        }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        self.pair = None;
    }

    /// The increments over a step; zero in lanes that do not move.
    pub(crate) fn of(&mut self, step: &Step<'_, L>) -> &Lanes<L> {
        let even = step.block & !1;
        if self.pair != Some(even) {
            let [u0, u1] = &mut self.uniforms;
            self.streams.uniform_pair(even, self.draw - 1, u0, u1);
            self.pair = Some(even);
        }
        self.streams.words(step.block, self.draw, &mut self.words);
        if first_attempts(&self.words, step.years, self.rate, &mut self.increments, &mut self.rejected) != 0 {
            for l in 0..L {
                if self.rejected[l] != 0 {
                    let stream = self.streams.lane(l, step.block).at_draw(self.draw + 1);
                    self.increments[l] = Attempt::new(self.rate * step.years[l]).repeat(stream);
                }
            }
        }
        let u = &self.uniforms[(step.block & 1) as usize];
        reduce_shapes(u, step.years, self.rate, &mut self.increments);
        &self.increments
    }
}

/// Gamma variates of one shape and scale 1, one a block: draws 0 and, of attempts, from 1 on.
#[derive(Clone, Debug)]
pub struct GammaVariates<const L: usize> {
    increments: GammaIncrements<L>,
}

impl<const L: usize> GammaVariates<L> {
    /// Of this shape, which is above zero, from the streams of `key`.
    pub fn new(key: StreamKey, shape: f64) -> Self {
        Self { increments: GammaIncrements::new(key, 1, shape) }
    }

    /// (Re)starts on these paths.
    pub fn start(&mut self, paths: [u32; L]) {
        self.increments.start(paths);
    }

    /// Those of this block.
    pub fn draw(&mut self, block: u32, variates: &mut Lanes<L>) {
        // A gamma process over a unit of time.
        let years = Lanes::splat(1.0);
        let step = Step { block, nanos: &[0; L], end: &[0; L], years: &years, shared: Some(1.0) };
        *variates = *self.increments.of(&step);
    }
}

/// Attempts at Gamma(a + 1).
#[derive(Clone, Copy)]
struct Attempt {
    d: f64,
    c: f64,
}

impl Attempt {
    #[inline(always)]
    fn new(shape: f64) -> Self {
        let d = shape + 2.0 / 3.0;
        Self { d, c: 1.0 / (3.0 * d.sqrt()) }
    }

    /// What an attempt comes to, and whether it is accepted.
    #[inline(always)]
    fn make(self, x: f64, u: f64) -> (f64, u64) {
        let root = 1.0 + self.c * x;
        let v = root * (root * root);
        let positive = mask(v > 0.0);
        let ln_v = math::ln(if v > 0.0 { v } else { 1.0 });
        let bound = 0.5 * (x * x) + self.d * ((1.0 - v) + ln_v);
        (self.d * v, positive & mask(-exponential(u) < bound))
    }

    /// Attempts until one is accepted.
    fn repeat(self, mut stream: Stream) -> f64 {
        loop {
            let x = stream.normal_pair().0;
            let (value, accepted) = self.make(x, stream.uniform());
            if accepted != 0 {
                return value;
            }
        }
    }
}

kernel! {
    fn first_attempts<const L: usize>(
        words: &[[u64; L]; 4], years: &Lanes<L>, rate: f64, out: &mut Lanes<L>, rejected: &mut [u64; L],
    ) -> u64 {
        let [w0, w1, w2, w3] = words;
        let mut any = 0;
        for l in 0..L {
            let x = math::normal_pair(w0[l] | (w1[l] << 32)).0;
            let u = open_uniform(w2[l] | (w3[l] << 32));
            let (value, accepted) = Attempt::new(rate * years[l]).make(x, u);
            out[l] = value;
            rejected[l] = !accepted;
            any |= rejected[l];
        }
        any
    }
}

kernel! {
    /// From shape a + 1 to shape a.
    fn reduce_shapes<const L: usize>(u: &Lanes<L>, years: &Lanes<L>, rate: f64, gamma: &mut Lanes<L>) {
        for l in 0..L {
            // Of shape zero: e^(−∞), nothing.
            gamma[l] *= math::exp(-(exponential(u[l]) / (rate * years[l])));
        }
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Gamma};

    use super::*;
    use crate::convert::{index_to_f64, low_u32};

    /// Kolmogorov-Smirnov at a significance of 0.1%, 65,536 variates of each shape.
    #[test]
    fn increments_are_gamma() {
        for shape in [0.01, 0.3, 1.0, 4.2, 900.0] {
            let law = Gamma::new(shape, 1.0).unwrap();
            let mut gamma = GammaIncrements::<64>::new(StreamKey::new(42, "x"), 2, shape);
            let mut values = Vec::new();
            for pack in 0..1024 {
                gamma.start(std::array::from_fn(|l| low_u32(64 * pack + l as u64)));
                let step = Step { block: 5, nanos: &[1; 64], end: &[1; 64], years: &Lanes::splat(1.0), shared: Some(1.0) };
                values.extend_from_slice(&gamma.of(&step).0);
            }
            values.sort_unstable_by(f64::total_cmp);
            let n = index_to_f64(values.len());
            let mut distance = 0.0_f64;
            for (i, &value) in values.iter().enumerate() {
                // Near zero the density of small shapes is more than floats resolve.
                let p = if value < 1e-290 { law.cdf(1e-290).min(index_to_f64(i + 1) / n) } else { law.cdf(value) };
                distance = distance.max(p - index_to_f64(i) / n).max(index_to_f64(i + 1) / n - p);
            }
            assert!(distance * n.sqrt() < 1.9495, "shape {shape}: {}", distance * n.sqrt());
        }
    }

    #[test]
    fn nothing_grows_in_no_time() {
        let mut gamma = GammaIncrements::<2>::new(StreamKey::new(42, "x"), 2, 10.0);
        let step = Step { block: 0, nanos: &[0; 2], end: &[0; 2], years: &Lanes::ZERO, shared: None };
        assert_eq!(*gamma.of(&step), Lanes::ZERO);
    }
}
