//! Those who react: a crowd that comes and goes, liquidity just in time, sandwiches.

use std::sync::{Arc, Mutex};

use cenote_amm::concentrated::FeeTier;
use cenote_amm::constant_product::SwapFee;
use cenote_amm::stableswap::PoolFee;
use cenote_amm::{
    AnyPool, BuildPool, ConcentratedModel, ConstantProductModel, Lifted, PoolModel, PoolStart, PriceRange, RangeRule,
    StableSwapModel,
};
use cenote_paths::sizes::Lognormal;
use cenote_paths::{Constant, PriceModel, Stream};
use cenote_sim::{
    Actor, Agent, AgentModel, AgentSetup, Clock, Event, EventKey, JitLiquidity, LiquidityCrowd, NoiseTraders, Observer, Order,
    PoolMetric, PositionMetric, PositionSetup, Sandwich, Scenario, World,
};
use cenote_strategy::{FixedRange, Market, Passive};
use cenote_study::{Study, StudyError};
use cenote_tests::scenes::{ETH, MAIN, POOL_VALUE, PRICE, USDC, arbitrageur, duration, every, gbm, poisson, scene};
use cenote_tests::table::{Table, run, run_alone};
use cenote_units::{Frequency, Lanes};

const SEED: u64 = 314;

fn still() -> Arc<dyn PriceModel> {
    Arc::new(Constant::new(PRICE).expect("a price"))
}

fn v2(pips: u32) -> ConstantProductModel {
    ConstantProductModel::new(SwapFee::from_pips(pips).unwrap(), None)
}

fn v3() -> ConcentratedModel {
    let liquidity = vec![(RangeRule::Full, 0.5), (RangeRule::Relative { lower: -0.2, upper: 0.25 }, 0.5)];
    ConcentratedModel::uniswap_v3(FeeTier::BP_5, liquidity)
}

fn setup(stream: &str, model: impl AgentModel + 'static) -> AgentSetup {
    AgentSetup::new(stream, Arc::new(model))
}

fn passive(deposit: f64) -> PositionSetup {
    PositionSetup::new("passive", Arc::new(Passive::new(MAIN)), deposit)
}

/// Noise traders of lognormal sizes with a limit.
fn limited(per_day: f64, median: f64, sigma: f64, slippage: f64) -> NoiseTraders {
    let arrivals = cenote_paths::arrivals::Poisson::new(Frequency::from_per_year(per_day * 365.0).unwrap()).unwrap();
    let sizes = Lognormal::new(median, sigma).unwrap();
    NoiseTraders::new(MAIN, Arc::new(arrivals), Arc::new(sizes)).slippage(slippage).unwrap()
}

/// Sells so much ETH in one block.
#[derive(Clone, Debug)]
struct OneSale {
    block: u32,
    amount: f64,
}

impl Agent for OneSale {
    fn order(&mut self, market: &dyn Market, round: u32, _: &mut Stream) -> Option<Order> {
        let due = round == 0 && market.block() == self.block;
        due.then_some(Order::Swap { pool: MAIN, token_in: ETH, token_out: USDC, amount_in: self.amount })
    }
}

fn built(model: &dyn PoolModel) -> AnyPool<1> {
    let start = PoolStart { value: POOL_VALUE, prices: &[PRICE, 1.0], decimals: &[18, 6] };
    BuildPool::<1>::build(model, &start).unwrap()
}

/// One sale of so much, with or without liquidity just in time; a passive position stands by.
fn one_sale(pool: Arc<dyn PoolModel>, amount: f64, jit: Option<JitLiquidity>) -> Table {
    let mut scenario = Scenario {
        agents: vec![setup("agents.sale", OneSale { block: 3, amount })],
        positions: vec![passive(1e6)],
        audit: true,
        ..scene(every("1h"), still(), pool, "10h")
    };
    scenario.agents.extend(jit.map(|jit| setup("agents.jit", jit)));
    run_alone(&scenario, SEED, 0)
}

