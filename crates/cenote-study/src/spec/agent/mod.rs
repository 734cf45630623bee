//! Agents: `[[agents]]`, those whose trades make the pools move.
//!
//! To add one: a struct with its parameters, a variant of [`AgentKind`], an entry in `KINDS`.

mod arbitrageur;
mod arrivals;
mod informed_traders;
mod latency;
mod noise_traders;
mod reactive;
mod replay;
mod reward_sellers;
mod route;
mod size;
#[cfg(test)]
mod tests;
mod whales;

use std::sync::Arc;

use cenote_sim::AgentModel;
use cenote_units::GasPrice;
use serde::Serialize;

pub(crate) use arbitrageur::cycles;
pub use arbitrageur::{ArbitrageurSpec, CyclicArbitrageurSpec};
pub use arrivals::{ArrivalsSpec, HawkesSpec, ProfileSpec};
pub use informed_traders::{InformedTradersSpec, InformedTrading};
pub use latency::LatencySpec;
pub use noise_traders::NoiseTradersSpec;
pub use reactive::{JitSpec, LiquidityCrowdSpec, SandwichSpec};
pub use replay::ReplaySpec;
pub use reward_sellers::RewardSellersSpec;
pub(crate) use route::{HopSpec, ways};
pub use size::SizeSpec;
pub use whales::{WhaleDirection, WhaleSize, WhalesSpec};

use super::{Custom, PoolSpec, StudySpec};
use crate::key_path::KeyPath;
use crate::names::default_name;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};

/// An agent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentSpec {
    /// What it is called; without a name it is `kind@pools`, with `#2`, `#3` for equals. Its random stream is
    /// `agents.NAME`. Always there in a [`Study`](crate::Study).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it does, with the parameters of that.
    #[serde(flatten)]
    pub kind: AgentKind,
    /// The pools that it trades in.
    pub pools: Vec<String>,
    /// Gas units of each of its swaps, 0 unless given.
    pub gas: u64,
    /// What it pays for a unit of gas beyond its price; 0 gwei unless given.
    pub priority_fee: GasPrice,
}

/// The kinds of agents.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AgentKind {
    /// `arbitrageur`: trades every pool to the edge of its no-arbitrage band when that pays for the gas.
    Arbitrageur(ArbitrageurSpec),
    /// `cyclic-arbitrageur`: trades pools against each other when that pays for the gas.
    CyclicArbitrageur(CyclicArbitrageurSpec),
    /// `noise-traders`: trades of random size and direction at random times.
    NoiseTraders(NoiseTradersSpec),
    /// `informed-traders`: trades that know the next price.
    InformedTraders(InformedTradersSpec),
    /// `whales`: rare, large trades.
    Whales(WhalesSpec),
    /// `liquidity-crowd`: other providers, who come and go with what the pool pays.
    LiquidityCrowd(LiquidityCrowdSpec),
    /// `jit`: liquidity right before a large swap, and out again right after it.
    Jit(JitSpec),
    /// `sandwich`: trades before a swap that has a slippage limit, and back after it.
    Sandwich(SandwichSpec),
    /// `reward-sellers`: others who sell what a farm pays them.
    RewardSellers(RewardSellersSpec),
    /// `replay`: the pool lives through what a file recorded of another.
    Replay(ReplaySpec),
    /// An agent of the program's own; it has no spelling in a study file.
    Custom(Custom<dyn AgentModel>),
}

const KIND: Key = Key::new("kind", "\"arbitrageur\"");
const COMMON: &[Key] = &[
    Key::new("name", "\"retail\""),
    KIND,
    Key::new("pools", "[\"main\"]"),
    Key::new("gas", "150_000"),
    Key::new("priority_fee", "\"2 gwei\""),
];

