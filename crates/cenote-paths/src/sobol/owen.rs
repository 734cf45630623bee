//! Nested uniform scrambling by a keyed hash.

use crate::philox::philox4x32_10;
use crate::stream::StreamKey;

const LOW: u64 = 0xffff_ffff;

/// How one dimension of one replicate is scrambled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scramble {
    /// 32 random bits each; what stands above them does not matter.
    keys: [u64; 4],
}

impl Scramble {
    /// The keys are the words of the draw `dimension` of block 0, the replicate in the place of the path.
    #[inline(always)]
    pub(crate) fn new(key: StreamKey, dimension: u32, replicate: u32) -> Self {
        Self::of(key.philox_key(), u64::from(key.component()), dimension, u64::from(replicate))
    }

    /// The same from the parts of the key.
    #[inline(always)]
    pub(crate) fn of(philox_key: [u64; 2], component: u64, dimension: u32, replicate: u64) -> Self {
        Self { keys: philox4x32_10([u64::from(dimension), 0, component, replicate], philox_key) }
    }

    /// Scrambled digits, the first in bit 0: bit i depends on bits 0 to i alone, and with those before it fixed it is a bijection.
    ///
    /// The order of the operations and the constants matter: others leave coins of one level correlated by a percent, which the tests
    /// below would see.
    #[inline(always)]
    fn nested(self, digits: u64) -> u64 {
        let [k0, k1, k2, k3] = self.keys;
        // Only the low halves are digits; rubbish above them is never carried down.
        let times = |x: u64, factor: u64| (x & LOW) * (factor & LOW);
        let mut x = digits;
        x ^= times(x, 0x3d20_adea);
        x = (x & LOW) + (k0 & LOW);
        x = times(x, k1 | 1);
        x ^= times(x, 0x0552_6c56);
        x ^= times(x, 0x53a2_2864);
        x = (x & LOW) + (k2 & LOW);
        x = times(x, k3 | 1);
        x ^= times(x, 0x3d20_adea);
        x & LOW
    }

    /// The random word whose upper 52 bits are the scrambled coordinate, for digits reversed.
    #[inline(always)]
    pub(crate) fn word(self, digits: u64) -> u64 {
        let x = self.nested(digits);
        // Digits beyond those of the sequence depend on all of them: any hash will do.
        let mixed = (x ^ (self.keys[1] & LOW)) * 0x9e37_79b1;
        let beyond = (mixed ^ (mixed >> 32) ^ self.keys[2]) & LOW;
        (reversed(x) << 32) | beyond
    }
}

/// The low 32 bits in reverse order: in moves that vectorise.
#[inline(always)]
fn reversed(x: u64) -> u64 {
    let x = ((x >> 1) & 0x5555_5555) | ((x & 0x5555_5555) << 1);
    let x = ((x >> 2) & 0x3333_3333) | ((x & 0x3333_3333) << 2);
    let x = ((x >> 4) & 0x0f0f_0f0f) | ((x & 0x0f0f_0f0f) << 4);
    let x = ((x >> 8) & 0x00ff_00ff) | ((x & 0x00ff_00ff) << 8);
    ((x >> 16) | (x << 16)) & LOW
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scramble(seed: u64) -> Scramble {
        Scramble::new(StreamKey::new(seed, "owen"), 0, 0)
    }

    #[test]
    fn reversing_is_reversing() {
        for x in [0, 1, 0x8000_0000, 0x1234_5678, 0xffff_fffe, 0xdead_beef_u32] {
            assert_eq!(reversed(u64::from(x)), u64::from(x.reverse_bits()));
        }
    }

    /// The definition: a digit is flipped by what the digits before it are, and by nothing after it.
    #[test]
    fn scrambling_is_nested() {
        for seed in 0..200 {
            let scramble = scramble(seed);
            for digits in [0_u64, 0x0f0f_1234, 0xffff_ffff, 0x8000_0001] {
                for bit in 0..32 {
                    let changed = scramble.nested(digits) ^ scramble.nested(digits ^ (1 << bit));
                    assert_eq!(changed & ((2 << bit) - 1), 1 << bit, "seed {seed}, {digits:#x}, bit {bit}");
                }
            }
        }
    }

    /// The 63 coins of the first six digits are fair and independent of one another, pair by pair, over 20,000 seeds.
    ///
    /// Significance: 2,016 statistics, each beyond 4.75 standard deviations by chance in one of 500,000.
    #[test]
    fn coins_are_fair_and_independent() {
        const SEEDS: u32 = 20_000;
        let mut ones = vec![0_u32; 63];
        let mut equal = vec![0_u32; 63 * 63];
        for seed in 0..SEEDS {
            let scramble = scramble(u64::from(seed));
            let mut coins = Vec::new();
            for depth in 0..6 {
                for before in 0..(1_u64 << depth) {
                    coins.push((scramble.nested(before) >> depth) & 1);
                }
            }
            for (i, a) in coins.iter().enumerate() {
                ones[i] += u32::from(*a == 1);
                for (j, b) in coins[..i].iter().enumerate() {
                    equal[63 * i + j] += u32::from(a == b);
                }
            }
        }
        let z = |count: u32| (f64::from(count) / f64::from(SEEDS) - 0.5) * 2.0 * f64::from(SEEDS).sqrt();
        for (i, &count) in ones.iter().enumerate() {
            assert!(z(count).abs() < 4.75, "coin {i}: {}", z(count));
            for j in 0..i {
                assert!(z(equal[63 * i + j]).abs() < 4.75, "coins {i} and {j}: {}", z(equal[63 * i + j]));
            }
        }
    }

    /// So are coins far down: digit 17 behind two prefixes that differ in any one digit, and digits of neighbouring dimensions.
    #[test]
    fn deep_coins_are_independent() {
        const SEEDS: u32 = 20_000;
        for bit in 0..17 {
            let (mut by_prefix, mut by_dimension) = (0, 0);
            for seed in 0..SEEDS {
                let key = StreamKey::new(u64::from(seed), "owen");
                let (one, other) = (Scramble::new(key, 3, 0), Scramble::new(key, 4, 0));
                let digits = 0x0001_5a3c_u64 & 0x1_ffff;
                let coin = |scramble: Scramble, digits: u64| ((scramble.nested(digits) ^ digits) >> 17) & 1;
                by_prefix += u32::from(coin(one, digits) == coin(one, digits ^ (1 << bit)));
                by_dimension += u32::from((one.nested(digits) >> bit) & 1 == (other.nested(digits) >> bit) & 1);
            }
            for count in [by_prefix, by_dimension] {
                let z = (f64::from(count) / f64::from(SEEDS) - 0.5) * 2.0 * f64::from(SEEDS).sqrt();
                assert!(z.abs() < 4.75, "bit {bit}: {z}");
            }
        }
    }
}
