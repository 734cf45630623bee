//! Several assets: correlated prices, prices in one another, shared jumps, joint bootstraps, from the study file to the result.

use std::sync::Arc;

use cenote_sim::{Correlation, PoolMetric, PositionMetric, PositionSetup, Scenario, TokenSetup};
use cenote_strategy::{Hold, TokenId};
use cenote_study::stats::Moments;
use cenote_study::{ColumnKey, PoolLane, Study, StudyResult};
use cenote_tests::scenes::{arbitrageur, constant_product, every, gbm, scene};
use cenote_tests::shared::{needed, shared_or_leave_out};
use cenote_tests::statistics::{assert_agrees, assert_differs, mean_over_normal};
use cenote_tests::table::run;
use serde_json::Value;

/// Relative names of files start from the studies that ship.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../studies/bits.toml");
const SEED: u64 = 2208;
const SIGMAS: [f64; 2] = [0.8, 0.6];

/// σ₁² + σ₂² − 2 ρ σ₁ σ₂, the variance a year of a log price in another.
fn relative_variance(rho: f64) -> f64 {
    SIGMAS[0] * SIGMAS[0] + SIGMAS[1] * SIGMAS[1] - 2.0 * rho * SIGMAS[0] * SIGMAS[1]
}

/// A pool of two correlated tokens without a fee; two positions that hold one of them each. The numeraire is a third.
fn pair(rho: f64, interval: &str) -> Scenario {
    let mut scenario = scene(every(interval), gbm(0.0, SIGMAS[0]), constant_product(0), "30d");
    scenario.tokens[1] = TokenSetup::priced("BTC", 8, gbm(0.0, SIGMAS[1]));
    scenario.tokens.push(TokenSetup::numeraire("USDC", 6));
    scenario.numeraire = TokenId(2);
    scenario.correlations = vec![Correlation { tokens: [TokenId(0), TokenId(1)], value: rho }];
    scenario.agents = vec![arbitrageur(0.0)];
    let hold = |token: u16| PositionSetup::new("hold", Arc::new(Hold::weighted(vec![(TokenId(token), 1.0)]).unwrap()), 1e3);
    scenario.positions = vec![hold(0), hold(1)];
    scenario
}

/// The published cases of a pair: its variance, and the loss-versus-rebalancing of a constant product on it, an eighth of that
/// (Milionis, Moallemi, Roughgarden and Zhang 2022). In blocks of an hour the loss is E[1 − sech(x/2)] of each, x the log return.
#[test]
fn variance_and_loss_of_a_pair() {
    let published = shared_or_leave_out("the published cases of a pair").map(|folder| {
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(needed(&folder, "theory/cases.json")).unwrap()).unwrap();
        let cases = cases["cases"].as_array().or_else(|| cases.as_array()).expect("a list of cases").clone();
        cases.into_iter().find(|case| case["id"] == "pair-vol").expect("the case of a pair")
    });
    for (at, rho) in [0.9, 0.0, -0.5].into_iter().enumerate() {
        let variance = relative_variance(rho);
        if let Some(case) = &published {
            assert_eq!(case["inputs"]["rho"][at].as_f64(), Some(rho));
            let expected = |key: &str| case["expected"][at][key].as_f64().unwrap();
            assert!((variance - expected("rel_var")).abs() < 1e-12 && (variance / 8.0 - expected("lvr_rate")).abs() < 1e-12);
        }
        let table = run(&pair(rho, "1h"), SEED + at as u64, 20_000);
        let grown = [0, 1].map(|i| table.position(i, PositionMetric::NetReturn));
        let drift = -0.5 * (SIGMAS[0] * SIGMAS[0] - SIGMAS[1] * SIGMAS[1]);
        let squares = |rho_of: f64| -> Vec<f64> {
            let years: f64 = 30.0 / 365.0;
            let relative = grown[0].iter().zip(grown[1]).map(|(a, b)| ((1.0 + a) / (1.0 + b)).ln() - drift * years);
            relative.map(|x| x * x / years - rho_of).collect()
        };
        assert_agrees(&format!("variance at {rho}"), &squares(0.0), variance);
        let hours = 8760.0;
        let per_block = mean_over_normal(|z| 1.0 - 1.0 / (0.5 * (drift / hours + (variance / hours).sqrt() * z)).cosh());
        let rate = table.pool(0, PoolMetric::LossVersusRebalancingRate);
        assert_agrees(&format!("LVR per day at {rho}"), rate, per_block * 24.0);
        assert!((per_block * hours / (variance / 8.0) - 1.0).abs() < 1e-3);
        if rho != 0.0 {
            assert_differs("as if not correlated", rate, relative_variance(0.0) / 8.0 / 365.0);
        }
    }
}

