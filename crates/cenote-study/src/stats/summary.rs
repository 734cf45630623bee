//! Everything that is said about one column.

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use super::{Estimate, Levels, Moments, Quantile, Ranks, Shortfall, quantile::rank};

/// One minus the confidence of the intervals of quantiles.
const ALPHA: f64 = 0.05;

/// The distribution of one metric over the paths of a study.
///
/// Serialises to the object that a result holds for every metric: `mean`, `standard_error`, `standard_deviation`,
/// `min`, `max`, `quantiles`, `expected_shortfall`, `probability_negative`, `probability_positive`. Quantiles and
/// tails are keyed by their probability, `"0.05"`.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Mean and its standard error.
    pub mean: Estimate,
    /// Sample standard deviation (`n - 1`).
    pub standard_deviation: f64,
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
    /// Quantiles, ascending in probability.
    pub quantiles: Vec<Quantile>,
    /// Means of the lower tails, ascending in probability.
    pub expected_shortfall: Vec<Shortfall>,
    /// Share of the paths below zero.
    pub probability_negative: Estimate,
    /// Share of the paths above zero.
    pub probability_positive: Estimate,
}

impl Summary {
    /// Summary of a column at the default [`Levels`].
    pub fn of(column: &[f64]) -> Self {
        Summarizer::new(column.len(), &Levels::default()).summarize(column)
    }

    /// The quantile of this probability, if it was asked for.
    pub fn quantile(&self, probability: f64) -> Option<&Quantile> {
        self.quantiles.iter().find(|q| q.probability == probability)
    }

    /// The expected shortfall of the tail of this probability, if it was asked for.
    pub fn shortfall(&self, probability: f64) -> Option<&Shortfall> {
        self.expected_shortfall.iter().find(|s| s.probability == probability)
    }
}

/// What summaries of many columns of one length have in common: the ranks of the confidence intervals.
#[derive(Debug, Clone)]
pub struct Summarizer {
    quantiles: Vec<(f64, Ranks)>,
    tails: Vec<f64>,
}

impl Summarizer {
    /// Prepare for columns of `paths` values.
    pub fn new(paths: usize, levels: &Levels) -> Self {
        let quantiles = levels.quantiles().iter().map(|&p| (p, Ranks::new(paths, p, ALPHA))).collect();
        Self { quantiles, tails: levels.tails().to_vec() }
    }

    /// Summary of a column in path order. One of another length than announced, or with a `NaN`, has no statistics:
    /// every number is `NaN`.
    pub fn summarize(&self, column: &[f64]) -> Summary {
        let mut sorted = column.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let fits = self.quantiles.iter().all(|(_, ranks)| ranks.upper() <= sorted.len());
        let (Some(&min), Some(&max), true) = (sorted.first(), sorted.last(), fits) else {
            return self.undefined();
        };
        if column.iter().any(|x| x.is_nan()) {
            return self.undefined();
        }
        let moments = Moments::of(column);
        let quantile = |&(probability, ranks): &(f64, Ranks)| Quantile {
            probability,
            value: sorted[rank(sorted.len(), probability) - 1],
            low: sorted[ranks.lower() - 1],
            high: sorted[ranks.upper() - 1],
        };
        Summary {
            mean: moments.mean(),
            standard_deviation: moments.standard_deviation(),
            min,
            max,
            quantiles: self.quantiles.iter().map(quantile).collect(),
            expected_shortfall: self.tails.iter().map(|&a| Shortfall::of_sorted(&sorted, a)).collect(),
            probability_negative: Estimate::of_frequency(sorted.partition_point(|x| *x < 0.0), sorted.len()),
            probability_positive: Estimate::of_frequency(sorted.len() - sorted.partition_point(|x| *x <= 0.0), sorted.len()),
        }
    }

    fn undefined(&self) -> Summary {
        let nan = f64::NAN;
        let quantile = |&(probability, _): &(f64, Ranks)| Quantile { probability, value: nan, low: nan, high: nan };
        let shortfall = |&probability: &f64| Shortfall { probability, value: nan, standard_error: nan };
        Summary {
            mean: Estimate::UNDEFINED,
            standard_deviation: nan,
            min: nan,
            max: nan,
            quantiles: self.quantiles.iter().map(quantile).collect(),
            expected_shortfall: self.tails.iter().map(shortfall).collect(),
            probability_negative: Estimate::UNDEFINED,
            probability_positive: Estimate::UNDEFINED,
        }
    }
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Summary", 9)?;
        object.serialize_field("mean", &self.mean.mean)?;
        object.serialize_field("standard_error", &self.mean.standard_error)?;
        object.serialize_field("standard_deviation", &self.standard_deviation)?;
        object.serialize_field("min", &self.min)?;
        object.serialize_field("max", &self.max)?;
        object.serialize_field("quantiles", &Keyed(&self.quantiles, |q: &Quantile| q.probability))?;
        object.serialize_field("expected_shortfall", &Keyed(&self.expected_shortfall, |s: &Shortfall| s.probability))?;
        object.serialize_field("probability_negative", &self.probability_negative)?;
        object.serialize_field("probability_positive", &self.probability_positive)?;
        object.end()
    }
}

/// A list as a map from each item's probability, written as a user writes it: `0.05`.
struct Keyed<'a, T, F>(&'a [T], F);

impl<T: Serialize, F: Fn(&T) -> f64> Serialize for Keyed<'_, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for item in self.0 {
            map.serialize_entry(&(self.1)(item).to_string(), item)?;
        }
        map.end()
    }
}
