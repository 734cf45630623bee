//! The statistics of the statistical tests.

/// Mean and its standard error.
pub(crate) fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// Variance and its standard error, √((m4 − m2²)/n).
pub(crate) fn variance(values: &[f64]) -> (f64, f64) {
    let (mean, _) = mean(values);
    let squares: Vec<f64> = values.iter().map(|v| (v - mean).powi(2)).collect();
    self::mean(&squares)
}

/// |estimate − expected| ≤ 4 standard errors.
#[track_caller]
pub(crate) fn assert_close((estimate, standard_error): (f64, f64), expected: f64) {
    let z = (estimate - expected) / standard_error;
    assert!(z.abs() <= 4.0, "{estimate} ± {standard_error}, expected {expected}: z = {z:.2}");
}

/// Kolmogorov-Smirnov at a significance of 0.1%: the distance of the sample from a continuous distribution.
#[track_caller]
pub(crate) fn assert_distribution(mut values: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as f64;
    let mut distance = 0.0_f64;
    for (i, &value) in values.iter().enumerate() {
        let p = cdf(value);
        distance = distance.max(p - i as f64 / n).max((i + 1) as f64 / n - p);
    }
    assert!(distance * n.sqrt() < 1.9495, "distance {distance}, scaled {}", distance * n.sqrt());
}

/// Two-sample Kolmogorov-Smirnov at a significance of 0.1%, for samples of equal size.
#[track_caller]
pub(crate) fn assert_same_distribution(mut a: Vec<f64>, mut b: Vec<f64>) {
    assert_eq!(a.len(), b.len());
    a.sort_unstable_by(f64::total_cmp);
    b.sort_unstable_by(f64::total_cmp);
    let n = a.len();
    let (mut i, mut j, mut distance) = (0, 0, 0_usize);
    while i < n && j < n {
        if a[i] <= b[j] {
            i += 1;
        } else {
            j += 1;
        }
        distance = distance.max(i.abs_diff(j));
    }
    let scaled = distance as f64 / n as f64 * (n as f64 / 2.0).sqrt();
    assert!(scaled < 1.9495, "scaled distance {scaled}");
}

/// |correlation| ≤ 4/√n.
#[track_caller]
pub(crate) fn assert_uncorrelated(a: &[f64], b: &[f64]) {
    let ((ma, _), (mb, _)) = (mean(a), mean(b));
    let products: Vec<f64> = a.iter().zip(b).map(|(x, y)| (x - ma) * (y - mb)).collect();
    assert_close(mean(&products), 0.0);
}
