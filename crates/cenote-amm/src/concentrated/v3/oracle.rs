//! What the pool tells of its past.

use super::V3Pool;
use crate::concentrated::error::ConcentratedError;
use crate::concentrated::oracle::{Cumulatives, wrap_int56};
use crate::concentrated::tick::{Tick, TickRange};
use crate::lane::Lane;

/// Seconds spent in a range, and sums over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CumulativesInside {
    /// Sum of ticks over seconds and of seconds per liquidity.
    pub cumulatives: Cumulatives,
    /// Seconds.
    pub seconds: u32,
}

impl<L: Lane> V3Pool<L> {
    /// Makes room for `cardinality_next` observations.
    ///
    /// # Errors
    /// [`ConcentratedError::NotInitialized`].
    pub fn increase_observation_cardinality_next(&mut self, cardinality_next: u16) -> Result<(), ConcentratedError> {
        self.core.slot()?;
        self.oracle.grow(cardinality_next);
        Ok(())
    }

    /// The oracle's sums up to `seconds_ago` seconds ago.
    ///
    /// # Errors
    /// [`ConcentratedError::NoObservation`], [`ConcentratedError::ObservationTooOld`].
    pub fn observe(&self, seconds_ago: u32) -> Result<Cumulatives, ConcentratedError> {
        self.oracle.observe(seconds_ago, self.present())
    }

    /// Seconds that the price has spent in `range`, and the oracle's sums over them. Only differences between two such snapshots mean
    /// anything, and only while the range's ticks stay initialized in between.
    ///
    /// # Errors
    /// The range's, then [`ConcentratedError::TickNotInitialized`].
    pub fn snapshot_cumulatives_inside(&self, range: TickRange) -> Result<CumulativesInside, ConcentratedError> {
        range.check()?;
        let initialized = |tick| self.core.ticks.get(tick).ok_or(ConcentratedError::TickNotInitialized { tick });
        let (lower, upper) = (initialized(range.lower)?, initialized(range.upper)?);
        let outside = |tick: &Tick<L>| CumulativesInside { cumulatives: tick.cumulatives_outside, seconds: tick.seconds_outside };
        let (lower, upper) = (outside(lower), outside(upper));
        let present = self.present();
        Ok(if present.tick < range.lower {
            lower.since(&upper)
        } else if present.tick < range.upper {
            let now = CumulativesInside { cumulatives: self.oracle.observe(0, present)?, seconds: present.time };
            now.since(&lower).since(&upper)
        } else {
            upper.since(&lower)
        })
    }
}

impl CumulativesInside {
    /// The difference, in the contract's widths.
    fn since(&self, earlier: &Self) -> Self {
        let (now, then) = (self.cumulatives, earlier.cumulatives);
        Self {
            cumulatives: Cumulatives {
                tick: wrap_int56(now.tick.wrapping_sub(then.tick)),
                seconds_per_liquidity_x128: now.seconds_per_liquidity_x128.wrapping_sub(then.seconds_per_liquidity_x128),
            },
            seconds: self.seconds.wrapping_sub(earlier.seconds),
        }
    }
}
