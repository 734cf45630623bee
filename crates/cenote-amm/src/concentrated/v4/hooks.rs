//! Hooks: what a pool's own contract sees of it, and may say about it.

use core::fmt::{self, Debug};

use cenote_units::SimTime;

use super::fee::{LpFee, OVERRIDE_FEE_FLAG};
use super::state::{LiquidityModified, V4State};
use crate::concentrated::error::ConcentratedError;
use crate::concentrated::formulas::SqrtPrice;
use crate::concentrated::position::PositionKey;
use crate::concentrated::walk::{Trade, Traded};
use crate::lane::Lane;

/// What a v4 pool calls before and after everything that happens to it.
///
/// Implement what you need: a method that is left out does nothing. One implementation, generic over the lane, serves both. The pool
/// carries the hook along: [`V4Pool::hooks`](super::V4Pool::hooks) reads it and [`V4Pool::hooks_mut`](super::V4Pool::hooks_mut) tells
/// it what a pool cannot know, the time or an outside price, say.
///
/// *Before* an operation the hook reads the pool and the request, and may refuse; before a swap it also says the fee. It cannot
/// change itself there, and so a quote, which asks the same question, is always the swap that follows. *After* the operation it reads
/// the pool and the outcome, and may remember. There nothing can fail any more: whatever is to fail fails before, and leaves pool and
/// hook as they were.
///
/// A hook that keeps its fee in the contract (`updateDynamicLPFee`) keeps it in a field of its own here, and overrides with it.
/// Hooks that change the amounts of an operation (the `RETURNS_DELTA` permissions) are not there.
///
/// A fee that doubles for whoever follows in the direction of the last swap:
///
/// ```
/// use cenote_amm::concentrated::{DYNAMIC_FEE_FLAG, HookRefusal, Hooks, LpFee, TickRange, Trade, Traded, V4State};
/// use cenote_amm::{
///     ConcentratedV4, Direction, Fast, Lane, OneForZero, Owner, Pool, RangedLiquidity, SwapRequest, ZeroForOne,
/// };
///
/// #[derive(Clone, Debug, PartialEq)]
/// struct Momentum {
///     pips: u32,
///     last: Option<Direction>,
/// }
///
/// impl<L: Lane> Hooks<L> for Momentum {
///     fn before_swap(&self, _pool: &V4State<L>, trade: &Trade<L>) -> Result<LpFee, HookRefusal> {
///         let follows = self.last == Some(trade.direction);
///         Ok(LpFee::Override(if follows { 2 * self.pips } else { self.pips }))
///     }
///
///     fn after_swap(&mut self, _pool: &V4State<L>, trade: &Trade<L>, _traded: &Traded<L>) {
///         self.last = Some(trade.direction);
///     }
/// }
///
/// let hooks = Momentum { pips: 3000, last: None };
/// let mut pool = ConcentratedV4::<Fast, Momentum>::uniswap_v4_with_hooks(DYNAMIC_FEE_FLAG, 60, hooks)?;
/// pool.initialize_at_price(1.0)?;
/// pool.mint(Owner::new(1), TickRange::new(-6000, 6000), [1e6, 1e6])?;
///
/// let sale = SwapRequest::exact_in(ZeroForOne, 100.0);
/// let fees = [pool.swap(&sale)?.fee, pool.swap(&sale)?.fee, pool.swap(&SwapRequest::exact_in(OneForZero, 100.0))?.fee];
/// assert!((fees[0] - 0.3).abs() < 1e-12 && (fees[1] - 0.6).abs() < 1e-12 && (fees[2] - 0.3).abs() < 1e-12);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
///
/// Source: `@uniswap/v4-core`, `src/interfaces/IHooks.sol`, `src/libraries/Hooks.sol` and `src/PoolManager.sol` (where each is called).
#[allow(unused_variables, reason = "the names are for whoever implements a method; the defaults do nothing")]
pub trait Hooks<L: Lane>: Clone + Debug + PartialEq + Send {
    /// A block begins at `time`, before anything happens in it. No contract is called there; a hook contract would find out by
    /// comparing block numbers at the next call.
    fn begin_block(&mut self, pool: &V4State<L>, time: SimTime) {}

