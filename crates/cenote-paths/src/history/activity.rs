//! Recorded activity of a pool with ticks: what was paid in, where the price went, how much liquidity there was.

use std::io::Read;
use std::sync::Arc;

use cenote_units::{SimDuration, math};

use super::csv::{TIME_COLUMNS, find, line_of};
use super::time::UtcTime;
use super::{PriceHistory, most_common};
use crate::PathError;

/// What happened in a pool of two tokens, in rows of one interval: the aggregates of a chain's event logs.
///
/// A row stands for the time from its stamp to one interval later. Amounts and liquidity are the contract's integers, prices are ticks:
/// token 1 per token 0 is 1.0001^tick in smallest units. Rows may be missing: nothing happened there.
///
/// Cheap to clone: clones share the rows.
///
/// ```
/// use cenote_paths::history::PoolActivity;
/// let file = "timestamp,netAmount0,netAmount1,closeTick,openTick,lowestTick,highestTick,inAmount0,inAmount1,currentLiquidity\n\
///             2030-01-01 00:00:00,-2060000000,1000000000000000000,200001,200000,200000,200001,0,1000000000000000000,2000000000000000000\n\
///             2030-01-01 00:01:00,0,0,200001,200001,200001,200001,0,0,2000000000000000000\n";
/// let activity = PoolActivity::read_csv(file.as_bytes())?;
/// assert_eq!(activity.rows()[0].amounts_in, [0, 1_000_000_000_000_000_000]);
/// assert_eq!(activity.span().to_string(), "2min");
/// // A token 1 of 18 decimals in a token 0 of 6: the price of ETH in USDC.
/// let prices = activity.prices([6, 18], 1)?;
/// assert_eq!(prices.prices().len(), 3);
/// assert!((prices.prices()[0] - 2063.2).abs() < 0.1);
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PoolActivity(Arc<Recorded>);

#[derive(Debug)]
struct Recorded {
    rows: Vec<ActivityRow>,
    interval: SimDuration,
}

/// One interval of a pool's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityRow {
    /// When it begins.
    pub time: UtcTime,
    /// Paid in by traders, fee included, of token 0 and token 1, in smallest units.
    pub amounts_in: [u128; 2],
    /// The tick of the price when it begins.
    pub open_tick: i32,
    /// The tick of the price when it ends.
    pub close_tick: i32,
    /// The liquidity in range, in the contract's integers.
    pub liquidity: u128,
}

/// Names of the columns, the preferred first.
const AMOUNT0_COLUMNS: &[&str] = &["inAmount0", "in_amount0", "amount0_in"];
const AMOUNT1_COLUMNS: &[&str] = &["inAmount1", "in_amount1", "amount1_in"];
const OPEN_COLUMNS: &[&str] = &["openTick", "open_tick"];
const CLOSE_COLUMNS: &[&str] = &["closeTick", "close_tick"];
const LIQUIDITY_COLUMNS: &[&str] = &["currentLiquidity", "current_liquidity", "liquidity"];

/// `TickMath.MAX_TICK`.
const MAX_TICK: i32 = 887_272;

