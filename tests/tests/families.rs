//! Pools with LP tokens of every family in the same world: books that balance, admin fees included, and the exact lane beside the fast.

use std::sync::Arc;

use cenote_amm::stableswap::PoolFee;
use cenote_amm::weighted::Weights;
use cenote_amm::{Exact, Fast, Lifted, PoolModel, StableSwapModel, Weighted};
use cenote_paths::ExpOu;
use cenote_sim::{MetricUnit, PoolMetric, PositionMetric, Scenario};
use cenote_tests::scenes::{arbitrageur, duration, every, gbm, noise, passive, poisson, scene};
use cenote_tests::table::{run, run_alone};
use cenote_units::Fee;

const SEED: u64 = 41;

fn stableswap(admin: u64) -> StableSwapModel {
    let parts = |parts| PoolFee::from_parts(parts).expect("a fee");
    StableSwapModel::first_generation(&[18, 6], 200, parts(4_000_000), parts(admin)).expect("a pool")
}

fn ng(offpeg: u64) -> StableSwapModel {
    StableSwapModel::ng(&[18, 6], 200, PoolFee::from_parts(4_000_000).expect("a fee"), offpeg).expect("a pool")
}

/// Arbitrage, noise, a position; every token followed.
fn stable(clock: cenote_sim::Clock, pool: Arc<dyn PoolModel>) -> Scenario {
    let peg = ExpOu::new(1.0, 1.0, duration("12h"), "5%".parse().expect("a volatility")).expect("parameters in range");
    Scenario {
        agents: vec![arbitrageur(0.0), noise()],
        positions: vec![passive()],
        warm_up: duration("1d"),
        audit: true,
        ..scene(clock, Arc::new(peg), pool, "20d")
    }
}

/// An 80/20 pool in both lanes.
fn weighted() -> (Scenario, Scenario) {
    let weights = Weights::percent(&[80, 20]).expect("weights");
    let fee = Fee::bp(30).expect("a fee");
    let scenario = |pool| Scenario {
        agents: vec![arbitrageur(0.0), noise()],
        positions: vec![passive()],
        audit: true,
        ..scene(every("1h"), gbm(0.0, 0.8), pool, "20d")
    };
    let fast = Weighted::<Fast>::balancer_v3(&weights, fee).with_decimals(&[18, 6]).expect("decimals");
    let exact = Weighted::<Exact>::balancer_v3(&weights, fee).with_decimals(&[18, 6]).expect("decimals");
    (
        scenario(Arc::new(Lifted::weighted(fast, &[0.8, 0.2])) as Arc<dyn PoolModel>),
        scenario(Arc::new(Lifted::weighted(exact, &[0.8, 0.2]))),
    )
}

/// The audit follows every token and the attribution adds up on every path, or the run fails.
#[test]
fn books_balance() {
    for model in [stableswap(0), stableswap(5_000_000_000), ng(PoolFee::DENOMINATOR), ng(20 * PoolFee::DENOMINATOR)] {
        for clock in [every("1h"), poisson("1h")] {
            let table = run(&stable(clock, Arc::new(model.clone())), SEED, 130);
            let (fees, taken) = (table.pool(0, PoolMetric::Fees), table.pool(0, PoolMetric::ProtocolFees));
            for (fees, taken) in fees.iter().zip(taken) {
                assert!(*fees > 0.0);
                // Half of the fees, but for what the pool's price and the outside price make of a coin.
                assert!(*taken == 0.0 || (taken / fees - 1.0).abs() < 1e-2, "{taken} {fees}");
            }
            assert!(table.position(0, PositionMetric::Fees).iter().all(|fees| *fees > 0.0));
        }
    }
    let table = run(&weighted().0, SEED, 64);
    assert!(table.position(0, PositionMetric::Fees).iter().all(|fees| *fees > 0.0));
    assert!(table.pool(0, PoolMetric::Tvl).iter().all(|tvl| *tvl > 0.0));
}

#[test]
fn a_path_alone_has_the_bits_it_has_in_a_pack() {
    let scenario = stable(poisson("1h"), Arc::new(stableswap(5_000_000_000)));
    let all = run(&scenario, SEED, 130).bits();
    for path in [0, 64, 129] {
        for (column, alone) in all.iter().zip(run_alone(&scenario, SEED, path).bits()) {
            assert_eq!(column[path as usize], alone[0], "path {path}");
        }
    }
}

/// Money to a millionth of what is in the pool.
#[test]
fn the_exact_lane_agrees() {
    let model = ng(PoolFee::DENOMINATOR);
    let pairs = [(stable(every("1h"), Arc::new(model.clone())), stable(every("1h"), Arc::new(model.exact()))), weighted()];
    for (fast, exact) in pairs {
        let columns: Vec<_> = fast.columns().collect();
        for path in 0..2 {
            let (fast, exact) = (run_alone(&fast, SEED, path), run_alone(&exact, SEED, path));
            for ((column, fast), exact) in columns.iter().zip(fast.values).zip(exact.values) {
                let money = column.unit() == MetricUnit::Money;
                let scale = if money { fast[0].abs().max(1e5) } else { fast[0].abs().max(1.0) };
                assert!((fast[0] - exact[0]).abs() <= 1e-5 * scale, "path {path}, {column:?}: {} {}", fast[0], exact[0]);
            }
        }
    }
}
