//! Votes of a position's owner, which boost its stake in a gauge.

use cenote_units::SimDuration;
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};
use crate::spec::{FarmKind, StudySpec};

/// `votes = { farm = "main", locked = 10_000, for = "1460d" }`: so many tokens that the owner of the position has locked for votes besides,
/// from its entry on. They are no part of the deposit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VotesSpec {
    /// The gauge.
    pub farm: String,
    /// Whole tokens locked.
    pub locked: f64,
    /// For how long: votes fall linearly to nothing at its end. Four years give a vote per token.
    #[serde(rename = "for")]
    pub duration: SimDuration,
}

const KEYS: &[Key] = &[Key::new("farm", "\"main\""), Key::new("locked", "10_000"), Key::new("for", "\"1460d\"")];

impl VotesSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        Ok(Self { farm: fields.required("farm")?, locked: fields.required("locked")?, duration: fields.required("for")? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let farm = study.require_farm(&self.farm, &path.key("farm"))?;
        if !matches!(farm.kind, FarmKind::Gauge { .. }) {
            return Err(Problem::new(path.key("farm"), format!("votes boost nothing in farm `{}`", self.farm))
                .with_found(format!("{:?}", self.farm))
                .with_expected("a farm of kind gauge")
                .with_example("kind = \"gauge\""));
        }
        if !(self.locked > 0.0 && self.locked.is_finite()) {
            return Err(Problem::new(path.key("locked"), "a lock of nothing")
                .with_found(self.locked.to_string())
                .with_expected("a number of tokens above zero")
                .with_example("locked = 10_000"));
        }
        let longest = 4 * 365;
        let days = self.duration.as_nanos() / SimDuration::DAY.as_nanos();
        if self.duration.is_zero() || days > longest {
            return Err(Problem::new(path.key("for"), "a lock that is over before it begins, or longer than any")
                .with_found(format!("\"{}\"", self.duration))
                .with_expected("a duration above zero, four years at most")
                .with_example("for = \"1460d\""));
        }
        Ok(())
    }
}
