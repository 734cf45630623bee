use cenote_paths::{Drift, Merton, NormalJumps, PriceModel};
use statrs::distribution::{ContinuousCDF, Discrete, Normal, Poisson};

use crate::clock::{DAY, HOUR, Runner, assert_frozen, log_returns, sample};
use crate::statistics::{assert_close, assert_distribution, assert_same_distribution, mean, variance};
use crate::units::{fraction, frequency, rate, volatility};

const YEAR: u64 = 365 * DAY;

fn jumps(per_year: f64, mean: f64, deviation: f64) -> NormalJumps {
    NormalJumps { rate: frequency(per_year), mean: fraction(mean), deviation: fraction(deviation) }
}

/// σ 0.6, five jumps a year of mean −0.05 and deviation 0.1; the price has no drift.
fn model() -> Merton {
    Merton::new(100.0, Drift::Price(rate(0.0)), volatility(0.6), jumps(5.0, -0.05, 0.1)).unwrap()
}

#[test]
fn frozen_values() {
    let busy = Merton::new(2000.0, Drift::Price(rate(0.05)), volatility(0.8), jumps(8760.0, 0.01, 0.02)).unwrap();
    let steps = [HOUR, HOUR, 12_000_000_000, DAY, 60 * DAY];
    assert_frozen(
        &busy,
        &steps,
        &[1978.5659337744853, 1961.052326229569, 1960.2035128931052, 1920.9612868084844, 728.5505522923323],
    );
}

/// A year in one step and in 73: 262,144 paths. The expected values are cumulants and moments in closed form.
#[test]
fn moments_in_the_long_run() {
    for steps in [&[YEAR][..], &[5 * DAY; 73]] {
        let prices = sample(&model(), 4096, steps);
        let logs = log_returns(&prices, 100.0);
        assert_close(mean(&logs), -0.20998740916549954);
        assert_close(variance(&logs), 0.4225);
        let relative: Vec<f64> = prices.iter().map(|s| s / 100.0).collect();
        // The compensator: without it this would be 0.80.
        assert_close(mean(&relative), 1.0);
        let roots: Vec<f64> = relative.iter().map(|s| s.sqrt()).collect();
        assert_close(mean(&roots), 0.9490017407272033);
        // Third cumulant λ T (m³ + 3 m d²).
        let cubes: Vec<f64> = logs.iter().map(|x| (x + 0.20998740916549954).powi(3)).collect();
        assert_close(mean(&cubes), 5.0 * (-0.000125 - 0.0015));
    }
}

/// A Poisson mixture of normals.
#[test]
fn the_law_is_a_mixture_of_normals() {
    let drift = -0.18 - 5.0 * ((-0.05_f64 + 0.005).exp() - 1.0);
    for days in [1_u64, 30, 365] {
        let t = days as f64 / 365.0;
        let counts = Poisson::new(5.0 * t).unwrap();
        let terms: Vec<(f64, Normal)> = (0..40_u32)
            .map(|n| {
                let k = f64::from(n);
                let law = Normal::new(drift * t - 0.05 * k, (0.36 * t + 0.01 * k).sqrt()).unwrap();
                (counts.pmf(u64::from(n)), law)
            })
            .collect();
        let logs = log_returns(&sample(&model(), 1024, &[days * DAY]), 100.0);
        assert_distribution(logs, |x| terms.iter().map(|(p, law)| p * law.cdf(x)).sum());
    }
}

#[test]
fn a_day_and_its_24_hours_have_the_same_law() {
    let busy = Merton::new(1.0, Drift::Price(rate(0.0)), volatility(0.5), jumps(400.0, 0.0, 0.03)).unwrap();
    assert_same_distribution(sample(&busy, 1024, &[DAY]), sample(&busy, 1024, &[HOUR; 24]));
}

#[test]
fn drifts_of_the_price_and_of_the_log_price() {
    let model = Merton::new(100.0, Drift::Log(rate(0.3)), volatility(0.2), jumps(50.0, 0.02, 0.03)).unwrap();
    assert!((model.log_drift_between_jumps() - (0.3 - 1.0)).abs() < 1e-12);
    assert_close(mean(&log_returns(&sample(&model, 2048, &[YEAR]), 100.0)), 0.3);
    let model = Merton::new(100.0, Drift::Price(rate(0.3)), volatility(0.2), jumps(50.0, 0.02, 0.03)).unwrap();
    let prices = sample(&model, 2048, &[YEAR / 2, YEAR / 2]);
    assert_close(mean(&prices), 100.0 * 0.3_f64.exp());
}

/// More jumps than one uniform can decide.
#[test]
fn very_many_jumps() {
    let model = Merton::new(1.0, Drift::Log(rate(0.0)), volatility(0.0), jumps(1000.0, 0.01, 0.0)).unwrap();
    let counts: Vec<f64> = log_returns(&sample(&model, 256, &[YEAR]), 1.0).iter().map(|x| x / 0.01 + 1000.0).collect();
    assert!(counts.iter().all(|n| (n - n.round()).abs() < 1e-6));
    assert_close(mean(&counts), 1000.0);
    assert_close(variance(&counts), 1000.0);
    // Fixed and free, some lanes above the limit and some below.
    let (mut fixed, mut free) = (Runner::<64>::new(&model, 0), Runner::<64>::new(&model, 0));
    let mixed = std::array::from_fn(|l| if l % 2 == 0 { YEAR } else { DAY });
    let free = *free.free(mixed);
    let fixed = *fixed.fixed(YEAR);
    assert_eq!((free[0], free[62]), (fixed[0], fixed[62]));
    assert_eq!(free[1], Runner::<64>::new(&model, 0).fixed(DAY)[1]);
}

/// Without jumps it is geometric Brownian motion, to the bit.
#[test]
fn without_jumps() {
    let gbm = cenote_paths::Gbm::per_year(100.0, 0.1, 0.6).unwrap();
    let model = Merton::new(100.0, Drift::Price(rate(0.1)), volatility(0.6), jumps(0.0, -0.05, 0.1)).unwrap();
    assert_eq!(sample(&model, 2, &[HOUR; 10]), sample(&gbm, 2, &[HOUR; 10]));
    assert_eq!(model.initial(), 100.0);
}

#[test]
fn a_long_horizon_is_refused() {
    let model = Merton::new(1.0, Drift::Price(rate(0.0)), volatility(0.5), jumps(1000.0, 0.5, 0.1)).unwrap();
    assert!(model.check_horizon("30d".parse().unwrap()).is_ok());
    assert!(model.check_horizon("2y".parse().unwrap()).is_err());
}
