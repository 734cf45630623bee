//! The formulas in `f64`: closed forms, rounded to nearest.
//!
//! The leaf formulas are free functions, so that kernels over many paths use the very same expressions and give the same bits.
#![allow(clippy::inline_always, reason = "a kernel vectorises only over what is inlined into it")]

use super::fee::SwapFee;
use super::formulas::{Arbitrage, Formulas, OrdinarySwap};
use super::protocol_fee::ProtocolFee;
use crate::error::{MathError, SwapError};
use crate::lane::{Fast, power_of_ten};

/// What `amount_in` buys: `y φ dx / (x + φ dx)` with φ = `keep` = 1 − fee.
#[inline(always)]
pub(crate) fn amount_out(amount_in: f64, reserve_in: f64, reserve_out: f64, keep: f64) -> f64 {
    let effective = amount_in * keep;
    effective * reserve_out / (reserve_in + effective)
}

/// What `amount_out` costs: `x dy / ((y − dy) φ)`.
#[inline(always)]
pub(crate) fn amount_in(amount_out: f64, reserve_in: f64, reserve_out: f64, keep: f64) -> f64 {
    reserve_in * amount_out / ((reserve_out - amount_out) * keep)
}

/// The trade that takes a pool to the edge of its no-arbitrage band.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ArbitrageSize {
    /// Whether base is paid in; otherwise quote is.
    pub(crate) sells_base: bool,
    /// What is paid in; zero or negative inside the band.
    pub(crate) amount_in: f64,
}

/// The trade whose last unit is priced at `target`.
///
/// With m = `target`, φ = `keep`: selling base pays `(√(φ x y / m) − x)/φ`, buying it `(√(φ m x y) − y)/φ`. With w the root of φ times
/// the ratio of the two reserves' values at m, larger over smaller, both are `r_in (w − 1)/φ`, and w ≤ 1 is the band.
#[inline(always)]
pub(crate) fn arbitrage_size(reserve_base: f64, reserve_quote: f64, target: f64, keep: f64) -> ArbitrageSize {
    let value = target * reserve_base;
    let sells_base = value < reserve_quote;
    let (small, large) = if sells_base { (value, reserve_quote) } else { (reserve_quote, value) };
    let gain = (keep * (large / small)).sqrt() - 1.0;
    let reserve_in = if sells_base { reserve_base } else { reserve_quote };
    ArbitrageSize { sells_base, amount_in: reserve_in * (gain * (1.0 / keep)) }
}

/// How far rounding may carry a balance in the check of k, as a multiple of the balance: 8 units in the last place.
const BALANCE_SLACK: f64 = 8.0 * f64::EPSILON;

impl Formulas for Fast {
    type Amount = f64;

    /// Floats are compared and added at once: there is nothing to save.
    #[inline(always)]
    fn ordinary_swap(_amount_in: f64, _reserves: [f64; 2], _balances: [f64; 2], _fee: &SwapFee) -> Option<OrdinarySwap<f64>> {
        None
    }

    #[inline]
    fn amount_out(amount_in: f64, reserve_in: f64, reserve_out: f64, fee: &SwapFee) -> Result<f64, SwapError> {
        if amount_in == 0.0 {
            return Err(SwapError::InsufficientInputAmount);
        }
        if reserve_in == 0.0 || reserve_out == 0.0 {
            return Err(SwapError::EmptyReserve);
        }
        Ok(amount_out(amount_in, reserve_in, reserve_out, fee.keep()))
    }

    #[inline]
    fn amount_in(amount_out: f64, reserve_in: f64, reserve_out: f64, fee: &SwapFee) -> Result<f64, SwapError> {
        if amount_out == 0.0 {
            return Err(SwapError::InsufficientOutputAmount);
        }
        if reserve_in == 0.0 || reserve_out == 0.0 {
            return Err(SwapError::EmptyReserve);
        }
        if amount_out > reserve_out {
            return Err(MathError::SubUnderflow.into());
        }
        if amount_out == reserve_out {
            return Err(MathError::DivisionByZero.into());
        }
        Ok(amount_in(amount_out, reserve_in, reserve_out, fee.keep()))
    }

