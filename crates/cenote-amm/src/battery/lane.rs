//! What generators and checkers need of an arithmetic beyond [`Lane`].

use ruint::aliases::{U256, U512};

use crate::lane::{Exact, Fast, Lane, power_of_ten};

/// A lane that the battery can generate amounts in. Both lanes are.
pub trait BatteryLane: Lane {
    /// Whether amounts are integers, so that "never" means never.
    const IS_EXACT: bool;

    /// `amount · thousandths / 1000 / 10^zeros`: rounded down in [`Exact`], and as large as can be where it does not fit.
    fn part(amount: Self::Amount, thousandths: u32, zeros: u8) -> Self::Amount;

    /// `digits · 10^tens` smallest units of a token with `decimals`, as large as can be where it does not fit.
    fn units(digits: u16, tens: u8, decimals: u8) -> Self::Amount;

    /// Something that is no amount (not a number, an infinity, a negative number); in [`Exact`], where there is no such thing, huge ones.
    fn nonsense(which: u8) -> Self::Amount;
}

impl BatteryLane for Exact {
    const IS_EXACT: bool = true;

    fn part(amount: U256, thousandths: u32, zeros: u8) -> U256 {
        // 256 bits, 32 of the thousandths: the product fits 512, and so does the divisor up to 10^150.
        let divisor = U512::from(1000).saturating_mul(U512::from(10).saturating_pow(U512::from(zeros)));
        let product = U512::from(amount).saturating_mul(U512::from(thousandths));
        product.checked_div(divisor).map_or(U256::ZERO, U256::saturating_from)
    }

    fn units(digits: u16, tens: u8, _decimals: u8) -> U256 {
        U256::from(digits).saturating_mul(U256::from(10).saturating_pow(U256::from(tens)))
    }

    fn nonsense(which: u8) -> U256 {
        U256::MAX >> usize::from(which % 3)
    }
}

impl BatteryLane for Fast {
    const IS_EXACT: bool = false;

    fn part(amount: f64, thousandths: u32, zeros: u8) -> f64 {
        (amount * (f64::from(thousandths) / 1000.0) / power_of_ten(zeros)).min(f64::MAX)
    }

    fn units(digits: u16, tens: u8, decimals: u8) -> f64 {
        f64::from(digits) * power_of_ten(tens) / power_of_ten(decimals)
    }

    fn nonsense(which: u8) -> f64 {
        [f64::NAN, f64::INFINITY, -1.0][usize::from(which % 3)]
    }
}

/// By how much `a` exceeds `b`, in the lane's unit; zero if it does not. Integers are subtracted as such.
pub(super) fn excess<L: Lane>(a: L::Amount, b: L::Amount) -> f64 {
    if a > b { L::checked_sub(a, b).map_or(f64::INFINITY, L::amount_to_f64) } else { 0.0 }
}

/// By how much `a` and `b` differ, in the lane's unit.
pub(super) fn difference<L: Lane>(a: L::Amount, b: L::Amount) -> f64 {
    excess::<L>(a, b) + excess::<L>(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_units() {
        assert_eq!(Exact::part(U256::from(1001), 500, 0), U256::from(500));
        assert_eq!(Exact::part(U256::from(1001), 500, 2), U256::from(5));
        assert_eq!(Exact::part(U256::MAX, 2000, 0), U256::MAX);
        assert_eq!(Fast::part(1000.0, 250, 1), 25.0);
        assert_eq!(Exact::units(12, 3, 18), U256::from(12_000));
        assert_eq!(Exact::units(1, 99, 18), U256::MAX);
        assert_eq!(Fast::units(12, 3, 6), 0.012);
        assert!(!(0..3).any(|which| Fast::is_valid(Fast::nonsense(which))));
    }

    #[test]
    fn differences_of_integers_are_exact() {
        let huge = U256::from(1) << 200;
        assert_eq!(excess::<Exact>(huge + U256::ONE, huge), 1.0);
        assert_eq!(excess::<Exact>(huge, huge + U256::ONE), 0.0);
        assert_eq!(difference::<Exact>(huge, huge + U256::ONE), 1.0);
        assert_eq!(difference::<Fast>(1.5, 1.0), 0.5);
    }
}
