use super::{SCALE, StakeToken};
use crate::farm::{Arithmetic, FarmError};

/// One pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChefPool<L: Arithmetic> {
    pub(super) token: StakeToken,
    pub(super) alloc_point: u64,
    pub(super) last_reward_block: u64,
    pub(super) per_share: L::Sum,
}

impl<L: Arithmetic> ChefPool<L> {
    /// What is staked.
    pub fn token(&self) -> StakeToken {
        self.token
    }

    /// The pool's allocation points.
    pub fn alloc_point(&self) -> u64 {
        self.alloc_point
    }

    /// The block up to which rewards are counted.
    pub fn last_reward_block(&self) -> u64 {
        self.last_reward_block
    }

    /// What a unit of stake has got since the pool began, times 10^12 in the exact lane: `accSushiPerShare`.
    pub fn acc_per_share(&self) -> L::Amount {
        L::value(self.per_share)
    }
}

/// Somebody's stake in a pool.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChefStake<L: Arithmetic> {
    pub(super) amount: L::Amount,
    pub(super) mark: L::Mark,
}

impl<L: Arithmetic> Default for ChefStake<L> {
    fn default() -> Self {
        Self { amount: L::ZERO, mark: L::Mark::default() }
    }
}

impl<L: Arithmetic> ChefStake<L> {
    /// How much is staked.
    pub fn amount(&self) -> L::Amount {
        self.amount
    }

    /// What the stake had got, or would have got, when it was last changed.
    pub fn reward_debt(&self) -> L::Amount {
        L::debt(self.amount, self.mark)
    }

    pub(super) fn pending(&self, per_share: L::Sum) -> Result<L::Amount, FarmError> {
        Ok(L::since(self.amount, per_share, self.mark, SCALE)?)
    }
}
