use std::sync::Arc;

use cenote_amm::TokenIndex;
use cenote_paths::StreamKey;
use cenote_paths::arrivals::{ArrivalLanes, ArrivalModel, BuildArrivals, Poisson, Window};
use cenote_paths::sizes::{BuildSizes, Lognormal, SizeLanes, SizeModel, Trade};
use cenote_strategy::{MarketLanes, PoolId};
use cenote_units::{Frequency, Lanes};

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};
use crate::clock::Clock;
use crate::error::ScenarioError;

/// Uninformed traders: they come as some [`ArrivalModel`] says, with the sizes of some [`SizeModel`], in either direction with
/// probability one half.
///
/// A size is the value paid in at the outside price, in the numeraire. Arrivals and sizes draw from the agent's own streams.
#[derive(Clone, Debug)]
pub struct NoiseTraders {
    pool: PoolId,
    arrivals: Arc<dyn ArrivalModel>,
    sizes: Arc<dyn SizeModel>,
    gas: f64,
}

impl NoiseTraders {
    /// Traders in a pool of two tokens, with sizes in the numeraire.
    pub fn new(pool: PoolId, arrivals: Arc<dyn ArrivalModel>, sizes: Arc<dyn SizeModel>) -> Self {
        Self { pool, arrivals, sizes, gas: 0.0 }
    }

    /// Poisson arrivals, so many a year, of lognormal sizes with this median (in the numeraire) and standard deviation of their logarithm.
    ///
    /// # Errors
    /// Arrivals or sigma negative or not finite, a median that is not positive.
    pub fn lognormal(pool: PoolId, arrivals: f64, median: f64, sigma: f64) -> Result<Self, ScenarioError> {
        let value = |what: &str, value, expected| ScenarioError::Value { what: what.to_owned(), value, expected };
        let refused = |error| match error {
            cenote_paths::PathError::Parameter { name, value: found, expected } => value(name, found, expected),
            // The constructors of arrivals and sizes have nothing else to say.
            _ => value("noise traders", f64::NAN, "parameters in range"),
        };
        let rate = Frequency::from_per_year(arrivals)
            .map_err(|_| value("arrivals", arrivals, "a finite number per year, not negative"))?;
        let arrivals = Poisson::new(rate).map_err(refused)?;
        let sizes = Lognormal::new(median, sigma).map_err(refused)?;
        Ok(Self::new(pool, Arc::new(arrivals), Arc::new(sizes)))
    }

    /// Gas units burned by each trade. Noise traders trade whatever it costs.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }
}

/// The most trades that are to be expected in a block: more than ten thousand would take longer than they tell.
const MOST_PER_BLOCK: f64 = 10_000.0;
/// A gap thirty times its mean comes once in 10¹³ blocks, and has to stay below what an agent may do in one.
const MOST_PER_RANDOM_BLOCK: f64 = 3_000.0;

impl AgentModel for NoiseTraders {
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    fn home(&self) -> PoolId {
        self.pool
    }

    fn check(&self, clock: Clock) -> Result<(), ScenarioError> {
        let (most, expected) = if clock.is_random() {
            (MOST_PER_RANDOM_BLOCK, "at most 3,000 a block: shorten the block time")
        } else {
            (MOST_PER_BLOCK, "at most 10,000 a block: shorten the block time")
        };
        let value = self.arrivals.peak_rate() * clock.mean().as_years();
        if value <= most { Ok(()) } else { Err(ScenarioError::Value { what: "trades per block".to_owned(), value, expected }) }
    }
}

impl<const L: usize> BuildAgent<L> for NoiseTraders
where
    dyn ArrivalModel: BuildArrivals<L>,
    dyn SizeModel: BuildSizes<L>,
{
    fn build(&self, key: StreamKey) -> Box<dyn AgentLanes<L>> {
        Box::new(NoiseLanes::<L> {
            pool: self.pool,
            gas: self.gas,
            arrivals: self.arrivals.build(key),
            sizes: self.sizes.build(key),
            counts: Lanes::ZERO,
            most: 0,
        })
    }
}

#[derive(Debug)]
struct NoiseLanes<const L: usize> {
    pool: PoolId,
    gas: f64,
    arrivals: Box<dyn ArrivalLanes<L>>,
    sizes: Box<dyn SizeLanes<L>>,
    /// Trades in this block.
    counts: Lanes<L>,
    /// Largest of them.
    most: u32,
}

impl<const L: usize> AgentLanes<L> for NoiseLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.arrivals.start(paths);
        self.sizes.start(paths);
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round == 0 {
            let MarketLanes { block, time: end, years, shared_years: shared, active, .. } = *market;
            self.most = self.arrivals.count(&Window { block, end, years, shared, active }, &mut self.counts);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_parameters_are_errors() {
        let pool = PoolId(0);
        assert!(NoiseTraders::lognormal(pool, -1.0, 1500.0, 1.2).is_err());
        assert!(NoiseTraders::lognormal(pool, f64::NAN, 1500.0, 1.2).is_err());
        assert!(NoiseTraders::lognormal(pool, 1.0, 0.0, 1.2).is_err());
        assert!(NoiseTraders::lognormal(pool, 1.0, 1500.0, -0.1).is_err());
        let busy = NoiseTraders::lognormal(pool, 1e9, 1500.0, 1.2).unwrap();
        let hour = cenote_units::SimDuration::from_nanos(3_600_000_000_000);
        let error = busy.check(Clock::Fixed(hour)).unwrap_err();
        assert!(error.to_string().contains("trades per block"), "{error}");
        let mean = "1s".parse().unwrap();
        assert!(busy.check(Clock::Fixed(mean)).is_ok() && busy.check(Clock::Poisson(mean)).is_ok());
    }
}
