//! Strategies: every one of them in a busy world with books that balance, alone and in packs, in either lane; and against what a hand or
//! a closed form says.

use std::sync::{Arc, Mutex};

use cenote_amm::concentrated::FeeTier;
use cenote_amm::stableswap::PoolFee;
use cenote_amm::weighted::Weights;
use cenote_amm::{ConcentratedModel, Fast, Lifted, PoolModel, PriceRange, RangeRule, StableSwapModel, Weighted};
use cenote_paths::{Constant, PriceHistory, Replay};
use cenote_sim::{
    Actor, Column, Event, EventKey, GasPrice, GasUnits, HedgeInstrument, HedgeTerms, MetricUnit, Observer, PoolMetric,
    PositionMetric as M, PositionSetup, Scenario, StrategyModel, World,
};
use cenote_strategy::{
    Action, AnyStrategy, Asset, Bins, Bridge, BridgeId, ChainId, Compounding, EnterWith, Entry, FixedRange, Guard, Guarded, Hedged,
    Market, Parts, Passive, PoolId, Portfolio, Position, RangeId, RangeOrder, RangePosition, Recentre, Refusal, Shape, Staged,
    Strategy, TokenId, Trigger, VolatilityWidth, Wake, WayOut, Window, compounding_threshold,
};
use cenote_tests::scenes::{
    ETH, MAIN, POOL_VALUE, PRICE, USDC, arbitrageur, constant_product, driftless_log, duration, every, gbm, hold, noise, poisson,
    scene,
};
use cenote_tests::statistics::assert_agrees;
use cenote_tests::table::{run, run_alone};
use cenote_units::{Fee, SimTime};

const SEED: u64 = 1789;
const GAS: GasUnits = GasUnits { mint: 400_000.0, burn: 250_000.0, collect: 100_000.0, swap: 150_000.0, ..GasUnits::FREE };
const DEPOSIT: f64 = 100e3;
const PERPETUAL: HedgeTerms = HedgeTerms { instrument: HedgeInstrument::Perpetual { funding: 0.08 }, fee: 5e-4 };
const LOAN: HedgeTerms = HedgeTerms { instrument: HedgeInstrument::Loan { interest: 0.05 }, fee: 1e-3 };

fn v3() -> ConcentratedModel {
    let liquidity = vec![(RangeRule::Full, 0.4), (RangeRule::Relative { lower: -0.2, upper: 0.25 }, 0.6)];
    ConcentratedModel::uniswap_v3(FeeTier::BP_30, liquidity)
}

fn position(name: &str, strategy: impl StrategyModel + 'static) -> PositionSetup {
    PositionSetup { gas: GAS, ..PositionSetup::new(name, Arc::new(strategy), DEPOSIT) }
}

fn bins(count: u8, shape: Shape) -> Bins {
    Bins::new(count, shape).unwrap()
}

fn relative(lower: f64, upper: f64) -> RangeRule {
    RangeRule::Relative { lower, upper }
}

fn narrow() -> FixedRange {
    FixedRange::new(MAIN, relative(-0.1, 0.1))
}

fn recentre(width: f64) -> Recentre {
    Recentre::new(MAIN, width).unwrap()
}

fn by_volatility() -> VolatilityWidth {
    let window = Window::HalfLife(duration("2d"));
    let (over, sample) = (duration("3d"), duration("2h"));
    VolatilityWidth { multiple: 1.5, over, window, sample, initial: 0.1, min: 0.02, max: 0.4 }
}

fn stop() -> Guard {
    Guard::new(MAIN, USDC).stop_loss(0.1).unwrap().take_profit(0.2).unwrap()
}

fn mixed() -> Portfolio {
    let holdings = vec![(Asset::Token(ETH), 0.25), (Asset::Token(USDC), 0.25), (Asset::Pool(MAIN), 0.5)];
    Portfolio::new(holdings, vec![MAIN]).unwrap()
}

/// A tenth each three days, and out again from day 40 on, for USDC.
fn staged<S>(strategy: S) -> Staged<S> {
    let (way_in, way_out) = (Parts { count: 5, over: duration("15d") }, Parts { count: 4, over: duration("8d") });
    let way_out = WayOut { from: duration("40d"), parts: way_out, into: Some(USDC) };
    Staged::new(strategy, MAIN, 0.8).unwrap().way_in(way_in).unwrap().way_out(way_out).unwrap()
}

/// Strategies of any pool of ETH and USDC.
fn anywhere() -> Vec<PositionSetup> {
    vec![
        position("one token", EnterWith::new(Passive::new(MAIN), USDC)),
        position("staged", staged(Passive::new(MAIN))),
        position("staged, one token", staged(EnterWith::new(Passive::new(MAIN), ETH))),
        position("portfolio", mixed().drift(0.03).unwrap()),
        position("portfolio, monthly, in parts", {
            let portfolio = EnterWith::new(mixed().every(duration("7d")).unwrap(), USDC);
            Staged::new(portfolio, MAIN, 1.0).unwrap().way_in(Parts { count: 3, over: duration("9d") }).unwrap()
        }),
        PositionSetup { hedge: Some(PERPETUAL), ..position("hedged", Hedged::new(Passive::new(MAIN), ETH).band(0.05).unwrap()) },
        PositionSetup {
            hedge: Some(LOAN),
            ..position("hedged, stopped", {
                let guarded = Guarded::new(Passive::new(MAIN), Guard::new(MAIN, USDC).stop_price(ETH, 1700.0, 2400.0));
                Hedged::new(guarded, ETH).every(duration("1d")).unwrap().ratio(0.5).unwrap()
            })
        },
    ]
}

