//! The parts of a pool's value that its tokens make up.

use crate::error::AmmError;

const ONE: u64 = 1_000_000_000_000_000_000;

/// The weights of a pool's tokens: 2 to 8 of them, each at least 1%, 100% together.
///
/// ```
/// use cenote_amm::weighted::Weights;
/// let weights = Weights::percent(&[80, 20])?;
/// assert_eq!(weights, Weights::new(&[800_000_000_000_000_000, 200_000_000_000_000_000])?);
/// assert_eq!(weights.fraction(0), Some(0.8));
/// assert!(Weights::percent(&[80, 30]).is_err());
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weights {
    wads: Vec<u64>,
}

impl Weights {
    /// The fewest tokens of a pool.
    pub const MIN_TOKENS: usize = 2;
    /// The most tokens of a pool: those of v3. (V2 allowed 20 in its last contracts.)
    pub const MAX_TOKENS: usize = 8;
    /// The least weight, in 10⁻¹⁸: 1%.
    pub const MIN_WEIGHT: u64 = ONE / 100;

    /// From 10⁻¹⁸ parts, the contracts' unit.
    ///
    /// # Errors
    /// [`AmmError::InvalidWeights`] unless there are 2 to 8, each is at least 1% and the sum is 1.
    pub fn new(wads: &[u64]) -> Result<Self, AmmError> {
        let sum: u128 = wads.iter().map(|&wad| u128::from(wad)).sum();
        let smallest = wads.iter().copied().min().unwrap_or(0);
        let count = wads.len();
        if !(Self::MIN_TOKENS..=Self::MAX_TOKENS).contains(&count) || smallest < Self::MIN_WEIGHT || sum != u128::from(ONE) {
            return Err(AmmError::InvalidWeights {
                tokens: count,
                smallest: fraction(smallest),
                sum: wads.iter().map(|&wad| fraction(wad)).sum(),
            });
        }
        Ok(Self { wads: wads.to_vec() })
    }

    /// From whole percents.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn percent(percents: &[u8]) -> Result<Self, AmmError> {
        let wads: Vec<u64> = percents.iter().map(|&percent| u64::from(percent) * (ONE / 100)).collect();
        Self::new(&wads)
    }

    /// The same weight for each of `tokens` tokens; the first takes what a division leaves over.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn equal(tokens: usize) -> Result<Self, AmmError> {
        let count = u64::try_from(tokens).unwrap_or(u64::MAX);
        if !(Self::MIN_TOKENS..=Self::MAX_TOKENS).contains(&tokens) {
            return Err(AmmError::InvalidWeights { tokens, smallest: 0.0, sum: 0.0 });
        }
        let mut wads = vec![ONE / count; tokens];
        wads[0] += ONE % count;
        Self::new(&wads)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.wads.len()
    }

    /// In 10⁻¹⁸ parts.
    pub fn wads(&self) -> &[u64] {
        &self.wads
    }

    /// The weight of a token as a fraction; `None` if there is no such token.
    pub fn fraction(&self, token: usize) -> Option<f64> {
        self.wads.get(token).map(|&wad| fraction(wad))
    }

    /// The first of the largest, in which v2 takes the protocol's share.
    pub(super) fn heaviest(&self) -> usize {
        let mut heaviest = 0;
        for (token, wad) in self.wads.iter().enumerate() {
            if *wad > self.wads[heaviest] {
                heaviest = token;
            }
        }
        heaviest
    }
}

/// The nearest float to `wad / 10^18`.
#[allow(clippy::cast_precision_loss, reason = "weights of up to 15 digits are exact in the quotient")]
pub(super) fn fraction(wad: u64) -> f64 {
    // In lowest powers of ten both are exact for every weight in use, and the quotient is rounded once.
    let (mut numerator, mut denominator) = (wad, ONE);
    while numerator % 10 == 0 && denominator > 1 {
        numerator /= 10;
        denominator /= 10;
    }
    numerator as f64 / denominator as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_checked() {
        assert!(Weights::new(&[ONE]).is_err());
        assert!(Weights::new(&[ONE / 2, ONE / 2 - 1]).is_err());
        assert!(Weights::new(&[ONE - Weights::MIN_WEIGHT + 1, Weights::MIN_WEIGHT - 1]).is_err());
        assert!(Weights::new(&[u64::MAX, u64::MAX]).is_err());
        assert!(Weights::percent(&[99, 1]).is_ok());
        assert!(Weights::percent(&[20, 10, 10, 10, 10, 10, 10, 10, 10]).is_err());
        for tokens in 2..=8 {
            assert_eq!(Weights::equal(tokens).unwrap().count(), tokens);
        }
        assert!(Weights::equal(1).is_err() && Weights::equal(9).is_err());
        assert_eq!(Weights::equal(3).unwrap().wads(), [333_333_333_333_333_334, 333_333_333_333_333_333, 333_333_333_333_333_333]);
    }

    #[test]
    fn the_heaviest_is_the_first_of_the_largest() {
        assert_eq!(Weights::percent(&[20, 40, 40]).unwrap().heaviest(), 1);
        assert_eq!(Weights::percent(&[50, 50]).unwrap().heaviest(), 0);
    }

    #[test]
    fn fractions_are_the_nearest() {
        for (wad, fraction_of) in
            [(800_000_000_000_000_000, 0.8), (10_000_000_000_000_000, 0.01), (166_800_000_000_000_000, 0.1668), (0, 0.0)]
        {
            assert_eq!(fraction(wad), fraction_of);
        }
    }
}
