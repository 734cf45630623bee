//! The best split of a trade over ways that trade as hyperbolas.

use cenote_units::{Lanes, kernel, mask, select};

use super::depth::PathDepth;

/// Splits a trade A over ways with out = r a/(1 + c a) each, gas taken off.
///
/// Of ways that are all used, marginal prices r/(1 + c a)² are equal to some 1/s²: a = (s √r − 1)/c, and the parts sum to A at
/// s = (A + Σ 1/c) / Σ √r/c. Then Σ r/c − Σ √r/c / s comes out. All subsets of ways are tried; one in which a part would be
/// negative is left to the smaller ones.
#[derive(Debug)]
pub(super) struct Split<const L: usize> {
    ways: Vec<Way<L>>,
    /// Of the subset that is looked at and of the beginnings it was made from: one more way each.
    sums: Vec<Sums<L>>,
    best: Best<L>,
}

/// What a way adds to the sums of a subset.
#[derive(Clone, Debug)]
struct Way<const L: usize> {
    /// √r, which has to be above 1/s.
    root: Lanes<L>,
    /// 1/c.
    depth: Lanes<L>,
    /// √r/c.
    weighted: Lanes<L>,
    /// r/c, less gas.
    most: Lanes<L>,
}

/// Sums over a subset of ways.
#[derive(Clone, Debug)]
struct Sums<const L: usize> {
    /// A + Σ 1/c.
    amount: Lanes<L>,
    /// Σ √r/c.
    weighted: Lanes<L>,
    /// Σ r/c, less gas.
    most: Lanes<L>,
    /// Smallest √r.
    least_root: Lanes<L>,
}

/// The best subset so far.
#[derive(Clone, Debug)]
struct Best<const L: usize> {
    /// What comes out, less gas.
    net: Lanes<L>,
    s: Lanes<L>,
    /// The subset: way i is bit i.
    used: [u64; L],
}

/// Rounding of s √r, which is at least one where a way is used.
const SLACK: f64 = 1e-12;

impl<const L: usize> Split<L> {
    pub(super) fn new(paths: usize) -> Self {
        let way = Way { root: Lanes::ZERO, depth: Lanes::ZERO, weighted: Lanes::ZERO, most: Lanes::ZERO };
        let infinite = Lanes::splat(f64::INFINITY);
        let sums = Sums { amount: Lanes::ZERO, weighted: Lanes::ZERO, most: Lanes::ZERO, least_root: infinite };
        let best = Best { net: Lanes::ZERO, s: Lanes::ZERO, used: [0; L] };
        Self { ways: vec![way; paths], sums: vec![sums; paths + 1], best }
    }

    /// `costs` is what each way's gas is worth in tokens that come out; empty if nothing. Writes what is paid into each way, which
    /// sums to `amount` (or is nothing where no way trades), and what comes out.
    pub(super) fn solve(
        &mut self,
        ways: &[PathDepth<L>],
        costs: &[Lanes<L>],
        amount: &Lanes<L>,
        parts: &mut [Lanes<L>],
        out: &mut Lanes<L>,
    ) {
        *out = Lanes::ZERO;
        if let ([way], [part]) = (ways, &mut *parts) {
            *part = *amount;
            return add_out(&way.depth.rate, &way.depth.impact, part, out);
        }
        for (p, way) in ways.iter().enumerate() {
            prepare(&way.depth.rate, &way.depth.impact, &mut self.ways[p]);
            if let Some(cost) = costs.get(p) {
                take_off(cost, &mut self.ways[p].most);
            }
        }
        self.sums[0].amount = *amount;
        self.best.net = Lanes::splat(f64::NEG_INFINITY);
        self.best.used = [0; L];
        self.visit(0, 0, 0);
        let mut total = Lanes::ZERO;
        for (p, part) in parts.iter_mut().enumerate() {
            write_part(1 << p, &self.best, &self.ways[p], part, &mut total);
        }
        share_out(amount, &mut total);
        for (way, part) in ways.iter().zip(parts) {
            scale(&total, part);
            add_out(&way.depth.rate, &way.depth.impact, part, out);
        }
    }

    /// Tries every subset that is a given one of `size` ways and some from `first` on.
    fn visit(&mut self, size: usize, first: usize, subset: u64) {
        for p in first..self.ways.len() {
            let subset = subset | 1 << p;
            let (before, after) = self.sums.split_at_mut(size + 1);
            add_way(subset, &before[size], &self.ways[p], &mut after[0], &mut self.best);
            self.visit(size + 1, p + 1, subset);
        }
    }
}

kernel! {
    fn prepare<const L: usize>(rate: &Lanes<L>, impact: &Lanes<L>, way: &mut Way<L>) {
        for l in 0..L {
            let root = rate[l].sqrt();
            let trades = mask(rate[l] > 0.0);
            let depth = select(trades, 1.0 / impact[l], 0.0);
            way.root[l] = root;
            way.depth[l] = depth;
            way.weighted[l] = root * depth;
            way.most[l] = rate[l] * depth;
        }
    }
}

kernel! {
    fn take_off<const L: usize>(cost: &Lanes<L>, most: &mut Lanes<L>) {
        for l in 0..L {
            most[l] -= cost[l];
        }
    }
}

kernel! {
    /// One way more, and whether that is better than the best so far.
    fn add_way<const L: usize>(subset: u64, before: &Sums<L>, way: &Way<L>, after: &mut Sums<L>, best: &mut Best<L>) {
        for l in 0..L {
            let (amount, weighted) = (before.amount[l] + way.depth[l], before.weighted[l] + way.weighted[l]);
            let most = before.most[l] + way.most[l];
            let (root, least) = (way.root[l], before.least_root[l]);
            let least = select(mask(root < least), root, least);
            after.amount[l] = amount;
            after.weighted[l] = weighted;
            after.most[l] = most;
            after.least_root[l] = least;
            let s = amount / weighted;
            let net = most - weighted / s;
            let better = mask(s * least >= 1.0 - SLACK) & mask(net > best.net[l]);
            best.net[l] = select(better, net, best.net[l]);
            best.s[l] = select(better, s, best.s[l]);
            best.used[l] = (better & subset) | (!better & best.used[l]);
        }
    }
}

kernel! {
    fn write_part<const L: usize>(bit: u64, best: &Best<L>, way: &Way<L>, part: &mut Lanes<L>, total: &mut Lanes<L>) {
        for l in 0..L {
            let amount = (best.s[l] * way.root[l] - 1.0) * way.depth[l];
            let used = mask(best.used[l] & bit != 0) & mask(amount > 0.0);
            part[l] = select(used, amount, 0.0);
            total[l] += part[l];
        }
    }
}

kernel! {
    /// By what parts have to be multiplied to sum to the amount to the last bits.
    fn share_out<const L: usize>(amount: &Lanes<L>, total: &mut Lanes<L>) {
        for l in 0..L {
            let sum = total[l];
            total[l] = select(mask(sum > 0.0), amount[l] / sum, 0.0);
        }
    }
}

kernel! {
    fn scale<const L: usize>(factor: &Lanes<L>, part: &mut Lanes<L>) {
        for l in 0..L {
            part[l] *= factor[l];
        }
    }
}

kernel! {
    fn add_out<const L: usize>(rate: &Lanes<L>, impact: &Lanes<L>, part: &Lanes<L>, out: &mut Lanes<L>) {
        for l in 0..L {
            out[l] += rate[l] * part[l] / (1.0 + impact[l] * part[l]);
        }
    }
}
