use crate::level::level;
use crate::market::{Market, PoolId};
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::wake::Wake;

/// Put the deposit into a pool and leave it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passive {
    pool: PoolId,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The wallet is in the pool's proportions.
    Ready,
    /// It is not; so many swaps have been tried.
    Swapping(usize),
    In,
}

impl Passive {
    /// In this pool.
    pub fn new(pool: PoolId) -> Self {
        Self { pool, state: State::Ready }
    }
}

impl Strategy for Passive {
    fn entry(&self) -> Entry {
        Entry::Pool(self.pool)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if let State::Swapping(swaps) = self.state {
            if swaps + 1 < market.pool_tokens(self.pool).len()
                && let Some(swap) = level(market, self.pool, position)
            {
                self.state = State::Swapping(swaps + 1);
                return Some(swap);
            }
            self.state = State::Ready;
        }
        if self.state == State::In {
            return None;
        }
        self.state = State::In;
        Some(Action::Mint { pool: self.pool, fraction: 1.0 })
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::NEVER
    }

    fn funded(&mut self) {
        self.state = State::Swapping(0);
    }
}
