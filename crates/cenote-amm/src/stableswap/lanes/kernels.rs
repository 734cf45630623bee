//! All lanes at once.
//!
//! A kernel returns whether some lane moved too far for its few steps: its D is then negative, and the last guess.

use cenote_units::{Lanes, kernel, mask, select};

use super::Terms;
use super::section::Section;
use crate::lanes::FlowLanes;

/// Steps along the curve to a price a block away.
const STEPS: u32 = 4;
/// A last step below this fraction of the balance leaves an error of its square.
const SMALL_STEP: f64 = 1e-5;

/// Where arbitrageurs take the pool to: both balances over D.
#[derive(Clone, Debug)]
pub(super) struct Places<const L: usize> {
    pub(super) u: Lanes<L>,
    pub(super) v: Lanes<L>,
    /// Zero where the pool stays; not a number where it is too far for a few steps, and the balances are no answer.
    pub(super) aim: Lanes<L>,
}

/// Finds them, and says whether there is a lane where they are too far.
///
/// One kernel for each step: a loop inside the loop over lanes would not vectorise.
pub(super) fn aim<const L: usize>(
    x: &Lanes<L>,
    y: &Lanes<L>,
    d: &Lanes<L>,
    terms: &Terms,
    price: &Lanes<L>,
    places: &mut Places<L>,
) -> bool {
    let Places { u, v, aim } = places;
    // The last step is kept where the other balance will be.
    begin(x, y, d, terms, price, aim, u);
    for _ in 0..STEPS {
        advance(&terms.section, aim, u, v);
    }
    let far = judge(u, v, aim);
    end(&terms.section, aim, u, v);
    far
}

kernel! {
    /// The price to go to, of the coin that is scarce there, and its balance over D now. The price is negative where that is the second
    /// coin, and zero where the pool stays.
    fn begin<const L: usize>(
        x: &Lanes<L>,
        y: &Lanes<L>,
        d: &Lanes<L>,
        terms: &Terms,
        price: &Lanes<L>,
        aim: &mut Lanes<L>,
        at: &mut Lanes<L>,
    ) {
        let Terms { section, keep, .. } = *terms;
        let inverse_keep = 1.0 / keep;
        for l in 0..L {
            let inverse = 1.0 / d[l];
            let (u, v) = (x[l] * inverse, y[l] * inverse);
            let now = section.price(u, v);
            let (bottom, top) = (price[l] * keep, price[l] * inverse_keep);
            let target = if now < bottom { bottom } else { now };
            let target = if target > top { top } else { target };
            // Told of the coin that is scarce there: near the end of the curve the other balance hardly moves.
            let scarce = mask(target > 1.0);
            let told = select(scarce, target, -1.0 / target);
            aim[l] = select(mask(target == now), 0.0, told);
            at[l] = select(scarce, u, v);
        }
    }
}

kernel! {
    fn advance<const L: usize>(section: &Section, aim: &Lanes<L>, at: &mut Lanes<L>, step: &mut Lanes<L>) {
        for l in 0..L {
            let next = section.step(at[l], aim[l].abs());
            step[l] = next - at[l];
            at[l] = next;
        }
    }
}

kernel! {
    fn judge<const L: usize>(at: &Lanes<L>, step: &Lanes<L>, aim: &mut Lanes<L>) -> bool {
        let mut far = 0_u64;
        for l in 0..L {
            let moves = mask(aim[l] != 0.0);
            let away = mask(step[l].abs() > SMALL_STEP * at[l]) & moves;
            far |= away;
            // Not a number, and still of the sign that it has.
            aim[l] = f64::from_bits(aim[l].to_bits() | (away & f64::NAN.to_bits()));
        }
        far != 0
    }
}

kernel! {
    /// The other balance, wherever the pool goes: left to those lanes that go somewhere, it would not vectorise.
    fn end<const L: usize>(section: &Section, aim: &Lanes<L>, u: &mut Lanes<L>, v: &mut Lanes<L>) {
        for l in 0..L {
            let at = u[l];
            let other = section.other(at);
            let first = mask(aim[l].to_bits() >> 63 == 0);
            u[l] = select(first, at, other);
            v[l] = select(first, other, at);
        }
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
        places: &Places<L>,
        flow: &mut FlowLanes<L>,
    ) -> bool {
        let Terms { section, keep, fee, admin } = *terms;
        let mut far = 0_u64;
        for l in 0..L {
            let (size, p) = (d[l], price[l]);
            let (x1, y1) = (places.u[l] * size, places.v[l] * size);
            let sells = mask(x1 > x[l]);
            let (dx, dy) = ((x1 - x[l]).abs(), (y1 - y[l]).abs());
            let (paid, gross) = (select(sells, dx, dy), select(sells, dy, dx));
            let out = gross * keep;
            let profit = select(sells, out - paid * p, out * p - paid);
            let trades = mask(profit > min_profit[l]) & mask(places.aim[l] != 0.0);
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
