//! What becomes of a lending market's utilisation.

use std::path::Path;
use std::sync::Arc;

use cenote_paths::{Ou, PriceModel};
use cenote_sim::Utilisation;
use cenote_units::{Fraction, Rate, SimDuration, Volatility};
use cenote_yield::lending::{BorrowerCrowd, LendingError, utilisation_to_logit};
use serde::Serialize;

use super::RateFileSpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};
use crate::spec::quantity::{require_part, require_time};

/// How much of what is supplied is lent out, over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum UtilisationSpec {
    /// `"80%"`: always the same, whatever positions do.
    Constant(Fraction),
    /// `{ process = "ou", ... }`: a process on its logit, ln(U/(1 − U)), whatever positions do.
    Logit(LogitProcessSpec),
    /// `{ borrowers = { willing = "5%", response = "7d" }, initial = "80%" }`: borrowers who come and go with the rate.
    Borrowers {
        /// They.
        borrowers: BorrowersSpec,
        /// How much they have borrowed at the start.
        initial: Fraction,
    },
    /// `{ history = { file = "aave.csv" } }`: rates as they were recorded.
    Recorded {
        /// The file.
        history: RateFileSpec,
    },
    /// `{ initial = "80%" }`: others keep what they have borrowed at the start.
    Free {
        /// How much that is.
        initial: Fraction,
    },
}

/// A process on the logit of the utilisation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "process", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LogitProcessSpec {
    /// `{ process = "ou", mean = "80%", half_life = "7d", volatility = "20%", initial = "70%" }`: the logit goes back to that of a mean.
    Ou {
        /// The utilisation that it goes back to.
        mean: Fraction,
        /// In which half of the way is gone.
        half_life: SimDuration,
        /// Of the logit: at U, a volatility of the utilisation of U (1 − U) as much.
        volatility: Volatility,
        /// The utilisation at the start; the mean unless given.
        initial: Fraction,
    },
}

/// `{ willing = "5%", response = "7d" }`: d ln(debt)/dt = ln(willing / borrow rate) / response.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BorrowersSpec {
    /// The borrow rate at which they stay.
    pub willing: Rate,
    /// How fast they are.
    pub response: SimDuration,
}

const PROCESS: Key = Key::new("process", "\"ou\"");
const INITIAL: Key = Key::new("initial", "\"80%\"");
const BORROWERS: Key = Key::new("borrowers", "{ willing = \"5%\", response = \"7d\" }");
const HISTORY: Key = Key::new("history", "{ file = \"aave.csv\" }");
const OU_KEYS: &[Key] =
    &[PROCESS, Key::new("mean", "\"80%\""), Key::new("half_life", "\"7d\""), Key::new("volatility", "\"20%\""), INITIAL];
const ALL_KEYS: &[Key] = &[PROCESS, BORROWERS, HISTORY, INITIAL];
const BORROWERS_KEYS: &[Key] = &[Key::new("willing", "\"5%\""), Key::new("response", "\"7d\"")];
const EXAMPLE: &str = "utilisation = { process = \"ou\", mean = \"80%\", half_life = \"7d\", volatility = \"20%\" }";

