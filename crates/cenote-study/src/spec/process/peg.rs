//! A pegged price.

use std::sync::Arc;

use cenote_paths::{Depeg, Peg, PriceModel, Recovery};
use cenote_units::{Fraction, SimDuration, TokenAmount, Volatility};
use serde::Serialize;

use super::jump_times::{JumpTimesSpec, PROBABILITY, SHARED};
use super::{INITIAL, Process, VOLATILITY, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Item, Key};
use crate::spec::StudySpec;

/// `{ process = "peg", initial = "1 USDT", reversion_half_life = "12h", volatility = "2%", depeg = { rate = "0.2 per year",
/// size = "10%", recovery = { probability = "70%", half_life = "2d" } } }`: a level times a deviation that goes back to
/// nothing. A depeg multiplies the level by 1 − size; with the given probability the level returns with its half-life,
/// otherwise it stays. Depegs that come at shared events say `shared` for `rate`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PegSpec {
    /// The peg, which is the price at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// In which half of a deviation of the log price from its level is gone.
    pub reversion_half_life: SimDuration,
    /// Volatility of the log price.
    pub volatility: Volatility,
    /// Losses of the peg; without it there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depeg: Option<DepegSpec>,
}

/// `{ rate = "0.2 per year", size = "10%", recovery = { probability = "70%", half_life = "2d" } }`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DepegSpec {
    /// When they come.
    #[serde(flatten)]
    pub arrivals: JumpTimesSpec,
    /// The part of the level that is lost.
    pub size: Fraction,
    /// Whether and how the level returns; without it, it stays where it fell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoverySpec>,
}

/// `{ probability = "70%", half_life = "2d" }`
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RecoverySpec {
    /// Probability that the level returns.
    pub probability: Fraction,
    /// In which half of the way, in logs, is gone.
    pub half_life: SimDuration,
}

pub(super) const KEYS: &[Key] = &[INITIAL, Key::new("reversion_half_life", "\"12h\""), VOLATILITY, DEPEG];
const DEPEG: Key = Key::new("depeg", "{ rate = \"0.2 per year\", size = \"10%\" }");
const DEPEG_KEYS: &[Key] = &[
    Key::new("rate", "\"0.2 per year\""),
    SHARED,
    PROBABILITY,
    Key::new("size", "\"10%\""),
    Key::new("recovery", "{ probability = \"70%\", half_life = \"2d\" }"),
];
const RECOVERY_KEYS: &[Key] = &[Key::new("probability", "\"70%\""), Key::new("half_life", "\"2d\"")];

impl PegSpec {
    /// A peg that holds.
    pub fn new(initial: TokenAmount, reversion_half_life: SimDuration, volatility: Volatility) -> Self {
        Self { initial, reversion_half_life, volatility, depeg: None }
    }

    /// A peg that may be lost.
    pub fn depeg(mut self, depeg: DepegSpec) -> Self {
        self.depeg = Some(depeg);
        self
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            initial: fields.required("initial")?,
            reversion_half_life: fields.required("reversion_half_life")?,
            volatility: fields.required("volatility")?,
            depeg: fields.optional_with("depeg", &DepegSpec::read)?,
        })
    }
}

impl DepegSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[DEPEG_KEYS])?;
        let recovery = fields.optional_with("recovery", &RecoverySpec::read)?;
        Ok(Self { arrivals: JumpTimesSpec::read(&fields)?, size: fields.required("size")?, recovery })
    }
}

impl RecoverySpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[RECOVERY_KEYS])?;
        Ok(Self { probability: fields.required("probability")?, half_life: fields.required("half_life")? })
    }
}

impl Process for PegSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let times = self.depeg.as_ref().map(|depeg| depeg.arrivals.times(study, &path.key("depeg"))).transpose()?;
        let depeg = self.depeg.as_ref().zip(times).map(|(depeg, (rate, _))| Depeg {
            rate,
            size: depeg.size,
            recovery: depeg.recovery.map(|RecoverySpec { probability, half_life }| Recovery { probability, half_life }),
        });
        let model = Peg::new(self.initial.to_f64(), self.reversion_half_life, self.volatility, depeg);
        let events = times.and_then(|(_, events)| events);
        let model = model.and_then(|model| events.map_or(Ok(model), |events| model.at(events)));
        Ok(model.map_err(|error| refused(path, error))?.into())
    }
}

impl From<PegSpec> for super::ProcessSpec {
    fn from(process: PegSpec) -> Self {
        Self::Peg(process)
    }
}
