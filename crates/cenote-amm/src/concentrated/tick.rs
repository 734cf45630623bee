//! Ticks: the range between two of them, and what an initialized tick remembers.

use core::fmt;

use ruint::aliases::U160;

use super::error::ConcentratedError;
use super::formulas::{F, FeeGrowth, Formulas, SqrtPrice};
use super::oracle::{Cumulatives, wrap_int56};
use super::tick_math::{MAX_TICK, MIN_TICK};
use crate::lane::Lane;

/// The prices from 1.0001^`lower` up to 1.0001^`upper`, token 1 per token 0 in smallest units.
///
/// Any two numbers: a contract refuses those it does not like when they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TickRange {
    /// Where the range begins.
    pub lower: i32,
    /// Where it ends: at this tick the position is out of range again.
    pub upper: i32,
}

impl TickRange {
    /// From `lower` to `upper`.
    pub const fn new(lower: i32, upper: i32) -> Self {
        Self { lower, upper }
    }

    /// The widest range of ticks that are multiples of `spacing`.
    ///
    /// ```
    /// use cenote_amm::concentrated::TickRange;
    /// assert_eq!(TickRange::full(60), TickRange::new(-887_220, 887_220));
    /// ```
    pub fn full(spacing: i32) -> Self {
        let spacing = spacing.max(1);
        let upper = MAX_TICK - MAX_TICK % spacing;
        Self { lower: -upper, upper }
    }

    /// Whether `tick` is in the range.
    #[inline]
    pub fn contains(&self, tick: i32) -> bool {
        self.lower <= tick && tick < self.upper
    }

    /// `checkTicks`.
    pub(super) fn check(self) -> Result<(), ConcentratedError> {
        let Self { lower, upper } = self;
        if lower >= upper {
            return Err(ConcentratedError::TicksMisordered { lower, upper });
        }
        if lower < MIN_TICK {
            return Err(ConcentratedError::TickTooLow { tick: lower });
        }
        if upper > MAX_TICK {
            return Err(ConcentratedError::TickTooHigh { tick: upper });
        }
        Ok(())
    }
}

impl fmt::Display for TickRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ticks {} to {}", self.lower, self.upper)
    }
}

/// A change of liquidity. Unsigned: nothing is added by removing less than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiquidityChange {
    /// This much comes.
    Add(u128),
    /// This much goes; zero is the *poke* that only brings a position's fees up to date.
    Remove(u128),
}

impl LiquidityChange {
    /// How much.
    pub fn amount(self) -> u128 {
        match self {
            Self::Add(amount) | Self::Remove(amount) => amount,
        }
    }

    /// `liquidity` after the change: `LiquidityMath.addDelta`.
    pub(super) fn apply(self, liquidity: u128) -> Result<u128, ConcentratedError> {
        match self {
            Self::Add(amount) => liquidity.checked_add(amount).ok_or(ConcentratedError::LiquidityOverflow),
            Self::Remove(amount) => liquidity
                .checked_sub(amount)
                .ok_or_else(|| ConcentratedError::LiquidityUnderflow { removed: read(amount), available: read(liquidity) }),
        }
    }
}

/// Liquidity in an error, for reading.
#[allow(clippy::cast_precision_loss, reason = "the nearest float is what is asked for")]
pub(super) fn read(liquidity: u128) -> f64 {
    liquidity as f64
}

/// What a tick that bounds a position remembers.
///
/// Values "outside" are those of the other side of the tick than the price is on, counted from when the tick was initialized; only
/// differences between two ticks mean anything. Source: `Tick.Info` in `Tick.sol`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick<L: Lane> {
    pub(super) sqrt_price: SqrtPrice<L>,
    pub(super) liquidity_gross: u128,
    pub(super) liquidity_net: i128,
    pub(super) fee_growth_outside: [FeeGrowth<L>; 2],
    pub(super) cumulatives_outside: Cumulatives,
    pub(super) seconds_outside: u32,
}

impl<L: Lane> Tick<L> {
    /// A tick nobody has used.
    pub(super) fn blank(sqrt_price: SqrtPrice<L>) -> Self {
        Self {
            sqrt_price,
            liquidity_gross: 0,
            liquidity_net: 0,
            fee_growth_outside: [FeeGrowth::<L>::default(); 2],
            cumulatives_outside: Cumulatives::default(),
            seconds_outside: 0,
        }
    }

    /// The square root price at the tick, in the lane's unit.
    pub fn sqrt_price(&self) -> SqrtPrice<L> {
        self.sqrt_price
    }

    /// The liquidity of all positions that begin or end here.
    pub fn liquidity_gross(&self) -> u128 {
        self.liquidity_gross
    }

    /// What the liquidity in range gains when the price rises across the tick.
    pub fn liquidity_net(&self) -> i128 {
        self.liquidity_net
    }

    /// Fees per liquidity on the other side, of token 0 and token 1.
    pub fn fee_growth_outside(&self) -> [FeeGrowth<L>; 2] {
        self.fee_growth_outside
    }

    /// Sum of ticks over seconds on the other side.
    pub fn tick_cumulative_outside(&self) -> i64 {
        self.cumulatives_outside.tick
    }

    /// Sum of seconds per liquidity on the other side, Q32.128.
    pub fn seconds_per_liquidity_outside_x128(&self) -> U160 {
        self.cumulatives_outside.seconds_per_liquidity_x128
    }

    /// Seconds spent on the other side.
    pub fn seconds_outside(&self) -> u32 {
        self.seconds_outside
    }

    /// Turns everything over to the other side: `Tick.cross`.
    #[inline]
    pub(super) fn cross(&mut self, fee_growth_global: [FeeGrowth<L>; 2], cumulatives: Cumulatives, time: u32) {
        for side in 0..2 {
            self.fee_growth_outside[side] = F::<L>::sub_growth(fee_growth_global[side], self.fee_growth_outside[side]);
        }
        self.cumulatives_outside = Cumulatives {
            tick: wrap_int56(cumulatives.tick.wrapping_sub(self.cumulatives_outside.tick)),
            seconds_per_liquidity_x128: cumulatives
                .seconds_per_liquidity_x128
                .wrapping_sub(self.cumulatives_outside.seconds_per_liquidity_x128),
        };
        self.seconds_outside = time.wrapping_sub(self.seconds_outside);
    }
}
