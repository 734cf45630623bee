use cenote_amm::TokenIndex;
use cenote_paths::StreamKey;
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::Lanes;

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};

/// An arbitrageur between pools of two tokens and an outside market of any depth.
///
/// Once a block it trades each of its pools to the edge of the no-arbitrage band around the outside price, where the profit
/// exceeds the gas; in closed form.
#[derive(Clone, Debug)]
pub struct Arbitrageur {
    pools: Vec<PoolId>,
    gas: f64,
}

impl Arbitrageur {
    /// On these pools, paying nothing for gas.
    pub fn on(pools: impl Into<Vec<PoolId>>) -> Self {
        Self { pools: pools.into(), gas: 0.0 }
    }

    /// Gas units burned by each trade.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }
}

impl AgentModel for Arbitrageur {
    fn phase(&self) -> Phase {
        Phase::Arbitrage
    }

    fn home(&self) -> PoolId {
        self.pools.first().copied().unwrap_or(PoolId(0))
    }
}

impl<const L: usize> BuildAgent<L> for Arbitrageur {
    fn build(&self, _: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(self.clone())
    }
}

impl<const L: usize> AgentLanes<L> for Arbitrageur {
    fn start(&mut self, _: [u32; L]) {}

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        let Some(&pool) = usize::try_from(round).ok().and_then(|i| self.pools.get(i)) else { return false };
        let tokens = &market.pool_tokens[pool.index()];
        order.kind = OrderKind::Arbitrage;
        order.pool = pool;
        order.flow.base = TokenIndex::ZERO;
        order.flow.quote = TokenIndex::ONE;
        order.gas = self.gas;
        order.target = market.prices[tokens[0].index()];
        order.min_profit = Lanes::ZERO;
        if self.gas > 0.0 {
            order.min_profit = market.gas_cost(market.chain_of(pool), self.gas);
        }
        if tokens[1] != market.numeraire {
            let quote = &market.prices[tokens[1].index()];
            for l in 0..L {
                order.target[l] /= quote[l];
                order.min_profit[l] /= quote[l];
            }
        }
        true
    }
}
