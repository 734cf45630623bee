//! How often something goes wrong.

use cenote_units::{Frequency, Rate};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::Item;

/// How often an event comes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum HazardSpec {
    /// `"2% per year"`: a hazard, at most 100% per year.
    Hazard(Rate),
    /// `"3 per year"`: so many in the mean.
    Frequency(Frequency),
}

impl HazardSpec {
    /// Events per year.
    pub fn per_year(self) -> f64 {
        match self {
            Self::Hazard(rate) => rate.per_year(),
            Self::Frequency(frequency) => frequency.per_year(),
        }
    }

    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        match item.read().map(Self::Hazard) {
            Ok(hazard) => Ok(hazard),
            Err(problem) => item.read().map(Self::Frequency).map_err(|_| problem),
        }
    }

    pub(super) fn check(self, path: &KeyPath) -> Checked<()> {
        let Self::Hazard(rate) = self else { return Ok(()) };
        if (0.0..=1.0).contains(&rate.per_year()) {
            return Ok(());
        }
        Err(Problem::new(path.clone(), format!("a hazard of {rate}"))
            .with_found(format!("\"{rate}\""))
            .with_expected("from 0% to 100% per year, or a number of events: \"3 per year\"")
            .with_example("rate = \"2% per year\""))
    }
}
