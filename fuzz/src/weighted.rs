//! Balancer's weighted pools of both generations.

use core::marker::PhantomData;

use arbitrary::{Result, Unstructured};
use cenote_amm::weighted::{Version, Weights};
use cenote_amm::{FungibleLiquidity, LiquidityOutcome, Pool};
use cenote_units::Fee;

use crate::draw::{FuzzLane, Ledger, trace};
use crate::fungible::{Family, index, owner};

/// The family in a lane.
#[derive(Debug)]
pub struct Weighted<L>(PhantomData<L>);

const ONE: u64 = 1_000_000_000_000_000_000;

fn weights(u: &mut Unstructured<'_>) -> Result<Option<Weights>> {
    let tokens = 2 + usize::from(u.arbitrary::<u8>()? % 7);
    if u.arbitrary()? {
        return Ok(Weights::equal(tokens).ok());
    }
    // Each takes a part of what the others need not have.
    let mut rest = ONE - Weights::MIN_WEIGHT * tokens as u64;
    let mut wads = Vec::with_capacity(tokens);
    for _ in 1..tokens {
        let part = rest / 256 * u64::from(u.arbitrary::<u8>()?);
        rest -= part;
        wads.push(Weights::MIN_WEIGHT + part);
    }
    wads.push(Weights::MIN_WEIGHT + rest);
    Ok(Weights::new(&wads).ok())
}

impl<L: FuzzLane> Family for Weighted<L> {
    type Lane = L;
    type Pool = cenote_amm::Weighted<L>;

    const NO_FREE_LUNCH: bool = false;

    fn empty(u: &mut Unstructured<'_>) -> Result<Option<Self::Pool>> {
        let version = if u.arbitrary()? { Version::V2 } else { Version::V3 };
        let Some(weights) = weights(u)? else { return Ok(None) };
        let wad = if u.arbitrary()? { u.arbitrary::<u64>()? } else { u.arbitrary::<u64>()? % (ONE / 10) };
        let Ok(fee) = Fee::from_wad(wad) else { return Ok(None) };
        let mut decimals = Vec::with_capacity(weights.count());
        for _ in 0..weights.count() {
            let byte = u.arbitrary::<u8>()?;
            decimals.push(if byte < 128 { 18 } else { byte % 20 });
        }
        Ok(cenote_amm::Weighted::new(version, &weights, fee).with_decimals(&decimals).ok())
    }

    fn held(pool: &Self::Pool) -> Vec<L::Amount> {
        pool.balances().iter().zip(pool.protocol_fees()).map(|(balance, protocol)| L::posted(*balance, *protocol, true)).collect()
    }

    fn owned(pool: &Self::Pool) -> Vec<L::Amount> {
        pool.lp().balances().map(|(_, amount)| amount).collect()
    }

    fn special(pool: &mut Self::Pool, u: &mut Unstructured<'_>, ledger: &mut Ledger<L>) -> Result<bool> {
        let tokens = pool.token_count();
        let operation = u.int_in_range(0..=7_u8)?;
        if operation == 0 {
            let Ok(share) = Fee::from_wad(u.arbitrary::<u64>()? % (2 * ONE)) else { return Ok(false) };
            pool.set_protocol_share(share);
            return Ok(true);
        }
        let (who, token) = (owner(u)?, index(usize::from(u.arbitrary::<u8>()?) % (tokens + 1)));
        let alone = u.arbitrary::<bool>()?;
        let amounts = (0..tokens)
            .map(|other| if alone && other != token.get() { Ok(L::ZERO) } else { L::draw(u, pool.balances()[other]) })
            .collect::<Result<Vec<_>>>()?;
        let liquidity = L::draw(u, if operation < 4 { pool.total_supply() } else { pool.balance_of(who) })?;
        let (outcome, into) = match operation {
            1 => (pool.join_exact_tokens(who, &amounts), true),
            2 => (pool.join_single_token(who, token, liquidity), true),
            3 => (pool.join_proportional(who, liquidity), true),
            4 => (pool.exit_proportional(who, liquidity), false),
            5 => (pool.exit_single_token(who, token, liquidity), false),
            6 => (pool.exit_exact_tokens(who, &amounts), false),
            _ => (pool.initialize(who, &amounts), true),
        };
        trace(|| format!("special {operation}: {outcome:?}"));
        let Ok(LiquidityOutcome { amounts, .. }) = outcome else { return Ok(false) };
        for (token, amount) in amounts.into_iter().enumerate() {
            if into { ledger.pay_in(token, amount) } else { ledger.pay_out(token, amount) }
        }
        Ok(true)
    }
}
