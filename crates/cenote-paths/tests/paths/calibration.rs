//! Calibration finds what prices were simulated from, within the errors that it states.

use cenote_paths::arrivals::{ArrivalLanes, BuildArrivals, Hawkes, Poisson, Window};
use cenote_paths::calibration::{
    Estimate, EventTimes, Fit, Parameters, PriceProcessKind, Returns, Warning, fit_exp_ou, fit_garch, fit_gbm, fit_hawkes,
    fit_merton, fit_ou, fit_poisson, fit_regime_switching,
};
use cenote_paths::history::UtcTime;
use cenote_paths::{
    BuildPrice, Clustering, Drift, ExpOu, Garch, Gbm, Merton, NormalJumps, Ou, PathError, PriceHistory, Regime, RegimeSwitching,
    Stream, StreamKey,
};
use cenote_units::Lanes;
use rand::RngExt;

use crate::clock::{DAY, HOUR, Runner, years};
use crate::units::{duration, fraction, frequency, rate, volatility};

const PATHS: usize = 20;

/// So many histories of `rows` prices, of which a share is missing: a row in three where `gaps`.
fn histories(model: &impl BuildPrice<PATHS>, step: u64, rows: usize, gaps: bool) -> Vec<PriceHistory> {
    // Paths of their own for every question.
    let mut runner = Runner::<PATHS>::new(model, (rows as u32) << 8);
    let mut times = vec![Vec::new(); PATHS];
    let mut prices = vec![Vec::new(); PATHS];
    for row in 0..rows {
        for path in 0..PATHS {
            let missing = gaps && Stream::new(StreamKey::new(3, "gaps"), path as u32, row as u32).random_range(0..3_u32) == 0;
            if !missing {
                times[path].push(UtcTime::from_nanos((row as u64 * step) as i64));
                prices[path].push(runner.price[path]);
            }
        }
        runner.fixed(step);
    }
    times.into_iter().zip(prices).map(|(times, prices)| PriceHistory::new(times, prices).unwrap()).collect()
}

/// Every estimate within four standard errors of the truth; and over all histories the squares of z sum up as those of standard
/// normals do (chi-squared of 20 degrees of freedom, at 1e-4 on either side): errors are neither too small nor too large.
#[track_caller]
fn assert_recovered(name: &str, estimates: &[Estimate], truth: f64) {
    let z: Vec<f64> = estimates.iter().map(|estimate| (estimate.value - truth) / estimate.standard_error).collect();
    assert_eq!(z.len(), PATHS);
    assert!(z.iter().all(|z| z.abs() <= 4.0), "{name}: {truth}, z {z:.2?}");
    let squares: f64 = z.iter().map(|z| z * z).sum();
    println!("{name}: sum of z² {squares:.1}, mean z {:.2}", z.iter().sum::<f64>() / PATHS as f64);
    assert!((4.39..52.39).contains(&squares), "{name}: sum of z² {squares}, z {z:.2?}");
}

#[track_caller]
fn assert_all_recovered<P: Parameters>(fits: &[Fit<P>], truth: &[f64]) {
    for (i, &truth) in truth.iter().enumerate() {
        let name = fits[0].parameters.list()[i].name;
        let estimates: Vec<Estimate> = fits.iter().map(|fit| fit.parameters.list()[i].estimate).collect();
        assert_recovered(name, &estimates, truth);
    }
    assert_eq!(fits[0].parameters.list().len(), truth.len());
    for fit in fits {
        assert_eq!(fit.warnings, []);
        // Of the right process, with fitted parameters: too large if anything.
        assert!(fit.quality.goodness.p_value > 1e-3, "{:?}", fit.quality);
    }
}

fn fit_each<P>(histories: &[PriceHistory], fit: impl Fn(&Returns) -> Result<Fit<P>, PathError>) -> Vec<Fit<P>> {
    histories.iter().map(|history| fit(&Returns::new(history).unwrap()).unwrap()).collect()
}

#[test]
fn gbm() {
    let model = Gbm::per_year_log(2000.0, 0.3, 0.8).unwrap();
    for gaps in [false, true] {
        assert_all_recovered(&fit_each(&histories(&model, HOUR, 2500, gaps), fit_gbm), &[0.3, 0.8]);
    }
}

#[test]
fn merton() {
    let jumps = NormalJumps { rate: frequency(200.0), mean: fraction(-0.01), deviation: fraction(0.03) };
    let model = Merton::new(2000.0, Drift::Log(rate(0.1)), volatility(0.6), jumps).unwrap();
    for gaps in [false, true] {
        assert_all_recovered(&fit_each(&histories(&model, HOUR, 5000, gaps), fit_merton), &[0.1, 0.6, 200.0, -0.01, 0.03]);
    }
}

