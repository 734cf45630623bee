use cenote_amm::PriceRange;
use cenote_units::{SimDuration, SimTime};

use crate::asset::{entry_of, free, is_ranged, is_staked, of_whole, pending_value, stake_value, units_of, wallet};
use crate::compounding::{compounding_threshold, part};
use crate::error::StrategyError;
use crate::level::level;
use crate::market::{Market, PoolId, TokenId};
use crate::prices::{DUST, NOT_WORTH_A_SWAP};
use crate::refusal::Refusal;
use crate::route::{exchange, one_way};
use crate::sale::Sale;
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::venue::{FarmId, MAX_REWARDS, Stake};
use crate::wake::Wake;

/// Liquidity, or a token, staked in a farm, and its rewards claimed: on a timer or when they are worth the gas, to be sold, compounded
/// or kept.
///
/// Of the wallet only what was claimed is sold or compounded, also where a reward is one of the pool's own tokens. What swaps leave over
/// is put to work the next time. In a pool of ranges the liquidity is the full range; to add to it, it is taken out of the farm and staked
/// again. Rewards that come free later count as rewards when they do. A farm that is frozen is asked again at the next look, a day later at the latest.
#[derive(Clone, Debug, PartialEq)]
pub struct Farming {
    farm: FarmId,
    stake: Stake,
    harvest: Option<(Rewards, When)>,
    /// Pools to sell in.
    markets: Vec<PoolId>,
    state: State,
    /// Which part of the wallet is being put to work.
    source: Source,
    begun: Option<SimTime>,
    /// The last look at the rewards.
    last: SimTime,
    /// When something that a frozen farm has refused is tried again.
    again: Option<SimTime>,
    /// Until when rewards that were refused are not claimed again.
    denied: Option<SimTime>,
    /// Value of the rewards claimed so far.
    earned: f64,
    /// Whole tokens of the wallet that are rewards, or come of them, by token.
    yielded: Vec<f64>,
    /// The wallet, and rewards pending, before the last action.
    before: Option<Before>,
    /// The wallet when it last had nothing to do: what has come since are rewards that were locked.
    rested: Option<Vec<f64>>,
}

/// What is done with rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rewards {
    /// Each is swapped for a token, in the pool that pays most, which is kept in the wallet.
    Sell {
        /// The token.
        into: TokenId,
    },
    /// They are swapped for more of what is staked, which is staked too.
    Compound,
    /// They are claimed and kept.
    Hold,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Every(SimDuration),
    /// Gas units of one time.
    Optimal(f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// What is no reward.
    Principal,
    /// What is.
    Rewards,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    Claiming,
    Selling(Sale),
    /// So many swaps into the proportions of the stake have been tried.
    Fitting(usize),
    Opening,
    Minting,
    Staking,
    Resting,
}

#[derive(Clone, Debug, PartialEq)]
struct Before {
    wallet: Vec<f64>,
    pending: [f64; MAX_REWARDS],
    /// Whether all that has changed in the wallet is rewards, and not only what has been paid of those pending.
    rewards: bool,
    /// Whether it was to claim rewards.
    claim: bool,
}

/// The part of rewards that may wait for the next harvest rather than be swapped.
const NEXT_TIME: f64 = 0.01;

/// After how long a farm that refuses is asked again, where nothing else says so.
pub(crate) const PATIENCE: SimDuration = SimDuration::from_nanos(86_400_000_000_000);

impl Farming {
    /// This stake in this farm. Rewards are left there until the end.
    pub fn new(farm: FarmId, stake: Stake) -> Self {
        let markets = if let Stake::Pool(pool) = stake { vec![pool] } else { Vec::new() };
        Self {
            farm,
            stake,
            harvest: None,
            markets,
            state: State::Minting,
            source: Source::Principal,
            begun: None,
            last: SimTime::ZERO,
            again: None,
            denied: None,
            earned: 0.0,
            yielded: Vec::new(),
            before: None,
            rested: None,
        }
    }

    /// Rewards are claimed on a timer.
    ///
    /// # Errors
    /// An interval of zero.
    pub fn every(mut self, rewards: Rewards, interval: SimDuration) -> Result<Self, StrategyError> {
        if interval.is_zero() {
            return Err(StrategyError::NoInterval);
        }
        self.harvest = Some((rewards, When::Every(interval)));
        Ok(self)
    }

    /// Rewards are claimed when they have grown to what makes the gas worth it ([`compounding_threshold`]), `gas` being the units of all
    /// that one time takes.
    ///
    /// When to look it learns from its rewards so far: a little before it expects so much, and at twice its age at the latest.
    ///
    /// # Errors
    /// Gas that is negative or not finite.
    pub fn optimal(mut self, rewards: Rewards, gas: f64) -> Result<Self, StrategyError> {
        if !(0.0..f64::INFINITY).contains(&gas) {
            return Err(StrategyError::Gas { gas });
        }
        self.harvest = Some((rewards, When::Optimal(gas)));
        Ok(self)
    }

    /// Pools to sell rewards in, besides the farm's own: straight or, where no pool trades two tokens, over one token between.
    pub fn markets(mut self, markets: Vec<PoolId>) -> Self {
        self.markets.extend(markets);
        self
    }

