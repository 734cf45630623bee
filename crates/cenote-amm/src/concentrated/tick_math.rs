//! Ticks and square root prices in Q64.96: `TickMath.sol`.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::U256;
use ruint::uint;

use super::error::ConcentratedError;
use crate::integer::division;
use crate::integer::limbs::{self, join, mul};

/// The lowest tick: below it √1.0001^tick has too few bits.
pub const MIN_TICK: i32 = -887_272;
/// The highest tick.
pub const MAX_TICK: i32 = 887_272;

uint! {
/// The square root price at [`MIN_TICK`], Q64.96: the lowest price there is.
pub const MIN_SQRT_PRICE_X96: U256 = 4295128739_U256;
/// The square root price at [`MAX_TICK`], Q64.96: all prices are below it.
pub const MAX_SQRT_PRICE_X96: U256 = 1461446703485210103287273052203988822378723970342_U256;
}

/// The square root price at tick 0.
const Q96: U256 = U256::from_limbs([0, 1 << 32, 0, 0]);

/// 2^128 · 1.0001^(-2^k/2) for bit k of a tick, as the contract has them.
const POWERS_X128: [u128; 20] = [
    0xfffc_b933_bd6f_ad37_aa2d_162d_1a59_4001,
    0xfff9_7272_373d_4132_59a4_6990_580e_213a,
    0xfff2_e50f_5f65_6932_ef12_357c_f3c7_fdcc,
    0xffe5_caca_7e10_e4e6_1c36_24ea_a094_1cd0,
    0xffcb_9843_d60f_6159_c9db_5883_5c92_6644,
    0xff97_3b41_fa98_c081_472e_6896_dfb2_54c0,
    0xff2e_a164_66c9_6a38_43ec_78b3_26b5_2861,
    0xfe5d_ee04_6a99_a2a8_11c4_61f1_969c_3053,
    0xfcbe_86c7_900a_88ae_dcff_c83b_479a_a3a4,
    0xf987_a725_3ac4_1317_6f2b_074c_f781_5e54,
    0xf339_2b08_22b7_0005_940c_7a39_8e4b_70f3,
    0xe715_9475_a2c2_9b74_43b2_9c7f_a6e8_89d9,
    0xd097_f3bd_fd20_22b8_845a_d8f7_92aa_5825,
    0xa9f7_4646_2d87_0fdf_8a65_dc1f_90e0_61e5,
    0x70d8_69a1_56d2_a1b8_90bb_3df6_2baf_32f7,
    0x31be_135f_97d0_8fd9_8123_1505_542f_cfa6,
    0x09aa_508b_5b7a_84e1_c677_de54_f3e9_9bc9,
    0x005d_6af8_dedb_8119_6699_c329_225e_e604,
    0x0000_2216_e584_f5fa_1ea9_2604_1bed_fe98,
    0x0000_0000_048a_1703_91f7_dc42_444e_8fa2,
];

/// The products of the first eight powers, as the contract multiplies them: 0 stands for 2^128, the product of none.
const FIRST_PRODUCTS_X128: [u128; 256] = {
    let mut products = [0; 256];
    let mut bits = 1;
    while bits < 256 {
        let mut product = 0;
        let mut bit = 0;
        while bit < 8 {
            if (bits >> bit) & 1 == 1 {
                product = times(product, POWERS_X128[bit]);
            }
            bit = bit.wrapping_add(1);
        }
        products[bits] = product;
        bits = bits.wrapping_add(1);
    }
    products
};

