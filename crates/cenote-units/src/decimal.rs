//! Exact arithmetic on non-negative [`Decimal`]s.
//!
//! `Decimal`'s own operators round when digits run out; money does not. Here an operation is exact or there is none.

use ruint::aliases::U256;
use rust_decimal::Decimal;

/// mantissa × 10^-scale, if a `Decimal` holds it exactly; trailing zeros are dropped.
pub(crate) fn exact(mut mantissa: U256, mut scale: u32) -> Option<Decimal> {
    let ten = U256::from(10);
    while scale > 0 {
        let (quotient, remainder) = mantissa.div_rem(ten);
        if remainder != U256::ZERO {
            break;
        }
        mantissa = quotient;
        scale -= 1;
    }
    let mantissa = i128::try_from(u128::try_from(mantissa).ok()?).ok()?;
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

/// Whether mantissa × 10^-scale is larger than the largest `Decimal`.
pub(crate) fn is_too_large(mantissa: U256, scale: u32) -> bool {
    power_of_ten(u64::from(scale)).is_some_and(|unit| mantissa / unit > self::mantissa(Decimal::MAX))
}

/// a × b, if a `Decimal` holds it exactly.
pub(crate) fn multiply(a: Decimal, b: Decimal) -> Option<Decimal> {
    exact(mantissa(a).checked_mul(mantissa(b))?, a.scale() + b.scale())
}

/// a + b, if a `Decimal` holds it exactly.
pub(crate) fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    exact(at_scale(a, scale)?.checked_add(at_scale(b, scale)?)?, scale)
}

/// a − b, if it is not negative and a `Decimal` holds it exactly.
pub(crate) fn subtract(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    exact(at_scale(a, scale)?.checked_sub(at_scale(b, scale)?)?, scale)
}

/// 1 / a, if that is a finite decimal which a `Decimal` holds.
pub(crate) fn reciprocal(a: Decimal) -> Option<Decimal> {
    // 1 / (m 10^-s) = (10^(s+28) / m) 10^-28: more places than 28 cannot be held anyway.
    if a.is_zero() {
        return None;
    }
    let (quotient, remainder) = power_of_ten(u64::from(a.scale()) + 28)?.div_rem(mantissa(a));
    (remainder == U256::ZERO).then(|| exact(quotient, 28)).flatten()
}

/// a × 10^`decimals`, if that is whole and fits 256 bits.
pub(crate) fn scaled_up(a: Decimal, decimals: u8) -> Result<U256, ScaleError> {
    let a = a.normalize();
    let places = u32::from(decimals).checked_sub(a.scale()).ok_or(ScaleError::NotWhole)?;
    power_of_ten(u64::from(places)).and_then(|power| mantissa(a).checked_mul(power)).ok_or(ScaleError::TooLarge)
}

/// Why [`scaled_up`] has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScaleError {
    NotWhole,
    TooLarge,
}

/// 10^n, if it fits 256 bits.
pub(crate) fn power_of_ten(n: u64) -> Option<U256> {
    U256::from(10).checked_pow(U256::from(n))
}

/// The nearest `f64`: through the text, because `Decimal::to_f64` multiplies floats and may be off in the last place.
pub(crate) fn to_f64(a: Decimal) -> f64 {
    a.to_string().parse().expect("a decimal prints as a float can be read")
}

fn mantissa(a: Decimal) -> U256 {
    U256::from(a.mantissa().unsigned_abs())
}

fn at_scale(a: Decimal, scale: u32) -> Option<U256> {
    mantissa(a).checked_mul(power_of_ten(u64::from(scale - a.scale()))?)
}

#[cfg(test)]
mod tests;
