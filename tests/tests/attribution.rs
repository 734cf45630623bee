//! Every result is explained, path by path and position by position, by sums kept on their own; and no token appears or vanishes.

use std::sync::{Arc, Mutex};

use cenote_amm::constant_product::{ProtocolFee, SwapFee};
use cenote_amm::{
    AnyPool, BuildPool, ConstantProductModel, FlowLanes, FungibleLanes, LiquidityError, PoolLanes, PoolModel, PoolStart, TokenIndex,
};
use cenote_sim::{Clock, GasPrice, GasUnits, PositionMetric as M, PositionSetup, Scenario, SimErrorKind, World};
use cenote_strategy::{Action, Entry, Market, Position, Strategy};
use cenote_tests::books::{Bookkeeper, Books, Holder};
use cenote_tests::scenes::{ETH, MAIN, USDC, arbitrageur, duration, every, gbm, hold, noise, passive, poisson, scene};
use cenote_tests::table::{run, try_run};
use cenote_units::{Lanes, SimTime};

const SEED: u64 = 9;
const GAS: GasUnits = GasUnits { mint: 200_000.0, burn: 150_000.0, collect: 0.0, swap: 120_000.0, ..GasUnits::FREE };
const DEPOSIT: f64 = 100e3;

/// Never leaves its liquidity alone: every 36 hours it burns some, swaps some in the direction that the price suggests, and mints again.
#[derive(Clone, Debug)]
struct Restless {
    due: SimTime,
    stage: u8,
}

impl Restless {
    fn new() -> Self {
        Self { due: SimTime::from_nanos(0), stage: 0 }
    }

    fn setup() -> PositionSetup {
        PositionSetup { gas: GAS, ..PositionSetup::new("restless", Arc::new(Self::new()), DEPOSIT) }
    }
}

impl Strategy for Restless {
    fn entry(&self) -> Entry {
        Entry::Tokens(vec![(ETH, 0.7), (USDC, 0.3)])
    }

    fn act(&mut self, market: &dyn Market, position: &Position<'_>) -> Option<Action> {
        if market.time() < self.due {
            return None;
        }
        self.stage += 1;
        match self.stage {
            1 => Some(Action::Burn { pool: MAIN, fraction: 0.6 }),
            2 if market.price(ETH) > market.spot_price(MAIN, ETH, USDC) => {
                Some(Action::Swap { pool: MAIN, token_in: ETH, token_out: USDC, amount_in: 0.3 * position.wallet[0] })
            }
            2 => Some(Action::Swap { pool: MAIN, token_in: USDC, token_out: ETH, amount_in: 0.2 * position.wallet[1] }),
            3 => Some(Action::Mint { pool: MAIN, fraction: 0.8 }),
            _ => {
                self.stage = 0;
                self.due = SimTime::from_nanos(market.time().as_nanos() + duration("36h").as_nanos());
                None
            }
        }
    }
}

/// Noise, arbitrage that pays gas, a protocol that takes its part, a warm-up, three positions, an audit.
fn busy(clock: Clock, protocol: Option<ProtocolFee>) -> Scenario {
    let pool = Arc::new(ConstantProductModel::new(SwapFee::PANCAKESWAP_V2, protocol));
    let mut scenario = Scenario {
        agents: vec![arbitrageur(150_000.0), noise()],
        positions: vec![PositionSetup { gas: GAS, ..passive() }, Restless::setup(), hold()],
        warm_up: duration("3d"),
        audit: true,
        ..scene(clock, gbm(0.1, 0.9), pool, "45d")
    };
    scenario.chains[0].native = Some(ETH);
    scenario.chains[0].gas_price = GasPrice::Constant(20e-9);
    scenario
}

fn scenarios() -> impl Iterator<Item = Scenario> {
    let clocks = [every("1h"), poisson("1h")];
    clocks.into_iter().flat_map(|clock| [None, Some(ProtocolFee::PANCAKESWAP_V2)].map(|protocol| busy(clock, protocol)))
}

