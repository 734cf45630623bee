//! One step of a swap, inside which the liquidity is constant: `SwapMath.sol`.
//!
//! The contract computes the amount at the target, the price after the amount, and the amounts at that price, with a division each. Most
//! of them say the same thing twice, and here are said once, to the same integers (`P` the price, `T` the target, `L` the liquidity,
//! `L' = L·2^96`, `a` the amount less fee, all of them integers):
//!
//! - Token 0 suffices for the target, `a ≥ ⌈L'(P − T)/(P·T)⌉`, if `a·P·T ≥ L'(P − T)`: a comparison.
//! - The price after token 0 came in, `⌈L'P/(L' + aP)⌉`, is `P − q` with `q = ⌊aP²/(L' + aP)⌋`, a far shorter quotient.
//! - What that price is worth, `⌈L'q/(P·(P − q))⌉`, is `a − ⌊r/(P·(P − q))⌋` with r what the division left, hardly ever anything but a.
//! - Likewise for token 1: of `a·2^96 = q·L + r` the price moves by q, which is worth `a − ⌊r/2^96⌋`.
//! - An exact output that does not get to the target is the output: the price is rounded so that it is worth no less.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::U256;

use super::error::ConcentratedError;
use super::full_math::{mul_div, mul_div_rounding_up};
use super::price_limbs::{Price, by_liquidity, difference, narrow, over_prices, sum, times_q96, token0, token1, widen};
use super::sqrt_price_math::{self, Rounding, next_sqrt_price_from_input};
use super::tick_math::to_f64;
use crate::integer::limbs::{at_most, is_zero, limbs, product};
use crate::integer::{self, checked_add, division, over_million, over_small, wrapping_sub};
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

/// All of the input, in pips.
const WHOLE_PIPS: u32 = 1_000_000;

/// Moves the price towards the target until it or the amount is reached.
///
/// # Errors
/// [`ConcentratedError::InvalidSqrtPrice`] for prices of more than 160 bits, [`ConcentratedError::NoPriceOrLiquidity`] for a price of
/// zero (as a target only if an input is given or an output reaches it), [`ConcentratedError::PriceOverflow`] for an output that leaves
/// no price above zero, [`ConcentratedError::InvalidFee`] above 100 %; at 100 % an exact output fails with [`ConcentratedError::MulDiv`].
///
/// Source: `SwapMath.computeSwapStep` of v3-core and of v4-core.
#[inline]
pub fn swap_step(request: &StepRequest<U256, u128, U256>, rule: StepRule) -> Result<Step<U256, U256>, ConcentratedError> {
    let StepRequest { sqrt_price, target, liquidity, kind, remaining, fee_pips } = *request;
    let limbs_of = |price| narrow(price).ok_or_else(|| ConcentratedError::InvalidSqrtPrice { sqrt_price: to_f64(price) });
    let (from, to) = (&limbs_of(sqrt_price)?, &limbs_of(target)?);
    // A target of nothing may be aimed at for an output, if it is not reached.
    if is_zero(from) || is_zero(to) && kind == SwapKind::ExactIn {
        return Err(ConcentratedError::NoPriceOrLiquidity);
    }
    let kept_pips = WHOLE_PIPS.checked_sub(fee_pips).ok_or(ConcentratedError::InvalidFee { pips: fee_pips })?;
    let fee_on = |amount_in: U256| {
        // All is fee: nothing but nothing can have been paid in.
        if kept_pips == 0 && amount_in.is_zero() { Ok(U256::ZERO) } else { ceil_part(amount_in, fee_pips, kept_pips) }
    };
    let down = at_most(to, from);
    let (moved, fee) = match kind {
        SwapKind::ExactIn => {
            let less_fee = part_of_million(remaining, kept_pips)?;
            let mut moved = if down { pay0(from, to, liquidity, less_fee)? } else { pay1(from, to, liquidity, less_fee) };
            if !moved.reached && rule == StepRule::V4 {
                moved.amount_in = less_fee;
            }
            (moved, if moved.reached { fee_on(moved.amount_in)? } else { wrapping_sub(remaining, moved.amount_in) })
        }
        SwapKind::ExactOut => {
            let moved = if down { take1(from, to, liquidity, remaining)? } else { take0(from, to, liquidity, remaining) };
            (moved, fee_on(moved.amount_in)?)
        }
    };
    let Moved { amount_in, amount_out, sqrt_price: end, .. } = moved;
    Ok(Step { sqrt_price: widen(&end), amount_in, amount_out, fee })
}

