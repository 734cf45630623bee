//! Prices that move together: by their normals, by shared events, by a joint bootstrap.

use cenote_paths::{
    BuildPrice, BusinessTime, Clustering, CorrelationMatrix, Depeg, Drift, ExpOu, ExponentialJumps, Garch, Gbm, Heston, Kou,
    Merton, NormalJumps, Ou, PACK, Peg, PriceModel, PriceStreams, Recovery, Regime, RegimeSwitching, SharedEvents,
    StochasticVariance, StreamKey, VarianceGamma,
};

use crate::clock::{DAY, HOUR, Runner};
use crate::statistics::{assert_close, mean, variance};
use crate::units::{duration, fraction, frequency, rate, volatility};

fn keys<const N: usize>(names: [&str; N]) -> [StreamKey; N] {
    names.map(|name| StreamKey::new(42, name))
}

fn streams<const N: usize>(names: [&str; N], pairs: &[(usize, usize, f64)]) -> Vec<PriceStreams> {
    CorrelationMatrix::from_pairs(N, pairs).unwrap().streams(&keys(names))
}

fn gbm(sigma: f64) -> Gbm {
    Gbm::per_year(100.0, 0.0, sigma).unwrap()
}

/// Log returns of several prices on the same paths after steps of these lengths.
fn returns(models: &[(&dyn PriceModel, &PriceStreams)], packs: u32, steps: &[u64]) -> Vec<Vec<f64>> {
    let mut all = vec![Vec::new(); models.len()];
    for pack in 0..packs {
        for ((model, streams), returns) in models.iter().zip(&mut all) {
            let mut runner = Runner::<PACK>::drawing(*model, streams, PACK as u32 * pack);
            for &nanos in steps {
                runner.fixed(nanos);
            }
            returns.extend(runner.price.iter().map(|price| (price / model.initial()).ln()));
        }
    }
    all
}

/// The correlation of two samples with its standard error, √((1 − ρ²)²/n) for normals.
fn correlation(a: &[f64], b: &[f64]) -> (f64, f64) {
    let ((ma, _), (mb, _)) = (mean(a), mean(b));
    let products: Vec<f64> = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).collect();
    let n = a.len() as f64;
    let rho = mean(&products).0 * n / (n - 1.0) / (variance(a).0 * variance(b).0).sqrt();
    (rho, (1.0 - rho * rho) / n.sqrt())
}

/// Every pair of four, negative ones and one of zero among them; 65,536 paths, and a hundred steps of one path.
#[test]
fn samples_have_the_correlations_of_the_matrix() {
    let pairs = [(0, 1, 0.8), (0, 2, -0.4), (1, 2, -0.6), (2, 3, 0.3)];
    let matrix = CorrelationMatrix::from_pairs(4, &pairs).unwrap();
    let streams = matrix.streams(&keys(["A", "B", "C", "D"]));
    let models = [gbm(0.8), gbm(0.6), gbm(1.2), gbm(0.3)];
    let priced: Vec<(&dyn PriceModel, &PriceStreams)> =
        models.iter().zip(&streams).map(|(m, s)| (m as &dyn PriceModel, s)).collect();
    let samples = returns(&priced, 512, &[HOUR; 3]);
    for i in 0..4 {
        for j in 0..i {
            assert_close(correlation(&samples[i], &samples[j]), matrix.get(i, j));
        }
        let sigma = models[i].volatility();
        assert_close(variance(&samples[i]), sigma * sigma * 3.0 / 8760.0);
    }
}

