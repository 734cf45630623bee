//! All lanes at once.
//!
//! A kernel returns whether some lane moved too far for its few steps: that lane's D is then negative, and the last guess.

use cenote_units::{Lanes, kernel, mask, select};

use super::Terms;
use crate::lanes::FlowLanes;

/// Steps along the curve to a price a block away.
const STEPS: u32 = 4;
/// A last step below this fraction of the balance leaves an error of its square.
const SMALL_STEP: f64 = 1e-5;

kernel! {
    /// Where arbitrageurs take the pool to, as the first balance over D; 0 where it stays; −1 where that is too far for a few steps, and
    /// it says whether there is such a lane.
    pub(super) fn aim<const L: usize>(
        x: &Lanes<L>,
        y: &Lanes<L>,
        d: &Lanes<L>,
        terms: &Terms,
        price: &Lanes<L>,
        place: &mut Lanes<L>,
    ) -> bool {
        let Terms { section, keep, .. } = *terms;
        let inverse_keep = 1.0 / keep;
        let mut far = 0_u64;
        for l in 0..L {
            let inverse = 1.0 / d[l];
            let (u, v) = (x[l] * inverse, y[l] * inverse);
            let now = section.price(u, v);
            let (bottom, top) = (price[l] * keep, price[l] * inverse_keep);
            let target = if now < bottom { bottom } else { now };
            let target = if target > top { top } else { target };
            let inside = mask(target == now);
            // Told of the coin that is scarce there: near the end of the curve the other balance hardly moves.
            let scarce = mask(target > 1.0);
            let aim = select(scarce, target, 1.0 / target);
            let mut at = select(scarce, u, v);
            let mut last = 0.0;
            for _ in 0..STEPS {
                let next = section.step(at, aim);
                last = next - at;
                at = next;
            }
            let away = mask(last.abs() > SMALL_STEP * at) & !inside;
            far |= away;
            let found = select(scarce, at, section.other(at));
            place[l] = select(away, -1.0, select(inside, 0.0, found));
        }
        far != 0
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    pub(super) fn arbitrage<const L: usize>(
        x: &mut Lanes<L>,
        y: &mut Lanes<L>,
        d: &mut Lanes<L>,
        terms: &Terms,
        price: &Lanes<L>,
        min_profit: &Lanes<L>,
        place: &Lanes<L>,
        flow: &mut FlowLanes<L>,
    ) -> bool {
        let Terms { section, keep, fee, admin } = *terms;
        let mut far = 0_u64;
        for l in 0..L {
            let (size, p) = (d[l], price[l]);
            let (x1, y1) = (place[l] * size, section.other(place[l]) * size);
            let sells = mask(x1 > x[l]);
            let (dx, dy) = ((x1 - x[l]).abs(), (y1 - y[l]).abs());
            let (paid, gross) = (select(sells, dx, dy), select(sells, dy, dx));
            let out = gross * keep;
            let profit = select(sells, out - paid * p, out * p - paid);
            let trades = mask(profit > min_profit[l]) & mask(place[l] > 0.0);
            let (paid, out) = (select(trades, paid, 0.0), select(trades, out, 0.0));
            let left = out + select(trades, gross, 0.0) * (fee * admin);
            let new_x = x[l] + select(sells, paid, -left);
            let new_y = y[l] + select(sells, -left, paid);
            x[l] = new_x;
            y[l] = new_y;
            let new_d = select(trades, section.invariant_near(new_x, new_y, size), size);
            far |= mask(new_d < 0.0);
            d[l] = new_d;
            flow.base_in[l] = sells;
            flow.amount_in[l] = paid;
            flow.amount_out[l] = out;
            flow.fee[l] = paid * fee;
        }
        far != 0
    }
}

kernel! {
    pub(super) fn swap<const L: usize>(
        x: &mut Lanes<L>, y: &mut Lanes<L>, d: &mut Lanes<L>, terms: &Terms, flow: &mut FlowLanes<L>,
    ) -> bool {
        let Terms { section, keep, fee, admin } = *terms;
        let mut far = 0_u64;
        for l in 0..L {
            let (size, sells) = (d[l], flow.base_in[l]);
            let (r0, r1) = (x[l], y[l]);
            let (r_in, r_out) = (select(sells, r0, r1), select(sells, r1, r0));
            let paid = flow.amount_in[l];
            let gross = r_out - section.other((r_in + paid) / size) * size;
            // What is no amount, or buys nothing, does not trade.
            let trades = mask(paid > 0.0) & mask(gross > 0.0);
            let (paid, gross) = (select(trades, paid, 0.0), select(trades, gross, 0.0));
            let out = gross * keep;
            let (r_in, r_out) = (r_in + paid, r_out - (out + gross * (fee * admin)));
            let (new_x, new_y) = (select(sells, r_in, r_out), select(sells, r_out, r_in));
            x[l] = new_x;
            y[l] = new_y;
            let new_d = select(trades, section.invariant_near(new_x, new_y, size), size);
            far |= mask(new_d < 0.0);
            d[l] = new_d;
            flow.amount_in[l] = paid;
            flow.amount_out[l] = out;
            flow.fee[l] = paid * fee;
        }
        far != 0
    }
}
