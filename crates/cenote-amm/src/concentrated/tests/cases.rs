//! Numbers with known answers.

use crate::concentrated::tick_math::{MAX_TICK, MIN_TICK, sqrt_price_at_tick};
use crate::concentrated::{
    ConcentratedError, ConcentratedV4, DYNAMIC_FEE_FLAG, FeeTier, Formulas, LiquidityChange, PositionKey, ProtocolFeeScheme,
    TickRange, V3Pool, V4Pool,
};
use crate::{
    Concentrated, ConstantProduct, Exact, Fast, FungibleLiquidity, Lane, LiquidityError, OneForZero, Owner, Pool, RangedLiquidity,
    SwapError, SwapKind, SwapRequest, TokenIndex, U256, ZeroForOne, concentrated::sqrt_price_math::Rounding,
};

const ALICE: Owner = Owner::new(1);
const BASE: TokenIndex = TokenIndex::ZERO;
const QUOTE: TokenIndex = TokenIndex::ONE;

fn assert_close(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-9 * expected.abs() + 1e-12, "got {got}, expected {expected}");
}

/// What liquidity `l` between two prices is at price `p`.
fn amounts(l: f64, p: f64, lower: f64, upper: f64) -> [f64; 2] {
    let at = p.clamp(lower, upper).sqrt();
    let amount0 = Fast::amount0_delta(at, upper.sqrt(), l, Rounding::Down).unwrap();
    let amount1 = Fast::amount1_delta(lower.sqrt(), at, l, Rounding::Down).unwrap();
    [amount0, amount1]
}

fn value(l: f64, p: f64, lower: f64, upper: f64) -> f64 {
    let [x, y] = amounts(l, p, lower, upper);
    x * p + y
}

#[test]
fn positions_in_below_and_above_range() {
    let (l, lower, upper) = (1000.0, 1500.0, 2600.0);
    let [x, y] = amounts(l, 2000.0, lower, upper);
    assert_close(x, 2.749_066_261_179_493_6);
    assert_close(y, 5_991.526_087_921_625);
    assert_close(value(l, 2000.0, lower, upper), 11_489.658_610_280_612);
    let [x, y] = amounts(l, 1200.0, lower, upper);
    assert_close(x, 6.208_275_460_897_71);
    assert_close(y, 0.0);
    assert_close(value(l, 1200.0, lower, upper), 7_449.930_553_077_251);
    let [x, y] = amounts(l, 3100.0, lower, upper);
    assert_close(x, 0.0);
    assert_close(y, 12_260.361_673_853_68);

    // The derivative of the value is the amount of token 0, and its own derivative −L/(2 P^1.5).
    let step = 1e-2;
    let slope = (value(l, 2000.0 + step, lower, upper) - value(l, 2000.0 - step, lower, upper)) / (2.0 * step);
    assert!((slope - 2.749_066_261_179_493_6).abs() < 1e-6);
    let [up, _] = amounts(l, 2000.0 + step, lower, upper);
    let [down, _] = amounts(l, 2000.0 - step, lower, upper);
    assert!(((up - down) / (2.0 * step) + 0.005_590_169_943_749_474).abs() < 1e-9);
}

/// Value against holding the first amounts, for the range from P/1.2 to 1.2 P.
#[test]
fn impermanent_loss() {
    let (lower, upper) = (1.0 / 1.2, 1.2);
    let [x, y] = amounts(1.0, 1.0, lower, upper);
    for (ratio, loss) in [
        (0.5, -0.301_518_294_996_555_9),
        (0.8, -0.068_691_059_995_407_9),
        (0.9, -0.015_907_458_199_329_896),
        (0.95, -0.003_773_541_307_010_929_7),
        (1.05, -0.003_414_316_771_982_004_5),
        (1.1, -0.013_020_112_614_577_38),
        (1.25, -0.068_691_059_995_407_9),
        (2.0, -0.301_518_294_996_555_9),
    ] {
        assert_close(value(1.0, ratio, lower, upper) / (x * ratio + y) - 1.0, loss);
    }
    // Inside a symmetric range it is that of the whole range over 1 − 1/√n.
    for (n, loss) in [
        (1.1, -0.006_392_410_815_762_551_5),
        (1.5, -0.001_621_148_256_245_260_2),
        (2.0, -0.001_015_681_582_008_674_2),
        (4.0, -0.000_594_972_495_688_120_4),
    ] {
        let [x, y] = amounts(1.0, 1.0, 1.0 / n, n);
        assert_close(value(1.0, 1.05, 1.0 / n, n) / (x * 1.05 + y) - 1.0, loss);
    }
}

