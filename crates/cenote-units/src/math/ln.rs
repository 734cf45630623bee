use super::{LN_2_HIGH, LN_2_LOW};

/// (ln((1 + s)/(1 − s)) − 2s)/s³ in powers of s², for the mantissas between √½ and √2, within 4.6e-18.
const R: [f64; 7] = [
    0.666_666_666_666_667,
    0.399_999_999_998_994_44,
    0.285_714_286_260_032_7,
    0.222_222_111_302_598_78,
    0.181_828_894_556_749_47,
    0.153_317_106_182_107_73,
    0.146_165_854_248_886_23,
];

/// Bits of √½ with its last bits cleared: subtracting them from those of x leaves, in the exponent field, the k of
/// x = 2ᵏ m with m in [√½, √2).
const SQRT_HALF_BITS: u64 = 0x3fe6_a09e_0000_0000;
/// 2⁵²: with it, the low 52 bits of a float's representation are its integer value.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// Natural logarithm.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    let subnormal = x < f64::MIN_POSITIVE;
    let scaled = if subnormal { x * 18_014_398_509_481_984.0 } else { x };
    let offset = if subnormal { 1023.0 + 54.0 } else { 1023.0 };
    let bits = scaled.to_bits();
    // The offset of 1023 keeps the shifted field positive, so a logical shift serves every instruction set.
    let shifted = bits.wrapping_sub(SQRT_HALF_BITS).wrapping_add(1023 << 52);
    let k = f64::from_bits((shifted >> 52) | TWO_52.to_bits()) - TWO_52 - offset;
    let m = f64::from_bits((shifted & 0x000f_ffff_ffff_ffff).wrapping_add(SQRT_HALF_BITS));
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let z2 = z * z;
    let r = ((R[0] + R[1] * z) + (R[2] + R[3] * z) * z2) + ((R[4] + R[5] * z) + R[6] * z2) * (z2 * z2);
    let y = k * LN_2_HIGH + (f - (s * (f - z * r) - k * LN_2_LOW));
    let y = if x == f64::INFINITY { x } else { y };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    // Negative arguments, and NaN itself.
    if x >= 0.0 { y } else { f64::NAN }
}

/// ln(1 + x), accurate near zero.
#[inline(always)]
pub fn ln_1p(x: f64) -> f64 {
    let u = 1.0 + x;
    // What rounding took from the argument, to first order.
    let y = ln(u) + (x - (u - 1.0)) / u;
    let y = if x.abs() < 5e-17 { x } else { y };
    let y = if u == 0.0 { f64::NEG_INFINITY } else { y };
    if x == f64::INFINITY { x } else { y }
}
