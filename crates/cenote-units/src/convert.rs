//! The one room of numeric conversions that may round.

/// The nearest `f64`.
#[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what the name says")]
pub(crate) const fn nearest_f64(x: u64) -> f64 {
    x as f64
}
