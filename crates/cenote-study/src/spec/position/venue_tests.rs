//! Strategies of farms, lending markets and vaults: what becomes of them, every way to get them wrong, and what is said about it.

use cenote_sim::{CoverTerms, RiskTarget, VoteTerms};
use cenote_strategy::{ChainId, FarmId, LendingId};

use crate::spec::venue_world;
use crate::{PoolLane, Study, Subject};

const VENUES: &str = r#"[farms]
main = { kind = "masterchef", stake = "v2", reward = "CAKE", emission = { rate = "4_000 CAKE per day" }, staked = "60%" }
cake = { kind = "masterchef", stake = "CAKE", reward = "CAKE", emission = { rate = "400 CAKE per day" }, staked = "1_000_000 CAKE", chain = "bsc" }
empty = { kind = "staking-rewards", stake = "v2", reward = "ETH", emission = { rate = "1 ETH per day" }, staked = "1%" }
far = { kind = "masterchef", stake = "far", reward = "CAKE", emission = { rate = "4_000 CAKE per day" }, staked = "60%" }
gauge = { kind = "gauge", stake = "v2", reward = "CAKE", emission = { rate = "4_000 CAKE per day" }, staked = "60%" }
v3 = { kind = "uniswap-v3-staker", stake = "v3", reward = "CAKE", emission = { rate = "4_000 CAKE per day" }, staked = "60%" }
[lending.usdc]
kind = "aave-v3"
chain = "bsc"
token = "USDC"
utilisation = "80%"
rates = { base = "0%", slope1 = "4%", slope2 = "60%", optimal = "90%" }
collateral = { ltv = "75%", threshold = "80%", bonus = "5%" }
[lending.eth]
kind = "aave-v3"
chain = "bsc"
token = "ETH"
utilisation = "50%"
rates = { base = "0%", slope1 = "4%", slope2 = "60%", optimal = "90%" }
[lending.far]
kind = "aave-v3"
chain = "base"
token = "USDC"
utilisation = "80%"
rates = { base = "0%", slope1 = "4%", slope2 = "60%", optimal = "90%" }
[vaults.auto]
farm = "main"
every = "1d"
performance_fee = "10%"
management_fee = "2% per year"
tvl = "1_000_000 USDC"
[[positions]]
name = "it"
deposit = "1_000 USDC"
"#;
const VENUES_LINES: i64 = 35;

fn position(keys: &str) -> String {
    assert_eq!(i64::try_from(VENUES.lines().count()).unwrap(), VENUES_LINES);
    format!("{VENUES}{keys}\n")
}

fn accepted(keys: &str) -> Study {
    venue_world::accepted(&position(keys))
}

/// Lines are counted from the first of the position's own keys.
fn refused(keys: &str, place: &str, key: &str, message: &str) {
    let (line, column) = place.split_once(':').unwrap();
    let line = VENUES_LINES + line.parse::<i64>().unwrap();
    venue_world::refused(&position(keys), &format!("{line}:{column}"), &format!("positions[1].{key}"), message);
}

