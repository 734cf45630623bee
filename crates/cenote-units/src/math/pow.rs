use super::{LN_2_HIGH, LN_2_LOW, exp};

/// ((ln((1 + s)/(1 − s)) − 2s)/s³ − ⅔)/s² in powers of s², for the mantissas between √½ and √2, within 2.6e-17.
const R: [f64; 8] = [
    0.4,
    0.285_714_285_714_293_64,
    0.222_222_222_216_561_63,
    0.181_818_183_353_300_8,
    0.153_845_949_692_202_53,
    0.133_348_043_293_424_3,
    0.117_062_461_007_342_45,
    0.117_230_765_472_478_43,
];
/// ⅔ and what the nearest float leaves of it.
const TWO_THIRDS: Pair = Pair { high: 0.666_666_666_666_666_6, low: 3.700_743_415_417_188e-17 };

/// As in [`ln`](super::ln).
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_0000_0000;
const TWO_52: f64 = 4_503_599_627_370_496.0;
/// 2²⁷ + 1, which splits a float into two of 26 bits (Dekker 1971).
const SPLIT: f64 = 134_217_729.0;

/// A number as the sum of two floats, the second a rounding error of the first: about 106 bits.
#[derive(Clone, Copy)]
struct Pair {
    high: f64,
    low: f64,
}

/// a + b, exactly, if |a| ≥ |b| or a = 0.
#[inline(always)]
fn sum(a: f64, b: f64) -> Pair {
    let high = a + b;
    Pair { high, low: b - (high - a) }
}

/// a · b, exactly, without a fused multiply-add.
#[inline(always)]
fn product(a: f64, b: f64) -> Pair {
    let halves = |x: f64| {
        let shifted = x * SPLIT;
        let high = shifted - (shifted - x);
        (high, x - high)
    };
    let ((a1, a2), (b1, b2)) = (halves(a), halves(b));
    let high = a * b;
    Pair { high, low: ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2 }
}

/// a · b to about 100 bits.
#[inline(always)]
fn times(a: Pair, b: Pair) -> Pair {
    let Pair { high, low } = product(a.high, b.high);
    Pair { high, low: low + (a.high * b.low + a.low * b.high) }
}

/// ln x of a positive finite x, within 2⁻⁶³ of itself.
#[inline(always)]
fn ln_pair(x: f64) -> Pair {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * 18_014_398_509_481_984.0 } else { x };
    let offset = if subnormal { 1023.0 + 54.0 } else { 1023.0 };
    let shifted = scaled.to_bits().wrapping_sub(SQRT_HALF_BITS).wrapping_add(1023 << 52);
    let k = f64::from_bits((shifted >> 52) | TWO_52.to_bits()) - TWO_52 - offset;
    let m = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF_BITS));
    // s = (m − 1)/(m + 1): the numerator is exact, the denominator and the quotient are pairs.
    let f = m - 1.0;
    let d = sum(2.0, f);
    let quotient = f / d.high;
    let back = product(quotient, d.high);
    let s = Pair { high: quotient, low: (((f - back.high) - back.low) - quotient * d.low) / d.high };
    let z = times(s, s);
    let (z1, z2) = (z.high, z.high * z.high);
    let tail = ((R[0] + R[1] * z1) + (R[2] + R[3] * z1) * z2) + ((R[4] + R[5] * z1) + (R[6] + R[7] * z1) * z2) * (z2 * z2);
    let series = sum(TWO_THIRDS.high, z1 * tail);
    let series = Pair { high: series.high, low: series.low + TWO_THIRDS.low };
    // ln m = 2s + s³ · series, and k ln 2 on top, whose leading part is exact.
    let cubic = times(times(s, z), series);
    let mantissa = sum(s.high + s.high, cubic.high);
    let whole = sum(k * LN_2_HIGH, mantissa.high);
    let low = whole.low + (mantissa.low + (cubic.low + (s.low + s.low)) + k * LN_2_LOW);
    sum(whole.high, low)
}

/// xʸ for x ≥ 0, as the standard's `pow` but for two things: a negative x gives NaN even if y is whole (and 1 if y is 0),
/// and results below e⁻⁷⁰⁸ are zero, as those of [`exp`](super::exp).
///
/// The logarithm is carried in two floats, so that y ln x keeps its last digits where it is in the hundreds.
#[inline(always)]
pub fn powf(x: f64, y: f64) -> f64 {
    let ln = ln_pair(x);
    let exponent = product(ln.high, y);
    let low = exponent.low + ln.low * y;
    // Beyond this the result is zero or infinite whatever follows, and splitting y may have overflowed.
    let within = exponent.high.abs() < 1000.0;
    let low = if within { low } else { 0.0 };
    let power = exp(exponent.high);
    // exp(high + low), to first order in the rounding error.
    let power = if power < f64::INFINITY { power + power * low } else { power };
    // What lies at the ends of x grows with y, or falls.
    let end = if x > 1.0 { y } else { -y };
    let end = if end > 0.0 { f64::INFINITY } else { 0.0 };
    let power = if x == 0.0 || x == f64::INFINITY { end } else { power };
    let power = if x >= 0.0 { power } else { f64::NAN };
    let power = if y.is_nan() { y } else { power };
    if x == 1.0 || y == 0.0 { 1.0 } else { power }
}
