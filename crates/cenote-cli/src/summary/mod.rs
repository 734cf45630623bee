//! What came out of a run, for people: tables and a sentence.

mod attribution;
mod other;
mod pools;
mod positions;
mod refusals;
mod risks;
mod sampling;
mod verdict;

use std::fmt;

use cenote_study::stats::Summary as Distribution;
use cenote_study::{MetricSelection, MetricUnit, PoolMetric, PositionMetric, Study, StudyResult};

use crate::number::{grouped, in_words};

/// All that is printed about a result. What was not computed is not shown.
#[derive(Debug)]
pub(crate) struct Summary<'a> {
    pub(crate) study: &'a Study,
    pub(crate) result: &'a StudyResult,
}

impl Summary<'_> {
    fn position(&self, name: &str, metric: PositionMetric) -> Option<&Distribution> {
        self.result.position(name, metric.name()).ok()
    }

    fn pool(&self, name: &str, metric: PoolMetric) -> Option<&Distribution> {
        self.result.pool(name, metric.name()).ok()
    }

    fn metrics(&self) -> &MetricSelection {
        &self.study.spec().metrics
    }

    fn position_names(&self) -> impl Iterator<Item = &str> {
        self.study.spec().positions.iter().map(|position| position.name.as_str())
    }

    fn pool_names(&self) -> impl Iterator<Item = &str> {
        self.study.spec().pools.iter().map(|pool| pool.name.as_str())
    }

    #[expect(clippy::cast_precision_loss, reason = "a count that is rounded for people")]
    fn header(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (spec, result) = (self.study.spec(), self.result);
        let (blocks, paths, seconds) = (result.blocks() as f64, f64::from(spec.paths), result.elapsed_seconds());
        writeln!(f, "{}", spec.name)?;
        writeln!(
            f,
            "{} paths of {}, {} blocks each, seed {}: {} s, {} path-blocks per second",
            grouped(paths, 0),
            spec.horizon,
            grouped(blocks / paths, 0),
            spec.seed,
            grouped(seconds, if seconds < 100.0 { 2 } else { 0 }),
            in_words(blocks / seconds),
        )
    }
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.header(f)?;
        for table in
            [self.positions(), self.attribution(), self.risks(), self.pools(), self.other(), self.sampling()].into_iter().flatten()
        {
            write!(f, "\n{table}")?;
        }
        let verdicts: Vec<String> = self.hurt().into_iter().chain(self.refusals()).chain(self.verdicts()).collect();
        if !verdicts.is_empty() {
            writeln!(f, "\n{}", verdicts.join("\n"))?;
        }
        Ok(())
    }
}

/// How numbers of a kind are shown: what they are multiplied with, and what is written behind.
pub(crate) const fn display_unit(unit: MetricUnit) -> (f64, &'static str) {
    match unit {
        MetricUnit::Fraction => (100.0, "%"),
        MetricUnit::PerDay => (BASIS_POINTS, " bp/day"),
        _ => (1.0, ""),
    }
}

const BASIS_POINTS: f64 = 1e4;
