//! The description of a study, one file per table, usable with and without TOML.
//!
//! A [`StudySpec`] is plain data. It becomes a [`Study`](crate::Study), which can run, by passing every check; the
//! checks are the same whether it was read from a file or built by a program.

mod activity_file;
mod agent;
mod bridge;
mod chain;
mod check;
mod control_variate;
mod correlations;
mod custom;
mod events;
mod farm;
mod harvest;
mod joint;
mod lending;
mod place;
mod pool;
mod position;
#[cfg(test)]
mod price_tests;
mod process;
mod quantity;
mod quotes;
mod read;
mod resolved;
mod risk;
mod sampling;
#[cfg(test)]
mod sampling_tests;
mod streams;
#[cfg(test)]
mod tests;
mod token;
mod vault;
#[cfg(test)]
mod venue_world;

use std::path::PathBuf;

use cenote_strategy::{BridgeId, FarmId, LendingId, PoolId, TokenId, VaultId};
use cenote_units::{SimDuration, Symbol};

pub use agent::{AgentKind, AgentSpec, ArrivalsSpec, HawkesSpec, NoiseTradersSpec, ProfileSpec, SizeSpec};
pub use agent::{ArbitrageurSpec, CyclicArbitrageurSpec, LatencySpec};
pub(crate) use agent::{HopSpec, cycles, ways};
pub use agent::{InformedTradersSpec, InformedTrading, WhaleDirection, WhaleSize, WhalesSpec};
pub use agent::{JitSpec, LiquidityCrowdSpec, ReplaySpec, RewardSellersSpec, SandwichSpec};
pub use bridge::{BridgeCost, BridgeSpec};
pub use chain::{BlockOrder, BlockTime, ChainSpec, DataPriceSpec, DataSpec, GasPriceSpec};
pub use control_variate::ControlVariate;
pub use correlations::CorrelationSpec;
pub use custom::Custom;
pub use events::EventsSpec;
pub use farm::{
    BoostSpec, EmissionSpec, EpochSpec, FarmCrowdSpec, FarmKind, FarmSpec, LockSpec, ScheduleSpec, StakedSpec, VestingSpec,
};
pub use harvest::HarvestSpec;
pub use lending::{
    BorrowersSpec, CollateralSpec, LendingKind, LendingSpec, LogitProcessSpec, RateFileSpec, RatesSpec, UtilisationSpec,
};
pub(crate) use place::Place;
pub use pool::{
    ConcentratedSpec, ConstantProductSpec, CustomPoolSpec, DynamicFeeSpec, ImbalanceFeeSpec, LiquiditySpec, PoolFamily, PoolSpec,
    RangeSpec, StableSwapSpec, VolatilityFeeSpec, WeightedSpec,
};
pub use position::{
    BestYieldSpec, BoundsSpec, CompoundSpec, CoverSpec, DcaSpec, FarmStrategySpec, GasUnits, GuardSpec, HedgeSpec, HoldSpec,
    InVaultSpec, LendSpec, LoopSpec, ManagementSpec, PassiveSpec, PortfolioSpec, PositionSpec, RangeOrderSpec, RangeStrategySpec,
    RebalanceSpec, RecentreSpec, RewardsAction, RewardsSpec, ShapeSpec, StrategySpec, TriggerSpec, VolatilityWidthSpec, VotesSpec,
    WidthSpec,
};
pub use process::PoolActivitySpec;
pub use process::{
    CircularBootstrapSpec, ConstantSpec, DepegSpec, ExpOuSpec, ExponentialJumpsSpec, GarchSpec, GbmSpec, HestonSpec, HistoryFile,
    HistorySpec, JumpTimesSpec, KouSpec, MertonSpec, NormalJumpsSpec, OuSpec, PegSpec, ProcessSpec, RecoverySpec, RegimeSpec,
    RegimeSwitchingSpec, ShockSpec, ShockedSpec, StationaryBootstrapSpec, VarianceGammaSpec,
};
pub use risk::{HazardSpec, RiskKindSpec, RiskSpec};
pub use sampling::SamplingSpec;
pub(crate) use streams::check_streams;
pub use streams::{agent_stream, clock_stream, events_stream, joint_stream, price_stream};
pub use token::TokenSpec;
pub use vault::VaultSpec;

use crate::error::StudyError;
use crate::metrics::MetricSelection;
use crate::names::resolved_names;
use crate::stats::Levels;
use crate::study::Study;

