//! Trades with a limit.

use cenote_strategy::MarketLanes;

use crate::agent::{AgentLanes, OrderLanes};

/// Traders who put up with so much less than they were quoted.
#[derive(Debug)]
pub(super) struct LimitedLanes<const L: usize> {
    traders: Box<dyn AgentLanes<L>>,
    slippage: f64,
}

impl<const L: usize> LimitedLanes<L> {
    pub(super) fn new(traders: Box<dyn AgentLanes<L>>, slippage: f64) -> Self {
        Self { traders, slippage }
    }
}

impl<const L: usize> AgentLanes<L> for LimitedLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.traders.start(paths);
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        let wants = self.traders.order(market, round, order);
        order.slippage = Some(self.slippage);
        wants
    }
}