/// Strategies of a pool of ranges.
fn in_ranges() -> Vec<PositionSetup> {
    let volatile = || Recentre::by_volatility(MAIN, by_volatility()).unwrap();
    vec![
        position("curve", recentre(0.1).bins(bins(6, Shape::Curve))),
        position("bid and ask", recentre(0.1).bins(bins(5, Shape::BidAsk)).trigger(Trigger::Every(duration("2d"))).unwrap()),
        position("uniform, kept", recentre(0.25).bins(bins(7, Shape::Uniform)).trigger(Trigger::Never).unwrap()),
        position("by volatility", volatile().cooldown(duration("6h"))),
        position("by volatility, bins", volatile().bins(bins(4, Shape::Curve)).trigger(Trigger::OffCentre(0.04)).unwrap()),
        position("compounded daily", Compounding::every(narrow(), MAIN, duration("1d")).unwrap()),
        position("compounded curve", {
            let curve = recentre(0.1).bins(bins(4, Shape::Curve)).cooldown(duration("1d"));
            Compounding::every(curve, MAIN, duration("12h")).unwrap()
        }),
        position("compounded when it pays", Compounding::optimal(narrow(), MAIN, 650e3).unwrap()),
        position("sells ETH", RangeOrder::new(MAIN, relative(0.05, 0.1))),
        position("buys ETH", RangeOrder::new(MAIN, relative(-0.1, -0.05))),
        position("range with one token", EnterWith::new(narrow(), USDC)),
        position("staged range", staged(narrow())),
        position("staged curve", staged(EnterWith::new(recentre(0.1).bins(bins(3, Shape::Curve)), USDC))),
        PositionSetup { hedge: Some(PERPETUAL), ..position("hedged range", Hedged::new(narrow(), ETH)) },
        PositionSetup {
            hedge: Some(LOAN),
            ..position("everything", {
                let inner = EnterWith::new(volatile().bins(bins(3, Shape::BidAsk)).cooldown(duration("12h")), USDC);
                let compounded = Compounding::optimal(inner, MAIN, 1.65e6).unwrap();
                let part = Staged::new(compounded, MAIN, 0.9).unwrap().way_in(Parts { count: 2, over: duration("4d") }).unwrap();
                let guarded = AnyStrategy::new(Guarded::new(part, stop()));
                Hedged::new(guarded, ETH).band(0.1).unwrap().every(duration("3d")).unwrap()
            })
        },
    ]
}

fn busy(clock: cenote_sim::Clock, pool: Arc<dyn PoolModel>, positions: Vec<PositionSetup>) -> Scenario {
    let mut scenario = Scenario {
        agents: vec![arbitrageur(150_000.0), noise()],
        positions,
        warm_up: duration("1d"),
        audit: true,
        ..scene(clock, gbm(0.0, 0.8), pool, "60d")
    };
    scenario.chains[0].native = Some(ETH);
    scenario.chains[0].gas_price = GasPrice::Constant(5e-9);
    scenario
}

fn worlds(clock: cenote_sim::Clock) -> [Scenario; 2] {
    let ranges = in_ranges().into_iter().chain(anywhere()).chain([hold()]).collect();
    [busy(clock, Arc::new(v3()), ranges), busy(clock, constant_product(3000), anywhere())]
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap())
}

/// The audit follows every token, and both sums of the attribution add up for every position on every path, or the run fails; that each
/// strategy does what it is there for is seen in what it books.
#[test]
fn books_balance() {
    for scenario in worlds(every("1h")).into_iter().chain(worlds(poisson("1h"))) {
        let table = run(&scenario, SEED, 130);
        for (place, setup) in scenario.positions.iter().enumerate() {
            let name = &*setup.name;
            let of = |metric| mean(table.position(place, metric));
            println!(
                "{name}: rebalances {:.1}, fees {:.0}, gas {:.0}, costs {:.0}, hedge {:.0}, exited {:.2}, in range {:.2}",
                of(M::Rebalances),
                of(M::FeesBooked),
                of(M::Gas),
                of(M::TradingCosts),
                of(M::Hedge),
                of(M::Exited),
                of(M::TimeInRange)
            );
            assert!(table.position(place, M::AttributionResidual).iter().all(|&residual| residual <= 1e-9), "{name}");
            assert_eq!(of(M::RefusedActions), 0.0, "{name}");
            assert_eq!(of(M::Hedge) != 0.0, setup.hedge.is_some(), "{name}");
            let provides = name != "hold";
            assert_eq!(of(M::FeesBooked) > 0.0 && of(M::Gas) > 0.0, provides, "{name}");
            let exits = ["staged", "sells", "buys", "stopped", "everything"].iter().any(|word| name.contains(word));
            assert_eq!(of(M::Exited) > 0.0, exits, "{name}");
            let moves = of(M::Rebalances);
            let (least, most) = match name {
                "curve" | "by volatility" | "everything" => (2.0, 60.0),
                // Once in two days, at the first block after.
                "bid and ask" => (27.0, 30.0),
                "compounded daily" => (20.0, 59.5),
                "by volatility, bins" => (10.0, 200.0),
                "compounded curve" => (100.0, 145.0),
                "compounded when it pays" => (1.0, 60.0),
                "staged" | "staged, one token" | "staged range" => (4.0, 9.0),
                "staged curve" => (6.0, 30.0),
                "portfolio" => (1.0, 30.0),
                "portfolio, monthly, in parts" => (8.0, 12.0),
                _ => (0.0, 0.0),
            };
            assert!((least..=most).contains(&moves), "{name} moved {moves} times");
        }
    }
}

#[test]
fn a_path_alone_has_the_bits_it_has_in_a_pack() {
    for scenario in worlds(every("1h")).into_iter().chain(worlds(poisson("1h"))) {
        let all = run(&scenario, SEED, 130).bits();
        for path in [0, 63, 127, 128, 129] {
            let alone = run_alone(&scenario, SEED, path);
            for (column, alone) in scenario.columns().zip(all.iter().zip(alone.bits())) {
                assert_eq!(alone.0[path as usize], alone.1[0], "path {path}, {column:?}");
            }
        }
    }
}

/// The contract's integers along the same path. Strategies decide at thresholds, which a wei can cross on another block: a path on which
/// they all decide alike is compared to a millionth.
#[test]
fn the_exact_lane_agrees() {
    let columns: Vec<_> = worlds(every("1h"))[0].columns().collect();
    let fast = worlds(every("1h"))[0].clone();
    let mut exact = fast.clone();
    exact.pools[0].model = Arc::from(v3().exact([18, 6]).unwrap());
    for path in 0..2 {
        let (fast, exact) = (run_alone(&fast, SEED, path), run_alone(&exact, SEED, path));
        for ((column, fast), exact) in columns.iter().zip(fast.values).zip(exact.values) {
            let (fast, exact) = (fast[0], exact[0]);
            let scale = match column.unit() {
                MetricUnit::Money => fast.abs().max(DEPOSIT),
                MetricUnit::Days => 365.0,
                _ => 1.0,
            };
            let at_thresholds = |name: &str| name == "everything" || name == "compounded when it pays";
            let differs = matches!(column, Column::Position(i, _) if at_thresholds(&worlds(every("1h"))[0].positions[*i].name));
            if differs && matches!(column, Column::Position(_, metric) if metric.unit() == MetricUnit::Count) {
                continue;
            }
            assert!(
                (fast - exact).abs() <= if differs { 2e-3 } else { 2e-6 } * scale,
                "path {path}, {column:?}: {fast} fast, {exact} exact"
            );
        }
    }
}

