//! `sampling` and `control_variates`: every spelling, and every way to get them wrong.

use super::*;
use crate::problem::Problem;
use crate::stats::Grouping;

const STUDY: &str = r#"schema = 1
[study]
paths     = 10_000
horizon   = "10d"
numeraire = "USDC"
[chains.ethereum]
block_time = "1h"
native     = "ETH"
[tokens.ETH]
decimals = 18
price    = { process = "gbm", initial = "2000 USDC", drift = "10%", volatility = "80%" }
[tokens.STETH]
decimals = 18
price    = { process = "exp-ou", initial = "0.99 ETH", mean = "1 ETH", half_life = "3d", volatility = "4%" }
[tokens.CAKE]
decimals = 18
price    = { process = "garch", initial = "2 USDC", drift = "0%", volatility = "80%", interval = "1d", alpha = 0.1, beta = 0.8 }
[tokens.USDC]
decimals = 6
[[positions]]
name     = "hold"
strategy = "hold"
tokens   = ["ETH", "USDC"]
deposit  = "1_000 USDC"
"#;

fn study(setting: &str) -> Result<Study, Box<Problem>> {
    let text = STUDY.replacen("[study]\n", &format!("[study]\n{setting}\n"), 1);
    Study::parse(&text, "sampled.toml", &[]).map_err(|error| match error {
        StudyError::Invalid(problem) => problem,
        other => panic!("{other}"),
    })
}

/// The message, the key and the example of what is wrong with a setting.
fn wrong(setting: &str) -> (String, String, String) {
    let problem = study(setting).unwrap_err();
    assert!(problem.line().is_some() && problem.expected().is_some(), "{problem}");
    (problem.message().to_owned(), problem.path().to_string(), problem.example().unwrap_or_default().to_owned())
}

