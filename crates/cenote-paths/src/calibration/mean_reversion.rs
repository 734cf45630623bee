use cenote_units::{SimDuration, math};

use super::data::Returns;
use super::estimate::{Estimate, Fit, Parameter, Parameters, Quality, Unit, Warning, estimates};
use super::gbm::volatility;
use super::goodness::kolmogorov_smirnov;
use super::information::Covariance;
use super::normal::{cdf, ln_density};
use super::search::{Axis, maximise};
use crate::convert::{index_to_f64, nanos};
use crate::error::PathError;
use crate::{ExpOu, Ou};

/// The parameters of [`ExpOu`], or of an [`Ou`] price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanReversionParameters {
    /// What the price goes back to.
    pub mean: Estimate,
    /// In which half of the way is gone, in years.
    pub half_life: Estimate,
    /// Volatility per square root of a year: of the log price, or in fractions of the mean.
    pub volatility: Estimate,
}

/// A price that goes back to a mean: X(t + h) normal of mean θ + (X(t) − θ) e^(−κh) and variance σ² (1 − e^(−2κh))/(2κ), for times
/// h of any length.
///
/// κ is overestimated in short histories, by about 4/(their length): half-lives come out too short unless many of them fit in.
/// Without mean reversion the half-life ends at its bound, ten times the history.
///
/// # Errors
/// [`PathError::TooFew`] with less than 30 returns.
pub fn fit_ou(returns: &Returns) -> Result<Fit<MeanReversionParameters>, PathError> {
    returns.enough("ou", 3)?;
    let prices = returns.prices();
    let mut fit = fit(returns, prices, 0.0, |mean, volatility| [mean, volatility / mean]);
    // A density of prices, as one of log prices.
    fit.quality.log_likelihood += prices[1..].iter().map(|price| math::ln(*price)).sum::<f64>();
    if fit.parameters.ou(returns.last_price())?.lowest() <= 0.0 {
        fit.warnings.push(Warning::Negative);
    }
    Ok(fit)
}

/// The same for the log price: ln S goes back to the logarithm of the mean.
///
/// # Errors
/// As [`fit_ou`].
pub fn fit_exp_ou(returns: &Returns) -> Result<Fit<MeanReversionParameters>, PathError> {
    returns.enough("exp-ou", 3)?;
    let logs: Vec<f64> = returns.prices().iter().map(|price| math::ln(*price)).collect();
    Ok(fit(returns, &logs, f64::NEG_INFINITY, |mean, volatility| [math::exp(mean), volatility]))
}

