//! Every way to get a study wrong, and what is said about it; overrides; what a resolved study looks like.

use super::*;
use crate::metrics::{PoolMetric, PositionMetric};
use cenote_sim::Phase;

const NONE: &[&str] = &[];

/// A copy of the shipped study of a constant-product pool. Line numbers below count from its first line.
const STUDY: &str = r#"# One year in an ETH/USDC constant-product pool: is providing liquidity better than holding?
schema = 1

[study]
name      = "ETH/USDC, Uniswap v2, full range"
paths     = 10_000
seed      = 42
horizon   = "365d"
numeraire = "USDC"

[chains.ethereum]
block_time = "1h"                 # one decision per hour; "12s" is Ethereum's own pace
native     = "ETH"
gas_price  = "20 gwei"

[tokens.ETH]
decimals = 18
price    = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" }   # per year

[tokens.USDC]
decimals = 6

[pools.main]
kind   = "uniswap-v2"
chain  = "ethereum"
tokens = ["ETH", "USDC"]
fee    = "30bp"
tvl    = "10_000_000 USDC"        # at the initial price, provided by others

[[agents]]
kind  = "arbitrageur"
pools = ["main"]

[[agents]]
kind     = "noise-traders"
pools    = ["main"]
arrivals = "150 per day"
size     = { distribution = "lognormal", median = "1_500 USDC", sigma = 1.2 }

[[positions]]
name     = "full range"
strategy = "passive"
pool     = "main"
deposit  = "100_000 USDC"

[[positions]]
name     = "hold"
strategy = "hold"
tokens   = ["ETH", "USDC"]
deposit  = "100_000 USDC"
"#;

fn parse(text: &str, overrides: &[&str]) -> Result<Study, String> {
    Study::parse(text, "study.toml", overrides).map_err(|error| error.to_string())
}

/// The message about the study with one piece of its text replaced.
fn message(old: &str, new: &str) -> String {
    assert_eq!(STUDY.matches(old).count(), 1, "{old:?} is there once");
    parse(&STUDY.replacen(old, new, 1), NONE).expect_err(new)
}

/// Check the message, the place, and what else has to be in the text.
fn refused(old: &str, new: &str, place: &str, parts: &[&str]) {
    let message = message(old, new);
    assert!(message.contains(&format!("--> study.toml:{place}\n")), "{new:?} should be at {place}:\n{message}");
    for part in parts {
        assert!(message.contains(part), "{part:?} is missing:\n{message}");
    }
    for part in ["= expected: ", "= example: "] {
        assert!(message.contains(part), "{part:?} is missing:\n{message}");
    }
}

#[test]
fn the_shipped_study_is_read() {
    let study = parse(STUDY, NONE).unwrap();
    let spec = study.spec();
    assert_eq!((spec.paths, spec.seed, spec.horizon), (10_000, 42, "365d".parse().unwrap()));
    assert_eq!(spec.numeraire, "USDC");
    assert_eq!(spec.chains[0].block_time, BlockTime::Fixed("1h".parse().unwrap()));
    assert!(matches!(spec.chains[0].gas_price, GasPriceSpec::Constant(price) if price == "20 gwei".parse().unwrap()));
    assert_eq!(spec.chains[0].order.phases(), Phase::ORDER);
    let Some(ProcessSpec::Gbm(gbm)) = &spec.tokens[0].price else { panic!("{:?}", spec.tokens[0]) };
    assert_eq!(gbm.drift, cenote_paths::Drift::Price("0%".parse().unwrap()));
    let PoolFamily::UniswapV2(pool) = &spec.pools[0].family else { panic!("{:?}", spec.pools[0]) };
    assert_eq!((pool.fee, pool.protocol_fee), ("30bp".parse().unwrap(), false));
    assert_eq!(pool.tvl, "10_000_000 USDC".parse().unwrap());
    let names: Vec<_> = spec.agents.iter().filter_map(|agent| agent.name.as_deref()).collect();
    assert_eq!(names, ["arbitrageur@main", "noise-traders@main"]);
    let AgentKind::NoiseTraders(noise) = &spec.agents[1].kind else { panic!("{:?}", spec.agents[1]) };
    assert_eq!(noise.size, Some(SizeSpec::Lognormal { median: "1_500 USDC".parse().unwrap(), sigma: 1.2 }));
    assert_eq!(spec.positions[0].strategy, PassiveSpec::new("main").into());
    assert_eq!(spec.positions[1].strategy, HoldSpec::equal(&spec.pools[0].tokens).into());
    assert_eq!(study.initial_price(&spec.pools[0].tokens[0]), Some(2000.0));
    assert_eq!(study.initial_price(&spec.numeraire), Some(1.0));
}