/// Everything at once; tables in any order.
const TABLES: [&str; 12] = [
    "[chains.ethereum]\nblock_time = CLOCK\nnative = \"ETH\"\ngas_price = \"20 gwei\"\n",
    "[events.crash]\nrate = \"30 per year\"\n",
    "[tokens.ETH]\ndecimals = 18\nprice = { process = \"merton\", initial = \"2000 USDC\", drift = \"0%\", volatility = \"80%\", jumps = { shared = \"crash\", probability = \"80%\", mean = \"-10%\", deviation = \"5%\" } }\n",
    "[tokens.stETH]\ndecimals = 18\nprice = { process = \"exp-ou\", initial = \"0.98 ETH\", mean = \"1 ETH\", half_life = \"10d\", volatility = \"3%\" }\n",
    "[tokens.BTC]\ndecimals = 8\nprice = { process = \"gbm\", initial = \"60_000 USDC\", drift = \"0%\", volatility = \"60%\" }\n",
    "[tokens.USDC]\ndecimals = 6\n",
    "[tokens.OLD]\ndecimals = 18\nprice = { process = \"stationary-bootstrap\", file = \"data/synthetic-1h.csv\", mean_block = \"2d\", joint = \"old\", initial = \"100 USDC\" }\n",
    "[tokens.GOLD]\ndecimals = 18\nprice = { process = \"stationary-bootstrap\", file = \"data/synthetic-1h.csv\", column = \"btc\", mean_block = \"2d\", joint = \"old\", initial = \"100 USDC\" }\n",
    "[correlations]\n\"ETH,BTC\" = 0.7\n\"stETH,BTC\" = 0.1\n",
    "[pools.main]\nkind = \"uniswap-v2\"\nchain = \"ethereum\"\ntokens = [\"stETH\", \"BTC\"]\ntvl = \"10_000_000 USDC\"\n[[agents]]\nkind = \"arbitrageur\"\npools = [\"main\"]\n",
    "[[positions]]\nname = \"pool\"\nstrategy = \"passive\"\npool = \"main\"\ndeposit = \"10_000 USDC\"\n",
    "[[positions]]\nname = \"hold\"\nstrategy = \"hold\"\ntokens = [\"ETH\", \"stETH\", \"BTC\", \"OLD\", \"GOLD\"]\ndeposit = \"10_000 USDC\"\n",
];

fn study(clock: &str, tables: &[String]) -> Study {
    let settings = "schema = 1\n[study]\npaths = 200\nseed = 3\nhorizon = \"5d\"\nwarm_up = \"1d\"\nnumeraire = \"USDC\"\n";
    let text = format!("{settings}{}", tables.join("\n").replace("CLOCK", clock));
    Study::parse(&text, FILE, &[]).unwrap_or_else(|error| panic!("{error}"))
}

fn tables() -> Vec<String> {
    TABLES.map(str::to_owned).to_vec()
}

const CLOCKS: [&str; 2] = ["\"1200s\"", "{ poisson = \"1h\" }"];

fn bits(result: &StudyResult) -> Vec<(ColumnKey, Vec<u64>)> {
    let column =
        |key: &ColumnKey| result.column(key.subject, &key.name, &key.metric).unwrap().iter().map(|x| x.to_bits()).collect();
    result.layout().keys().iter().map(|key| (key.clone(), column(key))).collect()
}

#[test]
fn the_same_bits_for_any_number_of_threads_and_for_paths_alone() {
    for clock in CLOCKS {
        let study = study(clock, &tables());
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            bits(&pool.install(|| study.run()).unwrap())
        };
        let one = on(1);
        assert!(one == on(3));
        for path in [0, 63, 127, 128, 199] {
            let alone = study.replay(path, PoolLane::Fast, vec![]).unwrap();
            for ((key, column), alone) in one.iter().zip(alone) {
                assert_eq!(column[path as usize], alone.to_bits(), "{key} of path {path}");
            }
        }
    }
}

