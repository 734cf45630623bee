use cenote_amm::{Fast, Owner};
use cenote_units::{Lanes, PACK, SimDuration, SimTime};

use super::*;
use crate::emission::Emission;
use crate::farm::masterchef::StakeToken;
use crate::farm::test_support::Choices;
use crate::farm::{MasterChef, StakingRewards};

const SECOND: u64 = 1_000_000_000;
const DAY: u64 = 86_400 * SECOND;
const YEAR: f64 = 365.0;

fn days(count: u64) -> SimDuration {
    SimDuration::from_nanos(count * DAY)
}

fn one(value: f64) -> Lanes<1> {
    Lanes::splat(value)
}

/// Reads one number of a farm of one lane.
fn read(look: impl FnOnce(&mut Lanes<1>)) -> f64 {
    let mut out = Lanes::ZERO;
    look(&mut out);
    out[0]
}

fn pending(farm: &dyn FarmLanes<1>, time: u64, account: usize) -> f64 {
    let mut out = vec![Lanes::ZERO; farm.reward_count()];
    farm.pending(&[time], account, &mut out);
    out[0][0]
}

fn claim(farm: &mut dyn FarmLanes<1>, time: u64, account: usize) -> f64 {
    let mut out = vec![Lanes::ZERO; farm.reward_count()];
    farm.claim(&[time], account, &[1], &mut out);
    out[0][0]
}

/// Everything emitted is somebody's or nobody's, in every lane, for every reward.
fn audit<const L: usize>(farm: &dyn FarmLanes<L>, time: &[u64; L]) {
    let rewards = farm.reward_count();
    let mut spoken_for = vec![Lanes::<L>::ZERO; rewards];
    let mut out = vec![Lanes::<L>::ZERO; rewards];
    for account in 0..farm.account_count() {
        farm.pending(time, account, &mut out);
        for reward in 0..rewards {
            let claimed = farm.claimed(account, reward);
            for l in 0..L {
                assert!(out[reward][l] >= 0.0);
                spoken_for[reward][l] += out[reward][l] + claimed[l];
            }
        }
    }
    for reward in 0..rewards {
        let (mut others, mut nobody, mut emitted) = (Lanes::ZERO, Lanes::ZERO, Lanes::ZERO);
        farm.others_earned(time, reward, &mut others);
        farm.undistributed(time, reward, &mut nobody);
        farm.emitted(time, reward, &mut emitted);
        for l in 0..L {
            let sum = spoken_for[reward][l] + others[l] + nobody[l];
            assert!((sum - emitted[l]).abs() <= 1e-11 * emitted[l].max(1e-9), "lane {l}: {sum} of {}", emitted[l]);
        }
    }
}

#[test]
fn shares_of_a_constant_emission() {
    let emission = Emission::constant(1000.0 * YEAR).unwrap();
    let mut farm: Box<dyn FarmLanes<1>> = MasterChefModel::new(emission).build(&FarmStart { accounts: 2, others: 300.0 }).unwrap();
    farm.stake(&[0], 0, &one(100.0));
    assert!((pending(&*farm, DAY, 0) - 250.0).abs() < 1e-10);
    farm.stake(&[DAY], 1, &one(600.0));
    assert!((pending(&*farm, 2 * DAY, 0) - 350.0).abs() < 1e-10);
    assert!((claim(&mut *farm, 2 * DAY, 0) - 350.0).abs() < 1e-10);
    assert_eq!(pending(&*farm, 2 * DAY, 0), 0.0);
    farm.set_others(&[3 * DAY], &one(0.0));
    assert!((read(|out| farm.account_rate(&[3 * DAY], 1, 0, out)) / YEAR - 6000.0 / 7.0).abs() < 1e-9);
    let mut all = one(1e9);
    farm.unstake(&[4 * DAY], 1, &mut all);
    assert_eq!((all[0], farm.total_staked()[0]), (600.0, 100.0));
    assert!((claim(&mut *farm, 5 * DAY, 0) - (100.0 + 1000.0 / 7.0 + 1000.0)).abs() < 1e-9);
    assert!((claim(&mut *farm, 9 * DAY, 1) - (600.0 + 600.0 + 6000.0 / 7.0)).abs() < 1e-9);
    assert_eq!(claim(&mut *farm, 9 * DAY, 1), 0.0);
    assert!((read(|out| farm.rate(&[DAY], 0, out)) - 365_000.0).abs() < 1e-9);
    audit(&*farm, &[9 * DAY]);
    farm.start();
    assert_eq!((farm.total_staked()[0], farm.claimed(0, 0)[0], pending(&*farm, DAY, 0)), (300.0, 0.0, 0.0));
}

