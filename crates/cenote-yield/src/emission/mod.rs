//! Rewards as a function of time: [`Emission`] for simulations, [`CurveInflation`] as Curve's token computes it; and what becomes of rewards that
//! are not handed out at once: [`VestingEscrow`] and [`RewardLocker`].
//!
//! The exact forms of contracts that count blocks are with their farm: [`BlockRewards`](crate::farm::masterchef::BlockRewards).

mod curve;
mod error;
mod locker;
mod schedule;
mod steps;
#[cfg(test)]
mod tests;
mod vesting;

pub use curve::CurveInflation;
pub use error::EmissionError;
pub use locker::{EarlyExit, Locked, RewardLocker};
pub use schedule::Emission;
#[cfg(test)]
use schedule::Piece;
pub(crate) use schedule::years;
pub use vesting::VestingEscrow;
