//! The fast lane against the exact lane over 10,000 operations.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::invariants::{Operation, operation, run};
use super::*;

/// Below so many whole tokens it is the exact lane's roundings to 6 decimals that differ.
const FLOOR: f64 = 1000.0;

/// The largest relative difference of an index, total or position.
fn distance(exact: &Market<Exact>, fast: &Market<Fast>) -> f64 {
    let now = exact.time();
    let mut worst = 0.0_f64;
    for (id, (a, b)) in exact.reserves().iter().zip(fast.reserves()).enumerate() {
        let id = ReserveId(u8::try_from(id).unwrap());
        let ray = |number| Exact::amount_to_f64(number) / 1e27;
        let mut pairs = vec![(ray(a.supply_index()), b.supply_index(), 0.0), (ray(a.borrow_index()), b.borrow_index(), 0.0)];
        let mut amounts = |x, y| pairs.push((whole::<Exact>(id, x), y, FLOOR));
        amounts(a.liquidity(), b.liquidity());
        amounts(a.total_supply(now).unwrap(), b.total_supply(now).unwrap());
        amounts(a.total_debt(now).unwrap(), b.total_debt(now).unwrap());
        for owner in (1..5).map(Owner::new) {
            amounts(a.balance(owner, now).unwrap(), b.balance(owner, now).unwrap());
            amounts(a.debt(owner, now).unwrap(), b.debt(owner, now).unwrap());
        }
        for (x, y, floor) in pairs {
            let scale: f64 = x.abs().max(floor);
            worst = worst.max((x - y).abs() / scale);
        }
    }
    worst
}

/// 10,000 operations of both lanes side by side. What one lane refuses on the brink and the other does not is left out by both: the
/// amounts are then equal within roundings, and which side of a limit they are on is chance.
#[test]
fn ten_thousand_operations_stay_together() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut exact, mut fast) = (market::<Exact>(), market::<Fast>());
    let (mut passed, mut disagreements, mut worst) = (0, 0, 0.0_f64);
    for step in 0..10_000 {
        let mut operation = operation().new_tree(&mut runner).unwrap().current();
        if let Operation::Wait { seconds } = &mut operation {
            *seconds = *seconds % 20_000 + 1;
        }
        if let Operation::Price { change } = &mut operation {
            // Back to where it began, on average.
            let price = fast.reserve(ETHER).unwrap().price();
            *change = (2000.0 / price - 1.0) * 0.5 + *change * 0.2;
        }
        let (kept_exact, kept_fast) = (exact.clone(), fast.clone());
        match (run(&mut exact, operation), run(&mut fast, operation)) {
            (Ok(()), Ok(())) => passed += 1,
            (Err(_), Err(_)) => {}
            _ => {
                disagreements += 1;
                (exact, fast) = (kept_exact, kept_fast);
            }
        }
        let distance = distance(&exact, &fast);
        worst = worst.max(distance);
        assert!(distance < 1e-8, "{step}: {operation:?}: {distance:e}");
    }
    println!("{passed} passed, {disagreements} on the brink, worst relative difference {worst:e}");
    assert!(passed > 4_000, "{passed}");
    assert!(disagreements < 50, "{disagreements}");
}
