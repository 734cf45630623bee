//! The phases of a block, each alone, a pack of paths at a time, beside a loop of scalars.

use std::hint::black_box;

use cenote_amm::concentrated::FeeTier;
use cenote_amm::constant_product::SwapFee;
use cenote_amm::stableswap::PoolFee;
use cenote_amm::{
    BuildPool, ConcentratedModel, ConstantProductLanes, FlowLanes, PoolLanes, PoolModel, PoolStart, RangeRule, StableSwapModel,
};
use cenote_benches::obvious;
use cenote_paths::{BuildPrice, CorrelationMatrix, Gbm, PACK, PriceLanes, Step, StreamKey, StreamLanes};
use cenote_units::{Lanes, kernel, math};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand_distr::{Distribution, StandardNormal};

const N: u64 = PACK as u64;
const HOUR: u64 = 3_600_000_000_000;

fn paths() -> [u32; PACK] {
    std::array::from_fn(|lane| u32::try_from(lane).expect("lanes are few"))
}

/// Lanes from −1 to 1.
fn ramp() -> Lanes<PACK> {
    Lanes(std::array::from_fn(|lane| f64::from(u32::try_from(lane).expect("lanes are few")) / 32.0 - 1.0))
}

fn random_numbers(c: &mut Criterion) {
    let mut group = c.benchmark_group("normals");
    let streams = StreamLanes::new(StreamKey::new(1, "bench"), paths());
    let (mut a, mut b) = (Lanes::ZERO, Lanes::ZERO);
    let mut block = 0_u32;
    let mut four = [Lanes::ZERO; 4];
    group.throughput(Throughput::Elements(4 * N));
    group.bench_function("four per draw", |bench| {
        bench.iter(|| {
            block = block.wrapping_add(1);
            streams.normal_quad(block, 0, &mut four);
            black_box(&four);
        });
    });
    let mut rng = SmallRng::seed_from_u64(1);
    group.throughput(Throughput::Elements(N));
    group.bench_function("rand_distr", |bench| {
        bench.iter(|| {
            for x in &mut a.0 {
                *x = StandardNormal.sample(&mut rng);
            }
            black_box(&a);
        });
    });
    group.finish();

    let mut group = c.benchmark_group("other random numbers");
    group.throughput(Throughput::Elements(2 * N));
    group.bench_function("uniforms", |bench| {
        bench.iter(|| {
            block = block.wrapping_add(1);
            streams.uniform_pair(block, 0, &mut a, &mut b);
            black_box((&a, &b));
        });
    });
    group.throughput(Throughput::Elements(4 * N));
    group.bench_function("exponentials", |bench| {
        let mut waits = [Lanes::ZERO; 4];
        bench.iter(|| {
            block = block.wrapping_add(4);
            streams.waiting_quad(block, 0, &mut waits);
            black_box(&waits);
        });
    });
    group.finish();
}

fn prices(c: &mut Criterion) {
    let mut group = c.benchmark_group("geometric Brownian motion, path-steps");
    group.throughput(Throughput::Elements(N));
    let model = Gbm::per_year(2000.0, 0.0, 0.8).expect("parameters in range");
    let keys = ["bench", "second", "third"].map(|name| StreamKey::new(1, name));
    let matrix = CorrelationMatrix::from_pairs(3, &[(0, 1, 0.7), (0, 2, 0.5), (1, 2, 0.6)]).expect("correlations that can be");
    let streams = matrix.streams(&keys);
    let mut price = Lanes::ZERO;
    let years = Lanes::splat(1.0 / 8760.0);
    for (name, streams, shared) in [
        ("equal steps", &streams[0], Some(years[0])),
        ("steps of their own", &streams[0], None),
        ("equal steps, correlated with one before", &streams[1], Some(years[0])),
        ("equal steps, correlated with two before", &streams[2], Some(years[0])),
    ] {
        let mut lanes: Box<dyn PriceLanes<PACK>> = model.build(streams);
        lanes.start(paths(), &mut price);
        let mut block = 0_u32;
        group.bench_function(name, |bench| {
            bench.iter(|| {
                let end = [HOUR; PACK];
                lanes.step(&Step { block, nanos: &[HOUR; PACK], end: &end, years: &years, shared }, &mut price);
                block += 1;
                if block == 8760 {
                    block = 0;
                    lanes.start(paths(), &mut price);
                }
                black_box(&price);
            });
        });
    }
    let mut rng = SmallRng::seed_from_u64(1);
    group.bench_function("obvious loop", |bench| {
        bench.iter(|| {
            for x in &mut price.0 {
                let z: f64 = StandardNormal.sample(&mut rng);
                *x *= (0.01 * z - 5e-5).exp();
            }
            black_box(&price);
        });
    });
    group.finish();
}

kernel! {
    fn exponentials<const L: usize>(x: &Lanes<L>, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = math::exp(x[l]);
        }
    }
}

kernel! {
    fn logarithms<const L: usize>(x: &Lanes<L>, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = math::ln(x[l]);
        }
    }
}

