use cenote_paths::{Stream, StreamKey, StreamLanes};
use cenote_units::{Lanes, math::waiting_time};
use rand::Rng;
use rand_distr::{Distribution, Exp1, Gamma, Poisson, StandardNormal};

use crate::clock::key;
use crate::statistics::{assert_close, assert_distribution, assert_same_distribution, assert_uncorrelated, mean, variance};

/// Layout version 1. A change here changes every result of every study.
#[test]
fn frozen_values() {
    let stream = Stream::new(StreamKey::new(0x0123_4567_89ab_cdef, "tokens.ETH.price"), 7, 100);
    let mut words = stream.clone();
    let expected = [0x975a_0358, 0x5031_7cfd, 0xd2f9_089d, 0x5930_9bfb, 0x051f_9da1, 0x06ab_d8dc];
    assert_eq!(expected, std::array::from_fn(|_| words.next_u32()));
    let mut uniforms = stream.clone();
    let expected = [0.31325513068382105, 0.34839796922731037, 0.026059678760360305];
    assert_eq!(expected, std::array::from_fn(|_| uniforms.uniform()));
    assert_eq!(stream.clone().exponential(), 1.160737306461174);
    let mut normals = stream.clone();
    assert_eq!(normals.normal_pair(), (-0.09536831155244659, 0.0990585425361405));
    assert_eq!(normals.normal_pair(), (0.021138047472826875, 0.18012861291324764));
}

fn lanes_match_streams<const L: usize>() {
    let paths = std::array::from_fn(|l| (l as u32).wrapping_mul(0x9e37_79b9));
    let lanes = StreamLanes::<L>::new(key(), paths);
    let (mut a, mut b) = (Lanes::ZERO, Lanes::ZERO);
    let (mut z, mut with_bits) = ([Lanes::ZERO; 4], [Lanes::ZERO; 4]);
    let (mut words, mut bits) = ([[0; L]; 4], [[0; L]; 4]);
    for (block, draw) in [(0, 0), (1, 0), (17, 3), (u32::MAX, u32::MAX)] {
        let stream = |l: usize| Stream::new(key(), paths[l], block).at_draw(draw);
        lanes.words(block, draw, &mut words);
        for l in 0..L {
            let mut stream = stream(l);
            assert_eq!(words.each_ref().map(|w| w[l]), std::array::from_fn(|_| u64::from(stream.next_u32())));
        }
        lanes.uniform_pair(block, draw, &mut a, &mut b);
        for l in 0..L {
            let mut stream = stream(l);
            assert_eq!((a[l], b[l]), (stream.uniform(), stream.uniform()));
        }
        lanes.normal_quad(block, draw, &mut z);
        lanes.normal_quad_with_bits(block, draw, &mut with_bits, &mut bits);
        assert_eq!(z, with_bits);
        for l in 0..L {
            let (mut normals, mut words) = (stream(l), stream(l));
            for pair in [0, 2] {
                assert_eq!((z[pair][l], z[pair + 1][l]), normals.normal_pair());
                let word = words.next_u64();
                assert_eq!([bits[pair][l], bits[pair + 1][l]], [(word >> 60) & 1, (word >> 61) & 1]);
            }
        }
        lanes.waiting_quad(block, draw, &mut z);
        for l in 0..L {
            let mut stream = stream(l);
            let [low, high] = [stream.next_u64(), stream.next_u64()].map(|word| [word & 0xffff_ffff, word >> 32]);
            for (k, word) in [low, high].into_iter().flatten().enumerate() {
                assert_eq!(z[k][l], waiting_time((2.0 * f64::from(u32::try_from(word).unwrap()) + 1.0) / 8_589_934_592.0));
                assert!(z[k][l] < StreamLanes::<L>::LONGEST_WAITING_TIME);
            }
        }
    }
}

#[test]
fn lanes_have_the_bits_of_single_streams() {
    lanes_match_streams::<1>();
    lanes_match_streams::<3>();
    lanes_match_streams::<16>();
    lanes_match_streams::<64>();
}

/// One normal of each of `n` streams.
fn normals(n: u32, stream: impl Fn(u32) -> Stream) -> Vec<f64> {
    (0..n).map(|i| stream(i).normal_pair().0).collect()
}

const N: u32 = 100_000;

#[test]
fn uniforms_are_uniform_across_paths_and_within_a_stream() {
    let across = (0..N).map(|path| Stream::new(key(), path, 0).uniform()).collect();
    assert_distribution(across, |u| u);
    let mut stream = Stream::new(key(), 0, 0);
    assert_distribution((0..N).map(|_| stream.uniform()).collect(), |u| u);
}

#[test]
fn exponentials_are_exponential() {
    let e = (0..N).map(|path| Stream::new(key(), path, 1).exponential()).collect();
    assert_distribution(e, |x| 1.0 - (-x).exp());
}

/// Every coordinate of the counter and both halves of the seed: neighbours share nothing.
#[test]
fn neighbouring_streams_are_uncorrelated() {
    let base = normals(N, |i| Stream::new(key(), i, 10));
    let next_path = normals(N, |i| Stream::new(key(), i + 1, 10));
    let next_block = normals(N, |i| Stream::new(key(), i, 11));
    let next_draw = normals(N, |i| Stream::new(key(), i, 10).at_draw(1));
    let swapped = normals(N, |i| Stream::new(key(), 10, i));
    let other_component = normals(N, |i| Stream::new(StreamKey::new(42, "tokens.BTC.price"), i, 10));
    let next_seed = normals(N, |i| Stream::new(StreamKey::new(43, "tokens.ETH.price"), i, 10));
    let high_seed = normals(N, |i| Stream::new(StreamKey::new(42 + (1 << 32), "tokens.ETH.price"), i, 10));
    for other in [next_path, next_block, next_draw, swapped, other_component, next_seed, high_seed] {
        assert_uncorrelated(&base, &other);
    }
}

/// `rand_distr` on a stream is the reference: other algorithms (ziggurat, rejection), the same distributions.
#[test]
fn rand_distr_samples_from_a_stream() {
    let ours = (0..N).map(|path| Stream::new(key(), path, 0).normal_pair().1).collect();
    let theirs = (0..N).map(|path| StandardNormal.sample(&mut Stream::new(key(), path, 1))).collect();
    assert_same_distribution(ours, theirs);
    let ours = (0..N).map(|path| Stream::new(key(), path, 2).exponential()).collect();
    let theirs = (0..N).map(|path| Exp1.sample(&mut Stream::new(key(), path, 3))).collect();
    assert_same_distribution(ours, theirs);
    let mut stream = Stream::new(key(), 0, 4);
    let gamma = Gamma::new(2.5, 0.5).unwrap();
    let draws: Vec<f64> = (0..N).map(|_| gamma.sample(&mut stream)).collect();
    assert_close(mean(&draws), 1.25);
    assert_close(variance(&draws), 0.625);
    let poisson = Poisson::new(6.25).unwrap();
    let draws: Vec<f64> = (0..N).map(|_| poisson.sample(&mut stream)).collect();
    assert_close(mean(&draws), 6.25);
    assert_close(variance(&draws), 6.25);
}
