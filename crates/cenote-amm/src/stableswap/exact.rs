//! The formulas in the contracts' integers: their rounding, their stopping rules, their checked arithmetic in its order.
//!
//! Sources: `Stableswap.vy` (Curve, 2020) and `CurveStableSwapNG.vy` 7.0.0.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::{U256, U512};

use super::amplification::{Curve, Generation};
use super::fee::PoolFee;
use super::formulas::{Exchange, Formulas, Market};
use super::{Coins, MAX_ITERATIONS};
use crate::error::{MathError, SwapError};
use crate::integer;
use crate::lane::{Exact, Fast};

#[inline]
fn add(a: U256, b: U256) -> Result<U256, MathError> {
    integer::checked_add(a, b).ok_or(MathError::AddOverflow)
}

#[inline]
fn sub(a: U256, b: U256) -> Result<U256, MathError> {
    integer::checked_sub(a, b).ok_or(MathError::SubUnderflow)
}

#[inline]
fn mul(a: U256, b: U256) -> Result<U256, MathError> {
    integer::checked_mul(a, b).ok_or(MathError::MulOverflow)
}

#[inline]
fn div(a: U256, b: U256) -> Result<U256, MathError> {
    integer::div(a, b).ok_or(MathError::DivisionByZero)
}

#[inline]
fn mul_div(a: U256, b: U256, c: U256) -> Result<U256, MathError> {
    div(mul(a, b)?, c)
}

/// 10^18: LP tokens and scaled balances have 18 decimals.
const PRECISION: U256 = U256::from_limbs([1_000_000_000_000_000_000, 0, 0, 0]);
/// `FEE_DENOMINATOR`.
const FEE_DENOMINATOR: U256 = U256::from_limbs([PoolFee::DENOMINATOR, 0, 0, 0]);
const TWO: U256 = U256::from_limbs([2, 0, 0, 0]);
const FOUR: U256 = U256::from_limbs([4, 0, 0, 0]);

/// The number of coins, `A_PRECISION` and `Ann`.
fn constants(curve: Curve, coins: usize) -> Result<[U256; 3], MathError> {
    let n = U256::from(coins);
    Ok([n, U256::from(curve.generation().precision()), mul(U256::from(curve.stored()), n)?])
}

/// Both iterations stop once two values in a row are at most one apart.
fn settled(value: U256, previous: U256) -> bool {
    let (larger, smaller) = if value > previous { (value, previous) } else { (previous, value) };
    integer::wrapping_sub(larger, smaller) <= U256::ONE
}

fn scaled_balances(market: &Market<'_, U256>) -> Result<Coins<U256>, MathError> {
    Coins::try_from_fn(market.balances.len(), |coin| Exact::scaled(market.balances[coin], market.rates[coin]))
}

/// The part of `amount_in` that `fee` out of `gross` is; nothing if nothing was bought.
fn input_part(amount_in: U256, fee: U256, gross: U256) -> U256 {
    let product = U512::from(amount_in).saturating_mul(U512::from(fee));
    // No larger than `amount_in`, because a fee is no larger than what it is taken from.
    product.checked_div(U512::from(gross)).map_or(U256::ZERO, U256::saturating_from)
}

/// The scaled output of a swap before fee, with the balances before and after it.
struct Gross {
    output: U256,
    before: [U256; 2],
    after: [U256; 2],
    scaled: Coins<U256>,
    invariant: U256,
}

fn gross(market: &Market<'_, U256>, (i, j): (usize, usize), amount_in: U256) -> Result<Gross, MathError> {
    let before = scaled_balances(market)?;
    let x = add(before[i], Exact::scaled(amount_in, market.rates[i])?)?;
    let invariant = Exact::invariant(market.curve, &before)?;
    let mut scaled = before;
    scaled[i] = x;
    let y = Exact::balance_at(market.curve, &scaled, j, invariant)?;
    scaled[j] = y;
    let mut output = sub(before[j], y)?;
    if market.curve.generation() == Generation::Ng {
        output = sub(output, U256::ONE)?;
    }
    Ok(Gross { output, before: [before[i], before[j]], after: [x, y], scaled, invariant })
}

