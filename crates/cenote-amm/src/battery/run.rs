//! The battery: what to run, how often, and running it.

use core::cell::{Cell, RefCell};
use core::fmt;
use core::fmt::Debug;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};

use super::checker::{Checker, Violation};
use super::checks::Snapshot;
use super::fungible::fungible_operations;
use super::lane::BatteryLane;
use super::ranged::ranged_operations;
use super::report::{Failure, Report};
use super::size::Deposits;
use super::slack::Slack;
use super::trial::{self, Notes};
use crate::pool::{Amount, FungibleLiquidity, Pool, RangedLiquidity, TokenIndex};

/// All properties of a pool, over random sequences of operations.
///
/// ```
/// use cenote_amm::battery::{Battery, Checker, Slack};
/// use cenote_amm::{ConstantProduct, Exact};
///
/// let report = Battery::new()
///     .cases(50)
///     .decimals(&[18, 6])
///     .slack(Checker::SplitTrade, Slack::NONE)
///     .fungible_pool(ConstantProduct::<Exact>::uniswap_v2());
/// assert!(report.passed(), "{report}");
/// assert!(report.applied(Checker::RoundTrip) > 100);
/// ```
pub struct Battery<P: Pool> {
    cases: Option<u32>,
    length: usize,
    seed: Option<u64>,
    source: Option<(&'static str, &'static str)>,
    checkers: BTreeSet<Checker>,
    slacks: BTreeMap<Checker, Slack>,
    pub(super) deposits: Deposits,
    pub(super) holdings: Option<Holdings<P>>,
    pub(super) protocol_takes: bool,
    pub(super) snapshot: Snapshot<P>,
}

/// What a pool has of a token, all told.
pub type Holdings<P> = fn(&P, TokenIndex) -> Amount<P>;

impl<P: Pool> Debug for Battery<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Battery")
            .field("checkers", &self.checkers)
            .field("slacks", &self.slacks)
            .field("deposits", &self.deposits)
            .finish_non_exhaustive()
    }
}

impl<P: Pool + Debug> Default for Battery<P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Pool + Debug> Battery<P> {
    /// All checkers with their default slack; as many cases as proptest's configuration says (256, or `PROPTEST_CASES`); up to 24
    /// operations after the first deposit; tokens with 18 decimals, first deposits at most 10³ apart.
    pub fn new() -> Self {
        Self {
            cases: None,
            length: 24,
            seed: None,
            source: None,
            checkers: Checker::ALL.into(),
            slacks: BTreeMap::new(),
            deposits: Deposits::new(&[18]),
            holdings: None,
            protocol_takes: false,
            snapshot: |pool| format!("{pool:?}"),
        }
    }
}

impl<P: Pool> Battery<P> {
    /// So many sequences.
    #[must_use]
    pub fn cases(self, cases: u32) -> Self {
        Self { cases: Some(cases), ..self }
    }

    /// Up to so many operations after the first deposit.
    #[must_use]
    pub fn operations(self, length: usize) -> Self {
        Self { length, ..self }
    }

    /// The same sequences every time, whatever `PROPTEST_RNG_SEED` says.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Remembers failures beside this source file for the test of this name, as proptest does.
    #[must_use]
    pub fn source(self, file: &'static str, test: &'static str) -> Self {
        Self { source: Some((file, test)), ..self }
    }

    /// These checkers only.
    #[must_use]
    pub fn only(self, checkers: &[Checker]) -> Self {
        Self { checkers: checkers.iter().copied().collect(), ..self }
    }

    /// All checkers so far but this one.
    #[must_use]
    pub fn without(mut self, checker: Checker) -> Self {
        self.checkers.remove(&checker);
        self
    }

    /// What `checker` forgives.
    #[must_use]
    pub fn slack(mut self, checker: Checker, slack: Slack) -> Self {
        self.slacks.insert(checker, slack);
        self
    }

    /// The first deposits, and the decimals of the tokens.
    #[must_use]
    pub fn deposits(self, deposits: Deposits) -> Self {
        Self { deposits, ..self }
    }

    /// First deposits as usual, of tokens with these decimals, the last of them for all further ones.
    #[must_use]
    pub fn decimals(self, decimals: &[u8]) -> Self {
        self.deposits(Deposits::new(decimals))
    }

    /// What the pool has of each token, all told: reserves, positions, and what is the protocol's. By default the reserves.
    #[must_use]
    pub fn holdings(self, holdings: Holdings<P>) -> Self {
        Self { holdings: Some(holdings), ..self }
    }

    /// A protocol may take tokens out of the pool.
    #[must_use]
    pub fn protocol_takes(self) -> Self {
        Self { protocol_takes: true, ..self }
    }

    /// How the state of a pool is written down to be compared. By default `Debug`.
    #[must_use]
    pub fn snapshot(self, snapshot: Snapshot<P>) -> Self {
        Self { snapshot, ..self }
    }

    fn config(&self) -> Config {
        let mut config = Config { max_shrink_iters: 8192, ..Config::default() };
        config.cases = self.cases.unwrap_or(config.cases);
        if let Some(seed) = self.seed {
            config.rng_seed = RngSeed::Fixed(seed);
        }
        match self.source {
            Some((file, test)) => (config.source_file, config.test_name) = (Some(file), Some(test)),
            None => config.failure_persistence = None,
        }
        config
    }
}

