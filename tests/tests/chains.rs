//! Several chains: each has its own blocks, gas and pools, and positions wait for the blocks of the chain that they act on.

use std::sync::{Arc, Mutex};

use cenote_paths::Ou;
use cenote_sim::{
    Actor, AgentSetup, Arbitrageur, BridgeSetup, ChainSetup, Clock, DataCost, DataPrice, Event, EventKey, GasPrice, GasUnits,
    NoiseTraders, Observer, PoolMetric, PoolSetup, PositionMetric, PositionSetup, RiskMetric, Scenario, World,
};
use cenote_strategy::{
    Action, Bridge, BridgeId, ChainId, Entry, Market, Passive, PoolId, Position, Refusal, Strategy, TokenId, Wake,
};
use cenote_tests::scenes::{ETH, USDC, constant_product, driftless_log, duration, scene};

const ON_L1: PoolId = PoolId(0);
const ON_L2: PoolId = PoolId(1);

/// A slow chain and a fast one, a pool on each.
fn two_chains(slow: Clock, fast: Clock, horizon: &str) -> Scenario {
    let mut scenario = scene(slow, driftless_log(0.8), constant_product(3000), horizon);
    let mut l2 = ChainSetup::new("l2", fast);
    l2.native = Some(ETH);
    l2.gas_price = GasPrice::Constant(1e-10);
    scenario.chains[0].native = Some(ETH);
    scenario.chains[0].gas_price = GasPrice::Constant(20e-9);
    scenario.chains.push(l2);
    let mut pool = PoolSetup::new("other", [ETH, USDC], constant_product(3000), 1e6);
    pool.chain = ChainId(1);
    scenario.pools.push(pool);
    let agent = |name: &str, model| AgentSetup::new(format!("agents.{name}"), model);
    scenario.agents = vec![
        agent("arbitrage-l1", Arc::new(Arbitrageur::on([ON_L1]).gas(100e3))),
        agent("arbitrage-l2", Arc::new(Arbitrageur::on([ON_L2]))),
        agent("noise-l2", Arc::new(NoiseTraders::lognormal(ON_L2, 20_000.0, 2_000.0, 1.0).unwrap())),
    ];
    scenario.bridges = bridges(0.001, 2.0, "900s", 0.0);
    scenario.audit = true;
    scenario
}

fn row(scenario: &Scenario, path: u32) -> Vec<f64> {
    let mut results = vec![0.0; scenario.columns().count()];
    World::<1>::new(scenario, 42).unwrap().run([path], 1, &mut results).unwrap();
    results
}

fn random_clocks() -> [Clock; 2] {
    [Clock::Poisson(duration("1h")), Clock::Gamma { mean: duration("600s"), shape: 3.0 }]
}

#[test]
fn a_path_has_the_same_bits_alone_and_in_a_pack() {
    let [slow, fast] = random_clocks();
    let mut scenario = two_chains(slow, fast, "3d");
    scenario.warm_up = duration("1d");
    scenario.positions.push(PositionSetup::new("mover", Arc::new(Mover::default()), 1e4));
    scenario.positions.push(PositionSetup::new("passive", Arc::new(Passive::new(ON_L2)), 1e4));
    let columns = scenario.columns().count();
    let mut pack = vec![0.0; columns * 128];
    let paths = std::array::from_fn(|l| u32::try_from(l).unwrap());
    World::<128>::new(&scenario, 42).unwrap().run(paths, 128, &mut pack).unwrap();
    for path in [0, 1, 77] {
        let alone = row(&scenario, path);
        let lane: Vec<f64> = pack.chunks_exact(128).map(|column| column[path as usize]).collect();
        assert_eq!(alone.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), lane.iter().map(|x| x.to_bits()).collect::<Vec<_>>());
    }
}

/// Over from the first chain to the second, and back.
const BRIDGES: [BridgeId; 2] = [BridgeId(0), BridgeId(1)];

