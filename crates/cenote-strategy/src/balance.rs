use crate::asset::{Asset, Chain, pending_value, wallet};
use crate::error::StrategyError;
use crate::market::{Market, PoolId, TokenId};
use crate::prices::DUST;
use crate::route::exchange;
use crate::strategy::{Action, Entry, Position};

/// Assets with weights, and the way to them from whatever there is: what is too much is taken out, tokens are swapped for each other, what
/// is too little is put in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Balance {
    /// Weights sum to one.
    holdings: Vec<(Asset, f64)>,
    /// Pools to swap in.
    markets: Vec<PoolId>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// Holdings from this one on are still to be reduced if they are too much; before that, this way out is to be ended.
    Reducing(usize, Option<Chain>),
    /// So many swaps have been tried.
    Swapping(usize),
    /// Holdings from this one on are still to be added to if they are too little; before that, this way in is to be ended.
    Adding(usize, Option<Chain>),
    Resting,
}

impl Balance {
    /// These weights, which need not sum to one; the deposit is on its way in.
    ///
    /// # Errors
    /// A weight that is negative or not finite, or none that is positive.
    pub(crate) fn new(mut holdings: Vec<(Asset, f64)>, markets: Vec<PoolId>) -> Result<Self, StrategyError> {
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
        Ok(Self { holdings, markets, state: State::Adding(0, None) })
    }

    /// All in one asset.
    pub(crate) fn single(asset: Asset, markets: Vec<PoolId>) -> Self {
        Self { holdings: vec![(asset, 1.0)], markets, state: State::Adding(0, None) }
    }

    /// More pools to swap in.
    pub(crate) fn add_markets(&mut self, markets: Vec<PoolId>) {
        self.markets.extend(markets);
    }

    /// Other pools to swap in.
    pub(crate) fn swap_in(&mut self, markets: Vec<PoolId>) {
        self.markets = markets;
    }

    /// All into the `k`-th asset.
    pub(crate) fn choose(&mut self, k: usize) {
        for (i, (_, weight)) in self.holdings.iter_mut().enumerate() {
            *weight = f64::from(u8::from(i == k));
        }
        self.start();
    }

    /// Begins to bring everything to its weight.
    pub(crate) fn start(&mut self) {
        self.state = State::Reducing(0, None);
    }

    /// In which tokens the deposit is handed over.
    pub(crate) fn entry(&self) -> Entry {
        Entry::Mix(self.holdings.iter().map(|&(asset, weight)| (asset.entry(), weight)).collect())
    }

    /// The most by which a weight is off.
    pub(crate) fn drift(&self, market: &dyn Market, position: &Position<'_>) -> f64 {
        let worth = self.worth(market, position);
        let off = |&(asset, weight): &(Asset, f64)| (asset.value(market, position) / worth - weight).abs();
        self.holdings.iter().map(off).fold(0.0, f64::max)
    }

    /// Value of everything: assets, and tokens on their way between them.
    pub(crate) fn worth(&self, market: &dyn Market, position: &Position<'_>) -> f64 {
        let others = self.holdings.iter().filter(|(asset, _)| !matches!(asset, Asset::Token(_)));
        let others: f64 = others.map(|&(asset, _)| asset.value(market, position)).sum();
        let tokens = (0_u16..).zip(position.wallet).filter(|(_, amount)| **amount > 0.0);
        others + tokens.map(|(t, amount)| amount * market.price(TokenId(t))).sum::<f64>()
    }

    /// The next step; `None` at the end, and for as long as it rests.
    pub(crate) fn next(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        while self.state != State::Resting {
            let action = match self.state {
                State::Reducing(from, chain) => self.reduce(market, position, from, chain),
                State::Swapping(tried) => self.swap(market, position, tried),
                State::Adding(from, chain) => self.add(market, position, from, chain),
                State::Resting => None,
            };
            if action.is_some() {
                return action;
            }
        }
        None
    }