/// Of the fee of a swap that stays in its range it takes its part of the liquidity, and so a position that stands by loses that part.
#[test]
fn liquidity_just_in_time_takes_its_part_of_the_fee() {
    let (capital, width) = (3e6, 0.02);
    let (decimals, fast) = ([18, 6], v3());
    let exact: Arc<dyn PoolModel> = Arc::from(fast.exact(decimals).unwrap());
    for (pool, tolerance) in [(Arc::new(fast) as Arc<dyn PoolModel>, 1e-12), (exact, 1e-8)] {
        let jit = JitLiquidity::new(MAIN, capital, 10_000.0).unwrap().width(width).unwrap();
        let (with, without) = (one_sale(Arc::clone(&pool), 10.0, Some(jit)), one_sale(Arc::clone(&pool), 10.0, None));
        // Its liquidity and that of all others, from the pool's own proportions.
        let AnyPool::Ranged(mut model) = built(&*pool) else { unreachable!("a pool of ranges") };
        let ((unit, _), (full, _)) =
            (model.proportions(0, PriceRange::around(PRICE, width)), model.proportions(0, PriceRange::FULL));
        let mine = capital / (unit[0] * PRICE + unit[1]);
        let mut other = Lanes::ZERO;
        model.settle();
        model.liquidity(&mut other);
        let other = other[0] + 1e6 / (full[0] * PRICE + full[1]);
        let fees = |table: &Table| table.position(0, PositionMetric::FeesBooked)[0];
        let (left, expected) = (fees(&with) / fees(&without), other / (other + mine));
        assert!((left / expected - 1.0).abs() < tolerance, "{left} {expected}");
        // The whole fee is the same: 5 bp of 10 ETH.
        for table in [&with, &without] {
            assert!((table.pool(0, PoolMetric::Fees)[0] / (0.0005 * 10.0 * PRICE) - 1.0).abs() < 1e-9);
        }
        // What it made is its part of the fee and of what the trader lost to the move of the price. With ℓ of liquidity and the root of the
        // price going from s to t, it sold ℓ(s − t) USDC for ℓ(1/t − 1/s) ETH.
        let (net, all) = (10.0 * 0.9995, mine + other);
        let s = PRICE.sqrt();
        let t = all * s / (all + net * s);
        let impact = mine * ((1.0 / t - 1.0 / s) * PRICE - (s - t));
        let expected = 0.0005 * 10.0 * PRICE * mine / all + impact;
        let made = with.pool(0, PoolMetric::ExtractedValue)[0];
        assert!((made / expected - 1.0).abs() < 1e-7, "{made} {expected}");
        assert_eq!(without.pool(0, PoolMetric::ExtractedValue)[0], 0.0);
    }
}

/// LP tokens minted before the swap and burned after it: a part of the fee that stays in the reserves.
#[test]
fn liquidity_just_in_time_works_with_lp_tokens() {
    for (pool, tolerance) in
        [(Arc::new(v2(3000)) as Arc<dyn PoolModel>, 1e-10), (Arc::new(Lifted::new(v2(3000).exact([18, 6]), 2)), 1e-6)]
    {
        let jit = JitLiquidity::new(MAIN, 5e6, 0.0).unwrap();
        let (with, without) = (one_sale(Arc::clone(&pool), 10.0, Some(jit)), one_sale(pool, 10.0, None));
        let fees = |table: &Table| table.position(0, PositionMetric::FeesBooked)[0];
        // 11 million of everybody else.
        let (left, expected) = (fees(&with) / fees(&without), 11.0 / 16.0);
        assert!((left / expected - 1.0).abs() < tolerance, "{left} {expected}");
        assert!(with.pool(0, PoolMetric::ExtractedValue)[0] > 0.0);
        assert_eq!(with.pool(0, PoolMetric::Tvl).len(), 1);
    }
}

