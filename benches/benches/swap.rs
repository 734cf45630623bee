//! One-path constant-product pools, exact and fast, beside the bare formula.

use std::hint::black_box;

use cenote_amm::{ConstantProduct, Exact, Fast, FungibleLiquidity, Lane, OneForZero, Owner, Pool, SwapRequest, U256, ZeroForOne};
use cenote_benches::obvious;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ALICE: Owner = Owner::new(1);

/// Whole tokens in the lane's unit.
fn amount<L: Lane>(whole: f64, decimals: u8) -> L::Amount {
    L::amount_from_f64(whole * L::scale(decimals)).expect("an amount")
}

fn pool<L: Lane>() -> ConstantProduct<L> {
    let mut pool = ConstantProduct::<L>::uniswap_v2().with_decimals([18, 6]);
    pool.mint(ALICE, &[amount::<L>(2500.0, 18), amount::<L>(5e6, 6)]).expect("a first mint");
    pool
}

/// The library's formula for the 30 bp pool, in wei.
fn amount_out(amount_in: U256, reserve_in: U256, reserve_out: U256) -> U256 {
    let kept = amount_in * U256::from(997);
    kept * reserve_out / (reserve_in * U256::from(1000) + kept)
}

fn lane<L: Lane>(c: &mut Criterion) {
    let mut group = c.benchmark_group(format!("constant product, {}", L::NAME));
    let sell = SwapRequest::<L>::exact_in(ZeroForOne, amount::<L>(1.0, 18));
    let buy = SwapRequest::<L>::exact_in(OneForZero, amount::<L>(2000.0, 6));
    let deposit = [amount::<L>(1.0, 18), amount::<L>(3000.0, 6)];

    let mut p = pool::<L>();
    group.throughput(Throughput::Elements(1));
    group.bench_function("quote", |b| b.iter(|| p.quote(black_box(&sell)).map(|outcome| outcome.amount_out)));
    // There and back, so that the pool stays where it is.
    group.throughput(Throughput::Elements(2));
    group.bench_function("swap", |b| {
        b.iter(|| {
            let out = p.swap(black_box(&sell)).expect("a swap");
            p.swap(black_box(&buy)).map(|outcome| (out.amount_out, outcome.amount_out))
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

fn formulas(c: &mut Criterion) {
    let mut group = c.benchmark_group("constant product, bare formula");
    let [x, y] = [amount::<Exact>(2500.0, 18), amount::<Exact>(5e6, 6)];
    let (eth, usdc) = (amount::<Exact>(1.0, 18), amount::<Exact>(2000.0, 6));
    group.throughput(Throughput::Elements(2));
    group.bench_function("exact swap", |b| {
        let (mut x, mut y) = (x, y);
        b.iter(|| {
            let out = amount_out(black_box(eth), x, y);
            (x, y) = (x + eth, y - out);
            let back = amount_out(black_box(usdc), y, x);
            (x, y) = (x - back, y + usdc);
            (out, back)
        });
    });
    group.bench_function("fast swap", |b| {
        let mut pool = obvious::Pool { x: 2500.0, y: 5e6 };
        b.iter(|| (pool.sell(black_box(1.0)), pool.buy(black_box(2000.0))));
    });
    group.finish();
}

fn lanes(c: &mut Criterion) {
    lane::<Exact>(c);
    lane::<Fast>(c);
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30);
    targets = lanes, formulas
}
criterion_main!(benches);
