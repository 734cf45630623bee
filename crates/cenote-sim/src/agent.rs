use std::fmt::Debug;

use cenote_amm::{FewTrades, FlowLanes, PriceRange};
use cenote_paths::{PACK, Stream, StreamKey, StreamLanes};
use cenote_strategy::{Market, MarketLanes, PoolId, TokenId};
use cenote_units::{Lanes, mask};

use crate::clock::Clock;
use crate::error::ScenarioError;

/// What happens inside a block, in the order of [`ChainSetup::order`](crate::ChainSetup::order).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Those trade who know how outside prices are about to move. They trade at the prices of the block before: as the last of that
    /// block.
    Informed,
    /// Outside prices move to the block's time.
    Price,
    /// Arbitrageurs trade pools against outside prices.
    Arbitrage,
    /// Everybody else who trades.
    Flow,
    /// Liquidity providers act.
    Liquidity,
    /// Positions are marked and observers look.
    Observers,
}

impl Phase {
    /// All phases, in the order that holds unless a chain says otherwise.
    pub const ORDER: [Self; 6] = [Self::Informed, Self::Price, Self::Arbitrage, Self::Flow, Self::Liquidity, Self::Observers];

    /// Whether those act in it who may outbid each other for a place in the block.
    pub(crate) const fn has_bidders(self) -> bool {
        matches!(self, Self::Arbitrage | Self::Flow | Self::Liquidity)
    }

    /// The name in study files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informed => "informed",
            Self::Price => "price",
            Self::Arbitrage => "arbitrage",
            Self::Flow => "flow",
            Self::Liquidity => "liquidity",
            Self::Observers => "observers",
        }
    }
}

/// What an order asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderKind {
    /// Pay in [`FlowLanes::amount_in`].
    Swap,
    /// Trade the pool to the edge of its no-arbitrage band around [`OrderLanes::target`], if it pays.
    Arbitrage,
    /// Pay in [`FlowLanes::amount_in`] as a part of an arbitrage over several pools: a swap that is booked as an arbitrage.
    ArbitrageSwap,
    /// Drive the price of a pool of ranges to [`OrderLanes::target`], where that is positive, free of any fee: to follow a record.
    MovePrice,
    /// Multiply the liquidity that is nobody's of this world by [`OrderLanes::target`].
    ScaleOthers,
    /// Provide [`OrderLanes::liquidity`], in LP tokens or, in a pool of ranges, as liquidity in [`OrderLanes::range`]. On return it
    /// holds what was provided. An agent has one range in each pool of [`AgentModel::provides`].
    AddLiquidity,
    /// Take [`OrderLanes::liquidity`] out again, together with what it has earned.
    RemoveLiquidity,
}

impl OrderKind {
    /// Whether it is a swap with the pool, on whatever terms.
    pub(crate) const fn is_trade(self) -> bool {
        matches!(self, Self::Swap | Self::Arbitrage | Self::ArbitrageSwap)
    }
}

/// One order in each of `L` lanes, in one pool.
#[derive(Clone, Debug)]
pub struct OrderLanes<const L: usize> {
    /// What is asked for.
    pub kind: OrderKind,
    /// The pool.
    pub pool: PoolId,
    /// The pair; for a swap also who pays what (amount zero: nothing). The world fills in the rest.
    pub flow: FlowLanes<L>,
    /// For a swap: whether it is one in the few lanes of [`trades`](Self::trades), rather than of the flow.
    pub(crate) few: bool,
    /// For an arbitrage of whoever takes any profit: the token whose outside price is the target. Target and least profit are then not
    /// written: [`write_target`](Self::write_target) does it.
    pub(crate) at_market: Option<TokenId>,
    /// For a swap or an arbitrage in a few lanes: what is wanted, and what came of it. The flow holds it only if somebody may look.
    pub(crate) trades: FewTrades<L>,
    /// For an arbitrage: the outside price of base in quote.
    pub target: Lanes<L>,
    /// For an arbitrage: trade only where the profit, in quote, exceeds this.
    pub min_profit: Lanes<L>,
    /// Gas units a trade burns; paid by the trader.
    pub gas: f64,
    /// For a swap: by how much less than quoted, as a fraction, its trader lets it pay out at most. `None`: it is nobody's business
    /// before it is done. The world forgets it after every order.
    pub slippage: Option<f64>,
    /// For a swap with slippage, once the world has quoted it: what it has to pay out, or it does not happen.
    pub min_out: Lanes<L>,
    /// For liquidity: how much, in whole LP tokens or √(token 0 · token 1).
    pub liquidity: Lanes<L>,
    /// For liquidity in a pool of ranges: where.
    pub range: [PriceRange; L],
}

