//! One path has the same bits alone and in a pack, for every process.

use std::sync::Arc;

use cenote_paths::{
    BusinessTime, CircularBootstrap, Clustering, Constant, Depeg, Drift, ExpOu, ExponentialJumps, Garch, Gbm, Heston, Kou, Merton,
    NormalJumps, Ou, PACK, PathStep, Peg, PerLane, PriceHistory, PriceLanes, PriceModel, PriceProcess, Recovery, Regime,
    RegimeSwitching, Replay, Shock, Shocked, StationaryBootstrap, Step, StochasticVariance, Stream, StreamKey, VarianceGamma,
};
use cenote_units::Lanes;
use rand::RngExt;
use rand_distr::{Distribution, StudentT};

use crate::clock::{DAY, HOUR, Runner, key};
use crate::units::{fraction, frequency, rate, volatility};

/// A user's process: fat tails from `rand_distr`, whose sampler draws a varying number of words.
#[derive(Clone, Debug)]
struct FatTails {
    log_price: f64,
}

impl PriceProcess for FatTails {
    fn start(&mut self) -> f64 {
        self.log_price = 0.0;
        50.0
    }

    fn step(&mut self, step: &PathStep, stream: &mut Stream) -> f64 {
        assert!(!step.length.is_zero());
        let t: f64 = StudentT::new(3.0).unwrap().sample(stream);
        self.log_price += step.years.sqrt() * t;
        50.0 * cenote_units::math::exp(self.log_price)
    }
}

fn history() -> PriceHistory {
    let mut rows = String::from("time,close\n");
    for hour in (0..200).filter(|hour| hour % 67 != 50) {
        let price = 1000 + (hour * 7919) % 97;
        rows += &format!("{},{price}\n", hour * 3600);
    }
    PriceHistory::read_csv(rows.as_bytes(), None).unwrap()
}

fn merton(per_year: f64) -> Merton {
    let jumps = NormalJumps { rate: frequency(per_year), mean: fraction(-0.001), deviation: fraction(0.002) };
    Merton::new(2000.0, Drift::Price(rate(0.1)), volatility(0.9), jumps).unwrap()
}

fn kou() -> Kou {
    let (up_probability, up_mean, down_mean) = (fraction(0.4), fraction(0.01), fraction(0.02));
    let jumps = ExponentialJumps { rate: frequency(9000.0), up_probability, up_mean, down_mean };
    Kou::new(2000.0, Drift::Price(rate(0.1)), volatility(0.9), jumps).unwrap()
}

fn heston(xi: f64) -> Heston {
    let variance = StochasticVariance {
        initial_volatility: volatility(0.5),
        long_run_volatility: volatility(0.6),
        half_life: "20d".parse().unwrap(),
        volatility_of_variance: rate(xi),
        correlation: -0.7,
    };
    Heston::new(2000.0, Drift::Price(rate(0.1)), variance).unwrap()
}

fn garch() -> Garch {
    let clustering = Clustering { interval: "5h".parse().unwrap(), alpha: 0.1, beta: 0.8 };
    Garch::new(2000.0, Drift::Price(rate(0.1)), volatility(0.9), clustering).unwrap()
}

fn regimes() -> RegimeSwitching {
    let regime = |sigma, switches: &[(usize, f64)]| Regime {
        drift: Drift::Price(rate(0.1)),
        volatility: volatility(sigma),
        switches: switches.iter().map(|&(to, often)| (to, frequency(often))).collect(),
    };
    let regimes = [regime(0.4, &[(1, 2000.0), (2, 100.0)]), regime(1.2, &[(0, 5000.0)]), regime(0.1, &[(0, 800.0), (1, 0.0)])];
    RegimeSwitching::new(2000.0, &regimes, 1).unwrap()
}

fn variance_gamma() -> VarianceGamma {
    let time = BusinessTime { asymmetry: rate(-0.2), clock_variance: "5h".parse().unwrap() };
    VarianceGamma::new(2000.0, Drift::Price(rate(0.1)), volatility(0.6), time).unwrap()
}

fn shocked() -> Shocked {
    let shock = |at: &str, size, over: &str| Shock { at: at.parse().unwrap(), size: fraction(size), over: over.parse().unwrap() };
    Shocked::new(Arc::new(merton(300.0)), &[shock("10h", -0.4, "6h"), shock("13h", 0.1, "0s")]).unwrap()
}

fn peg() -> Peg {
    let recovery = Some(Recovery { probability: fraction(0.7), half_life: "2d".parse().unwrap() });
    let depeg = Depeg { rate: frequency(200.0), size: fraction(0.01), recovery };
    Peg::new(1.0, "12h".parse().unwrap(), volatility(0.02), Some(depeg)).unwrap()
}

