//! Several histories resampled with the same choices.

use cenote_paths::{CircularBootstrap, PACK, PathError, PriceHistory, PriceModel, PriceStreams, StationaryBootstrap, StreamKey};
use cenote_units::SimDuration;

use crate::clock::{HOUR, Runner};
use crate::statistics::{assert_close, mean};

/// Hourly log returns; after each of `gaps` an hour is missing.
fn history(returns: &[f64], gaps: &[usize]) -> PriceHistory {
    let (mut rows, mut hour, mut log_price) = (String::from("time,close\n0,1\n"), 0, 0.0_f64);
    for (i, step) in returns.iter().enumerate() {
        hour += if gaps.contains(&i) { 2 } else { 1 };
        log_price += step;
        rows += &format!("{},{}\n", hour * 3600, log_price.exp());
    }
    PriceHistory::read_csv(rows.as_bytes(), None).unwrap()
}

/// Y follows X by an hour: of the same hour they are not correlated.
fn lagged() -> [PriceHistory; 2] {
    let x: Vec<f64> = (0..400).map(|i| 0.01 * ((f64::from(i * i % 61) - 30.0) / 30.0)).collect();
    let y: Vec<f64> = (0..400).map(|i| if i == 0 { x[399] } else { x[i - 1] }).collect();
    [history(&x, &[57, 300]), history(&y, &[57, 300])]
}

fn key(name: &str) -> PriceStreams {
    StreamKey::new(42, name).into()
}

/// Log prices at the end of each step on all paths of some packs: [step][path].
fn logs(model: &dyn PriceModel, streams: &PriceStreams, packs: u32, steps: &[u64]) -> Vec<Vec<f64>> {
    let mut all = vec![Vec::new(); steps.len()];
    for pack in 0..packs {
        let mut runner = Runner::<PACK>::drawing(model, streams, pack * PACK as u32);
        for (logs, &nanos) in all.iter_mut().zip(steps) {
            logs.extend(runner.fixed(nanos).iter().map(|price| price.ln()));
        }
    }
    all
}

fn boot(history: &PriceHistory, mean_block: u64) -> StationaryBootstrap {
    StationaryBootstrap::new(history, SimDuration::from_nanos(mean_block), 1.0).unwrap()
}

/// Each hour of a path is one hour of history, in both.
#[test]
fn returns_of_one_hour_stay_together() {
    let histories = lagged();
    let circular =
        |history| CircularBootstrap::new(history, SimDuration::from_nanos(6 * HOUR), 1.0).unwrap().joint("joint.markets");
    let pairs: Vec<[f64; 2]> = histories[0].returns().iter().zip(histories[1].returns()).map(|(x, y)| [*x, *y]).collect();
    let stationary = histories.each_ref().map(|history| boot(history, 5 * HOUR).joint("joint.markets"));
    let circular = histories.each_ref().map(circular);
    let models: [[&dyn PriceModel; 2]; 2] = [[&stationary[0], &stationary[1]], [&circular[0], &circular[1]]];
    for [x, y] in models {
        let (x, y) = (logs(x, &key("X"), 1, &[HOUR; 50]), logs(y, &key("Y"), 1, &[HOUR; 50]));
        for hour in 1..50 {
            for l in 0..PACK {
                let moves = [x[hour][l] - x[hour - 1][l], y[hour][l] - y[hour - 1][l]];
                let together = |pair: &[f64; 2]| (pair[0] - moves[0]).abs() < 1e-12 && (pair[1] - moves[1]).abs() < 1e-12;
                assert!(pairs.iter().any(together), "{moves:?}");
            }
        }
    }
    // Without `joint` they are not together.
    let (x, y) = (
        logs(&boot(&histories[0], 5 * HOUR), &key("X"), 1, &[HOUR; 2]),
        logs(&boot(&histories[1], 5 * HOUR), &key("Y"), 1, &[HOUR; 2]),
    );
    let moves = |l: usize| [x[1][l] - x[0][l], y[1][l] - y[0][l]];
    let apart = (0..PACK)
        .filter(|&l| !pairs.iter().any(|pair| (pair[0] - moves(l)[0]).abs() < 1e-12 && (pair[1] - moves(l)[1]).abs() < 1e-12));
    assert!(apart.count() > PACK / 2);
}

