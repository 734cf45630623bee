//! The trade to an outside price.

use super::{after_swap, float};
use crate::battery::checker::{Checker, Verdict, Violation};
use crate::battery::lane::BatteryLane;
use crate::battery::slack::Rounding;
use crate::lane::Lane;
use crate::pool::{Pool, SwapKind, SwapRequest, TokenIndex};

/// Pools that allow only small trades get so many of them.
const STEPS: usize = 64;
/// Sizes of the trades that are tried once there should be nothing to gain, as parts of the scale.
const PROBES: [f64; 2] = [1e-3, 1e-5];
/// What counts as no trade at the pool's own price, as a part of the scale.
const NEGLIGIBLE: f64 = 1e-9;

/// A trader who can deal at `target` outside.
struct Outside<'a, P> {
    base: TokenIndex,
    quote: TokenIndex,
    target: f64,
    rounding: &'a Rounding<P>,
}

impl<P> Outside<'_, P>
where
    P: Pool + Clone,
    P::Lane: BatteryLane,
{
    /// What a swap gains at the outside price, in the quote token, and what rounding may have to do with that; the pool after it.
    fn gain(&self, pool: &P, request: &SwapRequest<P::Lane>) -> Option<(P, f64, f64)> {
        let (after, outcome) = after_swap(pool, request)?;
        let (paid, bought) = (float::<P>(outcome.amount_in), float::<P>(outcome.amount_out));
        let base_side = |amount: f64| rounding_of(self.rounding, &[pool, &after], self.base, amount) * self.target;
        let quote_side = |amount: f64| rounding_of(self.rounding, &[pool, &after], self.quote, amount);
        let (gain, slack) = if request.token_in == self.base {
            (bought - paid * self.target, base_side(paid) + quote_side(bought))
        } else {
            (bought * self.target - paid, base_side(bought) + quote_side(paid))
        };
        Some((after, gain, slack))
    }

    fn fail(&self, message: impl AsRef<str>) -> Verdict {
        let Self { base, quote, target, .. } = self;
        let message = format!("to a price of {target:e} {quote} per {base}: {}", message.as_ref());
        Err(Violation::new(Checker::SwapTo, message))
    }
}

fn rounding_of<P: Pool>(rounding: &Rounding<P>, states: &[&P], token: TokenIndex, amount: f64) -> f64 {
    rounding.grain(states, token, amount)
}

/// [`Checker::SwapTo`].
///
/// # Errors
/// The trade is refused, loses, is not the best, or there is none where there should be one.
pub fn swap_to<P>(pool: &P, (base, quote): (TokenIndex, TokenIndex), target: f64, rounding: &Rounding<P>) -> Verdict
where
    P: Pool + Clone,
    P::Lane: BatteryLane,
{
    let outside = Outside { base, quote, target, rounding };
    let Some(spot) = pool.spot_price(base, quote) else { return Ok(false) };
    if let Some(request) = pool.swap_to(base, quote, spot)
        && float::<P>(request.amount) > NEGLIGIBLE * rounding.scale(pool, request.token_in) + rounding.slack().of(0.0)
    {
        return Outside { target: spot, ..outside }.fail(format!("that is the pool's own, and yet it says {request:?}"));
    }
    let mut state = pool.clone();
    for step in 0..STEPS {
        let Some(request) = state.swap_to(base, quote, target) else {
            return nothing_left(&outside, &state);
        };
        if request.kind != SwapKind::ExactIn {
            return outside.fail(format!("{request:?} is no exact input"));
        }
        let Some((next, gain, slack)) = outside.gain(&state, &request) else {
            let error = state.quote(&request).err();
            return outside.fail(format!("{request:?} is refused: {error:?}"));
        };
        if gain < -slack {
            return outside.fail(format!("{request:?} loses {:e} ({slack:e} forgiven)", -gain));
        }
        let less = SwapRequest { amount: P::Lane::part(request.amount, 990, 0), ..request };
        if let Some((_, gain_of_less, more_slack)) = outside.gain(&state, &less)
            && gain_of_less > gain + slack + more_slack
        {
            return outside.fail(format!(
                "{request:?} gains {gain:e}, and a hundredth less gains {gain_of_less:e} ({:e} forgiven)",
                slack + more_slack
            ));
        }
        // A last unit may be asked for again and again.
        let tiny = float::<P>(request.amount) <= NEGLIGIBLE * rounding.scale(&state, request.token_in) + rounding.slack().of(0.0);
        state = next;
        if step > 0 && tiny {
            return nothing_left(&outside, &state);
        }
    }
    Ok(false)
}

/// That no small trade gains.
fn nothing_left<P>(outside: &Outside<'_, P>, state: &P) -> Verdict
where
    P: Pool + Clone,
    P::Lane: BatteryLane,
{
    let mut checked = false;
    for (token_in, token_out) in [(outside.base, outside.quote), (outside.quote, outside.base)] {
        for part in PROBES {
            let amount = part * outside.rounding.scale(state, token_in);
            let Some(amount) = P::Lane::amount_from_f64(amount) else { continue };
            let request = SwapRequest::exact_in((token_in, token_out), amount);
            if let Some((_, gain, slack)) = outside.gain(state, &request) {
                checked = true;
                if gain > slack {
                    // The best trade may be one that the pool refuses: then there is nothing to say.
                    if is_refused(outside, state, &request, gain) {
                        return Ok(false);
                    }
                    return outside.fail(format!(
                        "it says there is nothing left to gain, but {request:?} gains {gain:e} ({slack:e} forgiven)"
                    ));
                }
            }
        }
    }
    Ok(checked)
}

/// Whether trades get better and better up to one that the pool refuses.
fn is_refused<P>(outside: &Outside<'_, P>, state: &P, request: &SwapRequest<P::Lane>, gain: f64) -> bool
where
    P: Pool + Clone,
    P::Lane: BatteryLane,
{
    let (mut request, mut best) = (*request, gain);
    while let Some(amount) = P::Lane::checked_add(request.amount, request.amount) {
        request.amount = amount;
        match outside.gain(state, &request) {
            None => return true,
            Some((_, gain, _)) if gain <= best => return false,
            Some((_, gain, _)) => best = gain,
        }
    }
    true
}
