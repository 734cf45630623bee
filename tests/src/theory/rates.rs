//! How fast liquidity loses to rebalancing, how that scatters, and what volume pays for it.

use cenote_study::StudyResult;
use cenote_study::Subject;
use cenote_study::stats::Estimate;

use super::{Case, Check, Effort, of_pool, published, run_study};
use crate::statistics::mean_over_normal;

pub(super) const RATES: Case = Case { ids: &["lvr-rate-cpmm", "lvr-rate-weighted", "lvr-rate-v3"], in_tests: true, run: rates };
pub(super) const SCATTER: Case = Case { ids: &["lvr-chi2"], in_tests: true, run: scatter };
pub(super) const BREAK_EVEN: Case = Case { ids: &["breakeven-turnover"], in_tests: true, run: break_even };

const STUDY: &str = r#"
schema = 1

[study]
horizon   = "1d"
numeraire = "USD"
metrics   = ["loss_versus_rebalancing_rate"]

[chains.blocks]
block_time = "12s"
native     = "ETH"

[tokens]
USD = { decimals = 18 }
ETH = { decimals = 18, price = { process = "gbm", initial = "1 USD", log_drift = "0%", volatility = "80%" } }
"#;

const ARBITRAGEUR: &str = "[[agents]]\nkind = \"arbitrageur\"\npools = [\"main\"]\n";
const NANOS_A_DAY: f64 = 86_400e9;

fn run(pool: &str, agents: &str, changes: &[String]) -> StudyResult {
    run_study(&format!("{STUDY}\n[pools.main]\nchain = \"blocks\"\ntokens = [\"ETH\", \"USD\"]\n{pool}\n{agents}"), changes)
}

/// Twenty blocks of this deviation each, of a price of this volatility: a day's, or a year's over √365.
fn short(volatility_a_day: f64, deviation: f64, seed: u64, effort: Effort) -> Vec<String> {
    let nanos = ((deviation / volatility_a_day).powi(2) * NANOS_A_DAY).round();
    vec![
        format!("study.seed={}", effort.seed(seed)),
        format!("study.paths={}", effort.pick(20_000, 200_000)),
        format!("study.horizon={}ns", 20.0 * nanos),
        format!("chains.blocks.block_time={nanos}ns"),
        format!("tokens.ETH.price.volatility={}%", 100.0 * volatility_a_day * 365.0_f64.sqrt()),
    ]
}

/// The loss a day over the value, at the price of the start.
fn rates(effort: Effort) -> Vec<Check> {
    /// Of a block.
    const DEVIATION: f64 = 1e-5;
    let mut checks = Vec::new();
    let mut check = |id: &'static str, quantity: String, pool: &str, volatility: f64, expected: f64, value: f64| {
        let seed = 730 + u64::try_from(checks.len()).unwrap_or(0);
        let rate = of_pool(&run(pool, ARBITRAGEUR, &short(volatility, DEVIATION, seed, effort)), "loss_versus_rebalancing_rate");
        // Terms of higher order: the deviation of all twenty blocks against the width, squared.
        checks.push(Check::new(id, quantity, rate, expected).published(value).within(1e-4 * expected));
    };
    let case = published("lvr-rate-cpmm");
    for (place, volatility) in case.inputs("sigma").into_iter().enumerate() {
        let value = case.confirms(&place.to_string(), volatility * volatility / 8.0, 1e-9);
        let pool = "kind = \"uniswap-v2\"\nfee = \"0bp\"\ntvl = \"10_000_000 USD\"";
        check("lvr-rate-cpmm", format!("LVR/V, volatility {volatility}"), pool, volatility, value, value);
    }
    let case = published("lvr-rate-weighted");
    let volatility = case.input("sigma");
    for (place, weight) in case.inputs("w").into_iter().enumerate() {
        let value = case.confirms(&place.to_string(), 0.5 * weight * (1.0 - weight) * volatility * volatility, 1e-9);
        let percent = (100.0 * weight).round();
        let pool = format!(
            "kind = \"balancer-weighted\"\nfee = \"0bp\"\nweights = [\"{percent}%\", \"{}%\"]\ntvl = \"10_000_000 USD\"",
            100.0 - percent
        );
        check("lvr-rate-weighted", format!("LVR/V, weight {weight}"), &pool, volatility, value, value);
    }
    let case = published("lvr-rate-v3");
    let volatility = case.input("sigma");
    for (place, n) in case.inputs("n").into_iter().enumerate() {
        // P/n to Pn, P being one: σ²/8 over 1 − 1/√n.
        let rate = |n: f64| volatility * volatility / (8.0 * (1.0 - n.powf(-0.5)));
        let value = case.confirms(&place.to_string(), rate(n), 1e-9);
        let tick = 1e-4_f64.ln_1p();
        let snapped = ((n.ln() / tick).round() * tick).exp();
        let pool = format!(
            "kind = \"uniswap-v3\"\nfee = \"0bp\"\ntick_spacing = 1\nliquidity = [{{ range = [\"{} USD\", \"{n} USD\"], value = \
             \"10_000_000 USD\" }}]",
            1.0 / n
        );
        check("lvr-rate-v3", format!("LVR/V, from P/{n} to {n} P"), &pool, volatility, rate(snapped), value);
    }
    checks
}

