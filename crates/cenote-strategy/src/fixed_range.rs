use cenote_amm::RangeRule;

use crate::market::{Market, PoolId};
use crate::prices::outside_price;
use crate::strategy::{Action, Entry, Position, RangeId, Strategy};
use crate::wake::Wake;

/// Put the deposit into a range of a pool and leave it there.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedRange {
    pool: PoolId,
    rule: RangeRule,
    entered: bool,
}

impl FixedRange {
    /// In this pool, where the rule says at the outside price of the start.
    pub fn new(pool: PoolId, rule: RangeRule) -> Self {
        Self { pool, rule, entered: false }
    }
}

impl Strategy for FixedRange {
    fn entry(&self) -> Entry {
        Entry::Range(self.pool, self.rule)
    }

    fn act(&mut self, market: &dyn Market, _: &Position<'_>) -> Option<Action> {
        if self.entered {
            return None;
        }
        self.entered = true;
        let range = self.rule.at(outside_price(market, self.pool));
        Some(Action::MintRange { pool: self.pool, id: RangeId(0), range, fraction: 1.0 })
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::NEVER
    }
}
