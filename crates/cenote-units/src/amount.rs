//! Amounts of a token, as people count them.

use std::fmt;
use std::str::FromStr;

use ruint::aliases::U256;
use rust_decimal::Decimal;

use crate::decimal::{self, ScaleError};
use crate::number::{Misfit, Number};
use crate::text::{Spelled, number_and_words, serde_as_text, unknown_unit};
use crate::{Expected, Symbol, Token, UnitError};

/// An amount of a token in whole tokens, exact and not negative: `"10_000 USDC"`, `"0.5 ETH"`.
///
/// Up to 28 decimals and 7.9 × 10^28; a value that does not fit is an error, never rounded. Contracts count in integers:
/// [`TokenAmount::to_raw`] and [`TokenAmount::from_raw`] convert without loss.
///
/// ```
/// use cenote_units::{Token, TokenAmount, U256};
/// let usdc = Token::new("USDC", 6)?;
/// let deposit: TokenAmount = "10_000 USDC".parse()?;
/// let raw = deposit.to_raw(usdc.decimals())?;
/// assert_eq!(raw, U256::from(10_000_000_000_u64));
/// assert_eq!(TokenAmount::from_raw(raw, &usdc)?, deposit);
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenAmount {
    value: Decimal,
    symbol: Symbol,
}

const MAX_VALUE: &str = "79228162514264337593543950335";
const FITS: &str = "at most 28 decimals and 2^96 without its decimal point";

impl TokenAmount {
    /// `value` whole tokens of `symbol`.
    ///
    /// # Errors
    /// [`UnitError::OutOfRange`] below zero.
    pub fn new(value: Decimal, symbol: Symbol) -> Result<Self, UnitError> {
        let value = value.normalize();
        if value.is_sign_negative() && !value.is_zero() {
            let text = format!("{value} {symbol}");
            return Err(UnitError::OutOfRange { text, limit: "at least 0", expected: Self::EXPECTED });
        }
        Ok(Self { value: value.abs(), symbol })
    }

    /// From the contract's units: `raw` / 10^decimals.
    ///
    /// # Errors
    /// [`UnitError::Inexact`] or [`UnitError::Overflow`] if a `Decimal` cannot hold the amount exactly.
    pub fn from_raw(raw: U256, token: &Token) -> Result<Self, UnitError> {
        let scale = u32::from(token.decimals());
        if let Some(value) = decimal::exact(raw, scale) {
            return Ok(Self { value, symbol: token.symbol().clone() });
        }
        let text = format!("{raw}e-{scale} {}", token.symbol());
        Err(if decimal::is_too_large(raw, scale) { overflow(text) } else { inexact(text) })
    }

    /// In the contract's units: value × 10^`decimals`, exactly.
    ///
    /// # Errors
    /// [`UnitError::FinerThanToken`] if the amount has more decimals than the token, [`UnitError::Overflow`] beyond 2^256 − 1.
    pub fn to_raw(&self, decimals: u8) -> Result<U256, UnitError> {
        decimal::scaled_up(self.value, decimals).map_err(|error| match error {
            ScaleError::NotWhole => UnitError::FinerThanToken { text: self.to_string(), decimals, expected: Self::EXPECTED },
            ScaleError::TooLarge => UnitError::Overflow {
                text: format!("{self} with {decimals} decimals"),
                limit: "2^256 - 1 units",
                expected: Self::EXPECTED,
            },
        })
    }

    /// Whole tokens.
    pub const fn value(&self) -> Decimal {
        self.value
    }

    /// Whole tokens, the nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        decimal::to_f64(self.value)
    }

    /// The token.
    pub const fn symbol(&self) -> &Symbol {
        &self.symbol
    }

    /// Whether this is nothing.
    pub fn is_zero(&self) -> bool {
        self.value.is_zero()
    }

    /// The sum, exactly.
    ///
    /// # Errors
    /// [`UnitError::WrongToken`] for another token; [`UnitError::Inexact`] if the sum cannot be held exactly.
    pub fn checked_add(&self, other: &Self) -> Result<Self, UnitError> {
        self.check_token(other)?;
        match decimal::add(self.value, other.value) {
            Some(value) => Ok(Self { value, symbol: self.symbol.clone() }),
            None => Err(does_not_fit(format!("{self} + {other}"), self.to_f64() + other.to_f64())),
        }
    }

    /// The difference, exactly.
    ///
    /// # Errors
    /// [`UnitError::WrongToken`] for another token; [`UnitError::OutOfRange`] if `other` is more;
    /// [`UnitError::Inexact`] if the difference cannot be held exactly.
    pub fn checked_sub(&self, other: &Self) -> Result<Self, UnitError> {
        self.check_token(other)?;
        let text = || format!("{self} - {other}");
        if other.value > self.value {
            return Err(UnitError::OutOfRange { text: text(), limit: "at least 0", expected: Self::EXPECTED });
        }
        match decimal::subtract(self.value, other.value) {
            Some(value) => Ok(Self { value, symbol: self.symbol.clone() }),
            None => Err(inexact(text())),
        }
    }

    fn check_token(&self, other: &Self) -> Result<(), UnitError> {
        if self.symbol == other.symbol {
            Ok(())
        } else {
            Err(UnitError::WrongToken { expected: self.symbol.clone(), found: other.symbol.clone() })
        }
    }
}

fn overflow(text: String) -> UnitError {
    UnitError::Overflow { text, limit: MAX_VALUE, expected: TokenAmount::EXPECTED }
}

fn inexact(text: String) -> UnitError {
    UnitError::Inexact { text, limit: FITS, expected: TokenAmount::EXPECTED }
}

/// The error for a result near `estimate` that a `Decimal` cannot hold.
pub(crate) fn does_not_fit(text: String, estimate: f64) -> UnitError {
    // 2^96; a result this close to it that is not too large is too long, and either word is right.
    if estimate >= 79_228_162_514_264_337_593_543_950_336.0 { overflow(text) } else { inexact(text) }
}

/// The decimal in `text`, not negative.
pub(crate) fn to_decimal(number: &Number, text: &str, expected: Expected) -> Result<Decimal, UnitError> {
    if number.is_negative() {
        return Err(UnitError::OutOfRange { text: text.to_owned(), limit: "at least 0", expected });
    }
    number.to_decimal().map_err(|misfit| match misfit {
        Misfit::TooLarge => UnitError::Overflow { text: text.to_owned(), limit: MAX_VALUE, expected },
        Misfit::TooFine => UnitError::Inexact { text: text.to_owned(), limit: FITS, expected },
    })
}

impl Spelled for TokenAmount {
    const EXPECTED: Expected = Expected::new("an amount with its token", r#""10_000 USDC""#);
}

impl FromStr for TokenAmount {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, words) = number_and_words(text, Self::EXPECTED)?;
        let [symbol] = words[..] else {
            return Err(unknown_unit(text, &words.join(" "), Self::EXPECTED));
        };
        let value = to_decimal(&number, text, Self::EXPECTED)?;
        Ok(Self { value, symbol: Symbol::new(symbol)? })
    }
}

/// All digits and the symbol: "2.5 USDC".
impl fmt::Display for TokenAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.value, self.symbol)
    }
}

serde_as_text!(TokenAmount);

#[cfg(test)]
mod tests;
