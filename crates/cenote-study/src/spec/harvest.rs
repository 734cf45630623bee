//! When rewards are claimed: `every = "7d"` or `every = "optimal"`.

use cenote_units::{SimDuration, Symbol};
use serde::{Serialize, Serializer};

use super::{FarmSpec, GasUnits, Place, StudySpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::Item;

/// When rewards are claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HarvestSpec {
    /// `"7d"`: on a timer.
    Every(SimDuration),
    /// `"optimal"`: when they have grown to what makes the gas worth it.
    Optimal,
}

impl HarvestSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        match item.read::<String>() {
            Ok(word) if word == "optimal" => Ok(Self::Optimal),
            _ => item.read().map(Self::Every),
        }
    }

    /// `gas` is what one time takes.
    pub(super) fn check(self, at: &KeyPath, gas: u64, study: &StudySpec) -> Checked<()> {
        match self {
            Self::Every(interval) if interval.is_zero() => Err(Problem::new(at.clone(), "a timer that never stops ringing")
                .with_found("\"0s\"")
                .with_expected("a duration above zero")
                .with_example("every = \"7d\"")),
            Self::Optimal if gas == 0 || study.chains.iter().all(|chain| chain.gas_price.is_free()) => {
                Err(Problem::new(at.clone(), "where gas is free there is nothing to weigh rewards against")
                    .with_found("\"optimal\"")
                    .with_expected("a `gas_price` of the chain and `gas` beside this, or a timer")
                    .with_example("every = \"7d\""))
            }
            _ => Ok(()),
        }
    }
}

impl GasUnits {
    /// What claiming a farm's rewards takes, and selling each for a token, or else putting them back to work.
    pub(crate) fn harvest(&self, farm: &FarmSpec, sold_for: Option<&Symbol>, study: &StudySpec) -> u64 {
        let swaps = |count: usize| self.swap.saturating_mul(u64::try_from(count).unwrap_or(u64::MAX));
        let other_than = |token: &Symbol| farm.rewards.iter().filter(|reward| *reward != token).count();
        let work = match (sold_for, study.place(&farm.stake)) {
            (Some(token), _) => swaps(other_than(token)),
            (None, Some(Place::Token(token))) => swaps(other_than(&token.symbol)).saturating_add(self.deposit),
            (None, Some(Place::Pool(pool))) => {
                let parts = |reward| pool.tokens.len() - usize::from(pool.tokens.contains(reward));
                let restaked = if pool.family.is_ranged() { self.withdraw } else { 0 };
                let minted = self.mint.saturating_add(self.deposit).saturating_add(restaked);
                swaps(farm.rewards.iter().map(parts).sum()).saturating_add(minted)
            }
            (None, _) => 0,
        };
        self.claim.saturating_add(work)
    }
}

impl From<SimDuration> for HarvestSpec {
    fn from(interval: SimDuration) -> Self {
        Self::Every(interval)
    }
}

/// As it is written.
impl Serialize for HarvestSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Every(interval) => interval.serialize(serializer),
            Self::Optimal => serializer.serialize_str("optimal"),
        }
    }
}