fn bridges(fraction: f64, fixed: f64, delay: &str, failure: f64) -> Vec<BridgeSetup> {
    let bridge = |name: &str, from, to| BridgeSetup {
        name: name.to_owned(),
        terms: Bridge { from: ChainId(from), to: ChainId(to), fraction, fixed, delay: duration(delay), failure },
    };
    vec![bridge("over", 0, 1), bridge("back", 1, 0)]
}

/// Takes its liquidity from one chain to the other and back, every ten hours.
#[derive(Clone, Debug)]
struct Mover {
    next: u64,
    /// Where it is to be.
    goal: usize,
}

impl Default for Mover {
    fn default() -> Self {
        Self { next: duration("10h").as_nanos(), goal: 0 }
    }
}

impl Strategy for Mover {
    fn entry(&self) -> Entry {
        Entry::Pool(ON_L1)
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let pools = [ON_L1, ON_L2];
        if market.time().as_nanos() >= self.next {
            self.next += duration("10h").as_nanos();
            self.goal = 1 - self.goal;
        }
        let (here, away) = (pools[self.goal], pools[1 - self.goal]);
        if position.lp[away.index()] > 0.0 {
            return Some(Action::Burn { pool: away, fraction: 1.0 });
        }
        let there = position.wallet_on(market.chain(away));
        if let Some(token) = [ETH, USDC].into_iter().find(|token| there[token.index()] > 1e-6) {
            let bridge = BRIDGES[1 - self.goal];
            return Some(Action::Bridge { bridge, token, amount: there[token.index()] });
        }
        let ready = [ETH, USDC].iter().all(|token| position.wallet_on(market.chain(here))[token.index()] > 1e-6);
        ready.then_some(Action::Mint { pool: here, fraction: 1.0 })
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::EVERY_BLOCK
    }
}

/// Everything that happened.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<(EventKey, Event)>>>);

impl Observer for Log {
    fn event(&mut self, _: u32, key: EventKey, event: &Event) {
        self.0.lock().unwrap().push((key, *event));
    }
}

#[test]
fn everything_happens_in_a_block_of_its_chain() {
    let mut scenario = two_chains(Clock::Fixed(duration("1h")), Clock::Fixed(duration("1500s")), "3d");
    scenario.positions.push(PositionSetup::new("mover", Arc::new(Mover::default()), 1e4));
    let log = Log::default();
    let mut world = World::<1>::new(&scenario, 42).unwrap();
    world.observe(Box::new(log.clone()));
    let mut results = vec![0.0; scenario.columns().count()];
    let blocks = world.run([3], 1, &mut results).unwrap();
    assert_eq!(blocks, 72 + 172);
    let minutes = |key: &EventKey| key.time.as_nanos() / 60_000_000_000;
    let (mut swaps, mut moves) = ([0, 0], [0, 0]);
    let (mut sent, mut arrived) = (0, 0);
    for (key, event) in log.0.lock().unwrap().iter() {
        let due = |pool: PoolId| minutes(key) % if pool == ON_L1 { 60 } else { 25 } == 0;
        match *event {
            Event::Swap { pool, actor, .. } => {
                assert!(due(pool), "{key:?} {event:?}");
                assert!(matches!(actor, Actor::Agent(agent) if (agent == 0) == (pool == ON_L1)));
                swaps[pool.index()] += 1;
            }
            Event::Mint { pool, .. } | Event::Burn { pool, .. } => {
                assert!(due(pool), "{key:?} {event:?}");
                moves[pool.index()] += 1;
            }
            Event::Sent { bridge, .. } => {
                assert_eq!(minutes(key) % if bridge == BRIDGES[0] { 60 } else { 25 }, 0);
                sent += 1;
            }
            Event::Arrived { bridge, .. } => {
                assert_eq!(minutes(key) % if bridge == BRIDGES[0] { 25 } else { 60 }, 0);
                arrived += 1;
            }
            _ => {}
        }
    }
    assert!(swaps[0] > 20 && swaps[1] > 100, "{swaps:?}");
    assert!(moves[0] > 4 && moves[1] > 4 && sent > 8 && sent == arrived, "{moves:?} {sent} {arrived}");
}

