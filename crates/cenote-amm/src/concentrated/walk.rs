//! The walk of a swap from tick to tick, which v3 and v4 share.

use super::core::{Core, Slot};
use super::error::ConcentratedError;
use super::formulas::{F, FeeGrowth, Formulas, SqrtPrice};
use super::protocol_fee::Share;
use super::swap_math::{Step, StepRequest, StepRule};
use super::tick::LiquidityChange;
use super::tick_map::NextTick;
use crate::lane::Lane;
use crate::pool::{Direction, SwapKind};

/// A swap that the contract is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trade<L: Lane> {
    /// Which token is paid in.
    pub direction: Direction,
    /// Which side `amount` is.
    pub kind: SwapKind,
    /// What is to be paid in at most, fee included, or to be taken out at most, in the lane's unit.
    pub amount: L::Amount,
    /// The square root price at which to stop.
    pub sqrt_price_limit: SqrtPrice<L>,
}

/// What a swap did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Traded<L: Lane> {
    /// Paid in by the trader, fee included, in the lane's unit.
    pub amount_in: L::Amount,
    /// Paid out to the trader, in the lane's unit.
    pub amount_out: L::Amount,
    /// The part of `amount_in` that is fee, the protocol's part included.
    pub fee: L::Amount,
    /// Whether all of the amount was used; if not, the price limit or the end of all liquidity came first.
    pub filled: bool,
    /// The square root price afterwards.
    pub sqrt_price: SqrtPrice<L>,
    /// The tick afterwards.
    pub tick: i32,
}

/// What a swap is charged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Charges {
    /// In millionths of the input.
    pub(super) fee_pips: u32,
    pub(super) protocol: ProtocolPart,
    pub(super) rule: StepRule,
}

/// What the protocol takes of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum ProtocolPart {
    /// A share of the fee: v3.
    OfFee(Share),
    /// A share of the input, fee included, which is part of the fee: v4.
    OfInput(Share),
}

/// The state a swap will leave behind, once it is known to pass.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walked<L: Lane> {
    pub(super) traded: Traded<L>,
    pub(super) slot: Slot<L>,
    pub(super) liquidity: u128,
    pub(super) in_lane: <F<L> as Formulas>::Liquidity,
    /// Of the token paid in.
    pub(super) fee_growth: FeeGrowth<L>,
    pub(super) protocol_fee: L::Amount,
}

impl<L: Lane> Walked<L> {
    #[inline(always)]
    fn new(traded: Traded<L>, end: &Place<L>, protocol_fee: L::Amount) -> Self {
        let Place { slot, liquidity, in_lane, fee_growth } = *end;
        Self { traded, slot, liquidity, in_lane, fee_growth, protocol_fee }
    }
}

#[inline(always)]
fn add<L: Lane>(a: L::Amount, b: L::Amount) -> Result<L::Amount, ConcentratedError> {
    L::checked_add(a, b).ok_or(ConcentratedError::BalanceOverflow)
}

/// The side that is paid in.
#[inline]
pub(super) fn side_in(direction: Direction) -> usize {
    match direction {
        Direction::ZeroForOne => 0,
        Direction::OneForZero => 1,
    }
}

/// A step, and the tick at which it ends at the latest.
#[derive(Clone, Copy, Debug)]
struct Stride<L: Lane> {
    next: NextTick,
    next_price: SqrtPrice<L>,
    step: Step<SqrtPrice<L>, L::Amount>,
}

/// Where a walk is.
#[derive(Clone, Copy, Debug)]
struct Place<L: Lane> {
    slot: Slot<L>,
    liquidity: u128,
    in_lane: <F<L> as Formulas>::Liquidity,
    fee_growth: FeeGrowth<L>,
}

/// Who gets what of a step.
#[derive(Clone, Copy, Debug)]
struct Shares<L: Lane> {
    /// Fee included.
    paid_in: L::Amount,
    protocol: L::Amount,
    /// Of the token paid in, after the step.
    fee_growth: FeeGrowth<L>,
}

