//! Balancer's weighted pools.

use cenote_units::{Fee, Fraction, TokenAmount};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::PoolSpec;

/// Parameters of a weighted pool.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WeightedSpec {
    /// Each token's part of the pool's value, in the order of its tokens; the same for each when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<Fraction>,
    /// The part of a trade's input that the pool keeps.
    pub fee: Fee,
    /// Value of the liquidity that others provide at the start, split by the weights.
    pub tvl: TokenAmount,
}

pub(super) const KEYS: &[Key] =
    &[Key::new("weights", "[\"80%\", \"20%\"]"), Key::new("fee", "\"30bp\""), Key::new("tvl", "\"10_000_000 USDC\"")];

impl WeightedSpec {
    /// A pool with these weights.
    pub fn new(weights: Vec<Fraction>, fee: Fee, tvl: TokenAmount) -> Self {
        Self { weights, fee, tvl }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { weights: fields.or("weights", Vec::new())?, fee: fields.required("fee")?, tvl: fields.required("tvl")? })
    }

    pub(super) fn check(&self, path: &KeyPath, pool: &PoolSpec) -> Checked<()> {
        if self.weights.is_empty() {
            return Ok(());
        }
        let total: f64 = self.weights.iter().map(|weight| weight.get()).sum();
        let all_used = self.weights.iter().all(|weight| weight.get() >= LEAST_WEIGHT - 1e-12);
        if self.weights.len() == pool.tokens.len() && (total - 1.0).abs() <= 1e-9 && all_used {
            return Ok(());
        }
        let listed: Vec<String> = self.weights.iter().map(ToString::to_string).collect();
        Err(Problem::new(path.key("weights"), "the weights do not share out the pool")
            .with_found(format!("{listed:?}"))
            .with_expected("a weight of at least 1% for each of `tokens`, 100% together")
            .with_example("weights = [\"80%\", \"20%\"]"))
    }
}

/// `WeightedMath._MIN_WEIGHT`.
const LEAST_WEIGHT: f64 = 0.01;
