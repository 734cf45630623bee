use super::{BlockRewards, ChefPool, MasterChef, StakeToken, Variant};
use crate::farm::{Arithmetic, FarmError};

/// What the farm's owner may do.
impl<L: Arithmetic> MasterChef<L> {
    /// Opens a pool: `add`. Without `with_update` the new points count for all blocks since each pool was last updated.
    ///
    /// # Errors
    /// As [`mass_update_pools`](Self::mass_update_pools).
    pub fn add(&mut self, alloc_point: u64, token: StakeToken, with_update: bool) -> Result<(), FarmError> {
        self.or_as_before(|farm| {
            if with_update {
                farm.update_all()?;
            }
            let last_reward_block = farm.block_number.max(farm.start_block);
            farm.total_alloc_point += u128::from(alloc_point);
            farm.pools.push(ChefPool { token, alloc_point, last_reward_block, per_share: L::Sum::default() });
            farm.update_staking_pool();
            Ok(())
        })
    }

    /// Gives a pool other allocation points: `set`.
    ///
    /// # Errors
    /// As [`mass_update_pools`](Self::mass_update_pools), and [`FarmError::UnknownPool`].
    pub fn set(&mut self, pid: u32, alloc_point: u64, with_update: bool) -> Result<(), FarmError> {
        self.or_as_before(|farm| {
            if with_update {
                farm.update_all()?;
            }
            let before = farm.pool(pid)?.alloc_point;
            farm.set_points(pid, alloc_point);
            if before != alloc_point {
                farm.update_staking_pool();
            }
            Ok(())
        })
    }

    fn set_points(&mut self, pid: u32, alloc_point: u64) {
        if let Some(pool) = self.pools.get_mut(usize::try_from(pid).unwrap_or(usize::MAX)) {
            self.total_alloc_point = self.total_alloc_point - u128::from(pool.alloc_point) + u128::from(alloc_point);
            pool.alloc_point = alloc_point;
        }
    }

    /// PancakeSwap's `updateStakingPool`: pool 0 has a third of the points of all others.
    fn update_staking_pool(&mut self) {
        if self.variant == Variant::Sushi {
            return;
        }
        let others: u128 = self.pools.iter().skip(1).map(|pool| u128::from(pool.alloc_point)).sum();
        if others != 0 {
            self.set_points(0, u64::try_from(others / 3).unwrap_or(u64::MAX));
        }
    }

    /// Sets what rewards per block are multiplied by, for all blocks that pools have not counted yet: `updateMultiplier`.
    ///
    /// # Errors
    /// [`FarmError::Unsupported`] by SushiSwap's.
    pub fn update_multiplier(&mut self, number: u64) -> Result<(), FarmError> {
        match &mut self.rewards {
            BlockRewards::Multiplier { multiplier, .. } => {
                *multiplier = number;
                Ok(())
            }
            _ => Err(FarmError::Unsupported { operation: "updateMultiplier" }),
        }
    }
}
