//! The event loop of one path, or of many in lockstep.
//!
//! A [`Scenario`] says what there is: a chain with its clock, tokens with their prices, pools, agents, positions. A [`World`] of `L`
//! lanes simulates `L` paths of it side by side, block by block, and writes one row of results per path:
//!
//! ```
//! use std::sync::Arc;
//!
//! use cenote_amm::ConstantProductModel;
//! use cenote_amm::constant_product::SwapFee;
//! use cenote_paths::Gbm;
//! use cenote_sim::{
//!     AgentSetup, Arbitrageur, ChainSetup, Clock, PoolSetup, PositionMetric, PositionSetup, Scenario, TokenSetup, World,
//! };
//! use cenote_strategy::{Passive, PoolId, TokenId};
//!
//! let eth = TokenSetup::priced("ETH", 18, Arc::new(Gbm::per_year(2000.0, 0.0, 0.8)?));
//! let usdc = TokenSetup::numeraire("USDC", 6);
//! let pool = Arc::new(ConstantProductModel::new(SwapFee::UNISWAP_V2, None));
//! let scenario = Scenario {
//!     tokens: vec![eth, usdc],
//!     numeraire: TokenId(1),
//!     pools: vec![PoolSetup::new("main", [TokenId(0), TokenId(1)], pool, 10e6)],
//!     agents: vec![AgentSetup::new("agents.arbitrageur", Arc::new(Arbitrageur::on([PoolId(0)])))],
//!     positions: vec![PositionSetup::new("mine", Arc::new(Passive::new(PoolId(0))), 100e3)],
//!     position_metrics: vec![PositionMetric::NetReturn],
//!     pool_metrics: vec![],
//!     ..Scenario::new(ChainSetup::new("ethereum", Clock::Fixed("1h".parse()?)), "30d".parse()?)
//! };
//! // Path 7 alone; a study runs packs of 128.
//! let mut net_return = [0.0];
//! let mut world = World::<1>::new(&scenario, 42)?;
//! world.run([7], 1, &mut net_return)?;
//! assert!(net_return[0] > -1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Inside a block
//!
//! Between blocks only outside prices move; transactions execute at blocks. The phases of a block come in an order that is data
//! ([`ChainSetup::order`]): informed trades, prices, arbitrage, other flow, liquidity providers, observers. Agents and strategies see a read-only
//! market and return orders and actions; only the loop moves tokens. [`EventKey`] is the total order of everything that happens.
//!
//! # Lanes
//!
//! State is one array of `L` numbers per quantity, and every component acts on all lanes at once; a lane in which nothing happens
//! trades zero, which is an exact no-op. So a path has the same bits alone and in any pack. Built-in components are written `L` wide;
//! a one-path [`Agent`], [`Strategy`](cenote_strategy::Strategy), pool or price process is lifted lane by lane.
//!
//! # Books
//!
//! What happens to liquidity is summed per LP token of each pool, so that a position costs nothing per block; a position settles its
//! sums when its holdings change and at the end. Its result must equal the sums on every path, or the run stops with
//! [`SimErrorKind::Attribution`]. With [`Scenario::audit`], a double-entry ledger also follows every token.
//!
//! # What this crate does not do
//!
//! It knows no threads, no files and no statistics: that is `cenote-study`.

mod account;
mod agent;
mod arbitrageur;
mod clock;
mod crowd;
mod cyclic;
mod elsewhere;
mod error;
mod hedge_book;
mod informed;
mod jit;
mod latency;
mod ledger;
mod metrics;
mod noise;
mod observer;
mod outside;
mod position;
mod range_book;
mod replay;
mod reward_sellers;
mod risk_book;
mod route;
mod sandwich;
mod scenario;
#[cfg(test)]
mod test_scene;
mod venue_book;
mod venues;
mod whales;
mod world;

pub use agent::{Agent, AgentLanes, AgentModel, BuildAgent, Order, OrderKind, OrderLanes, Phase};
pub use arbitrageur::Arbitrageur;
pub use clock::Clock;
pub use crowd::LiquidityCrowd;
pub use cyclic::CyclicArbitrageur;
pub use error::{ScenarioError, SimError, SimErrorKind};
pub use hedge_book::{HedgeInstrument, HedgeTerms};
pub use informed::{InformedArbitrageur, InformedTraders};
pub use jit::JitLiquidity;
pub use latency::Latency;
pub use metrics::{MetricUnit, PoolMetric, PositionMetric, RiskMetric};
pub use noise::NoiseTraders;
pub use observer::{Actor, Event, EventKey, Observer};
pub use outside::Correlation;
pub use replay::ReplayedPool;
pub use reward_sellers::RewardSellers;
pub use route::{Hop, Route};
pub use sandwich::Sandwich;
pub use scenario::{
    AgentSetup, BridgeSetup, ChainSetup, Column, DataCost, DataPrice, GasPrice, GasUnits, PoolSetup, PositionSetup, RiskSource,
    Scenario, StrategyModel, TokenSetup,
};
pub use venues::{
    CoverTerms, FarmCrowd, FarmSetup, LendingSetup, RewardLock, RiskKind, RiskSetup, RiskTarget, Staked, Utilisation, VaultSetup,
    VoteTerms,
};
pub use whales::{Lean, Whales};
pub use world::{BuildWorld, World};
