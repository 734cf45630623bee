//! The formulas in `f64`: Newton's method for D, closed forms for everything else.

use super::amplification::{Curve, Generation};
use super::curve_section::{CurveSection, Landing, ann};
use super::fee::{PoolFee, parts_to_fraction};
use super::formulas::{Exchange, Formulas, Market};
use super::{MAX_COINS, MAX_ITERATIONS};
use crate::error::{MathError, SwapError};
use crate::lane::Fast;

/// How far rounding may carry a difference below zero, as a multiple of what is subtracted: 64 units in the last place.
const SLACK: f64 = 64.0 * f64::EPSILON;

/// The fee of a swap as a fraction of its output.
#[derive(Clone, Copy, Debug)]
pub(super) struct FeeRule {
    base: f64,
    /// `offpeg_fee_multiplier` as a number above one, if the fee depends on the balances.
    multiplier: Option<f64>,
}

impl FeeRule {
    pub(super) fn of<A: Copy>(market: &Market<'_, A>) -> Self {
        Self { base: market.fee.fraction(), multiplier: market.dynamic().map(parts_to_fraction) }
    }

    /// `m f / ((m − 1) 4 a b / (a + b)² + 1)`.
    #[inline]
    pub(super) fn between(&self, fee: f64, a: f64, b: f64) -> f64 {
        self.multiplier.map_or(fee, |m| m * fee / ((m - 1.0) * alike(a, b) + 1.0))
    }

    /// The fee of a swap that takes the balances from `before` to `after`.
    #[inline]
    pub(super) fn of_swap(&self, before: [f64; 2], after: [f64; 2]) -> f64 {
        self.between(self.base, 0.5 * (before[0] + after[0]), 0.5 * (before[1] + after[1]))
    }

    /// By how much the fee grows with the next unit put in, where that unit takes `price` out.
    ///
    /// For the means a and b of the balances, `q = 4 a b / (a + b)²` moves by `4 (b − a)(b da − a db) / (a + b)³`.
    #[inline]
    pub(super) fn slope(&self, before: [f64; 2], after: [f64; 2], price: f64) -> f64 {
        let Some(m) = self.multiplier else { return 0.0 };
        let (a, b) = (0.5 * (before[0] + after[0]), 0.5 * (before[1] + after[1]));
        let (da, db) = (0.5, -0.5 * price);
        let sum = a + b;
        let dq = 4.0 * ((b - a) / sum) * ((b * da - a * db) / sum) / sum;
        let denominator = (m - 1.0) * alike(a, b) + 1.0;
        -m * self.base * (m - 1.0) * dq / (denominator * denominator)
    }
}

/// `4 a b / (a + b)²`: one for equal amounts, zero for amounts out of all proportion.
#[inline]
fn alike(a: f64, b: f64) -> f64 {
    4.0 * (a / (a + b)) * (b / (a + b))
}

/// `value`, unless it overflowed.
#[inline]
fn finite(value: f64) -> Result<f64, MathError> {
    if value < f64::INFINITY { Ok(value) } else { Err(MathError::MulOverflow) }
}

/// D of balances, and `K = D^(n+1) / (n^n Πx)` at it.
#[derive(Clone, Copy, Debug)]
struct Level {
    invariant: f64,
    product_term: f64,
}