impl Formulas for Exact {
    type Amount = U256;
    /// In units of 10^-10.
    type Fee = U256;

    const UNIT: U256 = U256::ONE;
    const ONE: U256 = PRECISION;

    /// 10^(36 − decimals). Above 36 there would be no such integer; pools refuse more than 18.
    fn rate(decimals: u8) -> U256 {
        let exponent = U256::from(36_u8.saturating_sub(decimals));
        U256::from(10).checked_pow(exponent).unwrap_or(U256::ZERO)
    }

    fn scaled(amount: U256, rate: U256) -> Result<U256, MathError> {
        mul_div(rate, amount, PRECISION)
    }

    fn unscaled(scaled: U256, rate: U256) -> Result<U256, MathError> {
        mul_div(scaled, PRECISION, rate)
    }

    fn share(amount: U256, of: U256, whole: U256) -> Result<U256, MathError> {
        mul_div(amount, of, whole)
    }

    fn part(amount: U256, divisor: u32) -> U256 {
        amount.checked_div(U256::from(divisor)).unwrap_or(U256::ZERO)
    }

    fn difference(a: U256, b: U256) -> Result<U256, MathError> {
        sub(a, b)
    }

    /// `D ← (Ann S + n D_P) D / ((Ann − 1) D + (n + 1) D_P)` with `D_P = D^(n+1) / (n^n Πx)`, from D = S.
    ///
    /// The first generation divides by `x n + 1` in `D_P`, so that an empty coin is no division by zero, and takes what it has after
    /// 255 rounds; NG divides by `x n` and reverts if it has not settled by then.
    fn invariant(curve: Curve, scaled: &[U256]) -> Result<U256, MathError> {
        let [n, precision, ann] = constants(curve, scaled.len())?;
        let mut sum = U256::ZERO;
        for x in scaled {
            sum = add(sum, *x)?;
        }
        if sum.is_zero() {
            return Ok(U256::ZERO);
        }
        let first = curve.generation() == Generation::First;
        let guard = if first { U256::ONE } else { U256::ZERO };
        let mut d = sum;
        for _ in 0..MAX_ITERATIONS {
            let mut d_p = d;
            for x in scaled {
                d_p = mul_div(d_p, d, add(mul(*x, n)?, guard)?)?;
            }
            let previous = d;
            let numerator = mul(add(div(mul(ann, sum)?, precision)?, mul(d_p, n)?)?, d)?;
            let less = div(mul(sub(ann, precision)?, d)?, precision)?;
            d = div(numerator, add(less, mul(add(n, U256::ONE)?, d_p)?)?)?;
            if settled(d, previous) {
                return Ok(d);
            }
        }
        if first { Ok(d) } else { Err(MathError::NotConverged { iterations: MAX_ITERATIONS }) }
    }

    /// `y ← (y² + c) / (2 y + b − D)` with `c = D^(n+1) / (n^n Π'x Ann)` and `b = S' + D/Ann`, from y = D.
    fn balance_at(curve: Curve, scaled: &[U256], coin: usize, d: U256) -> Result<U256, MathError> {
        let [n, precision, ann] = constants(curve, scaled.len())?;
        let mut c = d;
        let mut sum = U256::ZERO;
        for (_, x) in scaled.iter().enumerate().filter(|(other, _)| *other != coin) {
            sum = add(sum, *x)?;
            c = mul_div(c, d, mul(*x, n)?)?;
        }
        c = div(mul(mul(c, d)?, precision)?, mul(ann, n)?)?;
        let b = add(sum, div(mul(d, precision)?, ann)?)?;
        let mut y = d;
        for _ in 0..MAX_ITERATIONS {
            let previous = y;
            y = div(add(mul(y, y)?, c)?, sub(add(mul(TWO, y)?, b)?, d)?)?;
            if settled(y, previous) {
                return Ok(y);
            }
        }
        match curve.generation() {
            Generation::First => Ok(y),
            Generation::Ng => Err(MathError::NotConverged { iterations: MAX_ITERATIONS }),
        }
    }

