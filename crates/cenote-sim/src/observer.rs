use std::fmt::Debug;

use cenote_strategy::{BridgeId, FarmId, LendingId, PoolId, Refusal, TokenId, VaultId};
use cenote_units::SimTime;

use crate::agent::Phase;

/// When something happened, in total order: by time, then by place inside the block, first in, first out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    /// Simulated time.
    pub time: SimTime,
    /// Place of the phase in the block's order.
    pub rank: u8,
    /// Count of events of the block so far.
    pub seq: u32,
}

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The agent at this place of the scenario.
    Agent(usize),
    /// The position at this place of the scenario.
    Position(usize),
}

/// Something that happened on a path. Amounts are whole tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A token's outside price at a block, in the numeraire.
    Price {
        /// The token.
        token: TokenId,
        /// Its price.
        price: f64,
    },
    /// A swap.
    Swap {
        /// Who.
        actor: Actor,
        /// When inside the block.
        phase: Phase,
        /// Where.
        pool: PoolId,
        /// Paid in.
        token_in: TokenId,
        /// Paid out.
        token_out: TokenId,
        /// Whole tokens, fee included.
        amount_in: f64,
        /// Whole tokens.
        amount_out: f64,
        /// The fee's part of `amount_in`.
        fee: f64,
        /// Marginal price of the pool's first token in its second, after the swap.
        spot_price: f64,
    },
    /// Liquidity added.
    Mint {
        /// Which position.
        position: usize,
        /// Where.
        pool: PoolId,
        /// LP tokens received.
        liquidity: f64,
    },
    /// Liquidity taken out.
    Burn {
        /// Which position.
        position: usize,
        /// Where.
        pool: PoolId,
        /// LP tokens burned.
        liquidity: f64,
    },
    /// Liquidity of others than positions came or went.
    OthersLiquidity {
        /// The agent that acts for them, by its place in the scenario.
        agent: usize,
        /// Where.
        pool: PoolId,
        /// What it is worth at outside prices, in the numeraire; negative if it went.
        value: f64,
    },
    /// Fees of a range taken.
    Collect {
        /// Which position.
        position: usize,
        /// Where.
        pool: PoolId,
    },
    /// A hedge outside, brought to a new size at the outside price.
    Hedge {
        /// Which position.
        position: usize,
        /// Of what.
        token: TokenId,
        /// Whole tokens bought after it; negative ones are sold.
        units: f64,
    },
    /// Something that a strategy asked for and that was not done.
    Refused {
        /// Which position.
        position: usize,
        /// Why.
        refusal: Refusal,
    },
    /// Something put into a farm.
    Staked {
        /// Whose.
        position: usize,
        /// Where.
        farm: FarmId,
        /// Whole tokens or LP tokens.
        amount: f64,
    },
    /// Something taken out of a farm, with its rewards.
    Unstaked {
        /// Whose.
        position: usize,
        /// Where.
        farm: FarmId,
        /// Whole tokens or LP tokens.
        amount: f64,
    },
    /// Rewards claimed.
    Claimed {
        /// Whose.
        position: usize,
        /// Where.
        farm: FarmId,
    },
    /// Something put into a vault, for shares.
    Deposited {
        /// Whose.
        position: usize,
        /// Where.
        vault: VaultId,
        /// Whole tokens or LP tokens.
        amount: f64,
    },
    /// Shares of a vault given back.
    Redeemed {
        /// Whose.
        position: usize,
        /// Where.
        vault: VaultId,
        /// Whole tokens or LP tokens received.
        amount: f64,
    },
    /// Tokens supplied to a lending market.
    Supplied {
        /// Whose.
        position: usize,
        /// Where.
        lending: LendingId,
        /// Whole tokens or LP tokens.
        amount: f64,
    },
    /// Tokens withdrawn from a lending market.
    Withdrawn {
        /// Whose.
        position: usize,
        /// Where.
        lending: LendingId,
        /// Whole tokens or LP tokens.
        amount: f64,
    },
    /// Tokens borrowed.
    Borrowed {
        /// Whose.
        position: usize,
        /// Where.
        lending: LendingId,
        /// Whole tokens or LP tokens.
        amount: f64,
    },
    /// Tokens paid back.
    Repaid {
        /// Whose.
        position: usize,
        /// Where.
        lending: LendingId,
        /// Whole tokens or LP tokens.
        amount: f64,
    },
    /// A loan that others paid back a part of, for collateral.
    Liquidated {
        /// Whose.
        position: usize,
        /// Whole tokens paid back for it.
        repaid: f64,
        /// Whole tokens of collateral taken.
        seized: f64,
    },
    /// Something went wrong.
    Risk {
        /// Its place in the scenario.
        risk: usize,
    },
    /// Tokens sent over a bridge.
    Sent {
        /// By which position.
        position: usize,
        /// Over which.
        bridge: BridgeId,
        /// Which.
        token: TokenId,
        /// Whole tokens, what the bridge keeps included.
        amount: f64,
    },
    /// Tokens that came over a bridge.
    Arrived {
        /// To which position.
        position: usize,
        /// Over which.
        bridge: BridgeId,
        /// Which.
        token: TokenId,
        /// Whole tokens.
        amount: f64,
    },
    /// Tokens that a bridge lost.
    Lost {
        /// Whose.
        position: usize,
        /// By which.
        bridge: BridgeId,
        /// Which.
        token: TokenId,
        /// Whole tokens.
        amount: f64,
    },
    /// A position's value at a block's end, in the numeraire.
    Mark {
        /// Which position.
        position: usize,
        /// Its value.
        value: f64,
    },
}

/// Somebody who looks at everything that happens and changes nothing.
///
/// Worlds without observers pay nothing for them.
pub trait Observer: Debug + Send {
    /// Something happened on `path`.
    fn event(&mut self, path: u32, key: EventKey, event: &Event);
}