#[test]
fn what_nobody_gets_is_told() {
    let model = StakingRewardsModel::new(&[vec![700.0, 0.0, 350.0], vec![7.0]], days(7)).unwrap();
    let mut farm: Box<dyn FarmLanes<1>> = model.build(&FarmStart { accounts: 1, others: 0.0 }).unwrap();
    assert_eq!((model.empty(), FarmModel::reward_count(&model)), (Empty::Stuck, 2));
    farm.stake(&[3 * DAY], 0, &one(5.0));
    assert!((read(|out| farm.undistributed(&[100 * DAY], 0, out)) - 300.0).abs() < 1e-10);
    assert!((pending(&*farm, 7 * DAY, 0) - 400.0).abs() < 1e-10);
    assert!((pending(&*farm, 10 * DAY, 0) - 400.0).abs() < 1e-10);
    assert!((pending(&*farm, 100 * DAY, 0) - 750.0).abs() < 1e-10);
    assert!((read(|out| farm.emitted(&[100 * DAY], 1, out)) - 7.0).abs() < 1e-12);
    audit(&*farm, &[100 * DAY]);
    // An empty farm's emission is seen even if nobody ever calls.
    let farm: Box<dyn FarmLanes<1>> = model.build(&FarmStart { accounts: 1, others: 0.0 }).unwrap();
    assert!((read(|out| farm.undistributed(&[100 * DAY], 0, out)) - 1050.0).abs() < 1e-10);
    assert!(BuildFarm::<1>::build(&model, &FarmStart { accounts: 1, others: f64::NAN }).is_err());
}

/// Random farms in which everything happens.
fn models() -> Vec<Box<dyn FarmModel>> {
    let halving = Emission::halving(4000.0 * YEAR, days(11)).unwrap();
    let decay = Emission::decay(1000.0 * YEAR, days(20)).unwrap().starting(SimTime::from_nanos(3 * DAY));
    let table = Emission::table(&[(days(1), 5.0), (days(2), 0.0), (days(30), 9.0)]).unwrap();
    let boost = Boost::curve(1e5, 0.7).unwrap();
    vec![
        Box::new(MasterChefModel::new(halving.clone())),
        Box::new(MasterChefModel::new(decay.clone())),
        Box::new(StakingRewardsModel::with_emissions(vec![table.clone(), halving.clone()]).unwrap()),
        Box::new(GaugeModel::new(halving, vec![decay, table], boost)),
    ]
}

/// One random action on a lane's farm.
struct Action {
    kind: u64,
    account: usize,
    amount: f64,
    pause: u64,
}

fn actions(seed: u64, count: usize) -> Vec<Action> {
    let mut choices = Choices(seed);
    let mut random = || {
        let amount = f64::from(u32::try_from(choices.below(1 << 30)).unwrap()) / 1024.0;
        Action {
            kind: choices.below(12),
            account: usize::try_from(choices.below(3)).unwrap(),
            amount: if choices.below(5) == 0 { 0.0 } else { amount },
            pause: choices.below(DAY),
        }
    };
    (0..count).map(|_| random()).collect()
}

fn act<const L: usize>(farm: &mut dyn FarmLanes<L>, now: &mut [u64; L], lanes: &[&Action; L], first: &Action) {
    // The kind and the account are the same in all lanes; everything else is not.
    let mut amount = Lanes(std::array::from_fn(|l| lanes[l].amount));
    for l in 0..L {
        now[l] += lanes[l].pause;
    }
    let mut rewards = vec![Lanes::ZERO; farm.reward_count()];
    match first.kind {
        0..4 => farm.stake(now, first.account, &amount),
        4..6 => farm.unstake(now, first.account, &mut amount),
        6 => farm.claim(now, first.account, &std::array::from_fn(|l| u64::from(lanes[l].amount > 0.0)), &mut rewards),
        7 | 8 => farm.set_others(now, &amount),
        9 => farm.lock_votes(first.account, &amount, &std::array::from_fn(|l| now[l] + 400 * lanes[l].pause)),
        _ => farm.pending(now, first.account, &mut rewards),
    }
}

