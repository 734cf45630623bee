//! Traders who know nothing.

use cenote_units::{Fraction, Frequency, Symbol, TokenAmount, TokenRate};
use serde::Serialize;

use super::arrivals::ArrivalsSpec;
use super::route::{self, read_pair};
use super::size::SizeSpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// Trades that arrive at random times, each in one direction or the other.
///
/// Two of `arrivals`, `size` and `volume` give the third; arrivals and size are always there in a [`Study`](crate::Study).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoiseTradersSpec {
    /// The two tokens that are traded for each other; without it, the first two of the first pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<[Symbol; 2]>,
    /// Expected value of all trades that come, per time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume: Option<TokenRate>,
    /// When trades come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<ArrivalsSpec>,
    /// The distribution of a trade's size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<SizeSpec>,
    /// Probability that a trade buys the first token of the pair.
    pub buy_probability: Fraction,
    /// Probability that a trade goes the way of the one before instead.
    pub direction_persistence: Fraction,
    /// A trade that costs the fraction c of its value happens with probability exp(−`elasticity` c).
    pub elasticity: f64,
    /// A trade that would pay out less than it was quoted by more than this does not happen, and is seen before it executes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slippage: Option<Fraction>,
}

pub(super) const KEYS: &[Key] = &[
    Key::new("pair", "[\"ETH\", \"USDC\"]"),
    Key::new("volume", "\"5_000_000 USDC per day\""),
    Key::new("arrivals", "\"150 per day\""),
    Key::new("size", "{ distribution = \"lognormal\", median = \"1_500 USDC\", sigma = 1.2 }"),
    Key::new("buy_probability", "\"50%\""),
    Key::new("direction_persistence", "\"30%\""),
    Key::new("elasticity", "100"),
    Key::new("slippage", "\"1%\""),
];

/// Trades a day of traders of whom only the volume is known.
const USUAL_ARRIVALS: f64 = 1_000.0;
/// Spread of the sizes of traders of whom it is not known.
const USUAL_SIGMA: f64 = 1.2;

impl NoiseTradersSpec {
    /// Trades of these arrivals and sizes, in either direction with probability one half, at any price.
    pub fn new(arrivals: impl Into<ArrivalsSpec>, size: SizeSpec) -> Self {
        Self { arrivals: Some(arrivals.into()), size: Some(size), ..Self::empty() }
    }

    /// Trades at one pace, of a lognormal size.
    pub fn lognormal(arrivals: Frequency, median: TokenAmount, sigma: f64) -> Self {
        Self::new(arrivals, SizeSpec::Lognormal { median, sigma })
    }

    /// Trades that are worth so much in the mean: 1,000 a day of a lognormal size, unless arrivals or a size are given.
    pub fn volume(volume: TokenRate) -> Self {
        Self { volume: Some(volume), ..Self::empty() }
    }

    fn empty() -> Self {
        Self {
            pair: None,
            volume: None,
            arrivals: None,
            size: None,
            buy_probability: half(),
            direction_persistence: Fraction::ZERO,
            elasticity: 0.0,
            slippage: None,
        }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let volume: Option<TokenRate> = fields.optional("volume")?;
        let (arrivals, size) = if volume.is_some() {
            (fields.optional_with("arrivals", &ArrivalsSpec::read)?, fields.optional_with("size", &SizeSpec::read)?)
        } else {
            (Some(fields.with("arrivals", &ArrivalsSpec::read)?), Some(fields.with("size", &SizeSpec::read)?))
        };
        Ok(Self {
            pair: fields.optional_with("pair", &read_pair)?,
            volume,
            arrivals,
            size,
            buy_probability: fields.or("buy_probability", half())?,
            direction_persistence: fields.or("direction_persistence", Fraction::ZERO)?,
            elasticity: fields.or("elasticity", 0.0)?,
            slippage: fields.optional("slippage")?,
        })
    }

    pub(super) fn check(&self, pools: &[String], path: &KeyPath, study: &StudySpec) -> Checked<()> {
        route::ways(pools, self.pair.as_ref(), study, path)?;
        if let Some(volume) = &self.volume {
            study.require_value(volume.amount(), &path.key("volume"), "volume", "volume = \"5_000_000 USDC per day\"")?;
        }
        match &self.arrivals {
            Some(arrivals) => arrivals.model(&path.key("arrivals")).map(|_| ())?,
            None if self.volume.is_none() => return Err(missing(path, "arrivals")),
            None => {}
        }
        match &self.size {
            Some(size) => size.check(&path.key("size"), study)?,
            None if self.volume.is_none() => return Err(missing(path, "size")),
            None => {}
        }
        probability(self.buy_probability, true, path.key("buy_probability"), "buy_probability = \"50%\"")?;
        probability(self.direction_persistence, false, path.key("direction_persistence"), "direction_persistence = \"30%\"")?;
        if let Some(slippage) = self.slippage
            && !(0.0..1.0).contains(&slippage.get())
        {
            return Err(Problem::new(path.key("slippage"), "a slippage that nobody can put up with")
                .with_found(format!("\"{slippage}\""))
                .with_expected("from 0% to less than 100%")
                .with_example("slippage = \"1%\""));
        }
        if (0.0..f64::INFINITY).contains(&self.elasticity) {
            return Ok(());
        }
        Err(Problem::new(path.key("elasticity"), "an elasticity that cannot be")
            .with_found(self.elasticity.to_string())
            .with_expected("a number, not negative: of 100, a cost of 1% keeps a share of 1/e")
            .with_example("elasticity = 100"))
    }

