//! Uniswap's staker for v3 positions: an incentive's reward goes by seconds inside the range, weighted by the share of the liquidity in range.
//!
//! The pool's oracle sums up seconds per liquidity; what of that sum fell inside a range, times a position's liquidity, is the time for which the
//! position alone would have been all the liquidity there is. An incentive pays its reward by these seconds out of those that it lasts. Liquidity
//! that is not staked takes its part of the seconds too, and that part goes back to whoever paid the incentive, or to later stakers.
//!
//! Source: `UniswapV3Staker.sol` and `RewardMath.sol` of `@uniswap/v3-staker` 1.0.2.

mod error;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cenote_amm::concentrated::V3Pool;
use cenote_amm::{Lane, Owner, TickRange, U256};

use super::Arithmetic;
pub use error::StakerError;

/// What names an incentive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncentiveKey {
    /// The token it pays.
    pub reward_token: u32,
    /// The pool whose positions it pays.
    pub pool: u32,
    /// When it begins, in Unix seconds.
    pub start_time: u64,
    /// When it ends.
    pub end_time: u64,
    /// Who gets what is left.
    pub refundee: Owner,
}

/// An incentive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Incentive<L: Lane> {
    unclaimed: L::Amount,
    /// `uint160`: seconds of which the reward is paid out, Q32.128.
    seconds_claimed_x128: U256,
    stakes: u64,
}

impl<L: Lane> Incentive<L> {
    /// The reward that nobody has unstaked yet: `totalRewardUnclaimed`.
    pub fn total_reward_unclaimed(&self) -> L::Amount {
        self.unclaimed
    }

    /// Seconds that were paid for, times 2^128: `totalSecondsClaimedX128`.
    pub fn total_seconds_claimed_x128(&self) -> U256 {
        self.seconds_claimed_x128
    }

    /// How many positions are staked in it.
    pub fn number_of_stakes(&self) -> u64 {
        self.stakes
    }
}

/// A position in the staker's keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Deposit {
    owner: Owner,
    range: TickRange,
    stakes: u64,
}

/// A position staked in an incentive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stake {
    initial_x128: U256,
    liquidity: u128,
}

/// What a stake is worth now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RewardInfo<L: Lane> {
    /// The reward if it were unstaked now.
    pub reward: L::Amount,
    /// The seconds it has been all the liquidity there is, times 2^128.
    pub seconds_inside_x128: U256,
}

/// The staker. Positions are numbered by whoever issues them; their liquidity and the pool's oracle are the caller's to read.
///
/// ```
/// use cenote_amm::concentrated::{FeeTier, V3Pool, ProtocolFeeScheme};
/// use cenote_amm::{Concentrated, Fast, Owner, TickRange};
/// use cenote_yield::farm::V3Staker;
/// use cenote_yield::farm::v3_staker::IncentiveKey;
///
/// let (alice, bob) = (Owner::new(1), Owner::new(2));
/// let mut pool = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_30);
/// pool.initialize_at_price(1.0)?;
/// let pool = pool.v3_mut();
/// let range = TickRange { lower: -600, upper: 600 };
/// pool.mint(alice, range, 1_000_000)?;
/// pool.mint(bob, range, 3_000_000)?;
///
/// let mut staker = V3Staker::<Fast>::new(1000, 100_000);
/// let key = IncentiveKey { reward_token: 0, pool: 0, start_time: 0, end_time: 1000, refundee: bob };
/// staker.create_incentive(key, 500.0)?;
/// staker.deposit(alice, 7, range);
/// staker.stake(alice, 7, key, 1_000_000, pool)?;
/// pool.set_block_timestamp(1000);
/// staker.set_block_timestamp(1000)?;
/// staker.unstake(alice, 7, key, pool)?;
/// // A quarter of the liquidity; Bob has not staked his, and gets the rest back as the refundee.
/// assert!((staker.claim(alice, 0, 0.0)? - 125.0).abs() < 1e-6);
/// assert!((staker.end_incentive(key)? - 375.0).abs() < 1e-6);
/// # Ok::<(), cenote_yield::farm::v3_staker::StakerError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct V3Staker<L: Lane> {
    longest_lead: u64,
    longest: u64,
    block_timestamp: u64,
    incentives: BTreeMap<IncentiveKey, Incentive<L>>,
    deposits: BTreeMap<u64, Deposit>,
    stakes: BTreeMap<(u64, IncentiveKey), Stake>,
    rewards: BTreeMap<(u32, Owner), L::Amount>,
}

