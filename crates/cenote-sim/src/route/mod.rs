//! Trades over several pools at once: which way they can go, and how a trade is split among the ways.

mod depth;
mod refine;
mod split;
#[cfg(test)]
mod tests;

use cenote_amm::{FlowLanes, TokenIndex};
use cenote_strategy::{MarketLanes, PoolId, TokenId};
use cenote_units::{Lanes, kernel, mask};

use crate::agent::{OrderKind, OrderLanes};
use crate::error::ScenarioError;

pub(crate) use self::depth::CycleDepth;
use self::depth::PathDepth;
pub(crate) use self::refine::best_round_trip;
use self::split::Split;

/// One pool of a way from one token to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The pool.
    pub pool: PoolId,
    /// The place in the pool of the token that is paid in.
    pub token_in: TokenIndex,
    /// The place of the token that is paid out.
    pub token_out: TokenIndex,
}

impl Hop {
    /// From a pool's first token to its second.
    pub fn new(pool: PoolId) -> Self {
        Self { pool, token_in: TokenIndex::ZERO, token_out: TokenIndex::ONE }
    }

    /// Between the tokens at these places of a pool.
    pub fn between(pool: PoolId, token_in: TokenIndex, token_out: TokenIndex) -> Self {
        Self { pool, token_in, token_out }
    }

    /// The same pool the other way.
    pub fn reversed(self) -> Self {
        Self { pool: self.pool, token_in: self.token_out, token_out: self.token_in }
    }
}

/// All ways from one token, the base, to another, the quote: each through one pool or through several, no pool twice.
///
/// A trade is split among them such that what comes out, less the gas of every pool on the way, is most: marginal prices, fee
/// included, are equal on all ways that are used, and a way whose gain does not pay its gas is not. In closed form where pools trade
/// as constant products do ([`DepthLanes`](cenote_amm::DepthLanes)), else by Newton steps from there on quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    paths: Vec<Vec<Hop>>,
}

impl Route {
    /// Ways that are compared at once, each subset of them: 63 at most.
    pub const MOST_PATHS: usize = 6;

    /// These ways, each from base to quote.
    ///
    /// # Errors
    /// There are none or more than [`MOST_PATHS`](Self::MOST_PATHS), one is empty, or a pool is used twice.
    pub fn new(paths: Vec<Vec<Hop>>) -> Result<Self, ScenarioError> {
        let count = f64::from(u32::try_from(paths.len()).unwrap_or(u32::MAX));
        let refused = |what: &str, value, expected| Err(ScenarioError::Value { what: what.to_owned(), value, expected });
        if paths.is_empty() || paths.len() > Self::MOST_PATHS {
            return refused("ways of a route", count, "from 1 to 6 ways");
        }
        if paths.iter().any(Vec::is_empty) {
            return refused("pools on a way of a route", 0.0, "at least one pool on every way");
        }
        let pools: Vec<PoolId> = paths.iter().flatten().map(|hop| hop.pool).collect();
        if let Some(i) = (0..pools.len()).find(|&i| pools[..i].contains(&pools[i])) {
            return refused("a pool that a route uses twice", f64::from(pools[i].0), "every pool on one way");
        }
        Ok(Self { paths })
    }

    /// Through one pool, from its first token to its second.
    pub fn pool(pool: PoolId) -> Self {
        Self { paths: vec![vec![Hop::new(pool)]] }
    }

    /// The ways.
    pub fn paths(&self) -> &[Vec<Hop>] {
        &self.paths
    }

    /// A pool of it.
    pub(crate) fn home(&self) -> PoolId {
        self.paths[0][0].pool
    }

    /// Base and quote, as the market knows them.
    pub(crate) fn tokens<const L: usize>(&self, market: &MarketLanes<'_, L>) -> [TokenId; 2] {
        let path = &self.paths[0];
        let token = |hop: &Hop, index: TokenIndex| market.pool_tokens[hop.pool.index()][index.get()];
        [token(&path[0], path[0].token_in), token(&path[path.len() - 1], path[path.len() - 1].token_out)]
    }
}

/// A trade that is to be split and executed.
#[derive(Clone, Debug)]
pub(crate) struct TradeLanes<const L: usize> {
    /// All ones where base is paid in, zero where quote is.
    pub(crate) base_in: [u64; L],
    /// Whole tokens of the side paid in; zero where there is no trade.
    pub(crate) amount_in: Lanes<L>,
    /// What comes out by the plan, in whole tokens of the other side.
    pub(crate) amount_out: Lanes<L>,
}

impl<const L: usize> TradeLanes<L> {
    pub(crate) const ZERO: Self = Self { base_in: [0; L], amount_in: Lanes::ZERO, amount_out: Lanes::ZERO };
}

/// Plans trades on a [`Route`] and executes them, order by order.
#[derive(Debug)]
pub(crate) struct Router<const L: usize> {
    route: Route,
    gas: f64,
    depths: Vec<PathDepth<L>>,
    /// Gas of each path, in the numeraire; empty if there is none.
    gas_values: Vec<Lanes<L>>,
    /// The same in tokens that come out; empty also if there is nothing to weigh.
    costs: Vec<Lanes<L>>,
    split: Split<L>,
    /// What is paid into each path.
    parts: Vec<Lanes<L>>,
    /// What is left to order: path, whether from quote to base, and hop on the way.
    next: Option<(usize, bool, usize)>,
}

