//! The formulas in `f64`: closed forms, rounded to nearest, without the contracts' margin of 10⁻¹⁴ around powers.
//!
//! What changes little is computed from the change, by `ln_1p` and `exp_m1`: a trade of a billionth of the pool keeps all its digits.
#![allow(clippy::inline_always, reason = "a kernel vectorises only over what is inlined into it")]

use cenote_units::math::{exp_m1, ln_1p, powf};

use super::error::{Reason, WeightedError};
use super::formulas::{Formulas, Priced, Side, View, only_token};
use super::version::Version;
use crate::lane::{Fast, power_of_ten};

type Outcome<T = f64> = Result<T, WeightedError>;
type Pool<'a> = View<'a, f64, f64>;

const MAX_TRADE_RATIO: f64 = 0.3;
const MAX_RATIO: f64 = 3.0;
const MIN_RATIO: f64 = 0.7;
/// 10⁶ of 10¹⁸ smallest units.
const MINIMUM: f64 = 1e-12;

/// What `amount_in` buys: `y (1 − (x/(x + dx))^(wx/wy))`.
#[inline(always)]
pub(crate) fn amount_out(balance_in: f64, balance_out: f64, weight_ratio: f64, amount_in: f64) -> f64 {
    -balance_out * exp_m1(-weight_ratio * ln_1p(amount_in / balance_in))
}

/// What `amount_out` costs: `x ((y/(y − dy))^(wy/wx) − 1)`.
#[inline(always)]
pub(crate) fn amount_in(balance_in: f64, balance_out: f64, weight_ratio: f64, amount_out: f64) -> f64 {
    balance_in * exp_m1(-weight_ratio * ln_1p(-amount_out / balance_out))
}

fn fail(version: Version, reason: Reason) -> WeightedError {
    WeightedError { version, reason }
}

/// `value`, unless it overflowed, or was never there: a balance or a supply is zero.
#[inline]
fn finite(version: Version, value: f64) -> Outcome {
    if value.is_nan() {
        return Err(fail(version, Reason::ZeroDivision));
    }
    if value < f64::INFINITY { Ok(value) } else { Err(fail(version, Reason::MulOverflow)) }
}

/// The logarithm of the growth of the invariant when each balance changes by `change` times itself.
fn log_growth(pool: &Pool<'_>, changes: impl Iterator<Item = f64>) -> f64 {
    pool.weights.iter().zip(changes).map(|(weight, change)| weight * ln_1p(change)).sum()
}

/// Balances below v3's minimum.
fn check_minimums(pool: &Pool<'_>, balances: impl Iterator<Item = f64>) -> Outcome<()> {
    for (token, (balance, minimum)) in balances.zip(pool.minimums).enumerate() {
        check_minimum(pool.version, token, balance, *minimum)?;
    }
    Ok(())
}

fn check_minimum(version: Version, token: usize, balance: f64, minimum: f64) -> Outcome<()> {
    if balance < minimum { Err(fail(version, Reason::BalanceBelowMin { token, balance, minimum })) } else { Ok(()) }
}

fn check_growth(pool: &Pool<'_>, growth: f64) -> Outcome<()> {
    if growth > MAX_RATIO {
        return Err(fail(pool.version, Reason::InvariantRatioAboveMax { ratio: growth }));
    }
    if growth < MIN_RATIO {
        return Err(fail(pool.version, Reason::InvariantRatioBelowMin { ratio: growth }));
    }
    Ok(())
}

fn alone(pool: &Pool<'_>, token: usize, fee: f64) -> Vec<f64> {
    let mut fees = vec![0.0; pool.balances.len()];
    fees[token] = fee;
    fees
}

/// How much of a balance may change without fee, as a multiple of it, when the balances change by these multiples: in v2 the
/// arithmetic mean of the changes, in v3 the growth of the invariant.
fn untaxed(pool: &Pool<'_>, changes: &[f64]) -> f64 {
    match pool.version {
        Version::V2 => pool.weights.iter().zip(changes).map(|(weight, change)| weight * change).sum(),
        Version::V3 => exp_m1(log_growth(pool, changes.iter().copied())),
    }
}

impl Formulas for Fast {
    type Amount = f64;
    type Factor = f64;

