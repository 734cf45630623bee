use cenote_paths::{Depeg, ExpOu, Ou, PACK, Peg, PriceModel, Recovery};
use statrs::distribution::{ContinuousCDF, Normal};

use crate::clock::{DAY, HOUR, Runner, assert_frozen, log_returns, sample, years};
use crate::statistics::{assert_close, assert_distribution, assert_same_distribution, mean, variance};
use crate::units::{duration, fraction, frequency, volatility};

const YEAR: u64 = 365 * DAY;

/// κ = 50 a year, σ = 5%, from 1% above its level.
fn stable_pair() -> ExpOu {
    // ln 2/50 years in whole nanoseconds.
    let half_life = cenote_units::SimDuration::from_nanos((2_f64.ln() / 50.0 * 31_536e12).round() as u64);
    ExpOu::new(0.01_f64.exp(), 1.0, half_life, volatility(0.05)).unwrap()
}

#[test]
fn frozen_values() {
    let ou = Ou::new(-0.5, 0.25, duration("3d"), volatility(0.8)).unwrap();
    assert_frozen(
        &ou,
        &[HOUR, 12_000_000_000, DAY, 60 * DAY],
        &[-0.4933038574169265, -0.49319964248548265, -0.37014832105295636, 0.19897279335167295],
    );
    assert_frozen(
        &stable_pair(),
        &[HOUR, 12_000_000_000, DAY, 60 * DAY],
        &[1.0099617224281854, 1.009966604699395, 1.0066926715797064, 0.9958685441076562],
    );
    let recovery = Some(Recovery { probability: fraction(0.7), half_life: duration("2d") });
    let depeg = Depeg { rate: frequency(20.0), size: fraction(0.1), recovery };
    let peg = Peg::new(1.0, duration("12h"), volatility(0.02), Some(depeg)).unwrap();
    assert_frozen(
        &peg,
        &[HOUR, 12_000_000_000, DAY, 20 * DAY, 2 * DAY, 30 * DAY],
        &[0.9999880504310649, 0.9999900616130598, 0.9995058881719824, 0.9845833640895194, 0.9924784086456171, 0.9008683395167911],
    );
}

/// The transition over 0.02 years, in one step and in four unequal ones: 262,144 paths.
#[test]
fn exponential_moments() {
    let t = YEAR / 50;
    for steps in [&[t][..], &[t / 2, t / 4, t / 8, t / 8]] {
        let prices = sample(&stable_pair(), 4096, steps);
        assert_close(mean(&prices), 1.0036964176837166);
        let roots: Vec<f64> = prices.iter().map(|s| s.sqrt()).collect();
        assert_close(mean(&roots), 1.0018437969902698);
        let logs = log_returns(&prices, 1.0);
        assert_close(mean(&logs), 0.0036787944117144234);
        assert_close(variance(&logs), 2.1616617919084682e-05);
        let law = Normal::new(0.0036787944117144234, 2.1616617919084682e-05_f64.sqrt()).unwrap();
        assert_distribution(logs, |x| law.cdf(x));
    }
    assert!((stable_pair().stationary_deviation() - 0.005).abs() < 1e-9);
}

#[test]
fn arithmetic_moments() {
    let ou = Ou::new(-0.5, 0.25, duration("3d"), volatility(0.8)).unwrap();
    let kappa = 2_f64.ln() / years(3 * DAY);
    for steps in [&[4 * DAY][..], &[DAY / 2, DAY / 2, 3 * DAY]] {
        let values = sample(&ou, 2048, steps);
        let left = 0.5_f64.powf(4.0 / 3.0);
        let variance_expected = 0.64 / (2.0 * kappa) * (1.0 - left * left);
        assert_close(mean(&values), 0.25 - 0.75 * left);
        assert_close(variance(&values), variance_expected);
        let law = Normal::new(0.25 - 0.75 * left, variance_expected.sqrt()).unwrap();
        assert_distribution(values, |x| law.cdf(x));
    }
    // The long run, and what comes after it: autocorrelation ½ after a half-life.
    let (mut products, mut values) = (Vec::new(), Vec::new());
    for pack in 0..1024 {
        let mut runner = Runner::<64>::new(&ou, 64 * pack);
        let first = *runner.fixed(YEAR);
        let second = *runner.fixed(3 * DAY);
        for l in 0..64 {
            values.push(first[l]);
            products.push((first[l] - 0.25) * (second[l] - 0.25));
        }
    }
    let stationary = ou.stationary_deviation();
    assert!((stationary - 0.8 / (2.0 * kappa).sqrt()).abs() < 1e-12);
    assert_close(variance(&values), stationary * stationary);
    assert_close(mean(&products), 0.5 * stationary * stationary);
    assert!((ou.lowest() - (-0.5 - 10.0 * stationary)).abs() < 1e-12);
}

