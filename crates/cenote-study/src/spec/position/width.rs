//! How wide a range is that follows the price: `width = "10%"`, or as wide as the price is expected to move.

use cenote_strategy::{VolatilityWidth, Window};
use cenote_units::{Fraction, SimDuration};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};

/// From P / (1 + width) to P (1 + width).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum WidthSpec {
    /// Always the same.
    Fixed(Fraction),
    /// By realised volatility.
    Volatility(VolatilityWidthSpec),
}

/// `{ times = 2, over = "7d", half_life = "3d", initial = "10%", min = "2%", max = "50%" }`: `times` x realised volatility x the root of
/// `over`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VolatilityWidthSpec {
    /// How many standard deviations.
    pub times: f64,
    /// Of the log price over this long.
    pub over: SimDuration,
    /// Volatility so far, recent returns counting more: half as much after this long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half_life: Option<SimDuration>,
    /// Volatility over this past, every return counting alike. One of the two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<SimDuration>,
    /// Returns are taken over this long; `"0s"` is every block.
    pub sample: SimDuration,
    /// The width until so much past is there.
    pub initial: Fraction,
    /// Not narrower.
    pub min: Fraction,
    /// Not wider.
    pub max: Fraction,
}

const KEYS: &[Key] = &[
    Key::new("times", "2"),
    Key::new("over", "\"7d\""),
    Key::new("half_life", "\"3d\""),
    Key::new("window", "\"7d\""),
    Key::new("sample", "\"1h\""),
    Key::new("initial", "\"10%\""),
    Key::new("min", "\"2%\""),
    Key::new("max", "\"50%\""),
];

impl WidthSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        if !item.is_table() {
            return Ok(Self::Fixed(item.read()?));
        }
        let fields = item.table()?.fields(&[KEYS])?;
        let (half_life, window) = fields
            .one_of(("half_life", &|item| Ok((Some(item.read()?), None))), ("window", &|item| Ok((None, Some(item.read()?)))))?;
        Ok(Self::Volatility(VolatilityWidthSpec {
            times: fields.required("times")?,
            over: fields.required("over")?,
            half_life,
            window,
            sample: fields.or("sample", SimDuration::ZERO)?,
            initial: fields.required("initial")?,
            min: fields.required("min")?,
            max: fields.required("max")?,
        }))
    }

    /// The narrowest that it can be.
    pub(super) fn narrowest(&self) -> Fraction {
        match self {
            Self::Fixed(width) => *width,
            Self::Volatility(width) => width.min,
        }
    }

    pub(super) fn check(&self, path: &KeyPath) -> Checked<()> {
        let width = match self {
            Self::Fixed(width) => return positive(*width, path.clone(), "a range without a width", "width = \"10%\""),
            Self::Volatility(width) => width,
        };
        if width.times.is_nan() || width.times <= 0.0 {
            return Err(Problem::new(path.key("times"), "a range without a width")
                .with_found(width.times.to_string())
                .with_expected("a number above zero")
                .with_example("times = 2"));
        }
        let past = if width.half_life.is_some() { "half_life" } else { "window" };
        for (key, time) in [("over", Some(width.over)), (past, width.half_life.or(width.window))] {
            if time.is_none_or(SimDuration::is_zero) {
                return Err(Problem::new(path.key(key), "a volatility over no time")
                    .with_found(time.map_or_else(|| "nothing".to_owned(), |time| time.to_string()))
                    .with_expected("a duration above zero")
                    .with_example(format!("{key} = \"7d\"")));
            }
        }
        for (key, fraction) in [("initial", width.initial), ("min", width.min), ("max", width.max)] {
            positive(fraction, path.key(key), "a range without a width", &format!("{key} = \"10%\""))?;
        }
        if width.min > width.max {
            return Err(Problem::new(path.key("max"), "a width that is to be at least more than at most")
                .with_found(format!("\"{}\"", width.max))
                .with_expected(format!("at least `min`, which is {}", width.min))
                .with_example("max = \"50%\""));
        }
        Ok(())
    }
}

impl VolatilityWidthSpec {
    /// The rule that it is.
    pub(crate) fn rule(&self) -> VolatilityWidth {
        let window = match (self.half_life, self.window) {
            (Some(half_life), _) => Window::HalfLife(half_life),
            (None, window) => Window::Rolling(window.unwrap_or(SimDuration::ZERO)),
        };
        VolatilityWidth {
            multiple: self.times,
            over: self.over,
            window,
            sample: self.sample,
            initial: self.initial.get(),
            min: self.min.get(),
            max: self.max.get(),
        }
    }
}

pub(super) fn positive(fraction: Fraction, path: KeyPath, what: &str, example: &str) -> Checked<()> {
    if fraction.get() > 0.0 {
        return Ok(());
    }
    Err(Problem::new(path, what).with_found(format!("\"{fraction}\"")).with_expected("a fraction above zero").with_example(example))
}

impl From<Fraction> for WidthSpec {
    fn from(width: Fraction) -> Self {
        Self::Fixed(width)
    }
}
