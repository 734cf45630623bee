//! Vaults: positions that belong to several, each by its shares.

use cenote_strategy::{FarmId, Stake, VaultId};
use cenote_units::{LaneList, Lanes, SimDuration};

use super::super::Engine;
use crate::ledger::Account;
use crate::observer::Event;
use crate::position::Terms;
use crate::risk_book::Toll;
use crate::venues::VaultSetup;

/// A vault at work. What it has, and the books of that, are those of a position of its own, after all others; what anybody puts in
/// buys shares of it at what they are worth then.
#[derive(Debug)]
pub(super) struct VaultState<const L: usize> {
    /// The place of its own position.
    pub(super) position: usize,
    farm: usize,
    performance_fee: f64,
    management_fee: f64,
    value_at_start: f64,
    /// All shares; those that nobody here has are others', or the house's.
    supply: Lanes<L>,
    /// By position.
    shares: Vec<Lanes<L>>,
    used: Vec<bool>,
    /// Up to when, and up to which rewards, fees are charged.
    charged: [u64; L],
    charged_rewards: Lanes<L>,
    /// The vault's sums when they were last shared out.
    shared: [Terms; L],
    /// The same of its risks.
    tolls: Vec<Vec<Toll>>,
}

impl<const L: usize> VaultState<L> {
    pub(super) fn new(setup: &VaultSetup, position: usize, positions: usize) -> Self {
        Self {
            position,
            farm: setup.farm.index(),
            performance_fee: setup.performance_fee,
            management_fee: setup.management_fee,
            value_at_start: setup.value,
            supply: Lanes::ZERO,
            shares: vec![Lanes::ZERO; positions],
            used: vec![false; positions],
            charged: [0; L],
            charged_rewards: Lanes::ZERO,
            shared: [Terms::default(); L],
            tolls: vec![Vec::new(); L],
        }
    }

    pub(super) fn start(&mut self) {
        self.supply = Lanes::splat(self.value_at_start);
        self.shares.fill(Lanes::ZERO);
        self.used.fill(false);
        self.charged = [0; L];
        self.charged_rewards = Lanes::ZERO;
        self.shared = [Terms::default(); L];
        self.tolls.iter_mut().for_each(Vec::clear);
    }

    /// A position's part of it.
    pub(super) fn part(&self, i: usize, l: usize) -> f64 {
        self.shares[i][l] / self.supply[l]
    }
}

impl<const L: usize> Engine<L> {
    /// The measured time begins: fees count from here.
    pub(super) fn begin_vaults(&mut self) {
        for vault in &mut self.venues.vaults {
            vault.charged = *self.clock.time();
        }
    }

    /// What a position's shares are worth now, in lanes where it may have changed.
    pub(in crate::world) fn mark_vaults(&mut self, i: usize) {
        for v in 0..self.venues.vaults.len() {
            if self.venues.vaults[v].used.get(i) == Some(&true) {
                self.mark(self.venues.vaults[v].position);
                let vault = &self.venues.vaults[v];
                let mut value = Lanes::ZERO;
                for l in 0..L {
                    value[l] = vault.part(i, l) * self.positions[vault.position].value[l];
                }
                self.positions[i].set_vault_value(v, &value);
            }
        }
    }

    /// What shares stand for, in units of what the farm takes, for strategies to see.
    pub(super) fn show_vaults(&mut self) {
        for v in 0..self.venues.vaults.len() {
            for i in 0..self.visible {
                if self.venues.vaults[v].used.get(i) == Some(&true) {
                    self.show_shares(i, v);
                }
            }
        }
    }

    fn show_shares(&mut self, i: usize, v: usize) {
        let (vault, unit) = (&self.venues.vaults[v], self.unit_of(self.venues.vaults[v].farm));
        let staked = &self.positions[vault.position].venues.holdings.farms[vault.farm].staked;
        let mut held = Lanes::ZERO;
        for l in 0..L {
            let worth = vault.part(i, l) * self.positions[vault.position].value[l] / unit[l];
            held[l] = if worth > 0.0 { worth.min(staked[l]) } else { 0.0 };
        }
        self.positions[i].venues.holdings.vaults[v] = held;
    }

