//! What the bootstraps of a history have in common.

use std::sync::Arc;

use cenote_units::{Lanes, SimDuration};

use super::intervals::Returns;
use crate::convert::{index_below, index_to_f64, to_f64};
use crate::error::PathError;
use crate::history::PriceHistory;
use crate::process::{check_initial, check_log_price};
use crate::stream::StreamKey;
use crate::stream_lanes::StreamLanes;

/// The log returns of a history, to be drawn in blocks.
#[derive(Clone, Debug)]
pub(super) struct Resampling {
    initial: f64,
    /// Interval of the history, in nanoseconds.
    interval: u64,
    /// Mean of the returns.
    mean: f64,
    /// Standard deviation of the returns about their mean.
    deviation: f64,
    data: Arc<Data>,
    /// The component that chooses, if it is not the price's own.
    joint: Option<u32>,
}

/// What all lanes and threads share.
#[derive(Debug)]
struct Data {
    returns: Vec<f64>,
    /// Whether a run ends with this return.
    ends_run: Vec<bool>,
    run_starts: Vec<u32>,
    returns_count: f64,
    runs_count: f64,
}

/// When a new block begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Blocks {
    /// With this probability.
    Geometric(f64),
    /// After as many intervals.
    Fixed(u32),
}

impl Resampling {
    pub(super) fn new(history: &PriceHistory, initial: f64) -> Result<Self, PathError> {
        let initial = check_initial(initial)?;
        let returns = history.returns().to_vec();
        let run_starts = history.run_starts().to_vec();
        let mut ends_run = vec![false; returns.len()];
        for &start in &run_starts {
            // The return before a run's first is the last of the run before; before the very first, that of the circle.
            let last = (start as usize).checked_sub(1).unwrap_or(returns.len() - 1);
            ends_run[last] = true;
        }
        let n = index_to_f64(returns.len());
        let mean = returns.iter().sum::<f64>() / n;
        let deviation = (returns.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / n).sqrt();
        Ok(Self {
            initial,
            interval: history.interval().as_nanos(),
            mean,
            deviation,
            joint: None,
            data: Arc::new(Data { returns_count: n, runs_count: index_to_f64(run_starts.len()), returns, ends_run, run_starts }),
        })
    }

    pub(super) fn joint(self, name: &str) -> Self {
        Self { joint: Some(StreamKey::new(0, name).component()), ..self }
    }

    pub(super) fn initial(&self) -> f64 {
        self.initial
    }

    /// In nanoseconds.
    pub(super) fn interval(&self) -> u64 {
        self.interval
    }

    /// All returns, end to end.
    pub(super) fn span(&self) -> SimDuration {
        SimDuration::from_nanos(self.interval.saturating_mul(self.data.returns.len() as u64))
    }

    /// Whether the log price stays a float, when the variance of a sum is at most `clustering` times that of independent returns.
    pub(super) fn check_horizon(&self, horizon: SimDuration, clustering: f64) -> Result<(), PathError> {
        let intervals = to_f64(horizon.as_nanos()) / to_f64(self.interval);
        let variance = intervals * self.deviation * self.deviation * clustering;
        check_log_price(horizon, self.initial, self.mean * intervals, variance.sqrt())
    }
}

/// The resampled returns of `L` paths. Interval k takes the two uniforms of the draw (block k, draw 0).
#[derive(Clone, Debug)]
pub(super) struct Resampled<const L: usize> {
    uniforms: [Lanes<L>; 2],
    deviations: Lanes<L>,
    /// The return of each lane's interval.
    index: [u32; L],
    streams: StreamLanes<L>,
    blocks: Blocks,
    data: Arc<Data>,
}

impl<const L: usize> Resampled<L> {
    pub(super) fn new(key: StreamKey, resampling: &Resampling, blocks: Blocks) -> Self {
        let key = resampling.joint.map_or(key, |joint| key.of_component(joint));
        Self {
            uniforms: [Lanes::ZERO; 2],
            deviations: Lanes::splat(resampling.deviation),
            index: [0; L],
            streams: StreamLanes::new(key, [0; L]),
            blocks,
            data: Arc::clone(&resampling.data),
        }
    }

    /// Draws the return of an interval of one lane.
    #[inline(always)]
    fn open(&mut self, l: usize, number: u32, restart: f64, choice: f64, end: &mut f64) {
        let data = &*self.data;
        let current = self.index[l];
        let restarts = match self.blocks {
            Blocks::Geometric(probability) => number == 0 || restart < probability,
            Blocks::Fixed(length) => number.is_multiple_of(length),
        };
        let index = if restarts {
            index_below(choice, data.returns_count)
        } else if data.ends_run[current as usize] {
            data.run_starts[index_below(choice, data.runs_count) as usize]
        } else {
            current + 1
        };
        self.index[l] = index;
        *end += data.returns[index as usize];
    }
}

impl<const L: usize> Returns<L> for Resampled<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
    }

    fn open_all(&mut self, number: u32, end: &mut Lanes<L>) {
        let [u0, u1] = &mut self.uniforms;
        self.streams.uniform_pair(number, 0, u0, u1);
        for l in 0..L {
            self.open(l, number, self.uniforms[0][l], self.uniforms[1][l], &mut end[l]);
        }
    }

    fn open_one(&mut self, lane: usize, number: u32, end: &mut f64) {
        let mut stream = self.streams.lane(lane, number);
        let (restart, choice) = (stream.uniform(), stream.uniform());
        self.open(lane, number, restart, choice, end);
    }

    fn deviations(&self) -> &Lanes<L> {
        &self.deviations
    }
}
