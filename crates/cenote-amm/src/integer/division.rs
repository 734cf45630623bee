//! Division of numbers of several limbs: what the contracts' integers spend their time on.
//!
//! Knuth's algorithm D, its digits from three limbs over two by a reciprocal, so that none takes a division of the processor's.
//! Divisors are told apart by how many limbs they have, which gives the inner loops constant lengths.
//!
//! Sources: Knuth, "The art of computer programming", volume 2, section 4.3.1; Möller and Granlund, "Improved division by invariant
//! integers" (2011), algorithms 3 to 6.
#![deny(clippy::arithmetic_side_effects)]

use super::limbs::{high, join, low, mul, mul_add, significant};

/// First guesses of reciprocals, eleven bits of them, by the eight bits that follow the leading one of the divisor.
const GUESSES: [u16; 256] = {
    let mut guesses = [0; 256];
    let mut index = 0;
    while index < 256 {
        let guess: usize = 523_520_usize.wrapping_div(index | 256);
        let [low, high, ..] = guess.to_le_bytes();
        guesses[index] = u16::from_le_bytes([low, high]);
        index = index.wrapping_add(1);
    }
    guesses
};

/// `⌊(2^128 − 1)/divisor⌋ − 2^64` for a divisor whose leading bit is set: algorithm 3.
#[inline]
fn reciprocal(divisor: u64) -> u64 {
    let [index, ..] = (divisor << 1).to_be_bytes();
    let guess = u64::from(GUESSES[usize::from(index)]);
    let upper = (divisor >> 24).wrapping_add(1);
    let v1 = (guess << 11).wrapping_sub(guess.wrapping_mul(guess).wrapping_mul(upper) >> 40).wrapping_sub(1);
    let v2 = (v1 << 13).wrapping_add(v1.wrapping_mul((1_u64 << 60).wrapping_sub(v1.wrapping_mul(upper))) >> 47);
    let odd = divisor & 1;
    let half = (divisor >> 1).wrapping_add(odd);
    let error = ((v2 >> 1) & odd.wrapping_neg()).wrapping_sub(v2.wrapping_mul(half));
    let v3 = (v2 << 31).wrapping_add(high(mul(v2, error)) >> 1);
    let back = high(mul(v3, divisor).wrapping_add(u128::from(divisor)));
    v3.wrapping_sub(back.wrapping_add(divisor))
}

/// The same for a divisor of two limbs, `⌊(2^192 − 1)/divisor⌋ − 2^64`: algorithm 6.
#[inline]
fn reciprocal_of_two(divisor: u128) -> u64 {
    let (d1, d0) = (high(divisor), low(divisor));
    let mut v = reciprocal(d1);
    let mut p = d1.wrapping_mul(v).wrapping_add(d0);
    if p < d0 {
        v = v.wrapping_sub(1);
        if p >= d1 {
            v = v.wrapping_sub(1);
            p = p.wrapping_sub(d1);
        }
        p = p.wrapping_sub(d1);
    }
    let t = mul(v, d0);
    let (p, carries) = p.overflowing_add(high(t));
    if carries {
        v = v.wrapping_sub(1);
        if join(p, low(t)) >= divisor {
            v = v.wrapping_sub(1);
        }
    }
    v
}

/// Two limbs over one, `upper < divisor`; quotient and remainder: algorithm 4.
#[inline]
fn two_by_one(upper: u64, lower: u64, divisor: u64, reciprocal: u64) -> (u64, u64) {
    let q = mul(reciprocal, upper).wrapping_add(join(upper, lower));
    let mut quotient = high(q).wrapping_add(1);
    let mut remainder = lower.wrapping_sub(quotient.wrapping_mul(divisor));
    if remainder > low(q) {
        quotient = quotient.wrapping_sub(1);
        remainder = remainder.wrapping_add(divisor);
    }
    if remainder >= divisor {
        quotient = quotient.wrapping_add(1);
        remainder = remainder.wrapping_sub(divisor);
    }
    (quotient, remainder)
}