#[test]
fn mean_reversion() {
    let half_life = years(5 * HOUR);
    let model = ExpOu::new(1.01, 1.0, duration("5h"), volatility(0.1)).unwrap();
    for gaps in [false, true] {
        assert_all_recovered(&fit_each(&histories(&model, HOUR, 4000, gaps), fit_exp_ou), &[1.0, half_life, 0.1]);
    }
    // The volatility of an ou price is in fractions of its mean.
    let model = Ou::new(2.1, 2.0, duration("5h"), volatility(0.2)).unwrap();
    for gaps in [false, true] {
        assert_all_recovered(&fit_each(&histories(&model, HOUR, 4100, gaps), fit_ou), &[2.0, half_life, 0.1]);
    }
}

#[test]
fn garch() {
    let clustering = Clustering { interval: duration("1h"), alpha: 0.1, beta: 0.85 };
    let model = Garch::new(2000.0, Drift::Log(rate(0.5)), volatility(0.8), clustering).unwrap();
    assert_all_recovered(&fit_each(&histories(&model, HOUR, 8000, false), fit_garch), &[0.5, 0.8, 0.1, 0.85]);
    // Across gaps the likelihood is that of normal sums: near enough.
    let fits = fit_each(&histories(&model, HOUR, 6000, true), fit_garch);
    for fit in fits {
        for (parameter, truth) in fit.parameters.list().iter().zip([0.5, 0.8, 0.1, 0.85]) {
            let Estimate { value, standard_error } = parameter.estimate;
            assert!((value - truth).abs() < 5.0 * standard_error, "{}: {value} ± {standard_error}", parameter.name);
        }
    }
}

/// Switches as often as every five hours, prices every hour: regimes change within steps.
#[test]
fn regime_switching() {
    let regime = |sigma, to, often| Regime {
        drift: Drift::Log(rate(0.2)),
        volatility: volatility(sigma),
        switches: vec![(to, frequency(often))],
    };
    for (often, gaps) in [([200.0, 500.0], false), ([200.0, 500.0], true), ([900.0, 1700.0], false)] {
        let model = RegimeSwitching::new(2000.0, &[regime(0.4, 1, often[0]), regime(1.6, 0, often[1])], 0).unwrap();
        let fits = fit_each(&histories(&model, HOUR, 4000, gaps), fit_regime_switching);
        assert_all_recovered(&fits, &[0.2, 0.4, often[0], 1.6, often[1]]);
    }
}

/// Times of events on each path, to a second.
fn events(model: &impl BuildArrivals<PATHS>, number: usize) -> Vec<EventTimes> {
    let mut lanes: Box<dyn ArrivalLanes<PATHS>> = model.build(StreamKey::new(42, "events"));
    lanes.start(std::array::from_fn(|l| l as u32));
    let mut times = vec![Vec::new(); PATHS];
    let mut counts = Lanes::ZERO;
    let step = 1_000_000_000;
    for block in 0_u32.. {
        let end = u64::from(block + 1) * step;
        let window = Window {
            block,
            end: &[end; PATHS],
            years: &Lanes::splat(years(step)),
            shared: Some(years(step)),
            active: &Lanes::splat(1.0),
        };
        if lanes.count(&window, &mut counts) > 0 {
            for path in 0..PATHS {
                for _ in 0..counts[path] as u32 {
                    times[path].push(UtcTime::from_nanos(end as i64));
                }
            }
            if times.iter().all(|times| times.len() >= number) {
                break;
            }
        }
    }
    times.iter().map(|times| EventTimes::new(times).unwrap()).collect()
}

#[test]
fn hawkes() {
    let model = Hawkes::new(frequency(1500.0 * 365.0), fraction(0.6), duration("3min")).unwrap();
    let all = events(&model, 8000);
    let fits: Vec<_> = all.iter().map(fit_hawkes).collect();
    assert_all_recovered(&fits, &[1500.0 * 365.0, 0.6, years(HOUR / 20)]);
    for (events, fit) in all.iter().zip(&fits) {
        let poisson = fit_poisson(events).quality;
        assert!(poisson.bic() > fit.quality.bic() + 10.0);
    }
}

