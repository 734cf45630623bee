//! The formulas in the contracts' integers: their rounding, their order, their reverts.
//!
//! Sources: `WeightedMath.sol`, `FixedPoint.sol`, `LogExpMath.sol` and, for v3, `BasePoolMath.sol` and `WeightedPool.sol`.
#![deny(clippy::arithmetic_side_effects)]

mod fixed_point;
pub mod log_exp;
#[cfg(test)]
mod tests;
mod v2;
mod v3;

pub use fixed_point::FixedPoint;

use ruint::aliases::U256;

use super::error::{Reason, WeightedError};
use super::formulas::{Formulas, Priced, Side, View};
use super::version::Version;
use crate::lane::{Exact, Lane};
use fixed_point::ONE;
use log_exp::ten_to;
use v3::Rounding;

type Outcome<T = U256> = Result<T, WeightedError>;
type Pool<'a> = View<'a, U256, U256>;

/// `_MAX_IN_RATIO` and `_MAX_OUT_RATIO`: 0.3.
const MAX_TRADE_RATIO: U256 = ten_to(17).wrapping_mul(U256::from_limbs([3, 0, 0, 0]));
/// `_MINIMUM_BPT`, `_POOL_MINIMUM_TOTAL_SUPPLY`, `_MINIMUM_TRADE_AMOUNT` and `ABSOLUTE_MIN_TOKEN_BALANCE`.
const MINIMUM: U256 = ten_to(6);

fn side(pool: &Pool<'_>, token: usize) -> Side<U256, U256> {
    Side { balance: pool.balances[token], weight: pool.weights[token] }
}

/// v2 has no use for the fees within.
fn without_fees(amount: U256) -> Priced<U256> {
    Priced { amount, fees: Vec::new() }
}

/// Π balanceᵢ^weightᵢ rounded up: `WeightedMath.computeInvariantUp` of v3. Amounts and weights have 18 decimals.
///
/// # Errors
/// Powers out of bounds, [`Reason::ZeroInvariant`].
pub fn invariant_up(balances: &[U256], weights: &[U256]) -> Outcome {
    v3::invariant(balances, weights, Rounding::Up)
}

/// The balance of one token that alone multiplies the invariant by `growth`, rounded up: `computeBalanceOutGivenInvariant` of v3.
///
/// # Errors
/// Powers out of bounds.
pub fn balance_for_growth(token: Side<U256, U256>, growth: U256) -> Outcome {
    v3::balance_for_growth(token, growth)
}

impl Formulas for Exact {
    type Amount = U256;
    type Factor = U256;

    /// Floats carry 53 bits; the closed form loses a few more.
    const BAND_MARGIN: f64 = 4e-15;

    fn factor(wad: u64) -> U256 {
        U256::from(wad)
    }

    fn fraction(factor: U256) -> f64 {
        super::weights::fraction(factor.saturating_to())
    }

    /// `10^(18 - decimals)` with 18 decimals.
    fn scaling(decimals: u8) -> U256 {
        ten_to(36_u32.saturating_sub(u32::from(decimals.min(18))))
    }

    #[inline]
    fn mul_down(version: Version, amount: U256, factor: U256) -> Outcome {
        FixedPoint(version).mul_down(amount, factor)
    }

    #[inline]
    fn mul_up(version: Version, amount: U256, factor: U256) -> Outcome {
        FixedPoint(version).mul_up(amount, factor)
    }

    #[inline]
    fn div_down(version: Version, amount: U256, factor: U256) -> Outcome {
        FixedPoint(version).div_down(amount, factor)
    }

    #[inline]
    fn div_up(version: Version, amount: U256, factor: U256) -> Outcome {
        FixedPoint(version).div_up(amount, factor)
    }

    /// v2: `amount.divUp(1 - fee)`. v3: `amount + amount.mulDivUp(fee, 1 - fee)`.
    fn with_fee(version: Version, amount: U256, fee: U256) -> Outcome {
        let math = FixedPoint(version);
        match version {
            Version::V2 => math.div_up(amount, math.sub(ONE, fee)?),
            Version::V3 => math.add(amount, math.mul_div_up(amount, fee, math.complement(fee))?),
        }
    }

    fn minimum() -> U256 {
        MINIMUM
    }

    fn minimum_balance(version: Version, decimals: u8) -> U256 {
        match version {
            Version::V2 => U256::ZERO,
            Version::V3 => MINIMUM.max(ten_to(18_u32.saturating_sub(u32::from(decimals)))),
        }
    }

    #[inline]
    fn fits(version: Version, balance: U256) -> bool {
        balance.bit_len() <= if version == Version::V2 { 112 } else { 128 }
    }

