//! Agents: from what they are said to do to the models that do it.

use std::sync::Arc;

use cenote_amm::TokenIndex;
use cenote_paths::sizes::SizeModel;
use cenote_sim::{AgentModel, AgentSetup, Arbitrageur, CyclicArbitrageur, Hop, Latency, NoiseTraders, Route, ScenarioError};
use cenote_sim::{JitLiquidity, LiquidityCrowd, ReplayedPool, Sandwich};
use cenote_strategy::{PoolId, token_index};
use cenote_units::Symbol;

use super::{gas_units, pool_id, token_id};
use crate::error::StudyError;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::spec::{AgentKind, AgentSpec, HopSpec, LatencySpec, NoiseTradersSpec, SizeSpec, agent_stream, cycles, ways};
use crate::study::Study;

impl Study {
    /// All agents, with what they leave to be worked out from prices and files.
    pub(crate) fn resolved_agents(&self) -> Checked<Vec<AgentSpec>> {
        let mut agents = self.spec().agents.clone();
        for (i, agent) in agents.iter_mut().enumerate() {
            let AgentKind::NoiseTraders(traders) = &mut agent.kind else { continue };
            let path = KeyPath::root().key("agents").index(i);
            let price = |token: &Symbol| self.initial_price(token).unwrap_or(f64::NAN);
            let mean = |size: &SizeSpec| self.sizes(i, size, &path.key("size")).map(|sizes| sizes.mean());
            traders.resolve(&agent.pools, self.spec(), &path, price, mean)?;
        }
        Ok(agents)
    }

    /// The sizes of the trades of the agent at this place, in the numeraire.
    fn sizes(&self, agent: usize, size: &SizeSpec, path: &KeyPath) -> Checked<Arc<dyn SizeModel>> {
        size.model(|amount| self.value(amount), self.observed_sizes(agent)).map_err(|error| {
            Problem::new(path.clone(), error.to_string())
                .with_expected("sizes that are positive and finite in the numeraire")
                .with_example("size = \"500 USDC\"")
                .with_cause(error)
        })
    }

    pub(super) fn agent(&self, place: usize, agent: &AgentSpec) -> Result<AgentSetup, StudyError> {
        let path = KeyPath::root().key("agents").index(place);
        let pools: Vec<PoolId> = agent.pools.iter().map(|pool| pool_id(self.spec(), pool)).collect();
        let gas = gas_units(agent.gas);
        let model: Arc<dyn AgentModel> = match &agent.kind {
            AgentKind::Arbitrageur(spec) => Arbitrageur::on(pools)
                .gas(gas)
                .outside_fee(spec.outside_fee.fraction())?
                .latency(latency(spec.latency))
                .share(spec.share.get())?
                .into(),
            AgentKind::CyclicArbitrageur(spec) => {
                let cycles = cycles(spec, &agent.pools, self.spec(), &path)?;
                CyclicArbitrageur::cycles(cycles.iter().map(|cycle| self.hops(cycle)).collect())?.gas(gas).into()
            }
            AgentKind::NoiseTraders(traders) => self.noise_traders(place, &agent.pools, traders, &path)?.gas(gas).into(),
            AgentKind::LiquidityCrowd(crowd) => LiquidityCrowd::new(pools[0], crowd.target_apr.per_year(), crowd.response)?
                .window(crowd.window)?
                .every(crowd.every)?
                .into(),
            AgentKind::Jit(jit) => {
                let least = jit.min_trade.as_ref().map_or(0.0, |amount| self.value(amount));
                JitLiquidity::new(pools[0], self.value(&jit.capital), least)?.width(jit.width.get())?.gas(gas).into()
            }
            AgentKind::Sandwich(sandwich) => {
                let agent = Sandwich::on(pools).gas(gas);
                match &sandwich.capital {
                    Some(capital) => agent.capital(self.value(capital))?,
                    None => agent,
                }
                .into()
            }
            AgentKind::Replay(replay) => {
                let activity = match self.activity(place) {
                    Some(activity) => activity.clone(),
                    None => replay.load(self.spec(), &path)?,
                };
                ReplayedPool::new(pools[0], &activity, self.pool_decimals(&agent.pools[0])).into()
            }
            AgentKind::Custom(agent) => Arc::clone(agent.model()),
        };
        let name = agent.name.clone().unwrap_or_else(|| agent.kind.name().to_owned());
        let priority_fee = agent.priority_fee.native_per_gas();
        Ok(AgentSetup { priority_fee, ..AgentSetup::new(agent_stream(&name), model) })
    }

    fn noise_traders(
        &self,
        place: usize,
        pools: &[String],
        traders: &NoiseTradersSpec,
        path: &KeyPath,
    ) -> Result<NoiseTraders, StudyError> {
        // A study that has been built has both.
        let unresolved = || ScenarioError::Value { what: "arrivals of noise traders".to_owned(), value: 0.0, expected: "some" };
        let arrivals = traders.arrivals.as_ref().ok_or_else(unresolved)?.model(&path.key("arrivals"))?;
        let sizes = self.sizes(place, traders.size.as_ref().ok_or_else(unresolved)?, &path.key("size"))?;
        let route = self.route(pools, traders.pair.as_ref(), path)?;
        let traders_of = NoiseTraders::routed(route, arrivals, sizes)
            .directions(traders.buy_probability.get(), traders.direction_persistence.get())?
            .elasticity(traders.elasticity)?;
        let traders_of = match traders.slippage {
            Some(slippage) => traders_of.slippage(slippage.get())?,
            None => traders_of,
        };
        Ok(traders_of)
    }

    /// Decimals of the first two tokens of a pool.
    fn pool_decimals(&self, pool: &str) -> [u8; 2] {
        let spec = self.spec();
        let tokens = spec.pools.iter().find(|spec| spec.name == pool).map_or(&[][..], |pool| &pool.tokens);
        let decimals = |i: usize| tokens.get(i).and_then(|token| spec.tokens.get(token_id(spec, token).index()));
        [0, 1].map(|i| decimals(i).map_or(18, |token| token.decimals))
    }

    fn route(&self, pools: &[String], pair: Option<&[Symbol; 2]>, path: &KeyPath) -> Result<Route, StudyError> {
        let ways = ways(pools, pair, self.spec(), path)?;
        Ok(Route::new(ways.iter().map(|way| self.hops(way)).collect())?)
    }

    fn hops(&self, hops: &[HopSpec]) -> Vec<Hop> {
        hops.iter().map(|hop| self.hop(hop)).collect()
    }

    fn hop(&self, hop: &HopSpec) -> Hop {
        let spec = self.spec();
        let pool = pool_id(spec, &hop.pool);
        let tokens: Vec<_> =
            spec.pools.get(pool.index()).map_or(&[][..], |pool| &pool.tokens).iter().map(|token| token_id(spec, token)).collect();
        let place = |token: &Symbol| token_index(&tokens, token_id(spec, token)).unwrap_or(TokenIndex::ZERO);
        Hop::between(pool, place(&hop.token_in), place(&hop.token_out))
    }
}

fn latency(spec: LatencySpec) -> Latency {
    match spec {
        LatencySpec::Blocks(blocks) => Latency::Blocks(blocks),
        LatencySpec::Time(time) => Latency::Time(time),
    }
}
