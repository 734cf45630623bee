//! When rewards are worth a look, and what a look finds to do.

use cenote_units::{SimDuration, SimTime};

use super::purse::Source;
use super::{Farming, PATIENCE, Rewards, State};
use crate::asset::{pending_value, stake_value};
use crate::compounding::{compounding_threshold, part};
use crate::market::Market;
use crate::sale::Sale;
use crate::strategy::Position;
use crate::wake::Wake;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum When {
    Every(SimDuration),
    /// Gas units of one time.
    Optimal(f64),
}

impl Farming {
    /// Value of the stake, and of its rewards.
    pub(super) fn principal_and_pending(&self, market: &dyn Market, position: &Position<'_>) -> [f64; 2] {
        let staked = position.farms.get(self.farm.index()).map_or(0.0, |own| own.staked);
        [stake_value(market, position, self.stake, staked), pending_value(market, position, self.farm)]
    }

    /// What rewards have to grow to, in the numeraire.
    pub(super) fn goal(&self, market: &dyn Market, gas: f64, principal: f64) -> f64 {
        let cost = market.farm(self.farm).map_or(0.0, |terms| market.gas_cost(terms.chain, gas));
        principal * compounding_threshold(cost / principal)
    }

    pub(super) fn is_due(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        if self.denied.is_some_and(|until| market.time() < until) {
            return false;
        }
        match self.harvest {
            None => false,
            Some((_, When::Every(interval))) => market.time().since(self.last).is_some_and(|age| age >= interval),
            Some((_, When::Optimal(gas))) => {
                let [principal, pending] = self.principal_and_pending(market, position);
                pending > 0.0 && pending >= self.goal(market, gas, principal)
            }
        }
    }

    /// When to look at the rewards again.
    pub(super) fn next_look(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        let after = |pause: SimDuration| Wake::at(market.time().checked_add(pause).unwrap_or(SimTime::MAX));
        match self.harvest {
            None => Wake::NEVER,
            Some((_, When::Every(interval))) => Wake::at(self.last.checked_add(interval).unwrap_or(SimTime::MAX)),
            Some((_, When::Optimal(gas))) => {
                let [principal, pending] = self.principal_and_pending(market, position);
                let age = self.begun.and_then(|begun| market.time().since(begun)).unwrap_or(SimDuration::ZERO);
                if principal <= 0.0 {
                    return Wake::NEVER;
                }
                if let Some(until) = self.denied.filter(|until| market.time() < *until) {
                    return Wake::at(until);
                }
                let missing = (self.goal(market, gas, principal) - pending) / (self.earned + pending);
                if age.is_zero() {
                    Wake::EVERY_BLOCK
                } else if missing.is_nan() || missing <= 0.0 {
                    // It is worth it, and was not done.
                    if self.is_open(market) { Wake::EVERY_BLOCK } else { after(PATIENCE) }
                } else {
                    // At the pace so far, but no farther than that is known; and a little early, lest a faster one makes it late.
                    after(part(age, (0.8 * missing).min(1.0)))
                }
            }
        }
    }

    /// What a look finds to do.
    pub(super) fn look(&mut self, market: &dyn Market, position: &Position<'_>) -> bool {
        let now = market.time();
        if self.again.is_some_and(|again| now >= again) {
            self.again = None;
            self.source = Source::Principal;
            self.state = State::Opening;
            return true;
        }
        if self.strays(market, position) && self.is_open(market) {
            self.state = State::Leaving;
            return true;
        }
        if self.is_due(market, position) {
            self.last = now;
            let [_, pending] = self.principal_and_pending(market, position);
            if pending > 0.0 && self.is_open(market) {
                self.state = State::Claiming;
                return true;
            }
            // What was claimed long ago, and has come free.
            self.source = Source::Rewards;
            let purse = self.purse(position);
            let next = match self.harvest {
                Some((Rewards::Sell { into }, _)) => State::Selling(Sale::new(into, Vec::new())),
                Some((Rewards::Compound, _)) => State::Fitting(0),
                _ => return false,
            };
            if market
                .farm(self.farm)
                .is_some_and(|terms| terms.rewards.iter().any(|t| purse.get(t.index()).is_some_and(|x| *x > 0.0)))
            {
                self.state = next;
                return true;
            }
        }
        false
    }
}
