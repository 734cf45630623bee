//! The shape of the price.

use super::{after_swap, float};
use crate::battery::checker::{Checker, Verdict, Violation};
use crate::battery::lane::{BatteryLane, excess};
use crate::battery::slack::Rounding;
use crate::lane::Lane;
use crate::pool::{Amount, Pool, SwapKind, SwapRequest};

/// By how much a spot price may be off, relative.
const PRICE_NOISE: f64 = 1e-9;

/// [`Checker::PricesConvex`]: the swap in thirds, against the spot prices before and after it.
///
/// # Errors
/// More buys less, a later third is better than an earlier one, a swap is better than the spot price, or makes what it bought cheaper.
pub fn prices_convex<P>(pool: &P, request: &SwapRequest<P::Lane>, rounding: &Rounding<P>) -> Verdict
where
    P: Pool + Clone,
    P::Lane: BatteryLane,
{
    let fail = |message: String| Err(Violation::new(Checker::PricesConvex, message));
    let Some((_, last)) = after_swap(pool, request) else { return Ok(false) };
    let whole = match request.kind {
        SwapKind::ExactIn => last.amount_in,
        SwapKind::ExactOut => last.amount_out,
    };
    // Where liquidity runs out, the rest of the input is not part of the trade.
    let traded = if whole < request.amount { whole } else { request.amount };
    let Some((one, two, three)) = thirds::<P>(traded) else { return Ok(false) };
    let at = |amount| after_swap(pool, &SwapRequest { amount, ..*request });
    let (Some((_, one)), Some((_, two)), Some((after, three))) = (at(one), at(two), at(three)) else { return Ok(false) };

    let tokens = (request.token_in, request.token_out);
    let (paid, bought) = (float::<P>(three.amount_in), float::<P>(three.amount_out));
    let states = [pool, &after];
    let slack_out = rounding.grain_of_pair(&states, (tokens.1, bought), (tokens.0, paid));
    let slack_in = rounding.grain_of_pair(&states, (tokens.0, paid), (tokens.1, bought));
    // What the fixed amount buys, or what it costs: three values at equal steps.
    let (values, slack, convex) = match request.kind {
        SwapKind::ExactIn => ([one.amount_out, two.amount_out, three.amount_out], slack_out, false),
        SwapKind::ExactOut => ([one.amount_in, two.amount_in, three.amount_in], slack_in, true),
    };
    for pair in values.windows(2) {
        if excess::<P::Lane>(pair[0], pair[1]) > slack {
            return fail(format!("a larger swap moves less: {} and then {} ({slack:e} forgiven)", pair[0], pair[1]));
        }
    }
    let step = |from: Amount<P>, to: Amount<P>| P::Lane::checked_sub(to, from).unwrap_or(P::Lane::ZERO);
    let steps = [values[0], step(values[0], values[1]), step(values[1], values[2])];
    for pair in steps.windows(2) {
        let (early, late) = if convex { (pair[1], pair[0]) } else { (pair[0], pair[1]) };
        if excess::<P::Lane>(late, early) > slack {
            let what = if convex { "cost" } else { "buy" };
            return fail(format!("equal steps {what} {}, {} and {} ({slack:e} forgiven)", steps[0], steps[1], steps[2]));
        }
    }
    let price = |pool: &P| pool.spot_price(tokens.1, tokens.0).filter(|price| *price > 0.0 && price.is_finite());
    if let (Some(before), Some(after)) = (price(pool), price(&after)) {
        if paid < bought * before * (1.0 - PRICE_NOISE) - slack_in {
            return fail(format!("paid {paid:e} for {bought:e}, less than the spot price of {before:e} each"));
        }
        // A trade below the noise moves the price by less than that.
        if after < before * (1.0 - PRICE_NOISE) - slack_in / bought {
            return fail(format!("{} became cheaper by being bought: from {before:e} to {after:e}", tokens.1));
        }
    }
    Ok(true)
}

/// A third of an amount, two thirds, and three. None of less than three units, or of what is no amount.
fn thirds<P: Pool>(amount: Amount<P>) -> Option<(Amount<P>, Amount<P>, Amount<P>)>
where
    P::Lane: BatteryLane,
{
    let one = P::Lane::part(amount, 333, 0);
    let two = P::Lane::checked_add(one, one)?;
    let three = P::Lane::checked_add(two, one)?;
    (one > P::Lane::ZERO).then_some((one, two, three))
}