    /// Brings a vault's books up to date in these lanes, charges its fees, and gives everybody the part that is theirs.
    pub(in crate::world) fn share_out(&mut self, v: usize, lanes: &LaneList<L>) {
        let j = self.venues.vaults[v].position;
        self.settle_position_in(j, lanes);
        self.mark(j);
        let time = *self.clock.time();
        for l in lanes.iter() {
            let terms = self.positions[j].terms(l);
            let (before, value) = (self.venues.vaults[v].shared[l], self.positions[j].value[l]);
            let (holders, own) = self.positions.split_at_mut(self.visible);
            let risks = &own[j - self.visible].risks;
            let vault = &mut self.venues.vaults[v];
            for (i, holder) in holders.iter_mut().enumerate() {
                let part = vault.part(i, l);
                if part > 0.0 {
                    holder.book_shared(l, &terms, &before, part);
                    holder.risks.share(l, risks, &vault.tolls[l], part);
                }
            }
            vault.shared[l] = terms;
            vault.tolls[l].clear();
            vault.tolls[l].extend(risks.tolls(l));
            // Fees are shares for the house, so that everybody else has less of the same.
            let years = SimDuration::from_nanos(time[l] - vault.charged[l]).as_years();
            let rewards = (terms.rewards - vault.charged_rewards[l]).max(0.0);
            let fee = (vault.performance_fee * rewards + vault.management_fee * years * value).min(0.999 * value);
            (vault.charged[l], vault.charged_rewards[l]) = (time[l], terms.rewards);
            if fee > 0.0 {
                let after = vault.supply[l] * (value / (value - fee));
                for i in 0..self.visible {
                    let lost = vault.shares[i][l] * value * (1.0 / vault.supply[l] - 1.0 / after);
                    self.positions[i].book_trading_cost(l, lost);
                }
                vault.supply[l] = after;
            }
        }
    }

    /// All of them, at the horizon.
    pub(in crate::world) fn share_out_all(&mut self) {
        for v in 0..self.venues.vaults.len() {
            self.share_out(v, &LaneList::positive(&Lanes::splat(1.0)));
        }
        for i in 0..self.visible {
            self.mark_vaults(i);
        }
    }

    pub(super) fn deposit(&mut self, i: usize, id: VaultId, fraction: &Lanes<L>) -> Lanes<L> {
        let v = id.index();
        let (j, f) = (self.venues.vaults[v].position, self.venues.vaults[v].farm);
        let mut amount = self.stakeable(i, f);
        for l in 0..L {
            amount[l] *= if fraction[l] > 0.0 { fraction[l].min(1.0) } else { 0.0 };
        }
        let lanes = LaneList::positive(&amount);
        self.share_out(v, &lanes);
        let unit = self.unit_of(f);
        let farm = FarmId(u16::try_from(f).unwrap_or(u16::MAX));
        for l in lanes.iter() {
            let (value, vault) = (amount[l] * unit[l], &mut self.venues.vaults[v]);
            let price = self.positions[vault.position].value[l] / vault.supply[l];
            vault.shares[i][l] += value / price;
            vault.supply[l] += value / price;
            self.positions[j].book_inflow(l, value);
        }
        self.venues.vaults[v].used[i] = true;
        self.hand_stake(i, j, f, &amount);
        let gas = std::mem::take(&mut self.positions[j].gas_units);
        let mut all = Lanes::ZERO;
        for l in lanes.iter() {
            all[l] = 1.0;
        }
        self.stake(j, farm, &all);
        self.positions[j].gas_units = gas;
        self.mark_vaults(i);
        self.show_shares(i, v);
        self.pay_venue_gas(i, self.market.venues.farms[f].chain.index(), self.positions[i].gas_units.deposit, &lanes);
        self.tell_liquidity(&amount, |amount| Event::Deposited { position: i, vault: id, amount });
        amount
    }

