//! Fees that move, in worlds and in studies: charged as the rules say, in either lane, with books that balance.

use std::sync::{Arc, Mutex};

use cenote_amm::concentrated::FeeTier;
use cenote_amm::dynamic_fee::{
    DynamicFee, FeeHook, FeeRule, FirstTradeFee, HookedModel, ImbalanceFee, Reference, SidesFee, VolatilityFee,
};
use cenote_amm::{ConcentratedModel, Direction, OneForZero, PoolModel, RangeRule, ZeroForOne};
use cenote_sim::{Clock, Event, EventKey, MetricUnit, Observer, PoolMetric, PositionMetric, PositionSetup, Scenario, World};
use cenote_strategy::{FixedRange, Passive};
use cenote_study::{CustomPoolSpec, PoolFamily, PoolSpec, Study, StudyError};
use cenote_tests::scenes::{ETH, MAIN, arbitrageur, duration, every, gbm, noise, poisson, scene};
use cenote_tests::table::{Table, run, run_alone};
use cenote_units::SimTime;

const SEED: u64 = 58;

fn liquidity() -> Vec<(RangeRule, f64)> {
    vec![(RangeRule::Full, 0.5), (RangeRule::Relative { lower: -0.2, upper: 0.25 }, 0.5)]
}

fn hooked(rule: impl Into<DynamicFee>) -> HookedModel<FeeHook<DynamicFee>> {
    HookedModel::new(FeeHook::new(rule.into()), 10, liquidity()).expect("a tick spacing")
}

fn volatility() -> VolatilityFee {
    VolatilityFee::new(0.0005, 0.002, duration("6h"), "80%".parse().unwrap()).unwrap()
}

fn rules() -> [DynamicFee; 5] {
    [
        volatility().into(),
        ImbalanceFee::new(0.001, 0.5, Reference::BlockStart).unwrap().into(),
        ImbalanceFee::new(0.001, 0.2, Reference::MovingAverage(duration("3h"))).unwrap().into(),
        FirstTradeFee::new(0.003, 0.0005).unwrap().into(),
        SidesFee::new(0.003, 0.0005).unwrap().into(),
    ]
}

/// Arbitrage, noise, two positions; every token followed.
fn world(clock: Clock, pool: Arc<dyn PoolModel>, horizon: &str) -> Scenario {
    let narrow = FixedRange::new(MAIN, RangeRule::Relative { lower: -0.1, upper: 0.1 });
    Scenario {
        agents: vec![arbitrageur(0.0), noise()],
        positions: vec![
            PositionSetup::new("full range", Arc::new(Passive::new(MAIN)), 100e3),
            PositionSetup::new("narrow", Arc::new(narrow), 100e3),
        ],
        audit: true,
        ..scene(clock, gbm(0.0, 0.8), pool, horizon)
    }
}

/// Money to `tolerance` of the deposit, the rest to it.
fn assert_alike(one: &Table, other: &Table, tolerance: f64) {
    for ((column, one), other) in one.columns.iter().zip(&one.values).zip(&other.values) {
        let money = column.unit() == MetricUnit::Money;
        for (one, other) in one.iter().zip(other) {
            let scale = if money { one.abs().max(1e5) } else { one.abs().max(1.0) };
            assert!((one - other).abs() <= tolerance * scale, "{column:?}: {one} {other}");
        }
    }
}

/// The audit follows every token and the attribution adds up on every path, or the run fails; and a path has the same bits alone.
#[test]
fn books_balance() {
    for rule in rules() {
        for clock in [every("1h"), poisson("1h")] {
            let scenario = world(clock, Arc::new(hooked(rule.clone())), "10d");
            let table = run(&scenario, SEED, 130);
            assert!(table.position(1, PositionMetric::Fees).iter().all(|fees| *fees > 0.0));
            for path in [0, 77, 129] {
                for (column, alone) in table.bits().iter().zip(run_alone(&scenario, SEED, path).bits()) {
                    assert_eq!(column[path as usize], alone[0], "path {path} of {rule:?}");
                }
            }
        }
    }
}

/// A fee that could move and does not is a fixed fee: the contract with a hook does what the closed forms of the pool without one do.
#[test]
fn a_rule_that_never_moves_is_a_fixed_fee() {
    let still = SidesFee::new(0.0005, 0.0005).unwrap();
    let fixed = ConcentratedModel::uniswap_v4(FeeTier::BP_5, liquidity());
    let clock = || poisson("1h");
    let one = run(&world(clock(), Arc::new(hooked(still)), "20d"), SEED, 64);
    let other = run(&world(clock(), Arc::new(fixed), "20d"), SEED, 64);
    assert_alike(&one, &other, 1e-9);
}

