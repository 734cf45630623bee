use cenote_units::{LaneList, Lanes};

use super::{FlowLanes, PoolLanes, PriceRange};
use crate::pool::TokenIndex;

/// A position between two prices, one in each lane.
#[derive(Clone, Debug)]
pub struct RangeLanes<const L: usize> {
    /// Its liquidity, √(token 0 · token 1) in whole tokens; zero where there is none.
    pub liquidity: Lanes<L>,
    /// Where it begins, price of token 0 in token 1, whole tokens.
    pub lower: Lanes<L>,
    /// Where it ends.
    pub upper: Lanes<L>,
    /// 1 where the pool's price is inside and there is liquidity, otherwise 0.
    pub inside: Lanes<L>,
    /// What its liquidity now is, in whole tokens.
    pub amounts: [Lanes<L>; 2],
    /// Fees that it has earned and not collected, in whole tokens.
    pub owed: [Lanes<L>; 2],
}

impl<const L: usize> RangeLanes<L> {
    /// Nothing in any lane.
    pub const EMPTY: Self = Self {
        liquidity: Lanes::ZERO,
        lower: Lanes::ZERO,
        upper: Lanes::ZERO,
        inside: Lanes::ZERO,
        amounts: [Lanes::ZERO; 2],
        owed: [Lanes::ZERO; 2],
    };
}

/// What trades did to a position of one lane since the path began, each at what tokens were [worth](RangedLanes::value_at) then.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RangeIncome {
    /// What they took from its liquidity: what it paid out less what it took in without fee.
    pub loss_versus_rebalancing: f64,
    /// The fees that it has earned.
    pub fees: f64,
}

/// What became of the liquidity of a position in one lane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RangeChange {
    /// So much was minted or burned; zero where nothing happened.
    pub liquidity: f64,
    /// What it is, in whole tokens: paid in or out.
    pub amounts: [f64; 2],
    /// Fees paid out with it, in whole tokens.
    pub fees: [f64; 2],
}

/// A pool of two tokens whose liquidity lies in positions between two prices, `L` paths wide.
///
/// Positions are numbered places: whoever builds a world takes as many as its participants will use at once, before the first path.
pub trait RangedLanes<const L: usize>: PoolLanes<L> {
    /// Makes room for one more position in every lane and returns its number.
    fn add_position(&mut self) -> usize;

    /// A position, as of the last [`settle`](Self::settle).
    fn position(&self, number: usize) -> &RangeLanes<L>;

    /// What trades did to a position of one lane: always as of now.
    fn income(&self, number: usize, lane: usize) -> RangeIncome;

    /// Brings what positions are and what they are owed up to date. Changes nothing in the pool.
    fn settle(&mut self);

    /// What a token is worth from now on, outside: what the books of positions count trades in. On new paths, nothing.
    fn value_at(&mut self, token: TokenIndex, price: &Lanes<L>);

    /// Settles in lanes in which alone positions are looked at.
    fn settle_in(&mut self, lanes: &LaneList<L>) {
        let _ = lanes;
        self.settle();
    }

    /// What one unit of liquidity in `range` takes of both tokens at the pool's price, in whole tokens, and where the range really
    /// begins and ends: at ticks that the pool can use.
    fn proportions(&self, lane: usize, range: PriceRange) -> ([f64; 2], PriceRange);

    /// Adds as much liquidity to a position of one lane as `amounts` (at most) buy. A position that is empty goes to `range`; one that is
    /// not stays where it is. Nothing, where the pool refuses.
    fn mint(&mut self, number: usize, lane: usize, range: PriceRange, amounts: [f64; 2]) -> RangeChange;

    /// Takes `liquidity` (at most) out of a position of one lane and pays out what it is, together with all fees the position is owed.
    /// Nothing, where the pool refuses.
    fn burn(&mut self, number: usize, lane: usize, liquidity: f64) -> RangeChange;

    /// Pays out the fees that a position of one lane is owed, in whole tokens.
    fn collect(&mut self, number: usize, lane: usize) -> [f64; 2];

    /// All liquidity in range, whoever's it is.
    fn liquidity(&self, out: &mut Lanes<L>);

    /// Providers' fees so far per unit of the liquidity that was in range, in whole tokens of both: what the full range has earned. None
    /// if the pool does not know.
    fn fee_growth(&self, lane: usize) -> Option<[f64; 2]> {
        let _ = lane;
        None
    }

    /// Others' liquidity in range: what was there from the start, as it is now.
    fn others(&self, out: &mut Lanes<L>);

    /// Multiplies all of others' liquidity by `factor`, where that is positive and not one. On return `amounts` holds what they paid in
    /// for it (negative: took out), and `fees` what the pool paid them besides.
    fn scale_others(&mut self, factor: &Lanes<L>, amounts: &mut [Lanes<L>; 2], fees: &mut [Lanes<L>; 2]);

    /// Somebody drives the price of `flow.base`, which is token 0, in token 1 to `price`, where that is positive, free of any fee: no
    /// contract has this. It is what makes a pool follow a record of another. Fills in the flow.
    fn move_price(&mut self, price: &Lanes<L>, flow: &mut FlowLanes<L>);

    /// The protocol's part of the swap fees, from 0 to 1.
    fn protocol_share(&self) -> f64;
}
