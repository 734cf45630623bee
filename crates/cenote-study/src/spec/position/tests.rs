//! Every way to get a strategy wrong, and what is said about it.

use super::*;
use crate::Study;

const WORLD: &str = r#"schema = 1
[study]
paths = 4
horizon = "10d"
numeraire = "USDC"
[chains.ethereum]
block_time = "1h"
native = "ETH"
gas_price = "5 gwei"
[tokens.ETH]
decimals = 18
price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" }
[tokens.USDC]
decimals = 6
[tokens.DAI]
decimals = 18
price = { process = "constant", initial = "1 USDC" }
[tokens.POINTS]
decimals = 0
[pools.v3]
kind = "uniswap-v3"
chain = "ethereum"
tokens = ["ETH", "USDC"]
fee = "30bp"
tvl = "10_000_000 USDC"
[pools.v2]
kind = "uniswap-v2"
chain = "ethereum"
tokens = ["ETH", "USDC"]
fee = "30bp"
tvl = "10_000_000 USDC"
[[positions]]
name = "it"
deposit = "1_000 USDC"
"#;
/// Line of the first of a position's own keys.
const FIRST: i64 = 1 + WORLD_LINES;
const WORLD_LINES: i64 = 34;

fn parse(keys: &str) -> Result<Study, String> {
    Study::parse(&format!("{WORLD}{keys}"), "study.toml", &[]).map_err(|error| error.to_string())
}

/// Check the message, the key, the place by line and column, and what else has to be in the text.
fn refused(keys: &str, place: &str, key: &str, message: &str) {
    let text = parse(keys).expect_err(keys);
    let (line, column) = place.split_once(':').unwrap();
    let line = FIRST - 1 + line.parse::<i64>().unwrap();
    for part in [
        message,
        &format!("--> study.toml:{line}:{column}\n"),
        &format!("= key: positions[0].{key}\n"),
        "= expected: ",
        "= example: ",
    ] {
        assert!(text.contains(part), "{part:?} is missing for {keys:?}:\n{text}");
    }
}

#[test]
fn the_world_is_as_long_as_it_says() {
    assert_eq!(i64::try_from(WORLD.lines().count()), Ok(WORLD_LINES));
}

#[test]
fn everything_at_once_is_read_and_written() {
    let keys = r#"strategy = "recentre"
pool = "v3"
width = { times = 2, over = "7d", window = "3d", initial = "10%", min = "4%", max = "50%" }
bins = 6
shape = "bid-ask"
trigger = { off_centre = "5%" }
enter_with = "USDC"
part = "80%"
dca = { in = "2d", out = "2d", from = "5d", parts = 4 }
compound = "optimal"
stop_loss = "25%"
exit_to = "ETH"
hedge = { token = "ETH", ratio = "90%", band = "5%", every = "1d", fee = "5bp", funding = "-3%" }
gas = { mint = 400_000, collect = 100_000, swap = 150_000 }
"#;
    let study = parse(keys).unwrap();
    let position = &study.spec().positions[0];
    let StrategySpec::Recentre(recentre) = &position.strategy else { panic!("{position:?}") };
    assert_eq!((recentre.bins, recentre.shape), (6, ShapeSpec::BidAsk));
    let management = &position.management;
    assert_eq!(management.dca.unwrap().way_out, Some("2d".parse().unwrap()));
    assert_eq!(management.compound, Some(CompoundSpec::Optimal));
    assert_eq!(CompoundSpec::gas(position), 6 * 500_000 + 150_000);
    assert_eq!(management.hedge.as_ref().unwrap().funding, Some("-3%".parse().unwrap()));
    let again = Study::parse(&study.to_toml().unwrap(), "study.toml", &[]).unwrap();
    assert_eq!(again.spec().positions, study.spec().positions);
    study.run().unwrap();
    // And its parts on other strategies.
    for keys in [
        "strategy = \"range-order\"\npool = \"v3\"\nrange = [\"5%\", \"10%\"]\n",
        "strategy = \"range-order\"\npool = \"v3\"\nrange = [\"2_200 USDC\", \"2_400 USDC\"]\n",
        "strategy = \"portfolio\"\nweights = { ETH = \"30%\", DAI = \"20%\", v2 = \"50%\" }\nenter_with = \"ETH\"\n",
        "strategy = \"portfolio\"\nweights = { ETH = \"50%\", v3 = \"50%\" }\nrebalance = { every = \"1d\" }\ndca = { in = \"3d\", parts = 3 }\n",
        "strategy = \"hold\"\ntokens = [\"ETH\"]\nhedge = { token = \"ETH\", interest = \"3%\" }\n",
        "strategy = \"passive\"\npool = \"v3\"\ncompound = { every = \"1d\" }\n",
        "strategy = \"recentre\"\npool = \"v3\"\nwidth = \"10%\"\ntrigger = \"never\"\n",
    ] {
        let study = parse(keys).unwrap();
        let again = Study::parse(&study.to_toml().unwrap(), "study.toml", &[]).unwrap();
        assert_eq!(again.spec().positions, study.spec().positions, "{keys}");
        study.run().unwrap();
    }
}

