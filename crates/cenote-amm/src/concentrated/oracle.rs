//! The price oracle's observations: `Oracle.sol`. Integers in both lanes, and every sum wraps as the contract's does.

use ruint::aliases::{U160, U256};

use super::error::ConcentratedError;

/// Sums over the seconds of a pool's life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cumulatives {
    /// Of the tick: the difference of two over the seconds in between is the mean tick. An `int56` that wraps.
    pub tick: i64,
    /// Of 1/liquidity, Q32.128. A `uint160` that wraps.
    pub seconds_per_liquidity_x128: U160,
}

/// What was true at the beginning of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// Unix seconds, modulo 2^32.
    pub block_timestamp: u32,
    /// The sums up to then.
    pub cumulatives: Cumulatives,
    /// Whether anything was written here yet.
    pub initialized: bool,
}

/// The pool as the oracle sees it: what has been true since the last observation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Present {
    /// Unix seconds, modulo 2^32.
    pub(super) time: u32,
    pub(super) tick: i32,
    pub(super) liquidity: u128,
}

/// A ring of observations, at most one per block, with room for the newest ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Oracle {
    ring: Vec<Observation>,
    index: u16,
    cardinality: u16,
}

/// A sum in the 56 bits, sign included, that the contract has for it.
#[inline]
pub(super) fn wrap_int56(value: i64) -> i64 {
    (value << 8) >> 8
}

impl Observation {
    /// The observation `present` makes at `time`, if nothing changes until then: `transform`.
    fn extrapolated(&self, time: u32, present: Present) -> Self {
        let elapsed = time.wrapping_sub(self.block_timestamp);
        let seconds_x128 = U256::from(elapsed).wrapping_shl(128);
        // The quotient is below 2^160 by construction.
        let per_liquidity = seconds_x128.wrapping_div(U256::from(present.liquidity.max(1)));
        Self {
            block_timestamp: time,
            cumulatives: Cumulatives {
                tick: wrap_int56(self.cumulatives.tick.wrapping_add(i64::from(present.tick).wrapping_mul(i64::from(elapsed)))),
                seconds_per_liquidity_x128: self.cumulatives.seconds_per_liquidity_x128.wrapping_add(low_160(per_liquidity)),
            },
            initialized: true,
        }
    }
}

fn low_160(value: U256) -> U160 {
    value.wrapping_to()
}

/// Whether `a` was no later than `b`, both in the 2^32 seconds before `now`: `lte`.
fn is_not_after(now: u32, a: u32, b: u32) -> bool {
    now.wrapping_sub(a) >= now.wrapping_sub(b)
}

impl Oracle {
    /// The place of the newest observation.
    pub fn index(&self) -> u16 {
        self.index
    }

    /// How many observations are kept.
    pub fn cardinality(&self) -> u16 {
        self.cardinality
    }

    /// How many will be kept once the ring has come round.
    pub fn cardinality_next(&self) -> u16 {
        u16::try_from(self.ring.len()).unwrap_or(u16::MAX)
    }

    /// The newest observation; none before the pool has a price.
    pub fn newest(&self) -> Option<&Observation> {
        self.ring.get(usize::from(self.index))
    }

    /// All places of the ring, those not yet written included.
    pub fn observations(&self) -> &[Observation] {
        &self.ring
    }

    /// The oracle of a pool that gets its first price at `time`.
    pub(super) fn initialized(time: u32) -> Self {
        let first = Observation { block_timestamp: time, cumulatives: Cumulatives::default(), initialized: true };
        Self { ring: vec![first], index: 0, cardinality: 1 }
    }

    /// Makes room for `next` observations: `grow`.
    pub(super) fn grow(&mut self, next: u16) {
        let blank = Observation { block_timestamp: 1, ..Observation::default() };
        if usize::from(next) > self.ring.len() {
            self.ring.resize(usize::from(next), blank);
        }
    }

    /// Writes down what was true until now, once per block: `write`.
    #[inline]
    pub(super) fn write(&mut self, present: Present) {
        if let Some(last) = self.newest().filter(|last| last.block_timestamp != present.time).copied() {
            self.append(last, present);
        }
    }

    /// Puts an observation after `last`, the newest.
    fn append(&mut self, last: Observation, present: Present) {
        let next = self.index.checked_add(1).filter(|next| *next < self.cardinality);
        let next = next.unwrap_or_else(|| {
            // The ring has come round: it grows if it may, and starts over if it may not.
            let grown = self.cardinality_next();
            let place = if grown > self.cardinality { self.cardinality } else { 0 };
            self.cardinality = grown;
            place
        });
        self.ring[usize::from(next)] = last.extrapolated(present.time, present);
        self.index = next;
    }

    /// The sums up to `seconds_ago` seconds ago: `observeSingle`.
    pub(super) fn observe(&self, seconds_ago: u32, present: Present) -> Result<Cumulatives, ConcentratedError> {
        let newest = self.newest().ok_or(ConcentratedError::NoObservation)?;
        let target = present.time.wrapping_sub(seconds_ago);
        if is_not_after(present.time, newest.block_timestamp, target) {
            let at = if newest.block_timestamp == target { *newest } else { newest.extrapolated(target, present) };
            return Ok(at.cumulatives);
        }
        let (before, after) = self.surrounding(present.time, target).ok_or(ConcentratedError::ObservationTooOld { seconds_ago })?;
        if target == before.block_timestamp {
            return Ok(before.cumulatives);
        }
        if target == after.block_timestamp {
            return Ok(after.cumulatives);
        }
        let span = after.block_timestamp.wrapping_sub(before.block_timestamp);
        let elapsed = target.wrapping_sub(before.block_timestamp);
        let ticks = wrap_int56(after.cumulatives.tick.wrapping_sub(before.cumulatives.tick));
        let (earlier, later) = (before.cumulatives.seconds_per_liquidity_x128, after.cumulatives.seconds_per_liquidity_x128);
        let growth = U256::from(later.wrapping_sub(earlier)).wrapping_mul(U256::from(elapsed)).wrapping_div(U256::from(span));
        Ok(Cumulatives {
            tick: wrap_int56(before.cumulatives.tick.wrapping_add((ticks / i64::from(span)).wrapping_mul(i64::from(elapsed)))),
            seconds_per_liquidity_x128: earlier.wrapping_add(low_160(growth)),
        })
    }

    /// The two observations around `target`, which is before the newest one; none if it is before the oldest.
    fn surrounding(&self, now: u32, target: u32) -> Option<(Observation, Observation)> {
        let cardinality = usize::from(self.cardinality);
        let at = |age: usize| self.ring.get((usize::from(self.index) + 1 + age) % cardinality).copied();
        // Until the ring has come round, the place after the newest is not yet written, and the oldest is the first.
        let mut low = if at(0)?.initialized { 0 } else { cardinality - 1 - usize::from(self.index) };
        if !is_not_after(now, at(low)?.block_timestamp, target) {
            return None;
        }
        let mut high = cardinality - 1;
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if is_not_after(now, at(middle)?.block_timestamp, target) { low = middle } else { high = middle }
        }
        Some((at(low)?, at(high)?))
    }
}
