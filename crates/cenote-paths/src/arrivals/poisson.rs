use cenote_units::{Frequency, Lanes, kernel};

use super::{ArrivalLanes, ArrivalModel, BuildArrivals, Profile, Window};
use crate::error::PathError;
use crate::jump_counts::{JumpCounts, largest};
use crate::jump_times::JumpTimes;
use crate::parameters::check;
use crate::stream::StreamKey;

/// Events that know nothing of each other: a Poisson process, at one pace or with a [`Profile`].
///
/// The number within a window is Poisson of mean rate × (its length, weighted by the profile), by inversion of one uniform: exact
/// for a window of any length.
///
/// **Streams.** The uniforms of blocks b and b + 1, b even, are the pair of the draw (block b, draw 0); a window with more than
/// 256 expected events is counted in parts, from draw 2³¹ on.
#[derive(Clone, Debug, PartialEq)]
pub struct Poisson {
    /// Per year.
    rate: f64,
    profile: Option<Profile>,
}

impl Poisson {
    /// Events that come at one pace.
    ///
    /// # Errors
    /// More than 10¹² a year.
    pub fn new(rate: Frequency) -> Result<Self, PathError> {
        Ok(Self { rate: check_event_rate(rate)?, profile: None })
    }

    /// Events whose pace follows a profile that comes again and again. `rate` is the average over a period.
    ///
    /// # Errors
    /// As [`Poisson::new`].
    pub fn with_profile(rate: Frequency, profile: Profile) -> Result<Self, PathError> {
        Ok(Self { profile: Some(profile), ..Self::new(rate)? })
    }
}

pub(super) fn check_event_rate(rate: Frequency) -> Result<f64, PathError> {
    let per_year = rate.per_year();
    check("rate", per_year, per_year <= 1e12, "at most 1e12 events per year")
}

impl ArrivalModel for Poisson {
    fn rate(&self) -> f64 {
        self.rate
    }

    fn peak_rate(&self) -> f64 {
        self.rate * self.profile.as_ref().map_or(1.0, Profile::peak)
    }
}

impl<const L: usize> BuildArrivals<L> for Poisson {
    fn build(&self, key: StreamKey) -> Box<dyn ArrivalLanes<L>> {
        Box::new(PoissonLanes::<L> {
            weighted: Lanes::ZERO,
            counts: JumpCounts::new(key, 0, JumpTimes::own(self.rate)),
            profile: self.profile.clone(),
        })
    }
}

#[derive(Clone, Debug)]
struct PoissonLanes<const L: usize> {
    /// Lengths of a window, weighted by the profile, in years.
    weighted: Lanes<L>,
    counts: JumpCounts<L>,
    profile: Option<Profile>,
}

impl<const L: usize> ArrivalLanes<L> for PoissonLanes<L> {
    fn start(&mut self, paths: [u32; L]) {
        self.counts.start(paths);
    }

    fn count(&mut self, window: &Window<'_, L>, counts: &mut Lanes<L>) -> u32 {
        let Self { weighted, counts: poisson, profile } = self;
        let some = match profile {
            None => poisson.count_over(window.block, window.shared, window.years),
            Some(profile) => {
                let shared = window.shared.map(|years| profile.weigh(window.end[0], years));
                match shared {
                    Some(years) => *weighted = Lanes::splat(years),
                    None => *weighted = Lanes(std::array::from_fn(|l| profile.weigh(window.end[l], window.years[l]))),
                }
                poisson.count_over(window.block, shared, weighted)
            }
        };
        active_only(poisson.of_lanes(), window.active, counts);
        largest(some, counts)
    }
}

kernel! {
    fn active_only<const L: usize>(counted: &Lanes<L>, active: &Lanes<L>, counts: &mut Lanes<L>) {
        for l in 0..L {
            counts[l] = counted[l] * active[l];
        }
    }
}
