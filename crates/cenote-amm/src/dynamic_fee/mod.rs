//! Fees that move: a pool's fee as a function of what the pool has seen.
//!
//! A [`FeeRule`] is told when a block begins and what every trade left behind, and says the fee of the next trade, in each direction.
//! [`FeeHook`] makes a Uniswap v4 hook of it, in either lane, and [`HookedModel`] a pool of a world. Ready rules are
//! [`VolatilityFee`], [`ImbalanceFee`], [`FirstTradeFee`] and [`SidesFee`]; [`DynamicFee`] is any one of them.
//!
//! A rule of one's own is a type with one method. This one asks more of those who push the price away from where the block began:
//!
//! ```
//! use cenote_amm::dynamic_fee::{FeeHook, FeeRule};
//! use cenote_amm::concentrated::{DYNAMIC_FEE_FLAG, TickRange};
//! use cenote_amm::{ConcentratedV4, Direction, Fast, OneForZero, Owner, Pool, RangedLiquidity, SwapRequest, ZeroForOne};
//! use cenote_units::SimTime;
//!
//! #[derive(Clone, Debug, PartialEq)]
//! struct AwayFromTheStart {
//!     start: f64,
//! }
//!
//! impl FeeRule for AwayFromTheStart {
//!     fn begin_block(&mut self, _time: SimTime, price: f64) {
//!         self.start = price;
//!     }
//!
//!     fn fee(&self, price: f64, direction: Direction) -> f64 {
//!         let away = if direction == OneForZero { price > self.start } else { price < self.start };
//!         if away { 0.003 } else { 0.001 }
//!     }
//! }
//!
//! let hook = FeeHook::new(AwayFromTheStart { start: 1.0 });
//! let mut pool = ConcentratedV4::<Fast, _>::uniswap_v4_with_hooks(DYNAMIC_FEE_FLAG, 60, hook)?;
//! pool.initialize_at_price(1.0)?;
//! pool.mint(Owner::new(1), TickRange::new(-6000, 6000), [1e6, 1e6])?;
//! pool.begin_block("12s".parse()?);
//! let fees = [ZeroForOne, ZeroForOne, OneForZero].map(|direction| {
//!     pool.swap(&SwapRequest::exact_in(direction, 100.0)).map(|outcome| outcome.fee)
//! });
//! // The first sale comes when the price is where it began, the second below it, and the purchase brings it back.
//! for (fee, expected) in fees.into_iter().zip([0.1, 0.3, 0.1]) {
//!     assert!((fee? - expected).abs() < 1e-12);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod first_trade;
mod hook;
mod imbalance;
mod model;
mod ready;
mod sides;
#[cfg(test)]
mod tests;
mod volatility;

use core::fmt::Debug;

use cenote_units::SimTime;

use crate::error::AmmError;
use crate::pool::Direction;

pub use first_trade::FirstTradeFee;
pub use hook::FeeHook;
pub use imbalance::{ImbalanceFee, Reference};
pub use model::HookedModel;
pub use ready::DynamicFee;
pub use sides::SidesFee;
pub use volatility::VolatilityFee;

/// A fee that follows from what the pool has seen.
///
/// Prices are the pool's marginal price of token 0 in token 1, before fee, in one and the same unit throughout: rules that look at
/// ratios of prices serve both lanes.
pub trait FeeRule: Clone + Debug + PartialEq + Send + Sync + 'static {
    /// A block begins at `time`, before anything is traded in it. A pool hears of every block, whether anybody trades in it or not.
    fn begin_block(&mut self, time: SimTime, price: f64) {
        let _ = (time, price);
    }

    /// The fee of a trade in this direction if it came now: a fraction of the input, from 0 to below 1. A pool refuses trades for
    /// which a rule says anything else.
    fn fee(&self, price: f64, direction: Direction) -> f64;

    /// A trade happened, and left the pool at this price.
    fn after_trade(&mut self, price: f64, direction: Direction) {
        let _ = (price, direction);
    }
}

/// A fee that a rule may charge: a fraction from 0 to below 1.
fn fraction(what: &'static str, value: f64) -> Result<f64, AmmError> {
    let expected = "a fraction of the input from 0 to below 1";
    if (0.0..1.0).contains(&value) { Ok(value) } else { Err(AmmError::InvalidFeeRule { what, value, expected }) }
}

/// A number of a rule that has to be finite and not negative.
fn not_negative(what: &'static str, value: f64) -> Result<f64, AmmError> {
    let expected = "a finite number, not negative";
    if (0.0..f64::INFINITY).contains(&value) { Ok(value) } else { Err(AmmError::InvalidFeeRule { what, value, expected }) }
}

/// A length of time, in nanoseconds, that is some.
fn some_time(what: &'static str, window: cenote_units::SimDuration) -> Result<f64, AmmError> {
    let expected = "a duration above zero";
    if window.is_zero() { Err(AmmError::InvalidFeeRule { what, value: 0.0, expected }) } else { Ok(nanos(window.as_nanos())) }
}

/// Nearest float: for ratios of times, where a rounding of 1e-16 means nothing.
#[expect(clippy::cast_precision_loss, reason = "stated above")]
fn nanos(nanos: u64) -> f64 {
    nanos as f64
}
