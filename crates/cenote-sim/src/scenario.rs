use std::fmt::Debug;
use std::sync::Arc;

use cenote_amm::PoolModel;
use cenote_paths::{PACK, PriceModel, Sampling};
use cenote_strategy::{Bridge, BuildStrategy, ChainId, PoolId, TokenId};
use cenote_units::SimDuration;

use crate::agent::{AgentModel, Phase};
use crate::clock::Clock;
use crate::error::ScenarioError;
use crate::hedge_book::HedgeTerms;
use crate::metrics::{MetricUnit, PoolMetric, PositionMetric, RiskMetric};
use crate::outside::Correlation;
use crate::venues::{CoverTerms, FarmSetup, LendingSetup, RiskSetup, VaultSetup, VoteTerms};

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
    /// Pools; [`PoolId`] is the place here.
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

/// A chain.
#[derive(Clone, Debug)]
pub struct ChainSetup {
    /// Its name; its streams are `chains.NAME.clock` and `chains.NAME.gas_price`.
    pub name: String,
    /// When it makes blocks.
    pub clock: Clock,
    /// The token that gas is paid in; `None` where gas is free.
    pub native: Option<TokenId>,
    /// Price of a unit of gas in the native token.
    pub gas_price: GasPrice,
    /// What a transaction pays for the publication of its data on another chain.
    pub data: Option<DataCost>,
    /// Phases inside a block. Of several chains, prices move first on all of them.
    pub order: Vec<Phase>,
    /// Whether transactions of arbitrage, flow and liquidity come by their priority fees instead, the highest first, at the place of the
    /// first of these phases; equal ones come in the order of the phases.
    pub by_priority_fee: bool,
}

impl ChainSetup {
    /// A chain with free gas and the usual order of phases.
    pub fn new(name: &str, clock: Clock) -> Self {
        let gas_price = GasPrice::Constant(0.0);
        Self {
            name: name.to_owned(),
            clock,
            native: None,
            gas_price,
            data: None,
            order: Phase::ORDER.to_vec(),
            by_priority_fee: false,
        }
    }
}

/// A bridge from one chain to another.
#[derive(Clone, Debug, PartialEq)]
pub struct BridgeSetup {
    /// Its name; its failures are drawn from streams `bridges.NAME@POSITION`.
    pub name: String,
    /// On which terms.
    pub terms: Bridge,
}

/// The price of a unit of gas, in the native token.
#[derive(Clone, Debug)]
pub enum GasPrice {
    /// Always this.
    Constant(f64),
    /// One that moves.
    Process {
        /// It, in units of its own.
        model: Arc<dyn PriceModel>,
        /// What such a unit is in the native token: 1e-9 for gwei.
        unit: f64,
    },
}

impl GasPrice {
    /// The price at the start.
    pub fn initial(&self) -> f64 {
        match self {
            Self::Constant(price) => *price,
            Self::Process { model, unit } => model.initial() * unit,
        }
    }
}

/// What every transaction of a chain pays for the publication of its data on another: so much gas there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DataCost {
    /// Units of the other chain's gas.
    pub gas: f64,
    /// What a unit of it costs.
    pub price: DataPrice,
}

/// The price of a unit of another chain's gas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DataPrice {
    /// Always this, in the native token of the chain that pays.
    Constant(f64),
    /// What it costs on this chain now.
    Chain(ChainId),
}

/// A token.
#[derive(Clone, Debug)]
pub struct TokenSetup {
    /// Its symbol.
    pub symbol: String,
    /// Its decimals.
    pub decimals: u8,
    /// Its price's stream, for example `tokens.ETH.price`.
    pub stream: String,
    /// Its outside price; `None` for the numeraire itself, whose price is one, and for tokens nobody prices.
    pub price: Option<Arc<dyn PriceModel>>,
    /// The pool that its price is formed in: it is what the pool trades it at, and its process only says what it is at the start. `None`
    /// where the price comes from outside.
    pub formed_in: Option<PoolId>,
    /// The token that its price is in, whose own price it is multiplied by; `None` for the numeraire.
    pub quote: Option<TokenId>,
}

