//! `PancakeV3LmPool`: rewards per unit of staked liquidity in range, kept like a pool keeps its fees.

use std::collections::BTreeMap;

use cenote_amm::TickRange;

use super::ChefV3Error;
use super::growth::Growth;

/// A tick at which staked liquidity begins or ends: `lmTicks`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LmTick<G: Growth> {
    gross: u128,
    net: i128,
    outside: G::Growth,
}

impl<G: Growth> LmTick<G> {
    /// Boosted liquidity of all positions that begin or end here.
    pub fn liquidity_gross(&self) -> u128 {
        self.gross
    }

    /// What is in range more above the tick than below it.
    pub fn liquidity_net(&self) -> i128 {
        self.net
    }

    /// What a unit of liquidity got on the side of the tick where the price is not: `rewardGrowthOutsideX128`. Only differences mean anything.
    pub fn reward_growth_outside(&self) -> G::Growth {
        self.outside
    }
}

/// Staked liquidity of one pool and what a unit of it has got.
///
/// The pool tells it of every tick that a swap crosses. As all of them are crossed at one time, and all that is between two ticks is crossed on the
/// way from one to the other, it is enough to be told where each swap ended.
///
/// Source: `PancakeV3LmPool.sol` and `LmTick.sol` of PancakeSwap's v3 contracts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LmPool<G: Growth> {
    tick: i32,
    max_liquidity_per_tick: u128,
    liquidity: u128,
    growth: G::Growth,
    last_reward_timestamp: u64,
    ticks: BTreeMap<i32, LmTick<G>>,
}

impl<G: Growth> LmPool<G> {
    pub(super) fn new(tick: i32, max_liquidity_per_tick: u128, now: u64) -> Self {
        let (liquidity, growth, ticks) = (0, G::Growth::default(), BTreeMap::new());
        Self { tick, max_liquidity_per_tick, liquidity, growth, last_reward_timestamp: now, ticks }
    }

    pub(super) fn tick(&self) -> i32 {
        self.tick
    }

    pub(super) fn liquidity(&self) -> u128 {
        self.liquidity
    }

    pub(super) fn growth(&self) -> G::Growth {
        self.growth
    }

    pub(super) fn last_reward_timestamp(&self) -> u64 {
        self.last_reward_timestamp
    }

    pub(super) fn tick_info(&self, tick: i32) -> Option<&LmTick<G>> {
        self.ticks.get(&tick)
    }

    /// `accumulateReward`: what was emitted by now for staked liquidity in range. What goes to nobody because there is none is returned,
    /// as the seconds it was for.
    pub(super) fn accumulate(&mut self, now: u64, per_second: G::Amount, end: u64) -> Result<u64, ChefV3Error> {
        if now <= self.last_reward_timestamp {
            return Ok(0);
        }
        let seconds = end.min(now).saturating_sub(self.last_reward_timestamp);
        let mut idle = seconds;
        if self.liquidity != 0 && seconds != 0 {
            self.growth = G::raised(self.growth, per_second, seconds, self.liquidity)?;
            idle = 0;
        }
        self.last_reward_timestamp = now;
        Ok(idle)
    }

    /// Crosses all ticks on the way to `tick`: `crossLmTick`. A tick is crossed downwards when the price reaches it, and upwards too.
    pub(super) fn go_to(&mut self, tick: i32) {
        if tick == self.tick {
            return;
        }
        let mut liquidity = self.liquidity;
        let up = tick > self.tick;
        let (low, high) = if up { (self.tick, tick) } else { (tick, self.tick) };
        let crossed = |net: i128| if up { net } else { net.wrapping_neg() };
        for info in self.ticks.range(low.saturating_add(1)..=high).map(|(_, info)| info) {
            liquidity = liquidity.wrapping_add_signed(crossed(info.net));
        }
        for (_, info) in self.ticks.range_mut(low.saturating_add(1)..=high) {
            info.outside = G::less(self.growth, info.outside);
        }
        (self.liquidity, self.tick) = (liquidity, tick);
    }

    /// `getRewardGrowthInside`.
    pub(super) fn growth_inside(&self, range: TickRange) -> G::Growth {
        let outside = |tick: i32| self.ticks.get(&tick).map_or(G::Growth::default(), |info| info.outside);
        let (lower, upper) = (outside(range.lower), outside(range.upper));
        let below = if self.tick >= range.lower { lower } else { G::less(self.growth, lower) };
        let above = if self.tick < range.upper { upper } else { G::less(self.growth, upper) };
        G::less(G::less(self.growth, below), above)
    }

    /// `updatePosition`, of a position that had `before` and has `after` from now on.
    pub(super) fn update_position(&mut self, range: TickRange, before: u128, after: u128) -> Result<(), ChefV3Error> {
        if before == after {
            return Ok(());
        }
        // Liquidity has 127 bits at most where it changes: pools see to that.
        let delta = signed(after)?.wrapping_sub(signed(before)?);
        let lower = self.updated(range.lower, delta, delta)?;
        let upper = self.updated(range.upper, delta, delta.wrapping_neg())?;
        if range.contains(self.tick) {
            self.liquidity = self.liquidity.checked_add_signed(delta).ok_or(ChefV3Error::LiquidityOverflow)?;
        }
        for (tick, info) in [(range.lower, lower), (range.upper, upper)] {
            if info.gross == 0 {
                self.ticks.remove(&tick);
            } else {
                self.ticks.insert(tick, info);
            }
        }
        Ok(())
    }

    /// `LmTick.update`.
    fn updated(&self, tick: i32, gross: i128, net: i128) -> Result<LmTick<G>, ChefV3Error> {
        let fresh = || {
            // All growth so far is taken to have happened below the tick.
            let outside = if tick <= self.tick { self.growth } else { G::Growth::default() };
            LmTick { gross: 0, net: 0, outside }
        };
        let mut info = self.ticks.get(&tick).copied().unwrap_or_else(fresh);
        info.gross = info.gross.checked_add_signed(gross).ok_or(ChefV3Error::LiquidityOverflow)?;
        if info.gross > self.max_liquidity_per_tick {
            return Err(ChefV3Error::TickOverflow { tick, liquidity: info.gross, most: self.max_liquidity_per_tick });
        }
        info.net = info.net.checked_add(net).ok_or(ChefV3Error::LiquidityOverflow)?;
        Ok(info)
    }
}

fn signed(liquidity: u128) -> Result<i128, ChefV3Error> {
    i128::try_from(liquidity).map_err(|_| ChefV3Error::LiquidityOverflow)
}