    const BAND_MARGIN: f64 = 0.0;

    fn factor(wad: u64) -> f64 {
        super::weights::fraction(wad)
    }

    fn fraction(factor: f64) -> f64 {
        factor
    }

    fn scaling(_decimals: u8) -> f64 {
        1.0
    }

    #[inline]
    fn mul_down(version: Version, amount: f64, factor: f64) -> Outcome {
        finite(version, amount * factor)
    }

    #[inline]
    fn mul_up(version: Version, amount: f64, factor: f64) -> Outcome {
        finite(version, amount * factor)
    }

    #[inline]
    fn div_down(version: Version, amount: f64, factor: f64) -> Outcome {
        finite(version, amount / factor)
    }

    #[inline]
    fn div_up(version: Version, amount: f64, factor: f64) -> Outcome {
        finite(version, amount / factor)
    }

    #[inline]
    fn with_fee(version: Version, amount: f64, fee: f64) -> Outcome {
        finite(version, amount / (1.0 - fee))
    }

    fn minimum() -> f64 {
        MINIMUM
    }

    fn minimum_balance(version: Version, decimals: u8) -> f64 {
        match version {
            Version::V2 => 0.0,
            Version::V3 => MINIMUM.max(1.0 / power_of_ten(decimals)),
        }
    }

    #[inline]
    fn fits(_version: Version, balance: f64) -> bool {
        balance < f64::INFINITY
    }

    #[inline]
    fn amount_out(version: Version, token_in: Side<f64, f64>, token_out: Side<f64, f64>, given: f64) -> Outcome {
        let limit = token_in.balance * MAX_TRADE_RATIO;
        if given > limit {
            return Err(fail(version, Reason::MaxInRatio { amount: given, limit }));
        }
        finite(version, amount_out(token_in.balance, token_out.balance, token_in.weight / token_out.weight, given))
    }

    #[inline]
    fn amount_in(version: Version, token_in: Side<f64, f64>, token_out: Side<f64, f64>, given: f64) -> Outcome {
        let limit = token_out.balance * MAX_TRADE_RATIO;
        if given > limit {
            return Err(fail(version, Reason::MaxOutRatio { amount: given, limit }));
        }
        finite(version, amount_in(token_in.balance, token_out.balance, token_out.weight / token_in.weight, given))
    }

    #[inline]
    fn balance_in(_version: Version, balance: f64) -> Outcome {
        Ok(balance)
    }

    fn invariant(pool: &Pool<'_>) -> Outcome {
        check_minimums(pool, pool.balances.iter().copied())?;
        let invariant = pool.balances.iter().zip(pool.weights).map(|(balance, weight)| powf(*balance, *weight)).product();
        if invariant == 0.0 { Err(fail(pool.version, Reason::ZeroInvariant)) } else { finite(pool.version, invariant) }
    }

    fn initial_liquidity(pool: &Pool<'_>) -> Outcome {
        let invariant = Self::invariant(pool)?;
        match pool.version {
            Version::V2 => finite(pool.version, pool.balances.iter().map(|_| invariant).sum()),
            Version::V3 => Ok(invariant),
        }
    }

    fn proportional_liquidity(pool: &Pool<'_>, amounts: &[f64]) -> Outcome {
        let ratios = pool.balances.iter().zip(amounts).map(|(balance, amount)| amount / balance);
        let mut least = f64::INFINITY;
        for ratio in ratios {
            least = least.min(finite(pool.version, ratio)?);
        }
        finite(pool.version, pool.supply * least)
    }

    fn proportional_in(pool: &Pool<'_>, liquidity: f64) -> Outcome<Vec<f64>> {
        let ratio = finite(pool.version, liquidity / pool.supply)?;
        pool.balances.iter().map(|balance| finite(pool.version, balance * ratio)).collect()
    }

    fn proportional_out(pool: &Pool<'_>, liquidity: f64) -> Outcome<Vec<f64>> {
        Self::proportional_in(pool, liquidity)
    }

