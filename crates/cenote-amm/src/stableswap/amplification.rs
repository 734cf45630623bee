//! The amplification coefficient: its conventions, and its ramp over time.

use crate::error::AmmError;

/// Which contract a pool is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Generation {
    /// The first pools (`Stableswap.vy`, vyper 0.1): two to four coins, A stored as it is, one fee, no exit into one coin.
    First,
    /// `CurveStableSwapNG` plain pools: up to eight coins, A stored times 100 and ramped, a fee that rises off the peg, half of it
    /// the protocol's.
    Ng,
}

impl Generation {
    /// `A_PRECISION`: by how much the stored A exceeds what the contract's `A()` reports.
    pub const fn precision(self) -> u64 {
        match self {
            Self::First => 1,
            Self::Ng => 100,
        }
    }

    /// The most coins a pool of this generation has.
    pub const fn max_coins(self) -> usize {
        match self {
            Self::First => 4,
            Self::Ng => super::MAX_COINS,
        }
    }
}

/// The largest A that can be set: `MAX_A`.
pub const MAX_AMPLIFICATION: u64 = 1_000_000;

/// The curve of a pool at one moment: the formulas of its generation and its stored amplification.
///
/// Of the two conventions for A this is the deployed contracts': `A()` is the whitepaper's A times n^(n−1), for n coins. So `Ann`, the
/// product of A and n, is the whitepaper's A n^n, and the invariant is
/// `Ann Σx + D = Ann D + D^(n+1) / (n^n Πx)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Curve {
    generation: Generation,
    stored: u64,
}

impl Curve {
    /// The curve with the amplification that the contract's `A()` reports.
    ///
    /// # Errors
    /// [`AmmError::InvalidAmplification`] unless `1 <= amplification <= MAX_AMPLIFICATION`.
    pub fn new(generation: Generation, amplification: u64) -> Result<Self, AmmError> {
        if amplification == 0 || amplification > MAX_AMPLIFICATION {
            return Err(AmmError::InvalidAmplification { amplification, maximum: MAX_AMPLIFICATION });
        }
        Ok(Self { generation, stored: amplification.saturating_mul(generation.precision()) })
    }

    /// The curve with an amplification as the contract stores it (`A_precise`), on a ramp maybe between two whole numbers.
    pub(super) fn from_stored(generation: Generation, stored: u64) -> Self {
        Self { generation, stored }
    }

    /// Whose formulas these are.
    pub fn generation(self) -> Generation {
        self.generation
    }

    /// A as stored: `A_precise()` of NG pools, `A()` of the first generation.
    pub fn stored(self) -> u64 {
        self.stored
    }

    /// A as the contract's `A()` reports it, rounded down.
    pub fn amplification(self) -> u64 {
        self.stored / self.generation.precision()
    }
}

/// A line from one A to another over time, both as stored; constant outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ramp {
    pub(super) initial: u64,
    pub(super) future: u64,
    pub(super) initial_time: u64,
    pub(super) future_time: u64,
}

impl Ramp {
    pub(super) fn constant(stored: u64) -> Self {
        Self { initial: stored, future: stored, initial_time: 0, future_time: 0 }
    }

    /// `_A()`: the part of the way that has been gone is rounded down, whichever way it goes.
    pub(super) fn at(&self, now: u64) -> u64 {
        if now >= self.future_time {
            return self.future;
        }
        let gone = u128::from(now.saturating_sub(self.initial_time));
        let all = u128::from(self.future_time.saturating_sub(self.initial_time)).max(1);
        let way = u128::from(self.future.abs_diff(self.initial));
        // Both factors are below 2^64, and what has been gone is at most the way itself.
        let step = u64::try_from(way.saturating_mul(gone) / all).unwrap_or(u64::MAX);
        if self.future > self.initial { self.initial.saturating_add(step) } else { self.initial.saturating_sub(step) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_coefficient_is_the_reported_one_times_the_precision() {
        assert_eq!(Curve::new(Generation::First, 85).unwrap().stored(), 85);
        let curve = Curve::new(Generation::Ng, 85).unwrap();
        assert_eq!((curve.stored(), curve.amplification()), (8500, 85));
        for bad in [0, MAX_AMPLIFICATION + 1] {
            assert!(matches!(Curve::new(Generation::Ng, bad), Err(AmmError::InvalidAmplification { .. })));
        }
    }

    #[test]
    fn ramps_are_straight_and_round_toward_their_start() {
        let up = Ramp { initial: 100, future: 200, initial_time: 1000, future_time: 1300 };
        assert_eq!([1000, 1001, 1150, 1299, 1300, 9999].map(|now| up.at(now)), [100, 100, 150, 199, 200, 200]);
        let down = Ramp { initial: 200, future: 100, ..up };
        assert_eq!([1000, 1001, 1150, 1299, 1300, 9999].map(|now| down.at(now)), [200, 200, 150, 101, 100, 100]);
        assert_eq!(Ramp::constant(7).at(0), 7);
    }
}
