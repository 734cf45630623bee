//! How much: a part of what there is, or so many smallest units.

use core::fmt;

use proptest::prelude::*;

use super::lane::BatteryLane;
use crate::pool::TokenIndex;

/// The size of an operation, to be resolved against the state it meets: a sequence keeps its sense while operations before are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// `thousandths / 1000 / 10^zeros` of what there is; more than all of it above 1000.
    Part {
        /// Thousandths of the reference.
        thousandths: u32,
        /// Zeros behind the decimal point before the thousandths.
        zeros: u8,
    },
    /// `digits · 10^tens` smallest units.
    Units {
        /// The leading digits.
        digits: u16,
        /// The zeros after them.
        tens: u8,
    },
    /// No amount at all; see [`BatteryLane::nonsense`].
    Nonsense(u8),
}

impl Size {
    /// The amount of a token with `decimals` of which there is `reference`.
    pub fn of<L: BatteryLane>(self, reference: L::Amount, decimals: u8) -> L::Amount {
        match self {
            Self::Part { thousandths, zeros } => L::part(reference, thousandths, zeros),
            Self::Units { digits, tens } => L::units(digits, tens, decimals),
            Self::Nonsense(which) => L::nonsense(which),
        }
    }

    /// The same of an integer such as liquidity, as large as can be where it does not fit.
    pub fn of_integer(self, reference: u128) -> u128 {
        match self {
            // Divided first: beyond 2^96 the last digits are not worth a wider product.
            Self::Part { thousandths, zeros } => {
                let part = |whole: u128| whole.saturating_mul(u128::from(thousandths));
                let whole = if reference >> 96 == 0 { part(reference) / 1000 } else { part(reference / 1000) };
                10_u128.checked_pow(zeros.into()).map_or(0, |divisor| whole / divisor)
            }
            Self::Units { digits, tens } => {
                10_u128.checked_pow(tens.into()).map_or(u128::MAX, |power| power.saturating_mul(digits.into()))
            }
            Self::Nonsense(which) => u128::MAX >> (which % 3),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part { thousandths, zeros: 0 } => write!(f, "{thousandths}/1000"),
            Self::Part { thousandths, zeros } => write!(f, "{thousandths}/1000 e-{zeros}"),
            Self::Units { digits, tens: 0 } => write!(f, "{digits} units"),
            Self::Units { digits, tens } => write!(f, "{digits}e{tens} units"),
            Self::Nonsense(_) => f.write_str("nonsense"),
        }
    }
}

/// Sizes of swaps and liquidity operations: mostly ordinary parts, some tiny parts, a few units, more than there is, nonsense.
pub fn sizes() -> BoxedStrategy<Size> {
    let part = |(thousandths, zeros)| Size::Part { thousandths, zeros };
    let units = |(digits, tens)| Size::Units { digits, tens };
    prop_oneof![
        24 => (0..=1000_u32, 0..3_u8).prop_map(part),
        6 => (0..=9_u16, Just(0_u8)).prop_map(units),
        6 => (1..=1000_u32, 0..18_u8).prop_map(part),
        3 => (1000..=20_000_u32, Just(0_u8)).prop_map(part),
        2 => (1..=9999_u16, 0..=76_u8).prop_map(units),
        1 => (0..3_u8).prop_map(Size::Nonsense),
    ]
    .boxed()
}

/// First deposits: mostly one to 10^8 whole tokens, some of a few thousand smallest units, a few near the limits of contracts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposits {
    decimals: Vec<u8>,
    skew: u8,
    extreme: bool,
}

impl Deposits {
    /// For tokens with these decimals, the last of them for all further ones; amounts at most 10³ apart in whole tokens.
    pub fn new(decimals: &[u8]) -> Self {
        Self { decimals: decimals.to_vec(), skew: 3, extreme: true }
    }

    /// The amounts of two tokens are at most `10^skew` apart in whole tokens.
    #[must_use]
    pub fn skew(self, skew: u8) -> Self {
        Self { skew, ..self }
    }

    /// None of a few smallest units, none near the limits.
    #[must_use]
    pub fn ordinary(self) -> Self {
        Self { extreme: false, ..self }
    }

    /// The decimals of a token; 18 where nothing was said.
    pub fn decimals_of(&self, token: TokenIndex) -> u8 {
        self.decimals.get(token.get()).or(self.decimals.last()).copied().unwrap_or(18)
    }

    /// One size per token, for so many tokens.
    pub fn sizes(&self, tokens: u8) -> BoxedStrategy<Vec<Size>> {
        let decimals: Vec<u8> = (0..tokens).map(|token| self.decimals_of(TokenIndex(token))).collect();
        let (tokens, skew) = (decimals.len(), self.skew);
        let digits = || prop::collection::vec(1000..=9999_u16, tokens);
        let ordinary = (digits(), 0..=4_u8, prop::collection::vec(0..=skew, tokens)).prop_map(move |(digits, size, more)| {
            let tens = |token: usize| decimals[token].saturating_add(size).saturating_add(more[token]).saturating_sub(3);
            (0..digits.len()).map(|token| Size::Units { digits: digits[token], tens: tens(token) }).collect::<Vec<_>>()
        });
        if !self.extreme {
            return ordinary.boxed();
        }
        let unit = |(digits, tens)| Size::Units { digits, tens };
        let tiny = prop::collection::vec((1..=9999_u16, 0..=1_u8).prop_map(unit), tokens);
        let huge = (digits(), 22..=40_u8, prop::collection::vec(0..=skew.min(2), tokens)).prop_map(move |(digits, size, more)| {
            digits.into_iter().zip(more).map(|(digits, more)| unit((digits, size + more))).collect()
        });
        prop_oneof![6 => ordinary, 3 => tiny, 1 => huge].boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exact, Fast, U256};

    #[test]
    fn sizes_resolve_against_what_there_is() {
        let three_percent = Size::Part { thousandths: 30, zeros: 0 };
        assert_eq!(three_percent.of::<Exact>(U256::from(1000), 18), U256::from(30));
        assert_eq!(three_percent.of::<Fast>(1000.0, 18), 30.0);
        assert_eq!(three_percent.of_integer(1000), 30);
        assert_eq!(Size::Part { thousandths: 500, zeros: 0 }.of_integer(u128::MAX), u128::MAX / 1000 * 500);
        assert_eq!(Size::Units { digits: 7, tens: 2 }.of::<Exact>(U256::ZERO, 6), U256::from(700));
        assert_eq!(Size::Units { digits: 7, tens: 50 }.of_integer(1), u128::MAX);
        assert_eq!(three_percent.to_string(), "30/1000");
    }
}
