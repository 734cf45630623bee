use super::*;
use crate::hand::{World, days, farm, lending, pool};
use crate::{FarmId, LendingId, Stake, TokenId, VaultId};

const MAIN: PoolId = PoolId(0);
const USDC: TokenId = TokenId(1);
const FARM: Asset = Asset::Farm { farm: FarmId(0), stake: Stake::Pool(MAIN) };
const LOAN: Asset = Asset::Lending { lending: LendingId(0), token: USDC };
const VAULT: Asset = Asset::Vault { vault: VaultId(0), stake: Stake::Pool(MAIN) };

/// ETH/USDC, CAKE/USDC, a farm of the first that pays CAKE, a vault of it, and loans of USDC.
fn world() -> World {
    let pools = vec![pool([0, 1], [1e4, 2e7]), pool([2, 1], [1e7, 2e7])];
    let world = World::new(&[2000.0, 1.0, 2.0], pools).with_farms(vec![farm(Stake::Pool(MAIN), &[2])]);
    world.with_vaults(&[0]).with_lending(vec![lending(1, 0.04)])
}

#[test]
fn weights_share_out_the_deposit() {
    let holdings = vec![(Asset::Token(TokenId(0)), 1.0), (Asset::Pool(PoolId(2)), 3.0)];
    let portfolio = Portfolio::new(holdings, vec![]).unwrap();
    let tokens = Entry::Tokens(vec![(TokenId(0), 1.0)]);
    assert_eq!(portfolio.entry(), Entry::Mix(vec![(tokens, 0.25), (Entry::Pool(PoolId(2)), 0.75)]));
    assert_eq!(Portfolio::new(vec![], vec![]), Err(StrategyError::NoWeight));
    assert!(Portfolio::new(vec![(Asset::Token(TokenId(0)), -1.0)], vec![]).is_err());
    assert!(portfolio.clone().drift(0.0).is_err() && portfolio.every(SimDuration::ZERO).is_err());
}

fn weights(world: &World, assets: &[Asset]) -> Vec<f64> {
    let ranges = world.ranges();
    let position = world.position(&ranges);
    assets.iter().map(|asset| asset.value(world, &position) / world.worth()).collect()
}

#[test]
fn farms_loans_vaults_and_pools_keep_their_weights() {
    let assets = [Asset::Token(USDC), Asset::Pool(MAIN), FARM, LOAN, VAULT];
    let goal = [0.1, 0.2, 0.3, 0.2, 0.2];
    let mut world = world();
    let holdings = assets.into_iter().zip(goal).collect();
    let mut portfolio = Portfolio::new(holdings, vec![MAIN, PoolId(1)]).unwrap().every(days(30)).unwrap();
    world.enter(&portfolio.entry(), 1e5);
    world.run_well(&mut portfolio);
    let close = |weights: Vec<f64>| weights.iter().zip(goal).all(|(a, b)| (a - b).abs() < 1e-3);
    assert!(close(weights(&world, &assets)), "{:?}", weights(&world, &assets));
    assert!((world.worth() / 1e5 - 1.0).abs() < 1e-9, "{}", world.worth());
    // The farm pays a lot, and loans grow.
    world.earn(0, 0, 5000.0);
    world.lent[0].supplied *= 1.5;
    let before = world.worth();
    world.wait(days(29));
    assert_eq!(world.run(&mut portfolio), []);
    world.wait(days(1));
    let done = world.run_well(&mut portfolio);
    assert!(done.iter().any(|action| matches!(action, Action::Withdraw { .. })), "{done:#?}");
    assert!(close(weights(&world, &assets)), "{:?} {done:#?}", weights(&world, &assets));
    // Swaps of a fifth, at most, cost 0.3% of it and a little impact.
    assert!(world.worth() < before && world.worth() > 0.999 * before);
    assert_eq!(world.wallet[2], 0.0);
    assert_eq!(world.wake(&portfolio), Wake::at(world.time.checked_add(days(30)).unwrap()));
}

#[test]
fn what_is_frozen_stays() {
    let mut world = world();
    let mut portfolio = Portfolio::new(vec![(FARM, 0.5), (LOAN, 0.5)], vec![MAIN, PoolId(1)]).unwrap().every(days(1)).unwrap();
    world.enter(&portfolio.entry(), 1e5);
    world.run_well(&mut portfolio);
    world.farms[0].open = false;
    world.prices[0] = 4000.0;
    let staked = world.staked[0].staked;
    world.wait(days(1));
    assert!(world.run_well(&mut portfolio).len() < 3);
    assert_eq!(world.staked[0].staked, staked);
    world.farms[0].open = true;
    world.wait(days(1));
    world.run_well(&mut portfolio);
    assert!(world.staked[0].staked < staked);
}
