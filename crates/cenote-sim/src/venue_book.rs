use std::sync::Arc;

use cenote_strategy::{FarmHolding, HoldingLanes, LendingHolding, Stake};
use cenote_units::{LaneList, Lanes, kernel};

use crate::position::nanos;
use crate::scenario::Scenario;
use crate::venues::RewardLock;

/// What a position has in farms, lending markets and vaults, and the books of it.
///
/// Staked LP tokens belong to the books of their pool, wherever they are. Everything else here is looked at after every move of
/// prices: what it was worth more or less is price, what has been added to it is rewards or interest.
#[derive(Debug)]
pub(crate) struct VenueBook<const L: usize> {
    pub(crate) holdings: HoldingLanes<L>,
    places: Arc<Places>,
    /// Whether there ever was anything on these paths, by farm and by market.
    used_farms: Vec<bool>,
    used_lending: Vec<bool>,
    /// Claimed rewards that have not come free, by farm.
    locks: Vec<Vec<Lock<L>>>,
    /// What its shares of vaults are worth, by vault.
    vaults: Vec<Lanes<L>>,
    pub(crate) sums: VenueSums<L>,
}

/// Tokens of a world's farms and markets.
#[derive(Debug)]
pub(crate) struct Places {
    farms: Vec<FarmTokens>,
    lending: Vec<usize>,
}

#[derive(Debug)]
struct FarmTokens {
    stake: Stake,
    rewards: Vec<usize>,
}

/// Sums over the position's life, in the numeraire.
#[derive(Clone, Debug)]
pub(crate) struct VenueSums<const L: usize> {
    pub(crate) price: Lanes<L>,
    /// Rewards, when earned.
    pub(crate) rewards: Lanes<L>,
    /// The part of the price term that is of rewards not claimed yet, or locked.
    pub(crate) unsold: Lanes<L>,
    /// Whole reward tokens earned, weighted by nothing: of farms with one reward, how many.
    pub(crate) reward_tokens: Lanes<L>,
    /// What was received for reward tokens that were sold.
    pub(crate) rewards_sold: Lanes<L>,
    /// Interest earned less interest owed.
    pub(crate) interest: Lanes<L>,
}

impl<const L: usize> VenueSums<L> {
    const ZERO: Self = Self {
        price: Lanes::ZERO,
        rewards: Lanes::ZERO,
        unsold: Lanes::ZERO,
        reward_tokens: Lanes::ZERO,
        rewards_sold: Lanes::ZERO,
        interest: Lanes::ZERO,
    };
}

/// Rewards of one kind on their way to be free: lots of each lane, oldest first.
#[derive(Clone, Debug)]
struct Lock<const L: usize> {
    lots: Vec<Vec<Lot>>,
    /// What is locked, lane by lane.
    total: Lanes<L>,
}

#[derive(Clone, Copy, Debug)]
struct Lot {
    amount: f64,
    since: u64,
    /// Up to when it has been paid out.
    paid: u64,
}

impl Places {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let farm = |farm: &crate::FarmSetup| FarmTokens {
            stake: farm.stake,
            rewards: farm.rewards.iter().map(|token| token.index()).collect(),
        };
        Self {
            farms: scenario.farms.iter().map(farm).collect(),
            lending: scenario.lending.iter().map(|lending| lending.token.index()).collect(),
        }
    }
}

impl<const L: usize> VenueBook<L> {
    pub(crate) fn new(places: &Arc<Places>, vaults: usize) -> Self {
        let farm = |farm: &FarmTokens| FarmHolding { staked: Lanes::ZERO, pending: vec![Lanes::ZERO; farm.rewards.len()] };
        let lock =
            |farm: &FarmTokens| vec![Lock { lots: (0..L).map(|_| Vec::new()).collect(), total: Lanes::ZERO }; farm.rewards.len()];
        Self {
            holdings: HoldingLanes {
                farms: places.farms.iter().map(farm).collect(),
                lending: vec![LendingHolding { supplied: Lanes::ZERO, owed: Lanes::ZERO }; places.lending.len()],
                vaults: vec![Lanes::ZERO; vaults],
            },
            used_farms: vec![false; places.farms.len()],
            used_lending: vec![false; places.lending.len()],
            locks: places.farms.iter().map(lock).collect(),
            places: Arc::clone(places),
            vaults: vec![Lanes::ZERO; vaults],
            sums: VenueSums::ZERO,
        }
    }

