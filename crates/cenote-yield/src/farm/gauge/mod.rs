//! Curve's gauges: a part of the token's inflation, by stakes that votes boost, and other rewards by stakes as they are.
//!
//! Source: `LiquidityGaugeV5.vy`, `VotingEscrow.vy`, `ERC20CRV.vy` and `Minter.vy` of Curve's DAO contracts.

mod error;
mod escrow;
mod inflation;
mod rewards;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cenote_amm::Owner;

use super::Arithmetic;
use crate::emission::CurveInflation;
pub use error::GaugeError;
pub use escrow::{LockedBalance, VotingEscrow};
use inflation::Integral;
pub use rewards::GaugeReward;

/// Integrals are 10^18 times what they mean.
const SCALE: u64 = 1_000_000_000_000_000_000;
/// `TOKENLESS_PRODUCTION`: what a stake counts without votes, in percent.
const TOKENLESS: u128 = 40;
/// `MAX_REWARDS`.
const MAX_REWARDS: usize = 8;

/// Somebody's stake in a gauge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaugeStake<L: Arithmetic> {
    balance: L::Amount,
    working: L::Amount,
    mark: L::Sum,
    fraction: L::Amount,
    minted: L::Amount,
    checkpoint: u64,
}

impl<L: Arithmetic> Default for GaugeStake<L> {
    fn default() -> Self {
        let zero = L::ZERO;
        Self { balance: zero, working: zero, mark: L::Sum::default(), fraction: zero, minted: zero, checkpoint: 0 }
    }
}

impl<L: Arithmetic> GaugeStake<L> {
    /// How much is staked.
    pub fn balance(&self) -> L::Amount {
        self.balance
    }

    /// What it counts as: `working_balances`. Two fifths of it without votes, all of it with enough of them.
    pub fn working_balance(&self) -> L::Amount {
        self.working
    }

    /// All inflation earned up to the last checkpoint: `integrate_fraction`.
    pub fn integrate_fraction(&self) -> L::Amount {
        self.fraction
    }

    /// All inflation minted to the owner: `Minter.minted`.
    pub fn minted(&self) -> L::Amount {
        self.minted
    }

    /// When the stake was last counted, in Unix seconds.
    pub fn checkpoint(&self) -> u64 {
        self.checkpoint
    }
}

/// A gauge with the escrow whose votes boost it and the inflation it has a part of.
///
/// ```
/// use cenote_amm::{Fast, Owner};
/// use cenote_yield::farm::Gauge;
///
/// let (alice, bob, week) = (Owner::new(1), Owner::new(2), 7 * 86_400);
/// let mut gauge = Gauge::<Fast>::new(100 * week)?;
/// // A tenth of the inflation.
/// gauge.set_relative_weight(0, 100_000_000_000_000_000)?;
/// gauge.escrow_mut().create_lock(alice, 1000.0, 200 * week)?;
/// gauge.deposit(alice, 100.0)?;
/// gauge.deposit(bob, 900.0)?;
/// // All votes, and a tenth of all stakes: Alice's count in full, Bob's two fifths.
/// gauge.user_checkpoint(alice)?;
/// assert_eq!((gauge.stake(alice).working_balance(), gauge.stake(bob).working_balance()), (100.0, 360.0));
/// gauge.set_block_timestamp(101 * week)?;
/// let (a, b) = (gauge.mint(alice)?, gauge.mint(bob)?);
/// assert!((b / a - 3.6).abs() < 1e-12);
/// assert!(((a + b) / (0.1 * 279_636_603.0 / 365.0 * 7.0) - 1.0).abs() < 1e-12);
/// # Ok::<(), cenote_yield::farm::gauge::GaugeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gauge<L: Arithmetic> {
    block_timestamp: u64,
    escrow: VotingEscrow<L>,
    inflation: CurveInflation<L>,
    /// Parts of 10^18 of the inflation, from given weeks on.
    weights: BTreeMap<u64, u64>,
    integral: Integral<L>,
    killed: bool,
    total_supply: L::Sum,
    working_supply: L::Sum,
    stakers: u64,
    stakes: BTreeMap<Owner, GaugeStake<L>>,
    rewards: Vec<GaugeReward<L>>,
    minted: L::Amount,
}

/// Inflation counted up to now, and one stake with what it has earned.
struct Checkpoint<L: Arithmetic> {
    integral: Integral<L>,
    inflation: CurveInflation<L>,
    stake: GaugeStake<L>,
}

