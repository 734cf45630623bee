//! Bridges: `[bridges.NAME]`.

use cenote_units::{Fraction, SimDuration, TokenAmount};
use serde::Serialize;

use super::StudySpec;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Item, Key};

/// A way for tokens from one chain to another, for strategies that move between chains.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BridgeSpec {
    /// Its name: that of the table.
    #[serde(skip)]
    pub name: String,
    /// The chain on which tokens are sent.
    pub from: String,
    /// The chain on which they arrive.
    pub to: String,
    /// What the bridge keeps.
    pub cost: BridgeCost,
    /// After how long tokens arrive, with the next block there.
    pub delay: SimDuration,
    /// Probability that what is sent is lost; 0% unless given.
    pub failure: Fraction,
}

/// What a bridge keeps of what is sent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum BridgeCost {
    /// `"5 USDC"`: so much of every transfer, at the initial prices.
    Amount(TokenAmount),
    /// `"0.05%"`: a part of it.
    Part(Fraction),
}

const KEYS: &[Key] = &[
    Key::new("from", "\"ethereum\""),
    Key::new("to", "\"arbitrum\""),
    Key::new("cost", "\"0.05%\""),
    Key::new("delay", "\"900s\""),
    Key::new("failure", "\"0.01%\""),
];

impl BridgeSpec {
    /// A bridge that costs nothing, takes no time and loses nothing.
    pub fn new(name: impl Into<String>, from: impl Into<String>, to: impl Into<String>) -> Self {
        let (delay, failure) = (SimDuration::ZERO, Fraction::ZERO);
        Self { name: name.into(), from: from.into(), to: to.into(), cost: BridgeCost::Part(Fraction::ZERO), delay, failure }
    }

    pub(super) fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[KEYS])?;
        // A part ends in a percent sign, an amount in a token.
        let cost = |item: &Item<'_>| match item.read().map(BridgeCost::Part) {
            Ok(part) => Ok(part),
            Err(_) => item.read().map(BridgeCost::Amount),
        };
        Ok(Self {
            name: name.to_owned(),
            from: fields.required("from")?,
            to: fields.required("to")?,
            cost: fields.optional_with("cost", &cost)?.unwrap_or(BridgeCost::Part(Fraction::ZERO)),
            delay: fields.or("delay", SimDuration::ZERO)?,
            failure: fields.or("failure", Fraction::ZERO)?,
        })
    }

    pub(super) fn path(&self) -> KeyPath {
        KeyPath::root().key("bridges").key(&self.name)
    }

    pub(super) fn check(&self, study: &StudySpec) -> Checked<()> {
        let path = self.path();
        study.require_chain(&self.from, &path.key("from"))?;
        study.require_chain(&self.to, &path.key("to"))?;
        if self.from == self.to {
            return Err(Problem::new(path.key("to"), "a bridge that ends where it begins")
                .with_found(format!("{:?}", self.to))
                .with_expected("another chain of this study")
                .with_example("to = \"arbitrum\""));
        }
        match &self.cost {
            BridgeCost::Amount(amount) => {
                study.require_price(amount.symbol(), &path.key("cost"), "a bridge costs an amount of it")?;
            }
            BridgeCost::Part(part) if part.get() >= 1.0 => {
                return Err(Problem::new(path.key("cost"), "a bridge that keeps everything")
                    .with_found(part.to_string())
                    .with_expected("less than 100%, or an amount")
                    .with_example("cost = \"0.05%\""));
            }
            BridgeCost::Part(_) => {}
        }
        Ok(())
    }
}
