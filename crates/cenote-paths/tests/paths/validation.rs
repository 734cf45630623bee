//! What constructors refuse, and what they say.

use cenote_paths::{
    BusinessTime, Clustering, Constant, Depeg, Drift, ExpOu, ExponentialJumps, Garch, Gbm, Heston, Kou, Merton, NormalJumps, Ou,
    PathError, Peg, PriceHistory, PriceModel, Recovery, StationaryBootstrap, StochasticVariance, VarianceGamma,
};

use crate::units::{duration, fraction, frequency, rate, volatility};

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
        "over 365d the log price of this process may reach ±2408, more than the ±700 that can be held: \
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

const FLAT: fn() -> Drift = || Drift::Price(rate(0.0));

#[test]
fn jumps() {
    let merton = |initial, per_year, mean, deviation| {
        let jumps = NormalJumps { rate: frequency(per_year), mean: fraction(mean), deviation: fraction(deviation) };
        parameter(Merton::new(initial, FLAT(), volatility(0.5), jumps))
    };
    assert_eq!(merton(0.0, 1.0, 0.0, 0.1), "initial");
    assert_eq!(merton(1.0, 1.1e6, 0.0, 0.1), "jumps.rate");
    assert_eq!(merton(1.0, 1.0, 10.1, 0.1), "jumps.mean");
    assert_eq!(merton(1.0, 1.0, 0.0, -0.1), "jumps.deviation");
    let kou = |initial, per_year, p, up, down| {
        let jumps = ExponentialJumps {
            rate: frequency(per_year),
            up_probability: fraction(p),
            up_mean: fraction(up),
            down_mean: fraction(down),
        };
        parameter(Kou::new(initial, FLAT(), volatility(0.5), jumps))
    };
    assert_eq!(kou(f64::NAN, 1.0, 0.5, 0.1, 0.1), "initial");
    assert_eq!(kou(1.0, 1.1e6, 0.5, 0.1, 0.1), "jumps.rate");
    assert_eq!(kou(1.0, 1.0, 1.5, 0.1, 0.1), "jumps.up_probability");
    assert_eq!(kou(1.0, 1.0, 0.5, 1.0, 0.1), "jumps.up_mean");
    assert_eq!(kou(1.0, 1.0, 0.5, 0.1, 0.0), "jumps.down_mean");
}

#[test]
fn reversions() {
    let (zero, day) = (duration("0s"), duration("1d"));
    assert_eq!(parameter(Ou::new(f64::NAN, 0.0, day, volatility(0.1))), "initial");
    assert_eq!(parameter(Ou::new(0.0, f64::INFINITY, day, volatility(0.1))), "mean");
    assert_eq!(parameter(Ou::new(0.0, 0.0, zero, volatility(0.1))), "half_life");
    assert_eq!(parameter(ExpOu::new(0.0, 1.0, day, volatility(0.1))), "initial");
    assert_eq!(parameter(ExpOu::new(1.0, -1.0, day, volatility(0.1))), "mean");
    assert_eq!(parameter(ExpOu::new(1.0, 1.0, zero, volatility(0.1))), "half_life");
    let peg = |size, probability, half_life| {
        let recovery = Some(Recovery { probability: fraction(probability), half_life });
        let depeg = Depeg { rate: frequency(1.0), size: fraction(size), recovery };
        parameter(Peg::new(1.0, day, volatility(0.1), Some(depeg)))
    };
    assert_eq!(peg(1.0, 0.5, day), "depeg.size");
    assert_eq!(peg(-0.1, 0.5, day), "depeg.size");
    assert_eq!(peg(0.1, -0.5, day), "depeg.recovery.probability");
    assert_eq!(peg(0.1, 0.5, zero), "depeg.recovery.half_life");
    assert_eq!(parameter(Peg::new(1.0, zero, volatility(0.1), None)), "reversion_half_life");
    assert_eq!(
        Peg::new(1.0, zero, volatility(0.1), None).unwrap_err().to_string(),
        "reversion_half_life must be longer than 0s: got 0"
    );
}

#[test]
fn changing_volatilities() {
    let sane = StochasticVariance {
        initial_volatility: volatility(0.8),
        long_run_volatility: volatility(0.7),
        half_life: duration("60d"),
        volatility_of_variance: rate(1.5),
        correlation: -0.5,
    };
    let heston = |variance| parameter(Heston::new(1.0, FLAT(), variance));
    assert_eq!(heston(StochasticVariance { long_run_volatility: volatility(0.0), ..sane }), "long_run_volatility");
    assert_eq!(heston(StochasticVariance { half_life: duration("0s"), ..sane }), "half_life");
    assert_eq!(heston(StochasticVariance { volatility_of_variance: rate(0.0), ..sane }), "volatility_of_variance");
    for bad in [-1.1, 1.1, f64::NAN] {
        assert_eq!(heston(StochasticVariance { correlation: bad, ..sane }), "correlation");
    }
    let garch = |interval, alpha, beta| {
        parameter(Garch::new(1.0, FLAT(), volatility(0.5), Clustering { interval: duration(interval), alpha, beta }))
    };
    assert_eq!(garch("0s", 0.1, 0.8), "interval");
    assert_eq!(garch("1d", -0.1, 0.8), "alpha");
    assert_eq!(garch("1d", 0.2, 0.8), "beta");
    assert_eq!(garch("1d", 0.1, f64::NAN), "beta");
    let time = BusinessTime { asymmetry: rate(-0.2), clock_variance: duration("0s") };
    assert_eq!(parameter(VarianceGamma::new(1.0, FLAT(), volatility(0.5), time)), "clock_variance");
}
