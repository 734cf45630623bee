//! Which pool to swap in.

use crate::market::{Market, PoolId, TokenId};

/// A swap, and what it would pay now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hop {
    pub(crate) pool: PoolId,
    pub(crate) token_in: TokenId,
    pub(crate) token_out: TokenId,
    pub(crate) amount_in: f64,
    pub(crate) pays: f64,
}

/// The swap of one token for another in the pool that pays most for it; `None` if none trades the two.
pub(crate) fn best_market(
    market: &dyn Market,
    markets: &[PoolId],
    token_in: TokenId,
    token_out: TokenId,
    amount_in: f64,
) -> Option<Hop> {
    let trades = |pool: &PoolId| {
        let tokens = market.pool_tokens(*pool);
        tokens.contains(&token_in) && tokens.contains(&token_out)
    };
    let hop = |pool| Hop { pool, token_in, token_out, amount_in, pays: market.quote(pool, token_in, token_out, amount_in) };
    let hops = markets.iter().copied().filter(trades).map(hop).filter(|hop| hop.pays > 0.0);
    hops.reduce(|a, b| if b.pays > a.pays { b } else { a })
}

/// The first swap on the way from one token to another: straight there or, if no pool trades the two, to a token between.
pub(crate) fn first_hop(
    market: &dyn Market,
    markets: &[PoolId],
    token_in: TokenId,
    token_out: TokenId,
    amount_in: f64,
) -> Option<Hop> {
    if let Some(hop) = best_market(market, markets, token_in, token_out, amount_in) {
        return Some(hop);
    }
    let mut best: Option<(f64, Hop)> = None;
    for &pool in markets.iter().filter(|pool| market.pool_tokens(**pool).contains(&token_in)) {
        for &between in market.pool_tokens(pool).iter().filter(|token| **token != token_in) {
            let pays = market.quote(pool, token_in, between, amount_in);
            let Some(second) = best_market(market, markets, between, token_out, pays) else { continue };
            if best.as_ref().is_none_or(|(most, _)| second.pays > *most) {
                best = Some((second.pays, Hop { pool, token_in, token_out: between, amount_in, pays }));
            }
        }
    }
    best.map(|(_, hop)| hop)
}

/// The largest swap of a token of which there is too much (`lacks` is negative) for one of which there is too little, by token; over a
/// token between only where no pool trades any two of them. Swaps of less value than `least` are left alone.
pub(crate) fn exchange(market: &dyn Market, markets: &[PoolId], lacks: &[f64], least: f64) -> Option<Hop> {
    let straight = largest(market, lacks, least, |i, o, amount| best_market(market, markets, i, o, amount));
    straight.or_else(|| largest(market, lacks, least, |i, o, amount| first_hop(market, markets, i, o, amount)))
}

/// All of a token of which there is too much, if the way to everything that is lacking begins with the same swap.
pub(crate) fn one_way(market: &dyn Market, markets: &[PoolId], lacks: &[f64], least: f64) -> Option<Hop> {
    let tokens = || (0_u16..).zip(lacks).map(|(t, &lack)| (TokenId(t), lack));
    tokens().filter(|&(token, lack)| -lack * market.price(token) > least).find_map(|(token_in, lack)| {
        let missing = tokens().filter(|&(token, lack)| lack * market.price(token) > least);
        let mut hops = missing.map(|(token_out, _)| first_hop(market, markets, token_in, token_out, -lack));
        let first = hops.next()??;
        let same = |hop: Option<Hop>| hop.is_some_and(|hop| (hop.pool, hop.token_out) == (first.pool, first.token_out));
        hops.all(same).then_some(first)
    })
}

fn largest(market: &dyn Market, lacks: &[f64], least: f64, find: impl Fn(TokenId, TokenId, f64) -> Option<Hop>) -> Option<Hop> {
    let tokens = || (0_u16..).zip(lacks).map(|(t, &lack)| (TokenId(t), lack));
    let mut best: Option<(f64, Hop)> = None;
    for (token_in, surplus) in tokens().filter(|(_, lack)| *lack < 0.0).map(|(token, lack)| (token, -lack)) {
        for (token_out, lack) in tokens().filter(|(_, lack)| *lack > 0.0) {
            let value = (surplus * market.price(token_in)).min(lack * market.price(token_out));
            if value.is_nan() || value <= least || best.as_ref().is_some_and(|(most, _)| value <= *most) {
                continue;
            }
            let amount_in = value / market.price(token_in);
            if let Some(hop) = find(token_in, token_out, amount_in) {
                best = Some((value, hop));
            }
        }
    }
    best.map(|(_, hop)| hop)
}
