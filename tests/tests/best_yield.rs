//! The strategy that goes where the yield is, end to end: over a bridge, and by what a pool of ranges pays.

use cenote_study::{PoolLane, RunOptions, Study, StudyResult};

/// Loans of USDC on two chains with a bridge between them: 3% here, and 9% of all that is lent out there. `{...}` are filled in.
const TWO_CHAINS: &str = r#"
schema = 1
[study]
paths = PATHS
seed = 5
horizon = "60d"
numeraire = "USDC"
[chains.ethereum]
block_time = "1h"
native = "ETH"
gas_price = "10 gwei"
[chains.base]
block_time = { poisson = "1h" }
native = "ETH"
gas_price = "1 gwei"
[bridges.over]
from = "ethereum"
to = "base"
cost = "COST"
delay = "6h"
failure = "FAILURE"
[bridges.back]
from = "base"
to = "ethereum"
cost = "COST"
delay = "7d"
[tokens.ETH]
decimals = 18
price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "60%" }
[tokens.USDC]
decimals = 6
[pools.main]
kind = "uniswap-v2"
chain = "ethereum"
tokens = ["ETH", "USDC"]
tvl = "10_000_000 USDC"
[lending.here]
kind = "aave-v3"
chain = "ethereum"
token = "USDC"
utilisation = "60%"
rates = { base = "0%", slope1 = "4%", slope2 = "60%", optimal = "90%" }
[lending.there]
kind = "aave-v3"
chain = "base"
token = "USDC"
utilisation = { process = "ou", mean = "92%", half_life = "30d", volatility = "20%" }
rates = { base = "4%", slope1 = "4%", slope2 = "60%", optimal = "90%" }
[[positions]]
name = "best"
strategy = "best-yield"
between = ["lending.here", "lending.there"]
every = "1d"
gas = { deposit = 250_000, withdraw = 250_000, bridge = 150_000 }
deposit = "100_000 USDC"
[[positions]]
name = "stay"
strategy = "lend"
market = "here"
deposit = "100_000 USDC"
"#;

fn two_chains(paths: u32, cost: &str, failure: &str) -> StudyResult {
    let text = TWO_CHAINS.replace("PATHS", &paths.to_string()).replace("COST", cost).replace("FAILURE", failure);
    let study = Study::parse(&text, "two-chains.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
    // The ledger follows every token; a path whose parts do not add up is an error.
    let result = study.run_with(&RunOptions { audit: true, ..RunOptions::default() }).unwrap_or_else(|error| panic!("{error}"));
    for path in [0, 77, 129] {
        let alone = study.replay(path, PoolLane::Fast, Vec::new()).unwrap();
        for (key, alone) in result.layout().keys().iter().zip(alone) {
            let all = result.column(key.subject, &key.name, &key.metric).unwrap();
            assert_eq!(all[path as usize].to_bits(), alone.to_bits(), "{key}");
        }
    }
    result
}

fn mean(result: &StudyResult, name: &str, metric: &str) -> f64 {
    result.position(name, metric).unwrap().mean.mean
}

#[test]
fn it_crosses_a_bridge_when_the_difference_pays_for_it() {
    let result = two_chains(130, "0.05%", "0%");
    let of = |metric: &str| mean(&result, "best", metric);
    // It withdraws, sends, and supplies: 50 USDC for the bridge, and gas on both chains.
    let sent = result.column(cenote_study::Subject::Position, "best", "trading_costs").unwrap();
    assert!(sent.iter().all(|&cost| (49.0..60.0).contains(&cost)), "{sent:?}");
    // Supplied, withdrawn and sent at 10 gwei, supplied at 1 gwei: 650,000 and 250,000 units.
    let gas = 2000.0 * (650e3 * 10e-9 + 250e3 * 1e-9);
    assert!((of("gas") / gas - 1.0).abs() < 0.2, "{} {gas}", of("gas"));
    assert_eq!((of("refused_actions"), of("lost_to_exploit")), (0.0, 0.0));
    assert!(of("interest") > 2.0 * mean(&result, "stay", "interest"), "{}", of("interest"));
    assert!(of("net_return") > mean(&result, "stay", "net_return"));
}

#[test]
fn it_stays_where_the_bridge_costs_more_than_it_gains() {
    for (cost, failure) in [("2%", "0%"), ("0.05%", "2%")] {
        let result = two_chains(130, cost, failure);
        let alike = |metric: &str| (mean(&result, "best", metric) - mean(&result, "stay", metric)).abs() < 1e-9;
        assert!(alike("interest") && alike("trading_costs"), "{cost} {failure}");
    }
}

/// What a bridge loses is booked to it.
#[test]
fn what_a_bridge_loses_is_lost_to_it() {
    let result = two_chains(1_024, "0.01%", "1%");
    let lost = result.position("best", "lost_to.bridges.over").unwrap();
    let whole = result.position("best", "lost_to_exploit").unwrap();
    assert_eq!(lost.mean, whole.mean);
    assert!(lost.max > 99e3, "{}", lost.max);
    let of = |metric| result.position("best", metric).unwrap();
    assert_eq!(of("hit_by.bridges.over").probability_positive.mean, of("lost_to_exploit").probability_positive.mean);
    assert_eq!(of("lost_to.bridges.back").max, 0.0);
}

/// A pool of ranges pays its full range by its trades; a loan pays less. In the exact lane the same is seen.
#[test]
fn fees_of_a_pool_of_ranges_are_seen() {
    let text = r#"
schema = 1
[study]
paths = 2
seed = 5
horizon = "20d"
numeraire = "USDC"
[chains.ethereum]
block_time = "1h"
native = "ETH"
[tokens.ETH]
decimals = 18
price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "20%" }
[tokens.USDC]
decimals = 6
[pools.main]
kind = "KIND"
chain = "ethereum"
tokens = ["ETH", "USDC"]
fee = "30bp"
tvl = "10_000_000 USDC"
[lending.usdc]
kind = "aave-v3"
chain = "ethereum"
token = "USDC"
utilisation = "60%"
rates = { base = "0%", slope1 = "4%", slope2 = "60%", optimal = "90%" }
[[agents]]
kind = "arbitrageur"
pools = ["main"]
[[agents]]
kind = "noise-traders"
pools = ["main"]
arrivals = "RATE per hour"
size = "100_000 USDC"
[[positions]]
name = "best"
strategy = "best-yield"
between = ["lending.usdc", "pools.main"]
every = "1d"
deposit = "1_000 USDC"
"#;
    for kind in ["uniswap-v2", "uniswap-v3", "uniswap-v4"] {
        for (rate, moves) in [("4", true), ("0.001", false)] {
            let text = text.replace("KIND", kind).replace("RATE", rate);
            let study = Study::parse(&text, "fees.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
            for lane in [PoolLane::Fast, PoolLane::Exact] {
                let numbers = study.replay(0, lane, Vec::new()).unwrap();
                let layout = cenote_study::ColumnLayout::of(study.spec());
                let of = |metric| numbers[layout.find(cenote_study::Subject::Position, "best", metric).unwrap()];
                // 4 trades of 100,000 an hour at 30bp on ten million: 105% a year, of which it gets its part for 18 days.
                assert_eq!(of("fees") > 10.0, moves, "{kind} {rate} {lane:?} {}", of("fees"));
                assert_eq!(of("interest") < 0.1, moves, "{kind} {rate} {lane:?}");
            }
        }
    }
}
