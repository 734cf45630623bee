//! Farms: rewards accrue, and others come and go.

mod state;

use cenote_amm::RangedLanes;
use cenote_strategy::{PoolId, Stake, TokenId};
use cenote_units::Lanes;

pub(super) use self::state::FarmState;
use crate::account::PoolAccount;
use crate::error::SimError;
use crate::ledger::{Account, Ledger};
use crate::position::PositionState;
use crate::venues::VoteTerms;
use crate::world::{Engine, MarketState, token_id};

/// The APR of a farm in which nobody has staked: more than anybody means.
const UNBOUNDED_APR: f64 = 1e6;

impl<const L: usize> Engine<L> {
    /// A position enters with its votes.
    pub(in crate::world) fn lock_votes(&mut self, i: usize) {
        if let Some(VoteTerms { farm, locked, duration }) = self.scenario.positions[i].votes {
            let end = self.clock.time().map(|now| now.saturating_add(duration.as_nanos()));
            self.venues.farms[farm.index()].lanes.lock_votes(i, &Lanes::splat(locked), &end);
        }
    }

    /// Rewards that positions have earned in the step.
    pub(super) fn accrue_farms(&mut self) {
        let time = self.clock.time();
        for (f, farm) in self.venues.farms.iter_mut().enumerate() {
            if let Some(ledger) = &mut self.ledger {
                for (r, token) in self.scenario.farms[f].rewards.iter().enumerate() {
                    let mut now = Lanes::ZERO;
                    farm.lanes.emitted(time, r, &mut now);
                    let mut new = now;
                    for l in 0..L {
                        new[l] -= farm.emitted[r][l];
                    }
                    farm.emitted[r] = now;
                    ledger.transfer(Account::Outside, Account::Farm(f), token.index(), &new);
                }
            }
            for (i, position) in self.positions.iter_mut().enumerate() {
                if position.venues.uses_farm(f) {
                    farm.lanes.pending(time, i, &mut farm.pending);
                    position.venues.accrue_farm(f, &farm.pending, &self.before, &self.market.prices);
                }
            }
        }
    }

    /// Every reward that was emitted is with a staker who has claimed it, earned by somebody who has not, locked, or came to nobody; and
    /// every stake is where it was put.
    pub(in crate::world) fn audit_farms(&self, ledger: &Ledger<L>) -> Result<(), SimError> {
        let time = self.clock.time();
        for (f, farm) in self.venues.farms.iter().enumerate() {
            let rewards = &self.scenario.farms[f].rewards;
            let mut holds: Vec<(TokenId, Lanes<L>)> = rewards.iter().map(|&token| (token, Lanes::ZERO)).collect();
            holds.sort_by_key(|(token, _)| *token);
            holds.dedup_by_key(|(token, _)| *token);
            let add = |holds: &mut Vec<(TokenId, Lanes<L>)>, token: TokenId, amount: &Lanes<L>| {
                if !holds.iter().any(|(known, _)| *known == token) {
                    holds.push((token, Lanes::ZERO));
                }
                for (_, sum) in holds.iter_mut().filter(|(known, _)| *known == token) {
                    for l in 0..L {
                        sum[l] += amount[l];
                    }
                }
            };
            let mut pending = vec![Lanes::ZERO; rewards.len()];
            for (i, position) in self.positions.iter().enumerate() {
                let held = &position.venues.holdings.farms[f];
                match farm.stake {
                    Stake::Token(token) => add(&mut holds, token, &held.staked),
                    Stake::Pool(pool) if self.market.pools[pool.index()].fungible().is_some() => {
                        add(&mut holds, token_id(self.scenario.tokens.len() + pool.index()), &held.staked);
                    }
                    Stake::Pool(_) => {}
                }
                farm.lanes.pending(time, i, &mut pending);
                for (r, &token) in rewards.iter().enumerate() {
                    add(&mut holds, token, &pending[r]);
                    add(&mut holds, token, position.venues.locked(f, r));
                }
            }
            for (r, &token) in rewards.iter().enumerate() {
                let mut part = Lanes::ZERO;
                farm.lanes.others_earned(time, r, &mut part);
                add(&mut holds, token, &part);
                farm.lanes.undistributed(time, r, &mut part);
                add(&mut holds, token, &part);
            }
            for (token, held) in &holds {
                self.compare(ledger, Account::Farm(f), *token, held, 0.0)?;
            }
        }
        Ok(())
    }

