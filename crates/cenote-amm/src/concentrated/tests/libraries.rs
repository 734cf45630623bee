//! The integer libraries against their definitions.

use proptest::prelude::*;
use ruint::aliases::{U256, U512};

use crate::concentrated::full_math::{div_rounding_up, mul_div, mul_div_rounding_up};
use crate::concentrated::sqrt_price_math::{
    Rounding, amount0_delta, amount1_delta, next_sqrt_price_from_input, next_sqrt_price_from_output,
};
use crate::concentrated::swap_math::{StepRequest, StepRule, swap_step};
use crate::concentrated::tick_map::{TickMap, max_liquidity_per_tick};
use crate::concentrated::tick_math::{
    MAX_SQRT_PRICE_X96, MAX_TICK, MIN_SQRT_PRICE_X96, MIN_TICK, sqrt_price_at_tick, tick_at_sqrt_price,
};
use crate::concentrated::{ConcentratedError, Tick};
use crate::{Direction, Exact, OneForZero, SwapKind, ZeroForOne};

/// Any number of bits, not mostly 256.
pub(super) fn words() -> impl Strategy<Value = U256> {
    (any::<[u64; 4]>(), 0_usize..256).prop_map(|(limbs, shift)| U256::from_limbs(limbs) >> shift)
}

pub(super) fn prices() -> impl Strategy<Value = U256> {
    (MIN_TICK..MAX_TICK, 0.0..1.0_f64).prop_map(|(tick, part)| {
        let (lower, upper) = (sqrt_price_at_tick(tick).unwrap(), sqrt_price_at_tick(tick + 1).unwrap());
        lower + (upper - lower) * U256::from(part * 1e9) / U256::from(1_000_000_000)
    })
}

fn lies_between(price: U256, a: U256, b: U256) -> bool {
    a.min(b) <= price && price <= a.max(b)
}

pub(super) fn liquidities() -> impl Strategy<Value = u128> {
    (any::<u128>(), 0_u32..128).prop_map(|(bits, shift)| (bits >> shift).max(1))
}

/// Every tick's price has that tick, and a unit less has the tick below.
#[test]
fn every_tick() {
    let mut last = U256::ZERO;
    for tick in MIN_TICK..=MAX_TICK {
        let price = sqrt_price_at_tick(tick).unwrap();
        assert!(price > last, "tick {tick}");
        last = price;
        if tick < MAX_TICK {
            assert_eq!(tick_at_sqrt_price(price), Ok(tick));
        }
        if tick > MIN_TICK {
            assert_eq!(tick_at_sqrt_price(price - U256::ONE), Ok(tick - 1));
        }
    }
    assert_eq!(sqrt_price_at_tick(MIN_TICK), Ok(MIN_SQRT_PRICE_X96));
    assert_eq!(last, MAX_SQRT_PRICE_X96);
    for tick in [MIN_TICK - 1, MAX_TICK + 1, i32::MIN, i32::MAX] {
        assert_eq!(sqrt_price_at_tick(tick), Err(ConcentratedError::InvalidTick { tick }));
    }
    for price in [U256::ZERO, MIN_SQRT_PRICE_X96 - U256::ONE, MAX_SQRT_PRICE_X96, U256::MAX] {
        assert!(tick_at_sqrt_price(price).is_err());
    }
}

#[test]
fn liquidity_per_tick() {
    assert_eq!(max_liquidity_per_tick(10), 1_917_569_901_783_203_986_719_870_431_555_990);
    assert_eq!(max_liquidity_per_tick(60), 11_505_743_598_341_114_571_880_798_222_544_994);
    assert_eq!(max_liquidity_per_tick(200), 38_350_317_471_085_141_830_651_933_667_504_588);
}

/// The contract's way: two divisions, two roundings.
fn amount0_in_two_divisions(a: U256, b: U256, liquidity: u128, rounding: Rounding) -> Result<U256, ConcentratedError> {
    let (lower, upper) = if a > b { (b, a) } else { (a, b) };
    let scaled = U256::from(liquidity) << 96;
    match rounding {
        Rounding::Up => div_rounding_up(mul_div_rounding_up(scaled, upper - lower, upper)?, lower),
        Rounding::Down => Ok(mul_div(scaled, upper - lower, upper)? / lower),
    }
}