/// The root of `f(D) = Ann (D − S) + D (q − 1)` with `q = D^n / (n^n Πx)`, which is the invariant less one that cancels.
///
/// Halley's method from D = S, where f is convex and grows; its error falls with the third power, by a factor of at most
/// `n/2 · f''/f'`, so that one step is enough at the peg and two or three far off it. The divisions by the balances are done once.
#[inline]
#[allow(clippy::cast_precision_loss, reason = "a small integer")]
fn level(curve: Curve, scaled: &[f64]) -> Result<Level, MathError> {
    /// Half a unit in the last place.
    const SETTLED: f64 = 0.5 * f64::EPSILON;
    let n = scaled.len() as f64;
    let ann = ann(curve, scaled.len());
    let mut sum = 0.0;
    let mut product = 1.0;
    let mut inverses = [0.0; MAX_COINS];
    for (inverse, x) in inverses.iter_mut().zip(scaled) {
        sum += x;
        product *= x;
        *inverse = 1.0 / (n * x);
    }
    finite(sum)?;
    if sum == 0.0 {
        return Ok(Level { invariant: 0.0, product_term: 0.0 });
    }
    if product == 0.0 && scaled.contains(&0.0) {
        return Err(MathError::DivisionByZero);
    }
    let count = scaled.len().min(MAX_COINS);
    let power = |d: f64| inverses[..count].iter().fold(1.0, |q, inverse| q * (d * inverse));
    let mut d = sum;
    for _ in 0..MAX_ITERATIONS {
        let q = power(d);
        finite(d * q)?;
        let value = ann * (d - sum) + d * (q - 1.0);
        let slope = (ann - 1.0) + (n + 1.0) * q;
        let bend = n * (n + 1.0) * q;
        let step = value / (slope - 0.5 * bend * (value / (slope * d)));
        let part = (step / d).abs();
        d -= step;
        if part * part * part * n * bend <= SETTLED * slope {
            return Ok(Level { invariant: d, product_term: d * power(d) });
        }
    }
    Err(MathError::NotConverged { iterations: MAX_ITERATIONS })
}

/// The section a swap moves along.
#[inline]
fn section(market: &Market<'_, f64>, (i, j): (usize, usize)) -> Result<CurveSection, SwapError> {
    let Level { product_term, .. } = level(market.curve, market.balances)?;
    CurveSection::with_term(ann(market.curve, market.balances.len()), [market.balances[i], market.balances[j]], product_term)
}

impl Formulas for Fast {
    type Amount = f64;
    /// A fraction.
    type Fee = f64;

    const UNIT: f64 = 0.0;
    const ONE: f64 = 1.0;

    fn rate(_decimals: u8) -> f64 {
        1.0
    }

    /// Amounts are whole tokens: they are scaled already.
    #[inline]
    fn scaled(amount: f64, _rate: f64) -> Result<f64, MathError> {
        finite(amount)
    }

    #[inline]
    fn unscaled(scaled: f64, _rate: f64) -> Result<f64, MathError> {
        finite(scaled)
    }

    /// The ratio first: no part of a whole then exceeds what it is a part of, and who burns every LP token gets no more than there is.
    #[inline]
    fn share(amount: f64, of: f64, whole: f64) -> Result<f64, MathError> {
        if whole == 0.0 { Err(MathError::DivisionByZero) } else { finite(of * (amount / whole)) }
    }

    #[inline]
    fn part(amount: f64, divisor: u32) -> f64 {
        amount / f64::from(divisor)
    }

    #[inline]
    fn difference(a: f64, b: f64) -> Result<f64, MathError> {
        if a >= b {
            Ok(a - b)
        } else if b - a <= SLACK * b {
            Ok(0.0)
        } else {
            Err(MathError::SubUnderflow)
        }
    }

    fn invariant(curve: Curve, scaled: &[f64]) -> Result<f64, MathError> {
        Ok(level(curve, scaled)?.invariant)
    }

    /// The positive root of `y² + (b − D) y = c`.
    #[allow(clippy::cast_precision_loss, reason = "a small integer")]
    fn balance_at(curve: Curve, scaled: &[f64], coin: usize, d: f64) -> Result<f64, MathError> {
        let n = scaled.len() as f64;
        let ann = ann(curve, scaled.len());
        let mut c = d * (d / (ann * n));
        let mut sum = 0.0;
        for (_, x) in scaled.iter().enumerate().filter(|(other, _)| *other != coin) {
            if *x == 0.0 {
                return Err(MathError::DivisionByZero);
            }
            sum += x;
            c *= d / (n * x);
        }
        let b = sum + d / ann - d;
        let root = (b * b + 4.0 * c).sqrt();
        finite(if b > 0.0 { 2.0 * c / (b + root) } else { 0.5 * (root - b) })
    }

