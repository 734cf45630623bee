//! What a program brings along.

use std::fmt::Debug;
use std::sync::Arc;

use serde::ser::{Serialize, SerializeStruct, Serializer};

/// A price model, pool, agent or strategy of a program's own. In a resolved study it stands as `model = "..."`, its
/// `Debug` form, which documents the run but cannot be read back.
#[derive(Debug)]
pub struct Custom<M: ?Sized> {
    model: Arc<M>,
}

impl<M: ?Sized> Custom<M> {
    /// This model.
    pub fn new(model: Arc<M>) -> Self {
        Self { model }
    }

    /// The model.
    pub fn model(&self) -> &Arc<M> {
        &self.model
    }
}

impl<M: ?Sized> Clone for Custom<M> {
    fn clone(&self) -> Self {
        Self { model: Arc::clone(&self.model) }
    }
}

/// The very same model.
impl<M: ?Sized> PartialEq for Custom<M> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.model, &other.model)
    }
}

impl<M: ?Sized + Debug> Serialize for Custom<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Custom", 1)?;
        object.serialize_field("model", &format!("{:?}", self.model))?;
        object.end()
    }
}
