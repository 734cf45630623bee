//! The two worlds whose speed is watched. One year, hourly blocks, ETH at 80% volatility, a constant product at 30 bp, one passive position.

use std::sync::Arc;

use cenote_amm::ConstantProductModel;
use cenote_amm::constant_product::SwapFee;
use cenote_paths::{Gbm, PACK};
use cenote_sim::{
    AgentSetup, Arbitrageur, ChainSetup, Clock, NoiseTraders, PoolMetric, PoolSetup, PositionMetric, PositionSetup, Scenario,
    TokenSetup, World,
};
use cenote_strategy::{Hold, Passive, PoolId, TokenId};

/// Blocks of a path.
pub const BLOCKS: u32 = 8760;

/// How much a world is asked to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The position's net return alone.
    NetReturn,
    /// Every metric there is.
    Everything,
}

/// W1: arbitrage only, one passive position.
///
/// # Panics
/// Never.
pub fn w1(report: Report) -> Scenario {
    const MAIN: PoolId = PoolId(0);
    let eth = TokenSetup::priced("ETH", 18, Arc::new(Gbm::per_year(2000.0, 0.0, 0.8).expect("parameters in range")));
    let pool = Arc::new(ConstantProductModel::new(SwapFee::UNISWAP_V2, None));
    let (position_metrics, pool_metrics) = match report {
        Report::NetReturn => (vec![PositionMetric::NetReturn], vec![]),
        Report::Everything => (PositionMetric::ALL.to_vec(), PoolMetric::ALL.to_vec()),
    };
    let clock = Clock::Fixed("1h".parse().expect("a duration"));
    Scenario {
        tokens: vec![eth, TokenSetup::numeraire("USDC", 6)],
        numeraire: TokenId(1),
        pools: vec![PoolSetup { name: "main".into(), tokens: vec![TokenId(0), TokenId(1)], model: pool, value: 10e6 }],
        agents: vec![AgentSetup { stream: "agents.arbitrageur@main".into(), model: Arc::new(Arbitrageur::on([MAIN])) }],
        positions: vec![PositionSetup::new("full range", Arc::new(Passive::new(MAIN)), 100e3)],
        position_metrics,
        pool_metrics,
        ..Scenario::new(ChainSetup::new("ethereum", clock), "365d".parse().expect("a duration"))
    }
}

/// W1e: the same with noise, 150 trades a day of 1,500 USDC in the median, and a position that holds: the first study that ships.
///
/// # Panics
/// Never.
pub fn w1e(report: Report) -> Scenario {
    let mut scenario = w1(report);
    let noise = NoiseTraders::lognormal(PoolId(0), 150.0 * 365.0, 1500.0, 1.2).expect("parameters in range");
    scenario.agents.push(AgentSetup { stream: "agents.noise-traders@main".into(), model: Arc::new(noise) });
    let hold = Hold::equal(&[TokenId(0), TokenId(1)]).expect("two tokens");
    scenario.positions.push(PositionSetup::new("hold", Arc::new(hold), 100e3));
    scenario
}

/// A world of one pack, and where it writes.
#[derive(Debug)]
pub struct Pack {
    world: World<PACK>,
    results: Vec<f64>,
    next: u32,
}

impl Pack {
    /// A world of this scenario.
    ///
    /// # Panics
    /// The scenario does not check.
    pub fn new(scenario: &Scenario) -> Self {
        let results = vec![0.0; scenario.columns().count() * PACK];
        Self { world: World::new(scenario, 42).expect("the scenario checks"), results, next: 0 }
    }

    /// Runs the next pack of paths; the results of the first column.
    ///
    /// # Panics
    /// A path fails.
    pub fn run(&mut self) -> &[f64] {
        let first = self.next;
        self.next = first.wrapping_add(u32::try_from(PACK).expect("lanes are few")) % 100_000;
        let paths = std::array::from_fn(|lane| first + u32::try_from(lane).expect("lanes are few"));
        self.world.run(paths, PACK, &mut self.results).expect("paths run");
        &self.results[..PACK]
    }
}
