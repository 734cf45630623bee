//! Agents in study files: read, printed, built, refused.

mod arbitrageurs;
mod flow;
mod informed_traders;
mod noise_traders;
mod whales;

use super::*;
use crate::study::Study;
use crate::{PoolLane, StudyError};

/// A market of three tokens and five pools; agents come behind it.
const MARKET: &str = r#"schema = 1

[study]
horizon   = "2d"
numeraire = "USDC"

[chains.ethereum]
block_time = "1h"
native     = "ETH"
gas_price  = "10 gwei"

[tokens]
ETH  = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" } }
BTC  = { decimals = 8, price = { process = "gbm", initial = "30000 USDC", drift = "0%", volatility = "60%" } }
DAI  = { decimals = 18, price = { process = "constant", initial = "1 USDC" } }
USDC = { decimals = 6 }

[pools]
main   = { kind = "uniswap-v2", chain = "ethereum", tokens = ["ETH", "USDC"], tvl = "10_000_000 USDC" }
cake   = { kind = "pancakeswap-v2", chain = "ethereum", tokens = ["USDC", "ETH"], tvl = "5_000_000 USDC" }
cross  = { kind = "uniswap-v2", chain = "ethereum", tokens = ["ETH", "BTC"], fee = "5bp", tvl = "8_000_000 USDC" }
bitcoin = { kind = "uniswap-v2", chain = "ethereum", tokens = ["BTC", "USDC"], fee = "5bp", tvl = "8_000_000 USDC" }
stable = { kind = "stableswap", chain = "ethereum", tokens = ["DAI", "USDC"], amplification = 200, fee = "4bp", tvl = "9_000_000 USDC" }

[[agents]]
"#;
/// The line of the file that `[[agents]]` is on.
const LINE: usize = 25;

fn study(agent: &str) -> Result<Study, StudyError> {
    Study::parse(&format!("{MARKET}{agent}\n"), "a.toml", &[])
}

/// An agent that is read, checked, built, printed and read again to the same.
fn agent(agent: &str) -> AgentSpec {
    let study = study(agent).unwrap_or_else(|error| panic!("{error}"));
    study.scenario(PoolLane::Fast, true).unwrap_or_else(|error| panic!("{agent}: {error}"));
    let again = Study::parse(&study.to_toml().unwrap(), "b.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
    assert_eq!(again.spec().agents, study.spec().agents);
    study.spec().agents[0].clone()
}

/// An agent that is refused with a message that says all this, at this line (counted from `[[agents]]`) and column.
fn refused(agent: &str, place: (usize, usize), says: &[&str]) {
    let message = study(agent).expect_err(agent).to_string();
    let place = format!("--> a.toml:{}:{}", LINE + place.0, place.1);
    for part in says.iter().chain(&[place.as_str(), "= expected: ", "= example: "]) {
        assert!(message.contains(part), "{part:?} is missing:\n{message}");
    }
}