impl UtilisationSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        if !item.is_table() {
            return item.read().map(Self::Constant);
        }
        let table = item.table()?;
        if let Some(process) = table.get("process") {
            process
                .word("process of a utilisation", &["ou"], |word| word)
                .map_err(|problem| problem.or_example(|| EXAMPLE.to_owned()))?;
            let fields = table.fields(&[OU_KEYS])?;
            let mean = fields.required("mean")?;
            return Ok(Self::Logit(LogitProcessSpec::Ou {
                mean,
                half_life: fields.required("half_life")?,
                volatility: fields.required("volatility")?,
                initial: fields.or("initial", mean)?,
            }));
        }
        if table.get("borrowers").is_some() {
            let fields = table.fields(&[&[BORROWERS, INITIAL]])?;
            return Ok(Self::Borrowers {
                borrowers: fields.with("borrowers", &BorrowersSpec::read)?,
                initial: fields.required("initial")?,
            });
        }
        if table.get("history").is_some() {
            let fields = table.fields(&[&[HISTORY]])?;
            return Ok(Self::Recorded { history: fields.with("history", &RateFileSpec::read)? });
        }
        let fields = table.fields(&[ALL_KEYS])?;
        Ok(Self::Free { initial: fields.required("initial")? })
    }

    /// The utilisation at the start, where rates are not recorded.
    pub(super) fn initial(&self) -> Fraction {
        match self {
            Self::Constant(initial)
            | Self::Borrowers { initial, .. }
            | Self::Free { initial }
            | Self::Logit(LogitProcessSpec::Ou { initial, .. }) => *initial,
            Self::Recorded { .. } => Fraction::ZERO,
        }
    }

    pub(super) fn check(&self, path: &KeyPath) -> Checked<()> {
        match self {
            Self::Constant(constant) => require_part(*constant, path.clone(), "a utilisation", "utilisation = \"80%\""),
            Self::Free { initial } => require_part(*initial, path.key("initial"), "a utilisation", "initial = \"80%\""),
            Self::Logit(LogitProcessSpec::Ou { mean, half_life, initial, .. }) => {
                require_inside(*mean, path.key("mean"), "mean")?;
                require_inside(*initial, path.key("initial"), "initial")?;
                require_time(*half_life, path.key("half_life"), "a half-life of nothing", "half_life = \"7d\"")
            }
            Self::Borrowers { borrowers, initial } => {
                require_inside(*initial, path.key("initial"), "initial")?;
                borrowers.crowd(&path.key("borrowers")).map(|_| ())
            }
            Self::Recorded { .. } => Ok(()),
        }
    }

    /// What drives it. `needed` has to be recorded.
    pub(super) fn driver(&self, folder: &Path, needed: SimDuration, path: &KeyPath) -> Checked<Utilisation> {
        Ok(match self {
            Self::Constant(_) => Utilisation::Constant,
            Self::Free { .. } => Utilisation::Free,
            Self::Logit(process) => Utilisation::Logit(process.model(path)?),
            Self::Borrowers { borrowers, .. } => Utilisation::Borrowers(borrowers.crowd(&path.key("borrowers"))?),
            Self::Recorded { history } => Utilisation::Recorded(Arc::new(history.load(folder, needed, &path.key("history"))?)),
        })
    }
}

/// A utilisation whose logit is finite.
fn require_inside(utilisation: Fraction, path: KeyPath, key: &str) -> Checked<()> {
    if utilisation.get() > 0.0 && utilisation.get() < 1.0 {
        return Ok(());
    }
    Err(Problem::new(path, format!("a utilisation of {utilisation} never becomes another one"))
        .with_found(format!("\"{utilisation}\""))
        .with_expected("above 0% and below 100%")
        .with_example(format!("{key} = \"80%\"")))
}

impl LogitProcessSpec {
    fn model(&self, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let Self::Ou { mean, half_life, volatility, initial } = self;
        let [initial, mean] = [initial, mean].map(|utilisation| utilisation_to_logit(utilisation.get()));
        let model = Ou::new(initial, mean, *half_life, *volatility).map_err(|error| {
            Problem::new(path.clone(), error.to_string())
                .with_expected("a process that can run")
                .with_example(EXAMPLE)
                .with_cause(error)
        })?;
        Ok(model.into())
    }
}

impl BorrowersSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[BORROWERS_KEYS])?;
        Ok(Self { willing: fields.required("willing")?, response: fields.required("response")? })
    }

    fn crowd(&self, path: &KeyPath) -> Checked<BorrowerCrowd> {
        BorrowerCrowd::new(self.willing, self.response).map_err(|error| {
            let (key, example, found) = match error {
                LendingError::InvalidParameter { name: "response", .. } => ("response", "\"7d\"", self.response.to_string()),
                _ => ("willing", "\"5%\"", self.willing.to_string()),
            };
            Problem::new(path.key(key), "borrowers who would never come to rest")
                .with_found(format!("\"{found}\""))
                .with_expected("a borrow rate above 0% that they are willing to pay, and a response time above zero")
                .with_example(format!("{key} = {example}"))
                .with_cause(error)
        })
    }
}

impl From<Fraction> for UtilisationSpec {
    fn from(constant: Fraction) -> Self {
        Self::Constant(constant)
    }
}

impl From<LogitProcessSpec> for UtilisationSpec {
    fn from(process: LogitProcessSpec) -> Self {
        Self::Logit(process)
    }
}
