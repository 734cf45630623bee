//! A decimal number as text carries it: exact, before any rounding.
//!
//! Units of a power of ten (percent, basis points, gwei) move the decimal point of the text and never multiply a float, so
//! "0.3%" is the `f64` nearest to 0.003, and what is printed reads back to the same bits.

use std::fmt;

use ruint::aliases::U256;
use rust_decimal::Decimal;

use crate::decimal;

/// ± digits × 10^exponent. No leading or trailing zeros in `digits`; zero has none at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    negative: bool,
    digits: String,
    exponent: i64,
}

/// Why a number does not fit a representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misfit {
    TooLarge,
    TooFine,
}

/// Exponents beyond this are all the same to every representation; the bound keeps sums of exponents far from overflow.
const EXPONENT_BOUND: i64 = 1_000_000_000_000;

impl Number {
    /// Split `text` behind the number it begins with: `[+-] digits [. digits] [e [+-] digits]`, single underscores between digits.
    pub(crate) fn split(text: &str) -> Option<(Self, &str)> {
        let (negative, rest) = take_sign(text);
        let (mut digits, mut rest) = take_digits(rest)?;
        let mut exponent = 0;
        if let Some((fraction, tail)) = rest.strip_prefix('.').and_then(take_digits) {
            exponent -= i64::try_from(fraction.len()).ok()?;
            digits.push_str(&fraction);
            rest = tail;
        }
        if let Some((power, tail)) = take_exponent(rest) {
            exponent += power;
            rest = tail;
        }
        Some((Self::normalised(negative, &digits, exponent), rest))
    }

    /// The shortest decimal that reads back as `x`, which must be finite.
    pub(crate) fn from_f64(x: f64) -> Self {
        Self::from_scientific(&format!("{x:e}"))
    }

    /// `x` rounded to twelve significant digits; `x` must be finite.
    pub(crate) fn from_f64_in_12_digits(x: f64) -> Self {
        Self::from_scientific(&format!("{x:.11e}"))
    }

    fn from_scientific(text: &str) -> Self {
        let (number, _) = Self::split(text).expect("the standard library prints a finite float as a number");
        number
    }

    /// `integer` × 10^`exponent`.
    pub(crate) fn from_integer(integer: u64, exponent: i64) -> Self {
        Self::normalised(false, &integer.to_string(), exponent)
    }

