//! The formulas in `f64`: closed forms, rounded to nearest.

use ruint::aliases::{U128, U256};

use super::error::ConcentratedError;
use super::formulas::Formulas;
use super::protocol_fee::Share;
use super::sqrt_price_math::Rounding;
use super::swap_math::{Step, StepRequest, StepRule};
use super::tick_math::{self, MAX_SQRT_PRICE_X96, MIN_TICK, TICKS_PER_LN, TWO_96, TickEstimate, tick_estimate, to_f64};
use crate::integer;
use crate::lane::{Fast, power_of_ten};
use crate::pool::SwapKind;

/// What whole tokens are worth in smallest units, as far as prices and liquidity are concerned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FastUnits {
    /// √P in whole tokens when it is 1 in smallest units: 10^((d0 − d1)/2).
    sqrt_price: f64,
    /// Its logarithm, in ticks.
    ticks: f64,
    /// √(token 0 · token 1) in whole tokens when it is 1 in smallest units: 10^(−(d0 + d1)/2).
    liquidity: f64,
    /// The prices of the outermost ticks.
    outermost: [f64; 2],
    /// The prices just inside of them.
    limits: [f64; 2],
}

/// What rounding may add to amounts computed from a liquidity, and the liquidity for given amounts is kept below by.
const SLACK: f64 = 8.0 * f64::EPSILON;
/// Fees per liquidity at once beyond all reason, of which no number of swaps adds up to infinity.
const LARGEST_GROWTH: f64 = 1e200;
/// Steps that end with less than this of what was asked for have been stopped by rounding.
const LEFT_OVER: f64 = 4.0 * f64::EPSILON;

#[inline]
fn ordered(a: f64, b: f64) -> (f64, f64) {
    if a > b { (b, a) } else { (a, b) }
}

/// The larger of two numbers, neither of which is NaN.
#[inline]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

/// The smaller of two numbers, neither of which is NaN.
#[inline]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// What a step does, fee apart.
enum Moved {
    /// It uses up the amount before its target.
    Short { sqrt_price: f64, amount_in: f64, amount_out: f64 },
    /// It gets to its target.
    Reached { amount0: f64, amount1: f64 },
}

type Request = StepRequest<f64, f64, f64>;

/// Token 1 between the two prices of a step, and their product: what divides it to token 0.
#[inline(always)]
fn span(request: &Request, lower: f64, upper: f64) -> (f64, f64) {
    (request.liquidity * (upper - lower), upper * lower)
}

/// Token 0 comes in, the price falls. Amounts are compared where they need no division.
#[inline(always)]
fn pay0(request: &Request, amount: f64) -> Moved {
    let StepRequest { sqrt_price, target, liquidity, .. } = *request;
    let (amount1, prices) = span(request, target, sqrt_price);
    if amount * prices >= amount1 {
        return Moved::Reached { amount0: amount1 / prices, amount1 };
    }
    let next = larger(sqrt_price * (liquidity / (liquidity + amount * sqrt_price)), target);
    Moved::Short { sqrt_price: next, amount_in: amount, amount_out: amount * sqrt_price * next }
}

/// Token 1 comes in, the price rises.
#[inline(always)]
fn pay1(request: &Request, amount: f64) -> Moved {
    let StepRequest { sqrt_price, target, liquidity, .. } = *request;
    let (amount1, prices) = span(request, sqrt_price, target);
    if amount >= amount1 {
        return Moved::Reached { amount0: amount1 / prices, amount1 };
    }
    let next = smaller(sqrt_price + amount / liquidity, target);
    Moved::Short { sqrt_price: next, amount_in: amount, amount_out: amount / (sqrt_price * next) }
}

/// Token 1 goes out, the price falls.
#[inline(always)]
fn take1(request: &Request) -> Moved {
    let StepRequest { sqrt_price, target, liquidity, remaining, .. } = *request;
    let (amount1, prices) = span(request, target, sqrt_price);
    if remaining >= amount1 {
        return Moved::Reached { amount0: amount1 / prices, amount1 };
    }
    let next = larger(sqrt_price - remaining / liquidity, target);
    Moved::Short { sqrt_price: next, amount_in: remaining / (sqrt_price * next), amount_out: remaining }
}

/// Token 0 goes out, the price rises.
#[inline(always)]
fn take0(request: &Request) -> Moved {
    let StepRequest { sqrt_price, target, liquidity, remaining, .. } = *request;
    let (amount1, prices) = span(request, sqrt_price, target);
    if remaining * prices >= amount1 {
        return Moved::Reached { amount0: amount1 / prices, amount1 };
    }
    let next = smaller(sqrt_price * (liquidity / (liquidity - remaining * sqrt_price)), target);
    Moved::Short { sqrt_price: next, amount_in: remaining * sqrt_price * next, amount_out: remaining }
}

