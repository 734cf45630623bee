use crate::concentrated::{Concentrated, ConcentratedError, ConcentratedV4, FeeTier, ProtocolFee, ProtocolFeeScheme};
use crate::error::LiquidityError;
use crate::lane::Exact;
use crate::lanes::{AnyPool, BuildPool, LiftedRanges, PoolModel, PoolStart, RangeRule, TickScale};

use super::ConcentratedLanes;
use super::place::unit_amounts;

/// A pool with concentrated liquidity as a study describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConcentratedModel {
    tier: FeeTier,
    contract: Kind,
    protocol_fee: bool,
    liquidity: Vec<(RangeRule, f64)>,
}

/// Whose contract it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    V3(ProtocolFeeScheme),
    V4,
}

impl ConcentratedModel {
    /// A Uniswap v3 pool, its liquidity by others split over ranges by these shares. The protocol takes nothing.
    pub fn uniswap_v3(tier: FeeTier, liquidity: Vec<(RangeRule, f64)>) -> Self {
        Self { tier, contract: Kind::V3(ProtocolFeeScheme::UniswapV3), protocol_fee: false, liquidity }
    }

    /// A `PancakeSwap` v3 pool. The protocol takes its part of the fees, about a third.
    pub fn pancakeswap_v3(tier: FeeTier, liquidity: Vec<(RangeRule, f64)>) -> Self {
        Self { tier, contract: Kind::V3(ProtocolFeeScheme::PancakeSwapV3), protocol_fee: true, liquidity }
    }

    /// A Uniswap v4 pool without hooks. The protocol takes nothing.
    pub fn uniswap_v4(tier: FeeTier, liquidity: Vec<(RangeRule, f64)>) -> Self {
        Self { tier, contract: Kind::V4, protocol_fee: false, liquidity }
    }

    /// Whether the protocol takes the part of the fees that its contract begins with: nothing in Uniswap's, about a third in
    /// `PancakeSwap`'s.
    pub fn protocol_fee(mut self, on: bool) -> Self {
        self.protocol_fee = on;
        self
    }

    fn protocol_share(&self) -> f64 {
        match self.contract {
            Kind::V3(scheme) if self.protocol_fee => {
                let share = ProtocolFee::initial(scheme, self.tier.fee_pips()).share(0);
                f64::from(share.numerator) / f64::from(share.denominator)
            }
            _ => 0.0,
        }
    }

    /// The same pool in the exact lane.
    ///
    /// # Errors
    /// The contract does not allow its fee or its ticks.
    pub fn exact(&self, decimals: [u8; 2]) -> Result<Box<dyn PoolModel>, ConcentratedError> {
        let (share, liquidity) = (self.protocol_share(), self.liquidity.clone());
        Ok(match self.contract {
            Kind::V3(scheme) => {
                let blank = match scheme {
                    ProtocolFeeScheme::UniswapV3 => Concentrated::<Exact>::uniswap_v3(self.tier),
                    ProtocolFeeScheme::PancakeSwapV3 => Concentrated::<Exact>::pancakeswap_v3(self.tier),
                };
                let initialize: fn(&mut Concentrated<Exact>, f64) -> Result<(), LiquidityError> = if self.protocol_fee {
                    |pool, price| Ok(pool.initialize_at_price(price)?)
                } else {
                    |pool, price| {
                        pool.initialize_at_price(price)?;
                        Ok(pool.v3_mut().set_protocol_fee([0, 0])?)
                    }
                };
                Box::new(LiftedRanges::new(blank.with_decimals(decimals), initialize, share, liquidity))
            }
            Kind::V4 => {
                let blank = ConcentratedV4::<Exact>::uniswap_v4(self.tier.fee_pips(), self.tier.tick_spacing())?;
                let initialize: fn(&mut ConcentratedV4<Exact>, f64) -> Result<(), LiquidityError> =
                    |pool, price| Ok(pool.initialize_at_price(price)?);
                Box::new(LiftedRanges::new(blank.with_decimals(decimals), initialize, share, liquidity))
            }
        })
    }
}

impl PoolModel for ConcentratedModel {
    fn token_count(&self) -> usize {
        2
    }

    fn is_ranged(&self) -> bool {
        true
    }
}

impl<const L: usize> BuildPool<L> for ConcentratedModel {
    fn build(&self, start: &PoolStart<'_>) -> Result<AnyPool<L>, LiquidityError> {
        start.check(2)?;
        let price = start.prices[0] / start.prices[1];
        let ticks = TickScale::new(self.tier.tick_spacing(), [start.decimals[0], start.decimals[1]]);
        let total: f64 = self.liquidity.iter().map(|(_, share)| share).sum();
        let mut others = Vec::with_capacity(self.liquidity.len());
        for &(rule, share) in &self.liquidity {
            let bounds = ticks.sqrt_prices(ticks.nearest(rule.at(price)));
            let unit = unit_amounts(price.sqrt(), bounds);
            let liquidity = start.value * (share / total) / (unit[0] * start.prices[0] + unit[1] * start.prices[1]);
            if !(liquidity > 0.0 && liquidity < f64::INFINITY) {
                return Err(LiquidityError::InvalidAmount { amount: liquidity });
            }
            others.push((bounds, liquidity));
        }
        let fee = f64::from(self.tier.fee_pips()) / 1e6;
        let pool = ConcentratedLanes::new(price, fee, self.protocol_share(), ticks, &others);
        Ok(AnyPool::Ranged(Box::new(pool)))
    }
}
