//! What is stolen, and what cover pays for it.

use cenote_strategy::{FarmId, LendingId, PoolId, RangeId, Stake};
use cenote_units::{LaneList, Lanes, SimDuration};

use super::super::Engine;
use super::hazards::{Blow, Fall};
use crate::agent::Phase;
use crate::ledger::Account;
use crate::observer::Event;
use crate::venues::{CoverTerms, RiskKind, RiskTarget};

/// Where a loss is booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Stolen from there, which is this risk.
    Exploit(RiskTarget, usize),
    /// A fee.
    Fee,
}

impl<const L: usize> Engine<L> {
    /// Premiums are paid, and what has come by now happens.
    pub(super) fn suffer(&mut self) {
        if !self.measuring {
            return;
        }
        self.pay_premiums();
        if self.venues.hazards.is_empty() {
            return;
        }
        for blow in self.venues.hazards.due(self.clock.time()) {
            self.strike(blow);
        }
    }

    fn strike(&mut self, blow: Blow) {
        let Blow { lane: l, risk, kind, target, .. } = blow;
        let now = self.clock.time()[l];
        let until = |duration: Option<SimDuration>| duration.map_or(u64::MAX, |duration| now.saturating_add(duration.as_nanos()));
        if !self.observers.is_empty() && l < self.used {
            let rank = self.rank_of(Phase::Price);
            self.tell(rank, l, &Event::Risk { risk });
        }
        self.count_hits(blow);
        match (kind, target) {
            (RiskKind::Exploit { severity, recovered }, _) => {
                self.steal(l, target, risk, severity, severity * (1.0 - recovered));
            }
            (RiskKind::RugPull { severity, token }, _) => {
                self.steal(l, target, risk, severity, severity);
                self.venues.hazards.fall(Fall { lane: l, token: token.index(), risk, part: severity }, None);
            }
            (RiskKind::Depeg { severity, recovery }, RiskTarget::Token(token)) => {
                self.venues.hazards.fall(Fall { lane: l, token: token.index(), risk, part: severity }, recovery);
            }
            (RiskKind::Halt { duration }, RiskTarget::Farm(farm)) => {
                self.venues.farms[farm.index()].halt(l, until(duration), risk);
            }
            (RiskKind::Freeze { duration }, RiskTarget::Farm(farm)) => {
                let farm = &mut self.venues.farms[farm.index()];
                farm.frozen[l] = farm.frozen[l].max(until(duration));
            }
            (RiskKind::Freeze { duration }, RiskTarget::Lending(lending)) => {
                let lending = &mut self.venues.lending[lending.index()];
                lending.frozen[l] = lending.frozen[l].max(until(duration));
            }
            (RiskKind::OracleManipulation { severity }, RiskTarget::Lending(lending)) => {
                let lending = &mut self.venues.lending[lending.index()];
                (lending.oracle[l], lending.oracle_until[l]) = (self.market.prices[lending.token][l] * (1.0 - severity), now + 1);
                lending.oracle_by[l] = risk;
            }
            (RiskKind::OracleFailure { duration }, RiskTarget::Lending(lending)) => {
                let lending = &mut self.venues.lending[lending.index()];
                (lending.oracle[l], lending.oracle_until[l]) = (self.market.prices[lending.token][l], until(duration));
                lending.oracle_by[l] = risk;
            }
            // The scenario's check left no other pair.
            _ => {}
        }
    }

    /// A part of what everybody has in a place is stolen; of what positions lose, `lost` for good.
    fn steal(&mut self, l: usize, target: RiskTarget, risk: usize, severity: f64, lost: f64) {
        let loss = Loss::Exploit(target, risk);
        match target {
            RiskTarget::Farm(farm) => {
                let state = &mut self.venues.farms[farm.index()];
                // Whoever has stolen LP tokens keeps them.
                state.others[l] *= 1.0 - severity;
                state.halt(l, u64::MAX, risk);
                for i in 0..self.positions.len() {
                    self.steal_stake(i, farm, l, lost, loss);
                }
            }
            RiskTarget::Pool(pool) => {
                for i in 0..self.positions.len() {
                    self.steal_liquidity(i, pool, l, lost, loss);
                }
            }
            RiskTarget::Lending(lending) => {
                for i in 0..self.positions.len() {
                    self.steal_supply(i, lending, l, lost, loss);
                }
            }
            RiskTarget::Token(_) => {}
        }
    }