/// The tick map's answer, by trying one tick after the other as a bitmap would.
fn next_by_search(initialized: &[i32], spacing: i32, tick: i32, direction: Direction, stops: bool) -> (i32, bool) {
    let compressed = tick.div_euclid(spacing);
    let (mut at, step) = if direction == ZeroForOne { (compressed, -1) } else { (compressed + 1, 1) };
    let word = at >> 8;
    loop {
        if initialized.contains(&(at * spacing)) {
            return (at * spacing, true);
        }
        let next = at + step;
        let outside = !(MIN_TICK..=MAX_TICK).contains(&(next * spacing));
        if stops && (next >> 8) != word {
            return ((at * spacing).clamp(MIN_TICK, MAX_TICK), false);
        }
        if outside && !stops {
            return (if step < 0 { MIN_TICK } else { MAX_TICK }, false);
        }
        at = next;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

    #[test]
    fn products_over_a_divisor(a in words(), b in words(), d in words()) {
        let product = a.widening_mul::<256, 4, 512, 8>(b);
        let expected = (!d.is_zero()).then(|| product.div_rem(U512::from(d)));
        let fits = |word: U512| U256::checked_from_limbs_slice(word.as_limbs()).ok_or(ConcentratedError::MulDiv);
        match expected {
            None => {
                prop_assert_eq!(mul_div(a, b, d), Err(ConcentratedError::MulDiv));
                prop_assert!(mul_div_rounding_up(a, b, d).is_err());
            }
            Some((quotient, remainder)) => {
                prop_assert_eq!(mul_div(a, b, d), fits(quotient));
                let up = if remainder.is_zero() { quotient } else { quotient + U512::ONE };
                prop_assert_eq!(mul_div_rounding_up(a, b, d), fits(up));
            }
        }
    }

    #[test]
    fn one_division_is_two(a in prices(), b in prices(), liquidity in liquidities()) {
        for rounding in [Rounding::Up, Rounding::Down] {
            prop_assert_eq!(amount0_delta(a, b, liquidity, rounding), amount0_in_two_divisions(a, b, liquidity, rounding));
            let product = U512::from(liquidity) * U512::from(if a > b { a - b } else { b - a });
            let (quotient, rest) = product.div_rem(U512::ONE << 96);
            let expected = if rounding == Rounding::Up && !rest.is_zero() { quotient + U512::ONE } else { quotient };
            prop_assert_eq!(amount1_delta(a, b, liquidity, rounding).map(U512::from), Ok(expected));
        }
    }

    /// What was paid moves the price no farther than it is worth, and what is taken at least as far.
    #[test]
    fn prices_favour_the_pool(price in prices(), liquidity in liquidities(), amount in words(), down: bool) {
        let (direction, end) = if down { (ZeroForOne, U256::ZERO) } else { (OneForZero, U256::MAX) };
        if let Ok(next) = next_sqrt_price_from_input(price, liquidity, amount, direction) {
            prop_assert!(lies_between(next, price, end));
            if !next.is_zero() {
                let needed = if down { amount0_delta(next, price, liquidity, Rounding::Up) } else { amount1_delta(price, next, liquidity, Rounding::Up) };
                prop_assert!(needed.unwrap() <= amount);
            }
        }
        if let Ok(next) = next_sqrt_price_from_output(price, liquidity, amount, direction) {
            prop_assert!(lies_between(next, price, end));
            let yields = if down { amount1_delta(next, price, liquidity, Rounding::Down) } else { amount0_delta(price, next, liquidity, Rounding::Down) };
            prop_assert!(yields.unwrap() >= amount);
        }
    }

    /// Both rules, both kinds: nothing beyond the target, nothing above what was given, all of it used if the target is not reached.
    #[test]
    fn steps(price in prices(), target in prices(), liquidity in liquidities(), remaining in words(), fee_pips in 0_u32..1_000_000, exact_in: bool, v4: bool) {
        let kind = if exact_in { SwapKind::ExactIn } else { SwapKind::ExactOut };
        let rule = if v4 { StepRule::V4 } else { StepRule::V3 };
        let remaining = remaining >> 1;
        let request = StepRequest { sqrt_price: price, target, liquidity, kind, remaining, fee_pips };
        let step = swap_step(&request, rule).unwrap();
        prop_assert!(lies_between(step.sqrt_price, price, target));
        let used = if exact_in { step.amount_in + step.fee } else { step.amount_out };
        prop_assert!(used <= remaining);
        if step.sqrt_price != target {
            prop_assert_eq!(used, remaining);
        }
        // The fee is what was promised, and at most the rounding more.
        let least = mul_div(step.amount_in, U256::from(fee_pips), U256::from(1_000_000 - fee_pips)).unwrap();
        prop_assert!(step.fee >= least || step.sqrt_price != target);
    }

    #[test]
    fn the_next_tick(mut ticks in prop::collection::btree_set(-3_000_i32..3_000, 0..20), tick in -800_000_i32..800_000, spacing in 1_i32..300, down: bool, near: bool) {
        let direction = if down { ZeroForOne } else { OneForZero };
        let tick = if near { tick / 1_000 } else { tick };
        let mut map = TickMap::<Exact>::new(spacing);
        ticks = ticks.into_iter().map(|tick| tick * spacing).filter(|tick| (MIN_TICK..=MAX_TICK).contains(tick)).collect();
        for number in &ticks {
            let tick = Tick { liquidity_gross: 1, ..Tick::blank(U256::ONE) };
            map.set(*number, tick);
        }
        let ticks: Vec<i32> = ticks.into_iter().collect();
        prop_assert_eq!(map.iter().map(|(number, _)| number).collect::<Vec<_>>(), ticks.clone());
        for stops in [true, false] {
            let next = map.next(tick, map.count_up_to(tick), direction, stops);
            prop_assert_eq!((next.number, next.index.is_some()), next_by_search(&ticks, spacing, tick, direction, stops));
            prop_assert!(next.index.is_none_or(|index| ticks[index] == next.number));
        }
        for number in &ticks {
            map.set(*number, Tick::blank(U256::ONE));
        }
        prop_assert_eq!(map, TickMap::new(spacing));
    }
}
