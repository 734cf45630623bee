use proptest::prelude::*;

use super::*;
use crate::test_support;

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn sums_that_would_be_rounded_do_not_exist() {
    assert_eq!(add(Decimal::MAX, decimal("0.1")), None);
    assert_eq!(add(Decimal::MAX, Decimal::ONE), None);
    assert_eq!(add(decimal("0.1"), decimal("0.9")), Some(Decimal::ONE));
    assert_eq!(subtract(Decimal::MAX, decimal("0.1")), None);
    assert_eq!(subtract(Decimal::ONE, decimal("2")), None);
}

#[test]
fn products_that_would_be_rounded_do_not_exist() {
    assert_eq!(multiply(decimal("1e-28".parse::<f64>().map(|_| "0.0000000000000000000000000001").unwrap()), decimal("0.1")), None);
    assert_eq!(multiply(Decimal::MAX, decimal("2")), None);
    assert_eq!(multiply(decimal("0.00000000000001"), decimal("0.00000000000001")), Some(decimal("0.0000000000000000000000000001")));
}

#[test]
fn reciprocals_are_exact_or_absent() {
    assert_eq!(reciprocal(decimal("2000")), Some(decimal("0.0005")));
    assert_eq!(reciprocal(decimal("0.0005")), Some(decimal("2000")));
    assert_eq!(reciprocal(decimal("0.0000000000000000000000000001")), Some(decimal("10000000000000000000000000000")));
    assert_eq!(reciprocal(decimal("3")), None);
    assert_eq!(reciprocal(Decimal::ZERO), None);
}

#[test]
fn floats_are_the_nearest() {
    for text in ["0.1", "0.3", "2000.1", "79228162514264337593543950335", "0.0000000000000000000000000001", "1.000000000000000055"]
    {
        assert_eq!(to_f64(decimal(text)).to_bits(), text.parse::<f64>().unwrap().to_bits());
    }
}

proptest! {
    #[test]
    fn small_operations_agree_with_the_operators(a in 0_i64..1 << 40, b in 1_i64..1 << 40, s in 0_u32..6, t in 0_u32..6) {
        let (a, b) = (Decimal::new(a, s), Decimal::new(b, t));
        prop_assert_eq!(add(a, b), Some(a + b));
        prop_assert_eq!(multiply(a, b), Some(a * b));
        prop_assert_eq!(subtract(a, b), (a >= b).then(|| a - b));
    }

    #[test]
    fn a_difference_takes_a_sum_back(a in test_support::decimal(), b in test_support::decimal()) {
        if let Some(sum) = add(a, b) {
            prop_assert_eq!(subtract(sum, b), Some(a));
        }
    }

    #[test]
    fn the_reciprocal_of_a_reciprocal_is_the_number(a in test_support::decimal()) {
        if let Some(inverse) = reciprocal(a) {
            prop_assert_eq!(multiply(a, inverse), Some(Decimal::ONE));
            prop_assert_eq!(reciprocal(inverse), Some(a));
        }
    }
}
