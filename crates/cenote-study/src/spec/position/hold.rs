//! Holding tokens.

use cenote_units::{Fraction, Symbol};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key};
use crate::spec::StudySpec;

/// `strategy = "hold"`: tokens bought at the initial prices, and kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HoldSpec {
    /// The tokens.
    pub tokens: Vec<Symbol>,
    /// Share of the deposit in each token, in the order of `tokens`; equal value in each when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "by_symbol")]
    pub weights: Vec<(Symbol, Fraction)>,
}

pub(super) const KEYS: &[Key] =
    &[Key::new("tokens", "[\"ETH\", \"USDC\"]"), Key::new("weights", "{ ETH = \"50%\", USDC = \"50%\" }")];

impl HoldSpec {
    /// Equal value in each of these tokens.
    pub fn equal(tokens: &[Symbol]) -> Self {
        Self { tokens: tokens.to_vec(), weights: Vec::new() }
    }

    /// These shares of the deposit in these tokens.
    pub fn weighted(weights: &[(Symbol, Fraction)]) -> Self {
        Self { tokens: weights.iter().map(|(token, _)| token.clone()).collect(), weights: weights.to_vec() }
    }

    /// Share of the deposit in each token, in the order of `tokens`.
    pub fn shares(&self) -> Vec<f64> {
        if self.weights.is_empty() {
            vec![1.0 / crate::convert::count(self.tokens.len()); self.tokens.len()]
        } else {
            self.weights.iter().map(|(_, weight)| weight.get()).collect()
        }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let tokens: Vec<Symbol> = fields.required("tokens")?;
        let mut weights = fields.optional_with("weights", &read_weights)?.unwrap_or_default();
        weights.sort_by_key(|(symbol, _)| tokens.iter().position(|token| token == symbol));
        Ok(Self { tokens, weights })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let at = path.key("tokens");
        if self.tokens.is_empty() {
            return Err(Problem::new(at, "nothing to hold")
                .with_found("[]")
                .with_expected("at least one token")
                .with_example("tokens = [\"ETH\", \"USDC\"]"));
        }
        for (i, token) in self.tokens.iter().enumerate() {
            study.require_price(token, &at.index(i), "it is held")?;
            if self.tokens[..i].contains(token) {
                return Err(Problem::new(at.index(i), format!("{token} is listed twice"))
                    .with_found(format!("\"{token}\""))
                    .with_expected("every token once")
                    .with_example("tokens = [\"ETH\", \"USDC\"]"));
            }
        }
        if self.weights.is_empty() {
            return Ok(());
        }
        let total: f64 = self.weights.iter().map(|(_, weight)| weight.get()).sum();
        let matching = self.weights.iter().map(|(symbol, _)| symbol).eq(self.tokens.iter());
        if matching && (total - 1.0).abs() <= 1e-9 {
            return Ok(());
        }
        let listed: Vec<String> = self.weights.iter().map(|(symbol, weight)| format!("{symbol} = {weight}")).collect();
        Err(Problem::new(path.key("weights"), "the weights do not share out the deposit")
            .with_found(listed.join(", "))
            .with_expected("a weight for each of `tokens` and no other, 100% together")
            .with_example("weights = { ETH = \"50%\", USDC = \"50%\" }"))
    }
}

fn read_weights(item: &Item<'_>) -> Checked<Vec<(Symbol, Fraction)>> {
    item.table()?
        .entries()
        .map(|(symbol, weight)| {
            let symbol =
                Symbol::new(symbol).map_err(|error| Problem::of_key(weight.path().clone(), error.to_string()).with_cause(error))?;
            Ok((symbol, weight.read()?))
        })
        .collect()
}

fn by_symbol<S: Serializer>(weights: &[(Symbol, Fraction)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(weights.len()))?;
    for (symbol, weight) in weights {
        map.serialize_entry(symbol, weight)?;
    }
    map.end()
}

impl From<HoldSpec> for super::StrategySpec {
    fn from(strategy: HoldSpec) -> Self {
        Self::Hold(strategy)
    }
}
