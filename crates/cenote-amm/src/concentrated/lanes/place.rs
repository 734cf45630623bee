use cenote_units::{Lanes, kernel};

use crate::lanes::RangeLanes;
pub(super) use crate::lanes::unit_amounts;

/// Sums per unit of liquidity: fees in token 0 and in token 1, and two of value.
pub(super) const SUMS: usize = 4;
/// Where loss-versus-rebalancing is among them.
pub(super) const LOSS: usize = 2;
/// And fees, at what they were worth.
pub(super) const EARNED: usize = 3;

/// Room for one position in every lane.
#[derive(Clone, Debug)]
pub(super) struct Place<const L: usize> {
    /// What the world sees; liquidity is always right, the rest as of the last settlement.
    pub(super) seen: RangeLanes<L>,
    /// Whether any lane ever had liquidity here since the paths began.
    pub(super) used: bool,
    /// Square roots of the prices where it begins and ends.
    pub(super) a: Lanes<L>,
    pub(super) b: Lanes<L>,
    /// The sums per unit of liquidity when it last came into range or its liquidity changed.
    mark: [Lanes<L>; SUMS],
    /// What its liquidity came to of each up to then; fees, as far as they are owed.
    banked: [Lanes<L>; SUMS],
    /// The liquidity that paths begin with.
    initial: f64,
}

impl<const L: usize> Place<L> {
    pub(super) fn empty() -> Self {
        Self {
            seen: RangeLanes::EMPTY,
            used: false,
            // Anything that divides.
            a: Lanes::splat(1.0),
            b: Lanes::splat(1.0),
            mark: [Lanes::ZERO; SUMS],
            banked: [Lanes::ZERO; SUMS],
            initial: 0.0,
        }
    }

    pub(super) fn others([a, b]: [f64; 2], liquidity: f64) -> Self {
        let mut place = Self { a: Lanes::splat(a), b: Lanes::splat(b), initial: liquidity, ..Self::empty() };
        place.seen.liquidity = Lanes::splat(liquidity);
        place
    }

    /// New paths: the liquidity is what it was, what it earned is forgotten.
    pub(super) fn restart(&mut self) {
        self.seen.liquidity = Lanes::splat(self.initial);
        self.mark = [Lanes::ZERO; SUMS];
        self.banked = [Lanes::ZERO; SUMS];
    }

    /// One lane alone.
    pub(super) fn alone(&self, l: usize) -> Place<1> {
        let lane = |lanes: &Lanes<L>| Lanes([lanes[l]]);
        let both = |lanes: &[Lanes<L>; 2]| lanes.each_ref().map(lane);
        let RangeLanes { liquidity, lower, upper, inside, amounts, owed } = &self.seen;
        Place {
            seen: RangeLanes {
                liquidity: lane(liquidity),
                lower: lane(lower),
                upper: lane(upper),
                inside: lane(inside),
                amounts: both(amounts),
                owed: both(owed),
            },
            used: self.used,
            a: lane(&self.a),
            b: lane(&self.b),
            mark: self.mark.each_ref().map(lane),
            banked: self.banked.each_ref().map(lane),
            initial: self.initial,
        }
    }

    /// Whether its liquidity works in the stretch that begins at `lo`.
    #[inline]
    pub(super) fn covers(&self, l: usize, lo: f64) -> bool {
        self.a[l] <= lo && lo < self.b[l]
    }

    /// What its liquidity is at this square root of the price.
    pub(super) fn amounts(&self, l: usize, s: f64) -> [f64; 2] {
        unit_amounts(s, [self.a[l], self.b[l]]).map(|unit| unit * self.seen.liquidity[l])
    }

    /// What its liquidity came to of each sum, when the stretch begins at `lo`.
    pub(super) fn so_far(&self, l: usize, lo: f64, growth: [f64; SUMS]) -> [f64; SUMS] {
        let inside = if self.covers(l, lo) { 1.0 } else { 0.0 };
        let liquidity = self.seen.liquidity[l];
        std::array::from_fn(|i| so_far(inside, liquidity, growth[i], self.mark[i][l], self.banked[i][l]))
    }

