//! The returns of a file, resampled.

use std::sync::Arc;

use cenote_paths::{PriceModel, StationaryBootstrap};
use cenote_units::{SimDuration, TokenAmount};
use serde::Serialize;

use super::history::{COLUMN, FILE, HistoryFile, JOINT};
use super::{INITIAL, Process, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::joint::Joint;
use crate::spec::{StudySpec, joint_stream};

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
    /// The name under which it resamples jointly with others, hour by hour; without it, it goes its own way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joint: Option<String>,
}

pub(super) const KEYS: &[Key] = &[INITIAL, FILE, COLUMN, Key::new("mean_block", "\"3d\""), JOINT];

impl StationaryBootstrapSpec {
    /// A stationary bootstrap.
    pub fn new(initial: TokenAmount, history: HistoryFile, mean_block: SimDuration) -> Self {
        Self { initial, history, mean_block, joint: None }
    }

    /// Resampled jointly with all others of this name.
    pub fn joint(mut self, name: impl Into<String>) -> Self {
        self.joint = Some(name.into());
        self
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            initial: fields.required("initial")?,
            history: HistoryFile::read(fields)?,
            mean_block: fields.required("mean_block")?,
            joint: fields.optional("joint")?,
        })
    }
}

impl Process for StationaryBootstrapSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn joint(&self) -> Option<Joint<'_>> {
        let name = self.joint.as_deref()?;
        Some(Joint {
            name,
            blocks: format!("stationary-bootstrap with mean_block = \"{}\"", self.mean_block),
            history: &self.history,
        })
    }

    fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let history = self.history.load(&study.folder, path)?;
        let model =
            StationaryBootstrap::new(&history, self.mean_block, self.initial.to_f64()).map_err(|error| refused(path, error))?;
        Ok(match &self.joint {
            Some(name) => model.joint(&joint_stream(name)),
            None => model,
        }
        .into())
    }
}

impl From<StationaryBootstrapSpec> for super::ProcessSpec {
    fn from(process: StationaryBootstrapSpec) -> Self {
        Self::StationaryBootstrap(process)
    }
}
