//! The v4 contract: initialize, modify liquidity, swap, donate and protocol fees, with the hooks around them.

mod fee;
mod hooks;
mod state;

use core::mem;
use core::ops::Deref;

use cenote_units::SimTime;

use super::core::Core;
use super::error::ConcentratedError;
use super::formulas::{F, FeeGrowth, Formulas, SqrtPrice};
use super::position::PositionKey;
use super::snapshot::{Snapshot, SnapshotError};
use super::tick::LiquidityChange;
use super::walk::{Trade, Traded, side_in};
use crate::lane::Lane;
use crate::pool::{Direction, SwapKind};
use state::PlannedSwap;

pub use fee::{DYNAMIC_FEE_FLAG, LpFee, OVERRIDE_FEE_FLAG};
pub use hooks::{HookRefusal, Hooks, NoHooks};
pub use state::{LiquidityModified, V4State};

/// A pool of Uniswap v4's `PoolManager`, in either lane, with [`Hooks`] or (the default) without.
///
/// It differs from [`V3Pool`](super::V3Pool) in this: the protocol's fee is taken from the input before the fee of liquidity
/// providers; a change of liquidity pays out all fees at once; one owner may have several positions in a range, told apart by a salt;
/// anybody can donate to the liquidity in range; the fee may be dynamic, and may be all of the input; there is no oracle.
///
/// Payments are taken with the call that they pay for. Every `Err` leaves the pool, and its hook, as it was. Two amounts in a row are
/// always (token 0, token 1). All that can be read of the pool is [`V4State`]'s, to which it dereferences as a `String` does to `str`.
///
/// ```
/// use cenote_amm::concentrated::{LiquidityChange, PositionKey, TickRange, V4Pool};
/// use cenote_amm::{Fast, Owner};
///
/// let mut pool = V4Pool::<Fast>::new(3000, 60, [18, 18])?;
/// pool.initialize(1.0)?;
/// let key = PositionKey::new(Owner::new(1), TickRange::new(-600, 600));
/// pool.modify_liquidity(key, LiquidityChange::Add(10_u128.pow(18)))?;
/// pool.donate([0.5, 0.0])?;
/// let left = pool.modify_liquidity(key, LiquidityChange::Remove(10_u128.pow(18)))?;
/// assert!((left.fees[0] - 0.5).abs() < 1e-15);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
///
/// Source: `@uniswap/v4-core`, `src/PoolManager.sol` and `src/libraries/Pool.sol`.
#[derive(Clone, Debug, PartialEq)]
pub struct V4Pool<L: Lane, H = NoHooks> {
    state: V4State<L>,
    hooks: H,
    /// Room for the ticks a swap crosses, empty between swaps.
    crossed: Vec<(usize, FeeGrowth<L>)>,
}

impl<L: Lane, H> Deref for V4Pool<L, H> {
    type Target = V4State<L>;

    fn deref(&self) -> &V4State<L> {
        &self.state
    }
}

