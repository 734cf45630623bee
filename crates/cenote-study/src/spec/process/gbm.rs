//! Geometric Brownian motion.

use std::sync::Arc;

use cenote_paths::{Drift, Gbm, PriceModel};
use cenote_units::{TokenAmount, Volatility};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::{INITIAL, Process, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `{ process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" }`, or with `log_drift` for `drift`.
#[derive(Debug, Clone, PartialEq)]
pub struct GbmSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// Drift of the price (`drift`) or of its logarithm (`log_drift`).
    pub drift: Drift,
    /// Volatility of the log price.
    pub volatility: Volatility,
}

pub(super) const KEYS: &[Key] =
    &[INITIAL, Key::new("drift", "\"0%\""), Key::new("log_drift", "\"0%\""), Key::new("volatility", "\"80%\"")];

impl GbmSpec {
    /// A geometric Brownian motion.
    pub fn new(initial: TokenAmount, drift: Drift, volatility: Volatility) -> Self {
        Self { initial, drift, volatility }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let drift =
            fields.one_of(("drift", &|item| item.read().map(Drift::Price)), ("log_drift", &|item| item.read().map(Drift::Log)))?;
        Ok(Self { initial: fields.required("initial")?, drift, volatility: fields.required("volatility")? })
    }
}

impl Process for GbmSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, _: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let model = Gbm::new(self.initial.to_f64(), self.drift, self.volatility).map_err(|error| refused(path, error))?;
        Ok(model.into())
    }
}

impl Serialize for GbmSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("GbmSpec", 3)?;
        object.serialize_field("initial", &self.initial)?;
        match &self.drift {
            Drift::Price(rate) => object.serialize_field("drift", rate)?,
            Drift::Log(rate) => object.serialize_field("log_drift", rate)?,
        }
        object.serialize_field("volatility", &self.volatility)?;
        object.end()
    }
}

impl From<GbmSpec> for super::ProcessSpec {
    fn from(process: GbmSpec) -> Self {
        Self::Gbm(process)
    }
}
