//! Types that a value of a study file can be read as.

use std::str::FromStr;

use cenote_units::UnitError;

use super::document::Value;
use super::walk::Item;
use crate::problem::Checked;

/// A type that is spelled as one TOML value.
pub(crate) trait Read: Sized {
    /// Read it, or say what was expected.
    fn read(item: &Item<'_>) -> Checked<Self>;
}

impl Read for String {
    fn read(item: &Item<'_>) -> Checked<Self> {
        match item.value() {
            Value::String(string) => Ok(string.clone()),
            _ => Err(item.unexpected("a string")),
        }
    }
}

impl Read for bool {
    fn read(item: &Item<'_>) -> Checked<Self> {
        match item.value() {
            Value::Boolean(boolean) => Ok(*boolean),
            _ => Err(item.unexpected("true or false")),
        }
    }
}

impl Read for f64 {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let number = match item.value() {
            Value::Float(number) => *number,
            // Through the text: the nearest float, without a cast.
            Value::Integer(number) => number.to_string().parse().unwrap_or(f64::NAN),
            _ => return Err(item.unexpected("a number")),
        };
        if number.is_finite() { Ok(number) } else { Err(item.unexpected("a finite number")) }
    }
}

/// A whole number in the range of its type.
macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Read for $type {
            fn read(item: &Item<'_>) -> Checked<Self> {
                let expected = || format!("a whole number from 0 to {}", <$type>::MAX);
                match item.value() {
                    Value::Integer(number) => {
                        <$type>::try_from(*number).map_err(|_| item.unexpected(&expected()))
                    }
                    _ => Err(item.unexpected(&expected())),
                }
            }
        }
    )*};
}
integers!(u8, u32, u64);

impl<T: Read> Read for Vec<T> {
    fn read(item: &Item<'_>) -> Checked<Self> {
        item.elements()?.iter().map(T::read).collect()
    }
}

/// Read a quantity: a string with a number and its unit.
fn read_unit<T: FromStr<Err = UnitError>>(item: &Item<'_>) -> Checked<T> {
    let text = match item.value() {
        Value::String(string) => string.as_str(),
        // A bare number: the quantity itself says which unit it misses.
        Value::Integer(_) | Value::Float(_) => item.text(),
        _ => return Err(item.unexpected("a quantity as a string, with its unit")),
    };
    match text.parse::<T>() {
        // A number without quotes needs them even where the quantity has no unit.
        Ok(_) if !matches!(item.value(), Value::String(_)) => {
            Err(item.unexpected("a string").with_help(format!("quote it: \"{text}\"")))
        }
        Ok(value) => Ok(value),
        Err(error) => {
            // The message up to the spelling that belongs on lines of its own.
            let message = error.to_string();
            let message = message.split_once(": expected ").map_or(message.as_str(), |(what, _)| what).to_owned();
            let problem = item.problem(message).with_expected(error.expected());
            Err(problem.with_cause(error))
        }
    }
}

/// Quantities of `cenote_units`.
macro_rules! quantities {
    ($($type:ident),* $(,)?) => {$(
        impl Read for cenote_units::$type {
            fn read(item: &Item<'_>) -> Checked<Self> {
                read_unit(item)
            }
        }
    )*};
}
quantities!(Fee, Fraction, Frequency, GasPrice, Rate, SimDuration, Symbol, TokenAmount, TokenRate, Volatility);
