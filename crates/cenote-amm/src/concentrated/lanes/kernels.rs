//! All lanes at once: moves between two ends of positions.
//!
//! A lane whose move would cross an end is left as it was and told: by its bit, or where there are none by a negative fee.

use cenote_units::{LaneBits, Lanes, kernel, mask, select};

use super::Terms;
use super::place::SUMS;
use crate::lanes::{DepthLanes, FewTrades, FlowLanes};

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

/// What a move of one lane from `s` to `end` takes, without fee, and gives, per unit of liquidity.
#[inline(always)]
fn step(s: f64, end: f64, down: u64) -> (f64, f64) {
    // Of token 1 and of token 0, per unit of liquidity, without sign.
    let of_one = (end - s).abs();
    let of_zero = of_one / (s * end);
    (select(down, of_zero, of_one), select(down, of_one, of_zero))
}

/// A trade of one lane that stays between two ends of positions.
pub(super) struct Trade {
    /// All ones where token 0 is paid in.
    pub(super) down: u64,
    /// All ones where it happens, and where it would cross an end.
    pub(super) trades: u64,
    pub(super) crosses: u64,
    /// Square root of the price after it.
    pub(super) end: f64,
    /// Input without fee and output per unit of liquidity, and in all.
    pub(super) unit: f64,
    pub(super) unit_out: f64,
    pub(super) net: f64,
    pub(super) out: f64,
}

/// Where a lane is: square roots of its price and of the ends around it, and liquidity.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) s: f64,
    pub(super) lo: f64,
    pub(super) hi: f64,
    pub(super) liquidity: f64,
}

/// To the edge of the no-arbitrage band around `price`, if it gains more than `least`.
#[inline(always)]
#[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
pub(super) fn arbitrage_lane(at: At, terms: &Terms, price: f64, least: f64) -> Trade {
    let At { s, lo, hi, liquidity } = at;
    let root = price.sqrt();
    let (bottom, top) = (root * terms.root_keep, root * terms.inverse_root_keep);
    let end = if s < bottom { bottom } else { s };
    let end = if end > top { top } else { end };
    let down = mask(end < s);
    let crosses = mask((end <= lo) | (end >= hi)) & mask(end != s);
    let (unit, unit_out) = step(s, end, down);
    let (net, out) = (liquidity * unit, liquidity * unit_out);
    let paid = net * terms.gross;
    // In token 1: what comes out is worth more than what goes in by this.
    let profit = select(down, out - paid * price, out * price - paid);
    let trades = mask(profit > least) & mask(end != s) & !crosses;
    Trade {
        down,
        trades,
        crosses,
        end: select(trades, end, s),
        unit: select(trades, unit, 0.0),
        unit_out: select(trades, unit_out, 0.0),
        net: select(trades, net, 0.0),
        out: select(trades, out, 0.0),
    }
}

/// For this much input, fee included.
#[inline(always)]
#[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
pub(super) fn swap_lane(at: At, terms: &Terms, down: u64, amount_in: f64) -> Trade {
    let At { s, lo, hi, liquidity } = at;
    let net = amount_in * terms.keep;
    // ℓs / (ℓ + net s) or s + net / ℓ, from one division.
    let below = liquidity + net * s;
    let quotient = select(down, liquidity * s, net) / select(down, below, liquidity);
    let end = select(down, quotient, s + quotient);
    let wants = mask(amount_in > 0.0);
    // No liquidity here: not a number, and so a crossing.
    let stays = mask((end > lo) & (end < hi) & (liquidity > 0.0));
    let trades = wants & stays;
    let end = select(trades, end, s);
    let (unit, unit_out) = step(s, end, down);
    Trade { down, trades, crosses: wants & !stays, end, unit, unit_out, net: select(trades, net, 0.0), out: liquidity * unit_out }
}

/// What a trade adds to the sums per unit of liquidity, when tokens are worth so much.
pub(super) struct Growth {
    /// Providers' fee, in the token paid in.
    pub(super) fee: f64,
    pub(super) loss: f64,
    /// The fee, as it is worth.
    pub(super) earned: f64,
}

impl Trade {
    #[inline(always)]
    pub(super) fn growth(&self, terms: &Terms, worth: [f64; 2]) -> Growth {
        let (worth_in, worth_out) = (select(self.down, worth[0], worth[1]), select(self.down, worth[1], worth[0]));
        let fee = self.unit * terms.earned;
        Growth { fee, loss: self.unit_out * worth_out - self.unit * worth_in, earned: fee * worth_in }
    }
}

/// Lanes from here and there, side by side. Places beyond those lanes hold what was there last: a trade that nobody asks for.
#[derive(Clone, Debug)]
pub(super) struct Together {
    pub(super) s: Lanes<MOST>,
    pub(super) lo: Lanes<MOST>,
    pub(super) hi: Lanes<MOST>,
    pub(super) liquidity: Lanes<MOST>,
    pub(super) price: Lanes<MOST>,
    pub(super) least: Lanes<MOST>,
    pub(super) worth: [Lanes<MOST>; 2],
    /// What is added to the sums per unit of liquidity, and to the reserves.
    pub(super) growth: [Lanes<MOST>; SUMS],
    pub(super) reserves: [Lanes<MOST>; 2],
}

const MOST: usize = FewTrades::<1>::MOST;

impl Together {
    /// Nothing that trades.
    pub(super) fn new() -> Self {
        let [one, zero] = [Lanes::splat(1.0), Lanes::ZERO];
        Self {
            s: one,
            lo: zero,
            hi: Lanes::splat(f64::INFINITY),
            liquidity: zero,
            price: one,
            least: zero,
            worth: [zero; 2],
            growth: [zero; SUMS],
            reserves: [zero; 2],
        }
    }
}

