//! Liquidity-provider strategies: what somebody does with a deposit.
//!
//! A strategy sees a [`Market`] and its own [`Position`] and returns [`Action`]s; it never moves a token itself. [`Hold`] and
//! [`Passive`] are built in, and [`Strategy`] is the one trait to implement for another. The same type runs in Monte Carlo worlds of
//! many lanes, in the replay of a single path, and in a test that implements [`Market`] by hand.
//!
//! ```
//! use cenote_strategy::{Entry, Hold, Strategy, TokenId};
//!
//! let hold = Hold::equal(&[TokenId(0), TokenId(1)])?;
//! assert_eq!(hold.entry(), Entry::Tokens(vec![(TokenId(0), 0.5), (TokenId(1), 0.5)]));
//! # Ok::<(), cenote_strategy::StrategyError>(())
//! ```
//!
//! This crate simulates nothing: the loop that executes actions, charges gas and keeps the books is `cenote-sim`.

mod alarm;
mod any_strategy;
mod bins;
mod compounding;
mod enter_with;
mod error;
mod exit;
mod fixed_range;
mod guarded;
mod hedged;
mod hold;
mod lanes;
mod level;
mod market;
mod passive;
mod portfolio;
mod prices;
mod range_order;
mod recentre;
mod refusal;
mod staged;
mod strategy;
mod wake;
mod width;

pub use any_strategy::AnyStrategy;
pub use bins::{Bins, Shape};
pub use compounding::{Compounding, compounding_threshold};
pub use enter_with::EnterWith;
pub use error::StrategyError;
pub use fixed_range::FixedRange;
pub use guarded::{Guard, Guarded};
pub use hedged::Hedged;
pub use hold::Hold;
pub use lanes::{ActionKind, ActionLanes, BuildStrategy, PositionLanes, RangePlace, StrategyLanes};
pub use market::{ChainId, GasLanes, LaneMarket, Market, MarketLanes, PoolId, TokenId, token_index};
pub use passive::Passive;
pub use portfolio::{Asset, Portfolio};
pub use range_order::RangeOrder;
pub use recentre::{Recentre, Trigger};
pub use refusal::Refusal;
pub use staged::{Parts, Staged, WayOut};
pub use strategy::{Action, Entry, Position, RangeId, RangePosition, Strategy};
pub use wake::Wake;
pub use width::{VolatilityWidth, Width, Window};
