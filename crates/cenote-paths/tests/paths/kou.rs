use cenote_paths::{Drift, ExponentialJumps, Kou, PriceModel};

use crate::clock::{DAY, HOUR, assert_frozen, log_returns, sample};
use crate::statistics::{assert_close, assert_distribution, assert_same_distribution, mean, variance};
use crate::units::{fraction, frequency, rate, volatility};

const YEAR: u64 = 365 * DAY;

fn jumps(per_year: f64, p: f64, eta1: f64, eta2: f64) -> ExponentialJumps {
    ExponentialJumps {
        rate: frequency(per_year),
        up_probability: fraction(p),
        up_mean: fraction(1.0 / eta1),
        down_mean: fraction(1.0 / eta2),
    }
}

fn model() -> Kou {
    Kou::new(100.0, Drift::Price(rate(0.0)), volatility(0.5), jumps(20.0, 0.4, 25.0, 20.0)).unwrap()
}

#[test]
fn frozen_values() {
    let busy = Kou::new(2000.0, Drift::Price(rate(0.05)), volatility(0.8), jumps(8760.0, 0.4, 100.0, 50.0)).unwrap();
    assert_frozen(
        &busy,
        &[HOUR, HOUR, 12_000_000_000, DAY, 60 * DAY],
        &[2014.4552381725516, 2032.8408100894537, 2032.082686266273, 1801.899290929216, 1338.0765707535966],
    );
}

/// A year in one step and in 73, 262,144 paths.
#[test]
fn moments_in_the_long_run() {
    for steps in [&[YEAR][..], &[5 * DAY; 73]] {
        let prices = sample(&model(), 4096, steps);
        let logs = log_returns(&prices, 100.0);
        assert_close(mean(&logs), -0.16690476190476192);
        assert_close(variance(&logs), 0.3356);
        // The compensator.
        assert_close(mean(&prices), 100.0);
        let roots: Vec<f64> = prices.iter().map(|s| (s / 100.0).sqrt()).collect();
        assert_close(mean(&roots), 0.9592342187367086);
    }
}

/// Kou 2002, section 5: S = 100, K = 98, r = 5%, half a year; 1,048,576 paths.
#[test]
fn a_call_has_its_published_price() {
    let model = Kou::new(100.0, Drift::Price(rate(0.05)), volatility(0.16), jumps(1.0, 0.4, 10.0, 5.0)).unwrap();
    let discount = (-0.025_f64).exp();
    let payoffs: Vec<f64> = sample(&model, 16_384, &[YEAR / 2]).iter().map(|s| discount * (s - 98.0).max(0.0)).collect();
    assert_close(mean(&payoffs), 9.147317303936926);
}

/// Single jumps, without diffusion: those of the paths that have exactly one.
#[test]
fn jumps_are_double_exponential() {
    for p in [0.0, 0.3, 1.0] {
        let model = Kou::new(1.0, Drift::Log(rate(0.0)), volatility(0.0), jumps(0.001, p, 4.0, 2.0)).unwrap();
        let drift = model.log_drift_between_jumps();
        let logs = log_returns(&sample(&model, 131_072, &[YEAR]), 1.0);
        // Two jumps come once in a thousand.
        let sizes: Vec<f64> = logs.iter().map(|x| x - drift).filter(|x| x.abs() > 1e-12).collect();
        assert!(sizes.len() > 8000, "{}", sizes.len());
        assert_distribution(sizes, |x| if x < 0.0 { (1.0 - p) * (2.0 * x).exp() } else { 1.0 - p * (-4.0 * x).exp() });
    }
}

#[test]
fn a_day_and_its_24_hours_have_the_same_law() {
    let busy = Kou::new(1.0, Drift::Price(rate(0.0)), volatility(0.5), jumps(400.0, 0.4, 30.0, 40.0)).unwrap();
    assert_same_distribution(sample(&busy, 1024, &[DAY]), sample(&busy, 1024, &[HOUR; 24]));
}

#[test]
fn the_drift_of_the_log_price() {
    let model = Kou::new(100.0, Drift::Log(rate(0.3)), volatility(0.2), jumps(50.0, 0.3, 30.0, 25.0)).unwrap();
    assert_close(mean(&log_returns(&sample(&model, 2048, &[YEAR]), 100.0)), 0.3);
    assert_eq!(model.initial(), 100.0);
    assert!(model.check_horizon("365d".parse().unwrap()).is_ok());
    assert!(model.check_horizon("5000y".parse().unwrap_or(cenote_units::SimDuration::MAX)).is_err());
}
