//! Continuous rates: growth, drift, yield, hazard.

use std::fmt;
use std::str::FromStr;

use crate::convert::nearest_f64;
use crate::number::Number;
use crate::text::{self, Spelled, ratio_and_words, serde_as_text, unknown_unit};
use crate::{Expected, TimeUnit, UnitError};

/// A fraction per time, of either sign: "5%" (per year), "0.1% per day", "-40%". A year is 365 days.
///
/// Rates scale linearly with time: "0.1% per day" is 36.5% per year, without compounding.
///
/// ```
/// use cenote_units::Rate;
/// let drift: Rate = "0.1% per day".parse()?;
/// assert_eq!(drift.per_year(), 0.365);
/// assert_eq!(drift.to_string(), "36.5% per year");
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Rate(f64);

impl Rate {
    /// 0% per year
    pub const ZERO: Self = Self(0.0);

    /// From a fraction per year: 0.05 is 5% per year.
    ///
    /// # Errors
    /// [`UnitError::NotFinite`]
    pub fn from_per_year(fraction: f64) -> Result<Self, UnitError> {
        text::finite(fraction, Self::EXPECTED).map(Self)
    }

    /// Fraction per year of 365 days.
    pub const fn per_year(self) -> f64 {
        self.0
    }

    /// Fraction per day.
    pub const fn per_day(self) -> f64 {
        self.0 / 365.0
    }
}

impl Spelled for Rate {
    const EXPECTED: Expected = Expected::new("a rate with its unit", r#""5%" (per year) or "0.1% per day""#);
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, words) = ratio_and_words(text, Self::EXPECTED)?;
        let unit = match words[..] {
            [] => Some(TimeUnit::Year),
            ["per", unit] => TimeUnit::named(unit),
            _ => None,
        };
        let unit = unit.ok_or_else(|| unknown_unit(text, &words.join(" "), Self::EXPECTED))?;
        yearly(&number, unit, text, Self::EXPECTED).map(Self)
    }
}

/// `number` per `unit`, as the nearest `f64` per year (per week: one more rounding, for the division by 7).
pub(crate) fn yearly(number: &Number, unit: TimeUnit, text: &str, expected: Expected) -> Result<f64, UnitError> {
    let (numerator, denominator) = unit.per_year();
    Ok(text::to_f64(&number.times(numerator), text, expected)? / nearest_f64(denominator))
}

/// In percent per year: "5% per year".
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}% per year", Number::from_f64(self.0).shifted(2))
    }
}

serde_as_text!(Rate);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::{finite, same_bits};

    #[test]
    fn every_unit_of_time_becomes_years() {
        for (text, per_year) in [
            ("5%", 0.05),
            ("5% per year", 0.05),
            ("-40%", -0.4),
            ("0.1% per day", 0.365),
            ("1bp per h", 0.876),
            ("7% per week", 3.65),
            ("1e-7% per second", 0.031_536),
        ] {
            same_bits(text.parse::<Rate>().unwrap().per_year(), per_year);
        }
    }

    #[test]
    fn wrong_spellings_say_the_right_one() {
        let error = "5".parse::<Rate>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#""5" has no unit: expected a rate with its unit, for example "5%" (per year) or "0.1% per day""#
        );
        for (text, wrong) in
            [("5% per sqrt day", "per sqrt day"), ("5% per month", "per month"), ("5% per", "per"), ("5 per day", "per day")]
        {
            assert!(matches!(text.parse::<Rate>(), Err(UnitError::UnknownUnit { unit, .. }) if unit == wrong), "{text}");
        }
        assert!(matches!("inf%".parse::<Rate>(), Err(UnitError::NotANumber { .. })));
        assert!(matches!("1e308% per ns".parse::<Rate>(), Err(UnitError::Overflow { .. })));
        assert!(matches!(Rate::from_per_year(f64::NAN), Err(UnitError::NotFinite { .. })));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_to_the_bit(x in finite()) {
            let rate = Rate::from_per_year(x).unwrap();
            same_bits(rate.to_string().parse::<Rate>().unwrap().per_year(), rate.per_year());
        }
    }
}
