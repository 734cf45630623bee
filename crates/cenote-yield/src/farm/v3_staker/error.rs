use cenote_amm::ConcentratedError;
use thiserror::Error;

/// Why the staker refuses: the contract would have reverted, and everything is as it was. Times are Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum StakerError {
    /// `createIncentive: reward must be positive`.
    #[error("the incentive has no reward: give a positive amount")]
    NoReward,
    /// `createIncentive: start time must be now or in the future`.
    #[error("the incentive would have begun at {start}, and it is {now}: begin now or later")]
    StartInThePast {
        /// When it would begin.
        start: u64,
        /// What time it is.
        now: u64,
    },
    /// `createIncentive: start time too far into future`.
    #[error("the incentive would begin at {start}, later than {latest}: begin sooner")]
    StartTooLate {
        /// When it would begin.
        start: u64,
        /// The latest there can be.
        latest: u64,
    },
    /// `createIncentive: start time must be before end time`.
    #[error("the incentive would begin at {start} and end at {end}: let it end later")]
    EndsTooSoon {
        /// When it would begin.
        start: u64,
        /// When it would end.
        end: u64,
    },
    /// `createIncentive: incentive duration is too long`.
    #[error("the incentive would last {duration} s, longer than the {longest} s that are allowed")]
    TooLong {
        /// How long it would last.
        duration: u64,
        /// How long it may last.
        longest: u64,
    },
    /// `endIncentive: cannot end incentive before end time`.
    #[error("the incentive ends at {end}, and it is {now}: wait")]
    NotOver {
        /// When it ends.
        end: u64,
        /// What time it is.
        now: u64,
    },
    /// `endIncentive: no refund available`.
    #[error("the incentive has nothing left")]
    NoRefund,
    /// `endIncentive: cannot end incentive while deposits are staked`.
    #[error("{stakes} positions are staked in the incentive: unstake them first, as anybody can once it is over")]
    StillStaked {
        /// How many.
        stakes: u64,
    },
    /// `withdrawToken: cannot withdraw token while staked`.
    #[error("position {token} is staked in {stakes} incentives: unstake it first")]
    TokenStaked {
        /// Its number.
        token: u64,
        /// In how many incentives it is staked.
        stakes: u64,
    },
    /// `only owner can …`: it is somebody else's position, or nobody's.
    #[error("position {token} does not belong to owner {caller}")]
    NotOwner {
        /// Its number.
        token: u64,
        /// Who tried.
        caller: u32,
    },
    /// `stakeToken: incentive not started`.
    #[error("the incentive begins at {start}, and it is {now}: wait")]
    NotStarted {
        /// When it begins.
        start: u64,
        /// What time it is.
        now: u64,
    },
    /// `stakeToken: incentive ended`.
    #[error("the incentive ended at {end}, and it is {now}")]
    Ended {
        /// When it ended.
        end: u64,
        /// What time it is.
        now: u64,
    },
    /// `stakeToken: non-existent incentive`: there is none, or nothing is left of it.
    #[error("there is no such incentive, or nothing is left of it: create it first")]
    NoIncentive,
    /// `stakeToken: token already staked`.
    #[error("position {token} is staked in this incentive already")]
    AlreadyStaked {
        /// Its number.
        token: u64,
    },
    /// `stakeToken: cannot stake token with 0 liquidity`.
    #[error("position {token} has no liquidity")]
    NoLiquidity {
        /// Its number.
        token: u64,
    },
    /// `unstakeToken: stake does not exist`, `getRewardInfo: stake does not exist`.
    #[error("position {token} is not staked in this incentive")]
    NotStaked {
        /// Its number.
        token: u64,
    },
    /// `FullMath.mulDiv` fails, without a reason: more seconds are claimed than there were.
    #[error("more liquidity-seconds are claimed than the incentive has")]
    TooManySeconds,
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
    /// The pool refuses to say how long the price was inside.
    #[error(transparent)]
    Pool(#[from] ConcentratedError),
}
