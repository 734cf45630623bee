//! Tokens locked for votes.

use std::collections::BTreeMap;

use cenote_amm::Owner;

use super::GaugeError;
use crate::farm::Arithmetic;

/// Locks end on Thursdays, 0:00 UTC: all times are rounded down to weeks since 1970.
pub(super) const WEEK: u64 = 7 * 86_400;
/// The longest lock: `MAXTIME`, four years.
const LONGEST: u64 = 4 * 365 * 86_400;
/// How many weeks the contract follows at once.
const WEEKS_AT_ONCE: u32 = 255;

/// What somebody has locked, and until when in Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LockedBalance<L: Arithmetic> {
    /// How much.
    pub amount: L::Amount,
    /// Until when.
    pub end: u64,
}

impl<L: Arithmetic> Default for LockedBalance<L> {
    fn default() -> Self {
        Self { amount: L::ZERO, end: 0 }
    }
}

/// Votes at a time, and by how many a second they fall.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Point<L: Arithmetic> {
    bias: L::Amount,
    slope: L::Amount,
    time: u64,
}

impl<L: Arithmetic> Point<L> {
    const fn at(time: u64) -> Self {
        Self { bias: L::ZERO, slope: L::ZERO, time }
    }

    /// Votes of a lock at `time`: `amount / MAXTIME` for each second that is left.
    fn of(lock: &LockedBalance<L>, time: u64) -> Result<Self, GaugeError> {
        if L::is_zero(lock.amount) || lock.end <= time {
            return Ok(Self::at(time));
        }
        let slope = L::over(lock.amount, LONGEST.into())?;
        Ok(Self { bias: L::times(slope, (lock.end - time).into())?, slope, time })
    }

    /// The same later, without any change of its slope on the way.
    fn moved(mut self, time: u64) -> Result<Self, GaugeError> {
        let fallen = L::times(self.slope, time.saturating_sub(self.time).into())?;
        self.bias = L::checked_sub(self.bias, fallen).unwrap_or(L::ZERO);
        self.time = time;
        Ok(self)
    }
}

/// `VotingEscrow`: votes fall linearly to nothing at the end of a lock; a token locked for four years is a vote.
///
/// Source: `VotingEscrow.vy` of Curve's DAO contracts.
///
/// ```
/// use cenote_amm::{Fast, Owner};
/// use cenote_yield::farm::gauge::VotingEscrow;
///
/// let (alice, year) = (Owner::new(1), 365 * 86_400);
/// let mut escrow = VotingEscrow::<Fast>::new(0);
/// escrow.create_lock(alice, 1000.0, 4 * year)?;
/// // Locks end on whole weeks: four years are 208 of them, and four days.
/// let weeks = f64::from(208 * 7 * 86_400);
/// assert!((escrow.balance_of(alice)? - 1000.0 * weeks / (4.0 * year as f64)).abs() < 1e-9);
/// escrow.set_block_timestamp(104 * 7 * 86_400)?;
/// assert!((escrow.total_supply()? - 1000.0 * 0.5 * weeks / (4.0 * year as f64)).abs() < 1e-9);
/// # Ok::<(), cenote_yield::farm::gauge::GaugeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VotingEscrow<L: Arithmetic> {
    block_timestamp: u64,
    supply: L::Amount,
    locked: BTreeMap<Owner, LockedBalance<L>>,
    points: BTreeMap<Owner, Point<L>>,
    last: Point<L>,
    /// By how much the total slope falls at the end of a week.
    ending: BTreeMap<u64, L::Amount>,
}

impl<L: Arithmetic> VotingEscrow<L> {
    /// Nothing locked yet, at this time in Unix seconds.
    pub fn new(block_timestamp: u64) -> Self {
        Self {
            block_timestamp,
            supply: L::ZERO,
            locked: BTreeMap::new(),
            points: BTreeMap::new(),
            last: Point::at(block_timestamp),
            ending: BTreeMap::new(),
        }
    }

