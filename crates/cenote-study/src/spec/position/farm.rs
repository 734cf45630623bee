//! Stakes in a farm, and what becomes of their rewards.

use cenote_units::{SimDuration, Symbol};
use serde::Serialize;

use super::{PositionSpec, TriggerSpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key};
use crate::spec::{FarmSpec, HarvestSpec, Place, RangeSpec, StudySpec};

/// `strategy = "farm"`: what a farm takes, staked in it to the end. `strategy = "single-stake"` is the same of a farm that takes a token.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FarmStrategySpec {
    /// The farm.
    pub farm: String,
    /// Where the liquidity is in a pool of ranges; the full range without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<RangeSpec>,
    /// When the range is moved to where the price is; never without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger: Option<TriggerSpec>,
    /// How long it stays at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cooldown: Option<SimDuration>,
    /// What is done with rewards; without it they stay in the farm, and count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewards: Option<RewardsSpec>,
}

/// `{ action = "sell", every = "7d", into = "USDC" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RewardsSpec {
    /// What is done with them.
    pub action: RewardsAction,
    /// When.
    pub every: HarvestSpec,
    /// What they are sold for: the numeraire where the farm's pool has it or there is no pool, else the pool's last token, unless it
    /// says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub into: Option<Symbol>,
}

/// What is done with claimed rewards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RewardsAction {
    /// They are sold for a token, which stays in the wallet.
    Sell,
    /// They are turned into more of the stake.
    Compound,
    /// They stay in the wallet.
    Hold,
}

const FARM: Key = Key::new("farm", "\"main\"");
const REWARDS: Key = Key::new("rewards", "{ action = \"sell\", every = \"7d\" }");
pub(super) const KEYS: &[Key] = &[
    FARM,
    Key::new("range", "[\"-20%\", \"+25%\"]"),
    Key::new("trigger", "\"out-of-range\""),
    Key::new("cooldown", "\"6h\""),
    REWARDS,
];
pub(super) const SINGLE_KEYS: &[Key] = &[FARM, REWARDS];
const REWARDS_KEYS: &[Key] = &[Key::new("action", "\"sell\""), Key::new("every", "\"7d\""), Key::new("into", "\"USDC\"")];
const ACTIONS: &[(&str, RewardsAction)] =
    &[("sell", RewardsAction::Sell), ("compound", RewardsAction::Compound), ("hold", RewardsAction::Hold)];

impl FarmStrategySpec {
    /// A stake in this farm, whose rewards stay there.
    pub fn new(farm: impl Into<String>) -> Self {
        Self { farm: farm.into(), range: None, trigger: None, cooldown: None, rewards: None }
    }

    /// In this range of a pool that has some.
    pub fn range(mut self, range: RangeSpec) -> Self {
        self.range = Some(range);
        self
    }

    /// The range follows the price.
    pub fn trigger(mut self, trigger: TriggerSpec, cooldown: SimDuration) -> Self {
        (self.trigger, self.cooldown) = (Some(trigger), Some(cooldown));
        self
    }

