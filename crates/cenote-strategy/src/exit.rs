use crate::market::{Market, PoolId, TokenId};
use crate::strategy::{Action, Position};

/// The way out, in steps: burn, everywhere; then sell what has come of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Exit {
    /// Of all liquidity.
    fraction: f64,
    /// What is not to be sold, by token.
    kept: Vec<f64>,
    step: usize,
}

impl Exit {
    /// Out with everything.
    pub(crate) fn whole() -> Self {
        Self { fraction: 1.0, kept: Vec::new(), step: 0 }
    }

    /// Out with a part; of the wallet, `kept` stays as it is.
    pub(crate) fn part(fraction: f64, kept: Vec<f64>) -> Self {
        Self { fraction, kept, step: 0 }
    }

    /// What is not to be sold, by token.
    pub(crate) fn kept(&self) -> &[f64] {
        &self.kept
    }

    /// The next step, or `None` at the end. Tokens are sold in `pool` for `into`, if for anything. Each step is tried once: what is
    /// refused stays as it is.
    pub(crate) fn next(
        &mut self,
        market: &dyn Market,
        position: &Position<'_>,
        pool: PoolId,
        into: Option<TokenId>,
    ) -> Option<Action> {
        let (ranges, lps) = (position.ranges.len(), position.lp.len());
        loop {
            let step = self.step;
            self.step += 1;
            if let Some(range) = position.ranges.get(step) {
                if range.liquidity > 0.0 {
                    return Some(Action::BurnRange { pool: range.pool, id: range.id, fraction: self.fraction });
                }
            } else if let Some(&lp) = position.lp.get(step - ranges) {
                if lp > 0.0 {
                    let pool = PoolId(u16::try_from(step - ranges).unwrap_or(u16::MAX));
                    return Some(Action::Burn { pool, fraction: self.fraction });
                }
            } else {
                let into = into?;
                let &token_in = market.pool_tokens(pool).get(step - ranges - lps)?;
                let t = token_in.index();
                let amount_in = position.wallet[t] - self.kept.get(t).copied().unwrap_or(0.0);
                if token_in != into && amount_in > 0.0 {
                    return Some(Action::Swap { pool, token_in, token_out: into, amount_in });
                }
            }
        }
    }
}
