//! Traders who know nothing.

mod choosy;
mod demand;
mod limited;
mod plain;

use std::sync::Arc;

use cenote_paths::StreamKey;
use cenote_paths::arrivals::{ArrivalModel, BuildArrivals, Poisson};
use cenote_paths::sizes::{BuildSizes, Lognormal, SizeModel};
use cenote_strategy::PoolId;
use cenote_units::Frequency;

use crate::agent::{AgentLanes, AgentModel, BuildAgent, Phase};
use crate::clock::Clock;
use crate::error::ScenarioError;
use crate::route::{Hop, Route, Router};

use self::choosy::ChoosyLanes;
pub(crate) use self::demand::{DemandLanes, Direction};
use self::limited::LimitedLanes;
use self::plain::PlainLanes;
pub(crate) use self::plain::window;

/// Uninformed traders: they come as some [`ArrivalModel`] says, with the sizes of some [`SizeModel`], in either direction with
/// probability one half, unless [`directions`](Self::directions) says otherwise.
///
/// A size is the value paid in at the outside price, in the numeraire. They trade at any price, unless there is an
/// [`elasticity`](Self::elasticity). Everything is drawn from the agent's own streams: arrivals and sizes as
/// [`cenote_paths::sizes`] says, and draw 2³⁰ + j of a block gives two uniforms for trade j: of acceptance, and of direction.
#[derive(Clone, Debug)]
pub struct NoiseTraders {
    route: Route,
    arrivals: Arc<dyn ArrivalModel>,
    sizes: Arc<dyn SizeModel>,
    gas: f64,
    direction: Direction,
    elasticity: f64,
    slippage: Option<f64>,
}

impl NoiseTraders {
    /// Traders in a pool of two tokens, with sizes in the numeraire.
    pub fn new(pool: PoolId, arrivals: Arc<dyn ArrivalModel>, sizes: Arc<dyn SizeModel>) -> Self {
        Self::routed(Route::pool(pool), arrivals, sizes)
    }

    /// Traders who split every trade over the ways of a route, between its base and its quote, with sizes in the numeraire.
    pub fn routed(route: Route, arrivals: Arc<dyn ArrivalModel>, sizes: Arc<dyn SizeModel>) -> Self {
        Self { route, arrivals, sizes, gas: 0.0, direction: Direction::FAIR, elasticity: 0.0, slippage: None }
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

    /// A trade does not happen if it would pay out less than it was quoted by more than this, as a fraction. Such trades are seen before
    /// they execute, by [`Sandwich`](crate::Sandwich) for one; those without a limit are not.
    ///
    /// # Errors
    /// [`ScenarioError::Value`] unless it is from 0 to below 1.
    pub fn slippage(mut self, fraction: f64) -> Result<Self, ScenarioError> {
        if !(0.0..1.0).contains(&fraction) {
            let expected = "a fraction from 0 to below 1";
            return Err(ScenarioError::Value { what: "slippage".to_owned(), value: fraction, expected });
        }
        self.slippage = Some(fraction);
        Ok(self)
    }

    /// Gas units burned by each trade in each pool.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }

    /// A trade buys base with probability `buys`, or, with probability `persistence`, goes the way of the one before instead: the
    /// signs of trades then have the autocorrelation `persistence`^k at lag k.
    ///
    /// # Errors
    /// `buys` is not from 0 to 1, or `persistence` not from 0 to less than 1.
    pub fn directions(mut self, buys: f64, persistence: f64) -> Result<Self, ScenarioError> {
        self.direction = Direction::new(buys, persistence)?;
        Ok(self)
    }

    /// Demand that minds its price: a trade happens with probability exp(−`elasticity` · cost), where the cost is what is lost against
    /// the outside price (fee, slippage and gas) as a fraction of the value paid in, and nothing where that is a gain. Zero: any price.
    ///
    /// # Errors
    /// The elasticity is negative or not finite.
    pub fn elasticity(mut self, elasticity: f64) -> Result<Self, ScenarioError> {
        if !(0.0..f64::INFINITY).contains(&elasticity) {
            let expected = "a finite number, not negative";
            return Err(ScenarioError::Value { what: "elasticity".to_owned(), value: elasticity, expected });
        }
        self.elasticity = elasticity;
        Ok(self)
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
        self.route.home()
    }

    fn check(&self, clock: Clock) -> Result<(), ScenarioError> {
        check_pace(&*self.arrivals, clock)
    }
}

/// That no block has more trades than a world can be asked for.
pub(crate) fn check_pace(arrivals: &dyn ArrivalModel, clock: Clock) -> Result<(), ScenarioError> {
    let (most, expected) = if clock.is_random() {
        (MOST_PER_RANDOM_BLOCK, "at most 3,000 a block: shorten the block time")
    } else {
        (MOST_PER_BLOCK, "at most 10,000 a block: shorten the block time")
    };
    let value = arrivals.peak_rate() * clock.mean().as_years();
    if value <= most { Ok(()) } else { Err(ScenarioError::Value { what: "trades per block".to_owned(), value, expected }) }
}

impl<const L: usize> BuildAgent<L> for NoiseTraders
where
    dyn ArrivalModel: BuildArrivals<L>,
    dyn SizeModel: BuildSizes<L>,
{
    fn build(&self, key: StreamKey) -> Box<dyn AgentLanes<L>> {
        let (arrivals, sizes) = (self.arrivals.build(key), self.sizes.build(key));
        let traders: Box<dyn AgentLanes<L>> = match self.route.paths() {
            [path] if *path == [Hop::new(path[0].pool)] && self.direction == Direction::FAIR && self.elasticity == 0.0 => {
                Box::new(PlainLanes::new(path[0].pool, self.gas, arrivals, sizes))
            }
            _ => {
                let router = Router::new(self.route.clone(), self.gas);
                let demand = DemandLanes::new(self.direction, key);
                Box::new(ChoosyLanes::new(router, arrivals, sizes, demand, self.elasticity))
            }
        };
        match self.slippage {
            Some(slippage) => Box::new(LimitedLanes::new(traders, slippage)),
            None => traders,
        }
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
        for (buys, persistence) in [(-0.1, 0.0), (1.1, 0.0), (0.5, 1.0), (0.5, f64::NAN)] {
            assert!(busy.clone().directions(buys, persistence).is_err(), "{buys} {persistence}");
        }
        assert!(busy.clone().elasticity(-1.0).is_err() && busy.elasticity(f64::NAN).is_err());
    }
}
