//! Processes from study files: how they are spelled, what becomes of them, and what is said about wrong ones.

use serde_json::{Value, json};

use crate::Study;

fn study(price: &str) -> Result<Study, String> {
    let text = format!(
        "schema = 1\n[study]\nhorizon = \"30d\"\nnumeraire = \"USDC\"\npaths = 100\n\n[chains.main]\nblock_time = \"1h\"\nnative = \
         \"ETH\"\n\n[tokens.USDC]\ndecimals = 6\n\n[tokens.ETH]\ndecimals = 18\nprice = {price}\n\n[[positions]]\nname = \
         \"hold\"\nstrategy = \"hold\"\ntokens = [\"ETH\", \"USDC\"]\ndeposit = \"1_000 USDC\"\n"
    );
    Study::parse(&text, "study.toml", &[]).map_err(|error| error.to_string())
}

/// The process of a resolved study, after checking that it reads back as itself.
#[track_caller]
fn resolved(price: &str) -> Value {
    let study = study(price).unwrap_or_else(|error| panic!("{error}"));
    let value = study.to_json().unwrap()["tokens"]["ETH"]["price"].clone();
    let again = self::study(&toml_of(&value)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.to_json().unwrap()["tokens"]["ETH"]["price"], value);
    value
}

/// JSON in TOML's spelling.
fn toml_of(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(key, value)| format!("{key:?} = {}", toml_of(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(values) => format!("[{}]", values.iter().map(toml_of).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// The error of a wrong process names the key and says these things.
#[track_caller]
fn refused(price: &str, key: &str, says: &[&str]) {
    let error = study(price).unwrap_err();
    let dot = if key.is_empty() { "" } else { "." };
    let key = format!("= key: tokens.ETH.price{dot}{key}");
    assert!(error.lines().any(|line| line.trim() == key), "{error}");
    for text in says {
        assert!(error.contains(text), "{text:?} is not in\n{error}");
    }
}

const MERTON: &str = r#"{ process = "merton", initial = "2.5 USDC", drift = "-40%", volatility = "95%", jumps = { rate = "6 per year", mean = "-8%", deviation = "12%" } }"#;

#[test]
fn merton() {
    let expected = json!({
        "process": "merton", "initial": "2.5 USDC", "drift": "-40% per year", "volatility": "95% per sqrt year",
        "jumps": { "rate": "6 per year", "mean": "-8%", "deviation": "12%" }
    });
    assert_eq!(resolved(MERTON), expected);
    let log = resolved(&MERTON.replace("drift", "log_drift"));
    assert_eq!((&log["log_drift"], &log["drift"]), (&json!("-40% per year"), &Value::Null));
    refused(&MERTON.replace("rate =", "rates ="), "jumps.rates", &["did you mean `rate`?"]);
    refused(&MERTON.replace("mean = \"-8%\", ", ""), "jumps.mean", &["missing key `mean`"]);
    refused(&MERTON.replace("12%", "-12%"), "jumps.deviation", &["from 0% to 500%", "got -0.12"]);
    refused(&MERTON.replace("\"6 per year\"", "6"), "jumps.rate", &["study.toml:"]);
    refused(&MERTON.replace("6 per year", "1 per second"), "jumps.rate", &["jumps per year"]);
    refused(&MERTON.replace(", jumps = { rate = \"6 per year\", mean = \"-8%\", deviation = \"12%\" }", ""), "jumps", &["missing"]);
}

#[test]
fn ou_and_exp_ou() {
    let text = r#"{ process = "exp-ou", initial = "2000 USDC", mean = "2100 USDC", half_life = "7d", volatility = "60%" }"#;
    let expected = json!({
        "process": "exp-ou", "initial": "2000 USDC", "mean": "2100 USDC", "half_life": "7d", "volatility": "60% per sqrt year"
    });
    assert_eq!(resolved(text), expected);
    assert_eq!(resolved(&text.replace("mean = \"2100 USDC\", ", ""))["mean"], Value::Null);
    let arithmetic = text.replace("exp-ou", "ou").replace("60%", "10%");
    assert_eq!(resolved(&arithmetic)["process"], "ou");
    refused(&text.replace("7d", "0s"), "half_life", &["longer than 0s"]);
    refused(&text.replace("2100 USDC", "1 ETH"), "mean", &["a price in USDC", "1 ETH"]);
    refused(&text.replace("2100 USDC", "0 USDC"), "mean", &["above zero"]);
    refused(&text.replace("exp-ou", "ou").replace("60%", "160%"), "volatility", &["could become negative", "exp-ou"]);
    refused(&text.replace("half_life", "halflife"), "halflife", &["did you mean `half_life`?"]);
}

#[test]
fn peg() {
    let text = r#"{ process = "peg", initial = "1 USDC", reversion_half_life = "12h", volatility = "2%", depeg = { rate = "0.2 per year", size = "10%", recovery = { probability = "70%", half_life = "2d" } } }"#;
    let expected = json!({
        "process": "peg", "initial": "1 USDC", "reversion_half_life": "12h", "volatility": "2% per sqrt year",
        "depeg": { "rate": "0.2 per year", "size": "10%", "recovery": { "probability": "70%", "half_life": "2d" } }
    });
    assert_eq!(resolved(text), expected);
    assert_eq!(
        resolved(r#"{ process = "peg", initial = "1 USDC", reversion_half_life = "12h", volatility = "2%" }"#)["depeg"],
        Value::Null
    );
    refused(&text.replace("10%", "100%"), "depeg.size", &["less than 100%"]);
    refused(&text.replace("70%", "170%"), "depeg.recovery.probability", &["from 0% to 100%"]);
    refused(&text.replace("2d", "0s"), "depeg.recovery.half_life", &["longer than 0s"]);
    refused(&text.replace("12h", "0s"), "reversion_half_life", &["longer than 0s"]);
    refused(&text.replace("size", "siz"), "depeg.siz", &["did you mean `size`?"]);
}

#[test]
fn kou() {
    let text = r#"{ process = "kou", initial = "2000 USDC", drift = "0%", volatility = "50%", jumps = { rate = "20 per year", up_probability = "40%", up_mean = "4%", down_mean = "5%" } }"#;
    let expected = json!({
        "process": "kou", "initial": "2000 USDC", "drift": "0% per year", "volatility": "50% per sqrt year",
        "jumps": { "rate": "20 per year", "up_probability": "40%", "up_mean": "4%", "down_mean": "5%" }
    });
    assert_eq!(resolved(text), expected);
    refused(&text.replace("\"4%\"", "\"100%\""), "jumps.up_mean", &["below 100%"]);
    refused(&text.replace("\"5%\"", "\"-5%\""), "jumps.down_mean", &["above 0%"]);
    refused(&text.replace("\"40%\"", "\"140%\""), "jumps.up_probability", &["from 0% to 100%"]);
    refused(&text.replace("up_mean = \"4%\", ", ""), "jumps.up_mean", &["missing key"]);
}

#[test]
fn heston() {
    let text = r#"{ process = "heston", initial = "2000 USDC", drift = "0%", initial_volatility = "80%", long_run_volatility = "70%", half_life = "60d", volatility_of_variance = "150%", correlation = -0.5 }"#;
    let expected = json!({
        "process": "heston", "initial": "2000 USDC", "drift": "0% per year", "initial_volatility": "80% per sqrt year",
        "long_run_volatility": "70% per sqrt year", "half_life": "60d", "volatility_of_variance": "150% per year",
        "correlation": -0.5
    });
    assert_eq!(resolved(text), expected);
    assert_eq!(resolved(&text.replace("initial_volatility = \"80%\", ", ""))["initial_volatility"], Value::Null);
    refused(&text.replace("-0.5", "-1.5"), "correlation", &["from -1 to 1"]);
    refused(&text.replace("-0.5", "\"-50%\""), "correlation", &["expected a number"]);
    refused(&text.replace("150%", "0%"), "volatility_of_variance", &["above 0%"]);
    refused(&text.replace("70%", "0%"), "long_run_volatility", &["above 0%"]);
    refused(&text.replace("drift = \"0%\"", "drift = \"0%\", log_drift = \"0%\""), "log_drift", &["exclude each other"]);
}

#[test]
fn garch() {
    let text = r#"{ process = "garch", initial = "2000 USDC", drift = "0%", volatility = "80%", interval = "1d", alpha = 0.08, beta = 0.9 }"#;
    let expected = json!({
        "process": "garch", "initial": "2000 USDC", "drift": "0% per year", "volatility": "80% per sqrt year",
        "interval": "1d", "alpha": 0.08, "beta": 0.9
    });
    assert_eq!(resolved(text), expected);
    refused(&text.replace("0.9", "0.92"), "beta", &["less than 1 - alpha"]);
    refused(&text.replace("0.08", "-0.08"), "alpha", &["from 0 to less than 1"]);
    refused(&text.replace("1d", "0s"), "interval", &["longer than 0s"]);
    refused(&text.replace("\"1d\"", "1"), "interval", &["has no unit"]);
}

#[test]
fn circular_bootstrap() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prices.csv");
    let rows: Vec<String> = (0..60).map(|day| format!("{},{}", 1_700_000_000 + 86_400 * day, 100 + day % 7)).collect();
    std::fs::write(&file, format!("timestamp,close\n{}\n", rows.join("\n"))).unwrap();
    let text = format!(
        "{{ process = \"circular-bootstrap\", file = {:?}, block = \"3d\", initial = \"5 USDC\" }}",
        file.to_str().unwrap()
    );
    let value = resolved(&text);
    assert_eq!((&value["process"], &value["block"]), (&json!("circular-bootstrap"), &json!("3d")));
    refused(&text.replace("3d", "36h"), "block", &["a whole number of intervals (1d)"]);
    refused(&text.replace("block", "mean_block"), "mean_block", &["did you mean `block`?"]);
}

#[test]
fn variance_gamma() {
    let text = r#"{ process = "variance-gamma", initial = "2000 USDC", log_drift = "5%", volatility = "60%", asymmetry = "-20%", clock_variance = "36.5d" }"#;
    let expected = json!({
        "process": "variance-gamma", "initial": "2000 USDC", "log_drift": "5% per year", "volatility": "60% per sqrt year",
        "asymmetry": "-20% per year", "clock_variance": "876h"
    });
    assert_eq!(resolved(text), expected);
    refused(&text.replace("36.5d", "0s"), "clock_variance", &["longer than 0s"]);
    refused(&text.replace("36.5d", "20y").replace("60%", "90%"), "clock_variance", &["short enough for the price to have a mean"]);
    refused(&text.replace("asymmetry", "symmetry"), "symmetry", &["did you mean `asymmetry`?"]);
}

#[test]
fn regime_switching() {
    let text = r#"{ process = "regime-switching", initial = "2000 USDC", start = "wild", regimes = { calm = { drift = "0%", volatility = "40%", to = { wild = "4 per year" } }, wild = { log_drift = "-10%", volatility = "120%", to = { calm = "10 per year" } } } }"#;
    let expected = json!({
        "process": "regime-switching", "initial": "2000 USDC", "start": "wild",
        "regimes": {
            "calm": { "drift": "0% per year", "volatility": "40% per sqrt year", "to": { "wild": "4 per year" } },
            "wild": { "log_drift": "-10% per year", "volatility": "120% per sqrt year", "to": { "calm": "10 per year" } }
        }
    });
    assert_eq!(resolved(text), expected);
    assert_eq!(resolved(&text.replace("start = \"wild\", ", ""))["start"], Value::Null);
    assert_eq!(resolved(&text.replace(", to = { calm = \"10 per year\" }", ""))["regimes"]["wild"]["to"], Value::Null);
    refused(&text.replace("start = \"wild\"", "start = \"wide\""), "start", &["did you mean `wild`?", "one of calm, wild"]);
    refused(&text.replace("to = { wild", "to = { mild"), "regimes.calm.to.mild", &["unknown regime"]);
    refused(&text.replace("to = { wild", "to = { calm"), "regimes.calm.to.calm", &["to itself"]);
    refused(&text.replace("4 per year", "1 per second"), "regimes", &["jumps per year"]);
    refused(&text.replace("drift = \"0%\", ", ""), "regimes.calm.drift", &["missing key `drift` or `log_drift`"]);
    refused(r#"{ process = "regime-switching", initial = "2000 USDC", regimes = {} }"#, "regimes", &["at least one regime"]);
}

#[test]
fn shocks_on_any_process() {
    for process in [
        r#"process = "constant", initial = "2000 USDC""#,
        r#"process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%""#,
    ] {
        let text =
            format!(r#"{{ {process}, shocks = [{{ at = "10d", size = "-40%", over = "6h" }}, {{ at = "12d", size = "20%" }}] }}"#);
        let value = resolved(&text);
        assert_eq!(
            value["shocks"],
            json!([
                { "at": "10d", "size": "-40%", "over": "6h" }, { "at": "12d", "size": "20%", "over": "0s" }
            ])
        );
        assert_eq!(value["initial"], "2000 USDC");
        refused(&text.replace("20%", "-100%"), "shocks[1].size", &["above -100%"]);
        refused(&text.replace("over", "for"), "shocks[0].for", &["unknown key"]);
        refused(&text.replace("shocks", "shoks"), "shoks", &["did you mean `shocks`?"]);
    }
    assert_eq!(resolved(r#"{ process = "constant", initial = "2000 USDC" }"#)["shocks"], Value::Null);
}
