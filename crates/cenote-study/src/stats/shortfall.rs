//! Expected shortfall: the mean of the lower tail.

use serde::Serialize;

use super::moments::{Moments, sum};
use super::quantile::rank;
use crate::convert::count;

/// Expected shortfall: the mean of the lower tail of probability `a`, a number like the column's (a return of -30%
/// is -0.3).
///
/// With `q` the order statistic of rank `ceil(n a)`, the estimate is `q - mean((q - X)+) / a` (Rockafellar and
/// Uryasev, 2000): the mean of the `n a` smallest values, the last of which counts in part when `n a` is not whole.
/// Its variance is that of the plug-in estimator, `Var((q - X)+) / (a^2 n)` (Trindade et al., 2007).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shortfall {
    /// Probability of the tail, strictly between 0 and 1.
    #[serde(skip)]
    pub probability: f64,
    /// The estimate.
    pub value: f64,
    /// Standard error of the estimate. `NaN` when fewer than two paths are in the tail of a column that varies:
    /// nothing can be said about a tail of one.
    pub standard_error: f64,
}

impl Shortfall {
    /// Of a column in ascending order, which is not empty.
    pub(super) fn of_sorted(sorted: &[f64], probability: f64) -> Self {
        let n = count(sorted.len());
        let tail = n * probability;
        let rank = rank(sorted.len(), probability);
        let q = sorted[rank - 1];
        let (below, rest) = sorted.split_at(rank);
        let shortfalls = below.iter().map(move |x| q - x);
        let value = if q == sorted[0] { q } else { q - sum(shortfalls.clone()) / tail };
        let constant = sorted[0] == sorted[sorted.len() - 1];
        let standard_error = if constant && sorted.len() > 1 {
            0.0
        } else if rank < 2 {
            f64::NAN
        } else {
            let all = shortfalls.chain(rest.iter().map(|_| 0.0));
            (Moments::of_values(sorted.len(), all).variance() / n).sqrt() / probability
        };
        Self { probability, value, standard_error }
    }
}
