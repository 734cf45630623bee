//! The walk of a swap from tick to tick, which v3 and v4 share.

use super::core::{Core, Slot};
use super::error::ConcentratedError;
use super::formulas::{F, FeeGrowth, Formulas, SqrtPrice};
use super::protocol_fee::Share;
use super::swap_math::{StepRequest, StepRule};
use super::tick::LiquidityChange;
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

#[inline]
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

impl<L: Lane> Core<L> {
    /// Follows a swap step by step without changing anything; `on_cross` hears of each initialized tick that is crossed, by its place
    /// in the map, and of the fee growth of the token paid in up to there.
    ///
    /// Source: the loop of `UniswapV3Pool.swap` and of v4's `Pool.swap`.
    #[inline]
    pub(super) fn walk(
        &self,
        start: Slot<L>,
        trade: &Trade<L>,
        charges: &Charges,
        mut on_cross: impl FnMut(usize, FeeGrowth<L>),
    ) -> Result<Walked<L>, ConcentratedError> {
        let Trade { direction, kind, amount, sqrt_price_limit: limit } = *trade;
        let down = direction == Direction::ZeroForOne;
        let Slot { mut sqrt_price, mut tick, mut above } = start;
        let (mut liquidity, mut in_lane) = (self.liquidity, self.in_lane);
        let mut fee_growth = self.fee_growth_global[side_in(direction)];
        let (mut remaining, mut paid_in, mut paid_out, mut fees, mut protocol_fee) = (amount, L::ZERO, L::ZERO, L::ZERO, L::ZERO);

        while !L::is_zero(remaining) && sqrt_price != limit {
            let next = self.ticks.next(tick, above, direction, F::<L>::STOPS_AT_WORDS);
            let next_price = match next.index {
                Some(index) => self.ticks.at(index).sqrt_price,
                None => F::<L>::sqrt_price_at_tick(&self.units, next.number)?,
            };
            let target = if (down && next_price < limit) || (!down && next_price > limit) { limit } else { next_price };
            let request = StepRequest { sqrt_price, target, liquidity: in_lane, kind, remaining, fee_pips: charges.fee_pips };
            let step = F::<L>::swap_step(&request, charges.rule)?;

            let step_in = add::<L>(step.amount_in, step.fee)?;
            remaining = F::<L>::less(remaining, if kind == SwapKind::ExactIn { step_in } else { step.amount_out })?;
            paid_in = add::<L>(paid_in, step_in)?;
            paid_out = add::<L>(paid_out, step.amount_out)?;
            fees = add::<L>(fees, step.fee)?;

            // v4 casts the sum to 128 bits at the end. Till then it divides fees up unchecked, so no larger sum may get that far.
            if matches!(charges.protocol, ProtocolPart::OfInput(_)) && !F::<L>::is_int128(paid_in) {
                return Err(ConcentratedError::AmountTooLarge { amount: L::amount_to_f64(paid_in) });
            }
            let protocol_part = match charges.protocol {
                ProtocolPart::OfFee(share) => F::<L>::part(step.fee, share)?,
                // All of the fee, if there is no other fee.
                ProtocolPart::OfInput(share) if share.numerator == charges.fee_pips => step.fee,
                ProtocolPart::OfInput(share) => F::<L>::part(step_in, share)?,
            };
            protocol_fee = F::<L>::add_owed(protocol_fee, protocol_part);
            if liquidity > 0 {
                let providers_part = F::<L>::less(step.fee, protocol_part)?;
                fee_growth = F::<L>::add_growth(fee_growth, F::<L>::fee_growth(providers_part, in_lane)?);
            }

            let moved = step.sqrt_price != sqrt_price;
            sqrt_price = step.sqrt_price;
            if sqrt_price == next_price {
                if let Some(index) = next.index {
                    on_cross(index, fee_growth);
                    liquidity = Self::crossed(liquidity, self.ticks.at(index).liquidity_net, down)?;
                    in_lane = F::<L>::liquidity(&self.units, liquidity);
                    above = if down { index } else { index + 1 };
                }
                tick = if down { next.number - 1 } else { next.number };
            } else if moved {
                tick = F::<L>::tick_at_sqrt_price(&self.units, sqrt_price)?;
            }
        }

        let filled = L::is_zero(remaining);
        // What was asked for in full is what was asked for: floats that add up to it need not be it.
        let (amount_in, amount_out) = match kind {
            SwapKind::ExactIn if filled => (amount, paid_out),
            SwapKind::ExactOut if filled => (paid_in, amount),
            _ => (paid_in, paid_out),
        };
        let traded = Traded { amount_in, amount_out, fee: fees, filled, sqrt_price, tick };
        Ok(Walked { traded, slot: Slot { sqrt_price, tick, above }, liquidity, in_lane, fee_growth, protocol_fee })
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
