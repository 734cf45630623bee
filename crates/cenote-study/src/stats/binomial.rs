//! Which order statistics enclose a quantile, whatever the distribution.

use crate::convert::{count, index};

/// Terms of the binomial distribution smaller than this, relative to the largest, are left out.
const NEGLIGIBLE: f64 = 1e-25;

/// A distribution-free confidence interval of a quantile, as ranks of order statistics.
///
/// The number `B` of `n` paths that fall below the `p`-quantile is binomial, so the quantile lies between the order
/// statistics of ranks `ppf(a/2)` and `ppf(1 - a/2) + 1` of Binomial(n, p) with a probability of at least about
/// `1 - a`, whatever the distribution of the column (David and Nagaraja, *Order Statistics*, 7.1).
///
/// ```
/// use cenote_study::stats::Ranks;
/// let ranks = Ranks::new(10_000, 0.05, 0.05);
/// assert_eq!((ranks.lower(), ranks.upper()), (458, 544));
/// assert!((ranks.coverage() - 0.95153).abs() < 1e-5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranks {
    lower: usize,
    upper: usize,
    coverage: f64,
}

impl Ranks {
    /// Ranks for the `p`-quantile of `paths` values at confidence `1 - alpha`, both probabilities strictly between 0
    /// and 1.
    ///
    /// A rank of 0 stands for "below every path", one of `paths + 1` for "above every path". A sample has no such
    /// value, so they are brought to the smallest and the largest one; the interval then covers less than it should,
    /// and [`coverage`](Self::coverage) says how much it does cover.
    pub fn new(paths: usize, p: f64, alpha: f64) -> Self {
        let (first, terms) = terms(paths, p);
        let total: f64 = super::moments::sum(terms.iter().copied());
        // The smallest k whose distribution function reaches q.
        let quantile = |q: f64| {
            let mut below = 0.0;
            for (i, term) in terms.iter().enumerate() {
                below += term;
                if below >= q * total {
                    return first + i;
                }
            }
            paths
        };
        let lower = quantile(alpha / 2.0).clamp(1, paths.max(1));
        let upper = (quantile(1.0 - alpha / 2.0) + 1).clamp(1, paths.max(1));
        let inside = |k: usize| (lower..upper).contains(&k);
        let covered = super::moments::sum(terms.iter().enumerate().filter(|(i, _)| inside(first + i)).map(|(_, t)| *t));
        Self { lower, upper, coverage: covered / total }
    }

    /// Rank of the lower end, counted from 1.
    pub fn lower(&self) -> usize {
        self.lower
    }

    /// Rank of the upper end, counted from 1.
    pub fn upper(&self) -> usize {
        self.upper
    }

    /// Probability that the interval holds the quantile of a continuous distribution: `P(lower <= B < upper)`.
    pub fn coverage(&self) -> f64 {
        self.coverage
    }
}

/// The binomial probabilities that matter, up to a common factor, and the count which the first one belongs to.
///
/// They follow from the largest one by the ratio of neighbours, outwards: order `sqrt(n)` multiplications and no
/// transcendental function, so the ranks are the same on every platform.
fn terms(n: usize, p: f64) -> (usize, Vec<f64>) {
    let mode = index(((count(n) + 1.0) * p).floor()).min(n);
    let odds = p / (1.0 - p);
    let mut below = Vec::new();
    let (mut k, mut term) = (mode, 1.0);
    while k > 0 {
        term *= count(k) / count(n - k + 1) / odds;
        if term < NEGLIGIBLE {
            break;
        }
        below.push(term);
        k -= 1;
    }
    let first = mode - below.len();
    below.reverse();
    let mut terms = below;
    terms.push(1.0);
    let (mut k, mut term) = (mode, 1.0);
    while k < n {
        term *= count(n - k) / count(k + 1) * odds;
        if term < NEGLIGIBLE {
            break;
        }
        terms.push(term);
        k += 1;
    }
    (first, terms)
}
