//! The seam between the lanes: what a concentrated-liquidity pool computes, as opposed to what it remembers.

use core::fmt::Debug;

use ruint::aliases::U256;

use super::error::ConcentratedError;
use super::protocol_fee::Share;
use super::sqrt_price_math::Rounding;
use super::swap_math::{Step, StepRequest, StepRule};
use crate::lane::Lane;

/// The lane's formulas.
pub(super) type F<L> = <L as Lane>::Concentrated;
/// The lane's square root prices.
pub type SqrtPrice<L> = <<L as Lane>::Concentrated as Formulas>::SqrtPrice;
/// The lane's fee growth.
pub type FeeGrowth<L> = <<L as Lane>::Concentrated as Formulas>::FeeGrowth;

/// The leaf formulas of a concentrated-liquidity pool, written once per lane.
///
/// Ticks and liquidity are integers in both lanes: whether a tick carries liquidity is a question of bookkeeping, and a sum of floats
/// would answer it differently after every crossing. Only prices, amounts and fee growth have two arithmetics.
///
/// Implemented by [`Exact`](crate::Exact) and [`Fast`](crate::Fast) only; reached through [`Lane::Concentrated`].
pub trait Formulas {
    /// The lane's amounts.
    type Amount: Copy + Debug;
    /// √P, P in token 1 per token 0: Q64.96 of smallest units, or a float of whole tokens.
    type SqrtPrice: Copy + Debug + PartialEq + PartialOrd + Send + Sync + 'static;
    /// Liquidity as the formulas read it.
    type Liquidity: Copy + Debug + PartialEq + Send + Sync + 'static;
    /// Fees per unit of liquidity: Q128.128 modulo 2^256, or a float.
    type FeeGrowth: Copy + Debug + Default + PartialEq + Send + Sync + 'static;
    /// How the lane's units relate to the smallest units in which ticks and liquidity are counted.
    type Units: Copy + Debug + PartialEq + Send + Sync + 'static;

    /// Whether a swap's steps stop at every 256th tick of the spacing, as the contract's bitmap makes them; each step rounds.
    const STOPS_AT_WORDS: bool;

    /// The units of a pool of tokens with these decimals.
    fn units(decimals: [u8; 2]) -> Self::Units;

    /// The contract's integer liquidity in the lane's unit.
    fn liquidity(units: &Self::Units, liquidity: u128) -> Self::Liquidity;

    /// Liquidity in the lane's unit, for reading: √(token 0 · token 1).
    fn liquidity_to_f64(units: &Self::Units, liquidity: u128) -> f64;

