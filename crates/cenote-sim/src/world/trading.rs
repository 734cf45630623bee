//! Prices move, and agents trade.

use cenote_amm::{FlowLanes, Told};
use cenote_strategy::{ChainId, TokenId};
use cenote_units::{Lanes, kernel, mask, select};

use super::{Engine, MOST_ACTS, MarketState, indexed, token_id};
use crate::account::Detail;
use crate::agent::{OrderKind, OrderLanes, Phase};
use crate::error::{SimError, SimErrorKind};
use crate::ledger::{Account, Ledger};
use crate::observer::{Actor, Event};
use crate::outside::Formed;

impl<const L: usize> Engine<L> {
    /// Informed agents trade at the prices of the block before, knowing those of this one.
    pub(super) fn inform(&mut self, rank: usize) -> Result<(), SimError> {
        self.step_prices();
        self.outside.look_ahead();
        std::mem::swap(&mut self.before, &mut self.market.prices);
        self.market.upcoming = Some(std::mem::take(&mut self.before));
        let traded = self.trade(Phase::Informed, rank);
        self.before = self.market.upcoming.take().unwrap_or_default();
        std::mem::swap(&mut self.before, &mut self.market.prices);
        traded
    }

    /// Outside prices move, and what has befallen tokens passes or does not.
    fn step_prices(&mut self) {
        let (step, hazards) = (self.clock.step(), &mut self.venues.hazards);
        if !self.outside.is_ahead() {
            hazards.recover(step.years);
        }
        let before = Some(&mut *self.before).filter(|before| !before.is_empty());
        self.outside.step(&step, &mut self.market.prices, before, |token| hazards.factor(token));
        for &Formed { token, pool, place, other, other_place } in &self.formed {
            let mut price = Lanes::ZERO;
            self.market.pools[pool].spot_prices(place, other_place, &mut price);
            for l in 0..L {
                price[l] *= self.market.prices[other][l];
            }
            self.market.prices[token] = price;
        }
    }

    pub(super) fn move_prices(&mut self, rank: usize) {
        self.step_prices();
        self.gas_prices.step(&self.clock.step(), &mut self.market.gas, &self.market.prices);
        self.book_prices();
        self.value_ranges(false);
        self.watch_ranges();
        self.book_hedges();
        self.step_venues();
        for account in &mut self.accounts {
            account.begin_block();
        }
        if !self.observers.is_empty() {
            for t in 0..self.scenario.tokens.len() {
                if self.scenario.tokens[t].price.is_some() {
                    for l in 0..self.used {
                        let price = self.market.prices[t][l];
                        self.tell(rank, l, &Event::Price { token: token_id(t), price });
                    }
                }
            }
        }
    }

    /// Every pool's value at the new prices, and what the move did to it.
    pub(super) fn book_prices(&mut self) {
        let MarketState { prices, pools, pool_tokens, numeraire, .. } = &self.market;
        for (((account, pool), tokens), detail) in self.accounts.iter_mut().zip(pools).zip(pool_tokens).zip(&self.details) {
            if *detail < Detail::Income {
                continue;
            }
            for (k, (index, token)) in indexed(tokens).enumerate() {
                let (reserve, t) = (pool.reserves(index, &mut self.room), token.index());
                if k == 0 {
                    account.book_first_price(reserve, &self.before[t], &prices[t]);
                } else if token == *numeraire {
                    account.book_numeraire(reserve);
                } else {
                    account.book_price(reserve, &self.before[t], &prices[t]);
                }
            }
        }
    }

    pub(super) fn trade(&mut self, phase: Phase, rank: usize) -> Result<(), SimError> {
        for i in 0..self.agents.len() {
            if self.agents[i].phase == phase && self.agents[i].chain == self.market.chain {
                self.trade_of(i, rank)?;
            }
        }
        Ok(())
    }

    /// All orders of one agent.
    fn trade_of(&mut self, i: usize, rank: usize) -> Result<(), SimError> {
        let phase = self.agents[i].phase;
        self.market.priority_fee = self.scenario.agents[i].priority_fee;
        let mut round = 0;
        self.order.at_market = None;
        while self.agents[i].lanes.order(&self.market.view(&self.clock), round, &mut self.order) {
            self.execute(Actor::Agent(i), phase, rank);
            (self.order.slippage, self.order.at_market) = (None, None);
            round += 1;
            if round == MOST_ACTS {
                let who = format!("agent {:?}", self.scenario.agents[i].stream);
                return Err(self.error(0, SimErrorKind::Endless { who, count: round }));
            }
        }
        Ok(())
    }

    /// Everybody's transactions, those with the highest priority fee first.
    pub(super) fn auction(&mut self) -> Result<(), SimError> {
        for k in 0..self.bidders.len() {
            match self.bidders[k] {
                Actor::Agent(i) if self.agents[i].chain == self.market.chain => {
                    self.trade_of(i, self.rank_of(self.agents[i].phase))?;
                }
                Actor::Position(i) => self.provide_of(i)?,
                Actor::Agent(_) => {}
            }
        }
        Ok(())
    }

