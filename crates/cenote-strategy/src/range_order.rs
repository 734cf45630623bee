use cenote_amm::RangeRule;

use crate::market::{Market, PoolId};
use crate::prices::{outside_price, pool_price};
use crate::strategy::{Action, Entry, Position, RangeId, Strategy};
use crate::wake::Wake;

/// A limit order made of liquidity: one token in a range beside the price, taken out when the price has crossed the range and all of it
/// has become the other token. It earns the fees of the trades that fill it.
///
/// A range above the price sells the pool's first token, one below it the second.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeOrder {
    pool: PoolId,
    rule: RangeRule,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ready,
    /// Filled when the price is above the range, or when it is below.
    Waiting {
        above: bool,
    },
    Filled,
}

impl RangeOrder {
    /// In this pool, where the rule says at the outside price of the start.
    pub fn new(pool: PoolId, rule: RangeRule) -> Self {
        Self { pool, rule, state: State::Ready }
    }
}

impl Strategy for RangeOrder {
    fn entry(&self) -> Entry {
        Entry::Range(self.pool, self.rule)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let (pool, id) = (self.pool, RangeId(0));
        match self.state {
            State::Ready => {
                let price = outside_price(market, pool);
                let range = self.rule.at(price);
                // Where the price is inside, from its nearer end to its farther one.
                self.state = State::Waiting { above: range.upper / price > price / range.lower };
                Some(Action::MintRange { pool, id, range, fraction: 1.0 })
            }
            State::Waiting { above } => {
                let place = position.range(pool, id).filter(|place| place.liquidity > 0.0)?;
                let price = pool_price(market, pool);
                let crossed = if above { price > place.range.upper } else { price < place.range.lower };
                if !crossed {
                    return None;
                }
                self.state = State::Filled;
                Some(Action::BurnRange { pool, id, fraction: 1.0 })
            }
            State::Filled => None,
        }
    }

    fn wake(&self, _: &dyn Market, position: &Position<'_>) -> Wake {
        match (self.state, position.range(self.pool, RangeId(0))) {
            (State::Waiting { above: true }, Some(place)) => Wake::NEVER.or_pool_price_outside(self.pool, 0.0, place.range.upper),
            (State::Waiting { above: false }, Some(place)) => {
                Wake::NEVER.or_pool_price_outside(self.pool, place.range.lower, f64::INFINITY)
            }
            _ => Wake::NEVER,
        }
    }
}