impl<L: Arithmetic> Gauge<L> {
    /// An empty gauge without a weight, an empty escrow and an inflation in its first year, all made at this time in Unix seconds.
    ///
    /// # Errors
    /// Never: the inflation's numbers fit both lanes.
    pub fn new(block_timestamp: u64) -> Result<Self, GaugeError> {
        Self::with(VotingEscrow::new(block_timestamp), CurveInflation::new(block_timestamp)?, block_timestamp)
    }

    /// An empty gauge, made at this time, with an escrow and an inflation that have a past.
    ///
    /// # Errors
    /// [`GaugeError::ClockRunsBack`] if one of them is ahead of that time.
    pub fn with(escrow: VotingEscrow<L>, inflation: CurveInflation<L>, block_timestamp: u64) -> Result<Self, GaugeError> {
        let (mut escrow, mut inflation) = (escrow, inflation);
        escrow.set_block_timestamp(block_timestamp)?;
        inflation.set_block_timestamp(block_timestamp)?;
        inflation.update_mining_parameters()?;
        let integral = Integral::new(block_timestamp, &inflation);
        Ok(Self {
            block_timestamp,
            escrow,
            inflation,
            weights: BTreeMap::new(),
            integral,
            killed: false,
            total_supply: L::Sum::default(),
            working_supply: L::Sum::default(),
            stakers: 0,
            stakes: BTreeMap::new(),
            rewards: Vec::new(),
            minted: L::ZERO,
        })
    }

    /// Unix seconds of the block in which calls run now.
    pub fn block_timestamp(&self) -> u64 {
        self.block_timestamp
    }

    /// Moves to a later block. Nothing else happens: rewards are counted when somebody calls.
    ///
    /// # Errors
    /// [`GaugeError::ClockRunsBack`].
    pub fn set_block_timestamp(&mut self, block_timestamp: u64) -> Result<(), GaugeError> {
        self.escrow.set_block_timestamp(block_timestamp)?;
        self.inflation.set_block_timestamp(block_timestamp)?;
        self.block_timestamp = block_timestamp;
        Ok(())
    }

    /// The escrow whose votes boost stakes.
    pub fn escrow(&self) -> &VotingEscrow<L> {
        &self.escrow
    }

    /// The same, to lock tokens in. Its clock is the gauge's.
    pub fn escrow_mut(&mut self) -> &mut VotingEscrow<L> {
        &mut self.escrow
    }

    /// The token's inflation.
    pub fn inflation(&self) -> &CurveInflation<L> {
        &self.inflation
    }

    /// Gives the gauge a part of the inflation, of 10^18, from the week of `time` on: what the gauge controller's votes come to.
    ///
    /// # Errors
    /// [`GaugeError::WeightTooLarge`].
    pub fn set_relative_weight(&mut self, time: u64, weight: u64) -> Result<(), GaugeError> {
        if weight > SCALE {
            return Err(GaugeError::WeightTooLarge { weight });
        }
        self.weights.insert(time / escrow::WEEK * escrow::WEEK, weight);
        Ok(())
    }

    /// Stops the inflation, or lets it go on, from the last checkpoint on: `set_killed`.
    pub fn set_killed(&mut self, killed: bool) {
        self.killed = killed;
    }

    /// Somebody's stake; of nothing if there is none.
    pub fn stake(&self, owner: Owner) -> GaugeStake<L> {
        self.stakes.get(&owner).copied().unwrap_or_default()
    }

    /// All that is staked.
    pub fn total_supply(&self) -> L::Amount {
        L::value(self.total_supply)
    }

    /// What all stakes count as.
    pub fn working_supply(&self) -> L::Amount {
        L::value(self.working_supply)
    }

    /// All inflation minted here.
    pub fn minted(&self) -> L::Amount {
        self.minted
    }

    /// The gauge's part of the inflation up to the last checkpoint, whoever gets it.
    pub fn emitted(&self) -> L::Amount {
        self.integral.emitted
    }

    /// What of it goes to nobody, because nobody had staked. It is never minted.
    pub fn forgone(&self) -> L::Amount {
        self.integral.forgone
    }

    /// The reward tokens besides the inflation.
    pub fn rewards(&self) -> &[GaugeReward<L>] {
        &self.rewards
    }

