use cenote_units::{Lanes, mask, select};

use super::FarmLanes;
use super::boost::{Boost, VoteLock};
use super::kernels::{
    Share, Sums, add, beyond, changed, constant, copy, count, differing, due, emissions, move_clock, pending, per_unit, settle,
    subtract, take,
};
use crate::emission::Emission;

/// Rewards in proportion to stakes, `L` paths wide: `MasterChef`, `StakingRewards`, and gauges with boosted stakes.
///
/// Each reward token has a sum of what a unit of stake has got; a change of one stake settles that one and nobody else. Totals are added up
/// anew from the stakes there are, so no rounding of what has left stays behind.
#[derive(Clone, Debug)]
pub struct ShareLanes<const L: usize> {
    others_at_start: f64,
    boost: Option<Boost>,
    /// What accounts have staked, and then what the others have.
    stakes: Vec<Lanes<L>>,
    total: Lanes<L>,
    /// What stakes count as, where there is a boost.
    working: Vec<Lanes<L>>,
    working_total: Lanes<L>,
    locks: Vec<VoteLock<L>>,
    rewards: Vec<Reward<L>>,
    /// Up to when rewards are counted.
    last: [u64; L],
}

/// One reward token.
#[derive(Clone, Debug)]
struct Reward<const L: usize> {
    emission: Emission,
    /// Whether it goes by what stakes count as, rather than by what they are.
    boosted: bool,
    sums: Sums<L>,
    /// Of accounts, and then of the others.
    shares: Vec<Share<L>>,
    /// The rate at `last`, and until when it holds; the end of time before anything is known.
    rate: Lanes<L>,
    until: [u64; L],
}

impl<const L: usize> Reward<L> {
    fn look_up(&mut self, lane: usize, time: u64) {
        let piece = self.emission.piece(time);
        self.rate[lane] = piece.map_or(0.0, |piece| piece.rate);
        self.until[lane] = piece.map_or(0, |piece| piece.until);
    }

    /// What is emitted from `last` to `time`.
    fn emitted(&self, last: &[u64; L], time: &[u64; L], out: &mut Lanes<L>) {
        if beyond(&self.until, time) == 0 {
            return emissions(&self.rate, last, time, out);
        }
        if self.emission.amounts(last, time, out) {
            return;
        }
        for l in 0..L {
            out[l] = if time[l] > self.until[l] {
                self.emission.amount(last[l], time[l])
            } else {
                constant(self.rate[l], last[l], time[l])
            };
        }
    }
}

impl<const L: usize> ShareLanes<L> {
    /// A farm with `accounts` empty accounts and `others` staked by others, which hands out one reward by stake for each emission.
    ///
    /// `others` is to be finite and not negative.
    pub fn new(accounts: usize, others: f64, emissions: &[Emission]) -> Self {
        Self::build(accounts, others, emissions.iter().map(|emission| (emission.clone(), false)).collect(), None)
    }

    /// A farm whose `inflation` goes by boosted stakes, and whose other rewards go by stakes as they are.
    pub fn boosted(accounts: usize, others: f64, inflation: &Emission, rewards: &[Emission], boost: Boost) -> Self {
        let mut all = vec![(inflation.clone(), true)];
        all.extend(rewards.iter().map(|emission| (emission.clone(), false)));
        Self::build(accounts, others, all, Some(boost))
    }

    fn build(accounts: usize, others: f64, emissions: Vec<(Emission, bool)>, boost: Option<Boost>) -> Self {
        let reward = |(emission, boosted)| Reward {
            emission,
            boosted,
            sums: Sums::ZERO,
            shares: vec![Share::ZERO; accounts + 1],
            rate: Lanes::ZERO,
            until: [0; L],
        };
        let mut farm = Self {
            others_at_start: others,
            boost,
            stakes: vec![Lanes::ZERO; accounts + 1],
            total: Lanes::ZERO,
            working: vec![Lanes::ZERO; if boost.is_some() { accounts + 1 } else { 0 }],
            working_total: Lanes::ZERO,
            locks: vec![VoteLock::NONE; if boost.is_some() { accounts } else { 0 }],
            rewards: emissions.into_iter().map(reward).collect(),
            last: [0; L],
        };
        farm.start();
        farm
    }