    /// √1.0001^`tick`.
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidTick`].
    fn sqrt_price_at_tick(units: &Self::Units, tick: i32) -> Result<Self::SqrtPrice, ConcentratedError>;

    /// The greatest tick whose price is at most this.
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidSqrtPrice`].
    fn tick_at_sqrt_price(units: &Self::Units, sqrt_price: Self::SqrtPrice) -> Result<i32, ConcentratedError>;

    /// The lane's price from the contract's, Q64.96 in smallest units.
    fn sqrt_price_from_x96(units: &Self::Units, sqrt_price_x96: U256) -> Self::SqrtPrice;

    /// The lane's amount of token `side` (0 or 1) from smallest units.
    fn amount_from_integer(units: &Self::Units, side: usize, amount: U256) -> Self::Amount;

    /// The lowest and the highest price that a swap may be limited to: just inside the prices of the outermost ticks.
    fn price_limits(units: &Self::Units) -> [Self::SqrtPrice; 2];

    /// The square root of `price^(±1) · scale`, in the lane's unit, from a price in the lane's unit; `None` if out of range.
    fn sqrt_price_of(price: f64, inverse: bool, scale: Share, rounding: Rounding) -> Option<Self::SqrtPrice>;

    /// For reading; Q64.96 in the exact lane.
    fn sqrt_price_to_f64(sqrt_price: Self::SqrtPrice) -> f64;

    /// The price itself, token 1 per token 0, in the lane's unit.
    fn price(sqrt_price: Self::SqrtPrice) -> f64;

    /// Whether a contract can be asked for this amount: below 2^255.
    fn is_specifiable(amount: Self::Amount) -> bool;

    /// Whether an amount fits the 127 bits that v4 has for it.
    fn is_int128(amount: Self::Amount) -> bool;

    /// More than can ever be paid.
    fn unlimited() -> Self::Amount;

    /// The next smaller amount, where amounts are counted in units and there is one.
    fn one_unit_less(amount: Self::Amount) -> Option<Self::Amount>;

    /// Token 0 between two prices, in either order.
    ///
    /// # Errors
    /// As `SqrtPriceMath.getAmount0Delta`.
    fn amount0_delta(
        a: Self::SqrtPrice,
        b: Self::SqrtPrice,
        liquidity: Self::Liquidity,
        rounding: Rounding,
    ) -> Result<Self::Amount, ConcentratedError>;

    /// Token 1 between two prices, in either order.
    ///
    /// # Errors
    /// As `SqrtPriceMath.getAmount1Delta`.
    fn amount1_delta(
        a: Self::SqrtPrice,
        b: Self::SqrtPrice,
        liquidity: Self::Liquidity,
        rounding: Rounding,
    ) -> Result<Self::Amount, ConcentratedError>;

    /// One step of a swap.
    ///
    /// # Errors
    /// As `SwapMath.computeSwapStep`.
    fn swap_step(
        request: &StepRequest<Self::SqrtPrice, Self::Liquidity, Self::Amount>,
        rule: StepRule,
    ) -> Result<Step<Self::SqrtPrice, Self::Amount>, ConcentratedError>;

    /// `remaining` less what a step used of it.
    ///
    /// # Errors
    /// The step used more than there was.
    fn less(remaining: Self::Amount, used: Self::Amount) -> Result<Self::Amount, ConcentratedError>;

    /// `amount · share`, rounded down.
    ///
    /// # Errors
    /// The product does not fit 256 bits.
    fn part(amount: Self::Amount, share: Share) -> Result<Self::Amount, ConcentratedError>;

    /// `amount · pips / 10^6`, rounded up.
    ///
    /// # Errors
    /// As `FullMath.mulDivRoundingUp`.
    fn flash_fee(amount: Self::Amount, pips: u32) -> Result<Self::Amount, ConcentratedError>;

    /// `fee / liquidity`, rounded down.
    ///
    /// # Errors
    /// As `FullMath.mulDiv`.
    fn fee_growth(fee: Self::Amount, liquidity: Self::Liquidity) -> Result<Self::FeeGrowth, ConcentratedError>;

    /// `a + b`, modulo 2^256 as the contract means it to be.
    fn add_growth(a: Self::FeeGrowth, b: Self::FeeGrowth) -> Self::FeeGrowth;

    /// `a - b`, modulo 2^256 as the contract means it to be.
    fn sub_growth(a: Self::FeeGrowth, b: Self::FeeGrowth) -> Self::FeeGrowth;

    /// Growth per unit of the contract's integer liquidity, for reading.
    fn growth_to_f64(units: &Self::Units, growth: Self::FeeGrowth) -> f64;

    /// What `liquidity` has earned while fees grew by `growth`, rounded down.
    ///
    /// # Errors
    /// As `FullMath.mulDiv`.
    fn fees_earned(growth: Self::FeeGrowth, liquidity: Self::Liquidity) -> Result<Self::Amount, ConcentratedError>;

    /// `owed + amount`, modulo 2^128 as the contract's `uint128` slots are.
    fn add_owed(owed: Self::Amount, amount: Self::Amount) -> Self::Amount;

    /// What `collectProtocol` pays of `owed`: the exact lane leaves one unit, as the contract does to keep its storage slot.
    fn collectable(owed: Self::Amount, requested: Self::Amount) -> Self::Amount;

    /// A balance after a payment; `None` if it does not suffice.
    fn pay(balance: Self::Amount, amount: Self::Amount) -> Option<Self::Amount>;

    /// The contract's integer liquidity that `amount` of token 0 buys between two prices, rounded down.
    ///
    /// # Errors
    /// As `LiquidityAmounts.getLiquidityForAmount0`.
    fn liquidity_for_amount0(
        units: &Self::Units,
        lower: Self::SqrtPrice,
        upper: Self::SqrtPrice,
        amount: Self::Amount,
    ) -> Result<u128, ConcentratedError>;

    /// The contract's integer liquidity that `amount` of token 1 buys between two prices, rounded down.
    ///
    /// # Errors
    /// As `LiquidityAmounts.getLiquidityForAmount1`.
    fn liquidity_for_amount1(
        units: &Self::Units,
        lower: Self::SqrtPrice,
        upper: Self::SqrtPrice,
        amount: Self::Amount,
    ) -> Result<u128, ConcentratedError>;
}