/// Three limbs over two, `upper < divisor`; quotient and remainder: algorithm 5.
#[inline]
fn three_by_two(upper: u128, lower: u64, divisor: u128, reciprocal: u64) -> (u64, u128) {
    let (d1, d0) = (high(divisor), low(divisor));
    let q = mul(reciprocal, high(upper)).wrapping_add(upper);
    let mut quotient = high(q);
    let first = low(upper).wrapping_sub(quotient.wrapping_mul(d1));
    let mut remainder = join(first, lower).wrapping_sub(mul(d0, quotient)).wrapping_sub(divisor);
    quotient = quotient.wrapping_add(1);
    if high(remainder) >= low(q) {
        quotient = quotient.wrapping_sub(1);
        remainder = remainder.wrapping_add(divisor);
    }
    if remainder >= divisor {
        quotient = quotient.wrapping_add(1);
        remainder = remainder.wrapping_sub(divisor);
    }
    (quotient, remainder)
}

/// Limb `place` of a number shifted up by fewer than 64 bits.
#[inline(always)]
fn shifted<const M: usize>(number: &[u64; M], place: usize, shift: u32) -> u64 {
    let below = if place == 0 { 0 } else { number[place.wrapping_sub(1)] };
    number[place].wrapping_shl(shift) | spill(below, shift)
}

/// The bits that a shift moves out of a limb.
#[inline(always)]
fn spill(limb: u64, shift: u32) -> u64 {
    (limb >> 1).wrapping_shr(63_u32.wrapping_sub(shift))
}

/// Quotient and remainder for a divisor of N limbs, the last of which is not zero. The quotient has four limbs: of a longer one these are
/// the lower ones.
#[inline(always)]
pub(crate) fn divide_by<const M: usize, const N: usize>(number: &[u64; M], divisor: &[u64; N]) -> ([u64; 4], [u64; N]) {
    debug_assert!(divisor[N.wrapping_sub(1)] != 0, "the divisor has fewer than {N} limbs");
    let mut quotient = [0; 4];
    let mut remainder = [0; N];
    let count = significant(number);
    if count < N {
        remainder[..count].copy_from_slice(&number[..count]);
        return (quotient, remainder);
    }
    let normal = Normal::new(divisor);
    // The shifted number has a limb more. A first digit that is sure to be zero is not asked for.
    let spilled = spill(number[count.wrapping_sub(1)], normal.shift);
    let skips = spilled == 0 && shifted(number, count.wrapping_sub(1), normal.shift) < normal.limbs[N.wrapping_sub(1)];
    let mut place = count.wrapping_sub(N).wrapping_add(usize::from(!skips));
    for offset in 0..N {
        let from = place.wrapping_add(offset);
        remainder[offset] = if from == count { spilled } else { shifted(number, from, normal.shift) };
    }
    while place > 0 {
        place = place.wrapping_sub(1);
        let digit = normal.digit(&mut remainder, shifted(number, place, normal.shift));
        // Moved up rather than stored at its place, so that the quotient stays in registers.
        quotient = [digit, quotient[0], quotient[1], quotient[2]];
    }
    // The remainder was shifted too.
    for place in 0..N {
        let above = if place.wrapping_add(1) < N { remainder[place.wrapping_add(1)] } else { 0 };
        remainder[place] =
            remainder[place].wrapping_shr(normal.shift) | (above << 1).wrapping_shl(63_u32.wrapping_sub(normal.shift));
    }
    (quotient, remainder)
}

/// A divisor of N limbs, made ready: its leading bit set, and the reciprocal of its leading one or two limbs.
#[derive(Clone, Copy, Debug)]
struct Normal<const N: usize> {
    limbs: [u64; N],
    shift: u32,
    reciprocal: u64,
}

impl<const N: usize> Normal<N> {
    #[inline(always)]
    fn new(divisor: &[u64; N]) -> Self {
        let shift = divisor[N.wrapping_sub(1)].leading_zeros() & 63;
        let mut limbs = [0; N];
        for place in 0..N {
            limbs[place] = shifted(divisor, place, shift);
        }
        let reciprocal =
            if N == 1 { reciprocal(limbs[0]) } else { reciprocal_of_two(join(limbs[N.wrapping_sub(1)], limbs[N.wrapping_sub(2)])) };
        Self { limbs, shift, reciprocal }
    }

