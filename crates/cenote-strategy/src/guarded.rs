use cenote_units::SimTime;

use crate::error::StrategyError;
use crate::exit::Exit;
use crate::market::{Market, PoolId, TokenId};
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::wake::Wake;

/// Any strategy, until something happens: then out of everything and into one token, for good. Stakes and vaults are left, loans paid
/// back and what was lent withdrawn, liquidity burned, and all that comes of it sold, rewards included; what is frozen follows as soon as
/// it can be had.
#[derive(Clone, Debug, PartialEq)]
pub struct Guarded<S> {
    strategy: S,
    guard: Guard,
    state: State,
    /// Pools to sell in: the guard's first.
    markets: Vec<PoolId>,
    /// Whole tokens handed over, by token.
    endowment: Vec<f64>,
}

/// When to leave, and into what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guard {
    pool: PoolId,
    into: TokenId,
    low: f64,
    high: f64,
    loss_against_hold: f64,
    price: Option<(TokenId, f64, f64)>,
    at: SimTime,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    Inside,
    Leaving(Exit),
    /// Something was frozen when it left, and is fetched when it is not any more.
    Waiting(SimTime),
    Left,
}

impl Guard {
    /// Nothing that would make it leave yet. It sells what it has in `pool`, for `into`.
    pub fn new(pool: PoolId, into: TokenId) -> Self {
        Self {
            pool,
            into,
            low: 0.0,
            high: f64::INFINITY,
            loss_against_hold: f64::INFINITY,
            price: None,
            at: SimTime::from_nanos(u64::MAX),
        }
    }

    /// Leave when this fraction of the deposit's value is gone: 0.25 is a value of at most 75% of it.
    ///
    /// # Errors
    /// Not between 0 and 1.
    pub fn stop_loss(mut self, fraction: f64) -> Result<Self, StrategyError> {
        self.low = 1.0 - share("stop-loss", fraction)?;
        Ok(self)
    }

    /// Leave when this fraction of the deposit's value has been gained.
    ///
    /// # Errors
    /// Not positive and finite.
    pub fn take_profit(mut self, fraction: f64) -> Result<Self, StrategyError> {
        if !(fraction > 0.0 && fraction < f64::INFINITY) {
            return Err(StrategyError::Share { what: "take-profit", share: fraction });
        }
        self.high = 1.0 + fraction;
        Ok(self)
    }

    /// Leave when the value is this fraction below that of the deposited tokens: by loss against holding, fees counted in.
    ///
    /// # Errors
    /// Not between 0 and 1.
    pub fn stop_impermanent_loss(mut self, fraction: f64) -> Result<Self, StrategyError> {
        self.loss_against_hold = share("stop-loss against holding", fraction)?;
        Ok(self)
    }

    /// Leave when a token's outside price, in the numeraire, is below `low` or above `high`.
    pub fn stop_price(mut self, token: TokenId, low: f64, high: f64) -> Self {
        self.price = Some((token, low, high));
        self
    }

    /// Leave at this time.
    pub fn leave_at(mut self, time: SimTime) -> Self {
        self.at = time;
        self
    }

    /// Values at which it stays: above the first, below the second.
    fn values(&self, deposit: f64) -> (f64, f64) {
        (self.low * deposit, self.high * deposit)
    }
}

fn share(what: &'static str, share: f64) -> Result<f64, StrategyError> {
    if share > 0.0 && share < 1.0 { Ok(share) } else { Err(StrategyError::Share { what, share }) }
}

impl<S> Guarded<S> {
    /// This strategy under this guard.
    pub fn new(strategy: S, guard: Guard) -> Self {
        Self { strategy, guard, state: State::Inside, markets: vec![guard.pool], endowment: Vec::new() }
    }

    /// More pools to sell in on the way out, than the guard's: rewards, for example, that it does not trade.
    pub fn markets(mut self, markets: Vec<PoolId>) -> Self {
        self.markets.extend(markets);
        self
    }

    fn fires(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        let (low, high) = self.guard.values(position.deposit_value);
        let hold: f64 = if self.guard.loss_against_hold < f64::INFINITY {
            (0_u16..)
                .zip(&self.endowment)
                .map(|(t, amount)| if *amount > 0.0 { amount * market.price(TokenId(t)) } else { 0.0 })
                .sum()
        } else {
            0.0
        };
        position.value <= low
            || position.value >= high
            || position.value < hold * (1.0 - self.guard.loss_against_hold)
            || market.time() >= self.guard.at
            || self.guard.price.is_some_and(|(token, low, high)| {
                let price = market.price(token);
                price < low || price > high
            })
    }
}

impl<S: Strategy> Strategy for Guarded<S> {
    fn entry(&self) -> Entry {
        self.strategy.entry()
    }

    fn ranges(&self) -> u8 {
        self.strategy.ranges()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if self.endowment.is_empty() {
            self.endowment = position.wallet.to_vec();
        }
        if self.state == State::Inside && self.fires(market, position) {
            self.state = State::Leaving(Exit::whole());
        }
        if let State::Waiting(since) = self.state
            && market.time() > since
            && Exit::can_go_on(market, position)
        {
            self.state = State::Leaving(Exit::whole());
        }
        match &mut self.state {
            State::Inside => self.strategy.act(market, position),
            State::Leaving(exit) => {
                let step = exit.next(market, position, &self.markets, Some(self.guard.into));
                if step.is_none() {
                    self.state = if exit.is_frozen() { State::Waiting(market.time()) } else { State::Left };
                }
                step
            }
            State::Waiting(_) | State::Left => None,
        }
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        if self.state == State::Left {
            return Wake::NEVER;
        }
        if let State::Waiting(_) = self.state {
            return Wake::EVERY_BLOCK;
        }
        let mut wake = self.strategy.wake(market, position).or_at(self.guard.at);
        let (low, high) = self.guard.values(position.deposit_value);
        if low > 0.0 || high < f64::INFINITY {
            wake = wake.or_value_outside(low, high);
        }
        if let Some((token, low, high)) = self.guard.price {
            wake = wake.or_token_price_outside(token, low, high);
        }
        // Both sides of a comparison with holding move: nothing to wait for.
        if self.guard.loss_against_hold < f64::INFINITY { wake.or(Wake::EVERY_BLOCK) } else { wake }
    }

    fn funded(&mut self) {
        if self.state == State::Inside {
            self.strategy.funded();
        }
    }
}