    pub(super) fn bank(&mut self, l: usize, lo: f64, growth: [f64; SUMS]) {
        let so_far = self.so_far(l, lo, growth);
        for i in 0..SUMS {
            self.banked[i][l] = so_far[i];
        }
        self.mark(l, growth);
    }

    /// From here on it gets what the sums grow by.
    pub(super) fn mark(&mut self, l: usize, growth: [f64; SUMS]) {
        for i in 0..SUMS {
            self.mark[i][l] = growth[i];
        }
    }

    pub(super) fn take_banked(&mut self, i: usize, l: usize) -> f64 {
        std::mem::take(&mut self.banked[i][l])
    }

    pub(super) fn add(&mut self, l: usize, [a, b]: [f64; 2], liquidity: f64) {
        self.used = true;
        (self.a[l], self.b[l]) = (a, b);
        (self.seen.lower[l], self.seen.upper[l]) = (a * a, b * b);
        self.seen.liquidity[l] += liquidity;
    }

    pub(super) fn remove(&mut self, l: usize, liquidity: f64) {
        self.seen.liquidity[l] -= liquidity;
    }

    pub(super) fn settle(&mut self, s: &Lanes<L>, lo: &Lanes<L>, growth: &[Lanes<L>; SUMS]) {
        let RangeLanes { liquidity, inside, amounts: [amount0, amount1], owed, .. } = &mut self.seen;
        settle(s, lo, &self.a, &self.b, liquidity, inside, amount0, amount1);
        for (i, owed) in owed.iter_mut().enumerate() {
            settle_sum(inside, liquidity, &growth[i], &self.mark[i], &self.banked[i], owed);
        }
    }

    /// The same of one lane.
    pub(super) fn settle_lane(&mut self, l: usize, s: f64, lo: f64, growth: [f64; SUMS]) {
        let liquidity = self.seen.liquidity[l];
        let now = settled(s, lo, [self.a[l], self.b[l]], liquidity);
        let sum = |i: usize| so_far(now.inside, liquidity, growth[i], self.mark[i][l], self.banked[i][l]);
        let owed = [sum(0), sum(1)];
        let seen = &mut self.seen;
        seen.inside[l] = now.inside;
        for i in 0..2 {
            (seen.amounts[i][l], seen.owed[i][l]) = (now.amounts[i], owed[i]);
        }
    }
}

/// What a position is at this square root of the price.
struct Settled {
    inside: f64,
    amounts: [f64; 2],
}

#[inline(always)]
#[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
fn settled(s: f64, lo: f64, [a, b]: [f64; 2], liquidity: f64) -> Settled {
    let amounts = unit_amounts(s, [a, b]).map(|unit| unit * liquidity);
    let inside = if (a <= lo) & (lo < b) & (liquidity > 0.0) { 1.0 } else { 0.0 };
    Settled { inside, amounts }
}

#[inline(always)]
fn so_far(inside: f64, liquidity: f64, growth: f64, mark: f64, banked: f64) -> f64 {
    banked + inside * liquidity * (growth - mark)
}

kernel! {
    #[expect(clippy::too_many_arguments, reason = "a kernel takes its arrays one by one, or the compiler must assume that they overlap")]
    fn settle<const L: usize>(
        s: &Lanes<L>,
        lo: &Lanes<L>,
        a: &Lanes<L>,
        b: &Lanes<L>,
        liquidity: &Lanes<L>,
        inside: &mut Lanes<L>,
        amount0: &mut Lanes<L>,
        amount1: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let now = settled(s[l], lo[l], [a[l], b[l]], liquidity[l]);
            inside[l] = now.inside;
            amount0[l] = now.amounts[0];
            amount1[l] = now.amounts[1];
        }
    }
}

kernel! {
    fn settle_sum<const L: usize>(
        inside: &Lanes<L>, liquidity: &Lanes<L>, growth: &Lanes<L>, mark: &Lanes<L>, banked: &Lanes<L>, sum: &mut Lanes<L>,
    ) {
        for l in 0..L {
            sum[l] = so_far(inside[l], liquidity[l], growth[l], mark[l], banked[l]);
        }
    }
}
