//! What one token costs in another.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::amount::{does_not_fit, to_decimal};
use crate::decimal;
use crate::text::{Spelled, number_and_words, serde_as_text, unknown_unit};
use crate::{Expected, Symbol, TokenAmount, UnitError};

/// So many of `quote` per one of `base`: "2000 USDC per ETH". Exact and above zero; the two tokens differ.
///
/// ```
/// use cenote_units::Price;
/// let price: Price = "2000 USDC per ETH".parse()?;
/// assert_eq!(price.base(), "ETH");
/// assert_eq!(price.quote(), "USDC");
/// assert_eq!(price.convert(&"1.5 ETH".parse()?)?.to_string(), "3000 USDC");
/// assert_eq!(price.invert()?.to_string(), "0.0005 ETH per USDC");
/// # Ok::<(), cenote_units::UnitError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Price {
    value: Decimal,
    base: Symbol,
    quote: Symbol,
}

impl Price {
    /// `value` of `quote` per one of `base`.
    ///
    /// # Errors
    /// [`UnitError::OutOfRange`] unless `value` is above zero; [`UnitError::SameToken`].
    pub fn new(value: Decimal, base: Symbol, quote: Symbol) -> Result<Self, UnitError> {
        let value = value.normalize();
        let text = || format!("{value} {quote} per {base}");
        if value <= Decimal::ZERO {
            return Err(UnitError::OutOfRange { text: text(), limit: "above 0", expected: Self::EXPECTED });
        }
        if base == quote {
            return Err(UnitError::SameToken { text: text(), symbol: base, expected: Self::EXPECTED });
        }
        Ok(Self { value, base, quote })
    }

    /// Read the price of `base`: "2000 USDC", or in full "2000 USDC per ETH".
    ///
    /// ```
    /// use cenote_units::{Price, Symbol};
    /// let price = Price::parse_for(&Symbol::new("ETH")?, "2000 USDC")?;
    /// assert_eq!(price, "2000 USDC per ETH".parse()?);
    /// # Ok::<(), cenote_units::UnitError>(())
    /// ```
    ///
    /// # Errors
    /// [`UnitError::WrongToken`] if the full form prices another token; otherwise as for the full form.
    pub fn parse_for(base: &Symbol, text: &str) -> Result<Self, UnitError> {
        const EXPECTED: Expected = Expected::new("a price in another token", r#""2000 USDC""#);
        let (number, words) = number_and_words(text, EXPECTED)?;
        match words[..] {
            [quote] => Self::new(to_decimal(&number, text, EXPECTED)?, base.clone(), Symbol::new(quote)?),
            [_, "per", found] if *base == found => text.parse(),
            [_, "per", found] => Err(UnitError::WrongToken { expected: base.clone(), found: Symbol::new(found)? }),
            _ => Err(unknown_unit(text, &words.join(" "), EXPECTED)),
        }
    }

    /// `quote` per one of `base`.
    pub const fn value(&self) -> Decimal {
        self.value
    }

    /// `quote` per one of `base`, the nearest `f64`.
    pub fn to_f64(&self) -> f64 {
        decimal::to_f64(self.value)
    }

    /// The token that is priced.
    pub const fn base(&self) -> &Symbol {
        &self.base
    }

    /// The token it is priced in.
    pub const fn quote(&self) -> &Symbol {
        &self.quote
    }

    /// The price of `quote` in `base`, if that is exact: 2000 has the inverse 0.0005, 3 has none.
    ///
    /// # Errors
    /// [`UnitError::Inexact`]; [`Price::invert_rounded`] always has an answer.
    pub fn invert(&self) -> Result<Self, UnitError> {
        match decimal::reciprocal(self.value) {
            Some(value) => Ok(self.inverse(value)),
            None => Err(UnitError::Inexact {
                text: format!("1 / ({self})"),
                limit: "a decimal of at most 28 places, or rounded on purpose",
                expected: Self::EXPECTED,
            }),
        }
    }

    /// The price of `quote` in `base`, rounded to what a `Decimal` holds (28 decimals).
    ///
    /// # Errors
    /// [`UnitError::OutOfRange`] if that rounds to zero.
    pub fn invert_rounded(&self) -> Result<Self, UnitError> {
        match Decimal::ONE.checked_div(self.value).map(|value| value.normalize()) {
            Some(value) if value > Decimal::ZERO => Ok(self.inverse(value)),
            _ => Err(UnitError::OutOfRange { text: format!("1 / ({self})"), limit: "at least 10^-28", expected: Self::EXPECTED }),
        }
    }

    fn inverse(&self, value: Decimal) -> Self {
        Self { value, base: self.quote.clone(), quote: self.base.clone() }
    }

    /// What `amount` of `base` is worth in `quote`, exactly.
    ///
    /// # Errors
    /// [`UnitError::WrongToken`] unless `amount` is of `base`; [`UnitError::Inexact`] or [`UnitError::Overflow`] if
    /// the product cannot be held exactly: [`Price::convert_rounded`] is there for the former.
    pub fn convert(&self, amount: &TokenAmount) -> Result<TokenAmount, UnitError> {
        self.check_base(amount)?;
        match decimal::multiply(amount.value(), self.value) {
            Some(value) => TokenAmount::new(value, self.quote.clone()),
            None => Err(self.product_does_not_fit(amount)),
        }
    }

    /// What `amount` of `base` is worth in `quote`, rounded to what a `Decimal` holds (28 to 29 digits, 28 decimals).
    ///
    /// # Errors
    /// [`UnitError::WrongToken`] unless `amount` is of `base`; [`UnitError::Overflow`].
    pub fn convert_rounded(&self, amount: &TokenAmount) -> Result<TokenAmount, UnitError> {
        self.check_base(amount)?;
        match amount.value().checked_mul(self.value) {
            Some(value) => TokenAmount::new(value, self.quote.clone()),
            None => Err(self.product_does_not_fit(amount)),
        }
    }

    fn check_base(&self, amount: &TokenAmount) -> Result<(), UnitError> {
        if *amount.symbol() == self.base {
            Ok(())
        } else {
            Err(UnitError::WrongToken { expected: self.base.clone(), found: amount.symbol().clone() })
        }
    }

    fn product_does_not_fit(&self, amount: &TokenAmount) -> UnitError {
        does_not_fit(format!("{amount} at {self}"), amount.to_f64() * self.to_f64())
    }
}

impl Spelled for Price {
    const EXPECTED: Expected = Expected::new("a price with both its tokens", r#""2000 USDC per ETH""#);
}

impl FromStr for Price {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (number, words) = number_and_words(text, Self::EXPECTED)?;
        let [quote, "per", base] = words[..] else {
            return Err(unknown_unit(text, &words.join(" "), Self::EXPECTED));
        };
        Self::new(to_decimal(&number, text, Self::EXPECTED)?, Symbol::new(base)?, Symbol::new(quote)?)
    }
}

/// In full: "2000 USDC per ETH".
impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} per {}", self.value, self.quote, self.base)
    }
}

serde_as_text!(Price);

#[cfg(test)]
mod tests;
