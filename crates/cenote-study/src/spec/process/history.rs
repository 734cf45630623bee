//! The prices of a file.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use cenote_paths::{PriceHistory, PriceModel, Replay};
use cenote_units::TokenAmount;
use serde::Serialize;

use super::{INITIAL, Process, refused};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// A CSV file of prices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryFile {
    /// The file; a relative path starts from the folder of the study file.
    pub file: String,
    /// The column that holds the prices; without one it is `close`, or else `price`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

pub(super) const FILE: Key = Key::new("file", "\"prices.csv\"");
pub(super) const JOINT: Key = Key::new("joint", "\"markets\"");
pub(super) const COLUMN: Key = Key::new("column", "\"close\"");

impl HistoryFile {
    /// A file, with the name of its price column if that is neither `close` nor `price`.
    pub fn new(file: impl Into<String>, column: Option<&str>) -> Self {
        Self { file: file.into(), column: column.map(str::to_owned) }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { file: fields.required("file")?, column: fields.optional("column")? })
    }

    /// The prices in it.
    pub(in crate::spec) fn load(&self, folder: &Path, path: &KeyPath) -> Checked<PriceHistory> {
        let full = folder.join(&self.file);
        let file = File::open(&full).map_err(|error| {
            Problem::new(path.key("file"), format!("cannot read {}: {error}", full.display()))
                .with_found(format!("{:?}", self.file))
                .with_expected("a CSV file; a relative path starts from the folder of the study file")
                .with_example("file = \"prices.csv\"")
                .with_cause(error)
        })?;
        PriceHistory::read_csv(BufReader::new(file), self.column.as_deref()).map_err(|error| {
            let key = match error {
                cenote_paths::PathError::NoColumn { .. } if self.column.is_some() => "column",
                _ => "file",
            };
            Problem::new(path.key(key), format!("{}: {error}", full.display()))
                .with_found(if key == "column" { self.column.clone().unwrap_or_default() } else { self.file.clone() })
                .with_expected("a CSV file with a header, a time column and a price column")
                .with_example("timestamp,close")
                .with_cause(error)
        })
    }
}

/// `{ process = "history", file = "prices.csv", column = "close" }`: the prices of the file as they were, the first row
/// being the start. With `initial` they are scaled to begin there.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistorySpec {
    /// The prices.
    #[serde(flatten)]
    pub history: HistoryFile,
    /// The price of one token at the start, in the numeraire or another token; without it, that of the first row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial: Option<TokenAmount>,
}

pub(super) const KEYS: &[Key] = &[FILE, COLUMN, INITIAL];

impl HistorySpec {
    /// The prices of a file as they are.
    pub fn new(history: HistoryFile) -> Self {
        Self { history, initial: None }
    }

    /// The prices scaled to begin at `initial`.
    pub fn initial(mut self, initial: TokenAmount) -> Self {
        self.initial = Some(initial);
        self
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { history: HistoryFile::read(fields)?, initial: fields.optional("initial")? })
    }
}

impl Process for HistorySpec {
    fn initial(&self) -> Option<&TokenAmount> {
        self.initial.as_ref()
    }

    fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let history = self.history.load(&study.folder, path)?;
        let replay = Replay::new(&history);
        let replay = match &self.initial {
            Some(initial) => replay.with_initial(initial.to_f64()).map_err(|error| refused(path, error))?,
            None => replay,
        };
        Ok(replay.into())
    }
}

impl From<HistorySpec> for super::ProcessSpec {
    fn from(process: HistorySpec) -> Self {
        Self::History(process)
    }
}