#[test]
fn strategies_become_setups() {
    let gas = "gas = { deposit = 250_000, claim = 180_000, swap = 150_000, withdraw = 250_000, mint = 200_000, burn = 150_000 }\n";
    for (keys, home) in [
        ("strategy = \"farm\"\nfarm = \"main\"", 0),
        ("strategy = \"farm\"\nfarm = \"far\"", 1),
        ("strategy = \"farm\"\nfarm = \"v3\"\nrewards = { action = \"compound\", every = \"optimal\" }", 0),
        ("strategy = \"farm\"\nfarm = \"v3\"\nrange = [\"-10%\", \"+10%\"]\nenter_with = \"USDC\"\nstop_loss = \"20%\"", 0),
        ("strategy = \"farm\"\nfarm = \"v3\"\nrange = [\"1_800 USDC\", \"2_200 USDC\"]", 0),
        (
            "strategy = \"farm\"\nfarm = \"v3\"\nrange = [\"-10%\", \"+10%\"]\ntrigger = { off_centre = \"5%\" }\ncooldown = \"6h\"\n\
             rewards = { action = \"sell\", every = \"7d\" }",
            0,
        ),
        ("strategy = \"farm\"\nfarm = \"main\"\nrewards = { action = \"sell\", every = \"7d\" }\nstop_loss = \"20%\"", 0),
        (
            "strategy = \"farm\"\nfarm = \"main\"\nrewards = { action = \"sell\", every = \"7d\", into = \"ETH\" }\nstop_impermanent_loss = \"20%\"",
            0,
        ),
        ("strategy = \"farm\"\nfarm = \"main\"\nenter_with = \"USDC\"\npart = \"50%\"", 0),
        (
            "strategy = \"single-stake\"\nfarm = \"cake\"\nrewards = { action = \"compound\", every = \"1d\" }\nleave_after = \"5d\"",
            0,
        ),
        ("strategy = \"lend\"\nmarket = \"usdc\"", 0),
        ("strategy = \"lend\"\nmarket = \"far\"\ntake_profit = \"20%\"\nexit_to = \"ETH\"", 1),
        ("strategy = \"lend\"\nmarket = \"eth\"\ndca = { in = \"5d\", parts = 5 }\nenter_with = \"USDC\"", 0),
        (
            "strategy = \"loop\"\nmarket = \"usdc\"\nborrow = \"eth\"\nltv = \"70%\"\nbounds = { low = \"50%\", high = \"74%\" }\nevery = \"1d\"",
            0,
        ),
        ("strategy = \"loop\"\nmarket = \"usdc\"\nborrow = \"usdc\"\nltv = \"75%\"\nloops = 2", 0),
        ("strategy = \"vault\"\nvault = \"auto\"", 0),
        (
            "strategy = \"best-yield\"\nbetween = [\"farms.main\", \"lending.usdc\", \"v2\", \"vaults.auto\", \"USDC\"]\nevery = \"1d\"\nhysteresis = \"3%\"",
            0,
        ),
        ("strategy = \"best-yield\"\nbetween = [\"lending.far\", \"far\"]\nevery = \"1d\"\npatience = \"10d\"\nmemory = \"1d\"", 1),
        (
            "strategy = \"portfolio\"\nweights = { \"farms.main\" = \"40%\", \"lending.usdc\" = \"30%\", ETH = \"20%\", \"vaults.auto\" = \"10%\" }\nrebalance = { drift = \"10%\", every = \"30d\" }",
            0,
        ),
    ] {
        let study = accepted(&format!("{keys}\n{gas}"));
        let scenario = study.scenario(PoolLane::Fast, true).unwrap_or_else(|error| panic!("{keys}\n{error}"));
        let setup = &scenario.positions[1];
        assert_eq!((setup.home, setup.gas.claim), (Some(ChainId(home)), 180_000.0), "{keys}");
        let result = study.run().unwrap_or_else(|error| panic!("{keys}\n{error}"));
        let refusals = result.column(Subject::Position, "it", "refused_actions").unwrap();
        let values = result.column(Subject::Position, "it", "final_value").unwrap();
        assert!(values.iter().all(|value| (300.0..3000.0).contains(value)), "{keys}: {values:?}");
        assert!(refusals.iter().all(|count| *count == 0.0), "{keys}: {refusals:?}");
    }
}

#[test]
fn cover_and_vaults_become_setups() {
    let keys = "strategy = \"farm\"\nfarm = \"main\"\ncover = { premium = \"2.5% per year\", pays = \"80%\", targets = [\"farms.main\", \"lending.eth\"] }";
    let setup = accepted(keys).scenario(PoolLane::Fast, false).unwrap();
    let targets = vec![RiskTarget::Farm(FarmId(0)), RiskTarget::Lending(LendingId(1))];
    assert_eq!(setup.positions[1].cover, Some(CoverTerms { targets, premium: 0.025, pays: 0.8 }));
    let vault = &setup.vaults[0];
    assert_eq!((vault.farm, vault.performance_fee, vault.management_fee, vault.value), (FarmId(0), 0.1, 0.02, 1e6));
}

