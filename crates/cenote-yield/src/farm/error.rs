use cenote_amm::MathError;
use thiserror::Error;

/// Why a farm refuses: its contract would have reverted, and the farm is as it was. Amounts are in the lane's unit.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum FarmError {
    /// The farm has no pool of that number.
    #[error("there is no pool {pid}: the farm has {pools}, counted from 0")]
    UnknownPool {
        /// The number asked for.
        pid: u32,
        /// How many pools there are.
        pools: usize,
    },
    /// `withdraw: not good` of `MasterChef.withdraw`: more is to be withdrawn than was staked.
    #[error("{amount} cannot be withdrawn from a stake of {staked}: ask for no more than is staked")]
    StakeTooSmall {
        /// What the owner has staked.
        staked: f64,
        /// What was asked for.
        amount: f64,
    },
    /// `deposit CAKE by staking` of PancakeSwap's `MasterChef.deposit`.
    #[error("pool 0 stakes the reward token itself: deposit with `enter_staking`")]
    DepositByStaking,
    /// `withdraw CAKE by unstaking` of PancakeSwap's `MasterChef.withdraw`.
    #[error("pool 0 stakes the reward token itself: withdraw with `leave_staking`")]
    WithdrawByUnstaking,
    /// The contract has no such function.
    #[error("this farm's contract does not know {operation}")]
    Unsupported {
        /// What was asked for.
        operation: &'static str,
    },
    /// All allocation points are zero, so a pool's part of the emission is 0/0: `updatePool` divides by it and reverts.
    #[error("no pool has allocation points, so there is no emission to divide: set some first")]
    NoAllocPoints,
    /// The farm has fewer tokens than it is to pay.
    #[error("the farm holds {held} and cannot pay {amount}: fund it first")]
    InsufficientTokens {
        /// What is there.
        held: f64,
        /// What was to be paid.
        amount: f64,
    },
    /// `Cannot stake 0` of `StakingRewards.stake`.
    #[error("nothing is to be staked: give a positive amount")]
    StakesNothing,
    /// `Cannot withdraw 0` of `StakingRewards.withdraw`.
    #[error("nothing is to be withdrawn: give a positive amount")]
    WithdrawsNothing,
    /// `Provided reward too high` of `StakingRewards.notifyRewardAmount`: the contract does not hold what it is to pay out.
    #[error("a rate of {rate} a second for {duration} s needs more than the {held} that the farm holds: fund it first")]
    RewardTooHigh {
        /// Rewards a second.
        rate: f64,
        /// For how many seconds.
        duration: u64,
        /// What the farm holds.
        held: f64,
    },
    /// A period, an interval or a table of no length.
    #[error("{what} of {given} is none: give {least} or more")]
    TooShort {
        /// What is too short.
        what: &'static str,
        /// What was given.
        given: u64,
        /// The least that makes sense.
        least: u64,
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
    /// An overflow that the contract checks for.
    #[error(transparent)]
    Math(#[from] MathError),
}

impl FarmError {
    /// The contract's reason; empty where it reverts without one, `None` if no contract could be asked such a thing.
    pub fn revert_reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::UnknownPool { .. } => "",
            Self::StakeTooSmall { .. } => "withdraw: not good",
            Self::DepositByStaking => "deposit CAKE by staking",
            Self::WithdrawByUnstaking => "withdraw CAKE by unstaking",
            Self::NoAllocPoints => DIVISION_BY_ZERO,
            Self::StakesNothing => "Cannot stake 0",
            Self::WithdrawsNothing => "Cannot withdraw 0",
            Self::RewardTooHigh { .. } => "Provided reward too high",
            Self::Math(math) => safe_math(*math)?,
            Self::InsufficientTokens { .. }
            | Self::Unsupported { .. }
            | Self::TooShort { .. }
            | Self::ClockRunsBack { .. }
            | Self::InvalidAmount { .. } => return None,
        })
    }
}

const DIVISION_BY_ZERO: &str = "SafeMath: division by zero";

/// What OpenZeppelin's `SafeMath` says.
fn safe_math(error: MathError) -> Option<&'static str> {
    Some(match error {
        MathError::AddOverflow => "SafeMath: addition overflow",
        MathError::SubUnderflow => "SafeMath: subtraction overflow",
        MathError::MulOverflow => "SafeMath: multiplication overflow",
        MathError::DivisionByZero => DIVISION_BY_ZERO,
        _ => return None,
    })
}
