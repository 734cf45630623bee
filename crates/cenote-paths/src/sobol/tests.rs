use super::*;
use crate::convert::{index_below, index_to_f64};

/// That these points have one in each of the intervals of length 2^(−`log_points`), in every dimension.
fn nets(points: &[Vec<u32>], log_points: u32) {
    let dimensions = points[0].len();
    for d in 0..dimensions {
        let mut seen = vec![false; 1 << log_points];
        for point in points {
            let cell = (point[d] >> (32 - log_points)) as usize;
            assert!(!seen[cell], "dimension {d}: two points in an interval");
            seen[cell] = true;
        }
    }
}

/// Whether every box of 2⁻ᵃ by 2^(a − m) has one point.
fn is_two_dimensional_net(points: &[(u32, u32)], log_points: u32) -> bool {
    (0..=log_points).all(|a| {
        let mut seen = vec![false; 1 << log_points];
        points.iter().all(|&(x, y)| {
            let x = u64::from(x) >> (32 - a);
            let y = u64::from(y) >> (32 - (log_points - a));
            let cell = usize::try_from((x << (log_points - a)) | y).unwrap();
            !std::mem::replace(&mut seen[cell], true)
        })
    })
}

#[test]
fn one_dimension_at_a_time_is_stratified_in_every_dimension() {
    let sobol = Sobol::new(Sobol::MAX_DIMENSIONS).unwrap();
    assert_eq!(sobol.dimensions(), 21_201);
    for first in [0, 256] {
        let points: Vec<Vec<u32>> = (first..first + 256).map(|i| sobol.point(i).collect()).collect();
        nets(&points, 8);
    }
}

/// The published property A of Joe and Kuo's numbers holds in pairs of low dimensions: the first two are a (0, m, 2)-net.
#[test]
fn the_first_two_dimensions_are_a_net_before_and_after_scrambling() {
    let sobol = Sobol::new(2).unwrap();
    for log_points in [1, 4, 7, 10, 14] {
        let pair = |i| {
            let point: Vec<u32> = sobol.point(i).collect();
            (point[0], point[1])
        };
        let points: Vec<_> = (0..1 << log_points).map(pair).collect();
        assert!(is_two_dimensional_net(&points, log_points));
        let later: Vec<_> = (3 << log_points..4 << log_points).map(pair).collect();
        assert!(is_two_dimensional_net(&later, log_points));
        for replicate in 0..4 {
            let scrambled = ScrambledSobol::new(sobol.clone(), StreamKey::new(7, "sampling"), replicate);
            let digits = |x: f64| index_below(x, 4_294_967_296.0);
            let points: Vec<_> = (0..1 << log_points)
                .map(|i| {
                    let point: Vec<f64> = scrambled.point(i).collect();
                    (digits(point[0]), digits(point[1]))
                })
                .collect();
            assert!(is_two_dimensional_net(&points, log_points), "replicate {replicate}, 2^{log_points} points");
        }
    }
    // And the test can fail: shifting one point out of its box.
    let mut points: Vec<(u32, u32)> = (0..16)
        .map(|i| {
            let point: Vec<u32> = sobol.point(i).collect();
            (point[0], point[1])
        })
        .collect();
    points[5].0 ^= 1 << 31;
    assert!(!is_two_dimensional_net(&points, 4));
}

/// Beyond 2²⁰ points, in 1,200 dimensions: intervals of 2⁻²² hold one point each, before and after scrambling.
#[test]
fn millions_of_points_stay_stratified() {
    let sobol = Sobol::new(1200).unwrap();
    let key = StreamKey::new(42, "sampling");
    for dimension in [0, 1, 2, 511, 1000, 1199] {
        let directions = sobol.directions(dimension).unwrap();
        let scramble = Scramble::new(key, dimension, 3);
        let (mut plain, mut scrambled) = (vec![0_u64; 1 << 16], vec![0_u64; 1 << 16]);
        for i in 0..1 << 22 {
            let digits = low_digits(directions, i);
            let put = |cells: &mut Vec<u64>, cell: u32| cells[(cell >> 6) as usize] |= 1 << (cell & 63);
            put(&mut plain, digits.reverse_bits() >> 10);
            let u = open_uniform(scramble.word(u64::from(digits)));
            put(&mut scrambled, index_below(u, f64::from(1 << 22)));
        }
        assert!(plain.iter().all(|cells| *cells == u64::MAX), "dimension {dimension}");
        assert!(scrambled.iter().all(|cells| *cells == u64::MAX), "dimension {dimension}, scrambled");
    }
}

/// The crate that has the direction numbers also walks the sequence, in the order of the Gray code.
#[test]
fn points_are_those_of_a_reference() {
    let sobol = Sobol::new(1000).unwrap();
    let reference = sobol::Sobol::<u32>::new(1000, &sobol::params::JoeKuoD6::standard());
    for (n, point) in (0_u32..300).zip(reference) {
        assert!(sobol.point(n ^ (n >> 1)).eq(point), "point {n}");
    }
}