/// Liquidity per value in a symmetric range against the whole range: 1/(1 − 1/√n).
#[test]
fn efficiency() {
    for (n, times) in [
        (1.0001, 20_001.499_987_500_625),
        (1.01, 201.498_756_211_208_9),
        (1.1, 21.488_088_481_701_517),
        (2.0, 3.414_213_562_373_095),
    ] {
        assert_close(2.0 / value(1.0, 1.0, 1.0 / n, n), times);
    }
}

/// A deposit worth 10000 at 2000 between 1800 and 2200.
#[test]
fn deposit() {
    let (l, x, y) = (2_285.103_728_104_021_2, 2.377_897_538_922_543, 5_244.204_922_154_914);
    let [got_x, got_y] = amounts(l, 2000.0, 1800.0, 2200.0);
    assert_close(got_x, x);
    assert_close(got_y, y);
    let root = 2000_f64.sqrt();
    let units = Fast::units([18, 6]);
    let for0 = Fast::liquidity_for_amount0(&units, root, 2200_f64.sqrt(), x).unwrap();
    let for1 = Fast::liquidity_for_amount1(&units, 1800_f64.sqrt(), root, y).unwrap();
    assert_close(Fast::liquidity_to_f64(&units, for0), l);
    assert_close(Fast::liquidity_to_f64(&units, for1), l);
}

#[test]
fn outermost_ticks() {
    for (tick, price) in [
        (MIN_TICK, "4295128739"),
        (0, "79228162514264337593543950336"),
        (MAX_TICK, "1461446703485210103287273052203988822378723970342"),
    ] {
        assert_eq!(sqrt_price_at_tick(tick).unwrap().to_string(), price);
    }
}

/// One arbitrage against a position so wide that it is x·y = k: what the fee makes of the loss to the arbitrageur. At 3000 with 10^9 of
/// value and 5 bp: fee, loss versus rebalancing, and their balance over the loss, for outside prices of 3003 and of 3030.
#[test]
fn one_arbitrage() {
    for (price, fee, lvr, share) in [
        (3003.0, 62.460_935_531_617_09, 93.656_277_797_625_76, 0.333_083_302_044_270_34),
        (3030.0, 1_184.663_283_603_243_8, 12_406.466_339_362_132, 0.904_512_433_178_120_2),
    ] {
        let mut pool = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_5);
        pool.initialize_at_price(3000.0).unwrap();
        pool.mint(ALICE, TickRange::full(10), [5e8 / 3000.0, 5e8]).unwrap();
        let request = pool.swap_to(BASE, QUOTE, price).unwrap();
        let outcome = pool.swap(&request).unwrap();
        let lost = price * outcome.amount_out - (outcome.amount_in - outcome.fee);
        // The range ends where the ticks end, not at infinity.
        for (got, expected) in [(outcome.fee, fee), (lost, lvr), ((lost - outcome.fee) / lost, share)] {
            assert!((got - expected).abs() < 1e-9 * expected, "got {got}, expected {expected}");
        }
    }
}

/// A position over all prices and a constant-product pool are the same pool, but for what becomes of the fee.
#[test]
fn the_whole_range_is_constant_product() {
    let mut ranged = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_30);
    ranged.initialize_at_price(2000.0).unwrap();
    ranged.mint(ALICE, TickRange::full(60), [1000.0, 2_000_000.0]).unwrap();
    let mut whole = ConstantProduct::<Fast>::uniswap_v2();
    whole.mint(ALICE, &[1000.0, 2_000_000.0]).unwrap();
    for request in [
        SwapRequest::exact_in(ZeroForOne, 3.0),
        SwapRequest::exact_in(OneForZero, 5000.0),
        SwapRequest::exact_out(ZeroForOne, 700.0),
    ] {
        let (a, b) = (ranged.quote(&request).unwrap(), whole.quote(&request).unwrap());
        for (a, b) in [(a.amount_in, b.amount_in), (a.amount_out, b.amount_out), (a.fee, b.fee)] {
            assert!((a - b).abs() < 1e-8 * b, "{a} {b}");
        }
    }
    for target in [1900.0, 2100.0] {
        let (a, b) = (ranged.swap_to(BASE, QUOTE, target).unwrap(), whole.swap_to(BASE, QUOTE, target).unwrap());
        assert_eq!((a.token_in, a.token_out), (b.token_in, b.token_out));
        assert!((a.amount - b.amount).abs() < 1e-7 * b.amount, "{a:?} {b:?}");
        let (a, b) = (ranged.swap_to(QUOTE, BASE, 1.0 / target).unwrap(), whole.swap_to(QUOTE, BASE, 1.0 / target).unwrap());
        assert!((a.amount - b.amount).abs() < 1e-7 * b.amount);
    }
    for inside in [1995.0, 2000.0, 2005.0, f64::NAN, -1.0, 0.0, f64::INFINITY] {
        assert_eq!(ranged.swap_to(BASE, QUOTE, inside), None);
    }
}

