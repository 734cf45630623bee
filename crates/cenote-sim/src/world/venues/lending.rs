//! Lending markets: interest accrues, utilisation moves, loans are liquidated.

use cenote_paths::{BuildPrice, PriceLanes, PriceModel, PriceStreams, StreamKey};
use cenote_strategy::LendingTerms;
use cenote_units::{LaneList, Lanes};
use cenote_yield::lending::{Collateral, LendingLanes, ReserveLanes, utilisation_from_logit};

use super::super::Engine;
use crate::ledger::Account;
use crate::observer::Event;
use crate::scenario::Scenario;
use crate::venues::{LendingSetup, Utilisation};

/// A lending market at work.
#[derive(Debug)]
pub(super) struct LendingState<const L: usize> {
    pub(super) lanes: Box<dyn LendingLanes<L>>,
    pub(super) token: usize,
    utilisation: Utilisation,
    at_start: f64,
    logit: Option<Box<dyn PriceLanes<L>>>,
    /// The logit, or else the utilisation.
    level: Lanes<L>,
    /// When interest was last counted.
    last: [u64; L],
    pub(super) collateral: Collateral,
    /// Until when nothing is given back.
    pub(super) frozen: [u64; L],
    /// Until when the market takes its token for another price than the true one, and for which.
    pub(super) oracle_until: [u64; L],
    pub(super) oracle: Lanes<L>,
    /// The risk that it comes from.
    pub(super) oracle_by: [usize; L],
}

impl<const L: usize> LendingState<L>
where
    dyn PriceModel: BuildPrice<L>,
{
    pub(super) fn new(scenario: &Scenario, setup: &LendingSetup, seed: u64) -> Self {
        let logit = match &setup.utilisation {
            Utilisation::Logit(model) => {
                let key = StreamKey::new(seed, &format!("lending.{}.utilisation", setup.name));
                Some(BuildPrice::<L>::build(&**model, &PriceStreams::from(key)))
            }
            _ => None,
        };
        Self {
            lanes: Box::new(ReserveLanes::<L>::new(&setup.model, scenario.positions.len())),
            token: setup.token.index(),
            utilisation: setup.utilisation.clone(),
            at_start: setup.model.utilisation(),
            logit,
            level: Lanes::ZERO,
            last: [0; L],
            collateral: setup.collateral,
            frozen: [0; L],
            oracle_until: [0; L],
            oracle: Lanes::ZERO,
            oracle_by: [0; L],
        }
    }
}

impl<const L: usize> LendingState<L> {
    pub(super) fn start(&mut self, paths: [u32; L]) {
        self.lanes.start();
        self.last = [0; L];
        self.frozen = [0; L];
        self.oracle_until = [0; L];
        self.level = Lanes::splat(self.at_start);
        if let Some(logit) = &mut self.logit {
            logit.start(paths, &mut self.level);
            let utilisation = self.driven();
            self.lanes.set_utilisation(&utilisation);
        }
        if let Utilisation::Recorded(history) = &self.utilisation
            && let Ok(rates) = history.at(history.span().0)
        {
            self.lanes.set_rates(&Lanes::splat(rates.supply), &Lanes::splat(rates.borrow));
        }
    }

    /// The utilisation of a logit.
    fn driven(&self) -> Lanes<L> {
        let mut utilisation = self.level;
        for l in 0..L {
            utilisation[l] = utilisation_from_logit(self.level[l]);
        }
        utilisation
    }