impl TokenSetup {
    /// A token whose outside price moves.
    pub fn priced(symbol: &str, decimals: u8, price: Arc<dyn PriceModel>) -> Self {
        Self { price: Some(price), ..Self::numeraire(symbol, decimals) }
    }

    /// The token that values are counted in.
    pub fn numeraire(symbol: &str, decimals: u8) -> Self {
        Self {
            symbol: symbol.to_owned(),
            decimals,
            stream: format!("tokens.{symbol}.price"),
            price: None,
            formed_in: None,
            quote: None,
        }
    }
}

/// A pool, with the liquidity of others in it.
#[derive(Clone, Debug)]
pub struct PoolSetup {
    /// Its name.
    pub name: String,
    /// The chain that it is on.
    pub chain: ChainId,
    /// Its tokens, in the pool's order.
    pub tokens: Vec<TokenId>,
    /// Its family and parameters.
    pub model: Arc<dyn PoolModel>,
    /// Value of the liquidity of others at the initial prices, in the numeraire.
    pub value: f64,
}

impl PoolSetup {
    /// A pool on the world's first chain.
    pub fn new(name: &str, tokens: impl Into<Vec<TokenId>>, model: Arc<dyn PoolModel>, value: f64) -> Self {
        Self { name: name.to_owned(), chain: ChainId(0), tokens: tokens.into(), model, value }
    }
}

/// An agent.
#[derive(Clone, Debug)]
pub struct AgentSetup {
    /// Its stream, for example `agents.noise-traders@main`.
    pub stream: String,
    /// Its kind and parameters.
    pub model: Arc<dyn AgentModel>,
    /// What it pays for a unit of gas beyond its price, in the native token.
    pub priority_fee: f64,
}

impl AgentSetup {
    /// An agent without a priority fee, that draws from this stream.
    pub fn new(stream: impl Into<String>, model: Arc<dyn AgentModel>) -> Self {
        Self { stream: stream.into(), model, priority_fee: 0.0 }
    }
}

/// Builds a strategy for one lane and for a pack.
pub trait StrategyModel: Debug + Send + Sync + BuildStrategy<1> + BuildStrategy<PACK> {}
impl<T: Debug + Send + Sync + BuildStrategy<1> + BuildStrategy<PACK>> StrategyModel for T {}

/// A position.
#[derive(Clone, Debug)]
pub struct PositionSetup {
    /// Its name.
    pub name: String,
    /// What it does.
    pub strategy: Arc<dyn StrategyModel>,
    /// Value handed over, in the numeraire.
    pub deposit: f64,
    /// The chain that it is at home on; `None` for that of the first pool it enters, or else the world's first.
    pub home: Option<ChainId>,
    /// Gas units of what it does.
    pub gas: GasUnits,
    /// What it pays for a unit of gas beyond its price, in the native token.
    pub priority_fee: f64,
    /// On which terms it can trade outside with borrowed money or tokens, if it can.
    pub hedge: Option<HedgeTerms>,
    /// Votes that boost its stake in a gauge, if it has some.
    pub votes: Option<VoteTerms>,
    /// Cover against exploits, if it has bought some.
    pub cover: Option<CoverTerms>,
}

impl PositionSetup {
    /// A position that pays no gas.
    pub fn new(name: &str, strategy: Arc<dyn StrategyModel>, deposit: f64) -> Self {
        let gas = GasUnits::default();
        Self { name: name.to_owned(), strategy, deposit, gas, home: None, priority_fee: 0.0, hedge: None, votes: None, cover: None }
    }
}

/// Gas units of a position's actions; zero where gas does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct GasUnits {
    /// Adding liquidity.
    pub mint: f64,
    /// Removing liquidity.
    pub burn: f64,
    /// Collecting fees of a range.
    pub collect: f64,
    /// Swapping.
    pub swap: f64,
    /// Putting something into a farm, a lending market or a vault; repaying a loan.
    pub deposit: f64,
    /// Claiming rewards.
    pub claim: f64,
    /// Taking something out of a farm, a lending market or a vault; borrowing.
    pub withdraw: f64,
    /// Allowing a contract to take a token: once for each pool, farm, market or vault, and each token it takes.
    pub approve: f64,
    /// Sending tokens over a bridge.
    pub bridge: f64,
}

