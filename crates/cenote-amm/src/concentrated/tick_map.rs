//! All initialized ticks in order: what `TickBitmap.sol` and the mapping of ticks are to the contract.

use super::tick::Tick;
use super::tick_math::{MAX_TICK, MIN_TICK};
use crate::lane::Lane;
use crate::pool::Direction;

/// The initialized ticks, sorted.
///
/// The contract finds the next one by scanning a bitmap, one word of 256 ticks (of the spacing) at a time, and its swaps stop at the
/// edge of each word. Here the ticks are a sorted list and the edges are computed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TickMap<L: Lane> {
    spacing: i32,
    numbers: Vec<i32>,
    ticks: Vec<Tick<L>>,
}

/// Where a step of a swap ends at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NextTick {
    pub(super) number: i32,
    /// Its place in the map, if it is initialized.
    pub(super) index: Option<usize>,
}

impl<L: Lane> TickMap<L> {
    pub(super) fn new(spacing: i32) -> Self {
        Self { spacing, numbers: Vec::new(), ticks: Vec::new() }
    }

    pub(super) fn spacing(&self) -> i32 {
        self.spacing
    }

    pub(super) fn get(&self, number: i32) -> Option<&Tick<L>> {
        self.numbers.binary_search(&number).ok().and_then(|index| self.ticks.get(index))
    }

    /// The tick that [`NextTick::index`] named.
    #[inline]
    pub(super) fn at(&self, index: usize) -> &Tick<L> {
        &self.ticks[index]
    }

    #[inline]
    pub(super) fn at_mut(&mut self, index: usize) -> &mut Tick<L> {
        &mut self.ticks[index]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (i32, &Tick<L>)> {
        self.numbers.iter().copied().zip(&self.ticks)
    }

    /// Stores a tick; one that carries no liquidity is forgotten.
    pub(super) fn set(&mut self, number: i32, tick: Tick<L>) {
        match (self.numbers.binary_search(&number), tick.liquidity_gross) {
            (Ok(index), 0) => {
                self.numbers.remove(index);
                self.ticks.remove(index);
            }
            (Ok(index), _) => self.ticks[index] = tick,
            (Err(_), 0) => {}
            (Err(index), _) => {
                self.numbers.insert(index, number);
                self.ticks.insert(index, tick);
            }
        }
    }

    /// How many ticks are at or below `number`: the place of the first one above it.
    #[inline]
    pub(super) fn count_up_to(&self, number: i32) -> usize {
        self.numbers.partition_point(|tick| *tick <= number)
    }

    /// The next initialized tick at or below `number` (going down) or above it (going up), but no farther than the edge of its word
    /// if `stops_at_words`, and in any case no farther than the outermost tick. `above` is [`count_up_to`](Self::count_up_to) of
    /// `number`.
    ///
    /// Source: `TickBitmap.nextInitializedTickWithinOneWord` and the clamp in `UniswapV3Pool.swap`.
    #[inline]
    pub(super) fn next(&self, number: i32, above: usize, direction: Direction, stops_at_words: bool) -> NextTick {
        // Initialized ticks are multiples of the spacing: comparing them with `number` compares them with its compressed form.
        let down = direction == Direction::ZeroForOne;
        let (index, edge) = match (down, stops_at_words) {
            (true, true) => (above.wrapping_sub(1), ((number.div_euclid(self.spacing) >> 8) << 8).saturating_mul(self.spacing)),
            (true, false) => (above.wrapping_sub(1), MIN_TICK),
            (false, true) => {
                let word = (number.div_euclid(self.spacing) + 1) >> 8;
                (above, ((word << 8) + 255).saturating_mul(self.spacing))
            }
            (false, false) => (above, MAX_TICK),
        };
        let edge = edge.clamp(MIN_TICK, MAX_TICK);
        match self.numbers.get(index) {
            Some(tick) if (down && *tick >= edge) || (!down && *tick <= edge) => NextTick { number: *tick, index: Some(index) },
            _ => NextTick { number: edge, index: None },
        }
    }
}

/// How much liquidity one tick may carry, so that all ticks together stay below 2^128: `Tick.tickSpacingToMaxLiquidityPerTick` of v3.
pub(super) fn max_liquidity_per_tick(spacing: i32) -> u128 {
    let ticks = MAX_TICK / spacing - MIN_TICK / spacing + 1;
    u128::MAX / u128::from(ticks.unsigned_abs())
}

/// The same of v4, which counts the lowest tick rounded down: `Pool.tickSpacingToMaxLiquidityPerTick`.
pub(super) fn max_liquidity_per_tick_v4(spacing: i32) -> u128 {
    let ticks = MAX_TICK / spacing - MIN_TICK.div_euclid(spacing) + 1;
    u128::MAX / u128::from(ticks.unsigned_abs())
}
