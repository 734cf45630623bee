//! A recorded day of a pool, lived through on one thread, per row; and reading it.

use cenote_benches::record::{day, world};
use cenote_paths::PACK;
use cenote_sim::World;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn replay(c: &mut Criterion) {
    let mut group = c.benchmark_group("a recorded day");
    group.sample_size(20);
    let activity = day();
    let rows = activity.rows().len() as u64;
    for (name, exact) in [("one path, exact", true), ("one path, fast", false)] {
        let scenario = world(&activity, exact);
        let mut world = World::<1>::new(&scenario, 1).expect("the scenario checks");
        let mut results = vec![0.0; scenario.columns().count()];
        group.throughput(Throughput::Elements(rows));
        group.bench_function(name, |b| b.iter(|| world.run([0], 1, &mut results).expect("it runs")));
    }
    let scenario = world(&activity, false);
    let mut world = World::<PACK>::new(&scenario, 1).expect("the scenario checks");
    let mut results = vec![0.0; scenario.columns().count() * PACK];
    let paths = std::array::from_fn(|lane| u32::try_from(lane).unwrap_or(0));
    group.throughput(Throughput::Elements(rows * PACK as u64));
    group.bench_function("a pack, fast", |b| b.iter(|| world.run(paths, PACK, &mut results).expect("it runs")));
    group.finish();
}

criterion_group!(benches, replay);
criterion_main!(benches);
