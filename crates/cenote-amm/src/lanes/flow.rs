use cenote_units::Lanes;

use crate::pool::TokenIndex;

/// How much of what came of an arbitrage is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// Everything.
    All,
    /// The amounts paid in: who has traded.
    AmountIn,
    /// Nothing.
    Nothing,
}

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
    /// How much of an arbitrage anybody will look at: a pool that has books of its own need not fill in the rest.
    pub told: Told,
}

impl<const L: usize> FlowLanes<L> {
    /// No trade in any lane.
    pub fn new(base: TokenIndex, quote: TokenIndex) -> Self {
        Self { base, quote, base_in: [0; L], amount_in: Lanes::ZERO, amount_out: Lanes::ZERO, fee: Lanes::ZERO, told: Told::All }
    }

    /// What a protocol takes at once, in the token that is paid out, if `share` of the fee is its own and the fee is taken from what is
    /// paid out: out · share · φ/(1 − φ), φ being the fee over the input.
    pub fn to_admin(&self, lane: usize, share: f64) -> f64 {
        let (amount_in, fee) = (self.amount_in[lane], self.fee[lane]);
        if amount_in > fee { self.amount_out[lane] * (share * fee / (amount_in - fee)) } else { 0.0 }
    }

    /// No trade in this lane.
    pub(crate) fn clear(&mut self, lane: usize) {
        self.set(lane, 0.0, 0.0, 0.0);
    }

    /// No trade in any lane.
    pub(crate) fn clear_all(&mut self) {
        (self.amount_in, self.amount_out, self.fee) = (Lanes::ZERO, Lanes::ZERO, Lanes::ZERO);
    }

    #[inline]
    pub(crate) fn set(&mut self, lane: usize, amount_in: f64, amount_out: f64, fee: f64) {
        (self.amount_in[lane], self.amount_out[lane], self.fee[lane]) = (amount_in, amount_out, fee);
    }
}

impl<const L: usize> Default for FlowLanes<L> {
    fn default() -> Self {
        Self::new(TokenIndex::ZERO, TokenIndex::ONE)
    }
}
