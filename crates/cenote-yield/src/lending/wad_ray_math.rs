//! Fixed-point products and quotients with 18 and 27 decimals and with basis points, rounded half up: `WadRayMath.sol` and
//! `PercentageMath.sol` of Aave v3.
#![deny(clippy::arithmetic_side_effects)]

use cenote_units::U256;

use super::error::ArithmeticError;

/// 1 with 27 decimals: 10^27.
pub const RAY: U256 = U256::from_limbs([0x9fd0_803c_e800_0000, 0x033b_2e3c, 0, 0]);
/// 1 with 18 decimals: 10^18.
pub const WAD: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// 100 % in basis points.
pub const PERCENTAGE_FACTOR: u16 = 10_000;

const FACTOR: U256 = U256::from_limbs([10_000, 0, 0, 0]);

/// `a·b/one`, half up.
fn product(a: U256, b: U256, one: U256) -> Result<U256, ArithmeticError> {
    let half = one.wrapping_shr(1);
    let sum = a.checked_mul(b).and_then(|product| product.checked_add(half));
    sum.and_then(|sum| sum.checked_div(one)).ok_or(ArithmeticError::FixedPoint)
}

/// `a·one/b`, half up.
fn quotient(a: U256, b: U256, one: U256) -> Result<U256, ArithmeticError> {
    let sum = a.checked_mul(one).and_then(|product| product.checked_add(b.wrapping_shr(1)));
    sum.and_then(|sum| sum.checked_div(b)).ok_or(ArithmeticError::FixedPoint)
}

/// The product of two numbers with 27 decimals, half up.
///
/// # Errors
/// [`ArithmeticError::FixedPoint`] if `a·b + 10^27/2` does not fit.
///
/// Source: `WadRayMath.rayMul`.
pub fn ray_mul(a: U256, b: U256) -> Result<U256, ArithmeticError> {
    product(a, b, RAY)
}

/// The quotient of two numbers with 27 decimals, half up.
///
/// ```
/// use cenote_amm::U256;
/// use cenote_yield::lending::wad_ray_math::{RAY, ray_div, ray_mul};
/// let index = RAY + RAY / U256::from(3); // 1.333...
/// let scaled = ray_div(U256::from(1_000_000), index)?;
/// assert_eq!(scaled, U256::from(750_000));
/// assert_eq!(ray_mul(scaled, index)?, U256::from(1_000_000));
/// # Ok::<(), cenote_yield::lending::ArithmeticError>(())
/// ```
///
/// # Errors
/// [`ArithmeticError::FixedPoint`] if `a·10^27 + b/2` does not fit or `b` is zero.
///
/// Source: `WadRayMath.rayDiv`.
pub fn ray_div(a: U256, b: U256) -> Result<U256, ArithmeticError> {
    quotient(a, b, RAY)
}

/// The quotient of two numbers with 18 decimals, half up.
///
/// # Errors
/// [`ArithmeticError::FixedPoint`] if `a·10^18 + b/2` does not fit or `b` is zero.
///
/// Source: `WadRayMath.wadDiv`.
pub fn wad_div(a: U256, b: U256) -> Result<U256, ArithmeticError> {
    quotient(a, b, WAD)
}

/// A number with 18 decimals as one with 27.
///
/// # Errors
/// [`ArithmeticError::FixedPoint`] if it does not fit.
///
/// Source: `WadRayMath.wadToRay`.
pub fn wad_to_ray(a: U256) -> Result<U256, ArithmeticError> {
    a.checked_mul(U256::from(1_000_000_000_u64)).ok_or(ArithmeticError::FixedPoint)
}

/// `percentage` basis points of `value`, half up.
///
/// # Errors
/// [`ArithmeticError::FixedPoint`] if `value·percentage + 5000` does not fit.
///
/// Source: `PercentageMath.percentMul`.
pub fn percent_mul(value: U256, percentage: U256) -> Result<U256, ArithmeticError> {
    product(value, percentage, FACTOR)
}

/// What `value` is `percentage` basis points of, half up.
///
/// # Errors
/// [`ArithmeticError::FixedPoint`] if `value·10000 + percentage/2` does not fit or `percentage` is zero.
///
/// Source: `PercentageMath.percentDiv`.
pub fn percent_div(value: U256, percentage: U256) -> Result<U256, ArithmeticError> {
    quotient(value, percentage, FACTOR)
}

/// The number, if it fits 128 bits.
///
/// # Errors
/// [`ArithmeticError::Uint128`] if it does not.
///
/// Source: `SafeCast.toUint128`.
pub fn to_uint128(number: U256) -> Result<U256, ArithmeticError> {
    if number.bit_len() > 128 { Err(ArithmeticError::Uint128) } else { Ok(number) }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_powers_of_ten() {
        assert_eq!(RAY, U256::from(10).pow(U256::from(27)));
        assert_eq!(WAD, U256::from(10).pow(U256::from(18)));
        assert_eq!(FACTOR, U256::from(PERCENTAGE_FACTOR));
    }

    #[test]
    fn halves_round_up() {
        let ray = |number: u64| U256::from(number) * RAY;
        assert_eq!(ray_mul(RAY >> 1, U256::from(3)), Ok(U256::from(2)));
        assert_eq!(ray_mul((RAY >> 1) - U256::ONE, U256::from(1)), Ok(U256::ZERO));
        assert_eq!(ray_div(U256::from(3), ray(2)), Ok(U256::from(2)));
        assert_eq!(ray_div(U256::from(5), ray(4)), Ok(U256::from(1)));
        assert_eq!(percent_mul(U256::from(1), U256::from(5_000)), Ok(U256::from(1)));
        assert_eq!(percent_mul(U256::from(1), U256::from(4_999)), Ok(U256::ZERO));
        assert_eq!(percent_div(U256::from(1), U256::from(20_000)), Ok(U256::from(1)));
        assert_eq!(wad_div(U256::from(1), U256::from(2)), Ok(WAD >> 1));
        assert_eq!(wad_to_ray(WAD), Ok(RAY));
    }

    #[test]
    fn the_largest_products_are_refused_exactly_where_the_contract_refuses() {
        let half = RAY >> 1;
        let most = (U256::MAX - half) / RAY;
        assert!(ray_mul(most, RAY).is_ok());
        assert_eq!(ray_mul(most + U256::ONE, RAY), Err(ArithmeticError::FixedPoint));
        let most = (U256::MAX - half) / RAY;
        assert!(ray_div(most, RAY).is_ok());
        assert_eq!(ray_div(most + U256::ONE, RAY), Err(ArithmeticError::FixedPoint));
        assert_eq!(ray_div(U256::ONE, U256::ZERO), Err(ArithmeticError::FixedPoint));
        assert_eq!(percent_div(U256::ONE, U256::ZERO), Err(ArithmeticError::FixedPoint));
        assert_eq!(to_uint128(U256::ONE << 128), Err(ArithmeticError::Uint128));
        assert!(to_uint128((U256::ONE << 128) - U256::ONE).is_ok());
    }
}
