use cenote_paths::StreamKey;
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::{Lanes, SimDuration, math};

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};
use crate::error::ScenarioError;

/// Other liquidity providers who come and go with what the pool pays: d ln(others' liquidity)/dt = ln(APR / target) / response.
///
/// The APR is that of swap fees, providers' part, over the value of the pool: an exponentially weighted mean over a window, which
/// begins at the target. They act at intervals; in a pool of LP tokens by minting and burning, in a pool of ranges by scaling the
/// ranges that were there from the start. What positions of the world have is their own, and is diluted.
///
/// So where fees do not depend on liquidity, it ends where the fee APR is the target, and an excess decays like e^(−t/response).
/// Of a Uniswap v2 pool whose protocol fee is on, which it takes in LP tokens, fees count before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiquidityCrowd {
    pool: PoolId,
    target: f64,
    response: SimDuration,
    window: SimDuration,
    every: SimDuration,
}

impl LiquidityCrowd {
    /// In this pool, drawn by a fee APR above `target` (a fraction per year) and driven away by one below, within `response`. The APR
    /// is that of the last week, and they act once a day, unless told otherwise.
    ///
    /// # Errors
    /// [`ScenarioError::Value`]: a target that is not positive and finite, a response of no time.
    pub fn new(pool: PoolId, target: f64, response: SimDuration) -> Result<Self, ScenarioError> {
        let value = |what: &str, value, expected| ScenarioError::Value { what: what.to_owned(), value, expected };
        if !(target > 0.0 && target < f64::INFINITY) {
            return Err(value("target APR", target, "a rate above zero"));
        }
        if response.is_zero() {
            return Err(value("response of a crowd", 0.0, "a duration above zero"));
        }
        let days = |n: u64| SimDuration::from_nanos(n * SimDuration::DAY.as_nanos());
        Ok(Self { pool, target, response, window: days(7), every: days(1) })
    }

    /// The APR is that of the last `window`.
    ///
    /// # Errors
    /// [`ScenarioError::Value`]: a window of no time.
    pub fn window(mut self, window: SimDuration) -> Result<Self, ScenarioError> {
        self.window = some("window of a crowd", window)?;
        Ok(self)
    }

    /// They act at the first block after each interval.
    ///
    /// # Errors
    /// [`ScenarioError::Value`]: an interval of no time.
    pub fn every(mut self, every: SimDuration) -> Result<Self, ScenarioError> {
        self.every = some("interval of a crowd", every)?;
        Ok(self)
    }
}

fn some(what: &str, duration: SimDuration) -> Result<SimDuration, ScenarioError> {
    if duration.is_zero() {
        return Err(ScenarioError::Value { what: what.to_owned(), value: 0.0, expected: "a duration above zero" });
    }
    Ok(duration)
}

impl AgentModel for LiquidityCrowd {
    fn phase(&self) -> Phase {
        Phase::Liquidity
    }

    fn home(&self) -> PoolId {
        self.pool
    }

    fn reacts(&self) -> bool {
        true
    }
}

impl<const L: usize> BuildAgent<L> for LiquidityCrowd {
    fn build(&self, _: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(CrowdLanes::<L> { model: *self, fees: Lanes::ZERO, apr: Lanes::ZERO, then: [0; L] })
    }
}

#[derive(Debug)]
struct CrowdLanes<const L: usize> {
    model: LiquidityCrowd,
    /// Providers' fees since they last acted, in the numeraire.
    fees: Lanes<L>,
    apr: Lanes<L>,
    /// When they last acted, in nanoseconds.
    then: [u64; L],
}

impl<const L: usize> CrowdLanes<L> {
    /// What the pool's reserves are worth in a lane.
    fn value(&self, market: &MarketLanes<'_, L>, l: usize) -> f64 {
        let p = self.model.pool.index();
        let tokens = market.pool_tokens[p].iter().enumerate();
        let index = |i: usize| cenote_amm::TokenIndex(u8::try_from(i).unwrap_or(u8::MAX));
        tokens.map(|(i, token)| market.pools[p].reserve(index(i), l) * market.prices[token.index()][l]).sum()
    }
}

impl<const L: usize> AgentLanes<L> for CrowdLanes<L> {
    fn start(&mut self, _: [u32; L]) {
        self.fees = Lanes::ZERO;
        self.apr = Lanes::splat(self.model.target);
        self.then = [0; L];
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        let every = self.model.every.as_nanos();
        let due = |l: usize| market.active[l] != 0.0 && market.time[l] - self.then[l] >= every;
        if round > 0 || !(0..L).any(due) {
            return false;
        }
        order.kind = OrderKind::ScaleOthers;
        order.pool = self.model.pool;
        order.gas = 0.0;
        order.target = Lanes::splat(1.0);
        let (window, response) = (self.model.window.as_years(), self.model.response.as_years());
        for l in 0..L {
            if market.active[l] == 0.0 || market.time[l] - self.then[l] < every {
                continue;
            }
            let years = SimDuration::from_nanos(market.time[l] - self.then[l]).as_years();
            let kept = math::exp(-years / window);
            let now = self.fees[l] / (self.value(market, l) * years);
            // It never is zero: the mean begins at the target, and decays.
            self.apr[l] = self.apr[l] * kept + now * (1.0 - kept);
            self.then[l] = market.time[l];
            self.fees[l] = 0.0;
            order.target[l] = math::exp(years / response * math::ln(self.apr[l] / self.model.target));
        }
        true
    }

    /// Counts fees; does nothing.
    fn after(&mut self, market: &MarketLanes<'_, L>, executed: &OrderLanes<L>, _: u32, _: &mut OrderLanes<L>) -> bool {
        if executed.pool == self.model.pool {
            let (p, flow) = (executed.pool.index(), &executed.flow);
            let pool = &market.pools[p];
            let protocol = match (pool.fungible(), pool.ranged()) {
                (Some(pool), _) => pool.admin_share(),
                (_, Some(pool)) => pool.protocol_share(),
                _ => 0.0,
            };
            let [base, quote] = [flow.base, flow.quote].map(|token| &market.prices[market.pool_tokens[p][token.get()].index()]);
            for l in 0..L {
                let price = if flow.base_in[l] != 0 { base[l] } else { quote[l] };
                self.fees[l] += flow.fee[l] * price * (1.0 - protocol);
            }
        }
        false
    }
}