/// What the world of a study is, who acts in it, and whose return is asked for.
///
/// ```
/// use cenote_study::{
///     AgentSpec, BlockTime, ChainSpec, ConstantProductSpec, GbmSpec, HoldSpec, PassiveSpec, PoolFamily, PoolSpec,
///     PositionSpec, StudySpec, TokenSpec,
/// };
/// use cenote_paths::Drift;
///
/// let (eth, usdc) = ("ETH".parse()?, "USDC".parse()?);
/// let price = GbmSpec::new("2000 USDC".parse()?, Drift::Price("0%".parse()?), "80%".parse()?);
/// let pool = ConstantProductSpec::new("30bp".parse()?, "10_000_000 USDC".parse()?);
/// let study = StudySpec::new("a pool against holding", "365d".parse()?, &usdc)
///     .paths(10_000)
///     .seed(42)
///     .chain(ChainSpec::new("ethereum", BlockTime::Fixed("1h".parse()?), "ETH".parse()?))
///     .token(TokenSpec::new("ETH".parse()?, 18).price(price))
///     .token(TokenSpec::new("USDC".parse()?, 6))
///     .pool(PoolSpec::new("main", "ethereum", &[eth, usdc.clone()], PoolFamily::UniswapV2(pool)))
///     .agent(AgentSpec::arbitrageur(&["main"]))
///     .position(PositionSpec::new("full range", PassiveSpec::new("main").into(), "100_000 USDC".parse()?))
///     .position(PositionSpec::new("hold", HoldSpec::equal(&["ETH".parse()?, usdc]).into(), "100_000 USDC".parse()?))
///     .build()?;
/// assert_eq!(study.spec().agents[0].name.as_deref(), Some("arbitrageur@main"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct StudySpec {
    /// What the study is called.
    pub name: String,
    /// How many paths are run, at most 2^32 - 1.
    pub paths: u32,
    /// The master seed of all random streams, at most 2^63 - 1 (the integers of TOML).
    pub seed: u64,
    /// How paths are sampled.
    pub sampling: SamplingSpec,
    /// What improves means by its own known mean.
    pub control_variates: Vec<ControlVariate>,
    /// How long is measured.
    pub horizon: SimDuration,
    /// The token that everything is valued in.
    pub numeraire: Symbol,
    /// How long the world runs before anything is measured.
    pub warm_up: SimDuration,
    /// What is computed.
    pub metrics: MetricSelection,
    /// Which quantiles and tails of it are reported.
    pub levels: Levels,
    /// The chains.
    pub chains: Vec<ChainSpec>,
    /// The bridges between them.
    pub bridges: Vec<BridgeSpec>,
    /// What befalls several prices at once.
    pub events: Vec<EventsSpec>,
    /// The tokens.
    pub tokens: Vec<TokenSpec>,
    /// Which prices move together.
    pub correlations: Vec<CorrelationSpec>,
    /// The pools.
    pub pools: Vec<PoolSpec>,
    /// The farms.
    pub farms: Vec<FarmSpec>,
    /// The lending markets.
    pub lending: Vec<LendingSpec>,
    /// The vaults.
    pub vaults: Vec<VaultSpec>,
    /// What can go wrong.
    pub risks: Vec<RiskSpec>,
    /// The agents.
    pub agents: Vec<AgentSpec>,
    /// The positions.
    pub positions: Vec<PositionSpec>,
    /// Where relative file names start: the folder of the study file.
    pub folder: PathBuf,
}

impl StudySpec {
    /// Paths of a study that does not say how many.
    pub const DEFAULT_PATHS: u32 = 1_000;
    /// Seed of a study that does not say which.
    pub const DEFAULT_SEED: u64 = 42;

    /// A study of an empty world.
    pub fn new(name: impl Into<String>, horizon: SimDuration, numeraire: &Symbol) -> Self {
        Self {
            name: name.into(),
            paths: Self::DEFAULT_PATHS,
            seed: Self::DEFAULT_SEED,
            sampling: SamplingSpec::default(),
            control_variates: Vec::new(),
            horizon,
            numeraire: numeraire.clone(),
            warm_up: SimDuration::ZERO,
            metrics: MetricSelection::all(),
            levels: Levels::default(),
            chains: Vec::new(),
            bridges: Vec::new(),
            events: Vec::new(),
            tokens: Vec::new(),
            correlations: Vec::new(),
            pools: Vec::new(),
            farms: Vec::new(),
            lending: Vec::new(),
            vaults: Vec::new(),
            risks: Vec::new(),
            agents: Vec::new(),
            positions: Vec::new(),
            folder: PathBuf::new(),
        }
    }

    /// Run this many paths.
    pub fn paths(mut self, paths: u32) -> Self {
        self.paths = paths;
        self
    }

    /// Draw from the streams of this seed.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sample paths like this.
    pub fn sampling(mut self, sampling: SamplingSpec) -> Self {
        self.sampling = sampling;
        self
    }

