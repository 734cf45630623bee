//! The formulas in the contract's integers: its widths, its rounding, its overflow checks in its order.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::{U256, U512};

use super::fee::SwapFee;
use super::formulas::{Arbitrage, Formulas, OrdinarySwap};
use super::protocol_fee::ProtocolFee;
use crate::error::{MathError, SwapError};
use crate::integer::limbs::{at_most, limbs, low, product};
use crate::integer::{self, Dyadic, division, narrow, over_small, square_root, widen};
use crate::lane::Exact;

/// `SafeMath`'s operators.
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

/// `a * factor` for the small integers of fees: two limbs times one, in the usual case.
#[inline]
fn scale(a: U256, factor: u32) -> Result<U256, MathError> {
    match narrow(a) {
        Some(a) => {
            let [p0, p1, p2] = product(&limbs(a), &[u64::from(factor)]);
            Ok(U256::from_limbs([p0, p1, p2, 0]))
        }
        None => mul(a, U256::from(factor)),
    }
}

#[inline]
fn div(a: U256, b: U256) -> Result<U256, MathError> {
    integer::div(a, b).ok_or(MathError::DivisionByZero)
}

/// `a * b / c` for factors of 128 bits: two limbs of divisor, or one.
#[inline(always)]
fn mul_div(a: u128, b: u128, c: u128) -> Result<U256, MathError> {
    let product = product(&limbs(a), &limbs(b));
    let quotient = match limbs(c) {
        [0, 0] => return Err(MathError::DivisionByZero),
        [c0, 0] => division::divide_by::<4, 1>(&product, &[c0]).0,
        divisor => division::divide_by::<4, 2>(&product, &divisor).0,
    };
    Ok(U256::from_limbs(quotient))
}

/// `amountIn·997` and `reserveIn·1000 + amountIn·997`, if they have no more than 128 bits, as they have with reserves of 112.
#[inline(always)]
fn narrow_ratio(amount_in: U256, reserve_in: U256, fee: &SwapFee) -> Option<(u128, u128)> {
    let with_fee = narrow(amount_in)?.checked_mul(u128::from(fee.kept_numerator()))?;
    let whole = narrow(reserve_in)?.checked_mul(u128::from(fee.denominator()))?;
    Some((with_fee, whole.checked_add(with_fee)?))
}

/// A balance without the fee on what came in.
#[inline(always)]
fn adjusted(balance: u128, amount_in: u128, taken: u128, whole: u128) -> Option<u128> {
    balance.checked_mul(whole)?.checked_sub(amount_in.checked_mul(taken)?)
}

/// [`keeps_k`](Formulas::keeps_k) where no number on the way has more bits than usual; where one has, the contract's operators say
/// whether it overflows.
#[inline(always)]
fn keeps_narrow_k(reserves: [U256; 2], balances: [U256; 2], amounts_in: [U256; 2], fee: &SwapFee) -> Option<bool> {
    let (taken, whole) = (u128::from(fee.numerator()), u128::from(fee.denominator()));
    let adjusted0 = adjusted(narrow(balances[0])?, narrow(amounts_in[0])?, taken, whole)?;
    let adjusted1 = adjusted(narrow(balances[1])?, narrow(amounts_in[1])?, taken, whole)?;
    let after: [u64; 4] = product(&limbs(adjusted0), &limbs(adjusted1));
    let k: [u64; 4] = product(&limbs(narrow(reserves[0])?), &limbs(narrow(reserves[1])?));
    let [before @ .., beyond] = product::<4, 1, 5>(&k, &[low(whole.wrapping_mul(whole))]);
    (beyond == 0).then_some(at_most(&before, &after))
}

impl Formulas for Exact {
    type Amount = U256;

    /// `amountIn·997·reserveOut / (reserveIn·1000 + amountIn·997)`, rounded down.
    #[inline(always)]
    fn amount_out(amount_in: U256, reserve_in: U256, reserve_out: U256, fee: &SwapFee) -> Result<U256, SwapError> {
        if amount_in.is_zero() {
            return Err(SwapError::InsufficientInputAmount);
        }
        if reserve_in.is_zero() || reserve_out.is_zero() {
            return Err(SwapError::EmptyReserve);
        }
        if let (Some((with_fee, denominator)), Some(reserve_out)) = (narrow_ratio(amount_in, reserve_in, fee), narrow(reserve_out))
        {
            return Ok(mul_div(with_fee, reserve_out, denominator)?);
        }
        let with_fee = scale(amount_in, fee.kept_numerator())?;
        let numerator = mul(with_fee, reserve_out)?;
        let denominator = add(scale(reserve_in, fee.denominator())?, with_fee)?;
        Ok(div(numerator, denominator)?)
    }