impl GasUnits {
    /// Gas does not matter.
    pub const FREE: Self =
        Self { mint: 0.0, burn: 0.0, collect: 0.0, swap: 0.0, deposit: 0.0, claim: 0.0, withdraw: 0.0, approve: 0.0, bridge: 0.0 };
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

    /// Checks what a world relies on.
    ///
    /// # Errors
    /// Says what is wrong; a scenario that passes builds a world and runs.
    pub fn check(&self) -> Result<(), ScenarioError> {
        let value = |ok: bool, what: String, value: f64, expected: &'static str| {
            if ok { Ok(()) } else { Err(ScenarioError::Value { what, value, expected }) }
        };
        self.known_token("the numeraire", self.numeraire)?;
        known("a scenario", "chain", 0, self.chains.len())?;
        for chain in &self.chains {
            self.check_chain(chain)?;
        }
        for bridge in &self.bridges {
            self.check_bridge(bridge)?;
        }
        self.check_prices()?;
        for pool in &self.pools {
            known(&format!("pool {:?}", pool.name), "chain", pool.chain.index(), self.chains.len())?;
            for &token in &pool.tokens {
                self.priced_token(&format!("pool {:?}", pool.name), token)?;
            }
            value(pool.value > 0.0 && pool.value.is_finite(), format!("value of pool {:?}", pool.name), pool.value, "positive")?;
        }
        self.check_venues()?;
        for position in &self.positions {
            let ok = position.deposit > 0.0 && position.deposit.is_finite();
            value(ok, format!("deposit of {:?}", position.name), position.deposit, "a positive value")?;
            position.hedge.map_or(Ok(()), |terms| terms.check(&position.name))?;
            let fee = position.priority_fee;
            value(
                fee >= 0.0 && fee.is_finite(),
                format!("priority fee of {:?}", position.name),
                fee,
                "a finite price, not negative",
            )?;
            let entry = BuildStrategy::<1>::build(&*position.strategy).entry();
            self.check_entry(&position.name, &entry)?;
        }
        for agent in &self.agents {
            let fee = agent.priority_fee;
            value(
                fee >= 0.0 && fee.is_finite(),
                format!("priority fee of {:?}", agent.stream),
                fee,
                "a finite price, not negative",
            )?;
            agent.model.check(self.chains[self.home(&*agent.model).index()].clock)?;
        }
        Ok(())
    }

    fn check_chain(&self, chain: &ChainSetup) -> Result<(), ScenarioError> {
        let value = |ok: bool, what: &str, value: f64, expected: &'static str| {
            let what = || format!("{what} of chain {:?}", chain.name);
            if ok { Ok(()) } else { Err(ScenarioError::Value { what: what(), value, expected }) }
        };
        if let Clock::Gamma { shape, .. } = chain.clock {
            value((0.01..=1e6).contains(&shape), "the shape of the clock", shape, "between 0.01 and a million")?;
        }
        if let Some(native) = chain.native {
            self.priced_token(&format!("the native token of chain {:?}", chain.name), native)?;
        }
        let gas = chain.gas_price.initial();
        value(gas >= 0.0 && gas.is_finite(), "gas price", gas, "a finite price, not negative")?;
        if let Some(DataCost { gas, price }) = chain.data {
            value(gas >= 0.0 && gas.is_finite(), "gas for data", gas, "a finite number of units, not negative")?;
            match price {
                DataPrice::Constant(price) => {
                    value(price >= 0.0 && price.is_finite(), "price of gas for data", price, "a finite price, not negative")?;
                }
                DataPrice::Chain(other) => known(&format!("chain {:?}", chain.name), "chain", other.index(), self.chains.len())?,
            }
        }
        let first = chain.order.iter().position(|&phase| phase == Phase::Price);
        let early = chain.order.iter().take(first.unwrap_or(0)).any(|&phase| phase != Phase::Informed);
        if self.chains.len() > 1 && (early || chain.order != self.chains[0].order) {
            return Err(ScenarioError::Order { chain: chain.name.clone() });
        }
        Ok(())
    }

    fn check_bridge(&self, bridge: &BridgeSetup) -> Result<(), ScenarioError> {
        let what = format!("bridge {:?}", bridge.name);
        let Bridge { from, to, fraction, fixed, failure, .. } = bridge.terms;
        known(&what, "chain", from.index(), self.chains.len())?;
        known(&what, "chain", to.index(), self.chains.len())?;
        let value = |ok: bool, part: &str, value: f64, expected: &'static str| {
            if ok { Ok(()) } else { Err(ScenarioError::Value { what: format!("{part} of {what}"), value, expected }) }
        };
        value(from != to, "the other end", f64::from(to.0), "another chain than the one it begins on")?;
        value((0.0..1.0).contains(&fraction), "the fraction", fraction, "from 0 to below 1")?;
        value(fixed >= 0.0 && fixed.is_finite(), "the fixed cost", fixed, "a finite value, not negative")?;
        value((0.0..=1.0).contains(&failure), "the failure", failure, "a probability")
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

    fn check_entry(&self, position: &str, entry: &cenote_strategy::Entry) -> Result<(), ScenarioError> {
        match entry {
            cenote_strategy::Entry::Pool(pool) => self.known_pool(&format!("position {position:?}"), *pool),
            cenote_strategy::Entry::Range(pool, _) => {
                self.known_pool(&format!("position {position:?}"), *pool)?;
                if self.pools[pool.index()].model.is_ranged() {
                    return Ok(());
                }
                let pool = self.pools[pool.index()].name.clone();
                Err(ScenarioError::NoRanges { what: format!("position {position:?}"), pool })
            }
            cenote_strategy::Entry::Tokens(tokens) => {
                let what = format!("position {position:?}");
                tokens.iter().try_for_each(|&(token, _)| self.priced_token(&what, token))?;
                check_weights(position, tokens.iter().map(|(_, weight)| *weight))
            }
            cenote_strategy::Entry::Mix(parts) => {
                parts.iter().try_for_each(|(entry, _)| self.check_entry(position, entry))?;
                check_weights(position, parts.iter().map(|(_, weight)| *weight))
            }
        }
    }

    fn known_token(&self, what: &str, token: TokenId) -> Result<(), ScenarioError> {
        known(what, "token", token.index(), self.tokens.len())
    }

    /// A token that has a value in the numeraire.
    pub(crate) fn priced_token(&self, what: &str, token: TokenId) -> Result<(), ScenarioError> {
        self.known_token(what, token)?;
        let setup = &self.tokens[token.index()];
        if token == self.numeraire || setup.price.is_some() {
            return Ok(());
        }
        Err(ScenarioError::Unpriced { what: what.to_owned(), token: setup.symbol.clone() })
    }

    fn known_pool(&self, what: &str, pool: PoolId) -> Result<(), ScenarioError> {
        known(what, "pool", pool.index(), self.pools.len())
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

/// Shares of a deposit.
fn check_weights(position: &str, weights: impl Iterator<Item = f64> + Clone) -> Result<(), ScenarioError> {
    let value: f64 = weights.clone().sum();
    let ok = (value - 1.0).abs() <= 1e-9 && weights.into_iter().all(|weight| weight >= 0.0);
    let expected = "weights that are not negative and sum to one";
    if ok { Ok(()) } else { Err(ScenarioError::Value { what: format!("entry of {position:?}"), value, expected }) }
}

pub(crate) fn known(what: &str, kind: &'static str, index: usize, count: usize) -> Result<(), ScenarioError> {
    if index < count { Ok(()) } else { Err(ScenarioError::Unknown { what: what.to_owned(), kind, index, count }) }
}
