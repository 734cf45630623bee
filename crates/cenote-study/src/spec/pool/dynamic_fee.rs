//! `dynamic_fee = { kind = "volatility", ... }`: a fee that follows from what the pool sees.
//!
//! To add a rule: a struct with its parameters, a variant of [`DynamicFeeSpec`], an entry in `RULES`.

use cenote_amm::AmmError;
use cenote_amm::dynamic_fee::{DynamicFee, FirstTradeFee, ImbalanceFee, Reference, SidesFee, VolatilityFee};
use cenote_units::{Fee, SimDuration, Volatility};
use serde::Serialize;

use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key, Kind};

/// What a pool's fee is instead of one and the same: a rule for which `fee`, the pool's own, is where it starts from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DynamicFeeSpec {
    /// `volatility`: it grows with the volatility that the pool's price has shown.
    Volatility(VolatilityFeeSpec),
    /// `imbalance`: it is dearer away from a reference price, and cheaper back.
    Imbalance(ImbalanceFeeSpec),
    /// `first-trade`: the first trade of a block pays `first`.
    FirstTrade {
        /// What it pays.
        first: Fee,
    },
    /// `sides`: bid and ask apart.
    Sides {
        /// What those pay who buy the pool's first token.
        buy: Fee,
        /// What those pay who sell it.
        sell: Fee,
    },
}

/// `{ kind = "volatility", slope = "20bp", window = "1d", initial = "80%" }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VolatilityFeeSpec {
    /// Added to the pool's fee for each 100% of volatility per year.
    pub slope: Fee,
    /// Over which time volatility is seen.
    pub window: SimDuration,
    /// Volatility at the start.
    pub initial: Volatility,
    /// The fee is never below it; the pool's own unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<Fee>,
    /// The fee is never above it; 10% unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<Fee>,
}

/// `{ kind = "imbalance", slope = 0.5 }`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImbalanceFeeSpec {
    /// Fee per distance of the price from its reference: 0.5 is half a basis point for each basis point.
    pub slope: f64,
    /// The reference is a moving average over this; without it, the price at which the block began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<SimDuration>,
    /// The fee is never below it; zero unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub least: Option<Fee>,
    /// The fee is never above it; 10% unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<Fee>,
}

const KIND: Key = Key::new("kind", "\"volatility\"");
const WINDOW: Key = Key::new("window", "\"1d\"");
const BOUNDS: [Key; 2] = [Key::new("least", "\"1bp\""), Key::new("most", "\"100bp\"")];

/// The rules that a study file can name.
const RULES: &[Kind<DynamicFeeSpec>] = &[
    Kind {
        name: "volatility",
        keys: &[Key::new("slope", "\"20bp\""), WINDOW, Key::new("initial", "\"80%\""), BOUNDS[0], BOUNDS[1]],
        read: |fields| {
            Ok(DynamicFeeSpec::Volatility(VolatilityFeeSpec {
                slope: fields.required("slope")?,
                window: fields.required("window")?,
                initial: fields.required("initial")?,
                least: fields.optional("least")?,
                most: fields.optional("most")?,
            }))
        },
    },
    Kind {
        name: "imbalance",
        keys: &[Key::new("slope", "0.5"), WINDOW, BOUNDS[0], BOUNDS[1]],
        read: |fields| {
            Ok(DynamicFeeSpec::Imbalance(ImbalanceFeeSpec {
                slope: fields.required("slope")?,
                window: fields.optional("window")?,
                least: fields.optional("least")?,
                most: fields.optional("most")?,
            }))
        },
    },
    Kind {
        name: "first-trade",
        keys: &[Key::new("first", "\"100bp\"")],
        read: |fields| Ok(DynamicFeeSpec::FirstTrade { first: fields.required("first")? }),
    },
    Kind {
        name: "sides",
        keys: &[Key::new("buy", "\"30bp\""), Key::new("sell", "\"5bp\"")],
        read: |fields| Ok(DynamicFeeSpec::Sides { buy: fields.required("buy")?, sell: fields.required("sell")? }),
    },
];

impl DynamicFeeSpec {
    pub(super) fn read(item: &Item<'_>) -> Checked<Self> {
        let table = item.table()?;
        let kind = table.kind(KIND, "kind of dynamic fee", RULES)?;
        let fields: Fields<'_> = table.fields(&[&[KIND], kind.keys])?;
        (kind.read)(&fields)
    }

    /// The rule, in a pool of this fee.
    pub(crate) fn model(&self, fee: Fee, path: &KeyPath) -> Checked<DynamicFee> {
        self.rule(fee.fraction()).map_err(|error| {
            let key = if let AmmError::InvalidFeeRule { what, .. } = error { key_of(what) } else { "kind" };
            Problem::new(path.key(key), error.to_string())
                .with_expected("a rule that charges a fraction from 0 to below 1")
                .with_example("dynamic_fee = { kind = \"volatility\", slope = \"20bp\", window = \"1d\", initial = \"80%\" }")
                .with_cause(error)
        })
    }

    fn rule(&self, fee: f64) -> Result<DynamicFee, AmmError> {
        let or = |bound: Option<Fee>, default: f64| bound.map_or(default, Fee::fraction);
        Ok(match self {
            Self::Volatility(VolatilityFeeSpec { slope, window, initial, least, most }) => {
                let rule = VolatilityFee::new(fee, slope.fraction(), *window, *initial)?;
                rule.between(or(*least, fee), or(*most, fee.max(MOST)))?.into()
            }
            Self::Imbalance(ImbalanceFeeSpec { slope, window, least, most }) => {
                let reference = window.map_or(Reference::BlockStart, Reference::MovingAverage);
                let rule = ImbalanceFee::new(fee, *slope, reference)?;
                rule.between(or(*least, 0.0), or(*most, fee.max(MOST)))?.into()
            }
            Self::FirstTrade { first } => FirstTradeFee::new(first.fraction(), fee)?.into(),
            Self::Sides { buy, sell } => SidesFee::new(buy.fraction(), sell.fraction())?.into(),
        })
    }
}

/// Where a fee that moves ends unless somebody says otherwise.
const MOST: f64 = 0.1;

/// The key that a rule's parameter is read from.
fn key_of(what: &str) -> &'static str {
    let keys = ["slope", "window", "initial", "least", "most", "first", "buy", "sell"];
    match what {
        "bound of an imbalance fee" => "least",
        _ => keys.into_iter().find(|key| what.contains(key)).unwrap_or("kind"),
    }
}