    /// Fills in the pair, and what follows from a volume. `price` says what a token is worth, `mean` what a trade is.
    pub(crate) fn resolve(
        &mut self,
        pools: &[String],
        study: &StudySpec,
        path: &KeyPath,
        price: impl Fn(&Symbol) -> f64,
        mean: impl Fn(&SizeSpec) -> Checked<f64>,
    ) -> Checked<()> {
        if self.pair.is_none() {
            self.pair = route::default_pair(pools, study);
        }
        let Some(volume) = &self.volume else { return Ok(()) };
        let worth = volume.per_year() * price(volume.symbol());
        if self.arrivals.is_none() && self.size.is_none() {
            self.arrivals = Some(ArrivalsSpec::Poisson(pace(USUAL_ARRIVALS * 365.0, volume, path)?));
        }
        match (&self.arrivals, &self.size) {
            (None, Some(size)) => self.arrivals = Some(ArrivalsSpec::Poisson(pace(worth / mean(size)?, volume, path)?)),
            (Some(arrivals), None) => {
                // Lognormal sizes have the mean median · exp(σ²/2).
                let spread = cenote_units::math::exp(0.5 * USUAL_SIGMA * USUAL_SIGMA);
                let median = worth / arrivals.rate().per_year() / price(volume.symbol()) / spread;
                let median = format!("{median} {}", volume.symbol()).parse().map_err(|_| {
                    Problem::new(path.key("volume"), "a volume of trades whose size is no amount")
                        .with_found(format!("\"{volume}\""))
                        .with_expected("a volume and arrivals that make trades of some size")
                        .with_example("volume = \"5_000_000 USDC per day\"")
                })?;
                self.size = Some(SizeSpec::Lognormal { median, sigma: USUAL_SIGMA });
            }
            (Some(arrivals), Some(size)) => {
                let mean = mean(size)?;
                let told = arrivals.rate().per_year() * mean;
                if (told / worth - 1.0).abs() > TOLERANCE {
                    return Err(contradiction(volume, worth / mean / 365.0, arrivals.rate(), path));
                }
            }
            (None, None) => {}
        }
        Ok(())
    }
}

/// How far a volume may be from that of arrivals and sizes, relative: what rounding of printed numbers does stays far below.
const TOLERANCE: f64 = 1e-6;

pub(super) fn half() -> Fraction {
    Fraction::new(0.5).unwrap_or(Fraction::ZERO)
}

fn pace(per_year: f64, volume: &TokenRate, path: &KeyPath) -> Checked<Frequency> {
    Frequency::from_per_year(per_year).map_err(|error| {
        Problem::new(path.key("volume"), error.to_string())
            .with_found(format!("\"{volume}\""))
            .with_expected("a volume and a size that make a number of trades")
            .with_example("volume = \"5_000_000 USDC per day\"")
            .with_cause(error)
    })
}

fn contradiction(volume: &TokenRate, per_day: f64, arrivals: Frequency, path: &KeyPath) -> Box<Problem> {
    let message = format!("a volume of {volume} takes {per_day} trades a day of that size, not {}", arrivals.per_day());
    Problem::of_key(path.key("volume"), message)
        .with_found(format!("\"{volume}\""))
        .with_expected("two of `volume`, `arrivals` and `size`: the third follows from them")
        .with_example("volume = \"5_000_000 USDC per day\"")
}

fn missing(path: &KeyPath, key: &'static str) -> Box<Problem> {
    Problem::new(path.key(key), format!("traders without `{key}`, and without a `volume` that it follows from"))
        .with_expected(format!("`{key}`, or `volume`"))
        .with_example("volume = \"5_000_000 USDC per day\"")
}

/// From 0 to 1, which may be excluded.
pub(super) fn probability(value: Fraction, or_one: bool, path: KeyPath, example: &str) -> Checked<()> {
    let value = value.get();
    if (0.0..1.0).contains(&value) || (or_one && value == 1.0) {
        return Ok(());
    }
    Err(Problem::new(path, "a probability that cannot be")
        .with_found(format!("{}%", 100.0 * value))
        .with_expected(if or_one { "from 0% to 100%" } else { "from 0% to less than 100%" })
        .with_example(example))
}
