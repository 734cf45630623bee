//! Two histories side by side.

use super::PriceHistory;
use crate::convert::index_to_f64;
use crate::error::PathError;

impl PriceHistory {
    /// That another history has its rows at the same times: then a return of the one and the return of the other in the same place
    /// happened together, and the two can be resampled jointly.
    ///
    /// # Errors
    /// [`PathError::Misaligned`] with the first row that differs.
    pub fn check_aligned(&self, other: &Self) -> Result<(), PathError> {
        let rows = self.times().len().max(other.times().len());
        let at = |history: &Self, row: usize| history.times().get(row).copied();
        match (0..rows).find(|&row| at(self, row) != at(other, row)) {
            None => Ok(()),
            Some(row) => Err(PathError::Misaligned { row: row + 1, first: at(self, row), second: at(other, row) }),
        }
    }

    /// Correlation of the log returns of two histories with rows at the same times; 0 where one of them does not move.
    ///
    /// ```
    /// use cenote_paths::PriceHistory;
    /// let read = |file: &str| PriceHistory::read_csv(file.as_bytes(), None);
    /// let eth = read("time,close\n2022-01-01,3700\n2022-01-02,3750\n2022-01-03,3600\n")?;
    /// let double = read("time,close\n2022-01-01,7400\n2022-01-02,7500\n2022-01-03,7200\n")?;
    /// assert_eq!(eth.correlation(&double)?, 1.0);
    /// # Ok::<(), cenote_paths::PathError>(())
    /// ```
    ///
    /// # Errors
    /// [`PathError::Misaligned`] where the times differ.
    pub fn correlation(&self, other: &Self) -> Result<f64, PathError> {
        self.check_aligned(other)?;
        let (x, y) = (self.returns(), other.returns());
        let mean = |of: &[f64]| of.iter().sum::<f64>() / index_to_f64(of.len());
        let (mx, my) = (mean(x), mean(y));
        let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in x.iter().zip(y) {
            let (x, y) = (x - mx, y - my);
            xy += x * y;
            xx += x * x;
            yy += y * y;
        }
        // One for a history with itself, to the bit.
        let correlation = xy / (xx * yy).sqrt();
        // Rounding may lead beyond one by a unit in the last place.
        if correlation.is_nan() { Ok(0.0) } else { Ok(correlation.clamp(-1.0, 1.0)) }
    }
}
