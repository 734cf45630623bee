//! Traders who look where they trade, at what price, or which way the last one went.

use cenote_paths::arrivals::ArrivalLanes;
use cenote_paths::sizes::{Marks, SizeLanes};
use cenote_strategy::MarketLanes;
use cenote_units::{Lanes, kernel, select};

use super::demand::DemandLanes;
use super::plain::window;
use crate::agent::{AgentLanes, OrderLanes};
use crate::route::{Router, TradeLanes};

#[derive(Debug)]
pub(super) struct ChoosyLanes<const L: usize> {
    router: Router<L>,
    arrivals: Box<dyn ArrivalLanes<L>>,
    sizes: Box<dyn SizeLanes<L>>,
    demand: DemandLanes<L>,
    elasticity: f64,
    trade: TradeLanes<L>,
    counts: Lanes<L>,
    most: u32,
    /// The next event of the block.
    event: u32,
    gas_value: Lanes<L>,
    keep: Lanes<L>,
}

impl<const L: usize> ChoosyLanes<L> {
    pub(super) fn new(
        router: Router<L>,
        arrivals: Box<dyn ArrivalLanes<L>>,
        sizes: Box<dyn SizeLanes<L>>,
        demand: DemandLanes<L>,
        elasticity: f64,
    ) -> Self {
        Self {
            router,
            arrivals,
            sizes,
            demand,
            elasticity,
            trade: TradeLanes::ZERO,
            counts: Lanes::ZERO,
            most: 0,
            event: 0,
            gas_value: Lanes::ZERO,
            keep: Lanes::ZERO,
        }
    }

    /// Draws event number `event` of the block and plans it.
    fn plan(&mut self, market: &MarketLanes<'_, L>, event: u32) {
        let [base, quote] = self.router.route().tokens(market).map(|token| &market.prices[token.index()]);
        let directed = self.demand.has_direction();
        if directed || self.elasticity > 0.0 {
            self.demand.draw(market.block, event);
        }
        let Marks { sizes, coins } = self.sizes.of(market.block, event);
        if directed {
            self.demand.direct(event, &self.counts, &mut self.trade.base_in);
        } else {
            for l in 0..L {
                self.trade.base_in[l] = coins[l].wrapping_neg();
            }
        }
        amounts(sizes, f64::from(event), &self.counts, [base, quote], &mut self.trade);
        self.router.plan(market, &mut self.trade);
        if self.elasticity > 0.0 {
            self.router.gas_value(&mut self.gas_value);
            self.demand.accept(self.elasticity, &self.trade, [base, quote], &self.gas_value, &mut self.keep);
            self.router.withdraw(&self.keep);
        }
        self.router.begin();
    }
}

impl<const L: usize> AgentLanes<L> for ChoosyLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.arrivals.start(paths);
        self.sizes.start(paths);
        self.demand.start(paths);
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
    fn amounts<const L: usize>(
        sizes: &Lanes<L>, event: f64, counts: &Lanes<L>, [base, quote]: [&Lanes<L>; 2], trade: &mut TradeLanes<L>,
    ) {
        for l in 0..L {
            let amount = sizes[l] / select(trade.base_in[l], base[l], quote[l]);
            trade.amount_in[l] = if event < counts[l] { amount } else { 0.0 };
        }
    }
}
