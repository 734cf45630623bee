//! aTokens that change hands, collateral that is switched on and off, and the treasury's mint.

use cenote_amm::Owner;

use super::error::LendingError;
use super::formulas::Formulas;
use super::market::{Market, ReserveId};

impl<L: Formulas> Market<L> {
    /// Transfers `amount` of aTokens, which may be zero.
    ///
    /// # Errors
    /// In this order: [`LendingError::TransferExceedsBalance`], [`LendingError::HealthFactorTooLow`],
    /// [`LendingError::LoanToValueZero`], or an [`ArithmeticError`](super::ArithmeticError).
    ///
    /// Source: `AToken._transfer`, `SupplyLogic.executeFinalizeTransfer`.
    pub fn transfer(&mut self, from: Owner, to: Owner, reserve: ReserveId, amount: L::Amount) -> Result<(), LendingError> {
        if !L::is_valid(amount) {
            return Err(LendingError::InvalidAmount { amount: L::amount_to_f64(amount) });
        }
        if !L::fits(amount) {
            return Err(super::ArithmeticError::Uint128.into());
        }
        self.atomically(&[reserve], &[from, to], |market| {
            let (now, id) = (market.time(), reserve);
            let reserve = market.reserve_mut(id)?;
            let index = reserve.normalized_income(now)?;
            let [from_before, to_before] = [from, to].map(|owner| L::from_scaled(reserve.position(owner).supplied_scaled, index));
            let (from_before, to_before) = (from_before?, to_before?);
            reserve.transfer(from, to, amount, index)?;
            if from == to || L::is_zero(amount) {
                return Ok(());
            }
            if market.reserve(id)?.position(from).is_collateral {
                if market.is_borrowing(from) {
                    market.check_health(from, id)?;
                }
                if from_before == amount {
                    market.reserve_mut(id)?.position_mut(from).is_collateral = false;
                }
            }
            let reserve = market.reserve_mut(id)?;
            if L::is_zero(to_before) && reserve.config().collateral().ltv_bp() != 0 {
                reserve.position_mut(to).is_collateral = true;
            }
            Ok(())
        })
    }

    /// Switches on or off that what `owner` supplies serves as collateral.
    ///
    /// # Errors
    /// [`LendingError::NothingSupplied`]; switching on, [`LendingError::NotCollateral`]; switching off,
    /// [`LendingError::HealthFactorTooLow`] or [`LendingError::LoanToValueZero`]; or an [`ArithmeticError`](super::ArithmeticError).
    ///
    /// Source: `SupplyLogic.executeUseReserveAsCollateral`.
    pub fn set_collateral(&mut self, owner: Owner, reserve: ReserveId, is_collateral: bool) -> Result<(), LendingError> {
        self.atomically(&[reserve], &[owner], |market| {
            if L::is_zero(market.balance(owner, reserve)?) {
                return Err(LendingError::NothingSupplied);
            }
            let id = reserve;
            let reserve = market.reserve_mut(id)?;
            if reserve.position(owner).is_collateral == is_collateral {
                return Ok(());
            }
            if is_collateral && reserve.config().collateral().ltv_bp() == 0 {
                return Err(LendingError::NotCollateral);
            }
            reserve.position_mut(owner).is_collateral = is_collateral;
            if is_collateral { Ok(()) } else { market.check_health(owner, id) }
        })
    }

    /// Mints what the treasury is owed as aTokens, and says how much that was.
    ///
    /// # Errors
    /// [`LendingError::MintsNothing`], or an [`ArithmeticError`](super::ArithmeticError).
    ///
    /// Source: `PoolLogic.executeMintToTreasury`.
    pub fn mint_to_treasury(&mut self, reserve: ReserveId) -> Result<L::Amount, LendingError> {
        let treasury = self.treasury();
        self.atomically(&[reserve], &[treasury], |market| {
            let now = market.time();
            let reserve = market.reserve_mut(reserve)?;
            let owed = reserve.state.treasury_scaled;
            if L::is_zero(owed) {
                return Ok(L::ZERO);
            }
            reserve.state.treasury_scaled = L::ZERO;
            let index = reserve.normalized_income(now)?;
            let amount = L::from_scaled(owed, index)?;
            if !L::is_zero(amount) {
                reserve.mint_supply(treasury, amount, index)?;
            }
            Ok(amount)
        })
    }
}
