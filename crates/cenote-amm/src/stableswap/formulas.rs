//! The seam between the lanes: what a `StableSwap` pool computes, as opposed to what it remembers.

use core::fmt::Debug;

use super::amplification::{Curve, Generation};
use super::fee::PoolFee;
use crate::error::{MathError, SwapError};

/// What the formulas read of a pool: its curve, its fees and its balances, coin by coin.
#[derive(Clone, Copy, Debug)]
pub struct Market<'a, A> {
    /// Generation and amplification now.
    pub curve: Curve,
    /// The fee of a swap between coins at the peg.
    pub fee: PoolFee,
    /// The protocol's share of it.
    pub admin_fee: PoolFee,
    /// `offpeg_fee_multiplier`, in units of 10^-10: by how much the fee grows far off the peg; at most 10^10 for a fee that does not.
    pub offpeg_fee_multiplier: u64,
    /// What makes amounts of different coins comparable, coin by coin: see [`Formulas::scaled`].
    pub rates: &'a [A],
    /// The balances that price swaps, without the protocol's.
    pub balances: &'a [A],
}

impl<A: Copy> Market<'_, A> {
    /// The multiplier, if this pool has a fee that depends on its balances.
    pub(super) fn dynamic(&self) -> Option<u64> {
        (self.curve.generation() == Generation::Ng && self.offpeg_fee_multiplier > PoolFee::DENOMINATOR)
            .then_some(self.offpeg_fee_multiplier)
    }
}

/// What a swap does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exchange<A> {
    /// Paid out to the trader.
    pub amount_out: A,
    /// What of the output coin becomes the protocol's.
    pub admin: A,
    /// The part of the input that corresponds to the part of the output kept as fee.
    pub fee: A,
}

/// The leaf formulas of `StableSwap`, written once per lane.
///
/// Implemented by [`Exact`](crate::Exact) and [`Fast`](crate::Fast) only; reached through [`Lane::StableSwap`](crate::Lane::StableSwap).
/// Scaled amounts (`xp` in the contracts) count the same value alike in every coin. Lists have one entry per coin.
pub trait Formulas {
    /// The lane's amounts.
    type Amount: Copy + Debug;

    /// A fee on its way through a formula.
    type Fee: Copy + Debug;

    /// The smallest unit, which the contracts take off or put on "just in case": nothing in floating point.
    const UNIT: Self::Amount;

    /// `PRECISION`: one whole LP token.
    const ONE: Self::Amount;

    /// The rate of a coin with these decimals.
    fn rate(decimals: u8) -> Self::Amount;

    /// The scaled amount of `amount` units of a coin.
    ///
    /// # Errors
    /// It does not fit.
    fn scaled(amount: Self::Amount, rate: Self::Amount) -> Result<Self::Amount, MathError>;

    /// Units of a coin worth a scaled amount, rounded down.
    ///
    /// # Errors
    /// It does not fit.
    fn unscaled(scaled: Self::Amount, rate: Self::Amount) -> Result<Self::Amount, MathError>;

    /// `amount * of / whole`, rounded down.
    ///
    /// # Errors
    /// The product does not fit, or `whole` is zero.
    fn share(amount: Self::Amount, of: Self::Amount, whole: Self::Amount) -> Result<Self::Amount, MathError>;

    /// `amount / divisor`, rounded down.
    fn part(amount: Self::Amount, divisor: u32) -> Self::Amount;

    /// `a - b`, where only rounding could make it negative: zero if it does in floating point.
    ///
    /// # Errors
    /// It is negative.
    fn difference(a: Self::Amount, b: Self::Amount) -> Result<Self::Amount, MathError>;

    /// D of these scaled balances, `get_D`.
    ///
    /// # Errors
    /// A product does not fit, or the iteration does not converge.
    fn invariant(curve: Curve, scaled: &[Self::Amount]) -> Result<Self::Amount, MathError>;

    /// The scaled balance of `coin` at which D is `invariant`, the others given: `get_y` and `get_y_D`. Its own entry is not read.
    ///
    /// # Errors
    /// As [`invariant`](Self::invariant).
    fn balance_at(curve: Curve, scaled: &[Self::Amount], coin: usize, invariant: Self::Amount) -> Result<Self::Amount, MathError>;

    /// What deposits and withdrawals out of proportion pay on the difference, in a pool of `coins`: fee · n / (4(n − 1)).
    ///
    /// # Errors
    /// There is one coin only.
    fn imbalance_fee(fee: PoolFee, coins: usize) -> Result<Self::Fee, MathError>;

    /// The fee between two scaled balances: `_dynamic_fee`; `fee` itself if the market's does not depend on them.
    ///
    /// # Errors
    /// A product does not fit, or both balances are zero.
    fn dynamic_fee(
        market: &Market<'_, Self::Amount>,
        fee: Self::Fee,
        a: Self::Amount,
        b: Self::Amount,
    ) -> Result<Self::Fee, MathError>;

    /// The fee on `amount`, rounded down.
    ///
    /// # Errors
    /// The product does not fit.
    fn fee_on(amount: Self::Amount, fee: Self::Fee) -> Result<Self::Amount, MathError>;

    /// The protocol's share of a fee, rounded down.
    ///
    /// # Errors
    /// The product does not fit.
    fn admin_part(fee: Self::Amount, admin_fee: PoolFee) -> Result<Self::Amount, MathError>;

    /// What `amount_in` of coin `sides.0` does when it is swapped for coin `sides.1`. The sides are two different coins of the market.
    ///
    /// # Errors
    /// As the contract's `exchange`, in its order.
    fn exchange(
        market: &Market<'_, Self::Amount>,
        sides: (usize, usize),
        amount_in: Self::Amount,
    ) -> Result<Exchange<Self::Amount>, SwapError>;

    /// The contract's view of the same, `get_dy`: it takes the fee after rounding to the coin's units, not before.
    ///
    /// # Errors
    /// As the contract's.
    fn quoted_output(
        market: &Market<'_, Self::Amount>,
        sides: (usize, usize),
        amount_in: Self::Amount,
    ) -> Result<Self::Amount, SwapError>;

    /// The least input that buys `amount_out` or more.
    ///
    /// # Errors
    /// No input does.
    fn amount_in(
        market: &Market<'_, Self::Amount>,
        sides: (usize, usize),
        amount_out: Self::Amount,
    ) -> Result<Self::Amount, SwapError>;

    /// What the price oracles of NG pools refuse: `_get_p` and `pack_2` of `upkeep_oracles`.
    ///
    /// The averages themselves steer no operation and are not kept.
    ///
    /// # Errors
    /// The contract could not compute or store a price or D.
    fn check_oracles(curve: Curve, scaled: &[Self::Amount], invariant: Self::Amount) -> Result<(), MathError>;

    /// The part of it that concerns D alone, at the first deposit.
    ///
    /// # Errors
    /// The contract could not store D.
    fn check_stored_invariant(invariant: Self::Amount) -> Result<(), MathError>;
}
