//! The seam between the lanes: what a constant-product pool computes, as opposed to what it remembers.

use core::fmt::Debug;

use super::fee::SwapFee;
use super::protocol_fee::ProtocolFee;
use crate::error::{MathError, SwapError};

/// The leaf formulas of a constant-product pair, written once per lane.
///
/// Implemented by [`Exact`](crate::Exact) and [`Fast`](crate::Fast) only; reached through [`Lane::ConstantProduct`](crate::Lane::ConstantProduct).
pub trait Formulas {
    /// The lane's amounts.
    type Amount: Copy + Debug;

    /// What `amount_in` buys.
    ///
    /// # Errors
    /// As `UniswapV2Library.getAmountOut`, in its order.
    fn amount_out(
        amount_in: Self::Amount,
        reserve_in: Self::Amount,
        reserve_out: Self::Amount,
        fee: &SwapFee,
    ) -> Result<Self::Amount, SwapError>;

    /// The swap of an exact input as router and pair carry it out, if nothing about it is out of the ordinary. `None` says nothing:
    /// whoever gets it takes one check after the other, in the contract's order.
    ///
    /// `reserves` and `balances` are those of the token paid in and of the token paid out.
    fn ordinary_swap(
        amount_in: Self::Amount,
        reserves: [Self::Amount; 2],
        balances: [Self::Amount; 2],
        fee: &SwapFee,
    ) -> Option<OrdinarySwap<Self::Amount>>;

    /// What `amount_out` costs.
    ///
    /// # Errors
    /// As `UniswapV2Library.getAmountIn`, in its order.
    fn amount_in(
        amount_out: Self::Amount,
        reserve_in: Self::Amount,
        reserve_out: Self::Amount,
        fee: &SwapFee,
    ) -> Result<Self::Amount, SwapError>;

    /// `amount` of the first token at the reserves' ratio, in the second token, without fee.
    ///
    /// # Errors
    /// As `UniswapV2Library.quote`, in its order.
    fn proportional(amount: Self::Amount, reserve: Self::Amount, other_reserve: Self::Amount) -> Result<Self::Amount, SwapError>;

    /// The part of `amount_in` that is fee, rounded down.
    fn fee_part(amount_in: Self::Amount, fee: &SwapFee) -> Self::Amount;

    /// Whether the product of the fee-adjusted balances is at least that of the reserves.
    ///
    /// # Errors
    /// The products do not fit.
    fn keeps_k(
        reserves: [Self::Amount; 2],
        balances: [Self::Amount; 2],
        amounts_in: [Self::Amount; 2],
        fee: &SwapFee,
    ) -> Result<bool, MathError>;

    /// Whether [`keeps_k`](Self::keeps_k) need not be asked of amounts that [`amount_out`](Self::amount_out) or
    /// [`amount_in`](Self::amount_in) computed: they keep k, and nothing on the way to that answer overflows.
    ///
    /// An output rounded down, or an input rounded up, leaves the fee-adjusted product where it was or above; what is paid in besides
    /// raises it.
    fn surely_keeps_k(balances: [Self::Amount; 2], fee: &SwapFee) -> bool;

    /// `sqrt(amount0 * amount1) - minimum`: LP tokens of the first mint, those locked not included.
    ///
    /// # Errors
    /// The product does not fit, or the root is below `minimum`.
    fn initial_liquidity(amounts: [Self::Amount; 2], minimum: Self::Amount) -> Result<Self::Amount, MathError>;

    /// `amount * of / whole`: a proportional share, rounded down.
    ///
    /// # Errors
    /// The product does not fit, or `whole` is zero.
    fn share(amount: Self::Amount, of: Self::Amount, whole: Self::Amount) -> Result<Self::Amount, MathError>;

    /// LP tokens that the protocol is due for the growth of k from `k_last` to the product of `reserves`.
    ///
    /// # Errors
    /// A product does not fit.
    fn protocol_liquidity(
        supply: Self::Amount,
        reserves: [Self::Amount; 2],
        k_last: Self::Amount,
        fee: ProtocolFee,
    ) -> Result<Self::Amount, MathError>;

    /// `reserve0 * reserve1`.
    ///
    /// # Errors
    /// The product does not fit.
    fn product(reserves: [Self::Amount; 2]) -> Result<Self::Amount, MathError>;

    /// Whether the pair can hold `balance` (`uint112` in the contract).
    fn fits(balance: Self::Amount) -> bool;

    /// `cumulative + reserve_quote/reserve_base * elapsed`: the price oracle's sum after `elapsed` seconds.
    fn accumulate(cumulative: Self::Amount, reserve_base: Self::Amount, reserve_quote: Self::Amount, elapsed: u32) -> Self::Amount;

    /// The LP tokens that the first mint locks forever, for tokens of these decimals.
    fn minimum_liquidity(decimals: [u8; 2]) -> Self::Amount;

    /// The input that carries the trader's marginal price to `target` (quote per base), and whether it buys
    /// base (input is quote) or sells it (input is base); `None` inside the no-arbitrage band or if out of reach.
    fn arbitrage(
        reserve_base: Self::Amount,
        reserve_quote: Self::Amount,
        target: f64,
        fee: &SwapFee,
    ) -> Option<Arbitrage<Self::Amount>>;
}

/// A swap that passes all checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrdinarySwap<A> {
    /// Paid out to the trader.
    pub amount_out: A,
    /// The part of the input that is fee.
    pub fee: A,
    /// The pair's balances afterwards, of the token paid in and of the token paid out.
    pub balances: [A; 2],
}

/// The trade that takes a pool to the edge of the no-arbitrage band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arbitrage<A> {
    /// Pay this much of the quote token in, take base out.
    BuyBase(A),
    /// Pay this much of the base token in, take quote out.
    SellBase(A),
}