/// What a strategy saw, each time it was asked.
#[derive(Clone, Debug)]
struct Seen {
    time: SimTime,
    price: f64,
    value: f64,
    wallet: Vec<f64>,
    lp: Vec<f64>,
    lp_value: f64,
    ranges: Vec<RangePosition>,
}

/// A strategy that is watched, and asked at every block.
#[derive(Clone, Debug)]
struct Watched<S> {
    strategy: S,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl<S: Strategy> Strategy for Watched<S> {
    fn entry(&self) -> Entry {
        self.strategy.entry()
    }

    fn ranges(&self) -> u8 {
        self.strategy.ranges()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let (wallet, lp, ranges) = (position.wallet.to_vec(), position.lp.to_vec(), position.ranges.to_vec());
        let (time, price, lp_value) = (market.time(), market.price(ETH), market.lp_value(MAIN));
        self.seen.lock().unwrap().push(Seen { time, price, value: position.value, wallet, lp, lp_value, ranges });
        self.strategy.act(market, position)
    }
}

/// What a strategy sees on one path of a scenario in which it is the only position.
fn watch(strategy: impl Strategy, scenario: Scenario, deposit: f64, path: u32) -> Vec<Seen> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let watched = Watched { strategy, seen: Arc::clone(&seen) };
    let positions = vec![PositionSetup::new("it", Arc::new(watched), deposit)];
    run_alone(&Scenario { positions, audit: true, ..scenario }, SEED, path);
    let seen = seen.lock().unwrap().clone();
    assert!(!seen.is_empty());
    seen
}

/// What is known after everything that was done at one time.
fn settled(seen: &[Seen]) -> impl Iterator<Item = &Seen> {
    seen.iter()
        .zip(seen.iter().skip(1).map(Some).chain([None]))
        .filter(|(now, next)| next.is_none_or(|next| next.time > now.time))
        .map(|(now, _)| now)
}

fn worth(amounts: [f64; 2], price: f64) -> f64 {
    amounts[0] * price + amounts[1]
}

/// As much value in each bin as its weight says, and nothing left over.
#[test]
fn bins_share_out_the_deposit() {
    for (count, shape) in [(1, Shape::Uniform), (2, Shape::Uniform), (7, Shape::Curve), (8, Shape::BidAsk), (20, Shape::Curve)] {
        let bins = bins(count, shape);
        let strategy = recentre(0.2).bins(bins);
        let quiet = scene(every("1h"), gbm(0.0, 0.8), Arc::new(v3()), "1h");
        let seen = watch(strategy, quiet, DEPOSIT, 0);
        let entered = settled(&seen).next().unwrap();
        assert_eq!(entered.time, SimTime::ZERO);
        let values: Vec<f64> = entered.ranges.iter().map(|range| worth(range.amounts, entered.price)).collect();
        for (value, weight) in values.iter().zip(bins.weights()) {
            assert!((value / (weight * DEPOSIT) - 1.0).abs() < 1e-9, "{shape:?} {count}: {values:?}");
        }
        assert!((values.iter().sum::<f64>() / DEPOSIT - 1.0).abs() < 1e-12);
        assert!(worth([entered.wallet[0], entered.wallet[1]], entered.price) < 1e-9 * DEPOSIT);
        // Side by side: one ends where the next begins.
        assert!(entered.ranges.windows(2).all(|pair| pair[0].range.upper == pair[1].range.lower));
    }
}

/// All ranges move at once, around the outside price, with what there is after the swap in them.
#[test]
fn bins_are_moved_as_a_whole() {
    let bins = bins(6, Shape::Curve);
    let strategy = recentre(0.08).bins(bins);
    let world = Scenario { agents: vec![arbitrageur(0.0)], ..scene(every("1h"), gbm(0.0, 1.2), Arc::new(v3()), "40d") };
    let seen = watch(strategy, world, 10e3, 1);
    let mut moves = 0;
    let mut before: Option<Vec<PriceRange>> = None;
    for now in settled(&seen) {
        let ranges: Vec<PriceRange> = now.ranges.iter().map(|range| range.range).collect();
        if before.as_ref().is_some_and(|before| *before != ranges) {
            moves += 1;
            let invested: f64 = now.ranges.iter().map(|range| worth(range.amounts, now.price)).sum();
            let left = worth([now.wallet[0], now.wallet[1]], now.price);
            // The swap moved the price, and the proportions with it.
            assert!(left < 0.02 * invested, "{left} of {invested}");
            for (range, weight) in now.ranges.iter().zip(bins.weights()) {
                let value = worth(range.amounts, now.price);
                // Its own swap moved the pool's price a little away from the outside price.
                assert!((value / (weight * invested) - 1.0).abs() < 0.05, "{value} {weight}");
            }
            let middle = (ranges[0].lower * ranges[5].upper).sqrt();
            assert!((middle / now.price).ln().abs() < 0.004, "{middle} {}", now.price);
        }
        before = Some(ranges);
    }
    assert!(moves >= 3, "{moves}");
}

/// The width of every new range is 1.5 realised standard deviations over three days, computed here from the prices of the path.
#[test]
fn widths_follow_realised_volatility() {
    let rule = VolatilityWidth { window: Window::Rolling(duration("2d")), sample: duration("1h"), ..by_volatility() };
    let strategy = Recentre::by_volatility(MAIN, rule).unwrap();
    // Twice as wild in the second half.
    let tight = ConcentratedModel::uniswap_v3(FeeTier::new(100, 1).unwrap(), vec![(RangeRule::Full, 1.0)]);
    let world = Scenario { agents: vec![arbitrageur(0.0)], ..scene(every("1h"), gbm(0.0, 0.6), Arc::new(tight), "60d") };
    let seen = watch(strategy, world, 10e3, 2);
    let prices: Vec<(SimTime, f64)> = settled(&seen).map(|now| (now.time, now.price)).collect();
    let mut widths = Vec::new();
    let mut before: Option<PriceRange> = None;
    for (i, now) in settled(&seen).enumerate() {
        let range = now.ranges[0].range;
        if before.is_some_and(|before| before != range) {
            let past = &prices[i.saturating_sub(48)..=i];
            let squares: f64 = past.windows(2).map(|pair| (pair[1].1 / pair[0].1).ln().powi(2)).sum();
            let expected = if i < 48 { 0.1 } else { (1.5 * (squares / 48.0 * 72.0).sqrt()).clamp(0.02, 0.4) };
            let width = (range.upper / range.lower).sqrt() - 1.0;
            assert!((width / expected - 1.0).abs() < 5e-3, "{width} instead of {expected} at {}", now.time);
            widths.push(width);
        }
        before = Some(range);
    }
    let spread = widths.iter().copied().fold(f64::NAN, f64::max) / widths.iter().copied().fold(f64::NAN, f64::min);
    assert!(widths.len() >= 5 && spread > 1.2, "{widths:?}");
}

