use cenote_units::{Lanes, SimDuration};

use crate::emission::{EmissionError, years};

/// Votes boost a stake: with l staked of L, and v of V votes, a stake counts as `min(l, 0.4 l + 0.6 L v/V)`, at most 2.5 times what it counts without
/// votes.
///
/// Source: `_update_liquidity_limit` of Curve's `LiquidityGaugeV5.vy`, whose `TOKENLESS_PRODUCTION` is 40 %.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boost {
    tokenless: f64,
    longest: u64,
    votes: f64,
    others: f64,
}

impl Boost {
    /// Curve's: 40 % without votes, locks of 4 years at most, `votes` held by others in all. The others' stake counts as `others` times what it is,
    /// between 0.4 and 1.
    ///
    /// # Errors
    /// `votes` is negative or infinite, or `others` out of its range: [`EmissionError::InvalidRate`].
    pub fn curve(votes: f64, others: f64) -> Result<Self, EmissionError> {
        if !(0.0..f64::INFINITY).contains(&votes) {
            return Err(EmissionError::InvalidRate { rate: votes });
        }
        if !(0.4..=1.0).contains(&others) {
            return Err(EmissionError::InvalidRate { rate: others });
        }
        let day = 86_400_000_000_000;
        Ok(Self { tokenless: 0.4, longest: 4 * 365 * day, votes, others })
    }

    /// The longest lock, which gives a vote per token.
    pub fn longest_lock(&self) -> SimDuration {
        SimDuration::from_nanos(self.longest)
    }

    /// The part of their stake that the others' counts as.
    #[inline(always)]
    pub(super) fn others(&self) -> f64 {
        self.others
    }

    /// What a stake of `staked` out of `total` counts as, with `votes` out of `all_votes`.
    ///
    /// ```
    /// use cenote_yield::farm::Boost;
    ///
    /// let boost = Boost::curve(1e6, 1.0)?;
    /// // A thousand of a hundred thousand, and 0.2 % of all votes.
    /// assert!((boost.working(1e3, 1e5, 2e3, 1e6) / 400.0 - 1.3).abs() < 1e-12);
    /// # Ok::<(), cenote_yield::emission::EmissionError>(())
    /// ```
    #[inline]
    pub fn working(&self, staked: f64, total: f64, votes: f64, all_votes: f64) -> f64 {
        let base = self.tokenless * staked;
        // Without any votes at all nobody has a part of them; the contract asks the same question.
        let extra = if all_votes > 0.0 { total * votes / all_votes * (1.0 - self.tokenless) } else { 0.0 };
        (base + extra).min(staked)
    }

    /// Votes of a lock at `time`: they fall linearly to nothing at its end.
    #[inline]
    fn votes_of(&self, amount: f64, end: u64, time: u64) -> f64 {
        amount * (years(end.saturating_sub(time)) / years(self.longest)).min(1.0)
    }
}

/// What one account has locked for votes.
#[derive(Clone, Debug)]
pub struct VoteLock<const L: usize> {
    amount: Lanes<L>,
    end: [u64; L],
}

impl<const L: usize> VoteLock<L> {
    /// Nothing.
    pub(super) const NONE: Self = Self { amount: Lanes::ZERO, end: [0; L] };

    pub(super) fn set(&mut self, amount: &Lanes<L>, end: &[u64; L]) {
        (self.amount, self.end) = (*amount, *end);
    }

    /// Its votes at `time`.
    #[inline]
    pub(super) fn votes(&self, boost: &Boost, lane: usize, time: u64) -> f64 {
        boost.votes_of(self.amount[lane], self.end[lane], time)
    }
}

impl Boost {
    /// All votes at `time`, those of the accounts added one by one.
    #[inline]
    pub(super) fn all_votes<const L: usize>(&self, locks: &[VoteLock<L>], lane: usize, time: u64) -> f64 {
        self.votes + locks.iter().map(|lock| lock.votes(self, lane, time)).sum::<f64>()
    }
}
