//! Liquidity in ranges: the same world for one path and for many, in either lane, with books that balance and the returns that theory
//! expects.

use std::sync::{Arc, Mutex};

use cenote_amm::concentrated::FeeTier;
use cenote_amm::{ConcentratedModel, PoolModel, RangeRule};
use cenote_sim::{GasPrice, GasUnits, MetricUnit, PoolMetric, PositionMetric, PositionSetup, Scenario, StrategyModel};
use cenote_strategy::{
    Action, Entry, FixedRange, Guard, Guarded, Market, Passive, Position, RangeId, Recentre, Strategy, Trigger, Wake,
};
use cenote_tests::scenes::{ETH, MAIN, USDC, arbitrageur, driftless_log, duration, every, gbm, hold, noise, poisson, scene};
use cenote_tests::statistics::{assert_agrees, assert_differs};
use cenote_tests::table::{Table, run, run_alone};

const SEED: u64 = 977;
const GAS: GasUnits = GasUnits { mint: 400_000.0, burn: 250_000.0, collect: 100_000.0, swap: 150_000.0, ..GasUnits::FREE };

fn tier(pips: u32, spacing: i32) -> FeeTier {
    FeeTier::new(pips, spacing).expect("a tier")
}

fn liquidity() -> Vec<(RangeRule, f64)> {
    vec![(RangeRule::Full, 0.4), (RangeRule::Relative { lower: -0.2, upper: 0.25 }, 0.6)]
}

fn position(name: &str, strategy: impl StrategyModel + 'static) -> PositionSetup {
    PositionSetup { gas: GAS, ..PositionSetup::new(name, Arc::new(strategy), 100e3) }
}

fn recentre(width: f64) -> Recentre {
    Recentre::new(MAIN, width).expect("a width")
}

fn narrow() -> FixedRange {
    FixedRange::new(MAIN, RangeRule::Relative { lower: -0.1, upper: 0.1 })
}

/// Everybody who can be in a pool of ranges.
fn everybody() -> Vec<PositionSetup> {
    let stop = Guard::new(MAIN, USDC).stop_loss(0.1).unwrap().take_profit(0.2).unwrap();
    let hold_stop = Guard::new(MAIN, USDC).stop_impermanent_loss(0.02).unwrap();
    vec![
        position("full range", Passive::new(MAIN)),
        position("narrow", narrow()),
        position("below the price", FixedRange::new(MAIN, RangeRule::Relative { lower: -0.3, upper: -0.05 })),
        position("recentred", recentre(0.05).cooldown(duration("6h"))),
        position("recentred off centre", recentre(0.2).trigger(Trigger::OffCentre(0.05)).unwrap()),
        position("recentred daily", recentre(0.1).trigger(Trigger::Every(duration("1d"))).unwrap()),
        position("narrow, stopped", Guarded::new(narrow(), stop)),
        position("recentred, stopped", Guarded::new(recentre(0.1), hold_stop)),
        hold(),
    ]
}

fn busy(clock: cenote_sim::Clock, pool: Arc<dyn PoolModel>) -> Scenario {
    let mut scenario = Scenario {
        agents: vec![arbitrageur(150_000.0), noise()],
        positions: everybody(),
        warm_up: duration("1d"),
        audit: true,
        ..scene(clock, gbm(0.0, 0.8), pool, "60d")
    };
    scenario.chains[0].native = Some(ETH);
    scenario.chains[0].gas_price = GasPrice::Constant(20e-9);
    scenario
}

fn models() -> Vec<ConcentratedModel> {
    vec![
        ConcentratedModel::uniswap_v3(FeeTier::BP_30, liquidity()),
        ConcentratedModel::pancakeswap_v3(FeeTier::BP_25, liquidity()),
        ConcentratedModel::uniswap_v4(tier(500, 10), liquidity()),
    ]
}

/// The audit follows every token, and the attribution of every position on every path adds up, or the run fails.
#[test]
fn books_balance() {
    for model in models() {
        for clock in [every("1h"), poisson("1h")] {
            let table = run(&busy(clock, Arc::new(model.clone())), SEED, 192);
            let metric = |place, metric| table.position(place, metric).iter().sum::<f64>() / 192.0;
            assert!(metric(3, PositionMetric::Rebalances) > 5.0, "recentring happens");
            assert!((0.3..0.95).contains(&metric(6, PositionMetric::Exited)), "some stop, some do not");
            assert_eq!(metric(0, PositionMetric::TimeInRange), 1.0);
            assert!((0.1..0.7).contains(&metric(1, PositionMetric::TimeInRange)));
            // Once a day, at the first block after it is over.
            assert!((55.0..60.5).contains(&metric(5, PositionMetric::Rebalances)), "{}", metric(5, PositionMetric::Rebalances));
            for place in 0..8 {
                assert!(metric(place, PositionMetric::Fees) > 0.0 && metric(place, PositionMetric::LossVersusRebalancing) > 0.0);
            }
        }
    }
}