    /// `beforeInitialize`.
    ///
    /// # Errors
    /// The hook refuses.
    fn before_initialize(&self, pool: &V4State<L>, sqrt_price: SqrtPrice<L>) -> Result<(), HookRefusal> {
        Ok(())
    }

    /// `afterInitialize`: the pool has its first price.
    fn after_initialize(&mut self, pool: &V4State<L>) {}

    /// `beforeAddLiquidity`.
    ///
    /// # Errors
    /// The hook refuses.
    fn before_add_liquidity(&self, pool: &V4State<L>, key: &PositionKey, liquidity: u128) -> Result<(), HookRefusal> {
        Ok(())
    }

    /// `afterAddLiquidity`.
    fn after_add_liquidity(&mut self, pool: &V4State<L>, key: &PositionKey, liquidity: u128, modified: &LiquidityModified<L>) {}

    /// `beforeRemoveLiquidity`; removing nothing, which only pays a position its fees, comes here too.
    ///
    /// # Errors
    /// The hook refuses.
    fn before_remove_liquidity(&self, pool: &V4State<L>, key: &PositionKey, liquidity: u128) -> Result<(), HookRefusal> {
        Ok(())
    }

    /// `afterRemoveLiquidity`.
    fn after_remove_liquidity(&mut self, pool: &V4State<L>, key: &PositionKey, liquidity: u128, modified: &LiquidityModified<L>) {}

    /// `beforeSwap`: the fee of liquidity providers for this swap. An override counts in pools with a dynamic fee only.
    ///
    /// Quotes ask this too, and so does [`Pool::swap_to`](crate::Pool::swap_to), of a trade of unlimited amount in each direction.
    ///
    /// # Errors
    /// The hook refuses.
    fn before_swap(&self, pool: &V4State<L>, trade: &Trade<L>) -> Result<LpFee, HookRefusal> {
        Ok(LpFee::Stored)
    }

    /// `afterSwap`. `pool` is where the swap left it.
    fn after_swap(&mut self, pool: &V4State<L>, trade: &Trade<L>, traded: &Traded<L>) {}

    /// `beforeDonate`.
    ///
    /// # Errors
    /// The hook refuses.
    fn before_donate(&self, pool: &V4State<L>, amounts: [L::Amount; 2]) -> Result<(), HookRefusal> {
        Ok(())
    }

    /// `afterDonate`.
    fn after_donate(&mut self, pool: &V4State<L>, amounts: [L::Amount; 2]) {}
}

/// No hooks: the pool of nobody in particular. All of it is compiled away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoHooks;

impl<L: Lane> Hooks<L> for NoHooks {}

/// A hook's refusal: in the contract its call reverts, and everything with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HookRefusal {
    reason: &'static str,
}

impl HookRefusal {
    /// For this reason.
    pub const fn new(reason: &'static str) -> Self {
        Self { reason }
    }

    /// Why.
    pub const fn reason(self) -> &'static str {
        self.reason
    }
}

impl fmt::Display for HookRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.reason)
    }
}

impl From<HookRefusal> for ConcentratedError {
    fn from(refusal: HookRefusal) -> Self {
        Self::HookRefused { reason: refusal.reason }
    }
}

impl LpFee {
    /// What the 24 bits mean that a hook contract's `beforeSwap` returns: with [`OVERRIDE_FEE_FLAG`] the other bits are the fee,
    /// without it they mean nothing.
    ///
    /// ```
    /// use cenote_amm::concentrated::LpFee;
    /// assert_eq!(LpFee::from_contract(3000), LpFee::Stored);
    /// assert_eq!(LpFee::from_contract(0x40_0000 | 3000), LpFee::Override(3000));
    /// ```
    ///
    /// Source: `LPFeeLibrary.isOverride` and `removeOverrideFlag`.
    pub const fn from_contract(bits: u32) -> Self {
        if bits & OVERRIDE_FEE_FLAG == 0 { Self::Stored } else { Self::Override(bits & !OVERRIDE_FEE_FLAG) }
    }
}