kernel! {
    /// In the first `count` places, and in some after them.
    pub(super) fn arbitrage_together(all: &mut Together, count: usize, terms: &Terms, flow: &mut FlowLanes<MOST>) -> bool {
        /// As many as the widest instructions take.
        const WIDE: usize = 8;
        let Together { s, lo, hi, liquidity, price, least, worth: [worth0, worth1], growth, reserves } = all;
        let [growth0, growth1, loss, earned] = growth;
        let [reserve0, reserve1] = reserves;
        let FlowLanes { base_in, amount_in, amount_out, fee, .. } = flow;
        let mut crossings = 0_u64;
        for first in (0..MOST).step_by(WIDE).take_while(|&first| first < count) {
            for k in first..first + WIDE {
                let at = At { s: s[k], lo: lo[k], hi: hi[k], liquidity: liquidity[k] };
                let trade = arbitrage_lane(at, terms, price[k], least[k]);
                let growth = trade.growth(terms, [worth0[k], worth1[k]]);
                let Trade { down, crosses, end, net, out, .. } = trade;
                crossings |= crosses;
                let paid = net * terms.gross;
                s[k] = end;
                growth0[k] = select(down, growth.fee, 0.0);
                growth1[k] = select(down, 0.0, growth.fee);
                loss[k] = growth.loss;
                earned[k] = growth.earned;
                reserve0[k] = select(down, net, -out);
                reserve1[k] = select(down, -out, net);
                base_in[k] = down;
                amount_in[k] = paid;
                amount_out[k] = out;
                fee[k] = select(crosses, -1.0, paid * terms.fee);
            }
        }
        crossings != 0
    }
}

kernel! {
    /// A bit for each lane that may be outside its no-arbitrage band: all that are, and at the edge some that are not. `low` and `high`
    /// are the edges over the outside price.
    #[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
    pub(super) fn outside<const L: usize>(s: &Lanes<L>, price: &Lanes<L>, low: f64, high: f64, bits: &mut LaneBits<L>) {
        bits.set(|l| {
            let spot = s[l] * s[l];
            (spot < price[l] * low) | (spot > price[l] * high)
        });
    }
}

kernel! {
    /// Sets the bits of lanes that would cross an end: they are left as they were. `SEEN`: the flow is filled in.
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    pub(super) fn arbitrage<const L: usize, const SEEN: bool>(
        s: &mut Lanes<L>,
        lo: &Lanes<L>,
        hi: &Lanes<L>,
        liquidity: &Lanes<L>,
        growth0: &mut Lanes<L>,
        growth1: &mut Lanes<L>,
        loss: &mut Lanes<L>,
        earned: &mut Lanes<L>,
        worth0: &Lanes<L>,
        worth1: &Lanes<L>,
        reserve0: &mut Lanes<L>,
        reserve1: &mut Lanes<L>,
        terms: &Terms,
        price: &Lanes<L>,
        min_profit: &Lanes<L>,
        flow: &mut FlowLanes<L>,
        crossing: &mut LaneBits<L>,
    ) {
        let Terms { gross, fee, .. } = *terms;
        crossing.set_by(|l| {
            let at = At { s: s[l], lo: lo[l], hi: hi[l], liquidity: liquidity[l] };
            let trade = arbitrage_lane(at, terms, price[l], min_profit[l]);
            let growth = trade.growth(terms, [worth0[l], worth1[l]]);
            let Trade { down, crosses, end, net, out, .. } = trade;
            s[l] = end;
            growth0[l] += select(down, growth.fee, 0.0);
            growth1[l] += select(down, 0.0, growth.fee);
            loss[l] += growth.loss;
            earned[l] += growth.earned;
            reserve0[l] += select(down, net, -out);
            reserve1[l] += select(down, -out, net);
            if SEEN {
                let paid = net * gross;
                flow.base_in[l] = down;
                flow.amount_in[l] = paid;
                flow.amount_out[l] = out;
                flow.fee[l] = paid * fee;
            }
            crosses
        });
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    pub(super) fn swap<const L: usize>(
        s: &mut Lanes<L>,
        lo: &Lanes<L>,
        hi: &Lanes<L>,
        liquidity: &Lanes<L>,
        growth0: &mut Lanes<L>,
        growth1: &mut Lanes<L>,
        loss: &mut Lanes<L>,
        earned: &mut Lanes<L>,
        worth0: &Lanes<L>,
        worth1: &Lanes<L>,
        reserve0: &mut Lanes<L>,
        reserve1: &mut Lanes<L>,
        terms: &Terms,
        flip: u64,
        flow: &mut FlowLanes<L>,
    ) -> bool {
        let fee = terms.fee;
        let mut crossings = 0_u64;
        for l in 0..L {
            let amount_in = flow.amount_in[l];
            let at = At { s: s[l], lo: lo[l], hi: hi[l], liquidity: liquidity[l] };
            let trade = swap_lane(at, terms, flow.base_in[l] ^ flip, amount_in);
            let growth = trade.growth(terms, [worth0[l], worth1[l]]);
            let Trade { down, crosses, end, net, out, .. } = trade;
            crossings |= crosses;
            s[l] = end;
            growth0[l] += select(down, growth.fee, 0.0);
            growth1[l] += select(down, 0.0, growth.fee);
            loss[l] += growth.loss;
            earned[l] += growth.earned;
            reserve0[l] += select(down, net, -out);
            reserve1[l] += select(down, -out, net);
            flow.amount_out[l] = out;
            flow.fee[l] = select(crosses, -1.0, amount_in * fee);
            // What is not an amount does not trade.
            flow.amount_in[l] = select(mask(amount_in > 0.0), amount_in, 0.0);
        }
        crossings != 0
    }
}
