//! The checks that parameters of processes share.

use crate::error::PathError;

/// `value`, if it is what it has to be.
pub(crate) fn check(name: &'static str, value: f64, allowed: bool, expected: &'static str) -> Result<f64, PathError> {
    if allowed {
        return Ok(value);
    }
    Err(PathError::Parameter { name, value, expected })
}

/// A finite number per year.
pub(crate) fn check_drift(name: &'static str, value: f64) -> Result<f64, PathError> {
    check(name, value, value.is_finite(), "a finite number per year")
}

/// A volatility per square root of a year; zero is allowed.
pub(crate) fn check_volatility(value: f64) -> Result<f64, PathError> {
    let allowed = value.is_finite() && value >= 0.0;
    check("volatility", value, allowed, "a finite number per square root of a year, not negative")
}

/// The fastest jumps: their number within any step can still be counted.
pub(crate) const LARGEST_RATE: f64 = 1e6;

/// Expected jumps per year.
pub(crate) fn check_rate(name: &'static str, value: f64) -> Result<f64, PathError> {
    let allowed = (0.0..=LARGEST_RATE).contains(&value);
    check(name, value, allowed, "from 0 to 1,000,000 jumps per year: faster ones are a diffusion")
}

/// More jumps than anybody meets over so many years, at this rate: ten standard deviations and ten jumps.
pub(crate) fn most_jumps(rate: f64, years: f64) -> f64 {
    let mean = rate * years;
    mean + 10.0 * mean.sqrt() + 10.0
}
