//! The swap fee as the contracts hold it: a rational number.

use cenote_units::Fee;

use crate::error::AmmError;

/// A swap fee `numerator/denominator`, charged on the input and left in the reserves.
///
/// The exact lane multiplies by the two integers as the contract does; the fast lane by [`keep`](Self::keep).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SwapFee {
    numerator: u32,
    denominator: u32,
    keep: f64,
    fraction: f64,
}

impl SwapFee {
    /// 3/1000: Uniswap v2.
    pub const UNISWAP_V2: Self = Self { numerator: 3, denominator: 1000, keep: 1.0 - 0.003, fraction: 0.003 };
    /// 2/1000: `PancakeSwap` v1.
    pub const PANCAKESWAP_V1: Self = Self { numerator: 2, denominator: 1000, keep: 1.0 - 0.002, fraction: 0.002 };
    /// 25/10000: `PancakeSwap` v2.
    pub const PANCAKESWAP_V2: Self = Self { numerator: 25, denominator: 10_000, keep: 1.0 - 0.0025, fraction: 0.0025 };

    /// The fee `numerator/denominator`.
    ///
    /// ```
    /// use cenote_amm::constant_product::SwapFee;
    /// assert_eq!(SwapFee::new(3, 1000)?, SwapFee::UNISWAP_V2);
    /// assert!(SwapFee::new(1, 1).is_err());
    /// # Ok::<(), cenote_amm::AmmError>(())
    /// ```
    ///
    /// # Errors
    /// [`AmmError::InvalidFee`] unless `0 <= numerator/denominator < 1`.
    pub fn new(numerator: u32, denominator: u32) -> Result<Self, AmmError> {
        match denominator.checked_sub(numerator) {
            Some(kept) if kept > 0 => {
                let fraction = f64::from(numerator) / f64::from(denominator);
                Ok(Self { numerator, denominator, keep: 1.0 - fraction, fraction })
            }
            _ => Err(AmmError::InvalidFee { numerator, denominator }),
        }
    }

    /// The fee of `pips` millionths: 3000 pips are 30 basis points.
    ///
    /// # Errors
    /// [`AmmError::InvalidFee`] unless `pips < 1_000_000`.
    pub fn from_pips(pips: u32) -> Result<Self, AmmError> {
        Self::new(pips, 1_000_000)
    }

    /// The numerator of the fee.
    #[inline]
    pub fn numerator(&self) -> u32 {
        self.numerator
    }

    /// The denominator of the fee.
    #[inline]
    pub fn denominator(&self) -> u32 {
        self.denominator
    }

    /// What is left of the input: φ = 1 − fee, in (0, 1].
    #[inline]
    pub fn keep(&self) -> f64 {
        self.keep
    }

    /// The fee as a fraction of the input, in [0, 1).
    #[inline]
    pub fn fraction(&self) -> f64 {
        self.fraction
    }

    /// `denominator - numerator`: the 997 of `getAmountOut`.
    #[inline]
    pub(crate) fn kept_numerator(&self) -> u32 {
        self.denominator.saturating_sub(self.numerator)
    }
}

impl TryFrom<Fee> for SwapFee {
    type Error = AmmError;

    /// The same fraction in lowest terms. Scaling both integers changes no result, only where the products overflow.
    fn try_from(fee: Fee) -> Result<Self, AmmError> {
        let (numerator, denominator) = fee.ratio();
        match (u32::try_from(numerator), u32::try_from(denominator)) {
            (Ok(numerator), Ok(denominator)) => Self::new(numerator, denominator),
            _ => Err(AmmError::FeeTooFine { fraction: fee.fraction() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_what_the_constructor_gives() {
        assert_eq!(SwapFee::new(3, 1000).unwrap(), SwapFee::UNISWAP_V2);
        assert_eq!(SwapFee::new(2, 1000).unwrap(), SwapFee::PANCAKESWAP_V1);
        assert_eq!(SwapFee::new(25, 10_000).unwrap(), SwapFee::PANCAKESWAP_V2);
        assert_eq!(SwapFee::from_pips(3000).unwrap().keep(), 0.997);
    }

    #[test]
    fn fees_of_study_files_are_the_contracts() {
        assert_eq!(SwapFee::try_from(Fee::bp(30).unwrap()).unwrap(), SwapFee::UNISWAP_V2);
        assert_eq!(SwapFee::try_from(Fee::ZERO).unwrap().keep(), 1.0);
        assert!(matches!(SwapFee::try_from(Fee::from_wad(1).unwrap()), Err(AmmError::FeeTooFine { .. })));
    }

    #[test]
    fn a_fee_of_everything_is_refused() {
        for (numerator, denominator) in [(1, 1), (2, 1), (0, 0), (1_000_000, 1_000_000)] {
            assert_eq!(SwapFee::new(numerator, denominator), Err(AmmError::InvalidFee { numerator, denominator }));
        }
        assert_eq!(SwapFee::new(0, 1).unwrap().keep(), 1.0);
    }
}
