//! Division against `ruint`'s, roots and floats against their definitions.
#![allow(clippy::arithmetic_side_effects)]

use proptest::prelude::*;
use ruint::aliases::U512;

use super::division::{divide, divide_by};
use super::limbs::{at_most, low, product};
use super::*;

/// Limbs at the edges as often as any other.
fn limb() -> impl Strategy<Value = u64> {
    prop_oneof![
        4 => any::<u64>(),
        2 => Just(0),
        2 => Just(u64::MAX),
        1 => Just(1 << 63),
        1 => Just((1 << 63) - 1),
        1 => Just(1),
        1 => Just(u64::MAX - 1),
        1 => (any::<u64>(), 0_u32..64).prop_map(|(bits, shift)| bits >> shift),
    ]
}

fn number<const M: usize>() -> impl Strategy<Value = [u64; M]> {
    (prop::array::uniform(limb()), 0..=M).prop_map(|(mut limbs, count): ([u64; M], usize)| {
        limbs[count..].fill(0);
        limbs
    })
}

/// Quotient and remainder against `ruint`'s.
fn assert_divides<const M: usize>(number: [u64; M], divisor: [u64; 4]) {
    let (n, d) = (U512::from_limbs_slice(&number), U512::from_limbs_slice(&divisor));
    if !d.is_zero() {
        let (quotient, remainder) = divide(&number, &divisor);
        let (q, r) = (U512::from_limbs_slice(&quotient), U512::from_limbs_slice(&remainder));
        let (quotient, remainder) = n.div_rem(d);
        let lower = U512::from(U256::MAX);
        assert_eq!((q, r), (quotient & lower, remainder), "{number:?} / {divisor:?}");
    }
}

/// Around `quotient·divisor`, where digits are guessed wrong.
fn assert_divides_around(quotient: [u64; 4], divisor: [u64; 4]) {
    let product = U512::from_limbs(product::<4, 4, 8>(&quotient, &divisor));
    let d = U512::from_limbs_slice(&divisor);
    for number in [product, product.wrapping_sub(U512::ONE), product.wrapping_add(d).wrapping_sub(U512::ONE)] {
        assert_divides(*number.as_limbs(), divisor);
    }
}

/// The remainder begins with the limbs of the divisor, so that no two by three limbs say what the digit is; and a digit that is one
/// too many for the last limb alone.
#[test]
fn digits_that_are_hard_to_guess() {
    const TOP: u64 = 1 << 63;
    for divisor in [[1, 0, TOP], [u64::MAX, 0, TOP], [u64::MAX, u64::MAX, u64::MAX], [5, u64::MAX, TOP], [0, 7, 1], [3, 0, 1]] {
        let [d0, d1, d2] = divisor;
        let divided = |number: [u64; 5]| assert_divides(number, [d0, d1, d2, 0]);
        divided([u64::MAX, d0.wrapping_sub(1), d1, d2, 0]);
        divided([0, d0.wrapping_sub(1), d1, d2, 0]);
        divided([u64::MAX, u64::MAX, u64::MAX, d1, d2]);
        divided([0, 0, 0, d1, d2]);
        divided([0, 0, u64::MAX, d1.wrapping_sub(1), d2]);
        for quotient in [[u64::MAX; 4], [0, u64::MAX, 0, 0], [TOP, 0, 1, 0], [1, 0, 0, 0], [u64::MAX - 1, u64::MAX, 0, 0]] {
            assert_divides_around(quotient, [d0, d1, d2, 0]);
        }
    }
}

/// Every leading byte, at both ends of what it begins.
#[test]
fn reciprocals() {
    for leading in 256_u64..512 {
        for divisor in [leading << 55, (leading << 55) | 1, ((leading + 1) << 55).wrapping_sub(1), (leading << 55) | (1 << 54)] {
            let (quotient, remainder) = divide_by(&[u64::MAX, u64::MAX], &[divisor]);
            let [q0, q1, ..] = quotient;
            let whole = u128::MAX / u128::from(divisor);
            assert_eq!(((u128::from(q1) << 64) | u128::from(q0), remainder[0]), (whole, low(u128::MAX % u128::from(divisor))));
        }
    }
}

fn assert_is_root(value: U256) {
    let root = U512::from(square_root(value));
    let value = U512::from(value);
    assert!(root * root <= value && value < (root + U512::ONE) * (root + U512::ONE), "root of {value}: {root}");
}

#[test]
fn roots_at_the_edges() {
    for small in 0_u64..10_000 {
        assert_is_root(U256::from(small));
    }
    for shift in 1..128 {
        let root = U256::ONE << shift;
        let square = root * root;
        for value in [square - U256::ONE, square, square + U256::ONE, square + root, square + root + root] {
            assert_is_root(value);
        }
    }
    assert_is_root(U256::MAX);
}

proptest! {
    #[test]
    fn roots(limbs: [u64; 4], shift in 0_usize..256) {
        assert_is_root(U256::from_limbs(limbs) >> shift);
    }

    #[test]
    fn dyadics_are_exact(value in 1e-300_f64..1e300) {
        let Dyadic { mantissa, exponent } = dyadic(value).unwrap();
        prop_assert!(mantissa < 1 << 53);
        #[allow(clippy::cast_precision_loss)]
        let (half, rest) = (exponent / 2, exponent - exponent / 2);
        #[allow(clippy::cast_precision_loss)]
        let back = mantissa as f64 * 2f64.powi(half) * 2f64.powi(rest);
        prop_assert_eq!(back, value);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30_000, ..ProptestConfig::default() })]

    #[test]
    fn divisions(a in number::<8>(), b in number::<6>(), c in number::<5>(), d in number::<4>(), e in number::<2>(), by in number::<4>()) {
        assert_divides(a, by);
        assert_divides(b, by);
        assert_divides(c, by);
        assert_divides(d, by);
        assert_divides(e, by);
        assert_divides_around(d, by);
    }

    #[test]
    fn sums(a in number::<4>(), b in number::<4>()) {
        let [a, b] = [a, b].map(U256::from_limbs);
        prop_assert_eq!(checked_add(a, b), a.checked_add(b));
        prop_assert_eq!(checked_sub(a, b), a.checked_sub(b));
        prop_assert_eq!(checked_mul(a, b), a.checked_mul(b));
        prop_assert_eq!(wrapping_add(a, b), a.wrapping_add(b));
        prop_assert_eq!(wrapping_sub(a, b), a.wrapping_sub(b));
        prop_assert_eq!(at_most(a.as_limbs(), b.as_limbs()), a <= b);
    }

    #[test]
    fn millionths(bits: u128, shift in 0_u32..128, below: bool) {
        let number = bits >> shift;
        let number = if below { (number - number % 1_000_000).wrapping_sub(1) } else { number };
        prop_assert_eq!(over_million(number), number / 1_000_000);
    }

    #[test]
    fn small_divisors(number: u128, shift in 0_u32..128, divisor in 1_u32.., down in 0_u32..32) {
        let (number, divisor) = (number >> shift, (divisor >> down).max(1));
        let expected = (number / u128::from(divisor), low(number % u128::from(divisor)));
        prop_assert_eq!(over_small(number, divisor), expected);
    }

    #[test]
    fn products(a in number::<4>(), b in number::<4>()) {
        let expected = U256::from_limbs(a).widening_mul::<256, 4, 512, 8>(U256::from_limbs(b));
        prop_assert_eq!(product::<4, 4, 8>(&a, &b), *expected.as_limbs());
    }
}
