//! `MasterChef`: pools that share one emission by allocation points.
//!
//! Each pool sums up what a unit of stake has got since it began, `acc`; a stake of `amount` has earned `amount · acc` less its debt, what
//! `amount · acc` was when the stake was last changed. So an update costs the same however many stake.
//!
//! Sources: `MasterChef.sol` of `@sushiswap/core` 1.2.1; `MasterChef.sol` of PancakeSwap's farm.

mod governance;
mod ledger;
mod pool;
mod purse;
mod schedule;
#[cfg(test)]
mod tests;
mod update;

use std::collections::BTreeMap;

use cenote_amm::{Lane, Owner};

use super::{Arithmetic, FarmError};
pub use ledger::Ledger;
pub use pool::{ChefPool, ChefStake};
pub use purse::StakeToken;
use purse::{Holding, Purse};
pub use schedule::{BlockRewards, BlockSteps};

/// `accSushiPerShare` is 10^12 times what a unit of stake has got.
const SCALE: u64 = 1_000_000_000_000;
/// Who works on the farm gets a tenth on top of what stakers get.
const DEV_PARTS: u128 = 10;

/// Whose contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Variant {
    /// The farm keeps rewards itself, with whatever else it has of that token.
    Sushi,
    /// Rewards are kept apart, in the `SyrupBar`; pool 0 stakes the reward token and has a third of the other pools' points.
    Pancake,
}

/// A farm of several pools.
///
/// ```
/// use cenote_amm::{Exact, Owner, U256};
/// use cenote_yield::farm::masterchef::StakeToken;
/// use cenote_yield::farm::MasterChef;
///
/// let (alice, bob) = (Owner::new(1), Owner::new(2));
/// // 100 a block from block 0 on, without a bonus.
/// let mut farm = MasterChef::<Exact>::sushiswap(U256::from(100), 0, 0)?;
/// farm.add(1, StakeToken::Lp(0), false)?;
/// farm.deposit(alice, 0, U256::from(2_000))?;
/// farm.set_block_number(10)?;
/// farm.deposit(bob, 0, U256::from(2_000))?;
/// farm.set_block_number(20)?;
/// assert_eq!(farm.pending(alice, 0)?, U256::from(1_000 + 500));
/// assert_eq!(farm.withdraw(bob, 0, U256::from(2_000))?, U256::from(500));
/// # Ok::<(), cenote_yield::farm::FarmError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MasterChef<L: Arithmetic> {
    variant: Variant,
    rewards: BlockRewards<L>,
    start_block: u64,
    block_number: u64,
    total_alloc_point: u128,
    pools: Vec<ChefPool<L>>,
    stakes: BTreeMap<(u32, Owner), ChefStake<L>>,
    purse: Purse<L>,
    /// PancakeSwap's `SyrupBar`: rewards to be paid out.
    bar: L::Amount,
    ledger: Ledger<L>,
}

impl<L: Arithmetic> MasterChef<L> {
    /// SushiSwap's: `per_block` rewards from `start_block` on, ten times as many until `bonus_end_block`. It has no pools yet.
    ///
    /// # Errors
    /// `per_block` is no amount.
    pub fn sushiswap(per_block: L::Amount, start_block: u64, bonus_end_block: u64) -> Result<Self, FarmError> {
        let rewards = BlockRewards::Bonus { per_block, factor: 10, end: bonus_end_block };
        Self::new(Variant::Sushi, rewards, start_block)
    }

    /// SushiSwap's with another schedule of rewards, as its many copies have.
    ///
    /// # Errors
    /// The rewards per block are no amount.
    pub fn with_rewards(rewards: BlockRewards<L>, start_block: u64) -> Result<Self, FarmError> {
        Self::new(Variant::Sushi, rewards, start_block)
    }

    /// PancakeSwap's: pool 0 stakes the reward token ([`enter_staking`](Self::enter_staking)), with 1000 allocation points until another
    /// pool is added, and a third of all other pools' points from then on.
    ///
    /// # Errors
    /// `per_block` is no amount.
    pub fn pancakeswap(per_block: L::Amount, start_block: u64) -> Result<Self, FarmError> {
        let mut farm = Self::new(Variant::Pancake, BlockRewards::Multiplier { per_block, multiplier: 1 }, start_block)?;
        let token = StakeToken::Reward;
        farm.pools.push(ChefPool { token, alloc_point: 1000, last_reward_block: start_block, per_share: L::Sum::default() });
        farm.total_alloc_point = 1000;
        Ok(farm)
    }

