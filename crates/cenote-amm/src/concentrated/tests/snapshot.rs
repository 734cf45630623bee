//! A pool restored is the pool it was taken from, and what no pool could be is refused.

use core::mem::discriminant;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

use super::invariants::{operations, pool, run};
use crate::concentrated::{
    ConcentratedError, FeeTier, ProtocolFeeScheme, Snapshot, SnapshotError, TickLiquidity, TickRange, Trade, V3Pool, V4Pool,
    tick_math,
};
use crate::{Exact, Fast, Lane, OneForZero, Owner, SwapKind, U256, ZeroForOne};

/// What a chain would tell of the pool.
fn taken(pool: &V3Pool<Exact>, with_balances: bool) -> Snapshot {
    let tick = |(tick, info): (i32, &crate::concentrated::Tick<Exact>)| TickLiquidity {
        tick,
        gross: info.liquidity_gross(),
        net: info.liquidity_net(),
    };
    Snapshot {
        sqrt_price_x96: pool.sqrt_price().unwrap(),
        tick: pool.tick().unwrap(),
        liquidity: pool.liquidity(),
        ticks: pool.ticks().map(tick).collect(),
        balances: with_balances.then(|| pool.balances()),
    }
}

fn restored<L: Lane>(tier: FeeTier, snapshot: &Snapshot) -> Result<V3Pool<L>, SnapshotError> {
    let mut pool = V3Pool::new(tier, ProtocolFeeScheme::UniswapV3, [0, 0]);
    pool.restore(snapshot).map(|()| pool)
}

