//! Choices that pools of Uniswap v3 and v4 share.

use revm::primitives::U256;

use crate::random::{Random, scale};

/// The last tick either way.
const LAST_TICK: i32 = 887_272;
/// `TickMath.MIN_SQRT_RATIO`.
const LOWEST_PRICE: u64 = 4_295_128_739;

/// `TickMath.MAX_SQRT_RATIO`: the first price that is too high.
fn ceiling() -> U256 {
    U256::from_limbs([0x5d95_1d52_6398_8d26, 0xefd1_fc6a_5064_8849, 0xfffd_8963, 0])
}

/// The upper end of the prices, or a little above or below an end.
fn outermost(down: bool, random: &mut Random) -> U256 {
    let beyond = U256::from(u64::from(!random.one_in(8)));
    if down { U256::from(LOWEST_PRICE) + beyond } else { ceiling() - beyond }
}

/// A first square root price: mostly within 2^±16 of one, sometimes any there is, rarely one there is not.
pub(super) fn first_price(random: &mut Random) -> U256 {
    match random.below(12) {
        0 => random.word(160),
        1 => outermost(random.one_in(2), random),
        2 => U256::from(LOWEST_PRICE) << usize::try_from(random.below(126)).unwrap_or(0),
        _ => (U256::from(1) << (88 + usize::try_from(random.below(16)).unwrap_or(0))) + random.word(87),
    }
}

/// A limit of a swap from this square root price: the end of all prices, or some way off, rarely the wrong way.
pub(super) fn price_limit(price: U256, zero_for_one: bool, random: &mut Random) -> U256 {
    let down = zero_for_one != random.one_in(30);
    match random.below(10) {
        0..2 => outermost(down, random),
        2 if random.one_in(3) => random.word(160),
        3 if random.one_in(3) => price,
        near => {
            let way = scale(price, random.below(1_000_000), 1_000_000) >> (usize::try_from(near).unwrap_or(0) * 2);
            let limit = if down { price.saturating_sub(way) } else { price.saturating_add(way) };
            limit.min(U256::MAX >> 96)
        }
    }
}

/// A range around this tick or beside it: at multiples of the spacing, rarely not, and rarely no range at all.
pub(super) fn range(tick: i32, spacing: i32, random: &mut Random) -> (i32, i32) {
    let last = LAST_TICK / spacing;
    if random.one_in(12) {
        return (-last * spacing, last * spacing);
    }
    let middle = tick.div_euclid(spacing);
    // Few different ranges, so that positions meet: widths are powers of two.
    let mut side = || {
        let reach = 1 << random.below(12);
        if random.one_in(6) { -reach / 2 } else { reach }
    };
    let (below, above) = (side(), side());
    let (lower, upper) = ((middle - below).clamp(-last, last), (middle + above).clamp(-last, last));
    match random.below(60) {
        0 => (upper * spacing, lower * spacing),
        1 => (lower * spacing - spacing / 2, upper * spacing),
        2 => (lower * spacing, upper * spacing + spacing / 3),
        3 => (-LAST_TICK - 1, upper * spacing),
        4 => (lower * spacing, LAST_TICK + 1),
        _ => (lower * spacing, upper * spacing),
    }
}

/// Liquidity to add: of common sizes, sometimes as much as a tick can carry or more than a number can.
pub(super) fn liquidity(most: u128, random: &mut Random) -> u128 {
    let some = |bits: u32, random: &mut Random| u128::try_from(random.word(bits)).unwrap_or(u128::MAX);
    match random.below(30) {
        0 => most,
        1 => most.saturating_add(1),
        2 => some(128, random),
        3 => 0,
        4..8 => some(110, random),
        _ => some(30, random).saturating_mul(1 + some(50, random)),
    }
}

/// An amount of 128 bits: as asked for where contracts take no more.
pub(super) fn small_part(owed: U256, random: &mut Random) -> u128 {
    let amount = if random.one_in(2) { U256::MAX } else { random.part(owed) };
    u128::try_from(amount).unwrap_or(u128::MAX)
}
