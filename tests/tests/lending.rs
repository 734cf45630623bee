//! Compounding, and lending against what reserves of Aave v3 on Polygon really earned.

use std::fs::File;
use std::path::Path;

use cenote_paths::history::{UtcTime, read_column, read_times};
use cenote_tests::shared::{needed, shared_or_leave_out};
use cenote_tests::theory::yields::grown;
use cenote_units::{Fraction, Lanes, Rate};
use cenote_yield::lending::{LendingLanes, RateHistory, RateModel, ReserveLanes, ReserveModel};
use cenote_yield::vault::OptimalCompounding;

/// A vault that is compounded as often as is best grows faster than at any other interval.
#[test]
fn no_other_interval_compounds_better() {
    let apr = 0.3;
    for cost in [1e-4, 1e-3] {
        let optimal = OptimalCompounding::new(apr, cost).unwrap();
        let best = grown(apr, cost, optimal.interval);
        for factor in [0.25, 0.5, 2.0, 4.0] {
            assert!(grown(apr, cost, optimal.interval * factor) < best, "{factor} of {}", optimal.interval);
        }
    }
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
