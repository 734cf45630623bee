//! All lanes at once: moves between two ends of positions.
//!
//! A lane whose move would cross an end is left as it was and told: by its bit, or where there are none by a negative fee.

use cenote_units::{LaneBits, Lanes, kernel, mask, select};

use super::place::SUMS;
use super::{NEAR, Terms};
use crate::lanes::{DepthLanes, FewTrades, FlowLanes};

kernel! {
    /// Prices of token 0 from their roots, of token 1 from the inverses.
    pub(super) fn squares<const L: usize>(root: &Lanes<L>, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = root[l] * root[l];
        }
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    /// With liquidity ℓ, token 0 net of fee e takes 1/s to 1/s + e/ℓ and gives ℓ(s − s'); token 1 takes s to s + e/ℓ.
    pub(super) fn depth<const L: usize>(
        s: &Lanes<L>,
        inverse: &Lanes<L>,
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
            let (root, end) = (select(down, s[l], inverse[l]), select(down, 1.0 / lo[l] - inverse[l], hi[l] - s[l]));
            let some = mask(liquidity[l] > 0.0);
            depth.rate[l] = select(some, keep * root * root, 0.0);
            depth.impact[l] = select(some, keep * root / liquidity[l], 0.0);
            depth.exact_to[l] = select(some, end * liquidity[l] * gross, 0.0);
        }
    }
}

/// (1 + x)^-½ for |x| ≤ 0.08, within 1.5e-6: Chebyshev.
const ROOT: [f64; 4] = [0.999_998_592_571_785_7, -0.499_998_733_101_795_8, 0.376_758_123_800_326_2, -0.314_082_544_146_681_7];
/// Prices further than this from the edge of the band, relatively, are walked to.
const FAR: f64 = 0.08;

/// How far the outside price is outside the band around the pool's, relatively.
#[inline(always)]
fn away(inverse: f64, terms: &Terms, price: f64) -> f64 {
    let ratio = price * (inverse * inverse);
    let (below, above) = (ratio * terms.keep - 1.0, ratio * terms.gross - 1.0);
    let x = if above < 0.0 { above } else { 0.0 };
    if below > x { below } else { x }
}

/// 1/√(1 + x) for |x| ≤ 0.08: a polynomial and one step of Householder's method of the third order, from which two or three units in
/// the last place remain. A square root and a division take longer.
#[inline(always)]
fn inverse_root(x: f64) -> f64 {
    let y = (ROOT[0] + ROOT[1] * x) + (x * x) * (ROOT[2] + ROOT[3] * x);
    let e = 1.0 - ((1.0 + x) * y) * y;
    y + y * (e * (0.5 + 0.375 * e))
}

/// Where a lane is: square root of its price, its inverse, and the ends around it, and liquidity.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) s: f64,
    pub(super) inverse: f64,
    pub(super) lo: f64,
    pub(super) hi: f64,
    pub(super) liquidity: f64,
}

/// A trade of one lane that stays between two ends of positions.
pub(super) struct Trade {
    /// All ones where token 0 is paid in.
    pub(super) down: u64,
    /// All ones where it happens, and where it has to be walked, for it would cross an end or is too far.
    pub(super) trades: u64,
    pub(super) crosses: u64,
    /// Square root of the price after it, and its inverse.
    pub(super) s: f64,
    pub(super) inverse: f64,
    /// By how much the one rises and the other falls: what a unit of liquidity takes of token 1 and gives of token 0.
    pub(super) rise: f64,
    pub(super) fall: f64,
}

/// To the edge of the no-arbitrage band, from which the price is so far `away`, if it gains more than `least`. The inverse of the root of
/// the price moves by `factor`.
#[inline(always)]
#[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
fn move_to(at: At, terms: &Terms, price: f64, least: f64, away: f64, factor: f64) -> Trade {
    let At { s, inverse, lo, hi, liquidity } = at;
    let down = mask(away < 0.0);
    // Whatever the old inverse rounded cancels.
    let new_inverse = inverse * factor;
    let end = (price * select(down, terms.gross, terms.keep)) * new_inverse;
    let moves = mask(away.abs() > NEAR);
    let crosses = mask((end <= lo) | (end >= hi) | (away.abs() > FAR)) & moves;
    let rise = end - s;
    // What comes out is worth more than what goes in: at the edge, in token 1, (√price − √price)²/√price per unit of liquidity.
    let profit = (rise * rise) * (liquidity * (inverse * select(down, 1.0, terms.gross)));
    let trades = moves & mask(profit > least) & !crosses;
    let rise = select(trades, rise, 0.0);
    let fall = rise * (inverse * new_inverse);
    // Added, not chosen: a choice becomes a store of some lanes only.
    let s = s + rise;
    Trade { down: down & trades, trades, crosses, s, inverse: select(trades, new_inverse, inverse), rise, fall }
}

