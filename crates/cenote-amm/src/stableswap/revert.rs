//! The contracts' reasons for a revert: few, and the same in both generations.

use crate::error::{LiquidityError, SwapError};

/// The reason with which `exchange` reverts for this error; empty where it gives none, which is nearly everywhere. `None` if no contract
/// could be asked such a thing.
///
/// [`SwapError::revert_code`] has the reasons of Uniswap's contracts for the errors that the families share.
pub fn swap_revert_reason(error: &SwapError) -> Option<&'static str> {
    match error {
        SwapError::InvalidAmount { .. } => None,
        SwapError::OutputBelowMinimum { .. } => error.revert_code(),
        _ => Some(""),
    }
}

/// The reason with which a deposit or withdrawal reverts for this error; see [`swap_revert_reason`].
pub fn liquidity_revert_reason(error: &LiquidityError) -> Option<&'static str> {
    match error {
        LiquidityError::InvalidAmount { .. } | LiquidityError::AmountCount { .. } | LiquidityError::Unsupported { .. } => None,
        LiquidityError::MintBelowMinimum { .. }
        | LiquidityError::BurnAboveMaximum { .. }
        | LiquidityError::WithdrawalBelowMinimum { .. }
        | LiquidityError::OneCoinBelowMinimum { .. } => error.revert_code(),
        _ => Some(""),
    }
}
