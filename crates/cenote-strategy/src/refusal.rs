use crate::market::{BridgeId, PoolId, TokenId};
use crate::strategy::RangeId;
use crate::venue::{FarmId, LendingId, VaultId};

/// Why an [`Action`](crate::Action) was not done. Nothing changed, nothing was paid.
///
/// The next [`Strategy::act`](crate::Strategy::act) finds it in [`Position::refused`](crate::Position::refused); the run goes on, and
/// the position's metric `refused_actions` counts it.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A pool that the world does not have.
    #[error("there is no pool number {}: use the number of a pool of this study", pool.0)]
    UnknownPool {
        /// Its number.
        pool: PoolId,
    },
    /// A swap of tokens that are not two of the pool's.
    #[error("pool number {} does not trade token number {} for token number {}", pool.0, token_in.0, token_out.0)]
    UnknownPair {
        /// The pool.
        pool: PoolId,
        /// Paid in.
        token_in: TokenId,
        /// Wanted.
        token_out: TokenId,
    },
    /// A range in a pool whose liquidity has none.
    #[error("the liquidity of pool number {} has no ranges: mint and burn LP tokens", pool.0)]
    NoRanges {
        /// The pool.
        pool: PoolId,
    },
    /// A range beyond those that the strategy said it has.
    #[error("there is no range number {} in pool number {}: let Strategy::ranges return a larger number", id.0, pool.0)]
    UnknownRange {
        /// The pool.
        pool: PoolId,
        /// The range's number.
        id: RangeId,
    },
    /// A range that ends where it begins, or that no pool has.
    #[error("no liquidity can lie between prices of {lower} and {upper}")]
    BadRange {
        /// Where it was to begin.
        lower: f64,
        /// Where it was to end.
        upper: f64,
    },
    /// An amount or a fraction that does nothing.
    #[error("an amount of {amount} does nothing: give one above zero")]
    NotPositive {
        /// The amount.
        amount: f64,
    },
    /// More than the wallet, the LP balance or the range has; a fraction above 1.
    #[error("{wanted} was wanted of {there}")]
    MoreThanThere {
        /// What was asked for.
        wanted: f64,
        /// What there is.
        there: f64,
    },
    /// A hedge in a token that nobody outside trades for this position, or of an amount that cannot be.
    #[error("token number {} cannot be hedged with a target of {target}", token.0)]
    NoMarket {
        /// The token.
        token: TokenId,
        /// The target.
        target: f64,
    },
    /// A bridge that the world does not have.
    #[error("there is no bridge number {}: use the number of a bridge of this study", bridge.0)]
    UnknownBridge {
        /// Its number.
        bridge: BridgeId,
    },
    /// A bridge that keeps all that is sent.
    #[error("bridge number {} keeps all of {amount}: send more", bridge.0)]
    KeptByBridge {
        /// The bridge.
        bridge: BridgeId,
        /// What was to be sent, in whole tokens.
        amount: f64,
    },
    /// A farm that the world does not have.
    #[error("there is no farm number {}: use the number of a farm of this study", farm.0)]
    UnknownFarm {
        /// Its number.
        farm: FarmId,
    },
    /// A lending market that the world does not have.
    #[error("there is no lending market number {}: use the number of one of this study", lending.0)]
    UnknownLending {
        /// Its number.
        lending: LendingId,
    },
    /// A vault that the world does not have.
    #[error("there is no vault number {}: use the number of a vault of this study", vault.0)]
    UnknownVault {
        /// Its number.
        vault: VaultId,
    },
    /// Whoever has the stake or the supply does not give it back for now.
    #[error("withdrawals are frozen: try again later")]
    Frozen,
    /// More than a lending market holds: the rest is lent out.
    #[error("lending market number {} holds {there}, and {wanted} was wanted: the rest is lent out", lending.0)]
    LentOut {
        /// The market.
        lending: LendingId,
        /// What was asked for, in whole tokens.
        wanted: f64,
        /// What there is.
        there: f64,
    },
    /// A loan, or a withdrawal, that would leave too little collateral.
    #[error("collateral allows for {allowed} of it, and {wanted} was wanted")]
    TooLittleCollateral {
        /// What was asked for, in whole tokens.
        wanted: f64,
        /// What would do.
        allowed: f64,
    },
    /// The farm, lending market or vault did nothing: there was nothing to do it with.
    #[error("there was nothing to do it with")]
    Nothing,
    /// The pool did nothing: an empty wallet, a range without liquidity or fees, or what its contract would revert.
    #[error("pool number {} did nothing: there was nothing to do it with, or its contract would revert", pool.0)]
    Pool {
        /// The pool.
        pool: PoolId,
    },
}
