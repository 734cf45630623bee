//! The formulas of farms that differ between the lanes: products and quotients. Everything else is bookkeeping, written once.

use core::fmt::Debug;

use cenote_amm::concentrated::full_math::mul_div;
use cenote_amm::{Exact, Fast, Lane, MathError, U256};

/// What farms compute in an arithmetic, besides what [`Lane`] has.
///
/// Rewards per unit of stake are `scale` times as large in the contracts as what they mean, because integers have no fractions. [`Fast`]
/// needs no scale and ignores it.
pub trait Arithmetic: Lane {
    /// A sum that goes on for the farm's whole life: of stakes, or of rewards per unit of stake. What matters of it may be small beside
    /// what went through it, so floats carry what rounding took along.
    type Sum: Copy + Debug + Default + PartialEq + Send + Sync + 'static;

    /// What is kept of a sum of rewards per unit of stake when a stake is changed: `MasterChef`'s `rewardDebt`, the stake's part of the sum,
    /// in [`Exact`]; the sum itself in [`Fast`].
    type Mark: Copy + Debug + Default + PartialEq + Send + Sync + 'static;

    /// What a sum has come to.
    fn value(sum: Self::Sum) -> Self::Amount;

    /// A sum and one part more.
    ///
    /// # Errors
    /// [`MathError::AddOverflow`].
    fn plus(sum: Self::Sum, part: Self::Amount) -> Result<Self::Sum, MathError>;

    /// A sum less one of its parts.
    ///
    /// # Errors
    /// [`MathError::SubUnderflow`].
    fn minus(sum: Self::Sum, part: Self::Amount) -> Result<Self::Sum, MathError>;

    /// By how much a sum has grown since.
    ///
    /// # Errors
    /// [`MathError::SubUnderflow`].
    fn growth(now: Self::Sum, then: Self::Sum) -> Result<Self::Amount, MathError>;

    /// What a stake has got since `mark` was [made](Self::mark) of this very stake.
    ///
    /// # Errors
    /// [`MathError::MulOverflow`], [`MathError::SubUnderflow`].
    fn since(stake: Self::Amount, per_share: Self::Sum, mark: Self::Mark, scale: u64) -> Result<Self::Amount, MathError>;

    /// What is to be kept for [`since`](Self::since).
    ///
    /// # Errors
    /// [`MathError::MulOverflow`].
    fn mark(stake: Self::Amount, per_share: Self::Sum, scale: u64) -> Result<Self::Mark, MathError>;

    /// The stake's part of the sum when it was marked.
    fn debt(stake: Self::Amount, mark: Self::Mark) -> Self::Amount;

    /// `amount · times`.
    ///
    /// # Errors
    /// [`MathError::MulOverflow`].
    fn times(amount: Self::Amount, times: u128) -> Result<Self::Amount, MathError>;

    /// `amount / parts`, rounded down in [`Exact`].
    ///
    /// # Errors
    /// [`MathError::DivisionByZero`].
    fn over(amount: Self::Amount, parts: u128) -> Result<Self::Amount, MathError>;

    /// What each unit of stake gets: `reward · scale / stake`, rounded down in [`Exact`]; `reward / stake` in [`Fast`].
    ///
    /// # Errors
    /// [`MathError::MulOverflow`] or [`MathError::DivisionByZero`], in this order.
    fn per_share(reward: Self::Amount, stake: Self::Amount, scale: u64) -> Result<Self::Amount, MathError>;

    /// What each unit of stake gets of a part of a reward: `reward · part / stake`, rounded down, of parts of 10^18 in [`Exact`];
    /// `reward · part / 10^18 / stake` in [`Fast`].
    ///
    /// # Errors
    /// [`MathError::MulOverflow`] or [`MathError::DivisionByZero`], in this order.
    fn part_per_share(reward: Self::Amount, part: u64, stake: Self::Amount) -> Result<Self::Amount, MathError>;

