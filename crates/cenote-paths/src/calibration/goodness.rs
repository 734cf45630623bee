//! Whether observations could be from a process.

use std::fmt;

use cenote_units::math;

use crate::convert::index_to_f64;

/// The test of Kolmogorov and Smirnov on probability integral transforms.
///
/// The p-value is that of a law known beforehand; where parameters were fitted to the same observations, the true one is smaller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GoodnessOfFit {
    /// Largest distance between the distribution of the transforms and the uniform one.
    pub distance: f64,
    /// Probability of a distance as large, if the process is right and known.
    pub p_value: f64,
}

impl fmt::Display for GoodnessOfFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kolmogorov-Smirnov distance {:.4}, p-value {:.2e}", self.distance, self.p_value)
    }
}

/// The test for uniform numbers, at least one.
pub(crate) fn kolmogorov_smirnov(transforms: &[f64]) -> GoodnessOfFit {
    let mut sorted = transforms.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = index_to_f64(sorted.len());
    let mut distance = 0.0_f64;
    for (i, &u) in sorted.iter().enumerate() {
        let i = index_to_f64(i);
        distance = distance.max(u - i / n).max((i + 1.0) / n - u);
    }
    // Stephens (1970): from a few observations on, the limit law serves with this argument.
    let root = n.sqrt();
    GoodnessOfFit { distance, p_value: kolmogorov_tail((root + 0.12 + 0.11 / root) * distance) }
}

/// P(K > x) of Kolmogorov's distribution.
fn kolmogorov_tail(x: f64) -> f64 {
    // Below, the alternating series needs many terms for what is 1 − 10⁻⁸ or more.
    if x < 0.27 {
        return 1.0;
    }
    let (mut sum, mut sign, mut k) = (0.0, 2.0, 1.0);
    while k <= 100.0 {
        let term = math::exp(-2.0 * k * k * x * x);
        sum += sign * term;
        if term < 1e-17 * sum.abs() {
            break;
        }
        sign = -sign;
        k += 1.0;
    }
    sum.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles of Kolmogorov's distribution, as tables have them.
    #[test]
    fn tails_are_those_of_the_tables() {
        for (x, p) in [(1.2238, 0.1), (1.3581, 0.05), (1.6276, 0.01), (1.9495, 0.001), (0.8276, 0.5), (0.4, 0.997_19)] {
            assert!((kolmogorov_tail(x) - p).abs() < 1e-4 * (1.0 + p), "{x}: {}", kolmogorov_tail(x));
        }
        assert_eq!(kolmogorov_tail(0.0), 1.0);
    }

    #[test]
    fn distances_count_both_sides() {
        let even: Vec<f64> = (0..100).map(|i| (f64::from(i) + 0.5) / 100.0).collect();
        let fit = kolmogorov_smirnov(&even);
        assert!((fit.distance - 0.005).abs() < 1e-15 && fit.p_value == 1.0);
        let low: Vec<f64> = even.iter().map(|u| u / 2.0).collect();
        let fit = kolmogorov_smirnov(&low);
        assert!((fit.distance - 0.5025).abs() < 1e-12 && fit.p_value < 1e-20, "{fit:?}");
    }
}
