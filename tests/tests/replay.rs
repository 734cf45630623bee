//! A pool that lives through what was recorded of another: its ticks, its fees, and what a position would have had of them.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};

use cenote_paths::history::PoolActivity;
use cenote_sim::{Event, EventKey, Observer};
use cenote_study::{ColumnLayout, PoolLane, Study};
use cenote_tests::shared::{needed, shared_or_leave_out};

/// A study of one recorded day, or what there is of it.
fn study(file: &Path, horizon: &str, block_time: &str) -> Study {
    let file = file.display();
    let text = format!(
        r#"
schema = 1

[study]
paths = 3
horizon = "{horizon}"
numeraire = "USDC"

[chains.polygon]
block_time = {block_time}
native = "WETH"

[tokens]
USDC = {{ decimals = 6 }}
WETH = {{ decimals = 18, price = {{ process = "pool-activity", file = "{file}", token = 1 }} }}

[pools.main]
kind = "uniswap-v3"
chain = "polygon"
tokens = ["USDC", "WETH"]
fee = "5bp"
tvl = "1_000_000 USDC"

[[agents]]
kind = "replay"
pools = ["main"]
file = "{file}"

[[positions]]
name = "full"
strategy = "passive"
pool = "main"
deposit = "500_000 USDC"

[[positions]]
name = "range"
strategy = "range"
pool = "main"
range = ["-10%", "+10%"]
deposit = "100_000 USDC"
"#
    );
    Study::parse(&text, "replayed.toml", &[]).unwrap_or_else(|error| panic!("{error}"))
}

/// The price of the pool after its last swap, block by block.
#[derive(Debug)]
struct Watch {
    /// Nanoseconds, and WETH per USDC.
    seen: Arc<Mutex<Vec<(u64, f64)>>>,
}

impl Observer for Watch {
    fn event(&mut self, _: u32, key: EventKey, event: &Event) {
        if let Event::Swap { spot_price, .. } = event {
            self.seen.lock().unwrap().push((key.time.as_nanos(), *spot_price));
        }
    }
}

struct Outcome {
    seen: Vec<(u64, f64)>,
    layout: ColumnLayout,
    numbers: Vec<f64>,
}

impl Outcome {
    fn of(study: &Study, lane: PoolLane) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let watch = Watch { seen: Arc::clone(&seen) };
        let numbers = study.replay(0, lane, vec![Box::new(watch)]).unwrap_or_else(|error| panic!("{error}"));
        let seen = seen.lock().unwrap().clone();
        Self { seen, layout: ColumnLayout::of(study.spec()), numbers }
    }

    fn number(&self, name: &str, metric: &str) -> f64 {
        let place = self.layout.keys().iter().position(|key| key.name == name && key.metric == metric);
        self.numbers[place.unwrap_or_else(|| panic!("no {metric} of {name}"))]
    }
}

const FEE: f64 = 0.0005;
const UNITS: [f64; 2] = [1e6, 1e18];

/// √(USDC · WETH) of a full-range position worth so much where WETH costs `price` USDC: both sides are half of it.
fn full_range(value: f64, price: f64) -> f64 {
    0.5 * value / price.sqrt()
}

/// The liquidity of a position between `price/1.1…` around the price at the start, at the nearest usable ticks.
fn ranged(value: f64, tick: i32, from: f64, to: f64) -> f64 {
    let decimals = 1e-12_f64;
    let root = |tick: f64| (1.0001_f64.powf(tick) * decimals).sqrt();
    let usable = |fraction: f64| ((f64::from(tick) + fraction.ln() / 1.0001_f64.ln()) / 10.0).round() * 10.0;
    let (a, b, s) = (root(usable(from)), root(usable(to)), root(f64::from(tick)));
    // USDC, and WETH at the price of the moment.
    value / ((1.0 / s - 1.0 / b) + (s - a) / (s * s))
}

/// Everything that can be worked out from the record alone.
fn check(file: &Path, lane: PoolLane, tolerance: f64) {
    let activity = PoolActivity::read_csv(std::fs::File::open(file).unwrap()).unwrap();
    let rows = activity.rows();
    let horizon = activity.span();
    let outcome = Outcome::of(&study(file, &horizon.to_string(), &format!("\"{}\"", activity.interval())), lane);

    // The price ends every row inside its closing tick.
    let mut swaps = outcome.seen.iter().peekable();
    let mut spot = f64::NAN;
    for row in rows {
        let end = activity.end_of(row).as_nanos();
        while let Some((_, price)) = swaps.next_if(|(time, _)| *time <= end) {
            spot = *price;
        }
        if spot.is_nan() {
            // Nothing was traded yet.
            assert_eq!(row.close_tick, rows[0].open_tick);
            continue;
        }
        let tick = (spot * 1e12).ln() / 1.0001_f64.ln();
        #[allow(clippy::cast_possible_truncation)]
        let tick = tick.floor() as i32;
        assert_eq!(tick, row.close_tick, "at {}", row.time);
    }

    // Fees are the fee of what was paid in, at the price of the moment; of which a position has its part of the liquidity.
    let prices = activity.prices([6, 18], 1).unwrap();
    let start = prices.prices()[0];
    let mine = [full_range(500e3, start), ranged(100e3, rows[0].open_tick, 0.9, 1.1)];
    let (mut fees, mut parts) = (0.0, [0.0; 2]);
    for (row, price) in rows.iter().zip(&prices.prices()[1..]) {
        #[allow(clippy::cast_precision_loss)]
        let [usdc, weth] = [0, 1].map(|i: usize| row.amounts_in[i] as f64 / UNITS[i]);
        #[allow(clippy::cast_precision_loss)]
        let liquidity = row.liquidity as f64 / (UNITS[0] * UNITS[1]).sqrt();
        let fee = FEE * (usdc + weth * price);
        fees += fee;
        let all = liquidity + mine[0] + mine[1];
        for (part, mine) in parts.iter_mut().zip(mine) {
            *part += fee * mine / all;
        }
    }
    // Integers of a token of six decimals are off by a millionth here and there.
    let unit = if lane == PoolLane::Exact { 1e-6 } else { 0.0 };
    let agrees = |what: &str, found: f64, expected: f64| {
        assert!((found - expected).abs() <= tolerance * expected + 2.0 * unit, "{what}: {found} is not {expected}");
    };
    agrees("fees of the pool", outcome.number("main", "fees"), fees);
    agrees("fees of the full range", outcome.number("full", "fees_booked"), parts[0]);
    agrees("fees of the range", outcome.number("range", "fees_booked"), parts[1]);
    assert_eq!(outcome.number("range", "time_in_range"), 1.0);
    println!("{}: fees {fees:.2}, of which full range {:.2} and range {:.2}", file.display(), parts[0], parts[1]);
}

