//! Study files from end to end: those that ship, and those that must run unchanged.

use std::path::{Path, PathBuf};

use cenote_study::{Study, StudyResult};
use cenote_tests::shared::{needed, only_file, shared_or_leave_out};

/// Every study that ships.
fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../studies");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() >= 3);
    files
}

/// Loads and runs a study with these overrides; checks what every result must be.
fn run(file: &Path, overrides: &[&str]) -> StudyResult {
    let study = Study::load(file, overrides).unwrap_or_else(|error| panic!("{error}"));
    let result = study.run().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    for (key, summary) in result.summaries() {
        assert!(summary.mean.mean.is_finite(), "{}: {key} is {}", file.display(), summary.mean.mean);
    }
    // The resolved study is a study: the same one.
    let again = Study::parse(&study.to_toml().unwrap(), &file.to_string_lossy(), &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(again.to_json().unwrap(), study.to_json().unwrap());
    result
}

/// All of them, with the paths of half a pack and whatever horizon they have.
#[test]
fn studies_that_ship_run() {
    for file in shipped() {
        let result = run(&file, &["study.paths=32"]);
        assert_eq!(result.paths(), 32);
        assert!(result.blocks() > 32 * 1000, "{}", file.display());
    }
}

fn named(name: &str) -> PathBuf {
    needed(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../studies"), name)
}

/// Their comments promise this.
#[test]
fn poisson_blocks_are_what_the_file_says() {
    let random = run(&named("poisson-blocks.toml"), &[]);
    let rate = random.pool("main", "arbitrage_trade_rate").unwrap().mean;
    assert!((rate.mean - 0.1216).abs() < 4.0 * rate.standard_error + 5e-5, "{} ± {}", rate.mean, rate.standard_error);
    let equal = run(&named("poisson-blocks.toml"), &["chains.ethereum.block_time=12s"]);
    let rate = equal.pool("main", "arbitrage_trade_rate").unwrap().mean;
    assert!((rate.mean - 0.1243).abs() < 4.0 * rate.standard_error + 5e-5, "{} ± {}", rate.mean, rate.standard_error);
    let lost = |result: &StudyResult| result.pool("main", "arbitrage_profit_rate").unwrap().mean.mean;
    assert!(lost(&equal) < lost(&random));
}

/// The protocol takes 8/25 of all fees, and the provider has what is left.
#[test]
fn the_protocol_takes_its_share() {
    let paths = "study.paths=128";
    let taxed = run(&named("pancakeswap-protocol-fee.toml"), &[paths]);
    let free = run(&named("pancakeswap-protocol-fee.toml"), &[paths, "pools.main.protocol_fee=false"]);
    let pool = |result: &StudyResult, metric: &str| result.pool("main", metric).unwrap().mean.mean;
    let share = pool(&taxed, "protocol_fees") / (pool(&taxed, "protocol_fees") + pool(&taxed, "fees"));
    // Of the growth of √k, at the horizon's prices, so not to the digit.
    assert!((share - 0.32).abs() < 0.01, "{share}");
    assert_eq!(pool(&free, "protocol_fees"), 0.0);
    let earned = |result: &StudyResult| result.position("full range", "fees").unwrap().mean.mean;
    let kept = earned(&taxed) / earned(&free);
    assert!((kept - 0.68).abs() < 0.01, "{kept}");
}

/// The study of a year in a constant-product pool, unchanged but for the number of paths.
#[test]
fn the_shared_study_runs() {
    let Some(folder) = shared_or_leave_out("the shared study of a year in a constant-product pool") else { return };
    let file = only_file(&folder.join("studies"), "01-");
    let result = run(&file, &["study.paths=256"]);
    assert_eq!(result.blocks(), 256 * 8760);
    let net = result.position("full range", "net_return").unwrap();
    assert!(net.min > -1.0 && net.mean.standard_error > 0.0);
    // LVR is σ²/8 a year, to a tenth of a percent and the chance of 256 paths.
    let rate = result.pool("main", "loss_versus_rebalancing_rate").unwrap().mean;
    assert!((rate.mean * 365.0 - 0.08).abs() < 4.0 * rate.standard_error * 365.0 + 2e-4, "{}", rate.mean * 365.0);
    let fees = result.position("full range", "fees").unwrap().mean.mean;
    assert!(fees > 0.0 && result.position("hold", "fees").unwrap().max == 0.0);
}

/// The same year on resampled hours of real prices.
#[test]
fn the_shared_study_runs_on_real_prices() {
    let Some(folder) = shared_or_leave_out("the shared study on resampled prices of 2022 to 2024") else { return };
    needed(&folder, "data/ethusdt-1h-2022-2024.csv");
    let price = "tokens.ETH.price={ process = \"stationary-bootstrap\", file = \"../data/ethusdt-1h-2022-2024.csv\", \
                 column = \"close\", mean_block = \"3d\", initial = \"2000 USDC\" }";
    let result = run(&only_file(&folder.join("studies"), "01-"), &["study.paths=256", price]);
    // 67% a year in the file: σ²/8 is 0.056.
    let rate = result.pool("main", "loss_versus_rebalancing_rate").unwrap().mean.mean * 365.0;
    assert!((0.05..0.063).contains(&rate), "{rate}");
}
