//! Price processes: `price = { process = "gbm", ... }`.
//!
//! To add one: a struct with its parameters that is a [`Process`], a variant of [`ProcessSpec`], an entry in `PROCESSES`.

mod constant;
mod gbm;
mod history;
mod stationary_bootstrap;

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use cenote_paths::PriceModel;
use cenote_units::{Symbol, TokenAmount};
use serde::Serialize;

pub use constant::ConstantSpec;
pub use gbm::GbmSpec;
pub use history::{HistoryFile, HistorySpec};
pub use stationary_bootstrap::StationaryBootstrapSpec;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};
use crate::spec::Custom;

/// The price of a token over time, in the numeraire.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "process", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ProcessSpec {
    /// `constant`: it does not move.
    Constant(ConstantSpec),
    /// `gbm`: geometric Brownian motion.
    Gbm(GbmSpec),
    /// `history`: the prices of a file, as they were.
    History(HistorySpec),
    /// `stationary-bootstrap`: the returns of a file, resampled in blocks of random length.
    StationaryBootstrap(StationaryBootstrapSpec),
    /// A process of the program's own; it has no spelling in a study file.
    Custom(Custom<dyn PriceModel>),
}

/// What every process can say of itself.
pub(crate) trait Process: Debug {
    /// The price at the start, where it is given.
    fn initial(&self) -> Option<&TokenAmount>;

    /// The process itself. Files are looked for in `folder`; `path` is where the process stands in the study.
    fn model(&self, folder: &Path, path: &KeyPath) -> Checked<Arc<dyn PriceModel>>;
}

const PROCESS: Key = Key::new("process", "\"gbm\"");
const INITIAL: Key = Key::new("initial", "\"2000 USDC\"");

/// The processes that a study file can name.
const PROCESSES: &[Kind<ProcessSpec>] = &[
    Kind { name: "constant", keys: constant::KEYS, read: |fields| ConstantSpec::read(fields).map(ProcessSpec::Constant) },
    Kind { name: "gbm", keys: gbm::KEYS, read: |fields| GbmSpec::read(fields).map(ProcessSpec::Gbm) },
    Kind { name: "history", keys: history::KEYS, read: |fields| HistorySpec::read(fields).map(ProcessSpec::History) },
    Kind {
        name: "stationary-bootstrap",
        keys: stationary_bootstrap::KEYS,
        read: |fields| StationaryBootstrapSpec::read(fields).map(ProcessSpec::StationaryBootstrap),
    },
];

impl ProcessSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = table.kind(PROCESS, "process", PROCESSES)?;
        (kind.read)(&table.fields(&[&[PROCESS], kind.keys])?)
    }

    fn process(&self) -> &dyn Process {
        match self {
            Self::Constant(process) => process,
            Self::Gbm(process) => process,
            Self::History(process) => process,
            Self::StationaryBootstrap(process) => process,
            Self::Custom(process) => process,
        }
    }

    /// The price at the start, where the study gives it: a history has its own.
    pub fn initial(&self) -> Option<&TokenAmount> {
        self.process().initial()
    }

    pub(crate) fn check(&self, path: &KeyPath, numeraire: &Symbol) -> Checked<()> {
        let Some(initial) = self.initial() else { return Ok(()) };
        let at = path.key("initial");
        let example = format!("initial = \"2000 {numeraire}\"");
        if initial.symbol() != numeraire {
            return Err(Problem::new(at, format!("`initial` is in {}, not in the numeraire", initial.symbol()))
                .with_found(initial.to_string())
                .with_expected(format!("a price in {numeraire}"))
                .with_example(example));
        }
        if initial.is_zero() {
            return Err(Problem::new(at, "a price of zero")
                .with_found(initial.to_string())
                .with_expected("a price above zero")
                .with_example(example));
        }
        Ok(())
    }

    pub(crate) fn model(&self, folder: &Path, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        self.process().model(folder, path)
    }
}

impl Process for Custom<dyn PriceModel> {
    fn initial(&self) -> Option<&TokenAmount> {
        None
    }

    fn model(&self, _: &Path, _: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        Ok(Arc::clone(self.model()))
    }
}

impl<P: PriceModel + 'static> From<P> for ProcessSpec {
    fn from(model: P) -> Self {
        Self::Custom(Custom::new(Arc::new(model)))
    }
}

/// A parameter that the process itself refuses.
fn refused(path: &KeyPath, error: cenote_paths::PathError) -> Box<Problem> {
    let (at, expected) = match &error {
        cenote_paths::PathError::Parameter { name, expected, .. } => (path.key(*name), Some(*expected)),
        cenote_paths::PathError::MeanBlock { .. } => (path.key("mean_block"), None),
        _ => (path.clone(), None),
    };
    let problem = Problem::new(at, error.to_string());
    let problem = match expected {
        Some(expected) => problem.with_expected(expected),
        None => problem,
    };
    problem.with_cause(error)
}
