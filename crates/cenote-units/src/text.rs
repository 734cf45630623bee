//! What all quantities share: read from text, written as text, in files as that text.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

use crate::number::{Misfit, Number};
use crate::{Expected, UnitError};

/// A type that is spelled as a string.
pub(crate) trait Spelled: FromStr<Err = UnitError> + Display {
    /// Its spelling.
    const EXPECTED: Expected;
}

/// "30 gwei" into 30 and "gwei".
pub(crate) fn number_and_unit(text: &str, expected: Expected) -> Result<(Number, &str), UnitError> {
    let (number, unit) = Number::split(text.trim()).ok_or_else(|| UnitError::NotANumber { text: text.to_owned(), expected })?;
    match unit.trim_start() {
        "" => Err(UnitError::MissingUnit { text: text.to_owned(), expected }),
        unit => Ok((number, unit)),
    }
}

/// "10 USDC" into 10 and "USDC"; "10USDC" is not read, because "101INCH" could be.
pub(crate) fn number_and_words(text: &str, expected: Expected) -> Result<(Number, Vec<&str>), UnitError> {
    let (number, words) = number_and_unit(text, expected)?;
    if !text.trim_end().strip_suffix(words).is_some_and(|head| head.ends_with(char::is_whitespace)) {
        return Err(unknown_unit(text, words, expected));
    }
    Ok((number, words.split_whitespace().collect()))
}

/// "5% per sqrt day" into 0.05 (the point already moved) and "per", "sqrt", "day".
pub(crate) fn ratio_and_words(text: &str, expected: Expected) -> Result<(Number, Vec<&str>), UnitError> {
    let (number, unit) = number_and_unit(text, expected)?;
    let (places, words) = if let Some(words) = unit.strip_prefix('%') {
        (-2, words)
    } else if let Some(words) = unit.strip_prefix("bps").or_else(|| unit.strip_prefix("bp")) {
        (-4, words)
    } else {
        return Err(unknown_unit(text, unit, expected));
    };
    Ok((number.shifted(places), words.split_whitespace().collect()))
}

pub(crate) fn unknown_unit(text: &str, unit: &str, expected: Expected) -> UnitError {
    UnitError::UnknownUnit { text: text.to_owned(), unit: unit.trim().to_owned(), expected }
}

/// The `f64` nearest to `number`.
pub(crate) fn to_f64(number: &Number, text: &str, expected: Expected) -> Result<f64, UnitError> {
    number.to_f64().map_err(|misfit| match misfit {
        Misfit::TooLarge => UnitError::Overflow { text: text.to_owned(), limit: "1.8e308", expected },
        Misfit::TooFine => UnitError::Inexact { text: text.to_owned(), limit: "zero or at least 5e-324", expected },
    })
}

/// `value`, if it is finite. Negative zero becomes zero: nothing here has a sign at zero.
pub(crate) fn finite(value: f64, expected: Expected) -> Result<f64, UnitError> {
    if value.is_finite() { Ok(value + 0.0) } else { Err(UnitError::NotFinite { text: value.to_string(), expected }) }
}

/// `value`, if it is finite and not negative.
pub(crate) fn finite_at_least_zero(value: f64, expected: Expected) -> Result<f64, UnitError> {
    let value = finite(value, expected)?;
    if value < 0.0 {
        return Err(UnitError::OutOfRange { text: value.to_string(), limit: "at least 0", expected });
    }
    Ok(value)
}

/// `number`, if it is not negative.
pub(crate) fn at_least_zero(number: Number, text: &str, expected: Expected) -> Result<Number, UnitError> {
    if number.is_negative() {
        return Err(UnitError::OutOfRange { text: text.to_owned(), limit: "at least 0", expected });
    }
    Ok(number)
}

pub(crate) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(crate) fn deserialize<'de, T: Spelled, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Text<T>(PhantomData<T>);

    /// A bare number gets the error of the same number in quotes, which shows the right spelling.
    impl<T: Spelled> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            T::EXPECTED.fmt(f)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
            self.visit_bare(&number, Unexpected::Signed(number))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
            self.visit_bare(&number, Unexpected::Unsigned(number))
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
            self.visit_bare(&number, Unexpected::Float(number))
        }
    }

    impl<T: Spelled> Text<T> {
        fn visit_bare<E: Error>(self, number: &dyn Display, unexpected: Unexpected<'_>) -> Result<T, E> {
            match number.to_string().parse::<T>() {
                Err(error) => Err(E::custom(error)),
                Ok(_) => Err(E::invalid_type(unexpected, &self)),
            }
        }
    }

    // `deserialize_str` would turn a number away before the visitor can say how to spell it.
    if deserializer.is_human_readable() {
        deserializer.deserialize_any(Text(PhantomData))
    } else {
        deserializer.deserialize_str(Text(PhantomData))
    }
}

/// serde for types that are [`Spelled`]: as their string.
macro_rules! serde_as_text {
    ($($type:ty),+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::text::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::text::deserialize(deserializer)
            }
        }
    )+};
}
pub(crate) use serde_as_text;
