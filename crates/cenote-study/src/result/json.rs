//! A result as JSON.

use serde_json::{Map, Value, json};

use super::{StudyResult, Subject};
use crate::stats::Summary;

impl StudyResult {
    /// The result in the form that `cenote run --json` writes: `cenote` (the version), `study` (resolved), `seed`, `paths`,
    /// `elapsed_seconds`, `blocks`, `positions` and `pools`, each a table from name to metric to [`Summary`]. With control variates
    /// also `tokens`, where each is a metric whose [`Summary`] has its known mean, `expected`, beside it. What is not a number is
    /// `null`.
    pub fn to_json(&self) -> Value {
        let mut result = json!({
            "cenote": env!("CARGO_PKG_VERSION"),
            "study": self.study,
            "seed": self.seed,
            "paths": self.paths(),
            "elapsed_seconds": self.elapsed_seconds,
            "blocks": self.blocks,
            "positions": self.table(Subject::Position),
            "pools": self.table(Subject::Pool),
        });
        let mut tokens = self.table(Subject::Token);
        for (key, _, expected) in self.control_variates() {
            tokens[&key.name][&*key.metric]["expected"] = json!(expected);
        }
        if tokens.as_object().is_some_and(|tokens| !tokens.is_empty()) {
            result["tokens"] = tokens;
        }
        result
    }

    fn table(&self, subject: Subject) -> Value {
        let mut table = Map::new();
        for (key, summary) in self.summaries().filter(|(key, _)| key.subject == subject) {
            let metrics = table.entry(key.name.as_str()).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(metrics) = metrics {
                metrics.insert(key.metric.clone().into_owned(), object(summary));
            }
        }
        Value::Object(table)
    }
}

fn object(summary: &Summary) -> Value {
    serde_json::to_value(summary).expect("a summary has nothing but numbers in tables with textual keys")
}