    pub(super) fn redeem(&mut self, i: usize, id: VaultId, fraction: &Lanes<L>) -> Lanes<L> {
        let v = id.index();
        let (j, f) = (self.venues.vaults[v].position, self.venues.vaults[v].farm);
        let lanes = LaneList::positive(fraction).also_positive(&self.venues.vaults[v].shares[i]);
        self.share_out(v, &lanes);
        let unit = self.unit_of(f);
        let mut amount = Lanes::ZERO;
        for l in lanes.iter() {
            let vault = &mut self.venues.vaults[v];
            let shares = vault.shares[i][l] * fraction[l].min(1.0);
            let worth = shares / vault.supply[l] * self.positions[j].value[l];
            let staked = &mut self.positions[j].venues.holdings.farms[f].staked[l];
            amount[l] = (worth / unit[l]).clamp(0.0, *staked);
            *staked -= amount[l];
            // What is not in the farm at the moment stays with the others.
            self.positions[i].book_trading_cost(l, worth - amount[l] * unit[l]);
            self.positions[j].book_inflow(l, -amount[l] * unit[l]);
            vault.shares[i][l] = if fraction[l] >= 1.0 { 0.0 } else { vault.shares[i][l] - shares };
            vault.supply[l] -= shares;
        }
        if let Some(ledger) = &mut self.ledger {
            let token = match self.venues.farms[f].stake {
                Stake::Token(token) => token.index(),
                Stake::Pool(pool) => self.scenario.tokens.len() + pool.index(),
            };
            ledger.transfer(Account::Farm(f), Account::Position(j), token, &amount);
        }
        if let Stake::Token(token) = self.venues.farms[f].stake {
            let t = token.index();
            self.positions[j].settle_token_in(t, &self.market.prices[t], &lanes);
            self.positions[j].receive(t, &amount, &lanes);
        }
        self.weigh_position(j, f, &lanes);
        self.hand_stake(j, i, f, &amount);
        self.mark_vaults(i);
        self.show_shares(i, v);
        self.pay_venue_gas(i, self.market.venues.farms[f].chain.index(), self.positions[i].gas_units.withdraw, &lanes);
        self.tell_liquidity(&amount, |amount| Event::Redeemed { position: i, vault: id, amount });
        amount
    }

    /// What a position could stake: LP tokens that are in no farm, or what is in its wallet.
    fn stakeable(&self, i: usize, f: usize) -> Lanes<L> {
        let position = &self.positions[i];
        match self.venues.farms[f].stake {
            Stake::Token(token) => position.wallet[token.index()],
            Stake::Pool(pool) => {
                let mut free = position.lp[pool.index()];
                for l in 0..L {
                    free[l] = (free[l] - position.venues.staked_lp(pool.index(), l)).max(0.0);
                }
                free
            }
        }
    }

    /// One position gives another LP tokens or tokens, at what they are worth.
    fn hand_stake(&mut self, from: usize, to: usize, f: usize, amount: &Lanes<L>) {
        let lanes = LaneList::positive(amount);
        let token = match self.venues.farms[f].stake {
            Stake::Token(token) => {
                let t = token.index();
                let price = self.market.prices[t];
                for i in [from, to] {
                    self.positions[i].settle_token_in(t, &price, &lanes);
                }
                for l in lanes.iter() {
                    self.positions[from].spend_lane(t, l, amount[l]);
                }
                self.positions[to].receive(t, amount, &lanes);
                t
            }
            Stake::Pool(pool) => {
                let p = pool.index();
                let (due, supply) = self.protocol_due(p);
                let (mut value, per_lp) = (self.accounts[p].value, self.invariant_per_lp_of(p, &supply));
                for l in 0..L {
                    value[l] /= supply[l];
                }
                self.accounts[p].close(amount, &due, &supply);
                let time = self.clock.time();
                for i in [from, to] {
                    self.positions[i].settle_pool(p, &self.accounts[p], amount);
                }
                self.positions[from].remove_liquidity(p, amount, &value, &per_lp, time);
                self.positions[to].add_liquidity(p, amount, &per_lp, time);
                let inverse = self.accounts[p].inverse_supply;
                for i in [from, to] {
                    self.positions[i].set_share(p, &inverse);
                }
                self.scenario.tokens.len() + p
            }
        };
        if let Some(ledger) = &mut self.ledger {
            ledger.transfer(Account::Position(from), Account::Position(to), token, amount);
        }
    }
}
