//! Random streams of one path.

use std::convert::Infallible;

use cenote_units::math;
use rand::TryRng;

use crate::convert::low_u32;
use crate::philox::{philox4x32_10, wide, words};
use crate::uniform::{exponential, open_uniform};

/// What all paths of one component share: the master seed and the hash of the component's name.
///
/// ```
/// use cenote_paths::StreamKey;
/// let key = StreamKey::new(42, "tokens.ETH.price");
/// assert_eq!(key.component(), 0xc731_ffc9);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamKey {
    seed: u64,
    component: u32,
}

impl StreamKey {
    /// The streams of the component called `name` under a master seed.
    ///
    /// Components are known by name, never by index: adding one leaves the streams of all others alone. The name
    /// enters as its 32-bit FNV-1a hash; a caller with many components should check that the hashes differ.
    pub const fn new(seed: u64, name: &str) -> Self {
        Self { seed, component: fnv1a(name.as_bytes()) }
    }

    /// The master seed.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// 32-bit FNV-1a hash of the component's name: the third counter word of its streams.
    pub const fn component(&self) -> u32 {
        self.component
    }

    /// The same seed, another component.
    pub(crate) const fn of_component(self, component: u32) -> Self {
        Self { component, ..self }
    }

    /// Philox key: low word of the seed, then its high word.
    #[inline(always)]
    pub(crate) const fn philox_key(&self) -> [u64; 2] {
        [self.seed & 0xffff_ffff, self.seed >> 32]
    }
}

/// Fowler, Noll and Vo's hash, variant 1a, 32 bits.
const fn fnv1a(bytes: &[u8]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash
}

/// The random stream of one path, one component and one block.
///
/// A stream implements rand's core trait, so every distribution of `rand_distr` samples from it. It holds 2³⁴
/// 32-bit words (2³² draws of four words) and starts at the first; opening one costs no more than its first draw.
///
/// ```
/// use cenote_paths::{Stream, StreamKey};
/// use rand::RngExt;
/// let key = StreamKey::new(42, "tokens.ETH.price");
/// let mut stream = Stream::new(key, 7, 100); // path 7, block 100
/// let die = stream.random_range(1..=6_u32);
/// assert!((1..=6).contains(&die));
/// let again = Stream::new(key, 7, 100).random_range(1..=6_u32);
/// assert_eq!(die, again);
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    key: StreamKey,
    path: u32,
    block: u32,
    /// The next draw to compute.
    draw: u32,
    buffer: [u32; 4],
    /// First word of `buffer` not yet handed out; 4 when there is none.
    next: usize,
}

impl Stream {
    /// The stream of `path` in `block`, at its first draw.
    #[inline]
    pub const fn new(key: StreamKey, path: u32, block: u32) -> Self {
        Self { key, path, block, draw: 0, buffer: [0; 4], next: 4 }
    }

    /// The same stream, to go on with draw number `draw`: word 4 × `draw`.
    #[inline]
    pub const fn at_draw(self, draw: u32) -> Self {
        Self { draw, next: 4, ..self }
    }

    /// The key.
    pub const fn key(&self) -> StreamKey {
        self.key
    }

    /// The path.
    pub const fn path(&self) -> u32 {
        self.path
    }

    /// The block.
    pub const fn block(&self) -> u32 {
        self.block
    }

    /// The next uniform, (2k + 1)/2⁵³ with 0 ≤ k < 2⁵²: strictly between 0 and 1.
    #[inline]
    pub fn uniform(&mut self) -> f64 {
        open_uniform(self.word())
    }

    /// The next two standard normals, by the Box-Muller transform of one 64-bit word ([`math::normal_pair`]): half a
    /// draw.
    #[inline]
    pub fn normal_pair(&mut self) -> (f64, f64) {
        math::normal_pair(self.word())
    }

    /// The four standard normals of the next draw, if none of its words is used yet.
    #[inline]
    pub(crate) fn normal_quad(mut self) -> [f64; 4] {
        let ((a, b), (c, d)) = (self.normal_pair(), self.normal_pair());
        [a, b, c, d]
    }

    /// The next standard exponential, mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        exponential(self.uniform())
    }

    /// The four words of the next draw.
    #[inline]
    fn advance(&mut self) -> [u64; 4] {
        let counter = [u64::from(self.draw), u64::from(self.block), u64::from(self.key.component), u64::from(self.path)];
        self.draw = self.draw.wrapping_add(1);
        philox4x32_10(counter, self.key.philox_key())
    }

    #[inline]
    fn half_word(&mut self) -> u32 {
        if self.next == 4 {
            self.buffer = words(self.advance()).map(low_u32);
            self.next = 0;
        }
        let word = self.buffer[self.next & 3];
        self.next += 1;
        word
    }

    #[inline]
    fn word(&mut self) -> u64 {
        if self.next == 4 {
            let raw = self.advance();
            self.buffer = words(raw).map(low_u32);
            self.next = 2;
            return wide(raw)[0];
        }
        let low = self.half_word();
        let high = self.half_word();
        u64::from(low) | (u64::from(high) << 32)
    }
}

/// Words come in order; a 64-bit word is two 32-bit words, the low half first, and bytes are little-endian.
impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.half_word())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        for chunk in destination.chunks_mut(4) {
            let bytes = self.half_word().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn component_is_fnv1a() {
        // Published test values of the hash.
        assert_eq!(StreamKey::new(0, "").component(), 0x811c_9dc5);
        assert_eq!(StreamKey::new(0, "a").component(), 0xe40c_292c);
        assert_eq!(StreamKey::new(0, "foobar").component(), 0xbf9c_f968);
    }

    #[test]
    fn counter_and_key_are_laid_out_as_documented() {
        let key = StreamKey::new(0x299f_31d0_a409_3822, "main");
        let mut stream = Stream::new(key, 11, 7).at_draw(5);
        let expected = words(philox4x32_10([5, 7, u64::from(key.component()), 11], [0xa409_3822, 0x299f_31d0]));
        assert_eq!(expected.map(low_u32), std::array::from_fn(|_| stream.next_u32()));
    }

    #[test]
    fn all_widths_read_the_same_words() {
        let key = StreamKey::new(1, "x");
        let mut by_32 = Stream::new(key, 0, 0);
        let mut by_64 = by_32.clone();
        let mut by_byte = by_32.clone();
        let mut bytes = [0; 52];
        by_byte.fill_bytes(&mut bytes);
        let words: Vec<u32> = (0..13).map(|_| by_32.next_u32()).collect();
        for pair in words.chunks_exact(2) {
            assert_eq!(by_64.next_u64(), u64::from(pair[0]) | (u64::from(pair[1]) << 32));
        }
        let from_bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        assert_eq!(&bytes[..], &from_bytes[..]);
        // A 64-bit word may straddle two draws.
        let mut odd = Stream::new(key, 0, 0);
        let first = odd.next_u32();
        assert_eq!(first, words[0]);
        assert_eq!(odd.next_u64(), u64::from(words[1]) | (u64::from(words[2]) << 32));
        assert_eq!(odd.next_u64(), u64::from(words[3]) | (u64::from(words[4]) << 32));
    }

    #[test]
    fn at_draw_skips() {
        let key = StreamKey::new(1, "x");
        let mut walked = Stream::new(key, 3, 9);
        for _ in 0..8 {
            walked.next_u32();
        }
        assert_eq!(walked.next_u64(), Stream::new(key, 3, 9).at_draw(2).next_u64());
    }
}
