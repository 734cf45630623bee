//! Liquidity of others, and agents that see the swaps of others before and after they execute.

use cenote_amm::{AnyPool, RangeChange, TokenIndex};
use cenote_strategy::PoolId;
use cenote_units::Lanes;

use super::trading::post_swap;
use super::{Engine, MOST_ACTS, supply};
use crate::account::Detail;
use crate::agent::{OrderKind, OrderLanes, Phase};
use crate::error::SimErrorKind;
use crate::ledger::Account;
use crate::observer::{Actor, Event};

/// Room for an agent's ranges, in those of these pools that have some.
pub(super) fn take_places<const L: usize>(pools: &mut [AnyPool<L>], wanted: &[PoolId]) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    for pool in wanted {
        if let Some(AnyPool::Ranged(lanes)) = pools.get_mut(pool.index()) {
            places.push((pool.index(), lanes.add_position()));
        }
    }
    places
}

/// What a world keeps for agents that react to what others do.
#[derive(Debug)]
pub(super) struct Reactions<const L: usize> {
    /// Whether there are any.
    pub(super) some: bool,
    /// What one of them does now.
    order: OrderLanes<L>,
    /// By pool: what they have made.
    pub(super) extracted: Vec<Lanes<L>>,
    /// What went wrong where nothing could be said at once.
    pub(super) failed: Option<SimErrorKind>,
}

impl<const L: usize> Reactions<L> {
    pub(super) fn new(some: bool, pools: usize) -> Self {
        Self { some, order: OrderLanes::new(), extracted: vec![Lanes::ZERO; pools], failed: None }
    }
}

/// Before or after the swap of somebody else.
#[derive(Clone, Copy, PartialEq)]
enum Moment {
    Before,
    After,
}

impl<const L: usize> Engine<L> {
    /// Executes `self.order` with what agents do who see it coming.
    pub(super) fn execute_watched(&mut self, actor: Actor, phase: Phase, rank: usize) {
        self.order.write_target(&self.market.prices);
        self.keep_active_everywhere();
        self.quote_limits();
        for i in 0..self.agents.len() {
            if self.agents[i].reacts && actor != Actor::Agent(i) {
                self.react(i, Moment::Before, phase, rank);
            }
        }
        self.enforce_limits();
        self.carry_out(actor, phase, rank);
        for i in (0..self.agents.len()).rev() {
            if self.agents[i].reacts && actor != Actor::Agent(i) {
                self.react(i, Moment::After, phase, rank);
            }
        }
    }

    /// What a swap with slippage has to pay out, going by what it would pay out now.
    fn quote_limits(&mut self) {
        self.order.min_out = Lanes::ZERO;
        let Some(slippage) = self.order.slippage.filter(|_| self.order.kind == OrderKind::Swap) else { return };
        for l in 0..L {
            self.order.min_out[l] = self.quote_lane(l) * (1.0 - slippage);
        }
    }

    /// A swap that would pay out less than it has to does not happen.
    fn enforce_limits(&mut self) {
        if self.order.slippage.is_none() || self.order.kind != OrderKind::Swap {
            return;
        }
        for l in 0..L {
            if self.quote_lane(l) < self.order.min_out[l] {
                self.order.flow.amount_in[l] = 0.0;
            }
        }
    }

    fn quote_lane(&self, l: usize) -> f64 {
        let flow = &self.order.flow;
        let (token_in, token_out) = if flow.base_in[l] != 0 { (flow.base, flow.quote) } else { (flow.quote, flow.base) };
        let amount = flow.amount_in[l];
        if amount > 0.0 { self.market.pools[self.order.pool.index()].quote(l, token_in, token_out, amount) } else { 0.0 }
    }

    /// Lets an agent do all it wants to do now.
    fn react(&mut self, i: usize, moment: Moment, phase: Phase, rank: usize) {
        // A bundle with somebody's swap pays what that pays for its place.
        for round in 0..MOST_ACTS {
            let (view, agent) = (self.market.view(&self.clock), &mut self.agents[i].lanes);
            let wants = match moment {
                Moment::Before => agent.before(&view, &self.order, round, &mut self.reactions.order),
                Moment::After => agent.after(&view, &self.order, round, &mut self.reactions.order),
            };
            if !wants {
                return;
            }
            std::mem::swap(&mut self.order, &mut self.reactions.order);
            let gained = if self.order.kind.is_trade() {
                self.carry_out(Actor::Agent(i), phase, rank);
                self.gained_by_swap()
            } else {
                self.provide_for(Actor::Agent(i), phase, rank)
            };
            self.book_extracted(&gained);
            std::mem::swap(&mut self.order, &mut self.reactions.order);
        }
        let who = format!("agent {:?}", self.scenario.agents[i].stream);
        self.reactions.failed = Some(SimErrorKind::Endless { who, count: MOST_ACTS });
    }

