//! What happens to accounts whose debts have outgrown their collateral.

use cenote_amm::Owner;

use super::error::LendingError;
use super::formulas::{Formulas, Seizure};
use super::market::{Market, ReserveId};

/// Half of a debt, in basis points. Source: `LiquidationLogic.DEFAULT_LIQUIDATION_CLOSE_FACTOR`.
const HALF: u16 = 5_000;
/// All of a debt, in basis points. Source: `LiquidationLogic.MAX_LIQUIDATION_CLOSE_FACTOR`.
const ALL: u16 = 10_000;

/// Who liquidates whom, and in which tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liquidation {
    /// Who pays the debt and receives the collateral.
    pub liquidator: Owner,
    /// Whose debt it is.
    pub owner: Owner,
    /// The token that is owed.
    pub debt: ReserveId,
    /// The token that serves as collateral.
    pub collateral: ReserveId,
    /// Whether the liquidator takes aTokens instead of the token itself, which the reserve may have lent out.
    pub receive_atoken: bool,
}

impl<L: Formulas> Market<L> {
    /// Pays up to `debt_to_cover` of an account's debt and takes collateral of that value and the bonus for it. Half of a debt can be
    /// covered at once, all of it once the health factor is at most 0.95.
    ///
    /// # Errors
    /// In this order: [`LendingError::Healthy`], [`LendingError::NotUsedAsCollateral`], [`LendingError::NotBorrowed`],
    /// [`LendingError::BurnsNothing`], [`LendingError::InsufficientLiquidity`] where the collateral is lent out,
    /// [`LendingError::UnderlyingTransferFailed`], or an [`ArithmeticError`](super::ArithmeticError).
    ///
    /// Source: `LiquidationLogic.executeLiquidationCall`.
    pub fn liquidate(&mut self, who: &Liquidation, debt_to_cover: L::Amount) -> Result<Seizure<L::Amount>, LendingError> {
        if !L::is_valid(debt_to_cover) {
            return Err(LendingError::InvalidAmount { amount: L::amount_to_f64(debt_to_cover) });
        }
        let Liquidation { liquidator, owner, debt: debt_id, collateral: collateral_id, receive_atoken } = *who;
        let treasury = self.treasury();
        self.atomically(&[debt_id, collateral_id], &[owner, liquidator, treasury], |market| {
            let now = market.time();
            market.reserve(collateral_id)?;
            market.reserve_mut(debt_id)?.accrue(now)?;
            let account = market.account(owner)?;
            let debt = market.debt(owner, debt_id)?;
            let close_factor =
                if account.health_factor.is_none_or(|health| health > L::CLOSE_FACTOR_THRESHOLD) { HALF } else { ALL };
            let most = L::share(debt, close_factor)?;
            let covered = if debt_to_cover > most { most } else { debt_to_cover };
            if !account.is_liquidatable() {
                return Err(LendingError::Healthy { health_factor: account.health() });
            }
            let (debt_reserve, collateral_reserve) = (market.reserve(debt_id)?, market.reserve(collateral_id)?);
            let config = collateral_reserve.config();
            if config.collateral().liquidation_threshold_bp() == 0 || !collateral_reserve.position(owner).is_collateral {
                return Err(LendingError::NotUsedAsCollateral);
            }
            if L::is_zero(debt) {
                return Err(LendingError::NotBorrowed);
            }
            let balance = collateral_reserve.balance(owner, now)?;
            let mut seizure =
                L::seizure(covered, balance, (debt_reserve.config(), debt_reserve.price()), (config, collateral_reserve.price()))?;

            let reserve = market.reserve_mut(debt_id)?;
            if seizure.repaid == debt {
                reserve.position_mut(owner).is_borrowing = false;
            }
            let taken = L::checked_add(seizure.collateral, seizure.protocol_fee).ok_or(super::ArithmeticError::Overflow)?;
            if taken == balance {
                market.reserve_mut(collateral_id)?.position_mut(owner).is_collateral = false;
            }
            let reserve = market.reserve_mut(debt_id)?;
            reserve.burn_debt(owner, seizure.repaid)?;
            reserve.update_rates(seizure.repaid, L::ZERO)?;

            let reserve = market.reserve_mut(collateral_id)?;
            if receive_atoken {
                let index = reserve.normalized_income(now)?;
                let had_none = L::is_zero(L::from_scaled(reserve.position(liquidator).supplied_scaled, index)?);
                reserve.transfer(owner, liquidator, seizure.collateral, index)?;
                if had_none && reserve.config().collateral().ltv_bp() != 0 {
                    reserve.position_mut(liquidator).is_collateral = true;
                }
            } else {
                reserve.accrue(now)?;
                reserve.update_rates(L::ZERO, seizure.collateral)?;
                let index = reserve.state.supply_index;
                reserve.burn_supply(owner, seizure.collateral, index)?;
                reserve.pay(seizure.collateral)?;
            }
            if !L::is_zero(seizure.protocol_fee) {
                let index = reserve.normalized_income(now)?;
                let left = reserve.position(owner).supplied_scaled;
                if L::to_scaled(seizure.protocol_fee, index)? > left {
                    seizure.protocol_fee = L::from_scaled(left, index)?;
                }
                reserve.transfer(owner, treasury, seizure.protocol_fee, index)?;
            }
            // The liquidator pays last.
            market.reserve_mut(debt_id)?.receive(seizure.repaid)?;
            Ok(seizure)
        })
    }
}
