//! Arbitrage between pools.

use cenote_amm::DepthLanes;
use cenote_paths::StreamKey;
use cenote_strategy::{MarketLanes, PoolId, TokenId};
use cenote_units::{Lanes, kernel};

use crate::agent::{AgentLanes, AgentModel, BuildAgent, OrderKind, OrderLanes, Phase};
use crate::error::ScenarioError;
use crate::route::{CycleDepth, Hop, best_round_trip, write};

/// An arbitrageur between pools: cyclic arbitrage, all of it on one chain and in one transaction, with no outside market.
///
/// He pays a token into the first pool of a cycle, what comes out into the next, and gets more of the token back than he paid: the
/// other way around where that pays. The size is the one that makes most of it, in closed form where all pools trade as constant
/// products do (a* = (√r − 1)/c and a profit of (√r − 1)²/c, r and c being rate and impact of the whole cycle,
/// [`DepthLanes`]), else from there by Newton steps on quotes. He does it where that exceeds the gas of all pools of the
/// cycle. Several cycles are gone through in turn, three times over at most.
///
/// Each of his trades is booked as an arbitrage of its pool, at outside prices: the profits of a cycle's pools sum to the cycle's.
#[derive(Clone, Debug)]
pub struct CyclicArbitrageur {
    cycles: Vec<Vec<Hop>>,
    gas: f64,
}

/// Cycles that share pools undo each other's work in part.
const SWEEPS: usize = 3;

impl CyclicArbitrageur {
    /// Through these pools in turn, the last one paying out what the first is paid in.
    ///
    /// # Errors
    /// As [`cycles`](Self::cycles).
    pub fn cycle(hops: Vec<Hop>) -> Result<Self, ScenarioError> {
        Self::cycles(vec![hops])
    }

    /// Between every two of these pools, which trade the same two tokens; the profit is in the second.
    ///
    /// # Errors
    /// There are fewer than two.
    pub fn between(pools: &[PoolId]) -> Result<Self, ScenarioError> {
        let two = |(i, first): (usize, &PoolId)| -> Vec<Vec<Hop>> {
            pools[i + 1..].iter().map(|second| vec![Hop::new(*first).reversed(), Hop::new(*second)]).collect()
        };
        Self::cycles(pools.iter().enumerate().flat_map(two).collect())
    }

    /// Along all of these cycles.
    ///
    /// # Errors
    /// There is none, or one of fewer than two pools or with a pool twice.
    pub fn cycles(cycles: Vec<Vec<Hop>>) -> Result<Self, ScenarioError> {
        let refused = |what: &str, value, expected| Err(ScenarioError::Value { what: what.to_owned(), value, expected });
        if cycles.is_empty() {
            return refused("cycles of an arbitrageur", 0.0, "at least one, of two pools or more");
        }
        for cycle in &cycles {
            if cycle.len() < 2 {
                return refused("pools of a cycle", 1.0, "at least two");
            }
            if let Some(i) = (0..cycle.len()).find(|&i| cycle[..i].iter().any(|hop| hop.pool == cycle[i].pool)) {
                return refused("a pool that a cycle uses twice", f64::from(cycle[i].pool.0), "every pool once");
            }
        }
        Ok(Self { cycles, gas: 0.0 })
    }

    /// Gas units burned in each pool of a cycle.
    pub fn gas(mut self, units: f64) -> Self {
        self.gas = units;
        self
    }
}

impl AgentModel for CyclicArbitrageur {
    fn phase(&self) -> Phase {
        Phase::Arbitrage
    }

    fn home(&self) -> PoolId {
        self.cycles[0][0].pool
    }
}

impl<const L: usize> BuildAgent<L> for CyclicArbitrageur {
    fn build(&self, _: StreamKey) -> Box<dyn AgentLanes<L>> {
        let there_and_back = |cycle: &Vec<Hop>| [cycle.clone(), cycle.iter().rev().map(|hop| hop.reversed()).collect()];
        Box::new(CyclicLanes::<L> {
            ways: self.cycles.iter().flat_map(there_and_back).collect(),
            sweeps: if self.cycles.len() > 1 { SWEEPS } else { 1 },
            gas: self.gas,
            depth: CycleDepth::ZERO,
            amount: Lanes::ZERO,
            way: 0,
            sweep: 0,
            hop: None,
            traded: false,
        })
    }
}

