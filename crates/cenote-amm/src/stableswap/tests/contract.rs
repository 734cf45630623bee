//! The contract's functions one by one: what they refuse, and what they keep for the protocol.

use crate::stableswap::{Generation, PlainPool, PoolFee, StableSwap};
use crate::{
    AmmError, Exact, Fast, FungibleLiquidity, GovernanceError, LiquidityError, MathError, Owner, Pool, SwapError, SwapRequest,
    TokenIndex, U256, ZeroForOne,
};

const ALICE: Owner = Owner::new(1);
const DAY: u64 = 86_400;

fn fee() -> PoolFee {
    PoolFee::from_parts(4_000_000).unwrap()
}

/// A balanced pool with `each` whole tokens of every coin, all of Alice's.
fn balanced(generation: Generation, decimals: &[u8], each: u64) -> PlainPool<Exact> {
    let mut pool = PlainPool::new(generation, decimals, 200, fee()).unwrap();
    let amounts: Vec<U256> = decimals.iter().map(|d| U256::from(each) * U256::from(10).pow(U256::from(*d))).collect();
    pool.add_liquidity(ALICE, &amounts, U256::ZERO).unwrap();
    pool
}

#[test]
fn pools_that_cannot_be() {
    let new = |generation, decimals: &[u8], amplification| {
        PlainPool::<Exact>::new(generation, decimals, amplification, fee()).map(|_| ())
    };
    assert_eq!(new(Generation::First, &[18], 85), Err(AmmError::CoinCount { coins: 1, maximum: 4 }));
    assert_eq!(new(Generation::First, &[18; 5], 85), Err(AmmError::CoinCount { coins: 5, maximum: 4 }));
    assert_eq!(new(Generation::Ng, &[18; 9], 85), Err(AmmError::CoinCount { coins: 9, maximum: 8 }));
    assert_eq!(new(Generation::Ng, &[18; 8], 85), Ok(()));
    assert_eq!(new(Generation::Ng, &[18, 19], 85), Err(AmmError::InvalidDecimals { given: 2, tokens: 2, largest: 19 }));
    assert_eq!(new(Generation::Ng, &[18, 6], 0), Err(AmmError::InvalidAmplification { amplification: 0, maximum: 1_000_000 }));
    let pool = StableSwap::<Exact>::ng(&[18, 6], 85, PoolFee::HALF).unwrap();
    assert!(matches!(pool.clone().with_admin_fee(fee()), Err(AmmError::Governance(GovernanceError::Unsupported { .. }))));
    assert!(matches!(
        pool.with_offpeg_fee_multiplier(10_000_000_001),
        Err(AmmError::Governance(GovernanceError::FeeTooHigh { .. }))
    ));
}

/// In NG pools half the fee of a swap is the protocol's at once; in the first generation, whatever share it has and what rounding leaves.
#[test]
fn the_protocols_share_of_a_swap() {
    let thousand = U256::from(1_000_000_000);
    let mut ng = balanced(Generation::Ng, &[6, 6], 1_000_000);
    let exchange = ng.exchange(TokenIndex(0), TokenIndex(1), thousand, U256::ZERO).unwrap();
    assert_eq!((exchange.fee, exchange.admin), (U256::from(399_999), U256::from(199_999)));
    assert_eq!(ng.admin_balances(), [U256::ZERO, exchange.admin]);
    assert_eq!(ng.balances()[1] + exchange.admin + exchange.amount_out, U256::from(1_000_000_000_000_u64));
    assert_eq!(ng.withdraw_admin_fees(), [U256::ZERO, exchange.admin]);
    assert_eq!(ng.admin_balances(), [U256::ZERO; 2]);

    let mut first = balanced(Generation::First, &[6, 6], 1_000_000);
    let exchange = first.exchange(TokenIndex(0), TokenIndex(1), thousand, U256::ZERO).unwrap();
    assert!(exchange.admin <= U256::ONE);
    let mut pool = StableSwap::<Fast>::first_generation(&[6, 6], 200, fee()).unwrap().with_admin_fee(PoolFee::HALF).unwrap();
    pool.mint(ALICE, &[1e6, 1e6]).unwrap();
    pool.swap(&SwapRequest::exact_in(ZeroForOne, 1000.0)).unwrap();
    assert!((pool.contract().admin_balances()[1] - 0.2).abs() < 1e-3);
}