fn functions(c: &mut Criterion) {
    let mut group = c.benchmark_group("transcendental functions");
    group.throughput(Throughput::Elements(N));
    let (x, mut out) = (ramp(), Lanes::ZERO);
    let mut positive = x;
    for value in &mut positive.0 {
        *value += 1.5;
    }
    group.bench_function("exp", |bench| {
        bench.iter(|| {
            exponentials(black_box(&x), &mut out);
            black_box(&out);
        });
    });
    group.bench_function("exp of the standard library", |bench| {
        bench.iter(|| {
            for (out, x) in out.0.iter_mut().zip(&black_box(&x).0) {
                *out = x.exp();
            }
            black_box(&out);
        });
    });
    group.bench_function("ln", |bench| {
        bench.iter(|| {
            logarithms(black_box(&positive), &mut out);
            black_box(&out);
        });
    });
    group.bench_function("ln of the standard library", |bench| {
        bench.iter(|| {
            for (out, x) in out.0.iter_mut().zip(&black_box(&positive).0) {
                *out = x.ln();
            }
            black_box(&out);
        });
    });
    group.finish();
}

fn pools(c: &mut Criterion) {
    let mut group = c.benchmark_group("constant product, trades");
    group.throughput(Throughput::Elements(N));
    let mut pool: Box<dyn PoolLanes<PACK>> =
        Box::new(ConstantProductLanes::<PACK>::new([2500.0, 5e6], 111_803.0, SwapFee::UNISWAP_V2, None));
    let mut flow = FlowLanes::default();
    // Two prices in turn, some lanes inside the band and some outside.
    let mut prices = [ramp(), ramp()];
    for (lanes, width) in prices.iter_mut().zip([0.01, -0.01]) {
        for price in &mut lanes.0 {
            *price = 2000.0 * (1.0 + width * *price);
        }
    }
    let mut turn = 0;
    group.bench_function("arbitrage", |bench| {
        bench.iter(|| {
            turn ^= 1;
            pool.arbitrage(black_box(&prices[turn]), &Lanes::ZERO, &mut flow);
            black_box(&flow);
        });
    });
    let mut plain = [obvious::Pool { x: 2500.0, y: 5e6 }; PACK];
    group.bench_function("arbitrage, obvious loop", |bench| {
        bench.iter(|| {
            turn ^= 1;
            for (pool, price) in plain.iter_mut().zip(&black_box(&prices[turn]).0) {
                black_box(pool.arbitrage(*price));
            }
        });
    });
    // In and out, so that pools stay where they are.
    group.bench_function("swap", |bench| {
        bench.iter(|| {
            turn ^= 1;
            let sells = turn == 1;
            flow.base_in = [if sells { u64::MAX } else { 0 }; PACK];
            flow.amount_in = Lanes::splat(if sells { 1.0 } else { 2000.0 });
            pool.swap(&mut flow);
            black_box(&flow);
        });
    });
    group.bench_function("swap, obvious loop", |bench| {
        bench.iter(|| {
            turn ^= 1;
            for pool in &mut plain {
                black_box(if turn == 1 { pool.sell(black_box(1.0)) } else { pool.buy(black_box(2000.0)) });
            }
        });
    });
    group.finish();
}

/// Swaps and arbitrage in a v3 pool, inside its range, and in a `StableSwap` pool near its peg.
fn other_pools(c: &mut Criterion) {
    let mut group = c.benchmark_group("other pools, trades");
    group.throughput(Throughput::Elements(N));
    let v3 = ConcentratedModel::uniswap_v3(FeeTier::BP_30, vec![(RangeRule::Full, 1.0)]);
    let fee = |parts| PoolFee::from_parts(parts).expect("a fee");
    let stable = StableSwapModel::first_generation(&[18, 6], 200, fee(4_000_000), fee(0)).expect("a pool");
    let models: [(&str, &dyn PoolModel, f64, f64); 2] = [("v3", &v3, 2000.0, 0.01), ("StableSwap", &stable, 1.0, 0.001)];
    for (name, model, level, width) in models {
        let start = PoolStart { value: 10e6, prices: &[level, 1.0], decimals: &[18, 6] };
        let mut pool = BuildPool::<PACK>::build(model, &start).expect("a pool");
        let mut flow = FlowLanes::default();
        let mut turn = 0;
        group.bench_function(format!("{name}, swap"), |bench| {
            bench.iter(|| {
                turn ^= 1;
                let sells = turn == 1;
                flow.base_in = [if sells { u64::MAX } else { 0 }; PACK];
                flow.amount_in = Lanes::splat(if sells { 1000.0 / level } else { 1000.0 });
                pool.swap(&mut flow);
                black_box(&flow);
            });
        });
        let mut prices = [ramp(), ramp()];
        for (lanes, width) in prices.iter_mut().zip([width, -width]) {
            for price in &mut lanes.0 {
                *price = level * (1.0 + width * *price);
            }
        }
        group.bench_function(format!("{name}, arbitrage"), |bench| {
            bench.iter(|| {
                turn ^= 1;
                pool.arbitrage(black_box(&prices[turn]), &Lanes::ZERO, &mut flow);
                black_box(&flow);
            });
        });
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).measurement_time(std::time::Duration::from_secs(2)).warm_up_time(std::time::Duration::from_millis(500));
    targets = random_numbers, prices, functions, pools, other_pools
}
criterion_main!(benches);
