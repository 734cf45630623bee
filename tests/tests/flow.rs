//! Flow of every kind, from the study file to the books of the pool: as many trades and as much volume as it says, and the same bits
//! for a path alone, in a pack, and on any number of threads.

use std::fs;

use cenote_study::{ColumnKey, PoolLane, Study, StudyResult};
use tempfile::TempDir;

const ARRIVALS: [&str; 4] = [
    r#""150 per day""#,
    r#"{ rate = "150 per day", profile = [1, 1, 0, 2, 5, 3] }"#,
    r#"{ rate = "150 per day", profile = [1, 2, 3, 4, 5, 0, 0], period = "7d" }"#,
    r#"{ process = "hawkes", rate = "150 per day", branching = "60%", half_life = "10min" }"#,
];
/// Sizes, and what they are worth in the mean.
const SIZES: [(&str, f64); 4] = [
    (r#""500 USDC""#, 500.0),
    // 200 exp(0.32)
    (r#"{ distribution = "lognormal", median = "0.1 ETH", sigma = 0.8 }"#, 275.425_552_866_875_9),
    (r#"{ distribution = "pareto", minimum = "200 USDC", tail = 4 }"#, 800.0 / 3.0),
    (r#"{ distribution = "empirical", file = "trades.csv", column = "amount", unit = "0.5 USDC" }"#, 170.0),
];
const CLOCKS: [&str; 2] = [r#""1h""#, r#"{ poisson = "1h" }"#];
const PATHS: u32 = 300;

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("trades.csv"), "amount\n10\n1000\n10\n").unwrap();
    folder
}

/// Two weeks in a pool so deep that trades do not move it much, at a price that does not move at all.
fn study(folder: &TempDir, arrivals: &str, size: &str, clock: &str) -> Study {
    let text = format!(
        r#"
schema = 1
[study]
paths     = {PATHS}
seed      = 11
horizon   = "14d"
warm_up   = "1h"
numeraire = "USDC"
[chains.ethereum]
block_time = {clock}
native     = "ETH"
[tokens.ETH]
decimals = 18
price    = {{ process = "constant", initial = "2000 USDC" }}
[tokens.USDC]
decimals = 6
[pools.main]
kind   = "uniswap-v2"
chain  = "ethereum"
tokens = ["ETH", "USDC"]
tvl    = "10_000_000_000 USDC"
[[agents]]
kind     = "noise-traders"
pools    = ["main"]
arrivals = {arrivals}
size     = {size}
"#
    );
    Study::parse(&text, &folder.path().join("flow.toml").to_string_lossy(), &[]).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn as_many_trades_and_as_much_volume_as_the_study_says() {
    let folder = folder();
    for arrivals in ARRIVALS {
        for (size, mean) in SIZES {
            let result = study(&folder, arrivals, size, CLOCKS[0]).run().unwrap();
            // Whole days, and whole weeks: a profile only moves trades about.
            let trades = 150.0 * 14.0;
            for (metric, expected) in [("trades", trades), ("volume", trades * mean)] {
                let estimate = result.pool("main", metric).unwrap().mean;
                let z = (estimate.mean - expected) / estimate.standard_error;
                assert!(z.abs() < 4.0, "{arrivals} {size}: {metric} {estimate:?}, expected {expected}, z {z:.2}");
            }
        }
    }
}

/// The bits of every column.
fn bits(result: &StudyResult) -> Vec<Vec<u64>> {
    let column =
        |key: &ColumnKey| result.column(key.subject, &key.name, &key.metric).unwrap().iter().map(|x| x.to_bits()).collect();
    result.layout().keys().iter().map(column).collect()
}

#[test]
fn a_path_has_the_same_bits_alone_in_a_pack_and_on_any_number_of_threads() {
    let folder = folder();
    for clock in CLOCKS {
        for (arrivals, (size, _)) in ARRIVALS.into_iter().zip(SIZES).chain(ARRIVALS.into_iter().zip(SIZES.into_iter().rev())) {
            let study = study(&folder, arrivals, size, clock);
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                bits(&pool.install(|| study.run()).unwrap())
            };
            let all = on(1);
            assert!(all == on(3), "{clock} {arrivals} {size}: threads");
            for path in [0, 5, 130, PATHS - 1] {
                let alone = study.replay(path, PoolLane::Fast, vec![]).unwrap();
                let packed: Vec<u64> = all.iter().map(|column| column[path as usize]).collect();
                assert_eq!(packed, alone.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), "{clock} {arrivals} {size}: path {path}");
            }
        }
    }
}
