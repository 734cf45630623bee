//! What several strategies compute from a market.

use cenote_amm::PriceRange;

use crate::market::{Market, PoolId, TokenId};
use crate::strategy::{Action, Position, RangeId};

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

/// The pool's two tokens; nonsense if it has not two.
pub(crate) fn two_tokens(market: &dyn Market, pool: PoolId) -> [TokenId; 2] {
    match *market.pool_tokens(pool) {
        [token0, token1, ..] => [token0, token1],
        _ => [TokenId(u16::MAX); 2],
    }
}

/// What the wallet has of two tokens.
pub(crate) fn held(position: &Position<'_>, tokens: [TokenId; 2]) -> [f64; 2] {
    tokens.map(|token| position.wallet.get(token.index()).copied().unwrap_or(0.0))
}

/// The swap, in the pool itself, after which `have` is in the proportions of `unit`, two amounts; `None` if it is already.
///
/// The swap moves the price a little, and with it the proportions of a range: what then does not fit stays in the wallet.
pub(crate) fn swap_into(market: &dyn Market, pool: PoolId, unit: [f64; 2], have: [f64; 2]) -> Option<Action> {
    let &[token0, token1] = market.pool_tokens(pool) else { return None };
    let ([unit0, unit1], [have0, have1]) = (unit, have);
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
    (amount_in > have * DUST).then_some(Action::Swap { pool, token_in, token_out, amount_in })
}

/// The rate of a swap changes little with its size: each round gains the digits that the price impact leaves.
const SWAP_ROUNDS: u32 = 4;

/// Parts of a holding that are rounding.
pub(crate) const DUST: f64 = 1e-9;

/// Liquidity to be put into a range: what a plan for several ranges consists of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slice {
    pub(crate) id: RangeId,
    pub(crate) range: PriceRange,
    /// In the pool's units.
    pub(crate) liquidity: f64,
}

/// The liquidity that there is in a pool.
pub(crate) fn existing(position: &Position<'_>, pool: PoolId) -> Vec<Slice> {
    let there = position.ranges.iter().filter(|range| range.pool == pool && range.liquidity > 0.0);
    there.map(|range| Slice { id: range.id, range: range.range, liquidity: range.liquidity }).collect()
}

/// What slices take together.
pub(crate) fn total(market: &dyn Market, pool: PoolId, slices: &[Slice]) -> [f64; 2] {
    let mut total = [0.0; 2];
    for slice in slices {
        if let Some((unit, _)) = market.proportions(pool, slice.range) {
            for side in 0..2 {
                total[side] += slice.liquidity * unit[side];
            }
        }
    }
    total
}

/// Makes slices as large as `have` allows, in their proportions.
pub(crate) fn scale(market: &dyn Market, pool: PoolId, slices: &mut [Slice], have: [f64; 2]) {
    let total = total(market, pool, slices);
    let factor = (0..2).filter(|&side| total[side] > 0.0).map(|side| have[side] / total[side]).fold(f64::INFINITY, f64::min);
    for slice in slices {
        slice.liquidity *= if factor < f64::INFINITY { factor } else { 0.0 };
    }
}

/// The action that mints a slice; `None` if there is nothing to mint.
pub(crate) fn mint(market: &dyn Market, pool: PoolId, slice: &Slice, position: &Position<'_>) -> Option<Action> {
    let (unit, _) = market.proportions(pool, slice.range)?;
    let have = held(position, two_tokens(market, pool));
    // The part of the wallet that has enough of either token; the pool takes what it needs.
    let part = |side: usize| if unit[side] > 0.0 { slice.liquidity * unit[side] / have[side] } else { 0.0 };
    let fraction = part(0).max(part(1)).min(1.0);
    let &Slice { id, range, .. } = slice;
    (fraction > 0.0).then_some(Action::MintRange { pool, id, range, fraction })
}
