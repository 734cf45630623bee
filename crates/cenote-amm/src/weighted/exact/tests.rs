//! The digits of powers, logarithms and exponentials, and the reverts at their bounds.

use ruint::aliases::U256;

use super::log_exp::{Signed, exp, ln, log, pow};
use super::{FixedPoint, ONE};
use crate::lane::{Exact, Lane};
use crate::weighted::error::Reason;
use crate::weighted::version::Version;

fn u256(text: &str) -> U256 {
    text.parse().unwrap()
}

fn wad(value: f64) -> U256 {
    Exact::amount_from_f64(value * 1e18).unwrap()
}

fn positive(size: &str) -> Signed {
    Signed { negative: false, size: u256(size) }
}

#[test]
fn digits() {
    for (x, y, power) in [
        ("2000000000000000000", "1000000000000000000", "1999999999999999998"),
        ("2000000000000000000", "500000000000000000", "1414213562373095047"),
        ("10000000000000000001", "1000000000000000000", "9999999999999999999"),
        ("123000000000000000", "5000000000000000000", "28153056843000"),
        ("0", "5", "0"),
        ("5", "0", "1000000000000000000"),
    ] {
        assert_eq!(pow(u256(x), u256(y)), Ok(u256(power)), "{x}^{y}");
    }
    assert_eq!(exp(positive("1000000000000000000")), Ok(u256("2718281828459045235")));
    assert_eq!(exp(positive("100000000000000000000")), Ok(u256("26881171418161354484131967259153438289195652545281114830700000")));
    assert_eq!(ln(u256("2000000000000000000")), Ok(positive("693147180559945309")));
    assert_eq!(ln(u256("999999999999999999")), Ok(Signed { negative: true, size: U256::ONE }));
    assert_eq!(log(u256("8000000000000000000"), u256("2000000000000000000")), Ok(positive("3000000000000000001")));
}

#[test]
fn bounds() {
    assert_eq!(pow(U256::ONE << 255, ONE), Err(Reason::BaseOutOfBounds));
    assert_eq!(pow(ONE, (U256::ONE << 254) / u256("100000000000000000000")), Err(Reason::ExponentOutOfBounds));
    assert_eq!(pow(wad(0.5), wad(100.0)), Err(Reason::ProductOutOfBounds));
    assert_eq!(pow((U256::ONE << 255) - U256::ONE, ONE), Err(Reason::ProductOutOfBounds));
    assert!(pow((U256::ONE << 255) - U256::ONE, wad(0.9)).is_ok());
    assert!(pow(U256::ONE, wad(0.98)).is_ok());
    let limit = positive("130000000000000000000");
    assert!(exp(limit).is_ok());
    assert_eq!(exp(Signed { size: limit.size + U256::ONE, ..limit }), Err(Reason::InvalidExponent));
    let limit = Signed { negative: true, size: u256("41000000000000000000") };
    assert!(exp(limit).is_ok());
    assert_eq!(exp(Signed { size: limit.size + U256::ONE, ..limit }), Err(Reason::InvalidExponent));
    assert_eq!(ln(U256::ZERO), Err(Reason::OutOfBounds));
    assert_eq!(log(ONE, ONE), Err(Reason::ZeroDivision));
}

/// A power is never further from the truth than the contracts allow for.
#[test]
fn powers_are_bracketed() {
    for version in [Version::V2, Version::V3] {
        let math = FixedPoint(version);
        for x in [0.001, 0.3, 0.89, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 7.0, 1e6] {
            for y in [0.01, 0.25, 0.8, 1.0, 2.0, 3.7, 4.0, 5.0] {
                let (x, y) = (wad(x), wad(y));
                let truth = cenote_units::math::powf(f64::from(x) / 1e18, f64::from(y) / 1e18);
                let (down, up) = (math.pow_down(x, y).unwrap(), math.pow_up(x, y).unwrap());
                assert!(down <= up);
                let slack = 1e-15 * truth + 4e-18;
                assert!(f64::from(down) / 1e18 <= truth + slack && f64::from(up) / 1e18 >= truth - slack, "{x}^{y}");
                assert!(f64::from(up - down) <= 2.1e-14 * f64::from(up) + 8.0, "{x}^{y}");
            }
        }
    }
}

#[test]
fn reverts_have_the_contracts_names() {
    let code = |version: Version, reason| FixedPoint(version).fail(reason).revert_code();
    assert_eq!(code(Version::V2, Reason::MaxInRatio { amount: 1.0, limit: 0.3 }), "BAL#304");
    assert_eq!(code(Version::V3, Reason::MaxInRatio { amount: 1.0, limit: 0.3 }), "MaxInRatio");
    for (version, empty, overflow) in [(Version::V2, "BAL#004", "BAL#005"), (Version::V3, "Panic(18)", "Panic(17)")] {
        let math = FixedPoint(version);
        assert_eq!(math.div_down(ONE, U256::ZERO).unwrap_err().revert_code(), empty);
        assert_eq!(math.div_down(U256::MAX, ONE).unwrap_err().revert_code(), overflow);
    }
    // Which of two faults comes first.
    assert_eq!(FixedPoint(Version::V2).div_down(U256::MAX, U256::ZERO).unwrap_err().revert_code(), "BAL#004");
    assert_eq!(FixedPoint(Version::V3).div_down(U256::MAX, U256::ZERO).unwrap_err().revert_code(), "Panic(17)");
    assert_eq!(FixedPoint(Version::V3).div_up(U256::MAX, U256::ZERO).unwrap_err().revert_code(), "ZeroDivision");
}
