//! When ranges are moved.

use cenote_amm::PriceRange;
use cenote_units::{SimDuration, SimTime};

use crate::error::StrategyError;
use crate::market::{Market, PoolId};
use crate::prices::{outside_price, pool_price};
use crate::wake::Wake;

/// The shortest time there is.
const MOMENT: SimDuration = SimDuration::from_nanos(1);

/// When ranges are moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trigger {
    /// The pool's price has left them.
    OutOfRange,
    /// The pool's price is this fraction away from their centre: above centre · (1 + x) or below centre / (1 + x).
    OffCentre(f64),
    /// This long after they were last moved.
    Every(SimDuration),
    /// Never: they stay where they are.
    Never,
}

/// A trigger, and what it goes by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Watch {
    trigger: Trigger,
    pub(crate) cooldown: SimDuration,
    /// The outside price that the ranges are around.
    centre: f64,
    /// When they were last put there.
    since: SimTime,
}

impl Watch {
    /// This trigger, before there are ranges.
    ///
    /// # Errors
    /// A distance from the centre, or an interval, that is not positive.
    pub(crate) fn new(trigger: Trigger, cooldown: SimDuration) -> Result<Self, StrategyError> {
        match trigger {
            Trigger::OffCentre(width) if !(width > 0.0 && width < f64::INFINITY) => Err(StrategyError::Width { width }),
            Trigger::Every(SimDuration::ZERO) => Err(StrategyError::NoInterval),
            _ => Ok(Self { trigger, ..Self::never().cooldown(cooldown) }),
        }
    }

    /// None.
    pub(crate) const fn never() -> Self {
        Self { trigger: Trigger::Never, cooldown: SimDuration::ZERO, centre: f64::NAN, since: SimTime::ZERO }
    }

    const fn cooldown(self, cooldown: SimDuration) -> Self {
        Self { cooldown, ..self }
    }

    /// Ranges are put around the outside price.
    pub(crate) fn placed(&mut self, market: &dyn Market, pool: PoolId) {
        (self.centre, self.since) = (outside_price(market, pool), market.time());
    }

    /// Prices of the pool at which it is content; `present` is where the ranges are, if there are some.
    fn band(&self, present: impl Iterator<Item = PriceRange>) -> PriceRange {
        match self.trigger {
            Trigger::OutOfRange => present
                .reduce(|a, b| PriceRange { lower: a.lower.min(b.lower), upper: a.upper.max(b.upper) })
                .unwrap_or(PriceRange::FULL),
            Trigger::OffCentre(width) => PriceRange::around(self.centre, width),
            Trigger::Every(_) | Trigger::Never => PriceRange::FULL,
        }
    }

    /// The first moment at which they may be moved.
    fn rested(&self) -> SimTime {
        let pause = match self.trigger {
            Trigger::Every(interval) => interval.max(self.cooldown),
            Trigger::Never => return SimTime::MAX,
            _ => self.cooldown,
        };
        // Never twice in a block: one's own swap may have carried the pool's price away from the outside price, and that is for
        // arbitrageurs to mend.
        let pause = pause.max(MOMENT);
        self.since.checked_add(pause).unwrap_or(SimTime::MAX)
    }

    /// Whether they are to be moved now.
    pub(crate) fn is_due(&self, market: &dyn Market, pool: PoolId, present: impl Iterator<Item = PriceRange>) -> bool {
        if market.time() < self.rested() {
            return false;
        }
        let (band, price) = (self.band(present), pool_price(market, pool));
        matches!(self.trigger, Trigger::Every(_)) || price < band.lower || price > band.upper
    }

    /// What it waits for.
    pub(crate) fn wake(&self, market: &dyn Market, pool: PoolId, present: impl Iterator<Item = PriceRange>) -> Wake {
        let rested = self.rested();
        // Between two blocks it is rested if it needs no longer.
        let waits = rested > market.time().checked_add(MOMENT).unwrap_or(SimTime::MAX);
        if waits || matches!(self.trigger, Trigger::Every(_)) {
            return Wake::at(rested);
        }
        let band = self.band(present);
        Wake::NEVER.or_pool_price_outside(pool, band.lower, band.upper)
    }
}