/// √1.0001^`tick` in Q64.96, rounded as the contract rounds it: token 1 per token 0, both in smallest units.
///
/// ```
/// use cenote_amm::concentrated::tick_math::{MIN_SQRT_PRICE_X96, MIN_TICK, sqrt_price_at_tick};
/// assert_eq!(sqrt_price_at_tick(MIN_TICK)?, MIN_SQRT_PRICE_X96);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
///
/// # Errors
/// [`ConcentratedError::InvalidTick`] outside [`MIN_TICK`] to [`MAX_TICK`].
///
/// Source: `TickMath.getSqrtRatioAtTick`.
pub fn sqrt_price_at_tick(tick: i32) -> Result<U256, ConcentratedError> {
    if !(MIN_TICK..=MAX_TICK).contains(&tick) {
        return Err(ConcentratedError::InvalidTick { tick });
    }
    if tick == 0 {
        return Ok(Q96);
    }
    let bits = tick.unsigned_abs();
    let [first, ..] = bits.to_le_bytes();
    let mut product = FIRST_PRODUCTS_X128[usize::from(first)];
    for (bit, power) in POWERS_X128.iter().enumerate().skip(8) {
        if (bits >> bit) & 1 == 1 {
            product = times(product, *power);
        }
    }
    let ratio_x128 = limbs::limbs(product);
    let [r0, r1, r2] = if tick > 0 {
        // The lowest ratio is above 2^64: two limbs, and an inverse of three.
        let ([q0, q1, q2, _], _) = division::divide_by(&[u64::MAX; 4], &ratio_x128);
        [q0, q1, q2]
    } else {
        let [r0, r1] = ratio_x128;
        [r0, r1, 0]
    };
    // Rounded up, so that the tick of this price is this tick.
    let truncated = [(r0 >> 32) | (r1 << 32), (r1 >> 32) | (r2 << 32), r2 >> 32, 0];
    Ok(U256::from_limbs(limbs::add(&truncated, &[u64::from(r0 << 32 != 0), 0, 0, 0]).0))
}

/// A product of powers and one power more, where 0 stands for 2^128: no product starts with that, but with its first factor.
#[inline]
const fn times(product: u128, power: u128) -> u128 {
    if product == 0 { power } else { upper_half_of_product(product, power) }
}

/// The upper 128 bits of a product of 256.
#[inline]
const fn upper_half_of_product(a: u128, b: u128) -> u128 {
    let ([a0, a1], [b0, b1]) = (limbs::limbs(a), limbs::limbs(b));
    let (low, cross0, cross1, high) = (mul(a0, b0), mul(a0, b1), mul(a1, b0), mul(a1, b1));
    // No sum of three numbers below 2^64 exceeds 128 bits.
    let middle = (low >> 64).wrapping_add(join(0, limbs::low(cross0))).wrapping_add(join(0, limbs::low(cross1)));
    high.wrapping_add(cross0 >> 64).wrapping_add(cross1 >> 64).wrapping_add(middle >> 64)
}

/// 2/ln(1.0001): ticks per unit of the logarithm of a square root price.
pub(super) const TICKS_PER_LN: f64 = 20_000.999_983_334_166;
/// The logarithm of 2, in ticks.
const LN_2: f64 = core::f64::consts::LN_2 * TICKS_PER_LN;
/// That of 2^96.
const LN_X96: f64 = 96.0 * LN_2;
/// 2^96.
pub(super) const TWO_96: f64 = 79_228_162_514_264_337_593_543_950_336.0;
/// How near to a whole tick the estimate is no longer trusted. Its error is below 4.1e-4, and the rounding of the lowest square root
/// prices to integers is worth 5e-6 ticks.
const TICK_MARGIN: f64 = 1e-3;

/// The greatest tick whose square root price is at most `sqrt_price_x96`.
///
/// # Errors
/// [`ConcentratedError::InvalidSqrtPrice`] below [`MIN_SQRT_PRICE_X96`], or not below [`MAX_SQRT_PRICE_X96`].
///
/// Source: `TickMath.getTickAtSqrtRatio`, whose binary logarithm this replaces: a floating-point logarithm says which tick it is, and
/// near a whole tick [`sqrt_price_at_tick`] decides.
#[inline]
pub fn tick_at_sqrt_price(sqrt_price_x96: U256) -> Result<i32, ConcentratedError> {
    if !(MIN_SQRT_PRICE_X96..MAX_SQRT_PRICE_X96).contains(&sqrt_price_x96) {
        return Err(ConcentratedError::InvalidSqrtPrice { sqrt_price: to_f64(sqrt_price_x96) });
    }
    let [p0, p1, p2, _] = *sqrt_price_x96.as_limbs();
    match tick_estimate(leading_bits(&[p0, p1, p2]), LN_X96) {
        TickEstimate::Inside(tick) => Ok(tick),
        TickEstimate::Near(tick) if sqrt_price_at_tick(tick)? <= sqrt_price_x96 => Ok(tick),
        TickEstimate::Near(tick) => Ok(tick.saturating_sub(1)),
    }
}

