//! Which of the metrics a study computes.

pub use cenote_sim::{MetricUnit, PoolMetric, PositionMetric, RiskMetric};
use serde::{Serialize, Serializer};

/// Which metrics a study computes. `metrics = [...]` in `[study]`; all of them unless it says otherwise.
///
/// A name that positions and pools both have (`fees`, `loss_versus_rebalancing`) selects it for both. That of a metric of risks selects it
/// for every risk and bridge there is: `lost_to` is `lost_to.NAME`, for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricSelection {
    positions: Vec<PositionMetric>,
    risks: Vec<RiskMetric>,
    pools: Vec<PoolMetric>,
}

impl MetricSelection {
    /// Everything there is.
    pub fn all() -> Self {
        Self { positions: PositionMetric::ALL.to_vec(), risks: RiskMetric::ALL.to_vec(), pools: PoolMetric::ALL.to_vec() }
    }

    /// These metrics, in the order of results whatever the order given.
    pub fn of(positions: &[PositionMetric], pools: &[PoolMetric]) -> Self {
        Self {
            positions: PositionMetric::ALL.iter().copied().filter(|metric| positions.contains(metric)).collect(),
            risks: Vec::new(),
            pools: PoolMetric::ALL.iter().copied().filter(|metric| pools.contains(metric)).collect(),
        }
    }

    /// These metrics of risks besides, in the order of results.
    #[must_use]
    pub fn by_risk(self, metrics: &[RiskMetric]) -> Self {
        Self { risks: RiskMetric::ALL.iter().copied().filter(|metric| metrics.contains(metric)).collect(), ..self }
    }

    /// The metrics of these names; `Err` with the place of the first name that is none.
    pub(crate) fn of_names<S: AsRef<str>>(names: &[S]) -> Result<Self, usize> {
        let known = metric_names();
        if let Some(unknown) = names.iter().position(|name| !known.contains(&name.as_ref())) {
            return Err(unknown);
        }
        let named = |metric: &str| names.iter().any(|name| name.as_ref() == metric);
        Ok(Self {
            positions: PositionMetric::ALL.iter().copied().filter(|metric| named(metric.name())).collect(),
            risks: RiskMetric::ALL.iter().copied().filter(|metric| named(metric.name())).collect(),
            pools: PoolMetric::ALL.iter().copied().filter(|metric| named(metric.name())).collect(),
        })
    }

    /// Metrics of every position, in the order of results.
    pub fn positions(&self) -> &[PositionMetric] {
        &self.positions
    }

    /// Metrics of every position by risk, in the order of results.
    pub fn risks(&self) -> &[RiskMetric] {
        &self.risks
    }

    /// Metrics of every pool, in the order of results.
    pub fn pools(&self) -> &[PoolMetric] {
        &self.pools
    }

    /// Names of all that are selected, each once.
    pub fn names(&self) -> Vec<&'static str> {
        let positions = self.positions.iter().map(|metric| metric.name());
        let mut names: Vec<&str> = positions.chain(self.risks.iter().map(|metric| metric.name())).collect();
        for metric in &self.pools {
            if !names.contains(&metric.name()) {
                names.push(metric.name());
            }
        }
        names
    }
}

impl Default for MetricSelection {
    fn default() -> Self {
        Self::all()
    }
}

impl Serialize for MetricSelection {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names().serialize(serializer)
    }
}

/// Names of all metrics, each once.
pub(crate) fn metric_names() -> Vec<&'static str> {
    MetricSelection::all().names()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_in_their_group_and_lead_back() {
        for (i, metric) in PositionMetric::ALL.iter().enumerate() {
            assert_eq!(PositionMetric::from_name(metric.name()), Some(*metric));
            assert!(PositionMetric::ALL[..i].iter().all(|other| other.name() != metric.name()));
            assert!(!metric.definition().is_empty());
        }
        for metric in PoolMetric::ALL {
            assert_eq!(PoolMetric::from_name(metric.name()), Some(*metric));
        }
        for metric in RiskMetric::ALL {
            assert_eq!(RiskMetric::from_name(metric.name()), Some(*metric));
            assert_eq!(PositionMetric::from_name(metric.name()), None);
        }
        assert_eq!((PositionMetric::ALL.len(), RiskMetric::ALL.len(), PoolMetric::ALL.len()), (34, 4, 15));
    }

    #[test]
    fn a_shared_name_selects_for_both_groups() {
        let selection = MetricSelection::of_names(&["tvl", "fees", "net_return"]).unwrap();
        assert_eq!(selection.positions(), [PositionMetric::NetReturn, PositionMetric::Fees]);
        assert_eq!(selection.pools(), [PoolMetric::Fees, PoolMetric::Tvl]);
        assert_eq!(selection.names(), ["net_return", "fees", "tvl"]);
        assert_eq!(MetricSelection::of_names(&["fees", "fes"]), Err(1));
        assert_eq!(MetricSelection::of_names(&MetricSelection::all().names()), Ok(MetricSelection::all()));
    }
}