/// A correlated token, an event and a member of the joint bootstrap that come last leave all others' numbers alone.
#[test]
fn newcomers_change_nobody() {
    let newcomers = "[events.boom]\nrate = \"30 per year\"\n\
         [tokens.SOL]\ndecimals = 9\nprice = { process = \"kou\", initial = \"100 USDC\", drift = \"0%\", volatility = \"90%\", jumps = { shared = \"boom\", up_probability = \"90%\", up_mean = \"5%\", down_mean = \"5%\" } }\n\
         [tokens.SILVER]\ndecimals = 18\nprice = { process = \"stationary-bootstrap\", file = \"data/synthetic-1h.csv\", mean_block = \"2d\", joint = \"old\", initial = \"1 GOLD\" }\n\
         [[positions]]\nname = \"new\"\nstrategy = \"hold\"\ntokens = [\"SOL\", \"SILVER\"]\ndeposit = \"1_000 USDC\"\n";
    for clock in CLOCKS {
        let before = bits(&study(clock, &tables()).run().unwrap());
        let mut more = tables();
        more[8] += "\"SOL,ETH\" = 0.6\n\"SOL,BTC\" = 0.5\n";
        more.push(newcomers.to_owned());
        let after = bits(&study(clock, &more).run().unwrap());
        assert!(after.len() > before.len());
        for (key, column) in &before {
            let (_, other) = after.iter().find(|(other, _)| other == key).unwrap();
            assert!(column == other, "{key} differs");
        }
    }
}

/// Prices in other prices find one another wherever they stand; correlations go by the order of tokens, and only by that.
#[test]
fn the_order_of_tables_does_not_matter() {
    let study_of = |tables: &[String]| study(CLOCKS[0], tables);
    let base = study_of(&tables());
    let mut shuffled = tables();
    shuffled.swap(0, 9);
    shuffled.swap(1, 8);
    // stETH before the token that its price is in; neither is correlated with the other, and BTC stays behind both.
    shuffled.swap(2, 3);
    shuffled.swap(5, 7);
    let other = study_of(&shuffled);
    for symbol in ["stETH", "ETH", "BTC", "GOLD"] {
        let symbol = symbol.parse().unwrap();
        assert_eq!(base.initial_price(&symbol), other.initial_price(&symbol));
    }
    assert_eq!(base.initial_price(&"stETH".parse().unwrap()), Some(0.98 * 2000.0));
    let (first, second) = (bits(&base.run().unwrap()), bits(&other.run().unwrap()));
    let pool =
        |columns: &[(ColumnKey, Vec<u64>)]| columns.iter().filter(|(key, _)| key.name == "main").cloned().collect::<Vec<_>>();
    assert!(!pool(&first).is_empty() && pool(&first) == pool(&second));
}

fn net_returns(result: &StudyResult, position: &str) -> Vec<f64> {
    let keys = result.layout().keys();
    let key = keys.iter().find(|key| key.name == position && key.metric == "net_return").unwrap();
    result.column(key.subject, &key.name, &key.metric).unwrap().clone()
}

fn holds(tokens: &str, positions: &[&str]) -> StudyResult {
    let settings = "schema = 1\n[study]\npaths = 2_000\nseed = 7\nhorizon = \"60d\"\nnumeraire = \"USDC\"\nmetrics = [\"net_return\"]\n\
         [chains.main]\nblock_time = \"6h\"\nnative = \"USDC\"\n[tokens.USDC]\ndecimals = 6\n";
    let hold = |token: &&str| {
        format!("[[positions]]\nname = \"{token}\"\nstrategy = \"hold\"\ntokens = [\"{token}\"]\ndeposit = \"100 USDC\"\n")
    };
    let text = format!("{settings}{tokens}{}", positions.iter().map(hold).collect::<String>());
    Study::parse(&text, FILE, &[]).unwrap_or_else(|error| panic!("{error}")).run().unwrap()
}

fn token(symbol: &str, price: &str) -> String {
    format!("[tokens.{symbol}]\ndecimals = 18\nprice = {{ {price} }}\n")
}

/// A constant number of another token earns what that token earns; a chain of two, what both do.
#[test]
fn returns_of_prices_in_other_prices_are_products() {
    let tokens = [
        token("THIRD", "process = \"constant\", initial = \"3 WRAPPED\""),
        token("WRAPPED", "process = \"gbm\", initial = \"1.1 ETH\", drift = \"4%\", volatility = \"10%\""),
        token("SAME", "process = \"constant\", initial = \"1.1 ETH\""),
        token("ETH", "process = \"gbm\", initial = \"2000 USDC\", drift = \"0%\", volatility = \"80%\""),
    ];
    let result = holds(&tokens.concat(), &["ETH", "SAME", "WRAPPED", "THIRD"]);
    let [eth, same, wrapped, third] = ["ETH", "SAME", "WRAPPED", "THIRD"].map(|position| net_returns(&result, position));
    let mut ratios = Vec::new();
    for path in 0..eth.len() {
        assert!((eth[path] - same[path]).abs() < 1e-12 && (wrapped[path] - third[path]).abs() < 1e-12);
        ratios.push((1.0 + wrapped[path]) / (1.0 + eth[path]));
    }
    assert_agrees("mean of the price in ETH", &ratios, (0.04_f64 * 60.0 / 365.0).exp());
    let logs: Vec<f64> = ratios.iter().map(|x| (x.ln() - (0.04 - 0.005) * 60.0 / 365.0).powi(2)).collect();
    assert_agrees("its variance", &logs, 0.01 * 60.0 / 365.0);
}

