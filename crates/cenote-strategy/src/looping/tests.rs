use super::*;
use crate::hand::{World, days, lending, pool};
use crate::{EnterWith, Guard, Guarded};

const ETH: TokenId = TokenId(0);
const USDC: TokenId = TokenId(1);
const MAIN: PoolId = PoolId(0);

/// Loans of ETH and of USDC, and a pool of both.
fn world() -> World {
    World::new(&[2000.0, 1.0], vec![pool([0, 1], [1e6, 2e9])]).with_lending(vec![lending(0, 0.01), lending(1, 0.04)])
}

fn long() -> Looping {
    Looping::new((LendingId(0), ETH), (LendingId(1), USDC), 0.7).unwrap().markets(vec![MAIN]).loops(4).unwrap()
}

fn ratio(world: &World) -> f64 {
    world.lent[1].owed / (world.lent[0].supplied * world.prices[0])
}

#[test]
fn loops_reach_the_closed_form() {
    let (mut world, mut strategy) = (world(), long());
    world.enter(&strategy.entry(), 1e5);
    let done = world.run_well(&mut strategy);
    // Supply, and four times borrow, swap, supply.
    assert_eq!(done.len(), 13, "{done:#?}");
    let reached = 0.7 * (1.0 - 0.7_f64.powi(4)) / (1.0 - 0.7_f64.powi(5));
    assert!((strategy.reached() / reached - 1.0).abs() < 1e-14);
    assert!((ratio(&world) - reached).abs() < 2e-3, "{} {reached}", ratio(&world));
    let levered = world.lent[0].supplied * 2000.0 / world.worth();
    assert!((levered * (1.0 - reached) - 1.0).abs() < 0.01, "{levered}");
    assert_eq!((world.run(&mut strategy), world.wake(&strategy)), (vec![], Wake::NEVER));
}

#[test]
fn the_same_token_needs_no_swap() {
    let mut world = world();
    let mut strategy = Looping::new((LendingId(1), USDC), (LendingId(1), USDC), 0.7).unwrap().loops(2).unwrap();
    world.enter(&strategy.entry(), 1e5);
    assert_eq!(world.run_well(&mut strategy).len(), 5);
    assert!((world.lent[1].supplied - 2.19e5).abs() < 1e-6 && (world.lent[1].owed - 1.19e5).abs() < 1e-6, "{:?}", world.lent);
}

#[test]
fn a_debt_that_leaves_its_bounds_is_brought_back() {
    for (price, ways) in [(1850.0, "down"), (2800.0, "up")] {
        let (mut world, mut strategy) = (world(), long().bounds(0.5, 0.66).unwrap());
        world.enter(&strategy.entry(), 1e5);
        world.run_well(&mut strategy);
        assert_eq!((world.run(&mut strategy), world.wake(&strategy)), (vec![], Wake::EVERY_BLOCK));
        world.prices[0] = price;
        world.pools[0] = pool([0, 1], [1e6, price * 1e6]);
        assert!(!(0.5..=0.66).contains(&ratio(&world)), "{}", ratio(&world));
        let before = world.worth();
        let done = world.run_well(&mut strategy);
        assert!((ratio(&world) - strategy.reached()).abs() < 2e-3, "{ways}: {} {done:#?}", ratio(&world));
        assert!(world.worth() < before && world.worth() > 0.99 * before);
        assert!(world.wallet[0] * price + world.wallet[1] < 1e-3 * before, "{:?}", world.wallet);
        assert_eq!(world.run(&mut strategy), []);
    }
}

#[test]
fn what_is_lent_out_is_tried_a_day_later() {
    let (mut world, mut strategy) = (world(), long().bounds(0.5, 0.66).unwrap());
    world.enter(&strategy.entry(), 1e5);
    world.run_well(&mut strategy);
    world.prices[0] = 1850.0;
    world.lending[0].liquidity = 0.0;
    assert_eq!(world.run(&mut strategy), []);
    assert_eq!(world.wake(&strategy), Wake::at(world.time.checked_add(days(1)).unwrap()));
    world.lending[0].liquidity = 1e9;
    assert_eq!(world.run(&mut strategy), []);
    world.wait(days(1));
    world.run_well(&mut strategy);
    assert!(ratio(&world) < 0.66, "{}", ratio(&world));
}

#[test]
fn a_guard_takes_all_of_it_apart() {
    let mut world = world();
    let guard = Guard::new(MAIN, USDC).stop_price(ETH, 1900.0, f64::INFINITY);
    let mut strategy = Guarded::new(EnterWith::new(long(), USDC), guard);
    world.enter(&strategy.entry(), 1e5);
    let done = world.run_well(&mut strategy);
    assert_eq!(done.len(), 14, "{done:#?}");
    world.prices[0] = 1850.0;
    world.pools[0] = pool([0, 1], [1e6, 1850.0 * 1e6]);
    let before = world.worth();
    let done = world.run_well(&mut strategy);
    assert!(world.lent.iter().all(|own| own.owed < 1e-3 && own.supplied < 1e-6), "{:?} {done:#?}", world.lent);
    assert!(world.wallet[0] < 1e-6 && world.wallet[1] > 0.98 * before, "{:?} {before}", world.wallet);
    assert_eq!(world.wake(&strategy), Wake::NEVER);
}

#[test]
fn what_is_no_loan_is_an_error() {
    assert!(Looping::new((LendingId(0), ETH), (LendingId(1), USDC), 1.0).is_err());
    assert!(long().loops(0).is_err() && long().bounds(0.7, 0.6).is_err() && long().every(SimDuration::ZERO).is_err());
}
