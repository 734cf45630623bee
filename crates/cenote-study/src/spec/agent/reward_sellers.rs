//! Others who sell what a farm pays them.

use cenote_units::{Fraction, Symbol};
use serde::Serialize;

use super::one_pool;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::{FarmSpec, StudySpec};

/// `kind = "reward-sellers"`: other stakers of a farm, who sell their rewards in a pool as they earn them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RewardSellersSpec {
    /// The farm.
    pub farm: String,
    /// Which of its rewards; the first unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward: Option<Symbol>,
    /// The part of them that is sold; all unless given.
    pub share: Fraction,
}

pub(super) const KEYS: &[Key] = &[Key::new("farm", "\"main\""), Key::new("reward", "\"CAKE\""), Key::new("share", "\"80%\"")];

impl RewardSellersSpec {
    /// Who sells all rewards of a farm.
    pub fn new(farm: impl Into<String>) -> Self {
        Self { farm: farm.into(), reward: None, share: Fraction::ONE }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { farm: fields.required("farm")?, reward: fields.optional("reward")?, share: fields.or("share", Fraction::ONE)? })
    }

    /// The reward that is sold.
    pub(crate) fn sold<'a>(&'a self, farm: &'a FarmSpec) -> Option<&'a Symbol> {
        self.reward.as_ref().or_else(|| farm.rewards.first())
    }

    pub(super) fn check(&self, pools: &[String], path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let farm = study.require_farm(&self.farm, &path.key("farm"))?;
        let pool = one_pool(pools, path, study, "rewards are sold in one pool")?;
        let Some(reward) = self.sold(farm).filter(|reward| farm.rewards.contains(reward)) else {
            return Err(Problem::new(path.key("reward"), format!("farm `{}` does not pay in it", self.farm))
                .with_found(self.reward.as_ref().map_or_else(String::new, |reward| format!("\"{reward}\"")))
                .with_expected(crate::reader::listed(farm.rewards.iter().map(Symbol::as_str)))
                .with_example("reward = \"CAKE\""));
        };
        if !pool.tokens.contains(reward) {
            return Err(Problem::new(path.key("pools").index(0), format!("pool `{}` does not trade {reward}", pool.name))
                .with_found(format!("\"{}\"", pool.name))
                .with_expected(format!("a pool that trades {reward}"))
                .with_example("pools = [\"cake\"]"));
        }
        if !(0.0..=1.0).contains(&self.share.get()) {
            return Err(Problem::new(path.key("share"), "a part of the rewards that there is not")
                .with_found(format!("\"{}\"", self.share))
                .with_expected("a fraction from 0% to 100%")
                .with_example("share = \"80%\""));
        }
        Ok(())
    }
}
