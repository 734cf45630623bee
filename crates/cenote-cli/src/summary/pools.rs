//! What goes on in the pools.

use cenote_study::PoolMetric;

use super::{Summary, display_unit};
use crate::number::estimate;
use crate::table::Table;

/// The columns, as far as they are computed.
const COLUMNS: &[(&str, PoolMetric)] = &[
    ("volume", PoolMetric::VolumeRate),
    ("fees", PoolMetric::FeesRate),
    ("LVR", PoolMetric::LossVersusRebalancingRate),
    ("arbitrage profit", PoolMetric::ArbitrageProfitRate),
    ("blocks with arbitrage", PoolMetric::ArbitrageTradeRate),
];

impl Summary<'_> {
    /// Rates per day and the share of blocks with arbitrage.
    pub(super) fn pools(&self) -> Option<Table> {
        let columns: Vec<_> = COLUMNS.iter().filter(|(_, metric)| self.metrics().pools().contains(metric)).collect();
        if columns.is_empty() || self.pool_names().next().is_none() {
            return None;
        }
        let header = ["pool"].into_iter().chain(columns.iter().map(|(title, _)| *title));
        let mut table = Table::new("Pools: per day, in basis points of the pool's value", header);
        for name in self.pool_names() {
            let numbers = columns.iter().map(|&&(_, metric)| {
                let (scale, unit) = display_unit(metric.unit());
                // The title says what the rates are in.
                let unit = if unit == "%" { unit } else { "" };
                self.pool(name, metric).map_or_else(String::new, |distribution| estimate(&distribution.mean, scale, unit))
            });
            table.row([name.to_owned()].into_iter().chain(numbers));
        }
        Some(table)
    }
}

/// Whether the table above speaks of this metric.
pub(super) fn speaks_of(metric: PoolMetric) -> bool {
    COLUMNS.iter().any(|&(_, column)| column == metric)
}
