//! A price whose logarithm goes back to a mean.

use std::sync::Arc;

use cenote_paths::{ExpOu, PriceModel};
use cenote_units::{SimDuration, TokenAmount, Volatility};
use serde::Serialize;

use super::ou::{HALF_LIFE, MEAN, mean_of};
use super::{INITIAL, Process, VOLATILITY, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `{ process = "exp-ou", initial = "2000 USDC", mean = "2100 USDC", half_life = "7d", volatility = "60%" }`: the log price is
/// drawn to the logarithm of `mean`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExpOuSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// The price whose logarithm is the mean of the log price in the long run; without it, `initial`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<TokenAmount>,
    /// In which half of the way of the log price is gone.
    pub half_life: SimDuration,
    /// Volatility of the log price.
    pub volatility: Volatility,
}

pub(super) const KEYS: &[Key] = &[INITIAL, MEAN, HALF_LIFE, VOLATILITY];

impl ExpOuSpec {
    /// A price that starts on its mean.
    pub fn new(initial: TokenAmount, half_life: SimDuration, volatility: Volatility) -> Self {
        Self { initial, mean: None, half_life, volatility }
    }

    /// A mean of its own.
    pub fn mean(mut self, mean: TokenAmount) -> Self {
        self.mean = Some(mean);
        self
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            initial: fields.required("initial")?,
            mean: fields.optional("mean")?,
            half_life: fields.required("half_life")?,
            volatility: fields.required("volatility")?,
        })
    }
}

impl Process for ExpOuSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, _: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let mean = mean_of(self.mean.as_ref(), &self.initial, path)?;
        let model = ExpOu::new(self.initial.to_f64(), mean, self.half_life, self.volatility);
        Ok(model.map_err(|error| refused(path, error))?.into())
    }
}

impl From<ExpOuSpec> for super::ProcessSpec {
    fn from(process: ExpOuSpec) -> Self {
        Self::ExpOu(process)
    }
}
