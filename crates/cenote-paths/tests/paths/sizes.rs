//! How large events are: laws, coins, bits.

use cenote_paths::sizes::{BuildSizes, Constant, Empirical, Lognormal, Pareto, SizeLanes, SizeModel, Trade};
use cenote_paths::{PACK, PathError, StreamKey};
use cenote_units::Lanes;
use statrs::distribution::{ContinuousCDF, LogNormal, Pareto as ParetoLaw};

use crate::statistics::{assert_close, assert_distribution, assert_uncorrelated, mean};

fn build<const L: usize>(model: &(impl BuildSizes<L> + ?Sized), first_path: u32) -> Box<dyn SizeLanes<L>> {
    let mut lanes = model.build(StreamKey::new(42, "agents.retail"));
    lanes.start(std::array::from_fn(|l| first_path + l as u32));
    lanes
}

/// Sizes and coins of 64 paths, 100 blocks and 10 events each.
fn sample(model: &impl BuildSizes<64>) -> (Vec<f64>, Vec<f64>) {
    let mut lanes = build(model, 0);
    let (mut sizes, mut coins) = (Vec::new(), Vec::new());
    for block in 0..100 {
        for event in 0..10 {
            let marks = lanes.of(block, event);
            sizes.extend_from_slice(&marks.sizes.0);
            coins.extend(marks.coins.iter().map(|&coin| coin as f64));
        }
    }
    (sizes, coins)
}

fn observed() -> Empirical {
    Empirical::new(&[10.0, 0.0, 500.0, 20.0, 20.0]).unwrap()
}

fn models() -> Vec<Box<dyn SizeModel>> {
    vec![
        Box::new(Constant::new(500.0).unwrap()),
        Box::new(Lognormal::new(1500.0, 1.2).unwrap()),
        Box::new(Pareto::new(200.0, 2.5).unwrap()),
        Box::new(observed()),
    ]
}

#[test]
fn frozen_values() {
    let first = |model: &dyn SizeModel| -> Vec<(f64, u64)> {
        let mut lanes = build::<PACK>(model, 0);
        [(0, 0), (0, 1), (9, 6)].map(|(block, event)| (lanes.of(block, event).sizes[3], lanes.of(block, event).coins[3])).to_vec()
    };
    let frozen = [
        [(500.0, 0), (500.0, 1), (500.0, 0)],
        [(1319.0090062657794, 0), (5916.913001463551, 1), (6662.718655227789, 0)],
        [(287.8123937328888, 1), (256.6402298844815, 0), (233.3775700774241, 1)],
        [(500.0, 1), (500.0, 0), (20.0, 1)],
    ];
    for (model, frozen) in models().iter().zip(frozen) {
        assert_eq!(first(&**model), frozen, "{model:?}");
    }
}

#[test]
fn sizes_have_their_laws() {
    let (sizes, _) = sample(&Lognormal::new(1500.0, 1.2).unwrap());
    let law = LogNormal::new(1500_f64.ln(), 1.2).unwrap();
    assert_close(mean(&sizes), Lognormal::new(1500.0, 1.2).unwrap().mean());
    assert_distribution(sizes, |x| law.cdf(x));
    let (sizes, _) = sample(&Pareto::new(200.0, 2.5).unwrap());
    let law = ParetoLaw::new(200.0, 2.5).unwrap();
    assert_close(mean(&sizes), 200.0 * 2.5 / 1.5);
    assert_distribution(sizes, |x| law.cdf(x));
    let (sizes, _) = sample(&observed());
    assert_close(mean(&sizes), 110.0);
    for (size, share) in [(0.0, 0.2), (10.0, 0.2), (20.0, 0.4), (500.0, 0.2)] {
        let is: Vec<f64> = sizes.iter().map(|&x| f64::from(u8::from(x == size))).collect();
        assert_close(mean(&is), share);
    }
    let (sizes, _) = sample(&Constant::new(500.0).unwrap());
    assert!(sizes.iter().all(|&size| size == 500.0));
}

#[test]
fn coins_are_fair_and_know_nothing_of_sizes() {
    fn check(model: &impl BuildSizes<64>) {
        let (sizes, coins) = sample(model);
        assert_close(mean(&coins), 0.5);
        let logs: Vec<f64> = sizes.iter().map(|size| (1.0 + size).ln()).collect();
        assert_uncorrelated(&logs, &coins);
        // Nor of each other.
        assert_uncorrelated(&coins[64..], &coins[..coins.len() - 64]);
        assert_uncorrelated(&logs[64..], &logs[..logs.len() - 64]);
    }
    check(&Lognormal::new(1500.0, 1.2).unwrap());
    check(&Pareto::new(200.0, 2.5).unwrap());
    check(&observed());
}

/// In a pack and alone, in order and out of it, as a size and as a trade.
#[test]
fn a_pack_has_the_bits_of_single_paths() {
    for model in models() {
        let mut pack = build::<PACK>(&*model, 100);
        let mut alone: Vec<_> = (0..PACK as u32).map(|l| build::<1>(&*model, 100 + l)).collect();
        let (base, quote) = (Lanes(std::array::from_fn(|l| 2000.0 + l as f64)), Lanes::splat(0.99));
        let counts = Lanes(std::array::from_fn(|l| (l % 9) as f64));
        for (block, event) in [(0, 0), (0, 1), (0, 2), (0, 5), (7, 4), (7, 5), (3, 0), (0, 5), (8, 100)] {
            let marks = pack.of(block, event);
            let (sizes, coins) = (*marks.sizes, *marks.coins);
            let (mut base_in, mut amount_in) = ([0; PACK], Lanes::ZERO);
            pack.trade(block, event, [&base, &quote], Trade { counts: &counts, base_in: &mut base_in, amount_in: &mut amount_in });
            for (l, single) in alone.iter_mut().enumerate() {
                let marks = single.of(block, event);
                assert_eq!((marks.sizes[0], marks.coins[0]), (sizes[l], coins[l]), "{model:?}");
                assert_eq!(base_in[l], if coins[l] == 1 { u64::MAX } else { 0 });
                let price = if coins[l] == 1 { base[l] } else { quote[l] };
                let amount = if f64::from(event) < counts[l] { sizes[l] / price } else { 0.0 };
                assert_eq!(amount_in[l], amount, "{model:?}");
            }
        }
    }
}

#[test]
fn bad_parameters_are_errors() {
    let refused = |error: Result<(), PathError>, name| {
        assert!(matches!(error, Err(PathError::Parameter { name: found, .. }) if found == name), "{name}: {error:?}");
    };
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        refused(Constant::new(bad).map(|_| ()), "size");
        refused(Lognormal::new(bad, 1.0).map(|_| ()), "median");
        refused(Pareto::new(bad, 2.0).map(|_| ()), "minimum");
        refused(observed().scaled(bad).map(|_| ()), "unit");
    }
    for bad in [-0.1, 20.5, f64::NAN] {
        refused(Lognormal::new(1.0, bad).map(|_| ()), "sigma");
    }
    for bad in [1.0, 0.5, f64::NAN, 1001.0] {
        refused(Pareto::new(1.0, bad).map(|_| ()), "tail");
    }
    for bad in [&[][..], &[-1.0], &[f64::NAN], &[1e160], &[0.0, 0.0]] {
        refused(Empirical::new(bad).map(|_| ()), "sizes");
    }
}