    /// The next step out of something that is too much.
    fn reduce(&mut self, market: &dyn Market, position: &Position<'_>, from: usize, chain: Option<Chain>) -> Option<Action> {
        if let Some(mut chain) = chain {
            let action = chain.next(market, position);
            self.state = State::Reducing(from, Some(chain));
            if action.is_some() {
                return action;
            }
        }
        let worth = self.worth(market, position);
        for (i, &(asset, weight)) in self.holdings.iter().enumerate().skip(from) {
            let value = asset.value(market, position);
            // Rewards come out first, and with the stake all of them.
            let pending = if let Asset::Farm { farm, .. } = asset { pending_value(market, position, farm) } else { 0.0 };
            let fraction = 1.0 - (weight * worth).min(value - pending) / (value - pending);
            if pending > 0.0 && value - weight * worth > DUST * worth && fraction <= DUST {
                if let Asset::Farm { farm, .. } = asset
                    && market.farm(farm).is_some_and(|terms| terms.is_open)
                {
                    self.state = State::Reducing(i + 1, None);
                    return Some(Action::Claim { farm });
                }
            } else if !matches!(asset, Asset::Token(_)) && fraction > DUST {
                let mut chain = Chain::out(asset, fraction);
                let action = chain.next(market, position);
                self.state = State::Reducing(i + 1, Some(chain));
                if action.is_some() {
                    return action;
                }
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
            // What is in the wallet already is missing from it too.
            let there = if let Asset::Token(_) = asset { 0.0 } else { asset.value(market, position) };
            let missing = weight * worth - there;
            if missing > 0.0 {
                for (token, unit) in asset.units(market, missing) {
                    if let Some(lack) = lacks.get_mut(token.index()) {
                        *lack += unit;
                    }
                }
            }
        }
        lacks
    }

    /// How many swaps are tried at most: two for each asset, and for each reward token.
    fn most_swaps(&self, market: &dyn Market) -> usize {
        let rewards = |&(asset, _): &(Asset, f64)| match asset {
            Asset::Farm { farm, .. } => market.farm(farm).map_or(0, |terms| terms.rewards.len()),
            _ => 0,
        };
        2 * (self.holdings.len() + self.holdings.iter().map(rewards).sum::<usize>())
    }

    /// The next swap of what is too much for what is too little: the largest.
    fn swap(&mut self, market: &dyn Market, position: &Position<'_>, tried: usize) -> Option<Action> {
        self.state = State::Adding(0, None);
        if tried >= self.most_swaps(market) {
            return None;
        }
        let (lacks, least) = (self.lacks(market, position), DUST * self.worth(market, position));
        let hop = exchange(market, &self.markets, &lacks, least)?;
        self.state = State::Swapping(tried + 1);
        let (pool, token_in, token_out) = (hop.pool, hop.token_in, hop.token_out);
        Some(Action::Swap { pool, token_in, token_out, amount_in: hop.amount_in.min(wallet(position, token_in)) })
    }

    /// The next step into something that is too little.
    fn add(&mut self, market: &dyn Market, position: &Position<'_>, from: usize, chain: Option<Chain>) -> Option<Action> {
        if let Some(mut chain) = chain {
            let action = chain.next(market, position);
            self.state = State::Adding(from, Some(chain));
            if action.is_some() {
                return action;
            }
        }
        let worth = self.worth(market, position);
        for (i, &(asset, weight)) in self.holdings.iter().enumerate().skip(from) {
            let missing = weight * worth - asset.value(market, position);
            if matches!(asset, Asset::Token(_)) || missing.is_nan() || missing <= DUST * worth {
                continue;
            }
            let mut chain = Chain::into(asset, missing);
            let action = chain.next(market, position);
            self.state = State::Adding(i + 1, Some(chain));
            if action.is_some() {
                return action;
            }
        }
        self.state = State::Resting;
        None
    }
}
