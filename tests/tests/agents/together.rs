//! All of them at once: every token stays, every position's result adds up, and nobody's numbers depend on anybody else.

use cenote_study::{PoolLane, RunOptions, Study};

use crate::scene::{MOVING, Swap, agent, pool, study, swaps};

const PATHS: u32 = 130;

fn market() -> String {
    [
        MOVING.to_owned(),
        "[tokens.BTC]\ndecimals = 8\nprice = { process = \"gbm\", initial = \"30000 USDC\", drift = \"0%\", volatility = \"60%\" }\n"
            .to_owned(),
        pool("main", ["ETH", "USDC"], "30bp", "10_000_000 USDC"),
        pool("other", ["ETH", "USDC"], "5bp", "4_000_000 USDC"),
        pool("cross", ["ETH", "BTC"], "5bp", "8_000_000 USDC"),
        pool("bitcoin", ["BTC", "USDC"], "5bp", "6_000_000 USDC"),
        "[pools.range]\nkind = \"uniswap-v3\"\nchain = \"ethereum\"\ntokens = [\"ETH\", \"USDC\"]\nfee = \"5bp\"\n\
         liquidity = [{ range = \"full\", value = \"2_000_000 USDC\" }, { range = [\"-10%\", \"+10%\"], value = \"1_000_000 USDC\" }]\n"
            .to_owned(),
        "[pools.weighted]\nkind = \"balancer-weighted\"\nchain = \"ethereum\"\ntokens = [\"ETH\", \"BTC\", \"USDC\"]\nfee = \"10bp\"\n\
         tvl = \"3_000_000 USDC\"\n"
            .to_owned(),
    ]
    .concat()
}

/// One of every kind, and of every way of each.
fn agents() -> Vec<String> {
    vec![
        agent(
            "arbitrageur",
            "pools = [\"main\", \"bitcoin\", \"weighted\"]\ngas = 100_000\noutside_fee = \"3bp\"\nlatency = \"1 block\"\nshare = \"70%\"",
        ),
        agent("cyclic-arbitrageur", "pools = [\"main\", \"other\", \"range\"]\ngas = 80_000"),
        agent("cyclic-arbitrageur", "pools = [\"main\", \"cross\", \"bitcoin\"]\ngas = 80_000"),
        agent(
            "noise-traders",
            "pools = [\"main\", \"other\", \"range\", \"weighted\"]\npair = [\"ETH\", \"USDC\"]\ngas = 60_000\nelasticity = 60\n\
             direction_persistence = \"30%\"\nvolume = \"2_000_000 USDC per day\"\nsize = \"15_000 USDC\"",
        ),
        agent(
            "noise-traders",
            "pools = [\"other\", \"cross\", \"bitcoin\"]\npair = [\"ETH\", \"USDC\"]\nvolume = \"1_000_000 USDC per day\"\nsize = \"10_000 USDC\"",
        ),
        agent(
            "informed-traders",
            "pools = [\"main\", \"other\"]\narrivals = \"10 per day\"\nsize = \"20_000 USDC\"\naccuracy = \"80%\"",
        ),
        agent("informed-traders", "pools = [\"range\"]\nto_edge = \"50%\"\nshare = \"20%\""),
        agent(
            "whales",
            "pools = [\"main\", \"other\"]\narrivals = \"1 per day\"\npool_share = \"2%\"\nslices = 5\ndirection = \"momentum\"\nlookback = \"90min\"",
        ),
    ]
}

const POSITIONS: &str = r#"
[[positions]]
name     = "passive"
strategy = "passive"
pool     = "main"
deposit  = "100_000 USDC"
[[positions]]
name     = "ranged"
strategy = "recentre"
pool     = "range"
width    = "10%"
deposit  = "100_000 USDC"
[[positions]]
name     = "three"
strategy = "passive"
pool     = "weighted"
deposit  = "50_000 USDC"
"#;

fn of(agents: &[String], clock: &str) -> Study {
    let text = study(&format!("paths = {PATHS}\nwarm_up = \"1d\""), &[market(), agents.concat(), POSITIONS.to_owned()].concat());
    let block_time = format!("chains.ethereum.block_time={clock}");
    Study::parse(&text.to_toml().unwrap(), "together.toml", &[&block_time, "study.horizon=\"5d\""])
        .unwrap_or_else(|error| panic!("{error}"))
}

