//! The event loop.

mod account;
mod agent;
mod arbitrageur;
mod clock;
mod error;
mod ledger;
mod metrics;
mod noise;
mod observer;
mod position;
mod scenario;
mod world;

pub use agent::{Agent, AgentLanes, AgentModel, BuildAgent, Order, OrderKind, OrderLanes, Phase};
pub use arbitrageur::Arbitrageur;
pub use clock::Clock;
pub use error::{ScenarioError, SimError, SimErrorKind};
pub use metrics::{MetricUnit, PoolMetric, PositionMetric};
pub use noise::NoiseTraders;
pub use observer::{Actor, Event, EventKey, Observer};
pub use scenario::{
    AgentSetup, ChainSetup, Column, GasUnits, PoolSetup, PositionSetup, Scenario, StrategyModel, TokenSetup,
};
pub use world::World;
