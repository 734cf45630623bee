use cenote_units::{SimDuration, math};

use super::data::{Returns, Scaled};
use super::estimate::{Estimate, Fit, Parameter, Parameters, Quality, Unit, estimates};
use super::gbm::{log_drift, volatility};
use super::goodness::kolmogorov_smirnov;
use super::information::{Covariance, logistic};
use super::normal::{cdf, ln_density};
use super::search::{Axis, maximise};
use crate::convert::{count, index_to_f64};
use crate::error::PathError;
use crate::{Clustering, Garch};

/// The parameters of [`Garch`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GarchParameters {
    /// The interval of the history, which is that of the process.
    pub interval: SimDuration,
    /// Drift of the log price, per year.
    pub log_drift: Estimate,
    /// Volatility in the long run, per square root of a year.
    pub volatility: Estimate,
    /// α, what a squared surprise adds to the next variance.
    pub alpha: Estimate,
    /// β, what stays of the variance.
    pub beta: Estimate,
}

/// GARCH(1,1) with normal innovations, of the history's own interval, as [`Garch`] has it: the first interval has the variance of the
/// long run.
///
/// Over a gap of k intervals only the sum of k returns is known: it is taken for normal, with the variance expected of it, and the next
/// variance is the one expected after such a sum.
///
/// Innovations of markets have fatter tails than normal ones. The estimates are then still consistent (quasi maximum likelihood), but
/// their true errors are larger than those of the information.
///
/// # Errors
/// [`PathError::TooFew`] with less than 40 returns; [`PathError::UnevenSteps`] where rows are not a whole number of intervals apart,
/// by more than 1%.
pub fn fit_garch(returns: &Returns) -> Result<Fit<GarchParameters>, PathError> {
    returns.enough("garch", 4)?;
    let data = returns.scaled();
    let mut spans = Vec::with_capacity(data.steps.len());
    for (&length, &step) in returns.lengths().iter().zip(&data.steps) {
        let whole = step.round();
        if whole < 1.0 || (step - whole).abs() > 0.01 {
            return Err(PathError::UnevenSteps { step: SimDuration::from_nanos(length), interval: returns.interval() });
        }
        spans.push(count(whole));
    }
    let n = index_to_f64(returns.len());
    let axes = [
        Axis::new("log_drift", [-100.0, 100.0], 1.0, ["", ""]),
        Axis::new(
            "volatility",
            [math::ln(0.05), math::ln(20.0)],
            0.2,
            ["far below that of the returns", "far above that of the returns: alpha + beta is almost 1, and there is no long run"],
        ),
        Axis::new("alpha + beta", [-5.0, 12.0], 0.7, ["no clusters", "shocks to the variance do not die out"]),
        Axis::new("alpha", [-9.0, 6.0], 0.7, ["no clusters", "nothing stays of a variance"]),
    ];
    let likelihood = |point: &[f64]| {
        let mut sum = 0.0;
        PerInterval::at(point, n).filter(&data, returns.length_of(), &spans, |value, mean, variance| {
            sum += ln_density(value, mean, variance);
        });
        sum
    };
    let starts = [[0.0, 0.0, 3.5, -2.5], [0.0, 0.0, 1.0, -1.0], [0.0, 0.3, 5.0, -3.0]];
    let maximum = maximise(&likelihood, &axes, &starts.each_ref().map(|start| &start[..]));
    let covariance = Covariance::new(&likelihood, &axes, &maximum);
    let [log_drift, volatility, alpha, beta] = estimates(&maximum.point, &covariance, |point| {
        let PerInterval { drift, long_run, alpha, beta } = PerInterval::at(point, n);
        [data.drift(drift), data.volatility(long_run.sqrt()), alpha, beta]
    });
    let mut transforms = Vec::with_capacity(returns.len());
    PerInterval::at(&maximum.point, n).filter(&data, returns.length_of(), &spans, |value, mean, variance| {
        transforms.push(cdf((value - mean) / variance.sqrt()));
    });
    Ok(Fit {
        parameters: GarchParameters { interval: returns.interval(), log_drift, volatility, alpha, beta },
        quality: Quality {
            observations: returns.len(),
            parameters: 4,
            log_likelihood: data.log_likelihood(maximum.value),
            goodness: kolmogorov_smirnov(&transforms),
        },
        warnings: covariance.warnings,
    })
}

/// Parameters per interval, in deviations of returns.
struct PerInterval {
    drift: f64,
    /// Variance in the long run.
    long_run: f64,
    alpha: f64,
    beta: f64,
}

impl PerInterval {
    /// At a point of the search: drift in standard errors of the mean of n returns, log deviation, logits of α + β and of α/(α + β).
    fn at(point: &[f64], n: f64) -> Self {
        let persistence = logistic(point[2]);
        let alpha = persistence * logistic(point[3]);
        Self { drift: point[0] / n.sqrt(), long_run: math::exp(2.0 * point[1]), alpha, beta: persistence - alpha }
    }

    /// Walks through the returns; `see` is told each with the mean and the variance that were expected.
    fn filter(&self, data: &Scaled, length_of: &[usize], spans: &[u32], mut see: impl FnMut(f64, f64, f64)) {
        let Self { drift, long_run, alpha, beta } = *self;
        let omega = long_run * (1.0 - alpha - beta);
        let mut h = long_run;
        for (&value, &length) in data.values.iter().zip(length_of) {
            let span = spans[length];
            if span == 1 {
                see(value, drift, h);
                let surprise = value - drift;
                h = omega + alpha * surprise * surprise + beta * h;
            } else {
                h = self.across(value, h, span, &mut see);
            }
        }
    }

    /// Over a gap: the variances expected of its intervals, and, given their sum, what is expected to be next.
    fn across(&self, value: f64, first: f64, span: u32, see: &mut impl FnMut(f64, f64, f64)) -> f64 {
        let Self { drift, long_run, alpha, beta } = *self;
        let omega = long_run * (1.0 - alpha - beta);
        // In a long gap the long run is reached, and only the last intervals matter for what comes after it.
        let (mut h, mut total) = (first, 0.0);
        for _ in 0..span {
            total += h;
            h = omega + (alpha + beta) * h;
        }
        let mean = drift * f64::from(span);
        see(value, mean, total);
        let surprise = value - mean;
        let (mut expected, mut next) = (first, first);
        for _ in 0..span {
            let share = expected / total;
            // Of independent normals with a known sum.
            let squared = share * share * surprise * surprise + expected * (1.0 - share);
            next = omega + alpha * squared + beta * next;
            expected = omega + (alpha + beta) * expected;
        }
        next
    }
}

impl GarchParameters {
    /// The process, from a price on.
    ///
    /// # Errors
    /// An initial price that is none.
    pub fn process(&self, initial: f64) -> Result<Garch, PathError> {
        let clustering = Clustering { interval: self.interval, alpha: self.alpha.value, beta: self.beta.value };
        Garch::new(initial, log_drift(self.log_drift)?, volatility(self.volatility)?, clustering)
    }
}

impl Parameters for GarchParameters {
    fn list(&self) -> Vec<Parameter> {
        vec![
            Parameter { name: "log_drift", unit: Unit::PerYear, estimate: self.log_drift },
            Parameter { name: "volatility", unit: Unit::PerSqrtYear, estimate: self.volatility },
            Parameter { name: "alpha", unit: Unit::Number, estimate: self.alpha },
            Parameter { name: "beta", unit: Unit::Number, estimate: self.beta },
        ]
    }
}
