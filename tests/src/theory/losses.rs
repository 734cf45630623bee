//! What the price takes from a pool: loss-versus-rebalancing of pools without fee, and of a single arbitrage.

use std::f64::consts::LN_2;

use cenote_study::Subject;
use cenote_study::stats::Estimate;

use super::{Case, Check, Effort, of_pool, published, run_study, scaled};
use crate::statistics::mean_over_normal;

pub(super) const TELESCOPES: Case = Case { ids: &["lvr-telescopes"], in_tests: true, run: telescopes };
pub(super) const MEAN_REVERSION: Case = Case { ids: &["expou-lvr"], in_tests: true, run: mean_reversion };
pub(super) const JUMPS: Case = Case { ids: &["lvr-jump-frictionless", "merton-a"], in_tests: true, run: jumps };
pub(super) const STABLESWAP: Case = Case { ids: &["stableswap-lvr-coeff"], in_tests: true, run: stableswap };
pub(super) const SINGLE: Case = Case { ids: &["elsts-single-arb"], in_tests: true, run: single };

/// A pool without fee, an arbitrageur in every block, and a position that is in the pool from the first to the last.
const NO_FEE: &str = r#"
schema = 1

[study]
horizon   = "365d"
numeraire = "USDC"
metrics   = ["net_return", "arbitrage_profit", "loss_versus_rebalancing_rate"]

[chains.blocks]
block_time = "1d"
native     = "ETH"

[tokens]
USDC = { decimals = 6 }
ETH  = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" } }

[pools.main]
kind   = "uniswap-v2"
chain  = "blocks"
tokens = ["ETH", "USDC"]
fee    = "0bp"
tvl    = "10_000_000 USDC"

[[agents]]
kind  = "arbitrageur"
pools = ["main"]

[[positions]]
name     = "all along"
strategy = "passive"
pool     = "main"
deposit  = "1 USDC"
"#;

/// Value of the pool of [`NO_FEE`] at the start.
const POOL_VALUE: f64 = 10e6;
const YEAR_IN_NANOS: f64 = 365.0 * 86_400e9;

/// E[sum of arbitrage profits]/V(0) = 1 − e^{−σ²T/8} whatever the blocks: prices are a martingale.
fn telescopes(effort: Effort) -> Vec<Check> {
    let case = published("lvr-telescopes");
    let variance = case.input("sigma").powi(2) * case.input("T");
    let check = |(place, blocks): (u64, f64)| {
        let value = case.confirms(&place.to_string(), -(-variance / 8.0).exp_m1(), 1e-9);
        let paths = effort.pick(1e7, 1e8) / (blocks + 20.0);
        let changes = [
            format!("study.seed={}", effort.seed(place)),
            format!("study.paths={}", paths.round()),
            format!("chains.blocks.block_time={}ns", YEAR_IN_NANOS / blocks),
        ];
        let result = run_study(NO_FEE, &changes);
        let estimate = scaled(of_pool(&result, "arbitrage_profit"), 1.0 / (POOL_VALUE + 1.0));
        Check::new("lvr-telescopes", format!("profit/V(0), {blocks} blocks"), estimate, value).published(value)
    };
    (0..).zip(case.inputs("blocks")).map(check).collect()
}

