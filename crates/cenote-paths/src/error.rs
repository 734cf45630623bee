use cenote_units::SimDuration;

use crate::correlation::CorrelationMatrix;
use crate::history::UtcTime;

/// What can be wrong with a process, a history or the file it comes from.
///
/// Every variant carries the values; those of a file carry the line as an editor counts it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// A parameter outside what the process can mean.
    #[error("{name} must be {expected}: got {value}")]
    Parameter {
        /// The parameter, as the documentation calls it.
        name: &'static str,
        /// The value.
        value: f64,
        /// The range that is allowed, with its unit.
        expected: &'static str,
    },
    /// Over this horizon, a price ten standard deviations out could not be held as a float.
    #[error(
        "over {horizon} the log price of this process may reach ±{log_price:.0}, more than the ±{limit} that can be \
         held: use a shorter horizon or a lower drift and volatility"
    )]
    PriceOverflow {
        /// The horizon that was asked for.
        horizon: SimDuration,
        /// Largest log price to be expected.
        log_price: f64,
        /// Largest log price that can be held.
        limit: f64,
    },
    /// The replayed history ends before the horizon.
    #[error("the history covers {covers}, less than the horizon of {horizon}: shorten the horizon or resample the history")]
    HorizonExceedsHistory {
        /// The horizon that was asked for.
        horizon: SimDuration,
        /// From the first row of the history to the last.
        covers: SimDuration,
    },
    /// The mean block of a bootstrap is shorter than one interval of the history, or longer than all of it.
    #[error("the mean block of {mean_block} must be at least one interval ({interval}) and at most the whole history ({longest})")]
    MeanBlock {
        /// The mean length that was asked for.
        mean_block: SimDuration,
        /// The interval of the history.
        interval: SimDuration,
        /// All returns of the history, end to end.
        longest: SimDuration,
    },
    /// The block of a circular bootstrap is not a whole number of intervals of the history, or longer than all of it.
    #[error("the block of {block} must be a whole number of intervals ({interval}) and at most the whole history ({longest})")]
    Block {
        /// The length that was asked for.
        block: SimDuration,
        /// The interval of the history.
        interval: SimDuration,
        /// All returns of the history, end to end.
        longest: SimDuration,
    },
    /// A correlation that is none.
    #[error("the correlation of {first} and {second} must be a number from -1 to 1: got {value}")]
    Correlation {
        /// Place of the one price.
        first: usize,
        /// Place of the other.
        second: usize,
        /// What was given.
        value: f64,
    },
    /// A pair of prices that cannot have a correlation, or has one already.
    #[error("no correlation of {first} and {second}: there are {size} prices, and every two different ones have one")]
    CorrelatedPair {
        /// Place of the one price.
        first: usize,
        /// Place of the other.
        second: usize,
        /// How many prices there are.
        size: usize,
    },
    /// Correlations that exclude one another: their matrix is not positive semi-definite.
    #[error("no prices have the correlations of {}: the nearest correlations that can be are {nearest}", listed(.pairs))]
    Indefinite {
        /// The pairs that are most at odds.
        pairs: Vec<(usize, usize)>,
        /// The nearest correlations that can be.
        nearest: CorrelationMatrix,
    },
    /// Too few rows to compute a return from.
    #[error("a history needs at least two rows, to have a return: got {rows}")]
    TooShort {
        /// The rows that were given.
        rows: usize,
    },
    /// More rows than can be counted with 32 bits.
    #[error("a history holds at most 4294967295 rows: got {rows}")]
    TooLong {
        /// The rows that were given.
        rows: usize,
    },
    /// Too few observations for a process.
    #[error("{process} needs at least {needed} {what} to be calibrated: got {found}")]
    TooFew {
        /// The process.
        process: &'static str,
        /// What there is too little of.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many it takes.
        needed: usize,
    },
    /// Prices that never move: there is nothing to calibrate to.
    #[error("all {rows} prices are {price}: nothing to calibrate to; the process is `constant`")]
    ConstantPrices {
        /// The rows that were given.
        rows: usize,
        /// Their price.
        price: f64,
    },
    /// Prices that all move alike: they have a drift and no volatility.
    #[error("all returns are the same: there is no volatility to calibrate; use a history of market prices")]
    ConstantReturns,
    /// Rows that are not a whole number of intervals apart, where a process has intervals.
    #[error(
        "garch needs rows a whole number of intervals apart: two are {step} apart and the interval is {interval}; resample the \
         history, or choose another process"
    )]
    UnevenSteps {
        /// The step that is none.
        step: SimDuration,
        /// The interval of the history.
        interval: SimDuration,
    },
    /// As many times as prices are needed.
    #[error("a history needs one price for each time: got {times} times and {prices} prices")]
    LengthMismatch {
        /// How many times were given.
        times: usize,
        /// How many prices were given.
        prices: usize,
    },
    /// The file has no column of that name.
    #[error("there is no {wanted} column: the file has {}", .available.join(", "))]
    NoColumn {
        /// The column that was asked for, or the names that were looked for.
        wanted: String,
        /// The columns of the file.
        available: Vec<String>,
    },
    /// A time that cannot be read.
    #[error(
        "line {line}: {text:?} is not a time: expected UTC such as \"2022-01-01 00:00:00\", or seconds, milliseconds, \
         microseconds or nanoseconds since 1970"
    )]
    BadTime {
        /// The line of the file.
        line: u64,
        /// The text as it stands there.
        text: String,
    },
    /// A price that cannot be read, or is not a finite number above zero (between 1e-150 and 1e150).
    #[error("line {line}: {text:?} in column {column:?} is not a price: expected a number above zero (1e-150 to 1e150)")]
    BadPrice {
        /// The line of the file.
        line: u64,
        /// The column.
        column: String,
        /// The text as it stands there.
        text: String,
    },
    /// Histories that are to be used side by side have rows at different times.
    #[error("the histories part at row {row}: {} here, {} there: keep the rows that both have", time_or_none(*.first), time_or_none(*.second))]
    Misaligned {
        /// The first row that differs, from 1.
        row: usize,
        /// Its time in the one, if it has as many rows.
        first: Option<UtcTime>,
        /// Its time in the other.
        second: Option<UtcTime>,
    },
    /// A number that cannot be read, or is not from 0 to 1e150.
    #[error("line {line}: {text:?} in column {column:?} is not a number from 0 to 1e150")]
    BadNumber {
        /// The line of the file.
        line: u64,
        /// The column.
        column: String,
        /// The text as it stands there.
        text: String,
    },
    /// A whole number that cannot be read, or is out of its range.
    #[error("line {line}: {text:?} in column {column:?} is not {expected}")]
    BadInteger {
        /// The line of the file.
        line: u64,
        /// The column.
        column: String,
        /// The text as it stands there.
        text: String,
        /// What it should be.
        expected: &'static str,
    },
    /// Two rows for the same time.
    #[error("line {line}: a second row for {time}: keep one of the two")]
    DuplicateTime {
        /// The line of the second.
        line: u64,
        /// Their time.
        time: UtcTime,
    },
    /// A row earlier than the row before it.
    #[error("line {line}: {time} comes after {previous}: sort the file by time")]
    Disorder {
        /// The line of the earlier time.
        line: u64,
        /// The time there.
        time: UtcTime,
        /// The time of the row before.
        previous: UtcTime,
    },
    /// The file is not readable CSV: bytes that are no UTF-8, rows of different lengths, a failing reader.
    #[error("cannot read the file as CSV: {0}")]
    Csv(#[from] csv::Error),
}

impl PathError {
    /// The same of another parameter.
    pub(crate) fn about(self, other: &'static str) -> Self {
        match self {
            Self::Parameter { value, expected, .. } => Self::Parameter { name: other, value, expected },
            error => error,
        }
    }
}

/// `0,1, 1,2 and 0,2`
fn listed(pairs: &[(usize, usize)]) -> String {
    let names: Vec<String> = pairs.iter().map(|(i, j)| format!("{i},{j}")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

fn time_or_none(time: Option<UtcTime>) -> String {
    time.map_or_else(|| "no row".to_owned(), |time| time.to_string())
}
