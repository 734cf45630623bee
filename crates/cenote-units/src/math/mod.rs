//! The only transcendental functions in Cenote.
//!
//! Plain Rust: additions, multiplications, divisions, square roots and bit moves, which IEEE 754 rounds alike
//! everywhere, and never a fused multiply-add. So a result has the same bits on every instruction set, platform
//! and C library, scalar or in lanes, and frozen values can be tests. No branches, so loops over lanes vectorise.
//!
//! | function | domain | error bound (units in the last place) |
//! |---|---|---|
//! | [`exp`] | all; results below e⁻⁷⁰⁸ are 0 | 1.0 |
//! | [`exp_m1`] | all | 2.0 |
//! | [`ln`] | all; zero gives −∞, negative gives NaN | 1.0 |
//! | [`ln_1p`] | all; −1 gives −∞, below gives NaN | 2.0 |
//! | [`nearest`] | below 2⁵¹ | exact |
//! | [`powf`] | bases from 0; results below e⁻⁷⁰⁸ are 0 | 2.0 |
//! | [`sin_cos_turns`] | at most 2⁵⁰ turns | 2.0 |
//! | [`normal_pair`] | any random word | 10⁻¹³ relative: a normal needs no last digits |
//! | [`waiting_time`] | strictly between 0 and 1 | 10⁻¹³ of itself or of one: it is rounded to a nanosecond |
//! | [`normal_quantile`] | from 0 to 1; 0 gives −∞, 1 gives ∞ | 10⁻¹⁵ relative |
//!
//! The bounds are tested against the C library's functions, themselves within one unit.
//! Coefficients are Chebyshev interpolants computed with 60 digits.
//!
//! ```
//! use cenote_units::math;
//! assert!((math::ln(math::exp(1.5)) - 1.5).abs() < 1e-15);
//! let (sin, cos) = math::sin_cos_turns(0.125);
//! assert!((sin - cos).abs() < 1e-16);
//! ```

mod exp;
mod ln;
mod normal;
mod pow;
mod quantile;
mod trig;

pub use exp::{exp, exp_m1};
pub use ln::{ln, ln_1p};
pub use normal::{normal_pair, waiting_time};
pub use pow::powf;
pub use quantile::normal_quantile;
pub use trig::sin_cos_turns;

/// 1.5 × 2⁵²: adding and subtracting it rounds to an integer, whose two's complement stands in the low bits of the
/// sum. Both moves vectorise on every instruction set; conversions to integers do not.
pub(crate) const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 to 33 bits: its product with an exponent is exact.
pub(crate) const LN_2_HIGH: f64 = 0.693_147_180_485_539_1;
/// ln 2 − [`LN_2_HIGH`].
pub(crate) const LN_2_LOW: f64 = 7.440_617_110_012_397e-11;

/// The nearest whole number, of two the even one; |x| below 2⁵¹. Everywhere a few instructions, where rounding may be a call.
#[inline(always)]
pub fn nearest(x: f64) -> f64 {
    (x + ROUND) - ROUND
}

#[cfg(test)]
mod tests;