#[test]
fn wrong_farming() {
    let farm = |rest: &str| format!("strategy = \"farm\"\nfarm = \"main\"\n{rest}");
    let rewards = |keys: &str| farm(&format!("rewards = {{ {keys} }}"));
    refused("strategy = \"farm\"\nfarm = \"mian\"", "2:8", "farm", "there is no farm `mian`");
    refused("strategy = \"farm\"\nfarm = \"mian\"", "2:8", "farm", "did you mean `main`?");
    let ranged = |rest: &str| format!("strategy = \"farm\"\nfarm = \"v3\"\n{rest}");
    refused(&farm("range = \"full\""), "3:1", "range", "farm `main` takes nothing that has ranges");
    refused(&ranged("range = [\"-120%\", \"+10%\"]"), "3:9", "range", "a range that begins below a price of zero");
    refused(&ranged("trigger = \"out-of-range\""), "3:1", "trigger", "the full range never has to be moved");
    refused(&ranged("range = [\"-10%\", \"+10%\"]\ncooldown = \"6h\""), "4:1", "cooldown", "nothing to rest from");
    let fixed = "range = [\"1_800 USDC\", \"2_200 USDC\"]\ntrigger = \"out-of-range\"";
    refused(&ranged(fixed), "4:1", "trigger", "a range between two prices cannot follow the price");
    let zero = "range = [\"-10%\", \"+10%\"]\ntrigger = { off_centre = \"0%\" }";
    refused(&ranged(zero), "4:11", "trigger", "a trigger that fires where the price is");
    refused("strategy = \"single-stake\"\nfarm = \"main\"", "2:8", "farm", "takes liquidity, not a token");
    refused(&rewards("action = \"sel\", every = \"7d\""), "3:22", "rewards.action", "did you mean `sell`?");
    refused(&rewards("action = \"sell\""), "3:11", "rewards.every", "missing key `every`");
    refused(&rewards("action = \"sell\", every = \"0d\""), "3:38", "rewards.every", "never stops ringing");
    refused(&rewards("action = \"sell\", every = \"optimal\""), "3:38", "rewards.every", "where gas is free");
    refused(&rewards("action = \"sell\", every = \"7d\", into = \"EHT\""), "3:51", "rewards.into", "did you mean `ETH`?");
    refused(&rewards("action = \"sell\", every = \"7d\", into = \"POINTS\""), "3:51", "rewards.into", "POINTS has no price");
    refused(&rewards("action = \"hold\", every = \"7d\", into = \"ETH\""), "3:44", "rewards.into", "only what is sold");
    // CAKE is not traded on the other chain.
    let far = farm("rewards = { action = \"sell\", every = \"7d\" }").replace("main", "far");
    refused(&far, "3:22", "rewards.action", "no pool on the farm's chain trades CAKE");
    refused(&far.replace("sell", "compound"), "3:22", "rewards.action", "no pool on the farm's chain trades CAKE");
    refused(&farm("stop_loss = \"120%\""), "3:13", "stop_loss", "a stop loss that cannot be");
    let single = "strategy = \"single-stake\"\nfarm = \"cake\"\nstop_impermanent_loss = \"10%\"";
    refused(single, "3:1", "stop_impermanent_loss", "only liquidity in a pool");
    refused("strategy = \"vault\"\nvault = \"auot\"", "2:9", "vault", "did you mean `auto`?");
}

