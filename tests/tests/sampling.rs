//! Antithetic, stratified and Sobol paths, and control variates, through whole studies: unbiased, honest about what they save, and the
//! same bits however they are run.
//!
//! Seeds are fixed. Where a standard error comes from 64 sets, |z| ≤ 4 fails by chance once in 6,000.

use cenote_study::stats::VarianceReduction;
use cenote_study::{PoolLane, Study, StudyResult, Subject};
use cenote_tests::shared::{needed, shared_or_leave_out};
use serde_json::Value;

/// A pool without fee in which every block is an arbitrage: what it is worth is proportional to √S, whatever the blocks. `settings`
/// are lines of `[study]`.
fn zero_fee(settings: &str) -> String {
    format!(
        r#"schema = 1
[study]
horizon   = "365d"
numeraire = "USDC"
metrics   = ["net_return", "excess_return", "impermanent_loss", "price", "fees_booked", "loss_versus_rebalancing", "final_value", "deposit_value"]
{settings}
[chains.main]
block_time = "876h"
native     = "USDC"
[tokens.ETH]
decimals = 18
price    = {{ process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" }}
[tokens.USDC]
decimals = 6
[pools.main]
kind   = "uniswap-v2"
chain  = "main"
tokens = ["ETH", "USDC"]
fee    = "0bp"
tvl    = "10_000_000 USDC"
[[agents]]
kind  = "arbitrageur"
pools = ["main"]
[[positions]]
name     = "pool"
strategy = "passive"
pool     = "main"
deposit  = "1_000 USDC"
[[positions]]
name     = "hold"
strategy = "hold"
tokens   = ["ETH", "USDC"]
deposit  = "1_000 USDC"
"#
    )
}

fn study(text: &str) -> Study {
    Study::parse(text, "sampling.toml", &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn run(text: &str) -> StudyResult {
    study(text).run().unwrap_or_else(|error| panic!("{error}"))
}

fn saved<'a>(result: &'a StudyResult, position: &str, metric: &str) -> &'a VarianceReduction {
    result.position(position, metric).unwrap().variance_reduction.as_ref().expect("a sampled study says what it saved")
}

/// That a ratio is this, within 4 of its standard errors.
fn assert_ratio(what: &str, saved: &VarianceReduction, expected: f64) {
    let z = (saved.ratio - expected) / saved.standard_error;
    println!("{what}: ratio {:.5} ± {:.5}, expected {expected:.5}, z = {z:+.2}", saved.ratio, saved.standard_error);
    assert!(z.abs() <= 4.0, "{what}: {saved:?}, expected {expected}");
}

/// That the mean of a metric is this, within 4 standard errors.
fn assert_mean(what: &str, result: &StudyResult, position: &str, metric: &str, expected: f64) {
    let mean = result.position(position, metric).unwrap().mean;
    let z = (mean.mean - expected) / mean.standard_error;
    println!("{what}: {:.6} ± {:.6}, expected {expected:.6}, z = {z:+.2}", mean.mean, mean.standard_error);
    assert!(z.abs() <= 4.0, "{what}: {mean:?}, expected {expected}");
}

/// E[√S(T)] − 1 for σ²T = 0.64 and no drift.
fn pool_return() -> f64 {
    f64::exp(-0.08) - 1.0
}

/// Variance ratios in closed form.
struct Cases {
    antithetic: f64,
    controlled: f64,
    coefficient: f64,
}

/// √S = exp(m + s Z), m = −0.16, s = 0.4: Cov[√S(Z), √S(−Z)] = e^(2m) (1 − e^(s²)), Var = e^(2m) (e^(2 s²) − e^(s²)), and the
/// variance of a pair's mean over that of two independent paths is 1 + their ratio. With S = (√S)², ρ = (E[√S³] − E[S] E[√S])/√(Var
/// √S Var S).
fn cases() -> Cases {
    let (m, s2): (f64, f64) = (-0.16, 0.16);
    let moment = |power: f64| (power * m + 0.5 * power * power * s2).exp();
    let variance = moment(2.0) - moment(1.0).powi(2);
    let covariance = (2.0 * m).exp() - moment(1.0).powi(2);
    let with_price = moment(3.0) - moment(2.0) * moment(1.0);
    let of_price = moment(4.0) - moment(2.0).powi(2);
    Cases {
        antithetic: 1.0 + covariance / variance,
        controlled: 1.0 - with_price * with_price / (variance * of_price),
        coefficient: with_price / of_price,
    }
}

#[test]
fn the_closed_forms_are_the_published_ones() {
    let Some(folder) = shared_or_leave_out("the published variance ratios") else { return };
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(needed(&folder, "theory/cases.json")).unwrap()).unwrap();
    let expected = |id: &str, key: &str| {
        let case = cases.as_array().unwrap().iter().find(|case| case["id"] == id).unwrap_or_else(|| panic!("no case {id}"));
        case["expected"][key].as_f64().unwrap()
    };
    let ours = self::cases();
    for (ours, published) in [
        (ours.antithetic, expected("mc-antithetic", "var_ratio")),
        (ours.controlled, expected("mc-control-variate", "var_ratio")),
        (ours.coefficient, expected("mc-control-variate", "beta")),
    ] {
        assert!((ours - published).abs() < 1e-12, "{ours} against {published}");
    }
}

#[test]
fn antithetic_paths_save_what_theory_says_and_hurt_what_is_even() {
    let result = run(&zero_fee("paths = 100_000\nsampling = \"antithetic\""));
    assert_ratio("antithetic, pool", saved(&result, "pool", "net_return"), cases().antithetic);
    // Half of the hold's value is S: 1 + Cov[S(Z), S(−Z)]/Var S = 1 + (e^(−σ²) − 1)/(e^(σ²) − 1).
    let of_price = 1.0 + (f64::exp(-0.64) - 1.0) / (f64::exp(0.64) - 1.0);
    assert_ratio("antithetic, hold", saved(&result, "hold", "net_return"), of_price);
    assert_mean("antithetic, pool", &result, "pool", "net_return", pool_return());
    assert_mean("antithetic, hold", &result, "hold", "net_return", 0.0);
    // Impermanent loss is nearly even in the price's logarithm.
    let even = saved(&result, "pool", "impermanent_loss");
    assert!(even.hurts() && even.ratio > 1.3, "{even:?}");
    assert_mean("antithetic, impermanent loss", &result, "pool", "impermanent_loss", f64::exp(-0.08) - 1.0);
}

#[test]
fn control_variates_save_what_theory_says() {
    let result = run(&zero_fee("paths = 100_000\ncontrol_variates = [\"ETH\"]"));
    let pool = saved(&result, "pool", "net_return");
    assert_ratio("control, pool", pool, cases().controlled);
    // Of √(S/2000) − 1 on S: the coefficient for S_0 = 1, over 2000.
    let (name, coefficient) = &pool.coefficients[0];
    assert!(name == "ETH" && (coefficient * 2000.0 - cases().coefficient).abs() < 0.01, "{coefficient}");
    assert_mean("control, pool", &result, "pool", "net_return", pool_return());
    // A hold is linear in the price.
    let hold = result.position("hold", "net_return").unwrap();
    assert!(hold.mean.mean.abs() < 1e-12 && hold.mean.standard_error < 1e-12, "{:?}", hold.mean);
    // With the root, so is the pool: it is known exactly.
    let both = run(&zero_fee("paths = 1_000\ncontrol_variates = [\"ETH\", \"sqrt(ETH)\"]"));
    let pool = both.position("pool", "net_return").unwrap().mean;
    assert!((pool.mean - pool_return()).abs() < 1e-9 && pool.standard_error < 1e-9, "{pool:?}");
    // What the paths themselves came to stands beside it.
    let (key, summary, expected) = both.control_variates().next().unwrap();
    assert_eq!((key.to_string().as_str(), expected), ("tokens.ETH.final_price", 2000.0));
    assert!((summary.mean.mean - expected).abs() < 4.0 * summary.mean.standard_error && summary.mean.standard_error > 10.0);
}

/// Means that are controlled still add up: the regression is linear.
#[test]
fn controlled_means_add_up() {
    for settings in ["", "sampling = \"antithetic\"", "sampling = \"sobol\""] {
        let result = run(&zero_fee(&format!("paths = 2_048\ncontrol_variates = [\"sqrt(ETH)\"]\n{settings}")));
        let mean = |metric| result.position("pool", metric).unwrap().mean.mean;
        let apart =
            mean("final_value") - mean("deposit_value") - (mean("price") - mean("loss_versus_rebalancing") + mean("fees_booked"));
        assert!(apart.abs() < 1e-9, "{settings}: {apart}");
    }
}

/// Over ten blocks, all of them nodes, the standard error falls faster than n^(−1/2): a slope below −0.75 between 32 and 1,024
/// points in each of 64 sets. Independent paths have the slope −0.5.
#[test]
fn sobol_paths_converge_faster_than_independent_ones() {
    let errors = |settings: &str, paths: u32| {
        let result = run(&zero_fee(&format!("paths = {paths}\n{settings}")));
        assert_mean(&format!("{settings}, {paths} paths"), &result, "pool", "net_return", pool_return());
        result.position("pool", "net_return").unwrap().mean.standard_error
    };
    let slope = |settings| (errors(settings, 65_536) / errors(settings, 2048)).log2() / 5.0;
    let sobol = slope("sampling = { method = \"sobol\", sets = 64 }");
    let stratified = slope("sampling = { method = \"stratified\", sets = 64 }");
    let independent = slope("");
    println!("slopes: Sobol {sobol:.2}, stratified {stratified:.2}, independent {independent:.2}");
    assert!(sobol < -0.75 && stratified < -0.75, "{sobol}, {stratified}");
    assert!((-0.56..-0.44).contains(&independent), "{independent}");
    let result = run(&zero_fee("paths = 16_384\nsampling = \"sobol\""));
    for (position, metric, most) in [("pool", "net_return", 0.01), ("pool", "impermanent_loss", 0.05), ("hold", "net_return", 0.02)]
    {
        let saved = saved(&result, position, metric);
        println!("Sobol, {position} {metric}: ratio {:.5} ± {:.5}", saved.ratio, saved.standard_error);
        assert!(saved.ratio < most && saved.standard_error < saved.ratio, "{position} {metric}: {saved:?}");
    }
}

/// Every way to sample, on processes with jumps, stochastic variance and random time, on fixed and random clocks, after a warm-up:
/// the mean of a hold is that of its tokens.
#[test]
fn means_stay_unbiased() {
    let processes = [
        (r#"process = "gbm", initial = "2000 USDC", drift = "20%", volatility = "80%""#, 0.2),
        (
            r#"process = "merton", initial = "2000 USDC", drift = "20%", volatility = "60%", jumps = { rate = "12 per year", mean = "-8%", deviation = "12%" }"#,
            0.2,
        ),
        (
            r#"process = "heston", initial = "2000 USDC", drift = "-30%", initial_volatility = "80%", long_run_volatility = "70%", half_life = "60d", volatility_of_variance = "150%", correlation = -0.5"#,
            -0.3,
        ),
        (
            r#"process = "variance-gamma", initial = "2000 USDC", drift = "20%", volatility = "60%", asymmetry = "-20%", clock_variance = "36.5d""#,
            0.2,
        ),
    ];
    let mut statistics = 0;
    for (process, drift) in processes {
        for clock in ["\"73h\"", "{ poisson = \"73h\" }"] {
            for sampling in
                ["\"antithetic\"", "{ method = \"stratified\", sets = 64 }", "{ method = \"sobol\", sets = 64, nodes = 64 }"]
            {
                let text = zero_fee(&format!("paths = 4_096\nsampling = {sampling}"))
                    .replace("365d", "73d")
                    .replace("\"876h\"", clock)
                    .replace(r#"process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%""#, process);
                let result = run(&text);
                let expected = 0.5 * (drift * 0.2_f64).exp() - 0.5;
                assert_mean(&format!("{} {clock} {sampling}", &process[..25]), &result, "hold", "net_return", expected);
                statistics += 1;
            }
        }
    }
    assert_eq!(statistics, 24);
}

/// Two correlated tokens, noise traders, a warm-up, a random clock: everything that could tell one way of running from another.
fn everything(sampling: &str, paths: u32) -> String {
    format!(
        r#"schema = 1
[study]
horizon   = "10d"
warm_up   = "2d"
numeraire = "USDC"
metrics   = ["net_return", "excess_return", "volume", "arbitrage_trade_rate"]
paths     = {paths}
sampling  = {sampling}
control_variates = ["ETH", "sqrt(BTC)"]
[chains.main]
block_time = {{ poisson = "2h" }}
native     = "USDC"
[tokens.ETH]
decimals = 18
price    = {{ process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" }}
[tokens.BTC]
decimals = 8
price    = {{ process = "merton", initial = "50_000 USDC", drift = "0%", volatility = "60%", jumps = {{ rate = "12 per year", mean = "-8%", deviation = "12%" }} }}
[tokens.USDC]
decimals = 6
[correlations]
"ETH,BTC" = 0.7
[pools.main]
kind   = "uniswap-v2"
chain  = "main"
tokens = ["ETH", "BTC"]
fee    = "30bp"
tvl    = "10_000_000 USDC"
[[agents]]
kind  = "arbitrageur"
pools = ["main"]
[[agents]]
kind     = "noise-traders"
pools    = ["main"]
arrivals = "150 per day"
size     = {{ distribution = "lognormal", median = "1_500 USDC", sigma = 1.2 }}
[[positions]]
name     = "pool"
strategy = "passive"
pool     = "main"
deposit  = "1_000 USDC"
"#
    )
}

const SAMPLINGS: [&str; 3] =
    ["\"antithetic\"", "{ method = \"stratified\", sets = 10 }", "{ method = \"sobol\", sets = 10, nodes = 32 }"];

/// All numbers of all paths as bits.
fn bits(result: &StudyResult) -> Vec<Vec<u64>> {
    let column = |key: &cenote_study::ColumnKey| result.column(key.subject, &key.name, &key.metric).unwrap();
    result.layout().keys().iter().map(|key| column(key).iter().map(|x| x.to_bits()).collect()).collect()
}

#[test]
fn sampled_paths_have_the_same_bits_on_any_threads_and_alone() {
    for sampling in SAMPLINGS {
        let study = study(&everything(sampling, 300));
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| study.run()).unwrap()
        };
        let (one, three) = (on(1), on(3));
        assert_eq!(bits(&one), bits(&three), "{sampling}");
        let untimed = |result: &StudyResult| {
            let mut json = result.to_json();
            json["elapsed_seconds"] = Value::Null;
            json
        };
        assert_eq!(untimed(&one), untimed(&three), "{sampling}");
        for path in [0, 1, 127, 128, 299_u32] {
            let alone = study.replay(path, PoolLane::Fast, Vec::new()).unwrap();
            for (column, x) in bits(&one).iter().zip(alone) {
                assert_eq!(column[path as usize], x.to_bits(), "{sampling}, path {path}");
            }
        }
    }
}

/// More paths leave those before them alone, where strata do not depend on their number.
#[test]
fn more_paths_leave_the_others_alone() {
    for sampling in [SAMPLINGS[0], SAMPLINGS[2]] {
        let (few, many) = (bits(&run(&everything(sampling, 100))), bits(&run(&everything(sampling, 200))));
        for (few, many) in few.iter().zip(&many) {
            assert_eq!(few[..], many[..100], "{sampling}");
        }
    }
}

/// Sampling is of prices: what it does to one path changes nothing of the others' streams, so trades that do not look at prices are
/// those of the plain study.
#[test]
fn other_streams_are_untouched() {
    let plain = run(&everything("\"independent\"", 100));
    for sampling in SAMPLINGS {
        let sampled = run(&everything(sampling, 100));
        assert_eq!(
            sampled.pool("main", "arbitrage_trade_rate").unwrap().min > 0.0,
            plain.pool("main", "arbitrage_trade_rate").unwrap().min > 0.0
        );
        assert_eq!(sampled.blocks(), plain.blocks(), "the clock's draws are its own");
        let column = |result: &StudyResult| result.column(Subject::Token, "ETH", "final_price").unwrap();
        assert_ne!(column(&sampled), column(&plain));
    }
}

/// The result tells the method, the groups and the ratio of every metric; what is random for other reasons than prices saves nothing.
#[test]
fn results_say_what_was_saved() {
    let result = run(&everything("{ method = \"sobol\", sets = 32, nodes = 64 }", 4096));
    let json = result.to_json();
    assert_eq!(json["study"]["study"]["sampling"]["method"], "sobol");
    assert_eq!(json["tokens"]["ETH"]["final_price"]["expected"], 2000.0);
    let reduction = &json["positions"]["pool"]["net_return"]["variance_reduction"];
    assert!(reduction["ratio"].as_f64().unwrap() < 0.2, "{reduction}");
    assert!(
        reduction["uncontrolled"]["standard_error"].is_number() && reduction["coefficients"]["sqrt(BTC)"].is_number(),
        "{reduction}"
    );
    let volume = result.pool("main", "volume").unwrap().variance_reduction.clone().unwrap();
    println!("volume: ratio {:.2} ± {:.2}", volume.ratio, volume.standard_error);
    assert!((0.3..3.0).contains(&volume.ratio), "{volume:?}");
    // A paired difference is grouped and controlled as its columns are.
    let lead = result.compare("pool", "pool", "net_return").unwrap();
    assert_eq!(lead.difference.mean.mean, 0.0);
    let plain = run(&everything("\"independent\"", 100).replace("control_variates = [\"ETH\", \"sqrt(BTC)\"]", "")).to_json();
    assert!(plain.get("tokens").is_none() && plain["positions"]["pool"]["net_return"].get("variance_reduction").is_none());
}
