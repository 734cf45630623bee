//! Traders who know where the price goes.

use std::sync::Arc;

use cenote_paths::arrivals::{ArrivalLanes, ArrivalModel, BuildArrivals};
use cenote_paths::sizes::{BuildSizes, SizeLanes, SizeModel};
use cenote_paths::{StreamKey, StreamLanes};
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::{Lanes, kernel, mask, math, select};

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};
use crate::clock::Clock;
use crate::error::ScenarioError;
use crate::noise::{check_pace, window};
use crate::route::{Hop, Route, Router, TradeLanes};

/// Informed traders: they come as noise traders do, with sizes of some distribution, and go the way in which the outside price is about
/// to move with probability `accuracy`, the other way otherwise.
///
/// They trade as the last of a block, at its prices, and know those of the next ([`Phase::Informed`]). A trade of value v at
/// accuracy q costs liquidity providers (2q − 1) v E|r| less the fee in the mean, r being the move that it foresees: what Glosten
/// and Milgrom (1985) call adverse selection. At an accuracy of one half they know nothing.
///
/// Draw 2³⁰ + ⌊j/2⌋ of a block gives the uniforms of two trades, j among them: whether they are right. The coin that comes with a size
/// decides where the price is not about to move.
#[derive(Clone, Debug)]
pub struct InformedTraders {
    route: Route,
    arrivals: Arc<dyn ArrivalModel>,
    sizes: Arc<dyn SizeModel>,
    accuracy: f64,
    gas: f64,
}

impl InformedTraders {
    /// Traders on a route, with sizes in the numeraire.
    ///
    /// # Errors
    /// The accuracy is not from 0 to 1.
    pub fn new(
        route: Route,
        arrivals: Arc<dyn ArrivalModel>,
        sizes: Arc<dyn SizeModel>,
        accuracy: f64,
    ) -> Result<Self, ScenarioError> {
        probability("accuracy", accuracy)?;
        Ok(Self { route, arrivals, sizes, accuracy, gas: 0.0 })
    }

    /// Gas units burned by each trade in each pool.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }
}

fn probability(what: &str, value: f64) -> Result<(), ScenarioError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(ScenarioError::Value { what: what.to_owned(), value, expected: "from 0 to 1" })
}

impl AgentModel for InformedTraders {
    fn phase(&self) -> Phase {
        Phase::Informed
    }

    fn home(&self) -> PoolId {
        self.route.home()
    }

    fn check(&self, clock: Clock) -> Result<(), ScenarioError> {
        check_pace(&*self.arrivals, clock)
    }
}

impl<const L: usize> BuildAgent<L> for InformedTraders
where
    dyn ArrivalModel: BuildArrivals<L>,
    dyn SizeModel: BuildSizes<L>,
{
    fn build(&self, key: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(InformedLanes {
            arrivals: self.arrivals.build(key),
            sizes: self.sizes.build(key),
            streams: StreamLanes::new(key, [0; L]),
            uniforms: [Lanes::ZERO; 2],
            router: Router::new(self.route.clone(), self.gas),
            accuracy: self.accuracy,
            trade: TradeLanes::ZERO,
            counts: Lanes::ZERO,
            most: 0,
            event: 0,
        })
    }
}

/// Draws beyond those of sizes.
const DRAWS: u32 = 1 << 30;

#[derive(Debug)]
struct InformedLanes<const L: usize> {
    arrivals: Box<dyn ArrivalLanes<L>>,
    sizes: Box<dyn SizeLanes<L>>,
    streams: StreamLanes<L>,
    /// Of two trades.
    uniforms: [Lanes<L>; 2],
    router: Router<L>,
    accuracy: f64,
    trade: TradeLanes<L>,
    counts: Lanes<L>,
    most: u32,
    /// The next event of the block.
    event: u32,
}

impl<const L: usize> InformedLanes<L> {
    fn plan(&mut self, market: &MarketLanes<'_, L>, event: u32) {
        let tokens = self.router.route().tokens(market);
        let now = tokens.map(|token| &market.prices[token.index()]);
        let next = tokens.map(|token| &market.upcoming.unwrap_or(market.prices)[token.index()]);
        let [first, second] = &mut self.uniforms;
        if event.is_multiple_of(2) {
            self.streams.uniform_pair(market.block, DRAWS + event / 2, first, second);
        }
        let uniform = if event.is_multiple_of(2) { first } else { second };
        let marks = self.sizes.of(market.block, event);
        let TradeLanes { base_in, amount_in, .. } = &mut self.trade;
        foresee(now, next, uniform, self.accuracy, marks.coins, base_in);
        for l in 0..L {
            let amount = marks.sizes[l] / select(base_in[l], now[0][l], now[1][l]);
            amount_in[l] = if f64::from(event) < self.counts[l] { amount } else { 0.0 };
        }
        self.router.plan(market, &mut self.trade);
        self.router.begin();
    }
}

impl<const L: usize> AgentLanes<L> for InformedLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.arrivals.start(paths);
        self.sizes.start(paths);
        self.streams = StreamLanes::new(self.streams.key(), paths);
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round == 0 {
            self.most = self.arrivals.count(&window(market), &mut self.counts);
            self.event = 0;
        }
        while !self.router.order(&self.trade, order) {
            if self.event >= self.most {
                return false;
            }
            self.plan(market, self.event);
            self.event += 1;
        }
        true
    }
}

