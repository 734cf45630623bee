//! A market of one lane to try agents in: pools as they are built, prices that stand still.

use std::sync::Arc;

use cenote_amm::concentrated::FeeTier;
use cenote_amm::constant_product::SwapFee;
use cenote_amm::stableswap::PoolFee;
use cenote_amm::{
    AnyPool, BuildPool, ConcentratedModel, ConstantProductModel, FlowLanes, PoolModel, PoolStart, RangeRule, StableSwapModel,
    TokenIndex,
};
use cenote_strategy::{ChainId, GasLanes, MarketLanes, TokenId, VenueLanes};
use cenote_units::Lanes;

/// A token of 2,000, one of 30,000 and the numeraire: what a test's market has.
pub(crate) const PRICES: [f64; 3] = [2000.0, 30_000.0, 1.0];
pub(crate) const ETH: usize = 0;
pub(crate) const BTC: usize = 1;
pub(crate) const USDC: usize = 2;

pub(crate) struct Scene {
    pub(crate) pools: Vec<AnyPool<1>>,
    pub(crate) tokens: Vec<Vec<TokenId>>,
    pub(crate) prices: Vec<Lanes<1>>,
    pub(crate) gas: GasLanes<1>,
    pub(crate) chains: Vec<ChainId>,
    pub(crate) venues: VenueLanes<1>,
}

/// A pool of two tokens, its value, and the part of the second reserve that somebody pays in first.
pub(crate) type Setting = (Arc<dyn PoolModel>, [usize; 2], f64, f64);

pub(crate) fn token(t: usize) -> TokenId {
    TokenId(u16::try_from(t).unwrap())
}

impl Scene {
    pub(crate) fn new(pools: &[Setting]) -> Self {
        let build = |(model, tokens, value, moved): &Setting| {
            let prices = tokens.map(|t| PRICES[t]);
            let start = PoolStart { value: *value, prices: &prices, decimals: &[18, 18] };
            let mut pool = BuildPool::<1>::build(&**model, &start).unwrap();
            let mut flow = FlowLanes { amount_in: Lanes([moved * pool.reserve(TokenIndex::ONE, 0)]), ..FlowLanes::default() };
            pool.swap(&mut flow);
            pool
        };
        Self {
            pools: pools.iter().map(build).collect(),
            tokens: pools.iter().map(|pool| pool.1.map(token).to_vec()).collect(),
            prices: PRICES.map(Lanes::splat).to_vec(),
            gas: GasLanes { native: Some(token(ETH)), price: Lanes([1e-8]), data: Lanes::ZERO },
            chains: vec![ChainId::default(); pools.len()],
            venues: VenueLanes::NONE,
        }
    }

    pub(crate) fn market(&self) -> MarketLanes<'_, 1> {
        MarketLanes {
            chain: ChainId::default(),
            block: 0,
            time: &[0],
            years: &Lanes([0.0]),
            shared_years: None,
            active: &Lanes([1.0]),
            prices: &self.prices,
            pools: &self.pools,
            pool_tokens: &self.tokens,
            bridges: &[],
            venues: &self.venues,
            numeraire: token(USDC),
            upcoming: None,
            pool_chains: &self.chains,
            priority_fee: 0.0,
            gas: std::slice::from_ref(&self.gas),
        }
    }
}

pub(crate) fn constant_product(fee: u32) -> Arc<dyn PoolModel> {
    Arc::new(ConstantProductModel::new(SwapFee::from_pips(fee).unwrap(), None))
}

pub(crate) fn ranges() -> Arc<dyn PoolModel> {
    let rules = vec![(RangeRule::Full, 1.0), (RangeRule::Relative { lower: -0.01, upper: 0.01 }, 1.0)];
    Arc::new(ConcentratedModel::uniswap_v3(FeeTier::BP_5, rules))
}

pub(crate) fn stable() -> Arc<dyn PoolModel> {
    let fee = PoolFee::from_parts(4_000_000).unwrap();
    Arc::new(StableSwapModel::first_generation(&[18, 18], 100, fee, PoolFee::from_parts(0).unwrap()).unwrap())
}
