//! A quantile and its confidence interval.

use serde::Serialize;

use crate::convert::{count, index};

/// A quantile with the two ends of its 95% confidence interval.
///
/// The point is the inverse of the empirical distribution function: the order statistic of rank `ceil(n p)` (type 1 of
/// Hyndman and Fan, *Sample Quantiles in Statistical Packages*, 1996; `inverted_cdf` in `numpy`). It is the value
/// of a path that can be replayed, it is the same quantile that [`Shortfall`](super::Shortfall) averages below, and it
/// lies inside the interval whatever the number of paths. The interval is a pair of order statistics, see
/// [`Ranks`](super::Ranks): it assumes nothing about the distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quantile {
    /// Which quantile, strictly between 0 and 1.
    #[serde(skip)]
    pub probability: f64,
    /// The estimate: an order statistic.
    pub value: f64,
    /// Lower end of the interval: an order statistic.
    pub low: f64,
    /// Upper end of the interval: an order statistic.
    pub high: f64,
}

/// Rank of the `p`-quantile of `n` values, counted from 1: `ceil(n p)`.
///
/// `n p` is meant exactly: 7% of 100 paths are 7, not the 7.000000000000001 that floats make of it.
pub(super) fn rank(n: usize, p: f64) -> usize {
    index((count(n) * p * (1.0 - 1e-12)).ceil()).clamp(1, n.max(1))
}
