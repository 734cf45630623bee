//! Estimators of one column: a number per path in, a distribution with error bars out.
//!
//! | estimator | definition |
//! |---|---|
//! | [`Estimate`] | sample mean, standard error `s / sqrt(n)`, `s` with `n - 1` in the denominator |
//! | [`Quantile`] | inverse of the empirical distribution function (type 1 of Hyndman and Fan), with the distribution-free 95% interval of [`Ranks`] |
//! | [`Shortfall`] | mean of the lower tail, with the standard error of the plug-in estimator |
//! | [`Summary`] | all of these for one column: the object that a result holds for every metric |
//! | [`PairedDifference`] | two columns of the same paths, subtracted path by path |
//! | [`Grouping`] | standard errors where paths come in antithetic pairs or in sets: from the means of groups |
//! | [`Controls`] | control variates: means of columns by regression on columns whose means are known |
//! | [`VarianceReduction`] | what both saved, or cost |
//!
//! Sums run over the column in path order and are compensated (Neumaier), so a summary has the same bits however the
//! paths were spread over threads. What a sample cannot say is `NaN` here and `null` in JSON: the standard error of a
//! single path, say. A column with a `NaN` in it has no statistics at all: every number of its summary is `NaN`.
//!
//! ```
//! use cenote_study::stats::Summary;
//! let column: Vec<f64> = (0..1000).map(|path| f64::from(path) - 250.0).collect();
//! let summary = Summary::of(&column);
//! assert_eq!(summary.mean.mean, 249.5);
//! assert_eq!(summary.probability_negative.mean, 0.25);
//! let median = summary.quantile(0.5).unwrap();
//! assert!(median.value == 249.0 && median.low < 249.0 && 249.0 < median.high);
//! ```

mod binomial;
mod control;
mod difference;
mod grouping;
mod levels;
mod moments;
mod quantile;
mod reduction;
mod shortfall;
mod student;
mod summary;
#[cfg(test)]
mod tests;

pub use binomial::Ranks;
pub use control::{Control, Controls};
pub use difference::PairedDifference;
pub use grouping::Grouping;
pub use levels::Levels;
pub use moments::{Estimate, Moments};
pub use quantile::Quantile;
pub use reduction::VarianceReduction;
pub use shortfall::Shortfall;
pub use summary::{Summarizer, Summary};