#[test]
fn lanes_have_the_digits_of_points() {
    let sobol = Sobol::new(40).unwrap();
    let indices: [u64; 8] = [0, 1, 5, 77, 1 << 20, (1 << 20) + 3, 12_345_678, u64::from(u32::MAX)];
    for (dimension, directions) in sobol.directions.iter().enumerate() {
        let mut digits = [0; 8];
        reversed_digits(directions, 32, &indices, &mut digits);
        for (l, &index) in indices.iter().enumerate() {
            let point = sobol.point(u32::try_from(index).unwrap()).nth(dimension).unwrap();
            assert_eq!(digits[l], u64::from(point.reverse_bits()));
        }
    }
}

/// Root of the mean squared error of means over 2ᵐ points of a function whose mean is known, over 32 replicates.
fn error(dimensions: u32, log_points: u32, f: impl Fn(&mut dyn Iterator<Item = f64>) -> f64, exact: f64) -> f64 {
    let sobol = Sobol::new(dimensions).unwrap();
    let squares = (0..32).map(|replicate| {
        let points = ScrambledSobol::new(sobol.clone(), StreamKey::new(1995, "sampling"), replicate);
        let mean = (0..1 << log_points).map(|i| f(&mut points.point(i))).sum::<f64>() / f64::from(1 << log_points);
        (mean - exact).powi(2)
    });
    (squares.sum::<f64>() / 32.0).sqrt()
}

/// Smooth means in 1, 2 and 6 dimensions: the error falls faster than n⁻¹ (n^(−3/2) in theory), where independent points give n^(−1/2).
#[test]
fn errors_fall_faster_than_those_of_independent_points() {
    let exponential = |point: &mut dyn Iterator<Item = f64>| point.map(f64::exp).product::<f64>();
    for (dimensions, steepest) in [(1, -1.3), (2, -1.2), (6, -1.0)] {
        let exact = (std::f64::consts::E - 1.0).powi(i32::try_from(dimensions).unwrap());
        let (few, many) = (error(dimensions, 6, exponential, exact), error(dimensions, 12, exponential, exact));
        let slope = (many / few).log2() / 6.0;
        println!("{dimensions} dimensions: {few:.2e} at 64 points, {many:.2e} at 4096: slope {slope:.2}");
        assert!(slope < steepest, "{dimensions} dimensions: slope {slope}");
    }
    // The slope of independent points is −½, and a jump off the axes keeps some of it: the test can tell.
    let wedge = |point: &mut dyn Iterator<Item = f64>| if point.sum::<f64>() < 1.0 { 1.0 } else { 0.0 };
    let slope = (error(2, 12, wedge, 0.5) / error(2, 6, wedge, 0.5)).log2() / 6.0;
    println!("a wedge: slope {slope:.2}");
    assert!((-0.95..-0.55).contains(&slope), "{slope}");
}

/// Scrambled points are uniform: moments of a coordinate over replicates, each within 4 standard errors.
#[test]
fn scrambled_points_are_unbiased() {
    let sobol = Sobol::new(1100).unwrap();
    for (dimension, index) in [(0, 0), (0, 1), (3, 0), (700, 17), (1099, 1 << 21)] {
        let directions = sobol.directions(dimension).unwrap();
        let n = 20_000;
        let values: Vec<f64> = (0..n)
            .map(|replicate| {
                let scramble = Scramble::new(StreamKey::new(3, "sampling"), dimension, replicate);
                open_uniform(scramble.word(u64::from(low_digits(directions, index))))
            })
            .collect();
        for power in 1..=3 {
            let p = f64::from(power);
            let mean = values.iter().map(|u| u.powi(power)).sum::<f64>() / index_to_f64(values.len());
            let variance = 1.0 / (2.0 * p + 1.0) - 1.0 / (p + 1.0).powi(2);
            let z = (mean - 1.0 / (p + 1.0)) / (variance / f64::from(n)).sqrt();
            assert!(z.abs() < 4.0, "dimension {dimension}, point {index}, moment {power}: z = {z}");
        }
    }
}

/// Frozen values: a change of them changes the numbers of every study that samples so.
#[test]
fn scrambled_points_are_frozen() {
    let sobol = Sobol::new(1000).unwrap();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for replicate in 0..3 {
        let points = ScrambledSobol::new(sobol.clone(), StreamKey::new(42, "sampling"), replicate);
        for index in [0, 1, 2, 1000, 1 << 20, u32::MAX] {
            for u in points.point(index) {
                hash = (hash ^ u.to_bits()).wrapping_mul(0x0000_0100_0000_01b3);
            }
        }
    }
    assert_eq!(hash, 0x18f9_4413_6f97_15a8, "{hash:#018x}");
}

#[test]
fn dimensions_that_are_not_there() {
    for dimensions in [0, 21_202] {
        let error = Sobol::new(dimensions).unwrap_err().to_string();
        assert!(error.contains("dimensions") && error.contains("21201") && error.contains(&dimensions.to_string()), "{error}");
    }
}
