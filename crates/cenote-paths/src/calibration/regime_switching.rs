use cenote_units::{Frequency, math};

use super::data::Returns;
use super::estimate::{Estimate, Fit, Parameter, Parameters, Quality, Unit, estimates};
use super::gbm::{log_drift, volatility};
use super::goodness::kolmogorov_smirnov;
use super::information::Covariance;
use super::normal::{LN_SQRT_2_PI, cdf};
use super::search::{Axis, maximise};
use crate::convert::index_to_f64;
use crate::error::PathError;
use crate::{Regime, RegimeSwitching};

/// The parameters of [`RegimeSwitching`] between two regimes, with the same drift of the log price.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegimeSwitchingParameters {
    /// Drift of the log price in both, per year.
    pub log_drift: Estimate,
    /// The regime of the lower volatility.
    pub calm: RegimeParameters,
    /// The other.
    pub wild: RegimeParameters,
    /// Probability that the last step of the history ended in the wild regime.
    pub wild_at_the_end: f64,
}

/// The parameters of a regime.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegimeParameters {
    /// Volatility per square root of a year.
    pub volatility: Estimate,
    /// How often it gives way to the other, per year spent in it.
    pub switches: Estimate,
}

/// Two regimes: the filter of Hamilton (1989), in continuous time.
///
/// Regimes also change within a step, and the density of a return given the regimes at both ends of its step is a mixture
/// over the times of the switches: none, one (three nodes of Gauss) or two (two nodes); more are counted as if they were two. So the
/// error is of third order in switches per step, where a filter that lets regimes last whole steps errs in the first.
///
/// Drifts of single regimes would be known far too badly to be of use: there is one for both.
///
/// Volatilities are looked for from a fiftieth of that of the returns on: the likelihood has no upper bound where a regime
/// may shrink onto returns that are all the same. Prices on a coarse grid end there, with a warning.
///
/// # Errors
/// [`PathError::TooFew`] with less than 50 returns.
pub fn fit_regime_switching(returns: &Returns) -> Result<Fit<RegimeSwitchingParameters>, PathError> {
    returns.enough("regime-switching", 5)?;
    let data = returns.scaled();
    let n = index_to_f64(returns.len());
    let steps = data.steps_in_all(returns.length_of());
    let rates = [math::ln(0.2 / steps), math::ln(2.0)];
    let switches = ["hardly a switch in the whole history", "regimes last no longer than rows are apart"];
    let axes = [
        Axis::new("log_drift", [-100.0, 100.0], 1.0, ["", ""]),
        Axis::new(
            "regimes.calm.volatility",
            [math::ln(0.02), math::ln(3.0)],
            0.2,
            ["the calm regime shrinks onto returns near zero: prices on a coarse grid, or no regimes", ""],
        ),
        // Of the ratio of volatilities.
        Axis::new("regimes.wild.volatility", [0.0, math::ln(200.0)], 0.3, ["there may be one regime only", "one return decides"]),
        Axis::new("regimes.calm.to.wild", rates, 0.5, switches),
        Axis::new("regimes.wild.to.calm", rates, 0.5, switches),
    ];
    let likelihood = |point: &[f64]| {
        let filter = Filter::new(point, n, &data.steps);
        let mut sum = 0.0;
        filter.run(&data.values, returns.length_of(), |_, _, density| sum += math::ln(density.max(f64::MIN_POSITIVE)));
        sum
    };
    let starts = [
        [0.0, math::ln(0.6), math::ln(3.0), math::ln(0.02), math::ln(0.1)],
        [0.0, math::ln(0.5), math::ln(3.0), math::ln(0.2), math::ln(0.4)],
        [0.0, math::ln(0.8), math::ln(2.0), math::ln(0.002), math::ln(0.005)],
    ];
    let maximum = maximise(&likelihood, &axes, &starts.each_ref().map(|start| &start[..]));
    let covariance = Covariance::new(&likelihood, &axes, &maximum);
    let [log_drift, calm, wild, to_wild, to_calm] = estimates(&maximum.point, &covariance, |point| {
        let calm = math::exp(point[1]);
        [
            data.drift(point[0] / n.sqrt()),
            data.volatility(calm),
            data.volatility(calm * math::exp(point[2])),
            math::exp(point[3]) / data.interval,
            math::exp(point[4]) / data.interval,
        ]
    });
    let filter = Filter::new(&maximum.point, n, &data.steps);
    let mut transforms = Vec::with_capacity(returns.len());
    let mut values = data.values.iter().zip(returns.length_of());
    let last = filter.run(&data.values, returns.length_of(), |before, _, _| {
        if let Some((&value, &length)) = values.next() {
            transforms.push(filter.cdf(before, value, length));
        }
    });
    Ok(Fit {
        parameters: RegimeSwitchingParameters {
            log_drift,
            calm: RegimeParameters { volatility: calm, switches: to_wild },
            wild: RegimeParameters { volatility: wild, switches: to_calm },
            wild_at_the_end: last[1],
        },
        quality: Quality {
            observations: returns.len(),
            parameters: 5,
            log_likelihood: data.log_likelihood(maximum.value),
            goodness: kolmogorov_smirnov(&transforms),
        },
        warnings: covariance.warnings,
    })
}

/// A normal that a return is from, if its step begins in one regime and ends in another.
struct Term {
    from: usize,
    to: usize,
    weight: f64,
    /// weight/√(2π variance)
    scale: f64,
    variance: f64,
}