/// The agents that a study file can name.
const KINDS: &[Kind<AgentKind>] = &[
    Kind { name: "arbitrageur", keys: arbitrageur::KEYS, read: |fields| ArbitrageurSpec::read(fields).map(AgentKind::Arbitrageur) },
    Kind {
        name: "cyclic-arbitrageur",
        keys: arbitrageur::CYCLIC_KEYS,
        read: |fields| CyclicArbitrageurSpec::read(fields).map(AgentKind::CyclicArbitrageur),
    },
    Kind {
        name: "noise-traders",
        keys: noise_traders::KEYS,
        read: |fields| NoiseTradersSpec::read(fields).map(AgentKind::NoiseTraders),
    },
    Kind {
        name: "informed-traders",
        keys: informed_traders::KEYS,
        read: |fields| InformedTradersSpec::read(fields).map(AgentKind::InformedTraders),
    },
    Kind { name: "whales", keys: whales::KEYS, read: |fields| WhalesSpec::read(fields).map(AgentKind::Whales) },
    Kind {
        name: "liquidity-crowd",
        keys: reactive::CROWD_KEYS,
        read: |fields| LiquidityCrowdSpec::read(fields).map(AgentKind::LiquidityCrowd),
    },
    Kind { name: "jit", keys: reactive::JIT_KEYS, read: |fields| JitSpec::read(fields).map(AgentKind::Jit) },
    Kind { name: "sandwich", keys: reactive::SANDWICH_KEYS, read: |fields| SandwichSpec::read(fields).map(AgentKind::Sandwich) },
    Kind {
        name: "reward-sellers",
        keys: reward_sellers::KEYS,
        read: |fields| RewardSellersSpec::read(fields).map(AgentKind::RewardSellers),
    },
    Kind { name: "replay", keys: replay::KEYS, read: |fields| ReplaySpec::read(fields).map(AgentKind::Replay) },
];

impl AgentKind {
    /// The sizes of its trades, if it has some of its own.
    pub(crate) fn size(&self) -> Option<&SizeSpec> {
        match self {
            Self::NoiseTraders(traders) => traders.size.as_ref(),
            Self::InformedTraders(InformedTradersSpec { trading: InformedTrading::Flow { size, .. }, .. })
            | Self::Whales(WhalesSpec { size: WhaleSize::Value(size), .. }) => Some(size),
            _ => None,
        }
    }

    /// The name in study files.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Arbitrageur(_) => "arbitrageur",
            Self::CyclicArbitrageur(_) => "cyclic-arbitrageur",
            Self::NoiseTraders(_) => "noise-traders",
            Self::InformedTraders(_) => "informed-traders",
            Self::Whales(_) => "whales",
            Self::LiquidityCrowd(_) => "liquidity-crowd",
            Self::Jit(_) => "jit",
            Self::Sandwich(_) => "sandwich",
            Self::RewardSellers(_) => "reward-sellers",
            Self::Replay(_) => "replay",
            Self::Custom(_) => "custom",
        }
    }
}

impl AgentSpec {
    /// An agent in these pools.
    pub fn new<S: AsRef<str>>(kind: AgentKind, pools: &[S]) -> Self {
        Self {
            name: None,
            kind,
            pools: pools.iter().map(|pool| pool.as_ref().to_owned()).collect(),
            gas: 0,
            priority_fee: GasPrice::ZERO,
        }
    }

    /// An arbitrageur in these pools.
    pub fn arbitrageur<S: AsRef<str>>(pools: &[S]) -> Self {
        Self::new(AgentKind::Arbitrageur(ArbitrageurSpec::default()), pools)
    }

    /// An arbitrageur between these pools.
    pub fn cyclic_arbitrageur<S: AsRef<str>>(pools: &[S]) -> Self {
        Self::new(AgentKind::CyclicArbitrageur(CyclicArbitrageurSpec::default()), pools)
    }

    /// Noise traders in these pools.
    pub fn noise_traders<S: AsRef<str>>(pools: &[S], traders: NoiseTradersSpec) -> Self {
        Self::new(AgentKind::NoiseTraders(traders), pools)
    }

    /// Informed traders in these pools.
    pub fn informed_traders<S: AsRef<str>>(pools: &[S], traders: InformedTradersSpec) -> Self {
        Self::new(AgentKind::InformedTraders(traders), pools)
    }

