//! Diffusion with double exponential jumps.

use std::sync::Arc;

use cenote_paths::{Drift, ExponentialJumps, Kou, PriceModel};
use cenote_units::{Fraction, TokenAmount, Volatility};
use serde::Serialize;

use super::drift::{self, DRIFT, LOG_DRIFT};
use super::jump_times::{JumpTimesSpec, PROBABILITY, SHARED};
use super::{INITIAL, Process, VOLATILITY, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Item, Key};
use crate::spec::StudySpec;

/// `{ process = "kou", initial = "2000 USDC", drift = "0%", volatility = "50%", jumps = { rate = "20 per year",
/// up_probability = "40%", up_mean = "4%", down_mean = "5%" } }`, or with `log_drift` for `drift`: geometric Brownian motion
/// with double exponential jumps (Kou, 2002). `drift` includes the compensator. Jumps that come at shared events say `shared` for
/// `rate`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KouSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// Drift of the price (`drift`) or of its logarithm (`log_drift`), jumps included.
    #[serde(flatten, serialize_with = "drift::serialize")]
    pub drift: Drift,
    /// Volatility of the log price between jumps.
    pub volatility: Volatility,
    /// The jumps.
    pub jumps: ExponentialJumpsSpec,
}

/// Jumps of the log price: `{ rate = "20 per year", up_probability = "40%", up_mean = "4%", down_mean = "5%" }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExponentialJumpsSpec {
    /// When they come.
    #[serde(flatten)]
    pub arrivals: JumpTimesSpec,
    /// Probability that a jump goes up.
    pub up_probability: Fraction,
    /// Mean of a jump up of the log price.
    pub up_mean: Fraction,
    /// Mean of a jump down of the log price, a number above zero.
    pub down_mean: Fraction,
}

pub(super) const KEYS: &[Key] = &[INITIAL, DRIFT, LOG_DRIFT, VOLATILITY, JUMPS];
const JUMPS: Key = Key::new("jumps", "{ rate = \"20 per year\", up_probability = \"40%\", up_mean = \"4%\", down_mean = \"5%\" }");
const JUMP_KEYS: &[Key] = &[
    Key::new("rate", "\"20 per year\""),
    SHARED,
    PROBABILITY,
    Key::new("up_probability", "\"40%\""),
    Key::new("up_mean", "\"4%\""),
    Key::new("down_mean", "\"5%\""),
];

impl KouSpec {
    /// A jump diffusion.
    pub fn new(initial: TokenAmount, drift: Drift, volatility: Volatility, jumps: ExponentialJumpsSpec) -> Self {
        Self { initial, drift, volatility, jumps }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            initial: fields.required("initial")?,
            drift: drift::read(fields)?,
            volatility: fields.required("volatility")?,
            jumps: fields.with("jumps", &ExponentialJumpsSpec::read)?,
        })
    }
}

impl ExponentialJumpsSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[JUMP_KEYS])?;
        Ok(Self {
            arrivals: JumpTimesSpec::read(&fields)?,
            up_probability: fields.required("up_probability")?,
            up_mean: fields.required("up_mean")?,
            down_mean: fields.required("down_mean")?,
        })
    }
}

impl Process for KouSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let ExponentialJumpsSpec { up_probability, up_mean, down_mean, .. } = self.jumps;
        let (rate, events) = self.jumps.arrivals.times(study, &path.key("jumps"))?;
        let jumps = ExponentialJumps { rate, up_probability, up_mean, down_mean };
        let model = Kou::new(self.initial.to_f64(), self.drift, self.volatility, jumps);
        let model = model.and_then(|model| events.map_or(Ok(model), |events| model.at(events)));
        Ok(model.map_err(|error| refused(path, error))?.into())
    }
}

impl From<KouSpec> for super::ProcessSpec {
    fn from(process: KouSpec) -> Self {
        Self::Kou(process)
    }
}
