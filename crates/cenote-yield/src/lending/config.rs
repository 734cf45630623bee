//! What a reserve is set up with.

use super::error::LendingError;
use super::rate_model::RateModel;
use super::wad_ray_math::PERCENTAGE_FACTOR;

/// What a token is worth as collateral.
///
/// ```
/// use cenote_yield::lending::Collateral;
/// // Borrow up to 75% of its value, be liquidated from 80%; who liquidates gets 5% on top.
/// let ether = Collateral::new(7_500, 8_000, 10_500)?;
/// assert_eq!(ether.ltv_bp(), 7_500);
/// # Ok::<(), cenote_yield::lending::LendingError>(())
/// ```
///
/// Source: Aave v3 `PoolConfigurator.configureReserveAsCollateral`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collateral {
    ltv: u16,
    liquidation_threshold: u16,
    liquidation_bonus: u16,
}

impl Collateral {
    /// A token that does not serve as collateral.
    pub const NONE: Self = Self { ltv: 0, liquidation_threshold: 0, liquidation_bonus: 0 };

    /// A token that can be borrowed against up to `ltv_bp` of its value, in basis points; a loan is liquidated when it exceeds
    /// `liquidation_threshold_bp`, and who liquidates it receives `liquidation_bonus_bp` of what he pays: 10,500 is a bonus of 5%.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] unless `ltv_bp <= liquidation_threshold_bp`, `liquidation_threshold_bp > 0`,
    /// `liquidation_bonus_bp > 10_000`, and threshold and bonus together leave no loan that cannot be paid back out of its collateral.
    pub fn new(ltv_bp: u16, liquidation_threshold_bp: u16, liquidation_bonus_bp: u16) -> Result<Self, LendingError> {
        let refuse = |name, given: u16, expected| Err(LendingError::InvalidParameter { name, given: given.into(), expected });
        if ltv_bp > liquidation_threshold_bp {
            return refuse("ltv_bp", ltv_bp, "at most the liquidation threshold");
        }
        if liquidation_threshold_bp == 0 {
            return refuse("liquidation_threshold_bp", 0, "above 0, or `Collateral::NONE`");
        }
        if liquidation_bonus_bp <= PERCENTAGE_FACTOR {
            return refuse("liquidation_bonus_bp", liquidation_bonus_bp, "above 10000: it includes what was paid");
        }
        // percentMul, half up.
        let claimed = (u32::from(liquidation_threshold_bp) * u32::from(liquidation_bonus_bp) + 5_000) / 10_000;
        if claimed > u32::from(PERCENTAGE_FACTOR) {
            return refuse("liquidation_bonus_bp", liquidation_bonus_bp, "at most 100% over the liquidation threshold");
        }
        Ok(Self { ltv: ltv_bp, liquidation_threshold: liquidation_threshold_bp, liquidation_bonus: liquidation_bonus_bp })
    }

    /// Loan to value, in basis points: how much of its value can be borrowed.
    pub fn ltv_bp(&self) -> u16 {
        self.ltv
    }

    /// Debt over value from which on it can be liquidated, in basis points.
    pub fn liquidation_threshold_bp(&self) -> u16 {
        self.liquidation_threshold
    }

    /// What a liquidator receives of what he pays, in basis points, above 10,000.
    pub fn liquidation_bonus_bp(&self) -> u16 {
        self.liquidation_bonus
    }
}

/// A reserve's parameters: one token that can be supplied and borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReserveConfig {
    pub(super) decimals: u8,
    pub(super) rates: RateModel,
    pub(super) collateral: Collateral,
    pub(super) reserve_factor_bp: u16,
    pub(super) liquidation_protocol_fee_bp: u16,
    pub(super) supply_cap: u64,
    pub(super) borrow_cap: u64,
}

impl ReserveConfig {
    /// A token with these decimals and this model of its rates, which is no collateral, pays the treasury nothing and has no caps.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] above 36 decimals.
    pub fn new(decimals: u8, rates: RateModel) -> Result<Self, LendingError> {
        if decimals > 36 {
            return Err(LendingError::InvalidParameter { name: "decimals", given: decimals.into(), expected: "at most 36" });
        }
        Ok(Self {
            decimals,
            rates,
            collateral: Collateral::NONE,
            reserve_factor_bp: 0,
            liquidation_protocol_fee_bp: 0,
            supply_cap: 0,
            borrow_cap: 0,
        })
    }

    /// The same token as collateral.
    pub fn with_collateral(self, collateral: Collateral) -> Self {
        Self { collateral, ..self }
    }

    /// The same reserve, whose treasury takes this share of the interest, in basis points.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] above 10,000.
    pub fn with_reserve_factor_bp(self, reserve_factor_bp: u16) -> Result<Self, LendingError> {
        Ok(Self { reserve_factor_bp: share("reserve_factor_bp", reserve_factor_bp)?, ..self })
    }

    /// The same reserve, whose treasury takes this share of a liquidator's bonus, in basis points.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] above 10,000.
    pub fn with_liquidation_protocol_fee_bp(self, fee_bp: u16) -> Result<Self, LendingError> {
        Ok(Self { liquidation_protocol_fee_bp: share("liquidation_protocol_fee_bp", fee_bp)?, ..self })
    }

    /// The same reserve, which takes and lends at most so many whole tokens; 0 is no cap.
    ///
    /// # Errors
    /// [`LendingError::InvalidParameter`] from 2^36: the contract has no room for more.
    pub fn with_caps(self, supply_cap: u64, borrow_cap: u64) -> Result<Self, LendingError> {
        for (name, cap) in [("supply_cap", supply_cap), ("borrow_cap", borrow_cap)] {
            if cap >= 1 << 36 {
                let given = super::convert::nearest_f64(cap);
                return Err(LendingError::InvalidParameter { name, given, expected: "below 2^36 whole tokens" });
            }
        }
        Ok(Self { supply_cap, borrow_cap, ..self })
    }

    /// Decimals of the token.
    pub fn decimals(&self) -> u8 {
        self.decimals
    }

    /// How its rates follow utilisation.
    pub fn rates(&self) -> &RateModel {
        &self.rates
    }

    /// What it is worth as collateral.
    pub fn collateral(&self) -> &Collateral {
        &self.collateral
    }

    /// The treasury's share of the interest, in basis points.
    pub fn reserve_factor_bp(&self) -> u16 {
        self.reserve_factor_bp
    }
}

fn share(name: &'static str, given: u16) -> Result<u16, LendingError> {
    if given > PERCENTAGE_FACTOR {
        return Err(LendingError::InvalidParameter { name, given: given.into(), expected: "at most 10000" });
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_collateral_is_refused() {
        for (ltv, threshold, bonus, name) in [
            (8_001, 8_000, 10_500, "ltv_bp"),
            (0, 0, 0, "liquidation_threshold_bp"),
            (7_500, 8_000, 10_000, "liquidation_bonus_bp"),
            (7_500, 9_600, 10_500, "liquidation_bonus_bp"),
        ] {
            let refused = Collateral::new(ltv, threshold, bonus);
            assert!(matches!(refused, Err(LendingError::InvalidParameter { name: given, .. }) if given == name));
        }
        // 9524 · 1.05 = 10000.2 rounds to 10000.
        assert!(Collateral::new(9_500, 9_524, 10_500).is_ok());
        assert!(Collateral::new(9_500, 9_525, 10_500).is_err());
        assert!(Collateral::new(0, 8_000, 10_500).is_ok());
    }
}