    /// Whales in these pools.
    pub fn whales<S: AsRef<str>>(pools: &[S], whales: WhalesSpec) -> Self {
        Self::new(AgentKind::Whales(whales), pools)
    }

    /// An agent of one's own, which trades in these pools.
    pub fn custom<S: AsRef<str>>(pools: &[S], agent: impl AgentModel + 'static) -> Self {
        Self::new(AgentKind::Custom(Custom::new(Arc::new(agent))), pools)
    }

    /// With a name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// With gas units per swap.
    pub fn gas(mut self, units: u64) -> Self {
        self.gas = units;
        self
    }

    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = table.kind(KIND, "kind of agent", KINDS)?;
        let fields = table.fields(&[COMMON, kind.keys])?;
        Ok(Self {
            name: fields.optional("name")?,
            pools: fields.required("pools")?,
            gas: fields.or("gas", 0)?,
            priority_fee: fields.or("priority_fee", GasPrice::ZERO)?,
            kind: (kind.read)(&fields)?,
        })
    }

    /// The name that it has without one, before equals are told apart.
    pub(super) fn default_name(&self) -> String {
        default_name(self.kind.name(), &self.pools)
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let at = path.key("pools");
        if self.pools.is_empty() {
            return Err(Problem::new(at, "an agent without a pool")
                .with_found("[]")
                .with_expected("at least one pool")
                .with_example("pools = [\"main\"]"));
        }
        for (i, pool) in self.pools.iter().enumerate() {
            study.require_pool(pool, &at.index(i))?;
            if self.pools[..i].contains(pool) {
                return Err(Problem::new(at.index(i), format!("`{pool}` is listed twice"))
                    .with_found(format!("\"{pool}\""))
                    .with_expected("every pool once")
                    .with_example("pools = [\"main\"]"));
            }
        }
        let home = &study.require_pool(&self.pools[0], &at.index(0))?.chain;
        for (i, pool) in self.pools.iter().enumerate() {
            let chain = &study.require_pool(pool, &at.index(i))?.chain;
            if chain != home {
                return Err(Problem::new(at.index(i), format!("an agent acts on one chain, and `{pool}` is not on {home}"))
                    .with_found(format!("{pool:?}, on {chain}"))
                    .with_expected(format!("pools on {home}; give every chain an agent of its own"))
                    .with_example(format!("pools = [{:?}]", self.pools[0])));
            }
        }
        match &self.kind {
            AgentKind::Arbitrageur(arbitrageur) => arbitrageur.check(path),
            AgentKind::CyclicArbitrageur(cyclic) => cycles(cyclic, &self.pools, study, path).map(|_| ()),
            AgentKind::Custom(_) => Ok(()),
            AgentKind::NoiseTraders(traders) => traders.check(&self.pools, path, study),
            AgentKind::InformedTraders(traders) => traders.check(&self.pools, path, study),
            AgentKind::Whales(whales) => whales.check(&self.pools, path, study),
            AgentKind::LiquidityCrowd(crowd) => crowd.check(&self.pools, path, study),
            AgentKind::Jit(jit) => jit.check(&self.pools, path, study),
            AgentKind::Sandwich(sandwich) => sandwich.check(path, study),
            AgentKind::RewardSellers(sellers) => sellers.check(&self.pools, path, study),
            AgentKind::Replay(replay) => replay.check(&self.pools, path, study),
        }
    }
}

/// The only pool of an agent that has one, and why.
fn one_pool<'a>(pools: &[String], path: &KeyPath, study: &'a StudySpec, why: &str) -> Checked<&'a PoolSpec> {
    let at = path.key("pools");
    match pools {
        [pool] => study.require_pool(pool, &at.index(0)),
        _ => Err(Problem::new(at, why)
            .with_found(format!("{pools:?}"))
            .with_expected("one pool: give every pool an agent of its own")
            .with_example("pools = [\"main\"]")),
    }
}
