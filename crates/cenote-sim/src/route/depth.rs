//! The depth of a way through several pools.

use cenote_amm::DepthLanes;
use cenote_strategy::MarketLanes;
use cenote_units::{Lanes, kernel, select};

use super::{Hop, TradeLanes};

/// The depth of one way, in the direction of each lane's trade.
#[derive(Clone, Debug)]
pub(super) struct PathDepth<const L: usize> {
    pub(super) depth: DepthLanes<L>,
    hop: DepthLanes<L>,
    forth: DepthLanes<L>,
}

impl<const L: usize> PathDepth<L> {
    pub(super) const ZERO: Self = Self { depth: DepthLanes::ZERO, hop: DepthLanes::ZERO, forth: DepthLanes::ZERO };

    /// From base to quote where `base_in` says so, else back.
    pub(super) fn of_path(&mut self, market: &MarketLanes<'_, L>, hops: &[Hop], trade: &TradeLanes<L>) {
        let Self { depth: back, hop: next, forth } = self;
        let mut rest = hops.iter();
        let Some(first) = rest.next() else { return };
        of_hop(market, *first, &trade.base_in, &trade.amount_in, back);
        if hops.len() == 1 {
            return;
        }
        forth.clone_from(back);
        for hop in rest {
            of_hop(market, *hop, &trade.base_in, &trade.amount_in, next);
            append(forth, next);
            prepend(back, next);
        }
        choose(&trade.base_in, forth, back);
    }

    /// One lane of it.
    pub(super) fn lane(&self, l: usize) -> PathDepth<1> {
        let DepthLanes { rate, impact, exact_to } = &self.depth;
        PathDepth {
            depth: DepthLanes { rate: Lanes([rate[l]]), impact: Lanes([impact[l]]), exact_to: Lanes([exact_to[l]]) },
            ..PathDepth::ZERO
        }
    }
}

/// The hyperbola through zero with this value and slope at an amount: r = (o/a)²/m, c = (r a/o − 1)/a.
pub(super) fn through(amount: f64, out: f64, slope: f64) -> DepthLanes<1> {
    let mean = out / amount;
    // A quote that bends the wrong way, by rounding, is a straight line as good as.
    let bend = (mean / slope - 1.0).max(STRAIGHT);
    if out > 0.0 && slope > 0.0 {
        let rate = mean * (1.0 + bend);
        DepthLanes { rate: Lanes([rate]), impact: Lanes([bend / amount]), exact_to: Lanes::ZERO }
    } else {
        DepthLanes::ZERO
    }
}

/// Least impact of a whole trade.
const STRAIGHT: f64 = 1e-12;

/// The depth of a closed way, both ways around.
#[derive(Debug)]
pub(crate) struct CycleDepth<const L: usize> {
    pub(crate) depth: DepthLanes<L>,
    hop: DepthLanes<L>,
}

impl<const L: usize> CycleDepth<L> {
    pub(crate) const ZERO: Self = Self { depth: DepthLanes::ZERO, hop: DepthLanes::ZERO };

    pub(crate) fn of_hops(&mut self, market: &MarketLanes<'_, L>, hops: &[Hop]) {
        let (all, wanted) = ([u64::MAX; L], market.active);
        for (k, hop) in hops.iter().enumerate() {
            if k == 0 {
                of_hop(market, *hop, &all, wanted, &mut self.depth);
            } else {
                of_hop(market, *hop, &all, wanted, &mut self.hop);
                append(&mut self.depth, &self.hop);
            }
        }
    }
}

fn of_hop<const L: usize>(market: &MarketLanes<'_, L>, hop: Hop, base_in: &[u64; L], wanted: &Lanes<L>, depth: &mut DepthLanes<L>) {
    market.pools[hop.pool.index()].depth([hop.token_in, hop.token_out], base_in, wanted, depth);
}

/// What one lane's trader would get in the end for `amount` paid into the first of these pools now.
pub(super) fn quote_hops<const L: usize>(market: &MarketLanes<'_, L>, lane: usize, hops: &[Hop], forth: bool, amount: f64) -> f64 {
    let through = |amount: f64, hop: Hop| {
        if amount > 0.0 { market.pools[hop.pool.index()].quote(lane, hop.token_in, hop.token_out, amount) } else { 0.0 }
    };
    if forth {
        hops.iter().fold(amount, |amount, hop| through(amount, *hop))
    } else {
        hops.iter().rev().fold(amount, |amount, hop| through(amount, hop.reversed()))
    }
}

/// One hyperbola after another: rate, impact and range of the whole.
#[inline(always)]
fn compose(first: [f64; 3], second: [f64; 3]) -> [f64; 3] {
    let ([rate, impact, exact], [rate2, impact2, exact2]) = (first, second);
    // What has to be paid in first for the second to get to its end.
    let slack = rate - impact * exact2;
    let reach = if slack > 0.0 { exact2 / slack } else { f64::INFINITY };
    // The second never gets there if its end is infinitely far.
    let reach = if exact2 < f64::INFINITY { reach } else { f64::INFINITY };
    [rate * rate2, impact + impact2 * rate, if reach < exact { reach } else { exact }]
}

kernel! {
    fn append<const L: usize>(way: &mut DepthLanes<L>, hop: &DepthLanes<L>) {
        for l in 0..L {
            let first = [way.rate[l], way.impact[l], way.exact_to[l]];
            [way.rate[l], way.impact[l], way.exact_to[l]] = compose(first, [hop.rate[l], hop.impact[l], hop.exact_to[l]]);
        }
    }
}

kernel! {
    fn prepend<const L: usize>(way: &mut DepthLanes<L>, hop: &DepthLanes<L>) {
        for l in 0..L {
            let second = [way.rate[l], way.impact[l], way.exact_to[l]];
            [way.rate[l], way.impact[l], way.exact_to[l]] = compose([hop.rate[l], hop.impact[l], hop.exact_to[l]], second);
        }
    }
}

kernel! {
    fn choose<const L: usize>(base_in: &[u64; L], forth: &DepthLanes<L>, back: &mut DepthLanes<L>) {
        for l in 0..L {
            back.rate[l] = select(base_in[l], forth.rate[l], back.rate[l]);
            back.impact[l] = select(base_in[l], forth.impact[l], back.impact[l]);
            back.exact_to[l] = select(base_in[l], forth.exact_to[l], back.exact_to[l]);
        }
    }
}
