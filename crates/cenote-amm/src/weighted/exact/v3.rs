//! Joins and exits of `BasePoolMath.sol` over `WeightedMath.sol`, third generation. Amounts and fractions have 18 decimals.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::U256;

use super::fixed_point::{FixedPoint, ONE};
use super::log_exp::ten_to;
use super::v2::ratio_to_f64;
use crate::lane::{Exact, Lane};
use crate::weighted::error::{Reason, WeightedError};
use crate::weighted::formulas::{Priced, Side, View};
use crate::weighted::version::Version;

const V3: FixedPoint = FixedPoint(Version::V3);
/// `_MAX_INVARIANT_RATIO` and `_MIN_INVARIANT_RATIO`: 3 and 0.7.
const MAX_RATIO: U256 = ten_to(18).wrapping_mul(U256::from_limbs([3, 0, 0, 0]));
const MIN_RATIO: U256 = ten_to(17).wrapping_mul(U256::from_limbs([7, 0, 0, 0]));

type Outcome<T = U256> = Result<T, WeightedError>;
type Pool<'a> = View<'a, U256, U256>;

/// Which way a result is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    Down,
    Up,
}

/// `WeightedMath.computeInvariantDown` and `computeInvariantUp`
pub(super) fn invariant(balances: &[U256], weights: &[U256], rounding: Rounding) -> Outcome {
    let mut invariant = ONE;
    for (balance, weight) in balances.iter().zip(weights) {
        invariant = match rounding {
            Rounding::Down => V3.mul_down(invariant, V3.pow_down(*balance, *weight)?)?,
            Rounding::Up => V3.mul_up(invariant, V3.pow_up(*balance, *weight)?)?,
        };
    }
    if invariant.is_zero() { Err(V3.fail(Reason::ZeroInvariant)) } else { Ok(invariant) }
}

/// `WeightedMath.computeBalanceOutGivenInvariant`
pub(super) fn balance_for_growth(token: Side<U256, U256>, growth: U256) -> Outcome {
    let exponent = if growth > ONE { V3.div_up(ONE, token.weight)? } else { V3.div_down(ONE, token.weight)? };
    V3.mul_up(token.balance, V3.pow_up(growth, exponent)?)
}

/// `WeightedPool._ensureMinimumBalance`
pub(super) fn check_minimum(token: usize, balance: U256, minimum: U256) -> Outcome<()> {
    if balance < minimum {
        let (balance, minimum) = (Exact::amount_to_f64(balance), Exact::amount_to_f64(minimum));
        return Err(V3.fail(Reason::BalanceBelowMin { token, balance, minimum }));
    }
    Ok(())
}

/// `WeightedPool.computeInvariant`
pub(super) fn checked_invariant(pool: &Pool<'_>, balances: &[U256], rounding: Rounding) -> Outcome {
    for (token, (balance, minimum)) in balances.iter().zip(pool.minimums).enumerate() {
        check_minimum(token, *balance, *minimum)?;
    }
    invariant(balances, pool.weights, rounding)
}

/// `WeightedPool.computeBalance`
fn balance_of(pool: &Pool<'_>, token: usize, growth: U256) -> Outcome {
    let before = pool.balances[token];
    let after = balance_for_growth(Side { balance: before, weight: pool.weights[token] }, growth)?;
    // Whichever is lower: the balance before a join, the one after an exit.
    check_minimum(token, before.min(after), pool.minimums[token])?;
    Ok(after)
}

fn check_below_max(growth: U256) -> Outcome<()> {
    if growth > MAX_RATIO { Err(V3.fail(Reason::InvariantRatioAboveMax { ratio: ratio_to_f64(growth) })) } else { Ok(()) }
}

fn check_above_min(growth: U256) -> Outcome<()> {
    if growth < MIN_RATIO { Err(V3.fail(Reason::InvariantRatioBelowMin { ratio: ratio_to_f64(growth) })) } else { Ok(()) }
}

/// `computeProportionalAmountsIn`
pub(super) fn proportional_in(pool: &Pool<'_>, liquidity: U256) -> Outcome<Vec<U256>> {
    pool.balances.iter().map(|balance| V3.mul_div_up(*balance, liquidity, pool.supply)).collect()
}

/// `computeProportionalAmountsOut`
pub(super) fn proportional_out(pool: &Pool<'_>, liquidity: U256) -> Outcome<Vec<U256>> {
    pool.balances.iter().map(|balance| V3.mul_div_down(*balance, liquidity, pool.supply)).collect()
}

