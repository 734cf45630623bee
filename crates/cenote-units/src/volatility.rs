//! Standard deviations of log returns, per square root of time.

use std::fmt;
use std::str::FromStr;

use crate::convert::nearest_f64;
use crate::number::Number;
use crate::shortest::shortest;
use crate::text::{self, Spelled, at_least_zero, ratio_and_words, serde_as_text, unknown_unit};
use crate::{Expected, SimDuration, TimeUnit, UnitError};

/// Volatility of log returns, finite and not negative: "80%" (per square root of a year of 365 days), "5% per sqrt day".
///
/// ```
/// use cenote_units::Volatility;
/// let volatility: Volatility = "5% per sqrt day".parse()?;
/// assert_eq!(volatility.per_sqrt_year(), 0.05 * 365_f64.sqrt());
/// assert_eq!(volatility.to_string(), "5% per sqrt day");
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Volatility(f64);

impl Volatility {
    /// No movement
    pub const ZERO: Self = Self(0.0);

    /// From a fraction per square root of a year: 0.8 is 80%.
    ///
    /// # Errors
    /// [`UnitError::NotFinite`], [`UnitError::OutOfRange`] below zero.
    pub fn from_per_sqrt_year(fraction: f64) -> Result<Self, UnitError> {
        text::finite_at_least_zero(fraction, Self::EXPECTED).map(Self)
    }

    /// Fraction per square root of a year of 365 days.
    pub const fn per_sqrt_year(self) -> f64 {
        self.0
    }

    /// Fraction per square root of a day.
    pub fn per_sqrt_day(self) -> f64 {
        self.0 / 365_f64.sqrt()
    }

    /// Standard deviation over `duration`: volatility × √duration.
    pub fn over(self, duration: SimDuration) -> f64 {
        self.0 * duration.as_years().sqrt()
    }
}

impl Spelled for Volatility {
    const EXPECTED: Expected = Expected::new("a volatility with its unit", r#""80%" (per sqrt year) or "5% per sqrt day""#);
}

impl FromStr for Volatility {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, words) = ratio_and_words(text, Self::EXPECTED)?;
        let unit = match words[..] {
            [] => Some(TimeUnit::Year),
            ["per", "sqrt", unit] => TimeUnit::named(unit),
            _ => None,
        };
        let unit = unit.ok_or_else(|| unknown_unit(text, &words.join(" "), Self::EXPECTED))?;
        let number = at_least_zero(number, text, Self::EXPECTED)?;
        read(&number, unit, text).map(Self)
    }
}

fn read(number: &Number, unit: TimeUnit, text: &str) -> Result<f64, UnitError> {
    let per_sqrt_year = text::to_f64(number, text, Volatility::EXPECTED)? * sqrt_units_per_year(unit);
    if per_sqrt_year.is_finite() {
        Ok(per_sqrt_year)
    } else {
        Err(UnitError::Overflow { text: text.to_owned(), limit: "1.8e308 per sqrt year", expected: Volatility::EXPECTED })
    }
}

fn sqrt_units_per_year(unit: TimeUnit) -> f64 {
    let (numerator, denominator) = unit.per_year();
    (nearest_f64(numerator) / nearest_f64(denominator)).sqrt()
}

/// Per the unit that is shortest to write; "80%" stands for per sqrt year.
impl fmt::Display for Volatility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_unit = |per_sqrt_year: f64, unit| per_sqrt_year / sqrt_units_per_year(unit);
        let (number, unit) = shortest(self.0, 2, in_unit, |number, unit| read(number, unit, "").ok());
        write!(f, "{number}% per sqrt {unit}")
    }
}

serde_as_text!(Volatility);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::{not_negative, same_bits};

    #[test]
    fn every_unit_of_time_becomes_square_roots_of_years() {
        for (text, per_sqrt_year) in [
            ("80%", 0.8),
            ("80% per sqrt year", 0.8),
            ("5% per sqrt day", 0.05 * 365_f64.sqrt()),
            ("1% per sqrt hour", 0.01 * 8760_f64.sqrt()),
            ("0%", 0.0),
        ] {
            same_bits(text.parse::<Volatility>().unwrap().per_sqrt_year(), per_sqrt_year);
        }
    }

    #[test]
    fn prints_what_a_person_would_write() {
        for text in ["80% per sqrt year", "5% per sqrt day", "0.3% per sqrt hour", "0% per sqrt year", "12.75% per sqrt week"] {
            assert_eq!(text.parse::<Volatility>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn scales_with_the_square_root_of_time() {
        let volatility: Volatility = "80%".parse().unwrap();
        same_bits(volatility.over("365d".parse().unwrap()), 0.8);
        assert!((volatility.over("1d".parse().unwrap()) - volatility.per_sqrt_day()).abs() < 1e-17);
    }

    #[test]
    fn wrong_spellings_say_the_right_one() {
        let error = "0.8".parse::<Volatility>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#""0.8" has no unit: expected a volatility with its unit, for example "80%" (per sqrt year) or "5% per sqrt day""#
        );
        for (text, wrong) in [
            ("5% per day", "per day"),
            ("80% per year", "per year"),
            ("5% per sqrt", "per sqrt"),
            ("5 per sqrt day", "per sqrt day"),
        ] {
            assert!(matches!(text.parse::<Volatility>(), Err(UnitError::UnknownUnit { unit, .. }) if unit == wrong), "{text}");
        }
        assert!(matches!("-80%".parse::<Volatility>(), Err(UnitError::OutOfRange { .. })));
        assert!(matches!("nan%".parse::<Volatility>(), Err(UnitError::NotANumber { .. })));
        assert!(matches!("1e310% per sqrt ns".parse::<Volatility>(), Err(UnitError::Overflow { .. })));
        assert!(matches!(Volatility::from_per_sqrt_year(-0.1), Err(UnitError::OutOfRange { .. })));
        assert!(matches!(Volatility::from_per_sqrt_year(f64::NAN), Err(UnitError::NotFinite { .. })));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_to_the_bit(x in not_negative()) {
            let volatility = Volatility::from_per_sqrt_year(x).unwrap();
            same_bits(volatility.to_string().parse::<Volatility>().unwrap().per_sqrt_year(), volatility.per_sqrt_year());
        }

        #[test]
        fn what_was_written_with_few_digits_is_printed_with_few(hundredths in 0_u32..100_000, unit in 0_usize..6) {
            let written = format!("{hundredths}e-2% per sqrt {}", TimeUnit::LONGEST_FIRST[unit]);
            let volatility: Volatility = written.parse().unwrap();
            prop_assert!(volatility.to_string().split('%').next().unwrap().len() <= 7, "{} became {}", written, volatility);
        }
    }
}
