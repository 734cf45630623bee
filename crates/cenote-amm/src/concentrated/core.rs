//! What v3 and v4 have in common: price, ticks, liquidity, fee growth and positions.

use std::collections::BTreeMap;

use super::error::ConcentratedError;
use super::formulas::{F, FeeGrowth, Formulas, SqrtPrice};
use super::oracle::Cumulatives;
use super::position::{Position, PositionKey};
use super::sqrt_price_math::Rounding;
use super::tick::{LiquidityChange, Tick, TickRange, read};
use super::tick_map::TickMap;
use super::walk::{Walked, side_in};
use crate::lane::Lane;
use crate::pool::Direction;

/// Where the price is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slot<L: Lane> {
    pub(super) sqrt_price: SqrtPrice<L>,
    pub(super) tick: i32,
    /// How many initialized ticks are at or below it: where a walk looks for the next one.
    pub(super) above: usize,
}

/// The state of a pool, protocol fees and oracle not included.
#[derive(Clone, Debug, PartialEq)]
pub struct Core<L: Lane> {
    pub(super) units: <F<L> as Formulas>::Units,
    pub(super) max_liquidity_per_tick: u128,
    /// None until the pool has a price.
    pub(super) slot: Option<Slot<L>>,
    pub(super) liquidity: u128,
    /// The same in the lane's unit.
    pub(super) in_lane: <F<L> as Formulas>::Liquidity,
    pub(super) fee_growth_global: [FeeGrowth<L>; 2],
    pub(super) ticks: TickMap<L>,
    pub(super) positions: BTreeMap<PositionKey, Position<L>>,
}

/// A change of liquidity that will pass.
#[derive(Clone, Debug)]
pub(super) struct PlannedChange<L: Lane> {
    key: PositionKey,
    /// The range's two ticks, unless they stay as they are.
    ticks: Option<[Tick<L>; 2]>,
    /// The position afterwards; the fees below are not yet in what it is owed.
    pub(super) position: Position<L>,
    /// What it earned up to now.
    pub(super) fees: [L::Amount; 2],
    /// What the change is worth: to be paid in if liquidity is added (rounded up), to be paid out if removed (rounded down).
    pub(super) amounts: [L::Amount; 2],
    /// Whether the range holds the price, so that the liquidity in range changes.
    pub(super) in_range: bool,
    liquidity: u128,
}

/// A position's worth.
#[derive(Clone, Copy, Debug)]
pub(super) struct Appraisal<L: Lane> {
    /// The tokens that its liquidity is, rounded down.
    pub(super) amounts: [L::Amount; 2],
    /// What it has earned since it was last touched.
    pub(super) fees: [L::Amount; 2],
}

/// The oracle's view of now, which a tick initialized now starts from.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    pub(super) cumulatives: Cumulatives,
    pub(super) time: u32,
}

impl<L: Lane> Core<L> {
    pub(super) fn new(tick_spacing: i32, max_liquidity_per_tick: u128, decimals: [u8; 2]) -> Self {
        let units = F::<L>::units(decimals);
        Self {
            units,
            max_liquidity_per_tick,
            slot: None,
            liquidity: 0,
            in_lane: F::<L>::liquidity(&units, 0),
            fee_growth_global: [FeeGrowth::<L>::default(); 2],
            ticks: TickMap::new(tick_spacing),
            positions: BTreeMap::new(),
        }
    }

    #[inline]
    pub(super) fn slot(&self) -> Result<Slot<L>, ConcentratedError> {
        self.slot.ok_or(ConcentratedError::NotInitialized)
    }

    pub(super) fn initialize(&mut self, sqrt_price: SqrtPrice<L>) -> Result<i32, ConcentratedError> {
        if self.slot.is_some() {
            return Err(ConcentratedError::AlreadyInitialized);
        }
        let tick = F::<L>::tick_at_sqrt_price(&self.units, sqrt_price)?;
        self.slot = Some(Slot { sqrt_price, tick, above: self.ticks.count_up_to(tick) });
        Ok(tick)
    }

    fn tick(&self, number: i32) -> Result<Tick<L>, ConcentratedError> {
        match self.ticks.get(number) {
            Some(tick) => Ok(*tick),
            None => Ok(Tick::blank(F::<L>::sqrt_price_at_tick(&self.units, number)?)),
        }
    }