impl<L: Lane> Core<L> {
    /// Follows a swap step by step without changing anything; `on_cross` hears of each initialized tick that is crossed, by its place
    /// in the map, and of the fee growth of the token paid in up to there.
    ///
    /// Source: the loop of `UniswapV3Pool.swap` and of v4's `Pool.swap`.
    #[inline(always)]
    pub(super) fn walk(
        &self,
        start: Slot<L>,
        trade: &Trade<L>,
        charges: &Charges,
        on_cross: impl FnMut(usize, FeeGrowth<L>),
    ) -> Result<Walked<L>, ConcentratedError> {
        let fee_growth = self.fee_growth_global[side_in(trade.direction)];
        let place = Place { slot: start, liquidity: self.liquidity, in_lane: self.in_lane, fee_growth };
        let first = self.stride(&place, trade, trade.amount, charges)?;
        // Most swaps stay in the range they start in.
        if first.step.sqrt_price != first.next_price {
            let shares = Self::shares(&place, &first.step, charges)?;
            let remaining = Self::remaining(trade, trade.amount, &first.step, &shares)?;
            if L::is_zero(remaining) {
                let Step { sqrt_price, amount_out, fee, .. } = first.step;
                let slot = self.slot_inside(&place.slot, sqrt_price)?;
                let (amount_in, amount_out) = match trade.kind {
                    SwapKind::ExactIn => (trade.amount, amount_out),
                    SwapKind::ExactOut => (shares.paid_in, trade.amount),
                };
                let traded = Traded { amount_in, amount_out, fee, filled: true, sqrt_price, tick: slot.tick };
                let place = Place { slot, fee_growth: shares.fee_growth, ..place };
                return Ok(Walked::new(traded, &place, F::<L>::add_owed(L::ZERO, shares.protocol)));
            }
        }
        self.walk_on(place, first, trade, charges, on_cross)
    }

    /// The walk from its first step on, however many there are.
    #[inline(never)]
    fn walk_on(
        &self,
        mut place: Place<L>,
        first: Stride<L>,
        trade: &Trade<L>,
        charges: &Charges,
        mut on_cross: impl FnMut(usize, FeeGrowth<L>),
    ) -> Result<Walked<L>, ConcentratedError> {
        let down = trade.direction == Direction::ZeroForOne;
        let (mut remaining, mut paid_in, mut paid_out, mut fees, mut protocol_fee) =
            (trade.amount, L::ZERO, L::ZERO, L::ZERO, L::ZERO);
        let mut stride = first;
        loop {
            let Stride { next, next_price, step } = stride;
            let shares = Self::shares(&place, &step, charges)?;
            remaining = Self::remaining(trade, remaining, &step, &shares)?;
            paid_in = add::<L>(paid_in, shares.paid_in)?;
            paid_out = add::<L>(paid_out, step.amount_out)?;
            fees = add::<L>(fees, step.fee)?;
            protocol_fee = F::<L>::add_owed(protocol_fee, shares.protocol);
            place.fee_growth = shares.fee_growth;

            if step.sqrt_price == next_price {
                let mut above = place.slot.above;
                if let Some(index) = next.index {
                    on_cross(index, place.fee_growth);
                    place.liquidity = Self::crossed(place.liquidity, self.ticks.at(index).liquidity_net, down)?;
                    place.in_lane = F::<L>::liquidity(&self.units, place.liquidity);
                    above = if down { index } else { index + 1 };
                }
                let tick = if down { next.number - 1 } else { next.number };
                place.slot = Slot { sqrt_price: next_price, tick, above };
            } else {
                place.slot = self.slot_inside(&place.slot, step.sqrt_price)?;
            }
            if L::is_zero(remaining) || step.sqrt_price == trade.sqrt_price_limit {
                break;
            }
            stride = self.stride(&place, trade, remaining, charges)?;
        }

        let filled = L::is_zero(remaining);
        // What was asked for in full is what was asked for: floats that add up to it need not be it.
        let (amount_in, amount_out) = match trade.kind {
            SwapKind::ExactIn if filled => (trade.amount, paid_out),
            SwapKind::ExactOut if filled => (paid_in, trade.amount),
            _ => (paid_in, paid_out),
        };
        let Slot { sqrt_price, tick, .. } = place.slot;
        let traded = Traded { amount_in, amount_out, fee: fees, filled, sqrt_price, tick };
        Ok(Walked::new(traded, &place, protocol_fee))
    }