/// What the fast lane cannot know: see `remove_liquidity_imbalance`.
#[test]
fn withdrawals_out_of_proportion_overflow_the_oracles_of_mixed_decimals() {
    let withdraw = |decimals: &[u8], each: u64| {
        let mut pool = balanced(Generation::Ng, decimals, each);
        let before = pool.clone();
        let mut amounts = vec![U256::ZERO; decimals.len()];
        amounts[1] = U256::from(10).pow(U256::from(decimals[1]));
        let burned = pool.remove_liquidity_imbalance(ALICE, &amounts, U256::MAX);
        assert!(burned.is_ok() || pool == before);
        burned
    };
    assert!(withdraw(&[18, 6], 1_000_000).is_ok());
    assert!(withdraw(&[18, 18, 18], 1_000_000).is_ok());
    assert!(withdraw(&[18, 6, 6], 10_000).is_ok());
    assert_eq!(withdraw(&[18, 6, 6], 100_000), Err(MathError::MulOverflow.into()));
    // Every other function hands the oracles scaled balances.
    let mut pool = balanced(Generation::Ng, &[18, 6, 6], 100_000);
    assert!(pool.remove_liquidity_one_coin(ALICE, U256::from(10_u64.pow(18)), TokenIndex(1), U256::ZERO).is_ok());
    assert!(
        balanced(Generation::First, &[18, 6, 6], 100_000).remove_liquidity_imbalance(ALICE, &[U256::ONE; 3], U256::MAX).is_ok()
    );
}

#[test]
fn limits_are_kept_and_leave_no_trace() {
    let million = U256::from(1_000_000);
    for generation in [Generation::First, Generation::Ng] {
        let mut pool = balanced(generation, &[6, 6], 1_000_000);
        let before = pool.clone();
        let (zero, one) = (TokenIndex(0), TokenIndex(1));
        assert!(matches!(pool.exchange(zero, one, million, million), Err(SwapError::OutputBelowMinimum { .. })));
        assert!(matches!(pool.add_liquidity(ALICE, &[million; 2], U256::MAX), Err(LiquidityError::MintBelowMinimum { .. })));
        assert!(matches!(
            pool.remove_liquidity(ALICE, million, &[U256::MAX; 2]),
            Err(LiquidityError::WithdrawalBelowMinimum { .. })
        ));
        assert!(matches!(
            pool.remove_liquidity_imbalance(ALICE, &[million, U256::ZERO], U256::ONE),
            Err(LiquidityError::BurnAboveMaximum { .. })
        ));
        assert!(matches!(
            pool.remove_liquidity_imbalance(Owner::new(2), &[million, U256::ZERO], U256::MAX),
            Err(LiquidityError::InsufficientBalance { owner: 2, .. })
        ));
        assert_eq!(pool.add_liquidity(ALICE, &[U256::ZERO; 2], U256::ZERO), Err(LiquidityError::InvariantNotIncreased));
        assert_eq!(pool.add_liquidity(ALICE, &[million], U256::ZERO), Err(LiquidityError::AmountCount { given: 1, tokens: 2 }));
        let exit = pool.remove_liquidity_one_coin(ALICE, million, zero, U256::MAX);
        match generation {
            Generation::First => assert!(matches!(exit, Err(LiquidityError::Unsupported { .. }))),
            Generation::Ng => assert!(matches!(exit, Err(LiquidityError::OneCoinBelowMinimum { .. }))),
        }
        assert_eq!(pool, before);
        let mut empty = PlainPool::<Exact>::new(generation, &[6, 6], 200, fee()).unwrap();
        assert_eq!(empty.add_liquidity(ALICE, &[million, U256::ZERO], U256::ZERO), Err(LiquidityError::InitialDepositIncomplete));
    }
}

#[test]
fn nonsense_is_refused() {
    let mut pool = StableSwap::<Fast>::ng(&[18, 6, 6], 200, fee()).unwrap();
    assert_eq!(pool.quote(&SwapRequest::exact_in(ZeroForOne, 1.0)), Err(SwapError::EmptyReserve));
    assert_eq!(pool.spot_price(TokenIndex(0), TokenIndex(1)), None);
    assert_eq!(pool.swap_to(TokenIndex(0), TokenIndex(1), 1.0), None);
    assert_eq!(pool.invariant(), 0.0);
    pool.mint(ALICE, &[1e6; 3]).unwrap();
    let before = pool.clone();
    for amount in [-1.0, f64::NAN, f64::INFINITY] {
        for request in [SwapRequest::exact_in(ZeroForOne, amount), SwapRequest::exact_out(ZeroForOne, amount)] {
            assert!(matches!(pool.swap(&request), Err(SwapError::InvalidAmount { .. })));
        }
        assert!(matches!(pool.mint(ALICE, &[1.0, amount, 1.0]), Err(LiquidityError::InvalidAmount { .. })));
        assert!(pool.burn(ALICE, amount).is_err());
    }
    let swap = |pool: &StableSwap<Fast>, i, j| pool.quote(&SwapRequest::exact_in((TokenIndex(i), TokenIndex(j)), 1.0));
    assert_eq!(swap(&pool, 0, 3), Err(SwapError::UnknownToken { index: 3, tokens: 3 }));
    assert_eq!(swap(&pool, 2, 2), Err(SwapError::SameToken { index: 2 }));
    assert_eq!(pool.quote(&SwapRequest::exact_in(ZeroForOne, 0.0)), Err(SwapError::InsufficientInputAmount));
    assert_eq!(pool.quote(&SwapRequest::exact_out(ZeroForOne, 0.0)), Err(SwapError::InsufficientOutputAmount));
    assert!(matches!(pool.quote(&SwapRequest::exact_out(ZeroForOne, 1e6)), Err(SwapError::InsufficientLiquidity { .. })));
    assert_eq!(pool, before);
}

