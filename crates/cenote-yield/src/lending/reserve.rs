//! One token's reserve: indices, rates, scaled balances, and how time and payments move them.

use std::collections::BTreeMap;

use cenote_amm::Owner;

use super::config::ReserveConfig;
use super::error::{ArithmeticError, LendingError};
use super::formulas::{Computed, Formulas, Rates};

/// What an owner has in a reserve, scaled: multiplied with the reserve's indices it is what he may withdraw and what he owes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position<L: Formulas> {
    /// The scaled balance of the aToken.
    pub supplied_scaled: L::Amount,
    /// The scaled balance of the variable debt token.
    pub debt_scaled: L::Amount,
    /// Whether what is supplied serves as collateral.
    pub is_collateral: bool,
    /// Whether there is debt.
    pub is_borrowing: bool,
}

impl<L: Formulas> Default for Position<L> {
    fn default() -> Self {
        Self { supplied_scaled: L::ZERO, debt_scaled: L::ZERO, is_collateral: false, is_borrowing: false }
    }
}

/// What a reserve remembers, apart from who owns what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State<L: Formulas> {
    pub(super) supply_index: L::Amount,
    pub(super) borrow_index: L::Amount,
    pub(super) rates: Rates<L::Amount>,
    pub(super) last_update: u64,
    pub(super) treasury_scaled: L::Amount,
    pub(super) supplied_scaled: L::Amount,
    pub(super) debt_scaled: L::Amount,
    pub(super) liquidity: L::Amount,
}

/// A token that can be supplied and borrowed.
///
/// Rates and indices are per year and per token: with 27 decimals in the exact lane, plain in the fast lane.
///
/// Source: Aave v3 `ReserveLogic.sol`, `AToken.sol`, `VariableDebtToken.sol`, `ScaledBalanceTokenBase.sol`.
#[derive(Clone, Debug, PartialEq)]
pub struct Reserve<L: Formulas> {
    pub(super) config: ReserveConfig,
    pub(super) price: L::Amount,
    pub(super) state: State<L>,
    pub(super) positions: BTreeMap<Owner, Position<L>>,
}

impl<L: Formulas> Reserve<L> {
    pub(super) fn new(config: ReserveConfig, price: L::Amount) -> Self {
        let state = State {
            supply_index: L::ONE,
            borrow_index: L::ONE,
            rates: Rates { supply: L::ZERO, borrow: L::ZERO },
            last_update: 0,
            treasury_scaled: L::ZERO,
            supplied_scaled: L::ZERO,
            debt_scaled: L::ZERO,
            liquidity: L::ZERO,
        };
        Self { config, price, state, positions: BTreeMap::new() }
    }

    /// Its parameters.
    pub fn config(&self) -> &ReserveConfig {
        &self.config
    }

    /// What a whole token is worth in the base currency.
    pub fn price(&self) -> L::Amount {
        self.price
    }

    /// The rates since the last operation.
    pub fn rates(&self) -> Rates<L::Amount> {
        self.state.rates
    }

    /// What one scaled unit of supply had become at the last operation.
    pub fn supply_index(&self) -> L::Amount {
        self.state.supply_index
    }

    /// What one scaled unit of debt had become at the last operation.
    pub fn borrow_index(&self) -> L::Amount {
        self.state.borrow_index
    }

    /// Unix seconds of the last operation, 0 before the first.
    pub fn last_update(&self) -> u64 {
        self.state.last_update
    }

    /// What the treasury is owed and has not been minted yet, scaled.
    pub fn treasury_scaled(&self) -> L::Amount {
        self.state.treasury_scaled
    }

    /// All aTokens, scaled.
    pub fn supplied_scaled(&self) -> L::Amount {
        self.state.supplied_scaled
    }

    /// All debt, scaled.
    pub fn debt_scaled(&self) -> L::Amount {
        self.state.debt_scaled
    }

    /// What the reserve holds and has not lent out.
    pub fn liquidity(&self) -> L::Amount {
        self.state.liquidity
    }

    /// What an owner has, scaled.
    pub fn position(&self, owner: Owner) -> Position<L> {
        self.positions.get(&owner).copied().unwrap_or_default()
    }

    /// Everybody who has ever had something, in the order of owners.
    pub fn positions(&self) -> impl Iterator<Item = (Owner, &Position<L>)> {
        self.positions.iter().map(|(owner, position)| (*owner, position))
    }

    /// What one scaled unit of supply is at `now`.
    ///
    /// # Errors
    /// It does not fit.
    ///
    /// Source: `ReserveLogic.getNormalizedIncome`.
    pub fn normalized_income(&self, now: u64) -> Computed<L> {
        let State { supply_index, rates, last_update, .. } = self.state;
        if last_update == now {
            return Ok(supply_index);
        }
        L::grown(L::linear_interest(rates.supply, now.saturating_sub(last_update))?, supply_index)
    }