/// A price that reverts to its mean loses as much to arbitrage as one that does not, and comes back with nothing: the rate is that of the
/// path's variance. Reversion takes κ·dt/2 from the variance of a block.
fn mean_reversion(effort: Effort) -> Vec<Check> {
    const ID: &str = "expou-lvr";
    let case = published(ID);
    let volatility = case.input("sigma");
    let value = case.confirms("lvr_rate", volatility * volatility / 8.0, 1e-9);
    // κ = 50 a year.
    let (reversion, minutes) = (50.0, 10.0);
    let half_life = (LN_2 / reversion * YEAR_IN_NANOS).round();
    let process = format!(
        "{{ process = \"exp-ou\", initial = \"1 USDC\", half_life = \"{half_life}ns\", volatility = \"{}%\" }}",
        100.0 * volatility
    );
    let changes = [
        format!("study.seed={}", effort.seed(5)),
        format!("study.paths={}", effort.pick(1024, 8192)),
        "study.horizon=36.5d".to_owned(),
        "study.warm_up=36.5d".to_owned(),
        format!("chains.blocks.block_time={minutes}min"),
        format!("tokens.ETH.price={process}"),
    ];
    let result = run_study(NO_FEE, &changes);
    let rate = scaled(of_pool(&result, "loss_versus_rebalancing_rate"), 365.0);
    let step: f64 = reversion * minutes / 525_600.0;
    let expected = value * -(-step).exp_m1() / step;
    let returns = result.column(Subject::Position, "all along", "net_return").expect("a metric of the study");
    let logs: Vec<f64> = returns.iter().map(|net| net.ln_1p()).collect();
    vec![
        // Beyond the variance of a block: σ²dt/48 of a cosh, and σ²/(4κ)·dt κ² of the distance from the mean; both below 10⁻⁶ of it.
        Check::new(ID, "LVR/V a year, kappa 50", rate, expected).published(value).within(1e-6 * value),
        Check::new(ID, "change of log V", Estimate::of(&logs), 0.0),
    ]
}

/// E[(e^{J/2} − 1)²] of a normal log jump.
fn mean_jump_loss(mean: f64, deviation: f64) -> f64 {
    let square = deviation * deviation;
    (mean + 0.5 * square).exp() - 2.0 * (0.5 * mean + square / 8.0).exp() + 1.0
}

/// With jumps, and a drift that compensates them, a pool without fee loses σ²/8 + (λ/2) E[(e^{J/2} − 1)²] a year.
fn jumps(effort: Effort) -> Vec<Check> {
    let (case, moments) = (published("lvr-jump-frictionless"), published("merton-a"));
    let (volatility, rate) = (case.input("sigma"), case.input("lam"));
    let (mean, deviation) = (case.input("jump_mean"), case.input("jump_sd"));
    let loss = volatility * volatility / 8.0 + 0.5 * rate * mean_jump_loss(mean, deviation);
    let published_loss = case.confirms("lvr_rate", loss, 1e-9);
    let published_value = moments.confirms("mean_lp", (-loss).exp(), 1e-9);
    let process = format!(
        "{{ process = \"merton\", initial = \"2000 USDC\", drift = \"0%\", volatility = \"{}%\", jumps = {{ rate = \"{rate} per \
         year\", mean = \"{}%\", deviation = \"{}%\" }} }}",
        100.0 * volatility,
        100.0 * mean,
        100.0 * deviation
    );
    let changes = |paths: u32, block_time: &str| {
        vec![
            format!("study.seed={}", effort.seed(u64::from(paths))),
            format!("study.paths={paths}"),
            format!("chains.blocks.block_time={block_time}"),
            format!("tokens.ETH.price={process}"),
        ]
    };
    // Hourly: what is lost to each move, over the value just after it. What jumps and diffusion do together in an hour has mean zero, but for
    // a part E[loss of an hour] of it.
    let hourly = run_study(NO_FEE, &changes(effort.pick(1024, 20_000), "1h"));
    let per_value = scaled(of_pool(&hourly, "loss_versus_rebalancing_rate"), 365.0);
    let after = mean_over_normal(|z| 1.0 - 1.0 / (0.5 * (mean + deviation * z)).cosh());
    let expected = volatility * volatility / 8.0 + rate * after;
    // The value is that of the price, and its loss is all profit, whatever the blocks.
    let few = run_study(NO_FEE, &changes(effort.pick(200_000, 2_000_000), "36.5d"));
    let value = few.position("all along", "net_return").expect("a metric of the study").mean;
    let value = Estimate { mean: 1.0 + value.mean, ..value };
    let profit = scaled(of_pool(&few, "arbitrage_profit"), 1.0 / (POOL_VALUE + 1.0));
    vec![
        Check::new("lvr-jump-frictionless", "profit/V(0) in a year", profit, -(-loss).exp_m1())
            .published(-(-published_loss).exp_m1()),
        Check::new("lvr-jump-frictionless", "LVR a year over the value after each move", per_value, expected)
            .within(expected * expected / 8760.0),
        Check::new("merton-a", "E[V(T)/V(0)]", value, (-loss).exp()).published(published_value),
    ]
}