/// `amount·pips/10^6`, rounded down.
#[inline]
fn part_of_million(amount: U256, pips: u32) -> Result<U256, ConcentratedError> {
    match integer::narrow(amount).and_then(|amount| amount.checked_mul(u128::from(pips))) {
        Some(product) => Ok(integer::widen(over_million(product))),
        None => mul_div(amount, U256::from(pips), U256::from(WHOLE_PIPS)),
    }
}

/// `amount·pips/whole`, rounded up.
#[inline]
fn ceil_part(amount: U256, pips: u32, whole: u32) -> Result<U256, ConcentratedError> {
    match integer::narrow(amount).and_then(|amount| amount.checked_mul(u128::from(pips))).filter(|_| whole > 0) {
        Some(product) => {
            let (quotient, rest) = over_small(product, whole);
            // A quotient of all ones would have a divisor of one, and no remainder.
            Ok(integer::widen(quotient.wrapping_add(u128::from(rest != 0))))
        }
        None => mul_div_rounding_up(amount, U256::from(pips), U256::from(whole)),
    }
}

/// What a step does to price and amounts, fee apart.
#[derive(Clone, Copy, Debug)]
struct Moved {
    sqrt_price: Price,
    amount_in: U256,
    amount_out: U256,
    reached: bool,
}

/// `L·2^96`.
#[inline]
fn scaled(liquidity: u128) -> U256 {
    let [l0, l1] = limbs(liquidity);
    U256::from_limbs([0, l0 << 32, (l0 >> 32) | (l1 << 32), l1 >> 32])
}

/// The lower limbs of a quotient that has no others.
#[inline]
fn lower(quotient: &[u64; 4]) -> Price {
    [quotient[0], quotient[1], quotient[2]]
}

/// A number over the liquidity, of which there is some: a limb of it as a rule.
#[inline]
fn divide_by_liquidity(number: &[u64; 6], liquidity: u128) -> ([u64; 4], [u64; 2]) {
    let [l0, l1] = limbs(liquidity);
    if l1 != 0 {
        return division::divide_by(number, &[l0, l1]);
    }
    let (quotient, [rest]) = division::divide_by(number, &[l0]);
    (quotient, [rest, 0])
}

/// Token 0 comes in, the price falls.
#[inline]
fn pay0(from: &Price, to: &Price, liquidity: u128, amount: U256) -> Result<Moved, ConcentratedError> {
    let span = by_liquidity(liquidity, &difference(from, to));
    let prices: [u64; 6] = product(from, to);
    let needed: [u64; 7] = times_q96(&span);
    let [a0, a1, a2, a3] = *amount.as_limbs();
    let reached = if a2 | a3 == 0 {
        at_most::<7, 8>(&needed, &product(&[a0, a1], &prices))
    } else {
        at_most::<7, 10>(&needed, &product(&[a0, a1, a2, a3], &prices))
    };
    if reached {
        let (amount_in, amount_out) = (token0(&span, &prices, Rounding::Up), token1(&span, Rounding::Down));
        return Ok(Moved { sqrt_price: *to, amount_in, amount_out, reached });
    }
    let [p0, p1, p2, p3, over @ ..]: [u64; 7] = product(amount.as_limbs(), from);
    let paid = [p0, p1, p2, p3];
    let Some(divisor) = checked_add(scaled(liquidity), U256::from_limbs(paid)).filter(|_| is_zero(&over)) else {
        return pay0_beyond(from, liquidity, amount);
    };
    // There is liquidity, or the target would have been reached.
    let (quotient, rest) = division::divide::<7>(&product(&paid, from), divisor.as_limbs());
    let fall = lower(&quotient);
    let next = difference(from, &fall);
    let prices: [u64; 6] = product(from, &next);
    let unspent = if at_most(&prices, &rest) { over_prices(&rest, &prices) } else { U256::ZERO };
    let amount_out = token1(&by_liquidity(liquidity, &fall), Rounding::Down);
    Ok(Moved { sqrt_price: next, amount_in: wrapping_sub(amount, unspent), amount_out, reached })
}

