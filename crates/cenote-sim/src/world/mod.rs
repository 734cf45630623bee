mod bridging;
mod gas;
mod handle;
mod hedge;
mod liquidity;
mod prices;
mod ranges;
mod reacting;
mod results;
mod trading;
mod venues;
mod watching;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cenote_amm::{AnyPool, BuildPool, FungibleLanes, PoolModel, PoolStart, TokenIndex};
use cenote_paths::{BuildPrice, PriceModel, StreamKey};
use cenote_strategy::{
    ActionLanes, Bridge, BuildStrategy, ChainId, GasLanes, MarketLanes, PoolId, RangeId, RangePlace, Refusal, StrategyLanes,
    TokenId, VenueLanes,
};
use cenote_units::{Lanes, SimTime};
use cenote_yield::farm::{BuildFarm, FarmModel};

use self::gas::GasPrices;
pub use self::handle::{BuildWorld, World};
use self::prices::OutsidePrices;
use self::reacting::Reactions;
use self::venues::Venues;
use crate::account::{Detail, PoolAccount};
use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderLanes, Phase};
use crate::clock::Timeline;
use crate::error::{ScenarioError, SimError, SimErrorKind};
use crate::ledger::{Account, Ledger};
use crate::metrics::PoolMetric;
use crate::observer::{Actor, Observer};
use crate::outside::Formed;
use crate::position::{Holdings, PositionState, WorldSize};
use crate::scenario::{PoolSetup, Scenario, StrategyModel};
use crate::venue_book::Places;
use crate::venues::VaultSetup;

/// What a [`World`] runs on.
#[derive(Debug)]
struct Engine<const L: usize> {
    scenario: Scenario,
    clock: Timeline<L>,
    market: MarketState<L>,
    outside: OutsidePrices<L>,
    /// Prices that are formed in pools.
    formed: Vec<Formed>,
    gas_prices: GasPrices<L>,
    venues: Venues<L>,
    /// Positions that somebody asks for: the first ones.
    visible: usize,
    /// Outside prices before the current block's move; none, if nobody looks at them.
    before: Vec<Lanes<L>>,
    accounts: Vec<PoolAccount<L>>,
    agents: Vec<AgentState<L>>,
    /// By chain, the phases in which something may happen, and their places in a block.
    busy: Vec<Vec<(usize, Phase)>>,
    /// Everybody who acts in blocks, in the order of their priority fees.
    bidders: Vec<Actor>,
    positions: Vec<PositionState<L>>,
    /// By position, then bridge: what their failures are drawn from.
    bridge_keys: Vec<Vec<StreamKey>>,
    ledger: Option<Ledger<L>>,
    observers: Vec<Box<dyn Observer>>,
    /// Where pools write reserves that they do not keep.
    room: Lanes<L>,
    order: OrderLanes<L>,
    reactions: Reactions<L>,
    /// What a strategy wants now, while nobody acts.
    action: Option<Box<ActionLanes<L>>>,
    /// Why an action is not done, lane by lane, while one is; else nothing.
    refused: Vec<Option<Refusal>>,
    /// Lanes whose results count; the rest pad the last pack.
    used: usize,
    paths: [u32; L],
    /// Whether the measured leg runs.
    measuring: bool,
    /// By pool.
    details: Vec<Detail>,
    drawdowns: bool,
    /// Whether somebody asks for the time in range.
    time_in_range: bool,
    interrupt: Option<Arc<AtomicBool>>,
    seq: u32,
}

/// An agent at work.
#[derive(Debug)]
struct AgentState<const L: usize> {
    phase: Phase,
    /// The chain whose blocks it acts in.
    chain: ChainId,
    lanes: Box<dyn AgentLanes<L>>,
    /// Whether it sees what others are about to do.
    reacts: bool,
    /// Its ranges: the pool's place and the range's number there.
    places: Vec<(usize, usize)>,
}

/// More orders or actions of one agent or position in one block than anybody means.
const MOST_ACTS: u32 = 100_000;

/// How often a run looks whether it is to stop: some milliseconds.
const BLOCKS_PER_LOOK: u32 = 1024;

