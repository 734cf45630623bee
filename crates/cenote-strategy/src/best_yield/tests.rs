use super::*;
use crate::hand::{World, days, farm, lending, pool};
use crate::market::{Bridge, TokenId};
use crate::venue::Stake;
use crate::{EnterWith, FarmId, LendingId};

const ETH: TokenId = TokenId(0);
const USDC: TokenId = TokenId(1);
const MAIN: PoolId = PoolId(0);
const FARM: Asset = Asset::Farm { farm: FarmId(0), stake: Stake::Pool(MAIN) };
const LOAN: Asset = Asset::Lending { lending: LendingId(0), token: USDC };

/// ETH/USDC, CAKE/USDC, a farm of the first that pays CAKE, and loans of USDC.
fn world() -> World {
    let pools = vec![pool([0, 1], [1e5, 2e8]), pool([2, 1], [1e7, 2e7])];
    let mut world = World::new(&[2000.0, 1.0, 2.0], pools).with_farms(vec![farm(Stake::Pool(MAIN), &[2])]);
    world.farms[0].apr = 0.02;
    world.with_lending(vec![lending(1, 0.05)])
}

fn best(assets: &[Asset]) -> BestYield {
    BestYield::new(assets.to_vec(), days(1)).unwrap().markets(vec![MAIN, PoolId(1)])
}

fn next_day(world: &mut World, strategy: &mut BestYield) -> Vec<Action> {
    assert_eq!(world.run(strategy), []);
    assert_eq!(world.wake(strategy), Wake::at(world.time.checked_add(days(1)).unwrap()));
    world.wait(days(1));
    world.run_well(strategy)
}

#[test]
fn it_goes_where_the_yield_is() {
    let (mut world, mut strategy) = (world(), best(&[LOAN, FARM]));
    world.enter(&strategy.entry(), 1e5);
    assert_eq!(world.run_well(&mut strategy), [Action::Supply { lending: LendingId(0), amount: 1e5 }]);
    assert_eq!(next_day(&mut world, &mut strategy), []);
    // 3% a year for 30 days is 0.25%; half of it is to be swapped, which costs 0.15%.
    world.farms[0].apr = 0.065;
    assert_eq!(next_day(&mut world, &mut strategy), []);
    world.farms[0].apr = 0.08;
    let done = next_day(&mut world, &mut strategy);
    assert!(matches!(done[0], Action::Withdraw { .. }) && matches!(done[done.len() - 1], Action::Stake { .. }), "{done:#?}");
    assert!(world.worth() < 1e5 && world.worth() > 0.998e5);
    let staked = world.staked[0].staked;
    assert!(staked == world.lp[0] && staked * world.lp_value(MAIN) > 0.998e5, "{:?}", world.wallet);
    // And back, with its rewards.
    world.earn(0, 0, 100.0);
    world.farms[0].apr = 0.01;
    let done = next_day(&mut world, &mut strategy);
    assert!(matches!(done[..2], [Action::Unstake { .. }, Action::Burn { .. }]), "{done:#?}");
    assert!((world.worth() - world.lent[0].supplied).abs() < 1.0 && world.wallet[2] < 1e-9, "{:?} {done:#?}", world.wallet);
    assert_eq!(next_day(&mut world, &mut strategy), []);
}

#[test]
fn gas_and_hysteresis_hold_it_back() {
    let gas = MoveGas { deposit: 1e5, withdraw: 1e5, swap: 1e5, mint: 1e5, burn: 1e5, bridge: 0.0 };
    for (strategy, moves) in [
        (best(&[LOAN, FARM]), true),
        (best(&[LOAN, FARM]).gas(gas).unwrap(), false),
        (best(&[LOAN, FARM]).gas(gas).unwrap().patience(days(300)).unwrap(), true),
        (best(&[LOAN, FARM]).hysteresis(0.06).unwrap(), false),
    ] {
        let (mut world, mut strategy) = (world(), strategy);
        world.gas = 1e-3;
        world.farms[0].apr = 0.1;
        world.enter(&strategy.entry(), 1e5);
        world.run_well(&mut strategy);
        assert_eq!(!next_day(&mut world, &mut strategy).is_empty(), moves, "{strategy:?}");
    }
}

#[test]
fn fees_are_measured() {
    let (mut world, mut strategy) = (world(), best(&[LOAN, Asset::Pool(MAIN)]).patience(days(60)).unwrap());
    world.enter(&strategy.entry(), 1e5);
    world.run_well(&mut strategy);
    assert_eq!(next_day(&mut world, &mut strategy), []);
    // 0.1% in a day is 36.5% a year; a mean of 7 days has 13% of that a day after.
    for reserve in &mut world.pools[0].reserves {
        *reserve *= 1.001;
    }
    let done = next_day(&mut world, &mut strategy);
    assert!(done.is_empty(), "the mean is 4.9%, and a loan pays 5%: {done:#?}");
    let mean = strategy.fees[1].mean.unwrap();
    assert!((mean - 365.0 * 1.001_f64.ln() * (1.0 - (-1.0_f64 / 7.0).exp())).abs() < 1e-9, "{mean}");
    for reserve in &mut world.pools[0].reserves {
        *reserve *= 1.001;
    }
    assert!(!next_day(&mut world, &mut strategy).is_empty());
    assert!(world.lp[0] > 0.0 && world.lent[0].supplied < 1e-6);
}