/// Where its part of the fee does not pay its gas, or the trade is too small, it stays away.
#[test]
fn liquidity_just_in_time_has_to_pay() {
    let made = |jit: JitLiquidity| {
        let mut scenario = Scenario {
            agents: vec![setup("agents.sale", OneSale { block: 3, amount: 10.0 }), setup("agents.jit", jit)],
            positions: vec![],
            audit: true,
            ..scene(every("1h"), still(), Arc::new(v3()), "10h")
        };
        scenario.chains[0].native = Some(ETH);
        scenario.chains[0].gas_price = cenote_sim::GasPrice::Constant(20e-9);
        run_alone(&scenario, SEED, 0).pool(0, PoolMetric::ExtractedValue)[0]
    };
    // A fee of 10 USDC, of which it gets a half at most; gas of 20 gwei a unit is 4e-5 USDC.
    let jit = JitLiquidity::new(MAIN, 3e6, 19_000.0).unwrap().width(0.02).unwrap();
    let free = made(jit);
    assert!(free > 4.0);
    let paid = made(jit.gas(20_000.0));
    assert!((free - paid - 2.0 * 20_000.0 * 20e-9 * PRICE).abs() < 1e-9, "{free} {paid}");
    assert_eq!(made(jit.gas(200_000.0)), 0.0);
    assert_eq!(made(JitLiquidity::new(MAIN, 3e6, 21_000.0).unwrap()), 0.0, "20,000 USDC are too little");
}

/// All swaps of a path, in order: actor, sells ETH, in, out.
#[derive(Debug)]
struct Tape(Arc<Mutex<Vec<Taken>>>);

/// Who, whether it paid base, what was paid in and what was paid out.
type Taken = (Actor, bool, f64, f64);

impl Observer for Tape {
    fn event(&mut self, _: u32, _: EventKey, event: &Event) {
        if let Event::Swap { actor, token_in, amount_in, amount_out, .. } = *event {
            self.0.lock().unwrap().push((actor, token_in == ETH, amount_in, amount_out));
        }
    }
}

/// A constant product by hand: what is paid out, and the reserves after.
fn swap(reserves: &mut [f64; 2], sells: bool, amount: f64, keep: f64) -> f64 {
    let (i, o) = if sells { (0, 1) } else { (1, 0) };
    let out = reserves[o] * amount * keep / (reserves[i] + amount * keep);
    reserves[i] += amount;
    reserves[o] -= out;
    out
}

/// The best sandwich of a swap by trying ten thousand sizes, and then four times as many around the best: its profit in the token paid in.
fn brute_force(reserves: [f64; 2], sells: bool, victim: f64, slippage: f64, keep: f64) -> (f64, f64) {
    let quoted = swap(&mut reserves.clone(), sells, victim, keep);
    let profit = |size: f64| {
        let mut now = reserves;
        let bought = swap(&mut now, sells, size, keep);
        if swap(&mut now, sells, victim, keep) < quoted * (1.0 - slippage) {
            return f64::NEG_INFINITY;
        }
        swap(&mut now, !sells, bought, keep) - size
    };
    let (mut low, mut high) = (0.0, 10.0 * reserves[usize::from(!sells)]);
    let mut best = (0.0, 0.0);
    for _ in 0..5 {
        let step = (high - low) / 10_000.0;
        for i in 0..=10_000_u32 {
            let size = low + step * f64::from(i);
            let gain = profit(size);
            if gain > best.1 {
                best = (size, gain);
            }
        }
        (low, high) = ((best.0 - 2.0 * step).max(0.0), best.0 + 2.0 * step);
    }
    best
}

/// Every swap of a path is sandwiched where it pays, and to the best of what can be found by trying.
#[test]
fn sandwiches_are_the_best_there_are() {
    // Where little is put up with, all of it is used up; where all is, the fee ends it.
    let (all, limits) = best_sandwiches(0.01, 500);
    assert!(all > 20 && limits == all, "{limits} of {all} at the limit");
    let (all, limits) = best_sandwiches(0.9, 10_000);
    assert!(all > 5 && limits < all, "{limits} of {all} at the limit");
}

