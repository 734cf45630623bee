use proptest::prelude::*;

use super::*;
use crate::test_support::{finite, same_bits};

fn number(text: &str) -> Number {
    let (number, rest) = Number::split(text).unwrap();
    assert_eq!(rest, "");
    number
}

#[test]
fn splits_behind_the_number() {
    for (text, printed, rest) in [
        ("30bp", "30", "bp"),
        ("10_000 USDC", "10000", " USDC"),
        ("-0.50%", "-0.5", "%"),
        ("+25%", "25", "%"),
        ("1e3 gwei", "1000", " gwei"),
        ("1.5E-3s", "0.0015", "s"),
        ("1_0.2_5", "10.25", ""),
        ("2eth", "2", "eth"),
        ("2e", "2", "e"),
        ("1.s", "1", ".s"),
        ("1__0", "1", "__0"),
        ("1_ s", "1", "_ s"),
        ("-0", "0", ""),
        ("1.2.3", "1.2", ".3"),
    ] {
        let (number, found) = Number::split(text).unwrap();
        assert_eq!((number.to_string().as_str(), found), (printed, rest), "{text}");
    }
}

#[test]
fn refuses_what_is_no_number() {
    for text in ["", "abc", "nan", "NaN", "inf", "-inf", "_1", ".5", "--1", "- 1", "%", "½", "٣"] {
        assert_eq!(Number::split(text), None, "{text}");
    }
}

#[test]
fn prints_plainly_unless_that_is_unreadable() {
    for (text, printed) in [
        ("1e20", "100000000000000000000"),
        ("1e21", "1e21"),
        ("1.25e300", "1.25e300"),
        ("1e-9", "0.000000001"),
        ("1e-10", "1e-10"),
        ("-1.5e-300", "-1.5e-300"),
        ("0.1e1", "1"),
        ("123.456", "123.456"),
    ] {
        assert_eq!(number(text).to_string(), printed);
    }
}

#[test]
fn exponents_without_bound_do_not_overflow() {
    let huge = number("1e99999999999999999999999999");
    assert_eq!(huge.to_f64(), Err(Misfit::TooLarge));
    assert_eq!(huge.whole_units(1), Err(Misfit::TooLarge));
    assert_eq!(huge.to_decimal(), Err(Misfit::TooLarge));
    let tiny = number("1e-99999999999999999999999999");
    assert_eq!(tiny.to_f64(), Err(Misfit::TooFine));
    assert_eq!(tiny.whole_units(u64::MAX), Err(Misfit::TooFine));
    assert_eq!(tiny.to_decimal(), Err(Misfit::TooFine));
    assert_eq!(number("0e99999999999999999999999999"), number("0"));
}

#[test]
fn decimals_have_96_bits_and_28_places() {
    assert_eq!(number("79228162514264337593543950335").to_decimal(), Ok(Decimal::MAX));
    assert_eq!(number("79228162514264337593543950336").to_decimal(), Err(Misfit::TooLarge));
    assert_eq!(number("7.9228162514264337593543950336").to_decimal(), Err(Misfit::TooFine));
    assert_eq!(number("1e-28").to_decimal().unwrap().to_string(), "0.0000000000000000000000000001");
    assert_eq!(number("1e-29").to_decimal(), Err(Misfit::TooFine));
    assert_eq!(number("1e28").to_decimal().unwrap().to_string(), "10000000000000000000000000000");
    assert_eq!(number("1e29").to_decimal(), Err(Misfit::TooLarge));
}

proptest! {
    #[test]
    fn every_float_prints_to_its_own_bits(x in finite()) {
        let printed = Number::from_f64(x).to_string();
        same_bits(number(&printed).to_f64().unwrap(), x + 0.0);
    }

    #[test]
    fn moving_the_point_there_and_back_loses_nothing(x in finite(), places in -20_i64..20) {
        let printed = Number::from_f64(x).shifted(places).to_string();
        same_bits(number(&printed).shifted(-places).to_f64().unwrap(), x + 0.0);
    }

    #[test]
    fn what_is_printed_is_the_same_number(integer: u64, exponent in -400_i64..400) {
        let it = Number::from_integer(integer, exponent);
        prop_assert_eq!(number(&it.to_string()), it);
    }

    #[test]
    fn products_are_exact(a in 0_u64..1 << 32, b in 0_u64..1 << 32) {
        prop_assert_eq!(Number::from_integer(a, -7).times(b), Number::from_integer(a * b, -7));
    }

    #[test]
    fn whole_units_agree_with_integer_arithmetic(a: u32, places in 0_u32..12, unit in 1_u64..1 << 32) {
        let product = u128::from(a) * u128::from(unit);
        let power = 10_u128.pow(places);
        let expected = if product % power == 0 { Ok(u64::try_from(product / power).unwrap()) } else { Err(Misfit::TooFine) };
        prop_assert_eq!(Number::from_integer(u64::from(a), -i64::from(places)).whole_units(unit), expected);
    }

    #[test]
    fn splitting_never_panics_and_loses_no_text(text in ".{0,30}") {
        if let Some((_, rest)) = Number::split(&text) {
            prop_assert!(text.ends_with(rest));
        }
    }
}
