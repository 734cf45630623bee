//! A world for the tests of farms, lending markets and risks: two chains, pools of three families, and a position that holds.

use crate::Study;

pub(super) const WORLD: &str = r#"schema = 1
[study]
paths = 4
horizon = "10d"
numeraire = "USDC"
[chains.bsc]
block_time = "1h"
native = "ETH"
gas_price = "5 gwei"
[chains.base]
block_time = "1h"
native = "ETH"
[tokens.ETH]
decimals = 18
price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" }
[tokens.CAKE]
decimals = 18
price = { process = "gbm", initial = "2.5 USDC", drift = "0%", volatility = "80%" }
[tokens.USDC]
decimals = 6
[tokens.POINTS]
decimals = 0
[pools]
v2 = { kind = "uniswap-v2", chain = "bsc", tokens = ["ETH", "USDC"], tvl = "10_000_000 USDC" }
v3 = { kind = "uniswap-v3", chain = "bsc", tokens = ["ETH", "USDC"], fee = "30bp", tvl = "10_000_000 USDC" }
cake = { kind = "uniswap-v2", chain = "bsc", tokens = ["CAKE", "USDC"], tvl = "1_000_000 USDC" }
far = { kind = "uniswap-v2", chain = "base", tokens = ["ETH", "USDC"], tvl = "10_000_000 USDC" }
[[positions]]
name = "hold"
strategy = "hold"
tokens = ["ETH"]
deposit = "1_000 USDC"
"#;
const WORLD_LINES: i64 = 32;

pub(super) fn parse(tables: &str) -> Result<Study, String> {
    assert_eq!(i64::try_from(WORLD.lines().count()).unwrap(), WORLD_LINES);
    Study::parse(&format!("{WORLD}{tables}"), "study.toml", &[]).map_err(|error| error.to_string())
}

/// A study that is read, and comes out of its resolved form as it went in.
pub(super) fn accepted(tables: &str) -> Study {
    let study = parse(tables).unwrap_or_else(|error| panic!("{tables}\n{error}"));
    let toml = study.to_toml().unwrap();
    let again = Study::parse(&toml, "study.toml", &[]).unwrap_or_else(|error| panic!("{toml}\n{error}"));
    assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
    study
}

/// Check the message, the key, the place by line (counted from the first of these tables) and column, and that there is help.
pub(super) fn refused(tables: &str, place: &str, key: &str, message: &str) {
    let text = parse(tables).expect_err(tables);
    let (line, column) = place.split_once(':').unwrap();
    let line = WORLD_LINES + line.parse::<i64>().unwrap();
    for part in [message, &format!("--> study.toml:{line}:{column}\n"), &format!("= key: {key}\n"), "= expected: ", "= example: "] {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
}

/// A table of these keys, one a line, with the line of the same key as `change` replaced by it, or `change` added.
pub(super) fn table(header: &str, keys: &[&str], change: &str) -> String {
    let name = |line: &str| line.split(['=', ' ']).next().unwrap_or_default().to_owned();
    let mut lines: Vec<&str> = keys.to_vec();
    match lines.iter().position(|line| name(line) == name(change)) {
        _ if change.is_empty() => {}
        Some(place) => lines[place] = change,
        None => lines.push(change),
    }
    format!("{header}\n{}\n", lines.join("\n"))
}
