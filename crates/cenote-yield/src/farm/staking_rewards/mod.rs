//! `StakingRewards`: rewards paid in up front, handed out at a constant rate over a period.
//!
//! Sources: Synthetix' `StakingRewards.sol` as `@uniswap/liquidity-staker` 1.0.2 ships it; the mechanism is Batog, Boca and Johnson,
//! "Scalable reward distribution on the Ethereum blockchain" (2018).

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cenote_amm::{Lane, Owner};

use super::{Arithmetic, FarmError};

/// `rewardPerToken` is 10^18 times what a unit of stake has got.
const SCALE: u64 = 1_000_000_000_000_000_000;

/// Somebody's stake.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RewardsStake<L: Arithmetic> {
    balance: L::Amount,
    rewards: L::Amount,
    paid: L::Sum,
}

impl<L: Arithmetic> Default for RewardsStake<L> {
    fn default() -> Self {
        Self { balance: L::ZERO, rewards: L::ZERO, paid: L::Sum::default() }
    }
}

impl<L: Arithmetic> RewardsStake<L> {
    /// How much is staked: `balanceOf`.
    pub fn balance(&self) -> L::Amount {
        self.balance
    }

    /// What was earned when the stake was last touched, and not paid since: `rewards`.
    pub fn rewards(&self) -> L::Amount {
        self.rewards
    }

    /// What a unit of stake had got when this one was last touched, scaled: `userRewardPerTokenPaid`.
    pub fn reward_per_token_paid(&self) -> L::Amount {
        L::value(self.paid)
    }

    fn earned(&self, reward_per_token: L::Sum) -> Result<L::Amount, FarmError> {
        let since = L::growth(reward_per_token, self.paid)?;
        Ok(L::sum(L::accrued(self.balance, since, SCALE)?, self.rewards)?)
    }
}

/// A farm for one token.
///
/// ```
/// use cenote_amm::{Fast, Owner};
/// use cenote_yield::farm::StakingRewards;
///
/// let alice = Owner::new(1);
/// let mut farm = StakingRewards::<Fast>::new(100)?;
/// farm.stake(alice, 50.0)?;
/// farm.fund(1000.0)?;
/// farm.notify_reward_amount(1000.0)?;
/// farm.set_block_timestamp(25)?;
/// assert_eq!(farm.get_reward(alice)?, 250.0);
/// # Ok::<(), cenote_yield::farm::FarmError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StakingRewards<L: Arithmetic> {
    rewards_duration: u64,
    block_timestamp: u64,
    period_finish: u64,
    reward_rate: L::Amount,
    last_update_time: u64,
    reward_per_token_stored: L::Sum,
    total_supply: L::Sum,
    stakers: u64,
    stakes: BTreeMap<Owner, RewardsStake<L>>,
    held: L::Amount,
    funded: L::Amount,
    paid: L::Amount,
    forgone: L::Amount,
}

/// Where rewards stand now, before anything is changed.
struct Now<L: Arithmetic> {
    reward_per_token: L::Sum,
    last_update_time: u64,
    forgone: L::Amount,
}

impl<L: Arithmetic> StakingRewards<L> {
    /// An empty farm whose periods last `rewards_duration` seconds.
    ///
    /// # Errors
    /// The duration is zero: the contract could never be told of a reward.
    pub fn new(rewards_duration: u64) -> Result<Self, FarmError> {
        if rewards_duration == 0 {
            return Err(FarmError::TooShort { what: "a period", given: 0, least: 1 });
        }
        Ok(Self {
            rewards_duration,
            block_timestamp: 0,
            period_finish: 0,
            reward_rate: L::ZERO,
            last_update_time: 0,
            reward_per_token_stored: L::Sum::default(),
            total_supply: L::Sum::default(),
            stakers: 0,
            stakes: BTreeMap::new(),
            held: L::ZERO,
            funded: L::ZERO,
            paid: L::ZERO,
            forgone: L::ZERO,
        })
    }

    /// Unix seconds of the block in which calls run now.
    pub fn block_timestamp(&self) -> u64 {
        self.block_timestamp
    }

    /// Moves to a later block. Nothing else happens: rewards are counted when somebody calls.
    ///
    /// # Errors
    /// [`FarmError::ClockRunsBack`].
    pub fn set_block_timestamp(&mut self, block_timestamp: u64) -> Result<(), FarmError> {
        if block_timestamp < self.block_timestamp {
            return Err(FarmError::ClockRunsBack { now: self.block_timestamp, to: block_timestamp });
        }
        self.block_timestamp = block_timestamp;
        Ok(())
    }

    /// How long a period lasts, in seconds.
    pub fn rewards_duration(&self) -> u64 {
        self.rewards_duration
    }