    /// What is being put to work, by token.
    fn purse(&self, position: &Position<'_>) -> Vec<f64> {
        let rewards = |t: usize, have: f64| self.yielded.get(t).copied().unwrap_or(0.0).clamp(0.0, have.max(0.0));
        let own = position.wallet.iter().enumerate();
        match self.source {
            Source::Principal => own.map(|(t, &have)| have - rewards(t, have)).collect(),
            Source::Rewards => own.map(|(t, &have)| rewards(t, have)).collect(),
        }
    }

    /// Takes into account what the last action did to the wallet.
    fn account(&mut self, market: &dyn Market, position: &Position<'_>) {
        self.yielded.resize(position.wallet.len(), 0.0);
        if let Some(rested) = self.rested.take()
            && let Some(terms) = market.farm(self.farm)
        {
            for token in terms.rewards.iter().map(|token| token.index()) {
                if let (Some(own), Some(was), Some(have)) =
                    (self.yielded.get_mut(token), rested.get(token), position.wallet.get(token))
                {
                    *own += (have - was).max(0.0);
                }
            }
        }
        let Some(before) = self.before.take() else { return };
        if before.claim {
            // Whoever refuses is left in peace for a while.
            self.denied = market.time().checked_add(PATIENCE).filter(|_| position.refused.is_some());
        }
        if before.rewards {
            for (t, own) in self.yielded.iter_mut().enumerate() {
                let was = before.wallet.get(t).copied().unwrap_or(0.0);
                *own = (*own + position.wallet[t] - was).clamp(0.0, position.wallet[t].max(0.0));
            }
        } else if let Some(terms) = market.farm(self.farm) {
            let now = self.pending(position);
            for (k, &token) in terms.rewards.iter().enumerate().take(MAX_REWARDS) {
                let have = wallet(position, token);
                if let Some(own) = self.yielded.get_mut(token.index()) {
                    *own = (*own + (before.pending[k] - now[k]).max(0.0)).min(have);
                }
            }
        }
    }

    fn pending(&self, position: &Position<'_>) -> [f64; MAX_REWARDS] {
        position.farms.get(self.farm.index()).map_or([0.0; MAX_REWARDS], |own| own.pending)
    }

    fn is_open(&self, market: &dyn Market) -> bool {
        market.farm(self.farm).is_some_and(|terms| terms.is_open)
    }

    /// Value of the stake, and of its rewards.
    fn principal_and_pending(&self, market: &dyn Market, position: &Position<'_>) -> [f64; 2] {
        let staked = position.farms.get(self.farm.index()).map_or(0.0, |own| own.staked);
        [stake_value(market, position, self.stake, staked), pending_value(market, position, self.farm)]
    }

    /// What rewards have to grow to, in the numeraire.
    fn goal(&self, market: &dyn Market, gas: f64, principal: f64) -> f64 {
        let cost = market.farm(self.farm).map_or(0.0, |terms| market.gas_cost(terms.chain, gas));
        principal * compounding_threshold(cost / principal)
    }

