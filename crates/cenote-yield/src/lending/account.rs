//! What an owner's collateral and debts come to.

use cenote_amm::Owner;

use super::error::ArithmeticError;
use super::formulas::Formulas;
use super::market::Market;

/// An owner's collateral and debts over all reserves, in the base currency.
///
/// Source: Aave v3 `GenericLogic.calculateUserAccountData`, `Pool.getUserAccountData`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Account<L: Formulas> {
    /// What his collateral is worth.
    pub collateral: L::Amount,
    /// What his debts are worth.
    pub debt: L::Amount,
    /// Average loan to value of the collateral: basis points, rounded down, in the exact lane; a fraction in the fast lane.
    pub ltv: L::Amount,
    /// Average liquidation threshold of the collateral, as `ltv`.
    pub liquidation_threshold: L::Amount,
    /// Collateral times liquidation threshold over debt, with 18 decimals in the exact lane; none without debt. Below 1 the account can
    /// be liquidated.
    pub health_factor: Option<L::Amount>,
    /// Whether some of the collateral cannot be borrowed against.
    pub has_zero_ltv_collateral: bool,
}

impl<L: Formulas> Account<L> {
    /// What could be borrowed on top, in the base currency.
    ///
    /// # Errors
    /// It does not fit.
    ///
    /// Source: `GenericLogic.calculateAvailableBorrows`.
    pub fn available_borrows(&self) -> Result<L::Amount, ArithmeticError> {
        let most = L::portion(self.collateral, self.ltv)?;
        Ok(if most < self.debt { L::ZERO } else { L::checked_sub(most, self.debt).unwrap_or(L::ZERO) })
    }

    /// The health factor as a number, infinite without debt.
    pub fn health(&self) -> f64 {
        self.health_factor.map_or(f64::INFINITY, L::health_to_f64)
    }

    /// Whether the health factor is below 1.
    pub(super) fn is_liquidatable(&self) -> bool {
        self.health_factor.is_some_and(|health_factor| health_factor < L::BRINK)
    }
}

impl<L: Formulas> Market<L> {
    /// What `owner`'s collateral and debts come to now.
    ///
    /// ```
    /// # use cenote_amm::{Fast, Owner};
    /// # use cenote_yield::lending::{Collateral, Market, RateModel, ReserveConfig};
    /// # let rates = RateModel::new("0%".parse()?, "4%".parse()?, "75%".parse()?, "80%".parse()?)?;
    /// let mut market = Market::<Fast>::new();
    /// let ether = ReserveConfig::new(18, rates)?.with_collateral(Collateral::new(7_500, 8_000, 10_500)?);
    /// let (ether, usd) = (market.add_reserve(ether, 2000.0)?, market.add_reserve(ReserveConfig::new(6, rates)?, 1.0)?);
    /// let (alice, bob) = (Owner::new(1), Owner::new(2));
    /// market.supply(bob, usd, 100_000.0)?;
    /// market.supply(alice, ether, 10.0)?;
    /// market.borrow(alice, usd, 10_000.0)?;
    /// assert_eq!(market.account(alice)?.health(), 1.6); // 20,000 · 80% / 10,000
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// A sum does not fit.
    pub fn account(&self, owner: Owner) -> Result<Account<L>, ArithmeticError> {
        let add = |a, b| L::checked_add(a, b).ok_or(ArithmeticError::Overflow);
        let (mut collateral, mut debt, mut ltv, mut threshold) = (L::ZERO, L::ZERO, L::ZERO, L::ZERO);
        let mut has_zero_ltv_collateral = false;
        for reserve in self.reserves() {
            let position = reserve.position(owner);
            let config = reserve.config();
            let (weights, price, decimals) = (config.collateral(), reserve.price(), config.decimals());
            if weights.liquidation_threshold_bp() != 0 && position.is_collateral {
                let value = L::value(reserve.balance(owner, self.time())?, price, decimals)?;
                collateral = add(collateral, value)?;
                if weights.ltv_bp() == 0 {
                    has_zero_ltv_collateral = true;
                } else {
                    ltv = add(ltv, L::weighted(value, weights.ltv_bp())?)?;
                }
                threshold = add(threshold, L::weighted(value, weights.liquidation_threshold_bp())?)?;
            }
            if position.is_borrowing {
                debt = add(debt, L::value(reserve.debt(owner, self.time())?, price, decimals)?)?;
            }
        }
        let (ltv, liquidation_threshold) = (L::average(ltv, collateral), L::average(threshold, collateral));
        let health_factor =
            if L::is_zero(debt) { None } else { Some(L::health_factor(L::portion(collateral, liquidation_threshold)?, debt)?) };
        Ok(Account { collateral, debt, ltv, liquidation_threshold, health_factor, has_zero_ltv_collateral })
    }
}
