//! What a v4 pool remembers, and the checks of what is done to it: all but its hooks.

use crate::concentrated::core::{Clock, Core, PlannedChange, Slot};
use crate::concentrated::error::ConcentratedError;
use crate::concentrated::formulas::{F, FeeGrowth, Formulas, SqrtPrice};
use crate::concentrated::position::{Position, PositionKey};
use crate::concentrated::protocol_fee::Share;
use crate::concentrated::swap_math::StepRule;
use crate::concentrated::tick::{LiquidityChange, Tick, read};
use crate::concentrated::tick_map::max_liquidity_per_tick_v4;
use crate::concentrated::walk::{Charges, ProtocolPart, Trade, Walked, side_in};
use crate::lane::Lane;
use crate::pool::{Direction, SwapKind};

use super::fee::{Fees, WHOLE_PIPS};

/// `TickMath.MAX_TICK_SPACING`.
const MAX_TICK_SPACING: i32 = 32_767;

/// All that can be read of a [`V4Pool`](super::V4Pool): what its hooks see.
///
/// Two amounts in a row are always (token 0, token 1).
#[derive(Clone, Debug, PartialEq)]
pub struct V4State<L: Lane> {
    pub(super) fees: Fees,
    pub(super) core: Core<L>,
    pub(super) protocol_fees: [L::Amount; 2],
    pub(super) balances: [L::Amount; 2],
}

/// What a change of liquidity moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiquidityModified<L: Lane> {
    /// What the liquidity is: due to the pool if it was added, to the owner if it was removed.
    pub amounts: [L::Amount; 2],
    /// The fees earned since the last change, due to the owner.
    pub fees: [L::Amount; 2],
}

/// A change of liquidity that will pass, and the balances after it.
pub(super) struct PlannedModification<L: Lane> {
    change: PlannedChange<L>,
    balances: [L::Amount; 2],
}

/// A swap that will pass, and the balances after it.
pub(super) struct PlannedSwap<L: Lane> {
    pub(super) walked: Walked<L>,
    balances: [L::Amount; 2],
}

/// A donation that will pass.
pub(super) struct PlannedDonation<L: Lane> {
    balances: [L::Amount; 2],
    fee_growth: [FeeGrowth<L>; 2],
}

impl<L: Lane> V4State<L> {
    pub(super) fn new(fee: u32, tick_spacing: i32, decimals: [u8; 2]) -> Result<Self, ConcentratedError> {
        if !(1..=MAX_TICK_SPACING).contains(&tick_spacing) {
            return Err(ConcentratedError::InvalidTickSpacing { spacing: tick_spacing });
        }
        Ok(Self {
            fees: Fees::initial(fee)?,
            core: Core::new(tick_spacing, max_liquidity_per_tick_v4(tick_spacing), decimals),
            protocol_fees: [L::ZERO; 2],
            balances: [L::ZERO; 2],
        })
    }

    /// The same pool before anything happened.
    pub(super) fn emptied(&self, decimals: [u8; 2]) -> Self {
        let (spacing, maximum) = (self.core.ticks.spacing(), self.core.max_liquidity_per_tick);
        Self {
            fees: self.fees.renewed(),
            core: Core::new(spacing, maximum, decimals),
            protocol_fees: [L::ZERO; 2],
            balances: [L::ZERO; 2],
        }
    }

    /// The stored fee of liquidity providers, in millionths of what the protocol leaves of the input.
    pub fn lp_fee_pips(&self) -> u32 {
        self.fees.lp_pips
    }

    /// Whether the fee is dynamic: the pool was made with [`DYNAMIC_FEE_FLAG`](super::DYNAMIC_FEE_FLAG).
    pub fn has_dynamic_fee(&self) -> bool {
        self.fees.is_dynamic
    }

    /// The protocol's fee in millionths of the input, of swaps that pay token 0 and token 1.
    pub fn protocol_fee_pips(&self) -> [u16; 2] {
        self.fees.protocol_pips
    }

    /// Both protocol fees in one, as `slot0` packs them.
    pub fn packed_protocol_fee(&self) -> u32 {
        let [fee0, fee1] = self.fees.protocol_pips.map(u32::from);
        fee0 | (fee1 << 12)
    }

