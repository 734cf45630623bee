//! From a study to the scenario that worlds are built from: names become places, quantities become numbers.

mod agent;
mod pool;
mod position;
mod venue;
mod yields;

use std::sync::Arc;

use cenote_sim::{BridgeSetup, ChainSetup, Clock, Correlation, DataCost, DataPrice, GasPrice, Scenario, TokenSetup};
use cenote_strategy::{Bridge, ChainId, PoolId, TokenId};
use cenote_units::{Symbol, TokenAmount};

use crate::error::StudyError;
use crate::spec::{BlockOrder, BlockTime, BridgeCost, BridgeSpec, DataPriceSpec, GasPriceSpec, GasUnits, StudySpec, price_stream};
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
        let scenario = Scenario {
            chains: (0..spec.chains.len()).map(|c| self.chain(c)).collect(),
            bridges: spec.bridges.iter().map(|bridge| self.bridge(bridge)).collect(),
            tokens: spec
                .tokens
                .iter()
                .map(|token| TokenSetup {
                    symbol: token.symbol.to_string(),
                    decimals: token.decimals,
                    stream: price_stream(&token.symbol),
                    price: self.prices().iter().find(|(symbol, _)| *symbol == token.symbol).map(|(_, model)| Arc::clone(model)),
                    formed_in: token.formed_in.as_deref().map(|name| pool_id(spec, name)),
                    quote: Some(token_id(spec, token.quote(&spec.numeraire))),
                })
                .collect(),
            numeraire: token_id(spec, &spec.numeraire),
            sampling: self.sampling().cloned(),
            correlations: self
                .correlations()
                .map(|pair| Correlation { tokens: pair.tokens.each_ref().map(|token| token_id(spec, token)), value: pair.value })
                .collect(),
            pools: spec.pools.iter().map(|pool| self.pool(pool, lane)).collect::<Result<_, _>>()?,
            farms: (0..spec.farms.len()).map(|f| self.farm(f)).collect::<Result<_, _>>()?,
            lending: (0..spec.lending.len()).map(|i| self.lending(i)).collect::<Result<_, _>>()?,
            vaults: spec.vaults.iter().map(|vault| self.vault(vault)).collect::<Result<_, _>>()?,
            risks: spec.risks.iter().map(|risk| self.risk(risk)).collect(),
            agents: spec.agents.iter().enumerate().map(|(i, agent)| self.agent(i, agent)).collect::<Result<_, _>>()?,
            positions: spec.positions.iter().map(|position| self.position(position)).collect::<Result<_, _>>()?,
            warm_up: spec.warm_up,
            horizon: spec.horizon,
            position_metrics: spec.metrics.positions().to_vec(),
            risk_metrics: spec.metrics.risks().to_vec(),
            pool_metrics: spec.metrics.pools().to_vec(),
            audit,
        };
        scenario.check()?;
        Ok(scenario)
    }

    fn chain(&self, c: usize) -> ChainSetup {
        let (spec, chain) = (self.spec(), &self.spec().chains[c]);
        let free = chain.gas_price.is_free() && chain.l1_data.is_none();
        ChainSetup {
            name: chain.name.clone(),
            clock: match chain.block_time {
                BlockTime::Fixed(interval) => Clock::Fixed(interval),
                BlockTime::Poisson(mean) => Clock::Poisson(mean),
                BlockTime::Gamma { mean, shape } => Clock::Gamma { mean, shape },
            },
            native: (!free).then(|| token_id(spec, &chain.native)),
            gas_price: match (&chain.gas_price, self.gas_process(c)) {
                (_, Some(model)) => GasPrice::Process { model: Arc::clone(model), unit: NATIVE_PER_GWEI },
                (GasPriceSpec::Constant(price), None) => GasPrice::Constant(price.native_per_gas()),
                // A study has loaded the process of every chain that has one.
                (GasPriceSpec::Process(_), None) => GasPrice::Constant(f64::NAN),
            },
            data: chain.l1_data.as_ref().map(|data| DataCost {
                gas: gas_units(data.gas),
                price: match &data.price {
                    DataPriceSpec::Price(price) => DataPrice::Constant(price.native_per_gas()),
                    DataPriceSpec::Chain(name) => DataPrice::Chain(chain_id(spec, name)),
                },
            }),
            order: chain.order.phases().to_vec(),
            by_priority_fee: chain.order == BlockOrder::PriorityFee,
        }
    }

    fn bridge(&self, bridge: &BridgeSpec) -> BridgeSetup {
        let (fraction, fixed) = match &bridge.cost {
            BridgeCost::Part(part) => (part.get(), 0.0),
            BridgeCost::Amount(amount) => (0.0, self.value(amount)),
        };
        let [from, to] = [&bridge.from, &bridge.to].map(|chain| chain_id(self.spec(), chain));
        let terms = Bridge { from, to, fraction, fixed, delay: bridge.delay, failure: bridge.failure.get() };
        BridgeSetup { name: bridge.name.clone(), terms }
    }

    /// What an amount is worth at the initial prices, in the numeraire.
    pub(crate) fn value(&self, amount: &TokenAmount) -> f64 {
        amount.to_f64() * self.initial_price(amount.symbol()).unwrap_or(f64::NAN)
    }
}

/// Places of a study's own names: its checks left no unknown one. A place that is not there fails the scenario's check.
pub(super) fn token_id(spec: &StudySpec, symbol: &Symbol) -> TokenId {
    spec.token_id(symbol.as_str()).unwrap_or(TokenId(u16::MAX))
}

pub(super) fn pool_id(spec: &StudySpec, name: &str) -> PoolId {
    spec.pool_id(name).unwrap_or(PoolId(u16::MAX))
}

/// The place of a chain that the checks of the study left known.
pub(super) fn chain_id(spec: &StudySpec, name: &str) -> ChainId {
    let place = spec.chains.iter().position(|chain| chain.name == name);
    ChainId(place.and_then(|place| u16::try_from(place).ok()).unwrap_or(u16::MAX))
}

/// What a gwei is in the native token.
const NATIVE_PER_GWEI: f64 = 1e-9;

/// Gas units of a position's or a vault's actions, as numbers.
pub(super) fn gas_table(gas: &GasUnits) -> cenote_sim::GasUnits {
    cenote_sim::GasUnits {
        mint: gas_units(gas.mint),
        burn: gas_units(gas.burn),
        collect: gas_units(gas.collect),
        swap: gas_units(gas.swap),
        deposit: gas_units(gas.deposit),
        claim: gas_units(gas.claim),
        withdraw: gas_units(gas.withdraw),
        approve: gas_units(gas.approve),
        bridge: gas_units(gas.bridge),
    }
}

/// Gas units as a number: below 2⁵³ without exception.
#[expect(clippy::cast_precision_loss, reason = "stated above")]
pub(super) fn gas_units(units: u64) -> f64 {
    units as f64
}
