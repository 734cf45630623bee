//! Rates as they were: supply and borrow rates recorded row by row.

use super::error::LendingError;
use super::formulas::Rates;

/// Supply and borrow rates per year, recorded at times: each holds until the next row.
///
/// Where the rows come from is the caller's to say: minute files of a reserve's `liquidity_rate` and `variable_borrow_rate`, say, whose
/// columns `cenote_paths::history::read_column` reads.
///
/// ```
/// use cenote_yield::lending::RateHistory;
/// let minute = 60_000_000_000;
/// let history = RateHistory::new(vec![0, minute, 2 * minute], vec![0.02, 0.04, 0.04], vec![0.03, 0.06, 0.06])?;
/// let rates = history.average(0, 2 * minute)?;
/// assert!((rates.supply - 0.03).abs() < 1e-15 && (rates.borrow - 0.045).abs() < 1e-15);
/// # Ok::<(), cenote_yield::lending::LendingError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RateHistory {
    times: Vec<u64>,
    rates: Vec<Rates<f64>>,
    /// What the rates have added up to before each row, in rate times nanoseconds.
    earned: Vec<Rates<f64>>,
}

impl RateHistory {
    /// A history from times, in nanoseconds since the start, and rates per year.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] unless there are two rows or more, as many rates as times, rising times, and rates from 0 to
    /// 100,000%.
    pub fn new(times: Vec<u64>, supply: Vec<f64>, borrow: Vec<f64>) -> Result<Self, LendingError> {
        let count = |rows: usize| f64::from(u32::try_from(rows).unwrap_or(u32::MAX));
        let refuse = |name, given, expected| Err(LendingError::InvalidParameter { name, given, expected });
        if times.len() < 2 {
            return refuse("rows", count(times.len()), "two rows or more");
        }
        if supply.len() != times.len() || borrow.len() != times.len() {
            return refuse("rates", count(supply.len().min(borrow.len())), "a supply and a borrow rate for every time");
        }
        if let Some(row) = times.windows(2).position(|pair| pair[0] >= pair[1]) {
            return refuse("row", count(row + 2), "a time after that of the row before");
        }
        if let Some(&rate) = supply.iter().chain(&borrow).find(|rate| !(0.0..=1000.0).contains(*rate)) {
            return refuse("rate", rate, "a rate per year from 0% to 100000%");
        }
        let rates: Vec<Rates<f64>> = supply.into_iter().zip(borrow).map(|(supply, borrow)| Rates { supply, borrow }).collect();
        let mut earned = Vec::with_capacity(rates.len());
        let mut sum = Rates { supply: 0.0, borrow: 0.0 };
        for (row, rate) in rates.iter().enumerate() {
            earned.push(sum);
            let next = times.get(row + 1).copied().unwrap_or(times[row]);
            let elapsed = super::convert::nearest_f64(next - times[row]);
            sum = Rates { supply: sum.supply + rate.supply * elapsed, borrow: sum.borrow + rate.borrow * elapsed };
        }
        Ok(Self { times, rates, earned })
    }

    /// The first and the last time, in nanoseconds.
    pub fn span(&self) -> (u64, u64) {
        (self.times[0], self.times[self.times.len() - 1])
    }

    /// The rates at a time: those of the last row up to it. The last row's hold for its own moment only.
    ///
    /// # Errors
    /// [`LendingError::OutsideHistory`]
    pub fn at(&self, time: u64) -> Result<Rates<f64>, LendingError> {
        Ok(self.rates[self.row(time)?])
    }

    /// The average rates between two times: what set in [`LendingLanes::set_rates`](super::LendingLanes::set_rates) at the first
    /// accrues by the second what the rows say, however far apart the two are. Of one and the same time, its rates.
    ///
    /// # Errors
    /// [`LendingError::OutsideHistory`], [`LendingError::TimeBackwards`]
    pub fn average(&self, from: u64, to: u64) -> Result<Rates<f64>, LendingError> {
        if to < from {
            return Err(LendingError::TimeBackwards { time: to / NANOSECONDS, now: from / NANOSECONDS });
        }
        if from == to {
            return self.at(from);
        }
        let (before, after) = (self.earned_by(from)?, self.earned_by(to)?);
        let elapsed = super::convert::nearest_f64(to - from);
        Ok(Rates { supply: (after.supply - before.supply) / elapsed, borrow: (after.borrow - before.borrow) / elapsed })
    }

    fn row(&self, time: u64) -> Result<usize, LendingError> {
        let (first, last) = self.span();
        if time < first || time > last {
            let [time, first, last] = [time, first, last].map(|time| time / NANOSECONDS);
            return Err(LendingError::OutsideHistory { time, first, last });
        }
        Ok(self.times.partition_point(|row| *row <= time) - 1)
    }

    fn earned_by(&self, time: u64) -> Result<Rates<f64>, LendingError> {
        let row = self.row(time)?;
        let (sum, rate) = (self.earned[row], self.rates[row]);
        let elapsed = super::convert::nearest_f64(time - self.times[row]);
        Ok(Rates { supply: sum.supply + rate.supply * elapsed, borrow: sum.borrow + rate.borrow * elapsed })
    }
}

const NANOSECONDS: u64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn history() -> RateHistory {
        RateHistory::new(vec![10, 20, 40, 50], vec![0.1, 0.2, 0.0, 0.3], vec![0.2, 0.3, 0.1, 0.4]).unwrap()
    }

    #[test]
    fn rows_hold_until_the_next() {
        let history = history();
        assert_eq!(history.span(), (10, 50));
        for (time, supply) in [(10, 0.1), (19, 0.1), (20, 0.2), (39, 0.2), (40, 0.0), (49, 0.0), (50, 0.3)] {
            assert_eq!(history.at(time).unwrap().supply, supply);
        }
        for time in [0, 9, 51] {
            assert!(matches!(history.at(time), Err(LendingError::OutsideHistory { .. })));
        }
    }

    #[test]
    fn averages_add_up() {
        let history = history();
        let near = |rates: Rates<f64>, supply: f64, borrow: f64| {
            assert!((rates.supply - supply).abs() < 1e-15 && (rates.borrow - borrow).abs() < 1e-15, "{rates:?}");
        };
        near(history.average(10, 50).unwrap(), 5.0 / 40.0, 9.0 / 40.0);
        near(history.average(15, 25).unwrap(), 0.15, 0.25);
        near(history.average(25, 30).unwrap(), 0.2, 0.3);
        near(history.average(45, 45).unwrap(), 0.0, 0.1);
        assert!(history.average(20, 15).is_err() && history.average(5, 15).is_err() && history.average(15, 55).is_err());
    }

    #[test]
    fn what_is_no_history_is_refused() {
        let two = || vec![0.1, 0.1];
        for (times, supply, borrow) in [
            (vec![1], vec![0.1], vec![0.1]),
            (vec![1, 2], vec![0.1], two()),
            (vec![2, 2], two(), two()),
            (vec![2, 1], two(), two()),
            (vec![1, 2], vec![0.1, f64::NAN], two()),
            (vec![1, 2], two(), vec![-0.1, 0.1]),
        ] {
            assert!(matches!(RateHistory::new(times, supply, borrow), Err(LendingError::InvalidParameter { .. })));
        }
    }
}
