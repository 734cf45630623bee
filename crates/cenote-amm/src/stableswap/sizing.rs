//! The arbitrageur's trade: how much to put in until the last unit trades at an outside price.
//!
//! Sized in `f64` in both lanes. On the flat part of the curve the price hardly says how much to trade: an error of one part in 10^16 in
//! the price is A times as large in the amount, and worth nothing to the trader.

use super::curve_section::CurveSection;
use super::fast::FeeRule;

/// A swap from one coin into another, as a function of the scaled input.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trade {
    pub(super) section: CurveSection,
    pub(super) fees: FeeRule,
    /// Scaled balances of (in, out) now.
    pub(super) before: [f64; 2],
}

/// Doublings of the balance before the search for an upper bound gives up.
const MAX_DOUBLINGS: usize = 400;
/// Steps of the search itself: a bisection alone would need at most this many.
const MAX_STEPS: usize = 200;

impl Trade {
    /// What one more unit put in would put out after fee, once `input` has gone in.
    ///
    /// With a dynamic fee this counts that the next unit changes the fee on all units before it.
    pub(super) fn marginal_output(&self, input: f64) -> f64 {
        let landing = self.section.land(input);
        let fee = self.fees.of_swap(self.before, landing.after);
        let slope = self.fees.slope(self.before, landing.after, landing.price);
        (1.0 - fee) * landing.price - slope * landing.output
    }

    /// The input at which the marginal output, falling, comes down to `target`; `None` if it is there already.
    ///
    /// The input never passes the edge by more than rounding: of the bracket that is left, the lower end is returned.
    pub(super) fn input_to(&self, target: f64) -> Option<f64> {
        let excess = |input: f64| self.marginal_output(input) - target;
        let mut low = 0.0;
        let mut at_low = excess(low);
        if at_low.is_nan() || at_low <= 0.0 {
            return None;
        }
        let mut high = self.before[0];
        let mut at_high = excess(high);
        let mut doublings = 0;
        while at_high > 0.0 {
            if doublings == MAX_DOUBLINGS {
                return None;
            }
            doublings += 1;
            (low, at_low) = (high, at_high);
            high *= 2.0;
            at_high = excess(high);
        }
        if at_high.is_nan() {
            return None;
        }
        close_in(excess, (low, at_low), (high, at_high))
    }
}

/// The lower end of the bracket around the zero of a function that is positive at `low` and not at `high`, once it cannot be narrowed.
///
/// Regula falsi, where the end that stays put twice in a row is given less weight (Anderson and Björck, 1973); a bisection whenever
/// three steps have not halved the bracket.
fn close_in(function: impl Fn(f64) -> f64, low: (f64, f64), high: (f64, f64)) -> Option<f64> {
    let ((mut low, mut at_low), (mut high, mut at_high)) = (low, high);
    let mut width = high - low;
    let mut moved_low = None;
    for step in 0..MAX_STEPS {
        if high - low <= 2.0 * f64::EPSILON * high {
            break;
        }
        let third = step % 3 == 2;
        let bisect = third && high - low > 0.5 * width;
        if third {
            width = high - low;
        }
        let secant = low + (high - low) * (at_low / (at_low - at_high));
        let guess = if bisect || !(secant > low && secant < high) { 0.5 * (low + high) } else { secant };
        let at_guess = function(guess);
        if at_guess == 0.0 {
            return Some(guess);
        }
        let below = at_guess > 0.0;
        let weight = |replaced: f64| Some(1.0 - at_guess / replaced).filter(|weight| *weight > 0.0).unwrap_or(0.5);
        if below {
            if moved_low == Some(true) {
                at_high *= weight(at_low);
            }
            (low, at_low) = (guess, at_guess);
        } else {
            if moved_low == Some(false) {
                at_low *= weight(at_high);
            }
            (high, at_high) = (guess, at_guess);
        }
        moved_low = Some(below);
    }
    (low > 0.0).then_some(low)
}
