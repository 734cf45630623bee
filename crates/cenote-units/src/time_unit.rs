//! Units of time, from the nanosecond to the year of 365 days.

use std::fmt;
use std::str::FromStr;

use crate::text::{Spelled, serde_as_text, unknown_unit};
use crate::{Expected, UnitError};

/// A unit of time. A year is 365 days; there are no months.
///
/// ```
/// use cenote_units::TimeUnit;
/// assert_eq!("h".parse::<TimeUnit>()?, TimeUnit::Hour);
/// assert_eq!(TimeUnit::Hour.nanos(), 3_600_000_000_000);
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeUnit {
    /// `ns`
    Nanosecond,
    /// `us`, 1000 ns
    Microsecond,
    /// `ms`, 1000 us
    Millisecond,
    /// `s`, 1000 ms
    Second,
    /// `min`, 60 s
    Minute,
    /// `h`, 60 min
    Hour,
    /// `d`, 24 h
    Day,
    /// `w`, 7 d
    Week,
    /// `y`, 365 d
    Year,
}

impl TimeUnit {
    /// All units, the longest first.
    pub const LONGEST_FIRST: [Self; 9] = [
        Self::Year,
        Self::Week,
        Self::Day,
        Self::Hour,
        Self::Minute,
        Self::Second,
        Self::Millisecond,
        Self::Microsecond,
        Self::Nanosecond,
    ];

    /// Length in nanoseconds.
    pub const fn nanos(self) -> u64 {
        match self {
            Self::Nanosecond => 1,
            Self::Microsecond => 1_000,
            Self::Millisecond => 1_000_000,
            Self::Second => 1_000_000_000,
            Self::Minute => 60_000_000_000,
            Self::Hour => 3_600_000_000_000,
            Self::Day => 86_400_000_000_000,
            Self::Week => 604_800_000_000_000,
            Self::Year => 31_536_000_000_000_000,
        }
    }

    /// The short spelling, as behind a number: "h".
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Nanosecond => "ns",
            Self::Microsecond => "us",
            Self::Millisecond => "ms",
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
            Self::Year => "y",
        }
    }

    /// The word, as behind "per": "hour".
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nanosecond => "nanosecond",
            Self::Microsecond => "microsecond",
            Self::Millisecond => "millisecond",
            Self::Second => "second",
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Year => "year",
        }
    }

    /// How many of this unit a year has, as (numerator, denominator): whole for every unit but the week, 365/7.
    pub(crate) const fn per_year(self) -> (u64, u64) {
        match self {
            Self::Week => (365, 7),
            unit => (Self::Year.nanos() / unit.nanos(), 1),
        }
    }

    /// The unit that is spelled `name`: its symbol, its word, or its word in the plural.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::LONGEST_FIRST.into_iter().find(|unit| name == unit.symbol() || name.strip_suffix('s').unwrap_or(name) == unit.word())
    }
}

impl Spelled for TimeUnit {
    const EXPECTED: Expected = Expected::new("a unit of time", r#""ns", "us", "ms", "s", "min", "h", "d", "w" or "y""#);
}

impl FromStr for TimeUnit {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        Self::named(text.trim()).ok_or_else(|| unknown_unit(text, text, Self::EXPECTED))
    }
}

/// The word: "hour".
impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

serde_as_text!(TimeUnit);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_back() {
        for unit in TimeUnit::LONGEST_FIRST {
            for text in [unit.symbol().to_owned(), unit.to_string(), format!("{unit}s")] {
                assert_eq!(text.parse(), Ok(unit), "{text}");
            }
        }
    }

    #[test]
    fn a_month_is_no_unit() {
        for text in ["month", "m", "", "S", "secondss"] {
            assert!(matches!(text.parse::<TimeUnit>(), Err(UnitError::UnknownUnit { .. })), "{text}");
        }
    }

    #[test]
    fn a_year_has_whole_numbers_of_all_units_but_the_week() {
        for unit in TimeUnit::LONGEST_FIRST {
            let (numerator, denominator) = unit.per_year();
            assert_eq!(unit.nanos() * numerator, TimeUnit::Year.nanos() * denominator, "{unit}");
        }
    }
}