    /// Counts inflation up to now, and what somebody has earned of it: `_checkpoint`.
    fn checkpointed(&self, owner: Owner) -> Result<Checkpoint<L>, GaugeError> {
        let mut inflation = self.inflation.clone();
        let integral =
            self.integral.advanced(&mut inflation, &self.weights, self.working_supply(), self.killed, self.block_timestamp)?;
        let mut stake = self.stake(owner);
        let earned = L::accrued(stake.working, L::growth(integral.per_unit, stake.mark)?, SCALE)?;
        stake.fraction = L::sum(stake.fraction, earned)?;
        stake.mark = integral.per_unit;
        stake.checkpoint = self.block_timestamp;
        Ok(Checkpoint { integral, inflation, stake })
    }

    /// What a stake of `l` out of `total` counts as now: `min(l, l·40/100 + total·votes/all·60/100)`.
    fn working(&self, owner: Owner, l: L::Amount, total: L::Amount) -> Result<L::Amount, GaugeError> {
        let (votes, all) = (self.escrow.balance_of(owner)?, self.escrow.total_supply()?);
        let mut limit = L::over(L::times(l, TOKENLESS)?, 100)?;
        if !L::is_zero(all) {
            let boosted = L::product_over(total, votes, all)?;
            limit = L::sum(limit, L::over(L::times(boosted, 100 - TOKENLESS)?, 100)?)?;
        }
        Ok(L::least(l, limit))
    }

    /// Sets somebody's stake after a checkpoint, with what it counts as: `_update_liquidity_limit`.
    fn restake(&mut self, owner: Owner, amount: Option<L::Amount>) -> Result<(), GaugeError> {
        let Checkpoint { integral, inflation, mut stake } = self.checkpointed(owner)?;
        let before = stake;
        let mut rewards = self.rewards.clone();
        let mut total_supply = self.total_supply;
        if let Some(balance) = amount {
            for reward in &mut rewards {
                reward.checkpoint(self.block_timestamp, self.total_supply(), Some((owner, before.balance)))?;
            }
            total_supply = if balance >= before.balance {
                L::plus(total_supply, L::difference(balance, before.balance)?)?
            } else {
                L::minus(total_supply, L::difference(before.balance, balance)?)?
            };
            stake.balance = balance;
        }
        let begins = L::is_zero(before.balance) && !L::is_zero(stake.balance);
        let ends = !L::is_zero(before.balance) && L::is_zero(stake.balance);
        let stakers = self.stakers.saturating_add(u64::from(begins)).saturating_sub(u64::from(ends));
        stake.working = self.working(owner, stake.balance, L::value(total_supply))?;
        let mut working_supply = L::minus(L::plus(self.working_supply, stake.working)?, before.working)?;
        if stakers == 0 {
            // Rounding leaves dust in sums of floats; without stakes there is none, and inflation must not be divided by it.
            (total_supply, working_supply) = (L::Sum::default(), L::Sum::default());
        }
        (self.integral, self.inflation, self.rewards) = (integral, inflation, rewards);
        (self.total_supply, self.working_supply, self.stakers) = (total_supply, working_supply, stakers);
        self.stakes.insert(owner, stake);
        Ok(())
    }

    /// Stakes `amount`: `deposit`.
    ///
    /// # Errors
    /// Overflows.
    pub fn deposit(&mut self, owner: Owner, amount: L::Amount) -> Result<(), GaugeError> {
        valid::<L>(amount)?;
        if L::is_zero(amount) {
            return self.count(owner);
        }
        self.restake(owner, Some(L::sum(self.stake(owner).balance, amount)?))
    }

    /// Takes `amount` of the stake back: `withdraw`.
    ///
    /// # Errors
    /// [`GaugeError::StakeTooSmall`], overflows.
    pub fn withdraw(&mut self, owner: Owner, amount: L::Amount) -> Result<(), GaugeError> {
        valid::<L>(amount)?;
        let staked = self.stake(owner).balance;
        let too_small = GaugeError::StakeTooSmall { staked: L::amount_to_f64(staked), amount: L::amount_to_f64(amount) };
        let left = L::checked_sub(staked, amount).ok_or(too_small)?;
        if L::is_zero(amount) { self.count(owner) } else { self.restake(owner, Some(left)) }
    }

    /// A deposit or withdrawal of nothing: the stake is counted, and goes on counting as what it did.
    fn count(&mut self, owner: Owner) -> Result<(), GaugeError> {
        let Checkpoint { integral, inflation, stake } = self.checkpointed(owner)?;
        (self.integral, self.inflation) = (integral, inflation);
        self.stakes.insert(owner, stake);
        Ok(())
    }

