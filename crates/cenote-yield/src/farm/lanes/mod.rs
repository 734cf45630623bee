//! Farms of `L` paths in lockstep: the seam between the simulator's world and every farm.
//!
//! Amounts are whole tokens, lane by lane, and times are nanoseconds since the start. Farms are lazy: nothing happens between calls, and what
//! only reads changes nothing, so it makes no difference to anybody how often somebody looks. A lane in which nothing is to happen gets the
//! amount zero, or zero in the mask, and is left as it is to the last bit; so one path has the same bits alone (`L` = 1) and in any pack.

mod boost;
mod kernels;
mod model;
mod share;
#[cfg(test)]
mod tests;

use core::fmt::Debug;

use cenote_units::Lanes;

pub use boost::{Boost, VoteLock};
pub use model::{BuildFarm, Empty, FarmModel, FarmStart, GaugeModel, MasterChefModel, StakingRewardsModel};
pub use share::ShareLanes;

/// A farm that hands out rewards by stake, `L` paths wide.
///
/// Accounts are numbered from 0; besides them there are the others, whose stake is one sum that the world sets as they come and go.
/// `time` must not go back in any lane; a time before the last change counts as the last change.
///
/// Every reward token's emission adds up, in every lane and at any time:
/// `emitted = Σ over accounts (claimed + pending) + others_earned + undistributed`.
pub trait FarmLanes<const L: usize>: Debug + Send {
    /// Begins new paths: back to the state it was built in.
    fn start(&mut self);

    /// How many reward tokens there are.
    fn reward_count(&self) -> usize;

    /// How many accounts there are.
    fn account_count(&self) -> usize;

    /// What an account has staked.
    fn staked(&self, account: usize) -> &Lanes<L>;

    /// What the others have staked.
    fn others(&self) -> &Lanes<L>;

    /// What everybody has staked.
    fn total_staked(&self) -> &Lanes<L>;

    /// Sets what an account has staked. A lane in which it is what it was is left alone.
    fn set_staked(&mut self, time: &[u64; L], account: usize, amount: &Lanes<L>);

    /// Adds to an account's stake.
    fn stake(&mut self, time: &[u64; L], account: usize, amount: &Lanes<L>);

    /// Takes from an account's stake, no more than is there; on return `amount` holds what was taken.
    fn unstake(&mut self, time: &[u64; L], account: usize, amount: &mut Lanes<L>);

    /// Sets what the others have staked. A lane in which it is what it was is left alone.
    fn set_others(&mut self, time: &[u64; L], amount: &Lanes<L>);

    /// Pays an account what it has earned, where the mask is not zero; one amount per reward token, zero elsewhere.
    fn claim(&mut self, time: &[u64; L], account: usize, lanes: &[u64; L], rewards: &mut [Lanes<L>]);

    /// What an account has earned and not claimed, one amount per reward token.
    fn pending(&self, time: &[u64; L], account: usize, rewards: &mut [Lanes<L>]);

    /// What the farm emits now, in tokens per year, to everybody.
    fn rate(&self, time: &[u64; L], reward: usize, out: &mut Lanes<L>);

    /// What an account's stake earns now, in tokens per year.
    fn account_rate(&self, time: &[u64; L], account: usize, reward: usize, out: &mut Lanes<L>);

    /// All that was emitted since the start.
    fn emitted(&self, time: &[u64; L], reward: usize, out: &mut Lanes<L>);

    /// What was emitted while nobody had staked, and so reached nobody.
    fn undistributed(&self, time: &[u64; L], reward: usize, out: &mut Lanes<L>);

    /// What the others have earned, claimed or not.
    fn others_earned(&self, time: &[u64; L], reward: usize, out: &mut Lanes<L>);

    /// What an account has claimed since the start.
    fn claimed(&self, account: usize, reward: usize) -> &Lanes<L>;

    /// Locks tokens for votes until `end` (nanoseconds since the start), instead of whatever the account had locked; nothing if the farm knows no
    /// boost. The boost changes when the account next acts.
    fn lock_votes(&mut self, _account: usize, _amount: &Lanes<L>, _end: &[u64; L]) {}
}
