//! What can go wrong between a study file and its result.

use std::path::PathBuf;

use crate::problem::Problem;

/// A study that cannot be read, run or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StudyError {
    /// Something in the study itself is wrong. The [`Problem`] says where, what was expected, and gives an example.
    #[error(transparent)]
    Invalid(#[from] Box<Problem>),
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file cannot be written. Nothing is left of the attempt: an older file of that name is untouched.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The simulator refuses the study.
    #[error(transparent)]
    Scenario(#[from] cenote_sim::ScenarioError),
    /// A strategy cannot be what the study says.
    #[error(transparent)]
    Strategy(#[from] cenote_strategy::StrategyError),
    /// A path went wrong. The error says which: `cenote replay` runs it alone.
    #[error(transparent)]
    Simulation(#[from] cenote_sim::SimError),
    /// Somebody stopped the run. Nothing was written.
    #[error("interrupted: nothing was written")]
    Interrupted,
    /// A study or a result that cannot be put into text.
    #[error("cannot be written as text: {0}")]
    Unwritable(Box<dyn std::error::Error + Send + Sync>),
    /// A level of a quantile which is no probability.
    #[error("a quantile needs a probability strictly between 0 and 1, got {value}")]
    Probability {
        /// The offending number.
        value: f64,
    },
    /// Columns of different numbers of paths cannot be paired.
    #[error("columns of {first} and {second} paths cannot be paired: both must be of the same paths")]
    UnequalColumns {
        /// Paths of the first column.
        first: usize,
        /// Paths of the second column.
        second: usize,
    },
    /// Two components of the world would draw the same random numbers.
    #[error(
        "the random streams of {first} and {second} have the same 32-bit key {hash:#010x}: rename one of them, the name \
         is what the key is made of"
    )]
    StreamCollision {
        /// Name of one component.
        first: String,
        /// Name of the other.
        second: String,
        /// The hash that both names have.
        hash: u32,
    },
    /// Raw numbers that do not have the size which their paths and metrics call for.
    #[error("{found} numbers for {paths} paths of {metrics} metrics, expected {expected}: whole packs of paths")]
    ColumnSize {
        /// Paths of the run.
        paths: usize,
        /// Metrics per path.
        metrics: usize,
        /// How many numbers that takes.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A run with more numbers than there is memory for.
    #[error(
        "{paths} paths of {metrics} metrics are {numbers} numbers of 8 bytes, more than there is memory for: ask for fewer \
         paths, or for fewer `metrics` in [study]"
    )]
    Memory {
        /// Paths of the run.
        paths: usize,
        /// Metrics per path.
        metrics: usize,
        /// How many numbers that takes.
        numbers: usize,
    },
    /// A position, pool or metric that a result does not have.
    #[error("the result has no {what} {name:?}, {}", has(known))]
    NotInResult {
        /// "position", "pool" or "metric".
        what: &'static str,
        /// The name that was asked for.
        name: String,
        /// The names it does have.
        known: Vec<String>,
    },
}

fn has(known: &[String]) -> String {
    if known.is_empty() { "it has none".to_owned() } else { format!("it has {}", known.join(", ")) }
}
