//! A pool that lives through what was recorded.

use cenote_paths::history::PoolActivity;
use serde::Serialize;

use super::one_pool;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;
use crate::spec::activity_file::load_activity;

/// `kind = "replay"`: the pool has the liquidity, the inflow and the price that a file recorded of another.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReplaySpec {
    /// The file; a relative path starts from the folder of the study file.
    pub file: String,
}

pub(super) const KEYS: &[Key] = &[Key::new("file", "\"activity.csv\"")];

impl ReplaySpec {
    /// What this file recorded.
    pub fn new(file: impl Into<String>) -> Self {
        Self { file: file.into() }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { file: fields.required("file")? })
    }

    pub(crate) fn load(&self, study: &StudySpec, path: &KeyPath) -> Checked<PoolActivity> {
        load_activity(&self.file, &study.folder, path)
    }

    #[expect(clippy::unused_self, reason = "as the checks of all kinds of agents")]
    pub(super) fn check(&self, pools: &[String], path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let pool = one_pool(pools, path, study, "a record is of one pool")?;
        if pool.family.is_ranged() {
            return Ok(());
        }
        Err(Problem::new(path.key("pools").index(0), format!("a record of liquidity in ticks, and `{}` has none", pool.name))
            .with_found(format!("{:?}", pool.name))
            .with_expected("a pool with ticks: uniswap-v3, pancakeswap-v3 or uniswap-v4")
            .with_example("kind = \"uniswap-v3\""))
    }
}
