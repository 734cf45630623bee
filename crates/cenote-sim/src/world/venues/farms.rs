//! Farms: rewards accrue, and others come and go.

use cenote_amm::RangedLanes;
use cenote_paths::{BuildPrice, PriceLanes, PriceModel, PriceStreams, StreamKey};
use cenote_strategy::{PoolId, Stake, TokenId};
use cenote_units::{LaneList, Lanes, SimDuration, math};
use cenote_yield::farm::{BuildFarm, FarmLanes, FarmModel, FarmStart};

use super::super::{Engine, MarketState, token_id};
use crate::account::PoolAccount;
use crate::error::{ScenarioError, SimError};
use crate::ledger::{Account, Ledger};
use crate::position::PositionState;
use crate::scenario::Scenario;
use crate::venues::{FarmCrowd, FarmSetup, Staked, VoteTerms};

/// A farm at work.
#[derive(Debug)]
pub(super) struct FarmState<const L: usize> {
    pub(super) lanes: Box<dyn FarmLanes<L>>,
    pub(super) stake: Stake,
    /// The pool of ranges whose liquidity it weighs, and the share of others' that is staked.
    ranged: Option<(usize, f64)>,
    others_at_start: f64,
    /// What others have staked.
    pub(super) others: Lanes<L>,
    crowd: Option<FarmCrowd>,
    inflow: Option<Inflow<L>>,
    /// When others last came or went.
    moved: [u64; L],
    /// Until when it pays nothing, and until when it gives nothing back.
    halted: [u64; L],
    pub(super) frozen: [u64; L],
    /// The risk that keeps it from paying the longest.
    pub(super) stopped_by: [usize; L],
    /// 1 where it pays.
    paying: Lanes<L>,
    /// Whether it does not pay in some lane.
    stopped: bool,
    /// What others had staked when it stopped paying.
    others_then: Lanes<L>,
    /// What had reached nobody when somebody last looked, by reward, where it does not pay.
    unpaid: Vec<Lanes<L>>,
    /// All that was emitted so far, by reward, for the ledger.
    emitted: Vec<Lanes<L>>,
    /// What an account has earned and not claimed, while somebody looks.
    pub(super) pending: Vec<Lanes<L>>,
}

/// Money of others that follows a process.
#[derive(Debug)]
struct Inflow<const L: usize> {
    process: Box<dyn PriceLanes<L>>,
    level: Lanes<L>,
    before: Lanes<L>,
}

/// A crowd never runs faster than e^±3 in its response time: where nothing at all is paid, it would be gone at once.
const FASTEST: f64 = 3.0;

/// The APR of a farm in which nobody has staked: more than anybody means.
const UNBOUNDED_APR: f64 = 1e6;

impl<const L: usize> FarmState<L>
where
    dyn PriceModel: BuildPrice<L>,
    dyn FarmModel: BuildFarm<L>,
{
    pub(super) fn new(scenario: &Scenario, setup: &FarmSetup, market: &MarketState<L>, seed: u64) -> Result<Self, ScenarioError> {
        let pool = match setup.stake {
            Stake::Pool(pool) => Some(&market.pools[pool.index()]),
            Stake::Token(_) => None,
        };
        let share = match setup.staked {
            Staked::Share(share) => share,
            Staked::Amount(_) => 0.0,
        };
        let is_ranged = pool.is_some_and(|pool| pool.ranged().is_some());
        let refuse = |reason: String| ScenarioError::Venue { what: format!("farm {:?}", setup.name), reason };
        if let (Staked::Amount(_), true) | (Staked::Share(_), false) = (setup.staked, pool.is_some())
            && (is_ranged || pool.is_none())
        {
            let reason = "others' stake is a share of the liquidity of a pool of ranges, and an amount of a token";
            return Err(refuse(reason.to_owned()));
        }
        if is_ranged && (setup.deposit_fee > 0.0 || setup.withdrawal_fee > 0.0) {
            return Err(refuse("a farm of ranges takes no fees: they are staked whole".to_owned()));
        }
        let others = match (setup.staked, pool.and_then(|pool| pool.fungible())) {
            (Staked::Amount(amount), _) => amount,
            (Staked::Share(share), Some(pool)) => share * pool.supply()[0],
            (Staked::Share(_), None) => 0.0,
        };
        let built = BuildFarm::<L>::build(&*setup.model, &FarmStart { accounts: scenario.positions.len(), others });
        let lanes = built.map_err(|error| refuse(error.to_string()))?;
        let stream = || PriceStreams::from(StreamKey::new(seed, &format!("farms.{}.inflow", setup.name)));
        let inflow = |model: &std::sync::Arc<dyn PriceModel>| Inflow {
            process: BuildPrice::<L>::build(&**model, &stream()),
            level: Lanes::ZERO,
            before: Lanes::ZERO,
        };
        Ok(Self {
            lanes,
            stake: setup.stake,
            ranged: match setup.stake {
                Stake::Pool(pool) if is_ranged => Some((pool.index(), share)),
                _ => None,
            },
            others_at_start: others,
            others: Lanes::ZERO,
            crowd: setup.crowd,
            inflow: setup.inflow.as_ref().map(inflow),
            moved: [0; L],
            halted: [0; L],
            frozen: [0; L],
            stopped_by: [0; L],
            paying: Lanes::splat(1.0),
            stopped: false,
            others_then: Lanes::ZERO,
            unpaid: vec![Lanes::ZERO; setup.rewards.len()],
            emitted: vec![Lanes::ZERO; setup.rewards.len()],
            pending: vec![Lanes::ZERO; setup.rewards.len()],
        })
    }
}

