use cenote_amm::{FlowLanes, PriceRange, TokenIndex};
use cenote_paths::StreamKey;
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::Lanes;

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};
use crate::error::ScenarioError;

/// Liquidity just in time: provided right before a large swap and taken out right after it.
///
/// In a pool of ranges it lies around the price, as wide as asked for, or as the pool's ticks force it to; in a pool of LP tokens it is
/// in the pool's proportions. While the swap stays in its range it earns ℓ/(L + ℓ) of the fee, ℓ being its liquidity and L all other.
/// It comes where that part of the fee exceeds its gas. It looks at swaps, not at arbitrage: that comes at the pool's expense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JitLiquidity {
    pool: [PoolId; 1],
    capital: f64,
    width: f64,
    min_trade: f64,
    gas: f64,
}

impl JitLiquidity {
    /// In this pool, with this much capital, before swaps whose input is worth at least `min_trade`, both in the numeraire. Its range is
    /// as narrow as can be.
    ///
    /// # Errors
    /// [`ScenarioError::Value`]: capital that is not positive and finite, a smallest trade that is negative.
    pub fn new(pool: PoolId, capital: f64, min_trade: f64) -> Result<Self, ScenarioError> {
        let value = |what: &str, value, expected| ScenarioError::Value { what: what.to_owned(), value, expected };
        if !(capital > 0.0 && capital < f64::INFINITY) {
            return Err(value("capital of liquidity just in time", capital, "a value above zero"));
        }
        if !(0.0..f64::INFINITY).contains(&min_trade) {
            return Err(value("smallest trade", min_trade, "a value, not negative"));
        }
        Ok(Self { pool: [pool], capital, width: 0.0, min_trade, gas: 0.0 })
    }

    /// From price / (1 + width) to price · (1 + width), at ticks that the pool can use.
    ///
    /// # Errors
    /// [`ScenarioError::Value`]: a width that is negative or not finite.
    pub fn width(mut self, width: f64) -> Result<Self, ScenarioError> {
        if !(0.0..f64::INFINITY).contains(&width) {
            let expected = "a fraction, not negative";
            return Err(ScenarioError::Value { what: "width of liquidity just in time".to_owned(), value: width, expected });
        }
        self.width = width;
        Ok(self)
    }

    /// Gas units of each of the two transactions.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }
}

impl AgentModel for JitLiquidity {
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    fn home(&self) -> PoolId {
        self.pool[0]
    }

    fn reacts(&self) -> bool {
        true
    }

    fn provides(&self) -> &[PoolId] {
        &self.pool
    }
}

impl<const L: usize> BuildAgent<L> for JitLiquidity {
    fn build(&self, _: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(JitLanes::<L> { model: *self, minted: Lanes::ZERO })
    }
}

#[derive(Debug)]
struct JitLanes<const L: usize> {
    model: JitLiquidity,
    /// What was provided for the pending swap.
    minted: Lanes<L>,
}

/// A width that is doubled this often covers all prices there are.
const DOUBLINGS: u32 = 20;
/// Where the search for the narrowest range begins.
const NARROWEST: f64 = 1e-5;

impl JitLiquidity {
    /// The range around a pool's price, and what a unit of liquidity takes there; none if there is none that holds the price.
    fn range<const L: usize>(&self, market: &MarketLanes<'_, L>, l: usize) -> Option<(PriceRange, [f64; 2])> {
        let pool = market.pools[self.pool[0].index()].ranged()?;
        let spot = pool.spot_price(TokenIndex::ZERO, TokenIndex::ONE, l);
        let mut width = self.width.max(NARROWEST);
        for _ in 0..DOUBLINGS {
            let (unit, snapped) = pool.proportions(l, PriceRange::around(spot, width));
            // Both tokens go in: the price is inside.
            if unit[0] > 0.0 && unit[1] > 0.0 {
                return Some((snapped, unit));
            }
            width *= 2.0;
        }
        None
    }

