//! What can go wrong. An `Err` means that the contract would have reverted, or could not have been asked, and leaves everything untouched.
//!
//! Amounts inside errors are `f64` in the lane's own unit: they are for reading, in either lane.

use thiserror::Error;

/// A number that the contract's integers cannot hold, or a division by nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArithmeticError {
    /// Checked arithmetic of 256 bits (128 where balances are added up): below zero or too large.
    #[error("a sum, difference or product does not fit 256 bits: use smaller amounts")]
    Overflow,
    /// A product inside `WadRayMath` or `PercentageMath` needs more than 256 bits, or they divide by zero.
    #[error("a product with 27 decimals does not fit 256 bits: use smaller amounts")]
    FixedPoint,
    /// `SafeCast.toUint128`.
    #[error("a rate, index or scaled amount does not fit 128 bits: use smaller amounts")]
    Uint128,
}

/// What a lending market refuses.
///
/// Source of the numbers in [`revert_reason`](Self::revert_reason): Aave v3 `protocol/libraries/helpers/Errors.sol`.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum LendingError {
    /// An amount is negative, infinite or not a number: only the fast lane can say such a thing.
    #[error("{amount} is no amount: give a finite number of tokens, not below zero")]
    InvalidAmount {
        /// What was given.
        amount: f64,
    },
    /// A parameter is outside its range.
    #[error("{name} is {given}, expected {expected}")]
    InvalidParameter {
        /// The parameter.
        name: &'static str,
        /// What was given.
        given: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// There is no such reserve.
    #[error("there is no reserve {index}: the market has {reserves}, counted from 0")]
    UnknownReserve {
        /// What was asked for.
        index: usize,
        /// How many there are.
        reserves: usize,
    },
    /// The market holds as many reserves as it can.
    #[error("a market has at most {maximum} reserves")]
    TooManyReserves {
        /// How many it can hold.
        maximum: usize,
    },
    /// Time went backwards.
    #[error("time {time} s is before the market's, {now} s: time only moves on")]
    TimeBackwards {
        /// What was asked for.
        time: u64,
        /// Where the market is.
        now: u64,
    },
    /// A time for which no rates were recorded.
    #[error("no rates are recorded at {time} s: the history runs from {first} s to {last} s")]
    OutsideHistory {
        /// What was asked for.
        time: u64,
        /// The first recorded time.
        first: u64,
        /// The last recorded time.
        last: u64,
    },
    /// `INVALID_MINT_AMOUNT`: an amount so small that it is nothing once divided by the index.
    #[error("{amount} is worth nothing at the present index: give a larger amount")]
    MintsNothing {
        /// The amount.
        amount: f64,
    },
    /// `INVALID_BURN_AMOUNT`: an amount so small that it is nothing once divided by the index.
    #[error("{amount} is worth nothing at the present index: give a larger amount")]
    BurnsNothing {
        /// The amount.
        amount: f64,
    },
    /// `INVALID_AMOUNT`.
    #[error("the amount is zero: give a positive one")]
    ZeroAmount,
    /// `NOT_ENOUGH_AVAILABLE_USER_BALANCE`.
    #[error("{amount} is to be withdrawn, the balance is {balance}: withdraw at most that")]
    InsufficientBalance {
        /// What was asked for.
        amount: f64,
        /// What there is.
        balance: f64,
    },
    /// More aTokens are to be transferred than there are: checked arithmetic refuses.
    #[error("{amount} is to be transferred, the balance is {balance}: transfer at most that")]
    TransferExceedsBalance {
        /// What was asked for.
        amount: f64,
        /// What there is.
        balance: f64,
    },
    /// The reserve has lent out too much of what it holds: `calculateInterestRates` cannot subtract.
    #[error("{amount} is to be taken, and only {liquidity} is not lent out: wait, or take less")]
    InsufficientLiquidity {
        /// What was asked for.
        amount: f64,
        /// What the reserve holds.
        liquidity: f64,
    },
    /// The reserve owes more than it holds, by roundings, and nobody owes it anything: the underlying token refuses, in its own words.
    #[error("{amount} is to be paid out, and the reserve holds {liquidity}: take less by the difference")]
    UnderlyingTransferFailed {
        /// What was asked for.
        amount: f64,
        /// What the reserve holds.
        liquidity: f64,
    },
    /// `COLLATERAL_BALANCE_IS_ZERO`.
    #[error("there is no collateral to borrow against: supply a token that counts as collateral first")]
    NoCollateral,
    /// `HEALTH_FACTOR_LOWER_THAN_LIQUIDATION_THRESHOLD`.
    #[error("the health factor would be {health_factor}, and must not be below 1: repay, or add collateral")]
    HealthFactorTooLow {
        /// Collateral times its liquidation threshold over debt: 1 is the brink.
        health_factor: f64,
    },
    /// `COLLATERAL_CANNOT_COVER_NEW_BORROW`.
    #[error("the loan needs collateral worth {needed}, and there is {collateral}: borrow less")]
    InsufficientCollateral {
        /// Worth of the collateral needed, in the base currency.
        needed: f64,
        /// Worth of the collateral there is, in the base currency.
        collateral: f64,
    },
    /// `NO_DEBT_OF_SELECTED_TYPE`.
    #[error("there is no debt to repay")]
    NoDebt,
    /// `UNDERLYING_BALANCE_ZERO`.
    #[error("nothing is supplied that could serve as collateral: supply first")]
    NothingSupplied,
    /// `LTV_VALIDATION_FAILED`.
    #[error("part of the collateral cannot be borrowed against: withdraw that first")]
    LoanToValueZero,
    /// `USER_IN_ISOLATION_MODE_OR_LTV_ZERO`.
    #[error("this token cannot be borrowed against")]
    NotCollateral,
    /// `HEALTH_FACTOR_NOT_BELOW_THRESHOLD`.
    #[error("the health factor is {health_factor}: only accounts below 1 can be liquidated")]
    Healthy {
        /// Collateral times its liquidation threshold over debt; infinite without debt.
        health_factor: f64,
    },
    /// `COLLATERAL_CANNOT_BE_LIQUIDATED`.
    #[error("this token does not serve as the account's collateral: name one that does")]
    NotUsedAsCollateral,
    /// `SPECIFIED_CURRENCY_NOT_BORROWED_BY_USER`.
    #[error("the account does not owe this token: name one that it owes")]
    NotBorrowed,
    /// `BORROW_CAP_EXCEEDED`.
    #[error("all debt would be {debt}, the reserve allows {cap}: borrow less")]
    BorrowCapExceeded {
        /// All debt after the loan.
        debt: f64,
        /// The cap.
        cap: f64,
    },
    /// `SUPPLY_CAP_EXCEEDED`.
    #[error("all supply would be {supply}, the reserve allows {cap}: supply less")]
    SupplyCapExceeded {
        /// All supply after this one, what the treasury is owed included.
        supply: f64,
        /// The cap.
        cap: f64,
    },
    /// See [`ArithmeticError`].
    #[error(transparent)]
    Arithmetic(#[from] ArithmeticError),
}

impl LendingError {
    /// The reason with which the contract reverts: a number of `Errors.sol`, or `Panic(17)` of checked arithmetic; empty where the
    /// contract gives none. `None` if no contract could be asked such a thing, or if the underlying token gives the reason.
    pub fn revert_reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::InvalidAmount { .. }
            | Self::InvalidParameter { .. }
            | Self::UnknownReserve { .. }
            | Self::TooManyReserves { .. }
            | Self::TimeBackwards { .. }
            | Self::OutsideHistory { .. }
            | Self::UnderlyingTransferFailed { .. } => return None,
            Self::MintsNothing { .. } => "24",
            Self::BurnsNothing { .. } => "25",
            Self::ZeroAmount => "26",
            Self::InsufficientBalance { .. } => "32",
            Self::NoCollateral => "34",
            Self::HealthFactorTooLow { .. } => "35",
            Self::InsufficientCollateral { .. } => "36",
            Self::NoDebt => "39",
            Self::NothingSupplied => "43",
            Self::Healthy { .. } => "45",
            Self::NotUsedAsCollateral => "46",
            Self::NotBorrowed => "47",
            Self::BorrowCapExceeded { .. } => "50",
            Self::SupplyCapExceeded { .. } => "51",
            Self::LoanToValueZero => "57",
            Self::NotCollateral => "62",
            Self::TransferExceedsBalance { .. }
            | Self::InsufficientLiquidity { .. }
            | Self::Arithmetic(ArithmeticError::Overflow) => "Panic(17)",
            Self::Arithmetic(ArithmeticError::FixedPoint) => "",
            Self::Arithmetic(ArithmeticError::Uint128) => "SafeCast: value doesn't fit in 128 bits",
        })
    }
}