#[test]
fn wrong_lending() {
    refused("strategy = \"lend\"\nmarket = \"usdt\"", "2:10", "market", "did you mean `usdc`?");
    refused("strategy = \"lend\"\nmarket = \"usdc\"\nexit_to = \"CAKE\"", "3:1", "exit_to", "never leaves");
    refused("strategy = \"lend\"\nmarket = \"usdc\"\nenter_with = \"POINTS\"", "3:14", "enter_with", "POINTS has no price");
    refused("strategy = \"lend\"\nmarket = \"far\"\nenter_with = \"CAKE\"", "3:14", "enter_with", "no pool trades CAKE");
    let looped = |change: &str| {
        let keys = ["market = \"usdc\"", "borrow = \"eth\"", "ltv = \"70%\"", "loops = 5"];
        venue_world::table("strategy = \"loop\"", &keys, change)
    };
    refused(&looped("market = \"eth\""), "2:10", "market", "nothing can be borrowed against market `eth`");
    refused(&looped("borrow = \"etc\""), "3:10", "borrow", "did you mean `eth`?");
    refused(&looped("borrow = \"far\""), "3:10", "borrow", "market `far` is on chain `base`");
    refused(&looped("ltv = \"76%\""), "4:7", "ltv", "at most the 75% that market `usdc` lends");
    refused(&looped("ltv = \"0%\""), "4:7", "ltv", "a loan-to-value ratio of 0%");
    refused(&looped("loops = 0"), "5:9", "loops", "from 1 to 20");
    refused(&looped("loops = 21"), "5:9", "loops", "from 1 to 20");
    refused(&looped("bounds = { low = \"70%\", high = \"75%\" }"), "6:10", "bounds", "begin outside of");
    refused(&looped("every = \"0d\""), "6:9", "every", "never stops ringing");
}

#[test]
fn wrong_choices() {
    let best = |between: &str, rest: &str| format!("strategy = \"best-yield\"\nbetween = [{between}]\nevery = \"1d\"\n{rest}");
    let two = "\"farms.main\", \"lending.usdc\"";
    refused(&best("", ""), "2:11", "between", "nothing to choose between");
    refused(&best("\"farms.mian\"", ""), "2:12", "between[0]", "did you mean `farms.main`?");
    refused(&best("\"POINTS\"", ""), "2:12", "between[0]", "POINTS has no price");
    refused(&best(two, "hysteresis = \"-1%\""), "4:14", "hysteresis", "a margin below nothing");
    refused(&best(two, "patience = \"0d\""), "4:12", "patience", "in no time");
    refused(&best(two, "memory = \"0d\""), "4:10", "memory", "a mean over no time");
    refused(&best(two, "").replace("1d", "0d"), "3:9", "every", "never stops ringing");
    refused(&best(two, "stop_loss = \"10%\""), "4:1", "stop_loss", "only a position in a pool, a farm");
    refused(&best("\"farms.main\", \"lending.far\"", ""), "2:12", "between[0]", "no bridge leads there from that of `lending.far`");
    let bridges = "[bridges]\nout = { from = \"bsc\", to = \"base\" }\nback = { from = \"base\", to = \"bsc\" }\n";
    venue_world::accepted(&format!("{bridges}{}", position(&best("\"farms.main\", \"lending.far\"", ""))));
    let weights = |weights: &str| format!("strategy = \"portfolio\"\nweights = {{ {weights} }}");
    let key = |name: &str| format!("weights.\"{name}\"");
    refused(&weights("\"farms.main\" = \"50%\", \"lending.usdc\" = \"40%\""), "2:11", "weights", "do not share out the deposit");
    refused(&weights("\"farms.man\" = \"100%\""), "2:13", &key("farms.man"), "did you mean `farms.main`?");
    let apart = weights("\"farms.main\" = \"50%\", \"lending.far\" = \"50%\"");
    refused(&apart, "2:35", &key("lending.far"), "`lending.far` is on chain `base`, and `farms.main` on `bsc`");
}

#[test]
fn wrong_cover() {
    let cover = |keys: &str| format!("strategy = \"lend\"\nmarket = \"usdc\"\ncover = {{ {keys} }}");
    refused(&cover("pays = \"80%\""), "3:9", "cover.premium", "missing key `premium`");
    refused(&cover("premium = \"-1%\""), "3:21", "cover.premium", "pays for being taken");
    refused(&cover("premium = \"1%\", pays = \"120%\""), "3:34", "cover.pays", "a cover of 120%");
    refused(
        &cover("premium = \"1%\", targets = [\"farms.x\"]"),
        "3:38",
        "cover.targets[0]",
        "there is no farm, pool or lending market `farms.x`",
    );
}

