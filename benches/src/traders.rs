//! Worlds of W1e's pace with traders who do more than those of W1e.

use std::sync::Arc;

use cenote_amm::ConstantProductModel;
use cenote_amm::constant_product::SwapFee;
use cenote_paths::arrivals::Poisson;
use cenote_paths::sizes::Lognormal;
use cenote_paths::{Gbm, PriceModel};
use cenote_sim::{
    AgentModel, AgentSetup, Arbitrageur, CyclicArbitrageur, GasPrice, Hop, NoiseTraders, PoolSetup, Route, Scenario, TokenSetup,
    Whales,
};
use cenote_strategy::{PoolId, TokenId};

use crate::worlds::{Report, w1};

const POOLS: [PoolId; 3] = [PoolId(0), PoolId(1), PoolId(2)];

/// Who trades in three constant-product pools, beside an arbitrageur on all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traders {
    /// Nobody.
    None,
    /// Noise in the first pool, as in W1e.
    Plain,
    /// The same noise, put off by what a trade costs.
    Elastic,
    /// The same noise, each trade split over the three pools.
    Routed,
    /// The same, where gas has to be paid in each.
    RoutedWithGas,
    /// Whales, twice a day, in ten slices.
    Whales,
}

fn token(symbol: &str, price: f64) -> TokenSetup {
    let model: Arc<dyn PriceModel> = Arc::new(Gbm::per_year(price, 0.0, 0.8).expect("parameters in range"));
    TokenSetup::priced(symbol, 18, model)
}

fn pool(name: &str, tokens: [u16; 2], fee: u32) -> PoolSetup {
    let fee = SwapFee::from_pips(fee).expect("a fee below one");
    let model = Arc::new(ConstantProductModel::new(fee, None));
    PoolSetup::new(name, tokens.map(TokenId).to_vec(), model, 10e6)
}

fn agent(stream: &str, model: Arc<dyn AgentModel>) -> AgentSetup {
    AgentSetup::new(stream, model)
}

/// A year of hourly blocks in three pools of one pair; the net return of a position in the first.
///
/// # Panics
/// Never.
pub fn three_pools(traders: Traders) -> Scenario {
    let route = || Route::new(POOLS.map(|pool| vec![Hop::new(pool)]).to_vec()).expect("three ways");
    let arrivals = |rate: &str| Arc::new(Poisson::new(rate.parse().expect("a rate")).expect("a rate"));
    let noise = |route: Route| {
        let sizes = Arc::new(Lognormal::new(1500.0, 1.2).expect("parameters in range"));
        NoiseTraders::routed(route, arrivals("150 per day"), sizes)
    };
    let model: Option<Arc<dyn AgentModel>> = match traders {
        Traders::None => None,
        Traders::Plain => Some(Arc::new(noise(Route::pool(POOLS[0])))),
        Traders::Elastic => Some(Arc::new(noise(Route::pool(POOLS[0])).elasticity(50.0).expect("an elasticity"))),
        Traders::Routed => Some(Arc::new(noise(route()))),
        Traders::RoutedWithGas => Some(Arc::new(noise(route()).gas(100_000.0))),
        Traders::Whales => {
            let sizes = Arc::new(Lognormal::new(200e3, 1.0).expect("parameters in range"));
            Some(Arc::new(Whales::new(Route::pool(POOLS[0]), arrivals("2 per day"), sizes).slices(10).expect("ten")))
        }
    };
    let mut scenario = w1(Report::NetReturn);
    scenario.pools = vec![pool("a", [0, 1], 3000), pool("b", [0, 1], 500), pool("c", [0, 1], 10_000)];
    // Gas is only looked at by those who burn some.
    scenario.chains[0].native = Some(TokenId(0));
    scenario.chains[0].gas_price = GasPrice::Constant(20e-9);
    scenario.agents = vec![agent("agents.arbitrageur", Arc::new(Arbitrageur::on(POOLS)))];
    scenario.agents.extend(model.map(|model| agent("agents.traders", model)));
    scenario
}

/// A year of hourly blocks in a triangle of pools, none of them traded against the outside; with an arbitrageur around it or not.
///
/// # Panics
/// Never.
pub fn triangle(arbitrage: bool) -> Scenario {
    let mut scenario = w1(Report::NetReturn);
    scenario.tokens = vec![token("ETH", 2000.0), TokenSetup::numeraire("USDC", 6), token("BTC", 30_000.0)];
    scenario.pools = vec![pool("a", [0, 1], 3000), pool("b", [0, 2], 500), pool("c", [2, 1], 500)];
    scenario.agents = vec![agent("agents.arbitrageur", Arc::new(Arbitrageur::on([POOLS[0], POOLS[2]])))];
    if arbitrage {
        let hops = vec![Hop::new(POOLS[0]).reversed(), Hop::new(POOLS[1]), Hop::new(POOLS[2])];
        scenario.agents.push(agent("agents.cyclic", Arc::new(CyclicArbitrageur::cycle(hops).expect("a cycle"))));
    }
    scenario
}
