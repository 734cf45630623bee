//! Numbers with known answers, from the whitepaper's invariant. Its A is `A()` / n^(n−1).

use crate::stableswap::{Curve, Generation, PoolFee, balance_at, invariant};
use crate::{Exact, Fast, FungibleLiquidity, Lane, Owner, Pool, StableSwap, SwapRequest, TokenIndex, U256, ZeroForOne};

const ALICE: Owner = Owner::new(1);
const BASE: TokenIndex = TokenIndex::ZERO;
const QUOTE: TokenIndex = TokenIndex::ONE;
const GENERATIONS: [Generation; 2] = [Generation::First, Generation::Ng];

fn assert_close(got: f64, expected: f64, relative: f64) {
    assert!((got - expected).abs() <= relative * expected.abs() + 1e-12, "got {got}, expected {expected}");
}

/// Whole tokens as scaled units.
fn units(amount: f64) -> U256 {
    U256::from(amount) * U256::from(10_u64.pow(18))
}

fn whole(amount: U256) -> f64 {
    f64::from(amount) / 1e18
}

/// A pool of two coins of 18 decimals without fee, with the whitepaper's A.
fn two_coins(whitepaper: u64, balances: [f64; 2]) -> StableSwap<Fast> {
    let mut pool = StableSwap::first_generation(&[18, 18], 2 * whitepaper, PoolFee::ZERO).unwrap();
    pool.mint(ALICE, &balances).unwrap();
    pool
}

#[test]
fn invariant_of_two_coins() {
    let table = [(10, 2_991.148_364_396_645_3), (85, 2_998.904_705_806_604_4), (1000, 2_999.906_305_628_564)];
    for generation in GENERATIONS {
        for (whitepaper, expected) in table {
            let curve = Curve::new(generation, 2 * whitepaper).unwrap();
            assert_close(invariant::<Fast>(curve, &[1000.0, 2000.0]).unwrap(), expected, 1e-15);
            assert_close(whole(invariant::<Exact>(curve, &[units(1000.0), units(2000.0)]).unwrap()), expected, 1e-15);
        }
    }
}

#[test]
fn invariant_of_three_coins() {
    for generation in GENERATIONS {
        let curve = Curve::new(generation, 9 * 85).unwrap();
        let balances = [1e6, 2e6, 3e5];
        let expected = 3_298_254.132_248_054;
        assert_close(invariant::<Fast>(curve, &balances).unwrap(), expected, 1e-15);
        assert_close(whole(invariant::<Exact>(curve, &balances.map(units)).unwrap()), expected, 1e-15);
    }
}

/// A = 85 of the whitepaper: 10 and 500 of coin 0 for coin 1, and the price before.
#[test]
fn output_and_price() {
    let pool = two_coins(85, [1000.0, 2000.0]);
    assert_close(pool.spot_price(BASE, QUOTE).unwrap(), 1.004_933_342_544_848_8, 1e-14);
    let mut exact = StableSwap::<Exact>::first_generation(&[18, 6], 170, PoolFee::ZERO).unwrap();
    exact.mint(ALICE, &[units(1000.0), U256::from(2_000_000_000)]).unwrap();
    assert_close(exact.spot_price(BASE, QUOTE).unwrap() * 1e12, 1.004_933_342_544_848_8, 1e-14);
    for (input, output) in [(10.0, 10.048_599_499_773_253), (500.0, 501.095_293_023_702_4)] {
        assert_close(pool.quote(&SwapRequest::exact_in(ZeroForOne, input)).unwrap().amount_out, output, 1e-14);
        let out = exact.quote(&SwapRequest::exact_in(ZeroForOne, units(input))).unwrap().amount_out;
        assert_eq!(out, U256::from(output * 1e6));
    }
}