impl<const L: usize> OrderLanes<L> {
    pub(crate) fn new() -> Self {
        Self {
            kind: OrderKind::Swap,
            pool: PoolId(0),
            flow: FlowLanes::default(),
            few: false,
            at_market: None,
            trades: FewTrades::default(),
            target: Lanes::ZERO,
            min_profit: Lanes::ZERO,
            gas: 0.0,
            slippage: None,
            min_out: Lanes::ZERO,
            liquidity: Lanes::ZERO,
            range: [PriceRange::FULL; L],
        }
    }

    /// Writes the target and the least profit, if they are not, for somebody who reads or changes them.
    pub(crate) fn write_target(&mut self, prices: &[Lanes<L>]) {
        if let Some(token) = self.at_market.take() {
            (self.target, self.min_profit) = (prices[token.index()], Lanes::ZERO);
        }
    }
}

/// A trader of `L` paths in lockstep.
pub trait AgentLanes<const L: usize>: Debug + Send {
    /// Begins these paths.
    fn start(&mut self, paths: [u32; L]);

    /// Writes the agent's next order of this block, or returns `false` when no lane wants one. The loop executes each order before
    /// it asks for the next; `round` counts them from zero in every block. From round 1 on `order` comes as the last one was executed, so
    /// that what one pool paid out can be paid into the next.
    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool;

    /// Somebody's swap is `pending`: writes what to do before it executes, or returns `false`. Asked of agents that
    /// [react](AgentModel::reacts) only, round by round; from the second round on, `order` comes back as it was executed.
    fn before(&mut self, market: &MarketLanes<'_, L>, pending: &OrderLanes<L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        let _ = (market, pending, round, order);
        false
    }

    /// The swap was `executed`: writes what to do after it, or returns `false`. Of several agents, who came last before comes first
    /// after.
    fn after(&mut self, market: &MarketLanes<'_, L>, executed: &OrderLanes<L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        let _ = (market, executed, round, order);
        false
    }
}

/// Makes agents for worlds of `L` lanes that draw from the streams of `key`.
pub trait BuildAgent<const L: usize> {
    /// A fresh one, not yet started.
    fn build(&self, key: StreamKey) -> Box<dyn AgentLanes<L>>;
}

/// The description of an agent: validated, immutable, shared by threads.
pub trait AgentModel: Debug + Send + Sync + BuildAgent<1> + BuildAgent<PACK> {
    /// When it trades inside a block.
    fn phase(&self) -> Phase;

    /// A pool on the chain whose blocks it acts in.
    fn home(&self) -> PoolId {
        PoolId(0)
    }

    /// Whether it sees the swaps and arbitrage trades of everybody else before and after they execute.
    fn reacts(&self) -> bool {
        false
    }

    /// The pools in which it provides liquidity of its own now and then.
    fn provides(&self) -> &[PoolId] {
        &[]
    }

    /// Whether it can act under this clock.
    ///
    /// # Errors
    /// It cannot, and the error says why.
    fn check(&self, clock: Clock) -> Result<(), ScenarioError> {
        let _ = clock;
        Ok(())
    }
}

/// One order of a one-path [`Agent`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// Swap in a pool.
    Swap {
        /// The pool.
        pool: PoolId,
        /// The token paid in.
        token_in: TokenId,
        /// The token taken out.
        token_out: TokenId,
        /// Whole tokens paid in.
        amount_in: f64,
    },
    /// Trade a pool to the edge of its no-arbitrage band.
    Arbitrage {
        /// The pool.
        pool: PoolId,
        /// The token whose price is meant.
        base: TokenId,
        /// The token it is counted in.
        quote: TokenId,
        /// Outside price of base in quote.
        target: f64,
        /// Trade only if the profit, in quote, exceeds this.
        min_profit: f64,
    },
}

/// A trader on one path: what a user implements. Every path runs its own clone.
///
/// ```
/// use cenote_sim::{Agent, Order};
/// use cenote_strategy::{Market, PoolId, TokenId};
/// use cenote_paths::Stream;
///
/// /// Sells one token in every hundredth block.
/// #[derive(Clone, Debug)]
/// struct Seller;
///
/// impl Agent for Seller {
///     fn order(&mut self, market: &dyn Market, round: u32, _: &mut Stream) -> Option<Order> {
///         let due = round == 0 && market.block() % 100 == 0;
///         due.then_some(Order::Swap { pool: PoolId(0), token_in: TokenId(0), token_out: TokenId(1), amount_in: 1.0 })
///     }
/// }
/// ```
pub trait Agent: Clone + Debug + Send + Sync + 'static {
    /// When it trades inside a block.
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    /// A pool on the chain whose blocks it acts in.
    fn home(&self) -> PoolId {
        PoolId(0)
    }

    /// Gas units one of its trades burns.
    fn gas(&self) -> f64 {
        0.0
    }

    /// Its next order of this block, or `None`; `round` counts them from zero. `stream` is the path's and the block's own.
    fn order(&mut self, market: &dyn Market, round: u32, stream: &mut Stream) -> Option<Order>;
}

