//! Closed forms of moments, against the processes themselves.

use std::sync::Arc;

use cenote_paths::{
    BuildPrice, BusinessTime, Constant, Drift, ExpOu, ExponentialJumps, Gbm, Heston, Kou, Merton, NormalJumps, Ou, PriceModel,
    Regime, RegimeSwitching, SharedEvents, Shock, Shocked, StochasticVariance, VarianceGamma,
};
use cenote_units::SimDuration;

use crate::clock::{DAY, sample};
use crate::statistics::{assert_close, mean};
use crate::units::{fraction, frequency, rate, volatility};

/// 64,000 paths over five steps; E[S(T)^power] within 4 standard errors for each power, and no closed form for the others.
fn check(model: &(impl PriceModel + BuildPrice<64>), powers: &[f64]) {
    let steps = [30 * DAY, 1, 40 * DAY, 20 * DAY, 10 * DAY];
    let time = SimDuration::from_nanos(steps.iter().sum());
    let prices = sample(model, 1000, &steps);
    for power in [0.5, 1.0, -0.5, 0.25] {
        let expected = model.moment(power, time);
        assert_eq!(expected.is_some(), powers.contains(&power), "{model:?}, power {power}");
        if let Some(expected) = expected {
            let values: Vec<f64> = prices.iter().map(|price| price.powf(power)).collect();
            assert_close(mean(&values), expected);
            assert_eq!(
                model.moment(power, SimDuration::ZERO).map(|start| (start / model.initial().powf(power) - 1.0).abs() < 1e-14),
                Some(true)
            );
        }
    }
}

const ALL: &[f64] = &[0.5, 1.0, -0.5, 0.25];

fn merton() -> Merton {
    let jumps = NormalJumps { rate: frequency(20.0), mean: fraction(-0.08), deviation: fraction(0.12) };
    Merton::new(2.5, Drift::Price(rate(-0.4)), volatility(0.95), jumps).unwrap()
}

#[test]
fn of_diffusions() {
    check(&Gbm::per_year(2000.0, 0.3, 0.8).unwrap(), ALL);
    check(&Gbm::per_year_log(2000.0, 0.3, 0.8).unwrap(), ALL);
    check(&ExpOu::new(1000.0, 2000.0, "20d".parse().unwrap(), volatility(0.9)).unwrap(), ALL);
}

#[test]
fn of_jumps() {
    check(&merton(), ALL);
    // At the times of shared events, each a jump with a probability, they are as many.
    let events = SharedEvents::new("events.crash", frequency(50.0)).unwrap();
    check(&merton().at(events).unwrap(), ALL);
    let jumps = ExponentialJumps {
        rate: frequency(30.0),
        up_probability: fraction(0.4),
        up_mean: fraction(0.05),
        down_mean: fraction(0.08),
    };
    let kou = Kou::new(2000.0, Drift::Log(rate(0.1)), volatility(0.5), jumps).unwrap();
    check(&kou, ALL);
    // E[e^(25 J)] is infinite, and so is E[e^(−13 J)].
    assert_eq!((kou.moment(20.0, "1d".parse().unwrap()), kou.moment(-12.5, "1d".parse().unwrap())), (None, None));
    let time = BusinessTime { asymmetry: rate(-0.2), clock_variance: "36.5d".parse().unwrap() };
    let variance_gamma = VarianceGamma::new(2000.0, Drift::Price(rate(0.1)), volatility(0.6), time).unwrap();
    check(&variance_gamma, ALL);
    assert_eq!(variance_gamma.moment(15.0, "1d".parse().unwrap()), None);
}

#[test]
fn of_the_mean_alone() {
    check(&Ou::new(3.0, 2.0, "50d".parse().unwrap(), volatility(0.5)).unwrap(), &[1.0]);
    let variance = |correlation| StochasticVariance {
        initial_volatility: volatility(0.8),
        long_run_volatility: volatility(0.7),
        half_life: "60d".parse().unwrap(),
        volatility_of_variance: rate(1.5),
        correlation,
    };
    check(&Heston::new(2000.0, Drift::Price(rate(0.5)), variance(-0.7)).unwrap(), &[1.0]);
    check(&Heston::new(2000.0, Drift::Log(rate(0.5)), variance(-0.7)).unwrap(), &[]);
    let regimes = |other| {
        let regime = |drift, sigma, to| Regime {
            drift: Drift::Price(rate(drift)),
            volatility: volatility(sigma),
            switches: vec![(to, frequency(10.0))],
        };
        RegimeSwitching::new(2000.0, &[regime(0.2, 0.4, 1), regime(other, 1.3, 0)], 0).unwrap()
    };
    check(&regimes(0.2), &[1.0]);
    check(&regimes(0.21), &[]);
}

#[test]
fn of_what_stands_still_or_is_shocked() {
    let model = Constant::new(3.0).unwrap();
    assert!((model.moment(0.5, "1d".parse().unwrap()).unwrap() / 3.0_f64.sqrt() - 1.0).abs() < 1e-15);
    // One shock is over by the horizon, one is on its way, one comes later.
    let shock = |at: &str, size, over: &str| Shock { at: at.parse().unwrap(), size: fraction(size), over: over.parse().unwrap() };
    let shocks = [shock("10d", -0.4, "6h"), shock("95d", 0.3, "10d"), shock("200d", -0.9, "1d")];
    let model = Shocked::new(Arc::new(Gbm::per_year(2000.0, 0.1, 0.8).unwrap()), &shocks).unwrap();
    let time: SimDuration = "100d".parse().unwrap();
    let factor = 0.6 * 1.3_f64.sqrt();
    for power in [1.0, 0.5] {
        let plain = Gbm::per_year(2000.0, 0.1, 0.8).unwrap().moment(power, time).unwrap();
        assert!((model.moment(power, time).unwrap() / (plain * factor.powf(power)) - 1.0).abs() < 1e-14);
    }
}
