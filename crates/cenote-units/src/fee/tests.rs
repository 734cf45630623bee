use proptest::prelude::*;

use super::*;
use crate::test_support::same_bits;

fn fee(text: &str) -> Fee {
    text.parse().unwrap()
}

#[test]
fn all_spellings_of_a_fee_are_equal() {
    for text in ["30bp", "30 bps", "0.3%", "0.30 %", "3000 pips", "3_000pips", "3e3 pips", "30.0bp"] {
        assert_eq!(fee(text), Fee::bp(30).unwrap(), "{text}");
    }
    assert_eq!(Fee::from_pips(3000), Fee::bp(30));
    assert_eq!(Fee::from_wad(3_000_000_000_000_000), Fee::bp(30));
    assert_eq!(fee("0bp"), Fee::ZERO);
}

#[test]
fn fractions_are_the_nearest_float() {
    for (text, fraction) in
        [("30bp", 0.003), ("5bp", 0.0005), ("1bp", 0.0001), ("25bp", 0.0025), ("4bp", 0.0004), ("99.9999%", 0.999_999), ("0%", 0.0)]
    {
        same_bits(fee(text).fraction(), fraction);
    }
}

#[test]
fn contracts_get_integers_over_their_own_denominator() {
    assert_eq!(fee("30bp").parts_per(1_000), Some(3));
    assert_eq!(fee("25bp").parts_per(10_000), Some(25));
    assert_eq!(fee("25bp").parts_per(1_000), None);
    assert_eq!(fee("4bp").parts_per(10_000_000_000), Some(4_000_000));
    assert_eq!(fee("0.01bp").pips(), Some(1));
    assert_eq!(fee("0.001bp").pips(), None);
    assert_eq!(Fee::ZERO.ratio(), (0, 1));
    assert_eq!(Fee::ZERO.pips(), Some(0));
    assert_eq!(fee("30bp").parts_per(0), None);
    assert_eq!(fee("99.9999%").parts_per(u64::MAX), None);
}

#[test]
fn prints_in_basis_points() {
    for (text, printed) in [("0.3%", "30bp"), ("1 pip", "0.01bp"), ("0%", "0bp"), ("10%", "1000bp"), ("1e-16%", "1e-14bp")] {
        assert_eq!(fee(text).to_string(), printed);
    }
}

#[test]
fn wrong_spellings_say_the_right_one() {
    assert_eq!(
        "30".parse::<Fee>().unwrap_err().to_string(),
        r#""30" has no unit: expected a fee with its unit, for example "30bp" or "0.3%""#
    );
    assert_eq!(
        "-5bp".parse::<Fee>().unwrap_err().to_string(),
        r#""-5bp" is out of range, it must be at least 0 and below 100%: expected a fee with its unit, for example "30bp" or "0.3%""#
    );
    for text in ["100%", "10000bp", "1000000 pips", "1e99%", "-1e-18%"] {
        assert!(matches!(text.parse::<Fee>(), Err(UnitError::OutOfRange { .. })), "{text}");
    }
    for text in ["1e-17%", "0.3333333333333333333%"] {
        assert!(matches!(text.parse::<Fee>(), Err(UnitError::Inexact { .. })), "{text}");
    }
    for text in ["30 gwei", "30bp per day", "30 basis points", "30%%"] {
        assert!(matches!(text.parse::<Fee>(), Err(UnitError::UnknownUnit { .. })), "{text}");
    }
    for text in ["", "bp", "NaN%", "inf bp"] {
        assert!(matches!(text.parse::<Fee>(), Err(UnitError::NotANumber { .. })), "{text}");
    }
}

#[test]
fn constructors_check_the_range() {
    for error in [
        Fee::bp(10_000),
        Fee::from_pips(1_000_000),
        Fee::from_wad(1_000_000_000_000_000_000),
        Fee::bp(u32::MAX),
        Fee::from_wad(u64::MAX),
    ] {
        assert!(matches!(error, Err(UnitError::OutOfRange { .. })));
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(wad in 0_u64..1_000_000_000_000_000_000) {
        let fee = Fee::from_wad(wad).unwrap();
        prop_assert_eq!(fee.to_string().parse(), Ok(fee));
        prop_assert_eq!(fee.parts_per(1_000_000_000_000_000_000), Some(wad));
    }

    #[test]
    fn pips_are_lossless(pips in 0_u32..1_000_000) {
        let fee = Fee::from_pips(pips).unwrap();
        prop_assert_eq!(fee.pips(), Some(pips));
        prop_assert_eq!(fee.to_string().parse(), Ok(fee));
        prop_assert_eq!(format!("{pips} pips").parse(), Ok(fee));
        same_bits(fee.fraction(), f64::from(pips) / 1e6);
    }

    #[test]
    fn fifteen_digits_become_the_nearest_float(digits in 0_u64..1_000_000_000_000_000, places in 0_u32..=3) {
        let fee = Fee::from_wad(digits * 10_u64.pow(places)).unwrap();
        same_bits(fee.fraction(), format!("{digits}e{}", i64::from(places) - 18).parse().unwrap());
    }

    #[test]
    fn the_ratio_is_the_fee(wad in 0_u64..1_000_000_000_000_000_000) {
        let (numerator, denominator) = Fee::from_wad(wad).unwrap().ratio();
        prop_assert_eq!(u128::from(numerator) * 1_000_000_000_000_000_000, u128::from(denominator) * u128::from(wad));
    }
}
