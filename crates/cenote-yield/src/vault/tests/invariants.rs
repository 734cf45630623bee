//! What holds after any sequence of operations, and how far the lanes lie apart.

use cenote_amm::{Exact, Fast, Lane, Owner};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::vault::{Formulas, ManagedVault, Vault, VaultError, VaultFees};

#[derive(Clone, Copy, Debug)]
enum Operation {
    Deposit { owner: u32, log_amount: f64 },
    Mint { owner: u32, log_amount: f64 },
    Withdraw { owner: u32, part: f64 },
    Redeem { owner: u32, part: f64 },
    Donate { log_amount: f64 },
    Transfer { from: u32, to: u32, part: f64 },
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::{Deposit, Donate, Mint, Redeem, Transfer, Withdraw};
    let owner = || 1..4_u32;
    let amount = || -6.0..6.0_f64;
    let part = || prop_oneof![3 => 0.0..1.0, 1 => Just(1.0)];
    prop_oneof![
        4 => (owner(), amount()).prop_map(|(owner, log_amount)| Deposit { owner, log_amount }),
        2 => (owner(), amount()).prop_map(|(owner, log_amount)| Mint { owner, log_amount }),
        3 => (owner(), part()).prop_map(|(owner, part)| Withdraw { owner, part }),
        3 => (owner(), part()).prop_map(|(owner, part)| Redeem { owner, part }),
        1 => (-6.0..3.0_f64).prop_map(|log_amount| Donate { log_amount }),
        1 => (owner(), owner(), part()).prop_map(|(from, to, part)| Transfer { from, to, part }),
    ]
}

const OFFSET: u8 = 3;

fn assets<L: Formulas>(log_amount: f64) -> L::Amount {
    L::amount_from_f64(10f64.powf(log_amount) * L::scale(18)).unwrap()
}

fn shares<L: Formulas>(log_amount: f64) -> L::Amount {
    L::amount_from_f64(10f64.powf(log_amount) * L::scale(18 + OFFSET)).unwrap()
}

fn part_of<L: Formulas>(amount: L::Amount, part: f64) -> L::Amount {
    if part == 1.0 { amount } else { L::amount_from_f64(L::amount_to_f64(amount) * part).unwrap() }
}

fn run<L: Formulas>(vault: &mut Vault<L>, operation: Operation) -> Result<(), VaultError> {
    match operation {
        Operation::Deposit { owner, log_amount } => vault.deposit(Owner::new(owner), assets::<L>(log_amount)).map(drop),
        Operation::Mint { owner, log_amount } => vault.mint(Owner::new(owner), shares::<L>(log_amount)).map(drop),
        Operation::Withdraw { owner, part } => {
            let owner = Owner::new(owner);
            let most = vault.max_withdraw(owner)?;
            vault.withdraw(owner, part_of::<L>(most, part)).map(drop)
        }
        Operation::Redeem { owner, part } => {
            let owner = Owner::new(owner);
            vault.redeem(owner, part_of::<L>(vault.balance_of(owner), part)).map(drop)
        }
        Operation::Donate { log_amount } => vault.donate(assets::<L>(log_amount)),
        Operation::Transfer { from, to, part } => {
            let (from, to) = (Owner::new(from), Owner::new(to));
            vault.transfer(from, to, part_of::<L>(vault.balance_of(from), part))
        }
    }
}

/// Assets cover all that shares could redeem, and (A + 1)/(S + 10^offset) never falls: every rounding favours the vault.
fn check<L: Formulas>(vault: &Vault<L>, before: &Vault<L>) -> Result<(), TestCaseError> {
    let owners = (1..5).map(Owner::new);
    let redeemable: f64 = owners.clone().map(|owner| L::amount_to_f64(vault.max_withdraw(owner).unwrap())).sum();
    let held = L::amount_to_f64(vault.total_assets());
    prop_assert!(redeemable <= held * (1.0 + 1e-12), "{redeemable} of {held}");
    let all: f64 = owners.map(|owner| L::amount_to_f64(vault.balance_of(owner))).sum();
    let supply = L::amount_to_f64(vault.total_supply());
    prop_assert!((all - supply).abs() <= 1e-9 * supply + 1e-9);
    prop_assert!(vault.share_price() >= before.share_price() * (1.0 - 1e-9), "{} {}", vault.share_price(), before.share_price());
    Ok(())
}