    fn steal_stake(&mut self, i: usize, farm: FarmId, l: usize, part: f64, loss: Loss) {
        let f = farm.index();
        let staked = self.positions[i].venues.holdings.farms[f].staked[l];
        let pending: f64 = self.positions[i].venues.holdings.farms[f].pending.iter().map(|pending| pending[l]).sum();
        if !self.positions[i].venues.uses_farm(f) || (staked <= 0.0 && pending <= 0.0) {
            return;
        }
        let only = only::<L>(l);
        // Rewards that have not been claimed are where stakes are.
        let paid = self.pay_rewards(i, f, &LaneList::positive(&only));
        for (r, amount) in paid.iter().enumerate() {
            let token = self.scenario.farms[f].rewards[r].index();
            self.lose_tokens(i, token, l, amount[l] * part, loss);
        }
        match self.venues.farms[f].stake {
            Stake::Token(token) => {
                let lost = staked * part;
                self.positions[i].venues.holdings.farms[f].staked[l] -= lost;
                self.book_loss(i, l, lost * self.market.prices[token.index()][l], loss);
                if let Some(ledger) = &mut self.ledger {
                    ledger.transfer(Account::Farm(f), Account::Outside, token.index(), &times(lost, &only));
                }
            }
            Stake::Pool(pool) if self.market.pools[pool.index()].ranged().is_some() => self.steal_liquidity(i, pool, l, part, loss),
            Stake::Pool(pool) => {
                let lost = times(staked * part, &only);
                self.positions[i].venues.holdings.farms[f].staked[l] -= lost[l];
                self.lose_lp(i, pool.index(), &lost, Account::Farm(f), loss);
            }
        }
        self.weigh_position(i, f, &LaneList::positive(&only));
    }

    fn steal_liquidity(&mut self, i: usize, pool: PoolId, l: usize, part: f64, loss: Loss) {
        let (p, only) = (pool.index(), only::<L>(l));
        if self.market.pools[p].ranged().is_some() {
            let ids: Vec<RangeId> = self.positions[i].ranges_in(pool).collect();
            for id in ids {
                let tokens = [0, 1].map(|side| self.market.pool_tokens[p][side].index());
                let before = tokens.map(|t| self.positions[i].wallet[t][l]);
                let gas = std::mem::replace(&mut self.positions[i].gas_units.burn, 0.0);
                self.burn_range(i, pool, id, (&LaneList::positive(&only), &times(part, &only)));
                self.positions[i].gas_units.burn = gas;
                for (t, before) in tokens.into_iter().zip(before) {
                    let stolen = self.positions[i].wallet[t][l] - before;
                    self.lose_tokens(i, t, l, stolen, loss);
                }
            }
            return;
        }
        let owned = self.positions[i].lp[p][l];
        if owned <= 0.0 {
            return;
        }
        let mut free = owned;
        for f in 0..self.venues.farms.len() {
            if self.venues.farms[f].stake == Stake::Pool(pool) && self.positions[i].venues.uses_farm(f) {
                let staked = self.positions[i].venues.holdings.farms[f].staked[l];
                free -= staked;
                self.positions[i].venues.holdings.farms[f].staked[l] -= staked * part;
                self.lose_lp(i, p, &times(staked * part, &only), Account::Farm(f), loss);
                self.weigh_position(i, f, &LaneList::positive(&only));
            }
        }
        self.lose_lp(i, p, &times(free.max(0.0) * part, &only), Account::Position(i), loss);
    }

    fn steal_supply(&mut self, i: usize, lending: LendingId, l: usize, part: f64, loss: Loss) {
        let k = lending.index();
        if !self.positions[i].venues.uses_lending(k) {
            return;
        }
        let mut lost = times(part, &only(l));
        self.venues.lending[k].lanes.write_off(i, &mut lost);
        let price = self.market.prices[self.venues.lending[k].token][l];
        self.book_loss(i, l, lost[l] * price, loss);
        self.refresh_lending(i, k, &LaneList::positive(&lost));
    }

    /// Tokens leave a position's wallet for nothing.
    pub(super) fn lose_tokens(&mut self, i: usize, t: usize, l: usize, amount: f64, loss: Loss) {
        if amount <= 0.0 {
            return;
        }
        let only = only::<L>(l);
        let price = &self.market.prices[t];
        self.positions[i].settle_token_in(t, price, &LaneList::positive(&only));
        self.positions[i].spend_lane(t, l, amount);
        if let Some(ledger) = &mut self.ledger {
            ledger.transfer(Account::Position(i), Account::Outside, t, &times(amount, &only));
        }
        self.book_loss(i, l, amount * self.market.prices[t][l], loss);
    }

    /// LP tokens leave a position for nothing: somebody else has them now.
    pub(super) fn lose_lp(&mut self, i: usize, p: usize, lost: &Lanes<L>, from: Account, loss: Loss) {
        if !lost.iter().any(|&lost| lost > 0.0) {
            return;
        }
        let (due, supply) = self.protocol_due(p);
        let (mut value, per_lp) = (self.accounts[p].value, self.invariant_per_lp_of(p, &supply));
        for l in 0..L {
            value[l] /= supply[l];
        }
        self.accounts[p].close(lost, &due, &supply);
        let position = &mut self.positions[i];
        position.settle_pool(p, &self.accounts[p], lost);
        position.remove_liquidity(p, lost, &value, &per_lp, self.clock.time());
        let inverse = self.accounts[p].inverse_supply;
        self.positions[i].set_share(p, &inverse);
        let lp_token = self.scenario.tokens.len() + p;
        if let Some(ledger) = &mut self.ledger {
            ledger.transfer(from, Account::Outside, lp_token, lost);
        }
        for l in LaneList::positive(lost).iter() {
            self.book_loss(i, l, lost[l] * value[l], loss);
        }
    }

