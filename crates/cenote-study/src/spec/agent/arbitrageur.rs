//! Arbitrageurs: against an outside market, and between pools.

use cenote_units::{Fee, Fraction, Symbol};
use serde::Serialize;

use super::latency::LatencySpec;
use super::noise_traders::probability;
use super::route::HopSpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::{PoolSpec, StudySpec};

/// `kind = "arbitrageur"`: against an outside market.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArbitrageurSpec {
    /// What dealing outside costs, as a part of the value.
    pub outside_fee: Fee,
    /// How old the outside price is that he acts on.
    pub latency: LatencySpec,
    /// Probability that he, and not another, gets to trade in a block.
    pub share: Fraction,
}

pub(super) const KEYS: &[Key] =
    &[Key::new("outside_fee", "\"5bp\""), Key::new("latency", "\"2 blocks\""), Key::new("share", "\"80%\"")];

impl Default for ArbitrageurSpec {
    fn default() -> Self {
        Self { outside_fee: Fee::ZERO, latency: LatencySpec::NONE, share: Fraction::ONE }
    }
}

impl ArbitrageurSpec {
    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let usual = Self::default();
        Ok(Self {
            outside_fee: fields.or("outside_fee", usual.outside_fee)?,
            latency: fields.optional_with("latency", &LatencySpec::read)?.unwrap_or(usual.latency),
            share: fields.or("share", usual.share)?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath) -> Checked<()> {
        probability(self.share, true, path.key("share"), "share = \"80%\"")
    }
}

/// `kind = "cyclic-arbitrageur"`: between pools.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct CyclicArbitrageurSpec {
    /// The token that is paid into each pool in turn; not needed where pools can be gone through in one way only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<Vec<Symbol>>,
}

pub(super) const CYCLIC_KEYS: &[Key] = &[Key::new("tokens", "[\"USDC\", \"ETH\", \"BTC\"]")];

impl CyclicArbitrageurSpec {
    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { tokens: fields.optional("tokens")? })
    }
}

/// The cycles of a cyclic arbitrageur: one between every two pools where all trade the same two tokens, otherwise one through all pools
/// in their order.
pub(crate) fn cycles(
    spec: &CyclicArbitrageurSpec,
    pools: &[String],
    study: &StudySpec,
    path: &KeyPath,
) -> Checked<Vec<Vec<HopSpec>>> {
    let at = path.key("pools");
    let pools: Vec<&PoolSpec> =
        pools.iter().enumerate().map(|(i, pool)| study.require_pool(pool, &at.index(i))).collect::<Result<_, _>>()?;
    if pools.len() < 2 {
        return Err(Problem::new(at, "a cycle of one pool")
            .with_found(format!("{} pool", pools.len()))
            .with_expected("two pools of the same tokens, or more that make a cycle")
            .with_example("pools = [\"main\", \"other\"]"));
    }
    if let Some(tokens) = &spec.tokens {
        return told(tokens, &pools, study, path).map(|cycle| vec![cycle]);
    }
    let [base, quote, ..] = &*pools[0].tokens else {
        return Err(Problem::new(at.index(0), "a pool of one token").with_expected("a pool of two tokens or more"));
    };
    if pools.iter().all(|pool| pool.tokens.len() == 2 && pool.tokens.contains(base) && pool.tokens.contains(quote)) {
        let two = |(i, first): (usize, &&PoolSpec)| -> Vec<Vec<HopSpec>> {
            let back = HopSpec::new(first, quote, base);
            pools[i + 1..].iter().map(|second| vec![back.clone(), HopSpec::new(second, base, quote)]).collect()
        };
        return Ok(pools.iter().enumerate().flat_map(two).collect());
    }
    let mut found = Vec::new();
    for start in &pools[0].tokens {
        search(&pools, start, &mut vec![start.clone()], &mut found);
    }
    // Around two pools the tokens can be named from either end.
    if pools.len() == 2 {
        found.dedup_by(|a, b| a[0] == b[1] && a[1] == b[0]);
    }
    let [tokens] = &*found else {
        let names: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
        let (message, expected) = if found.is_empty() {
            (
                "pools that make no cycle".to_owned(),
                "pools in an order in which each shares a token with the next, and the last with the first, no token twice",
            )
        } else {
            (format!("{} ways around these pools", found.len()), "`tokens`: what is paid into each pool in turn")
        };
        return Err(Problem::new(at, message).with_found(format!("{names:?}")).with_expected(expected).with_example(
            if found.is_empty() {
                "pools = [\"eth-usdc\", \"eth-btc\", \"btc-usdc\"]"
            } else {
                "tokens = [\"USDC\", \"ETH\", \"BTC\"]"
            },
        ));
    };
    Ok(vec![hops(tokens, &pools)])
}

/// All ways around from `start`: `paid` is what goes into the pools so far.
fn search(pools: &[&PoolSpec], start: &Symbol, paid: &mut Vec<Symbol>, found: &mut Vec<Vec<Symbol>>) {
    let (at, holds) = (paid.len() - 1, |pool: &PoolSpec, token: &Symbol| pool.tokens.contains(token));
    let Some(next) = pools.get(at + 1) else {
        if holds(pools[at], start) {
            found.push(paid.clone());
        }
        return;
    };
    for token in pools[at].tokens.iter().filter(|token| holds(next, token)) {
        if !paid.contains(token) {
            paid.push(token.clone());
            search(pools, start, paid, found);
            paid.pop();
        }
    }
}

fn hops(tokens: &[Symbol], pools: &[&PoolSpec]) -> Vec<HopSpec> {
    let next = |i: usize| &tokens[(i + 1) % tokens.len()];
    pools.iter().enumerate().map(|(i, pool)| HopSpec::new(pool, &tokens[i], next(i))).collect()
}

/// The cycle whose tokens are given.
fn told(tokens: &[Symbol], pools: &[&PoolSpec], study: &StudySpec, path: &KeyPath) -> Checked<Vec<HopSpec>> {
    let at = path.key("tokens");
    if tokens.len() != pools.len() {
        return Err(Problem::new(at, format!("{} tokens for {} pools", tokens.len(), pools.len()))
            .with_found(format!("{} tokens", tokens.len()))
            .with_expected("the token that is paid into each pool")
            .with_example("tokens = [\"USDC\", \"ETH\", \"BTC\"]"));
    }
    for (i, token) in tokens.iter().enumerate() {
        study.require_token(token, &at.index(i))?;
        let previous = pools[(i + pools.len() - 1) % pools.len()];
        let lacks = [pools[i], previous].into_iter().find(|pool| !pool.tokens.contains(token));
        let problem = match lacks {
            Some(pool) => format!("`{}` does not trade {token}", pool.name),
            None if *token == tokens[(i + 1) % tokens.len()] => format!("{token} is traded for itself"),
            None => continue,
        };
        return Err(Problem::new(at.index(i), problem)
            .with_found(format!("\"{token}\""))
            .with_expected(format!(
                "a token that `{}` pays out and `{}` takes, another than the next",
                previous.name, pools[i].name
            ))
            .with_example("tokens = [\"USDC\", \"ETH\", \"BTC\"]"));
    }
    Ok(hops(tokens, pools))
}
