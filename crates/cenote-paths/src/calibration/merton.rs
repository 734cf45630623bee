use cenote_units::{Fraction, Frequency, math};

use super::data::{Returns, Scaled};
use super::estimate::{Estimate, Fit, Parameter, Parameters, Quality, Unit, estimates};
use super::gbm::{log_drift, volatility};
use super::goodness::kolmogorov_smirnov;
use super::information::Covariance;
use super::normal::{LN_SQRT_2_PI, cdf};
use super::search::{Axis, maximise};
use crate::convert::index_to_f64;
use crate::error::PathError;
use crate::{Merton, NormalJumps};

/// The parameters of [`Merton`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MertonParameters {
    /// Drift of the log price with its jumps, per year.
    pub log_drift: Estimate,
    /// Volatility between jumps, per square root of a year.
    pub volatility: Estimate,
    /// Jumps per year.
    pub jump_rate: Estimate,
    /// Mean of a log jump.
    pub jump_mean: Estimate,
    /// Standard deviation of a log jump.
    pub jump_deviation: Estimate,
}

/// Jump diffusion: a return over h is a mixture of normals, the one of n jumps with Poisson weight, mean ν h + n m and variance σ² h +
/// n d².
///
/// That likelihood has no upper bound: let the diffusion shrink onto a single return, and explain all others by jumps (Honoré 1998,
/// "Pitfalls in estimating jump-diffusion models"). What is looked for is the highest *inner* maximum: volatility from a
/// tenth of that of the returns, at least one jump expected over the history and at most one in two intervals. Prices on a
/// coarse grid, with many returns of exactly zero, end at one of these bounds; the fit then says so and is of little use.
///
/// # Errors
/// [`PathError::TooFew`] with less than 50 returns.
pub fn fit_merton(returns: &Returns) -> Result<Fit<MertonParameters>, PathError> {
    returns.enough("merton", 5)?;
    let data = returns.scaled();
    let n = index_to_f64(returns.len());
    let fewest = 1.0 / data.steps_in_all(returns.length_of());
    let largest = data.values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    let axes = [
        Axis::new("log_drift", [-100.0, 100.0], 1.0, ["", ""]),
        Axis::new(
            "volatility",
            [math::ln(0.1), math::ln(3.0)],
            0.2,
            ["the diffusion shrinks onto returns near zero: prices on a coarse grid, or no jump diffusion", ""],
        ),
        Axis::new(
            "jumps.rate",
            [math::ln(fewest), math::ln(0.5_f64.max(2.0 * fewest))],
            0.5,
            ["there may be no jumps", "jumps so frequent cannot be told from a diffusion at this interval"],
        ),
        Axis::new("jumps.mean", [-largest, largest], 0.5, ["one return decides", "one return decides"]),
        Axis::new(
            "jumps.deviation",
            [math::ln(0.01), math::ln(3.0 * largest)],
            0.3,
            ["jumps are all alike, or there are none", "one return decides"],
        ),
    ];
    let likelihood = |point: &[f64]| {
        let table = Mixture::new(&PerInterval::at(point, n), &data.steps);
        data.values.iter().zip(returns.length_of()).map(|(&value, &length)| table.ln_density(value, length)).sum::<f64>()
    };
    // Rare and large, frequent and small, in between; all centred.
    let starts = [
        [0.0, math::ln(0.8), math::ln(0.02), 0.0, math::ln(3.0)],
        [0.0, math::ln(0.5), math::ln(0.2), 0.0, math::ln(1.5)],
        [0.0, math::ln(0.9), math::ln(0.003), 0.0, math::ln(5.0)],
    ];
    let maximum = maximise(&likelihood, &axes, &starts.each_ref().map(|start| &start[..]));
    let covariance = Covariance::new(&likelihood, &axes, &maximum);
    let [log_drift, volatility, jump_rate, jump_mean, jump_deviation] = estimates(&maximum.point, &covariance, |point| {
        let PerInterval { drift, deviation, rate, mean, spread } = PerInterval::at(point, n);
        [
            data.drift(drift + rate * mean),
            data.volatility(deviation),
            rate / data.interval,
            mean * data.deviation,
            spread * data.deviation,
        ]
    });
    let table = Mixture::new(&PerInterval::at(&maximum.point, n), &data.steps);
    let transforms: Vec<f64> =
        data.values.iter().zip(returns.length_of()).map(|(&value, &length)| table.cdf(value, length)).collect();
    Ok(Fit {
        parameters: MertonParameters { log_drift, volatility, jump_rate, jump_mean, jump_deviation },
        quality: Quality {
            observations: returns.len(),
            parameters: 5,
            log_likelihood: data.log_likelihood(maximum.value),
            goodness: kolmogorov_smirnov(&transforms),
        },
        warnings: covariance.warnings,
    })
}

