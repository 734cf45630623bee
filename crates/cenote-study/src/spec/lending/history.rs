//! Recorded rates of a lending market.

use std::path::Path;

use cenote_paths::PathError;
use cenote_paths::history::{UtcTime, read_column, read_times};
use cenote_units::SimDuration;
use cenote_yield::lending::RateHistory;
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};

/// `{ file = "aave.csv", supply_rate = "liquidity_rate", borrow_rate = "variable_borrow_rate", time = "block_timestamp" }`: columns of a
/// CSV file. Rates are fractions per year; the first row is the start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RateFileSpec {
    /// The file; a relative path starts from the folder of the study file.
    pub file: String,
    /// The column of what suppliers earn; `liquidity_rate` unless given.
    pub supply_rate: String,
    /// The column of what borrowers pay; `variable_borrow_rate` unless given.
    pub borrow_rate: String,
    /// The column of times; without a name, the one that price files have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

const KEYS: &[Key] = &[
    Key::new("file", "\"aave.csv\""),
    Key::new("supply_rate", "\"liquidity_rate\""),
    Key::new("borrow_rate", "\"variable_borrow_rate\""),
    Key::new("time", "\"block_timestamp\""),
];

impl RateFileSpec {
    /// A file with the columns that Aave's indexers give their names to.
    pub fn new(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            supply_rate: "liquidity_rate".to_owned(),
            borrow_rate: "variable_borrow_rate".to_owned(),
            time: None,
        }
    }

    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        let usual = Self::new(fields.required::<String>("file")?);
        Ok(Self {
            supply_rate: fields.or("supply_rate", usual.supply_rate)?,
            borrow_rate: fields.or("borrow_rate", usual.borrow_rate)?,
            time: fields.optional("time")?,
            file: usual.file,
        })
    }

    /// The rates in it, which have to last as long as `needed`.
    pub(super) fn load(&self, folder: &Path, needed: SimDuration, path: &KeyPath) -> Checked<RateHistory> {
        let full = folder.join(&self.file);
        let bytes = std::fs::read(&full).map_err(|error| {
            Problem::new(path.key("file"), format!("cannot read {}: {error}", full.display()))
                .with_found(format!("{:?}", self.file))
                .with_expected("a CSV file; a relative path starts from the folder of the study file")
                .with_example("file = \"aave.csv\"")
                .with_cause(error)
        })?;
        let wrong = |key: &'static str, message: String| {
            let found = match key {
                "supply_rate" => &self.supply_rate,
                "borrow_rate" => &self.borrow_rate,
                "time" => self.time.as_ref().unwrap_or(&self.file),
                _ => &self.file,
            };
            Problem::new(path.key(key), format!("{}: {message}", full.display()))
                .with_found(format!("{found:?}"))
                .with_expected("a CSV file with a header, a column of times, and two of rates, as fractions per year")
                .with_example("block_timestamp,liquidity_rate,variable_borrow_rate")
        };
        // Only a column that is not there is the column's fault.
        let refused = |key: &'static str| {
            move |error: PathError| {
                let key = if let PathError::NoColumn { .. } = error { key } else { "file" };
                wrong(key, error.to_string()).with_cause(error)
            }
        };
        let time_key = if self.time.is_some() { "time" } else { "file" };
        let times = read_times(&*bytes, self.time.as_deref()).map_err(refused(time_key))?;
        let supply = read_column(&*bytes, &self.supply_rate).map_err(refused("supply_rate"))?;
        let borrow = read_column(&*bytes, &self.borrow_rate).map_err(refused("borrow_rate"))?;
        let nanos = times.iter().map(|time| since(times[0], *time)).collect();
        let history =
            RateHistory::new(nanos, supply, borrow).map_err(|error| wrong("file", error.to_string()).with_cause(error))?;
        let covers = SimDuration::from_nanos(history.span().1);
        if covers < needed {
            return Err(wrong("file", format!("it covers {covers}, less than the {needed} of the study and its warm-up"))
                .with_expected(format!("{needed} of rates, or a shorter horizon"))
                .with_example(format!("horizon = \"{covers}\"")));
        }
        Ok(history)
    }
}

/// Nanoseconds from one time to a later one.
fn since(from: UtcTime, to: UtcTime) -> u64 {
    to.as_nanos().abs_diff(from.as_nanos())
}