/// A number above zero rounded down to 53 bits, without a conversion of integers.
#[inline]
fn leading_bits(number: &[u64; 3]) -> f64 {
    let [n0, n1, n2] = *number;
    let (upper, lower, bits) = if n2 != 0 {
        (n2, n1, 192_u32)
    } else if n1 != 0 {
        (n1, n0, 128)
    } else {
        (n0, 0, 64)
    };
    let zeros = upper.leading_zeros();
    let mantissa = limbs::high(join(upper, lower).wrapping_shl(zeros));
    let exponent = 1022_u32.wrapping_add(bits).wrapping_sub(zeros);
    f64::from_bits((u64::from(exponent) << 52) | ((mantissa << 1) >> 12))
}

/// What a floating-point logarithm knows about a tick.
pub(super) enum TickEstimate {
    /// The price is well inside this tick.
    Inside(i32),
    /// The price is at the lower bound of this tick, just above or just below.
    Near(i32),
}

/// The middle m of a 128th of the way from 1 to 2.
#[derive(Clone, Copy)]
struct Segment {
    /// 1/m, in ticks per unit of the logarithm.
    inverse: f64,
    /// Its logarithm, in ticks.
    ticks: f64,
}

/// Sums and products alone: the same numbers on every platform.
const SEGMENTS: [Segment; 128] = {
    let mut segments = [Segment { inverse: 0.0, ticks: 0.0 }; 128];
    let mut index = 0;
    let mut middle = 1.0 + 1.0 / 256.0;
    while index < 128 {
        // ln m is twice the area tangent of (m − 1)/(m + 1), at most 1/3.
        let s: f64 = (middle - 1.0) / (middle + 1.0);
        let (mut power, mut divisor, mut sum) = (s, 1.0, 0.0);
        while divisor < 40.0 {
            sum += power / divisor;
            power *= s * s;
            divisor += 2.0;
        }
        segments[index] = Segment { inverse: TICKS_PER_LN / middle, ticks: 2.0 * sum * TICKS_PER_LN };
        middle += 1.0 / 128.0;
        index = index.wrapping_add(1);
    }
    segments
};

/// The tick of `sqrt_price`, a price above zero in units whose logarithm is `unit` ticks; the price is in range.
///
/// A table, and two terms of the series: what is left of the mantissa is within 1/256 of one.
#[inline(always)]
pub(super) fn tick_estimate(sqrt_price: f64, unit: f64) -> TickEstimate {
    const ONE: u64 = 1.0_f64.to_bits();
    const TWO_52: f64 = 4_503_599_627_370_496.0;
    /// Added to a number, it leaves the nearest integer in the lowest bits.
    const TO_INTEGER: f64 = 1.5 * TWO_52;
    let bits = sqrt_price.to_bits();
    let [leading, ..] = (bits << 12).to_be_bytes();
    let Segment { inverse, ticks } = SEGMENTS[usize::from(leading >> 1)];
    let exponent = f64::from_bits((bits >> 52) | TWO_52.to_bits()) - (TWO_52 + 1023.0);
    let rest = f64::from_bits(((bits << 12) >> 12) | ONE) * inverse - TICKS_PER_LN;
    // Half a tick less, so that the nearest integer is the one below.
    let middle = (exponent * LN_2 + ((ticks - unit) - 0.5)) + rest * (1.0 - rest * (0.5 / TICKS_PER_LN));
    let rounded = middle + TO_INTEGER;
    let [a, b, c, d, ..] = rounded.to_bits().to_le_bytes();
    let tick = i32::from_le_bytes([a, b, c, d]);
    // From −1/2 just above the tick to 1/2 just below the next.
    let past = middle - (rounded - TO_INTEGER);
    if past < TICK_MARGIN - 0.5 {
        TickEstimate::Near(tick.max(MIN_TICK))
    } else if past > 0.5 - TICK_MARGIN {
        TickEstimate::Near(tick.saturating_add(1).min(MAX_TICK))
    } else {
        TickEstimate::Inside(tick)
    }
}

/// The floating-point number nearest to an integer of up to 192 bits, give or take a unit in the last place.
#[inline]
#[allow(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
pub(super) fn to_f64(value: U256) -> f64 {
    const TWO_64: f64 = 18_446_744_073_709_551_616.0;
    let [a, b, c, d] = value.as_limbs().map(|limb| limb as f64);
    ((d * TWO_64 + c) * TWO_64 + b) * TWO_64 + a
}
