//! Every way to get a farm wrong, what is said about it, and what becomes of one that is right.

use cenote_sim::{FarmCrowd, RewardLock, Staked};
use cenote_strategy::{ChainId, PoolId, Stake, TokenId};
use cenote_units::Lanes;
use cenote_yield::farm::BuildFarm;
use cenote_yield::farm::{Empty, FarmLanes, FarmStart};

use crate::PoolLane;
use crate::spec::venue_world::{accepted, refused, table};

const KEYS: &[&str] = &[
    "kind = \"masterchef\"",
    "stake = \"v2\"",
    "reward = \"CAKE\"",
    "emission = { rate = \"4_000 CAKE per day\", schedule = { halving = \"90d\" } }",
    "staked = \"60%\"",
];

fn farm(change: &str) -> String {
    table("[farms.main]", KEYS, change)
}

/// Of a farm that takes CAKE.
fn single(change: &str) -> String {
    let keys = [KEYS[0], "stake = \"CAKE\"", KEYS[2], KEYS[3], "staked = \"1_000_000 CAKE\"", "chain = \"bsc\""];
    table("[farms.main]", &keys, change)
}

/// Rewards of so many days, all of which go to others.
fn emitted(tables: &str, reward: usize, days: u64) -> f64 {
    let study = accepted(tables);
    let scenario = study.scenario(PoolLane::Fast, false).unwrap();
    let lanes: Box<dyn FarmLanes<1>> =
        BuildFarm::<1>::build(&*scenario.farms[0].model, &FarmStart { accounts: 0, others: 1.0 }).unwrap();
    let mut sum: Lanes<1> = Lanes::ZERO;
    lanes.emitted(&[days * 86_400_000_000_000], reward, &mut sum);
    sum[0]
}

fn near(x: f64, y: f64) {
    assert!((x - y).abs() <= 1e-9 * y.abs().max(1.0), "{x} is not {y}");
}

#[test]
fn a_farm_becomes_a_setup() {
    let tables = format!(
        "{}crowd = {{ target_apr = \"25%\", response = \"14d\" }}\nlock = {{ duration = \"90d\", vesting = \"cliff\", penalty = \"50%\" }}\n\
         deposit_fee = \"0.5%\"\nwithdrawal_fee = \"10bp\"\nallocation = \"10%\"\n\
         inflow = {{ process = \"gbm\", initial = \"1 TVL\", drift = \"0%\", volatility = \"60%\" }}\n",
        farm("")
    );
    let study = accepted(&tables);
    let scenario = study.scenario(PoolLane::Fast, false).unwrap();
    let setup = &scenario.farms[0];
    assert_eq!((setup.chain, setup.stake, &*setup.rewards), (ChainId(0), Stake::Pool(PoolId(0)), &[TokenId(1)][..]));
    assert_eq!(setup.staked, Staked::Share(0.6));
    assert_eq!(setup.crowd, Some(FarmCrowd { target_apr: 0.25, response: "14d".parse().unwrap() }));
    assert_eq!(setup.lock, Some(RewardLock { duration: "90d".parse().unwrap(), linear: false, penalty: Some(0.5) }));
    assert_eq!((setup.deposit_fee, setup.withdrawal_fee), (0.005, 0.001));
    assert_eq!(setup.inflow.as_ref().map(|inflow| inflow.initial()), Some(1.0));
    assert_eq!(setup.model.empty(), Empty::Unminted);
    near(emitted(&tables, 0, 180), 0.1 * 90.0 * (4_000.0 + 2_000.0));
    // A token is staked on the chain that is given.
    let study = accepted(&single("chain = \"base\""));
    let setup = &study.scenario(PoolLane::Fast, false).unwrap().farms[0];
    assert_eq!((setup.chain, setup.stake, setup.staked), (ChainId(1), Stake::Token(TokenId(1)), Staked::Amount(1e6)));
}

#[test]
fn schedules() {
    let schedule = |schedule: &str| farm(&format!("emission = {{ rate = \"2_000 CAKE per day\", {schedule} }}"));
    near(emitted(&farm("emission = { rate = \"7_000 CAKE per week\" }"), 0, 30), 30_000.0);
    near(emitted(&schedule("schedule = { half_life = \"60d\" }"), 0, 60), 2_000.0 * 60.0 * 0.5 / std::f64::consts::LN_2);
    near(emitted(&schedule("starts = \"10d\", ends = \"15d\""), 0, 60), 10_000.0);
    // Schedules count from the start of the emission.
    near(emitted(&schedule("starts = \"10d\", schedule = { halving = \"10d\" }"), 0, 30), 30_000.0);
    let epochs = "emission = { schedule = { epochs = [{ from = \"0d\", rate = \"100 CAKE per day\" }, { from = \"10d\", rate = \"1 CAKE per hour\" }] } }";
    near(emitted(&farm(epochs), 0, 20), 1_000.0 + 240.0);
}

