use cenote_amm::MathError;
use thiserror::Error;

/// Why a schedule cannot be, or a lock refuses.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum EmissionError {
    /// A rate that is negative, infinite or not a number.
    #[error("{rate} is no rate: give a finite number of tokens that is not negative")]
    InvalidRate {
        /// The rate given.
        rate: f64,
    },
    /// A period, a half-life or a duration of nothing.
    #[error("{what} is zero: give a positive time")]
    NoTime {
        /// What it is.
        what: &'static str,
    },
    /// The steps of a table are not in order.
    #[error("the step at {next} does not begin after the one at {before}: give them in order of time")]
    StepsOutOfOrder {
        /// The one that stands first.
        before: u64,
        /// The one that stands after it.
        next: u64,
    },
    /// A table without steps.
    #[error("the table has no steps: give one at least")]
    NoSteps,
    /// Something is to end before it begins, or as it begins.
    #[error("it would begin at {start} and end at {end}: let it end later")]
    EndsTooSoon {
        /// The beginning.
        start: u64,
        /// The end.
        end: u64,
    },
    /// A lock that would be over already.
    #[error("the lock would end at {end}, and it is {now}: lock until a later time")]
    LockInThePast {
        /// When it would end.
        end: u64,
        /// What time it is.
        now: u64,
    },
    /// A lock longer than the contract allows.
    #[error("the lock would end at {end}, later than {latest}: the contract locks for {maximum} s at most")]
    LockTooLong {
        /// When it would end.
        end: u64,
        /// The latest end there can be.
        latest: u64,
        /// The longest lock.
        maximum: u64,
    },
    /// A fraction that is none.
    #[error("{given} of {whole} is no part of a whole: give no more than that")]
    NotAFraction {
        /// The numerator.
        given: u64,
        /// The denominator.
        whole: u64,
    },
    /// More is to be taken than there is.
    #[error("{amount} cannot be taken from {available}: ask for no more than is there")]
    Insufficient {
        /// What is there.
        available: f64,
        /// What was asked for.
        amount: f64,
    },
    /// A time beyond what the contract can compute: Curve's token knows one epoch ahead.
    #[error("{time} is too far in the future: the contract knows rates until {latest}")]
    TooFarAhead {
        /// The time asked for.
        time: u64,
        /// The latest there can be.
        latest: u64,
    },
    /// A time before there was anything.
    #[error("there was nothing yet at {time}: begin at {earliest} or later")]
    BeforeTheFirst {
        /// The time asked for.
        time: u64,
        /// When it began.
        earliest: u64,
    },
    /// The clock is to go backwards.
    #[error("the clock stands at {now} and cannot go back to {to}")]
    ClockRunsBack {
        /// Where it stands.
        now: u64,
        /// Where it was to go.
        to: u64,
    },
    /// An overflow that the contract checks for.
    #[error(transparent)]
    Math(#[from] MathError),
}
