use cenote_units::{SimDuration, SimTime};

use crate::asset::Asset;
use crate::balance::Balance;
use crate::error::StrategyError;
use crate::market::{Market, PoolId};
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::wake::Wake;

/// Several assets, each with its weight: tokens in the wallet, liquidity in pools (the full range where there are ranges), stakes in
/// farms, what is supplied to lending markets, shares of vaults. When a weight has drifted too far, or on a timer, everything is brought
/// back to its weight: what is too much is taken out, tokens are swapped in pools that trade them for each other (or over one token
/// between), what is too little is put in.
///
/// Rewards that a farm has not paid count as part of the asset; those paid on the way are swapped into what is lacking. What is frozen is
/// left where it is until the next time.
#[derive(Clone, Debug, PartialEq)]
pub struct Portfolio {
    balance: Balance,
    drift: Option<f64>,
    every: Option<SimDuration>,
    /// When everything was last brought back; `None` while it is.
    since: Option<SimTime>,
}

impl Portfolio {
    /// These assets with these weights, which need not sum to one, rebalanced never; `markets` are the pools it may swap in.
    ///
    /// # Errors
    /// A weight that is negative or not finite, or none that is positive.
    pub fn new(holdings: Vec<(Asset, f64)>, markets: Vec<PoolId>) -> Result<Self, StrategyError> {
        Ok(Self { balance: Balance::new(holdings, markets)?, drift: None, every: None, since: None })
    }

    /// Rebalanced when the weight of an asset is off by more than this: 0.1 is 40% or 60% where it should be 50%.
    ///
    /// # Errors
    /// Not between 0 and 1.
    pub fn drift(mut self, drift: f64) -> Result<Self, StrategyError> {
        if !(drift > 0.0 && drift < 1.0) {
            return Err(StrategyError::Share { what: "drift", share: drift });
        }
        self.drift = Some(drift);
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

    fn is_due(&self, market: &dyn Market, position: &Position<'_>, since: SimTime) -> bool {
        if market.time() <= since {
            return false;
        }
        let by_timer = self.every.is_some_and(|every| market.time().since(since).is_some_and(|age| age >= every));
        by_timer || self.drift.is_some_and(|drift| self.balance.drift(market, position) > drift)
    }
}

impl Strategy for Portfolio {
    fn entry(&self) -> Entry {
        self.balance.entry()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if let Some(since) = self.since
            && self.is_due(market, position, since)
        {
            self.since = None;
            self.balance.start();
        }
        let action = self.balance.next(market, position);
        if action.is_none() && self.since.is_none() {
            self.since = Some(market.time());
        }
        action
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        let _ = (market, position);
        let timer = self.every.zip(self.since).and_then(|(every, since)| since.checked_add(every)).unwrap_or(SimTime::MAX);
        // Every weight moves with every price and trade: nothing simple to wait for.
        if self.drift.is_some() { Wake::EVERY_BLOCK } else { Wake::at(timer) }
    }

    /// Puts what has come where the weights say.
    fn funded(&mut self) {
        self.since = None;
        self.balance.start();
    }
}

#[cfg(test)]
mod tests;
