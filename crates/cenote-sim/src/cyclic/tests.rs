//! Cycles against brute force.

use cenote_amm::TokenIndex;
use cenote_paths::StreamKey;

use super::*;
use crate::test_scene::{BTC, ETH, Scene, Setting, USDC, constant_product, ranges, stable};

fn hop(pool: u16) -> Hop {
    Hop::new(PoolId(pool))
}

/// What a way around gives for an amount, less the amount.
fn profit(scene: &Scene, way: &[Hop], amount: f64) -> f64 {
    let through = |amount: f64, hop: &Hop| scene.pools[hop.pool.index()].quote(0, hop.token_in, hop.token_out, amount);
    way.iter().fold(amount, through) - amount
}

/// The most profit of a way around, by the golden section of a concave function.
fn best(scene: &Scene, way: &[Hop]) -> f64 {
    let golden = 0.5 * (5.0_f64.sqrt() - 1.0);
    let (mut low, mut high) = (0.0, 0.3 * scene.pools[way[0].pool.index()].reserve(way[0].token_in, 0));
    for _ in 0..200 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if profit(scene, way, a) < profit(scene, way, b) {
            low = a;
        } else {
            high = b;
        }
    }
    profit(scene, way, 0.5 * (low + high)).max(0.0)
}

fn there_and_back(cycle: &[Hop]) -> [Vec<Hop>; 2] {
    [cycle.to_vec(), cycle.iter().rev().map(|hop| hop.reversed()).collect()]
}

/// Has the arbitrageur do one block's work; what he makes in each token, and how many orders he gives.
fn work(scene: &mut Scene, arbitrageur: &CyclicArbitrageur) -> ([f64; 3], usize) {
    let mut lanes = BuildAgent::<1>::build(arbitrageur, StreamKey::new(1, "x"));
    lanes.start([0]);
    let (mut order, mut made, mut round) = (OrderLanes::new(), [0.0; 3], 0);
    while lanes.order(&scene.market(), round, &mut order) {
        assert_eq!(order.kind, OrderKind::ArbitrageSwap);
        let (pool, flow) = (order.pool.index(), &mut order.flow);
        scene.pools[pool].swap(flow);
        let [base, quote] = [flow.base, flow.quote].map(|token| scene.tokens[pool][token.get()].index());
        assert!(flow.base_in[0] != 0 && flow.amount_in[0] > 0.0);
        made[base] -= flow.amount_in[0];
        made[quote] += flow.amount_out[0];
        round += 1;
    }
    (made, usize::try_from(round).unwrap())
}

/// That the arbitrageur makes what there is to be made, in one token, and leaves nothing; returns it.
fn takes_all(pools: &[Setting], cycle: &[Hop], token: usize, tolerance: f64) -> f64 {
    let mut scene = Scene::new(pools);
    let expected = there_and_back(cycle).map(|way| best(&scene, &way)).into_iter().fold(0.0, f64::max);
    let arbitrageur = CyclicArbitrageur::cycle(cycle.to_vec()).unwrap();
    let (made, orders) = work(&mut scene, &arbitrageur);
    assert!(expected > 0.0 && orders == cycle.len(), "{expected} {orders}");
    assert!((made[token] / expected - 1.0).abs() < tolerance, "{} and there is {expected}", made[token]);
    // What comes out of one pool goes into the next: nothing is left in another token.
    assert!(made.iter().enumerate().all(|(t, made)| t == token || *made == 0.0), "{made:?}");
    for way in there_and_back(cycle) {
        assert!(best(&scene, &way) <= tolerance * expected, "{} left", best(&scene, &way));
    }
    let (_, orders) = work(&mut scene, &arbitrageur);
    assert!(orders == 0 || tolerance > 1e-9, "{orders} orders where nothing is left");
    expected
}

#[test]
fn two_constant_products_are_brought_together_in_closed_form() {
    let pair = |moved: f64| [(constant_product(3000), [ETH, USDC], 10e6, moved), (constant_product(500), [ETH, USDC], 2e6, 0.001)];
    for moved in [0.0, 0.01, 0.2] {
        let cycle = [hop(0).reversed(), hop(1)];
        if moved > 0.0 {
            takes_all(&pair(moved), &cycle, USDC, 1e-9);
        } else {
            // Inside the band of both fees there is nothing to take.
            assert_eq!(work(&mut Scene::new(&pair(moved)), &CyclicArbitrageur::cycle(cycle.to_vec()).unwrap()).1, 0);
        }
    }
}

