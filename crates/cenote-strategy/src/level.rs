//! Swaps that bring a wallet into the proportions of a pool's reserves.

use cenote_amm::PriceRange;

use crate::market::{Market, PoolId, TokenId};
use crate::prices::{NOT_WORTH_A_SWAP, Slice, held, root, swap_into, two_tokens};
use crate::strategy::{Action, Position, RangeId};

/// The next swap, in the pool itself, on the way to a wallet in the proportions of the pool: those of the full range where there are
/// ranges. `None` when it is there.
///
/// It counts in how the swap itself moves the reserves. With two tokens one swap does it; with more it takes one for each but one, and
/// what their fees and price impact leave over stays in the wallet.
pub(crate) fn level(market: &dyn Market, pool: PoolId, position: &Position<'_>) -> Option<Action> {
    if let Some(full) = Slice::near(market, pool, RangeId(0), PriceRange::FULL) {
        return swap_into(market, pool, &[full], held(position, two_tokens(market, pool)));
    }
    let tokens = market.pool_tokens(pool);
    let have = |token: TokenId| position.wallet.get(token.index()).copied().unwrap_or(0.0);
    let worth = |amount: &dyn Fn(TokenId) -> f64| tokens.iter().map(|&t| amount(t) * market.price(t)).sum::<f64>();
    let (wallet, reserves) = (worth(&have), worth(&|token| market.reserve(pool, token)));
    // Value that is too much of a token.
    let excess = |token: TokenId| (have(token) - market.reserve(pool, token) * (wallet / reserves)) * market.price(token);
    let by_excess = |a: &&TokenId, b: &&TokenId| excess(**a).total_cmp(&excess(**b));
    let (&token_in, &token_out) = (tokens.iter().max_by(by_excess)?, tokens.iter().min_by(by_excess)?);
    let amount_in = if tokens.len() == 2 {
        pair(market, pool, [token_in, token_out], [have(token_in), have(token_out)])
    } else {
        // A wallet that is λ of the reserves: what is swapped changes wallet and reserves, by 1 and by λ of it.
        excess(token_in).min(-excess(token_out)) / market.price(token_in) / (1.0 + wallet / reserves)
    };
    (amount_in * market.price(token_in) > NOT_WORTH_A_SWAP * wallet).then_some(Action::Swap {
        pool,
        token_in,
        token_out,
        amount_in,
    })
}

/// How much of the first to swap for the second, such that afterwards wallet and reserves are in the same proportion:
/// (a − x) / (A + x) = (b + y) / (B − y), y being what x buys. Zero if there is not too much of the first.
fn pair(market: &dyn Market, pool: PoolId, tokens: [TokenId; 2], have: [f64; 2]) -> f64 {
    let reserves = tokens.map(|token| market.reserve(pool, token));
    let too_much = |x: f64| {
        let y = if x > 0.0 { market.quote(pool, tokens[0], tokens[1], x) } else { 0.0 };
        (have[0] - x) * (reserves[1] - y) - (have[1] + y) * (reserves[0] + x)
    };
    root(too_much, have[0])
}