/// `uint160`: what does not fit is dropped.
fn wrapped(number: U256) -> U256 {
    const MASK: U256 = U256::from_limbs([u64::MAX, u64::MAX, u64::MAX >> 32, 0]);
    number & MASK
}

fn inside<L: Lane>(pool: &V3Pool<L>, range: TickRange) -> Result<U256, StakerError> {
    Ok(U256::from(pool.snapshot_cumulatives_inside(range)?.cumulatives.seconds_per_liquidity_x128))
}

impl<L: Arithmetic> V3Staker<L> {
    /// A staker whose incentives begin `longest_lead` seconds ahead at most and last `longest` at most.
    pub fn new(longest_lead: u64, longest: u64) -> Self {
        Self {
            longest_lead,
            longest,
            block_timestamp: 0,
            incentives: BTreeMap::new(),
            deposits: BTreeMap::new(),
            stakes: BTreeMap::new(),
            rewards: BTreeMap::new(),
        }
    }

    /// Unix seconds of the block in which calls run now.
    pub fn block_timestamp(&self) -> u64 {
        self.block_timestamp
    }

    /// Moves to a later block. The pools' clocks are to follow.
    ///
    /// # Errors
    /// [`StakerError::ClockRunsBack`].
    pub fn set_block_timestamp(&mut self, block_timestamp: u64) -> Result<(), StakerError> {
        if block_timestamp < self.block_timestamp {
            return Err(StakerError::ClockRunsBack { now: self.block_timestamp, to: block_timestamp });
        }
        self.block_timestamp = block_timestamp;
        Ok(())
    }

    /// An incentive, if it was ever created.
    pub fn incentive(&self, key: &IncentiveKey) -> Option<&Incentive<L>> {
        self.incentives.get(key)
    }

    /// What somebody may claim of a token.
    pub fn rewards(&self, owner: Owner, reward_token: u32) -> L::Amount {
        self.rewards.get(&(reward_token, owner)).copied().unwrap_or(L::ZERO)
    }

    /// Pays a reward in: `createIncentive`. Of one that is there already, it becomes more.
    ///
    /// # Errors
    /// In the contract's order: [`StakerError::NoReward`], [`StakerError::StartInThePast`], [`StakerError::StartTooLate`],
    /// [`StakerError::EndsTooSoon`], [`StakerError::TooLong`].
    pub fn create_incentive(&mut self, key: IncentiveKey, reward: L::Amount) -> Result<(), StakerError> {
        let (now, start, end) = (self.block_timestamp, key.start_time, key.end_time);
        if !L::is_valid(reward) {
            return Err(StakerError::InvalidAmount { amount: L::amount_to_f64(reward) });
        }
        if L::is_zero(reward) {
            return Err(StakerError::NoReward);
        }
        if now > start {
            return Err(StakerError::StartInThePast { start, now });
        }
        if start - now > self.longest_lead {
            return Err(StakerError::StartTooLate { start, latest: now.saturating_add(self.longest_lead) });
        }
        if start >= end {
            return Err(StakerError::EndsTooSoon { start, end });
        }
        if end - start > self.longest {
            return Err(StakerError::TooLong { duration: end - start, longest: self.longest });
        }
        let incentive =
            self.incentives.entry(key).or_insert(Incentive { unclaimed: L::ZERO, seconds_claimed_x128: U256::ZERO, stakes: 0 });
        // Nothing was changed but an empty incentive, which is none.
        incentive.unclaimed = L::checked_add(incentive.unclaimed, reward).ok_or(StakerError::TooManySeconds)?;
        Ok(())
    }

