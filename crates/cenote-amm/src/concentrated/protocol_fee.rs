//! The protocol's part of the swap fees.

use super::error::ConcentratedError;
use crate::pool::Direction;

/// How a v3-like protocol writes down its part of the fees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolFeeScheme {
    /// Uniswap v3: 1/n of the fee, n = 4 to 10, off at first. Source: `UniswapV3Pool.setFeeProtocol`.
    UniswapV3,
    /// `PancakeSwap` v3: n/10000 of the fee, n = 1000 to 4000; on from the start. Source: `PancakeV3Pool.setFeeProtocol`.
    PancakeSwapV3,
}

impl ProtocolFeeScheme {
    /// The part of the fee that a number of the protocol's is.
    fn share(self, number: u16) -> Share {
        let number = u32::from(number);
        match self {
            Self::UniswapV3 if number > 0 => Share { numerator: 1, denominator: number },
            Self::PancakeSwapV3 if number > 0 => Share { numerator: number, denominator: 10_000 },
            _ => Share { numerator: 0, denominator: 1 },
        }
    }
}

/// The numbers of both directions; zero is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProtocolFee {
    scheme: ProtocolFeeScheme,
    numbers: [u16; 2],
    /// What the numbers mean.
    shares: [Share; 2],
}

/// A part of something: `numerator/denominator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Above the line; zero if nothing is taken.
    pub numerator: u32,
    /// Below the line, not zero.
    pub denominator: u32,
}

impl ProtocolFee {
    /// What a pool with this fee starts with when it gets its first price.
    pub fn initial(scheme: ProtocolFeeScheme, fee_pips: u32) -> Self {
        let number = match scheme {
            ProtocolFeeScheme::UniswapV3 => 0,
            ProtocolFeeScheme::PancakeSwapV3 => match fee_pips {
                100 => 3300,
                500 => 3400,
                _ => 3200,
            },
        };
        Self::of(scheme, [number; 2])
    }

    fn of(scheme: ProtocolFeeScheme, numbers: [u16; 2]) -> Self {
        Self { scheme, numbers, shares: numbers.map(|number| scheme.share(number)) }
    }

    /// Nothing is taken.
    pub fn off(scheme: ProtocolFeeScheme) -> Self {
        Self::of(scheme, [0; 2])
    }

    /// The same scheme with these numbers for swaps that pay token 0 and token 1.
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidProtocolFee`] if the protocol does not allow them.
    pub fn with_numbers(self, numbers: [u16; 2]) -> Result<Self, ConcentratedError> {
        let allowed = match self.scheme {
            ProtocolFeeScheme::UniswapV3 => 4..=10,
            ProtocolFeeScheme::PancakeSwapV3 => 1000..=4000,
        };
        if numbers.iter().all(|number| *number == 0 || allowed.contains(number)) {
            Ok(Self::of(self.scheme, numbers))
        } else {
            Err(ConcentratedError::InvalidProtocolFee { fee0: numbers[0].into(), fee1: numbers[1].into() })
        }
    }

    /// How the protocol writes it down.
    pub fn scheme(&self) -> ProtocolFeeScheme {
        self.scheme
    }

    /// The numbers for swaps that pay token 0 and token 1, as `setFeeProtocol` takes them.
    pub fn numbers(&self) -> [u16; 2] {
        self.numbers
    }

    /// Both numbers in one, as `slot0.feeProtocol` packs them.
    pub fn packed(&self) -> u32 {
        let [fee0, fee1] = self.numbers.map(u32::from);
        match self.scheme {
            ProtocolFeeScheme::UniswapV3 => fee0 | (fee1 << 4),
            ProtocolFeeScheme::PancakeSwapV3 => fee0 | (fee1 << 16),
        }
    }

    /// The part of the fee of token `side` that is taken.
    #[inline]
    pub fn share(&self, side: usize) -> Share {
        self.shares[side & 1]
    }

    /// [`share`](Self::share) of the fees of swaps in this direction.
    #[inline]
    pub fn share_of(&self, direction: Direction) -> Share {
        match direction {
            Direction::ZeroForOne => self.share(0),
            Direction::OneForZero => self.share(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_allowed() {
        let uniswap = ProtocolFee::initial(ProtocolFeeScheme::UniswapV3, 500);
        assert_eq!((uniswap.numbers(), uniswap.packed()), ([0, 0], 0));
        assert_eq!(uniswap.with_numbers([4, 10]).unwrap().packed(), 4 + 160);
        for numbers in [[3, 5], [4, 11], [1, 0]] {
            assert!(uniswap.with_numbers(numbers).is_err());
        }
        let pancake = ProtocolFee::initial(ProtocolFeeScheme::PancakeSwapV3, 500);
        assert_eq!((pancake.numbers(), pancake.packed()), ([3400, 3400], 222_825_800));
        assert_eq!(pancake.with_numbers([0, 1000]).unwrap().share(1), Share { numerator: 1000, denominator: 10_000 });
        for numbers in [[999, 1000], [4001, 0]] {
            assert!(pancake.with_numbers(numbers).is_err());
        }
        assert_eq!(uniswap.share(0).numerator, 0);
    }
}
