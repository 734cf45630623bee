//! The worlds whose speed is watched: hourly blocks for a year unless they say otherwise, arbitrage, one position.

use std::sync::Arc;

use cenote_amm::concentrated::FeeTier;
use cenote_amm::constant_product::SwapFee;
use cenote_amm::stableswap::PoolFee;
use cenote_amm::{ConcentratedModel, ConstantProductModel, PoolModel, RangeRule, StableSwapModel};
use cenote_paths::{ExpOu, Gbm, Ou, PACK, PriceModel};
use cenote_sim::{
    AgentSetup, Arbitrageur, ChainSetup, Clock, FarmCrowd, FarmSetup, GasUnits, LendingSetup, NoiseTraders, PoolMetric, PoolSetup,
    PositionMetric, PositionSetup, RiskKind, RiskSetup, RiskTarget, Scenario, Staked, StrategyModel, TokenSetup, Utilisation,
    World,
};
use cenote_strategy::{
    Asset, BestYield, ChainId, FarmId, Farming, Hold, Lend, LendingId, Passive, PoolId, Portfolio, Recentre, Rewards, Stake,
    TokenId,
};
use cenote_units::SimDuration;
use cenote_yield::emission::Emission;
use cenote_yield::farm::MasterChefModel;
use cenote_yield::lending::{Collateral, RateModel, ReserveModel, utilisation_to_logit};

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
        pools: vec![PoolSetup::new("main", [TokenId(0), TokenId(1)], pool, 10e6)],
        agents: vec![AgentSetup::new("agents.arbitrageur@main", Arc::new(Arbitrageur::on([MAIN])))],
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
    scenario.agents.push(AgentSetup::new("agents.noise-traders@main", Arc::new(noise)));
    let hold = Hold::equal(&[TokenId(0), TokenId(1)]).expect("two tokens");
    scenario.positions.push(PositionSetup::new("hold", Arc::new(hold), 100e3));
    scenario
}

/// One pool, arbitrage, one position; its net return alone.
fn small(clock: Clock, price: Arc<dyn PriceModel>, pool: Arc<dyn PoolModel>, position: PositionSetup, horizon: &str) -> Scenario {
    Scenario {
        tokens: vec![TokenSetup::priced("ETH", 18, price), TokenSetup::numeraire("USDC", 6)],
        numeraire: TokenId(1),
        pools: vec![PoolSetup::new("main", [TokenId(0), TokenId(1)], pool, 100e6)],
        agents: vec![AgentSetup::new("agents.arbitrageur@main", Arc::new(Arbitrageur::on([PoolId(0)])))],
        positions: vec![position],
        position_metrics: vec![PositionMetric::NetReturn],
        pool_metrics: vec![],
        ..Scenario::new(ChainSetup::new("ethereum", clock), horizon.parse().expect("a duration"))
    }
}

fn v3() -> Arc<dyn PoolModel> {
    Arc::new(ConcentratedModel::uniswap_v3(FeeTier::BP_30, vec![(RangeRule::Full, 1.0)]))
}

/// W2: a position of ±20% in a Uniswap v3 pool, recentred when the price leaves it.
///
/// # Panics
/// Never.
pub fn w2() -> Scenario {
    let price = Arc::new(Gbm::per_year(2000.0, 0.0, 0.8).expect("parameters in range"));
    let recentre = Recentre::new(PoolId(0), 0.2).expect("a width");
    let position = PositionSetup::new("recentred", Arc::new(recentre), 100e3);
    small(Clock::Fixed("1h".parse().expect("a duration")), price, v3(), position, "365d")
}

/// W3: a `StableSwap` pool, A = 200, 4 bp, and a peg that reverts.
///
/// # Panics
/// Never.
pub fn w3() -> Scenario {
    let price = Arc::new(
        ExpOu::new(1.0, 1.0, "12h".parse().expect("a duration"), "5%".parse().expect("a volatility")).expect("parameters in range"),
    );
    let fee = PoolFee::from_parts(4_000_000).expect("a fee");
    let none = PoolFee::from_parts(0).expect("a fee");
    let pool = StableSwapModel::first_generation(&[18, 6], 200, fee, none).expect("a pool");
    let position = PositionSetup::new("passive", Arc::new(Passive::new(PoolId(0))), 100e3);
    small(Clock::Fixed("1h".parse().expect("a duration")), price, Arc::new(pool), position, "365d")
}

/// Blocks of 12 seconds in a full-range v3 pool, 5% a day, for 2 days: the clock of study 05, Poisson or fixed.
///
/// # Panics
/// Never.
pub fn twelve_seconds(poisson: bool) -> Scenario {
    let interval = "12s".parse().expect("a duration");
    let clock = if poisson { Clock::Poisson(interval) } else { Clock::Fixed(interval) };
    let price = Arc::new(Gbm::per_year_log(2000.0, 0.0, 0.05 * 365.0_f64.sqrt()).expect("parameters in range"));
    let position = PositionSetup::new("full range", Arc::new(Passive::new(PoolId(0))), 1e6);
    Scenario { pool_metrics: vec![PoolMetric::ArbitrageTradeRate], ..small(clock, price, v3(), position, "2d") }
}

/// Blocks of [`twelve_seconds`].
pub const TWELVE_SECOND_BLOCKS: u32 = 14_400;