    /// Pays what is left back: `endIncentive`. What was paid.
    ///
    /// # Errors
    /// In the contract's order: [`StakerError::NotOver`], [`StakerError::NoRefund`], [`StakerError::StillStaked`].
    pub fn end_incentive(&mut self, key: IncentiveKey) -> Result<L::Amount, StakerError> {
        if self.block_timestamp < key.end_time {
            return Err(StakerError::NotOver { end: key.end_time, now: self.block_timestamp });
        }
        let incentive = self.incentives.get_mut(&key).ok_or(StakerError::NoRefund)?;
        if L::is_zero(incentive.unclaimed) {
            return Err(StakerError::NoRefund);
        }
        if incentive.stakes > 0 {
            return Err(StakerError::StillStaked { stakes: incentive.stakes });
        }
        Ok(core::mem::replace(&mut incentive.unclaimed, L::ZERO))
    }

    /// Takes a position into keeping: `onERC721Received` without data.
    pub fn deposit(&mut self, owner: Owner, token: u64, range: TickRange) {
        self.deposits.insert(token, Deposit { owner, range, stakes: 0 });
    }

    fn own(&self, caller: Owner, token: u64) -> Result<Deposit, StakerError> {
        let deposit = self.deposits.get(&token).filter(|deposit| deposit.owner == caller);
        deposit.copied().ok_or(StakerError::NotOwner { token, caller: caller.id() })
    }

    /// Gives a position in keeping to somebody else: `transferDeposit`.
    ///
    /// # Errors
    /// [`StakerError::NotOwner`].
    pub fn transfer_deposit(&mut self, caller: Owner, token: u64, to: Owner) -> Result<(), StakerError> {
        let deposit = self.own(caller, token)?;
        self.deposits.insert(token, Deposit { owner: to, ..deposit });
        Ok(())
    }

    /// Gives a position back: `withdrawToken`.
    ///
    /// # Errors
    /// In the contract's order: [`StakerError::TokenStaked`], [`StakerError::NotOwner`].
    pub fn withdraw(&mut self, caller: Owner, token: u64) -> Result<(), StakerError> {
        if let Some(stakes) = self.deposits.get(&token).map(|deposit| deposit.stakes).filter(|stakes| *stakes > 0) {
            return Err(StakerError::TokenStaked { token, stakes });
        }
        self.own(caller, token)?;
        self.deposits.remove(&token);
        Ok(())
    }

    /// Stakes a position in keeping, which has this much liquidity: `stakeToken`.
    ///
    /// # Errors
    /// In the contract's order: [`StakerError::NotOwner`], [`StakerError::NotStarted`], [`StakerError::Ended`],
    /// [`StakerError::NoIncentive`], [`StakerError::AlreadyStaked`], [`StakerError::NoLiquidity`], and what the pool's oracle refuses.
    pub fn stake(
        &mut self,
        caller: Owner,
        token: u64,
        key: IncentiveKey,
        liquidity: u128,
        pool: &V3Pool<L>,
    ) -> Result<(), StakerError> {
        let deposit = self.own(caller, token)?;
        let now = self.block_timestamp;
        if now < key.start_time {
            return Err(StakerError::NotStarted { start: key.start_time, now });
        }
        if now >= key.end_time {
            return Err(StakerError::Ended { end: key.end_time, now });
        }
        let incentive = self.incentives.get_mut(&key).filter(|incentive| !L::is_zero(incentive.unclaimed));
        let incentive = incentive.ok_or(StakerError::NoIncentive)?;
        if self.stakes.contains_key(&(token, key)) {
            return Err(StakerError::AlreadyStaked { token });
        }
        if liquidity == 0 {
            return Err(StakerError::NoLiquidity { token });
        }
        let initial_x128 = inside(pool, deposit.range)?;
        incentive.stakes = incentive.stakes.saturating_add(1);
        self.deposits.insert(token, Deposit { stakes: deposit.stakes.saturating_add(1), ..deposit });
        self.stakes.insert((token, key), Stake { initial_x128, liquidity });
        Ok(())
    }

