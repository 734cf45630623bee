//! Joins and exits of `WeightedMath.sol`, second generation. Amounts and fractions have 18 decimals.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::U256;

use super::fixed_point::{FixedPoint, ONE};
use super::log_exp::ten_to;
use crate::lane::{Exact, Lane};
use crate::weighted::error::{Reason, WeightedError};
use crate::weighted::formulas::{Side, View};
use crate::weighted::version::Version;

const V2: FixedPoint = FixedPoint(Version::V2);
/// `_MAX_INVARIANT_RATIO` and `_MIN_INVARIANT_RATIO`: 3 and 0.7.
const MAX_RATIO: U256 = ten_to(18).wrapping_mul(U256::from_limbs([3, 0, 0, 0]));
const MIN_RATIO: U256 = ten_to(17).wrapping_mul(U256::from_limbs([7, 0, 0, 0]));
/// `MIN_POW_BASE_FREE_EXPONENT`
const MIN_POW_BASE: U256 = MIN_RATIO;

type Outcome<T = U256> = Result<T, WeightedError>;
type Pool<'a> = View<'a, U256, U256>;

/// `_calculateInvariant`
pub(super) fn invariant(pool: &Pool<'_>) -> Outcome {
    let mut invariant = ONE;
    for (balance, weight) in pool.balances.iter().zip(pool.weights) {
        invariant = V2.mul_down(invariant, V2.pow_down(*balance, *weight)?)?;
    }
    if invariant.is_zero() { Err(V2.fail(Reason::ZeroInvariant)) } else { Ok(invariant) }
}

/// `_calcAllTokensInGivenExactBptOut`
pub(super) fn proportional_in(pool: &Pool<'_>, liquidity: U256) -> Outcome<Vec<U256>> {
    let ratio = V2.div_up(liquidity, pool.supply)?;
    pool.balances.iter().map(|balance| V2.mul_up(*balance, ratio)).collect()
}

/// `_calcTokensOutGivenExactBptIn`
pub(super) fn proportional_out(pool: &Pool<'_>, liquidity: U256) -> Outcome<Vec<U256>> {
    let ratio = V2.div_down(liquidity, pool.supply)?;
    pool.balances.iter().map(|balance| V2.mul_down(*balance, ratio)).collect()
}

/// `_calcBptOutGivenExactTokensIn`
pub(super) fn liquidity_for_tokens(pool: &Pool<'_>, amounts: &[U256]) -> Outcome {
    let mut mean = U256::ZERO;
    let mut ratios = Vec::with_capacity(amounts.len());
    for ((balance, weight), amount) in pool.balances.iter().zip(pool.weights).zip(amounts) {
        let ratio = V2.div_down(V2.add(*balance, *amount)?, *balance)?;
        mean = V2.add(mean, V2.mul_down(ratio, *weight)?)?;
        ratios.push(ratio);
    }
    let mut growth = ONE;
    for (((balance, weight), amount), ratio) in pool.balances.iter().zip(pool.weights).zip(amounts).zip(ratios) {
        let without_fee = if ratio > mean {
            let untaxed = V2.mul_down(*balance, V2.sub(mean, ONE)?)?;
            let taxed = V2.sub(*amount, untaxed)?;
            V2.add(untaxed, V2.mul_down(taxed, V2.sub(ONE, pool.fee)?)?)?
        } else {
            *amount
        };
        let ratio = V2.div_down(V2.add(*balance, without_fee)?, *balance)?;
        growth = V2.mul_down(growth, V2.pow_down(ratio, *weight)?)?;
    }
    if growth > ONE { V2.mul_down(pool.supply, V2.sub(growth, ONE)?) } else { Ok(U256::ZERO) }
}

/// `_calcTokenInGivenExactBptOut`
pub(super) fn token_for_liquidity(pool: &Pool<'_>, token: Side<U256, U256>, liquidity: U256) -> Outcome {
    let growth = V2.div_up(V2.add(pool.supply, liquidity)?, pool.supply)?;
    if growth > MAX_RATIO {
        return Err(V2.fail(Reason::InvariantRatioAboveMax { ratio: ratio_to_f64(growth) }));
    }
    let ratio = V2.pow_up(growth, V2.div_up(ONE, token.weight)?)?;
    let without_fee = V2.mul_up(token.balance, V2.sub(ratio, ONE)?)?;
    let taxed = V2.mul_up(without_fee, V2.complement(token.weight))?;
    let untaxed = V2.sub(without_fee, taxed)?;
    V2.add(untaxed, V2.div_up(taxed, V2.sub(ONE, pool.fee)?)?)
}

/// `_calcBptInGivenExactTokensOut`
pub(super) fn liquidity_from_tokens(pool: &Pool<'_>, amounts: &[U256]) -> Outcome {
    let mut mean = U256::ZERO;
    let mut ratios = Vec::with_capacity(amounts.len());
    for ((balance, weight), amount) in pool.balances.iter().zip(pool.weights).zip(amounts) {
        let ratio = V2.div_up(V2.sub(*balance, *amount)?, *balance)?;
        mean = V2.add(mean, V2.mul_up(ratio, *weight)?)?;
        ratios.push(ratio);
    }
    let mut growth = ONE;
    for (((balance, weight), amount), ratio) in pool.balances.iter().zip(pool.weights).zip(amounts).zip(ratios) {
        let with_fee = if mean > ratio {
            let untaxed = V2.mul_down(*balance, V2.complement(mean))?;
            let taxed = V2.sub(*amount, untaxed)?;
            V2.add(untaxed, V2.div_up(taxed, V2.sub(ONE, pool.fee)?)?)?
        } else {
            *amount
        };
        let ratio = V2.div_down(V2.sub(*balance, with_fee)?, *balance)?;
        growth = V2.mul_down(growth, V2.pow_down(ratio, *weight)?)?;
    }
    V2.mul_up(pool.supply, V2.complement(growth))
}

/// `_calcTokenOutGivenExactBptIn`
pub(super) fn token_from_liquidity(pool: &Pool<'_>, token: Side<U256, U256>, liquidity: U256) -> Outcome {
    let growth = V2.div_up(V2.sub(pool.supply, liquidity)?, pool.supply)?;
    if growth < MIN_RATIO {
        return Err(V2.fail(Reason::InvariantRatioBelowMin { ratio: ratio_to_f64(growth) }));
    }
    let ratio = V2.pow_up(growth, V2.div_down(ONE, token.weight)?)?;
    let without_fee = V2.mul_down(token.balance, V2.complement(ratio))?;
    let taxed = V2.mul_up(without_fee, V2.complement(token.weight))?;
    let untaxed = V2.sub(without_fee, taxed)?;
    V2.add(untaxed, V2.mul_down(taxed, V2.sub(ONE, pool.fee)?)?)
}

/// `_calcDueTokenProtocolSwapFeeAmount`
pub(super) fn protocol_due(token: Side<U256, U256>, last_invariant: U256, invariant: U256, share: U256) -> Outcome {
    if invariant <= last_invariant {
        return Ok(U256::ZERO);
    }
    let base = V2.div_up(last_invariant, invariant)?.max(MIN_POW_BASE);
    let power = V2.pow_up(base, V2.div_down(ONE, token.weight)?)?;
    V2.mul_down(V2.mul_down(token.balance, V2.complement(power))?, share)
}

/// A fraction with 18 decimals, for an error message.
pub(super) fn ratio_to_f64(ratio: U256) -> f64 {
    Exact::amount_to_f64(ratio) / 1e18
}
