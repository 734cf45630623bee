//! A result as JSON.

use serde_json::{Map, Value, json};

use super::{StudyResult, Subject};
use crate::stats::Summary;

impl StudyResult {
    /// The result in the form that `cenote run --json` writes: `cenote` (the version), `study` (resolved), `seed`,
    /// `paths`, `elapsed_seconds`, `blocks`, `positions` and `pools`, each a table from name to metric to
    /// [`Summary`]. What is not a number is `null`.
    pub fn to_json(&self) -> Value {
        json!({
            "cenote": env!("CARGO_PKG_VERSION"),
            "study": self.study,
            "seed": self.seed,
            "paths": self.paths(),
            "elapsed_seconds": self.elapsed_seconds,
            "blocks": self.blocks,
            "positions": self.table(Subject::Position),
            "pools": self.table(Subject::Pool),
        })
    }

    fn table(&self, subject: Subject) -> Value {
        let mut table = Map::new();
        for (key, summary) in self.summaries().filter(|(key, _)| key.subject == subject) {
            let metrics = table.entry(key.name.as_str()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(metrics) = metrics {
                metrics.insert(key.metric.to_owned(), object(summary));
            }
        }
        Value::Object(table)
    }
}

fn object(summary: &Summary) -> Value {
    serde_json::to_value(summary).expect("a summary has nothing but numbers in tables with textual keys")
}
