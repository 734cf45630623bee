//! PancakeSwap's `MasterChef` for v3 positions: pools share an emission by allocation points, and positions share a pool's part by their liquidity while
//! the price is in their range, times a boost of up to two.
//!
//! Source: `MasterChefV3.sol` of `@pancakeswap/masterchef-v3` 1.0.0; `PancakeV3LmPool.sol` and `LmTick.sol` of PancakeSwap's v3 contracts.

mod error;
mod growth;
mod lm_pool;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use cenote_amm::{Owner, TickRange};

pub use error::ChefV3Error;
pub use growth::Growth;
use lm_pool::LmPool;
pub use lm_pool::LmTick;

/// `BOOST_PRECISION`: no boost.
pub const NO_BOOST: u64 = 1_000_000_000_000;
/// `MAX_BOOST_PRECISION`: the largest boost.
pub const LARGEST_BOOST: u64 = 2 * NO_BOOST;
/// `MIN_DURATION` and `MAX_DURATION` of a period.
const PERIODS: core::ops::RangeInclusive<u64> = 86_400..=30 * 86_400;

/// One pool.
#[derive(Clone, Debug, PartialEq)]
pub struct ChefV3Pool<L: Growth> {
    alloc_point: u64,
    total_liquidity: u128,
    total_boost_liquidity: u128,
    lm: LmPool<L>,
}

impl<L: Growth> ChefV3Pool<L> {
    /// The pool's allocation points.
    pub fn alloc_point(&self) -> u64 {
        self.alloc_point
    }

    /// All liquidity staked.
    pub fn total_liquidity(&self) -> u128 {
        self.total_liquidity
    }

    /// What it counts as.
    pub fn total_boost_liquidity(&self) -> u128 {
        self.total_boost_liquidity
    }

    /// The part of that in range now: `lmLiquidity`.
    pub fn liquidity_in_range(&self) -> u128 {
        self.lm.liquidity()
    }

    /// What a unit of it in range has got since the pool was added: `rewardGrowthGlobalX128`.
    pub fn reward_growth_global(&self) -> L::Growth {
        self.lm.growth()
    }

    /// Up to when that is counted, in Unix seconds: `lastRewardTimestamp`.
    pub fn last_reward_timestamp(&self) -> u64 {
        self.lm.last_reward_timestamp()
    }

    /// The pool's tick, as the farm was last told.
    pub fn tick(&self) -> i32 {
        self.lm.tick()
    }

    /// What is staked from a tick on, or up to it; `None` where no staked position ends.
    pub fn tick_info(&self, tick: i32) -> Option<&LmTick<L>> {
        self.lm.tick_info(tick)
    }
}

/// A position in the farm's keeping.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChefV3Position<L: Growth> {
    user: Owner,
    pid: u32,
    range: TickRange,
    liquidity: u128,
    boost_liquidity: u128,
    boost_multiplier: u64,
    reward_growth_inside: L::Growth,
    reward: L::Amount,
}

impl<L: Growth> ChefV3Position<L> {
    /// Whose it is.
    pub fn user(&self) -> Owner {
        self.user
    }

    /// The pool it is in, counted from 1.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Where it earns.
    pub fn range(&self) -> TickRange {
        self.range
    }

    /// Its liquidity, as the farm was last told.
    pub fn liquidity(&self) -> u128 {
        self.liquidity
    }

    /// What that counts as.
    pub fn boost_liquidity(&self) -> u128 {
        self.boost_liquidity
    }

    /// What a unit of it had got when it was last counted: `rewardGrowthInside`. Only differences mean anything.
    pub fn reward_growth_inside(&self) -> L::Growth {
        self.reward_growth_inside
    }

    /// What its liquidity is multiplied by, of 10^12.
    pub fn boost_multiplier(&self) -> u64 {
        self.boost_multiplier
    }

    /// Rewards set aside when its liquidity or boost last changed.
    pub fn reward(&self) -> L::Amount {
        self.reward
    }
}

