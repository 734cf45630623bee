use std::collections::BTreeMap;

use crate::farm::{Arithmetic, FarmError};

/// What is staked in a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StakeToken {
    /// The reward token itself.
    Reward,
    /// A token with this number: two pools may stake the same one, and then share its balance, as in the contract.
    Lp(u32),
}

/// What the farm holds of one token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Holding<L: Arithmetic> {
    /// Of stakes.
    pub(super) staked: L::Sum,
    /// Everything else: donations, and of the reward token what is to be paid out.
    pub(super) other: L::Amount,
    /// How many stakes are in it.
    stakers: u64,
}

impl<L: Arithmetic> Default for Holding<L> {
    fn default() -> Self {
        Self { staked: L::Sum::default(), other: L::ZERO, stakers: 0 }
    }
}

impl<L: Arithmetic> Holding<L> {
    /// `balanceOf(address(this))`.
    #[inline]
    pub(super) fn balance(&self) -> Result<L::Amount, FarmError> {
        Ok(L::sum(L::value(self.staked), self.other)?)
    }

    /// After somebody's stake went from `before` to `after`.
    #[inline]
    pub(super) fn restaked(mut self, before: L::Amount, after: L::Amount) -> Result<Self, FarmError> {
        match (L::is_zero(before), L::is_zero(after)) {
            (true, false) => self.stakers = self.stakers.saturating_add(1),
            (false, true) => self.stakers = self.stakers.saturating_sub(1),
            _ => {}
        }
        if after >= before {
            self.staked = L::plus(self.staked, L::difference(after, before)?)?;
        } else {
            let amount = L::difference(before, after)?;
            let held = self.balance()?;
            if !L::covers(held, amount) {
                return Err(FarmError::InsufficientTokens { held: L::amount_to_f64(held), amount: L::amount_to_f64(amount) });
            }
            // Rewards may have been paid out of stakes of the same token; then stakes are paid out of whatever else there is.
            let from_staked = L::least(L::value(self.staked), amount);
            self.staked = L::minus(self.staked, from_staked)?;
            self.other = L::part_off(self.other, L::part_off(amount, from_staked)?)?;
        }
        if self.stakers == 0 {
            // Rounding leaves dust in a sum of floats; without stakes there is none, and rewards must not be divided by it.
            self.staked = L::Sum::default();
        }
        Ok(self)
    }

    /// Pays at most what is there; what was paid.
    #[inline]
    pub(super) fn pay(&mut self, amount: L::Amount) -> Result<L::Amount, FarmError> {
        let paid = L::least(amount, self.balance()?);
        let from_other = L::least(self.other, paid);
        self.other = L::part_off(self.other, from_other)?;
        self.staked = L::minus(self.staked, L::part_off(paid, from_other)?)?;
        Ok(paid)
    }
}

/// What the farm holds of every token.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Purse<L: Arithmetic> {
    pub(super) reward: Holding<L>,
    lp: BTreeMap<u32, Holding<L>>,
}

impl<L: Arithmetic> Default for Purse<L> {
    fn default() -> Self {
        Self { reward: Holding::default(), lp: BTreeMap::new() }
    }
}

impl<L: Arithmetic> Purse<L> {
    #[inline]
    pub(super) fn get(&self, token: StakeToken) -> Holding<L> {
        match token {
            StakeToken::Reward => self.reward,
            StakeToken::Lp(number) => self.lp.get(&number).copied().unwrap_or_default(),
        }
    }

    #[inline]
    pub(super) fn set(&mut self, token: StakeToken, holding: Holding<L>) {
        match token {
            StakeToken::Reward => self.reward = holding,
            StakeToken::Lp(number) => {
                self.lp.insert(number, holding);
            }
        }
    }
}
