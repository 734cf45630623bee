//! Whole worlds on one thread, per path-block; noise once more per trade.

use cenote_benches::obvious::years;
use cenote_benches::worlds::{
    BLOCKS, MINING_BLOCKS, Pack, Report, TWELVE_SECOND_BLOCKS, liquidity_mining, twelve_seconds, w1, w1e, w2, w3,
};
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};

const PATHS: u64 = cenote_paths::PACK as u64;
/// The obvious loop needs no pack.
const FEW: u32 = 4;

fn blocks(paths: u64) -> u64 {
    paths * u64::from(BLOCKS)
}

/// Cenote with one metric and with all, and the obvious loop; `per_block` elements in a block of a path.
fn beside(mut group: BenchmarkGroup<'_, WallTime>, noise: bool, elements: fn(u64) -> u64) {
    group.sample_size(20);
    for (name, report) in [("net return", Report::NetReturn), ("all metrics", Report::Everything)] {
        let mut pack = Pack::new(&if noise { w1e(report) } else { w1(report) });
        group.throughput(Throughput::Elements(elements(blocks(PATHS))));
        group.bench_function(name, |b| b.iter(|| pack.run()[0]));
    }
    group.throughput(Throughput::Elements(elements(blocks(u64::from(FEW)))));
    group.bench_function("obvious loop", |b| b.iter(|| years(FEW, noise).net_return));
    group.finish();
}

fn arbitrage(c: &mut Criterion) {
    beside(c.benchmark_group("W1: arbitrage, path-blocks"), false, |blocks| blocks);
}

fn noise(c: &mut Criterion) {
    beside(c.benchmark_group("W1e: noise, path-blocks"), true, |blocks| blocks);
    // 150 a day are 6.25 an hour.
    beside(c.benchmark_group("W1e: noise, noise trades"), true, |blocks| blocks * 25 / 4);
}

/// Pools with ranges and `StableSwap` pools beside the constant product, per path-block.
fn other_pools(c: &mut Criterion) {
    let mut group = c.benchmark_group("other pools, path-blocks");
    group.sample_size(20);
    let worlds = [
        ("W1: constant product", w1(Report::NetReturn), BLOCKS),
        ("W2: a recentred range", w2(), BLOCKS),
        ("W3: StableSwap", w3(), BLOCKS),
        ("12 s blocks, fixed", twelve_seconds(false), TWELVE_SECOND_BLOCKS),
        ("12 s blocks, Poisson", twelve_seconds(true), TWELVE_SECOND_BLOCKS),
    ];
    for (name, world, blocks) in worlds {
        let mut pack = Pack::new(&world);
        group.throughput(Throughput::Elements(PATHS * u64::from(blocks)));
        group.bench_function(name, |b| b.iter(|| pack.run()[0]));
    }
    group.finish();
}

/// Study 04, per path-block of all its seven positions together: 5,000 paths of it are 21.6 million.
fn mining(c: &mut Criterion) {
    let mut group = c.benchmark_group("liquidity mining, path-blocks");
    group.sample_size(10);
    let mut pack = Pack::new(&liquidity_mining());
    group.throughput(Throughput::Elements(PATHS * u64::from(MINING_BLOCKS)));
    group.bench_function("seven positions", |b| b.iter(|| pack.run()[0]));
    group.finish();
}

criterion_group!(benches, arbitrage, noise, other_pools, mining);
criterion_main!(benches);
