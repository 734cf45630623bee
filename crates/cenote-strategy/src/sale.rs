use crate::market::{Market, PoolId, TokenId};
use crate::prices::DUST;
use crate::route::first_hop;
use crate::strategy::{Action, Position};

/// What there is in the wallet beyond what is to be kept, sold for one token where pools trade it. Each token is tried once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sale {
    into: TokenId,
    /// What is not to be sold, by token; what is not said is zero.
    kept: Vec<f64>,
    /// By token.
    tried: Vec<bool>,
}

impl Sale {
    /// All but `kept`, for `into`.
    pub(crate) fn new(into: TokenId, kept: Vec<f64>) -> Self {
        Self { into, kept, tried: Vec::new() }
    }

    /// The next swap.
    pub(crate) fn next(&mut self, market: &dyn Market, position: &Position<'_>, markets: &[PoolId]) -> Option<Action> {
        self.tried.resize(position.wallet.len(), false);
        for (t, (token_in, &have)) in (0_u16..).map(TokenId).zip(position.wallet).enumerate() {
            let amount_in = have - self.kept.get(t).copied().unwrap_or(0.0);
            if token_in == self.into || self.tried[t] || amount_in.is_nan() || amount_in <= DUST * have {
                continue;
            }
            self.tried[t] = true;
            if let Some(hop) = first_hop(market, markets, token_in, self.into, amount_in) {
                // Over a token between, which then has to go the rest of the way.
                self.tried[hop.token_out.index()] = false;
                return Some(Action::Swap { pool: hop.pool, token_in, token_out: hop.token_out, amount_in });
            }
        }
        None
    }
}