    fn step(&mut self, step: &cenote_paths::Step<'_, L>) {
        let time = step.end;
        match &self.utilisation {
            Utilisation::Free => self.lanes.accrue(time),
            Utilisation::Constant => self.lanes.advance(time, &self.level),
            Utilisation::Logit(_) => {
                if let Some(logit) = &mut self.logit {
                    logit.step(step, &mut self.level);
                }
                let utilisation = self.driven();
                self.lanes.advance(time, &utilisation);
            }
            Utilisation::Borrowers(crowd) => {
                let (mut present, mut next, mut elapsed) = (Lanes::ZERO, Lanes::ZERO, [0; L]);
                for l in 0..L {
                    elapsed[l] = time[l] - self.last[l];
                }
                self.lanes.utilisation(&mut present);
                crowd.next(&present, self.lanes.borrow_rate(), &elapsed, &mut next);
                self.lanes.advance(time, &next);
            }
            Utilisation::Recorded(history) => {
                let (mut supply, mut borrow) = (*self.lanes.supply_rate(), *self.lanes.borrow_rate());
                let start = history.span().0;
                for l in 0..L {
                    // The scenario's check found all of it recorded.
                    if let Ok(rates) = history.average(start + self.last[l], start + time[l]) {
                        (supply[l], borrow[l]) = (rates.supply, rates.borrow);
                    }
                }
                self.lanes.set_rates(&supply, &borrow);
                self.lanes.accrue(time);
            }
        }
        self.last = *time;
    }

    pub(super) fn show(&self, time: &[u64; L], terms: &mut LendingTerms<L>) {
        terms.supply_rate = *self.lanes.supply_rate();
        terms.borrow_rate = *self.lanes.borrow_rate();
        let liquidity = self.lanes.liquidity();
        for l in 0..L {
            terms.liquidity[l] = if self.frozen[l] > time[l] { 0.0 } else { liquidity[l] };
        }
    }

    /// What the market takes its token for.
    pub(super) fn oracle_price(&self, l: usize, now: u64, price: f64) -> f64 {
        if self.oracle_until[l] > now { self.oracle[l] } else { price }
    }
}

impl<const L: usize> Engine<L> {
    /// Interest of the step.
    pub(super) fn accrue_lending(&mut self) {
        for (k, lending) in self.venues.lending.iter_mut().enumerate() {
            lending.step(&self.clock.step());
            for (i, position) in self.positions.iter_mut().enumerate() {
                if position.venues.uses_lending(k) {
                    let (mut supplied, mut owed) = (Lanes::ZERO, Lanes::ZERO);
                    lending.lanes.balance(i, &mut supplied);
                    lending.lanes.debt(i, &mut owed);
                    position.venues.accrue_lending(k, &supplied, &owed, &self.before, &self.market.prices);
                }
            }
        }
    }

    /// What a position's collateral allows for, and what it owes, at the prices that markets take their tokens for: the first with the
    /// share that can be borrowed, the second with the share from which on it is liquidated.
    pub(super) fn credit(&self, i: usize, l: usize) -> Credit {
        let mut credit = Credit::default();
        let now = self.clock.time()[l];
        for (k, lending) in self.venues.lending.iter().enumerate() {
            if self.positions[i].venues.uses_lending(k) {
                let held = &self.positions[i].venues.holdings.lending[k];
                let price = lending.oracle_price(l, now, self.market.prices[lending.token][l]);
                let part = |bp: u16| f64::from(bp) / 1e4;
                credit.borrowable += held.supplied[l] * price * part(lending.collateral.ltv_bp());
                credit.secured += held.supplied[l] * price * part(lending.collateral.liquidation_threshold_bp());
                credit.owed += held.owed[l] * price;
            }
        }
        credit
    }

    /// Loans that their collateral does not secure any more: others pay back a part of the largest, and take collateral for it with a
    /// bonus.
    pub(super) fn liquidate(&mut self) {
        for i in 0..self.positions.len() {
            let owes = |held: &cenote_strategy::LendingHolding<L>| held.owed.iter().any(|&owed| owed > 0.0);
            if !self.positions[i].venues.holdings.lending.iter().any(owes) {
                continue;
            }
            for l in 0..L {
                let credit = self.credit(i, l);
                if credit.owed > 0.0 && credit.secured < credit.owed {
                    self.liquidate_lane(i, l);
                }
            }
        }
    }

