//! LP tokens and other tokens staked for rewards.
//!
//! | | source |
//! |---|---|
//! | [`MasterChef`] | SushiSwap's `MasterChef.sol`, and PancakeSwap's with CAKE staked in pool 0 |
//! | [`StakingRewards`] | Synthetix' `StakingRewards.sol` as Uniswap's liquidity staker ships it |
//! | [`Gauge`] | Curve's `LiquidityGaugeV5.vy` with its `VotingEscrow.vy` and inflation |
//! | [`MasterChefV3`] | PancakeSwap's `MasterChefV3.sol` with its `PancakeV3LmPool.sol`, for positions between two prices |
//! | [`V3Staker`] | Uniswap's `UniswapV3Staker.sol`, for positions between two prices |
//!
//! Each contract exists in both lanes: [`Exact`](cenote_amm::Exact) in the contract's integers, with its rounding and its reverts, and
//! [`Fast`](cenote_amm::Fast) in `f64`. Bookkeeping is written once; the few formulas that differ are in [`Arithmetic`].
//!
//! [`FarmLanes`] is the seam to the simulator: a farm of `L` paths at once, built by a [`FarmModel`].
//!
//! # A farm in which nobody stakes
//! What is emitted while a farm is empty reaches nobody, and contracts differ in what becomes of it: `MasterChef` never mints it; in
//! `StakingRewards` it was paid in up front and stays in the contract for ever. Neither hides it: every farm counts it as `forgone`.

mod arithmetic;
mod error;
pub mod gauge;
mod lanes;
pub mod masterchef;
pub mod masterchef_v3;
pub mod staking_rewards;
#[cfg(test)]
mod test_support;
pub mod v3_staker;

pub use arithmetic::{Arithmetic, Compensated};
pub use error::FarmError;
pub use gauge::Gauge;
pub use lanes::{
    Boost, BuildFarm, Empty, FarmLanes, FarmModel, FarmStart, GaugeModel, MasterChefModel, ShareLanes, StakingRewardsModel,
    VoteLock,
};
pub use masterchef::MasterChef;
pub use masterchef_v3::MasterChefV3;
pub use staking_rewards::StakingRewards;
pub use v3_staker::V3Staker;
