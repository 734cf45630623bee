//! Every numeric conversion that `as` would do silently.

/// A count or a length in nanoseconds as a float, exact below 2⁵³ (104 days) and rounded to nearest above.
#[inline(always)]
#[allow(clippy::cast_precision_loss)]
pub(crate) fn to_f64(value: u64) -> f64 {
    value as f64
}

/// An index or a length as a float, exact below 2⁵³.
#[inline(always)]
pub(crate) fn index_to_f64(value: usize) -> f64 {
    to_f64(value as u64)
}

/// The low 32 bits.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
pub(crate) const fn low_u32(value: u64) -> u32 {
    value as u32
}

/// floor(u × n) for u in (0, 1): an index below `n`, a whole number of at most 2³². The largest u is 1 − 2⁻⁵³, and
/// its product with such an n rounds to less than n.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn index_below(u: f64, n: f64) -> u32 {
    (u * n) as u32
}

/// A whole number that fits: a count.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn count(value: f64) -> u32 {
    value as u32
}

/// The whole nanoseconds of a length, at most `u64::MAX`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn nanos(value: f64) -> u64 {
    value.round() as u64
}

/// The whole part of a number from 0 on: an index.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn index_of(value: f64) -> usize {
    value as usize
}
