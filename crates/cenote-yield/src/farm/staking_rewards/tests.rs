use cenote_amm::{Exact, Fast, MathError, Owner, U256};

use super::*;
use crate::farm::test_support::{Choices, GRAIN, apart, both};

fn u(number: u64) -> U256 {
    U256::from(number)
}

const ALICE: Owner = Owner::new(1);
const BOB: Owner = Owner::new(2);

fn funded(duration: u64, reward: u64) -> StakingRewards<Exact> {
    let mut farm = StakingRewards::new(duration).unwrap();
    farm.fund(u(reward)).unwrap();
    farm.notify_reward_amount(u(reward)).unwrap();
    farm
}

#[test]
fn what_comes_before_the_first_stake_goes_to_nobody() {
    let mut farm = funded(100, 1000);
    farm.set_block_timestamp(30).unwrap();
    farm.stake(ALICE, u(3)).unwrap();
    assert_eq!(farm.forgone(), u(300));
    farm.set_block_timestamp(500).unwrap();
    assert_eq!(farm.exit(ALICE), Ok(u(700 - 1)));
    // Both the forgone and the rounded off stay in the contract.
    assert_eq!((farm.reward_balance(), farm.paid(), farm.funded()), (u(301), u(699), u(1000)));
}

#[test]
fn a_new_period_takes_over_what_is_left_of_the_old_one() {
    let mut farm = funded(100, 1000);
    farm.stake(ALICE, u(10)).unwrap();
    farm.set_block_timestamp(40).unwrap();
    farm.fund(u(400)).unwrap();
    farm.notify_reward_amount(u(400)).unwrap();
    // 600 are left, 400 are new.
    assert_eq!((farm.reward_rate(), farm.period_finish(), farm.last_update_time()), (u(10), 140, 40));
    assert_eq!(farm.earned(ALICE), Ok(u(400)));
    farm.set_block_timestamp(1000).unwrap();
    assert_eq!(farm.get_reward(ALICE), Ok(u(1400)));
    assert_eq!(farm.last_time_reward_applicable(), 140);
}

#[test]
fn refusals_change_nothing() {
    let mut farm = funded(100, 1000);
    farm.stake(ALICE, u(10)).unwrap();
    farm.stake(BOB, u(10)).unwrap();
    farm.set_block_timestamp(10).unwrap();
    let before = farm.clone();
    assert_eq!(farm.stake(ALICE, u(0)), Err(FarmError::StakesNothing));
    assert_eq!(farm.withdraw(ALICE, u(0)), Err(FarmError::WithdrawsNothing));
    assert_eq!(farm.withdraw(ALICE, u(11)), Err(FarmError::Math(MathError::SubUnderflow)));
    assert_eq!(farm.exit(Owner::new(3)), Err(FarmError::WithdrawsNothing));
    let error = farm.notify_reward_amount(u(2000)).unwrap_err();
    assert_eq!(error, FarmError::RewardTooHigh { rate: 29.0, duration: 100, held: 1000.0 });
    assert_eq!(error.revert_reason(), Some("Provided reward too high"));
    assert_eq!(farm.set_block_timestamp(9), Err(FarmError::ClockRunsBack { now: 10, to: 9 }));
    assert_eq!(farm, before);
    assert!(StakingRewards::<Exact>::new(0).is_err());
    assert!(StakingRewards::<Fast>::new(1).unwrap().fund(f64::INFINITY).is_err());
}

/// 10,000 operations in both lanes at once; the books close after each.
///
/// The contract rounds off up to 10^-18 of a unit for each unit of stake at every update, and up to a unit a second of each period.
#[test]
fn the_lanes_agree_over_ten_thousand_operations() {
    for seed in 1..4 {
        let mut choices = Choices(seed);
        let duration = 604_800;
        let (mut exact, mut fast) =
            (StakingRewards::<Exact>::new(duration).unwrap(), StakingRewards::<Fast>::new(duration).unwrap());
        let (mut now, mut worst, mut operations) = (0, 0.0_f64, 0.0);
        for _ in 0..10_000 {
            now += choices.below(3600);
            operations += 1.0;
            let rounded = operations * (604_800.0 + 1e6) * 1e-18;
            exact.set_block_timestamp(now).unwrap();
            fast.set_block_timestamp(now).unwrap();
            let owner = Owner::new(u32::try_from(1 + choices.below(4)).unwrap());
            match choices.below(10) {
                0..4 => {
                    let amount = both(1 + choices.grains());
                    exact.stake(owner, amount.0).unwrap();
                    fast.stake(owner, amount.1).unwrap();
                }
                4..6 => {
                    let grains = exact.stake_of(owner).balance() / u(GRAIN);
                    let (taken, taken_fast) = both(u64::try_from(grains / u(1 + choices.below(3))).unwrap());
                    if taken.is_zero() {
                        continue;
                    }
                    exact.withdraw(owner, taken).unwrap();
                    fast.withdraw(owner, taken_fast).unwrap();
                }
                6..8 => {
                    let paid = (exact.get_reward(owner).unwrap(), fast.get_reward(owner).unwrap());
                    worst = worst.max(apart(paid.0, paid.1, 1.0, rounded));
                }
                _ => {
                    let amount = both(choices.grains());
                    exact.fund(amount.0).unwrap();
                    fast.fund(amount.1).unwrap();
                    exact.notify_reward_amount(amount.0).unwrap();
                    fast.notify_reward_amount(amount.1).unwrap();
                }
            }
            assert_eq!(exact.funded(), exact.paid() + exact.reward_balance());
            let due: U256 = (1..5).map(|id| exact.earned(Owner::new(id)).unwrap()).sum();
            assert!(due + exact.forgone() <= exact.reward_balance());
            worst = worst.max(apart(exact.reward_rate() * u(duration), fast.reward_rate() * 604_800.0, 1.0, rounded));
            worst = worst.max(apart(exact.forgone(), fast.forgone(), 1.0, rounded));
        }
        println!("seed {seed}: worst {worst} of the bound, all payouts {} and {}", exact.paid(), fast.paid());
        assert!(worst < 1.0, "seed {seed}: {worst} of the bound");
        assert!((f64::from(exact.paid()) / 1e18 / fast.paid() - 1.0).abs() < 1e-11, "seed {seed}");
    }
}
