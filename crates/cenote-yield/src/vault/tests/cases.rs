//! Cases worked out by hand.

use cenote_amm::{Exact, Fast, Owner, U256};

use crate::vault::{Formulas, ManagedVault, Vault, VaultError, VaultFees};

const ALICE: Owner = Owner::new(1);
const BOB: Owner = Owner::new(2);
const HOUSE: Owner = Owner::new(9);

fn tokens<L: Formulas>(amount: f64) -> L::Amount {
    L::amount_from_f64(amount * L::scale(18)).unwrap()
}

fn whole<L: Formulas>(amount: L::Amount) -> f64 {
    L::amount_to_f64(amount) / L::scale(18)
}

fn near(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs().max(1e-9), "{a} {b}");
}

fn managed<L: Formulas>(performance: &str, management: &str) -> ManagedVault<L> {
    let fees = VaultFees::new(performance.parse().unwrap(), management.parse().unwrap()).unwrap();
    ManagedVault::new(Vault::new(18, 0).unwrap(), fees, HOUSE)
}

#[test]
fn refusals_change_nothing() {
    let mut vault = Vault::<Fast>::new(18, 3).unwrap();
    vault.deposit(ALICE, 10.0).unwrap();
    let before = vault.clone();
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        let invalid = |error: VaultError| matches!(error, VaultError::InvalidAmount { .. });
        assert!(vault.deposit(ALICE, bad).is_err_and(invalid));
        assert!(vault.mint(ALICE, bad).is_err_and(invalid));
        assert!(vault.donate(bad).is_err_and(invalid));
        assert!(vault.lose(bad).is_err_and(invalid));
        assert!(vault.transfer(ALICE, BOB, bad).is_err_and(invalid));
        assert!(vault.redeem(ALICE, bad).is_err());
        assert!(vault.withdraw(ALICE, bad).is_err());
    }
    assert!(matches!(vault.withdraw(ALICE, 10.1), Err(VaultError::ExceededMaxWithdraw { .. })));
    assert!(matches!(vault.redeem(BOB, 1.0), Err(VaultError::ExceededMaxRedeem { .. })));
    assert!(matches!(vault.transfer(BOB, ALICE, 1.0), Err(VaultError::InsufficientShares { .. })));
    assert!(matches!(vault.lose(10.1), Err(VaultError::LossExceedsAssets { .. })));
    assert_eq!(vault, before);
    assert!(Vault::<Exact>::new(30, 7).is_err());
    let mut vault = Vault::<Exact>::new(18, 0).unwrap();
    vault.deposit(ALICE, U256::MAX >> 1).unwrap();
    let before = vault.clone();
    assert_eq!(vault.deposit(ALICE, U256::MAX >> 1), Ok(U256::MAX >> 1));
    vault = before.clone();
    assert_eq!(vault.deposit(ALICE, U256::MAX), Err(VaultError::Overflow));
    assert_eq!(vault.donate(U256::MAX), Err(VaultError::Overflow));
    assert_eq!(vault, before);
}

/// All out: what is left belongs to nobody's shares.
#[test]
fn everything_can_leave() {
    fn leaves<L: Formulas>() {
        let mut vault = Vault::<L>::new(18, 3).unwrap();
        vault.deposit(ALICE, tokens::<L>(3.0)).unwrap();
        vault.donate(tokens::<L>(1.0)).unwrap();
        vault.deposit(BOB, tokens::<L>(5.0)).unwrap();
        for owner in [ALICE, BOB] {
            vault.redeem(owner, vault.balance_of(owner)).unwrap();
        }
        assert!(L::is_zero(vault.total_supply()));
        assert!(whole::<L>(vault.total_assets()) < 1e-15);
    }
    leaves::<Exact>();
    leaves::<Fast>();
}

#[test]
fn management_fees_stream() {
    fn streams<L: Formulas>() {
        let mut vault = managed::<L>("0%", "2%");
        vault.deposit(ALICE, tokens::<L>(100.0), 0).unwrap();
        // Half a year at 2% per year: one percent of everything is the house's.
        let harvest = vault.harvest(L::ZERO, 31_536_000 / 2).unwrap();
        near(whole::<L>(vault.vault().max_withdraw(HOUSE).unwrap()), 1.0);
        near(whole::<L>(vault.vault().max_withdraw(ALICE).unwrap()), 99.0);
        assert!(L::is_zero(harvest.performance_shares) && !L::is_zero(harvest.management_shares));
        // Charged monthly it compounds: (1 − 2%/12)^6.
        let mut monthly = managed::<L>("0%", "2%");
        monthly.deposit(ALICE, tokens::<L>(100.0), 0).unwrap();
        for month in 1..=6 {
            monthly.harvest(L::ZERO, month * 31_536_000 / 12).unwrap();
        }
        near(whole::<L>(monthly.vault().max_withdraw(ALICE).unwrap()), 100.0 * (1.0 - 0.02_f64 / 12.0).powi(6));
        assert!(matches!(monthly.harvest(L::ZERO, 5), Err(VaultError::TimeBackwards { .. })));
        assert!(matches!(monthly.deposit(BOB, L::ZERO, 5), Err(VaultError::TimeBackwards { .. })));
    }
    streams::<Exact>();
    streams::<Fast>();
}

/// 10% of profits, and losses are made good before the next is charged.
#[test]
fn performance_fees_wait_at_the_high_water_mark() {
    fn waits<L: Formulas>() {
        let mut vault = managed::<L>("10%", "0%");
        vault.deposit(ALICE, tokens::<L>(100.0), 0).unwrap();
        vault.harvest(tokens::<L>(10.0), 1).unwrap();
        let house = |vault: &ManagedVault<L>| whole::<L>(vault.vault().max_withdraw(HOUSE).unwrap());
        near(house(&vault), 1.0);
        near(vault.high_water(), 1.09);
        vault.lose(tokens::<L>(20.0), 2).unwrap();
        let poorer = house(&vault);
        let harvest = vault.harvest(tokens::<L>(15.0), 3).unwrap();
        assert!(L::is_zero(harvest.performance_shares));
        assert!(house(&vault) > poorer && vault.vault().share_price() < vault.high_water());
        // 105 + 25 = 130: a share worth 1.09 · 130/110, of which what is above 1.09 is charged.
        vault.harvest(tokens::<L>(25.0), 4).unwrap();
        let before = house(&vault);
        near(whole::<L>(vault.vault().max_withdraw(ALICE).unwrap()) + before, 130.0);
        let charged = 130.0 - 110.0;
        near(before, 1.0 / 110.0 * (130.0 - charged * 0.1) + charged * 0.1);
    }
    waits::<Exact>();
    waits::<Fast>();
}

/// Who enters after a profit pays no fee on it, and who leaves takes his part of it.
#[test]
fn newcomers_pay_nothing_for_the_past() {
    let mut vault = managed::<Fast>("20%", "1%");
    vault.deposit(ALICE, 100.0, 0).unwrap();
    vault.harvest(50.0, 86_400).unwrap();
    vault.deposit(BOB, 100.0, 86_400).unwrap();
    near(vault.vault().max_withdraw(BOB).unwrap(), 100.0);
    let shares = vault.vault().balance_of(BOB);
    near(vault.redeem(BOB, shares, 86_400).unwrap(), 100.0);
    assert!(vault.redeem(BOB, 1.0, 86_400).is_err());
    assert!(VaultFees::new("101%".parse().unwrap(), "0%".parse().unwrap()).is_err());
    assert!(VaultFees::new("0%".parse().unwrap(), "-1%".parse().unwrap()).is_err());
}
