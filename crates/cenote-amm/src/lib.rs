//! Automated market makers in two arithmetics: exact to the wei, and fast.
//!
//! ```
//! use cenote_amm::{ConstantProduct, Exact, FungibleLiquidity, OneForZero, Owner, Pool, SwapRequest, TokenIndex, U256};
//!
//! // A Uniswap v2 pool with 1000 ETH and 2 million USDC, in wei and in millionths.
//! let (eth, usdc) = (U256::from(10).pow(U256::from(18)), U256::from(10).pow(U256::from(6)));
//! let alice = Owner::new(1);
//! let mut pool = ConstantProduct::<Exact>::uniswap_v2();
//! pool.mint(alice, &[U256::from(1000) * eth, U256::from(2_000_000) * usdc])?;
//!
//! // Ask first, then do: the two always agree. 2000 USDC buy a little less than 1 ETH.
//! let request = SwapRequest::exact_in(OneForZero, U256::from(2000) * usdc);
//! let expected = pool.quote(&request)?;
//! let outcome = pool.swap(&request)?;
//! assert_eq!(outcome, expected);
//! assert_eq!(outcome.amount_out, U256::from(996_006_981_039_903_216_u64));
//!
//! // The price moved, and the fee stayed in the pool.
//! assert!(pool.spot_price(TokenIndex(0), TokenIndex(1)) > Some(2000e6 / 1e18));
//! # Ok::<(), cenote_amm::AmmError>(())
//! ```
//!
//! # Two lanes
//! Every pool exists in two arithmetics behind one set of traits. [`Exact`] computes in the deployed contract's integers, rounding and
//! reverting where it does; [`Fast`] computes in `f64` for Monte Carlo, within a tested error of the exact lane. Bookkeeping is one
//! code for both; only the formulas are written twice.
//!
//! # Vocabulary
//! - [`Pool`] quotes and swaps; [`FungibleLiquidity`] mints and burns LP tokens. `quote` reads, `swap` writes, and both agree.
//! - Amounts are unsigned. [`SwapRequest`] says which token goes in, which comes out and which amount is fixed.
//! - `Err` means that the contract would have reverted, and leaves the pool untouched.
//! - Prices are `f64`, "quote per base", in the lane's own units: whole tokens in [`Fast`], smallest units in [`Exact`].
//!
//! # What this crate does not do
//! No time, no randomness, no accounts of tokens outside the pool, no files. Blocks, agents and price processes live in other crates.

#[cfg(any(test, feature = "proptest"))]
pub mod battery;
pub mod concentrated;
pub mod constant_product;
pub mod dynamic_fee;
mod error;
mod integer;
mod lane;
mod lanes;
mod pool;
pub mod stableswap;
pub mod weighted;

pub use concentrated::{Concentrated, ConcentratedError, ConcentratedLanes, ConcentratedModel, ConcentratedV4, TickRange};
pub use constant_product::{ConstantProduct, ConstantProductLanes, ConstantProductModel};
pub use error::{AmmError, GovernanceError, LiquidityError, MathError, SwapError};
pub use lane::{Exact, Fast, Lane};
pub use lanes::{
    AnyPool, BuildPool, DepthLanes, FewTrades, FlowLanes, FungibleLanes, Lifted, LiftedRanges, PerLane, PerLaneRanges, PoolLanes,
    PoolModel, PoolStart, PriceRange, RangeChange, RangeIncome, RangeLanes, RangeRule, RangedLanes, Told,
};
pub use pool::{
    Amount, Direction, FungibleLiquidity, LiquidityOutcome, OneForZero, Owner, Pool, RangedLiquidity, RangedOutcome,
    RangedPosition, SwapKind, SwapOutcome, SwapRequest, TokenIndex, ZeroForOne,
};
pub use ruint::aliases::U256;
pub use stableswap::{StableSwap, StableSwapLanes, StableSwapModel};
pub use weighted::Weighted;
