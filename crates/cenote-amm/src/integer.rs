//! Integer helpers the exact lane shares: floats taken apart without rounding, and the contract's square root.
#![deny(clippy::arithmetic_side_effects)]

use ruint::Uint;

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

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use proptest::prelude::*;
    use ruint::aliases::{U256, U512};

    use super::*;

    fn assert_is_root(value: U256) {
        let root = U512::from(square_root(value));
        let value = U512::from(value);
        assert!(root * root <= value && value < (root + U512::ONE) * (root + U512::ONE), "root of {value}: {root}");
    }

    #[test]
    fn roots_at_the_edges() {
        for small in 0_u64..10_000 {
            assert_is_root(U256::from(small));
        }
        for shift in 1..128 {
            let root = U256::ONE << shift;
            let square = root * root;
            for value in [square - U256::ONE, square, square + U256::ONE, square + root, square + root + root] {
                assert_is_root(value);
            }
        }
        assert_is_root(U256::MAX);
    }

    proptest! {
        #[test]
        fn roots(limbs: [u64; 4], shift in 0_usize..256) {
            assert_is_root(U256::from_limbs(limbs) >> shift);
        }

        #[test]
        fn dyadics_are_exact(value in 1e-300_f64..1e300) {
            let Dyadic { mantissa, exponent } = dyadic(value).unwrap();
            prop_assert!(mantissa < 1 << 53);
            #[allow(clippy::cast_precision_loss)]
            let (half, rest) = (exponent / 2, exponent - exponent / 2);
            #[allow(clippy::cast_precision_loss)]
            let back = mantissa as f64 * 2f64.powi(half) * 2f64.powi(rest);
            prop_assert_eq!(back, value);
        }
    }
}
