//! Mean, standard deviation, and the error of the mean.

use serde::Serialize;

use crate::convert::count;

/// Half the width of a two-sided 95% interval of the standard normal distribution, its 97.5% quantile.
pub(super) const NORMAL_975: f64 = 1.959_963_984_540_054;

/// A mean and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The sample mean, in the unit of the column.
    pub mean: f64,
    /// Standard deviation of the mean, `s / sqrt(n)`, in the unit of the column. `NaN` for a single path.
    pub standard_error: f64,
}

impl Estimate {
    /// Mean of a column and its standard error.
    pub fn of(column: &[f64]) -> Self {
        Moments::of(column).mean()
    }

    /// Frequency of an event which happened on `hits` of `paths` paths: the mean of its indicator.
    ///
    /// The standard error is that of any mean, `sqrt(p (1 - p) / (n - 1))`.
    pub fn of_frequency(hits: usize, paths: usize) -> Self {
        let (hits, n) = (count(hits), count(paths));
        let p = hits / n;
        Self { mean: p, standard_error: (p * (1.0 - p) / (n - 1.0)).sqrt() }
    }

    /// The two ends of the 95% interval of the mean, by the normal approximation.
    ///
    /// ```
    /// # use cenote_study::stats::Estimate;
    /// let (low, high) = Estimate { mean: 1.0, standard_error: 0.1 }.interval();
    /// assert!((low - 0.804).abs() < 1e-3 && (high - 1.196).abs() < 1e-3);
    /// ```
    pub fn interval(&self) -> (f64, f64) {
        let half = NORMAL_975 * self.standard_error;
        (self.mean - half, self.mean + half)
    }

    pub(super) const UNDEFINED: Self = Self { mean: f64::NAN, standard_error: f64::NAN };
}

/// The first two moments of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    paths: usize,
    mean: f64,
    variance: f64,
}

impl Moments {
    /// Two passes over the column, in path order. An empty column has no moments: they are `NaN`.
    pub fn of(column: &[f64]) -> Self {
        Self::of_values(column.len(), column.iter().copied())
    }

    /// The same of any sequence that can be gone through twice.
    pub(super) fn of_values(paths: usize, values: impl Iterator<Item = f64> + Clone) -> Self {
        let Some(first) = values.clone().next() else {
            return Self { paths, mean: f64::NAN, variance: f64::NAN };
        };
        let n = count(paths);
        // Sums of differences from the first path: a constant column has exactly that mean and exactly no variance.
        let mean = first + sum(values.clone().map(|x| x - first)) / n;
        let squares = sum(values.clone().map(|x| (x - mean) * (x - mean)));
        // What rounding left in the mean, taken out again: the corrected two-pass algorithm.
        let residue = sum(values.map(|x| x - mean));
        let variance = if paths < 2 { f64::NAN } else { ((squares - residue * residue / n) / (n - 1.0)).max(0.0) };
        Self { paths, mean, variance: if squares.is_nan() { f64::NAN } else { variance } }
    }

    /// The mean with its standard error.
    pub fn mean(&self) -> Estimate {
        Estimate { mean: self.mean, standard_error: (self.variance / count(self.paths)).sqrt() }
    }

    /// Sample variance, `n - 1` in the denominator; `NaN` for a single path.
    pub fn variance(&self) -> f64 {
        self.variance
    }

    /// Sample standard deviation, the root of [`variance`](Self::variance).
    pub fn standard_deviation(&self) -> f64 {
        self.variance.sqrt()
    }
}

/// Neumaier's compensated sum, in the order given.
pub(super) fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let mut sum = Sum::default();
    values.for_each(|x| sum.add(x));
    sum.total()
}

/// The same, one by one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    pub(super) fn add(&mut self, x: f64) {
        let next = self.total + x;
        self.lost += if self.total.abs() >= x.abs() { (self.total - next) + x } else { (x - next) + self.total };
        self.total = next;
    }

    pub(super) fn total(self) -> f64 {
        // After an overflow the compensation is NaN and the total says what happened.
        if self.lost.is_nan() { self.total } else { self.total + self.lost }
    }
}
