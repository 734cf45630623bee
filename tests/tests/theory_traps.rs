//! Mistakes that simulators make: each would give a number that a sample of this engine excludes, by eight standard errors at least.
//!
//! `theory_blocks.rs` has those of a v2 pool: reset to the market price, clocks mixed up, the fee as a log band, fees kept outside,
//! profits at the pool's price.

use std::f64::consts::SQRT_2;

use cenote_study::Subject;
use cenote_study::stats::Estimate;
use cenote_tests::statistics::{assert_agrees, assert_differs};
use cenote_tests::theory::order_flow::{Pace, revenue_at};
use cenote_tests::theory::{CASES, Check, Effort, run_study};
use cenote_tests::walk::leave;
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// The checks of a case, as the tests run it.
fn checks(id: &str) -> Vec<Check> {
    let case = CASES.iter().find(|case| case.ids.contains(&id)).unwrap_or_else(|| panic!("no case {id}"));
    (case.run)(Effort::TEST)
}

/// The one whose quantity begins so.
fn check(checks: &[Check], id: &str, quantity: &str) -> Check {
    let found = checks.iter().find(|check| check.case == id && check.quantity.starts_with(quantity));
    found.unwrap_or_else(|| panic!("no {quantity} of {id}")).clone()
}

/// That an estimate is not this.
fn excludes(what: &str, check: &Check, wrong: f64) {
    let Estimate { mean, standard_error } = check.estimate;
    let z = (mean - wrong) / standard_error;
    println!("{what}: {mean} ± {standard_error}, not {wrong}: z = {z:+.1}");
    assert!(z.abs() > 8.0, "{what}: {mean} ± {standard_error} cannot tell {wrong} apart");
}

/// 12 s and 5 bp at 5% a day.
const WIDTH: f64 = 0.0005 / 0.000_589_255_65;

/// A pool that each block leaves at the market price loses E[(|Z| − g)₊²] = 2((1 + g²)Q(g) − gφ(g)) of what it loses without fee.
#[test]
fn arbitrage_goes_to_the_edge_of_the_band() {
    let normal = Normal::standard();
    let reset = 2.0 * ((1.0 + WIDTH * WIDTH) * normal.sf(WIDTH) - WIDTH * normal.pdf(WIDTH));
    let sample = check(&checks("det-table-arb"), "det-table-arb", "ARB/LVR, 5 bp, blocks of 12 s");
    excludes("pool reset to the market price", &sample, reset);
}

#[test]
fn equal_and_poisson_blocks_differ() {
    let (equal, random) = (1.0 / leave(WIDTH, WIDTH).steps, 1.0 / (1.0 + SQRT_2 * WIDTH));
    let sample = check(&checks("det-table1"), "det-table1", "P(trade), 5 bp, blocks of 12 s");
    excludes("equal blocks taken for Poisson blocks", &sample, random);
    let sample = check(&checks("mmr-table1"), "mmr-table1", "P(trade), 5 bp, Poisson 12 s");
    excludes("Poisson blocks taken for equal blocks", &sample, equal);
}

/// A 5% pool of each kind on the same hours: a v3 pool ends its arbitrage at the edge, a v2 pool inside, where the fee carries it. Each
/// trade is worth e^{γ/2} more at the outside price than at the pool's.
#[test]
fn fees_wait_outside_a_v3_pool_and_join_a_v2_pool() {
    const STUDY: &str = r#"
schema = 1

[study]
paths     = 1024
seed      = 2305
warm_up   = "30d"
horizon   = "1000d"
numeraire = "USDC"
metrics   = ["arbitrage_trade_rate", "arbitrage_profit_rate"]

[chains.blocks]
block_time = { poisson = "1h" }
native     = "ETH"

[tokens]
USDC = { decimals = 6 }
ETH  = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", log_drift = "0%", volatility = "5% per sqrt day" } }

[pools.outside]
kind         = "uniswap-v3"
chain        = "blocks"
tokens       = ["ETH", "USDC"]
fee          = "500bp"
tick_spacing = 60
tvl          = "10_000_000 USDC"

[pools.inside]
kind   = "uniswap-v2"
chain  = "blocks"
tokens = ["ETH", "USDC"]
fee    = "500bp"
tvl    = "10_000_000 USDC"

[[agents]]
kind  = "arbitrageur"
pools = ["outside", "inside"]
"#;
    let result = run_study(STUDY, &[]);
    let sample = |pool, metric| result.column(Subject::Pool, pool, metric).expect("a metric of the study");
    let (fee, volatility, deviation) = (0.05_f64, 0.05, 0.05 / 24.0_f64.sqrt());
    let gamma = -(-fee).ln_1p();
    let rate = |band: f64| 1.0 / (1.0 + SQRT_2 * band / deviation);
    let (outside, inside) = (sample("outside", "arbitrage_trade_rate"), sample("inside", "arbitrage_trade_rate"));
    assert_agrees("fees outside", &outside, rate(gamma));
    assert_differs("fees reinvested, taken for fees outside", &inside, rate(gamma));
    assert_differs("fee as a log band", &outside, rate(fee));
    let at_pool = volatility * volatility / 8.0 * rate(gamma) / (1.0 - deviation * deviation / 8.0);
    let profit = sample("outside", "arbitrage_profit_rate");
    assert_agrees("profit at the outside price", &profit, at_pool * (0.5 * gamma).exp());
    assert_differs("profit at the pool's price", &profit, at_pool);
}

