//! The seam between the lanes: shares for assets and assets for shares, and what fees come to.

use cenote_amm::{Exact, Fast, Lane, U256};

use super::error::VaultError;

/// Which way a conversion rounds. The fast lane does not care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Down.
    Down,
    /// Up.
    Up,
}

/// The leaf formulas of a vault, written once per lane.
///
/// Implemented by [`Exact`] and [`Fast`] only.
pub trait Formulas: Lane {
    /// Assets and shares that nobody owns and that every conversion adds: 1 and 10^offset of the smallest units.
    fn virtual_amounts(decimals: u8, offset: u8) -> (Self::Amount, Self::Amount);

    /// `amount·(to + virtual)/(from + virtual)`: shares for assets or assets for shares.
    ///
    /// # Errors
    /// It does not fit.
    fn convert(
        amount: Self::Amount,
        to: (Self::Amount, Self::Amount),
        from: (Self::Amount, Self::Amount),
        rounding: Rounding,
    ) -> Result<Self::Amount, VaultError>;

    /// The part in billionths of an amount, rounded down.
    ///
    /// # Errors
    /// It does not fit.
    fn part(amount: Self::Amount, billionths: u64) -> Result<Self::Amount, VaultError>;

    /// The part in billionths per year of an amount over this time, rounded down.
    ///
    /// # Errors
    /// It does not fit.
    fn part_over(amount: Self::Amount, billionths_per_year: u64, seconds: u64) -> Result<Self::Amount, VaultError>;

    /// `a − b`. In the fast lane a difference that is negative by no more than roundings is nothing.
    fn less(a: Self::Amount, b: Self::Amount) -> Option<Self::Amount>;
}

const SECONDS_PER_YEAR: u64 = 31_536_000;
const BILLION: u64 = 1_000_000_000;

fn mul_div(a: U256, b: U256, denominator: U256, rounding: Rounding) -> Result<U256, VaultError> {
    use cenote_amm::concentrated::full_math;
    let quotient = match rounding {
        Rounding::Down => full_math::mul_div(a, b, denominator),
        Rounding::Up => full_math::mul_div_rounding_up(a, b, denominator),
    };
    quotient.map_err(|_| VaultError::Overflow)
}

impl Formulas for Exact {
    fn virtual_amounts(_decimals: u8, offset: u8) -> (U256, U256) {
        (U256::ONE, U256::from(10).wrapping_pow(U256::from(offset)))
    }

    /// Source: `ERC4626._convertToShares`, `_convertToAssets` with `Math.mulDiv`.
    fn convert(amount: U256, to: (U256, U256), from: (U256, U256), rounding: Rounding) -> Result<U256, VaultError> {
        let sum = |(amount, added): (U256, U256)| amount.checked_add(added).ok_or(VaultError::Overflow);
        mul_div(amount, sum(to)?, sum(from)?, rounding)
    }

    fn part(amount: U256, billionths: u64) -> Result<U256, VaultError> {
        mul_div(amount, U256::from(billionths), U256::from(BILLION), Rounding::Down)
    }

    fn part_over(amount: U256, billionths_per_year: u64, seconds: u64) -> Result<U256, VaultError> {
        let part = U256::from(billionths_per_year).wrapping_mul(U256::from(seconds));
        mul_div(amount, part, U256::from(BILLION).wrapping_mul(U256::from(SECONDS_PER_YEAR)), Rounding::Down)
    }

    fn less(a: U256, b: U256) -> Option<U256> {
        a.checked_sub(b)
    }
}

/// Parts of an amount that roundings may take from it or add to it.
const ROUNDINGS: f64 = 1e-12;

fn finite(number: f64) -> Result<f64, VaultError> {
    if Fast::is_valid(number) { Ok(number) } else { Err(VaultError::Overflow) }
}

#[expect(clippy::cast_precision_loss, reason = "rounding to the nearest is what it is for")]
fn nearest_f64(x: u64) -> f64 {
    x as f64
}

impl Formulas for Fast {
    /// Whole assets and whole shares, of which a vault's tokens have `decimals + offset` decimals.
    fn virtual_amounts(decimals: u8, _offset: u8) -> (f64, f64) {
        let unit = 1.0 / Exact::scale(decimals);
        (unit, unit)
    }

    fn convert(amount: f64, to: (f64, f64), from: (f64, f64), _rounding: Rounding) -> Result<f64, VaultError> {
        finite(amount * ((to.0 + to.1) / (from.0 + from.1)))
    }

    fn part(amount: f64, billionths: u64) -> Result<f64, VaultError> {
        finite(amount * (nearest_f64(billionths) / 1e9))
    }

    fn part_over(amount: f64, billionths_per_year: u64, seconds: u64) -> Result<f64, VaultError> {
        finite(amount * (nearest_f64(billionths_per_year) / 1e9) * (nearest_f64(seconds) / nearest_f64(SECONDS_PER_YEAR)))
    }

    fn less(a: f64, b: f64) -> Option<f64> {
        if a >= b { Some(a - b) } else { (b - a <= b * ROUNDINGS).then_some(0.0) }
    }
}
