use std::fmt::Debug;

use crate::market::Market;
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::wake::Wake;

/// A strategy whose kind is known at run time only: what a study composes.
///
/// ```
/// use cenote_strategy::{AnyStrategy, EnterWith, Passive, PoolId, TokenId};
///
/// let mut strategy = AnyStrategy::new(Passive::new(PoolId(0)));
/// let with_one_token = true;
/// if with_one_token {
///     strategy = AnyStrategy::new(EnterWith::new(strategy, TokenId(1)));
/// }
/// ```
#[derive(Debug)]
pub struct AnyStrategy(Box<dyn Object>);

impl AnyStrategy {
    /// This one.
    pub fn new(strategy: impl Strategy) -> Self {
        Self(Box::new(strategy))
    }
}

/// [`Strategy`] without what a box cannot do.
trait Object: Debug + Send + Sync {
    fn boxed(&self) -> Box<dyn Object>;
    fn entry(&self) -> Entry;
    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action>;
    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake;
    fn ranges(&self) -> u8;
    fn funded(&mut self);
}

impl<S: Strategy> Object for S {
    fn boxed(&self) -> Box<dyn Object> {
        Box::new(self.clone())
    }

    fn entry(&self) -> Entry {
        Strategy::entry(self)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        Strategy::act(self, market, position)
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        Strategy::wake(self, market, position)
    }

    fn ranges(&self) -> u8 {
        Strategy::ranges(self)
    }

    fn funded(&mut self) {
        Strategy::funded(self);
    }
}

impl Clone for AnyStrategy {
    fn clone(&self) -> Self {
        Self(self.0.boxed())
    }
}

impl Strategy for AnyStrategy {
    fn entry(&self) -> Entry {
        self.0.entry()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        self.0.act(market, position)
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        self.0.wake(market, position)
    }

    fn ranges(&self) -> u8 {
        self.0.ranges()
    }

    fn funded(&mut self) {
        self.0.funded();
    }
}
