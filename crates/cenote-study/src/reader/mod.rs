//! From TOML text to typed values, with every value knowing where it was written.
//!
//! A [`Document`] is a TOML file as a tree of nodes that remember their place in the text, or the `--set` override
//! which put them there. Types are read from it in a walk: a [`Table`] is opened with the [`Key`]s that it may have,
//! which makes [`Fields`]; a field is read as any type that implements `Read`. The walk knows paths
//! (`pools.main.fee`) and nothing of lines; [`Document::locate`] finds the line when there is something to complain about.
//! So the same checks serve studies that never were a file.

mod document;
mod nearest;
mod overrides;
mod source;
#[cfg(test)]
mod tests;
mod values;
mod walk;

pub(crate) use document::Document;
pub(crate) use nearest::{listed, nearest_of, suggestion};
pub(crate) use walk::{Fields, Item, Key, Kind, Table};
