//! What is done by others than a world's positions: liquidity that comes and goes, prices that are driven, and copies to try things in.

use cenote_units::{Lanes, mask};

use super::kernels::Together;
use super::walk::Goal;
use super::{ConcentratedLanes, Terms};
use crate::lanes::FlowLanes;

impl<const L: usize> ConcentratedLanes<L> {
    /// Others' liquidity in range.
    pub(super) fn others_in_range(&self, out: &mut Lanes<L>) {
        for l in 0..L {
            let inside = self.places[..self.others].iter().filter(|place| place.covers(l, self.lo[l]));
            out[l] = inside.map(|place| place.seen.liquidity[l]).sum();
        }
    }

    /// Multiplies all of others' liquidity in the lanes where `factor` is not one; what they have earned stays owed to them.
    pub(super) fn scale_places(&mut self, factor: &Lanes<L>, amounts: &mut [Lanes<L>; 2]) {
        *amounts = [Lanes::ZERO; 2];
        self.settled = false;
        for l in 0..L {
            if factor[l] == 1.0 || !(factor[l] > 0.0 && factor[l] < f64::INFINITY) {
                continue;
            }
            let (growth, reserves) = (self.growth_of(l), self.reserves_of(l));
            for place in &mut self.places[..self.others] {
                place.bank(l, self.lo[l], growth);
                let before = place.amounts(l, self.s[l]);
                place.seen.liquidity[l] *= factor[l];
                let after = place.amounts(l, self.s[l]);
                for i in 0..2 {
                    amounts[i][l] += after[i] - before[i];
                }
            }
            self.find_stretch(l);
            self.set_reserves(l, [reserves[0] + amounts[0][l], reserves[1] + amounts[1][l]]);
        }
    }

    /// Walks to a price without any fee in the lanes where `price` is positive.
    pub(super) fn drive(&mut self, price: &Lanes<L>, flow: &mut FlowLanes<L>) {
        let terms = self.terms;
        self.terms = Terms::new(0.0, 0.0);
        for l in 0..L {
            flow.clear(l);
            if price[l] > 0.0 && price[l] < f64::INFINITY {
                let target = price[l].sqrt();
                let walk = self.walk(l, target < self.s[l], Goal::Price(target));
                flow.base_in[l] = mask(walk.down);
                flow.set(l, walk.amount_in, walk.amount_out, 0.0);
                self.go(l, walk);
            }
        }
        self.terms = terms;
    }

    /// One lane alone.
    pub(super) fn alone(&self, l: usize) -> ConcentratedLanes<1> {
        let lane = |lanes: &Lanes<L>| Lanes([lanes[l]]);
        ConcentratedLanes {
            s: lane(&self.s),
            inverse: lane(&self.inverse),
            lo: lane(&self.lo),
            hi: lane(&self.hi),
            liquidity: lane(&self.liquidity),
            growth: self.growth.each_ref().map(lane),
            worth: self.worth.each_ref().map(lane),
            beyond: self.beyond.each_ref().map(lane),
            protocol_fees: self.protocol_fees.each_ref().map(lane),
            places: self.places.iter().map(|place| place.alone(l)).collect(),
            others: self.others,
            settled: self.settled,
            room: Box::new([Lanes::ZERO; 2]),
            together: Box::new(Together::new()),
            crowded: 0,
            initial: self.initial,
            terms: self.terms,
            ticks: self.ticks,
        }
    }
}
