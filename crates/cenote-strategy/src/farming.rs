mod harvest;
mod purse;
mod steps;

use cenote_amm::{PriceRange, RangeRule};
use cenote_units::{SimDuration, SimTime};

use self::harvest::When;
use self::purse::{Before, Source};
use crate::asset::entry_of;
use crate::error::StrategyError;
use crate::market::{Market, PoolId, TokenId};
use crate::prices::outside_price;
use crate::refusal::Refusal;
use crate::sale::Sale;
use crate::strategy::{Action, Entry, Position, RangeId, Strategy};
use crate::trigger::{Trigger, Watch};
use crate::venue::{FarmId, Stake};
use crate::wake::Wake;

/// Liquidity, or a token, staked in a farm, and its rewards claimed: on a timer or when they are worth the gas, to be sold, compounded
/// or kept.
///
/// Of the wallet only what was claimed is sold or compounded, also where a reward is one of the pool's own tokens. What swaps leave over
/// is put to work the next time. In a pool of ranges the liquidity is the full range unless it says otherwise; to add to it or to move it, it
/// is taken out of the farm and staked again. Rewards that come free later count as rewards when they do. A farm that is frozen is asked again at the next look, a day later at the latest.
#[derive(Clone, Debug, PartialEq)]
pub struct Farming {
    farm: FarmId,
    stake: Stake,
    harvest: Option<(Rewards, When)>,
    /// Where the liquidity is, in a pool of ranges.
    rule: RangeRule,
    /// When it is moved.
    watch: Watch,
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

#[derive(Clone, Debug, PartialEq)]
enum State {
    /// Ranges come out of the farm, to be moved.
    Leaving,
    /// And out of the pool.
    Removing,
    Claiming,
    Selling(Sale),
    /// So many swaps into the proportions of the stake have been tried.
    Fitting(usize),
    Opening,
    Minting,
    Staking,
    Resting,
}

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
            rule: RangeRule::Full,
            watch: Watch::never(),
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

    /// The liquidity is in a range, of a pool that has some: around the outside price of the moment when it is put there.
    pub fn range(mut self, rule: RangeRule) -> Self {
        self.rule = rule;
        self
    }

    /// The range follows the price: when the trigger fires, and not before the cooldown is over, the liquidity is taken out of the farm
    /// and the pool, swapped to the proportions of a range around the outside price, and staked again. Rewards that this pays are claimed.
    ///
    /// # Errors
    /// A distance from the centre, or an interval, that is not positive.
    pub fn recentre(mut self, trigger: Trigger, cooldown: SimDuration) -> Result<Self, StrategyError> {
        self.watch = Watch::new(trigger, cooldown)?;
        Ok(self)
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

    /// Rewards are claimed when they have grown to what makes the gas worth it ([`compounding_threshold`](crate::compounding_threshold)), `gas` being the units of all
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

    fn is_open(&self, market: &dyn Market) -> bool {
        market.farm(self.farm).is_some_and(|terms| terms.is_open)
    }

    /// Where its liquidity is, if it is in a range.
    fn present(&self, position: &Position<'_>) -> Option<PriceRange> {
        let Stake::Pool(pool) = self.stake else { return None };
        position.range(pool, RangeId(0)).filter(|range| range.liquidity > 0.0).map(|range| range.range)
    }

    /// Where liquidity goes in a pool of ranges: to where there is some, or where it is to be.
    fn place(&self, market: &dyn Market, position: &Position<'_>, pool: PoolId) -> PriceRange {
        match self.rule {
            RangeRule::Full => PriceRange::FULL,
            rule => self.present(position).unwrap_or_else(|| rule.at(outside_price(market, pool))),
        }
    }

    /// Whether the range is to be moved.
    fn strays(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        match (self.stake, self.present(position)) {
            (Stake::Pool(pool), Some(range)) => self.watch.is_due(market, pool, std::iter::once(range)),
            _ => false,
        }
    }
}

impl Strategy for Farming {
    fn entry(&self) -> Entry {
        match (self.stake, self.rule) {
            (_, RangeRule::Full) | (Stake::Token(_), _) => entry_of(self.stake),
            (Stake::Pool(pool), rule) => Entry::Range(pool, rule),
        }
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
                State::Leaving => self.leave(market, position),
                State::Removing => self.remove(position),
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
        let mut wake = self.next_look(market, position);
        if let (Stake::Pool(pool), Some(range)) = (self.stake, self.present(position)) {
            let frozen = self.strays(market, position) && !self.is_open(market);
            let watch = self.watch.wake(market, pool, std::iter::once(range));
            wake = wake.or(if frozen { Wake::at(market.time().checked_add(PATIENCE).unwrap_or(SimTime::MAX)) } else { watch });
        }
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
