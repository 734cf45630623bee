//! Liquidity-provider strategies: what somebody does with a deposit.
//!
//! A strategy sees a [`Market`] and its own [`Position`] and returns [`Action`]s; it never moves a token itself. [`Strategy`] is the one
//! trait to implement for another. The same type runs in Monte Carlo worlds of many lanes, in the replay of a single path, and in a test
//! that implements [`Market`] by hand.
//!
//! | built in | |
//! |---|---|
//! | [`Hold`], [`Passive`], [`FixedRange`] | put somewhere and left there |
//! | [`RangeOrder`] | one token beside the price, taken out when it is crossed |
//! | [`Recentre`] | a range, or [`Bins`] side by side, that follow the price |
//! | [`Portfolio`] | tokens, liquidity, stakes, loans and shares of vaults, brought back to their weights |
//! | [`Farming`] | a stake in a farm, whose rewards are sold, compounded or kept |
//! | [`Lend`], [`Looping`] | supplied to a lending market, once or levered |
//! | [`InVault`] | put into a vault |
//! | [`BestYield`] | wherever it yields most, net of the way there |
//!
//! [`EnterWith`], [`Compounding`], [`Staged`], [`Guarded`] and [`Hedged`] go around any of them, and around each other:
//!
//! ```
//! use cenote_strategy::{Bins, Compounding, Guard, Guarded, Hedged, PoolId, Recentre, Shape, TokenId};
//!
//! let (pool, eth, usdc) = (PoolId(0), TokenId(0), TokenId(1));
//! let curve = Recentre::new(pool, 0.2)?.bins(Bins::new(10, Shape::Curve)?);
//! let compounded = Compounding::every(curve, pool, "1d".parse()?)?;
//! let guarded = Guarded::new(compounded, Guard::new(pool, usdc).stop_loss(0.25)?);
//! let hedged = Hedged::new(guarded, eth).band(0.05)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! This crate simulates nothing: the loop that executes actions, charges gas and keeps the books is `cenote-sim`.

mod action_lanes;
mod alarm;
mod any_strategy;
mod asset;
mod balance;
mod best_yield;
mod bins;
mod compounding;
mod enter_with;
mod error;
mod exit;
mod farming;
mod fixed_range;
mod guarded;
#[cfg(test)]
mod hand;
mod hedged;
mod hold;
mod in_vault;
mod lanes;
mod lend;
mod level;
mod loan;
mod looping;
mod market;
mod passive;
#[cfg(test)]
mod patience;
mod portfolio;
mod prices;
mod range_order;
mod recentre;
mod refusal;
mod route;
mod sale;
mod staged;
mod strategy;
mod trigger;
mod venue;
mod wake;
mod width;

pub use action_lanes::{ActionKind, ActionLanes};
pub use any_strategy::AnyStrategy;
pub use asset::Asset;
pub use best_yield::{BestYield, MoveGas};
pub use bins::{Bins, Shape};
pub use compounding::{Compounding, compounding_threshold};
pub use enter_with::EnterWith;
pub use error::StrategyError;
pub use farming::{Farming, Rewards};
pub use fixed_range::FixedRange;
pub use guarded::{Guard, Guarded};
pub use hedged::Hedged;
pub use hold::Hold;
pub use in_vault::InVault;
pub use lanes::{BuildStrategy, PositionLanes, RangePlace, StrategyLanes};
pub use lend::Lend;
pub use looping::Looping;
pub use market::{Bridge, BridgeId, ChainId, GasLanes, LaneMarket, Market, MarketLanes, PoolId, TokenId, token_index};
pub use passive::Passive;
pub use portfolio::Portfolio;
pub use range_order::RangeOrder;
pub use recentre::Recentre;
pub use refusal::Refusal;
pub use staged::{Parts, Staged, WayOut};
pub use strategy::{Action, Entry, Position, RangeId, RangePosition, Strategy};
pub use trigger::Trigger;
pub use venue::{
    Farm, FarmHolding, FarmId, FarmPosition, FarmTerms, HoldingLanes, Lending, LendingHolding, LendingId, LendingPosition,
    LendingTerms, MAX_REWARDS, Stake, Vault, VaultId, VenueLanes,
};
pub use wake::Wake;
pub use width::{VolatilityWidth, Width, Window};