    /// The index of the others among stakes and shares.
    fn crowd(&self) -> usize {
        self.stakes.len() - 1
    }

    /// What a stake counts as, and the total, for a reward.
    fn weights(&self, reward: &Reward<L>, index: usize) -> (&Lanes<L>, &Lanes<L>) {
        if reward.boosted { (&self.working[index], &self.working_total) } else { (&self.stakes[index], &self.total) }
    }

    /// Counts what was emitted up to `time` and settles one stake, where the mask says so: what must come before it changes.
    fn settle(&mut self, lanes: &[u64; L], time: &[u64; L], index: usize) {
        for reward in &mut self.rewards {
            let (weight, total) =
                if reward.boosted { (&self.working[index], &self.working_total) } else { (&self.stakes[index], &self.total) };
            let mut emitted = Lanes::ZERO;
            reward.emitted(&self.last, time, &mut emitted);
            count(lanes, &emitted, total, &mut reward.sums);
            settle(lanes, weight, &reward.sums.acc, &mut reward.shares[index]);
            if due(lanes, &reward.until, time) != 0 {
                for l in 0..L {
                    if lanes[l] != 0 && time[l] >= reward.until[l] {
                        reward.look_up(l, time[l]);
                    }
                }
            }
        }
        move_clock(lanes, time, &mut self.last);
    }

    /// Adds up what there is, where the mask says so, and what the changed stake counts as from now on.
    fn recount(&mut self, lanes: &[u64; L], time: &[u64; L], index: usize) {
        sum(&mut self.total, &self.stakes, lanes);
        let Some(boost) = self.boost else { return };
        let crowd = self.crowd();
        for l in 0..L {
            if lanes[l] == 0 {
                continue;
            }
            self.working[index][l] = if index == crowd {
                boost.others() * self.stakes[crowd][l]
            } else {
                let votes = self.locks[index].votes(&boost, l, time[l]);
                boost.working(self.stakes[index][l], self.total[l], votes, boost.all_votes(&self.locks, l, time[l]))
            };
        }
        sum(&mut self.working_total, &self.working, lanes);
    }

    /// What a share has got of a reward by `time`, claims aside.
    fn got(&self, time: &[u64; L], index: usize, reward: usize, out: &mut Lanes<L>) {
        let Some(reward) = self.rewards.get(reward) else { return };
        let (weight, total) = self.weights(reward, index);
        let mut emitted = Lanes::ZERO;
        reward.emitted(&self.last, time, &mut emitted);
        pending(weight, &reward.sums.acc, &emitted, total, &reward.shares[index], out);
    }
}

/// Sums in order, where the mask says so.
fn sum<const L: usize>(out: &mut Lanes<L>, parts: &[Lanes<L>], lanes: &[u64; L]) {
    let mut sum = Lanes::<L>::ZERO;
    for part in parts {
        add(part, &mut sum);
    }
    copy(lanes, &sum, out);
}

impl<const L: usize> FarmLanes<L> for ShareLanes<L> {
    fn start(&mut self) {
        let crowd = self.crowd();
        self.stakes.fill(Lanes::ZERO);
        self.stakes[crowd] = Lanes::splat(self.others_at_start);
        self.working.fill(Lanes::ZERO);
        self.locks.fill(VoteLock::NONE);
        self.last = [0; L];
        for reward in &mut self.rewards {
            reward.sums = Sums::ZERO;
            reward.shares.fill(Share::ZERO);
            for l in 0..L {
                reward.look_up(l, 0);
            }
        }
        self.recount(&[u64::MAX; L], &[0; L], crowd);
    }

    fn reward_count(&self) -> usize {
        self.rewards.len()
    }

    fn account_count(&self) -> usize {
        self.crowd()
    }

    fn staked(&self, account: usize) -> &Lanes<L> {
        &self.stakes[account]
    }

    fn others(&self) -> &Lanes<L> {
        &self.stakes[self.crowd()]
    }

    fn total_staked(&self) -> &Lanes<L> {
        &self.total
    }

    fn stake(&mut self, time: &[u64; L], account: usize, amount: &Lanes<L>) {
        let mut lanes = [0; L];
        changed(amount, &mut lanes);
        self.settle(&lanes, time, account);
        add(amount, &mut self.stakes[account]);
        self.recount(&lanes, time, account);
    }

