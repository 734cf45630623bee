//! What a unit of gas costs.

use std::fmt;
use std::str::FromStr;

use crate::number::Number;
use crate::text::{self, Spelled, at_least_zero, number_and_words, serde_as_text, unknown_unit};
use crate::{Expected, UnitError};

/// Price of one unit of gas in the chain's native token, finite and not negative: "20 gwei", "3 wei".
///
/// 1 gwei is 10^-9 and 1 wei 10^-18 of the native token.
///
/// ```
/// use cenote_units::GasPrice;
/// let price: GasPrice = "20 gwei".parse()?;
/// assert_eq!(price.native_per_gas(), 20e-9);
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct GasPrice(f64);

const GWEI_PLACES: i64 = 9;
const WEI_PLACES: i64 = 18;
/// Below this, a millionth of a gwei, prices are printed in wei.
const PRINTED_IN_WEI: f64 = 1e-15;

impl GasPrice {
    /// Free gas
    pub const ZERO: Self = Self(0.0);

    /// From native tokens per unit of gas: 20e-9 is 20 gwei.
    ///
    /// # Errors
    /// [`UnitError::NotFinite`], [`UnitError::OutOfRange`] below zero.
    pub fn from_native_per_gas(native: f64) -> Result<Self, UnitError> {
        text::finite_at_least_zero(native, Self::EXPECTED).map(Self)
    }

    /// Native tokens per unit of gas: 20e-9 for 20 gwei.
    pub const fn native_per_gas(self) -> f64 {
        self.0
    }
}

impl Spelled for GasPrice {
    const EXPECTED: Expected = Expected::new("a gas price with its unit", r#""20 gwei" or "3 wei""#);
}

impl FromStr for GasPrice {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, words) = number_and_words(text, Self::EXPECTED)?;
        let places = match words[..] {
            ["gwei"] => GWEI_PLACES,
            ["wei"] => WEI_PLACES,
            _ => return Err(unknown_unit(text, &words.join(" "), Self::EXPECTED)),
        };
        let number = at_least_zero(number, text, Self::EXPECTED)?;
        text::to_f64(&number.shifted(-places), text, Self::EXPECTED).map(Self)
    }
}

/// In gwei, or in wei when it is very small: "20 gwei".
impl fmt::Display for GasPrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = Number::from_f64(self.0);
        if self.0 > 0.0 && self.0 < PRINTED_IN_WEI {
            write!(f, "{} wei", number.shifted(WEI_PLACES))
        } else {
            write!(f, "{} gwei", number.shifted(GWEI_PLACES))
        }
    }
}

serde_as_text!(GasPrice);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::test_support::{not_negative, same_bits};

    #[test]
    fn gwei_and_wei_are_powers_of_ten_of_the_native_token() {
        for (text, native) in [("20 gwei", 20e-9), ("0.05 gwei", 5e-11), ("3 wei", 3e-18), ("0 gwei", 0.0), ("1_000 gwei", 1e-6)] {
            same_bits(text.parse::<GasPrice>().unwrap().native_per_gas(), native);
            assert_eq!(text.parse::<GasPrice>().unwrap().to_string(), text.replace('_', ""));
        }
    }

    #[test]
    fn wrong_spellings_say_the_right_one() {
        let error = "20".parse::<GasPrice>().unwrap_err();
        assert_eq!(error.to_string(), r#""20" has no unit: expected a gas price with its unit, for example "20 gwei" or "3 wei""#);
        for text in ["20 Gwei", "20 ether", "20gwei", "20 gwei per gas"] {
            assert!(matches!(text.parse::<GasPrice>(), Err(UnitError::UnknownUnit { .. })), "{text}");
        }
        assert!(matches!("-20 gwei".parse::<GasPrice>(), Err(UnitError::OutOfRange { .. })));
        assert!(matches!("inf gwei".parse::<GasPrice>(), Err(UnitError::NotANumber { .. })));
        assert!(matches!("1e999 gwei".parse::<GasPrice>(), Err(UnitError::Overflow { .. })));
        assert!(matches!(GasPrice::from_native_per_gas(-1.0), Err(UnitError::OutOfRange { .. })));
        assert!(matches!(GasPrice::from_native_per_gas(f64::NAN), Err(UnitError::NotFinite { .. })));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back_to_the_bit(x in not_negative()) {
            let price = GasPrice::from_native_per_gas(x).unwrap();
            same_bits(price.to_string().parse::<GasPrice>().unwrap().native_per_gas(), price.native_per_gas());
        }
    }
}
