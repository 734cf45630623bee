//! Tokens.

use rust_decimal::Decimal;

use crate::{Expected, Symbol, TokenAmount, UnitError};

/// A token: its symbol, and how many decimals its contract counts in.
///
/// ```
/// use cenote_units::{Token, TokenAmount, U256};
/// let usdc = Token::new("USDC", 6)?;
/// assert_eq!(TokenAmount::from_raw(U256::from(2_500_000), &usdc)?.to_string(), "2.5 USDC");
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    symbol: Symbol,
    decimals: u8,
}

impl Token {
    /// The largest number of decimals.
    pub const MAX_DECIMALS: u8 = 38;

    const EXPECTED: Expected = Expected::new("at most 38 decimals", r#""decimals = 18""#);

    /// A token with its symbol and the `decimals()` of its contract.
    ///
    /// # Errors
    /// [`UnitError::InvalidSymbol`]; [`UnitError::TooManyDecimals`] beyond [`Token::MAX_DECIMALS`].
    pub fn new(symbol: &str, decimals: u8) -> Result<Self, UnitError> {
        let symbol = Symbol::new(symbol)?;
        if decimals > Self::MAX_DECIMALS {
            return Err(UnitError::TooManyDecimals { symbol, decimals, max: Self::MAX_DECIMALS, expected: Self::EXPECTED });
        }
        Ok(Self { symbol, decimals })
    }

    /// Its symbol.
    pub fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// Its decimals: 10^decimals of the contract's units are one token.
    pub const fn decimals(&self) -> u8 {
        self.decimals
    }

    /// So much of this token, in whole tokens.
    ///
    /// # Errors
    /// [`UnitError::OutOfRange`] below zero.
    pub fn amount(&self, value: Decimal) -> Result<TokenAmount, UnitError> {
        TokenAmount::new(value, self.symbol.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_limited() {
        assert_eq!(Token::new("WIDE", 38).unwrap().decimals(), 38);
        let error = Token::new("WIDE", 39).unwrap_err();
        assert!(matches!(error, UnitError::TooManyDecimals { decimals: 39, .. }));
        assert_eq!(error.text(), "WIDE");
        assert_eq!(
            error.to_string(),
            r#"token WIDE has 39 decimals, more than 38: expected at most 38 decimals, for example "decimals = 18""#
        );
    }

    #[test]
    fn its_symbol_is_checked() {
        assert!(matches!(Token::new("US DC", 6), Err(UnitError::InvalidSymbol { .. })));
    }

    #[test]
    fn amounts_carry_its_symbol() {
        let usdc = Token::new("USDC", 6).unwrap();
        assert_eq!(usdc.amount(Decimal::TEN).unwrap().to_string(), "10 USDC");
        assert!(matches!(usdc.amount(Decimal::NEGATIVE_ONE), Err(UnitError::OutOfRange { .. })));
    }
}