/// The farm. Positions are numbered by whoever issues them, and their liquidity is the caller's to tell.
///
/// ```
/// use cenote_amm::{Fast, Owner, TickRange};
/// use cenote_yield::farm::masterchef_v3::{LARGEST_BOOST, MasterChefV3, NO_BOOST};
///
/// let (alice, bob) = (Owner::new(1), Owner::new(2));
/// let mut farm = MasterChefV3::<Fast>::new();
/// farm.add(1, 0, u128::MAX, true)?;
/// let range = TickRange { lower: -600, upper: 600 };
/// farm.deposit(alice, 7, 1, range, 1_000_000, NO_BOOST)?;
/// farm.deposit(bob, 8, 1, range, 1_000_000, LARGEST_BOOST)?;
/// farm.upkeep(864.0, 86_400, true)?;
/// farm.set_block_timestamp(10_000)?;
/// // The price leaves the range: nobody earns.
/// farm.swapped(1, 700)?;
/// farm.set_block_timestamp(20_000)?;
/// let (a, b) = (farm.harvest(alice, 7)?, farm.harvest(bob, 8)?);
/// assert!((a + b - 100.0).abs() < 1e-9 && (b / a - 2.0).abs() < 1e-12);
/// # Ok::<(), cenote_yield::farm::masterchef_v3::ChefV3Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MasterChefV3<L: Growth> {
    block_timestamp: u64,
    period_duration: u64,
    total_alloc_point: u128,
    period_end: u64,
    /// Times 10^12 in the exact lane.
    per_second: L::Amount,
    pools: Vec<ChefV3Pool<L>>,
    positions: BTreeMap<u64, ChefV3Position<L>>,
    held: L::Amount,
    funded: L::Amount,
    paid: L::Amount,
    forgone: L::Amount,
}

impl<L: Growth> Default for MasterChefV3<L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: Growth> MasterChefV3<L> {
    /// A farm without pools, whose periods last a day unless it is told otherwise.
    pub fn new() -> Self {
        Self {
            block_timestamp: 0,
            period_duration: *PERIODS.start(),
            total_alloc_point: 0,
            period_end: 0,
            per_second: L::ZERO,
            pools: Vec::new(),
            positions: BTreeMap::new(),
            held: L::ZERO,
            funded: L::ZERO,
            paid: L::ZERO,
            forgone: L::ZERO,
        }
    }

    /// Unix seconds of the block in which calls run now.
    pub fn block_timestamp(&self) -> u64 {
        self.block_timestamp
    }

    /// Moves to a later block.
    ///
    /// # Errors
    /// [`ChefV3Error::ClockRunsBack`].
    pub fn set_block_timestamp(&mut self, block_timestamp: u64) -> Result<(), ChefV3Error> {
        if block_timestamp < self.block_timestamp {
            return Err(ChefV3Error::ClockRunsBack { now: self.block_timestamp, to: block_timestamp });
        }
        self.block_timestamp = block_timestamp;
        Ok(())
    }

    /// The pools; the first one has number 1.
    pub fn pools(&self) -> &[ChefV3Pool<L>] {
        &self.pools
    }

    /// A position in the farm's keeping.
    pub fn position(&self, token: u64) -> Option<&ChefV3Position<L>> {
        self.positions.get(&token)
    }

    /// The sum of all allocation points.
    pub fn total_alloc_point(&self) -> u128 {
        self.total_alloc_point
    }

    /// Rewards a second of the present period, times 10^12 in the exact lane: `latestPeriodCakePerSecond`.
    pub fn reward_per_second(&self) -> L::Amount {
        self.per_second
    }

    /// When the present period ends, in Unix seconds.
    pub fn period_end(&self) -> u64 {
        self.period_end
    }

    /// Rewards paid in: what is still [held](Self::reward_balance) and what was [paid](Self::paid).
    pub fn funded(&self) -> L::Amount {
        self.funded
    }

    /// Rewards that the farm holds: `cakeAmountBelongToMC`.
    pub fn reward_balance(&self) -> L::Amount {
        self.held
    }

    /// Rewards paid to positions.
    pub fn paid(&self) -> L::Amount {
        self.paid
    }

    /// What went to nobody, up to when pools were last counted, because no staked liquidity was in range. It stays in the farm.
    pub fn forgone(&self) -> L::Amount {
        self.forgone
    }

    fn index(&self, pid: u32) -> Result<usize, ChefV3Error> {
        let index = usize::try_from(pid).ok().and_then(|pid| pid.checked_sub(1)).filter(|index| *index < self.pools.len());
        index.ok_or(ChefV3Error::InvalidPid { pid, pools: self.pools.len() })
    }