/// Profits of a thousand blocks, each over the pool's value: about σ²dt/8 times χ² with a thousand degrees of freedom.
///
/// Published is the profit over the value after the trade, cosh(x/2) − 1 for a move x; the engine's rate is over the value before it, 1 −
/// sech(x/2).
fn scatter(effort: Effort) -> Vec<Check> {
    const ID: &str = "lvr-chi2";
    let case = published(ID);
    let (blocks, years) = (case.input("N"), case.input("dt"));
    let deviation = case.input("sigma") * years.sqrt();
    let moments = |loss: fn(f64) -> f64| {
        let mean = mean_over_normal(|z| loss(0.5 * deviation * z));
        let variance = mean_over_normal(|z| (loss(0.5 * deviation * z) - mean).powi(2));
        [blocks * mean, blocks * variance]
    };
    // Half a square of half the sine: no digits are lost.
    let [mean, variance] = moments(|x| 2.0 * (0.5 * x).sinh().powi(2));
    let published_mean = case.confirms("mean", mean, 1e-6);
    let published_variance = case.confirms("var", variance, 1e-6);
    let [mean, variance] = moments(|x| 2.0 * (0.5 * x).sinh().powi(2) / x.cosh());
    let nanos = years * 365.0 * NANOS_A_DAY;
    let changes = [
        format!("study.seed={}", effort.seed(750)),
        format!("study.paths={}", effort.pick(10_000, 200_000)),
        format!("study.horizon={}ns", (blocks * nanos).round()),
        format!("chains.blocks.block_time={}ns", nanos.round()),
        format!("tokens.ETH.price.volatility={}%", 100.0 * case.input("sigma")),
    ];
    let result = run("kind = \"uniswap-v2\"\nfee = \"0bp\"\ntvl = \"10_000_000 USD\"", ARBITRAGEUR, &changes);
    let days = blocks * years * 365.0;
    let sums = result.column(Subject::Pool, "main", "loss_versus_rebalancing_rate").expect("a metric of the study");
    let sums: Vec<f64> = sums.iter().map(|rate| rate * days).collect();
    let squares: Vec<f64> = sums.iter().map(|sum| (sum - mean).powi(2)).collect();
    vec![
        Check::new(ID, "mean of the sum", Estimate::of(&sums), mean).published(published_mean),
        Check::new(ID, "its variance", Estimate::of(&squares), variance).published(published_variance),
    ]
}

/// Volume a day over value at which fees make good for the loss: the loss that a pool without fee has in the engine, over the fees that
/// another has of its volume.
fn break_even(effort: Effort) -> Vec<Check> {
    const ID: &str = "breakeven-turnover";
    let case = published(ID);
    let volatility = case.input("sigma_per_day");
    let pool = |fee: f64| format!("kind = \"uniswap-v2\"\nfee = \"{} pips\"\ntvl = \"10_000_000 USD\"", (1e6 * fee).round());
    let loss = of_pool(&run(&pool(0.0), ARBITRAGEUR, &short(volatility, 1e-5, 760, effort)), "loss_versus_rebalancing_rate");
    let mut checks = Vec::new();
    for (place, fee) in (0..).zip(case.inputs("fee")) {
        let value = case.confirms(&format!("{place}"), volatility * volatility / (8.0 * fee), 1e-9);
        let changes = [
            format!("study.seed={}", effort.seed(761 + place)),
            "study.paths=64".to_owned(),
            "study.metrics=[\"fees\", \"volume\"]".to_owned(),
            "tokens.ETH.price={ process = \"constant\", initial = \"1 USD\" }".to_owned(),
        ];
        let traders =
            "[[agents]]\nkind = \"noise-traders\"\npools = [\"main\"]\nsize = \"500 USD\"\nvolume = \"1_000_000 USD per day\"";
        let result = run(&pool(fee), traders, &changes);
        // Every trade pays the same part of itself: only how much is traded is by chance.
        let earned = of_pool(&result, "fees").mean / of_pool(&result, "volume").mean;
        let paid = Estimate { mean: earned, standard_error: 0.0 };
        checks.push(Check::new(ID, format!("fees over volume, fee {fee}"), paid, fee).within(1e-9 * fee));
        let turnover = super::scaled(loss, 1.0 / earned);
        let quantity = format!("volume a day over value, fee {fee}");
        checks.push(Check::new(ID, quantity, turnover, value).published(value).within(1e-4 * value));
    }
    checks
}
