//! Two columns of the same paths.

use serde::Serialize;

use super::{Levels, Summarizer, Summary};
use crate::error::StudyError;

/// The difference of two columns path by path.
///
/// On common random numbers the two move together, and their difference is known far better than either: its
/// standard error is that of the differences, not the root of the summed squares.
///
/// ```
/// use cenote_study::stats::PairedDifference;
/// let mine = [1.1, 2.1, 3.2, 4.1];
/// let hold = [1.0, 2.0, 3.0, 4.0];
/// let lead = PairedDifference::of(&mine, &hold)?;
/// assert!((lead.difference.mean.mean - 0.125).abs() < 1e-12);
/// assert!(lead.low > 0.0 && lead.difference.probability_positive.mean == 1.0);
/// # Ok::<(), cenote_study::StudyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairedDifference {
    /// Distribution of first minus second over the paths.
    pub difference: Summary,
    /// Lower end of the 95% interval of the mean difference: [`Summarizer::interval`].
    pub low: f64,
    /// Upper end of the 95% interval of the mean difference.
    pub high: f64,
    /// What pairing gains: variance of the difference over the sum of the two variances. 1 for independent columns,
    /// near 0 for columns that move together; `NaN` when neither varies.
    pub variance_ratio: f64,
}

impl PairedDifference {
    /// First minus second, path by path, of independent paths.
    ///
    /// # Errors
    /// [`StudyError::UnequalColumns`] when they are not columns of the same paths.
    pub fn of(first: &[f64], second: &[f64]) -> Result<Self, StudyError> {
        Self::by(&Summarizer::new(first.len(), &Levels::default()), first, second)
    }

    /// The same of paths that hang together, or with control variates.
    ///
    /// # Errors
    /// [`StudyError::UnequalColumns`] when they are not columns of the same paths.
    pub fn by(summarizer: &Summarizer, first: &[f64], second: &[f64]) -> Result<Self, StudyError> {
        if first.len() != second.len() {
            return Err(StudyError::UnequalColumns { first: first.len(), second: second.len() });
        }
        let column: Vec<f64> = first.iter().zip(second).map(|(a, b)| a - b).collect();
        let difference = summarizer.summarize(&column);
        let (low, high) = summarizer.interval(&difference.mean);
        let square = |column: &[f64]| summarizer.mean(column).0.standard_error.powi(2);
        let variance_ratio = difference.mean.standard_error.powi(2) / (square(first) + square(second));
        Ok(Self { difference, low, high, variance_ratio })
    }
}