/// The tick of a price at the bound of `tick`, just above or just below.
#[cold]
#[inline(never)]
fn tick_near(units: &FastUnits, tick: i32, sqrt_price: f64) -> Result<i32, ConcentratedError> {
    Ok(if Fast::sqrt_price_at_tick(units, tick)? <= sqrt_price { tick } else { (tick - 1).max(MIN_TICK) })
}

fn to_liquidity(units: &FastUnits, liquidity: f64) -> Result<u128, ConcentratedError> {
    let liquidity = liquidity * (1.0 - SLACK) / units.liquidity;
    let integer: U128 = integer::truncate(liquidity).ok_or(ConcentratedError::LiquidityTooLarge { liquidity })?;
    Ok(integer.to())
}

impl Formulas for Fast {
    type Amount = f64;
    type SqrtPrice = f64;
    type Liquidity = f64;
    type FeeGrowth = f64;
    type Units = FastUnits;

    const STOPS_AT_WORDS: bool = false;

    fn units(decimals: [u8; 2]) -> FastUnits {
        let [root0, root1] = decimals.map(|decimals| power_of_ten(decimals).sqrt());
        let sqrt_price = root0 / root1;
        let outermost = [tick_math::MIN_SQRT_PRICE_X96, MAX_SQRT_PRICE_X96].map(|price| to_f64(price) / TWO_96 * sqrt_price);
        let limits = [outermost[0].next_up(), outermost[1].next_down()];
        FastUnits {
            sqrt_price,
            ticks: cenote_units::math::ln(sqrt_price) * TICKS_PER_LN,
            liquidity: 1.0 / (root0 * root1),
            outermost,
            limits,
        }
    }

    #[inline]
    #[allow(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
    fn liquidity(units: &FastUnits, liquidity: u128) -> f64 {
        liquidity as f64 * units.liquidity
    }

    fn liquidity_to_f64(units: &FastUnits, liquidity: u128) -> f64 {
        Self::liquidity(units, liquidity)
    }

    /// The contract's own integer, so that both lanes have the very same ticks.
    fn sqrt_price_at_tick(units: &FastUnits, tick: i32) -> Result<f64, ConcentratedError> {
        Ok(to_f64(tick_math::sqrt_price_at_tick(tick)?) / TWO_96 * units.sqrt_price)
    }

    #[inline(always)]
    fn tick_at_sqrt_price(units: &FastUnits, sqrt_price: f64) -> Result<i32, ConcentratedError> {
        if !(units.outermost[0]..units.outermost[1]).contains(&sqrt_price) {
            return Err(ConcentratedError::InvalidSqrtPrice { sqrt_price });
        }
        match tick_estimate(sqrt_price, units.ticks) {
            TickEstimate::Inside(tick) => Ok(tick),
            TickEstimate::Near(tick) => tick_near(units, tick, sqrt_price),
        }
    }

    fn sqrt_price_from_x96(units: &FastUnits, sqrt_price_x96: U256) -> f64 {
        to_f64(sqrt_price_x96) / TWO_96 * units.sqrt_price
    }

    /// 10^d0 and 10^d1 are quotients of what the units are made of.
    fn amount_from_integer(units: &FastUnits, side: usize, amount: U256) -> f64 {
        f64::from(amount) * if side == 0 { units.liquidity / units.sqrt_price } else { units.liquidity * units.sqrt_price }
    }

    #[inline]
    fn price_limits(units: &FastUnits) -> [f64; 2] {
        units.limits
    }

    #[inline]
    fn sqrt_price_of(price: f64, inverse: bool, scale: Share, _rounding: Rounding) -> Option<f64> {
        let scale = f64::from(scale.numerator) / f64::from(scale.denominator);
        let root = if inverse { (scale / price).sqrt() } else { (scale * price).sqrt() };
        (price > 0.0 && root > 0.0 && root < f64::INFINITY).then_some(root)
    }

    fn sqrt_price_to_f64(sqrt_price: f64) -> f64 {
        sqrt_price
    }

    #[inline]
    fn price(sqrt_price: f64) -> f64 {
        sqrt_price * sqrt_price
    }

    #[inline]
    fn is_specifiable(amount: f64) -> bool {
        (0.0..=f64::MAX).contains(&amount)
    }

    #[inline]
    fn is_int128(_amount: f64) -> bool {
        true
    }

    fn unlimited() -> f64 {
        f64::MAX
    }

    fn one_unit_less(_amount: f64) -> Option<f64> {
        None
    }

    #[inline]
    fn amount0_delta(a: f64, b: f64, liquidity: f64, _rounding: Rounding) -> Result<f64, ConcentratedError> {
        let (lower, upper) = ordered(a, b);
        Ok(liquidity * ((upper - lower) / (upper * lower)))
    }

