//! Those who react: to what a pool pays, and to the swaps of others.

use cenote_units::{Fraction, Rate, SimDuration, TokenAmount};
use serde::Serialize;

use super::one_pool;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Key};
use crate::spec::StudySpec;

/// `kind = "liquidity-crowd"`: other providers, who come while the fee APR is above the target and go while it is below.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LiquidityCrowdSpec {
    /// The fee APR at which they neither come nor go.
    pub target_apr: Rate,
    /// d ln(others' liquidity)/dt is ln(APR / target) over this.
    pub response: SimDuration,
    /// Over which time the APR is a mean.
    pub window: SimDuration,
    /// How often they act.
    pub every: SimDuration,
}

pub(super) const CROWD_KEYS: &[Key] = &[
    Key::new("target_apr", "\"20%\""),
    Key::new("response", "\"30d\""),
    Key::new("window", "\"7d\""),
    Key::new("every", "\"1d\""),
];

impl LiquidityCrowdSpec {
    /// Drawn by a fee APR above `target_apr`; the APR is that of a week, and they act once a day.
    pub fn new(target_apr: Rate, response: SimDuration) -> Self {
        let week = SimDuration::from_nanos(7 * SimDuration::DAY.as_nanos());
        Self { target_apr, response, window: week, every: SimDuration::DAY }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let usual = Self::new(fields.required("target_apr")?, fields.required("response")?);
        Ok(Self { window: fields.or("window", usual.window)?, every: fields.or("every", usual.every)?, ..usual })
    }

    pub(super) fn check(&self, pools: &[String], path: &KeyPath, study: &StudySpec) -> Checked<()> {
        one_pool(pools, path, study, "a crowd provides to one pool")?;
        if self.target_apr.per_year() <= 0.0 {
            return Err(Problem::new(path.key("target_apr"), "a crowd that is content with nothing never ends to come")
                .with_found(format!("\"{}\"", self.target_apr))
                .with_expected("a rate above zero")
                .with_example("target_apr = \"20%\""));
        }
        for (key, duration) in [("response", self.response), ("window", self.window), ("every", self.every)] {
            if duration.is_zero() {
                return Err(Problem::new(path.key(key), format!("a `{key}` of no time"))
                    .with_found(format!("\"{duration}\""))
                    .with_expected("a duration above zero")
                    .with_example(format!("{key} = \"7d\"")));
            }
        }
        Ok(())
    }
}

/// `kind = "jit"`: liquidity right before a large swap, taken out right after it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JitSpec {
    /// What is provided.
    pub capital: TokenAmount,
    /// Swaps whose input is worth less are let pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_trade: Option<TokenAmount>,
    /// In a pool of ranges, from price / (1 + width) to price · (1 + width); as narrow as the ticks allow unless given.
    pub width: Fraction,
}

pub(super) const JIT_KEYS: &[Key] =
    &[Key::new("capital", "\"5_000_000 USDC\""), Key::new("min_trade", "\"50_000 USDC\""), Key::new("width", "\"0.1%\"")];

impl JitSpec {
    /// With this capital, before every swap that pays, as narrow as the ticks allow.
    pub fn new(capital: TokenAmount) -> Self {
        Self { capital, min_trade: None, width: Fraction::ZERO }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self {
            capital: fields.required("capital")?,
            min_trade: fields.optional("min_trade")?,
            width: fields.or("width", Fraction::ZERO)?,
        })
    }

    pub(super) fn check(&self, pools: &[String], path: &KeyPath, study: &StudySpec) -> Checked<()> {
        one_pool(pools, path, study, "liquidity just in time is for one pool")?;
        study.require_value(&self.capital, &path.key("capital"), "capital", "capital = \"5_000_000 USDC\"")?;
        if let Some(least) = &self.min_trade {
            study.require_price(least.symbol(), &path.key("min_trade"), "a trade is worth an amount of it")?;
        }
        if self.width.get() < 0.0 {
            return Err(Problem::new(path.key("width"), "a range narrower than nothing")
                .with_found(format!("\"{}\"", self.width))
                .with_expected("a percentage, not negative")
                .with_example("width = \"0.1%\""));
        }
        Ok(())
    }
}

/// `kind = "sandwich"`: trades before a swap with a slippage limit, and back after it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SandwichSpec {
    /// The first trade is worth at most this; as much as it takes unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capital: Option<TokenAmount>,
}

pub(super) const SANDWICH_KEYS: &[Key] = &[Key::new("capital", "\"1_000_000 USDC\"")];

impl SandwichSpec {
    /// With as much capital as it takes.
    pub fn new() -> Self {
        Self { capital: None }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        Ok(Self { capital: fields.optional("capital")? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        match &self.capital {
            Some(capital) => study.require_value(capital, &path.key("capital"), "capital", "capital = \"1_000_000 USDC\""),
            None => Ok(()),
        }
    }
}

impl Default for SandwichSpec {
    fn default() -> Self {
        Self::new()
    }
}
