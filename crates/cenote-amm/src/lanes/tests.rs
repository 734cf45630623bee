//! What others do to pools of every family, and copies of lanes.

use cenote_units::Lanes;

use crate::concentrated::FeeTier;
use crate::constant_product::{ProtocolFee, SwapFee};
use crate::stableswap::PoolFee;
use crate::{
    AnyPool, BuildPool, ConcentratedModel, ConstantProductModel, FlowLanes, FungibleLanes, Lifted, PoolLanes, PoolModel, PoolStart,
    PriceRange, RangeRule, RangedLanes, StableSwapModel, TokenIndex,
};

const L: usize = 1;
const ZERO: TokenIndex = TokenIndex::ZERO;
const ONE: TokenIndex = TokenIndex::ONE;

fn ranged() -> Vec<Box<dyn RangedLanes<L>>> {
    let liquidity = vec![(RangeRule::Full, 0.5), (RangeRule::Relative { lower: -0.1, upper: 0.1 }, 0.5)];
    let tier = FeeTier::BP_30;
    let models = [
        ConcentratedModel::uniswap_v3(tier, liquidity.clone()),
        ConcentratedModel::pancakeswap_v3(FeeTier::BP_25, liquidity.clone()),
        ConcentratedModel::uniswap_v4(tier, liquidity),
    ];
    let start = PoolStart { value: 4e6, prices: &[2000.0, 1.0], decimals: &[18, 6] };
    let build = |model: &dyn PoolModel| match BuildPool::<L>::build(model, &start).unwrap() {
        AnyPool::Ranged(pool) => pool,
        AnyPool::Fungible(_) => unreachable!("a pool of ranges"),
    };
    models.iter().flat_map(|model| [build(model), build(&*model.exact([18, 6]).unwrap())]).collect()
}

fn fungible() -> Vec<Box<dyn FungibleLanes<L>>> {
    let cp = ConstantProductModel::new(SwapFee::UNISWAP_V2, Some(ProtocolFee::UNISWAP_V2));
    let ss = StableSwapModel::first_generation(
        &[18, 6],
        200,
        PoolFee::from_parts(4_000_000).unwrap(),
        PoolFee::from_parts(5_000_000_000).unwrap(),
    )
    .unwrap();
    let models: [Box<dyn PoolModel>; 4] =
        [Box::new(cp), Box::new(Lifted::new(cp.exact([18, 6]), 2)), Box::new(ss.clone()), Box::new(ss.exact())];
    let build = |model: &dyn PoolModel| {
        let start = PoolStart { value: 4e6, prices: &[1.0, 1.0], decimals: &[18, 6] };
        match BuildPool::<L>::build(model, &start).unwrap() {
            AnyPool::Fungible(pool) => pool,
            AnyPool::Ranged(_) => unreachable!("a pool of LP tokens"),
        }
    };
    models.iter().map(|model| build(&**model)).collect()
}

fn close(what: &str, a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance * b.abs().max(1e-9), "{what}: {a} is not {b}");
}

fn sell(pool: &mut dyn PoolLanes<L>, token: TokenIndex, amount: f64) -> FlowLanes<L> {
    let mut flow = FlowLanes::new(ZERO, ONE);
    flow.base_in = [cenote_units::mask(token == ZERO)];
    flow.amount_in = Lanes([amount]);
    pool.swap(&mut flow);
    flow
}

fn spot(pool: &dyn PoolLanes<L>) -> f64 {
    let mut price = Lanes::ZERO;
    pool.spot_prices(ZERO, ONE, &mut price);
    price[0]
}

fn balances(pool: &dyn PoolLanes<L>) -> [f64; 2] {
    [ZERO, ONE].map(|token| {
        let mut balance = Lanes::ZERO;
        pool.balance(token, &mut balance);
        balance[0]
    })
}

/// In the range of everybody, beyond the end of one of others' ranges, and back.
#[test]
fn a_price_is_driven_free_of_charge() {
    for (n, pool) in ranged().iter_mut().enumerate() {
        let number = pool.add_position();
        pool.mint(number, 0, PriceRange::new(1700.0, 2300.0), [10.0, 20_000.0]);
        sell(&mut **pool, ZERO, 5.0);
        pool.settle();
        let owed = pool.position(number).owed;
        assert!(owed[0][0] > 0.0);
        for target in [2100.0, 1500.0, 1999.0] {
            let (before, falls) = (balances(&**pool), spot(&**pool) > target);
            let mut flow = FlowLanes::new(ZERO, ONE);
            pool.move_price(&Lanes([target]), &mut flow);
            close("price", spot(&**pool), target, 1e-12);
            assert_eq!((flow.base_in[0] != 0, flow.fee[0]), (falls, 0.0), "pool {n}");
            let after = balances(&**pool);
            let (i, o) = if falls { (0, 1) } else { (1, 0) };
            close("paid in", after[i] - before[i], flow.amount_in[0], 1e-8);
            close("paid out", before[o] - after[o], flow.amount_out[0], 1e-8);
            pool.settle();
            for i in 0..2 {
                close("owed", pool.position(number).owed[i][0], owed[i][0], 1e-9);
            }
        }
        let before = balances(&**pool);
        pool.move_price(&Lanes([0.0]), &mut FlowLanes::new(ZERO, ONE));
        assert_eq!(balances(&**pool), before, "no price, no move");
    }
}

