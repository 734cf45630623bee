//! How large a trade is: `size = { distribution = "lognormal", .. }`, or an amount that is always the same.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use cenote_paths::PathError;
use cenote_paths::history::read_column;
use cenote_paths::sizes::{Constant, Empirical, Lognormal, Pareto, SizeModel};
use cenote_units::TokenAmount;
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key, Kind};
use crate::spec::StudySpec;

/// How large a trade is: the value of what goes in, at the outside price.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "distribution", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SizeSpec {
    /// `lognormal`: `median` x exp(`sigma` Z).
    Lognormal {
        /// Half of the trades are smaller.
        median: TokenAmount,
        /// Standard deviation of the log size.
        sigma: f64,
    },
    /// `pareto`: larger than x with probability (`minimum`/x)^`tail`.
    Pareto {
        /// The smallest.
        minimum: TokenAmount,
        /// Tail index, above 1: the smaller, the heavier the tail.
        tail: f64,
    },
    /// `empirical`: the numbers of a column of a CSV file, drawn with replacement.
    Empirical {
        /// The file; a relative path starts from the folder of the study file.
        file: String,
        /// The column that holds the sizes.
        column: String,
        /// What a size of one is worth.
        unit: TokenAmount,
    },
    /// `"500 USDC"`: always the same.
    #[serde(untagged)]
    Constant(TokenAmount),
}

const DISTRIBUTION: Key = Key::new("distribution", "\"lognormal\"");

/// The distributions of sizes that a study file can name.
const DISTRIBUTIONS: &[Kind<SizeSpec>] = &[
    Kind {
        name: "lognormal",
        keys: &[Key::new("median", "\"1_500 USDC\""), Key::new("sigma", "1.2")],
        read: |fields| Ok(SizeSpec::Lognormal { median: fields.required("median")?, sigma: fields.required("sigma")? }),
    },
    Kind {
        name: "pareto",
        keys: &[Key::new("minimum", "\"200 USDC\""), Key::new("tail", "2.5")],
        read: |fields| Ok(SizeSpec::Pareto { minimum: fields.required("minimum")?, tail: fields.required("tail")? }),
    },
    Kind {
        name: "empirical",
        keys: &[Key::new("file", "\"trades.csv\""), Key::new("column", "\"amount\""), Key::new("unit", "\"1 USDC\"")],
        read: |fields| {
            Ok(SizeSpec::Empirical {
                file: fields.required("file")?,
                column: fields.required("column")?,
                unit: fields.required("unit")?,
            })
        },
    },
];

impl SizeSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        if !item.is_table() {
            return Ok(Self::Constant(item.read()?));
        }
        let table = item.table()?;
        let kind = table.kind(DISTRIBUTION, "distribution", DISTRIBUTIONS)?;
        (kind.read)(&table.fields(&[&[DISTRIBUTION], kind.keys])?)
    }

    /// The amount that the others are reckoned in, its key, and an example.
    fn scale(&self) -> (&TokenAmount, Option<&'static str>, &'static str) {
        match self {
            Self::Constant(amount) => (amount, None, "size = \"500 USDC\""),
            Self::Lognormal { median, .. } => (median, Some("median"), "median = \"1_500 USDC\""),
            Self::Pareto { minimum, .. } => (minimum, Some("minimum"), "minimum = \"200 USDC\""),
            Self::Empirical { unit, .. } => (unit, Some("unit"), "unit = \"1 USDC\""),
        }
    }

    /// `path` is where the size stands in the study. A file is not looked at.
    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let (scale, key, example) = self.scale();
        let at = key.map_or_else(|| path.clone(), |key| path.key(key));
        study.require_value(scale, &at, "size", example)?;
        match self {
            // Of whatever they are worth: what is left to check has no unit.
            Self::Lognormal { sigma, .. } => Lognormal::new(1.0, *sigma).map(|_| ()).map_err(|error| {
                let message = "a spread of sizes that cannot be";
                refused(path.key("sigma"), message, sigma.to_string(), "sigma = 1.2", error)
            }),
            Self::Pareto { tail, .. } => Pareto::new(1.0, *tail)
                .map(|_| ())
                .map_err(|error| refused(path.key("tail"), "a tail that cannot be", tail.to_string(), "tail = 2.5", error)),
            Self::Constant(_) | Self::Empirical { .. } => Ok(()),
        }
    }

    /// The observed sizes, where there is a file of them; they are looked for in `folder`.
    pub(crate) fn load(&self, folder: &Path, path: &KeyPath) -> Checked<Option<Empirical>> {
        let Self::Empirical { file, column, .. } = self else { return Ok(None) };
        let full = folder.join(file);
        let opened = File::open(&full).map_err(|error| {
            Problem::new(path.key("file"), format!("cannot read {}: {error}", full.display()))
                .with_found(format!("{file:?}"))
                .with_expected("a CSV file; a relative path starts from the folder of the study file")
                .with_example("file = \"trades.csv\"")
                .with_cause(error)
        })?;
        let sizes = read_column(BufReader::new(opened), column).and_then(|sizes| Empirical::new(&sizes)).map_err(|error| {
            let (key, found, example) = match error {
                PathError::NoColumn { .. } => ("column", column, "column = \"amount\""),
                _ => ("file", file, "file = \"trades.csv\""),
            };
            Problem::new(path.key(key), format!("{}: {error}", full.display()))
                .with_found(format!("{found:?}"))
                .with_expected("a CSV file with a header and a column of sizes, none negative and one above zero")
                .with_example(example)
                .with_cause(error)
        })?;
        Ok(Some(sizes))
    }

    /// The distribution in the numeraire: `value` says what an amount is worth, `observed` is what [`load`](Self::load) found.
    ///
    /// # Errors
    /// Sizes that leave the range of floating point.
    pub(crate) fn model(
        &self,
        value: impl Fn(&TokenAmount) -> f64,
        observed: Option<&Empirical>,
    ) -> Result<Arc<dyn SizeModel>, PathError> {
        let scale = value(self.scale().0);
        Ok(match (self, observed) {
            (Self::Lognormal { sigma, .. }, _) => Lognormal::new(scale, *sigma)?.into(),
            (Self::Pareto { tail, .. }, _) => Pareto::new(scale, *tail)?.into(),
            (Self::Empirical { .. }, Some(observed)) => observed.scaled(scale)?.into(),
            (Self::Empirical { .. }, None) => Empirical::new(&[])?.into(),
            (Self::Constant(_), _) => Constant::new(scale)?.into(),
        })
    }
}

fn refused(at: KeyPath, message: &str, found: String, example: &str, error: PathError) -> Box<Problem> {
    let expected = match &error {
        PathError::Parameter { expected, .. } => *expected,
        _ => "a parameter in range",
    };
    Problem::new(at, message).with_found(found).with_expected(expected).with_example(example).with_cause(error)
}