/// Hedged at every block, nothing is left of the price: the result is fees − LVR, path by path; and its mean is the σ²/8 of theory.
#[test]
fn a_hedged_share_of_a_pool_loses_lvr() {
    let strategy = Hedged::new(Passive::new(MAIN), ETH);
    let free = HedgeTerms { instrument: HedgeInstrument::Perpetual { funding: 0.0 }, fee: 0.0 };
    let scenario = Scenario {
        agents: vec![arbitrageur(0.0)],
        positions: vec![
            PositionSetup { hedge: Some(free), ..PositionSetup::new("hedged", Arc::new(strategy), DEPOSIT) },
            PositionSetup::new("open", Arc::new(Passive::new(MAIN)), DEPOSIT),
        ],
        audit: true,
        ..scene(every("10min"), gbm(0.0, 0.8), constant_product(0), "36.5d")
    };
    let table = run(&scenario, SEED, 2048);
    let column = |place, metric| table.position(place, metric);
    for path in 0..2048 {
        let result = column(0, M::FinalValue)[path] - DEPOSIT;
        let lvr = column(0, M::LossVersusRebalancing)[path];
        assert!((result + lvr).abs() < 1e-8 * DEPOSIT, "{result} {lvr}");
        assert!((column(0, M::Price)[path] + column(0, M::Hedge)[path]).abs() < 1e-8 * DEPOSIT);
        assert_eq!(lvr.to_bits(), column(1, M::LossVersusRebalancing)[path].to_bits());
    }
    // ∫ σ²/8 V dt with E V = V₀ e^(−σ² t / 8).
    let expected = -(1.0 - (-0.64_f64 / 8.0 * 0.1).exp());
    assert_agrees("net return, hedged", column(0, M::NetReturn), expected);
    assert_agrees("net return, open", column(1, M::NetReturn), expected);
    let spread = |place| column(place, M::NetReturn).iter().map(|x| (x - expected).powi(2)).sum::<f64>().sqrt();
    assert!(spread(0) < 0.02 * spread(1), "{} {}", spread(0), spread(1));
}

/// Funding and interest to the cent: 50 ETH sold and nothing moves for a year.
#[test]
fn hedges_pay_and_are_paid() {
    let year = |terms| {
        let strategy =
            Hedged::new(cenote_strategy::Hold::weighted(vec![(ETH, 1.0)]).unwrap(), ETH).every(duration("1000d")).unwrap();
        let positions = vec![PositionSetup { hedge: Some(terms), ..PositionSetup::new("it", Arc::new(strategy), DEPOSIT) }];
        let still = Arc::new(Constant::new(PRICE).unwrap());
        let scenario = Scenario { positions, audit: true, ..scene(every("1d"), still, constant_product(3000), "365d") };
        run_alone(&scenario, SEED, 0).position(0, M::Hedge)[0]
    };
    let by = |instrument, fee| year(HedgeTerms { instrument, fee });
    assert!((by(HedgeInstrument::Perpetual { funding: 0.1 }, 0.0) - 10e3).abs() < 1e-6);
    assert!((by(HedgeInstrument::Perpetual { funding: -0.1 }, 0.001) + 10.1e3).abs() < 1e-6);
    let owed = 100e3 * ((1.0 + 0.05 / 365.0_f64).powi(365) - 1.0);
    assert!((by(HedgeInstrument::Loan { interest: 0.05 }, 0.0) + owed).abs() < 1e-6);
}

/// Ten parts of a deposit, one every three days, each buying at the price of its day: Σ (D/10)/P, less the pool's fee.
#[test]
fn averaging_in_buys_at_the_average_price() {
    let all_eth = Portfolio::new(vec![(Asset::Token(ETH), 1.0)], vec![MAIN]).unwrap();
    let staged = Staged::new(EnterWith::new(all_eth, USDC), MAIN, 1.0).unwrap();
    let strategy = staged.way_in(Parts { count: 10, over: duration("30d") }).unwrap();
    // So small that it does not move the price; a fee of a millionth; a pool that follows the price.
    let scenario = Scenario { agents: vec![arbitrageur(0.0)], ..scene(every("1h"), gbm(0.0, 0.8), constant_product(1), "40d") };
    for path in 0..4 {
        let seen = watch(strategy.clone(), scenario.clone(), 1.0, path);
        let (mut bought, mut last) = (0.0, 0.0);
        for now in settled(&seen) {
            let due = now.time.as_nanos().is_multiple_of(duration("3d").as_nanos())
                && now.time < SimTime::from_nanos(duration("30d").as_nanos());
            assert_eq!(now.wallet[0] > last, due, "{}", now.time);
            bought += if due { 0.1 / now.price } else { 0.0 };
            last = now.wallet[0];
            assert!((now.wallet[0] / bought - 1.0).abs() < 1e-5, "{} {bought}", now.wallet[0]);
        }
        assert!(seen.last().unwrap().wallet[1] < 1e-9);
    }
}

/// Half of the deposit in four parts; and out again in two, from a day on.
#[test]
fn parts_go_in_and_out() {
    let (way_in, way_out) = (Parts { count: 4, over: duration("4d") }, Parts { count: 2, over: duration("2d") });
    let way_out = WayOut { from: duration("6d"), parts: way_out, into: None };
    let strategy = Staged::new(Passive::new(MAIN), MAIN, 0.5).unwrap().way_in(way_in).unwrap().way_out(way_out).unwrap();
    let still = Arc::new(Constant::new(PRICE).unwrap());
    let seen = watch(strategy, scene(every("1h"), still, constant_product(3000), "10d"), DEPOSIT, 0);
    for now in settled(&seen) {
        let day = duration("1d").as_nanos();
        let parts = match now.time.as_nanos() / day {
            day @ 0..=3 => 0.125 * f64::from(u32::try_from(day + 1).unwrap()),
            4 | 5 => 0.5,
            6 => 0.25,
            _ => 0.0,
        };
        let inside = now.lp[0] * now.lp_value;
        assert!((inside - parts * DEPOSIT).abs() < 1e-6 * DEPOSIT, "{inside} at {}", now.time);
        assert!((now.value - DEPOSIT).abs() < 1e-9 * DEPOSIT);
    }
}