/// Where arbitrageurs alone trade, the first trade of a block is all there is.
#[test]
fn arbitrageurs_come_first() {
    let alone = |pool: Arc<dyn PoolModel>| {
        let mut scenario = world(every("10min"), pool, "10d");
        scenario.agents.truncate(1);
        run(&scenario, SEED, 64)
    };
    let dear_first = alone(Arc::new(hooked(FirstTradeFee::new(0.003, 0.0001).unwrap())));
    let fixed = alone(Arc::new(ConcentratedModel::uniswap_v4(FeeTier::new(3000, 10).unwrap(), liquidity())));
    let cheap = alone(Arc::new(ConcentratedModel::uniswap_v4(FeeTier::new(100, 10).unwrap(), liquidity())));
    assert_alike(&dear_first, &fixed, 1e-9);
    let trades = |table: &Table| table.pool(0, PoolMetric::ArbitrageTrades).iter().sum::<f64>();
    assert!(trades(&cheap) > 1.3 * trades(&dear_first));
}

/// Both lanes, path by path.
#[test]
fn the_exact_lane_agrees() {
    for rule in rules() {
        let fast = run_alone(&world(every("1h"), Arc::new(hooked(rule.clone())), "10d"), SEED, 3);
        let exact = run_alone(&world(every("1h"), Arc::new(hooked(rule).exact()), "10d"), SEED, 3);
        // A fee is a whole number of millionths: where rounding tips one over, a swap's fee differs by one.
        assert_alike(&fast, &exact, 1e-4);
    }
}

/// Knows the rule, and checks the fee of every swap against what it has seen itself.
#[derive(Debug)]
struct Inspector {
    rule: DynamicFee,
    /// Token 1 per token 0 after the last swap.
    spot: f64,
    block: Option<SimTime>,
    seen: Arc<Mutex<Vec<f64>>>,
}

impl Observer for Inspector {
    fn event(&mut self, _: u32, key: EventKey, event: &Event) {
        match *event {
            Event::Price { .. } if self.block != Some(key.time) => {
                self.block = Some(key.time);
                self.rule.begin_block(key.time, self.spot);
            }
            Event::Swap { token_in, amount_in, fee, spot_price, .. } => {
                let direction = if token_in == ETH { ZeroForOne } else { OneForZero };
                let expected = self.rule.fee(self.spot, direction);
                let charged = fee / amount_in;
                assert!((charged - expected).abs() <= 0.5001e-6, "{charged} for {expected} at {}", key.time);
                self.spot = spot_price;
                self.rule.after_trade(spot_price, direction);
                self.seen.lock().unwrap().push(charged);
            }
            _ => {}
        }
    }
}

/// Every fee of a path is what an observer of prices and swaps works out on its own.
#[test]
fn fees_are_what_an_observer_works_out() {
    for rule in rules() {
        let scenario = world(poisson("20min"), Arc::new(hooked(rule.clone())), "10d");
        let mut world = World::<1>::new(&scenario, SEED).unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        world.observe(Box::new(Inspector { rule: rule.clone(), spot: 2000.0, block: None, seen: Arc::clone(&seen) }));
        world.run([11], 1, &mut vec![0.0; scenario.columns().count()]).unwrap();
        let seen = seen.lock().unwrap();
        let (low, high) = seen.iter().fold((1.0_f64, 0.0_f64), |(low, high), &fee| (low.min(fee), high.max(fee)));
        assert!(seen.len() > 500 && high > 1.2 * low, "{} swaps from {low} to {high}: {rule:?}", seen.len());
    }
}

const STUDY: &str = r#"
schema = 1

[study]
paths = 64
horizon = "10d"
numeraire = "USDC"

[chains.ethereum]
block_time = "1h"
native = "ETH"

[tokens]
USDC = { decimals = 6 }
ETH = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" } }

[pools.main]
kind = "uniswap-v4"
chain = "ethereum"
tokens = ["ETH", "USDC"]
fee = "5bp"
tvl = "10_000_000 USDC"
dynamic_fee = { kind = "volatility", slope = "20bp", window = "6h", initial = "80%" }

[[agents]]
kind = "arbitrageur"
pools = ["main"]

[[positions]]
name = "full range"
strategy = "passive"
pool = "main"
deposit = "100_000 USDC"
"#;

