//! From a document to a description: the outermost tables, and `[study]`.

use std::path::PathBuf;

use super::{
    AgentSpec, BridgeSpec, ChainSpec, ControlVariate, CorrelationSpec, EventsSpec, FarmSpec, LendingSpec, PoolSpec, PositionSpec,
    RiskSpec, SamplingSpec, StudySpec, TokenSpec, VaultSpec,
};
use crate::key_path::KeyPath;
use crate::metrics::{MetricSelection, metric_names};
use crate::problem::{Checked, Problem};
use crate::reader::{Fields, Item, Key, Table};
use crate::stats::Levels;

const SCHEMA: Key = Key::new("schema", "1");
const TABLES: &[Key] = &[
    SCHEMA,
    Key::new("study", "{ paths = 10_000, horizon = \"365d\", numeraire = \"USDC\" }"),
    Key::new("chains", "{ ethereum = { block_time = \"12s\", native = \"ETH\" } }"),
    Key::new("bridges", "{ canonical = { from = \"ethereum\", to = \"arbitrum\", cost = \"0.05%\", delay = \"900s\" } }"),
    Key::new("events", "{ crash = { rate = \"2 per year\" } }"),
    Key::new("tokens", "{ USDC = { decimals = 6 } }"),
    Key::new("correlations", "{ \"ETH,BTC\" = 0.7 }"),
    Key::new("pools", "{ main = { kind = \"uniswap-v2\" } }"),
    Key::new("farms", "{ main = { kind = \"masterchef\" } }"),
    Key::new("lending", "{ usdc = { kind = \"aave-v3\" } }"),
    Key::new("vaults", "{ auto = { farm = \"main\", every = \"1d\", tvl = \"1_000_000 USDC\" } }"),
    Key::new("risks", "{ exploit = { target = \"farms.main\", rate = \"2% per year\" } }"),
    Key::new("agents", "[ { kind = \"arbitrageur\", pools = [\"main\"] } ]"),
    Key::new("positions", "[ { name = \"full range\", strategy = \"passive\" } ]"),
];
const SETTINGS: &[Key] = &[
    Key::new("name", "\"a pool against holding\""),
    Key::new("paths", "10_000"),
    Key::new("seed", "42"),
    Key::new("horizon", "\"365d\""),
    Key::new("numeraire", "\"USDC\""),
    Key::new("warm_up", "\"10d\""),
    Key::new("metrics", "[\"net_return\", \"fees\"]"),
    Key::new("quantiles", "[0.05, 0.5, 0.95]"),
    Key::new("isolate", "false"),
    Key::new("sampling", "\"antithetic\""),
    Key::new("control_variates", "[\"ETH\", \"sqrt(ETH)\"]"),
];

impl StudySpec {
    /// Read the shape of a study; whether it makes sense is for [`check`](Self::check) to say. `name` is what the study
    /// is called when it does not say.
    pub(crate) fn read(document: &Table<'_>, name: &str, folder: PathBuf) -> Checked<Self> {
        // Before all other keys: another schema would have other keys.
        check_schema(document)?;
        let fields = document.fields(&[TABLES])?;
        let mut spec = fields.with("study", &|item| read_settings(&item.table()?.fields(&[SETTINGS])?, name))?;
        spec.folder = folder;
        spec.chains = named(&fields, "chains", &ChainSpec::read)?;
        spec.bridges = named(&fields, "bridges", &BridgeSpec::read)?;
        spec.events = named(&fields, "events", &EventsSpec::read)?;
        spec.tokens = named(&fields, "tokens", &TokenSpec::read)?;
        spec.correlations = named(&fields, "correlations", &CorrelationSpec::read)?;
        spec.pools = named(&fields, "pools", &PoolSpec::read)?;
        spec.farms = named(&fields, "farms", &FarmSpec::read)?;
        spec.lending = named(&fields, "lending", &LendingSpec::read)?;
        spec.vaults = named(&fields, "vaults", &VaultSpec::read)?;
        spec.risks = named(&fields, "risks", &RiskSpec::read)?;
        spec.agents = list(&fields, "agents", &AgentSpec::read)?;
        spec.positions = list(&fields, "positions", &PositionSpec::read)?;
        spec.name_agents();
        Ok(spec)
    }
}

fn check_schema(document: &Table<'_>) -> Checked<()> {
    let Some(schema) = document.get("schema") else {
        return Err(Problem::new(KeyPath::root().key("schema"), "missing key `schema`")
            .with_expected("`schema` at the top of the file: the version of its format")
            .with_example("schema = 1"));
    };
    match schema.read::<u64>() {
        Ok(1) => Ok(()),
        _ => Err(schema.problem("a format that this version cannot read").with_expected("1").with_example("schema = 1")),
    }
}

fn read_settings(fields: &Fields<'_>, name: &str) -> Checked<StudySpec> {
    let spec = StudySpec::new(
        fields.optional::<String>("name")?.unwrap_or_else(|| name.to_owned()),
        fields.required("horizon")?,
        &fields.required("numeraire")?,
    );
    let isolate = |item: &Item<'_>| {
        if item.read()? {
            return Err(item.problem("a world for each position is not supported").with_expected("false"));
        }
        Ok(())
    };
    fields.optional_with("isolate", &isolate)?;
    Ok(StudySpec {
        paths: fields.or("paths", spec.paths)?,
        seed: fields.or("seed", spec.seed)?,
        warm_up: fields.or("warm_up", spec.warm_up)?,
        metrics: fields.optional_with("metrics", &read_metrics)?.unwrap_or_default(),
        levels: fields.optional_with("quantiles", &read_quantiles)?.unwrap_or_default(),
        sampling: fields.optional_with("sampling", &SamplingSpec::read)?.unwrap_or_default(),
        control_variates: fields.optional_with("control_variates", &ControlVariate::read_all)?.unwrap_or_default(),
        ..spec
    })
}

fn read_metrics(item: &Item<'_>) -> Checked<MetricSelection> {
    let known = metric_names();
    let names: Vec<&str> =
        item.elements()?.iter().map(|name| name.word("metric", &known, |metric| metric).copied()).collect::<Result<_, _>>()?;
    MetricSelection::of_names(&names).map_err(|unknown| item.problem(format!("unknown metric {:?}", names[unknown])))
}

fn read_quantiles(item: &Item<'_>) -> Checked<Levels> {
    let quantiles: Vec<f64> = item
        .elements()?
        .iter()
        .map(|element| {
            let p: f64 = element.read()?;
            let inside = 0.0 < p && p < 1.0;
            if inside { Ok(p) } else { Err(element.unexpected("a probability strictly between 0 and 1")) }
        })
        .collect::<Result<_, _>>()?;
    Levels::new(&quantiles).map_err(|error| item.problem(error.to_string()))
}

/// A table of tables: each has its key for a name.
fn named<T>(fields: &Fields<'_>, key: &'static str, read: &dyn Fn(&str, &Item<'_>) -> Checked<T>) -> Checked<Vec<T>> {
    let entries = |item: &Item<'_>| item.table()?.entries().map(|(name, entry)| read(name, &entry)).collect();
    Ok(fields.optional_with(key, &entries)?.unwrap_or_default())
}

/// An array of tables.
fn list<T>(fields: &Fields<'_>, key: &'static str, read: &dyn Fn(&Item<'_>) -> Checked<T>) -> Checked<Vec<T>> {
    let elements = |item: &Item<'_>| item.elements()?.iter().map(read).collect();
    Ok(fields.optional_with(key, &elements)?.unwrap_or_default())
}
