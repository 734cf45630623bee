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

fn to_liquidity(units: &FastUnits, liquidity: f64) -> Result<u128, ConcentratedError> {
    let integer: U128 =
        integer::truncate(liquidity * (1.0 - SLACK) / units.liquidity).ok_or(ConcentratedError::LiquidityOverflow)?;
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

    #[inline]
    fn tick_at_sqrt_price(units: &FastUnits, sqrt_price: f64) -> Result<i32, ConcentratedError> {
        if !(units.outermost[0]..units.outermost[1]).contains(&sqrt_price) {
            return Err(ConcentratedError::InvalidSqrtPrice { sqrt_price });
        }
        match tick_estimate(sqrt_price, units.ticks) {
            TickEstimate::Inside(tick) => Ok(tick),
            TickEstimate::Near(tick) if Self::sqrt_price_at_tick(units, tick)? <= sqrt_price => Ok(tick),
            TickEstimate::Near(tick) => Ok((tick - 1).max(MIN_TICK)),
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
        (0.0..f64::INFINITY).contains(&amount)
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
    #[inline]
    fn swap_step(request: &StepRequest<f64, f64, f64>, _rule: StepRule) -> Result<Step<f64, f64>, ConcentratedError> {
        let StepRequest { sqrt_price, target, liquidity, kind, remaining, fee_pips } = *request;
        let down = sqrt_price >= target;
        let fee_fraction = f64::from(fee_pips) * 1e-6;
        let keep = 1.0 - fee_fraction;
        let (lower, upper) = if down { (target, sqrt_price) } else { (sqrt_price, target) };
        let amount1 = liquidity * (upper - lower);
        let prices = upper * lower;
        let fee_on = |amount_in: f64| if fee_pips == 0 { 0.0 } else { amount_in * fee_fraction / keep };
        let reached = |all_is_fee: bool| {
            let amount0 = amount1 / prices;
            let (amount_in, amount_out) = if down { (amount0, amount1) } else { (amount1, amount0) };
            Step { sqrt_price: target, amount_in, amount_out, fee: if all_is_fee { 0.0 } else { fee_on(amount_in) } }
        };
        Ok(match kind {
            SwapKind::ExactIn => {
                let less_fee = remaining * keep;
                // Compared where they need no division.
                if (if down { less_fee * prices } else { less_fee }) >= amount1 {
                    return Ok(reached(keep == 0.0));
                }
                let (next, amount_out) = if down {
                    let next = larger(sqrt_price * (liquidity / (liquidity + less_fee * sqrt_price)), target);
                    (next, less_fee * sqrt_price * next)
                } else {
                    let next = smaller(sqrt_price + less_fee / liquidity, target);
                    (next, less_fee / (sqrt_price * next))
                };
                Step { sqrt_price: next, amount_in: less_fee, amount_out, fee: remaining - less_fee }
            }
            SwapKind::ExactOut => {
                if (if down { remaining } else { remaining * prices }) >= amount1 {
                    return Ok(reached(false));
                }
                let (next, amount_in) = if down {
                    let next = larger(sqrt_price - remaining / liquidity, target);
                    (next, remaining / (sqrt_price * next))
                } else {
                    let next = smaller(sqrt_price * (liquidity / (liquidity - remaining * sqrt_price)), target);
                    (next, remaining * sqrt_price * next)
                };
                Step { sqrt_price: next, amount_in, amount_out: remaining, fee: fee_on(amount_in) }
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
