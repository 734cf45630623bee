//! Lending and vaults: a pack of paths at a time beside a loop of scalars, and the contract's operations in both arithmetics.

use std::hint::black_box;

use cenote_amm::{Exact, Fast, Owner};
use cenote_units::{Lanes, PACK};
use cenote_yield::lending::{
    Collateral, Formulas, LendingLanes, Market, RateModel, ReserveConfig, ReserveId, ReserveLanes, ReserveModel,
};
use cenote_yield::vault::{Vault, VaultFees, VaultLanes};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const N: u64 = PACK as u64;
const HOUR: u64 = 3_600_000_000_000;
/// In seconds.
const YEAR: u64 = 31_536_000;

fn rates() -> RateModel {
    let rate = |text: &str| text.parse().expect("a rate");
    RateModel::new(rate("0%"), rate("4%"), rate("75%"), "80%".parse().expect("a fraction")).expect("a model")
}

fn model() -> ReserveModel {
    let fraction = |text: &str| text.parse().expect("a fraction");
    ReserveModel::new(rates(), fraction("10%"), 1e9, fraction("75%")).expect("a model")
}

/// A reserve as one writes it first: one path, the standard library's exponential, branches.
#[derive(Clone, Copy)]
struct Obvious {
    last: u64,
    supply_index: f64,
    borrow_index: f64,
    liquidity: f64,
    supply: f64,
    debt: f64,
    own_scaled: f64,
    supply_rate: f64,
    borrow_rate: f64,
}

impl Obvious {
    fn new() -> Self {
        Self {
            last: 0,
            supply_index: 1.0,
            borrow_index: 1.0,
            liquidity: 2.5e8,
            supply: 1e9,
            debt: 7.5e8,
            own_scaled: 0.0,
            supply_rate: 0.03,
            borrow_rate: 0.04,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "as one writes it first")]
    fn advance(&mut self, time: u64, utilisation: f64) {
        let years = (time - self.last) as f64 / 31_536_000e9;
        self.last = time;
        let (earned, owed) = ((self.supply_rate * years).exp(), (self.borrow_rate * years).exp());
        self.supply_index *= earned;
        self.supply *= earned;
        self.borrow_index *= owed;
        self.debt *= owed;
        let total = self.liquidity + self.debt;
        self.debt = (total * utilisation).max(self.own_scaled * self.borrow_index);
        self.liquidity = total - self.debt;
        let utilisation = self.debt / total;
        self.borrow_rate = if utilisation > 0.8 { 0.04 + 0.75 * (utilisation - 0.8) / 0.2 } else { 0.04 * utilisation / 0.8 };
        self.supply_rate = self.borrow_rate * utilisation * 0.9;
    }
}

/// Utilisations on both sides of the kink.
fn utilisations() -> [Lanes<PACK>; 4] {
    std::array::from_fn(|step| {
        Lanes(std::array::from_fn(|lane| {
            let place = u32::try_from((lane * 37 + step * 11) % 64).expect("small");
            0.6 + f64::from(place) / 160.0
        }))
    })
}

fn lanes(c: &mut Criterion) {
    let mut group = c.benchmark_group("lending lanes");
    group.throughput(Throughput::Elements(N));
    let utilisations = utilisations();
    let mut reserve = ReserveLanes::<PACK>::new(&model(), 2);
    let mut block = 0_usize;
    let mut next = || {
        block += 1;
        (block as u64 * HOUR, block % 4)
    };
    group.bench_function("advance", |b| {
        b.iter(|| {
            let (time, step) = next();
            reserve.advance(black_box(&[time; PACK]), &utilisations[step]);
        });
    });
    let mut reserve = ReserveLanes::<PACK>::new(&model(), 2);
    group.bench_function("accrue", |b| {
        b.iter(|| {
            let (time, _) = next();
            reserve.accrue(black_box(&[time; PACK]));
        });
    });
    let mut reserve = ReserveLanes::<PACK>::new(&model(), 2);
    group.bench_function("supply and withdraw", |b| {
        b.iter(|| {
            let mut amount = Lanes::splat(black_box(1000.0));
            reserve.supply(0, &mut amount);
            reserve.withdraw(0, &mut amount);
            black_box(&amount);
        });
    });
    let mut paths = [Obvious::new(); PACK];
    group.bench_function("advance, obvious", |b| {
        b.iter(|| {
            let (time, step) = next();
            for (path, utilisation) in paths.iter_mut().zip(&utilisations[step].0) {
                path.advance(black_box(time), *utilisation);
            }
            black_box(&paths);
        });
    });
    group.finish();

    let mut group = c.benchmark_group("vault lanes");
    group.throughput(Throughput::Elements(N));
    let fees = VaultFees::new("10%".parse().expect("a fraction"), "2%".parse().expect("a rate")).expect("fees");
    let mut vault = VaultLanes::<PACK>::new(1e6, fees, 1);
    group.bench_function("advance and harvest", |b| {
        b.iter(|| {
            let (time, _) = next();
            vault.advance(black_box(&[time; PACK]));
            vault.harvest(&Lanes::splat(1.0));
        });
    });
    group.finish();
}

