//! A process that a program brings along.

use std::path::Path;
use std::sync::Arc;

use cenote_paths::PriceModel;
use cenote_units::TokenAmount;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Process;
use crate::key_path::KeyPath;
use crate::problem::Problem;

/// Any [`PriceModel`]. It appears in a resolved study as `{ process = "custom", model = "..." }`, which documents the
/// run but cannot be read back.
#[derive(Debug, Clone)]
pub struct CustomSpec {
    model: Arc<dyn PriceModel>,
}

impl CustomSpec {
    /// A process by its model.
    pub fn new(model: Arc<dyn PriceModel>) -> Self {
        Self { model }
    }
}

impl Process for CustomSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        None
    }

    fn model(&self, _: &Path, _: &KeyPath) -> Result<Arc<dyn PriceModel>, Box<Problem>> {
        Ok(Arc::clone(&self.model))
    }
}

impl Serialize for CustomSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("CustomSpec", 1)?;
        object.serialize_field("model", &format!("{:?}", self.model))?;
        object.end()
    }
}
