//! The vault contract: shares of the assets that it holds.

use std::collections::BTreeMap;

use cenote_amm::Owner;

use super::error::VaultError;
use super::formulas::{Formulas, Rounding};

/// A vault with the semantics of `OpenZeppelin`'s ERC-4626, in either lane: shares of whatever assets it holds.
///
/// Assets that are [donated](Self::donate), or earned, make every share worth more. Shares that nobody owns take part: with a decimals
/// offset of d they are 10^d of the smallest shares on one smallest unit of assets, so that who inflates an empty vault gives most of it
/// away. Every rounding is in favour of the vault. Assets outside the vault are the caller's to account for. Every `Err` leaves
/// the vault as it was.
///
/// ```
/// use cenote_amm::{Exact, Owner, U256};
/// use cenote_yield::vault::Vault;
///
/// let (alice, bob) = (Owner::new(1), Owner::new(2));
/// let mut vault = Vault::<Exact>::new(18, 0)?;
/// assert_eq!(vault.deposit(alice, U256::from(1_000_000))?, U256::from(1_000_000));
/// vault.donate(U256::from(500_000))?;
/// assert_eq!(vault.deposit(bob, U256::from(1_000_000))?, U256::from(666_666));
/// assert_eq!(vault.convert_to_assets(U256::from(1_000_000))?, U256::from(1_500_000));
/// # Ok::<(), cenote_yield::vault::VaultError>(())
/// ```
///
/// Source: `OpenZeppelin` 5.4.0 `token/ERC20/extensions/ERC4626.sol`.
#[derive(Clone, Debug, PartialEq)]
pub struct Vault<L: Formulas> {
    decimals: u8,
    offset: u8,
    total_assets: L::Amount,
    total_supply: L::Amount,
    shares: BTreeMap<Owner, L::Amount>,
}

/// Decimals of assets and offset together, above which 10^decimals may not fit.
const MOST_DECIMALS: u8 = 36;

impl<L: Formulas> Vault<L> {
    /// An empty vault for an asset with `decimals`, whose shares have `offset` decimals more.
    ///
    /// # Errors
    /// [`VaultError::InvalidParameter`] if that is more than 36.
    pub fn new(decimals: u8, offset: u8) -> Result<Self, VaultError> {
        for (name, given) in [("decimals", decimals), ("offset", offset), ("decimals + offset", decimals.saturating_add(offset))] {
            if given > MOST_DECIMALS {
                return Err(VaultError::InvalidParameter { name, given: given.into(), expected: "at most 36" });
            }
        }
        Ok(Self { decimals, offset, total_assets: L::ZERO, total_supply: L::ZERO, shares: BTreeMap::new() })
    }

    /// What the vault holds.
    pub fn total_assets(&self) -> L::Amount {
        self.total_assets
    }

    /// All shares.
    pub fn total_supply(&self) -> L::Amount {
        self.total_supply
    }

    /// The shares of `owner`.
    pub fn balance_of(&self, owner: Owner) -> L::Amount {
        self.shares.get(&owner).copied().unwrap_or(L::ZERO)
    }

    /// What a whole share is worth, in whole assets.
    pub fn share_price(&self) -> f64 {
        let (assets, shares) = L::virtual_amounts(self.decimals, self.offset);
        let assets = (L::amount_to_f64(self.total_assets) + L::amount_to_f64(assets)) / L::scale(self.decimals);
        let shares = (L::amount_to_f64(self.total_supply) + L::amount_to_f64(shares)) / L::scale(self.decimals + self.offset);
        assets / shares
    }

    /// The shares that `assets` are worth, rounded down.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.convertToShares`.
    pub fn convert_to_shares(&self, assets: L::Amount) -> Result<L::Amount, VaultError> {
        self.to_shares(assets, Rounding::Down)
    }

    /// What `shares` are worth, rounded down.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.convertToAssets`.
    pub fn convert_to_assets(&self, shares: L::Amount) -> Result<L::Amount, VaultError> {
        self.to_assets(shares, Rounding::Down)
    }

