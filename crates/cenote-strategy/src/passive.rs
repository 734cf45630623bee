use crate::market::{Market, PoolId};
use crate::strategy::{Action, Entry, Position, Strategy};
use crate::wake::Wake;

/// Put the deposit into a pool and leave it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passive {
    pool: PoolId,
    entered: bool,
}

impl Passive {
    /// In this pool.
    pub fn new(pool: PoolId) -> Self {
        Self { pool, entered: false }
    }
}

impl Strategy for Passive {
    fn entry(&self) -> Entry {
        Entry::Pool(self.pool)
    }

    fn act(&mut self, _: &dyn Market, _: &Position<'_>) -> Option<Action> {
        if self.entered {
            return None;
        }
        self.entered = true;
        Some(Action::Mint { pool: self.pool, fraction: 1.0 })
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::NEVER
    }
}
