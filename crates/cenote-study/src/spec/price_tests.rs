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

/// Events that befall both, and a peg.
const EVENTS: &str = r#"schema = 1
[study]
horizon = "30d"
numeraire = "USDC"
paths = 100

[chains.main]
block_time = "1h"
native = "ETH"

[events.crash]
rate = "2 per year"

[tokens.ETH]
decimals = 18
price = { process = "merton", initial = "2000 USDC", drift = "0%", volatility = "80%", jumps = { shared = "crash", probability = "80%", mean = "-30%", deviation = "10%" } }

[tokens.SOL]
decimals = 9
price = { process = "kou", initial = "100 USDC", drift = "0%", volatility = "80%", jumps = { shared = "crash", up_probability = "10%", up_mean = "5%", down_mean = "40%" } }

[tokens.DAI]
decimals = 18
price = { process = "peg", initial = "1 USDC", reversion_half_life = "12h", volatility = "2%", depeg = { shared = "crash", probability = "10%", size = "5%" } }

[tokens.USDC]
decimals = 6

[[positions]]
name = "hold"
strategy = "hold"
tokens = ["ETH", "SOL", "DAI"]
deposit = "1_000 USDC"
"#;

/// Line and column of the last place where a text has a piece.
fn place_of(text: &str, piece: &str) -> String {
    let before = &text[..text.rfind(piece).unwrap_or_else(|| panic!("{piece:?} is not in\n{text}"))];
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    format!("{}:{}", before.matches('\n').count() + 1, before[line..].chars().count() + 1)
}

/// The message about the events with one piece of the text replaced is at `at`.
#[track_caller]
fn refused_events(old: &str, new: &str, at: &str, parts: &[&str]) {
    assert_eq!(EVENTS.matches(old).count(), 1, "{old:?} is there once");
    let text = EVENTS.replacen(old, new, 1);
    let message = parse(&text).expect_err(new).to_string();
    let place = place_of(&text, at);
    assert!(message.contains(&format!("--> study.toml:{place}\n")), "{new:?} should be at {place}:\n{message}");
    for part in parts.iter().chain(&["= expected: ", "= example: "]) {
        assert!(message.contains(part), "{part:?} is missing:\n{message}");
    }
}

#[test]
fn events_are_shared() {
    let study = parse(EVENTS).unwrap();
    let json = study.to_json().unwrap();
    assert_eq!(json["events"], json!({ "crash": { "rate": "2 per year" } }));
    assert_eq!(
        json["tokens"]["ETH"]["price"]["jumps"],
        json!({ "shared": "crash", "probability": "80%", "mean": "-30%", "deviation": "10%" })
    );
    assert_eq!(json["tokens"]["SOL"]["price"]["jumps"]["probability"], "100%");
    let again = parse(&study.to_toml().unwrap()).unwrap();
    assert_eq!(again.to_json().unwrap(), json);
    // The compensator is that of the jumps there are: 80% of two a year.
    let own = EVENTS.replacen("shared = \"crash\", probability = \"80%\"", "rate = \"1.6 per year\"", 1);
    let [shared, own] = [study, parse(&own).unwrap()].map(|study| format!("{:?}", study.prices()[0].1));
    let drift = |text: &str| text.split("log_drift: ").nth(1).unwrap().split(',').next().unwrap().to_owned();
    assert_eq!(drift(&shared), drift(&own));
}

#[test]
fn events_that_make_no_sense_are_refused() {
    let shared = "shared = \"crash\", probability = \"80%\"";
    refused_events(shared, "shared = \"crush\"", "\"crush\"", &["there is no event `crush`", "did you mean `crash`?"]);
    refused_events("\"80%\", mean", "\"180%\", mean", "\"180%\", mean", &["from 0% to 100%"]);
    refused_events("\"80%\", mean", "\"-80%\", mean", "\"-80%\", mean", &["from 0% to 100%"]);
    let own = "rate = \"1 per year\", probability = \"80%\"";
    refused_events(shared, own, "probability = \"80%\"", &["taking part in shared events"]);
    let both = "shared = \"crash\", rate = \"1 per year\"";
    refused_events(shared, both, "shared = \"crash\", rate", &["`rate` and `shared` exclude each other"]);
    refused_events("shared = \"crash\", probability = \"10%\", ", "", "{ size", &["missing key `rate` or `shared`"]);
    refused_events("\"2 per year\"", "\"1 per second\"", "\"1 per second\"", &["at most 1,000,000 events per year"]);
    refused_events("rate = \"2 per year\"", "often = \"2 per year\"", "often", &["unknown key `often`"]);
}

