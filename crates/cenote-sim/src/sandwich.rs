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
    /// What the victim gets above what it has to; negative where it does not get it.
    spare: f64,
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
        Some(Tried { profit: back - paid, spare: victim - self.min_out })
    }

    /// The most profitable size up to `most`, and its profit; none where a small one loses already.
    fn best_size(&self, most: f64) -> Option<(f64, f64)> {
        let small = (self.amount * SMALL).min(most);
        let first = self.try_size(small)?;
        if !(first.spare >= 0.0 && first.profit > 0.0) {
            return None;
        }
        let (limit, at_limit) = self.limit((small, first), most)?;
        // Where the profit still rises at the limit, that is where it ends.
        let just_below = self.try_size(limit * (1.0 - ROUGHLY))?.profit;
        if just_below <= at_limit.profit { Some((limit, at_limit.profit)) } else { self.highest(limit) }
    }

    /// The largest size that the victim puts up with: the first guess is one, and what it comes to.
    fn limit(&self, guess: (f64, Tried), most: f64) -> Option<(f64, Tried)> {
        let (mut low, mut at_low) = guess;
        let (mut high, mut over) = (low, f64::NAN);
        while high < most {
            high = (4.0 * high).min(most);
            let tried = self.try_size(high)?;
            if tried.spare < 0.0 {
                over = tried.spare;
                break;
            }
            (low, at_low) = (high, tried);
        }
        if over.is_nan() {
            return Some((low, at_low));
        }
        // False position, with the Illinois rule: the end that stays for long counts half.
        let mut spare = at_low.spare;
        for _ in 0..MOST_STEPS {
            if high - low <= PRECISION * high {
                break;
            }
            let between = low + (high - low) * (spare / (spare - over));
            let middle = if between > low && between < high { between } else { 0.5 * (low + high) };
            let tried = self.try_size(middle)?;
            if tried.spare < 0.0 {
                (high, over) = (middle, tried.spare);
                spare *= 0.5;
            } else {
                (low, at_low, spare) = (middle, tried, tried.spare);
                over *= 0.5;
            }
        }
        Some((low, at_low))
    }

    /// Where the profit is highest below a size, by the golden section.
    fn highest(&self, below: f64) -> Option<(f64, f64)> {
        let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
        let (mut a, mut b) = (0.0, below);
        let (mut c, mut d) = (b - golden * b, golden * b);
        let (mut at_c, mut at_d) = (self.try_size(c)?.profit, self.try_size(d)?.profit);
        // A size a little off makes a profit that is off by the square of that.
        while b - a > ROUGHLY * b {
            if at_c > at_d {
                (b, d, at_d) = (d, c, at_c);
                c = b - golden * (b - a);
                at_c = self.try_size(c)?.profit;
            } else {
                (a, c, at_c) = (c, d, at_d);
                d = a + golden * (b - a);
                at_d = self.try_size(d)?.profit;
            }
        }
        Some(if at_c > at_d { (c, at_c) } else { (d, at_d) })
    }
}

/// A first trade that is small beside the victim's: if it does not pay, no larger one does.
const SMALL: f64 = 1e-3;
/// How well the limit is known, and how often at most it is asked for.
const PRECISION: f64 = 1e-9;
const MOST_STEPS: u32 = 80;
/// How well a highest profit is found.
const ROUGHLY: f64 = 1e-5;

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
