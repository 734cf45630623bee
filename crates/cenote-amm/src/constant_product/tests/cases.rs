//! Numbers with known answers.

use crate::constant_product::{Pair, ProtocolFee, SwapFee, amount_in, amount_out, proportional};
use crate::{
    ConstantProduct, Exact, Fast, FungibleLiquidity, LiquidityError, MathError, OneForZero, Owner, Pool, SwapError, SwapKind,
    SwapRequest, TokenIndex, U256, ZeroForOne,
};

const ALICE: Owner = Owner::new(1);
const BASE: TokenIndex = TokenIndex::ZERO;
const QUOTE: TokenIndex = TokenIndex::ONE;

fn assert_close(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-9 * expected.abs() + 1e-12, "got {got}, expected {expected}");
}

fn u256(text: &str) -> U256 {
    text.parse().unwrap()
}

fn pool_of<L: crate::Lane>(reserves: [L::Amount; 2]) -> ConstantProduct<L> {
    let mut pool = ConstantProduct::uniswap_v2();
    pool.mint(ALICE, &reserves).unwrap();
    pool
}

/// `getAmountOut` at 30 bp, to the wei.
#[test]
fn amount_out_to_the_wei() {
    let out = amount_out::<Exact>(
        u256("1234567890123456789"),
        u256("50000000000000000000000"),
        u256("98765432100000000000"),
        &SwapFee::UNISWAP_V2,
    );
    assert_eq!(out, Ok(u256("2431276813197946")));
}

/// The arbitrageur's trade at 1000 base, 2 million quote, 30 bp: outside price, input, output, profit in quote.
#[test]
fn arbitrage_trades() {
    let pool = pool_of::<Fast>([1000.0, 2_000_000.0]);
    let sell = pool.swap_to(BASE, QUOTE, 1980.0).unwrap();
    assert_eq!((sell.token_in, sell.token_out, sell.kind), (BASE, QUOTE, SwapKind::ExactIn));
    let outcome = pool.quote(&sell).unwrap();
    assert_close(outcome.amount_in, 3.539_745_405_810_513_6);
    assert_close(outcome.amount_out, 7_033.430_475_632_595_5);
    assert_close(outcome.amount_out - 1980.0 * outcome.amount_in, 24.734_572_127_778_68);

    let buy = pool.swap_to(BASE, QUOTE, 2100.0).unwrap();
    assert_eq!((buy.token_in, buy.token_out), (QUOTE, BASE));
    let outcome = pool.quote(&buy).unwrap();
    assert_close(outcome.amount_in, 46_453.118_288_230_22);
    assert_close(outcome.amount_out, 22.632_775_023_467_772);
    assert_close(2100.0 * outcome.amount_out - outcome.amount_in, 1_075.709_261_052_103_8);

    assert_eq!(pool.swap_to(BASE, QUOTE, 2003.0), None);
    assert_eq!(pool.swap_to(BASE, QUOTE, 1994.001), None);
}

/// The same trades in integers: equal to the wei's share, never past the edge of the band, and one wei more would be.
#[test]
fn exact_arbitrage_stops_at_the_edge() {
    let unit = u256("1000000000000000000");
    let reserves = [U256::from(1000) * unit, U256::from(2_000_000) * unit];
    let pool = pool_of::<Exact>(reserves);
    for (price, input) in [(1980.0, 3.539_745_405_810_513_6), (2100.0, 46_453.118_288_230_22)] {
        let request = pool.swap_to(BASE, QUOTE, price).unwrap();
        assert_close(f64::from(request.amount) / 1e18, input);
        let reserve = f64::from(reserves[request.token_in.get()]);
        assert!(f64::from(request.amount) < reserve);

        let [x, y] = reserves.map(ruint::aliases::U512::from);
        let past_edge = |amount: U256| {
            let (amount, target) = (ruint::aliases::U512::from(amount), ruint::aliases::U512::from(price));
            let thousand = ruint::aliases::U512::from(1000);
            let kept = ruint::aliases::U512::from(997);
            if request.token_in == QUOTE {
                let side = y * thousand + kept * amount;
                side * side > thousand * kept * target * x * y
            } else {
                let side = x * thousand + kept * amount;
                side * side * target > thousand * kept * x * y
            }
        };
        assert!(!past_edge(request.amount) && past_edge(request.amount + U256::ONE));
    }
    for inside in [2003.0, 1994.001] {
        assert_eq!(pool.swap_to(BASE, QUOTE, inside), None);
    }
    for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(pool.swap_to(BASE, QUOTE, nonsense), None);
    }
}

