//! W1 and W1e: years of hourly blocks, single thread. W1 counts path-blocks; W1e counts path-blocks, and once more trades.

use cenote_benches::obvious::years;
use cenote_benches::worlds::{BLOCKS, Pack, Report, w1, w1e};
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

criterion_group!(benches, arbitrage, noise);
criterion_main!(benches);
