//! Random streams of `L` paths side by side.

use cenote_units::{Lanes, kernel};

use crate::philox::{philox4x32_10, wide, words};
use crate::stream::{Stream, StreamKey};
use crate::uniform::{box_muller, exponential, open_uniform};

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
/// let (mut z0, mut z1) = (Lanes::ZERO, Lanes::ZERO);
/// streams.normal_pair(100, 0, &mut z0, &mut z1);
/// assert_eq!((z0[2], z1[2]), Stream::new(key, 2, 100).normal_pair());
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

    /// Two standard normals per lane from one draw, by the Box-Muller transform.
    pub fn normal_pair(&self, block: u32, draw: u32, z0: &mut Lanes<L>, z1: &mut Lanes<L>) {
        normal_kernel(self.key.philox_key(), self.counter(block, draw), &self.paths, z0, z1);
    }

    /// Two standard normals per lane and, in `bits`, bits of the same draw that the normals do not use: two fair coins, the low
    /// bit of `bits[0]` for the first normal and of `bits[1]` for the second.
    pub fn normal_pair_with_bits(&self, block: u32, draw: u32, z0: &mut Lanes<L>, z1: &mut Lanes<L>, bits: &mut [[u64; L]; 2]) {
        normal_bits_kernel(self.key.philox_key(), self.counter(block, draw), &self.paths, z0, z1, bits);
    }

    /// Two standard exponentials per lane from one draw, mean 1, by inversion.
    pub fn exponential_pair(&self, block: u32, draw: u32, e0: &mut Lanes<L>, e1: &mut Lanes<L>) {
        exponential_kernel(self.key.philox_key(), self.counter(block, draw), &self.paths, e0, e1);
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
    fn normal_kernel<const L: usize>(
        key: [u64; 2], shared: [u64; 3], paths: &[u32; L], z0: &mut Lanes<L>, z1: &mut Lanes<L>,
    ) {
        let (z0, z1) = (&mut z0.0, &mut z1.0);
        fill_uniforms(key, shared, paths, z0, z1);
        for l in 0..L {
            (z0[l], z1[l]) = box_muller(z0[l], z1[l]);
        }
    }
}

kernel! {
    fn normal_bits_kernel<const L: usize>(
        key: [u64; 2], shared: [u64; 3], paths: &[u32; L], z0: &mut Lanes<L>, z1: &mut Lanes<L>, bits: &mut [[u64; L]; 2],
    ) {
        let (z0, z1) = (&mut z0.0, &mut z1.0);
        let [b0, b1] = bits;
        for l in 0..L {
            // Uniforms take the high bits.
            let [a, b] = wide(draw(key, shared, paths[l]));
            (z0[l], z1[l]) = (open_uniform(a), open_uniform(b));
            (b0[l], b1[l]) = (a & 1, b & 1);
        }
        for l in 0..L {
            (z0[l], z1[l]) = box_muller(z0[l], z1[l]);
        }
    }
}

kernel! {
    fn exponential_kernel<const L: usize>(
        key: [u64; 2], shared: [u64; 3], paths: &[u32; L], e0: &mut Lanes<L>, e1: &mut Lanes<L>,
    ) {
        let (e0, e1) = (&mut e0.0, &mut e1.0);
        fill_uniforms(key, shared, paths, e0, e1);
        for l in 0..L {
            (e0[l], e1[l]) = (exponential(e0[l]), exponential(e1[l]));
        }
    }
}
