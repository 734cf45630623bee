//! Who catches what: each fault by all checkers that should and by no other, with a short sequence.

use std::collections::BTreeSet;

use super::faulty::{Fault, Homemade};
use super::faulty_ranged::{RangedFault, Wrapped};
use crate::battery::{Battery, Checker, Deposits, Report, Slack};

use Checker::{
    Conservation, FailureChangesNothing, FeesOwed, InvariantInSwap, InvariantPerLpToken, MintBurn, NoPanic, OrderOfLiquidity,
    OutcomeHonoursRequest, PricesConvex, QuoteEqualsSwap, RoundTrip, RoundingFavoursPool, Shares, Solvency, SplitTrade, SwapTo,
};

/// The longest sequence that a fault needs, the first deposit included.
const LONGEST: usize = 3;

const FAULTS: &[(Fault, &[Checker])] = &[
    (Fault::RoundsOutputUp, &[InvariantInSwap, InvariantPerLpToken, RoundTrip, RoundingFavoursPool]),
    (Fault::RoundsInputDown, &[InvariantInSwap, InvariantPerLpToken, RoundTrip, RoundingFavoursPool]),
    (Fault::FreeUnit, &[InvariantInSwap, InvariantPerLpToken, RoundTrip, RoundingFavoursPool, SwapTo]),
    (
        Fault::FeeHasWrongSign,
        &[InvariantInSwap, InvariantPerLpToken, RoundTrip, RoundingFavoursPool, SplitTrade, PricesConvex, SwapTo],
    ),
    (Fault::FeeOnOneSide, &[SwapTo]),
    (Fault::FeeVanishes, &[Conservation]),
    (Fault::FeeGrowsWithSize, &[SplitTrade, SwapTo]),
    (Fault::DiscountForSize, &[PricesConvex, SwapTo]),
    (Fault::QuoteForgetsFee, &[QuoteEqualsSwap]),
    (Fault::QuoteCounts, &[QuoteEqualsSwap]),
    (Fault::FailureTakesPayment, &[FailureChangesNothing]),
    (Fault::Panics, &[NoPanic]),
    (Fault::TakesOneMore, &[OutcomeHonoursRequest]),
    (Fault::MintTakesMore, &[OutcomeHonoursRequest]),
    (Fault::MintGivesMore, &[InvariantPerLpToken, MintBurn, OrderOfLiquidity]),
    (Fault::MintsTakeTurns, &[OrderOfLiquidity]),
    (Fault::BurnPaysMore, &[InvariantPerLpToken, MintBurn, OrderOfLiquidity]),
    (Fault::BurnForgetsSupply, &[Shares, InvariantPerLpToken, MintBurn, OrderOfLiquidity]),
    (Fault::TransferCopies, &[Shares]),
    (Fault::PriceInverted, &[PricesConvex, SwapTo]),
    (Fault::NeverSwapsTo, &[SwapTo]),
    (Fault::SwapsToFar, &[SwapTo]),
];

const RANGED_FAULTS: &[(RangedFault, &[Checker])] = &[
    (RangedFault::MintChargesLess, &[Conservation, MintBurn, Solvency]),
    (RangedFault::CollectsTwice, &[Conservation, MintBurn, Solvency]),
    (RangedFault::CountsOneMore, &[Shares]),
    (RangedFault::MintsEatFees, &[FeesOwed]),
    (RangedFault::KeepsTheLast, &[Solvency]),
    (RangedFault::MintsTakeTurns, &[OrderOfLiquidity]),
    (RangedFault::SwapsCreate, &[Conservation]),
];

fn report(pool: Homemade) -> Report {
    Battery::new().cases(128).seed(1).fungible_pool(pool)
}

