//! Eigenvalues of symmetric matrices.

/// The eigenvalues of a symmetric matrix and, in the columns of the second, its eigenvectors. Matrices are row by row.
///
/// Jacobi's rotations, cyclic by rows (Golub and Van Loan, "Matrix Computations", 8.5), on nothing but the four operations and
/// square roots: the same bits on every platform, which a product that takes whatever the processor offers has not.
pub(super) fn symmetric_eigen(size: usize, matrix: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut a = matrix.to_vec();
    let mut vectors: Vec<f64> = (0..size * size).map(|at| if at % (size + 1) == 0 { 1.0 } else { 0.0 }).collect();
    let scale: f64 = a.iter().map(|x| x * x).sum();
    for _ in 0..MOST_SWEEPS {
        let rest: f64 = (0..size).flat_map(|p| (0..p).map(move |q| (p, q))).map(|(p, q)| a[p * size + q] * a[p * size + q]).sum();
        if rest <= scale * SMALL {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                rotate(size, p, q, &mut a, &mut vectors);
            }
        }
    }
    ((0..size).map(|i| a[i * size + i]).collect(), vectors)
}

/// Convergence is quadratic: a handful of sweeps is the rule.
const MOST_SWEEPS: u32 = 60;
/// Squares off the diagonal over all squares, below which rounding rules.
const SMALL: f64 = 1e-32;

/// The rotation in the plane of p and q that brings their element to zero.
fn rotate(size: usize, p: usize, q: usize, a: &mut [f64], vectors: &mut [f64]) {
    let element = a[p * size + q];
    if element == 0.0 {
        return;
    }
    let theta = (a[q * size + q] - a[p * size + p]) / (2.0 * element);
    let tangent = 1.0_f64.copysign(theta) / (theta.abs() + (theta * theta + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    let turn = |matrix: &mut [f64], first: usize, second: usize| {
        let (x, y) = (matrix[first], matrix[second]);
        (matrix[first], matrix[second]) = (cosine * x - sine * y, sine * x + cosine * y);
    };
    for k in 0..size {
        turn(a, k * size + p, k * size + q);
        turn(vectors, k * size + p, k * size + q);
    }
    for k in 0..size {
        turn(a, p * size + k, q * size + k);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Equal correlations ρ of n: 1 + (n − 1)ρ once, 1 − ρ for the rest.
    #[test]
    fn equal_correlations() {
        for (size, rho) in [(2, 0.7), (3, -0.5), (6, 0.9), (12, 0.01)] {
            let matrix: Vec<f64> = (0..size * size).map(|at| if at % (size + 1) == 0 { 1.0 } else { rho }).collect();
            let (mut values, _) = symmetric_eigen(size, &matrix);
            values.sort_by(f64::total_cmp);
            let others = f64::from(u32::try_from(size).unwrap()) - 1.0;
            let mut expected = vec![1.0 - rho; size - 1];
            expected.push(1.0 + others * rho);
            expected.sort_by(f64::total_cmp);
            for (value, expected) in values.iter().zip(expected) {
                assert!((value - expected).abs() < 1e-14, "{value} for {expected}");
            }
        }
    }

    /// V diag(λ) Vᵀ is the matrix, and V is orthogonal.
    #[test]
    fn decompositions_recompose() {
        let mut stream = crate::Stream::new(crate::StreamKey::new(1, "eigen"), 0, 0);
        for size in [1, 2, 5, 9] {
            let mut matrix = vec![0.0; size * size];
            for i in 0..size {
                for j in 0..=i {
                    let x = stream.normal_pair().0;
                    (matrix[i * size + j], matrix[j * size + i]) = (x, x);
                }
            }
            let (values, v) = symmetric_eigen(size, &matrix);
            for i in 0..size {
                for j in 0..size {
                    let sum = |of: &dyn Fn(usize) -> f64| (0..size).map(of).sum::<f64>();
                    let element = sum(&|k| v[i * size + k] * values[k] * v[j * size + k]);
                    assert!((element - matrix[i * size + j]).abs() < 1e-13);
                    let product = sum(&|k| v[k * size + i] * v[k * size + j]);
                    assert!((product - if i == j { 1.0 } else { 0.0 }).abs() < 1e-14);
                }
            }
        }
    }
}
