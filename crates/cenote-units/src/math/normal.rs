//! Normals by the transform of Box and Muller (1958), and waiting times by inversion, cut to what they need.

/// Low 40 bits: k of the radius uniform (2k + 1)/2⁴¹.
const RADIUS_BITS: u64 = (1 << 40) - 1;
/// Added to it, bit 0 of a float's representation is worth 2⁻⁴⁰.
const RADIUS_BASE: f64 = 4096.0;
/// 2⁴¹.
const TWO_41: f64 = 2_199_023_255_552.0;
/// Bits 40 to 59 after a shift by 32: j of the angle (2j + 1)/2²³ − 1/8 turns.
const ANGLE_BITS: u64 = ((1 << 20) - 1) << 8;
/// Added to it, bit 8 of a float's representation is worth 2⁻²² turns.
const ANGLE_BASE: f64 = 4_194_304.0;
/// 2²³.
const TWO_23: f64 = 8_388_608.0;
const SWAP_BIT: u64 = 1 << 62;
const SIGN_BIT: u64 = 1 << 63;

const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
/// 2⁵²: with it, the low 52 bits of a float's representation are its integer value.
const TWO_52: f64 = 4_503_599_627_370_496.0;

/// About √2, in so few bits that its product with a radius uniform is exact.
const CENTRE: f64 = 1.414_062_5;
const MINUS_2_LN_2: f64 = -2.0 * std::f64::consts::LN_2;

/// −2 ln((1 + s)/(1 − s))/s in powers of s², for the mantissas around [`CENTRE`], within 2.8e-14 relative.
const LOG: [f64; 6] = [
    -3.999_999_999_999_894,
    -1.333_333_333_592_378_5,
    -0.799_999_897_584_744_2,
    -0.571_443_350_324_221_3,
    -0.443_483_800_459_677_8,
    -0.392_180_003_889_230_85,
];
/// sin(2πt)/t in powers of t², |t| ≤ 1/8, within 4.8e-15 relative.
const SIN: [f64; 6] = [
    6.283_185_307_179_56,
    -41.341_702_240_275_78,
    81.605_249_183_483_93,
    -76.705_834_458_451_29,
    42.055_569_255_944_99,
    -14.916_565_118_819_118,
];
/// cos(2πt) in powers of t², |t| ≤ 1/8, within 7.9e-14 relative.
const COS: [f64; 6] = [
    0.999_999_999_999_944_4,
    -19.739_208_801_922_548,
    64.939_393_831_348_31,
    -85.456_764_937_194_07,
    60.238_183_593_014_54,
    -26.058_123_753_882_793,
];

#[inline(always)]
fn polynomial(c: &[f64; 6], x: f64) -> f64 {
    let x2 = x * x;
    (c[0] + c[1] * x) + x2 * ((c[2] + c[3] * x) + x2 * (c[4] + c[5] * x))
}

