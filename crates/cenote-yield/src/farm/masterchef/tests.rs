use cenote_amm::{Exact, Fast, Owner, U256};
use proptest::prelude::*;

use super::*;
use crate::farm::test_support::{Choices, GRAIN, apart, both};

fn u(number: u64) -> U256 {
    U256::from(number)
}

/// A farm with one pool that staked LP token 0 and has all points.
fn farm(per_block: u64) -> MasterChef<Exact> {
    let mut farm = MasterChef::sushiswap(u(per_block), 0, 0).unwrap();
    farm.add(1, StakeToken::Lp(0), false).unwrap();
    farm
}

const ALICE: Owner = Owner::new(1);
const BOB: Owner = Owner::new(2);

#[test]
fn a_donation_dilutes_everybody() {
    let mut farm = farm(100);
    farm.deposit(ALICE, 0, u(1_000_000)).unwrap();
    farm.donate(StakeToken::Lp(0), u(3_000_000)).unwrap();
    farm.set_block_number(10).unwrap();
    assert_eq!(farm.pending(ALICE, 0), Ok(u(250)));
    assert_eq!(farm.withdraw(ALICE, 0, u(1_000_000)), Ok(u(250)));
    // The donation is nobody's, and goes on taking its part.
    farm.set_block_number(20).unwrap();
    farm.update_pool(0).unwrap();
    assert_eq!((farm.ledger().minted(), farm.ledger().paid(), farm.ledger().forgone()), (u(2000), u(250), u(0)));
    assert_eq!(farm.reward_balance(), u(1750));
}

#[test]
fn what_an_empty_pool_would_have_got_is_never_minted_and_told() {
    let mut farm = farm(100);
    farm.set_block_number(30).unwrap();
    farm.deposit(ALICE, 0, u(5)).unwrap();
    assert_eq!((farm.ledger().minted(), farm.ledger().forgone()), (u(0), u(3000)));
    assert_eq!(farm.pools()[0].last_reward_block(), 30);
}

#[test]
fn an_emergency_gives_up_what_is_pending() {
    let mut farm = farm(100);
    farm.deposit(ALICE, 0, u(1000)).unwrap();
    farm.deposit(BOB, 0, u(1000)).unwrap();
    farm.set_block_number(10).unwrap();
    assert_eq!(farm.emergency_withdraw(ALICE, 0), Ok(u(1000)));
    assert_eq!(farm.stake(ALICE, 0), ChefStake::default());
    // The pool was not updated: all ten blocks are Bob's now.
    assert_eq!(farm.withdraw(BOB, 0, u(1000)), Ok(u(1000)));
}

#[test]
fn no_points_no_emission() {
    let mut farm = farm(100);
    farm.deposit(ALICE, 0, u(1000)).unwrap();
    farm.set(0, 0, false).unwrap();
    farm.set_block_number(1).unwrap();
    let before = farm.clone();
    assert_eq!(farm.withdraw(ALICE, 0, u(1000)), Err(FarmError::NoAllocPoints));
    assert_eq!(farm.pending(ALICE, 0), Err(FarmError::NoAllocPoints));
    assert_eq!(farm.mass_update_pools(), Err(FarmError::NoAllocPoints));
    assert_eq!(farm, before);
    // Only the emergency exit is open.
    assert_eq!(farm.emergency_withdraw(ALICE, 0), Ok(u(1000)));
}

