//! What holds after any sequence of operations, in either lane.

use proptest::prelude::*;

use super::*;
use crate::lending::Liquidation;

#[derive(Clone, Copy, Debug)]
pub(super) enum Operation {
    Supply { owner: u32, reserve: u8, log_value: f64 },
    Withdraw { owner: u32, reserve: u8, part: u16 },
    Borrow { owner: u32, reserve: u8, part: u16 },
    Repay { owner: u32, reserve: u8, part: u16 },
    Transfer { from: u32, to: u32, reserve: u8, part: u16 },
    Collateral { owner: u32, reserve: u8, on: bool },
    Liquidate { owner: u32, debt: u8, receive_atoken: bool, log_value: f64 },
    Mint { reserve: u8 },
    Price { change: f64 },
    Wait { seconds: u64 },
}

/// Parts are in thousandths; more than all of it is asked for now and then.
const WHOLE: u16 = 1000;

pub(super) fn operation() -> impl Strategy<Value = Operation> {
    use Operation::{Borrow, Collateral, Liquidate, Mint, Price, Repay, Supply, Transfer, Wait, Withdraw};
    let owner = || 1..4_u32;
    let reserve = || 0..2_u8;
    let part = || prop_oneof![6 => 1..WHOLE, 2 => Just(WHOLE), 1 => WHOLE..2 * WHOLE];
    let value = || -1.0..6.0_f64;
    prop_oneof![
        5 => (owner(), reserve(), value()).prop_map(|(owner, reserve, log_value)| Supply { owner, reserve, log_value }),
        3 => (owner(), reserve(), part()).prop_map(|(owner, reserve, part)| Withdraw { owner, reserve, part }),
        5 => (owner(), reserve(), part()).prop_map(|(owner, reserve, part)| Borrow { owner, reserve, part }),
        3 => (owner(), reserve(), part()).prop_map(|(owner, reserve, part)| Repay { owner, reserve, part }),
        1 => (owner(), owner(), reserve(), part()).prop_map(|(from, to, reserve, part)| Transfer { from, to, reserve, part }),
        1 => (owner(), reserve(), any::<bool>()).prop_map(|(owner, reserve, on)| Collateral { owner, reserve, on }),
        3 => (owner(), reserve(), any::<bool>(), value())
            .prop_map(|(owner, debt, receive_atoken, log_value)| Liquidate { owner, debt, receive_atoken, log_value }),
        1 => reserve().prop_map(|reserve| Mint { reserve }),
        2 => (-0.3..0.3_f64).prop_map(|change| Price { change }),
        4 => prop_oneof![Just(1), 1..100_000_u64, 1..2 * YEAR].prop_map(|seconds| Wait { seconds }),
    ]
}

/// Dollars of a reserve's token.
fn worth<L: Formulas>(market: &Market<L>, reserve: ReserveId, dollars: f64) -> L::Amount {
    let price = L::amount_to_f64(market.reserve(reserve).unwrap().price()) / L::amount_to_f64(price::<L>(1.0));
    tokens::<L>(reserve, dollars / price)
}

fn part_of<L: Formulas>(amount: L::Amount, part: u16) -> L::Amount {
    if part == WHOLE {
        return amount;
    }
    L::amount_from_f64(L::amount_to_f64(amount) * f64::from(part) / f64::from(WHOLE)).unwrap()
}

pub(super) fn run<L: Formulas>(market: &mut Market<L>, operation: Operation) -> Result<(), LendingError> {
    match operation {
        Operation::Supply { owner, reserve, log_value } => {
            let reserve = ReserveId(reserve);
            let amount = worth(market, reserve, 10f64.powf(log_value));
            market.supply(Owner::new(owner), reserve, amount)
        }
        Operation::Withdraw { owner, reserve, part } => {
            let (owner, reserve) = (Owner::new(owner), ReserveId(reserve));
            if part == WHOLE {
                return market.withdraw_all(owner, reserve).map(drop);
            }
            let amount = part_of::<L>(market.balance(owner, reserve)?, part);
            market.withdraw(owner, reserve, amount).map(drop)
        }
        Operation::Borrow { owner, reserve, part } => {
            let (owner, reserve) = (Owner::new(owner), ReserveId(reserve));
            let available = market.account(owner)?.available_borrows()?;
            let dollars = L::amount_to_f64(available) / L::amount_to_f64(price::<L>(1.0));
            let amount = part_of::<L>(worth(market, reserve, dollars), part);
            market.borrow(owner, reserve, amount)
        }
        Operation::Repay { owner, reserve, part } => {
            let (owner, reserve) = (Owner::new(owner), ReserveId(reserve));
            if part == WHOLE {
                return market.repay_all(owner, reserve).map(drop);
            }
            let amount = part_of::<L>(market.debt(owner, reserve)?, part);
            market.repay(owner, reserve, amount).map(drop)
        }
        Operation::Transfer { from, to, reserve, part } => {
            let (from, to, reserve) = (Owner::new(from), Owner::new(to), ReserveId(reserve));
            let amount = part_of::<L>(market.balance(from, reserve)?, part);
            market.transfer(from, to, reserve, amount)
        }
        Operation::Collateral { owner, reserve, on } => market.set_collateral(Owner::new(owner), ReserveId(reserve), on),
        Operation::Liquidate { owner, debt, receive_atoken, log_value } => {
            let (debt, collateral) = (ReserveId(debt), ReserveId(1 - debt));
            let who = Liquidation { liquidator: Owner::new(4), owner: Owner::new(owner), debt, collateral, receive_atoken };
            let amount = worth(market, debt, 10f64.powf(log_value));
            market.liquidate(&who, amount).map(drop)
        }
        Operation::Mint { reserve } => market.mint_to_treasury(ReserveId(reserve)).map(drop),
        Operation::Price { change } => {
            let ether = market.reserve(ETHER).unwrap().price();
            let moved = L::amount_to_f64(ether) * (1.0 + change);
            market.set_price(ETHER, L::amount_from_f64(moved).unwrap())
        }
        Operation::Wait { seconds } => market.set_time(market.time() + seconds),
    }
}

