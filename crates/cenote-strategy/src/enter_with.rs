use crate::market::{Market, TokenId};
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::wake::Wake;

/// Any strategy, entered with one token only: it begins with a swap, in its own pool, of what has to be the other token.
///
/// The deposit that it is measured against is the one token.
#[derive(Clone, Debug, PartialEq)]
pub struct EnterWith<S> {
    strategy: S,
    token: TokenId,
    told: bool,
}

impl<S> EnterWith<S> {
    /// This strategy, with this token.
    pub fn new(strategy: S, token: TokenId) -> Self {
        Self { strategy, token, told: false }
    }
}

impl<S: Strategy> Strategy for EnterWith<S> {
    fn entry(&self) -> Entry {
        Entry::Tokens(vec![(self.token, 1.0)])
    }

    fn ranges(&self) -> u8 {
        self.strategy.ranges()
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if !self.told {
            self.told = true;
            self.strategy.funded();
        }
        self.strategy.act(market, position)
    }

    fn wake(&self, market: &dyn Market, position: &Position<'_>) -> Wake {
        self.strategy.wake(market, position)
    }

    fn funded(&mut self) {
        self.strategy.funded();
    }
}
