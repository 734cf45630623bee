//! Prices that move by a factor.

use cenote_units::{mask, math, select};

/// Largest log return of the short polynomial: 7.5 standard deviations of a move of an hour at 78% a year.
const SHORT: f64 = 0.0625;

/// (eˣ − 1 − x)/x² in powers of x for |x| ≤ 1/16: x + x² × this is eˣ − 1 within 5.6e-17 of eˣ.
const Q: [f64; 6] = [
    0.500_000_000_000_271_2,
    0.166_666_666_666_696_8,
    0.041_666_666_245_248_48,
    0.008_333_333_286_509_74,
    0.001_389_074_995_694_675_3,
    0.000_198_433_376_727_814_7,
];

/// eˣ − 1 for |x| ≤ 1/16.
#[inline(always)]
fn short_exp_m1(x: f64) -> f64 {
    let x2 = x * x;
    let q = (Q[0] + Q[1] * x) + x2 * ((Q[2] + Q[3] * x) + x2 * (Q[4] + Q[5] * x));
    x + x2 * q
}

/// Multiplies each price by e to its log return.
///
/// A block moves a price by little, and then a short polynomial serves. A lane beyond it takes [`math::exp`] instead,
/// in a second pass that most packs never see. Which of the two serves depends on the lane alone, so its bits do not
/// depend on the pack. A log return of zero leaves the bits of a price. Each step rounds the price by half a unit in
/// the last place, up or down: over a million steps about 10⁻¹³.
#[inline(always)]
pub(super) fn grow<const L: usize>(price: &mut [f64; L], log_return: impl Fn(usize) -> f64) {
    let mut far = 0;
    for l in 0..L {
        let (x, before) = (log_return(l), price[l]);
        let beyond = mask(x.abs() > SHORT);
        // A lane beyond it keeps its price for the second pass.
        price[l] = select(beyond, before, before + before * short_exp_m1(x));
        far |= beyond;
    }
    if far != 0 {
        for l in 0..L {
            let x = log_return(l);
            price[l] = select(mask(x.abs() > SHORT), price[l] * math::exp(x), price[l]);
        }
    }
}