/// A folder with hourly files of 100 rows, `late.csv` an hour later than the others.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, factor, start) in [("eth.csv", 7, 0), ("btc.csv", 11, 0), ("late.csv", 5, 1)] {
        let row = |hour: u64| format!("{},{}\n", 1_700_006_400 + 3600 * (start + hour), 100 + factor * hour * hour % 13);
        let rows: String = (0..100).map(row).collect();
        std::fs::write(folder.path().join(name), format!("timestamp,close\n{rows}")).unwrap();
    }
    folder
}

fn joint_study(folder: &tempfile::TempDir, eth: &str, btc: &str) -> Result<Study, String> {
    let text = format!(
        "schema = 1\n[study]\nhorizon = \"30d\"\nnumeraire = \"USDC\"\npaths = 100\n[chains.main]\nblock_time = \"600s\"\nnative = \
         \"ETH\"\n[tokens.USDC]\ndecimals = 6\n[tokens.ETH]\ndecimals = 18\nprice = {{ initial = \"2000 USDC\", {eth} }}\n[tokens.BTC]\n\
         decimals = 8\nprice = {{ initial = \"60000 USDC\", {btc} }}\n[[positions]]\nname = \"hold\"\nstrategy = \"hold\"\ntokens = \
         [\"ETH\", \"BTC\"]\ndeposit = \"1_000 USDC\"\n"
    );
    let file = folder.path().join("study.toml");
    Study::parse(&text, file.to_str().unwrap(), &[]).map_err(|error| error.to_string())
}

#[test]
fn bootstraps_are_joint() {
    let folder = folder();
    let boot = |file: &str, blocks: &str, joint: &str| {
        format!("process = \"stationary-bootstrap\", file = \"{file}\", mean_block = \"{blocks}\", joint = \"{joint}\"")
    };
    let eth = boot("eth.csv", "5h", "markets");
    let study = joint_study(&folder, &eth, &boot("btc.csv", "5h", "markets")).unwrap();
    assert_eq!(study.to_json().unwrap()["tokens"]["ETH"]["price"]["joint"], "markets");
    // The steps inside an hour have the correlation of the files.
    let scenario = study.scenario(crate::PoolLane::Fast, false).unwrap();
    let correlation = scenario.correlations[0].value;
    assert!(scenario.correlations.len() == 1 && correlation != 0.0 && correlation.abs() < 1.0, "{correlation}");
    let refused = |btc: String, key: &str, parts: &[&str]| {
        let message = joint_study(&folder, &eth, &btc).unwrap_err();
        let shown = message.lines().find(|line| line.starts_with("16 |")).unwrap_or_else(|| panic!("{message}"));
        let place = format!("study.toml:16:{}\n", shown.find(key).unwrap() - "16 | ".len() + 1);
        for part in parts.iter().chain(&[&*place, "= expected: ", "= example: "]) {
            assert!(message.contains(part), "{part:?} is missing:\n{message}");
        }
    };
    let markets = "\"markets\"";
    let late = [
        "\"late.csv\" and \"eth.csv\" cannot be resampled jointly",
        "at row 1: 2023-11-15 01:00:00 here, 2023-11-15 00:00:00 there",
    ];
    refused(boot("late.csv", "5h", "markets"), markets, &late);
    let blocks = "BTC has stationary-bootstrap with mean_block = \"6h\", ETH has stationary-bootstrap with mean_block = \"5h\"";
    refused(boot("btc.csv", "6h", "markets"), markets, &[blocks]);
    let circular = boot("btc.csv", "5h", "markets").replace("stationary", "circular").replace("mean_block", "block");
    refused(circular, markets, &["their blocks do not go together"]);
    let alone = joint_study(&folder, &eth, &boot("btc.csv", "5h", "market")).unwrap_err();
    assert!(alone.contains("is alone in") && alone.contains("= expected: the same `joint`"), "{alone}");
    // With shocks on top it is joint all the same.
    let shocked = format!("{}, shocks = [{{ at = \"1d\", size = \"-10%\" }}]", boot("btc.csv", "5h", "markets"));
    assert_eq!(joint_study(&folder, &eth, &shocked).unwrap().scenario(crate::PoolLane::Fast, false).unwrap().correlations.len(), 1);
}