    /// A tick after a change of the liquidity that begins (`net` as the change) or ends (`net` against it) there: `Tick.update`.
    fn updated_tick(
        &self,
        number: i32,
        slot: Slot<L>,
        change: LiquidityChange,
        begins: bool,
        clock: &Clock,
    ) -> Result<Tick<L>, ConcentratedError> {
        let mut tick = self.tick(number)?;
        let before = tick.liquidity_gross;
        tick.liquidity_gross = change.apply(before)?;
        if tick.liquidity_gross > self.max_liquidity_per_tick {
            return Err(ConcentratedError::TickLiquidityOverflow {
                tick: number,
                liquidity: read(tick.liquidity_gross),
                maximum: read(self.max_liquidity_per_tick),
            });
        }
        if before == 0 && number <= slot.tick {
            // By convention all that ever was happened below the tick.
            tick.fee_growth_outside = self.fee_growth_global;
            tick.cumulatives_outside = clock.cumulatives;
            tick.seconds_outside = clock.time;
        }
        let amount = i128::try_from(change.amount())
            .map_err(|_| ConcentratedError::LiquidityTooLarge { liquidity: read(change.amount()) })?;
        let rises = matches!(change, LiquidityChange::Add(_)) == begins;
        // The net of a tick is never more than its gross, which has just been seen to fit.
        tick.liquidity_net = if rises { tick.liquidity_net.wrapping_add(amount) } else { tick.liquidity_net.wrapping_sub(amount) };
        Ok(tick)
    }

    fn check_aligned(&self, number: i32) -> Result<(), ConcentratedError> {
        let spacing = self.ticks.spacing();
        if number % spacing == 0 { Ok(()) } else { Err(ConcentratedError::TickMisaligned { tick: number, spacing }) }
    }

    /// Fees per liquidity between two ticks: `Tick.getFeeGrowthInside`.
    pub(super) fn fee_growth_inside(&self, range: TickRange, current: i32, lower: &Tick<L>, upper: &Tick<L>) -> [FeeGrowth<L>; 2] {
        let mut inside = self.fee_growth_global;
        for side in 0..2 {
            let global = self.fee_growth_global[side];
            let below = if current >= range.lower {
                lower.fee_growth_outside[side]
            } else {
                F::<L>::sub_growth(global, lower.fee_growth_outside[side])
            };
            let above = if current < range.upper {
                upper.fee_growth_outside[side]
            } else {
                F::<L>::sub_growth(global, upper.fee_growth_outside[side])
            };
            inside[side] = F::<L>::sub_growth(F::<L>::sub_growth(global, below), above);
        }
        inside
    }

    /// All checks of a change of liquidity, in the contract's order: `_modifyPosition` of v3, `Pool.modifyLiquidity` of v4.
    pub(super) fn plan_change(
        &self,
        key: PositionKey,
        change: LiquidityChange,
        clock: &Clock,
    ) -> Result<PlannedChange<L>, ConcentratedError> {
        let slot = self.slot()?;
        let range = key.range;
        range.check()?;
        let pokes = change.amount() == 0;
        let (lower, upper);
        if pokes {
            (lower, upper) = (self.tick(range.lower)?, self.tick(range.upper)?);
        } else {
            lower = self.updated_tick(range.lower, slot, change, true, clock)?;
            upper = self.updated_tick(range.upper, slot, change, false, clock)?;
            // A tick that is no multiple of the spacing is found out when it is to be initialized. It never is, so it always is.
            self.check_aligned(range.lower)?;
            self.check_aligned(range.upper)?;
        }
        let inside = self.fee_growth_inside(range, slot.tick, &lower, &upper);
        let (position, fees) = self.position(&key).updated(change, inside, &self.units)?;

        let in_range = range.contains(slot.tick);
        let liquidity = if in_range { change.apply(self.liquidity)? } else { self.liquidity };
        let rounding = if matches!(change, LiquidityChange::Add(_)) { Rounding::Up } else { Rounding::Down };
        let amounts = self.worth(&[lower.sqrt_price, upper.sqrt_price], range, slot, change.amount(), rounding)?;
        let ticks = (!pokes).then_some([lower, upper]);
        Ok(PlannedChange { key, ticks, position, fees, amounts, in_range: in_range && !pokes, liquidity })
    }

    /// Crosses the ticks that a walk has crossed, and takes over the state it leaves behind.
    #[inline(always)]
    pub(super) fn commit_walk(
        &mut self,
        direction: Direction,
        walked: &Walked<L>,
        crossed: &[(usize, FeeGrowth<L>)],
        clock: &Clock,
    ) {
        self.cross_all(direction, crossed, clock);
        self.slot = Some(walked.slot);
        self.liquidity = walked.liquidity;
        self.in_lane = walked.in_lane;
        self.fee_growth_global[side_in(direction)] = walked.fee_growth;
    }

