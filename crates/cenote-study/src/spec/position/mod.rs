//! Positions: `[[positions]]`, those whose return is asked for.
//!
//! To add a strategy: a struct with its parameters, a variant of [`StrategySpec`], an entry in `STRATEGIES`.

mod best_yield;
mod cover;
mod farm;
mod gas;
mod guard;
mod hold;
mod lend;
mod management;
mod passive;
mod portfolio;
mod range;
mod range_order;
mod recentre;
#[cfg(test)]
mod tests;
mod vault;
#[cfg(test)]
mod venue_tests;
mod votes;
mod width;

use std::sync::Arc;

use cenote_sim::StrategyModel;
use cenote_units::{GasPrice, TokenAmount};
use serde::Serialize;

pub use best_yield::BestYieldSpec;
pub use cover::CoverSpec;
pub use farm::{FarmStrategySpec, RewardsAction, RewardsSpec};
pub use gas::GasUnits;
pub use guard::GuardSpec;
pub use hold::HoldSpec;
pub use lend::{BoundsSpec, LendSpec, LoopSpec};
pub use management::{CompoundSpec, DcaSpec, HedgeSpec, ManagementSpec};
pub use passive::PassiveSpec;
pub use portfolio::{PortfolioSpec, RebalanceSpec};
pub use range::RangeStrategySpec;
pub use range_order::RangeOrderSpec;
pub use recentre::{RecentreSpec, ShapeSpec, TriggerSpec};
pub use vault::InVaultSpec;
pub use votes::VotesSpec;
pub use width::{VolatilityWidthSpec, WidthSpec};

use super::{Custom, Place, PoolSpec, StudySpec};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};

/// A position: a deposit and what is done with it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PositionSpec {
    /// What it is called.
    pub name: String,
    /// What is done with it, with the parameters of that.
    #[serde(flatten)]
    pub strategy: StrategySpec,
    /// What is handed over at the start, worth that much at the initial prices.
    pub deposit: TokenAmount,
    /// When it leaves for good.
    #[serde(flatten)]
    pub guard: GuardSpec,
    /// How the deposit goes in and out, what becomes of fees, and a hedge.
    #[serde(flatten)]
    pub management: ManagementSpec,
    /// Gas units of the position's own transactions.
    pub gas: GasUnits,
    /// What it pays for a unit of gas beyond its price; 0 gwei unless given.
    pub priority_fee: GasPrice,
    /// Cover against exploits, if it has bought some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cover: Option<CoverSpec>,
    /// Votes that boost its stake in a gauge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub votes: Option<VotesSpec>,
}

/// The strategies.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "strategy", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StrategySpec {
    /// `hold`: tokens, kept.
    Hold(HoldSpec),
    /// `passive`: full-range liquidity in a pool, kept to the end.
    Passive(PassiveSpec),
    /// `range`: liquidity in a range, kept there.
    Range(RangeStrategySpec),
    /// `range-order`: liquidity beside the price, taken out when it is crossed.
    RangeOrder(RangeOrderSpec),
    /// `recentre`: ranges that follow the price.
    Recentre(RecentreSpec),
    /// `portfolio`: tokens, liquidity, stakes and loans, brought back to their weights.
    Portfolio(PortfolioSpec),
    /// `farm`: a stake in a farm.
    Farm(FarmStrategySpec),
    /// `single-stake`: a token staked in a farm.
    SingleStake(FarmStrategySpec),
    /// `lend`: a token supplied to a lending market.
    Lend(LendSpec),
    /// `loop`: a token supplied, and another borrowed to supply more.
    Loop(LoopSpec),
    /// `vault`: shares of a vault.
    Vault(InVaultSpec),
    /// `best-yield`: everything where it earns most.
    BestYield(BestYieldSpec),
    /// A strategy of the program's own; it has no spelling in a study file.
    Custom(Custom<dyn StrategyModel>),
}

const STRATEGY: Key = Key::new("strategy", "\"passive\"");
const COMMON: &[Key] = &[
    Key::new("name", "\"full range\""),
    STRATEGY,
    Key::new("deposit", "\"100_000 USDC\""),
    Key::new("gas", "{ mint = 200_000, burn = 150_000 }"),
    Key::new("priority_fee", "\"2 gwei\""),
    Key::new("votes", "{ farm = \"main\", locked = 10_000, for = \"1460d\" }"),
    Key::new("cover", "{ premium = \"2.5% per year\", pays = \"80%\" }"),
];