    /// The shares that a deposit of `assets` gives, rounded down.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.previewDeposit`.
    pub fn preview_deposit(&self, assets: L::Amount) -> Result<L::Amount, VaultError> {
        self.to_shares(assets, Rounding::Down)
    }

    /// The assets that a mint of `shares` takes, rounded up.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.previewMint`.
    pub fn preview_mint(&self, shares: L::Amount) -> Result<L::Amount, VaultError> {
        self.to_assets(shares, Rounding::Up)
    }

    /// The shares that a withdrawal of `assets` takes, rounded up.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.previewWithdraw`.
    pub fn preview_withdraw(&self, assets: L::Amount) -> Result<L::Amount, VaultError> {
        self.to_shares(assets, Rounding::Up)
    }

    /// The assets that a redemption of `shares` gives, rounded down.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.previewRedeem`.
    pub fn preview_redeem(&self, shares: L::Amount) -> Result<L::Amount, VaultError> {
        self.to_assets(shares, Rounding::Down)
    }

    /// What `owner` could withdraw: what his shares are worth, rounded down.
    ///
    /// # Errors
    /// [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.maxWithdraw`.
    pub fn max_withdraw(&self, owner: Owner) -> Result<L::Amount, VaultError> {
        self.to_assets(self.balance_of(owner), Rounding::Down)
    }

    /// Deposits `assets` and says for how many shares.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.deposit`.
    pub fn deposit(&mut self, owner: Owner, assets: L::Amount) -> Result<L::Amount, VaultError> {
        let shares = self.preview_deposit(assets)?;
        self.enter(owner, assets, shares)?;
        Ok(shares)
    }

    /// Mints `shares` and says what they cost.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.mint`.
    pub fn mint(&mut self, owner: Owner, shares: L::Amount) -> Result<L::Amount, VaultError> {
        let assets = self.preview_mint(shares)?;
        self.enter(owner, assets, shares)?;
        Ok(assets)
    }

    /// Withdraws `assets` and says how many shares that took.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::ExceededMaxWithdraw`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.withdraw`.
    pub fn withdraw(&mut self, owner: Owner, assets: L::Amount) -> Result<L::Amount, VaultError> {
        let most = self.max_withdraw(owner)?;
        if assets > most {
            return Err(VaultError::ExceededMaxWithdraw { assets: L::amount_to_f64(assets), most: L::amount_to_f64(most) });
        }
        let shares = self.preview_withdraw(assets)?;
        self.leave(owner, assets, shares)?;
        Ok(shares)
    }

    /// Redeems `shares` and says what they gave.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::ExceededMaxRedeem`], [`VaultError::Overflow`]
    ///
    /// Source: `ERC4626.redeem`.
    pub fn redeem(&mut self, owner: Owner, shares: L::Amount) -> Result<L::Amount, VaultError> {
        let most = self.balance_of(owner);
        if shares > most {
            return Err(VaultError::ExceededMaxRedeem { shares: L::amount_to_f64(shares), most: L::amount_to_f64(most) });
        }
        let assets = self.preview_redeem(shares)?;
        self.leave(owner, assets, shares)?;
        Ok(assets)
    }

    /// Transfers `shares`.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::InsufficientShares`]
    ///
    /// Source: `ERC20._update`.
    pub fn transfer(&mut self, from: Owner, to: Owner, shares: L::Amount) -> Result<(), VaultError> {
        let shares = valid::<L>(shares)?;
        let balance = self.balance_of(from);
        let refused = || VaultError::InsufficientShares { shares: L::amount_to_f64(shares), balance: L::amount_to_f64(balance) };
        let left = L::checked_sub(balance, shares).ok_or_else(refused)?;
        if from == to {
            return Ok(());
        }
        let received = L::checked_add(self.balance_of(to), shares).ok_or(VaultError::Overflow)?;
        self.shares.insert(from, left);
        self.shares.insert(to, received);
        Ok(())
    }

