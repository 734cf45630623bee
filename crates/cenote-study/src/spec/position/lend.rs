//! Tokens that are lent, once or levered.

use cenote_strategy::{LendingId, Looping, StrategyError, TokenId};
use cenote_units::{Fraction, SimDuration};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key};
use crate::spec::quantity::require_time;
use crate::spec::{LendingSpec, StudySpec};

/// `strategy = "lend"`: a token, supplied to a lending market to the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LendSpec {
    /// The market.
    pub market: String,
}

/// `strategy = "loop"`: a token is supplied, another (or the same) borrowed against it, swapped into the first and supplied again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LoopSpec {
    /// The market that is supplied to.
    pub market: String,
    /// The market that is borrowed from.
    pub borrow: String,
    /// How much is borrowed each time, in parts of the value of what was supplied.
    pub ltv: Fraction,
    /// How many times; 5 unless given.
    pub loops: u32,
    /// Between which parts of the collateral's value the debt is kept; without it, it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounds: Option<BoundsSpec>,
    /// How often the bounds are looked at; at every block without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<SimDuration>,
}

/// `{ low = "55%", high = "75%" }`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BoundsSpec {
    /// Below it, as many loops again as it takes.
    pub low: Fraction,
    /// Above it, collateral is sold and debt paid back.
    pub high: Fraction,
}

pub(super) const KEYS: &[Key] = &[Key::new("market", "\"usdc\"")];
pub(super) const LOOP_KEYS: &[Key] = &[
    Key::new("market", "\"steth\""),
    Key::new("borrow", "\"eth\""),
    Key::new("ltv", "\"70%\""),
    Key::new("loops", "5"),
    Key::new("bounds", "{ low = \"55%\", high = \"75%\" }"),
    Key::new("every", "\"1d\""),
];
const BOUNDS_KEYS: &[Key] = &[Key::new("low", "\"55%\""), Key::new("high", "\"75%\"")];

impl LendSpec {
    /// Supplied to this market.
    pub fn new(market: impl Into<String>) -> Self {
        Self { market: market.into() }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { market: fields.required("market")? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        study.require_lending(&self.market, &path.key("market")).map(|_| ())
    }
}

impl LoopSpec {
    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            market: fields.required("market")?,
            borrow: fields.required("borrow")?,
            ltv: fields.required("ltv")?,
            loops: fields.or("loops", 5)?,
            bounds: fields.optional_with("bounds", &BoundsSpec::read)?,
            every: fields.optional("every")?,
        })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let market = study.require_lending(&self.market, &path.key("market"))?;
        let borrow = study.require_lending(&self.borrow, &path.key("borrow"))?;
        if borrow.chain != market.chain {
            return Err(Problem::new(path.key("borrow"), format!("market `{}` is on chain `{}`", borrow.name, borrow.chain))
                .with_found(format!("{:?}", self.borrow))
                .with_expected(format!("a market on the chain of `{}`, {}", market.name, market.chain))
                .with_example(format!("borrow = {:?}", market.name)));
        }
        if borrow.token != market.token {
            for (key, lending) in [("market", market), ("borrow", borrow)] {
                if !study.is_traded(&lending.token, Some(&market.chain)) {
                    return Err(Problem::new(path.key(key), format!("no pool on the chain trades {}", lending.token))
                        .with_found(format!("{:?}", lending.name))
                        .with_expected("a pool of this study where debt is swapped for collateral")
                        .with_example(format!("borrow = {:?}", market.name)));
                }
            }
        }
        self.check_ltv(path, market)?;
        self.check_loops(path)?;
        self.every
            .map_or(Ok(()), |every| require_time(every, path.key("every"), "a timer that never stops ringing", "every = \"1d\""))
    }

    fn check_ltv(&self, path: &KeyPath, market: &LendingSpec) -> Checked<()> {
        let Some(collateral) = market.collateral else {
            return Err(Problem::new(path.key("market"), format!("nothing can be borrowed against market `{}`", market.name))
                .with_found(format!("{:?}", self.market))
                .with_expected(format!("`collateral` in [lending.{}]", market.name))
                .with_example("collateral = { ltv = \"75%\", threshold = \"80%\", bonus = \"5%\" }"));
        };
        if self.ltv.get() > 0.0 && self.ltv <= collateral.ltv {
            return Ok(());
        }
        Err(Problem::new(path.key("ltv"), format!("a loan-to-value ratio of {}", self.ltv))
            .with_found(format!("\"{}\"", self.ltv))
            .with_expected(format!("above 0%, and at most the {} that market `{}` lends", collateral.ltv, market.name))
            .with_example(format!("ltv = \"{}\"", collateral.ltv)))
    }

    /// That the strategy itself takes these numbers, and that it begins between its bounds.
    fn check_loops(&self, path: &KeyPath) -> Checked<()> {
        let side = (LendingId(0), TokenId(0));
        let refused = |key: &str, found: String, expected: &str, example: &str, error: StrategyError| {
            Problem::new(path.key(key), error.to_string())
                .with_found(found)
                .with_expected(expected)
                .with_example(example)
                .with_cause(error)
        };
        let strategy = Looping::new(side, side, self.ltv.get())
            .map_err(|error| refused("ltv", format!("\"{}\"", self.ltv), "above 0% and below 100%", "ltv = \"70%\"", error))?
            .loops(self.loops)
            .map_err(|error| refused("loops", self.loops.to_string(), "from 1 to 20", "loops = 5", error))?;
        let Some(bounds) = self.bounds else { return Ok(()) };
        let reached = strategy.reached();
        if bounds.low.get() >= 0.0 && bounds.low.get() < reached && reached < bounds.high.get() && bounds.high.get() < 1.0 {
            return Ok(());
        }
        let reached = format!("{:.1}%", reached * 100.0);
        Err(Problem::new(path.key("bounds"), "bounds that it would begin outside of")
            .with_found(format!("low = \"{}\", high = \"{}\"", bounds.low, bounds.high))
            .with_expected(format!("`low` below and `high` above the debt after all loops, {reached} of the collateral"))
            .with_example("bounds = { low = \"55%\", high = \"75%\" }"))
    }
}

impl BoundsSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[BOUNDS_KEYS])?;
        Ok(Self { low: fields.required("low")?, high: fields.required("high")? })
    }
}

impl From<LendSpec> for super::StrategySpec {
    fn from(strategy: LendSpec) -> Self {
        Self::Lend(strategy)
    }
}

impl From<LoopSpec> for super::StrategySpec {
    fn from(strategy: LoopSpec) -> Self {
        Self::Loop(strategy)
    }
}
