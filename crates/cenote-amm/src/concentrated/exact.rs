//! The formulas in the contract's integers: its widths, its rounding, its overflow checks.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::{U256, U512};
use ruint::uint;

use super::error::ConcentratedError;
use super::formulas::Formulas;
use super::full_math::{mul_div, mul_div_rounding_up};
use super::protocol_fee::Share;
use super::sqrt_price_math::{self, Rounding};
use super::swap_math::{self, Step, StepRequest, StepRule};
use super::tick_math::{self, MAX_SQRT_PRICE_X96, MIN_SQRT_PRICE_X96, TWO_96, to_f64};
use crate::integer::limbs::limbs;
use crate::integer::{self, Dyadic, division, square_root};
use crate::lane::Exact;

uint! {
const Q96: U256 = 0x1_000000000000000000000000_U256;
const MILLION: U256 = 1_000_000_U256;
}
const Q128: U256 = U256::from_limbs([0, 0, 1, 0]);

/// The low 128 bits, for slots that wrap.
#[inline]
fn low_half(value: U256) -> U256 {
    let [low, high, ..] = *value.as_limbs();
    U256::from_limbs([low, high, 0, 0])
}

/// `LiquidityAmounts.toUint128`, which reverts without a reason.
#[inline]
fn to_liquidity(value: U256) -> Result<u128, ConcentratedError> {
    u128::try_from(value).map_err(|_| ConcentratedError::LiquidityTooLarge { liquidity: value.into() })
}

impl Formulas for Exact {
    type Amount = U256;
    type SqrtPrice = U256;
    type Liquidity = u128;
    type FeeGrowth = U256;
    type Units = ();

    const STOPS_AT_WORDS: bool = true;

    fn units(_decimals: [u8; 2]) -> Self::Units {}

    #[inline]
    fn liquidity(_units: &(), liquidity: u128) -> u128 {
        liquidity
    }

    fn liquidity_to_f64(_units: &(), liquidity: u128) -> f64 {
        to_f64(U256::from(liquidity))
    }

    #[inline]
    fn sqrt_price_at_tick(_units: &(), tick: i32) -> Result<U256, ConcentratedError> {
        tick_math::sqrt_price_at_tick(tick)
    }

    #[inline]
    fn tick_at_sqrt_price(_units: &(), sqrt_price: U256) -> Result<i32, ConcentratedError> {
        tick_math::tick_at_sqrt_price(sqrt_price)
    }

    fn sqrt_price_from_x96(_units: &(), sqrt_price_x96: U256) -> U256 {
        sqrt_price_x96
    }

    fn amount_from_integer(_units: &(), _side: usize, amount: U256) -> U256 {
        amount
    }

    #[inline]
    fn price_limits(_units: &()) -> [U256; 2] {
        [MIN_SQRT_PRICE_X96.wrapping_add(U256::ONE), MAX_SQRT_PRICE_X96.wrapping_sub(U256::ONE)]
    }

    /// The float is `mantissa·2^exponent` exactly; its multiple by 2^192 has the root wanted.
    fn sqrt_price_of(price: f64, inverse: bool, scale: Share, rounding: Rounding) -> Option<U256> {
        let Dyadic { mantissa, exponent } = integer::dyadic(price)?;
        let (numerator, denominator) = (U512::from(scale.numerator), U512::from(scale.denominator));
        let mantissa = U512::from(mantissa);
        let (numerator, denominator, exponent) = if inverse {
            (numerator, denominator.checked_mul(mantissa)?, exponent.checked_neg()?)
        } else {
            (numerator.checked_mul(mantissa)?, denominator, exponent)
        };
        let shift = exponent.checked_add(192)?;
        let distance = usize::try_from(shift.unsigned_abs()).ok()?;
        let scaled = if shift < 0 {
            numerator.checked_div(denominator.checked_shl(distance)?)?
        } else {
            numerator.checked_shl(distance)?.checked_div(denominator)?
        };
        let root = square_root(scaled);
        let root = if rounding == Rounding::Up { root.checked_add(U512::ONE)? } else { root };
        let root = U256::checked_from_limbs_slice(root.as_limbs())?;
        (MIN_SQRT_PRICE_X96..MAX_SQRT_PRICE_X96).contains(&root).then_some(root)
    }

    fn sqrt_price_to_f64(sqrt_price: U256) -> f64 {
        to_f64(sqrt_price)
    }