    /// `a · b / c`, rounded down in [`Exact`].
    ///
    /// # Errors
    /// [`MathError::MulOverflow`] or [`MathError::DivisionByZero`], in this order.
    fn product_over(a: Self::Amount, b: Self::Amount, c: Self::Amount) -> Result<Self::Amount, MathError>;

    /// `amount · numerator / denominator` with a product of 512 bits, rounded down in [`Exact`]; none if it does not fit, or out of nothing.
    fn full_ratio(amount: Self::Amount, numerator: U256, denominator: U256) -> Option<Self::Amount>;

    /// What a stake has got: `stake · per_share / scale`, rounded down in [`Exact`]; `stake · per_share` in [`Fast`].
    ///
    /// # Errors
    /// [`MathError::MulOverflow`].
    fn accrued(stake: Self::Amount, per_share: Self::Amount, scale: u64) -> Result<Self::Amount, MathError>;

    /// `amount − part`, which may fall short of its last part by what rounding took of floats: it is zero then.
    ///
    /// # Errors
    /// [`MathError::SubUnderflow`] in [`Exact`].
    fn part_off(amount: Self::Amount, part: Self::Amount) -> Result<Self::Amount, MathError>;

    /// Whether a purse of `held` can pay `amount`. [`Fast`] allows for the 10^-9 that rounding may have taken on the way.
    fn covers(held: Self::Amount, amount: Self::Amount) -> bool;

    /// `a + b`.
    ///
    /// # Errors
    /// [`MathError::AddOverflow`].
    #[inline(always)]
    fn sum(a: Self::Amount, b: Self::Amount) -> Result<Self::Amount, MathError> {
        Self::checked_add(a, b).ok_or(MathError::AddOverflow)
    }

    /// `a − b`.
    ///
    /// # Errors
    /// [`MathError::SubUnderflow`].
    #[inline(always)]
    fn difference(a: Self::Amount, b: Self::Amount) -> Result<Self::Amount, MathError> {
        Self::checked_sub(a, b).ok_or(MathError::SubUnderflow)
    }

    /// The smaller one.
    #[inline(always)]
    fn least(a: Self::Amount, b: Self::Amount) -> Self::Amount {
        if b < a { b } else { a }
    }
}

/// The number, if it has no more than 128 bits.
#[inline(always)]
fn narrow(number: U256) -> Option<u128> {
    let [n0, n1, n2, n3] = *number.as_limbs();
    (n2 | n3 == 0).then_some((u128::from(n1) << 64) | u128::from(n0))
}

#[inline(always)]
fn div(number: U256, divisor: U256) -> Result<U256, MathError> {
    number.checked_div(divisor).ok_or(MathError::DivisionByZero)
}

impl Arithmetic for Exact {
    type Sum = U256;
    type Mark = U256;

    #[inline(always)]
    fn value(sum: U256) -> U256 {
        sum
    }

    #[inline(always)]
    fn plus(sum: U256, part: U256) -> Result<U256, MathError> {
        Self::sum(sum, part)
    }

    #[inline(always)]
    fn minus(sum: U256, part: U256) -> Result<U256, MathError> {
        Self::difference(sum, part)
    }

    #[inline(always)]
    fn growth(now: U256, then: U256) -> Result<U256, MathError> {
        Self::difference(now, then)
    }

    #[inline(always)]
    fn since(stake: U256, per_share: U256, mark: U256, scale: u64) -> Result<U256, MathError> {
        Self::difference(Self::accrued(stake, per_share, scale)?, mark)
    }

    #[inline(always)]
    fn mark(stake: U256, per_share: U256, scale: u64) -> Result<U256, MathError> {
        Self::accrued(stake, per_share, scale)
    }

    #[inline(always)]
    fn debt(_stake: U256, mark: U256) -> U256 {
        mark
    }

    #[inline(always)]
    fn times(amount: U256, times: u128) -> Result<U256, MathError> {
        // Most products have 128 bits, and those need one instruction or two.
        match narrow(amount).and_then(|amount| amount.checked_mul(times)) {
            Some(product) => Ok(U256::from(product)),
            None => amount.checked_mul(U256::from(times)).ok_or(MathError::MulOverflow),
        }
    }