impl<const L: usize> Router<L> {
    /// `gas` units are paid in every pool.
    pub(crate) fn new(route: Route, gas: f64) -> Self {
        let paths = route.paths.len();
        Self {
            depths: vec![PathDepth::ZERO; paths],
            gas_values: if gas > 0.0 { vec![Lanes::ZERO; paths] } else { Vec::new() },
            costs: if gas > 0.0 && paths > 1 { vec![Lanes::ZERO; paths] } else { Vec::new() },
            split: Split::new(paths),
            parts: vec![Lanes::ZERO; paths],
            route,
            gas,
            next: None,
        }
    }

    pub(crate) fn route(&self) -> &Route {
        &self.route
    }

    /// Splits the trade and says what it would give. Nothing is executed yet.
    pub(crate) fn plan(&mut self, market: &MarketLanes<'_, L>, trade: &mut TradeLanes<L>) {
        for (path, depth) in self.route.paths.iter().zip(&mut self.depths) {
            depth.of_path(market, path, trade);
        }
        self.weigh_gas(market, trade);
        self.split.solve(&self.depths, &self.costs, &trade.amount_in, &mut self.parts, &mut trade.amount_out);
        let far = self.parts.iter().zip(&self.depths).fold(false, |far, (part, way)| far | exceeds(part, &way.depth.exact_to));
        if far {
            for l in 0..L {
                if (0..self.parts.len()).any(|p| self.parts[p][l] > self.depths[p].depth.exact_to[l]) {
                    self.refine(market, l, trade);
                }
            }
        }
    }

    /// What the gas of each path is worth.
    fn weigh_gas(&mut self, market: &MarketLanes<'_, L>, trade: &TradeLanes<L>) {
        let [base, quote] = self.route.tokens(market).map(|token| &market.prices[token.index()]);
        for (path, value) in self.route.paths.iter().zip(&mut self.gas_values) {
            *value = Lanes::ZERO;
            for hop in path {
                let cost = market.gas_cost(market.chain_of(hop.pool), self.gas);
                for l in 0..L {
                    value[l] += cost[l];
                }
            }
        }
        for (cost, value) in self.costs.iter_mut().zip(&self.gas_values) {
            for l in 0..L {
                cost[l] = value[l] / if trade.base_in[l] != 0 { quote[l] } else { base[l] };
            }
        }
    }

    /// What the gas of the planned trade is worth, in the numeraire.
    pub(crate) fn gas_value(&self, value: &mut Lanes<L>) {
        *value = Lanes::ZERO;
        for (of_path, part) in self.gas_values.iter().zip(&self.parts) {
            for l in 0..L {
                value[l] += if part[l] > 0.0 { of_path[l] } else { 0.0 };
            }
        }
    }

    /// Takes what was planned back where `keep` is zero.
    pub(crate) fn withdraw(&mut self, keep: &Lanes<L>) {
        for part in &mut self.parts {
            for l in 0..L {
                part[l] *= keep[l];
            }
        }
    }

    /// Begins to execute what was planned.
    pub(crate) fn begin(&mut self) {
        self.next = Some((0, false, 0));
    }

    /// Writes the next order of the plan; `false` when all is done. `order` is to come as the last one was executed: what one pool
    /// pays out is paid into the next.
    pub(crate) fn order(&mut self, trade: &TradeLanes<L>, order: &mut OrderLanes<L>) -> bool {
        while let Some((path, back, at)) = self.next {
            let hops = &self.route.paths[path];
            let Some(last) = hops.len().checked_sub(at + 1) else {
                self.next = match (back, path + 1) {
                    // Ways of one pool are done both ways at once.
                    (false, _) if hops.len() > 1 => Some((path, true, 0)),
                    (_, next) if next < self.route.paths.len() => Some((next, false, 0)),
                    _ => None,
                };
                continue;
            };
            let received = order.flow.amount_out;
            order.kind = OrderKind::Swap;
            order.gas = self.gas;
            if hops.len() == 1 {
                write(hops[0], &trade.base_in, &self.parts[path], order);
            } else if at == 0 {
                let mut part = self.parts[path];
                for l in 0..L {
                    part[l] = if (trade.base_in[l] != 0) == back { 0.0 } else { part[l] };
                }
                write(if back { hops[last].reversed() } else { hops[0] }, &[u64::MAX; L], &part, order);
            } else {
                write(if back { hops[last].reversed() } else { hops[at] }, &[u64::MAX; L], &received, order);
            }
            self.next = Some((path, back, at + 1));
            if order.flow.amount_in.iter().any(|amount| *amount > 0.0) {
                return true;
            }
            // Nobody goes this way.
            order.flow.amount_out = Lanes::ZERO;
        }
        false
    }
}

/// Pays `amount` into a pool: the hop's way where `base_in` is all ones, the other way where it is zero.
pub(crate) fn write<const L: usize>(hop: Hop, base_in: &[u64; L], amount: &Lanes<L>, order: &mut OrderLanes<L>) {
    let FlowLanes { base, quote, base_in: sides, amount_in, .. } = &mut order.flow;
    order.pool = hop.pool;
    (*base, *quote) = (hop.token_in, hop.token_out);
    *sides = *base_in;
    *amount_in = *amount;
}

kernel! {
    /// Whether any lane pays in more than its way is a hyperbola for.
    fn exceeds<const L: usize>(part: &Lanes<L>, exact_to: &Lanes<L>) -> bool {
        let mut any = 0;
        for l in 0..L {
            any |= mask(part[l] > exact_to[l]);
        }
        any != 0
    }
}
