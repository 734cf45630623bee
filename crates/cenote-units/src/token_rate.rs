//! Flows of a token.

use std::fmt;
use std::str::FromStr;

use crate::amount::to_decimal;
use crate::convert::nearest_f64;
use crate::text::{Spelled, number_and_words, serde_as_text, unknown_unit};
use crate::{Expected, Symbol, TimeUnit, TokenAmount, UnitError};

/// An amount of a token per time: `"4_000 CAKE per day"`. Emissions and volumes are such. A year is 365 days.
///
/// ```
/// use cenote_units::TokenRate;
/// let emission: TokenRate = "4_000 CAKE per day".parse()?;
/// assert_eq!(emission.per_year(), 1_460_000.0);
/// assert_eq!(emission.amount().to_string(), "4000 CAKE");
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenRate {
    amount: TokenAmount,
    per: TimeUnit,
}

impl TokenRate {
    /// `amount` in each `per`.
    pub const fn new(amount: TokenAmount, per: TimeUnit) -> Self {
        Self { amount, per }
    }

    /// The amount in each [`TokenRate::per`].
    pub const fn amount(&self) -> &TokenAmount {
        &self.amount
    }

    /// The unit of time in which [`TokenRate::amount`] flows.
    pub const fn per(&self) -> TimeUnit {
        self.per
    }

    /// The token.
    pub const fn symbol(&self) -> &Symbol {
        self.amount.symbol()
    }

    /// Whole tokens per year of 365 days.
    pub fn per_year(&self) -> f64 {
        let (numerator, denominator) = self.per.per_year();
        self.amount.to_f64() * nearest_f64(numerator) / nearest_f64(denominator)
    }
}

impl Spelled for TokenRate {
    const EXPECTED: Expected = Expected::new("an amount of a token per time", r#""4_000 CAKE per day""#);
}

impl FromStr for TokenRate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, words) = number_and_words(text, Self::EXPECTED)?;
        let wrong_unit = || unknown_unit(text, &words.join(" "), Self::EXPECTED);
        let [symbol, "per", unit] = words[..] else {
            return Err(wrong_unit());
        };
        let per = TimeUnit::named(unit).ok_or_else(wrong_unit)?;
        let amount = TokenAmount::new(to_decimal(&number, text, Self::EXPECTED)?, Symbol::new(symbol)?)?;
        Ok(Self { amount, per })
    }
}

/// As it is written: "4000 CAKE per day".
impl fmt::Display for TokenRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", self.amount, self.per)
    }
}

serde_as_text!(TokenRate);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::{amount, time_unit};

    #[test]
    fn a_year_has_365_days() {
        for (text, per_year) in
            [("1 CAKE per day", 365.0), ("0.5 CAKE per hour", 4_380.0), ("7 CAKE per week", 365.0), ("3 CAKE per y", 3.0)]
        {
            assert_eq!(text.parse::<TokenRate>().unwrap().per_year(), per_year);
        }
    }

    #[test]
    fn wrong_spellings_say_the_right_one() {
        for text in ["4000 CAKE", "4000 per day", "4000 CAKE per", "4000 CAKE per block", "4000CAKE per day"] {
            let error = text.parse::<TokenRate>().unwrap_err();
            assert!(matches!(error, UnitError::UnknownUnit { .. }), "{text}");
            assert_eq!(error.example(), Some(r#""4_000 CAKE per day""#));
        }
        assert!(matches!("4000".parse::<TokenRate>(), Err(UnitError::MissingUnit { .. })));
        assert!(matches!("-1 CAKE per day".parse::<TokenRate>(), Err(UnitError::OutOfRange { .. })));
        assert!(matches!("1e30 CAKE per day".parse::<TokenRate>(), Err(UnitError::Overflow { .. })));
        assert!(matches!("1 A/B per day".parse::<TokenRate>(), Err(UnitError::InvalidSymbol { .. })));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(amount in amount(), per in time_unit()) {
            let rate = TokenRate::new(amount, per);
            prop_assert_eq!(rate.to_string().parse(), Ok(rate));
        }
    }
}
