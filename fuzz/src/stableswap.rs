//! Curve's pools of both generations.

use core::marker::PhantomData;

use arbitrary::{Result, Unstructured};
use cenote_amm::stableswap::{Generation, PoolFee};
use cenote_amm::{AmmError, FungibleLiquidity, Lane, Pool, StableSwap};

use crate::draw::{FuzzLane, Ledger};
use crate::fungible::{Family, index, owner};

/// The first generation in a lane.
#[derive(Debug)]
pub struct FirstGeneration<L>(PhantomData<L>);

/// NG plain pools in a lane.
#[derive(Debug)]
pub struct Ng<L>(PhantomData<L>);

fn empty<L: Lane>(u: &mut Unstructured<'_>, generation: Generation) -> Result<Option<StableSwap<L>>> {
    let coins = if u.arbitrary::<u8>()? == 255 { u.arbitrary::<u8>()? % 12 } else { 2 + u.arbitrary::<u8>()? % 7 };
    let coins = usize::from(coins);
    let coins = if generation == Generation::First && coins > 4 { 2 + coins % 3 } else { coins };
    let mut decimals = Vec::with_capacity(coins);
    for _ in 0..coins {
        let byte = u.arbitrary::<u8>()?;
        decimals.push(match byte % 8 {
            0..=2 => 18,
            3..=5 => 6,
            6 => byte % 19,
            _ => byte,
        });
    }
    let amplification = if u.arbitrary()? { u.arbitrary::<u16>()?.into() } else { u.arbitrary::<u32>()? % 1_100_000 };
    let (fee, second) = (u.arbitrary::<u64>()? % 5_100_000_000, u.arbitrary::<u64>()?);
    let pool = || -> core::result::Result<StableSwap<L>, AmmError> {
        let fee = PoolFee::from_parts(fee)?;
        match generation {
            Generation::First => StableSwap::first_generation(&decimals, amplification.into(), fee)?
                .with_admin_fee(PoolFee::from_parts(second % 5_100_000_000)?),
            _ => StableSwap::ng(&decimals, amplification.into(), fee)?.with_offpeg_fee_multiplier(second % 1_000_000_000_000),
        }
    };
    Ok(pool().ok())
}

