//! Everything where it earns most.

use cenote_units::{Fraction, SimDuration};
use serde::Serialize;

use super::portfolio::ASSETS;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::quantity::require_time;
use crate::spec::{Place, StudySpec};

/// `strategy = "best-yield"`: everything in the place with the best yield, at first the first; it moves when another yields more by a
/// margin, and when that pays for the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestYieldSpec {
    /// The places: `"farms.main"`, `"lending.usdt"`, `"pools.main"`, `"vaults.auto"`, or tokens and pools by their bare names.
    pub between: Vec<String>,
    /// How often it looks.
    pub every: SimDuration,
    /// By how many percentage points of APR another place has to be better; 0% unless given.
    pub hysteresis: Fraction,
    /// Within what time the way has to be gained back; 30d unless given.
    pub patience: SimDuration,
    /// Of the exponential mean of swap fees; 7d unless given.
    pub memory: SimDuration,
}

pub(super) const KEYS: &[Key] = &[
    Key::new("between", "[\"farms.main\", \"lending.usdc\"]"),
    Key::new("every", "\"1d\""),
    Key::new("hysteresis", "\"3%\""),
    Key::new("patience", "\"30d\""),
    Key::new("memory", "\"7d\""),
];

const DAY: u64 = 86_400_000_000_000;

impl BestYieldSpec {
    /// Between these places, looked at this often.
    pub fn new<S: Into<String>>(between: impl IntoIterator<Item = S>, every: SimDuration) -> Self {
        Self {
            between: between.into_iter().map(Into::into).collect(),
            every,
            hysteresis: Fraction::ZERO,
            patience: SimDuration::from_nanos(30 * DAY),
            memory: SimDuration::from_nanos(7 * DAY),
        }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let usual = Self::new(fields.required::<Vec<String>>("between")?, fields.required("every")?);
        Ok(Self {
            hysteresis: fields.or("hysteresis", usual.hysteresis)?,
            patience: fields.or("patience", usual.patience)?,
            memory: fields.or("memory", usual.memory)?,
            ..usual
        })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let at = path.key("between");
        if self.between.is_empty() {
            return Err(Problem::new(at, "nothing to choose between")
                .with_found("[]")
                .with_expected("at least one place")
                .with_example("between = [\"farms.main\", \"lending.usdc\"]"));
        }
        let mut places = Vec::new();
        for (i, name) in self.between.iter().enumerate() {
            let at = at.index(i);
            let place = study.require_place(name, &at, ASSETS)?;
            if let Place::Token(token) = place {
                study.require_price(&token.symbol, &at, "it is held")?;
            }
            places.push((at, name.as_str(), place));
        }
        study.require_ways(&places)?;
        if self.hysteresis.get() < 0.0 {
            return Err(Problem::new(path.key("hysteresis"), "a margin below nothing: it would move to what yields less")
                .with_found(format!("\"{}\"", self.hysteresis))
                .with_expected("percentage points of APR, from 0% on")
                .with_example("hysteresis = \"3%\""));
        }
        require_time(self.every, path.key("every"), "a timer that never stops ringing", "every = \"1d\"")?;
        require_time(self.patience, path.key("patience"), "no way is gained back in no time", "patience = \"30d\"")?;
        require_time(self.memory, path.key("memory"), "a mean over no time", "memory = \"7d\"")
    }
}

impl From<BestYieldSpec> for super::StrategySpec {
    fn from(strategy: BestYieldSpec) -> Self {
        Self::BestYield(strategy)
    }
}