    /// `getLatestPeriodInfo`.
    fn pool_rate(&self, index: usize) -> Result<L::Amount, ChefV3Error> {
        if self.total_alloc_point == 0 {
            return Ok(L::ZERO);
        }
        let points = self.pools.get(index).map_or(0, |pool| pool.alloc_point);
        Ok(L::over(L::times(self.per_second, points.into())?, self.total_alloc_point)?)
    }

    /// `accumulateReward` of one pool.
    fn accumulate(&mut self, index: usize) -> Result<(), ChefV3Error> {
        let (rate, now, end) = (self.pool_rate(index)?, self.block_timestamp, self.period_end);
        if let Some(pool) = self.pools.get_mut(index) {
            let idle = pool.lm.accumulate(now, rate, end)?;
            self.forgone = L::sum(self.forgone, L::emitted(rate, idle)?)?;
        }
        Ok(())
    }

    fn accumulate_all(&mut self) -> Result<(), ChefV3Error> {
        (0..self.pools.len())
            .filter(|index| self.pools[*index].alloc_point != 0)
            .collect::<Vec<_>>()
            .into_iter()
            .try_for_each(|index| self.accumulate(index))
    }

    /// Does something, and undoes it if it fails.
    fn or_as_before<T>(&mut self, action: impl FnOnce(&mut Self) -> Result<T, ChefV3Error>) -> Result<T, ChefV3Error> {
        let before = self.clone();
        action(self).inspect_err(|_| *self = before)
    }

    /// Opens a pool for a v3 pool that stands at this tick and takes this much liquidity per tick: `add`. Its number.
    ///
    /// # Errors
    /// Overflows.
    pub fn add(
        &mut self,
        alloc_point: u64,
        tick: i32,
        max_liquidity_per_tick: u128,
        with_update: bool,
    ) -> Result<u32, ChefV3Error> {
        self.or_as_before(|farm| {
            if with_update {
                farm.accumulate_all()?;
            }
            farm.total_alloc_point += u128::from(alloc_point);
            let lm = LmPool::new(tick, max_liquidity_per_tick, farm.block_timestamp);
            farm.pools.push(ChefV3Pool { alloc_point, total_liquidity: 0, total_boost_liquidity: 0, lm });
            u32::try_from(farm.pools.len()).map_err(|_| cenote_amm::MathError::AddOverflow.into())
        })
    }

    /// Gives a pool other allocation points: `set`.
    ///
    /// # Errors
    /// [`ChefV3Error::InvalidPid`], overflows.
    pub fn set(&mut self, pid: u32, alloc_point: u64, with_update: bool) -> Result<(), ChefV3Error> {
        let index = self.index(pid)?;
        self.or_as_before(|farm| {
            farm.accumulate(index)?;
            if with_update {
                farm.accumulate_all()?;
            }
            let pool = &mut farm.pools[index];
            farm.total_alloc_point = farm.total_alloc_point - u128::from(pool.alloc_point) + u128::from(alloc_point);
            pool.alloc_point = alloc_point;
            Ok(())
        })
    }

    /// Pays rewards in and begins a period now, in which they and what is left of the period before are handed out: `upkeep`. A duration out of range
    /// stands for the usual one.
    ///
    /// # Errors
    /// Overflows.
    pub fn upkeep(&mut self, amount: L::Amount, duration: u64, with_update: bool) -> Result<(), ChefV3Error> {
        if !L::is_valid(amount) {
            return Err(ChefV3Error::InvalidAmount { amount: L::amount_to_f64(amount) });
        }
        self.or_as_before(|farm| {
            farm.held = L::sum(farm.held, amount)?;
            farm.funded = L::sum(farm.funded, amount)?;
            if with_update {
                farm.accumulate_all()?;
            }
            let duration = if PERIODS.contains(&duration) { duration } else { farm.period_duration };
            let left = L::emitted(farm.per_second, farm.period_end.saturating_sub(farm.block_timestamp))?;
            farm.per_second = L::rate(L::sum(amount, left)?, duration)?;
            farm.period_end = farm.block_timestamp.saturating_add(duration);
            Ok(())
        })
    }