impl<const L: usize> FarmState<L> {
    pub(super) fn start(&mut self, paths: [u32; L]) {
        self.lanes.start();
        self.others = Lanes::splat(self.others_at_start);
        if let Some(inflow) = &mut self.inflow {
            inflow.process.start(paths, &mut inflow.level);
            inflow.before = inflow.level;
        }
        self.moved = [0; L];
        self.halted = [0; L];
        self.frozen = [0; L];
        self.paying = Lanes::splat(1.0);
        self.stopped = false;
        self.emitted.fill(Lanes::ZERO);
    }

    /// Sets what an account's stake counts as: nothing while the farm does not pay.
    pub(super) fn weigh(&mut self, time: &[u64; L], account: usize, staked: &Lanes<L>) {
        let mut weight = *staked;
        for l in 0..L {
            weight[l] *= self.paying[l];
        }
        self.lanes.set_staked(time, account, &weight);
    }

    /// The same in these lanes, the others being as they are.
    pub(super) fn weigh_in(&mut self, time: &[u64; L], account: usize, staked: &Lanes<L>, lanes: &LaneList<L>) {
        let mut weight = *self.lanes.staked(account);
        for l in lanes.iter() {
            weight[l] = staked[l] * self.paying[l];
        }
        self.lanes.set_staked(time, account, &weight);
    }

    fn weigh_others(&mut self, time: &[u64; L]) {
        let mut weight = self.others;
        for l in 0..L {
            weight[l] *= self.paying[l];
        }
        self.lanes.set_others(time, &weight);
    }

    /// It pays nothing until then.
    pub(super) fn halt(&mut self, l: usize, until: u64, risk: usize) {
        if until > self.halted[l] {
            (self.halted[l], self.stopped_by[l]) = (until, risk);
        }
    }

    /// What others had staked when it stopped paying: while it does not, they go.
    pub(super) fn others_then(&self) -> &Lanes<L> {
        &self.others_then
    }

    /// Whether it does not pay in some lane.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped
    }

    /// What of a reward has been emitted to nobody since the last look, where it does not pay.
    pub(super) fn forgone(&mut self, time: &[u64; L], r: usize) -> Lanes<L> {
        let (mut now, mut forgone) = (Lanes::ZERO, Lanes::ZERO);
        self.lanes.undistributed(time, r, &mut now);
        for l in 0..L {
            if self.paying[l] == 0.0 {
                forgone[l] = now[l] - self.unpaid[r][l];
                self.unpaid[r][l] = now[l];
            }
        }
        forgone
    }

    /// Whether it pays in other lanes than before.
    fn turns(&mut self, time: &[u64; L]) -> bool {
        let mut stops = Lanes::<L>::ZERO;
        let mut turns = false;
        self.stopped = false;
        for l in 0..L {
            let pays = if self.halted[l] > time[l] { 0.0 } else { 1.0 };
            self.stopped |= pays == 0.0;
            turns |= pays != self.paying[l];
            stops[l] = self.paying[l] - pays;
            self.paying[l] = pays;
        }
        if turns {
            for l in 0..L {
                self.others_then[l] = if stops[l] > 0.0 { self.others[l] } else { self.others_then[l] };
            }
            for (r, unpaid) in self.unpaid.iter_mut().enumerate() {
                let mut now = Lanes::ZERO;
                self.lanes.undistributed(time, r, &mut now);
                for l in 0..L {
                    unpaid[l] = if stops[l] > 0.0 { now[l] } else { unpaid[l] };
                }
            }
        }
        turns
    }

    /// By how much others' stake is to be multiplied in a block of its chain, since the block before.
    fn drift(&mut self, apr: &Lanes<L>, time: &[u64; L], active: &Lanes<L>) -> Option<Lanes<L>> {
        if self.crowd.is_none() && self.inflow.is_none() {
            return None;
        }
        let mut factor = Lanes::splat(1.0);
        for l in 0..L {
            if active[l] == 0.0 {
                continue;
            }
            if let Some(FarmCrowd { target_apr, response }) = self.crowd {
                let years = SimDuration::from_nanos(time[l] - self.moved[l]).as_years();
                let drawn = math::ln(apr[l] / target_apr).clamp(-FASTEST, FASTEST);
                factor[l] = math::exp(years / response.as_years() * drawn);
            }
            if let Some(inflow) = &mut self.inflow {
                factor[l] *= inflow.level[l] / inflow.before[l];
                inflow.before[l] = inflow.level[l];
            }
            self.moved[l] = time[l];
        }
        Some(factor)
    }
}

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
