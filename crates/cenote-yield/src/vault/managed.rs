//! A vault that compounds what it earns and charges for it.

use cenote_amm::Owner;
use cenote_units::{Fraction, Rate};

use super::erc4626::{Vault, valid};
use super::error::VaultError;
use super::formulas::Formulas;

/// What a vault charges.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct VaultFees {
    pub(super) performance: u64,
    pub(super) management: u64,
}

impl VaultFees {
    /// No fees.
    pub const NONE: Self = Self { performance: 0, management: 0 };

    /// A share of every profit, and a share of everything per year. Both are kept in billionths.
    ///
    /// ```
    /// use cenote_yield::vault::VaultFees;
    /// let fees = VaultFees::new("10%".parse()?, "2%".parse()?)?;
    /// assert_eq!((fees.performance(), fees.management()), (0.1, 0.02));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`VaultError::InvalidParameter`] unless the performance fee is from 0 to 100% and the management fee from 0 to 100% per year.
    pub fn new(performance: Fraction, management: Rate) -> Result<Self, VaultError> {
        Ok(Self {
            performance: billionths("performance", performance.get())?,
            management: billionths("management", management.per_year())?,
        })
    }

    /// The share of every profit.
    pub fn performance(&self) -> f64 {
        fraction(self.performance)
    }

    /// The share of everything per year.
    pub fn management(&self) -> f64 {
        fraction(self.management)
    }
}

fn billionths(name: &'static str, given: f64) -> Result<u64, VaultError> {
    if !(0.0..=1.0).contains(&given) {
        return Err(VaultError::InvalidParameter { name, given, expected: "from 0% to 100%" });
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number from 0 to 10^9")]
    Ok((given * 1e9).round() as u64)
}

#[expect(clippy::cast_precision_loss, reason = "at most 10^9")]
fn fraction(billionths: u64) -> f64 {
    billionths as f64 / 1e9
}

/// What a harvest did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Harvest<A> {
    /// Shares minted for the time that has passed.
    pub management_shares: A,
    /// Shares minted for the profit.
    pub performance_shares: A,
}

/// A [`Vault`] that puts what it earns back to work, and charges a management fee for time and a performance fee for profit, both as
/// shares minted to `collector`: nobody else's number of shares changes, each is worth less.
///
/// The management fee streams: whoever deposits, withdraws or harvests first mints what has fallen due since the last time, linearly.
/// The performance fee is taken at a [harvest](Self::harvest), on what lifts a share above the highest price it has had after fees
/// (the high-water mark): losses are made good first.
///
/// ```
/// use cenote_amm::{Fast, Owner};
/// use cenote_yield::vault::{ManagedVault, Vault, VaultFees};
///
/// let (alice, house) = (Owner::new(1), Owner::new(2));
/// let fees = VaultFees::new("10%".parse()?, "0%".parse()?)?;
/// let mut vault = ManagedVault::<Fast>::new(Vault::new(6, 0)?, fees, house);
/// vault.deposit(alice, 1000.0, 0)?;
/// vault.harvest(100.0, 86_400)?;
/// // Of 100 earned, a tenth is the house's.
/// assert!((vault.vault().max_withdraw(alice)? - 1090.0).abs() < 1e-4);
/// assert!((vault.vault().max_withdraw(house)? - 10.0).abs() < 1e-4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Fees as shares, priced after the fee, as `MetaMorpho.sol` does (`_accruedFeeShares`); the high-water mark is Cenote's.
#[derive(Clone, Debug, PartialEq)]
pub struct ManagedVault<L: Formulas> {
    vault: Vault<L>,
    fees: VaultFees,
    collector: Owner,
    high_water: f64,
    now: u64,
}

impl<L: Formulas> ManagedVault<L> {
    /// A vault with fees, at time 0.
    pub fn new(vault: Vault<L>, fees: VaultFees, collector: Owner) -> Self {
        let high_water = vault.share_price();
        Self { vault, fees, collector, high_water, now: 0 }
    }

