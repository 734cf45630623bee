//! Quotes against given reserves: the pure functions of the router's library.
//!
//! Source: `@uniswap/v2-periphery`, `contracts/libraries/UniswapV2Library.sol`.

use super::fee::SwapFee;
use super::formulas::Formulas;
use crate::error::SwapError;
use crate::lane::Lane;

/// What `amount_in` buys from a pair with these reserves: `getAmountOut`.
///
/// Exact lane: `amount_in·kept·reserve_out / (reserve_in·whole + amount_in·kept)` rounded down, kept/whole = 997/1000 in Uniswap v2.
///
/// ```
/// use cenote_amm::constant_product::{SwapFee, amount_out};
/// use cenote_amm::Fast;
/// let out = amount_out::<Fast>(1.0, 1000.0, 2_000_000.0, &SwapFee::UNISWAP_V2)?;
/// assert!((out - 1992.01).abs() < 0.01);
/// # Ok::<(), cenote_amm::AmmError>(())
/// ```
///
/// # Errors
/// In the contract's order: [`SwapError::InsufficientInputAmount`], [`SwapError::EmptyReserve`], overflows of `SafeMath`.
#[inline(always)]
pub fn amount_out<L: Lane>(
    amount_in: L::Amount,
    reserve_in: L::Amount,
    reserve_out: L::Amount,
    fee: &SwapFee,
) -> Result<L::Amount, SwapError> {
    check::<L>([amount_in, reserve_in, reserve_out])?;
    L::ConstantProduct::amount_out(amount_in, reserve_in, reserve_out, fee)
}

/// What `amount_out` costs at a pair with these reserves: `getAmountIn`.
///
/// Exact lane: `reserve_in·amount_out·whole / ((reserve_out − amount_out)·kept) + 1`, the division rounded down.
///
/// # Errors
/// In the contract's order: [`SwapError::InsufficientOutputAmount`], [`SwapError::EmptyReserve`], overflows of `SafeMath`.
#[inline]
pub fn amount_in<L: Lane>(
    amount_out: L::Amount,
    reserve_in: L::Amount,
    reserve_out: L::Amount,
    fee: &SwapFee,
) -> Result<L::Amount, SwapError> {
    check::<L>([amount_out, reserve_in, reserve_out])?;
    L::ConstantProduct::amount_in(amount_out, reserve_in, reserve_out, fee)
}

/// `amount` of one token in the other at the reserves' ratio, without fee: `quote`. It sizes deposits, not swaps.
///
/// # Errors
/// In the contract's order: [`SwapError::InsufficientAmount`], [`SwapError::EmptyReserve`], overflows of `SafeMath`.
pub fn proportional<L: Lane>(amount: L::Amount, reserve: L::Amount, other_reserve: L::Amount) -> Result<L::Amount, SwapError> {
    check::<L>([amount, reserve, other_reserve])?;
    L::ConstantProduct::proportional(amount, reserve, other_reserve)
}

#[inline]
fn check<L: Lane>(amounts: [L::Amount; 3]) -> Result<(), SwapError> {
    for amount in amounts {
        if !L::is_valid(amount) {
            return Err(SwapError::InvalidAmount { amount: L::amount_to_f64(amount) });
        }
    }
    Ok(())
}
