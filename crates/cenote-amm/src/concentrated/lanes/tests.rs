//! The lanes against one-path pools, in both arithmetics, operation by operation.

use cenote_units::{LaneList, Lanes, PACK, mask};
use proptest::prelude::*;

use crate::concentrated::{ConcentratedModel, FeeTier};
use crate::lanes::{
    AnyPool, BuildPool, FewTrades, FlowLanes, LiftedRanges, PoolStart, PriceRange, RangeChange, RangeRule, RangedLanes, Told,
};
use crate::pool::TokenIndex;
use crate::{Concentrated, ConcentratedV4, Exact, Fast};

const L: usize = 3;
const START: PoolStart<'static> = PoolStart { value: 10e6, prices: &[2000.0, 1.0], decimals: &[18, 6] };

#[derive(Clone, Copy, Debug)]
enum Operation {
    /// Of a token into the pool, as a fraction of its reserve.
    Swap {
        lane: usize,
        zero_in: bool,
        fraction: f64,
    },
    Arbitrage {
        lane: usize,
        price: f64,
        min_profit: f64,
    },
    Mint {
        lane: usize,
        number: usize,
        centre: f64,
        width: f64,
        amounts: [f64; 2],
    },
    Burn {
        lane: usize,
        number: usize,
        fraction: f64,
    },
    Collect {
        lane: usize,
        number: usize,
    },
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let lane = 0..L;
    let operation = prop_oneof![
        (lane.clone(), any::<bool>(), -6.0..-0.5_f64).prop_map(|(lane, zero_in, log)| Operation::Swap {
            lane,
            zero_in,
            fraction: 10_f64.powf(log)
        }),
        (lane.clone(), 1000.0..4000.0_f64, prop_oneof![Just(0.0), 0.0..1e5_f64])
            .prop_map(|(lane, price, min_profit)| Operation::Arbitrage { lane, price, min_profit }),
        (lane.clone(), 0..2_usize, 1500.0..2700.0_f64, 0.01..0.5_f64, [1.0..500.0_f64, 2e3..1e6_f64])
            .prop_map(|(lane, number, centre, width, amounts)| Operation::Mint { lane, number, centre, width, amounts }),
        (lane.clone(), 0..2_usize, prop_oneof![Just(1.0), 0.1..1.0_f64]).prop_map(|(lane, number, fraction)| Operation::Burn {
            lane,
            number,
            fraction
        }),
        (lane, 0..2_usize).prop_map(|(lane, number)| Operation::Collect { lane, number }),
    ];
    prop::collection::vec(operation, 1..60)
}

fn liquidity() -> Vec<(RangeRule, f64)> {
    vec![(RangeRule::Full, 0.4), (RangeRule::Relative { lower: -0.2, upper: 0.25 }, 0.6)]
}

fn ranged(pool: AnyPool<L>) -> Box<dyn RangedLanes<L>> {
    let AnyPool::Ranged(mut pool) = pool else { panic!("liquidity in ranges") };
    assert_eq!((pool.add_position(), pool.add_position()), (0, 1));
    begin(&mut *pool);
    pool
}

fn begin<const N: usize>(pool: &mut dyn RangedLanes<N>) {
    pool.start();
    for (token, price) in [(TokenIndex::ZERO, 2000.0), (TokenIndex::ONE, 1.5)] {
        pool.value_at(token, &Lanes::splat(price));
    }
}

