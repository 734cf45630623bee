//! The theory's cases of farms: rewards per share, and the boost of votes.

use cenote_amm::{Exact, Fast, Owner, U256};
use cenote_tests::shared::{needed, shared_or_leave_out};
use cenote_units::{Lanes, SimTime};
use cenote_yield::emission::Emission;
use cenote_yield::farm::masterchef::StakeToken;
use cenote_yield::farm::{Arithmetic, Boost, BuildFarm, FarmLanes, FarmStart, Gauge, MasterChef, MasterChefModel};
use serde_json::Value;

fn case(id: &str) -> Option<Value> {
    let folder = shared_or_leave_out(&format!("the case `{id}` of the theory"))?;
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(needed(&folder, "theory/cases.json")).unwrap()).unwrap();
    cases.as_array().unwrap().iter().find(|case| case["id"] == id).cloned()
}

/// Block, who, and how much more or less is staked.
fn events(case: &Value) -> Vec<(u64, usize, f64)> {
    let event = |event: &Value| {
        let who = event[1].as_str().unwrap().bytes().next().unwrap() - b'a';
        (event[0].as_u64().unwrap(), usize::from(who), event[2].as_f64().unwrap())
    };
    case["inputs"]["events"].as_array().unwrap().iter().map(event).collect()
}

fn owner(who: usize) -> Owner {
    Owner::new(u32::try_from(who).unwrap() + 1)
}

/// What everybody has earned by the end, claimed or not, in whole tokens.
fn chef<L: Arithmetic>(case: &Value) -> [f64; 3] {
    let scale = L::scale(18);
    let amount = |tokens: f64| L::amount_from_f64(tokens * scale).unwrap();
    let per_block = amount(case["inputs"]["reward_per_block"].as_f64().unwrap());
    let mut farm = MasterChef::<L>::sushiswap(per_block, 0, 0).unwrap();
    farm.add(1, StakeToken::Lp(0), false).unwrap();
    let mut earned = [0.0; 3];
    for (block, who, change) in events(case) {
        farm.set_block_number(block).unwrap();
        let paid = if change > 0.0 {
            farm.deposit(owner(who), 0, amount(change)).unwrap()
        } else {
            farm.withdraw(owner(who), 0, amount(-change)).unwrap()
        };
        earned[who] += L::amount_to_f64(paid) / scale;
    }
    farm.set_block_number(case["inputs"]["end_block"].as_u64().unwrap()).unwrap();
    for (who, earned) in earned.iter_mut().enumerate() {
        *earned += L::amount_to_f64(farm.pending(owner(who), 0).unwrap()) / scale;
    }
    earned
}

/// The same in lanes, a block a second.
fn lanes(case: &Value) -> [f64; 3] {
    let per_year = case["inputs"]["reward_per_block"].as_f64().unwrap() * 86_400.0 * 365.0;
    let model = MasterChefModel::new(Emission::constant(per_year).unwrap().starting(SimTime::from_nanos(0)));
    let mut farm: Box<dyn FarmLanes<1>> = model.build(&FarmStart { accounts: 3, others: 0.0 }).unwrap();
    let time = |block: u64| [block * 1_000_000_000];
    for (block, who, change) in events(case) {
        let mut amount = Lanes::splat(change.abs());
        if change > 0.0 {
            farm.stake(&time(block), who, &amount);
        } else {
            farm.unstake(&time(block), who, &mut amount);
        }
    }
    let end = time(case["inputs"]["end_block"].as_u64().unwrap());
    std::array::from_fn(|who| {
        let mut out = [Lanes::ZERO];
        farm.pending(&end, who, &mut out);
        out[0][0]
    })
}

#[test]
fn rewards_per_share() {
    let Some(case) = case("masterchef") else { return };
    let tolerance = case["tolerance"]["rel"].as_f64().unwrap();
    for (lane, earned) in [("exact", chef::<Exact>(&case)), ("fast", chef::<Fast>(&case)), ("lanes", lanes(&case))] {
        for (earned, who) in earned.iter().zip(["a", "b", "c"]) {
            let expected = case["expected"][who].as_f64().unwrap();
            assert!((earned / expected - 1.0).abs() < tolerance, "{lane}: {who} has {earned}, not {expected}");
        }
    }
}

#[test]
fn votes_boost() {
    let Some(case) = case("curve-boost") else { return };
    let input = |name: &str| case["inputs"][name].as_f64().unwrap();
    let (l, all, votes) = (input("l"), input("L"), input("VE"));
    let whole = |tokens: f64| U256::from(tokens) * U256::from(10).pow(U256::from(18));
    for (ve, expected) in case["inputs"]["ve"].as_array().unwrap().iter().zip(case["expected"].as_array().unwrap()) {
        let (ve, expected) = (ve.as_f64().unwrap(), expected.as_f64().unwrap());
        let boost = Boost::curve(votes - ve, 1.0).unwrap();
        assert!((boost.working(l, all, ve, votes) / (0.4 * l) - expected).abs() < 1e-12);

        // The contract: two locks with the same end, so that votes are in proportion to what is locked.
        let (alice, bob, end) = (Owner::new(1), Owner::new(2), 200 * 7 * 86_400);
        let mut gauge = Gauge::<Exact>::new(0).unwrap();
        if ve > 0.0 {
            gauge.escrow_mut().create_lock(alice, whole(ve), end).unwrap();
        }
        gauge.escrow_mut().create_lock(bob, whole(votes - ve), end).unwrap();
        gauge.deposit(bob, whole(all - l)).unwrap();
        gauge.deposit(alice, whole(l)).unwrap();
        let working = f64::from(gauge.stake(alice).working_balance()) / 1e18;
        assert!((working / (0.4 * l) - expected).abs() < case["tolerance"]["rel"].as_f64().unwrap(), "{ve}: {working}");
    }
}
