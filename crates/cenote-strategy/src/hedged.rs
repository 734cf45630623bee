use cenote_units::{SimDuration, SimTime};

use crate::error::StrategyError;
use crate::market::{Market, PoolId, TokenId};
use crate::prices::DUST;
use crate::refusal::Refusal;
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::venue::{FarmId, LendingId, Stake, VaultId};
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

/// Whole tokens of a kind that a position has anywhere, less those that it owes.
fn exposure(market: &dyn Market, position: &Position<'_>, token: TokenId) -> f64 {
    let mut amount = position.wallet.get(token.index()).copied().unwrap_or(0.0);
    let of_pool = |pool: PoolId, lp: f64| {
        let value: f64 = market.pool_tokens(pool).iter().map(|&t| market.reserve(pool, t) * market.price(t)).sum();
        lp * market.lp_value(pool) * (market.reserve(pool, token) / value)
    };
    for (p, &lp) in (0_u16..).zip(position.lp) {
        let pool = PoolId(p);
        if lp > 0.0 && market.pool_tokens(pool).contains(&token) {
            amount += of_pool(pool, lp);
        }
    }
    for (farm, own) in (0_u16..).map(FarmId).zip(position.farms).filter(|(_, own)| own.staked > 0.0) {
        if market.farm(farm).is_some_and(|terms| terms.stake == Stake::Token(token)) {
            amount += own.staked;
        }
    }
    for (vault, &share) in (0_u16..).map(VaultId).zip(position.vaults).filter(|(_, share)| **share > 0.0) {
        match market.vault(vault).and_then(|terms| market.farm(terms.farm)).map(|terms| terms.stake) {
            Some(Stake::Token(of)) if of == token => amount += share,
            Some(Stake::Pool(pool)) if market.pool_tokens(pool).contains(&token) => amount += of_pool(pool, share),
            _ => {}
        }
    }
    for (lending, own) in (0_u16..).map(LendingId).zip(position.lending) {
        if market.lending(lending).is_some_and(|terms| terms.token == token) {
            amount += own.supplied - own.owed;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hand::{World, farm, lending, pool};

    #[test]
    fn what_is_staked_lent_and_owed_counts() {
        let (eth, main) = (TokenId(0), PoolId(0));
        let mut world = World::new(&[2000.0, 1.0], vec![pool([0, 1], [100.0, 2e5])])
            .with_farms(vec![farm(Stake::Token(eth), &[1]), farm(Stake::Pool(main), &[1])])
            .with_lending(vec![lending(0, 0.01), lending(1, 0.02)])
            .with_vaults(&[0, 1]);
        world.wallet[0] = 1.0;
        world.staked[0].staked = 2.0;
        // A hundredth of the pool staked, which is in `lp` too, and as much in a vault.
        let part = world.pools[0].supply / 100.0;
        (world.lp[0], world.staked[1].staked) = (part, part);
        world.shares = vec![4.0, part];
        (world.lent[0].supplied, world.lent[0].owed, world.lent[1].owed) = (16.0, 8.0, 1e3);
        let ranges = world.ranges();
        let of = |token| exposure(&world, &world.position(&ranges), token);
        assert!((of(eth) - (1.0 + 2.0 + 1.0 + 4.0 + 1.0 + 16.0 - 8.0)).abs() < 1e-12, "{}", of(eth));
        assert!((of(TokenId(1)) - (2e3 + 2e3 - 1e3)).abs() < 1e-9, "{}", of(TokenId(1)));
    }
}