/// Sold between pa and pb, x ETH have become x √(pa pb) USDC, and the fees are on top.
#[test]
fn a_filled_order_has_the_price_of_its_range() {
    for (rule, sells) in [(relative(0.05, 0.1), true), (relative(-0.1, -0.05), false)] {
        let order = RangeOrder::new(MAIN, rule);
        let world = Scenario { agents: vec![arbitrageur(0.0)], ..scene(every("1h"), gbm(0.0, 0.9), Arc::new(v3()), "60d") };
        let mut filled = 0;
        for path in 0..6 {
            let seen = watch(order.clone(), world.clone(), 1e3, path);
            let settled: Vec<&Seen> = settled(&seen).collect();
            let first = settled[0].ranges[0];
            let held = if sells { first.amounts[0] } else { first.amounts[1] };
            assert!((if sells { first.amounts[1] } else { first.amounts[0] }).abs() < 1e-12, "{first:?}");
            let Some(end) = settled.iter().position(|now| now.ranges[0].liquidity == 0.0) else { continue };
            filled += 1;
            let crossed = settled[end];
            let mean_price = (first.range.lower * first.range.upper).sqrt();
            let got = if sells { crossed.wallet[1] / (held * mean_price) } else { crossed.wallet[0] / (held / mean_price) };
            // Fees of 30 bp on what filled it, and on all that went to and fro.
            assert!((1.0..1.03).contains(&got), "{got}");
            let dust = if sells { crossed.wallet[0] * crossed.price } else { crossed.wallet[1] };
            assert!(dust < 20.0, "fees in the other token only: {dust}");
        }
        assert!(filled >= 2, "{filled}");
    }
}

/// Each look at the fees compares them with what makes the gas worth it. In a pool in which nothing happens but a steady flow of small
/// trades fees come at one rate r, and the interval is the closed form's u ln u / r.
#[test]
fn compounding_waits_for_what_makes_it_worth_the_gas() {
    let liquidity = vec![(RangeRule::Full, 1.0)];
    let pool = Arc::new(ConcentratedModel::uniswap_v3(FeeTier::BP_30, liquidity));
    let units = GAS.collect + GAS.swap + GAS.mint;
    let strategy = Compounding::optimal(FixedRange::new(MAIN, relative(-0.5, 1.0)), MAIN, units).unwrap();
    let mut scenario = Scenario {
        agents: vec![arbitrageur(0.0), noise()],
        positions: vec![position("it", strategy)],
        audit: true,
        ..scene(every("1h"), Arc::new(Constant::new(PRICE).unwrap()), pool, "365d")
    };
    scenario.chains[0].native = Some(ETH);
    scenario.chains[0].gas_price = GasPrice::Constant(5e-9);
    let table = run(&scenario, SEED, 64);
    let gas = units * scenario.chains[0].gas_price.initial() * PRICE;
    let (fees, count) = (mean(table.position(0, M::FeesBooked)), mean(table.position(0, M::Rebalances)));
    // The rate that explains the fees, and how often the closed form compounds at it; the last interval is not over at the end.
    let year = |rate: f64| {
        let (mut time, mut principal, mut count) = (0.0, DEPOSIT, 0.0);
        loop {
            let part = compounding_threshold(gas / principal);
            if time + part / rate > 1.0 {
                return (principal * (1.0 + rate * (1.0 - time)) - DEPOSIT, count);
            }
            (time, principal, count) = (time + part / rate, principal * (1.0 + part), count + 1.0);
        }
    };
    let (mut low, mut high) = (0.0, fees / DEPOSIT);
    for _ in 0..60 {
        let rate = 0.5 * (low + high);
        (low, high) = if year(rate).0 < fees { (rate, high) } else { (low, rate) };
    }
    let (_, expected) = year(low);
    println!("at a rate of {low:.4}: {count} times, the closed form {expected}");
    // Where it stands in its last interval differs from path to path; and it can only look at blocks.
    assert!(expected > 10.0 && (count - expected).abs() < 0.6, "{count} {expected}");
}

/// Compounding makes more of fees than leaving them owed, once gas is free.
#[test]
fn compounded_fees_earn_fees() {
    let setup = |name: &str, strategy: AnyStrategy| PositionSetup::new(name, Arc::new(strategy), 1e3);
    let wide = || FixedRange::new(MAIN, relative(-0.5, 1.0));
    let scenario = Scenario {
        agents: vec![arbitrageur(0.0), noise()],
        positions: vec![
            setup("owed", AnyStrategy::new(wide())),
            setup("compounded", AnyStrategy::new(Compounding::every(wide(), MAIN, duration("1d")).unwrap())),
        ],
        ..scene(every("1h"), Arc::new(Constant::new(PRICE).unwrap()), Arc::new(v3()), "365d")
    };
    let table = run(&scenario, SEED, 16);
    for path in 0..16 {
        let (owed, compounded) = (table.position(0, M::FeesBooked)[path], table.position(1, M::FeesBooked)[path]);
        let rate = owed / 1e3;
        assert!((compounded / owed / (rate.exp_m1() / rate) - 1.0).abs() < 5e-3, "{owed} {compounded}");
    }
}

/// With one token, what is left over after the swap and the mint is next to nothing, in every family.
#[test]
fn one_token_is_enough_to_enter() {
    let stable =
        |coins: &[u8]| StableSwapModel::ng(coins, 200, PoolFee::from_parts(4_000_000).unwrap(), PoolFee::DENOMINATOR).unwrap();
    let weighted = {
        let weights = Weights::percent(&[80, 20]).unwrap();
        let fast = Weighted::<Fast>::balancer_v3(&weights, Fee::bp(30).unwrap()).with_decimals(&[18, 6]).unwrap();
        Arc::new(Lifted::weighted(fast, &[0.8, 0.2]))
    };
    let dollar = || Arc::new(Constant::new(1.0).unwrap());
    let ether = || gbm(0.0, 0.8);
    let mut three = scene(every("1h"), dollar(), Arc::new(stable(&[18, 6, 6])), "1d");
    three.tokens.push(cenote_sim::TokenSetup::priced("DAI", 18, dollar()));
    three.pools[0].tokens.push(TokenId(2));
    let cases = [
        ("v2", scene(every("1h"), ether(), constant_product(3000), "1d"), 1e-6),
        ("weighted", scene(every("1h"), ether(), weighted, "1d"), 1e-6),
        ("stable", scene(every("1h"), dollar(), Arc::new(stable(&[18, 6])), "1d"), 1e-4),
        ("three coins", three, 2e-3),
        ("v3", scene(every("1h"), ether(), Arc::new(v3()), "1d"), 1e-5),
    ];
    for (what, scenario, most) in cases {
        for token in [ETH, USDC] {
            // The swap itself moves the price; Balancer's takes at most 30% of what it has of a token.
            let deposit = if what == "weighted" { 0.05 } else { 0.1 } * POOL_VALUE;
            let seen = watch(EnterWith::new(Passive::new(MAIN), token), scenario.clone(), deposit, 0);
            let entered = settled(&seen).next().unwrap();
            let prices: Vec<f64> = (0..entered.wallet.len()).map(|t| if t == 0 { entered.price } else { 1.0 }).collect();
            let left: f64 = entered.wallet.iter().zip(&prices).map(|(have, price)| have * price).sum();
            println!("{what} with token {}: {:.1e} left over", token.0, left / deposit);
            assert!(left < most * deposit, "{what}: {left}");
            assert!(entered.lp[0] > 0.0 || entered.ranges[0].liquidity > 0.0);
        }
    }
}

