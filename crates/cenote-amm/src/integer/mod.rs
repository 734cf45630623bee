//! Integer helpers the exact lane shares: division, floats taken apart without rounding, and the contract's square root.
#![deny(clippy::arithmetic_side_effects)]

pub(crate) mod division;
pub(crate) mod limbs;
#[cfg(test)]
mod tests;

use ruint::Uint;
use ruint::aliases::U256;

/// A positive finite float taken apart: it equals `mantissa * 2^exponent` exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dyadic {
    pub(crate) mantissa: u64,
    pub(crate) exponent: i32,
}

/// `value` as `mantissa * 2^exponent`; `None` if it is negative, zero, infinite or not a number.
pub(crate) fn dyadic(value: f64) -> Option<Dyadic> {
    const FRACTION_BITS: u32 = 52;
    const IMPLICIT_ONE: u64 = 1 << FRACTION_BITS;
    if !(value > 0.0 && value < f64::INFINITY) {
        return None;
    }
    let bits = value.to_bits();
    let fraction = bits & IMPLICIT_ONE.wrapping_sub(1);
    let biased = i32::try_from(bits >> FRACTION_BITS).ok()?;
    Some(if biased == 0 {
        Dyadic { mantissa: fraction, exponent: -1074 }
    } else {
        Dyadic { mantissa: fraction | IMPLICIT_ONE, exponent: biased.wrapping_sub(1075) }
    })
}

/// `a + b`, if it fits.
#[inline(always)]
pub(crate) fn checked_add(a: U256, b: U256) -> Option<U256> {
    let (sum, over) = limbs::add(a.as_limbs(), b.as_limbs());
    (!over).then_some(U256::from_limbs(sum))
}

/// `a − b`, if it is not negative.
#[inline(always)]
pub(crate) fn checked_sub(a: U256, b: U256) -> Option<U256> {
    let (difference, negative) = limbs::sub(a.as_limbs(), b.as_limbs());
    (!negative).then_some(U256::from_limbs(difference))
}

/// `a·b`, if it fits. Two factors of 128 bits, the usual case by far, do.
#[inline(always)]
pub(crate) fn checked_mul(a: U256, b: U256) -> Option<U256> {
    match (narrow(a), narrow(b)) {
        (Some(a), Some(b)) => Some(U256::from_limbs(limbs::product(&limbs::limbs(a), &limbs::limbs(b)))),
        _ => checked_mul_wide(a, b),
    }
}

/// The same for factors of any size.
fn checked_mul_wide(a: U256, b: U256) -> Option<U256> {
    let [p0, p1, p2, p3, over @ ..]: [u64; 8] = limbs::product(a.as_limbs(), b.as_limbs());
    limbs::is_zero(&over).then_some(U256::from_limbs([p0, p1, p2, p3]))
}

/// `a + b` modulo 2^256.
#[inline(always)]
pub(crate) fn wrapping_add(a: U256, b: U256) -> U256 {
    U256::from_limbs(limbs::add(a.as_limbs(), b.as_limbs()).0)
}

/// `a − b` modulo 2^256.
#[inline(always)]
pub(crate) fn wrapping_sub(a: U256, b: U256) -> U256 {
    U256::from_limbs(limbs::sub(a.as_limbs(), b.as_limbs()).0)
}

/// Quotient and remainder; none if the divisor is zero.
#[inline]
pub(crate) fn div_rem(number: U256, divisor: U256) -> Option<(U256, U256)> {
    if divisor.is_zero() {
        return None;
    }
    let (quotient, remainder) = division::divide(number.as_limbs(), divisor.as_limbs());
    Some((U256::from_limbs(quotient), U256::from_limbs(remainder)))
}

/// The quotient rounded down; none if the divisor is zero.
#[inline]
pub(crate) fn div(number: U256, divisor: U256) -> Option<U256> {
    Some(div_rem(number, divisor)?.0)
}

/// The number, if it has no more than 128 bits.
#[inline(always)]
pub(crate) fn narrow(number: U256) -> Option<u128> {
    let [n0, n1, n2, n3] = *number.as_limbs();
    (n2 | n3 == 0).then_some(limbs::join(n1, n0))
}

/// The number with its upper half zero.
#[inline(always)]
pub(crate) fn widen(number: u128) -> U256 {
    let [n0, n1] = limbs::limbs(number);
    U256::from_limbs([n0, n1, 0, 0])
}

/// `number/10^6`, rounded down.
///
/// Over 2^6 by a shift, over 15625 by a product: m = ⌈2^136/15625⌉ is so near that `x·m/2^136` exceeds x/15625 by less than 1/15625 for x
/// below 2^122.
#[inline]
pub(crate) fn over_million(number: u128) -> u128 {
    const M: u128 = 0x0431_bde8_2d7b_634d_ad31_fcd2_4e16_0d89;
    let [_, _, l2, l3]: [u64; 4] = limbs::product(&limbs::limbs(number >> 6), &limbs::limbs(M));
    limbs::join(l3, l2) >> 8
}

/// Quotient and remainder for a small divisor that is not zero: the processor divides 64 bits at a time, 32 of them new.
#[inline]
pub(crate) fn over_small(number: u128, divisor: u32) -> (u128, u64) {
    let divisor = u64::from(divisor);
    let split = |number: u64| (number.checked_div(divisor).unwrap_or(0), number.checked_rem(divisor).unwrap_or(number));
    let (upper, lower) = (limbs::high(number), limbs::low(number));
    if upper == 0 {
        let (quotient, rest) = split(lower);
        return (u128::from(quotient), rest);
    }
    let (first, rest) = split(upper);
    let (second, rest) = split((rest << 32) | (lower >> 32));
    let (third, rest) = split((rest << 32) | (lower & 0xffff_ffff));
    (limbs::join(first, (second << 32) | third), rest)
}

/// The integer part of `value`; `None` if it is negative, not a number, infinite or too large for the integer.
pub(crate) fn truncate<const BITS: usize, const LIMBS: usize>(value: f64) -> Option<Uint<BITS, LIMBS>> {
    if value == 0.0 {
        return Some(Uint::ZERO);
    }
    let Dyadic { mantissa, exponent } = dyadic(value)?;
    let shift = exponent.unsigned_abs();
    if exponent < 0 {
        Uint::checked_from_limbs_slice(&[mantissa.checked_shr(shift).unwrap_or(0)])
    } else {
        Uint::checked_from_limbs_slice(&[mantissa])?.checked_shl(usize::try_from(shift).ok()?)
    }
}

/// The largest integer whose square is at most `value`: what the contract's Babylonian `Math.sqrt` returns.
///
/// Newton's method from a floating-point guess: it falls monotonically once above the root, and one step puts it there.
pub(crate) fn square_root<const BITS: usize, const LIMBS: usize>(value: Uint<BITS, LIMBS>) -> Uint<BITS, LIMBS> {
    if value.is_zero() {
        return value;
    }
    let step = |root: Uint<BITS, LIMBS>| {
        let quotient = value.checked_div(root).unwrap_or(Uint::ZERO);
        root.wrapping_add(quotient).wrapping_shr(1)
    };
    let guess = truncate(f64::from(value).sqrt()).filter(|guess: &Uint<BITS, LIMBS>| !guess.is_zero()).unwrap_or(Uint::ONE);
    let mut root = step(guess);
    loop {
        let next = step(root);
        if next >= root {
            return root;
        }
        root = next;
    }
}
