//! Drift and volatility that change with a regime.

use std::sync::Arc;

use cenote_paths::{Drift, PriceModel, Regime, RegimeSwitching};
use cenote_units::{Frequency, TokenAmount, Volatility};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::drift::{self, DRIFT, LOG_DRIFT};
use super::{INITIAL, Process, VOLATILITY, refused};
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key, listed, suggestion};
use crate::spec::StudySpec;

/// `{ process = "regime-switching", initial = "2000 USDC", start = "calm", regimes = { calm = { drift = "0%", volatility = "40%",
/// to = { wild = "4 per year" } }, wild = { drift = "0%", volatility = "120%", to = { calm = "10 per year" } } } }`:
/// geometric Brownian motion in regimes that follow one another as a Markov chain in continuous time.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct RegimeSwitchingSpec {
    /// The price of one token at the start, in the numeraire or another token.
    pub initial: TokenAmount,
    /// The regime at the start; without it, the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The regimes.
    #[serde(serialize_with = "serialize_regimes")]
    pub regimes: Vec<RegimeSpec>,
}

/// A regime: `calm = { drift = "0%", volatility = "40%", to = { wild = "4 per year" } }`.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct RegimeSpec {
    /// Its name, which in a study file is its key.
    #[serde(skip)]
    pub name: String,
    /// Drift of the price (`drift`) or of its logarithm (`log_drift`) while it lasts.
    #[serde(flatten, serialize_with = "drift::serialize")]
    pub drift: Drift,
    /// Volatility while it lasts.
    pub volatility: Volatility,
    /// Expected switches to other regimes, per time spent in this one; none, and it stays.
    #[serde(serialize_with = "serialize_switches", skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<(String, Frequency)>,
}

pub(super) const KEYS: &[Key] = &[
    INITIAL,
    Key::new("start", "\"calm\""),
    Key::new("regimes", "{ calm = { drift = \"0%\", volatility = \"40%\", to = { wild = \"4 per year\" } } }"),
];
const REGIME_KEYS: &[Key] = &[DRIFT, LOG_DRIFT, VOLATILITY, Key::new("to", "{ wild = \"4 per year\" }")];

impl RegimeSwitchingSpec {
    /// A price that starts in the first of these regimes.
    pub fn new(initial: TokenAmount, regimes: Vec<RegimeSpec>) -> Self {
        Self { initial, start: None, regimes }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let regimes = |item: &Item<'_>| item.table()?.entries().map(|(name, item)| RegimeSpec::read(name, &item)).collect();
        Ok(Self {
            initial: fields.required("initial")?,
            start: fields.optional("start")?,
            regimes: fields.with("regimes", &regimes)?,
        })
    }

    /// The index of a regime.
    fn index_of(&self, name: &str, at: KeyPath) -> Checked<usize> {
        let names = || self.regimes.iter().map(|regime| regime.name.as_str());
        names().position(|known| known == name).ok_or_else(|| {
            let problem =
                Problem::new(at, format!("unknown regime {name:?}")).with_found(format!("{name:?}")).with_expected(listed(names()));
            match suggestion(name, names()) {
                Some(help) => problem.with_help(help),
                None => problem,
            }
        })
    }
}

impl RegimeSpec {
    fn read(name: &str, item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[REGIME_KEYS])?;
        let switches = |item: &Item<'_>| item.table()?.entries().map(|(to, rate)| Ok((to.to_owned(), rate.read()?))).collect();
        Ok(Self {
            name: name.to_owned(),
            drift: drift::read(&fields)?,
            volatility: fields.required("volatility")?,
            to: fields.optional_with("to", &switches)?.unwrap_or_default(),
        })
    }
}

/// As a table of tables.
fn serialize_regimes<S: Serializer>(regimes: &[RegimeSpec], serializer: S) -> Result<S::Ok, S::Error> {
    serialize_map(regimes.iter().map(|regime| (&regime.name, regime)), serializer)
}

fn serialize_switches<S: Serializer>(switches: &[(String, Frequency)], serializer: S) -> Result<S::Ok, S::Error> {
    serialize_map(switches.iter().map(|(to, rate)| (to, rate)), serializer)
}

fn serialize_map<'a, V: Serialize + 'a, S: Serializer>(
    entries: impl Iterator<Item = (&'a String, &'a V)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (key, value) in entries {
        map.serialize_entry(key, value)?;
    }
    map.end()
}

impl Process for RegimeSwitchingSpec {
    fn initial(&self) -> Option<&TokenAmount> {
        Some(&self.initial)
    }

    fn model(&self, _: &StudySpec, path: &KeyPath) -> Checked<Arc<dyn PriceModel>> {
        if self.regimes.is_empty() {
            return Err(Problem::new(path.key("regimes"), "a price without a regime").with_expected("at least one regime"));
        }
        let start = self.start.as_ref().map_or(Ok(0), |name| self.index_of(name, path.key("start")))?;
        let mut regimes = Vec::new();
        for (index, regime) in self.regimes.iter().enumerate() {
            let at = path.key("regimes").key(&regime.name).key("to");
            let mut switches = Vec::new();
            for (name, rate) in &regime.to {
                let to = self.index_of(name, at.key(name))?;
                if to == index {
                    return Err(Problem::of_key(at.key(name), "a switch from a regime to itself")
                        .with_found(name)
                        .with_expected("the name of another regime"));
                }
                switches.push((to, *rate));
            }
            regimes.push(Regime { drift: regime.drift, volatility: regime.volatility, switches });
        }
        let model = RegimeSwitching::new(self.initial.to_f64(), &regimes, start).map_err(|error| match error {
            cenote_paths::PathError::Parameter { name: "switches", .. } => {
                Problem::new(path.key("regimes"), error.to_string()).with_cause(error)
            }
            error => refused(path, error),
        })?;
        Ok(model.into())
    }
}

impl From<RegimeSwitchingSpec> for super::ProcessSpec {
    fn from(process: RegimeSwitchingSpec) -> Self {
        Self::RegimeSwitching(process)
    }
}
