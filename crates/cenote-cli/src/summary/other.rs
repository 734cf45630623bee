//! What a study asks for and no other table shows.

use cenote_study::stats::Summary as Distribution;
use cenote_study::{MetricSelection, MetricUnit, PositionMetric};

use super::positions::quantile_error;
use super::{Summary, attribution, display_unit, pools};
use crate::number::{decimals, estimate, grouped};
use crate::table::Table;

impl Summary<'_> {
    /// A row per metric, for a study that chooses its metrics. One that computes everything has all of it in its files.
    pub(super) fn other(&self) -> Option<Table> {
        let metrics = self.metrics();
        if *metrics == MetricSelection::all() {
            return None;
        }
        let explained = attribution::explains(metrics);
        let mut table = Table::new("Also asked for", ["of", "metric", "mean", "5%", "median", "95%"]).with_texts(2);
        for name in self.position_names() {
            for &metric in metrics.positions() {
                let elsewhere = matches!(metric, PositionMetric::NetReturn | PositionMetric::ExcessReturn)
                    || (explained && attribution::speaks_of(metric));
                if let Some(distribution) = self.position(name, metric).filter(|_| !elsewhere) {
                    table.row(row(name, metric.name(), metric.unit(), distribution));
                }
            }
        }
        for name in self.pool_names() {
            for &metric in metrics.pools() {
                if let Some(distribution) = self.pool(name, metric).filter(|_| !pools::speaks_of(metric)) {
                    table.row(row(name, metric.name(), metric.unit(), distribution));
                }
            }
        }
        (!table.is_empty()).then_some(table)
    }
}

fn row(name: &str, metric: &str, unit: MetricUnit, distribution: &Distribution) -> Vec<String> {
    let (scale, suffix) = display_unit(unit);
    let quantile = |p| {
        distribution.quantile(p).map_or_else(String::new, |quantile| {
            let decimals = decimals(scale * quantile_error(quantile), 1, if unit == MetricUnit::Count { 0 } else { 2 });
            grouped(scale * quantile.value, decimals) + suffix
        })
    };
    vec![
        name.to_owned(),
        metric.to_owned(),
        estimate(&distribution.mean, scale, suffix),
        quantile(0.05),
        quantile(0.5),
        quantile(0.95),
    ]
}