    /// The vault below.
    pub fn vault(&self) -> &Vault<L> {
        &self.vault
    }

    /// The highest price of a share after fees, in whole assets per whole share.
    pub fn high_water(&self) -> f64 {
        self.high_water
    }

    /// Deposits at `time`, in seconds, and says for how many shares.
    ///
    /// # Errors
    /// [`VaultError::TimeBackwards`], and as [`Vault::deposit`].
    pub fn deposit(&mut self, owner: Owner, assets: L::Amount, time: u64) -> Result<L::Amount, VaultError> {
        self.atomically(|managed| {
            managed.accrue(time)?;
            if L::is_zero(managed.vault.total_supply()) {
                // A new start: nobody is left whose losses are to be made good.
                managed.high_water = managed.vault.share_price();
            }
            managed.vault.deposit(owner, assets)
        })
    }

    /// Redeems shares at `time`, in seconds, and says what they gave.
    ///
    /// # Errors
    /// [`VaultError::TimeBackwards`], and as [`Vault::redeem`].
    pub fn redeem(&mut self, owner: Owner, shares: L::Amount, time: u64) -> Result<L::Amount, VaultError> {
        self.atomically(|managed| {
            managed.accrue(time)?;
            managed.vault.redeem(owner, shares)
        })
    }

    /// Puts `profit` to work at `time`, in seconds, and takes the fees.
    ///
    /// # Errors
    /// [`VaultError::TimeBackwards`], [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    pub fn harvest(&mut self, profit: L::Amount, time: u64) -> Result<Harvest<L::Amount>, VaultError> {
        self.atomically(|managed| {
            let management_shares = managed.accrue(time)?;
            managed.vault.donate(valid::<L>(profit)?)?;
            let performance_shares = managed.charge_performance(profit)?;
            Ok(Harvest { management_shares, performance_shares })
        })
    }

    /// Takes a loss at `time`, in seconds.
    ///
    /// # Errors
    /// [`VaultError::TimeBackwards`], and as [`Vault::lose`].
    pub fn lose(&mut self, loss: L::Amount, time: u64) -> Result<(), VaultError> {
        self.atomically(|managed| {
            managed.accrue(time)?;
            managed.vault.lose(loss)
        })
    }

    /// Mints the management fee that has fallen due.
    fn accrue(&mut self, time: u64) -> Result<L::Amount, VaultError> {
        let seconds = time.checked_sub(self.now).ok_or(VaultError::TimeBackwards { time, now: self.now })?;
        self.now = time;
        if self.fees.management == 0 || seconds == 0 {
            return Ok(L::ZERO);
        }
        let due = L::part_over(self.vault.total_assets(), self.fees.management, seconds)?;
        let most = self.vault.total_assets();
        let shares = self.vault.fee_shares(if due > most { most } else { due })?;
        self.vault.dilute(self.collector, shares)?;
        Ok(shares)
    }

    /// Mints the fee on that part of `profit` which lifts a share above its high-water mark.
    fn charge_performance(&mut self, profit: L::Amount) -> Result<L::Amount, VaultError> {
        let price = self.vault.share_price();
        if price <= self.high_water {
            return Ok(L::ZERO);
        }
        // What the shares are worth above the mark; a profit is never charged twice, nor more of it than there is.
        let above = L::amount_to_f64(self.vault.total_assets()) * (1.0 - self.high_water / price);
        let above = L::amount_from_f64(above).ok_or(VaultError::Overflow)?;
        let charged = if above < profit { above } else { profit };
        let fee = L::part(charged, self.fees.performance)?;
        let shares = self.vault.fee_shares(fee)?;
        self.vault.dilute(self.collector, shares)?;
        let after = self.vault.share_price();
        if after > self.high_water {
            self.high_water = after;
        }
        Ok(shares)
    }

    fn atomically<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T, VaultError>) -> Result<T, VaultError> {
        let before = self.clone();
        let result = run(self);
        if result.is_err() {
            *self = before;
        }
        result
    }
}