    /// Moves to a later block.
    ///
    /// # Errors
    /// [`GaugeError::ClockRunsBack`].
    pub fn set_block_timestamp(&mut self, block_timestamp: u64) -> Result<(), GaugeError> {
        if block_timestamp < self.block_timestamp {
            return Err(GaugeError::ClockRunsBack { now: self.block_timestamp, to: block_timestamp });
        }
        self.block_timestamp = block_timestamp;
        Ok(())
    }

    /// All tokens that are locked, or could be withdrawn: `supply`.
    pub fn supply(&self) -> L::Amount {
        self.supply
    }

    /// Somebody's lock; of nothing if there is none.
    pub fn locked(&self, owner: Owner) -> LockedBalance<L> {
        self.locked.get(&owner).copied().unwrap_or_default()
    }

    /// Somebody's votes now: `balanceOf`.
    ///
    /// # Errors
    /// A product does not fit.
    pub fn balance_of(&self, owner: Owner) -> Result<L::Amount, GaugeError> {
        match self.points.get(&owner) {
            Some(point) => Ok(point.moved(self.block_timestamp)?.bias),
            None => Ok(L::ZERO),
        }
    }

    /// When somebody last changed a lock, in Unix seconds; 0 for never.
    pub fn last_change(&self, owner: Owner) -> u64 {
        self.points.get(&owner).map_or(0, |point| point.time)
    }

    /// All votes now: `totalSupply`. Like the contract it follows 255 weeks from the last change, and stands still after them.
    ///
    /// # Errors
    /// A product does not fit.
    pub fn total_supply(&self) -> Result<L::Amount, GaugeError> {
        Ok(self.total_now()?.bias)
    }

    /// The last point carried on week by week, slopes falling where locks end.
    fn total_now(&self) -> Result<Point<L>, GaugeError> {
        let mut point = self.last;
        let mut week = point.time / WEEK * WEEK;
        for _ in 0..WEEKS_AT_ONCE {
            week = week.saturating_add(WEEK);
            if week > self.block_timestamp {
                return point.moved(self.block_timestamp);
            }
            point = point.moved(week)?;
            if let Some(ending) = self.ending.get(&week) {
                point.slope = L::checked_sub(point.slope, *ending).unwrap_or(L::ZERO);
            }
            if week == self.block_timestamp {
                break;
            }
        }
        Ok(point)
    }

    /// Locks `value` until the week before `unlock_time`: `create_lock`.
    ///
    /// # Errors
    /// In the contract's order: [`GaugeError::Nothing`], [`GaugeError::LockedAlready`], [`GaugeError::LockInThePast`],
    /// [`GaugeError::LockTooLong`].
    pub fn create_lock(&mut self, owner: Owner, value: L::Amount, unlock_time: u64) -> Result<(), GaugeError> {
        positive::<L>(value)?;
        let lock = self.locked(owner);
        if !L::is_zero(lock.amount) {
            return Err(GaugeError::LockedAlready { end: lock.end });
        }
        let end = self.week_of(unlock_time)?;
        self.relock(owner, LockedBalance { amount: value, end })
    }

    /// Adds to a lock: `increase_amount`, `deposit_for`.
    ///
    /// # Errors
    /// In the contract's order: [`GaugeError::Nothing`], [`GaugeError::NoLock`], [`GaugeError::LockExpired`].
    pub fn increase_amount(&mut self, owner: Owner, value: L::Amount) -> Result<(), GaugeError> {
        positive::<L>(value)?;
        let lock = self.locked(owner);
        if L::is_zero(lock.amount) {
            return Err(GaugeError::NoLock);
        }
        if lock.end <= self.block_timestamp {
            return Err(GaugeError::LockExpired { end: lock.end, now: self.block_timestamp });
        }
        self.relock(owner, LockedBalance { amount: L::sum(lock.amount, value)?, end: lock.end })
    }

