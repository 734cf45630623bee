//! What went wrong, by risk.

use cenote_study::RiskMetric;
use cenote_study::stats::Summary as Distribution;

use super::Summary;
use crate::number::{estimate, probability};
use crate::table::Table;

/// What is said of a risk, metric by metric.
const COLUMNS: &[(&str, RiskMetric)] =
    &[("lost", RiskMetric::LostTo), ("of it paid back", RiskMetric::PaidBack), ("cost besides", RiskMetric::CostOf)];

impl Summary<'_> {
    /// A row for every position and every risk or bridge that did something to it on some path.
    pub(super) fn risks(&self) -> Option<Table> {
        let sources: Vec<String> = self.study.spec().risk_sources().map(|(source, _)| source).collect();
        let means = |name: &str, source: &str| {
            COLUMNS.iter().map(|&(_, metric)| self.by_risk(name, source, metric)).collect::<Vec<Option<&Distribution>>>()
        };
        let happened = |distribution: &&Distribution| distribution.min != 0.0 || distribution.max != 0.0;
        let mut rows = Vec::new();
        for name in self.position_names() {
            for source in &sources {
                let (hits, means) = (self.by_risk(name, source, RiskMetric::HitBy), means(name, source));
                if hits.iter().chain(means.iter().flatten()).any(happened) {
                    rows.push((name, source, hits, means));
                }
            }
        }
        if rows.is_empty() {
            return None;
        }
        let shown: Vec<usize> =
            (0..COLUMNS.len()).filter(|&i| rows.iter().any(|(.., means)| means[i].as_ref().is_some_and(happened))).collect();
        let title =
            format!("What went wrong: paths on which it struck, and the mean over all paths, in {}", self.study.spec().numeraire);
        let header = ["position", "by", "struck"].into_iter().chain(shown.iter().map(|&i| COLUMNS[i].0));
        let mut table = Table::new(title, header).with_texts(2);
        let mut before = None;
        for (name, source, hits, means) in rows {
            // A name once.
            let owner = if before == Some(name) { "" } else { name };
            before = Some(name);
            let struck = hits.map_or_else(String::new, |hits| probability(&hits.probability_positive));
            let numbers = shown.iter().map(|&i| means[i].map_or_else(String::new, |mean| estimate(&mean.mean, 1.0, "")));
            table.row([owner.to_owned(), source.clone(), struck].into_iter().chain(numbers));
        }
        Some(table)
    }

    fn by_risk(&self, name: &str, source: &str, metric: RiskMetric) -> Option<&Distribution> {
        self.result.position(name, &format!("{metric}.{source}")).ok()
    }
}