#[test]
fn a_step_of_nothing_keeps_the_bits() {
    // Initial values that their formulas do not hit to the bit.
    let ou = Ou::new(0.1, 0.7, duration("3d"), volatility(0.8)).unwrap();
    let exp = ExpOu::new(2000.0, 2100.0, duration("3d"), volatility(0.8)).unwrap();
    let models: [&dyn PriceModel; 2] = [&ou, &exp];
    for model in models {
        let mut runner = Runner::<PACK>::new(model, 0);
        assert_eq!(runner.fixed(0)[0], model.initial());
        assert_eq!(runner.free([0; PACK])[0], model.initial());
        let before = runner.fixed(HOUR).0;
        assert_eq!(runner.fixed(0).0, before);
    }
}

fn quiet_peg(per_year: f64, size: f64, recovery: Option<(f64, &str)>) -> Peg {
    let recovery = recovery.map(|(p, half_life)| Recovery { probability: fraction(p), half_life: duration(half_life) });
    let depeg = Depeg { rate: frequency(per_year), size: fraction(size), recovery };
    Peg::new(1.0, duration("12h"), volatility(0.0), Some(depeg)).unwrap()
}

/// Depegs that stay: the level is (1 − size)^N, N Poisson. E = exp(−λ T size), and no depeg has probability e^(−λT).
#[test]
fn depegs_that_stay() {
    for steps in [&[YEAR][..], &[73 * DAY; 5]] {
        let prices = sample(&quiet_peg(0.1, 0.2, None), 2048, steps);
        let fallen: Vec<f64> = prices.iter().map(|p| f64::from(u8::from(*p < 1.0))).collect();
        assert_close(mean(&fallen), 0.09516258196404043);
        assert_close(mean(&prices), (-0.1_f64 * 0.2).exp());
    }
}

/// Depegs that return. With shot noise of exponential decay, E[ln level] = p λ ln(1 − size) (1 − e^(−sT))/s + (1 − p) λ T ln(1 −
/// size), and the variance has the squares.
#[test]
fn depegs_that_return() {
    let model = quiet_peg(20.0, 0.1, Some((0.7, "5d")));
    let fall = 0.9_f64.ln();
    let speed = 2_f64.ln() / years(5 * DAY);
    let t = years(60 * DAY);
    let shot = |power: f64| (1.0 - (-power * speed * t).exp()) / (power * speed);
    let expected_mean = 20.0 * fall * (0.7 * shot(1.0) + 0.3 * t);
    let expected_variance = 20.0 * fall * fall * (0.7 * shot(2.0) + 0.3 * t);
    let mut samples = Vec::new();
    for steps in [&[60 * DAY][..], &[5 * DAY; 12]] {
        let prices = sample(&model, 2048, steps);
        let logs = log_returns(&prices, 1.0);
        assert_close(mean(&logs), expected_mean);
        assert_close(variance(&logs), expected_variance);
        samples.push(prices);
    }
    // Deviations tell the paths without a depeg apart: without them, many samples would be equal.
    let recovery = Recovery { probability: fraction(0.7), half_life: duration("5d") };
    let depeg = Depeg { rate: frequency(20.0), size: fraction(0.1), recovery: Some(recovery) };
    let model = Peg::new(1.0, duration("12h"), volatility(0.5), Some(depeg)).unwrap();
    assert_same_distribution(sample(&model, 1024, &[10 * DAY]), sample(&model, 1024, &[DAY; 10]));
}

/// The path of one recovery: half of the log fall is gone after each half-life.
#[test]
fn a_recovery_halves() {
    let model = quiet_peg(0.5, 0.19, Some((1.0, "2d")));
    let mut seen = 0;
    for path in 0..400 {
        let mut runner = Runner::<1>::new(&model, path);
        let after = runner.fixed(YEAR / 2)[0].ln();
        // Without another depeg.
        let later = runner.fixed(2 * DAY)[0].ln();
        if after < -1e-6 && later > after {
            assert!((later / after - 0.5).abs() < 1e-9, "{after} {later}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn a_peg_without_depegs_is_an_exponential_ou() {
    let peg = Peg::new(2.0, duration("12h"), volatility(0.02), None).unwrap();
    let exp = ExpOu::new(2.0, 2.0, duration("12h"), volatility(0.02)).unwrap();
    assert_eq!(sample(&peg, 2, &[HOUR; 20]), sample(&exp, 2, &[HOUR; 20]));
}
