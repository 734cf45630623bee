//! The formulas that differ between the lanes.

use core::fmt::Debug;

use cenote_amm::concentrated::full_math::mul_div;
use cenote_amm::{Exact, Fast, MathError, U256};

use crate::farm::Arithmetic;
use crate::farm::arithmetic::float;

/// `PRECISION`: rates per second are 10^12 times what they mean.
const PRECISION: u64 = 1_000_000_000_000;

/// 2^128.
const Q128: U256 = U256::from_limbs([0, 0, 1, 0]);

/// Rewards per unit of liquidity, as [`MasterChefV3`](super::MasterChefV3) computes them in an arithmetic.
pub trait Growth: Arithmetic {
    /// Q128.128 modulo 2^256, or a float.
    type Growth: Copy + Debug + Default + PartialEq + Send + Sync + 'static;

    /// A rate from what is handed out over a time: times 10^12 and rounded down in [`Exact`].
    ///
    /// # Errors
    /// [`MathError::MulOverflow`], [`MathError::DivisionByZero`].
    fn rate(amount: Self::Amount, seconds: u64) -> Result<Self::Amount, MathError>;

    /// What a rate comes to over a time.
    ///
    /// # Errors
    /// [`MathError::MulOverflow`].
    fn emitted(rate: Self::Amount, seconds: u64) -> Result<Self::Amount, MathError>;

    /// A growth and what `seconds` at `rate` add to it for each unit of liquidity.
    ///
    /// # Errors
    /// [`MathError::MulOverflow`].
    fn raised(growth: Self::Growth, rate: Self::Amount, seconds: u64, liquidity: u128) -> Result<Self::Growth, MathError>;

    /// `a − b`, which may be less than nothing: the contract's numbers go round.
    fn less(a: Self::Growth, b: Self::Growth) -> Self::Growth;

    /// What liquidity has got while growth inside its range went from `then` to `now`; nothing where the contract finds that it fell, going round
    /// included.
    fn earned(now: Self::Growth, then: Self::Growth, liquidity: u128) -> Self::Amount;

    /// For reading; of [`Exact`], divided by 2^128.
    fn growth_to_f64(growth: Self::Growth) -> f64;
}

impl Growth for Exact {
    type Growth = U256;

    fn rate(amount: U256, seconds: u64) -> Result<U256, MathError> {
        Self::over(Self::times(amount, PRECISION.into())?, seconds.into())
    }

    fn emitted(rate: U256, seconds: u64) -> Result<U256, MathError> {
        Self::over(Self::times(rate, seconds.into())?, PRECISION.into())
    }

    fn raised(growth: U256, rate: U256, seconds: u64, liquidity: u128) -> Result<U256, MathError> {
        let full = |a, b, c| mul_div(a, b, c).map_err(|_| MathError::MulOverflow);
        let per_second = full(rate, Q128, U256::from(PRECISION))?;
        Ok(growth.wrapping_add(full(U256::from(seconds), per_second, U256::from(liquidity))?))
    }

    fn less(a: U256, b: U256) -> U256 {
        a.wrapping_sub(b)
    }

    fn earned(now: U256, then: U256, liquidity: u128) -> U256 {
        let (grown, liquidity) = (now.wrapping_sub(then), U256::from(liquidity));
        // `MAX_U256 / grown > liquidity`: the product fits.
        let fits = U256::MAX.checked_div(grown).is_some_and(|most| most > liquidity);
        if now > then && fits { grown.wrapping_mul(liquidity).wrapping_shr(128) } else { U256::ZERO }
    }

    fn growth_to_f64(growth: U256) -> f64 {
        f64::from(growth) / f64::from(Q128)
    }
}

impl Growth for Fast {
    type Growth = f64;

    fn rate(amount: f64, seconds: u64) -> Result<f64, MathError> {
        Self::over(amount, seconds.into())
    }

    fn emitted(rate: f64, seconds: u64) -> Result<f64, MathError> {
        Self::times(rate, seconds.into())
    }

    fn raised(growth: f64, rate: f64, seconds: u64, liquidity: u128) -> Result<f64, MathError> {
        let raised = growth + rate * float(seconds.into()) / float(liquidity);
        if raised < f64::INFINITY { Ok(raised) } else { Err(MathError::MulOverflow) }
    }

    fn less(a: f64, b: f64) -> f64 {
        a - b
    }

    /// Below zero is what the contract's numbers go round to: more than anything above it.
    fn earned(now: f64, then: f64, liquidity: u128) -> f64 {
        if now > then && (now < 0.0) == (then < 0.0) { (now - then) * float(liquidity) } else { 0.0 }
    }

    fn growth_to_f64(growth: f64) -> f64 {
        growth
    }
}