kernel! {
    /// All ones where base is sold: where its price is about to fall and the trader is right, or to rise and he is wrong.
    fn foresee<const L: usize>(
        now: [&Lanes<L>; 2],
        next: [&Lanes<L>; 2],
        uniform: &Lanes<L>,
        accuracy: f64,
        coins: &[u64; L],
        base_in: &mut [u64; L],
    ) {
        for l in 0..L {
            // Of base in quote, without dividing.
            let (before, after) = (now[0][l] * next[1][l], next[0][l] * now[1][l]);
            let (falls, moves) = (mask(after < before), mask(after != before));
            let right = mask(uniform[l] < accuracy);
            let foreseen = (falls & right) | (!falls & !right);
            base_in[l] = (foreseen & moves) | (coins[l].wrapping_neg() & !moves);
        }
    }
}

/// Informed arbitrageurs: in some blocks, somebody who knows the next outside price trades each of his pools against it.
///
/// He trades, as the last of a block, to the edge of the no-arbitrage band around a price that is a `part` of the way from the present
/// outside price to the next one, in logarithms: all that he makes is made when the price has moved. With a `part` of one nothing is
/// left for those who come after the move; with less, he is careful, or not sure.
#[derive(Clone, Debug)]
pub struct InformedArbitrageur {
    pools: Vec<Hop>,
    part: f64,
    share: f64,
    gas: f64,
}

impl InformedArbitrageur {
    /// In these pools, each between two tokens.
    ///
    /// # Errors
    /// There are none, or `part` is not above 0 and at most 1.
    pub fn new(pools: Vec<Hop>, part: f64) -> Result<Self, ScenarioError> {
        let refused = |what: &str, value, expected| Err(ScenarioError::Value { what: what.to_owned(), value, expected });
        if pools.is_empty() {
            return refused("pools of an informed arbitrageur", 0.0, "at least one");
        }
        if !(part > 0.0 && part <= 1.0) {
            return refused("part of the move", part, "above 0, at most 1");
        }
        Ok(Self { pools, part, share: 1.0, gas: 0.0 })
    }

    /// The probability that he knows, drawn in every block, for each pool by itself: draw ⌊k/2⌋ of a block gives the uniforms of two
    /// pools, k among them.
    ///
    /// # Errors
    /// It is not from 0 to 1.
    pub fn share(mut self, share: f64) -> Result<Self, ScenarioError> {
        probability("share of blocks", share)?;
        self.share = share;
        Ok(self)
    }

    /// Gas units burned by each trade.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }
}

impl AgentModel for InformedArbitrageur {
    fn phase(&self) -> Phase {
        Phase::Informed
    }

    fn home(&self) -> PoolId {
        self.pools[0].pool
    }
}

impl<const L: usize> BuildAgent<L> for InformedArbitrageur {
    fn build(&self, key: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(EdgeLanes { model: self.clone(), streams: StreamLanes::new(key, [0; L]), uniforms: [Lanes::ZERO; 2] })
    }
}

#[derive(Debug)]
struct EdgeLanes<const L: usize> {
    model: InformedArbitrageur,
    streams: StreamLanes<L>,
    /// Of two pools.
    uniforms: [Lanes<L>; 2],
}

impl<const L: usize> AgentLanes<L> for EdgeLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        let Some(hop) = usize::try_from(round).ok().and_then(|k| self.model.pools.get(k)) else { return false };
        let tokens = [hop.token_in, hop.token_out].map(|token| market.pool_tokens[hop.pool.index()][token.get()]);
        let now = tokens.map(|token| &market.prices[token.index()]);
        let next = tokens.map(|token| &market.upcoming.unwrap_or(market.prices)[token.index()]);
        order.kind = OrderKind::Arbitrage;
        order.pool = hop.pool;
        (order.flow.base, order.flow.quote) = (hop.token_in, hop.token_out);
        order.gas = self.model.gas;
        way_there(now, next, self.model.part, &mut order.target);
        order.min_profit = market.gas_cost(market.chain_of(hop.pool), self.model.gas);
        for l in 0..L {
            order.min_profit[l] /= now[1][l];
        }
        if self.model.share < 1.0 {
            if round.is_multiple_of(2) {
                let [first, second] = &mut self.uniforms;
                self.streams.uniform_pair(market.block, round / 2, first, second);
            }
            let uniform = &self.uniforms[usize::from(!round.is_multiple_of(2))];
            for l in 0..L {
                order.min_profit[l] = if uniform[l] < self.model.share { order.min_profit[l] } else { f64::INFINITY };
            }
        }
        true
    }
}

kernel! {
    fn way_there<const L: usize>(now: [&Lanes<L>; 2], next: [&Lanes<L>; 2], part: f64, target: &mut Lanes<L>) {
        for l in 0..L {
            let before = now[0][l] / now[1][l];
            let growth = next[0][l] / next[1][l] / before;
            target[l] = before * math::exp(part * math::ln(growth));
        }
    }
}

#[cfg(test)]
mod tests {
    use cenote_paths::arrivals::Poisson;
    use cenote_paths::sizes::Constant;

    use super::*;

    #[test]
    fn bad_parameters_are_errors() {
        let arrivals: Arc<dyn ArrivalModel> = Arc::new(Poisson::new("1 per day".parse().unwrap()).unwrap());
        let sizes: Arc<dyn SizeModel> = Arc::new(Constant::new(1e3).unwrap());
        let route = Route::pool(PoolId(2));
        for accuracy in [-0.1, 1.1, f64::NAN] {
            assert!(InformedTraders::new(route.clone(), Arc::clone(&arrivals), Arc::clone(&sizes), accuracy).is_err());
        }
        for part in [0.0, 1.1, f64::NAN] {
            assert!(InformedArbitrageur::new(vec![Hop::new(PoolId(0))], part).is_err());
        }
        assert!(InformedArbitrageur::new(vec![], 1.0).is_err());
        let one = InformedArbitrageur::new(vec![Hop::new(PoolId(1))], 1.0).unwrap();
        assert!(one.clone().share(2.0).is_err() && one.phase() == Phase::Informed && one.home() == PoolId(1));
    }
}