fn with(dynamic_fee: &str) -> Result<Study, StudyError> {
    let line = format!("dynamic_fee = {dynamic_fee}");
    let text: Vec<&str> = STUDY.lines().map(|old| if old.starts_with("dynamic_fee") { &line } else { old }).collect();
    Study::parse(&text.join("\n"), "dynamic.toml", &[])
}

#[test]
fn studies_have_dynamic_fees() {
    for rule in [
        "{ kind = \"volatility\", slope = \"20bp\", window = \"6h\", initial = \"80%\", least = \"1bp\", most = \"50bp\" }",
        "{ kind = \"imbalance\", slope = 0.5 }",
        "{ kind = \"imbalance\", slope = 0.5, window = \"3h\", most = \"1%\" }",
        "{ kind = \"first-trade\", first = \"30bp\" }",
        "{ kind = \"sides\", buy = \"30bp\", sell = \"5bp\" }",
    ] {
        let study = with(rule).unwrap_or_else(|error| panic!("{error}"));
        let again = Study::parse(&study.to_toml().unwrap(), "resolved.toml", &[]).unwrap();
        assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
        let result = study.run().unwrap();
        assert!(result.position("full range", "fees").unwrap().mean.mean > 0.0);
    }
}

#[test]
fn what_is_wrong_with_a_rule_is_said_where_it_stands() {
    for (rule, key) in [
        ("{ kind = \"volatile\" }", "pools.main.dynamic_fee.kind"),
        ("{ kind = \"volatility\", slope = \"20bp\", window = \"6h\" }", "pools.main.dynamic_fee.initial"),
        ("{ kind = \"volatility\", slope = \"20bp\", window = \"0s\", initial = \"80%\" }", "pools.main.dynamic_fee.window"),
        (
            "{ kind = \"volatility\", slope = \"20bp\", window = \"6h\", initial = \"80%\", least = \"50bp\", most = \"40bp\" }",
            "pools.main.dynamic_fee.most",
        ),
        ("{ kind = \"imbalance\", slope = -0.5 }", "pools.main.dynamic_fee.slope"),
        ("{ kind = \"imbalance\", slope = 0.5, least = \"6bp\" }", "pools.main.dynamic_fee.least"),
        ("{ kind = \"first-trade\" }", "pools.main.dynamic_fee.first"),
        ("{ kind = \"sides\", buy = \"30bp\", sell = \"5bp\", slope = 1 }", "pools.main.dynamic_fee.slope"),
    ] {
        let error = with(rule).unwrap_err().to_string();
        assert!(error.contains(key), "{rule}: {error}");
    }
    let v3 = STUDY.replace("uniswap-v4", "uniswap-v3");
    let error = Study::parse(&v3, "dynamic.toml", &[]).unwrap_err().to_string();
    assert!(error.contains("unknown key `dynamic_fee`"), "{error}");
}

/// One's own rule: those who follow the last trade pay double.
#[derive(Clone, Debug, PartialEq)]
struct Momentum {
    fee: f64,
    last: Option<Direction>,
}

impl FeeRule for Momentum {
    fn fee(&self, _: f64, direction: Direction) -> f64 {
        if self.last == Some(direction) { 2.0 * self.fee } else { self.fee }
    }

    fn after_trade(&mut self, _: f64, direction: Direction) {
        self.last = Some(direction);
    }
}

/// A rule of one's own in a study, from a program.
#[test]
fn a_study_takes_a_rule_of_ones_own() {
    let mut spec = with("{ kind = \"sides\", buy = \"5bp\", sell = \"5bp\" }").unwrap().spec().clone();
    let momentum = FeeHook::new(Momentum { fee: 0.0005, last: None });
    let model = HookedModel::new(momentum, 10, vec![(RangeRule::Full, 1.0)]).unwrap();
    let family = PoolFamily::Custom(CustomPoolSpec::new(model, "10_000_000 USDC".parse().unwrap()));
    spec.pools = vec![PoolSpec::new("main", "ethereum", &spec.pools[0].tokens.clone(), family)];
    let study = Study::new(spec).unwrap();
    let fixed = with("{ kind = \"sides\", buy = \"5bp\", sell = \"5bp\" }").unwrap().run().unwrap();
    let result = study.run().unwrap();
    let fees = |result: &cenote_study::StudyResult| result.pool("main", "fees").unwrap().mean.mean;
    assert!(fees(&result) > 1.01 * fees(&fixed), "{} {}", fees(&result), fees(&fixed));
}
