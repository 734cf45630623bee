//! What can go wrong. An `Err` means that the contract would have reverted, or could not have been asked, and leaves everything untouched.
//!
//! Amounts inside errors are `f64` in the lane's own unit: they are for reading, in either lane.

use thiserror::Error;

/// What a vault refuses.
///
/// Source of the names in [`revert_reason`](Self::revert_reason): `OpenZeppelin` 5 `ERC4626.sol` and `ERC20.sol`.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum VaultError {
    /// An amount is negative, infinite or not a number: only the fast lane can say such a thing.
    #[error("{amount} is no amount: give a finite number, not below zero")]
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
    /// `ERC4626ExceededMaxWithdraw`.
    #[error("{assets} are to be withdrawn, the shares are worth {most}: withdraw at most that")]
    ExceededMaxWithdraw {
        /// What was asked for.
        assets: f64,
        /// What the owner's shares are worth.
        most: f64,
    },
    /// `ERC4626ExceededMaxRedeem`.
    #[error("{shares} shares are to be redeemed, there are {most}: redeem at most that")]
    ExceededMaxRedeem {
        /// What was asked for.
        shares: f64,
        /// The owner's shares.
        most: f64,
    },
    /// `ERC20InsufficientBalance`.
    #[error("{shares} shares are to be transferred, there are {balance}: transfer at most that")]
    InsufficientShares {
        /// What was asked for.
        shares: f64,
        /// The owner's shares.
        balance: f64,
    },
    /// More is lost than there is.
    #[error("{loss} is lost, the vault holds {assets}: it cannot lose more")]
    LossExceedsAssets {
        /// What is lost.
        loss: f64,
        /// What there is.
        assets: f64,
    },
    /// Time went backwards.
    #[error("time {time} s is before the vault's, {now} s: time only moves on")]
    TimeBackwards {
        /// What was asked for.
        time: u64,
        /// Where the vault is.
        now: u64,
    },
    /// Checked arithmetic: a number beyond 256 bits, or one that is not finite.
    #[error("an amount does not fit: use smaller ones")]
    Overflow,
}

impl VaultError {
    /// The reason with which the contract reverts: the name of its error, or `Panic(17)` of checked arithmetic. `None` if no contract
    /// could be asked such a thing.
    pub fn revert_reason(&self) -> Option<&'static str> {
        match self {
            Self::ExceededMaxWithdraw { .. } => Some("ERC4626ExceededMaxWithdraw"),
            Self::ExceededMaxRedeem { .. } => Some("ERC4626ExceededMaxRedeem"),
            Self::InsufficientShares { .. } => Some("ERC20InsufficientBalance"),
            Self::Overflow => Some("Panic(17)"),
            Self::InvalidAmount { .. }
            | Self::InvalidParameter { .. }
            | Self::LossExceedsAssets { .. }
            | Self::TimeBackwards { .. } => None,
        }
    }
}
