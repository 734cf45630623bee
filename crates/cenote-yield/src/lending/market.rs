//! The market: its reserves, its clock, and supplying, withdrawing, borrowing and repaying.

use cenote_amm::Owner;

use super::account::Account;
use super::config::ReserveConfig;
use super::error::{ArithmeticError, LendingError};
use super::formulas::Formulas;
use super::reserve::{Position, Reserve, State};

/// One of a market's reserves, in the order in which they were added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReserveId(pub u8);

impl ReserveId {
    fn get(self) -> usize {
        usize::from(self.0)
    }
}

/// A lending market with the semantics of Aave v3, in either lane: variable debt only, without efficiency modes, isolation and siloed
/// borrowing.
///
/// Every operation that is paid for takes the payment with it; tokens outside the market are the caller's to account for. Every `Err`
/// leaves the market as it was. Prices are the base currency's amount for a whole token: with as many decimals as the caller likes in
/// the exact lane, plain in the fast lane.
///
/// ```
/// use cenote_amm::{Exact, Owner, U256};
/// use cenote_yield::lending::{Market, RateModel, ReserveConfig};
///
/// let rates = RateModel::new("0%".parse()?, "4%".parse()?, "60%".parse()?, "90%".parse()?)?;
/// let mut market = Market::<Exact>::new();
/// let usd = market.add_reserve(ReserveConfig::new(6, rates)?, U256::from(100_000_000))?;
/// market.supply(Owner::new(1), usd, U256::from(1_000_000_000))?;
/// market.set_time(31_536_000)?;
/// // Nobody borrows, and so nobody earns.
/// assert_eq!(market.balance(Owner::new(1), usd)?, U256::from(1_000_000_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: Aave v3 `Pool.sol` and its libraries (`SupplyLogic`, `BorrowLogic`, `LiquidationLogic`, `ValidationLogic`, `PoolLogic`).
#[derive(Clone, Debug, PartialEq)]
pub struct Market<L: Formulas> {
    reserves: Vec<Reserve<L>>,
    treasury: Owner,
    now: u64,
}

impl<L: Formulas> Default for Market<L> {
    fn default() -> Self {
        Self::new()
    }
}

/// Reserves of a market: the contract keeps two bits of each in a word.
const MAX_RESERVES: usize = 128;

impl<L: Formulas> Market<L> {
    /// A market without reserves, at time 0, whose treasury is the owner `u32::MAX − 1`.
    pub fn new() -> Self {
        Self { reserves: Vec::new(), treasury: Owner::new(u32::MAX - 1), now: 0 }
    }

    /// The same market with another treasury.
    pub fn with_treasury(self, treasury: Owner) -> Self {
        Self { treasury, ..self }
    }

    /// Adds a reserve of a token whose price is `price`.
    ///
    /// # Errors
    /// [`LendingError::TooManyReserves`] beyond 128, [`LendingError::InvalidAmount`] unless the price is positive.
    pub fn add_reserve(&mut self, config: ReserveConfig, price: L::Amount) -> Result<ReserveId, LendingError> {
        let id = u8::try_from(self.reserves.len()).ok().filter(|id| usize::from(*id) < MAX_RESERVES);
        let id = id.map(ReserveId).ok_or(LendingError::TooManyReserves { maximum: MAX_RESERVES })?;
        self.reserves.push(Reserve::new(config, positive::<L>(price)?));
        Ok(id)
    }

    /// Sets the price of a reserve's token.
    ///
    /// # Errors
    /// [`LendingError::UnknownReserve`], or [`LendingError::InvalidAmount`] unless the price is positive.
    pub fn set_price(&mut self, reserve: ReserveId, price: L::Amount) -> Result<(), LendingError> {
        let price = positive::<L>(price)?;
        self.reserve_mut(reserve)?.price = price;
        Ok(())
    }

    /// Moves the market's clock to these Unix seconds.
    ///
    /// # Errors
    /// [`LendingError::TimeBackwards`]
    pub fn set_time(&mut self, seconds: u64) -> Result<(), LendingError> {
        if seconds < self.now {
            return Err(LendingError::TimeBackwards { time: seconds, now: self.now });
        }
        self.now = seconds;
        Ok(())
    }

    /// The market's clock, Unix seconds.
    pub fn time(&self) -> u64 {
        self.now
    }

