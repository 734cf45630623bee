use cenote_units::{Lanes, math};

use super::strata::Order;
use super::*;
use crate::block_normals::BlockNormals;
use crate::convert::index_below;
use crate::price_streams::PriceStreams;
use crate::sobol::ScrambledSobol;

const NAME: &str = "tokens.ETH.price";

fn key() -> StreamKey {
    StreamKey::new(42, NAME)
}

fn normals<const L: usize>(sampling: &Sampling) -> BlockNormals<L> {
    PriceStreams::from(key()).sampled(sampling).diffusion(0)
}

/// The first `blocks` normals of `paths` paths, path by path.
fn sample(sampling: &Sampling, paths: u32, blocks: u32) -> Vec<Vec<f64>> {
    let mut lanes = normals::<64>(sampling);
    let mut all = Vec::new();
    for first in (0..paths).step_by(64) {
        lanes.start(std::array::from_fn(|l| first + u32::try_from(l).unwrap()));
        let mut pack = vec![Vec::new(); 64];
        for block in 0..blocks {
            let z = lanes.of(block);
            pack.iter_mut().zip(z.iter()).for_each(|(path, z)| path.push(*z));
        }
        all.extend(pack);
    }
    all.truncate(paths as usize);
    all
}

/// Every shape of a bridge: fewer nodes than blocks, as many, more, one; and strata.
fn bridges(sets: u32, points: u32) -> Vec<Sampling> {
    let mut all: Vec<Sampling> =
        [(13, 4), (13, 16), (8, 8), (7, 1)].map(|(blocks, nodes)| Sampling::sobol(&[NAME], blocks, sets, nodes).unwrap()).to_vec();
    all.push(Sampling::sobol(&["tokens.BTC.price", NAME, "tokens.UNI.price"], 11, sets, 8).unwrap());
    all.push(Sampling::stratified(&["tokens.BTC.price", NAME], 10, sets, points).unwrap());
    all
}

/// In sets of one point each paths are independent, and what is left to show is that a path's own normals are: means zero, variances
/// one, covariances zero, over 20,000 paths and 14 blocks, some of them after the bridge. Each of 119 statistics of six samplings is
/// beyond 4.75 standard errors by chance in one of 500,000.
#[test]
fn normals_of_a_path_are_independent() {
    const PATHS: u32 = 20_000;
    for sampling in bridges(PATHS, 1) {
        let paths = sample(&sampling, PATHS, 14);
        let n = f64::from(PATHS);
        let z = |deviation: f64, f: &dyn Fn(&[f64]) -> f64| paths.iter().map(|path| f(path)).sum::<f64>() / n.sqrt() / deviation;
        for i in 0..14 {
            let mean = z(1.0, &|path| path[i]);
            let variance = z(2.0_f64.sqrt(), &|path| path[i] * path[i] - 1.0);
            assert!(mean.abs() < 4.75 && variance.abs() < 4.75, "block {i}: {mean} and {variance}, {sampling:?}");
            for j in 0..i {
                let covariance = z(1.0, &|path| path[i] * path[j]);
                assert!(covariance.abs() < 4.75, "blocks {i} and {j}: {covariance}");
            }
        }
    }
}

/// The sums are the quantiles of the point's coordinates, coarse before fine.
#[test]
fn sums_come_from_points() {
    let (sets, nodes) = (3, 4);
    let sampling = Sampling::sobol(&["tokens.BTC.price", NAME], 13, sets, nodes).unwrap();
    let sequence = Sobol::new(2 * nodes).unwrap();
    for (path, z) in (0..).zip(sample(&sampling, 100, 13)) {
        let set = ScrambledSobol::new(sequence.clone(), StreamKey::new(42, Sampling::STREAM), path % sets);
        let point: Vec<f64> = set.point(path / sets).map(math::normal_quantile).collect();
        let all: f64 = z.iter().sum();
        assert!((all - 13.0_f64.sqrt() * point[1]).abs() < 1e-13);
        // Halves of 13 are 6 and 7; halves of 6 are 3 and 3.
        let half: f64 = z[..6].iter().sum();
        assert!((half - (6.0 / 13.0 * all + (6.0_f64 * 7.0 / 13.0).sqrt() * point[3])).abs() < 1e-13);
        let quarter: f64 = z[..3].iter().sum();
        assert!((quarter - (0.5 * half + 1.5_f64.sqrt() * point[5])).abs() < 1e-13);
    }
}

