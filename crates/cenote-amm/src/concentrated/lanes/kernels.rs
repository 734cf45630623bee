//! All lanes at once: moves between two ends of positions.
//!
//! A lane whose move would cross an end is left as it was and told by a negative fee; a kernel returns whether there is one.

use cenote_units::{Lanes, kernel, mask, select};

use super::Terms;
use crate::lanes::{DepthLanes, FlowLanes};

kernel! {
    pub(super) fn spot_price<const L: usize>(s: &Lanes<L>, inverse: bool, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = s[l] * s[l];
        }
        if inverse {
            for l in 0..L {
                out[l] = 1.0 / out[l];
            }
        }
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    /// With liquidity ℓ, token 0 net of fee e takes 1/s to 1/s + e/ℓ and gives ℓ(s − s'); token 1 takes s to s + e/ℓ.
    pub(super) fn depth<const L: usize>(
        s: &Lanes<L>,
        lo: &Lanes<L>,
        hi: &Lanes<L>,
        liquidity: &Lanes<L>,
        keep: f64,
        flip: u64,
        base_in: &[u64; L],
        depth: &mut DepthLanes<L>,
    ) {
        let gross = 1.0 / keep;
        for l in 0..L {
            let down = base_in[l] ^ flip;
            let inverse = 1.0 / s[l];
            let (root, end) = (select(down, s[l], inverse), select(down, 1.0 / lo[l] - inverse, hi[l] - s[l]));
            let some = mask(liquidity[l] > 0.0);
            depth.rate[l] = select(some, keep * root * root, 0.0);
            depth.impact[l] = select(some, keep * root / liquidity[l], 0.0);
            depth.exact_to[l] = select(some, end * liquidity[l] * gross, 0.0);
        }
    }
}

/// What a move of one lane from `s` to `end` takes and gives: input per unit of liquidity, input without fee, output.
#[inline(always)]
fn step(s: f64, end: f64, liquidity: f64, down: u64) -> (f64, f64, f64) {
    // Of token 1 and of token 0, per unit of liquidity, without sign.
    let of_one = (end - s).abs();
    let of_zero = of_one / (s * end);
    let (unit_in, unit_out) = (select(down, of_zero, of_one), select(down, of_one, of_zero));
    (unit_in, liquidity * unit_in, liquidity * unit_out)
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    #[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
    pub(super) fn arbitrage<const L: usize>(
        s: &mut Lanes<L>,
        lo: &Lanes<L>,
        hi: &Lanes<L>,
        liquidity: &Lanes<L>,
        growth0: &mut Lanes<L>,
        growth1: &mut Lanes<L>,
        reserve0: &mut Lanes<L>,
        reserve1: &mut Lanes<L>,
        terms: &Terms,
        price: &Lanes<L>,
        min_profit: &Lanes<L>,
        flow: &mut FlowLanes<L>,
    ) -> bool {
        let Terms { root_keep, inverse_root_keep, gross, earned, fee, .. } = *terms;
        let mut crossings = 0_u64;
        for l in 0..L {
            let root = price[l].sqrt();
            let (bottom, top) = (root * root_keep, root * inverse_root_keep);
            let at = s[l];
            let end = if at < bottom { bottom } else { at };
            let end = if end > top { top } else { end };
            let down = mask(end < at);
            let crosses = mask((end <= lo[l]) | (end >= hi[l])) & mask(end != at);
            crossings |= crosses;
            let (unit_in, net, out) = step(at, end, liquidity[l], down);
            let paid = net * gross;
            // In token 1: what comes out is worth more than what goes in by this.
            let profit = select(down, out - paid * price[l], out * price[l] - paid);
            let trades = mask(profit > min_profit[l]) & mask(end != at) & !crosses;
            let (net, out) = (select(trades, net, 0.0), select(trades, out, 0.0));
            let unit = select(trades, unit_in * earned, 0.0);
            let paid = net * gross;
            s[l] = select(trades, end, at);
            growth0[l] += select(down, unit, 0.0);
            growth1[l] += select(down, 0.0, unit);
            reserve0[l] += select(down, net, -out);
            reserve1[l] += select(down, -out, net);
            flow.base_in[l] = down;
            flow.amount_in[l] = paid;
            flow.amount_out[l] = out;
            flow.fee[l] = select(crosses, -1.0, paid * fee);
        }
        crossings != 0
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    #[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
    pub(super) fn swap<const L: usize>(
        s: &mut Lanes<L>,
        lo: &Lanes<L>,
        hi: &Lanes<L>,
        liquidity: &Lanes<L>,
        growth0: &mut Lanes<L>,
        growth1: &mut Lanes<L>,
        reserve0: &mut Lanes<L>,
        reserve1: &mut Lanes<L>,
        terms: &Terms,
        flip: u64,
        flow: &mut FlowLanes<L>,
    ) -> bool {
        let Terms { keep, earned, fee, .. } = *terms;
        let mut crossings = 0_u64;
        for l in 0..L {
            let (at, depth, amount_in) = (s[l], liquidity[l], flow.amount_in[l]);
            let down = flow.base_in[l] ^ flip;
            let net = amount_in * keep;
            // ℓs / (ℓ + net s) or s + net / ℓ, from one division.
            let below = depth + net * at;
            let quotient = select(down, depth * at, net) / select(down, below, depth);
            let end = select(down, quotient, at + quotient);
            let wants = mask(amount_in > 0.0);
            // No liquidity here: not a number, and so a crossing.
            let stays = mask((end > lo[l]) & (end < hi[l]) & (depth > 0.0));
            let trades = wants & stays;
            let crosses = wants & !stays;
            crossings |= crosses;
            let end = select(trades, end, at);
            let net = select(trades, net, 0.0);
            let (unit_in, _, out) = step(at, end, depth, down);
            let unit = unit_in * earned;
            s[l] = end;
            growth0[l] += select(down, unit, 0.0);
            growth1[l] += select(down, 0.0, unit);
            reserve0[l] += select(down, net, -out);
            reserve1[l] += select(down, -out, net);
            flow.amount_out[l] = out;
            flow.fee[l] = select(crosses, -1.0, amount_in * fee);
            // What is not an amount does not trade.
            flow.amount_in[l] = select(wants, amount_in, 0.0);
        }
        crossings != 0
    }
}
