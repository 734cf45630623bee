use cenote_amm::PriceRange;
use cenote_units::{SimDuration, SimTime};

use crate::error::StrategyError;
use crate::market::{Market, PoolId, TokenId};
use crate::prices::DUST;
use crate::strategy::{Action, Entry, Position, RangeId, Strategy};
use crate::wake::Wake;

/// Several assets, each with its weight: tokens in the wallet and liquidity in pools (the full range where there are ranges). When a
/// weight has drifted too far, or on a timer, everything is brought back to its weight: what is too much is burned, tokens are swapped in
/// pools that trade them for each other, what is too little is minted.
#[derive(Clone, Debug, PartialEq)]
pub struct Portfolio {
    holdings: Vec<(Asset, f64)>,
    /// Pools to swap in.
    markets: Vec<PoolId>,
    drift: Option<f64>,
    every: Option<SimDuration>,
    state: State,
    since: SimTime,
}

/// Part of a portfolio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Asset {
    /// A token, in the wallet.
    Token(TokenId),
    /// Liquidity in a pool.
    Pool(PoolId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Holdings from this one on are still to be burned if they are too much.
    Burning(usize),
    /// So many swaps have been tried.
    Swapping(usize),
    /// Holdings from this one on are still to be minted if they are too little.
    Minting(usize),
    Resting,
}

impl Portfolio {
    /// These assets with these weights, which need not sum to one, rebalanced never; `markets` are the pools it may swap in.
    ///
    /// # Errors
    /// A weight that is negative or not finite, or none that is positive.
    pub fn new(mut holdings: Vec<(Asset, f64)>, markets: Vec<PoolId>) -> Result<Self, StrategyError> {
        if let Some(&(_, weight)) = holdings.iter().find(|(_, w)| !(*w >= 0.0 && w.is_finite())) {
            return Err(StrategyError::Weight { weight });
        }
        let total: f64 = holdings.iter().map(|(_, weight)| weight).sum();
        if total <= 0.0 || !total.is_finite() {
            return Err(StrategyError::NoWeight);
        }
        for (_, weight) in &mut holdings {
            *weight /= total;
        }
        Ok(Self { holdings, markets, drift: None, every: None, state: State::Minting(0), since: SimTime::ZERO })
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

    /// Value of an asset. Tokens that are part of no asset have none.
    fn value(market: &dyn Market, position: &Position<'_>, asset: Asset) -> f64 {
        match asset {
            Asset::Token(token) => wallet(position, token) * market.price(token),
            Asset::Pool(pool) => {
                if let Some(range) = position.range(pool, RangeId(0)) {
                    let tokens = market.pool_tokens(pool).iter().zip(range.amounts.iter().zip(range.owed));
                    return tokens.map(|(&token, (amount, owed))| (amount + owed) * market.price(token)).sum();
                }
                let lp = position.lp.get(pool.index()).copied().unwrap_or(0.0);
                if lp > 0.0 { lp * market.lp_value(pool) } else { 0.0 }
            }
        }
    }

    /// Value of everything: assets, and tokens on their way between them.
    fn worth(&self, market: &dyn Market, position: &Position<'_>) -> f64 {
        let pools = self.holdings.iter().filter(|(asset, _)| matches!(asset, Asset::Pool(_)));
        let pools: f64 = pools.map(|&(asset, _)| Self::value(market, position, asset)).sum();
        let tokens = (0_u16..).zip(position.wallet).filter(|(_, amount)| **amount > 0.0);
        pools + tokens.map(|(t, amount)| amount * market.price(TokenId(t))).sum::<f64>()
    }

    fn is_due(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        if market.time() <= self.since {
            return false;
        }
        let by_timer = self.every.is_some_and(|every| market.time().since(self.since).is_some_and(|age| age >= every));
        by_timer
            || self.drift.is_some_and(|drift| {
                let worth = self.worth(market, position);
                let off = |&(asset, weight): &(Asset, f64)| (Self::value(market, position, asset) / worth - weight).abs();
                self.holdings.iter().any(|holding| off(holding) > drift)
            })
    }

    /// The next burn of something that is too much.
    fn burn(&mut self, market: &dyn Market, position: &Position<'_>, from: usize) -> Option<Action> {
        let worth = self.worth(market, position);
        for (i, &(asset, weight)) in self.holdings.iter().enumerate().skip(from) {
            let value = Self::value(market, position, asset);
            let fraction = 1.0 - weight * worth / value;
            if let Asset::Pool(pool) = asset
                && fraction > DUST
            {
                self.state = State::Burning(i + 1);
                return Some(Action::Burn { pool, fraction });
            }
        }
        self.state = State::Swapping(0);
        None
    }

    /// Whole tokens that the wallet lacks (negative: has too many) of each token.
    fn lacks(&self, market: &dyn Market, position: &Position<'_>) -> Vec<f64> {
        let worth = self.worth(market, position);
        let mut lacks: Vec<f64> = position.wallet.iter().map(|have| -have).collect();
        for &(asset, weight) in &self.holdings {
            match asset {
                Asset::Token(token) => lacks[token.index()] += weight * worth / market.price(token),
                Asset::Pool(pool) => {
                    let missing = weight * worth - Self::value(market, position, asset);
                    if missing > 0.0 {
                        for (token, unit) in units_of(market, pool, missing) {
                            lacks[token.index()] += unit;
                        }
                    }
                }
            }
        }
        lacks
    }

    /// The next swap of what is too much for what is too little, where a pool trades the two for each other: the largest.
    fn swap(&mut self, market: &dyn Market, position: &Position<'_>, tried: usize) -> Option<Action> {
        self.state = State::Minting(0);
        if tried >= 2 * self.holdings.len() {
            return None;
        }
        let lacks = self.lacks(market, position);
        let least = DUST * self.worth(market, position);
        let tokens = || (0_u16..).zip(&lacks).map(|(t, &lack)| (TokenId(t), lack));
        let mut best: Option<(f64, Action)> = None;
        for (token_in, surplus) in tokens().filter(|(_, lack)| *lack < 0.0).map(|(token, lack)| (token, -lack)) {
            for (token_out, lack) in tokens().filter(|(_, lack)| *lack > 0.0) {
                let value = (surplus * market.price(token_in)).min(lack * market.price(token_out));
                if value <= least || best.as_ref().is_some_and(|(most, _)| value <= *most) {
                    continue;
                }
                let amount_in = (value / market.price(token_in)).min(wallet(position, token_in));
                if let Some(pool) = self.best_market(market, token_in, token_out, amount_in) {
                    best = Some((value, Action::Swap { pool, token_in, token_out, amount_in }));
                }
            }
        }
        let (_, action) = best?;
        self.state = State::Swapping(tried + 1);
        Some(action)
    }

    /// The pool that pays most.
    fn best_market(&self, market: &dyn Market, token_in: TokenId, token_out: TokenId, amount_in: f64) -> Option<PoolId> {
        let trades = |pool: &PoolId| {
            let tokens = market.pool_tokens(*pool);
            tokens.contains(&token_in) && tokens.contains(&token_out)
        };
        let pays = |pool: PoolId| (market.quote(pool, token_in, token_out, amount_in), pool);
        let best = self.markets.iter().copied().filter(trades).map(pays).reduce(|a, b| if b.0 > a.0 { b } else { a })?;
        (best.0 > 0.0).then_some(best.1)
    }

    /// The next mint of something that is too little.
    fn mint(&mut self, market: &dyn Market, position: &Position<'_>, from: usize) -> Option<Action> {
        let worth = self.worth(market, position);
        for (i, &(asset, weight)) in self.holdings.iter().enumerate().skip(from) {
            let Asset::Pool(pool) = asset else { continue };
            let missing = weight * worth - Self::value(market, position, asset);
            if missing <= DUST * worth {
                continue;
            }
            let part = |(token, unit): (TokenId, f64)| if unit > 0.0 { unit / wallet(position, token) } else { 0.0 };
            let fraction = units_of(market, pool, missing).map(part).fold(0.0, f64::max).min(1.0);
            if fraction > 0.0 {
                self.state = State::Minting(i + 1);
                return Some(Action::Mint { pool, fraction });
            }
        }
        self.state = State::Resting;
        self.since = market.time();
        None
    }
}

/// What liquidity worth so much takes of each token.
fn units_of(market: &dyn Market, pool: PoolId, value: f64) -> impl Iterator<Item = (TokenId, f64)> + '_ {
    let ranged = market.proportions(pool, PriceRange::FULL).map(|(unit, _)| unit);
    let tokens = market.pool_tokens(pool);
    let unit = move |k: usize, token: TokenId| {
        ranged.map_or_else(|| market.reserve(pool, token), |unit| unit.get(k).copied().unwrap_or(0.0))
    };
    let all: f64 = tokens.iter().enumerate().map(|(k, &token)| unit(k, token) * market.price(token)).sum();
    tokens.iter().enumerate().map(move |(k, &token)| (token, unit(k, token) * (value / all)))
}

