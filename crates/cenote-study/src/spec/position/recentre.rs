//! Ranges that follow the price.

use cenote_strategy::{Bins, Shape, Trigger};
use cenote_units::{Fraction, SimDuration, math};
use serde::Serialize;

use super::range::require_ranges;
use super::width::{WidthSpec, positive};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key};
use crate::spec::{PoolSpec, StudySpec};

/// `strategy = "recentre"`: a range around the price, or several side by side, moved when its trigger fires.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecentreSpec {
    /// The pool.
    pub pool: String,
    /// From P / (1 + width) to P (1 + width).
    pub width: WidthSpec,
    /// How many ranges share it, side by side.
    pub bins: u8,
    /// How the deposit is spread over them.
    pub shape: ShapeSpec,
    /// When they are moved.
    pub trigger: TriggerSpec,
    /// How long they stay at least.
    pub cooldown: SimDuration,
}

/// How a deposit is spread over bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeSpec {
    /// As much in each.
    Uniform,
    /// 1, 2, 3, … parts from the edges to the middle.
    Curve,
    /// 1, 2, 3, … parts from the middle to the edges.
    BidAsk,
}

/// `"out-of-range"`, `{ off_centre = "5%" }`, `{ every = "1d" }` or `"never"`.
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
    /// They stay.
    Never,
}

pub(super) const KEYS: &[Key] = &[
    Key::new("pool", "\"main\""),
    Key::new("width", "\"10%\""),
    Key::new("bins", "10"),
    Key::new("shape", "\"curve\""),
    Key::new("trigger", "\"out-of-range\""),
    Key::new("cooldown", "\"6h\""),
];
const TRIGGER_KEYS: &[Key] = &[Key::new("off_centre", "\"5%\""), Key::new("every", "\"1d\"")];
const EXPECTED: &str = "\"out-of-range\", \"never\", { off_centre = \"5%\" } or { every = \"1d\" }";
const SHAPES: &[(&str, ShapeSpec)] =
    &[("uniform", ShapeSpec::Uniform), ("curve", ShapeSpec::Curve), ("bid-ask", ShapeSpec::BidAsk)];

impl RecentreSpec {
    /// A range of this width in this pool, moved when the price leaves it.
    pub fn new(pool: impl Into<String>, width: impl Into<WidthSpec>) -> Self {
        Self {
            pool: pool.into(),
            width: width.into(),
            bins: 1,
            shape: ShapeSpec::Uniform,
            trigger: TriggerSpec::OutOfRange,
            cooldown: SimDuration::ZERO,
        }
    }

    /// Several ranges side by side.
    pub fn bins(mut self, bins: u8, shape: ShapeSpec) -> Self {
        (self.bins, self.shape) = (bins, shape);
        self
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
        let bins: Option<u8> = fields.optional("bins")?;
        let read = |item: &Item<'_>| {
            if bins.is_none() {
                return Err(Problem::of_key(item.path().clone(), "one range has no shape")
                    .with_expected("`bins` beside it")
                    .with_example("bins = 10"));
            }
            item.word("shape", SHAPES, |(name, _)| *name).map(|(_, shape)| *shape)
        };
        Ok(Self {
            pool: fields.required("pool")?,
            width: fields.with("width", &WidthSpec::read)?,
            shape: fields.optional_with("shape", &read)?.unwrap_or(ShapeSpec::Uniform),
            bins: bins.unwrap_or(1),
            trigger: fields.optional_with("trigger", &TriggerSpec::read)?.unwrap_or(TriggerSpec::OutOfRange),
            cooldown: fields.or("cooldown", SimDuration::ZERO)?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let pool = require_ranges(study, &self.pool, path)?;
        self.width.check(&path.key("width"))?;
        self.check_bins(&path.key("bins"), pool)?;
        self.trigger.check(&path.key("trigger"))
    }

    /// As many as there can be, and each as wide as a range of the pool has to be.
    fn check_bins(&self, at: &KeyPath, pool: &PoolSpec) -> Checked<()> {
        let most = pool.family.tick_spacing().map_or(f64::INFINITY, |spacing| {
            2.0 * math::ln_1p(self.width.narrowest().get()) / (math::ln_1p(1e-4) * f64::from(spacing))
        });
        let narrow = self.bins > 1 && f64::from(self.bins) > most;
        if self.bins == 0 || self.bins > Bins::MOST || narrow {
            let most = most.floor().clamp(1.0, f64::from(Bins::MOST));
            let what = if narrow { "bins narrower than the tick spacing of the pool" } else { "so many bins there cannot be" };
            return Err(Problem::new(at.clone(), what)
                .with_found(self.bins.to_string())
                .with_expected(format!("a whole number from 1 to {most}, for this width in this pool"))
                .with_example(format!("bins = {}", most.min(10.0))));
        }
        Ok(())
    }
}

impl ShapeSpec {
    /// The shape that it is.
    pub(crate) fn shape(self) -> Shape {
        match self {
            Self::Uniform => Shape::Uniform,
            Self::Curve => Shape::Curve,
            Self::BidAsk => Shape::BidAsk,
        }
    }
}

impl TriggerSpec {
    pub(super) fn check(self, at: &KeyPath) -> Checked<()> {
        match self {
            Self::OffCentre(distance) => {
                let example = "trigger = { off_centre = \"5%\" }";
                positive(distance, at.clone(), "a trigger that fires where the price is", example)
            }
            Self::Every(interval) if interval.is_zero() => Err(Problem::new(at.clone(), "a timer that never stops ringing")
                .with_found(interval.to_string())
                .with_expected("a duration above zero")
                .with_example("trigger = { every = \"1d\" }")),
            Self::OutOfRange | Self::Every(_) | Self::Never => Ok(()),
        }
    }

    /// The trigger that it is.
    pub(crate) fn trigger(self) -> Trigger {
        match self {
            Self::OutOfRange => Trigger::OutOfRange,
            Self::OffCentre(distance) => Trigger::OffCentre(distance.get()),
            Self::Every(interval) => Trigger::Every(interval),
            Self::Never => Trigger::Never,
        }
    }

    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        if !item.is_table() {
            let word: String = item.read().map_err(|_| item.unexpected(EXPECTED))?;
            return match &*word {
                "out-of-range" => Ok(Self::OutOfRange),
                "never" => Ok(Self::Never),
                _ => Err(item.unexpected(EXPECTED)),
            };
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
