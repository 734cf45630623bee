use cenote_units::{SimDuration, SimTime, math};

use crate::error::StrategyError;
use crate::market::{Market, PoolId};
use crate::prices::{Slice, existing, held, mint, scale, swap_into, two_tokens};
use crate::strategy::{Action, Entry, Position, RangeId, Strategy};
use crate::wake::Wake;

/// Any strategy with liquidity in ranges, whose fees are put to work: collected, swapped into the proportions of its ranges, and added to
/// them, each in proportion to its liquidity.
#[derive(Clone, Debug, PartialEq)]
pub struct Compounding<S> {
    strategy: S,
    pool: PoolId,
    when: When,
    state: State,
    /// What was in the wallet before, and is not to be touched.
    kept: [f64; 2],
    plan: Vec<Slice>,
    /// When it began, and when it last compounded.
    begun: Option<SimTime>,
    last: SimTime,
    /// Value of the fees that are not owed any more.
    earned: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum When {
    Every(SimDuration),
    /// Gas units of one time.
    Optimal(f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    /// Ranges of the plan from this one on are still to be collected.
    Collecting(usize),
    Swapped,
    /// Ranges of the plan from this one on are still to be added to.
    Adding(usize),
}

/// How much the fees should have grown before they are compounded, as a part of the principal they are earned on, if that costs a part
/// `cost` of the principal each time: u − 1 + c with u ln u = u − 1 + c, about √(2c).
///
/// Fees accrue in proportion to the principal; compounding every h years at a fee rate of r a year makes it grow by ln(1 + r h − c) / h,
/// which is largest at r h = u − 1 + c. The rate cancels: whatever it is, fees have then grown to the same part.
///
/// ```
/// use cenote_strategy::compounding_threshold;
///
/// // At 30% a year and a cost of 0.01%: every 0.0476 years, or 17 days.
/// assert!((compounding_threshold(1e-4) / 0.3 - 0.047_584_766_069_179_56).abs() < 1e-12);
/// ```
pub fn compounding_threshold(cost: f64) -> f64 {
    if cost.is_nan() || cost <= 0.0 {
        return 0.0;
    }
    // f(x) = (1 + x) ln(1 + x) − x − c, convex with f' = ln(1 + x), x = u − 1: Newton from above.
    let mut x = (2.0 * cost).sqrt() + cost;
    for _ in 0..60 {
        let log = math::ln_1p(x);
        let step = ((1.0 + x) * log - x - cost) / log;
        x -= step;
        if step.abs() <= 1e-15 * x {
            break;
        }
    }
    x + cost
}

impl<S> Compounding<S> {
    /// This strategy's fees in this pool, on a timer.
    ///
    /// # Errors
    /// An interval of zero.
    pub fn every(strategy: S, pool: PoolId, interval: SimDuration) -> Result<Self, StrategyError> {
        if interval.is_zero() {
            return Err(StrategyError::NoInterval);
        }
        Ok(Self::new(strategy, pool, When::Every(interval)))
    }

    /// When fees have grown to what makes the gas worth it ([`compounding_threshold`]), `gas` being the units of one collection, swap and
    /// mint. Where several ranges are compounded at once, each pays its collection and mint.
    ///
    /// When to look it learns from its fees so far: a little before it expects so much, and at twice its age at the latest.
    ///
    /// # Errors
    /// Gas that is negative or not finite.
    pub fn optimal(strategy: S, pool: PoolId, gas: f64) -> Result<Self, StrategyError> {
        if !(0.0..f64::INFINITY).contains(&gas) {
            return Err(StrategyError::Gas { gas });
        }
        Ok(Self::new(strategy, pool, When::Optimal(gas)))
    }

    fn new(strategy: S, pool: PoolId, when: When) -> Self {
        Self {
            strategy,
            pool,
            when,
            state: State::Waiting,
            kept: [0.0; 2],
            plan: Vec::new(),
            begun: None,
            last: SimTime::ZERO,
            earned: 0.0,
        }
    }

    /// Value of two amounts of the pool's tokens.
    fn value(&self, market: &dyn Market, amounts: [f64; 2]) -> f64 {
        let [price0, price1] = two_tokens(market, self.pool).map(|token| market.price(token));
        amounts[0] * price0 + amounts[1] * price1
    }

    /// Value of its liquidity and of what that is owed.
    fn principal_and_owed(&self, market: &dyn Market, position: &Position<'_>) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for range in position.ranges.iter().filter(|range| range.pool == self.pool && range.liquidity > 0.0) {
            sums[0] += self.value(market, range.amounts);
            sums[1] += self.value(market, range.owed);
        }
        sums
    }

    /// Value of the fees that an action of the strategy takes into the wallet.
    fn taken_along(&self, market: &dyn Market, position: &Position<'_>, action: &Action) -> f64 {
        let id = match *action {
            Action::BurnRange { pool, id, .. } | Action::Collect { pool, id } if pool == self.pool => id,
            Action::Burn { pool, .. } if pool == self.pool => RangeId(0),
            _ => return 0.0,
        };
        position.range(self.pool, id).map_or(0.0, |range| self.value(market, range.owed))
    }

    /// What fees have to grow to, in the numeraire.
    fn goal(&self, market: &dyn Market, gas: f64, principal: f64) -> f64 {
        principal * compounding_threshold(market.gas_cost(market.chain(self.pool), gas) / principal)
    }

    fn is_due(&self, market: &dyn Market, position: &Position<'_>) -> bool {
        match self.when {
            When::Every(interval) => market.time().since(self.last).is_some_and(|age| age >= interval),
            When::Optimal(gas) => {
                let [principal, owed] = self.principal_and_owed(market, position);
                owed > 0.0 && owed >= self.goal(market, gas, principal)
            }
        }
    }

    /// When to look again.
    fn next_look(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        let now = market.time();
        let after = |pause: SimDuration| Wake::at(now.checked_add(pause).unwrap_or(SimTime::MAX));
        match self.when {
            When::Every(interval) => Wake::at(self.last.checked_add(interval).unwrap_or(SimTime::MAX)),
            When::Optimal(gas) => {
                let age = self.begun.and_then(|begun| now.since(begun)).unwrap_or(SimDuration::ZERO);
                let [principal, owed] = self.principal_and_owed(market, position);
                if principal <= 0.0 {
                    return Wake::NEVER;
                }
                let missing = (self.goal(market, gas, principal) - owed) / (self.earned + owed);
                if age.is_zero() || missing.is_nan() || missing <= 0.0 {
                    return Wake::EVERY_BLOCK;
                }
                // At the pace so far, but no farther than that is known; and a little early, lest a faster one makes it late.
                after(part(age, (0.8 * missing).min(1.0)))
            }
        }
    }

    /// The next step, or `None` when fees are where they belong.
    fn compound(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let pool = self.pool;
        let tokens = two_tokens(market, pool);
        loop {
            let wallet = held(position, tokens);
            let fees = [0, 1].map(|side: usize| (wallet[side] - self.kept[side]).max(0.0));
            match self.state {
                State::Waiting => return None,
                State::Collecting(from) => {
                    let Some(slice) = self.plan.get(from) else {
                        self.state = State::Swapped;
                        if let Some(swap) = swap_into(market, pool, &self.plan, fees) {
                            return Some(swap);
                        }
                        continue;
                    };
                    let id = slice.id;
                    self.state = State::Collecting(from + 1);
                    if position.range(pool, id).is_some_and(|range| range.owed[0] + range.owed[1] > 0.0) {
                        return Some(Action::Collect { pool, id });
                    }
                }
                State::Swapped => {
                    scale(market, pool, &mut self.plan, fees);
                    self.state = State::Adding(0);
                }
                State::Adding(from) => {
                    let Some(slice) = self.plan.get(from) else {
                        self.state = State::Waiting;
                        continue;
                    };
                    self.state = State::Adding(from + 1);
                    if let Some(action) = mint(market, pool, slice, position) {
                        return Some(action);
                    }
                }
            }
        }
    }
}

/// A part of a duration.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time to look, in nanoseconds"
)]
pub(crate) fn part(whole: SimDuration, part: f64) -> SimDuration {
    SimDuration::from_nanos((whole.as_nanos() as f64 * part) as u64 + 1)
}