    /// The next step, up to the next tick or to the limit.
    #[inline(always)]
    fn stride(
        &self,
        place: &Place<L>,
        trade: &Trade<L>,
        remaining: L::Amount,
        charges: &Charges,
    ) -> Result<Stride<L>, ConcentratedError> {
        let Trade { direction, kind, sqrt_price_limit: limit, .. } = *trade;
        let Slot { sqrt_price, tick, above } = place.slot;
        let next = self.ticks.next(tick, above, direction, F::<L>::STOPS_AT_WORDS);
        let next_price = match next.index {
            Some(index) => self.ticks.at(index).sqrt_price,
            None => F::<L>::sqrt_price_at_tick(&self.units, next.number)?,
        };
        let down = direction == Direction::ZeroForOne;
        let target = if (down && next_price < limit) || (!down && next_price > limit) { limit } else { next_price };
        let request = StepRequest { sqrt_price, target, liquidity: place.in_lane, kind, remaining, fee_pips: charges.fee_pips };
        Ok(Stride { next, next_price, step: F::<L>::swap_step(&request, charges.rule)? })
    }

    /// Divides what a step is paid among providers, protocol and pool.
    #[inline(always)]
    fn shares(place: &Place<L>, step: &Step<SqrtPrice<L>, L::Amount>, charges: &Charges) -> Result<Shares<L>, ConcentratedError> {
        let paid_in = add::<L>(step.amount_in, step.fee)?;
        let protocol = match charges.protocol {
            ProtocolPart::OfFee(share) => F::<L>::part(step.fee, share)?,
            // All of the fee, if there is no other fee.
            ProtocolPart::OfInput(share) if share.numerator == charges.fee_pips => step.fee,
            ProtocolPart::OfInput(share) => F::<L>::part(paid_in, share)?,
        };
        let mut fee_growth = place.fee_growth;
        if place.liquidity > 0 {
            let providers_part = F::<L>::less(step.fee, protocol)?;
            fee_growth = F::<L>::add_growth(fee_growth, F::<L>::fee_growth(providers_part, place.in_lane)?);
        }
        Ok(Shares { paid_in, protocol, fee_growth })
    }

    /// What is left of the amount after a step.
    #[inline(always)]
    fn remaining(
        trade: &Trade<L>,
        remaining: L::Amount,
        step: &Step<SqrtPrice<L>, L::Amount>,
        shares: &Shares<L>,
    ) -> Result<L::Amount, ConcentratedError> {
        F::<L>::less(remaining, if trade.kind == SwapKind::ExactIn { shares.paid_in } else { step.amount_out })
    }

    /// The slot after a step that ended between two ticks. One that did not move leaves the tick alone: it may be one less than the
    /// price's, where a swap has come down to it.
    #[inline(always)]
    fn slot_inside(&self, before: &Slot<L>, sqrt_price: SqrtPrice<L>) -> Result<Slot<L>, ConcentratedError> {
        let moved = sqrt_price != before.sqrt_price;
        let tick = if moved { F::<L>::tick_at_sqrt_price(&self.units, sqrt_price)? } else { before.tick };
        Ok(Slot { sqrt_price, tick, above: before.above })
    }

    /// The liquidity in range beyond a tick.
    #[inline]
    fn crossed(liquidity: u128, net: i128, down: bool) -> Result<u128, ConcentratedError> {
        let amount = net.unsigned_abs();
        if (net >= 0) == down { LiquidityChange::Remove(amount) } else { LiquidityChange::Add(amount) }.apply(liquidity)
    }

    /// A price that a trade in this direction can be limited to.
    #[inline]
    pub(super) fn outermost_limit(&self, direction: Direction) -> SqrtPrice<L> {
        let [lowest, highest] = F::<L>::price_limits(&self.units);
        if direction == Direction::ZeroForOne { lowest } else { highest }
    }

    /// Whether the price can move towards the limit at all; v3 says `SPL` to both errors.
    #[inline]
    pub(super) fn limit_is_ahead(&self, slot: Slot<L>, trade: &Trade<L>) -> Result<(), ConcentratedError> {
        let limit = trade.sqrt_price_limit;
        let [lowest, highest] = F::<L>::price_limits(&self.units);
        let (ahead, inside) = match trade.direction {
            Direction::ZeroForOne => (limit < slot.sqrt_price, limit >= lowest),
            Direction::OneForZero => (limit > slot.sqrt_price, limit <= highest),
        };
        let in_floats = F::<L>::sqrt_price_to_f64(limit);
        if !ahead {
            let sqrt_price = F::<L>::sqrt_price_to_f64(slot.sqrt_price);
            return Err(ConcentratedError::PriceLimit { limit: in_floats, sqrt_price });
        }
        if inside { Ok(()) } else { Err(ConcentratedError::PriceLimitOutOfBounds { limit: in_floats }) }
    }
}