#[test]
fn refusals() {
    let mut farm = farm(100);
    farm.deposit(ALICE, 0, u(10)).unwrap();
    assert_eq!(farm.deposit(ALICE, 3, u(1)), Err(FarmError::UnknownPool { pid: 3, pools: 1 }));
    assert_eq!(farm.withdraw(ALICE, 0, u(11)), Err(FarmError::StakeTooSmall { staked: 10.0, amount: 11.0 }));
    assert_eq!(farm.enter_staking(ALICE, u(1)), Err(FarmError::Unsupported { operation: "enterStaking" }));
    assert_eq!(farm.update_multiplier(2), Err(FarmError::Unsupported { operation: "updateMultiplier" }));
    farm.set_block_number(7).unwrap();
    assert_eq!(farm.set_block_number(6), Err(FarmError::ClockRunsBack { now: 7, to: 6 }));
    let mut fast = MasterChef::<Fast>::sushiswap(1.0, 0, 0).unwrap();
    fast.add(1, StakeToken::Lp(0), false).unwrap();
    assert!(matches!(fast.deposit(ALICE, 0, f64::NAN), Err(FarmError::InvalidAmount { .. })));
    assert!(MasterChef::<Fast>::sushiswap(-1.0, 0, 0).is_err());
    assert!(BlockSteps::<Exact>::new(&[(5, u(1)), (5, u(2))]).is_err());
    assert!(BlockSteps::<Exact>::halving(u(1), 0, 0, 3).is_err());
}

/// Rewards that lie in the farm beside stakes of the same token: the payout can reach into stakes, and the last to leave finds them gone.
#[test]
fn staked_rewards_share_the_farms_balance() {
    let mut farm = MasterChef::<Exact>::sushiswap(u(100), 0, 0).unwrap();
    farm.add(1, StakeToken::Reward, false).unwrap();
    farm.deposit(ALICE, 0, u(1000)).unwrap();
    farm.set_block_number(1).unwrap();
    farm.update_pool(0).unwrap();
    // Stakes count by the balance, which has the minted rewards in it.
    assert_eq!(farm.balance_of(StakeToken::Reward), u(1100));
    farm.set_block_number(2).unwrap();
    assert_eq!(farm.pending(ALICE, 0), Ok(u(100 + 90)));
}

#[test]
fn pancakeswap_stakes_cake_in_pool_zero() {
    let mut farm = MasterChef::<Exact>::pancakeswap(u(40), 0).unwrap();
    assert_eq!((farm.pools()[0].alloc_point(), farm.total_alloc_point()), (1000, 1000));
    farm.add(900, StakeToken::Lp(0), true).unwrap();
    // A third of all others.
    assert_eq!((farm.pools()[0].alloc_point(), farm.total_alloc_point()), (300, 1200));
    farm.set(1, 902, true).unwrap();
    assert_eq!((farm.pools()[0].alloc_point(), farm.total_alloc_point()), (300, 1202));
    farm.set(1, 900, true).unwrap();

    assert_eq!(farm.deposit(ALICE, 0, u(1)), Err(FarmError::DepositByStaking));
    assert_eq!(farm.withdraw(ALICE, 0, u(1)), Err(FarmError::WithdrawByUnstaking));
    farm.enter_staking(ALICE, u(500)).unwrap();
    farm.deposit(BOB, 1, u(500)).unwrap();
    farm.set_block_number(10).unwrap();
    // Rewards lie in the bar: stakes of CAKE are not diluted by them.
    farm.mass_update_pools().unwrap();
    assert_eq!((farm.balance_of(StakeToken::Reward), farm.reward_balance()), (u(500), u(400)));
    assert_eq!((farm.pending(ALICE, 0), farm.pending(BOB, 1)), (Ok(u(100)), Ok(u(300))));
    assert_eq!(farm.leave_staking(ALICE, u(500)), Ok(u(100)));
    assert_eq!(farm.leave_staking(ALICE, u(1)), Err(FarmError::StakeTooSmall { staked: 0.0, amount: 1.0 }));
    // A new multiplier counts for blocks before it too, where they are not counted yet.
    farm.set_block_number(20).unwrap();
    farm.update_multiplier(3).unwrap();
    assert_eq!(farm.pending(BOB, 1), Ok(u(300 + 3 * 300)));
}