    /// Sets how long periods usually last: `setPeriodDuration`.
    ///
    /// # Errors
    /// [`ChefV3Error::InvalidPeriodDuration`].
    pub fn set_period_duration(&mut self, duration: u64) -> Result<(), ChefV3Error> {
        if !PERIODS.contains(&duration) {
            return Err(ChefV3Error::InvalidPeriodDuration { duration });
        }
        self.period_duration = duration;
        Ok(())
    }

    /// Counts these pools' rewards up to now: `updatePools`, which passes over pools without allocation points.
    ///
    /// # Errors
    /// [`ChefV3Error::InvalidPid`], overflows.
    pub fn update_pools(&mut self, pids: &[u32]) -> Result<(), ChefV3Error> {
        self.or_as_before(|farm| {
            for pid in pids {
                let index = farm.index(*pid)?;
                if farm.pools[index].alloc_point != 0 {
                    farm.accumulate(index)?;
                }
            }
            Ok(())
        })
    }

    /// A swap in the pool ended at this tick: what the pool tells its `lmPool` on the way.
    ///
    /// # Errors
    /// [`ChefV3Error::InvalidPid`], overflows.
    pub fn swapped(&mut self, pid: u32, tick: i32) -> Result<(), ChefV3Error> {
        let index = self.index(pid)?;
        self.or_as_before(|farm| {
            farm.accumulate(index)?;
            farm.pools[index].lm.go_to(tick);
            Ok(())
        })
    }

    /// Takes a position with this much liquidity into keeping, boosted by `multiplier` of 10^12: `onERC721Received`. A multiplier out of range counts
    /// as the nearest in it.
    ///
    /// # Errors
    /// In the contract's order: [`ChefV3Error::NoLiquidity`], [`ChefV3Error::InvalidPid`], what the ticks refuse.
    pub fn deposit(
        &mut self,
        user: Owner,
        token: u64,
        pid: u32,
        range: TickRange,
        liquidity: u128,
        multiplier: u64,
    ) -> Result<(), ChefV3Error> {
        if liquidity == 0 {
            return Err(ChefV3Error::NoLiquidity { token });
        }
        let index = self.index(pid)?;
        if self.positions.contains_key(&token) {
            return Err(ChefV3Error::DepositedAlready { token });
        }
        if range.lower >= range.upper {
            return Err(ChefV3Error::InvalidRange { lower: range.lower, upper: range.upper });
        }
        self.or_as_before(|farm| {
            farm.accumulate(index)?;
            let fresh = ChefV3Position {
                user,
                pid,
                range,
                liquidity: 0,
                boost_liquidity: 0,
                boost_multiplier: NO_BOOST,
                reward_growth_inside: L::Growth::default(),
                reward: L::ZERO,
            };
            let mut position = farm.reweigh(index, fresh, liquidity, multiplier)?;
            position.reward_growth_inside = farm.pools[index].lm.growth_inside(range);
            farm.positions.insert(token, position);
            Ok(())
        })
    }

    /// `updateLiquidityOperation`.
    fn reweigh(
        &mut self,
        index: usize,
        position: ChefV3Position<L>,
        liquidity: u128,
        multiplier: u64,
    ) -> Result<ChefV3Position<L>, ChefV3Error> {
        let boost_multiplier = multiplier.clamp(NO_BOOST, LARGEST_BOOST);
        let boost_liquidity = boosted(liquidity, boost_multiplier).ok_or(ChefV3Error::LiquidityOverflow)?;
        let pool = &mut self.pools[index];
        let replaced = |total: u128, before: u128, after: u128| total.checked_sub(before)?.checked_add(after);
        pool.total_liquidity =
            replaced(pool.total_liquidity, position.liquidity, liquidity).ok_or(ChefV3Error::LiquidityOverflow)?;
        pool.total_boost_liquidity = replaced(pool.total_boost_liquidity, position.boost_liquidity, boost_liquidity)
            .ok_or(ChefV3Error::LiquidityOverflow)?;
        pool.lm.update_position(position.range, position.boost_liquidity, boost_liquidity)?;
        Ok(ChefV3Position { liquidity, boost_liquidity, boost_multiplier, ..position })
    }