/// A deposit takes the pool's proportions and leaves the rest with the owner.
#[test]
fn deposits_are_proportional() {
    let mut pool = StableSwap::<Fast>::first_generation(&[18, 6, 6], 200, fee()).unwrap();
    pool.mint(ALICE, &[100.0, 200.0, 400.0]).unwrap();
    let outcome = pool.mint(Owner::new(2), &[20.0, 20.0, 50.0]).unwrap();
    assert_eq!(outcome.amounts, [10.0, 20.0, 40.0]);
    let share = outcome.liquidity / pool.total_supply();
    assert!((share - 1.0 / 11.0).abs() < 1e-12);
    let paid = pool.burn(Owner::new(2), outcome.liquidity).unwrap();
    for (paid, given) in paid.amounts.iter().zip(outcome.amounts) {
        assert!((paid - given).abs() < 1e-9);
    }
}

#[test]
fn ramps_and_their_rules() {
    let mut pool = balanced(Generation::Ng, &[6, 6], 1000);
    pool.set_block_timestamp(10 * DAY);
    assert!(matches!(pool.ramp_a(400, 11 * DAY - 1), Err(GovernanceError::TooSoon { .. })));
    assert!(matches!(pool.ramp_a(0, 20 * DAY), Err(GovernanceError::InvalidAmplification { .. })));
    assert!(matches!(pool.ramp_a(1_000_000, 20 * DAY), Err(GovernanceError::InvalidAmplification { .. })));
    assert!(matches!(pool.ramp_a(2001, 20 * DAY), Err(GovernanceError::RampTooSteep { .. })));
    assert!(matches!(pool.ramp_a(19, 20 * DAY), Err(GovernanceError::RampTooSteep { .. })));
    pool.ramp_a(400, 20 * DAY).unwrap();
    pool.set_block_timestamp(15 * DAY);
    assert_eq!((pool.curve().stored(), pool.curve().amplification()), (30_000, 300));
    pool.stop_ramp_a().unwrap();
    pool.set_block_timestamp(16 * DAY - 1);
    assert_eq!(pool.curve().stored(), 30_000);
    assert!(matches!(pool.ramp_a(400, 20 * DAY), Err(GovernanceError::TooSoon { .. })));
    assert!(matches!(pool.commit_new_parameters(1, fee(), fee()), Err(GovernanceError::Unsupported { .. })));
}

#[test]
fn announcements_wait_three_days() {
    let mut pool = balanced(Generation::First, &[6, 6], 1000);
    assert_eq!(pool.apply_new_parameters(), Err(GovernanceError::NothingCommitted));
    pool.commit_new_parameters(85, PoolFee::ZERO, PoolFee::HALF).unwrap();
    assert!(matches!(pool.commit_new_parameters(85, fee(), fee()), Err(GovernanceError::AlreadyCommitted { .. })));
    pool.set_block_timestamp(3 * DAY - 1);
    assert!(matches!(pool.apply_new_parameters(), Err(GovernanceError::TooSoon { .. })));
    pool.set_block_timestamp(3 * DAY);
    pool.apply_new_parameters().unwrap();
    assert_eq!((pool.curve().amplification(), pool.fee(), pool.admin_fee()), (85, PoolFee::ZERO, PoolFee::HALF));
    pool.commit_new_parameters(1, fee(), fee()).unwrap();
    pool.revert_new_parameters();
    assert_eq!(pool.apply_new_parameters(), Err(GovernanceError::NothingCommitted));
    assert!(matches!(pool.ramp_a(100, 30 * DAY), Err(GovernanceError::Unsupported { .. })));
}