/// Parameters per interval, in deviations of returns.
struct PerInterval {
    drift: f64,
    deviation: f64,
    rate: f64,
    mean: f64,
    spread: f64,
}

impl PerInterval {
    /// At a point of the search, on whose first axis the drift is in standard errors of the mean of n returns.
    fn at(point: &[f64], n: f64) -> Self {
        Self {
            drift: point[0] / n.sqrt(),
            deviation: math::exp(point[1]),
            rate: math::exp(point[2]),
            mean: point[3],
            spread: math::exp(point[4]),
        }
    }
}

/// One normal of a mixture.
struct Term {
    /// Logarithm of its weight over √(2π variance).
    ln_scale: f64,
    weight: f64,
    mean: f64,
    variance: f64,
}

/// The mixtures of returns over steps of each length.
struct Mixture(Vec<Vec<Term>>);

impl Mixture {
    fn new(parameters: &PerInterval, steps: &[f64]) -> Self {
        let PerInterval { drift, deviation, rate, mean, spread } = *parameters;
        let terms = |&step: &f64| {
            let expected = rate * step;
            let (mut weight, mut jumps, mut terms) = (math::exp(-expected), 0.0, Vec::new());
            while jumps <= expected || weight > 1e-12 {
                let variance = deviation * deviation * step + jumps * spread * spread;
                let ln_scale = math::ln(weight.max(f64::MIN_POSITIVE)) - LN_SQRT_2_PI - 0.5 * math::ln(variance);
                terms.push(Term { ln_scale, weight, mean: drift * step + jumps * mean, variance });
                jumps += 1.0;
                weight *= expected / jumps;
            }
            terms
        };
        Self(steps.iter().map(terms).collect())
    }

    #[inline]
    fn ln_density(&self, value: f64, length: usize) -> f64 {
        let density: f64 = self.0[length]
            .iter()
            .map(|term| math::exp(term.ln_scale - 0.5 * (value - term.mean) * (value - term.mean) / term.variance))
            .sum();
        math::ln(density.max(f64::MIN_POSITIVE))
    }

    fn cdf(&self, value: f64, length: usize) -> f64 {
        self.0[length].iter().map(|term| term.weight * cdf((value - term.mean) / term.variance.sqrt())).sum()
    }
}

impl Scaled {
    /// The time of all steps, in intervals.
    pub(super) fn steps_in_all(&self, length_of: &[usize]) -> f64 {
        length_of.iter().map(|&length| self.steps[length]).sum()
    }
}

impl MertonParameters {
    /// The process, from a price on.
    ///
    /// # Errors
    /// An initial price that is none; jumps beyond what the process takes.
    pub fn process(&self, initial: f64) -> Result<Merton, PathError> {
        let fraction = |name, value| {
            Fraction::new(value).map_err(|_| PathError::Parameter { name, value, expected: "a finite jump of the log price" })
        };
        let rate = self.jump_rate.value;
        let jumps = NormalJumps {
            rate: Frequency::from_per_year(rate).map_err(|_| PathError::Parameter {
                name: "jumps.rate",
                value: rate,
                expected: "a finite number per year",
            })?,
            mean: fraction("jumps.mean", self.jump_mean.value)?,
            deviation: fraction("jumps.deviation", self.jump_deviation.value)?,
        };
        Merton::new(initial, log_drift(self.log_drift)?, volatility(self.volatility)?, jumps)
    }
}

impl Parameters for MertonParameters {
    fn list(&self) -> Vec<Parameter> {
        vec![
            Parameter { name: "log_drift", unit: Unit::PerYear, estimate: self.log_drift },
            Parameter { name: "volatility", unit: Unit::PerSqrtYear, estimate: self.volatility },
            Parameter { name: "jumps.rate", unit: Unit::EventsPerYear, estimate: self.jump_rate },
            Parameter { name: "jumps.mean", unit: Unit::Fraction, estimate: self.jump_mean },
            Parameter { name: "jumps.deviation", unit: Unit::Fraction, estimate: self.jump_deviation },
        ]
    }
}
