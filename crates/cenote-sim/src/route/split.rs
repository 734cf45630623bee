//! The best split of a trade over ways that trade as hyperbolas.

use cenote_units::{Lanes, kernel};

use super::depth::PathDepth;

/// Splits a trade A over ways with out = r a/(1 + c a) each, gas taken off.
///
/// Of ways that are all used, marginal prices r/(1 + c a)² are equal to some 1/s²: a = (s √r − 1)/c, and the parts sum to A at
/// s = (A + Σ 1/c) / Σ √r/c. Then Σ r/c − Σ √r/c / s comes out. All subsets of ways are tried; one in which a part would be
/// negative is left to the smaller ones.
#[derive(Debug)]
pub(super) struct Split<const L: usize> {
    /// √r and 1/c of each way.
    roots: Vec<Lanes<L>>,
    depths: Vec<Lanes<L>>,
    sums: Sums<L>,
    best: Best<L>,
}

/// Sums over a subset of ways.
#[derive(Clone, Debug)]
struct Sums<const L: usize> {
    /// A + Σ 1/c.
    amount: Lanes<L>,
    /// Σ √r/c.
    root: Lanes<L>,
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
        Self {
            roots: vec![Lanes::ZERO; paths],
            depths: vec![Lanes::ZERO; paths],
            sums: Sums { amount: Lanes::ZERO, root: Lanes::ZERO, most: Lanes::ZERO, least_root: Lanes::ZERO },
            best: Best { net: Lanes::ZERO, s: Lanes::ZERO, used: [0; L] },
        }
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
            prepare(&way.depth.rate, &way.depth.impact, &mut self.roots[p], &mut self.depths[p]);
        }
        self.best.net = Lanes::splat(f64::NEG_INFINITY);
        self.best.used = [0; L];
        for subset in 1_u64..1 << ways.len() {
            let Sums { amount: total, root, most, least_root } = &mut self.sums;
            (*total, *root, *most, *least_root) = (*amount, Lanes::ZERO, Lanes::ZERO, Lanes::splat(f64::INFINITY));
            for p in (0..ways.len()).filter(|p| subset >> p & 1 == 1) {
                add_way(&self.roots[p], &self.depths[p], costs.get(p), &mut self.sums);
            }
            compare(subset, &self.sums, &mut self.best);
        }
        let total = &mut self.sums.amount;
        *total = Lanes::ZERO;
        for (p, part) in parts.iter_mut().enumerate() {
            write_part(p, &self.best, &self.roots[p], &self.depths[p], part, total);
        }
        for (way, part) in ways.iter().zip(parts) {
            scale(amount, total, part);
            add_out(&way.depth.rate, &way.depth.impact, part, out);
        }
    }
}

kernel! {
    fn prepare<const L: usize>(rate: &Lanes<L>, impact: &Lanes<L>, root: &mut Lanes<L>, depth: &mut Lanes<L>) {
        for l in 0..L {
            root[l] = rate[l].sqrt();
            depth[l] = if rate[l] > 0.0 { 1.0 / impact[l] } else { 0.0 };
        }
    }
}

kernel! {
    fn add_way<const L: usize>(root: &Lanes<L>, depth: &Lanes<L>, cost: Option<&Lanes<L>>, sums: &mut Sums<L>) {
        for l in 0..L {
            let weighted = root[l] * depth[l];
            sums.amount[l] += depth[l];
            sums.root[l] += weighted;
            sums.most[l] += root[l] * weighted;
            sums.least_root[l] = if root[l] < sums.least_root[l] { root[l] } else { sums.least_root[l] };
        }
        if let Some(cost) = cost {
            for l in 0..L {
                sums.most[l] -= cost[l];
            }
        }
    }
}

kernel! {
    #[expect(clippy::needless_bitwise_bool, reason = "a branch between the conditions keeps the loop from vectorising")]
    fn compare<const L: usize>(subset: u64, sums: &Sums<L>, best: &mut Best<L>) {
        for l in 0..L {
            let s = sums.amount[l] / sums.root[l];
            let net = sums.most[l] - sums.root[l] / s;
            let better = (s * sums.least_root[l] >= 1.0 - SLACK) & (net > best.net[l]);
            best.net[l] = if better { net } else { best.net[l] };
            best.s[l] = if better { s } else { best.s[l] };
            best.used[l] = if better { subset } else { best.used[l] };
        }
    }
}

kernel! {
    fn write_part<const L: usize>(
        p: usize, best: &Best<L>, root: &Lanes<L>, depth: &Lanes<L>, part: &mut Lanes<L>, total: &mut Lanes<L>,
    ) {
        for l in 0..L {
            let amount = (best.s[l] * root[l] - 1.0) * depth[l];
            let used = best.used[l] >> p & 1 == 1;
            part[l] = if used && amount > 0.0 { amount } else { 0.0 };
            total[l] += part[l];
        }
    }
}

kernel! {
    /// So that parts sum to the amount to the last bits.
    fn scale<const L: usize>(amount: &Lanes<L>, total: &Lanes<L>, part: &mut Lanes<L>) {
        for l in 0..L {
            let factor = amount[l] / total[l];
            part[l] = if total[l] > 0.0 { part[l] * factor } else { 0.0 };
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