/// How many there were on a path, and how many of them up to their victim's limit.
fn best_sandwiches(slippage: f64, pips: u32) -> (u32, u32) {
    let scenario = Scenario {
        agents: vec![setup("agents.noise", limited(60.0, 60_000.0, 1.0, slippage)), setup("agents.sandwich", Sandwich::on([MAIN]))],
        positions: vec![passive(1e6)],
        audit: true,
        ..scene(every("1h"), still(), Arc::new(v2(pips)), "1d")
    };
    let mut world = World::<1>::new(&scenario, SEED).unwrap();
    let tape = Arc::new(Mutex::new(Vec::new()));
    world.observe(Box::new(Tape(Arc::clone(&tape))));
    let mut results = vec![0.0; scenario.columns().count()];
    world.run([0], 1, &mut results).unwrap();
    let columns: Vec<_> = scenario.columns().collect();
    let table = Table { columns, values: results.into_iter().map(|x| vec![x]).collect(), blocks: 0 };

    let keep = 1.0 - f64::from(pips) / 1e6;
    let mut reserves = [0.5 * (POOL_VALUE + 1e6) / PRICE, 0.5 * (POOL_VALUE + 1e6)];
    let tape = tape.lock().unwrap();
    let (mut i, mut sandwiched, mut at_the_limit, mut total) = (0, 0, 0, 0.0);
    while i < tape.len() {
        let front = (tape[i].0 == Actor::Agent(1)).then(|| tape[i]);
        let (actor, sells, amount, out) = tape[i + usize::from(front.is_some())];
        assert_eq!(actor, Actor::Agent(0));
        let (size, gain) = brute_force(reserves, sells, amount, slippage, keep);
        let quoted = swap(&mut reserves.clone(), sells, amount, keep);
        assert!(out >= quoted * (1.0 - slippage), "the victim has what it has to");
        if let Some((_, way, paid, bought)) = front {
            let back = tape[i + 2];
            assert_eq!((way, back.0, back.1), (sells, Actor::Agent(1), !sells));
            assert!((back.2 - bought).abs() <= 1e-12 * bought, "all of it goes back");
            let made = back.3 - paid;
            assert!((made / gain - 1.0).abs() < 1e-6, "{made} of {gain}, with {paid} of {size}");
            total += made * if sells { PRICE } else { 1.0 };
            swap(&mut reserves, sells, paid, keep);
            sandwiched += 1;
            at_the_limit += u32::from((out / (quoted * (1.0 - slippage)) - 1.0).abs() < 1e-6);
        } else {
            assert!(gain <= 1e-9 * amount, "{gain} was to be had by {size}");
        }
        swap(&mut reserves, sells, amount, keep);
        if front.is_some() {
            swap(&mut reserves, !sells, tape[i + 2].2, keep);
        }
        i += if front.is_some() { 3 } else { 1 };
    }
    let extracted = table.pool(0, PoolMetric::ExtractedValue)[0];
    assert!((extracted / total - 1.0).abs() < 1e-9, "{extracted} {total}");
    (sandwiched, at_the_limit)
}