/// Fees go to those in range, in proportion, and to nobody else; the protocol takes its part first.
#[test]
fn fees_go_to_liquidity_in_range() {
    let mut pool = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_30);
    pool.initialize_at_price(1.0).unwrap();
    pool.v3_mut().set_protocol_fee([4, 4]).unwrap();
    let (narrow, wide, away) = (TickRange::new(-600, 600), TickRange::new(-6000, 6000), TickRange::new(600, 1200));
    let one = 10_u128.pow(18);
    for (owner, range, liquidity) in [(1, narrow, 3000 * one), (2, wide, 1000 * one), (3, away, 5000 * one)] {
        pool.v3_mut().mint(Owner::new(owner), range, liquidity).unwrap();
    }
    let outcome = pool.swap(&SwapRequest::exact_in(ZeroForOne, 10.0)).unwrap();
    assert_close(outcome.fee, 0.03);
    assert_close(pool.v3().protocol_fees()[0], 0.0075);
    for (owner, range, fee) in [(1, narrow, 0.03 * 0.75 * 0.75), (2, wide, 0.03 * 0.75 * 0.25), (3, away, 0.0)] {
        let owner = Owner::new(owner);
        let position = pool.position(owner, range).unwrap();
        assert_close(position.owed[0], fee);
        assert_eq!(position.owed[1], 0.0);
        assert_eq!(pool.collect(owner, range).unwrap(), position.owed);
        assert_eq!(pool.position(owner, range).unwrap().owed, [0.0, 0.0]);
    }
    assert_close(pool.v3_mut().collect_protocol([1.0, 1.0]).unwrap()[0], 0.0075);
    assert_eq!(pool.position(Owner::new(4), narrow), None);
}

#[test]
fn a_position_is_left_whole() {
    let mut pool = Concentrated::<Exact>::pancakeswap_v3(FeeTier::BP_25);
    pool.initialize_at_price(1.0).unwrap();
    let range = pool.range_between(0.9, 1.1).unwrap();
    assert_eq!(range, TickRange::new(-1100, 1000));
    let minted = pool.mint(ALICE, range, [U256::from(1_000_000); 2]).unwrap();
    assert!(minted.amounts.iter().any(|amount| *amount == U256::from(1_000_000) || *amount == U256::from(999_999)));
    assert_eq!(pool.liquidity(), minted.liquidity);
    let burned = pool.burn(ALICE, range, minted.liquidity).unwrap();
    let collected = pool.collect(ALICE, range).unwrap();
    assert_eq!(burned.amounts, collected);
    for side in 0..2 {
        assert!(minted.amounts[side] - collected[side] <= U256::ONE);
        assert_eq!(pool.v3().balances()[side], minted.amounts[side] - collected[side]);
    }
    assert_eq!((pool.liquidity(), pool.v3().ticks().count()), (0, 0));
}

