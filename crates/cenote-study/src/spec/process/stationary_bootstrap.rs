//! The returns of a file, resampled.

use std::path::Path;
use std::sync::Arc;

use cenote_paths::{PriceModel, StationaryBootstrap};
use cenote_units::{SimDuration, TokenAmount};
use serde::Serialize;

use super::history::{COLUMN, FILE, HistoryFile};
use super::{INITIAL, Process, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};

/// `{ process = "stationary-bootstrap", file = "prices.csv", column = "close", mean_block = "3d", initial = "2000 USDC" }`:
/// log returns of the file in blocks of geometric length (Politis and Romano, 1994).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StationaryBootstrapSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// Where the returns come from.
    #[serde(flatten)]
    pub history: HistoryFile,
    /// Mean length of a block.
    pub mean_block: SimDuration,
}

pub(super) const KEYS: &[Key] = &[INITIAL, FILE, COLUMN, Key::new("mean_block", "\"3d\"")];

impl StationaryBootstrapSpec {
    /// A stationary bootstrap.
    pub fn new(initial: TokenAmount, history: HistoryFile, mean_block: SimDuration) -> Self {
        Self { initial, history, mean_block }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            initial: fields.required("initial")?,
            history: HistoryFile::read(fields)?,
            mean_block: fields.required("mean_block")?,
        })
    }
}

impl Process for StationaryBootstrapSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, folder: &Path, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let history = self.history.load(folder, path)?;
        let model =
            StationaryBootstrap::new(&history, self.mean_block, self.initial.to_f64()).map_err(|error| refused(path, error))?;
        Ok(Arc::new(model))
    }
}

impl From<StationaryBootstrapSpec> for super::ProcessSpec {
    fn from(process: StationaryBootstrapSpec) -> Self {
        Self::StationaryBootstrap(process)
    }
}
