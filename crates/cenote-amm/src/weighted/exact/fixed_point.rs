//! Numbers with 18 decimals and directed rounding: the contracts' `FixedPoint.sol`.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::U256;

use super::log_exp::{self, ten_to};
use crate::weighted::error::{Reason, WeightedError};
use crate::weighted::version::Version;

/// 1 with 18 decimals.
pub(super) const ONE: U256 = ten_to(18);
/// What a power may be off, relative, with 18 decimals: 10⁻¹⁴.
const MAX_POW_RELATIVE_ERROR: U256 = ten_to(4);

type Outcome = Result<U256, WeightedError>;

/// The arithmetic of one generation of the contracts: the same results, but for powers, and other reverts.
///
/// ```
/// use cenote_amm::U256;
/// use cenote_amm::weighted::{FixedPoint, Version};
///
/// let (half, one) = (U256::from(500_000_000_000_000_000_u64), U256::from(1_000_000_000_000_000_000_u64));
/// assert_eq!(FixedPoint(Version::V2).pow_down(half, one)?, U256::from(499_999_999_999_994_999_u64));
/// assert_eq!(FixedPoint(Version::V3).pow_down(half, one)?, half);
/// # Ok::<(), cenote_amm::weighted::WeightedError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedPoint(
    /// Whose arithmetic.
    pub Version,
);

impl FixedPoint {
    pub(super) fn fail(self, reason: Reason) -> WeightedError {
        WeightedError { version: self.0, reason }
    }

    /// `a + b`.
    ///
    /// # Errors
    /// The sum does not fit.
    pub fn add(self, a: U256, b: U256) -> Outcome {
        a.checked_add(b).ok_or(self.fail(Reason::AddOverflow))
    }

    /// `a - b`.
    ///
    /// # Errors
    /// The difference would be negative.
    pub fn sub(self, a: U256, b: U256) -> Outcome {
        a.checked_sub(b).ok_or(self.fail(Reason::SubOverflow))
    }

    /// `a · b` of plain integers.
    ///
    /// # Errors
    /// The product does not fit.
    pub fn mul(self, a: U256, b: U256) -> Outcome {
        a.checked_mul(b).ok_or(self.fail(Reason::MulOverflow))
    }

    /// `a · b` rounded down.
    ///
    /// # Errors
    /// The product does not fit.
    pub fn mul_down(self, a: U256, b: U256) -> Outcome {
        Ok(self.mul(a, b)?.wrapping_div(ONE))
    }

    /// `a · b` rounded up.
    ///
    /// # Errors
    /// The product does not fit.
    pub fn mul_up(self, a: U256, b: U256) -> Outcome {
        Ok(self.mul(a, b)?.div_ceil(ONE))
    }

    /// `a / b` rounded down.
    ///
    /// # Errors
    /// `b` is zero, or `a · 10^18` does not fit; v3 looks at the latter first.
    pub fn div_down(self, a: U256, b: U256) -> Outcome {
        if self.0 == Version::V2 && b.is_zero() {
            return Err(self.fail(Reason::ZeroDivision));
        }
        let inflated = a.checked_mul(ONE).ok_or(self.fail(Reason::DivInternal))?;
        inflated.checked_div(b).ok_or(self.fail(Reason::ZeroDivision))
    }

    /// `a / b` rounded up.
    ///
    /// # Errors
    /// `b` is zero, or `a · 10^18` does not fit.
    pub fn div_up(self, a: U256, b: U256) -> Outcome {
        if b.is_zero() {
            return Err(self.fail(Reason::ZeroDivisionUp));
        }
        Ok(a.checked_mul(ONE).ok_or(self.fail(Reason::DivInternal))?.div_ceil(b))
    }

    /// `a · b / c` of plain integers, rounded down.
    ///
    /// # Errors
    /// The product does not fit, or `c` is zero.
    pub fn mul_div_down(self, a: U256, b: U256, c: U256) -> Outcome {
        self.mul(a, b)?.checked_div(c).ok_or(self.fail(Reason::ZeroDivision))
    }

    /// `a · b / c` of plain integers, rounded up.
    ///
    /// # Errors
    /// `c` is zero, or the product does not fit.
    pub fn mul_div_up(self, a: U256, b: U256, c: U256) -> Outcome {
        if c.is_zero() {
            return Err(self.fail(Reason::ZeroDivisionUp));
        }
        Ok(self.mul(a, b)?.div_ceil(c))
    }

    /// `x^y`, surely not above the true power; no less than 0.
    ///
    /// # Errors
    /// Base, exponent or result are out of bounds.
    pub fn pow_down(self, x: U256, y: U256) -> Outcome {
        if let Some(power) = self.whole_power(x, y, Self::mul_down) {
            return power;
        }
        let (raw, error) = self.raw_power(x, y)?;
        Ok(raw.saturating_sub(error))
    }

    /// `x^y`, surely not below the true power.
    ///
    /// # Errors
    /// Base, exponent or result are out of bounds.
    pub fn pow_up(self, x: U256, y: U256) -> Outcome {
        if let Some(power) = self.whole_power(x, y, Self::mul_up) {
            return power;
        }
        let (raw, error) = self.raw_power(x, y)?;
        self.add(raw, error)
    }

    /// `1 - x`; 0 if that is negative.
    #[must_use]
    pub fn complement(self, x: U256) -> U256 {
        ONE.saturating_sub(x)
    }

    /// The powers that v3 gets by multiplication.
    fn whole_power(self, x: U256, y: U256, mul: fn(Self, U256, U256) -> Outcome) -> Option<Outcome> {
        if self.0 == Version::V2 {
            return None;
        }
        let square = |x: U256| mul(self, x, x);
        match y.checked_div(ONE).filter(|whole| whole.checked_mul(ONE) == Some(y)).map(|whole| whole.saturating_to::<u64>())? {
            1 => Some(Ok(x)),
            2 => Some(square(x)),
            4 => Some(square(x).and_then(square)),
            _ => None,
        }
    }

    /// A power by logarithm and exponential, and what it may be off.
    fn raw_power(self, x: U256, y: U256) -> Result<(U256, U256), WeightedError> {
        let raw = log_exp::pow(x, y).map_err(|reason| self.fail(reason))?;
        Ok((raw, self.add(self.mul_up(raw, MAX_POW_RELATIVE_ERROR)?, U256::ONE)?))
    }
}
