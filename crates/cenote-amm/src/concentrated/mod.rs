//! Concentrated liquidity: Uniswap v3, `PancakeSwap` v3 and Uniswap v4 with its hooks.
//!
//! [`Concentrated`] is the pool as a user of the router and of the position manager sees it: it implements [`Pool`](crate::Pool) and
//! [`RangedLiquidity`](crate::RangedLiquidity). Below it lies [`V3Pool`], the contract itself, with price limits, flash loans, protocol
//! fees and the oracle, or [`V4Pool`], with donations, salts, dynamic fees and [`Hooks`]. What these two share is one code.
//! [`tick_math`], [`sqrt_price_math`], [`swap_math`] and [`full_math`] are the contract's libraries, one by one, for whoever needs only
//! their integers.

mod contract;
mod core;
mod error;
mod exact;
mod fast;
mod fee_tier;
mod formulas;
pub mod full_math;
mod lanes;
mod oracle;
mod pool;
mod position;
mod price_limbs;
mod protocol_fee;
mod snapshot;
pub mod sqrt_price_math;
pub mod swap_math;
#[cfg(test)]
mod tests;
mod tick;
mod tick_map;
pub mod tick_math;
mod v3;
mod v4;
mod walk;

pub use contract::Contract;
pub use error::ConcentratedError;
pub use fast::FastUnits;
pub use fee_tier::FeeTier;
pub use formulas::{FeeGrowth, Formulas, SqrtPrice};
pub use lanes::{ConcentratedLanes, ConcentratedModel};
pub use oracle::{Cumulatives, Observation, Oracle};
pub use pool::{Concentrated, ConcentratedV4};
pub use position::{Position, PositionKey};
pub use protocol_fee::{ProtocolFee, ProtocolFeeScheme, Share};
pub use snapshot::{Snapshot, SnapshotError, TickLiquidity};
pub use tick::{LiquidityChange, Tick, TickRange};
pub use v3::{CumulativesInside, V3Pool};
pub use v4::{DYNAMIC_FEE_FLAG, HookRefusal, Hooks, LiquidityModified, LpFee, NoHooks, OVERRIDE_FEE_FLAG, V4Pool, V4State};
pub use walk::{Trade, Traded};
