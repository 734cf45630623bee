//! Dimensionless fractions.

use std::fmt;
use std::str::FromStr;

use crate::number::Number;
use crate::text::{self, Spelled, ratio_and_words, serde_as_text, unknown_unit};
use crate::{Expected, UnitError};

/// A finite fraction of a whole, of either sign: "25%", "-20%", "30bp".
///
/// ```
/// use cenote_units::Fraction;
/// let width: Fraction = "10%".parse()?;
/// assert_eq!(width.get(), 0.1);
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Fraction(f64);

impl Fraction {
    /// 0%
    pub const ZERO: Self = Self(0.0);
    /// 100%
    pub const ONE: Self = Self(1.0);

    /// From a plain number: 0.25 is 25%.
    ///
    /// # Errors
    /// [`UnitError::NotFinite`]
    pub fn new(fraction: f64) -> Result<Self, UnitError> {
        text::finite(fraction, Self::EXPECTED).map(Self)
    }

    /// As a plain number: 0.25 for 25%.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl Spelled for Fraction {
    const EXPECTED: Expected = Expected::new("a fraction with its unit", r#""25%" or "30bp""#);
}

impl FromStr for Fraction {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, words) = ratio_and_words(text, Self::EXPECTED)?;
        match words[..] {
            [] => text::to_f64(&number, text, Self::EXPECTED).map(Self),
            _ => Err(unknown_unit(text, &words.join(" "), Self::EXPECTED)),
        }
    }
}

/// In percent: "25%".
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", Number::from_f64(self.0).shifted(2))
    }
}

serde_as_text!(Fraction);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::{finite, same_bits};

    #[test]
    fn percent_and_basis_points_move_the_point_without_rounding() {
        for (text, value) in [
            ("25%", 0.25),
            ("-20%", -0.2),
            ("+25%", 0.25),
            ("30bp", 0.003),
            ("0.3 %", 0.003),
            ("1_000%", 10.0),
            ("5e-1%", 0.005),
            ("-0%", 0.0),
        ] {
            same_bits(text.parse::<Fraction>().unwrap().get(), value);
        }
    }

    #[test]
    fn wrong_spellings_say_the_right_one() {
        let error = "0.25".parse::<Fraction>().unwrap_err();
        assert_eq!(error.to_string(), r#""0.25" has no unit: expected a fraction with its unit, for example "25%" or "30bp""#);
        assert!(matches!("25% per year".parse::<Fraction>(), Err(UnitError::UnknownUnit { unit, .. }) if unit == "per year"));
        assert!(matches!("25 bananas".parse::<Fraction>(), Err(UnitError::UnknownUnit { unit, .. }) if unit == "bananas"));
        assert!(matches!("NaN%".parse::<Fraction>(), Err(UnitError::NotANumber { .. })));
        assert!(matches!("1e400%".parse::<Fraction>(), Err(UnitError::Overflow { .. })));
        assert!(matches!("1e-400%".parse::<Fraction>(), Err(UnitError::Inexact { .. })));
        assert!(matches!(Fraction::new(f64::INFINITY), Err(UnitError::NotFinite { .. })));
        assert!(matches!(Fraction::new(f64::NAN), Err(UnitError::NotFinite { .. })));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_to_the_bit(x in finite()) {
            let fraction = Fraction::new(x).unwrap();
            same_bits(fraction.to_string().parse::<Fraction>().unwrap().get(), fraction.get());
        }
    }
}
