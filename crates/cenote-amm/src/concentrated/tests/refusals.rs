//! Which of two reasons the contracts give when both apply. Found by running the contracts beside this code.

use crate::concentrated::tick_math::sqrt_price_at_tick;
use crate::concentrated::{
    ConcentratedError, FeeTier, LiquidityChange, PositionKey, ProtocolFeeScheme, TickRange, Trade, V3Pool, V4Pool,
};
use crate::{Concentrated, Exact, OneForZero, Owner, RangedLiquidity, SwapKind, U256};

const ALICE: Owner = Owner::new(1);
const RANGE: TickRange = TickRange::new(-600, 600);

/// The pool lends before it adds the fee to what it has lent: `TF`, not an overflow.
#[test]
fn a_flash_loan_of_more_than_there_is() {
    let mut pool = V3Pool::<Exact>::new(FeeTier::BP_30, ProtocolFeeScheme::UniswapV3, [18, 18]);
    pool.initialize(sqrt_price_at_tick(0).unwrap()).unwrap();
    pool.mint(ALICE, RANGE, 1_000_000).unwrap();
    let before = pool.clone();
    for amounts in [[U256::MAX, U256::ZERO], [U256::ONE, U256::MAX]] {
        let refused = pool.flash(amounts, [U256::MAX; 2]).unwrap_err();
        assert_eq!(refused.revert_code(), Some("TF"), "{refused}");
    }
    assert_eq!(pool, before);
}

/// The manager divides fees up without checks and casts the sum at the end: `SafeCastOverflow`, not an overflow on the way.
#[test]
fn a_swap_of_more_than_128_bits() {
    for (fee_pips, protocol_pips) in [(1_000_000, 183), (1_000_000, 0), (999_999, 1000)] {
        let mut pool = V4Pool::<Exact>::new(fee_pips, 60, [18, 18]).unwrap();
        pool.initialize(sqrt_price_at_tick(0).unwrap()).unwrap();
        pool.set_protocol_fee([protocol_pips; 2]).unwrap();
        pool.modify_liquidity(PositionKey::new(ALICE, RANGE), LiquidityChange::Add(1_811_670_845_503_988)).unwrap();
        let before = pool.clone();
        assert_eq!(pool.swap_fee_pips(OneForZero), 1_000_000);
        for amount in [U256::MAX >> 1, U256::ONE << 127] {
            // With all of the input for a fee the whole amount is paid, and nothing is bought.
            let refused = pool.swap(&pool.unlimited(OneForZero, SwapKind::ExactIn, amount)).unwrap_err();
            assert_eq!(refused.v4_name(), Some("SafeCastOverflow"), "{refused}");
            assert!(matches!(refused, ConcentratedError::AmountTooLarge { .. }));
            assert_eq!(pool, before);
        }
    }
}

/// What liquidity was and what it has earned fit 127 bits each, their sum does not.
#[test]
fn a_withdrawal_of_more_than_128_bits() {
    let mut pool = V4Pool::<Exact>::new(1, 4, [18, 18]).unwrap();
    let low = TickRange::new(-886_940, -879_004);
    pool.initialize(sqrt_price_at_tick(-886_944).unwrap()).unwrap();
    let (key, liquidity) = (PositionKey::new(ALICE, low), 20_000_000_000_000_000_000);
    let paid = pool.modify_liquidity(key, LiquidityChange::Add(liquidity)).unwrap().amounts;
    pool.swap(&Trade {
        sqrt_price_limit: sqrt_price_at_tick(-886_939).unwrap(),
        ..pool.unlimited(OneForZero, SwapKind::ExactIn, U256::MAX >> 2)
    })
    .unwrap();
    let most = U256::MAX >> 129;
    assert!(paid[0] < most && paid[0] + (U256::ONE << 126) > most, "{paid:?}");
    pool.donate([(U256::ONE << 126) - U256::ONE, U256::ZERO]).unwrap();
    let before = pool.clone();
    let refused = pool.modify_liquidity(key, LiquidityChange::Remove(liquidity)).unwrap_err();
    assert_eq!(refused.v4_name(), Some("SafeCastOverflow"), "{refused}");
    assert_eq!(pool, before);
    // One after the other they can be had.
    pool.modify_liquidity(key, LiquidityChange::Remove(0)).unwrap();
    pool.modify_liquidity(key, LiquidityChange::Remove(liquidity)).unwrap();
}

/// The position manager casts liquidity before the pool sees it: no reason, and not the pool's `LA`.
#[test]
fn amounts_of_more_liquidity_than_128_bits() {
    let mut pool = Concentrated::<Exact>::pancakeswap_v3(FeeTier::BP_30);
    pool.v3_mut().initialize(sqrt_price_at_tick(0).unwrap()).unwrap();
    let before = pool.clone();
    for amounts in [[U256::ONE << 130, U256::ONE << 130], [U256::MAX >> 1, U256::MAX >> 1]] {
        let refused = pool.mint(ALICE, RANGE, amounts).unwrap_err();
        assert_eq!(refused.revert_code(), Some(""), "{refused}");
    }
    assert_eq!(pool, before);
}
