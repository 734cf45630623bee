//! What positions do in farms and lending markets.

use cenote_strategy::{ActionKind, ActionLanes, FarmId, LendingId, Refusal, Stake};
use cenote_units::{LaneList, Lanes};

use super::super::Engine;
use super::losses::Loss;
use crate::ledger::Account;
use crate::observer::Event;

/// Who takes tokens with the owner's permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::world) enum Spender {
    Pool(usize),
    Farm(usize),
    Lending(usize),
}

impl<const L: usize> Engine<L> {
    /// What can be said against an action in a farm or a lending market before it is tried.
    pub(in crate::world) fn venue_objection(&self, i: usize, action: &ActionLanes<L>, l: usize) -> Option<Refusal> {
        let amount = action.amount[l];
        let not_positive = (amount.is_nan() || amount <= 0.0).then_some(Refusal::NotPositive { amount });
        if let ActionKind::Deposit(vault) | ActionKind::Redeem(vault) = action.kind
            && vault.index() >= self.venues.vaults.len()
        {
            return Some(Refusal::UnknownVault { vault });
        }
        if let Some(farm) = action.kind.farm(&self.market.venues) {
            let Some(terms) = self.market.venues.farms.get(farm.index()) else { return Some(Refusal::UnknownFarm { farm }) };
            let frozen = matches!(action.kind, ActionKind::Unstake(_) | ActionKind::Redeem(_)) && terms.open[l] == 0.0;
            return not_positive
                .or_else(|| frozen.then_some(Refusal::Frozen))
                .or_else(|| (amount > 1.0 + 1e-9).then_some(Refusal::MoreThanThere { wanted: amount, there: 1.0 }));
        }
        let lending = action.kind.lending()?;
        let Some(state) = self.venues.lending.get(lending.index()) else { return Some(Refusal::UnknownLending { lending }) };
        if not_positive.is_some() {
            return not_positive;
        }
        let held = &self.positions[i].venues.holdings.lending[lending.index()];
        let wallet = self.positions[i].wallet[state.token][l];
        let price = self.market.prices[state.token][l];
        let there = match action.kind {
            ActionKind::Supply(_) | ActionKind::Repay(_) => wallet,
            ActionKind::Withdraw(_) => held.supplied[l],
            _ => f64::INFINITY,
        };
        if amount > there * (1.0 + 1e-9) {
            return Some(Refusal::MoreThanThere { wanted: amount, there });
        }
        let takes_out = matches!(action.kind, ActionKind::Withdraw(_) | ActionKind::Borrow(_));
        if takes_out && state.frozen[l] > self.clock.time()[l] {
            return Some(Refusal::Frozen);
        }
        let liquidity = state.lanes.liquidity()[l];
        if takes_out && amount > liquidity {
            return Some(Refusal::LentOut { lending, wanted: amount, there: liquidity });
        }
        let credit = self.credit(i, l);
        let allowed = match action.kind {
            ActionKind::Borrow(_) => (credit.borrowable - credit.owed) / price,
            ActionKind::Withdraw(_) if credit.owed > 0.0 => {
                let part = f64::from(state.collateral.liquidation_threshold_bp()) / 1e4;
                if part > 0.0 { (credit.secured - credit.owed) / (price * part) } else { f64::INFINITY }
            }
            _ => f64::INFINITY,
        };
        (amount > allowed * (1.0 + 1e-12)).then_some(Refusal::TooLittleCollateral { wanted: amount, allowed: allowed.max(0.0) })
    }

    /// Does it, and returns how much was done.
    pub(in crate::world) fn use_venue(&mut self, i: usize, kind: ActionKind, amount: &Lanes<L>) -> Lanes<L> {
        match kind {
            ActionKind::Stake(farm) => self.stake(i, farm, amount),
            ActionKind::Unstake(farm) => self.unstake(i, farm, amount),
            ActionKind::Claim(farm) => self.claim(i, farm, amount),
            ActionKind::Deposit(vault) => self.deposit(i, vault, amount),
            ActionKind::Redeem(vault) => self.redeem(i, vault, amount),
            ActionKind::Supply(lending) => self.supply(i, lending, amount),
            ActionKind::Withdraw(lending) => self.withdraw(i, lending, amount),
            ActionKind::Borrow(lending) => self.borrow(i, lending, amount),
            ActionKind::Repay(lending) => self.repay(i, lending, amount),
            _ => Lanes::ZERO,
        }
    }

