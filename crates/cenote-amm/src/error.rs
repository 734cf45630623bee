//! What can go wrong. An `Err` means the contract would have reverted (or could not have been asked), and leaves the pool untouched.
//!
//! Amounts inside errors are `f64` in the lane's own unit: they are for reading, in either lane.

use thiserror::Error;

use crate::concentrated::{ConcentratedError, SnapshotError};

use crate::weighted::WeightedError;

/// The arithmetic of `SafeMath`: an operation whose result the contract's `uint256` cannot hold.
///
/// Source: `UniswapV2` `libraries/SafeMath.sol` (`ds-math`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MathError {
    /// `add`: the sum needs more than 256 bits.
    #[error("a sum exceeds 2^256 - 1: use smaller amounts")]
    AddOverflow,
    /// `sub`: the difference would be negative.
    #[error("a difference would be negative: the amount asked for exceeds what is there")]
    SubUnderflow,
    /// `mul`: the product needs more than 256 bits.
    #[error("a product exceeds 2^256 - 1: use smaller amounts")]
    MulOverflow,
    /// A division by zero, an empty revert in the contract: the pool or the LP token supply is empty.
    #[error("division by zero: the pool is empty, mint liquidity first")]
    DivisionByZero,
    /// An iteration that should settle in a handful of rounds does not: the pool is far out of any balance.
    #[error("no convergence within {iterations} rounds: the pool is too far out of balance")]
    NotConverged {
        /// The rounds that were tried.
        iterations: u32,
    },
}

impl MathError {
    /// The revert string of the contract; empty where it reverts without one.
    pub fn revert_code(self) -> &'static str {
        match self {
            Self::AddOverflow => "ds-math-add-overflow",
            Self::SubUnderflow => "ds-math-sub-underflow",
            Self::MulOverflow => "ds-math-mul-overflow",
            Self::DivisionByZero | Self::NotConverged { .. } => "",
        }
    }
}

