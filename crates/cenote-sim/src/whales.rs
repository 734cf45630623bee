//! Few traders who move the market.

use std::sync::Arc;

use cenote_amm::TokenIndex;
use cenote_paths::StreamKey;
use cenote_paths::arrivals::{ArrivalLanes, ArrivalModel, BuildArrivals};
use cenote_paths::sizes::{BuildSizes, SizeLanes, SizeModel};
use cenote_strategy::{MarketLanes, PoolId, TokenId};
use cenote_units::{Lanes, mask};

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderLanes, Phase};
use crate::clock::Clock;
use crate::error::ScenarioError;
use crate::latency::{LateLanes, Latency};
use crate::noise::{DemandLanes, Direction, check_pace, window};
use crate::route::{Route, Router, TradeLanes};

/// Whales: rare, large trades on a route, at any price.
///
/// A trade's size is a value in the numeraire, or a part of the value of all the route's pools when it comes
/// ([`part_of_pools`](Self::part_of_pools)). It is executed at once or in [`slices`](Self::slices) of equal value over as many blocks.
/// Whales buy or sell base with probability one half, or look back: see [`lean`](Self::lean). Everything is drawn as noise traders do.
#[derive(Clone, Debug)]
pub struct Whales {
    route: Route,
    arrivals: Arc<dyn ArrivalModel>,
    sizes: Arc<dyn SizeModel>,
    of_pools: bool,
    slices: u32,
    lean: Lean,
    buys: f64,
    gas: f64,
}

/// Which way whales go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lean {
    /// Any.
    Random,
    /// Buying base when its outside price is above that of some time ago, selling it when it is below.
    Momentum(Latency),
    /// The other way around.
    MeanReverting(Latency),
}

impl Whales {
    /// Slices that are executed one a block.
    pub const MOST_SLICES: u32 = 10_000;

    /// Whales who trade at once and in either direction, with sizes in the numeraire.
    pub fn new(route: Route, arrivals: Arc<dyn ArrivalModel>, sizes: Arc<dyn SizeModel>) -> Self {
        Self { route, arrivals, sizes, of_pools: false, slices: 1, lean: Lean::Random, buys: 0.5, gas: 0.0 }
    }

    /// Sizes are parts of the value of the route's pools: 0.02 is 2% of it.
    pub fn part_of_pools(mut self) -> Self {
        self.of_pools = true;
        self
    }

    /// Executed in so many blocks, beginning with the one in which a whale comes.
    ///
    /// # Errors
    /// None, or more than [`MOST_SLICES`](Self::MOST_SLICES).
    pub fn slices(mut self, slices: u32) -> Result<Self, ScenarioError> {
        if !(1..=Self::MOST_SLICES).contains(&slices) {
            return Err(ScenarioError::Value { what: "slices".to_owned(), value: f64::from(slices), expected: "from 1 to 10,000" });
        }
        self.slices = slices;
        Ok(self)
    }

    /// Which way they go. Where there is no price that old yet, or it is that of now, any way.
    pub fn lean(mut self, lean: Lean) -> Self {
        self.lean = lean;
        self
    }

    /// The probability that a whale who goes any way buys base.
    ///
    /// # Errors
    /// It is not from 0 to 1.
    pub fn buys(mut self, buys: f64) -> Result<Self, ScenarioError> {
        self.buys = Direction::new(buys, 0.0)?.buys;
        Ok(self)
    }

    /// Gas units burned by each slice in each pool.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }
}

impl AgentModel for Whales {
    fn phase(&self) -> Phase {
        Phase::Flow
    }

    fn home(&self) -> PoolId {
        self.route.home()
    }

    fn check(&self, clock: Clock) -> Result<(), ScenarioError> {
        if let Lean::Momentum(latency) | Lean::MeanReverting(latency) = self.lean {
            latency.check("lookback of whales", clock)?;
        }
        check_pace(&*self.arrivals, clock)
    }
}

impl<const L: usize> BuildAgent<L> for Whales
where
    dyn ArrivalModel: BuildArrivals<L>,
    dyn SizeModel: BuildSizes<L>,
{
    fn build(&self, key: StreamKey) -> Box<dyn AgentLanes<L>> {
        let lookback = match self.lean {
            Lean::Random => Latency::NONE,
            Lean::Momentum(latency) | Lean::MeanReverting(latency) => latency,
        };
        let slices = (0..self.slices).map(|_| [Lanes::ZERO; 2]).collect();
        Box::new(WhaleLanes {
            arrivals: self.arrivals.build(key),
            sizes: self.sizes.build(key),
            demand: DemandLanes::new(Direction { buys: self.buys, persistence: 0.0 }, key),
            router: Router::new(self.route.clone(), self.gas),
            then: LateLanes::new(lookback),
            model: self.clone(),
            counts: Lanes::ZERO,
            due: slices,
            at: [0; L],
            left: [0; L],
            now: [Lanes::ZERO; 2],
            side: 2,
            trade: TradeLanes::ZERO,
        })
    }
}

#[derive(Debug)]
struct WhaleLanes<const L: usize> {
    model: Whales,
    arrivals: Box<dyn ArrivalLanes<L>>,
    sizes: Box<dyn SizeLanes<L>>,
    demand: DemandLanes<L>,
    router: Router<L>,
    /// The price of base some time ago.
    then: LateLanes<L>,
    counts: Lanes<L>,
    /// Value that is still to be bought and to be sold: a ring of blocks, of which each lane has its own beginning.
    due: Vec<[Lanes<L>; 2]>,
    at: [usize; L],
    /// Blocks in which something is left to do.
    left: [usize; L],
    /// Value to be bought and to be sold in this block.
    now: [Lanes<L>; 2],
    /// What is done next: 0 buys, 1 sells, 2 nothing.
    side: usize,
    trade: TradeLanes<L>,
}