    fn new(variant: Variant, rewards: BlockRewards<L>, start_block: u64) -> Result<Self, FarmError> {
        if let BlockRewards::Bonus { per_block, .. } | BlockRewards::Multiplier { per_block, .. } = rewards {
            valid::<L>(per_block)?;
        }
        Ok(Self {
            variant,
            rewards,
            start_block,
            block_number: 0,
            total_alloc_point: 0,
            pools: Vec::new(),
            stakes: BTreeMap::new(),
            purse: Purse::default(),
            bar: L::ZERO,
            ledger: Ledger::default(),
        })
    }

    /// The block in which calls run now.
    pub fn block_number(&self) -> u64 {
        self.block_number
    }

    /// Moves to a later block. Nothing else happens: rewards are counted when somebody calls.
    ///
    /// # Errors
    /// [`FarmError::ClockRunsBack`].
    pub fn set_block_number(&mut self, block_number: u64) -> Result<(), FarmError> {
        if block_number < self.block_number {
            return Err(FarmError::ClockRunsBack { now: self.block_number, to: block_number });
        }
        self.block_number = block_number;
        Ok(())
    }

    /// The pools, by number.
    pub fn pools(&self) -> &[ChefPool<L>] {
        &self.pools
    }

    /// The sum of all allocation points.
    pub fn total_alloc_point(&self) -> u128 {
        self.total_alloc_point
    }

    /// Somebody's stake in a pool; of nothing if there is none.
    pub fn stake(&self, owner: Owner, pid: u32) -> ChefStake<L> {
        self.stakes.get(&(pid, owner)).copied().unwrap_or_default()
    }

    /// All that the farm holds of a token: stakes, donations, and of the reward token what is to be paid out.
    pub fn balance_of(&self, token: StakeToken) -> L::Amount {
        let holding = self.purse.get(token);
        // The sum was seen to fit when it was made.
        holding.balance().unwrap_or(holding.other)
    }

    /// What is there to be paid out in rewards: the farm's own balance of the reward token, or PancakeSwap's `SyrupBar`'s.
    pub fn reward_balance(&self) -> L::Amount {
        match self.variant {
            Variant::Sushi => self.balance_of(StakeToken::Reward),
            Variant::Pancake => self.bar,
        }
    }

    /// What has been minted and paid, and what was never minted because nobody staked.
    pub fn ledger(&self) -> &Ledger<L> {
        &self.ledger
    }

    fn pool(&self, pid: u32) -> Result<&ChefPool<L>, FarmError> {
        let index = usize::try_from(pid).unwrap_or(usize::MAX);
        self.pools.get(index).ok_or(FarmError::UnknownPool { pid, pools: self.pools.len() })
    }

    /// Stakes, and pays out what the stake has earned so far: `deposit`. What was paid.
    ///
    /// Payouts are capped by [`reward_balance`](Self::reward_balance), and what is capped is lost to the staker.
    ///
    /// # Errors
    /// In the contract's order: [`FarmError::DepositByStaking`], as [`update_pool`](Self::update_pool), overflows.
    #[inline]
    pub fn deposit(&mut self, owner: Owner, pid: u32, amount: L::Amount) -> Result<L::Amount, FarmError> {
        if self.variant == Variant::Pancake && pid == 0 {
            return Err(FarmError::DepositByStaking);
        }
        self.restake(owner, pid, |staked| Ok(L::sum(staked, amount)?), amount)
    }

    /// Takes stake back, and pays out what it has earned: `withdraw`. What was paid in rewards.
    ///
    /// # Errors
    /// In the contract's order: [`FarmError::WithdrawByUnstaking`], [`FarmError::StakeTooSmall`], as [`update_pool`](Self::update_pool),
    /// [`FarmError::InsufficientTokens`].
    #[inline]
    pub fn withdraw(&mut self, owner: Owner, pid: u32, amount: L::Amount) -> Result<L::Amount, FarmError> {
        if self.variant == Variant::Pancake && pid == 0 {
            return Err(FarmError::WithdrawByUnstaking);
        }
        self.take_back(owner, pid, amount)
    }

    /// Stakes the reward token itself in pool 0: PancakeSwap's `enterStaking`. What was paid in rewards.
    ///
    /// # Errors
    /// [`FarmError::Unsupported`] by SushiSwap's; else as [`deposit`](Self::deposit).
    pub fn enter_staking(&mut self, owner: Owner, amount: L::Amount) -> Result<L::Amount, FarmError> {
        if self.variant == Variant::Sushi {
            return Err(FarmError::Unsupported { operation: "enterStaking" });
        }
        self.restake(owner, 0, |staked| Ok(L::sum(staked, amount)?), amount)
    }