#[test]
fn a_chain_beside_changes_no_clock_and_no_flow() {
    // The arrivals and the blocks of the fast chain are its own; the slow chain only adds moments at which prices are drawn.
    let volume = |slow: Clock, path: u32| {
        let mut scenario = two_chains(slow, Clock::Fixed(duration("600s")), "10d");
        scenario.agents.retain(|agent| agent.stream.contains("noise"));
        scenario.pool_metrics = vec![PoolMetric::Trades];
        row(&scenario, path)[1]
    };
    // Blocks of the slow chain that fall on blocks of the fast one add none.
    assert_eq!(volume(Clock::Fixed(duration("600s")), 5), volume(Clock::Fixed(duration("1h")), 5));
}

#[test]
fn gas_that_moves_costs_what_it_costs_on_average() {
    // A position that swaps every hour pays 100,000 units at a price that goes back to 20 gwei, and data at 1,600 units of the
    // other chain's gas.
    let hours: u32 = 24 * 20;
    let mut scenario = two_chains(Clock::Fixed(duration("1h")), Clock::Fixed(duration("1h")), "20d");
    let volatility = "400%".parse().unwrap();
    let process = Ou::new(20.0, 20.0, duration("1h"), volatility).unwrap();
    scenario.chains[0].gas_price = GasPrice::Process { model: Arc::new(process), unit: 1e-9 };
    scenario.chains[1].data = Some(DataCost { gas: 1_600.0, price: DataPrice::Chain(ChainId(0)) });
    scenario.tokens[0].price = Some(Arc::new(cenote_paths::Constant::new(2000.0).unwrap()));
    scenario.position_metrics = vec![PositionMetric::Gas];
    scenario.risk_metrics = vec![];
    scenario.pool_metrics = vec![];
    for pool in [ON_L1, ON_L2] {
        let mut position = PositionSetup::new(if pool == ON_L1 { "l1" } else { "l2" }, Arc::new(Swapper(pool)), 1e5);
        position.home = Some(ChainId(pool.0));
        position.gas = GasUnits { swap: 100e3, ..GasUnits::default() };
        scenario.positions.push(position);
    }
    let paths: u32 = 256;
    let columns = scenario.columns().count();
    let mut sums = [(0.0, 0.0); 2];
    for pack in 0..paths / 128 {
        let mut results = vec![0.0; columns * 128];
        let numbers = std::array::from_fn(|l| pack * 128 + u32::try_from(l).unwrap());
        World::<128>::new(&scenario, 42).unwrap().run(numbers, 128, &mut results).unwrap();
        for (sum, column) in sums.iter_mut().zip(results.chunks_exact(128)) {
            for x in column {
                sum.0 += x;
                sum.1 += x * x;
            }
        }
    }
    let eth = 2000.0;
    let swaps = f64::from(hours);
    let expected = [swaps * 100e3 * 20e-9 * eth, swaps * (100e3 * 1e-10 + 1_600.0 * 20e-9) * eth];
    for ((sum, squares), expected) in sums.into_iter().zip(expected) {
        let mean = sum / f64::from(paths);
        let error = ((squares / f64::from(paths) - mean * mean) / f64::from(paths)).sqrt();
        let z = (mean - expected) / error;
        // Significance 6e-5, two-sided.
        assert!(z.abs() < 4.0 && error < 0.02 * expected, "{mean} ± {error}, expected {expected}");
    }
}

/// Swaps a little in every block.
#[derive(Clone, Debug)]
struct Swapper(PoolId);

impl Strategy for Swapper {
    fn entry(&self) -> Entry {
        Entry::Tokens(vec![(USDC, 1.0)])
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        // The strategy is asked again after each swap: one is enough.
        let done = Self::done(market, position);
        (!done).then_some(Action::Swap { pool: self.0, token_in: USDC, token_out: TokenId(0), amount_in: 1.0 })
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::EVERY_BLOCK
    }
}

