//! A split over pools that are no hyperbolas, or not that far: Newton steps on quotes, lane by lane.

use cenote_strategy::MarketLanes;
use cenote_units::Lanes;

use super::depth::{PathDepth, quote_hops, through};
use super::split::Split;
use super::{Hop, Router, TradeLanes};

/// Splits that are tried; three or four are the rule, more where a trade goes far past the ends of ranges.
const TRIALS: u32 = 40;
/// Where the slope of a quote is measured, relative to the amount.
const STEP: f64 = 2e-4;
/// A move of the split that ends it, relative to the trade: what comes out moves by its square.
const CLOSE: f64 = 1e-7;

impl<const L: usize> Router<L> {
    /// Goes on from the split that the hyperbolas gave: fits each way a hyperbola through zero that has the value and the slope of the
    /// way's quote at its part, and splits anew. A split whose quotes are no better is too far from the last; half way is tried next.
    pub(super) fn refine(&mut self, market: &MarketLanes<'_, L>, l: usize, trade: &mut TradeLanes<L>) {
        let (amount, forth) = (trade.amount_in[l], trade.base_in[l] != 0);
        let paths = self.route.paths();
        let quote = |p: usize, amount: f64| quote_hops(market, l, &paths[p], forth, amount);
        let mut trial: Vec<Lanes<1>> = self.parts.iter().map(|part| Lanes([part[l]])).collect();
        let mut best = trial.clone();
        let mut most = f64::NEG_INFINITY;
        let mut ways: Vec<PathDepth<1>> = self.depths.iter().map(|way| way.lane(l)).collect();
        let gas: Vec<Lanes<1>> = self.costs.iter().map(|cost| Lanes([cost[l]])).collect();
        let (mut split, mut told) = (Split::<1>::new(trial.len()), Lanes::ZERO);
        for _ in 0..TRIALS {
            let outs: Vec<f64> = (0..trial.len()).map(|p| quote(p, trial[p][0])).collect();
            let used = |p: &usize| trial[*p][0] > 0.0;
            let out: f64 = outs.iter().sum();
            let paid: f64 = (0..gas.len()).filter(used).map(|p| gas[p][0]).sum();
            if out - paid > most {
                most = out - paid;
                best.clone_from(&trial);
                trade.amount_out[l] = out;
                if trial.len() == 1 {
                    break;
                }
                for p in (0..ways.len()).filter(used) {
                    let part = trial[p][0];
                    let slope = (quote(p, part * (1.0 + STEP)) - quote(p, part * (1.0 - STEP))) / (2.0 * STEP * part);
                    ways[p].depth = through(part, outs[p], slope);
                }
                split.solve(&ways, &gas, &Lanes([amount]), &mut trial, &mut told);
            } else {
                for (trial, best) in trial.iter_mut().zip(&best) {
                    trial[0] = 0.5 * (trial[0] + best[0]);
                }
            }
            if best.iter().zip(&trial).all(|(best, trial)| (best[0] - trial[0]).abs() <= CLOSE * amount) {
                break;
            }
        }
        for (part, best) in self.parts.iter_mut().zip(&best) {
            part[l] = best[0];
        }
    }
}

/// The amount that makes most of a closed way, and how much: from `amount`, by the same steps.
pub(crate) fn best_round_trip<const L: usize>(market: &MarketLanes<'_, L>, l: usize, hops: &[Hop], amount: f64) -> (f64, f64) {
    let quote = |amount: f64| quote_hops(market, l, hops, true, amount);
    let (mut trial, mut best, mut most) = (amount, 0.0, 0.0);
    for _ in 0..TRIALS {
        let out = quote(trial);
        if out - trial > most {
            (best, most) = (trial, out - trial);
            let slope = (quote(trial * (1.0 + STEP)) - quote(trial * (1.0 - STEP))) / (2.0 * STEP * trial);
            let depth = through(trial, out, slope);
            trial = ((depth.rate[0].sqrt() - 1.0) / depth.impact[0]).max(0.5 * best);
        } else {
            // Too much, or too far from what was best.
            trial = 0.5 * (trial + best);
        }
        if (trial - best).abs() <= CLOSE * best || trial <= CLOSE * amount {
            break;
        }
    }
    (best, most)
}
