//! Products of 512 bits over a divisor: `FullMath.sol`.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::U256;

use super::error::ConcentratedError;
use crate::integer::limbs::{is_zero, product};
use crate::integer::{self, division};

/// `a·b/denominator` rounded down, the product in full width.
///
/// ```
/// use cenote_amm::U256;
/// use cenote_amm::concentrated::full_math::mul_div;
/// assert_eq!(mul_div(U256::MAX, U256::MAX, U256::MAX)?, U256::MAX);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
///
/// # Errors
/// [`ConcentratedError::MulDiv`] if the quotient needs more than 256 bits or `denominator` is zero.
///
/// Source: `FullMath.mulDiv`.
#[inline]
pub fn mul_div(a: U256, b: U256, denominator: U256) -> Result<U256, ConcentratedError> {
    Ok(divide(a, b, denominator)?.0)
}

/// `a·b/denominator` rounded up, the product in full width.
///
/// # Errors
/// [`ConcentratedError::MulDiv`] if the quotient needs more than 256 bits or `denominator` is zero.
///
/// Source: `FullMath.mulDivRoundingUp`.
#[inline]
pub fn mul_div_rounding_up(a: U256, b: U256, denominator: U256) -> Result<U256, ConcentratedError> {
    let (quotient, remains) = divide(a, b, denominator)?;
    if remains { quotient.checked_add(U256::ONE).ok_or(ConcentratedError::MulDiv) } else { Ok(quotient) }
}

/// Quotient, rounded down, and whether the division leaves something.
#[inline]
fn divide(a: U256, b: U256, denominator: U256) -> Result<(U256, bool), ConcentratedError> {
    let (&[a0, a1, a2, a3], &[b0, b1, b2, b3], divisor) = (a.as_limbs(), b.as_limbs(), denominator.as_limbs());
    if is_zero(divisor) {
        return Err(ConcentratedError::MulDiv);
    }
    if a2 | a3 | b2 | b3 == 0 {
        // Amounts and liquidity, nearly always: the product has no upper half.
        let product: [u64; 4] = product(&[a0, a1], &[b0, b1]);
        let (quotient, remainder) = division::divide(&product, divisor);
        return Ok((U256::from_limbs(quotient), !is_zero(&remainder)));
    }
    let product: [u64; 8] = product(a.as_limbs(), b.as_limbs());
    let [.., h0, h1, h2, h3] = product;
    // The quotient fits exactly if the upper half is below the divisor.
    if U256::from_limbs([h0, h1, h2, h3]) >= denominator {
        return Err(ConcentratedError::MulDiv);
    }
    let (quotient, remainder) = division::divide(&product, divisor);
    Ok((U256::from_limbs(quotient), !is_zero(&remainder)))
}

/// `a/denominator` rounded up.
///
/// # Errors
/// [`ConcentratedError::MulDiv`] if `denominator` is zero.
///
/// Source: `UnsafeMath.divRoundingUp`, which leaves a zero divisor to its callers.
#[inline]
pub fn div_rounding_up(a: U256, denominator: U256) -> Result<U256, ConcentratedError> {
    let (quotient, remainder) = integer::div_rem(a, denominator).ok_or(ConcentratedError::MulDiv)?;
    // A quotient of all ones has a divisor of one, and so no remainder.
    Ok(if remainder.is_zero() { quotient } else { quotient.wrapping_add(U256::ONE) })
}
