//! What staked and lent tokens earn: farms, lending markets and vaults, in the integers of their contracts and in lanes of floats.
//!
//! | | |
//! |---|---|
//! | [`emission`] | rewards as a function of time; vesting and locks |
//! | [`farm`] | LP tokens and other tokens staked for rewards |
//! | [`lending`] | tokens lent and borrowed at rates that follow utilisation |
//! | [`vault`] | shares of something that grows |
//!
//! # What this crate does not do
//!
//! It knows no prices and no randomness, and time only as the numbers it is told: who brings time and prices is `cenote-sim`.

pub mod emission;
pub mod farm;
pub mod lending;
pub mod vault;