fn models() -> Vec<Box<dyn PriceModel>> {
    let bootstrap = StationaryBootstrap::new(&history(), "5h".parse().unwrap(), 2000.0).unwrap();
    vec![
        Box::new(Constant::new(3.0).unwrap()),
        Box::new(Gbm::per_year(2000.0, 0.1, 0.9).unwrap()),
        Box::new(Replay::new(&history())),
        Box::new(merton(300.0)),
        // Some steps have more jumps than one uniform decides.
        Box::new(merton(500_000.0)),
        Box::new(Ou::new(-1.0, 2.0, "1d".parse().unwrap(), volatility(0.5)).unwrap()),
        Box::new(ExpOu::new(1000.0, 2000.0, "1d".parse().unwrap(), volatility(0.5)).unwrap()),
        Box::new(peg()),
        Box::new(kou()),
        Box::new(heston(0.5)),
        Box::new(heston(5.0)),
        Box::new(bootstrap),
        Box::new(CircularBootstrap::new(&history(), "5h".parse().unwrap(), 2000.0).unwrap()),
        Box::new(garch()),
        Box::new(regimes()),
        Box::new(variance_gamma()),
        Box::new(shocked()),
        Box::new(FatTails { log_price: 0.0 }),
    ]
}

/// Lengths of its own for each lane and block, some of them zero.
fn lengths(path: u32, block: u32) -> u64 {
    let mut stream = Stream::new(StreamKey::new(5, "clock"), path, block);
    match stream.random_range(0..6_u32) {
        0 => 0,
        1 => HOUR,
        2 => stream.random_range(1..10 * HOUR),
        _ => stream.random_range(1..HOUR),
    }
}

#[test]
fn a_pack_has_the_bits_of_single_paths() {
    for model in models() {
        for first in [0, 1000] {
            let mut pack = Runner::<PACK>::new(&*model, first);
            let mut alone: Vec<_> = (0..PACK as u32).map(|l| Runner::<1>::new(&*model, first + l)).collect();
            assert_eq!(pack.price.0, [model.initial(); PACK]);
            // First all lanes in step, some of them in whole intervals; then each as it likes.
            for nanos in [HOUR, HOUR / 2, HOUR, HOUR / 2, 12_000_000_000, DAY, 3] {
                pack.fixed(nanos);
                for (l, single) in alone.iter_mut().enumerate() {
                    assert_eq!(pack.price[l], single.fixed(nanos)[0], "{model:?}");
                }
            }
            for block in 0..60 {
                let nanos = std::array::from_fn(|l| lengths(first + l as u32, block));
                let before = pack.price;
                pack.free(nanos);
                for (l, single) in alone.iter_mut().enumerate() {
                    assert_eq!(pack.price[l], single.free([nanos[l]])[0], "{model:?}");
                    assert!(nanos[l] > 0 || pack.price[l] == before[l], "{model:?}");
                }
            }
        }
    }
}

/// Lanes hold no secrets: whatever ran before, a start on a path is a start on that path.
#[test]
fn packs_can_be_used_again() {
    for model in models() {
        let mut lanes: Box<dyn PriceLanes<PACK>> = model.build(&key().into());
        let mut run = |first: u32, free: bool| {
            let mut price = Lanes::ZERO;
            lanes.start(std::array::from_fn(|l| first + l as u32), &mut price);
            for block in 0..9 {
                let years = Lanes::splat(0.0001);
                let nanos = [3_153_600_000_000 / 2; PACK];
                let end = nanos.map(|n| n * u64::from(block + 1));
                let shared = if free { None } else { Some(0.0001) };
                lanes.step(&Step { block, nanos: &nanos, end: &end, years: &years, shared }, &mut price);
            }
            price
        };
        let first = run(0, false);
        run(64, true);
        assert_eq!(run(0, true), first, "{model:?}");
        assert_eq!(run(0, false), first, "{model:?}");
    }
}

#[test]
fn a_lifted_process_draws_from_the_stream_of_its_path_and_block() {
    let mut lanes = PerLane::<FatTails, 2>::new(&FatTails { log_price: 0.0 }, key());
    let mut price = Lanes::ZERO;
    lanes.start([3, 4], &mut price);
    let step = Step { block: 8, nanos: &[HOUR; 2], end: &[HOUR; 2], years: &Lanes::splat(0.01), shared: None };
    lanes.step(&step, &mut price);
    // The stream of path 4 in block 8, sampled by hand.
    let t: f64 = StudentT::new(3.0).unwrap().sample(&mut Stream::new(key(), 4, 8));
    assert_eq!(price[1], 50.0 * cenote_units::math::exp(0.01_f64.sqrt() * t));
}
