//! A study that has passed every check.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use cenote_paths::history::PoolActivity;
use cenote_paths::sizes::Empirical;
use cenote_paths::{PriceModel, Sampling};
use cenote_sim::Utilisation;
use cenote_units::Symbol;

use crate::error::StudyError;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::reader::Document;
use crate::spec::{AgentKind, AgentSpec, CorrelationSpec, StudySpec, TokenSpec, check_streams};

/// A study that can run: its description is consistent, its agents have names, its price files are loaded.
///
/// ```
/// use cenote_study::Study;
/// let text = r#"
/// schema = 1
///
/// [study]
/// paths = 1_000
/// horizon = "90d"
/// numeraire = "USDC"
///
/// [chains.ethereum]
/// block_time = "1h"
/// native = "ETH"
///
/// [tokens]
/// USDC = { decimals = 6 }
/// ETH = { decimals = 18, price = { process = "gbm", initial = "2000 USDC", drift = "0%", volatility = "80%" } }
///
/// [[positions]]
/// name = "hold"
/// strategy = "hold"
/// tokens = ["ETH", "USDC"]
/// deposit = "10_000 USDC"
/// "#;
/// let study = Study::parse(text, "hold.toml", &["study.paths=500"])?;
/// assert_eq!(study.spec().paths, 500);
/// let again = Study::parse(&study.to_toml()?, "resolved.toml", &[])?;
/// assert_eq!(again.to_json()?, study.to_json()?);
/// # Ok::<(), cenote_study::StudyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Study {
    spec: StudySpec,
    prices: Vec<(Symbol, Arc<dyn PriceModel>)>,
    /// Of the files that are resampled jointly.
    joint: Vec<CorrelationSpec>,
    sampling: Option<Sampling>,
    /// Processes of gas prices, of the chains that have one, in gwei.
    gas: Vec<Option<Arc<dyn PriceModel>>>,
    /// Processes of others' stakes, of the farms that have one.
    inflows: Vec<Option<Arc<dyn PriceModel>>>,
    /// What drives the utilisation of each lending market.
    utilisations: Vec<Utilisation>,
    /// Of the control variates, in their order.
    control_means: Vec<f64>,
    /// Observed sizes of the agents that have a file of them.
    sizes: Vec<Option<Empirical>>,
    /// Recorded activity of the agents that replay it.
    activities: Vec<Option<PoolActivity>>,
}

impl Study {
    /// Check a description, name its nameless agents and load its files.
    ///
    /// # Errors
    /// [`StudyError::Invalid`] for the first thing that is wrong; [`StudyError::StreamCollision`] when two components
    /// would draw the same random numbers.
    pub fn new(mut spec: StudySpec) -> Result<Self, StudyError> {
        spec.name_agents();
        spec.check()?;
        check_streams(&spec)?;
        let priced = spec.tokens.iter().filter(|token| token.symbol != spec.numeraire);
        let prices: Vec<_> = priced.filter_map(|token| price_of(token, &spec).transpose()).collect::<Result<_, _>>()?;
        spec.check_diffusions(&prices)?;
        let joint = spec.check_joints()?;
        let sampling = spec.plan_sampling(&prices)?;
        let control_means = spec.control_means(&prices)?;
        let sizes = spec.agents.iter().enumerate().map(|(i, agent)| sizes_of(i, agent, &spec)).collect::<Result<_, _>>()?;
        let activities = spec.agents.iter().enumerate().map(|(i, agent)| activity_of(i, agent, &spec)).collect::<Result<_, _>>()?;
        let gas = spec.chains.iter().map(|chain| chain.gas_process(&spec)).collect::<Result<_, _>>()?;
        let inflows = spec.farms.iter().map(|farm| farm.inflow_model(&spec)).collect::<Result<_, _>>()?;
        let utilisations = spec.lending.iter().map(|lending| lending.driver(&spec)).collect::<Result<_, _>>()?;
        let mut study = Self { spec, prices, joint, sampling, gas, inflows, utilisations, control_means, sizes, activities };
        study.spec.agents = study.resolved_agents()?;
        Ok(study)
    }

    /// Read a study file. Every override is `key.path=value`, as behind `--set`.
    ///
    /// # Errors
    /// [`StudyError::Read`] for a file that cannot be read; otherwise as [`parse`](Self::parse).
    pub fn load(path: &Path, overrides: &[&str]) -> Result<Self, StudyError> {
        let text = fs::read_to_string(path).map_err(|source| StudyError::Read { path: path.to_owned(), source })?;
        Self::parse(&text, &path.to_string_lossy(), overrides)
    }

    /// Read the text of a study file. `file` is its name: errors show it, and relative file names in the study start
    /// from its folder.
    ///
    /// # Errors
    /// As [`new`](Self::new); the problem says in which line, or in which override.
    pub fn parse(text: &str, file: &str, overrides: &[&str]) -> Result<Self, StudyError> {
        let mut document = Document::parse(file, text)?;
        for assignment in overrides {
            document.set(assignment)?;
        }
        let path = Path::new(file);
        let name = path.file_stem().map_or_else(|| file.to_owned(), |stem| stem.to_string_lossy().into_owned());
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        StudySpec::read(&document.table(), &name, folder).map_err(StudyError::from).and_then(Self::new).map_err(|error| match error
        {
            StudyError::Invalid(problem) => StudyError::Invalid(document.locate(problem)),
            other => other,
        })
    }