/// The strategies that a study file can name.
const STRATEGIES: &[Kind<StrategySpec>] = &[
    Kind { name: "hold", keys: hold::KEYS, read: |fields| HoldSpec::read(fields).map(StrategySpec::Hold) },
    Kind { name: "passive", keys: passive::KEYS, read: |fields| PassiveSpec::read(fields).map(StrategySpec::Passive) },
    Kind { name: "range", keys: range::KEYS, read: |fields| RangeStrategySpec::read(fields).map(StrategySpec::Range) },
    Kind {
        name: "range-order",
        keys: range_order::KEYS,
        read: |fields| RangeOrderSpec::read(fields).map(StrategySpec::RangeOrder),
    },
    Kind { name: "portfolio", keys: portfolio::KEYS, read: |fields| PortfolioSpec::read(fields).map(StrategySpec::Portfolio) },
    Kind { name: "farm", keys: farm::KEYS, read: |fields| FarmStrategySpec::read(fields).map(StrategySpec::Farm) },
    Kind {
        name: "single-stake",
        keys: farm::SINGLE_KEYS,
        read: |fields| FarmStrategySpec::read_single(fields).map(StrategySpec::SingleStake),
    },
    Kind { name: "lend", keys: lend::KEYS, read: |fields| LendSpec::read(fields).map(StrategySpec::Lend) },
    Kind { name: "loop", keys: lend::LOOP_KEYS, read: |fields| LoopSpec::read(fields).map(StrategySpec::Loop) },
    Kind { name: "vault", keys: vault::KEYS, read: |fields| InVaultSpec::read(fields).map(StrategySpec::Vault) },
    Kind { name: "best-yield", keys: best_yield::KEYS, read: |fields| BestYieldSpec::read(fields).map(StrategySpec::BestYield) },
    Kind { name: "recentre", keys: recentre::KEYS, read: |fields| RecentreSpec::read(fields).map(StrategySpec::Recentre) },
];

impl StrategySpec {
    /// A strategy of one's own: any [`Strategy`](cenote_strategy::Strategy).
    pub fn custom(strategy: impl StrategyModel + 'static) -> Self {
        Self::Custom(Custom::new(Arc::new(strategy)))
    }

    /// The pool it provides liquidity to, if it does.
    pub fn pool(&self) -> Option<&str> {
        match self {
            Self::Passive(strategy) => Some(&strategy.pool),
            Self::Range(strategy) => Some(&strategy.pool),
            Self::Recentre(strategy) => Some(&strategy.pool),
            Self::RangeOrder(strategy) => Some(&strategy.pool),
            _ => None,
        }
    }

    /// The pool that its liquidity is in, in a farm or vault or not, if it is in one pool.
    pub(crate) fn liquidity<'a>(&self, study: &'a StudySpec) -> Option<&'a PoolSpec> {
        if let Some(name) = self.pool() {
            return study.pools.iter().find(|pool| pool.name == name);
        }
        let farm = match self {
            Self::Farm(strategy) | Self::SingleStake(strategy) => study.farms.iter().find(|farm| farm.name == strategy.farm),
            Self::Vault(strategy) => study.vaults.iter().find(|vault| vault.name == strategy.vault)?.farm(study),
            _ => None,
        };
        match study.place(&farm?.stake)? {
            Place::Pool(pool) => Some(pool),
            _ => None,
        }
    }

    /// Where its money is, by name, where it is not in the wallet.
    pub(crate) fn places<'a>(&'a self, study: &'a StudySpec) -> Vec<Place<'a>> {
        let lending = |name: &str| study.lending.iter().find(|lending| lending.name == *name).map(Place::Lending);
        let named = |names: &mut dyn Iterator<Item = &'a String>| names.filter_map(|name| study.place(name)).collect();
        match self {
            Self::Farm(strategy) | Self::SingleStake(strategy) => {
                study.farms.iter().filter(|farm| farm.name == strategy.farm).map(Place::Farm).collect()
            }
            Self::Lend(strategy) => lending(&strategy.market).into_iter().collect(),
            Self::Loop(strategy) => lending(&strategy.market).into_iter().chain(lending(&strategy.borrow)).collect(),
            Self::Vault(strategy) => study.vaults.iter().filter(|vault| vault.name == strategy.vault).map(Place::Vault).collect(),
            Self::Portfolio(strategy) => {
                named(&mut strategy.weights.iter().filter(|(_, weight)| weight.get() > 0.0).map(|(name, _)| name))
            }
            Self::BestYield(strategy) => named(&mut strategy.between.iter()),
            _ => self.liquidity(study).map(Place::Pool).into_iter().collect(),
        }
    }

    /// Whether it can be told to leave: what it has is in one place, and sold for one token.
    pub(super) fn can_leave(&self) -> bool {
        self.pool().is_some()
            || matches!(self, Self::Farm(_) | Self::SingleStake(_) | Self::Lend(_) | Self::Loop(_) | Self::Vault(_))
    }
}