/// What agents and strategies may look at.
#[derive(Debug)]
struct MarketState<const L: usize> {
    /// The chain whose phases run.
    chain: ChainId,
    prices: Vec<Lanes<L>>,
    /// The block's new prices while informed agents trade.
    upcoming: Option<Vec<Lanes<L>>>,
    pools: Vec<AnyPool<L>>,
    pool_tokens: Vec<Vec<TokenId>>,
    pool_chains: Vec<ChainId>,
    bridges: Vec<Bridge>,
    numeraire: TokenId,
    /// Farms, lending markets and vaults, as everybody sees them.
    venues: VenueLanes<L>,
    /// By chain.
    gas: Vec<GasLanes<L>>,
    /// Of whose turn it is.
    priority_fee: f64,
}

impl<const L: usize> MarketState<L> {
    fn view<'a>(&'a self, clock: &'a Timeline<L>) -> MarketLanes<'a, L> {
        let (step, turn) = (clock.step(), clock.turn(self.chain.index()));
        MarketLanes {
            chain: self.chain,
            block: step.block,
            time: step.end,
            years: turn.years,
            shared_years: turn.shared,
            active: turn.active,
            prices: &self.prices,
            upcoming: self.upcoming.as_deref(),
            pools: &self.pools,
            pool_tokens: &self.pool_tokens,
            pool_chains: &self.pool_chains,
            bridges: &self.bridges,
            venues: &self.venues,
            numeraire: self.numeraire,
            gas: &self.gas,
            priority_fee: self.priority_fee,
        }
    }

    /// What a transaction with a pool costs now, in the numeraire.
    fn gas_cost(&self, pool: usize, units: f64) -> Lanes<L> {
        let gas = &self.gas[self.pool_chains[pool].index()];
        let mut cost = Lanes::ZERO;
        for l in 0..L {
            cost[l] = gas.cost(units, self.priority_fee, l, &self.prices);
        }
        cost
    }
}

impl<const L: usize> Engine<L>
where
    dyn PriceModel: BuildPrice<L>,
    dyn PoolModel: BuildPool<L>,
    dyn AgentModel: BuildAgent<L>,
    dyn FarmModel: BuildFarm<L>,
    dyn StrategyModel: BuildStrategy<L>,
{
    fn new(scenario: &Scenario, seed: u64) -> Result<Self, ScenarioError> {
        scenario.check()?;
        let mut scenario = scenario.clone();
        // Vaults are positions of their own, whose results nobody asks for.
        let visible = scenario.positions.len();
        scenario.positions.extend(scenario.vaults.iter().map(VaultSetup::position).collect::<Vec<_>>());
        let scenario = scenario;
        let (tokens, pools) = (scenario.tokens.len(), scenario.pools.len());
        let mut built = build_pools(&scenario)?;
        let size = WorldSize {
            tokens,
            pools,
            chains: scenario.chains.len(),
            vaults: scenario.vaults.len(),
            sources: scenario.risks.len() + scenario.bridges.len(),
            venues: Arc::new(Places::new(&scenario)),
        };
        let mut positions = Vec::with_capacity(scenario.positions.len());
        for position in &scenario.positions {
            let strategy = BuildStrategy::<L>::build(&*position.strategy);
            let ranges = take_places(&mut built, &*strategy);
            let home = position.home.unwrap_or_else(|| scenario.home_of(&strategy.entry()));
            positions.push(PositionState::new(position, strategy, &size, ranges, home));
        }
        // After those of positions: a position's ranges have the same numbers whoever else is there.
        let agents: Vec<_> = scenario
            .agents
            .iter()
            .map(|agent| AgentState {
                phase: agent.model.phase(),
                chain: scenario.home(&*agent.model),
                lanes: BuildAgent::<L>::build(&*agent.model, StreamKey::new(seed, &agent.stream)),
                reacts: agent.model.reacts(),
                places: reacting::take_places(&mut built, agent.model.provides()),
            })
            .collect();
        let market = MarketState {
            chain: ChainId(0),
            prices: vec![Lanes::splat(1.0); tokens],
            upcoming: None,
            pools: built,
            pool_tokens: scenario.pools.iter().map(|pool| pool.tokens.clone()).collect(),
            pool_chains: scenario.pools.iter().map(|pool| pool.chain).collect(),
            bridges: scenario.bridges.iter().map(|bridge| bridge.terms).collect(),
            venues: venues::terms(&scenario),
            numeraire: scenario.numeraire,
            gas: scenario.chains.iter().map(|chain| GasLanes { native: chain.native, ..GasLanes::FREE }).collect(),
            priority_fee: 0.0,
        };
        let venues = Venues::new(&scenario, visible, &market, seed)?;
        let details: Vec<_> = market.pools.iter().map(|pool| detail(&scenario.pool_metrics, pool.ranged().is_some())).collect();
        let clocks: Vec<_> = scenario
            .chains
            .iter()
            .map(|chain| (chain.clock, StreamKey::new(seed, &format!("chains.{}.clock", chain.name))))
            .collect();
        Ok(Self {
            clock: Timeline::new(&clocks),
            market,
            venues,
            visible,
            outside: OutsidePrices::new(&scenario, seed)?,
            formed: scenario.formed_prices()?,
            gas_prices: GasPrices::new(&scenario, seed),
            before: vec![Lanes::ZERO; if looks_back(&scenario, &details) { tokens } else { 0 }],
            accounts: vec![PoolAccount::new(0.0); pools],
            reactions: Reactions::new(agents.iter().any(|agent| agent.reacts), pools),
            busy: busy_phases(&scenario, &agents),
            agents,
            bidders: bidders(&scenario),
            positions,
            bridge_keys: scenario.positions.iter().map(|position| bridge_keys(&scenario, &position.name, seed)).collect(),
            ledger: scenario.audit.then(|| Ledger::new(tokens + pools, pools, scenario.positions.len(), scenario.farms.len())),
            observers: Vec::new(),
            room: Lanes::ZERO,
            order: OrderLanes::new(),
            action: None,
            refused: vec![None; L],
            used: L,
            paths: [0; L],
            measuring: false,
            details,
            drawdowns: scenario.position_metrics.contains(&crate::PositionMetric::MaxDrawdown),
            time_in_range: scenario.position_metrics.contains(&crate::PositionMetric::TimeInRange),
            interrupt: None,
            seq: 0,
            scenario,
        })
    }
}