/// What an operation moved, in all lanes.
fn apply(pool: &mut dyn RangedLanes<L>, operation: Operation) -> Vec<f64> {
    let at = |lane: usize, value: f64| {
        let mut lanes = Lanes::<L>::ZERO;
        lanes[lane] = value;
        lanes
    };
    let mut moved = Vec::new();
    match operation {
        Operation::Swap { lane, zero_in, fraction } => {
            let mut flow = FlowLanes::<L>::default();
            let token = if zero_in { TokenIndex::ZERO } else { TokenIndex::ONE };
            flow.base_in = [mask(zero_in); L];
            flow.amount_in = at(lane, pool.reserve(token, lane) * fraction);
            let (amount, other) = (flow.amount_in[lane], if zero_in { TokenIndex::ONE } else { TokenIndex::ZERO });
            let quoted = pool.quote(lane, token, other, amount);
            pool.swap(&mut flow);
            assert!((flow.amount_out[lane] - quoted).abs() <= 1e-9 * quoted, "{quoted} {}", flow.amount_out[lane]);
            moved.extend(flow.amount_in.iter().chain(flow.amount_out.iter()).chain(flow.fee.iter()));
        }
        Operation::Arbitrage { lane, price, min_profit } => {
            let mut flow = FlowLanes::<L>::default();
            let mut least = Lanes::splat(f64::INFINITY);
            least[lane] = min_profit;
            pool.arbitrage(&Lanes::splat(price), &least, &mut flow);
            moved.extend(flow.amount_in.iter().chain(flow.amount_out.iter()).chain(flow.fee.iter()));
        }
        Operation::Mint { lane, number, centre, width, amounts } => {
            let change = pool.mint(number, lane, PriceRange::around(centre, width), amounts);
            moved.extend([change.liquidity, change.amounts[0], change.amounts[1]]);
        }
        Operation::Burn { lane, number, fraction } => {
            let RangeChange { liquidity, amounts, fees } =
                pool.burn(number, lane, pool.position(number).liquidity[lane] * fraction);
            moved.extend([[liquidity, 0.0], amounts, fees].as_flattened());
        }
        Operation::Collect { lane, number } => {
            moved.extend(pool.collect(number, lane));
        }
    }
    pool.settle();
    moved
}

/// Reserves, balances, the price, and the positions.
fn state(pool: &mut dyn RangedLanes<L>) -> Vec<f64> {
    let mut numbers = Vec::new();
    let mut out = Lanes::<L>::ZERO;
    pool.spot_prices(TokenIndex::ZERO, TokenIndex::ONE, &mut out);
    numbers.extend(out.iter());
    for token in [TokenIndex::ZERO, TokenIndex::ONE] {
        numbers.extend((0..L).map(|l| pool.reserve(token, l)));
        pool.balance(token, &mut out);
        numbers.extend(out.iter());
    }
    for number in 0..2 {
        let position = pool.position(number);
        numbers.extend(position.liquidity.iter().chain(position.inside.iter()));
        numbers.extend(position.amounts.iter().chain(&position.owed).flat_map(|x| x.iter()));
        let income: [_; L] = std::array::from_fn(|l| pool.income(number, l));
        numbers.extend(income.iter().map(|income| income.fees).chain(income.iter().map(|income| income.loss_versus_rebalancing)));
    }
    numbers
}

/// Largest difference relative to the larger number; numbers below `dust` count as nothing.
fn difference(a: &[f64], b: &[f64], dust: f64) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| ((a - b).abs() - dust).max(0.0) / a.abs().max(b.abs()).max(1e-300)).fold(0.0, f64::max)
}

fn assert_alike(
    mut one: Box<dyn RangedLanes<L>>,
    mut other: Box<dyn RangedLanes<L>>,
    operations: &[Operation],
    bound: f64,
    dust: f64,
) {
    for (i, &operation) in operations.iter().enumerate() {
        let moved = (apply(&mut *one, operation), apply(&mut *other, operation));
        let apart = difference(&moved.0, &moved.1, dust);
        assert!(apart <= bound, "operation {i}, {operation:?}: {apart:e} apart\n{:?}\n{:?}", moved.0, moved.1);
        let states = (state(&mut *one), state(&mut *other));
        let apart = difference(&states.0, &states.1, dust);
        assert!(apart <= bound, "after operation {i}, {operation:?}: {apart:e} apart\n{:?}\n{:?}", states.0, states.1);
    }
}