    /// The next digit of a quotient: takes the remainder so far and the next limb, leaves the remainder after it.
    #[inline(always)]
    fn digit(&self, remainder: &mut [u64; N], next: u64) -> u64 {
        if N == 1 {
            let (quotient, rest) = two_by_one(remainder[0], next, self.limbs[0], self.reciprocal);
            remainder[0] = rest;
            return quotient;
        }
        let (last, second) = (N.wrapping_sub(1), N.wrapping_sub(2));
        let divisor = join(self.limbs[last], self.limbs[second]);
        let upper = join(remainder[last], remainder[second]);
        if upper >= divisor {
            return self.largest_digit(remainder, next);
        }
        let lower = if N == 2 { next } else { remainder[N.wrapping_sub(3)] };
        let (mut quotient, mut top) = three_by_two(upper, lower, divisor, self.reciprocal);
        // What the other limbs of the divisor take away.
        let mut borrow = 0;
        let mut incoming = next;
        for place in 0..second {
            let product = mul_add(quotient, self.limbs[place], borrow, 0);
            let (limb, borrows) = incoming.overflowing_sub(low(product));
            borrow = high(product).wrapping_add(u64::from(borrows));
            incoming = remainder[place];
            remainder[place] = limb;
        }
        let (rest, negative) = top.overflowing_sub(u128::from(borrow));
        top = rest;
        if negative {
            // One too many, which two leading limbs do not always see: one divisor back.
            quotient = quotient.wrapping_sub(1);
            let mut carry = 0;
            for place in 0..second {
                let sum = mul_add(1, self.limbs[place], remainder[place], carry);
                (remainder[place], carry) = (low(sum), high(sum));
            }
            top = top.wrapping_add(divisor).wrapping_add(u128::from(carry));
        }
        (remainder[last], remainder[second]) = (high(top), low(top));
        quotient
    }

    /// The digit where the leading limbs are the divisor's: 2^64 − 1, or one less.
    #[cold]
    fn largest_digit(&self, remainder: &mut [u64; N], next: u64) -> u64 {
        // What is left for 2^64 − 1 is the remainder and the next limb, less 2^64 divisors, plus one.
        let mut quotient = u64::MAX;
        let mut left = [0; N];
        let mut carry = 0_u64;
        let mut borrow = false;
        let mut incoming = next;
        let last = N.wrapping_sub(1);
        for place in 0..N {
            // The divisor comes back in, and its limb below goes out.
            let sum = mul_add(1, incoming, self.limbs[place], carry);
            let out = if place == 0 { 0 } else { self.limbs[place.wrapping_sub(1)] };
            let (limb, first) = low(sum).overflowing_sub(out);
            let (limb, second) = limb.overflowing_sub(u64::from(borrow));
            (left[place], carry, borrow) = (limb, high(sum), first || second);
            incoming = remainder[place];
        }
        // Above is the last limb of the remainder, less that of the divisor: nothing but the carry and the borrow are left.
        let mut above = incoming.wrapping_add(carry).wrapping_sub(self.limbs[last]).wrapping_sub(u64::from(borrow));
        while above != 0 {
            quotient = quotient.wrapping_sub(1);
            let mut carry = 0;
            for place in 0..N {
                let sum = mul_add(1, left[place], self.limbs[place], carry);
                (left[place], carry) = (low(sum), high(sum));
            }
            above = above.wrapping_add(carry);
        }
        *remainder = left;
        quotient
    }
}

/// [`divide_by`] for a divisor that is not zero, of any size.
#[inline]
pub(crate) fn divide<const M: usize>(number: &[u64; M], divisor: &[u64; 4]) -> ([u64; 4], [u64; 4]) {
    let [d0, d1, d2, d3] = *divisor;
    if d3 != 0 {
        divide_by(number, divisor)
    } else if d2 != 0 {
        let (quotient, [r0, r1, r2]) = divide_by(number, &[d0, d1, d2]);
        (quotient, [r0, r1, r2, 0])
    } else if d1 != 0 {
        let (quotient, [r0, r1]) = divide_by(number, &[d0, d1]);
        (quotient, [r0, r1, 0, 0])
    } else {
        let (quotient, [r0]) = divide_by(number, &[d0]);
        (quotient, [r0, 0, 0, 0])
    }
}