/// Between a pool, its farm and another of its farms liquidity is staked and unstaked, and nothing is burned or swapped but rewards.
#[test]
fn liquidity_stays_in_its_pool() {
    let other = Asset::Farm { farm: FarmId(1), stake: Stake::Pool(MAIN) };
    let gas = MoveGas { deposit: 1e5, withdraw: 1e5, swap: 1e9, mint: 1e9, burn: 1e9, bridge: 0.0 };
    let (mut world, mut strategy) = (world(), best(&[Asset::Pool(MAIN), FARM, other]).gas(gas).unwrap());
    world.gas = 1e-6;
    world.farms.push(crate::hand::HandFarm { apr: 0.0, ..farm(Stake::Pool(MAIN), &[2]) });
    world.staked.push(crate::FarmPosition::default());
    world.farms[0].apr = 0.0;
    world.enter(&strategy.entry(), 1e5);
    assert_eq!(world.run_well(&mut strategy), [Action::Mint { pool: MAIN, fraction: 1.0 }]);
    let lp = world.lp[0];
    world.farms[0].apr = 0.1;
    let (unstake, stake) = (|farm| Action::Unstake { farm, fraction: 1.0 }, |farm| Action::Stake { farm, fraction: 1.0 });
    assert_eq!(next_day(&mut world, &mut strategy), [stake(FarmId(0))]);
    world.farms[1].apr = 0.2;
    assert_eq!(next_day(&mut world, &mut strategy), [unstake(FarmId(0)), stake(FarmId(1))]);
    // Rewards go where the rest goes.
    world.earn(1, 0, 100.0);
    (world.farms[0].apr, world.farms[1].apr) = (0.0, -0.1);
    let done = next_day(&mut world, &mut strategy);
    assert!(done[0] == unstake(FarmId(1)) && matches!(done[done.len() - 1], Action::Mint { .. }), "{done:#?}");
    assert!(!done.iter().any(|action| matches!(action, Action::Burn { .. })), "{done:#?}");
    assert!(world.lp[0] > lp && world.wallet[2] < 1e-3, "{:?}", world.wallet);
}

#[test]
fn what_is_frozen_waits_for_the_next_look() {
    let (mut world, mut strategy) = (world(), best(&[FARM, LOAN]));
    world.enter(&strategy.entry(), 1e5);
    world.run_well(&mut strategy);
    world.farms[0].open = false;
    world.lending[0].supply_rate = 0.2;
    assert_eq!(next_day(&mut world, &mut strategy), []);
    world.farms[0].open = true;
    assert!(!next_day(&mut world, &mut strategy).is_empty());
    assert!(world.lent[0].supplied > 0.99e5);
}

#[test]
fn it_enters_with_another_token() {
    let (mut world, mut strategy) = (world(), EnterWith::new(best(&[LOAN, FARM]), ETH));
    world.enter(&strategy.entry(), 1e5);
    world.run_well(&mut strategy);
    assert!(world.lent[0].supplied > 0.99e5, "{:?}", world.lent);
}

#[test]
fn it_crosses_a_bridge() {
    let mut world = world();
    world.elsewhere = vec![vec![], vec![0.0; 3]];
    world.pools.push(crate::hand::Pool { chain: ChainId(1), ..pool([0, 1], [1e5, 2e8]) });
    world.lp.push(0.0);
    world.farms.push(crate::hand::HandFarm { chain: ChainId(1), apr: 0.2, ..farm(Stake::Pool(PoolId(2)), &[1]) });
    world.staked.push(crate::FarmPosition::default());
    let bridge = Bridge { from: ChainId(0), to: ChainId(1), fraction: 1e-3, fixed: 10.0, delay: days(2), failure: 0.0 };
    world.bridges = vec![Bridge { fraction: 0.1, ..bridge }, bridge];
    let there = Asset::Farm { farm: FarmId(1), stake: Stake::Pool(PoolId(2)) };
    let assets = [LOAN, FARM, there];
    // Nothing to be gained where the bridge is dear.
    let mut dear = best(&assets).bridges(vec![BridgeId(0)]);
    let mut other = world.clone();
    other.enter(&dear.entry(), 1e5);
    other.run_well(&mut dear);
    assert_eq!(next_day(&mut other, &mut dear), []);

    let mut strategy = best(&assets).bridges(vec![BridgeId(0), BridgeId(1)]);
    world.enter(&strategy.entry(), 1e5);
    world.run_well(&mut strategy);
    let done = next_day(&mut world, &mut strategy);
    assert!(matches!(done[..], [Action::Withdraw { .. }, Action::Bridge { bridge: BridgeId(1), token: USDC, .. }]), "{done:#?}");
    assert_eq!(world.wake(&strategy), Wake::at(world.time.checked_add(days(2)).unwrap()));
    world.wait(days(1));
    assert_eq!(world.run(&mut strategy), []);
    world.wait(days(1));
    let done = world.run_well(&mut strategy);
    assert!(matches!(done[done.len() - 1], Action::Stake { farm: FarmId(1), .. }), "{done:#?}");
    let staked = world.staked[1].staked * world.lp_value(PoolId(2));
    assert!(staked > 0.995 * 1e5 && staked < 0.999 * 1e5, "{staked}");
    assert_eq!(next_day(&mut world, &mut strategy), []);
}

#[test]
fn what_is_no_choice_is_an_error() {
    assert_eq!(BestYield::new(vec![], days(1)), Err(StrategyError::NoWeight));
    assert!(BestYield::new(vec![LOAN], SimDuration::ZERO).is_err() && best(&[LOAN]).hysteresis(f64::NAN).is_err());
    assert!(best(&[LOAN]).gas(MoveGas { mint: -1.0, ..MoveGas::default() }).is_err());
}