/// A vault in which somebody stays: with no shares left but virtual ones, a donation makes each worth 10¹⁸ times as much, and floats know
/// nothing of what is left of it.
fn inhabited<L: Formulas>() -> Vault<L> {
    let mut vault = Vault::<L>::new(18, OFFSET).unwrap();
    vault.deposit(Owner::new(4), assets::<L>(2.0)).unwrap();
    vault
}

fn holds<L: Formulas>(operations: &[Operation]) -> Result<(), TestCaseError> {
    let mut vault = inhabited::<L>();
    for operation in operations {
        let before = vault.clone();
        if run(&mut vault, *operation).is_err() {
            prop_assert!(vault == before);
        }
        check(&vault, &before)?;
    }
    Ok(())
}

/// In integers there is no tolerance: the price of a share as an exact ratio.
fn never_falls_in_integers(operations: &[Operation]) -> Result<(), TestCaseError> {
    use cenote_amm::U256;
    let mut vault = Vault::<Exact>::new(18, OFFSET).unwrap();
    let ratio = |vault: &Vault<Exact>| (vault.total_assets() + U256::ONE, vault.total_supply() + U256::from(1000));
    for operation in operations {
        let (assets, shares) = ratio(&vault);
        let _ = run(&mut vault, *operation);
        let (assets_after, shares_after) = ratio(&vault);
        prop_assert!(assets_after.checked_mul(shares).unwrap() >= assets.checked_mul(shares_after).unwrap(), "{operation:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn exact_vaults_are_sound(operations in prop::collection::vec(operation(), 1..60)) {
        holds::<Exact>(&operations)?;
        never_falls_in_integers(&operations)?;
    }

    #[test]
    fn fast_vaults_are_sound(operations in prop::collection::vec(operation(), 1..60)) {
        holds::<Fast>(&operations)?;
    }

    /// With fees a share loses at most what the fees say, and a profit leaves it no poorer.
    #[test]
    fn only_fees_and_losses_make_shares_cheaper(
        profits in prop::collection::vec((-3.0..2.0_f64, 1..10_000_000_u64, -1.0..3.0_f64), 1..30),
        performance in 0.0..1.0_f64,
        management in 0.0..0.3_f64,
    ) {
        let fraction = format!("{}%", performance * 100.0).parse().unwrap();
        let fees = VaultFees::new(fraction, format!("{}%", management * 100.0).parse().unwrap()).unwrap();
        let house = Owner::new(9);
        let mut vault = ManagedVault::<Exact>::new(Vault::new(18, 0).unwrap(), fees, house);
        let mut time = 0;
        vault.deposit(Owner::new(1), assets::<Exact>(2.0), 0).unwrap();
        for (log_profit, pause, log_deposit) in profits {
            time += pause;
            let before = vault.vault().share_price();
            vault.harvest(assets::<Exact>(log_profit), time).unwrap();
            let kept = 1.0 - fees.management() * f64::from(u32::try_from(pause).unwrap()) / 31_536_000.0;
            prop_assert!(vault.vault().share_price() >= before * kept * (1.0 - 1e-12));
            vault.deposit(Owner::new(2), assets::<Exact>(log_deposit), time).unwrap();
        }
    }
}

#[test]
fn ten_thousand_operations_stay_together() {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[3; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let (mut exact, mut fast) = (inhabited::<Exact>(), inhabited::<Fast>());
    let (mut worst, mut most) = (0.0_f64, 1.0_f64);
    for step in 0..10_000 {
        let operation = operation().new_tree(&mut runner).unwrap().current();
        let results = (run(&mut exact, operation), run(&mut fast, operation));
        assert_eq!(results.0.is_ok(), results.1.is_ok(), "{step}: {operation:?}: {results:?}");
        // What little is left of much has the roundings of much.
        most = most.max(fast.total_assets());
        let mut pairs = vec![(Exact::amount_to_f64(exact.total_assets()) / 1e18, fast.total_assets())];
        for owner in (1..4).map(Owner::new) {
            pairs.push((Exact::amount_to_f64(exact.max_withdraw(owner).unwrap()) / 1e18, fast.max_withdraw(owner).unwrap()));
        }
        for (a, b) in pairs {
            worst = worst.max((a - b).abs() / most);
        }
        assert!(worst < 1e-11, "{step}: {operation:?}: {worst:e}");
    }
    println!("worst relative difference {worst:e}");
}