#[test]
fn a_message_looks_like_a_compilers() {
    let expected = r#""30" has no unit
  --> study.toml:27:10
   |
27 | fee    = 30
   |          ^^
   = key: pools.main.fee
   = found: 30
   = expected: a fee with its unit
   = example: fee = "30bp""#;
    assert_eq!(message(r#"fee    = "30bp""#, "fee    = 30"), expected);
    let expected = r#"unknown key `tlv`
  --> study.toml:28:1
   |
28 | tlv    = "10_000_000 USDC"        # at the initial price, provided by others
   | ^^^
   = key: pools.main.tlv
   = found: tlv
   = expected: one of kind, chain, tokens, fee, tvl, protocol_fee
   = example: tvl = "10_000_000 USDC"
   = help: did you mean `tvl`?"#;
    assert_eq!(message("tvl    =", "tlv    ="), expected);
}

#[test]
fn unknown_keys_name_the_nearest() {
    refused("paths     =", "path      =", "6:1", &["unknown key `path`", "did you mean `paths`?"]);
    refused("[chains.ethereum]", "[chain.ethereum]", "11:2", &["unknown key `chain`", "did you mean `chains`?"]);
    refused("native     =", "natve      =", "13:1", &["did you mean `native`?", "key: chains.ethereum.natve"]);
    refused("drift = \"0%\"", "dirft = \"0%\"", "18:54", &["did you mean `drift`?"]);
    refused("sigma = 1.2", "sgima = 1.2", "38:65", &["did you mean `sigma`?", "key: agents[1].size.sgima"]);
    refused("arrivals =", "arrival  =", "37:1", &["did you mean `arrivals`?"]);
    refused("name     = \"hold\"", "nam      = \"hold\"", "47:1", &["key: positions[1].nam"]);
    refused("gas_price  =", "colour     =", "14:1", &["one of block_time, native, gas_price, l1_data, order", "nearest known one"]);
}

#[test]
fn unknown_kinds_list_what_is_supported() {
    refused(
        "\"uniswap-v2\"",
        "\"uniswap-2\"",
        "24:10",
        &["unknown kind of pool \"uniswap-2\"", "one of uniswap-v2, pancakeswap-v2", "did you mean `uniswap-v2`?"],
    );
    refused(
        "\"gbm\"",
        "\"gmb\"",
        "18:24",
        &["one of constant, gbm, history, pool-activity, stationary-bootstrap", "did you mean `gbm`?"],
    );
    refused(
        "\"arbitrageur\"",
        "\"arbitrager\"",
        "31:9",
        &["one of arbitrageur, cyclic-arbitrageur, noise-traders, informed-traders, whales"],
    );
    refused("\"passive\"", "\"pasive\"", "42:12", &["one of hold, passive", "did you mean `passive`?"]);
    refused("\"lognormal\"", "\"gamma\"", "38:29", &["unknown distribution \"gamma\"", "`lognormal`"]);
    refused("\"1h\"    ", "{ gama = \"12s\" }    ", "12:16", &["unknown key `gama`", "`gamma`"]);
}

#[test]
fn wrong_units_and_types_are_shown_the_right_spelling() {
    refused("\"365d\"", "365", "8:13", &["\"365\" has no unit", "horizon = \"365d\""]);
    refused("\"365d\"", "\"365\"", "8:13", &["\"365\" has no unit", "found: \"365\""]);
    refused("\"365d\"", "\"365 dayz\"", "8:13", &["\"dayz\"", "is not a unit"]);
    refused("\"20 gwei\"", "20", "14:14", &["gas_price = \"20 gwei\""]);
    refused("\"80%\"", "0.8", "18:81", &["volatility = \"80%\""]);
    refused("\"150 per day\"", "150", "37:12", &["arrivals = \"150 per day\""]);
    refused("\"10_000_000 USDC\"", "10_000_000", "28:10", &["found: 10_000_000", "tvl = \"10_000_000 USDC\""]);
    refused("10_000\n", "\"10_000\"\n", "6:13", &["found: \"10_000\"", "a whole number from 0 to 4294967295", "paths = 10_000"]);
    refused("10_000\n", "1e4\n", "6:13", &["found 1e4"]);
    refused("10_000\n", "4_294_967_296\n", "6:13", &["a whole number from 0 to 4294967295"]);
    refused("10_000\n", "-1\n", "6:13", &["found -1"]);
    refused("= 18", "= \"18\"", "17:12", &["a whole number from 0 to 255"]);
    refused("= 18", "= 39", "17:12", &["39 decimals", "a whole number from 0 to 38"]);
    refused("[\"ETH\", \"USDC\"]\nfee", "\"ETH\"\nfee", "26:10", &["expected an array", "tokens = [\"ETH\", \"USDC\"]"]);
    refused("sigma = 1.2", "sigma = \"big\"", "38:73", &["a number"]);
    refused("sigma = 1.2", "sigma = -1.2", "38:73", &["from 0 to 20"]);
    refused("sigma = 1.2", "sigma = nan", "38:73", &["a finite number"]);
    refused("kind   = \"uniswap-v2\"", "kind   = 2", "24:10", &["expected a string"]);
    refused("\"30bp\"", "\"100%\"", "27:10", &["below 100%"]);
    refused("\"30bp\"", "\"-1bp\"", "27:10", &["at least 0"]);
}

#[test]
fn missing_keys_show_a_line_to_paste() {
    refused("schema = 1\n", "", "1:1", &["missing key `schema`", "example: schema = 1"]);
    refused("schema = 1", "schema = 2", "2:10", &["a format that this version cannot read"]);
    refused("horizon   = \"365d\"\n", "", "4:1", &["missing key `horizon`", "horizon = \"365d\""]);
    refused("kind   = \"uniswap-v2\"\n", "", "23:1", &["missing key `kind`", "kind = \"uniswap-v2\""]);
    refused("tvl    = \"10_000_000 USDC\" ", "", "23:1", &["missing key `tvl`", "key: pools.main.tvl"]);
    refused(", volatility = \"80%\"", "", "18:12", &["missing key `volatility`"]);
    refused("drift = \"0%\", ", "", "18:12", &["missing key `drift` or `log_drift`"]);
    refused("drift = \"0%\"", "drift = \"0%\", log_drift = \"0%\"", "18:68", &["exclude each other"]);
    refused("strategy = \"hold\"\n", "", "46:1", &["missing key `strategy`"]);
    let empty = parse("schema = 1\n", NONE).unwrap_err();
    assert!(empty.contains("missing key `study`") && empty.contains("study.toml:1:1"), "{empty}");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    refused("numeraire = \"USDC\"", "numeraire = \"USDT\"", "9:13", &["there is no token `USDT`"]);
    refused("numeraire = \"USDC\"", "numeraire = \"ETH\"", "18:12", &["ETH is the numeraire"]);
    refused("native     = \"ETH\"", "native     = \"BNB\"", "13:14", &["there is no token `BNB`", "one of ETH, USDC"]);
    refused("chain  = \"ethereum\"", "chain  = \"etherum\"", "25:10", &["there is no chain `etherum`", "did you mean `ethereum`?"]);
    refused(
        "kind  = \"arbitrageur\"\npools = [\"main\"]",
        "kind  = \"arbitrageur\"\npools = [\"mian\"]",
        "32:10",
        &["there is no pool `mian`", "did you mean `main`?", "key: agents[0].pools[0]"],
    );
    refused("kind  = \"arbitrageur\"\npools = [\"main\"]", "kind  = \"arbitrageur\"\npools = []", "32:9", &["without a pool"]);
    refused("pool     = \"main\"", "pool     = \"maine\"", "43:12", &["there is no pool `maine`"]);
    refused("[\"ETH\", \"USDC\"]\nfee", "[\"ETH\", \"ETH\"]\nfee", "26:18", &["ETH is in the pool twice"]);
    refused("[\"ETH\", \"USDC\"]\nfee", "[\"ETH\"]\nfee", "26:10", &["a pool of this kind has 2 tokens, not 1"]);
    refused("[\"ETH\", \"USDC\"]\nfee", "[\"WETH\", \"USDC\"]\nfee", "26:11", &["there is no token `WETH`"]);
    refused("\"10_000_000 USDC\"", "\"0 USDC\"", "28:10", &["liquidity of zero"]);
    refused("\"10_000_000 USDC\"", "\"-5 USDC\"", "28:10", &["at least 0"]);
    refused("deposit  = \"100_000 USDC\"\n\n", "deposit  = \"0 USDC\"\n\n", "44:12", &["a deposit of zero"]);
    refused("\"1_500 USDC\"", "\"0 USDC\"", "38:51", &["size of zero"]);
    refused("\"1_500 USDC\"", "\"1_500 DAI\"", "38:51", &["there is no token `DAI`"]);
    refused("10_000\n", "0\n", "6:13", &["a study of no paths"]);
    refused("\"365d\"", "\"59min\"", "8:13", &["shorter than one block of ethereum", "at least 1h"]);
    refused("\"365d\"", "\"0d\"", "8:13", &["a horizon that cannot be run"]);
    refused("\"1h\" ", "\"0s\" ", "12:14", &["blocks without time between them"]);
    refused("\"1h\" ", "\"1ms\" ", "12:14", &["31536000000 blocks are too many"]);
    refused("\"2000 USDC\"", "\"0 USDC\"", "18:41", &["a price of zero"]);
    refused("name     = \"hold\"", "name     = \"full range\"", "47:12", &["the name `full range` is taken"]);
    refused("[\"ETH\", \"USDC\"]\ndeposit", "[]\ndeposit", "49:12", &["nothing to hold"]);
    refused("seed      = 42", "seed      = 42\nisolate   = true", "8:13", &["a world for each position is not supported"]);
    refused("seed      = 42", "seed      = 42\nquantiles = [0.5, 1.0]", "8:19", &["strictly between 0 and 1"]);
    refused("seed      = 42", "seed      = 42\nmetrics   = [\"net_retrun\"]", "8:14", &["did you mean `net_return`?"]);
    refused("seed      = 42", "seed      = -42", "7:13", &["found -42"]);
}

#[test]
fn a_price_is_needed_where_something_is_valued() {
    let line = "price    = { process = \"gbm\", initial = \"2000 USDC\", drift = \"0%\", volatility = \"80%\" }   # per year\n";
    refused(line, "", "13:14", &["ETH has no price, but gas is paid in it", "a `price` in [tokens.ETH]"]);
    let free = STUDY.replace(line, "").replace("\"20 gwei\"", "\"0 gwei\"");
    let error = parse(&free, NONE).unwrap_err();
    assert!(error.contains("ETH has no price, but it is in a pool") && error.contains("study.toml:25:11"), "{error}");
    let error = parse(STUDY, &["positions.hold.deposit=50 ETH", "tokens.DAI.decimals=18", "positions.0.deposit=1 DAI"]);
    let error = error.unwrap_err();
    assert!(error.contains("DAI has no price") && error.contains("--> --set positions.0.deposit=1 DAI"), "{error}");
}

#[test]
fn what_is_no_toml_is_placed_too() {
    let error = message("seed      = 42", "seed      = 42,");
    assert!(error.starts_with("not TOML: ") && error.contains("study.toml:7:15"), "{error}");
    let error = message("seed      = 42", "paths = 42");
    assert!(error.contains("duplicate key") && error.contains("study.toml:7:1"), "{error}");
}

#[test]
fn tables_where_lists_are_due_and_the_other_way_round() {
    let at_agents = parse(STUDY, &["agents={ kind = \"arbitrageur\" }"]).unwrap_err();
    assert!(at_agents.contains("expected an array, found a table"), "{at_agents}");
    let at_pools = parse(STUDY, &["pools=[]"]).unwrap_err();
    assert!(at_pools.contains("expected a table, found an array"), "{at_pools}");
}

#[test]
fn overrides_reach_tables_and_lists() {
    let study = parse(
        STUDY,
        &[
            "study.paths=500",
            "pools.main.fee=5bp",
            "tokens.ETH.price.volatility = 60%",
            "agents.1.arrivals=\"10 per hour\"",
            "agents[0].gas=150_000",
            "agents.noise-traders@main.size.sigma=1",
            "positions.full range.gas.mint=400_000",
            "positions.\"hold\".deposit=5 ETH",
            "chains.ethereum.block_time={ poisson = \"12s\" }",
            "study.horizon=30d",
        ],
    )
    .unwrap();
    let spec = study.spec();
    assert_eq!((spec.paths, spec.horizon), (500, "30d".parse().unwrap()));
    assert_eq!(spec.chains[0].block_time, BlockTime::Poisson("12s".parse().unwrap()));
    let json = study.to_json().unwrap();
    assert_eq!(json["pools"]["main"]["fee"], "5bp");
    assert_eq!(json["tokens"]["ETH"]["price"]["volatility"], "60% per sqrt year");
    assert_eq!(json["agents"][1]["arrivals"], "10 per hour".parse::<cenote_units::Frequency>().unwrap().to_string());
    assert_eq!(json["agents"][1]["size"]["sigma"], 1.0);
    assert_eq!(spec.agents[0].gas, 150_000);
    assert_eq!(spec.positions[0].gas.mint, 400_000);
    assert_eq!(spec.positions[1].deposit, "5 ETH".parse().unwrap());
}

#[test]
fn wrong_overrides_are_told_like_wrong_lines() {
    let error = |assignment: &str| parse(STUDY, &[assignment]).unwrap_err();
    let expected = "unknown key `pahts`
  --> --set study.pahts=5
   = key: study.pahts
   = found: pahts
   = expected: one of name, paths, seed, horizon, numeraire, warm_up, metrics, quantiles, isolate, sampling, control_variates
   = example: paths = 10_000
   = help: did you mean `paths`?";
    assert_eq!(error("study.pahts=5"), expected);
    let cases: &[(&str, &[&str])] = &[
        ("pols.main.fee=5bp", &["unknown key `pols`", "did you mean `pools`?"]),
        ("pools.mian.fee=5bp", &["missing key `kind`", "the file has no `pools.mian`; did you mean `main`?"]),
        ("pools.main.fee=5", &["\"5\" has no unit", "key: pools.main.fee", "fee = \"30bp\""]),
        ("pools.main.fee=5 boats", &["--> --set pools.main.fee=5 boats", "boats"]),
        ("positions.hodl.deposit=1 ETH", &["`positions` has no element `hodl`", "did you mean `hold`?", "0 to 1"]),
        ("positions.2.deposit=1 ETH", &["`positions` has no element `2`"]),
        ("study.paths.deep=1", &["`study.paths` is no table"]),
        ("study.paths", &["without `=`", "key.path=value", "--set pools.main.fee=5bp"]),
        ("study..paths=1", &["path cannot be read"]),
        ("=1", &["path cannot be read"]),
        ("positions.\"hold=1", &["without `=`"]),
        ("study.paths=0", &["a study of no paths", "--> --set study.paths=0"]),
        ("agents.0.pools.0=side", &["there is no pool `side`", "--> --set agents.0.pools.0=side"]),
    ];
    for (assignment, parts) in cases {
        let error = error(assignment);
        assert!(error.contains(&format!("--> --set {assignment}")), "{error}");
        for part in *parts {
            assert!(error.contains(part), "{assignment}: {part:?} is missing:\n{error}");
        }
    }
}

#[test]
fn a_resolved_study_reads_back_as_itself() {
    let study = parse(
        STUDY,
        &[
            "study.warm_up=10d",
            "study.metrics=[\"tvl\", \"net_return\"]",
            "study.quantiles=[0.9, 0.1]",
            "positions.hold.weights={ USDC = \"25%\", ETH = \"75%\" }",
            "chains.ethereum.block_time={ poisson = \"12s\" }",
            "chains.ethereum.order=[\"price\", \"flow\", \"arbitrage\", \"liquidity\", \"observers\"]",
            "tokens.ETH.price={ process = \"gbm\", initial = \"1 USDC\", log_drift = \"-1%\", volatility = \"5% per sqrt day\" }",
        ],
    )
    .unwrap();
    let toml = study.to_toml().unwrap();
    let again = parse(&toml, NONE).unwrap_or_else(|error| panic!("{error}\n{toml}"));
    assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
    assert_eq!(again.spec().metrics.positions(), [PositionMetric::NetReturn]);
    assert_eq!(again.spec().metrics.pools(), [PoolMetric::Tvl]);
    assert_eq!(again.spec().levels.quantiles(), [0.1, 0.9]);
    assert_eq!(again.spec().agents[0].name.as_deref(), Some("arbitrageur@main"));
    let StrategySpec::Hold(hold) = &again.spec().positions[1].strategy else { panic!() };
    assert_eq!(hold.shares(), [0.75, 0.25]);
    let json = study.to_json().unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["tokens"]["ETH"]["price"]["process"], "gbm");
    assert_eq!(json["positions"][0]["strategy"], "passive");
    assert_eq!(json["chains"]["ethereum"]["block_time"]["poisson"], "12s");
}

#[test]
fn weights_share_out_the_deposit() {
    for weights in ["{ ETH = \"50%\" }", "{ ETH = \"50%\", USDC = \"49%\" }", "{ ETH = \"50%\", USDC = \"30%\", DAI = \"20%\" }"] {
        let error = parse(STUDY, &[&format!("positions.hold.weights={weights}")]).unwrap_err();
        assert!(error.contains("do not share out the deposit"), "{error}");
    }
}

#[test]
fn fees_default_to_the_protocols_own() {
    let text = STUDY.replace("fee    = \"30bp\"\n", "");
    assert_eq!(parse(&text, NONE).unwrap().to_json().unwrap()["pools"]["main"]["fee"], "30bp");
    let text = text.replace("uniswap-v2", "pancakeswap-v2");
    assert_eq!(parse(&text, NONE).unwrap().to_json().unwrap()["pools"]["main"]["fee"], "25bp");
}

#[test]
fn orders_have_every_phase_once() {
    for order in ["[\"price\"]", "[\"price\", \"price\", \"flow\", \"liquidity\", \"observers\"]"] {
        let error = parse(STUDY, &[&format!("chains.ethereum.order={order}")]).unwrap_err();
        assert!(error.contains("every phase of a block comes exactly once"), "{error}");
    }
    let error = parse(STUDY, &["chains.ethereum.order=[\"prices\"]"]).unwrap_err();
    assert!(error.contains("did you mean `price`?"), "{error}");
}

#[test]
fn random_clocks_gas_that_moves_and_data_elsewhere() {
    let chains = |text: &str| parse(&format!("{STUDY}\n[chains.l2]\n{text}"), NONE);
    let l2 = "block_time = { gamma = \"2s\", shape = 4 }\nnative = \"ETH\"\n";
    let text = format!(
        "{l2}gas_price = {{ process = \"exp-ou\", initial = \"0.1 gwei\", half_life = \"1d\", volatility = \"300%\" }}\n\
         l1_data = {{ gas = 1_600, chain = \"ethereum\" }}\n"
    );
    let study = chains(&text).unwrap();
    let again = parse(&study.to_toml().unwrap(), NONE).unwrap();
    assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
    assert_eq!(again.spec().chains[1].block_time, BlockTime::Gamma { mean: "2s".parse().unwrap(), shape: 4.0 });
    let says = |text: &str, what: &str| {
        let error = chains(text).unwrap_err();
        assert!(error.contains(what), "{what:?} is missing:\n{error}");
    };
    says("block_time = { gamma = \"2s\" }\nnative = \"ETH\"", "missing key `shape`");
    says("block_time = { gamma = \"2s\", shape = 0 }\nnative = \"ETH\"", "a shape that no clock has");
    says("block_time = { poisson = \"2s\", shape = 2 }\nnative = \"ETH\"", "a Poisson clock has no shape");
    says("block_time = { poisson = \"2s\", gamma = \"2s\" }\nnative = \"ETH\"", "one of `poisson` and `gamma`");
    says(&format!("{l2}gas_price = {{ process = \"constant\", initial = \"20 USDC\" }}"), "a price of gas is in gwei");
    says(&format!("{l2}l1_data = {{ gas = 1, chain = \"l1\" }}"), "there is no chain `l1`");
    says(&format!("{l2}l1_data = {{ gas = 1, chain = \"l2\" }}"), "publishes its data on itself");
    says(&format!("{l2}l1_data = {{ gas = 1 }}"), "one of `price` and `chain`");
    let order = "order = [\"price\", \"flow\", \"arbitrage\", \"liquidity\", \"observers\"]";
    says(&format!("{l2}{order}"), "different orders");
    let late = "chains.ethereum.order=[\"price\", \"informed\", \"arbitrage\", \"flow\", \"liquidity\", \"observers\"]";
    assert!(parse(STUDY, &[late]).unwrap_err().contains("informed traders come after the prices"));
    // An agent acts on one chain.
    let pool = "[pools.other]\nkind = \"uniswap-v2\"\nchain = \"l2\"\ntokens = [\"ETH\", \"USDC\"]\ntvl = \"1 USDC\"\n";
    let agent = "[[agents]]\nkind = \"arbitrageur\"\npools = [\"main\", \"other\"]\n";
    says(&format!("{l2}\n{pool}\n{agent}"), "an agent acts on one chain");
}

#[test]
fn price_files_are_loaded_from_the_folder_of_the_study() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prices.csv");
    let row = |day| format!("{},{}", 1_700_000_000 + 86_400 * day, 100 + day % 7);
    let rows: Vec<String> = (0..100).map(row).collect();
    std::fs::write(&file, format!("timestamp,close\n{}\n", rows.join("\n"))).unwrap();
    let study = folder.path().join("study.toml").to_string_lossy().into_owned();
    let load = |price: &str| {
        let price = format!("tokens.ETH.price={price}");
        Study::parse(STUDY, &study, &[price.as_str(), "study.horizon=50d"]).map_err(|error| error.to_string())
    };
    let replay = load("{ process = \"history\", file = \"prices.csv\" }").unwrap();
    assert_eq!(replay.prices()[0].1.initial(), 100.0);
    let scaled = load("{ process = \"history\", file = \"prices.csv\", initial = \"2000 USDC\" }").unwrap();
    assert_eq!(scaled.prices()[0].1.initial(), 2000.0);
    let bootstrap = "{ process = \"stationary-bootstrap\", file = \"prices.csv\", column = \"close\", mean_block = \"3d\", initial = \"5 USDC\" }";
    let study = load(bootstrap).unwrap();
    assert_eq!(study.prices()[0].1.initial(), 5.0);
    assert_eq!(study.to_json().unwrap()["tokens"]["ETH"]["price"]["mean_block"], "3d");

    let error = load("{ process = \"history\", file = \"price.csv\" }").unwrap_err();
    assert!(error.contains("cannot read") && error.contains("price.csv") && error.contains("--set"), "{error}");
    let error = load("{ process = \"history\", file = \"prices.csv\", column = \"open\" }").unwrap_err();
    assert!(error.contains("the file has timestamp, close") && error.contains("price.column"), "{error}");
    let error = load(&bootstrap.replace("3d", "3h")).unwrap_err();
    assert!(error.contains("key: tokens.ETH.price.mean_block"), "{error}");
    std::fs::write(&file, "timestamp,close\n2022-01-01,1\n2022-01-02,nothing\n").unwrap();
    let error = load("{ process = \"history\", file = \"prices.csv\" }").unwrap_err();
    assert!(error.contains("line 3: \"nothing\"") && error.contains("= example: "), "{error}");
    std::fs::write(&file, "timestamp,close\n2022-01-01,1\n2022-01-02,2\n").unwrap();
    let error = load("{ process = \"history\", file = \"prices.csv\" }").unwrap_err();
    assert!(error.contains("the history covers 1d"), "{error}");
}

