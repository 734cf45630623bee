//! Generators and comparisons that several test modules share.

use proptest::prelude::*;
use ruint::aliases::U256;
use rust_decimal::Decimal;

use crate::{Symbol, TimeUnit, TokenAmount, decimal};

/// Equal as bits: zero has a sign.
#[track_caller]
pub(crate) fn same_bits(a: f64, b: f64) {
    assert_eq!(a.to_bits(), b.to_bits(), "{a:?} and {b:?}");
}

/// Any finite float, subnormal and huge ones included.
pub(crate) fn finite() -> impl Strategy<Value = f64> {
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, -1e4..1e4_f64]
}

/// Any finite float that is not negative.
pub(crate) fn not_negative() -> impl Strategy<Value = f64> {
    finite().prop_map(f64::abs)
}

/// Any non-negative decimal: 96 bits, up to 28 places.
pub(crate) fn decimal() -> impl Strategy<Value = Decimal> {
    (0_u128..1 << 96, 0_u32..96, 0_u32..=28).prop_map(|(mantissa, shift, scale)| {
        decimal::exact(U256::from(mantissa >> shift), scale).expect("96 bits and 28 places fit")
    })
}

pub(crate) fn symbol() -> impl Strategy<Value = Symbol> {
    "[A-Z][A-Za-z0-9.+_$-]{0,8}".prop_map(|text| Symbol::new(&text).expect("the pattern allows symbols only"))
}

pub(crate) fn amount() -> impl Strategy<Value = TokenAmount> {
    (decimal(), symbol()).prop_map(|(value, symbol)| TokenAmount::new(value, symbol).expect("not negative"))
}

pub(crate) fn time_unit() -> impl Strategy<Value = TimeUnit> {
    proptest::sample::select(&TimeUnit::LONGEST_FIRST)
}
