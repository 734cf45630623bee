//! Positions: liquidity between two ticks, and the fees it has earned.

use super::error::ConcentratedError;
use super::formulas::{F, FeeGrowth, Formulas};
use super::tick::{LiquidityChange, TickRange};
use crate::lane::Lane;
use crate::pool::Owner;

/// Whose position, and where. In v4 one owner may have several positions in one range, told apart by a salt; in v3 it is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PositionKey {
    /// Whose.
    pub owner: Owner,
    /// Where.
    pub range: TickRange,
    /// Which of several.
    pub salt: u64,
}

impl PositionKey {
    /// The only position of `owner` in `range`.
    pub const fn new(owner: Owner, range: TickRange) -> Self {
        Self { owner, range, salt: 0 }
    }
}

/// A position. Source: `Position.Info` in `Position.sol`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position<L: Lane> {
    pub(super) liquidity: u128,
    pub(super) fee_growth_inside_last: [FeeGrowth<L>; 2],
    pub(super) tokens_owed: [L::Amount; 2],
}

impl<L: Lane> Default for Position<L> {
    fn default() -> Self {
        Self { liquidity: 0, fee_growth_inside_last: [FeeGrowth::<L>::default(); 2], tokens_owed: [L::ZERO; 2] }
    }
}

impl<L: Lane> Position<L> {
    /// Its liquidity.
    pub fn liquidity(&self) -> u128 {
        self.liquidity
    }

    /// Fees per liquidity inside the range when the position was last touched, of token 0 and token 1.
    pub fn fee_growth_inside_last(&self) -> [FeeGrowth<L>; 2] {
        self.fee_growth_inside_last
    }

    /// What it may collect: burned liquidity and fees up to when it was last touched, in the lane's unit. Always zero in v4, which
    /// pays at once.
    pub fn tokens_owed(&self) -> [L::Amount; 2] {
        self.tokens_owed
    }

    /// The position after a change, and the fees it earned before: `Position.update`, but for booking the fees.
    pub(super) fn updated(
        &self,
        change: LiquidityChange,
        fee_growth_inside: [FeeGrowth<L>; 2],
        units: &<F<L> as Formulas>::Units,
    ) -> Result<(Self, [L::Amount; 2]), ConcentratedError> {
        let after = if change.amount() == 0 {
            if self.liquidity == 0 {
                return Err(ConcentratedError::EmptyPosition);
            }
            self.liquidity
        } else {
            change.apply(self.liquidity)?
        };
        let liquidity = F::<L>::liquidity(units, self.liquidity);
        let mut fees = [L::ZERO; 2];
        for side in 0..2 {
            let growth = F::<L>::sub_growth(fee_growth_inside[side], self.fee_growth_inside_last[side]);
            fees[side] = F::<L>::fees_earned(growth, liquidity)?;
        }
        Ok((Self { liquidity: after, fee_growth_inside_last: fee_growth_inside, tokens_owed: self.tokens_owed }, fees))
    }

    /// Books `amounts` as owed, modulo 2^128 as the contract does.
    pub(super) fn owe(&mut self, amounts: [L::Amount; 2]) {
        for side in 0..2 {
            self.tokens_owed[side] = F::<L>::add_owed(self.tokens_owed[side], amounts[side]);
        }
    }
}
