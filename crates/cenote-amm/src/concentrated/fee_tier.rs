//! Fee and tick spacing, which a factory allows in pairs.

use super::error::ConcentratedError;

/// A pool's swap fee, charged on the input, and the distance of the ticks that positions may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeTier {
    fee_pips: u32,
    tick_spacing: i32,
}

impl FeeTier {
    /// 0.01 %, every tick: Uniswap v3 and `PancakeSwap` v3.
    pub const BP_1: Self = Self { fee_pips: 100, tick_spacing: 1 };
    /// 0.05 %, every 10th tick: Uniswap v3 and `PancakeSwap` v3.
    pub const BP_5: Self = Self { fee_pips: 500, tick_spacing: 10 };
    /// 0.25 %, every 50th tick: `PancakeSwap` v3.
    pub const BP_25: Self = Self { fee_pips: 2500, tick_spacing: 50 };
    /// 0.3 %, every 60th tick: Uniswap v3.
    pub const BP_30: Self = Self { fee_pips: 3000, tick_spacing: 60 };
    /// 1 %, every 200th tick: Uniswap v3 and `PancakeSwap` v3.
    pub const BP_100: Self = Self { fee_pips: 10_000, tick_spacing: 200 };

    /// A fee of `fee_pips` millionths with positions at multiples of `tick_spacing`.
    ///
    /// ```
    /// use cenote_amm::concentrated::FeeTier;
    /// assert_eq!(FeeTier::new(3000, 60)?, FeeTier::BP_30);
    /// assert!(FeeTier::new(1_000_000, 60).is_err() && FeeTier::new(3000, 0).is_err());
    /// # Ok::<(), cenote_amm::AmmError>(())
    /// ```
    ///
    /// # Errors
    /// [`ConcentratedError::InvalidFee`] at 100 % or more, [`ConcentratedError::InvalidTickSpacing`] unless 0 < spacing < 16384.
    ///
    /// Source: `UniswapV3Factory.enableFeeAmount`.
    pub fn new(fee_pips: u32, tick_spacing: i32) -> Result<Self, ConcentratedError> {
        if fee_pips >= 1_000_000 {
            return Err(ConcentratedError::InvalidFee { pips: fee_pips });
        }
        if !(1..16_384).contains(&tick_spacing) {
            return Err(ConcentratedError::InvalidTickSpacing { spacing: tick_spacing });
        }
        Ok(Self { fee_pips, tick_spacing })
    }

    /// The same ticks without a fee.
    pub(super) const fn free_of_charge(self) -> Self {
        Self { fee_pips: 0, ..self }
    }

    /// The fee in millionths of the input.
    pub fn fee_pips(&self) -> u32 {
        self.fee_pips
    }

    /// Positions begin and end at multiples of this.
    pub fn tick_spacing(&self) -> i32 {
        self.tick_spacing
    }
}
