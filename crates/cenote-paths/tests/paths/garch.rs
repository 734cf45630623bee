use cenote_paths::{Clustering, Drift, Garch, PriceModel};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::clock::{DAY, HOUR, Runner, assert_frozen, log_returns, sample, years};
use crate::statistics::{assert_close, assert_distribution, mean, variance};
use crate::units::{duration, rate, volatility};

/// ω = 10⁻⁵ a day, α = 0.08, β = 0.9: the variance of a day is 5 × 10⁻⁴ in the long run.
fn model(drift: Drift) -> Garch {
    let clustering = Clustering { interval: duration("1d"), alpha: 0.08, beta: 0.9 };
    Garch::new(100.0, drift, volatility((5e-4_f64 * 365.0).sqrt()), clustering).unwrap()
}

#[test]
fn frozen_values() {
    assert_frozen(
        &model(Drift::Price(rate(0.1))),
        &[HOUR, 12_000_000_000, DAY, 60 * DAY, DAY / 2, 36 * HOUR],
        &[99.83955021476838, 99.86258574041018, 100.4731634664245, 91.74997047317757, 93.33846639329406, 96.19006963325428],
    );
}

/// Moments of the returns in the long run: 131,072 paths of 300 days.
#[test]
fn moments_of_the_returns() {
    let model = model(Drift::Log(rate(0.0)));
    assert!((model.omega() - 1e-5).abs() < 1e-15);
    let (mut squares, mut fourths, mut lag_1, mut lag_5) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for pack in 0..2048 {
        let mut runner = Runner::<64>::new(&model, 64 * pack);
        runner.fixed(300 * DAY);
        let mut returns = [[0.0; 64]; 6];
        for r in &mut returns {
            let before = runner.price;
            let after = runner.fixed(DAY);
            *r = std::array::from_fn(|l| (after[l] / before[l]).ln());
        }
        for l in 0..64 {
            // In units of the variance in the long run.
            let square = |day: usize| returns[day][l] * returns[day][l] / 5e-4;
            squares.push(square(0));
            fourths.push(square(0) * square(0));
            lag_1.push(square(0) * square(1));
            lag_5.push(square(0) * square(5));
        }
    }
    let kurtosis = 4.432835820895522;
    assert_close(mean(&squares), 1.0);
    assert_close(mean(&fourths), kurtosis);
    // E[r₀² rₖ²] = 1 + (kurtosis − 1) × autocorrelation.
    assert_close(mean(&lag_1), 1.0 + (kurtosis - 1.0) * 0.20521739130434782);
    assert_close(mean(&lag_5), 1.0 + (kurtosis - 1.0) * 0.1892859876173913);
}

#[test]
fn drifts_of_the_price_and_of_the_log_price() {
    for steps in [&[120 * DAY][..], &[17 * HOUR; 100]] {
        let t = years(steps.iter().sum());
        let price = sample(&model(Drift::Price(rate(0.5))), 2048, steps);
        assert_close(mean(&price), 100.0 * (0.5 * t).exp());
        let log = log_returns(&sample(&model(Drift::Log(rate(0.5))), 2048, steps), 100.0);
        assert_close(mean(&log), 0.5 * t);
        // Returns of different days are uncorrelated.
        assert_close(variance(&log), 5e-4 * 365.0 * t);
    }
}

/// The first interval is a Brownian motion, whatever the clock.
#[test]
fn within_an_interval() {
    for steps in [&[6 * HOUR][..], &[2 * HOUR, 3 * HOUR, HOUR], &[HOUR / 2; 12]] {
        let logs = log_returns(&sample(&model(Drift::Log(rate(0.0))), 1024, steps), 100.0);
        let law = Normal::new(0.0, (5e-4_f64 / 4.0).sqrt()).unwrap();
        assert_distribution(logs, |x| law.cdf(x));
    }
}

#[test]
fn clocks_of_any_pace_meet_at_the_ends_of_intervals() {
    let model = model(Drift::Price(rate(0.1)));
    let days = sample(&model, 2, &[DAY; 6]);
    assert_eq!(sample(&model, 2, &[6 * DAY]), days);
    assert_eq!(sample(&model, 2, &[2 * HOUR; 72]), days);
    assert_eq!(sample(&model, 2, &[18 * HOUR; 8]), days);
}

/// Without clustering it is geometric Brownian motion.
#[test]
fn without_clustering() {
    let clustering = Clustering { interval: duration("1h"), alpha: 0.0, beta: 0.0 };
    let model = Garch::new(1.0, Drift::Log(rate(0.0)), volatility(0.8), clustering).unwrap();
    let law = Normal::new(0.0, 0.8 * years(5 * HOUR).sqrt()).unwrap();
    assert_distribution(log_returns(&sample(&model, 1024, &[5 * HOUR]), 1.0), |x| law.cdf(x));
    assert!(model.check_horizon("365d".parse().unwrap()).is_ok());
    assert_eq!(model.initial(), 1.0);
}
