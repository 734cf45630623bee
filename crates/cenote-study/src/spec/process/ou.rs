//! A price that goes back to a mean.

use std::sync::Arc;

use cenote_paths::{Ou, PriceModel};
use cenote_units::{SimDuration, TokenAmount, Volatility};
use serde::Serialize;

use super::{INITIAL, Process, VOLATILITY, refused};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `{ process = "ou", initial = "1 USDC", mean = "1 USDC", half_life = "7d", volatility = "2%" }`: the price itself is drawn to
/// its mean (Ornstein and Uhlenbeck), with a volatility in fractions of the mean. Only where it cannot become negative.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OuSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// What the price goes back to; without it, `initial`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<TokenAmount>,
    /// In which half of the way is gone.
    pub half_life: SimDuration,
    /// Volatility, in fractions of the mean.
    pub volatility: Volatility,
}

pub(super) const MEAN: Key = Key::new("mean", "\"2000 USDC\"");
pub(super) const HALF_LIFE: Key = Key::new("half_life", "\"7d\"");
pub(super) const KEYS: &[Key] = &[INITIAL, MEAN, HALF_LIFE, VOLATILITY];

impl OuSpec {
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

/// The mean, in the unit of the initial price.
pub(super) fn mean_of(mean: Option<&TokenAmount>, initial: &TokenAmount, path: &KeyPath) -> Checked<f64> {
    let Some(mean) = mean else { return Ok(initial.to_f64()) };
    let problem = |message: String, expected: String| {
        Problem::new(path.key("mean"), message)
            .with_found(mean.to_string())
            .with_expected(expected)
            .with_example(format!("mean = \"{initial}\""))
    };
    if mean.symbol() != initial.symbol() {
        let message = format!("`mean` is in {}, `initial` in {}", mean.symbol(), initial.symbol());
        return Err(problem(message, format!("a price in {}", initial.symbol())));
    }
    if mean.is_zero() {
        return Err(problem("a mean price of zero".to_owned(), "a price above zero".to_owned()));
    }
    Ok(mean.to_f64())
}

impl Process for OuSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, _: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let mean = mean_of(self.mean.as_ref(), &self.initial, path)?;
        let negative = || {
            Problem::new(path.key("volatility"), "with this volatility the price could become negative")
                .with_found(self.volatility.to_string())
                .with_expected("ten standard deviations in the long run above zero; an exp-ou price is never negative")
                .with_example("process = \"exp-ou\"")
        };
        let volatility = Volatility::from_per_sqrt_year(mean * self.volatility.per_sqrt_year()).map_err(|_| negative())?;
        let model = Ou::new(self.initial.to_f64(), mean, self.half_life, volatility).map_err(|error| refused(path, error))?;
        if model.lowest() > 0.0 { Ok(model.into()) } else { Err(negative()) }
    }
}

impl From<OuSpec> for super::ProcessSpec {
    fn from(process: OuSpec) -> Self {
        Self::Ou(process)
    }
}