#[test]
fn widths_and_bins() {
    let recentre = |rest: &str| format!("strategy = \"recentre\"\npool = \"v3\"\n{rest}\n");
    let by_volatility = |change: &str| {
        let keys = ["times = 2", "over = \"7d\"", "half_life = \"3d\"", "initial = \"10%\"", "min = \"2%\"", "max = \"50%\""];
        let changed = keys.map(|key| if key.split(' ').next() == change.split(' ').next() { change } else { key });
        recentre(&format!("width = {{ {} }}", changed.join(", ")))
    };
    parse(&by_volatility("times = 2.5")).unwrap();
    refused(&recentre("width = \"0%\""), "3:9", "width", "a range without a width");
    refused(&by_volatility("times = 0"), "3:19", "width.times", "a range without a width");
    refused(&by_volatility("over = \"0s\""), "3:29", "width.over", "a volatility over no time");
    refused(&by_volatility("half_life = \"0s\""), "3:47", "width.half_life", "a volatility over no time");
    refused(&by_volatility("min = \"60%\""), "3:89", "width.max", "at least more than at most");
    refused(&by_volatility("initial = \"-1%\""), "3:63", "width.initial", "a range without a width");
    refused(&by_volatility("half_life = \"3d\", window = \"3d\""), "3:53", "width.window", "exclude each other");
    refused(&recentre("width = \"10%\"\nbins = 0"), "4:8", "bins", "so many bins there cannot be");
    refused(&recentre("width = \"500%\"\nbins = 101"), "4:8", "bins", "so many bins there cannot be");
    // 2 ln 1.1 / (60 ln 1.0001) = 31.8.
    refused(&recentre("width = \"10%\"\nbins = 32"), "4:8", "bins", "narrower than the tick spacing");
    parse(&recentre("width = \"10%\"\nbins = 31")).unwrap();
    refused(&recentre("width = \"10%\"\nshape = \"curve\""), "4:1", "shape", "one range has no shape");
    refused(&recentre("width = \"10%\"\nbins = 5\nshape = \"curved\""), "5:9", "shape", "did you mean `curve`?");
    refused(&recentre("width = \"10%\"\ntrigger = \"sometimes\""), "4:11", "trigger", "expected \"out-of-range\", \"never\"");
}

#[test]
fn orders() {
    let order = |range: &str| format!("strategy = \"range-order\"\npool = \"v3\"\nrange = {range}\n");
    refused(&order("[\"-5%\", \"5%\"]"), "3:9", "range", "on both sides of the price");
    refused(&order("\"full\""), "3:9", "range", "on both sides of the price");
    refused(&order("[\"10%\", \"5%\"]"), "3:9", "range", "ends where it begins, or below");
    refused(&order("[\"5%\", \"10%\"]").replace("v3", "v2"), "2:8", "pool", "has no ranges");
    let managed = format!("{}part = \"50%\"\n", order("[\"5%\", \"10%\"]"));
    refused(&managed, "4:1", "part", "takes its whole deposit, at once");
}

#[test]
fn ways_in_and_out() {
    let passive = |rest: &str| format!("strategy = \"passive\"\npool = \"v2\"\n{rest}\n");
    refused(&passive("enter_with = \"DAI\""), "3:14", "enter_with", "pool `v2` does not trade DAI");
    refused(&passive("enter_with = \"ETHER\""), "3:14", "enter_with", "there is no token `ETHER`");
    refused("strategy = \"hold\"\ntokens = [\"ETH\"]\nenter_with = \"ETH\"\n", "3:1", "enter_with", "takes its whole deposit");
    refused(&passive("exit_to = \"ETH\""), "3:1", "exit_to", "never leaves");
    refused(&passive("stop_loss = \"10%\"\nexit_to = \"DAI\""), "4:11", "exit_to", "does not trade DAI");
    refused(&passive("stop_loss = \"110%\""), "3:13", "stop_loss", "a stop loss that cannot be");
    refused(&passive("part = \"0%\""), "3:8", "part", "no part of the deposit");
    refused(&passive("part = \"101%\""), "3:8", "part", "more than the deposit");
    refused(&passive("dca = { parts = 3 }"), "3:7", "dca", "neither in nor out");
    refused(&passive("dca = { in = \"3d\" }"), "3:7", "dca.parts", "missing key `parts`");
    refused(&passive("dca = { in = \"3d\", parts = 1 }"), "3:28", "dca.parts", "takes parts");
    refused(&passive("dca = { in = \"0s\", parts = 3 }"), "3:14", "dca.in", "takes time");
    refused(&passive("dca = { in = \"3d\", from = \"4d\", parts = 3 }"), "3:27", "dca.from", "but not how");
    refused(&passive("dca = { out = \"3d\", parts = 3 }"), "3:7", "dca.from", "but not when");
    refused(
        &passive("dca = { in = \"3d\", out = \"3d\", from = \"2d\", parts = 3 }"),
        "3:39",
        "dca.from",
        "out before all of it is in",
    );
}

