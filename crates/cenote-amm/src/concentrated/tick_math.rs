//! Ticks and square root prices in Q64.96: `TickMath.sol`.
#![deny(clippy::arithmetic_side_effects)]

use cenote_units::math;
use ruint::aliases::{U128, U256};
use ruint::uint;

use super::error::ConcentratedError;

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
    let bits = tick.unsigned_abs();
    // 2^128 times a power is the power itself: the product starts with the first factor.
    let mut product: Option<u128> = None;
    for (bit, power) in POWERS_X128.iter().enumerate() {
        if (bits >> bit) & 1 == 1 {
            product = Some(product.map_or(*power, |product| upper_half_of_product(product, *power)));
        }
    }
    let mut ratio_x128 = product.map_or(uint!(0x1_00000000_00000000_00000000_00000000_U256), U256::from);
    if tick > 0 {
        ratio_x128 = U256::MAX.wrapping_div(ratio_x128);
    }
    // Rounded up, so that the tick of this price is this tick.
    let truncated = ratio_x128.wrapping_shr(32);
    let exact = ratio_x128.as_limbs()[0] & u64::from(u32::MAX) == 0;
    Ok(if exact { truncated } else { truncated.wrapping_add(U256::ONE) })
}

/// The upper 128 bits of a product of 256.
#[inline]
fn upper_half_of_product(a: u128, b: u128) -> u128 {
    let product: U256 = U128::from(a).widening_mul(U128::from(b));
    let [_, _, low, high] = *product.as_limbs();
    (u128::from(high) << 64) | u128::from(low)
}

/// 2/ln(1.0001): ticks per unit of the logarithm of a square root price.
const TICKS_PER_LN: f64 = 20_000.999_983_334_166;
/// The logarithm of 2^96.
const LN_X96: f64 = 66.542_129_333_754_75;
/// 2^96.
pub(super) const TWO_96: f64 = 79_228_162_514_264_337_593_543_950_336.0;
/// How near to a whole tick the estimate is no longer trusted. Its error is below 1e-8, and the rounding of the lowest square root
/// prices to integers is worth 5e-6 ticks.
pub(super) const TICK_MARGIN: f64 = 1e-3;

/// The greatest tick whose square root price is at most `sqrt_price_x96`.
///
/// # Errors
/// [`ConcentratedError::InvalidSqrtPrice`] below [`MIN_SQRT_PRICE_X96`], or not below [`MAX_SQRT_PRICE_X96`].
///
/// Source: `TickMath.getTickAtSqrtRatio`, whose binary logarithm this replaces: a floating-point logarithm says which tick it is, and
/// near a whole tick [`sqrt_price_at_tick`] decides.
#[inline]
pub fn tick_at_sqrt_price(sqrt_price_x96: U256) -> Result<i32, ConcentratedError> {
    let sqrt_price = to_f64(sqrt_price_x96);
    if !(MIN_SQRT_PRICE_X96..MAX_SQRT_PRICE_X96).contains(&sqrt_price_x96) {
        return Err(ConcentratedError::InvalidSqrtPrice { sqrt_price });
    }
    match tick_estimate(sqrt_price, LN_X96) {
        TickEstimate::Inside(tick) => Ok(tick),
        TickEstimate::Near(tick) if sqrt_price_at_tick(tick)? <= sqrt_price_x96 => Ok(tick),
        TickEstimate::Near(tick) => Ok(tick.saturating_sub(1)),
    }
}

/// What a floating-point logarithm knows about a tick.
pub(super) enum TickEstimate {
    /// The price is well inside this tick.
    Inside(i32),
    /// The price is at the lower bound of this tick, just above or just below.
    Near(i32),
}

/// The tick of `sqrt_price`, a price in units whose logarithm is `ln_unit`; the price is in range.
#[inline]
pub(super) fn tick_estimate(sqrt_price: f64, ln_unit: f64) -> TickEstimate {
    let estimate = (math::ln(sqrt_price) - ln_unit) * TICKS_PER_LN;
    let below = estimate.floor();
    let past = estimate - below;
    #[allow(clippy::cast_possible_truncation, reason = "a price in range has a tick of 20 bits")]
    let tick = below as i32;
    if past < TICK_MARGIN {
        TickEstimate::Near(tick.max(MIN_TICK))
    } else if past > 1.0 - TICK_MARGIN {
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