    fn liquidate_lane(&mut self, i: usize, l: usize) {
        let now = self.clock.time()[l];
        let price = |k: usize| {
            let lending = &self.venues.lending[k];
            lending.oracle_price(l, now, self.market.prices[lending.token][l])
        };
        let held = &self.positions[i].venues.holdings.lending;
        let largest = |value: &dyn Fn(usize) -> f64| {
            (0..held.len()).map(|k| (value(k), k)).filter(|(value, _)| *value > 0.0).max_by(|a, b| a.0.total_cmp(&b.0))
        };
        let debt = largest(&|k| held[k].owed[l] * price(k));
        let collateral = largest(&|k| {
            let counts = self.venues.lending[k].collateral.liquidation_threshold_bp() > 0;
            if counts { held[k].supplied[l] * price(k) } else { 0.0 }
        });
        let (Some((owed, d)), Some((worth, c))) = (debt, collateral) else { return };
        let (repaid, seized) = self.venues.lending[c].collateral.liquidation(worth, owed);
        let (price_debt, price_collateral) = (price(d), price(c));
        let (mut repay, mut seize) = (Lanes::ZERO, Lanes::ZERO);
        repay[l] = repaid / price_debt;
        seize[l] = (seized / price_collateral).min(held[c].supplied[l]);
        self.venues.lending[c].lanes.withdraw(i, &mut seize);
        if seize[l] <= 0.0 {
            // All of it is lent out: nobody can be paid.
            return;
        }
        self.venues.lending[d].lanes.repay(i, &mut repay);
        let true_price = |k: usize| self.market.prices[self.venues.lending[k].token][l];
        let cost = seize[l] * true_price(c) - repay[l] * true_price(d);
        self.positions[i].book_trading_cost(l, cost);
        self.positions[i].count_liquidation(l);
        if let Some(k) = [c, d].into_iter().find(|&k| self.venues.lending[k].oracle_until[l] > now) {
            self.positions[i].risks.cost(self.venues.lending[k].oracle_by[l], l, cost);
        }
        let lanes = LaneList::positive(&seize);
        for k in [c, d] {
            self.refresh_lending(i, k, &lanes);
        }
        if !self.observers.is_empty() && l < self.used {
            let rank = self.rank_of(crate::agent::Phase::Price);
            self.tell(rank, l, &Event::Liquidated { position: i, repaid: repay[l], seized: seize[l] });
        }
    }

    /// Takes over what a position has in a market, after something was done there in these lanes.
    pub(super) fn refresh_lending(&mut self, i: usize, k: usize, lanes: &LaneList<L>) {
        let (mut supplied, mut owed) = (Lanes::ZERO, Lanes::ZERO);
        self.venues.lending[k].lanes.balance(i, &mut supplied);
        self.venues.lending[k].lanes.debt(i, &mut owed);
        let held = &mut self.positions[i].venues.holdings.lending[k];
        for l in lanes.iter() {
            (held.supplied[l], held.owed[l]) = (supplied[l], owed[l]);
        }
        self.venues.lending[k].show(self.clock.time(), &mut self.market.venues.lending[k]);
    }

    /// Tokens go from a position's wallet into a market (`sign` 1), or out of it (−1).
    pub(super) fn pay_lending(&mut self, i: usize, k: usize, amount: &Lanes<L>, lanes: &LaneList<L>, sign: f64) {
        let t = self.venues.lending[k].token;
        let price = &self.market.prices[t];
        self.positions[i].settle_token_in(t, price, lanes);
        for l in lanes.iter() {
            if sign > 0.0 {
                self.positions[i].spend_lane(t, l, amount[l]);
            } else {
                self.positions[i].wallet[t][l] += amount[l];
            }
        }
        if let Some(ledger) = &mut self.ledger {
            let (from, to) = (Account::Position(i), Account::Outside);
            let (from, to) = if sign > 0.0 { (from, to) } else { (to, from) };
            ledger.transfer(from, to, t, amount);
        }
    }
}

/// A position's loans, in the numeraire.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Credit {
    /// What can be owed.
    pub(super) borrowable: f64,
    /// From what debt on it is liquidated.
    pub(super) secured: f64,
    /// What is owed.
    pub(super) owed: f64,
}
