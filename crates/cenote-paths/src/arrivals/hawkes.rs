use cenote_units::{Fraction, Frequency, Lanes, SimDuration, kernel, math};

use super::poisson::check_event_rate;
use super::{ArrivalLanes, ArrivalModel, BuildArrivals, Window};
use crate::convert::{count, nanos};
use crate::error::PathError;
use crate::parameters::check;
use crate::stream::{Stream, StreamKey};
use crate::stream_lanes::StreamLanes;

/// Events that bring on others: the process of Hawkes with an exponential kernel (Hawkes 1971, "Spectra of some self-exciting and
/// mutually exciting point processes").
///
/// Events come at the intensity λ(t) = μ + Σ n β e^(−β (t − tᵢ)) over the events tᵢ before t. Each brings on n others in the mean,
/// the branching ratio, and its influence halves within ln 2/β. In the long run there are μ/(1 − n) events per time, which is the
/// `rate` that it is described by: a clustered flow and a [`Poisson`](super::Poisson) flow of the same rate have as many events.
/// The variance of their number over a long time is 1/(1 − n)² times its mean.
///
/// It begins at its mean intensity, so that the rate holds from the start; [`Hawkes::from_empty`] begins without a past, at μ.
///
/// **Streams.** Times are drawn one by one, to the nanosecond, by the exact sampling of Dassios and Zhao (2013, "Exact simulation of
/// Hawkes process with exponentially decaying intensity", algorithm 3.1): the next event is the first of two, one of the
/// background and one brought on by the past. The wait for event number k of a path (from 0) takes the two uniforms of the draw
/// (block k, draw 0). So clocks of any pace meet the same events at the same times.
///
/// ```
/// use cenote_paths::arrivals::{ArrivalModel, Hawkes};
/// let swaps = Hawkes::new("150 per day".parse()?, "60%".parse()?, "10min".parse()?)?;
/// assert!((swaps.background().per_day() - 60.0).abs() < 1e-9); // the other 90 are brought on
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hawkes {
    /// Events per year in the long run.
    rate: f64,
    intensity: Intensity,
    /// λ − μ at the start.
    first: f64,
}

/// What the intensity does, in years.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Intensity {
    /// μ
    background: f64,
    /// n β: what an event adds.
    jump: f64,
    /// β
    decay: f64,
}

impl Hawkes {
    /// Events that come at `rate` in the long run, each of which brings on `branching` others in the mean, at an intensity that halves
    /// within `half_life`.
    ///
    /// # Errors
    /// More than 10¹² events a year; a branching ratio that is not from 0% to less than 100%; a half-life of zero.
    pub fn new(rate: Frequency, branching: Fraction, half_life: SimDuration) -> Result<Self, PathError> {
        let rate = check_event_rate(rate)?;
        let branching = branching.get();
        check("branching", branching, (0.0..1.0).contains(&branching), "from 0% to less than 100%: with more, events never end")?;
        let years = half_life.as_years();
        check("half_life", years, years > 0.0, "longer than 0s")?;
        let decay = std::f64::consts::LN_2 / years;
        let background = rate * (1.0 - branching);
        Ok(Self { rate, intensity: Intensity { background, jump: branching * decay, decay }, first: rate - background })
    }

    /// The same, without a past at the start.
    pub fn from_empty(self) -> Self {
        Self { first: 0.0, ..self }
    }

    /// μ: the events that no other brought on.
    pub fn background(&self) -> Frequency {
        // A rate times a share of it is a rate.
        Frequency::from_per_year(self.intensity.background).unwrap_or(Frequency::ZERO)
    }
}

impl Intensity {
    /// Years from an event, after which λ − μ = `excess`, to the next.
    #[inline]
    fn wait(&self, excess: f64, stream: &mut Stream) -> f64 {
        let (of_the_past, of_the_background) = (stream.uniform(), stream.uniform());
        // The past brings on a last event sooner or later: with probability e^(−excess/β) there is none.
        let left = 1.0 + self.decay * math::ln(of_the_past) / excess;
        let past = if left > 0.0 { -math::ln(left) / self.decay } else { f64::INFINITY };
        let background = -math::ln(of_the_background) / self.background;
        if past < background { past } else { background }
    }
}

impl ArrivalModel for Hawkes {
    fn rate(&self) -> f64 {
        self.rate
    }
}

impl<const L: usize> BuildArrivals<L> for Hawkes {
    fn build(&self, key: StreamKey) -> Box<dyn ArrivalLanes<L>> {
        Box::new(HawkesLanes::<L> {
            next: [0; L],
            excess: Lanes::ZERO,
            event: [0; L],
            streams: StreamLanes::new(key, [0; L]),
            model: *self,
        })
    }
}

#[derive(Clone, Debug)]
struct HawkesLanes<const L: usize> {
    /// Time of the next event, in nanoseconds since the start.
    next: [u64; L],
    /// λ − μ just after it, in events per year.
    excess: Lanes<L>,
    /// Its number.
    event: [u32; L],
    streams: StreamLanes<L>,
    model: Hawkes,
}

impl<const L: usize> ArrivalLanes<L> for HawkesLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        for l in 0..L {
            (self.next[l], self.excess[l], self.event[l]) = (0, self.model.first, u32::MAX);
            self.advance(l);
        }
    }

    fn count(&mut self, window: &Window<'_, L>, counts: &mut Lanes<L>) -> u32 {
        *counts = Lanes::ZERO;
        if !any_due(&self.next, window.end) {
            return 0;
        }
        let mut most = 0.0;
        for l in 0..L {
            // Without a block, events wait for the next one.
            if window.active[l] > 0.0 {
                while self.next[l] <= window.end[l] && self.next[l] < u64::MAX {
                    counts[l] += 1.0;
                    self.advance(l);
                }
                most = f64::max(most, counts[l]);
            }
        }
        count(most)
    }
}

impl<const L: usize> HawkesLanes<L> {
    /// From an event to the next.
    fn advance(&mut self, l: usize) {
        let intensity = &self.model.intensity;
        self.event[l] = self.event[l].wrapping_add(1);
        let mut stream = self.streams.lane(l, self.event[l]);
        let year = 1.0 / SimDuration::from_nanos(1).as_years();
        let wait = nanos(intensity.wait(self.excess[l], &mut stream) * year);
        self.next[l] = self.next[l].saturating_add(wait);
        let decayed = self.excess[l] * math::exp(-intensity.decay * SimDuration::from_nanos(wait).as_years());
        self.excess[l] = decayed + intensity.jump;
    }
}

kernel! {
    fn any_due<const L: usize>(next: &[u64; L], end: &[u64; L]) -> bool {
        let mut due = 0;
        for l in 0..L {
            due |= u64::from(next[l] <= end[l]);
        }
        due != 0
    }
}

#[cfg(test)]
mod tests;
