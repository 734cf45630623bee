use cenote_units::SimDuration;

use super::intervals::IntervalLanes;
use super::resampling::{Blocks, Resampled, Resampling};
use crate::convert::to_f64;
use crate::error::PathError;
use crate::history::PriceHistory;
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, DiffusionClock, PriceLanes, PriceModel};

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
    restart: f64,
    resampling: Resampling,
}

impl StationaryBootstrap {
    /// A bootstrap of the returns of `history` in blocks of mean length `mean_block`, starting at `initial`.
    ///
    /// # Errors
    /// An initial price that is not between 1e-150 and 1e150; a mean block shorter than one interval of the history
    /// or longer than all its returns.
    pub fn new(history: &PriceHistory, mean_block: SimDuration, initial: f64) -> Result<Self, PathError> {
        let resampling = Resampling::new(history, initial)?;
        let (interval, longest) = (history.interval(), resampling.span());
        if !(interval..=longest).contains(&mean_block) {
            return Err(PathError::MeanBlock { mean_block, interval, longest });
        }
        Ok(Self { restart: to_f64(interval.as_nanos()) / to_f64(mean_block.as_nanos()), resampling })
    }

    /// The same, with choices that it shares with other prices: those of the streams called `name` instead of its own. Prices whose
    /// histories have rows at the same times ([`PriceHistory::check_aligned`]) and whose blocks are alike then take the returns of the
    /// same hours, and keep what correlation they had, lagged or not. The steps inside an interval are correlated as the price's
    /// [`PriceStreams`] are.
    pub fn joint(self, name: &str) -> Self {
        Self { resampling: self.resampling.joint(name), ..self }
    }

    /// Probability p that a new block begins with an interval: interval / mean block.
    pub fn restart_probability(&self) -> f64 {
        self.restart
    }
}

impl PriceModel for StationaryBootstrap {
    fn initial(&self) -> f64 {
        self.resampling.initial()
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        // Autocorrelations in blocks are at most (1 − p)^lag, so the variance of a sum is at most 2/p that of
        // independent returns.
        self.resampling.check_horizon(horizon, 2.0 / self.restart)
    }

    fn diffusion(&self) -> Option<DiffusionClock> {
        Some(DiffusionClock::Bridges(SimDuration::from_nanos(self.resampling.interval())))
    }
}

impl<const L: usize> BuildPrice<L> for StationaryBootstrap {
    fn build(&self, streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        let returns = Resampled::<L>::new(streams.key(), &self.resampling, Blocks::Geometric(self.restart));
        Box::new(IntervalLanes::new(streams.diffusion(1), self.resampling.interval(), self.resampling.initial(), returns))
    }
}
