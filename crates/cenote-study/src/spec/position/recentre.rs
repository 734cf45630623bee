//! A range that follows the price.

use cenote_units::{Fraction, SimDuration};
use serde::Serialize;

use super::range::require_ranges;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key};
use crate::spec::StudySpec;

/// `strategy = "recentre"`: a range around the price, moved when its trigger fires.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecentreSpec {
    /// The pool.
    pub pool: String,
    /// From P / (1 + width) to P (1 + width).
    pub width: Fraction,
    /// When it is moved.
    pub trigger: TriggerSpec,
    /// How long it stays at least.
    pub cooldown: SimDuration,
}

/// `"out-of-range"`, `{ off_centre = "5%" }` or `{ every = "1d" }`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TriggerSpec {
    /// The pool's price has left the range.
    OutOfRange,
    /// The pool's price is this far from where the range was put.
    #[serde(rename = "off_centre")]
    OffCentre(Fraction),
    /// So much time has passed.
    Every(SimDuration),
}

pub(super) const KEYS: &[Key] = &[
    Key::new("pool", "\"main\""),
    Key::new("width", "\"10%\""),
    Key::new("trigger", "\"out-of-range\""),
    Key::new("cooldown", "\"6h\""),
];
const TRIGGER_KEYS: &[Key] = &[Key::new("off_centre", "\"5%\""), Key::new("every", "\"1d\"")];
const EXPECTED: &str = "\"out-of-range\", { off_centre = \"5%\" } or { every = \"1d\" }";

impl RecentreSpec {
    /// A range of this width in this pool, moved when the price leaves it.
    pub fn new(pool: impl Into<String>, width: Fraction) -> Self {
        Self { pool: pool.into(), width, trigger: TriggerSpec::OutOfRange, cooldown: SimDuration::ZERO }
    }

    /// Moved when this fires.
    pub fn trigger(mut self, trigger: TriggerSpec) -> Self {
        self.trigger = trigger;
        self
    }

    /// Not moved again so soon.
    pub fn cooldown(mut self, cooldown: SimDuration) -> Self {
        self.cooldown = cooldown;
        self
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            pool: fields.required("pool")?,
            width: fields.required("width")?,
            trigger: fields.optional_with("trigger", &TriggerSpec::read)?.unwrap_or(TriggerSpec::OutOfRange),
            cooldown: fields.or("cooldown", SimDuration::ZERO)?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        require_ranges(study, &self.pool, path)?;
        positive(self.width, path.key("width"), "a range without a width", "width = \"10%\"")?;
        match self.trigger {
            TriggerSpec::OffCentre(distance) => {
                let example = "trigger = { off_centre = \"5%\" }";
                positive(distance, path.key("trigger"), "a trigger that fires where the price is", example)
            }
            TriggerSpec::Every(interval) if interval.is_zero() => {
                Err(Problem::new(path.key("trigger"), "a timer that never stops ringing")
                    .with_found(interval.to_string())
                    .with_expected("a duration above zero")
                    .with_example("trigger = { every = \"1d\" }"))
            }
            TriggerSpec::OutOfRange | TriggerSpec::Every(_) => Ok(()),
        }
    }
}

fn positive(fraction: Fraction, path: KeyPath, what: &str, example: &str) -> Checked<()> {
    if fraction.get() > 0.0 {
        return Ok(());
    }
    Err(Problem::new(path, what).with_found(format!("\"{fraction}\"")).with_expected("a fraction above zero").with_example(example))
}

impl TriggerSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        if !item.is_table() {
            let word: String = item.read().map_err(|_| item.unexpected(EXPECTED))?;
            return if word == "out-of-range" { Ok(Self::OutOfRange) } else { Err(item.unexpected(EXPECTED)) };
        }
        let fields = item.table()?.fields(&[TRIGGER_KEYS])?;
        fields.one_of(("off_centre", &|item| item.read().map(Self::OffCentre)), ("every", &|item| item.read().map(Self::Every)))
    }
}

impl From<RecentreSpec> for super::StrategySpec {
    fn from(strategy: RecentreSpec) -> Self {
        Self::Recentre(strategy)
    }
}