#[test]
fn poisson_events_are_not_clustered() {
    let model = Poisson::new(frequency(1500.0 * 365.0)).unwrap();
    let all = events(&model, 2000);
    let fits: Vec<_> = all.iter().map(fit_poisson).collect();
    assert_recovered("rate", &fits.iter().map(|fit| fit.parameters).collect::<Vec<_>>(), 1500.0 * 365.0);
    for (events, poisson) in all.iter().zip(&fits) {
        let hawkes = fit_hawkes(events);
        assert!(poisson.quality.bic() < hawkes.quality.bic());
        // Two parameters more hardly make it less likely: the branching ratio begins at a thousandth.
        assert!(hawkes.quality.log_likelihood > poisson.quality.log_likelihood - 1.0);
    }
}

/// The best of the processes for prices of a model. A random walk is told from mean reversion by a likelihood ratio that has the law of
/// Dickey and Fuller, not chi-squared: BIC takes one in twenty for mean reverting, so where the truth is a random walk those are left out.
fn check(model: &impl BuildPrice<PATHS>, expected: PriceProcessKind) {
    let mean_reverting = [PriceProcessKind::Ou, PriceProcessKind::ExpOu];
    let candidates =
        || PriceProcessKind::ALL.into_iter().filter(|kind| expected != PriceProcessKind::Gbm || !mean_reverting.contains(kind));
    for history in histories(model, HOUR, 2000, false).iter().take(2) {
        let returns = Returns::new(history).unwrap();
        let fits: Vec<_> = candidates().map(|kind| kind.fit(&returns).unwrap()).collect();
        let best = fits.iter().min_by(|a, b| a.quality().bic().total_cmp(&b.quality().bic())).unwrap();
        let all: Vec<_> = fits.iter().map(|fit| (fit.kind(), fit.quality().bic())).collect();
        assert_eq!(best.kind(), expected, "{all:?}");
    }
}

/// The process that the prices are from has the smallest BIC.
#[test]
fn the_right_process_is_found() {
    let jumps = NormalJumps { rate: frequency(300.0), mean: fraction(0.0), deviation: fraction(0.04) };
    let clustering = Clustering { interval: duration("1h"), alpha: 0.15, beta: 0.8 };
    let regime = |sigma, to, often| Regime {
        drift: Drift::Log(rate(0.0)),
        volatility: volatility(sigma),
        switches: vec![(to, frequency(often))],
    };
    let no = Drift::Log(rate(0.0));
    check(&Gbm::per_year_log(2000.0, 0.0, 0.8).unwrap(), PriceProcessKind::Gbm);
    check(&Merton::new(2000.0, no, volatility(0.6), jumps).unwrap(), PriceProcessKind::Merton);
    check(&Ou::new(1.0, 1.0, duration("5h"), volatility(8.0)).unwrap(), PriceProcessKind::Ou);
    check(&ExpOu::new(1.0, 1.0, duration("5h"), volatility(8.0)).unwrap(), PriceProcessKind::ExpOu);
    check(&Garch::new(2000.0, no, volatility(0.8), clustering).unwrap(), PriceProcessKind::Garch);
    let switching = RegimeSwitching::new(2000.0, &[regime(0.4, 1, 50.0), regime(1.6, 0, 100.0)], 0).unwrap();
    check(&switching, PriceProcessKind::RegimeSwitching);
}

/// What is fitted to prices does not depend on the unit they are in.
#[test]
fn prices_in_another_unit_have_the_same_fit() {
    let model = Gbm::per_year_log(2000.0, 0.0, 0.8).unwrap();
    let history = &histories(&model, HOUR, 400, true)[0];
    let scaled = PriceHistory::new(history.times().to_vec(), history.prices().iter().map(|price| price * 1e-9).collect()).unwrap();
    for kind in PriceProcessKind::ALL {
        let [a, b] = [history, &scaled].map(|history| kind.fit(&Returns::new(history).unwrap()).unwrap());
        for (a, b) in a.parameters().iter().zip(b.parameters()) {
            let unit = if a.name == "mean" { 1e-9 } else { 1.0 };
            let error = a.estimate.standard_error * unit;
            assert!(error.is_nan() || (a.estimate.value * unit - b.estimate.value).abs() < 0.05 * error, "{kind:?} {a:?} {b:?}");
        }
        assert!((a.quality().log_likelihood - b.quality().log_likelihood).abs() < 1e-3 || kind == PriceProcessKind::Ou, "{kind:?}");
    }
}