/// At balance a pool of two coins loses (4A + 2)/16 σ²: A is the whitepaper's, half of what the contract's function `A()` reports.
fn stableswap(effort: Effort) -> Vec<Check> {
    const ID: &str = "stableswap-lvr-coeff";
    let case = published(ID);
    let check = |(place, amplification): (u64, f64)| {
        let coefficient = (4.0 * amplification + 2.0) / 16.0;
        let value = case.confirms(&place.to_string(), coefficient, 1e-9);
        // The contract needs an A of one at least: A = 0 is no StableSwap pool.
        if amplification < 1.0 {
            return None;
        }
        // So little that the pool stays at balance, where the curve is flat over a distance of some 1/A.
        let (blocks, deviation) = (20.0, 2e-4 / amplification);
        let volatility = deviation * 8760.0_f64.sqrt();
        let changes = [
            format!("study.seed={}", effort.seed(40 + place)),
            format!("study.paths={}", effort.pick(20_000, 200_000)),
            format!("study.horizon={blocks}h"),
            "chains.blocks.block_time=1h".to_owned(),
            format!(
                "tokens.ETH.price={{ process = \"gbm\", initial = \"1 USDC\", log_drift = \"0%\", volatility = \"{}%\" }}",
                100.0 * volatility
            ),
            format!(
                "pools.main={{ kind = \"stableswap\", chain = \"blocks\", tokens = [\"ETH\", \"USDC\"], amplification = {}, fee = \
                 \"0bp\", tvl = \"10_000_000 USDC\" }}",
                2.0 * amplification
            ),
        ];
        let result = run_study(NO_FEE, &changes);
        let per_day = of_pool(&result, "loss_versus_rebalancing_rate");
        let estimate = scaled(per_day, 365.0 / (volatility * volatility));
        let quantity = format!("LVR/(V sigma^2), A() = {}", 2.0 * amplification);
        // By how much the curve bends over twenty blocks: a few (deviation · A)².
        Some(Check::new(ID, quantity, estimate, coefficient).published(value).within(1e-5 * coefficient))
    };
    (0..).zip(case.inputs("A")).filter_map(check).collect()
}

/// One arbitrage against a pool of 10⁹ after a jump of the price. No chance: what differs is rounding.
fn single(_: Effort) -> Vec<Check> {
    const ID: &str = "elsts-single-arb";
    const STUDY: &str = r#"
schema = 1

[study]
paths     = 2
horizon   = "12s"
numeraire = "USDC"
metrics   = ["fees", "loss_versus_rebalancing"]

[chains.blocks]
block_time = "12s"
native     = "ETH"

[tokens]
USDC = { decimals = 6 }
ETH  = { decimals = 18, price = { process = "constant", initial = "3000 USDC" } }

[pools.main]
kind   = "uniswap-v3"
chain  = "blocks"
tokens = ["ETH", "USDC"]
fee    = "5bp"
tvl    = "1_000_000_000 USDC"

[[agents]]
kind  = "arbitrageur"
pools = ["main"]
"#;
    let case = published(ID);
    let mut checks = Vec::new();
    for (place, market) in case.inputs("market").into_iter().enumerate() {
        let move_of_price = 100.0 * (market / case.input("price") - 1.0);
        let shock = format!(
            "tokens.ETH.price={{ process = \"constant\", initial = \"3000 USDC\", shocks = [{{ at = \"1s\", size = \"{move_of_price}%\" \
             }}] }}"
        );
        let result = run_study(STUDY, &[shock]);
        for (metric, name) in [("fees", "lp_fee"), ("loss_versus_rebalancing", "lvr")] {
            let value = case.expected(&format!("{place}/{name}"));
            let check = Check::new(ID, format!("{name}, price to {market}"), of_pool(&result, metric), value);
            checks.push(check.published(value).within(1e-9 * value));
        }
    }
    checks
}
