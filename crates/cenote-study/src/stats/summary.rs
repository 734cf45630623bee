//! Everything that is said about one column.

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use super::student::student_975;
use super::{Controls, Estimate, Grouping, Levels, Moments, Quantile, Ranks, Shortfall, VarianceReduction, quantile::rank};
use crate::convert::{count, index};

/// One minus the confidence of the intervals of quantiles.
const ALPHA: f64 = 0.05;

/// The distribution of one metric over the paths of a study.
///
/// Serialises to the object that a result holds for every metric: `mean`, `standard_error`, `standard_deviation`,
/// `min`, `max`, `quantiles`, `expected_shortfall`, `probability_negative`, `probability_positive`, and
/// `variance_reduction` if there is one. Quantiles and tails are keyed by their probability, `"0.05"`.
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
    /// What sampling or control variates saved; `None` for independent paths without any.
    pub variance_reduction: Option<VarianceReduction>,
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

/// What summaries of many columns of one length have in common: the ranks of the confidence intervals, which paths are independent, and
/// what is known beforehand.
///
/// Where paths come in groups, standard errors are those of [`Grouping::estimate`], and a quantile's interval is that of Woodruff
/// (1952, "Confidence intervals for medians and other position measures"): order statistics at the probabilities p ± t s, s the
/// standard error of the share of paths up to the quantile and t of Student's law. Control variates improve means; quantiles, tails
/// and probabilities are those of the paths.
#[derive(Debug, Clone)]
pub struct Summarizer {
    paths: usize,
    quantiles: Vec<(f64, Ranks)>,
    tails: Vec<f64>,
    grouping: Grouping,
    controls: Option<Controls>,
}

impl Summarizer {
    /// Prepare for columns of `paths` independent values.
    pub fn new(paths: usize, levels: &Levels) -> Self {
        let quantiles = levels.quantiles().iter().map(|&p| (p, Ranks::new(paths, p, ALPHA))).collect();
        Self { paths, quantiles, tails: levels.tails().to_vec(), grouping: Grouping::Independent, controls: None }
    }

    /// The same for paths that hang together like this.
    pub fn grouped(self, grouping: Grouping) -> Self {
        Self { grouping, ..self }
    }

    /// The same with control variates, grouped alike; without any there is nothing to control with.
    pub fn controlled(self, controls: Controls) -> Self {
        Self { controls: Some(controls).filter(|controls| !controls.names().is_empty()), ..self }
    }

    /// The two ends of the 95% interval of a mean, by the normal approximation, or Student's law where its standard error comes from
    /// groups of paths or a regression.
    pub fn interval(&self, mean: &Estimate) -> (f64, f64) {
        let half = match (&self.controls, self.grouping) {
            (None, Grouping::Independent) => return mean.interval(),
            (Some(controls), _) => controls.half_width(),
            (None, grouping) => student_975(grouping.groups(self.paths).saturating_sub(1)),
        };
        (mean.mean - half * mean.standard_error, mean.mean + half * mean.standard_error)
    }

    /// Mean of a column in path order with its standard error, and what sampling and control variates saved.
    pub fn mean(&self, column: &[f64]) -> (Estimate, Option<VarianceReduction>) {
        let sample = self.grouping.estimate(column.len(), column.iter().copied());
        let reduction =
            |mean: &Estimate, deviations: &[f64]| VarianceReduction::of(column, self.grouping, mean.standard_error, deviations);
        match &self.controls {
            Some(controls) => {
                let controlled = controls.control(column);
                let saved = reduction(&controlled.mean, &controlled.residuals).controlled(sample, controls, &controlled);
                (controlled.mean, Some(saved))
            }
            None if self.grouping == Grouping::Independent => (sample, None),
            None => {
                let means = self.grouping.means(column);
                let centre = Moments::of(&means).mean().mean;
                let deviations: Vec<f64> = means.iter().map(|mean| mean - centre).collect();
                (sample, Some(reduction(&sample, &deviations)))
            }
        }
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
        let (mean, variance_reduction) = self.mean(column);
        Summary {
            mean,
            standard_deviation: Moments::of(column).standard_deviation(),
            min,
            max,
            quantiles: self.quantiles.iter().map(|(p, ranks)| self.quantile(column, &sorted, *p, ranks)).collect(),
            expected_shortfall: self.tails.iter().map(|&a| self.shortfall(column, &sorted, a)).collect(),
            probability_negative: self.frequency(column, |x| x < 0.0),
            probability_positive: self.frequency(column, |x| x > 0.0),
            variance_reduction,
        }
    }

    fn quantile(&self, column: &[f64], sorted: &[f64], probability: f64, ranks: &Ranks) -> Quantile {
        let value = sorted[rank(sorted.len(), probability) - 1];
        let (lower, upper) = if self.grouping == Grouping::Independent {
            (ranks.lower(), ranks.upper())
        } else {
            let share = Estimate { mean: probability, ..self.frequency(column, |x| x <= value) };
            let half = student_975(self.grouping.groups(column.len()).saturating_sub(1)) * share.standard_error;
            let n = count(sorted.len());
            let rank = |p: f64| index((n * p.clamp(0.0, 1.0)).floor()).clamp(1, sorted.len());
            (rank(probability - half), rank(probability + half + 1.0 / n))
        };
        Quantile { probability, value, low: sorted[lower - 1], high: sorted[upper - 1] }
    }

    fn shortfall(&self, column: &[f64], sorted: &[f64], probability: f64) -> Shortfall {
        let plain = Shortfall::of_sorted(sorted, probability);
        if self.grouping == Grouping::Independent || plain.standard_error.is_nan() {
            return plain;
        }
        let q = sorted[rank(sorted.len(), probability) - 1];
        let shortfalls = column.iter().map(|x| (q - x).max(0.0));
        let standard_error = self.grouping.estimate(column.len(), shortfalls).standard_error / probability;
        Shortfall { standard_error, ..plain }
    }

    /// How often something is true of a path.
    fn frequency(&self, column: &[f64], is: impl Fn(f64) -> bool + Clone) -> Estimate {
        let hits = column.iter().filter(|x| is(**x)).count();
        let plain = Estimate::of_frequency(hits, column.len());
        if self.grouping == Grouping::Independent {
            return plain;
        }
        let indicator = column.iter().map(|x| if is(*x) { 1.0 } else { 0.0 });
        Estimate { standard_error: self.grouping.estimate(column.len(), indicator).standard_error, ..plain }
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
            variance_reduction: None,
        }
    }
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Summary", 10)?;
        object.serialize_field("mean", &self.mean.mean)?;
        object.serialize_field("standard_error", &self.mean.standard_error)?;
        object.serialize_field("standard_deviation", &self.standard_deviation)?;
        object.serialize_field("min", &self.min)?;
        object.serialize_field("max", &self.max)?;
        object.serialize_field("quantiles", &Keyed(&self.quantiles, |q: &Quantile| q.probability))?;
        object.serialize_field("expected_shortfall", &Keyed(&self.expected_shortfall, |s: &Shortfall| s.probability))?;
        object.serialize_field("probability_negative", &self.probability_negative)?;
        object.serialize_field("probability_positive", &self.probability_positive)?;
        match &self.variance_reduction {
            Some(reduction) => object.serialize_field("variance_reduction", reduction)?,
            None => object.skip_field("variance_reduction")?,
        }
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
