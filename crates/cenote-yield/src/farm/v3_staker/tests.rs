use cenote_amm::concentrated::FeeTier;
use cenote_amm::{Concentrated, Exact, Fast, OneForZero, Pool, SwapRequest, ZeroForOne};

use super::*;
use crate::farm::test_support::{Choices, tokens};

const ALICE: Owner = Owner::new(1);
const BOB: Owner = Owner::new(2);
const NARROW: TickRange = TickRange { lower: -600, upper: 600 };
const WIDE: TickRange = TickRange { lower: -60_000, upper: 60_000 };
const LIQUIDITY: u128 = 1_000_000_000_000_000_000_000;

fn key(start_time: u64, end_time: u64) -> IncentiveKey {
    IncentiveKey { reward_token: 3, pool: 0, start_time, end_time, refundee: BOB }
}

fn whole(count: u64) -> U256 {
    U256::from(count) * U256::from(10).pow(U256::from(18))
}

fn pool<L: Lane>() -> Concentrated<L> {
    let mut pool = Concentrated::<L>::uniswap_v3(FeeTier::BP_30);
    pool.initialize_at_price(1.0).unwrap();
    pool
}

#[test]
fn refusals_in_the_contracts_order() {
    let mut pool = pool::<Exact>();
    pool.v3_mut().mint(ALICE, NARROW, LIQUIDITY).unwrap();
    pool.v3_mut().set_block_timestamp(100);
    let mut staker = V3Staker::<Exact>::new(50, 1000);
    staker.set_block_timestamp(100).unwrap();
    assert_eq!(staker.set_block_timestamp(99), Err(StakerError::ClockRunsBack { now: 100, to: 99 }));
    let reward = whole(1);
    let create = |staker: &mut V3Staker<Exact>, key, reward| staker.create_incentive(key, reward);
    assert_eq!(create(&mut staker, key(110, 200), U256::ZERO), Err(StakerError::NoReward));
    assert_eq!(create(&mut staker, key(99, 200), reward), Err(StakerError::StartInThePast { start: 99, now: 100 }));
    assert_eq!(create(&mut staker, key(151, 200), reward), Err(StakerError::StartTooLate { start: 151, latest: 150 }));
    assert_eq!(create(&mut staker, key(110, 110), reward), Err(StakerError::EndsTooSoon { start: 110, end: 110 }));
    assert_eq!(create(&mut staker, key(110, 1111), reward), Err(StakerError::TooLong { duration: 1001, longest: 1000 }));
    let incentive = key(110, 200);
    create(&mut staker, incentive, reward).unwrap();

    let v3 = pool.v3();
    assert_eq!(staker.stake(ALICE, 1, incentive, 5, v3), Err(StakerError::NotOwner { token: 1, caller: 1 }));
    staker.deposit(ALICE, 1, NARROW);
    assert_eq!(staker.stake(ALICE, 1, incentive, 5, v3), Err(StakerError::NotStarted { start: 110, now: 100 }));
    staker.set_block_timestamp(120).unwrap();
    pool.v3_mut().set_block_timestamp(120);
    let v3 = pool.v3();
    assert_eq!(staker.stake(ALICE, 1, key(120, 130), 5, v3), Err(StakerError::NoIncentive));
    assert_eq!(staker.stake(ALICE, 1, incentive, 0, v3), Err(StakerError::NoLiquidity { token: 1 }));
    staker.deposit(ALICE, 2, WIDE);
    let nowhere = staker.stake(ALICE, 2, incentive, 5, v3);
    assert!(matches!(nowhere, Err(StakerError::Pool(_))), "{nowhere:?}");
    staker.stake(ALICE, 1, incentive, LIQUIDITY, v3).unwrap();
    assert_eq!(staker.stake(ALICE, 1, incentive, 5, v3), Err(StakerError::AlreadyStaked { token: 1 }));
    assert_eq!(staker.withdraw(ALICE, 1), Err(StakerError::TokenStaked { token: 1, stakes: 1 }));
    assert_eq!(staker.unstake(BOB, 1, incentive, v3), Err(StakerError::NotOwner { token: 1, caller: 2 }));
    assert_eq!(staker.unstake(ALICE, 1, key(120, 130), v3), Err(StakerError::NotStaked { token: 1 }));
    assert_eq!(staker.end_incentive(incentive), Err(StakerError::NotOver { end: 200, now: 120 }));

    staker.set_block_timestamp(200).unwrap();
    pool.v3_mut().set_block_timestamp(200);
    staker.deposit(BOB, 3, NARROW);
    assert_eq!(staker.stake(BOB, 3, incentive, 5, pool.v3()), Err(StakerError::Ended { end: 200, now: 200 }));
    assert_eq!(staker.end_incentive(incentive), Err(StakerError::StillStaked { stakes: 1 }));
    assert_eq!(staker.end_incentive(key(1, 2)), Err(StakerError::NoRefund));
    // Anybody can unstake now; the reward is still the owner's.
    let paid = staker.unstake(BOB, 1, incentive, pool.v3()).unwrap();
    assert_eq!(staker.rewards(ALICE, 3), paid);
    staker.transfer_deposit(ALICE, 1, BOB).unwrap();
    assert_eq!(staker.withdraw(ALICE, 1), Err(StakerError::NotOwner { token: 1, caller: 1 }));
    staker.withdraw(BOB, 1).unwrap();
    assert_eq!(staker.claim(ALICE, 3, U256::from(7)), Ok(U256::from(7)));
    assert_eq!(staker.claim(ALICE, 3, U256::ZERO), Ok(paid - U256::from(7)));
    assert_eq!(staker.end_incentive(incentive), Ok(reward - paid));
    assert_eq!(staker.end_incentive(incentive), Err(StakerError::NoRefund));
}