/// Continuous time, trade by trade, against a thousand steps with at most one buyer and one seller each: these lose one trade in fifty.
#[test]
fn takers_come_one_by_one() {
    let (revenue, theory) = revenue_at(Pace::FAST, 8192);
    assert_agrees("one taker after the other", &revenue, theory);
    let (revenue, _) = revenue_at(Pace::Steps(1000.0), 16_384);
    assert_differs("steps of a thousandth", &revenue, theory);
    let mean = Estimate::of(&revenue).mean / theory - 1.0;
    assert!((-0.03..-0.01).contains(&mean), "{mean}");
}

/// A year of a pool without fee whose log price has no drift, or whose price has none: profits differ by σ²T/8 of themselves and more.
#[test]
fn drift_of_a_price_is_not_drift_of_its_logarithm() {
    const STUDY: &str = r#"
schema = 1

[study]
paths     = 20_000
seed      = 8
horizon   = "365d"
numeraire = "USDC"
metrics   = ["arbitrage_profit"]

[chains.blocks]
block_time = "1d"
native     = "ETH"

[tokens]
USDC = { decimals = 6 }
ETH  = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", log_drift = "0%", volatility = "80%" } }

[pools.main]
kind   = "uniswap-v2"
chain  = "blocks"
tokens = ["ETH", "USDC"]
fee    = "0bp"
tvl    = "1 USDC"

[[agents]]
kind  = "arbitrageur"
pools = ["main"]
"#;
    let sample = |change: &[String]| {
        let result = run_study(STUDY, change);
        result.column(Subject::Pool, "main", "arbitrage_profit").expect("a metric of the study")
    };
    // Over a block of variance v a pool worth V gives away V(E[1 + S]/2 − E[√S]), and is then worth V E[√S].
    let (variance, blocks) = (0.64_f64, 365.0);
    let v = variance / blocks;
    let profit = |drift: f64| {
        let root = (0.5 * drift - v / 8.0).exp();
        (0.5 * (1.0 + drift.exp()) - root) * (root.powf(blocks) - 1.0) / (root - 1.0)
    };
    let (price, logarithm) = (profit(0.0), profit(0.5 * v));
    assert!((price + (-variance / 8.0).exp_m1()).abs() < 1e-12, "{price}");
    let log_driftless = sample(&[]);
    assert_agrees("log price without drift", &log_driftless, logarithm);
    assert_differs("log price without drift, taken for a price without", &log_driftless, price);
    let process = "{ process = \"gbm\", initial = \"2000 USDC\", drift = \"0%\", volatility = \"80%\" }";
    let driftless = sample(&[format!("tokens.ETH.price={process}")]);
    assert_agrees("price without drift", &driftless, price);
    assert_differs("price without drift, taken for a log price without", &driftless, logarithm);
}

/// `drift` includes the compensator of the jumps; without it the price drifts by λ(E[e^J] − 1), and the pool by half of that.
#[test]
fn jumps_are_compensated() {
    let sample = check(&checks("merton-a"), "merton-a", "E[V(T)/V(0)]");
    let (rate, mean, deviation) = (5.0, -0.05_f64, 0.1);
    let compensator = rate * (mean + 0.5 * deviation * deviation).exp_m1();
    excludes("jumps without compensator", &sample, sample.expected * (0.5 * compensator).exp());
}

/// The contract's `A()` is A n^{n−1} of the whitepaper: 25.125 of σ², not 50.125.
#[test]
fn amplification_is_as_the_contract_says() {
    let sample = check(&checks("stableswap-lvr-coeff"), "stableswap-lvr-coeff", "LVR/(V sigma^2), A() = 200");
    assert!(sample.agrees() && sample.expected == 25.125);
    excludes("A() taken for the whitepaper's A", &sample, 50.125);
}