#[test]
fn what_a_router_refuses() {
    let mut pool = Concentrated::<Exact>::uniswap_v3(FeeTier::BP_30);
    let one = U256::from(1_000_000);
    let sell = SwapRequest::exact_in(ZeroForOne, one);
    assert_eq!(pool.quote(&sell), Err(SwapError::Concentrated(ConcentratedError::NotInitialized)));
    assert_eq!(pool.quote(&sell).unwrap_err().revert_code(), Some("LOK"));
    assert_eq!(pool.spot_price(BASE, QUOTE), None);
    assert!(pool.initialize_at_price(f64::NAN).is_err() && pool.initialize_at_price(1e60).is_err());
    pool.initialize_at_price(1.0).unwrap();
    assert!(pool.initialize_at_price(1.0).is_err());
    assert_eq!(pool.spot_price(BASE, QUOTE), Some(1.0));

    let range = TickRange::new(-60, 60);
    pool.mint(ALICE, range, [one, one]).unwrap();
    let too_much = SwapRequest::exact_out(ZeroForOne, one * one);
    let before = pool.clone();
    assert!(matches!(pool.swap(&too_much), Err(SwapError::InsufficientLiquidity { .. })));
    assert!(matches!(
        pool.quote(&SwapRequest::exact_in(ZeroForOne, U256::ZERO)),
        Err(SwapError::Concentrated(ConcentratedError::NothingSpecified))
    ));
    assert!(matches!(pool.quote(&SwapRequest::exact_in((BASE, BASE), one)), Err(SwapError::SameToken { index: 0 })));
    assert!(matches!(pool.quote(&SwapRequest::exact_in((TokenIndex(2), BASE), one)), Err(SwapError::UnknownToken { .. })));
    for (range, error) in [
        (TickRange::new(60, -60), ConcentratedError::TicksMisordered { lower: 60, upper: -60 }),
        (TickRange::new(i32::MIN, 60), ConcentratedError::TickTooLow { tick: i32::MIN }),
        (TickRange::new(60, i32::MAX), ConcentratedError::TickTooHigh { tick: i32::MAX }),
        (TickRange::new(-61, 60), ConcentratedError::TickMisaligned { tick: -61, spacing: 60 }),
    ] {
        assert_eq!(pool.mint(ALICE, range, [one, one]), Err(LiquidityError::Concentrated(error)));
        assert!(pool.burn(ALICE, range, 1).is_err());
    }
    assert_eq!(pool, before);
    // More than there is to buy: the input is not used up, and the price runs to its end.
    let outcome = pool.swap(&SwapRequest::exact_in(ZeroForOne, one * one)).unwrap();
    assert!(outcome.amount_in < one * U256::from(2) && outcome.amount_out <= one);
    assert_eq!(pool.tick(), Some(MIN_TICK));
}

/// A v4 pool and a v3 pool with the same fee are the same pool, but that v4 pays fees at once.
#[test]
fn v4_is_v3_that_pays_at_once() {
    let mut v3 = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_30);
    let mut v4 = ConcentratedV4::<Fast>::uniswap_v4(3000, 60).unwrap();
    let range = TickRange::new(-600, 600);
    let bob = Owner::new(2);
    for pool in [&mut v3 as &mut dyn RangedLiquidity<Lane = Fast>, &mut v4] {
        assert_eq!(pool.spot_price(BASE, QUOTE), None);
        assert!(pool.mint(ALICE, range, [1.0, 1.0]).is_err());
    }
    v3.initialize_at_price(1.0).unwrap();
    v4.initialize_at_price(1.0).unwrap();
    let mut paid = Vec::new();
    for pool in [&mut v3 as &mut dyn RangedLiquidity<Lane = Fast>, &mut v4] {
        let minted = pool.mint(ALICE, range, [1000.0, 1000.0]).unwrap();
        let sold = pool.swap(&SwapRequest::exact_in(ZeroForOne, 100.0)).unwrap();
        pool.swap(&SwapRequest::exact_out(OneForZero, 50.0)).unwrap();
        let before = pool.position(ALICE, range).unwrap();
        assert_close(before.owed[0], sold.fee);
        let burned = pool.burn(ALICE, range, minted.liquidity / 2).unwrap();
        let collected = pool.collect(ALICE, range).unwrap();
        let total = [0, 1].map(|side| burned.paid_out[side] + collected[side]);
        for side in 0..2 {
            assert_close(total[side], burned.amounts[side] + before.owed[side]);
        }
        assert!(pool.position(bob, range).is_none() && pool.burn(bob, range, 1).is_err());
        assert_eq!(pool.collect(bob, range).unwrap(), [0.0, 0.0]);
        paid.push((burned.paid_out[0] > 0.0, total, pool.swap_to(BASE, QUOTE, 1.2).unwrap()));
    }
    assert_eq!((paid[0].0, paid[1].0), (false, true));
    assert_close(paid[0].1[0], paid[1].1[0]);
    assert_close(paid[0].1[1], paid[1].1[1]);
    assert_close(paid[0].2.amount, paid[1].2.amount);
}

