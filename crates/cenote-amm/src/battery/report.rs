//! What came out.

use core::fmt;
use std::collections::{BTreeMap, BTreeSet};

use super::checker::{Checker, Violation};
use super::trial::Notes;

/// A property that a pool has not, shown by the smallest sequence of operations that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    violation: Violation,
    pool: String,
    steps: Vec<String>,
}

impl Failure {
    pub(super) fn new(violation: Violation, pool: String, steps: Vec<String>) -> Self {
        Self { violation, pool, steps }
    }

    /// Which property, and the numbers.
    pub fn violation(&self) -> &Violation {
        &self.violation
    }

    /// The pool as it was at first, by its `Debug` text.
    pub fn pool(&self) -> &str {
        &self.pool
    }

    /// The operations in words and numbers; the last one shows the violation.
    pub fn steps(&self) -> &[String] {
        &self.steps
    }
}

/// How much of a pool's text a report prints.
const LONG: usize = 1500;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.violation)?;
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "  {}. {step}", number + 1)?;
        }
        let short: String = self.pool.chars().take(LONG).collect();
        let rest = if short.len() < self.pool.len() { " ..." } else { "" };
        writeln!(f, "  on {short}{rest}")
    }
}

/// What a [`Battery`](super::Battery) found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a report that nobody reads passes everything: assert that it passed"]
pub struct Report {
    checkers: BTreeSet<Checker>,
    applied: BTreeMap<Checker, u64>,
    operations: u64,
    succeeded: u64,
    failures: Vec<Failure>,
    aborted: Option<String>,
}

impl Report {
    pub(super) fn new(checkers: BTreeSet<Checker>) -> Self {
        Self { checkers, applied: BTreeMap::new(), operations: 0, succeeded: 0, failures: Vec::new(), aborted: None }
    }

    pub(super) fn count(&mut self, notes: Notes) {
        for (checker, times) in notes.applied {
            *self.applied.entry(checker).or_default() += times;
        }
        self.operations += notes.operations;
        self.succeeded += notes.succeeded;
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        self.failures.push(failure);
    }

    pub(super) fn abort(&mut self, reason: &str) {
        self.aborted = Some(reason.to_owned());
    }

    /// Whether every checker ran and found nothing.
    pub fn passed(&self) -> bool {
        self.failures.is_empty() && self.aborted.is_none() && self.idle().next().is_none()
    }

    /// The properties that the pool has not, in the order in which they were found.
    pub fn failures(&self) -> &[Failure] {
        &self.failures
    }

    /// The checkers that found something.
    pub fn failed(&self) -> BTreeSet<Checker> {
        self.failures.iter().map(|failure| failure.violation.checker()).collect()
    }

    /// How many times a checker had something to check, while failures shrank included.
    pub fn applied(&self, checker: Checker) -> u64 {
        self.applied.get(&checker).copied().unwrap_or(0)
    }

    /// Checkers that never had anything to check: what they say of the pool is nothing.
    pub fn idle(&self) -> impl Iterator<Item = Checker> {
        let failed = self.failed();
        self.checkers.iter().copied().filter(move |checker| self.applied(*checker) == 0 && !failed.contains(checker))
    }

    /// Panics with the report unless it [`passed`](Self::passed).
    ///
    /// # Panics
    /// Unless it passed.
    pub fn assert_passed(&self) {
        assert!(self.passed(), "\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} properties hold over {} operations, of which {} succeeded",
            self.checkers.len() - self.failed().len() - self.idle().count(),
            self.checkers.len(),
            self.operations,
            self.succeeded
        )?;
        for failure in &self.failures {
            write!(f, "\n{failure}")?;
        }
        for checker in self.idle() {
            writeln!(f, "\n{checker}: never had anything to check; make more operations succeed, or switch it off")?;
        }
        if let Some(reason) = &self.aborted {
            writeln!(f, "\naborted: {reason}")?;
        }
        Ok(())
    }
}
