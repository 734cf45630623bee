//! The seam between the lanes: what a weighted pool computes, as opposed to what it remembers.

use core::fmt::Debug;

use super::error::{Reason, WeightedError};
use super::version::Version;

/// One token of a trade: its balance with 18 decimals and its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side<A, F> {
    /// What the pool has of it.
    pub balance: A,
    /// Its part of the pool's value, as a fraction.
    pub weight: F,
}

/// What joins and exits are computed from. One entry per token in each slice; amounts with 18 decimals.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View<'a, A, F> {
    /// Whose arithmetic.
    pub version: Version,
    /// What the pool has.
    pub balances: &'a [A],
    /// Parts of the pool's value, as fractions; their sum is 1.
    pub weights: &'a [F],
    /// The least that each balance may be (v3 only).
    pub minimums: &'a [A],
    /// LP tokens there are.
    pub supply: A,
    /// The swap fee, as a fraction.
    pub fee: F,
}

/// The answer of a join or exit that is out of proportion.
#[derive(Clone, Debug, PartialEq)]
pub struct Priced<A> {
    /// Tokens, or LP tokens, with 18 decimals.
    pub amount: A,
    /// The fee within, per token, with 18 decimals. Empty in v2, whose formulas do not need to know it.
    pub fees: Vec<A>,
}

/// The leaf formulas of a weighted pool, written once per lane.
///
/// Implemented by [`Exact`](crate::Exact) and [`Fast`](crate::Fast) only; reached through [`Lane::Weighted`](crate::Lane::Weighted).
/// Amounts are in units of 10⁻¹⁸ tokens in the exact lane, whatever the token's own decimals, and whole tokens in the fast lane.
pub trait Formulas {
    /// The lane's amounts.
    type Amount: Copy + Debug;
    /// The lane's fractions, weights and fees: 18 decimals in the exact lane.
    type Factor: Copy + Debug + PartialEq + Send + Sync;

    /// How far before the edge of the no-arbitrage band a trade sized in floats has to stop so as not to pass it, as a multiple of
    /// the input token's balance.
    const BAND_MARGIN: f64;

    /// The fraction `wad / 10^18`.
    fn factor(wad: u64) -> Self::Factor;

    /// The fraction as a float.
    fn fraction(factor: Self::Factor) -> f64;

    /// What takes an amount in a token's own smallest units to 18 decimals, by [`mul_down`](Self::mul_down), and back.
    ///
    /// Decimals above 18 are taken for 18.
    fn scaling(decimals: u8) -> Self::Factor;

    /// `amount · factor`, rounded down.
    ///
    /// # Errors
    /// The product does not fit.
    fn mul_down(version: Version, amount: Self::Amount, factor: Self::Factor) -> Result<Self::Amount, WeightedError>;

    /// `amount · factor`, rounded up.
    ///
    /// # Errors
    /// The product does not fit.
    fn mul_up(version: Version, amount: Self::Amount, factor: Self::Factor) -> Result<Self::Amount, WeightedError>;

    /// `amount / factor`, rounded down.
    ///
    /// # Errors
    /// The quotient does not fit, or the factor is zero.
    fn div_down(version: Version, amount: Self::Amount, factor: Self::Factor) -> Result<Self::Amount, WeightedError>;

    /// `amount / factor`, rounded up.
    ///
    /// # Errors
    /// The quotient does not fit, or the factor is zero.
    fn div_up(version: Version, amount: Self::Amount, factor: Self::Factor) -> Result<Self::Amount, WeightedError>;

    /// `amount / (1 − fee)`, rounded up: what has to be paid for `amount` to be left after the fee.
    ///
    /// # Errors
    /// The quotient does not fit.
    fn with_fee(version: Version, amount: Self::Amount, fee: Self::Factor) -> Result<Self::Amount, WeightedError>;

    /// 10⁻¹² of a token with 18 decimals: LP tokens locked forever, and v3's smallest trade.
    fn minimum() -> Self::Amount;

    /// The least balance of a token with `decimals` in v3: 10⁻¹² or its smallest unit. None in v2.
    fn minimum_balance(version: Version, decimals: u8) -> Self::Amount;

    /// Whether the vault can hold `balance`: 112 bits in v2, 128 in v3.
    fn fits(version: Version, balance: Self::Amount) -> bool;

    /// What `amount_in`, without fee, buys.
    ///
    /// # Errors
    /// As `WeightedMath._calcOutGivenIn` and `computeOutGivenExactIn`, in their order.
    fn amount_out(
        version: Version,
        token_in: Side<Self::Amount, Self::Factor>,
        token_out: Side<Self::Amount, Self::Factor>,
        amount_in: Self::Amount,
    ) -> Result<Self::Amount, WeightedError>;

