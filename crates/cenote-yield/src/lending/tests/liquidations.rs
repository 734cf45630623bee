//! Liquidations: how much, at what bonus, and to whom.

use super::*;
use crate::lending::Liquidation;

both_lanes! { half_first_then_all short_of_collateral atokens_and_fees healthy_accounts_are_left_alone }

fn who(receive_atoken: bool) -> Liquidation {
    Liquidation { liquidator: CAROL, owner: BOB, debt: USD, collateral: ETHER, receive_atoken }
}

/// Bob owes 1500 dollars against one ether.
fn in_debt<L: Formulas>() -> Market<L> {
    let mut market = market::<L>();
    market.supply(ALICE, USD, tokens::<L>(USD, 10_000.0)).unwrap();
    market.supply(BOB, ETHER, tokens::<L>(ETHER, 1.0)).unwrap();
    market.borrow(BOB, USD, tokens::<L>(USD, 1500.0)).unwrap();
    market
}

fn close<L: Formulas>(reserve: ReserveId, amount: L::Amount, expected: f64) {
    let amount = whole::<L>(reserve, amount);
    assert!((amount - expected).abs() < 1e-5 * expected.max(1e-3), "{amount} {expected}");
}

/// At 1850 the health factor is 0.987: half can be repaid. At 1700 it is below 0.95: all of it.
fn half_first_then_all<L: Formulas>() {
    let mut market = in_debt::<L>();
    let everything = tokens::<L>(USD, 1e6);
    market.set_price(ETHER, price::<L>(1850.0)).unwrap();
    let seizure = market.liquidate(&who(false), everything).unwrap();
    close::<L>(USD, seizure.repaid, 750.0);
    // A tenth of the bonus is the treasury's.
    let (base, bonus) = (750.0 / 1850.0, 750.0 / 1850.0 * 0.05);
    close::<L>(ETHER, seizure.collateral, base + bonus * 0.9);
    close::<L>(ETHER, seizure.protocol_fee, bonus * 0.1);
    close::<L>(USD, market.debt(BOB, USD).unwrap(), 750.0);
    close::<L>(ETHER, market.balance(BOB, ETHER).unwrap(), 1.0 - base - bonus);
    close::<L>(ETHER, market.balance(market.treasury(), ETHER).unwrap(), bonus * 0.1);
    close::<L>(USD, market.reserve(USD).unwrap().liquidity(), 9250.0);
    close::<L>(ETHER, market.reserve(ETHER).unwrap().liquidity(), 1.0 - base - bonus * 0.9);

    let mut market = in_debt::<L>();
    market.set_price(ETHER, price::<L>(1700.0)).unwrap();
    let seizure = market.liquidate(&who(false), everything).unwrap();
    close::<L>(USD, seizure.repaid, 1500.0);
    assert!(L::is_zero(market.debt(BOB, USD).unwrap()));
    assert!(!market.reserve(USD).unwrap().position(BOB).is_borrowing);
    assert_eq!(market.account(BOB).unwrap().health(), f64::INFINITY);
}

/// Worth less than the debt: all collateral goes, for what it is worth without the bonus, and the rest of the debt stays.
fn short_of_collateral<L: Formulas>() {
    let mut market = in_debt::<L>();
    market.set_price(ETHER, price::<L>(1050.0)).unwrap();
    let seizure = market.liquidate(&who(false), tokens::<L>(USD, 1e6)).unwrap();
    close::<L>(USD, seizure.repaid, 1000.0);
    close::<L>(ETHER, seizure.collateral, 1.0 - seizure_fee(1.0));
    assert!(L::is_zero(market.balance(BOB, ETHER).unwrap()));
    assert!(!market.reserve(ETHER).unwrap().position(BOB).is_collateral);
    close::<L>(USD, market.debt(BOB, USD).unwrap(), 500.0);
    // Bad debt: nothing is left to be seized.
    assert_eq!(market.liquidate(&who(false), tokens::<L>(USD, 1.0)), Err(LendingError::NotUsedAsCollateral));
}

/// The treasury's tenth of a bonus of 5% in an amount.
fn seizure_fee(amount: f64) -> f64 {
    (amount - amount / 1.05) * 0.1
}

/// Where the collateral is lent out, aTokens can still be had.
fn atokens_and_fees<L: Formulas>() {
    let mut market = in_debt::<L>();
    market.supply(CAROL, USD, tokens::<L>(USD, 10_000.0)).unwrap();
    market.borrow(CAROL, ETHER, tokens::<L>(ETHER, 1.0)).unwrap();
    market.set_price(ETHER, price::<L>(1850.0)).unwrap();
    let before = market.clone();
    let refused = market.liquidate(&who(false), tokens::<L>(USD, 500.0));
    assert!(matches!(refused, Err(LendingError::InsufficientLiquidity { .. })), "{refused:?}");
    assert_eq!(market, before);
    let seizure = market.liquidate(&who(true), tokens::<L>(USD, 500.0)).unwrap();
    close::<L>(USD, seizure.repaid, 500.0);
    let taken = 500.0 * 1.05 / 1850.0;
    close::<L>(ETHER, seizure.collateral, taken - seizure_fee(taken));
    close::<L>(ETHER, market.balance(CAROL, ETHER).unwrap(), taken - seizure_fee(taken));
    assert!(market.reserve(ETHER).unwrap().position(CAROL).is_collateral);
    // What is seized raises the health factor.
    assert!(market.account(BOB).unwrap().health() > before.account(BOB).unwrap().health());
}

fn healthy_accounts_are_left_alone<L: Formulas>() {
    let mut market = in_debt::<L>();
    let before = market.clone();
    let some = tokens::<L>(USD, 100.0);
    assert!(matches!(market.liquidate(&who(false), some), Err(LendingError::Healthy { .. })));
    assert!(matches!(market.liquidate(&Liquidation { owner: CAROL, ..who(false) }, some), Err(LendingError::Healthy { .. })));
    market.set_price(ETHER, price::<L>(1850.0)).unwrap();
    let owes_other = Liquidation { debt: ETHER, ..who(false) };
    assert_eq!(market.liquidate(&owes_other, some), Err(LendingError::NotBorrowed));
    let other_collateral = Liquidation { collateral: USD, ..who(false) };
    assert_eq!(market.liquidate(&other_collateral, some), Err(LendingError::NotUsedAsCollateral));
    assert!(matches!(market.liquidate(&who(false), L::ZERO), Err(LendingError::BurnsNothing { .. })));
    market.set_price(ETHER, price::<L>(2000.0)).unwrap();
    assert_eq!(market, before);
}
