//! What farms, votes, lending and compounding pay. No chance: what differs is rounding, or what a formula leaves out.

use cenote_amm::{Exact, Fast, Owner, U256};
use cenote_study::stats::Estimate;
use cenote_units::{Fraction, Lanes, Rate, SimTime};
use cenote_yield::emission::Emission;
use cenote_yield::farm::masterchef::StakeToken;
use cenote_yield::farm::{Arithmetic, Boost, BuildFarm, FarmLanes, FarmStart, Gauge, MasterChef, MasterChefModel};
use cenote_yield::lending::{LendingLanes, RateModel, ReserveLanes, ReserveModel};
use cenote_yield::vault::{Compounding, ManagedVault, OptimalCompounding, Vault, VaultFees};

use super::{Case, Check, Effort, Published, published};

pub(super) const REWARDS: Case = Case { ids: &["masterchef"], in_tests: true, run: rewards };
pub(super) const BOOST: Case = Case { ids: &["curve-boost"], in_tests: true, run: boost };
pub(super) const RATES: Case = Case { ids: &["aave-rates"], in_tests: true, run: rates };
pub(super) const COMPOUNDING: Case = Case { ids: &["compound-interval"], in_tests: true, run: compounding };

/// Of the published tolerance.
const ROUNDING: f64 = 1e-9;
const YEAR_IN_NANOS: u64 = 31_536_000_000_000_000;

/// A number without chance beside the published one, to nine digits.
fn same(id: &'static str, quantity: impl Into<String>, got: f64, value: f64) -> Check {
    near(id, quantity, got, value, ROUNDING * value.abs() + 1e-12)
}

fn near(id: &'static str, quantity: impl Into<String>, got: f64, value: f64, tolerance: f64) -> Check {
    let estimate = Estimate { mean: got, standard_error: 0.0 };
    Check::new(id, quantity, estimate, value).published(value).within(tolerance)
}

/// Block, who, and how much more or less is staked.
fn events(case: Published) -> Vec<(u64, usize, f64)> {
    let events = case.value()["inputs"]["events"].as_array().expect("a list of events");
    let event = |event: &serde_json::Value| {
        let who = event[1].as_str().and_then(|name| "abc".find(name)).expect("a, b or c");
        (event[0].as_u64().expect("a block"), who, event[2].as_f64().expect("an amount"))
    };
    events.iter().map(event).collect()
}

fn end_block(case: Published) -> u64 {
    case.value()["inputs"]["end_block"].as_u64().expect("a block")
}

/// What everybody has earned by the end, claimed or not, in whole tokens: the contract, in a lane.
fn chef<L: Arithmetic>(case: Published) -> Result<[f64; 3], cenote_yield::farm::FarmError> {
    let scale = L::scale(18);
    let amount = |tokens: f64| L::amount_from_f64(tokens * scale).expect("an amount of the case");
    let owner = |who: usize| Owner::new([1, 2, 3][who]);
    let mut farm = MasterChef::<L>::sushiswap(amount(case.input("reward_per_block")), 0, 0)?;
    farm.add(1, StakeToken::Lp(0), false)?;
    let mut earned = [0.0; 3];
    for (block, who, change) in events(case) {
        farm.set_block_number(block)?;
        let paid = if change > 0.0 {
            farm.deposit(owner(who), 0, amount(change))?
        } else {
            farm.withdraw(owner(who), 0, amount(-change))?
        };
        earned[who] += L::amount_to_f64(paid) / scale;
    }
    farm.set_block_number(end_block(case))?;
    for (who, earned) in earned.iter_mut().enumerate() {
        *earned += L::amount_to_f64(farm.pending(owner(who), 0)?) / scale;
    }
    Ok(earned)
}

/// The same in lanes of paths, a block a second.
fn lanes(case: Published) -> [f64; 3] {
    let per_year = case.input("reward_per_block") * 86_400.0 * 365.0;
    let emission = Emission::constant(per_year).expect("the case's emission").starting(SimTime::from_nanos(0));
    let mut farm: Box<dyn FarmLanes<1>> =
        MasterChefModel::new(emission).build(&FarmStart { accounts: 3, others: 0.0 }).expect("a farm for three");
    let time = |block: u64| [block * 1_000_000_000];
    for (block, who, change) in events(case) {
        let mut amount = Lanes::splat(change.abs());
        if change > 0.0 {
            farm.stake(&time(block), who, &amount);
        } else {
            farm.unstake(&time(block), who, &mut amount);
        }
    }
    let end = time(end_block(case));
    std::array::from_fn(|who| {
        let mut out = [Lanes::ZERO];
        farm.pending(&end, who, &mut out);
        out[0][0]
    })
}

fn rewards(_: Effort) -> Vec<Check> {
    const ID: &str = "masterchef";
    let case = published(ID);
    let earned = [
        ("exact", chef::<Exact>(case).unwrap_or_else(|error| panic!("{error}"))),
        ("fast", chef::<Fast>(case).unwrap_or_else(|error| panic!("{error}"))),
        ("of paths", lanes(case)),
    ];
    let mut checks = Vec::new();
    for (lane, earned) in earned {
        for (earned, who) in earned.into_iter().zip(["a", "b", "c"]) {
            checks.push(same(ID, format!("earned by {who}, lane {lane}"), earned, case.expected(who)));
        }
    }
    checks
}