    /// What `amount_out` costs, without fee.
    ///
    /// # Errors
    /// As `WeightedMath._calcInGivenOut` and `computeInGivenExactOut`, in their order.
    fn amount_in(
        version: Version,
        token_in: Side<Self::Amount, Self::Factor>,
        token_out: Side<Self::Amount, Self::Factor>,
        amount_out: Self::Amount,
    ) -> Result<Self::Amount, WeightedError>;

    /// The balance of the input token that swaps are computed with: v3 rounds it up by one unit.
    ///
    /// # Errors
    /// It does not fit.
    fn balance_in(version: Version, balance: Self::Amount) -> Result<Self::Amount, WeightedError>;

    /// Π balanceᵢ^weightᵢ, rounded down.
    ///
    /// # Errors
    /// As `WeightedPool.computeInvariant`, in its order: balances below the minimum (v3), powers out of bounds, zero.
    fn invariant(view: &View<'_, Self::Amount, Self::Factor>) -> Result<Self::Amount, WeightedError>;

    /// LP tokens of the first join, those locked included.
    ///
    /// # Errors
    /// As [`invariant`](Self::invariant).
    fn initial_liquidity(view: &View<'_, Self::Amount, Self::Factor>) -> Result<Self::Amount, WeightedError>;

    /// The most LP tokens that a proportional join mints for no more than `amounts`.
    ///
    /// # Errors
    /// A product does not fit, or a balance is zero.
    fn proportional_liquidity(
        view: &View<'_, Self::Amount, Self::Factor>,
        amounts: &[Self::Amount],
    ) -> Result<Self::Amount, WeightedError>;

    /// What `liquidity` LP tokens cost in proportion.
    ///
    /// # Errors
    /// As `_calcAllTokensInGivenExactBptOut` and `computeProportionalAmountsIn`.
    fn proportional_in(
        view: &View<'_, Self::Amount, Self::Factor>,
        liquidity: Self::Amount,
    ) -> Result<Vec<Self::Amount>, WeightedError>;

    /// What `liquidity` LP tokens are worth in proportion.
    ///
    /// # Errors
    /// As `_calcTokensOutGivenExactBptIn` and `computeProportionalAmountsOut`.
    fn proportional_out(
        view: &View<'_, Self::Amount, Self::Factor>,
        liquidity: Self::Amount,
    ) -> Result<Vec<Self::Amount>, WeightedError>;

    /// LP tokens for exactly `amounts` paid in.
    ///
    /// # Errors
    /// As `_calcBptOutGivenExactTokensIn` and `computeAddLiquidityUnbalanced`, in their order.
    fn liquidity_for_tokens(
        view: &View<'_, Self::Amount, Self::Factor>,
        amounts: &[Self::Amount],
    ) -> Result<Priced<Self::Amount>, WeightedError>;

    /// What exactly `liquidity` LP tokens cost in one token.
    ///
    /// # Errors
    /// As `_calcTokenInGivenExactBptOut` and `computeAddLiquiditySingleTokenExactOut`, in their order.
    fn token_for_liquidity(
        view: &View<'_, Self::Amount, Self::Factor>,
        token: usize,
        liquidity: Self::Amount,
    ) -> Result<Priced<Self::Amount>, WeightedError>;

    /// What exactly `liquidity` LP tokens are worth in one token.
    ///
    /// # Errors
    /// As `_calcTokenOutGivenExactBptIn` and `computeRemoveLiquiditySingleTokenExactIn`, in their order.
    fn token_from_liquidity(
        view: &View<'_, Self::Amount, Self::Factor>,
        token: usize,
        liquidity: Self::Amount,
    ) -> Result<Priced<Self::Amount>, WeightedError>;

    /// LP tokens for exactly `amounts` taken out. In v3 of one token only.
    ///
    /// # Errors
    /// As `_calcBptInGivenExactTokensOut` and `computeRemoveLiquiditySingleTokenExactOut`, in their order.
    fn liquidity_from_tokens(
        view: &View<'_, Self::Amount, Self::Factor>,
        amounts: &[Self::Amount],
    ) -> Result<Priced<Self::Amount>, WeightedError>;

    /// What the protocol is due in v2: its `share` of the growth of the invariant, in one token.
    ///
    /// # Errors
    /// As `_calcDueTokenProtocolSwapFeeAmount`.
    fn protocol_due(
        token: Side<Self::Amount, Self::Factor>,
        last_invariant: Self::Amount,
        invariant: Self::Amount,
        share: Self::Factor,
    ) -> Result<Self::Amount, WeightedError>;
}

/// The one token that is meant: v3's `getSingleInputIndex`.
pub(super) fn only_token(version: Version, meant: impl Iterator<Item = bool>) -> Result<usize, WeightedError> {
    let mut tokens = meant.enumerate().filter_map(|(token, meant)| meant.then_some(token));
    let reason = match (tokens.next(), tokens.next()) {
        (Some(token), None) => return Ok(token),
        (None, _) => Reason::AllZeroInputs,
        (Some(_), Some(_)) => Reason::MultipleNonZeroInputs,
    };
    Err(WeightedError { version, reason })
}