    /// Executes `self.order` and books it, together with what agents do who see it coming.
    pub(super) fn execute(&mut self, actor: Actor, phase: Phase, rank: usize) {
        if !self.order.kind.is_trade() {
            self.provide_for(actor, phase, rank);
        } else if self.reactions.some {
            self.execute_watched(actor, phase, rank);
        } else {
            self.carry_out(actor, phase, rank);
        }
    }

    /// Executes `self.order`, a swap or an arbitrage, and books it.
    pub(super) fn carry_out(&mut self, actor: Actor, phase: Phase, rank: usize) {
        self.keep_active(self.market.chain);
        let chain = self.market.pool_chains[self.order.pool.index()];
        if chain != self.market.chain {
            self.keep_active(chain);
        }
        let OrderLanes { kind, pool, flow, few, at_market, trades, target, min_profit, gas, .. } = &mut self.order;
        let p = pool.index();
        let tokens = &self.market.pool_tokens[p];
        let (base, quote) = (tokens[flow.base.get()], tokens[flow.quote.get()]);
        let (base_price, quote_price) = (&self.market.prices[base.index()], &self.market.prices[quote.index()]);
        let (target, min_profit) = match at_market {
            Some(token) => (&self.market.prices[token.index()], &Lanes::ZERO),
            None => (&*target, &*min_profit),
        };
        let account = &mut self.accounts[p];
        let seen = *gas > 0.0 || self.ledger.is_some() || !self.observers.is_empty() || self.reactions.some;
        match kind {
            OrderKind::Swap if *few => {
                self.market.pools[p].swap_few(trades);
                account.book_few(trades, base_price, quote_price, self.details[p], false);
                if seen {
                    trades.spread(flow);
                }
            }
            OrderKind::Swap => {
                self.market.pools[p].swap(flow);
                account.book_swap(flow, base_price, quote_price, self.details[p]);
            }
            OrderKind::Arbitrage | OrderKind::ArbitrageSwap => {
                (trades.flow.base, trades.flow.quote) = (flow.base, flow.quote);
                if *kind == OrderKind::ArbitrageSwap {
                    self.market.pools[p].swap(flow);
                    account.book_arbitrage(flow, base_price, quote_price, self.details[p]);
                } else if self.market.pools[p].arbitrage_few(target, min_profit, trades) {
                    account.book_few(trades, base_price, quote_price, self.details[p], true);
                    if seen {
                        trades.spread(flow);
                    }
                } else {
                    flow.told = match self.details[p] {
                        Detail::Nothing if !seen => Told::Nothing,
                        Detail::Blocks if !seen => Told::AmountIn,
                        _ => Told::All,
                    };
                    self.market.pools[p].arbitrage(target, min_profit, flow);
                    flow.told = Told::All;
                    account.book_arbitrage(flow, base_price, quote_price, self.details[p]);
                }
                if *gas > 0.0 {
                    let cost = self.market.gas_cost(p, *gas);
                    for l in 0..L {
                        if flow.amount_in[l] > 0.0 {
                            self.accounts[p].arbitrage.gas[l] += cost[l];
                        }
                    }
                }
            }
            // These are no trades: `execute` sees to them.
            OrderKind::MovePrice | OrderKind::ScaleOthers | OrderKind::AddLiquidity | OrderKind::RemoveLiquidity => return,
        }
        if let Some(ledger) = &mut self.ledger {
            let trader = match actor {
                Actor::Agent(_) => Account::Outside,
                Actor::Position(i) => Account::Position(i),
            };
            post_swap(ledger, trader, p, base, quote, flow);
        }
        if !self.observers.is_empty() {
            self.tell_swap(actor, phase, rank, self.order.pool);
        }
    }
}

impl<const L: usize> Engine<L> {
    /// No trade in lanes where this chain has no block.
    pub(super) fn keep_active(&mut self, chain: ChainId) {
        let turn = self.clock.turn(chain.index());
        if !turn.all {
            self.order.write_target(&self.market.prices);
            keep_active(turn.active, &mut self.order.flow.amount_in, &mut self.order.min_profit);
        }
    }
}

kernel! {
    fn keep_active<const L: usize>(active: &Lanes<L>, amount_in: &mut Lanes<L>, min_profit: &mut Lanes<L>) {
        for l in 0..L {
            let ticks = mask(active[l] != 0.0);
            amount_in[l] = select(ticks, amount_in[l], 0.0);
            min_profit[l] = select(ticks, min_profit[l], f64::INFINITY);
        }
    }
}

pub(super) fn post_swap<const L: usize>(
    ledger: &mut Ledger<L>,
    trader: Account,
    p: usize,
    base: TokenId,
    quote: TokenId,
    flow: &FlowLanes<L>,
) {
    let (mut base_in, mut quote_in) = (Lanes::ZERO, Lanes::ZERO);
    for l in 0..L {
        let sells = flow.base_in[l] != 0;
        base_in[l] = if sells { flow.amount_in[l] } else { -flow.amount_out[l] };
        quote_in[l] = if sells { -flow.amount_out[l] } else { flow.amount_in[l] };
    }
    ledger.transfer(trader, Account::Pool(p), base.index(), &base_in);
    ledger.transfer(trader, Account::Pool(p), quote.index(), &quote_in);
}
