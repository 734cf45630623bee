//! Cases worked out by hand.

use cenote_amm::Fast;

use super::*;
use crate::lending::{LendingError as E, Leverage};

both_lanes! { interest_is_shared_out withdrawals_wait_for_liquidity refusals_change_nothing caps_hold loops_follow_the_closed_form parts_are_taken }

/// A year at 80%: borrowers pay 4%, suppliers earn 4% · 80% · 90%, the treasury has the rest.
fn interest_is_shared_out<L: Formulas>() {
    let mut market = market::<L>();
    market.supply(ALICE, USD, tokens::<L>(USD, 1_000_000.0)).unwrap();
    market.supply(BOB, ETHER, tokens::<L>(ETHER, 1000.0)).unwrap();
    market.borrow(BOB, USD, tokens::<L>(USD, 800_000.0)).unwrap();
    let rates = market.reserve(USD).unwrap().rates();
    let plain = |rate| L::amount_to_f64(rate) / L::amount_to_f64(L::ONE);
    assert!((plain(rates.borrow) - 0.04).abs() < 1e-12);
    assert!((plain(rates.supply) - 0.0288).abs() < 1e-12);
    assert!((market.reserve(USD).unwrap().utilisation(market.time()).unwrap() - 0.8).abs() < 1e-12);

    market.set_time(1000 + YEAR).unwrap();
    let debt = whole::<L>(USD, market.debt(BOB, USD).unwrap());
    let series = debt / 800_000.0;
    // Three terms of the series for compounding every second, the third cut short by the contract's integers.
    let (two, three) = (1.0 + 0.04 + 0.04 * 0.04 / 2.0, 1.0 + 0.04 + 0.04 * 0.04 / 2.0 + 0.04_f64.powi(3) / 6.0);
    assert!(series > two - 1e-8 && series < three + 1e-9, "{series}");
    let supply = whole::<L>(USD, market.balance(ALICE, USD).unwrap());
    assert!((supply / 1_028_800.0 - 1.0).abs() < 1e-9, "{supply}");

    // Paid back and minted to the treasury, the reserve holds what it owes, and dust that nobody owns.
    market.repay_all(BOB, USD).unwrap();
    let minted = whole::<L>(USD, market.mint_to_treasury(USD).unwrap());
    assert!((minted / (800_000.0 * (series - 1.0) * 0.1) - 1.0).abs() < 1e-8, "{minted}");
    market.withdraw_all(ALICE, USD).unwrap();
    market.withdraw_all(market.treasury(), USD).unwrap();
    let reserve = market.reserve(USD).unwrap();
    for scaled in [reserve.supplied_scaled(), reserve.debt_scaled()] {
        assert!(whole::<L>(USD, scaled) < 1e-9);
    }
    let dust = whole::<L>(USD, reserve.liquidity());
    // Suppliers earned simple interest on what borrowers paid compounded.
    let expected = 800_000.0 * (series - 1.0) * 0.9 - 28_800.0;
    assert!((dust - expected).abs() < 0.01, "{dust} {expected}");
}

/// What is lent out cannot be withdrawn, until somebody repays.
fn withdrawals_wait_for_liquidity<L: Formulas>() {
    let mut market = market::<L>();
    market.supply(ALICE, USD, tokens::<L>(USD, 1000.0)).unwrap();
    market.supply(BOB, ETHER, tokens::<L>(ETHER, 10.0)).unwrap();
    market.borrow(BOB, USD, tokens::<L>(USD, 1000.0)).unwrap();
    assert!((market.reserve(USD).unwrap().utilisation(market.time()).unwrap() - 1.0).abs() < 1e-15);
    let refused = market.withdraw(ALICE, USD, tokens::<L>(USD, 1.0));
    assert!(matches!(refused, Err(LendingError::InsufficientLiquidity { .. })), "{refused:?}");
    let refused = market.borrow(BOB, USD, tokens::<L>(USD, 1.0));
    assert!(matches!(refused, Err(LendingError::InsufficientLiquidity { .. })), "{refused:?}");
    market.repay(BOB, USD, tokens::<L>(USD, 300.0)).unwrap();
    assert!(market.withdraw(ALICE, USD, tokens::<L>(USD, 300.5)).is_err());
    market.withdraw(ALICE, USD, tokens::<L>(USD, 300.0)).unwrap();
}

/// Whether an error is the one that is expected.
type Check = fn(&LendingError) -> bool;

