use proptest::prelude::*;

use super::*;
use crate::test_support::{same_bits, time_unit};

fn nanos(text: &str) -> u64 {
    text.parse::<SimDuration>().unwrap().as_nanos()
}

#[test]
fn every_unit_is_read() {
    for (text, expected) in [
        ("1ns", 1),
        ("1us", 1_000),
        ("250ms", 250_000_000),
        ("12s", 12_000_000_000),
        ("5 min", 300_000_000_000),
        ("1h", 3_600_000_000_000),
        ("1.5h", 5_400_000_000_000),
        ("1d", 86_400_000_000_000),
        ("1w", 604_800_000_000_000),
        ("365d", 31_536_000_000_000_000),
        ("1y", 31_536_000_000_000_000),
        ("2 days", 172_800_000_000_000),
        ("1e3s", 1_000_000_000_000),
        ("0.000_000_001s", 1),
        ("0.0000000000078125w", 4725),
        (" 12s ", 12_000_000_000),
        ("0s", 0),
        ("-0s", 0),
    ] {
        assert_eq!(nanos(text), expected, "{text}");
    }
}

#[test]
fn prints_in_the_largest_unit_that_is_exact() {
    for (text, printed) in [
        ("1y", "365d"),
        ("90d", "90d"),
        ("2w", "14d"),
        ("1.5h", "90min"),
        ("24h", "1d"),
        ("1000ms", "1s"),
        ("0d", "0s"),
        ("1500us", "1500us"),
        ("18446744073709551615ns", "18446744073709551615ns"),
    ] {
        assert_eq!(text.parse::<SimDuration>().unwrap().to_string(), printed);
    }
}

#[test]
fn what_is_not_whole_nanoseconds_is_an_error() {
    for text in ["0.1ns", "1e-10s", "0.0000001us", "0.333333333333333333333s", "1e-999999s"] {
        assert!(matches!(text.parse::<SimDuration>(), Err(UnitError::Inexact { .. })), "{text}");
    }
    assert_eq!(
        "0.5ns".parse::<SimDuration>().unwrap_err().to_string(),
        r#""0.5ns" cannot be held exactly, it must be a whole number of nanoseconds: expected a duration with its unit, for example "12s", "1h" or "365d""#
    );
}

#[test]
fn wrong_spellings_say_the_right_one() {
    let error = "12".parse::<SimDuration>().unwrap_err();
    assert_eq!(error.to_string(), r#""12" has no unit: expected a duration with its unit, for example "12s", "1h" or "365d""#);
    assert!(matches!("12m".parse::<SimDuration>(), Err(UnitError::UnknownUnit { unit, .. }) if unit == "m"));
    assert!(matches!("2h30min".parse::<SimDuration>(), Err(UnitError::UnknownUnit { unit, .. }) if unit == "h30min"));
    assert!(matches!("s".parse::<SimDuration>(), Err(UnitError::NotANumber { .. })));
    assert!(matches!("-1s".parse::<SimDuration>(), Err(UnitError::OutOfRange { .. })));
    for text in ["585y", "18446744073709551616ns", "1e300s", "1e999999999999999y"] {
        assert!(matches!(text.parse::<SimDuration>(), Err(UnitError::Overflow { .. })), "{text}");
    }
}

#[test]
fn years_have_365_days() {
    same_bits(SimDuration::YEAR.as_years(), 1.0);
    same_bits(SimDuration::DAY.as_years(), 1.0 / 365.0);
    same_bits(SimDuration::HOUR.as_days(), 1.0 / 24.0);
    same_bits(SimDuration::SECOND.as_seconds(), 1.0);
}

#[test]
fn arithmetic_is_checked() {
    assert_eq!(SimDuration::MAX.checked_add(SimDuration::from_nanos(1)), None);
    assert_eq!(SimDuration::ZERO.checked_sub(SimDuration::from_nanos(1)), None);
    assert_eq!(SimDuration::MAX.checked_mul(2), None);
    assert_eq!(SimDuration::DAY.checked_div(SimDuration::ZERO), None);
    assert_eq!(SimDuration::DAY.checked_mul(365), Some(SimDuration::YEAR));
    assert_eq!(SimDuration::DAY.checked_div(SimDuration::HOUR), Some(24));
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(nanos: u64) {
        let duration = SimDuration::from_nanos(nanos);
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
    }

    #[test]
    fn multiples_of_a_unit_read_back(count in 0_u64..500, unit in time_unit()) {
        let duration = SimDuration::one(unit).checked_mul(count).unwrap();
        prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        prop_assert_eq!(format!("{count}{}", unit.symbol()).parse(), Ok(duration));
        prop_assert_eq!(format!("{count} {unit}s").parse(), Ok(duration));
    }

    #[test]
    fn sums_and_differences_are_checked(a: u64, b: u64) {
        let (x, y) = (SimDuration::from_nanos(a), SimDuration::from_nanos(b));
        prop_assert_eq!(x.checked_add(y).map(SimDuration::as_nanos), a.checked_add(b));
        prop_assert_eq!(x.checked_sub(y).map(SimDuration::as_nanos), a.checked_sub(b));
        prop_assert_eq!(x.checked_mul(b).map(SimDuration::as_nanos), a.checked_mul(b));
    }

    #[test]
    fn parsing_never_panics(text in "[-+]?[0-9_.e+-]{0,12} ?[a-zµ%]{0,5}") {
        let _ = text.parse::<SimDuration>();
    }
}
