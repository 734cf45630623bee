//! A limit order made of liquidity.

use serde::Serialize;

use super::range::require_ranges;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::{RangeSpec, StudySpec};

/// `strategy = "range-order"`: one token in a range beside the price, taken out when the price has crossed it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RangeOrderSpec {
    /// The pool.
    pub pool: String,
    /// Where: above the price to sell the pool's first token, below it to sell the second.
    pub range: RangeSpec,
}

pub(super) const KEYS: &[Key] = &[Key::new("pool", "\"main\""), Key::new("range", "[\"5%\", \"10%\"]")];

impl RangeOrderSpec {
    /// An order in this range of this pool.
    pub fn new(pool: impl Into<String>, range: RangeSpec) -> Self {
        Self { pool: pool.into(), range }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { pool: fields.required("pool")?, range: fields.with("range", &RangeSpec::read)? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let pool = require_ranges(study, &self.pool, path)?;
        let at = path.key("range");
        self.range.check(&at, pool)?;
        let beside = match &self.range {
            RangeSpec::Full => false,
            RangeSpec::Relative(lower, upper) => lower.get() >= 0.0 || upper.get() <= 0.0,
            // Whether a price is beside the price, its process alone knows.
            RangeSpec::Prices(..) => true,
        };
        if beside {
            return Ok(());
        }
        Err(Problem::new(at, "an order on both sides of the price")
            .with_found(self.range.to_string())
            .with_expected("a range above the price, or one below it")
            .with_example("range = [\"5%\", \"10%\"]"))
    }
}

impl From<RangeOrderSpec> for super::StrategySpec {
    fn from(strategy: RangeOrderSpec) -> Self {
        Self::RangeOrder(strategy)
    }
}