fn refusals_change_nothing<L: Formulas>() {
    let mut market = market::<L>();
    market.supply(ALICE, USD, tokens::<L>(USD, 10_000.0)).unwrap();
    market.supply(BOB, ETHER, tokens::<L>(ETHER, 1.0)).unwrap();
    market.borrow(BOB, USD, tokens::<L>(USD, 1400.0)).unwrap();
    market.set_time(1000 + YEAR / 12).unwrap();
    let before = market.clone();
    let none = L::ZERO;
    let some = tokens::<L>(USD, 1.0);
    let nowhere = ReserveId(7);
    let refusals: [(Result<(), E>, Check); 16] = [
        (market.supply(ALICE, USD, none), |e| *e == E::ZeroAmount),
        (market.withdraw(ALICE, USD, none).map(drop), |e| *e == E::ZeroAmount),
        (market.withdraw_all(CAROL, USD).map(drop), |e| *e == E::ZeroAmount),
        (market.withdraw(ALICE, USD, tokens::<L>(USD, 20_000.0)).map(drop), |e| matches!(e, E::InsufficientBalance { .. })),
        (market.borrow(BOB, USD, none), |e| *e == E::ZeroAmount),
        (market.borrow(CAROL, USD, some), |e| *e == E::NoCollateral),
        (market.borrow(BOB, USD, tokens::<L>(USD, 200.0)), |e| matches!(e, E::InsufficientCollateral { .. })),
        (market.repay(BOB, USD, none).map(drop), |e| *e == E::ZeroAmount),
        (market.repay(CAROL, USD, some).map(drop), |e| *e == E::NoDebt),
        (market.repay_all(CAROL, USD).map(drop), |e| *e == E::NoDebt),
        (market.withdraw(BOB, ETHER, tokens::<L>(ETHER, 0.5)).map(drop), |e| matches!(e, E::HealthFactorTooLow { .. })),
        (market.set_collateral(BOB, ETHER, false), |e| matches!(e, E::HealthFactorTooLow { .. })),
        (market.set_collateral(CAROL, ETHER, true), |e| *e == E::NothingSupplied),
        (market.transfer(BOB, CAROL, ETHER, tokens::<L>(ETHER, 0.5)), |e| matches!(e, E::HealthFactorTooLow { .. })),
        (market.transfer(BOB, CAROL, ETHER, tokens::<L>(ETHER, 2.0)), |e| matches!(e, E::TransferExceedsBalance { .. })),
        (market.supply(ALICE, nowhere, some), |e| *e == E::UnknownReserve { index: 7, reserves: 2 }),
    ];
    for (place, (refused, expected)) in refusals.iter().enumerate() {
        assert!(refused.as_ref().is_err_and(expected), "refusal {place}: {refused:?}");
    }
    assert!(matches!(market.set_time(5), Err(E::TimeBackwards { .. })));
    assert!(matches!(market.set_price(USD, none), Err(E::InvalidAmount { .. })));
    assert_eq!(market, before);
}

#[test]
fn what_is_no_amount_is_refused() {
    let mut market = market::<Fast>();
    market.supply(ALICE, USD, 100.0).unwrap();
    let before = market.clone();
    for bad in [-1.0, f64::NAN, f64::INFINITY] {
        let invalid = |error: LendingError| matches!(error, LendingError::InvalidAmount { .. });
        assert!(market.supply(ALICE, USD, bad).is_err_and(invalid));
        assert!(market.withdraw(ALICE, USD, bad).is_err_and(invalid));
        assert!(market.borrow(ALICE, USD, bad).is_err_and(invalid));
        assert!(market.repay(ALICE, USD, bad).is_err_and(invalid));
        assert!(market.transfer(ALICE, BOB, USD, bad).is_err_and(invalid));
        assert!(market.set_price(USD, bad).is_err_and(invalid));
        assert!(market.add_reserve(*market.reserve(USD).unwrap().config(), bad).is_err_and(invalid));
    }
    assert_eq!(market, before);
}

fn caps_hold<L: Formulas>() {
    let mut market = Market::<L>::new();
    let config = ReserveConfig::new(6, rates()).unwrap().with_collateral(collateral());
    let config = config.with_caps(1000, 500).unwrap();
    assert!(config.with_caps(1 << 36, 0).is_err());
    market.add_reserve(ReserveConfig::new(18, rates()).unwrap(), price::<L>(2000.0)).unwrap();
    market.add_reserve(config, price::<L>(1.0)).unwrap();
    market.supply(ALICE, USD, tokens::<L>(USD, 1000.0)).unwrap();
    let refused = market.supply(ALICE, USD, tokens::<L>(USD, 0.5));
    assert!(matches!(refused, Err(LendingError::SupplyCapExceeded { .. })), "{refused:?}");
    market.borrow(ALICE, USD, tokens::<L>(USD, 500.0)).unwrap();
    let refused = market.borrow(ALICE, USD, tokens::<L>(USD, 0.5));
    assert!(matches!(refused, Err(LendingError::BorrowCapExceeded { .. })), "{refused:?}");
    // A token without threshold is no collateral.
    market.supply(BOB, ETHER, tokens::<L>(ETHER, 1.0)).unwrap();
    assert_eq!(
        market.borrow(BOB, USD, tokens::<L>(USD, 1.0)),
        Err(LendingError::BorrowCapExceeded {
            debt: L::amount_to_f64(tokens::<L>(USD, 501.0)),
            cap: L::amount_to_f64(tokens::<L>(USD, 500.0))
        })
    );
    assert_eq!(market.set_collateral(BOB, ETHER, true), Err(LendingError::NotCollateral));
}

