//! Several assets, brought back to their weights.

use cenote_units::{Fraction, SimDuration, Symbol};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::width::positive;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key};
use crate::spec::{Place, StudySpec};

/// `strategy = "portfolio"`: tokens, liquidity in pools, stakes in farms, loans and shares of vaults, each with its weight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PortfolioSpec {
    /// Share of the deposit in each place: tokens and pools by their names, others as `"farms.main"`, `"lending.usdt"`,
    /// `"vaults.auto"`.
    #[serde(serialize_with = "by_name")]
    pub weights: Vec<(String, Fraction)>,
    /// When the weights are restored; without it, never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rebalance: Option<RebalanceSpec>,
}

/// `{ drift = "10%", every = "30d" }`: whichever comes first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RebalanceSpec {
    /// When a weight is off by more than this: "10%" is 40% or 60% where it should be 50%.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drift: Option<Fraction>,
    /// So long after the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<SimDuration>,
}

/// The tables of what can be held.
pub(super) const ASSETS: &[&str] = &["tokens", "pools", "farms", "lending", "vaults"];

pub(super) const KEYS: &[Key] = &[
    Key::new("weights", "{ ETH = \"25%\", USDC = \"25%\", main = \"50%\" }"),
    Key::new("rebalance", "{ drift = \"10%\", every = \"30d\" }"),
];
const REBALANCE_KEYS: &[Key] = &[Key::new("drift", "\"10%\""), Key::new("every", "\"30d\"")];

impl PortfolioSpec {
    /// These shares of the deposit in these pools and tokens.
    pub fn new<S: Into<String>>(weights: impl IntoIterator<Item = (S, Fraction)>) -> Self {
        Self { weights: weights.into_iter().map(|(name, weight)| (name.into(), weight)).collect(), rebalance: None }
    }

    /// Brought back to its weights when this says so.
    pub fn rebalance(mut self, rebalance: RebalanceSpec) -> Self {
        self.rebalance = Some(rebalance);
        self
    }

    pub(super) fn read(fields: &Fields<'_>) -> Checked<Self> {
        let weights =
            |item: &Item<'_>| item.table()?.entries().map(|(name, weight)| Ok((name.to_owned(), weight.read()?))).collect();
        Ok(Self { weights: fields.with("weights", &weights)?, rebalance: fields.optional_with("rebalance", &RebalanceSpec::read)? })
    }

    pub(super) fn check(&self, path: &KeyPath, study: &StudySpec) -> Checked<()> {
        let at = path.key("weights");
        let mut places = Vec::new();
        for (name, _) in &self.weights {
            let at = at.key(name);
            let place = study.require_place(name, &at, ASSETS).map_err(Problem::with_key_at_fault)?;
            if let Place::Token(token) = place {
                study.require_price(&token.symbol, &at, "it is held")?;
                self.check_market(&token.symbol, &at, study)?;
            }
            places.push((at, name.as_str(), place));
        }
        study.require_one_chain(&places).map_err(Problem::with_key_at_fault)?;
        let total: f64 = self.weights.iter().map(|(_, weight)| weight.get()).sum();
        let negative = self.weights.iter().any(|(_, weight)| weight.get() < 0.0);
        if negative || self.weights.is_empty() || (total - 1.0).abs() > 1e-9 {
            let listed: Vec<String> = self.weights.iter().map(|(name, weight)| format!("{name} = {weight}")).collect();
            return Err(Problem::new(at, "the weights do not share out the deposit")
                .with_found(listed.join(", "))
                .with_expected("weights of places, none negative, 100% together")
                .with_example("weights = { ETH = \"50%\", USDC = \"50%\" }"));
        }
        self.rebalance.map_or(Ok(()), |rebalance| rebalance.check(&path.key("rebalance")))
    }

    /// What is to be rebalanced has to be traded somewhere.
    fn check_market(&self, token: &Symbol, at: &KeyPath, study: &StudySpec) -> Checked<()> {
        if self.rebalance.is_none() || study.pools.iter().any(|pool| pool.tokens.contains(token)) {
            return Ok(());
        }
        Err(Problem::of_key(at.clone(), format!("no pool trades {token}, so that its weight cannot be restored"))
            .with_found(token.to_string())
            .with_expected("tokens of this study's pools, or no `rebalance`")
            .with_example("weights = { ETH = \"50%\", USDC = \"50%\" }"))
    }
}

impl RebalanceSpec {
    fn read(item: &Item<'_>) -> Checked<Self> {
        let fields = item.table()?.fields(&[REBALANCE_KEYS])?;
        Ok(Self { drift: fields.optional("drift")?, every: fields.optional("every")? })
    }

    fn check(&self, path: &KeyPath) -> Checked<()> {
        let example = "rebalance = { drift = \"10%\" }";
        if self.drift.is_none() && self.every.is_none() {
            return Err(Problem::new(path.clone(), "weights that are restored at no time")
                .with_found("{}")
                .with_expected("`drift`, `every` or both")
                .with_example(example));
        }
        if let Some(drift) = self.drift {
            positive(drift, path.key("drift"), "a drift that is always there", "drift = \"10%\"")?;
            if drift.get() >= 1.0 {
                return Err(Problem::new(path.key("drift"), "a drift that no weight can have")
                    .with_found(format!("\"{drift}\""))
                    .with_expected("a fraction below 100%")
                    .with_example("drift = \"10%\""));
            }
        }
        if self.every.is_some_and(SimDuration::is_zero) {
            return Err(Problem::new(path.key("every"), "a timer that never stops ringing")
                .with_found("\"0s\"")
                .with_expected("a duration above zero")
                .with_example("every = \"30d\""));
        }
        Ok(())
    }
}

fn by_name<S: Serializer>(weights: &[(String, Fraction)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(weights.len()))?;
    for (name, weight) in weights {
        map.serialize_entry(name, weight)?;
    }
    map.end()
}

impl From<PortfolioSpec> for super::StrategySpec {
    fn from(strategy: PortfolioSpec) -> Self {
        Self::Portfolio(strategy)
    }
}
