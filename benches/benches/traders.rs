//! Worlds with traders who choose, on one thread: per path-block, and what they cost more than a world without them per trade.

use cenote_benches::traders::{Traders, three_pools, triangle};
use cenote_benches::worlds::{BLOCKS, Pack};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const PATHS: u64 = cenote_paths::PACK as u64;

fn worlds(c: &mut Criterion) {
    let mut group = c.benchmark_group("traders, path-blocks");
    group.sample_size(10);
    let worlds = [
        ("three pools, arbitrage alone", three_pools(Traders::None)),
        ("6.25 noise trades in one", three_pools(Traders::Plain)),
        ("6.25 elastic noise trades in one", three_pools(Traders::Elastic)),
        ("6.25 noise trades over all three", three_pools(Traders::Routed)),
        ("6.25 noise trades over all that pay their gas", three_pools(Traders::RoutedWithGas)),
        ("whales, ten slices twice a day", three_pools(Traders::Whales)),
        ("a triangle, two sides against the outside", triangle(false)),
        ("the same and around the triangle", triangle(true)),
    ];
    for (name, world) in worlds {
        let mut pack = Pack::new(&world);
        group.throughput(Throughput::Elements(PATHS * u64::from(BLOCKS)));
        group.bench_function(name, |b| b.iter(|| pack.run()[0]));
    }
    group.finish();
}

criterion_group!(benches, worlds);
criterion_main!(benches);
