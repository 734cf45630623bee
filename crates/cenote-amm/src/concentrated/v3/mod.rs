//! The v3 contract: initialize, mint, burn, collect, swap, flash, protocol fees and oracle, in the contract's order of checks.

mod oracle;
mod swap;

use std::collections::btree_map;

use crate::concentrated::core::{Clock, Core};
use crate::concentrated::error::ConcentratedError;
use crate::concentrated::fee_tier::FeeTier;
use crate::concentrated::formulas::{F, FeeGrowth, Formulas, SqrtPrice};
use crate::concentrated::oracle::{Oracle, Present};
use crate::concentrated::position::{Position, PositionKey};
use crate::concentrated::protocol_fee::{ProtocolFee, ProtocolFeeScheme};
use crate::concentrated::snapshot::{Snapshot, SnapshotError};
use crate::concentrated::tick::{LiquidityChange, Tick, TickRange, read};
use crate::concentrated::tick_map::max_liquidity_per_tick;
use crate::lane::Lane;
use crate::pool::Owner;

pub use oracle::CumulativesInside;

/// A pool with the semantics of `UniswapV3Pool.sol` and of `PancakeV3Pool.sol`, in either lane.
///
/// Payments are taken with the call that they pay for, as the contract's callbacks do. Every `Err` leaves the pool as it was. Two
/// amounts in a row are always (token 0, token 1). Liquidity is the contract's integer in both lanes: √(token 0 · token 1) in
/// smallest units.
///
/// ```
/// use cenote_amm::concentrated::{FeeTier, ProtocolFeeScheme, TickRange, V3Pool, tick_math};
/// use cenote_amm::{Exact, Owner, U256};
///
/// let mut pool = V3Pool::<Exact>::new(FeeTier::BP_30, ProtocolFeeScheme::UniswapV3, [18, 18]);
/// pool.initialize(tick_math::sqrt_price_at_tick(0)?)?;
/// let range = TickRange::new(-600, 600);
/// let paid = pool.mint(Owner::new(1), range, 1_000_000)?;
/// assert_eq!(paid, [U256::from(29_554), U256::from(29_554)]);
/// // Whoever leaves is owed one unit less: amounts are rounded in favour of the pool.
/// assert_eq!(pool.burn(Owner::new(1), range, 1_000_000)?, [U256::from(29_553), U256::from(29_553)]);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
///
/// Source: `@uniswap/v3-core`, interfaces and libraries; "Uniswap v3 Core" (2021).
#[derive(Clone, Debug, PartialEq)]
pub struct V3Pool<L: Lane> {
    tier: FeeTier,
    protocol_fee: ProtocolFee,
    core: Core<L>,
    protocol_fees: [L::Amount; 2],
    balances: [L::Amount; 2],
    oracle: Oracle,
    block_timestamp: u64,
    /// Room for the ticks a swap crosses, empty between swaps.
    crossed: Vec<(usize, FeeGrowth<L>)>,
}

impl<L: Lane> V3Pool<L> {
    /// A pool without a price, of tokens with these decimals (which only the fast lane needs to know).
    pub fn new(tier: FeeTier, scheme: ProtocolFeeScheme, decimals: [u8; 2]) -> Self {
        let spacing = tier.tick_spacing();
        Self {
            tier,
            protocol_fee: ProtocolFee::off(scheme),
            core: Core::new(spacing, max_liquidity_per_tick(spacing), decimals),
            protocol_fees: [L::ZERO; 2],
            balances: [L::ZERO; 2],
            oracle: Oracle::default(),
            block_timestamp: 0,
            crossed: Vec::new(),
        }
    }

    /// Fee and tick spacing.
    pub fn tier(&self) -> FeeTier {
        self.tier
    }

    /// The square root price, token 1 per token 0 in the lane's unit; none before the pool is initialized.
    pub fn sqrt_price(&self) -> Option<SqrtPrice<L>> {
        self.core.slot.map(|slot| slot.sqrt_price)
    }

    /// The greatest tick whose price is at most the pool's, or one less if a swap has just come down to it.
    pub fn tick(&self) -> Option<i32> {
        self.core.slot.map(|slot| slot.tick)
    }

    /// The liquidity in range.
    pub fn liquidity(&self) -> u128 {
        self.core.liquidity
    }

    /// Liquidity in the lane's unit, for reading: √(token 0 · token 1).
    pub fn liquidity_to_f64(&self, liquidity: u128) -> f64 {
        F::<L>::liquidity_to_f64(&self.core.units, liquidity)
    }

    /// How much liquidity one tick may carry.
    pub fn max_liquidity_per_tick(&self) -> u128 {
        self.core.max_liquidity_per_tick
    }

    /// Fees per liquidity since the beginning, of token 0 and token 1.
    pub fn fee_growth_global(&self) -> [FeeGrowth<L>; 2] {
        self.core.fee_growth_global
    }