impl PoolActivity {
    /// Reads a CSV file with a header line.
    ///
    /// Times stand in the columns that [`PriceHistory::read_csv`] takes times from. The others are `inAmount0`, `inAmount1`, `openTick`,
    /// `closeTick` and `currentLiquidity`, or the same with underscores (`in_amount0`), in any case; further columns are ignored.
    ///
    /// # Errors
    /// A column that is not there; a time, an integer or a tick that cannot be read; no liquidity; a second row for the same time; a
    /// row out of order; text that is not CSV; fewer than two rows. Errors about a row carry its line.
    pub fn read_csv(mut source: impl Read) -> Result<Self, PathError> {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(csv::Error::from)?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&bytes[..]);
        let header: Vec<String> = reader.headers()?.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        let time_column = find(&header, &TIME_COLUMNS)?;
        let names = [AMOUNT0_COLUMNS, AMOUNT1_COLUMNS, OPEN_COLUMNS, CLOSE_COLUMNS, LIQUIDITY_COLUMNS];
        let mut columns = [0; 5];
        for (column, names) in columns.iter_mut().zip(names) {
            *column = find(&header, names)?;
        }
        let mut rows: Vec<ActivityRow> = Vec::new();
        let mut spacings = Vec::new();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record)? {
            let line = record.position().map_or(0, |position| line_of(position, &bytes));
            let bad = |column: usize, expected: &'static str| PathError::BadInteger {
                line,
                column: header[column].clone(),
                text: record[column].to_owned(),
                expected,
            };
            let text = &record[time_column];
            let time = UtcTime::parse(text).ok_or_else(|| PathError::BadTime { line, text: text.to_owned() })?;
            if let Some(previous) = rows.last().map(|row| row.time) {
                match time.cmp(&previous) {
                    std::cmp::Ordering::Equal => return Err(PathError::DuplicateTime { line, time }),
                    std::cmp::Ordering::Less => return Err(PathError::Disorder { line, time, previous }),
                    std::cmp::Ordering::Greater => spacings.push(time.as_nanos().abs_diff(previous.as_nanos())),
                }
            }
            let amount = |column: usize| {
                record[column].parse::<u128>().map_err(|_| bad(column, "a whole number of smallest units, not negative"))
            };
            let tick = |column: usize| {
                let tick = record[column].parse::<i32>().ok().filter(|tick| tick.abs() < MAX_TICK);
                tick.ok_or_else(|| bad(column, "a tick between -887272 and 887272"))
            };
            let [in0, in1, open, close, liquidity] = columns;
            let liquidity = amount(liquidity)
                .ok()
                .filter(|&amount| amount > 0)
                .ok_or_else(|| bad(liquidity, "a whole number above zero: the liquidity in range"))?;
            rows.push(ActivityRow {
                time,
                amounts_in: [amount(in0)?, amount(in1)?],
                open_tick: tick(open)?,
                close_tick: tick(close)?,
                liquidity,
            });
        }
        if rows.len() < 2 {
            return Err(PathError::TooShort { rows: rows.len() });
        }
        let interval = SimDuration::from_nanos(most_common(&spacings));
        Ok(Self(Arc::new(Recorded { rows, interval })))
    }

    /// The rows, in the order of time.
    pub fn rows(&self) -> &[ActivityRow] {
        &self.0.rows
    }

    /// How long a row is: the most common spacing of two rows; of equally common ones, the shortest.
    pub fn interval(&self) -> SimDuration {
        self.0.interval
    }

    /// From the beginning of the first row to the end of the last.
    pub fn span(&self) -> SimDuration {
        self.0.rows.last().map_or(SimDuration::ZERO, |row| self.end_of(row))
    }

    /// When a row ends, after the beginning of the first.
    pub fn end_of(&self, row: &ActivityRow) -> SimDuration {
        let first = self.0.rows.first().map_or(row.time, |first| first.time);
        let start = row.time.as_nanos().abs_diff(first.as_nanos());
        SimDuration::from_nanos(start.saturating_add(self.0.interval.as_nanos()))
    }

    /// The price of token 0 in token 1, or of token 1 in token 0, in whole tokens of these decimals: that of the first row's opening
    /// tick at the start, and that of every row's closing tick when it ends.
    ///
    /// # Errors
    /// A price that is not between 1e-150 and 1e150: decimals beyond reason.
    pub fn prices(&self, decimals: [u8; 2], of: u8) -> Result<PriceHistory, PathError> {
        let rows = self.rows();
        let mut times = Vec::with_capacity(rows.len() + 1);
        let mut prices = Vec::with_capacity(rows.len() + 1);
        let price = |tick: i32| {
            let price = price_at(f64::from(tick), decimals);
            if of == 0 { price } else { 1.0 / price }
        };
        if let Some(first) = rows.first() {
            times.push(first.time);
            prices.push(price(first.open_tick));
        }
        let interval = i64::try_from(self.0.interval.as_nanos()).unwrap_or(i64::MAX);
        for row in rows {
            times.push(UtcTime::from_nanos(row.time.as_nanos().saturating_add(interval)));
            prices.push(price(row.close_tick));
        }
        PriceHistory::new(times, prices)
    }
}

