use cenote_amm::{PriceRange, RangeRule};
use cenote_units::{SimDuration, SimTime};

use crate::bins::Bins;
use crate::error::StrategyError;
use crate::market::{Market, PoolId};
use crate::prices::{Slice, existing, held, mint, outside_price, scale, swap_into, two_tokens};
use crate::strategy::{Action, Entry, Position, RangeId, Strategy};
use crate::trigger::{Trigger, Watch};
use crate::wake::Wake;
use crate::width::{Realised, VolatilityWidth, Width};

/// Keep a range, or several side by side, around the price: when the trigger fires, take all liquidity out, swap to the proportions of
/// new ranges around the outside price, and put it back in. It pays for the swap, in the pool itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Recentre {
    pool: PoolId,
    width: Width,
    bins: Bins,
    watch: Watch,
    state: State,
    realised: Option<Realised>,
    /// What is about to be minted.
    plan: Vec<Slice>,
    /// When that was planned: in that block it is still right.
    planned: SimTime,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// The tokens are in the wallet, in the right proportions for new ranges, or for those that there are.
    Ready { anew: bool },
    /// The tokens are in the wallet, in whatever proportions.
    Out { anew: bool },
    /// Bins from this one on are still to be minted.
    Filling(u8),
    /// The liquidity is in the pool.
    In,
    /// Bins from this one on are still to be burned.
    Leaving(u8),
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
            width: Width::Fixed(width),
            bins: Bins::ONE,
            watch: Watch::new(Trigger::OutOfRange, SimDuration::ZERO)?,
            state: State::Ready { anew: true },
            realised: None,
            plan: Vec::new(),
            planned: SimTime::MAX,
        })
    }

    /// As wide as the price is expected to move; the width is set anew whenever the range is.
    ///
    /// # Errors
    /// Numbers that are not positive, bounds that cross, a time or a window of zero.
    pub fn by_volatility(pool: PoolId, width: VolatilityWidth) -> Result<Self, StrategyError> {
        width.check()?;
        let realised = Some(Realised::new(&width));
        Ok(Self { width: Width::Volatility(width), realised, ..Self::new(pool, width.initial)? })
    }

    /// Several ranges side by side instead of one, moved as a whole.
    pub fn bins(mut self, bins: Bins) -> Self {
        self.bins = bins;
        self
    }

    /// Moved when this happens.
    ///
    /// # Errors
    /// A distance from the centre, or an interval, that is not positive.
    pub fn trigger(mut self, trigger: Trigger) -> Result<Self, StrategyError> {
        self.watch = Watch::new(trigger, self.watch.cooldown)?;
        Ok(self)
    }

    /// Not moved again before this much time has passed.
    pub fn cooldown(mut self, cooldown: SimDuration) -> Self {
        self.watch.cooldown = cooldown;
        self
    }

    /// The width now.
    fn width(&self) -> f64 {
        match &self.width {
            Width::Fixed(width) => *width,
            Width::Volatility(rule) => {
                self.realised.as_ref().and_then(Realised::volatility).map_or(rule.initial, |volatility| rule.at(volatility))
            }
        }
    }

    /// Where its ranges are.
    fn present<'a>(&'a self, position: &'a Position<'_>) -> impl Iterator<Item = PriceRange> + 'a {
        let ranges = (0..self.bins.count()).filter_map(|bin| position.range(self.pool, RangeId(bin)));
        ranges.filter(|range| range.liquidity > 0.0).map(|range| range.range)
    }

    fn is_due(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        self.watch.is_due(market, self.pool, self.present(position))
    }

    /// Where liquidity goes: to where there is some, or around the outside price, as much value in each bin as its weight says.
    fn set_plan(&mut self, market: &dyn Market, position: &Position<'_>, anew: bool) {
        self.planned = market.time();
        self.plan = if anew { Vec::new() } else { existing(position, self.pool) };
        if !self.plan.is_empty() {
            return;
        }
        let prices = two_tokens(market, self.pool).map(|token| market.price(token));
        let slice = |(id, (range, weight)): (u8, (PriceRange, f64))| {
            let (unit, range) = market.proportions(self.pool, range)?;
            let value = unit[0] * prices[0] + unit[1] * prices[1];
            Some(Slice::new(RangeId(id), range, weight / value))
        };
        let ranges = self.bins.ranges(outside_price(market, self.pool), self.width());
        self.plan = (0..).zip(ranges.zip(self.bins.weights())).filter_map(slice).collect();
    }

    /// The next bin to mint, or `None` when all are.
    fn fill(&mut self, market: &dyn Market, position: &Position<'_>, from: u8) -> Option<Action> {
        for bin in from..self.bins.count() {
            self.state = State::Filling(bin + 1);
            let Some(slice) = self.plan.get(usize::from(bin)) else { continue };
            if let &[Slice { id, range, .. }] = &*self.plan {
                return Some(Action::MintRange { pool: self.pool, id, range, fraction: 1.0 });
            }
            if let Some(action) = mint(market, self.pool, slice, position) {
                return Some(action);
            }
        }
        self.state = State::In;
        None
    }

    /// The next bin to burn, or `None` when all are.
    fn leave(&mut self, position: &Position<'_>, from: u8) -> Option<Action> {
        for bin in from..self.bins.count() {
            let id = RangeId(bin);
            if position.range(self.pool, id).is_some_and(|range| range.liquidity > 0.0) {
                self.state = State::Leaving(bin + 1);
                return Some(Action::BurnRange { pool: self.pool, id, fraction: 1.0 });
            }
        }
        self.state = State::Out { anew: true };
        None
    }
}

impl Strategy for Recentre {
    fn entry(&self) -> Entry {
        let width = self.width();
        let range = |rule| Entry::Range(self.pool, rule);
        if self.bins == Bins::ONE {
            return range(RangeRule::Relative { lower: 1.0 / (1.0 + width) - 1.0, upper: width });
        }
        Entry::Mix(self.bins.rules(width).map(range).zip(self.bins.weights()).collect())
    }

    fn ranges(&self) -> u8 {
        self.bins.count()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if let Some(realised) = &mut self.realised {
            realised.see(market.time(), outside_price(market, self.pool));
        }
        loop {
            match self.state {
                State::In if self.is_due(market, position) => self.state = State::Leaving(0),
                State::In => return None,
                State::Leaving(bin) => {
                    if let Some(action) = self.leave(position, bin) {
                        return Some(action);
                    }
                }
                State::Out { anew } => {
                    self.state = State::Ready { anew };
                    self.set_plan(market, position, anew);
                    let have = held(position, two_tokens(market, self.pool));
                    if let Some(swap) = swap_into(market, self.pool, &self.plan, have) {
                        return Some(swap);
                    }
                }
                State::Ready { anew } => {
                    if self.planned != market.time() {
                        self.set_plan(market, position, anew);
                    }
                    let have = held(position, two_tokens(market, self.pool));
                    scale(market, self.pool, &mut self.plan, have);
                    if anew {
                        self.watch.placed(market, self.pool);
                    }
                    self.planned = SimTime::MAX;
                    self.state = State::Filling(0);
                }
                State::Filling(bin) => return self.fill(market, position, bin),
            }
        }
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        let see = self.realised.as_ref().map_or(Wake::NEVER, |realised| Wake::at(realised.due()));
        see.or(self.watch.wake(market, self.pool, self.present(position)))
    }

    /// Into the ranges where they are, in the proportions of their liquidity.
    fn funded(&mut self) {
        self.state = match self.state {
            State::Ready { anew } | State::Out { anew } => State::Out { anew },
            State::In => State::Out { anew: false },
            busy => busy,
        };
    }
}
