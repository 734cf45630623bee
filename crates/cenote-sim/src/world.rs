use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cenote_amm::{BuildPool, FlowLanes, PoolLanes, PoolModel, TokenIndex};
use cenote_paths::{BuildPrice, PriceLanes, PriceModel, StreamKey};
use cenote_strategy::{ActionKind, ActionLanes, BuildStrategy, Entry, MarketLanes, PoolId, TokenId, token_index};
use cenote_units::{Lanes, SimTime};

use crate::account::{Detail, PoolAccount};
use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};
use crate::clock::{ClockLanes, WARM_UP};
use crate::error::{ScenarioError, SimError, SimErrorKind};
use crate::ledger::{Account, Ledger};
use crate::metrics::PoolMetric;
use crate::observer::{Actor, Event, EventKey, Observer};
use crate::position::{End, PositionState, nanos};
use crate::scenario::{Column, PoolSetup, Scenario, StrategyModel};

/// `L` paths of a scenario in lockstep.
///
/// One code for one path and for a pack: every number of a path has the same bits in a world of one lane and in any lane of a wider
/// one. A world is reused from pack to pack and allocates nothing per block.
#[derive(Debug)]
pub struct World<const L: usize> {
    scenario: Scenario,
    clock: ClockLanes<L>,
    market: MarketState<L>,
    processes: Vec<Option<Box<dyn PriceLanes<L>>>>,
    /// Outside prices before the current block's move.
    before: Vec<Lanes<L>>,
    accounts: Vec<PoolAccount<L>>,
    agents: Vec<(Phase, Box<dyn AgentLanes<L>>)>,
    positions: Vec<PositionState<L>>,
    ledger: Option<Ledger<L>>,
    observers: Vec<Box<dyn Observer>>,
    order: OrderLanes<L>,
    /// Lanes whose results count; the rest pad the last pack.
    used: usize,
    paths: [u32; L],
    /// Whether the measured leg runs.
    measuring: bool,
    detail: Detail,
    drawdowns: bool,
    interrupt: Option<Arc<AtomicBool>>,
    seq: u32,
}

/// More orders or actions of one agent or position in one block than anybody means.
const MOST_ACTS: u32 = 100_000;

/// How often a run looks whether it is to stop: some milliseconds.
const BLOCKS_PER_LOOK: u32 = 1024;

/// What agents and strategies may look at.
#[derive(Debug)]
struct MarketState<const L: usize> {
    prices: Vec<Lanes<L>>,
    pools: Vec<Box<dyn PoolLanes<L>>>,
    pool_tokens: Vec<Vec<TokenId>>,
    numeraire: TokenId,
    native: Option<TokenId>,
    gas_price: f64,
}

impl<const L: usize> MarketState<L> {
    fn view<'a>(&'a self, clock: &'a ClockLanes<L>) -> MarketLanes<'a, L> {
        let step = clock.step();
        MarketLanes {
            block: step.block,
            time: step.end,
            years: step.years,
            shared_years: step.shared,
            active: clock.active(),
            prices: &self.prices,
            pools: &self.pools,
            pool_tokens: &self.pool_tokens,
            numeraire: self.numeraire,
            gas_price: self.gas_price,
            native: self.native,
        }
    }
}

