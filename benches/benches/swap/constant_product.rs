//! Constant product: the router's quote and the pair's swap.

use std::hint::black_box;

use cenote_amm::constant_product::{SwapFee, amount_out};
use cenote_amm::{ConstantProduct, Exact, Fast, FungibleLiquidity, Lane, OneForZero, Owner, Pool, SwapRequest, ZeroForOne};
use cenote_benches::obvious;
use criterion::{Criterion, Throughput};

use crate::{amount, reference};

const ALICE: Owner = Owner::new(1);

fn pool<L: Lane>() -> ConstantProduct<L> {
    let mut pool = ConstantProduct::<L>::uniswap_v2().with_decimals([18, 6]);
    pool.mint(ALICE, &[amount::<L>(2500.0, 18), amount::<L>(5e6, 6)]).expect("a first mint");
    pool
}

fn lane<L: Lane>(c: &mut Criterion) {
    let mut group = c.benchmark_group(format!("v2 {}", L::NAME));
    let sell = SwapRequest::<L>::exact_in(ZeroForOne, amount::<L>(1.0, 18));
    let buy = SwapRequest::<L>::exact_in(OneForZero, amount::<L>(2000.0, 6));
    let deposit = [amount::<L>(1.0, 18), amount::<L>(3000.0, 6)];

    let mut p = pool::<L>();
    let [x, y] = p.pair().reserves();
    group.throughput(Throughput::Elements(1));
    group.bench_function("amount_out", |b| b.iter(|| amount_out::<L>(black_box(sell.amount), x, y, &SwapFee::UNISWAP_V2)));
    group.bench_function("quote", |b| b.iter(|| p.quote(black_box(&sell)).map(|outcome| outcome.amount_out)));
    let mut back = false;
    group.bench_function("swap", |b| {
        b.iter(|| {
            back = !back;
            p.swap(black_box(if back { &sell } else { &buy })).map(|outcome| outcome.amount_out)
        });
    });
    let mut p = pool::<L>();
    group.bench_function("mint and burn", |b| {
        b.iter(|| {
            let minted = p.mint(ALICE, black_box(&deposit)).expect("a mint").liquidity;
            p.burn(ALICE, minted).expect("a burn").liquidity
        });
    });
    group.finish();
}

fn plain(c: &mut Criterion) {
    let mut group = c.benchmark_group("v2 reference");
    let [x, y] = [amount::<Exact>(2500.0, 18), amount::<Exact>(5e6, 6)];
    let (eth, usdc) = (amount::<Exact>(1.0, 18), amount::<Exact>(2000.0, 6));
    group.throughput(Throughput::Elements(1));
    group.bench_function("amount_out, ruint", |b| b.iter(|| reference::amount_out(black_box(eth), x, y)));
    group.bench_function("swap, ruint", |b| {
        // Of the token paid in, and of the one paid out: the next swap's are the other way round.
        let (mut reserves, mut back) = ([x, y], false);
        b.iter(|| {
            back = !back;
            let (after, out) = reference::swap(black_box(if back { eth } else { usdc }), reserves).expect("a swap");
            reserves = [after[1], after[0]];
            out
        });
    });
    group.bench_function("swap, f64", |b| {
        let mut pool = obvious::Pool { x: 2500.0, y: 5e6 };
        let mut back = false;
        b.iter(|| {
            back = !back;
            if back { pool.sell(black_box(1.0)) } else { pool.buy(black_box(2000.0)) }
        });
    });
    group.finish();
}

pub(crate) fn all(c: &mut Criterion) {
    lane::<Exact>(c);
    lane::<Fast>(c);
    plain(c);
}
