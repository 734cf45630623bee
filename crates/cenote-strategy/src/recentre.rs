use cenote_amm::{PriceRange, RangeRule};
use cenote_units::{SimDuration, SimTime};

use crate::error::StrategyError;
use crate::market::{Market, PoolId};
use crate::prices::{outside_price, pool_price, swap_into};
use crate::strategy::{Action, Entry, Position, RangeId, Strategy};
use crate::wake::Wake;

/// Keep a range around the price: when the trigger fires, take the liquidity out, swap to the proportions of a new range around the
/// outside price, and put it back in. It pays for the swap, in the pool itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Recentre {
    pool: PoolId,
    width: f64,
    trigger: Trigger,
    cooldown: SimDuration,
    state: State,
    /// The outside price that the range is around.
    centre: f64,
    /// When it was last put there.
    since: SimTime,
}

/// When a range is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trigger {
    /// The pool's price has left the range.
    OutOfRange,
    /// The pool's price is this fraction away from the centre of the range: above centre · (1 + x) or below centre / (1 + x).
    OffCentre(f64),
    /// This long after it was last moved.
    Every(SimDuration),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// The tokens are in the wallet, in the right proportions.
    Ready,
    /// The tokens are in the wallet, in whatever proportions.
    Out,
    /// The liquidity is in the pool.
    In,
}

impl Recentre {
    /// A range from `price / (1 + width)` to `price · (1 + width)` in this pool, moved when the price leaves it.
    ///
    /// # Errors
    /// A width that is not positive and finite.
    pub fn new(pool: PoolId, width: f64) -> Result<Self, StrategyError> {
        if !(width > 0.0 && width < f64::INFINITY) {
            return Err(StrategyError::Width { width });
        }
        Ok(Self {
            pool,
            width,
            trigger: Trigger::OutOfRange,
            cooldown: SimDuration::ZERO,
            state: State::Ready,
            centre: f64::NAN,
            since: SimTime::from_nanos(0),
        })
    }

    /// Moved when this happens.
    ///
    /// # Errors
    /// A distance from the centre, or an interval, that is not positive.
    pub fn trigger(mut self, trigger: Trigger) -> Result<Self, StrategyError> {
        match trigger {
            Trigger::OffCentre(width) if !(width > 0.0 && width < f64::INFINITY) => Err(StrategyError::Width { width }),
            Trigger::Every(SimDuration::ZERO) => Err(StrategyError::NoInterval),
            _ => {
                self.trigger = trigger;
                Ok(self)
            }
        }
    }

    /// Not moved again before this much time has passed.
    pub fn cooldown(mut self, cooldown: SimDuration) -> Self {
        self.cooldown = cooldown;
        self
    }

    /// Prices of the pool at which it is content.
    fn band(&self, position: &Position<'_>) -> PriceRange {
        match self.trigger {
            Trigger::OutOfRange => position.range(self.pool, RangeId(0)).map_or(PriceRange::FULL, |range| range.range),
            Trigger::OffCentre(width) => PriceRange::around(self.centre, width),
            Trigger::Every(_) => PriceRange::FULL,
        }
    }

    /// The first moment at which it may be moved.
    fn rested(&self) -> SimTime {
        let pause = match self.trigger {
            Trigger::Every(interval) => interval.max(self.cooldown),
            _ => self.cooldown,
        };
        // Never twice in a block: its own swap may have carried the pool's price away from the outside price, and that is for
        // arbitrageurs to mend.
        let pause = pause.max(SimDuration::from_nanos(1));
        self.since.checked_add(pause).unwrap_or(SimTime::from_nanos(u64::MAX))
    }

    fn is_due(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        let (band, price) = (self.band(position), pool_price(market, self.pool));
        let fired = matches!(self.trigger, Trigger::Every(_)) || price < band.lower || price > band.upper;
        fired && market.time() >= self.rested()
    }
}

impl Strategy for Recentre {
    fn entry(&self) -> Entry {
        Entry::Range(self.pool, RangeRule::Relative { lower: 1.0 / (1.0 + self.width) - 1.0, upper: self.width })
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let (pool, id) = (self.pool, RangeId(0));
        let price = outside_price(market, pool);
        let range = PriceRange::around(price, self.width);
        if self.state == State::In {
            if !self.is_due(market, position) {
                return None;
            }
            self.state = State::Out;
            return Some(Action::BurnRange { pool, id, fraction: 1.0 });
        }
        if self.state == State::Out {
            self.state = State::Ready;
            if let Some(swap) = swap_into(market, pool, range, position) {
                return Some(swap);
            }
        }
        self.state = State::In;
        self.centre = price;
        self.since = market.time();
        Some(Action::MintRange { pool, id, range, fraction: 1.0 })
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        let rested = self.rested();
        if market.time() < rested || matches!(self.trigger, Trigger::Every(_)) {
            return Wake::at(rested);
        }
        let band = self.band(position);
        Wake::NEVER.or_pool_price_outside(self.pool, band.lower, band.upper)
    }
}
