//! Real files, when the environment variable `CENOTE_SHARED` says where they are (in `data/`).

use std::fs::File;
use std::path::PathBuf;

use cenote_paths::{PathError, PriceHistory, PriceModel, Replay, StationaryBootstrap};
use cenote_units::SimDuration;

use crate::clock::{HOUR, Runner, sample};

/// The folder, or a word on the standard error that the test is left out.
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("CENOTE_SHARED").map(|shared| PathBuf::from(shared).join("data"));
    if folder.is_none() {
        eprintln!("left out: CENOTE_SHARED is not set");
    }
    folder
}

fn read(name: &str, column: Option<&str>) -> Option<Result<PriceHistory, PathError>> {
    let path = data()?.join(name);
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(PriceHistory::read_csv(file, column))
}

/// Annualised deviation of the returns.
fn volatility(history: &PriceHistory) -> f64 {
    let returns = history.returns();
    let n = returns.len() as f64;
    let mean = returns.iter().sum::<f64>() / n;
    let variance = returns.iter().map(|r| (r - mean).powi(2)).sum::<f64>() / n;
    (variance / history.interval().as_years()).sqrt()
}

#[test]
fn hourly_candles_with_a_missing_hour() {
    for (name, expected) in [("ethusdt-1h-2022-2024.csv", 0.67), ("btcusdt-1h-2022-2024.csv", 0.54)] {
        let Some(history) = read(name, None) else { return };
        let history = history.unwrap();
        let report = history.report();
        assert_eq!(history.interval(), SimDuration::HOUR);
        assert_eq!((report.rows(), report.gaps(), report.missing(), report.crowded()), (26_303, 1, 1, 0));
        let gap = report.first().unwrap();
        assert_eq!((gap.line, gap.from.to_string().as_str()), (10_743, "2023-03-24 12:00:00"));
        assert_eq!(history.returns().len(), 26_301);
        assert_eq!(history.run_starts().len(), 2);
        assert!((volatility(&history) - expected).abs() < 0.01, "{}", volatility(&history));
    }
}

#[test]
fn irregular_rows_are_runs() {
    let Some(history) = read("usdc-usd-depeg-2023-03.csv", Some("close")) else { return };
    let history = history.unwrap();
    let report = history.report();
    assert_eq!(history.interval().to_string(), "15min");
    assert_eq!((report.rows(), report.gaps(), report.crowded()), (808, 88, 0));
    assert_eq!(history.returns().len(), 719);
    assert!(history.run_starts().len() <= 89);
    assert_eq!(report.first().unwrap().line, 4);
}

#[test]
fn other_columns_and_shapes() {
    let Some(gas) = read("polygon-gas-gwei-2023-08.minute.csv", Some("gas_price")) else { return };
    assert_eq!(gas.unwrap().interval().to_string(), "1min");
    let rates = read("polygon-aave-v3-usdc-2023-08-14.minute.csv", Some("liquidity_rate")).unwrap().unwrap();
    assert!(rates.report().is_regular());
    let stable = read("usdcusdt-1h-2025.csv", None).unwrap().unwrap();
    assert_eq!(stable.prices().len(), 6_798);
    let ticks = read("polygon-uniswap-v3-usdc-weth-5bp-2023-08-14.minute.csv", None).unwrap();
    assert!(matches!(ticks, Err(PathError::NoColumn { .. })));
}

#[test]
fn a_real_history_replays_and_resamples() {
    let Some(history) = read("ethusdt-1h-2022-2024.csv", Some("close")) else { return };
    let history = history.unwrap();
    let replay = Replay::new(&history);
    assert_eq!(replay.covers().to_string(), "26303h");
    let mut runner = Runner::<1>::new(&replay, 0);
    assert_eq!(runner.price[0], 3723.04);
    assert_eq!(runner.fixed(HOUR)[0], 3724.89);
    assert_eq!(runner.fixed(26_302 * HOUR)[0], 3337.78);
    let model = StationaryBootstrap::new(&history, "3d".parse().unwrap(), 2000.0).unwrap();
    assert!((model.restart_probability() - 1.0 / 72.0).abs() < 1e-15);
    assert!(model.check_horizon("3650d".parse().unwrap()).is_ok());
    let logs: Vec<f64> = sample(&model, 64, &[HOUR; 24 * 30]).iter().map(|p| (p / 2000.0).ln()).collect();
    let deviation = (logs.iter().map(|x| x * x).sum::<f64>() / logs.len() as f64).sqrt();
    let annualised = deviation * (365.0_f64 / 30.0).sqrt();
    assert!((0.5..0.85).contains(&annualised), "{annualised}");
}
