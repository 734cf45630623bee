//! Numbers with known answers.

use cenote_units::Fee;
use cenote_units::math::{exp, powf};

use super::{ALICE, VERSIONS, pool_of, tokens, whole};
use crate::weighted::{Reason, Version, Weighted, WeightedError, Weights};
use crate::{
    Exact, Fast, FungibleLiquidity, Lane, LiquidityError, Owner, Pool, SwapError, SwapRequest, TokenIndex, U256, ZeroForOne,
};

const BASE: TokenIndex = TokenIndex::ZERO;
const QUOTE: TokenIndex = TokenIndex::ONE;

fn assert_close(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-9 * expected.abs() + 1e-12, "got {got}, expected {expected}");
}

/// Two tokens, the first with this many percent of the weight.
fn two(percent: u8) -> Weights {
    Weights::percent(&[percent, 100 - percent]).unwrap()
}

fn token(index: usize) -> TokenIndex {
    TokenIndex(u8::try_from(index).unwrap())
}

/// Arbitrages a pool without fee until there is nothing left to trade at these prices in the last token.
fn arbitrage<L: Lane>(pool: &mut Weighted<L>, prices: &[f64]) {
    for _ in 0..1000 {
        let mut traded = false;
        for base in 0..prices.len() {
            for quote in 0..base {
                if let Some(request) = pool.swap_to(token(base), token(quote), prices[base] / prices[quote]) {
                    traded |= L::amount_to_f64(request.amount) > 1e-14 * L::amount_to_f64(pool.reserve(request.token_in).unwrap());
                    pool.swap(&request).unwrap();
                }
            }
        }
        if !traded {
            return;
        }
    }
    panic!("the prices do not settle");
}

fn value<L: Lane>(pool: &Weighted<L>, prices: &[f64]) -> f64 {
    pool.balances().iter().zip(prices).map(|(balance, price)| whole::<L>(*balance) * price).sum()
}

/// A pool of a thousand, split by weight at these prices.
fn balanced<L: Lane>(version: Version, weights: &Weights, prices: &[f64]) -> Weighted<L> {
    let balances: Vec<f64> =
        prices.iter().enumerate().map(|(token, price)| 1000.0 * weights.fraction(token).unwrap() / price).collect();
    pool_of(version, weights, Fee::ZERO, &balances)
}

#[test]
fn out_given_in() {
    fn check<L: Lane>() {
        for version in VERSIONS {
            let pool = pool_of::<L>(version, &two(80), "1%".parse().unwrap(), &[1000.0, 50.0]);
            for (amount, out) in [(1.0, 0.197_510_918_620_615_82), (10.0, 1.931_948_750_947_995), (200.0, 25.725_922_615_069_91)] {
                let outcome = pool.quote(&SwapRequest::exact_in(ZeroForOne, tokens::<L>(amount))).unwrap();
                assert_close(whole::<L>(outcome.amount_out), out);
                assert_close(whole::<L>(outcome.fee), 0.01 * amount);
                // The other way round: what buys this much is what was paid.
                if out < 0.3 * 50.0 {
                    let cost = pool.quote(&SwapRequest::exact_out(ZeroForOne, outcome.amount_out)).unwrap();
                    assert_close(whole::<L>(cost.amount_in), amount);
                }
            }
        }
    }
    check::<Fast>();
    check::<Exact>();
}

/// r^w/(w r + 1 − w) − 1 against holding, for a pool that arbitrage without fee keeps at the outside price.
#[test]
fn impermanent_loss_of_two() {
    fn check<L: Lane>(percent: u8, ratio: f64, loss: f64) {
        let weight = f64::from(percent) / 100.0;
        for version in VERSIONS {
            let mut pool = balanced::<L>(version, &two(percent), &[1.0, 1.0]);
            arbitrage(&mut pool, &[ratio, 1.0]);
            assert_close(pool.spot_price(BASE, QUOTE).unwrap(), ratio);
            assert_close(value(&pool, &[ratio, 1.0]) / (1000.0 * (weight * ratio + 1.0 - weight)) - 1.0, loss);
        }
    }
    let ratios = [0.5, 1.5, 2.0, 5.0];
    let table = [
        (80, [-0.042_751_370_835_804_16, -0.012_027_237_698_148_823, -0.032_721_596_337_639_845, -0.137_167_067_050_362_47]),
        (95, [-0.014_033_405_865_354_757, -0.003_460_136_970_280_324, -0.009_296_072_897_594_307, -0.038_874_130_634_803_834]),
        (20, [-0.032_721_596_337_639_845, -0.014_116_571_638_455_805, -0.042_751_370_835_804_16, -0.233_483_521_410_436_2]),
    ];
    for (percent, losses) in table {
        for (ratio, loss) in ratios.into_iter().zip(losses) {
            check::<Fast>(percent, ratio, loss);
            check::<Exact>(percent, ratio, loss);
        }
    }
}