    fn proportional(amount: f64, reserve: f64, other_reserve: f64) -> Result<f64, SwapError> {
        if amount == 0.0 {
            return Err(SwapError::InsufficientAmount);
        }
        if reserve == 0.0 || other_reserve == 0.0 {
            return Err(SwapError::EmptyReserve);
        }
        Ok(Self::share(amount, other_reserve, reserve)?)
    }

    #[inline]
    fn fee_part(amount_in: f64, fee: &SwapFee) -> f64 {
        amount_in * fee.fraction()
    }

    /// The contract's check with every balance allowed 8 units in the last place: without that slack rounding alone would reject
    /// about half of all swaps at the fair amount.
    #[inline]
    fn keeps_k(reserves: [f64; 2], balances: [f64; 2], amounts_in: [f64; 2], fee: &SwapFee) -> Result<bool, MathError> {
        let taken = fee.fraction();
        let adjusted = |side: usize| {
            let slack = BALANCE_SLACK * (reserves[side] + balances[side]);
            balances[side] - amounts_in[side] * taken + slack
        };
        Ok(finite(adjusted(0) * adjusted(1))? >= Self::product(reserves)?)
    }

    /// The slack is there for these very amounts.
    #[inline(always)]
    fn surely_keeps_k(balances: [f64; 2], _fee: &SwapFee) -> bool {
        balances[0] * balances[1] < f64::INFINITY
    }

    fn initial_liquidity(amounts: [f64; 2], minimum: f64) -> Result<f64, MathError> {
        let liquidity = Self::product(amounts)?.sqrt() - minimum;
        if liquidity < 0.0 { Err(MathError::SubUnderflow) } else { Ok(liquidity) }
    }

    /// The ratio first: no part of a whole then exceeds what it is a part of, and who burns every LP token gets no more than there is.
    #[inline]
    fn share(amount: f64, of: f64, whole: f64) -> Result<f64, MathError> {
        if whole == 0.0 {
            return Err(MathError::DivisionByZero);
        }
        finite(of * (amount / whole))
    }

    fn protocol_liquidity(supply: f64, reserves: [f64; 2], k_last: f64, fee: ProtocolFee) -> Result<f64, MathError> {
        let root_k = Self::product(reserves)?.sqrt();
        let root_k_last = k_last.sqrt();
        if root_k <= root_k_last {
            return Ok(0.0);
        }
        let share = f64::from(fee.share());
        finite(supply * (root_k - root_k_last) * share / (root_k * f64::from(fee.rest()) + root_k_last * share))
    }

    #[inline]
    fn product(reserves: [f64; 2]) -> Result<f64, MathError> {
        finite(reserves[0] * reserves[1])
    }

    #[inline]
    fn fits(balance: f64) -> bool {
        balance < f64::INFINITY
    }

    #[inline]
    fn accumulate(cumulative: f64, reserve_base: f64, reserve_quote: f64, elapsed: u32) -> f64 {
        cumulative + reserve_quote / reserve_base * f64::from(elapsed)
    }

    /// 1000 · 10^-((d0 + d1)/2): the contract's 1000 units of an LP token that is worth √(unit0 · unit1), in whole tokens.
    fn minimum_liquidity(decimals: [u8; 2]) -> f64 {
        1000.0 / (power_of_ten(decimals[0]).sqrt() * power_of_ten(decimals[1]).sqrt())
    }

    #[inline]
    fn arbitrage(reserve_base: f64, reserve_quote: f64, target: f64, fee: &SwapFee) -> Option<Arbitrage<f64>> {
        if target.is_nan() || target <= 0.0 {
            return None;
        }
        let ArbitrageSize { sells_base, amount_in } = arbitrage_size(reserve_base, reserve_quote, target, fee.keep());
        if !(amount_in > 0.0 && amount_in < f64::INFINITY) {
            return None;
        }
        Some(if sells_base { Arbitrage::SellBase(amount_in) } else { Arbitrage::BuyBase(amount_in) })
    }
}

/// `value`, unless it overflowed.
#[inline]
fn finite(value: f64) -> Result<f64, MathError> {
    if value < f64::INFINITY { Ok(value) } else { Err(MathError::MulOverflow) }
}
