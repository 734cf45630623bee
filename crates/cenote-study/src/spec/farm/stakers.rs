//! Others who stake in a farm, and what locks and boosts do.

use cenote_units::{Fraction, Rate, SimDuration, TokenAmount};
use cenote_yield::farm::Boost;
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};
use crate::spec::quantity::{require_part, require_time};

/// What others have staked at the start.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum StakedSpec {
    /// `"60%"`: this share of others' LP tokens; of a pool of ranges, of their liquidity.
    Share(Fraction),
    /// `"1_000_000 CAKE"`: so many tokens.
    Amount(TokenAmount),
}

/// `{ target_apr = "25%", response = "14d" }`: others come and go with the rewards, d ln(stake)/dt = ln(APR / target) / response.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FarmCrowdSpec {
    /// The APR of rewards at which they stay.
    pub target_apr: Rate,
    /// How fast they are.
    pub response: SimDuration,
}

/// `{ duration = "90d", vesting = "linear", penalty = "50%" }`: claimed rewards are locked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LockSpec {
    /// For how long.
    pub duration: SimDuration,
    /// How they come free.
    pub vesting: VestingSpec,
    /// What a strategy that takes its rewards at once pays, as a part of them; without it, it has to wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub penalty: Option<Fraction>,
}

/// How locked rewards come free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum VestingSpec {
    /// In equal parts over the time.
    Linear,
    /// All at its end.
    Cliff,
}

/// `{ votes = 1_000_000, others = "40%" }`: votes boost a stake in a gauge.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BoostSpec {
    /// Votes that others hold.
    pub votes: f64,
    /// What others' stake counts as: from 40%, which is no boost, to 100%.
    pub others: Fraction,
}

const CROWD_KEYS: &[Key] = &[Key::new("target_apr", "\"25%\""), Key::new("response", "\"14d\"")];
const LOCK_KEYS: &[Key] = &[Key::new("duration", "\"90d\""), Key::new("vesting", "\"linear\""), Key::new("penalty", "\"50%\"")];
const BOOST_KEYS: &[Key] = &[Key::new("votes", "1_000_000"), Key::new("others", "\"40%\"")];
const VESTINGS: &[(&str, VestingSpec)] = &[("linear", VestingSpec::Linear), ("cliff", VestingSpec::Cliff)];

impl StakedSpec {
    /// A share ends in a percent sign, an amount in a token.
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        match item.read().map(Self::Share) {
            Ok(share) => Ok(share),
            Err(problem) => item.read().map(Self::Amount).map_err(|_| problem),
        }
    }

    /// Whether there is nobody.
    pub(super) fn is_nothing(&self) -> bool {
        match self {
            Self::Share(share) => share.get() == 0.0,
            Self::Amount(amount) => amount.is_zero(),
        }
    }
}

impl FarmCrowdSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[CROWD_KEYS])?;
        Ok(Self { target_apr: fields.required("target_apr")?, response: fields.required("response")? })
    }

    pub(super) fn check(&self, path: &KeyPath) -> Checked<()> {
        if self.target_apr.per_year() <= 0.0 {
            return Err(Problem::new(path.key("target_apr"), "a crowd that is content with nothing would never stop coming")
                .with_found(format!("\"{}\"", self.target_apr))
                .with_expected("a rate above 0%")
                .with_example("target_apr = \"25%\""));
        }
        require_time(self.response, path.key("response"), "a crowd that responds in no time", "response = \"14d\"")
    }
}

impl LockSpec {
    /// Rewards that come free little by little, and not before.
    pub fn linear(duration: SimDuration) -> Self {
        Self { duration, vesting: VestingSpec::Linear, penalty: None }
    }

    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[LOCK_KEYS])?;
        let vesting = |item: &Item<'_>| Ok(item.word("vesting", VESTINGS, |(word, _)| word)?.1);
        Ok(Self {
            duration: fields.required("duration")?,
            vesting: fields.optional_with("vesting", &vesting)?.unwrap_or(VestingSpec::Linear),
            penalty: fields.optional("penalty")?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath) -> Checked<()> {
        require_time(self.duration, path.key("duration"), "a lock of no time", "duration = \"90d\"")?;
        self.penalty.map_or(Ok(()), |part| require_part(part, path.key("penalty"), "a penalty", "penalty = \"50%\""))
    }
}

impl BoostSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[BOOST_KEYS])?;
        Ok(Self { votes: fields.required("votes")?, others: fields.required("others")? })
    }

    pub(super) fn boost(&self, path: &KeyPath) -> Checked<Boost> {
        let problem = |key: &str, what: &str, found: String, expected: &str, example: &str| {
            Problem::new(path.key(key), what).with_found(found).with_expected(expected).with_example(example)
        };
        if !(0.0..f64::INFINITY).contains(&self.votes) {
            return Err(problem("votes", "no number of votes", self.votes.to_string(), "a number from 0 on", "votes = 1_000_000"));
        }
        Boost::curve(self.votes, self.others.get()).map_err(|error| {
            let found = format!("\"{}\"", self.others);
            let expected = "from 40%, which nobody falls short of, to 100%, which nobody exceeds";
            problem("others", "a boost that no gauge gives", found, expected, "others = \"40%\"").with_cause(error)
        })
    }
}
