use proptest::prelude::*;

use super::*;
use crate::test_support::{amount, decimal};

fn usdc(text: &str) -> TokenAmount {
    format!("{text} USDC").parse().unwrap()
}

#[test]
fn reads_and_prints_whole_tokens() {
    for (text, printed) in [
        ("10_000 USDC", "10000 USDC"),
        ("0.50 ETH", "0.5 ETH"),
        ("1e3 1INCH", "1000 1INCH"),
        ("0 ETH", "0 ETH"),
        ("+2 ETH", "2 ETH"),
        ("-0 ETH", "0 ETH"),
        ("1.000000000000000001 ETH", "1.000000000000000001 ETH"),
    ] {
        assert_eq!(text.parse::<TokenAmount>().unwrap().to_string(), printed);
    }
}

#[test]
fn equal_amounts_are_equal_however_they_are_written() {
    assert_eq!(usdc("10"), usdc("10.000"));
    assert_eq!(TokenAmount::new(Decimal::new(100, 2), Symbol::new("A").unwrap()).unwrap().to_string(), "1 A");
}

#[test]
fn wrong_spellings_say_the_right_one() {
    assert_eq!(
        "10000".parse::<TokenAmount>().unwrap_err().to_string(),
        r#""10000" has no unit: expected an amount with its token, for example "10_000 USDC""#
    );
    for text in ["10USDC", "10_ USDC", "10 USDC per day", "10% USDC", "101INCH"] {
        assert!(matches!(text.parse::<TokenAmount>(), Err(UnitError::UnknownUnit { .. })), "{text}");
    }
    assert!(matches!("10 000".parse::<TokenAmount>(), Err(UnitError::InvalidSymbol { .. })));
    assert!(matches!("-1 USDC".parse::<TokenAmount>(), Err(UnitError::OutOfRange { .. })));
    assert!(matches!("nan USDC".parse::<TokenAmount>(), Err(UnitError::NotANumber { .. })));
    assert!(matches!("1e29 USDC".parse::<TokenAmount>(), Err(UnitError::Overflow { .. })));
    assert!(matches!("1e-29 USDC".parse::<TokenAmount>(), Err(UnitError::Inexact { .. })));
    assert!(matches!("1000000000.00000000000000000000000000001 USDC".parse::<TokenAmount>(), Err(UnitError::Inexact { .. })));
    assert!(matches!(TokenAmount::new(Decimal::NEGATIVE_ONE, Symbol::new("A").unwrap()), Err(UnitError::OutOfRange { .. })));
}

#[test]
fn more_decimals_than_the_token_has_are_never_rounded() {
    assert_eq!(usdc("0.000001").to_raw(6), Ok(U256::from(1)));
    let error = usdc("0.0000015").to_raw(6).unwrap_err();
    assert_eq!(error.text(), "0.0000015 USDC");
    assert_eq!(
        error.to_string(),
        r#""0.0000015 USDC" is finer than the smallest unit of a token with 6 decimals: round it first; expected an amount with its token, for example "10_000 USDC""#
    );
}

#[test]
fn raw_amounts_beyond_256_bits_are_an_error() {
    assert!(matches!(usdc("79228162514264337593543950335").to_raw(50), Err(UnitError::Overflow { .. })));
    assert!(matches!(usdc("1").to_raw(255), Err(UnitError::Overflow { .. })));
    assert_eq!(usdc("0").to_raw(38), Ok(U256::ZERO));
    assert_eq!(usdc("0").to_raw(255).ok(), None);
}

#[test]
fn raw_amounts_that_no_decimal_holds_are_an_error() {
    let token = |decimals| Token::new("T", decimals).unwrap();
    assert!(matches!(TokenAmount::from_raw(U256::MAX, &token(18)), Err(UnitError::Overflow { .. })));
    assert!(matches!(TokenAmount::from_raw(U256::MAX, &token(0)), Err(UnitError::Overflow { .. })));
    // 2^112 - 1 units of 18 decimals are 5.19e15 tokens with all 18 decimals: 34 digits.
    let reserve = (U256::from(1) << 112) - U256::from(1);
    assert!(matches!(TokenAmount::from_raw(reserve, &token(18)), Err(UnitError::Inexact { .. })));
    assert!(matches!(TokenAmount::from_raw(U256::from(1), &token(29)), Err(UnitError::Inexact { .. })));
    assert_eq!(TokenAmount::from_raw(U256::from(10).pow(U256::from(40)), &token(38)).unwrap().to_string(), "100 T");
}

#[test]
fn sums_and_differences_are_exact_or_errors() {
    assert_eq!(usdc("0.1").checked_add(&usdc("0.2")), Ok(usdc("0.3")));
    assert_eq!(usdc("0.3").checked_sub(&usdc("0.2")), Ok(usdc("0.1")));
    let all = usdc("79228162514264337593543950335");
    assert!(matches!(all.checked_add(&all), Err(UnitError::Overflow { .. })));
    assert!(matches!(usdc("7922816251426433759354395033").checked_add(&usdc("0.01")), Err(UnitError::Inexact { .. })));
    assert!(matches!(all.checked_sub(&usdc("0.5")), Err(UnitError::Inexact { .. })));
    assert!(matches!(usdc("1").checked_sub(&usdc("2")), Err(UnitError::OutOfRange { .. })));
    let error = usdc("1").checked_add(&"1 USDT".parse().unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "expected an amount of USDC, found one of USDT");
    assert_eq!((error.expected(), error.text(), error.example()), ("USDC", "USDT", None));
    assert!(matches!(usdc("1").checked_sub(&"1 USDT".parse().unwrap()), Err(UnitError::WrongToken { .. })));
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(amount in amount()) {
        prop_assert_eq!(amount.to_string().parse(), Ok(amount));
    }

    #[test]
    fn raw_and_back_is_lossless(value in decimal(), decimals in 0_u8..=38) {
        let token = Token::new("T", decimals).unwrap();
        let amount = token.amount(value).unwrap();
        match amount.to_raw(decimals) {
            Ok(raw) => prop_assert_eq!(TokenAmount::from_raw(raw, &token), Ok(amount)),
            Err(UnitError::FinerThanToken { .. }) => prop_assert!(amount.value().scale() > u32::from(decimals)),
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn from_raw_and_back_is_lossless(limbs: [u64; 4], shift in 0_usize..256, decimals in 0_u8..=38) {
        let token = Token::new("T", decimals).unwrap();
        let raw = U256::from_limbs(limbs) >> shift;
        match TokenAmount::from_raw(raw, &token) {
            Ok(amount) => prop_assert_eq!(amount.to_raw(decimals), Ok(raw)),
            Err(error) => {
                let typed = matches!(error, UnitError::Inexact { .. } | UnitError::Overflow { .. });
                prop_assert!(typed, "{}", error);
                prop_assert!(decimals > 28 || raw >> 96 != U256::ZERO);
            }
        }
    }

    #[test]
    fn a_difference_takes_a_sum_back(a in decimal(), b in decimal()) {
        let token = Token::new("T", 18).unwrap();
        let (a, b) = (token.amount(a).unwrap(), token.amount(b).unwrap());
        if let Ok(sum) = a.checked_add(&b) {
            prop_assert_eq!(sum.checked_sub(&b), Ok(a));
        }
    }
}