/// Loss against holding when coin 0 depegs to a price, arbitraged without fee from balance; 0.8 is the jump of a depeg study.
#[test]
fn loss_in_a_depeg() {
    let tables: [(u64, &[(f64, f64)]); 2] = [
        (
            10,
            &[
                (0.99, -0.000_262_547_284_277_784_17),
                (0.95, -0.005_807_597_020_640_703),
                (0.9, -0.019_130_411_878_600_533),
                (0.5, -0.243_599_066_742_133_14),
            ],
        ),
        (
            100,
            &[
                (0.99, -0.001_696_091_947_221_778_3),
                (0.95, -0.016_245_119_960_289_29),
                (0.9, -0.038_630_471_309_357_04),
                (0.5, -0.301_635_405_316_672_6),
                (0.8, 2.0 * 0.818_409_328_455_674_6 / 1.8 - 1.0),
            ],
        ),
    ];
    for (whitepaper, table) in tables {
        for (price, loss) in table {
            let mut pool = two_coins(whitepaper, [1e6, 1e6]);
            let request = pool.swap_to(BASE, QUOTE, *price).unwrap();
            pool.swap(&request).unwrap();
            assert_close(pool.spot_price(BASE, QUOTE).unwrap(), *price, 1e-13);
            let &[x, y] = pool.contract().balances() else { panic!() };
            assert_close((x * price + y) / (1e6 * price + 1e6) - 1.0, *loss, 1e-10);
        }
    }
}

/// Instantaneous loss versus rebalancing at balance: −dx/dp · p²/2 over the pool's value is (4A + 2)/16 for the whitepaper's A.
#[test]
fn loss_versus_rebalancing() {
    for (whitepaper, coefficient) in [(1, 0.375), (10, 2.625), (100, 25.125)] {
        let pool = two_coins(whitepaper, [1e6, 1e6]);
        let base_at = |price: f64| {
            let mut pool = pool.clone();
            let request = pool.swap_to(BASE, QUOTE, price).unwrap();
            pool.swap(&request).unwrap();
            pool.reserve(BASE).unwrap()
        };
        let slope = |step: f64| (base_at(1.0 - step) - base_at(1.0 + step)) / (2.0 * step);
        // Two steps, so that the error of the difference is of fourth order.
        let slope = (4.0 * slope(5e-5) - slope(1e-4)) / 3.0;
        assert_close(0.5 * slope / 2e6, coefficient, 1e-7);
    }
}

/// The balance at which D is what it is, is the balance that is there.
#[test]
fn balances_solve_the_invariant() {
    let balances = [1e6, 2e6, 3e5, 7e5, 1e6];
    let curve = Curve::new(Generation::Ng, 400).unwrap();
    let (fast, exact) = (invariant::<Fast>(curve, &balances).unwrap(), invariant::<Exact>(curve, &balances.map(units)).unwrap());
    for (coin, balance) in (0..).map(TokenIndex).zip(balances) {
        assert_close(balance_at::<Fast>(curve, &balances, coin, fast).unwrap(), balance, 1e-14);
        let found = balance_at::<Exact>(curve, &balances.map(units), coin, exact).unwrap();
        assert!(found.abs_diff(units(balance)) <= U256::from(20), "{found}");
    }
}

/// 4 basis points at balance, twice that far off it: the multiplier is 2.
#[test]
fn fees_rise_off_the_peg() {
    let fee = PoolFee::from_parts(4_000_000).unwrap();
    let fee_at = |balances: [f64; 2]| {
        let mut pool = StableSwap::<Fast>::ng(&[18, 18], 200, fee).unwrap().with_offpeg_fee_multiplier(20_000_000_000).unwrap();
        pool.mint(ALICE, &balances).unwrap();
        let outcome = pool.quote(&SwapRequest::exact_in(ZeroForOne, 1e-6)).unwrap();
        outcome.fee / outcome.amount_in
    };
    assert_close(fee_at([1e6, 1e6]), 0.0004, 1e-9);
    // 2 · 4 bp / (4 · 3 / 16 + 1)
    assert_close(fee_at([1e6, 3e6]), 0.0008 / 1.75, 1e-9);
    assert_close(fee_at([1e6, 1e10]), 0.0008, 1e-3);
}

