//! Rewards besides the inflation: tokens that somebody pays in, handed out over a week by stakes as they are.

use std::collections::BTreeMap;

use cenote_amm::Owner;

use super::GaugeError;
use super::escrow::WEEK;
use crate::farm::Arithmetic;

/// Integrals are 10^18 times what they mean.
const SCALE: u64 = 1_000_000_000_000_000_000;

/// One reward token of a gauge.
#[derive(Clone, Debug, PartialEq)]
pub struct GaugeReward<L: Arithmetic> {
    period_finish: u64,
    rate: L::Amount,
    last_update: u64,
    integral: L::Sum,
    marks: BTreeMap<Owner, L::Sum>,
    claimable: BTreeMap<Owner, L::Amount>,
    paid_in: L::Amount,
    claimed: L::Amount,
    forgone: L::Amount,
}

impl<L: Arithmetic> Default for GaugeReward<L> {
    fn default() -> Self {
        Self {
            period_finish: 0,
            rate: L::ZERO,
            last_update: 0,
            integral: L::Sum::default(),
            marks: BTreeMap::new(),
            claimable: BTreeMap::new(),
            paid_in: L::ZERO,
            claimed: L::ZERO,
            forgone: L::ZERO,
        }
    }
}

impl<L: Arithmetic> GaugeReward<L> {
    /// Rewards a second, until the period ends.
    pub fn rate(&self) -> L::Amount {
        self.rate
    }

    /// When the period ends, in Unix seconds.
    pub fn period_finish(&self) -> u64 {
        self.period_finish
    }

    /// All that was paid in.
    pub fn paid_in(&self) -> L::Amount {
        self.paid_in
    }

    /// All that was claimed.
    pub fn claimed(&self) -> L::Amount {
        self.claimed
    }

    /// What went to nobody, because nobody had staked, up to the last change. It stays in the gauge for ever.
    pub fn forgone(&self) -> L::Amount {
        self.forgone
    }

    /// The integral of rate over stakes up to `now`, what went to nobody on the way, and the time it is counted up to.
    fn counted(&self, now: u64, total: L::Amount) -> Result<(L::Sum, L::Amount, u64), GaugeError> {
        let last_update = now.min(self.period_finish);
        let elapsed = last_update.saturating_sub(self.last_update);
        if elapsed == 0 {
            return Ok((self.integral, L::ZERO, self.last_update));
        }
        let emitted = L::times(self.rate, elapsed.into())?;
        if L::is_zero(total) {
            return Ok((self.integral, emitted, last_update));
        }
        Ok((L::plus(self.integral, L::per_share(emitted, total, SCALE)?)?, L::ZERO, last_update))
    }

    /// `_checkpoint_rewards` without a claim; for somebody with this stake, or for nobody.
    pub(super) fn checkpoint(&mut self, now: u64, total: L::Amount, user: Option<(Owner, L::Amount)>) -> Result<(), GaugeError> {
        let (integral, forgone, last_update) = self.counted(now, total)?;
        let forgone = L::sum(self.forgone, forgone)?;
        if let Some((owner, stake)) = user {
            let claimable = self.claimable_at(owner, stake, integral)?;
            self.marks.insert(owner, integral);
            self.claimable.insert(owner, claimable);
        }
        (self.integral, self.forgone, self.last_update) = (integral, forgone, last_update);
        Ok(())
    }

    fn claimable_at(&self, owner: Owner, stake: L::Amount, integral: L::Sum) -> Result<L::Amount, GaugeError> {
        let mark = self.marks.get(&owner).copied().unwrap_or_default();
        let new = L::accrued(stake, L::growth(integral, mark)?, SCALE)?;
        Ok(L::sum(self.claimable.get(&owner).copied().unwrap_or(L::ZERO), new)?)
    }

    /// `claimable_reward`.
    pub(super) fn claimable(&self, now: u64, total: L::Amount, owner: Owner, stake: L::Amount) -> Result<L::Amount, GaugeError> {
        self.claimable_at(owner, stake, self.counted(now, total)?.0)
    }

    /// Pays what was [checkpointed](Self::checkpoint).
    pub(super) fn claim(&mut self, owner: Owner) -> Result<L::Amount, GaugeError> {
        let amount = self.claimable.get(&owner).copied().unwrap_or(L::ZERO);
        self.claimed = L::sum(self.claimed, amount)?;
        self.claimable.insert(owner, L::ZERO);
        Ok(amount)
    }

    /// `deposit_reward_token`: what is left of the period and `amount` are handed out over a week from now.
    pub(super) fn pay_in(&mut self, now: u64, total: L::Amount, amount: L::Amount) -> Result<(), GaugeError> {
        let remaining = self.period_finish.saturating_sub(now);
        let leftover = L::times(self.rate, remaining.into())?;
        let rate = L::over(L::sum(amount, leftover)?, WEEK.into())?;
        let paid_in = L::sum(self.paid_in, amount)?;
        self.checkpoint(now, total, None)?;
        (self.rate, self.paid_in) = (rate, paid_in);
        (self.last_update, self.period_finish) = (now, now.saturating_add(WEEK));
        Ok(())
    }
}