/// Swaps there and back in the pool and in what was restored from it.
fn swaps_agree(pool: &V3Pool<Exact>, snapshot: &Snapshot) -> TestCaseResult {
    let (mut pool, mut copy) = (pool.clone(), restored::<Exact>(pool.tier(), snapshot).unwrap());
    for (direction, amount) in [(ZeroForOne, 1_u64), (OneForZero, 1_000_000), (ZeroForOne, 10_u64.pow(18)), (OneForZero, u64::MAX)]
    {
        let trade = pool.unlimited(direction, SwapKind::ExactIn, U256::from(amount));
        prop_assert_eq!(copy.swap(&trade), pool.swap(&trade));
        prop_assert_eq!((copy.tick(), copy.liquidity(), copy.sqrt_price()), (pool.tick(), pool.liquidity(), pool.sqrt_price()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    /// Whatever happened to a pool, it can be restored, to the unit; and without its balances there are enough to empty it.
    #[test]
    fn any_pool_can_be_restored(operations in operations(10)) {
        let mut original = pool::<Exact>(FeeTier::BP_5, 1.0);
        for operation in &operations {
            let _ = run(&mut original, operation);
        }
        swaps_agree(&original, &taken(&original, true))?;
        let bare = taken(&original, false);
        let least = restored::<Exact>(original.tier(), &bare).unwrap();
        for direction in [ZeroForOne, OneForZero] {
            let all: Trade<Exact> = least.unlimited(direction, SwapKind::ExactIn, U256::MAX >> 1);
            let emptied = least.clone().swap(&all);
            prop_assert!(emptied == original.clone().swap(&all), "{emptied:?}");
        }
        // A hair less is not enough to be this pool.
        for side in 0..2 {
            let mut balances = least.balances();
            let few = U256::from(2 * bare.ticks.len());
            if balances[side] > few {
                balances[side] -= few;
                let short = Snapshot { balances: Some(balances), ..bare.clone() };
                let refused = matches!(
                    restored::<Exact>(original.tier(), &short),
                    Err(SnapshotError::Balance { .. })
                );
                prop_assert!(refused);
            }
        }
    }
}

fn at(tick: i32, gross: u128, net: i128) -> TickLiquidity {
    TickLiquidity { tick, gross, net }
}

fn sample() -> Snapshot {
    Snapshot {
        sqrt_price_x96: tick_math::sqrt_price_at_tick(5).unwrap() + U256::from(1),
        tick: 5,
        liquidity: 70,
        ticks: vec![at(60, 90, -70), at(-60, 70, 70), at(0, 10, 10), at(120, 10, -10)],
        balances: None,
    }
}

#[test]
fn what_no_pool_could_be() {
    let refuse = |change: &dyn Fn(&mut Snapshot)| {
        let mut snapshot = sample();
        change(&mut snapshot);
        let mut pool = V3Pool::<Exact>::new(FeeTier::BP_30, ProtocolFeeScheme::UniswapV3, [0, 0]);
        let before = pool.clone();
        let refused = pool.restore(&snapshot).unwrap_err();
        assert_eq!(pool, before);
        let mut v4 = V4Pool::<Fast>::new(3000, 60, [0, 0]).unwrap();
        assert_eq!(discriminant(&v4.restore(&snapshot).unwrap_err()), discriminant(&refused));
        refused
    };
    let fault = |change: &dyn Fn(&mut Snapshot)| match refuse(change) {
        SnapshotError::Concentrated(other) => panic!("{other:?}"),
        fault => fault,
    };
    assert!(matches!(
        refuse(&|s| s.sqrt_price_x96 = U256::ZERO),
        SnapshotError::Concentrated(ConcentratedError::InvalidSqrtPrice { .. })
    ));
    assert!(matches!(
        refuse(&|s| s.ticks[0].tick = 61),
        SnapshotError::Concentrated(ConcentratedError::TickMisaligned { tick: 61, spacing: 60 })
    ));
    assert!(matches!(
        refuse(&|s| s.ticks[0].tick = 900_000),
        SnapshotError::Concentrated(ConcentratedError::InvalidTick { tick: 900_000 })
    ));
    assert!(matches!(
        refuse(&|s| s.ticks[1].gross = u128::MAX),
        SnapshotError::Concentrated(ConcentratedError::TickLiquidityOverflow { tick: -60, .. })
    ));
    assert_eq!(fault(&|s| s.tick = 4), SnapshotError::Tick { tick: 4, at_price: 5 });
    assert_eq!(fault(&|s| s.ticks[0].tick = 120), SnapshotError::Repeated { tick: 120 });
    // More net than gross, an odd difference, nothing at all.
    assert_eq!(fault(&|s| s.ticks[1].gross = 69), SnapshotError::Liquidity { tick: -60, gross: 69.0, net: 70.0 });
    assert_eq!(fault(&|s| s.ticks[0].gross = 91), SnapshotError::Liquidity { tick: 60, gross: 91.0, net: -70.0 });
    assert_eq!(fault(&|s| s.ticks.push(at(180, 0, 0))), SnapshotError::Liquidity { tick: 180, gross: 0.0, net: 0.0 });
    assert_eq!(fault(&|s| s.ticks.truncate(3)), SnapshotError::Unbalanced { tick: 60, liquidity: 10.0 });
    assert_eq!(fault(&|s| s.ticks.retain(|tick| tick.tick != -60)), SnapshotError::Unbalanced { tick: 60, liquidity: -60.0 });
    assert_eq!(fault(&|s| s.liquidity = 71), SnapshotError::InRange { given: 71.0, counted: 80.0 });
    let unfunded = |s: &mut Snapshot| {
        s.liquidity = 80_000_000;
        for tick in &mut s.ticks {
            (tick.gross, tick.net) = (tick.gross * 1_000_000, tick.net * 1_000_000);
        }
        s.balances = Some([U256::MAX, U256::from(1)]);
    };
    assert!(matches!(fault(&unfunded), SnapshotError::Balance { token: 1, balance: 1.0, worth } if worth > 2e5));
}

#[test]
fn a_snapshot_is_a_beginning() {
    let snapshot = Snapshot { liquidity: 80, ..sample() };
    let mut pool = restored::<Exact>(FeeTier::BP_30, &snapshot).unwrap();
    assert_eq!(pool.restore(&snapshot), Err(ConcentratedError::AlreadyInitialized.into()));
    assert_eq!(pool.initialize(snapshot.sqrt_price_x96), Err(ConcentratedError::AlreadyInitialized));
    // Newcomers share ticks with what is there, and leave it as it was.
    let before = pool.clone();
    let (alice, range) = (Owner::new(1), TickRange::new(-60, 60));
    pool.mint(alice, range, 1_000_000).unwrap();
    assert_eq!((pool.liquidity(), pool.tick_info(60).unwrap().liquidity_gross()), (1_000_080, 1_000_090));
    pool.burn(alice, range, 1_000_000).unwrap();
    let owed = pool.position(alice, range).tokens_owed();
    pool.collect(alice, range, owed).unwrap();
    assert!(pool.ticks().eq(before.ticks()));
    assert_eq!(pool.liquidity(), 80);
    assert!(pool.balances() >= before.balances());

    // Down on a tick the pool's tick is the one below, and both ways of saying so are states of a pool.
    let down: &dyn Fn(i32, u128) -> Snapshot =
        &|tick, liquidity| Snapshot { sqrt_price_x96: tick_math::sqrt_price_at_tick(0).unwrap(), tick, liquidity, ..sample() };
    for (tick, liquidity) in [(0, 80), (-1, 70)] {
        let pool = restored::<Fast>(FeeTier::BP_30, &down(tick, liquidity)).unwrap();
        assert_eq!((pool.tick(), pool.sqrt_price()), (Some(tick), Some(1.0)));
    }
    assert!(restored::<Fast>(FeeTier::BP_30, &down(-1, 80)).is_err());
}
