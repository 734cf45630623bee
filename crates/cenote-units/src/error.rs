//! What can be wrong with a quantity, and how to spell it right.

use std::fmt;

use crate::Symbol;

/// How a quantity is spelled: what was expected, with an example to copy.
///
/// ```
/// use cenote_units::Fee;
/// let error = "30".parse::<Fee>().unwrap_err();
/// assert_eq!(error.expected(), "a fee with its unit");
/// assert_eq!(error.example(), Some(r#""30bp" or "0.3%""#));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Expected {
    what: &'static str,
    example: &'static str,
}

impl Expected {
    pub(crate) const fn new(what: &'static str, example: &'static str) -> Self {
        Self { what, example }
    }

    /// The kind of quantity, with its article: "a fee with its unit".
    pub const fn what(self) -> &'static str {
        self.what
    }

    /// One or more right spellings, in double quotes: `"30bp" or "0.3%"`.
    pub const fn example(self) -> &'static str {
        self.example
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, for example {}", self.what, self.example)
    }
}

/// A quantity that cannot be read, held or combined.
///
/// Every variant carries the offending text; [`UnitError::expected`] and [`UnitError::example`] say what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnitError {
    /// A bare number where a unit is due.
    #[error("{text:?} has no unit: expected {expected}")]
    MissingUnit {
        /// The text as it was written.
        text: String,
        /// The right spelling.
        expected: Expected,
    },
    /// The text does not begin with a decimal number (`nan` and `inf` are not numbers).
    #[error("{text:?} does not begin with a number: expected {expected}")]
    NotANumber {
        /// The text as it was written.
        text: String,
        /// The right spelling.
        expected: Expected,
    },
    /// The number is followed by something that is no unit of this quantity.
    #[error("{unit:?} in {text:?} is not a unit of this quantity: expected {expected}")]
    UnknownUnit {
        /// The text as it was written.
        text: String,
        /// What stands where the unit is due.
        unit: String,
        /// The right spelling.
        expected: Expected,
    },
    /// The value lies outside what this quantity can mean: a negative fee, say.
    #[error("{text:?} is out of range, it must be {limit}: expected {expected}")]
    OutOfRange {
        /// The text or the value.
        text: String,
        /// The range that is allowed: "at least 0 and below 100%".
        limit: &'static str,
        /// The right spelling.
        expected: Expected,
    },
    /// Infinite, or not a number.
    #[error("{text} is not a finite number: expected {expected}")]
    NotFinite {
        /// The value.
        text: String,
        /// The right spelling.
        expected: Expected,
    },
    /// The value is too large for its representation.
    #[error("{text:?} is too large, at most {limit} can be held: expected {expected}")]
    Overflow {
        /// The text or the operation.
        text: String,
        /// The largest value that can be held.
        limit: &'static str,
        /// The right spelling.
        expected: Expected,
    },
    /// The value has digits that its representation would have to drop.
    #[error("{text:?} cannot be held exactly, it must be {limit}: expected {expected}")]
    Inexact {
        /// The text or the operation.
        text: String,
        /// What can be held exactly: "a whole number of nanoseconds".
        limit: &'static str,
        /// The right spelling.
        expected: Expected,
    },
    /// The text is no token symbol.
    #[error("{text:?} is not a token symbol, {reason}: expected {expected}")]
    InvalidSymbol {
        /// The text as it was written.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
        /// The right spelling.
        expected: Expected,
    },
    /// A token with more decimals than are supported.
    #[error("token {symbol} has {decimals} decimals, more than {max}: expected {expected}")]
    TooManyDecimals {
        /// The token.
        symbol: Symbol,
        /// Its decimals.
        decimals: u8,
        /// The largest number of decimals that is supported.
        max: u8,
        /// The right spelling.
        expected: Expected,
    },
    /// An amount finer than the token's smallest unit.
    #[error("{text:?} is finer than the smallest unit of a token with {decimals} decimals: round it first; expected {expected}")]
    FinerThanToken {
        /// The amount.
        text: String,
        /// The decimals of the token.
        decimals: u8,
        /// The right spelling.
        expected: Expected,
    },
    /// Two tokens where one was meant.
    #[error("expected an amount of {expected}, found one of {found}")]
    WrongToken {
        /// The token that was due.
        expected: Symbol,
        /// The token that was given.
        found: Symbol,
    },
    /// A price of a token in itself.
    #[error("{text:?} is the price of {symbol} in itself: expected {expected}")]
    SameToken {
        /// The text of the price.
        text: String,
        /// The token on both sides.
        symbol: Symbol,
        /// The right spelling.
        expected: Expected,
    },
}

impl UnitError {
    /// The offending text.
    pub fn text(&self) -> &str {
        match self {
            Self::MissingUnit { text, .. }
            | Self::NotANumber { text, .. }
            | Self::UnknownUnit { text, .. }
            | Self::OutOfRange { text, .. }
            | Self::NotFinite { text, .. }
            | Self::Overflow { text, .. }
            | Self::Inexact { text, .. }
            | Self::InvalidSymbol { text, .. }
            | Self::FinerThanToken { text, .. }
            | Self::SameToken { text, .. } => text,
            Self::TooManyDecimals { symbol, .. } => symbol.as_str(),
            Self::WrongToken { found, .. } => found.as_str(),
        }
    }

    /// What should stand there: "a fee with its unit", or the symbol of the token that was due.
    pub fn expected(&self) -> &str {
        match self {
            Self::WrongToken { expected, .. } => expected.as_str(),
            other => other.spelling().map_or("", Expected::what),
        }
    }

    /// A right spelling in double quotes (`"30bp" or "0.3%"`); `None` when the spelling was not the fault.
    pub fn example(&self) -> Option<&'static str> {
        self.spelling().map(Expected::example)
    }

    fn spelling(&self) -> Option<Expected> {
        match self {
            Self::MissingUnit { expected, .. }
            | Self::NotANumber { expected, .. }
            | Self::UnknownUnit { expected, .. }
            | Self::OutOfRange { expected, .. }
            | Self::NotFinite { expected, .. }
            | Self::Overflow { expected, .. }
            | Self::Inexact { expected, .. }
            | Self::InvalidSymbol { expected, .. }
            | Self::TooManyDecimals { expected, .. }
            | Self::FinerThanToken { expected, .. }
            | Self::SameToken { expected, .. } => Some(*expected),
            Self::WrongToken { .. } => None,
        }
    }
}