/// Each process that has a diffusion shows it: correlated with a geometric Brownian motion its short returns are.
#[test]
fn every_process_with_a_diffusion_takes_part() {
    let drift = Drift::Price(rate(0.0));
    let few = NormalJumps { rate: frequency(0.0), mean: fraction(0.0), deviation: fraction(0.1) };
    let kou =
        ExponentialJumps { rate: frequency(0.0), up_probability: fraction(0.5), up_mean: fraction(0.1), down_mean: fraction(0.1) };
    let calm = Regime { drift, volatility: volatility(0.5), switches: vec![] };
    let time = BusinessTime { asymmetry: rate(0.0), clock_variance: duration("1s") };
    let heston = |rho| {
        let variance = StochasticVariance {
            initial_volatility: volatility(0.6),
            long_run_volatility: volatility(0.6),
            half_life: duration("60d"),
            volatility_of_variance: rate(0.5),
            correlation: rho,
        };
        Heston::new(100.0, drift, variance).unwrap()
    };
    let models: Vec<(Box<dyn PriceModel>, f64)> = vec![
        (Box::new(Merton::new(100.0, drift, volatility(0.5), few).unwrap()), 0.8),
        (Box::new(Kou::new(100.0, drift, volatility(0.5), kou).unwrap()), 0.8),
        (Box::new(ExpOu::new(100.0, 100.0, duration("30d"), volatility(0.5)).unwrap()), 0.8),
        (Box::new(Peg::new(1.0, duration("30d"), volatility(0.02), None).unwrap()), 0.8),
        (Box::new(Ou::new(100.0, 100.0, duration("30d"), volatility(0.5)).unwrap()), 0.8),
        (Box::new(RegimeSwitching::new(100.0, &[calm], 0).unwrap()), 0.8),
        // Business time that hardly differs from the time of clocks.
        (Box::new(VarianceGamma::new(100.0, drift, volatility(0.5), time).unwrap()), 0.8),
        (Box::new(heston(0.0)), 0.8),
        // What drives the variance too is not correlated with anybody else.
        (Box::new(heston(-0.6)), 0.8 * 0.8),
    ];
    let streams = streams(["A", "B"], &[(0, 1, 0.8)]);
    for (model, expected) in &models {
        for steps in [&[HOUR; 5][..], &[3 * HOUR]] {
            let samples = returns(&[(&gbm(0.8), &streams[0]), (&**model, &streams[1])], 256, steps);
            assert_close(correlation(&samples[0], &samples[1]), *expected);
        }
    }
    // A step that Heston's scheme takes in several parts is correlated as a whole. (What the variance does meanwhile makes the returns' correlation
    // smaller by E[√v̄]/√E[v̄], 3e-4 of it.)
    let samples = returns(&[(&gbm(0.8), &streams[0]), (&heston(0.0), &streams[1])], 256, &[4 * DAY]);
    assert_close(correlation(&samples[0], &samples[1]), 0.8);
}

/// Constant conditional correlation (Bollerslev 1990), inside intervals too.
#[test]
fn garch_prices_are_correlated() {
    let clustering = Clustering { interval: duration("1d"), alpha: 0.05, beta: 0.9 };
    let model = Garch::new(100.0, Drift::Price(rate(0.0)), volatility(0.8), clustering).unwrap();
    let streams = streams(["A", "B"], &[(0, 1, 0.7)]);
    for steps in [&[DAY][..], &[HOUR], &[7 * HOUR, 5 * HOUR]] {
        let samples = returns(&[(&model, &streams[0]), (&model, &streams[1])], 256, steps);
        assert_close(correlation(&samples[0], &samples[1]), 0.7);
    }
}

/// Lanes that are at intervals of their own draw alone what packs draw together.
#[test]
fn correlated_garch_prices_have_the_bits_of_single_paths() {
    let clustering = Clustering { interval: duration("5h"), alpha: 0.1, beta: 0.8 };
    let model = Garch::new(100.0, Drift::Price(rate(0.0)), volatility(0.8), clustering).unwrap();
    let streams = &streams(["A", "B"], &[(0, 1, 0.7)])[1];
    let (mut pack, mut free) = (Runner::<8>::drawing(&model, streams, 3), Runner::<8>::drawing(&model, streams, 3));
    for _ in 0..40 {
        assert_eq!(pack.fixed(2 * HOUR), free.free([2 * HOUR; 8]));
    }
    assert_ne!(pack.price, *Runner::<8>::drawing(&model, &keys(["B"])[0].into(), 3).fixed(80 * HOUR));
}

/// Perfectly correlated prices are one up to scale, to the bit; opposite ones mirror one another.
#[test]
fn perfect_correlation_is_identity() {
    let streams = streams(["A", "B", "C", "D"], &[(0, 1, 1.0), (0, 2, -1.0), (1, 2, -1.0)]);
    let mut runners = streams[..3].iter().map(|streams| Runner::<PACK>::drawing(&gbm(0.8), streams, 0)).collect::<Vec<_>>();
    let without_drift = Gbm::per_year_log(100.0, 0.0, 0.8).unwrap();
    let mut plus = Runner::<PACK>::drawing(&without_drift, &streams[0], 0);
    let mut minus = Runner::<PACK>::drawing(&without_drift, &streams[2], 0);
    for _ in 0..100 {
        let prices: Vec<_> = runners.iter_mut().map(|runner| *runner.fixed(HOUR)).collect();
        assert_eq!(prices[0], prices[1]);
        assert_ne!(prices[0], prices[2]);
        let (plus, minus) = (plus.fixed(HOUR), minus.fixed(HOUR));
        for l in 0..PACK {
            assert!((plus[l] * minus[l] / 1e4 - 1.0).abs() < 1e-13);
        }
    }
}

