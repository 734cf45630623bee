//! Borrowers who come and go with the rate.

use cenote_units::math::{exp, ln};
use cenote_units::{Lanes, Rate, SimDuration, kernel};

use crate::lending::LendingError;
use crate::lending::convert::nearest_f64;

/// Borrowers who have a rate that they are willing to pay: below it they borrow more, above it they repay,
/// d ln(debt)/dt = ln(willing/rate)/response.
///
/// The crowd of a lending market, as `crowd` is that of a farm. In the long run the borrow rate is what they are willing to pay.
///
/// ```
/// use cenote_units::Lanes;
/// use cenote_yield::lending::BorrowerCrowd;
/// let crowd = BorrowerCrowd::new("5%".parse()?, "7d".parse()?)?;
/// let mut next = Lanes::ZERO;
/// let day = 86_400_000_000_000;
/// // At 4% somewhat more is lent out after a day: 0.6 · (5/4)^(1/7).
/// crowd.next(&Lanes([0.6]), &Lanes([0.04]), &[day], &mut next);
/// assert!((next[0] - 0.6194).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BorrowerCrowd {
    ln_willing: f64,
    per_nanosecond: f64,
}

impl BorrowerCrowd {
    /// Borrowers who are willing to pay this rate, and respond within this time.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] unless both are positive.
    pub fn new(willing: Rate, response: SimDuration) -> Result<Self, LendingError> {
        if willing.per_year() <= 0.0 {
            return Err(LendingError::InvalidParameter { name: "willing", given: willing.per_year(), expected: "a positive rate" });
        }
        let nanoseconds = nearest_f64(response.as_nanos());
        if nanoseconds == 0.0 {
            return Err(LendingError::InvalidParameter { name: "response", given: 0.0, expected: "a positive duration" });
        }
        Ok(Self { ln_willing: ln(willing.per_year()), per_nanosecond: 1.0 / nanoseconds })
    }

    /// The utilisation that they bring about in `elapsed` nanoseconds, from `utilisation` at `borrow_rate`: at most 1, and none stays
    /// none.
    ///
    /// Supply stands still meanwhile, so that utilisation grows as debt does.
    pub fn next<const L: usize>(&self, utilisation: &Lanes<L>, borrow_rate: &Lanes<L>, elapsed: &[u64; L], next: &mut Lanes<L>) {
        respond(self.ln_willing, self.per_nanosecond, utilisation, borrow_rate, elapsed, next);
    }
}

kernel! {
    fn respond<const L: usize>(
        ln_willing: f64,
        per_nanosecond: f64,
        utilisation: &Lanes<L>,
        borrow_rate: &Lanes<L>,
        elapsed: &[u64; L],
        next: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let share = nearest_f64(elapsed[l]) * per_nanosecond;
            // A rate of nothing would bring infinitely many.
            let rate = if borrow_rate[l] > 1e-9 { borrow_rate[l] } else { 1e-9 };
            let grown = utilisation[l] * exp(share * (ln_willing - ln(rate)));
            next[l] = if grown < 1.0 { grown } else { 1.0 };
        }
    }
}