    fn imbalance_fee(fee: PoolFee, coins: usize) -> Result<U256, MathError> {
        let n = U256::from(coins);
        div(mul(U256::from(fee.parts()), n)?, mul(FOUR, sub(n, U256::ONE)?)?)
    }

    /// `m f / ((m − 1) 4 a b / (a + b)² + 1)`, everything over 10^10.
    fn dynamic_fee(market: &Market<'_, U256>, fee: U256, a: U256, b: U256) -> Result<U256, MathError> {
        let Some(multiplier) = market.dynamic() else { return Ok(fee) };
        let multiplier = U256::from(multiplier);
        let sum = add(a, b)?;
        let square = mul(sum, sum)?;
        let excess = mul(mul(mul(sub(multiplier, FEE_DENOMINATOR)?, FOUR)?, a)?, b)?;
        div(mul(multiplier, fee)?, add(div(excess, square)?, FEE_DENOMINATOR)?)
    }

    fn fee_on(amount: U256, fee: U256) -> Result<U256, MathError> {
        mul_div(fee, amount, FEE_DENOMINATOR)
    }

    fn admin_part(fee: U256, admin_fee: PoolFee) -> Result<U256, MathError> {
        mul_div(fee, U256::from(admin_fee.parts()), FEE_DENOMINATOR)
    }

    fn exchange(market: &Market<'_, U256>, (i, j): (usize, usize), amount_in: U256) -> Result<Exchange<U256>, SwapError> {
        let rate = market.rates[j];
        let base_fee = U256::from(market.fee.parts());
        match market.curve.generation() {
            // The new balance is computed from what stays, so what rounding keeps from the trader becomes the protocol's.
            Generation::First => {
                let Gross { output, after: [_, y], .. } = gross(market, (i, j), amount_in)?;
                let fee = Self::fee_on(output, base_fee)?;
                let admin = Self::admin_part(fee, market.admin_fee)?;
                let balance = Self::unscaled(add(y, sub(fee, admin)?)?, rate)?;
                let amount_out = Self::unscaled(sub(output, fee)?, rate)?;
                let admin = sub(sub(market.balances[j], balance)?, amount_out)?;
                Ok(Exchange { amount_out, admin, fee: input_part(amount_in, fee, output) })
            }
            Generation::Ng => {
                if amount_in.is_zero() {
                    return Err(SwapError::InsufficientInputAmount);
                }
                let Gross { output, before, after, scaled, invariant } = gross(market, (i, j), amount_in)?;
                let middle = |side: usize| Ok::<_, MathError>(Self::part(add(before[side], after[side])?, 2));
                let rate_of_fee = Self::dynamic_fee(market, base_fee, middle(0)?, middle(1)?)?;
                let fee = Self::fee_on(output, rate_of_fee)?;
                let amount_out = Self::unscaled(sub(output, fee)?, rate)?;
                let admin = Self::unscaled(Self::admin_part(fee, market.admin_fee)?, rate)?;
                Self::check_oracles(market.curve, &scaled, invariant)?;
                Ok(Exchange { amount_out, admin, fee: input_part(amount_in, fee, output) })
            }
        }
    }

    /// NG pools leave `get_dy` to a contract beside them, which takes the fee as `exchange` does.
    fn quoted_output(market: &Market<'_, U256>, (i, j): (usize, usize), amount_in: U256) -> Result<U256, SwapError> {
        match market.curve.generation() {
            Generation::First => {
                let output = Self::unscaled(gross(market, (i, j), amount_in)?.output, market.rates[j])?;
                Ok(sub(output, Self::fee_on(output, U256::from(market.fee.parts()))?)?)
            }
            Generation::Ng => Ok(Self::exchange(market, (i, j), amount_in)?.amount_out),
        }
    }

