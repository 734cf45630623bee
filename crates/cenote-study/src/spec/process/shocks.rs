//! Stresses at known times, on top of any process.

use std::sync::Arc;

use cenote_paths::{PriceModel, Shock, Shocked};
use cenote_units::{Fraction, SimDuration, TokenAmount};
use serde::ser::{Error, Serialize, Serializer};
use serde_json::Value;

use super::{Process, ProcessSpec, refused};
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Item, Key};
use crate::spec::StudySpec;
use crate::spec::joint::Joint;

/// Any process with the key `shocks = [{ at = "30d", size = "-40%", over = "6h" }]`.
#[derive(Debug, Clone)]
pub struct ShockedSpec {
    /// The process without shocks.
    pub process: Box<ProcessSpec>,
    /// What it is multiplied by.
    pub shocks: Vec<ShockSpec>,
}

/// `{ at = "30d", size = "-40%", over = "6h" }`: from the time `at` on, and within `over`, the price is multiplied by 1 + size.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct ShockSpec {
    /// When it begins, after the start.
    pub at: SimDuration,
    /// What is added to the price, as a fraction of it.
    pub size: Fraction,
    /// How long it takes; without it, it comes at once.
    pub over: SimDuration,
}

pub(super) const SHOCKS: Key = Key::new("shocks", "[{ at = \"30d\", size = \"-40%\", over = \"6h\" }]");
const SHOCK_KEYS: &[Key] = &[Key::new("at", "\"30d\""), Key::new("size", "\"-40%\""), Key::new("over", "\"6h\"")];

impl ShockedSpec {
    /// A process with shocks.
    pub fn new(process: impl Into<ProcessSpec>, shocks: Vec<ShockSpec>) -> Self {
        Self { process: Box::new(process.into()), shocks }
    }
}

impl ShockSpec {
    pub(super) fn read_all(item: &Item<'_>) -> Checked<Vec<Self>> {
        item.elements()?.iter().map(Self::read).collect()
    }

    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[SHOCK_KEYS])?;
        Ok(Self { at: fields.required("at")?, size: fields.required("size")?, over: fields.or("over", SimDuration::ZERO)? })
    }
}

/// The process as it is written, with one key more.
impl Serialize for ShockedSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Through a value: flattened, a process within a process would need infinitely many serializers.
        let process = serde_json::to_value(&self.process).map_err(S::Error::custom)?;
        let Value::Object(mut table) = process else { return Err(S::Error::custom("a process is written as a table")) };
        table.insert("shocks".to_owned(), serde_json::to_value(&self.shocks).map_err(S::Error::custom)?);
        table.serialize(serializer)
    }
}

impl Process for ShockedSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        self.process.initial()
    }

    fn joint(&self) -> Option<Joint<'_>> {
        self.process.joint()
    }

    fn model(&self, study: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        let mut model = self.process.model(study, path)?;
        // One by one, so that a refusal is of the one that is wrong.
        for (index, &ShockSpec { at, size, over }) in self.shocks.iter().enumerate() {
            let shocked = Shocked::new(model, &[Shock { at, size, over }]);
            model = shocked.map_err(|error| refused(&path.key("shocks").index(index), error))?.into();
        }
        Ok(model)
    }
}

impl From<ShockedSpec> for ProcessSpec {
    fn from(process: ShockedSpec) -> Self {
        Self::Shocked(process)
    }
}
