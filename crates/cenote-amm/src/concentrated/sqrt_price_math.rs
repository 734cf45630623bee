//! Amounts and square root prices at constant liquidity: `SqrtPriceMath.sol`.
//!
//! With L the liquidity and √P the square root price in Q64.96, a range holds `L·(1/√P_lower − 1/√P_upper)` of token 0 and
//! `L·(√P_upper − √P_lower)` of token 1. Source: "Uniswap v3 Core" (2021), section 6.2.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::{U256, U512};
use ruint::uint;

use super::error::ConcentratedError;
use super::full_math::{div_rounding_up, mul_div, mul_div_rounding_up};
use super::price_limbs::{by_liquidity, difference, narrow, token0, token1};
use super::tick_math::to_f64;
use crate::integer::limbs::product;
use crate::pool::Direction;

/// Which way an amount is rounded to an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Toward zero: what the pool pays.
    Down,
    /// Away from zero: what the pool is paid.
    Up,
}

uint! {
const Q96: U256 = 0x1_000000000000000000000000_U256;
}
const MAX_U160: U256 = U256::from_limbs([u64::MAX, u64::MAX, u32::MAX as u64, 0]);

fn overflow(amount: U256) -> ConcentratedError {
    ConcentratedError::PriceOverflow { amount: to_f64(amount) }
}

/// Token 0 between two square root prices, in either order: `L·2^96·(b − a)/(a·b)`.
///
/// The contract divides twice and rounds twice, both times the same way; that is the same as rounding once.
///
/// # Errors
/// [`ConcentratedError::NoPriceOrLiquidity`] if the lower price is zero.
///
/// Source: `SqrtPriceMath.getAmount0Delta`.
#[inline]
pub fn amount0_delta(a_x96: U256, b_x96: U256, liquidity: u128, rounding: Rounding) -> Result<U256, ConcentratedError> {
    let (lower, upper) = ordered(a_x96, b_x96);
    if lower.is_zero() {
        return Err(ConcentratedError::NoPriceOrLiquidity);
    }
    let (Some(narrow_lower), Some(narrow_upper)) = (narrow(lower), narrow(upper)) else {
        let product: U512 = U256::from(liquidity).widening_mul(upper.wrapping_sub(lower));
        let (quotient, remainder) = product.wrapping_shl(96).div_rem(upper.widening_mul(lower));
        let quotient = U256::checked_from_limbs_slice(quotient.as_limbs()).ok_or(ConcentratedError::MulDiv)?;
        return Ok(if rounding == Rounding::Up && !remainder.is_zero() { quotient.wrapping_add(U256::ONE) } else { quotient });
    };
    let span = by_liquidity(liquidity, &difference(&narrow_upper, &narrow_lower));
    Ok(token0(&span, &product(&narrow_upper, &narrow_lower), rounding))
}

#[inline]
fn ordered(a: U256, b: U256) -> (U256, U256) {
    if a > b { (b, a) } else { (a, b) }
}

/// Token 1 between two square root prices, in either order: `L·(b − a)/2^96`.
///
/// # Errors
/// [`ConcentratedError::MulDiv`] for prices of more than 160 bits whose amount does not fit.
///
/// Source: `SqrtPriceMath.getAmount1Delta`.
#[inline]
pub fn amount1_delta(a_x96: U256, b_x96: U256, liquidity: u128, rounding: Rounding) -> Result<U256, ConcentratedError> {
    let (lower, upper) = ordered(a_x96, b_x96);
    if let (Some(lower), Some(upper)) = (narrow(lower), narrow(upper)) {
        return Ok(token1(&by_liquidity(liquidity, &difference(&upper, &lower)), rounding));
    }
    let (liquidity, difference) = (U256::from(liquidity), upper.wrapping_sub(lower));
    match rounding {
        Rounding::Up => mul_div_rounding_up(liquidity, difference, Q96),
        Rounding::Down => mul_div(liquidity, difference, Q96),
    }
}