impl<S: Strategy> Strategy for Compounding<S> {
    fn entry(&self) -> Entry {
        self.strategy.entry()
    }

    fn ranges(&self) -> u8 {
        self.strategy.ranges()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if self.begun.is_none() {
            self.begun = Some(market.time());
            self.last = market.time();
        }
        if self.state == State::Waiting {
            if let Some(action) = self.strategy.act(market, position) {
                self.earned += self.taken_along(market, position, &action);
                return Some(action);
            }
            if !self.is_due(market, position) {
                return None;
            }
            self.last = market.time();
            let [_, owed] = self.principal_and_owed(market, position);
            if owed <= 0.0 {
                return None;
            }
            self.earned += owed;
            self.kept = held(position, two_tokens(market, self.pool));
            self.plan = existing(position, self.pool);
            self.state = State::Collecting(0);
        }
        self.compound(market, position)
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        self.strategy.wake(market, position).or(self.next_look(market, position))
    }

    fn funded(&mut self) {
        self.strategy.funded();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// theory/cases.json, compound-interval: r = 30% a year.
    #[test]
    fn the_interval_is_the_closed_form() {
        for (cost, interval) in [(0.0001, 0.047_584_766_069_179_56), (0.001, 0.153_511_550_681_447_48)] {
            let h = compounding_threshold(cost) / 0.3;
            assert!((h / interval - 1.0).abs() < 1e-9, "{h}");
            // And no other is better.
            let growth = |h: f64| (1.0 + 0.3 * h - cost).ln() / h;
            assert!(growth(h) > growth(0.99 * h) && growth(h) > growth(1.01 * h));
        }
        assert_eq!((compounding_threshold(0.0), compounding_threshold(f64::NAN)), (0.0, 0.0));
        assert!((compounding_threshold(1e-12) / 2e-12_f64.sqrt() - 1.0).abs() < 1e-5);
        assert!(compounding_threshold(5.0) > 5.0);
    }
}
