use cenote_amm::{AnyPool, FlowLanes, TokenIndex};
use cenote_paths::StreamKey;
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::{Lanes, mask};

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};
use crate::error::ScenarioError;

/// Trades right before a swap in its direction, and back right after it.
///
/// It sees swaps that say how much less than quoted they put up with ([`OrderLanes::slippage`]); swaps that do not are sent where
/// nobody sees them. The first trade is the most profitable one after which the swap still pays out what it has to; it is made where
/// the profit, in the token paid in, exceeds the gas of both trades at the outside price.
///
/// The size is found by trying in a copy of the pool: the profit is taken to rise and then fall with it, as it does in a constant
/// product. Pools that cannot be [copied](cenote_amm::PoolLanes::lane) are left alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Sandwich {
    pools: Vec<PoolId>,
    capital: f64,
    gas: f64,
}

impl Sandwich {
    /// In these pools, with as much capital as it takes.
    pub fn on(pools: impl Into<Vec<PoolId>>) -> Self {
        Self { pools: pools.into(), capital: f64::INFINITY, gas: 0.0 }
    }

    /// The first trade is worth at most this, in the numeraire.
    ///
    /// # Errors
    /// [`ScenarioError::Value`]: capital that is not positive.
    pub fn capital(mut self, capital: f64) -> Result<Self, ScenarioError> {
        if capital.is_nan() || capital <= 0.0 {
            let expected = "a value above zero";
            return Err(ScenarioError::Value { what: "capital of sandwiches".to_owned(), value: capital, expected });
        }
        self.capital = capital;
        Ok(self)
    }

    /// Gas units of each of the two trades.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }
}

impl AgentModel for Sandwich {
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    fn home(&self) -> PoolId {
        self.pools.first().copied().unwrap_or(PoolId(0))
    }

    fn reacts(&self) -> bool {
        true
    }
}

impl<const L: usize> BuildAgent<L> for Sandwich {
    fn build(&self, _: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(SandwichLanes::<L> { model: self.clone(), bought: Lanes::ZERO })
    }
}

#[derive(Debug)]
struct SandwichLanes<const L: usize> {
    model: Sandwich,
    /// What the first trades brought.
    bought: Lanes<L>,
}

/// A swap in one lane, as it is about to happen.
#[derive(Clone, Copy, Debug)]
struct Victim<'a, const L: usize> {
    pool: &'a AnyPool<L>,
    lane: usize,
    base: TokenIndex,
    quote: TokenIndex,
    base_in: u64,
    amount: f64,
    min_out: f64,
}

/// What a sandwich of some size comes to.
#[derive(Clone, Copy, Debug)]
struct Tried {
    /// In the token paid in.
    profit: f64,
    /// Whether the victim gets what it has to.
    passes: bool,
}

impl<const L: usize> Victim<'_, L> {
    /// Tries a first trade of this size.
    fn try_size(&self, size: f64) -> Option<Tried> {
        let mut copy = self.pool.lane(self.lane)?;
        let mut swap = |amount: f64, base_in: u64| {
            let mut flow = FlowLanes::<1>::new(self.base, self.quote);
            (flow.base_in[0], flow.amount_in[0]) = (base_in, amount);
            copy.swap(&mut flow);
            (flow.amount_in[0], flow.amount_out[0])
        };
        let (paid, bought) = swap(size, self.base_in);
        let (_, victim) = swap(self.amount, self.base_in);
        let (_, back) = swap(bought, !self.base_in);
        Some(Tried { profit: back - paid, passes: victim >= self.min_out })
    }

    /// The most profitable size up to `most`, and its profit; none where a small one loses already.
    fn best_size(&self, most: f64) -> Option<(f64, f64)> {
        let small = (self.amount * SMALL).min(most);
        let first = self.try_size(small)?;
        if !(first.passes && first.profit > 0.0) {
            return None;
        }
        // The largest that the victim puts up with.
        let (mut low, mut high) = (small, small);
        while high < most && self.try_size(high)?.passes {
            low = high;
            high = (2.0 * high).min(most);
        }
        if self.try_size(high)?.passes {
            low = high;
        }
        for _ in 0..HALVINGS {
            if high - low <= PRECISION * high {
                break;
            }
            let middle = 0.5 * (low + high);
            if self.try_size(middle)?.passes { low = middle } else { high = middle }
        }
        // The best up to there, by the golden section.
        let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
        let (mut a, mut b) = (0.0, low);
        let mut best = (low, self.try_size(low)?.profit);
        for _ in 0..SECTIONS {
            let (c, d) = (b - golden * (b - a), a + golden * (b - a));
            let (at_c, at_d) = (self.try_size(c)?.profit, self.try_size(d)?.profit);
            for (size, profit) in [(c, at_c), (d, at_d)] {
                if profit > best.1 {
                    best = (size, profit);
                }
            }
            if at_c > at_d {
                b = d;
            } else {
                a = c;
            }
            if b - a <= PRECISION * b {
                break;
            }
        }
        Some(best)
    }
}

