use cenote_units::SimDuration;

use super::intervals::IntervalLanes;
use super::resampling::{Blocks, Resampled, Resampling};
use crate::convert::low_u32;
use crate::error::PathError;
use crate::history::PriceHistory;
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel};

/// The circular block bootstrap of a history's log returns (Politis and Romano 1992, "A circular block-resampling
/// procedure for stationary data").
///
/// Time is cut into intervals of the history's own length, and these into blocks of a fixed length. The returns of a block are
/// those that follow one another in the history from any return on, each as likely as the other: independent between blocks,
/// as observed within. The data are a circle: the last return is followed by the first.
///
/// Gaps of the history and steps of any length are treated as by the [`StationaryBootstrap`](crate::StationaryBootstrap): of a
/// history in several runs, a block that reaches the end of a run goes on from the start of a run, each as likely as the other; a
/// step inside an interval lands on a Brownian bridge, one over several takes the sum.
///
/// **Streams.** The choice of the return of interval number k (from 0) uses the second uniform of the draw (block k, draw 0).
/// Bridges use the four normals of the draw (block b, draw 1) in the chain's blocks b to b + 3, b a multiple of four.
///
/// ```
/// use cenote_paths::{CircularBootstrap, PriceHistory};
/// let file = "time,close\n2022-01-01,3700\n2022-01-02,3750\n2022-01-03,3800\n2022-01-04,3600\n";
/// let history = PriceHistory::read_csv(file.as_bytes(), None)?;
/// let bootstrap = CircularBootstrap::new(&history, "2d".parse()?, 2000.0)?;
/// assert_eq!(bootstrap.intervals_per_block(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct CircularBootstrap {
    /// Intervals per block.
    length: u32,
    resampling: Resampling,
}

impl CircularBootstrap {
    /// A bootstrap of the returns of `history` in blocks of length `block`, starting at `initial`.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; a block that is not a whole number of intervals of the history, or
    /// is longer than all its returns.
    pub fn new(history: &PriceHistory, block: SimDuration, initial: f64) -> Result<Self, PathError> {
        let resampling = Resampling::new(history, initial)?;
        let (interval, longest) = (history.interval(), resampling.span());
        let whole = block.as_nanos().is_multiple_of(interval.as_nanos());
        if !whole || !(interval..=longest).contains(&block) {
            return Err(PathError::Block { block, interval, longest });
        }
        // A history has no more returns than 32 bits can count.
        Ok(Self { length: low_u32(block.as_nanos() / interval.as_nanos()), resampling })
    }

    /// The same, with choices that it shares with other prices: those of the streams called `name` instead of its own. Prices whose
    /// histories have rows at the same times ([`PriceHistory::check_aligned`]) and whose blocks are alike then take the returns of the
    /// same hours, and keep what correlation they had, lagged or not. The steps inside an interval are correlated as the price's
    /// [`PriceStreams`] are.
    pub fn joint(self, name: &str) -> Self {
        Self { resampling: self.resampling.joint(name), ..self }
    }

    /// Length of a block, in intervals of the history.
    pub fn intervals_per_block(&self) -> u32 {
        self.length
    }
}

impl PriceModel for CircularBootstrap {
    fn initial(&self) -> f64 {
        self.resampling.initial()
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        // Within a block, returns may be one and the same.
        self.resampling.check_horizon(horizon, f64::from(self.length))
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Bridges(SimDuration::from_nanos(self.resampling.interval())))
    }
}

impl<const L: usize> BuildPrice<L> for CircularBootstrap {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        let returns = Resampled::<L>::new(streams.key(), &self.resampling, Blocks::Fixed(self.length));
        Box::new(IntervalLanes::new(streams.diffusion(1), self.resampling.interval(), self.resampling.initial(), returns))
    }
}
