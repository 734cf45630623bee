//! Cenote's own pools, as strategies: empty, with every parameter that the contracts allow. Sequences begin with a deposit;
//! [`fungible_states`](super::fungible_states) and [`ranged_states`](super::ranged_states) bring them into ordinary and extreme states.

use cenote_units::Fee;
use cenote_units::math::exp;
use proptest::prelude::*;

use crate::concentrated::FeeTier;
use crate::constant_product::{ProtocolFee, SwapFee};
use crate::lane::Lane;
use crate::pool::Owner;
use crate::stableswap::{Generation, MAX_AMPLIFICATION, PoolFee};
use crate::weighted::{Version, Weights};
use crate::{Concentrated, ConcentratedV4, ConstantProduct, StableSwap, Weighted};

/// Who receives protocol fees.
const PROTOCOL: Owner = Owner::new(16);

/// Constant-product pools: Uniswap v2, `PancakeSwap` v1 and v2, other fees from none to half, the protocol fee on or off.
pub fn constant_products<L: Lane>() -> impl Strategy<Value = ConstantProduct<L>> + Clone {
    let contract = prop_oneof![
        3 => Just((SwapFee::UNISWAP_V2, ProtocolFee::UNISWAP_V2)),
        1 => Just((SwapFee::PANCAKESWAP_V1, ProtocolFee::PANCAKESWAP_V1)),
        1 => Just((SwapFee::PANCAKESWAP_V2, ProtocolFee::PANCAKESWAP_V2)),
        2 => (0..=500_000_u32).prop_filter_map("a fee below one", |pips| Some((SwapFee::from_pips(pips).ok()?, ProtocolFee::UNISWAP_V2))),
    ];
    (contract, any::<bool>()).prop_map(|((fee, protocol), taken)| {
        let mut pool = ConstantProduct::new(fee, protocol);
        pool.pair_mut().set_fee_to(taken.then_some(PROTOCOL));
        pool
    })
}

/// `StableSwap` pools of one generation for coins with these decimals: A from 1 to 10^6; fees from none to 1 %; in NG pools with an
/// off-peg multiplier up to 20 if `dynamic`; in pools of the first generation with any share for the protocol.
///
/// Generates nothing for numbers of coins and decimals that the contracts do not take.
pub fn stableswaps<L: Lane>(
    generation: Generation,
    decimals: &[u8],
    fees: core::ops::RangeInclusive<u64>,
    dynamic: bool,
) -> impl Strategy<Value = StableSwap<L>> + use<L> {
    let decimals = decimals.to_vec();
    let amplification = prop_oneof![3 => 50..=5000_u64, 1 => 1..=MAX_AMPLIFICATION];
    (amplification, fees, 10_000_000_000..=200_000_000_000_u64, 0..=PoolFee::HALF.parts()).prop_filter_map(
        "a pool that the contracts allow",
        move |(amplification, fee, multiplier, share)| {
            let fee = PoolFee::from_parts(fee).ok()?;
            match generation {
                Generation::First => {
                    let pool = StableSwap::first_generation(&decimals, amplification, fee).ok()?;
                    pool.with_admin_fee(PoolFee::from_parts(share).ok()?).ok()
                }
                Generation::Ng => {
                    let pool = StableSwap::ng(&decimals, amplification, fee).ok()?;
                    if dynamic { pool.with_offpeg_fee_multiplier(multiplier).ok() } else { Some(pool) }
                }
            }
        },
    )
}

/// Weighted pools of Balancer v2 or v3 for tokens with these decimals: weights of 1% and more, fees from none to 10%, no share for the
/// protocol.
///
/// Generates nothing for numbers of tokens and decimals that the contracts do not take.
pub fn weighted_pools<L: Lane>(version: Version, decimals: &[u8]) -> impl Strategy<Value = Weighted<L>> + use<L> {
    let decimals = decimals.to_vec();
    let shares = prop::collection::vec(0..=1000_u64, decimals.len());
    let fees = prop_oneof![1 => Just(0), 3 => 0..=100_000_u32];
    (shares, fees).prop_filter_map("weights and decimals that the contracts allow", move |(shares, pips)| {
        let whole: u64 = 1_000_000_000_000_000_000;
        let count = u64::try_from(shares.len()).ok()?;
        let spare = whole.checked_sub(Weights::MIN_WEIGHT.checked_mul(count)?)?;
        let sum = shares.iter().sum::<u64>().max(1);
        let mut wads: Vec<u64> = shares.iter().map(|share| Weights::MIN_WEIGHT + spare / sum * share).collect();
        let rest = whole - wads.iter().sum::<u64>();
        *wads.first_mut()? += rest;
        Weighted::new(version, &Weights::new(&wads).ok()?, Fee::from_pips(pips).ok()?).with_decimals(&decimals).ok()
    })
}

/// Prices from e^-`reach` to e^`reach`, most of them near one.
fn prices(reach: f64) -> impl Strategy<Value = f64> + Clone {
    prop_oneof![3 => Just(0.0), 3 => -1.0..1.0_f64, 2 => -reach..reach].prop_map(exp)
}

fn tiers() -> impl Strategy<Value = FeeTier> + Clone {
    let free = FeeTier::new(0, 7).ok();
    let known = vec![FeeTier::BP_30, FeeTier::BP_1, FeeTier::BP_5, FeeTier::BP_25, FeeTier::BP_100];
    prop::sample::select(known.into_iter().chain(free).collect::<Vec<_>>())
}

/// Pools of Uniswap v3 and `PancakeSwap` v3 for tokens with these decimals: all fee tiers and one without a fee, prices from e^-20 to
/// e^20 in smallest units.
pub fn concentrated_pools<L: Lane>(decimals: [u8; 2]) -> impl Strategy<Value = Concentrated<L>> + Clone {
    (tiers(), any::<bool>(), prices(20.0)).prop_filter_map("a price in range", move |(tier, pancake, price)| {
        let pool = if pancake { Concentrated::pancakeswap_v3(tier) } else { Concentrated::uniswap_v3(tier) };
        let mut pool = pool.with_decimals(decimals);
        pool.initialize_at_price(lane_price::<L>(price, decimals)).ok()?;
        Some(pool)
    })
}

/// Pools of Uniswap v4 without hooks for tokens with these decimals: fees from none to 50 %, with a fee for the protocol or without,
/// tick spacings up to 200, prices from e^-20 to e^20 in smallest units.
pub fn concentrated_v4_pools<L: Lane>(decimals: [u8; 2]) -> impl Strategy<Value = ConcentratedV4<L>> + Clone {
    let fees = prop_oneof![3 => Just(3000_u32), 2 => 0..=10_000_u32, 1 => 0..=500_000_u32];
    let protocol = prop_oneof![2 => Just([0_u16; 2]), 1 => [0..=1000_u16, 0..=1000_u16]];
    (fees, 1..=200_i32, protocol, prices(20.0)).prop_filter_map("a price in range", move |(fee, spacing, protocol, price)| {
        let mut pool = ConcentratedV4::uniswap_v4(fee, spacing).ok()?.with_decimals(decimals);
        pool.initialize_at_price(lane_price::<L>(price, decimals)).ok()?;
        pool.v4_mut().set_protocol_fee(protocol).ok()?;
        Some(pool)
    })
}

/// A price in smallest units in the lane's unit.
fn lane_price<L: Lane>(price: f64, [decimals0, decimals1]: [u8; 2]) -> f64 {
    let units = |decimals| crate::lane::power_of_ten(decimals) / L::scale(decimals);
    price * units(decimals0) / units(decimals1)
}
