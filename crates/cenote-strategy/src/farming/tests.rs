use super::*;
use crate::hand::{World, days, farm, pool};
use crate::{EnterWith, Parts, Staged, compounding_threshold};

const ETH: TokenId = TokenId(0);
const USDC: TokenId = TokenId(1);
const CAKE: TokenId = TokenId(2);
const MAIN: PoolId = PoolId(0);
const FARM: FarmId = FarmId(0);

/// ETH/USDC, CAKE/USDC, and a farm of the first that pays CAKE.
fn world() -> World {
    let pools = vec![pool([0, 1], [1e4, 2e7]), pool([2, 1], [1e7, 2e7])];
    World::new(&[2000.0, 1.0, 2.0], pools).with_farms(vec![farm(Stake::Pool(MAIN), &[2])])
}

fn entered(world: &mut World, strategy: &mut Farming) {
    world.enter(&strategy.entry(), 1e5);
    world.run_well(strategy);
}

fn of_pool() -> Farming {
    Farming::new(FARM, Stake::Pool(MAIN)).markets(vec![PoolId(1)])
}

#[test]
fn liquidity_is_staked_and_left() {
    let (mut world, mut strategy) = (world(), of_pool());
    world.enter(&strategy.entry(), 1e5);
    let done = world.run_well(&mut strategy);
    assert_eq!(done, [Action::Mint { pool: MAIN, fraction: 1.0 }, Action::Stake { farm: FARM, fraction: 1.0 }]);
    assert_eq!(world.wake(&strategy), Wake::NEVER);
    assert!(world.staked[0].staked == world.lp[0] && world.lp[0] > 0.0);
}

#[test]
fn rewards_are_sold_and_nothing_else() {
    let (mut world, mut strategy) = (world(), of_pool().every(Rewards::Sell { into: USDC }, days(7)).unwrap());
    entered(&mut world, &mut strategy);
    assert_eq!(world.wake(&strategy), Wake::at(SimTime::ZERO.checked_add(days(7)).unwrap()));
    // What was in the wallet before stays there.
    world.wallet = vec![0.5, 100.0, 3.0];
    strategy.rested = Some(world.wallet.clone());
    world.earn(0, 0, 40.0);
    world.wait(days(6));
    assert_eq!(world.run(&mut strategy), []);
    world.wait(days(1));
    let done = world.run_well(&mut strategy);
    let swap = Action::Swap { pool: PoolId(1), token_in: CAKE, token_out: USDC, amount_in: 40.0 };
    assert_eq!(done, [Action::Claim { farm: FARM }, swap]);
    assert_eq!((world.wallet[0], world.wallet[2]), (0.5, 3.0));
    assert!((world.wallet[1] - 100.0 - 80.0 * 0.997).abs() < 1e-3, "{}", world.wallet[1]);
    // Nothing to claim: nothing done.
    world.wait(days(7));
    assert_eq!(world.run(&mut strategy), []);
    assert_eq!(world.wake(&strategy), Wake::at(world.time.checked_add(days(7)).unwrap()));
}

#[test]
fn rewards_are_held() {
    let (mut world, mut strategy) = (world(), of_pool().every(Rewards::Hold, days(1)).unwrap());
    entered(&mut world, &mut strategy);
    world.earn(0, 0, 40.0);
    world.wait(days(1));
    assert_eq!(world.run_well(&mut strategy), [Action::Claim { farm: FARM }]);
    assert_eq!(world.wallet[2], 40.0);
}

#[test]
fn rewards_become_liquidity() {
    for ranged in [false, true] {
        let (mut world, mut strategy) = (world(), of_pool().every(Rewards::Compound, days(1)).unwrap());
        world.pools[0].ranged = ranged;
        entered(&mut world, &mut strategy);
        world.wallet = vec![0.5, 100.0, 0.0];
        let before = world.lp[0];
        world.earn(0, 0, 1000.0);
        world.wait(days(1));
        let done = world.run_well(&mut strategy);
        // CAKE for USDC, half of that for ETH.
        let swaps = done.iter().filter(|action| matches!(action, Action::Swap { .. })).count();
        assert_eq!(swaps, 2, "{done:#?}");
        assert!(matches!(done[done.len() - 1], Action::Stake { fraction: 1.0, .. }), "{done:#?}");
        let grown = (world.lp[0] - before) / before;
        assert!((grown / 0.02 - 1.0).abs() < 0.01, "{grown}");
        // What was there before is there after, and little is left of the rewards.
        assert!(world.wallet[0] >= 0.5 && world.wallet[1] >= 100.0 && world.wallet[2] == 0.0, "{:?}", world.wallet);
        assert!((world.wallet[0] - 0.5) * 2000.0 + world.wallet[1] - 100.0 < 20.0, "{:?}", world.wallet);
        assert_eq!(world.staked[0].staked, if ranged { 1.0 } else { world.lp[0] });
    }
}

