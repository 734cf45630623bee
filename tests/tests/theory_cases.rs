//! Published results against the engine: the short runs of the table that the command `theory` prints whole.
//!
//! Seeds are fixed. Where a check fails after a change of the random numbers, run it once more with another seed: two failures are a
//! fault, one is chance (one check in 16,000).

use cenote_tests::shared::{needed, shared_or_leave_out};
use cenote_tests::theory::{CASES, Effort, Published};
use serde_json::Value;

/// Runs a case and holds its every check to four standard errors.
fn holds(id: &str) {
    let case = CASES.iter().find(|case| case.ids.contains(&id)).unwrap_or_else(|| panic!("no case {id}"));
    let checks = (case.run)(Effort::TEST);
    assert!(!checks.is_empty());
    for check in &checks {
        let z = check.z();
        println!("{} {}: {:?}, expected {}, z = {z:+.2}", check.case, check.quantity, check.estimate, check.expected);
        assert!(case.ids.contains(&check.case), "{} is not announced", check.case);
        assert!(check.agrees(), "{check:?}: z = {z:+.2}");
    }
    for id in case.ids {
        assert!(checks.iter().any(|check| check.case == *id), "{id} is announced, and not checked");
    }
}

macro_rules! cases {
    ($($test:ident $id:literal)*) => {
        $(#[test] fn $test() { holds($id); })*

        /// Every short case has its test.
        #[test]
        fn no_case_is_left_out() {
            let tested = [$($id),*];
            for case in CASES.iter().filter(|case| case.in_tests) {
                assert!(case.ids.iter().any(|id| tested.contains(id)), "{:?} has no test", case.ids);
            }
        }
    };
}

cases! {
    arbitrage_profits_telescope "lvr-telescopes"
    a_price_that_reverts "expou-lvr"
    jumps_without_fee "lvr-jump-frictionless"
    a_pool_of_stable_coins "stableswap-lvr-coeff"
    a_single_arbitrage "elsts-single-arb"
    growth_by_fee "tw-growth-cpmm"
    growth_by_drift "tw-growth-drift"
    growth_by_weight "g3m-growth"
    ranges_that_are_not_left "range-survival"
    time_in_a_range "time-in-range"
    ranges_that_are_moved "reset-count"
    cycles_of_a_range "reset-cycle-a"
    jumps_and_a_fee "bundi-blocktimes"
    jumps_by_their_number "bundi-table3"
    a_partially_active_pool "pa-amm"
    order_flow_that_answers_to_fees "dynfee-ctmc-l100-k2"
    blocks_of_gamma_times "random-blocks-gamma"
    arbitrage_that_pays_gas "gas-poisson-a"
    random_blocks_by_fee_and_interval "mmr-table1"
    random_blocks_exactly "mmr-cpmm-exact-a"
    equal_blocks_by_width "det-blocks-g0.1"
    equal_blocks_by_fee_and_interval "det-table1"
    equal_blocks_exactly "det-blocks-12s-30bp"
    moments_of_value "gbm-lp-moments-a"
    value_between_two_prices "gbm-v3-ev-a"
    pegs_that_break "depeg-cpmm"
    losses_by_curve "lvr-rate-cpmm"
    losses_that_scatter "lvr-chi2"
    volume_that_pays_for_losses "breakeven-turnover"
    growth_without_fee "constant-mix-limit"
    growth_on_a_lattice "tw-lattice"
    rewards_per_share "masterchef"
    votes_that_boost "curve-boost"
    rates_of_lending "aave-rates"
    intervals_of_compounding "compound-interval"
}

/// What is recorded here is what was published.
#[test]
fn the_table_is_the_published_one() {
    let Some(folder) = shared_or_leave_out("the published cases") else { return };
    let cases: Value = serde_json::from_str(&std::fs::read_to_string(needed(&folder, "theory/cases.json")).unwrap()).unwrap();
    let cases = cases.as_array().expect("a list of cases");
    for ours in Published::all() {
        let theirs = cases.iter().find(|case| case["id"] == ours.id()).unwrap_or_else(|| panic!("{} is not published", ours.id()));
        for part in ["inputs", "expected"] {
            assert_eq!(ours.value()[part], theirs[part], "{} of {}", part, ours.id());
        }
    }
}