    /// Who receives the reserve factor's share of the interest.
    pub fn treasury(&self) -> Owner {
        self.treasury
    }

    /// The reserves in the order in which they were added.
    pub fn reserves(&self) -> &[Reserve<L>] {
        &self.reserves
    }

    /// One reserve.
    ///
    /// # Errors
    /// [`LendingError::UnknownReserve`]
    pub fn reserve(&self, reserve: ReserveId) -> Result<&Reserve<L>, LendingError> {
        let unknown = LendingError::UnknownReserve { index: reserve.get(), reserves: self.reserves.len() };
        self.reserves.get(reserve.get()).ok_or(unknown)
    }

    pub(super) fn reserve_mut(&mut self, reserve: ReserveId) -> Result<&mut Reserve<L>, LendingError> {
        let unknown = LendingError::UnknownReserve { index: reserve.get(), reserves: self.reserves.len() };
        self.reserves.get_mut(reserve.get()).ok_or(unknown)
    }

    /// What `owner` could withdraw now, if the reserve holds it.
    ///
    /// # Errors
    /// [`LendingError::UnknownReserve`], or it does not fit.
    pub fn balance(&self, owner: Owner, reserve: ReserveId) -> Result<L::Amount, LendingError> {
        Ok(self.reserve(reserve)?.balance(owner, self.now)?)
    }

    /// What `owner` owes now.
    ///
    /// # Errors
    /// [`LendingError::UnknownReserve`], or it does not fit.
    pub fn debt(&self, owner: Owner, reserve: ReserveId) -> Result<L::Amount, LendingError> {
        Ok(self.reserve(reserve)?.debt(owner, self.now)?)
    }

    /// Supplies `amount`. The first supply of a token that can be borrowed against makes it collateral.
    ///
    /// # Errors
    /// In this order: [`LendingError::ZeroAmount`], [`LendingError::SupplyCapExceeded`], [`LendingError::MintsNothing`], or an
    /// [`ArithmeticError`].
    ///
    /// Source: `SupplyLogic.executeSupply`.
    pub fn supply(&mut self, owner: Owner, reserve: ReserveId, amount: L::Amount) -> Result<(), LendingError> {
        self.atomically(&[reserve], &[owner], |market| {
            let now = market.now;
            let reserve = market.reserve_mut(reserve)?;
            reserve.accrue(now)?;
            let amount = nonzero::<L>(amount)?;
            let index = reserve.state.supply_index;
            if let Some(cap) = L::cap(reserve.config.supply_cap, reserve.config.decimals) {
                let scaled = L::checked_add(reserve.state.supplied_scaled, reserve.state.treasury_scaled);
                let supplied = L::from_scaled(scaled.ok_or(ArithmeticError::Overflow)?, index)?;
                let supply = L::checked_add(supplied, amount).ok_or(ArithmeticError::Overflow)?;
                if supply > cap {
                    let (supply, cap) = (L::amount_to_f64(supply), L::amount_to_f64(cap));
                    return Err(LendingError::SupplyCapExceeded { supply, cap });
                }
            }
            reserve.update_rates(amount, L::ZERO)?;
            reserve.receive(amount)?;
            if reserve.mint_supply(owner, amount, index)? && reserve.config.collateral.ltv_bp() != 0 {
                reserve.position_mut(owner).is_collateral = true;
            }
            Ok(())
        })
    }

    /// Withdraws `amount`.
    ///
    /// # Errors
    /// In this order: [`LendingError::ZeroAmount`], [`LendingError::InsufficientBalance`], [`LendingError::InsufficientLiquidity`] where
    /// too much is lent out, [`LendingError::BurnsNothing`], [`LendingError::UnderlyingTransferFailed`],
    /// [`LendingError::HealthFactorTooLow`], [`LendingError::LoanToValueZero`], or an [`ArithmeticError`].
    ///
    /// Source: `SupplyLogic.executeWithdraw`.
    pub fn withdraw(&mut self, owner: Owner, reserve: ReserveId, amount: L::Amount) -> Result<L::Amount, LendingError> {
        self.withdraw_some(owner, reserve, Some(amount))
    }

    /// Withdraws all there is: the contract's amount of 2^256 − 1.
    ///
    /// # Errors
    /// As [`withdraw`](Self::withdraw).
    pub fn withdraw_all(&mut self, owner: Owner, reserve: ReserveId) -> Result<L::Amount, LendingError> {
        self.withdraw_some(owner, reserve, None)
    }

