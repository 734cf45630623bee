//! Lengths of time.

use std::fmt;
use std::str::FromStr;

use crate::convert::nearest_f64;
use crate::number::{Misfit, Number};
use crate::text::{Spelled, number_and_unit, serde_as_text, unknown_unit};
use crate::{Expected, TimeUnit, UnitError};

/// A length of simulated time: a whole number of nanoseconds, up to 584 years.
///
/// Read from a number with a unit (ns, us, ms, s, min, h, d, w, y of 365 days) that is a whole number of nanoseconds; printed
/// in the largest unit up to days that is exact: 365 days are not always a year to everybody.
///
/// ```
/// use cenote_units::SimDuration;
/// let interval: SimDuration = "1.5h".parse()?;
/// assert_eq!(interval.as_nanos(), 5_400_000_000_000);
/// assert_eq!(interval.to_string(), "90min");
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// The longest duration, 2^64 − 1 ns.
    pub const MAX: Self = Self(u64::MAX);
    /// 1 s
    pub const SECOND: Self = Self::one(TimeUnit::Second);
    /// 60 min
    pub const HOUR: Self = Self::one(TimeUnit::Hour);
    /// 24 h
    pub const DAY: Self = Self::one(TimeUnit::Day);
    /// 365 d
    pub const YEAR: Self = Self::one(TimeUnit::Year);

    /// One `unit` of time.
    pub const fn one(unit: TimeUnit) -> Self {
        Self(unit.nanos())
    }

    /// From nanoseconds.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// In nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// In seconds, rounded to the nearest `f64`.
    pub const fn as_seconds(self) -> f64 {
        nearest_f64(self.0) / nearest_f64(TimeUnit::Second.nanos())
    }

    /// In days, rounded to the nearest `f64`.
    pub const fn as_days(self) -> f64 {
        nearest_f64(self.0) / nearest_f64(TimeUnit::Day.nanos())
    }

    /// In years of 365 days, rounded to the nearest `f64`.
    pub const fn as_years(self) -> f64 {
        nearest_f64(self.0) / nearest_f64(TimeUnit::Year.nanos())
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum; `None` beyond [`SimDuration::MAX`].
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// The difference; `None` if `other` is longer.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// `times` as long; `None` beyond [`SimDuration::MAX`].
    pub const fn checked_mul(self, times: u64) -> Option<Self> {
        match self.0.checked_mul(times) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// How many whole `interval`s fit in; `None` if `interval` is zero.
    ///
    /// ```
    /// use cenote_units::SimDuration;
    /// assert_eq!(SimDuration::YEAR.checked_div("12s".parse()?), Some(2_628_000));
    /// # Ok::<(), cenote_units::UnitError>(())
    /// ```
    pub const fn checked_div(self, interval: Self) -> Option<u64> {
        self.0.checked_div(interval.0)
    }
}

/// Nanoseconds of "12s", for durations and for times.
pub(crate) fn parse_nanos(text: &str, expected: Expected) -> Result<u64, UnitError> {
    let (number, unit) = number_and_unit(text, expected)?;
    let unit = TimeUnit::named(unit).ok_or_else(|| unknown_unit(text, unit, expected))?;
    if number.is_negative() {
        return Err(UnitError::OutOfRange { text: text.to_owned(), limit: "at least 0", expected });
    }
    number.whole_units(unit.nanos()).map_err(|misfit| match misfit {
        Misfit::TooLarge => UnitError::Overflow { text: text.to_owned(), limit: "18446744073709551615ns", expected },
        Misfit::TooFine => UnitError::Inexact { text: text.to_owned(), limit: "a whole number of nanoseconds", expected },
    })
}

impl Spelled for SimDuration {
    const EXPECTED: Expected = Expected::new("a duration with its unit", r#""12s", "1h" or "365d""#);
}

impl FromStr for SimDuration {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse_nanos(text, Self::EXPECTED).map(Self)
    }
}

/// In the largest unit up to days that is exact: "90min", "365d".
impl fmt::Display for SimDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = |unit: &TimeUnit| self.0.is_multiple_of(unit.nanos());
        let mut units = TimeUnit::LONGEST_FIRST.into_iter().filter(|&unit| unit <= TimeUnit::Day);
        let unit = if self.is_zero() { TimeUnit::Second } else { units.find(exact).unwrap_or(TimeUnit::Nanosecond) };
        write!(f, "{}{}", Number::from_integer(self.0 / unit.nanos(), 0), unit.symbol())
    }
}

serde_as_text!(SimDuration);

#[cfg(test)]
mod tests;
