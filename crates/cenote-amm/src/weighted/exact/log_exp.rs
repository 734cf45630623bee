//! Powers in 18 decimals, digit by digit as the contract's `LogExpMath.sol` computes them.
//!
//! x^y = exp(y ln x). The logarithm and the exponential take away the powers e^(2^k) for which there are constants; a series does
//! the rest. Division truncates toward zero everywhere, so a negative logarithm is a sign before the positive one's digits.
//!
//! A `None` would be an integer that outgrew 256 bits, which the bounds of [`pow`] rule out.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::U256;

use crate::weighted::error::Reason;

/// 10^`exponent`.
pub(super) const fn ten_to(exponent: u32) -> U256 {
    let mut power = U256::ONE;
    let mut count = 0;
    while count < exponent {
        // 10 · 2^252 would not fit, 10^76 does; nothing here goes beyond 10^36.
        power = power.wrapping_mul(U256::from_limbs([10, 0, 0, 0]));
        count = count.wrapping_add(1);
    }
    power
}

const ONE_18: U256 = ten_to(18);
const ONE_20: U256 = ten_to(20);
const ONE_36: U256 = ten_to(36);
const HUNDRED: U256 = ten_to(2);

/// `digits · 10^zeros`.
const fn scaled(digits: u128, zeros: u32) -> U256 {
    #[allow(clippy::cast_possible_truncation, reason = "the two halves")]
    let digits = U256::from_limbs([digits as u64, (digits >> 64) as u64, 0, 0]);
    digits.wrapping_mul(ten_to(zeros))
}

/// The exponents that [`exp`] takes, with 18 decimals: −41 to 130.
const MAX_EXPONENT: U256 = scaled(130, 18);
const MIN_EXPONENT: U256 = scaled(41, 18);
/// Between these, with 18 decimals, logarithms are computed with 36.
const NEAR_ONE: (U256, U256) = (scaled(9, 17), scaled(11, 17));

/// 2^7 and 2^6 with 18 decimals, and their exponentials as integers.
const LARGE: [(U256, U256); 2] =
    [(scaled(128, 18), scaled(388_770_840_599_459_509_222, 35)), (scaled(64, 18), scaled(623_514_908_081_161_688_291, 7))];
/// 2^5 to 2^-4 with 20 decimals, and their exponentials with 20 decimals.
const SMALL: [(U256, U256); 10] = [
    (scaled(3_200, 18), scaled(78_962_960_182_680_695_161, 14)),
    (scaled(1_600, 18), scaled(888_611_052_050_787_263_676, 6)),
    (scaled(800, 18), scaled(298_095_798_704_172_827_474, 3)),
    (scaled(400, 18), scaled(5_459_815_003_314_423_907_810, 0)),
    (scaled(200, 18), scaled(738_905_609_893_065_022_723, 0)),
    (scaled(100, 18), scaled(271_828_182_845_904_523_536, 0)),
    (scaled(50, 18), scaled(164_872_127_070_012_814_685, 0)),
    (scaled(25, 18), scaled(128_402_541_668_774_148_407, 0)),
    (scaled(125, 17), scaled(113_314_845_306_682_631_683, 0)),
    (scaled(625, 16), scaled(106_449_445_891_785_942_956, 0)),
];

fn mul_div(a: U256, b: U256, c: U256) -> Option<U256> {
    a.checked_mul(b)?.checked_div(c)
}

/// A number with its sign apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Whether it is below zero.
    pub negative: bool,
    /// How far it is from zero.
    pub size: U256,
}

/// `x^y`, all with 18 decimals, to about 18 digits.
///
/// # Errors
/// [`Reason::BaseOutOfBounds`], [`Reason::ExponentOutOfBounds`], [`Reason::ProductOutOfBounds`], in this order.
pub fn pow(x: U256, y: U256) -> Result<U256, Reason> {
    if y.is_zero() {
        return Ok(ONE_18);
    }
    if x.is_zero() {
        return Ok(U256::ZERO);
    }
    if x.bit(255) {
        return Err(Reason::BaseOutOfBounds);
    }
    // MILD_EXPONENT_BOUND = 2^254 / 10^20
    if y >= U256::ONE.wrapping_shl(254).wrapping_div(ONE_20) {
        return Err(Reason::ExponentOutOfBounds);
    }
    let product = log_times(x, y).ok_or(Reason::MulOverflow)?;
    let bound = if product.negative { MIN_EXPONENT } else { MAX_EXPONENT };
    if product.size > bound {
        return Err(Reason::ProductOutOfBounds);
    }
    exponential(product).ok_or(Reason::MulOverflow)
}

/// e^x with 18 decimals.
///
/// # Errors
/// [`Reason::InvalidExponent`] unless −41 ≤ x ≤ 130.
pub fn exp(x: Signed) -> Result<U256, Reason> {
    if x.size > if x.negative { MIN_EXPONENT } else { MAX_EXPONENT } {
        return Err(Reason::InvalidExponent);
    }
    exponential(x).ok_or(Reason::MulOverflow)
}

/// ln x with 18 decimals.
///
/// # Errors
/// [`Reason::OutOfBounds`] if x is zero or has 256 bits.
pub fn ln(x: U256) -> Result<Signed, Reason> {
    let ln = ln_times_ten_to_18(x)?;
    Ok(Signed { size: ln.size.wrapping_div(ONE_18), ..ln })
}

