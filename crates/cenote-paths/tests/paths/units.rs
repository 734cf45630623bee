//! Plain numbers as quantities.

use cenote_units::{Fraction, Frequency, Rate, SimDuration, Volatility};

/// A fraction per year.
pub(crate) fn rate(value: f64) -> Rate {
    Rate::from_per_year(value).unwrap()
}

/// A fraction per square root of a year.
pub(crate) fn volatility(value: f64) -> Volatility {
    Volatility::from_per_sqrt_year(value).unwrap()
}

/// Events per year.
pub(crate) fn frequency(value: f64) -> Frequency {
    Frequency::from_per_year(value).unwrap()
}

pub(crate) fn fraction(value: f64) -> Fraction {
    Fraction::new(value).unwrap()
}

pub(crate) fn duration(text: &str) -> SimDuration {
    text.parse().unwrap()
}