/// Swaps without a limit are nobody's business, and gas keeps small sandwiches away.
#[test]
fn sandwiches_need_a_limit_and_have_to_pay() {
    let made = |slippage: Option<f64>, gas: f64, capital: f64| {
        let noise = NoiseTraders::lognormal(MAIN, 60.0 * 365.0, 60_000.0, 1.0).unwrap();
        let noise = slippage.map_or(noise.clone(), |slippage| noise.slippage(slippage).unwrap());
        let sandwich = Sandwich::on([MAIN]).gas(gas).capital(capital).unwrap();
        let mut scenario = Scenario {
            agents: vec![setup("agents.noise", noise), setup("agents.sandwich", sandwich)],
            ..scene(every("1h"), still(), Arc::new(v2(500)), "5d")
        };
        scenario.chains[0].native = Some(ETH);
        scenario.chains[0].gas_price = cenote_sim::GasPrice::Constant(20e-9);
        run_alone(&scenario, SEED, 0)
    };
    let extracted = |table: &Table| table.pool(0, PoolMetric::ExtractedValue)[0];
    let trades = |table: &Table| table.pool(0, PoolMetric::Trades)[0];
    let (unseen, free) = (made(None, 0.0, f64::INFINITY), made(Some(0.01), 0.0, f64::INFINITY));
    assert_eq!(extracted(&unseen), 0.0);
    assert!(extracted(&free) > 1000.0);
    let dear = made(Some(0.01), 1e6, f64::INFINITY);
    assert!(trades(&unseen) < trades(&dear) && trades(&dear) < trades(&free));
    assert!(extracted(&dear) > 0.0 && extracted(&dear) < extracted(&free));
    assert!(extracted(&made(Some(0.01), 0.0, 10_000.0)) < 0.5 * extracted(&free));
    // A trader who puts up with nothing cannot be traded before.
    assert_eq!(extracted(&made(Some(0.0), 0.0, f64::INFINITY)), 0.0);
}

/// Fees of about `per_year` whatever the liquidity, in a pool whose price stands still.
fn crowded(pool: Arc<dyn PoolModel>, target: f64, horizon: &str, positions: Vec<PositionSetup>) -> Scenario {
    // 400 trades a day of 5,000 USDC.
    let arrivals = cenote_paths::arrivals::Poisson::new(Frequency::from_per_year(400.0 * 365.0).unwrap()).unwrap();
    let sizes = cenote_paths::sizes::Constant::new(5000.0).unwrap();
    let noise = NoiseTraders::new(MAIN, Arc::new(arrivals), Arc::new(sizes));
    let crowd = LiquidityCrowd::new(MAIN, target, duration("10d")).unwrap();
    let crowd = crowd.window(duration("6h")).unwrap().every(duration("1h")).unwrap();
    Scenario {
        agents: vec![setup("agents.noise", noise), setup("agents.crowd", crowd)],
        positions,
        audit: true,
        ..scene(every("1h"), still(), pool, horizon)
    }
}

/// It ends where the fee APR is the target, and gets there like e^(−t/response).
#[test]
fn a_crowd_comes_to_its_target() {
    let per_year = 400.0 * 365.0 * 5000.0;
    for (pool, fee) in [(Arc::new(v2(3000)) as Arc<dyn PoolModel>, 0.003), (Arc::new(v3()), 0.0005)] {
        let target = fee * per_year / 25e6;
        let tvl = |horizon: &str| {
            let table = run(&crowded(Arc::clone(&pool), target, horizon, vec![]), SEED, 128);
            table.pool(0, PoolMetric::Tvl).iter().map(|tvl| (tvl / 25e6).ln()).sum::<f64>() / 128.0
        };
        // Of the way from 10 to 25 millions, in logarithms. Noise in the fees of some hours, and the logarithm of a mean, take a little.
        let start = (POOL_VALUE / 25e6).ln();
        for (horizon, expected) in [("10d", start * (-1.0_f64).exp()), ("20d", start * (-2.0_f64).exp()), ("80d", 0.0)] {
            let found = tvl(horizon);
            assert!((found - expected).abs() < 0.06, "{horizon}: {found} {expected}");
        }
        // Too much liquidity leaves.
        let target = fee * per_year / 5e6;
        let table = run(&crowded(Arc::clone(&pool), target, "60d", vec![]), SEED, 64);
        let tvl = table.pool(0, PoolMetric::Tvl).iter().sum::<f64>() / 64.0;
        assert!((tvl / 5e6 - 1.0).abs() < 0.1, "{tvl}");
    }
}