#[test]
fn kinds() {
    let two = "rewards = [\"CAKE\", \"ETH\"]\nemission = [{ rate = \"10 CAKE per day\" }, { rate = \"3 ETH per day\" }]\nstake = \"v2\"\nstaked = \"60%\"\n";
    let staking = format!("[farms.main]\nkind = \"staking-rewards\"\n{two}");
    near(emitted(&staking, 1, 10), 30.0);
    let gauge = format!("[farms.main]\nkind = \"gauge\"\nboost = {{ votes = 1_000_000, others = \"60%\" }}\n{two}");
    near(emitted(&gauge, 0, 10), 100.0);
    accepted(&farm("kind = \"gauge\""));
    accepted(&farm("kind = \"uniswap-v3-staker\"").replace("\"v2\"", "\"v3\""));
    // PancakeSwap's MasterChef v3.
    accepted(&farm("stake = \"v3\""));
    // A pool by its dotted name.
    accepted(&farm("stake = \"pools.v2\""));
    accepted(&format!("{}staked = \"100%\"\n", farm("").replace("staked = \"60%\"\n", "")));
}

#[test]
fn wrong_places() {
    refused(&farm("kind = \"masterchief\""), "2:8", "farms.main.kind", "did you mean `masterchef`?");
    refused(&farm("stake = \"v22\""), "3:9", "farms.main.stake", "there is no pool or token `v22`");
    refused(&farm("stake = \"v22\""), "3:9", "farms.main.stake", "did you mean `v2`?");
    refused(&farm("chain = \"base\""), "7:9", "farms.main.chain", "pool `v2` is on chain `bsc`");
    refused(&farm("chain = \"polygon\""), "7:9", "farms.main.chain", "there is no chain `polygon`");
    refused(&single("").replace("chain = \"bsc\"\n", ""), "1:1", "farms.main.chain", "missing key `chain`");
    refused(
        &farm("kind = \"uniswap-v3-staker\""),
        "3:9",
        "farms.main.stake",
        "nothing that a farm of kind uniswap-v3-staker takes",
    );
    refused(&farm("kind = \"gauge\"").replace("v2", "v3"), "3:9", "farms.main.stake", "nothing that a farm of kind gauge takes");
    refused(&single("stake = \"POINTS\""), "3:9", "farms.main.stake", "POINTS has no price");
}

#[test]
fn wrong_rewards() {
    refused(&farm("reward = \"CAKES\""), "4:10", "farms.main.reward", "there is no token `CAKES`");
    refused(&farm("reward = \"POINTS\""), "4:10", "farms.main.reward", "POINTS has no price, but a farm pays in it");
    refused(&farm("reward = \"ETH\""), "5:21", "farms.main.emission.rate", "an emission of CAKE, but the reward is ETH");
    let list = farm("").replace("reward = \"CAKE\"", "rewards = [\"CAKES\"]");
    refused(&list, "4:11", "farms.main.reward", "there is no token `CAKES`");
    refused(&farm("rewards = [\"CAKE\"]"), "7:1", "farms.main.rewards", "exclude each other");
    let two = farm("").replace("reward = \"CAKE\"", "rewards = [\"CAKE\", \"ETH\"]");
    refused(&two, "4:11", "farms.main.rewards", "a farm of kind masterchef with 2 rewards");
    let staking = two.replace("masterchef", "staking-rewards");
    refused(&staking, "5:12", "farms.main.emission", "1 emissions of 2 rewards");
    refused(
        &farm("").replace("kind = \"masterchef\"", "kind = \"gauge\"\nallocation = \"10%\""),
        "3:1",
        "farms.main.allocation",
        "unknown key",
    );
    refused(&farm("allocation = \"110%\""), "7:14", "farms.main.allocation", "an allocation of 110%");
}