    fn price(sqrt_price: U256) -> f64 {
        let root = to_f64(sqrt_price) / TWO_96;
        root * root
    }

    #[inline]
    fn is_specifiable(amount: U256) -> bool {
        amount.bit_len() < 256
    }

    #[inline]
    fn is_int128(amount: U256) -> bool {
        amount.bit_len() < 128
    }

    fn unlimited() -> U256 {
        U256::MAX.wrapping_shr(1)
    }

    fn one_unit_less(amount: U256) -> Option<U256> {
        amount.checked_sub(U256::ONE)
    }

    #[inline]
    fn amount0_delta(a: U256, b: U256, liquidity: u128, rounding: Rounding) -> Result<U256, ConcentratedError> {
        sqrt_price_math::amount0_delta(a, b, liquidity, rounding)
    }

    #[inline]
    fn amount1_delta(a: U256, b: U256, liquidity: u128, rounding: Rounding) -> Result<U256, ConcentratedError> {
        sqrt_price_math::amount1_delta(a, b, liquidity, rounding)
    }

    #[inline]
    fn swap_step(request: &StepRequest<U256, u128, U256>, rule: StepRule) -> Result<Step<U256, U256>, ConcentratedError> {
        swap_math::swap_step(request, rule)
    }

    #[inline]
    fn less(remaining: U256, used: U256) -> Result<U256, ConcentratedError> {
        integer::checked_sub(remaining, used).ok_or(ConcentratedError::MulDiv)
    }

    #[inline]
    fn part(amount: U256, share: Share) -> Result<U256, ConcentratedError> {
        if share.numerator == 0 {
            return Ok(U256::ZERO);
        }
        let product = amount.checked_mul(U256::from(share.numerator)).ok_or(ConcentratedError::MulDiv)?;
        product.checked_div(U256::from(share.denominator)).ok_or(ConcentratedError::MulDiv)
    }

    fn flash_fee(amount: U256, pips: u32) -> Result<U256, ConcentratedError> {
        mul_div_rounding_up(amount, U256::from(pips), MILLION)
    }

    /// `fee·2^128/liquidity`.
    #[inline]
    fn fee_growth(fee: U256, liquidity: u128) -> Result<U256, ConcentratedError> {
        if liquidity == 0 {
            return Err(ConcentratedError::MulDiv);
        }
        let [f0, f1, f2, f3] = *fee.as_limbs();
        if f2 | f3 != 0 {
            return mul_div(fee, Q128, U256::from(liquidity));
        }
        let (scaled, [l0, l1]) = ([0, 0, f0, f1], limbs(liquidity));
        let quotient = if l1 == 0 { division::divide_by(&scaled, &[l0]).0 } else { division::divide_by(&scaled, &[l0, l1]).0 };
        Ok(U256::from_limbs(quotient))
    }

    #[inline]
    fn add_growth(a: U256, b: U256) -> U256 {
        integer::wrapping_add(a, b)
    }

    #[inline]
    fn sub_growth(a: U256, b: U256) -> U256 {
        integer::wrapping_sub(a, b)
    }

    fn growth_to_f64(_units: &(), growth: U256) -> f64 {
        to_f64(growth) / to_f64(Q128)
    }

    /// `growth·liquidity/2^128`.
    #[inline]
    fn fees_earned(growth: U256, liquidity: u128) -> Result<U256, ConcentratedError> {
        mul_div(growth, U256::from(liquidity), Q128)
    }

    #[inline]
    fn add_owed(owed: U256, amount: U256) -> U256 {
        low_half(integer::wrapping_add(owed, low_half(amount)))
    }

    fn collectable(owed: U256, requested: U256) -> U256 {
        if requested >= owed { owed.saturating_sub(U256::ONE) } else { requested }
    }

    #[inline]
    fn pay(balance: U256, amount: U256) -> Option<U256> {
        integer::checked_sub(balance, amount)
    }

    fn liquidity_for_amount0(_units: &(), lower: U256, upper: U256, amount: U256) -> Result<u128, ConcentratedError> {
        let product = mul_div(lower, upper, Q96)?;
        to_liquidity(mul_div(amount, product, upper.saturating_sub(lower))?)
    }

    fn liquidity_for_amount1(_units: &(), lower: U256, upper: U256, amount: U256) -> Result<u128, ConcentratedError> {
        to_liquidity(mul_div(amount, Q96, upper.saturating_sub(lower))?)
    }
}
