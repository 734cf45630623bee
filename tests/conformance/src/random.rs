//! Seeded choices.

use revm::primitives::U256;

/// A stream of choices. The same seeds give the same choices on every machine.
///
/// Source: `SplitMix64`, Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream of these seeds.
    pub fn new(seeds: &[u64]) -> Self {
        let mut random = Self { state: 0 };
        for seed in seeds {
            random.state = random.next() ^ seed;
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, or zero if that is zero.
    pub fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i32, high: i32) -> i32 {
        let width = u64::from(high.abs_diff(low)) + 1;
        let offset = i64::try_from(self.below(width)).unwrap_or(0);
        i32::try_from(i64::from(low) + offset).unwrap_or(low)
    }

    /// Whether something happens that happens once in `times`.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    ///
    /// # Panics
    /// There is none.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        let index = usize::try_from(self.below(choices.len() as u64)).unwrap_or(0);
        choices[index]
    }

    /// One of several, `weights[i].0` times as often as one with weight 1.
    ///
    /// # Panics
    /// There is none, or all weights are zero.
    pub fn weighted<T: Copy>(&mut self, weights: &[(u64, T)]) -> T {
        let mut left = self.below(weights.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in weights {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        unreachable!("what is left is below the sum of the weights")
    }

    /// A word with every length up to `bits` equally likely.
    pub fn word(&mut self, bits: u32) -> U256 {
        let length = usize::try_from(self.below(u64::from(bits) + 1)).unwrap_or(0);
        let word = U256::from_limbs([self.next(), self.next(), self.next(), self.next()]);
        if length == 0 { U256::ZERO } else { (word >> (256 - length)) | (U256::from(1) << (length - 1)) }
    }

    /// A part of `amount`: often of its own size, sometimes a tiny one, sometimes all of it, one more or one less.
    pub fn part(&mut self, amount: U256) -> U256 {
        match self.below(16) {
            0 => amount,
            1 => amount.saturating_add(U256::from(1)),
            2 => amount.saturating_sub(U256::from(1)),
            3 => U256::from(self.below(3)),
            _ => {
                let bits = u32::try_from(amount.bit_len().min(24)).unwrap_or(0);
                let shift = usize::try_from(self.word(bits.min(5)).as_limbs()[0]).unwrap_or(0);
                scale(amount >> shift, self.below(1 << 32), 1 << 32)
            }
        }
    }

    /// An amount of any size that is somewhere near `amount`: between a thousandth and twice as much, and rarely anything up to `bits`.
    pub fn near(&mut self, amount: U256, bits: u32) -> U256 {
        match self.below(24) {
            0 if self.one_in(4) => U256::MAX >> (256 - usize::try_from(bits).unwrap_or(256)),
            0 => self.word(bits),
            1 => U256::from(self.below(3)),
            2..8 => scale(amount, self.below(2000), 1000),
            _ => self.part(amount),
        }
    }

    /// Seconds until the next operation: often none, mostly a few, sometimes weeks.
    pub fn pause(&mut self) -> u64 {
        match self.below(10) {
            0..4 => 0,
            4..7 => 1 + self.below(15),
            7 | 8 => self.below(7200),
            _ => self.below(40 * 86_400),
        }
    }
}

/// `amount * numerator / denominator`, rounded down, and the largest word if that does not fit.
pub fn scale(amount: U256, numerator: u64, denominator: u64) -> U256 {
    let (whole, rest) = amount.div_rem(U256::from(denominator));
    let whole = whole.saturating_mul(U256::from(numerator));
    // A remainder and a numerator of 64 bits each.
    whole.saturating_add(rest * U256::from(numerator) / U256::from(denominator))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_repeat_and_stay_in_bounds() {
        let draw = |seed| {
            let mut random = Random::new(&[1, seed]);
            (0..200)
                .map(|_| (random.below(10), random.between(-3, 3), random.word(77), random.part(U256::from(900))))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        for (below, between, word, part) in draw(3) {
            assert!(below < 10 && (-3..=3).contains(&between) && word.bit_len() <= 77 && part <= U256::from(901));
        }
        assert_eq!(scale(U256::MAX, 3, 4), U256::MAX / U256::from(4) * U256::from(3) + U256::from(2));
        assert_eq!(scale(U256::MAX, 5, 4), U256::MAX);
    }
}
