//! Liquidity in a range.

use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::{PoolSpec, RangeSpec, StudySpec};

/// `strategy = "range"`: liquidity in a range around the price of the start, kept there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RangeStrategySpec {
    /// The pool.
    pub pool: String,
    /// Where.
    pub range: RangeSpec,
}

pub(super) const KEYS: &[Key] = &[Key::new("pool", "\"main\""), Key::new("range", "[\"-20%\", \"+25%\"]")];

impl RangeStrategySpec {
    /// Liquidity in this range of this pool.
    pub fn new(pool: impl Into<String>, range: RangeSpec) -> Self {
        Self { pool: pool.into(), range }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { pool: fields.required("pool")?, range: fields.with("range", &RangeSpec::read)? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let pool = require_ranges(study, &self.pool, path)?;
        self.range.check(&path.key("range"), pool)
    }
}

/// A pool whose liquidity lies in ranges.
pub(super) fn require_ranges<'a>(study: &'a StudySpec, pool: &str, path: &KeyPath) -> Checked<&'a PoolSpec> {
    let at = path.key("pool");
    let found = study.require_pool(pool, &at)?;
    if found.family.is_ranged() {
        return Ok(found);
    }
    Err(Problem::new(at, format!("the liquidity of pool `{pool}` has no ranges"))
        .with_found(format!("{pool:?}"))
        .with_expected("a pool of kind uniswap-v3, pancakeswap-v3 or uniswap-v4")
        .with_example("strategy = \"passive\""))
}

impl From<RangeStrategySpec> for super::StrategySpec {
    fn from(strategy: RangeStrategySpec) -> Self {
        Self::Range(strategy)
    }
}
