use std::sync::Arc;

use cenote_units::{Lanes, SimDuration};

use crate::error::PathError;
use crate::history::PriceHistory;
use crate::price_streams::PriceStreams;
use crate::process::{BuildPrice, PriceLanes, PriceModel, Step, check_initial};

/// A history as it was: at time t the price is that of the last row at or before t, the first row being time 0.
///
/// No look-ahead, no interpolation: across a gap the last price stands. Rows count from the time they are stamped
/// with; where a file stamps candles with their opening, its closes appear one interval early, in all such files
/// alike. All paths are the same; no random numbers are drawn.
///
/// A lane that runs past the end keeps the last price: [`PriceModel::check_horizon`] says so beforehand, from
/// [`Replay::covers`].
///
/// ```
/// use cenote_paths::{PriceHistory, PriceModel, Replay};
/// let file = "time,close\n2022-01-01,3700\n2022-01-02,3750\n2022-01-03,3800\n";
/// let replay = Replay::new(&PriceHistory::read_csv(file.as_bytes(), None)?);
/// assert_eq!(replay.initial(), 3700.0);
/// assert_eq!(replay.covers().to_string(), "2d");
/// assert!(replay.check_horizon("3d".parse()?).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Replay {
    /// Nanoseconds from the first row to each row.
    offsets: Arc<[u64]>,
    prices: Arc<[f64]>,
    covers: SimDuration,
}

impl Replay {
    /// The history in its own prices.
    pub fn new(history: &PriceHistory) -> Self {
        let times = history.times();
        let offsets = times.iter().map(|time| time.as_nanos().abs_diff(times[0].as_nanos())).collect();
        Self { offsets, prices: history.prices().into(), covers: history.span() }
    }

    /// The same moves from another price: every row is scaled so that the first is `initial`.
    ///
    /// # Errors
    /// An initial price, or a scaled price, that is not between 1e-150 and 1e150.
    pub fn with_initial(self, initial: f64) -> Result<Self, PathError> {
        let first = self.prices[0];
        let scaled = self.prices.iter().map(|price| check_initial(initial * (price / first)));
        Ok(Self { prices: scaled.collect::<Result<_, _>>()?, ..self })
    }

    /// How long the history lasts: from its first row to its last.
    pub fn covers(&self) -> SimDuration {
        self.covers
    }
}

impl PriceModel for Replay {
    fn initial(&self) -> f64 {
        self.prices[0]
    }

    fn check_horizon(&self, horizon: SimDuration) -> Result<(), PathError> {
        if horizon <= self.covers {
            return Ok(());
        }
        Err(PathError::HorizonExceedsHistory { horizon, covers: self.covers })
    }
}

impl<const L: usize> BuildPrice<L> for Replay {
    fn build(&self, _streams: &PriceStreams) -> Box<dyn PriceLanes<L>> {
        Box::new(ReplayLanes::<L> { rows: [0; L], model: self.clone() })
    }
}

#[derive(Clone, Debug)]
struct ReplayLanes<const L: usize> {
    /// The last row at or before the time of each lane.
    rows: [usize; L],
    model: Replay,
}

impl<const L: usize> PriceLanes<L> for ReplayLanes<L> {
    fn start(&mut self, _paths: [u32; L], price: &mut Lanes<L>) {
        self.rows = [0; L];
        *price = Lanes::splat(self.model.prices[0]);
    }

    fn step(&mut self, step: &Step<'_, L>, price: &mut Lanes<L>) {
        let (offsets, prices) = (&self.model.offsets, &self.model.prices);
        for l in 0..L {
            if step.nanos[l] == 0 {
                continue;
            }
            // With a fixed clock the lane before has found the row already.
            let mut row =
                if l > 0 && step.end[l] == step.end[l - 1] && step.nanos[l - 1] > 0 { self.rows[l - 1] } else { self.rows[l] };
            while offsets.get(row + 1).is_some_and(|next| *next <= step.end[l]) {
                row += 1;
            }
            self.rows[l] = row;
            price[l] = prices[row];
        }
    }
}
