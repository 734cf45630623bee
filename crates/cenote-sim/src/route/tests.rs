//! Splits against brute force, pool by pool and quote by quote.

use std::sync::Arc;

use cenote_amm::{BuildPool, PoolModel, PoolStart};
use cenote_strategy::ChainId;
use cenote_units::mask;

use super::depth::quote_hops;
use super::*;
use crate::test_scene::{BTC, ETH, Scene, USDC, constant_product, ranges, stable};

fn hop(pool: u16) -> Hop {
    Hop::new(PoolId(pool))
}

fn plan(scene: &Scene, router: &mut Router<1>, sells: bool, amount: f64) -> TradeLanes<1> {
    let mut trade = TradeLanes { base_in: [mask(sells)], amount_in: Lanes([amount]), ..TradeLanes::ZERO };
    router.plan(&scene.market(), &mut trade);
    trade
}

/// What the ways give for these parts, gas taken off, by their quotes.
fn net(scene: &Scene, route: &Route, gas: f64, sells: bool, parts: &[f64]) -> f64 {
    let market = scene.market();
    let ends = route.tokens(&market);
    let price_out = scene.prices[ends[usize::from(sells)].index()][0];
    let of_way = |(way, part): (&Vec<Hop>, &f64)| {
        let hops = f64::from(u32::try_from(way.len()).unwrap());
        let cost = if *part > 0.0 { hops * market.gas_cost(ChainId::default(), gas)[0] / price_out } else { 0.0 };
        quote_hops(&market, 0, way, sells, *part) - cost
    };
    route.paths().iter().zip(parts).map(of_way).sum()
}

/// The best of all splits into 1/`steps` of the amount and, around the best, into ever finer ones.
fn brute_force(scene: &Scene, route: &Route, gas: f64, sells: bool, amount: f64) -> f64 {
    let ways = route.paths().len();
    let of = |shares: &[f64]| net(scene, route, gas, sells, &shares.iter().map(|share| share * amount).collect::<Vec<_>>());
    let mut best = (f64::NEG_INFINITY, vec![0.0; ways]);
    let steps = 40_u32;
    let mut grid = vec![Vec::new()];
    for _ in 1..ways {
        grid = grid.iter().flat_map(|start: &Vec<u32>| (0..=steps).map(move |k| [&start[..], &[k]].concat())).collect();
    }
    for corner in grid.iter().filter(|corner| corner.iter().sum::<u32>() <= steps) {
        let rest = steps - corner.iter().sum::<u32>();
        let shares: Vec<f64> = corner.iter().chain(&[rest]).map(|k| f64::from(*k) / f64::from(steps)).collect();
        let net = of(&shares);
        if net > best.0 {
            best = (net, shares);
        }
    }
    // Move ever smaller shares between two ways while that helps.
    let mut step = 1.0 / f64::from(steps);
    while step > 1e-7 {
        let mut helped = false;
        for (from, to) in (0..ways).flat_map(|i| (0..ways).map(move |j| (i, j))).filter(|(i, j)| i != j) {
            let mut shares = best.1.clone();
            let moved = step.min(shares[from]);
            shares[from] -= moved;
            shares[to] += moved;
            let net = of(&shares);
            if net > best.0 {
                (best, helped) = ((net, shares), true);
            }
        }
        step *= if helped { 1.0 } else { 0.5 };
    }
    best.0
}

fn check(scene: &Scene, route: &Route, gas: f64, amounts: &[f64], tolerance: f64) -> Vec<Vec<f64>> {
    let mut router = Router::new(route.clone(), gas);
    let mut splits = Vec::new();
    for sells in [true, false] {
        for &value in amounts {
            let market = scene.market();
            let paid = route.tokens(&market)[usize::from(!sells)];
            let amount = value / scene.prices[paid.index()][0];
            let trade = plan(scene, &mut router, sells, amount);
            let parts: Vec<f64> = router.parts.iter().map(|part| part[0]).collect();
            assert!((parts.iter().sum::<f64>() / amount - 1.0).abs() < 1e-14, "{parts:?} of {amount}");
            let planned = net(scene, route, gas, sells, &parts);
            let without_gas = net(scene, route, 0.0, sells, &parts);
            assert!((trade.amount_out[0] / without_gas - 1.0).abs() < 1e-9, "{} {without_gas}", trade.amount_out[0]);
            let best = brute_force(scene, route, gas, sells, amount);
            assert!(planned >= best - tolerance * best.abs(), "{sells} {value}: {planned} by {parts:?}, and there is {best}");
            splits.push(parts.iter().map(|part| part / amount).collect());
        }
    }
    splits
}

const AMOUNTS: [f64; 4] = [100.0, 5_000.0, 100_000.0, 2_000_000.0];

#[test]
fn constant_products_are_split_as_brute_force_splits_them() {
    let scene = Scene::new(&[
        (constant_product(3000), [ETH, USDC], 10e6, 0.01),
        (constant_product(500), [ETH, USDC], 2e6, 0.0),
        (constant_product(10_000), [ETH, USDC], 30e6, 0.0),
    ]);
    let route = Route::new(vec![vec![hop(0)], vec![hop(1)], vec![hop(2)]]).unwrap();
    let splits = check(&scene, &route, 0.0, &AMOUNTS, 1e-11);
    // A small trade goes where the price is best, a large one everywhere.
    assert!(splits[4][1] == 1.0 && splits[0][0] == 1.0, "{splits:?}");
    assert!(splits[3].iter().chain(&splits[7]).all(|share| *share > 0.0), "{splits:?}");
}

