//! `StableSwap` pools of two and of three coins.

use std::hint::black_box;

use cenote_amm::stableswap::PoolFee;
use cenote_amm::{Exact, Fast, FungibleLiquidity, Lane, Owner, Pool, StableSwap, SwapRequest, TokenIndex};
use criterion::{Criterion, Throughput};

use crate::amount;

fn pools<L: Lane>(c: &mut Criterion) {
    let mut group = c.benchmark_group(format!("StableSwap {}", L::NAME));
    for decimals in [&[18, 6][..], &[18, 6, 6]] {
        let fee = PoolFee::from_parts(1_000_000).expect("a fee");
        let mut pool = StableSwap::<L>::ng(decimals, 2000, fee).expect("a pool");
        let amounts: Vec<_> = decimals.iter().zip([1e6, 1.3e6, 0.8e6]).map(|(d, whole)| amount::<L>(whole, *d)).collect();
        pool.mint(Owner::new(1), &amounts).expect("a first mint");
        let [zero, one] = [TokenIndex(0), TokenIndex(1)];
        let sell = SwapRequest::<L>::exact_in((zero, one), amount::<L>(1000.0, decimals[0]));
        let buy = SwapRequest::<L>::exact_in((one, zero), amount::<L>(1000.0, decimals[1]));
        let coins = decimals.len();
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("quote, {coins} coins"), |b| {
            b.iter(|| pool.quote(black_box(&sell)).map(|outcome| outcome.amount_out));
        });
        group.bench_function(format!("sizing, {coins} coins"), |b| b.iter(|| pool.swap_to(zero, one, black_box(1.002))));
        let mut back = false;
        group.bench_function(format!("swap, {coins} coins"), |b| {
            b.iter(|| {
                back = !back;
                pool.swap(black_box(if back { &sell } else { &buy })).map(|outcome| outcome.amount_out)
            });
        });
    }
    group.finish();
}

pub(crate) fn all(c: &mut Criterion) {
    pools::<Exact>(c);
    pools::<Fast>(c);
}