/// `computeAddLiquidityUnbalanced`
pub(super) fn liquidity_for_tokens(pool: &Pool<'_>, amounts: &[U256]) -> Outcome<Priced<U256>> {
    let mut balances = Vec::with_capacity(amounts.len());
    for (balance, amount) in pool.balances.iter().zip(amounts) {
        balances.push(V3.sub(V3.add(*balance, *amount)?, U256::ONE)?);
    }
    let before = checked_invariant(pool, pool.balances, Rounding::Up)?;
    let growth = V3.div_down(checked_invariant(pool, &balances, Rounding::Down)?, before)?;
    check_below_max(growth)?;
    let mut fees = vec![U256::ZERO; balances.len()];
    for (token, balance) in balances.iter_mut().enumerate() {
        let proportional = V3.mul_down(growth, pool.balances[token])?;
        if let Some(taxed) = balance.checked_sub(proportional) {
            fees[token] = V3.mul_up(taxed, pool.fee)?;
            *balance = V3.sub(*balance, fees[token])?;
        }
    }
    let after = checked_invariant(pool, &balances, Rounding::Down)?;
    Ok(Priced { amount: V3.mul_div_down(pool.supply, V3.sub(after, before)?, before)?, fees })
}

/// `computeAddLiquiditySingleTokenExactOut`
pub(super) fn token_for_liquidity(pool: &Pool<'_>, token: usize, liquidity: U256) -> Outcome<Priced<U256>> {
    let supply = V3.add(liquidity, pool.supply)?;
    let growth = V3.div_up(supply, pool.supply)?;
    check_below_max(growth)?;
    let after = balance_of(pool, token, growth)?;
    let amount = V3.sub(after, pool.balances[token])?;
    let untaxed = V3.mul_div_down(supply, pool.balances[token], pool.supply)?;
    let taxed = V3.sub(after, untaxed)?;
    let fee = V3.sub(V3.div_up(taxed, V3.complement(pool.fee))?, taxed)?;
    Ok(Priced { amount: V3.add(amount, fee)?, fees: alone(pool, token, fee) })
}

/// `computeRemoveLiquiditySingleTokenExactOut`
pub(super) fn liquidity_from_token(pool: &Pool<'_>, token: usize, amount: U256) -> Outcome<Priced<U256>> {
    let mut balances = pool.balances.to_vec();
    for balance in &mut balances {
        *balance = V3.sub(*balance, U256::ONE)?;
    }
    balances[token] = V3.sub(balances[token], amount)?;
    let before = checked_invariant(pool, pool.balances, Rounding::Up)?;
    let growth = V3.div_up(checked_invariant(pool, &balances, Rounding::Up)?, before)?;
    check_above_min(growth)?;
    let taxed = V3.sub(V3.mul_up(growth, pool.balances[token])?, balances[token])?;
    let fee = V3.sub(V3.div_up(taxed, V3.complement(pool.fee))?, taxed)?;
    balances[token] = V3.sub(balances[token], fee)?;
    let after = checked_invariant(pool, &balances, Rounding::Down)?;
    Ok(Priced { amount: V3.mul_div_up(pool.supply, V3.sub(before, after)?, before)?, fees: alone(pool, token, fee) })
}

/// `computeRemoveLiquiditySingleTokenExactIn`
pub(super) fn token_from_liquidity(pool: &Pool<'_>, token: usize, liquidity: U256) -> Outcome<Priced<U256>> {
    let supply = V3.sub(pool.supply, liquidity)?;
    let growth = V3.div_up(supply, pool.supply)?;
    check_above_min(growth)?;
    let after = balance_of(pool, token, growth)?;
    let amount = V3.sub(pool.balances[token], after)?;
    let untaxed = V3.mul_div_up(supply, pool.balances[token], pool.supply)?;
    let taxed = V3.sub(untaxed, after)?;
    let fee = V3.mul_up(taxed, pool.fee)?;
    Ok(Priced { amount: V3.sub(amount, fee)?, fees: alone(pool, token, fee) })
}

/// A fee in one token only.
fn alone(pool: &Pool<'_>, token: usize, fee: U256) -> Vec<U256> {
    let mut fees = vec![U256::ZERO; pool.balances.len()];
    fees[token] = fee;
    fees
}
