//! Inflating an empty vault: deposit next to nothing, donate, and let the next depositor's shares round to zero.

use cenote_amm::{Exact, Owner, U256};

use crate::vault::Vault;

const THIEF: Owner = Owner::new(1);
const VICTIM: Owner = Owner::new(2);

fn wei(whole: u64) -> U256 {
    U256::from(whole) * U256::from(10).pow(U256::from(18))
}

/// What thief and victim lose, in wei, when the thief deposits 1 wei and donates, and the victim then deposits 10 tokens.
fn attack(offset: u8, donation: U256) -> (i128, i128) {
    let mut vault = Vault::<Exact>::new(18, offset).unwrap();
    let deposit = wei(10);
    vault.deposit(THIEF, U256::ONE).unwrap();
    vault.donate(donation).unwrap();
    vault.deposit(VICTIM, deposit).unwrap();
    let loss = |owner: Owner, paid: U256| {
        let left = vault.max_withdraw(owner).unwrap();
        i128::try_from(paid).unwrap() - i128::try_from(left).unwrap()
    };
    (loss(THIEF, donation + U256::ONE), loss(VICTIM, deposit))
}

/// Virtual shares take part in the donation: with no offset at all the thief breaks even at best, and the larger the offset the more
/// he pays for what he takes.
#[test]
fn the_thief_never_gains() {
    for offset in [0, 3, 6, 12] {
        for donation in [wei(1), wei(5), wei(10), wei(20), wei(100), wei(10_000)] {
            let (thief, victim) = attack(offset, donation);
            assert!(thief >= 0, "offset {offset}, donation {donation}: the thief gains {}", -thief);
            if offset >= 3 {
                assert!(
                    thief >= victim * 10i128.pow(u32::from(offset)) / 2 || victim <= 1,
                    "offset {offset}: {thief} for {victim}"
                );
            }
        }
    }
    // Without an offset the victim can lose all of it, at the same cost to the thief.
    let (thief, victim) = attack(0, wei(20));
    assert_eq!(victim, 10_000_000_000_000_000_000);
    assert!(thief >= victim / 2);
    // With an offset of 6 the victim loses next to nothing, and the thief still half of what he donated.
    let (thief, victim) = attack(6, wei(20));
    assert!(victim < 20_000_000_000_000 && thief > 9_000_000_000_000_000_000, "{thief} {victim}");
}
