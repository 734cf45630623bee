//! Events that befall several prices at once: `[events.NAME]`.

use cenote_paths::SharedEvents;
use cenote_units::Frequency;
use serde::Serialize;

use super::check::unknown;
use super::{StudySpec, events_stream};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};

/// `[events.crash]`, `rate = "2 per year"`: times, of a Poisson process, at which prices may jump together. What each of them does
/// then, and with what probability, its own process says: `jumps = { shared = "crash", probability = "80%", ... }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventsSpec {
    /// Their name: that of the table.
    #[serde(skip)]
    pub name: String,
    /// Expected events per time.
    pub rate: Frequency,
}

const KEYS: &[Key] = &[Key::new("rate", "\"2 per year\"")];

impl EventsSpec {
    /// Events that come this often.
    pub fn new(name: impl Into<String>, rate: Frequency) -> Self {
        Self { name: name.into(), rate }
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        Ok(Self { name: name.to_owned(), rate: fields.required("rate")? })
    }

    pub(super) fn path(&self) -> KeyPath {
        KeyPath::root().key("events").key(&self.name)
    }

    pub(super) fn check(&self) -> Checked<()> {
        self.shared().map(|_| ())
    }

    /// The events themselves.
    fn shared(&self) -> Checked<SharedEvents> {
        SharedEvents::new(&events_stream(&self.name), self.rate).map_err(|error| {
            Problem::new(self.path().key("rate"), error.to_string())
                .with_found(self.rate.to_string())
                .with_expected("at most 1,000,000 events per year")
                .with_example("rate = \"2 per year\"")
                .with_cause(error)
        })
    }
}

impl StudySpec {
    /// The events that somebody takes part in, who stands at `path`.
    pub(super) fn require_events(&self, name: &str, path: &KeyPath) -> Checked<(&EventsSpec, SharedEvents)> {
        let events = self.events.iter().find(|events| events.name == name);
        let events = events.ok_or_else(|| unknown("event", name, path, self.events.iter().map(|events| events.name.as_str())))?;
        Ok((events, events.shared()?))
    }
}
