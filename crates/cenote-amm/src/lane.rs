//! The two arithmetics: [`Exact`] integers as the deployed contract computes them, [`Fast`] floating point for Monte Carlo.
//!
//! Bookkeeping (reserves, LP-token ledgers, order of checks) is written once, generic over [`Lane`]; only the leaf formulas of a
//! pool family exist twice, because directed rounding *is* the exact algorithm and is noise in floating point.

use core::fmt::{Debug, Display};

use ruint::aliases::U256;

use crate::{concentrated, constant_product, integer, stableswap, weighted};

mod sealed {
    /// Only this crate has lanes: the engines rely on what [`super::Lane`] promises.
    pub trait Sealed {}
    impl Sealed for super::Exact {}
    impl Sealed for super::Fast {}
}

/// An arithmetic a pool can run in.
///
/// Sealed: [`Exact`] and [`Fast`] are the two lanes there are. The helpers are *checked*: a result that the lane cannot represent
/// (an integer out of range, a float that is not finite, a negative difference) is `None`, never a wrapped or masked number.
pub trait Lane: sealed::Sealed + Copy + Debug + Default + PartialEq + Eq + Send + Sync + 'static {
    /// An amount of a token or of LP tokens, never negative.
    ///
    /// Unit: [`Exact`] counts smallest units (wei); [`Fast`] counts whole tokens by convention.
    type Amount: Copy + Debug + Display + Default + PartialEq + PartialOrd + Send + Sync + 'static;

    /// The constant-product formulas in this arithmetic.
    type ConstantProduct: constant_product::Formulas<Amount = Self::Amount>;

    /// The concentrated-liquidity formulas in this arithmetic.
    type Concentrated: concentrated::Formulas<Amount = Self::Amount>;

    /// The formulas of weighted pools in this arithmetic.
    type Weighted: weighted::Formulas<Amount = Self::Amount>;

    /// The `StableSwap` formulas in this arithmetic.
    type StableSwap: stableswap::Formulas<Amount = Self::Amount>;

    /// The lane's name, `"exact"` or `"fast"`.
    const NAME: &'static str;

    /// No tokens.
    const ZERO: Self::Amount;

    /// The amount nearest to `value` that is not above it.
    ///
    /// `value` is in the lane's own unit: multiply whole tokens by [`scale`](Self::scale) first. `None` if `value` is negative,
    /// not a number, infinite or too large for the lane.
    fn amount_from_f64(value: f64) -> Option<Self::Amount>;

    /// The floating-point number nearest to `amount`, in the lane's own unit.
    fn amount_to_f64(amount: Self::Amount) -> f64;

    /// How many of the lane's units make one whole token of a token with `decimals`: 10^decimals in [`Exact`], 1 in [`Fast`].
    fn scale(decimals: u8) -> f64;

    /// Whether `amount` is an amount at all: always true of an integer, false of a NaN, an infinity or a negative number.
    fn is_valid(amount: Self::Amount) -> bool;

    /// Whether `amount` is nothing.
    fn is_zero(amount: Self::Amount) -> bool;

    /// `a + b`, if the lane can represent it.
    fn checked_add(a: Self::Amount, b: Self::Amount) -> Option<Self::Amount>;

    /// `a - b`, if it is not negative.
    fn checked_sub(a: Self::Amount, b: Self::Amount) -> Option<Self::Amount>;
}

/// Integers with the deployed contract's widths, rounding, order of checks and reverts. Amounts are [`U256`] smallest units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exact;

/// `f64` for Monte Carlo, within a stated and tested relative error of [`Exact`]. Amounts are whole tokens by convention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fast;

impl Lane for Exact {
    type Amount = U256;
    type ConstantProduct = Exact;
    type Concentrated = Exact;
    type StableSwap = Exact;
    type Weighted = Exact;

    const NAME: &'static str = "exact";
    const ZERO: U256 = U256::ZERO;

    #[inline]
    fn amount_from_f64(value: f64) -> Option<U256> {
        integer::truncate(value)
    }

