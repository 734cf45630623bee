//! Liquidity that stays where it is.

use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `strategy = "passive"`: full-range liquidity in a pool from the start to the horizon.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PassiveSpec {
    /// The pool.
    pub pool: String,
}

pub(super) const KEYS: &[Key] = &[Key::new("pool", "\"main\"")];

impl PassiveSpec {
    /// Liquidity in this pool.
    pub fn new(pool: impl Into<String>) -> Self {
        Self { pool: pool.into() }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { pool: fields.required("pool")? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        study.require_pool(&self.pool, &path.key("pool")).map(|_| ())
    }
}

impl From<PassiveSpec> for super::StrategySpec {
    fn from(strategy: PassiveSpec) -> Self {
        Self::Passive(strategy)
    }
}
