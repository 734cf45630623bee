use super::{LN_2_HIGH, LN_2_LOW, ROUND};

/// (eʳ − 1 − r)/r² on |r| ≤ ln 2 / 2, within 1.7e-19.
const Q: [f64; 11] = [
    0.5,
    0.166_666_666_666_666_7,
    0.041_666_666_666_666_67,
    0.008_333_333_333_326_136,
    0.001_388_888_888_888_374_8,
    0.000_198_412_698_748_206_27,
    2.480_158_732_554_774_3e-5,
    2.755_725_540_020_642_2e-6,
    2.755_727_364_311_03e-7,
    2.510_521_700_472_074_5e-8,
    2.091_468_696_808_687_6e-9,
];

/// x = n ln 2 + r with |r| ≤ ln 2 / 2. Returns (eʳ − 1, n).
#[inline(always)]
fn reduce(x: f64) -> (f64, f64) {
    let n = (x * std::f64::consts::LOG2_E + ROUND) - ROUND;
    let r = (x - n * LN_2_HIGH) - n * LN_2_LOW;
    let r2 = r * r;
    let r4 = r2 * r2;
    let r8 = r4 * r4;
    // Estrin's scheme: short dependency chains.
    let q = ((Q[0] + Q[1] * r) + (Q[2] + Q[3] * r) * r2)
        + ((Q[4] + Q[5] * r) + (Q[6] + Q[7] * r) * r2) * r4
        + ((Q[8] + Q[9] * r) + Q[10] * r2) * r8;
    (r + r2 * q, n)
}

/// 2ⁿ for an integer −1022 ≤ n ≤ 1023.
#[inline(always)]
fn power_of_two(n: f64) -> f64 {
    f64::from_bits((n + ROUND).to_bits().wrapping_add(1023) << 52)
}

/// eˣ. Results below e⁻⁷⁰⁸ are zero: no price or probability lives there, and it saves a second scaling.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    // Beyond this the result overflows anyway. NaN passes.
    let near = if x > 710.0 { 710.0 } else { x };
    let (p, n) = reduce(near);
    // 2ⁿ⁻¹ is a float for every n up to 1024, and doubling is exact.
    let y = (2.0 + (p + p)) * power_of_two(n - 1.0);
    if x < -708.0 { 0.0 } else { y }
}

/// eˣ − 1, accurate near zero.
#[inline(always)]
pub fn exp_m1(x: f64) -> f64 {
    let near = if x > 40.0 { 40.0 } else { x };
    let near = if near < -40.0 { -40.0 } else { near };
    let (p, n) = reduce(near);
    let scale = power_of_two(n);
    let small = (scale - 1.0) + scale * p;
    // Below 2⁻⁵⁴ the result is x itself, signed zero included.
    let small = if x.abs() < 5e-17 { x } else { small };
    if x > 40.0 { exp(x) } else { small }
}