impl Swapper {
    /// Whether this hour's dollar is spent.
    fn done(market: &dyn Market, position: &Position<'_>) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "hundreds of hours")]
        let hours = (market.time().as_nanos() / duration("1h").as_nanos()) as f64;
        1e5 - position.wallet[USDC.index()] >= hours - 0.5
    }
}

#[test]
fn the_highest_priority_fee_comes_first() {
    let mut scenario = two_chains(Clock::Fixed(duration("1h")), Clock::Fixed(duration("1h")), "20d");
    scenario.chains[1].by_priority_fee = true;
    scenario.chains[0].by_priority_fee = true;
    let agent = |name: &str, model, fee| AgentSetup { priority_fee: fee, ..AgentSetup::new(format!("agents.{name}"), model) };
    let noise = NoiseTraders::lognormal(ON_L2, 20_000.0, 20_000.0, 1.0).unwrap();
    // The one who outbids the other takes everything; who bids most, trades before prices are set right again.
    scenario.agents = vec![
        agent("late", Arc::new(Arbitrageur::on([ON_L2]).gas(1e3)), 1e-9),
        agent("early", Arc::new(Arbitrageur::on([ON_L2]).gas(1e3)), 2e-9),
        agent("noise", Arc::new(noise), 3e-9),
    ];
    scenario.positions.clear();
    scenario.pool_metrics = vec![PoolMetric::ArbitrageTrades, PoolMetric::ArbitrageGas];
    let log = Log::default();
    let mut world = World::<1>::new(&scenario, 42).unwrap();
    world.observe(Box::new(log.clone()));
    let mut results = vec![0.0; scenario.columns().count()];
    world.run([3], 1, &mut results).unwrap();
    let log = log.0.lock().unwrap();
    let swaps = log.iter().filter_map(|(key, event)| match *event {
        Event::Swap { actor: Actor::Agent(agent), .. } => Some((*key, agent)),
        _ => None,
    });
    let swaps: Vec<_> = swaps.collect();
    assert!(swaps.windows(2).all(|pair| pair[0].0 < pair[1].0), "events come in the order of their keys");
    assert!(swaps.windows(2).all(|pair| pair[0].0.time < pair[1].0.time || pair[0].1 >= pair[1].1), "{swaps:?}");
    let [late, early, noise] = [0, 1, 2].map(|agent| swaps.iter().filter(|swap| swap.1 == agent).count());
    assert!(late == 0 && early > 100 && noise > 500, "{late} {early} {noise}");
    // What a trade costs has the fee in it: 1,000 units at 0.1 gwei and 2 gwei, at the price of its block.
    let [trades, gas] = [results[2], results[3]];
    let mean = gas / trades;
    assert!((mean / (1e3 * 2.1e-9 * 2000.0) - 1.0).abs() < 0.3, "{mean}");
}

/// Sends a thousand dollars over every hour.
#[derive(Clone, Debug)]
struct Sender {
    hours: u64,
}

impl Strategy for Sender {
    fn entry(&self) -> Entry {
        Entry::Tokens(vec![(USDC, 1.0)])
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        let hour = market.time().as_nanos() / duration("1h").as_nanos();
        let due = hour > self.hours && position.wallet[USDC.index()] >= 1e3;
        self.hours = hour;
        due.then_some(Action::Bridge { bridge: BRIDGES[0], token: USDC, amount: 1e3 })
    }

    fn wake(&self, _: &dyn Market, _: &Position<'_>) -> Wake {
        Wake::EVERY_BLOCK
    }
}

