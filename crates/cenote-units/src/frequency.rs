//! How often something happens.

use std::fmt;
use std::str::FromStr;

use crate::convert::nearest_f64;
use crate::rate::yearly;
use crate::shortest::shortest;
use crate::text::{self, Spelled, at_least_zero, number_and_words, serde_as_text, unknown_unit};
use crate::{Expected, SimDuration, TimeUnit, UnitError};

/// Expected events per time, finite and not negative: "150 per day", "0.2 per year". A year is 365 days.
///
/// ```
/// use cenote_units::Frequency;
/// let arrivals: Frequency = "150 per day".parse()?;
/// assert_eq!(arrivals.per_year(), 54_750.0);
/// assert_eq!(arrivals.expected_in("1h".parse()?), 6.25);
/// assert_eq!(arrivals.to_string(), "150 per day");
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Frequency(f64);

impl Frequency {
    /// Never
    pub const ZERO: Self = Self(0.0);

    /// From events per year.
    ///
    /// # Errors
    /// [`UnitError::NotFinite`], [`UnitError::OutOfRange`] below zero.
    pub fn from_per_year(events: f64) -> Result<Self, UnitError> {
        text::finite_at_least_zero(events, Self::EXPECTED).map(Self)
    }

    /// Events per year of 365 days.
    pub const fn per_year(self) -> f64 {
        self.0
    }

    /// Events per day.
    pub const fn per_day(self) -> f64 {
        self.0 / 365.0
    }

    /// Expected number of events in `duration`.
    pub const fn expected_in(self, duration: SimDuration) -> f64 {
        self.0 * duration.as_years()
    }
}

impl Spelled for Frequency {
    const EXPECTED: Expected = Expected::new("a number of events per time", r#""150 per day" or "0.2 per year""#);
}

impl FromStr for Frequency {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, words) = number_and_words(text, Self::EXPECTED)?;
        let unit = match words[..] {
            ["per", unit] => TimeUnit::named(unit),
            _ => None,
        };
        let unit = unit.ok_or_else(|| unknown_unit(text, &words.join(" "), Self::EXPECTED))?;
        let number = at_least_zero(number, text, Self::EXPECTED)?;
        yearly(&number, unit, text, Self::EXPECTED).map(Self)
    }
}

/// Per the unit that is shortest to write: "150 per day".
impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let in_unit = |per_year: f64, unit: TimeUnit| {
            let (numerator, denominator) = unit.per_year();
            per_year * nearest_f64(denominator) / nearest_f64(numerator)
        };
        let (number, unit) = shortest(self.0, 0, in_unit, |number, unit| yearly(number, unit, "", Self::EXPECTED).ok());
        write!(f, "{number} per {unit}")
    }
}

serde_as_text!(Frequency);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::{not_negative, same_bits};

    #[test]
    fn every_unit_of_time_becomes_years() {
        for (text, per_year) in [
            ("150 per day", 54_750.0),
            ("40 per hour", 350_400.0),
            ("0.2 per year", 0.2),
            ("14 per week", 730.0),
            ("0 per s", 0.0),
            ("1_000 per d", 365_000.0),
        ] {
            same_bits(text.parse::<Frequency>().unwrap().per_year(), per_year);
        }
    }

    #[test]
    fn prints_what_a_person_would_write() {
        for text in [
            "150 per day",
            "40 per hour",
            "0.2 per year",
            "6 per year",
            "0.7123 per day",
            "0 per year",
            "5 per second",
            "1 per week",
        ] {
            assert_eq!(text.parse::<Frequency>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn wrong_spellings_say_the_right_one() {
        let error = "150".parse::<Frequency>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#""150" has no unit: expected a number of events per time, for example "150 per day" or "0.2 per year""#
        );
        for text in ["150 per", "150 day", "150 per fortnight", "150% per day", "150 a day", "150per day"] {
            assert!(matches!(text.parse::<Frequency>(), Err(UnitError::UnknownUnit { .. })), "{text}");
        }
        assert!(matches!("-1 per day".parse::<Frequency>(), Err(UnitError::OutOfRange { .. })));
        assert!(matches!("1e308 per ns".parse::<Frequency>(), Err(UnitError::Overflow { .. })));
        assert!(matches!(Frequency::from_per_year(-1.0), Err(UnitError::OutOfRange { .. })));
        assert!(matches!(Frequency::from_per_year(f64::INFINITY), Err(UnitError::NotFinite { .. })));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_to_the_bit(x in not_negative()) {
            let frequency = Frequency::from_per_year(x).unwrap();
            same_bits(frequency.to_string().parse::<Frequency>().unwrap().per_year(), frequency.per_year());
        }

        #[test]
        fn what_was_written_with_few_digits_is_not_printed_longer(count in 0_u32..1_000_000, places in 0_i32..4, unit in 0_usize..9) {
            let written = format!("{}e-{places} per {}", count, TimeUnit::LONGEST_FIRST[unit]);
            let frequency: Frequency = written.parse().unwrap();
            let printed = frequency.to_string();
            same_bits(printed.parse::<Frequency>().unwrap().per_year(), frequency.per_year());
            let number = printed.split(' ').next().unwrap();
            prop_assert!(number.len() <= 12, "{} became {}", written, printed);
        }
    }
}