    #[inline]
    fn amount_to_f64(amount: U256) -> f64 {
        f64::from(amount)
    }

    #[inline]
    fn scale(decimals: u8) -> f64 {
        power_of_ten(decimals)
    }

    #[inline(always)]
    fn is_valid(_amount: U256) -> bool {
        true
    }

    #[inline(always)]
    fn is_zero(amount: U256) -> bool {
        integer::limbs::is_zero(amount.as_limbs())
    }

    #[inline(always)]
    fn checked_add(a: U256, b: U256) -> Option<U256> {
        integer::checked_add(a, b)
    }

    #[inline(always)]
    fn checked_sub(a: U256, b: U256) -> Option<U256> {
        integer::checked_sub(a, b)
    }
}

impl Lane for Fast {
    type Amount = f64;
    type ConstantProduct = Fast;
    type Concentrated = Fast;
    type StableSwap = Fast;
    type Weighted = Fast;

    const NAME: &'static str = "fast";
    const ZERO: f64 = 0.0;

    #[inline]
    fn amount_from_f64(value: f64) -> Option<f64> {
        Self::is_valid(value).then_some(value)
    }

    #[inline]
    fn amount_to_f64(amount: f64) -> f64 {
        amount
    }

    #[inline]
    fn scale(_decimals: u8) -> f64 {
        1.0
    }

    #[inline(always)]
    fn is_valid(amount: f64) -> bool {
        (0.0..=f64::MAX).contains(&amount)
    }

    #[inline(always)]
    fn is_zero(amount: f64) -> bool {
        amount == 0.0
    }

    #[inline(always)]
    fn checked_add(a: f64, b: f64) -> Option<f64> {
        let sum = a + b;
        (sum < f64::INFINITY).then_some(sum)
    }

    #[inline(always)]
    fn checked_sub(a: f64, b: f64) -> Option<f64> {
        (a >= b).then_some(a - b)
    }
}

/// 10^exponent in `f64`: exact up to 10^22, then rounded once per factor.
pub(crate) fn power_of_ten(exponent: u8) -> f64 {
    let mut power = 1.0;
    for _ in 0..exponent {
        power *= 10.0;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_from_floats_truncate_toward_zero() {
        assert_eq!(Exact::amount_from_f64(0.0), Some(U256::ZERO));
        assert_eq!(Exact::amount_from_f64(0.999_999), Some(U256::ZERO));
        assert_eq!(Exact::amount_from_f64(1.0), Some(U256::from(1)));
        assert_eq!(Exact::amount_from_f64(2.75), Some(U256::from(2)));
        assert_eq!(Exact::amount_from_f64(1e18), Some(U256::from(1_000_000_000_000_000_000_u64)));
        assert_eq!(Exact::amount_from_f64(1e30), Some(U256::from(1e30_f64)));
        assert_eq!(Exact::amount_from_f64(f64::MIN_POSITIVE / 4.0), Some(U256::ZERO));
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for bad in [-1.0, -0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Exact::amount_from_f64(bad), None, "{bad}");
            assert_eq!(Fast::amount_from_f64(bad), None, "{bad}");
        }
        assert_eq!(Exact::amount_from_f64(1e78), None);
        assert!(Exact::amount_from_f64(1e77).is_some());
        assert_eq!(Fast::checked_sub(1.0, 2.0), None);
        assert_eq!(Fast::checked_add(f64::MAX, f64::MAX), None);
    }

    #[test]
    fn a_float_survives_the_trip_through_an_integer() {
        for value in [0.0, 1.0, 3.0, 2f64.powi(53) - 1.0, 2f64.powi(200), 1e40, 123_456_789.0] {
            assert_eq!(Exact::amount_to_f64(Exact::amount_from_f64(value).unwrap()), value);
        }
    }

    #[test]
    fn scales_count_units_per_token() {
        assert_eq!(Exact::scale(6), 1e6);
        assert_eq!(Exact::scale(18), 1e18);
        assert_eq!(Fast::scale(18), 1.0);
    }
}
