//! Trading fees, exactly.

use std::fmt;
use std::str::FromStr;

use crate::convert::nearest_f64;
use crate::number::{Misfit, Number};
use crate::text::{Spelled, number_and_unit, serde_as_text, unknown_unit};
use crate::{Expected, UnitError};

/// The part of a trade that a pool keeps: at least 0, below 100%, a whole number of 10^-18.
///
/// Spelled in basis points, percent or pips (hundredths of a basis point): "30bp", "0.3%", "3000 pips". 10^-18 is the finest scale
/// a contract uses (Balancer); Curve counts in 10^-10, Uniswap v3 and v4 in 10^-6.
///
/// ```
/// use cenote_units::Fee;
/// let fee: Fee = "0.3%".parse()?;
/// assert_eq!(fee, Fee::bp(30)?);
/// assert_eq!(fee.fraction(), 0.003);
/// assert_eq!(fee.parts_per(1_000), Some(3)); // Uniswap v2: x * 997 / 1000
/// assert_eq!(fee.pips(), Some(3_000));       // Uniswap v3
/// assert_eq!(Fee::bp(25)?.parts_per(1_000), None);
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fee {
    /// In 10^-18 of the amount.
    wad: u64,
}

const ONE: u64 = 1_000_000_000_000_000_000;
const BASIS_POINT: u64 = ONE / 10_000;
const PIP: u64 = ONE / 1_000_000;
const RANGE: &str = "at least 0 and below 100%";

impl Fee {
    /// No fee
    pub const ZERO: Self = Self { wad: 0 };

    /// From basis points: 30 is 0.3%.
    ///
    /// # Errors
    /// [`UnitError::OutOfRange`] from 10 000 on.
    pub fn bp(basis_points: u32) -> Result<Self, UnitError> {
        Self::from_units(u64::from(basis_points), BASIS_POINT).ok_or_else(|| out_of_range(format!("{basis_points}bp")))
    }

    /// From pips, the unit of Uniswap v3 and v4: 3000 is 0.3%.
    ///
    /// # Errors
    /// [`UnitError::OutOfRange`] from 1 000 000 on.
    pub fn from_pips(pips: u32) -> Result<Self, UnitError> {
        Self::from_units(u64::from(pips), PIP).ok_or_else(|| out_of_range(format!("{pips} pips")))
    }

    /// From 10^-18 parts, the unit of Balancer: 3 000 000 000 000 000 is 0.3%.
    ///
    /// # Errors
    /// [`UnitError::OutOfRange`] from 10^18 on.
    pub fn from_wad(wad: u64) -> Result<Self, UnitError> {
        Self::from_units(wad, 1).ok_or_else(|| out_of_range(format!("{wad}e-18")))
    }

    fn from_units(count: u64, unit: u64) -> Option<Self> {
        count.checked_mul(unit).filter(|&wad| wad < ONE).map(|wad| Self { wad })
    }

    /// As a fraction of the amount: 0.003 for 30bp.
    ///
    /// The nearest `f64` for fees of up to 15 digits, that is for every fee in use.
    pub const fn fraction(self) -> f64 {
        let (numerator, denominator) = self.ratio();
        nearest_f64(numerator) / nearest_f64(denominator)
    }

    /// As a fraction in lowest terms, (numerator, denominator): (3, 1000) for 30bp, (0, 1) for none.
    pub const fn ratio(self) -> (u64, u64) {
        let (mut a, mut b) = (ONE, self.wad);
        while b > 0 {
            (a, b) = (b, a % b);
        }
        (self.wad / a, ONE / a)
    }

    /// The numerator over a contract's `denominator`, if that is whole: 3 over 1000 for 30bp, none for 25bp.
    pub const fn parts_per(self, denominator: u64) -> Option<u64> {
        let (numerator, lowest) = self.ratio();
        if denominator == 0 || !denominator.is_multiple_of(lowest) {
            return None;
        }
        // numerator < lowest, hence the product is below `denominator`.
        Some(denominator / lowest * numerator)
    }

    /// In pips, 10^-6 of the amount, if that is whole.
    pub fn pips(self) -> Option<u32> {
        self.parts_per(1_000_000).and_then(|pips| u32::try_from(pips).ok())
    }

    /// In 10^-18 of the amount: always whole.
    pub const fn wad(self) -> u64 {
        self.wad
    }
}

fn out_of_range(text: String) -> UnitError {
    UnitError::OutOfRange { text, limit: RANGE, expected: Fee::EXPECTED }
}

impl Spelled for Fee {
    const EXPECTED: Expected = Expected::new("a fee with its unit", r#""30bp" or "0.3%""#);
}

impl FromStr for Fee {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, unit) = number_and_unit(text, Self::EXPECTED)?;
        let unit = match unit {
            "%" => ONE / 100,
            "bp" | "bps" => BASIS_POINT,
            "pip" | "pips" => PIP,
            _ => return Err(unknown_unit(text, unit, Self::EXPECTED)),
        };
        if number.is_negative() {
            return Err(out_of_range(text.to_owned()));
        }
        match number.whole_units(unit) {
            Ok(wad) if wad < ONE => Ok(Self { wad }),
            Ok(_) | Err(Misfit::TooLarge) => Err(out_of_range(text.to_owned())),
            Err(Misfit::TooFine) => {
                Err(UnitError::Inexact { text: text.to_owned(), limit: "a whole number of 10^-18", expected: Self::EXPECTED })
            }
        }
    }
}

/// In basis points, all digits: "30bp", "0.05bp".
impl fmt::Display for Fee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}bp", Number::from_integer(self.wad, -14))
    }
}

serde_as_text!(Fee);

#[cfg(test)]
mod tests;