    /// Counts a position's rewards up to now: the first half of `harvestOperation`.
    fn counted(&mut self, token: u64) -> Result<(usize, ChefV3Position<L>), ChefV3Error> {
        let mut position = *self.positions.get(&token).ok_or(ChefV3Error::InvalidNft { token })?;
        let index = self.index(position.pid)?;
        self.accumulate(index)?;
        let now = self.pools[index].lm.growth_inside(position.range);
        let earned = L::earned(now, position.reward_growth_inside, position.boost_liquidity);
        position.reward = L::sum(position.reward, earned)?;
        position.reward_growth_inside = now;
        Ok((index, position))
    }

    fn own(&self, caller: Owner, token: u64) -> Result<ChefV3Position<L>, ChefV3Error> {
        let position = self.positions.get(&token).filter(|position| position.user == caller);
        position.copied().ok_or(ChefV3Error::NotOwner { token, caller: caller.id() })
    }

    /// `_safeTransfer`: no more than there is.
    fn pay(&mut self, amount: L::Amount) -> Result<L::Amount, ChefV3Error> {
        let paid = L::least(amount, self.held);
        self.held = L::part_off(self.held, paid)?;
        self.paid = L::sum(self.paid, paid)?;
        Ok(paid)
    }

    /// Pays what a position has earned: `harvest`. What was paid.
    ///
    /// # Errors
    /// In the contract's order: [`ChefV3Error::NotOwner`], [`ChefV3Error::NoLiquidity`], overflows.
    pub fn harvest(&mut self, caller: Owner, token: u64) -> Result<L::Amount, ChefV3Error> {
        let position = self.own(caller, token)?;
        if position.liquidity == 0 && L::is_zero(position.reward) {
            return Err(ChefV3Error::NoLiquidity { token });
        }
        self.or_as_before(|farm| {
            let (_, mut position) = farm.counted(token)?;
            let reward = core::mem::replace(&mut position.reward, L::ZERO);
            farm.positions.insert(token, position);
            farm.pay(reward)
        })
    }

    /// The position's liquidity or boost is another one now: `increaseLiquidity`, `decreaseLiquidity`, `updateLiquidity`,
    /// `updateBoostMultiplier`. Rewards so far are set aside.
    ///
    /// # Errors
    /// [`ChefV3Error::InvalidNft`], what the ticks refuse, overflows.
    pub fn update_liquidity(&mut self, token: u64, liquidity: u128, multiplier: u64) -> Result<(), ChefV3Error> {
        self.or_as_before(|farm| {
            let (index, position) = farm.counted(token)?;
            let position = farm.reweigh(index, position, liquidity, multiplier)?;
            farm.positions.insert(token, position);
            Ok(())
        })
    }

    /// Gives a position back and pays what it has earned: `withdraw`. What was paid.
    ///
    /// # Errors
    /// [`ChefV3Error::NotOwner`], overflows.
    pub fn withdraw(&mut self, caller: Owner, token: u64) -> Result<L::Amount, ChefV3Error> {
        self.own(caller, token)?;
        self.or_as_before(|farm| {
            let (index, position) = farm.counted(token)?;
            farm.reweigh(index, position, 0, NO_BOOST)?;
            farm.positions.remove(&token);
            farm.pay(position.reward)
        })
    }

    /// What a position has earned up to when its pool was last counted: `pendingCake`, which does not look beyond that either.
    ///
    /// # Errors
    /// [`ChefV3Error::InvalidNft`], overflows.
    pub fn pending(&self, token: u64) -> Result<L::Amount, ChefV3Error> {
        let position = self.positions.get(&token).ok_or(ChefV3Error::InvalidNft { token })?;
        let now = self.pools[self.index(position.pid)?].lm.growth_inside(position.range);
        Ok(L::sum(position.reward, L::earned(now, position.reward_growth_inside, position.boost_liquidity))?)
    }
}

/// `liquidity · multiplier / 10^12`, if it has no more than 128 bits.
fn boosted(liquidity: u128, multiplier: u64) -> Option<u128> {
    let (multiplier, whole) = (u128::from(multiplier), u128::from(NO_BOOST));
    // (q·10^12 + r)·m/10^12 = q·m + r·m/10^12, of which only the first part is large.
    let (quotient, rest) = (liquidity / whole, liquidity % whole);
    quotient.checked_mul(multiplier)?.checked_add(rest * multiplier / whole)
}
