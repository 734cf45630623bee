use cenote_amm::{Exact, Fast, U256};

use super::*;
use crate::farm::test_support::{Choices, tokens};

const ALICE: Owner = Owner::new(1);
const BOB: Owner = Owner::new(2);
const DAY: u64 = 86_400;

fn range(lower: i32, upper: i32) -> TickRange {
    TickRange { lower, upper }
}

fn whole(count: u64) -> U256 {
    U256::from(count) * U256::from(10).pow(U256::from(18))
}

#[test]
fn refusals_change_nothing() {
    let mut farm = MasterChefV3::<Exact>::new();
    farm.add(1, 0, 1_000_000, true).unwrap();
    farm.deposit(ALICE, 1, 1, range(-60, 60), 1000, NO_BOOST).unwrap();
    farm.set_block_timestamp(50).unwrap();
    let before = farm.clone();
    assert_eq!(farm.deposit(ALICE, 2, 1, range(-60, 60), 0, NO_BOOST), Err(ChefV3Error::NoLiquidity { token: 2 }));
    assert_eq!(farm.deposit(ALICE, 2, 0, range(-60, 60), 1, NO_BOOST), Err(ChefV3Error::InvalidPid { pid: 0, pools: 1 }));
    assert_eq!(farm.deposit(ALICE, 2, 2, range(-60, 60), 1, NO_BOOST), Err(ChefV3Error::InvalidPid { pid: 2, pools: 1 }));
    assert_eq!(farm.deposit(BOB, 1, 1, range(-60, 60), 1, NO_BOOST), Err(ChefV3Error::DepositedAlready { token: 1 }));
    assert_eq!(farm.deposit(ALICE, 2, 1, range(60, 60), 1, NO_BOOST), Err(ChefV3Error::InvalidRange { lower: 60, upper: 60 }));
    let full = farm.deposit(BOB, 2, 1, range(60, 120), 999_001, NO_BOOST);
    assert_eq!(full, Err(ChefV3Error::TickOverflow { tick: 60, liquidity: 1_000_001, most: 1_000_000 }));
    assert_eq!(farm.harvest(BOB, 1), Err(ChefV3Error::NotOwner { token: 1, caller: 2 }));
    assert_eq!(farm.withdraw(ALICE, 9), Err(ChefV3Error::NotOwner { token: 9, caller: 1 }));
    assert_eq!(farm.update_liquidity(9, 5, NO_BOOST), Err(ChefV3Error::InvalidNft { token: 9 }));
    assert_eq!(farm.update_liquidity(1, u128::MAX, NO_BOOST), Err(ChefV3Error::LiquidityOverflow));
    assert_eq!(farm.set_period_duration(DAY - 1), Err(ChefV3Error::InvalidPeriodDuration { duration: DAY - 1 }));
    assert_eq!(farm.set_block_timestamp(49), Err(ChefV3Error::ClockRunsBack { now: 50, to: 49 }));
    assert_eq!(farm, before);
    farm.update_liquidity(1, 0, NO_BOOST).unwrap();
    assert_eq!(farm.harvest(ALICE, 1), Err(ChefV3Error::NoLiquidity { token: 1 }));
}

/// Periods follow one another, boosts are capped, and nobody in range means that nobody gets it.
#[test]
fn periods_boosts_and_ranges() {
    let mut farm = MasterChefV3::<Exact>::new();
    farm.add(3, 0, u128::MAX, true).unwrap();
    farm.add(1, 0, u128::MAX, true).unwrap();
    farm.upkeep(whole(864), 5, true).unwrap();
    assert_eq!(
        (farm.reward_per_second(), farm.period_end()),
        (whole(864) * U256::from(1_000_000_000_000_u64) / U256::from(DAY), DAY)
    );
    // Three quarters of a hundredth of a token a second go to the first pool.
    farm.set_block_timestamp(1000).unwrap();
    farm.deposit(ALICE, 1, 1, range(-60, 60), 1000, 5 * NO_BOOST).unwrap();
    farm.deposit(BOB, 2, 1, range(0, 600), 1000, 0).unwrap();
    assert_eq!((farm.pools()[0].total_liquidity(), farm.pools()[0].total_boost_liquidity()), (2000, 3000));
    assert!((tokens(farm.forgone()) - 7.5).abs() < 1e-12);
    farm.set_block_timestamp(2000).unwrap();
    farm.swapped(1, 60).unwrap();
    assert_eq!((farm.pools()[0].liquidity_in_range(), farm.pools()[0].tick()), (1000, 60));
    farm.set_block_timestamp(3000).unwrap();
    farm.swapped(1, -61).unwrap();
    assert_eq!(farm.pools()[0].liquidity_in_range(), 0);
    farm.set_block_timestamp(4000).unwrap();
    farm.swapped(1, -60).unwrap();
    assert!((tokens(farm.forgone()) - 15.0).abs() < 1e-12);
    assert_eq!(farm.pools()[0].liquidity_in_range(), 2000);
    farm.set_block_timestamp(5000).unwrap();
    let (a, b) = (farm.harvest(ALICE, 1).unwrap(), farm.withdraw(BOB, 2).unwrap());
    assert!((tokens(a) - (5.0 + 7.5)).abs() < 1e-12, "{a}");
    assert!((tokens(b) - (2.5 + 7.5)).abs() < 1e-12, "{b}");
    assert_eq!(farm.reward_balance() + farm.paid(), farm.funded());

    // A new period takes over what is left; without a period there is nothing.
    farm.set_block_timestamp(DAY / 2).unwrap();
    farm.upkeep(whole(432), 2 * DAY, true).unwrap();
    assert!((tokens(farm.reward_per_second()) / 1e12 - 0.005).abs() < 1e-12);
    farm.set_block_timestamp(100 * DAY).unwrap();
    let last = farm.withdraw(ALICE, 1).unwrap();
    assert!((tokens(last) - 0.75 * (0.01 * (43_200.0 - 5000.0) + 864.0)).abs() < 1e-9, "{last}");
}