    pub(crate) fn clear(&mut self) {
        for farm in &mut self.holdings.farms {
            farm.staked = Lanes::ZERO;
            farm.pending.fill(Lanes::ZERO);
        }
        for lending in &mut self.holdings.lending {
            (lending.supplied, lending.owed) = (Lanes::ZERO, Lanes::ZERO);
        }
        self.holdings.vaults.fill(Lanes::ZERO);
        self.vaults.fill(Lanes::ZERO);
        self.used_farms.fill(false);
        self.used_lending.fill(false);
        for lock in self.locks.iter_mut().flatten() {
            lock.lots.iter_mut().for_each(Vec::clear);
            lock.total = Lanes::ZERO;
        }
        self.sums = VenueSums::ZERO;
    }

    /// What its shares of a vault are worth.
    pub(crate) fn set_vault_value(&mut self, v: usize, value: &Lanes<L>) {
        self.vaults[v] = *value;
    }

    /// Whether it ever was in this farm on these paths.
    pub(crate) fn uses_farm(&self, farm: usize) -> bool {
        self.used_farms[farm]
    }

    /// Whether it ever was in this lending market on these paths.
    pub(crate) fn uses_lending(&self, lending: usize) -> bool {
        self.used_lending[lending]
    }

    /// It is in this farm from now on.
    pub(crate) fn enter_farm(&mut self, farm: usize) {
        self.used_farms[farm] = true;
    }

    /// It is in this lending market from now on.
    pub(crate) fn enter_lending(&mut self, lending: usize) {
        self.used_lending[lending] = true;
    }

    /// Whole LP tokens of a pool that are in farms, in a lane.
    pub(crate) fn staked_lp(&self, pool: usize, l: usize) -> f64 {
        let farms = self.places.farms.iter().zip(&self.holdings.farms);
        let here = farms.filter(|(tokens, _)| matches!(tokens.stake, Stake::Pool(p) if p.index() == pool));
        here.map(|(_, farm)| farm.staked[l]).sum()
    }

    /// Whole tokens of a kind in farms and lending markets, LP tokens not, less what is owed, in a lane.
    pub(crate) fn tokens(&self, t: usize, l: usize) -> f64 {
        let mut sum = 0.0;
        for (f, tokens) in self.places.farms.iter().enumerate().filter(|(f, _)| self.used_farms[*f]) {
            let farm = &self.holdings.farms[f];
            if matches!(tokens.stake, Stake::Token(token) if token.index() == t) {
                sum += farm.staked[l];
            }
            for (r, _) in tokens.rewards.iter().enumerate().filter(|(_, reward)| **reward == t) {
                sum += farm.pending[r][l] + self.locks[f][r].total[l];
            }
        }
        for (k, _) in self.places.lending.iter().enumerate().filter(|(k, token)| **token == t && self.used_lending[*k]) {
            sum += self.holdings.lending[k].supplied[l] - self.holdings.lending[k].owed[l];
        }
        sum
    }

    /// What a step did that led to these prices, in a farm: `pending` is what is earned and not claimed now, by reward.
    pub(crate) fn accrue_farm(&mut self, f: usize, pending: &[Lanes<L>], before: &[Lanes<L>], after: &[Lanes<L>]) {
        let (tokens, farm, sums) = (&self.places.farms[f], &mut self.holdings.farms[f], &mut self.sums);
        if let Stake::Token(token) = tokens.stake {
            hold(&farm.staked, &before[token.index()], &after[token.index()], &mut sums.price);
        }
        for (r, &t) in tokens.rewards.iter().enumerate() {
            let lock = &self.locks[f][r].total;
            hold(lock, &before[t], &after[t], &mut sums.price);
            hold(lock, &before[t], &after[t], &mut sums.unsold);
            earn(
                &pending[r],
                &before[t],
                &after[t],
                &mut farm.pending[r],
                &mut sums.price,
                &mut sums.unsold,
                &mut sums.rewards,
                &mut sums.reward_tokens,
            );
        }
    }

    /// The same in a lending market: balances with interest now.
    pub(crate) fn accrue_lending(
        &mut self,
        k: usize,
        supplied: &Lanes<L>,
        owed: &Lanes<L>,
        before: &[Lanes<L>],
        after: &[Lanes<L>],
    ) {
        let (t, lending) = (self.places.lending[k], &mut self.holdings.lending[k]);
        lend(supplied, 1.0, &before[t], &after[t], &mut lending.supplied, &mut self.sums.price, &mut self.sums.interest);
        lend(owed, -1.0, &before[t], &after[t], &mut lending.owed, &mut self.sums.price, &mut self.sums.interest);
    }

