use cenote_units::{SimDuration, SimTime};

use crate::asset::{entry_of, wallet};
use crate::error::StrategyError;
use crate::farming::PATIENCE;
use crate::loan::{SAFE, Unwinding, headroom};
use crate::market::{Market, PoolId, TokenId};
use crate::prices::NOT_WORTH_A_SWAP;
use crate::route::first_hop;
use crate::sale::Sale;
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::venue::{LendingId, LendingPosition, Stake};
use crate::wake::Wake;

/// A levered loan: a token is supplied, another (or the same) borrowed against it, swapped into the first and supplied again, several
/// times.
///
/// After n loops at a loan-to-value ratio q, the debt is r = q (1 − qⁿ) / (1 − qⁿ⁺¹) of the collateral, and the collateral 1 / (1 − r) of
/// the deposit ([`reached`](Self::reached)). Prices and interest move that ratio: where it leaves its bounds, the position is brought back
/// to r, by selling collateral and paying debt back, or by as many loops again as it takes.
///
/// What is refused is tried again a day later at the earliest.
#[derive(Clone, Debug, PartialEq)]
pub struct Looping {
    collateral: (LendingId, TokenId),
    debt: (LendingId, TokenId),
    loan_to_value: f64,
    loops: u32,
    bounds: Option<(f64, f64)>,
    every: Option<SimDuration>,
    markets: Vec<PoolId>,
    state: State,
    /// The last look at the bounds.
    last: SimTime,
    /// When what was refused is tried again.
    again: Option<SimTime>,
    /// Whether the last action was its own.
    asked: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum State {
    /// Whatever has come is sold for collateral.
    Buying(Sale),
    /// Collateral is supplied, so many loans having been taken.
    Supplying(u32),
    Borrowing(u32),
    /// What was borrowed is swapped for collateral.
    Swapping(u32, TokenId),
    Unwinding(Unwinding),
    Resting,
}

impl Looping {
    /// A market and its token for the collateral, and for the debt, of which so much of the collateral's value is borrowed each time.
    ///
    /// # Errors
    /// A ratio that is not between 0 and 1.
    pub fn new(collateral: (LendingId, TokenId), debt: (LendingId, TokenId), loan_to_value: f64) -> Result<Self, StrategyError> {
        if !(loan_to_value > 0.0 && loan_to_value < 1.0) {
            return Err(StrategyError::Share { what: "loan-to-value ratio", share: loan_to_value });
        }
        Ok(Self {
            collateral,
            debt,
            loan_to_value,
            loops: 5,
            bounds: None,
            every: None,
            markets: Vec::new(),
            state: State::Supplying(0),
            last: SimTime::ZERO,
            again: None,
            asked: false,
        })
    }

    /// So many loans; without this, 5.
    ///
    /// # Errors
    /// None, or more than 20.
    pub fn loops(mut self, loops: u32) -> Result<Self, StrategyError> {
        if !(1..=20).contains(&loops) {
            return Err(StrategyError::Loops { loops });
        }
        self.loops = loops;
        Ok(self)
    }

    /// The debt is kept between these parts of the collateral's value, which should be below and above what loops reach.
    ///
    /// # Errors
    /// Bounds that cross, or are not between 0 and 1.
    pub fn bounds(mut self, low: f64, high: f64) -> Result<Self, StrategyError> {
        if !(low >= 0.0 && low < high && high < 1.0) {
            return Err(StrategyError::Bounds { low, high });
        }
        self.bounds = Some((low, high));
        Ok(self)
    }

    /// The bounds are looked at on a timer, and not at every block.
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

    /// Pools to swap debt for collateral in, and back.
    pub fn markets(mut self, markets: Vec<PoolId>) -> Self {
        self.markets = markets;
        self
    }

    /// The part of the collateral that is owed after all loops.
    pub fn reached(&self) -> f64 {
        let (q, mut power) = (self.loan_to_value, 1.0);
        for _ in 0..self.loops {
            power *= q;
        }
        q * (1.0 - power) / (1.0 - q * power)
    }

    fn own(position: &Position<'_>, lending: LendingId) -> LendingPosition {
        position.lending.get(lending.index()).copied().unwrap_or_default()
    }

    /// Value of the collateral and of the debt.
    fn values(&self, market: &dyn Market, position: &Position<'_>) -> [f64; 2] {
        let supplied = Self::own(position, self.collateral.0).supplied * market.price(self.collateral.1);
        [supplied, Self::own(position, self.debt.0).owed * market.price(self.debt.1)]
    }

    /// Value of the debt that the equity bears.
    fn goal(&self, market: &dyn Market, position: &Position<'_>) -> f64 {
        let [supplied, owed] = self.values(market, position);
        let r = self.reached();
        (supplied - owed).max(0.0) * r / (1.0 - r)
    }

