//! Fits of files: what is printed can be pasted.

use std::fmt::Write;

use crate::{Folder, builtin};

/// Prices that move like a market: bursts, calm, some gaps. Deterministic.
fn prices() -> String {
    let mut text = String::from("timestamp,open,close\n");
    let (mut price, mut noise) = (2000.0_f64, 12_345_u64);
    for hour in 0..600_u32 {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let shock = f64::from(u32::try_from(noise >> 40).unwrap()) / f64::from(1 << 24) - 0.5;
        let size = if hour % 100 < 15 { 0.04 } else { 0.01 };
        price *= 1.0 + size * shock;
        if hour % 37 != 5 {
            writeln!(text, "{},1,{price:.4}", i64::from(hour) * 3600).unwrap();
        }
    }
    text
}

/// Times of clustered events, to the second.
fn times() -> String {
    let mut text = String::from("timestamp\n");
    let mut time = 0_u32;
    for event in 0..400_u32 {
        time += if event % 8 == 0 { 3600 } else { (event * 7919) % 20 };
        writeln!(text, "{time}").unwrap();
    }
    text
}

/// The last line that was printed.
fn last_line(text: &str) -> &str {
    text.trim_end().lines().last().unwrap()
}

#[test]
fn every_fit_can_be_pasted() {
    let folder = Folder::new();
    folder.write("prices.csv", &prices());
    let old = builtin().lines().find(|line| line.starts_with("price ")).unwrap().to_owned();
    for process in ["gbm", "merton", "ou", "exp-ou", "garch", "regime-switching"] {
        let out = folder.cenote(&format!("calibrate prices.csv --process {process}")).ok();
        assert!(out.contains(&format!("{process}, fitted to 582 returns")), "{out}");
        assert!(out.contains("583 rows at intervals of 1h, 17 gaps"), "{out}");
        assert!(out.contains("Kolmogorov-Smirnov distance"), "{out}");
        let line = last_line(&out);
        assert!(line.starts_with(&format!("price = {{ process = \"{process}\", initial = \"")), "{line}");
        folder.write("study.toml", &builtin().replacen(&old, line, 1));
        let checked = folder.cenote("check study.toml").ok();
        assert!(checked.contains(&format!("process = \"{process}\"")), "{checked}");
    }
}

#[test]
fn processes_are_ranked() {
    let folder = Folder::new();
    folder.write("prices.csv", &prices());
    let out = folder.cenote("calibrate prices.csv --numeraire USDT --json fits.json").ok();
    assert!(out.contains("Processes, by Schwarz's criterion (BIC): the smallest first"), "{out}");
    assert!(last_line(&out).contains("USDT"));
    let json: serde_json::Value = serde_json::from_str(&folder.read("fits.json")).unwrap();
    let fits = json["fits"].as_array().unwrap();
    assert_eq!(fits.len(), 6);
    let bic: Vec<f64> = fits.iter().map(|fit| fit["bic"].as_f64().unwrap()).collect();
    assert!(bic.is_sorted());
    for fit in fits {
        let (k, likelihood) =
            (u32::try_from(fit["parameters"].as_object().unwrap().len()).unwrap(), fit["log_likelihood"].as_f64().unwrap());
        assert!((fit["aic"].as_f64().unwrap() - (2.0 * f64::from(k) - 2.0 * likelihood)).abs() < 1e-6);
        assert_eq!(fit["observations"], 582);
        assert!(fit["toml"].as_str().unwrap().starts_with("price = "));
        for parameter in fit["parameters"].as_object().unwrap().values() {
            assert!(parameter["value"].is_f64(), "{parameter}");
        }
    }
    assert_eq!(json["missing"], 17);
    // To standard output instead of the tables.
    let out = folder.cenote("calibrate prices.csv --process gbm --json -").ok();
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["fits"][0]["parameters"]["volatility"]["unit"], "per sqrt year");
}