#[derive(Debug)]
struct CyclicLanes<const L: usize> {
    /// Every cycle, one way around and then the other.
    ways: Vec<Vec<Hop>>,
    sweeps: usize,
    gas: f64,
    depth: CycleDepth<L>,
    amount: Lanes<L>,
    way: usize,
    sweep: usize,
    /// The next pool of the way that is being traded.
    hop: Option<usize>,
    /// Whether anybody has traded in this sweep.
    traded: bool,
}

impl<const L: usize> CyclicLanes<L> {
    /// How much to pay into the first pool of a way; whether any lane does.
    fn size(&mut self, market: &MarketLanes<'_, L>, way: usize) -> bool {
        let hops = &self.ways[way];
        self.depth.of_hops(market, hops);
        if !size(&self.depth.depth, market.active, &mut self.amount) {
            return false;
        }
        let first = &hops[0];
        let paid = market.pool_tokens[first.pool.index()][first.token_in.get()];
        let costs = self.costs(market, way, paid);
        let mut any = false;
        for l in 0..L {
            if self.amount[l] > 0.0 {
                self.amount[l] = self.worth_it(market, l, way, costs[l]);
                any |= self.amount[l] > 0.0;
            }
        }
        any
    }

    /// The gas of a way, in the token that its profit is in.
    fn costs(&self, market: &MarketLanes<'_, L>, way: usize, token: TokenId) -> Lanes<L> {
        let mut costs = Lanes::ZERO;
        if self.gas > 0.0 {
            for hop in &self.ways[way] {
                let cost = market.gas_cost(market.chain_of(hop.pool), self.gas);
                for l in 0..L {
                    costs[l] += cost[l] / market.prices[token.index()][l];
                }
            }
        }
        costs
    }

    /// The best amount, or nothing where its profit does not exceed the cost.
    fn worth_it(&self, market: &MarketLanes<'_, L>, l: usize, way: usize, cost: f64) -> f64 {
        let (amount, depth) = (self.amount[l], &self.depth.depth);
        let (amount, profit) = if amount <= depth.exact_to[l] {
            let excess = depth.rate[l].sqrt() - 1.0;
            (amount, excess * excess / depth.impact[l])
        } else {
            best_round_trip(market, l, &self.ways[way], amount)
        };
        if profit > cost { amount } else { 0.0 }
    }
}

impl<const L: usize> AgentLanes<L> for CyclicLanes<L> {
    fn start(&mut self, _: [u32; L]) {}

    fn order(&mut self, market: &MarketLanes<'_, L>, round: u32, order: &mut OrderLanes<L>) -> bool {
        if round == 0 {
            (self.way, self.sweep, self.hop, self.traded) = (0, 0, None, false);
        }
        loop {
            let hops = self.ways.get(self.way).map_or(0, Vec::len);
            match self.hop {
                // What the last pool paid out is paid into the next.
                Some(hop) if hop < hops => {
                    let paid = if hop == 0 { self.amount } else { order.flow.amount_out };
                    write(self.ways[self.way][hop], &[u64::MAX; L], &paid, order);
                    (order.kind, order.gas) = (OrderKind::ArbitrageSwap, self.gas);
                    self.hop = Some(hop + 1);
                    return true;
                }
                Some(_) => (self.hop, self.way) = (None, self.way + 1),
                None if self.way < self.ways.len() => {
                    if self.size(market, self.way) {
                        (self.hop, self.traded) = (Some(0), true);
                    } else {
                        self.way += 1;
                    }
                }
                None => {
                    self.sweep += 1;
                    if !self.traded || self.sweep == self.sweeps {
                        return false;
                    }
                    (self.way, self.traded) = (0, false);
                }
            }
        }
    }
}

kernel! {
    /// The amount that makes most of r a/(1 + c a) − a, (√r − 1)/c, where that is above zero; whether it is anywhere.
    fn size<const L: usize>(depth: &DepthLanes<L>, active: &Lanes<L>, amount: &mut Lanes<L>) -> bool {
        let mut any = 0_u64;
        for l in 0..L {
            let best = (depth.rate[l].sqrt() - 1.0) / depth.impact[l] * active[l];
            amount[l] = if best > 0.0 { best } else { 0.0 };
            any |= amount[l].to_bits();
        }
        any != 0
    }
}

#[cfg(test)]
mod tests;
