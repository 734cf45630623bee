//! Pools of `L` paths in lockstep: the seam between the simulator's world and every pool, built-in or user-written.
//!
//! Amounts are whole tokens, lane by lane. A lane in which nothing is to happen gets the amount zero, and a zero trade is an exact
//! no-op; so nothing here takes a mask, and one path has the same bits alone (`L` = 1) and in any pack.
//!
//! [`ConstantProductLanes`](crate::ConstantProductLanes) and its kin compute all lanes at once; [`PerLane`] lifts any one-path
//! [`FungibleLiquidity`](crate::FungibleLiquidity), the exact lane included.

mod per_lane;

use core::fmt::Debug;

use cenote_units::{Lanes, PACK};

use crate::error::LiquidityError;
use crate::pool::TokenIndex;

pub use per_lane::{Lifted, PerLane};

/// One swap of a pair of tokens in each lane: who pays what, and what the pool did.
#[derive(Clone, Debug)]
pub struct FlowLanes<const L: usize> {
    /// The token whose price is meant when the pair has one.
    pub base: TokenIndex,
    /// The token the price is counted in.
    pub quote: TokenIndex,
    /// All ones where base is paid in and quote paid out; zero where quote is paid in.
    pub base_in: [u64; L],
    /// Paid in by the trader, fee included, in whole tokens of the side paid in. Zero where there is no trade.
    pub amount_in: Lanes<L>,
    /// Paid out to the trader, in whole tokens of the other side.
    pub amount_out: Lanes<L>,
    /// The part of `amount_in` that is fee.
    pub fee: Lanes<L>,
}

impl<const L: usize> FlowLanes<L> {
    /// No trade in any lane.
    pub fn new(base: TokenIndex, quote: TokenIndex) -> Self {
        Self { base, quote, base_in: [0; L], amount_in: Lanes::ZERO, amount_out: Lanes::ZERO, fee: Lanes::ZERO }
    }
}

impl<const L: usize> Default for FlowLanes<L> {
    fn default() -> Self {
        Self::new(TokenIndex::ZERO, TokenIndex::ONE)
    }
}

/// A pool with fungible LP tokens, `L` paths wide.
///
/// Object safe: a world holds `Box<dyn PoolLanes<L>>`, and one virtual call serves `L` paths.
pub trait PoolLanes<const L: usize>: Debug + Send {
    /// Begins new paths: back to the state it was built in.
    fn start(&mut self);

    /// How many tokens the pool holds.
    fn token_count(&self) -> usize;

    /// What LP tokens have a claim on: the reserve of `token`, in whole tokens.
    fn reserve(&self, token: TokenIndex) -> &Lanes<L>;

    /// LP tokens there are, in whole LP tokens.
    fn supply(&self) -> &Lanes<L>;

    /// The family's invariant, homogeneous of degree one in the reserves (√(r₀ r₁) for the constant product): divided by
    /// [`supply`](Self::supply) it never falls but for a protocol fee, and its growth is the fees of liquidity providers.
    fn invariant(&self, out: &mut Lanes<L>);

    /// The marginal price of `base` in `quote` before fee.
    fn spot_price(&self, base: TokenIndex, quote: TokenIndex, out: &mut Lanes<L>);

    /// What one lane's trader would get for `amount_in` now, in whole tokens.
    fn quote(&self, lane: usize, token_in: TokenIndex, token_out: TokenIndex, amount_in: f64) -> f64;

    /// Executes `flow.amount_in` in every lane and fills in `amount_out` and `fee`.
    ///
    /// A trade that the pool refuses (its contract would revert) is a trade that does not happen: its `amount_in` becomes zero.
    fn swap(&mut self, flow: &mut FlowLanes<L>);

    /// In every lane, the trade of an arbitrageur who can deal at `price` (of `flow.base` in `flow.quote`) outside: it moves the
    /// trader's marginal price, fee included, to `price`, that is, the pool to the edge of its no-arbitrage band. It is executed
    /// only where its profit, in `quote` at `price`, exceeds `min_profit` (zero included: a trade must gain something).
    fn arbitrage(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, flow: &mut FlowLanes<L>);

    /// Adds liquidity in the pool's proportions, at most `amounts` (one per token), where all of them are positive. On return
    /// `amounts` holds what was taken and `minted` the LP tokens it gave; both zero where nothing happened.
    fn mint(&mut self, amounts: &mut [Lanes<L>], minted: &mut Lanes<L>);

    /// Burns `liquidity` LP tokens and writes what they pay out, one amount per token.
    fn burn(&mut self, liquidity: &Lanes<L>, amounts: &mut [Lanes<L>]);

    /// LP tokens that the protocol is due now, and would be minted by the next mint or burn, diluting everybody else.
    fn pending_protocol_liquidity(&self, out: &mut Lanes<L>);
}

/// Builds pools for worlds of `L` lanes.
pub trait BuildPool<const L: usize> {
    /// A pool with the same reserves in every lane, minted by others: `amounts` whole tokens of each token.
    ///
    /// # Errors
    /// The amounts do not make a pool.
    fn build(&self, amounts: &[f64], decimals: &[u8]) -> Result<Box<dyn PoolLanes<L>>, LiquidityError>;
}

/// The description of a pool: its family and parameters, immutable, shared by threads.
pub trait PoolModel: Debug + Send + Sync + BuildPool<1> + BuildPool<PACK> {
    /// How many tokens it takes.
    fn token_count(&self) -> usize;
}