    fn withdraw_some(&mut self, owner: Owner, id: ReserveId, amount: Option<L::Amount>) -> Result<L::Amount, LendingError> {
        self.atomically(&[id], &[owner], |market| {
            let now = market.now;
            let reserve = market.reserve_mut(id)?;
            reserve.accrue(now)?;
            let index = reserve.state.supply_index;
            let balance = L::from_scaled(reserve.position(owner).supplied_scaled, index)?;
            let amount = nonzero::<L>(amount.unwrap_or(balance))?;
            if amount > balance {
                let (amount, balance) = (L::amount_to_f64(amount), L::amount_to_f64(balance));
                return Err(LendingError::InsufficientBalance { amount, balance });
            }
            reserve.update_rates(L::ZERO, amount)?;
            let was_collateral = reserve.position(owner).is_collateral;
            if was_collateral && amount == balance {
                reserve.position_mut(owner).is_collateral = false;
            }
            reserve.burn_supply(owner, amount, index)?;
            reserve.pay(amount)?;
            if was_collateral && market.is_borrowing(owner) {
                market.check_health(owner, id)?;
            }
            Ok(amount)
        })
    }

    /// Borrows `amount` against the owner's collateral, at the variable rate.
    ///
    /// # Errors
    /// In this order: [`LendingError::ZeroAmount`], [`LendingError::BorrowCapExceeded`], [`LendingError::NoCollateral`],
    /// [`LendingError::LoanToValueZero`], [`LendingError::HealthFactorTooLow`], [`LendingError::InsufficientCollateral`],
    /// [`LendingError::MintsNothing`], [`LendingError::InsufficientLiquidity`], or an [`ArithmeticError`].
    ///
    /// Source: `BorrowLogic.executeBorrow`, `ValidationLogic.validateBorrow`.
    pub fn borrow(&mut self, owner: Owner, reserve: ReserveId, amount: L::Amount) -> Result<(), LendingError> {
        self.atomically(&[reserve], &[owner], |market| {
            let now = market.now;
            market.reserve_mut(reserve)?.accrue(now)?;
            let amount = nonzero::<L>(amount)?;
            market.check_loan(owner, reserve, amount)?;
            let reserve = market.reserve_mut(reserve)?;
            if reserve.mint_debt(owner, amount)? {
                reserve.position_mut(owner).is_borrowing = true;
            }
            reserve.update_rates(L::ZERO, amount)?;
            reserve.pay(amount)
        })
    }

    /// Repays up to `amount` of the owner's debt, and says how much that was.
    ///
    /// # Errors
    /// In this order: [`LendingError::ZeroAmount`], [`LendingError::NoDebt`], [`LendingError::BurnsNothing`], or an [`ArithmeticError`].
    ///
    /// Source: `BorrowLogic.executeRepay`.
    pub fn repay(&mut self, owner: Owner, reserve: ReserveId, amount: L::Amount) -> Result<L::Amount, LendingError> {
        self.repay_some(owner, reserve, Some(amount))
    }

    /// Repays all of the owner's debt: the contract's amount of 2^256 − 1.
    ///
    /// # Errors
    /// As [`repay`](Self::repay).
    pub fn repay_all(&mut self, owner: Owner, reserve: ReserveId) -> Result<L::Amount, LendingError> {
        self.repay_some(owner, reserve, None)
    }

    fn repay_some(&mut self, owner: Owner, id: ReserveId, amount: Option<L::Amount>) -> Result<L::Amount, LendingError> {
        self.atomically(&[id], &[owner], |market| {
            let now = market.now;
            let reserve = market.reserve_mut(id)?;
            reserve.accrue(now)?;
            let debt = reserve.debt(owner, now)?;
            let amount = amount.map(nonzero::<L>).transpose()?;
            if L::is_zero(debt) {
                return Err(LendingError::NoDebt);
            }
            let paid = amount.filter(|amount| *amount < debt).unwrap_or(debt);
            reserve.burn_debt(owner, paid)?;
            reserve.update_rates(paid, L::ZERO)?;
            if paid == debt {
                reserve.position_mut(owner).is_borrowing = false;
            }
            reserve.receive(paid)?;
            Ok(paid)
        })
    }