    pub(super) fn stake(&mut self, i: usize, farm: FarmId, fraction: &Lanes<L>) -> Lanes<L> {
        let f = farm.index();
        self.positions[i].venues.enter_farm(f);
        let fee = self.scenario.farms[f].deposit_fee;
        let mut amount = Lanes::ZERO;
        for l in 0..L {
            amount[l] = fraction[l].clamp(0.0, 1.0);
        }
        let taken = match self.venues.farms[f].stake {
            Stake::Token(token) => {
                let t = token.index();
                for l in 0..L {
                    amount[l] *= self.positions[i].wallet[t][l].max(0.0);
                }
                let lanes = LaneList::positive(&amount);
                let price = self.market.prices[t];
                self.positions[i].settle_token_in(t, &price, &lanes);
                for l in lanes.iter() {
                    self.positions[i].spend_lane(t, l, amount[l]);
                    self.positions[i].venues.holdings.farms[f].staked[l] += amount[l];
                }
                if let Some(ledger) = &mut self.ledger {
                    ledger.transfer(Account::Position(i), Account::Farm(f), t, &amount);
                }
                t
            }
            Stake::Pool(pool) if self.market.pools[pool.index()].ranged().is_some() => {
                let lanes = LaneList::positive(&amount);
                for l in lanes.iter() {
                    let staked = &mut self.positions[i].venues.holdings.farms[f].staked[l];
                    amount[l] = if *staked > 0.0 { 0.0 } else { 1.0 };
                    *staked = 1.0;
                }
                self.scenario.tokens.len() + pool.index()
            }
            Stake::Pool(pool) => {
                let p = pool.index();
                for l in 0..L {
                    let free = self.positions[i].lp[p][l] - self.positions[i].venues.staked_lp(p, l);
                    amount[l] *= free.max(0.0);
                }
                for l in LaneList::positive(&amount).iter() {
                    self.positions[i].venues.holdings.farms[f].staked[l] += amount[l];
                }
                let t = self.scenario.tokens.len() + p;
                if let Some(ledger) = &mut self.ledger {
                    ledger.transfer(Account::Position(i), Account::Farm(f), t, &amount);
                }
                t
            }
        };
        self.keep_fee(i, f, fee, &amount);
        let lanes = LaneList::positive(&amount);
        self.weigh_position(i, f, &lanes);
        self.approve(i, Spender::Farm(f), taken, &lanes);
        self.pay_venue_gas(i, self.market.venues.farms[f].chain.index(), self.positions[i].gas_units.deposit, &lanes);
        self.tell_liquidity(&amount, |staked| Event::Staked { position: i, farm, amount: staked });
        amount
    }

    fn unstake(&mut self, i: usize, farm: FarmId, fraction: &Lanes<L>) -> Lanes<L> {
        let f = farm.index();
        let fee = self.scenario.farms[f].withdrawal_fee;
        let mut amount = self.positions[i].venues.holdings.farms[f].staked;
        for l in 0..L {
            amount[l] *= fraction[l].clamp(0.0, 1.0);
        }
        let lanes = LaneList::positive(&amount);
        self.pay_rewards(i, f, &lanes);
        // The fee stays behind.
        self.keep_fee(i, f, fee, &amount);
        let mut back = amount;
        for l in lanes.iter() {
            back[l] -= amount[l] * fee;
            let staked = &mut self.positions[i].venues.holdings.farms[f].staked[l];
            *staked = if fraction[l] >= 1.0 { 0.0 } else { *staked - back[l] };
        }
        match self.venues.farms[f].stake {
            Stake::Token(token) => {
                let t = token.index();
                let price = self.market.prices[t];
                self.positions[i].settle_token_in(t, &price, &lanes);
                self.positions[i].receive(t, &back, &lanes);
                if let Some(ledger) = &mut self.ledger {
                    ledger.transfer(Account::Farm(f), Account::Position(i), t, &back);
                }
            }
            Stake::Pool(pool) if self.market.pools[pool.index()].ranged().is_some() => {
                for l in lanes.iter() {
                    self.positions[i].venues.holdings.farms[f].staked[l] = 0.0;
                }
            }
            Stake::Pool(pool) => {
                let t = self.scenario.tokens.len() + pool.index();
                if let Some(ledger) = &mut self.ledger {
                    ledger.transfer(Account::Farm(f), Account::Position(i), t, &back);
                }
            }
        }
        self.weigh_position(i, f, &lanes);
        self.pay_venue_gas(i, self.market.venues.farms[f].chain.index(), self.positions[i].gas_units.withdraw, &lanes);
        self.tell_liquidity(&amount, |amount| Event::Unstaked { position: i, farm, amount });
        amount
    }

    /// What a farm keeps of what comes in, or of what goes out: it is staked when it is taken.
    fn keep_fee(&mut self, i: usize, f: usize, fee: f64, amount: &Lanes<L>) {
        if fee <= 0.0 {
            return;
        }
        let mut kept = *amount;
        for l in 0..L {
            kept[l] *= fee;
            self.positions[i].venues.holdings.farms[f].staked[l] -= kept[l];
        }
        match self.venues.farms[f].stake {
            Stake::Token(token) => {
                let t = token.index();
                for l in LaneList::positive(&kept).iter() {
                    self.positions[i].book_trading_cost(l, kept[l] * self.market.prices[t][l]);
                }
                if let Some(ledger) = &mut self.ledger {
                    ledger.transfer(Account::Farm(f), Account::Outside, t, &kept);
                }
            }
            Stake::Pool(pool) => self.lose_lp(i, pool.index(), &kept, Account::Farm(f), Loss::Fee),
        }
    }

