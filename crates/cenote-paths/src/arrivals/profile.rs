use std::sync::Arc;

use cenote_units::SimDuration;

use crate::convert::{index_of, index_to_f64, nanos, to_f64};
use crate::error::PathError;
use crate::parameters::check;

/// How a pace changes over a period that comes again and again: a day of 24 hours, a week of 168.
///
/// The period is cut into as many equal parts as there are weights. Within a part the pace is rate × weight / (mean of the weights):
/// only the proportions of the weights matter, and the rate stays what comes on average. A period begins where time begins.
///
/// ```
/// use cenote_paths::arrivals::Profile;
/// let day = Profile::new("1d".parse()?, &[1.0, 3.0])?; // three times as busy in the second half
/// assert_eq!(day.peak(), 1.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// In nanoseconds.
    period: u64,
    years: f64,
    /// Of mean 1.
    weights: Arc<[f64]>,
    /// Sum of the weights before each part.
    before: Arc<[f64]>,
}

impl Profile {
    /// The most parts of a period.
    const MOST: usize = 100_000;

    /// A profile over `period`.
    ///
    /// # Errors
    /// A period of zero; no weight at all or more than 100,000; a weight that is negative or not finite; weights that are all zero.
    pub fn new(period: SimDuration, weights: &[f64]) -> Result<Self, PathError> {
        let years = period.as_years();
        check("period", years, years > 0.0, "longer than 0s")?;
        let parts = index_to_f64(weights.len());
        check("profile", parts, (1..=Self::MOST).contains(&weights.len()), "from 1 to 100,000 weights")?;
        for &weight in weights {
            check("profile", weight, (0.0..=1e100).contains(&weight), "weights from 0 to 1e100")?;
        }
        let mean = weights.iter().sum::<f64>() / parts;
        check("profile", mean, mean > 0.0, "at least one weight above zero")?;
        let weights: Arc<[f64]> = weights.iter().map(|weight| weight / mean).collect();
        let mut sum = 0.0;
        let before = weights
            .iter()
            .map(|weight| {
                let before = sum;
                sum += weight;
                before
            })
            .collect();
        Ok(Self { period: period.as_nanos(), years, weights, before })
    }

    /// A day of 24 hours, from midnight on.
    ///
    /// # Errors
    /// As [`Profile::new`].
    pub fn hourly(weights: &[f64; 24]) -> Result<Self, PathError> {
        Self::new(SimDuration::DAY, weights)
    }

    /// The largest weight over their mean.
    pub fn peak(&self) -> f64 {
        self.weights.iter().copied().fold(0.0, f64::max)
    }

    /// The window of so many years up to `end`, each moment weighted: as long as the window itself on average over a period.
    pub(super) fn weigh(&self, end: u64, years: f64) -> f64 {
        let begin = end.saturating_sub(nanos(years / SimDuration::from_nanos(1).as_years()));
        // Whole periods apart from parts of them: nothing is lost in large sums.
        let whole = to_f64(end / self.period - begin / self.period);
        (whole + (self.passed(end % self.period) - self.passed(begin % self.period))) * self.years
    }

    /// The share of a period's events that have come this long after it began.
    fn passed(&self, phase: u64) -> f64 {
        let parts = index_to_f64(self.weights.len());
        let place = to_f64(phase) / to_f64(self.period) * parts;
        let part = index_of(place).min(self.weights.len() - 1);
        (self.before[part] + self.weights[part] * (place - index_to_f64(part))) / parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000_000_000;

    #[test]
    fn windows_are_weighted() {
        let day = Profile::new(SimDuration::DAY, &[0.0, 1.0, 3.0, 0.0]).unwrap();
        let year_of = |nanos: u64| SimDuration::from_nanos(nanos).as_years();
        let cases = [
            (24 * HOUR, 24 * HOUR, 24.0),
            (6 * HOUR, 6 * HOUR, 0.0),
            (7 * HOUR, HOUR, 1.0),
            (7 * HOUR, 7 * HOUR, 1.0),
            (13 * HOUR, 2 * HOUR, 1.0 + 3.0),
            (24 * HOUR + 13 * HOUR, 26 * HOUR, 4.0 + 24.0),
            (1000 * 24 * HOUR + 12 * HOUR + HOUR / 300, HOUR / 300, 3.0 / 300.0),
        ];
        for (end, length, hours) in cases {
            let weighed = day.weigh(end, year_of(length)) / year_of(HOUR);
            assert!((weighed - hours).abs() < 1e-9, "{length} ns up to {end}: {weighed} h, expected {hours} h");
        }
    }

    #[test]
    fn bad_profiles_are_errors() {
        for weights in [&[][..], &[-1.0], &[f64::NAN], &[f64::INFINITY], &[0.0, 0.0]] {
            assert!(matches!(Profile::new(SimDuration::DAY, weights), Err(PathError::Parameter { name: "profile", .. })));
        }
        assert!(matches!(Profile::new(SimDuration::ZERO, &[1.0]), Err(PathError::Parameter { name: "period", .. })));
        assert_eq!(Profile::hourly(&[7.0; 24]).unwrap().peak(), 1.0);
    }
}
