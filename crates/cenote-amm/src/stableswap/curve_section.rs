//! One swap in `f64`: the curve seen from the two coins that change, in closed form.

use super::amplification::Curve;
use crate::error::{MathError, SwapError};

/// The balances x (in) and y (out) of two coins on a curve on which D and the other coins stay what they are.
///
/// With `Ann` and `K = D^(n+1) / (n^n Πx)` the invariant `Ann Σx + D = Ann D + K` says of a swap that `Ann` times what comes in less
/// what goes out is the growth of K, and K falls as 1/(x y). That is a quadratic equation in what goes out, and no iteration.
#[derive(Clone, Copy, Debug)]
pub(super) struct CurveSection {
    ann: f64,
    x: f64,
    y: f64,
    k: f64,
}

/// Where a swap ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landing {
    /// Scaled output before fee.
    pub(super) output: f64,
    /// Scaled balances after it.
    pub(super) after: [f64; 2],
    /// What one more unit in would put out, before fee: −dy/dx.
    pub(super) price: f64,
}

/// `Ann`: the contract's A times the number of coins.
#[allow(clippy::cast_precision_loss, reason = "both are small integers")]
#[inline]
pub(super) fn ann(curve: Curve, coins: usize) -> f64 {
    curve.stored() as f64 * coins as f64 / curve.generation().precision() as f64
}

/// `D^(n+1) / (n^n Πx)`.
#[allow(clippy::cast_precision_loss, reason = "a small integer")]
#[inline]
pub(super) fn product_term(scaled: &[f64], invariant: f64) -> f64 {
    let n = scaled.len() as f64;
    scaled.iter().fold(invariant, |term, x| term * (invariant / (n * x)))
}

impl CurveSection {
    /// The section through `scaled` balances in the coins `(i, j)`.
    ///
    /// # Errors
    /// A balance is zero, or so small that K leaves the range of floats.
    #[inline]
    pub(super) fn new(curve: Curve, scaled: &[f64], invariant: f64, (i, j): (usize, usize)) -> Result<Self, SwapError> {
        if scaled.contains(&0.0) {
            return Err(SwapError::EmptyReserve);
        }
        Self::with_term(ann(curve, scaled.len()), [scaled[i], scaled[j]], product_term(scaled, invariant))
    }

    /// The section through balances x and y of the two coins, with `Ann` and K there.
    ///
    /// # Errors
    /// A balance is zero, or K left the range of floats.
    #[inline]
    pub(super) fn with_term(ann: f64, [x, y]: [f64; 2], k: f64) -> Result<Self, SwapError> {
        if x == 0.0 || y == 0.0 {
            Err(SwapError::EmptyReserve)
        } else if k < f64::INFINITY {
            Ok(Self { ann, x, y, k })
        } else {
            Err(MathError::MulOverflow.into())
        }
    }

    /// The output for a scaled input.
    ///
    /// With x' = x + d the output is `2 d y (Ann + K/x') / (Ann (y + d) + K + √R)`, and what is left of y is
    /// `(√R − (K + Ann (d − y))) / 2 Ann`, where `R = (K + Ann (d − y))² + 4 Ann K x y / x'`: no term cancels however small or large d is.
    #[inline(always)]
    pub(super) fn land(&self, d: f64) -> Landing {
        let Self { ann, x, y, k } = *self;
        let x1 = x + d;
        let rest = 4.0 * ann * k * y * (x / x1);
        let b = k + ann * (d - y);
        let root = (b * b + rest).sqrt();
        let output = 2.0 * d * y * (ann + k / x1) / (ann * (y + d) + k + root);
        let y1 = if b > 0.0 { 0.5 * rest / ((b + root) * ann) } else { 0.5 * (root - b) / ann };
        let k1 = k * (x / x1) * (y / y1);
        Landing { output, after: [x1, y1], price: (ann + k1 / x1) / (ann + k1 / y1) }
    }

    /// The scaled input for an output before fee, below y: the same equation, solved for the other side.
    #[inline]
    pub(super) fn input_for(&self, output: f64) -> f64 {
        let Self { ann, x, y, k } = *self;
        let y1 = y - output;
        let a = ann * y1;
        let b = y1 * (ann * (x - output) + k);
        let c = x * output * (a + k);
        let root = (b * b + 4.0 * a * c).sqrt();
        if b > 0.0 { 2.0 * c / (b + root) } else { 0.5 * (root - b) / a }
    }
}
