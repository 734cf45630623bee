//! Numeric conversions that may round.

/// The nearest `f64`.
#[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what the name says")]
#[inline(always)]
pub(super) const fn nearest_f64(x: u64) -> f64 {
    x as f64
}
