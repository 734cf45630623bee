//! From a study to the scenario that worlds are built from: names become places, quantities become numbers.

use std::sync::Arc;

use cenote_amm::constant_product::{ProtocolFee, SwapFee};
use cenote_amm::{ConstantProductModel, Lifted, PoolModel};
use cenote_sim::{
    AgentModel, AgentSetup, Arbitrageur, ChainSetup, Clock, GasUnits, NoiseTraders, PoolSetup, PositionSetup, Scenario,
    ScenarioError, StrategyModel, TokenSetup,
};
use cenote_strategy::{Hold, Passive, PoolId, TokenId};
use cenote_units::{GasPrice, Symbol, TokenAmount};

use crate::error::StudyError;
use crate::spec::{
    AgentKind, AgentSpec, BlockTime, ConstantProductSpec, PoolFamily, PoolSpec, PositionSpec, SizeSpec, StrategySpec, StudySpec,
    agent_stream, clock_stream, price_stream,
};
use crate::study::Study;

/// In which arithmetic pools run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PoolLane {
    /// `f64`, many paths at once.
    #[default]
    Fast,
    /// The integers of the deployed contract, one path at a time.
    Exact,
}

impl Study {
    /// The scenario of this study, its pools in this lane. `audit` follows every token in a ledger.
    ///
    /// # Errors
    /// [`StudyError::Scenario`] for what the simulator refuses.
    pub fn scenario(&self, lane: PoolLane, audit: bool) -> Result<Scenario, StudyError> {
        let spec = self.spec();
        // The checks of the study left exactly one chain.
        let chain = &spec.chains[0];
        let scenario = Scenario {
            chain: ChainSetup {
                stream: clock_stream(&chain.name),
                clock: match chain.block_time {
                    BlockTime::Fixed(interval) => Clock::Fixed(interval),
                    BlockTime::Poisson(mean) => Clock::Poisson(mean),
                },
                native: (chain.gas_price != GasPrice::ZERO).then(|| token_id(spec, &chain.native)),
                gas_price: chain.gas_price.native_per_gas(),
                order: chain.order.clone(),
            },
            tokens: spec
                .tokens
                .iter()
                .map(|token| TokenSetup {
                    symbol: token.symbol.to_string(),
                    decimals: token.decimals,
                    stream: price_stream(&token.symbol),
                    price: self.prices().iter().find(|(symbol, _)| *symbol == token.symbol).map(|(_, model)| Arc::clone(model)),
                })
                .collect(),
            numeraire: token_id(spec, &spec.numeraire),
            pools: spec.pools.iter().map(|pool| self.pool(pool, lane)).collect::<Result<_, _>>()?,
            agents: spec.agents.iter().map(|agent| self.agent(agent)).collect::<Result<_, _>>()?,
            positions: spec.positions.iter().map(|position| self.position(position)).collect::<Result<_, _>>()?,
            warm_up: spec.warm_up,
            horizon: spec.horizon,
            position_metrics: spec.metrics.positions().to_vec(),
            pool_metrics: spec.metrics.pools().to_vec(),
            audit,
        };
        scenario.check()?;
        Ok(scenario)
    }

    /// What an amount is worth at the initial prices, in the numeraire.
    fn value(&self, amount: &TokenAmount) -> f64 {
        amount.to_f64() * self.initial_price(amount.symbol()).unwrap_or(f64::NAN)
    }

    fn pool(&self, pool: &PoolSpec, lane: PoolLane) -> Result<PoolSetup, StudyError> {
        let spec = self.spec();
        let constant_product = |family: &ConstantProductSpec, protocol_fee| -> Result<Arc<dyn PoolModel>, StudyError> {
            let refused = |error: cenote_amm::AmmError| ScenarioError::Pool { pool: pool.name.clone(), reason: error.to_string() };
            let fee = SwapFee::try_from(family.fee).map_err(refused)?;
            let model = ConstantProductModel::new(fee, family.protocol_fee.then_some(protocol_fee));
            Ok(match lane {
                PoolLane::Fast => Arc::new(model),
                PoolLane::Exact => {
                    let decimals = [0, 1].map(|i| spec.tokens[token_id(spec, &pool.tokens[i]).index()].decimals);
                    Arc::new(Lifted::new(model.exact(decimals), 2))
                }
            })
        };
        let model = match &pool.family {
            PoolFamily::UniswapV2(family) => constant_product(family, ProtocolFee::UNISWAP_V2)?,
            PoolFamily::PancakeswapV2(family) => constant_product(family, ProtocolFee::PANCAKESWAP_V2)?,
            PoolFamily::Custom(family) => Arc::clone(family.pool.model()),
        };
        Ok(PoolSetup {
            name: pool.name.clone(),
            tokens: pool.tokens.iter().map(|token| token_id(spec, token)).collect(),
            model,
            value: self.value(pool.family.tvl()),
        })
    }

    fn agent(&self, agent: &AgentSpec) -> Result<AgentSetup, StudyError> {
        let pools: Vec<PoolId> = agent.pools.iter().map(|pool| pool_id(self.spec(), pool)).collect();
        let gas = gas_units(agent.gas);
        let model: Arc<dyn AgentModel> = match &agent.kind {
            AgentKind::Arbitrageur {} => Arc::new(Arbitrageur::on(pools).gas(gas)),
            AgentKind::NoiseTraders(traders) => {
                let SizeSpec::Lognormal { median, sigma } = &traders.size;
                // The checks of the study left exactly one pool.
                Arc::new(NoiseTraders::lognormal(pools[0], traders.arrivals.per_year(), self.value(median), *sigma)?.gas(gas))
            }
            AgentKind::Custom(agent) => Arc::clone(agent.model()),
        };
        let name = agent.name.clone().unwrap_or_else(|| agent.kind.name().to_owned());
        Ok(AgentSetup { stream: agent_stream(&name), model })
    }

    fn position(&self, position: &PositionSpec) -> Result<PositionSetup, StudyError> {
        let spec = self.spec();
        let strategy: Arc<dyn StrategyModel> = match &position.strategy {
            StrategySpec::Hold(hold) => {
                let tokens = hold.tokens.iter().map(|token| token_id(spec, token));
                Arc::new(Hold::weighted(tokens.zip(hold.shares()).collect())?)
            }
            StrategySpec::Passive(passive) => Arc::new(Passive::new(pool_id(spec, &passive.pool))),
            StrategySpec::Custom(strategy) => Arc::clone(strategy.model()),
        };
        let gas = &position.gas;
        Ok(PositionSetup {
            name: position.name.clone(),
            strategy,
            deposit: self.value(&position.deposit),
            gas: GasUnits { mint: gas_units(gas.mint), burn: gas_units(gas.burn), swap: gas_units(gas.swap) },
        })
    }
}

/// Places of a study's own names: its checks left no unknown one. A place that is not there fails the scenario's check.
fn token_id(spec: &StudySpec, symbol: &Symbol) -> TokenId {
    spec.token_id(symbol.as_str()).unwrap_or(TokenId(u16::MAX))
}

fn pool_id(spec: &StudySpec, name: &str) -> PoolId {
    spec.pool_id(name).unwrap_or(PoolId(u16::MAX))
}

/// Gas units as a number: below 2⁵³ without exception.
#[expect(clippy::cast_precision_loss, reason = "stated above")]
fn gas_units(units: u64) -> f64 {
    units as f64
}