#[test]
fn no_way_is_better_at_the_margin() {
    let scene = Scene::new(&[
        (constant_product(3000), [ETH, USDC], 10e6, 0.01),
        (constant_product(500), [ETH, USDC], 2e6, 0.0),
        (constant_product(10_000), [ETH, USDC], 30e6, 0.0),
        (ranges(), [ETH, USDC], 5e6, 0.001),
    ]);
    let route = Route::new((0..4).map(|pool| vec![hop(pool)]).collect()).unwrap();
    let mut router = Router::new(route.clone(), 0.0);
    for (sells, amount) in [(true, 5.0), (true, 400.0), (false, 10_000.0), (false, 900_000.0)] {
        plan(&scene, &mut router, sells, amount);
        let step = 1e-4 * amount;
        let parts: Vec<f64> = router.parts.iter().map(|part| part[0]).collect();
        let give = |p: usize, part: f64| quote_hops(&scene.market(), 0, &route.paths()[p], sells, part);
        let more: Vec<f64> = (0..4).map(|p| give(p, parts[p] + step) - give(p, parts[p])).collect();
        for (p, part) in parts.iter().enumerate().filter(|(_, part)| **part > step) {
            let less = give(p, *part) - give(p, *part - step);
            // What a step more gives elsewhere is not above what a step less costs here, but for the steps' own length.
            assert!(more.iter().all(|more| *more <= less * (1.0 + 1e-4)), "{sells} {amount} {parts:?}: {less} {more:?}");
        }
    }
}

#[test]
fn a_way_that_does_not_pay_its_gas_is_not_used() {
    let scene = Scene::new(&[
        (constant_product(3000), [ETH, USDC], 10e6, 0.0002),
        (constant_product(3000), [ETH, USDC], 8e6, 0.0),
        (constant_product(3000), [ETH, USDC], 6e6, 0.0),
    ]);
    let route = Route::new(vec![vec![hop(0)], vec![hop(1)], vec![hop(2)]]).unwrap();
    // 150,000 units at 10⁻⁸ ETH are three dollars.
    let gas = 150_000.0;
    let splits = check(&scene, &route, gas, &[100.0, 3_000.0, 10_000.0, 30_000.0, 300_000.0], 1e-11);
    let used: Vec<usize> = splits.iter().map(|split| split.iter().filter(|share| **share > 0.0).count()).collect();
    assert!(used[0] == 1 && used[4] == 3 && used[5] == 1 && used[9] == 3 && used.contains(&2), "{used:?}");
    let free = check(&scene, &route, 0.0, &[10_000.0], 1e-11);
    assert!(free[0].iter().filter(|share| **share > 0.0).count() > used[2], "{free:?} {used:?}");
}

#[test]
fn pools_of_any_kind_are_split_as_brute_force_splits_them() {
    // A trade of an eighth of all liquidity, past the ends of two ranges, is where it settles slowest: to 3·10⁻⁸.
    let scene = Scene::new(&[
        (constant_product(3000), [ETH, USDC], 10e6, 0.0),
        (ranges(), [ETH, USDC], 4e6, 0.0),
        (ranges(), [ETH, USDC], 2e6, 0.002),
    ]);
    let route = Route::new(vec![vec![hop(0)], vec![hop(1)], vec![hop(2)]]).unwrap();
    check(&scene, &route, 0.0, &AMOUNTS, 1e-7);
    let mut pegged = Scene::new(&[
        (stable(), [ETH, USDC], 10e6, 0.1),
        (constant_product(500), [ETH, USDC], 20e6, 0.0),
        (stable(), [ETH, USDC], 3e6, 0.0),
    ]);
    // Two tokens of one value.
    pegged.prices[ETH] = Lanes([1.0]);
    for (pool, value) in pegged.pools.iter_mut().zip([10e6, 20e6, 3e6]) {
        let model: Arc<dyn PoolModel> = if value == 20e6 { constant_product(500) } else { stable() };
        let start = PoolStart { value, prices: &[1.0, 1.0], decimals: &[18, 18] };
        *pool = BuildPool::<1>::build(&*model, &start).unwrap();
    }
    check(&pegged, &route, 0.0, &AMOUNTS, 1e-8);
    check(&pegged, &route, 1e5, &AMOUNTS, 1e-8);
}

#[test]
fn ways_through_a_third_token_compete_with_the_direct_one() {
    let scene = Scene::new(&[
        (constant_product(3000), [ETH, USDC], 10e6, 0.005),
        (constant_product(500), [ETH, BTC], 20e6, 0.0),
        (constant_product(500), [BTC, USDC], 15e6, 0.0),
    ]);
    let route = Route::new(vec![vec![hop(0)], vec![hop(1), hop(2)]]).unwrap();
    let splits = check(&scene, &route, 0.0, &AMOUNTS, 1e-11);
    assert!(splits.iter().any(|split| split[1] > 0.5) && splits.iter().any(|split| split[0] > 0.5), "{splits:?}");
    check(&scene, &route, 100_000.0, &AMOUNTS, 1e-11);
}

#[test]
fn routes_that_cannot_be_are_errors() {
    let says = |paths: Vec<Vec<Hop>>, text: &str| {
        let error = Route::new(paths).unwrap_err().to_string();
        assert!(error.contains(text), "{error}");
    };
    says(vec![], "ways of a route is 0");
    says((0..7).map(|pool| vec![hop(pool)]).collect(), "from 1 to 6 ways");
    says(vec![vec![]], "at least one pool on every way");
    says(vec![vec![hop(3)], vec![hop(1), hop(3)]], "a pool that a route uses twice is 3");
    assert_eq!(hop(1).reversed(), Hop::between(PoolId(1), TokenIndex::ONE, TokenIndex::ZERO));
}
