use cenote_paths::{Drift, Gbm, PriceModel, Stream};
use cenote_units::math;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::clock::{DAY, HOUR, Runner, key, sample, years};
use crate::statistics::{assert_close, assert_distribution, assert_same_distribution, mean, variance};

fn eth() -> Gbm {
    Gbm::per_year(2000.0, 0.05, 0.8).unwrap()
}

#[test]
fn frozen_values() {
    let mut fixed = Runner::<64>::new(&eth(), 0);
    let prices = [HOUR, HOUR, 12_000_000_000, DAY].map(|nanos| fixed.fixed(nanos)[3]);
    assert_eq!(prices, [1998.9549195044226, 2001.6775919455695, 2000.8795714185023, 1931.2363109389069]);
}

/// Half a year in two unequal steps, 131,072 paths.
#[test]
fn moments() {
    let steps = [60 * DAY, 122 * DAY + 12 * HOUR];
    let t = years(steps[0] + steps[1]);
    let prices = sample(&eth(), 2048, &steps);
    assert_close(mean(&prices), 2000.0 * (0.05 * t).exp());
    let logs: Vec<f64> = prices.iter().map(|s| (s / 2000.0).ln()).collect();
    let (drift, deviation) = ((0.05 - 0.32) * t, 0.8 * t.sqrt());
    assert_close(mean(&logs), drift);
    assert_close(variance(&logs), deviation * deviation);
    // E[S^½] = S₀^½ exp(½ (μ − σ²/2) T + σ² T / 8), what a full-range position is worth.
    let roots: Vec<f64> = prices.iter().map(|s| s.sqrt()).collect();
    assert_close(mean(&roots), 2000_f64.sqrt() * (0.5 * drift + 0.125 * deviation * deviation).exp());
    let normal = Normal::new(drift, deviation).unwrap();
    assert_distribution(logs, |x| normal.cdf(x));
}

#[test]
fn a_day_and_its_24_hours_have_the_same_law() {
    let day = sample(&eth(), 1024, &[DAY]);
    let hours = sample(&eth(), 1024, &[HOUR; 24]);
    let logs = |prices: &[f64]| prices.iter().map(|s| s.ln()).collect::<Vec<_>>();
    let expected = 0.64 * years(DAY);
    assert_close(variance(&logs(&day)), expected);
    assert_close(variance(&logs(&hours)), expected);
    assert_same_distribution(day, hours);
}

#[test]
fn drifts_of_the_price_and_of_the_log_price() {
    let (rate, volatility) = ("5%".parse().unwrap(), "80%".parse().unwrap());
    assert_eq!(Gbm::new(2000.0, Drift::Price(rate), volatility).unwrap(), eth());
    let log = Gbm::new(2000.0, Drift::Log(rate), volatility).unwrap();
    assert_eq!(log, Gbm::per_year_log(2000.0, 0.05, 0.8).unwrap());
    assert_eq!((log.log_drift(), log.volatility(), log.initial()), (0.05, 0.8, 2000.0));
    let logs: Vec<f64> = sample(&log, 1024, &[365 * DAY]).iter().map(|s| (s / 2000.0).ln()).collect();
    assert_close(mean(&logs), 0.05);
}

#[test]
fn without_volatility_the_price_follows_its_drift() {
    let model = Gbm::per_year(100.0, 0.1, 0.0).unwrap();
    let price = sample(&model, 1, &[365 * DAY])[0];
    assert!((price / (100.0 * 0.1_f64.exp()) - 1.0).abs() < 1e-15, "{price}");
}

#[test]
fn a_step_of_nothing_keeps_the_bits() {
    let mut runner = Runner::<64>::new(&eth(), 0);
    assert_eq!(runner.free([0; 64]).0, [2000.0; 64]);
    let before = runner.fixed(HOUR).0;
    assert_eq!(runner.fixed(0).0, before);
    let mut nanos = [HOUR; 64];
    nanos[5] = 0;
    let after = runner.free(nanos).0;
    assert_eq!(after[5], before[5]);
    assert_ne!(after[6], before[6]);
}

#[test]
fn fixed_and_free_steps_have_the_same_bits() {
    let (mut fixed, mut free) = (Runner::<64>::new(&eth(), 9), Runner::<64>::new(&eth(), 9));
    for nanos in [HOUR, 12_000_000_000, 7, DAY, HOUR] {
        assert_eq!(fixed.fixed(nanos), free.free([nanos; 64]));
    }
}