    /// Rounded as the contract rounds it: it is a parameter, and the same for every trade.
    fn imbalance_fee(fee: PoolFee, coins: usize) -> Result<f64, MathError> {
        let n = u64::try_from(coins).unwrap_or(u64::MAX);
        let parts = fee.parts().saturating_mul(n).checked_div(n.saturating_sub(1).saturating_mul(4));
        Ok(parts_to_fraction(parts.ok_or(MathError::DivisionByZero)?))
    }

    #[inline]
    fn dynamic_fee(market: &Market<'_, f64>, fee: f64, a: f64, b: f64) -> Result<f64, MathError> {
        if a + b == 0.0 { Err(MathError::DivisionByZero) } else { Ok(FeeRule::of(market).between(fee, a, b)) }
    }

    #[inline]
    fn fee_on(amount: f64, fee: f64) -> Result<f64, MathError> {
        finite(amount * fee)
    }

    #[inline]
    fn admin_part(fee: f64, admin_fee: PoolFee) -> Result<f64, MathError> {
        finite(fee * admin_fee.fraction())
    }

    #[inline]
    fn exchange(market: &Market<'_, f64>, (i, j): (usize, usize), amount_in: f64) -> Result<Exchange<f64>, SwapError> {
        if amount_in == 0.0 && market.curve.generation() == Generation::Ng {
            return Err(SwapError::InsufficientInputAmount);
        }
        let before = [market.balances[i], market.balances[j]];
        let Landing { output, after, .. } = section(market, (i, j))?.land(amount_in);
        if output.is_nan() || output >= before[1] {
            return Err(SwapError::InsufficientLiquidity { amount_out: output, reserve: before[1] });
        }
        let rate_of_fee = FeeRule::of(market).of_swap(before, after);
        let fee = output * rate_of_fee;
        Ok(Exchange {
            amount_out: finite(output - fee)?,
            admin: Self::admin_part(fee, market.admin_fee)?,
            fee: amount_in * rate_of_fee,
        })
    }

    fn quoted_output(market: &Market<'_, f64>, sides: (usize, usize), amount_in: f64) -> Result<f64, SwapError> {
        Ok(Self::exchange(market, sides, amount_in)?.amount_out)
    }

    /// Closed for a fee that is always the same. A dynamic fee is taken from where the last guess landed, until the guess stands.
    fn amount_in(market: &Market<'_, f64>, (i, j): (usize, usize), amount_out: f64) -> Result<f64, SwapError> {
        let (wanted, reserve) = (amount_out, market.balances[j]);
        let beyond_reach = SwapError::InsufficientLiquidity { amount_out, reserve };
        let section = section(market, (i, j))?;
        let before = [market.balances[i], reserve];
        let rule = FeeRule::of(market);
        let mut fee = rule.of_swap(before, before);
        for _ in 0..MAX_ITERATIONS {
            let output = wanted / (1.0 - fee);
            if output >= reserve {
                return Err(beyond_reach);
            }
            let input = section.input_for(output);
            let next = rule.of_swap(before, [before[0] + input, reserve - output]);
            if (next - fee).abs() <= f64::EPSILON {
                return Ok(finite(input)?);
            }
            fee = next;
        }
        Err(MathError::NotConverged { iterations: MAX_ITERATIONS }.into())
    }

    /// Nothing here needs a price to fit in 128 bits; but a coin that is used up has none.
    fn check_oracles(curve: Curve, scaled: &[f64], _invariant: f64) -> Result<(), MathError> {
        if curve.generation() == Generation::Ng && scaled.contains(&0.0) { Err(MathError::DivisionByZero) } else { Ok(()) }
    }

    fn check_stored_invariant(_invariant: f64) -> Result<(), MathError> {
        Ok(())
    }
}