/// Π rᵢ^wᵢ / Σ wᵢ rᵢ − 1.
#[test]
fn impermanent_loss_of_three() {
    let cases = [
        ([30, 20, 50], [10.0, 20.0, 40.0], [9.0, 22.0, 35.0], -0.004_041_143_064_257_559),
        ([20, 40, 40], [1.0, 1.0, 1.0], [3.0, 1.0, 1.0], -0.110_192_185_988_916_2),
    ];
    for (percents, old, new, loss) in cases {
        for version in VERSIONS {
            let mut pool = balanced::<Fast>(version, &Weights::percent(&percents).unwrap(), &old);
            let hold = value(&pool, &new);
            arbitrage(&mut pool, &new);
            assert_close(value(&pool, &new) / hold - 1.0, loss);
        }
    }
}

/// Loss against rebalancing per unit of variance, w (1 − w)/2 of the value: what the arbitrageur earns on average from a small move
/// up or down, over the square of the move. σ = 5% per unit of time, moves of a ten-thousandth of that time.
#[test]
fn loss_versus_rebalancing() {
    let (sigma, elapsed) = (0.05_f64, 1e-4_f64);
    for (percent, rate) in [(50, 0.000_312_5), (80, 0.000_2), (95, 5.937_5e-5), (20, 0.000_2)] {
        let profit = |step: f64| {
            let pool = balanced::<Fast>(Version::V3, &two(percent), &[1.0, 1.0]);
            let price = exp(step);
            let request = pool.swap_to(BASE, QUOTE, price).unwrap();
            let outcome = pool.quote(&request).unwrap();
            let (paid, taken) = if request.token_in == BASE { (price, 1.0) } else { (1.0, price) };
            (outcome.amount_out * taken - outcome.amount_in * paid) / value(&pool, &[1.0, 1.0])
        };
        let step = sigma * elapsed.sqrt();
        let measured = 0.5 * (profit(step) + profit(-step)) / elapsed;
        assert!((measured - rate).abs() <= 1e-6 * rate, "weight {percent}%: {measured}, not {rate}");
    }
}

/// The arbitrage trade ends where its last unit is priced at the target, fee included.
#[test]
fn arbitrage_ends_at_the_edge_of_the_band() {
    fn check<L: Lane>(tolerance: f64) {
        for version in VERSIONS {
            for percent in [5, 20, 50, 80, 99] {
                for factor in [0.9, 0.97, 1.03, 1.1] {
                    let fee: Fee = "1%".parse().unwrap();
                    let pool = pool_of::<L>(version, &two(percent), fee, &[500.0, 2000.0]);
                    let target = factor * pool.spot_price(BASE, QUOTE).unwrap();
                    let request = pool.swap_to(BASE, QUOTE, target).unwrap();
                    assert_eq!(request.token_in, if factor < 1.0 { BASE } else { QUOTE });
                    // The marginal price from two trades that end near it.
                    let amount = L::amount_to_f64(request.amount);
                    let out = |part: f64| {
                        let request = SwapRequest { amount: L::amount_from_f64(amount * part).unwrap(), ..request };
                        L::amount_to_f64(pool.quote(&request).unwrap().amount_out)
                    };
                    let marginal = (out(1.0 + 1e-5) - out(1.0 - 1e-5)) / (2e-5 * amount);
                    let marginal = if request.token_in == BASE { marginal } else { 1.0 / marginal };
                    assert!((marginal / target - 1.0).abs() < tolerance, "{marginal} instead of {target}");
                }
            }
            let pool = pool_of::<L>(version, &two(50), "1%".parse().unwrap(), &[500.0, 2000.0]);
            for inside in [4.0, 3.97, 4.04] {
                assert_eq!(pool.swap_to(BASE, QUOTE, inside), None);
            }
            for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY] {
                assert_eq!(pool.swap_to(BASE, QUOTE, nonsense), None);
            }
        }
    }
    check::<Fast>(1e-7);
    check::<Exact>(1e-6);
}