#[test]
fn a_lane_has_the_bits_it_has_alone_and_the_books_close() {
    for model in models() {
        let start = FarmStart { accounts: 3, others: 1000.0 };
        let mut pack: Box<dyn FarmLanes<PACK>> = model.build(&start).unwrap();
        let paths: Vec<Vec<Action>> = (0..PACK as u64).map(|path| actions(path, 200)).collect();
        let mut now = [0; PACK];
        for step in 0..200 {
            act(&mut *pack, &mut now, &std::array::from_fn(|l| &paths[l][step]), &paths[0][step]);
            if step % 50 == 49 {
                audit(&*pack, &now);
            }
        }
        let mut together = vec![Lanes::ZERO; pack.reward_count()];
        for path in [0, 63, 127] {
            let mut alone: Box<dyn FarmLanes<1>> = model.build(&start).unwrap();
            let mut time = [0];
            for step in 0..200 {
                act(&mut *alone, &mut time, &[&paths[path][step]], &paths[0][step]);
            }
            let mut out = vec![Lanes::ZERO; alone.reward_count()];
            for account in 0..3 {
                alone.pending(&time, account, &mut out);
                pack.pending(&now, account, &mut together);
                assert_eq!(alone.staked(account)[0].to_bits(), pack.staked(account)[path].to_bits());
                for (reward, (alone_out, together)) in out.iter().zip(&together).enumerate() {
                    assert_eq!(alone_out[0].to_bits(), together[path].to_bits());
                    assert_eq!(alone.claimed(account, reward)[0].to_bits(), pack.claimed(account, reward)[path].to_bits());
                }
            }
            audit(&*alone, &time);
        }
    }
}

