//! Why a weighted pool reverts.

use thiserror::Error;

use super::version::Version;

/// A revert of a weighted pool, its vault or its mathematics.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct WeightedError {
    /// Whose revert.
    pub version: Version,
    /// Why.
    pub reason: Reason,
}

impl WeightedError {
    /// The contract's reason: `"BAL#304"` in v2, `"MaxInRatio"` in v3.
    pub fn revert_code(&self) -> &'static str {
        let (v2, v3) = self.reason.codes();
        match self.version {
            Version::V2 => v2,
            Version::V3 => v3,
        }
    }
}

/// The reasons. Amounts are in the lane's unit of a token with 18 decimals.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// A sum needs more than 256 bits.
    #[error("a sum exceeds 2^256 - 1: use smaller amounts")]
    AddOverflow,
    /// A difference would be negative.
    #[error("a difference would be negative: the amount asked for exceeds what is there")]
    SubOverflow,
    /// A product needs more than 256 bits.
    #[error("a product exceeds 2^256 - 1: use smaller amounts")]
    MulOverflow,
    /// A division whose result is rounded down has no divisor.
    #[error("division by zero: the pool is empty, mint liquidity first")]
    ZeroDivision,
    /// A division whose result is rounded up has no divisor.
    #[error("division by zero: the pool is empty, mint liquidity first")]
    ZeroDivisionUp,
    /// A dividend needs more than 256 bits once it has 18 more decimals.
    #[error("a dividend exceeds 2^256 - 1 with 18 more decimals: use smaller amounts")]
    DivInternal,
    /// The base of a power has 256 bits.
    #[error("the base of a power exceeds 2^255: use smaller amounts")]
    BaseOutOfBounds,
    /// The exponent of a power is above 2^254/10^20.
    #[error("the exponent of a power is out of bounds: use weights nearer to one another")]
    ExponentOutOfBounds,
    /// The exponent of e is not in [−41, 130].
    #[error("the exponent of e is not between -41 and 130")]
    InvalidExponent,
    /// The logarithm of zero, or of a number of 256 bits.
    #[error("zero, and what exceeds 2^255, has no logarithm")]
    OutOfBounds,
    /// The logarithm of a power is not in [−41, 130].
    #[error("the logarithm of a power is not between -41 and 130: use amounts nearer to the balances")]
    ProductOutOfBounds,
    /// More than 30% of the balance is paid in.
    #[error("{amount} paid in exceeds the limit of {limit}, 30% of the balance: trade in parts")]
    MaxInRatio {
        /// Paid in, fee not included.
        amount: f64,
        /// The most that is allowed.
        limit: f64,
    },
    /// More than 30% of the balance is taken out.
    #[error("{amount} taken out exceeds the limit of {limit}, 30% of the balance: trade in parts")]
    MaxOutRatio {
        /// Taken out.
        amount: f64,
        /// The most that is allowed.
        limit: f64,
    },
    /// An exit would leave less than 0.7 of the invariant.
    #[error("the exit leaves {ratio} of the invariant, the limit is 0.7: leave in parts or in proportion")]
    InvariantRatioBelowMin {
        /// After over before.
        ratio: f64,
    },
    /// A join would triple the invariant, or more.
    #[error("the join multiplies the invariant by {ratio}, the limit is 3: join in parts or in proportion")]
    InvariantRatioAboveMax {
        /// After over before.
        ratio: f64,
    },
    /// The invariant is zero.
    #[error("the invariant is zero: every token needs a balance")]
    ZeroInvariant,
    /// The supply would be less than what is locked forever.
    #[error("the LP token supply of {supply} would be below what is locked forever: give more of all tokens")]
    SupplyTooLow {
        /// The supply.
        supply: f64,
    },
    /// Nothing is to be swapped.
    #[error("the swap moves nothing: give an amount above zero")]
    AmountGivenZero,
    /// An amount of a trade, join or exit is below the vault's minimum.
    #[error("an amount of {amount} is below the vault's minimum: trade more, or nothing")]
    TradeAmountTooSmall {
        /// The amount.
        amount: f64,
    },
    /// A balance is, or would be, below the pool's minimum.
    #[error("a balance of {balance} of token {token} is below the pool's minimum of {minimum}: leave more in the pool")]
    BalanceBelowMin {
        /// Which token.
        token: usize,
        /// Its balance.
        balance: f64,
        /// The least that is allowed.
        minimum: f64,
    },
    /// A balance outgrows the vault's integers.
    #[error("a balance of {balance} exceeds what the vault can hold: use smaller amounts")]
    BalanceOverflow {
        /// The balance.
        balance: f64,
    },
    /// The pool has no liquidity yet.
    #[error("the pool is empty: mint liquidity first")]
    NotInitialized,
    /// The pool has liquidity already.
    #[error("the pool has liquidity already: join it")]
    AlreadyInitialized,
    /// An exit names no token, where it has to name one.
    #[error("no token is to be taken out: name one")]
    AllZeroInputs,
    /// An exit names several tokens, where it has to name one.
    #[error("several tokens are to be taken out at once: take one after the other, or leave in proportion")]
    MultipleNonZeroInputs,
}

impl Reason {
    /// The reverts of v2 and of v3. What only one of them can say is the same for both.
    fn codes(self) -> (&'static str, &'static str) {
        match self {
            Self::AddOverflow => ("BAL#000", "Panic(17)"),
            Self::SubOverflow => ("BAL#001", "Panic(17)"),
            Self::MulOverflow => ("BAL#003", "Panic(17)"),
            Self::ZeroDivision => ("BAL#004", "Panic(18)"),
            Self::ZeroDivisionUp => ("BAL#004", "ZeroDivision"),
            Self::DivInternal => ("BAL#005", "Panic(17)"),
            Self::BaseOutOfBounds => ("BAL#006", "BaseOutOfBounds"),
            Self::ExponentOutOfBounds => ("BAL#007", "ExponentOutOfBounds"),
            Self::ProductOutOfBounds => ("BAL#008", "ProductOutOfBounds"),
            Self::InvalidExponent => ("BAL#009", "InvalidExponent"),
            Self::OutOfBounds => ("BAL#100", "OutOfBounds"),
            Self::MaxInRatio { .. } => ("BAL#304", "MaxInRatio"),
            Self::MaxOutRatio { .. } => ("BAL#305", "MaxOutRatio"),
            Self::InvariantRatioBelowMin { .. } => ("BAL#306", "InvariantRatioBelowMin"),
            Self::InvariantRatioAboveMax { .. } => ("BAL#307", "InvariantRatioAboveMax"),
            Self::ZeroInvariant => ("BAL#311", "ZeroInvariant"),
            Self::SupplyTooLow { .. } => ("BAL#204", "PoolTotalSupplyTooLow"),
            Self::AmountGivenZero => ("BAL#510", "AmountGivenZero"),
            Self::TradeAmountTooSmall { .. } => ("TradeAmountTooSmall", "TradeAmountTooSmall"),
            Self::BalanceBelowMin { .. } => ("TokenBalanceBelowMin", "TokenBalanceBelowMin"),
            Self::BalanceOverflow { .. } => ("BAL#526", "BalanceOverflow"),
            Self::NotInitialized => ("BAL#206", "PoolNotInitialized"),
            Self::AlreadyInitialized => ("BAL#310", "PoolAlreadyInitialized"),
            Self::AllZeroInputs => ("AllZeroInputs", "AllZeroInputs"),
            Self::MultipleNonZeroInputs => ("MultipleNonZeroInputs", "MultipleNonZeroInputs"),
        }
    }
}
