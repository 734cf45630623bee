//! The conversions between counts and floating-point numbers, in one place: everything here is exact for the
//! counts that a study can hold (at most 2^32 paths).

/// A count as a float: exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts of paths stay below 2^53")]
pub(crate) fn count(n: usize) -> f64 {
    n as f64
}

/// The whole part of a float which is known to be an index: `0 <= x < 2^53`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "callers pass ranks, which are counts")]
pub(crate) fn index(x: f64) -> usize {
    x as usize
}
