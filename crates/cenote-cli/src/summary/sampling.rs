//! What sampling and control variates saved, or cost.

use cenote_study::stats::{Estimate, VarianceReduction};
use cenote_study::{PositionMetric, SamplingSpec};

use super::Summary;
use crate::number::{estimate, grouped};
use crate::table::Table;

/// The means that the table speaks of.
const METRICS: [PositionMetric; 2] = [PositionMetric::NetReturn, PositionMetric::ExcessReturn];
/// How many of the metrics that fared worse are named.
const MOST_NAMED: usize = 3;
/// Beyond so many paths nobody counts.
const COUNTLESS: f64 = 1e12;

impl Summary<'_> {
    /// For every position the variance of its means over that of plain Monte Carlo, for a study that does anything about it.
    pub(super) fn sampling(&self) -> Option<Table> {
        let mut table =
            Table::new(self.method()?, ["position", "mean of", "variance ratio", "worth plain paths", ""]).with_texts(2);
        for name in self.position_names() {
            for metric in METRICS {
                let reduction = self.position(name, metric).and_then(|distribution| distribution.variance_reduction.as_ref());
                // A mean that does not vary has nothing to save.
                if let Some(reduction) = reduction.filter(|reduction| reduction.ratio.is_finite()) {
                    table.row(row(name, metric.name(), reduction, f64::from(self.study.spec().paths)));
                }
            }
        }
        (!table.is_empty()).then_some(table)
    }

    /// The means that plain Monte Carlo would have known better.
    pub(super) fn hurt(&self) -> Option<String> {
        let reduction = |summary: &cenote_study::stats::Summary| {
            summary.variance_reduction.as_ref().filter(|saved| saved.hurts()).map(|saved| saved.ratio)
        };
        let mut hurt: Vec<(String, f64)> =
            self.result.summaries().filter_map(|(key, summary)| Some((key.to_string(), reduction(summary)?))).collect();
        if hurt.is_empty() {
            return None;
        }
        hurt.sort_by(|a, b| b.1.total_cmp(&a.1));
        let named: Vec<String> = hurt
            .iter()
            .take(MOST_NAMED)
            .map(|(name, ratio)| format!("{name} ({} times the variance)", grouped(*ratio, 2)))
            .collect();
        let more = hurt.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Some(format!(
            "Sampling hurts where plain Monte Carlo on as many paths would know means better: {}{more}.",
            named.join(", ")
        ))
    }

    fn method(&self) -> Option<String> {
        let spec = self.study.spec();
        let paths = usize::try_from(spec.paths).unwrap_or(usize::MAX);
        let count = |n: usize| grouped(f64::from(u32::try_from(n).unwrap_or(u32::MAX)), 0);
        let groups = spec.sampling.grouping().groups(paths);
        let method = match spec.sampling {
            SamplingSpec::Independent => None,
            SamplingSpec::Antithetic => Some(format!("{} antithetic pairs", count(groups))),
            method => Some(format!("{} {} sets of {} paths", count(groups), method.name(), count(paths / groups.max(1)))),
        };
        let controls: Vec<String> = spec.control_variates.iter().map(ToString::to_string).collect();
        let controls = (!controls.is_empty()).then(|| format!("control variates {}", controls.join(", ")));
        let what = method.into_iter().chain(controls).reduce(|method, controls| format!("{method}, {controls}"))?;
        Some(format!("Sampling: {what}; variance of a mean over that of plain Monte Carlo on as many paths"))
    }
}

fn row(name: &str, metric: &str, reduction: &VarianceReduction, paths: f64) -> [String; 5] {
    let ratio = Estimate { mean: reduction.ratio, standard_error: reduction.standard_error };
    let worth = paths / reduction.ratio;
    let verdict = if reduction.hurts() {
        "hurts"
    } else if reduction.ratio + 2.0 * reduction.standard_error >= 1.0 {
        "no gain to be told"
    } else {
        "saves"
    };
    let worth = if worth < COUNTLESS { grouped(worth, 0) } else { "any number".to_owned() };
    [name.to_owned(), metric.to_owned(), estimate(&ratio, 1.0, ""), worth, verdict.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_a_ratio_is_worth() {
        let row = |ratio, standard_error| {
            row("x", "net_return", &VarianceReduction { ratio, standard_error, uncontrolled: None, coefficients: vec![] }, 10_000.0)
        };
        assert_eq!(row(0.14785, 0.0014)[2..], ["0.1479 ± 0.0014", "67,636", "saves"]);
        assert_eq!(row(1.9, 0.05)[2..], ["1.900 ± 0.050", "5,263", "hurts"]);
        assert_eq!(row(0.9, 0.2)[3..], ["11,111", "no gain to be told"]);
        assert_eq!(row(1e-30, 1e-31)[3..], ["any number", "saves"]);
    }
}
