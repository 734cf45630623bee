use cenote_amm::{Exact, Fast, U256};
use proptest::prelude::*;

use super::*;
use crate::farm::test_support::{Choices, GRAIN, apart, both, tokens};

const WEEK: u64 = 7 * 86_400;
const YEAR: u64 = 365 * 86_400;
/// A Thursday, 0:00.
const START: u64 = 2600 * WEEK;

const ALICE: Owner = Owner::new(1);
const BOB: Owner = Owner::new(2);

fn whole(tokens: u64) -> U256 {
    U256::from(tokens) * U256::from(10).pow(U256::from(18))
}

#[test]
fn locks_refuse_what_the_contract_refuses() {
    let mut escrow = VotingEscrow::<Exact>::new(START + 5);
    let now = START + 5;
    let unchanged = escrow.clone();
    assert_eq!(escrow.create_lock(ALICE, U256::ZERO, now + YEAR), Err(GaugeError::Nothing));
    assert_eq!(escrow.create_lock(ALICE, whole(1), now + WEEK - 6), Err(GaugeError::LockInThePast { end: START, now }));
    let latest = now + 4 * YEAR;
    assert_eq!(
        escrow.create_lock(ALICE, whole(1), latest + WEEK),
        Err(GaugeError::LockTooLong { end: (latest + WEEK) / WEEK * WEEK, latest })
    );
    assert_eq!(escrow.increase_amount(ALICE, whole(1)), Err(GaugeError::NoLock));
    assert_eq!(escrow.increase_unlock_time(ALICE, now + YEAR), Err(GaugeError::LockExpired { end: 0, now }));
    assert_eq!(escrow, unchanged);

    escrow.create_lock(ALICE, whole(1), now + 10 * WEEK).unwrap();
    let end = START + 10 * WEEK;
    assert_eq!(escrow.locked(ALICE), LockedBalance { amount: whole(1), end });
    assert_eq!(escrow.create_lock(ALICE, whole(1), now + YEAR), Err(GaugeError::LockedAlready { end }));
    assert_eq!(escrow.increase_unlock_time(ALICE, end + WEEK - 1), Err(GaugeError::NotLonger { end, to: end }));
    assert_eq!(escrow.withdraw(ALICE), Err(GaugeError::StillLocked { end, now }));
    escrow.set_block_timestamp(end).unwrap();
    assert_eq!(escrow.increase_amount(ALICE, whole(1)), Err(GaugeError::LockExpired { end, now: end }));
    assert_eq!((escrow.balance_of(ALICE), escrow.total_supply()), (Ok(U256::ZERO), Ok(U256::ZERO)));
    assert_eq!(escrow.withdraw(ALICE), Ok(whole(1)));
    assert_eq!((escrow.supply(), escrow.locked(ALICE)), (U256::ZERO, LockedBalance::default()));
    assert_eq!(escrow.set_block_timestamp(end - 1), Err(GaugeError::ClockRunsBack { now: end, to: end - 1 }));
}