impl<const L: usize> World<L>
where
    dyn PriceModel: BuildPrice<L>,
    dyn PoolModel: BuildPool<L>,
    dyn AgentModel: BuildAgent<L>,
    dyn StrategyModel: BuildStrategy<L>,
{
    /// A world of this scenario, with this master seed.
    ///
    /// # Errors
    /// The scenario does not check, or a pool cannot be built from its amounts.
    pub fn new(scenario: &Scenario, seed: u64) -> Result<Self, ScenarioError> {
        scenario.check()?;
        let scenario = scenario.clone();
        let processes = scenario
            .tokens
            .iter()
            .map(|token| token.price.as_ref().map(|model| BuildPrice::<L>::build(&**model, StreamKey::new(seed, &token.stream))));
        let agents = scenario
            .agents
            .iter()
            .map(|agent| (agent.model.phase(), BuildAgent::<L>::build(&*agent.model, StreamKey::new(seed, &agent.stream))));
        let (tokens, pools) = (scenario.tokens.len(), scenario.pools.len());
        let positions = scenario.positions.iter().map(|position| {
            let strategy = BuildStrategy::<L>::build(&*position.strategy);
            PositionState::new(position.name.clone(), strategy, position.deposit, position.gas, tokens, pools)
        });
        let market = MarketState {
            prices: vec![Lanes::splat(1.0); tokens],
            pools: build_pools(&scenario)?,
            pool_tokens: scenario.pools.iter().map(|pool| pool.tokens.clone()).collect(),
            numeraire: scenario.numeraire,
            native: scenario.chain.native,
            gas_price: scenario.chain.gas_price,
        };
        Ok(Self {
            clock: ClockLanes::new(scenario.chain.clock, StreamKey::new(seed, &scenario.chain.stream)),
            market,
            processes: processes.collect(),
            before: vec![Lanes::ZERO; tokens],
            accounts: vec![PoolAccount::new(); pools],
            agents: agents.collect(),
            positions: positions.collect(),
            ledger: scenario.audit.then(|| Ledger::new(tokens, pools, scenario.positions.len())),
            observers: Vec::new(),
            order: OrderLanes::new(),
            used: L,
            paths: [0; L],
            measuring: false,
            detail: detail(&scenario.pool_metrics),
            drawdowns: scenario.position_metrics.contains(&crate::PositionMetric::MaxDrawdown),
            interrupt: None,
            seq: 0,
            scenario,
        })
    }

    /// Stops the run soon after `flag` is set, with [`SimErrorKind::Interrupted`].
    pub fn interrupt_on(&mut self, flag: Arc<AtomicBool>) {
        self.interrupt = Some(flag);
    }

    /// Adds somebody who sees every event.
    pub fn observe(&mut self, observer: Box<dyn Observer>) {
        self.observers.push(observer);
    }

    /// Gives the observers back.
    pub fn take_observers(&mut self) -> Vec<Box<dyn Observer>> {
        std::mem::take(&mut self.observers)
    }

    /// Simulates `paths` from start to horizon and writes their results: column by column as
    /// [`Scenario::columns`] lists them, `L` values each. Only the first `used` lanes matter; the others pad a pack.
    /// Returns the number of blocks of the measured time, summed over the used lanes.
    ///
    /// # Errors
    /// The first used lane that went wrong, with what is needed to replay it.
    pub fn run(&mut self, paths: [u32; L], used: usize, results: &mut [f64]) -> Result<u64, SimError> {
        self.start(paths, used);
        self.clock.begin_leg(WARM_UP, self.scenario.warm_up);
        self.run_leg()?;
        // Before positions enter: lanes that stood still at the end of the warm-up are active again.
        self.clock.begin_leg(0, self.scenario.horizon);
        self.begin_measuring()?;
        self.run_leg()?;
        self.finish(results)
    }
}