#[test]
fn a_program_is_told_the_same_without_lines() {
    let usdc = "USDC".parse().unwrap();
    let study = StudySpec::new("empty", "30d".parse().unwrap(), &usdc).token(TokenSpec::new(usdc.clone(), 6));
    let error = study.clone().build().unwrap_err().to_string();
    assert!(error.starts_with("a study without a chain has no blocks\n   = key: chains\n"), "{error}");
    let chain = || ChainSpec::new("main", BlockTime::Fixed("1h".parse().unwrap()), usdc.clone());
    let error = study.clone().chain(chain()).build().unwrap_err().to_string();
    assert!(error.contains("asks nothing"), "{error}");
    let error = study.chain(chain()).chain(chain()).build().unwrap_err().to_string();
    assert!(error.contains("the name `main` is taken"), "{error}");
}

#[test]
fn a_price_model_of_ones_own_takes_part() {
    let study = parse(STUDY, NONE).unwrap();
    let mut spec = study.spec().clone();
    spec.tokens[0].price = Some(cenote_paths::Gbm::per_year(1500.0, 0.0, 0.5).unwrap().into());
    let study = spec.build().unwrap();
    assert_eq!(study.initial_price(&"ETH".parse().unwrap()), Some(1500.0));
    assert_eq!(study.to_json().unwrap()["tokens"]["ETH"]["price"]["process"], "custom");
}

#[test]
fn streams_with_one_key_are_refused() {
    // Two agents' names with the same FNV-1a hash behind "agents.", found by search.
    let hash = |name: &str| cenote_paths::StreamKey::new(0, &agent_stream(name)).component();
    let mut seen = std::collections::BTreeMap::new();
    let (first, second) = (0_u32..)
        .map(|i| format!("a{i}"))
        .find_map(|name| seen.insert(hash(&name), name.clone()).map(|first| (first, name)))
        .unwrap();
    let error = Study::parse(STUDY, "study.toml", &[&format!("agents.0.name={first}"), &format!("agents.1.name={second}")]);
    assert!(matches!(error, Err(StudyError::StreamCollision { .. })), "{error:?}");
    let error = error.unwrap_err().to_string();
    assert!(error.contains(&format!("agents.{first} and agents.{second}")) && error.contains("rename"), "{error}");
}

#[test]
fn streams_are_named_for_what_they_move() {
    assert_eq!(price_stream(&"ETH".parse().unwrap()), "tokens.ETH.price");
    assert_eq!(clock_stream("ethereum"), "chains.ethereum.clock");
    assert_eq!(agent_stream("noise-traders@main#2"), "agents.noise-traders@main#2");
}
