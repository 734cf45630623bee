//! One pool, fair coins, any price: what most studies have, at its shortest.

use cenote_amm::TokenIndex;
use cenote_paths::arrivals::{ArrivalLanes, Window};
use cenote_paths::sizes::{SizeLanes, Trade};
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::Lanes;

use crate::agent::{AgentLanes, OrderKind, OrderLanes};

#[derive(Debug)]
pub(super) struct PlainLanes<const L: usize> {
    pool: PoolId,
    gas: f64,
    arrivals: Box<dyn ArrivalLanes<L>>,
    sizes: Box<dyn SizeLanes<L>>,
    /// Trades in this block.
    counts: Lanes<L>,
    /// Largest of them.
    most: u32,
}

impl<const L: usize> PlainLanes<L> {
    pub(super) fn new(pool: PoolId, gas: f64, arrivals: Box<dyn ArrivalLanes<L>>, sizes: Box<dyn SizeLanes<L>>) -> Self {
        Self { pool, gas, arrivals, sizes, counts: Lanes::ZERO, most: 0 }
    }
}

impl<const L: usize> AgentLanes<L> for PlainLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.arrivals.start(paths);
        self.sizes.start(paths);
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round == 0 {
            self.most = self.arrivals.count(&window(market), &mut self.counts);
        }
        if round >= self.most {
            return false;
        }
        let tokens = &market.pool_tokens[self.pool.index()];
        order.kind = OrderKind::Swap;
        order.pool = self.pool;
        order.flow.base = TokenIndex::ZERO;
        order.flow.quote = TokenIndex::ONE;
        order.gas = self.gas;
        let prices = [0, 1].map(|i: usize| &market.prices[tokens[i].index()]);
        let trade = Trade { counts: &self.counts, base_in: &mut order.flow.base_in, amount_in: &mut order.flow.amount_in };
        self.sizes.trade(market.block, round, prices, trade);
        true
    }
}

/// The time since the block before.
pub(crate) fn window<'a, const L: usize>(market: &MarketLanes<'a, L>) -> Window<'a, L> {
    let MarketLanes { block, time: end, years, shared_years: shared, active, .. } = *market;
    Window { block, end, years, shared, active }
}
