use super::ROUND;

/// (sin(2πr)/r − 2π)/r² in powers of r², |r| ≤ 1/8, within 1.3e-17 of sin relative.
const S: [f64; 6] = [
    -41.341_702_240_399_755,
    81.605_249_276_051_7,
    -76.705_859_735_613_97,
    42.058_689_179_458_76,
    -15.094_054_064_726_203,
    3.786_430_011_879_243,
];
/// (cos(2πr) − 1)/r² in powers of r², |r| ≤ 1/8, within 1.2e-19.
const C: [f64; 7] = [
    -19.739_208_802_178_716,
    64.939_394_022_668_24,
    -85.456_817_206_643_78,
    60.244_641_352_694_35,
    -26.426_253_274_804_587,
    7.903_206_845_861_561,
    -1.699_032_865_005_545_7,
];
/// 2π − TAU, the rest of the rounded constant.
const TAU_LOW: f64 = 2.449_293_598_294_706_4e-16;

/// (sin 2πu, cos 2πu): the argument counts turns, so that its reduction is exact.
#[inline(always)]
pub fn sin_cos_turns(u: f64) -> (f64, f64) {
    let shifted = u * 4.0 + ROUND;
    let quadrant = shifted.to_bits();
    let r = u - (shifted - ROUND) * 0.25;
    let z = r * r;
    let z2 = z * z;
    let s = ((S[0] + S[1] * z) + (S[2] + S[3] * z) * z2) + (S[4] + S[5] * z) * (z2 * z2);
    let c = ((C[0] + C[1] * z) + (C[2] + C[3] * z) * z2) + ((C[4] + C[5] * z) + C[6] * z2) * (z2 * z2);
    let sin = r * std::f64::consts::TAU + r * (TAU_LOW + z * s);
    let cos = 1.0 + z * c;
    let (a, b) = if quadrant & 1 == 0 { (sin, cos) } else { (cos, sin) };
    let sign_a = (quadrant & 2) << 62;
    let sign_b = (quadrant.wrapping_add(1) & 2) << 62;
    (f64::from_bits(a.to_bits() ^ sign_a), f64::from_bits(b.to_bits() ^ sign_b))
}
