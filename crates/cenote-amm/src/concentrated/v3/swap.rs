//! Swaps and flash loans.

use super::V3Pool;
use crate::concentrated::core::{Clock, Core};
use crate::concentrated::error::ConcentratedError;
use crate::concentrated::fee_tier::FeeTier;
use crate::concentrated::formulas::{F, FeeGrowth, Formulas};
use crate::concentrated::protocol_fee::ProtocolFee;
use crate::concentrated::swap_math::StepRule;
use crate::concentrated::walk::{Charges, ProtocolPart, Trade, Traded, Walked, side_in};
use crate::lane::Lane;
use crate::pool::{Direction, SwapKind};

/// The balances after a swap, of the token paid in and of the token paid out.
#[derive(Clone, Copy, Debug)]
struct BalancesAfter<L: Lane> {
    balance_in: L::Amount,
    balance_out: L::Amount,
}

/// What a swap reads of a pool.
struct Market<'a, L: Lane> {
    core: &'a Core<L>,
    tier: FeeTier,
    protocol_fee: ProtocolFee,
    balances: &'a [L::Amount; 2],
}

impl<L: Lane> Market<'_, L> {
    /// All checks of a swap: what it leaves behind, and the balances after the payments.
    #[inline(always)]
    fn plan_swap(
        &self,
        trade: &Trade<L>,
        on_cross: impl FnMut(usize, FeeGrowth<L>),
    ) -> Result<(Walked<L>, BalancesAfter<L>), ConcentratedError> {
        if !F::<L>::is_specifiable(trade.amount) {
            return Err(ConcentratedError::InvalidAmount { amount: L::amount_to_f64(trade.amount) });
        }
        if L::is_zero(trade.amount) {
            return Err(ConcentratedError::NothingSpecified);
        }
        let slot = self.core.slot()?;
        self.core.limit_is_ahead(slot, trade)?;
        let protocol = ProtocolPart::OfFee(self.protocol_fee.share_of(trade.direction));
        let charges = Charges { fee_pips: self.tier.fee_pips(), protocol, rule: StepRule::V3 };
        let walked = self.core.walk(slot, trade, &charges, on_cross)?;
        let paid = side_in(trade.direction);
        let balance_out = V3Pool::<L>::pay(self.balances[1 - paid], walked.traded.amount_out)?;
        let balance_in = L::checked_add(self.balances[paid], walked.traded.amount_in).ok_or(ConcentratedError::BalanceOverflow)?;
        Ok((walked, BalancesAfter { balance_in, balance_out }))
    }
}

impl<L: Lane> V3Pool<L> {
    /// Swaps up to an amount or up to a price, whichever comes first.
    ///
    /// # Errors
    /// In the contract's order: [`ConcentratedError::NothingSpecified`], [`NotInitialized`](ConcentratedError::NotInitialized),
    /// [`PriceLimit`](ConcentratedError::PriceLimit); then whatever overflows.
    #[inline(always)]
    pub fn swap(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        let crossed = &mut self.crossed;
        let market = Market { core: &self.core, tier: self.tier, protocol_fee: self.protocol_fee, balances: &self.balances };
        let planned = market.plan_swap(trade, |index, fee_growth| crossed.push((index, fee_growth)));
        let outcome = planned.and_then(|(walked, balances)| {
            self.execute(trade, &walked, balances)?;
            Ok(walked.traded)
        });
        self.crossed.clear();
        outcome
    }

    /// A swap without any fee, which the contract does not have: a price driven by nobody in particular.
    pub(in crate::concentrated) fn swap_free_of_charge(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        let crossed = &mut self.crossed;
        let tier = self.tier.free_of_charge();
        let market = Market { core: &self.core, tier, protocol_fee: self.protocol_fee, balances: &self.balances };
        let planned = market.plan_swap(trade, |index, fee_growth| crossed.push((index, fee_growth)));
        let outcome = planned.and_then(|(walked, balances)| {
            self.execute(trade, &walked, balances)?;
            Ok(walked.traded)
        });
        self.crossed.clear();
        outcome
    }