    /// Counts somebody's stake and sets what it counts as from now on: `user_checkpoint`.
    ///
    /// # Errors
    /// Overflows.
    pub fn user_checkpoint(&mut self, owner: Owner) -> Result<(), GaugeError> {
        self.restake(owner, None)
    }

    /// The same, of somebody else's stake whose boost has gone: `kick`.
    ///
    /// # Errors
    /// [`GaugeError::KickNotAllowed`], [`GaugeError::KickNotNeeded`].
    pub fn kick(&mut self, owner: Owner) -> Result<(), GaugeError> {
        let stake = self.stake(owner);
        let changed = self.escrow.last_change(owner) > stake.checkpoint;
        if !L::is_zero(self.escrow.balance_of(owner)?) && !changed {
            return Err(GaugeError::KickNotAllowed { owner: owner.id() });
        }
        if stake.working <= L::over(L::times(stake.balance, TOKENLESS)?, 100)? {
            return Err(GaugeError::KickNotNeeded { owner: owner.id() });
        }
        self.user_checkpoint(owner)
    }

    /// Inflation that somebody has earned and not had minted: `claimable_tokens`.
    ///
    /// # Errors
    /// Overflows.
    pub fn claimable_tokens(&self, owner: Owner) -> Result<L::Amount, GaugeError> {
        let Checkpoint { stake, .. } = self.checkpointed(owner)?;
        Ok(L::difference(stake.fraction, stake.minted)?)
    }

    /// Mints it: `Minter.mint`. What was minted.
    ///
    /// # Errors
    /// Overflows.
    pub fn mint(&mut self, owner: Owner) -> Result<L::Amount, GaugeError> {
        self.user_checkpoint(owner)?;
        let mut stake = self.stake(owner);
        let amount = L::difference(stake.fraction, stake.minted)?;
        let minted = L::sum(self.minted, amount)?;
        stake.minted = stake.fraction;
        self.stakes.insert(owner, stake);
        self.minted = minted;
        Ok(amount)
    }

    /// Makes room for another reward token: `add_reward`. Its number.
    ///
    /// # Errors
    /// [`GaugeError::NoSuchReward`]: there are eight.
    pub fn add_reward(&mut self) -> Result<usize, GaugeError> {
        let index = self.rewards.len();
        if index >= MAX_REWARDS {
            return Err(self.no_such_reward(index));
        }
        self.rewards.push(GaugeReward::default());
        Ok(index)
    }

    fn no_such_reward(&self, index: usize) -> GaugeError {
        GaugeError::NoSuchReward { index, count: self.rewards.len(), most: MAX_REWARDS }
    }

    /// Pays rewards in, to be handed out over a week from now with what is left of those before: `deposit_reward_token`.
    ///
    /// # Errors
    /// [`GaugeError::NoSuchReward`], overflows.
    pub fn deposit_reward_token(&mut self, index: usize, amount: L::Amount) -> Result<(), GaugeError> {
        valid::<L>(amount)?;
        let (now, total, refused) = (self.block_timestamp, self.total_supply(), self.no_such_reward(index));
        self.rewards.get_mut(index).ok_or(refused)?.pay_in(now, total, amount)
    }

    /// What somebody has earned of a reward and not claimed: `claimable_reward`.
    ///
    /// # Errors
    /// [`GaugeError::NoSuchReward`], overflows.
    pub fn claimable_reward(&self, owner: Owner, index: usize) -> Result<L::Amount, GaugeError> {
        let reward = self.rewards.get(index).ok_or_else(|| self.no_such_reward(index))?;
        reward.claimable(self.block_timestamp, self.total_supply(), owner, self.stake(owner).balance)
    }

    /// Pays all rewards besides the inflation: `claim_rewards`. One amount for each.
    ///
    /// # Errors
    /// Overflows.
    pub fn claim_rewards(&mut self, owner: Owner) -> Result<Vec<L::Amount>, GaugeError> {
        let (now, total, balance) = (self.block_timestamp, self.total_supply(), self.stake(owner).balance);
        let mut rewards = self.rewards.clone();
        let mut paid = Vec::with_capacity(rewards.len());
        for reward in &mut rewards {
            reward.checkpoint(now, total, Some((owner, balance)))?;
            paid.push(reward.claim(owner)?);
        }
        self.rewards = rewards;
        Ok(paid)
    }
}

fn valid<L: Arithmetic>(amount: L::Amount) -> Result<(), GaugeError> {
    if L::is_valid(amount) { Ok(()) } else { Err(GaugeError::InvalidAmount { amount: L::amount_to_f64(amount) }) }
}