/// A first trade that is small beside the victim's: if it does not pay, no larger one does.
const SMALL: f64 = 1e-3;
/// Of intervals of sizes, until they are known to [`PRECISION`].
const HALVINGS: u32 = 60;
const SECTIONS: u32 = 60;
const PRECISION: f64 = 1e-9;

impl<const L: usize> AgentLanes<L> for SandwichLanes<L> {
    fn start(&mut self, _: [u32; L]) {
        self.bought = Lanes::ZERO;
    }

    fn order(&mut self, _: &MarketLanes<'_, L>, _: u32, _: &mut OrderLanes<L>) -> bool {
        false
    }

    fn before(&mut self, market: &MarketLanes<'_, L>, pending: &OrderLanes<L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round > 0 {
            self.bought = order.flow.amount_out;
            return false;
        }
        self.bought = Lanes::ZERO;
        let seen = pending.kind == OrderKind::Swap && pending.slippage.is_some() && self.model.pools.contains(&pending.pool);
        if !seen {
            return false;
        }
        let (flow, p, chain) = (&pending.flow, pending.pool.index(), market.chain_of(pending.pool).index());
        let [base, quote] = [flow.base, flow.quote].map(|token| &market.prices[market.pool_tokens[p][token.get()].index()]);
        order.kind = OrderKind::Swap;
        order.pool = pending.pool;
        order.gas = self.model.gas;
        order.slippage = None;
        (order.flow.base, order.flow.quote, order.flow.base_in) = (flow.base, flow.quote, flow.base_in);
        order.flow.amount_in = Lanes::ZERO;
        for l in 0..L {
            // Whoever puts up with nothing at all has no limit to trade up to.
            if !(flow.amount_in[l] > 0.0 && pending.min_out[l] > 0.0) {
                continue;
            }
            let price_in = if flow.base_in[l] != 0 { base[l] } else { quote[l] };
            let victim = Victim {
                pool: &market.pools[p],
                lane: l,
                base: flow.base,
                quote: flow.quote,
                base_in: flow.base_in[l],
                amount: flow.amount_in[l],
                min_out: pending.min_out[l],
            };
            if let Some((size, profit)) = victim.best_size(self.model.capital / price_in)
                && profit * price_in > market.gas[chain].cost(2.0 * self.model.gas, market.priority_fee, l, market.prices)
            {
                order.flow.amount_in[l] = size;
            }
        }
        order.flow.amount_in.iter().any(|&amount| amount > 0.0)
    }

    fn after(&mut self, _: &MarketLanes<'_, L>, executed: &OrderLanes<L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round > 0 || self.bought.iter().all(|&bought| bought == 0.0) {
            return false;
        }
        order.kind = OrderKind::Swap;
        order.pool = executed.pool;
        order.gas = self.model.gas;
        order.slippage = None;
        (order.flow.base, order.flow.quote) = (executed.flow.base, executed.flow.quote);
        for l in 0..L {
            order.flow.base_in[l] = mask(executed.flow.base_in[l] == 0);
        }
        order.flow.amount_in = std::mem::take(&mut self.bought);
        true
    }
}