#[test]
fn a_token_of_the_pool_as_reward_is_told_from_the_principal() {
    let mut world = world();
    world.farms[0].rewards = vec![USDC];
    let mut strategy = of_pool().every(Rewards::Compound, days(1)).unwrap();
    entered(&mut world, &mut strategy);
    world.wallet = vec![0.0, 5000.0, 0.0];
    strategy.rested = Some(world.wallet.clone());
    world.earn(0, 0, 1000.0);
    world.wait(days(1));
    let done = world.run_well(&mut strategy);
    assert!(matches!(done[1], Action::Swap { token_in: USDC, token_out: ETH, amount_in, .. } if (amount_in - 500.0).abs() < 1.0));
    assert!((4999.99..5010.0).contains(&world.wallet[1]), "{:?}", world.wallet);
}

#[test]
fn a_token_alone_is_staked_with_its_rewards() {
    let mut world = World::new(&[2000.0, 1.0, 2.0], vec![]).with_farms(vec![farm(Stake::Token(CAKE), &[2])]);
    let mut strategy = Farming::new(FARM, Stake::Token(CAKE)).every(Rewards::Compound, days(1)).unwrap();
    assert_eq!(strategy.entry(), Entry::Tokens(vec![(CAKE, 1.0)]));
    entered(&mut world, &mut strategy);
    assert_eq!(world.staked[0].staked, 5e4);
    world.wallet[2] = 7.0;
    strategy.rested = Some(world.wallet.clone());
    world.earn(0, 0, 3.0);
    world.wait(days(1));
    assert_eq!(world.run_well(&mut strategy), [Action::Claim { farm: FARM }, Action::Stake { farm: FARM, fraction: 0.3 }]);
    assert!((world.staked[0].staked - 50_003.0).abs() < 1e-9 && (world.wallet[2] - 7.0).abs() < 1e-9);
}

#[test]
fn claimed_when_it_is_worth_the_gas() {
    let (mut world, mut strategy) = (world(), of_pool().optimal(Rewards::Hold, 1e5).unwrap());
    world.gas = 1e-4;
    entered(&mut world, &mut strategy);
    let goal = 1e5 * compounding_threshold(10.0 / 1e5) / 2.0;
    let (mut looks, mut claims) = (0, Vec::new());
    let mut wake = world.wake(&strategy);
    for hour in 1..=24 * 60 {
        world.wait(SimDuration::from_nanos(3_600_000_000_000));
        world.earn(0, 0, goal / 240.0);
        if wake.every_block || world.time >= wake.at {
            looks += 1;
            if !world.run_well(&mut strategy).is_empty() {
                claims.push(hour);
            }
            wake = world.wake(&strategy);
        }
    }
    // It looks a little before it pays, and claims as soon as it does.
    assert_eq!(claims.len(), 6, "{claims:?}");
    assert!(claims.windows(2).all(|two| (two[1] - two[0] - 240_i32).abs() <= 3), "{claims:?}");
    assert!(looks < 100, "{looks}");
}

#[test]
fn more_comes_little_by_little() {
    let parts = Parts { count: 4, over: days(4) };
    let (mut world, inner) = (world(), of_pool().every(Rewards::Sell { into: USDC }, days(30)).unwrap());
    let mut strategy = Staged::new(EnterWith::new(inner, USDC), MAIN, 1.0).unwrap().way_in(parts).unwrap();
    world.enter(&strategy.entry(), 1e5);
    for day in 1..=4_u32 {
        let done = world.run_well(&mut strategy);
        assert!(matches!(done[..], [Action::Swap { .. }, Action::Mint { .. }, Action::Stake { .. }]), "{done:#?}");
        assert!((world.wallet[1] / 1e5 - f64::from(4 - day) / 4.0).abs() < 0.01 + 1e-3 * f64::from(day), "{:?}", world.wallet);
        // Staking pays these into the wallet: they are no principal.
        world.earn(0, 0, 1.0);
        world.wait(days(1));
    }
    assert!((world.wallet[2] - 3.0).abs() < 1e-9, "{:?}", world.wallet);
    assert_eq!(world.staked[0].staked, world.lp[0]);
}

#[test]
fn a_frozen_farm_is_asked_again() {
    let (mut world, mut strategy) = (world(), of_pool().every(Rewards::Hold, days(2)).unwrap());
    entered(&mut world, &mut strategy);
    world.farms[0].open = false;
    world.earn(0, 0, 1.0);
    world.wait(days(2));
    assert_eq!(world.run(&mut strategy), []);
    assert_eq!(world.wake(&strategy), Wake::at(world.time.checked_add(days(2)).unwrap()));
    world.farms[0].open = true;
    world.wait(days(2));
    assert_eq!(world.run_well(&mut strategy), [Action::Claim { farm: FARM }]);
}

#[test]
fn rewards_that_were_locked_are_sold_when_they_come_free() {
    let (mut world, mut strategy) = (world(), of_pool().every(Rewards::Sell { into: USDC }, days(7)).unwrap());
    entered(&mut world, &mut strategy);
    world.wallet[2] = 5.0;
    world.wait(days(7));
    let done = world.run_well(&mut strategy);
    assert_eq!(done, [Action::Swap { pool: PoolId(1), token_in: CAKE, token_out: USDC, amount_in: 5.0 }]);
    world.wait(days(7));
    assert_eq!(world.run(&mut strategy), []);
}

#[test]
fn what_is_no_interval_is_an_error() {
    assert_eq!(of_pool().every(Rewards::Hold, SimDuration::ZERO), Err(StrategyError::NoInterval));
    assert!(of_pool().optimal(Rewards::Hold, f64::NAN).is_err());
}
