use cenote_units::{Rate, Volatility};

use super::data::Returns;
use super::estimate::{Estimate, Fit, Parameter, Parameters, Quality, Unit};
use super::goodness::kolmogorov_smirnov;
use super::normal::{cdf, ln_density};
use crate::convert::index_to_f64;
use crate::error::PathError;
use crate::{Drift, Gbm};

/// The parameters of [`Gbm`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GbmParameters {
    /// Drift ν of the log price, per year.
    pub log_drift: Estimate,
    /// Volatility σ, per square root of a year.
    pub volatility: Estimate,
}

/// Geometric Brownian motion: ν̂ = Σ r/Σ h, σ̂² = mean of (r − ν̂ h)²/h, for returns r over times h of any length.
///
/// Standard errors are σ/√(Σ h) and σ/√(2n): more rows make the volatility better known, and the drift not at all.
///
/// # Errors
/// [`PathError::TooFew`] with less than 20 returns.
pub fn fit_gbm(returns: &Returns) -> Result<Fit<GbmParameters>, PathError> {
    returns.enough("gbm", 2)?;
    let years = returns.years();
    let steps = || returns.values().iter().zip(returns.length_of()).map(|(&value, &length)| (value, years[length]));
    let n = index_to_f64(returns.len());
    let span: f64 = steps().map(|(_, h)| h).sum();
    let drift = returns.values().iter().sum::<f64>() / span;
    let variance = steps().map(|(r, h)| (r - drift * h) * (r - drift * h) / h).sum::<f64>() / n;
    let deviation = variance.sqrt();
    let transforms: Vec<f64> = steps().map(|(r, h)| cdf((r - drift * h) / (deviation * h.sqrt()))).collect();
    Ok(Fit {
        parameters: GbmParameters {
            log_drift: Estimate { value: drift, standard_error: deviation / span.sqrt() },
            volatility: Estimate { value: deviation, standard_error: deviation / (2.0 * n).sqrt() },
        },
        quality: Quality {
            observations: returns.len(),
            parameters: 2,
            log_likelihood: steps().map(|(r, h)| ln_density(r, drift * h, variance * h)).sum(),
            goodness: kolmogorov_smirnov(&transforms),
        },
        warnings: Vec::new(),
    })
}

impl GbmParameters {
    /// The process, from a price on.
    ///
    /// # Errors
    /// An initial price that is none.
    pub fn process(&self, initial: f64) -> Result<Gbm, PathError> {
        Gbm::new(initial, log_drift(self.log_drift)?, volatility(self.volatility)?)
    }
}

impl Parameters for GbmParameters {
    fn list(&self) -> Vec<Parameter> {
        vec![
            Parameter { name: "log_drift", unit: Unit::PerYear, estimate: self.log_drift },
            Parameter { name: "volatility", unit: Unit::PerSqrtYear, estimate: self.volatility },
        ]
    }
}

/// An estimate as the drift of a log price.
pub(super) fn log_drift(estimate: Estimate) -> Result<Drift, PathError> {
    let not_finite = |_| PathError::Parameter { name: "log_drift", value: estimate.value, expected: "a finite number per year" };
    Ok(Drift::Log(Rate::from_per_year(estimate.value).map_err(not_finite)?))
}

/// An estimate as a volatility.
pub(super) fn volatility(estimate: Estimate) -> Result<Volatility, PathError> {
    let expected = "a finite number per square root of a year, not negative";
    Volatility::from_per_sqrt_year(estimate.value).map_err(|_| PathError::Parameter {
        name: "volatility",
        value: estimate.value,
        expected,
    })
}
