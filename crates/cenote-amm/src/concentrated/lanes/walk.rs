//! One lane at a time: moves that cross the ends of positions.

use super::ConcentratedLanes;
use super::place::{EARNED, LOSS};

/// A move of one lane's price, as planned.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    /// Whether the price falls: token 0 is paid in.
    pub(super) down: bool,
    /// Square root of the price at the end.
    end: f64,
    /// Fee included.
    pub(super) amount_in: f64,
    pub(super) amount_out: f64,
}

/// A stretch of constant liquidity.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    lo: f64,
    hi: f64,
    liquidity: f64,
}

/// How far a walk goes in a stretch.
#[derive(Clone, Copy)]
pub(super) enum Goal {
    /// To this square root of the price.
    Price(f64),
    /// Until this much input has been paid, without fee.
    Input(f64),
}

impl<const L: usize> ConcentratedLanes<L> {
    /// The trade that carries the price to the edge of the no-arbitrage band around `price`.
    pub(super) fn walk_to_band(&self, l: usize, price: f64) -> Walk {
        let (bottom, top) = ((price * self.terms.keep).sqrt(), (price * self.terms.gross).sqrt());
        let down = self.s[l] > top;
        let target = if down { top } else { bottom.max(self.s[l]) };
        self.walk(l, down, Goal::Price(target))
    }

    /// The trade that pays this much in, fee included, or as much as there is liquidity for.
    pub(super) fn walk_amount(&self, l: usize, down: bool, amount_in: f64) -> Walk {
        self.walk(l, down, Goal::Input(amount_in * self.terms.keep))
    }

    pub(super) fn walk(&self, l: usize, down: bool, goal: Goal) -> Walk {
        let mut at = self.s[l];
        let mut stretch = Stretch { lo: self.lo[l], hi: self.hi[l], liquidity: self.liquidity[l] };
        let (mut traded, mut amount_out) = (0.0, 0.0);
        loop {
            let edge = if down { stretch.lo } else { stretch.hi };
            if stretch.liquidity == 0.0 && (edge == 0.0 || edge == f64::INFINITY) {
                // Nothing beyond: a trade ends here, a price goes where it is driven, free of charge.
                if let Goal::Price(target) = goal {
                    at = target;
                }
                break;
            }
            let left = if let Goal::Input(most) = goal { (most - traded).max(0.0) } else { 0.0 };
            let wanted = match goal {
                Goal::Price(target) => target,
                Goal::Input(_) if stretch.liquidity == 0.0 => edge,
                Goal::Input(_) if down => stretch.liquidity * at / (stretch.liquidity + left * at),
                Goal::Input(_) => at + left / stretch.liquidity,
            };
            let arrives = if down { wanted > edge } else { wanted < edge };
            if arrives && let Goal::Input(_) = goal {
                // From what is left, not from the little by which the price moves for it.
                traded += left;
                amount_out += if down { left * (at * wanted) } else { left / (at * wanted) };
                at = wanted;
                break;
            }
            let end = if arrives { wanted } else { edge };
            let (of_one, of_zero) = between(stretch.liquidity, at, end);
            traded += if down { of_zero } else { of_one };
            amount_out += if down { of_one } else { of_zero };
            at = end;
            if arrives {
                break;
            }
            stretch = self.beyond(l, stretch, down);
        }
        Walk { down, end: at, amount_in: traded * self.terms.gross, amount_out }
    }

    /// The next stretch in this direction.
    fn beyond(&self, l: usize, stretch: Stretch, down: bool) -> Stretch {
        let (lo, hi) = if down { (self.end_below(l, stretch.lo), stretch.lo) } else { (stretch.hi, self.end_above(l, stretch.hi)) };
        Stretch { lo, hi, liquidity: self.liquidity_from(l, lo) }
    }