/// After every rebalancing each asset has its weight but for the costs, and between two of them none drifted as far as was allowed at the
/// end of the block before.
#[test]
fn a_portfolio_keeps_its_weights() {
    let scenario = Scenario { agents: vec![arbitrageur(0.0)], ..scene(every("1h"), gbm(0.0, 1.5), constant_product(3000), "60d") };
    let seen = watch(mixed().drift(0.02).unwrap(), scenario, 10e3, 3);
    let weights = |now: &Seen| {
        let (eth, usdc, pool) = (now.wallet[0] * now.price, now.wallet[1], now.lp[0] * now.lp_value);
        [eth, usdc, pool].map(|value| value / (eth + usdc + pool))
    };
    let off = |now: &Seen| weights(now).iter().zip([0.25, 0.25, 0.5]).map(|(weight, aim)| (weight - aim).abs()).fold(0.0, f64::max);
    let mut moved = 0;
    let mut before = f64::NAN;
    for now in settled(&seen) {
        if now.lp[0] != before && !before.is_nan() {
            moved += 1;
            assert!(off(now) < 1e-3, "{:?} at {}", weights(now), now.time);
        }
        assert!(off(now) <= 0.02 + 1e-12, "{:?} at {}", weights(now), now.time);
        before = now.lp[0];
    }
    assert!(moved >= 2, "{moved}");
}

/// Asks for everything that cannot be, once; goes on; and says what it was told.
#[derive(Clone, Debug)]
struct Impossible {
    asked: usize,
    told: Arc<Mutex<Vec<Option<Refusal>>>>,
}

impl Impossible {
    fn wishes() -> Vec<Action> {
        let (nowhere, id) = (PoolId(9), RangeId(0));
        let range = PriceRange::new(1000.0, 4000.0);
        vec![
            Action::Mint { pool: MAIN, fraction: 0.5 },
            Action::Mint { pool: MAIN, fraction: 0.0 },
            Action::Burn { pool: MAIN, fraction: 1.5 },
            Action::Burn { pool: nowhere, fraction: 1.0 },
            Action::MintRange { pool: MAIN, id: RangeId(7), range, fraction: 0.1 },
            Action::MintRange { pool: MAIN, id, range: PriceRange::new(3000.0, 2000.0), fraction: 0.1 },
            Action::Swap { pool: MAIN, token_in: ETH, token_out: ETH, amount_in: 1.0 },
            Action::Swap { pool: MAIN, token_in: ETH, token_out: USDC, amount_in: 1e9 },
            Action::Swap { pool: MAIN, token_in: ETH, token_out: USDC, amount_in: f64::NAN },
            Action::Collect { pool: MAIN, id },
            Action::Hedge { token: ETH, target: -1.0 },
            Action::Burn { pool: MAIN, fraction: 1.0 },
            Action::Burn { pool: MAIN, fraction: 1.0 },
        ]
    }
}

impl Strategy for Impossible {
    fn entry(&self) -> Entry {
        Entry::Pool(MAIN)
    }

    fn act(&mut self, _: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if self.asked > 0 && self.asked <= Self::wishes().len() {
            self.told.lock().unwrap().push(position.refused);
        }
        self.asked += 1;
        Self::wishes().get(self.asked - 1).copied()
    }
}

#[test]
fn what_cannot_be_done_is_refused_and_counted() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let setup = position("it", Impossible { asked: 0, told: Arc::clone(&told) });
    let mut scenario = busy(every("1h"), Arc::new(v3()), vec![setup]);
    let alone = run_alone(&scenario, SEED, 0);
    assert_eq!(alone.position(0, M::RefusedActions), [11.0]);
    assert_eq!(alone.position(0, M::Exited), [1.0]);
    let told = told.lock().unwrap().clone();
    let pool = Refusal::Pool { pool: MAIN };
    let expected = [
        None,
        Some(Refusal::NotPositive { amount: 0.0 }),
        Some(Refusal::MoreThanThere { wanted: 1.5, there: 1.0 }),
        Some(Refusal::UnknownPool { pool: PoolId(9) }),
        Some(Refusal::UnknownRange { pool: MAIN, id: RangeId(7) }),
        Some(Refusal::BadRange { lower: 3000.0, upper: 2000.0 }),
        Some(Refusal::UnknownPair { pool: MAIN, token_in: ETH, token_out: ETH }),
    ];
    assert_eq!(told[..7], expected);
    assert!(matches!(told[7], Some(Refusal::MoreThanThere { wanted: 1e9, .. })));
    assert!(matches!(told[8], Some(Refusal::NotPositive { amount }) if amount.is_nan()));
    // No fees yet; nobody hedges for it; out, and nothing more to take out.
    assert_eq!(told[9..], [Some(pool), Some(Refusal::NoMarket { token: ETH, target: -1.0 }), None, Some(pool)]);
    for refusal in told.iter().flatten() {
        assert!(!refusal.to_string().is_empty());
    }

    // The same in a pack, and in a pool without ranges.
    let pack = run(&scenario, SEED, 128);
    assert!(pack.position(0, M::RefusedActions).iter().all(|&count| count == 11.0));
    scenario.pools[0].model = constant_product(3000);
    let table = run(&scenario, SEED, 3);
    assert_eq!(table.position(0, M::RefusedActions), [11.0; 3]);
}

/// The trades of noise traders, and every outside price.
#[derive(Clone, Debug, Default)]
struct Draws(Arc<Mutex<Vec<(SimTime, f64)>>>);

impl Observer for Draws {
    fn event(&mut self, _: u32, key: EventKey, event: &Event) {
        match *event {
            Event::Price { price, .. } => self.0.lock().unwrap().push((key.time, price)),
            Event::Swap { actor: Actor::Agent(1), amount_in, .. } => self.0.lock().unwrap().push((key.time, amount_in)),
            _ => {}
        }
    }
}