/// The same where `aP` or `L' + aP` exceeds 256 bits: the contract takes the price from `⌈L'/(L'/P + a)⌉`.
#[cold]
fn pay0_beyond(from: &Price, liquidity: u128, amount: U256) -> Result<Moved, ConcentratedError> {
    let next = next_sqrt_price_from_input(widen(from), liquidity, amount, Direction::ZeroForOne)?;
    let amount_in = sqrt_price_math::amount0_delta(next, widen(from), liquidity, Rounding::Up)?;
    let amount_out = sqrt_price_math::amount1_delta(next, widen(from), liquidity, Rounding::Down)?;
    // Not above the price it started from.
    Ok(Moved { sqrt_price: narrow(next).unwrap_or(*from), amount_in, amount_out, reached: false })
}

/// Token 1 comes in, the price rises.
#[inline]
fn pay1(from: &Price, to: &Price, liquidity: u128, amount: U256) -> Moved {
    let span = by_liquidity(liquidity, &difference(to, from));
    let paid: [u64; 6] = times_q96(amount.as_limbs());
    if at_most(&span, &paid) {
        let (amount_in, amount_out) = (token1(&span, Rounding::Up), token0(&span, &product(from, to), Rounding::Down));
        return Moved { sqrt_price: *to, amount_in, amount_out, reached: true };
    }
    // There is liquidity, or the target would have been reached.
    let (quotient, [_, r1]) = divide_by_liquidity(&paid, liquidity);
    let rise = lower(&quotient);
    let next = sum(from, &rise);
    let amount_out = token0(&by_liquidity(liquidity, &rise), &product(from, &next), Rounding::Down);
    Moved { sqrt_price: next, amount_in: wrapping_sub(amount, U256::from(r1 >> 32)), amount_out, reached: false }
}

/// Token 1 goes out, the price falls.
#[inline]
fn take1(from: &Price, to: &Price, liquidity: u128, amount: U256) -> Result<Moved, ConcentratedError> {
    let span = by_liquidity(liquidity, &difference(from, to));
    let available = token1(&span, Rounding::Down);
    let taken: [u64; 6] = times_q96(amount.as_limbs());
    if amount >= available {
        if is_zero(to) {
            return Err(ConcentratedError::NoPriceOrLiquidity);
        }
        let amount_in = token0(&span, &product(from, to), Rounding::Up);
        return Ok(Moved { sqrt_price: *to, amount_in, amount_out: available, reached: true });
    }
    let (quotient, rest) = divide_by_liquidity(&taken, liquidity);
    let fall = sum(&lower(&quotient), &[u64::from(!is_zero(&rest)), 0, 0]);
    let next = difference(from, &fall);
    if is_zero(&next) {
        return Err(ConcentratedError::PriceOverflow { amount: to_f64(amount) });
    }
    let amount_in = token0(&by_liquidity(liquidity, &fall), &product(from, &next), Rounding::Up);
    Ok(Moved { sqrt_price: next, amount_in, amount_out: amount, reached: false })
}

/// Token 0 goes out, the price rises.
#[inline]
fn take0(from: &Price, to: &Price, liquidity: u128, amount: U256) -> Moved {
    let span = by_liquidity(liquidity, &difference(to, from));
    let prices: [u64; 6] = product(from, to);
    let there: [u64; 7] = times_q96(&span);
    // One unit more than is taken must still be there.
    let short = checked_add(amount, U256::ONE).is_some_and(|more| match *more.as_limbs() {
        [a0, a1, 0, 0] => at_most::<8, 7>(&product(&[a0, a1], &prices), &there),
        more => at_most::<10, 7>(&product(&more, &prices), &there),
    });
    if !short {
        let (amount_in, amount_out) = (token1(&span, Rounding::Up), token0(&span, &prices, Rounding::Down));
        return Moved { sqrt_price: *to, amount_in, amount_out, reached: true };
    }
    // So `aP` is below L'.
    let [p0, p1, p2, p3, ..]: [u64; 7] = product(amount.as_limbs(), from);
    let paid = [p0, p1, p2, p3];
    let divisor = wrapping_sub(scaled(liquidity), U256::from_limbs(paid));
    let (quotient, rest) = division::divide::<7>(&product(&paid, from), divisor.as_limbs());
    let rise = sum(&lower(&quotient), &[u64::from(!is_zero(&rest)), 0, 0]);
    let amount_in = token1(&by_liquidity(liquidity, &rise), Rounding::Up);
    Moved { sqrt_price: sum(from, &rise), amount_in, amount_out: amount, reached: false }
}