    /// What is to be done at a look.
    fn look(&mut self, market: &dyn Market, position: &Position<'_>) {
        let now = market.time();
        let again = self.again.take_if(|again| now >= *again).is_some();
        if self.again.is_some() {
            return;
        }
        let due = self.every.is_none_or(|every| now.since(self.last).is_some_and(|age| age >= every));
        let [supplied, owed] = self.values(market, position);
        if again {
            // Goes on where it was refused.
            self.state = State::Buying(Sale::new(self.collateral.1, Vec::new()));
        }
        let Some((low, high)) = self.bounds.filter(|_| due || again) else { return };
        self.last = now;
        let (ratio, goal) = (owed / supplied, self.goal(market, position));
        let unfit = (owed - goal).abs() > NOT_WORTH_A_SWAP * supplied;
        if ratio > high && unfit {
            let mut left: Vec<LendingPosition> = position.lending.to_vec();
            for own in &mut left {
                own.supplied = f64::INFINITY;
            }
            if let Some(own) = left.get_mut(self.debt.0.index()) {
                own.owed = goal / market.price(self.debt.1);
            }
            self.state = State::Unwinding(Unwinding::down_to(left, Vec::new()));
        } else if ratio < low && supplied > 0.0 && unfit {
            self.state = State::Borrowing(0);
        }
    }

    fn borrow(&mut self, market: &dyn Market, position: &Position<'_>, taken: u32) -> Option<Action> {
        self.state = State::Resting;
        let [supplied, owed] = self.values(market, position);
        let missing = (self.goal(market, position) - owed).min(self.loan_to_value * supplied - owed);
        let allowed = SAFE * headroom_for_more(market, position);
        let liquidity = market.lending(self.debt.0).map_or(0.0, |terms| terms.liquidity);
        let price = market.price(self.debt.1);
        let amount = (missing.min(allowed) / price).min(liquidity);
        if taken >= self.loops || amount.is_nan() || amount * price <= NOT_WORTH_A_SWAP * supplied {
            return None;
        }
        let same = self.debt.1 == self.collateral.1;
        self.state = if same { State::Supplying(taken + 1) } else { State::Swapping(taken + 1, self.debt.1) };
        Some(Action::Borrow { lending: self.debt.0, amount })
    }

    fn swap(&mut self, market: &dyn Market, position: &Position<'_>, taken: u32, token_in: TokenId) -> Option<Action> {
        self.state = State::Supplying(taken);
        let amount_in = wallet(position, token_in);
        let hop = first_hop(market, &self.markets, token_in, self.collateral.1, amount_in).filter(|_| amount_in > 0.0)?;
        if hop.token_out != self.collateral.1 {
            self.state = State::Swapping(taken, hop.token_out);
        }
        Some(Action::Swap { pool: hop.pool, token_in, token_out: hop.token_out, amount_in })
    }
}

/// Value that may be borrowed now: none where nothing is supplied.
fn headroom_for_more(market: &dyn Market, position: &Position<'_>) -> f64 {
    let free = headroom(market, position);
    if free < f64::INFINITY {
        return free;
    }
    let of = |(k, own): (u16, &LendingPosition)| {
        market.lending(LendingId(k)).map_or(0.0, |terms| own.supplied * terms.loan_to_value * market.price(terms.token))
    };
    (0_u16..).zip(position.lending).map(of).sum()
}

impl Strategy for Looping {
    fn entry(&self) -> Entry {
        entry_of(Stake::Token(self.collateral.1))
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let refused = std::mem::take(&mut self.asked) && position.refused.is_some();
        if refused && !matches!(self.state, State::Unwinding(_)) {
            self.state = State::Resting;
            self.again = market.time().checked_add(PATIENCE);
            return None;
        }
        let mut looked = false;
        loop {
            let action = match &mut self.state {
                State::Resting if looked => return None,
                State::Resting => {
                    looked = true;
                    self.look(market, position);
                    None
                }
                State::Buying(sale) => {
                    let swap = sale.next(market, position, &self.markets);
                    if swap.is_none() {
                        self.state = State::Supplying(0);
                    }
                    swap
                }
                &mut State::Supplying(taken) => {
                    self.state = State::Borrowing(taken);
                    let amount = wallet(position, self.collateral.1);
                    (amount > 0.0).then_some(Action::Supply { lending: self.collateral.0, amount })
                }
                &mut State::Borrowing(taken) => self.borrow(market, position, taken),
                &mut State::Swapping(taken, token_in) => self.swap(market, position, taken, token_in),
                State::Unwinding(unwinding) => {
                    let step = unwinding.next(market, position, &self.markets);
                    if step.is_none() {
                        // One look at a time: what could not be paid back now can be later.
                        let failed = refused || unwinding.is_frozen();
                        self.state = State::Resting;
                        self.again = market.time().checked_add(PATIENCE).filter(|_| failed);
                        return None;
                    }
                    step
                }
            };
            if action.is_some() {
                self.asked = true;
                return action;
            }
        }
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        let look = match (self.bounds, self.every) {
            (None, _) => Wake::NEVER,
            (Some(_), None) if self.again.is_some() => Wake::NEVER,
            (Some(_), None) => Wake::EVERY_BLOCK,
            (Some(_), Some(every)) => Wake::at(self.last.checked_add(every).unwrap_or(SimTime::MAX)),
        };
        self.again.map_or(look, |again| look.or_at(again))
    }

    /// Supplies what has come, and borrows against it.
    fn funded(&mut self) {
        self.state = State::Buying(Sale::new(self.collateral.1, Vec::new()));
    }
}

#[cfg(test)]
mod tests;