    /// Others stake more or less in blocks of the farm's chain; LP tokens for it are minted and burned.
    pub(super) fn move_crowds(&mut self) {
        for f in 0..self.venues.farms.len() {
            let step = self.clock.step();
            let farm = &mut self.venues.farms[f];
            if let Some(inflow) = &mut farm.inflow {
                inflow.process.step(&step, &mut inflow.level);
            }
            let turns = farm.turns(self.clock.time());
            let terms = &self.market.venues.farms[f];
            if let Some(factor) = farm.drift(&terms.apr, step.end, self.clock.turn(terms.chain.index()).active) {
                self.scale_stake(f, &factor);
            }
            let (farm, time) = (&mut self.venues.farms[f], self.clock.time());
            if farm.ranged.is_none() {
                farm.weigh_others(time);
            }
            if turns && farm.ranged.is_none() {
                for (i, position) in self.positions.iter().enumerate() {
                    if position.venues.uses_farm(f) {
                        farm.weigh(time, i, &position.venues.holdings.farms[f].staked);
                    }
                }
            }
        }
    }

    /// Multiplies what others have staked.
    fn scale_stake(&mut self, f: usize, factor: &Lanes<L>) {
        let farm = &mut self.venues.farms[f];
        match farm.stake {
            Stake::Token(_) => {
                for l in 0..L {
                    farm.others[l] *= factor[l];
                }
            }
            // All providers of a pool of ranges are drawn.
            Stake::Pool(pool) if farm.ranged.is_some() => {
                self.order.kind = crate::agent::OrderKind::ScaleOthers;
                self.order.pool = pool;
                self.order.target = *factor;
                self.scale_others();
            }
            Stake::Pool(pool) => {
                let mut change = farm.others;
                for l in 0..L {
                    change[l] *= factor[l] - 1.0;
                }
                let (before, p) = (farm.others, pool.index());
                self.order.pool = pool;
                self.order.liquidity = change;
                self.change_supply(p, 1.0);
                let farm = &mut self.venues.farms[f];
                for l in 0..L {
                    // What the pool really did.
                    farm.others[l] = before[l] + if change[l] < 0.0 { -self.order.liquidity[l] } else { self.order.liquidity[l] };
                }
            }
        }
    }

    /// In farms of pools of ranges, liquidity counts while the price is in it.
    pub(super) fn weigh_ranges(&mut self) {
        if self.venues.farms.iter().all(|farm| farm.ranged.is_none()) {
            return;
        }
        self.settle_ranges();
        let time = self.clock.time();
        for (f, farm) in self.venues.farms.iter_mut().enumerate() {
            let Some((p, share)) = farm.ranged else { continue };
            let Some(pool) = self.market.pools[p].ranged() else { continue };
            pool.others(&mut farm.others);
            for l in 0..L {
                farm.others[l] *= share;
            }
            farm.weigh_others(time);
            for (i, position) in self.positions.iter().enumerate() {
                if position.venues.uses_farm(f) {
                    farm.weigh(time, i, &weight_in_range(pool, position, f, p));
                }
            }
        }
    }