    fn normalised(negative: bool, digits: &str, exponent: i64) -> Self {
        let digits = digits.trim_start_matches('0');
        let kept = digits.trim_end_matches('0');
        if kept.is_empty() {
            return Self { negative: false, digits: String::new(), exponent: 0 };
        }
        let dropped = i64::try_from(digits.len() - kept.len()).unwrap_or(EXPONENT_BOUND);
        Self { negative, digits: kept.to_owned(), exponent: exponent + dropped }
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.negative
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// The number × 10^`places`.
    pub(crate) fn shifted(mut self, places: i64) -> Self {
        if !self.is_zero() {
            self.exponent += places;
        }
        self
    }

    /// The number × `factor`, exactly.
    pub(crate) fn times(&self, factor: u64) -> Self {
        let mut carry = 0_u128;
        let mut reversed = Vec::with_capacity(self.digits.len() + 20);
        for digit in self.digits.bytes().rev() {
            carry += u128::from(digit - b'0') * u128::from(factor);
            reversed.push(last_digit(carry));
            carry /= 10;
        }
        while carry > 0 {
            reversed.push(last_digit(carry));
            carry /= 10;
        }
        let digits: String = reversed.iter().rev().collect();
        Self::normalised(self.negative, &digits, self.exponent)
    }

    /// The nearest `f64`. `TooLarge` beyond the largest, `TooFine` if a number other than zero would become zero.
    pub(crate) fn to_f64(&self) -> Result<f64, Misfit> {
        if self.is_zero() {
            return Ok(0.0);
        }
        let sign = if self.negative { "-" } else { "" };
        let text = format!("{sign}{}e{}", self.digits, self.exponent);
        match text.parse::<f64>() {
            Ok(0.0) => Err(Misfit::TooFine),
            Ok(x) if x.is_finite() => Ok(x),
            _ => Err(Misfit::TooLarge),
        }
    }

    /// |number| × `unit` as an integer; `TooFine` unless that is whole. `unit` is no multiple of 2^33.
    pub(crate) fn whole_units(&self, unit: u64) -> Result<u64, Misfit> {
        if self.is_zero() {
            return Ok(0);
        }
        if self.integer_digits() > 20 {
            return Err(Misfit::TooLarge);
        }
        // The digits hold no factor of both 2 and 5, the unit neither 2^33 nor 5^33: nothing finer than 32 places is whole.
        if self.exponent < -32 {
            return Err(Misfit::TooFine);
        }
        // At most 20 + 32 digits, times a unit of at most 20: 72 digits, and 256 bits hold 77.
        let digits: U256 = self.digits.parse().map_err(|_| Misfit::TooLarge)?;
        let product = digits.checked_mul(U256::from(unit)).ok_or(Misfit::TooLarge)?;
        let power = decimal::power_of_ten(self.exponent.unsigned_abs()).ok_or(Misfit::TooLarge)?;
        let units = if self.exponent >= 0 {
            product.checked_mul(power).ok_or(Misfit::TooLarge)?
        } else {
            let (quotient, remainder) = product.div_rem(power);
            if remainder != U256::ZERO {
                return Err(Misfit::TooFine);
            }
            quotient
        };
        u64::try_from(units).map_err(|_| Misfit::TooLarge)
    }

    /// |number| as a [`Decimal`], exactly.
    pub(crate) fn to_decimal(&self) -> Result<Decimal, Misfit> {
        if self.is_zero() {
            return Ok(Decimal::ZERO);
        }
        if self.integer_digits() > 29 {
            return Err(Misfit::TooLarge);
        }
        // Trailing zeros are gone, and 2^96 has 29 digits.
        if self.exponent < -28 || self.digits.len() > 29 {
            return Err(Misfit::TooFine);
        }
        let digits: U256 = self.digits.parse().map_err(|_| Misfit::TooLarge)?;
        let places = self.exponent.unsigned_abs();
        if self.exponent >= 0 {
            let power = decimal::power_of_ten(places).ok_or(Misfit::TooLarge)?;
            let integer = digits.checked_mul(power).ok_or(Misfit::TooLarge)?;
            decimal::exact(integer, 0).ok_or(Misfit::TooLarge)
        } else {
            let scale = u32::try_from(places).map_err(|_| Misfit::TooFine)?;
            decimal::exact(digits, scale).ok_or(Misfit::TooFine)
        }
    }

    /// Digits before the decimal point; zero or negative for numbers below one.
    fn integer_digits(&self) -> i64 {
        i64::try_from(self.digits.len()).map_or(EXPONENT_BOUND, |n| n + self.exponent)
    }
}

/// Plain where a person would write it plainly, scientific for the very large and the very small.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let point = self.integer_digits();
        let zeros = |n: i64| "0".repeat(usize::try_from(n).unwrap_or(0));
        let (first, rest) = self.digits.split_at(1);
        match point {
            22.. | ..=-9 if rest.is_empty() => write!(f, "{first}e{}", point - 1),
            22.. | ..=-9 => write!(f, "{first}.{rest}e{}", point - 1),
            ..=0 => write!(f, "0.{}{}", zeros(-point), self.digits),
            _ if self.exponent >= 0 => write!(f, "{}{}", self.digits, zeros(self.exponent)),
            _ => {
                let (integer, fraction) = self.digits.split_at(usize::try_from(point).unwrap_or(0));
                write!(f, "{integer}.{fraction}")
            }
        }
    }
}

fn last_digit(x: u128) -> char {
    u32::try_from(x % 10).ok().and_then(|d| char::from_digit(d, 10)).unwrap_or('0')
}

fn take_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Leading digits without their underscores; none without at least one digit.
fn take_digits(text: &str) -> Option<(String, &str)> {
    let bytes = text.as_bytes();
    let digit_at = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit_at(end) || (end > 0 && bytes.get(end) == Some(&b'_') && digit_at(end - 1) && digit_at(end + 1)) {
        end += 1;
    }
    let (taken, rest) = text.split_at(end);
    (end > 0).then(|| (taken.replace('_', ""), rest))
}

fn take_exponent(text: &str) -> Option<(i64, &str)> {
    let (negative, rest) = take_sign(text.strip_prefix(['e', 'E'])?);
    let (digits, rest) = take_digits(rest)?;
    let power = digits.parse().map_or(EXPONENT_BOUND, |p: i64| p.min(EXPONENT_BOUND));
    Some((if negative { -power } else { power }, rest))
}

#[cfg(test)]
mod tests;