/// The logarithm of x to a base, all with 18 decimals.
///
/// # Errors
/// [`Reason::OutOfBounds`] if one of the two is zero or has 256 bits, [`Reason::ZeroDivision`] if the base is 1.
pub fn log(x: U256, base: U256) -> Result<Signed, Reason> {
    let (x, base) = (ln_times_ten_to_18(x)?, ln_times_ten_to_18(base)?);
    let size = x.size.checked_mul(ONE_18).ok_or(Reason::MulOverflow)?.checked_div(base.size).ok_or(Reason::ZeroDivision)?;
    Ok(Signed { negative: x.negative != base.negative && !size.is_zero(), size })
}

/// ln x with 36 decimals, the last 18 of them zero unless x is near 1.
fn ln_times_ten_to_18(x: U256) -> Result<Signed, Reason> {
    if x.is_zero() || x.bit(255) {
        return Err(Reason::OutOfBounds);
    }
    let ln = if NEAR_ONE.0 < x && x < NEAR_ONE.1 {
        ln_36(x)
    } else {
        ln_18(x).and_then(|ln| Some(Signed { size: ln.size.checked_mul(ONE_18)?, ..ln }))
    };
    ln.ok_or(Reason::MulOverflow)
}

/// `y ln x` with 18 decimals.
fn log_times(x: U256, y: U256) -> Option<Signed> {
    let near_one = NEAR_ONE.0 < x && x < NEAR_ONE.1;
    if !near_one {
        let ln = ln_18(x)?;
        return Some(Signed { size: mul_div(ln.size, y, ONE_18)?, ..ln });
    }
    let ln = ln_36(x)?;
    let (whole, rest) = (ln.size.checked_div(ONE_18)?, ln.size.checked_rem(ONE_18)?);
    let product = whole.checked_mul(y)?.checked_add(mul_div(rest, y, ONE_18)?)?;
    Some(Signed { size: product.checked_div(ONE_18)?, ..ln })
}

/// e^x with 18 decimals, for exponents within bounds.
fn exponential(x: Signed) -> Option<U256> {
    if x.negative {
        let inverse = exponential(Signed { negative: false, ..x })?;
        return ONE_36.checked_div(inverse);
    }
    let mut x = x.size;
    let mut large = U256::ONE;
    for (exponent, power) in LARGE {
        // 128 and 64 together are out of bounds: at most one of them applies.
        if large == U256::ONE && x >= exponent {
            x = x.checked_sub(exponent)?;
            large = power;
        }
    }
    x = x.checked_mul(HUNDRED)?;
    let mut product = ONE_20;
    // The last two constants are for the logarithm only.
    for (exponent, power) in SMALL.iter().take(8) {
        if x >= *exponent {
            x = x.checked_sub(*exponent)?;
            product = mul_div(product, *power, ONE_20)?;
        }
    }
    let mut term = x;
    let mut series = ONE_20.checked_add(term)?;
    for n in 2_u64..=12 {
        term = mul_div(term, x, ONE_20)?.checked_div(U256::from(n))?;
        series = series.checked_add(term)?;
    }
    mul_div(product, series, ONE_20)?.checked_mul(large)?.checked_div(HUNDRED)
}

/// ln x with 18 decimals, for any x.
fn ln_18(x: U256) -> Option<Signed> {
    let negative = x < ONE_18;
    let mut x = if negative { ONE_36.checked_div(x)? } else { x };
    let mut sum = U256::ZERO;
    for (exponent, power) in LARGE {
        if x >= power.checked_mul(ONE_18)? {
            x = x.checked_div(power)?;
            sum = sum.checked_add(exponent)?;
        }
    }
    sum = sum.checked_mul(HUNDRED)?;
    x = x.checked_mul(HUNDRED)?;
    for (exponent, power) in SMALL {
        if x >= power {
            x = mul_div(x, ONE_20, power)?;
            sum = sum.checked_add(exponent)?;
        }
    }
    let series = two_artanh(x.checked_sub(ONE_20)?, x, ONE_20, 11)?;
    Some(Signed { negative, size: sum.checked_add(series)?.checked_div(HUNDRED)? })
}

/// ln x with 36 decimals, for x with 18 decimals near 1.
fn ln_36(x: U256) -> Option<Signed> {
    let x = x.checked_mul(ONE_18)?;
    let negative = x < ONE_36;
    let size = two_artanh(x.abs_diff(ONE_36), x, ONE_36, 15)?;
    Some(Signed { negative, size })
}

/// 2 (z + z³/3 + … ) up to the power `last`, for z = `numerator`/(x + 1), all in units of 1/`one`.
fn two_artanh(numerator: U256, x: U256, one: U256, last: u64) -> Option<U256> {
    let z = mul_div(numerator, one, x.checked_add(one)?)?;
    let square = mul_div(z, z, one)?;
    let (mut power, mut sum) = (z, z);
    for n in (3..=last).step_by(2) {
        power = mul_div(power, square, one)?;
        sum = sum.checked_add(power.checked_div(U256::from(n))?)?;
    }
    sum.checked_mul(U256::from(2))
}
