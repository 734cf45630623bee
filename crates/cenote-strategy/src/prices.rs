//! What several strategies compute from a market.

use cenote_amm::PriceRange;

use crate::market::{Market, PoolId};
use crate::strategy::{Action, Position};

/// Outside price of a pool's first token in its second; NaN if it has not two.
pub(crate) fn outside_price(market: &dyn Market, pool: PoolId) -> f64 {
    match *market.pool_tokens(pool) {
        [base, quote, ..] => market.price(base) / market.price(quote),
        _ => f64::NAN,
    }
}

/// Marginal price of a pool's first token in its second; NaN if it has not two.
pub(crate) fn pool_price(market: &dyn Market, pool: PoolId) -> f64 {
    match *market.pool_tokens(pool) {
        [base, quote, ..] => market.spot_price(pool, base, quote),
        _ => f64::NAN,
    }
}

/// The swap, in the pool itself, after which the wallet has the two tokens in the proportions that a range takes now; `None` if it
/// has them already.
///
/// The swap moves the price a little, and with it the proportions: what then does not fit stays in the wallet.
pub(crate) fn swap_into(market: &dyn Market, pool: PoolId, range: PriceRange, position: &Position<'_>) -> Option<Action> {
    let &[token0, token1] = market.pool_tokens(pool) else { return None };
    let ([unit0, unit1], _) = market.proportions(pool, range)?;
    let (have0, have1) = (position.wallet[token0.index()], position.wallet[token1.index()]);
    // What is too much of token 0, in units that cancel: have0 / have1 = unit0 / unit1 is the aim.
    let excess = have0 * unit1 - have1 * unit0;
    let (token_in, token_out, have, give, take) =
        if excess > 0.0 { (token0, token1, have0, unit1, unit0) } else { (token1, token0, have1, unit0, unit1) };
    // (have − in) · give = (other + rate · in) · take, where the rate depends on what goes in.
    let mut amount_in = 0.0;
    let mut rate = market.spot_price(pool, token_in, token_out);
    for _ in 0..SWAP_ROUNDS {
        amount_in = (excess.abs() / (give + rate * take)).min(have);
        if amount_in.is_nan() || amount_in <= 0.0 {
            return None;
        }
        rate = market.quote(pool, token_in, token_out, amount_in) / amount_in;
    }
    // A swap of dust is not worth its gas.
    (amount_in > have * 1e-9).then_some(Action::Swap { pool, token_in, token_out, amount_in })
}

/// The rate of a swap changes little with its size: each round gains the digits that the price impact leaves.
const SWAP_ROUNDS: u32 = 4;