    /// What [`swap`](Self::swap) would do now. Reads only.
    ///
    /// # Errors
    /// Those of [`swap`](Self::swap).
    #[inline(always)]
    pub fn quote(&self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        let market = Market { core: &self.core, tier: self.tier, protocol_fee: self.protocol_fee, balances: &self.balances };
        Ok(market.plan_swap(trade, |_, _| {})?.0.traded)
    }

    /// A trade without a price limit.
    pub fn unlimited(&self, direction: Direction, kind: SwapKind, amount: L::Amount) -> Trade<L> {
        Trade { direction, kind, amount, sqrt_price_limit: self.core.outermost_limit(direction) }
    }

    /// Carries out a swap that has passed its checks on this very state.
    #[inline(always)]
    fn execute(&mut self, trade: &Trade<L>, walked: &Walked<L>, balances: BalancesAfter<L>) -> Result<(), ConcentratedError> {
        if !self.crossed.is_empty() {
            self.cross(trade.direction)?;
        }
        let side = side_in(trade.direction);
        let present = self.present();
        if walked.slot.tick != present.tick {
            self.oracle.write(present);
        }
        self.core.commit_walk(trade.direction, walked, &[], &Clock::default());
        self.protocol_fees[side] = F::<L>::add_owed(self.protocol_fees[side], walked.protocol_fee);
        self.balances[side] = balances.balance_in;
        self.balances[1 - side] = balances.balance_out;
        Ok(())
    }

    /// Crosses the ticks that a swap crosses. Only they ask for the oracle's sums.
    #[inline(never)]
    fn cross(&mut self, direction: Direction) -> Result<(), ConcentratedError> {
        let clock = self.clock()?;
        self.core.cross_all(direction, &self.crossed, &clock);
        Ok(())
    }

    /// Lends `amounts` for the length of a call that pays back `paid`. What is paid above the loan is fees.
    ///
    /// # Errors
    /// In the contract's order: [`ConcentratedError::NotInitialized`], [`NoLiquidityInRange`](ConcentratedError::NoLiquidityInRange),
    /// [`TransferFailed`](ConcentratedError::TransferFailed), [`FlashUnpaid`](ConcentratedError::FlashUnpaid).
    pub fn flash(&mut self, amounts: [L::Amount; 2], paid: [L::Amount; 2]) -> Result<(), ConcentratedError> {
        let liquidity = self.core.slot().map(|_| self.core.liquidity)?;
        if liquidity == 0 {
            return Err(ConcentratedError::NoLiquidityInRange);
        }
        Self::check_amounts(amounts)?;
        Self::check_amounts(paid)?;
        let read = L::amount_to_f64;
        for (amount, balance) in amounts.into_iter().zip(self.balances) {
            if amount > balance {
                return Err(ConcentratedError::TransferFailed { amount: read(amount), balance: read(balance) });
            }
        }
        let mut due = [L::ZERO; 2];
        for side in 0..2 {
            let fee = F::<L>::flash_fee(amounts[side], self.tier.fee_pips())?;
            due[side] = L::checked_add(amounts[side], fee).ok_or(ConcentratedError::BalanceOverflow)?;
        }
        for token in 0..2_u8 {
            let side = usize::from(token);
            if paid[side] < due[side] {
                return Err(ConcentratedError::FlashUnpaid { token, paid: read(paid[side]), due: read(due[side]) });
            }
        }

        let (mut balances, mut protocol_fees, mut fee_growth) = (self.balances, self.protocol_fees, self.core.fee_growth_global);
        let in_lane = F::<L>::liquidity(&self.core.units, liquidity);
        for side in 0..2 {
            let gained = F::<L>::less(paid[side], amounts[side])?;
            balances[side] = L::checked_add(balances[side], gained).ok_or(ConcentratedError::BalanceOverflow)?;
            let protocol_part = F::<L>::part(gained, self.protocol_fee.share(side))?;
            protocol_fees[side] = F::<L>::add_owed(protocol_fees[side], protocol_part);
            let growth = F::<L>::fee_growth(F::<L>::less(gained, protocol_part)?, in_lane)?;
            fee_growth[side] = F::<L>::add_growth(fee_growth[side], growth);
        }
        (self.balances, self.protocol_fees, self.core.fee_growth_global) = (balances, protocol_fees, fee_growth);
        Ok(())
    }
}
