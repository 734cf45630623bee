//! Products of 512 bits over a divisor: `FullMath.sol`.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::{U256, U512};

use super::error::ConcentratedError;

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
    Ok(divide(a.widening_mul(b), denominator)?.0)
}

/// `a·b/denominator` rounded up, the product in full width.
///
/// # Errors
/// [`ConcentratedError::MulDiv`] if the quotient needs more than 256 bits or `denominator` is zero.
///
/// Source: `FullMath.mulDivRoundingUp`.
#[inline]
pub fn mul_div_rounding_up(a: U256, b: U256, denominator: U256) -> Result<U256, ConcentratedError> {
    let (quotient, exact) = divide(a.widening_mul(b), denominator)?;
    if exact { Ok(quotient) } else { quotient.checked_add(U256::ONE).ok_or(ConcentratedError::MulDiv) }
}

/// Quotient, rounded down, and whether the division leaves nothing.
#[inline]
fn divide(product: U512, denominator: U256) -> Result<(U256, bool), ConcentratedError> {
    let [low0, low1, low2, low3, high @ ..] = *product.as_limbs();
    let high = U256::from_limbs(high);
    // The quotient fits exactly if the upper half is below the divisor; a divisor of zero never passes.
    if high >= denominator {
        return Err(ConcentratedError::MulDiv);
    }
    if high.is_zero() {
        let (quotient, remainder) = U256::from_limbs([low0, low1, low2, low3]).div_rem(denominator);
        return Ok((quotient, remainder.is_zero()));
    }
    let (quotient, remainder) = product.div_rem(U512::from(denominator));
    let [quotient0, quotient1, quotient2, quotient3, ..] = *quotient.as_limbs();
    Ok((U256::from_limbs([quotient0, quotient1, quotient2, quotient3]), remainder.is_zero()))
}

/// `a/denominator` rounded up.
///
/// # Errors
/// [`ConcentratedError::MulDiv`] if `denominator` is zero.
///
/// Source: `UnsafeMath.divRoundingUp`, which leaves a zero divisor to its callers.
#[inline]
pub fn div_rounding_up(a: U256, denominator: U256) -> Result<U256, ConcentratedError> {
    if denominator.is_zero() {
        return Err(ConcentratedError::MulDiv);
    }
    let (quotient, remainder) = a.div_rem(denominator);
    // A quotient of all ones has a divisor of one, and so no remainder.
    Ok(if remainder.is_zero() { quotient } else { quotient.wrapping_add(U256::ONE) })
}
