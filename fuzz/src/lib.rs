//! From bytes to a pool and a sequence of operations on it, sane and absurd, and what must hold after each of them.
//!
//! - Nothing panics, and nothing takes long.
//! - An operation that fails leaves the pool as it was.
//! - What a quote says is what the swap does.
//! - Whatever went into the pool is there or has come out: to the unit in the exact lane, within rounding in the fast lane.
//!
//! [`fungible`] has the pools with LP tokens, [`ranged`] those with positions. The same bytes drive both lanes, one after the other.

pub mod constant_product;
pub mod draw;
pub mod fungible;
pub mod ranged;
pub mod stableswap;
pub mod uniswap_v3;
pub mod uniswap_v4;
pub mod weighted;