    /// The liquidity that the capital buys, and all other there is; the range is written.
    fn liquidity<const L: usize>(&self, market: &MarketLanes<'_, L>, l: usize, range: &mut PriceRange) -> Option<(f64, f64)> {
        let p = self.pool[0].index();
        let price = |i: usize| market.prices[market.pool_tokens[p][i].index()][l];
        if let Some(pool) = market.pools[p].fungible() {
            let index = |i: usize| TokenIndex(u8::try_from(i).unwrap_or(u8::MAX));
            let value: f64 = (0..pool.token_count()).map(|i| pool.reserve(index(i), l) * price(i)).sum();
            let supply = pool.supply()[l];
            return Some((supply * (self.capital / value), supply));
        }
        let (place, unit) = self.range(market, l)?;
        *range = place;
        let mut other = Lanes::ZERO;
        market.pools[p].ranged()?.liquidity(&mut other);
        Some((self.capital / (unit[0] * price(0) + unit[1] * price(1)), other[l]))
    }

    /// What providers get for the pending swap, in the numeraire.
    fn fee<const L: usize>(&self, market: &MarketLanes<'_, L>, pending: &FlowLanes<L>, l: usize, price_in: f64) -> Option<f64> {
        let pool = &market.pools[self.pool[0].index()];
        let mut copy = pool.lane(l)?;
        let mut flow = FlowLanes::<1>::new(pending.base, pending.quote);
        (flow.base_in[0], flow.amount_in[0]) = (pending.base_in[l], pending.amount_in[l]);
        copy.swap(&mut flow);
        let protocol = match (pool.fungible(), pool.ranged()) {
            (Some(pool), _) => pool.admin_share(),
            (_, Some(pool)) => pool.protocol_share(),
            _ => 0.0,
        };
        Some(flow.fee[0] * price_in * (1.0 - protocol))
    }
}

impl<const L: usize> AgentLanes<L> for JitLanes<L> {
    fn start(&mut self, _: [u32; L]) {
        self.minted = Lanes::ZERO;
    }

    fn order(&mut self, _: &MarketLanes<'_, L>, _: u32, _: &mut OrderLanes<L>) -> bool {
        false
    }

    fn before(&mut self, market: &MarketLanes<'_, L>, pending: &OrderLanes<L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round > 0 {
            self.minted = order.liquidity;
            return false;
        }
        let (model, p) = (self.model, self.model.pool[0].index());
        self.minted = Lanes::ZERO;
        if pending.pool != model.pool[0] || pending.kind != OrderKind::Swap {
            return false;
        }
        let flow = &pending.flow;
        let [base, quote] = [flow.base, flow.quote].map(|token| &market.prices[market.pool_tokens[p][token.get()].index()]);
        order.liquidity = Lanes::ZERO;
        for l in 0..L {
            let price_in = if flow.base_in[l] != 0 { base[l] } else { quote[l] };
            if !(flow.amount_in[l] > 0.0 && flow.amount_in[l] * price_in >= model.min_trade) {
                continue;
            }
            let Some((mine, other)) = model.liquidity(market, l, &mut order.range[l]) else { continue };
            let Some(fee) = model.fee(market, flow, l, price_in) else { continue };
            let gas =
                market.gas[market.chain_of(model.pool[0]).index()].cost(2.0 * model.gas, market.priority_fee, l, market.prices);
            if fee * (mine / (mine + other)) > gas {
                order.liquidity[l] = mine;
            }
        }
        order.kind = OrderKind::AddLiquidity;
        order.pool = model.pool[0];
        order.gas = model.gas;
        order.liquidity.iter().any(|&liquidity| liquidity > 0.0)
    }

    fn after(&mut self, _: &MarketLanes<'_, L>, executed: &OrderLanes<L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round > 0 || executed.pool != self.model.pool[0] || self.minted.iter().all(|&minted| minted == 0.0) {
            return false;
        }
        order.kind = OrderKind::RemoveLiquidity;
        order.pool = self.model.pool[0];
        order.gas = self.model.gas;
        order.liquidity = std::mem::take(&mut self.minted);
        true
    }
}
