use super::{ChefPool, DEV_PARTS, MasterChef, SCALE, Variant};
use crate::farm::{Arithmetic, FarmError};

/// What an update of a pool does.
pub(super) struct Update<L: Arithmetic> {
    pub(super) per_share: L::Sum,
    pub(super) minted: L::Amount,
    pub(super) dev: L::Amount,
    pub(super) forgone: L::Amount,
}

/// Counting rewards.
impl<L: Arithmetic> MasterChef<L> {
    /// What an update of this pool would do now: `updatePool`. None if it is up to date.
    #[inline]
    pub(super) fn plan_update(&self, pool: &ChefPool<L>) -> Result<Option<Update<L>>, FarmError> {
        if self.block_number <= pool.last_reward_block {
            return Ok(None);
        }
        let supply = self.purse.get(pool.token).balance()?;
        let reward = || -> Result<L::Amount, FarmError> {
            let all = self.rewards.between(pool.last_reward_block, self.block_number)?;
            if self.total_alloc_point == 0 {
                // The contract multiplies first, and that may overflow.
                L::times(all, pool.alloc_point.into())?;
                return Err(FarmError::NoAllocPoints);
            }
            Ok(L::over(L::times(all, pool.alloc_point.into())?, self.total_alloc_point)?)
        };
        if L::is_zero(supply) {
            // The contract computes nothing here; what it leaves unminted is told where it can be told.
            let forgone = reward().unwrap_or(L::ZERO);
            return Ok(Some(Update { per_share: pool.per_share, minted: L::ZERO, dev: L::ZERO, forgone }));
        }
        let minted = reward()?;
        let dev = L::over(minted, DEV_PARTS)?;
        let per_share = L::plus(pool.per_share, L::per_share(minted, supply, SCALE)?)?;
        Ok(Some(Update { per_share, minted, dev, forgone: L::ZERO }))
    }

    /// The same, if the reward token can be minted.
    #[inline]
    pub(super) fn plan_minting(&self, pool: &ChefPool<L>) -> Result<Option<Update<L>>, FarmError> {
        let update = self.plan_update(pool)?;
        if let Some(update) = &update {
            self.ledger.check_mint(update.dev, update.minted)?;
        }
        Ok(update)
    }

    #[inline]
    pub(super) fn apply(&mut self, pid: u32, update: &Update<L>) -> Result<(), FarmError> {
        match self.variant {
            Variant::Sushi => self.purse.reward.other = L::sum(self.purse.reward.other, update.minted)?,
            Variant::Pancake => self.bar = L::sum(self.bar, update.minted)?,
        }
        self.ledger.mint(update.dev, update.minted, update.forgone);
        if let Some(pool) = self.pools.get_mut(usize::try_from(pid).unwrap_or(usize::MAX)) {
            pool.per_share = update.per_share;
            pool.last_reward_block = self.block_number;
        }
        Ok(())
    }

    /// Counts a pool's rewards up to now: `updatePool`.
    ///
    /// # Errors
    /// In the contract's order: [`FarmError::UnknownPool`], overflows, [`FarmError::NoAllocPoints`].
    #[inline]
    pub fn update_pool(&mut self, pid: u32) -> Result<(), FarmError> {
        let pool = self.pool(pid)?;
        match self.plan_minting(pool)? {
            Some(update) => self.apply(pid, &update),
            None => Ok(()),
        }
    }

    /// Counts all pools' rewards up to now: `massUpdatePools`.
    ///
    /// # Errors
    /// As [`update_pool`](Self::update_pool), of the first pool that fails; then none is updated.
    pub fn mass_update_pools(&mut self) -> Result<(), FarmError> {
        self.or_as_before(Self::update_all)
    }

    pub(super) fn update_all(&mut self) -> Result<(), FarmError> {
        (0..self.pools.len()).try_for_each(|pid| self.update_pool(u32::try_from(pid).unwrap_or(u32::MAX)))
    }

    /// Does what touches pools and balances but no stake, and undoes it if it fails.
    pub(super) fn or_as_before(&mut self, action: impl FnOnce(&mut Self) -> Result<(), FarmError>) -> Result<(), FarmError> {
        let before = (self.pools.clone(), self.purse.clone(), self.bar, self.ledger, self.total_alloc_point);
        let result = action(self);
        if result.is_err() {
            (self.pools, self.purse, self.bar, self.ledger, self.total_alloc_point) = before;
        }
        result
    }
}
