use std::fmt::Debug;

use crate::market::{Market, PoolId, TokenId};

/// What a position is worth and holds, on one path, now.
#[derive(Clone, Copy, Debug)]
pub struct Position<'a> {
    /// Value handed over at the start, in the numeraire.
    pub deposit_value: f64,
    /// Value of everything it has at outside prices, costs so far paid, in the numeraire.
    pub value: f64,
    /// Whole tokens in its wallet, by [`TokenId`].
    pub wallet: &'a [f64],
    /// Whole LP tokens it owns, by [`PoolId`].
    pub lp: &'a [f64],
}

/// In which tokens a deposit is handed over, at outside prices.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// In the pool's own proportions, ready to be minted.
    Pool(PoolId),
    /// Split by value: tokens and weights, which sum to one.
    Tokens(Vec<(TokenId, f64)>),
}

/// Something a strategy does. Amounts are in whole tokens; what the wallet or the LP balance does not cover is left undone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Add liquidity from the wallet, in the pool's proportions: `fraction` of the most that the wallet can add.
    Mint {
        /// The pool.
        pool: PoolId,
        /// Of what the wallet can add, from 0 to 1.
        fraction: f64,
    },
    /// Burn LP tokens and take the tokens into the wallet.
    Burn {
        /// The pool.
        pool: PoolId,
        /// Of the LP tokens owned, from 0 to 1.
        fraction: f64,
    },
    /// Swap in a pool, paying its fee and slippage.
    Swap {
        /// The pool.
        pool: PoolId,
        /// The token paid in, from the wallet.
        token_in: TokenId,
        /// The token taken out.
        token_out: TokenId,
        /// Whole tokens paid in.
        amount_in: f64,
    },
}

/// A liquidity provider's behaviour on one path: what a user implements.
///
/// It sees the market and its own position, and returns what to do; only the simulator's loop moves tokens. It is asked at the
/// start, when the deposit is in the wallet, and in every block thereafter if [`wakes_every_block`](Self::wakes_every_block); and
/// again after each action it returns, until it returns `None`. It may keep state: every path runs its own clone.
///
/// ```
/// use cenote_strategy::{Action, Entry, Market, PoolId, Position, Strategy};
///
/// /// Provide liquidity, and leave for good when a third of the deposit is gone.
/// #[derive(Clone, Debug)]
/// struct StopLoss {
///     pool: PoolId,
///     entered: bool,
/// }
///
/// impl Strategy for StopLoss {
///     fn entry(&self) -> Entry {
///         Entry::Pool(self.pool)
///     }
///
///     fn act(&mut self, _: &dyn Market, position: &Position<'_>) -> Option<Action> {
///         if !self.entered {
///             self.entered = true;
///             return Some(Action::Mint { pool: self.pool, fraction: 1.0 });
///         }
///         let lost = position.value < position.deposit_value * 2.0 / 3.0;
///         let inside = position.lp[self.pool.index()] > 0.0;
///         (lost && inside).then_some(Action::Burn { pool: self.pool, fraction: 1.0 })
///     }
/// }
/// ```
pub trait Strategy: Clone + Debug + Send + Sync + 'static {
    /// In which tokens the deposit is handed over.
    fn entry(&self) -> Entry;

    /// The next thing to do now, or `None`.
    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action>;

    /// Whether it wants to look at every block. A strategy that says no acts at the start only, and costs nothing afterwards.
    fn wakes_every_block(&self) -> bool {
        true
    }
}
