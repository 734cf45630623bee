use cenote_units::{SimDuration, SimTime};

use crate::error::StrategyError;
use crate::market::{Market, PoolId, TokenId};
use crate::prices::DUST;
use crate::refusal::Refusal;
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::wake::Wake;

/// Any strategy, with the price of one token taken out: what the position has of it, in the wallet and in pools, is sold outside with
/// borrowed tokens, and again when there is more or less of it.
///
/// A pool's share moves its holdings against the price, so the hedge is rebalanced: at every block, or when it is off by a band, or on a
/// timer, whichever of the latter two comes first. Its terms (perpetual or loan, fee, funding) are the position's in the simulator.
#[derive(Clone, Debug, PartialEq)]
pub struct Hedged<S> {
    strategy: S,
    token: TokenId,
    ratio: f64,
    band: Option<f64>,
    every: Option<SimDuration>,
    /// When it was last looked at by the timer; `None` before the first time.
    last: Option<SimTime>,
    /// Nobody trades it.
    impossible: bool,
}

impl<S> Hedged<S> {
    /// All that this strategy has of a token, at every block.
    pub fn new(strategy: S, token: TokenId) -> Self {
        Self { strategy, token, ratio: 1.0, band: None, every: None, last: None, impossible: false }
    }

    /// Only this part of it, or more than all of it.
    ///
    /// # Errors
    /// Not positive and finite.
    pub fn ratio(mut self, ratio: f64) -> Result<Self, StrategyError> {
        if !(ratio > 0.0 && ratio < f64::INFINITY) {
            return Err(StrategyError::Share { what: "hedge", share: ratio });
        }
        self.ratio = ratio;
        Ok(self)
    }

    /// Rebalanced when it is off by more than this fraction of what it should be.
    ///
    /// # Errors
    /// Not positive and finite.
    pub fn band(mut self, band: f64) -> Result<Self, StrategyError> {
        if !(band > 0.0 && band < f64::INFINITY) {
            return Err(StrategyError::Share { what: "rehedging band", share: band });
        }
        self.band = Some(band);
        Ok(self)
    }

    /// Rebalanced this long after the last time.
    ///
    /// # Errors
    /// An interval of zero.
    pub fn every(mut self, interval: SimDuration) -> Result<Self, StrategyError> {
        if interval.is_zero() {
            return Err(StrategyError::NoInterval);
        }
        self.every = Some(interval);
        Ok(self)
    }

    fn timer(&self) -> SimTime {
        match (self.last, self.every) {
            (Some(last), Some(every)) => last.checked_add(every).unwrap_or(SimTime::MAX),
            (Some(_), None) => SimTime::MAX,
            (None, _) => SimTime::ZERO,
        }
    }
}

/// Whole tokens of a kind that a position has anywhere.
fn exposure(market: &dyn Market, position: &Position<'_>, token: TokenId) -> f64 {
    let mut amount = position.wallet.get(token.index()).copied().unwrap_or(0.0);
    for (p, &lp) in (0_u16..).zip(position.lp) {
        let pool = PoolId(p);
        if lp > 0.0 && market.pool_tokens(pool).contains(&token) {
            let value: f64 = market.pool_tokens(pool).iter().map(|&t| market.reserve(pool, t) * market.price(t)).sum();
            amount += lp * market.lp_value(pool) * (market.reserve(pool, token) / value);
        }
    }
    for range in position.ranges {
        for (side, &of) in market.pool_tokens(range.pool).iter().enumerate().take(2) {
            if of == token {
                amount += range.amounts[side] + range.owed[side];
            }
        }
    }
    amount
}

impl<S: Strategy> Strategy for Hedged<S> {
    fn entry(&self) -> Entry {
        self.strategy.entry()
    }

    fn ranges(&self) -> u8 {
        self.strategy.ranges()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.impossible |= matches!(position.refused, Some(Refusal::NoMarket { .. }));
        if let Some(action) = self.strategy.act(market, position) {
            return Some(action);
        }
        if self.impossible {
            return None;
        }
        // Rounding may leave less than nothing of it, which nobody lends.
        let target = -self.ratio * exposure(market, position, self.token).max(0.0);
        let off = (target - position.hedge.get(self.token.index()).copied().unwrap_or(0.0)).abs();
        let always = self.band.is_none() && self.every.is_none();
        let by_timer = market.time() >= self.timer();
        let due = always || by_timer || self.band.is_some_and(|band| off > band * target.abs());
        if !due {
            return None;
        }
        self.last = Some(market.time());
        (off > DUST * target.abs()).then_some(Action::Hedge { token: self.token, target })
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        let wake = self.strategy.wake(market, position);
        if self.impossible {
            wake
        } else if self.every.is_none() || self.band.is_some() {
            // What it is off by follows the price, trade by trade: nothing simple to wait for.
            wake.or(Wake::EVERY_BLOCK)
        } else {
            wake.or_at(self.timer())
        }
    }

    fn funded(&mut self) {
        self.strategy.funded();
    }
}