impl PositionSpec {
    /// A position that pays no gas.
    pub fn new(name: impl Into<String>, strategy: StrategySpec, deposit: TokenAmount) -> Self {
        Self {
            name: name.into(),
            strategy,
            deposit,
            guard: GuardSpec::default(),
            management: ManagementSpec::default(),
            gas: GasUnits::default(),
            priority_fee: GasPrice::ZERO,
            cover: None,
            votes: None,
        }
    }

    /// Leaves for good when this says so.
    pub fn guard(mut self, guard: GuardSpec) -> Self {
        self.guard = guard;
        self
    }

    /// Managed like this.
    pub fn management(mut self, management: ManagementSpec) -> Self {
        self.management = management;
        self
    }

    /// Covered against exploits.
    pub fn cover(mut self, cover: CoverSpec) -> Self {
        self.cover = Some(cover);
        self
    }

    /// With votes.
    pub fn votes(mut self, votes: VotesSpec) -> Self {
        self.votes = Some(votes);
        self
    }

    /// With gas units for its transactions.
    pub fn gas(mut self, gas: GasUnits) -> Self {
        self.gas = gas;
        self
    }

    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = table.kind(STRATEGY, "strategy", STRATEGIES)?;
        let fields = table.fields(&[COMMON, guard::KEYS, management::KEYS, kind.keys])?;
        Ok(Self {
            name: fields.required("name")?,
            deposit: fields.required("deposit")?,
            gas: fields.optional_with("gas", &GasUnits::read)?.unwrap_or_default(),
            priority_fee: fields.or("priority_fee", GasPrice::ZERO)?,
            cover: fields.optional_with("cover", &CoverSpec::read)?,
            votes: fields.optional_with("votes", &VotesSpec::read)?,
            guard: GuardSpec::read(&fields)?,
            management: ManagementSpec::read(&fields)?,
            strategy: (kind.read)(&fields)?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        if self.name.trim().is_empty() {
            return Err(Problem::new(path.key("name"), "a position without a name")
                .with_found(format!("{:?}", self.name))
                .with_expected("a name")
                .with_example("name = \"full range\""));
        }
        study.require_value(&self.deposit, &path.key("deposit"), "a deposit", "deposit = \"100_000 USDC\"")?;
        self.guard.check(path, &self.strategy, study)?;
        self.cover.as_ref().map_or(Ok(()), |cover| cover.check(&path.key("cover"), study))?;
        self.votes.as_ref().map_or(Ok(()), |votes| votes.check(&path.key("votes"), study))?;
        self.management.check(path, self, study)?;
        match &self.strategy {
            StrategySpec::Hold(hold) => hold.check(path, study),
            StrategySpec::RangeOrder(order) => order.check(path, study),
            StrategySpec::Portfolio(portfolio) => portfolio.check(path, study),
            StrategySpec::Passive(passive) => passive.check(path, study),
            StrategySpec::Range(range) => range.check(path, study),
            StrategySpec::Recentre(recentre) => recentre.check(path, study),
            StrategySpec::Farm(farm) | StrategySpec::SingleStake(farm) => farm.check(path, self, study),
            StrategySpec::Lend(lend) => lend.check(path, study),
            StrategySpec::Loop(looping) => looping.check(path, study),
            StrategySpec::Vault(vault) => vault.check(path, study),
            StrategySpec::BestYield(best) => best.check(path, study),
            StrategySpec::Custom(_) => Ok(()),
        }
    }
}