/// Fees and losses of all providers together are those of the pool, whoever keeps the books.
#[test]
fn providers_share_what_the_pool_earns() {
    let model = ConcentratedModel::uniswap_v3(FeeTier::BP_30, liquidity());
    let mut scenario = busy(every("1h"), Arc::new(model));
    scenario.warm_up = cenote_units::SimDuration::ZERO;
    scenario.positions = vec![position("all of it", Passive::new(MAIN))];
    // So large that everybody else is nothing.
    scenario.positions[0].deposit = 1e15;
    let table = run(&scenario, SEED, 64);
    for path in 0..64 {
        let fees = table.position(0, PositionMetric::FeesBooked)[path];
        let of_pool = table.pool(0, PoolMetric::Fees)[path];
        assert!((fees / of_pool - 1.0).abs() < 1e-5, "{fees} {of_pool}");
        let loss = table.position(0, PositionMetric::LossVersusRebalancing)[path];
        let of_pool = table.pool(0, PoolMetric::LossVersusRebalancing)[path];
        assert!((loss / of_pool - 1.0).abs() < 1e-4, "{loss} {of_pool}");
    }
}

/// A range that is looked at after every block, and what that says of its income: holdings times moves of prices, what trades did to the
/// amounts at the prices of their block, and what they added to fees.
#[derive(Clone, Debug)]
struct Watched {
    range: FixedRange,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    before: Option<(f64, [f64; 2], [f64; 2], bool)>,
    price: f64,
    loss: f64,
    fees: f64,
    entries: u32,
}

impl Strategy for Watched {
    fn entry(&self) -> Entry {
        self.range.entry()
    }

    fn ranges(&self) -> u8 {
        self.range.ranges()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if let Some(action) = self.range.act(market, position) {
            return Some(action);
        }
        let now = position.range(MAIN, RangeId(0)).expect("a range");
        let price = market.price(ETH);
        let seen = &mut *self.seen.lock().expect("one thread");
        if let Some((before, amounts, owed, inside)) = seen.before {
            seen.price += (amounts[0] + owed[0]) * (price - before);
            seen.loss -= (now.amounts[0] - amounts[0]) * price + now.amounts[1] - amounts[1];
            seen.fees += (now.owed[0] - owed[0]) * price + now.owed[1] - owed[1];
            seen.entries += u32::from(now.inside && !inside);
        }
        seen.before = Some((price, now.amounts, now.owed, now.inside));
        None
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::EVERY_BLOCK
    }
}

/// Pools keep the books of ranges in sums per unit of liquidity; looked at block by block they say the same, in either lane.
#[test]
fn income_is_what_the_blocks_add_up_to() {
    let model = ConcentratedModel::uniswap_v3(FeeTier::BP_30, liquidity());
    let exact: Arc<dyn PoolModel> = Arc::from(model.exact([18, 6]).unwrap());
    for (pool, tolerance) in [(Arc::new(model) as Arc<dyn PoolModel>, 1e-6), (exact, 1e-3)] {
        let mut entries = 0;
        for path in 0..4 {
            let seen = Arc::new(Mutex::new(Seen::default()));
            let mut scenario = busy(every("1h"), pool.clone());
            // Nobody's ends but its own and those of others.
            scenario.positions = vec![position("it", Watched { range: narrow(), seen: seen.clone() })];
            let table = run_alone(&scenario, SEED, path);
            let metric = |metric| table.position(0, metric)[0];
            let seen = *seen.lock().unwrap();
            entries += seen.entries;
            for (booked, added_up) in [
                (metric(PositionMetric::Price), seen.price),
                (metric(PositionMetric::LossVersusRebalancing), seen.loss),
                (metric(PositionMetric::FeesBooked), seen.fees),
            ] {
                assert!((booked - added_up).abs() < tolerance, "path {path}: {booked} booked, {added_up} added up");
                assert!(booked.abs() > 1.0, "{booked}");
            }
        }
        assert!(entries > 10, "the price comes back into the range: {entries}");
    }
}

