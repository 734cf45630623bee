//! The reserve: Aave's bookkeeping in lanes.

use cenote_units::Lanes;

use super::kernels::{Slopes, add, drive, follow, grow, take};
use super::{LendingLanes, ReserveModel};

/// What an account has, scaled by the indices.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Account<const L: usize> {
    supplied: Lanes<L>,
    owed: Lanes<L>,
}

impl<const L: usize> Account<L> {
    const EMPTY: Self = Self { supplied: Lanes::ZERO, owed: Lanes::ZERO };
}

/// A reserve of a lending market in `L` lanes.
///
/// ```
/// use cenote_units::Lanes;
/// use cenote_yield::lending::{LendingLanes, RateModel, ReserveLanes, ReserveModel};
///
/// let rates = RateModel::new("0%".parse()?, "4%".parse()?, "60%".parse()?, "80%".parse()?)?;
/// let model = ReserveModel::new(rates, "10%".parse()?, 1e9, "80%".parse()?)?;
/// let mut reserve = ReserveLanes::<4>::new(&model, 1);
/// let mut amount = Lanes([1000.0, 0.0, -5.0, f64::NAN]);
/// reserve.supply(0, &mut amount);
/// assert_eq!(amount.0, [1000.0, 0.0, 0.0, 0.0]); // the last two were refused
/// let year = 31_536_000_000_000_000;
/// reserve.advance(&[year; 4], &Lanes::splat(1.0));
/// let mut balance = Lanes::ZERO;
/// reserve.balance(0, &mut balance);
/// assert!((balance[0] - 1000.0 * 0.0288_f64.exp()).abs() < 1e-4);
/// // All of it is lent out: nobody can withdraw.
/// let mut amount = balance;
/// reserve.withdraw(0, &mut amount);
/// assert_eq!(amount[0], 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ReserveLanes<const L: usize> {
    model: ReserveModel,
    slopes: Slopes,
    is_recorded: bool,
    last: [u64; L],
    supply_index: Lanes<L>,
    borrow_index: Lanes<L>,
    supply_rate: Lanes<L>,
    borrow_rate: Lanes<L>,
    liquidity: Lanes<L>,
    supply: Lanes<L>,
    debt: Lanes<L>,
    /// What the accounts together owe, scaled.
    own_owed: Lanes<L>,
    accounts: Vec<Account<L>>,
}

impl<const L: usize> ReserveLanes<L> {
    /// A reserve with so many accounts.
    pub fn new(model: &ReserveModel, accounts: usize) -> Self {
        let mut reserve = Self {
            model: *model,
            slopes: Slopes::new(&model.rates, model.reserve_factor),
            is_recorded: false,
            last: [0; L],
            supply_index: Lanes::splat(1.0),
            borrow_index: Lanes::splat(1.0),
            supply_rate: Lanes::ZERO,
            borrow_rate: Lanes::ZERO,
            liquidity: Lanes::ZERO,
            supply: Lanes::ZERO,
            debt: Lanes::ZERO,
            own_owed: Lanes::ZERO,
            accounts: vec![Account::EMPTY; accounts],
        };
        reserve.start();
        reserve
    }

    /// What one token supplied at the start has become.
    pub fn supply_index(&self) -> &Lanes<L> {
        &self.supply_index
    }

    /// What one token owed from the start has become.
    pub fn borrow_index(&self) -> &Lanes<L> {
        &self.borrow_index
    }

    /// Lets interest run; which lanes have moved.
    fn grow(&mut self, time: &[u64; L]) -> [u64; L] {
        let mut moved = [0; L];
        grow(
            &mut self.last,
            time,
            &self.supply_rate,
            &self.borrow_rate,
            &mut self.supply_index,
            &mut self.borrow_index,
            &mut self.supply,
            &mut self.debt,
            &mut moved,
        );
        moved
    }

    /// Rates follow utilisation where something has moved.
    fn follow(&mut self, moved: &[u64; L]) {
        if !self.is_recorded {
            follow(&self.slopes, &self.liquidity, &self.debt, moved, &mut self.supply_rate, &mut self.borrow_rate);
        }
    }
}

impl<const L: usize> LendingLanes<L> for ReserveLanes<L> {
    fn start(&mut self) {
        let Self { model, .. } = *self;
        self.is_recorded = false;
        self.last = [0; L];
        (self.supply_index, self.borrow_index) = (Lanes::splat(1.0), Lanes::splat(1.0));
        (self.liquidity, self.supply, self.debt) = (Lanes::splat(model.supplied), Lanes::splat(model.supplied), Lanes::ZERO);
        self.own_owed = Lanes::ZERO;
        self.accounts.fill(Account::EMPTY);
        self.set_utilisation(&Lanes::splat(model.utilisation));
    }

    fn accounts(&self) -> usize {
        self.accounts.len()
    }

    fn accrue(&mut self, time: &[u64; L]) {
        let moved = self.grow(time);
        self.follow(&moved);
    }