#[test]
fn fees_and_hedges() {
    let range = |rest: &str| format!("strategy = \"range\"\npool = \"v3\"\nrange = [\"-5%\", \"5%\"]\n{rest}\n");
    let passive = "strategy = \"passive\"\npool = \"v2\"\ncompound = { every = \"1d\" }\n";
    refused(passive, "3:1", "compound", "put to work already");
    refused(&range("compound = \"optimal\""), "4:12", "compound", "where gas is free");
    refused(&range("compound = \"often\""), "4:12", "compound", "expected \"optimal\"");
    refused(&range("compound = { every = \"0s\" }"), "4:22", "compound.every", "never stops ringing");
    let hedged = |keys: &str| range(&format!("hedge = {{ {keys} }}"));
    refused(&hedged("band = \"5%\""), "4:9", "hedge.token", "missing key `token`");
    refused(&hedged("token = \"BTC\""), "4:19", "hedge.token", "there is no token `BTC`");
    refused(&hedged("token = \"POINTS\""), "4:19", "hedge.token", "POINTS has no price, but it is hedged");
    refused(&hedged("token = \"USDC\""), "4:19", "hedge.token", "its price does not move");
    refused(&hedged("token = \"ETH\", ratio = \"0%\""), "4:34", "hedge.ratio", "a hedge of nothing");
    refused(&hedged("token = \"ETH\", band = \"0%\""), "4:33", "hedge.band", "always off");
    refused(&hedged("token = \"ETH\", every = \"0s\""), "4:34", "hedge.every", "never stops ringing");
    refused(&hedged("token = \"ETH\", funding = \"1%\", interest = \"1%\""), "4:42", "hedge.interest", "exclude each other");
    refused(&hedged("token = \"ETH\", rate = \"1%\""), "4:26", "hedge.rate", "unknown key `rate`");
}

#[test]
fn portfolios() {
    let portfolio = |rest: &str| format!("strategy = \"portfolio\"\n{rest}\n");
    let weights = |weights: &str| portfolio(&format!("weights = {{ {weights} }}"));
    refused(&portfolio(""), "-2:1", "weights", "missing key `weights`");
    refused(&weights("ETH = \"50%\", USDC = \"40%\""), "2:11", "weights", "do not share out the deposit");
    refused(&weights("ETH = \"150%\", USDC = \"-50%\""), "2:11", "weights", "do not share out the deposit");
    refused(&weights(""), "2:11", "weights", "do not share out the deposit");
    refused(
        &weights("ETH = \"50%\", v4 = \"50%\""),
        "2:26",
        "weights.v4",
        "there is no token, pool, farm, lending market or vault `v4`",
    );
    refused(&weights("POINTS = \"100%\""), "2:22", "weights.POINTS", "POINTS has no price");
    let rebalanced = |keys: &str, weights: &str| portfolio(&format!("weights = {{ {weights} }}\nrebalance = {{ {keys} }}"));
    let fine = "ETH = \"50%\", USDC = \"50%\"";
    refused(&rebalanced("", fine), "3:13", "rebalance", "at no time");
    refused(&rebalanced("drift = \"0%\"", fine), "3:23", "rebalance.drift", "always there");
    refused(&rebalanced("drift = \"100%\"", fine), "3:23", "rebalance.drift", "no weight can have");
    refused(&rebalanced("every = \"0s\"", fine), "3:23", "rebalance.every", "never stops ringing");
    refused(&rebalanced("every = \"1d\"", "DAI = \"50%\", v2 = \"50%\""), "2:13", "weights.DAI", "no pool trades DAI");
    refused(&format!("{}enter_with = \"DAI\"\n", weights(fine)), "3:14", "enter_with", "no pool trades DAI");
    refused(&format!("{}stop_loss = \"10%\"\n", weights(fine)), "3:1", "stop_loss", "only a position in a pool");
    let out = format!("{}dca = {{ out = \"3d\", from = \"3d\", parts = 3 }}\n", weights(fine));
    refused(&out, "3:15", "dca.out", "only a position in a pool");
}