/// In the exact lane the trade to a price is the fast lane's, in units.
#[test]
fn both_lanes_find_the_same_trade() {
    fn pool<L: Lane>(balances: [L::Amount; 3]) -> StableSwap<L> {
        let fee = PoolFee::from_parts(1_000_000).unwrap();
        let mut pool = StableSwap::<L>::ng(&[18, 6, 8], 1500, fee).unwrap().with_offpeg_fee_multiplier(50_000_000_000).unwrap();
        pool.mint(ALICE, &balances).unwrap();
        pool
    }
    let scales = [1e18, 1e6, 1e8];
    let balances = [3e6, 1e6, 2e6];
    let fast = pool::<Fast>(balances);
    let mut raw = [U256::ZERO; 3];
    for coin in 0..3 {
        raw[coin] = U256::from(balances[coin] * scales[coin]);
    }
    let exact = pool::<Exact>(raw);
    for (base, quote) in [(0_u8, 1_u8), (1, 0), (2, 1), (1, 2), (0, 2)] {
        let (base, quote) = (TokenIndex(base), TokenIndex(quote));
        let scale = scales[quote.get()] / scales[base.get()];
        let spot = fast.spot_price(base, quote).unwrap();
        assert_close(exact.spot_price(base, quote).unwrap() / scale, spot, 1e-13);
        for factor in [0.5, 0.95, 0.999, 1.001, 1.05, 2.0] {
            let (fast, exact) = (fast.swap_to(base, quote, spot * factor), exact.swap_to(base, quote, spot * factor * scale));
            let (Some(fast), Some(exact)) = (fast, exact) else {
                assert_eq!(fast.is_some(), exact.is_some());
                continue;
            };
            assert_eq!((fast.token_in, fast.token_out), (exact.token_in, exact.token_out));
            assert_close(f64::from(exact.amount) / scales[exact.token_in.get()], fast.amount, 1e-9);
        }
    }
}

/// Inside the band nothing is to be gained.
#[test]
fn the_band_is_the_fee() {
    let mut pool = StableSwap::<Fast>::ng(&[18, 18], 200, PoolFee::from_parts(10_000_000).unwrap()).unwrap();
    pool.mint(ALICE, &[1e6, 1e6]).unwrap();
    for inside in [0.9991, 1.0, 1.0009] {
        assert_eq!(pool.swap_to(BASE, QUOTE, inside), None);
    }
    assert_eq!(pool.swap_to(BASE, QUOTE, 0.9989).unwrap().token_in, BASE);
    assert_eq!(pool.swap_to(BASE, QUOTE, 1.0011).unwrap().token_in, QUOTE);
    for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(pool.swap_to(BASE, QUOTE, nonsense), None);
    }
}

/// Balances that no token has: what floats cannot tell is refused, not made up.
#[test]
fn far_beyond_any_pool() {
    for generation in GENERATIONS {
        let pool = |decimals: &[u8], amplification| match generation {
            Generation::Ng => StableSwap::<Fast>::ng(decimals, amplification, PoolFee::from_parts(21_151_040).unwrap()),
            _ => StableSwap::<Fast>::first_generation(decimals, amplification, PoolFee::from_parts(21_151_040).unwrap()),
        };
        let mut dust = pool(&[18; 3], 14_649).unwrap();
        // It may not even be minted.
        let minted = dust.mint(ALICE, &[5e-324; 3]);
        assert_eq!(dust.spot_price(BASE, QUOTE), None, "{minted:?}");

        let mut lopsided = pool(&[18; 2], 3).unwrap();
        lopsided.mint(ALICE, &[9.7e87, 4e-17]).unwrap();
        let reserve = lopsided.reserve(BASE).unwrap();
        for part in [1e-30, 0.1, 0.99, 1.0 - 1e-12] {
            let bought = lopsided.swap(&SwapRequest::exact_out(crate::OneForZero, reserve * part));
            assert!(bought.is_err() || bought.unwrap().amount_out > 0.999 * reserve * part, "{bought:?}");
        }
    }
}
