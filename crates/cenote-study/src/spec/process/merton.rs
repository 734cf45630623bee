//! Diffusion with normal jumps.

use std::sync::Arc;

use cenote_paths::{Drift, Merton, NormalJumps, PriceModel};
use cenote_units::{Fraction, TokenAmount, Volatility};
use serde::Serialize;

use super::drift::{self, DRIFT, LOG_DRIFT};
use super::jump_times::{JumpTimesSpec, PROBABILITY, SHARED};
use super::{INITIAL, Process, VOLATILITY, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Item, Key};
use crate::spec::StudySpec;

/// `{ process = "merton", initial = "2.5 USDT", drift = "-40%", volatility = "95%", jumps = { rate = "6 per year", mean =
/// "-8%", deviation = "12%" } }`, or with `log_drift` for `drift`: geometric Brownian motion with jumps (Merton, 1976).
/// `drift` includes the compensator. Jumps that come at shared events say `shared` for `rate`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MertonSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// Drift of the price (`drift`) or of its logarithm (`log_drift`), jumps included.
    #[serde(flatten, serialize_with = "drift::serialize")]
    pub drift: Drift,
    /// Volatility of the log price between jumps.
    pub volatility: Volatility,
    /// The jumps.
    pub jumps: NormalJumpsSpec,
}

/// Jumps of the log price: `{ rate = "6 per year", mean = "-8%", deviation = "12%" }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NormalJumpsSpec {
    /// When they come.
    #[serde(flatten)]
    pub arrivals: JumpTimesSpec,
    /// Mean of a jump of the log price.
    pub mean: Fraction,
    /// Its standard deviation.
    pub deviation: Fraction,
}

pub(super) const KEYS: &[Key] = &[INITIAL, DRIFT, LOG_DRIFT, VOLATILITY, JUMPS];
const JUMPS: Key = Key::new("jumps", "{ rate = \"6 per year\", mean = \"-8%\", deviation = \"12%\" }");
const JUMP_KEYS: &[Key] =
    &[Key::new("rate", "\"6 per year\""), SHARED, PROBABILITY, Key::new("mean", "\"-8%\""), Key::new("deviation", "\"12%\"")];

impl MertonSpec {
    /// A jump diffusion.
    pub fn new(initial: TokenAmount, drift: Drift, volatility: Volatility, jumps: NormalJumpsSpec) -> Self {
        Self { initial, drift, volatility, jumps }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            initial: fields.required("initial")?,
            drift: drift::read(fields)?,
            volatility: fields.required("volatility")?,
            jumps: fields.with("jumps", &NormalJumpsSpec::read)?,
        })
    }
}

impl NormalJumpsSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[JUMP_KEYS])?;
        Ok(Self {
            arrivals: JumpTimesSpec::read(&fields)?,
            mean: fields.required("mean")?,
            deviation: fields.required("deviation")?,
        })
    }
}

impl Process for MertonSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let NormalJumpsSpec { mean, deviation, .. } = self.jumps;
        let (rate, events) = self.jumps.arrivals.times(study, &path.key("jumps"))?;
        let jumps = NormalJumps { rate, mean, deviation };
        let model = Merton::new(self.initial.to_f64(), self.drift, self.volatility, jumps);
        let model = model.and_then(|model| events.map_or(Ok(model), |events| model.at(events)));
        Ok(model.map_err(|error| refused(path, error))?.into())
    }
}

impl From<MertonSpec> for super::ProcessSpec {
    fn from(process: MertonSpec) -> Self {
        Self::Merton(process)
    }
}
