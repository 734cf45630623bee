//! How well a maximum is known.

use cenote_units::math;

use super::estimate::Warning;
use super::search::{Axis, Maximum};

/// Closer to its end than this, a coordinate is at it.
const AT_END: f64 = 1e-2;

/// The covariance of the coordinates of a maximum of a log likelihood: the inverse of the observed information. That of coordinates at
/// the end of their axis is none.
#[derive(Clone, Debug)]
pub(super) struct Covariance {
    /// Row by row; NaN where nothing is known.
    rows: Vec<Vec<f64>>,
    /// By how much each coordinate moves the likelihood visibly.
    steps: Vec<f64>,
    pub(super) warnings: Vec<Warning>,
}

impl Covariance {
    pub(super) fn new(f: &impl Fn(&[f64]) -> f64, axes: &[Axis], maximum: &Maximum) -> Self {
        let Maximum { point, value } = maximum;
        let n = point.len();
        let mut warnings = Vec::new();
        let mut free = Vec::new();
        for (i, axis) in axes.iter().enumerate() {
            let ends = [point[i] - axis.low, axis.high - point[i]];
            match ends.iter().position(|distance| *distance < AT_END) {
                Some(end) => warnings.push(Warning::AtBound { parameter: axis.parameter, meaning: axis.meaning[end] }),
                None => free.push(i),
            }
        }
        let mut steps = vec![f64::NAN; n];
        for &i in &free {
            let room = f64::min(point[i] - axes[i].low, axes[i].high - point[i]);
            steps[i] = visible_step(f, point, *value, i, room);
        }
        let information: Vec<Vec<f64>> =
            free.iter().map(|&i| free.iter().map(|&j| -second_derivative(f, point, *value, &steps, i, j)).collect()).collect();
        let mut rows = vec![vec![f64::NAN; n]; n];
        match inverse(&information) {
            Some(inverse) => {
                for (a, &i) in free.iter().enumerate() {
                    for (b, &j) in free.iter().enumerate() {
                        rows[i][j] = inverse[a][b];
                    }
                }
            }
            None => warnings.push(Warning::NotDetermined),
        }
        Self { rows, steps, warnings }
    }

    /// Standard errors of functions of the coordinates.
    pub(super) fn standard_errors<const N: usize>(&self, point: &[f64], functions: &impl Fn(&[f64]) -> [f64; N]) -> [f64; N] {
        let n = point.len();
        let gradients: Vec<[f64; N]> = (0..n)
            .map(|i| {
                // A coordinate at its end is taken as it is; a probe tells which functions hang on it.
                let h = if self.steps[i].is_nan() { 1e-6 } else { 1e-3 * self.steps[i] };
                let shifted = |sign: f64| {
                    let mut shifted = point.to_vec();
                    shifted[i] += sign * h;
                    functions(&shifted)
                };
                let (up, down) = (shifted(1.0), shifted(-1.0));
                std::array::from_fn(|k| (up[k] - down[k]) / (2.0 * h))
            })
            .collect();
        std::array::from_fn(|k| {
            let mut variance = 0.0;
            for i in 0..n {
                for j in 0..n {
                    let product = gradients[i][k] * gradients[j][k];
                    // What does not matter need not be known.
                    if product != 0.0 {
                        variance += product * self.rows[i][j];
                    }
                }
            }
            variance.sqrt()
        })
    }
}

/// A step along a coordinate that moves a log likelihood by about a tenth: a third of a standard error.
fn visible_step(f: &impl Fn(&[f64]) -> f64, point: &[f64], value: f64, i: usize, room: f64) -> f64 {
    let most = 0.9 * room;
    let mut step = 1e-3_f64.min(most);
    for _ in 0..60 {
        let fallen = 2.0 * value - f(&moved(point, &[(i, step)])) - f(&moved(point, &[(i, -step)]));
        if fallen > 0.4 || fallen.is_nan() {
            step *= 0.5;
        } else if fallen < 0.05 && step < most {
            step = (2.0 * step).min(most);
        } else {
            break;
        }
    }
    step
}