    /// The protocol's part of the fees.
    pub fn protocol_fee(&self) -> ProtocolFee {
        self.protocol_fee
    }

    /// What the protocol may collect, in the lane's unit.
    pub fn protocol_fees(&self) -> [L::Amount; 2] {
        self.protocol_fees
    }

    /// The tokens in the pool, in the lane's unit: positions, what they are owed, and protocol fees.
    pub fn balances(&self) -> [L::Amount; 2] {
        self.balances
    }

    /// The price oracle.
    pub fn oracle(&self) -> &Oracle {
        &self.oracle
    }

    /// An initialized tick.
    pub fn tick_info(&self, tick: i32) -> Option<&Tick<L>> {
        self.core.ticks.get(tick)
    }

    /// All initialized ticks, from below.
    pub fn ticks(&self) -> impl Iterator<Item = (i32, &Tick<L>)> {
        self.core.ticks.iter()
    }

    /// A position; blank if nobody ever had it.
    pub fn position(&self, owner: Owner, range: TickRange) -> Position<L> {
        self.core.position(&PositionKey::new(owner, range))
    }

    /// All positions anybody ever had, by owner and range.
    pub fn positions(&self) -> impl Iterator<Item = (&PositionKey, &Position<L>)> {
        self.core.positions.iter()
    }

    /// Unix seconds of the block in which operations run now.
    pub fn block_timestamp(&self) -> u64 {
        self.block_timestamp
    }

    /// Moves the clock to a block at `timestamp`, in Unix seconds.
    pub fn set_block_timestamp(&mut self, timestamp: u64) {
        self.block_timestamp = timestamp;
    }

    /// The contract's 32-bit clock.
    #[inline]
    fn now(&self) -> u32 {
        let [a, b, c, d, ..] = self.block_timestamp.to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    #[inline]
    fn present(&self) -> Present {
        let tick = self.core.slot.map_or(0, |slot| slot.tick);
        Present { time: self.now(), tick, liquidity: self.core.liquidity }
    }

    fn clock(&self) -> Result<Clock, ConcentratedError> {
        Ok(Clock { cumulatives: self.oracle.observe(0, self.present())?, time: self.now() })
    }

    /// The first price.
    ///
    /// # Errors
    /// [`ConcentratedError::AlreadyInitialized`], [`ConcentratedError::InvalidSqrtPrice`].
    pub fn initialize(&mut self, sqrt_price: SqrtPrice<L>) -> Result<(), ConcentratedError> {
        self.core.initialize(sqrt_price)?;
        self.begin();
        Ok(())
    }

    /// Goes on from a state on a chain instead of a first price; see [`Snapshot`].
    ///
    /// # Errors
    /// What no pool could be; ticks and prices that no pool of this tier has; [`ConcentratedError::AlreadyInitialized`].
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), SnapshotError> {
        self.balances = self.core.restore(snapshot)?;
        self.begin();
        Ok(())
    }

    fn begin(&mut self) {
        self.oracle = Oracle::initialized(self.now());
        self.protocol_fee = ProtocolFee::initial(self.protocol_fee.scheme(), self.tier.fee_pips());
    }

