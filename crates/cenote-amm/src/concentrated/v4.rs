//! The v4 contract: initialize, modify liquidity, swap, donate and protocol fees of a pool without hooks.

use core::mem;

use super::core::{Clock, Core, PlannedChange};
use super::error::ConcentratedError;
use super::formulas::{F, FeeGrowth, Formulas, SqrtPrice};
use super::position::{Position, PositionKey};
use super::protocol_fee::Share;
use super::swap_math::StepRule;
use super::tick::{LiquidityChange, Tick, read};
use super::tick_map::max_liquidity_per_tick_v4;
use super::walk::{Charges, ProtocolPart, Trade, Traded, Walked, side_in};
use crate::lane::Lane;
use crate::pool::{Direction, SwapKind};

/// A pool of Uniswap v4's `PoolManager` without hooks, in either lane.
///
/// It differs from [`V3Pool`](super::V3Pool) in this: the protocol's fee is taken from the input before the fee of liquidity
/// providers; a change of liquidity pays out all fees at once; one owner may have several positions in a range, told apart by a salt;
/// anybody can donate to the liquidity in range; the fee may change, and may be all of the input; there is no oracle.
///
/// Payments are taken with the call that they pay for. Every `Err` leaves the pool as it was. Two amounts in a row are always
/// (token 0, token 1).
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
pub struct V4Pool<L: Lane> {
    lp_fee_pips: u32,
    protocol_fee_pips: [u16; 2],
    core: Core<L>,
    protocol_fees: [L::Amount; 2],
    balances: [L::Amount; 2],
    /// Room for the ticks a swap crosses, empty between swaps.
    crossed: Vec<(usize, FeeGrowth<L>)>,
}

/// What a change of liquidity moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiquidityModified<L: Lane> {
    /// What the liquidity is: due to the pool if it was added, to the owner if it was removed.
    pub amounts: [L::Amount; 2],
    /// The fees earned since the last change, due to the owner.
    pub fees: [L::Amount; 2],
}

/// All of the input, in pips.
const WHOLE_PIPS: u32 = 1_000_000;
/// `ProtocolFeeLibrary.MAX_PROTOCOL_FEE`: a thousandth of the input.
const MAX_PROTOCOL_PIPS: u16 = 1000;
/// `TickMath.MAX_TICK_SPACING`.
const MAX_TICK_SPACING: i32 = 32_767;