    /// Makes a lock longer: `increase_unlock_time`.
    ///
    /// # Errors
    /// In the contract's order: [`GaugeError::LockExpired`], [`GaugeError::NoLock`], [`GaugeError::NotLonger`], [`GaugeError::LockTooLong`].
    pub fn increase_unlock_time(&mut self, owner: Owner, unlock_time: u64) -> Result<(), GaugeError> {
        let lock = self.locked(owner);
        if lock.end <= self.block_timestamp {
            return Err(GaugeError::LockExpired { end: lock.end, now: self.block_timestamp });
        }
        if L::is_zero(lock.amount) {
            return Err(GaugeError::NoLock);
        }
        let end = unlock_time / WEEK * WEEK;
        if end <= lock.end {
            return Err(GaugeError::NotLonger { end: lock.end, to: end });
        }
        self.relock(owner, LockedBalance { amount: lock.amount, end: self.week_of(unlock_time)? })
    }

    /// Pays back what was locked, after the lock has ended: `withdraw`. What was paid.
    ///
    /// # Errors
    /// [`GaugeError::StillLocked`].
    pub fn withdraw(&mut self, owner: Owner) -> Result<L::Amount, GaugeError> {
        let lock = self.locked(owner);
        if self.block_timestamp < lock.end {
            return Err(GaugeError::StillLocked { end: lock.end, now: self.block_timestamp });
        }
        self.relock(owner, LockedBalance::default())?;
        Ok(lock.amount)
    }

    /// The week that a lock until `unlock_time` ends with.
    fn week_of(&self, unlock_time: u64) -> Result<u64, GaugeError> {
        let (end, now) = (unlock_time / WEEK * WEEK, self.block_timestamp);
        if end <= now {
            return Err(GaugeError::LockInThePast { end, now });
        }
        let latest = now.saturating_add(LONGEST);
        if end > latest {
            return Err(GaugeError::LockTooLong { end, latest });
        }
        Ok(end)
    }

    /// `_checkpoint`: the old lock's votes go, the new one's come.
    fn relock(&mut self, owner: Owner, new: LockedBalance<L>) -> Result<(), GaugeError> {
        let (old, now) = (self.locked(owner), self.block_timestamp);
        let supply = if new.amount >= old.amount {
            L::sum(self.supply, L::difference(new.amount, old.amount)?)?
        } else {
            L::part_off(self.supply, L::difference(old.amount, new.amount)?)?
        };
        let (before, after) = (Point::of(&old, now)?, Point::of(&new, now)?);
        let mut total = self.total_now()?;
        total.time = now;
        total.slope = L::checked_sub(L::sum(total.slope, after.slope)?, before.slope).unwrap_or(L::ZERO);
        total.bias = L::checked_sub(L::sum(total.bias, after.bias)?, before.bias).unwrap_or(L::ZERO);
        let ends = |week: u64| self.ending.get(&week).copied().unwrap_or(L::ZERO);
        let old_ending = L::checked_sub(ends(old.end), before.slope).unwrap_or(L::ZERO);
        let new_ending = L::sum(if new.end == old.end { old_ending } else { ends(new.end) }, after.slope)?;

        if old.end > now {
            self.ending.insert(old.end, old_ending);
        }
        if new.end > now {
            self.ending.insert(new.end, new_ending);
        }
        // Weeks that have passed are counted.
        self.ending = self.ending.split_off(&now.saturating_add(1));
        self.supply = supply;
        self.last = total;
        self.locked.insert(owner, new);
        self.points.insert(owner, after);
        Ok(())
    }
}

fn positive<L: Arithmetic>(value: L::Amount) -> Result<(), GaugeError> {
    if !L::is_valid(value) {
        return Err(GaugeError::InvalidAmount { amount: L::amount_to_f64(value) });
    }
    if L::is_zero(value) { Err(GaugeError::Nothing) } else { Ok(()) }
}