fn assert_close(what: &str, a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * DEPOSIT, "{what}: {a} against {b}");
}

#[test]
fn both_identities_hold_on_every_path() {
    for scenario in scenarios() {
        let table = run(&scenario, SEED, 192);
        for position in 0..3 {
            let column = |metric| table.position(position, metric);
            for path in 0..192 {
                let of = |metric| column(metric)[path];
                let costs = of(M::Gas) + of(M::TradingCosts) + of(M::LostToExploit);
                let income = of(M::Rewards) + of(M::Interest) + of(M::Hedge);
                let moved = of(M::Price) - of(M::LossVersusRebalancing) + of(M::FeesBooked) + income - costs;
                assert_close("final − deposit", of(M::FinalValue) - of(M::DepositValue), moved);
                let against_hold = of(M::Divergence) + of(M::Fees) + income - costs;
                assert_close("final − hold", of(M::FinalValue) - of(M::HoldValue), against_hold);
                assert!(of(M::AttributionResidual) <= 1e-9);
                assert_close("divergence", of(M::Divergence), of(M::ImpermanentLoss) * of(M::HoldValue));
            }
            let all = |metric: M, holds: &dyn Fn(f64) -> bool| column(metric).iter().all(|&x| holds(x));
            let (provides, acts) = (position < 2, position == 1);
            assert!(all(M::Fees, &|x| (x > 0.0) == provides) && all(M::LossVersusRebalancing, &|x| (x != 0.0) == provides));
            assert!(all(M::Gas, &|x| (x > 0.0) == provides) && all(M::TradingCosts, &|x| (x != 0.0) == acts));
            assert!(all(M::Rebalances, &|x| (x > 20.0) == acts));
        }
    }
}

/// Each term alone, against books kept from the events of the path.
#[test]
fn every_term_is_what_the_events_add_up_to() {
    for protocol in [None, Some(ProtocolFee::PANCAKESWAP_V2)] {
        for clock in [every("1h"), poisson("1h")] {
            let scenario = busy(clock, protocol);
            let pancake = protocol.map(|fee| [f64::from(fee.share()), f64::from(fee.rest())]);
            let holders = vec![
                Holder::new(DEPOSIT, Entry::Pool(MAIN), GAS),
                Holder::new(DEPOSIT, Restless::new().entry(), GAS),
                Holder::new(DEPOSIT, Entry::Tokens(vec![(ETH, 0.5), (USDC, 0.5)]), GasUnits::default()),
            ];
            let warm_up = SimTime::from_nanos(scenario.warm_up.as_nanos());
            let empty = Books::new(holders, pancake, scenario.chains[0].gas_price.initial(), warm_up);
            for path in [0, 3, 64] {
                let books = Arc::new(Mutex::new(empty.clone()));
                let mut world = World::<1>::new(&scenario, SEED).unwrap();
                world.observe(Box::new(Bookkeeper(Arc::clone(&books))));
                let mut results = vec![0.0; scenario.columns().count()];
                world.run([path], 1, &mut results).unwrap();
                let mut books = books.lock().unwrap().clone();
                books.close();
                for (i, holder) in books.holders.iter().enumerate() {
                    let of = |metric| {
                        let column = scenario.columns().position(|c| c == cenote_sim::Column::Position(i, metric)).unwrap();
                        results[column]
                    };
                    assert_close("final value", of(M::FinalValue), books.value(i));
                    assert_close("hold value", of(M::HoldValue), books.hold_value(i));
                    assert_close("price", of(M::Price), holder.price);
                    assert_close("loss versus rebalancing", of(M::LossVersusRebalancing), holder.loss);
                    assert_close("fees", of(M::FeesBooked), holder.fees);
                    assert_close("gas", of(M::Gas), holder.gas);
                    assert_close("trading costs", of(M::TradingCosts), holder.costs);
                }
            }
        }
    }
}