proptest! {
    #[test]
    fn as_the_one_path_pool(operations in operations(), protocol_fee: bool) {
        let model = ConcentratedModel::pancakeswap_v3(FeeTier::BP_25, liquidity()).protocol_fee(protocol_fee);
        let wide = ranged(BuildPool::<L>::build(&model, &START).unwrap());
        let blank = Concentrated::<Fast>::pancakeswap_v3(FeeTier::BP_25).with_decimals([18, 6]);
        let initialize = if protocol_fee {
            |pool: &mut Concentrated<Fast>, price: f64| Ok(pool.initialize_at_price(price)?)
        } else {
            |pool: &mut Concentrated<Fast>, price: f64| {
                pool.initialize_at_price(price)?;
                Ok(pool.v3_mut().set_protocol_fee([0, 0])?)
            }
        };
        let share = if protocol_fee { 0.32 } else { 0.0 };
        let lifted = LiftedRanges::new(blank, initialize, share, liquidity());
        let lifted = ranged(BuildPool::<L>::build(&lifted, &START).unwrap());
        assert_alike(wide, lifted, &operations, 1e-8, 1e-9);
    }

    #[test]
    fn as_the_contract(operations in operations()) {
        let model = ConcentratedModel::uniswap_v3(FeeTier::BP_30, liquidity());
        let exact = LiftedRanges::new(
            Concentrated::<Exact>::uniswap_v3(FeeTier::BP_30).with_decimals([18, 6]),
            |pool, price| Ok(pool.initialize_at_price(price)?),
            0.0,
            liquidity(),
        );
        let (wide, exact) = (ranged(BuildPool::<L>::build(&model, &START).unwrap()), ranged(BuildPool::<L>::build(&exact, &START).unwrap()));
        assert_alike(wide, exact, &operations, 1e-6, 1e-4);

        let model = ConcentratedModel::uniswap_v4(FeeTier::BP_5, liquidity());
        let exact = LiftedRanges::new(
            ConcentratedV4::<Exact>::uniswap_v4(500, 10).unwrap().with_decimals([18, 6]),
            |pool, price| Ok(pool.initialize_at_price(price)?),
            0.0,
            liquidity(),
        );
        let (wide, exact) = (ranged(BuildPool::<L>::build(&model, &START).unwrap()), ranged(BuildPool::<L>::build(&exact, &START).unwrap()));
        assert_alike(wide, exact, &operations, 1e-6, 1e-4);
    }

    /// What a lane does is nobody else's business: alone and in company it has the same bits.
    #[test]
    fn alone_and_in_company(operations in operations()) {
        let model = ConcentratedModel::uniswap_v3(FeeTier::BP_30, liquidity());
        let mut company = ranged(BuildPool::<L>::build(&model, &START).unwrap());
        let mut alone = ranged(BuildPool::<L>::build(&model, &START).unwrap());
        for &operation in &operations {
            let lane = match operation {
                Operation::Swap { lane, .. } | Operation::Arbitrage { lane, .. } | Operation::Mint { lane, .. }
                | Operation::Burn { lane, .. } | Operation::Collect { lane, .. } => lane,
            };
            apply(&mut *company, operation);
            if lane == 1 {
                apply(&mut *alone, operation);
            }
        }
        let of_lane_1 = |numbers: Vec<f64>| numbers.into_iter().skip(1).step_by(L).map(f64::to_bits).collect::<Vec<_>>();
        prop_assert_eq!(of_lane_1(state(&mut *company)), of_lane_1(state(&mut *alone)));
        // A new path begins as the first one did.
        begin(&mut *company);
        let mut fresh = ranged(BuildPool::<L>::build(&model, &START).unwrap());
        prop_assert_eq!(of_lane_1(state(&mut *company)), of_lane_1(state(&mut *fresh)));
    }
}

/// A pack of pools with a position from 1,900 to 2,100.
fn pack() -> Box<dyn RangedLanes<PACK>> {
    let model = ConcentratedModel::uniswap_v3(FeeTier::BP_30, liquidity());
    let AnyPool::Ranged(mut pool) = BuildPool::<PACK>::build(&model, &START).unwrap() else { panic!("liquidity in ranges") };
    pool.add_position();
    begin(&mut *pool);
    for l in 0..PACK {
        pool.mint(0, l, PriceRange::new(1900.0, 2100.0), [100.0, 200e3]);
    }
    pool
}