    /// Does what was planned: books fees stretch by stretch, and lets positions leave and enter range on the way.
    pub(super) fn go(&mut self, l: usize, walk: Walk) {
        let earned = self.terms.earned;
        let (side_in, side_out) = if walk.down { (0, 1) } else { (1, 0) };
        let (worth_in, worth_out) = (self.worth[side_in][l], self.worth[side_out][l]);
        self.settled = false;
        let mut reserves = self.reserves_of(l);
        let mut at = self.s[l];
        loop {
            let stretch = Stretch { lo: self.lo[l], hi: self.hi[l], liquidity: self.liquidity[l] };
            let edge = if walk.down { stretch.lo } else { stretch.hi };
            let arrives = if walk.down { walk.end > edge } else { walk.end < edge };
            let end = if arrives { walk.end } else { edge };
            if stretch.liquidity > 0.0 {
                let (of_one, of_zero) = between(1.0, at, end);
                let (unit, unit_out) = if walk.down { (of_zero, of_one) } else { (of_one, of_zero) };
                let fee = unit * earned;
                self.growth[side_in][l] += fee;
                self.growth[LOSS][l] += unit_out * worth_out - unit * worth_in;
                self.growth[EARNED][l] += fee * worth_in;
            }
            at = end;
            if arrives || edge == 0.0 || edge == f64::INFINITY {
                break;
            }
            let next = self.beyond(l, stretch, walk.down);
            let growth = self.growth_of(l);
            for place in &mut self.places {
                if place.covers(l, stretch.lo) != place.covers(l, next.lo) {
                    place.bank(l, stretch.lo, growth);
                }
            }
            (self.lo[l], self.hi[l], self.liquidity[l]) = (next.lo, next.hi, next.liquidity);
        }
        (self.s[l], self.inverse[l]) = (walk.end, 1.0 / walk.end);
        reserves[side_in] += walk.amount_in * self.terms.keep;
        reserves[side_out] -= walk.amount_out;
        self.set_reserves(l, reserves);
    }

    /// Finds the stretch around the price after positions changed.
    pub(super) fn find_stretch(&mut self, l: usize) {
        // A price that stands on the end of the stretch stays on its side of it.
        let s = self.s[l];
        let lo = if s == self.hi[l] && self.lo[l] < s { self.end_below(l, s) } else { self.end_at_or_below(l, s) };
        self.lo[l] = lo;
        self.hi[l] = self.end_above(l, lo);
        self.liquidity[l] = self.liquidity_from(l, lo);
    }

    /// Banks what a position has earned.
    pub(super) fn bank(&mut self, number: usize, l: usize) {
        let growth = self.growth_of(l);
        self.places[self.others + number].bank(l, self.lo[l], growth);
    }

    fn ends(&self, l: usize) -> impl Iterator<Item = f64> + '_ {
        self.places.iter().filter(move |place| place.seen.liquidity[l] > 0.0).flat_map(move |place| [place.a[l], place.b[l]])
    }

    fn end_above(&self, l: usize, s: f64) -> f64 {
        self.ends(l).filter(|&end| end > s).fold(f64::INFINITY, f64::min)
    }

    fn end_below(&self, l: usize, s: f64) -> f64 {
        self.ends(l).filter(|&end| end < s).fold(0.0, f64::max)
    }

    fn end_at_or_below(&self, l: usize, s: f64) -> f64 {
        self.ends(l).filter(|&end| end <= s).fold(0.0, f64::max)
    }

    /// Liquidity of the stretch that begins at `lo`.
    fn liquidity_from(&self, l: usize, lo: f64) -> f64 {
        self.places.iter().filter(|place| place.covers(l, lo)).map(|place| place.seen.liquidity[l]).sum()
    }
}

/// What a move takes or gives of (token 1, token 0), both positive.
#[inline]
fn between(liquidity: f64, from: f64, to: f64) -> (f64, f64) {
    if liquidity == 0.0 {
        return (0.0, 0.0);
    }
    let of_one = liquidity * (to - from).abs();
    (of_one, of_one / from / to)
}
