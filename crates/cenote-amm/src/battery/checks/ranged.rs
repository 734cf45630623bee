//! Properties of mints and burns of ranged liquidity.

use super::float;
use crate::battery::checker::{Checker, Verdict, Violation};
use crate::battery::lane::{BatteryLane, difference, excess};
use crate::battery::ranged::Place;
use crate::battery::slack::Rounding;
use crate::concentrated::TickRange;
use crate::lane::Lane;
use crate::pool::{Amount, Owner, RangedLiquidity, TokenIndex};

const TOKENS: [TokenIndex; 2] = [TokenIndex::ZERO, TokenIndex::ONE];

/// [`Checker::MintBurn`], by an owner who has no position in the range yet: mint, burn and collect.
///
/// # Errors
/// More comes back than went in.
pub fn ranged_mint_burn<P>(pool: &P, owner: Owner, range: TickRange, offers: [Amount<P>; 2], rounding: &Rounding<P>) -> Verdict
where
    P: RangedLiquidity + Clone,
{
    if pool.position(owner, range).is_some() {
        return Ok(false);
    }
    let mut minted = pool.clone();
    let Ok(mint) = minted.mint(owner, range, offers) else { return Ok(false) };
    let mut left = minted.clone();
    let Ok(burn) = left.burn(owner, range, mint.liquidity) else { return Ok(false) };
    let Ok(collected) = left.collect(owner, range) else { return Ok(false) };
    for (side, token) in TOKENS.into_iter().enumerate() {
        let paid = mint.amounts[side];
        let back = P::Lane::checked_add(burn.paid_out[side], collected[side]).unwrap_or(P::Lane::ZERO);
        let slack = 2.0 * rounding.grain(&[pool, &minted], token, float::<P>(paid));
        if excess::<P::Lane>(back, paid) > slack {
            let message = format!(
                "minted {} of liquidity in {range} for {paid} of {token}, and left with {back} ({slack:e} forgiven)",
                mint.liquidity
            );
            return Err(Violation::new(Checker::MintBurn, message));
        }
    }
    Ok(true)
}

/// [`Checker::OrderOfLiquidity`]: half as much by the next owner in the same range, before or after.
///
/// # Errors
/// It matters who comes first.
pub fn ranged_order_of_mints<P>(pool: &P, owner: Owner, range: TickRange, offers: [Amount<P>; 2], rounding: &Rounding<P>) -> Verdict
where
    P: RangedLiquidity + Clone,
    P::Lane: BatteryLane,
{
    let other = Owner::new(owner.id() % 16 + 1);
    let halves = offers.map(|amount| P::Lane::part(amount, 500, 0));
    let (mut one, mut two) = (pool.clone(), pool.clone());
    let (Ok(own_first), Ok(other_second)) = (one.mint(owner, range, offers), one.mint(other, range, halves)) else {
        return Ok(false);
    };
    let (Ok(other_first), Ok(own_second)) = (two.mint(other, range, halves), two.mint(owner, range, offers)) else {
        return Ok(false);
    };
    let fail = |message: String| Err(Violation::new(Checker::OrderOfLiquidity, message));
    for (early, late) in [(&own_first, &own_second), (&other_first, &other_second)] {
        if early.liquidity != late.liquidity {
            return fail(format!("a mint: {} of liquidity when first, {} when second", early.liquidity, late.liquidity));
        }
        for (side, token) in TOKENS.into_iter().enumerate() {
            let (a, b) = (early.amounts[side], late.amounts[side]);
            let slack = rounding.grain(&[pool, &one], token, float::<P>(a));
            if difference::<P::Lane>(a, b) > slack {
                return fail(format!("a mint: {a} of {token} when first, {b} when second ({slack:e} forgiven)"));
            }
        }
    }
    Ok(true)
}