/// Others double and halve: what is in range follows, the price stays, and a position has what it had.
#[test]
fn others_come_and_go_in_ranges() {
    for pool in &mut ranged() {
        let number = pool.add_position();
        pool.mint(number, 0, PriceRange::new(1700.0, 2300.0), [10.0, 20_000.0]);
        sell(&mut **pool, ZERO, 5.0);
        pool.settle();
        let (mine, price) = (pool.position(number).clone(), spot(&**pool));
        let others = |pool: &dyn RangedLanes<L>| {
            let mut others = Lanes::ZERO;
            pool.others(&mut others);
            others[0]
        };
        let first = others(&**pool);
        for factor in [2.0, 0.25, 1.0, 2.0] {
            let (before, liquidity) = (balances(&**pool), others(&**pool));
            let (mut amounts, mut fees) = ([Lanes::ZERO; 2], [Lanes::ZERO; 2]);
            pool.scale_others(&Lanes([factor]), &mut amounts, &mut fees);
            close("liquidity", others(&**pool), factor * liquidity, 1e-9);
            let after = balances(&**pool);
            for i in 0..2 {
                close("balance", after[i] - before[i], amounts[i][0] - fees[i][0], 1e-9);
                assert_eq!(amounts[i][0] > 0.0, factor > 1.0);
            }
            pool.settle();
            close("price", spot(&**pool), price, 1e-14);
            for i in 0..2 {
                close("mine", pool.position(number).amounts[i][0], mine.amounts[i][0], 1e-12);
                close("owed", pool.position(number).owed[i][0], mine.owed[i][0], 1e-9);
            }
        }
        close("liquidity", others(&**pool), first, 1e-9);
        // A quarter of others' liquidity: four times the move.
        let mut moved = Vec::new();
        for factor in [1.0, 0.25] {
            pool.scale_others(&Lanes([factor]), &mut [Lanes::ZERO; 2], &mut [Lanes::ZERO; 2]);
            pool.scale_others(&Lanes([1e9]), &mut [Lanes::ZERO; 2], &mut [Lanes::ZERO; 2]);
            let before = spot(&**pool).sqrt();
            sell(&mut **pool, ONE, 1e12);
            moved.push(spot(&**pool).sqrt() - before);
            pool.scale_others(&Lanes([1e-9]), &mut [Lanes::ZERO; 2], &mut [Lanes::ZERO; 2]);
        }
        close("move", moved[1], 4.0 * moved[0], 1e-2);
        // New paths begin as the first did.
        pool.start();
        close("liquidity", others(&**pool), first, 1e-12);
    }
}

#[test]
fn others_come_and_go_with_lp_tokens() {
    for pool in &mut fungible() {
        sell(&mut **pool, ZERO, 10_000.0);
        let price = spot(&**pool);
        let per_lp = |pool: &dyn FungibleLanes<L>| {
            let (mut invariant, mut due) = (Lanes::ZERO, Lanes::ZERO);
            pool.invariant(&mut invariant);
            pool.pending_protocol_liquidity(&mut due);
            invariant[0] / (pool.supply()[0] + due[0])
        };
        let worth = per_lp(&**pool);
        let mut minted = 0.0;
        for wanted in [5000.0, -2000.0, 0.0] {
            let (before, mut due) = (balances(&**pool), Lanes::ZERO);
            pool.pending_protocol_liquidity(&mut due);
            let supply = pool.supply()[0] + due[0];
            let (mut liquidity, mut amounts) = (Lanes([wanted]), vec![Lanes::ZERO; 2]);
            pool.change_others(&mut liquidity, &mut amounts);
            close("minted", liquidity[0], wanted, 1e-9);
            minted += liquidity[0];
            let after = balances(&**pool);
            for i in 0..2 {
                close("balance", after[i] - before[i], amounts[i][0], 1e-6);
            }
            if wanted != 0.0 {
                close("supply", pool.supply()[0], supply + wanted, 1e-9);
            }
            close("price", spot(&**pool), price, 1e-9);
            close("an LP token", per_lp(&**pool), worth, 1e-9);
        }
        close("all together", minted, 3000.0, 1e-9);
    }
}

/// A copy trades as its lane would, and the lane does not notice.
#[test]
fn a_lane_can_be_tried() {
    let mut pools: Vec<AnyPool<L>> = ranged().into_iter().map(AnyPool::Ranged).collect();
    pools.extend(fungible().into_iter().map(AnyPool::Fungible));
    for pool in &mut pools {
        sell(&mut **pool, ONE, 3000.0);
        let before = balances(&**pool);
        let tried: Vec<f64> = {
            let mut copy = pool.lane(0).unwrap();
            [(ZERO, 1.0), (ONE, 100_000.0), (ZERO, 40.0)]
                .map(|(token, amount)| sell(&mut *copy, token, amount).amount_out[0])
                .into()
        };
        assert_eq!(balances(&**pool), before);
        let done =
            [(ZERO, 1.0), (ONE, 100_000.0), (ZERO, 40.0)].map(|(token, amount)| sell(&mut **pool, token, amount).amount_out[0]);
        assert_eq!(tried, done);
    }
}
