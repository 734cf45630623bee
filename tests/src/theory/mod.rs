//! Published results, simulated by the general engine: one table of cases for the tests and for the command `theory`.
//!
//! A [`Case`] runs studies, or worlds with an agent, a pool or a strategy of its own, and returns [`Check`]s: what was estimated, what is
//! expected, and how many standard errors lie between. Expectations are computed by the formulas of each file at the parameters that
//! were run (a fee is a whole number of millionths), after the same formulas gave the published values at the published parameters.
//! Where the theory is a limit, a case runs a few steps towards it, extrapolates, and says what the extrapolation may be off.

mod blocks;
mod gas;
mod grid_pool;
mod growth;
mod jumps;
mod lattice;
mod losses;
pub mod order_flow;
mod partial;
mod providers;
mod published;
mod ranges;
mod rates;
mod reserves;
pub mod yields;

use cenote_study::stats::Estimate;
use cenote_study::{Study, StudyResult};

pub use published::{Published, published};

/// How long a case may take, and with which random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    full: bool,
    repetition: u64,
}

impl Effort {
    /// Some seconds, for a test: fewer paths, or fewer cells of a table.
    pub const TEST: Self = Self { full: false, repetition: 0 };
    /// All that is published, known well.
    pub const FULL: Self = Self { full: true, repetition: 0 };

    /// The same with other random numbers. What is off by chance is off once.
    pub fn repeated(self, repetition: u64) -> Self {
        Self { repetition, ..self }
    }

    /// Whether everything is run.
    pub fn is_full(self) -> bool {
        self.full
    }

    /// One of two.
    pub fn pick<T>(self, test: T, full: T) -> T {
        if self.full { full } else { test }
    }

    /// The seed of a run that has this number: samples of one seed would err together.
    fn seed(self, number: u64) -> u64 {
        10_000_000 * self.repetition + number
    }
}

/// One published result, or several that one run settles.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Names in the table of published values.
    pub ids: &'static [&'static str],
    /// Whether it is short enough for a test.
    pub in_tests: bool,
    /// Runs it.
    pub run: fn(Effort) -> Vec<Check>,
}

/// All cases.
pub const CASES: &[Case] = &[
    losses::TELESCOPES,
    losses::MEAN_REVERSION,
    losses::JUMPS,
    losses::STABLESWAP,
    losses::SINGLE,
    growth::CONSTANT_PRODUCT,
    growth::DRIFT,
    growth::WEIGHTED,
    ranges::SURVIVAL,
    ranges::TIME_INSIDE,
    ranges::COUNT,
    ranges::CYCLE,
    blocks::RANDOM_TABLE,
    blocks::RANDOM_EXACT,
    gas::GAS,
    blocks::EQUAL_WALK,
    blocks::EQUAL_TABLE,
    blocks::EQUAL_EXACT,
    blocks::GAMMA,
    jumps::BY_INTERVAL,
    jumps::BY_RATE,
    partial::PARTIAL,
    order_flow::ORDER_FLOW,
    providers::MOMENTS,
    providers::RANGES,
    providers::DEPEG,
    rates::RATES,
    rates::SCATTER,
    rates::BREAK_EVEN,
    growth::CONSTANT_MIX,
    lattice::LATTICE,
    yields::REWARDS,
    yields::BOOST,
    yields::RATES,
    yields::COMPOUNDING,
];

/// An estimate beside what theory says.
#[derive(Clone, Debug)]
pub struct Check {
    /// Which published result.
    pub case: &'static str,
    /// What is measured, and where.
    pub quantity: String,
    /// Of the simulation.
    pub estimate: Estimate,
    /// Of the theory, for the parameters that were run.
    pub expected: f64,
    /// The published value, for the published parameters.
    pub published: Option<f64>,
    /// By how much the theory itself may be off there, in the unit of the estimate: it is a limit, or leaves out a small term.
    pub tolerance: f64,
}

impl Check {
    /// Without published value or tolerance.
    pub fn new(case: &'static str, quantity: impl Into<String>, estimate: Estimate, expected: f64) -> Self {
        Self { case, quantity: quantity.into(), estimate, expected, published: None, tolerance: 0.0 }
    }

    /// Beside what is published.
    pub fn published(self, value: f64) -> Self {
        Self { published: Some(value), ..self }
    }

    /// Of a theory that is off by this much, at most.
    pub fn within(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// Standard errors from what is expected, beyond the tolerance.
    pub fn z(&self) -> f64 {
        let off = self.estimate.mean - self.expected;
        let beyond = off.abs() - self.tolerance;
        // An estimate without chance has no standard error, and nothing may be beyond.
        if beyond <= 0.0 { 0.0 } else { beyond.copysign(off) / self.estimate.standard_error }
    }

    /// Whether that is chance.
    pub fn agrees(&self) -> bool {
        self.z().abs() <= crate::statistics::Z_MAX
    }
}

/// Runs a study file with these changes.
///
/// # Panics
/// It cannot be read or run: the error says why.
pub fn run_study(text: &str, changes: &[String]) -> StudyResult {
    let changes: Vec<&str> = changes.iter().map(String::as_str).collect();
    let study = Study::parse(text, "theory.toml", &changes).unwrap_or_else(|error| panic!("{error}"));
    study.run().unwrap_or_else(|error| panic!("{error}"))
}

/// Mean of a metric of the pool `main`.
///
/// # Panics
/// The result has no such metric.
pub fn of_pool(result: &StudyResult, metric: &str) -> Estimate {
    result.pool("main", metric).unwrap_or_else(|error| panic!("{error}")).mean
}

/// An estimate in another unit.
pub fn scaled(estimate: Estimate, factor: f64) -> Estimate {
    Estimate { mean: estimate.mean * factor, standard_error: estimate.standard_error * factor.abs() }
}
