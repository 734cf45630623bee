//! The pair's own ERC-20: who owns how many LP tokens.

use std::collections::BTreeMap;

use crate::error::{LiquidityError, MathError};
use crate::lane::Lane;
use crate::pool::Owner;

/// A ledger of LP tokens. The sum of all balances is the total supply.
///
/// Source: `UniswapV2ERC20.sol`.
#[derive(Clone, Debug, PartialEq)]
pub struct LpToken<L: Lane> {
    total_supply: L::Amount,
    balances: BTreeMap<Owner, L::Amount>,
}

impl<L: Lane> Default for LpToken<L> {
    fn default() -> Self {
        Self { total_supply: L::ZERO, balances: BTreeMap::new() }
    }
}

impl<L: Lane> LpToken<L> {
    /// All LP tokens there are, those at [`Owner::ZERO`] included.
    pub fn total_supply(&self) -> L::Amount {
        self.total_supply
    }

    /// The LP tokens of `owner`.
    pub fn balance_of(&self, owner: Owner) -> L::Amount {
        self.balances.get(&owner).copied().unwrap_or(L::ZERO)
    }

    /// Every owner who ever had LP tokens, with what they have now, in order of their number.
    pub fn balances(&self) -> impl Iterator<Item = (Owner, L::Amount)> {
        self.balances.iter().map(|(owner, amount)| (*owner, *amount))
    }

    /// Moves `amount` from one owner to another.
    ///
    /// # Errors
    /// [`LiquidityError::InsufficientBalance`] if `from` has less.
    pub fn transfer(&mut self, from: Owner, to: Owner, amount: L::Amount) -> Result<(), LiquidityError> {
        if !L::is_valid(amount) {
            return Err(LiquidityError::InvalidAmount { amount: L::amount_to_f64(amount) });
        }
        let balance = self.balance_of(from);
        let left = L::checked_sub(balance, amount).ok_or_else(|| LiquidityError::InsufficientBalance {
            owner: from.id(),
            balance: L::amount_to_f64(balance),
            amount: L::amount_to_f64(amount),
        })?;
        if from == to {
            return Ok(());
        }
        let received = L::checked_add(self.balance_of(to), amount).ok_or(MathError::AddOverflow)?;
        self.balances.insert(from, left);
        self.balances.insert(to, received);
        self.recount(self.total_supply);
        Ok(())
    }

    /// Creates each of `mints` in turn, all or none.
    pub(crate) fn mint_all(&mut self, mints: &[(Owner, L::Amount)]) -> Result<(), MathError> {
        let mut supply = self.total_supply;
        for (_, amount) in mints {
            supply = L::checked_add(supply, *amount).ok_or(MathError::AddOverflow)?;
        }
        for (owner, amount) in mints.iter().filter(|(_, amount)| *amount != L::ZERO) {
            // No balance exceeds the supply, which was seen to fit.
            let balance = L::checked_add(self.balance_of(*owner), *amount).ok_or(MathError::AddOverflow)?;
            self.balances.insert(*owner, balance);
        }
        self.recount(supply);
        Ok(())
    }

    /// Destroys `amount` of `owner`.
    pub(crate) fn burn(&mut self, owner: Owner, amount: L::Amount) -> Result<(), MathError> {
        let balance = L::checked_sub(self.balance_of(owner), amount).ok_or(MathError::SubUnderflow)?;
        let supply = L::checked_sub(self.total_supply, amount).unwrap_or(L::ZERO);
        self.balances.insert(owner, balance);
        self.recount(supply);
        Ok(())
    }

    /// The supply is counted, not carried along: a carried sum of floats drifts below what the owners have, and the last of them
    /// could not leave. For integers the two are the same.
    ///
    /// At the very end of the range of floats a sum may be finite in one order and not in another: then the carried one stands.
    fn recount(&mut self, carried: L::Amount) {
        let counted = self.balances.values().try_fold(L::ZERO, |sum, amount| L::checked_add(sum, *amount));
        self.total_supply = counted.unwrap_or(carried);
    }
}