/// Whoever else is there: the same random numbers.
#[test]
fn positions_change_nobodys_random_numbers() {
    let draws = |pool: Arc<dyn PoolModel>, positions: Vec<PositionSetup>| {
        let scenario = busy(poisson("1h"), pool, positions);
        let observer = Draws::default();
        let mut world = World::<1>::new(&scenario, SEED).unwrap();
        world.observe(Box::new(observer.clone()));
        let mut results = vec![0.0; scenario.columns().count()];
        world.run([5], 1, &mut results).unwrap();
        let draws = observer.0.lock().unwrap().clone();
        let of_first = |column: &Column| matches!(column, Column::Position(0, _));
        let held: Vec<u64> = scenario.columns().zip(&results).filter(|(c, _)| of_first(c)).map(|(_, x)| x.to_bits()).collect();
        (draws, held)
    };
    let others = |positions: Vec<PositionSetup>| [hold()].into_iter().chain(positions).collect();
    let (alone, all) = (draws(constant_product(3000), vec![hold()]), draws(constant_product(3000), others(anywhere())));
    assert!(alone.0.len() > 5000);
    assert!(alone == all);
    // What is paid into a pool of ranges is added up range by range, and a position adds ranges: not the same last bits.
    let positions = in_ranges().into_iter().chain(anywhere()).collect();
    let (alone, all) = (draws(Arc::new(v3()), vec![hold()]), draws(Arc::new(v3()), others(positions)));
    assert_eq!((alone.0.len(), &alone.1), (all.0.len(), &all.1));
    assert!(alone.0.iter().zip(&all.0).all(|(a, b)| a.0 == b.0 && (a.1 / b.1 - 1.0).abs() < 1e-9));
}

/// Position metrics of one thing in a world of one position.
fn one(strategy: impl StrategyModel + 'static, scenario: &Scenario, metric: M) -> Vec<f64> {
    let scenario = Scenario { positions: vec![position("it", strategy)], ..scenario.clone() };
    run(&scenario, SEED, 64).position(0, metric).to_vec()
}

/// A volatility twice as high makes ranges twice as wide, which are left as often.
#[test]
fn wider_ranges_in_wilder_markets() {
    let world = |volatility| Scenario {
        agents: vec![arbitrageur(0.0)],
        pool_metrics: vec![PoolMetric::Tvl],
        ..scene(every("1h"), driftless_log(volatility), Arc::new(v3()), "60d")
    };
    let width = VolatilityWidth { initial: 0.06, ..by_volatility() };
    let moves = |volatility| mean(&one(Recentre::by_volatility(MAIN, width).unwrap(), &world(volatility), M::Rebalances));
    let fixed = |volatility| mean(&one(recentre(0.06), &world(volatility), M::Rebalances));
    let (calm, wild) = (moves(0.5), moves(1.0));
    println!("by volatility {calm} and {wild}, fixed {} and {}", fixed(0.5), fixed(1.0));
    assert!((0.8..1.3).contains(&(wild / calm)), "{wild} {calm}");
    assert!(fixed(1.0) > 2.5 * fixed(0.5));
}

/// Wakes are hints for speed: asked at every block, a strategy does the same.
#[derive(Clone, Debug)]
struct Sleepless<S>(S);

impl<S: Strategy> Strategy for Sleepless<S> {
    fn entry(&self) -> Entry {
        self.0.entry()
    }

    fn ranges(&self) -> u8 {
        self.0.ranges()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.0.act(market, position)
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::EVERY_BLOCK
    }
}

#[test]
fn whoever_sleeps_misses_nothing() {
    let curve = || recentre(0.1).bins(bins(4, Shape::Curve)).cooldown(duration("6h"));
    let pairs: Vec<(AnyStrategy, AnyStrategy)> = vec![
        (AnyStrategy::new(curve()), AnyStrategy::new(Sleepless(curve()))),
        (AnyStrategy::new(staged(narrow())), AnyStrategy::new(Sleepless(staged(narrow())))),
        {
            let order = || RangeOrder::new(MAIN, relative(0.05, 0.1));
            (AnyStrategy::new(order()), AnyStrategy::new(Sleepless(order())))
        },
        {
            let volatile = || Recentre::by_volatility(MAIN, by_volatility()).unwrap();
            (AnyStrategy::new(volatile()), AnyStrategy::new(Sleepless(volatile())))
        },
        {
            let daily = || Compounding::every(narrow(), MAIN, duration("1d")).unwrap();
            (AnyStrategy::new(daily()), AnyStrategy::new(Sleepless(daily())))
        },
        {
            let weekly = || mixed().every(duration("7d")).unwrap();
            (AnyStrategy::new(weekly()), AnyStrategy::new(Sleepless(weekly())))
        },
    ];
    for (i, (sleeper, sleepless)) in pairs.into_iter().enumerate() {
        let world = busy(every("1h"), Arc::new(v3()), vec![]);
        let (one, other) = (one(sleeper, &world, M::NetReturn), one(sleepless, &world, M::NetReturn));
        assert!(one.iter().zip(&other).all(|(a, b)| a.to_bits() == b.to_bits()), "pair {i}");
    }
}

/// The worked example of the documentation: leave when a third of the deposit is gone.
#[derive(Clone, Debug)]
struct StopLoss {
    pool: PoolId,
    entered: bool,
}

impl Strategy for StopLoss {
    fn entry(&self) -> Entry {
        Entry::Pool(self.pool)
    }

    fn act(&mut self, _: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if !self.entered {
            self.entered = true;
            return Some(Action::Mint { pool: self.pool, fraction: 1.0 });
        }
        let lost = position.value < position.deposit_value * 2.0 / 3.0;
        let inside = position.lp[self.pool.index()] > 0.0;
        (lost && inside).then_some(Action::Burn { pool: self.pool, fraction: 1.0 })
    }

    fn wake(&self, _: &dyn Market, position: &Position<'_>) -> Wake {
        let inside = position.lp[self.pool.index()] > 0.0;
        let low = position.deposit_value * 2.0 / 3.0;
        if inside { Wake::NEVER.or_value_outside(low, f64::INFINITY) } else { Wake::NEVER }
    }
}

const STOP_LOSS: StopLoss = StopLoss { pool: MAIN, entered: false };

