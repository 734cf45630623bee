//! The lanes against the one-path pool, operation by operation.

use cenote_units::{Lanes, mask};
use proptest::prelude::*;

use super::StableSwapModel;
use crate::lanes::{AnyPool, BuildPool, FlowLanes, FungibleLanes, Lifted, PoolStart};
use crate::pool::TokenIndex;
use crate::stableswap::{PoolFee, StableSwap};
use crate::{Exact, Fast};

const L: usize = 2;
const START: PoolStart<'static> = PoolStart { value: 50e6, prices: &[1.0, 1.0], decimals: &[6, 18] };

#[derive(Clone, Copy, Debug)]
enum Operation {
    Swap { lane: usize, first_in: bool, fraction: f64 },
    Arbitrage { lane: usize, price: f64 },
    Mint { lane: usize, share: f64 },
    Burn { lane: usize, share: f64 },
}

fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let lane = 0..L;
    let operation = prop_oneof![
        (lane.clone(), any::<bool>(), -5.0..-0.3_f64).prop_map(|(lane, first_in, log)| Operation::Swap {
            lane,
            first_in,
            fraction: 10_f64.powf(log)
        }),
        (lane.clone(), prop_oneof![0.99..1.01_f64, 0.5..2.0_f64, 0.02..50.0_f64])
            .prop_map(|(lane, price)| Operation::Arbitrage { lane, price }),
        (lane.clone(), 0.001..0.5_f64).prop_map(|(lane, share)| Operation::Mint { lane, share }),
        (lane, 0.001..0.5_f64).prop_map(|(lane, share)| Operation::Burn { lane, share }),
    ];
    prop::collection::vec(operation, 1..40)
}

fn fungible(pool: AnyPool<L>) -> Box<dyn FungibleLanes<L>> {
    let AnyPool::Fungible(pool) = pool else { panic!("LP tokens") };
    pool
}

/// A flow that trades in one lane only.
fn apply(pool: &mut dyn FungibleLanes<L>, operation: Operation, minted: &mut [f64; L]) -> Vec<f64> {
    let mut flow = FlowLanes::<L>::default();
    let at = |lane: usize, value: f64| {
        let mut lanes = Lanes::<L>::ZERO;
        lanes[lane] = value;
        lanes
    };
    match operation {
        Operation::Swap { lane, first_in, fraction } => {
            let token = if first_in { TokenIndex::ZERO } else { TokenIndex::ONE };
            flow.base_in = [mask(first_in); L];
            flow.amount_in = at(lane, pool.reserve(token, lane) * fraction);
            pool.swap(&mut flow);
        }
        Operation::Arbitrage { lane, price } => {
            let mut least = Lanes::splat(f64::INFINITY);
            // A trade of rounding alone is left to neither.
            least[lane] = 1e-3;
            pool.arbitrage(&Lanes::splat(price), &least, &mut flow);
        }
        Operation::Mint { lane, share } => {
            let mut amounts = [TokenIndex::ZERO, TokenIndex::ONE].map(|token| at(lane, pool.reserve(token, lane) * share));
            let mut lp = Lanes::ZERO;
            pool.mint(&mut amounts, &mut lp);
            minted[lane] += lp[lane];
            return vec![lp[lane] / pool.supply()[lane], amounts[0][lane], amounts[1][lane]];
        }
        Operation::Burn { lane, share } => {
            let mut amounts = [Lanes::ZERO; 2];
            let burned = minted[lane] * share;
            minted[lane] -= burned;
            pool.burn(&at(lane, burned), &mut amounts);
            return vec![amounts[0][lane], amounts[1][lane]];
        }
    }
    flow.amount_in.iter().chain(flow.amount_out.iter()).chain(flow.fee.iter()).copied().collect()
}

fn state(pool: &dyn FungibleLanes<L>) -> Vec<f64> {
    let mut numbers = Vec::new();
    let mut out = Lanes::<L>::ZERO;
    for token in [TokenIndex::ZERO, TokenIndex::ONE] {
        numbers.extend((0..L).map(|l| pool.reserve(token, l)));
        pool.balance(token, &mut out);
        numbers.extend(out.iter());
    }
    pool.spot_prices(TokenIndex::ZERO, TokenIndex::ONE, &mut out);
    numbers.extend(out.iter());
    numbers
}

fn assert_alike(model: &StableSwapModel, other: AnyPool<L>, operations: &[Operation], bound: f64) {
    let mut wide = fungible(BuildPool::<L>::build(model, &START).unwrap());
    let mut lifted = fungible(other);
    let mut minted = [[0.0; L]; 2];
    for (i, &operation) in operations.iter().enumerate() {
        let moved = (apply(&mut *wide, operation, &mut minted[0]), apply(&mut *lifted, operation, &mut minted[1]));
        let states = (state(&*wide), state(&*lifted));
        for (what, (a, b)) in [("moved", &moved), ("state", &states)] {
            for (a, b) in a.iter().zip(b) {
                // Cents of a pool of millions are rounding of its curve.
                assert!(
                    (a - b).abs() <= bound * a.abs().max(b.abs()) + 1e-2,
                    "{what} at {i}, {operation:?}: {a} {b}\n{moved:?}\n{states:?}"
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn as_the_one_path_pool(operations in operations(), amplification in prop_oneof![Just(10_u64), Just(200), Just(5000)], admin: bool) {
        let (fee, share) = (PoolFee::from_parts(4_000_000).unwrap(), PoolFee::from_parts(if admin { 5_000_000_000 } else { 0 }).unwrap());
        let model = StableSwapModel::first_generation(START.decimals, amplification, fee, share).unwrap();
        let one = StableSwap::<Fast>::first_generation(START.decimals, amplification, fee).unwrap().with_admin_fee(share).unwrap();
        assert_alike(&model, BuildPool::<L>::build(&Lifted::new(one, 2), &START).unwrap(), &operations, 1e-7);
    }

    #[test]
    fn as_the_contract(operations in operations()) {
        let fee = PoolFee::from_parts(4_000_000).unwrap();
        let model = StableSwapModel::ng(START.decimals, 200, fee, PoolFee::DENOMINATOR).unwrap();
        let exact = StableSwap::<Exact>::ng(START.decimals, 200, fee).unwrap().with_offpeg_fee_multiplier(PoolFee::DENOMINATOR).unwrap();
        assert_alike(&model, BuildPool::<L>::build(&Lifted::new(exact, 2), &START).unwrap(), &operations, 1e-6);
    }
}