fn second_derivative(f: &impl Fn(&[f64]) -> f64, point: &[f64], value: f64, steps: &[f64], i: usize, j: usize) -> f64 {
    let (h, k) = (steps[i], steps[j]);
    if i == j {
        return (f(&moved(point, &[(i, h)])) + f(&moved(point, &[(i, -h)])) - 2.0 * value) / (h * h);
    }
    let at = |a: f64, b: f64| f(&moved(point, &[(i, a * h), (j, b * k)]));
    (at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0)) / (4.0 * h * k)
}

fn moved(point: &[f64], by: &[(usize, f64)]) -> Vec<f64> {
    let mut moved = point.to_vec();
    for &(i, step) in by {
        moved[i] += step;
    }
    moved
}

/// The inverse of a symmetric matrix, if it is positive definite, by Cholesky's decomposition.
fn inverse(matrix: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = matrix.len();
    let mut lower = vec![vec![0.0; n]; n];
    for i in 0..n {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let rest = matrix[i][j] - sum;
            if i == j {
                // Also what is not a number.
                if rest.is_nan() || rest <= 1e-12 * matrix[i][i].abs() {
                    return None;
                }
                lower[i][i] = rest.sqrt();
            } else {
                lower[i][j] = rest / lower[j][j];
            }
        }
    }
    let mut columns = Vec::with_capacity(n);
    for c in 0..n {
        let mut x = vec![0.0; n];
        for i in 0..n {
            let sum: f64 = (0..i).map(|k| lower[i][k] * x[k]).sum();
            x[i] = (f64::from(u8::from(i == c)) - sum) / lower[i][i];
        }
        for i in (0..n).rev() {
            let sum: f64 = (i + 1..n).map(|k| lower[k][i] * x[k]).sum();
            x[i] = (x[i] - sum) / lower[i][i];
        }
        columns.push(x);
    }
    Some(columns)
}

/// 1/(1 + e^−x)
pub(super) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + math::exp(-x))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXES: [Axis; 2] =
        [Axis::new("a", [-10.0, 10.0], 1.0, ["low", "high"]), Axis::new("b", [-10.0, 10.0], 1.0, ["low", "high"])];

    /// −½ x' A x with A = [[4, 1], [1, 2]]: the covariance is A⁻¹ = [[2, −1], [−1, 4]]/7.
    #[test]
    fn the_covariance_of_a_quadratic() {
        let f = |p: &[f64]| 1e5 - 0.5 * (4.0 * p[0] * p[0] + 2.0 * p[0] * p[1] + 2.0 * p[1] * p[1]);
        let covariance = Covariance::new(&f, &AXES, &Maximum { point: vec![0.0, 0.0], value: 1e5 });
        assert!(covariance.warnings.is_empty());
        let errors = covariance.standard_errors(&[0.0, 0.0], &|p: &[f64]| [p[0], p[1], p[0] + p[1], math::exp(p[0])]);
        for (error, variance) in errors.iter().zip([2.0_f64, 4.0, 4.0, 2.0]) {
            assert!((error - (variance / 7.0).sqrt()).abs() < 1e-4, "{errors:?}");
        }
    }

    #[test]
    fn a_coordinate_at_its_end_is_taken_as_it_is() {
        let f = |p: &[f64]| p[1] - 2.0 * p[0] * p[0];
        let covariance = Covariance::new(&f, &AXES, &Maximum { point: vec![0.0, 9.9999], value: 9.9999 });
        assert_eq!(covariance.warnings, [Warning::AtBound { parameter: "b", meaning: "high" }]);
        let [a, b] = covariance.standard_errors(&[0.0, 9.9999], &|p: &[f64]| [p[0], p[1]]);
        assert!((a - 0.5).abs() < 1e-4 && b.is_nan());
    }

    #[test]
    fn a_flat_likelihood_determines_nothing() {
        let covariance = Covariance::new(&|p: &[f64]| -p[0] * p[0], &AXES, &Maximum { point: vec![0.0, 0.0], value: 0.0 });
        assert_eq!(covariance.warnings, [Warning::NotDetermined]);
    }
}
