//! What risks do to positions besides what they take: whom they hit, and what that costs.

use cenote_strategy::Stake;
use cenote_units::Lanes;

use super::super::{Engine, indexed};
use super::farms::weight_in_range;
use super::hazards::{Blow, Fall};
use crate::venues::{RiskKind, RiskTarget};

impl<const L: usize> Engine<L> {
    /// Counts whom a blow hits, before it does.
    pub(super) fn count_hits(&mut self, Blow { lane: l, risk, event, kind, target }: Blow) {
        for i in 0..self.positions.len() {
            let holds = |v: &super::vaults::VaultState<L>| v.part(i, l) > 0.0 && self.is_in(v.position, kind, target, l);
            if self.is_in(i, kind, target, l) || (i < self.visible && self.venues.vaults.iter().any(holds)) {
                self.positions[i].risks.hit(risk, l, event);
            }
        }
    }

    /// Whether a position has something of its own where a blow hits.
    fn is_in(&self, i: usize, kind: RiskKind, target: RiskTarget, l: usize) -> bool {
        let position = &self.positions[i];
        match target {
            RiskTarget::Token(token) => self.holding(i, token.index(), l) != 0.0,
            RiskTarget::Pool(pool) => {
                let ranged = self.market.pools[pool.index()].ranged();
                let inside = |number| ranged.is_some_and(|pool| pool.position(number).liquidity[l] > 0.0);
                position.lp[pool.index()][l] > 0.0
                    || position.ranges.iter().any(|range| range.used && range.pool == pool.index() && inside(range.number))
            }
            RiskTarget::Farm(farm) => {
                let held = &position.venues.holdings.farms[farm.index()];
                held.staked[l] > 0.0 || held.pending.iter().any(|pending| pending[l] > 0.0)
            }
            RiskTarget::Lending(lending) => {
                let held = &position.venues.holdings.lending[lending.index()];
                let by_price = matches!(kind, RiskKind::OracleManipulation { .. } | RiskKind::OracleFailure { .. });
                held.supplied[l] > 0.0 || (by_price && held.owed[l] > 0.0)
            }
        }
    }

    /// Prices have fallen: what that cost everybody who had some of it, debts and hedges taken off. One that is formed in a pool falls when
    /// somebody sells.
    pub(super) fn count_falls(&mut self) {
        let falls = self.venues.hazards.take_falls(self.clock.step().years);
        for (n, &Fall { lane: l, token, risk, part }) in falls.iter().enumerate() {
            let earlier = falls[..n].iter().filter(|fall| (fall.lane, fall.token) == (l, token));
            let price = earlier.fold(self.before[token][l], |price, fall| price * (1.0 - fall.part));
            if self.formed.iter().all(|formed| formed.token != token) {
                for i in 0..self.positions.len() {
                    let held = self.holding(i, token, l);
                    self.positions[i].risks.cost(risk, l, held * price * part);
                }
            }
        }
    }

    /// Whole tokens of a kind that a position has anywhere: on all chains, in pools, in farms, lent, bought outside; less what it owes
    /// of it, or has sold outside. Shares of vaults are not in it.
    fn holding(&self, i: usize, t: usize, l: usize) -> f64 {
        let position = &self.positions[i];
        let mut held = position.wallet[t][l] + position.hedge.units()[t][l] + position.venues.tokens(t, l);
        held += position.elsewhere.amounts(t).map(|amounts| amounts[l]).sum::<f64>();
        for (p, tokens) in self.market.pool_tokens.iter().enumerate() {
            for (place, _) in indexed(tokens).filter(|(_, token)| token.index() == t) {
                let pool = &self.market.pools[p];
                if let Some(pool) = pool.ranged() {
                    for range in position.ranges.iter().filter(|range| range.used && range.pool == p) {
                        let lanes = pool.position(range.number);
                        held += lanes.amounts[place.get()][l] + lanes.owed[place.get()][l];
                    }
                } else if position.lp[p][l] > 0.0 {
                    held += position.lp[p][l] * self.accounts[p].inverse_supply[l] * pool.reserve(place, l);
                }
            }
        }
        held
    }

    /// Rewards that stakes would have earned in the step in farms that a risk keeps from paying for a while: each by its part of what
    /// there was when they stopped. Of a farm that was robbed nobody knows who else would be there.
    pub(super) fn count_missed(&mut self) {
        for f in 0..self.venues.farms.len() {
            if !self.venues.farms[f].is_stopped() {
                continue;
            }
            let mut weights = vec![Lanes::ZERO; self.positions.len()];
            let mut total = *self.venues.farms[f].others_then();
            for (i, weight) in weights.iter_mut().enumerate() {
                if self.positions[i].venues.uses_farm(f) {
                    *weight = self.weight_of(i, f);
                    for l in 0..L {
                        total[l] += weight[l];
                    }
                }
            }
            for r in 0..self.scenario.farms[f].rewards.len() {
                let price = self.market.prices[self.scenario.farms[f].rewards[r].index()];
                let forgone = self.venues.farms[f].forgone(self.clock.time(), r);
                for l in (0..L).filter(|&l| forgone[l] > 0.0) {
                    let risk = self.venues.farms[f].stopped_by[l];
                    if !matches!(self.scenario.risks[risk].kind, RiskKind::Halt { .. }) {
                        continue;
                    }
                    for (i, weight) in weights.iter().enumerate().filter(|(_, weight)| weight[l] > 0.0) {
                        self.positions[i].risks.cost(risk, l, forgone[l] * weight[l] / total[l] * price[l]);
                    }
                }
            }
        }
    }

    /// What a position's stake in a farm counts as where it pays, boosts aside.
    pub(super) fn weight_of(&self, i: usize, f: usize) -> Lanes<L> {
        let position = &self.positions[i];
        let ranged = match self.venues.farms[f].stake {
            Stake::Pool(pool) => self.market.pools[pool.index()].ranged().map(|ranged| (pool.index(), ranged)),
            Stake::Token(_) => None,
        };
        ranged.map_or(position.venues.holdings.farms[f].staked, |(p, ranged)| weight_in_range(ranged, position, f, p))
    }
}