/// Beyond 30% of a balance the arbitrage goes in steps, the largest that the contracts take.
#[test]
fn large_arbitrage_goes_in_steps() {
    for version in VERSIONS {
        let mut pool = pool_of::<Fast>(version, &two(50), Fee::ZERO, &[100.0, 100.0]);
        let request = pool.swap_to(BASE, QUOTE, 100.0).unwrap();
        assert_close(request.amount, 30.0);
        let too_much = SwapRequest { amount: 30.1, ..request };
        let error = WeightedError { version, reason: Reason::MaxInRatio { amount: 30.1, limit: 30.0 } };
        assert_eq!(pool.quote(&too_much), Err(SwapError::Weighted(error)));
        arbitrage(&mut pool, &[100.0, 1.0]);
        assert_close(pool.spot_price(BASE, QUOTE).unwrap(), 100.0);
    }
}

#[test]
fn the_first_join_sets_the_supply() {
    for (version, supply) in [(Version::V2, 3.0), (Version::V3, 1.0)] {
        let weights = Weights::percent(&[50, 30, 20]).unwrap();
        let pool = pool_of::<Fast>(version, &weights, Fee::ZERO, &[4.0, 1.0, 32.0]);
        // 4^½ · 1 · 32^⅕
        assert_close(pool.total_supply(), 4.0 * supply);
        assert_close(pool.balance_of(Owner::ZERO) * 1e12, 1.0);
        if version == Version::V2 {
            // So little is no trade in v3.
            let mut unlocked = pool.clone();
            assert_eq!(unlocked.burn(Owner::ZERO, 1e-13), Err(LiquidityError::LockedForever));
            assert_eq!(unlocked, pool);
        }
        assert_close(pool.invariant(), 4.0);

        let mut empty = Weighted::<Exact>::new(version, &weights, Fee::ZERO);
        let none = empty.mint(ALICE, &[U256::ZERO; 3]).unwrap_err();
        assert_eq!(none.revert_code(), Some(if version == Version::V2 { "BAL#311" } else { "TokenBalanceBelowMin" }));
        assert_eq!(empty, Weighted::new(version, &weights, Fee::ZERO));
    }
}

/// A join out of proportion pays the fee on a part; both generations charge it differently, and neither lets it undercut a swap.
#[test]
fn joins_and_exits_out_of_proportion() {
    let fee: Fee = "2%".parse().unwrap();
    for version in VERSIONS {
        let pool = pool_of::<Fast>(version, &two(80), fee, &[100.0, 100.0]);
        let supply = pool.total_supply();
        // Without fee: 100 · (1.1^(1/0.8) − 1). The fee is on 20% of it (v2), or on what exceeds 10% of the balance (v3).
        let free = 100.0 * (powf(1.1, 1.25) - 1.0);
        let taxed = if version == Version::V2 { 0.2 * free } else { free - 10.0 };
        let cost = pool.clone().join_single_token(ALICE, BASE, 0.1 * supply).unwrap();
        assert_close(cost.amounts[0], free + taxed * (0.02 / 0.98));
        assert_eq!(cost.amounts[1], 0.0);
        // The inverse, through the other door, is the same to the second order of the fee.
        let minted = pool.clone().join_exact_tokens(ALICE, &cost.amounts).unwrap();
        assert!((minted.liquidity / (0.1 * supply) - 1.0).abs() < 0.01, "{}", minted.liquidity / supply);

        let free = 100.0 * (1.0 - powf(0.9, 1.25));
        let taxed = if version == Version::V2 { 0.2 * free } else { free - 10.0 };
        let got = pool.clone().exit_single_token(ALICE, BASE, 0.1 * supply).unwrap();
        assert_close(got.amounts[0], free - taxed * 0.02);
        let burned = pool.clone().exit_exact_tokens(ALICE, &got.amounts).unwrap();
        assert!((burned.liquidity / (0.1 * supply) - 1.0).abs() < 0.01, "{}", burned.liquidity / supply);

        // In proportion there is no fee.
        let both = pool.clone().join_exact_tokens(ALICE, &[10.0, 10.0]).unwrap();
        assert_close(both.liquidity, 0.1 * supply);
    }
    let mut pool = pool_of::<Fast>(Version::V3, &two(80), fee, &[100.0, 100.0]);
    let code = |error: LiquidityError| error.revert_code();
    assert_eq!(code(pool.exit_exact_tokens(ALICE, &[1.0, 1.0]).unwrap_err()), Some("MultipleNonZeroInputs"));
    assert_eq!(code(pool.exit_exact_tokens(ALICE, &[0.0, 0.0]).unwrap_err()), Some("AllZeroInputs"));
    assert_eq!(code(pool.exit_exact_tokens(ALICE, &[80.0, 0.0]).unwrap_err()), Some("InvariantRatioBelowMin"));
    assert_eq!(code(pool.join_exact_tokens(ALICE, &[1000.0, 0.0]).unwrap_err()), Some("InvariantRatioAboveMax"));
    assert_eq!(pool.join_single_token(ALICE, TokenIndex(2), 1.0), Err(LiquidityError::UnknownToken { index: 2, tokens: 2 }));
    assert!(matches!(pool.exit_proportional(Owner::new(7), 1.0), Err(LiquidityError::InsufficientBalance { owner: 7, .. })));
}