/// A pool that tells traders in one lane of more (or less) than it takes from its reserves.
#[derive(Clone, Debug)]
struct Leaky {
    sound: ConstantProductModel,
    lane: usize,
    factor: f64,
}

#[derive(Debug)]
struct LeakyLanes<const L: usize> {
    sound: Box<dyn FungibleLanes<L>>,
    lane: usize,
    factor: f64,
}

impl PoolModel for Leaky {
    fn token_count(&self) -> usize {
        2
    }
}

impl<const L: usize> BuildPool<L> for Leaky {
    fn build(&self, start: &PoolStart<'_>) -> Result<AnyPool<L>, LiquidityError> {
        let AnyPool::Fungible(sound) = BuildPool::<L>::build(&self.sound, start)? else { unreachable!() };
        Ok(AnyPool::Fungible(Box::new(LeakyLanes { sound, lane: self.lane, factor: self.factor })))
    }
}

impl<const L: usize> PoolLanes<L> for LeakyLanes<L> {
    fn swap(&mut self, flow: &mut FlowLanes<L>) {
        self.sound.swap(flow);
        flow.amount_out[self.lane] *= self.factor;
    }

    fn start(&mut self) {
        self.sound.start();
    }

    fn token_count(&self) -> usize {
        self.sound.token_count()
    }

    fn reserve(&self, token: TokenIndex, lane: usize) -> f64 {
        self.sound.reserve(token, lane)
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex, lane: usize) -> f64 {
        self.sound.spot_price(base, quote, lane)
    }

    fn quote(&self, lane: usize, token_in: TokenIndex, token_out: TokenIndex, amount_in: f64) -> f64 {
        self.sound.quote(lane, token_in, token_out, amount_in)
    }

    fn arbitrage(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, flow: &mut FlowLanes<L>) {
        self.sound.arbitrage(price, min_profit, flow);
    }
}

impl<const L: usize> FungibleLanes<L> for LeakyLanes<L> {
    fn supply(&self) -> &Lanes<L> {
        self.sound.supply()
    }

    fn invariant(&self, out: &mut Lanes<L>) {
        self.sound.invariant(out);
    }

    fn mint(&mut self, amounts: &mut [Lanes<L>], minted: &mut Lanes<L>) {
        self.sound.mint(amounts, minted);
    }

    fn burn(&mut self, liquidity: &Lanes<L>, amounts: &mut [Lanes<L>]) {
        self.sound.burn(liquidity, amounts);
    }

    fn pending_protocol_liquidity(&self, out: &mut Lanes<L>) {
        self.sound.pending_protocol_liquidity(out);
    }
}

/// The audit stops at once and names path, pool and token; without it, the books of the position do not add up at the end.
#[test]
fn a_pool_that_creates_or_loses_tokens_is_caught() {
    for factor in [1.0001, 0.9999] {
        let sound = ConstantProductModel::new(SwapFee::UNISWAP_V2, None);
        let mut scenario = busy(every("1h"), None);
        scenario.pools[0].model = Arc::new(Leaky { sound, lane: 5, factor });

        let error = try_run(&scenario, SEED, 128..192).unwrap_err();
        assert_eq!(error.path, 128 + 5);
        assert!(error.time < SimTime::from_nanos(duration("3h").as_nanos()), "{}", error.time);
        let SimErrorKind::Ledger { account, booked, found, .. } = &error.source else { panic!("{error}") };
        assert!(account.contains("main") && (found > booked) == (factor > 1.0), "{error}");
        assert!(error.to_string().contains("path 133"), "{error}");

        scenario.audit = false;
        let error = try_run(&scenario, SEED, 128..192).unwrap_err();
        assert_eq!(error.path, 128 + 5);
        assert!(matches!(error.source, SimErrorKind::Attribution { .. }), "{error}");

        // Lanes that pad a pack are nobody's.
        try_run(&scenario, SEED, 128..133).unwrap();
    }
}
