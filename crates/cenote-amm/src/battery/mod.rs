//! Property tests for anybody's pool: generators, checkers, and the battery that runs them. Feature `proptest`.
//!
//! ```
//! use cenote_amm::{ConstantProduct, Exact, Fast};
//!
//! // A test each: random sequences of operations, every property after each of them.
//! cenote_amm::proptest_pool!(to_the_wei: ConstantProduct::<Exact>::uniswap_v2());
//! cenote_amm::proptest_pool!(in_floats: ConstantProduct::<Fast>::uniswap_v2());
//! # fn main() {}
//! ```
//!
//! # Vocabulary
//! - A [`Checker`] is a property by name: what it says, how much rounding it forgives, when to switch it off. The functions behind them
//!   are in [`checks`], to be used alone on a state of one's own.
//! - An operation ([`FungibleOperation`], [`RangedOperation`]) is relative to the state it meets ("swap 3% of the reserve", "burn half of
//!   what owner 2 has") or in smallest units, so that a sequence keeps its sense while it shrinks. Resolved, it is a call.
//! - [`Slack`] is what rounding is forgiven; [`Rounding`] values it at a pool's scale and prices.
//! - A [`Battery`] runs all of it and returns a [`Report`]: for each property that fails the shrunk sequence and the numbers, and which
//!   checkers never had anything to check, which is a failure too.
//! - [`families`] generates Cenote's own pools; [`fungible_states`] and [`ranged_states`] bring any pools into random states.
//!
//! A pool of one's own implements [`Pool`](crate::Pool) and [`FungibleLiquidity`](crate::FungibleLiquidity) or
//! [`RangedLiquidity`](crate::RangedLiquidity), in either lane, and `Clone` and `Debug`.
//!
//! # What this does not do
//! It does not know what a pool should compute, only what no pool may: a wrong but consistent formula passes. Protocol fees, oracles
//! and other functions beyond the traits are the pool's own to test.

mod checker;
pub mod checks;
pub mod families;
mod fungible;
mod lane;
mod macros;
mod ranged;
mod report;
mod run;
mod size;
mod slack;
mod states;
#[cfg(test)]
mod tests;
mod trial;

pub use checker::{Checker, Verdict, Violation};
pub use fungible::{FungibleCall, FungibleOperation, fungible_operations};
pub use lane::BatteryLane;
pub use ranged::{Place, RangeSize, RangedCall, RangedOperation, ranged_operations};
pub use report::{Failure, Report};
pub use run::{Battery, Holdings};
pub use size::{Deposits, Size, sizes};
pub use slack::{Rounding, Slack};
pub use states::{fungible_states, ranged_states};
