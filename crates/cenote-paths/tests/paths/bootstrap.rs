use cenote_paths::{CircularBootstrap, PathError, PriceHistory, PriceModel, StationaryBootstrap};
use cenote_units::SimDuration;

use crate::clock::{HOUR, Runner, assert_frozen, sample};
use crate::statistics::{assert_close, mean, variance};

/// An hourly history with these log returns; `None` is a gap of two hours, whose move is no return.
fn history(returns: &[Option<f64>]) -> PriceHistory {
    let (mut rows, mut hour, mut log_price) = (String::from("time,close\n0,1\n"), 0, 0.0_f64);
    for step in returns {
        hour += if step.is_some() { 1 } else { 2 };
        log_price += step.unwrap_or(100.0);
        rows += &format!("{},{}\n", hour * 3600, log_price.exp());
    }
    PriceHistory::read_csv(rows.as_bytes(), None).unwrap()
}

fn bootstrap(returns: &[Option<f64>], mean_block: u64) -> StationaryBootstrap {
    StationaryBootstrap::new(&history(returns), SimDuration::from_nanos(mean_block), 1.0).unwrap()
}

fn logs(prices: &[f64]) -> Vec<f64> {
    prices.iter().map(|price| price.ln()).collect()
}

const DATA: [f64; 5] = [1.0, 2.0, 4.0, 8.0, -3.0];

#[test]
fn frozen_values() {
    let model = bootstrap(&DATA.map(|r| Some(r / 100.0)), 4 * HOUR);
    let mut runner = Runner::<64>::new(&model, 0);
    let prices = [HOUR, HOUR, HOUR / 4, HOUR / 2, 3 * HOUR].map(|nanos| runner.fixed(nanos)[3]);
    let expected = [0.9704455335485083, 0.9801986733067553, 1.0037600997498795, 0.9991386178160252, 1.12846683452624];
    assert_eq!(prices, expected);
}

/// Variance of the mean of a resample of N: (c₀ + 2 Σ (1 − i/N)(1 − p)ⁱ cᵢ)/N with the circular autocovariances cᵢ
/// of the data (Politis and Romano 1994, lemma 1).
fn variance_of_mean(data: &[f64], p: f64, n: usize) -> f64 {
    let count = data.len();
    let mean = data.iter().sum::<f64>() / count as f64;
    let autocovariance =
        |lag: usize| (0..count).map(|i| (data[i] - mean) * (data[(i + lag) % count] - mean)).sum::<f64>() / count as f64;
    let tail: f64 = (1..n).map(|i| (1.0 - i as f64 / n as f64) * (1.0 - p).powf(i as f64) * autocovariance(i)).sum();
    (autocovariance(0) + 2.0 * tail) / n as f64
}

#[test]
fn variance_of_the_resampled_mean() {
    let expected = variance_of_mean(&DATA, 0.25, 5);
    assert!((expected - 1.1143375).abs() < 1e-12);
    let model = bootstrap(&DATA.map(Some), 4 * HOUR);
    let means: Vec<f64> = logs(&sample(&model, 4096, &[HOUR; 5])).iter().map(|x| x / 5.0).collect();
    assert_close(mean(&means), 2.4);
    assert_close(variance(&means), expected);
    // One step of five hours is the sum of the five.
    assert_eq!(sample(&model, 2, &[5 * HOUR]), sample(&model, 2, &[HOUR; 5]));
    // Without memory: blocks of one.
    let model = bootstrap(&DATA.map(Some), HOUR);
    let means: Vec<f64> = logs(&sample(&model, 4096, &[HOUR; 5])).iter().map(|x| x / 5.0).collect();
    assert_close(variance(&means), variance_of_mean(&DATA, 1.0, 5));
}

