//! Lending against theory's cases and against what reserves of Aave v3 on Polygon really earned.

use std::fs::File;
use std::path::Path;

use cenote_amm::Owner;
use cenote_paths::history::{UtcTime, read_column, read_times};
use cenote_tests::shared::{needed, shared_or_leave_out};
use cenote_units::{Fraction, Lanes, Rate};
use cenote_yield::lending::{LendingLanes, RateHistory, RateModel, ReserveLanes, ReserveModel};
use cenote_yield::vault::{Compounding, ManagedVault, OptimalCompounding, Vault, VaultFees};
use serde_json::Value;

/// Theory's case of this name.
fn case(id: &str) -> Option<Value> {
    let folder = shared_or_leave_out(&format!("theory's case {id}"))?;
    let text = std::fs::read_to_string(needed(&folder.join("theory"), "cases.json")).unwrap();
    let cases: Value = serde_json::from_str(&text).unwrap();
    let cases = cases.as_array().or_else(|| cases["cases"].as_array()).unwrap();
    Some(cases.iter().find(|case| case["id"] == id).unwrap_or_else(|| panic!("there is no case {id}")).clone())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

fn agree(case: &Value, what: &str, got: f64, expected: f64) {
    let (relative, absolute) = (number(&case["tolerance"]["rel"]), number(&case["tolerance"]["abs"]));
    assert!((got - expected).abs() <= relative * expected.abs() + absolute, "{what}: {got}, expected {expected}");
}

#[test]
fn rates_are_theory_s() {
    let Some(case) = case("aave-rates") else { return };
    let inputs = &case["inputs"];
    let rate = |name: &str| Rate::from_per_year(number(&inputs[name])).unwrap();
    let fraction = |name: &str| Fraction::new(number(&inputs[name])).unwrap();
    let model = RateModel::new(rate("base"), rate("slope1"), rate("slope2"), fraction("U_opt")).unwrap();
    let utilisations = inputs["U"].as_array().unwrap();
    let expected = case["expected"].as_array().unwrap();
    assert_eq!((utilisations.len(), expected.len()), (4, 4));
    for (utilisation, expected) in utilisations.iter().map(number).zip(expected) {
        let borrow = model.borrow_rate(utilisation);
        agree(&case, "borrow_apr", borrow, number(&expected["borrow_apr"]));
        let supply = model.supply_rate(utilisation, fraction("reserve_factor").get());
        agree(&case, "supply_apr", supply, number(&expected["supply_apr"]));
        let apy = number(&expected["borrow_apy_per_second"]);
        agree(&case, "borrow_apy_per_second", Compounding::EVERY_SECOND.apy(borrow), apy);
        // The lanes' rates are the same, and over a year they compound to nearly that.
        let reserve = ReserveModel::new(model, fraction("reserve_factor"), 1e6, Fraction::new(utilisation).unwrap()).unwrap();
        let mut reserve = ReserveLanes::<1>::new(&reserve, 0);
        agree(&case, "borrow rate in lanes", reserve.borrow_rate()[0], number(&expected["borrow_apr"]));
        agree(&case, "supply rate in lanes", reserve.supply_rate()[0], number(&expected["supply_apr"]));
        reserve.advance(&[31_536_000_000_000_000], &Lanes::splat(utilisation));
        assert!((reserve.borrow_index()[0] - 1.0 - apy).abs() < 1e-7, "{utilisation}");
    }
}

#[test]
fn the_interval_to_compound_at_is_theory_s() {
    let Some(case) = case("compound-interval") else { return };
    let apr = number(&case["inputs"]["r"]);
    let costs = case["inputs"]["c"].as_array().unwrap();
    let expected = case["expected"].as_array().unwrap();
    assert_eq!((costs.len(), expected.len()), (2, 2));
    for (cost, expected) in costs.iter().map(number).zip(expected) {
        let optimal = OptimalCompounding::new(apr, cost).unwrap();
        agree(&case, "interval", optimal.interval, number(&expected["interval"]));
        agree(&case, "log_growth_rate", optimal.growth, number(&expected["log_growth_rate"]));
        // A vault that is compounded that often grows that fast, and slower at any other interval.
        let best = grown(apr, cost, optimal.interval);
        assert!((best.ln() / TEN_YEARS - optimal.growth).abs() < 2e-3, "{best}");
        for factor in [0.25, 4.0] {
            assert!(grown(apr, cost, optimal.interval * factor) < best);
        }
    }
}

const TEN_YEARS: f64 = 10.0;

/// What one token in a vault becomes in ten years if it is harvested every `interval` years, for the part `cost` of it each time.
fn grown(apr: f64, cost: f64, interval: f64) -> f64 {
    let (owner, mut harvests, mut time) = (Owner::new(1), 0_u64, interval);
    let mut vault = ManagedVault::<cenote_amm::Fast>::new(Vault::new(18, 0).unwrap(), VaultFees::NONE, Owner::new(2));
    vault.deposit(owner, 1.0, 0).unwrap();
    while time <= TEN_YEARS {
        harvests += 1;
        let worth = vault.vault().total_assets();
        vault.harvest(worth * apr * interval, harvests).unwrap();
        vault.lose(worth * cost, harvests).unwrap();
        time += interval;
    }
    // The last interval may be cut short: its interest is simple.
    let left = TEN_YEARS - (time - interval);
    vault.vault().max_withdraw(owner).unwrap() * (1.0 + apr * left)
}

/// A day of a reserve, minute by minute.
struct Day {
    times: Vec<u64>,
    supply_rate: Vec<f64>,
    borrow_rate: Vec<f64>,
    supply_index: Vec<f64>,
    borrow_index: Vec<f64>,
}

fn read_day(folder: &Path, name: &str) -> Day {
    let file = needed(&folder.join("data"), name);
    let column = |column: &str| read_column(File::open(&file).unwrap(), column).unwrap();
    let times = read_times(File::open(&file).unwrap(), None).unwrap();
    let nanoseconds = |time: &UtcTime| time.as_nanos().abs_diff(times[0].as_nanos());
    Day {
        times: times.iter().map(nanoseconds).collect(),
        supply_rate: column("liquidity_rate"),
        borrow_rate: column("variable_borrow_rate"),
        supply_index: column("liquidity_index"),
        borrow_index: column("variable_borrow_index"),
    }
}

/// Recorded rates, minute by minute, through a reserve in lanes: its indices grow by what the contract's grew that day, but for what happens
/// within a minute and, on the supply side, premiums of flash loans, which no rate shows. All recorded days of all reserves there are.
#[test]
fn recorded_rates_make_the_recorded_growth() {
    let Some(folder) = shared_or_leave_out("reserves of Aave v3 on Polygon") else { return };
    let names = std::fs::read_dir(folder.join("data")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with("polygon-aave-v3-") && name.ends_with(".minute.csv")).collect();
    names.sort();
    assert!(names.len() >= 4, "two reserves, two days: {names:?}");
    let mut worst = [0.0_f64; 2];
    for name in names {
        let day = read_day(&folder, &name);
        assert_eq!(day.times.len(), 1440, "{name}");
        let last = day.times.len() - 1;
        let growth = |index: &[f64]| (index[last] / index[0]).ln();
        let recorded = (growth(&day.supply_index), growth(&day.borrow_index));
        assert!(recorded.0 > 0.0 && recorded.1 > recorded.0, "{name}: {recorded:?}");
        let history = RateHistory::new(day.times.clone(), day.supply_rate.clone(), day.borrow_rate.clone()).unwrap();

        let rates = RateModel::new(Rate::ZERO, Rate::ZERO, Rate::ZERO, Fraction::ONE).unwrap();
        let model = ReserveModel::new(rates, Fraction::ZERO, 1e6, Fraction::new(0.8).unwrap()).unwrap();
        // Every minute, and every seven hours: averages carry what lies between.
        for every in [1, 420] {
            let mut reserve = ReserveLanes::<1>::new(&model, 1);
            reserve.supply(0, &mut Lanes([1000.0]));
            let mut from = 0;
            for &time in day.times.iter().skip(1).step_by(every).chain([&day.times[last]]) {
                let rates = history.average(from, time).unwrap();
                reserve.set_rates(&Lanes([rates.supply]), &Lanes([rates.borrow]));
                reserve.accrue(&[time]);
                from = time;
            }
            let replayed = (reserve.supply_index()[0].ln(), reserve.borrow_index()[0].ln());
            let mut balance = Lanes::ZERO;
            reserve.balance(0, &mut balance);
            assert!((balance[0] / 1000.0 - reserve.supply_index()[0]).abs() < 1e-14);
            let (supply, borrow) = (replayed.0 / recorded.0 - 1.0, replayed.1 / recorded.1 - 1.0);
            println!("{name}, every {every} minutes: supply {:+.2}%, borrow {:+.2}%", supply * 100.0, borrow * 100.0);
            assert!(supply.abs() < 0.05, "{name}: {supply}");
            assert!(borrow.abs() < 0.01, "{name}: {borrow}");
            worst = [worst[0].max(supply.abs()), worst[1].max(borrow.abs())];
        }
    }
    println!("worst: supply {:.2}%, borrow {:.3}%", worst[0] * 100.0, worst[1] * 100.0);
}
