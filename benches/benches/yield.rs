//! Farms: an update of a pool, a deposit, a claim; in integers beside a plain version with ruint, in floats one by one and in lanes.

use std::hint::black_box;

use cenote_amm::{Exact, Fast, Owner, U256};
use cenote_units::{Lanes, PACK, SimDuration};
use cenote_yield::emission::Emission;
use cenote_yield::farm::masterchef::StakeToken;
use cenote_yield::farm::{BuildFarm, FarmLanes, FarmStart, MasterChef, MasterChefModel};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const LANES: u64 = PACK as u64;
const SECOND: u64 = 1_000_000_000;

/// The contract's lines in ruint, one by one, without any of the bookkeeping around them.
struct Plain {
    per_block: U256,
    alloc_point: U256,
    total_alloc_point: U256,
    supply: U256,
    acc: U256,
    last: u64,
    minted: U256,
    dev: U256,
}

impl Plain {
    fn update(&mut self, block: u64) -> Option<()> {
        let multiplier = U256::from(block - self.last);
        let reward = multiplier.checked_mul(self.per_block)?.checked_mul(self.alloc_point)?.checked_div(self.total_alloc_point)?;
        self.dev = self.dev.checked_add(reward.checked_div(U256::from(10))?)?;
        self.minted = self.minted.checked_add(reward)?;
        let scaled = reward.checked_mul(U256::from(1_000_000_000_000_u64))?;
        self.acc = self.acc.checked_add(scaled.checked_div(self.supply)?)?;
        self.last = block;
        Some(())
    }
}

fn units(tokens: u64) -> U256 {
    U256::from(tokens) * U256::from(1_000_000_000_000_000_000_u64)
}

fn exact() -> MasterChef<Exact> {
    let mut farm = MasterChef::<Exact>::sushiswap(units(40), 0, 0).expect("a farm");
    for (token, points) in [(0, 4000), (1, 100), (2, 300)] {
        farm.add(points, StakeToken::Lp(token), false).expect("a pool");
        for owner in 1..100 {
            farm.deposit(Owner::new(owner), token, units(u64::from(owner) * 7_919)).expect("a deposit");
        }
    }
    farm
}

fn fast() -> MasterChef<Fast> {
    let mut farm = MasterChef::<Fast>::sushiswap(40.0, 0, 0).expect("a farm");
    for (token, points) in [(0, 4000), (1, 100), (2, 300)] {
        farm.add(points, StakeToken::Lp(token), false).expect("a pool");
        for owner in 1..100 {
            farm.deposit(Owner::new(owner), token, f64::from(owner) * 7_919.0).expect("a deposit");
        }
    }
    farm
}

fn one_by_one(c: &mut Criterion) {
    let mut group = c.benchmark_group("MasterChef, an update of a pool");
    let mut farm = exact();
    let mut block = 0;
    group.bench_function("exact", |bench| {
        bench.iter(|| {
            block += 1;
            farm.set_block_number(block).expect("a later block");
            farm.update_pool(black_box(0)).expect("an update");
        });
    });
    let supply = units(7_919 * 99 * 50);
    let mut plain = Plain {
        per_block: units(40),
        alloc_point: U256::from(4000),
        total_alloc_point: U256::from(4400),
        supply,
        acc: U256::ZERO,
        last: 0,
        minted: U256::ZERO,
        dev: U256::ZERO,
    };
    let mut block = 0;
    group.bench_function("plain ruint", |bench| {
        bench.iter(|| {
            block += 1;
            black_box(&mut plain).update(block).expect("an update");
        });
    });
    let mut farm = fast();
    let mut block = 0;
    group.bench_function("fast", |bench| {
        bench.iter(|| {
            block += 1;
            farm.set_block_number(block).expect("a later block");
            farm.update_pool(black_box(0)).expect("an update");
        });
    });
    group.finish();

    let mut group = c.benchmark_group("MasterChef, a deposit with its payout among a hundred stakers");
    let mut farm = exact();
    let mut block = 0;
    group.bench_function("exact", |bench| {
        bench.iter(|| {
            block += 1;
            farm.set_block_number(block).expect("a later block");
            farm.deposit(Owner::new(7), black_box(0), units(1)).expect("a deposit")
        });
    });
    let mut farm = fast();
    let mut block = 0;
    group.bench_function("fast", |bench| {
        bench.iter(|| {
            block += 1;
            farm.set_block_number(block).expect("a later block");
            farm.deposit(Owner::new(7), black_box(0), 1.0).expect("a deposit")
        });
    });
    group.finish();
}

/// One farm, a loop of scalars over paths: what anybody would write.
struct Scalar {
    acc: f64,
    last: f64,
    others: f64,
    stake: f64,
    mark: f64,
    owed: f64,
}

impl Scalar {
    fn stake(&mut self, rate: f64, now: f64, amount: f64) {
        self.acc += rate * (now - self.last) / (self.others + self.stake);
        self.last = now;
        self.owed += self.stake * (self.acc - self.mark);
        self.mark = self.acc;
        self.stake += amount;
    }
}

fn lanes(c: &mut Criterion) {
    let mut group = c.benchmark_group("farm in lanes, per lane");
    group.throughput(Throughput::Elements(LANES));
    let start = FarmStart { accounts: 1, others: 1e6 };
    let amount = Lanes::splat(1e-3);
    for (name, emission) in [
        ("constant", Emission::constant(1e6).expect("a rate")),
        ("halving", Emission::halving(1e6, "90d".parse::<SimDuration>().expect("a time")).expect("a schedule")),
        ("decay", Emission::decay(1e6, "90d".parse::<SimDuration>().expect("a time")).expect("a schedule")),
    ] {
        let mut farm: Box<dyn FarmLanes<PACK>> = MasterChefModel::new(emission).build(&start).expect("a farm");
        let mut time = [0; PACK];
        group.bench_function(format!("{name}: stake"), |bench| {
            bench.iter(|| {
                for now in &mut time {
                    *now += SECOND;
                }
                farm.stake(black_box(&time), 0, &amount);
            });
        });
        let mut out = [Lanes::ZERO];
        group.bench_function(format!("{name}: pending"), |bench| {
            bench.iter(|| {
                farm.pending(black_box(&time), 0, &mut out);
                black_box(&out);
            });
        });
        let mut others = Lanes::splat(1e6);
        group.bench_function(format!("{name}: others come and go"), |bench| {
            bench.iter(|| {
                for l in 0..PACK {
                    time[l] += SECOND;
                    others[l] *= 1.000_000_1;
                }
                farm.set_others(black_box(&time), &others);
            });
        });
    }
    let mut farms: Vec<Scalar> =
        (0..PACK).map(|_| Scalar { acc: 0.0, last: 0.0, others: 1e6, stake: 0.0, mark: 0.0, owed: 0.0 }).collect();
    let mut now = 0.0;
    group.bench_function("stake, plain scalar", |bench| {
        bench.iter(|| {
            now += 1.0;
            for farm in &mut farms {
                farm.stake(black_box(0.03), now, 1e-3);
            }
            black_box(&farms);
        });
    });
    group.finish();
}

criterion_group!(benches, one_by_one, lanes);
criterion_main!(benches);