    /// Whether `owner` owes anything.
    pub(super) fn is_borrowing(&self, owner: Owner) -> bool {
        self.reserves.iter().any(|reserve| reserve.position(owner).is_borrowing)
    }

    /// Whether `owner` may do what has just been done with his collateral. Source: `ValidationLogic.validateHFAndLtv`.
    pub(super) fn check_health(&self, owner: Owner, reserve: ReserveId) -> Result<(), LendingError> {
        let account = self.account(owner)?;
        if account.is_liquidatable() {
            return Err(LendingError::HealthFactorTooLow { health_factor: account.health() });
        }
        if account.has_zero_ltv_collateral && self.reserve(reserve)?.config.collateral.ltv_bp() != 0 {
            return Err(LendingError::LoanToValueZero);
        }
        Ok(())
    }

    /// Source: `ValidationLogic.validateBorrow`.
    fn check_loan(&self, owner: Owner, reserve: ReserveId, amount: L::Amount) -> Result<(), LendingError> {
        let reserve = self.reserve(reserve)?;
        let config = &reserve.config;
        if let Some(cap) = L::cap(config.borrow_cap, config.decimals) {
            let debt = L::from_scaled(reserve.state.debt_scaled, reserve.state.borrow_index)?;
            let debt = L::checked_add(debt, amount).ok_or(ArithmeticError::Overflow)?;
            if debt > cap {
                return Err(LendingError::BorrowCapExceeded { debt: L::amount_to_f64(debt), cap: L::amount_to_f64(cap) });
            }
        }
        let account: Account<L> = self.account(owner)?;
        if L::is_zero(account.collateral) {
            return Err(LendingError::NoCollateral);
        }
        if L::is_zero(account.ltv) {
            return Err(LendingError::LoanToValueZero);
        }
        if account.health_factor.is_some_and(|health_factor| health_factor <= L::BRINK) {
            return Err(LendingError::HealthFactorTooLow { health_factor: account.health() });
        }
        let value = L::value(amount, reserve.price, config.decimals)?;
        let needed = L::cover(L::checked_add(account.debt, value).ok_or(ArithmeticError::Overflow)?, account.ltv)?;
        if needed > account.collateral {
            let (needed, collateral) = (L::amount_to_f64(needed), L::amount_to_f64(account.collateral));
            return Err(LendingError::InsufficientCollateral { needed, collateral });
        }
        Ok(())
    }

    /// Runs an operation that touches these reserves and owners, and puts everything back if it fails.
    pub(super) fn atomically<T>(
        &mut self,
        reserves: &[ReserveId],
        owners: &[Owner],
        run: impl FnOnce(&mut Self) -> Result<T, LendingError>,
    ) -> Result<T, LendingError> {
        type Kept<L> = (ReserveId, State<L>, Vec<(Owner, Option<Position<L>>)>);
        let mut kept: Vec<Kept<L>> = Vec::with_capacity(reserves.len());
        for &id in reserves {
            let reserve = self.reserve(id)?;
            let positions = owners.iter().map(|owner| (*owner, reserve.positions.get(owner).copied()));
            kept.push((id, reserve.state, positions.collect()));
        }
        let result = run(self);
        if result.is_err() {
            for (id, state, positions) in kept {
                let reserve = self.reserve_mut(id)?;
                reserve.state = state;
                for (owner, position) in positions {
                    match position {
                        Some(position) => reserve.positions.insert(owner, position),
                        None => reserve.positions.remove(&owner),
                    };
                }
            }
        }
        result
    }
}

/// An amount that is one and is not zero. Source: `INVALID_AMOUNT`.
pub(super) fn nonzero<L: Formulas>(amount: L::Amount) -> Result<L::Amount, LendingError> {
    if !L::is_valid(amount) {
        return Err(LendingError::InvalidAmount { amount: L::amount_to_f64(amount) });
    }
    if L::is_zero(amount) { Err(LendingError::ZeroAmount) } else { Ok(amount) }
}

fn positive<L: Formulas>(price: L::Amount) -> Result<L::Amount, LendingError> {
    if L::is_valid(price) && !L::is_zero(price) {
        return Ok(price);
    }
    Err(LendingError::InvalidAmount { amount: L::amount_to_f64(price) })
}