/// The first has the numbers that it has alone, and a price that comes last changes nobody.
#[test]
fn correlations_reach_forward_only() {
    let prices = |streams: &PriceStreams| {
        let mut runner = Runner::<PACK>::drawing(&gbm(0.8), streams, 0);
        [HOUR; 9].map(|nanos| *runner.fixed(nanos))
    };
    let names = ["A", "B", "C", "D"];
    let two = streams(["A", "B", "C"], &[(0, 1, 0.5)]);
    let three = streams(names, &[(0, 1, 0.5), (1, 3, 0.9), (0, 3, 0.2)]);
    for i in 0..3 {
        assert_eq!(prices(&two[i]), prices(&three[i]));
    }
    for i in [0, 2] {
        assert_eq!(prices(&three[i]), prices(&keys(names)[i].into()));
    }
    assert_ne!(prices(&three[1]), prices(&keys(names)[1].into()));
    // Frozen: path 3 of the second after nine hours.
    assert_eq!(prices(&two[1])[8][3], 99.44608625450805);
}

/// A pack has the bits of its paths alone, and any block can be the first.
#[test]
fn correlated_packs_have_the_bits_of_single_paths() {
    let streams = &streams(["A", "B", "C"], &[(0, 1, 0.5), (1, 2, -0.7), (0, 2, 0.1)])[2];
    let mut pack = Runner::<PACK>::drawing(&gbm(0.8), streams, 64);
    for _ in 0..9 {
        pack.fixed(HOUR);
    }
    for l in [0, 1, 63, PACK - 1] {
        let mut alone = Runner::<1>::drawing(&gbm(0.8), streams, 64 + l as u32);
        for _ in 0..9 {
            alone.free([HOUR]);
        }
        assert_eq!(alone.price[0], pack.price[l]);
    }
}

fn events(per_year: f64) -> SharedEvents {
    SharedEvents::new("events.crash", frequency(per_year)).unwrap()
}

/// Jumps of 10% and of 20% on prices that else stand still: when they come is seen in the price.
fn jumper(per_year: f64, size: f64) -> Merton {
    let jumps = NormalJumps { rate: frequency(per_year), mean: fraction(size), deviation: fraction(0.0) };
    Merton::new(100.0, Drift::Log(rate(size * per_year)), volatility(0.0), jumps).unwrap()
}

/// Numbers of jumps within each of these steps, for each path of a pack.
fn jumps<const L: usize>(model: &(impl BuildPrice<L> + ?Sized), name: &str, size: f64, steps: &[u64]) -> Vec<[f64; L]> {
    let mut runner = Runner::<L>::drawing(model, &keys([name])[0].into(), 0);
    let mut before = runner.price;
    let steps = steps.iter().map(|&nanos| {
        let after = *runner.fixed(nanos);
        let jumps = std::array::from_fn(|l| ((after[l] / before[l]).ln() / size).round());
        before = after;
        jumps
    });
    steps.collect()
}

#[test]
fn shared_events_come_to_all_at_once() {
    let steps = [DAY, DAY, 3 * DAY, HOUR, 30 * DAY];
    let (a, b) = (jumper(300.0, -0.1).at(events(300.0)).unwrap(), jumper(300.0, 0.2).at(events(300.0)).unwrap());
    let (a, b) = (jumps::<PACK>(&a, "A", -0.1, &steps), jumps::<PACK>(&b, "B", 0.2, &steps));
    assert_eq!(a, b);
    // Poisson of mean 300/365 in a day.
    let counts: Vec<f64> = a[..2].concat();
    assert_close(mean(&counts), 300.0 / 365.0);
    // Times of their own differ; so do other events.
    assert_ne!(a, jumps::<PACK>(&jumper(300.0, -0.1), "A", -0.1, &steps));
    let others = SharedEvents::new("events.other", frequency(300.0)).unwrap();
    assert_ne!(a, jumps::<PACK>(&jumper(300.0, -0.1).at(others).unwrap(), "A", -0.1, &steps));
}