/// Amounts and ticks that do not fit each other, a row that is missing, rows in which nothing happens.
fn invented(folder: &Path) -> std::path::PathBuf {
    let mut text = String::from("timestamp,inAmount0,inAmount1,openTick,closeTick,currentLiquidity\n");
    let mut tick = 201_100;
    for row in 0..60_i32 {
        if row == 20 {
            continue;
        }
        let open = tick;
        tick += [0, 3, -2, 0, 25, -31, 1][usize::try_from(row % 7).unwrap()];
        let usdc = [0_u64, 5_000_000_000, 0, 120_000_000][usize::try_from(row % 4).unwrap()];
        let weth = [0_u64, 0, 3_000_000_000_000_000_000][usize::try_from(row % 3).unwrap()];
        let liquidity = 2_000_000_000_000_000_000_u64 + 10_000_000_000_000_000 * u64::try_from(row % 9).unwrap();
        writeln!(text, "2023-08-13 00:{row:02}:00,{usdc},{weth},{open},{tick},{liquidity}").unwrap();
    }
    let file = folder.join("invented.csv");
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn an_invented_record_is_lived_through() {
    let folder = tempfile::tempdir().unwrap();
    let file = invented(folder.path());
    check(&file, PoolLane::Fast, 1e-9);
    check(&file, PoolLane::Exact, 1e-6);
}

#[test]
fn recorded_days_are_lived_through() {
    let Some(shared) = shared_or_leave_out("three recorded days of a pool") else { return };
    for day in 13..=15 {
        let name = format!("data/polygon-uniswap-v3-usdc-weth-5bp-2023-08-{day}.minute.csv");
        let file = needed(&shared, &name);
        check(&file, PoolLane::Fast, 1e-9);
        check(&file, PoolLane::Exact, 1e-6);
    }
}

/// Whatever the clock: a row happens in the first block after its end, and nothing is left out.
#[test]
fn any_clock_replays_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = invented(folder.path());
    let fees = |horizon: &str, block_time: &str| {
        let outcome = Outcome::of(&study(&file, horizon, block_time), PoolLane::Fast);
        (outcome.number("main", "fees"), outcome.number("main", "trades"))
    };
    let (minutes, trades) = fees("1h", "\"1min\"");
    for block_time in ["\"10s\"", "\"20min\""] {
        let (other, as_many) = fees("1h", block_time);
        assert_eq!(trades, as_many);
        assert!((other / minutes - 1.0).abs() < 2e-3, "{other} {minutes}: only the price that fees are counted at differs");
    }
    // Of random blocks the last may leave a little.
    let (random, _) = fees("1h", "{ poisson = \"12s\" }");
    assert!((random / minutes - 1.0).abs() < 0.05, "{random} {minutes}");
}

/// All paths are the same, alone and in a pack.
#[test]
fn paths_of_a_record_are_one() {
    let folder = tempfile::tempdir().unwrap();
    let study = study(&invented(folder.path()), "1h", "\"1min\"");
    let result = study.run().unwrap();
    let alone = Outcome::of(&study, PoolLane::Fast);
    let all = result.position("full", "net_return").unwrap();
    assert_eq!((all.min.to_bits(), all.max.to_bits()), (all.max.to_bits(), alone.number("full", "net_return").to_bits()));
}

#[test]
fn what_is_wrong_is_said_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let file = invented(folder.path());
    let toml = study(&file, "1h", "\"1min\"").to_toml().unwrap();
    let refused = |text: &str| Study::parse(text, "replayed.toml", &[]).unwrap_err().to_string();
    let error = refused(&toml.replace("uniswap-v3", "uniswap-v2").replace("tick_spacing = 10\n", ""));
    assert!(error.contains("pools.main"), "{error}");
    let error = refused(&toml.replacen("token = 1", "token = 2", 1));
    assert!(error.contains("tokens.WETH.price.token") && error.contains("0 or 1"), "{error}");
    let error = refused(&toml.replace("horizon = \"1h\"", "horizon = \"2h\""));
    assert!(error.contains("2h"), "{error}");
    std::fs::write(&file, "timestamp,inAmount0\n1,2\n").unwrap();
    let error = refused(&toml);
    assert!(error.contains("inAmount1"), "{error}");
}