/// Cross-covariance at lag one: what follows in the history follows with probability 1 − p, else nothing is known.
#[test]
fn lagged_correlations_are_kept() {
    let [x, y] = lagged().map(|history| boot(&history, 10 * HOUR).joint("joint.markets"));
    let (x, y) = (logs(&x, &key("X"), 512, &[HOUR; 3]), logs(&y, &key("Y"), 512, &[HOUR; 3]));
    let products: Vec<f64> = (0..x[0].len()).map(|l| (x[1][l] - x[0][l]) * (y[2][l] - y[1][l])).collect();
    let [hx, hy] = lagged();
    let (rx, ry) = (hx.returns(), hy.returns());
    let n = rx.len();
    let product_of_means = rx.iter().sum::<f64>() / n as f64 * (ry.iter().sum::<f64>() / n as f64);
    // After the last return of a run comes the first of any run.
    let starts = hx.run_starts();
    let following: f64 = (0..n)
        .map(|i| {
            let next = (i + 1) % n;
            let ends = starts.contains(&(next as u32));
            let of = |start: &u32| ry[*start as usize];
            rx[i] * if ends { starts.iter().map(of).sum::<f64>() / starts.len() as f64 } else { ry[next] }
        })
        .sum::<f64>()
        / n as f64;
    assert_close(mean(&products), 0.9 * following + 0.1 * product_of_means);
    // And it is not nothing.
    assert!(following > 10.0 * mean(&products).1);
}

/// A joint bootstrap of one is the bootstrap whose choices have that name.
#[test]
fn the_name_is_where_choices_come_from() {
    let [x, _] = lagged();
    let model = boot(&x, 5 * HOUR);
    let steps = [HOUR; 30];
    assert_eq!(logs(&model.clone().joint("joint.markets"), &key("X"), 1, &steps), logs(&model, &key("joint.markets"), 1, &steps));
    assert_ne!(logs(&model.clone().joint("joint.markets"), &key("X"), 1, &steps), logs(&model, &key("X"), 1, &steps));
}

#[test]
fn histories_that_are_not_aligned_say_where() {
    let [x, y] = lagged();
    x.check_aligned(&y).unwrap();
    let shorter = history(&[0.01; 30], &[]);
    let gap = history(&[0.01; 30], &[4]);
    let error = shorter.check_aligned(&gap).unwrap_err();
    assert!(matches!(error, PathError::Misaligned { row: 6, .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "the histories part at row 6: 1970-01-01 05:00:00 here, 1970-01-01 06:00:00 there: keep the rows that both have"
    );
    let error = history(&[0.01; 31], &[]).check_aligned(&shorter).unwrap_err();
    assert!(error.to_string().contains("at row 32: 1970-01-02 07:00:00 here, no row there"), "{error}");
}

#[test]
fn correlations_of_histories() {
    let x = [0.01, -0.02, 0.03, 0.00, -0.01];
    let y = [0.02, 0.01, -0.01, 0.03, 0.00];
    let read = |returns: &[f64]| history(returns, &[]);
    let minus = x.map(|r| 0.5 - 2.0 * r);
    assert!((read(&x).correlation(&read(&minus)).unwrap() + 1.0).abs() < 1e-14);
    // −0.0004 / √(0.00148 · 0.001): by hand.
    assert!((read(&x).correlation(&read(&y)).unwrap() + 0.0004 / (0.00148_f64 * 0.001).sqrt()).abs() < 1e-12);
    assert_eq!(read(&x).correlation(&read(&[0.0; 5])).unwrap(), 0.0);
    assert!(read(&x).correlation(&read(&x[..4])).is_err());
}