/// Study 04: a farm beside lending and holding, seven positions, 180 days of hours.
///
/// # Panics
/// Never.
pub fn liquidity_mining() -> Scenario {
    const BNB: TokenId = TokenId(0);
    const CAKE: TokenId = TokenId(1);
    const USDT: TokenId = TokenId(2);
    let duration = |text: &str| text.parse::<SimDuration>().expect("a duration");
    let (main, cakes) = (PoolId(0), PoolId(1));
    let pool = |name, tokens: [TokenId; 2], value| {
        PoolSetup::new(name, tokens, Arc::new(ConstantProductModel::new(SwapFee::PANCAKESWAP_V2, None)), value)
    };
    let emission = Emission::halving(4_000.0 * 365.0, duration("90d")).expect("a rate");
    let farm = FarmSetup {
        name: "main".to_owned(),
        chain: ChainId(0),
        stake: Stake::Pool(main),
        rewards: vec![CAKE],
        model: Arc::new(MasterChefModel::new(emission)),
        staked: Staked::Share(0.6),
        crowd: Some(FarmCrowd { target_apr: 0.25, response: duration("14d") }),
        inflow: None,
        deposit_fee: 0.0,
        withdrawal_fee: 0.0,
        lock: None,
    };
    let fraction = |text: &str| text.parse().expect("a fraction");
    let rates = RateModel::new(
        "0%".parse().expect("a rate"),
        "4%".parse().expect("a rate"),
        "60%".parse().expect("a rate"),
        fraction("90%"),
    );
    let logit = utilisation_to_logit(0.8);
    let lending = LendingSetup {
        name: "usdt".to_owned(),
        chain: ChainId(0),
        token: USDT,
        model: ReserveModel::new(rates.expect("rates"), fraction("10%"), 1e9, fraction("80%")).expect("a reserve"),
        utilisation: Utilisation::Logit(Arc::new(
            Ou::new(logit, logit, duration("7d"), "20%".parse().expect("a volatility")).expect("parameters in range"),
        )),
        collateral: Collateral::NONE,
    };
    let exploit = RiskSetup {
        name: "farm-exploit".to_owned(),
        kind: RiskKind::Exploit { severity: 1.0, recovered: 0.0 },
        targets: vec![RiskTarget::Farm(FarmId(0))],
        rate: 0.02,
        contagion: 0.0,
    };
    let markets = vec![main, cakes];
    let farmed = || Farming::new(FarmId(0), Stake::Pool(main)).markets(markets.clone());
    let farm_asset = Asset::Farm { farm: FarmId(0), stake: Stake::Pool(main) };
    let lent = Asset::Lending { lending: LendingId(0), token: USDT };
    let strategies: Vec<(&str, Arc<dyn StrategyModel>)> = vec![
        ("sell", Arc::new(farmed().every(Rewards::Sell { into: USDT }, duration("7d")).expect("an interval"))),
        ("compound", Arc::new(farmed().every(Rewards::Compound, duration("1d")).expect("an interval"))),
        ("pool", Arc::new(Passive::new(main))),
        ("lend", Arc::new(Lend::new(LendingId(0), USDT))),
        (
            "optimiser",
            Arc::new(
                BestYield::new(vec![farm_asset, lent], duration("1d"))
                    .and_then(|s| s.markets(markets.clone()).hysteresis(0.03))
                    .expect("assets"),
            ),
        ),
        (
            "half",
            Arc::new(
                Portfolio::new(vec![(farm_asset, 0.5), (lent, 0.5)], markets.clone())
                    .and_then(|s| s.drift(0.1))
                    .and_then(|s| s.every(duration("30d")))
                    .expect("weights"),
            ),
        ),
        ("hold", Arc::new(Hold::equal(&[BNB, USDT]).expect("two tokens"))),
    ];
    let gas = GasUnits { deposit: 250e3, claim: 180e3, swap: 150e3, withdraw: 250e3, ..GasUnits::FREE };
    let position = |(name, strategy): (&str, _)| PositionSetup { gas, ..PositionSetup::new(name, strategy, 10e3) };
    let noise = NoiseTraders::lognormal(main, 10.0 * 24.0 * 365.0, 5_000.0, 1.3).expect("parameters in range");
    let mut chain = ChainSetup::new("bsc", Clock::Fixed(duration("1h")));
    chain.native = Some(BNB);
    chain.gas_price = cenote_sim::GasPrice::Constant(3e-9);
    Scenario {
        tokens: vec![
            TokenSetup::priced("BNB", 18, Arc::new(Gbm::per_year(600.0, 0.0, 0.65).expect("parameters in range"))),
            TokenSetup::priced("CAKE", 18, Arc::new(Gbm::per_year(2.5, -0.4, 0.95).expect("parameters in range"))),
            TokenSetup::numeraire("USDT", 18),
        ],
        numeraire: USDT,
        pools: vec![pool("main", [BNB, USDT], 20e6), pool("cake", [CAKE, USDT], 5e6)],
        farms: vec![farm],
        lending: vec![lending],
        risks: vec![exploit],
        agents: vec![
            AgentSetup::new("agents.arbitrageur@main,cake", Arc::new(Arbitrageur::on([main, cakes]))),
            AgentSetup::new("agents.noise-traders@main", Arc::new(noise)),
        ],
        positions: strategies.into_iter().map(position).collect(),
        ..Scenario::new(chain, duration("180d"))
    }
}

/// Blocks of [`liquidity_mining`].
pub const MINING_BLOCKS: u32 = 4_320;

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