    /// Crosses ticks, in order, with the fee growth of the token paid in at each.
    #[inline(always)]
    pub(super) fn cross_all(&mut self, direction: Direction, crossed: &[(usize, FeeGrowth<L>)], clock: &Clock) {
        if crossed.is_empty() {
            return;
        }
        let mut fee_growth = self.fee_growth_global;
        for (index, fee_growth_in) in crossed {
            fee_growth[side_in(direction)] = *fee_growth_in;
            self.ticks.at_mut(*index).cross(fee_growth, clock.cumulatives, clock.time);
        }
    }

    /// Carries out a change that has passed its checks on this very state.
    pub(super) fn commit_change(&mut self, planned: &PlannedChange<L>) {
        if let Some([lower, upper]) = planned.ticks {
            self.ticks.set(planned.key.range.lower, lower);
            self.ticks.set(planned.key.range.upper, upper);
            if let Some(slot) = &mut self.slot {
                slot.above = self.ticks.count_up_to(slot.tick);
            }
        }
        self.liquidity = planned.liquidity;
        self.in_lane = F::<L>::liquidity(&self.units, planned.liquidity);
        self.positions.insert(planned.key, planned.position);
    }

    /// The tokens that `liquidity` in `range` is, at the price of `slot`.
    fn worth(
        &self,
        bounds: &[SqrtPrice<L>; 2],
        range: TickRange,
        slot: Slot<L>,
        liquidity: u128,
        rounding: Rounding,
    ) -> Result<[L::Amount; 2], ConcentratedError> {
        if liquidity == 0 {
            return Ok([L::ZERO; 2]);
        }
        let [lower, upper] = *bounds;
        let liquidity = F::<L>::liquidity(&self.units, liquidity);
        let price = slot.sqrt_price;
        Ok(if slot.tick < range.lower {
            [F::<L>::amount0_delta(lower, upper, liquidity, rounding)?, L::ZERO]
        } else if slot.tick < range.upper {
            [F::<L>::amount0_delta(price, upper, liquidity, rounding)?, F::<L>::amount1_delta(lower, price, liquidity, rounding)?]
        } else {
            [L::ZERO, F::<L>::amount1_delta(lower, upper, liquidity, rounding)?]
        })
    }

    /// A position; a blank one if nobody ever had it.
    pub(super) fn position(&self, key: &PositionKey) -> Position<L> {
        self.positions.get(key).copied().unwrap_or_default()
    }

    /// What a position is now, and what it has earned since it was last touched.
    pub(super) fn appraise(&self, key: &PositionKey) -> Result<Appraisal<L>, ConcentratedError> {
        let slot = self.slot()?;
        let position = self.position(key);
        if position.liquidity == 0 {
            return Ok(Appraisal { amounts: [L::ZERO; 2], fees: [L::ZERO; 2] });
        }
        let planned = self.plan_change(*key, LiquidityChange::Remove(0), &Clock::default())?;
        let bounds = [self.tick(key.range.lower)?.sqrt_price, self.tick(key.range.upper)?.sqrt_price];
        let amounts = self.worth(&bounds, key.range, slot, position.liquidity, Rounding::Down)?;
        Ok(Appraisal { amounts, fees: planned.fees })
    }

    /// The largest liquidity in `range` that costs at most `amounts` now: the periphery's `LiquidityAmounts.getLiquidityForAmounts`.
    pub(super) fn liquidity_for(&self, range: TickRange, amounts: [L::Amount; 2]) -> Result<u128, ConcentratedError> {
        let slot = self.slot()?;
        range.check()?;
        for amount in amounts {
            if !F::<L>::is_specifiable(amount) {
                return Err(ConcentratedError::InvalidAmount { amount: L::amount_to_f64(amount) });
            }
        }
        let (lower, upper) = (self.tick(range.lower)?.sqrt_price, self.tick(range.upper)?.sqrt_price);
        let for0 = |from| F::<L>::liquidity_for_amount0(&self.units, from, upper, amounts[0]);
        let for1 = |to| F::<L>::liquidity_for_amount1(&self.units, lower, to, amounts[1]);
        let price = slot.sqrt_price;
        if price <= lower {
            for0(lower)
        } else if price < upper {
            Ok(for0(price)?.min(for1(price)?))
        } else {
            for1(upper)
        }
    }
}
