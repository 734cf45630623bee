//! `cenote replay`: one path again, every event of it, in floats and in the integers of the contracts.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::bail;
use cenote_study::{ColumnKey, ColumnLayout, MetricUnit, PoolMetric, PositionMetric, RiskMetric, Study, Subject};

use crate::args::{Lane, ReplayArgs};
use crate::events::EventFile;
use crate::interrupt;
use crate::number::grouped;
use crate::output::print;
use crate::summary::display_unit;
use crate::table::Table;

pub(crate) fn replay(args: &ReplayArgs) -> anyhow::Result<()> {
    let study = args.input.load(&[("study.seed", args.seed)])?;
    let paths = study.spec().paths;
    if args.path >= paths {
        bail!(
            "there is no path {}: the study has {paths}, counted from 0\n   = help: --set study.paths={} makes it part of the study",
            args.path,
            u64::from(args.path) + 1
        );
    }
    let interrupt = interrupt::flag()?;
    let numbers = numbers(args, &study, &interrupt)?;
    let drift = match args.lane {
        Lane::Fast => None,
        Lane::Exact => Some(study.replay_until(args.path, Lane::Fast.into(), Vec::new(), Some(interrupt))?),
    };
    let shown = Shown { args, study: &study, numbers: &numbers, fast: drift.as_deref() };
    print(|stdout| write!(stdout, "{shown}"))
}

/// Run the path in the lane that is asked for, with its events if they are.
fn numbers(args: &ReplayArgs, study: &Study, interrupt: &Arc<AtomicBool>) -> anyhow::Result<Vec<f64>> {
    let run = |observers| study.replay_until(args.path, args.lane.into(), observers, Some(Arc::clone(interrupt)));
    let Some(file) = &args.events else { return Ok(run(Vec::new())?) };
    let events = EventFile::create(file, study, args.path, args.lane, Arc::clone(interrupt))?;
    let cannot_write = |error: &dyn Display| anyhow::anyhow!("cannot write {}: {error}", file.display());
    let ran = run(vec![events.observer()]);
    if let Some(error) = events.take_failure() {
        return Err(cannot_write(&error));
    }
    let numbers = ran?;
    events.finish(args.path, &ColumnLayout::of(study.spec()), &numbers).map_err(|error| cannot_write(&error))?;
    Ok(numbers)
}

/// The table of a path's numbers.
struct Shown<'a> {
    args: &'a ReplayArgs,
    study: &'a Study,
    /// In the lane that was asked for.
    numbers: &'a [f64],
    /// In the fast lane, beside the exact one.
    fast: Option<&'a [f64]>,
}

impl Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spec = self.study.spec();
        let layout = ColumnLayout::of(spec);
        writeln!(f, "{}", spec.name)?;
        let title = format!("Path {}, seed {}, values in {}", self.args.path, spec.seed, spec.numeraire);
        let header = match self.fast {
            None => &["of", "metric", "value"][..],
            Some(_) => &["of", "metric", "fast", "exact", "relative difference"][..],
        };
        let mut table = Table::new(title, header.iter().copied()).with_texts(2);
        let mut before = None;
        let mut drift = 0.0_f64;
        for (i, (key, &number)) in layout.keys().iter().zip(self.numbers).enumerate() {
            let owner = (key.subject, key.name.as_str());
            let name = if before == Some(owner) { "" } else { &key.name };
            before = Some(owner);
            let mut row = vec![name.to_owned(), key.metric.clone().into_owned()];
            if let Some(fast) = self.fast {
                let apart = difference(fast[i], number).filter(|_| key.metric != PositionMetric::AttributionResidual.name());
                drift = drift.max(apart.map_or(0.0, f64::abs));
                row.extend([shown(key, fast[i]), shown(key, number), apart.map_or_else(|| "-".to_owned(), part)]);
            } else {
                row.push(shown(key, number));
            }
            table.row(row);
        }
        write!(f, "{table}")?;
        if self.fast.is_some() {
            writeln!(f, "The fast lane is off by at most {drift:.1e} of any number.")?;
        }
        if let Some(file) = &self.args.events {
            writeln!(f, "Events in {}", file.display())?;
        }
        Ok(())
    }
}

/// A number in the unit of its metric, with more digits than a mean over paths deserves: this is one path, known exactly.
fn shown(key: &ColumnKey, number: f64) -> String {
    let unit = match key.subject {
        Subject::Position => PositionMetric::from_name(&key.metric).map(PositionMetric::unit).or_else(|| by_risk(&key.metric)),
        Subject::Pool => PoolMetric::from_name(&key.metric).map(PoolMetric::unit),
        Subject::Token => None,
    };
    let unit = unit.unwrap_or(MetricUnit::Money);
    let (scale, suffix) = display_unit(unit);
    let decimals = match unit {
        MetricUnit::Count => 0,
        MetricUnit::Money => 4,
        _ => 6,
    };
    if number == 0.0 {
        return "0".to_owned();
    }
    if (scale * number).abs() < 1e-6 {
        format!("{:.1e}{suffix}", scale * number)
    } else {
        grouped(scale * number, decimals) + suffix
    }
}

/// The unit of a metric by risk, such as `lost_to.NAME`.
fn by_risk(metric: &str) -> Option<MetricUnit> {
    metric.split_once('.').and_then(|(metric, _)| RiskMetric::from_name(metric)).map(RiskMetric::unit)
}

fn part(apart: f64) -> String {
    if apart == 0.0 { "0".to_owned() } else { format!("{apart:.1e}") }
}

/// By what part of the exact number the fast one misses it; nothing where there are no parts.
fn difference(fast: f64, exact: f64) -> Option<f64> {
    // The same bits, or both not a number.
    if fast == exact || (fast.is_nan() && exact.is_nan()) {
        return Some(0.0);
    }
    let apart = (fast - exact) / exact.abs();
    apart.is_finite().then_some(apart)
}