/// Half of the events each, independently: a quarter befalls both.
#[test]
fn whether_an_event_is_a_jump_is_each_prices_own_affair() {
    let steps = [DAY; 40];
    let all = jumps::<PACK>(&jumper(500.0, 0.1).at(events(500.0)).unwrap(), "A", 0.1, &steps).concat();
    let one = jumps::<PACK>(&jumper(250.0, 0.1).at(events(500.0)).unwrap(), "A", 0.1, &steps).concat();
    let two = jumps::<PACK>(&jumper(250.0, 0.2).at(events(500.0)).unwrap(), "B", 0.2, &steps).concat();
    assert!(all.iter().zip(&one).all(|(all, one)| one <= all));
    let (rate, n) = (500.0 / 365.0, all.len() as f64);
    for half in [&one, &two] {
        assert_close(mean(half), 0.5 * rate);
        assert_close(variance(half), 0.5 * rate);
    }
    // Cov[N₁, N₂] = p² λ: correlation p.
    let (rho, _) = correlation(&one, &two);
    assert!((rho - 0.5).abs() < 4.0 * 1.5 / n.sqrt(), "{rho}");
    // Never, and at most always.
    let never = jumps::<PACK>(&jumper(0.0, 0.1).at(events(500.0)).unwrap(), "A", 0.1, &steps).concat();
    assert!(never.iter().all(|jumps| *jumps == 0.0));
    let error = jumper(501.0, 0.1).at(events(500.0)).unwrap_err().to_string();
    assert!(error.contains("jumps.rate must be at most the rate of the events"), "{error}");
}

/// Packs, single paths and lanes of their own lengths agree, for all that jump; more than one uniform decides in the longest step.
#[test]
fn shared_events_have_the_same_bits_alone() {
    let kou = ExponentialJumps {
        rate: frequency(2000.0),
        up_probability: fraction(0.5),
        up_mean: fraction(0.01),
        down_mean: fraction(0.01),
    };
    let recovery = Some(Recovery { probability: fraction(0.7), half_life: duration("2d") });
    let depeg = Depeg { rate: frequency(2000.0), size: fraction(0.001), recovery };
    let drift = Drift::Price(rate(0.0));
    let models: [Box<dyn PriceModel>; 3] = [
        Box::new(jumper(2000.0, 0.001).at(events(3000.0)).unwrap()),
        Box::new(Kou::new(100.0, drift, volatility(0.5), kou).unwrap().at(events(3000.0)).unwrap()),
        Box::new(Peg::new(1.0, duration("12h"), volatility(0.02), Some(depeg)).unwrap().at(events(3000.0)).unwrap()),
    ];
    let streams = keys(["A"])[0].into();
    for model in &models {
        let mut pack = Runner::<PACK>::drawing(&**model, &streams, 0);
        let mut alone: Vec<_> = (0..PACK as u32).map(|l| Runner::<1>::drawing(&**model, &streams, l)).collect();
        for nanos in [HOUR, DAY, 12_000_000_000, 60 * DAY, HOUR] {
            pack.fixed(nanos);
            for (l, alone) in alone.iter_mut().enumerate() {
                assert_eq!(alone.free([nanos])[0], pack.price[l], "{model:?}");
            }
        }
    }
}

/// Depegs without a recovery at the events of a Merton price: levels fall with its jumps.
#[test]
fn depegs_are_jumps_of_the_level() {
    let depeg = Depeg { rate: frequency(100.0), size: fraction(1.0 - (-0.1_f64).exp()), recovery: None };
    let peg = Peg::new(1.0, duration("12h"), volatility(0.0), Some(depeg)).unwrap().at(events(100.0)).unwrap();
    let steps = [DAY; 10];
    let merton = jumper(100.0, 0.3).at(events(100.0)).unwrap();
    assert_eq!(jumps::<PACK>(&peg, "PEG", -0.1, &steps), jumps::<PACK>(&merton, "M", 0.3, &steps));
    let error = peg.at(events(99.0)).unwrap_err().to_string();
    assert!(error.contains("depeg.rate must be at most"), "{error}");
}

/// With the same jump times, what two prices lose in common shows in the law of their ratio: that of a price without jumps.
#[test]
fn equal_jumps_cancel_in_a_ratio() {
    let jumps = NormalJumps { rate: frequency(50.0), mean: fraction(-0.2), deviation: fraction(0.0) };
    let merton = |events| Merton::new(100.0, Drift::Log(rate(0.0)), volatility(0.4), jumps).unwrap().at(events).unwrap();
    let streams = streams(["A", "B"], &[(0, 1, 0.5)]);
    let model = merton(events(50.0));
    let samples = returns(&[(&model, &streams[0]), (&model, &streams[1])], 256, &[DAY; 3]);
    let ratio: Vec<f64> = samples[0].iter().zip(&samples[1]).map(|(a, b)| a - b).collect();
    assert_close(variance(&ratio), 2.0 * 0.16 * (1.0 - 0.5) * 3.0 / 365.0);
}
