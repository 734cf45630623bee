use cenote_paths::{BusinessTime, Drift, PriceModel, VarianceGamma};
use cenote_units::SimDuration;

use crate::clock::{DAY, HOUR, assert_frozen, log_returns, sample};
use crate::statistics::{assert_close, assert_same_distribution, mean, variance};
use crate::units::{rate, volatility};

const YEAR: u64 = 365 * DAY;

fn time(theta: f64, nu: f64) -> BusinessTime {
    BusinessTime { asymmetry: rate(theta), clock_variance: SimDuration::from_nanos((nu * YEAR as f64) as u64) }
}

fn model() -> VarianceGamma {
    VarianceGamma::new(100.0, Drift::Price(rate(0.0)), volatility(0.6), time(-0.2, 0.1)).unwrap()
}

#[test]
fn frozen_values() {
    assert_frozen(
        &model(),
        &[DAY, HOUR, 12_000_000_000, 30 * DAY, YEAR],
        &[100.00547412803515, 100.00570222327653, 100.00570298359487, 78.27887541830803, 67.46323007155382],
    );
}

/// A year in one step and in 73: 262,144 paths.
#[test]
fn moments_in_the_long_run() {
    for steps in [&[YEAR][..], &[5 * DAY; 73]] {
        let prices = sample(&model(), 4096, steps);
        assert_close(mean(&prices), 100.0);
        let logs = log_returns(&prices, 100.0);
        let expected_mean = -0.18001997337326944;
        assert_close(mean(&logs), expected_mean);
        assert_close(variance(&logs), 0.364);
        let roots: Vec<f64> = prices.iter().map(|s| (s / 100.0).sqrt()).collect();
        assert_close(mean(&roots), 0.956132010666719);
        let fourths: Vec<f64> = logs.iter().map(|x| (x - expected_mean).powi(4) / (0.364 * 0.364)).collect();
        assert_close(mean(&fourths), 3.0 + 0.30655717908465163);
    }
}

/// Fang and Oosterlee 2008, section 5.4: S = 100, K = 90, r = 10%, a year; 1,048,576 paths.
#[test]
fn a_call_has_its_published_price() {
    let model = VarianceGamma::new(100.0, Drift::Price(rate(0.1)), volatility(0.12), time(-0.14, 0.2)).unwrap();
    let payoffs: Vec<f64> = sample(&model, 16_384, &[YEAR]).iter().map(|s| (-0.1_f64).exp() * (s - 90.0).max(0.0)).collect();
    assert_close(mean(&payoffs), 19.099354724202094);
}

#[test]
fn a_day_and_its_24_hours_have_the_same_law() {
    // With a clock that is not so wild: otherwise most days are nothing but drift, and equal up to rounding.
    let model = VarianceGamma::new(100.0, Drift::Price(rate(0.0)), volatility(0.6), time(-0.2, 0.002)).unwrap();
    assert_same_distribution(sample(&model, 1024, &[DAY]), sample(&model, 1024, &[HOUR; 24]));
}

#[test]
fn the_drift_of_the_log_price() {
    let model = VarianceGamma::new(100.0, Drift::Log(rate(0.3)), volatility(0.4), time(-0.5, 0.05)).unwrap();
    assert_close(mean(&log_returns(&sample(&model, 2048, &[YEAR / 2, YEAR / 2]), 100.0)), 0.3);
    assert!(model.check_horizon("365d".parse().unwrap()).is_ok());
    assert_eq!(model.initial(), 100.0);
    // (θ + σ²/2) ν = 1.16
    assert!(VarianceGamma::new(100.0, Drift::Log(rate(0.0)), volatility(0.4), time(0.5, 2.0)).is_err());
    assert!(VarianceGamma::new(100.0, Drift::Log(rate(0.0)), volatility(0.4), time(0.0, 0.0)).is_err());
}
