//! The returns of a file, resampled in blocks of one length.

use std::sync::Arc;

use cenote_paths::{CircularBootstrap, PriceModel};
use cenote_units::{SimDuration, TokenAmount};
use serde::Serialize;

use super::history::{COLUMN, FILE, HistoryFile, JOINT};
use super::{INITIAL, Process, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::joint::Joint;
use crate::spec::{StudySpec, joint_stream};

/// `{ process = "circular-bootstrap", file = "prices.csv", column = "close", block = "3d", initial = "2000 USDC" }`: log
/// returns of the file in blocks of a fixed length (Politis and Romano, 1992).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CircularBootstrapSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// Where the returns come from.
    #[serde(flatten)]
    pub history: HistoryFile,
    /// Length of a block, a whole number of the file's intervals.
    pub block: SimDuration,
    /// The name under which it resamples jointly with others, hour by hour; without it, it goes its own way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joint: Option<String>,
}

pub(super) const KEYS: &[Key] = &[INITIAL, FILE, COLUMN, Key::new("block", "\"3d\""), JOINT];

impl CircularBootstrapSpec {
    /// A circular block bootstrap.
    pub fn new(initial: TokenAmount, history: HistoryFile, block: SimDuration) -> Self {
        Self { initial, history, block, joint: None }
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
            block: fields.required("block")?,
            joint: fields.optional("joint")?,
        })
    }
}

impl Process for CircularBootstrapSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn joint(&self) -> Option<Joint<'_>> {
        let name = self.joint.as_deref()?;
        Some(Joint { name, blocks: format!("circular-bootstrap with block = \"{}\"", self.block), history: &self.history })
    }

    fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let history = self.history.load(&study.folder, path)?;
        let model = CircularBootstrap::new(&history, self.block, self.initial.to_f64()).map_err(|error| refused(path, error))?;
        Ok(match &self.joint {
            Some(name) => model.joint(&joint_stream(name)),
            None => model,
        }
        .into())
    }
}

impl From<CircularBootstrapSpec> for super::ProcessSpec {
    fn from(process: CircularBootstrapSpec) -> Self {
        Self::CircularBootstrap(process)
    }
}