/// Every resampled return is one of the file's, and blocks follow the file, round the circle, unless they restart.
#[test]
fn blocks_follow_the_circle() {
    let returns: Vec<Option<f64>> = (0..20).map(|i| Some(f64::from(i) / 100.0)).collect();
    let model = bootstrap(&returns, 5 * HOUR);
    let (mut followed, mut wrapped, mut total) = (0.0, 0, 0.0);
    for pack in 0..40 {
        let mut runner = Runner::<64>::new(&model, 64 * pack);
        let mut last: Option<[i64; 64]> = None;
        for _ in 0..30 {
            let before = runner.price;
            runner.fixed(HOUR);
            let index: [i64; 64] = std::array::from_fn(|l| {
                let scaled = (runner.price[l] / before[l]).ln() * 100.0;
                assert!((scaled - scaled.round()).abs() < 1e-9);
                scaled.round() as i64
            });
            assert!(index.iter().all(|i| (0..20).contains(i)));
            if let Some(last) = last {
                for l in 0..64 {
                    total += 1.0;
                    followed += f64::from(u8::from(index[l] == (last[l] + 1) % 20));
                    wrapped += u32::from(last[l] == 19 && index[l] == 0);
                }
            }
            last = Some(index);
        }
    }
    // With probability 4/5 the block goes on; a new one hits the same return by chance in 1 of 20.
    let share = followed / total;
    assert_close((share, (share * (1.0 - share) / total).sqrt()), 0.8 + 0.2 / 20.0);
    assert!(wrapped > 1000);
}

/// With gaps, every return is still as likely as the other, and no block runs across one.
#[test]
fn gaps_end_blocks() {
    let values = [Some(0.01), Some(0.02), None, Some(0.03), Some(0.04), Some(0.05), None, Some(0.06)];
    let model = bootstrap(&values, 6 * HOUR);
    let mut counts = [[0.0; 7]; 8];
    let mut across = 0;
    let n = 1000;
    for pack in 0..n {
        let mut runner = Runner::<64>::new(&model, 64 * pack);
        let mut last = [0; 64];
        for block in 0..8 {
            let before = runner.price;
            runner.fixed(HOUR);
            for l in 0..64 {
                let value = ((runner.price[l] / before[l]).ln() * 100.0).round() as usize;
                counts[block][value] += 1.0;
                across += u32::from(last[l] == 2 && value == 4);
                last[l] = value;
            }
        }
    }
    let n = f64::from(n) * 64.0;
    for count in counts {
        for share in &count[1..] {
            let share = share / n;
            assert_close((share, (share * (1.0 - share) / n).sqrt()), 1.0 / 6.0);
        }
    }
    // From return 2, the end of the first run, to 4, inside the second: only by a restart, 1/6 x 1/6 of the time.
    let from_two = n * 7.0 / 6.0;
    let share = f64::from(across) / from_two;
    assert_close((share, (share / from_two).sqrt()), 1.0 / 36.0);
}

/// Blocks of 12 minutes meet the prices of blocks of an hour at every hour: the bridge only fills in.
#[test]
fn shorter_blocks_meet_the_same_prices() {
    let model = bootstrap(&DATA.map(|r| Some(r / 100.0)), 2 * HOUR);
    let mut hours = Runner::<64>::new(&model, 0);
    let mut minutes = Runner::<64>::new(&model, 0);
    let mut odd = Runner::<64>::new(&model, 0);
    for _ in 0..50 {
        hours.fixed(HOUR);
        for _ in 0..4 {
            assert_ne!(minutes.fixed(HOUR / 5), &hours.price);
        }
        assert_eq!(minutes.fixed(HOUR / 5), &hours.price);
    }
    for nanos in [7 * HOUR / 3, HOUR, 50 * HOUR - 7 * HOUR / 3 - HOUR] {
        odd.fixed(nanos);
    }
    assert_eq!(odd.price, hours.price);
}