/// The price after `amount` of token 0 came in or went out, rounded up: `L·√P/(L ± amount·√P)`.
fn next_from_amount0(sqrt_price_x96: U256, liquidity: u128, amount: U256, comes_in: bool) -> Result<U256, ConcentratedError> {
    if amount.is_zero() {
        return Ok(sqrt_price_x96);
    }
    let liquidity = U256::from(liquidity).wrapping_shl(96);
    let product = amount.checked_mul(sqrt_price_x96);
    if comes_in {
        if let Some(denominator) = product.and_then(|product| liquidity.checked_add(product)) {
            return mul_div_rounding_up(liquidity, sqrt_price_x96, denominator);
        }
        let denominator = liquidity.wrapping_div(sqrt_price_x96).checked_add(amount).ok_or_else(|| overflow(amount))?;
        div_rounding_up(liquidity, denominator)
    } else {
        let left = product.and_then(|product| liquidity.checked_sub(product)).filter(|left| !left.is_zero());
        let next = mul_div_rounding_up(liquidity, sqrt_price_x96, left.ok_or_else(|| overflow(amount))?)?;
        if next > MAX_U160 { Err(overflow(amount)) } else { Ok(next) }
    }
}

/// The price after `amount` of token 1 came in or went out, rounded down: `√P ± amount/L`.
fn next_from_amount1(sqrt_price_x96: U256, liquidity: u128, amount: U256, comes_in: bool) -> Result<U256, ConcentratedError> {
    let liquidity = U256::from(liquidity);
    let small = amount <= MAX_U160;
    if comes_in {
        let quotient = if small { amount.wrapping_shl(96).wrapping_div(liquidity) } else { mul_div(amount, Q96, liquidity)? };
        let next = sqrt_price_x96.checked_add(quotient).filter(|next| *next <= MAX_U160);
        next.ok_or_else(|| overflow(amount))
    } else {
        let quotient =
            if small { div_rounding_up(amount.wrapping_shl(96), liquidity)? } else { mul_div_rounding_up(amount, Q96, liquidity)? };
        sqrt_price_x96.checked_sub(quotient).filter(|next| !next.is_zero()).ok_or_else(|| overflow(amount))
    }
}

fn check_some(sqrt_price_x96: U256, liquidity: u128) -> Result<(), ConcentratedError> {
    if sqrt_price_x96.is_zero() || liquidity == 0 { Err(ConcentratedError::NoPriceOrLiquidity) } else { Ok(()) }
}

/// The square root price after `amount_in` was paid, rounded so that the trader does not gain.
///
/// # Errors
/// [`ConcentratedError::NoPriceOrLiquidity`]; [`ConcentratedError::PriceOverflow`] or [`ConcentratedError::MulDiv`] if the price does
/// not fit.
///
/// Source: `SqrtPriceMath.getNextSqrtPriceFromInput`.
#[inline]
pub fn next_sqrt_price_from_input(
    sqrt_price_x96: U256,
    liquidity: u128,
    amount_in: U256,
    direction: Direction,
) -> Result<U256, ConcentratedError> {
    check_some(sqrt_price_x96, liquidity)?;
    match direction {
        Direction::ZeroForOne => next_from_amount0(sqrt_price_x96, liquidity, amount_in, true),
        Direction::OneForZero => next_from_amount1(sqrt_price_x96, liquidity, amount_in, true),
    }
}

/// The square root price after `amount_out` was taken, rounded so that the trader does not gain.
///
/// # Errors
/// [`ConcentratedError::NoPriceOrLiquidity`]; [`ConcentratedError::PriceOverflow`] or [`ConcentratedError::MulDiv`] if there is not
/// that much to take.
///
/// Source: `SqrtPriceMath.getNextSqrtPriceFromOutput`.
#[inline]
pub fn next_sqrt_price_from_output(
    sqrt_price_x96: U256,
    liquidity: u128,
    amount_out: U256,
    direction: Direction,
) -> Result<U256, ConcentratedError> {
    check_some(sqrt_price_x96, liquidity)?;
    match direction {
        Direction::ZeroForOne => next_from_amount1(sqrt_price_x96, liquidity, amount_out, false),
        Direction::OneForZero => next_from_amount0(sqrt_price_x96, liquidity, amount_out, false),
    }
}