    #[inline]
    fn amount1_delta(a: f64, b: f64, liquidity: f64, _rounding: Rounding) -> Result<f64, ConcentratedError> {
        let (lower, upper) = ordered(a, b);
        Ok(liquidity * (upper - lower))
    }

    /// Closed forms inside the range, none of which subtracts prices that are close: with p = √P, paying a of token 0 leads to
    /// `p' = p·L/(L + a·p)` and yields `a·p·p'` of token 1; paying b of token 1 leads to `p' = p + b/L` and yields `b/(p·p')` of token 0.
    #[inline(always)]
    fn swap_step(request: &StepRequest<f64, f64, f64>, _rule: StepRule) -> Result<Step<f64, f64>, ConcentratedError> {
        let fee_fraction = f64::from(request.fee_pips) * 1e-6;
        let down = request.sqrt_price >= request.target;
        let step = match (request.kind, down) {
            (SwapKind::ExactIn, true) => pay0(request, request.remaining * (1.0 - fee_fraction)),
            (SwapKind::ExactIn, false) => pay1(request, request.remaining * (1.0 - fee_fraction)),
            (SwapKind::ExactOut, true) => take1(request),
            (SwapKind::ExactOut, false) => take0(request),
        };
        Ok(match step {
            Moved::Short { sqrt_price, amount_in, amount_out } if request.kind == SwapKind::ExactIn => {
                Step { sqrt_price, amount_in, amount_out, fee: request.remaining - amount_in }
            }
            Moved::Short { sqrt_price, amount_in, amount_out } => {
                Step { sqrt_price, amount_in, amount_out, fee: amount_in * fee_fraction / (1.0 - fee_fraction) }
            }
            Moved::Reached { amount0, amount1 } => {
                let (amount_in, amount_out) = if down { (amount0, amount1) } else { (amount1, amount0) };
                // All is fee, or nothing is: of nothing paid in.
                let none = request.fee_pips == 0 || amount_in == 0.0;
                let fee = if none { 0.0 } else { amount_in * fee_fraction / (1.0 - fee_fraction) };
                Step { sqrt_price: request.target, amount_in, amount_out, fee }
            }
        })
    }

    /// A remainder within rounding of nothing is nothing.
    #[inline]
    fn less(remaining: f64, used: f64) -> Result<f64, ConcentratedError> {
        let left = remaining - used;
        Ok(if left > LEFT_OVER * remaining { left } else { 0.0 })
    }

    #[inline]
    fn part(amount: f64, share: Share) -> Result<f64, ConcentratedError> {
        // Nothing, as a rule, and divisions are slow.
        Ok(if share.numerator == 0 { 0.0 } else { amount * f64::from(share.numerator) / f64::from(share.denominator) })
    }

    fn flash_fee(amount: f64, pips: u32) -> Result<f64, ConcentratedError> {
        Ok(amount * (f64::from(pips) * 1e-6))
    }

    #[inline]
    fn fee_growth(fee: f64, liquidity: f64) -> Result<f64, ConcentratedError> {
        let growth = fee / liquidity;
        if growth < LARGEST_GROWTH { Ok(growth) } else { Err(ConcentratedError::MulDiv) }
    }

    #[inline]
    fn add_growth(a: f64, b: f64) -> f64 {
        a + b
    }

    #[inline]
    fn sub_growth(a: f64, b: f64) -> f64 {
        a - b
    }

    fn growth_to_f64(units: &FastUnits, growth: f64) -> f64 {
        growth * units.liquidity
    }

    /// Growth inside a range is a difference of differences: what rounding made negative is nothing.
    #[inline]
    fn fees_earned(growth: f64, liquidity: f64) -> Result<f64, ConcentratedError> {
        let fees = (growth * liquidity).max(0.0);
        if fees < f64::INFINITY { Ok(fees) } else { Err(ConcentratedError::MulDiv) }
    }

    #[inline]
    fn add_owed(owed: f64, amount: f64) -> f64 {
        owed + amount
    }

    fn collectable(owed: f64, requested: f64) -> f64 {
        if requested > owed { owed } else { requested }
    }

    /// The pool is never owed less than it owes: the exact lane rounds every amount in its favour. So where the balance falls short,
    /// rounding made it, and the balance is nothing.
    #[inline]
    fn pay(balance: f64, amount: f64) -> Option<f64> {
        Some((balance - amount).max(0.0))
    }

    fn liquidity_for_amount0(units: &FastUnits, lower: f64, upper: f64, amount: f64) -> Result<u128, ConcentratedError> {
        to_liquidity(units, amount * (lower * upper / (upper - lower)))
    }

    fn liquidity_for_amount1(units: &FastUnits, lower: f64, upper: f64, amount: f64) -> Result<u128, ConcentratedError> {
        to_liquidity(units, amount / (upper - lower))
    }
}