    /// What one scaled unit of debt is at `now`.
    ///
    /// # Errors
    /// It does not fit.
    ///
    /// Source: `ReserveLogic.getNormalizedDebt`.
    pub fn normalized_debt(&self, now: u64) -> Computed<L> {
        let State { borrow_index, rates, last_update, .. } = self.state;
        if last_update == now {
            return Ok(borrow_index);
        }
        L::grown(L::compounded_interest(rates.borrow, now.saturating_sub(last_update))?, borrow_index)
    }

    /// What `owner` could withdraw at `now`, if the reserve holds it.
    ///
    /// # Errors
    /// It does not fit.
    ///
    /// Source: `AToken.balanceOf`.
    pub fn balance(&self, owner: Owner, now: u64) -> Computed<L> {
        L::from_scaled(self.position(owner).supplied_scaled, self.normalized_income(now)?)
    }

    /// What `owner` owes at `now`.
    ///
    /// # Errors
    /// It does not fit.
    ///
    /// Source: `VariableDebtToken.balanceOf`.
    pub fn debt(&self, owner: Owner, now: u64) -> Computed<L> {
        self.grown_debt(self.position(owner).debt_scaled, now)
    }

    /// What all suppliers together could withdraw at `now`.
    ///
    /// # Errors
    /// It does not fit.
    ///
    /// Source: `AToken.totalSupply`.
    pub fn total_supply(&self, now: u64) -> Computed<L> {
        if L::is_zero(self.state.supplied_scaled) {
            return Ok(L::ZERO);
        }
        L::from_scaled(self.state.supplied_scaled, self.normalized_income(now)?)
    }

    /// What all borrowers together owe at `now`.
    ///
    /// # Errors
    /// It does not fit.
    ///
    /// Source: `VariableDebtToken.totalSupply`.
    pub fn total_debt(&self, now: u64) -> Computed<L> {
        L::from_scaled(self.state.debt_scaled, self.normalized_debt(now)?)
    }

    /// Debt over debt and liquidity at `now`, from 0 to 1; 0 without debt.
    ///
    /// # Errors
    /// It does not fit.
    pub fn utilisation(&self, now: u64) -> Result<f64, ArithmeticError> {
        let (debt, liquidity) = (L::amount_to_f64(self.total_debt(now)?), L::amount_to_f64(self.state.liquidity));
        Ok(if debt == 0.0 { 0.0 } else { debt / (debt + liquidity) })
    }

    fn grown_debt(&self, scaled: L::Amount, now: u64) -> Computed<L> {
        if L::is_zero(scaled) { Ok(L::ZERO) } else { L::from_scaled(scaled, self.normalized_debt(now)?) }
    }

    /// Brings indices and the treasury's share to `now`. Source: `ReserveLogic.updateState`.
    pub(super) fn accrue(&mut self, now: u64) -> Result<(), ArithmeticError> {
        let state = &mut self.state;
        if state.last_update == now {
            return Ok(());
        }
        let seconds = now.saturating_sub(state.last_update);
        let debt_before = state.borrow_index;
        if !L::is_zero(state.rates.supply) {
            state.supply_index = L::grown(L::linear_interest(state.rates.supply, seconds)?, state.supply_index)?;
            check(L::fits(state.supply_index))?;
        }
        if !L::is_zero(state.debt_scaled) {
            state.borrow_index = L::grown(L::compounded_interest(state.rates.borrow, seconds)?, state.borrow_index)?;
            check(L::fits(state.borrow_index))?;
        }
        if self.config.reserve_factor_bp != 0 {
            let before = L::from_scaled(state.debt_scaled, debt_before)?;
            let after = L::from_scaled(state.debt_scaled, state.borrow_index)?;
            let share = L::share(L::less(after, before)?, self.config.reserve_factor_bp)?;
            if !L::is_zero(share) {
                let scaled = L::to_scaled(share, state.supply_index)?;
                state.treasury_scaled = L::checked_add(state.treasury_scaled, scaled).ok_or(ArithmeticError::Overflow)?;
                if !L::fits(state.treasury_scaled) {
                    return Err(ArithmeticError::Overflow);
                }
            }
        }
        state.last_update = now;
        Ok(())
    }

    /// The rates as they are once `added` is paid in and `taken` paid out. Source: `ReserveLogic.updateInterestRates`.
    pub(super) fn update_rates(&mut self, added: L::Amount, taken: L::Amount) -> Result<(), LendingError> {
        let debt = L::from_scaled(self.state.debt_scaled, self.state.borrow_index)?;
        let liquidity = if L::is_zero(debt) {
            L::ZERO
        } else {
            let held = L::checked_add(self.state.liquidity, added).ok_or(ArithmeticError::Overflow)?;
            L::less(held, taken).map_err(|_| LendingError::InsufficientLiquidity {
                amount: L::amount_to_f64(taken),
                liquidity: L::amount_to_f64(held),
            })?
        };
        self.state.rates = L::rates(&self.config, liquidity, debt)?;
        Ok(())
    }

    /// Tokens come in. Source: the underlying token.
    pub(super) fn receive(&mut self, amount: L::Amount) -> Result<(), ArithmeticError> {
        self.state.liquidity = L::checked_add(self.state.liquidity, amount).ok_or(ArithmeticError::Overflow)?;
        Ok(())
    }