    /// Balances of 112 bits, and a fee in integers of 16: `(reserveIn + amountIn)·1000` bounds all there is on the way, and has 128,
    /// and the pair's k is kept (see [`surely_keeps_k`](Formulas::surely_keeps_k)).
    #[inline(always)]
    fn ordinary_swap(amount_in: U256, reserves: [U256; 2], balances: [U256; 2], fee: &SwapFee) -> Option<OrdinarySwap<U256>> {
        let (paid, [reserve_in, reserve_out]) = (narrow(amount_in)?, [narrow(reserves[0])?, narrow(reserves[1])?]);
        let [balance_in, balance_out] = [narrow(balances[0])?, narrow(balances[1])?];
        let paid_up = balance_in.checked_add(paid)?;
        let held = paid_up | balance_out;
        if held >> 112 != 0 || fee.denominator() > 1 << 16 || balance_in < reserve_in || balance_out < reserve_out {
            return None;
        }
        if paid == 0 || reserve_in == 0 || reserve_out == 0 {
            return None;
        }
        let with_fee = paid.wrapping_mul(u128::from(fee.kept_numerator()));
        let denominator = reserve_in.wrapping_mul(u128::from(fee.denominator())).wrapping_add(with_fee);
        // Less than the reserve, since there is another.
        let out = narrow(mul_div(with_fee, reserve_out, denominator).ok()?)?;
        if out == 0 {
            return None;
        }
        let (fee, _) = over_small(paid.wrapping_mul(u128::from(fee.numerator())), fee.denominator());
        let balances = [widen(paid_up), widen(balance_out.wrapping_sub(out))];
        Some(OrdinarySwap { amount_out: widen(out), fee: widen(fee), balances })
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
    #[inline(always)]
    fn fee_part(amount_in: U256, fee: &SwapFee) -> U256 {
        if let Some(product) = narrow(amount_in).and_then(|amount_in| amount_in.checked_mul(u128::from(fee.numerator()))) {
            return widen(over_small(product, fee.denominator()).0);
        }
        let product = amount_in.saturating_mul(U256::from(fee.numerator()));
        integer::div(product, U256::from(fee.denominator())).unwrap_or(U256::ZERO)
    }

    #[inline(always)]
    fn keeps_k(reserves: [U256; 2], balances: [U256; 2], amounts_in: [U256; 2], fee: &SwapFee) -> Result<bool, MathError> {
        if let Some(keeps) = keeps_narrow_k(reserves, balances, amounts_in, fee) {
            return Ok(keeps);
        }
        let (taken, whole) = (fee.numerator(), fee.denominator());
        let adjusted0 = sub(scale(balances[0], whole)?, scale(amounts_in[0], taken)?)?;
        let adjusted1 = sub(scale(balances[1], whole)?, scale(amounts_in[1], taken)?)?;
        let after = mul(adjusted0, adjusted1)?;
        let before = scale(scale(mul(reserves[0], reserves[1])?, whole)?, whole)?;
        Ok(after >= before)
    }

    /// Balances of 112 bits times 16 bits of fee are 128 bits, and their product 256.
    #[inline(always)]
    fn surely_keeps_k(balances: [U256; 2], fee: &SwapFee) -> bool {
        Self::fits(balances[0]) && Self::fits(balances[1]) && fee.denominator() <= 1 << 16
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

    #[inline(always)]
    fn fits(balance: U256) -> bool {
        let [_, b1, b2, b3] = *balance.as_limbs();
        b2 | b3 | (b1 >> 48) == 0
    }

    /// `UQ112x112`: (quote · 2^112 / base) · elapsed, the sum modulo 2^256 as the contract means it to be.
    #[inline]
    fn accumulate(cumulative: U256, reserve_base: U256, reserve_quote: U256, elapsed: u32) -> U256 {
        let price = integer::div(reserve_quote.wrapping_shl(112), reserve_base).unwrap_or(U256::ZERO);
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
    #![allow(clippy::arithmetic_side_effects)]

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

        /// The short cuts for small factors change nothing.
        #[test]
        fn products_are_checked_products(a: [u64; 4], b: [u64; 4], shifts in [0_usize..256, 0_usize..256], factor: u32) {
            let [a, b] = [U256::from_limbs(a).wrapping_shr(shifts[0]), U256::from_limbs(b).wrapping_shr(shifts[1])];
            prop_assert_eq!(mul(a, b), a.checked_mul(b).ok_or(MathError::MulOverflow));
            prop_assert_eq!(scale(a, factor), a.checked_mul(U256::from(factor)).ok_or(MathError::MulOverflow));
        }

        /// Nor do those of whole formulas, at reserves of any size and with any fee.
        #[test]
        fn formulas_are_the_contracts(words: [[u64; 4]; 3], shifts in [0_usize..256, 0_usize..256, 0_usize..256], pips in 0_u32..1_000_000, rough: bool) {
            let [amount, x, y] = [0, 1, 2].map(|place| U256::from_limbs(words[place]).wrapping_shr(shifts[place]));
            let fee = if rough { SwapFee::UNISWAP_V2 } else { SwapFee::from_pips(pips).unwrap() };
            let (kept, whole) = (U256::from(fee.kept_numerator()), U256::from(fee.denominator()));
            let plain = || {
                let with_fee = amount.checked_mul(kept)?;
                let numerator = with_fee.checked_mul(y)?;
                numerator.checked_div(x.checked_mul(whole)?.checked_add(with_fee)?)
            };
            if amount.is_zero() || x.is_zero() || y.is_zero() {
                return Ok(());
            }
            let out = Exact::amount_out(amount, x, y, &fee);
            prop_assert_eq!(out.ok(), plain());
            let taken = U256::from(fee.numerator());
            let part = U512::from(amount) * U512::from(taken) / U512::from(whole);
            prop_assert!(amount.checked_mul(taken).is_none() || U512::from(Exact::fee_part(amount, &fee)) == part);

            // What is swapped without a second look is what would have been swapped with it.
            for surplus in [[0, 0], [1, 0], [7, 1_u64 << 60]].map(|surplus| surplus.map(U256::from)) {
                let balances = [x.saturating_add(surplus[0]), y.saturating_add(surplus[1])];
                if let Some(swap) = Exact::ordinary_swap(amount, [x, y], balances, &fee) {
                    prop_assert_eq!(Ok(swap.amount_out), out);
                    prop_assert_eq!(swap.fee, Exact::fee_part(amount, &fee));
                    prop_assert_eq!(swap.balances, [balances[0] + amount, balances[1] - swap.amount_out]);
                    prop_assert!(!swap.amount_out.is_zero() && swap.amount_out < y && swap.balances.into_iter().all(Exact::fits));
                    let paid = [surplus[0] + amount, surplus[1]];
                    prop_assert_eq!(Exact::keeps_k([x, y], swap.balances, paid, &fee), Ok(true));
                }
            }

            let Some((paid_up, left)) = out.ok().and_then(|out| Some((x.checked_add(amount)?, y.checked_sub(out)?))) else { return Ok(()) };
            for left in [left, left.saturating_sub(U256::ONE), left.saturating_add(U256::ONE)] {
                let keeps = || {
                    let after = paid_up.checked_mul(whole)?.checked_sub(amount.checked_mul(taken)?)?.checked_mul(left.checked_mul(whole)?)?;
                    Some(after >= x.checked_mul(y)?.checked_mul(whole)?.checked_mul(whole)?)
                };
                prop_assert_eq!(Exact::keeps_k([x, y], [paid_up, left], [amount, U256::ZERO], &fee).ok(), keeps());
            }
            // More than the price was paid in by, so as somebody else's donation is.
            let donated = [paid_up.saturating_add(x >> 3), left];
            if Exact::surely_keeps_k(donated, &fee) {
                prop_assert_eq!(Exact::keeps_k([x, y], [paid_up, left], [amount, U256::ZERO], &fee), Ok(true));
                prop_assert_eq!(Exact::keeps_k([x, y], donated, [donated[0] - x, U256::ZERO], &fee), Ok(true));
                if let Ok(paid) = Exact::amount_in(y - left, x, y, &fee) {
                    prop_assert_eq!(Exact::keeps_k([x, y], [x + paid, left], [paid, U256::ZERO], &fee), Ok(true));
                }
            }
        }
    }
}
