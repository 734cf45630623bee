//! Pools of `L` paths in lockstep: the seam between the simulator's world and every pool, built-in or user-written.
//!
//! Amounts are whole tokens, lane by lane. A lane in which nothing is to happen gets the amount zero, and a zero trade is an exact
//! no-op; so nothing here takes a mask, and one path has the same bits alone (`L` = 1) and in any pack.
//!
//! [`PoolLanes`] trades; [`FungibleLanes`] also has LP tokens and [`RangedLanes`] positions between two prices: the lockstep forms of
//! [`Pool`](crate::Pool), [`FungibleLiquidity`](crate::FungibleLiquidity) and [`RangedLiquidity`](crate::RangedLiquidity).
//! [`ConstantProductLanes`](crate::ConstantProductLanes) and its kin compute all lanes at once; [`Lifted`] and [`LiftedRanges`] lift any
//! one-path pool, the exact lane included.

mod depth;
mod few;
mod flow;
mod fungible;
mod model;
mod per_lane;
mod price_range;
mod ranged;
#[cfg(test)]
mod tests;

use core::fmt::Debug;

use cenote_units::Lanes;

use crate::pool::TokenIndex;

pub use depth::DepthLanes;
pub use few::FewTrades;
pub use flow::{FlowLanes, Told};
pub use fungible::FungibleLanes;
pub use model::{AnyPool, BuildPool, PoolModel, PoolStart};
pub use per_lane::{Lifted, LiftedRanges, PerLane, PerLaneRanges};
pub use price_range::{PriceRange, RangeRule};
pub(crate) use price_range::{TickScale, unit_amounts};
pub use ranged::{RangeChange, RangeIncome, RangeLanes, RangedLanes};

/// A pool that trades, `L` paths wide.
///
/// Object safe: a world holds boxes of it, and one virtual call serves `L` paths.
pub trait PoolLanes<const L: usize>: Debug + Send {
    /// Begins new paths: back to the state it was built in.
    fn start(&mut self);

    /// A block begins at `time` (nanoseconds since the start) in the lanes that are `active`, before anything happens in it.
    fn begin_block(&mut self, time: &[u64; L], active: &Lanes<L>) {
        let _ = (time, active);
    }

    /// How many tokens the pool holds.
    fn token_count(&self) -> usize;

    /// What the pool's liquidity now is: the reserve of `token`, in whole tokens. Fees that a pool keeps apart from its liquidity are
    /// not in it.
    fn reserve(&self, token: TokenIndex, lane: usize) -> f64;

    /// The same of all lanes: the pool's own array, or in `room` if it has none.
    fn reserves<'a>(&'a self, token: TokenIndex, room: &'a mut Lanes<L>) -> &'a Lanes<L> {
        for l in 0..L {
            room[l] = self.reserve(token, l);
        }
        room
    }

    /// All that the pool owns of `token`: its reserve, and fees that nobody has collected yet.
    fn balance(&self, token: TokenIndex, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = self.reserve(token, l);
        }
    }

    /// The smallest amount of `token` that the pool knows, in whole tokens: its rounding keeps back or gives away some of these. Zero of
    /// floats.
    fn unit(&self, token: TokenIndex) -> f64 {
        let _ = token;
        0.0
    }

    /// The marginal price of `base` in `quote` before fee.
    fn spot_price(&self, base: TokenIndex, quote: TokenIndex, lane: usize) -> f64;

    /// The same of all lanes.
    fn spot_prices(&self, base: TokenIndex, quote: TokenIndex, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = self.spot_price(base, quote, l);
        }
    }

    /// What one lane's trader would get for `amount_in` now, in whole tokens.
    fn quote(&self, lane: usize, token_in: TokenIndex, token_out: TokenIndex, amount_in: f64) -> f64;

    /// How much the pool trades at which price: paying base where `base_in` is all ones, quote where it is zero. Only lanes in which
    /// `wanted` is above zero have to be right.
    fn depth(&self, pair: [TokenIndex; 2], base_in: &[u64; L], wanted: &Lanes<L>, depth: &mut DepthLanes<L>) {
        depth.by_quotes(self, pair, base_in, wanted);
    }

    /// A copy of one lane, to try things in; none of a pool that cannot be copied.
    fn lane(&self, lane: usize) -> Option<Box<dyn PoolLanes<1> + '_>> {
        let _ = lane;
        None
    }

    /// Executes `flow.amount_in` in every lane and fills in `amount_out` and `fee`.
    ///
    /// A trade that the pool refuses (its contract would revert) is a trade that does not happen: its `amount_in` becomes zero. One
    /// that runs out of liquidity is a smaller trade.
    fn swap(&mut self, flow: &mut FlowLanes<L>);

    /// The same in a few lanes.
    fn swap_few(&mut self, few: &mut FewTrades<L>) {
        let mut flow = FlowLanes::default();
        few.spread(&mut flow);
        self.swap(&mut flow);
        few.gather(&flow);
    }

    /// In every lane, the trade of an arbitrageur who can deal at `price` (of `flow.base` in `flow.quote`) outside: it moves the
    /// trader's marginal price, fee included, to `price`, that is, the pool to the edge of its no-arbitrage band. It is executed
    /// only where its profit, in `quote` at `price`, exceeds `min_profit` (zero included: a trade must gain something).
    fn arbitrage(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, flow: &mut FlowLanes<L>);

    /// The same of the pair of `few`, and `true`, if only a few lanes are outside their bands; if not, nothing happens.
    fn arbitrage_few(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, few: &mut FewTrades<L>) -> bool {
        let _ = (price, min_profit, few);
        false
    }
}
