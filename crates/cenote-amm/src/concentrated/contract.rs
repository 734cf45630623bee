//! What the router and the position manager need of a contract.

use core::fmt::Debug;

use cenote_units::SimTime;

use super::core::Core;
use super::error::ConcentratedError;
use super::formulas::SqrtPrice;
use super::position::PositionKey;
use super::tick::{LiquidityChange, TickRange};
use super::v3::V3Pool;
use super::v4::{Hooks, V4Pool};
use super::walk::{Trade, Traded};
use crate::lane::Lane;
use crate::pool::{Direction, Owner, RangedOutcome};

mod sealed {
    /// Only this crate's contracts share the core.
    pub trait Sealed {}
    impl<L: crate::Lane> Sealed for super::V3Pool<L> {}
    impl<L: crate::Lane, H: super::Hooks<L>> Sealed for super::V4Pool<L, H> {}
}

/// A contract of concentrated liquidity: [`V3Pool`] or [`V4Pool`]. Sealed.
pub trait Contract<L: Lane>: sealed::Sealed + Clone + Debug + PartialEq + Send {
    /// The state that all of them have.
    #[doc(hidden)]
    fn core(&self) -> &Core<L>;

    /// A new contract like this one for tokens with these decimals.
    #[must_use]
    fn renewed(self, decimals: [u8; 2]) -> Self;

    /// What a swap in this direction is charged, in millionths of the input; all of it where a hook refuses such swaps.
    fn swap_fee_pips(&self, direction: Direction) -> u32;

    /// A block begins: what hooks may want to know.
    fn begin_block(&mut self, time: SimTime) {
        let _ = time;
    }

    /// The first price.
    ///
    /// # Errors
    /// The contract would have reverted.
    fn set_first_price(&mut self, sqrt_price: SqrtPrice<L>) -> Result<(), ConcentratedError>;

    /// What a swap would do.
    ///
    /// # Errors
    /// The contract would have reverted.
    fn quote_trade(&self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError>;

    /// A swap.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn swap_trade(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError>;

    /// A swap that pays liquidity providers nothing, which no contract has.
    ///
    /// # Errors
    /// Those of a swap; the pool is untouched.
    fn drive(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError>;

    /// Adds to the owner's position.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn add_liquidity(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<RangedOutcome<L>, ConcentratedError>;

    /// Removes from the owner's position.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn remove_liquidity(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<RangedOutcome<L>, ConcentratedError>;

    /// Pays the owner's position all that it may collect.
    ///
    /// # Errors
    /// The contract would have reverted; the pool is untouched.
    fn collect_all(&mut self, owner: Owner, range: TickRange) -> Result<[L::Amount; 2], ConcentratedError>;
}

impl<L: Lane> Contract<L> for V3Pool<L> {
    fn core(&self) -> &Core<L> {
        self.state()
    }

    fn renewed(self, decimals: [u8; 2]) -> Self {
        Self::new(self.tier(), self.protocol_fee().scheme(), decimals)
    }

    fn swap_fee_pips(&self, _direction: Direction) -> u32 {
        self.tier().fee_pips()
    }

    fn set_first_price(&mut self, sqrt_price: SqrtPrice<L>) -> Result<(), ConcentratedError> {
        self.initialize(sqrt_price)
    }

    #[inline(always)]
    fn quote_trade(&self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        self.quote(trade)
    }

    #[inline(always)]
    fn swap_trade(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        self.swap(trade)
    }

    fn drive(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        self.swap_free_of_charge(trade)
    }

    fn add_liquidity(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<RangedOutcome<L>, ConcentratedError> {
        let amounts = self.mint(owner, range, liquidity)?;
        Ok(RangedOutcome { liquidity, amounts, paid_out: [L::ZERO; 2] })
    }

    fn remove_liquidity(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<RangedOutcome<L>, ConcentratedError> {
        let amounts = self.burn(owner, range, liquidity)?;
        Ok(RangedOutcome { liquidity, amounts, paid_out: [L::ZERO; 2] })
    }

    /// A poke, if there is liquidity to have earned anything, and a `collect` of all that is owed.
    fn collect_all(&mut self, owner: Owner, range: TickRange) -> Result<[L::Amount; 2], ConcentratedError> {
        if self.position(owner, range).liquidity() > 0 {
            self.burn(owner, range, 0)?;
        }
        let owed = self.position(owner, range).tokens_owed();
        self.collect(owner, range, owed)
    }
}

impl<L: Lane, H: Hooks<L>> V4Pool<L, H> {
    /// A change of the owner's only position, as the position manager would see it.
    fn modified(&mut self, owner: Owner, range: TickRange, change: LiquidityChange) -> Result<RangedOutcome<L>, ConcentratedError> {
        let modified = self.modify_liquidity(PositionKey::new(owner, range), change)?;
        let paid_out = match change {
            LiquidityChange::Add(_) => modified.fees,
            LiquidityChange::Remove(_) => {
                let [amounts, fees] = [modified.amounts, modified.fees];
                let sum = |side: usize| L::checked_add(amounts[side], fees[side]).ok_or(ConcentratedError::BalanceOverflow);
                [sum(0)?, sum(1)?]
            }
        };
        Ok(RangedOutcome { liquidity: change.amount(), amounts: modified.amounts, paid_out })
    }
}

impl<L: Lane, H: Hooks<L>> Contract<L> for V4Pool<L, H> {
    fn core(&self) -> &Core<L> {
        Self::core(self)
    }

    fn renewed(self, decimals: [u8; 2]) -> Self {
        self.emptied(decimals)
    }

    fn swap_fee_pips(&self, direction: Direction) -> u32 {
        self.charged_pips(direction)
    }

    fn begin_block(&mut self, time: SimTime) {
        Self::begin_block(self, time);
    }

    fn set_first_price(&mut self, sqrt_price: SqrtPrice<L>) -> Result<(), ConcentratedError> {
        self.initialize(sqrt_price)
    }

    #[inline]
    fn quote_trade(&self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        self.quote(trade)
    }

    #[inline]
    fn swap_trade(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        self.swap(trade)
    }

    fn drive(&mut self, trade: &Trade<L>) -> Result<Traded<L>, ConcentratedError> {
        self.swap_free_of_charge(trade)
    }

    fn add_liquidity(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<RangedOutcome<L>, ConcentratedError> {
        self.modified(owner, range, LiquidityChange::Add(liquidity))
    }

    fn remove_liquidity(&mut self, owner: Owner, range: TickRange, liquidity: u128) -> Result<RangedOutcome<L>, ConcentratedError> {
        self.modified(owner, range, LiquidityChange::Remove(liquidity))
    }

    /// Fees are paid with every change; a change of nothing pays them.
    fn collect_all(&mut self, owner: Owner, range: TickRange) -> Result<[L::Amount; 2], ConcentratedError> {
        if self.position(&PositionKey::new(owner, range)).liquidity() == 0 {
            return Ok([L::ZERO; 2]);
        }
        Ok(self.modified(owner, range, LiquidityChange::Remove(0))?.paid_out)
    }
}
