//! Stochastic volatility.

use std::sync::Arc;

use cenote_paths::{Drift, Heston, PriceModel, StochasticVariance};
use cenote_units::{Rate, SimDuration, TokenAmount, Volatility};
use serde::Serialize;

use super::drift::{self, DRIFT, LOG_DRIFT};
use super::{INITIAL, Process, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `{ process = "heston", initial = "2000 USDC", drift = "0%", initial_volatility = "80%", long_run_volatility = "70%", half_life =
/// "60d", volatility_of_variance = "150%", correlation = -0.5 }`, or with `log_drift` for `drift`: dv = κ (θ − v) dt + ξ √v dW
/// (Heston, 1993).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HestonSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// Drift of the price (`drift`) or of its logarithm (`log_drift`).
    #[serde(flatten, serialize_with = "drift::serialize")]
    pub drift: Drift,
    /// Volatility at the start, √v(0); without it, `long_run_volatility`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_volatility: Option<Volatility>,
    /// Square root of the variance θ in the long run.
    pub long_run_volatility: Volatility,
    /// In which half of the way of the variance to θ is gone, ln 2/κ.
    pub half_life: SimDuration,
    /// ξ, per year.
    pub volatility_of_variance: Rate,
    /// Correlation ρ of the variance with the log price.
    pub correlation: f64,
}

pub(super) const KEYS: &[Key] = &[
    INITIAL,
    DRIFT,
    LOG_DRIFT,
    Key::new("initial_volatility", "\"80%\""),
    Key::new("long_run_volatility", "\"70%\""),
    Key::new("half_life", "\"60d\""),
    Key::new("volatility_of_variance", "\"150%\""),
    Key::new("correlation", "-0.5"),
];

impl HestonSpec {
    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            initial: fields.required("initial")?,
            drift: drift::read(fields)?,
            initial_volatility: fields.optional("initial_volatility")?,
            long_run_volatility: fields.required("long_run_volatility")?,
            half_life: fields.required("half_life")?,
            volatility_of_variance: fields.required("volatility_of_variance")?,
            correlation: fields.required("correlation")?,
        })
    }
}

impl Process for HestonSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, _: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let variance = StochasticVariance {
            initial_volatility: self.initial_volatility.unwrap_or(self.long_run_volatility),
            long_run_volatility: self.long_run_volatility,
            half_life: self.half_life,
            volatility_of_variance: self.volatility_of_variance,
            correlation: self.correlation,
        };
        let model = Heston::new(self.initial.to_f64(), self.drift, variance).map_err(|error| refused(path, error))?;
        Ok(model.into())
    }
}

impl From<HestonSpec> for super::ProcessSpec {
    fn from(process: HestonSpec) -> Self {
        Self::Heston(process)
    }
}
