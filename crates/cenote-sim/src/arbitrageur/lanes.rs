use cenote_amm::TokenIndex;
use cenote_paths::{StreamKey, StreamLanes};
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::{Lanes, kernel};

use super::Arbitrageur;
use crate::agent::{AgentLanes, OrderKind, OrderLanes};
use crate::latency::LateLanes;

#[derive(Debug)]
pub(super) struct ArbitrageurLanes<const L: usize> {
    model: Arbitrageur,
    streams: StreamLanes<L>,
    /// Uniforms of two pairs.
    uniforms: [Lanes<L>; 2],
    /// What is traded, in this order: found at the first order.
    pairs: Vec<Pair<L>>,
}

#[derive(Debug)]
struct Pair<const L: usize> {
    pool: PoolId,
    base: TokenIndex,
    quote: TokenIndex,
    known: LateLanes<L>,
}

impl<const L: usize> ArbitrageurLanes<L> {
    pub(super) fn new(model: Arbitrageur, key: StreamKey) -> Self {
        let streams = StreamLanes::new(key, [0; L]);
        Self { model, streams, uniforms: [Lanes::ZERO; 2], pairs: Vec::new() }
    }

    /// Every pair of tokens of every pool.
    fn find_pairs(&mut self, market: &MarketLanes<'_, L>) {
        for &pool in &self.model.pools {
            let count = market.pool_tokens.get(pool.index()).map_or(0, Vec::len);
            let places = || (0..count).filter_map(|i| u8::try_from(i).ok()).map(TokenIndex);
            for base in places() {
                for quote in places().filter(|quote| *quote > base) {
                    self.pairs.push(Pair { pool, base, quote, known: LateLanes::new(self.model.latency) });
                }
            }
        }
    }

    /// Not in blocks in which somebody else is first.
    fn compete(&mut self, block: u32, pair: u32, min_profit: &mut Lanes<L>) {
        if self.model.share >= 1.0 {
            return;
        }
        if pair.is_multiple_of(2) {
            let [first, second] = &mut self.uniforms;
            self.streams.uniform_pair(block, pair / 2, first, second);
        }
        let uniform = &self.uniforms[usize::from(!pair.is_multiple_of(2))];
        for l in 0..L {
            min_profit[l] = if uniform[l] < self.model.share { min_profit[l] } else { f64::INFINITY };
        }
    }
}

impl<const L: usize> AgentLanes<L> for ArbitrageurLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        for pair in &mut self.pairs {
            pair.known.start();
        }
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if self.pairs.is_empty() {
            self.find_pairs(market);
        }
        let Some(pair) = usize::try_from(round).ok().and_then(|k| self.pairs.get_mut(k)) else { return false };
        let tokens = &market.pool_tokens[pair.pool.index()];
        let [base, quote] = [tokens[pair.base.get()], tokens[pair.quote.get()]];
        order.kind = OrderKind::Arbitrage;
        order.pool = pair.pool;
        order.flow.base = pair.base;
        order.flow.quote = pair.quote;
        order.gas = self.model.gas;
        let Arbitrageur { gas, outside_fee, latency, share, .. } = self.model;
        if quote == market.numeraire && gas == 0.0 && outside_fee == 0.0 && latency.is_none() && share >= 1.0 {
            order.at_market = Some(base);
            return true;
        }
        order.target = market.prices[base.index()];
        order.min_profit = Lanes::ZERO;
        if self.model.gas > 0.0 {
            order.min_profit = market.gas_cost(market.chain_of(pair.pool), self.model.gas);
        }
        if quote != market.numeraire {
            let quote = &market.prices[quote.index()];
            for l in 0..L {
                order.target[l] /= quote[l];
                order.min_profit[l] /= quote[l];
            }
        }
        if !self.model.latency.is_none() {
            order.target = pair.known.pass(market, &order.target);
            for l in 0..L {
                if order.target[l].is_nan() {
                    (order.target[l], order.min_profit[l]) = (1.0, f64::INFINITY);
                }
            }
        }
        if self.model.outside_fee > 0.0 {
            let mut spot = Lanes::ZERO;
            market.pools[pair.pool.index()].spot_prices(pair.base, pair.quote, &mut spot);
            pay_outside(&spot, self.model.outside_fee, &mut order.target, &mut order.min_profit);
        }
        self.compete(market.block, round, &mut order.min_profit);
        true
    }
}

kernel! {
    /// Above what base costs outside he sells it to the pool, below what it brings there he buys it; between the two he does nothing.
    fn pay_outside<const L: usize>(spot: &Lanes<L>, fee: f64, target: &mut Lanes<L>, min_profit: &mut Lanes<L>) {
        for l in 0..L {
            let (bid, ask) = (target[l] * (1.0 - fee), target[l] * (1.0 + fee));
            let idle = if spot[l] > ask { false } else { spot[l] >= bid };
            target[l] = if spot[l] > ask { ask } else { bid };
            min_profit[l] = if idle { f64::INFINITY } else { min_profit[l] };
        }
    }
}
