//! `rate` or `shared`: the two ways to say when jumps and depegs come.

use cenote_paths::SharedEvents;
use cenote_units::{Fraction, Frequency};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// When jumps come.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum JumpTimesSpec {
    /// `rate = "6 per year"`: at times of their own.
    Own {
        /// Expected jumps per time.
        rate: Frequency,
    },
    /// `shared = "crash", probability = "80%"`: at the events `[events.crash]`, each of which is a jump with the probability.
    Shared {
        /// The name of the events.
        shared: String,
        /// The probability of taking part in one; 100% unless given.
        probability: Fraction,
    },
}

pub(super) const SHARED: Key = Key::new("shared", "\"crash\"");
pub(super) const PROBABILITY: Key = Key::new("probability", "\"80%\"");

impl JumpTimesSpec {
    /// At the events of this name, each with this probability.
    pub fn shared(name: impl Into<String>, probability: Fraction) -> Self {
        Self::Shared { shared: name.into(), probability }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let own = |item: &crate::reader::Item<'_>| Ok(Self::Own { rate: item.read()? });
        let shared = |item: &crate::reader::Item<'_>| Ok(Self::shared(item.read::<String>()?, Fraction::ONE));
        let arrivals = fields.one_of(("rate", &own), ("shared", &shared))?;
        match (arrivals, fields.optional("probability")?) {
            (Self::Shared { shared, .. }, Some(probability)) => Ok(Self::Shared { shared, probability }),
            (Self::Own { .. }, Some(_)) => {
                Err(Problem::of_key(fields.path().key("probability"), "`probability` is that of taking part in shared events")
                    .with_expected("`shared` instead of `rate`, or no `probability`")
                    .with_example("shared = \"crash\""))
            }
            (arrivals, None) => Ok(arrivals),
        }
    }

    /// How often jumps come, and at which events if not at times of their own. `path` is where the jumps stand.
    pub(super) fn times(&self, study: &StudySpec, path: &KeyPath) -> Checked<(Frequency, Option<SharedEvents>)> {
        let (name, probability) = match self {
            Self::Own { rate } => return Ok((*rate, None)),
            Self::Shared { shared, probability } => (shared, *probability),
        };
        let (events, shared) = study.require_events(name, &path.key("shared"))?;
        let wrong = || {
            Problem::new(path.key("probability"), "no probability of taking part")
                .with_found(probability.to_string())
                .with_expected("a probability from 0% to 100%")
                .with_example("probability = \"80%\"")
        };
        if probability.get() > 1.0 {
            return Err(wrong());
        }
        let rate =
            Frequency::from_per_year(events.rate.per_year() * probability.get()).map_err(|error| wrong().with_cause(error))?;
        Ok((rate, Some(shared)))
    }
}

impl From<Frequency> for JumpTimesSpec {
    fn from(rate: Frequency) -> Self {
        Self::Own { rate }
    }
}