    /// Books a loss, and what cover pays for it.
    fn book_loss(&mut self, i: usize, l: usize, value: f64, loss: Loss) {
        let (target, risk) = match loss {
            Loss::Fee => return self.positions[i].book_trading_cost(l, value),
            Loss::Exploit(target, risk) => (target, risk),
        };
        self.positions[i].risks.lose(risk, l, value);
        let pays = self.scenario.positions[i].cover.as_ref().filter(|cover| cover.holds(target)).map_or(0.0, |cover| cover.pays);
        self.positions[i].risks.pay_back(risk, l, value * pays);
        self.pay_cover(i, l, value * pays);
    }

    /// Whoever sold the cover pays (or is paid, if negative), in the numeraire.
    fn pay_cover(&mut self, i: usize, l: usize, value: f64) {
        if value == 0.0 {
            return;
        }
        let (token, only) = (self.market.numeraire.index(), only::<L>(l));
        let position = &mut self.positions[i];
        position.settle_token_in(token, &self.market.prices[token], &LaneList::positive(&only));
        position.wallet[token][l] += value;
        position.book_cover(l, value);
        if let Some(ledger) = &mut self.ledger {
            ledger.transfer(Account::Outside, Account::Position(i), token, &times(value, &only));
        }
    }

    /// Premiums of a step: what the wallet cannot pay is owed by it.
    fn pay_premiums(&mut self) {
        for i in 0..self.positions.len() {
            let Some(cover) = self.scenario.positions[i].cover.clone().filter(|cover| cover.premium > 0.0) else { continue };
            for l in 0..L {
                let years = self.clock.step().years[l];
                if years > 0.0 {
                    let value = self.covered(i, &cover, l);
                    self.pay_cover(i, l, -value * cover.premium * years);
                }
            }
        }
    }

    /// What of a position's value is covered.
    fn covered(&self, i: usize, cover: &CoverTerms, l: usize) -> f64 {
        let (position, mut value) = (&self.positions[i], 0.0);
        let mut staked = vec![0.0; self.market.pools.len()];
        for (f, farm) in self.venues.farms.iter().enumerate().filter(|(f, _)| position.venues.uses_farm(*f)) {
            let held = position.venues.holdings.farms[f].staked[l];
            match farm.stake {
                Stake::Pool(pool) if cover.holds(RiskTarget::Farm(FarmId(id(f)))) => staked[pool.index()] += held,
                Stake::Token(token) if cover.holds(RiskTarget::Farm(FarmId(id(f)))) => {
                    value += held * self.market.prices[token.index()][l];
                }
                _ => {}
            }
        }
        for (p, &staked) in staked.iter().enumerate() {
            let whole = cover.holds(RiskTarget::Pool(PoolId(id(p))));
            if let Some(pool) = self.market.pools[p].ranged() {
                let tokens = [0, 1].map(|side| self.market.pool_tokens[p][side].index());
                for range in position.ranges.iter().filter(|range| range.pool == p && (whole || staked > 0.0)) {
                    let lanes = pool.position(range.number);
                    value += (0..2).map(|side| lanes.amounts[side][l] * self.market.prices[tokens[side]][l]).sum::<f64>();
                }
            } else {
                let lp = if whole { position.lp[p][l] } else { staked };
                value += if lp > 0.0 { lp * self.accounts[p].value[l] * self.accounts[p].inverse_supply[l] } else { 0.0 };
            }
        }
        for (k, lending) in self.venues.lending.iter().enumerate().filter(|(k, _)| position.venues.uses_lending(*k)) {
            if cover.holds(RiskTarget::Lending(LendingId(id(k)))) {
                value += position.venues.holdings.lending[k].supplied[l] * self.market.prices[lending.token][l];
            }
        }
        value
    }
}

impl CoverTerms {
    /// Whether it holds there.
    fn holds(&self, target: RiskTarget) -> bool {
        self.targets.is_empty() || self.targets.contains(&target)
    }
}

/// The number of what is at a place.
fn id(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

/// One in this lane, and nothing in the others.
fn only<const L: usize>(l: usize) -> Lanes<L> {
    let mut only = Lanes::ZERO;
    only[l] = 1.0;
    only
}

fn times<const L: usize>(amount: f64, lanes: &Lanes<L>) -> Lanes<L> {
    let mut product = *lanes;
    for l in 0..L {
        product[l] *= amount;
    }
    product
}