/// 10,000 operations in both lanes at once.
#[test]
fn the_lanes_agree_over_ten_thousand_operations() {
    for seed in 1..4 {
        let mut choices = Choices(seed);
        let (mut exact, mut fast) = (MasterChefV3::<Exact>::new(), MasterChefV3::<Fast>::new());
        for points in [10, 25] {
            exact.add(points, 0, u128::MAX, true).unwrap();
            fast.add(points, 0, u128::MAX, true).unwrap();
        }
        let (mut now, mut worst, mut total) = (0, 0.0_f64, 0.0);
        for _ in 0..10_000 {
            now += choices.below(600);
            exact.set_block_timestamp(now).unwrap();
            fast.set_block_timestamp(now).unwrap();
            let token = choices.below(12);
            let owner = Owner::new(u32::try_from(token % 3).unwrap() + 1);
            let pid = u32::try_from(token % 2).unwrap() + 1;
            let liquidity = u128::from(1 + choices.below(1 << 40)) << 30;
            let multiplier = NO_BOOST + choices.below(NO_BOOST);
            let tick = i32::try_from(choices.below(40)).unwrap() * 30 - 600;
            let (paid, too) = match choices.below(8) {
                0 => {
                    let ends = range(tick, tick + 60 + i32::try_from(choices.below(10)).unwrap() * 60);
                    let done = exact.deposit(owner, token, pid, ends, liquidity, multiplier);
                    assert_eq!(done, fast.deposit(owner, token, pid, ends, liquidity, multiplier));
                    (U256::ZERO, 0.0)
                }
                1 => (exact.harvest(owner, token).unwrap_or_default(), fast.harvest(owner, token).unwrap_or_default()),
                2 if choices.below(3) == 0 => {
                    (exact.withdraw(owner, token).unwrap_or_default(), fast.withdraw(owner, token).unwrap_or_default())
                }
                3 => {
                    let done = exact.update_liquidity(token, liquidity, multiplier);
                    assert_eq!(done, fast.update_liquidity(token, liquidity, multiplier));
                    (U256::ZERO, 0.0)
                }
                4 => {
                    exact.upkeep(whole(1000), choices.below(4) * DAY, true).unwrap();
                    fast.upkeep(1000.0, exact.period_end() - now, true).unwrap();
                    (U256::ZERO, 0.0)
                }
                _ => {
                    exact.swapped(pid, tick).unwrap();
                    fast.swapped(pid, tick).unwrap();
                    (U256::ZERO, 0.0)
                }
            };
            worst = worst.max((tokens(paid) - too).abs() / tokens(paid).max(1.0));
            total += too;
            assert_eq!(exact.funded(), exact.paid() + exact.reward_balance());
            let due: U256 = (0..12).filter_map(|token| exact.pending(token).ok()).sum();
            assert!(due + exact.forgone() <= exact.reward_balance() + U256::from(10_000));
            assert_eq!(exact.pools()[0].liquidity_in_range(), fast.pools()[0].liquidity_in_range());
        }
        println!("seed {seed}: worst {worst:e}, paid {} and {total}", exact.paid());
        assert!(worst < 1e-8 && (tokens(exact.paid()) / total - 1.0).abs() < 1e-9 && total > 1000.0);
    }
}

/// A pool in which everything is staked, and nothing boosted, has as much liquidity in range as its farm: wherever swaps end, on ticks too.
#[test]
fn the_farm_follows_its_pool() {
    use cenote_amm::concentrated::FeeTier;
    use cenote_amm::{Concentrated, OneForZero, Pool, SwapRequest, TokenIndex, ZeroForOne};

    let mut choices = Choices(11);
    let mut pool = Concentrated::<Exact>::pancakeswap_v3(FeeTier::BP_30);
    pool.initialize_at_price(1.0).unwrap();
    let mut farm = MasterChefV3::<Exact>::new();
    farm.add(1, pool.v3().tick().unwrap(), pool.v3().max_liquidity_per_tick(), true).unwrap();
    for token in 0..40 {
        let lower = i32::try_from(choices.below(60)).unwrap() * 60 - 1800;
        let ends = range(lower, lower + 60 + i32::try_from(choices.below(20)).unwrap() * 60);
        let liquidity = u128::from(1 + choices.below(1 << 40)) << 30;
        pool.v3_mut().mint(ALICE, ends, liquidity).unwrap();
        farm.deposit(ALICE, token, 1, ends, liquidity, NO_BOOST).unwrap();
    }
    let mut crossed = 0;
    for _ in 0..2000 {
        let before = pool.v3().tick();
        if choices.below(3) == 0 {
            // To the very price of a tick.
            let tick = i32::try_from(choices.below(60)).unwrap() * 60 - 1800;
            if let Some(request) = pool.swap_to(TokenIndex(0), TokenIndex(1), 1.0001_f64.powi(tick)) {
                pool.swap(&request).unwrap();
            }
        } else {
            let direction = if choices.below(2) == 0 { ZeroForOne } else { OneForZero };
            let _ = pool.swap(&SwapRequest::exact_in(direction, U256::from(1 + (choices.next() >> choices.below(20)))));
        }
        let tick = pool.v3().tick().unwrap();
        farm.swapped(1, tick).unwrap();
        assert_eq!(farm.pools()[0].liquidity_in_range(), pool.v3().liquidity());
        crossed += u32::from(before != Some(tick));
    }
    assert!(crossed > 1000, "{crossed}");
}
