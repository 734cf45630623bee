//! What a world is built from.

mod check;
mod setups;

use cenote_paths::Sampling;
use cenote_strategy::{ChainId, TokenId};
use cenote_units::SimDuration;

pub(crate) use self::check::known;
pub use self::setups::{
    AgentSetup, BridgeSetup, ChainSetup, DataCost, DataPrice, GasPrice, GasUnits, PoolSetup, PositionSetup, StrategyModel,
    TokenSetup,
};
use crate::agent::AgentModel;
use crate::metrics::{MetricUnit, PoolMetric, PositionMetric, RiskMetric};
use crate::outside::Correlation;
use crate::venues::{FarmSetup, LendingSetup, RiskSetup, VaultSetup};

/// Everything a world is built from: immutable, shared by threads.
///
/// Components are known to the random streams by name, never by place: adding one changes nobody else's random numbers.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Chains; [`ChainId`] is the place here.
    pub chains: Vec<ChainSetup>,
    /// Bridges between them; [`BridgeId`](cenote_strategy::BridgeId) is the place here.
    pub bridges: Vec<BridgeSetup>,
    /// Tokens; [`TokenId`] is the place here.
    pub tokens: Vec<TokenSetup>,
    /// The token that values are counted in.
    pub numeraire: TokenId,
    /// Prices that move together: the diffusion normals of these pairs are correlated, all others are not.
    pub correlations: Vec<Correlation>,
    /// Where the normals of prices' diffusions come from, if not from the streams of their own path.
    pub sampling: Option<Sampling>,
    /// Pools; [`PoolId`](cenote_strategy::PoolId) is the place here.
    pub pools: Vec<PoolSetup>,
    /// Farms; [`FarmId`](cenote_strategy::FarmId) is the place here.
    pub farms: Vec<FarmSetup>,
    /// Lending markets; [`LendingId`](cenote_strategy::LendingId) is the place here.
    pub lending: Vec<LendingSetup>,
    /// Vaults; [`VaultId`](cenote_strategy::VaultId) is the place here.
    pub vaults: Vec<VaultSetup>,
    /// What can go wrong.
    pub risks: Vec<RiskSetup>,
    /// Agents, in the order of their trades inside a phase.
    pub agents: Vec<AgentSetup>,
    /// Positions, all in the same world: they dilute each other.
    pub positions: Vec<PositionSetup>,
    /// Runs before anything is measured and before positions enter.
    pub warm_up: SimDuration,
    /// Measured time.
    pub horizon: SimDuration,
    /// What to report of each position.
    pub position_metrics: Vec<PositionMetric>,
    /// What to report of each position by what can go wrong.
    pub risk_metrics: Vec<RiskMetric>,
    /// What to report of each pool.
    pub pool_metrics: Vec<PoolMetric>,
    /// Whether a ledger follows every token and stops at the first that is created or lost.
    pub audit: bool,
}

impl Scenario {
    /// An empty world of this chain, measured for so long, that reports everything.
    pub fn new(chain: ChainSetup, horizon: SimDuration) -> Self {
        Self {
            chains: vec![chain],
            bridges: Vec::new(),
            tokens: Vec::new(),
            numeraire: TokenId(0),
            correlations: Vec::new(),
            sampling: None,
            pools: Vec::new(),
            farms: Vec::new(),
            lending: Vec::new(),
            vaults: Vec::new(),
            risks: Vec::new(),
            agents: Vec::new(),
            positions: Vec::new(),
            warm_up: SimDuration::ZERO,
            horizon,
            position_metrics: PositionMetric::ALL.to_vec(),
            risk_metrics: RiskMetric::ALL.to_vec(),
            pool_metrics: PoolMetric::ALL.to_vec(),
            audit: false,
        }
    }

    /// The chain that a position is at home on: that of the pool it enters, or the first.
    pub(crate) fn home_of(&self, entry: &cenote_strategy::Entry) -> ChainId {
        match entry {
            cenote_strategy::Entry::Pool(pool) | cenote_strategy::Entry::Range(pool, _) => {
                self.pools.get(pool.index()).map_or(ChainId(0), |pool| pool.chain)
            }
            cenote_strategy::Entry::Tokens(_) => ChainId(0),
            cenote_strategy::Entry::Mix(parts) => {
                let pool = |entry: &cenote_strategy::Entry| !matches!(entry, cenote_strategy::Entry::Tokens(_));
                let first = parts.iter().find(|(entry, _)| pool(entry)).or(parts.first());
                first.map_or(ChainId(0), |(entry, _)| self.home_of(entry))
            }
        }
    }

    /// The chain whose blocks an agent acts in.
    pub(crate) fn home(&self, agent: &dyn AgentModel) -> ChainId {
        self.pools.get(agent.home().index()).map_or(ChainId(0), |pool| pool.chain)
    }

    /// The columns of a result row, in order: what of whom.
    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        let positions = (0..self.positions.len()).flat_map(|i| {
            let metrics = self.position_metrics.iter().map(move |&m| Column::Position(i, m));
            metrics.chain(self.sources().map(move |(source, m)| Column::Risk(i, source, m)))
        });
        let pools = (0..self.pools.len()).flat_map(|i| self.pool_metrics.iter().map(move |&m| Column::Pool(i, m)));
        positions.chain(pools)
    }

    /// What is reported by what can go wrong: risks, then bridges.
    fn sources(&self) -> impl Iterator<Item = (RiskSource, RiskMetric)> + '_ {
        let wanted = |metric: &RiskMetric| self.risk_metrics.contains(metric);
        let all = move || RiskMetric::ALL.iter().copied().filter(wanted);
        let risks = self.risks.iter().enumerate().flat_map(move |(r, risk)| {
            all().filter(|&metric| risk.kind.has(metric)).map(move |metric| (RiskSource::Risk(r), metric))
        });
        let bridges = (0..self.bridges.len()).flat_map(move |b| {
            all().filter(|metric| RiskSource::BRIDGE.contains(metric)).map(move |metric| (RiskSource::Bridge(b), metric))
        });
        risks.chain(bridges)
    }

    /// The place of a source of loss in a position's book.
    pub(crate) fn source(&self, source: RiskSource) -> usize {
        match source {
            RiskSource::Risk(r) => r,
            RiskSource::Bridge(b) => self.risks.len() + b,
        }
    }
}

/// What a column of a result holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// A metric of the position at this place.
    Position(usize, PositionMetric),
    /// A metric of the position at this place, by what went wrong.
    Risk(usize, RiskSource, RiskMetric),
    /// A metric of the pool at this place.
    Pool(usize, PoolMetric),
}

impl Column {
    /// What kind of number it is.
    pub const fn unit(self) -> MetricUnit {
        match self {
            Self::Position(_, metric) => metric.unit(),
            Self::Risk(.., metric) => metric.unit(),
            Self::Pool(_, metric) => metric.unit(),
        }
    }
}

/// What can cost a position something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RiskSource {
    /// The risk at this place.
    Risk(usize),
    /// The bridge at this place, which may lose what is sent.
    Bridge(usize),
}

impl RiskSource {
    /// What there is to say of a bridge.
    pub const BRIDGE: &[RiskMetric] = &[RiskMetric::LostTo, RiskMetric::HitBy];
}