#[test]
fn every_spelling_is_read_and_written_back() {
    let spellings = [
        ("", SamplingSpec::Independent, Grouping::Independent),
        (r#"sampling = "independent""#, SamplingSpec::Independent, Grouping::Independent),
        (r#"sampling = "antithetic""#, SamplingSpec::Antithetic, Grouping::Pairs),
        (r#"sampling = "stratified""#, SamplingSpec::Stratified { sets: 16 }, Grouping::Sets(16)),
        (r#"sampling = { method = "stratified", sets = 100 }"#, SamplingSpec::Stratified { sets: 100 }, Grouping::Sets(100)),
        (r#"sampling = "sobol""#, SamplingSpec::sobol(), Grouping::Sets(16)),
        (r#"sampling = { method = "sobol", nodes = 64 }"#, SamplingSpec::Sobol { sets: 16, nodes: 64 }, Grouping::Sets(16)),
        (r#"sampling = { method = "sobol", sets = 8, nodes = 1 }"#, SamplingSpec::Sobol { sets: 8, nodes: 1 }, Grouping::Sets(8)),
        (r#"sampling = { method = "antithetic" }"#, SamplingSpec::Antithetic, Grouping::Pairs),
    ];
    for (setting, expected, grouping) in spellings {
        let study = study(setting).unwrap();
        assert_eq!(study.spec().sampling, expected, "{setting}");
        assert_eq!(study.spec().sampling.grouping(), grouping);
        assert_eq!(study.sampling().is_some(), expected != SamplingSpec::Independent);
        let again = Study::parse(&study.to_toml().unwrap(), "again.toml", &[]).unwrap();
        assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
    }
    let json = study(r#"sampling = "sobol""#).unwrap().to_json().unwrap();
    assert_eq!(json["study"]["sampling"], serde_json::json!({ "method": "sobol", "sets": 16, "nodes": 256 }));
}

#[test]
fn control_variates_are_read_and_written_back() {
    let study = study(r#"control_variates = ["ETH", "sqrt( ETH )"]"#).unwrap();
    let eth: Symbol = "ETH".parse().unwrap();
    assert_eq!(study.spec().control_variates, [ControlVariate::price(eth.clone()), ControlVariate::root_of_price(eth)]);
    let years = 10.0 / 365.0;
    let [mean, root] = study.control_means() else { panic!("two means") };
    assert!((mean / (2000.0 * f64::exp(0.1 * years)) - 1.0).abs() < 1e-14);
    assert!((root / (2000.0_f64.sqrt() * f64::exp((0.05 - 0.08) * years)) - 1.0).abs() < 1e-14);
    let json = study.to_json().unwrap();
    assert_eq!(json["study"]["control_variates"], serde_json::json!(["ETH", "sqrt(ETH)"]));
}

/// The problem stands where the number of paths does, in the file or behind `--set`; the example is the next number that would do.
#[test]
fn paths_that_are_no_groups() {
    let of = |paths: &str, setting: &str| {
        let text = STUDY.replacen("[study]\npaths     = 10_000\n", &format!("[study]\n{setting}\npaths = {paths}\n"), 1);
        let error = Study::parse(&text, "sampled.toml", &[]).unwrap_err().to_string();
        assert!(error.contains("sampled.toml:4:9") && error.contains("key: study.paths"), "{error}");
        error
    };
    let error = of("10_001", r#"sampling = "antithetic""#);
    assert!(error.contains("antithetic paths come in pairs") && error.contains("paths = 10002"), "{error}");
    let error = of("10_001", r#"sampling = "sobol""#);
    assert!(error.contains("no 16 sets of equal size") && error.contains("paths = 10016"), "{error}");
    of("1", r#"sampling = "antithetic""#);
    of("4_294_967_295", r#"sampling = "stratified""#);
    let text = STUDY.replacen("[study]\n", "[study]\nsampling = \"stratified\"\n", 1);
    let error = Study::parse(&text, "sampled.toml", &["study.paths=10"]).unwrap_err().to_string();
    assert!(error.contains("--> --set study.paths=10"), "{error}");
}

#[test]
fn what_is_wrong_with_a_sampling() {
    let (message, key, _) = wrong(r#"sampling = "sobel""#);
    assert!(message.contains("sobel") && key == "study.sampling", "{message}");
    let (message, key, _) = wrong(r#"sampling = { method = "antithetic", sets = 16 }"#);
    assert!(message.contains("unknown key `sets`") && key == "study.sampling.sets", "{message}");
    let (message, key, _) = wrong(r"sampling = { sets = 16 }");
    assert!(message.contains("missing key `method`") && key == "study.sampling.method", "{message}");
    let (message, key, example) = wrong(r#"sampling = { method = "sobol", nodes = 100 }"#);
    assert!(message.contains("nodes") && key == "study.sampling.nodes" && example == "nodes = 256", "{message}");
    let (_, key, _) = wrong(r#"sampling = { method = "sobol", nodes = 8192 }"#);
    assert_eq!(key, "study.sampling.nodes");
    let (message, key, example) = wrong(r#"sampling = { method = "stratified", sets = 1 }"#);
    assert!(message.contains("sets") && key == "study.sampling.sets" && example == "sets = 16", "{message}");
}

#[test]
fn what_is_wrong_with_a_control_variate() {
    let (message, key, _) = wrong(r#"control_variates = ["BTC"]"#);
    assert!(message.contains("there is no token `BTC`") && key == "study.control_variates[0]", "{message} {key}");
    let (message, key, _) = wrong(r#"control_variates = ["ETH", "USDC"]"#);
    assert!(message.contains("numeraire") && key == "study.control_variates[1]", "{message}");
    let (message, ..) = wrong(r#"control_variates = ["ETH", "ETH"]"#);
    assert!(message.contains("already"), "{message}");
    let (message, ..) = wrong(r#"control_variates = ["CAKE"]"#);
    assert!(message.contains("CAKE") && message.contains("closed form"), "{message}");
    let (message, ..) = wrong(r#"control_variates = ["STETH"]"#);
    assert!(message.contains("in another token"), "{message}");
    let (message, ..) = wrong(r#"control_variates = ["ln(ETH)"]"#);
    assert!(!message.is_empty());
    let (message, key, _) = wrong("sampling = { method = \"sobol\", sets = 4 }\ncontrol_variates = [\"ETH\", \"sqrt(ETH)\"]");
    assert!(message.contains("4 groups") && key == "study.control_variates", "{message}");
}

/// Prices without normals by the block have nothing to be sampled.
#[test]
fn prices_that_cannot_be_sampled() {
    let constant = |setting: &str| {
        let text = STUDY.replacen("[study]\n", &format!("[study]\n{setting}\n"), 1);
        let (before, after) = text.split_once("[tokens.ETH]").unwrap();
        let (_, cake) = after.split_once("[tokens.CAKE]").unwrap();
        let eth = "[tokens.ETH]\ndecimals = 18\nprice = { process = \"constant\", initial = \"2000 USDC\" }\n";
        Study::parse(&format!("{before}{eth}[tokens.CAKE]{cake}"), "sampled.toml", &[])
    };
    for setting in [r#"sampling = "sobol""#, r#"sampling = "stratified""#] {
        let error = constant(setting).unwrap_err().to_string();
        assert!(error.contains("no price has a diffusion") && error.contains("sampled.toml:3:"), "{error}");
    }
    // A garch price has normals by the interval: they can be mirrored.
    assert!(constant(r#"sampling = "antithetic""#).is_ok());
    assert!(constant("").is_ok());
}
