//! Checks of single quantities that many tables share.

use cenote_units::{Fraction, SimDuration};

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};

/// A fraction from 0% to 100%.
pub(super) fn require_part(part: Fraction, path: KeyPath, what: &str, example: &str) -> Checked<()> {
    require(part, path, what, example, (0.0..=1.0).contains(&part.get()), "from 0% to 100%")
}

/// A fraction from 0% to 100%, not 100% itself.
pub(super) fn require_fee(part: Fraction, path: KeyPath, what: &str, example: &str) -> Checked<()> {
    require(part, path, what, example, (0.0..1.0).contains(&part.get()), "from 0% to below 100%")
}

fn require(part: Fraction, path: KeyPath, what: &str, example: &str, ok: bool, expected: &str) -> Checked<()> {
    if ok {
        return Ok(());
    }
    Err(Problem::new(path, format!("{what} of {part}"))
        .with_found(format!("\"{part}\""))
        .with_expected(expected)
        .with_example(example))
}

/// A duration above zero.
pub(super) fn require_time(time: SimDuration, path: KeyPath, what: &str, example: &str) -> Checked<()> {
    if !time.is_zero() {
        return Ok(());
    }
    Err(Problem::new(path, what).with_found("\"0s\"").with_expected("a duration above zero").with_example(example))
}
