//! Why a concentrated-liquidity contract refuses.

use thiserror::Error;

/// A revert of a concentrated-liquidity pool, or a question no contract could be asked.
///
/// The variants are the reasons of Uniswap v3 ([`revert_code`](Self::revert_code)) and of v4 ([`v4_name`](Self::v4_name)); what both
/// know has one variant. Prices, liquidity and amounts inside are `f64`, for reading.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ConcentratedError {
    /// `LOK`: the pool has no price yet (or is locked, which cannot happen here). v4: `PoolNotInitialized`.
    #[error("the pool has no price yet: initialize it first")]
    NotInitialized,
    /// `AI`: the pool has a price already. v4: `PoolAlreadyInitialized`.
    #[error("the pool has a price already: it can be initialized once only")]
    AlreadyInitialized,
    /// `R` of `TickMath.getTickAtSqrtRatio`. v4: `InvalidSqrtPrice`.
    #[error("a square root price of {sqrt_price} is not in the range of ticks -887272 to 887272")]
    InvalidSqrtPrice {
        /// The square root price given, in the lane's unit (Q64.96 in the exact lane).
        sqrt_price: f64,
    },
    /// `T` of `TickMath.getSqrtRatioAtTick`. v4: `InvalidTick`.
    #[error("tick {tick} is not in -887272 to 887272")]
    InvalidTick {
        /// The tick given.
        tick: i32,
    },
    /// `AS`: the swap specifies no amount. v4: `SwapAmountCannotBeZero`.
    #[error("the swap specifies no amount: give an amount above zero")]
    NothingSpecified,
    /// `SPL`: the price limit is not beyond the price, or out of range. v4: `PriceLimitAlreadyExceeded`.
    #[error("a price limit of {limit} cannot be reached from {sqrt_price} in the swap's direction (both square roots)")]
    PriceLimit {
        /// The limit given, a square root price.
        limit: f64,
        /// The pool's square root price.
        sqrt_price: f64,
    },
    /// v4 `PriceLimitOutOfBounds`: the limit is outside the range of prices. v3 says `SPL` here too.
    #[error("a price limit of {limit} (a square root) is outside the range of prices")]
    PriceLimitOutOfBounds {
        /// The limit given, a square root price.
        limit: f64,
    },
    /// `TLU`: lower tick not below upper tick. v4: `TicksMisordered`.
    #[error("the lower tick {lower} is not below the upper tick {upper}")]
    TicksMisordered {
        /// The lower tick given.
        lower: i32,
        /// The upper tick given.
        upper: i32,
    },
    /// `TLM`: the lower tick is too low. v4: `TickLowerOutOfBounds`.
    #[error("the lower tick {tick} is below -887272")]
    TickTooLow {
        /// The tick given.
        tick: i32,
    },
    /// `TUM`: the upper tick is too high. v4: `TickUpperOutOfBounds`.
    #[error("the upper tick {tick} is above 887272")]
    TickTooHigh {
        /// The tick given.
        tick: i32,
    },
    /// `TickBitmap.flipTick` (an empty revert): the tick is no multiple of the spacing. v4: `TickMisaligned`.
    #[error("tick {tick} is no multiple of the tick spacing {spacing}")]
    TickMisaligned {
        /// The tick given.
        tick: i32,
        /// The pool's tick spacing.
        spacing: i32,
    },
    /// An empty revert of `mint`: no liquidity is to be added.
    #[error("a mint must add liquidity: give an amount above zero")]
    NoLiquidityAdded,
    /// `SafeCast.toInt128` (an empty revert): liquidity of 2^127 or more. v4: `SafeCastOverflow`.
    #[error("liquidity of {liquidity} is not below 2^127")]
    LiquidityTooLarge {
        /// The liquidity given.
        liquidity: f64,
    },
    /// `LO`: the tick would carry more than the maximum. v4: `TickLiquidityOverflow`.
    #[error("tick {tick} would carry liquidity {liquidity}, above the maximum of {maximum} per tick")]
    TickLiquidityOverflow {
        /// The tick.
        tick: i32,
        /// What it would carry.
        liquidity: f64,
        /// What a tick may carry.
        maximum: f64,
    },
    /// `LA` of `LiquidityMath.addDelta`. v4: `SafeCastOverflow`.
    #[error("liquidity would exceed 2^128 - 1")]
    LiquidityOverflow,
    /// `LS` of `LiquidityMath.addDelta`: more is removed than is there. v4: `SafeCastOverflow`.
    #[error("liquidity of {removed} cannot be removed from {available}")]
    LiquidityUnderflow {
        /// What is to be removed.
        removed: f64,
        /// What is there.
        available: f64,
    },
    /// `NP`: a position without liquidity has no fees to update. v4: `CannotUpdateEmptyPosition`.
    #[error("the position has no liquidity, so it earns nothing that could be updated")]
    EmptyPosition,
    /// An empty revert of `FullMath` and its kin: a quotient of more than 256 bits, or a division by zero.
    #[error("a product over a divisor exceeds 2^256 - 1, or the divisor is zero")]
    MulDiv,
    /// An empty revert of `SqrtPriceMath`: the price would leave its 160 bits, or the virtual reserves are smaller than the amount.
    /// v4: `PriceOverflow` or `NotEnoughLiquidity`.
    #[error("an amount of {amount} would move the price out of range at this liquidity")]
    PriceOverflow {
        /// The amount added or removed.
        amount: f64,
    },
    /// An empty revert of `SqrtPriceMath`: price or liquidity is zero. v4: `InvalidPriceOrLiquidity` or `InvalidPrice`.
    #[error("price and liquidity must be above zero")]
    NoPriceOrLiquidity,
    /// The pool's balance does not fit 256 bits.
    #[error("a balance of the pool would exceed 2^256 - 1: use smaller amounts")]
    BalanceOverflow,
    /// `TF` of `TransferHelper`: the pool has fewer tokens than it is to pay out.
    #[error("the pool cannot pay {amount}: it has {balance}")]
    TransferFailed {
        /// What is to be paid, in the lane's unit.
        amount: f64,
        /// What is there, in the lane's unit.
        balance: f64,
    },
    /// `L`: a flash loan needs liquidity in range. v4's `donate`: `NoLiquidityToReceiveFees`.
    #[error("there is no liquidity in range to receive fees")]
    NoLiquidityInRange,
    /// `F0`, `F1`: a flash loan was not paid back with its fee.
    #[error("the flash loan of token {token} was paid back with {paid}, and {due} are due")]
    FlashUnpaid {
        /// The token, 0 or 1.
        token: u8,
        /// What was paid back, in the lane's unit.
        paid: f64,
        /// Loan and fee, in the lane's unit.
        due: f64,
    },
    /// `OLD`: the oracle's oldest observation is younger than that.
    #[error("the oracle remembers nothing from {seconds_ago} seconds ago: increase its cardinality in good time")]
    ObservationTooOld {
        /// How far back was asked, in seconds.
        seconds_ago: u32,
    },
    /// `I`: the oracle has no observation yet.
    #[error("the oracle has no observation yet: initialize the pool first")]
    NoObservation,
    /// An empty revert of `snapshotCumulativesInside`: the tick is no bound of any position.
    #[error("tick {tick} is no bound of any position")]
    TickNotInitialized {
        /// The tick.
        tick: i32,
    },
    /// An empty revert of `setFeeProtocol`. v4: `ProtocolFeeTooLarge`.
    #[error("protocol fees of {fee0} and {fee1} are not allowed by this protocol")]
    InvalidProtocolFee {
        /// For swaps that pay token 0.
        fee0: u32,
        /// For swaps that pay token 1.
        fee1: u32,
    },
    /// v4 `InvalidFeeForExactOut`: all of the input is fee.
    #[error("with a fee of 100 % nothing can be bought: ask for an exact input")]
    InvalidFeeForExactOut,
    /// v4 `LPFeeTooLarge`; v3 allows no such pool.
    #[error("a fee of {pips} pips is too large: 3000 pips are 0.3 %")]
    InvalidFee {
        /// The fee given.
        pips: u32,
    },
    /// v4 `UnauthorizedDynamicLPFeeUpdate`: the fee of a pool that was not made with a dynamic fee stays what it is.
    #[error("the fee of {pips} pips is static: make the pool with DYNAMIC_FEE_FLAG as its fee")]
    StaticFee {
        /// The pool's fee.
        pips: u32,
    },
    /// v4 `HookCallFailed`: the pool's hook refuses.
    #[error("the pool's hook refuses: {reason}")]
    HookRefused {
        /// What the hook says.
        reason: &'static str,
    },
    /// The factory allows no such tick spacing: v3 1 to 16383, v4 1 to 32767.
    #[error("a tick spacing of {spacing} is not allowed: it must be above 0 and below 16384")]
    InvalidTickSpacing {
        /// The spacing given.
        spacing: i32,
    },
    /// The amount is negative, infinite, not a number, or above the 2^255 − 1 that a contract can be asked for.
    #[error("{amount} is no amount: give a finite number that is not negative")]
    InvalidAmount {
        /// The amount given.
        amount: f64,
    },
    /// v4 `SafeCastOverflow`: an amount of 2^127 or more.
    #[error("an amount of {amount} is not below 2^127")]
    AmountTooLarge {
        /// The amount.
        amount: f64,
    },
    /// v4 `Panic(17)`: more protocol fees are to be collected than there are.
    #[error("protocol fees of {amount} cannot be collected: there are {owed}")]
    ProtocolFeesExceeded {
        /// What is to be collected, in the lane's unit.
        amount: f64,
        /// What there is, in the lane's unit.
        owed: f64,
    },
    /// The price is no positive finite number.
    #[error("{price} is no price: give a finite number above zero")]
    InvalidPrice {
        /// The price given, token 1 per token 0.
        price: f64,
    },
}