/// Nothing that only looks, and no action of nothing, leaves a trace; nor does an account that nobody uses.
#[test]
fn looking_changes_nothing() {
    for model in models() {
        let run = |busy: bool| {
            let accounts = if busy { 5 } else { 3 };
            let mut farm: Box<dyn FarmLanes<1>> = model.build(&FarmStart { accounts, others: 1000.0 }).unwrap();
            let mut now = [0];
            for action in actions(7, 300) {
                let mut out = vec![Lanes::ZERO; farm.reward_count()];
                if busy {
                    let later = [now[0] + action.pause / 2];
                    farm.pending(&later, action.account, &mut out);
                    farm.claim(&later, action.account, &[0], &mut out);
                    assert!(out.iter().all(|paid| paid[0] == 0.0));
                    farm.stake(&later, action.account, &Lanes::ZERO);
                    let mut nothing = Lanes::ZERO;
                    farm.unstake(&later, action.account, &mut nothing);
                    let others = *farm.others();
                    farm.set_others(&later, &others);
                    farm.emitted(&later, 0, &mut out[0]);
                }
                act(&mut *farm, &mut now, &[&action], &action);
            }
            let mut out = vec![Lanes::ZERO; farm.reward_count()];
            farm.pending(&now, 1, &mut out);
            out.iter().map(|out| out[0].to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(run(false), run(true));
    }
}

#[test]
fn no_stake_no_reward() {
    for model in models() {
        let mut farm: Box<dyn FarmLanes<1>> = model.build(&FarmStart { accounts: 2, others: 10.0 }).unwrap();
        farm.stake(&[DAY], 0, &one(10.0));
        let mut all = one(f64::INFINITY);
        farm.unstake(&[4 * DAY], 0, &mut all);
        let first = pending(&*farm, 4 * DAY, 0);
        assert!(first > 0.0 && pending(&*farm, 50 * DAY, 0) == first && pending(&*farm, 50 * DAY, 1) == 0.0);
        assert_eq!(claim(&mut *farm, 50 * DAY, 0), first);
        assert_eq!(claim(&mut *farm, 60 * DAY, 0), 0.0);
    }
}

/// The lanes' farm and the contract's twin in floats, a block a second.
#[test]
fn the_lanes_agree_with_the_contracts() {
    let per_second = 3.0;
    let emission = Emission::constant(per_second * 86_400.0 * YEAR).unwrap();
    let mut lanes: Box<dyn FarmLanes<1>> =
        MasterChefModel::new(emission).build(&FarmStart { accounts: 3, others: 1000.0 }).unwrap();
    let mut chef = MasterChef::<Fast>::sushiswap(per_second, 0, 0).unwrap();
    chef.add(1, StakeToken::Lp(0), true).unwrap();
    let crowd = Owner::new(99);
    chef.deposit(crowd, 0, 1000.0).unwrap();
    let period = 50_000_000;
    let mut rewards = StakingRewards::<Fast>::new(period).unwrap();
    rewards.stake(crowd, 1000.0).unwrap();
    rewards.fund(per_second * 5e7).unwrap();
    rewards.notify_reward_amount(per_second * 5e7).unwrap();
    let mut now = 0;
    for action in actions(3, 2000) {
        now += action.pause / SECOND / 4;
        chef.set_block_number(now).unwrap();
        rewards.set_block_timestamp(now).unwrap();
        let (time, owner, account) = ([now * SECOND], Owner::new(u32::try_from(action.account).unwrap() + 1), action.account);
        match action.kind {
            0..4 if action.amount > 0.0 => {
                lanes.stake(&time, account, &one(action.amount));
                rewards.stake(owner, action.amount).unwrap();
                // What the contract pays with every deposit is compared below.
                let due = chef.pending(owner, 0).unwrap();
                assert_eq!(chef.deposit(owner, 0, action.amount).unwrap(), due);
                let paid = claim(&mut *lanes, time[0], account);
                assert!((paid - due).abs() <= 1e-9 * due.max(1.0), "{paid} {due}");
                let earned = rewards.get_reward(owner).unwrap();
                assert!((paid - earned).abs() <= 1e-9 * due.max(1.0), "{paid} {earned}");
            }
            4..7 => {
                let staked = chef.stake(owner, 0).amount();
                let mut amount = one(action.amount.min(staked));
                lanes.unstake(&time, account, &mut amount);
                if amount[0] > 0.0 {
                    rewards.withdraw(owner, amount[0]).unwrap();
                    chef.withdraw(owner, 0, amount[0]).unwrap();
                    claim(&mut *lanes, time[0], account);
                    rewards.get_reward(owner).unwrap();
                }
                assert_eq!(chef.stake(owner, 0).amount(), lanes.staked(account)[0]);
            }
            _ => {}
        }
        let (paid, minted) = (chef.ledger().paid(), chef.ledger().minted());
        assert!(paid <= minted * (1.0 + 1e-12));
    }
    assert!(now < period);
    let spoken = read(|out| lanes.emitted(&[now * SECOND], 0, out));
    assert!((spoken / (per_second * f64::from(u32::try_from(now).unwrap())) - 1.0).abs() < 1e-12);
    audit(&*lanes, &[now * SECOND]);
}

/// A thousand of a hundred thousand staked; no votes, some, enough, more than enough.
#[test]
fn boosts() {
    for (votes, expected) in [(0.0, 1.0), (2000.0, 1.3), (10_000.0, 2.5), (50_000.0, 2.5)] {
        let year = 365 * DAY;
        // A lock of four years gives a vote for a token, on the first day. All votes are a million.
        let boost = Boost::curve(1e6 - votes, 1.0).unwrap();
        let model = GaugeModel::new(Emission::constant(1e6).unwrap(), vec![Emission::constant(500.0).unwrap()], boost);
        let mut farm: Box<dyn FarmLanes<1>> = model.build(&FarmStart { accounts: 1, others: 99_000.0 }).unwrap();
        farm.lock_votes(0, &one(votes), &[4 * year]);
        farm.stake(&[0], 0, &one(1000.0));
        let working = 400.0 * expected;
        let rate = read(|out| farm.account_rate(&[0], 0, 0, out));
        assert!((rate / (1e6 * working / (99_000.0 + working)) - 1.0).abs() < 1e-12, "{votes}: {rate}");
        // Other rewards know no boost.
        let plain = read(|out| farm.account_rate(&[0], 0, 1, out));
        assert!((plain - 5.0).abs() < 1e-12);
        assert!((boost.working(1000.0, 1e5, votes, 1e6) / 400.0 - expected).abs() < 1e-12);

        // Votes melt away, but a stake counts as it did until its owner acts.
        assert_eq!(read(|out| farm.account_rate(&[5 * year], 0, 0, out)), rate);
        claim(&mut *farm, 5 * year, 0);
        let after = read(|out| farm.account_rate(&[5 * year], 0, 0, out));
        assert!((after / (1e6 * 400.0 / 99_400.0) - 1.0).abs() < 1e-12, "{votes}: {after}");
        audit(&*farm, &[7 * year]);
    }
    assert!(Boost::curve(f64::NAN, 1.0).is_err() && Boost::curve(1.0, 0.3).is_err());
}
