//! Traders who know where the price goes.

use cenote_units::{Fraction, Symbol};
use serde::Serialize;

use super::arrivals::ArrivalsSpec;
use super::noise_traders::probability;
use super::route::{self, read_pair};
use super::size::SizeSpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `kind = "informed-traders"`: trades that know the next price, as the last of a block.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InformedTradersSpec {
    /// The two tokens that are traded for each other; without it, the first two of the first pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<[Symbol; 2]>,
    /// What they do with what they know.
    #[serde(flatten)]
    pub trading: InformedTrading,
}

/// What informed traders do with what they know.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum InformedTrading {
    /// Trades that come at random times, of random sizes, the right way more often than not.
    Flow {
        /// When trades come.
        arrivals: ArrivalsSpec,
        /// The distribution of a trade's size.
        size: SizeSpec,
        /// Probability that a trade goes the way of the next move.
        accuracy: Fraction,
    },
    /// A trade in every pool to the edge of the band around a price on the way to the next.
    Edge {
        /// Which part of the way, in logarithms.
        to_edge: Fraction,
        /// Probability that there is somebody who knows, in each block.
        share: Fraction,
    },
}

pub(super) const KEYS: &[Key] = &[
    Key::new("pair", "[\"ETH\", \"USDC\"]"),
    Key::new("arrivals", "\"20 per day\""),
    Key::new("size", "{ distribution = \"lognormal\", median = \"10_000 USDC\", sigma = 1 }"),
    Key::new("accuracy", "\"80%\""),
    Key::new("to_edge", "\"50%\""),
    Key::new("share", "\"20%\""),
];

impl InformedTradersSpec {
    /// Trades of these arrivals and sizes, right with this probability.
    pub fn flow(arrivals: impl Into<ArrivalsSpec>, size: SizeSpec, accuracy: Fraction) -> Self {
        Self { pair: None, trading: InformedTrading::Flow { arrivals: arrivals.into(), size, accuracy } }
    }

    /// Arbitrage to a part of the way to the next price, in this share of blocks.
    pub fn edge(to_edge: Fraction, share: Fraction) -> Self {
        Self { pair: None, trading: InformedTrading::Edge { to_edge, share } }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let to_edge: Option<Fraction> = fields.optional("to_edge")?;
        let trading = if let Some(to_edge) = to_edge {
            excluded(fields, &["arrivals", "size", "accuracy"], "to_edge")?;
            InformedTrading::Edge { to_edge, share: fields.or("share", Fraction::ONE)? }
        } else {
            excluded(fields, &["share"], "arrivals")?;
            InformedTrading::Flow {
                arrivals: fields.with("arrivals", &ArrivalsSpec::read)?,
                size: fields.with("size", &SizeSpec::read)?,
                accuracy: fields.or("accuracy", Fraction::ONE)?,
            }
        };
        Ok(Self { pair: fields.optional_with("pair", &read_pair)?, trading })
    }

    pub(super) fn check(&self, pools: &[String], path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let ways = route::ways(pools, self.pair.as_ref(), study, path)?;
        match &self.trading {
            InformedTrading::Flow { arrivals, size, accuracy } => {
                arrivals.model(&path.key("arrivals"))?;
                size.check(&path.key("size"), study)?;
                probability(*accuracy, true, path.key("accuracy"), "accuracy = \"80%\"")
            }
            InformedTrading::Edge { to_edge, share } => {
                if ways.iter().any(|way| way.len() > 1) {
                    return Err(Problem::new(path.key("to_edge"), "a way over a third token has no edge of its own")
                        .with_found(format!("\"{to_edge}\""))
                        .with_expected("pools that hold both tokens of the pair")
                        .with_example("pools = [\"main\"]"));
                }
                if !(to_edge.get() > 0.0 && to_edge.get() <= 1.0) {
                    return Err(Problem::new(path.key("to_edge"), "a part of the way that is none")
                        .with_found(format!("\"{to_edge}\""))
                        .with_expected("above 0%, at most 100%")
                        .with_example("to_edge = \"50%\""));
                }
                probability(*share, true, path.key("share"), "share = \"20%\"")
            }
        }
    }

    /// Fills in the pair.
    pub(crate) fn resolve(&mut self, pools: &[String], study: &StudySpec) {
        if self.pair.is_none() {
            self.pair = route::default_pair(pools, study);
        }
    }
}

fn excluded(fields: &Fields<'_>, keys: &[&'static str], by: &str) -> Checked<()> {
    match keys.iter().find(|key| fields.has(key)) {
        None => Ok(()),
        Some(key) => Err(Problem::of_key(fields.path().key(*key), format!("`{key}` says nothing beside `{by}`"))
            .with_found(*key)
            .with_expected("`arrivals`, `size` and `accuracy`, or `to_edge` and `share`")
            .with_example("to_edge = \"50%\"")),
    }
}