    /// Improve means by this, whose own mean is known.
    pub fn control_variate(mut self, control: ControlVariate) -> Self {
        self.control_variates.push(control);
        self
    }

    /// Run this long before anything is measured.
    pub fn warm_up(mut self, warm_up: SimDuration) -> Self {
        self.warm_up = warm_up;
        self
    }

    /// Compute these metrics only.
    pub fn metrics(mut self, metrics: MetricSelection) -> Self {
        self.metrics = metrics;
        self
    }

    /// Report these quantiles.
    pub fn levels(mut self, levels: Levels) -> Self {
        self.levels = levels;
        self
    }

    /// Add a chain.
    pub fn chain(mut self, chain: ChainSpec) -> Self {
        self.chains.push(chain);
        self
    }

    /// Add a bridge.
    pub fn bridge(mut self, bridge: BridgeSpec) -> Self {
        self.bridges.push(bridge);
        self
    }

    /// Add events that several prices may share.
    pub fn events(mut self, events: EventsSpec) -> Self {
        self.events.push(events);
        self
    }

    /// Add a token.
    pub fn token(mut self, token: TokenSpec) -> Self {
        self.tokens.push(token);
        self
    }

    /// Correlate the prices of two tokens.
    pub fn correlation(mut self, first: &Symbol, second: &Symbol, value: f64) -> Self {
        self.correlations.push(CorrelationSpec::new(first.clone(), second.clone(), value));
        self
    }

    /// Add a pool.
    pub fn pool(mut self, pool: PoolSpec) -> Self {
        self.pools.push(pool);
        self
    }

    /// Add a farm.
    pub fn farm(mut self, farm: FarmSpec) -> Self {
        self.farms.push(farm);
        self
    }

    /// Add a lending market.
    pub fn lending(mut self, lending: LendingSpec) -> Self {
        self.lending.push(lending);
        self
    }

    /// Add a vault.
    pub fn vault(mut self, vault: VaultSpec) -> Self {
        self.vaults.push(vault);
        self
    }

    /// Add something that can go wrong.
    pub fn risk(mut self, risk: RiskSpec) -> Self {
        self.risks.push(risk);
        self
    }

    /// Add an agent.
    pub fn agent(mut self, agent: AgentSpec) -> Self {
        self.agents.push(agent);
        self
    }

    /// Add a position.
    pub fn position(mut self, position: PositionSpec) -> Self {
        self.positions.push(position);
        self
    }

    /// The place of a pool, by which agents and strategies of one's own know it.
    pub fn pool_id(&self, name: &str) -> Option<PoolId> {
        let place = self.pools.iter().position(|pool| pool.name == name)?;
        u16::try_from(place).ok().map(PoolId)
    }

    /// The place of a farm, by which strategies of one's own know it.
    pub fn farm_id(&self, name: &str) -> Option<FarmId> {
        let place = self.farms.iter().position(|farm| farm.name == name)?;
        u16::try_from(place).ok().map(FarmId)
    }

    /// The place of a lending market, by which strategies of one's own know it.
    pub fn lending_id(&self, name: &str) -> Option<LendingId> {
        let place = self.lending.iter().position(|lending| lending.name == name)?;
        u16::try_from(place).ok().map(LendingId)
    }

    /// The place of a vault, by which strategies of one's own know it.
    pub fn vault_id(&self, name: &str) -> Option<VaultId> {
        let place = self.vaults.iter().position(|vault| vault.name == name)?;
        u16::try_from(place).ok().map(VaultId)
    }

    /// The place of a bridge, by which strategies of one's own know it.
    pub fn bridge_id(&self, name: &str) -> Option<BridgeId> {
        let place = self.bridges.iter().position(|bridge| bridge.name == name)?;
        u16::try_from(place).ok().map(BridgeId)
    }

    /// The place of a token, by which agents and strategies of one's own know it.
    pub fn token_id(&self, symbol: &str) -> Option<TokenId> {
        let place = self.tokens.iter().position(|token| token.symbol.as_str() == symbol)?;
        u16::try_from(place).ok().map(TokenId)
    }

    /// Check everything, name the nameless, load the files.
    ///
    /// # Errors
    /// [`StudyError::Invalid`] for the first thing that is wrong; [`StudyError::StreamCollision`] when two components
    /// would draw the same random numbers.
    pub fn build(self) -> Result<Study, StudyError> {
        Study::new(self)
    }

    /// Give every agent without a name the one that it is known by.
    pub(crate) fn name_agents(&mut self) {
        let names = resolved_names(self.agents.iter().map(|agent| (agent.name.as_deref(), agent.default_name())));
        for (agent, name) in self.agents.iter_mut().zip(names) {
            agent.name = Some(name);
        }
    }
}