fn market<L: Formulas>() -> (Market<L>, ReserveId, ReserveId) {
    let scaled = |amount: f64| L::amount_from_f64(amount * L::scale(18)).expect("an amount");
    let mut market = Market::new();
    let collateral = Collateral::new(7_500, 8_000, 10_500).expect("collateral");
    let config = ReserveConfig::new(18, rates()).and_then(|config| config.with_reserve_factor_bp(1000)).expect("a reserve");
    let ether = market.add_reserve(config.with_collateral(collateral), scaled(2000.0)).expect("a reserve");
    let usd = market.add_reserve(config, scaled(1.0)).expect("a reserve");
    market.supply(Owner::new(1), usd, scaled(1e6)).expect("a supply");
    market.supply(Owner::new(2), ether, scaled(500.0)).expect("a supply");
    market.borrow(Owner::new(2), usd, scaled(6e5)).expect("a loan");
    (market, ether, usd)
}

fn contract<L: Formulas + cenote_yield::vault::Formulas>(c: &mut Criterion) {
    let mut group = c.benchmark_group(format!("aave-v3 {}", L::NAME));
    group.throughput(Throughput::Elements(1));
    let amount = L::amount_from_f64(1000.0 * L::scale(18)).expect("an amount");
    let (fresh, _, usd) = market::<L>();
    let (mut all, mut time) = (fresh.clone(), 0);
    group.bench_function("supply and withdraw", |b| {
        b.iter(|| {
            // Interest would make the loan too large for its collateral in some years: millions of iterations.
            if time > YEAR {
                (all, time) = (fresh.clone(), 0);
            }
            time += 12;
            all.set_time(time).expect("time moves on");
            all.supply(Owner::new(1), usd, black_box(amount)).expect("a supply");
            all.withdraw(Owner::new(1), usd, amount).expect("a withdrawal")
        });
    });
    let (mut all, mut time) = (fresh.clone(), 0);
    group.bench_function("borrow and repay", |b| {
        b.iter(|| {
            // Interest would make the loan too large for its collateral in some years: millions of iterations.
            if time > YEAR {
                (all, time) = (fresh.clone(), 0);
            }
            time += 12;
            all.set_time(time).expect("time moves on");
            all.borrow(Owner::new(2), usd, black_box(amount)).expect("a loan");
            all.repay(Owner::new(2), usd, amount).expect("a repayment")
        });
    });
    group.bench_function("health factor", |b| b.iter(|| fresh.account(black_box(Owner::new(2))).expect("an account")));
    let mut vault = Vault::<L>::new(18, 0).expect("a vault");
    vault.deposit(Owner::new(1), amount).expect("a deposit");
    group.bench_function("vault: deposit and redeem", |b| {
        b.iter(|| {
            let shares = vault.deposit(Owner::new(2), black_box(amount)).expect("a deposit");
            vault.redeem(Owner::new(2), shares).expect("a redemption")
        });
    });
    group.finish();
}

criterion_group!(benches, lanes, contract::<Exact>, contract::<Fast>);
criterion_main!(benches);