    fn set_utilisation(&mut self, utilisation: &Lanes<L>) {
        let (supply_rate, borrow_rate) = (self.supply_rate, self.borrow_rate);
        drive(
            &self.slopes,
            utilisation,
            &self.own_owed,
            &self.borrow_index,
            &mut self.liquidity,
            &mut self.debt,
            &mut self.supply_rate,
            &mut self.borrow_rate,
        );
        if self.is_recorded {
            (self.supply_rate, self.borrow_rate) = (supply_rate, borrow_rate);
        }
    }

    fn advance(&mut self, time: &[u64; L], utilisation: &Lanes<L>) {
        // As the two one after the other, but for rates that would not be seen.
        self.grow(time);
        self.set_utilisation(utilisation);
    }

    fn set_rates(&mut self, supply: &Lanes<L>, borrow: &Lanes<L>) {
        self.is_recorded = true;
        (self.supply_rate, self.borrow_rate) = (*supply, *borrow);
    }

    fn supply(&mut self, account: usize, amount: &mut Lanes<L>) {
        let mut moved = [0; L];
        let claim = &mut self.accounts[account].supplied;
        add(amount, &Lanes::splat(f64::MAX), &self.supply_index, claim, &mut self.supply, &mut moved);
        for l in 0..L {
            self.liquidity[l] += amount[l];
        }
        self.follow(&moved);
    }

    fn withdraw(&mut self, account: usize, amount: &mut Lanes<L>) {
        let mut moved = [0; L];
        let claim = &mut self.accounts[account].supplied;
        take(amount, &self.liquidity, &self.supply_index, claim, &mut self.supply, &mut moved);
        for l in 0..L {
            self.liquidity[l] -= amount[l];
        }
        self.follow(&moved);
    }

    fn write_off(&mut self, account: usize, part: &mut Lanes<L>) {
        let claim = &mut self.accounts[account].supplied;
        for l in 0..L {
            let part_lost = if part[l] > 0.0 { part[l].min(1.0) } else { 0.0 };
            let lost = claim[l] * self.supply_index[l] * part_lost;
            claim[l] -= claim[l] * part_lost;
            self.supply[l] = (self.supply[l] - lost).max(0.0);
            self.liquidity[l] = (self.liquidity[l] - lost).max(0.0);
            part[l] = lost;
        }
    }

    fn borrow(&mut self, account: usize, amount: &mut Lanes<L>) {
        let mut moved = [0; L];
        let owed = &mut self.accounts[account].owed;
        add(amount, &self.liquidity, &self.borrow_index, owed, &mut self.debt, &mut moved);
        for l in 0..L {
            self.liquidity[l] -= amount[l];
        }
        self.count_own_debt();
        self.follow(&moved);
    }

    fn repay(&mut self, account: usize, amount: &mut Lanes<L>) {
        let (mut moved, mut limit) = ([0; L], Lanes::ZERO);
        let owed = &mut self.accounts[account].owed;
        for l in 0..L {
            // At most what is owed.
            limit[l] = owed[l] * self.borrow_index[l];
            amount[l] = if amount[l] > limit[l] { limit[l] } else { amount[l] };
        }
        take(amount, &limit, &self.borrow_index, owed, &mut self.debt, &mut moved);
        for l in 0..L {
            self.liquidity[l] += amount[l];
        }
        self.count_own_debt();
        self.follow(&moved);
    }

    fn supply_rate(&self) -> &Lanes<L> {
        &self.supply_rate
    }

    fn borrow_rate(&self) -> &Lanes<L> {
        &self.borrow_rate
    }

    fn balance(&self, account: usize, out: &mut Lanes<L>) {
        let claim = &self.accounts[account].supplied;
        for l in 0..L {
            out[l] = claim[l] * self.supply_index[l];
        }
    }

    fn debt(&self, account: usize, out: &mut Lanes<L>) {
        let owed = &self.accounts[account].owed;
        for l in 0..L {
            out[l] = owed[l] * self.borrow_index[l];
        }
    }

    fn liquidity(&self) -> &Lanes<L> {
        &self.liquidity
    }

    fn total_debt(&self) -> &Lanes<L> {
        &self.debt
    }

    fn total_supply(&self) -> &Lanes<L> {
        &self.supply
    }

    fn utilisation(&self, out: &mut Lanes<L>) {
        for l in 0..L {
            let total = self.liquidity[l] + self.debt[l];
            out[l] = if total > 0.0 { self.debt[l] / total } else { 0.0 };
        }
    }
}

impl<const L: usize> ReserveLanes<L> {
    /// The accounts' debts added up afresh: what is added and taken away would leave roundings behind.
    fn count_own_debt(&mut self) {
        self.own_owed = Lanes::ZERO;
        for account in &self.accounts {
            for l in 0..L {
                self.own_owed[l] += account.owed[l];
            }
        }
    }
}
