//! What constructors refuse, and what they say.

use cenote_paths::{Constant, Gbm, PathError, PriceHistory, PriceModel, StationaryBootstrap};

fn parameter<T: std::fmt::Debug>(result: Result<T, PathError>) -> &'static str {
    match result.unwrap_err() {
        PathError::Parameter { name, .. } => name,
        other => panic!("{other}"),
    }
}

#[test]
fn parameters() {
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-200, 1e200] {
        assert_eq!(parameter(Constant::new(bad)), "initial");
        assert_eq!(parameter(Gbm::per_year(bad, 0.0, 0.5)), "initial");
    }
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(parameter(Gbm::per_year(1.0, bad, 0.5)), "drift");
        assert_eq!(parameter(Gbm::per_year_log(1.0, bad, 0.5)), "log_drift");
        assert_eq!(parameter(Gbm::per_year(1.0, 0.0, bad)), "volatility");
    }
    assert_eq!(parameter(Gbm::per_year(1.0, 0.0, -0.1)), "volatility");
    assert_eq!(
        Gbm::per_year(1.0, 0.0, -0.1).unwrap_err().to_string(),
        "volatility must be a finite number per square root of a year, not negative: got -0.1"
    );
}

#[test]
fn prices_that_would_overflow() {
    let sane = Gbm::per_year(2000.0, 0.0, 0.8).unwrap();
    assert!(sane.check_horizon("3650d".parse().unwrap()).is_ok());
    let wild = Gbm::per_year(2000.0, 0.0, 60.0).unwrap();
    assert!(wild.check_horizon("1d".parse().unwrap()).is_ok());
    let error = wild.check_horizon("365d".parse().unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "over 1y the log price of this process may reach ±2408, more than the ±700 that can be held: \
         use a shorter horizon or a lower drift and volatility"
    );
}

#[test]
fn blocks_must_fit_the_history() {
    let rows = "time,close\n0,1\n3600,2\n7200,1\n10800,3\n";
    let history = PriceHistory::read_csv(rows.as_bytes(), None).unwrap();
    let build = |mean: &str| StationaryBootstrap::new(&history, mean.parse().unwrap(), 1.0);
    assert!(build("1h").is_ok());
    assert!(build("3h").is_ok());
    assert_eq!(
        build("4h").unwrap_err().to_string(),
        "the mean block of 4h must be at least one interval (1h) and at most the whole history (3h)"
    );
    assert!(matches!(build("59min"), Err(PathError::MeanBlock { .. })));
    assert_eq!(parameter(StationaryBootstrap::new(&history, "1h".parse().unwrap(), f64::NAN)), "initial");
    assert!(build("2h").unwrap().check_horizon("36500d".parse().unwrap()).is_err());
}
