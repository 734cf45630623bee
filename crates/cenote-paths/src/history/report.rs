use std::fmt;

use cenote_units::SimDuration;

use super::time::UtcTime;

/// What a history looks like: its interval, and where it departs from it.
///
/// Gaps are facts to know, not errors: nothing is filled in or smoothed over. It prints as a sentence:
///
/// ```
/// use cenote_paths::PriceHistory;
/// let file = "time,price\n0,10\n60,11\n120,10\n300,12\n";
/// let history = PriceHistory::read_csv(file.as_bytes(), None)?;
/// assert_eq!(
///     history.report().to_string(),
///     "4 rows at intervals of 1min, 1 gap (2 rows missing), \
///      the first at line 5 between 1970-01-01 00:02:00 and 1970-01-01 00:05:00"
/// );
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryReport {
    rows: usize,
    interval: SimDuration,
    gaps: usize,
    missing: u64,
    crowded: usize,
    first: Option<Gap>,
}

/// Two neighbouring rows that are not one interval apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The line of the second row.
    pub line: u64,
    /// The time of the first.
    pub from: UtcTime,
    /// The time of the second.
    pub to: UtcTime,
}

impl HistoryReport {
    pub(super) fn new(times: &[UtcTime], spacings: &[u64], lines: &[u64], interval: u64) -> Self {
        let mut report =
            Self { rows: times.len(), interval: SimDuration::from_nanos(interval), gaps: 0, missing: 0, crowded: 0, first: None };
        for (i, &spacing) in spacings.iter().enumerate() {
            if spacing == interval {
                continue;
            }
            if spacing > interval {
                report.gaps += 1;
                report.missing += (spacing - 1) / interval;
            } else {
                report.crowded += 1;
            }
            report.first = report.first.or(Some(Gap { line: lines[i + 1], from: times[i], to: times[i + 1] }));
        }
        report
    }

    /// Rows of the history.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The most common spacing of two rows.
    pub fn interval(&self) -> SimDuration {
        self.interval
    }

    /// Neighbouring rows more than one interval apart.
    pub fn gaps(&self) -> usize {
        self.gaps
    }

    /// Rows that are missing in all gaps together, if every interval were to have one.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Neighbouring rows less than one interval apart.
    pub fn crowded(&self) -> usize {
        self.crowded
    }

    /// The first place where two rows are not one interval apart.
    pub fn first(&self) -> Option<Gap> {
        self.first
    }

    /// Whether all neighbouring rows are one interval apart.
    pub fn is_regular(&self) -> bool {
        self.first.is_none()
    }
}

impl fmt::Display for HistoryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows at intervals of {}", self.rows, self.interval)?;
        let plural = |n: u64| if n == 1 { "" } else { "s" };
        if self.gaps > 0 {
            let (gaps, missing) = (self.gaps, self.missing);
            write!(f, ", {gaps} gap{} ({missing} row{} missing)", plural(gaps as u64), plural(missing))?;
        }
        if self.crowded > 0 {
            write!(f, ", {} row{} too early", self.crowded, plural(self.crowded as u64))?;
        }
        match self.first {
            Some(gap) => write!(f, ", the first at line {} between {} and {}", gap.line, gap.from, gap.to),
            None => write!(f, ", no gaps"),
        }
    }
}
