//! Properties of one swap.

use core::fmt::Debug;

use super::{after_swap, float};
use crate::battery::checker::{Checker, Verdict, Violation};
use crate::battery::lane::{BatteryLane, excess};
use crate::battery::slack::{Rounding, wobble};
use crate::lane::Lane;
use crate::pool::{FungibleLiquidity, Pool, SwapKind, SwapOutcome, SwapRequest, TokenIndex};

/// How the state of a pool is written down to be compared.
pub type Snapshot<P> = fn(&P) -> String;

/// [`Checker::QuoteEqualsSwap`].
///
/// # Errors
/// A quote differs from the swap, or from a second quote, or changes the pool.
pub fn quote_equals_swap<P: Pool + Clone>(pool: &P, request: &SwapRequest<P::Lane>, snapshot: Snapshot<P>) -> Verdict {
    let before = snapshot(pool);
    let quoted = pool.quote(request);
    let again = pool.quote(request);
    let fail = |message: String| Err(Violation::new(Checker::QuoteEqualsSwap, message));
    let after = snapshot(pool);
    if before != after {
        return fail(format!("a quote changed the pool: {}", first_difference(&before, &after)));
    }
    let swapped = pool.clone().swap(request);
    // By their text, because an error may carry a NaN.
    if format!("{quoted:?}") != format!("{again:?}") {
        return fail(format!("quoted {}, and then {}", read(&quoted), read(&again)));
    }
    if format!("{quoted:?}") != format!("{swapped:?}") {
        return fail(format!("quoted {}, but swapped {}", read(&quoted), read(&swapped)));
    }
    Ok(swapped.is_ok())
}

fn read<L: Lane, E: Debug>(outcome: &Result<SwapOutcome<L>, E>) -> String {
    match outcome {
        Ok(outcome) => format!("{} in for {} out with a fee of {}", outcome.amount_in, outcome.amount_out, outcome.fee),
        Err(error) => format!("{error:?}"),
    }
}