#[test]
fn bounds_are_told() {
    // What rises and rises has no mean to go back to.
    let model = Gbm::per_year_log(2000.0, 60.0, 0.3).unwrap();
    let history = &histories(&model, HOUR, 2000, false)[0];
    let fit = fit_exp_ou(&Returns::new(history).unwrap()).unwrap();
    assert!(fit.warnings.iter().any(|warning| matches!(warning, Warning::AtBound { .. })), "{fit:?}");
    // Prices on a coarse grid.
    let history = &histories(&Gbm::per_year_log(2000.0, 0.0, 0.8).unwrap(), HOUR, 2000, false)[0];
    let rounded = history.prices().iter().map(|price| (price / 40.0).round()).collect();
    let coarse = PriceHistory::new(history.times().to_vec(), rounded).unwrap();
    let fit = fit_merton(&Returns::new(&coarse).unwrap()).unwrap();
    assert!(fit.warnings.iter().any(|warning| matches!(warning, Warning::AtBound { .. })), "{fit:?}");
    // What is at a bound has no error.
    assert!(fit.parameters.list().iter().any(|parameter| parameter.estimate.standard_error.is_nan()));
    assert!(fit.quality.goodness.p_value < 1e-6);
}

fn history_of(prices: impl IntoIterator<Item = f64>, seconds: impl Fn(usize) -> i64) -> Result<PriceHistory, PathError> {
    let prices: Vec<f64> = prices.into_iter().collect();
    let times = (0..prices.len()).map(|i| UtcTime::from_nanos(seconds(i) * 1_000_000_000)).collect();
    PriceHistory::new(times, prices)
}

#[test]
fn what_cannot_be_fitted_is_an_error() {
    let hourly = |i: usize| 3600 * i as i64;
    assert!(matches!(history_of([], hourly), Err(PathError::TooShort { rows: 0 })));
    assert!(matches!(history_of([1.0], hourly), Err(PathError::TooShort { rows: 1 })));
    assert!(matches!(history_of([1.0, 0.0], hourly), Err(PathError::BadPrice { .. })));
    assert!(matches!(history_of([1.0, -1.0], hourly), Err(PathError::BadPrice { .. })));
    let constant = Returns::new(&history_of([5.0; 100], hourly).unwrap()).unwrap_err();
    assert_eq!(constant.to_string(), "all 100 prices are 5: nothing to calibrate to; the process is `constant`");
    let growing = Returns::new(&history_of((0..100).map(|i| 1.01_f64.powi(i)), hourly).unwrap());
    assert!(matches!(growing, Err(PathError::ConstantReturns)));
    let zigzag = |n: usize| (0..n).map(|i| 100.0 + (i * 7919 % 13) as f64);
    for (kind, needed) in PriceProcessKind::ALL.into_iter().zip([20, 50, 30, 30, 40, 50]) {
        let few = kind.fit(&Returns::new(&history_of(zigzag(needed), hourly).unwrap()).unwrap()).unwrap_err();
        assert_eq!(
            few.to_string(),
            format!("{} needs at least {needed} returns to be calibrated: got {}", kind.name(), needed - 1)
        );
        kind.fit(&Returns::new(&history_of(zigzag(needed + 1), hourly).unwrap()).unwrap()).unwrap();
    }
    let uneven = history_of(zigzag(100), |i| hourly(i) + if i > 50 { 600 } else { 0 }).unwrap();
    let error = fit_garch(&Returns::new(&uneven).unwrap()).unwrap_err();
    assert!(error.to_string().starts_with("garch needs rows a whole number of intervals apart: two are 70min apart"), "{error}");
    let at = |n: i64| UtcTime::from_nanos(n);
    assert!(matches!(EventTimes::new(&[at(0); 100]), Err(PathError::TooFew { found: 1, .. })));
    assert!(matches!(EventTimes::new(&[at(0), at(1)]), Err(PathError::TooFew { found: 2, .. })));
    let back: Vec<UtcTime> = (0..40).map(|i| at(if i == 20 { 3 } else { i })).collect();
    assert!(matches!(EventTimes::new(&back), Err(PathError::Disorder { line: 21, .. })));
}

/// A fit makes the process that it is of.
#[test]
fn fits_become_processes() {
    let model = Gbm::per_year_log(2000.0, 0.3, 0.8).unwrap();
    let returns = Returns::new(&histories(&model, DAY, 500, false)[0]).unwrap();
    let fitted = fit_gbm(&returns).unwrap().parameters;
    assert_eq!(fitted.process(2000.0).unwrap().volatility(), fitted.volatility.value);
    assert!(fit_merton(&returns).unwrap().parameters.process(2000.0).is_ok());
    assert!(fit_garch(&returns).unwrap().parameters.process(2000.0).is_ok());
    assert!(fit_regime_switching(&returns).unwrap().parameters.process(2000.0).is_ok());
    assert!(fit_exp_ou(&returns).unwrap().parameters.exp_ou(2000.0).is_ok());
    let ou = fit_ou(&returns).unwrap().parameters;
    assert!((ou.ou(2000.0).unwrap().mean() - ou.mean.value).abs() < 1e-9);
}