    /// With something done with rewards.
    pub fn rewards(mut self, action: RewardsAction, every: HarvestSpec) -> Self {
        self.rewards = Some(RewardsSpec { action, every, into: None });
        self
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            farm: fields.required("farm")?,
            range: fields.optional_with("range", &RangeSpec::read)?,
            trigger: fields.optional_with("trigger", &TriggerSpec::read)?,
            cooldown: fields.optional("cooldown")?,
            ..Self::read_single(fields)?
        })
    }

    pub(super) fn read_single(fields: &Fields<'_>) -> Checked<Self> {
        let farm: String = fields.required("farm")?;
        Ok(Self { rewards: fields.optional_with("rewards", &RewardsSpec::read)?, ..Self::new(farm) })
    }

    /// A range needs a pool of ranges; what moves it, a range that goes by the price.
    fn check_range(&self, path: &KeyPath, farm: &FarmSpec, study: &StudySpec) -> Checked<()> {
        let moves = self.trigger.map(|_| "trigger").or(self.cooldown.map(|_| "cooldown"));
        let Some(range) = &self.range else {
            return moves.map_or(Ok(()), |key| {
                Err(Problem::of_key(path.key(key), "the full range never has to be moved")
                    .with_expected("a `range` beside it")
                    .with_example("range = [\"-20%\", \"+25%\"]"))
            });
        };
        let pool = match study.place(&farm.stake) {
            Some(Place::Pool(pool)) if pool.family.is_ranged() => pool,
            _ => {
                return Err(Problem::of_key(path.key("range"), format!("farm `{}` takes nothing that has ranges", farm.name))
                    .with_expected("a farm of a pool of kind uniswap-v3, pancakeswap-v3 or uniswap-v4, or no `range`")
                    .with_example(format!("farm = {:?}", self.farm)));
            }
        };
        range.check(&path.key("range"), pool)?;
        let Some(trigger) = self.trigger else {
            return moves.map_or(Ok(()), |key| {
                Err(Problem::of_key(path.key(key), "nothing to rest from")
                    .with_expected("a `trigger` beside it")
                    .with_example("trigger = \"out-of-range\""))
            });
        };
        trigger.check(&path.key("trigger"))?;
        if matches!(range, RangeSpec::Relative(..)) {
            return Ok(());
        }
        Err(Problem::of_key(path.key("trigger"), "a range between two prices cannot follow the price")
            .with_expected("a `range` around the price, or no `trigger`")
            .with_example("range = [\"-20%\", \"+25%\"]"))
    }

    pub(super) fn check(&self, path: &KeyPath, position: &PositionSpec, study: &StudySpec) -> Checked<()> {
        let farm = study.require_farm(&self.farm, &path.key("farm"))?;
        if matches!(position.strategy, super::StrategySpec::SingleStake(_))
            && !matches!(study.place(&farm.stake), Some(Place::Token(_)))
        {
            return Err(Problem::new(path.key("farm"), format!("farm `{}` takes liquidity, not a token", farm.name))
                .with_found(format!("{:?}", self.farm))
                .with_expected("a farm that takes a token, or the strategy \"farm\"")
                .with_example("strategy = \"farm\""));
        }
        self.check_range(path, farm, study)?;
        let Some(rewards) = &self.rewards else { return Ok(()) };
        let at = path.key("rewards");
        let sold_for = rewards.sold_for(farm, study);
        let gas = match rewards.action {
            RewardsAction::Hold => position.gas.claim,
            _ => position.gas.harvest(farm, sold_for, study),
        };
        rewards.every.check(&at.key("every"), gas, study)?;
        rewards.check_markets(&at, farm, study)
    }
}

impl RewardsSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[REWARDS_KEYS])?;
        let action = fields.with("action", &|item| Ok(item.word("action", ACTIONS, |(word, _)| word)?.1))?;
        let into = fields.optional("into")?;
        if into.is_some() && action != RewardsAction::Sell {
            return Err(Problem::of_key(fields.path().key("into"), "only what is sold is sold for something")
                .with_expected("action \"sell\", or no `into`")
                .with_example("rewards = { action = \"sell\", every = \"7d\", into = \"USDC\" }"));
        }
        Ok(Self { action, every: fields.with("every", &HarvestSpec::read)?, into })
    }

    /// What rewards are sold for, where they are.
    pub(crate) fn sold_for<'a>(&'a self, farm: &FarmSpec, study: &'a StudySpec) -> Option<&'a Symbol> {
        (self.action == RewardsAction::Sell).then(|| {
            self.into.as_ref().unwrap_or_else(|| match study.place(&farm.stake) {
                Some(Place::Pool(pool)) => study.usual_exit(pool),
                _ => &study.numeraire,
            })
        })
    }

    /// What is to be swapped has to be traded on the farm's chain.
    fn check_markets(&self, path: &KeyPath, farm: &FarmSpec, study: &StudySpec) -> Checked<()> {
        let traded = |token: &Symbol| study.is_traded(token, farm.chain(study));
        let untraded = |at: KeyPath, token: &Symbol| {
            Problem::new(at, format!("no pool on the farm's chain trades {token}"))
                .with_found(format!("\"{token}\""))
                .with_expected("a pool of this study where rewards are swapped, or action \"hold\"")
                .with_example("rewards = { action = \"hold\", every = \"7d\" }")
        };
        match self.sold_for(farm, study) {
            Some(into) => {
                if let Some(given) = &self.into {
                    study.require_price(given, &path.key("into"), "rewards are sold for it")?;
                }
                let Some(reward) = farm.rewards.iter().find(|reward| *reward != into && !traded(reward)) else {
                    let needed = farm.rewards.iter().any(|reward| reward != into);
                    let at = if self.into.is_some() { path.key("into") } else { path.key("action") };
                    return if needed && !traded(into) { Err(untraded(at, into)) } else { Ok(()) };
                };
                Err(untraded(path.key("action"), reward))
            }
            None if self.action == RewardsAction::Compound => {
                let own =
                    |token: &Symbol| matches!(study.place(&farm.stake), Some(Place::Token(staked)) if staked.symbol == *token);
                match farm.rewards.iter().find(|reward| !own(reward) && !traded(reward)) {
                    Some(reward) => Err(untraded(path.key("action"), reward)),
                    None => Ok(()),
                }
            }
            None => Ok(()),
        }
    }
}

impl From<FarmStrategySpec> for super::StrategySpec {
    fn from(strategy: FarmStrategySpec) -> Self {
        Self::Farm(strategy)
    }
}