/// Price of token 0 in token 1 at a tick, in whole tokens of these decimals: 1.0001^tick · 10^(d0 − d1). The tick need not be whole.
pub fn price_at(tick: f64, decimals: [u8; 2]) -> f64 {
    let power = f64::from(decimals[0]) - f64::from(decimals[1]);
    math::exp(tick * math::ln_1p(1e-4) + power * math::ln(10.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "timestamp,netAmount0,netAmount1,closeTick,openTick,lowestTick,highestTick,inAmount0,inAmount1,currentLiquidity";

    fn read(rows: &[&str]) -> Result<PoolActivity, PathError> {
        PoolActivity::read_csv(format!("{HEADER}\n{}\n", rows.join("\n")).as_bytes())
    }

    const A: &str = "2023-08-13 00:00:00,1,-2,11,10,10,11,5,0,100";
    const B: &str = "2023-08-13 00:01:00,0,0,11,11,11,11,0,7,200";
    const C: &str = "2023-08-13 00:04:00,0,0,-12,11,11,11,0,340282366920938463463374607431768211455,200";

    #[test]
    fn rows_are_read_as_they_are() {
        let activity = read(&[A, B, "2023-08-13 00:02:00,0,0,11,11,11,11,0,0,200", C]).unwrap();
        assert_eq!(activity.rows()[1].amounts_in, [0, 7]);
        assert_eq!(activity.rows()[3].amounts_in[1], u128::MAX);
        assert_eq!((activity.rows()[0].open_tick, activity.rows()[3].close_tick), (10, -12));
        assert_eq!((activity.interval().to_string(), activity.span().to_string()), ("1min".to_owned(), "5min".to_owned()));
        // Before the missing minute, and after it.
        assert_eq!(activity.end_of(&activity.rows()[2]).to_string(), "3min");
        let prices = activity.prices([18, 18], 0).unwrap();
        let expected = [10, 11, 11, 11, -12].map(|tick: i32| 1.0001_f64.powi(tick));
        for (price, expected) in prices.prices().iter().zip(expected) {
            assert!((price / expected - 1.0).abs() < 1e-14);
        }
        assert_eq!(prices.span().to_string(), "5min");
        let inverse = activity.prices([6, 18], 1).unwrap();
        assert!((inverse.prices()[0] * 1.0001_f64.powi(10) / 1e12 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let message = |rows: &[&str]| read(rows).unwrap_err().to_string();
        assert!(message(&[A]).contains("two rows"));
        assert!(message(&[A, A]).starts_with("line 3: a second row"));
        assert!(message(&[B, A]).starts_with("line 3:"));
        for (bad, column) in [
            ("2023-08-13 00:01:00,0,0,11,11,11,11,-5,7,200", "inAmount0"),
            ("2023-08-13 00:01:00,0,0,11.5,11,11,11,0,7,200", "closeTick"),
            ("2023-08-13 00:01:00,0,0,887272,11,11,11,0,7,200", "closeTick"),
            ("2023-08-13 00:01:00,0,0,11,11,11,11,0,7,0", "currentLiquidity"),
        ] {
            let message = message(&[A, bad]);
            assert!(message.starts_with("line 3:") && message.contains(column), "{message}");
        }
        let error = PoolActivity::read_csv("timestamp,closeTick\n1,2\n".as_bytes()).unwrap_err().to_string();
        assert!(error.contains("inAmount0 or in_amount0"), "{error}");
    }
}