    /// Assets that come in without shares: a bare transfer to the vault, or what it has earned.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::Overflow`]
    pub fn donate(&mut self, assets: L::Amount) -> Result<(), VaultError> {
        self.total_assets = L::checked_add(self.total_assets, valid::<L>(assets)?).ok_or(VaultError::Overflow)?;
        Ok(())
    }

    /// Assets that are lost.
    ///
    /// # Errors
    /// [`VaultError::InvalidAmount`], [`VaultError::LossExceedsAssets`]
    pub fn lose(&mut self, assets: L::Amount) -> Result<(), VaultError> {
        let loss = valid::<L>(assets)?;
        let held = self.total_assets;
        self.total_assets = L::checked_sub(held, loss)
            .ok_or(VaultError::LossExceedsAssets { loss: L::amount_to_f64(loss), assets: L::amount_to_f64(held) })?;
        Ok(())
    }

    /// Mints shares without assets, as fees are taken.
    pub(super) fn dilute(&mut self, owner: Owner, shares: L::Amount) -> Result<(), VaultError> {
        self.enter(owner, L::ZERO, shares)
    }

    /// Shares that a fee worth `assets` gives when the holders of the other shares pay it, rounded down: priced as if the fee had been
    /// taken out first.
    pub(super) fn fee_shares(&self, assets: L::Amount) -> Result<L::Amount, VaultError> {
        let (virtual_assets, virtual_shares) = L::virtual_amounts(self.decimals, self.offset);
        let left = L::less(self.total_assets, assets).ok_or(VaultError::Overflow)?;
        L::convert(assets, (self.total_supply, virtual_shares), (left, virtual_assets), Rounding::Down)
    }

    fn to_shares(&self, assets: L::Amount, rounding: Rounding) -> Result<L::Amount, VaultError> {
        let (virtual_assets, virtual_shares) = L::virtual_amounts(self.decimals, self.offset);
        L::convert(valid::<L>(assets)?, (self.total_supply, virtual_shares), (self.total_assets, virtual_assets), rounding)
    }

    fn to_assets(&self, shares: L::Amount, rounding: Rounding) -> Result<L::Amount, VaultError> {
        let (virtual_assets, virtual_shares) = L::virtual_amounts(self.decimals, self.offset);
        L::convert(valid::<L>(shares)?, (self.total_assets, virtual_assets), (self.total_supply, virtual_shares), rounding)
    }

    fn enter(&mut self, owner: Owner, assets: L::Amount, shares: L::Amount) -> Result<(), VaultError> {
        let add = |a, b| L::checked_add(a, b).ok_or(VaultError::Overflow);
        let (total_assets, total_supply) = (add(self.total_assets, assets)?, add(self.total_supply, shares)?);
        let balance = add(self.balance_of(owner), shares)?;
        (self.total_assets, self.total_supply) = (total_assets, total_supply);
        self.shares.insert(owner, balance);
        Ok(())
    }

    fn leave(&mut self, owner: Owner, assets: L::Amount, shares: L::Amount) -> Result<(), VaultError> {
        let held = self.balance_of(owner);
        let refused = || VaultError::InsufficientShares { shares: L::amount_to_f64(shares), balance: L::amount_to_f64(held) };
        let balance = L::less(held, shares).ok_or_else(refused)?;
        let total_supply = L::less(self.total_supply, shares).ok_or(VaultError::Overflow)?;
        let total_assets = L::less(self.total_assets, assets).ok_or(VaultError::Overflow)?;
        (self.total_assets, self.total_supply) = (total_assets, total_supply);
        self.shares.insert(owner, balance);
        Ok(())
    }
}

pub(super) fn valid<L: Formulas>(amount: L::Amount) -> Result<L::Amount, VaultError> {
    if L::is_valid(amount) { Ok(amount) } else { Err(VaultError::InvalidAmount { amount: L::amount_to_f64(amount) }) }
}