/// Tokens that do nothing but jump together are one; the share of the events that befall one but not the other is what its probability
/// leaves.
#[test]
fn jumps_come_together() {
    let price = |probability: &str| {
        format!(
            "process = \"merton\", initial = \"1 USDC\", log_drift = \"0%\", volatility = \"0%\", jumps = {{ shared = \"crash\", probability = \"{probability}\", mean = \"-10%\", deviation = \"0%\" }}"
        )
    };
    let tokens = [
        "[events.crash]\nrate = \"12 per year\"\n".to_owned(),
        token("A", &price("100%")),
        token("B", &price("100%")),
        token("C", &price("50%")),
    ];
    let result = holds(&tokens.concat(), &["A", "B", "C"]);
    let [a, b, c] = ["A", "B", "C"].map(|position| net_returns(&result, position));
    assert_eq!(a, b);
    let years: f64 = 60.0 / 365.0;
    // ln S = −0.1 N − drift; the drift takes the mean of the jumps back.
    let jumps = |returns: &[f64], rate: f64| -> Vec<f64> {
        returns.iter().map(|r| (10.0 * (0.1 * rate * years - r.ln_1p())).round()).collect()
    };
    let (all, half) = (jumps(&a, 12.0), jumps(&c, 6.0));
    assert!(all.iter().zip(&half).all(|(all, half)| *half >= 0.0 && half <= all));
    assert_agrees("events", &all, 12.0 * years);
    assert_agrees("those that befall the third", &half, 6.0 * years);
}

/// Returns of a joint bootstrap have the correlation of the files: in whole hours because they are the same hours, inside them because
/// bridges have it. Ten minutes of ten thousand paths, and sixty days.
#[test]
fn joint_bootstraps_keep_the_correlation_of_their_files() {
    let price = |column: &str, joint: &str| {
        format!(
            "process = \"circular-bootstrap\", file = \"data/synthetic-1h.csv\", column = \"{column}\", block = \"1h\", initial = \"1 USDC\"{joint}"
        )
    };
    let text = |joint: &str| [token("A", &price("close", joint)), token("B", &price("btc", joint))].concat();
    let study = |joint: &str, block: &str, horizon: &str| {
        let settings = format!(
            "schema = 1\n[study]\npaths = 10_000\nseed = 7\nhorizon = \"{horizon}\"\nnumeraire = \"USDC\"\nmetrics = [\"net_return\"]\n\
             [chains.main]\nblock_time = \"{block}\"\nnative = \"USDC\"\n[tokens.USDC]\ndecimals = 6\n"
        );
        let hold = |token: &str| {
            format!("[[positions]]\nname = \"{token}\"\nstrategy = \"hold\"\ntokens = [\"{token}\"]\ndeposit = \"100 USDC\"\n")
        };
        let text = format!("{settings}{}{}{}", text(joint), hold("A"), hold("B"));
        let result = Study::parse(&text, FILE, &[]).unwrap_or_else(|error| panic!("{error}")).run().unwrap();
        ["A", "B"].map(|position| net_returns(&result, position).iter().map(|r| r.ln_1p()).collect::<Vec<f64>>())
    };
    // Of the file: 0.8, and what 1,999 hours make of it.
    let scenario_correlation = {
        let [a, b] = study(", joint = \"x\"", "1h", "1h");
        sample_correlation(&a, &b)
    };
    assert!((scenario_correlation - 0.8).abs() < 0.03, "{scenario_correlation}");
    for (block, horizon) in [("600s", "600s"), ("600s", "2400s"), ("1h", "60d")] {
        let [a, b] = study(", joint = \"x\"", block, horizon);
        let rho = sample_correlation(&a, &b);
        assert!((rho - scenario_correlation).abs() < 0.03, "{rho} over {horizon}");
        let [a, b] = study("", block, horizon);
        let rho = sample_correlation(&a, &b);
        assert!(rho.abs() < 0.04, "{rho} over {horizon}");
    }
}

fn sample_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (ma, mb) = (Moments::of(a).mean().mean, Moments::of(b).mean().mean);
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(x, y)| f(x - ma, y - mb)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}
