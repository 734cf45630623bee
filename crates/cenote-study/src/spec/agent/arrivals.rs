//! When events come: `arrivals = "150 per day"`, or a table.

use std::sync::Arc;

use cenote_paths::PathError;
use cenote_paths::arrivals::{ArrivalModel, Hawkes, Poisson, Profile};
use cenote_units::{Fraction, Frequency, SimDuration};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};

/// When events come.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ArrivalsSpec {
    /// `"150 per day"`: a Poisson process of one pace.
    Poisson(Frequency),
    /// `{ rate = "150 per day", profile = [..] }`: a Poisson process whose pace changes over the day.
    Profile(ProfileSpec),
    /// `{ process = "hawkes", .. }`: events that bring on others.
    Hawkes(HawkesSpec),
}

/// `{ rate = "150 per day", profile = [1, 1, 3, 5], period = "1d" }`: a Poisson process with a profile.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProfileSpec {
    /// Expected events per time, on average over a period.
    pub rate: Frequency,
    /// Weights of equal parts of the period, beginning at the start of the study; only their proportions matter.
    pub profile: Vec<f64>,
    /// After which the profile comes again; without it, a day.
    pub period: SimDuration,
}

/// `{ process = "hawkes", rate = "150 per day", branching = "60%", half_life = "10min" }`: clusters of events.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "process", rename = "hawkes")]
pub struct HawkesSpec {
    /// Expected events per time, in the long run.
    pub rate: Frequency,
    /// How many others an event brings on in the mean: the share of events that are brought on.
    pub branching: Fraction,
    /// In which the influence of an event halves.
    pub half_life: SimDuration,
}

const PROCESS: Key = Key::new("process", "\"hawkes\"");
const RATE: Key = Key::new("rate", "\"150 per day\"");

/// The processes that a study file can name.
const PROCESSES: &[Kind<ArrivalsSpec>] = &[
    Kind {
        name: "poisson",
        keys: &[RATE, Key::new("profile", "[1, 1, 3, 5, 3, 2]"), Key::new("period", "\"1d\"")],
        read: |fields| {
            let (rate, profile) = (fields.required("rate")?, fields.optional("profile")?);
            let period: Option<SimDuration> = fields.optional("period")?;
            match (profile, period) {
                (Some(profile), period) => {
                    Ok(ArrivalsSpec::Profile(ProfileSpec { rate, profile, period: period.unwrap_or(SimDuration::DAY) }))
                }
                (None, None) => Ok(ArrivalsSpec::Poisson(rate)),
                (None, Some(_)) => Err(Problem::of_key(fields.path().key("period"), "a period without a profile")
                    .with_found("period")
                    .with_expected("`profile`, the weights of its parts, or no `period`")
                    .with_example("profile = [1, 1, 3, 5, 3, 2]")),
            }
        },
    },
    Kind {
        name: "hawkes",
        keys: &[RATE, Key::new("branching", "\"60%\""), Key::new("half_life", "\"10min\"")],
        read: |fields| {
            Ok(ArrivalsSpec::Hawkes(HawkesSpec {
                rate: fields.required("rate")?,
                branching: fields.required("branching")?,
                half_life: fields.required("half_life")?,
            }))
        },
    },
];

impl ArrivalsSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        if !item.is_table() {
            return Ok(Self::Poisson(item.read()?));
        }
        let table = item.table()?;
        // A Poisson process needs no name.
        let kind = match table.get("process") {
            Some(_) => table.kind(PROCESS, "process of arrivals", PROCESSES)?,
            None => &PROCESSES[0],
        };
        (kind.read)(&table.fields(&[&[PROCESS], kind.keys])?)
    }

    /// Expected events per time, in the long run.
    pub fn rate(&self) -> Frequency {
        match self {
            Self::Poisson(rate) | Self::Profile(ProfileSpec { rate, .. }) | Self::Hawkes(HawkesSpec { rate, .. }) => *rate,
        }
    }

    /// The process itself; `path` is where it stands in the study.
    pub(crate) fn model(&self, path: &KeyPath) -> Checked<Arc<dyn ArrivalModel>> {
        let model: Result<Arc<dyn ArrivalModel>, PathError> = match self {
            Self::Poisson(rate) => Poisson::new(*rate).map(Into::into),
            Self::Profile(ProfileSpec { rate, profile, period }) => {
                Profile::new(*period, profile).and_then(|profile| Poisson::with_profile(*rate, profile)).map(Into::into)
            }
            Self::Hawkes(HawkesSpec { rate, branching, half_life }) => Hawkes::new(*rate, *branching, *half_life).map(Into::into),
        };
        model.map_err(|error| {
            let (at, expected, example) = match (&error, self) {
                (PathError::Parameter { expected, .. }, Self::Poisson(_)) => {
                    (path.clone(), *expected, "arrivals = \"150 per day\"")
                }
                (PathError::Parameter { name, expected, .. }, _) => {
                    let example = match *name {
                        "profile" => "profile = [1, 1, 3, 5, 3, 2]",
                        "period" => "period = \"1d\"",
                        "branching" => "branching = \"60%\"",
                        "half_life" => "half_life = \"10min\"",
                        _ => "rate = \"150 per day\"",
                    };
                    (path.key(*name), *expected, example)
                }
                _ => (path.clone(), "arrivals that can be", "arrivals = \"150 per day\""),
            };
            let found = match &error {
                PathError::Parameter { value, .. } => value.to_string(),
                _ => String::new(),
            };
            Problem::new(at, error.to_string()).with_found(found).with_expected(expected).with_example(example).with_cause(error)
        })
    }
}

impl From<Frequency> for ArrivalsSpec {
    fn from(rate: Frequency) -> Self {
        Self::Poisson(rate)
    }
}