fn special<L: FuzzLane>(pool: &mut StableSwap<L>, u: &mut Unstructured<'_>, ledger: &mut Ledger<L>) -> Result<bool> {
    let coins = pool.token_count();
    let amounts = |pool: &StableSwap<L>, u: &mut Unstructured<'_>| {
        (0..coins)
            .map(|coin| if u.arbitrary()? { Ok(L::ZERO) } else { L::draw(u, pool.contract().balances()[coin]) })
            .collect::<Result<Vec<_>>>()
    };
    let limit = |u: &mut Unstructured<'_>, free: L::Amount| if u.ratio(7, 8)? { Ok(free) } else { L::draw(u, free) };
    let most = L::amount_from_f64(1e76).unwrap_or(L::ZERO);
    Ok(match u.int_in_range(0..=8_u8)? {
        0 | 1 => {
            let (to, amounts) = (owner(u)?, amounts(pool, u)?);
            let minimum = limit(u, L::ZERO)?;
            let added = pool.contract_mut().add_liquidity(to, &amounts, minimum).is_ok();
            for (coin, amount) in amounts.into_iter().enumerate().filter(|_| added) {
                ledger.pay_in(coin, amount);
            }
            added
        }
        2 => {
            let (from, amounts) = (owner(u)?, amounts(pool, u)?);
            let maximum = limit(u, most)?;
            let removed = pool.contract_mut().remove_liquidity_imbalance(from, &amounts, maximum).is_ok();
            for (coin, amount) in amounts.into_iter().enumerate().filter(|_| removed) {
                ledger.pay_out(coin, amount);
            }
            removed
        }
        3 | 4 => {
            let (from, coin) = (owner(u)?, index(usize::from(u.arbitrary::<u8>()?) % (coins + 1)));
            let (burn, minimum) = (L::draw(u, pool.balance_of(from))?, limit(u, L::ZERO)?);
            let _ = pool.contract().calc_withdraw_one_coin(burn, coin);
            match pool.contract_mut().remove_liquidity_one_coin(from, burn, coin, minimum) {
                Ok(amount) => ledger.pay_out(coin.get(), amount),
                Err(_) => return Ok(false),
            }
            true
        }
        5 => {
            for (coin, amount) in pool.contract_mut().withdraw_admin_fees().into_iter().enumerate() {
                ledger.pay_out(coin, amount);
            }
            true
        }
        6 => {
            let ahead = if u.arbitrary::<u8>()? == 0 { u.arbitrary::<u64>()? } else { u.arbitrary::<u32>()?.into() };
            let time = pool.contract().block_timestamp().wrapping_add(ahead);
            pool.contract_mut().set_block_timestamp(time);
            true
        }
        7 => {
            let contract = pool.contract_mut();
            let time = contract.block_timestamp().wrapping_add(u.arbitrary::<u32>()?.into());
            let amplification = u64::from(u.arbitrary::<u32>()?);
            match u.int_in_range(0..=5_u8)? {
                0 => contract.ramp_a(amplification, time).is_ok(),
                1 => contract.stop_ramp_a().is_ok(),
                2 => {
                    let Ok(fee) = PoolFee::from_parts(u.arbitrary::<u64>()? % 5_100_000_000) else { return Ok(false) };
                    contract.set_new_fee(fee, u.arbitrary::<u64>()?).is_ok()
                }
                3 => contract.commit_new_parameters(amplification, PoolFee::HALF, PoolFee::ZERO).is_ok(),
                4 => contract.apply_new_parameters().is_ok(),
                _ => {
                    contract.revert_new_parameters();
                    true
                }
            }
        }
        _ => {
            let amounts = amounts(pool, u)?;
            let _ = (pool.contract().calc_token_amount(&amounts, u.arbitrary()?), pool.contract().virtual_price());
            let (i, j) = (index(usize::from(u.arbitrary::<u8>()?)), index(usize::from(u.arbitrary::<u8>()?) % coins));
            let _ = pool.contract().get_dy(i, j, amounts[0]);
            true
        }
    })
}

fn held<L: FuzzLane>(pool: &StableSwap<L>) -> Vec<L::Amount> {
    let contract = pool.contract();
    contract.balances().iter().zip(contract.admin_balances()).map(|(balance, admin)| L::posted(*balance, *admin, true)).collect()
}

fn owned<L: FuzzLane>(pool: &StableSwap<L>) -> Vec<L::Amount> {
    pool.contract().lp().balances().map(|(_, amount)| amount).collect()
}

impl<L: FuzzLane> Family for FirstGeneration<L> {
    type Lane = L;
    type Pool = StableSwap<L>;

    const NO_FREE_LUNCH: bool = false;

    fn empty(u: &mut Unstructured<'_>) -> Result<Option<Self::Pool>> {
        empty(u, Generation::First)
    }

    fn held(pool: &Self::Pool) -> Vec<L::Amount> {
        held(pool)
    }

    fn owned(pool: &Self::Pool) -> Vec<L::Amount> {
        owned(pool)
    }

    fn special(pool: &mut Self::Pool, u: &mut Unstructured<'_>, ledger: &mut Ledger<L>) -> Result<bool> {
        special(pool, u, ledger)
    }
}

impl<L: FuzzLane> Family for Ng<L> {
    type Lane = L;
    type Pool = StableSwap<L>;

    const NO_FREE_LUNCH: bool = false;

    fn empty(u: &mut Unstructured<'_>) -> Result<Option<Self::Pool>> {
        empty(u, Generation::Ng)
    }

    fn held(pool: &Self::Pool) -> Vec<L::Amount> {
        held(pool)
    }

    fn owned(pool: &Self::Pool) -> Vec<L::Amount> {
        owned(pool)
    }

    fn paid_along(pool: &Self::Pool) -> Vec<L::Amount> {
        pool.contract().admin_balances().to_vec()
    }

    fn special(pool: &mut Self::Pool, u: &mut Unstructured<'_>, ledger: &mut Ledger<L>) -> Result<bool> {
        special(pool, u, ledger)
    }
}
