//! Swaps that bring a wallet into the proportions of a pool's reserves.

use cenote_amm::PriceRange;

use crate::market::{Market, PoolId, TokenId};
use crate::prices::{DUST, held, swap_into, two_tokens};
use crate::strategy::{Action, Position};

/// The next swap, in the pool itself, on the way to a wallet in the proportions of the pool: those of the full range where there are
/// ranges. `None` when it is there.
///
/// With two tokens one swap does it, and counts in how the swap itself moves the reserves. With more it takes one for each but one, and
/// what their price impact leaves over stays in the wallet.
pub(crate) fn level(market: &dyn Market, pool: PoolId, position: &Position<'_>) -> Option<Action> {
    if let Some((unit, _)) = market.proportions(pool, PriceRange::FULL) {
        return swap_into(market, pool, unit, held(position, two_tokens(market, pool)));
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
        excess(token_in).min(-excess(token_out)) / market.price(token_in)
    };
    (amount_in * market.price(token_in) > DUST * wallet).then_some(Action::Swap { pool, token_in, token_out, amount_in })
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

/// Where a falling function crosses zero between 0 and `most`: regula falsi, Illinois (Dowell and Jarratt 1971).
fn root(f: impl Fn(f64) -> f64, most: f64) -> f64 {
    let (mut low, mut high) = (0.0, most);
    let (mut f_low, mut f_high) = (f(low), f(high));
    if f_low.is_nan() || f_high.is_nan() || f_low <= 0.0 || f_high >= 0.0 {
        return 0.0;
    }
    let mut last_was_low = None;
    for _ in 0..100 {
        let x = (low * f_high - high * f_low) / (f_high - f_low);
        let f_x = f(x);
        if f_x == 0.0 || high - low <= 1e-14 * most {
            return x;
        }
        let is_low = f_x > 0.0;
        if is_low {
            (low, f_low) = (x, f_x);
            f_high *= if last_was_low == Some(true) { 0.5 } else { 1.0 };
        } else {
            (high, f_high) = (x, f_x);
            f_low *= if last_was_low == Some(false) { 0.5 } else { 1.0 };
        }
        last_was_low = Some(is_low);
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_found() {
        assert!((root(|x| 2.0 - x * x, 3.0) - 2.0_f64.sqrt()).abs() < 1e-13);
        // Flat where it begins, steep where it ends.
        assert!((root(|x| 1e-6 - x.powi(9), 1.0) - 1e-6_f64.powf(1.0 / 9.0)).abs() < 1e-12);
        assert_eq!(root(|_| -1.0, 1.0), 0.0);
        assert_eq!(root(|_| f64::NAN, 1.0), 0.0);
    }
}
