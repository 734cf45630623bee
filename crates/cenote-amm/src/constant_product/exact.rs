//! The formulas in the contract's integers: its widths, its rounding, its overflow checks in its order.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::{U128, U256, U512};

use super::fee::SwapFee;
use super::formulas::{Arbitrage, Formulas};
use super::protocol_fee::ProtocolFee;
use crate::error::{MathError, SwapError};
use crate::integer::{self, Dyadic, square_root};
use crate::lane::Exact;

/// `SafeMath`'s operators.
#[inline]
fn add(a: U256, b: U256) -> Result<U256, MathError> {
    a.checked_add(b).ok_or(MathError::AddOverflow)
}

#[inline]
fn sub(a: U256, b: U256) -> Result<U256, MathError> {
    a.checked_sub(b).ok_or(MathError::SubUnderflow)
}

/// Two factors of 128 bits, the usual case by far, cannot overflow, and that is cheaper to see than an overflow.
#[inline]
fn mul(a: U256, b: U256) -> Result<U256, MathError> {
    let ([_, _, a2, a3], [_, _, b2, b3]) = (a.as_limbs(), b.as_limbs());
    if a2 | a3 | b2 | b3 == 0 { Ok(a.wrapping_mul(b)) } else { a.checked_mul(b).ok_or(MathError::MulOverflow) }
}

/// `a * factor` for the small integers of fees: two limbs times one, in the usual case.
#[inline]
fn scale(a: U256, factor: u32) -> Result<U256, MathError> {
    let [a0, a1, a2, a3] = *a.as_limbs();
    if a2 | a3 != 0 {
        return mul(a, U256::from(factor));
    }
    let factor = u128::from(factor);
    let low = u128::from(a0).wrapping_mul(factor);
    let high = u128::from(a1).wrapping_mul(factor).wrapping_add(low >> 64);
    let ([limb0, _], [limb1, limb2]) = (U128::from(low).into_limbs(), U128::from(high).into_limbs());
    Ok(U256::from_limbs([limb0, limb1, limb2, 0]))
}

#[inline]
fn div(a: U256, b: U256) -> Result<U256, MathError> {
    a.checked_div(b).ok_or(MathError::DivisionByZero)
}

impl Formulas for Exact {
    type Amount = U256;

    /// `amountIn·997·reserveOut / (reserveIn·1000 + amountIn·997)`, rounded down.
    #[inline]
    fn amount_out(amount_in: U256, reserve_in: U256, reserve_out: U256, fee: &SwapFee) -> Result<U256, SwapError> {
        if amount_in.is_zero() {
            return Err(SwapError::InsufficientInputAmount);
        }
        if reserve_in.is_zero() || reserve_out.is_zero() {
            return Err(SwapError::EmptyReserve);
        }
        let with_fee = scale(amount_in, fee.kept_numerator())?;
        let numerator = mul(with_fee, reserve_out)?;
        let denominator = add(scale(reserve_in, fee.denominator())?, with_fee)?;
        Ok(div(numerator, denominator)?)
    }

    /// `reserveIn·amountOut·1000 / ((reserveOut − amountOut)·997) + 1`.
    #[inline]
    fn amount_in(amount_out: U256, reserve_in: U256, reserve_out: U256, fee: &SwapFee) -> Result<U256, SwapError> {
        if amount_out.is_zero() {
            return Err(SwapError::InsufficientOutputAmount);
        }
        if reserve_in.is_zero() || reserve_out.is_zero() {
            return Err(SwapError::EmptyReserve);
        }
        let numerator = scale(mul(reserve_in, amount_out)?, fee.denominator())?;
        let denominator = scale(sub(reserve_out, amount_out)?, fee.kept_numerator())?;
        Ok(add(div(numerator, denominator)?, U256::ONE)?)
    }

    fn proportional(amount: U256, reserve: U256, other_reserve: U256) -> Result<U256, SwapError> {
        if amount.is_zero() {
            return Err(SwapError::InsufficientAmount);
        }
        if reserve.is_zero() || other_reserve.is_zero() {
            return Err(SwapError::EmptyReserve);
        }
        Ok(Self::share(amount, other_reserve, reserve)?)
    }

    /// A balance beyond 2^224 would not have passed the swap; the product fits.
    #[inline]
    fn fee_part(amount_in: U256, fee: &SwapFee) -> U256 {
        let numerator = amount_in.saturating_mul(U256::from(fee.numerator()));
        numerator.checked_div(U256::from(fee.denominator())).unwrap_or(U256::ZERO)
    }

