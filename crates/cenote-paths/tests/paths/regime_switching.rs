use cenote_paths::{Drift, Regime, RegimeSwitching};
use cenote_paths::{PathError, PriceModel};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::clock::{DAY, HOUR, assert_frozen, log_returns, sample, years};
use crate::statistics::{assert_close, assert_distribution, assert_same_distribution, mean};
use crate::units::{frequency, rate, volatility};

const YEAR: u64 = 365 * DAY;

fn regime(drift: Drift, sigma: f64, switches: &[(usize, f64)]) -> Regime {
    let switches = switches.iter().map(|&(to, often)| (to, frequency(often))).collect();
    Regime { drift, volatility: volatility(sigma), switches }
}

/// Two regimes of volatility 0.4 and 1.2 that last three months and five weeks.
fn model() -> RegimeSwitching {
    let drift = Drift::Price(rate(0.0));
    RegimeSwitching::new(100.0, &[regime(drift, 0.4, &[(1, 4.0)]), regime(drift, 1.2, &[(0, 10.0)])], 0).unwrap()
}

#[test]
fn frozen_values() {
    let drift = |x| Drift::Log(rate(x));
    let regimes =
        [regime(drift(0.5), 0.4, &[(1, 40.0), (2, 9.0)]), regime(drift(-3.0), 1.2, &[(0, 90.0)]), regime(drift(0.0), 0.1, &[])];
    let model = RegimeSwitching::new(100.0, &regimes, 1).unwrap();
    assert_frozen(
        &model,
        &[HOUR, 12_000_000_000, DAY, 60 * DAY, DAY],
        &[99.89203351519497, 99.90396176141604, 94.18396750483882, 52.84236918562011, 52.8980134821101],
    );
}

/// E[S^w] = 1'exp((Q + diag(w (w − 1) σ²/2)) T): 262,144 paths, in a year and in 73 steps.
#[test]
fn moments_in_the_long_run() {
    for steps in [&[YEAR][..], &[5 * DAY; 73]] {
        let prices = sample(&model(), 4096, steps);
        assert_close(mean(&prices), 100.0);
        let roots: Vec<f64> = prices.iter().map(|s| (s / 100.0).sqrt()).collect();
        assert_close(mean(&roots), 0.9397651303317703);
        // Half of the integrated variance.
        assert_close(mean(&log_returns(&prices, 100.0)), -0.5 * 0.4995918584562604);
    }
}

/// The time in a regime is in the price where that drifts and does not diffuse: from a calm start, the share of time that
/// a chain of rates 4 and 10 spends away is (2/7)(1 − (1 − e^(−14T))/(14T)).
#[test]
fn time_is_spent_as_the_chain_says() {
    let regimes = [regime(Drift::Log(rate(0.0)), 0.0, &[(1, 4.0)]), regime(Drift::Log(rate(1.0)), 0.0, &[(0, 10.0)])];
    let model = RegimeSwitching::new(1.0, &regimes, 0).unwrap();
    for days in [20, 365] {
        let t = years(days * DAY);
        let away = log_returns(&sample(&model, 2048, &[days * DAY]), 1.0);
        assert_close(mean(&away), 4.0 / 14.0 * (t - (1.0 - (-14.0 * t).exp()) / 14.0));
        let never: Vec<f64> = away.iter().map(|x| f64::from(u8::from(*x == 0.0))).collect();
        assert_close(mean(&never), (-4.0 * t).exp());
        // Other clocks meet the same switches.
        let finer = log_returns(&sample(&model, 16, &vec![HOUR; 24 * days as usize]), 1.0);
        for (a, b) in away.iter().zip(&finer) {
            assert!((a - b).abs() < 1e-12, "{a} {b}");
        }
    }
}

/// From the middle of three, up twice as often as down, and never back.
#[test]
fn switches_go_where_they_should() {
    let drift = |x| Drift::Log(rate(x));
    let regimes = [regime(drift(-1.0), 0.0, &[]), regime(drift(0.0), 0.0, &[(0, 300.0), (2, 600.0)]), regime(drift(1.0), 0.0, &[])];
    let model = RegimeSwitching::new(1.0, &regimes, 1).unwrap();
    let up: Vec<f64> = sample(&model, 512, &[YEAR]).iter().map(|price| f64::from(u8::from(*price > 1.0))).collect();
    assert_close(mean(&up), 2.0 / 3.0);
}

#[test]
fn one_regime_is_a_brownian_motion() {
    let model = RegimeSwitching::new(1.0, &[regime(Drift::Log(rate(0.3)), 0.7, &[])], 0).unwrap();
    let law = Normal::new(0.3 * years(30 * DAY), 0.7 * years(30 * DAY).sqrt()).unwrap();
    assert_distribution(log_returns(&sample(&model, 1024, &[30 * DAY]), 1.0), |x| law.cdf(x));
}

#[test]
fn a_month_and_its_days_have_the_same_law() {
    assert_same_distribution(sample(&model(), 1024, &[30 * DAY]), sample(&model(), 1024, &[DAY; 30]));
}

#[test]
fn regimes_that_cannot_be() {
    let drift = Drift::Price(rate(0.0));
    let fails = |regimes: &[Regime], start| match RegimeSwitching::new(1.0, regimes, start).unwrap_err() {
        PathError::Parameter { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(fails(&[], 0), "start");
    assert_eq!(fails(&[regime(drift, 0.5, &[])], 1), "start");
    assert_eq!(fails(&[regime(drift, 0.5, &[(1, 2.0)])], 0), "switches");
    assert_eq!(fails(&[regime(drift, 0.5, &[(0, 2.0)])], 0), "switches");
    assert_eq!(fails(&[regime(drift, 0.5, &[(1, 2e6)]), regime(drift, 0.5, &[])], 0), "switches");
    assert!(model().check_horizon("365d".parse().unwrap()).is_ok());
    assert_eq!(model().initial(), 100.0);
}
