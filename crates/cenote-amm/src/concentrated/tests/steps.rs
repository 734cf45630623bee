//! Steps against `SwapMath.computeSwapStep`, transcribed line by line: every amount and every price by the contract's own divisions.

use proptest::prelude::*;
use ruint::aliases::{U256, U512};

use super::libraries::{liquidities, prices, words};
use crate::SwapKind;
use crate::concentrated::swap_math::{Step, StepRequest, StepRule, swap_step};

type Word = Option<U256>;

fn floor(a: U256, b: U256, d: U256) -> Word {
    let product = U512::from(a) * U512::from(b);
    U256::checked_from_limbs_slice(product.checked_div(U512::from(d))?.as_limbs())
}

fn ceil(a: U256, b: U256, d: U256) -> Word {
    let product = U512::from(a) * U512::from(b);
    let remains = !product.checked_rem(U512::from(d))?.is_zero();
    floor(a, b, d)?.checked_add(U256::from(u8::from(remains)))
}

fn ceil_over(a: U256, d: U256) -> Word {
    ceil(a, U256::ONE, d)
}

fn q96() -> U256 {
    U256::ONE << 96
}

fn amount0(a: U256, b: U256, liquidity: U256, up: bool) -> Word {
    let (lower, upper) = (a.min(b), a.max(b));
    let scaled: U256 = liquidity << 96;
    if up { ceil_over(ceil(scaled, upper - lower, upper)?, lower) } else { Some(floor(scaled, upper - lower, upper)? / lower) }
}

fn amount1(a: U256, b: U256, liquidity: U256, up: bool) -> Word {
    let difference = a.max(b) - a.min(b);
    if up { ceil(liquidity, difference, q96()) } else { floor(liquidity, difference, q96()) }
}

fn next_from_input(price: U256, liquidity: U256, amount: U256, down: bool) -> Word {
    if !down {
        return price.checked_add(floor(amount, q96(), liquidity)?);
    }
    if amount.is_zero() {
        return Some(price);
    }
    let scaled: U256 = liquidity << 96;
    if let Some(divisor) = amount.checked_mul(price).and_then(|product| scaled.checked_add(product)) {
        return ceil(scaled, price, divisor);
    }
    ceil_over(scaled, (scaled / price).checked_add(amount)?)
}

fn next_from_output(price: U256, liquidity: U256, amount: U256, down: bool) -> Word {
    if down {
        return price.checked_sub(ceil(amount, q96(), liquidity)?);
    }
    if amount.is_zero() {
        return Some(price);
    }
    let scaled: U256 = liquidity << 96;
    ceil(scaled, price, scaled.checked_sub(amount.checked_mul(price)?)?)
}

fn contract(request: &StepRequest<U256, u128, U256>, rule: StepRule) -> Option<Step<U256, U256>> {
    let StepRequest { sqrt_price: from, target, liquidity, kind, remaining, fee_pips } = *request;
    let (liquidity, million) = (U256::from(liquidity), U256::from(1_000_000));
    let (pips, kept) = (U256::from(fee_pips), million - U256::from(fee_pips));
    let down = from >= target;
    let amount_in_to = |price| if down { amount0(price, from, liquidity, true) } else { amount1(from, price, liquidity, true) };
    let amount_out_to = |price| if down { amount1(price, from, liquidity, false) } else { amount0(from, price, liquidity, false) };
    let (mut amount_in, mut amount_out, next);
    if kind == SwapKind::ExactIn {
        let less_fee = floor(remaining, kept, million)?;
        amount_in = amount_in_to(target)?;
        next = if less_fee >= amount_in { target } else { next_from_input(from, liquidity, less_fee, down)? };
        if next != target {
            amount_in = if rule == StepRule::V3 { amount_in_to(next)? } else { less_fee };
        }
        amount_out = amount_out_to(next)?;
    } else {
        amount_out = amount_out_to(target)?;
        next = if remaining >= amount_out { target } else { next_from_output(from, liquidity, remaining, down)? };
        if next != target {
            amount_out = amount_out_to(next)?;
        }
        amount_out = amount_out.min(remaining);
        amount_in = amount_in_to(next)?;
    }
    let fee = if kind == SwapKind::ExactIn && next != target { remaining - amount_in } else { ceil(amount_in, pips, kept)? };
    Some(Step { sqrt_price: next, amount_in, amount_out, fee })
}

fn assert_is_the_contracts(request: &StepRequest<U256, u128, U256>) {
    for rule in [StepRule::V3, StepRule::V4] {
        assert_eq!(swap_step(request, rule).ok(), contract(request, rule), "{rule:?} of {request:?}");
    }
}