/// On many random paths at once: whoever left did so near two thirds, and whoever stayed never was below.
#[test]
fn a_strategy_of_ones_own_in_monte_carlo() {
    let scenario = Scenario {
        agents: vec![arbitrageur(0.0), noise()],
        positions: vec![PositionSetup::new("it", Arc::new(STOP_LOSS), DEPOSIT)],
        audit: true,
        ..scene(every("1h"), gbm(0.0, 1.0), constant_product(3000), "180d")
    };
    let table = run(&scenario, SEED, 256);
    let left = mean(table.position(0, M::Exited));
    assert!((0.1..0.6).contains(&left), "{left}");
    for path in 0..256 {
        let drawdown = table.position(0, M::MaxDrawdown)[path];
        assert!(table.position(0, M::Exited)[path] == 1.0 || drawdown < 0.75, "{drawdown}");
    }
}

/// On a history: the price falls by a percent a day to 40%, and comes back. V = √P falls below two thirds of its value on the day on
/// which P falls below four ninths.
#[test]
fn the_same_on_a_replayed_history() {
    let day = |d: u32| f64::from(d);
    let fall = |d: u32| PRICE * 0.99_f64.powf(day(d.min(92))) * 1.01_f64.powf(day(d.saturating_sub(92)));
    let row = |d: u32| format!("{},{}", 1_700_000_000 + 86_400 * u64::from(d), fall(d));
    let rows: Vec<String> = std::iter::once("timestamp,close".to_owned()).chain((0..200).map(row)).collect();
    let history = PriceHistory::read_csv(rows.join("\n").as_bytes(), Some("close")).unwrap();
    let world = Scenario {
        agents: vec![arbitrageur(0.0)],
        ..scene(every("1d"), Arc::new(Replay::new(&history)), constant_product(0), "190d")
    };
    let seen = watch(STOP_LOSS, world, 1e3, 0);
    let last_inside = settled(&seen).filter(|now| now.lp[0] > 0.0).last().unwrap();
    let first_day = (0..200).find(|&d| (fall(d) / PRICE).sqrt() < 2.0 / 3.0).unwrap();
    assert_eq!(last_inside.time, SimTime::from_nanos(u64::from(first_day - 1) * duration("1d").as_nanos()));
    // What was taken out is kept: half of it ETH, whose price comes back.
    let (first, last) = (settled(&seen).find(|now| now.lp[0] == 0.0).unwrap(), seen.last().unwrap());
    assert_eq!(first.wallet, last.wallet);
    assert!((first.value / 1e3 - 2.0 / 3.0).abs() < 0.01, "{}", first.value);
}

/// A market by hand: one pool of two tokens, at rest.
#[derive(Debug)]
struct Still {
    time: SimTime,
    price: f64,
    reserves: [f64; 2],
}

impl Market for Still {
    fn bridge(&self, _: BridgeId) -> Option<Bridge> {
        None
    }

    fn time(&self) -> SimTime {
        self.time
    }

    fn block(&self) -> u32 {
        0
    }

    fn price(&self, token: TokenId) -> f64 {
        if token == ETH { self.price } else { 1.0 }
    }

    fn pool_tokens(&self, pool: PoolId) -> &[TokenId] {
        if pool == MAIN { &[ETH, USDC] } else { &[] }
    }

    fn reserve(&self, _: PoolId, token: TokenId) -> f64 {
        self.reserves[token.index()]
    }

    fn spot_price(&self, _: PoolId, base: TokenId, quote: TokenId) -> f64 {
        self.reserves[quote.index()] / self.reserves[base.index()]
    }

    fn quote(&self, _: PoolId, token_in: TokenId, token_out: TokenId, amount_in: f64) -> f64 {
        let net = 0.997 * amount_in;
        self.reserves[token_out.index()] * net / (self.reserves[token_in.index()] + net)
    }

    fn lp_value(&self, _: PoolId) -> f64 {
        (self.reserves[0] * self.price + self.reserves[1]) / (self.reserves[0] * self.reserves[1]).sqrt()
    }

    fn proportions(&self, _: PoolId, _: PriceRange) -> Option<([f64; 2], PriceRange)> {
        None
    }

    fn chain(&self, _: PoolId) -> ChainId {
        ChainId(0)
    }

    fn gas_cost(&self, _: ChainId, _: f64) -> f64 {
        0.0
    }
}

proptest::proptest! {
    /// In a property test: whatever there is and whatever it is worth, it leaves if and only if too much is lost; and no built-in strategy
    /// ever asks for more than there is, or goes on asking for what is not done.
    #[test]
    fn and_in_a_property_test(
        price in 1.0_f64..1e5, off in 0.5_f64..2.0, depth in 1.0_f64..1e6, days in 0_u64..100,
        eth in 0.0_f64..1e3, usdc in 0.0_f64..1e6, lp in 0.0_f64..1e3, value in 0.0_f64..2e3,
    ) {
        let time = SimTime::from_nanos(days * duration("1d").as_nanos());
        let market = Still { time, price, reserves: [depth, depth * price * off] };
        let (wallet, lps, hedge) = ([eth, usdc], [lp], [0.0, 0.0]);
        let position = Position { deposit_value: 1e3, value, home: ChainId(0), wallet: &wallet, elsewhere: &[], lp: &lps, farms: &[], lending: &[], vaults: &[], ranges: &[], hedge: &hedge, refused: None };
        let mut inside = StopLoss { entered: true, ..STOP_LOSS };
        let leaves = inside.act(&market, &position).is_some();
        proptest::prop_assert_eq!(leaves, lp > 0.0 && value < 2000.0 / 3.0);

        let strategies = [
            AnyStrategy::new(EnterWith::new(Passive::new(MAIN), USDC)),
            AnyStrategy::new(staged(EnterWith::new(Passive::new(MAIN), ETH))),
            AnyStrategy::new(Guarded::new(mixed().drift(0.01).unwrap(), stop())),
            AnyStrategy::new(Hedged::new(Passive::new(MAIN), ETH)),
        ];
        for mut strategy in strategies {
            // Nothing is ever done here, and so each of its steps is tried once.
            for round in 0.. {
                let Some(action) = strategy.act(&market, &position) else { break };
                proptest::prop_assert!(round < 20, "{:?} goes on: {:?}", strategy, action);
                match action {
                    Action::Mint { fraction, .. } | Action::Burn { fraction, .. } => {
                        proptest::prop_assert!(fraction > 0.0 && fraction <= 1.0, "{:?}", action);
                    }
                    Action::Swap { token_in, amount_in, .. } => {
                        proptest::prop_assert!(amount_in > 0.0 && amount_in <= wallet[token_in.index()] * (1.0 + 1e-12), "{:?}", action);
                    }
                    Action::Hedge { target, .. } => {
                        proptest::prop_assert!(target <= 0.0 && target.is_finite());
                        break;
                    }
                    other => proptest::prop_assert!(false, "{:?} in a pool without ranges", other),
                }
            }
        }
    }
}