    #[inline(always)]
    fn over(amount: U256, parts: u128) -> Result<U256, MathError> {
        match narrow(amount) {
            Some(amount) => amount.checked_div(parts).map(U256::from).ok_or(MathError::DivisionByZero),
            None => div(amount, U256::from(parts)),
        }
    }

    #[inline(always)]
    fn per_share(reward: U256, stake: U256, scale: u64) -> Result<U256, MathError> {
        let scaled = Self::times(reward, scale.into())?;
        match (narrow(scaled), narrow(stake)) {
            (Some(scaled), Some(stake)) => scaled.checked_div(stake).map(U256::from).ok_or(MathError::DivisionByZero),
            _ => div(scaled, stake),
        }
    }

    #[inline(always)]
    fn part_per_share(reward: U256, part: u64, stake: U256) -> Result<U256, MathError> {
        Self::per_share(reward, stake, part)
    }

    #[inline(always)]
    fn product_over(a: U256, b: U256, c: U256) -> Result<U256, MathError> {
        div(a.checked_mul(b).ok_or(MathError::MulOverflow)?, c)
    }

    fn full_ratio(amount: U256, numerator: U256, denominator: U256) -> Option<U256> {
        mul_div(amount, numerator, denominator).ok()
    }

    #[inline(always)]
    fn accrued(stake: U256, per_share: U256, scale: u64) -> Result<U256, MathError> {
        if let Some(product) = narrow(stake).zip(narrow(per_share)).and_then(|(stake, share)| stake.checked_mul(share)) {
            return product.checked_div(scale.into()).map(U256::from).ok_or(MathError::DivisionByZero);
        }
        div(stake.checked_mul(per_share).ok_or(MathError::MulOverflow)?, U256::from(scale))
    }

    #[inline(always)]
    fn part_off(amount: U256, part: U256) -> Result<U256, MathError> {
        Self::difference(amount, part)
    }

    #[inline(always)]
    fn covers(held: U256, amount: U256) -> bool {
        amount <= held
    }
}

/// How much rounding may have taken from a purse, as a part of what is to be paid.
const SLACK: f64 = 1e-9;

/// `value`, unless it overflowed.
#[inline(always)]
fn finite(value: f64) -> Result<f64, MathError> {
    if value < f64::INFINITY { Ok(value) } else { Err(MathError::MulOverflow) }
}

/// A sum of floats and what rounding took from it: twice the digits.
///
/// Source: Dekker, "A floating-point technique for extending the available precision" (1971); Knuth, "The art of computer programming",
/// volume 2, section 4.2.2, theorem B.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Compensated {
    sum: f64,
    rest: f64,
}

impl Compensated {
    #[inline(always)]
    fn plus(self, part: f64) -> Self {
        let sum = self.sum + part;
        let taken = sum - self.sum;
        let rest = self.rest + ((self.sum - (sum - taken)) + (part - taken));
        let total = sum + rest;
        Self { sum: total, rest: rest - (total - sum) }
    }
}

impl Arithmetic for Fast {
    type Sum = Compensated;
    type Mark = Compensated;

    #[inline(always)]
    fn value(sum: Compensated) -> f64 {
        sum.sum
    }

    #[inline(always)]
    fn plus(sum: Compensated, part: f64) -> Result<Compensated, MathError> {
        let sum = sum.plus(part);
        if sum.sum < f64::INFINITY { Ok(sum) } else { Err(MathError::AddOverflow) }
    }

    /// Zero if rounding made the sum smaller than the part.
    #[inline(always)]
    fn minus(sum: Compensated, part: f64) -> Result<Compensated, MathError> {
        let sum = sum.plus(-part);
        Ok(if sum.sum > 0.0 { sum } else { Compensated::default() })
    }