impl<P> Battery<P>
where
    P: Pool,
    P::Lane: BatteryLane,
{
    pub(super) fn slack_of(&self, checker: Checker) -> Slack {
        self.slacks.get(&checker).copied().unwrap_or_else(|| checker.default_slack::<P::Lane>())
    }
}

impl<P> Battery<P>
where
    P: FungibleLiquidity + Clone + Debug + 'static,
    P::Lane: BatteryLane,
{
    /// Runs on a pool with LP tokens, empty or not.
    pub fn fungible_pool(&self, pool: P) -> Report {
        self.fungible(Just(pool))
    }

    /// Runs on pools with LP tokens, empty or not.
    pub fn fungible(&self, pools: impl Strategy<Value = P> + 'static) -> Report {
        let operations = fungible_operations(&self.deposits, self.length);
        self.run(&(pools, operations).boxed(), Checker::is_fungible, |(pool, operations), notes| {
            trial::fungible(self, pool, operations, notes)
        })
    }
}

impl<P> Battery<P>
where
    P: RangedLiquidity + Clone + Debug + 'static,
    P::Lane: BatteryLane,
{
    /// Runs on a pool with ranged liquidity that has a price, and no liquidity yet.
    pub fn ranged_pool(&self, pool: P) -> Report {
        self.ranged(Just(pool))
    }

    /// Runs on pools with ranged liquidity that have a price, and no liquidity yet.
    pub fn ranged(&self, pools: impl Strategy<Value = P> + 'static) -> Report {
        let operations = ranged_operations(&self.deposits, self.length);
        let relevant = |checker: Checker| checker.is_ranged() && (checker != Checker::Conservation || self.holdings.is_some());
        self.run(&(pools, operations).boxed(), relevant, |(pool, operations), notes| trial::ranged(self, pool, operations, notes))
    }
}

impl<P: Pool + Clone + Debug> Battery<P> {
    /// Runs until every checker has passed or failed: whichever fails first is reported with its smallest sequence, and the others
    /// go on without it.
    fn run<O: Clone + Debug>(
        &self,
        cases: &BoxedStrategy<(P, Vec<O>)>,
        relevant: impl Fn(Checker) -> bool,
        trial: impl Fn((P, &[O]), &mut Notes) -> Result<(), Violation>,
    ) -> Report {
        let attempt = |pool: P, operations: &[O], notes: &mut Notes| {
            let outcome = catch_unwind(AssertUnwindSafe(|| trial((pool, operations), notes)));
            match outcome {
                Ok(result) => {
                    *notes.applied.entry(Checker::NoPanic).or_default() += 1;
                    result
                }
                Err(_) if !notes.active.contains(&Checker::NoPanic) => Ok(()),
                Err(panic) => Err(Violation::new(Checker::NoPanic, message_of(panic.as_ref()))),
            }
        };
        let mut remaining: BTreeSet<Checker> = self.checkers.iter().copied().filter(|checker| relevant(*checker)).collect();
        let mut report = Report::new(remaining.clone());
        let config = self.config();
        while !remaining.is_empty() {
            // While a failure shrinks, it has to stay the same one.
            let culprit: Cell<Option<Checker>> = Cell::new(None);
            let notes = RefCell::new(Notes { active: remaining.clone(), ..Notes::default() });
            let result = TestRunner::new(config.clone()).run(cases, |(pool, operations)| {
                let notes = &mut *notes.borrow_mut();
                if let Some(checker) = culprit.get() {
                    notes.active = [checker].into();
                }
                attempt(pool, &operations, notes).map_err(|violation| {
                    culprit.set(Some(violation.checker()));
                    TestCaseError::fail(violation.to_string())
                })
            });
            report.count(notes.into_inner());
            match result {
                Ok(()) => break,
                Err(TestError::Abort(reason)) => {
                    report.abort(reason.message());
                    break;
                }
                Err(TestError::Fail(reason, (pool, operations))) => {
                    let Some(checker) = culprit.get() else {
                        report.abort(reason.message());
                        break;
                    };
                    let shows = |operations: &[O], notes: &mut Notes| {
                        notes.active = [checker].into();
                        attempt(pool.clone(), operations, notes).err()
                    };
                    let operations = necessary(operations, |rest| shows(rest, &mut Notes::default()).is_some());
                    let mut notes = Notes { steps: Some(Vec::new()), ..Notes::default() };
                    let violation = shows(&operations, &mut notes);
                    let violation = violation.unwrap_or_else(|| Violation::new(checker, format!("not twice the same: {reason}")));
                    report.fail(Failure::new(violation, format!("{pool:?}"), notes.steps.unwrap_or_default()));
                    remaining.remove(&checker);
                }
            }
        }
        report
    }
}

/// The operations without those that a failure does not need: proptest drops operations before it makes the others smaller, which may make
/// more of them superfluous.
fn necessary<O: Clone>(operations: Vec<O>, fails: impl Fn(&[O]) -> bool) -> Vec<O> {
    let mut operations = operations;
    let mut index = 0;
    while index < operations.len() {
        let mut fewer = operations.clone();
        fewer.remove(index);
        if fails(&fewer) {
            (operations, index) = (fewer, 0);
        } else {
            index += 1;
        }
    }
    operations
}

/// What a panic said.
fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    format!("panicked: {}", text.unwrap_or("without a word"))
}
