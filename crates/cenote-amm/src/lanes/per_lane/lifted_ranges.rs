use core::fmt::Debug;

use super::PerLaneRanges;
use crate::error::LiquidityError;
use crate::lane::Lane;
use crate::lanes::price_range::{TickScale, unit_amounts};
use crate::lanes::{AnyPool, BuildPool, PoolModel, PoolStart, RangeRule};
use crate::pool::RangedLiquidity;

/// A one-path pool with ranged positions as the model of a world's pool.
///
/// The pool is given without a price; `initialize` sets it, token 1 per token 0 in the lane's units.
#[derive(Clone, Debug)]
pub struct LiftedRanges<P> {
    blank: P,
    initialize: fn(&mut P, f64) -> Result<(), LiquidityError>,
    protocol_share: f64,
    liquidity: Vec<(RangeRule, f64)>,
}

impl<P> LiftedRanges<P> {
    /// A pool whose value at the start is split over ranges by these shares.
    pub fn new(
        blank: P,
        initialize: fn(&mut P, f64) -> Result<(), LiquidityError>,
        protocol_share: f64,
        liquidity: Vec<(RangeRule, f64)>,
    ) -> Self {
        Self { blank, initialize, protocol_share, liquidity }
    }
}

impl<P: RangedLiquidity + Clone + Debug + Sync + 'static> PoolModel for LiftedRanges<P> {
    fn token_count(&self) -> usize {
        2
    }

    fn is_ranged(&self) -> bool {
        true
    }
}

impl<P: RangedLiquidity + Clone + Debug + Sync + 'static, const L: usize> BuildPool<L> for LiftedRanges<P> {
    fn build(&self, start: &PoolStart<'_>) -> Result<AnyPool<L>, LiquidityError> {
        start.check(2)?;
        let decimals = [start.decimals[0], start.decimals[1]];
        let price = start.prices[0] / start.prices[1];
        let mut pool = self.blank.clone();
        (self.initialize)(&mut pool, price * P::Lane::scale(decimals[1]) / P::Lane::scale(decimals[0]))?;
        let ticks = TickScale::new(pool.tick_spacing(), decimals);
        let total: f64 = self.liquidity.iter().map(|(_, share)| share).sum();
        let liquidity: Vec<_> = self
            .liquidity
            .iter()
            .map(|&(rule, share)| {
                let range = rule.at(price);
                let bounds = ticks.sqrt_prices(ticks.nearest(range));
                let unit = unit_amounts(price.sqrt(), bounds);
                let worth = unit[0] * start.prices[0] + unit[1] * start.prices[1];
                let amount = start.value * (share / total) / worth;
                (range, unit.map(|side| side * amount))
            })
            .collect();
        Ok(AnyPool::Ranged(Box::new(PerLaneRanges::<P, L>::new(pool, self.protocol_share, &liquidity, decimals)?)))
    }
}