    /// What a position's farms and markets promise now, per year, in parts of its deposit.
    pub(in crate::world) fn note_advertised(&mut self, i: usize) {
        let position = &self.positions[i];
        let mut apr: Lanes<L> = Lanes::ZERO;
        for (f, terms) in self.market.venues.farms.iter().enumerate().filter(|(f, _)| position.venues.uses_farm(*f)) {
            let staked = &position.venues.holdings.farms[f].staked;
            let unit = match terms.stake {
                Stake::Token(token) => self.market.prices[token.index()],
                Stake::Pool(pool) if self.market.pools[pool.index()].ranged().is_some() => position.value,
                Stake::Pool(pool) => unit_value(&self.market, &self.accounts, pool),
            };
            for l in 0..L {
                apr[l] += staked[l] * unit[l] / position.deposit() * terms.apr[l];
            }
        }
        for (k, terms) in self.market.venues.lending.iter().enumerate().filter(|(k, _)| position.venues.uses_lending(*k)) {
            let (held, price) = (&position.venues.holdings.lending[k], &self.market.prices[terms.token.index()]);
            for l in 0..L {
                let earned = held.supplied[l] * terms.supply_rate[l] - held.owed[l] * terms.borrow_rate[l];
                apr[l] += earned * price[l] / position.deposit();
            }
        }
        self.positions[i].note_advertised(apr);
    }

    /// What a unit of a farm's stake is worth.
    pub(super) fn unit_of(&self, f: usize) -> Lanes<L> {
        unit_of(&self.market, &self.accounts, self.venues.farms[f].stake)
    }

    /// What farms pay now, for everybody to see.
    pub(super) fn show_farms(&mut self) {
        let time = self.clock.time();
        for (f, farm) in self.venues.farms.iter_mut().enumerate() {
            let unit = unit_of(&self.market, &self.accounts, farm.stake);
            let terms = &mut self.market.venues.farms[f];
            let mut paid: Lanes<L> = Lanes::ZERO;
            for (r, token) in terms.rewards.iter().enumerate() {
                let price = &self.market.prices[token.index()];
                let rate = &mut farm.pending[r];
                farm.lanes.rate(time, r, rate);
                for l in 0..L {
                    paid[l] += rate[l] * price[l];
                }
            }
            for (r, earned) in terms.earned_by_others.iter_mut().enumerate() {
                farm.lanes.others_earned(time, r, earned);
            }
            let total = farm.lanes.total_staked();
            for l in 0..L {
                let staked = total[l] * unit[l];
                let apr = if staked > 0.0 { paid[l] / staked } else { UNBOUNDED_APR };
                let pays = paid[l] > 0.0 && farm.paying[l] > 0.0;
                terms.apr[l] = if pays { apr.min(UNBOUNDED_APR) } else { 0.0 };
                terms.open[l] = if farm.frozen[l] > time[l] { 0.0 } else { 1.0 };
            }
        }
    }
}

/// What a position's stake in a farm of ranges counts as where it pays: its liquidity in range.
pub(super) fn weight_in_range<const L: usize>(
    pool: &dyn RangedLanes<L>,
    position: &PositionState<L>,
    f: usize,
    p: usize,
) -> Lanes<L> {
    let mut weight = Lanes::ZERO;
    for range in position.ranges.iter().filter(|range| range.pool == p) {
        let lanes = pool.position(range.number);
        for l in 0..L {
            weight[l] += lanes.liquidity[l] * lanes.inside[l];
        }
    }
    for l in 0..L {
        weight[l] *= position.venues.holdings.farms[f].staked[l];
    }
    weight
}

/// What a unit of a stake is worth.
fn unit_of<const L: usize>(market: &MarketState<L>, accounts: &[PoolAccount<L>], stake: Stake) -> Lanes<L> {
    match stake {
        Stake::Token(token) => market.prices[token.index()],
        Stake::Pool(pool) => unit_value(market, accounts, pool),
    }
}

/// What an LP token is worth; of a pool of ranges, what a unit of full-range liquidity is.
fn unit_value<const L: usize>(market: &MarketState<L>, accounts: &[PoolAccount<L>], pool: PoolId) -> Lanes<L> {
    let p = pool.index();
    let mut value = Lanes::ZERO;
    if let Some(ranged) = market.pools[p].ranged() {
        let [token0, token1] = [0, 1].map(|k| &market.prices[market.pool_tokens[p][k].index()]);
        for l in 0..L {
            let (unit, _) = ranged.proportions(l, cenote_amm::PriceRange::FULL);
            value[l] = unit[0] * token0[l] + unit[1] * token1[l];
        }
    } else {
        for l in 0..L {
            value[l] = accounts[p].value[l] * accounts[p].inverse_supply[l];
        }
    }
    value
}
