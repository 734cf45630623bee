use cenote_amm::MathError;
use thiserror::Error;

use crate::emission::EmissionError;

/// Why a gauge or an escrow refuses: its contract would have reverted, and everything is as it was. Times are Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum GaugeError {
    /// Nothing is to be locked: an assertion without a reason.
    #[error("nothing is to be locked: give a positive amount")]
    Nothing,
    /// `Withdraw old tokens first` of `create_lock`.
    #[error("there is a lock already, until {end}: add to it, or withdraw it when it has ended")]
    LockedAlready {
        /// When it ends.
        end: u64,
    },
    /// `Can only lock until time in the future` of `create_lock`.
    #[error("the lock would end with the week of {end}, and it is {now}: lock until a later week")]
    LockInThePast {
        /// The end, rounded down to a week.
        end: u64,
        /// What time it is.
        now: u64,
    },
    /// `Voting lock can be 4 years max`.
    #[error("the lock would end at {end}, later than {latest}: four years are the longest")]
    LockTooLong {
        /// The end, rounded down to a week.
        end: u64,
        /// The latest there can be.
        latest: u64,
    },
    /// `No existing lock found`, `Nothing is locked`.
    #[error("there is no lock: create one first")]
    NoLock,
    /// `Cannot add to expired lock. Withdraw`, `Lock expired`.
    #[error("the lock ended at {end}, and it is {now}: withdraw it and create another one")]
    LockExpired {
        /// When it ended; 0 if there is none.
        end: u64,
        /// What time it is.
        now: u64,
    },
    /// `Can only increase lock duration`.
    #[error("the lock ends at {end} and cannot be made to end at {to}: it can only become longer")]
    NotLonger {
        /// When it ends.
        end: u64,
        /// When it was to end, rounded down to a week.
        to: u64,
    },
    /// `The lock didn't expire` of `withdraw`.
    #[error("the lock ends at {end}, and it is {now}: wait")]
    StillLocked {
        /// When it ends.
        end: u64,
        /// What time it is.
        now: u64,
    },
    /// More is to be withdrawn than was staked: an underflow in the contract.
    #[error("{amount} cannot be withdrawn from a stake of {staked}: ask for no more than is staked")]
    StakeTooSmall {
        /// What is staked.
        staked: f64,
        /// What was asked for.
        amount: f64,
    },
    /// `kick not allowed`: the owner has votes and has acted since they last changed.
    #[error("owner {owner} has votes, and has acted since they changed: there is nothing to correct")]
    KickNotAllowed {
        /// Whose boost it is.
        owner: u32,
    },
    /// `kick not needed`: the stake counts for no more than it would without votes.
    #[error("the stake of owner {owner} has no boost")]
    KickNotNeeded {
        /// Whose boost it is.
        owner: u32,
    },
    /// The gauge has no such reward token, or no room for another.
    #[error("reward token {index} is out of range: the gauge has {count}, and room for {most}")]
    NoSuchReward {
        /// Its number.
        index: usize,
        /// How many there are.
        count: usize,
        /// How many there can be.
        most: usize,
    },
    /// A part of the inflation above all of it.
    #[error("a weight of {weight} of 10^18 is more than everything: give no more than 10^18")]
    WeightTooLarge {
        /// The weight given.
        weight: u64,
    },
    /// The clock is to go backwards.
    #[error("the clock stands at {now} and cannot go back to {to}")]
    ClockRunsBack {
        /// Where it stands.
        now: u64,
        /// Where it was to go.
        to: u64,
    },
    /// An amount is negative, infinite or not a number.
    #[error("{amount} is no amount: give a finite number that is not negative")]
    InvalidAmount {
        /// The amount given.
        amount: f64,
    },
    /// The inflation's schedule fails.
    #[error(transparent)]
    Emission(#[from] EmissionError),
    /// An overflow that the contract checks for.
    #[error(transparent)]
    Math(#[from] MathError),
}