fn amounts_near(request: &StepRequest<U256, u128, U256>) -> Vec<U256> {
    let everything = StepRequest { remaining: U256::MAX >> 1, ..*request };
    let Some(step) = contract(&everything, StepRule::V3) else { return Vec::new() };
    let whole = if request.kind == SwapKind::ExactIn { step.amount_in + step.fee } else { step.amount_out };
    let (one, two) = (U256::ONE, U256::from(2));
    vec![
        whole,
        whole + one,
        whole + two,
        whole.saturating_sub(one),
        whole.saturating_sub(two),
        whole / two,
        whole / U256::from(1000),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    /// No pool has a target of zero, but the library can be asked for one; and near zero the last unit of an output may leave no price.
    #[test]
    fn steps_to_nothing_are_the_contracts(
        sqrt_price in prices(), low in 0_u64..4, liquidity in liquidities(), remaining in words(), fee_pips in 0_u32..1_000_000, exact_in: bool,
    ) {
        let kind = if exact_in { SwapKind::ExactIn } else { SwapKind::ExactOut };
        for (sqrt_price, target) in [(sqrt_price, 0), (sqrt_price, low), (U256::from(low), 0), (U256::from(low) << 30, low / 2)] {
            let request = StepRequest { sqrt_price, target: U256::from(target), liquidity, kind, remaining: remaining >> 1, fee_pips };
            // Up from nothing there is no price to start from.
            if sqrt_price.is_zero() {
                prop_assert!(swap_step(&request, StepRule::V3).is_err());
                continue;
            }
            let there = floor(U256::from(liquidity), sqrt_price, q96()).unwrap_or(U256::ZERO);
            let one = U256::ONE;
            for remaining in [request.remaining, there, there.saturating_sub(one), there.saturating_sub(one + one), there >> 1, there >> 20] {
                assert_is_the_contracts(&StepRequest { remaining: remaining.min(U256::MAX >> 1), ..request });
            }
        }
    }

    /// Anywhere at all, and around the amount that just gets to the target.
    #[test]
    fn steps_are_the_contracts(
        sqrt_price in prices(),
        target in prices(),
        near in -100_i64..100,
        is_near: bool,
        liquidity in liquidities(),
        remaining in words(),
        fee_pips in 0_u32..1_000_000,
        exact_in: bool,
    ) {
        let kind = if exact_in { SwapKind::ExactIn } else { SwapKind::ExactOut };
        let moved: U256 = U256::from(near.unsigned_abs()) * (sqrt_price >> 16) + U256::from(near.unsigned_abs());
        let neighbour = if near < 0 { sqrt_price - moved.min(sqrt_price - U256::ONE) } else { sqrt_price + moved };
        let target = if is_near { neighbour } else { target };
        let request = StepRequest { sqrt_price, target, liquidity, kind, remaining: remaining >> 1, fee_pips };
        assert_is_the_contracts(&request);
        for remaining in amounts_near(&request) {
            assert_is_the_contracts(&StepRequest { remaining, ..request });
        }
    }
}

/// The product of amount and price, or its sum with the liquidity, exceeds 256 bits, and the target is beyond: the contract divides twice.
#[test]
fn inputs_that_overflow() {
    let sqrt_price = U256::from_limbs([17, 0, 1 << 31, 0]);
    for target in [U256::from(1), U256::from(4_295_128_739_u64)] {
        for shift in 95..=110 {
            for liquidity in [u128::MAX, u128::MAX >> 1, (1 << 100) + 12_345] {
                let request = StepRequest {
                    sqrt_price,
                    target,
                    liquidity,
                    kind: SwapKind::ExactIn,
                    remaining: (U256::ONE << shift) + U256::from(3),
                    fee_pips: 3000,
                };
                assert_is_the_contracts(&request);
            }
        }
    }
}

/// What no contract can be asked.
#[test]
fn prices_out_of_their_bits() {
    let request = |sqrt_price, target| StepRequest {
        sqrt_price,
        target,
        liquidity: 1,
        kind: SwapKind::ExactIn,
        remaining: U256::ONE,
        fee_pips: 0,
    };
    for (from, to) in
        [(U256::ONE << 160, U256::ONE), (U256::ONE, U256::ONE << 160), (U256::ZERO, U256::ONE), (U256::ONE, U256::ZERO)]
    {
        assert!(swap_step(&request(from, to), StepRule::V3).is_err());
    }
}
