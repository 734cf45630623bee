//! Which way a trade goes, and whether it happens at that price.

use cenote_paths::{StreamKey, StreamLanes};
use cenote_units::{Lanes, kernel, mask, math, select};

use crate::error::ScenarioError;
use crate::route::TradeLanes;

/// Which way trades go: the share that sells base, and how much they follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Direction {
    /// Probability that a trade buys base.
    pub(crate) buys: f64,
    /// Probability that a trade goes the way of the one before, instead of a way of its own.
    pub(crate) persistence: f64,
}

impl Direction {
    /// Fair coins.
    pub(crate) const FAIR: Self = Self { buys: 0.5, persistence: 0.0 };

    pub(crate) fn new(buys: f64, persistence: f64) -> Result<Self, ScenarioError> {
        let value = |what: &str, value, expected| ScenarioError::Value { what: what.to_owned(), value, expected };
        if !(0.0..=1.0).contains(&buys) {
            return Err(value("probability of buying", buys, "from 0 to 1"));
        }
        if !(0.0..1.0).contains(&persistence) {
            return Err(value("direction persistence", persistence, "from 0 to less than 1"));
        }
        Ok(Self { buys, persistence })
    }
}

/// Draws beyond those of sizes: draw 2³⁰ + j of a block gives two uniforms for event j, of acceptance and of direction.
const DRAWS: u32 = 1 << 30;

/// What the traders of `L` lanes draw beside arrivals and sizes.
#[derive(Debug)]
pub(crate) struct DemandLanes<const L: usize> {
    direction: Direction,
    streams: StreamLanes<L>,
    acceptance: Lanes<L>,
    uniform: Lanes<L>,
    /// All ones where the last trade paid in base.
    last: [u64; L],
    /// All ones where there has been a trade.
    traded: [u64; L],
}

impl<const L: usize> DemandLanes<L> {
    pub(crate) fn new(direction: Direction, key: StreamKey) -> Self {
        let streams = StreamLanes::new(key, [0; L]);
        Self { direction, streams, acceptance: Lanes::ZERO, uniform: Lanes::ZERO, last: [0; L], traded: [0; L] }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        self.traded = [0; L];
    }

    /// Whether anything has to be drawn for the direction: fair coins come with the sizes.
    pub(crate) fn has_direction(&self) -> bool {
        self.direction != Direction::FAIR
    }

    pub(crate) fn draw(&mut self, block: u32, event: u32) {
        self.streams.uniform_pair(block, DRAWS + event, &mut self.acceptance, &mut self.uniform);
    }

    /// The direction of event number `event`, in lanes that have so many.
    pub(crate) fn direct(&mut self, event: u32, counts: &Lanes<L>, base_in: &mut [u64; L]) {
        let Direction { buys, persistence } = self.direction;
        direct(&self.uniform, f64::from(event), counts, buys, persistence, &mut self.last, &mut self.traded, base_in);
    }

    /// 1 where a trade whose cost is this part of its value happens, 0 where it does not: with probability exp(−elasticity · cost).
    pub(crate) fn accept(
        &self,
        elasticity: f64,
        trade: &TradeLanes<L>,
        value: [&Lanes<L>; 2],
        gas: &Lanes<L>,
        keep: &mut Lanes<L>,
    ) {
        accept(&self.acceptance, elasticity, trade, value, gas, keep);
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one")]
    fn direct<const L: usize>(
        uniform: &Lanes<L>,
        event: f64,
        counts: &Lanes<L>,
        buys: f64,
        persistence: f64,
        last: &mut [u64; L],
        traded: &mut [u64; L],
        base_in: &mut [u64; L],
    ) {
        let rest = 1.0 / (1.0 - persistence);
        for l in 0..L {
            let follows = mask(uniform[l] < persistence) & traded[l];
            // What is left of the uniform is uniform again; without a trade to follow it is still whole.
            let own = select(traded[l], (uniform[l] - persistence) * rest, uniform[l]);
            let sells = mask(own >= buys);
            base_in[l] = (follows & last[l]) | (!follows & sells);
            let happens = mask(event < counts[l]);
            last[l] = (happens & base_in[l]) | (!happens & last[l]);
            traded[l] |= happens;
        }
    }
}

kernel! {
    fn accept<const L: usize>(
        uniform: &Lanes<L>,
        elasticity: f64,
        trade: &TradeLanes<L>,
        [base, quote]: [&Lanes<L>; 2],
        gas: &Lanes<L>,
        keep: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let (price_in, price_out) = (select(trade.base_in[l], base[l], quote[l]), select(trade.base_in[l], quote[l], base[l]));
            let value = trade.amount_in[l] * price_in;
            let lost = value - trade.amount_out[l] * price_out + gas[l];
            // A gain brings nobody who would not have come.
            let cost = if lost > 0.0 { lost / value } else { 0.0 };
            keep[l] = if uniform[l] < math::exp(-elasticity * cost) { 1.0 } else { 0.0 };
        }
    }
}
