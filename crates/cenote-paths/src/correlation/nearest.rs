//! The nearest matrix that is one of correlations.

use super::eigen::symmetric_eigen;

/// The correlation matrix with the least sum of squared differences from a symmetric one: Higham 2002, "Computing the nearest
/// correlation matrix", algorithm 3.3. Projects in turns on the positive semi-definite matrices, with Dykstra's correction, and on
/// those of unit diagonal, until both agree.
pub(super) fn nearest(size: usize, matrix: &[f64]) -> Vec<f64> {
    let mut y = matrix.to_vec();
    let mut correction = vec![0.0; size * size];
    for _ in 0..MOST_ROUNDS {
        let r: Vec<f64> = y.iter().zip(&correction).map(|(y, correction)| y - correction).collect();
        let x = semidefinite(size, &r);
        for ((correction, x), r) in correction.iter_mut().zip(&x).zip(&r) {
            *correction = x - r;
        }
        let difference = (0..size).map(|i| (x[i * size + i] - 1.0).abs()).fold(0.0, f64::max);
        y = x;
        (0..size).for_each(|i| y[i * size + i] = 1.0);
        if difference < CONVERGED {
            break;
        }
    }
    y
}

/// Convergence is linear; a matrix that somebody means is near.
const MOST_ROUNDS: u32 = 2000;
/// Far below what is printed.
const CONVERGED: f64 = 1e-10;

/// The nearest positive semi-definite matrix: negative eigenvalues become zero.
fn semidefinite(size: usize, matrix: &[f64]) -> Vec<f64> {
    let (values, vectors) = symmetric_eigen(size, matrix);
    let mut nearest = vec![0.0; size * size];
    for (k, &value) in values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
        for i in 0..size {
            for j in 0..size {
                nearest[i * size + j] += vectors[i * size + k] * value * vectors[j * size + k];
            }
        }
    }
    nearest
}

/// The pairs that make a matrix indefinite: with the eigenvector v of its least eigenvalue Σ vᵢ vⱼ ρᵢⱼ is below zero, and these have
/// the terms that are least, down to half of the least of all.
pub(super) fn culprits(size: usize, matrix: &[f64]) -> Vec<(usize, usize)> {
    let (values, vectors) = symmetric_eigen(size, matrix);
    let least = (0..size).min_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap_or(0);
    let term = |&(i, j): &(usize, usize)| vectors[i * size + least] * vectors[j * size + least] * matrix[i * size + j];
    let pairs = || (0..size).flat_map(|i| (i + 1..size).map(move |j| (i, j)));
    let worst = pairs().map(|pair| term(&pair)).fold(0.0, f64::min);
    pairs().filter(|pair| term(pair) < 0.0 && term(pair) <= 0.5 * worst).collect()
}
