//! Traders who know nothing.

use cenote_units::{Frequency, TokenAmount};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key, Kind};
use crate::spec::StudySpec;

/// Trades that arrive as a Poisson process, each in one direction or the other with equal probability.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoiseTradersSpec {
    /// Expected trades per time, in every pool.
    pub arrivals: Frequency,
    /// The distribution of a trade's size.
    pub size: SizeSpec,
}

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
}

pub(super) const KEYS: &[Key] = &[
    Key::new("arrivals", "\"150 per day\""),
    Key::new("size", "{ distribution = \"lognormal\", median = \"1_500 USDC\", sigma = 1.2 }"),
];

const DISTRIBUTION: Key = Key::new("distribution", "\"lognormal\"");

/// The distributions of sizes that a study file can name.
const DISTRIBUTIONS: &[Kind<SizeSpec>] = &[Kind {
    name: "lognormal",
    keys: &[Key::new("median", "\"1_500 USDC\""), Key::new("sigma", "1.2")],
    read: |fields| Ok(SizeSpec::Lognormal { median: fields.required("median")?, sigma: fields.required("sigma")? }),
}];

impl NoiseTradersSpec {
    /// Trades of a lognormal size.
    pub fn lognormal(arrivals: Frequency, median: TokenAmount, sigma: f64) -> Self {
        Self { arrivals, size: SizeSpec::Lognormal { median, sigma } }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { arrivals: fields.required("arrivals")?, size: fields.with("size", &SizeSpec::read)? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let SizeSpec::Lognormal { median, sigma } = &self.size;
        let size = path.key("size");
        study.require_value(median, &size.key("median"), "size", "median = \"1_500 USDC\"")?;
        // Ten standard deviations of the log size have to stay within what a float can hold.
        if (0.0..=20.0).contains(sigma) {
            return Ok(());
        }
        Err(Problem::new(size.key("sigma"), "a spread of sizes that cannot be")
            .with_found(sigma.to_string())
            .with_expected("a number from 0 to 20, the standard deviation of the log size")
            .with_example("sigma = 1.2"))
    }
}

impl SizeSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = table.kind(DISTRIBUTION, "distribution", DISTRIBUTIONS)?;
        (kind.read)(&table.fields(&[&[DISTRIBUTION], kind.keys])?)
    }
}
