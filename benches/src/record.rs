//! A day of a pool's recorded activity, as large as that of a busy pool: 1,440 rows, in a third of which somebody trades.

use std::fmt::Write as _;
use std::sync::Arc;

use cenote_amm::concentrated::FeeTier;
use cenote_amm::{ConcentratedModel, PoolModel, RangeRule};
use cenote_paths::Replay;
use cenote_paths::history::PoolActivity;
use cenote_sim::{
    AgentSetup, ChainSetup, Clock, PoolMetric, PoolSetup, PositionMetric, PositionSetup, ReplayedPool, Scenario, TokenSetup,
};
use cenote_strategy::{FixedRange, Passive, PoolId, TokenId};

/// The day, invented: amounts in integers of USDC and WETH, ticks that wander, liquidity that changes every hour.
///
/// # Panics
/// Never.
pub fn day() -> PoolActivity {
    let mut text = String::from("time,inAmount0,inAmount1,openTick,closeTick,currentLiquidity\n");
    let (mut tick, mut state) = (201_100_i64, 12_345_u64);
    for minute in 0..1440_i64 {
        // A linear congruential generator is random enough for a bench.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let draw = state >> 33;
        let trades = draw % 3 == 0;
        let (usdc, weth) = if trades { (draw % 9 * 800_000_000, draw % 7 * 300_000_000_000_000_000) } else { (0, 0) };
        let open = tick;
        tick += if trades { i64::try_from(draw % 11).unwrap_or(5) - 5 } else { 0 };
        let liquidity = 2_300_000_000_000_000_000 + minute / 60 * 40_000_000_000_000_000;
        let time = 1_691_884_800 + 60 * minute;
        writeln!(text, "{time},{usdc},{weth},{open},{tick},{liquidity}").expect("a string takes all");
    }
    PoolActivity::read_csv(text.as_bytes()).expect("rows as they should be")
}

/// A pool that lives through the day, with a passive position and one in a range; in the exact lane or the fast one, every metric.
///
/// # Panics
/// Never.
pub fn world(activity: &PoolActivity, exact: bool) -> Scenario {
    let (usdc, weth, decimals) = (TokenId(0), TokenId(1), [6, 18]);
    let prices = Replay::new(&activity.prices(decimals, 1).expect("prices"));
    let model = ConcentratedModel::uniswap_v3(FeeTier::BP_5, vec![(RangeRule::Full, 1.0)]);
    let pool: Arc<dyn PoolModel> =
        if exact { Arc::from(model.exact(decimals).expect("a contract's fee")) } else { Arc::new(model) };
    let narrow = FixedRange::new(PoolId(0), RangeRule::Relative { lower: -0.1, upper: 0.1 });
    Scenario {
        tokens: vec![TokenSetup::numeraire("USDC", 6), TokenSetup::priced("WETH", 18, Arc::new(prices))],
        numeraire: usdc,
        pools: vec![PoolSetup::new("main", [usdc, weth], pool, 1e6)],
        agents: vec![AgentSetup::new("agents.replay@main", Arc::new(ReplayedPool::new(PoolId(0), activity, decimals)))],
        positions: vec![
            PositionSetup::new("full range", Arc::new(Passive::new(PoolId(0))), 100e3),
            PositionSetup::new("range", Arc::new(narrow), 100e3),
        ],
        position_metrics: PositionMetric::ALL.to_vec(),
        pool_metrics: PoolMetric::ALL.to_vec(),
        ..Scenario::new(ChainSetup::new("polygon", Clock::Fixed("1min".parse().expect("a duration"))), activity.span())
    }
}