impl<const L: usize> MarketState<L> {
    /// What positions hold is worth this; pools are settled.
    fn holdings<'a>(&'a self, accounts: &'a [PoolAccount<L>]) -> Holdings<'a, L> {
        Holdings { prices: &self.prices, accounts, pools: &self.pools, tokens: &self.pool_tokens }
    }
}

impl<const L: usize> Engine<L> {
    fn run_leg(&mut self) -> Result<(), SimError> {
        let mut until_look: u32 = 0;
        while self.clock.advance() {
            self.block()?;
            if let Some(failed) = self.reactions.failed.take() {
                return Err(self.error(0, failed));
            }
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
        self.market.chain = ChainId(0);
        self.outside.start(paths, &mut self.market.prices);
        self.gas_prices.start(paths, &mut self.market.gas, &self.market.prices);
        for pool in &mut self.market.pools {
            pool.start();
        }
        self.start_venues(paths);
        for agent in &mut self.agents {
            agent.lanes.start(paths);
        }
        for position in &mut self.positions {
            position.clear();
        }
        if let Some(ledger) = &mut self.ledger {
            ledger.clear();
            for (p, tokens) in self.market.pool_tokens.iter().enumerate() {
                for (i, token) in indexed(tokens) {
                    let reserves = self.market.pools[p].reserves(i, &mut self.room);
                    ledger.transfer(Account::Outside, Account::Pool(p), token.index(), reserves);
                }
            }
        }
        self.reset_accounts();
        self.show_venues();
    }

    /// Empty books at the present state of the pools.
    fn reset_accounts(&mut self) {
        for (account, pool) in self.accounts.iter_mut().zip(&self.market.pools) {
            *account = PoolAccount::new(pool.fungible().map_or(0.0, FungibleLanes::admin_share));
            account.set_supply(&supply(pool));
        }
        self.reactions.extracted.fill(Lanes::ZERO);
        for (before, price) in self.before.iter_mut().zip(&self.market.prices) {
            *before = *price;
        }
        self.book_prices();
        self.value_ranges(true);
    }

    /// One block, in the order of its phases; of several chains, prices move before anything on any of them, and observers look after
    /// all.
    fn block(&mut self) -> Result<(), SimError> {
        self.seq = 0;
        self.begin_pools();
        if self.scenario.chains.len() == 1 {
            return self.phases(|_| true);
        }
        let before = |phase| matches!(phase, Phase::Informed);
        let prices = |phase| matches!(phase, Phase::Price);
        let after = |phase| !matches!(phase, Phase::Informed | Phase::Price | Phase::Observers);
        self.each_chain(|world| world.phases(before))?;
        self.phases(prices)?;
        self.each_chain(|world| world.phases(after))?;
        self.phases(|phase| phase == Phase::Observers)
    }

    /// Tells pools that a block of their chain begins.
    fn begin_pools(&mut self) {
        for (pool, chain) in self.market.pools.iter_mut().zip(&self.market.pool_chains) {
            let turn = self.clock.turn(chain.index());
            if turn.some {
                pool.begin_block(self.clock.step().end, turn.active);
            }
        }
    }

    /// Does something for each chain that may have a block in some lane.
    pub(super) fn each_chain(&mut self, mut step: impl FnMut(&mut Self) -> Result<(), SimError>) -> Result<(), SimError> {
        for c in 0..self.scenario.chains.len() {
            if self.clock.turn(c).some {
                self.market.chain = chain_id(c);
                step(self)?;
            }
        }
        self.market.chain = ChainId(0);
        Ok(())
    }

    /// The phases of the present chain that are `wanted`.
    fn phases(&mut self, wanted: impl Fn(Phase) -> bool) -> Result<(), SimError> {
        let chain = self.market.chain.index();
        for k in 0..self.busy[chain].len() {
            let (rank, phase) = self.busy[chain][k];
            match phase {
                phase if !wanted(phase) => {}
                Phase::Informed => self.inform(rank)?,
                Phase::Price => self.move_prices(rank),
                phase @ (Phase::Arbitrage | Phase::Flow | Phase::Liquidity) if self.scenario.chains[chain].by_priority_fee => {
                    let order = &self.scenario.chains[chain].order;
                    if order.iter().find(|phase| phase.has_bidders()) == Some(&phase) {
                        self.auction()?;
                    }
                }
                phase @ (Phase::Arbitrage | Phase::Flow) => self.trade(phase, rank)?,
                Phase::Liquidity => {
                    self.trade(Phase::Liquidity, rank)?;
                    self.provide()?;
                }
                Phase::Observers => self.look(rank)?,
            }
        }
        Ok(())
    }

    fn error(&self, lane: usize, source: SimErrorKind) -> SimError {
        SimError { path: self.paths[lane], time: SimTime::from_nanos(self.clock.time()[lane]), source }
    }
}

fn bridge_keys(scenario: &Scenario, position: &str, seed: u64) -> Vec<StreamKey> {
    scenario.bridges.iter().map(|bridge| StreamKey::new(seed, &format!("bridges.{}@{position}", bridge.name))).collect()
}

/// Phases of agents are there where there are such agents; what goes by priority fee is one phase, whoever comes.
fn busy_phases<const L: usize>(scenario: &Scenario, agents: &[AgentState<L>]) -> Vec<Vec<(usize, Phase)>> {
    let chains = scenario.chains.iter().enumerate();
    let busy = chains.map(|(c, chain)| {
        let comes = |phase: Phase| agents.iter().any(|agent| agent.phase == phase && agent.chain == chain_id(c));
        let phases = chain.order.iter().copied().enumerate().filter(|&(_, phase)| match phase {
            Phase::Arbitrage | Phase::Flow => chain.by_priority_fee || comes(phase),
            Phase::Informed => comes(phase),
            Phase::Price | Phase::Liquidity | Phase::Observers => true,
        });
        phases.collect()
    });
    busy.collect()
}

/// Everybody who acts in blocks, the highest priority fee first; equal ones in the order of the phases.
fn bidders(scenario: &Scenario) -> Vec<Actor> {
    let agents = scenario.agents.iter().enumerate().filter(|(_, agent)| agent.model.phase().has_bidders());
    let agents = agents.map(|(i, agent)| (agent.priority_fee, agent.model.phase(), Actor::Agent(i)));
    let positions = scenario.positions.iter().enumerate();
    let positions = positions.map(|(i, position)| (position.priority_fee, Phase::Liquidity, Actor::Position(i)));
    let mut bidders: Vec<_> = agents.chain(positions).collect();
    let order = &scenario.chains[0].order;
    let rank = |phase: Phase| order.iter().position(|&p| p == phase);
    bidders.sort_by(|(a, p, _), (b, q, _)| b.total_cmp(a).then(rank(*p).cmp(&rank(*q))));
    bidders.into_iter().map(|(_, _, actor)| actor).collect()
}

/// Positions in pools of ranges keep books of their own: if nobody asks for those of such a pool, there need be none.
fn detail(metrics: &[PoolMetric], ranged: bool) -> Detail {
    if ranged && metrics.is_empty() {
        Detail::Nothing
    } else if ranged && metrics == [PoolMetric::ArbitrageTradeRate] {
        Detail::Blocks
    } else if metrics.iter().any(|metric| metric.is_rate()) {
        Detail::Rates
    } else if metrics.iter().any(|metric| metric.is_flow()) {
        Detail::Flow
    } else {
        Detail::Income
    }
}

/// LP tokens there are. The liquidity of a pool of ranges counts as one: nobody holds shares of all of it.
fn supply<const L: usize>(pool: &AnyPool<L>) -> Lanes<L> {
    pool.fungible().map_or(Lanes::splat(1.0), |pool| *pool.supply())
}

/// Whether books are kept in which the way of prices is needed, or somebody trades between one price and the next.
fn looks_back(scenario: &Scenario, details: &[Detail]) -> bool {
    details.iter().any(|detail| *detail >= Detail::Income)
        || scenario.agents.iter().any(|agent| agent.model.phase() == Phase::Informed)
        || scenario.positions.iter().any(|position| position.hedge.is_some())
        || scenario.positions.iter().any(|position| position.cover.is_some())
        || !(scenario.farms.is_empty() && scenario.lending.is_empty() && scenario.risks.is_empty())
}

/// Room for a position's ranges in every pool that has some.
fn take_places<const L: usize>(pools: &mut [AnyPool<L>], strategy: &dyn StrategyLanes<L>) -> Vec<RangePlace> {
    let mut places = Vec::new();
    for (p, pool) in pools.iter_mut().enumerate() {
        if let AnyPool::Ranged(pool) = pool {
            for id in 0..strategy.ranges() {
                places.push(RangePlace { pool: pool_id(p), id: RangeId(id), number: pool.add_position() });
            }
        }
    }
    places
}

fn build_pools<const L: usize>(scenario: &Scenario) -> Result<Vec<AnyPool<L>>, ScenarioError>
where
    dyn PoolModel: BuildPool<L>,
{
    scenario.pools.iter().map(|pool| build_pool(scenario, pool)).collect()
}

fn build_pool<const L: usize>(scenario: &Scenario, pool: &PoolSetup) -> Result<AnyPool<L>, ScenarioError>
where
    dyn PoolModel: BuildPool<L>,
{
    let error = |reason: String| ScenarioError::Pool { pool: pool.name.clone(), reason };
    if pool.tokens.len() != pool.model.token_count() {
        return Err(error(format!("it takes {} tokens and has {}", pool.model.token_count(), pool.tokens.len())));
    }
    let prices: Vec<f64> = pool.tokens.iter().map(|&token| scenario.initial_price(token)).collect();
    let decimals: Vec<u8> = pool.tokens.iter().map(|token| scenario.tokens[token.index()].decimals).collect();
    let start = PoolStart { value: pool.value, prices: &prices, decimals: &decimals };
    BuildPool::<L>::build(&*pool.model, &start).map_err(|e| error(e.to_string()))
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

fn chain_id(c: usize) -> ChainId {
    ChainId(u16::try_from(c).unwrap_or(u16::MAX))
}

fn pool_id(p: usize) -> PoolId {
    PoolId(u16::try_from(p).unwrap_or(u16::MAX))
}