#[test]
fn halvings_and_tables() {
    let steps = BlockSteps::<Exact>::halving(u(1000), 100, 50, 3).unwrap();
    let mut farm = MasterChef::with_rewards(BlockRewards::Steps(steps), 0).unwrap();
    farm.add(1, StakeToken::Lp(0), false).unwrap();
    farm.deposit(ALICE, 0, u(1)).unwrap();
    farm.set_block_number(99).unwrap();
    assert_eq!(farm.pending(ALICE, 0), Ok(u(0)));
    farm.set_block_number(1000).unwrap();
    assert_eq!(farm.pending(ALICE, 0), Ok(u(50 * (1000 + 500 + 250) + 750 * 125)));
}

proptest! {
    /// However the way from one block to another is cut, the emission is the same.
    #[test]
    fn emission_adds_up(cuts in prop::collection::vec(0_u64..5000, 2..20), per_block in 1_u64..1_000_000, bonus in 0_u64..5000) {
        let mut cuts = cuts;
        cuts.sort_unstable();
        let (first, last) = (cuts[0], cuts[cuts.len() - 1]);
        let rewards = [
            BlockRewards::<Exact>::Bonus { per_block: u(per_block), factor: 10, end: bonus },
            BlockRewards::Multiplier { per_block: u(per_block), multiplier: 3 },
            BlockRewards::Steps(BlockSteps::halving(u(per_block), bonus, 200, 12).unwrap()),
        ];
        for rewards in rewards {
            let pieces: U256 = cuts.windows(2).map(|pair| rewards.between(pair[0], pair[1]).unwrap()).sum();
            prop_assert_eq!(pieces, rewards.between(first, last).unwrap());
        }
    }

    /// Who comes first within a block makes no difference to what anybody has earned.
    #[test]
    fn order_within_a_block_does_not_matter(a in 1_u64..1 << 40, b in 1_u64..1 << 40, blocks in 1_u64..1000) {
        let run = |order: [(Owner, u64); 2]| {
            let mut farm = farm(1_000_000);
            farm.set_block_number(5).unwrap();
            for (owner, amount) in order {
                farm.deposit(owner, 0, u(amount)).unwrap();
            }
            farm.set_block_number(5 + blocks).unwrap();
            (farm.pending(ALICE, 0).unwrap(), farm.pending(BOB, 0).unwrap())
        };
        prop_assert_eq!(run([(ALICE, a), (BOB, b)]), run([(BOB, b), (ALICE, a)]));
    }
}

