//! Names of tokens.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::text::{Spelled, serde_as_text};
use crate::{Expected, UnitError};

/// The symbol of a token: "USDC", "USDC.e", "UNI-V2", "1INCH". Cheap to clone.
///
/// At most 32 characters, each a letter or digit of any script or one of `. - _ + $ ₮`, at least one of them a letter;
/// the word "per" is taken by prices. Case matters: "ETH" is not "eth".
///
/// ```
/// use cenote_units::Symbol;
/// let symbol: Symbol = "USDC".parse()?;
/// assert_eq!(symbol, "USDC");
/// assert!("US DC".parse::<Symbol>().is_err());
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol(Arc<str>);

const MAX_CHARACTERS: usize = 32;

impl Symbol {
    /// Check and take a symbol.
    ///
    /// # Errors
    /// [`UnitError::InvalidSymbol`]
    pub fn new(symbol: &str) -> Result<Self, UnitError> {
        let invalid = |reason| UnitError::InvalidSymbol { text: symbol.to_owned(), reason, expected: Self::EXPECTED };
        if symbol.is_empty() {
            return Err(invalid("it is empty"));
        }
        if symbol.chars().count() > MAX_CHARACTERS {
            return Err(invalid("it is longer than 32 characters"));
        }
        if !symbol.chars().all(|c| c.is_alphanumeric() || ".-_+$₮".contains(c)) {
            return Err(invalid("only letters, digits and . - _ + $ ₮ may stand in one"));
        }
        if !symbol.chars().any(char::is_alphabetic) {
            return Err(invalid("it has no letter"));
        }
        if symbol == "per" {
            return Err(invalid("\"per\" belongs to prices and rates"));
        }
        Ok(Self(symbol.into()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Spelled for Symbol {
    const EXPECTED: Expected = Expected::new("a token symbol", r#""USDC""#);
}

impl FromStr for Symbol {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        Self::new(text)
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// As the text alone: errors and maps of symbols stay readable.
impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl AsRef<str> for Symbol {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Maps keyed by symbol can be asked by text.
impl Borrow<str> for Symbol {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Symbol {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for Symbol {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

serde_as_text!(Symbol);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn symbols_of_the_world_are_taken() {
        for text in ["ETH", "USDC.e", "UNI-V2", "1INCH", "USD₮0", "$WIF", "BTC+", "aEthUSDC", "50WETH-50USDC", "円"] {
            assert_eq!(text.parse::<Symbol>().unwrap(), text);
        }
    }

    #[test]
    fn what_would_be_ambiguous_is_refused() {
        let long = "A".repeat(33);
        for text in ["", " ", "A B", "A,B", "A/B", "\"A\"", "per", "10", "10_000", "...", "A\n", long.as_str()] {
            assert!(matches!(text.parse::<Symbol>(), Err(UnitError::InvalidSymbol { .. })), "{text}");
        }
    }

    #[test]
    fn maps_are_asked_by_text() {
        let map = BTreeMap::from([(Symbol::new("ETH").unwrap(), 1)]);
        assert_eq!(map.get("ETH"), Some(&1));
    }

    proptest! {
        #[test]
        fn what_is_taken_prints_as_it_was(text in ".{0,40}") {
            if let Ok(symbol) = text.parse::<Symbol>() {
                prop_assert_eq!(symbol.to_string(), text);
            }
        }
    }
}
