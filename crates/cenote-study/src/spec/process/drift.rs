//! `drift` or `log_drift`: the two keys for what a price does on average.

use cenote_paths::Drift;
use serde::ser::{SerializeMap, Serializer};

use crate::problem::Checked;
use crate::reader::{Fields, Key};

pub(super) const DRIFT: Key = Key::new("drift", "\"0%\"");
pub(super) const LOG_DRIFT: Key = Key::new("log_drift", "\"0%\"");

/// One of the two.
pub(super) fn read(fields: &Fields<'_>) -> Checked<Drift> {
    fields.one_of(("drift", &|item| item.read().map(Drift::Price)), ("log_drift", &|item| item.read().map(Drift::Log)))
}

/// As the key that it was written with, for a flattened field.
pub(super) fn serialize<S: Serializer>(drift: &Drift, serializer: S) -> Result<S::Ok, S::Error> {
    let (key, rate) = match drift {
        Drift::Price(rate) => ("drift", rate),
        Drift::Log(rate) => ("log_drift", rate),
    };
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, rate)?;
    map.end()
}