/// Where two texts part, with a little of what is around it.
pub(in crate::battery) fn first_difference(before: &str, after: &str) -> String {
    let same = before.bytes().zip(after.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| -> String {
        let start = same.saturating_sub(40);
        text.char_indices().filter(|(at, _)| (start..start + 100).contains(at)).map(|(_, letter)| letter).collect()
    };
    format!("`{}` became `{}`", around(before), around(after))
}

/// [`Checker::OutcomeHonoursRequest`], of a swap.
///
/// # Errors
/// The outcome is not what was asked for.
pub fn outcome_honours_request<P: Pool + Clone>(pool: &P, request: &SwapRequest<P::Lane>, rounding: &Rounding<P>) -> Verdict {
    let Some((after, outcome)) = after_swap(pool, request) else { return Ok(false) };
    let fail = |message: String| Err(Violation::new(Checker::OutcomeHonoursRequest, message));
    let SwapOutcome { amount_in, amount_out, fee } = outcome;
    for (what, amount) in [("paid in", amount_in), ("paid out", amount_out), ("fee", fee)] {
        if !P::Lane::is_valid(amount) {
            return fail(format!("{amount} ({what}) is no amount"));
        }
    }
    let (input, output) = ((request.token_in, float::<P>(amount_in)), (request.token_out, float::<P>(amount_out)));
    let states = [pool, &after];
    let (over, slack) = match request.kind {
        SwapKind::ExactIn => (excess::<P::Lane>(amount_in, request.amount), rounding.grain(&states, input.0, input.1)),
        SwapKind::ExactOut => (excess::<P::Lane>(request.amount, amount_out), rounding.grain_of_pair(&states, output, input)),
    };
    if over > slack {
        let what = if request.kind == SwapKind::ExactIn { "paid in" } else { "paid out" };
        let amount = if request.kind == SwapKind::ExactIn { amount_in } else { amount_out };
        return fail(format!("asked for {} to be {what}, {amount} was", request.amount));
    }
    if excess::<P::Lane>(fee, amount_in) > rounding.grain(&states, input.0, input.1) {
        return fail(format!("a fee of {fee} exceeds the {amount_in} paid in"));
    }
    Ok(true)
}

/// [`Checker::InvariantInSwap`].
///
/// # Errors
/// The invariant fell.
pub fn invariant_in_swap<P>(pool: &P, request: &SwapRequest<P::Lane>, rounding: &Rounding<P>) -> Verdict
where
    P: FungibleLiquidity + Clone,
{
    let Some((after, _)) = after_swap(pool, request) else { return Ok(false) };
    let (then, now) = (pool.invariant(), after.invariant());
    if !(then > 0.0 && now.is_finite()) {
        return Ok(false);
    }
    let slack = wobble(rounding, pool, &after);
    if now < then * (1.0 - slack) {
        let message = format!("the invariant fell from {then:e} to {now:e}, by {:e} of it ({slack:e} forgiven)", 1.0 - now / then);
        return Err(Violation::new(Checker::InvariantInSwap, message));
    }
    Ok(true)
}

/// [`Checker::RoundTrip`].
///
/// # Errors
/// There and back again is a gain.
pub fn round_trip<P: Pool + Clone>(pool: &P, request: &SwapRequest<P::Lane>, rounding: &Rounding<P>) -> Verdict {
    gainless(Checker::RoundTrip, pool, request, rounding)
}

/// No gain there and back again; reported as a violation of `checker`.
fn gainless<P: Pool + Clone>(checker: Checker, pool: &P, request: &SwapRequest<P::Lane>, rounding: &Rounding<P>) -> Verdict {
    let Some((after, there)) = after_swap(pool, request) else { return Ok(false) };
    let states = [pool, &after];
    let input = (request.token_in, float::<P>(there.amount_in));
    let output = (request.token_out, float::<P>(there.amount_out));
    let way_back = (request.token_out, request.token_in);
    let mut checked = false;
    if let Some((last, back)) = after_swap(&after, &SwapRequest::exact_in(way_back, there.amount_out)) {
        checked = true;
        let gain = excess::<P::Lane>(back.amount_out, there.amount_in);
        let slack = 2.0 * rounding.grain_of_pair(&[pool, &after, &last], input, output);
        // Whatever the way back leaves unspent only adds to it.
        if gain > slack {
            let message = format!(
                "paid {} of {} for {}, which bought {} back: a gain of {gain:e} ({slack:e} forgiven)",
                there.amount_in, request.token_in, there.amount_out, back.amount_out
            );
            return Err(Violation::new(checker, message));
        }
    }
    if let Some((_, back)) = after_swap(&after, &SwapRequest::exact_out(way_back, there.amount_in)) {
        checked = true;
        let gain = excess::<P::Lane>(there.amount_out, back.amount_in);
        let slack = 2.0 * rounding.grain_of_pair(&states, output, input);
        if gain > slack {
            let message = format!(
                "got {} of {} for {}, and bought these back for {}: a gain of {gain:e} ({slack:e} forgiven)",
                there.amount_out, request.token_out, there.amount_in, back.amount_in
            );
            return Err(Violation::new(checker, message));
        }
    }
    Ok(checked)
}

/// [`Checker::SplitTrade`]: `thousandths` of the amount first, then the rest.
///
/// # Errors
/// The parts are better than the whole.
pub fn split_trade<P>(pool: &P, request: &SwapRequest<P::Lane>, thousandths: u32, rounding: &Rounding<P>) -> Verdict
where
    P: Pool + Clone,
    P::Lane: BatteryLane,
{
    let first = P::Lane::part(request.amount, thousandths.min(1000), 0);
    let Some(second) = P::Lane::checked_sub(request.amount, first) else { return Ok(false) };
    let Some((end, whole)) = after_swap(pool, request) else { return Ok(false) };
    let Some((between, one)) = after_swap(pool, &SwapRequest { amount: first, ..*request }) else { return Ok(false) };
    let Some((_, two)) = after_swap(&between, &SwapRequest { amount: second, ..*request }) else { return Ok(false) };
    let sum = |a, b| P::Lane::checked_add(a, b);
    let (Some(paid), Some(bought)) = (sum(one.amount_in, two.amount_in), sum(one.amount_out, two.amount_out)) else {
        return Ok(false);
    };
    // Where liquidity runs out, an exact input is not used up; where outputs are discrete, an exact output is exceeded: then the two
    // are different trades.
    let (same, gain) = match request.kind {
        SwapKind::ExactIn => (paid >= whole.amount_in, excess::<P::Lane>(bought, whole.amount_out)),
        SwapKind::ExactOut => (bought <= whole.amount_out, excess::<P::Lane>(whole.amount_in, paid)),
    };
    if !same {
        return Ok(false);
    }
    let (input, output) = ((request.token_in, float::<P>(paid)), (request.token_out, float::<P>(bought)));
    let states = [pool, &between, &end];
    let slack = match request.kind {
        SwapKind::ExactIn => rounding.grain_of_pair(&states, output, input),
        SwapKind::ExactOut => rounding.grain_of_pair(&states, input, output),
    };
    if gain > slack {
        let message = format!(
            "{} in for {} out at once, {paid} in for {bought} out in two parts of {first} and {second}: a gain of {gain:e} ({slack:e} forgiven)",
            whole.amount_in, whole.amount_out
        );
        return Err(Violation::new(Checker::SplitTrade, message));
    }
    Ok(true)
}

/// [`Checker::RoundingFavoursPool`], of swaps between two tokens with these decimals.
///
/// # Errors
/// Something is paid out for nothing, or dust there and back again is a gain.
pub fn rounding_favours_pool<P>(
    pool: &P,
    (token_in, token_out): (TokenIndex, TokenIndex),
    decimals: (u8, u8),
    rounding: &Rounding<P>,
) -> Verdict
where
    P: Pool + Clone,
    P::Lane: BatteryLane,
{
    let mut checked = false;
    for digits in [0, 1, 2, 3, 10, 100] {
        for kind in [SwapKind::ExactIn, SwapKind::ExactOut] {
            let decimals = if kind == SwapKind::ExactIn { decimals.0 } else { decimals.1 };
            let amount = P::Lane::units(digits, 0, decimals);
            let request = SwapRequest { token_in, token_out, kind, amount };
            if let Some((_, outcome)) = after_swap(pool, &request) {
                checked = true;
                if outcome.amount_in == P::Lane::ZERO && outcome.amount_out > P::Lane::ZERO {
                    let message = format!("{} of {token_out} for nothing", outcome.amount_out);
                    return Err(Violation::new(Checker::RoundingFavoursPool, message));
                }
                gainless(Checker::RoundingFavoursPool, pool, &request, rounding)?;
            }
        }
    }
    Ok(checked)
}
