use super::*;
use crate::hand::{World, days, farm, lending, pool};
use crate::{Farming, Guard, Guarded, LendingId, Looping, Parts, Staged, Strategy, Wake, WayOut};

const ETH: TokenId = TokenId(0);
const USDC: TokenId = TokenId(1);
const MAIN: PoolId = PoolId(0);
const FARM: FarmId = FarmId(0);

/// ETH/USDC, CAKE/USDC, and a farm of the first that pays CAKE.
fn world(ranged: bool) -> World {
    let pools = vec![pool([0, 1], [1e4, 2e7]), pool([2, 1], [1e7, 2e7])];
    let mut world = World::new(&[2000.0, 1.0, 2.0], pools).with_farms(vec![farm(Stake::Pool(MAIN), &[2])]);
    world.pools[0].ranged = ranged;
    world
}

#[test]
fn a_farm_with_a_stop_loss_is_left_with_its_rewards() {
    for ranged in [false, true] {
        let mut world = world(ranged);
        let guard = Guard::new(MAIN, USDC).stop_price(ETH, 1500.0, f64::INFINITY);
        let inside = Farming::new(FARM, Stake::Pool(MAIN));
        let mut strategy = Guarded::new(inside, guard).markets(vec![PoolId(1)]);
        world.enter(&strategy.entry(), 1e5);
        world.run_well(&mut strategy);
        world.earn(0, 0, 50.0);
        world.prices[0] = 1400.0;
        // Frozen first.
        world.farms[0].open = false;
        assert_eq!(world.run_well(&mut strategy), []);
        assert_eq!(world.wake(&strategy), Wake::EVERY_BLOCK);
        world.wait(days(1));
        assert_eq!(world.run_well(&mut strategy), []);
        world.farms[0].open = true;
        let done = world.run_well(&mut strategy);
        let burned =
            |action: &Action| matches!(action, Action::Burn { fraction: 1.0, .. } | Action::BurnRange { fraction: 1.0, .. });
        assert!(matches!(done[0], Action::Unstake { farm: FARM, fraction: 1.0 }) && burned(&done[1]), "{done:#?}");
        assert_eq!(done.len(), 4, "{done:#?}");
        assert!(world.wallet[0] < 1e-9 && world.wallet[2] == 0.0 && (world.worth() - world.wallet[1]).abs() < 1e-6);
        assert_eq!((world.run(&mut strategy), world.wake(&strategy)), (vec![], Wake::NEVER));
    }
}

#[test]
fn a_farm_is_left_part_by_part() {
    for ranged in [false, true] {
        let mut world = world(ranged);
        let way_out = WayOut { from: days(1), parts: Parts { count: 4, over: days(4) }, into: Some(USDC) };
        let inside = Farming::new(FARM, Stake::Pool(MAIN));
        let mut strategy = Staged::new(inside, MAIN, 1.0).unwrap().way_out(way_out).unwrap().markets(vec![PoolId(1)]);
        world.enter(&strategy.entry(), 1e5);
        world.run_well(&mut strategy);
        let all = world.lp[0];
        for part in 1..=4_u32 {
            world.earn(0, 0, 5.0);
            world.wait(days(1));
            let done = world.run_well(&mut strategy);
            let left = 1.0 - f64::from(part) / 4.0;
            assert!((world.lp[0] / all - left).abs() < 1e-9, "{ranged}: {} {left} {done:#?}", world.lp[0] / all);
            let staked = if ranged { f64::from(u8::from(part < 4)) } else { world.lp[0] };
            assert!((world.staked[0].staked - staked).abs() < 1e-6, "{ranged}: {:?} {done:#?}", world.staked);
            assert!(world.wallet[0] < 1e-9 && world.wallet[2] < 1e-9, "{ranged}: {:?} {done:#?}", world.wallet);
        }
        assert_eq!(world.run(&mut strategy), []);
        assert_eq!(world.wake(&strategy), Wake::NEVER);
    }
}

#[test]
fn a_levered_loan_is_left_part_by_part() {
    let loans = vec![lending(0, 0.01), lending(1, 0.04)];
    let mut world = World::new(&[2000.0, 1.0], vec![pool([0, 1], [1e6, 2e9])]).with_lending(loans);
    let way_out = WayOut { from: days(1), parts: Parts { count: 2, over: days(2) }, into: Some(USDC) };
    let inside = Looping::new((LendingId(0), ETH), (LendingId(1), USDC), 0.7).unwrap().markets(vec![MAIN]);
    let mut strategy = Staged::new(inside, MAIN, 0.5).unwrap().way_out(way_out).unwrap();
    world.enter(&strategy.entry(), 1e5);
    world.run_well(&mut strategy);
    let (supplied, owed) = (world.lent[0].supplied, world.lent[1].owed);
    assert_eq!(world.wallet[0], 25.0);
    world.wait(days(1));
    let done = world.run_well(&mut strategy);
    assert!((world.lent[0].supplied / supplied - 0.5).abs() < 1e-6 && (world.lent[1].owed / owed - 0.5).abs() < 1e-6, "{done:#?}");
    world.wait(days(1));
    world.run_well(&mut strategy);
    assert!(world.lent.iter().all(|own| own.owed < 1e-3 && own.supplied < 1e-6), "{:?}", world.lent);
    // The half that it was never given stays.
    assert!((world.wallet[0] - 25.0).abs() < 1e-6 && world.worth() > 0.98e5, "{:?}", world.wallet);
}

#[test]
fn what_is_kept_in_the_wallet_stays_there() {
    let mut world = world(false);
    world.wallet = vec![1.0, 2.0, 3.0];
    let mut exit = Exit::part(1.0, vec![1.0, 2.0, 3.0]);
    let ranges = world.ranges();
    assert_eq!(exit.next(&world, &world.position(&ranges), &[MAIN], Some(USDC)), None);
}
