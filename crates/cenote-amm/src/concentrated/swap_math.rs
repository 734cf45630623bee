//! One step of a swap, inside which the liquidity is constant: `SwapMath.sol`.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::U256;
use ruint::uint;

use super::error::ConcentratedError;
use super::full_math::{mul_div, mul_div_rounding_up};
use super::sqrt_price_math::{
    Rounding, amount0_delta, amount0_estimate, amount1_delta, amount1_estimate, next_sqrt_price_from_input,
    next_sqrt_price_from_output,
};
use super::tick_math::to_f64;
use crate::pool::{Direction, SwapKind};

/// What a step is asked to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepRequest<P, Q, A> {
    /// The square root price at which the step starts.
    pub sqrt_price: P,
    /// The square root price beyond which it must not go; above the start, token 1 is paid in.
    pub target: P,
    /// The liquidity in between.
    pub liquidity: Q,
    /// Which side `remaining` is.
    pub kind: SwapKind,
    /// What is left to be paid in, fee included, or to be paid out.
    pub remaining: A,
    /// The fee on what is paid in, in millionths of it.
    pub fee_pips: u32,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step<P, A> {
    /// The square root price at which it ended.
    pub sqrt_price: P,
    /// Paid in, without the fee.
    pub amount_in: A,
    /// Paid out.
    pub amount_out: A,
    /// The fee on top of `amount_in`.
    pub fee: A,
}

/// How a step that is stopped by its amount divides an exact input between amount and fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepRule {
    /// Uniswap v3: the amount is what the rounded price is worth, the fee is all the rest.
    V3,
    /// Uniswap v4: the amount is the input less its fee, whatever the price is rounded to.
    V4,
}

/// Whether an amount is below what was estimated, beyond all doubt: most steps need not know exactly what the target takes.
#[inline]
fn is_clearly_short(amount: f64, estimate: f64) -> bool {
    estimate < f64::INFINITY && amount < 0.999 * estimate
}

uint! {
const MILLION: U256 = 1_000_000_U256;
}

/// Moves the price towards the target until it or the amount is reached.
///
/// # Errors
/// Those of [`next_sqrt_price_from_input`], [`next_sqrt_price_from_output`] and [`mul_div`]. [`ConcentratedError::InvalidFee`] above
/// 100 %; at 100 % an exact output fails with [`ConcentratedError::MulDiv`].
///
/// Source: `SwapMath.computeSwapStep` of v3-core and of v4-core.
#[inline]
pub fn swap_step(request: &StepRequest<U256, u128, U256>, rule: StepRule) -> Result<Step<U256, U256>, ConcentratedError> {
    let StepRequest { sqrt_price, target, liquidity, kind, remaining, fee_pips } = *request;
    let direction = if sqrt_price >= target { Direction::ZeroForOne } else { Direction::OneForZero };
    let kept_pips = 1_000_000_u32.checked_sub(fee_pips).ok_or(ConcentratedError::InvalidFee { pips: fee_pips })?;
    let (fee_pips, kept_pips) = (U256::from(fee_pips), U256::from(kept_pips));
    let input_to = |price| match direction {
        Direction::ZeroForOne => amount0_delta(price, sqrt_price, liquidity, Rounding::Up),
        Direction::OneForZero => amount1_delta(sqrt_price, price, liquidity, Rounding::Up),
    };
    let output_to = |price| match direction {
        Direction::ZeroForOne => amount1_delta(price, sqrt_price, liquidity, Rounding::Down),
        Direction::OneForZero => amount0_delta(sqrt_price, price, liquidity, Rounding::Down),
    };
    let estimates = || {
        let amounts = [amount0_estimate(sqrt_price, target, liquidity), amount1_estimate(sqrt_price, target, liquidity)];
        if direction == Direction::ZeroForOne { amounts } else { [amounts[1], amounts[0]] }
    };
    let fee_on = |amount_in: U256| {
        // All is fee: nothing but nothing can have been paid in.
        if kept_pips.is_zero() && amount_in.is_zero() {
            Ok(U256::ZERO)
        } else {
            mul_div_rounding_up(amount_in, fee_pips, kept_pips)
        }
    };

    match kind {
        SwapKind::ExactIn => {
            let less_fee = match remaining.checked_mul(kept_pips) {
                Some(product) => product.wrapping_div(MILLION),
                None => mul_div(remaining, kept_pips, MILLION)?,
            };
            if !is_clearly_short(to_f64(less_fee), estimates()[0]) {
                let amount_in = input_to(target)?;
                if less_fee >= amount_in {
                    return Ok(Step { sqrt_price: target, amount_in, amount_out: output_to(target)?, fee: fee_on(amount_in)? });
                }
            }
            let next = next_sqrt_price_from_input(sqrt_price, liquidity, less_fee, direction)?;
            // An input short of the target by a wei leaves the price short of it too: it is rounded away from the target.
            let amount_in = match rule {
                StepRule::V3 => input_to(next)?,
                StepRule::V4 => less_fee,
            };
            Ok(Step { sqrt_price: next, amount_in, amount_out: output_to(next)?, fee: remaining.wrapping_sub(amount_in) })
        }
        SwapKind::ExactOut => {
            // What is available is rounded down: a unit more than asked for may be no more than that.
            let short = is_clearly_short(to_f64(remaining) + 1.0, estimates()[1]);
            let available = if short { None } else { Some(output_to(target)?) };
            let (next, amount_out) = match available {
                Some(available) if remaining >= available => (target, available),
                _ => {
                    let next = next_sqrt_price_from_output(sqrt_price, liquidity, remaining, direction)?;
                    let amount_out = match rule {
                        // Rounding may make the price worth a little more than what was asked for.
                        StepRule::V3 => output_to(next)?.min(remaining),
                        StepRule::V4 => remaining,
                    };
                    (next, amount_out)
                }
            };
            let amount_in = input_to(next)?;
            Ok(Step { sqrt_price: next, amount_in, amount_out, fee: fee_on(amount_in)? })
        }
    }
}