/// Supply, borrow three quarters of it, supply that, and so on, of one token.
fn loops_follow_the_closed_form<L: Formulas>() {
    let mut market = market::<L>();
    market.supply(BOB, USD, tokens::<L>(USD, 1_000_000.0)).unwrap();
    let mut last = 1000.0;
    market.supply(ALICE, USD, tokens::<L>(USD, last)).unwrap();
    for loops in 1..=12 {
        last *= 0.75;
        market.borrow(ALICE, USD, tokens::<L>(USD, last)).unwrap();
        market.supply(ALICE, USD, tokens::<L>(USD, last)).unwrap();
        let levered = Leverage::after(loops, 0.75).unwrap();
        let (supplied, owed) = (market.balance(ALICE, USD).unwrap(), market.debt(ALICE, USD).unwrap());
        assert!((whole::<L>(USD, supplied) / 1000.0 - levered.collateral()).abs() < 1e-7);
        assert!((whole::<L>(USD, owed) / 1000.0 - levered.debt()).abs() < 1e-7);
        let health = market.account(ALICE).unwrap().health();
        assert!((health / levered.health_factor(0.8) - 1.0).abs() < 1e-6, "{health}");
    }
    // Over a year it earns what its rates say, to first order in them.
    let reserve = market.reserve(USD).unwrap();
    let plain = |rate| L::amount_to_f64(rate) / L::amount_to_f64(L::ONE);
    let (supply, borrow) = (plain(reserve.rates().supply), plain(reserve.rates().borrow));
    let equity = |market: &Market<L>| {
        whole::<L>(USD, market.balance(ALICE, USD).unwrap()) - whole::<L>(USD, market.debt(ALICE, USD).unwrap())
    };
    let before = equity(&market);
    market.set_time(1000 + YEAR).unwrap();
    let levered = Leverage::after(12, 0.75).unwrap();
    let earned = (equity(&market) - before) / 1000.0;
    assert!((earned - levered.net_rate(supply, borrow)).abs() < levered.debt() * borrow * borrow, "{earned}");
    assert!(earned < 0.0, "borrowing costs more than supplying earns");
}

/// Collateral that is transferred counts for whoever receives it; all of it gone, it is none.
fn parts_are_taken<L: Formulas>() {
    let mut market = market::<L>();
    market.supply(ALICE, ETHER, tokens::<L>(ETHER, 3.0)).unwrap();
    market.transfer(ALICE, BOB, ETHER, tokens::<L>(ETHER, 1.0)).unwrap();
    assert!(market.reserve(ETHER).unwrap().position(BOB).is_collateral);
    assert_eq!(whole::<L>(ETHER, market.balance(BOB, ETHER).unwrap()), 1.0);
    market.set_collateral(BOB, ETHER, false).unwrap();
    assert!(L::is_zero(market.account(BOB).unwrap().collateral));
    market.set_collateral(BOB, ETHER, true).unwrap();
    market.set_collateral(BOB, ETHER, true).unwrap();
    market.transfer(ALICE, CAROL, ETHER, tokens::<L>(ETHER, 2.0)).unwrap();
    assert!(!market.reserve(ETHER).unwrap().position(ALICE).is_collateral);
    assert!(L::is_zero(market.balance(ALICE, ETHER).unwrap()));
    market.transfer(CAROL, CAROL, ETHER, tokens::<L>(ETHER, 2.0)).unwrap();
    assert_eq!(whole::<L>(ETHER, market.balance(CAROL, ETHER).unwrap()), 2.0);
    assert_eq!(market.mint_to_treasury(ETHER), Ok(L::ZERO));
}

#[test]
fn a_market_has_room_for_128_reserves() {
    let mut market = Market::<Fast>::default().with_treasury(CAROL);
    assert_eq!(market.treasury(), CAROL);
    let config = ReserveConfig::new(6, rates()).unwrap();
    for _ in 0..128 {
        market.add_reserve(config, 1.0).unwrap();
    }
    assert_eq!(market.add_reserve(config, 1.0), Err(LendingError::TooManyReserves { maximum: 128 }));
    assert!(ReserveConfig::new(37, rates()).is_err());
    assert!(config.with_reserve_factor_bp(10_001).is_err() && config.with_liquidation_protocol_fee_bp(10_001).is_err());
}
