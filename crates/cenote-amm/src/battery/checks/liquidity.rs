//! Properties of mints and burns of LP tokens.

use super::float;
use crate::battery::checker::{Checker, Verdict, Violation};
use crate::battery::lane::{BatteryLane, difference, excess};
use crate::battery::slack::{Rounding, tokens, wobble};
use crate::lane::Lane;
use crate::pool::{Amount, FungibleLiquidity, LiquidityOutcome, Owner};

/// [`Checker::MintBurn`]: mint and burn what was minted; then mint with what was paid out.
///
/// # Errors
/// More comes back than went in.
pub fn mint_burn<P>(pool: &P, owner: Owner, offers: &[Amount<P>], rounding: &Rounding<P>) -> Verdict
where
    P: FungibleLiquidity + Clone,
{
    let fail = |message: String| Err(Violation::new(Checker::MintBurn, message));
    let mut minted = pool.clone();
    let Ok(mint) = minted.mint(owner, offers) else { return Ok(false) };
    let mut burned = minted.clone();
    let Ok(burn) = burned.burn(owner, mint.liquidity) else { return Ok(false) };
    for (token, index) in tokens(pool).zip(0..) {
        let (paid, back) = (mint.amounts[index], burn.amounts[index]);
        let slack = 2.0 * rounding.grain(&[pool, &minted], token, float::<P>(paid));
        if excess::<P::Lane>(back, paid) > slack {
            return fail(format!(
                "minted {} LP tokens for {paid} of {token}, and burned them for {back} ({slack:e} forgiven)",
                mint.liquidity
            ));
        }
    }
    // Without other LP tokens the second mint is a first one, on its own scale.
    if burned.total_supply() == P::Lane::ZERO {
        return Ok(true);
    }
    if let Ok(again) = burned.clone().mint(owner, &burn.amounts) {
        let slack = wobble(rounding, &minted, &burned) * float::<P>(minted.total_supply());
        if excess::<P::Lane>(again.liquidity, mint.liquidity) > slack {
            return fail(format!(
                "burned {} LP tokens, and minted {} with what they paid ({slack:e} forgiven)",
                mint.liquidity, again.liquidity
            ));
        }
    }
    Ok(true)
}

/// Two outcomes of the same call in two orders; `wobble` is what rounding moves of the pool's proportions.
fn same<P: FungibleLiquidity>(
    what: &str,
    (pool, after): (&P, &P),
    [early, late]: [&LiquidityOutcome<P::Lane>; 2],
    rounding: &Rounding<P>,
    wobble: f64,
) -> Result<(), Violation> {
    let fail = |message: String| Err(Violation::new(Checker::OrderOfLiquidity, message));
    // A grain of one token is worth its part of the supply, and of every other token.
    let liquidity = float::<P>(early.liquidity);
    let supply = float::<P>(pool.total_supply()).max(liquidity);
    let slack = rounding.slack().of(supply) + wobble * (supply + 2.0 * liquidity);
    if difference::<P::Lane>(early.liquidity, late.liquidity) > slack {
        return fail(format!(
            "{what}: {} LP tokens when first, {} when second ({slack:e} forgiven)",
            early.liquidity, late.liquidity
        ));
    }
    for (token, index) in tokens(pool).zip(0..) {
        let (a, b) = (early.amounts[index], late.amounts[index]);
        let amount = float::<P>(a);
        let reserve = rounding.scale(pool, token).max(rounding.scale(after, token));
        let slack = rounding.grain(&[pool, after], token, amount) + wobble * (reserve + 2.0 * amount);
        if difference::<P::Lane>(a, b) > slack {
            return fail(format!("{what}: {a} of {token} when first, {b} when second ({slack:e} forgiven)"));
        }
    }
    Ok(())
}

/// What rounding moves of a pool's proportions: of each of its tokens and of its LP tokens.
fn proportions<P: FungibleLiquidity>(rounding: &Rounding<P>, pool: &P) -> f64 {
    let part = |grain: f64, whole: f64| if grain > 0.0 { grain / whole } else { 0.0 };
    let of_token = |token| part(rounding.grain(&[pool], token, 0.0), rounding.scale(pool, token));
    let supply = float::<P>(pool.total_supply());
    tokens(pool).map(of_token).sum::<f64>() + part(rounding.slack().of(supply), supply)
}

/// [`Checker::OrderOfLiquidity`], of mints: half as much by the next owner, before or after.
///
/// # Errors
/// It matters who comes first.
pub fn order_of_mints<P>(pool: &P, owner: Owner, offers: &[Amount<P>], rounding: &Rounding<P>) -> Verdict
where
    P: FungibleLiquidity + Clone,
    P::Lane: BatteryLane,
{
    if pool.total_supply() == P::Lane::ZERO {
        return Ok(false);
    }
    let other = Owner::new(owner.id() % 16 + 1);
    let halves: Vec<Amount<P>> = offers.iter().map(|amount| P::Lane::part(*amount, 500, 0)).collect();
    let (mut one, mut two) = (pool.clone(), pool.clone());
    let (Ok(own_first), Ok(other_second)) = (one.mint(owner, offers), one.mint(other, &halves)) else { return Ok(false) };
    let (Ok(other_first), Ok(own_second)) = (two.mint(other, &halves), two.mint(owner, offers)) else { return Ok(false) };
    let wobble = proportions(rounding, pool);
    same("a mint", (pool, &one), [&own_first, &own_second], rounding, wobble)?;
    same("a mint", (pool, &one), [&other_first, &other_second], rounding, wobble)?;
    Ok(true)
}

/// [`Checker::OrderOfLiquidity`], of burns: two fifths and three fifths of `liquidity`.
///
/// # Errors
/// It matters which burn comes first.
pub fn order_of_burns<P>(pool: &P, owner: Owner, liquidity: Amount<P>, rounding: &Rounding<P>) -> Verdict
where
    P: FungibleLiquidity + Clone,
    P::Lane: BatteryLane,
{
    let small = P::Lane::part(liquidity, 400, 0);
    let large = P::Lane::part(liquidity, 600, 0);
    let (mut one, mut two) = (pool.clone(), pool.clone());
    let (Ok(small_first), Ok(large_second)) = (one.burn(owner, small), one.burn(owner, large)) else { return Ok(false) };
    let (Ok(large_first), Ok(small_second)) = (two.burn(owner, large), two.burn(owner, small)) else { return Ok(false) };
    let wobble = proportions(rounding, pool);
    // The last to leave takes what rounding has left behind.
    same("a burn", (pool, &one), [&small_first, &small_second], rounding, wobble)?;
    same("a burn", (pool, &one), [&large_first, &large_second], rounding, wobble)?;
    Ok(true)
}
