//! What every strategy does where nothing is ever done: it tries each step once, and then waits.

use cenote_units::SimDuration;

use crate::hand::{World, days, farm, lending, pool};
use crate::{
    AnyStrategy, Asset, BestYield, EnterWith, FarmId, Farming, Guard, Guarded, InVault, Lend, LendingId, Looping, Parts, PoolId,
    Portfolio, Refusal, Rewards, Staged, Stake, Strategy, TokenId, VaultId, WayOut,
};

const ETH: TokenId = TokenId(0);
const USDC: TokenId = TokenId(1);
const MAIN: PoolId = PoolId(0);
const FARM: Asset = Asset::Farm { farm: FarmId(0), stake: Stake::Pool(MAIN) };
const LOAN: Asset = Asset::Lending { lending: LendingId(0), token: ETH };
const VAULT: Asset = Asset::Vault { vault: VaultId(0), stake: Stake::Pool(MAIN) };

fn world() -> World {
    let pools = vec![pool([0, 1], [1e5, 2e8]), pool([2, 1], [1e7, 2e7])];
    let world = World::new(&[2000.0, 1.0, 2.0], pools).with_farms(vec![farm(Stake::Pool(MAIN), &[2])]);
    world.with_lending(vec![lending(0, 0.01), lending(1, 0.04)]).with_vaults(&[0])
}

fn strategies() -> Vec<AnyStrategy> {
    let farming = || Farming::new(FarmId(0), Stake::Pool(MAIN)).markets(vec![PoolId(1)]);
    let looping = || Looping::new((LendingId(0), ETH), (LendingId(1), USDC), 0.7).unwrap().markets(vec![MAIN]);
    let markets = vec![MAIN, PoolId(1)];
    let guard = Guard::new(MAIN, USDC).stop_price(ETH, 1500.0, 2500.0);
    let staged = |strategy: AnyStrategy| {
        let way_out = WayOut { from: days(6), parts: Parts { count: 4, over: days(4) }, into: Some(USDC) };
        let way_in = Parts { count: 3, over: days(3) };
        Staged::new(strategy, MAIN, 1.0).unwrap().way_in(way_in).unwrap().way_out(way_out).unwrap()
    };
    let inside = vec![
        AnyStrategy::new(farming()),
        AnyStrategy::new(farming().every(Rewards::Compound, days(1)).unwrap()),
        AnyStrategy::new(farming().every(Rewards::Sell { into: USDC }, days(1)).unwrap()),
        AnyStrategy::new(farming().optimal(Rewards::Hold, 1e5).unwrap()),
        AnyStrategy::new(Lend::new(LendingId(0), ETH).markets(vec![MAIN])),
        AnyStrategy::new(looping()),
        AnyStrategy::new(looping().bounds(0.5, 0.66).unwrap()),
        AnyStrategy::new(InVault::new(VaultId(0), Stake::Pool(MAIN))),
        AnyStrategy::new(
            Portfolio::new(vec![(FARM, 1.0), (LOAN, 1.0), (VAULT, 1.0)], markets.clone()).unwrap().drift(0.05).unwrap(),
        ),
        AnyStrategy::new(BestYield::new(vec![LOAN, FARM, VAULT, Asset::Pool(MAIN)], days(1)).unwrap().markets(markets)),
    ];
    let around = |strategy: &AnyStrategy| {
        let entered = AnyStrategy::new(EnterWith::new(strategy.clone(), USDC));
        [entered.clone(), AnyStrategy::new(Guarded::new(entered.clone(), guard)), AnyStrategy::new(staged(entered))]
    };
    inside.iter().flat_map(around).chain(inside.iter().cloned()).collect()
}

/// Refused from the beginning, or after it has entered; for a time, or for ever.
#[test]
fn nobody_spins() {
    for refusal in [Refusal::Frozen, Refusal::Nothing, Refusal::Pool { pool: MAIN }] {
        for (from, to) in [(0, 99), (1, 99), (0, 5), (3, 8)] {
            for ranged in [false, true] {
                for mut strategy in strategies() {
                    let mut world = world();
                    world.pools[0].ranged = ranged;
                    world.enter(&strategy.entry(), 1e5);
                    for day in 0..20 {
                        world.refuses = (from..to).contains(&day).then_some(refusal);
                        // Prices that make it move, and rewards that are worth it.
                        world.prices[0] = if day % 8 < 4 { 2000.0 } else { 1850.0 };
                        if world.staked[0].staked > 0.0 {
                            world.earn(0, 0, 100.0);
                        }
                        world.farms[0].apr = if day % 4 < 2 { 0.5 } else { 0.0 };
                        let done = world.run(&mut strategy);
                        assert!(done.len() <= 60, "{strategy:?}: {done:#?}");
                        let _ = world.wake(&strategy);
                        world.wait(SimDuration::from_nanos(days(1).as_nanos()));
                    }
                    assert!(world.worth().is_finite() && world.worth() > 0.5e5, "{strategy:?}: {}", world.worth());
                }
            }
        }
    }
}