    fn liquidity_for_tokens(pool: &Pool<'_>, amounts: &[f64]) -> Outcome<Priced<f64>> {
        let changes: Vec<f64> = amounts.iter().zip(pool.balances).map(|(amount, balance)| amount / balance).collect();
        let untaxed = untaxed(pool, &changes);
        if pool.version == Version::V3 {
            check_minimums(pool, pool.balances.iter().copied())?;
            check_growth(pool, 1.0 + untaxed)?;
        }
        let fee_of = |(change, balance): (&f64, &f64)| (change - untaxed).max(0.0) * balance * pool.fee;
        let fees: Vec<f64> = changes.iter().zip(pool.balances).map(fee_of).collect();
        let net = amounts.iter().zip(&fees).zip(pool.balances).map(|((amount, fee), balance)| (amount - fee) / balance);
        Ok(Priced { amount: finite(pool.version, pool.supply * exp_m1(log_growth(pool, net)))?, fees })
    }

    fn token_for_liquidity(pool: &Pool<'_>, token: usize, liquidity: f64) -> Outcome<Priced<f64>> {
        let (balance, weight, ratio) = (pool.balances[token], pool.weights[token], liquidity / pool.supply);
        check_growth(pool, 1.0 + ratio)?;
        let amount = balance * exp_m1(ln_1p(ratio) / weight);
        let taxed = match pool.version {
            Version::V2 => amount * (1.0 - weight),
            Version::V3 => amount - balance * ratio,
        };
        check_minimum(pool.version, token, balance, pool.minimums[token])?;
        let fee = taxed * pool.fee / (1.0 - pool.fee);
        Ok(Priced { amount: finite(pool.version, amount + fee)?, fees: alone(pool, token, fee) })
    }

    fn token_from_liquidity(pool: &Pool<'_>, token: usize, liquidity: f64) -> Outcome<Priced<f64>> {
        let (balance, weight, ratio) = (pool.balances[token], pool.weights[token], liquidity / pool.supply);
        check_growth(pool, 1.0 - ratio)?;
        let amount = -balance * exp_m1(ln_1p(-ratio) / weight);
        let taxed = match pool.version {
            Version::V2 => amount * (1.0 - weight),
            Version::V3 => amount - balance * ratio,
        };
        check_minimum(pool.version, token, balance - amount, pool.minimums[token])?;
        let fee = taxed * pool.fee;
        Ok(Priced { amount: finite(pool.version, amount - fee)?, fees: alone(pool, token, fee) })
    }

    fn liquidity_from_tokens(pool: &Pool<'_>, amounts: &[f64]) -> Outcome<Priced<f64>> {
        let changes: Vec<f64> = amounts.iter().zip(pool.balances).map(|(amount, balance)| -amount / balance).collect();
        for change in &changes {
            if *change < -1.0 {
                return Err(fail(pool.version, Reason::SubOverflow));
            }
        }
        let untaxed = untaxed(pool, &changes);
        if pool.version == Version::V3 {
            only_token(pool.version, amounts.iter().map(|amount| *amount != 0.0))?;
            check_minimums(pool, pool.balances.iter().zip(amounts).map(|(balance, amount)| balance - amount))?;
            check_growth(pool, 1.0 + untaxed)?;
        }
        let part = pool.fee / (1.0 - pool.fee);
        let fee_of = |(change, balance): (&f64, &f64)| (untaxed - change).max(0.0) * balance * part;
        let fees: Vec<f64> = changes.iter().zip(pool.balances).map(fee_of).collect();
        let mut gross = Vec::with_capacity(fees.len());
        for (token, (fee, balance)) in fees.iter().zip(pool.balances).enumerate() {
            let change = -(amounts[token] + fee) / balance;
            if change < -1.0 {
                return Err(fail(pool.version, Reason::SubOverflow));
            }
            check_minimum(pool.version, token, balance - amounts[token] - fee, pool.minimums[token])?;
            gross.push(change);
        }
        Ok(Priced { amount: finite(pool.version, -pool.supply * exp_m1(log_growth(pool, gross.into_iter())))?, fees })
    }

    fn protocol_due(token: Side<f64, f64>, last_invariant: f64, invariant: f64, share: f64) -> Outcome {
        if invariant <= last_invariant {
            return Ok(0.0);
        }
        let base = (last_invariant / invariant).max(MIN_RATIO);
        Ok(-token.balance * exp_m1(ln_1p(base - 1.0) / token.weight) * share)
    }
}
