//! Weighted pools of Balancer v2 and v3.

use std::hint::black_box;

use cenote_amm::weighted::{Version, Weighted, Weights};
use cenote_amm::{Exact, Fast, FungibleLiquidity, Lane, OneForZero, Owner, Pool, SwapRequest, ZeroForOne};
use criterion::{Criterion, Throughput};

use crate::amount;

fn pools<L: Lane>(c: &mut Criterion) {
    let mut group = c.benchmark_group(format!("weighted {}", L::NAME));
    for version in [Version::V2, Version::V3] {
        let weights = Weights::percent(&[80, 20]).expect("weights");
        let mut pool = Weighted::<L>::new(version, &weights, "0.3%".parse().expect("a fee"));
        pool.mint(Owner::new(1), &[amount::<L>(4000.0, 18), amount::<L>(1000.0, 18)]).expect("a first mint");
        let [sell, buy] = [ZeroForOne, OneForZero].map(|direction| SwapRequest::<L>::exact_in(direction, amount::<L>(1.0, 18)));
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("quote, Balancer {version:?}"), |b| {
            b.iter(|| pool.quote(black_box(&sell)).map(|outcome| outcome.amount_out));
        });
        let mut back = false;
        group.bench_function(format!("swap, Balancer {version:?}"), |b| {
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