    fn unstake(&mut self, time: &[u64; L], account: usize, amount: &mut Lanes<L>) {
        take(amount, &self.stakes[account]);
        let mut lanes = [0; L];
        changed(amount, &mut lanes);
        self.settle(&lanes, time, account);
        subtract(amount, &mut self.stakes[account]);
        self.recount(&lanes, time, account);
    }

    fn set_staked(&mut self, time: &[u64; L], account: usize, amount: &Lanes<L>) {
        let mut lanes = [0; L];
        differing(amount, &self.stakes[account], &mut lanes);
        self.settle(&lanes, time, account);
        copy(&lanes, amount, &mut self.stakes[account]);
        self.recount(&lanes, time, account);
    }

    fn set_others(&mut self, time: &[u64; L], amount: &Lanes<L>) {
        self.set_staked(time, self.crowd(), amount);
    }

    /// Where there is a boost, a claim settles it anew, as every action does.
    fn claim(&mut self, time: &[u64; L], account: usize, lanes: &[u64; L], rewards: &mut [Lanes<L>]) {
        let lanes = lanes.map(|lane| mask(lane != 0));
        if self.boost.is_some() {
            self.settle(&lanes, time, account);
            self.recount(&lanes, time, account);
        }
        self.pending(time, account, rewards);
        for (reward, paid) in self.rewards.iter_mut().zip(rewards) {
            let total = if reward.boosted { &self.working_total } else { &self.total };
            let mut emitted = Lanes::ZERO;
            reward.emitted(&self.last, time, &mut emitted);
            let share = &mut reward.shares[account];
            for l in 0..L {
                let acc = per_unit(reward.sums.acc[l], emitted[l], total[l]);
                paid[l] = select(lanes[l], paid[l], 0.0);
                share.claimed[l] += paid[l];
                share.owed[l] = select(lanes[l], 0.0, share.owed[l]);
                share.mark[l] = select(lanes[l], acc, share.mark[l]);
            }
        }
    }

    fn pending(&self, time: &[u64; L], account: usize, rewards: &mut [Lanes<L>]) {
        for (reward, out) in rewards.iter_mut().enumerate() {
            self.got(time, account, reward, out);
        }
    }

    fn rate(&self, time: &[u64; L], reward: usize, out: &mut Lanes<L>) {
        let Some(reward) = self.rewards.get(reward) else { return };
        for l in 0..L {
            out[l] = reward.emission.rate_at(time[l]);
        }
    }

    fn account_rate(&self, time: &[u64; L], account: usize, reward: usize, out: &mut Lanes<L>) {
        self.rate(time, reward, out);
        let Some(reward) = self.rewards.get(reward) else { return };
        let (weight, total) = self.weights(reward, account);
        for l in 0..L {
            out[l] = if weight[l] > 0.0 { out[l] * (weight[l] / total[l]) } else { 0.0 };
        }
    }

    fn emitted(&self, time: &[u64; L], reward: usize, out: &mut Lanes<L>) {
        let Some(reward) = self.rewards.get(reward) else { return };
        reward.emitted(&self.last, time, out);
        for l in 0..L {
            out[l] += reward.sums.emitted[l];
        }
    }

    fn undistributed(&self, time: &[u64; L], reward: usize, out: &mut Lanes<L>) {
        let Some(reward) = self.rewards.get(reward) else { return };
        let total = if reward.boosted { &self.working_total } else { &self.total };
        reward.emitted(&self.last, time, out);
        for l in 0..L {
            out[l] = reward.sums.undistributed[l] + if total[l] > 0.0 { 0.0 } else { out[l] };
        }
    }

    fn others_earned(&self, time: &[u64; L], reward: usize, out: &mut Lanes<L>) {
        self.got(time, self.crowd(), reward, out);
    }

    fn claimed(&self, account: usize, reward: usize) -> &Lanes<L> {
        &self.rewards[reward].shares[account].claimed
    }

    fn lock_votes(&mut self, account: usize, amount: &Lanes<L>, end: &[u64; L]) {
        if let Some(lock) = self.locks.get_mut(account) {
            lock.set(amount, end);
        }
    }
}
