//! What each risk did to a position.

use cenote_units::Lanes;

use crate::metrics::RiskMetric;

/// Sums over a position's life, one of each kind for every source of loss: the world's risks, then its bridges.
///
/// What was lost at all is their sum, in this order and to the last bit: there is no other account of it.
#[derive(Debug, Default)]
pub(crate) struct RiskBook<const L: usize> {
    sources: Vec<Sums<L>>,
}

#[derive(Clone, Debug)]
struct Sums<const L: usize> {
    lost: Lanes<L>,
    paid_back: Lanes<L>,
    cost: Lanes<L>,
    hits: Lanes<L>,
    /// The number of the last event that hit it, plus one.
    last: [u32; L],
}

/// What a source had taken, and what else it had cost, at some moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Toll {
    lost: f64,
    cost: f64,
}

impl<const L: usize> Sums<L> {
    const ZERO: Self = Self { lost: Lanes::ZERO, paid_back: Lanes::ZERO, cost: Lanes::ZERO, hits: Lanes::ZERO, last: [0; L] };
}

impl<const L: usize> RiskBook<L> {
    pub(crate) fn new(sources: usize) -> Self {
        Self { sources: vec![Sums::ZERO; sources] }
    }

    pub(crate) fn clear(&mut self) {
        self.sources.fill(Sums::ZERO);
    }

    /// Counts an event once, however many places of the position it hits.
    pub(crate) fn hit(&mut self, source: usize, l: usize, event: u32) {
        let sums = &mut self.sources[source];
        if sums.last[l] != event + 1 {
            sums.last[l] = event + 1;
            self.count(source, l);
        }
    }

    /// Counts an event.
    pub(crate) fn count(&mut self, source: usize, l: usize) {
        self.sources[source].hits[l] += 1.0;
    }

    /// Something was taken.
    pub(crate) fn lose(&mut self, source: usize, l: usize, value: f64) {
        self.sources[source].lost[l] += value;
    }

    /// Something was paid for what was taken.
    pub(crate) fn pay_back(&mut self, source: usize, l: usize, value: f64) {
        self.sources[source].paid_back[l] += value;
    }

    /// It cost something without taking it.
    pub(crate) fn cost(&mut self, source: usize, l: usize, value: f64) {
        self.sources[source].cost[l] += value;
    }

    /// All that was taken.
    pub(crate) fn lost(&self, l: usize) -> f64 {
        self.sources.iter().map(|sums| sums.lost[l]).sum()
    }

    /// What each source has taken and cost so far.
    pub(crate) fn tolls(&self, l: usize) -> impl Iterator<Item = Toll> + '_ {
        self.sources.iter().map(move |sums| Toll { lost: sums.lost[l], cost: sums.cost[l] })
    }

    /// Takes over its part of what a vault's book came to since `before`, which is empty at the start.
    pub(crate) fn share(&mut self, l: usize, vault: &Self, before: &[Toll], part: f64) {
        for (s, (own, now)) in self.sources.iter_mut().zip(vault.tolls(l)).enumerate() {
            let before = before.get(s).copied().unwrap_or_default();
            own.lost[l] += part * (now.lost - before.lost);
            own.cost[l] += part * (now.cost - before.cost);
        }
    }

    pub(crate) fn metric(&self, source: usize, metric: RiskMetric, l: usize) -> f64 {
        let sums = &self.sources[source];
        match metric {
            RiskMetric::LostTo => sums.lost[l],
            RiskMetric::PaidBack => sums.paid_back[l],
            RiskMetric::CostOf => sums.cost[l],
            RiskMetric::HitBy => sums.hits[l],
        }
    }
}