/// Impermanent loss against holding, 2√r/(1 + r) − 1, of a pool that arbitrage without fee keeps at the outside price.
#[test]
fn impermanent_loss() {
    let table = [
        (0.25, -0.2),
        (0.5, -0.057_190_958_417_936_64),
        (0.75, -0.010_256_681_389_212_974),
        (1.25, -0.006_192_010_000_093_468),
        (1.5, -0.020_204_102_886_728_76),
        (1.75, -0.037_908_614_158_330_696),
        (2.0, -0.057_190_958_417_936_64),
        (3.0, -0.133_974_596_215_561_35),
        (4.0, -0.2),
        (5.0, -0.254_644_007_500_070_1),
        (10.0, -0.425_040_425_423_931_06),
    ];
    for (ratio, loss) in table {
        let mut pool = ConstantProduct::<Fast>::with_fee(SwapFee::new(0, 1).unwrap());
        pool.mint(ALICE, &[1000.0, 1000.0]).unwrap();
        let request = pool.swap_to(BASE, QUOTE, ratio).unwrap();
        pool.swap(&request).unwrap();
        assert_close(pool.spot_price(BASE, QUOTE).unwrap(), ratio);
        let [x, y] = pool.pair().reserves();
        assert_close((x * ratio + y) / (1000.0 * ratio + 1000.0) - 1.0, loss);
    }
}

#[test]
fn first_mint_locks_the_minimum() {
    let pool = pool_of::<Exact>([U256::from(4_000_000), U256::from(1_000_000)]);
    assert_eq!(pool.balance_of(Owner::ZERO), U256::from(1000));
    assert_eq!(pool.balance_of(ALICE), U256::from(1_999_000));
    assert_eq!(pool.total_supply(), U256::from(2_000_000));

    let pool = ConstantProduct::<Fast>::uniswap_v2().with_decimals([18, 6]);
    assert_close(pool.pair().minimum_liquidity() * 1e12, 1e-9 * 1e12);

    let mut empty = ConstantProduct::<Exact>::uniswap_v2();
    let too_little = empty.mint(ALICE, &[U256::from(1000), U256::from(1000)]);
    assert_eq!(too_little, Err(LiquidityError::InsufficientLiquidityMinted));
    assert_eq!(empty.mint(ALICE, &[U256::from(10), U256::from(10)]), Err(LiquidityError::Math(MathError::SubUnderflow)));
    assert_eq!(empty, ConstantProduct::uniswap_v2());
}

/// A deposit takes the pool's proportions and leaves the rest with the owner; at the pair the rest would be a gift.
#[test]
fn deposits_are_proportional() {
    let mut pool = pool_of::<Fast>([100.0, 400.0]);
    let outcome = pool.mint(Owner::new(2), &[10.0, 100.0]).unwrap();
    assert_eq!(outcome.amounts, [10.0, 40.0]);
    assert_close(outcome.liquidity, 20.0);
    let outcome = pool.mint(Owner::new(2), &[100.0, 40.0]).unwrap();
    assert_eq!(outcome.amounts, [10.0, 40.0]);
    assert_eq!(pool.mint(ALICE, &[1.0]), Err(LiquidityError::AmountCount { given: 1, tokens: 2 }));
    assert_eq!(pool.mint(ALICE, &[-1.0, 1.0]), Err(LiquidityError::InvalidAmount { amount: -1.0 }));
}

/// LP tokens left at the pair belong to whoever burns next, as in the contract.
#[test]
fn lp_tokens_at_the_pair_are_burned_along() {
    let mut pool = pool_of::<Exact>([U256::from(1_000_000); 2]);
    pool.transfer(ALICE, Owner::POOL, U256::from(300_000)).unwrap();
    let outcome = pool.burn(ALICE, U256::from(100_000)).unwrap();
    assert_eq!(outcome.amounts, [U256::from(400_000); 2]);
    assert_eq!(pool.balance_of(Owner::POOL), U256::ZERO);
    assert!(matches!(pool.burn(ALICE, U256::MAX), Err(LiquidityError::InsufficientBalance { owner: 1, .. })));
}

/// The protocol owns its share of the growth of √k: a sixth here, after trading that doubles k four times over.
#[test]
fn protocol_owns_its_share_of_the_growth() {
    for (fee, share) in
        [(ProtocolFee::UNISWAP_V2, 1.0 / 6.0), (ProtocolFee::PANCAKESWAP_V1, 0.25), (ProtocolFee::PANCAKESWAP_V2, 0.32)]
    {
        let protocol = Owner::new(9);
        let mut pair = Pair::<Fast>::new(SwapFee::UNISWAP_V2, fee);
        pair.set_fee_to(Some(protocol));
        pair.mint(ALICE, [100.0, 100.0]).unwrap();
        pair.donate([300.0, 300.0]).unwrap();
        pair.sync().unwrap();
        pair.mint(ALICE, [4.0, 4.0]).unwrap();
        let value = pair.lp().balance_of(protocol) / pair.lp().total_supply() * 404.0;
        assert_close(value, 300.0 * share);

        // Off: kLast is zeroed at the next mint or burn, and nothing is minted.
        pair.set_fee_to(None);
        assert!(pair.k_last() > 0.0);
        pair.burn(ALICE, 1.0).unwrap();
        assert_eq!(pair.k_last(), 0.0);
    }
}