#[test]
fn votes_are_locked_for_some_time_in_a_gauge() {
    let votes = |keys: &str| format!("strategy = \"farm\"\nfarm = \"gauge\"\nvotes = {{ {keys} }}");
    let setup = accepted(&votes("farm = \"gauge\", locked = 10_000, for = \"730d\"")).scenario(PoolLane::Fast, false).unwrap();
    let duration = "730d".parse().unwrap();
    assert_eq!(setup.positions[1].votes, Some(VoteTerms { farm: FarmId(4), locked: 1e4, duration }));
    refused(&votes("locked = 1, for = \"1d\""), "3:9", "votes.farm", "missing key `farm`");
    refused(&votes("farm = \"main\", locked = 1, for = \"1d\""), "3:18", "votes.farm", "votes boost nothing in farm `main`");
    refused(&votes("farm = \"gauge\", locked = 0, for = \"1d\""), "3:36", "votes.locked", "a lock of nothing");
    refused(&votes("farm = \"gauge\", locked = 1, for = \"0d\""), "3:45", "votes.for", "over before it begins");
}

#[test]
fn wrong_vaults() {
    let keys = ["farm = \"main\"", "every = \"1d\"", "tvl = \"1_000 USDC\""];
    let start = i64::try_from(position("").lines().count()).unwrap() + 2;
    let refused = |change: &str, place: &str, key: &str, message: &str| {
        let vault = venue_world::table("[vaults.it]", &keys, change);
        let text = format!("{VENUES}strategy = \"lend\"\nmarket = \"usdc\"\n{vault}");
        let (line, column) = place.split_once(':').unwrap();
        let line = start - 1 + line.parse::<i64>().unwrap();
        venue_world::refused(&text, &format!("{line}:{column}"), &format!("vaults.it.{key}"), message);
    };
    refused("farm = \"man\"", "2:8", "farm", "did you mean `main`?");
    refused("farm = \"v3\"", "2:8", "farm", "liquidity of this farm's pool has ranges");
    refused("every = \"0d\"", "3:9", "every", "never stops ringing");
    refused("every = \"optimal\"", "3:9", "every", "where gas is free");
    refused("tvl = \"0 USDC\"", "4:7", "tvl", "a vault of zero");
    refused("performance_fee = \"100%\"", "5:19", "performance_fee", "a performance fee of 100%");
    refused("management_fee = \"-1%\"", "5:18", "management_fee", "a management fee of -1%");
}

/// A farm in which nobody else stakes needs a position that does, wherever it says so.
#[test]
fn somebody_stakes() {
    let venues = VENUES.replace("staked = \"1%\"", "staked = \"0%\"");
    let text = |keys: &str| format!("{venues}{keys}\n");
    let refused = venue_world::parse(&text("strategy = \"lend\"\nmarket = \"usdc\"")).unwrap_err();
    assert!(refused.contains("rewards would go to nobody") && refused.contains("= key: farms.empty.staked"), "{refused}");
    for keys in [
        "strategy = \"farm\"\nfarm = \"empty\"",
        "strategy = \"best-yield\"\nbetween = [\"USDC\", \"farms.empty\"]\nevery = \"1d\"",
        "strategy = \"portfolio\"\nweights = { \"farms.empty\" = \"100%\" }",
    ] {
        venue_world::accepted(&text(keys));
    }
    // A weight of nothing stakes nothing.
    assert!(venue_world::parse(&text("strategy = \"portfolio\"\nweights = { \"farms.empty\" = \"0%\", ETH = \"100%\" }")).is_err());
}

/// The shipped study of liquidity mining, where it is.
#[test]
fn the_study_of_liquidity_mining() {
    let Ok(shared) = std::env::var("CENOTE_SHARED") else {
        eprintln!("CENOTE_SHARED is not set: the study of liquidity mining is not read");
        return;
    };
    let study =
        Study::load(format!("{shared}/studies/04-liquidity-mining.toml").as_ref(), &["study.paths=32", "study.horizon=30d"]);
    let study = study.unwrap_or_else(|error| panic!("{error}"));
    let again = Study::parse(&study.to_toml().unwrap(), "study.toml", &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
    study.run().unwrap_or_else(|error| panic!("{error}"));
}
