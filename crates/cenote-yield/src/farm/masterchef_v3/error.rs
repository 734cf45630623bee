use cenote_amm::MathError;
use thiserror::Error;

/// Why the farm refuses: the contract would have reverted, and everything is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ChefV3Error {
    /// `InvalidPid`.
    #[error("there is no pool {pid}: the farm has {pools}, counted from 1")]
    InvalidPid {
        /// The number asked for.
        pid: u32,
        /// How many pools there are.
        pools: usize,
    },
    /// `NotOwner`: it is somebody else's position, or nobody's.
    #[error("position {token} does not belong to owner {caller}")]
    NotOwner {
        /// Its number.
        token: u64,
        /// Who tried.
        caller: u32,
    },
    /// `NoLiquidity`: there is nothing to deposit, or nothing to harvest.
    #[error("position {token} has neither liquidity nor rewards")]
    NoLiquidity {
        /// Its number.
        token: u64,
    },
    /// `InvalidNFT`: the position is not in the farm's keeping.
    #[error("position {token} is not in the farm: deposit it first")]
    InvalidNft {
        /// Its number.
        token: u64,
    },
    /// The position is in the farm's keeping already: nobody has it to deposit it again.
    #[error("position {token} is in the farm already")]
    DepositedAlready {
        /// Its number.
        token: u64,
    },
    /// The range's ends are not in order.
    #[error("a range from tick {lower} to {upper} is none")]
    InvalidRange {
        /// Where it begins.
        lower: i32,
        /// Where it ends.
        upper: i32,
    },
    /// `InvalidPeriodDuration`.
    #[error("a period of {duration} s is out of range: give 1 to 30 days")]
    InvalidPeriodDuration {
        /// What was given.
        duration: u64,
    },
    /// `LO` of `LmTick.update`.
    #[error("{liquidity} at tick {tick} exceeds the {most} that a tick may have")]
    TickOverflow {
        /// The tick.
        tick: i32,
        /// The liquidity there would be.
        liquidity: u128,
        /// The most there can be.
        most: u128,
    },
    /// Liquidity beyond the contract's integers.
    #[error("liquidity exceeds 128 bits: use less of it")]
    LiquidityOverflow,
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
