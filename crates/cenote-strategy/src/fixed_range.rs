use cenote_amm::RangeRule;

use crate::market::{Market, PoolId};
use crate::prices::{Slice, held, outside_price, swap_into, two_tokens};
use crate::strategy::{Action, Entry, Position, RangeId, Strategy};
use crate::wake::Wake;

/// Put the deposit into a range of a pool and leave it there.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedRange {
    pool: PoolId,
    rule: RangeRule,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The wallet is in the range's proportions.
    Ready,
    /// It is not.
    Out,
    In,
}

impl FixedRange {
    /// In this pool, where the rule says at the outside price of the start.
    pub fn new(pool: PoolId, rule: RangeRule) -> Self {
        Self { pool, rule, state: State::Ready }
    }
}

impl Strategy for FixedRange {
    fn entry(&self) -> Entry {
        Entry::Range(self.pool, self.rule)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let (pool, id) = (self.pool, RangeId(0));
        if self.state == State::In {
            return None;
        }
        // Where it is, if it is somewhere.
        let there = position.range(pool, id).filter(|range| range.liquidity > 0.0);
        let range = there.map_or_else(|| self.rule.at(outside_price(market, pool)), |there| there.range);
        if self.state == State::Out {
            self.state = State::Ready;
            let swap = |slice| swap_into(market, pool, &[slice], held(position, two_tokens(market, pool)));
            if let Some(swap) = Slice::near(market, pool, id, range).and_then(swap) {
                return Some(swap);
            }
        }
        self.state = State::In;
        Some(Action::MintRange { pool, id, range, fraction: 1.0 })
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::NEVER
    }

    fn funded(&mut self) {
        self.state = State::Out;
    }
}