fn wallet(position: &Position<'_>, token: TokenId) -> f64 {
    position.wallet.get(token.index()).copied().unwrap_or(0.0)
}

impl Strategy for Portfolio {
    fn entry(&self) -> Entry {
        let part = |&(asset, weight): &(Asset, f64)| match asset {
            Asset::Token(token) => (Entry::Tokens(vec![(token, 1.0)]), weight),
            Asset::Pool(pool) => (Entry::Pool(pool), weight),
        };
        Entry::Mix(self.holdings.iter().map(part).collect())
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        loop {
            let action = match self.state {
                State::Burning(from) => self.burn(market, position, from),
                State::Swapping(tried) => self.swap(market, position, tried),
                State::Minting(from) => self.mint(market, position, from),
                State::Resting if self.is_due(market, position) => {
                    self.state = State::Burning(0);
                    continue;
                }
                State::Resting => return None,
            };
            if action.is_some() || self.state == State::Resting {
                return action;
            }
        }
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        let _ = (market, position);
        let timer = self.every.and_then(|every| self.since.checked_add(every)).unwrap_or(SimTime::MAX);
        // Every weight moves with every price and trade: nothing simple to wait for.
        if self.drift.is_some() { Wake::EVERY_BLOCK } else { Wake::at(timer) }
    }

    /// Puts what has come where the weights say.
    fn funded(&mut self) {
        self.state = State::Burning(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_share_out_the_deposit() {
        let holdings = vec![(Asset::Token(TokenId(0)), 1.0), (Asset::Pool(PoolId(2)), 3.0)];
        let portfolio = Portfolio::new(holdings, vec![]).unwrap();
        let tokens = Entry::Tokens(vec![(TokenId(0), 1.0)]);
        assert_eq!(portfolio.entry(), Entry::Mix(vec![(tokens, 0.25), (Entry::Pool(PoolId(2)), 0.75)]));
        assert_eq!(Portfolio::new(vec![], vec![]), Err(StrategyError::NoWeight));
        assert!(Portfolio::new(vec![(Asset::Token(TokenId(0)), -1.0)], vec![]).is_err());
        assert!(portfolio.clone().drift(0.0).is_err() && portfolio.every(SimDuration::ZERO).is_err());
    }
}
