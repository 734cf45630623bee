//! Where a position's result comes from, in a row that adds up.

use cenote_study::{MetricSelection, PositionMetric};

use super::Summary;
use crate::number::{decimals, signed};
use crate::table::Table;

/// The terms of final value less deposit, each with its sign (see [`PositionMetric::Price`]).
const TERMS: &[(&str, f64, PositionMetric)] = &[
    ("price", 1.0, PositionMetric::Price),
    ("LVR", -1.0, PositionMetric::LossVersusRebalancing),
    ("fees", 1.0, PositionMetric::FeesBooked),
    ("rewards", 1.0, PositionMetric::Rewards),
    ("interest", 1.0, PositionMetric::Interest),
    ("hedge", 1.0, PositionMetric::Hedge),
    ("gas", -1.0, PositionMetric::Gas),
    ("trading costs", -1.0, PositionMetric::TradingCosts),
    ("exploits", -1.0, PositionMetric::LostToExploit),
];

/// Digits finer than this part of the deposit are noise to a reader, however well they are known.
const FINEST: f64 = 1e-6;

/// A position's result and its terms: means over all paths.
struct Row<'a> {
    name: &'a str,
    terms: Vec<f64>,
    result: f64,
}

impl Summary<'_> {
    /// Mean of every term that is not zero throughout. Shown if all terms were computed: a row with a gap adds up to
    /// nothing.
    pub(super) fn attribution(&self) -> Option<Table> {
        if !explains(self.metrics()) {
            return None;
        }
        let mean = |name, metric| self.position(name, metric).map_or(f64::NAN, |distribution| distribution.mean.mean);
        let rows: Vec<Row<'_>> = self
            .position_names()
            .map(|name| Row {
                name,
                terms: TERMS.iter().map(|&(_, sign, metric)| sign * mean(name, metric)).collect(),
                result: mean(name, PositionMetric::FinalValue) - mean(name, PositionMetric::DepositValue),
            })
            .collect();
        let columns: Vec<usize> = (0..TERMS.len()).filter(|&i| rows.iter().any(|row| row.terms[i] != 0.0)).collect();
        if columns.is_empty() {
            return None;
        }
        let decimals = self.resolution();
        let header = ["position"].into_iter().chain(columns.iter().map(|&i| TERMS[i].0)).chain(["= result"]);
        let title = format!("Where it comes from: mean over all paths, in {}", self.study.spec().numeraire);
        let mut table = Table::new(title, header);
        for row in &rows {
            let (terms, result) = adding_up(&row.terms, row.result, decimals);
            let numbers = columns.iter().map(|&i| terms[i]).chain([result]).map(|x| signed(x, decimals));
            table.row([row.name.to_owned()].into_iter().chain(numbers));
        }
        Some(table)
    }

    /// How many decimals show a digit of the term that is known best.
    fn resolution(&self) -> usize {
        let mut finest = f64::INFINITY;
        let mut deposit = f64::INFINITY;
        for name in self.position_names() {
            deposit = deposit.min(self.position(name, PositionMetric::DepositValue).map_or(f64::INFINITY, |value| value.min));
            for &(_, _, metric) in TERMS {
                let error = self.position(name, metric).map_or(0.0, |distribution| distribution.mean.standard_error);
                if error > 0.0 && error < finest {
                    finest = error;
                }
            }
        }
        decimals(finest.max(FINEST * deposit), 1, 2)
    }
}

/// Whether every term is computed.
pub(super) fn explains(metrics: &MetricSelection) -> bool {
    let whole = [PositionMetric::FinalValue, PositionMetric::DepositValue];
    TERMS.iter().map(|&(_, _, metric)| metric).chain(whole).all(|metric| metrics.positions().contains(&metric))
}

/// Whether the table above speaks of this metric.
pub(super) fn speaks_of(metric: PositionMetric) -> bool {
    TERMS.iter().any(|&(_, _, term)| term == metric) || matches!(metric, PositionMetric::FinalValue | PositionMetric::DepositValue)
}

/// The terms and their sum, rounded such that a reader who adds up the row gets the sum: what rounding leaves goes to the
/// largest term, where it matters least.
fn adding_up(terms: &[f64], result: f64, decimals: usize) -> (Vec<f64>, f64) {
    let scale = (0..decimals).fold(1.0, |scale, _| 10.0 * scale);
    let rounded = |x: f64| (x * scale).round();
    let mut units: Vec<f64> = terms.iter().copied().map(rounded).collect();
    let left = rounded(result) - units.iter().sum::<f64>();
    // Each of the terms and the result is off by half a unit at most; more than that is no rounding, and stays to be seen.
    let most = 0.5 * f64::from(u8::try_from(terms.len() + 1).unwrap_or(u8::MAX));
    let largest = (0..units.len()).max_by(|&i, &j| units[i].abs().total_cmp(&units[j].abs()));
    if let Some(largest) = largest.filter(|_| left.abs() <= most) {
        units[largest] += left;
    }
    (units.into_iter().map(|x| x / scale).collect(), rounded(result) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_goes_to_the_largest_term() {
        assert_eq!(adding_up(&[-475.4, -8023.4, 8850.4], 351.6, 0), (vec![-475.0, -8023.0, 8850.0], 352.0));
        assert_eq!(adding_up(&[1.04, 2.04, 9.04], 12.12, 1), (vec![1.0, 2.0, 9.1], 12.1));
        // No rounding explains this, and none hides it.
        assert_eq!(adding_up(&[1.0, 2.0], 13.0, 0), (vec![1.0, 2.0], 13.0));
    }
}