/// The mean is above `lowest`; `report` makes the mean and the volatility that are reported from those of the values.
fn fit(returns: &Returns, values: &[f64], lowest: f64, report: impl Fn(f64, f64) -> [f64; 2]) -> Fit<MeanReversionParameters> {
    let years = returns.years();
    let n = index_to_f64(returns.len());
    // In units of the deviation of the values, from their average.
    let centre = values.iter().sum::<f64>() / index_to_f64(values.len());
    let unit = (values.iter().map(|x| (x - centre) * (x - centre)).sum::<f64>() / index_to_f64(values.len())).sqrt();
    let scaled: Vec<f64> = values.iter().map(|x| (x - centre) / unit).collect();
    let lengths = returns.length_of();
    let span = returns.span().as_years();
    let interval = returns.interval().as_years();
    let axes = [
        Axis::new(
            "mean",
            [f64::max(-20.0, 0.999 * (lowest - centre) / unit), 20.0],
            0.3,
            ["far below all prices: there may be no mean", "far above all prices: there may be no mean"],
        ),
        Axis::new(
            "half_life",
            [math::ln(0.05 * interval), math::ln(10.0 * span)],
            0.5,
            ["shorter than rows are apart", "no mean reversion in this history"],
        ),
        Axis::new("volatility", [-50.0, 50.0], 0.2, ["", ""]),
    ];
    let speed = |point: &[f64]| std::f64::consts::LN_2 / math::exp(point[1]);
    let likelihood = |point: &[f64]| {
        let transitions = Transitions::new(speed(point), math::exp(point[2]), &years);
        scaled.windows(2).zip(lengths).map(|(pair, &length)| transitions.ln_density(pair, point[0], length)).sum::<f64>()
    };
    // For each half-life of a grid, the likeliest mean and volatility in closed form.
    let mut starts = Vec::new();
    let mut half_life = axes[1].low + 0.1;
    while half_life < axes[1].high {
        let transitions = Transitions::new(std::f64::consts::LN_2 / math::exp(half_life), 1.0, &years);
        let (mut weights, mut sum) = (0.0, 0.0);
        for (pair, &length) in scaled.windows(2).zip(lengths) {
            let (kept, variance) = transitions.0[length];
            weights += (1.0 - kept) * (1.0 - kept) / variance;
            sum += (1.0 - kept) * (pair[1] - kept * pair[0]) / variance;
        }
        let mean = (sum / weights).clamp(axes[0].low, axes[0].high);
        let squares: f64 = scaled
            .windows(2)
            .zip(lengths)
            .map(|(pair, &length)| {
                let (kept, variance) = transitions.0[length];
                let surprise = pair[1] - mean - (pair[0] - mean) * kept;
                surprise * surprise / variance
            })
            .sum();
        let start = vec![mean, half_life, 0.5 * math::ln((squares / n).max(1e-30))];
        starts.push((likelihood(&start), start));
        half_life += 0.5;
    }
    starts.sort_by(|a, b| b.0.total_cmp(&a.0));
    let best: Vec<&[f64]> = starts.iter().take(2).map(|(_, start)| &start[..]).collect();
    let maximum = maximise(&likelihood, &axes, &best);
    let covariance = Covariance::new(&likelihood, &axes, &maximum);
    let [mean, volatility, half_life] = estimates(&maximum.point, &covariance, |point| {
        let [mean, volatility] = report(centre + unit * point[0], unit * math::exp(point[2]));
        [mean, volatility, math::exp(point[1])]
    });
    let transitions = Transitions::new(speed(&maximum.point), math::exp(maximum.point[2]), &years);
    let transforms: Vec<f64> =
        scaled.windows(2).zip(lengths).map(|(pair, &length)| transitions.cdf(pair, maximum.point[0], length)).collect();
    Fit {
        parameters: MeanReversionParameters { mean, half_life, volatility },
        quality: Quality {
            observations: returns.len(),
            parameters: 3,
            log_likelihood: maximum.value - n * math::ln(unit),
            goodness: kolmogorov_smirnov(&transforms),
        },
        warnings: covariance.warnings,
    }
}

/// What is kept of a deviation over a step of each length, and the variance of what comes in.
struct Transitions(Vec<(f64, f64)>);

impl Transitions {
    fn new(speed: f64, deviation: f64, years: &[f64]) -> Self {
        let of = |&h: &f64| (math::exp(-speed * h), -deviation * deviation * math::exp_m1(-2.0 * speed * h) / (2.0 * speed));
        Self(years.iter().map(of).collect())
    }

    #[inline]
    fn ln_density(&self, pair: &[f64], mean: f64, length: usize) -> f64 {
        let (kept, variance) = self.0[length];
        ln_density(pair[1], mean + (pair[0] - mean) * kept, variance)
    }

    fn cdf(&self, pair: &[f64], mean: f64, length: usize) -> f64 {
        let (kept, variance) = self.0[length];
        cdf((pair[1] - mean - (pair[0] - mean) * kept) / variance.sqrt())
    }
}

impl MeanReversionParameters {
    /// The half-life as a length of time.
    pub fn half_life(&self) -> SimDuration {
        SimDuration::from_nanos(nanos(self.half_life.value / SimDuration::from_nanos(1).as_years()))
    }

    /// A price whose logarithm goes back, from a price on.
    ///
    /// # Errors
    /// A price or a mean that is none.
    pub fn exp_ou(&self, initial: f64) -> Result<ExpOu, PathError> {
        ExpOu::new(initial, self.mean.value, self.half_life(), volatility(self.volatility)?)
    }

    /// A price that itself goes back, from a price on.
    ///
    /// # Errors
    /// A price or a mean that is not finite.
    pub fn ou(&self, initial: f64) -> Result<Ou, PathError> {
        let Estimate { value, standard_error } = self.volatility;
        let absolute = Estimate { value: value * self.mean.value, standard_error };
        Ou::new(initial, self.mean.value, self.half_life(), volatility(absolute)?)
    }
}

impl Parameters for MeanReversionParameters {
    fn list(&self) -> Vec<Parameter> {
        vec![
            Parameter { name: "mean", unit: Unit::Price, estimate: self.mean },
            Parameter { name: "half_life", unit: Unit::Years, estimate: self.half_life },
            Parameter { name: "volatility", unit: Unit::PerSqrtYear, estimate: self.volatility },
        ]
    }
}