    /// When the period ends, in Unix seconds.
    pub fn period_finish(&self) -> u64 {
        self.period_finish
    }

    /// Rewards a second, until the period ends.
    pub fn reward_rate(&self) -> L::Amount {
        self.reward_rate
    }

    /// The time up to which rewards are counted, in Unix seconds.
    pub fn last_update_time(&self) -> u64 {
        self.last_update_time
    }

    /// What a unit of stake had got by then, times 10^18 in the exact lane.
    pub fn reward_per_token_stored(&self) -> L::Amount {
        L::value(self.reward_per_token_stored)
    }

    /// All that is staked.
    pub fn total_supply(&self) -> L::Amount {
        L::value(self.total_supply)
    }

    /// Reward tokens that the contract holds.
    pub fn reward_balance(&self) -> L::Amount {
        self.held
    }

    /// Reward tokens that the contract was ever sent.
    pub fn funded(&self) -> L::Amount {
        self.funded
    }

    /// Rewards ever paid: what was [`funded`](Self::funded) less what is still [held](Self::reward_balance).
    pub fn paid(&self) -> L::Amount {
        self.paid
    }

    /// Rewards of seconds in which nobody had staked, up to [`last_update_time`](Self::last_update_time). They are paid to nobody and
    /// stay in the contract.
    pub fn forgone(&self) -> L::Amount {
        self.forgone
    }

    /// Somebody's stake; of nothing if there is none.
    pub fn stake_of(&self, owner: Owner) -> RewardsStake<L> {
        self.stakes.get(&owner).copied().unwrap_or_default()
    }

    /// `lastTimeRewardApplicable`.
    pub fn last_time_reward_applicable(&self) -> u64 {
        self.block_timestamp.min(self.period_finish)
    }

    #[inline]
    fn now(&self) -> Result<Now<L>, FarmError> {
        let last_update_time = self.last_time_reward_applicable();
        let elapsed = last_update_time.saturating_sub(self.last_update_time);
        if L::is_zero(L::value(self.total_supply)) {
            // The contract computes nothing here; what goes to nobody is told where it can be told.
            let forgone = L::times(self.reward_rate, elapsed.into()).unwrap_or(L::ZERO);
            return Ok(Now { reward_per_token: self.reward_per_token_stored, last_update_time, forgone });
        }
        let reward = L::times(self.reward_rate, elapsed.into())?;
        let since = L::per_share(reward, L::value(self.total_supply), SCALE)?;
        let reward_per_token = L::plus(self.reward_per_token_stored, since)?;
        Ok(Now { reward_per_token, last_update_time, forgone: L::ZERO })
    }

    /// What a unit of stake has got by now, times 10^18 in the exact lane.
    ///
    /// # Errors
    /// It does not fit.
    pub fn reward_per_token(&self) -> Result<L::Amount, FarmError> {
        Ok(L::value(self.now()?.reward_per_token))
    }

    /// What somebody has earned and was not paid.
    ///
    /// # Errors
    /// It does not fit.
    pub fn earned(&self, owner: Owner) -> Result<L::Amount, FarmError> {
        self.stake_of(owner).earned(self.now()?.reward_per_token)
    }

    #[inline]
    fn settle(&mut self, now: &Now<L>) {
        self.reward_per_token_stored = now.reward_per_token;
        self.last_update_time = now.last_update_time;
        self.forgone = L::checked_add(self.forgone, now.forgone).unwrap_or(self.forgone);
    }

    /// The modifier `updateReward` for somebody: where rewards stand, and the stake with what it has earned.
    #[inline]
    fn touched(&self, owner: Owner) -> Result<(Now<L>, RewardsStake<L>), FarmError> {
        let now = self.now()?;
        let mut stake = self.stake_of(owner);
        stake.rewards = stake.earned(now.reward_per_token)?;
        stake.paid = now.reward_per_token;
        Ok((now, stake))
    }

    /// Stakes `amount`.
    ///
    /// # Errors
    /// In the contract's order: overflows, [`FarmError::StakesNothing`].
    #[inline]
    pub fn stake(&mut self, owner: Owner, amount: L::Amount) -> Result<(), FarmError> {
        valid::<L>(amount)?;
        let (now, mut stake) = self.touched(owner)?;
        if L::is_zero(amount) {
            return Err(FarmError::StakesNothing);
        }
        let total_supply = L::plus(self.total_supply, amount)?;
        let begins = L::is_zero(stake.balance);
        stake.balance = L::sum(stake.balance, amount)?;
        self.settle(&now);
        self.total_supply = total_supply;
        self.stakers = self.stakers.saturating_add(u64::from(begins));
        self.stakes.insert(owner, stake);
        Ok(())
    }

