//! Products of 64-bit limbs, least significant first.
#![deny(clippy::arithmetic_side_effects)]

/// The lower half.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "the rest is the upper half")]
pub(crate) const fn low(value: u128) -> u64 {
    value as u64
}

/// The upper half.
#[inline]
pub(crate) const fn high(value: u128) -> u64 {
    low(value >> 64)
}

/// `high·2^64 + low`.
#[inline]
#[allow(clippy::cast_lossless, reason = "`From` is not for constants")]
pub(crate) const fn join(high: u64, low: u64) -> u128 {
    ((high as u128) << 64) | (low as u128)
}

/// The product of two limbs.
#[inline]
#[allow(clippy::cast_lossless, reason = "`From` is not for constants")]
pub(crate) const fn mul(a: u64, b: u64) -> u128 {
    (a as u128).wrapping_mul(b as u128)
}

/// `a·b + c + d`, which always fits.
#[inline]
pub(crate) fn mul_add(a: u64, b: u64, c: u64, d: u64) -> u128 {
    mul(a, b).wrapping_add(u128::from(c)).wrapping_add(u128::from(d))
}

/// The product of numbers of A and of B limbs; C is their sum.
#[inline]
pub(crate) fn product<const A: usize, const B: usize, const C: usize>(a: &[u64; A], b: &[u64; B]) -> [u64; C] {
    const { assert!(A.wrapping_add(B) == C, "a product has as many limbs as its factors together") };
    let mut product = [0; C];
    for i in 0..A {
        let mut carry = 0;
        for j in 0..B {
            let place = i.wrapping_add(j);
            let sum = mul_add(a[i], b[j], product[place], carry);
            (product[place], carry) = (low(sum), high(sum));
        }
        product[i.wrapping_add(B)] = carry;
    }
    product
}

/// The two limbs of a `u128`.
#[inline]
pub(crate) const fn limbs(value: u128) -> [u64; 2] {
    [low(value), high(value)]
}

/// How many limbs are left without leading zeros.
#[inline]
pub(crate) fn significant<const M: usize>(limbs: &[u64; M]) -> usize {
    let mut count = M;
    while count > 0 && limbs[count.wrapping_sub(1)] == 0 {
        count = count.wrapping_sub(1);
    }
    count
}

/// Whether a number is zero. Limb by limb: a comparison of arrays would wait for the stores of all of them.
#[inline(always)]
pub(crate) fn is_zero<const M: usize>(limbs: &[u64; M]) -> bool {
    let mut bits = 0;
    for limb in limbs {
        bits |= limb;
    }
    bits == 0
}

/// `a + b`, and whether it goes beyond M limbs.
#[inline(always)]
pub(crate) fn add<const M: usize>(a: &[u64; M], b: &[u64; M]) -> ([u64; M], bool) {
    let mut carry = false;
    let mut sum = [0; M];
    for place in 0..M {
        let (limb, first) = a[place].overflowing_add(b[place]);
        let (limb, second) = limb.overflowing_add(u64::from(carry));
        (sum[place], carry) = (limb, first | second);
    }
    (sum, carry)
}

/// `a − b`, and whether it is negative.
#[inline(always)]
pub(crate) fn sub<const M: usize>(a: &[u64; M], b: &[u64; M]) -> ([u64; M], bool) {
    let mut borrow = false;
    let mut difference = [0; M];
    for place in 0..M {
        let (limb, first) = a[place].overflowing_sub(b[place]);
        let (limb, second) = limb.overflowing_sub(u64::from(borrow));
        (difference[place], borrow) = (limb, first | second);
    }
    (difference, borrow)
}

/// Whether `a ≤ b`.
#[inline]
pub(crate) fn at_most<const A: usize, const B: usize>(a: &[u64; A], b: &[u64; B]) -> bool {
    for place in (0..A.max(B)).rev() {
        let limb_a = if place < A { a[place] } else { 0 };
        let limb_b = if place < B { b[place] } else { 0 };
        if limb_a != limb_b {
            return limb_a < limb_b;
        }
    }
    true
}