#[test]
fn votes_fall_in_a_line() {
    let mut escrow = VotingEscrow::<Exact>::new(START);
    escrow.create_lock(ALICE, whole(1000), START + 4 * YEAR).unwrap();
    let end = escrow.locked(ALICE).end;
    let slope = whole(1000) / U256::from(4 * YEAR);
    for elapsed in [0, 1, WEEK, 52 * WEEK + 17, 4 * YEAR - 5 * 86_400] {
        escrow.set_block_timestamp(START + elapsed).unwrap();
        assert_eq!(escrow.balance_of(ALICE), Ok(slope * U256::from(end - START - elapsed)));
        assert_eq!(escrow.total_supply(), escrow.balance_of(ALICE));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// All votes are the sum of everybody's, to the unit; a lock in floats is that in integers.
    #[test]
    fn votes_add_up(seed: u64) {
        let mut choices = Choices(seed);
        let (mut exact, mut fast) = (VotingEscrow::<Exact>::new(START), VotingEscrow::<Fast>::new(START));
        let mut now = START;
        for _ in 0..100 {
            now += choices.below(3) * choices.below(4 * WEEK);
            exact.set_block_timestamp(now).unwrap();
            fast.set_block_timestamp(now).unwrap();
            let owner = Owner::new(u32::try_from(choices.below(4)).unwrap() + 1);
            let (amount, end) = (both(1 + choices.grains()), now + choices.below(4 * YEAR + 2 * WEEK));
            let before = exact.clone();
            let (done, too) = match choices.below(4) {
                0 => (exact.create_lock(owner, amount.0, end), fast.create_lock(owner, amount.1, end)),
                1 => (exact.increase_amount(owner, amount.0), fast.increase_amount(owner, amount.1)),
                2 => (exact.increase_unlock_time(owner, end), fast.increase_unlock_time(owner, end)),
                _ => (exact.withdraw(owner).map(|_| ()), fast.withdraw(owner).map(|_| ())),
            };
            prop_assert_eq!(done, too);
            if done.is_err() {
                prop_assert_eq!(&exact, &before);
            }
            let sum: U256 = (1..5).map(|id| exact.balance_of(Owner::new(id)).unwrap()).sum();
            prop_assert_eq!(exact.total_supply().unwrap(), sum);
            // The contract rounds slopes down to units a second, of four years.
            let rounded = 4.0 * f64::from(u32::try_from(4 * YEAR).unwrap()) * 1e-18;
            let scale = tokens(exact.supply());
            let off = (tokens(sum) - fast.total_supply().unwrap()).abs();
            prop_assert!(off <= 1e-9 * scale + rounded, "{} of {}", off, scale);
        }
    }
}

/// A thousand of a hundred thousand staked, with none, some, enough and more than enough of a million votes.
#[test]
fn boosts() {
    for (votes, expected) in [(0, 400), (2000, 520), (10_000, 1000), (50_000, 1000)] {
        let mut gauge = Gauge::<Exact>::new(START).unwrap();
        // The same lock for both, so that votes are in proportion to what is locked.
        if votes > 0 {
            gauge.escrow_mut().create_lock(ALICE, whole(votes), START + YEAR).unwrap();
        }
        gauge.escrow_mut().create_lock(BOB, whole(1_000_000 - votes), START + YEAR).unwrap();
        gauge.deposit(BOB, whole(99_000)).unwrap();
        gauge.deposit(ALICE, whole(1000)).unwrap();
        let working = gauge.stake(ALICE).working_balance();
        // Slopes are rounded down, each on its own.
        let off = working.abs_diff(whole(expected));
        assert!(off <= whole(1) / U256::from(1_000_000_000), "{votes}: {working}");
    }
}

#[test]
fn a_boost_lasts_until_somebody_counts() {
    let mut gauge = Gauge::<Exact>::new(START).unwrap();
    gauge.escrow_mut().create_lock(ALICE, whole(10), START + 10 * WEEK).unwrap();
    gauge.deposit(ALICE, whole(100)).unwrap();
    gauge.deposit(BOB, whole(100)).unwrap();
    assert_eq!((gauge.stake(ALICE).working_balance(), gauge.stake(BOB).working_balance()), (whole(100), whole(40)));
    gauge.set_block_timestamp(START + 5 * WEEK).unwrap();
    assert_eq!(gauge.kick(ALICE), Err(GaugeError::KickNotAllowed { owner: 1 }));
    gauge.set_block_timestamp(START + 20 * WEEK).unwrap();
    assert_eq!(gauge.working_supply(), whole(140));
    gauge.kick(ALICE).unwrap();
    assert_eq!((gauge.stake(ALICE).working_balance(), gauge.working_supply()), (whole(40), whole(80)));
    assert_eq!(gauge.kick(ALICE), Err(GaugeError::KickNotNeeded { owner: 1 }));
    assert!(matches!(gauge.withdraw(BOB, whole(101)), Err(GaugeError::StakeTooSmall { .. })));
    gauge.withdraw(BOB, whole(100)).unwrap();
    assert_eq!((gauge.total_supply(), gauge.working_supply()), (whole(100), whole(40)));
}

/// Half of the inflation from the second week on; a reduction of the rate on the way; nobody staked at first.
#[test]
fn inflation_by_weeks_and_epochs() {
    let mut gauge = Gauge::<Exact>::new(START).unwrap();
    gauge.set_relative_weight(START + WEEK, 500_000_000_000_000_000).unwrap();
    assert_eq!(gauge.set_relative_weight(START, SCALE + 1), Err(GaugeError::WeightTooLarge { weight: SCALE + 1 }));
    gauge.set_block_timestamp(START + 2 * WEEK).unwrap();
    gauge.deposit(ALICE, whole(1000)).unwrap();
    let first = gauge.inflation().rate();
    assert_eq!((gauge.emitted(), gauge.forgone()), (first * U256::from(WEEK) / U256::from(2), gauge.emitted()));
    gauge.set_block_timestamp(START + YEAR + WEEK).unwrap();
    let due = gauge.claimable_tokens(ALICE).unwrap();
    let second = first * U256::from(SCALE) / U256::from(1_189_207_115_002_721_024_u64);
    let expected = (first * U256::from(YEAR - 2 * WEEK) + second * U256::from(WEEK)) / U256::from(2);
    assert!(due <= expected && expected - due < whole(1) / U256::from(1000), "{due} {expected}");
    assert_eq!(gauge.mint(ALICE), Ok(due));
    assert_eq!((gauge.mint(ALICE), gauge.minted(), gauge.stake(ALICE).minted()), (Ok(U256::ZERO), due, due));
    assert_eq!(gauge.inflation().epoch(), 1);

    gauge.set_killed(true);
    gauge.set_block_timestamp(START + YEAR + 3 * WEEK).unwrap();
    assert_eq!(gauge.claimable_tokens(ALICE), Ok(U256::ZERO));
}

#[test]
fn several_rewards_at_once() {
    let mut gauge = Gauge::<Exact>::new(START).unwrap();
    for index in 0..8 {
        assert_eq!(gauge.add_reward(), Ok(index));
    }
    assert_eq!(gauge.add_reward(), Err(GaugeError::NoSuchReward { index: 8, count: 8, most: 8 }));
    assert!(gauge.deposit_reward_token(8, whole(1)).is_err() && gauge.claimable_reward(ALICE, 8).is_err());
    let week = U256::from(WEEK);
    gauge.deposit_reward_token(0, week * U256::from(100)).unwrap();
    gauge.set_block_timestamp(START + WEEK / 2).unwrap();
    gauge.deposit(ALICE, whole(1)).unwrap();
    gauge.deposit_reward_token(1, week * U256::from(40)).unwrap();
    // Half a week of the first reward is left, and handed out anew over a whole one.
    gauge.deposit_reward_token(0, week * U256::from(50)).unwrap();
    assert_eq!((gauge.rewards()[0].rate(), gauge.rewards()[0].period_finish()), (U256::from(100), START + WEEK * 3 / 2));
    gauge.set_block_timestamp(START + WEEK).unwrap();
    gauge.deposit(BOB, whole(3)).unwrap();
    gauge.set_block_timestamp(START + 9 * WEEK).unwrap();
    let half = U256::from(WEEK / 2);
    assert_eq!(gauge.claimable_reward(ALICE, 0), Ok(half * U256::from(125)));
    assert_eq!(gauge.claimable_reward(BOB, 0), Ok(half * U256::from(75)));
    let paid = gauge.claim_rewards(ALICE).unwrap();
    assert_eq!(paid[..3], [half * U256::from(125), half * U256::from(50), U256::ZERO]);
    assert_eq!(gauge.rewards()[0].forgone(), half * U256::from(100));
    gauge.claim_rewards(BOB).unwrap();
    let reward = &gauge.rewards()[0];
    assert_eq!(reward.claimed() + reward.forgone(), reward.paid_in());
}

/// 10,000 operations in both lanes at once; what is minted is never more than what is emitted.
#[test]
fn the_lanes_agree_over_ten_thousand_operations() {
    for seed in 1..3 {
        let mut choices = Choices(seed);
        let (mut exact, mut fast) = (Gauge::<Exact>::new(START).unwrap(), Gauge::<Fast>::new(START).unwrap());
        exact.add_reward().unwrap();
        fast.add_reward().unwrap();
        let (mut now, mut worst, mut operations) = (START, 0.0_f64, 0.0);
        for _ in 0..10_000 {
            now += choices.below(6 * 3600);
            operations += 1.0;
            exact.set_block_timestamp(now).unwrap();
            fast.set_block_timestamp(now).unwrap();
            let owner = Owner::new(u32::try_from(1 + choices.below(4)).unwrap());
            match choices.below(12) {
                0..3 => {
                    let amount = both(choices.grains());
                    exact.deposit(owner, amount.0).unwrap();
                    fast.deposit(owner, amount.1).unwrap();
                }
                3..5 => {
                    let grains = exact.stake(owner).balance() / U256::from(GRAIN);
                    let taken = both(u64::try_from(grains / U256::from(1 + choices.below(3))).unwrap());
                    exact.withdraw(owner, taken.0).unwrap();
                    fast.withdraw(owner, taken.1).unwrap();
                }
                5 => {
                    // Thousands of tokens: of a few units the contract's votes are coarse.
                    let (amount, end) = (both((1 << 30) + choices.grains()), now + choices.below(4 * YEAR));
                    let done = exact.escrow_mut().create_lock(owner, amount.0, end);
                    assert_eq!(done, fast.escrow_mut().create_lock(owner, amount.1, end));
                    if exact.escrow_mut().withdraw(owner).is_ok() {
                        fast.escrow_mut().withdraw(owner).unwrap();
                    }
                }
                6 => {
                    let weight = choices.below(SCALE);
                    exact.set_relative_weight(now + WEEK, weight).unwrap();
                    fast.set_relative_weight(now + WEEK, weight).unwrap();
                }
                7 => {
                    let amount = both(choices.grains());
                    exact.deposit_reward_token(0, amount.0).unwrap();
                    fast.deposit_reward_token(0, amount.1).unwrap();
                    worst =
                        worst.max(apart(exact.claim_rewards(owner).unwrap()[0], fast.claim_rewards(owner).unwrap()[0], 1e3, 1e-7));
                }
                _ => {
                    let (minted, too) = (exact.mint(owner).unwrap(), fast.mint(owner).unwrap());
                    // Working balances are as exact as votes, whose slopes the contract rounds to units a second.
                    worst = worst.max(apart(minted, too, 1e6, 1e-5));
                }
            }
            let due: U256 = (1..5).map(|id| exact.stake(Owner::new(id)).integrate_fraction()).sum();
            assert!(due + exact.forgone() <= exact.emitted() + U256::from(20_000));
            let reward = &exact.rewards()[0];
            assert!(reward.claimed() + reward.forgone() <= reward.paid_in());
        }
        worst = worst.max(apart(exact.emitted(), fast.emitted(), 1e6, 1e-18 * operations));
        println!("seed {seed}: worst {worst} of the bound, minted {} and {}", exact.minted(), fast.minted());
        assert!(worst < 1.0, "seed {seed}: {worst} of the bound");
        assert!((tokens(exact.minted()) / fast.minted() - 1.0).abs() < 1e-10, "seed {seed}");
    }
}