    /// Searched from the fast lane's answer outwards: doubling steps until one input is enough and one is not, then halves.
    ///
    /// The contract's output may fall by a unit where its input grows by one; the input found is enough, and one unit less is not.
    fn amount_in(market: &Market<'_, U256>, sides: (usize, usize), amount_out: U256) -> Result<U256, SwapError> {
        let enough = |amount: U256| Self::exchange(market, sides, amount).is_ok_and(|exchange| exchange.amount_out >= amount_out);
        let beyond_reach =
            SwapError::InsufficientLiquidity { amount_out: f64::from(amount_out), reserve: f64::from(market.balances[sides.1]) };
        let mut high = guess(market, sides, amount_out).unwrap_or(U256::ONE);
        let mut low = U256::ZERO;
        let mut step = U256::ONE;
        if enough(high) {
            while let Some(less) = high.checked_sub(step).filter(|less| !less.is_zero()) {
                if !enough(less) {
                    low = less;
                    break;
                }
                high = less;
                step = step.checked_shl(1).unwrap_or(step);
            }
        } else {
            loop {
                low = high;
                high = high.checked_add(step).ok_or(beyond_reach)?;
                if enough(high) {
                    break;
                }
                step = step.checked_shl(1).ok_or(beyond_reach)?;
            }
        }
        loop {
            let middle = low.checked_add(Self::part(sub(high, low)?, 2)).ok_or(MathError::AddOverflow)?;
            if middle == low {
                return Ok(high);
            }
            if enough(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
    }

    /// `p = 10^18 (Ann x_0 + D_r x_0/x_i) / (Ann x_0 + D_r)` with `D_r = D^(n+1) / (n^n Πx)`; p and D must fit in 128 bits.
    fn check_oracles(curve: Curve, scaled: &[U256], invariant: U256) -> Result<(), MathError> {
        if curve.generation() == Generation::First {
            return Ok(());
        }
        let [n, precision, ann] = constants(curve, scaled.len())?;
        let mut d_r = div(invariant, n.checked_pow(n).ok_or(MathError::MulOverflow)?)?;
        for x in scaled {
            d_r = mul_div(d_r, invariant, *x)?;
        }
        let x0 = scaled.first().copied().unwrap_or_default();
        let x0_a = mul_div(ann, x0, precision)?;
        for x in scaled.iter().skip(1) {
            let numerator = mul(PRECISION, add(x0_a, mul_div(d_r, x0, *x)?)?)?;
            Self::check_stored_invariant(div(numerator, add(x0_a, d_r)?)?)?;
        }
        Self::check_stored_invariant(invariant)
    }

    /// `pack_2`: two numbers share a word.
    fn check_stored_invariant(invariant: U256) -> Result<(), MathError> {
        if invariant.bit_len() <= 128 { Ok(()) } else { Err(MathError::MulOverflow) }
    }
}

/// What the fast lane would ask for, truncated; `None` if it finds nothing.
fn guess(market: &Market<'_, U256>, sides: (usize, usize), amount_out: U256) -> Option<U256> {
    let coins = market.balances.len();
    let rate = |coin: usize| rate_to_f64(market.rates[coin]);
    let scaled = |coin: usize| Ok::<_, MathError>(f64::from(market.balances[coin]) * rate(coin));
    let balances: Coins<f64> = Coins::try_from_fn(coins, scaled).ok()?;
    let rates: Coins<f64> = Coins::filled(1.0, coins);
    let Market { curve, fee, admin_fee, offpeg_fee_multiplier, .. } = *market;
    let fast = Market { curve, fee, admin_fee, offpeg_fee_multiplier, rates: &rates, balances: &balances };
    let input = Fast::amount_in(&fast, sides, f64::from(amount_out) * rate(sides.1)).ok()?;
    integer::truncate(input / rate(sides.0)).filter(|amount: &U256| !amount.is_zero())
}

/// Scaled units per unit of the coin.
fn rate_to_f64(rate: U256) -> f64 {
    f64::from(rate) / f64::from(PRECISION)
}
