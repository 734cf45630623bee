//! Several prices: which token each is in, and which move together.

use cenote_units::Symbol;
use serde_json::json;

use crate::{Study, StudyError};

/// Line numbers below count from its first line.
const STUDY: &str = r#"schema = 1
[study]
horizon = "30d"
numeraire = "USDC"
paths = 100

[chains.main]
block_time = "1h"
native = "ETH"

[tokens.stETH]
decimals = 18
price = { process = "exp-ou", initial = "0.95 ETH", mean = "1 ETH", half_life = "10d", volatility = "2%" }

[tokens.ETH]
decimals = 18
price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" }

[tokens.USDC]
decimals = 6

[tokens.BTC]
decimals = 8
price = { process = "gbm", initial = "60_000 USDC", drift = "0%", volatility = "60%" }

[correlations]
"BTC,ETH" = 0.7
"BTC,stETH" = -0.1

[[positions]]
name = "hold"
strategy = "hold"
tokens = ["ETH", "stETH", "BTC"]
deposit = "1_000 USDC"
"#;

fn parse(text: &str) -> Result<Study, StudyError> {
    Study::parse(text, "study.toml", &[])
}

fn symbol(text: &str) -> Symbol {
    text.parse().unwrap()
}

/// The message about the study with one piece of its text replaced.
#[track_caller]
fn refused(old: &str, new: &str, place: &str, parts: &[&str]) {
    assert_eq!(STUDY.matches(old).count(), 1, "{old:?} is there once");
    let message = parse(&STUDY.replacen(old, new, 1)).expect_err(new).to_string();
    assert!(message.contains(&format!("--> study.toml:{place}\n")), "{new:?} should be at {place}:\n{message}");
    for part in parts.iter().chain(&["= expected: ", "= example: "]) {
        assert!(message.contains(part), "{part:?} is missing:\n{message}");
    }
}

#[test]
fn a_price_in_another_token_is_a_product() {
    let study = parse(STUDY).unwrap();
    assert_eq!(study.initial_price(&symbol("stETH")), Some(0.95 * 2000.0));
    let chain = STUDY.replace("60_000 USDC", "30 stETH");
    assert_eq!(parse(&chain).unwrap().initial_price(&symbol("BTC")), Some(30.0 * (0.95 * 2000.0)));
    let again = parse(&study.to_toml().unwrap()).unwrap();
    assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
    assert_eq!(study.to_json().unwrap()["correlations"], json!({ "BTC,ETH": 0.7, "BTC,stETH": -0.1 }));
    // What is not there is not shown.
    assert_eq!(
        parse(&STUDY.replace("[correlations]\n\"BTC,ETH\" = 0.7\n\"BTC,stETH\" = -0.1\n", ""))
            .unwrap()
            .to_json()
            .unwrap()
            .get("correlations"),
        None
    );
}

#[test]
fn a_price_that_leads_nowhere_is_refused() {
    refused("2000 USDC", "2000 USDT", "17:38", &["there is no token `USDT`", "did you mean `USDC`?"]);
    refused("2000 USDC", "2000 ETH", "17:38", &["never comes to the numeraire: ETH in ETH"]);
    refused("2000 USDC", "2000 stETH", "17:38", &["stETH in ETH, ETH in stETH", "a price in USDC, or"]);
    refused("60_000 USDC", "0 USDC", "24:38", &["a price of zero"]);
    refused(
        "price = { process = \"gbm\", initial = \"2000 USDC\", drift = \"0%\", volatility = \"80%\" }\n",
        "",
        "13:41",
        &["ETH has no price, but another price is in it"],
    );
}

#[test]
fn a_correlation_that_makes_no_sense_is_refused() {
    refused("\"BTC,ETH\" = 0.7", "\"BTC\" = 0.7", "27:1", &["one of two tokens", "\"ETH,BTC\" = 0.7"]);
    refused("\"BTC,ETH\" = 0.7", "\"BTC,ET H\" = 0.7", "27:1", &["two tokens with a comma"]);
    refused("\"BTC,ETH\" = 0.7", "\"BTC,SOL\" = 0.7", "27:1", &["there is no token `SOL`"]);
    refused("\"BTC,ETH\" = 0.7", "\"ETH,ETH\" = 0.7", "27:1", &["with itself is 1"]);
    refused("\"BTC,stETH\" = -0.1", "\"ETH,BTC\" = -0.1", "28:1", &["a correlation already: `\"BTC,ETH\" = 0.7`"]);
    refused("\"BTC,ETH\" = 0.7", "\"BTC,ETH\" = 1.7", "27:13", &["a number from -1 to 1", "found: 1.7"]);
    refused("\"BTC,ETH\" = 0.7", "\"BTC,ETH\" = \"70%\"", "27:13", &["expected a number"]);
    refused("\"BTC,ETH\" = 0.7", "\"BTC,USDC\" = 0.7", "27:1", &["the price of USDC has no diffusion"]);
    let constant = "{ process = \"constant\", initial = \"60_000 USDC\" }";
    let btc = "{ process = \"gbm\", initial = \"60_000 USDC\", drift = \"0%\", volatility = \"60%\" }";
    refused(btc, constant, "27:1", &["the price of BTC has no diffusion", "joint"]);
    let garch = btc.replace("gbm", "garch").replace(" }", ", interval = \"1d\", alpha = 0.1, beta = 0.8 }");
    refused(btc, &garch, "27:1", &["BTC has a normal for each interval of 1d, ETH one for each block"]);
}

#[test]
fn correlations_that_exclude_one_another_come_with_the_nearest_that_do_not() {
    let more = "\"BTC,stETH\" = 0.9\n\"ETH,stETH\" = -0.9";
    refused("\"BTC,stETH\" = -0.1", more, "29:15", &["\"ETH,stETH\"", "(Higham 2002)"]);
    let message = parse(&STUDY.replace("\"BTC,stETH\" = -0.1", more)).unwrap_err().to_string();
    let nearest = message.lines().find_map(|line| line.trim().strip_prefix("= example: ")).unwrap();
    // The example can be pasted.
    let pasted = STUDY
        .replace("[correlations]\n\"BTC,ETH\" = 0.7\n\"BTC,stETH\" = -0.1\n", "")
        .replace("schema = 1\n", &format!("schema = 1\n{nearest}\n"));
    let study = parse(&pasted).unwrap();
    assert_eq!(study.spec().correlations.len(), 3);
    assert!(study.spec().correlations.iter().all(|pair| pair.value != 0.0 && pair.value.abs() < 0.9), "{nearest}");
}

#[test]
fn garch_prices_of_one_interval_can_be_correlated() {
    let garch = |volatility: &str| {
        format!(
            "{{ process = \"garch\", initial = \"60 USDC\", drift = \"0%\", volatility = \"{volatility}\", interval = \"1d\", alpha = 0.1, beta = 0.8 }}"
        )
    };
    let text = STUDY
        .replace("\"BTC,stETH\" = -0.1\n", "")
        .replace("{ process = \"gbm\", initial = \"2000 USDC\", drift = \"0%\", volatility = \"80%\" }", &garch("80%"))
        .replace("{ process = \"gbm\", initial = \"60_000 USDC\", drift = \"0%\", volatility = \"60%\" }", &garch("60%"));
    parse(&text).unwrap();
}
