//! The protocol's part of the fees, minted as LP tokens when liquidity next changes.

use crate::error::AmmError;

/// The share φ of the growth in √k that goes to the protocol while `feeTo` is set.
///
/// At each mint and burn the contract mints
/// `supply · (√k − √kLast) · n / (√k · a + √kLast · n)` LP tokens to `feeTo`, with φ = n/(n + a): this dilutes the others by exactly φ of the growth.
///
/// Source: `UniswapV2Pair._mintFee`; Adams, Zinsmeister, Robinson, "Uniswap v2 Core" (2020), section 2.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolFee {
    share: u32,
    rest: u32,
}

impl ProtocolFee {
    /// 1/6: Uniswap v2, `5 * rootK + rootKLast`.
    pub const UNISWAP_V2: Self = Self { share: 1, rest: 5 };
    /// 1/4: `PancakeSwap` v1, `3 * rootK + rootKLast`.
    pub const PANCAKESWAP_V1: Self = Self { share: 1, rest: 3 };
    /// 8/25: `PancakeSwap` v2, `17 * rootK + 8 * rootKLast`.
    pub const PANCAKESWAP_V2: Self = Self { share: 8, rest: 17 };

    /// The share `numerator/denominator`.
    ///
    /// ```
    /// use cenote_amm::constant_product::ProtocolFee;
    /// assert_eq!(ProtocolFee::new(1, 6)?, ProtocolFee::UNISWAP_V2);
    /// # Ok::<(), cenote_amm::AmmError>(())
    /// ```
    ///
    /// # Errors
    /// [`AmmError::InvalidProtocolShare`] unless `0 < numerator/denominator <= 1`.
    pub fn new(numerator: u32, denominator: u32) -> Result<Self, AmmError> {
        match denominator.checked_sub(numerator) {
            Some(rest) if numerator > 0 => Ok(Self { share: numerator, rest }),
            _ => Err(AmmError::InvalidProtocolShare { numerator, denominator }),
        }
    }

    /// `n`: the multiplier of the growth and of √kLast.
    #[inline]
    pub fn share(&self) -> u32 {
        self.share
    }

    /// `a`: the multiplier of √k.
    #[inline]
    pub fn rest(&self) -> u32 {
        self.rest
    }

    /// φ as a fraction.
    pub fn fraction(&self) -> f64 {
        f64::from(self.share) / (f64::from(self.share) + f64::from(self.rest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_the_contracts() {
        assert_eq!(ProtocolFee::new(1, 6).unwrap(), ProtocolFee::UNISWAP_V2);
        assert_eq!(ProtocolFee::new(1, 4).unwrap(), ProtocolFee::PANCAKESWAP_V1);
        assert_eq!(ProtocolFee::new(8, 25).unwrap(), ProtocolFee::PANCAKESWAP_V2);
        assert_eq!(ProtocolFee::PANCAKESWAP_V2.fraction(), 0.32);
        assert!(ProtocolFee::new(0, 6).is_err());
        assert!(ProtocolFee::new(7, 6).is_err());
    }
}
