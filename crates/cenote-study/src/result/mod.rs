//! What a study found out: columns of numbers per path, their summaries, and the files that hold them.

mod columns;
mod files;
mod json;
mod layout;
#[cfg(test)]
mod tests;

use rayon::prelude::*;

pub use columns::RawColumns;
pub use files::{AtomicFile, write_atomically};
pub use layout::{ColumnKey, ColumnLayout, Subject};

use crate::error::StudyError;
use crate::spec::StudySpec;
use crate::stats::{Control, Controls, Estimate, PairedDifference, Summarizer, Summary};
use crate::study::Study;

/// The result of a study: one column per metric of every position and every pool, and its summary.
///
/// ```
/// use cenote_study::{ColumnLayout, RawColumns, Study, StudyResult};
/// # let text = r#"
/// # schema = 1
/// # [study]
/// # paths = 100
/// # horizon = "90d"
/// # numeraire = "USDC"
/// # metrics = ["net_return"]
/// # [chains.ethereum]
/// # block_time = "1h"
/// # native = "USDC"
/// # [tokens]
/// # USDC = { decimals = 6 }
/// # [[positions]]
/// # name = "cash"
/// # strategy = "hold"
/// # tokens = ["USDC"]
/// # deposit = "10_000 USDC"
/// # "#;
/// let study = Study::parse(text, "cash.toml", &[])?;
/// let layout = ColumnLayout::of(study.spec());
/// // What a run leaves behind: packs of paths, in each pack a row of numbers per metric.
/// let raw = RawColumns::new(100, layout.len(), vec![0.05; RawColumns::size(100, layout.len())])?;
/// let result = StudyResult::new(&study, raw, 216_000, 0.1)?;
/// assert_eq!(result.position("cash", "net_return")?.mean.mean, 0.05);
/// assert_eq!(result.to_json()["positions"]["cash"]["net_return"]["mean"], 0.05);
/// # Ok::<(), cenote_study::StudyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct StudyResult {
    study: serde_json::Value,
    seed: u64,
    blocks: u64,
    elapsed_seconds: f64,
    layout: ColumnLayout,
    raw: RawColumns,
    summaries: Vec<Summary>,
    summarizer: Summarizer,
    control_means: Vec<f64>,
}

impl StudyResult {
    /// Summarise what a run of `study` left behind. `blocks` counts over all paths and chains.
    ///
    /// Columns are summarised in parallel, each on its own: the result does not depend on the threads.
    ///
    /// # Errors
    /// [`StudyError::ColumnSize`] when the columns are not those of the study; [`StudyError::Unwritable`] when the
    /// study cannot be put into JSON.
    pub fn new(study: &Study, raw: RawColumns, blocks: u64, elapsed_seconds: f64) -> Result<Self, StudyError> {
        let spec = study.spec();
        let layout = ColumnLayout::of(spec);
        let paths = usize::try_from(spec.paths).unwrap_or(usize::MAX);
        raw.check(paths, layout.len())?;
        let plain = Summarizer::new(paths, &spec.levels).grouped(spec.sampling.grouping());
        let summarizer = plain.clone().controlled(controls(study, &layout, &raw));
        let measured = layout.measured();
        let summarize = |metric| {
            // A control that controlled itself would be known exactly.
            let by = if metric < measured { &summarizer } else { &plain };
            by.summarize(&raw.column(metric))
        };
        let summaries = (0..layout.len()).into_par_iter().map(summarize).collect();
        let control_means = study.control_means().to_vec();
        let study = study.to_json()?;
        Ok(Self { study, seed: spec.seed, blocks, elapsed_seconds, layout, raw, summaries, summarizer, control_means })
    }

    /// The control variates: their columns' names, what the paths came to, and the means that were known.
    pub fn control_variates(&self) -> impl Iterator<Item = (&ColumnKey, &Summary, f64)> {
        let columns = self.summaries().skip(self.layout.measured());
        columns.zip(&self.control_means).map(|((key, summary), mean)| (key, summary, *mean))
    }

    /// The resolved study, in the shape of a study file.
    pub fn study(&self) -> &serde_json::Value {
        &self.study
    }

    /// The master seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// How many paths were run.
    pub fn paths(&self) -> usize {
        self.raw.paths()
    }

    /// How many blocks were run, over all paths and chains.
    pub fn blocks(&self) -> u64 {
        self.blocks
    }

    /// How long the run took.
    pub fn elapsed_seconds(&self) -> f64 {
        self.elapsed_seconds
    }

    /// Which column is what.
    pub fn layout(&self) -> &ColumnLayout {
        &self.layout
    }

    /// Every column with its summary, positions first, in the order of the study.
    pub fn summaries(&self) -> impl Iterator<Item = (&ColumnKey, &Summary)> {
        self.layout.keys().iter().zip(&self.summaries)
    }

    /// The two ends of the 95% interval of a mean of this result: [`Summarizer::interval`].
    pub fn interval(&self, mean: &Estimate) -> (f64, f64) {
        self.summarizer.interval(mean)
    }

    /// Distribution of a metric of a position.
    ///
    /// # Errors
    /// [`StudyError::NotInResult`] for a position or a metric that the result does not have.
    pub fn position(&self, name: &str, metric: &str) -> Result<&Summary, StudyError> {
        self.layout.find(Subject::Position, name, metric).map(|column| &self.summaries[column])
    }

    /// Distribution of a metric of a pool.
    ///
    /// # Errors
    /// [`StudyError::NotInResult`] for a pool or a metric that the result does not have.
    pub fn pool(&self, name: &str, metric: &str) -> Result<&Summary, StudyError> {
        self.layout.find(Subject::Pool, name, metric).map(|column| &self.summaries[column])
    }

    /// A metric of a position or a pool on every path, in path order.
    ///
    /// # Errors
    /// [`StudyError::NotInResult`] for something that the result does not have.
    pub fn column(&self, subject: Subject, name: &str, metric: &str) -> Result<Vec<f64>, StudyError> {
        self.layout.find(subject, name, metric).map(|column| self.raw.column(column))
    }

    /// A metric of one position less that of another, path by path: they lived in the same world, so the difference is
    /// known better than either.
    ///
    /// # Errors
    /// [`StudyError::NotInResult`] for a position or a metric that the result does not have.
    pub fn compare(&self, first: &str, second: &str, metric: &str) -> Result<PairedDifference, StudyError> {
        let column = |name| self.column(Subject::Position, name, metric);
        PairedDifference::by(&self.summarizer, &column(first)?, &column(second)?)
    }
}

/// The control variates of a study, as its paths have them.
fn controls(study: &Study, layout: &ColumnLayout, raw: &RawColumns) -> Controls {
    let spec: &StudySpec = study.spec();
    let known = spec.control_variates.iter().zip(study.control_means()).zip(layout.measured()..);
    let controls: Vec<Control> = known
        .map(|((control, &expected), column)| Control { name: control.to_string(), column: raw.column(column), expected })
        .collect();
    Controls::new(&controls, spec.sampling.grouping())
}