    /// The description, with all its defaults filled in.
    pub fn spec(&self) -> &StudySpec {
        &self.spec
    }

    /// The tokens that have a price, with the model that moves it, in the token that it is in ([`TokenSpec::quote`]). The numeraire
    /// is not among them: it is worth 1.
    pub fn prices(&self) -> &[(Symbol, Arc<dyn PriceModel>)] {
        &self.prices
    }

    /// The correlations of prices: those of the description, and those of the files that are resampled jointly.
    pub(crate) fn correlations(&self) -> impl Iterator<Item = &CorrelationSpec> {
        self.spec.correlations.iter().chain(&self.joint)
    }

    /// Where the normals of diffusions come from, unless paths are independent.
    pub fn sampling(&self) -> Option<&Sampling> {
        self.sampling.as_ref()
    }

    /// The process of the gas price of the chain at this place, if it is one.
    pub(crate) fn gas_process(&self, chain: usize) -> Option<&Arc<dyn PriceModel>> {
        self.gas.get(chain)?.as_ref()
    }

    /// The process of others' stake in the farm at this place, if it has one.
    pub(crate) fn inflow(&self, farm: usize) -> Option<&Arc<dyn PriceModel>> {
        self.inflows.get(farm)?.as_ref()
    }

    /// What drives the utilisation of the lending market at this place.
    pub(crate) fn utilisation(&self, lending: usize) -> Utilisation {
        self.utilisations.get(lending).cloned().unwrap_or(Utilisation::Constant)
    }

    /// The known means of the control variates, in their order.
    pub fn control_means(&self) -> &[f64] {
        &self.control_means
    }

    /// Price of a token at the start, in the numeraire; `None` for a token that has none.
    pub fn initial_price(&self, token: &Symbol) -> Option<f64> {
        if *token == self.spec.numeraire {
            return Some(1.0);
        }
        let (_, model) = self.prices.iter().find(|(symbol, _)| symbol == token)?;
        let quote = self.spec.tokens.iter().find(|spec| spec.symbol == *token)?.quote(&self.spec.numeraire);
        // The checks of the study left no cycle.
        Some(model.initial() * self.initial_price(quote)?)
    }

    /// The sizes which the agent at this place has a file of.
    pub(crate) fn observed_sizes(&self, agent: usize) -> Option<&Empirical> {
        self.sizes.get(agent)?.as_ref()
    }

    /// The record which the agent at this place replays.
    pub(crate) fn activity(&self, agent: usize) -> Option<&PoolActivity> {
        self.activities.get(agent)?.as_ref()
    }

    /// The resolved study as a study file.
    ///
    /// # Errors
    /// [`StudyError::Unwritable`] when TOML cannot hold it, which no study from a file brings about.
    pub fn to_toml(&self) -> Result<String, StudyError> {
        toml::to_string(&self.spec).map_err(|error| StudyError::Unwritable(Box::new(error)))
    }

    /// The resolved study in the shape of a study file, as JSON.
    ///
    /// # Errors
    /// [`StudyError::Unwritable`] when JSON cannot hold it, which no study from a file brings about.
    pub fn to_json(&self) -> Result<serde_json::Value, StudyError> {
        serde_json::to_value(&self.spec).map_err(|error| StudyError::Unwritable(Box::new(error)))
    }
}

/// The observed sizes of an agent that has a file of them.
fn sizes_of(place: usize, agent: &AgentSpec, spec: &StudySpec) -> Checked<Option<Empirical>> {
    let Some(size) = agent.kind.size() else { return Ok(None) };
    size.load(&spec.folder, &KeyPath::root().key("agents").index(place).key("size"))
}

/// The record of an agent that replays one.
fn activity_of(place: usize, agent: &AgentSpec, spec: &StudySpec) -> Checked<Option<PoolActivity>> {
    let AgentKind::Replay(replay) = &agent.kind else { return Ok(None) };
    replay.load(spec, &KeyPath::root().key("agents").index(place)).map(Some)
}

/// The model of a token's price, able to run as long as the study does.
fn price_of(token: &TokenSpec, spec: &StudySpec) -> Checked<Option<(Symbol, Arc<dyn PriceModel>)>> {
    let Some(price) = &token.price else { return Ok(None) };
    let path = KeyPath::root().key("tokens").key(token.symbol.as_str()).key("price");
    let model = price.model(spec, &path)?;
    let initial = model.initial();
    if !(initial.is_finite() && initial > 0.0) {
        return Err(Problem::new(path, format!("the price of {} starts at {initial}", token.symbol))
            .with_found(initial.to_string())
            .with_expected("a finite price above zero")
            .with_example(format!("initial = \"2000 {}\"", spec.numeraire)));
    }
    spec.check_horizon(&*model, &path)?;
    Ok(Some((token.symbol.clone(), model)))
}

impl StudySpec {
    /// That a process can run as long as the study does.
    pub(crate) fn check_horizon(&self, model: &dyn PriceModel, path: &KeyPath) -> Checked<()> {
        // The sum was checked not to overflow.
        let total = self.horizon.checked_add(self.warm_up).unwrap_or(self.horizon);
        model.check_horizon(total).map_err(|error| {
            Problem::new(path.clone(), error.to_string())
                .with_found(format!("horizon = \"{}\", warm_up = \"{}\"", self.horizon, self.warm_up))
                .with_expected("a horizon that the process can cover")
                .with_example("horizon = \"90d\"")
                .with_cause(error)
        })
    }
}