/// Balances and what the treasury is owed are covered by what is there and what is owed, up to roundings and the difference between
/// simple and compounded interest; scaled positions add up; indices have not fallen.
fn check<L: Formulas>(market: &Market<L>, before: &Market<L>, steps: f64) -> Result<(), TestCaseError> {
    for (reserve, before) in market.reserves().iter().zip(before.reserves()) {
        let now = market.time();
        let sum = |part: fn(&crate::lending::Position<L>) -> L::Amount| {
            reserve.positions().map(|(_, position)| L::amount_to_f64(part(position))).sum::<f64>()
        };
        let (supplied, owed) = (sum(|position| position.supplied_scaled), sum(|position| position.debt_scaled));
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs() + 1e-12;
        prop_assert!(near(supplied, L::amount_to_f64(reserve.supplied_scaled())));
        prop_assert!(near(owed, L::amount_to_f64(reserve.debt_scaled())));
        prop_assert!(reserve.supply_index() >= before.supply_index() && reserve.borrow_index() >= before.borrow_index());
        prop_assert!(reserve.supply_index() >= L::ONE && reserve.borrow_index() >= L::ONE);
        prop_assert!(reserve.normalized_income(now).unwrap() >= reserve.supply_index());

        let claims = L::amount_to_f64(
            L::from_scaled(
                L::checked_add(reserve.supplied_scaled(), reserve.treasury_scaled()).unwrap(),
                reserve.normalized_income(now).unwrap(),
            )
            .unwrap(),
        );
        let covered = L::amount_to_f64(reserve.liquidity()) + L::amount_to_f64(reserve.total_debt(now).unwrap());
        // A few smallest units for every operation.
        let dust = 4.0 * steps * L::amount_to_f64(L::ONE).max(1.0) / L::amount_to_f64(L::ONE);
        prop_assert!(claims <= covered * (1.0 + 1e-9) + dust, "claims {claims} covered {covered}");
    }
    Ok(())
}

fn holds<L: Formulas>(operations: &[Operation]) -> Result<(), TestCaseError> {
    let mut market = market::<L>();
    for (step, operation) in operations.iter().enumerate() {
        let before = market.clone();
        let result = run(&mut market, *operation);
        if result.is_err() {
            prop_assert!(market == before, "{operation:?} was refused and changed something: {result:?}");
        }
        #[allow(clippy::cast_precision_loss)]
        check(&market, &before, (step + 1) as f64)?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn exact_markets_are_sound(operations in prop::collection::vec(operation(), 1..80)) {
        holds::<Exact>(&operations)?;
    }

    #[test]
    fn fast_markets_are_sound(operations in prop::collection::vec(operation(), 1..80)) {
        holds::<Fast>(&operations)?;
    }
}

/// After a loan, and after a withdrawal by somebody who owes, the account is not on the brink.
#[test]
fn nobody_leaves_himself_unhealthy() {
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() },
        proptest::test_runner::TestRng::from_seed(proptest::test_runner::RngAlgorithm::ChaCha, &[5; 32]),
    );
    runner
        .run(&prop::collection::vec(operation(), 1..80), |operations| {
            let mut market = market::<Exact>();
            for operation in operations {
                let passed = run(&mut market, operation).is_ok();
                if let (true, Operation::Borrow { owner, .. } | Operation::Withdraw { owner, .. }) = (passed, operation) {
                    let account = market.account(Owner::new(owner)).unwrap();
                    let withdrew_other = matches!(operation, Operation::Withdraw { reserve, .. } if !market.reserve(ReserveId(reserve)).unwrap().position(Owner::new(owner)).is_collateral);
                    prop_assert!(account.health() >= 1.0 || withdrew_other, "{operation:?} leaves {account:?}");
                }
            }
            Ok(())
        })
        .unwrap();
}
