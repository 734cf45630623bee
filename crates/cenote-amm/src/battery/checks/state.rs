//! Properties of the books: before and after any operation.

use super::float;
use crate::battery::checker::{Checker, Verdict, Violation};
use crate::battery::lane::{BatteryLane, difference, excess};
use crate::battery::slack::{Rounding, tokens, wobble};
use crate::lane::Lane;
use crate::pool::{Amount, FungibleLiquidity, Owner, Pool};

/// What an operation moved, one amount per token.
#[derive(Clone, Debug, PartialEq)]
pub struct Flows<A> {
    /// Paid to the pool.
    pub paid_in: Vec<A>,
    /// Paid by the pool.
    pub paid_out: Vec<A>,
}

/// [`Checker::Conservation`], of one operation that moved `flows`; `holdings` says what a pool has of each token. Where a protocol takes
/// tokens out, `may_leave`. What rounding misplaced `earlier` of each token may come to light now.
///
/// # Errors
/// Tokens were created or lost.
pub fn conservation<P: Pool>(
    (before, after): (&P, &P),
    flows: &Flows<Amount<P>>,
    holdings: impl Fn(&P) -> Vec<Amount<P>>,
    may_leave: bool,
    (rounding, earlier): (&Rounding<P>, &[f64]),
) -> Verdict {
    let (had, has) = (holdings(before), holdings(after));
    for (token, index) in tokens(before).zip(0..) {
        let (paid_in, paid_out) = (flows.paid_in[index], flows.paid_out[index]);
        let (Some(source), Some(use_)) = (P::Lane::checked_add(had[index], paid_in), P::Lane::checked_add(has[index], paid_out))
        else {
            continue;
        };
        let wrong = if may_leave { excess::<P::Lane>(use_, source) } else { difference::<P::Lane>(use_, source) };
        let moved = float::<P>(source).max(float::<P>(paid_out));
        let slack = rounding.grain(&[before, after], token, moved) + earlier.get(index).copied().unwrap_or(0.0);
        if wrong > slack {
            let message = format!(
                "{token}: {} held, {paid_in} paid in and {paid_out} paid out should leave other than {}: off by {wrong:e} ({slack:e} forgiven)",
                had[index], has[index]
            );
            return Err(Violation::new(Checker::Conservation, message));
        }
    }
    Ok(true)
}

/// [`Checker::Shares`], of LP tokens.
///
/// # Errors
/// The owners have more or less than there is.
pub fn shares<P: FungibleLiquidity>(pool: &P, rounding: &Rounding<P>) -> Verdict {
    let mut held = P::Lane::ZERO;
    for owner in (0..=16).map(Owner::new).chain([Owner::POOL]) {
        match P::Lane::checked_add(held, pool.balance_of(owner)) {
            Some(sum) => held = sum,
            None => return Err(Violation::new(Checker::Shares, format!("{owner} has more than fits"))),
        }
    }
    let supply = pool.total_supply();
    if difference::<P::Lane>(held, supply) > rounding.slack().of(float::<P>(supply)) {
        return Err(Violation::new(Checker::Shares, format!("the owners have {held} LP tokens of a supply of {supply}")));
    }
    Ok(true)
}

/// [`Checker::InvariantPerLpToken`], of any one operation.
///
/// # Errors
/// It fell.
pub fn invariant_per_lp_token<P>(before: &P, after: &P, rounding: &Rounding<P>) -> Verdict
where
    P: FungibleLiquidity,
    P::Lane: BatteryLane,
{
    let claim = |pool: &P| float::<P>(pool.pending_protocol_liquidity());
    let supply = |pool: &P| float::<P>(pool.total_supply()) + claim(pool);
    let (supply_then, supply_now) = (supply(before), supply(after));
    let (then, now) = (before.invariant(), after.invariant());
    if !(supply_then > 0.0 && supply_now > 0.0 && then > 0.0 && now > 0.0 && now.is_finite()) {
        return Ok(false);
    }
    let growth = (now / then) / (supply_now / supply_then);
    // A claim in whole LP tokens is known to a unit or two.
    let claimed = P::Lane::IS_EXACT && claim(before) + claim(after) > 0.0;
    let slack = wobble(rounding, before, after) + if claimed { 2.0 / supply_then.min(supply_now) } else { 0.0 };
    if growth < 1.0 - slack {
        let message = format!(
            "it fell from {:e} to {:e}, by {:e} of it ({slack:e} forgiven); LP tokens went from {supply_then:e} to {supply_now:e}",
            then / supply_then,
            now / supply_now,
            1.0 - growth
        );
        return Err(Violation::new(Checker::InvariantPerLpToken, message));
    }
    Ok(true)
}

/// [`Checker::OutcomeHonoursRequest`], of a mint: no more is `paid` than was offered.
///
/// # Errors
/// More is.
pub fn offers_honoured<P: Pool>(pool: &P, paid: &[Amount<P>], offers: &[Amount<P>], rounding: &Rounding<P>) -> Verdict {
    for (token, index) in tokens(pool).zip(0..) {
        let slack = rounding.slack().of(float::<P>(offers[index]));
        if excess::<P::Lane>(paid[index], offers[index]) > slack {
            let message = format!("{} of {token} were offered, {} taken", offers[index], paid[index]);
            return Err(Violation::new(Checker::OutcomeHonoursRequest, message));
        }
    }
    Ok(true)
}