#[test]
fn triangles_go_the_way_around_that_pays() {
    for moved in [[0.02, 0.0, 0.0], [0.0, 0.02, 0.0], [0.0, 0.0, 0.02]] {
        let pools = [
            (constant_product(3000), [ETH, USDC], 10e6, moved[0]),
            (constant_product(500), [ETH, BTC], 20e6, moved[1]),
            (constant_product(500), [BTC, USDC], 15e6, moved[2]),
        ];
        takes_all(&pools, &[hop(0).reversed(), hop(1), hop(2)], USDC, 1e-9);
    }
}

#[test]
fn pools_of_any_kind_are_brought_together() {
    let pools = [(constant_product(500), [ETH, USDC], 10e6, 0.02), (ranges(), [ETH, USDC], 4e6, 0.0)];
    takes_all(&pools, &[hop(0).reversed(), hop(1)], USDC, 1e-7);
    let pools = [(stable(), [ETH, USDC], 10e6, 0.3), (stable(), [ETH, USDC], 4e6, 0.0), (ranges(), [BTC, USDC], 1e6, 0.0)];
    takes_all(&pools[..2], &[hop(0).reversed(), hop(1)], USDC, 1e-7);
}

#[test]
fn a_cycle_has_to_pay_its_gas() {
    let pools = [(constant_product(3000), [ETH, USDC], 10e6, 0.01), (constant_product(500), [ETH, USDC], 2e6, 0.0)];
    let cycle = [hop(0).reversed(), hop(1)];
    let profit = takes_all(&pools, &cycle, USDC, 1e-9);
    // Two pools, at 10⁻⁸ ETH of 2,000 a unit.
    let units = profit / 2.0 / 2e-5;
    for (units, orders) in [(0.999 * units, 2), (1.001 * units, 0)] {
        let arbitrageur = CyclicArbitrageur::cycle(cycle.to_vec()).unwrap().gas(units);
        assert_eq!(work(&mut Scene::new(&pools), &arbitrageur).1, orders);
    }
}

#[test]
fn several_pools_of_a_pair_are_brought_together_two_by_two() {
    let pools = [
        (constant_product(3000), [ETH, USDC], 10e6, 0.05),
        (constant_product(500), [ETH, USDC], 6e6, 0.0),
        (constant_product(100), [ETH, USDC], 3e6, 0.02),
    ];
    let arbitrageur = CyclicArbitrageur::between(&[PoolId(0), PoolId(1), PoolId(2)]).unwrap();
    let mut scene = Scene::new(&pools);
    let left = |scene: &Scene| -> f64 {
        arbitrageur.cycles.iter().flat_map(|cycle| there_and_back(cycle)).map(|way| best(scene, &way)).fold(0.0, f64::max)
    };
    let before = left(&scene);
    let (made, orders) = work(&mut scene, &arbitrageur);
    assert!(orders >= 6 && made[USDC] > 0.9 * before && made[ETH].abs() < 1e-9, "{orders} {made:?} {before}");
    assert!(left(&scene) < 1e-3 * before, "{} of {before}", left(&scene));
}

#[test]
fn cycles_that_cannot_be_are_errors() {
    let says = |cycles: Result<CyclicArbitrageur, ScenarioError>, text: &str| {
        let error = cycles.unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    says(CyclicArbitrageur::cycles(vec![]), "cycles of an arbitrageur is 0");
    says(CyclicArbitrageur::between(&[PoolId(0)]), "at least one, of two pools or more");
    says(CyclicArbitrageur::cycle(vec![Hop::new(PoolId(0))]), "pools of a cycle is 1");
    says(CyclicArbitrageur::between(&[PoolId(2), PoolId(2)]), "a pool that a cycle uses twice is 2");
    let three = CyclicArbitrageur::between(&[PoolId(0), PoolId(1), PoolId(2)]).unwrap();
    assert_eq!((three.cycles.len(), three.home()), (3, PoolId(0)));
    assert_eq!(three.cycles[0][0], Hop::between(PoolId(0), TokenIndex::ONE, TokenIndex::ZERO));
}
