//! Agents: from what they are said to do to the models that do it.

use std::sync::Arc;

use cenote_amm::TokenIndex;
use cenote_paths::sizes::{Constant, SizeModel};
use cenote_sim::{
    AgentModel, AgentSetup, Arbitrageur, CyclicArbitrageur, Hop, InformedArbitrageur, InformedTraders, Latency, Lean, NoiseTraders,
    Route, ScenarioError, Whales,
};
use cenote_sim::{JitLiquidity, LiquidityCrowd, ReplayedPool, RewardSellers, Sandwich};
use cenote_strategy::{FarmId, PoolId, TokenId, token_index};
use cenote_units::Symbol;

use super::{gas_units, pool_id, token_id};
use crate::error::StudyError;
use crate::key_path::KeyPath;
use crate::problem::{Checked, Problem};
use crate::spec::{
    AgentKind, AgentSpec, HopSpec, InformedTradersSpec, InformedTrading, LatencySpec, NoiseTradersSpec, SizeSpec, WhaleDirection,
    WhaleSize, WhalesSpec, agent_stream, cycles, ways,
};
use crate::study::Study;

impl Study {
    /// All agents, with what they leave to be worked out from prices and files.
    pub(crate) fn resolved_agents(&self) -> Checked<Vec<AgentSpec>> {
        let mut agents = self.spec().agents.clone();
        for (i, agent) in agents.iter_mut().enumerate() {
            let traders = match &mut agent.kind {
                AgentKind::NoiseTraders(traders) => traders,
                AgentKind::InformedTraders(traders) => {
                    traders.resolve(&agent.pools, self.spec());
                    continue;
                }
                AgentKind::Whales(whales) => {
                    whales.resolve(&agent.pools, self.spec());
                    continue;
                }
                _ => continue,
            };
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
            AgentKind::RewardSellers(sellers) => {
                let spec = self.spec();
                let farm = spec.farms.iter().position(|farm| farm.name == sellers.farm);
                let reward =
                    farm.and_then(|farm| sellers.sold(&spec.farms[farm])).map_or(TokenId(u16::MAX), |token| token_id(spec, token));
                let farm = FarmId(farm.and_then(|farm| u16::try_from(farm).ok()).unwrap_or(u16::MAX));
                // For the numeraire where the pool has it, else for its first other token.
                let tokens = spec.pools.iter().find(|pool| pool.name == agent.pools[0]).map_or(&[][..], |pool| &pool.tokens);
                let others = || tokens.iter().map(|token| token_id(spec, token)).filter(|&token| token != reward);
                let numeraire = token_id(spec, &spec.numeraire);
                let into = others().find(|&token| token == numeraire).or_else(|| others().next()).unwrap_or(TokenId(u16::MAX));
                RewardSellers::new(farm, reward, pools[0], into, sellers.share.get())?.into()
            }
            AgentKind::Replay(replay) => {
                let activity = match self.activity(place) {
                    Some(activity) => activity.clone(),
                    None => replay.load(self.spec(), &path)?,
                };
                ReplayedPool::new(pools[0], &activity, self.pool_decimals(&agent.pools[0])).into()
            }
            AgentKind::InformedTraders(traders) => self.informed_traders(place, agent, traders, &path)?,
            AgentKind::Whales(whales) => Arc::new(self.whales(place, &agent.pools, whales, &path)?.gas(gas)),
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

    fn informed_traders(
        &self,
        place: usize,
        agent: &AgentSpec,
        traders: &InformedTradersSpec,
        path: &KeyPath,
    ) -> Result<Arc<dyn AgentModel>, StudyError> {
        let (route, gas) = (self.route(&agent.pools, traders.pair.as_ref(), path)?, gas_units(agent.gas));
        Ok(match &traders.trading {
            InformedTrading::Flow { arrivals, size, accuracy } => {
                let arrivals = arrivals.model(&path.key("arrivals"))?;
                let sizes = self.sizes(place, size, &path.key("size"))?;
                Arc::new(InformedTraders::new(route, arrivals, sizes, accuracy.get())?.gas(gas))
            }
            InformedTrading::Edge { to_edge, share } => {
                let pools = route.paths().iter().flatten().copied().collect();
                Arc::new(InformedArbitrageur::new(pools, to_edge.get())?.share(share.get())?.gas(gas))
            }
        })
    }

    fn whales(&self, place: usize, pools: &[String], whales: &WhalesSpec, path: &KeyPath) -> Result<Whales, StudyError> {
        let (route, arrivals) = (self.route(pools, whales.pair.as_ref(), path)?, whales.arrivals.model(&path.key("arrivals"))?);
        let model = match &whales.size {
            WhaleSize::Value(size) => Whales::new(route, arrivals, self.sizes(place, size, &path.key("size"))?),
            WhaleSize::PoolShare(share) => {
                let expected = "a share above zero";
                let refused = |_| ScenarioError::Value { what: "share of the pool".to_owned(), value: share.get(), expected };
                Whales::new(route, arrivals, Arc::new(Constant::new(share.get()).map_err(refused)?)).part_of_pools()
            }
        };
        let lookback = latency(whales.lookback);
        let lean = match whales.direction {
            WhaleDirection::Random => Lean::Random,
            WhaleDirection::Momentum => Lean::Momentum(lookback),
            WhaleDirection::MeanReverting => Lean::MeanReverting(lookback),
        };
        Ok(model.slices(whales.slices)?.lean(lean).buys(whales.buy_probability.get())?)
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
