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
    /// [`LiquidityError::InsufficientBalance`] if `from` has less, [`LiquidityError::LockedForever`] if `from` is nobody.
    pub fn transfer(&mut self, from: Owner, to: Owner, amount: L::Amount) -> Result<(), LiquidityError> {
        if !L::is_valid(amount) {
            return Err(LiquidityError::InvalidAmount { amount: L::amount_to_f64(amount) });
        }
        let left = self.balance_less(from, amount)?;
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
    pub(crate) fn burn(&mut self, owner: Owner, amount: L::Amount) -> Result<(), LiquidityError> {
        let left = self.balance_less(owner, amount)?;
        let supply = L::checked_sub(self.total_supply, amount).unwrap_or(L::ZERO);
        self.balances.insert(owner, left);
        self.recount(supply);
        Ok(())
    }

    /// What `owner` has after parting with `amount`. Nobody has the key to address 0.
    fn balance_less(&self, owner: Owner, amount: L::Amount) -> Result<L::Amount, LiquidityError> {
        if owner == Owner::ZERO {
            return Err(LiquidityError::LockedForever);
        }
        let balance = self.balance_of(owner);
        L::checked_sub(balance, amount).ok_or_else(|| LiquidityError::InsufficientBalance {
            owner: owner.id(),
            balance: L::amount_to_f64(balance),
            amount: L::amount_to_f64(amount),
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Exact, Fast, U256};

    #[test]
    fn what_is_locked_stays_locked() {
        let mut lp = LpToken::<Exact>::default();
        lp.mint_all(&[(Owner::ZERO, U256::from(1000)), (Owner::new(1), U256::from(5))]).unwrap();
        let before = lp.clone();
        assert_eq!(lp.transfer(Owner::ZERO, Owner::new(1), U256::from(1)), Err(LiquidityError::LockedForever));
        assert_eq!(lp.burn(Owner::ZERO, U256::from(1)), Err(LiquidityError::LockedForever));
        assert_eq!(lp, before);
        // Who sends LP tokens there locks them too.
        lp.transfer(Owner::new(1), Owner::ZERO, U256::from(5)).unwrap();
        assert_eq!((lp.balance_of(Owner::ZERO), lp.total_supply()), (U256::from(1005), U256::from(1005)));
    }

    /// Where one order of summation overflows and another does not, a transfer still passes or leaves everything as it was.
    #[test]
    fn the_end_of_the_range_of_floats() {
        let mut lp = LpToken::<Fast>::default();
        lp.mint_all(&[(Owner::new(4), f64::MAX)]).unwrap();
        assert!(lp.mint_all(&[(Owner::new(1), f64::MAX)]).is_err());
        for amount in [0.4 * f64::MAX, 0.1 * f64::MAX, f64::MAX / 3.0, 0.7e307, 1.1e306] {
            for to in 1..4 {
                let before = lp.clone();
                if lp.transfer(Owner::new(4), Owner::new(to), amount).is_err() {
                    assert_eq!(lp, before);
                }
            }
            assert!((lp.total_supply() / f64::MAX - 1.0).abs() < 1e-15);
        }
    }
}
