//! The integers of [`sqrt_price_math`](super::sqrt_price_math) limb by limb: prices of 160 bits, liquidity of 128, and products that
//! are as wide as they need to be.
#![deny(clippy::arithmetic_side_effects)]

use ruint::aliases::U256;

use super::sqrt_price_math::Rounding;
use crate::integer::limbs::{self, is_zero, product};
use crate::integer::{self, division};

/// A square root price, Q64.96: 160 bits of it.
pub(super) type Price = [u64; 3];

/// The limbs of a price that has no more bits than the contract gives it.
#[inline]
pub(super) fn narrow(price: U256) -> Option<Price> {
    let [p0, p1, p2, p3] = *price.as_limbs();
    (p3 == 0 && p2 >> 32 == 0).then_some([p0, p1, p2])
}

#[inline]
pub(super) fn widen(price: &Price) -> U256 {
    let [p0, p1, p2] = *price;
    U256::from_limbs([p0, p1, p2, 0])
}

/// `a − b`, not negative.
#[inline]
pub(super) fn difference(a: &Price, b: &Price) -> Price {
    limbs::sub(a, b).0
}

/// `a + b`, below 2^192.
#[inline]
pub(super) fn sum(a: &Price, b: &Price) -> Price {
    limbs::add(a, b).0
}

/// `L·difference`.
#[inline]
pub(super) fn by_liquidity(liquidity: u128, difference: &Price) -> [u64; 5] {
    product(&limbs::limbs(liquidity), difference)
}

/// `number·2^96`; B limbs are enough for it.
#[inline]
pub(super) fn times_q96<const A: usize, const B: usize>(number: &[u64; A]) -> [u64; B] {
    let mut result = [0; B];
    let mut below = 0;
    for place in 0..A {
        result[place.wrapping_add(1)] = (number[place] << 32) | (below >> 32);
        below = number[place];
    }
    if A.wrapping_add(1) < B {
        result[A.wrapping_add(1)] = below >> 32;
    }
    result
}

/// `number/2^96`, rounded; the quotient fits.
#[inline]
pub(super) fn over_q96(number: &[u64; 5], rounding: Rounding) -> U256 {
    let [n0, n1, n2, n3, n4] = *number;
    let quotient = [(n1 >> 32) | (n2 << 32), (n2 >> 32) | (n3 << 32), (n3 >> 32) | (n4 << 32), n4 >> 32];
    rounded(quotient, n0 != 0 || n1 << 32 != 0, rounding)
}

/// A quotient that leaves something or nothing, rounded. It is far below 2^256.
#[inline]
fn rounded(quotient: [u64; 4], remains: bool, rounding: Rounding) -> U256 {
    let quotient = U256::from_limbs(quotient);
    if rounding == Rounding::Up && remains { integer::wrapping_add(quotient, U256::ONE) } else { quotient }
}

/// Token 1 for a product of liquidity and difference of prices.
#[inline]
pub(super) fn token1(by_liquidity: &[u64; 5], rounding: Rounding) -> U256 {
    over_q96(by_liquidity, rounding)
}

/// Token 0 for the same, over the product of the prices, which is not zero.
#[inline]
pub(super) fn token0(by_liquidity: &[u64; 5], prices: &[u64; 6], rounding: Rounding) -> U256 {
    let scaled: [u64; 7] = times_q96(by_liquidity);
    let (quotient, remains) = divide_by_prices(&scaled, prices);
    // L·2^96·(b − a)/(a·b) is below L·2^96.
    rounded(quotient, remains, rounding)
}

/// What a division left, over a product of two prices that is not zero.
#[cold]
pub(super) fn over_prices(rest: &[u64; 4], prices: &[u64; 6]) -> U256 {
    let [r0, r1, r2, r3] = *rest;
    U256::from_limbs(divide_by_prices(&[r0, r1, r2, r3, 0, 0, 0], prices).0)
}

/// A number over a product of two prices that is not zero; whether something is left.
#[inline]
fn divide_by_prices(number: &[u64; 7], prices: &[u64; 6]) -> ([u64; 4], bool) {
    let [d0, d1, d2, d3, d4, _] = *prices;
    if d4 == 0 {
        let (quotient, remainder) = division::divide(number, &[d0, d1, d2, d3]);
        return (quotient, !is_zero(&remainder));
    }
    // A product of 160 by 160 bits.
    let (quotient, remainder) = division::divide_by(number, &[d0, d1, d2, d3, d4]);
    (quotient, !is_zero(&remainder))
}
