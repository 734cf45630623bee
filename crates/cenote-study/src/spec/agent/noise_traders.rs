//! Traders who know nothing.

use serde::Serialize;

use super::arrivals::ArrivalsSpec;
use super::size::SizeSpec;
use crate::key_path::KeyPath;
use crate::problem::Checked;
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// Trades that arrive at random times, each in one direction or the other with equal probability.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoiseTradersSpec {
    /// When trades come, in every pool.
    pub arrivals: ArrivalsSpec,
    /// The distribution of a trade's size.
    pub size: SizeSpec,
}

pub(super) const KEYS: &[Key] = &[
    Key::new("arrivals", "\"150 per day\""),
    Key::new("size", "{ distribution = \"lognormal\", median = \"1_500 USDC\", sigma = 1.2 }"),
];

impl NoiseTradersSpec {
    /// Trades of these arrivals and sizes.
    pub fn new(arrivals: impl Into<ArrivalsSpec>, size: SizeSpec) -> Self {
        Self { arrivals: arrivals.into(), size }
    }

    /// Trades at one pace, of a lognormal size.
    pub fn lognormal(arrivals: cenote_units::Frequency, median: cenote_units::TokenAmount, sigma: f64) -> Self {
        Self::new(arrivals, SizeSpec::Lognormal { median, sigma })
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { arrivals: fields.with("arrivals", &ArrivalsSpec::read)?, size: fields.with("size", &SizeSpec::read)? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        self.arrivals.model(&path.key("arrivals"))?;
        self.size.check(&path.key("size"), study)
    }
}
