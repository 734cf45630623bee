//! Comparing samples with what theory expects.

use cenote_study::stats::Moments;

/// Largest |z| that passes: by chance alone one statistic in 16,000 exceeds it.
pub const Z_MAX: f64 = 4.0;

/// How many standard errors the mean of `sample` is from `expected`.
pub fn z(sample: &[f64], expected: f64) -> f64 {
    let estimate = Moments::of(sample).mean();
    (estimate.mean - expected) / estimate.standard_error
}

/// That the mean of a sample agrees with theory.
///
/// # Panics
/// It is more than [`Z_MAX`] standard errors off, or the sample does not vary.
pub fn assert_agrees(what: &str, sample: &[f64], expected: f64) {
    let estimate = Moments::of(sample).mean();
    let z = z(sample, expected);
    println!("{what}: {:.8e} ± {:.1e}, expected {expected:.8e}, z = {z:+.2}", estimate.mean, estimate.standard_error);
    assert!(z.abs() <= Z_MAX, "{what}: {} ± {}, expected {expected}, z = {z:+.2}", estimate.mean, estimate.standard_error);
}

/// That the mean of a sample is *not* this: what a certain bug would give.
///
/// # Panics
/// It is within 8 standard errors.
pub fn assert_differs(what: &str, sample: &[f64], wrong: f64) {
    let z = z(sample, wrong);
    println!("{what}: z = {z:+.1}");
    assert!(z.abs() > 8.0, "{what}: the sample cannot tell {wrong} apart, z = {z:+.2}");
}

/// Means over the law of a standard normal: trapezoids, exact to rounding for smooth functions.
pub fn mean_over_normal(f: impl Fn(f64) -> f64) -> f64 {
    let step = 1.0 / 64.0;
    let term = |i: i32| {
        let z = f64::from(i) * step;
        f(z) * (-0.5 * z * z).exp()
    };
    (-768..=768).map(term).sum::<f64>() * step / (2.0 * std::f64::consts::PI).sqrt()
}

/// Means over the law of a standard exponential: Simpson's rule to 50 means.
pub fn mean_over_exponential(f: impl Fn(f64) -> f64) -> f64 {
    let (intervals, end) = (20_000_i32, 50.0);
    let step = end / f64::from(intervals);
    let term = |i: i32| {
        let x = f64::from(i) * step;
        let weight = if i == 0 || i == intervals {
            1.0
        } else if i % 2 == 1 {
            4.0
        } else {
            2.0
        };
        weight * f(x) * (-x).exp()
    };
    (0..=intervals).map(term).sum::<f64>() * step / 3.0
}