/// The filter at some parameters.
struct Filter {
    /// Drift of an interval.
    drift: f64,
    steps: Vec<f64>,
    /// For steps of each length.
    terms: Vec<Vec<Term>>,
    /// Share of time in each regime.
    stationary: [f64; 2],
}

impl Filter {
    fn new(point: &[f64], n: f64, steps: &[f64]) -> Self {
        let calm = math::exp(2.0 * point[1]);
        let variances = [calm, calm * math::exp(2.0 * point[2])];
        let rates = [math::exp(point[3]), math::exp(point[4])];
        let total = rates[0] + rates[1];
        Self {
            drift: point[0] / n.sqrt(),
            steps: steps.to_vec(),
            terms: steps.iter().map(|&step| terms(step, variances, rates)).collect(),
            stationary: [rates[1] / total, rates[0] / total],
        }
    }

    /// Probabilities of the regimes, from step to step; `see` gets those before and after a step and the density of its return.
    fn run(&self, values: &[f64], length_of: &[usize], mut see: impl FnMut([f64; 2], [f64; 2], f64)) -> [f64; 2] {
        let mut at = self.stationary;
        for (&value, &length) in values.iter().zip(length_of) {
            let surprise = value - self.drift * self.steps[length];
            let half = -0.5 * surprise * surprise;
            let mut joint = [0.0; 2];
            for term in &self.terms[length] {
                joint[term.to] += at[term.from] * (term.scale * math::exp(half / term.variance));
            }
            let density = joint[0] + joint[1];
            // A return that no regime explains says nothing of the regime.
            let next = if density > 0.0 { joint.map(|joint| joint / density) } else { self.stationary };
            see(at, next, density);
            at = next;
        }
        at
    }

    /// Probability of a lower return, before it is seen.
    fn cdf(&self, before: [f64; 2], value: f64, length: usize) -> f64 {
        let surprise = value - self.drift * self.steps[length];
        self.terms[length].iter().map(|term| before[term.from] * term.weight * cdf(surprise / term.variance.sqrt())).sum()
    }
}

/// All ways through a step.
fn terms(step: f64, variances: [f64; 2], rates: [f64; 2]) -> Vec<Term> {
    /// Gauss-Legendre on [0, 1].
    const ONE: [(f64, f64); 3] = [(0.112_701_665_379_258_3, 5.0 / 18.0), (0.5, 8.0 / 18.0), (0.887_298_334_620_741_7, 5.0 / 18.0)];
    /// Gauss-Jacobi on [0, 1] with weight 2 (1 − y).
    const TWO: [(f64, f64); 2] =
        [(0.155_051_025_721_682_2, 0.636_082_763_487_954_4), (0.644_948_974_278_317_8, 0.363_917_236_512_045_6)];
    let total = rates[0] + rates[1];
    let mixed = -math::exp_m1(-total * step);
    let mut terms = Vec::with_capacity(12);
    let mut add = |from, to, weight: f64, variance: f64| {
        let scale = weight * math::exp(-LN_SQRT_2_PI) / variance.sqrt();
        terms.push(Term { from, to, weight, scale, variance });
    };
    for from in 0..2 {
        let to = 1 - from;
        let (own, other) = (variances[from] * step, variances[to] * step);
        let stays = math::exp(-rates[from] * step);
        let ends_elsewhere = rates[from] / total * mixed;
        add(from, from, stays, own);
        let returns = (1.0 - ends_elsewhere - stays).max(0.0);
        for (elsewhere, share) in TWO {
            add(from, from, returns * share, own + (other - own) * elsewhere);
        }
        // The time of the one switch has density e^(−(rate of this − rate of the other) × time).
        let tilted = ONE.map(|(time, share)| (time, share * math::exp((rates[to] - rates[from]) * step * time)));
        let sum: f64 = tilted.iter().map(|(_, share)| share).sum();
        for (time, share) in tilted {
            add(from, to, ends_elsewhere * share / sum, own * time + other * (1.0 - time));
        }
    }
    terms
}

impl RegimeSwitchingParameters {
    /// The process, from a price on, in the regime that the history most likely ended in: 0 is the calm one.
    ///
    /// # Errors
    /// An initial price that is none; more than a million switches a year.
    pub fn process(&self, initial: f64) -> Result<RegimeSwitching, PathError> {
        let regime = |regime: &RegimeParameters, to| {
            let rate = regime.switches.value;
            let often = Frequency::from_per_year(rate).map_err(|_| PathError::Parameter {
                name: "switches",
                value: rate,
                expected: "a finite number per year",
            })?;
            Ok::<_, PathError>(Regime {
                drift: log_drift(self.log_drift)?,
                volatility: volatility(regime.volatility)?,
                switches: vec![(to, often)],
            })
        };
        RegimeSwitching::new(initial, &[regime(&self.calm, 1)?, regime(&self.wild, 0)?], usize::from(self.wild_at_the_end > 0.5))
    }
}

impl Parameters for RegimeSwitchingParameters {
    fn list(&self) -> Vec<Parameter> {
        vec![
            Parameter { name: "log_drift", unit: Unit::PerYear, estimate: self.log_drift },
            Parameter { name: "regimes.calm.volatility", unit: Unit::PerSqrtYear, estimate: self.calm.volatility },
            Parameter { name: "regimes.calm.to.wild", unit: Unit::EventsPerYear, estimate: self.calm.switches },
            Parameter { name: "regimes.wild.volatility", unit: Unit::PerSqrtYear, estimate: self.wild.volatility },
            Parameter { name: "regimes.wild.to.calm", unit: Unit::EventsPerYear, estimate: self.wild.switches },
        ]
    }
}