impl<const L: usize> World<L> {
    fn run_leg(&mut self) -> Result<(), SimError> {
        let mut until_look: u32 = 0;
        while self.clock.advance() {
            self.block()?;
            // A look at a shared flag is cheap, not free.
            until_look = until_look.checked_sub(1).unwrap_or(BLOCKS_PER_LOOK);
            if until_look == 0 && self.interrupt.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                return Err(self.error(0, SimErrorKind::Interrupted));
            }
        }
        Ok(())
    }

    fn start(&mut self, paths: [u32; L], used: usize) {
        self.measuring = false;
        self.paths = paths;
        self.used = used.min(L);
        self.seq = 0;
        self.clock.start(paths);
        for (process, price) in self.processes.iter_mut().zip(&mut self.market.prices) {
            if let Some(process) = process {
                process.start(paths, price);
            }
        }
        for pool in &mut self.market.pools {
            pool.start();
        }
        for (_, agent) in &mut self.agents {
            agent.start(paths);
        }
        for position in &mut self.positions {
            position.clear();
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.clear();
            for (p, tokens) in self.market.pool_tokens.iter().enumerate() {
                for (i, token) in indexed(tokens) {
                    ledger.transfer(Account::Outside, Account::Pool(p), token.index(), self.market.pools[p].reserve(i));
                }
            }
        }
        self.reset_accounts();
    }

    /// Empty books at the present state of the pools.
    fn reset_accounts(&mut self) {
        for (account, pool) in self.accounts.iter_mut().zip(&self.market.pools) {
            *account = PoolAccount::new();
            account.set_supply(pool.supply());
        }
        self.before.copy_from_slice(&self.market.prices);
        self.book_prices();
    }

    /// Positions enter with their deposits.
    fn begin_measuring(&mut self) -> Result<(), SimError> {
        self.measuring = true;
        self.reset_accounts();
        for i in 0..self.positions.len() {
            match self.positions[i].strategy.entry() {
                Entry::Tokens(tokens) => {
                    for (token, weight) in tokens {
                        let mut amount = Lanes::ZERO;
                        for l in 0..L {
                            amount[l] = self.positions[i].deposit * weight / self.market.prices[token.index()][l];
                        }
                        self.endow(i, token, &amount);
                    }
                }
                Entry::Pool(pool) => {
                    let p = pool.index();
                    for k in 0..self.market.pool_tokens[p].len() {
                        let (index, token) = (token_at(k), self.market.pool_tokens[p][k]);
                        let mut amount = *self.market.pools[p].reserve(index);
                        for l in 0..L {
                            amount[l] *= self.positions[i].deposit / self.accounts[p].value[l];
                        }
                        self.endow(i, token, &amount);
                    }
                }
            }
            self.act(i)?;
            self.positions[i].mark(&self.market.prices, &self.accounts);
        }
        self.audit()
    }

    fn endow(&mut self, position: usize, token: TokenId, amount: &Lanes<L>) {
        self.positions[position].endow(token, amount, &self.market.prices[token.index()]);
        if let Some(ledger) = &mut self.ledger {
            ledger.transfer(Account::Outside, Account::Position(position), token.index(), amount);
        }
    }

    /// One block, in the order of its phases.
    fn block(&mut self) -> Result<(), SimError> {
        self.seq = 0;
        for rank in 0..self.scenario.chain.order.len() {
            match self.scenario.chain.order[rank] {
                Phase::Price => self.move_prices(rank),
                phase @ (Phase::Arbitrage | Phase::Flow) => self.trade(phase, rank)?,
                Phase::Liquidity => {
                    if self.measuring {
                        self.provide()?;
                    }
                }
                Phase::Observers => self.look(rank)?,
            }
        }
        Ok(())
    }

    fn move_prices(&mut self, rank: usize) {
        let step = self.clock.step();
        for ((process, price), before) in self.processes.iter_mut().zip(&mut self.market.prices).zip(&mut self.before) {
            if let Some(process) = process {
                *before = *price;
                process.step(&step, price);
            }
        }
        self.book_prices();
        for account in &mut self.accounts {
            account.begin_block(self.detail);
        }
        if !self.observers.is_empty() {
            for t in 0..self.processes.len() {
                if self.processes[t].is_some() {
                    for l in 0..self.used {
                        let price = self.market.prices[t][l];
                        self.tell(rank, l, &Event::Price { token: token_id(t), price });
                    }
                }
            }
        }
    }

    /// Every pool's value at the new prices, and what the move did to it.
    fn book_prices(&mut self) {
        let MarketState { prices, pools, pool_tokens, numeraire, .. } = &self.market;
        for ((account, pool), tokens) in self.accounts.iter_mut().zip(pools).zip(pool_tokens) {
            for (k, (index, token)) in indexed(tokens).enumerate() {
                let (reserve, t) = (pool.reserve(index), token.index());
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

    fn trade(&mut self, phase: Phase, rank: usize) -> Result<(), SimError> {
        for i in 0..self.agents.len() {
            if self.agents[i].0 != phase {
                continue;
            }
            let mut round = 0;
            while self.agents[i].1.order(&self.market.view(&self.clock), round, &mut self.order) {
                self.execute(Actor::Agent(i), phase, rank);
                round += 1;
                if round == MOST_ACTS {
                    let who = format!("agent {:?}", self.scenario.agents[i].stream);
                    return Err(self.error(0, SimErrorKind::Endless { who, count: round }));
                }
            }
        }
        Ok(())
    }

    /// Executes `self.order` and books it.
    fn execute(&mut self, actor: Actor, phase: Phase, rank: usize) {
        if !self.clock.is_shared() || self.clock.active()[0] == 0.0 {
            keep_active(self.clock.active(), &mut self.order);
        }
        let OrderLanes { kind, pool, flow, target, min_profit, gas } = &mut self.order;
        let p = pool.index();
        let tokens = &self.market.pool_tokens[p];
        let (base, quote) = (tokens[flow.base.get()], tokens[flow.quote.get()]);
        let (base_price, quote_price) = (&self.market.prices[base.index()], &self.market.prices[quote.index()]);
        let account = &mut self.accounts[p];
        match kind {
            OrderKind::Swap => {
                self.market.pools[p].swap(flow);
                account.book_swap(flow, base_price, quote_price, self.detail);
            }
            OrderKind::Arbitrage => {
                self.market.pools[p].arbitrage(target, min_profit, flow);
                account.book_arbitrage(flow, base_price, quote_price, self.detail);
                if *gas > 0.0 {
                    let cost = self.market.view(&self.clock).gas_cost(*gas);
                    for l in 0..L {
                        if flow.amount_in[l] > 0.0 {
                            self.accounts[p].arbitrage.gas[l] += cost[l];
                        }
                    }
                }
            }
        }
        if let Some(ledger) = &mut self.ledger {
            let trader = match actor {
                Actor::Agent(_) => Account::Outside,
                Actor::Position(i) => Account::Position(i),
            };
            post_swap(ledger, trader, p, base, quote, flow);
        }
        if !self.observers.is_empty() {
            self.tell_swap(actor, phase, rank, PoolId(self.order.pool.0));
        }
    }

    /// Strategies that want to see every block act.
    fn provide(&mut self) -> Result<(), SimError> {
        for i in 0..self.positions.len() {
            if self.positions[i].strategy.wakes_every_block() {
                self.positions[i].mark(&self.market.prices, &self.accounts);
                self.act(i)?;
            }
        }
        Ok(())
    }

    /// A position does all it wants to do now.
    fn act(&mut self, i: usize) -> Result<(), SimError> {
        for _ in 0..MOST_ACTS {
            let Some(action) = self.positions[i].decide(&self.market.view(&self.clock)) else { return Ok(()) };
            self.perform(i, &action)?;
            self.positions[i].mark(&self.market.prices, &self.accounts);
        }
        let who = format!("position {:?}", self.positions[i].name);
        Err(self.error(0, SimErrorKind::Endless { who, count: MOST_ACTS }))
    }

    fn perform(&mut self, i: usize, action: &ActionLanes<L>) -> Result<(), SimError> {
        let pool = action.kind.pool();
        let p = pool.index();
        let unknown = |what: String| SimErrorKind::Unknown { who: format!("position {:?}", self.positions[i].name), what };
        if p >= self.market.pools.len() {
            return Err(self.error(0, unknown(format!("pool number {p}"))));
        }
        if let ActionKind::Swap(_, a, b) = action.kind {
            let view = self.market.view(&self.clock);
            let pair = (view.token_index(pool, a), view.token_index(pool, b));
            if a == b || pair.0.is_none() || pair.1.is_none() {
                let what = format!("tokens number {} and {} of pool {:?}", a.0, b.0, self.scenario.pools[p].name);
                return Err(self.error(0, unknown(what)));
            }
        }
        match action.kind {
            ActionKind::Mint(_) => self.mint(i, p, &action.amount),
            ActionKind::Burn(_) => self.burn(i, p, &action.amount),
            ActionKind::Swap(_, token_in, token_out) => self.swap(i, p, token_in, token_out, &action.amount),
        }
        Ok(())
    }

    /// LP tokens that the protocol takes when liquidity next changes, and how many there are then.
    fn protocol_due(&self, p: usize) -> (Lanes<L>, Lanes<L>) {
        let pool = &self.market.pools[p];
        let (mut due, mut supply) = (Lanes::ZERO, *pool.supply());
        pool.pending_protocol_liquidity(&mut due);
        for l in 0..L {
            supply[l] += due[l];
        }
        (due, supply)
    }

    /// Takes over the pool's new supply, and its new value after `amounts` were added (or taken, if negative).
    fn after_supply_changed(&mut self, p: usize, amounts: &[Lanes<L>], sign: f64) {
        let account = &mut self.accounts[p];
        account.set_supply(self.market.pools[p].supply());
        for (amount, token) in amounts.iter().zip(&self.market.pool_tokens[p]) {
            let price = &self.market.prices[token.index()];
            for l in 0..L {
                account.value[l] += sign * amount[l] * price[l];
            }
        }
        for position in &mut self.positions {
            position.set_share(p, &account.inverse_supply);
        }
    }

    fn invariant_per_lp(&self, p: usize) -> Lanes<L> {
        let mut per_lp = Lanes::ZERO;
        self.market.pools[p].invariant(&mut per_lp);
        for l in 0..L {
            per_lp[l] *= self.accounts[p].inverse_supply[l];
        }
        per_lp
    }

    fn mint(&mut self, i: usize, p: usize, fraction: &Lanes<L>) {
        let (due, supply) = self.protocol_due(p);
        let tokens = self.market.pool_tokens[p].clone();
        let mut amounts: Vec<Lanes<L>> = Vec::with_capacity(tokens.len());
        for &token in &tokens {
            let mut amount = self.positions[i].wallet[token.index()];
            for l in 0..L {
                amount[l] *= fraction[l].clamp(0.0, 1.0);
            }
            amounts.push(amount);
        }
        let mut minted = Lanes::ZERO;
        self.market.pools[p].mint(&mut amounts, &mut minted);
        self.accounts[p].close(&minted, &due, &supply);
        self.positions[i].settle_pool(p, &self.accounts[p], &minted);
        for (amount, &token) in amounts.iter().zip(&tokens) {
            self.positions[i].settle_token(token.index(), &self.market.prices[token.index()], &minted);
            let wallet = &mut self.positions[i].wallet[token.index()];
            for l in 0..L {
                let left = wallet[l] - amount[l];
                // What is left by rounding alone is nothing.
                wallet[l] = if left.abs() <= 1e-14 * amount[l] { 0.0 } else { left };
            }
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer(Account::Position(i), Account::Pool(p), token.index(), amount);
            }
        }
        self.after_supply_changed(p, &amounts, 1.0);
        let per_lp = self.invariant_per_lp(p);
        let gas = self.market.view(&self.clock).gas_cost(self.positions[i].gas_units.mint);
        let position = &mut self.positions[i];
        position.add_liquidity(p, &minted, &per_lp, self.clock.time());
        position.set_share(p, &self.accounts[p].inverse_supply);
        position.pay_gas(|l| minted[l] > 0.0, &gas);
        self.tell_liquidity(&minted, |liquidity| Event::Mint { position: i, pool: pool_id(p), liquidity });
    }

    fn burn(&mut self, i: usize, p: usize, fraction: &Lanes<L>) {
        let (due, supply) = self.protocol_due(p);
        let tokens = self.market.pool_tokens[p].clone();
        let (mut per_lp, mut value) = (Lanes::ZERO, self.accounts[p].value);
        self.market.pools[p].invariant(&mut per_lp);
        for l in 0..L {
            per_lp[l] /= supply[l];
            value[l] /= supply[l];
        }
        let mut burned = self.positions[i].lp[p];
        for l in 0..L {
            burned[l] *= fraction[l].clamp(0.0, 1.0);
        }
        let mut amounts = vec![Lanes::ZERO; tokens.len()];
        self.market.pools[p].burn(&burned, &mut amounts);
        for l in 0..L {
            // A burn that the pool refuses pays nothing and does not happen.
            burned[l] = if amounts.iter().any(|amount| amount[l] > 0.0) { burned[l] } else { 0.0 };
        }
        self.accounts[p].close(&burned, &due, &supply);
        let position = &mut self.positions[i];
        position.settle_pool(p, &self.accounts[p], &burned);
        for &token in &tokens {
            position.settle_token(token.index(), &self.market.prices[token.index()], &burned);
        }
        position.remove_liquidity(p, &burned, &value, &per_lp, self.clock.time());
        for (amount, &token) in amounts.iter().zip(&tokens) {
            let wallet = &mut position.wallet[token.index()];
            for l in 0..L {
                wallet[l] += amount[l];
            }
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer(Account::Pool(p), Account::Position(i), token.index(), amount);
            }
        }
        self.after_supply_changed(p, &amounts, -1.0);
        let gas = self.market.view(&self.clock).gas_cost(self.positions[i].gas_units.burn);
        self.positions[i].pay_gas(|l| burned[l] > 0.0, &gas);
        self.tell_liquidity(&burned, |liquidity| Event::Burn { position: i, pool: pool_id(p), liquidity });
    }

    fn swap(&mut self, i: usize, p: usize, token_in: TokenId, token_out: TokenId, wanted: &Lanes<L>) {
        let tokens = &self.market.pool_tokens[p];
        let (Some(a), Some(b)) = (token_index(tokens, token_in), token_index(tokens, token_out)) else { return };
        self.order.kind = OrderKind::Swap;
        self.order.pool = pool_id(p);
        self.order.flow.base = a;
        self.order.flow.quote = b;
        self.order.flow.base_in = [u64::MAX; L];
        for l in 0..L {
            let most = self.positions[i].wallet[token_in.index()][l];
            self.order.flow.amount_in[l] = if wanted[l] > 0.0 { wanted[l].min(most) } else { 0.0 };
        }
        self.execute(Actor::Position(i), Phase::Liquidity, self.rank_of(Phase::Liquidity));
        let gas = self.market.view(&self.clock).gas_cost(self.positions[i].gas_units.swap);
        let (price_in, price_out) = (&self.market.prices[token_in.index()], &self.market.prices[token_out.index()]);
        let flow = &self.order.flow;
        let position = &mut self.positions[i];
        position.settle_token(token_in.index(), price_in, &flow.amount_in);
        position.settle_token(token_out.index(), price_out, &flow.amount_in);
        for l in 0..L {
            position.wallet[token_in.index()][l] -= flow.amount_in[l];
            position.wallet[token_out.index()][l] += flow.amount_out[l];
            position.book_trading_cost(l, flow.amount_in[l] * price_in[l] - flow.amount_out[l] * price_out[l]);
        }
        position.pay_gas(|l| flow.amount_in[l] > 0.0, &gas);
    }

    /// The end of a block: marks, observers, audit.
    fn look(&mut self, rank: usize) -> Result<(), SimError> {
        if self.measuring && (self.drawdowns || !self.observers.is_empty()) {
            for i in 0..self.positions.len() {
                self.positions[i].mark(&self.market.prices, &self.accounts);
                self.positions[i].watch_drawdown(self.clock.active());
                if !self.observers.is_empty() {
                    for l in 0..self.used {
                        let value = self.positions[i].value[l];
                        self.tell(rank, l, &Event::Mark { position: i, value });
                    }
                }
            }
        }
        self.audit()
    }

    /// Compares the ledger with what is there.
    fn audit(&self) -> Result<(), SimError> {
        let Some(ledger) = &self.ledger else { return Ok(()) };
        for (p, tokens) in self.market.pool_tokens.iter().enumerate() {
            for (i, token) in indexed(tokens) {
                self.compare(ledger, Account::Pool(p), token, self.market.pools[p].reserve(i))?;
            }
        }
        for (i, position) in self.positions.iter().enumerate() {
            for (t, amount) in position.wallet.iter().enumerate() {
                self.compare(ledger, Account::Position(i), token_id(t), amount)?;
            }
        }
        Ok(())
    }

    fn compare(&self, ledger: &Ledger<L>, account: Account, token: TokenId, holds: &Lanes<L>) -> Result<(), SimError> {
        let Some((lane, booked)) = ledger.mismatch(account, token.index(), holds).filter(|&(l, _)| l < self.used) else {
            return Ok(());
        };
        let account = match account {
            Account::Outside => "the outside world".to_owned(),
            Account::Pool(p) => format!("pool {:?}", self.scenario.pools[p].name),
            Account::Position(i) => format!("position {:?}", self.positions[i].name),
        };
        let token = self.scenario.tokens[token.index()].symbol.clone();
        Err(self.error(lane, SimErrorKind::Ledger { account, token, booked, found: holds[lane] }))
    }

    fn error(&self, lane: usize, source: SimErrorKind) -> SimError {
        SimError { path: self.paths[lane], time: SimTime::from_nanos(self.clock.time()[lane]), source }
    }

    /// Settles all books and writes the results.
    fn finish(&mut self, results: &mut [f64]) -> Result<u64, SimError> {
        let pools = self.market.pools.len();
        let mut invariant_per_lp = Vec::with_capacity(pools);
        for p in 0..pools {
            // What leaving now would be worth: the protocol takes its part of the growth first.
            let (due, supply) = self.protocol_due(p);
            self.accounts[p].close(&Lanes::splat(1.0), &due, &supply);
            invariant_per_lp.push(self.invariant_per_lp(p));
        }
        for position in &mut self.positions {
            position.settle(&self.market.prices, &self.accounts);
        }
        let horizon = self.scenario.horizon;
        let end = End {
            prices: &self.market.prices,
            accounts: &self.accounts,
            invariant_per_lp: &invariant_per_lp,
            time: self.clock.time(),
            years: horizon.as_years(),
            nanos: nanos(horizon.as_nanos()),
        };
        for lane in 0..self.used {
            for position in &self.positions {
                let outcome = position.outcome(lane, &end);
                if !outcome.value.is_finite() {
                    let (position, value) = (position.name.clone(), outcome.value);
                    return Err(self.error(lane, SimErrorKind::NotFinite { position, value }));
                }
                if !outcome.adds_up {
                    let (position, residual) = (position.name.clone(), outcome.residual);
                    return Err(self.error(lane, SimErrorKind::Attribution { position, residual }));
                }
            }
        }
        for (column, row) in self.scenario.columns().zip(results.chunks_exact_mut(L)) {
            for (lane, result) in row.iter_mut().enumerate() {
                *result = match column {
                    Column::Position(i, metric) => self.positions[i].outcome(lane, &end).metric(metric),
                    Column::Pool(p, metric) => self.pool_metric(p, metric, lane),
                };
            }
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts below 2⁵³, exact in floats")]
        let blocks = self.clock.blocks()[..self.used].iter().map(|&count| count as u64).sum();
        Ok(blocks)
    }

    fn pool_metric(&self, p: usize, metric: PoolMetric, l: usize) -> f64 {
        let account = &self.accounts[p];
        let days = self.scenario.horizon.as_years() * 365.0;
        match metric {
            PoolMetric::Volume => account.flow.volume[l],
            PoolMetric::Trades => account.flow.trades[l],
            PoolMetric::ArbitrageTrades => account.arbitrage.trades[l],
            PoolMetric::ArbitrageTradeRate => account.arbitrage.blocks[l] / self.clock.blocks()[l].max(1.0),
            PoolMetric::ArbitrageProfit => account.arbitrage.profit[l],
            PoolMetric::ArbitrageGas => account.arbitrage.gas[l],
            PoolMetric::Fees => account.total.fees[l],
            PoolMetric::ProtocolFees => account.protocol_fees[l],
            PoolMetric::LossVersusRebalancing => account.total.loss_versus_rebalancing[l],
            PoolMetric::Tvl => account.value[l],
            PoolMetric::VolumeRate => account.flow.volume_rate[l] / days,
            PoolMetric::FeesRate => account.flow.fees_rate[l] / days,
            PoolMetric::ArbitrageProfitRate => account.arbitrage.profit_rate[l] / days,
            PoolMetric::LossVersusRebalancingRate => account.flow.loss_versus_rebalancing_rate[l] / days,
        }
    }

    fn rank_of(&self, phase: Phase) -> usize {
        self.scenario.chain.order.iter().position(|&p| p == phase).unwrap_or(0)
    }

    fn tell(&mut self, rank: usize, lane: usize, event: &Event) {
        let key = EventKey {
            time: SimTime::from_nanos(self.clock.time()[lane]),
            rank: u8::try_from(rank).unwrap_or(u8::MAX),
            seq: self.seq,
        };
        self.seq += 1;
        for observer in &mut self.observers {
            observer.event(self.paths[lane], key, event);
        }
    }

    fn tell_swap(&mut self, actor: Actor, phase: Phase, rank: usize, pool: PoolId) {
        let tokens = &self.market.pool_tokens[pool.index()];
        let (base, quote) = (tokens[self.order.flow.base.get()], tokens[self.order.flow.quote.get()]);
        let mut spot = Lanes::ZERO;
        self.market.pools[pool.index()].spot_price(TokenIndex::ZERO, TokenIndex::ONE, &mut spot);
        for l in 0..self.used {
            let flow = &self.order.flow;
            if flow.amount_in[l] > 0.0 {
                let (token_in, token_out) = if flow.base_in[l] != 0 { (base, quote) } else { (quote, base) };
                let (amount_in, amount_out, fee) = (flow.amount_in[l], flow.amount_out[l], flow.fee[l]);
                let spot_price = spot[l];
                let event = Event::Swap { actor, phase, pool, token_in, token_out, amount_in, amount_out, fee, spot_price };
                self.tell(rank, l, &event);
            }
        }
    }

    fn tell_liquidity(&mut self, amount: &Lanes<L>, event: impl Fn(f64) -> Event) {
        if !self.observers.is_empty() {
            let rank = self.rank_of(Phase::Liquidity);
            for l in 0..self.used {
                if amount[l] > 0.0 {
                    self.tell(rank, l, &event(amount[l]));
                }
            }
        }
    }
}

fn detail(metrics: &[PoolMetric]) -> Detail {
    if metrics.iter().any(|metric| metric.is_rate()) {
        Detail::Rates
    } else if metrics.iter().any(|metric| metric.is_flow()) {
        Detail::Flow
    } else {
        Detail::Income
    }
}

fn build_pools<const L: usize>(scenario: &Scenario) -> Result<Vec<Box<dyn PoolLanes<L>>>, ScenarioError>
where
    dyn PoolModel: BuildPool<L>,
{
    scenario.pools.iter().map(|pool| build_pool(scenario, pool)).collect()
}

fn build_pool<const L: usize>(scenario: &Scenario, pool: &PoolSetup) -> Result<Box<dyn PoolLanes<L>>, ScenarioError>
where
    dyn PoolModel: BuildPool<L>,
{
    let error = |reason: String| ScenarioError::Pool { pool: pool.name.clone(), reason };
    if pool.tokens.len() != pool.model.token_count() {
        return Err(error(format!("it takes {} tokens and has {}", pool.model.token_count(), pool.tokens.len())));
    }
    let parts = f64::from(u32::try_from(pool.tokens.len()).unwrap_or(u32::MAX));
    let amounts: Vec<f64> = pool.tokens.iter().map(|&token| pool.value / parts / scenario.initial_price(token)).collect();
    let decimals: Vec<u8> = pool.tokens.iter().map(|token| scenario.tokens[token.index()].decimals).collect();
    BuildPool::<L>::build(&*pool.model, &amounts, &decimals).map_err(|e| error(e.to_string()))
}

/// No trade in lanes whose clock did not tick.
fn keep_active<const L: usize>(active: &Lanes<L>, order: &mut OrderLanes<L>) {
    for l in 0..L {
        let ticks = active[l] != 0.0;
        order.flow.amount_in[l] = if ticks { order.flow.amount_in[l] } else { 0.0 };
        order.min_profit[l] = if ticks { order.min_profit[l] } else { f64::INFINITY };
    }
}

fn post_swap<const L: usize>(
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

fn indexed(tokens: &[TokenId]) -> impl Iterator<Item = (TokenIndex, TokenId)> + '_ {
    tokens.iter().enumerate().map(|(i, &token)| (token_at(i), token))
}

/// Pools have at most eight tokens.
fn token_at(i: usize) -> TokenIndex {
    TokenIndex(u8::try_from(i).unwrap_or(u8::MAX))
}

fn token_id(t: usize) -> TokenId {
    TokenId(u16::try_from(t).unwrap_or(u16::MAX))
}

fn pool_id(p: usize) -> PoolId {
    PoolId(u16::try_from(p).unwrap_or(u16::MAX))
}