/// Seconds outside the range earn nothing, and whoever stakes late gets of what the early left.
#[test]
fn only_seconds_inside_count() {
    let mut pool = pool::<Exact>();
    pool.v3_mut().mint(ALICE, NARROW, LIQUIDITY).unwrap();
    pool.v3_mut().mint(BOB, WIDE, LIQUIDITY).unwrap();
    let mut staker = V3Staker::<Exact>::new(0, 1000);
    let incentive = key(0, 1000);
    staker.create_incentive(incentive, whole(1000)).unwrap();
    staker.deposit(ALICE, 1, NARROW);
    staker.deposit(BOB, 2, WIDE);
    staker.stake(ALICE, 1, incentive, LIQUIDITY, pool.v3()).unwrap();
    staker.stake(BOB, 2, incentive, LIQUIDITY, pool.v3()).unwrap();
    let to = |pool: &mut Concentrated<Exact>, staker: &mut V3Staker<Exact>, time| {
        pool.v3_mut().set_block_timestamp(time);
        staker.set_block_timestamp(time).unwrap();
    };
    to(&mut pool, &mut staker, 400);
    let out = pool.swap_to(cenote_amm::TokenIndex(0), cenote_amm::TokenIndex(1), 2.0).unwrap();
    pool.swap(&out).unwrap();
    assert!(!NARROW.contains(pool.v3().tick().unwrap()));
    to(&mut pool, &mut staker, 1000);
    // 400 seconds for half; Bob has the other half, and all of the other 600.
    let alice = staker.unstake(ALICE, 1, incentive, pool.v3()).unwrap();
    let bob = staker.unstake(BOB, 2, incentive, pool.v3()).unwrap();
    for (paid, expected) in [(alice, 200.0), (bob, 800.0)] {
        assert!((tokens(paid) - expected).abs() < 1e-12, "{paid}");
    }
    assert!(alice + bob <= whole(1000));
}

/// Random positions, stakes and swaps: never more is paid than was there, and both lanes pay the same.
#[test]
fn the_lanes_agree() {
    for seed in 1..4 {
        let mut choices = Choices(seed);
        let (mut exact_pool, mut fast_pool) = (pool::<Exact>(), pool::<Fast>());
        let (mut exact, mut fast) = (V3Staker::<Exact>::new(0, 1_000_000), V3Staker::<Fast>::new(0, 1_000_000));
        let incentive = key(0, 900_000);
        exact.create_incentive(incentive, whole(1_000_000)).unwrap();
        fast.create_incentive(incentive, 1e6).unwrap();
        let ranges: Vec<_> = (1..9).map(|n| TickRange { lower: -600 * n, upper: 600 * n }).collect();
        for (token, range) in (0_u64..).zip(&ranges) {
            let owner = Owner::new(u32::try_from(token % 3).unwrap() + 1);
            exact_pool.v3_mut().mint(owner, *range, LIQUIDITY).unwrap();
            fast_pool.v3_mut().mint(owner, *range, LIQUIDITY).unwrap();
            exact.deposit(owner, token, *range);
            fast.deposit(owner, token, *range);
        }
        let (mut now, mut worst) = (0, 0.0_f64);
        let (mut exact_paid, mut fast_paid) = (U256::ZERO, 0.0);
        for _ in 0..1000 {
            now += choices.below(900);
            exact_pool.v3_mut().set_block_timestamp(now);
            fast_pool.v3_mut().set_block_timestamp(now);
            exact.set_block_timestamp(now).unwrap();
            fast.set_block_timestamp(now).unwrap();
            let token = choices.below(8);
            let owner = Owner::new(u32::try_from(token % 3).unwrap() + 1);
            match choices.below(3) {
                0 => {
                    let direction = if choices.below(2) == 0 { ZeroForOne } else { OneForZero };
                    let amount = whole(choices.below(200));
                    if !amount.is_zero() {
                        let _ = exact_pool.swap(&SwapRequest::exact_in(direction, amount));
                        let _ = fast_pool.swap(&SwapRequest::exact_in(direction, tokens(amount)));
                    }
                    // Prices differ in the last digits, ticks do not unless a price stands on one.
                    assert_eq!(exact_pool.v3().tick(), fast_pool.v3().tick());
                }
                1 => {
                    let staked = exact.stake(owner, token, incentive, LIQUIDITY, exact_pool.v3());
                    assert_eq!(staked, fast.stake(owner, token, incentive, LIQUIDITY, fast_pool.v3()));
                }
                _ => {
                    let (paid, too) = (
                        exact.unstake(owner, token, incentive, exact_pool.v3()),
                        fast.unstake(owner, token, incentive, fast_pool.v3()),
                    );
                    match (paid, too) {
                        (Ok(paid), Ok(too)) => {
                            worst = worst.max((tokens(paid) - too).abs() / tokens(paid).max(1.0));
                            exact_paid += paid;
                            fast_paid += too;
                        }
                        (paid, too) => assert_eq!(paid.err(), too.err()),
                    }
                }
            }
            let left = exact.incentive(&incentive).unwrap().total_reward_unclaimed();
            assert_eq!(exact_paid + left, whole(1_000_000));
        }
        println!("seed {seed}: worst {worst:e}, paid {exact_paid} and {fast_paid}");
        assert!(worst < 1e-11 && exact_paid > whole(1000));
    }
}
