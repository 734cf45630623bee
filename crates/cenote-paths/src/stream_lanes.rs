//! Random streams of `L` paths side by side.

use cenote_units::{Lanes, kernel, math};

use crate::philox::{philox4x32_10, wide, words};
use crate::stream::{Stream, StreamKey};
use crate::uniform::{coins, open_uniform, word_uniform};

/// The streams of `L` paths of one component, drawn in lockstep.
///
/// Lane `l` of any draw has the bits of `Stream::new(key, paths[l], block).at_draw(draw)`, whatever the number of
/// lanes and the instruction set. There is no generator state: every method names its block and its draw.
///
/// ```
/// use cenote_paths::{Stream, StreamKey, StreamLanes};
/// use cenote_units::Lanes;
/// let key = StreamKey::new(42, "tokens.ETH.price");
/// let streams = StreamLanes::new(key, [0, 1, 2, 3]);
/// let mut z = [Lanes::ZERO; 4];
/// streams.normal_quad(100, 0, &mut z);
/// let mut stream = Stream::new(key, 2, 100);
/// assert_eq!((z[0][2], z[1][2]), stream.normal_pair());
/// assert_eq!((z[2][2], z[3][2]), stream.normal_pair());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub struct StreamLanes<const L: usize> {
    paths: [u32; L],
    key: StreamKey,
}

impl<const L: usize> StreamLanes<L> {
    /// The streams of these paths.
    pub const fn new(key: StreamKey, paths: [u32; L]) -> Self {
        Self { paths, key }
    }

    /// The key.
    pub const fn key(&self) -> StreamKey {
        self.key
    }

    /// The paths, lane by lane.
    pub const fn paths(&self) -> &[u32; L] {
        &self.paths
    }

    /// The stream of one lane alone, at its first draw.
    pub fn lane(&self, lane: usize, block: u32) -> Stream {
        Stream::new(self.key, self.paths[lane], block)
    }

    /// The four 32-bit words of a draw, each in the low half of a `u64`.
    pub fn words(&self, block: u32, draw: u32, out: &mut [[u64; L]; 4]) {
        words_kernel(self.key.philox_key(), self.counter(block, draw), &self.paths, out);
    }

    /// Two uniforms per lane from one draw, each (2k + 1)/2⁵³ with 0 ≤ k < 2⁵²: strictly between 0 and 1.
    pub fn uniform_pair(&self, block: u32, draw: u32, u0: &mut Lanes<L>, u1: &mut Lanes<L>) {
        uniform_kernel(self.key.philox_key(), self.counter(block, draw), &self.paths, u0, u1);
    }

    /// The same uniforms and, from a bit of the draw that they do not use, a fair coin for each, 0 or 1.
    pub fn uniform_pair_with_bits(&self, block: u32, draw: u32, u: &mut [Lanes<L>; 2], bits: &mut [[u64; L]; 2]) {
        uniform_bits_kernel(self.key.philox_key(), self.counter(block, draw), &self.paths, u, bits);
    }

    /// Four standard normals per lane from one draw: a Box-Muller pair of each of its two 64-bit words
    /// ([`math::normal_pair`]).
    pub fn normal_quad(&self, block: u32, draw: u32, z: &mut [Lanes<L>; 4]) {
        normal_kernel(self.key.philox_key(), self.counter(block, draw), &self.paths, z);
    }

    /// The same normals and, from bits of the draw that they do not use, a fair coin for each, 0 or 1.
    pub fn normal_quad_with_bits(&self, block: u32, draw: u32, z: &mut [Lanes<L>; 4], bits: &mut [[u64; L]; 4]) {
        normal_bits_kernel(self.key.philox_key(), self.counter(block, draw), &self.paths, z, bits);
    }

    /// No [waiting time](Self::waiting_quad) is longer: 33 ln 2, rounded up, from the smallest of the uniforms.
    pub const LONGEST_WAITING_TIME: f64 = 22.9;

    /// Four standard exponentials per lane from one draw, mean 1, by inversion of the uniforms (2k + 1)/2³³, k being a word of the draw,
    /// with as many digits as a waiting time needs ([`math::waiting_time`]): no further from those of finer uniforms than 2⁻³² of the
    /// mean, but for the longest.
    pub fn waiting_quad(&self, block: u32, draw: u32, e: &mut [Lanes<L>; 4]) {
        waiting_kernel(self.key.philox_key(), self.counter(block, draw), &self.paths, e);
    }