/// [`Checker::Shares`], of positions: those at `places` are all there are.
///
/// # Errors
/// The liquidity in range is not that of the positions in range.
pub fn ranged_shares<P: RangedLiquidity>(pool: &P, places: &[Place]) -> Verdict {
    let Some(tick) = pool.tick() else { return Ok(false) };
    let in_range = places.iter().filter(|(_, range)| range.contains(tick));
    let sum = in_range
        .filter_map(|(owner, range)| pool.position(*owner, *range))
        .fold(0_u128, |sum, position| sum.saturating_add(position.liquidity));
    if sum != pool.liquidity() {
        let message = format!("at tick {tick} {} of liquidity is in range, of positions with {sum}", pool.liquidity());
        return Err(Violation::new(Checker::Shares, message));
    }
    Ok(true)
}

/// Contracts count what a position is owed in so many units, and begin again at zero.
const OWED: f64 = 3.402_823_669_209_385e38;

/// [`Checker::FeesOwed`], of one operation that was `paid_in` and did not concern the positions at `places`.
///
/// # Errors
/// One of them is owed less.
pub fn fees_owed<'a, P: RangedLiquidity>(
    (before, after): (&P, &P),
    paid_in: &[Amount<P>],
    places: impl IntoIterator<Item = &'a Place>,
    rounding: &Rounding<P>,
) -> Verdict
where
    P::Lane: BatteryLane,
{
    let mut checked = false;
    for (owner, range) in places {
        let Some(then) = before.position(*owner, *range) else { continue };
        let now = after.position(*owner, *range).map_or([P::Lane::ZERO; 2], |position| position.owed);
        for (side, token) in TOKENS.into_iter().enumerate() {
            if P::Lane::IS_EXACT && float::<P>(then.owed[side]) + float::<P>(paid_in[side]) >= OWED {
                continue;
            }
            checked = true;
            let slack = rounding.grain(&[before, after], token, float::<P>(then.owed[side]));
            if excess::<P::Lane>(then.owed[side], now[side]) > slack {
                let message = format!(
                    "{owner} was owed {} of {token} in {range}, and then {} ({slack:e} forgiven)",
                    then.owed[side], now[side]
                );
                return Err(Violation::new(Checker::FeesOwed, message));
            }
        }
    }
    Ok(checked)
}

/// [`Checker::Solvency`]: `paid_in` and `paid_out` are all that ever moved, `places` all positions there are; `forgiven` of each token.
///
/// # Errors
/// Somebody cannot leave, or all get more than there was.
pub fn solvency<P: RangedLiquidity + Clone>(
    pool: &P,
    places: &[Place],
    (paid_in, paid_out): ([Amount<P>; 2], [Amount<P>; 2]),
    forgiven: [f64; 2],
) -> Verdict {
    let fail = |message: String| Err(Violation::new(Checker::Solvency, message));
    let mut emptied = pool.clone();
    let mut out = paid_out;
    for (owner, range) in places {
        let liquidity = emptied.position(*owner, *range).map_or(0, |position| position.liquidity);
        let mut got = [P::Lane::ZERO; 2];
        if liquidity > 0 {
            match emptied.burn(*owner, *range, liquidity) {
                Ok(burned) => got = burned.paid_out,
                Err(error) => return fail(format!("{owner} cannot burn {liquidity} of liquidity in {range}: {error}")),
            }
        }
        let collected = match emptied.collect(*owner, *range) {
            Ok(collected) => collected,
            Err(error) => return fail(format!("{owner} cannot collect in {range}: {error}")),
        };
        for side in 0..2 {
            for amount in [got[side], collected[side]] {
                match P::Lane::checked_add(out[side], amount) {
                    Some(sum) => out[side] = sum,
                    None => return fail(format!("{owner} gets {amount} of {}", TOKENS[side])),
                }
            }
        }
    }
    for (side, token) in TOKENS.into_iter().enumerate() {
        if excess::<P::Lane>(out[side], paid_in[side]) > forgiven[side] {
            let message = format!(
                "of {} of {token} paid in, {} come out once everybody has left ({:e} forgiven)",
                paid_in[side], out[side], forgiven[side]
            );
            return fail(message);
        }
    }
    Ok(!places.is_empty())
}