    /// What a swap in this direction is charged with the stored fee, in millionths of the input: `ProtocolFeeLibrary.calculateSwapFee`.
    pub fn swap_fee_pips(&self, direction: Direction) -> u32 {
        self.fees.swap_pips(side_in(direction), self.fees.lp_pips)
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

    /// A trade without a price limit.
    pub fn unlimited(&self, direction: Direction, kind: SwapKind, amount: L::Amount) -> Trade<L> {
        Trade { direction, kind, amount, sqrt_price_limit: self.core.outermost_limit(direction) }
    }

    pub(super) fn slot(&self) -> Result<Slot<L>, ConcentratedError> {
        self.core.slot()
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

    /// All checks of a change of liquidity: `Pool.modifyLiquidity`.
    pub(super) fn plan_modification(
        &self,
        key: PositionKey,
        change: LiquidityChange,
    ) -> Result<PlannedModification<L>, ConcentratedError> {
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
        Ok(PlannedModification { change: planned, balances })
    }

    /// Carries out a change that has passed its checks on this very state.
    pub(super) fn modify(&mut self, planned: &PlannedModification<L>) -> LiquidityModified<L> {
        self.balances = planned.balances;
        self.core.commit_change(&planned.change);
        LiquidityModified { amounts: planned.change.amounts, fees: planned.change.fees }
    }

    /// All checks of a donation: `Pool.donate`.
    pub(super) fn plan_donation(&self, amounts: [L::Amount; 2]) -> Result<PlannedDonation<L>, ConcentratedError> {
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
        Ok(PlannedDonation { balances, fee_growth })
    }

    /// Carries out a donation that has passed its checks on this very state.
    pub(super) fn donate(&mut self, planned: &PlannedDonation<L>) {
        (self.balances, self.core.fee_growth_global) = (planned.balances, planned.fee_growth);
    }

    /// What is checked before the hook is asked: `PoolManager.swap`.
    #[inline(always)]
    pub(super) fn check_specified(&self, trade: &Trade<L>) -> Result<Slot<L>, ConcentratedError> {
        if !F::<L>::is_specifiable(trade.amount) {
            return Err(ConcentratedError::InvalidAmount { amount: L::amount_to_f64(trade.amount) });
        }
        if trade.amount == L::ZERO {
            return Err(ConcentratedError::NothingSpecified);
        }
        self.slot()
    }

    /// All other checks of a swap: `Pool.swap`.
    #[inline(always)]
    pub(super) fn plan_swap(
        &self,
        slot: Slot<L>,
        trade: &Trade<L>,
        lp_fee_pips: u32,
        on_cross: impl FnMut(usize, FeeGrowth<L>),
    ) -> Result<PlannedSwap<L>, ConcentratedError> {
        let (paid, out) = (side_in(trade.direction), 1 - side_in(trade.direction));
        let fee_pips = self.fees.swap_pips(paid, lp_fee_pips);
        if fee_pips >= WHOLE_PIPS && trade.kind == SwapKind::ExactOut {
            return Err(ConcentratedError::InvalidFeeForExactOut);
        }
        self.core.limit_is_ahead(slot, trade)?;
        let protocol = u32::from(self.fees.protocol_pips[paid]);
        let protocol = ProtocolPart::OfInput(Share { numerator: protocol, denominator: WHOLE_PIPS });
        let walked = self.core.walk(slot, trade, &Charges { fee_pips, protocol, rule: StepRule::V4 }, on_cross)?;
        Self::check_int128(walked.traded.amount_in)?;
        Self::check_int128(walked.traded.amount_out)?;
        let mut balances = self.balances;
        balances[out] = Self::pay(balances[out], walked.traded.amount_out)?;
        balances[paid] = Self::receive(balances[paid], walked.traded.amount_in)?;
        Ok(PlannedSwap { walked, balances })
    }

    /// Carries out a swap that has passed its checks on this very state.
    #[inline(always)]
    pub(super) fn swap(&mut self, direction: Direction, planned: &PlannedSwap<L>, crossed: &[(usize, FeeGrowth<L>)]) {
        let side = side_in(direction);
        self.core.commit_walk(direction, &planned.walked, crossed, &Clock::default());
        self.protocol_fees[side] = F::<L>::add_owed(self.protocol_fees[side], planned.walked.protocol_fee);
        self.balances = planned.balances;
    }

    /// Pays out protocol fees: `ProtocolFees.collectProtocolFees`.
    pub(super) fn collect_protocol_fees(&mut self, side: usize, amount: L::Amount) -> Result<L::Amount, ConcentratedError> {
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
}