#[test]
fn clusters_of_events_can_be_pasted() {
    let folder = Folder::new();
    folder.write("times.csv", &times());
    let out = folder.cenote("calibrate times.csv --process hawkes").ok();
    assert!(out.contains("hawkes, fitted to 399 events after the first"), "{out}");
    assert!(out.contains("events have the time of the one before"), "{out}");
    assert!(out.contains("A Poisson process of the same rate: BIC "), "{out}");
    let line = last_line(&out);
    assert!(line.starts_with("arrivals = { process = \"hawkes\", rate = \""), "{line}");
    let old = builtin().lines().find(|line| line.starts_with("arrivals")).unwrap().to_owned();
    folder.write("study.toml", &builtin().replacen(&old, line, 1));
    assert!(folder.cenote("check study.toml").ok().contains("process = \"hawkes\""));
    let json = folder.cenote("calibrate times.csv --process hawkes --column timestamp --json -").ok();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["events"], 400);
    assert!(json["poisson"]["bic"].as_f64().unwrap() > json["fits"][0]["bic"].as_f64().unwrap());
}

#[test]
fn what_cannot_be_fitted_says_why() {
    let folder = Folder::new();
    let rows = |prices: &[&str]| {
        let rows = prices.iter().enumerate().map(|(i, price)| format!("{},{price}\n", i * 60));
        format!("time,price\n{}", rows.collect::<String>())
    };
    for (prices, says) in [
        (&[][..], "a history needs at least two rows, to have a return: got 0"),
        (&["1"], "a history needs at least two rows, to have a return: got 1"),
        (&["1", "0"], "line 3: \"0\" in column \"price\" is not a price"),
        (&["1", "-3"], "line 3: \"-3\" in column \"price\" is not a price"),
        (&["5"; 60], "all 60 prices are 5: nothing to calibrate to"),
        (&["5", "6", "5"], "gbm needs at least 20 returns to be calibrated: got 2"),
    ] {
        folder.write("prices.csv", &rows(prices));
        for command in ["calibrate prices.csv", "calibrate prices.csv --process gbm --json out.json"] {
            let error = folder.cenote(command).failed(1);
            assert!(error.starts_with(&format!("error: prices.csv: {says}")), "{error}");
        }
    }
    let error = folder.cenote("calibrate no.csv").failed(1);
    assert!(error.starts_with("error: cannot read no.csv: "), "{error}");
    let error = folder.cenote("calibrate prices.csv --column size").failed(1);
    assert!(error.contains("there is no size column: the file has time, price"), "{error}");
    let error = folder.cenote("calibrate prices.csv --process hawkes").failed(1);
    assert!(error.contains("hawkes needs at least 31 different times of events to be calibrated: got 3"), "{error}");
    folder.cenote("calibrate prices.csv --process heston").failed(2);
    assert_eq!(folder.names(), ["prices.csv"]);
    // A coarse grid.
    let coarse: Vec<String> = (0..200_u32).map(|i| (100 + (i / 7) % 3).to_string()).collect();
    folder.write("prices.csv", &rows(&coarse.iter().map(String::as_str).collect::<Vec<_>>()));
    let out = folder.cenote("calibrate prices.csv").ok();
    assert!(out.contains("% of its steps the price did not move at all"), "{out}");
}

/// Market data, where there are any: every process is fitted or says why not, and its line can be pasted.
#[test]
fn market_data_are_fitted() {
    let Ok(shared) = std::env::var("CENOTE_SHARED") else {
        eprintln!("CENOTE_SHARED is not set: no market data to fit");
        return;
    };
    let folder = Folder::new();
    let old = builtin().lines().find(|line| line.starts_with("price ")).unwrap().to_owned();
    for file in ["ethusdt-1h-2022-2024", "btcusdt-1h-2022-2024", "usdcusdt-1h-2025", "usdc-usd-depeg-2023-03"] {
        let out = folder.cenote(&format!("calibrate {shared}/data/{file}.csv --json -")).ok();
        let json: serde_json::Value = serde_json::from_str(&out).unwrap();
        let (fits, refused) = (json["fits"].as_array().unwrap(), json["refused"].as_array().unwrap());
        assert_eq!((fits.len(), refused.len()), (6, 0), "{file}");
        assert_eq!(fits[0]["process"], "regime-switching", "{file}");
        for fit in fits {
            let line = fit["toml"].as_str().unwrap();
            folder.write("study.toml", &builtin().replacen(&old, line, 1));
            let outcome = folder.cenote("check study.toml");
            let negative = fit["warnings"].as_array().unwrap().iter().any(|text| text.as_str().unwrap().contains("negative"));
            assert_eq!(outcome.status, Some(i32::from(negative)), "{file}: {line}\n{}", outcome.stderr);
        }
    }
}