/// Working balance over 0.4 of the stake: by the formula, and by the gauge with locks that end together, so that votes are in proportion to
/// what is locked.
fn boost(_: Effort) -> Vec<Check> {
    const ID: &str = "curve-boost";
    let case = published(ID);
    let (stake, all, votes) = (case.input("l"), case.input("L"), case.input("VE"));
    let whole = |tokens: f64| U256::from(tokens) * U256::from(10).pow(U256::from(18));
    let of_gauge = |own: f64| -> Result<f64, Box<dyn std::error::Error>> {
        let (alice, bob, end) = (Owner::new(1), Owner::new(2), 200 * 7 * 86_400);
        let mut gauge = Gauge::<Exact>::new(0)?;
        if own > 0.0 {
            gauge.escrow_mut().create_lock(alice, whole(own), end)?;
        }
        gauge.escrow_mut().create_lock(bob, whole(votes - own), end)?;
        gauge.deposit(bob, whole(all - stake))?;
        gauge.deposit(alice, whole(stake))?;
        Ok(f64::from(gauge.stake(alice).working_balance()) / 1e18)
    };
    let mut checks = Vec::new();
    for (place, own) in case.inputs("ve").into_iter().enumerate() {
        let value = case.expected(&place.to_string());
        let model = Boost::curve(votes - own, 1.0).expect("votes of others");
        let formula = model.working(stake, all, own, votes) / (0.4 * stake);
        checks.push(same(ID, format!("boost with {own} votes, of paths"), formula, value));
        let gauge = of_gauge(own).unwrap_or_else(|error| panic!("{error}")) / (0.4 * stake);
        checks.push(same(ID, format!("boost with {own} votes, gauge"), gauge, value));
    }
    checks
}

/// Rates by utilisation, and what they compound to: by the second, and in a reserve over a year.
fn rates(_: Effort) -> Vec<Check> {
    const ID: &str = "aave-rates";
    let case = published(ID);
    let rate = |name: &str| Rate::from_per_year(case.input(name)).expect("a rate of the case");
    let fraction = |x: f64| Fraction::new(x).expect("a part of one");
    let factor = fraction(case.input("reserve_factor"));
    let model = RateModel::new(rate("base"), rate("slope1"), rate("slope2"), fraction(case.input("U_opt"))).expect("two slopes");
    let mut checks = Vec::new();
    for (place, used) in case.inputs("U").into_iter().enumerate() {
        let value = |name: &str| case.expected(&format!("{place}/{name}"));
        let borrow = model.borrow_rate(used);
        checks.push(same(ID, format!("borrow rate at U = {used}"), borrow, value("borrow_apr")));
        checks.push(same(ID, format!("supply rate at U = {used}"), model.supply_rate(used, factor.get()), value("supply_apr")));
        let apy = Compounding::EVERY_SECOND.apy(borrow);
        checks.push(same(ID, format!("borrow APY at U = {used}"), apy, value("borrow_apy_per_second")));
        let reserve = ReserveModel::new(model, factor, 1e6, fraction(used)).expect("a reserve that is used");
        let mut reserve = ReserveLanes::<1>::new(&reserve, 0);
        reserve.advance(&[YEAR_IN_NANOS], &Lanes::splat(used));
        // Compounding all the time instead of by the second: half the squared rate of a second, a year.
        let tolerance = (1.0 + apy) * borrow * borrow / 31_536_000.0 + 1e-12;
        let grown = reserve.borrow_index()[0] - 1.0;
        checks.push(near(
            ID,
            format!("debt grown in a year of a reserve at U = {used}"),
            grown,
            value("borrow_apy_per_second"),
            tolerance,
        ));
    }
    checks
}

/// How long a vault of [`grown`] is held.
const YEARS: f64 = 10.0;

/// What a token in a vault becomes if it is harvested every `interval` years, for the part `cost` of it each time.
///
/// # Panics
/// The vault refuses.
pub fn grown(apr: f64, cost: f64, interval: f64) -> f64 {
    let (owner, mut harvests, mut time) = (Owner::new(1), 0_u64, interval);
    let mut vault = ManagedVault::<Fast>::new(Vault::new(18, 0).expect("a vault"), VaultFees::NONE, Owner::new(2));
    vault.deposit(owner, 1.0, 0).expect("the vault takes a token");
    while time <= YEARS {
        harvests += 1;
        let worth = vault.vault().total_assets();
        vault.harvest(worth * apr * interval, harvests).expect("the vault takes what it has earned");
        vault.lose(worth * cost, harvests).expect("the vault has what the harvest costs");
        time += interval;
    }
    // The last interval may be cut short: its interest is simple.
    let left = YEARS - (time - interval);
    vault.vault().max_withdraw(owner).expect("the vault pays") * (1.0 + apr * left)
}

fn compounding(_: Effort) -> Vec<Check> {
    const ID: &str = "compound-interval";
    let case = published(ID);
    let apr = case.input("r");
    let mut checks = Vec::new();
    for (place, cost) in case.inputs("c").into_iter().enumerate() {
        let optimal = OptimalCompounding::new(apr, cost).expect("interest and costs");
        let growth = case.expected(&format!("{place}/log_growth_rate"));
        checks.push(same(
            ID,
            format!("best interval at cost {cost}"),
            optimal.interval,
            case.expected(&format!("{place}/interval")),
        ));
        checks.push(same(ID, format!("log growth at cost {cost}"), optimal.growth, growth));
        // Ten years are no whole number of intervals: the last one earns up to (r h)²/2 less.
        let vault = grown(apr, cost, optimal.interval).ln() / YEARS;
        let tolerance = (cost + (apr * optimal.interval).powi(2)) / YEARS;
        checks.push(near(ID, format!("log growth of a vault at cost {cost}"), vault, growth, tolerance));
    }
    checks
}