    fn claim(&mut self, i: usize, farm: FarmId, wanted: &Lanes<L>) -> Lanes<L> {
        let f = farm.index();
        let lanes = LaneList::positive(wanted);
        let mut claimed = Lanes::ZERO;
        for pending in &self.positions[i].venues.holdings.farms[f].pending {
            for l in lanes.iter() {
                claimed[l] += pending[l];
            }
        }
        let lanes = lanes.also_positive(&claimed);
        if let Some(v) = i.checked_sub(self.visible) {
            self.share_out(v, &lanes);
        }
        self.pay_rewards(i, f, &lanes);
        self.pay_venue_gas(i, self.market.venues.farms[f].chain.index(), self.positions[i].gas_units.claim, &lanes);
        self.tell_liquidity(&claimed, |_| Event::Claimed { position: i, farm });
        claimed
    }

    /// A farm pays what a position has earned, into its wallet or into its lock. Returns what came into the wallet, by reward.
    pub(super) fn pay_rewards(&mut self, i: usize, f: usize, lanes: &LaneList<L>) -> Vec<Lanes<L>> {
        let count = self.scenario.farms[f].rewards.len();
        let mut paid = vec![Lanes::ZERO; count];
        let mut wanted = [0; L];
        for l in lanes.iter() {
            wanted[l] = u64::MAX;
        }
        let (farm, time) = (&mut self.venues.farms[f], self.clock.time());
        farm.lanes.claim(time, i, &wanted, &mut paid);
        farm.lanes.pending(time, i, &mut farm.pending);
        self.positions[i].venues.set_pending(f, &farm.pending, lanes);
        let lock = self.scenario.farms[f].lock;
        for (r, paid) in paid.iter_mut().enumerate() {
            let t = self.scenario.farms[f].rewards[r].index();
            let price = self.market.prices[t];
            match lock.map(|lock| lock.penalty) {
                Some(None) => {
                    for l in lanes.iter() {
                        self.positions[i].venues.lock(f, r, l, paid[l], self.clock.time()[l]);
                    }
                    *paid = Lanes::ZERO;
                    continue;
                }
                Some(Some(penalty)) => {
                    let mut kept = *paid;
                    for l in lanes.iter() {
                        kept[l] *= penalty;
                        paid[l] -= kept[l];
                        self.positions[i].book_trading_cost(l, kept[l] * price[l]);
                    }
                    if let Some(ledger) = &mut self.ledger {
                        ledger.transfer(Account::Farm(f), Account::Outside, t, &kept);
                    }
                }
                None => {}
            }
            self.positions[i].settle_token_in(t, &price, lanes);
            self.positions[i].receive(t, paid, lanes);
            if let Some(ledger) = &mut self.ledger {
                ledger.transfer(Account::Farm(f), Account::Position(i), t, paid);
            }
        }
        paid
    }

    /// Locked rewards that have come free go into wallets.
    pub(super) fn free_rewards(&mut self) {
        for f in 0..self.venues.farms.len() {
            let Some(lock) = self.scenario.farms[f].lock.filter(|lock| lock.penalty.is_none()) else { continue };
            for i in 0..self.positions.len() {
                if !self.positions[i].venues.uses_farm(f) {
                    continue;
                }
                for r in 0..self.scenario.farms[f].rewards.len() {
                    let t = self.scenario.farms[f].rewards[r].index();
                    let mut freed = Lanes::ZERO;
                    for l in 0..L {
                        if self.positions[i].venues.locked(f, r)[l] > 0.0 {
                            freed[l] = self.positions[i].venues.free(f, r, l, &lock, self.clock.time()[l]);
                        }
                    }
                    let lanes = LaneList::positive(&freed);
                    let price = self.market.prices[t];
                    self.positions[i].settle_token_in(t, &price, &lanes);
                    self.positions[i].receive(t, &freed, &lanes);
                    if let Some(ledger) = &mut self.ledger {
                        ledger.transfer(Account::Farm(f), Account::Position(i), t, &freed);
                    }
                }
            }
        }
    }

    /// A position's stake counts as what it is now, in lanes in which alone something was done: where nothing was, a range counts as it did
    /// when prices last moved, whatever trades have done to it since.
    pub(super) fn weigh_position(&mut self, i: usize, f: usize, lanes: &LaneList<L>) {
        self.settle_ranges_in(lanes);
        let weight = self.weight_of(i, f);
        let (farm, time) = (&mut self.venues.farms[f], self.clock.time());
        farm.weigh_in(time, i, &weight, lanes);
    }

