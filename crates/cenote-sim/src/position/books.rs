use cenote_units::Lanes;

use crate::account::Income;
use crate::range_book;

/// Terms of an attribution, in the numeraire.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Terms {
    pub(crate) price: f64,
    pub(crate) loss_versus_rebalancing: f64,
    pub(crate) fees: f64,
    pub(crate) rewards: f64,
    pub(crate) gas: f64,
    pub(crate) trading_costs: f64,
}

impl Terms {
    /// Adds a part of what came from one moment to another.
    pub(super) fn add(&mut self, now: &Self, before: &Self, part: f64) {
        self.price += part * (now.price - before.price);
        self.loss_versus_rebalancing += part * (now.loss_versus_rebalancing - before.loss_versus_rebalancing);
        self.fees += part * (now.fees - before.fees);
        self.rewards += part * (now.rewards - before.rewards);
        self.gas += part * (now.gas - before.gas);
        self.trading_costs += part * (now.trading_costs - before.trading_costs);
    }
}

/// What a position has in one pool.
#[derive(Clone, Debug)]
pub(super) struct Stake<const L: usize> {
    pub(super) used: bool,
    /// LP tokens over their supply.
    pub(super) share: Lanes<L>,
    /// Sum of LP tokens times the invariant per LP token at which each was minted.
    pub(super) principal: Lanes<L>,
    /// The pool's sums per LP token at the last settlement.
    pub(super) mark: Income<L>,
    /// When the present stay began, in nanoseconds, where there is one.
    pub(super) since: [u64; L],
}

/// Sums over the position's life, in the numeraire.
#[derive(Clone, Debug)]
pub(super) struct Books<const L: usize> {
    pub(super) price: Lanes<L>,
    pub(super) loss_versus_rebalancing: Lanes<L>,
    /// Fees at the outside price when they were paid.
    pub(super) fees_booked: Lanes<L>,
    /// Fees by the growth of the invariant, of LP tokens already burned.
    pub(super) fees_taken: Lanes<L>,
    pub(super) gas: Lanes<L>,
    pub(super) trading_costs: Lanes<L>,
    /// Loans that were liquidated.
    pub(super) liquidations: Lanes<L>,
    /// What farms and markets promised at the start, per year, in parts of the deposit.
    pub(super) advertised: Lanes<L>,
    /// Blocks in which liquidity was put somewhere or tokens were swapped.
    pub(super) moves: Lanes<L>,
    /// When the last of them was, in nanoseconds plus one, and whether liquidity was put somewhere then.
    pub(super) last_move: [(u64, bool); L],
    /// Whether there ever was liquidity.
    pub(super) provided: [bool; L],
    /// Actions that were not done.
    pub(super) refused: Lanes<L>,
    /// Nanoseconds with liquidity in a pool, of stays that ended.
    pub(super) time_in_range: Lanes<L>,
    /// Nanoseconds with the price in a range.
    pub(super) time_in_ranges: Lanes<L>,
}

impl<const L: usize> Default for Books<L> {
    fn default() -> Self {
        Self {
            price: Lanes::ZERO,
            loss_versus_rebalancing: Lanes::ZERO,
            fees_booked: Lanes::ZERO,
            fees_taken: Lanes::ZERO,
            gas: Lanes::ZERO,
            trading_costs: Lanes::ZERO,
            liquidations: Lanes::ZERO,
            advertised: Lanes::ZERO,
            moves: Lanes::ZERO,
            last_move: [(0, false); L],
            provided: [false; L],
            refused: Lanes::ZERO,
            time_in_range: Lanes::ZERO,
            time_in_ranges: Lanes::ZERO,
        }
    }
}

impl<const L: usize> Books<L> {
    /// Where income of ranges is booked.
    pub(super) fn income(&mut self) -> range_book::Income<'_, L> {
        range_book::Income {
            price: &mut self.price,
            loss_versus_rebalancing: &mut self.loss_versus_rebalancing,
            fees: &mut self.fees_booked,
        }
    }
}