/// Why a swap, or a quote of one, fails.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum SwapError {
    /// `INSUFFICIENT_INPUT_AMOUNT` of `UniswapV2Pair.swap` and of `UniswapV2Library.getAmountOut`: nothing was paid in.
    #[error("the swap pays nothing in: give an amount above zero")]
    InsufficientInputAmount,
    /// `INSUFFICIENT_OUTPUT_AMOUNT` of `UniswapV2Pair.swap` and of `UniswapV2Library.getAmountIn`: nothing would be paid out.
    #[error("the swap pays nothing out: the amount is zero or too small to buy one unit")]
    InsufficientOutputAmount,
    /// `INSUFFICIENT_LIQUIDITY` of `UniswapV2Pair.swap`: the output must stay below the reserve.
    #[error("the swap asks for {amount_out} out of a reserve of {reserve}: ask for less than the reserve")]
    InsufficientLiquidity {
        /// Asked for, in the lane's unit.
        amount_out: f64,
        /// What the pool holds of that token, in the lane's unit.
        reserve: f64,
    },
    /// `INSUFFICIENT_LIQUIDITY` of `UniswapV2Library`: a reserve is zero, so there is no price.
    #[error("a reserve is zero, so there is no price: mint liquidity first")]
    EmptyReserve,
    /// `INSUFFICIENT_AMOUNT` of `UniswapV2Library.quote`: nothing to convert.
    #[error("the amount to convert is zero: give an amount above zero")]
    InsufficientAmount,
    /// `K` of `UniswapV2Pair.swap`: the product of the fee-adjusted balances would fall.
    #[error("the product of the reserves would fall: pay more in or take less out")]
    K,
    /// `OVERFLOW` of `UniswapV2Pair._update`: a balance no longer fits `uint112`.
    #[error("a balance of {balance} exceeds the pool's limit of 2^112 - 1: use smaller amounts")]
    Overflow {
        /// The balance that is too large, in the lane's unit.
        balance: f64,
    },
    /// `Exchange resulted in fewer coins than expected` of `StableSwap` pools: the output is below the trader's limit.
    #[error("the swap pays {amount_out} out, below the limit of {minimum}: lower the limit or swap less")]
    OutputBelowMinimum {
        /// What would be paid out, in the lane's unit.
        amount_out: f64,
        /// The trader's limit.
        minimum: f64,
    },
    /// A `SafeMath` revert.
    #[error(transparent)]
    Math(#[from] MathError),
    /// A revert of a weighted pool.
    #[error(transparent)]
    Weighted(#[from] WeightedError),
    /// A revert of a concentrated-liquidity contract.
    #[error(transparent)]
    Concentrated(#[from] ConcentratedError),
    /// The pool has no token of that index.
    #[error("token index {index} is out of range: the pool has {tokens} tokens")]
    UnknownToken {
        /// The index asked for.
        index: u8,
        /// How many tokens the pool has.
        tokens: usize,
    },
    /// The pool has no such function.
    #[error("this pool does not know {operation}: use another family")]
    Unsupported {
        /// What was asked for.
        operation: &'static str,
    },
    /// Input and output are the same token.
    #[error("token {index} cannot be swapped against itself: name two different tokens")]
    SameToken {
        /// The index given twice.
        index: u8,
    },
    /// The amount is negative, infinite or not a number.
    #[error("{amount} is no amount: give a finite number that is not negative")]
    InvalidAmount {
        /// The amount given.
        amount: f64,
    },
}

impl SwapError {
    /// The contract's reason, without the contract's name in front of it: `"K"` for `"UniswapV2: K"` and for `"Pancake: K"`.
    ///
    /// `SafeMath` reasons are whole (`"ds-math-mul-overflow"`). `None` if no contract could be asked such a thing.
    pub fn revert_code(&self) -> Option<&'static str> {
        Some(match self {
            Self::InsufficientInputAmount => "INSUFFICIENT_INPUT_AMOUNT",
            Self::InsufficientOutputAmount => "INSUFFICIENT_OUTPUT_AMOUNT",
            Self::InsufficientLiquidity { .. } | Self::EmptyReserve => "INSUFFICIENT_LIQUIDITY",
            Self::InsufficientAmount => "INSUFFICIENT_AMOUNT",
            Self::K => "K",
            Self::Overflow { .. } => "OVERFLOW",
            Self::OutputBelowMinimum { .. } => "Exchange resulted in fewer coins than expected",
            Self::Math(math) => math.revert_code(),
            Self::Weighted(weighted) => weighted.revert_code(),
            Self::Concentrated(error) => return error.revert_code(),
            Self::Unsupported { .. } | Self::UnknownToken { .. } | Self::SameToken { .. } | Self::InvalidAmount { .. } => {
                return None;
            }
        })
    }
}

/// Why adding, removing or moving liquidity fails.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum LiquidityError {
    /// `INSUFFICIENT_LIQUIDITY_MINTED` of `UniswapV2Pair.mint`: the amounts are worth less than one LP token unit.
    #[error("the amounts are too small to mint any LP tokens: give more of both tokens")]
    InsufficientLiquidityMinted,
    /// `INSUFFICIENT_LIQUIDITY_BURNED` of `UniswapV2Pair.burn`: the LP tokens are worth less than one unit of a token.
    #[error("the LP tokens are worth nothing in at least one token: burn more of them")]
    InsufficientLiquidityBurned,
    /// `OVERFLOW` of `UniswapV2Pair._update`: a balance no longer fits `uint112`.
    #[error("a balance of {balance} exceeds the pool's limit of 2^112 - 1: use smaller amounts")]
    Overflow {
        /// The balance that is too large, in the lane's unit.
        balance: f64,
    },
    /// `ds-math-sub-underflow` of `UniswapV2ERC20._transfer`: the owner has fewer LP tokens than are to be moved.
    #[error("owner {owner} has {balance} LP tokens and cannot part with {amount}")]
    InsufficientBalance {
        /// The owner.
        owner: u32,
        /// What the owner has, in the lane's unit.
        balance: f64,
        /// What was asked for, in the lane's unit.
        amount: f64,
    },
    /// LP tokens of [`Owner::ZERO`](crate::Owner::ZERO) are to be moved or burned: nobody has the key to address 0.
    #[error("LP tokens of owner 0 are locked forever: they are nobody's")]
    LockedForever,
    /// The first deposit into a `StableSwap` pool lacks a coin.
    #[error("the first deposit lacks a coin: give some of every coin")]
    InitialDepositIncomplete,
    /// A deposit into a `StableSwap` pool does not raise its invariant.
    #[error("the deposit does not raise the pool's invariant: give more")]
    InvariantNotIncreased,
    /// `Slippage screwed you` of `StableSwap` pools, at a deposit.
    #[error("the deposit mints {minted} LP tokens, below the limit of {minimum}: lower the limit")]
    MintBelowMinimum {
        /// What would be minted, in the lane's unit.
        minted: f64,
        /// The limit.
        minimum: f64,
    },
    /// `Slippage screwed you` of `StableSwap` pools, at a withdrawal of given amounts.
    #[error("the withdrawal burns {burned} LP tokens, above the limit of {maximum}: raise the limit or withdraw less")]
    BurnAboveMaximum {
        /// What would be burned, in the lane's unit.
        burned: f64,
        /// The limit.
        maximum: f64,
    },
    /// `Withdrawal resulted in fewer coins than expected` of `StableSwap` pools.
    #[error("the withdrawal pays {amount} of a coin, below the limit of {minimum}: lower the limit or burn more")]
    WithdrawalBelowMinimum {
        /// What would be paid out, in the lane's unit.
        amount: f64,
        /// The limit.
        minimum: f64,
    },
    /// `Not enough coins removed` of `StableSwap` NG pools, at an exit into one coin.
    #[error("the exit pays {amount} of its coin, below the limit of {minimum}: lower the limit or burn more")]
    OneCoinBelowMinimum {
        /// What would be paid out, in the lane's unit.
        amount: f64,
        /// The limit.
        minimum: f64,
    },
    /// The contract has no such function.
    #[error("this pool's contract does not know {operation}: use another generation of the contract")]
    Unsupported {
        /// What was asked for.
        operation: &'static str,
    },
    /// A `SafeMath` revert.
    #[error(transparent)]
    Math(#[from] MathError),
    /// A revert of a weighted pool.
    #[error(transparent)]
    Weighted(#[from] WeightedError),
    /// The pool has no token of that index.
    #[error("token index {index} is out of range: the pool has {tokens} tokens")]
    UnknownToken {
        /// The index asked for.
        index: u8,
        /// How many tokens the pool has.
        tokens: usize,
    },
    /// A revert of a concentrated-liquidity contract.
    #[error(transparent)]
    Concentrated(#[from] ConcentratedError),
    /// The number of amounts is not the number of tokens.
    #[error("{given} amounts were given for {tokens} tokens: give one per token, zero where there is none")]
    AmountCount {
        /// How many amounts came.
        given: usize,
        /// How many tokens the pool has.
        tokens: usize,
    },
    /// An amount is negative, infinite or not a number.
    #[error("{amount} is no amount: give a finite number that is not negative")]
    InvalidAmount {
        /// The amount given.
        amount: f64,
    },
}

impl LiquidityError {
    /// The contract's reason, without the contract's name in front of it; see [`SwapError::revert_code`].
    pub fn revert_code(&self) -> Option<&'static str> {
        Some(match self {
            Self::InsufficientLiquidityMinted => "INSUFFICIENT_LIQUIDITY_MINTED",
            Self::InsufficientLiquidityBurned => "INSUFFICIENT_LIQUIDITY_BURNED",
            Self::Overflow { .. } => "OVERFLOW",
            Self::InitialDepositIncomplete | Self::InvariantNotIncreased => "",
            Self::MintBelowMinimum { .. } | Self::BurnAboveMaximum { .. } => "Slippage screwed you",
            Self::WithdrawalBelowMinimum { .. } => "Withdrawal resulted in fewer coins than expected",
            Self::OneCoinBelowMinimum { .. } => "Not enough coins removed",
            Self::InsufficientBalance { .. } => MathError::SubUnderflow.revert_code(),
            Self::Math(math) => math.revert_code(),
            Self::Weighted(weighted) => weighted.revert_code(),
            Self::Concentrated(error) => return error.revert_code(),
            Self::LockedForever
            | Self::Unsupported { .. }
            | Self::UnknownToken { .. }
            | Self::AmountCount { .. }
            | Self::InvalidAmount { .. } => {
                return None;
            }
        })
    }
}

/// Why a change of a pool's parameters is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GovernanceError {
    /// A time is before the earliest that the contract allows.
    #[error("time {time} is too soon: the contract allows it from {earliest} on")]
    TooSoon {
        /// The time, in Unix seconds.
        time: u64,
        /// The earliest, in Unix seconds.
        earliest: u64,
    },
    /// An amplification that the contract does not take.
    #[error("an amplification of {amplification} is out of range: give 1 to {maximum}, as the contract's function A() reports it")]
    InvalidAmplification {
        /// The amplification given.
        amplification: u64,
        /// The largest one.
        maximum: u64,
    },
    /// A ramp that changes A more than tenfold.
    #[error("a ramp from {current} to {amplification} changes the amplification more than tenfold: go in steps")]
    RampTooSteep {
        /// The amplification now.
        current: u64,
        /// The amplification asked for.
        amplification: u64,
    },
    /// Fee and off-peg multiplier together exceed one half.
    #[error("a fee of {fee} e-10 times {multiplier} e-10 exceeds one half: lower one of them")]
    FeeTooHigh {
        /// The fee, in units of 10^-10.
        fee: u64,
        /// The multiplier, in units of 10^-10.
        multiplier: u64,
    },
    /// Parameters are announced already.
    #[error("parameters are announced for {deadline} already: apply or revert them first")]
    AlreadyCommitted {
        /// When they can be applied, in Unix seconds.
        deadline: u64,
    },
    /// No parameters are announced.
    #[error("no parameters are announced: commit some first")]
    NothingCommitted,
    /// The contract has no such function.
    #[error("this pool's contract does not know {operation}: use another generation of the contract")]
    Unsupported {
        /// What was asked for.
        operation: &'static str,
    },
}

/// Anything this crate can report: what a caller that does not tell swaps from liquidity propagates.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum AmmError {
    /// A swap failed.
    #[error(transparent)]
    Swap(#[from] SwapError),
    /// A liquidity operation failed.
    #[error(transparent)]
    Liquidity(#[from] LiquidityError),
    /// A change of a pool's parameters failed.
    #[error(transparent)]
    Governance(#[from] GovernanceError),
    /// A call of a concentrated-liquidity contract failed.
    #[error(transparent)]
    Concentrated(#[from] ConcentratedError),
    /// A concentrated-liquidity pool cannot go on from a snapshot.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A swap fee outside [0, 1).
    #[error("a swap fee of {numerator}/{denominator} is not in [0, 1): 30 basis points are 3/1000")]
    InvalidFee {
        /// The numerator given.
        numerator: u32,
        /// The denominator given.
        denominator: u32,
    },
    /// A parameter of a fee rule out of range.
    #[error("{what} is {value}: give {expected}")]
    InvalidFeeRule {
        /// Which parameter.
        what: &'static str,
        /// The value given.
        value: f64,
        /// What it should be.
        expected: &'static str,
    },
    /// A fee whose fraction in lowest terms does not fit two `u32`.
    #[error("a fee of {fraction} is too fine for an integer contract: round it to pips (millionths)")]
    FeeTooFine {
        /// The fraction given.
        fraction: f64,
    },
    /// A protocol share outside (0, 1].
    #[error("a protocol share of {numerator}/{denominator} is not in (0, 1]: a sixth is 1/6")]
    InvalidProtocolShare {
        /// The numerator given.
        numerator: u32,
        /// The denominator given.
        denominator: u32,
    },
    /// Weights that no weighted pool can have.
    #[error("{tokens} weights, the smallest {smallest}, sum {sum}: give 2 to 8, each at least 0.01, that sum to 1 exactly")]
    InvalidWeights {
        /// How many were given.
        tokens: usize,
        /// The smallest of them, as a fraction.
        smallest: f64,
        /// Their sum.
        sum: f64,
    },
    /// Decimals that the pool's contracts do not take.
    #[error("{given} numbers of decimals for {tokens} tokens, the largest {largest}: give one per token, at most 18")]
    InvalidDecimals {
        /// How many were given.
        given: usize,
        /// How many tokens the pool has.
        tokens: usize,
        /// The largest.
        largest: u8,
    },
    /// An amplification out of range.
    #[error("an amplification of {amplification} is out of range: give 1 to {maximum}, as the contract's function A() reports it")]
    InvalidAmplification {
        /// The amplification given.
        amplification: u64,
        /// The largest one.
        maximum: u64,
    },
    /// A `StableSwap` pool with too few or too many coins.
    #[error("{coins} coins: a pool of this contract has 2 to {maximum}")]
    CoinCount {
        /// How many were given.
        coins: usize,
        /// The most there can be.
        maximum: usize,
    },
    /// A fee above the contract's limit.
    #[error("a fee of {parts} e-10 exceeds the contract's limit of {maximum} e-10: 4 basis points are 4000000 e-10")]
    PoolFeeTooHigh {
        /// The fee given, in units of 10^-10.
        parts: u64,
        /// The limit, in units of 10^-10.
        maximum: u64,
    },
}
