//! Fees as the contracts hold them: integers over 10^10.

use cenote_units::Fee;

use crate::error::AmmError;

/// A fee, or a share of one, in units of 10^-10: 4 basis points are 4 000 000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PoolFee(u64);

impl PoolFee {
    /// `FEE_DENOMINATOR`: one.
    pub const DENOMINATOR: u64 = 10_000_000_000;
    /// No fee.
    pub const ZERO: Self = Self(0);
    /// One half: the largest fee (`MAX_FEE`), and the protocol's share in NG pools.
    pub const HALF: Self = Self(5_000_000_000);

    /// The fee of `parts` / 10^10.
    ///
    /// ```
    /// use cenote_amm::stableswap::PoolFee;
    /// assert_eq!(PoolFee::from_parts(4_000_000)?.fraction(), 0.0004);
    /// assert!(PoolFee::from_parts(5_000_000_001).is_err());
    /// # Ok::<(), cenote_amm::AmmError>(())
    /// ```
    ///
    /// # Errors
    /// [`AmmError::PoolFeeTooHigh`] above one half.
    pub fn from_parts(parts: u64) -> Result<Self, AmmError> {
        if parts > Self::HALF.0 { Err(AmmError::PoolFeeTooHigh { parts, maximum: Self::HALF.0 }) } else { Ok(Self(parts)) }
    }

    /// The fee in units of 10^-10.
    #[inline]
    pub const fn parts(self) -> u64 {
        self.0
    }

    /// The fee as a fraction, in [0, 1/2].
    #[inline]
    pub fn fraction(self) -> f64 {
        parts_to_fraction(self.0)
    }
}

/// `parts` / 10^10, for fees and for the off-peg multiplier.
#[allow(clippy::cast_precision_loss, reason = "fees and multipliers are far below 2^53")]
#[inline]
pub(super) fn parts_to_fraction(parts: u64) -> f64 {
    parts as f64 / 1e10
}

impl TryFrom<Fee> for PoolFee {
    type Error = AmmError;

    fn try_from(fee: Fee) -> Result<Self, AmmError> {
        Self::from_parts(fee.parts_per(Self::DENOMINATOR).ok_or(AmmError::FeeTooFine { fraction: fee.fraction() })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_of_study_files_are_the_contracts() {
        assert_eq!(PoolFee::try_from(Fee::bp(4).unwrap()).unwrap().parts(), 4_000_000);
        assert!(matches!(PoolFee::try_from(Fee::from_wad(1).unwrap()), Err(AmmError::FeeTooFine { .. })));
        assert!(matches!(PoolFee::try_from(Fee::bp(6000).unwrap()), Err(AmmError::PoolFeeTooHigh { .. })));
    }
}
