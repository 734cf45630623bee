//! Rewards that are locked for a while, and what leaving early costs.

use std::collections::VecDeque;

use super::EmissionError;
use crate::farm::Arithmetic;

/// One lot of rewards.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Locked<L: Arithmetic> {
    /// How much.
    pub amount: L::Amount,
    /// When it comes free, in Unix seconds.
    pub unlocks: u64,
}

/// What an exit paid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EarlyExit<L: Arithmetic> {
    /// To the owner.
    pub paid: L::Amount,
    /// Kept back, for those who stay.
    pub penalty: L::Amount,
}

/// The rewards of one owner, locked for a time that begins anew, for what is earned in it, once an epoch; whoever leaves early forfeits a part.
///
/// Earned rewards are bundled by epochs, as contracts do to keep their lists short: all of an epoch unlock together, `duration` after the epoch
/// began. A withdrawal pays what is free first, then lots in order of their unlocking, each of which bears the penalty.
///
/// The mechanism of the `MultiFeeDistribution` contracts of Ellipsis and Geist, which have epochs of a week, locks of 13 weeks and a penalty of one
/// half; the integers here are this type's own.
///
/// ```
/// use cenote_amm::{Exact, U256};
/// use cenote_yield::emission::RewardLocker;
///
/// let week = 7 * 86_400;
/// let mut locker = RewardLocker::<Exact>::new(week, 13 * week, (1, 2))?;
/// locker.earn(U256::from(100))?;
/// locker.set_block_timestamp(13 * week - 1)?;
/// let exit = locker.exit()?;
/// assert_eq!((exit.paid, exit.penalty), (U256::from(50), U256::from(50)));
/// # Ok::<(), cenote_yield::emission::EmissionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RewardLocker<L: Arithmetic> {
    epoch: u64,
    duration: u64,
    penalty: (u64, u64),
    block_timestamp: u64,
    free: L::Amount,
    lots: VecDeque<Locked<L>>,
}

impl<L: Arithmetic> RewardLocker<L> {
    /// Nothing locked yet. Epochs and locks are in seconds; `penalty` is the part that leaving early costs, numerator and denominator.
    ///
    /// # Errors
    /// [`EmissionError::NoTime`], [`EmissionError::NotAFraction`].
    pub fn new(epoch: u64, duration: u64, penalty: (u64, u64)) -> Result<Self, EmissionError> {
        if epoch == 0 || duration == 0 {
            return Err(EmissionError::NoTime { what: if epoch == 0 { "the epoch" } else { "the lock" } });
        }
        if penalty.1 == 0 || penalty.0 > penalty.1 {
            return Err(EmissionError::NotAFraction { given: penalty.0, whole: penalty.1 });
        }
        Ok(Self { epoch, duration, penalty, block_timestamp: 0, free: L::ZERO, lots: VecDeque::new() })
    }

    /// Moves to a later block; lots that have come free by then are free.
    ///
    /// # Errors
    /// [`EmissionError::ClockRunsBack`].
    pub fn set_block_timestamp(&mut self, block_timestamp: u64) -> Result<(), EmissionError> {
        if block_timestamp < self.block_timestamp {
            return Err(EmissionError::ClockRunsBack { now: self.block_timestamp, to: block_timestamp });
        }
        self.block_timestamp = block_timestamp;
        while let Some(lot) = self.lots.front().filter(|lot| lot.unlocks <= block_timestamp) {
            self.free = L::sum(self.free, lot.amount)?;
            self.lots.pop_front();
        }
        Ok(())
    }

    /// What can be withdrawn without penalty.
    pub fn free(&self) -> L::Amount {
        self.free
    }

    /// What is locked, in order of unlocking.
    pub fn lots(&self) -> impl Iterator<Item = Locked<L>> {
        self.lots.iter().copied()
    }

    /// All that is locked.
    ///
    /// # Errors
    /// It does not fit.
    pub fn locked(&self) -> Result<L::Amount, EmissionError> {
        Ok(self.lots.iter().try_fold(L::ZERO, |sum, lot| L::sum(sum, lot.amount))?)
    }

    /// Locks rewards earned now.
    ///
    /// # Errors
    /// [`EmissionError::InvalidRate`] of what is no amount, or a sum does not fit.
    pub fn earn(&mut self, amount: L::Amount) -> Result<(), EmissionError> {
        if !L::is_valid(amount) {
            return Err(EmissionError::InvalidRate { rate: L::amount_to_f64(amount) });
        }
        let unlocks = (self.block_timestamp / self.epoch * self.epoch).saturating_add(self.duration);
        match self.lots.back_mut().filter(|lot| lot.unlocks == unlocks) {
            Some(lot) => lot.amount = L::sum(lot.amount, amount)?,
            None => self.lots.push_back(Locked { amount, unlocks }),
        }
        Ok(())
    }

    fn penalty_on(&self, amount: L::Amount) -> Result<L::Amount, EmissionError> {
        Ok(L::over(L::times(amount, self.penalty.0.into())?, self.penalty.1.into())?)
    }

    /// Leaves with everything: free rewards in full, locked ones less the penalty.
    ///
    /// # Errors
    /// A sum does not fit.
    pub fn exit(&mut self) -> Result<EarlyExit<L>, EmissionError> {
        let locked = self.locked()?;
        let penalty = self.penalty_on(locked)?;
        let paid = L::sum(self.free, L::difference(locked, penalty)?)?;
        self.free = L::ZERO;
        self.lots.clear();
        Ok(EarlyExit { paid, penalty })
    }

    /// Pays `amount`: free rewards first, then lots in order of unlocking, of which enough is given up that `amount` is left after the penalty.
    ///
    /// # Errors
    /// [`EmissionError::Insufficient`]; then nothing is paid.
    pub fn withdraw(&mut self, amount: L::Amount) -> Result<EarlyExit<L>, EmissionError> {
        if !L::is_valid(amount) {
            return Err(EmissionError::InvalidRate { rate: L::amount_to_f64(amount) });
        }
        if amount <= self.free {
            self.free = L::difference(self.free, amount)?;
            return Ok(EarlyExit { paid: amount, penalty: L::ZERO });
        }
        let mut lots = self.lots.clone();
        let (mut missing, mut penalty) = (L::difference(amount, self.free)?, L::ZERO);
        while !L::is_zero(missing) {
            let Some(lot) = lots.front_mut() else {
                let available = L::amount_to_f64(amount) - L::amount_to_f64(missing);
                return Err(EmissionError::Insufficient { available, amount: L::amount_to_f64(amount) });
            };
            let worth = L::difference(lot.amount, self.penalty_on(lot.amount)?)?;
            if worth <= missing {
                missing = L::difference(missing, worth)?;
                penalty = L::sum(penalty, L::difference(lot.amount, worth)?)?;
                lots.pop_front();
            } else {
                // missing/(1 − penalty) of the lot.
                let (part, whole) = self.penalty;
                let given = L::least(L::over(L::times(missing, whole.into())?, u128::from(whole - part))?, lot.amount);
                penalty = L::sum(penalty, L::difference(given, missing)?)?;
                lot.amount = L::difference(lot.amount, given)?;
                missing = L::ZERO;
            }
        }
        self.free = L::ZERO;
        self.lots = lots;
        Ok(EarlyExit { paid: amount, penalty })
    }
}
