use cenote_paths::{PathError, PriceHistory, PriceModel, Replay};
use cenote_units::SimDuration;

use crate::clock::{HOUR, Runner};

/// Hours 0, 1, 2, 4 (one missing), 5.
fn history() -> PriceHistory {
    let rows = "time,close\n0,100\n3600,110\n7200,105\n14400,120\n18000,90\n";
    PriceHistory::read_csv(rows.as_bytes(), None).unwrap()
}

#[test]
fn the_price_is_the_last_at_or_before() {
    let mut runner = Runner::<1>::new(&Replay::new(&history()), 0);
    assert_eq!(runner.price[0], 100.0);
    let minute = HOUR / 60;
    // (minutes, price): a nanosecond before a row it is not known yet.
    let steps = [(59 * minute, 100.0), (minute - 1, 100.0), (1, 110.0), (HOUR, 105.0), (2 * HOUR - 1, 105.0), (1, 120.0)];
    for (nanos, expected) in steps {
        assert_eq!(runner.fixed(nanos)[0], expected);
    }
    // Past the end the last price stands.
    assert_eq!(runner.fixed(100 * HOUR)[0], 90.0);
}

#[test]
fn lanes_have_their_own_time() {
    let mut runner = Runner::<64>::new(&Replay::new(&history()), 0);
    let nanos = std::array::from_fn(|l| l as u64 % 6 * HOUR);
    let expected: [f64; 64] = std::array::from_fn(|l| [100.0, 110.0, 105.0, 105.0, 120.0, 90.0][l % 6]);
    assert_eq!(runner.free(nanos).0, expected);
    assert_eq!(runner.free([0; 64]).0, expected);
}

#[test]
fn horizon_and_scale() {
    let replay = Replay::new(&history());
    assert_eq!(replay.covers(), "5h".parse::<SimDuration>().unwrap());
    assert!(replay.check_horizon("5h".parse().unwrap()).is_ok());
    let error = replay.check_horizon("6h".parse().unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the history covers 5h, less than the horizon of 6h: shorten the horizon or resample the history"
    );
    let scaled = replay.clone().with_initial(1.0).unwrap();
    assert_eq!(Runner::<1>::new(&scaled, 0).fixed(HOUR)[0], 1.1);
    assert!(matches!(replay.clone().with_initial(0.0), Err(PathError::Parameter { name: "initial", .. })));
    assert!(replay.with_initial(1e150).is_err(), "a row would be 1.2e150");
}