/// v3's protocol takes its share of each fee; v2's of the growth of the invariant, in the heaviest token, at the next join or exit.
#[test]
fn the_protocol_takes_its_share() {
    let fee: Fee = "2%".parse().unwrap();
    let mut pool = pool_of::<Fast>(Version::V3, &two(80), fee, &[100.0, 100.0]);
    pool.set_protocol_share("50%".parse().unwrap());
    pool.swap(&SwapRequest::exact_in(ZeroForOne, 10.0)).unwrap();
    assert_close(pool.protocol_fees()[0], 0.1);
    assert_close(pool.balances()[0], 109.9);

    let mut pool = pool_of::<Fast>(Version::V2, &two(80), fee, &[100.0, 100.0]);
    pool.set_protocol_share("50%".parse().unwrap());
    let before = pool.last_invariant();
    pool.swap(&SwapRequest::exact_in(ZeroForOne, 10.0)).unwrap();
    assert_eq!(pool.protocol_fees(), [0.0, 0.0]);
    let growth = pool.invariant() / before;
    let held = pool.balances()[0];
    pool.exit_proportional(ALICE, 1.0).unwrap();
    assert_close(pool.protocol_fees()[0], 0.5 * held * (1.0 - powf(growth, -1.25)));
}

/// Tokens with fewer decimals: the same pool, but for rounding to their units.
#[test]
fn decimals() {
    for version in VERSIONS {
        let fee: Fee = "0.3%".parse().unwrap();
        let mut pool = Weighted::<Exact>::new(version, &two(50), fee).with_decimals(&[6, 18]).unwrap();
        pool.mint(ALICE, &[U256::from(2_000_000_000_u64), tokens::<Exact>(1.0)]).unwrap();
        let out = pool.swap(&SwapRequest::exact_in(ZeroForOne, U256::from(20_000_000))).unwrap();
        let twin = pool_of::<Fast>(version, &two(50), fee, &[2000.0, 1.0]);
        let expected = twin.quote(&SwapRequest::exact_in(ZeroForOne, 20.0)).unwrap();
        assert!((whole::<Exact>(out.amount_out) - expected.amount_out).abs() < 2e-14);
        assert_eq!(out.fee, U256::from(60_000));
    }
    let pool = Weighted::<Exact>::balancer_v2(&two(50), Fee::ZERO);
    assert!(pool.clone().with_decimals(&[6]).is_err() && pool.with_decimals(&[6, 19]).is_err());
}

#[test]
fn the_vault_refuses() {
    let code = |error: SwapError| error.revert_code().unwrap();
    for (version, nothing) in [(Version::V2, "BAL#510"), (Version::V3, "AmountGivenZero")] {
        let pool = pool_of::<Exact>(version, &two(50), Fee::ZERO, &[100.0, 100.0]);
        assert_eq!(code(pool.quote(&SwapRequest::exact_in(ZeroForOne, U256::ZERO)).unwrap_err()), nothing);
        let dust = pool.quote(&SwapRequest::exact_in(ZeroForOne, U256::from(999_999)));
        if version == Version::V2 {
            assert_eq!(dust.unwrap().amount_out, U256::ZERO);
        } else {
            assert_eq!(code(dust.unwrap_err()), "TradeAmountTooSmall");
        }
        let twice = SwapRequest::exact_in((BASE, BASE), U256::ONE);
        assert_eq!(pool.quote(&twice), Err(SwapError::SameToken { index: 0 }));
        let empty = Weighted::<Exact>::new(version, &two(50), Fee::ZERO);
        let error = empty.quote(&SwapRequest::exact_in(ZeroForOne, U256::from(1_000_000))).unwrap_err();
        assert_eq!(code(error), if version == Version::V2 { "BAL#304" } else { "PoolNotInitialized" });
        let mut empty = empty;
        let join = empty.join_proportional(ALICE, U256::from(1_000_000)).unwrap_err();
        assert_eq!(join.revert_code(), Some(if version == Version::V2 { "BAL#206" } else { "PoolNotInitialized" }));
        let too_large = empty.mint(ALICE, &[U256::ONE << 130, U256::ONE << 130]).unwrap_err();
        assert_eq!(too_large.revert_code(), Some(if version == Version::V2 { "BAL#526" } else { "BalanceOverflow" }));
    }
}