/// The protocol's thousandth comes off the input first, the fee of liquidity providers off the rest.
#[test]
fn fees_of_v4() {
    let mut pool = V4Pool::<Fast>::new(DYNAMIC_FEE_FLAG, 1, [18, 18]).unwrap();
    assert_eq!(pool.set_lp_fee(10_000), Err(ConcentratedError::NotInitialized));
    assert_eq!(pool.donate([1.0, 0.0]), Err(ConcentratedError::NotInitialized));
    pool.initialize(1.0).unwrap();
    assert_eq!(pool.donate([1.0, 0.0]), Err(ConcentratedError::NoLiquidityInRange));
    assert_eq!((pool.lp_fee_pips(), pool.has_dynamic_fee()), (0, true));
    pool.set_lp_fee(10_000).unwrap();
    let range = TickRange::new(-1000, 1000);
    let key = PositionKey { owner: ALICE, range, salt: 7 };
    pool.modify_liquidity(key, LiquidityChange::Add(10_u128.pow(24))).unwrap();
    pool.set_protocol_fee([1000, 0]).unwrap();
    assert!(pool.set_protocol_fee([0, 1001]).is_err() && pool.set_lp_fee(1_000_001).is_err());
    assert_eq!((pool.swap_fee_pips(ZeroForOne), pool.swap_fee_pips(OneForZero)), (10_990, 10_000));
    let traded = pool.swap(&pool.unlimited(ZeroForOne, SwapKind::ExactIn, 100.0)).unwrap();
    assert_close(traded.fee, 100.0 * 0.01099);
    assert_close(pool.protocol_fees()[0], 0.1);
    let poked = pool.modify_liquidity(key, LiquidityChange::Remove(0)).unwrap();
    assert_close(poked.fees[0], 100.0 * 0.00999);
    assert!(pool.modify_liquidity(PositionKey::new(ALICE, range), LiquidityChange::Remove(0)).is_err());
    assert!(pool.collect_protocol_fees(0, 1.0).is_err());
    assert_close(pool.collect_protocol_fees(0, 0.0).unwrap(), 0.1);

    // All of the input may be fee: then nothing comes out, and an exact output cannot be had.
    pool.set_lp_fee(1_000_000).unwrap();
    let traded = pool.swap(&pool.unlimited(OneForZero, SwapKind::ExactIn, 5.0)).unwrap();
    assert_eq!((traded.amount_in, traded.amount_out, traded.fee), (5.0, 0.0, 5.0));
    let refused = pool.quote(&pool.unlimited(OneForZero, SwapKind::ExactOut, 5.0));
    assert_eq!(refused, Err(ConcentratedError::InvalidFeeForExactOut));
    assert_eq!(refused.unwrap_err().v4_name(), Some("InvalidFeeForExactOut"));
    assert!(V4Pool::<Exact>::new(1_000_001, 1, [18, 18]).is_err() && V4Pool::<Exact>::new(0, 32_768, [18, 18]).is_err());
}

/// A pool's price in whole tokens is its ticks' price in smallest units, shifted by the decimals.
#[test]
fn decimals() {
    let mut fast = Concentrated::<Fast>::uniswap_v3(FeeTier::BP_5).with_decimals([18, 6]);
    let mut exact = Concentrated::<Exact>::uniswap_v3(FeeTier::BP_5);
    fast.initialize_at_price(2000.0).unwrap();
    exact.initialize_at_price(2000.0 * 1e6 / 1e18).unwrap();
    assert_eq!(fast.tick(), exact.tick());
    let range = fast.range_between(1900.0, 2100.0).unwrap();
    let by_amounts = fast.mint(ALICE, range, [10.0, 20_000.0]).unwrap();
    let in_units = [10_u128.pow(19), 20_000 * 10_u128.pow(6)].map(U256::from);
    let exactly = exact.mint(ALICE, range, in_units).unwrap();
    #[allow(clippy::cast_precision_loss)]
    let ratio = by_amounts.liquidity as f64 / exactly.liquidity as f64;
    assert!((ratio - 1.0).abs() < 1e-9, "{ratio}");
    assert!((by_amounts.amounts[0] - f64::from(exactly.amounts[0]) / 1e18).abs() < 1e-9);
    assert_close(fast.v3().liquidity_to_f64(10_u128.pow(12)), 1.0);
}

