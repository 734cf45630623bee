//! Price processes: `price = { process = "gbm", ... }`.
//!
//! To add one: a struct with its parameters that is a [`Process`], a variant of [`ProcessSpec`], an entry in `PROCESSES`.

mod circular_bootstrap;
mod constant;
mod drift;
mod exp_ou;
mod garch;
mod gbm;
mod heston;
mod history;
mod jump_times;
mod kou;
mod merton;
mod ou;
mod peg;
mod pool_activity;
mod regime_switching;
mod shocks;
mod stationary_bootstrap;
#[cfg(test)]
mod tests;
mod variance_gamma;

use std::fmt::Debug;
use std::sync::Arc;

use cenote_paths::PriceModel;
use cenote_units::{Symbol, TokenAmount};
use serde::Serialize;

pub use circular_bootstrap::CircularBootstrapSpec;
pub use constant::ConstantSpec;
pub use exp_ou::ExpOuSpec;
pub use garch::GarchSpec;
pub use gbm::GbmSpec;
pub use heston::HestonSpec;
pub use history::{HistoryFile, HistorySpec};
pub use jump_times::JumpTimesSpec;
pub use kou::{ExponentialJumpsSpec, KouSpec};
pub use merton::{MertonSpec, NormalJumpsSpec};
pub use ou::OuSpec;
pub use peg::{DepegSpec, PegSpec, RecoverySpec};
pub use pool_activity::PoolActivitySpec;
pub use regime_switching::{RegimeSpec, RegimeSwitchingSpec};
use shocks::SHOCKS;
pub use shocks::{ShockSpec, ShockedSpec};
pub use stationary_bootstrap::StationaryBootstrapSpec;
pub use variance_gamma::VarianceGammaSpec;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};
use crate::spec::joint::Joint;
use crate::spec::{Custom, StudySpec};

/// The price of a token over time, in the token that its `initial` is in; without one, in the numeraire.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "process", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ProcessSpec {
    /// `constant`: it does not move.
    Constant(ConstantSpec),
    /// `gbm`: geometric Brownian motion.
    Gbm(GbmSpec),
    /// `merton`: geometric Brownian motion with normal jumps.
    Merton(MertonSpec),
    /// `kou`: geometric Brownian motion with double exponential jumps.
    Kou(KouSpec),
    /// `variance-gamma`: Brownian motion in random time.
    VarianceGamma(VarianceGammaSpec),
    /// `heston`: stochastic volatility.
    Heston(HestonSpec),
    /// `garch`: volatility that clusters.
    Garch(GarchSpec),
    /// `regime-switching`: drift and volatility change with a regime.
    RegimeSwitching(RegimeSwitchingSpec),
    /// `ou`: the price goes back to a mean.
    Ou(OuSpec),
    /// `exp-ou`: the log price goes back to a mean.
    ExpOu(ExpOuSpec),
    /// `peg`: a level that may be lost, times a deviation that goes back to nothing.
    Peg(PegSpec),
    /// `history`: the prices of a file, as they were.
    History(HistorySpec),
    /// `pool-activity`: the price that a recorded pool had.
    PoolActivity(PoolActivitySpec),
    /// `stationary-bootstrap`: the returns of a file, resampled in blocks of random length.
    StationaryBootstrap(StationaryBootstrapSpec),
    /// `circular-bootstrap`: the returns of a file, resampled in blocks of one length.
    CircularBootstrap(CircularBootstrapSpec),
    /// A process of the program's own; it has no spelling in a study file.
    Custom(Custom<dyn PriceModel>),
    /// A process with `shocks`: it keeps its own name in a study file.
    #[serde(untagged)]
    Shocked(ShockedSpec),
}

/// What every process can say of itself.
pub(crate) trait Process: Debug {
    /// The price at the start, where it is given.
    fn initial(&self) -> Option<&TokenAmount>;

    /// The bootstraps that it goes with, of one that does.
    fn joint(&self) -> Option<Joint<'_>> {
        None
    }

    /// The process itself. `study` has the folder of its files and the events that it may share; `path` is where it stands there.
    fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>>;
}

const PROCESS: Key = Key::new("process", "\"gbm\"");
const INITIAL: Key = Key::new("initial", "\"2000 USDC\"");
const VOLATILITY: Key = Key::new("volatility", "\"80%\"");