    /// What the trader of the swap just executed got more than paid, at outside prices.
    fn gained_by_swap(&self) -> Lanes<L> {
        let flow = &self.order.flow;
        let tokens = &self.market.pool_tokens[self.order.pool.index()];
        let [base, quote] = [flow.base, flow.quote].map(|token| &self.market.prices[tokens[token.get()].index()]);
        let mut gained = Lanes::ZERO;
        for l in 0..L {
            let (paid, got) = if flow.base_in[l] != 0 { (base[l], quote[l]) } else { (quote[l], base[l]) };
            gained[l] = flow.amount_out[l] * got - flow.amount_in[l] * paid;
        }
        gained
    }

    fn book_extracted(&mut self, gained: &Lanes<L>) {
        let p = self.order.pool.index();
        let cost = self.market.gas_cost(p, self.order.gas);
        let trades = self.order.kind.is_trade();
        for l in 0..L {
            let did = if trades { self.order.flow.amount_in[l] } else { self.order.liquidity[l] };
            if did > 0.0 {
                self.reactions.extracted[p][l] += gained[l] - cost[l];
            }
        }
    }

    /// Executes `self.order`, which is none to trade, and books it. Returns what the agent got for it at outside prices.
    pub(super) fn provide_for(&mut self, actor: Actor, phase: Phase, rank: usize) -> Lanes<L> {
        self.keep_active_everywhere();
        let mut gained = match self.order.kind {
            OrderKind::MovePrice => return self.move_price(actor, phase, rank),
            OrderKind::ScaleOthers => self.scale_others(),
            OrderKind::AddLiquidity => self.change_liquidity(actor, 1.0),
            OrderKind::RemoveLiquidity => self.change_liquidity(actor, -1.0),
            OrderKind::Swap | OrderKind::Arbitrage | OrderKind::ArbitrageSwap => Lanes::ZERO,
        };
        for l in 0..L {
            // What goes into the pool is what the agent pays.
            gained[l] = -gained[l];
        }
        if let (false, Actor::Agent(agent)) = (self.observers.is_empty(), actor) {
            for l in 0..self.used {
                if gained[l] != 0.0 {
                    self.tell(rank, l, &Event::OthersLiquidity { agent, pool: self.order.pool, value: -gained[l] });
                }
            }
        }
        gained
    }

    /// Nothing happens in lanes where the pool's chain has no block.
    fn keep_active_everywhere(&mut self) {
        self.keep_active(self.market.chain);
        let chain = self.market.pool_chains[self.order.pool.index()];
        if chain != self.market.chain {
            self.keep_active(chain);
        }
        let active = self.clock.turn(chain.index()).active;
        let stays = match self.order.kind {
            OrderKind::MovePrice => 0.0,
            OrderKind::ScaleOthers => 1.0,
            OrderKind::AddLiquidity | OrderKind::RemoveLiquidity => {
                for l in 0..L {
                    self.order.liquidity[l] = if active[l] == 0.0 { 0.0 } else { self.order.liquidity[l] };
                }
                return;
            }
            OrderKind::Swap | OrderKind::Arbitrage | OrderKind::ArbitrageSwap => return,
        };
        for l in 0..L {
            self.order.target[l] = if active[l] == 0.0 { stays } else { self.order.target[l] };
        }
    }

    /// Drives the price: a swap without a fee, which is neither volume nor a trade.
    fn move_price(&mut self, actor: Actor, phase: Phase, rank: usize) -> Lanes<L> {
        let pool = self.order.pool;
        let p = pool.index();
        let flow = &mut self.order.flow;
        (flow.base, flow.quote) = (TokenIndex::ZERO, TokenIndex::ONE);
        let AnyPool::Ranged(lanes) = &mut self.market.pools[p] else { return Lanes::ZERO };
        lanes.move_price(&self.order.target, flow);
        let [base, quote] = [0, 1].map(|i| self.market.pool_tokens[p][i]);
        let prices = &self.market.prices;
        self.accounts[p].book_swap(flow, &prices[base.index()], &prices[quote.index()], Detail::Income.min(self.details[p]));
        if let Some(ledger) = &mut self.ledger {
            post_swap(ledger, Account::Outside, p, base, quote, flow);
        }
        if !self.observers.is_empty() {
            self.tell_swap(actor, phase, rank, pool);
        }
        self.gained_by_swap()
    }