/// A position is diluted by those who come, and no more than that: it has its part of every fee by the liquidity of the moment.
#[test]
fn a_crowd_dilutes() {
    let per_year = 400.0 * 365.0 * 5000.0;
    for (pool, fee) in [(Arc::new(v2(3000)) as Arc<dyn PoolModel>, 0.003), (Arc::new(v3()), 0.0005)] {
        let mut scenario = crowded(pool, fee * per_year / 40e6, "60d", vec![passive(100e3)]);
        let with = run(&scenario, SEED, 64);
        scenario.agents.truncate(1);
        let without = run(&scenario, SEED, 64);
        let mean = |table: &Table, metric| table.position(0, metric).iter().sum::<f64>() / 64.0;
        let ratio = mean(&with, PositionMetric::Fees) / mean(&without, PositionMetric::Fees);
        // The pool grows from 10 to 40 millions like 40 · (1/4)^(e^(−t/10)): the mean of 10/that over 60 days.
        let expected = (0..6000).map(|i| {
            let t = (f64::from(i) + 0.5) / 100.0;
            0.25 / 0.25_f64.powf((-t / 10.0).exp())
        });
        let expected = expected.sum::<f64>() / 6000.0;
        assert!((ratio / expected - 1.0).abs() < 0.05, "{ratio} {expected}");
    }
}

/// Everybody at once, with prices that move.
fn busy(clock: Clock, pool: Arc<dyn PoolModel>, price: Arc<dyn PriceModel>) -> Scenario {
    let crowd = LiquidityCrowd::new(MAIN, 0.15, duration("2d")).unwrap().every(duration("3h")).unwrap();
    let mut positions = vec![passive(300e3)];
    if pool.is_ranged() {
        let narrow = FixedRange::new(MAIN, RangeRule::Relative { lower: -0.1, upper: 0.1 });
        positions.push(PositionSetup::new("narrow", Arc::new(narrow), 100e3));
    }
    let mut scenario = Scenario {
        agents: vec![
            setup("agents.crowd", crowd),
            arbitrageur(150_000.0),
            setup("agents.noise", limited(30.0, 30_000.0, 1.2, 0.005)),
            setup("agents.sandwich", Sandwich::on([MAIN]).gas(150_000.0)),
            setup("agents.jit", JitLiquidity::new(MAIN, 2e6, 20_000.0).unwrap().gas(300_000.0)),
        ],
        positions,
        audit: true,
        warm_up: duration("1d"),
        ..scene(clock, price, pool, "5d")
    };
    scenario.chains[0].native = Some(ETH);
    scenario.chains[0].gas_price = cenote_sim::GasPrice::Constant(2e-9);
    scenario
}

fn stable() -> StableSwapModel {
    let parts = |parts| PoolFee::from_parts(parts).unwrap();
    StableSwapModel::first_generation(&[18, 6], 100, parts(4_000_000), parts(5_000_000_000)).unwrap()
}

/// A pool in the fast lane and in the exact one, and a part of something.
type BothLanes = (Arc<dyn PoolModel>, Arc<dyn PoolModel>, f64);

fn worlds() -> Vec<(Scenario, Scenario)> {
    let exact_v3: Arc<dyn PoolModel> = Arc::from(v3().exact([18, 6]).unwrap());
    let protocol =
        ConstantProductModel::new(SwapFee::PANCAKESWAP_V2, Some(cenote_amm::constant_product::ProtocolFee::PANCAKESWAP_V2));
    let pairs: [BothLanes; 3] = [
        (Arc::new(protocol), Arc::new(Lifted::new(protocol.exact([18, 6]), 2)), 0.8),
        (Arc::new(v3()), exact_v3, 0.8),
        (Arc::new(stable()), Arc::new(stable().exact()), 0.0),
    ];
    let price = |volatility: f64| -> Arc<dyn PriceModel> {
        if volatility > 0.0 {
            return gbm(0.0, volatility);
        }
        let peg = cenote_paths::ExpOu::new(1.0, 1.0, duration("12h"), "5%".parse().unwrap());
        Arc::new(peg.unwrap())
    };
    let worlds = pairs.into_iter().flat_map(|(fast, exact, volatility)| {
        [every("1h"), poisson("1h")].map(|clock| {
            let of = |pool: &Arc<dyn PoolModel>| busy(clock, Arc::clone(pool), price(volatility));
            (of(&fast), of(&exact))
        })
    });
    worlds.collect()
}

