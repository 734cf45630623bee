//! Arbitrageurs, against an outside market and between pools.

use super::*;
use crate::spec::HopSpec;

fn arbitrageur(keys: &str) -> ArbitrageurSpec {
    let AgentKind::Arbitrageur(spec) = agent(&format!("kind = \"arbitrageur\"\npools = [\"main\"]\n{keys}")).kind else {
        panic!("{keys}")
    };
    spec
}

#[test]
fn an_arbitrageur_deals_outside_for_nothing_at_once_and_always_unless_told_otherwise() {
    assert_eq!(arbitrageur(""), ArbitrageurSpec::default());
    let spec = arbitrageur("outside_fee = \"5bp\"\nlatency = \"2 blocks\"\nshare = \"80%\"");
    let expected =
        ArbitrageurSpec { outside_fee: "5bp".parse().unwrap(), latency: LatencySpec::Blocks(2), share: "80%".parse().unwrap() };
    assert_eq!(spec, expected);
    for (text, latency) in [
        ("1 block", LatencySpec::Blocks(1)),
        ("0 blocks", LatencySpec::Blocks(0)),
        ("3600s", LatencySpec::Time("1h".parse().unwrap())),
        ("0s", LatencySpec::NONE),
    ] {
        assert_eq!(arbitrageur(&format!("latency = \"{text}\"")).latency, latency, "{text}");
    }
}

#[test]
fn an_arbitrageur_that_cannot_be_says_where_and_what() {
    let refuse = |keys: &str, place: (usize, usize), says: &[&str]| {
        refused(&format!("kind = \"arbitrageur\"\npools = [\"main\"]\n{keys}"), place, says);
    };
    refuse("outside_fee = 5", (3, 15), &["\"5\" has no unit"]);
    refuse("outside_fee = \"100%\"", (3, 15), &["below 100%"]);
    for latency in ["2", "\"2\"", "\"two blocks\"", "\"-1 blocks\"", "\"2 fortnights\""] {
        refuse(&format!("latency = {latency}"), (3, 11), &["blocks or a duration"]);
    }
    refuse("share = \"101%\"", (3, 9), &["from 0% to 100%"]);
    refuse("shares = \"50%\"", (3, 1), &["did you mean `share`?"]);
    // A latency that nobody could remember is the simulator's to refuse.
    let study = study("kind = \"arbitrageur\"\npools = [\"main\"]\nlatency = \"10_001 blocks\"").unwrap();
    let error = study.scenario(PoolLane::Fast, false).unwrap_err().to_string();
    assert!(error.contains("at most 10,000"), "{error}");
}

/// The cycles of an arbitrageur, as text.
fn cycles_of(keys: &str) -> Vec<String> {
    let text = format!("kind = \"cyclic-arbitrageur\"\n{keys}");
    let agent = agent(&text);
    let AgentKind::CyclicArbitrageur(spec) = &agent.kind else { panic!("{keys}") };
    let cycles = cycles(spec, &agent.pools, study(&text).unwrap().spec(), &KeyPath::root()).unwrap();
    let hop = |hop: &HopSpec| format!("{}>{}>{}", hop.token_in, hop.pool, hop.token_out);
    cycles.iter().map(|cycle| cycle.iter().map(hop).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn pools_make_cycles() {
    for (keys, expected) in [
        ("pools = [\"main\", \"cake\"]", &["USDC>main>ETH ETH>cake>USDC"][..]),
        ("pools = [\"cake\", \"main\"]", &["ETH>cake>USDC USDC>main>ETH"]),
        ("pools = [\"main\", \"cross\", \"bitcoin\"]", &["USDC>main>ETH ETH>cross>BTC BTC>bitcoin>USDC"]),
        ("pools = [\"main\", \"bitcoin\", \"cross\"]", &["ETH>main>USDC USDC>bitcoin>BTC BTC>cross>ETH"]),
        (
            "pools = [\"main\", \"cross\", \"bitcoin\"]\ntokens = [\"USDC\", \"ETH\", \"BTC\"]",
            &["USDC>main>ETH ETH>cross>BTC BTC>bitcoin>USDC"],
        ),
        ("pools = [\"cake\", \"main\"]\ntokens = [\"USDC\", \"ETH\"]", &["USDC>cake>ETH ETH>main>USDC"]),
    ] {
        assert_eq!(cycles_of(keys), expected);
    }
}

#[test]
fn cycles_that_cannot_be_say_where_and_what() {
    let refuse =
        |keys: &str, place: (usize, usize), says: &[&str]| refused(&format!("kind = \"cyclic-arbitrageur\"\n{keys}"), place, says);
    refuse("pools = [\"main\"]", (2, 9), &["a cycle of one pool"]);
    refuse("pools = [\"main\", \"bitcoin\"]", (2, 9), &["pools that make no cycle", "each shares a token with the next"]);
    refuse("pools = [\"main\", \"stable\", \"cross\"]", (2, 9), &["pools that make no cycle"]);
    refuse("pools = [\"main\", \"nowhere\"]", (2, 18), &["there is no pool `nowhere`"]);
    let tokens = |tokens: &str| format!("pools = [\"main\", \"cross\", \"bitcoin\"]\ntokens = [{tokens}]");
    refuse(&tokens("\"USDC\", \"ETH\""), (3, 10), &["2 tokens for 3 pools"]);
    refuse(
        &tokens("\"USDC\", \"BTC\", \"ETH\""),
        (3, 19),
        &["`main` does not trade BTC", "that `main` pays out and `cross` takes"],
    );
    refuse(&tokens("\"USDC\", \"ETH\", \"XYZ\""), (3, 26), &["there is no token `XYZ`"]);
}