const CLOCKS: [&str; 2] = ["\"1h\"", "{ poisson = \"1h\" }"];

#[test]
fn no_token_appears_and_every_result_adds_up() {
    for clock in CLOCKS {
        let study = of(&agents(), clock);
        // An audit stops at the first token that is created or lost, a run at the first result that its sums miss.
        let result = study.run_with(&RunOptions { audit: true, ..RunOptions::default() }).unwrap_or_else(|error| panic!("{error}"));
        for position in ["passive", "ranged", "three"] {
            let residual = result.position(position, "attribution_residual").unwrap();
            assert!(residual.max.abs() < 1e-9 && residual.min.abs() < 1e-9, "{clock} {position} {residual:?}");
        }
        for agent in 0..agents().len() {
            let trades: usize = (0..10).map(|path| swaps(&study, path, agent).len()).sum();
            assert!(trades > 10, "{clock}: agent {agent} trades {trades} times");
        }
    }
}

#[test]
fn a_path_has_the_same_bits_alone_in_a_pack_and_on_any_number_of_threads() {
    for clock in CLOCKS {
        let study = of(&agents(), clock);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| study.run()).unwrap_or_else(|error| panic!("{error}"))
        };
        let (one, three) = (on(1), on(3));
        let columns = |result: &cenote_study::StudyResult| -> Vec<Vec<u64>> {
            let bits = |key: &cenote_study::ColumnKey| -> Vec<u64> {
                result.column(key.subject, &key.name, &key.metric).unwrap().iter().map(|x| x.to_bits()).collect()
            };
            result.layout().keys().iter().map(bits).collect()
        };
        let all = columns(&one);
        assert!(all == columns(&three), "{clock}");
        for path in [0, 63, 127, 128, PATHS - 1] {
            let alone: Vec<u64> = study.replay(path, PoolLane::Fast, vec![]).unwrap().iter().map(|x| x.to_bits()).collect();
            let packed: Vec<u64> = all.iter().map(|column| column[path as usize]).collect();
            for ((alone, packed), key) in alone.iter().zip(&packed).zip(one.layout().keys()) {
                assert_eq!(alone, packed, "{clock} path {path}: {key}");
            }
        }
    }
}

/// In the exact lane every trade is whole units of tokens; the same agents trade there, and the ledger holds.
#[test]
fn they_trade_in_exact_pools_too() {
    let study = of(&agents(), CLOCKS[0]);
    study.replay(7, PoolLane::Exact, vec![]).unwrap_or_else(|error| panic!("{error}"));
}

/// When, in which direction and how much, of trades that do not look at pools.
fn draws(swaps: &[Swap]) -> Vec<(u64, u16, u64)> {
    swaps.iter().map(|swap| (swap.time, swap.token_in.0, swap.amount_in.to_bits())).collect()
}

#[test]
fn nobodys_numbers_depend_on_who_else_is_there() {
    // Noise and informed traders in one pool, who take what they get: their trades are their random numbers.
    let noise = agent(
        "noise-traders",
        "name = \"retail\"\npools = [\"main\"]\narrivals = \"60 per day\"\nsize = \"2_000 USDC\"\ndirection_persistence = \"20%\"",
    );
    let informed = agent(
        "informed-traders",
        "name = \"knows\"\npools = [\"main\"]\narrivals = \"10 per day\"\nsize = \"20_000 USDC\"\naccuracy = \"80%\"",
    );
    let whale = agent("whales", "name = \"whale\"\npools = [\"main\"]\narrivals = \"2 per day\"\nsize = \"50_000 USDC\"");
    for clock in CLOCKS {
        let few = of(&[noise.clone(), informed.clone(), whale.clone()], clock);
        let many = of(&[agents(), vec![whale.clone(), informed.clone(), noise.clone()]].concat(), clock);
        let more = agents().len();
        for (before, after) in [(0, more + 2), (1, more + 1), (2, more)] {
            let (before, after) = (draws(&swaps(&few, 77, before)), draws(&swaps(&many, 77, after)));
            assert!(before.len() > 5 && before == after, "{clock}: {} {}", before.len(), after.len());
        }
    }
}
