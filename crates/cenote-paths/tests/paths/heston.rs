use cenote_paths::{Drift, Heston, PriceModel, StochasticVariance};
use cenote_units::SimDuration;

use crate::clock::{DAY, HOUR, Runner, assert_frozen, log_returns, sample};
use crate::statistics::{assert_close, assert_same_distribution, mean};
use crate::units::{rate, volatility};

const YEAR: u64 = 365 * DAY;

fn variance(v0: f64, kappa: f64, theta: f64, xi: f64, rho: f64) -> StochasticVariance {
    StochasticVariance {
        initial_volatility: volatility(v0.sqrt()),
        long_run_volatility: volatility(theta.sqrt()),
        half_life: SimDuration::from_nanos((2_f64.ln() / kappa * 31_536e12).round() as u64),
        volatility_of_variance: rate(xi),
        correlation: rho,
    }
}

fn model() -> Heston {
    Heston::new(100.0, Drift::Price(rate(0.0)), variance(0.64, 3.0, 0.5, 0.8, -0.5)).unwrap()
}

#[test]
fn frozen_values() {
    let touching_zero = Heston::new(2000.0, Drift::Price(rate(0.05)), variance(0.04, 1.0, 0.04, 2.0, -0.9)).unwrap();
    assert_frozen(
        &touching_zero,
        &[HOUR, 12_000_000_000, DAY, 7 * DAY, 60 * DAY, HOUR],
        &[2001.3277461775028, 2001.1544392844287, 1966.191673467827, 1940.1035569494275, 1987.2251208556268, 1987.2405468638988],
    );
}

/// From the affine transform: a year in one step, in twelve unequal ones and in 365, 131,072 paths.
#[test]
fn moments_in_the_long_run() {
    let unequal: Vec<u64> = (0..12).map(|i| if i % 2 == 0 { YEAR / 12 + 10 * DAY } else { YEAR / 12 - 10 * DAY }).collect();
    for steps in [&[YEAR][..], &unequal, &[DAY; 365]] {
        let prices = sample(&model(), 2048, steps);
        assert_close(mean(&prices), 100.0);
        let roots: Vec<f64> = prices.iter().map(|s| (s / 100.0).sqrt()).collect();
        assert_close(mean(&roots), 0.9371944530044549);
        // Half of the integrated variance.
        assert_close(mean(&log_returns(&prices, 100.0)), -0.5 * 0.544343270142833);
    }
}

/// Fang and Oosterlee 2008, section 5.2, with 2κθ = 0.126 < ξ² = 0.331; 524,288 paths.
#[test]
fn a_call_has_its_published_price() {
    let model = Heston::new(100.0, Drift::Price(rate(0.0)), variance(0.0175, 1.5768, 0.0398, 0.5751, -0.5711)).unwrap();
    let payoffs: Vec<f64> = sample(&model, 8192, &[YEAR]).iter().map(|s| (s - 100.0).max(0.0)).collect();
    assert_close(mean(&payoffs), 5.785155434376189);
}

/// The martingale correction holds where the variance spends its time at zero, and with a positive correlation.
#[test]
fn the_price_has_its_drift() {
    for rho in [-1.0, -0.7, 0.0, 0.7, 1.0] {
        let variance = variance(0.09, 1.0, 0.09, 1.5, rho);
        let price = Heston::new(1.0, Drift::Price(rate(0.2)), variance).unwrap();
        assert_close(mean(&sample(&price, 1024, &[YEAR / 4, YEAR / 4])), 0.1_f64.exp());
        let log = Heston::new(1.0, Drift::Log(rate(0.2)), variance).unwrap();
        assert_close(mean(&log_returns(&sample(&log, 1024, &[YEAR / 4, YEAR / 4]), 1.0)), 0.1);
    }
}

#[test]
fn days_and_hours_have_the_same_law() {
    let model = Heston::new(1.0, Drift::Price(rate(0.0)), variance(0.3, 20.0, 0.5, 4.0, -0.6)).unwrap();
    let hours = sample(&model, 512, &[HOUR; 240]);
    assert_same_distribution(sample(&model, 512, &[10 * DAY]), hours.clone());
    assert_same_distribution(sample(&model, 512, &[DAY; 10]), hours);
}

#[test]
fn a_step_of_nothing_keeps_the_bits() {
    let from_zero = Heston::new(1.0, Drift::Price(rate(0.0)), variance(0.0, 3.0, 0.5, 0.8, -0.5)).unwrap();
    let mut runner = Runner::<64>::new(&from_zero, 0);
    assert_eq!(runner.fixed(0).0, [1.0; 64]);
    assert_eq!(runner.free([0; 64]).0, [1.0; 64]);
    assert!(runner.fixed(HOUR).iter().all(|price| price.is_finite() && *price != 1.0));
    assert_eq!(from_zero.initial(), 1.0);
    assert!(from_zero.check_horizon("365d".parse().unwrap()).is_ok());
    assert!(from_zero.check_horizon("500y".parse().unwrap()).is_err());
}