    /// What a stake would be paid now: `getRewardInfo`.
    ///
    /// # Errors
    /// [`StakerError::NotStaked`]; what the pool's oracle refuses; [`StakerError::TooManySeconds`].
    pub fn reward_info(&self, token: u64, key: IncentiveKey, pool: &V3Pool<L>) -> Result<RewardInfo<L>, StakerError> {
        let not_staked = StakerError::NotStaked { token };
        let stake = self.stakes.get(&(token, key)).ok_or(not_staked)?;
        let deposit = self.deposits.get(&token).ok_or(not_staked)?;
        let incentive = self.incentives.get(&key).ok_or(not_staked)?;
        // `uint160` arithmetic without checks.
        let grown = wrapped(inside(pool, deposit.range)?.wrapping_sub(stake.initial_x128));
        let seconds_inside_x128 = wrapped(grown.wrapping_mul(U256::from(stake.liquidity)));
        let lasted = U256::from(key.end_time.max(self.block_timestamp).saturating_sub(key.start_time));
        let unclaimed_x128 = lasted.wrapping_shl(128).wrapping_sub(incentive.seconds_claimed_x128);
        let reward = L::full_ratio(incentive.unclaimed, seconds_inside_x128, unclaimed_x128).ok_or(StakerError::TooManySeconds)?;
        Ok(RewardInfo { reward, seconds_inside_x128 })
    }

    /// Ends a stake and books its reward: `unstakeToken`. Anybody can, once the incentive is over. The reward.
    ///
    /// # Errors
    /// In the contract's order: [`StakerError::NotOwner`], then as [`reward_info`](Self::reward_info).
    pub fn unstake(&mut self, caller: Owner, token: u64, key: IncentiveKey, pool: &V3Pool<L>) -> Result<L::Amount, StakerError> {
        if self.block_timestamp < key.end_time {
            self.own(caller, token)?;
        }
        let info = self.reward_info(token, key, pool)?;
        let not_staked = StakerError::NotStaked { token };
        let deposit = self.deposits.get(&token).copied().ok_or(not_staked)?;
        let incentive = self.incentives.get(&key).copied().ok_or(not_staked)?;
        let unclaimed = L::part_off(incentive.unclaimed, info.reward).map_err(|_| StakerError::TooManySeconds)?;
        let booked =
            L::checked_add(self.rewards(deposit.owner, key.reward_token), info.reward).ok_or(StakerError::TooManySeconds)?;
        let seconds_claimed_x128 = wrapped(incentive.seconds_claimed_x128.wrapping_add(info.seconds_inside_x128));
        self.incentives.insert(key, Incentive { unclaimed, seconds_claimed_x128, stakes: incentive.stakes.saturating_sub(1) });
        self.deposits.insert(token, Deposit { stakes: deposit.stakes.saturating_sub(1), ..deposit });
        self.stakes.remove(&(token, key));
        self.rewards.insert((key.reward_token, deposit.owner), booked);
        Ok(info.reward)
    }

    /// Pays booked rewards, `requested` of them or all if that is zero or too much: `claimReward`. What was paid.
    ///
    /// # Errors
    /// [`StakerError::InvalidAmount`].
    pub fn claim(&mut self, owner: Owner, reward_token: u32, requested: L::Amount) -> Result<L::Amount, StakerError> {
        if !L::is_valid(requested) {
            return Err(StakerError::InvalidAmount { amount: L::amount_to_f64(requested) });
        }
        let booked = self.rewards(owner, reward_token);
        let paid = if L::is_zero(requested) { booked } else { L::least(requested, booked) };
        self.rewards.insert((reward_token, owner), L::checked_sub(booked, paid).unwrap_or(L::ZERO));
        Ok(paid)
    }
}