#[test]
fn wrong_emissions() {
    let emission = |keys: &str| farm(&format!("emission = {{ {keys} }}"));
    let rate = "rate = \"4_000 CAKE per day\"";
    let refused = |keys: &str, place: &str, key: &str, message: &str| {
        refused(&emission(keys), place, &format!("farms.main.emission{key}"), message);
    };
    refused("rate = \"4_000 CAKE\"", "5:21", ".rate", "is not a unit");
    refused("rate = 4_000", "5:21", ".rate", "has no unit");
    refused("starts = \"1d\"", "5:12", ".rate", "missing key `rate`");
    refused(&format!("{rate}, schedule = {{}}"), "5:54", ".schedule", "a schedule is one thing");
    refused(&format!("{rate}, schedule = {{ halving = \"0d\" }}"), "5:66", ".schedule.halving", "halved all the time");
    refused(&format!("{rate}, schedule = {{ half_life = \"0d\" }}"), "5:68", ".schedule.half_life", "a half-life of nothing");
    refused(&format!("{rate}, schedule = {{ halvings = \"9d\" }}"), "5:56", ".schedule.halvings", "did you mean `halving`?");
    refused(&format!("{rate}, ends = \"0d\""), "5:50", ".ends", "ends before it begins");
    let epochs = |second: &str| {
        format!(
            "schedule = {{ epochs = [{{ from = \"5d\", rate = \"1 CAKE per day\" }}, {{ from = \"{second}\", rate = \"1 CAKE per day\" }}] }}"
        )
    };
    refused(&epochs("5d"), "5:88", ".schedule.epochs[1].from", "does not begin after the one before it");
    refused("schedule = { epochs = [] }", "5:36", ".schedule.epochs", "a schedule without epochs");
    refused(&format!("{rate}, {}", epochs("9d")), "5:14", ".rate", "epochs have rates of their own");
    let other = epochs("9d").replacen("CAKE", "ETH", 1);
    refused(&other, "5:59", ".schedule.epochs[0].rate", "an emission of ETH, but the reward is CAKE");
}

#[test]
fn wrong_stakers() {
    let at = |key: &str| format!("farms.main.{key}");
    refused(&farm("staked = \"101%\""), "6:10", &at("staked"), "a share of 101%");
    refused(&farm("staked = 60"), "6:10", &at("staked"), "\"60\" has no unit");
    refused(&farm("staked = \"5 CAKE\""), "6:10", &at("staked"), "a share of its liquidity");
    refused(&single("staked = \"60%\""), "6:10", &at("staked"), "an amount of CAKE");
    refused(&single("staked = \"60 ETH\""), "6:10", &at("staked"), "an amount of CAKE");
    refused(&farm("staked = \"0%\""), "6:10", &at("staked"), "rewards would go to nobody");
    refused(&single("staked = \"0 CAKE\""), "6:10", &at("staked"), "rewards would go to nobody");
    // Where there are no rewards nobody misses them.
    accepted(&farm("staked = \"0%\"").replace("4_000", "0"));
    refused(&farm("crowd = { target_apr = \"0%\", response = \"1d\" }"), "7:24", &at("crowd.target_apr"), "content with nothing");
    refused(&farm("crowd = { target_apr = \"9%\", response = \"0d\" }"), "7:41", &at("crowd.response"), "in no time");
    let crowd = "crowd = { target_apr = \"9%\", response = \"1d\" }";
    refused(&farm(crowd).replace("60%", "0%"), "7:1", &at("crowd"), "nothing staked grows to nothing");
    refused(&farm("deposit_fee = \"100%\""), "7:15", &at("deposit_fee"), "a deposit fee of 100%");
    refused(&farm("withdrawal_fee = \"-1%\""), "7:18", &at("withdrawal_fee"), "a withdrawal fee of -1%");
    let ranged = farm("deposit_fee = \"1%\"").replace("v2", "v3");
    refused(&ranged, "7:15", &at("deposit_fee"), "ranges are staked whole");
    refused(&ranged.replace("deposit", "withdrawal"), "7:18", &at("withdrawal_fee"), "ranges are staked whole");
    refused(&farm("lock = { duration = \"0d\" }"), "7:21", &at("lock.duration"), "a lock of no time");
    refused(&farm("lock = { duration = \"1d\", penalty = \"101%\" }"), "7:37", &at("lock.penalty"), "a penalty of 101%");
    refused(&farm("lock = { duration = \"1d\", vesting = \"linaer\" }"), "7:37", &at("lock.vesting"), "did you mean `linear`?");
    let boost = |boost: &str| farm(&format!("boost = {{ {boost} }}")).replace("masterchef", "gauge");
    refused(&boost("votes = 1, others = \"30%\""), "7:31", &at("boost.others"), "a boost that no gauge gives");
    refused(&boost("votes = -1, others = \"40%\""), "7:19", &at("boost.votes"), "no number of votes");
    refused(
        &farm("inflow = { process = \"gbm\", initial = \"0 TVL\", drift = \"0%\", volatility = \"1%\" }"),
        "7:39",
        &at("inflow.initial"),
        "a price of zero",
    );
}