/// The audit follows every token and the attribution of every position adds up on every path, or the run fails; a path has the same bits
/// alone; and the exact lane runs as well.
#[test]
fn books_balance_with_everybody() {
    for (fast, exact) in worlds() {
        let table = run(&fast, SEED, 130);
        assert!(table.pool(0, PoolMetric::ExtractedValue).iter().any(|value| *value > 0.0));
        for path in [0, 77, 129] {
            for (column, alone) in table.bits().iter().zip(run_alone(&fast, SEED, path).bits()) {
                assert_eq!(column[path as usize], alone[0], "path {path}");
            }
        }
        let exact = run_alone(&exact, SEED, 5);
        let (one, other) = (exact.position(0, PositionMetric::NetReturn)[0], table.position(0, PositionMetric::NetReturn)[5]);
        assert!((one - other).abs() < 1e-3, "{one} {other}");
    }
}

const STUDY: &str = r#"
schema = 1

[study]
paths = 16
horizon = "5d"
numeraire = "USDC"

[chains.ethereum]
block_time = "1h"
native = "ETH"

[tokens]
USDC = { decimals = 6 }
ETH = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" } }

[pools.main]
kind = "uniswap-v3"
chain = "ethereum"
tokens = ["ETH", "USDC"]
fee = "5bp"
tvl = "10_000_000 USDC"

[[agents]]
kind = "noise-traders"
pools = ["main"]
arrivals = "100 per day"
size = { distribution = "lognormal", median = "20_000 USDC", sigma = 1.2 }
slippage = "1%"

[[agents]]
kind = "liquidity-crowd"
pools = ["main"]
target_apr = "20%"
response = "10d"

[[agents]]
kind = "jit"
pools = ["main"]
capital = "2_000_000 USDC"
min_trade = "50_000 USDC"

[[agents]]
kind = "sandwich"
pools = ["main"]

[[positions]]
name = "full range"
strategy = "passive"
pool = "main"
deposit = "100_000 USDC"
"#;

#[test]
fn studies_have_them() {
    let study = Study::parse(STUDY, "reactive.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
    let again = Study::parse(&study.to_toml().unwrap(), "resolved.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
    let result = study.run().unwrap();
    assert!(result.pool("main", "extracted_value").unwrap().mean.mean > 0.0);
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    let with = |old: &str, new: &str| -> Result<Study, StudyError> { Study::parse(&STUDY.replace(old, new), "reactive.toml", &[]) };
    for (old, new, key) in [
        ("slippage = \"1%\"", "slippage = \"100%\"", "agents[0].slippage"),
        ("target_apr = \"20%\"", "target_apr = \"0%\"", "agents[1].target_apr"),
        ("response = \"10d\"", "response = \"0s\"", "agents[1].response"),
        ("response = \"10d\"", "response = \"10d\"\nevery = \"0s\"", "agents[1].every"),
        ("response = \"10d\"\n", "", "agents[1].response"),
        ("capital = \"2_000_000 USDC\"", "capital = \"2_000_000 DAI\"", "agents[2].capital"),
        ("capital = \"2_000_000 USDC\"", "capital = \"2_000_000 USDC\"\nwidth = \"-1%\"", "agents[2].width"),
        ("kind = \"sandwich\"", "kind = \"sandwiches\"", "agents[3].kind"),
        ("kind = \"sandwich\"", "kind = \"sandwich\"\ncapital = \"0 USDC\"", "agents[3].capital"),
        ("kind = \"jit\"\npools = [\"main\"]", "kind = \"jit\"\npools = []", "agents[2].pools"),
    ] {
        let error = with(old, new).unwrap_err().to_string();
        assert!(error.contains(key), "{new}: {error}");
    }
}
