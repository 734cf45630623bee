//! Rare, large trades.

use cenote_units::{Fraction, SimDuration, Symbol};
use serde::Serialize;

use super::arrivals::ArrivalsSpec;
use super::latency::LatencySpec;
use super::noise_traders::{half, probability};
use super::route::{self, read_pair};
use super::size::SizeSpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key};
use crate::spec::StudySpec;

/// `kind = "whales"`: rare, large trades, at once or in slices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WhalesSpec {
    /// The two tokens that are traded for each other; without it, the first two of the first pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<[Symbol; 2]>,
    /// When whales come.
    pub arrivals: ArrivalsSpec,
    /// How large a trade is.
    #[serde(flatten)]
    pub size: WhaleSize,
    /// Blocks over which a trade is executed.
    pub slices: u32,
    /// Which way whales go.
    pub direction: WhaleDirection,
    /// How far those look back who do not go any way.
    pub lookback: LatencySpec,
    /// Probability that one who goes any way buys the first token of the pair.
    pub buy_probability: Fraction,
}

/// How large a whale's trade is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub enum WhaleSize {
    /// `size`: of some value.
    #[serde(rename = "size")]
    Value(SizeSpec),
    /// `pool_share`: a part of the value of all its pools.
    #[serde(rename = "pool_share")]
    PoolShare(Fraction),
}

/// Which way whales go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WhaleDirection {
    /// `random`: either way.
    Random,
    /// `momentum`: buying what has risen.
    Momentum,
    /// `mean-reverting`: buying what has fallen.
    MeanReverting,
}

pub(super) const KEYS: &[Key] = &[
    Key::new("pair", "[\"ETH\", \"USDC\"]"),
    Key::new("arrivals", "\"2 per day\""),
    Key::new("size", "{ distribution = \"pareto\", minimum = \"500_000 USDC\", tail = 2 }"),
    Key::new("pool_share", "\"2%\""),
    Key::new("slices", "10"),
    Key::new("direction", "\"momentum\""),
    Key::new("lookback", "\"1d\""),
    Key::new("buy_probability", "\"50%\""),
];
const DIRECTIONS: &[(&str, WhaleDirection)] = &[
    ("random", WhaleDirection::Random),
    ("momentum", WhaleDirection::Momentum),
    ("mean-reverting", WhaleDirection::MeanReverting),
];

impl WhalesSpec {
    /// Whales who trade at once, either way.
    pub fn new(arrivals: impl Into<ArrivalsSpec>, size: WhaleSize) -> Self {
        Self {
            pair: None,
            arrivals: arrivals.into(),
            size,
            slices: 1,
            direction: WhaleDirection::Random,
            lookback: LatencySpec::Time(SimDuration::DAY),
            buy_probability: half(),
        }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let size = fields.one_of(
            ("size", &|item| SizeSpec::read(item).map(WhaleSize::Value)),
            ("pool_share", &|item| item.read().map(WhaleSize::PoolShare)),
        )?;
        let usual = Self::new(fields.with("arrivals", &ArrivalsSpec::read)?, size);
        let direction = |item: &Item<'_>| item.word("direction", DIRECTIONS, |(name, _)| name).map(|(_, direction)| *direction);
        Ok(Self {
            pair: fields.optional_with("pair", &read_pair)?,
            slices: fields.or("slices", usual.slices)?,
            direction: fields.optional_with("direction", &direction)?.unwrap_or(usual.direction),
            lookback: fields.optional_with("lookback", &LatencySpec::read)?.unwrap_or(usual.lookback),
            buy_probability: fields.or("buy_probability", usual.buy_probability)?,
            ..usual
        })
    }

    pub(super) fn check(&self, pools: &[String], path: &KeyPath, study: &StudySpec) -> Checked<()> {
        route::ways(pools, self.pair.as_ref(), study, path)?;
        self.arrivals.model(&path.key("arrivals"))?;
        match &self.size {
            WhaleSize::Value(size) => size.check(&path.key("size"), study)?,
            WhaleSize::PoolShare(share) if share.get() > 0.0 => {}
            WhaleSize::PoolShare(share) => {
                return Err(Problem::new(path.key("pool_share"), "whales of no size")
                    .with_found(format!("\"{share}\""))
                    .with_expected("a fraction above zero")
                    .with_example("pool_share = \"2%\""));
            }
        }
        let most = cenote_sim::Whales::MOST_SLICES;
        if !(1..=most).contains(&self.slices) {
            return Err(Problem::new(path.key("slices"), "a trade in no slices, or in too many")
                .with_found(self.slices.to_string())
                .with_expected(format!("a whole number from 1 to {most}"))
                .with_example("slices = 10"));
        }
        if self.direction != WhaleDirection::Random && [LatencySpec::NONE, LatencySpec::Blocks(0)].contains(&self.lookback) {
            return Err(Problem::new(path.key("lookback"), "whales who look back to now")
                .with_found(format!("\"{}\"", self.lookback))
                .with_expected("some time or blocks ago")
                .with_example("lookback = \"1d\""));
        }
        probability(self.buy_probability, true, path.key("buy_probability"), "buy_probability = \"50%\"")
    }

    /// Fills in the pair.
    pub(crate) fn resolve(&mut self, pools: &[String], study: &StudySpec) {
        if self.pair.is_none() {
            self.pair = route::default_pair(pools, study);
        }
    }
}