impl<const L: usize> WhaleLanes<L> {
    /// Event number `event` of the block goes into the ring.
    fn arrive(&mut self, market: &MarketLanes<'_, L>, event: u32, trend: &Lanes<L>) {
        let slices = self.due.len();
        let part = 1.0 / f64::from(self.model.slices);
        let directed = self.demand.has_direction();
        let mut base_in = [0; L];
        if directed {
            self.demand.draw(market.block, event);
            self.demand.direct(event, &self.counts, &mut base_in);
        }
        let marks = self.sizes.of(market.block, event);
        for l in 0..L {
            if f64::from(event) >= self.counts[l] {
                continue;
            }
            let own = if directed { base_in[l] != 0 } else { marks.coins[l] != 0 };
            let sells = match self.model.lean {
                Lean::Momentum(_) if trend[l] != 0.0 => trend[l] < 0.0,
                Lean::MeanReverting(_) if trend[l] != 0.0 => trend[l] > 0.0,
                _ => own,
            };
            let whole = if self.model.of_pools { value_of_pools(&self.model.route, market, l) } else { 1.0 };
            let value = marks.sizes[l] * whole * part;
            for k in 0..slices {
                self.due[(self.at[l] + k) % slices][usize::from(sells)][l] += value;
            }
            self.left[l] = slices;
        }
    }

    /// Takes what is due in this block out of the ring; whether there is anything.
    fn take_due(&mut self, active: &Lanes<L>) -> bool {
        if self.left.iter().all(|left| *left == 0) {
            return false;
        }
        for l in 0..L {
            [self.now[0][l], self.now[1][l]] = [0.0; 2];
            if self.left[l] > 0 && active[l] != 0.0 {
                let due = &mut self.due[self.at[l]];
                for (now, due) in self.now.iter_mut().zip(due) {
                    now[l] = std::mem::take(&mut due[l]);
                }
                self.at[l] = (self.at[l] + 1) % self.due.len();
                self.left[l] -= 1;
            }
        }
        true
    }

    /// What comes in this block, and what is due.
    fn begin(&mut self, market: &MarketLanes<'_, L>) {
        let most = self.arrivals.count(&window(market), &mut self.counts);
        let mut trend = Lanes::ZERO;
        if self.model.lean != Lean::Random {
            let [base, quote] = self.router.route().tokens(market).map(|token| &market.prices[token.index()]);
            let mut price = *base;
            for l in 0..L {
                price[l] /= quote[l];
            }
            let then = self.then.pass(market, &price);
            for l in 0..L {
                trend[l] = if then[l].is_nan() { 0.0 } else { price[l] - then[l] };
            }
        }
        for event in 0..most {
            self.arrive(market, event, &trend);
        }
        self.side = if self.take_due(market.active) { 0 } else { 2 };
    }

    /// Plans the buys or the sells of this block.
    fn plan(&mut self, market: &MarketLanes<'_, L>, side: usize) {
        let tokens = self.router.route().tokens(market);
        let price = &market.prices[tokens[1 - side].index()];
        self.trade.base_in = [mask(side == 1); L];
        for l in 0..L {
            self.trade.amount_in[l] = self.now[side][l] / price[l];
        }
        self.router.plan(market, &mut self.trade);
        self.router.begin();
    }
}

/// What all pools of a route hold, at outside prices.
fn value_of_pools<const L: usize>(route: &Route, market: &MarketLanes<'_, L>, l: usize) -> f64 {
    let pools = route.paths().iter().flatten().map(|hop| hop.pool.index());
    let of_pool = |p: usize| -> f64 {
        let reserve = |(i, token): (usize, &TokenId)| {
            let place = TokenIndex(u8::try_from(i).unwrap_or(u8::MAX));
            market.pools[p].reserve(place, l) * market.prices[token.index()][l]
        };
        market.pool_tokens[p].iter().enumerate().map(reserve).sum()
    };
    pools.map(of_pool).sum()
}

impl<const L: usize> AgentLanes<L> for WhaleLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.arrivals.start(paths);
        self.sizes.start(paths);
        self.demand.start(paths);
        self.then.start();
        self.due.fill([Lanes::ZERO; 2]);
        (self.at, self.left) = ([0; L], [0; L]);
    }

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round == 0 {
            self.begin(market);
        }
        while !self.router.order(&self.trade, order) {
            if self.side == 2 {
                return false;
            }
            self.plan(market, self.side);
            self.side += 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use cenote_paths::arrivals::Poisson;
    use cenote_paths::sizes::Constant;

    use super::*;

    #[test]
    fn bad_parameters_are_errors() {
        let arrivals = Arc::new(Poisson::new("1 per day".parse().unwrap()).unwrap());
        let whales = Whales::new(Route::pool(PoolId(3)), arrivals, Arc::new(Constant::new(1e6).unwrap()));
        assert!(whales.clone().slices(0).is_err() && whales.clone().slices(10_001).is_err() && whales.clone().buys(1.5).is_err());
        assert_eq!(whales.home(), PoolId(3));
        let clock = Clock::Fixed("12s".parse().unwrap());
        assert!(whales.check(clock).is_ok());
        let lean = Lean::Momentum(Latency::Time("7d".parse().unwrap()));
        assert!(whales.lean(lean).check(clock).unwrap_err().to_string().contains("lookback of whales"));
    }
}