#[test]
fn a_path_alone_has_the_bits_it_has_in_a_pack() {
    for clock in [every("1h"), poisson("1h")] {
        let scenario = busy(clock, Arc::new(models().remove(0)));
        let all = run(&scenario, SEED, 192).bits();
        for path in [0, 5, 127, 128, 191] {
            let alone = run_alone(&scenario, SEED, path);
            for (column, alone) in all.iter().zip(alone.bits()) {
                assert_eq!(column[path as usize], alone[0], "path {path}");
            }
        }
    }
}

/// The contract's integers along the same path: what a year of floats loses is nothing.
#[test]
fn the_exact_lane_agrees() {
    for model in models() {
        let fast = busy(every("1h"), Arc::new(model.clone()));
        let exact = busy(every("1h"), Arc::from(model.exact([18, 6]).unwrap()));
        for path in 0..3 {
            let (fast, exact) = (run_alone(&fast, SEED, path), run_alone(&exact, SEED, path));
            let columns: Vec<_> = busy(every("1h"), Arc::new(model.clone())).columns().collect();
            for ((column, fast), exact) in columns.iter().zip(fast.values).zip(exact.values) {
                let (fast, exact) = (fast[0], exact[0]);
                // Money against the deposit or the pool, days against themselves; all else as it is.
                let scale = match column.unit() {
                    MetricUnit::Money => fast.abs().max(1e5),
                    MetricUnit::Days => fast.abs().max(1.0),
                    _ => 1.0,
                };
                assert!((fast - exact).abs() <= 1e-6 * scale, "path {path}, {column:?}: {fast} fast, {exact} exact");
            }
        }
    }
}

/// A contract keeps back what it rounds, of a small pool a part that floats would never lose: the audit allows it that, and not more.
#[test]
fn a_small_pool_s_dust_is_no_loss() {
    for model in models() {
        let mut exact = busy(every("1h"), Arc::from(model.exact([18, 6]).unwrap()));
        exact.pools[0].value = 2_000.0;
        exact.positions.truncate(2);
        exact.positions.iter_mut().for_each(|position| position.deposit = 20.0);
        // Noise would carry the price of so small a pool through a hundred steps in a trade.
        exact.agents = vec![arbitrageur(0.0)];
        let table = run_alone(&exact, SEED, 0);
        assert!(table.pool(0, PoolMetric::ArbitrageTrades)[0] > 200.0);
    }
}

/// Arbitrage only, fees of a millionth, blocks of a minute: the pool follows the price.
fn followed(strategy: impl Strategy, days: &str, paths: u32) -> Table {
    let model = ConcentratedModel::uniswap_v3(tier(1, 1), vec![(RangeRule::Full, 1.0)]);
    let scenario = Scenario {
        agents: vec![arbitrageur(0.0)],
        positions: vec![PositionSetup::new("it", Arc::new(strategy), 1.0)],
        position_metrics: vec![PositionMetric::TimeInRange, PositionMetric::Rebalances, PositionMetric::ImpermanentLoss],
        pool_metrics: vec![],
        ..scene(every("10min"), driftless_log(0.8), Arc::new(model), days)
    };
    run(&scenario, SEED, paths)
}

/// P(|W| < b at t), averaged over [0, T]: that of a Brownian motion.
#[test]
fn time_in_range_is_that_of_a_brownian_motion() {
    let b: f64 = 0.2;
    let rule = RangeRule::Relative { lower: (-b).exp_m1(), upper: b.exp_m1() };
    let table = followed(FixedRange::new(MAIN, rule), "36.5d", 4096);
    // theory/cases.json, time-in-range at T = 0.1.
    assert_agrees("time in range", table.position(0, PositionMetric::TimeInRange), 0.764_048_433_537_809);
}

/// Resets happen at block ends, where the price is beyond the edge by 0.5826 steps of a block in the mean: the law is that of
/// continuous watching with edges so much wider (Broadie, Glasserman, Kou 1997). Mean number of exits from the middle of (−b, b) by
/// time T: σ²T/b² − 1/6, but for terms that vanish exponentially.
#[test]
fn ranges_are_moved_as_often_as_theory_says() {
    let (b, variance): (f64, f64) = (0.1, 0.64 * 0.1);
    let table = followed(recentre(b.exp_m1()), "36.5d", 4096);
    let step = 0.8 * (10.0_f64 / (365.0 * 24.0 * 60.0)).sqrt();
    let count = table.position(0, PositionMetric::Rebalances);
    let expected = |b: f64| variance / (b * b) - 1.0 / 6.0;
    assert_agrees("recentrings", count, expected(b + 0.582_597 * step));
    assert_differs("recentrings, as if watched all the time", count, expected(b));
}