/// Observations as time passes, and a range's own seconds.
#[test]
fn the_oracle_remembers() {
    let mut pool = V3Pool::<Fast>::new(FeeTier::BP_30, ProtocolFeeScheme::UniswapV3, [0, 0]);
    assert_eq!(pool.observe(0), Err(ConcentratedError::NoObservation));
    pool.set_block_timestamp(1000);
    pool.initialize(1.0).unwrap();
    pool.increase_observation_cardinality_next(3).unwrap();
    pool.mint(ALICE, TickRange::new(-6000, 6000), 1_000_000).unwrap();
    for (time, direction) in [(1010, ZeroForOne), (1020, OneForZero), (1030, ZeroForOne), (1040, OneForZero)] {
        pool.set_block_timestamp(time);
        let trade = pool.unlimited(direction, SwapKind::ExactIn, 50_000.0);
        pool.swap(&trade).unwrap();
    }
    assert_eq!((pool.oracle().cardinality(), pool.oracle().index()), (3, 1));
    let ticks = |ago| pool.observe(ago).map(|cumulatives| cumulatives.tick);
    assert_eq!(ticks(40), Err(ConcentratedError::ObservationTooOld { seconds_ago: 40 }));
    let down = (ticks(10).unwrap() - ticks(5).unwrap()) / 5;
    assert!(down > 900, "the mean tick was {}", -down);
    assert_eq!(ticks(5).unwrap() - ticks(10).unwrap(), (ticks(0).unwrap() - ticks(10).unwrap()) / 2);
    let inside = pool.snapshot_cumulatives_inside(TickRange::new(-6000, 6000)).unwrap();
    assert_eq!(inside.seconds, 40);
    assert_eq!(
        pool.snapshot_cumulatives_inside(TickRange::new(-60, 6000)),
        Err(ConcentratedError::TickNotInitialized { tick: -60 })
    );
}

/// Fees per liquidity that floats cannot hold are refused, as the contract refuses those that 256 bits cannot.
#[test]
fn fees_beyond_all_reason() {
    let range = TickRange::new(-60, 60);
    let mut v3 = V3Pool::<Fast>::new(FeeTier::BP_30, ProtocolFeeScheme::UniswapV3, [18, 18]);
    v3.initialize(1.0).unwrap();
    v3.mint(ALICE, range, 1_000_000).unwrap();
    let mut v4 = V4Pool::<Fast>::new(3000, 60, [18, 18]).unwrap();
    v4.initialize(1.0).unwrap();
    v4.modify_liquidity(PositionKey::new(ALICE, range), LiquidityChange::Add(1_000_000)).unwrap();
    for gift in [1e200, 1e300, f64::MAX] {
        let before = (v3.clone(), v4.clone());
        assert_eq!(v3.flash([0.0; 2], [gift, 0.0]), Err(ConcentratedError::MulDiv));
        assert_eq!(v4.donate([0.0, gift]), Err(ConcentratedError::MulDiv));
        assert_eq!((&v3, &v4), (&before.0, &before.1));
    }
    v4.donate([0.0, 1e18]).unwrap();
}

/// Somebody who would pay any price buys all there is, and at no price sells to the last buyer; then there is nothing left to do.
#[test]
fn an_outside_price_beyond_all_ticks_takes_everything() {
    fn check<L: Lane>(target: f64, amount: f64) {
        let mut pool = Concentrated::<L>::uniswap_v3(FeeTier::BP_30).with_decimals([0, 0]);
        pool.initialize_at_price(1.0).unwrap();
        let offer = L::amount_from_f64(amount).unwrap();
        pool.mint(ALICE, TickRange::new(-600, 600), [offer, offer]).unwrap();
        let request = pool.swap_to(BASE, QUOTE, target).unwrap();
        assert_eq!(request.token_in, if target > 1.0 { QUOTE } else { BASE });
        let outcome = pool.swap(&request).unwrap();
        assert!(L::amount_to_f64(outcome.amount_out) > 0.999_999 * amount, "{outcome:?}");
        assert_eq!((pool.liquidity(), pool.swap_to(BASE, QUOTE, target)), (0, None));
    }
    for target in [1e45, 1e-45] {
        check::<Exact>(target, 1e9);
        check::<Fast>(target, 1e9);
    }
    let pool = Concentrated::<Exact>::uniswap_v3(FeeTier::BP_30);
    assert_eq!([f64::NAN, -1.0, 0.0, f64::INFINITY].map(|target| pool.swap_to(BASE, QUOTE, target)), [None; 4]);
}