    /// Tokens go out. Source: the underlying token.
    pub(super) fn pay(&mut self, amount: L::Amount) -> Result<(), LendingError> {
        let held = self.state.liquidity;
        self.state.liquidity = L::less(held, amount).map_err(|_| LendingError::UnderlyingTransferFailed {
            amount: L::amount_to_f64(amount),
            liquidity: L::amount_to_f64(held),
        })?;
        Ok(())
    }

    /// Mints aTokens; whether they are the owner's first. Source: `ScaledBalanceTokenBase._mintScaled`.
    pub(super) fn mint_supply(&mut self, owner: Owner, amount: L::Amount, index: L::Amount) -> Result<bool, LendingError> {
        let scaled = scaled_to_mint::<L>(amount, index)?;
        self.state.supplied_scaled = L::checked_add(self.state.supplied_scaled, scaled).ok_or(ArithmeticError::Overflow)?;
        let position = self.positions.entry(owner).or_default();
        let is_first = L::is_zero(position.supplied_scaled);
        position.supplied_scaled = added::<L>(position.supplied_scaled, scaled)?;
        Ok(is_first)
    }

    /// Burns aTokens. Source: `ScaledBalanceTokenBase._burnScaled`.
    pub(super) fn burn_supply(&mut self, owner: Owner, amount: L::Amount, index: L::Amount) -> Result<(), LendingError> {
        let position = self.positions.entry(owner).or_default();
        let scaled = scaled_to_burn::<L>(position.supplied_scaled, amount, index)?;
        self.state.supplied_scaled = L::less(self.state.supplied_scaled, scaled)?;
        position.supplied_scaled = L::less(position.supplied_scaled, scaled)?;
        Ok(())
    }

    /// Mints debt; whether it is the owner's first. Source: `VariableDebtToken.mint`.
    pub(super) fn mint_debt(&mut self, owner: Owner, amount: L::Amount) -> Result<bool, LendingError> {
        let scaled = scaled_to_mint::<L>(amount, self.state.borrow_index)?;
        self.state.debt_scaled = L::checked_add(self.state.debt_scaled, scaled).ok_or(ArithmeticError::Overflow)?;
        let position = self.positions.entry(owner).or_default();
        let is_first = L::is_zero(position.debt_scaled);
        position.debt_scaled = added::<L>(position.debt_scaled, scaled)?;
        Ok(is_first)
    }

    /// Burns debt. Source: `VariableDebtToken.burn`.
    pub(super) fn burn_debt(&mut self, owner: Owner, amount: L::Amount) -> Result<(), LendingError> {
        let position = self.positions.entry(owner).or_default();
        let scaled = scaled_to_burn::<L>(position.debt_scaled, amount, self.state.borrow_index)?;
        self.state.debt_scaled = L::less(self.state.debt_scaled, scaled)?;
        position.debt_scaled = L::less(position.debt_scaled, scaled)?;
        Ok(())
    }

    /// Moves aTokens. Source: `ScaledBalanceTokenBase._transfer`.
    pub(super) fn transfer(&mut self, from: Owner, to: Owner, amount: L::Amount, index: L::Amount) -> Result<(), LendingError> {
        let sender = self.positions.entry(from).or_default();
        let balance = L::from_scaled(sender.supplied_scaled, index)?;
        let scaled = L::to_scaled_out_of(sender.supplied_scaled, amount, index)?;
        sender.supplied_scaled = L::less(sender.supplied_scaled, scaled).map_err(|_| LendingError::TransferExceedsBalance {
            amount: L::amount_to_f64(amount),
            balance: L::amount_to_f64(balance),
        })?;
        let recipient = self.positions.entry(to).or_default();
        recipient.supplied_scaled = added::<L>(recipient.supplied_scaled, scaled)?;
        Ok(())
    }

    pub(super) fn position_mut(&mut self, owner: Owner) -> &mut Position<L> {
        self.positions.entry(owner).or_default()
    }
}

fn check(fits: bool) -> Result<(), ArithmeticError> {
    if fits { Ok(()) } else { Err(ArithmeticError::Uint128) }
}

/// A sum of balances, which have 128 bits.
fn added<L: Formulas>(balance: L::Amount, scaled: L::Amount) -> Computed<L> {
    L::checked_add(balance, scaled).filter(|sum| L::fits(*sum)).ok_or(ArithmeticError::Overflow)
}

fn scaled_to_mint<L: Formulas>(amount: L::Amount, index: L::Amount) -> Result<L::Amount, LendingError> {
    let scaled = L::to_scaled(amount, index)?;
    if L::is_zero(scaled) {
        return Err(LendingError::MintsNothing { amount: L::amount_to_f64(amount) });
    }
    Ok(scaled)
}

fn scaled_to_burn<L: Formulas>(held: L::Amount, amount: L::Amount, index: L::Amount) -> Result<L::Amount, LendingError> {
    let scaled = L::to_scaled_out_of(held, amount, index)?;
    if L::is_zero(scaled) {
        return Err(LendingError::BurnsNothing { amount: L::amount_to_f64(amount) });
    }
    Ok(scaled)
}