/// −2 ln u of a normal float.
#[inline(always)]
fn minus_2_ln(u: f64) -> f64 {
    // It puts u = 1 in the middle of a binade.
    let bits = (u * CENTRE).to_bits();
    let exponent = f64::from_bits((bits >> 52) | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    let mantissa = f64::from_bits((bits & MANTISSA) | 1.0_f64.to_bits());
    let s = (mantissa - CENTRE) / (mantissa + CENTRE);
    exponent * MINUS_2_LN_2 + s * polynomial(&LOG, s * s)
}

/// √(−2 ln u), u = (2k + 1)/2⁴¹.
#[inline(always)]
fn radius(word: u64) -> f64 {
    let filled = f64::from_bits((word & RADIUS_BITS) | RADIUS_BASE.to_bits());
    // Exact, and so is its product with the centre: u has 41 bits and the centre 8.
    let u = filled - (RADIUS_BASE - 1.0 / TWO_41);
    minus_2_ln(u).sqrt()
}

/// A standard exponential from a uniform strictly between 0 and 1: −ln u, within 10⁻¹³ of itself or, if it is below one, of one. That is
/// as much as a waiting time needs that is rounded to a nanosecond.
#[inline(always)]
pub fn waiting_time(u: f64) -> f64 {
    let wait = 0.5 * minus_2_ln(u);
    if wait > 0.0 { wait } else { 0.0 }
}

/// Cosine and sine of the angle.
#[inline(always)]
fn direction(word: u64) -> (f64, f64) {
    let filled = f64::from_bits(((word >> 32) & ANGLE_BITS) | ANGLE_BASE.to_bits());
    // Exact: between −1/8 and 1/8, never 0.
    let t = filled - (ANGLE_BASE + 0.125 - 1.0 / TWO_23);
    let t2 = t * t;
    let sin = t * polynomial(&SIN, t2);
    let cos = polynomial(&COS, t2);
    let cos = f64::from_bits(cos.to_bits() ^ (word & SIGN_BIT));
    if word & SWAP_BIT == 0 { (cos, sin) } else { (sin, cos) }
}

/// Two independent standard normals from the bits of one random word.
///
/// | bits | |
/// |---|---|
/// | 0-39 | k: radius √(−2 ln u), u = (2k + 1)/2⁴¹ |
/// | 40-59 | j: angle t = (2j + 1)/2²³ − 1/8 turns, the quarter around zero |
/// | 60, 61 | not used: two coins for the caller |
/// | 62 | cosine and sine change places |
/// | 63 | sign of the cosine |
///
/// The normals are the radius times (±cos 2πt, sin 2πt), or the two exchanged: together 2²² equally spaced angles,
/// each reached by one pattern of bits, none of them on an axis or a diagonal. Each normal is within 10⁻¹³
/// (relative) of its formula.
///
/// # What the finite word does to the distribution
/// Equally spaced angles have the trigonometric moments of the circle *exactly*, for all orders below 2²²: moments of
/// the pair, mixed ones too, differ from those of normals only by what the radius does. Its uniform is the
/// midpoint of its cell, so E\[r²\] = 2 to within 10⁻¹². The largest radius is √(2 ln 2⁴¹) = 7.54; beyond it a standard
/// normal has probability 5 × 10⁻¹⁴. A pair takes one of 2⁶² values.
#[inline(always)]
pub fn normal_pair(word: u64) -> (f64, f64) {
    let radius = radius(word);
    let (cos, sin) = direction(word);
    (radius * cos, radius * sin)
}

#[cfg(test)]
mod tests {
    use super::{TWO_23, TWO_41, normal_pair, waiting_time};

    #[test]
    fn waiting_times_are_within_their_bound() {
        for word in words() {
            for u in [float(2 * (word >> 12) + 1) / 9_007_199_254_740_992.0, float(2 * (word & 0xff_ffff_ffff) + 1) / TWO_41] {
                let (got, want) = (waiting_time(u), -u.ln());
                assert!((got - want).abs() <= 1e-13 * want.max(1.0) && got >= 0.0, "{u}: {got} for {want}");
            }
        }
    }

    /// Irregular words, and the corners of each field with all settings of the other bits.
    fn words() -> impl Iterator<Item = u64> {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let spread = (0..400_000).map(move |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // High bits of such a generator are its good ones.
            state.rotate_left(32) ^ (state >> 7)
        });
        // Small uniforms, and uniforms near one, where the logarithm loses its digits first.
        let ends = (0..40).flat_map(|shift| {
            let small = ((1_u64 << 40) - 1) >> shift;
            [small, ((1 << 40) - 1) ^ small]
        });
        let corners = ends.flat_map(|k| {
            [0_u64, 1, (1 << 19) - 1, 1 << 19, (1 << 20) - 1]
                .into_iter()
                .flat_map(move |j| (0..16).map(move |rest| k | (j << 40) | (rest << 60)))
        });
        spread.chain(corners)
    }

    #[expect(clippy::cast_precision_loss, reason = "41 bits")]
    fn float(k: u64) -> f64 {
        k as f64
    }

    /// The documented formula with the C library's functions.
    fn reference(word: u64) -> (f64, f64) {
        let u = float(2 * (word & 0xff_ffff_ffff) + 1) / TWO_41;
        let radius = (-2.0 * (if u > 0.5 { (u - 1.0).ln_1p() } else { u.ln() })).sqrt();
        let t = float(2 * ((word >> 40) & 0xf_ffff) + 1) / TWO_23 - 0.125;
        let (sin, cos) = (std::f64::consts::TAU * t).sin_cos();
        let cos = if word >> 63 == 1 { -cos } else { cos };
        if (word >> 62) & 1 == 1 { (radius * sin, radius * cos) } else { (radius * cos, radius * sin) }
    }

    #[test]
    fn pairs_are_within_their_bound() {
        for word in words() {
            let (got, want) = (normal_pair(word), reference(word));
            for (got, want) in [(got.0, want.0), (got.1, want.1)] {
                assert!((got / want - 1.0).abs() <= 1e-13, "{word:#018x}: {got} for {want}");
            }
        }
    }

    #[test]
    fn coins_do_not_matter() {
        for word in words() {
            assert_eq!(normal_pair(word), normal_pair(word ^ (3 << 60)));
        }
    }

    #[test]
    fn pairs_have_the_square_s_symmetries() {
        for word in words() {
            let (a, b) = normal_pair(word & !(3 << 62));
            assert!(a > b.abs(), "{a} and {b}: the quarter around zero");
            assert_eq!(normal_pair(word & !(3 << 62) | 1 << 62), (b, a));
            assert_eq!(normal_pair(word & !(3 << 62) | 1 << 63), (-a, b));
            assert_eq!(normal_pair(word | 3 << 62), (b, -a));
            // The complement of the angle's bits mirrors it.
            assert_eq!(normal_pair(word & !(3 << 62) ^ (0xf_ffff << 40)), (a, -b));
        }
    }

    #[test]
    fn range() {
        let largest = normal_pair((1 << 40) * (1 << 19)).0;
        assert!((7.53..7.54).contains(&largest), "{largest}");
        let smallest = normal_pair((1 << 40) - 1);
        assert!(smallest.0 > 6.7e-7 && smallest.1.abs() > 6.7e-7, "{smallest:?}");
    }

    /// Means over all 2²⁰ angles of the quarter, at one radius: with the symmetries above, those over the circle.
    #[test]
    fn trigonometric_moments_are_the_circle_s() {
        let mut means = [0.0; 3];
        // In runs, or the sums would lose more than they are tested to.
        for run in 0..1024_u64 {
            let mut sums = [0.0; 3];
            for j in run * 1024..(run + 1) * 1024 {
                let (a, b) = normal_pair((1 << 39) | (j << 40));
                let (a, b) = (a * a, b * b);
                sums[0] += a + b;
                sums[1] += a * a + b * b;
                sums[2] += a * a * a * a + b * b * b * b;
            }
            for (mean, sum) in means.iter_mut().zip(sums) {
                *mean += sum / f64::from(1 << 20);
            }
        }
        // r², and r⁴, r⁸ times the circle's means of cos⁴ and cos⁸ (once for each of the two).
        let [r2, fourth, eighth] = means;
        assert!((r2 / (2.0 * std::f64::consts::LN_2) - 1.0).abs() < 2e-12);
        assert!((fourth / r2.powi(2) - 2.0 * 3.0 / 8.0).abs() < 1e-12);
        assert!((eighth / r2.powi(4) - 2.0 * 35.0 / 128.0).abs() < 1e-12);
    }

    /// Frozen bits: a change here changes every simulated number and is value-breaking.
    #[test]
    fn bits_are_frozen() {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut take = |x: f64| hash = (hash ^ x.to_bits()).wrapping_mul(0x0000_0100_0000_01b3);
        for word in words() {
            let (a, b) = normal_pair(word);
            take(a);
            take(b);
        }
        assert_eq!(hash, 0x5d27_c596_299c_326f, "{hash:#018x}");
    }
}