    /// Adds `liquidity` to the position of `owner`. Returns what the owner pays.
    ///
    /// # Errors
    /// In the contract's order: [`ConcentratedError::NotInitialized`], [`NoLiquidityAdded`](ConcentratedError::NoLiquidityAdded),
    /// [`LiquidityTooLarge`](ConcentratedError::LiquidityTooLarge), the range's ([`TicksMisordered`](ConcentratedError::TicksMisordered)
    /// and so on), [`TickLiquidityOverflow`](ConcentratedError::TickLiquidityOverflow),
    /// [`TickMisaligned`](ConcentratedError::TickMisaligned).
    pub fn mint(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<[L::Amount; 2], ConcentratedError> {
        self.core.slot()?;
        if liquidity == 0 {
            return Err(ConcentratedError::NoLiquidityAdded);
        }
        let amounts = self.modify(owner, range, LiquidityChange::Add(liquidity), |balances, amounts| {
            let add = |side: usize| L::checked_add(balances[side], amounts[side]).ok_or(ConcentratedError::BalanceOverflow);
            Ok([add(0)?, add(1)?])
        })?;
        Ok(amounts)
    }

    /// Removes `liquidity` from the position of `owner`; zero only brings its fees up to date. Returns what the liquidity was: the
    /// position is owed that, and its fees, until it [`collect`](Self::collect)s.
    ///
    /// # Errors
    /// In the contract's order: [`ConcentratedError::NotInitialized`], [`LiquidityTooLarge`](ConcentratedError::LiquidityTooLarge), the
    /// range's, [`LiquidityUnderflow`](ConcentratedError::LiquidityUnderflow) or [`EmptyPosition`](ConcentratedError::EmptyPosition).
    pub fn burn(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<[L::Amount; 2], ConcentratedError> {
        self.modify(owner, range, LiquidityChange::Remove(liquidity), |balances, _| Ok(balances))
    }

    /// `_modifyPosition`, and the payment.
    fn modify(
        &mut self,
        owner: Owner,
        range: TickRange,
        change: LiquidityChange,
        pay: impl FnOnce([L::Amount; 2], [L::Amount; 2]) -> Result<[L::Amount; 2], ConcentratedError>,
    ) -> Result<[L::Amount; 2], ConcentratedError> {
        self.core.slot()?;
        if change.amount() > i128::MAX.unsigned_abs() {
            return Err(ConcentratedError::LiquidityTooLarge { liquidity: read(change.amount()) });
        }
        let mut planned = self.core.plan_change(PositionKey::new(owner, range), change, &self.clock()?)?;
        let amounts = planned.amounts;
        self.balances = pay(self.balances, amounts)?;

        planned.position.owe(planned.fees);
        if let LiquidityChange::Remove(_) = change {
            planned.position.owe(amounts);
        }
        if planned.in_range {
            self.oracle.write(self.present());
        }
        self.core.commit_change(&planned);
        Ok(amounts)
    }

    /// Pays out what a position is owed, at most `requested`. Returns what was paid.
    ///
    /// # Errors
    /// [`ConcentratedError::NotInitialized`]; [`ConcentratedError::InvalidAmount`].
    pub fn collect(
        &mut self,
        owner: Owner,
        range: TickRange,
        requested: [L::Amount; 2],
    ) -> Result<[L::Amount; 2], ConcentratedError> {
        self.core.slot()?;
        Self::check_amounts(requested)?;
        let key = PositionKey::new(owner, range);
        let mut position = self.core.position(&key);
        let owed = position.tokens_owed;
        let amounts = [0, 1].map(|side| if requested[side] > owed[side] { owed[side] } else { requested[side] });
        for side in 0..2 {
            position.tokens_owed[side] = F::<L>::less(owed[side], amounts[side])?;
        }
        self.balances = self.balances_after_paying(amounts)?;
        if let btree_map::Entry::Occupied(mut entry) = self.core.positions.entry(key) {
            entry.insert(position);
        }
        Ok(amounts)
    }

    fn check_amounts(amounts: [L::Amount; 2]) -> Result<(), ConcentratedError> {
        match amounts.into_iter().find(|amount| !L::is_valid(*amount)) {
            Some(amount) => Err(ConcentratedError::InvalidAmount { amount: L::amount_to_f64(amount) }),
            None => Ok(()),
        }
    }

    fn balances_after_paying(&self, amounts: [L::Amount; 2]) -> Result<[L::Amount; 2], ConcentratedError> {
        Ok([Self::pay(self.balances[0], amounts[0])?, Self::pay(self.balances[1], amounts[1])?])
    }

    /// A balance after a payment.
    #[inline]
    fn pay(balance: L::Amount, amount: L::Amount) -> Result<L::Amount, ConcentratedError> {
        F::<L>::pay(balance, amount).ok_or_else(|| ConcentratedError::TransferFailed {
            amount: L::amount_to_f64(amount),
            balance: L::amount_to_f64(balance),
        })
    }

    /// Sets the protocol's part of the fees, in the protocol's own numbers, for swaps that pay token 0 and token 1.
    ///
    /// # Errors
    /// [`ConcentratedError::NotInitialized`], [`ConcentratedError::InvalidProtocolFee`].
    pub fn set_protocol_fee(&mut self, numbers: [u16; 2]) -> Result<(), ConcentratedError> {
        self.core.slot()?;
        self.protocol_fee = self.protocol_fee.with_numbers(numbers)?;
        Ok(())
    }

    /// Pays out protocol fees, at most `requested`. Returns what was paid; the exact lane keeps one unit back, as the contract does.
    ///
    /// # Errors
    /// [`ConcentratedError::NotInitialized`], [`ConcentratedError::InvalidAmount`].
    pub fn collect_protocol(&mut self, requested: [L::Amount; 2]) -> Result<[L::Amount; 2], ConcentratedError> {
        self.core.slot()?;
        Self::check_amounts(requested)?;
        let owed = self.protocol_fees;
        let amounts = [0, 1].map(|side| F::<L>::collectable(owed[side], requested[side]));
        let left = [F::<L>::less(owed[0], amounts[0])?, F::<L>::less(owed[1], amounts[1])?];
        self.balances = self.balances_after_paying(amounts)?;
        self.protocol_fees = left;
        Ok(amounts)
    }

    /// The state that v4 has too.
    pub(in crate::concentrated) fn state(&self) -> &Core<L> {
        &self.core
    }
}
