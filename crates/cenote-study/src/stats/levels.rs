//! Which quantiles and tails a summary reports.

use crate::error::StudyError;

/// The probabilities of the quantiles and of the tails of a [`Summary`](super::Summary), ascending.
#[derive(Debug, Clone, PartialEq)]
pub struct Levels {
    quantiles: Vec<f64>,
    tails: Vec<f64>,
}

impl Levels {
    /// Quantiles that are reported unless a study says otherwise.
    pub const QUANTILES: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
    /// Tails of which the expected shortfall is reported.
    pub const TAILS: [f64; 2] = [0.01, 0.05];

    /// Other quantiles, with the tails of [`TAILS`](Self::TAILS).
    ///
    /// # Errors
    /// [`StudyError::Probability`] for one which is not strictly between 0 and 1.
    pub fn new(quantiles: &[f64]) -> Result<Self, StudyError> {
        if let Some(&value) = quantiles.iter().find(|p| !(0.0 < **p && **p < 1.0)) {
            return Err(StudyError::Probability { value });
        }
        let mut quantiles = quantiles.to_vec();
        quantiles.sort_by(f64::total_cmp);
        quantiles.dedup();
        Ok(Self { quantiles, tails: Self::TAILS.to_vec() })
    }

    /// Probabilities of the quantiles, ascending.
    pub fn quantiles(&self) -> &[f64] {
        &self.quantiles
    }

    /// Probabilities of the tails, ascending.
    pub fn tails(&self) -> &[f64] {
        &self.tails
    }
}

impl Default for Levels {
    fn default() -> Self {
        Self { quantiles: Self::QUANTILES.to_vec(), tails: Self::TAILS.to_vec() }
    }
}
