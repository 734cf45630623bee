//! What of the wallet is rewards, and what is not.

use super::{Farming, PATIENCE};
use crate::asset::{free, wallet};
use crate::market::Market;
use crate::strategy::Position;
use crate::venue::{MAX_REWARDS, Stake};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// What is no reward.
    Principal,
    /// What is.
    Rewards,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Before {
    pub(super) wallet: Vec<f64>,
    pub(super) pending: [f64; MAX_REWARDS],
    /// Whether all that has changed in the wallet is rewards, and not only what has been paid of those pending.
    pub(super) rewards: bool,
    /// Whether it was to claim rewards.
    pub(super) claim: bool,
}

impl Farming {
    /// What is being put to work, by token.
    pub(super) fn purse(&self, position: &Position<'_>) -> Vec<f64> {
        let rewards = |t: usize, have: f64| self.yielded.get(t).copied().unwrap_or(0.0).clamp(0.0, have.max(0.0));
        let own = position.wallet.iter().enumerate();
        match self.source {
            Source::Principal => own.map(|(t, &have)| have - rewards(t, have)).collect(),
            Source::Rewards => own.map(|(t, &have)| rewards(t, have)).collect(),
        }
    }

    /// Takes into account what the last action did to the wallet.
    pub(super) fn account(&mut self, market: &dyn Market, position: &Position<'_>) {
        self.yielded.resize(position.wallet.len(), 0.0);
        if let Some(rested) = self.rested.take()
            && let Some(terms) = market.farm(self.farm)
        {
            for token in terms.rewards.iter().map(|token| token.index()) {
                if let (Some(own), Some(was), Some(have)) =
                    (self.yielded.get_mut(token), rested.get(token), position.wallet.get(token))
                {
                    *own += (have - was).max(0.0);
                }
            }
        }
        let Some(before) = self.before.take() else { return };
        if before.claim {
            // Whoever refuses is left in peace for a while.
            self.denied = market.time().checked_add(PATIENCE).filter(|_| position.refused.is_some());
        }
        if before.rewards {
            for (t, own) in self.yielded.iter_mut().enumerate() {
                let was = before.wallet.get(t).copied().unwrap_or(0.0);
                *own = (*own + position.wallet[t] - was).clamp(0.0, position.wallet[t].max(0.0));
            }
        } else if let Some(terms) = market.farm(self.farm) {
            let now = self.pending(position);
            for (k, &token) in terms.rewards.iter().enumerate().take(MAX_REWARDS) {
                let have = wallet(position, token);
                if let Some(own) = self.yielded.get_mut(token.index()) {
                    *own = (*own + (before.pending[k] - now[k]).max(0.0)).min(have);
                }
            }
        }
    }

    pub(super) fn pending(&self, position: &Position<'_>) -> [f64; MAX_REWARDS] {
        position.farms.get(self.farm.index()).map_or([0.0; MAX_REWARDS], |own| own.pending)
    }

    /// Whether there is liquidity that should be staked.
    pub(super) fn has_free(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        match self.stake {
            Stake::Pool(pool) => free(market, position, pool) > 0.0,
            Stake::Token(token) => self.purse(position).get(token.index()).is_some_and(|&have| have > 0.0),
        }
    }
}
