//! Price histories: a series of times and prices, and the reader of CSV files that holds one.

mod activity;
mod column;
mod csv;
mod report;
mod time;
mod together;

use std::io::Read;
use std::sync::Arc;

use cenote_units::{SimDuration, math};

pub use activity::{ActivityRow, PoolActivity, price_at};
pub use column::{read_column, read_times};
pub use report::{Gap, HistoryReport};
pub use time::UtcTime;

use crate::PathError;

/// Observed prices in the order of time, checked: at least two rows, times strictly increasing, prices between
/// 1e-150 and 1e150.
///
/// Cheap to clone: clones share the series.
///
/// ```
/// use cenote_paths::PriceHistory;
/// let file = "timestamp,close\n\
///             2022-01-01 00:00:00,3723.04\n\
///             2022-01-01 01:00:00,3724.89\n\
///             2022-01-01 03:00:00,3745.89\n";
/// let history = PriceHistory::read_csv(file.as_bytes(), None)?;
/// assert_eq!(history.prices()[1], 3724.89);
/// assert_eq!(history.interval().to_string(), "1h");
/// assert_eq!(history.report().missing(), 1); // 02:00
/// assert_eq!(history.returns().len(), 1); // none across the gap
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PriceHistory(Arc<Series>);

#[derive(Debug)]
struct Series {
    times: Vec<UtcTime>,
    prices: Vec<f64>,
    report: HistoryReport,
    returns: Vec<f64>,
    /// Index in `returns` of the first return of every run without a gap.
    run_starts: Vec<u32>,
}

impl PriceHistory {
    /// A history from times and prices.
    ///
    /// # Errors
    /// Fewer than two rows, more than 2³² − 1, different numbers of times and prices, a price that is not
    /// between 1e-150 and 1e150, a time that does not come after the one before. Lines in errors count rows from 1.
    pub fn new(times: Vec<UtcTime>, prices: Vec<f64>) -> Result<Self, PathError> {
        if times.len() != prices.len() {
            return Err(PathError::LengthMismatch { times: times.len(), prices: prices.len() });
        }
        let lines: Vec<u64> = (1..=times.len() as u64).collect();
        for (&line, &price) in lines.iter().zip(&prices) {
            if !is_price(price) {
                return Err(PathError::BadPrice { line, column: "price".to_owned(), text: price.to_string() });
            }
        }
        Self::from_rows(times, prices, &lines)
    }

    /// Reads a CSV file with a header line.
    ///
    /// Times stand in the first column called `timestamp`, `block_timestamp`, `open_time`, `datetime`, `date`, `time` or
    /// `unix` (in this order of preference, in any case), as UTC ("2022-01-01 00:00:00", see [`UtcTime::parse`]) or
    /// as a number since 1970 whose size tells seconds from milliseconds, microseconds and nanoseconds. Prices stand
    /// in the column called `column`; without a name, in `close`, or else in `price`.
    ///
    /// Gaps are not errors: [`PriceHistory::report`] counts them.
    ///
    /// # Errors
    /// A column that is not there; a time or a price that cannot be read; a price that is not between 1e-150 and 1e150;
    /// a second row for the same time; a row out of order; text that is not CSV; fewer than two rows. Errors about a
    /// row carry its line.
    pub fn read_csv(reader: impl Read, column: Option<&str>) -> Result<Self, PathError> {
        let rows = csv::read(reader, column)?;
        Self::from_rows(rows.times, rows.prices, &rows.lines)
    }

    fn from_rows(times: Vec<UtcTime>, prices: Vec<f64>, lines: &[u64]) -> Result<Self, PathError> {
        let rows = times.len();
        if rows < 2 {
            return Err(PathError::TooShort { rows });
        }
        if u32::try_from(rows).is_err() {
            return Err(PathError::TooLong { rows });
        }
        let mut spacings = Vec::with_capacity(rows - 1);
        for (pair, &line) in times.windows(2).zip(&lines[1..]) {
            let (previous, time) = (pair[0], pair[1]);
            if time == previous {
                return Err(PathError::DuplicateTime { line, time });
            }
            if time < previous {
                return Err(PathError::Disorder { line, time, previous });
            }
            spacings.push(time.as_nanos().abs_diff(previous.as_nanos()));
        }
        let interval = most_common(&spacings);
        let mut returns = Vec::with_capacity(rows - 1);
        let mut run_starts = Vec::new();
        let mut in_run = false;
        for (i, &spacing) in spacings.iter().enumerate() {
            if spacing == interval {
                if !in_run {
                    run_starts.push(u32::try_from(returns.len()).map_err(|_| PathError::TooLong { rows })?);
                }
                // Of the ratio and not of each price: equal prices then have a return of exactly zero.
                returns.push(math::ln(prices[i + 1] / prices[i]));
            }
            in_run = spacing == interval;
        }
        let report = HistoryReport::new(&times, &spacings, lines, interval);
        Ok(Self(Arc::new(Series { times, prices, report, returns, run_starts })))
    }

    /// Times, strictly increasing.
    pub fn times(&self) -> &[UtcTime] {
        &self.0.times
    }

    /// Prices, in the unit of the file, one for each time.
    pub fn prices(&self) -> &[f64] {
        &self.0.prices
    }

    /// The most common spacing of two rows; of equally common ones, the shortest.
    pub fn interval(&self) -> SimDuration {
        self.0.report.interval()
    }

    /// From the first row to the last.
    pub fn span(&self) -> SimDuration {
        let [first, .., last] = &self.0.times[..] else { return SimDuration::from_nanos(0) };
        SimDuration::from_nanos(last.as_nanos().abs_diff(first.as_nanos()))
    }

    /// Log returns between the rows that are exactly one interval apart, in order. What happened across a gap is no
    /// return of one interval, and is left out.
    pub fn returns(&self) -> &[f64] {
        &self.0.returns
    }

    /// Where in [`PriceHistory::returns`] a run without a gap begins: at 0, and after every gap.
    pub fn run_starts(&self) -> &[u32] {
        &self.0.run_starts
    }

    /// Spacing and gaps.
    pub fn report(&self) -> &HistoryReport {
        &self.0.report
    }
}

/// Finite, above zero, and such that the ratio of any two of them is a float: [1e-150, 1e150].
pub(crate) fn is_price(price: f64) -> bool {
    (1e-150..=1e150).contains(&price)
}

/// The most common value; of equally common ones, the smallest.
fn most_common(values: &[u64]) -> u64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let (mut best, mut best_count) = (0, 0);
    for run in sorted.chunk_by(|a, b| a == b) {
        if run.len() > best_count {
            (best, best_count) = (run[0], run.len());
        }
    }
    best
}

#[cfg(test)]
mod tests;
