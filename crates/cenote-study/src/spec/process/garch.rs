//! Volatility that clusters.

use std::sync::Arc;

use cenote_paths::{Clustering, Drift, Garch, PriceModel};
use cenote_units::{SimDuration, TokenAmount, Volatility};
use serde::Serialize;

use super::drift::{self, DRIFT, LOG_DRIFT};
use super::{INITIAL, Process, VOLATILITY, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `{ process = "garch", initial = "2000 USDC", drift = "0%", volatility = "80%", interval = "1d", alpha = 0.08, beta = 0.9 }`, or
/// with `log_drift` for `drift`: GARCH(1,1) (Bollerslev, 1986), one return per interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GarchSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// Drift of the price (`drift`) or of its logarithm (`log_drift`).
    #[serde(flatten, serialize_with = "drift::serialize")]
    pub drift: Drift,
    /// Volatility in the long run, and at the start.
    pub volatility: Volatility,
    /// The interval of a return; within it, the price moves on a Brownian bridge.
    pub interval: SimDuration,
    /// What a squared surprise adds to the next variance.
    pub alpha: f64,
    /// What stays of the variance.
    pub beta: f64,
}

pub(super) const KEYS: &[Key] =
    &[INITIAL, DRIFT, LOG_DRIFT, VOLATILITY, Key::new("interval", "\"1d\""), Key::new("alpha", "0.08"), Key::new("beta", "0.9")];

impl GarchSpec {
    /// A GARCH(1,1) price.
    pub fn new(initial: TokenAmount, drift: Drift, volatility: Volatility, clustering: Clustering) -> Self {
        let Clustering { interval, alpha, beta } = clustering;
        Self { initial, drift, volatility, interval, alpha, beta }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            initial: fields.required("initial")?,
            drift: drift::read(fields)?,
            volatility: fields.required("volatility")?,
            interval: fields.required("interval")?,
            alpha: fields.required("alpha")?,
            beta: fields.required("beta")?,
        })
    }
}

impl Process for GarchSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, _: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let clustering = Clustering { interval: self.interval, alpha: self.alpha, beta: self.beta };
        let model = Garch::new(self.initial.to_f64(), self.drift, self.volatility, clustering);
        Ok(model.map_err(|error| refused(path, error))?.into())
    }
}

impl From<GarchSpec> for super::ProcessSpec {
    fn from(process: GarchSpec) -> Self {
        Self::Garch(process)
    }
}