/// The processes that a study file can name.
const PROCESSES: &[Kind<ProcessSpec>] = &[
    Kind { name: "constant", keys: constant::KEYS, read: |fields| ConstantSpec::read(fields).map(ProcessSpec::Constant) },
    Kind { name: "gbm", keys: gbm::KEYS, read: |fields| GbmSpec::read(fields).map(ProcessSpec::Gbm) },
    Kind { name: "history", keys: history::KEYS, read: |fields| HistorySpec::read(fields).map(ProcessSpec::History) },
    Kind {
        name: "pool-activity",
        keys: pool_activity::KEYS,
        read: |fields| PoolActivitySpec::read(fields).map(ProcessSpec::PoolActivity),
    },
    Kind {
        name: "stationary-bootstrap",
        keys: stationary_bootstrap::KEYS,
        read: |fields| StationaryBootstrapSpec::read(fields).map(ProcessSpec::StationaryBootstrap),
    },
    Kind {
        name: "circular-bootstrap",
        keys: circular_bootstrap::KEYS,
        read: |fields| CircularBootstrapSpec::read(fields).map(ProcessSpec::CircularBootstrap),
    },
    Kind { name: "merton", keys: merton::KEYS, read: |fields| MertonSpec::read(fields).map(ProcessSpec::Merton) },
    Kind { name: "kou", keys: kou::KEYS, read: |fields| KouSpec::read(fields).map(ProcessSpec::Kou) },
    Kind {
        name: "variance-gamma",
        keys: variance_gamma::KEYS,
        read: |fields| VarianceGammaSpec::read(fields).map(ProcessSpec::VarianceGamma),
    },
    Kind { name: "heston", keys: heston::KEYS, read: |fields| HestonSpec::read(fields).map(ProcessSpec::Heston) },
    Kind { name: "garch", keys: garch::KEYS, read: |fields| GarchSpec::read(fields).map(ProcessSpec::Garch) },
    Kind {
        name: "regime-switching",
        keys: regime_switching::KEYS,
        read: |fields| RegimeSwitchingSpec::read(fields).map(ProcessSpec::RegimeSwitching),
    },
    Kind { name: "ou", keys: ou::KEYS, read: |fields| OuSpec::read(fields).map(ProcessSpec::Ou) },
    Kind { name: "exp-ou", keys: exp_ou::KEYS, read: |fields| ExpOuSpec::read(fields).map(ProcessSpec::ExpOu) },
    Kind { name: "peg", keys: peg::KEYS, read: |fields| PegSpec::read(fields).map(ProcessSpec::Peg) },
];

impl ProcessSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = table.kind(PROCESS, "process", PROCESSES)?;
        let fields = table.fields(&[&[PROCESS, SHOCKS], kind.keys])?;
        let process = (kind.read)(&fields)?;
        Ok(match fields.optional_with("shocks", &ShockSpec::read_all)? {
            Some(shocks) => ShockedSpec::new(process, shocks).into(),
            None => process,
        })
    }

    fn process(&self) -> &dyn Process {
        match self {
            Self::Constant(process) => process,
            Self::Gbm(process) => process,
            Self::Merton(process) => process,
            Self::Kou(process) => process,
            Self::VarianceGamma(process) => process,
            Self::Heston(process) => process,
            Self::Garch(process) => process,
            Self::RegimeSwitching(process) => process,
            Self::Ou(process) => process,
            Self::ExpOu(process) => process,
            Self::Peg(process) => process,
            Self::History(process) => process,
            Self::PoolActivity(process) => process,
            Self::StationaryBootstrap(process) => process,
            Self::CircularBootstrap(process) => process,
            Self::Custom(process) => process,
            Self::Shocked(process) => process,
        }
    }

    /// The price at the start, where the study gives it: a history has its own.
    pub fn initial(&self) -> Option<&TokenAmount> {
        self.process().initial()
    }

    pub(crate) fn joint(&self) -> Option<Joint<'_>> {
        self.process().joint()
    }

    pub(crate) fn check(&self, path: &KeyPath, numeraire: &Symbol) -> Checked<()> {
        let Some(initial) = self.initial() else { return Ok(()) };
        let at = path.key("initial");
        let example = format!("initial = \"2000 {numeraire}\"");
        if initial.is_zero() {
            return Err(Problem::new(at, "a price of zero")
                .with_found(initial.to_string())
                .with_expected("a price above zero")
                .with_example(example));
        }
        Ok(())
    }

    pub(crate) fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        self.process().model(study, path)
    }
}

impl Process for Custom<dyn PriceModel> {
    fn initial(&self) -> Option<&TokenAmount> {
        None
    }

    fn model(&self, _: &StudySpec, _: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
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
        cenote_paths::PathError::Parameter { name, expected, .. } => {
            // A parameter in a table of its own has its path for a name.
            (name.split('.').fold(path.clone(), |path, key| path.key(key)), Some(*expected))
        }
        cenote_paths::PathError::MeanBlock { .. } => (path.key("mean_block"), None),
        cenote_paths::PathError::Block { .. } => (path.key("block"), None),
        _ => (path.clone(), None),
    };
    let problem = Problem::new(at, error.to_string());
    let problem = match expected {
        Some(expected) => problem.with_expected(expected),
        None => problem,
    };
    problem.with_cause(error)
}