impl<A: Agent> AgentModel for A {
    fn phase(&self) -> Phase {
        Agent::phase(self)
    }

    fn home(&self) -> PoolId {
        Agent::home(self)
    }
}

impl<A: Agent, const L: usize> BuildAgent<L> for A {
    fn build(&self, key: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(PerLane::<A, L> {
            fresh: self.clone(),
            lanes: vec![self.clone(); L],
            key,
            paths: [0; L],
            streams: Vec::with_capacity(L),
            wanted: [None; L],
            asked: [0; L],
            done: [false; L],
        })
    }
}

/// A one-path agent in every lane.
#[derive(Debug)]
struct PerLane<A, const L: usize> {
    fresh: A,
    lanes: Vec<A>,
    key: StreamKey,
    paths: [u32; L],
    streams: Vec<Stream>,
    /// What a lane wants and has not got yet.
    wanted: [Option<Order>; L],
    /// Orders a lane has given in this block.
    asked: [u32; L],
    done: [bool; L],
}

impl<A: Agent, const L: usize> AgentLanes<L> for PerLane<A, L> {
    fn start(&mut self, paths: [u32; L]) {
        for lane in &mut self.lanes {
            lane.clone_from(&self.fresh);
        }
        self.paths = paths;
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round == 0 {
            let streams = StreamLanes::new(self.key, self.paths);
            self.streams.clear();
            self.streams.extend((0..L).map(|l| streams.lane(l, market.block)));
            self.wanted = [None; L];
            self.asked = [0; L];
            self.done = std::array::from_fn(|l| market.active[l] == 0.0);
        }
        for l in 0..L {
            if self.wanted[l].is_none() && !self.done[l] {
                self.wanted[l] = self.lanes[l].order(&market.lane(l), self.asked[l], &mut self.streams[l]);
                self.asked[l] += 1;
                self.done[l] = self.wanted[l].is_none();
            }
        }
        // Lanes that want the same kind of order do it together; the others wait for the next round.
        let Some(shape) = self.wanted.iter().flatten().find_map(|order| shape(market, order)) else { return false };
        order.kind = shape.kind;
        order.pool = shape.pool;
        order.flow.base = shape.base;
        order.flow.quote = shape.quote;
        order.gas = self.fresh.gas();
        let gas = market.gas_cost(market.chain_of(order.pool), order.gas);
        for l in 0..L {
            order.flow.amount_in[l] = 0.0;
            order.target[l] = 1.0;
            order.min_profit[l] = f64::INFINITY;
            let Some(wanted) = self.wanted[l].filter(|wanted| self::shape(market, wanted) == Some(shape)) else { continue };
            match wanted {
                Order::Swap { pool, token_in, amount_in, .. } => {
                    let sells = market.token_index(pool, token_in) == Some(shape.base);
                    order.flow.base_in[l] = mask(sells);
                    order.flow.amount_in[l] = if amount_in > 0.0 && amount_in < f64::INFINITY { amount_in } else { 0.0 };
                }
                Order::Arbitrage { quote, target, min_profit, .. } => {
                    order.target[l] = target;
                    order.min_profit[l] = min_profit.max(gas[l] / market.prices[quote.index()][l]);
                }
            }
            self.wanted[l] = None;
        }
        true
    }
}

/// What orders of several lanes must share to be executed together.
#[derive(Clone, Copy, PartialEq)]
struct Shape {
    kind: OrderKind,
    pool: PoolId,
    base: cenote_amm::TokenIndex,
    quote: cenote_amm::TokenIndex,
}

/// `None` for an order whose tokens the pool does not have: it is dropped, as its transaction would fail.
fn shape<const L: usize>(market: &MarketLanes<'_, L>, order: &Order) -> Option<Shape> {
    let (kind, pool, a, b) = match *order {
        Order::Swap { pool, token_in, token_out, .. } => (OrderKind::Swap, pool, token_in, token_out),
        Order::Arbitrage { pool, base, quote, .. } => (OrderKind::Arbitrage, pool, base, quote),
    };
    let (a, b) = (market.token_index(pool, a)?, market.token_index(pool, b)?);
    // Swaps of either direction go together: a pair is the pool's own order.
    let (base, quote) = if kind == OrderKind::Swap && b < a { (b, a) } else { (a, b) };
    Some(Shape { kind, pool, base, quote })
}

cenote_units::shared! {
    AgentModel:
        crate::Arbitrageur,
        crate::CyclicArbitrageur,
        crate::JitLiquidity,
        crate::LiquidityCrowd,
        crate::NoiseTraders,
        crate::ReplayedPool,
        crate::RewardSellers,
        crate::Sandwich;
}
