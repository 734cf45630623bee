//! What each position returns.

use cenote_study::PositionMetric;
use cenote_study::stats::{Levels, Quantile, Summary as Distribution};

use super::Summary;
use crate::number::{decimals, estimate, level, percent, probability};
use crate::table::Table;

/// The tail whose mean is shown.
const TAIL: f64 = 0.05;
/// The quantiles that are shown when there are many.
const QUANTILES: [f64; 3] = [0.05, 0.5, 0.95];
/// How many quantiles of a study's own fit into a table.
const MOST_QUANTILES: usize = 5;

impl Summary<'_> {
    /// Return, its distribution, and how often it is a loss or better than holding.
    pub(super) fn positions(&self) -> Option<Table> {
        let net = |name| self.position(name, PositionMetric::NetReturn);
        let excess = |name| self.position(name, PositionMetric::ExcessReturn);
        let first = self.position_names().next()?;
        let (has_net, has_excess) = (net(first).is_some(), excess(first).is_some());
        if !has_net && !has_excess {
            return None;
        }
        let quantiles = shown(&self.study.spec().levels);
        let mut header = vec!["position".to_owned()];
        if has_net {
            header.push("net return".to_owned());
            header.extend(quantiles.iter().map(|&p| if p == 0.5 { "median".to_owned() } else { level(p) }));
            header.extend([format!("ES {}", level(TAIL)), "P(loss)".to_owned()]);
        }
        if has_excess {
            header.push("P(beats hold)".to_owned());
        }
        let title = match (has_net, quantiles.is_empty()) {
            (false, _) => "Positions".to_owned(),
            (_, true) => format!("Positions: mean ± standard error, mean of the worst {} of paths (ES)", level(TAIL)),
            _ => format!("Positions: mean ± standard error, quantiles, mean of the worst {} of paths (ES)", level(TAIL)),
        };
        let digits = self.position_names().filter_map(net).map(|net| resolution(net, &quantiles)).max().unwrap_or_default();
        let mut table = Table::new(title, header);
        for name in self.position_names() {
            let mut row = vec![name.to_owned()];
            if let Some(net) = net(name) {
                row.push(estimate(&net.mean, 100.0, "%"));
                row.extend(quantiles.iter().map(|&p| net.quantile(p).map_or_else(String::new, |q| percent(q.value, digits))));
                let tail = net.shortfall(TAIL).map_or_else(String::new, |tail| percent(tail.value, digits));
                row.extend([tail, probability(&net.probability_negative)]);
            }
            if let Some(excess) = excess(name) {
                // Holding does not beat itself.
                let is_hold = excess.min == 0.0 && excess.max == 0.0;
                row.push(if is_hold { "-".to_owned() } else { probability(&excess.probability_positive) });
            }
            table.row(row);
        }
        Some(table)
    }
}

/// Which of the levels of a study are shown: the usual ones if they are there, otherwise what it asks for.
fn shown(levels: &Levels) -> Vec<f64> {
    let all = levels.quantiles();
    let usual = QUANTILES.iter().all(|p| all.contains(p));
    if usual { QUANTILES.to_vec() } else { all.iter().copied().take(MOST_QUANTILES).collect() }
}

/// A quarter of the 95% interval is about one standard error.
pub(super) fn quantile_error(quantile: &Quantile) -> f64 {
    (quantile.high - quantile.low) / 4.0
}

/// How many decimals show a digit of the best known of these numbers, in percent.
fn resolution(distribution: &Distribution, quantiles: &[f64]) -> usize {
    let quantiles = quantiles.iter().filter_map(|&p| distribution.quantile(p)).map(quantile_error);
    let errors = quantiles.chain(distribution.shortfall(TAIL).map(|tail| tail.standard_error));
    errors.map(|error| decimals(100.0 * error, 1, 0)).max().unwrap_or_default()
}