    #[inline(always)]
    fn growth(now: Compensated, then: Compensated) -> Result<f64, MathError> {
        let growth = (now.sum - then.sum) + (now.rest - then.rest);
        if growth >= 0.0 { Ok(growth) } else { Err(MathError::SubUnderflow) }
    }

    #[inline(always)]
    fn since(stake: f64, per_share: Compensated, mark: Compensated, _scale: u64) -> Result<f64, MathError> {
        finite(stake * Self::growth(per_share, mark)?)
    }

    #[inline(always)]
    fn mark(_stake: f64, per_share: Compensated, _scale: u64) -> Result<Compensated, MathError> {
        Ok(per_share)
    }

    #[inline(always)]
    fn debt(stake: f64, mark: Compensated) -> f64 {
        stake * mark.sum
    }

    #[inline(always)]
    fn times(amount: f64, times: u128) -> Result<f64, MathError> {
        finite(amount * float(times))
    }

    #[inline(always)]
    fn over(amount: f64, parts: u128) -> Result<f64, MathError> {
        if parts == 0 { Err(MathError::DivisionByZero) } else { Ok(amount / float(parts)) }
    }

    #[inline(always)]
    fn per_share(reward: f64, stake: f64, _scale: u64) -> Result<f64, MathError> {
        if stake == 0.0 { Err(MathError::DivisionByZero) } else { finite(reward / stake) }
    }

    #[inline(always)]
    fn part_per_share(reward: f64, part: u64, stake: f64) -> Result<f64, MathError> {
        Self::per_share(reward * (float(part.into()) / 1e18), stake, 1)
    }

    #[inline(always)]
    fn product_over(a: f64, b: f64, c: f64) -> Result<f64, MathError> {
        if c == 0.0 { Err(MathError::DivisionByZero) } else { finite(a * (b / c)) }
    }

    fn full_ratio(amount: f64, numerator: U256, denominator: U256) -> Option<f64> {
        let ratio = f64::from(numerator) / f64::from(denominator);
        ratio.is_finite().then_some(amount * ratio)
    }

    #[inline(always)]
    fn accrued(stake: f64, per_share: f64, _scale: u64) -> Result<f64, MathError> {
        finite(stake * per_share)
    }

    #[inline(always)]
    fn part_off(amount: f64, part: f64) -> Result<f64, MathError> {
        Ok(if amount > part { amount - part } else { 0.0 })
    }

    #[inline(always)]
    fn covers(held: f64, amount: f64) -> bool {
        amount <= held * (1.0 + SLACK)
    }
}

/// The nearest float.
#[inline(always)]
#[allow(clippy::cast_precision_loss, reason = "counts of blocks, seconds and points: rounded where they exceed 2^53")]
pub(crate) fn float(count: u128) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

        /// The short cuts for small numbers change nothing.
        #[test]
        fn products_and_quotients_are_the_contracts(words: [[u64; 4]; 2], shifts in [0_usize..257, 0_usize..257], times: u128, low in 0_u32..129, scale: u64) {
            let [a, b] = [0, 1].map(|place| U256::from_limbs(words[place]).wrapping_shr(shifts[place]));
            let times = times.checked_shr(low).unwrap_or(0);
            prop_assert_eq!(Exact::times(a, times), a.checked_mul(U256::from(times)).ok_or(MathError::MulOverflow));
            prop_assert_eq!(Exact::over(a, times), a.checked_div(U256::from(times)).ok_or(MathError::DivisionByZero));
            let per_share = match a.checked_mul(U256::from(scale)) {
                None => Err(MathError::MulOverflow),
                Some(product) => product.checked_div(b).ok_or(MathError::DivisionByZero),
            };
            prop_assert_eq!(Exact::per_share(a, b, scale), per_share);
            let scale = scale.max(1);
            let accrued = a.checked_mul(b).map(|product| product / U256::from(scale)).ok_or(MathError::MulOverflow);
            prop_assert_eq!(Exact::accrued(a, b, scale), accrued);
        }
    }
}
