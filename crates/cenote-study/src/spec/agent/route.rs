//! Where a trader can go: the ways between the two tokens of his trades, through the pools that he uses.

use cenote_units::Symbol;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::spec::{PoolSpec, StudySpec};

/// One pool of a way: from a token to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HopSpec {
    pub(crate) pool: String,
    pub(crate) token_in: Symbol,
    pub(crate) token_out: Symbol,
}

impl HopSpec {
    pub(super) fn new(pool: &PoolSpec, token_in: &Symbol, token_out: &Symbol) -> Self {
        Self { pool: pool.name.clone(), token_in: token_in.clone(), token_out: token_out.clone() }
    }
}

/// The pair that trades in these pools are of, unless it is said: the first two tokens of the first pool.
pub(super) fn default_pair(pools: &[String], study: &StudySpec) -> Option<[Symbol; 2]> {
    let first = study.pools.iter().find(|pool| Some(&pool.name) == pools.first())?;
    match &*first.tokens {
        [base, quote, ..] => Some([base.clone(), quote.clone()]),
        _ => None,
    }
}

/// All ways from the first token of a pair to the second: pools that hold both, and two pools that share a third token. Every pool
/// has to be on exactly one.
pub(crate) fn ways(pools: &[String], pair: Option<&[Symbol; 2]>, study: &StudySpec, path: &KeyPath) -> Checked<Vec<Vec<HopSpec>>> {
    let default = default_pair(pools, study);
    let Some([base, quote]) = pair.or(default.as_ref()) else {
        return Err(Problem::new(path.key("pair"), "no pair of tokens to trade").with_example("pair = [\"ETH\", \"USDC\"]"));
    };
    check_pair(base, quote, study, &path.key("pair"))?;
    let at = path.key("pools");
    let pools: Vec<&PoolSpec> =
        pools.iter().enumerate().map(|(i, pool)| study.require_pool(pool, &at.index(i))).collect::<Result<_, _>>()?;
    let holds = |pool: &PoolSpec, token: &Symbol| pool.tokens.contains(token);
    let mut ways = Vec::new();
    for first in &pools {
        if holds(first, base) && holds(first, quote) {
            ways.push(vec![HopSpec::new(first, base, quote)]);
            continue;
        }
        for second in pools.iter().filter(|second| holds(first, base) && holds(second, quote) && !holds(second, base)) {
            for middle in first.tokens.iter().filter(|middle| **middle != *base && holds(second, middle)) {
                ways.push(vec![HopSpec::new(first, base, middle), HopSpec::new(second, middle, quote)]);
            }
        }
    }
    for (i, pool) in pools.iter().enumerate() {
        let through = ways.iter().filter(|way| way.iter().any(|hop| hop.pool == pool.name)).count();
        if through == 1 {
            continue;
        }
        let (message, expected) = if through == 0 {
            let what = format!("no way from {base} to {quote} goes through `{}`", pool.name);
            (what, "pools that hold both tokens of the pair, or two pools that share a third".to_owned())
        } else {
            let what = format!("{through} ways from {base} to {quote} go through `{}`", pool.name);
            (what, "every pool on one way: give another trader the others".to_owned())
        };
        let problem = Problem::new(at.index(i), message).with_found(format!("\"{}\"", pool.name)).with_expected(expected);
        return Err(match pair {
            Some(_) => problem.with_example("pair = [\"ETH\", \"USDC\"]"),
            None => problem
                .with_example("pair = [\"ETH\", \"USDC\"]")
                .with_help(format!("{base} and {quote} are the first tokens of `{}`: `pair` says which to trade", pools[0].name)),
        });
    }
    let most = cenote_sim::Route::MOST_PATHS;
    if ways.len() > most {
        return Err(Problem::new(at, format!("{} ways from {base} to {quote}", ways.len()))
            .with_found(format!("{} pools", pools.len()))
            .with_expected(format!("at most {most} ways that compete: give some of them traders of their own"))
            .with_example("pools = [\"main\", \"other\"]"));
    }
    Ok(ways)
}

fn check_pair(base: &Symbol, quote: &Symbol, study: &StudySpec, at: &KeyPath) -> Checked<()> {
    study.require_token(base, &at.index(0))?;
    study.require_token(quote, &at.index(1))?;
    if base == quote {
        return Err(Problem::new(at.clone(), format!("{base} is traded for itself"))
            .with_found(format!("[\"{base}\", \"{quote}\"]"))
            .with_expected("two tokens")
            .with_example("pair = [\"ETH\", \"USDC\"]"));
    }
    Ok(())
}

/// `pair = ["ETH", "USDC"]`
pub(super) fn read_pair(item: &crate::reader::Item<'_>) -> Checked<[Symbol; 2]> {
    let tokens: Vec<Symbol> = item.read()?;
    <[Symbol; 2]>::try_from(tokens).map_err(|_| item.unexpected("two tokens").with_example("pair = [\"ETH\", \"USDC\"]"))
}
