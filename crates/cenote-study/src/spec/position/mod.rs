//! Positions: `[[positions]]`, those whose return is asked for.
//!
//! To add a strategy: a struct with its parameters, a variant of [`StrategySpec`], an entry in `STRATEGIES`.

mod gas;
mod guard;
mod hold;
mod management;
mod passive;
mod portfolio;
mod range;
mod range_order;
mod recentre;
#[cfg(test)]
mod tests;
mod width;

use std::sync::Arc;

use cenote_sim::StrategyModel;
use cenote_units::{GasPrice, TokenAmount};
use serde::Serialize;

pub use gas::GasUnits;
pub use guard::GuardSpec;
pub use hold::HoldSpec;
pub use management::{CompoundSpec, DcaSpec, HedgeSpec, ManagementSpec};
pub use passive::PassiveSpec;
pub(crate) use portfolio::Named;
pub use portfolio::{PortfolioSpec, RebalanceSpec};
pub use range::RangeStrategySpec;
pub use range_order::RangeOrderSpec;
pub use recentre::{RecentreSpec, ShapeSpec, TriggerSpec};
pub use width::{VolatilityWidthSpec, WidthSpec};

use super::{Custom, StudySpec};
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
    /// `portfolio`: tokens and liquidity, brought back to their weights.
    Portfolio(PortfolioSpec),
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
            Self::Hold(_) | Self::Portfolio(_) | Self::Custom(_) => None,
        }
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
        self.guard.check(path, &self.strategy)?;
        self.management.check(path, self, study)?;
        match &self.strategy {
            StrategySpec::Hold(hold) => hold.check(path, study),
            StrategySpec::RangeOrder(order) => order.check(path, study),
            StrategySpec::Portfolio(portfolio) => portfolio.check(path, study),
            StrategySpec::Passive(passive) => passive.check(path, study),
            StrategySpec::Range(range) => range.check(path, study),
            StrategySpec::Recentre(recentre) => recentre.check(path, study),
            StrategySpec::Custom(_) => Ok(()),
        }
    }
}