/// Inside an interval: mean on the line between its ends, variance σ² s (1 − s) on top of it.
#[test]
fn bridge_moments() {
    // Two returns ±1%: mean 0, standard deviation σ = 1%.
    let model = bootstrap(&[Some(0.01), Some(-0.01)], HOUR);
    for share in [0.25, 0.5] {
        let (mut off_line, mut at_once) = (Vec::new(), Vec::new());
        for pack in 0..1024 {
            let mut runner = Runner::<64>::new(&model, 64 * pack);
            let inside = *runner.fixed((share * HOUR as f64) as u64);
            let end = *runner.fixed(HOUR - (share * HOUR as f64) as u64);
            for l in 0..64 {
                off_line.push(inside[l].ln() - share * end[l].ln());
                at_once.push(end[l].ln() - inside[l].ln());
            }
        }
        assert_close(mean(&off_line), 0.0);
        assert_close(variance(&off_line), 1e-4 * share * (1.0 - share));
        // The move to the end: its share of the interval's, plus the bridge's.
        assert_close(variance(&at_once), 1e-4 * ((1.0 - share).powi(2) + share * (1.0 - share)));
    }
    // Two steps inside have the bridge's covariance: the variance after two is that after one as long.
    let after = |steps: &[u64]| {
        let inside = sample(&model, 1024, steps);
        variance(&logs(&inside))
    };
    let expected = 1e-4 * (0.25 + 0.25);
    assert_close(after(&[HOUR / 2]), expected);
    assert_close(after(&[HOUR / 8, HOUR / 4, HOUR / 8]), expected);
}

fn circular(returns: &[Option<f64>], hours: u64) -> CircularBootstrap {
    CircularBootstrap::new(&history(returns), SimDuration::from_nanos(hours * HOUR), 1.0).unwrap()
}

#[test]
fn circular_frozen_values() {
    let model = circular(&DATA.map(|r| Some(r / 100.0)), 3);
    assert_frozen(
        &model,
        &[HOUR, HOUR, HOUR / 4, HOUR / 2, 3 * HOUR],
        &[0.9704455335485083, 0.9801986733067553, 1.006272639365159, 1.0066603286071258, 1.0058771308184034],
    );
}

/// A block of three is three returns in a row of the circle; the next is independent of it.
#[test]
fn circular_blocks_have_a_fixed_length() {
    let model = circular(&DATA.map(Some), 3);
    assert_eq!(model.intervals_per_block(), 3);
    let sums: Vec<f64> = (0..5).map(|i| (0..3).map(|j| DATA[(i + j) % 5]).sum()).collect();
    let blocks = logs(&sample(&model, 1024, &[HOUR; 3]));
    let mut counts = [0.0; 5];
    for x in &blocks {
        let which = sums.iter().position(|sum| (sum - x).abs() < 1e-9).expect("a sum of three in a row");
        counts[which] += 1.0;
    }
    let n = blocks.len() as f64;
    for count in counts {
        assert_close((count / n, (0.2 * 0.8 / n).sqrt()), 0.2);
    }
    // Mean and variance of two blocks, in one step.
    let moment = |power: i32| sums.iter().map(|sum| (sum - 7.2).powi(power)).sum::<f64>() / 5.0;
    let two = logs(&sample(&model, 1024, &[6 * HOUR]));
    assert_close(mean(&two), 14.4);
    assert_close(variance(&two), 2.0 * moment(2));
    assert_eq!(sample(&model, 2, &[6 * HOUR]), sample(&model, 2, &[HOUR; 6]));
}

#[test]
fn circular_blocks_must_fit_the_history() {
    let history = history(&DATA.map(Some));
    let build = |nanos: u64| CircularBootstrap::new(&history, SimDuration::from_nanos(nanos), 1.0);
    assert!(build(HOUR).is_ok() && build(5 * HOUR).is_ok());
    for bad in [0, HOUR / 2, 3 * HOUR / 2, 6 * HOUR] {
        assert!(matches!(build(bad), Err(PathError::Block { .. })));
    }
    assert_eq!(
        build(3 * HOUR / 2).unwrap_err().to_string(),
        "the block of 90min must be a whole number of intervals (1h) and at most the whole history (5h)"
    );
    assert!(build(HOUR).unwrap().check_horizon("36500d".parse().unwrap()).is_err());
}