/// The numbers of a block do not depend on the blocks before it.
#[test]
fn blocks_can_be_skipped() {
    let returns = |blocks: &[u32]| {
        let mut runner = Runner::<64>::new(&Gbm::per_year_log(1.0, 0.0, 1.0).unwrap(), 0);
        let mut last = [0.0; 64];
        for &block in blocks {
            runner.block = block;
            let before = runner.price;
            runner.fixed(HOUR);
            last = std::array::from_fn(|l| (runner.price[l] / before[l]).ln());
        }
        last
    };
    let walked = returns(&[0, 1, 2, 3, 4, 5, 6, 7]);
    for blocks in [&[7][..], &[6, 7], &[3, 7], &[100, 7]] {
        let jumped = returns(blocks);
        for l in 0..64 {
            assert!((walked[l] - jumped[l]).abs() < 1e-14);
        }
    }
    // The four normals of a draw are different, and so are those of two draws.
    for (a, b) in [(4, 5), (5, 6), (6, 7), (4, 7), (3, 7)] {
        assert_ne!(returns(&[a]), returns(&[b]));
    }
}

/// The normals of a path's blocks, drawn one by one.
fn normals(path: u32, blocks: u32) -> Vec<f64> {
    let mut normals = Vec::new();
    for first in (0..blocks).step_by(4) {
        let mut stream = Stream::new(key(), path, first);
        for _ in 0..2 {
            let (z0, z1) = stream.normal_pair();
            normals.extend([z0, z1]);
        }
    }
    normals.truncate(blocks as usize);
    normals
}

/// A million products stay with the exponential of the sum.
#[test]
fn rounding_does_not_add_up() {
    const STEPS: u32 = 1_000_000;
    let second = 1_000_000_000;
    let mut runner = Runner::<64>::new(&eth(), 0);
    for _ in 0..STEPS {
        runner.fixed(second);
    }
    let (mean, deviation) = (eth().log_drift() * years(second), eth().volatility() * years(second).sqrt());
    for path in [0, 1, 30, 63] {
        // In runs: the sum is to be better than the products.
        let sum: f64 = normals(path, STEPS).chunks(1000).map(|run| run.iter().map(|z| mean + deviation * z).sum::<f64>()).sum();
        let expected = 2000.0 * sum.exp();
        let error = runner.price[path as usize] / expected - 1.0;
        assert!(error.abs() < 1e-12, "path {path}: {error:e}");
    }
}

/// Small moves by the short polynomial, large ones by the exponential, and both in the same pack.
#[test]
fn moves_of_all_sizes() {
    let model = Gbm::per_year_log(1.0, 0.0, 1.0).unwrap();
    let (mut small, mut large) = (0, 0);
    for block in 0..400 {
        // Deviations from 10⁻⁶ to 20.
        let nanos = (years_to_nanos(1e-12) as f64 * 10_f64.powf(f64::from(block) / 400.0 * 14.6)) as u64;
        let mut runner = Runner::<64>::new(&model, 0);
        runner.block = 4 * block;
        runner.fixed(nanos);
        for path in 0..64 {
            let z = Stream::new(key(), path, 4 * block).normal_pair().0;
            let x = years(nanos).sqrt() * z;
            let price = runner.price[path as usize];
            assert!((price / x.exp() - 1.0).abs() <= 4.5e-16, "{x}: {price}");
            if x.abs() > 0.0625 {
                assert_eq!(price, math::exp(x));
                large += 1;
            } else {
                small += 1;
            }
        }
    }
    assert!(small > 5000 && large > 5000, "{small} small moves, {large} large ones");
}

fn years_to_nanos(years: f64) -> u64 {
    (years * 365.0 * DAY as f64) as u64
}

#[test]
fn starting_again_replays() {
    let mut first = Runner::<64>::new(&eth(), 0);
    let mut again = Runner::<64>::new(&eth(), 64);
    first.fixed(HOUR);
    assert_ne!(first.price, *again.fixed(HOUR));
    assert_eq!(first.price, *Runner::<64>::new(&eth(), 0).fixed(HOUR));
}