/// For this much input, fee included.
#[inline(always)]
#[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
pub(super) fn swap_lane(at: At, terms: &Terms, down: u64, amount_in: f64) -> Trade {
    let At { s, inverse, lo, hi, liquidity } = at;
    // Token 0 adds to the inverse of the root, token 1 to the root itself. No liquidity: not a number, and so a crossing.
    let unit = amount_in * terms.keep / liquidity;
    let moved = select(down, inverse, s) + unit;
    let other = 1.0 / moved;
    let (end, new_inverse) = (select(down, other, moved), select(down, moved, other));
    let wants = mask(amount_in > 0.0);
    let stays = mask((end > lo) & (end < hi) & (liquidity > 0.0));
    let trades = wants & stays;
    Trade {
        down,
        trades,
        crosses: wants & !stays,
        s: select(trades, end, s),
        inverse: select(trades, new_inverse, inverse),
        rise: select(trades, select(down, -unit * (s * end), unit), 0.0),
        fall: select(trades, select(down, -unit, unit * (inverse * new_inverse)), 0.0),
    }
}

/// What a unit of liquidity takes, without fee, and gives in a move in which the root of the price rises by so much and its inverse falls.
#[inline(always)]
pub(super) fn unit(rise: f64, fall: f64) -> (f64, f64) {
    let down = mask(rise < 0.0);
    (select(down, -fall, rise), select(down, -rise, fall))
}

/// What a move adds to the sums per unit of liquidity, when tokens are worth so much.
#[inline(always)]
pub(super) fn growth(rise: f64, fall: f64, terms: &Terms, worth: [f64; 2]) -> [f64; SUMS] {
    let down = mask(rise < 0.0);
    let fee = unit(rise, fall).0 * terms.earned;
    let loss = fall * worth[0] - rise * worth[1];
    [select(down, fee, 0.0), select(down, 0.0, fee), loss, fee * select(down, worth[0], worth[1])]
}

kernel! {
    /// A bit for each lane that is outside its no-arbitrage band.
    pub(super) fn outside<const L: usize>(inverse: &Lanes<L>, price: &Lanes<L>, terms: &Terms, bits: &mut LaneBits<L>) {
        bits.set(|l| away(inverse[l], terms, price[l]).abs() > NEAR);
    }
}

kernel! {
    /// What [`arbitrage`] starts from. The loops of an arbitrage are several, for one would be a long chain of operations that wait for one
    /// another.
    pub(super) fn aim<const L: usize>(
        inverse: &Lanes<L>, price: &Lanes<L>, terms: &Terms, away: &mut Lanes<L>, factor: &mut Lanes<L>,
    ) {
        for l in 0..L {
            away[l] = self::away(inverse[l], terms, price[l]);
        }
        for l in 0..L {
            factor[l] = inverse_root(away[l]);
        }
    }
}

kernel! {
    /// Moves to the edge of the band, where it gains more than `min_profit`: on return `away` is how much the root of the price has risen,
    /// and `factor` how much its inverse has fallen. Sets the bits of lanes that have to be walked: they are left as they were.
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    pub(super) fn arbitrage<const L: usize>(
        s: &mut Lanes<L>,
        inverse: &mut Lanes<L>,
        lo: &Lanes<L>,
        hi: &Lanes<L>,
        liquidity: &Lanes<L>,
        terms: &Terms,
        price: &Lanes<L>,
        min_profit: &Lanes<L>,
        away: &mut Lanes<L>,
        factor: &mut Lanes<L>,
        crossing: &mut LaneBits<L>,
    ) {
        crossing.set_by(|l| {
            let at = At { s: s[l], inverse: inverse[l], lo: lo[l], hi: hi[l], liquidity: liquidity[l] };
            let trade = move_to(at, terms, price[l], min_profit[l], away[l], factor[l]);
            s[l] = trade.s;
            inverse[l] = trade.inverse;
            away[l] = trade.rise;
            factor[l] = trade.fall;
            trade.crosses
        });
    }
}

kernel! {
    /// What moves add to the sums per unit of liquidity.
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    pub(super) fn grow<const L: usize>(
        rise: &Lanes<L>,
        fall: &Lanes<L>,
        growth0: &mut Lanes<L>,
        growth1: &mut Lanes<L>,
        loss: &mut Lanes<L>,
        earned: &mut Lanes<L>,
        worth0: &Lanes<L>,
        worth1: &Lanes<L>,
        terms: &Terms,
    ) {
        for l in 0..L {
            let more = growth(rise[l], fall[l], terms, [worth0[l], worth1[l]]);
            growth0[l] += more[0];
            growth1[l] += more[1];
            loss[l] += more[2];
            earned[l] += more[3];
        }
    }
}

kernel! {
    /// Fills in the flow of moves: `ALL` of it, or the amounts paid in.
    pub(super) fn tell<const L: usize, const ALL: bool>(
        rise: &Lanes<L>, fall: &Lanes<L>, liquidity: &Lanes<L>, terms: &Terms, flow: &mut FlowLanes<L>,
    ) {
        for l in 0..L {
            let (unit, unit_out) = unit(rise[l], fall[l]);
            let paid = liquidity[l] * unit * terms.gross;
            flow.amount_in[l] = paid;
            if ALL {
                flow.base_in[l] = mask(rise[l] < 0.0);
                flow.amount_out[l] = liquidity[l] * unit_out;
                flow.fee[l] = paid * terms.fee;
            }
        }
    }
}

