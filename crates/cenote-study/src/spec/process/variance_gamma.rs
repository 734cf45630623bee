//! Brownian motion in random time.

use std::sync::Arc;

use cenote_paths::{BusinessTime, Drift, PriceModel, VarianceGamma};
use cenote_units::{Rate, SimDuration, TokenAmount, Volatility};
use serde::Serialize;

use super::drift::{self, DRIFT, LOG_DRIFT};
use super::{INITIAL, Process, VOLATILITY, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `{ process = "variance-gamma", initial = "2000 USDC", drift = "0%", volatility = "60%", asymmetry = "-20%", clock_variance =
/// "36.5d" }`, or with `log_drift` for `drift` (Madan, Carr and Chang, 1998). `drift` includes the compensator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VarianceGammaSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// Drift of the price (`drift`) or of its logarithm (`log_drift`), everything included.
    #[serde(flatten, serialize_with = "drift::serialize")]
    pub drift: Drift,
    /// Volatility σ in business time.
    pub volatility: Volatility,
    /// Drift θ in business time: below zero, falls are steeper than rises.
    pub asymmetry: Rate,
    /// Variance ν of business time per time.
    pub clock_variance: SimDuration,
}

pub(super) const KEYS: &[Key] =
    &[INITIAL, DRIFT, LOG_DRIFT, VOLATILITY, Key::new("asymmetry", "\"-20%\""), Key::new("clock_variance", "\"36.5d\"")];

impl VarianceGammaSpec {
    /// A variance gamma price.
    pub fn new(initial: TokenAmount, drift: Drift, volatility: Volatility, time: BusinessTime) -> Self {
        let BusinessTime { asymmetry, clock_variance } = time;
        Self { initial, drift, volatility, asymmetry, clock_variance }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            initial: fields.required("initial")?,
            drift: drift::read(fields)?,
            volatility: fields.required("volatility")?,
            asymmetry: fields.required("asymmetry")?,
            clock_variance: fields.required("clock_variance")?,
        })
    }
}

impl Process for VarianceGammaSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, _: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let time = BusinessTime { asymmetry: self.asymmetry, clock_variance: self.clock_variance };
        let model = VarianceGamma::new(self.initial.to_f64(), self.drift, self.volatility, time);
        Ok(model.map_err(|error| refused(path, error))?.into())
    }
}

impl From<VarianceGammaSpec> for super::ProcessSpec {
    fn from(process: VarianceGammaSpec) -> Self {
        Self::VarianceGamma(process)
    }
}