    fn supply(&mut self, i: usize, lending: LendingId, wanted: &Lanes<L>) -> Lanes<L> {
        let (k, mut amount) = (lending.index(), *wanted);
        self.positions[i].venues.enter_lending(k);
        let t = self.venues.lending[k].token;
        for l in 0..L {
            amount[l] = amount[l].min(self.positions[i].wallet[t][l]);
        }
        self.venues.lending[k].lanes.supply(i, &mut amount);
        let lanes = LaneList::positive(&amount);
        self.pay_lending(i, k, &amount, &lanes, 1.0);
        self.end_lending(i, k, &lanes, self.positions[i].gas_units.deposit, true);
        self.tell_liquidity(&amount, |amount| Event::Supplied { position: i, lending, amount });
        amount
    }

    fn withdraw(&mut self, i: usize, lending: LendingId, wanted: &Lanes<L>) -> Lanes<L> {
        let (k, mut amount) = (lending.index(), *wanted);
        for l in 0..L {
            amount[l] = amount[l].min(self.positions[i].venues.holdings.lending[k].supplied[l]);
        }
        self.venues.lending[k].lanes.withdraw(i, &mut amount);
        let lanes = LaneList::positive(&amount);
        self.pay_lending(i, k, &amount, &lanes, -1.0);
        self.end_lending(i, k, &lanes, self.positions[i].gas_units.withdraw, false);
        self.tell_liquidity(&amount, |amount| Event::Withdrawn { position: i, lending, amount });
        amount
    }

    fn borrow(&mut self, i: usize, lending: LendingId, wanted: &Lanes<L>) -> Lanes<L> {
        let (k, mut amount) = (lending.index(), *wanted);
        self.positions[i].venues.enter_lending(k);
        self.venues.lending[k].lanes.borrow(i, &mut amount);
        let lanes = LaneList::positive(&amount);
        self.pay_lending(i, k, &amount, &lanes, -1.0);
        self.end_lending(i, k, &lanes, self.positions[i].gas_units.withdraw, false);
        self.tell_liquidity(&amount, |amount| Event::Borrowed { position: i, lending, amount });
        amount
    }

    fn repay(&mut self, i: usize, lending: LendingId, wanted: &Lanes<L>) -> Lanes<L> {
        let (k, mut amount) = (lending.index(), *wanted);
        let t = self.venues.lending[k].token;
        for l in 0..L {
            amount[l] = amount[l].min(self.positions[i].wallet[t][l]);
        }
        self.venues.lending[k].lanes.repay(i, &mut amount);
        let lanes = LaneList::positive(&amount);
        self.pay_lending(i, k, &amount, &lanes, 1.0);
        self.end_lending(i, k, &lanes, self.positions[i].gas_units.deposit, true);
        self.tell_liquidity(&amount, |amount| Event::Repaid { position: i, lending, amount });
        amount
    }

    fn end_lending(&mut self, i: usize, k: usize, lanes: &LaneList<L>, gas: f64, pays: bool) {
        self.refresh_lending(i, k, lanes);
        if pays {
            self.approve(i, Spender::Lending(k), self.venues.lending[k].token, lanes);
        }
        self.pay_venue_gas(i, self.market.venues.lending[k].chain.index(), gas, lanes);
    }

    pub(super) fn pay_venue_gas(&mut self, i: usize, chain: usize, units: f64, lanes: &LaneList<L>) {
        let market = &self.market;
        self.positions[i].pay_gas_in(lanes, |l| market.gas[chain].cost(units, market.priority_fee, l, &market.prices));
    }

    /// The first time that somebody takes a token of a position costs an approval.
    pub(in crate::world) fn approve(&mut self, i: usize, spender: Spender, token: usize, lanes: &LaneList<L>) {
        let units = self.positions[i].gas_units.approve;
        if units <= 0.0 {
            return;
        }
        let chain = match spender {
            Spender::Pool(p) => self.market.pool_chains[p],
            Spender::Farm(f) => self.market.venues.farms[f].chain,
            Spender::Lending(k) => self.market.venues.lending[k].chain,
        };
        let (key, approvals) = ((i, spender, token), &mut self.venues.approvals);
        let place = approvals.iter().position(|(known, _)| *known == key).unwrap_or_else(|| {
            approvals.push((key, [false; L]));
            approvals.len() - 1
        });
        let mut first = Lanes::ZERO;
        for l in lanes.iter() {
            first[l] = if approvals[place].1[l] { 0.0 } else { 1.0 };
            approvals[place].1[l] = true;
        }
        self.pay_venue_gas(i, chain.index(), units, &LaneList::positive(&first));
    }
}