    /// The counter words that the lanes share.
    #[inline(always)]
    fn counter(&self, block: u32, draw: u32) -> [u64; 3] {
        [u64::from(draw), u64::from(block), u64::from(self.key.component())]
    }
}

/// One draw of one lane.
#[inline(always)]
fn draw(key: [u64; 2], shared: [u64; 3], path: u32) -> [u64; 4] {
    philox4x32_10([shared[0], shared[1], shared[2], u64::from(path)], key)
}

kernel! {
    fn words_kernel<const L: usize>(key: [u64; 2], shared: [u64; 3], paths: &[u32; L], out: &mut [[u64; L]; 4]) {
        let [w0, w1, w2, w3] = out;
        for l in 0..L {
            [w0[l], w1[l], w2[l], w3[l]] = words(draw(key, shared, paths[l]));
        }
    }
}

/// The first phase of every kernel below: separate loops need fewer registers and run faster than one.
#[inline(always)]
fn fill_uniforms<const L: usize>(key: [u64; 2], shared: [u64; 3], paths: &[u32; L], u0: &mut [f64; L], u1: &mut [f64; L]) {
    for l in 0..L {
        let [a, b] = wide(draw(key, shared, paths[l]));
        u0[l] = open_uniform(a);
        u1[l] = open_uniform(b);
    }
}

kernel! {
    fn uniform_kernel<const L: usize>(
        key: [u64; 2], shared: [u64; 3], paths: &[u32; L], u0: &mut Lanes<L>, u1: &mut Lanes<L>,
    ) {
        fill_uniforms(key, shared, paths, &mut u0.0, &mut u1.0);
    }
}

kernel! {
    fn uniform_bits_kernel<const L: usize>(
        key: [u64; 2], shared: [u64; 3], paths: &[u32; L], u: &mut [Lanes<L>; 2], bits: &mut [[u64; L]; 2],
    ) {
        let ([Lanes(u0), Lanes(u1)], [b0, b1]) = (u, bits);
        for l in 0..L {
            let [a, b] = wide(draw(key, shared, paths[l]));
            (u0[l], u1[l]) = (open_uniform(a), open_uniform(b));
            (b0[l], b1[l]) = (a & 1, b & 1);
        }
    }
}

/// The words of a draw, kept where their normals will be: of each pair, the first array holds the word.
#[inline(always)]
fn transform_pairs<const L: usize>(z: &mut [Lanes<L>; 4]) {
    let [Lanes(z0), Lanes(z1), Lanes(z2), Lanes(z3)] = z;
    for l in 0..L {
        (z0[l], z1[l]) = math::normal_pair(z0[l].to_bits());
    }
    for l in 0..L {
        (z2[l], z3[l]) = math::normal_pair(z2[l].to_bits());
    }
}

kernel! {
    fn normal_kernel<const L: usize>(key: [u64; 2], shared: [u64; 3], paths: &[u32; L], z: &mut [Lanes<L>; 4]) {
        for l in 0..L {
            let [a, b] = wide(draw(key, shared, paths[l]));
            (z[0].0[l], z[2].0[l]) = (f64::from_bits(a), f64::from_bits(b));
        }
        transform_pairs(z);
    }
}

kernel! {
    fn normal_bits_kernel<const L: usize>(
        key: [u64; 2], shared: [u64; 3], paths: &[u32; L], z: &mut [Lanes<L>; 4], bits: &mut [[u64; L]; 4],
    ) {
        let [b0, b1, b2, b3] = bits;
        for l in 0..L {
            let [a, b] = wide(draw(key, shared, paths[l]));
            (z[0].0[l], z[2].0[l]) = (f64::from_bits(a), f64::from_bits(b));
            [b0[l], b1[l]] = coins(a);
            [b2[l], b3[l]] = coins(b);
        }
        transform_pairs(z);
    }
}

kernel! {
    fn waiting_kernel<const L: usize>(key: [u64; 2], shared: [u64; 3], paths: &[u32; L], e: &mut [Lanes<L>; 4]) {
        let [e0, e1, e2, e3] = e;
        for l in 0..L {
            [e0[l], e1[l], e2[l], e3[l]] = words(draw(key, shared, paths[l])).map(word_uniform);
        }
        for e in [e0, e1, e2, e3] {
            for l in 0..L {
                e[l] = math::waiting_time(e[l]);
            }
        }
    }
}