#[test]
fn a_bridge_costs_takes_time_and_loses_what_it_says() {
    let mut scenario = two_chains(Clock::Fixed(duration("1h")), Clock::Fixed(duration("600s")), "50h");
    scenario.bridges = bridges(0.01, 5.0, "2h", 0.3);
    scenario.agents.clear();
    scenario.pool_metrics.clear();
    scenario.risk_metrics = vec![RiskMetric::LostTo, RiskMetric::HitBy];
    scenario.position_metrics =
        vec![PositionMetric::FinalValue, PositionMetric::TradingCosts, PositionMetric::LostToExploit, PositionMetric::Gas];
    let mut position = PositionSetup::new("sender", Arc::new(Sender { hours: 0 }), 1e6);
    position.gas = GasUnits { bridge: 1.0, ..GasUnits::default() };
    scenario.positions.push(position);
    let (mut lost, paths) = (0.0, 256_u32);
    for pack in 0..paths / 128 {
        let mut results = vec![0.0; 8 * 128];
        let numbers = std::array::from_fn(|l| pack * 128 + u32::try_from(l).unwrap());
        World::<128>::new(&scenario, 42).unwrap().run(numbers, 128, &mut results).unwrap();
        for l in 0..128 {
            let [value, costs, gone, gas] = [0, 1, 2, 3].map(|metric| results[metric * 128 + l]);
            assert!((costs - 50.0 * 15.0).abs() < 1e-6, "{costs}");
            assert!((value - (1e6 - costs - gone - gas)).abs() < 1e-6);
            // By bridge: this one, and the one that nobody uses.
            let by_bridge: [f64; 4] = std::array::from_fn(|k| results[(4 + k) * 128 + l]);
            assert_eq!(by_bridge, [gone, (gone / 985.0).round(), 0.0, 0.0]);
            // Whole transfers, of those that were due.
            let transfers = gone / 985.0;
            assert!((transfers - transfers.round()).abs() < 1e-9 && transfers <= 49.0, "{transfers}");
            lost += transfers;
        }
    }
    // What was sent two hours before the end or earlier has come or gone.
    let due = 49.0 * f64::from(paths);
    let z = (lost / due - 0.3) / (0.3 * 0.7 / due).sqrt();
    // Significance 6e-5, two-sided.
    assert!(z.abs() < 4.0, "{lost} of {due}: z = {z}");
}

#[test]
fn who_sends_the_impossible_is_refused() {
    /// Tries everything that cannot be, once.
    #[derive(Clone, Debug)]
    struct Wrong(usize);
    impl Strategy for Wrong {
        fn entry(&self) -> Entry {
            Entry::Tokens(vec![(USDC, 1.0)])
        }
        fn act(&mut self, _: &dyn Market, position: &Position<'_>) -> Option<Action> {
            let tries = [(0, 1e6), (7, 1.0), (0, 1.0), (0, f64::NAN), (0, -1.0)];
            let expected = [
                Refusal::MoreThanThere { wanted: 1e6, there: 100.0 },
                Refusal::UnknownBridge { bridge: BridgeId(7) },
                Refusal::KeptByBridge { bridge: BridgeId(0), amount: 1.0 },
            ];
            if let Some(expected) = self.0.checked_sub(1).and_then(|last| expected.get(last)) {
                assert_eq!(position.refused, Some(*expected));
            }
            let (bridge, amount) = *tries.get(self.0)?;
            self.0 += 1;
            Some(Action::Bridge { bridge: BridgeId(bridge), token: USDC, amount })
        }
    }
    let mut scenario = two_chains(Clock::Fixed(duration("1h")), Clock::Fixed(duration("600s")), "2h");
    scenario.bridges = bridges(0.0, 5.0, "2h", 0.0);
    scenario.agents.clear();
    scenario.pool_metrics.clear();
    scenario.risk_metrics.clear();
    scenario.position_metrics = vec![PositionMetric::RefusedActions, PositionMetric::FinalValue];
    scenario.positions.push(PositionSetup::new("wrong", Arc::new(Wrong(0)), 100.0));
    assert_eq!(row(&scenario, 0), [5.0, 100.0]);
}
