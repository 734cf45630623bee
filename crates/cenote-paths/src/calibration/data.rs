use cenote_units::{SimDuration, math};

use crate::convert::{index_to_f64, to_f64};
use crate::error::PathError;
use crate::history::PriceHistory;

/// The log returns of a history, each with the time it took: what prices are calibrated to.
#[derive(Clone, Debug)]
pub struct Returns {
    /// Log return of each step.
    values: Vec<f64>,
    /// Index in `lengths` of the length of each step.
    length: Vec<usize>,
    /// The lengths that there are, in nanoseconds.
    lengths: Vec<u64>,
    prices: Vec<f64>,
    interval: SimDuration,
    span: SimDuration,
}

impl Returns {
    /// All returns of a history.
    ///
    /// # Errors
    /// [`PathError::ConstantPrices`] where no price differs from any other, [`PathError::ConstantReturns`] where all returns are one
    /// and the same drift: there is nothing to fit.
    pub fn new(history: &PriceHistory) -> Result<Self, PathError> {
        let prices = history.prices();
        let values: Vec<f64> = prices.windows(2).map(|pair| math::ln(pair[1] / pair[0])).collect();
        if values.iter().all(|value| *value == 0.0) {
            return Err(PathError::ConstantPrices { rows: prices.len(), price: prices[0] });
        }
        let steps: Vec<u64> = history.times().windows(2).map(|pair| pair[1].as_nanos().abs_diff(pair[0].as_nanos())).collect();
        let mut lengths = steps.clone();
        lengths.sort_unstable();
        lengths.dedup();
        let paces = || values.iter().zip(&steps).map(|(value, &step)| value / to_f64(step));
        let (slowest, fastest) =
            paces().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), pace| (low.min(pace), high.max(pace)));
        if fastest - slowest <= 1e-9 * fastest.abs() {
            return Err(PathError::ConstantReturns);
        }
        let length = steps.iter().map(|step| lengths.partition_point(|length| length < step)).collect();
        Ok(Self { values, length, lengths, prices: prices.to_vec(), interval: history.interval(), span: history.span() })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Never: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Share of steps in which the price did not move at all. Where it is large, prices are on a coarse grid, and their law has no
    /// density to be compared by.
    pub fn unmoved(&self) -> f64 {
        index_to_f64(self.values.iter().filter(|value| **value == 0.0).count()) / index_to_f64(self.values.len())
    }

    /// The last price of the history.
    pub fn last_price(&self) -> f64 {
        self.prices[self.prices.len() - 1]
    }

    /// The most common length of a step.
    pub fn interval(&self) -> SimDuration {
        self.interval
    }

    /// From the first row to the last.
    pub fn span(&self) -> SimDuration {
        self.span
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values
    }

    pub(super) fn prices(&self) -> &[f64] {
        &self.prices
    }

    /// The lengths that steps have, in nanoseconds.
    pub(super) fn lengths(&self) -> &[u64] {
        &self.lengths
    }

    /// The lengths that steps have, in years.
    pub(super) fn years(&self) -> Vec<f64> {
        self.lengths.iter().map(|&length| SimDuration::from_nanos(length).as_years()).collect()
    }

    /// Which of the lengths each step has.
    pub(super) fn length_of(&self) -> &[usize] {
        &self.length
    }

    /// Each return over the square root of its time in intervals, divided by their common deviation: what search works on.
    pub(super) fn scaled(&self) -> Scaled {
        let interval = to_f64(self.interval.as_nanos());
        let steps: Vec<f64> = self.lengths.iter().map(|&length| to_f64(length) / interval).collect();
        let n = index_to_f64(self.values.len());
        let squares: f64 = self.values.iter().zip(&self.length).map(|(value, &length)| value * value / steps[length]).sum();
        let deviation = (squares / n).sqrt();
        Scaled {
            values: self.values.iter().map(|value| value / deviation).collect(),
            steps,
            deviation,
            interval: self.interval.as_years(),
        }
    }

    /// That there are enough for `parameters`: ten for each.
    pub(super) fn enough(&self, process: &'static str, parameters: usize) -> Result<(), PathError> {
        let needed = 10 * parameters;
        if self.len() >= needed { Ok(()) } else { Err(PathError::TooFew { process, what: "returns", found: self.len(), needed }) }
    }
}

/// Returns in units of their deviation over an interval, times in intervals.
#[derive(Clone, Debug)]
pub(super) struct Scaled {
    pub(super) values: Vec<f64>,
    /// The lengths that steps have.
    pub(super) steps: Vec<f64>,
    /// The unit of returns.
    pub(super) deviation: f64,
    /// The unit of time, in years.
    pub(super) interval: f64,
}

impl Scaled {
    /// Drift per year of a drift per interval.
    pub(super) fn drift(&self, drift: f64) -> f64 {
        drift * self.deviation / self.interval
    }

    /// Volatility per square root of a year of a deviation per interval.
    pub(super) fn volatility(&self, deviation: f64) -> f64 {
        deviation * self.deviation / self.interval.sqrt()
    }

    /// The log likelihood of the returns themselves, from that of the scaled ones.
    pub(super) fn log_likelihood(&self, scaled: f64) -> f64 {
        scaled - index_to_f64(self.values.len()) * math::ln(self.deviation)
    }
}