impl ConcentratedError {
    /// The reason string of Uniswap v3, empty where the contract reverts without one; `None` if it could not be asked such a thing.
    pub fn revert_code(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotInitialized => "LOK",
            Self::AlreadyInitialized => "AI",
            Self::InvalidSqrtPrice { .. } => "R",
            Self::InvalidTick { .. } => "T",
            Self::NothingSpecified => "AS",
            Self::PriceLimit { .. } | Self::PriceLimitOutOfBounds { .. } => "SPL",
            Self::TicksMisordered { .. } => "TLU",
            Self::TickTooLow { .. } => "TLM",
            Self::TickTooHigh { .. } => "TUM",
            Self::TickLiquidityOverflow { .. } => "LO",
            Self::LiquidityOverflow => "LA",
            Self::LiquidityUnderflow { .. } => "LS",
            Self::EmptyPosition => "NP",
            Self::TransferFailed { .. } => "TF",
            Self::NoLiquidityInRange => "L",
            Self::FlashUnpaid { token: 0, .. } => "F0",
            Self::FlashUnpaid { .. } => "F1",
            Self::ObservationTooOld { .. } => "OLD",
            Self::NoObservation => "I",
            Self::TickMisaligned { .. }
            | Self::NoLiquidityAdded
            | Self::LiquidityTooLarge { .. }
            | Self::MulDiv
            | Self::PriceOverflow { .. }
            | Self::NoPriceOrLiquidity
            | Self::BalanceOverflow
            | Self::TickNotInitialized { .. }
            | Self::InvalidProtocolFee { .. } => "",
            Self::InvalidFeeForExactOut
            | Self::InvalidFee { .. }
            | Self::StaticFee { .. }
            | Self::HookRefused { .. }
            | Self::InvalidTickSpacing { .. }
            | Self::InvalidAmount { .. }
            | Self::AmountTooLarge { .. }
            | Self::ProtocolFeesExceeded { .. }
            | Self::InvalidPrice { .. } => return None,
        })
    }

    /// The error's name in Uniswap v4, empty where the contract reverts without one; `None` if it could not be asked such a thing.
    pub fn v4_name(&self) -> Option<&'static str> {
        Some(match self {
            Self::NotInitialized => "PoolNotInitialized",
            Self::AlreadyInitialized => "PoolAlreadyInitialized",
            Self::InvalidSqrtPrice { .. } => "InvalidSqrtPrice",
            Self::InvalidTick { .. } => "InvalidTick",
            Self::NothingSpecified => "SwapAmountCannotBeZero",
            Self::PriceLimit { .. } => "PriceLimitAlreadyExceeded",
            Self::PriceLimitOutOfBounds { .. } => "PriceLimitOutOfBounds",
            Self::TicksMisordered { .. } => "TicksMisordered",
            Self::TickTooLow { .. } => "TickLowerOutOfBounds",
            Self::TickTooHigh { .. } => "TickUpperOutOfBounds",
            Self::TickMisaligned { .. } => "TickMisaligned",
            Self::TickLiquidityOverflow { .. } => "TickLiquidityOverflow",
            Self::LiquidityTooLarge { .. }
            | Self::LiquidityOverflow
            | Self::LiquidityUnderflow { .. }
            | Self::AmountTooLarge { .. } => "SafeCastOverflow",
            Self::EmptyPosition => "CannotUpdateEmptyPosition",
            Self::NoLiquidityInRange => "NoLiquidityToReceiveFees",
            Self::InvalidProtocolFee { .. } => "ProtocolFeeTooLarge",
            Self::InvalidFeeForExactOut => "InvalidFeeForExactOut",
            Self::InvalidFee { .. } => "LPFeeTooLarge",
            Self::StaticFee { .. } => "UnauthorizedDynamicLPFeeUpdate",
            Self::HookRefused { .. } => "HookCallFailed",
            Self::ProtocolFeesExceeded { .. } => "Panic(17)",
            Self::PriceOverflow { .. } => "PriceOverflow",
            Self::NoPriceOrLiquidity => "InvalidPriceOrLiquidity",
            Self::MulDiv | Self::BalanceOverflow | Self::TransferFailed { .. } => "",
            Self::NoLiquidityAdded
            | Self::FlashUnpaid { .. }
            | Self::ObservationTooOld { .. }
            | Self::NoObservation
            | Self::TickNotInitialized { .. }
            | Self::InvalidTickSpacing { .. }
            | Self::InvalidAmount { .. }
            | Self::InvalidPrice { .. } => return None,
        })
    }
}