    /// What is earned and not claimed, after something was done in these lanes.
    pub(crate) fn set_pending(&mut self, f: usize, pending: &[Lanes<L>], lanes: &LaneList<L>) {
        for (own, now) in self.holdings.farms[f].pending.iter_mut().zip(pending) {
            for l in lanes.iter() {
                own[l] = now[l];
            }
        }
    }

    /// Locks claimed rewards.
    pub(crate) fn lock(&mut self, f: usize, r: usize, l: usize, amount: f64, time: u64) {
        if amount > 0.0 {
            let lock = &mut self.locks[f][r];
            lock.lots[l].push(Lot { amount, since: time, paid: time });
            lock.total[l] += amount;
        }
    }

    /// What of locked rewards comes free by now, which is no longer locked then.
    pub(crate) fn free(&mut self, f: usize, r: usize, l: usize, terms: &RewardLock, time: u64) -> f64 {
        let lock = &mut self.locks[f][r];
        let duration = terms.duration.as_nanos();
        let mut freed = 0.0;
        for lot in &mut lock.lots[l] {
            let end = lot.since.saturating_add(duration);
            if time >= end {
                freed += lot.amount;
                lot.amount = 0.0;
            } else if terms.linear && time > lot.paid {
                let part = nanos(time - lot.paid) / nanos(end - lot.paid);
                freed += lot.amount * part;
                lot.amount -= lot.amount * part;
                lot.paid = time;
            }
        }
        if freed > 0.0 {
            lock.lots[l].retain(|lot| lot.amount > 0.0);
            lock.total[l] = lock.lots[l].iter().map(|lot| lot.amount).sum();
        }
        freed
    }

    /// Whether rewards of a farm are locked somewhere.
    pub(crate) fn locked(&self, f: usize, r: usize) -> &Lanes<L> {
        &self.locks[f][r].total
    }

    /// Adds what all of it is worth, LP tokens not, in a lane.
    pub(crate) fn plus_value(&self, l: usize, prices: &[Lanes<L>], mut value: f64) -> f64 {
        for (f, tokens) in self.places.farms.iter().enumerate() {
            if self.used_farms[f] {
                let farm = &self.holdings.farms[f];
                if let Stake::Token(token) = tokens.stake {
                    value += farm.staked[l] * prices[token.index()][l];
                }
                for (r, &t) in tokens.rewards.iter().enumerate() {
                    value += (farm.pending[r][l] + self.locks[f][r].total[l]) * prices[t][l];
                }
            }
        }
        for (k, &t) in self.places.lending.iter().enumerate() {
            if self.used_lending[k] {
                let lending = &self.holdings.lending[k];
                value += (lending.supplied[l] - lending.owed[l]) * prices[t][l];
            }
        }
        for vault in &self.vaults {
            value += vault[l];
        }
        value
    }

    /// The same in all lanes.
    pub(crate) fn add_value(&self, prices: &[Lanes<L>], value: &mut Lanes<L>) {
        if self.used_farms.contains(&true) || self.used_lending.contains(&true) || !self.vaults.is_empty() {
            for l in 0..L {
                value[l] = self.plus_value(l, prices, value[l]);
            }
        }
    }
}

kernel! {
    /// What a move of the price did to an amount.
    fn hold<const L: usize>(amount: &Lanes<L>, before: &Lanes<L>, after: &Lanes<L>, price: &mut Lanes<L>) {
        for l in 0..L {
            price[l] += amount[l] * (after[l] - before[l]);
        }
    }
}

kernel! {
    /// What a move of the price did to rewards earned before, and what has been earned since.
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    fn earn<const L: usize>(
        now: &Lanes<L>,
        before: &Lanes<L>,
        after: &Lanes<L>,
        last: &mut Lanes<L>,
        price: &mut Lanes<L>,
        unsold: &mut Lanes<L>,
        rewards: &mut Lanes<L>,
        tokens: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let gain = last[l] * (after[l] - before[l]);
            let earned = now[l] - last[l];
            price[l] += gain;
            unsold[l] += gain;
            rewards[l] += earned * after[l];
            tokens[l] += earned;
            last[l] = now[l];
        }
    }
}

kernel! {
    /// What a move of the price did to a balance, and what interest has been added to it; of a debt, the sign is −1.
    fn lend<const L: usize>(
        now: &Lanes<L>,
        sign: f64,
        before: &Lanes<L>,
        after: &Lanes<L>,
        last: &mut Lanes<L>,
        price: &mut Lanes<L>,
        interest: &mut Lanes<L>,
    ) {
        for l in 0..L {
            price[l] += sign * last[l] * (after[l] - before[l]);
            interest[l] += sign * (now[l] - last[l]) * after[l];
            last[l] = now[l];
        }
    }
}