#[test]
fn each_stratum_has_a_path_of_each_set() {
    let (sets, strata) = (4, 25);
    let sampling = Sampling::stratified(&[NAME], 6, sets, strata).unwrap();
    let mut seen = [[false; 25]; 4];
    let mut orders = vec![Vec::new(); 4];
    let law = statrs::distribution::Normal::new(0.0, 1.0).unwrap();
    for (path, z) in sample(&sampling, sets * strata, 6).into_iter().enumerate() {
        let p = statrs::distribution::ContinuousCDF::cdf(&law, z.iter().sum::<f64>() / 6.0_f64.sqrt());
        let stratum = index_below(p, 25.0) as usize;
        assert!(!std::mem::replace(&mut seen[path % 4][stratum], true), "set {}, stratum {stratum}", path % 4);
        orders[path % 4].push(stratum);
    }
    assert!(orders[0] != orders[1], "each set has its own order");
}

#[test]
fn orders_are_permutations() {
    for count in [1, 2, 3, 10, 100, 625, 1024, 4097] {
        let order = Order::new(key(), 0, 0, count);
        let mut seen = vec![false; count as usize];
        for number in 0..count {
            assert!(!std::mem::replace(&mut seen[order.place(number) as usize], true), "{number} of {count}");
        }
        // Lanes that pad a pack get some place.
        assert!(order.place(count) < count && order.place(u32::MAX) < count);
    }
    // Each number goes everywhere: 10 places, 2,000 orders, counts within 4.75 deviations of 200.
    let mut counts = [[0_i32; 10]; 10];
    for set in 0..2000 {
        let order = Order::new(key(), 0, set, 10);
        for (number, counts) in (0..).zip(&mut counts) {
            counts[order.place(number) as usize] += 1;
        }
    }
    assert!(counts.iter().flatten().all(|count| f64::from(count - 200).abs() < 4.75 * 180.0_f64.sqrt()), "{counts:?}");
}

#[test]
fn antithetic_paths_mirror_each_other_and_nothing_else() {
    let sampling = Sampling::antithetic();
    let paths = sample(&sampling, 64, 9);
    let mut own = BlockNormals::<64>::new(key(), 0);
    own.start(std::array::from_fn(|l| u32::try_from(l).unwrap()));
    let mut lanes = normals::<64>(&sampling);
    lanes.start(std::array::from_fn(|l| u32::try_from(l).unwrap()));
    for pair in 0..32 {
        for block in 0..9 {
            assert_eq!(paths[2 * pair][block], -paths[2 * pair + 1][block]);
            assert_eq!(paths[2 * pair][block], own.of(u32::try_from(block).unwrap())[2 * pair]);
        }
        // The other draws of a path are its own.
        assert_eq!(lanes.streams().paths()[2 * pair + 1], u32::try_from(2 * pair + 1).unwrap());
    }
}

