//! A description with all its defaults filled in, in the shape of a study file: what `cenote check` prints and what a
//! result carries along.

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use super::{CorrelationSpec, StudySpec};

impl Serialize for StudySpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("schema", &1)?;
        map.serialize_entry("study", &Settings(self))?;
        map.serialize_entry("chains", &Named(&self.chains, |chain| chain.name.as_str()))?;
        if !self.bridges.is_empty() {
            map.serialize_entry("bridges", &Named(&self.bridges, |bridge| bridge.name.as_str()))?;
        }
        if !self.events.is_empty() {
            map.serialize_entry("events", &Named(&self.events, |events| events.name.as_str()))?;
        }
        map.serialize_entry("tokens", &Named(&self.tokens, |token| token.symbol.as_str()))?;
        if !self.correlations.is_empty() {
            map.serialize_entry("correlations", &Pairs(&self.correlations))?;
        }
        map.serialize_entry("pools", &Named(&self.pools, |pool| pool.name.as_str()))?;
        if !self.farms.is_empty() {
            map.serialize_entry("farms", &Named(&self.farms, |farm| farm.name.as_str()))?;
        }
        if !self.lending.is_empty() {
            map.serialize_entry("lending", &Named(&self.lending, |lending| lending.name.as_str()))?;
        }
        if !self.vaults.is_empty() {
            map.serialize_entry("vaults", &Named(&self.vaults, |vault| vault.name.as_str()))?;
        }
        if !self.risks.is_empty() {
            map.serialize_entry("risks", &Named(&self.risks, |risk| risk.name.as_str()))?;
        }
        map.serialize_entry("agents", &self.agents)?;
        map.serialize_entry("positions", &self.positions)?;
        map.end()
    }
}

/// The table `[study]`.
struct Settings<'a>(&'a StudySpec);

impl Serialize for Settings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let study = self.0;
        let mut table = serializer.serialize_struct("study", 11)?;
        table.serialize_field("name", &study.name)?;
        table.serialize_field("paths", &study.paths)?;
        table.serialize_field("seed", &study.seed)?;
        table.serialize_field("horizon", &study.horizon)?;
        table.serialize_field("numeraire", &study.numeraire)?;
        table.serialize_field("warm_up", &study.warm_up)?;
        table.serialize_field("isolate", &false)?;
        table.serialize_field("sampling", &study.sampling)?;
        table.serialize_field("control_variates", &study.control_variates)?;
        table.serialize_field("quantiles", &study.levels.quantiles())?;
        table.serialize_field("metrics", &study.metrics)?;
        table.end()
    }
}

/// A list as a table of tables.
struct Named<'a, T>(&'a [T], fn(&T) -> &str);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for item in self.0 {
            map.serialize_entry((self.1)(item), item)?;
        }
        map.end()
    }
}

/// The table `[correlations]`.
struct Pairs<'a>(&'a [CorrelationSpec]);

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|pair| (pair.key(), pair.value)))
    }
}