    /// Takes the reward token back from pool 0: PancakeSwap's `leaveStaking`. What was paid in rewards.
    ///
    /// # Errors
    /// [`FarmError::Unsupported`] by SushiSwap's; else as [`withdraw`](Self::withdraw).
    pub fn leave_staking(&mut self, owner: Owner, amount: L::Amount) -> Result<L::Amount, FarmError> {
        if self.variant == Variant::Sushi {
            return Err(FarmError::Unsupported { operation: "leaveStaking" });
        }
        self.take_back(owner, 0, amount)
    }

    fn take_back(&mut self, owner: Owner, pid: u32, amount: L::Amount) -> Result<L::Amount, FarmError> {
        let too_small = |staked| FarmError::StakeTooSmall { staked: L::amount_to_f64(staked), amount: L::amount_to_f64(amount) };
        self.restake(owner, pid, |staked| L::checked_sub(staked, amount).ok_or_else(|| too_small(staked)), amount)
    }

    /// Updates the pool, pays what is pending, and sets the stake to what `change` makes of it.
    #[inline]
    fn restake(
        &mut self,
        owner: Owner,
        pid: u32,
        change: impl FnOnce(L::Amount) -> Result<L::Amount, FarmError>,
        amount: L::Amount,
    ) -> Result<L::Amount, FarmError> {
        let pool = *self.pool(pid)?;
        valid::<L>(amount)?;
        let stake = self.stake(owner, pid);
        let staked = change(stake.amount)?;
        let update = self.plan_minting(&pool)?;
        let per_share = update.as_ref().map_or(pool.per_share, |update| update.per_share);
        let pending = stake.pending(per_share)?;
        let mark = L::mark(staked, per_share, SCALE)?;

        // Everything is tried on copies of the few balances it concerns, and then done.
        let minted = update.as_ref().map_or(L::ZERO, |update| update.minted);
        let mut reward = self.purse.reward;
        let mut bar = self.bar;
        let paid = match self.variant {
            Variant::Sushi => {
                reward.other = L::sum(reward.other, minted)?;
                reward.pay(pending)?
            }
            Variant::Pancake => {
                bar = L::sum(bar, minted)?;
                let paid = L::least(pending, bar);
                bar = L::part_off(bar, paid)?;
                paid
            }
        };
        let holding: Holding<L> = if pool.token == StakeToken::Reward { reward } else { self.purse.get(pool.token) };
        let holding = holding.restaked(stake.amount, staked)?;

        if let Some(update) = &update {
            self.apply(pid, update)?;
        }
        self.purse.reward = reward;
        self.bar = bar;
        self.purse.set(pool.token, holding);
        self.stakes.insert((pid, owner), ChefStake { amount: staked, mark });
        self.ledger.pay(paid, pending);
        Ok(paid)
    }

    /// Takes all stake back and gives up what it has earned: `emergencyWithdraw`. The stake that was paid back.
    ///
    /// The pool is not updated; what is given up stays in the farm and belongs to nobody.
    ///
    /// # Errors
    /// [`FarmError::UnknownPool`], [`FarmError::InsufficientTokens`].
    pub fn emergency_withdraw(&mut self, owner: Owner, pid: u32) -> Result<L::Amount, FarmError> {
        let pool = *self.pool(pid)?;
        let stake = self.stake(owner, pid);
        let holding = self.purse.get(pool.token).restaked(stake.amount, L::ZERO)?;
        self.purse.set(pool.token, holding);
        self.stakes.insert((pid, owner), ChefStake::default());
        Ok(stake.amount)
    }

    /// What a stake has earned and was not paid: `pendingSushi`, `pendingCake`.
    ///
    /// # Errors
    /// As [`update_pool`](Self::update_pool).
    pub fn pending(&self, owner: Owner, pid: u32) -> Result<L::Amount, FarmError> {
        let pool = self.pool(pid)?;
        let update = self.plan_update(pool)?;
        self.stake(owner, pid).pending(update.map_or(pool.per_share, |update| update.per_share))
    }

    /// Sends tokens to the farm, on nobody's behalf. As stakes count by the farm's balance, a donation of what is staked dilutes
    /// everybody.
    ///
    /// # Errors
    /// `amount` is no amount, or the balance does not fit.
    pub fn donate(&mut self, token: StakeToken, amount: L::Amount) -> Result<(), FarmError> {
        valid::<L>(amount)?;
        let mut holding = self.purse.get(token);
        holding.other = L::sum(holding.other, amount)?;
        holding.balance()?;
        self.purse.set(token, holding);
        Ok(())
    }
}

fn valid<L: Lane>(amount: L::Amount) -> Result<(), FarmError> {
    if L::is_valid(amount) { Ok(()) } else { Err(FarmError::InvalidAmount { amount: L::amount_to_f64(amount) }) }
}
