//! Pools in the states that random operations bring them into.

use core::fmt::Debug;

use proptest::prelude::*;

use super::fungible::fungible_operations;
use super::lane::BatteryLane;
use super::ranged::{Place, RangedCall, ranged_operations};
use super::size::Deposits;
use crate::pool::{FungibleLiquidity, RangedLiquidity};

/// `pools` after up to `length` operations, a first deposit before them: in ordinary and extreme states.
///
/// ```
/// use cenote_amm::battery::{Deposits, families, fungible_states};
/// use cenote_amm::{Fast, Pool, TokenIndex};
/// use proptest::prelude::*;
///
/// let pools = fungible_states(families::constant_products::<Fast>(), &Deposits::new(&[18, 6]), 10);
/// proptest!(|(pool in pools)| {
///     if let Some(price) = pool.spot_price(TokenIndex(0), TokenIndex(1)) {
///         prop_assert!(price > 0.0);
///     }
/// });
/// ```
pub fn fungible_states<P, S>(pools: S, deposits: &Deposits, length: usize) -> impl Strategy<Value = P> + use<P, S>
where
    S: Strategy<Value = P>,
    P: FungibleLiquidity + Clone + Debug,
    P::Lane: BatteryLane,
{
    let deposits = deposits.clone();
    (pools, fungible_operations(&deposits, length)).prop_map(move |(mut pool, operations)| {
        for operation in &operations {
            if let Some(call) = operation.call(&pool, &deposits) {
                // What fails leaves the state as it was, and that is a state too.
                let _ = call.run(&mut pool);
            }
        }
        pool
    })
}

/// `pools` after up to `length` operations, a first deposit before them, and where their positions are.
pub fn ranged_states<P, S>(pools: S, deposits: &Deposits, length: usize) -> impl Strategy<Value = (P, Vec<Place>)> + use<P, S>
where
    S: Strategy<Value = P>,
    P: RangedLiquidity + Clone + Debug,
    P::Lane: BatteryLane,
{
    let deposits = deposits.clone();
    (pools, ranged_operations(&deposits, length)).prop_map(move |(mut pool, operations)| {
        let mut places = Vec::new();
        for operation in &operations {
            let Some(call) = operation.call(&pool, &places, &deposits) else { continue };
            if let (Ok(_), RangedCall::Mint(place, _)) = (call.run(&mut pool), &call)
                && !places.contains(place)
            {
                places.push(*place);
            }
        }
        (pool, places)
    })
}