    /// Multiplies the liquidity of others. Returns what they paid in, at outside prices.
    pub(super) fn scale_others(&mut self) -> Lanes<L> {
        let p = self.order.pool.index();
        if self.market.pools[p].fungible().is_some() {
            // LP tokens of others are those of nobody here.
            let mut liquidity = supply(&self.market.pools[p]);
            for position in &self.positions {
                for l in 0..L {
                    liquidity[l] -= position.lp[p][l];
                }
            }
            for l in 0..L {
                liquidity[l] *= self.order.target[l] - 1.0;
            }
            self.order.liquidity = liquidity;
            return self.change_supply(p, 1.0);
        }
        let (mut amounts, mut fees) = ([Lanes::ZERO; 2], [Lanes::ZERO; 2]);
        if let AnyPool::Ranged(pool) = &mut self.market.pools[p] {
            pool.scale_others(&self.order.target, &mut amounts, &mut fees);
        }
        self.book_others(p, &amounts, &fees)
    }

    /// An agent provides liquidity (`sign` 1) or takes it out (−1). Returns what was paid in, at outside prices.
    fn change_liquidity(&mut self, actor: Actor, sign: f64) -> Lanes<L> {
        let p = self.order.pool.index();
        if self.market.pools[p].fungible().is_some() {
            return self.change_supply(p, sign);
        }
        let place = match actor {
            Actor::Agent(i) => self.agents[i].places.iter().find(|(pool, _)| *pool == p),
            Actor::Position(_) => None,
        };
        let (Some(&(_, number)), AnyPool::Ranged(pool)) = (place, &mut self.market.pools[p]) else {
            self.order.liquidity = Lanes::ZERO;
            return Lanes::ZERO;
        };
        let (mut amounts, mut fees) = ([Lanes::ZERO; 2], [Lanes::ZERO; 2]);
        for l in 0..L {
            let wanted = self.order.liquidity[l];
            let mut change = RangeChange::default();
            if wanted > 0.0 {
                change = if sign > 0.0 {
                    let (unit, _) = pool.proportions(l, self.order.range[l]);
                    pool.mint(number, l, self.order.range[l], unit.map(|unit| unit * wanted))
                } else {
                    pool.burn(number, l, wanted)
                };
            }
            self.order.liquidity[l] = change.liquidity;
            for i in 0..2 {
                (amounts[i][l], fees[i][l]) = (sign * change.amounts[i], change.fees[i]);
            }
        }
        self.book_others(p, &amounts, &fees)
    }

    /// Others mint (`sign` 1) or burn (−1) `self.order.liquidity` LP tokens. Returns what they paid in, at outside prices.
    pub(super) fn change_supply(&mut self, p: usize, sign: f64) -> Lanes<L> {
        let (due, before) = self.protocol_due(p);
        let mut amounts = vec![Lanes::ZERO; self.market.pool_tokens[p].len()];
        let mut changed = self.order.liquidity;
        for l in 0..L {
            changed[l] *= sign;
        }
        if let AnyPool::Fungible(pool) = &mut self.market.pools[p] {
            pool.change_others(&mut changed, &mut amounts);
        }
        for l in 0..L {
            self.order.liquidity[l] = changed[l].abs();
        }
        // What trades did so far belongs to the LP tokens there were.
        self.accounts[p].close(&self.order.liquidity, &due, &before);
        self.book_others(p, &amounts, &[])
    }

    /// Books what others paid in for liquidity, and what a pool paid out to them besides. Returns the value of both, paid in.
    fn book_others(&mut self, p: usize, amounts: &[Lanes<L>], fees: &[Lanes<L>]) -> Lanes<L> {
        let mut paid = Lanes::ZERO;
        for (i, token) in self.market.pool_tokens[p].iter().enumerate() {
            let price = &self.market.prices[token.index()];
            for l in 0..L {
                paid[l] += (amounts[i][l] - fees.get(i).map_or(0.0, |fees| fees[l])) * price[l];
            }
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer(Account::Outside, Account::Pool(p), token.index(), &amounts[i]);
                if let Some(fees) = fees.get(i) {
                    ledger.transfer(Account::Pool(p), Account::Outside, token.index(), fees);
                }
            }
        }
        self.after_supply_changed(p, amounts, 1.0);
        paid
    }
}
