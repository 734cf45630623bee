//! The normals of the streams: 16,777,216 of them, whatever 40 bits of radius and 22 of angle may have done.

use cenote_paths::StreamLanes;
use cenote_units::Lanes;
use statrs::distribution::{ContinuousCDF, Normal};

use crate::clock::key;
use crate::statistics::{assert_close, assert_distribution, assert_uncorrelated, mean};

/// Blocks for 2²⁴ normals over 64 paths.
const MANY: u32 = 1 << 16;
/// Blocks for 2²⁰ normals in each place of the four.
const SOME: u32 = 1 << 14;

/// Normals and coins, apart for each place of the four, over 64 paths and many blocks.
fn sample(blocks: u32) -> ([Vec<f64>; 4], [Vec<u64>; 4]) {
    let lanes = StreamLanes::<64>::new(key(), std::array::from_fn(|l| l as u32));
    let (mut z, mut bits) = ([Lanes::ZERO; 4], [[0; 64]; 4]);
    let (mut normals, mut coins) = ([const { Vec::new() }; 4], [const { Vec::new() }; 4]);
    for block in 0..blocks {
        lanes.normal_quad_with_bits(block, 0, &mut z, &mut bits);
        for i in 0..4 {
            normals[i].extend_from_slice(&z[i].0);
            coins[i].extend_from_slice(&bits[i]);
        }
    }
    (normals, coins)
}

fn map(z: &[f64], f: impl Fn(f64) -> f64) -> Vec<f64> {
    z.iter().map(|&z| f(z)).collect()
}

fn assert_normal(z: Vec<f64>, tails: &[f64]) {
    let standard = Normal::standard();
    // E[zᵏ] is 0 for odd k and (k − 1)(k − 3)… for even k.
    for (k, moment) in [(1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0), (5, 0.0), (6, 15.0), (7, 0.0), (8, 105.0)] {
        assert_close(mean(&map(&z, |z| z.powi(k))), moment);
    }
    for &beyond in tails {
        let count = z.iter().filter(|z| z.abs() > beyond).count() as f64;
        let expected = 2.0 * standard.cdf(-beyond) * z.len() as f64;
        assert_close((count, expected.sqrt()), expected);
    }
    assert_distribution(z, |x| standard.cdf(x));
}

#[test]
fn normals_are_normal() {
    assert_normal(sample(MANY).0.concat(), &[3.0, 4.0, 5.0]);
}

#[test]
fn each_of_the_four_is_normal() {
    for z in sample(SOME).0 {
        assert_normal(z, &[3.0, 4.0]);
    }
}

#[test]
fn the_four_of_a_draw_are_independent() {
    let (normals, _) = sample(SOME);
    // The first two share a radius and an angle, which must not show: not in squares, not in products with signs.
    let squares = normals.each_ref().map(|z| map(z, |z| z * z));
    let sizes = normals.each_ref().map(|z| map(z, f64::abs));
    for i in 0..4 {
        for j in 0..4 {
            if i < j {
                assert_uncorrelated(&normals[i], &normals[j]);
                assert_uncorrelated(&squares[i], &squares[j]);
                assert_uncorrelated(&sizes[i], &sizes[j]);
            }
            if i != j {
                assert_uncorrelated(&normals[i], &squares[j]);
            }
        }
    }
}

#[test]
fn coins_are_fair_and_know_nothing_of_the_normals() {
    let (normals, coins) = sample(SOME);
    let coins = coins.map(|coins| coins.iter().map(|&coin| 2.0 * coin as f64 - 1.0).collect::<Vec<_>>());
    for i in 0..4 {
        assert_close(mean(&coins[i]), 0.0);
        for j in 0..4 {
            assert_uncorrelated(&coins[i], &normals[j]);
            assert_uncorrelated(&coins[i], &map(&normals[j], |z| z * z));
            if i < j {
                assert_uncorrelated(&coins[i], &coins[j]);
            }
        }
    }
}