/// 10,000 operations of four stakers in three pools, in both lanes at once: every balance, every payout, the books.
///
/// The contract rounds off up to 10^-12 of a unit for each unit of stake whenever a pool is updated, and floats round to 10^-12 of what a
/// block pays.
#[test]
fn the_lanes_agree_over_ten_thousand_operations() {
    for (seed, pancake) in [(1, false), (2, true), (3, false)] {
        let mut choices = Choices(seed);
        let per_block = both(40 << 18);
        let (mut exact, mut fast) = if pancake {
            (MasterChef::<Exact>::pancakeswap(per_block.0, 0).unwrap(), MasterChef::<Fast>::pancakeswap(per_block.1, 0).unwrap())
        } else {
            let exact = MasterChef::<Exact>::sushiswap(per_block.0, 10, 2000).unwrap();
            (exact, MasterChef::<Fast>::sushiswap(per_block.1, 10, 2000).unwrap())
        };
        for token in 0..3 {
            exact.add(100, StakeToken::Lp(token), true).unwrap();
            fast.add(100, StakeToken::Lp(token), true).unwrap();
        }
        let (mut worst, mut updates, mut paid_exact, mut paid_fast) = (0.0_f64, 0.0, U256::ZERO, 0.0);
        let mut block = 0;
        for _ in 0..10_000 {
            block += choices.below(8);
            exact.set_block_number(block).unwrap();
            fast.set_block_number(block).unwrap();
            let owner = Owner::new(u32::try_from(1 + choices.below(4)).unwrap());
            let pid = u32::try_from(choices.below(3)).unwrap() + u32::from(pancake);
            let action = choices.below(10);
            let pid = if pancake && action == 7 { 0 } else { pid };
            let stake = f64::from(exact.stake(owner, pid).amount()) / 1e18;
            let paid = match action {
                0..4 => {
                    let amount = both(choices.grains());
                    (exact.deposit(owner, pid, amount.0).unwrap(), fast.deposit(owner, pid, amount.1).unwrap())
                }
                4..7 => {
                    let grains = exact.stake(owner, pid).amount() / u(GRAIN);
                    let part = u64::try_from(grains * u(choices.below(5)) / u(4)).unwrap();
                    let (taken, taken_fast) = both(part);
                    (exact.withdraw(owner, pid, taken).unwrap(), fast.withdraw(owner, pid, taken_fast).unwrap())
                }
                7 if pancake => {
                    let amount = both(choices.grains());
                    (exact.enter_staking(owner, amount.0).unwrap(), fast.enter_staking(owner, amount.1).unwrap())
                }
                8 => {
                    let points = choices.below(1000);
                    exact.set(pid, 1 + points, true).unwrap();
                    fast.set(pid, 1 + points, true).unwrap();
                    (U256::ZERO, 0.0)
                }
                _ => {
                    exact.mass_update_pools().unwrap();
                    fast.mass_update_pools().unwrap();
                    (U256::ZERO, 0.0)
                }
            };
            paid_exact += paid.0;
            paid_fast += paid.1;
            let minted = exact.ledger().minted();
            assert_eq!(paid_exact + exact.reward_balance(), minted);
            assert!(paid_exact <= minted && exact.ledger().paid() == paid_exact);
            updates += 1.0;
            let rounded = updates * 1e-12 * stake.max(f64::from(exact.stake(owner, pid).amount()) / 1e18);
            worst =
                worst.max(apart(paid.0, paid.1, 40.0, rounded)).max(apart(minted, fast.ledger().minted(), 40.0, 1e-18 * updates));
            worst = worst.max(apart(exact.ledger().forgone(), fast.ledger().forgone(), 40.0, 1e-18 * updates));
        }
        println!("seed {seed}: worst {worst} of the bound, all payouts {paid_exact} and {paid_fast}");
        assert!(worst < 1.0, "seed {seed}: {worst} of the bound");
        assert!((f64::from(paid_exact) / 1e18 / paid_fast - 1.0).abs() < 1e-6, "seed {seed}: {paid_exact} {paid_fast}");
        assert!(fast.ledger().paid() <= fast.ledger().minted() * (1.0 + 1e-12));
    }
}

/// Ten tokens a block, events and results of a closed form: the shared table of theory has the same.
#[test]
fn the_textbook_case() {
    let mut fast = MasterChef::<Fast>::sushiswap(10.0, 0, 0).unwrap();
    fast.add(1, StakeToken::Lp(0), false).unwrap();
    let mut claimed = [0.0; 3];
    for (block, who, amount) in [(0, 0, 100.0), (10, 1, 300.0), (20, 0, -50.0), (25, 2, 75.0), (40, 1, -300.0_f64)] {
        fast.set_block_number(block).unwrap();
        let owner = Owner::new(u32::try_from(who).unwrap() + 1);
        claimed[who] += if amount > 0.0 { fast.deposit(owner, 0, amount) } else { fast.withdraw(owner, 0, -amount) }.unwrap();
    }
    fast.set_block_number(50).unwrap();
    for (who, expected) in [189.789_915_966_386_56, 223.739_495_798_319_33, 86.470_588_235_294_12].into_iter().enumerate() {
        let sum = claimed[who] + fast.pending(Owner::new(u32::try_from(who).unwrap() + 1), 0).unwrap();
        assert!((sum / expected - 1.0).abs() < 1e-13, "{who}: {sum} {expected}");
    }
}