fn ranged_report(fault: Option<RangedFault>) -> Report {
    let steps = Slack::units(1000.0);
    Battery::new()
        .cases(128)
        .seed(1)
        .deposits(Deposits::new(&[18]).ordinary())
        .holdings(Wrapped::holdings)
        .slack(SplitTrade, steps)
        .slack(PricesConvex, steps)
        .slack(SwapTo, steps.and_relative(1e-15))
        .ranged_pool(Wrapped::new(fault))
}

#[track_caller]
fn assert_caught(fault: &str, report: &Report, by: &[Checker]) {
    assert_eq!(report.failed(), by.iter().copied().collect::<BTreeSet<_>>(), "{fault}: {report}");
    for failure in report.failures() {
        assert!((1..=LONGEST).contains(&failure.steps().len()), "{fault} took long: {failure}");
        assert!(report.to_string().contains(failure.violation().message()));
    }
}

#[test]
fn sound_pools_pass() {
    let report = report(Homemade::sound());
    assert!(report.passed(), "{report}");
    let report = ranged_report(None);
    assert!(report.passed(), "{report}");
}

#[test]
fn each_fault_is_caught() {
    for (fault, by) in FAULTS {
        assert_caught(&format!("{fault:?}"), &report(Homemade::with(*fault)), by);
    }
}

#[test]
fn each_fault_of_ranged_liquidity_is_caught() {
    for (fault, by) in RANGED_FAULTS {
        assert_caught(&format!("{fault:?}"), &ranged_report(Some(*fault)), by);
    }
}

/// A checker that catches nothing proves nothing.
#[test]
fn each_checker_catches_something() {
    let lists = FAULTS.iter().map(|(_, by)| *by).chain(RANGED_FAULTS.iter().map(|(_, by)| *by));
    let caught: BTreeSet<Checker> = lists.flatten().copied().collect();
    assert_eq!(caught, Checker::ALL.into());
}

#[test]
fn a_checker_that_never_ran_is_a_failure() {
    // Of a pool that refuses every deposit nothing can be said about swaps.
    let battery = Battery::new().cases(8).only(&[NoPanic, RoundTrip]).seed(1);
    let report = battery.fungible_pool(Homemade::sound());
    assert!(report.passed(), "{report}");
    let report = battery.fungible_pool(Homemade::with(Fault::RefusesAll));
    assert_eq!(report.idle().collect::<Vec<_>>(), [RoundTrip]);
    assert!(!report.passed() && report.failures().is_empty());
    assert!(report.to_string().contains("never had anything to check"));
}

#[test]
fn the_same_seed_finds_the_same() {
    let find = || report(Homemade::with(Fault::RoundsOutputUp));
    assert_eq!(find(), find());
}

#[test]
fn a_slack_forgives() {
    let forgiving = Battery::new().cases(128).seed(1).slack(OutcomeHonoursRequest, Slack::units(1.0));
    let report = forgiving.fungible_pool(Homemade::with(Fault::TakesOneMore));
    assert!(report.passed(), "{report}");
    let report = Battery::new().cases(128).seed(1).without(QuoteEqualsSwap).fungible_pool(Homemade::with(Fault::QuoteCounts));
    assert!(report.passed(), "{report}");
}

/// What a report looks like.
#[test]
fn reports_name_the_checker_the_steps_and_the_numbers() {
    let report = report(Homemade::with(Fault::FeeVanishes));
    let text = report.to_string();
    let mut lines = text.lines();
    assert!(lines.next().is_some_and(|line| line.starts_with("14 of 15 properties hold over ")), "{text}");
    assert_eq!(lines.next(), Some(""));
    assert!(lines.next().is_some_and(|line| line.starts_with("conservation: token ") && line.contains("off by")), "{text}");
    assert!(
        lines.next().is_some_and(|line| line.starts_with("  1. owner 1 mints with ") && line.contains("-> paid in ")),
        "{text}"
    );
    assert!(lines.next().is_some_and(|line| line.starts_with("  2. swap ")), "{text}");
    assert!(lines.next().is_some_and(|line| line.starts_with("  on Homemade {")), "{text}");
}
