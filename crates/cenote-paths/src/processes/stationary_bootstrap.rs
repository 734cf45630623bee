use std::sync::Arc;

use cenote_units::{Lanes, SimDuration, kernel, math};

use crate::block_normals::BlockNormals;
use crate::convert::{index_below, index_to_f64, to_f64};
use crate::error::PathError;
use crate::history::PriceHistory;
use crate::process::{BuildPrice, PriceLanes, PriceModel, Step, check_initial, check_log_price};
use crate::stream::StreamKey;

/// The stationary bootstrap of a history's log returns (Politis and Romano 1994, "The stationary bootstrap").
///
/// Time is cut into intervals of the history's own length. The return of the first interval is any of the history,
/// each as likely as the other. After that, with probability p = interval / `mean_block`, a new block begins: again
/// any return; otherwise the block goes on with the return that followed in the history. So blocks have a geometric
/// length of mean `mean_block`, and the resampled series is stationary.
///
/// **Where the history ends.** The data are a circle: the last return is followed by the first. A gap in the file is
/// an end too: the move across it is no return of one interval and is not used, and no block runs across it. Of a
/// history in several runs, a block that reaches the end of a run ends, and the next begins at the start of a run,
/// each as likely as the other. With one run this is the circle of the paper; with several it still makes every
/// return equally likely at any time. [`HistoryReport`](crate::history::HistoryReport) tells the gaps.
///
/// **Any step.** A step that ends with an interval lands on the resampled series; a step over several intervals
/// takes the sum of their returns; a step that ends inside an interval lands on a Brownian bridge between the log
/// prices at the interval's ends, with the variance per time of all the returns. The bridge adds no information: it
/// fills in what the file does not tell.
///
/// **Streams.** The choice of the return of interval number k (from 0) uses the draw (block k, draw 0): a study with
/// blocks of 12 seconds and one with blocks of an hour meet the same hourly prices. Bridges use the four normals
/// of the draw (block b, draw 1) in the chain's blocks b to b + 3, b a multiple of four, as [`Gbm`](crate::Gbm) does.
///
/// ```
/// use cenote_paths::{PriceHistory, StationaryBootstrap};
/// let file = "time,close\n2022-01-01,3700\n2022-01-02,3750\n2022-01-03,3800\n2022-01-04,3600\n";
/// let history = PriceHistory::read_csv(file.as_bytes(), None)?;
/// let bootstrap = StationaryBootstrap::new(&history, "2d".parse()?, 2000.0)?;
/// assert_eq!(bootstrap.restart_probability(), 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct StationaryBootstrap {
    initial: f64,
    restart: f64,
    /// Interval of the history, in nanoseconds.
    interval: u64,
    /// Mean of the returns.
    mean: f64,
    /// Standard deviation of the returns about their mean.
    deviation: f64,
    data: Arc<Data>,
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

impl StationaryBootstrap {
    /// A bootstrap of the returns of `history` in blocks of mean length `mean_block`, starting at `initial`.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; a mean block shorter than one interval of the history
    /// or longer than all its returns.
    pub fn new(history: &PriceHistory, mean_block: SimDuration, initial: f64) -> Result<Self, PathError> {
        let initial = check_initial(initial)?;
        let returns = history.returns().to_vec();
        let interval = history.interval().as_nanos();
        let longest = interval.saturating_mul(returns.len() as u64);
        if !(interval..=longest).contains(&mean_block.as_nanos()) {
            return Err(PathError::MeanBlock {
                mean_block,
                interval: history.interval(),
                longest: SimDuration::from_nanos(longest),
            });
        }
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
            restart: to_f64(interval) / to_f64(mean_block.as_nanos()),
            interval,
            mean,
            deviation,
            data: Arc::new(Data { returns_count: n, runs_count: index_to_f64(run_starts.len()), returns, ends_run, run_starts }),
        })
    }

    /// Probability p that a new block begins with an interval: interval / mean block.
    pub fn restart_probability(&self) -> f64 {
        self.restart
    }
}

impl PriceModel for StationaryBootstrap {
    fn initial(&self) -> f64 {
        self.initial
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        let intervals = to_f64(horizon.as_nanos()) / to_f64(self.interval);
        // Autocorrelations in blocks are at most (1 − p)^lag, so the variance of a sum is at most 2/p that of
        // independent returns.
        let variance = intervals * self.deviation * self.deviation * 2.0 / self.restart;
        check_log_price(horizon, self.initial, self.mean * intervals, variance.sqrt())
    }
}

impl<const L: usize> BuildPrice<L> for StationaryBootstrap {
    fn build(&self, key: StreamKey) -> Box<dyn PriceLanes<L>> {
        Box::new(BootstrapLanes::<L> {
            x: Lanes::ZERO,
            end: Lanes::ZERO,
            scratch: [Lanes::ZERO; 2],
            normals: BlockNormals::new(key, 1),
            clocks: [IntervalClock::START; L],
            lockstep: true,
            index: [0; L],
            model: self.clone(),
        })
    }
}

/// Where a lane stands in its intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct IntervalClock {
    /// Nanoseconds left of the interval that was opened last.
    left: u64,
    /// Intervals opened: the number of the next.
    opened: u32,
}

impl IntervalClock {
    const START: Self = Self { left: 0, opened: 0 };
}

