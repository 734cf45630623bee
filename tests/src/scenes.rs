//! Worlds to try things in: ETH and USDC, one pool, whoever is asked for.

use std::sync::Arc;

use cenote_amm::constant_product::SwapFee;
use cenote_amm::{ConstantProductModel, PoolModel};
use cenote_paths::{Gbm, PriceModel};
use cenote_sim::{AgentSetup, Arbitrageur, ChainSetup, Clock, NoiseTraders, PoolSetup, PositionSetup, Scenario, TokenSetup};
use cenote_strategy::{Hold, Passive, PoolId, TokenId};
use cenote_units::SimDuration;

/// The risky token.
pub const ETH: TokenId = TokenId(0);
/// The numeraire.
pub const USDC: TokenId = TokenId(1);
/// The only pool.
pub const MAIN: PoolId = PoolId(0);
/// Value of the pool's reserves at the start, in USDC.
pub const POOL_VALUE: f64 = 10e6;
/// Outside price at the start, USDC per ETH.
pub const PRICE: f64 = 2000.0;

/// A duration as study files write it.
///
/// # Panics
/// It is none.
pub fn duration(text: &str) -> SimDuration {
    text.parse().unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// A geometric Brownian motion from [`PRICE`]: drift of the price and volatility, per year.
///
/// # Panics
/// Parameters out of range.
pub fn gbm(drift: f64, volatility: f64) -> Arc<dyn PriceModel> {
    Arc::new(Gbm::per_year(PRICE, drift, volatility).expect("parameters in range"))
}

/// The same whose log price has no drift.
///
/// # Panics
/// Parameters out of range.
pub fn driftless_log(volatility: f64) -> Arc<dyn PriceModel> {
    Arc::new(Gbm::per_year_log(PRICE, 0.0, volatility).expect("parameters in range"))
}

/// A constant product with a fee of `pips` millionths and no protocol share.
///
/// # Panics
/// A fee of one or more.
pub fn constant_product(pips: u32) -> Arc<dyn PoolModel> {
    Arc::new(ConstantProductModel::new(SwapFee::from_pips(pips).expect("a fee below one"), None))
}

/// A world without agents and positions; all metrics.
pub fn scene(clock: Clock, price: Arc<dyn PriceModel>, pool: Arc<dyn PoolModel>, horizon: &str) -> Scenario {
    Scenario {
        tokens: vec![TokenSetup::priced("ETH", 18, price), TokenSetup::numeraire("USDC", 6)],
        numeraire: USDC,
        pools: vec![PoolSetup::new("main", [ETH, USDC], pool, POOL_VALUE)],
        ..Scenario::new(ChainSetup::new("ethereum", clock), duration(horizon))
    }
}

/// A clock of equal intervals.
pub fn every(interval: &str) -> Clock {
    Clock::Fixed(duration(interval))
}

/// A clock of exponential gaps with this mean.
pub fn poisson(mean: &str) -> Clock {
    Clock::Poisson(duration(mean))
}

/// An arbitrageur on the pool; `gas` units per trade.
pub fn arbitrageur(gas: f64) -> AgentSetup {
    AgentSetup::new("agents.arbitrageur@main", Arc::new(Arbitrageur::on([MAIN]).gas(gas)))
}

/// 150 trades a day of 1,500 USDC in the median.
///
/// # Panics
/// Never.
pub fn noise() -> AgentSetup {
    let traders = NoiseTraders::lognormal(MAIN, 150.0 * 365.0, 1500.0, 1.2).expect("parameters in range");
    AgentSetup::new("agents.noise-traders@main", Arc::new(traders))
}

/// 100,000 USDC put into the pool and left there.
pub fn passive() -> PositionSetup {
    PositionSetup::new("passive", Arc::new(Passive::new(MAIN)), 100e3)
}

/// 100,000 USDC held, half of it as ETH.
///
/// # Panics
/// Never.
pub fn hold() -> PositionSetup {
    PositionSetup::new("hold", Arc::new(Hold::equal(&[ETH, USDC]).expect("two tokens")), 100e3)
}

/// A year of hourly blocks at 80% volatility, a 30 bp pool, arbitrage, noise, a passive position and one that holds.
pub fn a_year() -> Scenario {
    Scenario {
        agents: vec![arbitrageur(0.0), noise()],
        positions: vec![passive(), hold()],
        ..scene(every("1h"), gbm(0.0, 0.8), constant_product(3000), "365d")
    }
}