impl<L: Lane> V4Pool<L> {
    /// A pool without a price, of tokens with these decimals (which only the fast lane needs to know).
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidTickSpacing`] unless 0 < spacing < 32768, [`ConcentratedError::InvalidFee`] above 100 %.
    pub fn new(lp_fee_pips: u32, tick_spacing: i32, decimals: [u8; 2]) -> Result<Self, ConcentratedError> {
        if !(1..=MAX_TICK_SPACING).contains(&tick_spacing) {
            return Err(ConcentratedError::InvalidTickSpacing { spacing: tick_spacing });
        }
        check_fee(lp_fee_pips)?;
        Ok(Self {
            lp_fee_pips,
            protocol_fee_pips: [0; 2],
            core: Core::new(tick_spacing, max_liquidity_per_tick_v4(tick_spacing), decimals),
            protocol_fees: [L::ZERO; 2],
            balances: [L::ZERO; 2],
            crossed: Vec::new(),
        })
    }

    /// The fee of liquidity providers, in millionths of what the protocol leaves of the input.
    pub fn lp_fee_pips(&self) -> u32 {
        self.lp_fee_pips
    }

    /// The protocol's fee in millionths of the input, of swaps that pay token 0 and token 1.
    pub fn protocol_fee_pips(&self) -> [u16; 2] {
        self.protocol_fee_pips
    }

    /// Both protocol fees in one, as `slot0` packs them.
    pub fn packed_protocol_fee(&self) -> u32 {
        let [fee0, fee1] = self.protocol_fee_pips.map(u32::from);
        fee0 | (fee1 << 12)
    }

    /// What a swap in this direction is charged, in millionths of the input: `ProtocolFeeLibrary.calculateSwapFee`.
    pub fn swap_fee_pips(&self, direction: Direction) -> u32 {
        let protocol = u32::from(self.protocol_fee_pips[side_in(direction)]);
        // Both are at most 10^6, and the protocol's at most 10^3: the product fits.
        protocol + self.lp_fee_pips - protocol * self.lp_fee_pips / WHOLE_PIPS
    }

    /// Positions begin and end at multiples of this tick.
    pub fn tick_spacing(&self) -> i32 {
        self.core.ticks.spacing()
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

    /// Fees per liquidity since the beginning, of token 0 and token 1.
    pub fn fee_growth_global(&self) -> [FeeGrowth<L>; 2] {
        self.core.fee_growth_global
    }

    /// What the protocol may collect, in the lane's unit.
    pub fn protocol_fees(&self) -> [L::Amount; 2] {
        self.protocol_fees
    }

    /// The tokens in the pool, protocol fees included, in the lane's unit.
    pub fn balances(&self) -> [L::Amount; 2] {
        self.balances
    }

    /// An initialized tick. Its seconds and sums are zero: v4 has no oracle.
    pub fn tick_info(&self, tick: i32) -> Option<&Tick<L>> {
        self.core.ticks.get(tick)
    }

    /// All initialized ticks, from below.
    pub fn ticks(&self) -> impl Iterator<Item = (i32, &Tick<L>)> {
        self.core.ticks.iter()
    }

    /// A position; blank if nobody ever had it.
    pub fn position(&self, key: &PositionKey) -> Position<L> {
        self.core.position(key)
    }

    /// All positions anybody ever had, by owner, range and salt.
    pub fn positions(&self) -> impl Iterator<Item = (&PositionKey, &Position<L>)> {
        self.core.positions.iter()
    }

    /// The first price.
    ///
    /// # Errors
    /// [`ConcentratedError::AlreadyInitialized`], [`ConcentratedError::InvalidSqrtPrice`].
    pub fn initialize(&mut self, sqrt_price: SqrtPrice<L>) -> Result<(), ConcentratedError> {
        self.core.initialize(sqrt_price).map(|_| ())
    }

    /// Changes the fee of liquidity providers, as the hook of a pool with a dynamic fee may.
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidFee`] above 100 %, [`ConcentratedError::NotInitialized`].
    pub fn set_lp_fee(&mut self, pips: u32) -> Result<(), ConcentratedError> {
        check_fee(pips)?;
        self.core.slot()?;
        self.lp_fee_pips = pips;
        Ok(())
    }

    /// Changes the protocol's fee, for swaps that pay token 0 and token 1.
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidProtocolFee`] above 1000 pips, [`ConcentratedError::NotInitialized`].
    pub fn set_protocol_fee(&mut self, pips: [u16; 2]) -> Result<(), ConcentratedError> {
        if pips.iter().any(|pips| *pips > MAX_PROTOCOL_PIPS) {
            return Err(ConcentratedError::InvalidProtocolFee { fee0: pips[0].into(), fee1: pips[1].into() });
        }
        self.core.slot()?;
        self.protocol_fee_pips = pips;
        Ok(())
    }

    /// Pays out protocol fees of token `side` (0 or 1); an amount of zero means all of them. Returns what was paid.
    ///
    /// # Errors
    /// [`ConcentratedError::ProtocolFeesExceeded`], [`ConcentratedError::InvalidAmount`].
    pub fn collect_protocol_fees(&mut self, side: usize, amount: L::Amount) -> Result<L::Amount, ConcentratedError> {
        let side = side & 1;
        if !L::is_valid(amount) {
            return Err(ConcentratedError::InvalidAmount { amount: L::amount_to_f64(amount) });
        }
        let owed = self.protocol_fees[side];
        let amount = if amount == L::ZERO { owed } else { amount };
        let left = L::checked_sub(owed, amount).ok_or_else(|| ConcentratedError::ProtocolFeesExceeded {
            amount: L::amount_to_f64(amount),
            owed: L::amount_to_f64(owed),
        })?;
        self.balances[side] = Self::pay(self.balances[side], amount)?;
        self.protocol_fees[side] = left;
        Ok(amount)
    }

    fn pay(balance: L::Amount, amount: L::Amount) -> Result<L::Amount, ConcentratedError> {
        F::<L>::pay(balance, amount).ok_or_else(|| ConcentratedError::TransferFailed {
            amount: L::amount_to_f64(amount),
            balance: L::amount_to_f64(balance),
        })
    }

    fn receive(balance: L::Amount, amount: L::Amount) -> Result<L::Amount, ConcentratedError> {
        L::checked_add(balance, amount).ok_or(ConcentratedError::BalanceOverflow)
    }

    fn check_int128(amount: L::Amount) -> Result<(), ConcentratedError> {
        if F::<L>::is_int128(amount) { Ok(()) } else { Err(ConcentratedError::AmountTooLarge { amount: L::amount_to_f64(amount) }) }
    }

    /// Adds or removes liquidity and pays out the position's fees; removing nothing only pays the fees.
    ///
    /// # Errors
    /// In the contract's order: [`ConcentratedError::NotInitialized`], [`LiquidityTooLarge`](ConcentratedError::LiquidityTooLarge), the
    /// range's, those of the ticks, [`EmptyPosition`](ConcentratedError::EmptyPosition) or
    /// [`LiquidityUnderflow`](ConcentratedError::LiquidityUnderflow), [`AmountTooLarge`](ConcentratedError::AmountTooLarge).
    pub fn modify_liquidity(
        &mut self,
        key: PositionKey,
        change: LiquidityChange,
    ) -> Result<LiquidityModified<L>, ConcentratedError> {
        self.core.slot()?;
        let least = i128::MIN.unsigned_abs();
        let limit = if matches!(change, LiquidityChange::Add(_)) { least - 1 } else { least };
        if change.amount() > limit {
            return Err(ConcentratedError::LiquidityTooLarge { liquidity: read(change.amount()) });
        }
        let planned: PlannedChange<L> = self.core.plan_change(key, change, &Clock::default())?;
        let (amounts, fees) = (planned.amounts, planned.fees);
        let mut balances = self.balances;
        for side in 0..2 {
            Self::check_int128(fees[side])?;
            Self::check_int128(amounts[side])?;
            balances[side] = if matches!(change, LiquidityChange::Add(_)) {
                // The caller settles the difference: fees may pay for the liquidity.
                Self::pay(Self::receive(balances[side], amounts[side])?, fees[side])?
            } else {
                let both = Self::receive(amounts[side], fees[side])?;
                Self::check_int128(both)?;
                Self::pay(balances[side], both)?
            };
        }
        self.balances = balances;
        self.core.commit_change(&planned);
        Ok(LiquidityModified { amounts, fees })
    }

    /// Gives `amounts` to the liquidity in range.
    ///
    /// # Errors
    /// [`ConcentratedError::NotInitialized`], [`ConcentratedError::NoLiquidityInRange`], [`ConcentratedError::AmountTooLarge`].
    pub fn donate(&mut self, amounts: [L::Amount; 2]) -> Result<(), ConcentratedError> {
        self.core.slot()?;
        if self.core.liquidity == 0 {
            return Err(ConcentratedError::NoLiquidityInRange);
        }
        let liquidity = F::<L>::liquidity(&self.core.units, self.core.liquidity);
        let (mut balances, mut fee_growth) = (self.balances, self.core.fee_growth_global);
        for side in 0..2 {
            if !L::is_valid(amounts[side]) {
                return Err(ConcentratedError::InvalidAmount { amount: L::amount_to_f64(amounts[side]) });
            }
            Self::check_int128(amounts[side])?;
            balances[side] = Self::receive(balances[side], amounts[side])?;
            fee_growth[side] = F::<L>::add_growth(fee_growth[side], F::<L>::fee_growth(amounts[side], liquidity)?);
        }
        (self.balances, self.core.fee_growth_global) = (balances, fee_growth);
        Ok(())
    }

    /// A trade without a price limit.
    pub fn unlimited(&self, direction: Direction, kind: SwapKind, amount: L::Amount) -> Trade<L> {
        Trade { direction, kind, amount, sqrt_price_limit: self.core.outermost_limit(direction) }
    }

    /// Swaps up to an amount or up to a price, whichever comes first.
    ///
    /// # Errors
    /// In the contract's order: [`ConcentratedError::NothingSpecified`], [`NotInitialized`](ConcentratedError::NotInitialized),
    /// [`InvalidFeeForExactOut`](ConcentratedError::InvalidFeeForExactOut), [`PriceLimit`](ConcentratedError::PriceLimit),
    /// [`PriceLimitOutOfBounds`](ConcentratedError::PriceLimitOutOfBounds); then whatever overflows.
    pub fn swap(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        let mut crossed = mem::take(&mut self.crossed);
        let planned = self.plan_swap(trade, |index, fee_growth| crossed.push((index, fee_growth)));
        let outcome = planned.map(|(walked, balances)| {
            let side = side_in(trade.direction);
            self.core.commit_walk(trade.direction, &walked, &crossed, &Clock::default());
            self.protocol_fees[side] = F::<L>::add_owed(self.protocol_fees[side], walked.protocol_fee);
            self.balances = balances;
            walked.traded
        });
        crossed.clear();
        self.crossed = crossed;
        outcome
    }

    /// What [`swap`](Self::swap) would do now. Reads only.
    ///
    /// # Errors
    /// Those of [`swap`](Self::swap).
    pub fn quote(&self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        Ok(self.plan_swap(trade, |_, _| {})?.0.traded)
    }

    fn plan_swap(
        &self,
        trade: &Trade<L>,
        on_cross: impl FnMut(usize, FeeGrowth<L>),
    ) -> Result<(Walked<L>, [L::Amount; 2]), ConcentratedError> {
        if !F::<L>::is_specifiable(trade.amount) {
            return Err(ConcentratedError::InvalidAmount { amount: L::amount_to_f64(trade.amount) });
        }
        if trade.amount == L::ZERO {
            return Err(ConcentratedError::NothingSpecified);
        }
        let slot = self.core.slot()?;
        let fee_pips = self.swap_fee_pips(trade.direction);
        if fee_pips >= WHOLE_PIPS && trade.kind == SwapKind::ExactOut {
            return Err(ConcentratedError::InvalidFeeForExactOut);
        }
        self.core.limit_is_ahead(slot, trade)?;
        let protocol = u32::from(self.protocol_fee_pips[side_in(trade.direction)]);
        let protocol = ProtocolPart::OfInput(Share { numerator: protocol, denominator: WHOLE_PIPS });
        let walked = self.core.walk(slot, trade, &Charges { fee_pips, protocol, rule: StepRule::V4 }, on_cross)?;
        let (paid, out) = (side_in(trade.direction), 1 - side_in(trade.direction));
        Self::check_int128(walked.traded.amount_in)?;
        Self::check_int128(walked.traded.amount_out)?;
        let mut balances = self.balances;
        balances[out] = Self::pay(balances[out], walked.traded.amount_out)?;
        balances[paid] = Self::receive(balances[paid], walked.traded.amount_in)?;
        Ok((walked, balances))
    }

    /// The same pool before anything happened.
    pub(super) fn emptied(self, decimals: [u8; 2]) -> Self {
        let (spacing, maximum) = (self.core.ticks.spacing(), self.core.max_liquidity_per_tick);
        Self {
            protocol_fee_pips: [0; 2],
            core: Core::new(spacing, maximum, decimals),
            protocol_fees: [L::ZERO; 2],
            balances: [L::ZERO; 2],
            ..self
        }
    }

    /// The state that v3 has too.
    pub(super) fn state(&self) -> &Core<L> {
        &self.core
    }
}

fn check_fee(pips: u32) -> Result<(), ConcentratedError> {
    if pips > WHOLE_PIPS { Err(ConcentratedError::InvalidFee { pips }) } else { Ok(()) }
}
