use cenote_units::SimDuration;

use crate::convert::{index_to_f64, to_f64};
use crate::error::PathError;
use crate::history::UtcTime;

/// When events happened: what processes of [`arrivals`](crate::arrivals) are calibrated to. Observation begins with the first, which
/// is the past of the others, and ends with the last.
///
/// Clocks of whole seconds tie events that they cannot tell apart, and no process in continuous time has ties: to a clustered one they
/// would be infinitely likely. So where there are ties, events of the same time are spread evenly over the smallest gap that
/// there is between two times.
#[derive(Clone, Debug)]
pub struct EventTimes {
    /// Years from event to event.
    gaps: Vec<f64>,
    ties: usize,
    /// Over how many years ties were spread; 0 without any.
    resolution: f64,
}

impl EventTimes {
    /// Events at these times, in order. Several may have the same.
    ///
    /// # Errors
    /// [`PathError::TooFew`] with less than 31 events, or all of them at one time; [`PathError::Disorder`] where a time comes
    /// after a later one (lines count times from 1).
    pub fn new(times: &[UtcTime]) -> Result<Self, PathError> {
        let too_few = |found| PathError::TooFew { process: "hawkes", what: "different times of events", found, needed: 31 };
        if times.len() < 31 {
            return Err(too_few(times.len()));
        }
        let mut smallest = u64::MAX;
        for (i, pair) in times.windows(2).enumerate() {
            if pair[1] < pair[0] {
                return Err(PathError::Disorder { line: i as u64 + 2, time: pair[1], previous: pair[0] });
            }
            let gap = pair[1].as_nanos().abs_diff(pair[0].as_nanos());
            smallest = if gap > 0 { smallest.min(gap) } else { smallest };
        }
        if smallest == u64::MAX {
            return Err(too_few(1));
        }
        let (mut ties, mut places) = (0, Vec::with_capacity(times.len()));
        for same in times.chunk_by(|a, b| a == b) {
            ties += same.len() - 1;
            let passed = to_f64(same[0].as_nanos().abs_diff(times[0].as_nanos()));
            let apart = to_f64(smallest) / index_to_f64(same.len());
            places.extend((0..same.len()).map(|i| passed + apart * (index_to_f64(i) + 0.5)));
        }
        let nano = SimDuration::from_nanos(1).as_years();
        let gaps = if ties == 0 {
            times.windows(2).map(|pair| to_f64(pair[1].as_nanos().abs_diff(pair[0].as_nanos())) * nano).collect()
        } else {
            places.windows(2).map(|pair| (pair[1] - pair[0]) * nano).collect()
        };
        let resolution = if ties == 0 { 0.0 } else { to_f64(smallest) * nano };
        Ok(Self { gaps, ties, resolution })
    }

    /// Events after the first.
    pub fn len(&self) -> usize {
        self.gaps.len()
    }

    /// Never: there are at least thirty.
    pub fn is_empty(&self) -> bool {
        self.gaps.is_empty()
    }

    /// How many of them have the time of the one before.
    pub fn ties(&self) -> usize {
        self.ties
    }

    /// Over how many years events of the same time were spread; 0 where there are none.
    pub fn resolution(&self) -> f64 {
        self.resolution
    }

    /// Years from event to event.
    pub(super) fn gaps(&self) -> &[f64] {
        &self.gaps
    }
}