#[test]
fn time_weighted_prices_use_the_old_reserves() {
    let mut pair = Pair::<Fast>::new(SwapFee::UNISWAP_V2, ProtocolFee::UNISWAP_V2);
    pair.set_block_timestamp((1 << 32) - 10);
    pair.mint(ALICE, [100.0, 200.0]).unwrap();
    pair.set_block_timestamp((1 << 32) + 20);
    pair.swap([100.0, 0.0], [0.0, 90.0]).unwrap();
    assert_eq!(pair.price_cumulative(), [60.0, 15.0]);
    assert_eq!(pair.block_timestamp_last(), 20);
    pair.swap([100.0, 0.0], [0.0, 10.0]).unwrap();
    assert_eq!(pair.price_cumulative(), [60.0, 15.0]);
}

#[test]
fn swaps_revert_in_the_contracts_order() {
    let mut pair = Pair::<Exact>::new(SwapFee::UNISWAP_V2, ProtocolFee::UNISWAP_V2);
    let n = U256::from::<u64>;
    let too_much = U256::from(1) << 112;
    pair.mint(ALICE, [n(100_000), n(100_000)]).unwrap();
    let before = pair.clone();
    let zero = U256::ZERO;
    assert_eq!(pair.swap([zero, zero], [zero, zero]), Err(SwapError::InsufficientOutputAmount));
    assert_eq!(
        pair.swap([zero, zero], [zero, n(100_000)]),
        Err(SwapError::InsufficientLiquidity { amount_out: 1e5, reserve: 1e5 })
    );
    assert_eq!(pair.swap([zero, zero], [zero, n(1)]), Err(SwapError::InsufficientInputAmount));
    assert_eq!(pair.swap([n(1000), zero], [zero, n(988)]), Err(SwapError::K));
    assert!(matches!(pair.swap([too_much, zero], [zero, n(1)]), Err(SwapError::Overflow { .. })));
    assert_eq!(pair.swap([U256::MAX, zero], [zero, n(1)]), Err(MathError::AddOverflow.into()));
    assert_eq!(pair, before);
    assert_eq!(pair.swap([n(1000), zero], [zero, n(987)]), Ok([n(1000), zero]));
}

#[test]
fn the_library_reverts_in_its_order() {
    let fee = &SwapFee::UNISWAP_V2;
    let n = U256::from::<u64>;
    let zero = U256::ZERO;
    assert_eq!(amount_out::<Exact>(zero, zero, zero, fee), Err(SwapError::InsufficientInputAmount));
    assert_eq!(amount_out::<Exact>(n(1), zero, n(1), fee), Err(SwapError::EmptyReserve));
    assert_eq!(amount_out::<Exact>(U256::MAX, n(1), n(1), fee), Err(MathError::MulOverflow.into()));
    assert_eq!(amount_in::<Exact>(zero, n(1), n(1), fee), Err(SwapError::InsufficientOutputAmount));
    assert_eq!(amount_in::<Exact>(n(2), n(1), n(1), fee), Err(MathError::SubUnderflow.into()));
    assert_eq!(amount_in::<Exact>(n(1), n(1), n(1), fee), Err(MathError::DivisionByZero.into()));
    assert_eq!(proportional::<Exact>(zero, n(1), n(1)), Err(SwapError::InsufficientAmount));
    assert_eq!(proportional::<Exact>(n(1), n(1), zero), Err(SwapError::EmptyReserve));
    assert_eq!(amount_out::<Fast>(0.0, 1.0, 1.0, fee), Err(SwapError::InsufficientInputAmount));
    assert_eq!(amount_in::<Fast>(2.0, 1.0, 1.0, fee), Err(MathError::SubUnderflow.into()));
    assert_eq!(proportional::<Fast>(1.0, 0.0, 1.0), Err(SwapError::EmptyReserve));
}

#[test]
fn nonsense_is_refused() {
    let mut pool = pool_of::<Fast>([100.0, 400.0]);
    let before = pool.clone();
    for amount in [-1.0, f64::NAN, f64::INFINITY] {
        for request in [SwapRequest::exact_in(ZeroForOne, amount), SwapRequest::exact_out(OneForZero, amount)] {
            assert!(pool.swap(&request).is_err());
        }
    }
    assert_eq!(
        pool.swap(&SwapRequest::exact_in((TokenIndex(0), TokenIndex(2)), 1.0)),
        Err(SwapError::UnknownToken { index: 2, tokens: 2 })
    );
    assert_eq!(pool.swap(&SwapRequest::exact_in((QUOTE, QUOTE), 1.0)), Err(SwapError::SameToken { index: 1 }));
    assert_eq!(
        pool.swap(&SwapRequest::exact_out(ZeroForOne, 400.0)),
        Err(SwapError::InsufficientLiquidity { amount_out: 400.0, reserve: 400.0 })
    );
    assert_eq!(pool, before);
    let empty = ConstantProduct::<Fast>::uniswap_v2();
    assert_eq!(empty.quote(&SwapRequest::exact_in(ZeroForOne, 1.0)), Err(SwapError::EmptyReserve));
    assert_eq!(empty.spot_price(BASE, QUOTE), None);
    assert_eq!(empty.swap_to(BASE, QUOTE, 1.0), None);
}