/// Alone or in a pack, walked or jumped to, before or after others: the same bits.
#[test]
fn a_path_has_its_bits_wherever_it_runs() {
    let mut samplings = bridges(5, 40);
    samplings.push(Sampling::antithetic());
    for sampling in samplings {
        let paths = sample(&sampling, 200, 24);
        let mut alone = normals::<1>(&sampling);
        for path in [0, 1, 77, 199_u32] {
            let expected = |block: u32| paths[path as usize][block as usize];
            alone.start([path]);
            for block in [0, 1, 2, 3, 4, 23, 5, 12, 0, 22] {
                assert_eq!(alone.of(block)[0], expected(block), "path {path}, block {block}");
            }
            alone.start([path]);
            assert_eq!(alone.of(9)[0], expected(9));
            let mut pack = normals::<4>(&sampling);
            pack.start([3, path, 150, path]);
            for block in [8, 3, 23] {
                assert_eq!(pack.of_lane(1, block), expected(block));
                assert_eq!(pack.of(block)[3], expected(block));
            }
        }
    }
}

/// A warm-up's blocks, and components that the plan does not name, draw from the streams.
#[test]
fn what_is_not_sampled_is_left_alone() {
    for sampling in bridges(2, 8) {
        let (mut sampled, mut plain) = (normals::<8>(&sampling), BlockNormals::<8>::new(key(), 0));
        let paths = std::array::from_fn(|l| u32::try_from(l).unwrap());
        sampled.start(paths);
        plain.start(paths);
        for block in [(1 << 31) + 5, 16, 1000] {
            assert_eq!(sampled.of(block), plain.of(block));
        }
        assert_ne!(sampled.of(0), plain.of(0));
        let other = StreamKey::new(42, "tokens.OTHER.price");
        let (mut sampled, mut plain) =
            (PriceStreams::from(other).sampled(&sampling).diffusion::<8>(0), BlockNormals::<8>::new(other, 0));
        assert_eq!(sampled.of(3), plain.of(3));
    }
}

/// A mix correlates whatever its components draw.
#[test]
fn mixes_of_sampled_components() {
    let (eth, btc) = (key(), StreamKey::new(42, "tokens.BTC.price"));
    let sampling = Sampling::sobol(&[NAME, "tokens.BTC.price"], 20, 4, 8).unwrap();
    let of = |streams: PriceStreams| {
        let mut lanes = streams.sampled(&sampling).diffusion::<8>(0);
        lanes.start(std::array::from_fn(|l| u32::try_from(l).unwrap()));
        lanes
    };
    let mut mixed = of(PriceStreams::mixed(btc, &[(eth, 0.6), (btc, 0.8)]));
    let (mut one, mut other) = (of(eth.into()), of(btc.into()));
    for block in 0..20 {
        let expected: [f64; 8] = std::array::from_fn(|l| 0.6 * one.of(block)[l] + 0.8 * other.of(block)[l]);
        assert_eq!(*mixed.of(block), Lanes(expected));
    }
}

#[test]
fn frozen() {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for sampling in bridges(3, 30) {
        for path in sample(&sampling, 90, 14) {
            for z in path {
                hash = (hash ^ z.to_bits()).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    assert_eq!(hash, 0xa679_6206_3591_310b, "{hash:#018x}");
}

#[test]
fn plans_that_cannot_be() {
    let refused = |result: Result<Sampling, PathError>, words: &[&str]| {
        let error = result.unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{error}");
    };
    refused(Sampling::sobol(&[NAME], 100, 4, 100), &["nodes", "100", "power of two"]);
    refused(Sampling::sobol(&[NAME], 100, 4, 8192), &["nodes", "8192"]);
    refused(Sampling::sobol(&[NAME], 100, 0, 64), &["sets", "0"]);
    refused(Sampling::sobol(&[NAME], 0, 4, 64), &["blocks", "0"]);
    refused(Sampling::sobol(&[], 100, 4, 64), &["components", "0"]);
    refused(Sampling::stratified(&[NAME], 100, 4, 0), &["strata", "0"]);
    let names: Vec<String> = (0..6).map(|i| format!("tokens.{i}.price")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    refused(Sampling::sobol(&names, 100_000, 4, 4096), &["nodes", "4096", "21201"]);
    // Few blocks need few nodes.
    assert!(Sampling::sobol(&names, 100, 4, 4096).is_ok());
}