#[derive(Clone, Debug)]
struct BootstrapLanes<const L: usize> {
    /// Log price over its initial value.
    x: Lanes<L>,
    /// The same at the end of the interval.
    end: Lanes<L>,
    scratch: [Lanes<L>; 2],
    normals: BlockNormals<L>,
    clocks: [IntervalClock; L],
    /// Whether all lanes are at the same place in the same interval, which `clocks[0]` then tells.
    lockstep: bool,
    /// The return of each lane's interval.
    index: [u32; L],
    model: StationaryBootstrap,
}

impl<const L: usize> PriceLanes<L> for BootstrapLanes<L> {
    fn start(&mut self, paths: [u32; L], price: &mut Lanes<L>) {
        self.normals.start(paths);
        self.x = Lanes::ZERO;
        self.end = Lanes::ZERO;
        self.clocks = [IntervalClock::START; L];
        self.lockstep = true;
        *price = Lanes::splat(self.model.initial);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        if self.lockstep && step.shared.is_some() {
            self.step_together(step.nanos[0], step.block);
        } else {
            self.leave_lockstep();
            for l in 0..L {
                self.step_lane(l, step.nanos[l], step.block);
            }
        }
        price_of(&self.x, self.model.initial, price);
    }
}

impl<const L: usize> BootstrapLanes<L> {
    /// All lanes at once: one Philox call each per interval.
    fn step_together(&mut self, mut nanos: u64, block: u32) {
        let IntervalClock { mut left, mut opened } = self.clocks[0];
        while nanos > left {
            nanos -= left;
            self.x = self.end;
            let [u0, u1] = &mut self.scratch;
            self.normals.streams().uniform_pair(opened, 0, u0, u1);
            for l in 0..L {
                let (restart, choice) = (self.scratch[0][l], self.scratch[1][l]);
                self.open(l, opened, restart, choice);
            }
            left = self.model.interval;
            opened = opened.wrapping_add(1);
        }
        if nanos == left {
            self.x = self.end;
        } else if nanos > 0 {
            let (share, deviation) = self.model.bridge(nanos, left);
            bridge_together(&mut self.x, &self.end, self.normals.of(block), share, deviation);
        }
        self.clocks[0] = IntervalClock { left: left - nanos, opened };
    }

    /// The same operations for one lane.
    fn step_lane(&mut self, l: usize, mut nanos: u64, block: u32) {
        let IntervalClock { mut left, mut opened } = self.clocks[l];
        while nanos > left {
            nanos -= left;
            self.x[l] = self.end[l];
            let mut stream = self.normals.streams().lane(l, opened);
            let (restart, choice) = (stream.uniform(), stream.uniform());
            self.open(l, opened, restart, choice);
            left = self.model.interval;
            opened = opened.wrapping_add(1);
        }
        if nanos == left {
            self.x[l] = self.end[l];
        } else if nanos > 0 {
            let z = self.normals.of(block)[l];
            let (share, deviation) = self.model.bridge(nanos, left);
            self.x[l] = bridged(self.x[l], self.end[l], z, share, deviation);
        }
        self.clocks[l] = IntervalClock { left: left - nanos, opened };
    }

    fn leave_lockstep(&mut self) {
        if self.lockstep {
            self.clocks = [self.clocks[0]; L];
            self.lockstep = false;
        }
    }

    /// Draws the return of interval number `opened` of lane `l`.
    #[inline(always)]
    fn open(&mut self, l: usize, opened: u32, restart: f64, choice: f64) {
        let data = &*self.model.data;
        let current = self.index[l];
        let index = if opened == 0 || restart < self.model.restart {
            index_below(choice, data.returns_count)
        } else if data.ends_run[current as usize] {
            data.run_starts[index_below(choice, data.runs_count) as usize]
        } else {
            current + 1
        };
        self.index[l] = index;
        self.end[l] += data.returns[index as usize];
    }
}

impl StationaryBootstrap {
    /// Brownian bridge over the next `nanos` of the `left` nanoseconds of an interval: the share of the way to its
    /// end, and the standard deviation σ √(h (left − h) / left), σ² being the variance per time of all returns.
    #[inline(always)]
    fn bridge(&self, nanos: u64, left: u64) -> (f64, f64) {
        let share = to_f64(nanos) / to_f64(left);
        let variance = share * (to_f64(left - nanos) / to_f64(self.interval));
        (share, self.deviation * variance.sqrt())
    }
}

#[inline(always)]
fn bridged(x: f64, end: f64, z: f64, share: f64, deviation: f64) -> f64 {
    x + (end - x) * share + deviation * z
}

kernel! {
    fn bridge_together<const L: usize>(x: &mut Lanes<L>, end: &Lanes<L>, z: &Lanes<L>, share: f64, deviation: f64) {
        let (x, end, z) = (&mut x.0, &end.0, &z.0);
        for l in 0..L {
            x[l] = bridged(x[l], end[l], z[l], share, deviation);
        }
    }
}

kernel! {
    fn price_of<const L: usize>(x: &Lanes<L>, initial: f64, price: &mut Lanes<L>) {
        let (x, price) = (&x.0, &mut price.0);
        for l in 0..L {
            price[l] = initial * math::exp(x[l]);
        }
    }
}
