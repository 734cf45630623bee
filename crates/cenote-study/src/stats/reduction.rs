//! What sampling and control variates saved.

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use super::control::Controlled;
use super::moments::{Estimate, Moments, sum};
use super::{Controls, Grouping};
use crate::convert::count;

/// What a mean's standard error is, beside that of plain Monte Carlo on the same number of paths.
#[derive(Debug, Clone, PartialEq)]
pub struct VarianceReduction {
    /// Variance of the mean as it was estimated, over that of the mean of as many independent paths, s²/n with s² the sample
    /// variance of all paths. Below 1 something was saved: so many times fewer paths give the same standard error. Above 1 it hurt.
    /// `NaN` for a column that does not vary.
    pub ratio: f64,
    /// Standard error of the ratio, by the delta method over groups of paths.
    pub standard_error: f64,
    /// The mean without control variates; `None` where there are none.
    pub uncontrolled: Option<Estimate>,
    /// The coefficient of every control variate, with its name.
    pub coefficients: Vec<(String, f64)>,
}

impl VarianceReduction {
    /// Of a column whose groups' means have these deviations, or have them left after regression.
    pub(super) fn of(column: &[f64], grouping: Grouping, standard_error: f64, deviations: &[f64]) -> Self {
        let moments = Moments::of(column);
        let (mean, plain) = (moments.mean().mean, moments.variance());
        let groups = deviations.len();
        let ratio = standard_error.powi(2) / (plain / count(column.len()));
        // The influence of each group on the logarithms of both variances.
        let mut squares = vec![0.0; groups];
        for (path, x) in column.iter().enumerate() {
            if let Some(square) = squares.get_mut(grouping.group(path)) {
                *square += (x - mean) * (x - mean);
            }
        }
        let own = sum(deviations.iter().map(|d| d * d)) / count(groups);
        let size = count(column.len()) / count(groups);
        let influence: Vec<f64> = deviations.iter().zip(&squares).map(|(d, square)| d * d / own - square / size / plain).collect();
        let relative = Moments::of(&influence).mean().standard_error;
        Self { ratio, standard_error: ratio * relative, uncontrolled: None, coefficients: Vec::new() }
    }

    pub(super) fn controlled(self, sample: Estimate, controls: &Controls, controlled: &Controlled) -> Self {
        let coefficients = controls.names().iter().cloned().zip(controlled.coefficients.iter().copied()).collect();
        Self { uncontrolled: Some(sample), coefficients, ..self }
    }

    /// Whether plain Monte Carlo would have done better, beyond doubt: the ratio is above 1 by more than three of its standard errors.
    pub fn hurts(&self) -> bool {
        self.ratio - 3.0 * self.standard_error > 1.0
    }
}

impl Serialize for VarianceReduction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let controlled = self.uncontrolled.is_some();
        let mut object = serializer.serialize_struct("VarianceReduction", if controlled { 4 } else { 2 })?;
        object.serialize_field("ratio", &self.ratio)?;
        object.serialize_field("standard_error", &self.standard_error)?;
        if let Some(uncontrolled) = &self.uncontrolled {
            object.serialize_field("uncontrolled", uncontrolled)?;
            object.serialize_field("coefficients", &Named(&self.coefficients))?;
        }
        object.end()
    }
}

struct Named<'a>(&'a [(String, f64)]);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