impl<L: Lane> V4Pool<L> {
    /// A pool without hooks and without a price, of tokens with these decimals (which only the fast lane needs to know).
    ///
    /// `fee` is that of liquidity providers in pips, or [`DYNAMIC_FEE_FLAG`]: then it is zero until
    /// [`set_lp_fee`](Self::set_lp_fee) changes it, and who calls that plays the hook.
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidTickSpacing`] unless 0 < spacing < 32768, [`ConcentratedError::InvalidFee`] above 100 %.
    pub fn new(fee: u32, tick_spacing: i32, decimals: [u8; 2]) -> Result<Self, ConcentratedError> {
        Self::with_hooks(fee, tick_spacing, decimals, NoHooks)
    }
}

impl<L: Lane, H: Hooks<L>> V4Pool<L, H> {
    /// The same as [`new`](V4Pool::new), with hooks.
    ///
    /// # Errors
    /// Those of [`new`](V4Pool::new).
    pub fn with_hooks(fee: u32, tick_spacing: i32, decimals: [u8; 2], hooks: H) -> Result<Self, ConcentratedError> {
        Ok(Self { state: V4State::new(fee, tick_spacing, decimals)?, hooks, crossed: Vec::new() })
    }

    /// The pool's hook.
    pub fn hooks(&self) -> &H {
        &self.hooks
    }

    /// The pool's hook, to be told what no pool knows.
    pub fn hooks_mut(&mut self) -> &mut H {
        &mut self.hooks
    }

    /// Tells the hook that a block begins at `time`.
    pub fn begin_block(&mut self, time: SimTime) {
        self.hooks.begin_block(&self.state, time);
    }

    /// The first price.
    ///
    /// # Errors
    /// [`ConcentratedError::HookRefused`], [`ConcentratedError::AlreadyInitialized`], [`ConcentratedError::InvalidSqrtPrice`].
    pub fn initialize(&mut self, sqrt_price: SqrtPrice<L>) -> Result<(), ConcentratedError> {
        self.hooks.before_initialize(&self.state, sqrt_price)?;
        self.state.core.initialize(sqrt_price)?;
        self.hooks.after_initialize(&self.state);
        Ok(())
    }

    /// Goes on from a state on a chain instead of a first price; see [`Snapshot`]. The hook is not asked: it is where it is already.
    ///
    /// # Errors
    /// What no pool could be; ticks and prices that no pool of this spacing has; [`ConcentratedError::AlreadyInitialized`].
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        self.state.balances = self.state.core.restore(snapshot)?;
        Ok(())
    }

    /// Changes the stored fee of a pool with a dynamic fee: `updateDynamicLPFee`.
    ///
    /// # Errors
    /// [`ConcentratedError::StaticFee`], [`ConcentratedError::InvalidFee`] above 100 %, [`ConcentratedError::NotInitialized`].
    pub fn set_lp_fee(&mut self, pips: u32) -> Result<(), ConcentratedError> {
        let fees = self.state.fees.with_lp(pips)?;
        self.state.slot()?;
        self.state.fees = fees;
        Ok(())
    }

    /// Changes the protocol's fee, for swaps that pay token 0 and token 1.
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidProtocolFee`] above 1000 pips, [`ConcentratedError::NotInitialized`].
    pub fn set_protocol_fee(&mut self, pips: [u16; 2]) -> Result<(), ConcentratedError> {
        let fees = self.state.fees.with_protocol(pips)?;
        self.state.slot()?;
        self.state.fees = fees;
        Ok(())
    }

    /// Pays out protocol fees of token `side` (0 or 1); an amount of zero means all of them. Returns what was paid.
    ///
    /// # Errors
    /// [`ConcentratedError::ProtocolFeesExceeded`], [`ConcentratedError::InvalidAmount`].
    pub fn collect_protocol_fees(&mut self, side: usize, amount: L::Amount) -> Result<L::Amount, ConcentratedError> {
        self.state.collect_protocol_fees(side, amount)
    }

    /// Adds or removes liquidity and pays out the position's fees; removing (or adding) nothing only pays the fees.
    ///
    /// # Errors
    /// In the contract's order: [`ConcentratedError::NotInitialized`], [`HookRefused`](ConcentratedError::HookRefused),
    /// [`LiquidityTooLarge`](ConcentratedError::LiquidityTooLarge), the range's, those of the ticks,
    /// [`EmptyPosition`](ConcentratedError::EmptyPosition) or [`LiquidityUnderflow`](ConcentratedError::LiquidityUnderflow),
    /// [`AmountTooLarge`](ConcentratedError::AmountTooLarge).
    pub fn modify_liquidity(
        &mut self,
        key: PositionKey,
        change: LiquidityChange,
    ) -> Result<LiquidityModified<L>, ConcentratedError> {
        self.state.slot()?;
        let liquidity = change.amount();
        let adds = matches!(change, LiquidityChange::Add(_)) && liquidity > 0;
        if adds {
            self.hooks.before_add_liquidity(&self.state, &key, liquidity)?;
        } else {
            self.hooks.before_remove_liquidity(&self.state, &key, liquidity)?;
        }
        let planned = self.state.plan_modification(key, change)?;
        let modified = self.state.modify(&planned);
        if adds {
            self.hooks.after_add_liquidity(&self.state, &key, liquidity, &modified);
        } else {
            self.hooks.after_remove_liquidity(&self.state, &key, liquidity, &modified);
        }
        Ok(modified)
    }

    /// Gives `amounts` to the liquidity in range.
    ///
    /// # Errors
    /// [`ConcentratedError::NotInitialized`], [`HookRefused`](ConcentratedError::HookRefused),
    /// [`NoLiquidityInRange`](ConcentratedError::NoLiquidityInRange), [`AmountTooLarge`](ConcentratedError::AmountTooLarge).
    pub fn donate(&mut self, amounts: [L::Amount; 2]) -> Result<(), ConcentratedError> {
        self.state.slot()?;
        self.hooks.before_donate(&self.state, amounts)?;
        let planned = self.state.plan_donation(amounts)?;
        self.state.donate(&planned);
        self.hooks.after_donate(&self.state, amounts);
        Ok(())
    }

    /// Swaps up to an amount or up to a price, whichever comes first.
    ///
    /// # Errors
    /// In the contract's order: [`ConcentratedError::NothingSpecified`], [`NotInitialized`](ConcentratedError::NotInitialized),
    /// [`HookRefused`](ConcentratedError::HookRefused), [`InvalidFee`](ConcentratedError::InvalidFee) of a hook's answer,
    /// [`InvalidFeeForExactOut`](ConcentratedError::InvalidFeeForExactOut), [`PriceLimit`](ConcentratedError::PriceLimit),
    /// [`PriceLimitOutOfBounds`](ConcentratedError::PriceLimitOutOfBounds); then whatever overflows.
    pub fn swap(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        let mut crossed = mem::take(&mut self.crossed);
        let outcome = match self.plan_swap(trade, |index, fee_growth| crossed.push((index, fee_growth))) {
            Ok(planned) => {
                self.state.swap(trade.direction, &planned, &crossed);
                self.hooks.after_swap(&self.state, trade, &planned.walked.traded);
                Ok(planned.walked.traded)
            }
            Err(error) => Err(error),
        };
        crossed.clear();
        self.crossed = crossed;
        outcome
    }

    /// A swap of which liquidity providers have nothing, and of which no hook hears.
    pub(in crate::concentrated) fn swap_free_of_charge(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        let slot = self.state.check_specified(trade)?;
        let mut crossed = Vec::new();
        let planned = self.state.plan_swap(slot, trade, 0, |index, fee_growth| crossed.push((index, fee_growth)))?;
        self.state.swap(trade.direction, &planned, &crossed);
        Ok(planned.walked.traded)
    }

    /// What [`swap`](Self::swap) would do now. Reads only, and asks the hook what a swap would ask it.
    ///
    /// # Errors
    /// Those of [`swap`](Self::swap).
    pub fn quote(&self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        Ok(self.plan_swap(trade, |_, _| {})?.walked.traded)
    }

    // What a swap leaves behind is a few hundred bytes: inlined, it is written once and not handed from function to function.
    #[inline(always)]
    fn plan_swap(&self, trade: &Trade<L>, on_cross: impl FnMut(usize, FeeGrowth<L>)) -> Result<PlannedSwap<L>, ConcentratedError> {
        let slot = self.state.check_specified(trade)?;
        let lp_fee_pips = self.state.fees.lp(self.hooks.before_swap(&self.state, trade)?)?;
        self.state.plan_swap(slot, trade, lp_fee_pips, on_cross)
    }

    /// What a swap of unlimited amount in this direction would be charged, in millionths of the input; all of it if the hook refuses.
    pub(super) fn charged_pips(&self, direction: Direction) -> u32 {
        let trade = self.unlimited(direction, SwapKind::ExactIn, F::<L>::unlimited());
        let answer = self.hooks.before_swap(&self.state, &trade).map_err(ConcentratedError::from);
        let lp_fee_pips = answer.and_then(|answer| self.state.fees.lp(answer));
        lp_fee_pips.map_or(fee::WHOLE_PIPS, |lp| self.state.fees.swap_pips(side_in(direction), lp))
    }

    /// The same pool before anything happened; the hook stays as it is.
    pub(super) fn emptied(self, decimals: [u8; 2]) -> Self {
        Self { state: self.state.emptied(decimals), hooks: self.hooks, crossed: Vec::new() }
    }

    /// The state that v3 has too.
    pub(super) fn core(&self) -> &Core<L> {
        &self.state.core
    }
}
