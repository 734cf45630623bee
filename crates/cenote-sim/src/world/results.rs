//! What a path comes to.

use cenote_amm::RangedLanes;
use cenote_units::Lanes;

use super::Engine;
use crate::error::{SimError, SimErrorKind};
use crate::metrics::PoolMetric;
use crate::position::{End, nanos};
use crate::scenario::Column;

impl<const L: usize> Engine<L> {
    /// Settles all books and writes the results.
    pub(super) fn finish(&mut self, results: &mut [f64]) -> Result<u64, SimError> {
        let pools = self.market.pools.len();
        let mut invariant_per_lp = Vec::with_capacity(pools);
        for p in 0..pools {
            // What leaving now would be worth: the protocol takes its part of the growth first.
            let (due, supply) = self.protocol_due(p);
            self.accounts[p].close(&Lanes::splat(1.0), &due, &supply);
            invariant_per_lp.push(self.invariant_per_lp(p));
        }
        self.settle_ranges();
        for i in (self.visible..self.positions.len()).chain(0..self.visible) {
            if i == 0 {
                self.share_out_all();
            }
            let position = &mut self.positions[i];
            position.settle(&self.market.holdings(&self.accounts));
            if self.time_in_range && position.has_ranges() {
                position.watch_ranges(&self.market.pools, self.clock.time());
            }
        }
        let horizon = self.scenario.horizon;
        let end = End {
            prices: &self.market.prices,
            accounts: &self.accounts,
            pools: &self.market.pools,
            tokens: &self.market.pool_tokens,
            invariant_per_lp: &invariant_per_lp,
            time: self.clock.time(),
            years: horizon.as_years(),
            nanos: nanos(horizon.as_nanos()),
        };
        for lane in 0..self.used {
            for position in &self.positions {
                let outcome = position.outcome(lane, &end);
                if !outcome.value.is_finite() {
                    let (position, value) = (position.name.clone(), outcome.value);
                    return Err(self.error(lane, SimErrorKind::NotFinite { position, value }));
                }
                if !outcome.adds_up {
                    let (position, residual) = (position.name.clone(), outcome.residual);
                    return Err(self.error(lane, SimErrorKind::Attribution { position, residual }));
                }
            }
        }
        let asked = |column: &Column| !matches!(column, Column::Position(i, _) | Column::Risk(i, ..) if *i >= self.visible);
        for (column, row) in self.scenario.columns().filter(asked).zip(results.chunks_exact_mut(L)) {
            for (lane, result) in row.iter_mut().enumerate() {
                *result = match column {
                    Column::Position(i, metric) => self.positions[i].outcome(lane, &end).metric(metric),
                    Column::Risk(i, source, metric) => self.positions[i].risks.metric(self.scenario.source(source), metric, lane),
                    Column::Pool(p, metric) => self.pool_metric(p, metric, lane),
                };
            }
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts below 2⁵³, exact in floats")]
        let blocks = (0..self.scenario.chains.len())
            .flat_map(|chain| self.clock.blocks(chain).0.into_iter().take(self.used))
            .map(|count| count as u64)
            .sum();
        Ok(blocks)
    }

    fn pool_metric(&self, p: usize, metric: PoolMetric, l: usize) -> f64 {
        let account = &self.accounts[p];
        let days = self.scenario.horizon.as_years() * 365.0;
        // Where fees are liquidity, the protocol's part was taken as LP tokens.
        let protocol = self.market.pools[p].ranged().map_or(0.0, RangedLanes::protocol_share);
        match metric {
            PoolMetric::Volume => account.flow.volume[l],
            PoolMetric::Trades => account.flow.trades[l],
            PoolMetric::ArbitrageTrades => account.arbitrage.trades[l],
            PoolMetric::ArbitrageTradeRate => {
                account.arbitrage.blocks[l] / self.clock.blocks(self.market.pool_chains[p].index())[l].max(1.0)
            }
            PoolMetric::ArbitrageProfit => account.arbitrage.profit[l],
            PoolMetric::ArbitrageGas => account.arbitrage.gas[l],
            PoolMetric::Fees => account.total.fees[l] * (1.0 - protocol),
            PoolMetric::ProtocolFees => account.protocol_fees[l] + account.total.fees[l] * protocol,
            PoolMetric::LossVersusRebalancing => account.total.loss_versus_rebalancing[l],
            PoolMetric::Tvl => account.value[l],
            PoolMetric::ExtractedValue => self.reactions.extracted[p][l],
            PoolMetric::VolumeRate => account.flow.volume_rate[l] / days,
            PoolMetric::FeesRate => account.flow.fees_rate[l] * (1.0 - protocol) / days,
            PoolMetric::ArbitrageProfitRate => account.arbitrage.profit_rate[l] / days,
            PoolMetric::LossVersusRebalancingRate => account.flow.loss_versus_rebalancing_rate[l] / days,
        }
    }
}