    /// `balanceOut · (1 - (balanceIn / (balanceIn + amountIn)) ^ (weightIn / weightOut))`, rounded down.
    fn amount_out(version: Version, token_in: Side<U256, U256>, token_out: Side<U256, U256>, amount_in: U256) -> Outcome {
        let math = FixedPoint(version);
        let limit = math.mul_down(token_in.balance, MAX_TRADE_RATIO)?;
        if amount_in > limit {
            return Err(
                math.fail(Reason::MaxInRatio { amount: Exact::amount_to_f64(amount_in), limit: Exact::amount_to_f64(limit) })
            );
        }
        let base = math.div_up(token_in.balance, math.add(token_in.balance, amount_in)?)?;
        let exponent = math.div_down(token_in.weight, token_out.weight)?;
        let power = math.pow_up(base, exponent)?;
        math.mul_down(token_out.balance, math.complement(power))
    }

    /// `balanceIn · ((balanceOut / (balanceOut - amountOut)) ^ (weightOut / weightIn) - 1)`, rounded up.
    fn amount_in(version: Version, token_in: Side<U256, U256>, token_out: Side<U256, U256>, amount_out: U256) -> Outcome {
        let math = FixedPoint(version);
        let limit = math.mul_down(token_out.balance, MAX_TRADE_RATIO)?;
        if amount_out > limit {
            return Err(
                math.fail(Reason::MaxOutRatio { amount: Exact::amount_to_f64(amount_out), limit: Exact::amount_to_f64(limit) })
            );
        }
        let base = math.div_up(token_out.balance, math.sub(token_out.balance, amount_out)?)?;
        let exponent = math.div_up(token_out.weight, token_in.weight)?;
        let power = math.pow_up(base, exponent)?;
        math.mul_up(token_in.balance, math.sub(power, ONE)?)
    }

    fn balance_in(version: Version, balance: U256) -> Outcome {
        match version {
            Version::V2 => Ok(balance),
            Version::V3 => FixedPoint(version).add(balance, U256::ONE),
        }
    }

    fn invariant(pool: &Pool<'_>) -> Outcome {
        match pool.version {
            Version::V2 => v2::invariant(pool),
            Version::V3 => v3::checked_invariant(pool, pool.balances, Rounding::Down),
        }
    }

    fn initial_liquidity(pool: &Pool<'_>) -> Outcome {
        let invariant = Self::invariant(pool)?;
        match pool.version {
            Version::V2 => FixedPoint(Version::V2).mul(invariant, U256::from(pool.balances.len())),
            Version::V3 => Ok(invariant),
        }
    }

    /// v2 rounds the ratio of a join up to 18 decimals, so the ratio of the amounts is rounded down to as many first.
    fn proportional_liquidity(pool: &Pool<'_>, amounts: &[U256]) -> Outcome {
        let math = FixedPoint(pool.version);
        let mut least = U256::MAX;
        for (balance, amount) in pool.balances.iter().zip(amounts) {
            let liquidity = match pool.version {
                Version::V2 => math.mul_down(pool.supply, math.div_down(*amount, *balance)?)?,
                Version::V3 => math.mul_div_down(pool.supply, *amount, *balance)?,
            };
            least = least.min(liquidity);
        }
        Ok(least)
    }

    fn proportional_in(pool: &Pool<'_>, liquidity: U256) -> Outcome<Vec<U256>> {
        match pool.version {
            Version::V2 => v2::proportional_in(pool, liquidity),
            Version::V3 => v3::proportional_in(pool, liquidity),
        }
    }

    fn proportional_out(pool: &Pool<'_>, liquidity: U256) -> Outcome<Vec<U256>> {
        match pool.version {
            Version::V2 => v2::proportional_out(pool, liquidity),
            Version::V3 => v3::proportional_out(pool, liquidity),
        }
    }

    fn liquidity_for_tokens(pool: &Pool<'_>, amounts: &[U256]) -> Outcome<Priced<U256>> {
        match pool.version {
            Version::V2 => v2::liquidity_for_tokens(pool, amounts).map(without_fees),
            Version::V3 => v3::liquidity_for_tokens(pool, amounts),
        }
    }

    fn token_for_liquidity(pool: &Pool<'_>, token: usize, liquidity: U256) -> Outcome<Priced<U256>> {
        match pool.version {
            Version::V2 => v2::token_for_liquidity(pool, side(pool, token), liquidity).map(without_fees),
            Version::V3 => v3::token_for_liquidity(pool, token, liquidity),
        }
    }

    fn token_from_liquidity(pool: &Pool<'_>, token: usize, liquidity: U256) -> Outcome<Priced<U256>> {
        match pool.version {
            Version::V2 => v2::token_from_liquidity(pool, side(pool, token), liquidity).map(without_fees),
            Version::V3 => v3::token_from_liquidity(pool, token, liquidity),
        }
    }

    fn liquidity_from_tokens(pool: &Pool<'_>, amounts: &[U256]) -> Outcome<Priced<U256>> {
        match pool.version {
            Version::V2 => v2::liquidity_from_tokens(pool, amounts).map(without_fees),
            Version::V3 => {
                let token = super::formulas::only_token(pool.version, amounts.iter().map(|amount| !amount.is_zero()))?;
                v3::liquidity_from_token(pool, token, amounts[token])
            }
        }
    }

    fn protocol_due(token: Side<U256, U256>, last_invariant: U256, invariant: U256, share: U256) -> Outcome {
        v2::protocol_due(token, last_invariant, invariant, share)
    }
}
