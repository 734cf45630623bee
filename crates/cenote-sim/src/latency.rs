//! Knowing prices late.

use std::collections::VecDeque;

use cenote_strategy::MarketLanes;
use cenote_units::{Lanes, SimDuration};

use crate::clock::Clock;
use crate::error::ScenarioError;

/// How old the outside price is that somebody acts on: that of the latest block which is at least so old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latency {
    /// So many blocks of the chain; zero is no latency.
    Blocks(u32),
    /// So much time.
    Time(SimDuration),
}

/// Prices that are remembered, in blocks.
const MOST_BLOCKS: f64 = 10_000.0;

impl Latency {
    /// Prices are known at once.
    pub const NONE: Self = Self::Blocks(0);

    pub(crate) fn is_none(self) -> bool {
        matches!(self, Self::Blocks(0) | Self::Time(SimDuration::ZERO))
    }

    /// Whether it can be remembered on this clock.
    pub(crate) fn check(self, what: &str, clock: Clock) -> Result<(), ScenarioError> {
        let value = match self {
            Self::Blocks(blocks) => f64::from(blocks),
            Self::Time(time) => time.as_years() / clock.mean().as_years(),
        };
        if value <= MOST_BLOCKS {
            return Ok(());
        }
        Err(ScenarioError::Value { what: format!("{what}, in blocks"), value, expected: "at most 10,000" })
    }
}

/// The past of a quantity, as far back as its latency.
#[derive(Clone, Debug)]
struct Past<T> {
    /// Time and value, the oldest in front: the one that is known now, once there is one that old.
    values: VecDeque<(u64, T)>,
}

impl<T: Copy> Past<T> {
    const fn new() -> Self {
        Self { values: VecDeque::new() }
    }

    /// Remembers the value of now and returns the one that is known now.
    fn pass(&mut self, latency: Latency, now: u64, value: T) -> Option<T> {
        self.values.push_back((now, value));
        let old = match latency {
            Latency::Blocks(blocks) => {
                let blocks = usize::try_from(blocks).unwrap_or(usize::MAX);
                while self.values.len() - 1 > blocks {
                    self.values.pop_front();
                }
                self.values.len() - 1 == blocks
            }
            Latency::Time(time) => {
                let then = now.checked_sub(time.as_nanos())?;
                while self.values.get(1).is_some_and(|(next, _)| *next <= then) {
                    self.values.pop_front();
                }
                self.values.front().is_some_and(|(first, _)| *first <= then)
            }
        };
        self.values.front().filter(|_| old).map(|(_, value)| *value)
    }
}

/// A quantity of `L` paths, some time ago.
#[derive(Clone, Debug)]
pub(crate) struct LateLanes<const L: usize> {
    latency: Latency,
    /// On a clock that all lanes share.
    shared: Past<Lanes<L>>,
    /// On one that they do not.
    lanes: Vec<Past<f64>>,
}

impl<const L: usize> LateLanes<L> {
    pub(crate) fn new(latency: Latency) -> Self {
        Self { latency, shared: Past::new(), lanes: Vec::new() }
    }

    pub(crate) fn start(&mut self) {
        self.shared.values.clear();
        for lane in &mut self.lanes {
            lane.values.clear();
        }
    }

    /// The value that is known in this block, where there is one already; elsewhere NaN. To be asked once in every block.
    pub(crate) fn pass(&mut self, market: &MarketLanes<'_, L>, value: &Lanes<L>) -> Lanes<L> {
        if market.shared_years.is_some() {
            if market.active[0] == 0.0 {
                return Lanes::splat(f64::NAN);
            }
            return self.shared.pass(self.latency, market.time[0], *value).unwrap_or(Lanes::splat(f64::NAN));
        }
        self.lanes.resize(L, Past::new());
        let mut known = Lanes::splat(f64::NAN);
        for l in 0..L {
            if market.active[l] != 0.0 {
                known[l] = self.lanes[l].pass(self.latency, market.time[l], value[l]).unwrap_or(f64::NAN);
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_as_old_as_it_says() {
        let mut past = Past::new();
        let known: Vec<_> = (0..6).map(|i| past.pass(Latency::Blocks(2), 10 * i, i)).collect();
        assert_eq!(known, [None, None, Some(0), Some(1), Some(2), Some(3)]);
        let mut past = Past::new();
        let latency = Latency::Time(SimDuration::from_nanos(25));
        let known: Vec<_> = [0, 10, 20, 30, 50, 80, 80].map(|now| past.pass(latency, now, now)).to_vec();
        assert_eq!(known, [None, None, None, Some(0), Some(20), Some(50), Some(50)]);
        let mut none = Past::new();
        assert_eq!(none.pass(Latency::NONE, 5, 7), Some(7));
        assert!(Latency::Time(SimDuration::ZERO).is_none() && !Latency::Blocks(1).is_none());
    }

    #[test]
    fn nobody_remembers_more_than_ten_thousand_blocks() {
        let clock = Clock::Fixed("12s".parse().unwrap());
        let day = Latency::Time("1d".parse().unwrap());
        assert!(day.check("latency", clock).is_ok() && Latency::Blocks(10_000).check("latency", clock).is_ok());
        let week = Latency::Time("7d".parse().unwrap());
        let error = week.check("latency", clock).unwrap_err().to_string();
        assert!(error.contains("latency, in blocks is 50400"), "{error}");
    }
}