    #[inline]
    fn keeps_k(reserves: [U256; 2], balances: [U256; 2], amounts_in: [U256; 2], fee: &SwapFee) -> Result<bool, MathError> {
        let (taken, whole) = (fee.numerator(), fee.denominator());
        let adjusted0 = sub(scale(balances[0], whole)?, scale(amounts_in[0], taken)?)?;
        let adjusted1 = sub(scale(balances[1], whole)?, scale(amounts_in[1], taken)?)?;
        let after = mul(adjusted0, adjusted1)?;
        let before = scale(scale(mul(reserves[0], reserves[1])?, whole)?, whole)?;
        Ok(after >= before)
    }

    fn initial_liquidity(amounts: [U256; 2], minimum: U256) -> Result<U256, MathError> {
        sub(square_root(mul(amounts[0], amounts[1])?), minimum)
    }

    #[inline]
    fn share(amount: U256, of: U256, whole: U256) -> Result<U256, MathError> {
        div(mul(amount, of)?, whole)
    }

    fn protocol_liquidity(supply: U256, reserves: [U256; 2], k_last: U256, fee: ProtocolFee) -> Result<U256, MathError> {
        let root_k = square_root(mul(reserves[0], reserves[1])?);
        let root_k_last = square_root(k_last);
        if root_k <= root_k_last {
            return Ok(U256::ZERO);
        }
        let share = U256::from(fee.share());
        let numerator = mul(mul(supply, sub(root_k, root_k_last)?)?, share)?;
        let denominator = add(mul(root_k, U256::from(fee.rest()))?, mul(root_k_last, share)?)?;
        div(numerator, denominator)
    }

    #[inline]
    fn product(reserves: [U256; 2]) -> Result<U256, MathError> {
        mul(reserves[0], reserves[1])
    }

    #[inline]
    fn fits(balance: U256) -> bool {
        balance.bit_len() <= 112
    }

    /// `UQ112x112`: (quote · 2^112 / base) · elapsed, the sum modulo 2^256 as the contract means it to be.
    #[inline]
    fn accumulate(cumulative: U256, reserve_base: U256, reserve_quote: U256, elapsed: u32) -> U256 {
        let price = reserve_quote.wrapping_shl(112).checked_div(reserve_base).unwrap_or(U256::ZERO);
        cumulative.wrapping_add(price.wrapping_mul(U256::from(elapsed)))
    }

    /// `MINIMUM_LIQUIDITY`, whatever the decimals.
    fn minimum_liquidity(_decimals: [u8; 2]) -> U256 {
        U256::from(1000)
    }

    /// The largest integer input that does not pass the edge of the band.
    ///
    /// With φ = kept/whole, buying base for `d` ends at the marginal price m when `(y·whole + kept·d)² = whole·kept·m·x·y`; selling it
    /// when `(x·whole + kept·d)² = whole·kept·x·y/m`. Both sides are integers but for m, which as a float is exactly `mantissa·2^exponent`.
    fn arbitrage(reserve_base: U256, reserve_quote: U256, target: f64, fee: &SwapFee) -> Option<Arbitrage<U256>> {
        let Dyadic { mantissa, exponent } = integer::dyadic(target)?;
        let (kept, whole) = (U512::from(fee.kept_numerator()), U512::from(fee.denominator()));
        let (base, quote) = (U512::from(reserve_base), U512::from(reserve_quote));
        let scaled_k = base.checked_mul(quote)?.checked_mul(kept)?.checked_mul(whole)?;
        let shift = usize::try_from(exponent.unsigned_abs()).ok()?;
        let mantissa = U512::from(mantissa);

        let times_target = || {
            let product = scaled_k.checked_mul(mantissa)?;
            if exponent < 0 { Some(product.wrapping_shr(shift)) } else { product.checked_shl(shift) }
        };
        let over_target = || {
            let shifted = if exponent < 0 { scaled_k.checked_shl(shift)? } else { scaled_k.wrapping_shr(shift) };
            shifted.checked_div(mantissa)
        };
        let input = |square: Option<U512>, reserve: U512| {
            let amount = square_root(square?).checked_sub(reserve.checked_mul(whole)?)?.checked_div(kept)?;
            U256::checked_from_limbs_slice(amount.as_limbs()).filter(|amount| !amount.is_zero())
        };
        input(times_target(), quote).map(Arbitrage::BuyBase).or_else(|| input(over_target(), base).map(Arbitrage::SellBase))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The short cuts for small factors change nothing.
        #[test]
        fn products_are_checked_products(a: [u64; 4], b: [u64; 4], shifts in [0_usize..256, 0_usize..256], factor: u32) {
            let [a, b] = [U256::from_limbs(a).wrapping_shr(shifts[0]), U256::from_limbs(b).wrapping_shr(shifts[1])];
            prop_assert_eq!(mul(a, b), a.checked_mul(b).ok_or(MathError::MulOverflow));
            prop_assert_eq!(scale(a, factor), a.checked_mul(U256::from(factor)).ok_or(MathError::MulOverflow));
        }
    }
}