    /// Takes `amount` of the stake back. Rewards stay until [`get_reward`](Self::get_reward).
    ///
    /// # Errors
    /// In the contract's order: overflows, [`FarmError::WithdrawsNothing`], [`SubUnderflow`](cenote_amm::MathError::SubUnderflow) if
    /// less is staked.
    #[inline]
    pub fn withdraw(&mut self, owner: Owner, amount: L::Amount) -> Result<(), FarmError> {
        valid::<L>(amount)?;
        let (now, mut stake) = self.touched(owner)?;
        if L::is_zero(amount) {
            return Err(FarmError::WithdrawsNothing);
        }
        stake.balance = L::difference(stake.balance, amount)?;
        let total_supply = L::minus(self.total_supply, amount)?;
        self.settle(&now);
        self.stakers = self.stakers.saturating_sub(u64::from(L::is_zero(stake.balance)));
        // Rounding leaves dust in a sum of floats; without stakes there is none, and rewards must not be divided by it.
        self.total_supply = if self.stakers == 0 { L::Sum::default() } else { total_supply };
        self.stakes.insert(owner, stake);
        Ok(())
    }

    /// Pays what was earned: `getReward`. What was paid.
    ///
    /// # Errors
    /// Overflows; [`FarmError::InsufficientTokens`].
    #[inline]
    pub fn get_reward(&mut self, owner: Owner) -> Result<L::Amount, FarmError> {
        let (now, mut stake) = self.touched(owner)?;
        if !L::covers(self.held, stake.rewards) {
            return Err(FarmError::InsufficientTokens {
                held: L::amount_to_f64(self.held),
                amount: L::amount_to_f64(stake.rewards),
            });
        }
        let reward = L::least(stake.rewards, self.held);
        let paid = L::sum(self.paid, reward)?;
        stake.rewards = L::ZERO;
        self.settle(&now);
        self.held = L::part_off(self.held, reward)?;
        self.paid = paid;
        self.stakes.insert(owner, stake);
        Ok(reward)
    }

    /// Takes all stake back and pays what was earned: `exit`. What was paid in rewards.
    ///
    /// # Errors
    /// As [`withdraw`](Self::withdraw) and [`get_reward`](Self::get_reward); then neither happens.
    pub fn exit(&mut self, owner: Owner) -> Result<L::Amount, FarmError> {
        let stake = self.stake_of(owner);
        let before = (self.reward_per_token_stored, self.last_update_time, self.forgone, self.total_supply, self.stakers);
        self.withdraw(owner, stake.balance)?;
        self.get_reward(owner).inspect_err(|_| {
            (self.reward_per_token_stored, self.last_update_time, self.forgone, self.total_supply, self.stakers) = before;
            self.stakes.insert(owner, stake);
        })
    }

    /// Sends reward tokens to the contract. They count as rewards once it is [told](Self::notify_reward_amount).
    ///
    /// # Errors
    /// `amount` is no amount, or the balance does not fit.
    pub fn fund(&mut self, amount: L::Amount) -> Result<(), FarmError> {
        valid::<L>(amount)?;
        let funded = L::sum(self.funded, amount)?;
        self.held = L::sum(self.held, amount)?;
        self.funded = funded;
        Ok(())
    }

    /// Begins a period now: `reward`, and whatever the period that still runs has left, are handed out over its duration.
    ///
    /// # Errors
    /// In the contract's order: overflows, [`FarmError::RewardTooHigh`].
    pub fn notify_reward_amount(&mut self, reward: L::Amount) -> Result<(), FarmError> {
        valid::<L>(reward)?;
        let now = self.now()?;
        let duration = self.rewards_duration;
        let remaining = self.period_finish.saturating_sub(self.block_timestamp);
        let rate = if remaining == 0 {
            L::over(reward, duration.into())?
        } else {
            let leftover = L::times(self.reward_rate, remaining.into())?;
            L::over(L::sum(reward, leftover)?, duration.into())?
        };
        if !L::covers(L::over(self.held, duration.into())?, rate) {
            return Err(FarmError::RewardTooHigh { rate: L::amount_to_f64(rate), duration, held: L::amount_to_f64(self.held) });
        }
        let period_finish = self.block_timestamp.checked_add(duration).ok_or(cenote_amm::MathError::AddOverflow)?;
        self.settle(&now);
        self.reward_rate = rate;
        self.last_update_time = self.block_timestamp;
        self.period_finish = period_finish;
        Ok(())
    }
}

fn valid<L: Lane>(amount: L::Amount) -> Result<(), FarmError> {
    if L::is_valid(amount) { Ok(()) } else { Err(FarmError::InvalidAmount { amount: L::amount_to_f64(amount) }) }
}
