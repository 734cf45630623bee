//! How correlated normals are made of independent ones.

/// The lower triangular L with L Lᵀ = the matrix, row by row; `None` if there is none, the matrix not being positive
/// semi-definite.
///
/// Cholesky's algorithm, for matrices that may be singular. A row that is another's up to sign (a correlation of 1 or −1) is
/// that row to the bit, so prices that move as one do so to the bit.
pub(super) fn factor(size: usize, matrix: &[f64]) -> Option<Vec<f64>> {
    let mut l = vec![0.0; size * size];
    for i in 0..size {
        let of = |j: usize| matrix[i * size + j];
        if let Some(twin) = (0..i).find(|&j| of(j).abs() == 1.0) {
            let sign = of(twin);
            if (0..i).any(|j| (of(j) - sign * matrix[twin * size + j]).abs() > RESIDUAL) {
                return None;
            }
            for j in 0..size {
                l[i * size + j] = sign * l[twin * size + j];
            }
            continue;
        }
        for j in 0..i {
            let left = of(j) - dot(&l[i * size..], &l[j * size..], j);
            let pivot = l[j * size + j];
            if pivot > 0.0 {
                l[i * size + j] = left / pivot;
            } else if left.abs() > RESIDUAL {
                return None;
            }
        }
        let left = of(i) - dot(&l[i * size..], &l[i * size..], i);
        if left < -SMALL {
            return None;
        }
        // The normals of the rows before are all there is to this one.
        l[i * size + i] = if left > SMALL { left.sqrt() } else { 0.0 };
    }
    Some(l)
}

/// Up to here, a square is zero: rounding.
const SMALL: f64 = 1e-12;
/// What that makes of a correlation: the square root.
const RESIDUAL: f64 = 1e-6;

fn dot(a: &[f64], b: &[f64], length: usize) -> f64 {
    a.iter().zip(b).take(length).map(|(x, y)| x * y).sum()
}