/// Lanes from here and there, side by side. Places beyond those lanes hold what was there last: trades that nobody asks for.
#[derive(Clone, Debug)]
pub(super) struct Together {
    pub(super) s: Lanes<MOST>,
    pub(super) inverse: Lanes<MOST>,
    pub(super) lo: Lanes<MOST>,
    pub(super) hi: Lanes<MOST>,
    pub(super) liquidity: Lanes<MOST>,
    pub(super) price: Lanes<MOST>,
    pub(super) least: Lanes<MOST>,
    pub(super) worth: [Lanes<MOST>; 2],
    /// What is added to the sums per unit of liquidity.
    pub(super) growth: [Lanes<MOST>; SUMS],
}

const MOST: usize = FewTrades::<1>::MOST;

impl Together {
    /// Nothing that trades.
    pub(super) fn new() -> Self {
        let [one, zero] = [Lanes::splat(1.0), Lanes::ZERO];
        Self {
            s: one,
            inverse: one,
            lo: zero,
            hi: Lanes::splat(f64::INFINITY),
            liquidity: zero,
            price: one,
            least: zero,
            worth: [zero; 2],
            growth: [zero; SUMS],
        }
    }
}

kernel! {
    /// An arbitrage in the first `count` places, and in some after them; the fee is below zero where lanes have to be walked.
    pub(super) fn arbitrage_together(all: &mut Together, count: usize, terms: &Terms, flow: &mut FlowLanes<MOST>) -> bool {
        /// As many as the widest instructions take.
        const WIDE: usize = 8;
        let Together { s, inverse, lo, hi, liquidity, price, least, worth: [worth0, worth1], growth: sums } = all;
        let [growth0, growth1, loss, earned] = sums;
        let FlowLanes { base_in, amount_in, amount_out, fee, .. } = flow;
        let mut crossings = 0_u64;
        for first in (0..MOST).step_by(WIDE).take_while(|&first| first < count) {
            for k in first..first + WIDE {
                let at = At { s: s[k], inverse: inverse[k], lo: lo[k], hi: hi[k], liquidity: liquidity[k] };
                let x = away(at.inverse, terms, price[k]);
                let trade = move_to(at, terms, price[k], least[k], x, inverse_root(x));
                let more = growth(trade.rise, trade.fall, terms, [worth0[k], worth1[k]]);
                crossings |= trade.crosses;
                (s[k], inverse[k]) = (trade.s, trade.inverse);
                (growth0[k], growth1[k], loss[k], earned[k]) = (more[0], more[1], more[2], more[3]);
                let (unit, unit_out) = unit(trade.rise, trade.fall);
                let paid = liquidity[k] * unit * terms.gross;
                base_in[k] = trade.down;
                amount_in[k] = paid;
                amount_out[k] = liquidity[k] * unit_out;
                fee[k] = select(trade.crosses, -1.0, paid * terms.fee);
            }
        }
        crossings != 0
    }
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    pub(super) fn swap<const L: usize>(
        s: &mut Lanes<L>,
        inverse: &mut Lanes<L>,
        lo: &Lanes<L>,
        hi: &Lanes<L>,
        liquidity: &Lanes<L>,
        terms: &Terms,
        flip: u64,
        flow: &mut FlowLanes<L>,
        rise: &mut Lanes<L>,
        fall: &mut Lanes<L>,
    ) -> bool {
        let fee = terms.fee;
        let mut crossings = 0_u64;
        for l in 0..L {
            let amount_in = flow.amount_in[l];
            let at = At { s: s[l], inverse: inverse[l], lo: lo[l], hi: hi[l], liquidity: liquidity[l] };
            let trade = swap_lane(at, terms, flow.base_in[l] ^ flip, amount_in);
            crossings |= trade.crosses;
            s[l] = trade.s;
            inverse[l] = trade.inverse;
            rise[l] = trade.rise;
            fall[l] = trade.fall;
            flow.amount_out[l] = liquidity[l] * unit(trade.rise, trade.fall).1;
            flow.fee[l] = select(trade.crosses, -1.0, amount_in * fee);
            // What is not an amount does not trade.
            flow.amount_in[l] = select(mask(amount_in > 0.0), amount_in, 0.0);
        }
        crossings != 0
    }
}

kernel! {
    /// What a pool's liquidity is of token 0, at the inverse of the root of the price, or of token 1, at the root.
    pub(super) fn reserves<const L: usize>(beyond: &Lanes<L>, liquidity: &Lanes<L>, root: &Lanes<L>, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] = beyond[l] + liquidity[l] * root[l];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FAR, inverse_root};

    #[test]
    fn inverse_roots_have_all_their_digits_but_the_last() {
        for i in -8000..=8000 {
            let x = FAR * f64::from(i) / 8000.0;
            let (got, want) = (inverse_root(x), 1.0 / (1.0 + x).sqrt());
            assert!((got / want - 1.0).abs() <= 6e-16, "{x}: {got} for {want}");
        }
    }
}
