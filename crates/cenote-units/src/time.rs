//! Points in time.

use std::fmt;
use std::str::FromStr;

use crate::duration::parse_nanos;
use crate::text::{Spelled, serde_as_text};
use crate::{Expected, SimDuration, UnitError};

/// A point in simulated time: nanoseconds since the start of the simulation.
///
/// Spelled as the duration since the start.
///
/// ```
/// use cenote_units::{SimDuration, SimTime};
/// let depeg: SimTime = "30d".parse()?;
/// let recovered = depeg.checked_add("6h".parse()?).expect("well within 584 years");
/// assert_eq!(recovered.to_string(), "726h");
/// assert_eq!(recovered.since(depeg), Some("6h".parse()?));
/// assert_eq!(depeg.since(recovered), None);
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(u64);

impl SimTime {
    /// The start.
    pub const ZERO: Self = Self(0);
    /// The last point in time: 2^64 − 1 ns after the start. "Never", where a due time is asked for.
    pub const MAX: Self = Self(u64::MAX);

    /// From nanoseconds since the start.
    pub const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Years of 365 days since the start, rounded to the nearest `f64`.
    pub const fn as_years(self) -> f64 {
        self.since_start().as_years()
    }

    /// The time passed since the start.
    pub const fn since_start(self) -> SimDuration {
        SimDuration::from_nanos(self.0)
    }

    /// The time passed since `earlier`; `None` if that is later.
    pub const fn since(self, earlier: Self) -> Option<SimDuration> {
        match self.0.checked_sub(earlier.0) {
            Some(nanos) => Some(SimDuration::from_nanos(nanos)),
            None => None,
        }
    }

    /// `duration` later; `None` beyond [`SimTime::MAX`].
    pub const fn checked_add(self, duration: SimDuration) -> Option<Self> {
        match self.0.checked_add(duration.as_nanos()) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }

    /// `duration` earlier; `None` before the start.
    pub const fn checked_sub(self, duration: SimDuration) -> Option<Self> {
        match self.0.checked_sub(duration.as_nanos()) {
            Some(nanos) => Some(Self(nanos)),
            None => None,
        }
    }
}

impl Spelled for SimTime {
    const EXPECTED: Expected = Expected::new("a time since the start with its unit", r#""30d" or "90min""#);
}

impl FromStr for SimTime {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        parse_nanos(text, Self::EXPECTED).map(Self)
    }
}

/// The duration since the start, in the largest unit that is exact.
impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.since_start().fmt(f)
    }
}

serde_as_text!(SimTime);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_bare_number_is_told_the_spelling_of_a_time() {
        let error = "30".parse::<SimTime>().unwrap_err();
        assert_eq!(
            error.to_string(),
            r#""30" has no unit: expected a time since the start with its unit, for example "30d" or "90min""#
        );
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(nanos: u64) {
            let time = SimTime::from_nanos(nanos);
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }

        #[test]
        fn adding_and_measuring_are_inverse_and_checked(start: u64, length: u64) {
            let (start, length) = (SimTime::from_nanos(start), SimDuration::from_nanos(length));
            match start.checked_add(length) {
                Some(end) => {
                    prop_assert_eq!(end.since(start), Some(length));
                    prop_assert_eq!(end.checked_sub(length), Some(start));
                }
                None => prop_assert!(start.as_nanos() > u64::MAX - length.as_nanos()),
            }
        }
    }
}