fn bits<const N: usize>(lanes: &Lanes<N>) -> Vec<u64> {
    lanes.iter().map(|x| x.to_bits()).collect()
}

/// Outside prices wander, so that now a few lanes and now many are outside their bands, and some cross the ends of positions. However
/// much is told of trades, and however they are written, the pool is the same afterwards.
#[test]
fn trades_have_the_same_bits_whoever_looks() {
    let (mut some, mut all) = (pack(), pack());
    let mut seed = 7_u64;
    let mut uniform = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(seed >> 32).unwrap()) / 4_294_967_296.0
    };
    let mut price = Lanes::<PACK>::splat(2000.0);
    let (mut trades, mut room) = (FewTrades::default(), [Lanes::ZERO; 2]);
    let (mut traded, mut far, mut few) = (0, 0, 0);
    for block in 0..600 {
        let step = if block % 20 == 0 { 0.05 } else { 0.002 };
        for price in price.iter_mut() {
            *price *= 1.0 + step * (uniform() - 0.5);
        }
        if block % 100 == 50 {
            // Further than the kernel goes.
            price[block % PACK] *= 1.4;
            far += 1;
        }
        let least = Lanes::<PACK>::splat(if block % 3 == 0 { 20.0 } else { 0.0 });
        let [mut one, mut other] = [(); 2].map(|()| FlowLanes::<PACK>::default());
        let flow = |flow: &FlowLanes<PACK>| [&flow.amount_in, &flow.amount_out, &flow.fee].map(bits);
        all.arbitrage(&price, &least, &mut other);
        if some.arbitrage_few(&price, &least, &mut trades) {
            few += 1;
            trades.spread(&mut one);
            assert_eq!(flow(&one), flow(&other));
        } else {
            one.told = if block % 2 == 0 { Told::Nothing } else { Told::AmountIn };
            some.arbitrage(&price, &least, &mut one);
            assert!(one.told == Told::Nothing || bits(&one.amount_in) == bits(&other.amount_in));
        }
        traded += other.amount_in.iter().filter(|amount| **amount > 0.0).count();
        // Where it has traded, the pool stands at the edge: nothing is left for the next.
        all.arbitrage(&price, &least, &mut other);
        assert_eq!(other.amount_in, Lanes::ZERO, "block {block}");
        // Two lanes swap, one of them far.
        let [mut one, mut other] = [(); 2].map(|()| FlowLanes::<PACK>::default());
        for (l, amount) in [(block % PACK, 1.0), ((block * 7 + 3) % PACK, 400.0)] {
            (one.amount_in[l], other.amount_in[l]) = (amount, amount);
            (one.base_in[l], other.base_in[l]) = (u64::MAX, u64::MAX);
        }
        one.told = Told::All;
        trades.lanes = LaneList::positive(&one.amount_in);
        trades.gather(&one);
        some.swap_few(&mut trades);
        trades.spread(&mut one);
        all.swap(&mut other);
        assert_eq!(flow(&one), flow(&other));
        if block % 4 != 3 {
            some.settle_in(&LaneList::all());
            all.settle();
            let position = |pool: &dyn RangedLanes<PACK>| {
                let now = pool.position(0);
                [&now.inside, &now.amounts[0], &now.amounts[1], &now.owed[0], &now.owed[1]].map(bits)
            };
            assert_eq!(position(&*some), position(&*all));
            for token in [TokenIndex::ZERO, TokenIndex::ONE] {
                let [one, other] = &mut room;
                assert_eq!(bits(some.reserves(token, one)), bits(all.reserves(token, other)));
            }
        }
    }
    assert!(traded > 10_000 && far == 6 && few > 100 && few < 590, "{traded} {few}");
}