    fn is_due(&self, market: &dyn Market, position: &Position<'_>) -> bool {
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
    fn next_look(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
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

    /// Whether there is liquidity that should be staked.
    fn has_free(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        match self.stake {
            Stake::Pool(pool) => free(market, position, pool) > 0.0,
            Stake::Token(token) => self.purse(position).get(token.index()).is_some_and(|&have| have > 0.0),
        }
    }

    fn claim(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let (rewards, _) = self.harvest?;
        self.source = Source::Rewards;
        let [_, pending] = self.principal_and_pending(market, position);
        self.earned += pending;
        let farm = self.farm;
        let mut action = Action::Claim { farm };
        self.state = match (rewards, self.stake) {
            (Rewards::Hold, _) => State::Resting,
            (Rewards::Sell { into }, _) => State::Selling(Sale::new(into, Vec::new())),
            (Rewards::Compound, Stake::Token(_)) => State::Fitting(0),
            (Rewards::Compound, Stake::Pool(pool)) => {
                // Whoever adds to ranges takes them out of the farm first, which pays the rewards too.
                if is_ranged(market, pool) {
                    action = Action::Unstake { farm, fraction: 1.0 };
                }
                State::Fitting(0)
            }
        };
        Some(action)
    }

    /// The next swap of rewards for the token they are sold for, or for that of the stake.
    fn sell(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let purse = self.purse(position);
        let State::Selling(sale) = &mut self.state else { return None };
        let seen = Position { wallet: &purse, ..*position };
        let swap = sale.next(market, &seen, &self.markets);
        if swap.is_none() {
            self.state = State::Resting;
        }
        swap
    }

    /// The next swap into the proportions of the stake.
    fn fit(&mut self, market: &dyn Market, position: &Position<'_>, tried: usize) -> Option<Action> {
        self.state = State::Opening;
        let purse = self.purse(position);
        let worth: f64 = (0_u16..).zip(&purse).filter(|(_, x)| **x > 0.0).map(|(t, x)| x * market.price(TokenId(t))).sum();
        let needed: Vec<(TokenId, f64)> = match self.stake {
            Stake::Token(token) => vec![(token, worth / market.price(token))],
            Stake::Pool(pool) => units_of(market, pool, worth).collect(),
        };
        let rewards = market.farm(self.farm).map_or(0, |terms| terms.rewards.len());
        if tried > 2 * (needed.len() + rewards) {
            return None;
        }
        // What belongs to the pool already is fitted by a swap in it that counts in how it moves the pool.
        if let (Source::Principal, Stake::Pool(pool)) = (self.source, self.stake) {
            let foreign = |(t, x): (u16, &f64)| {
                let token = TokenId(t);
                !market.pool_tokens(pool).contains(&token) && x * market.price(token) > NOT_WORTH_A_SWAP * worth
            };
            if !(0_u16..).zip(&purse).any(foreign) {
                let seen = Position { wallet: &purse, ..*position };
                let swap = level(market, pool, &seen)?;
                self.state = State::Fitting(tried + 1);
                return Some(swap);
            }
        }
        let mut lacks: Vec<f64> = purse.iter().map(|have| -have).collect();
        for (token, unit) in needed {
            if let Some(lack) = lacks.get_mut(token.index()) {
                *lack += unit;
            }
        }
        // A little that does not fit is put to work the next time.
        let least = if self.source == Source::Rewards { NEXT_TIME } else { NOT_WORTH_A_SWAP } * worth;
        let hop = one_way(market, &self.markets, &lacks, least).or_else(|| exchange(market, &self.markets, &lacks, least))?;
        self.state = State::Fitting(tried + 1);
        let amount_in = hop.amount_in.min(purse[hop.token_in.index()]);
        Some(Action::Swap { pool: hop.pool, token_in: hop.token_in, token_out: hop.token_out, amount_in })
    }

    /// Takes ranges out of the farm, to add to them.
    fn open(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.state = State::Minting;
        let staked = matches!(self.stake, Stake::Pool(pool) if is_ranged(market, pool) && is_staked(market, position, pool));
        (staked && self.is_open(market)).then_some(Action::Unstake { farm: self.farm, fraction: 1.0 })
    }

    fn mint(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.state = State::Staking;
        let Stake::Pool(pool) = self.stake else { return None };
        if is_ranged(market, pool) && is_staked(market, position, pool) {
            // The farm does not give them back now. Rewards have time until the next harvest.
            self.state = State::Resting;
            if self.source == Source::Principal {
                self.again = market.time().checked_add(PATIENCE);
            }
            return None;
        }
        let fraction = of_whole(market, position, pool, PriceRange::FULL, &self.purse(position), 1.0);
        (fraction > 0.0).then_some(Action::Mint { pool, fraction })
    }

    fn put(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.state = State::Resting;
        let farm = self.farm;
        let fraction = match self.stake {
            Stake::Pool(pool) if free(market, position, pool) > 0.0 => 1.0,
            Stake::Pool(_) => 0.0,
            Stake::Token(token) => {
                let have = self.purse(position).get(token.index()).copied().unwrap_or(0.0);
                let all = wallet(position, token);
                if have > DUST * all { (have / all).min(1.0) } else { 0.0 }
            }
        };
        self.again = None;
        (fraction > 0.0).then_some(Action::Stake { farm, fraction })
    }

    /// What a look finds to do.
    fn look(&mut self, market: &dyn Market, position: &Position<'_>) -> bool {
        let now = market.time();
        if self.again.is_some_and(|again| now >= again) {
            self.again = None;
            self.source = Source::Principal;
            self.state = State::Opening;
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

impl Strategy for Farming {
    fn entry(&self) -> Entry {
        entry_of(self.stake)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if self.begun.is_none() {
            self.begun = Some(market.time());
            self.last = market.time();
        }
        self.account(market, position);
        if self.state == State::Resting && position.refused == Some(Refusal::Frozen) && self.has_free(market, position) {
            self.again = self.again.or(market.time().checked_add(PATIENCE));
        }
        loop {
            let claiming = self.state == State::Claiming;
            let action = match self.state {
                State::Claiming => self.claim(market, position),
                State::Selling(_) => self.sell(market, position),
                State::Fitting(tried) => self.fit(market, position, tried),
                State::Opening => self.open(market, position),
                State::Minting => self.mint(market, position),
                State::Staking => self.put(market, position),
                State::Resting => {
                    if !self.look(market, position) {
                        self.rested = Some(position.wallet.to_vec());
                        return None;
                    }
                    continue;
                }
            };
            if let Some(action) = action {
                let unstaked = matches!(action, Action::Unstake { .. });
                let rewards = self.source == Source::Rewards || unstaked;
                self.before =
                    Some(Before { wallet: position.wallet.to_vec(), pending: self.pending(position), rewards, claim: claiming });
                return Some(action);
            }
        }
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        let wake = self.next_look(market, position);
        self.again.map_or(wake, |again| wake.or_at(again))
    }

    /// Puts what has come where the rest is.
    fn funded(&mut self) {
        self.source = Source::Principal;
        self.state = State::Fitting(0);
        self.rested = None;
    }
}

#[cfg(test)]
mod tests;
