//! Trades: in all lanes at once, in a few side by side, and one by one.

use cenote_units::{LaneBits, LaneList, Lanes, mask};

use super::kernels::{self, At, Trade};
use super::{ConcentratedLanes, Terms};
use crate::lanes::{FewTrades, FlowLanes, Told};
use crate::pool::TokenIndex;

/// Arbitrages after one of many lanes in which nobody looks whether they are few: crowds come together.
const CROWDED: u32 = 3;

impl<const L: usize> ConcentratedLanes<L> {
    /// Books what the protocol takes of a swap's fees.
    pub(super) fn book_protocol(&mut self, flow: &FlowLanes<L>) {
        let share = self.terms.protocol_share;
        if share > 0.0 {
            for l in 0..L {
                let token = if flow.base_in[l] != 0 { flow.base } else { flow.quote };
                self.protocol_fees[token.get()][l] += flow.fee[l] * share;
            }
        }
    }

    /// An arbitrage around a price of token 0, whatever the pair is called; `base_in` then means token 0.
    pub(super) fn arbitrage_token0(&mut self, target: &Lanes<L>, least: &Lanes<L>, flow: &mut FlowLanes<L>) {
        self.settled = false;
        let (terms, [away, factor]) = (&self.terms, &mut *self.room);
        kernels::aim(&self.inverse, target, terms, away, factor);
        let mut crossing = LaneBits::NONE;
        kernels::arbitrage(
            &mut self.s,
            &mut self.inverse,
            &self.lo,
            &self.hi,
            &self.liquidity,
            terms,
            target,
            least,
            away,
            factor,
            &mut crossing,
        );
        let (rise, fall) = (&*away, &*factor);
        let ([growth0, growth1, loss, earned], [worth0, worth1]) = (&mut self.growth, &self.worth);
        kernels::grow(rise, fall, growth0, growth1, loss, earned, worth0, worth1, terms);
        // The protocol looks at fees.
        let told = if terms.protocol_share > 0.0 { Told::All } else { flow.told };
        match told {
            Told::All => kernels::tell::<L, true>(rise, fall, &self.liquidity, terms, flow),
            Told::AmountIn => kernels::tell::<L, false>(rise, fall, &self.liquidity, terms, flow),
            Told::Nothing => {}
        }
        if crossing.any() {
            for l in LaneList::of(&crossing).iter() {
                self.walk_arbitrage(l, target[l], least[l], flow, l);
            }
        }
    }

    /// An arbitrage of one lane that crosses ends of positions, or is far: place `k` of the flow.
    fn walk_arbitrage<const N: usize>(&mut self, l: usize, target: f64, least: f64, flow: &mut FlowLanes<N>, k: usize) {
        flow.clear(k);
        let walk = self.walk_to_band(l, target);
        let (paid, received) =
            if walk.down { (walk.amount_in * target, walk.amount_out) } else { (walk.amount_in, walk.amount_out * target) };
        flow.base_in[k] = mask(walk.down);
        if received - paid > least {
            flow.set(k, walk.amount_in, walk.amount_out, walk.amount_in * self.terms.fee);
            self.go(l, walk);
        }
    }

    /// An arbitrage around a price of token 0, if only a few lanes are outside their bands.
    pub(super) fn arbitrage_some(&mut self, price: &Lanes<L>, min_profit: &Lanes<L>, few: &mut FewTrades<L>) -> bool {
        if self.crowded > 0 {
            self.crowded -= 1;
            return false;
        }
        let mut outside = LaneBits::NONE;
        kernels::outside(&self.inverse, price, &self.terms, &mut outside);
        if !few.lanes.set(&outside, FewTrades::<L>::MOST.min(L / 4)) {
            self.crowded = CROWDED;
            return false;
        }
        self.arbitrage_together(price, min_profit, few);
        true
    }

    /// An arbitrage of these lanes, side by side.
    fn arbitrage_together(&mut self, price: &Lanes<L>, least: &Lanes<L>, few: &mut FewTrades<L>) {
        let FewTrades { lanes, flow } = few;
        let all = &mut *self.together;
        for (k, l) in lanes.iter().take(FewTrades::<L>::MOST).enumerate() {
            (all.s[k], all.inverse[k], all.liquidity[k]) = (self.s[l], self.inverse[l], self.liquidity[l]);
            (all.lo[k], all.hi[k]) = (self.lo[l], self.hi[l]);
            (all.price[k], all.least[k]) = (price[l], least[l]);
            (all.worth[0][k], all.worth[1][k]) = (self.worth[0][l], self.worth[1][l]);
        }
        let crosses = kernels::arbitrage_together(all, lanes.count(), &self.terms, flow);
        for (k, l) in lanes.iter().take(FewTrades::<L>::MOST).enumerate() {
            (self.s[l], self.inverse[l]) = (all.s[k], all.inverse[k]);
            for (sum, more) in self.growth.iter_mut().zip(&all.growth) {
                sum[l] += more[k];
            }
        }
        self.settled = false;
        if crosses {
            for (k, l) in lanes.iter().take(FewTrades::<L>::MOST).enumerate() {
                if flow.fee[k] < 0.0 {
                    self.walk_arbitrage(l, price[l], least[l], flow, k);
                }
            }
        }
        let share = self.terms.protocol_share;
        if share > 0.0 {
            for (k, l) in lanes.iter().take(FewTrades::<L>::MOST).enumerate() {
                self.protocol_fees[usize::from(flow.base_in[k] == 0)][l] += flow.fee[k] * share;
            }
        }
    }

    /// What the kernels do with a trade that stays between two ends.
    fn apply(&mut self, l: usize, trade: &Trade) {
        let more = kernels::growth(trade.rise, trade.fall, &self.terms, [self.worth[0][l], self.worth[1][l]]);
        (self.s[l], self.inverse[l]) = (trade.s, trade.inverse);
        for (sum, more) in self.growth.iter_mut().zip(more) {
            sum[l] += more;
        }
    }

    fn at(&self, l: usize) -> At {
        At { s: self.s[l], inverse: self.inverse[l], lo: self.lo[l], hi: self.hi[l], liquidity: self.liquidity[l] }
    }

    /// Swaps in all lanes.
    pub(super) fn swap_all(&mut self, flow: &mut FlowLanes<L>) {
        let flip = if flow.base == TokenIndex::ZERO { 0 } else { u64::MAX };
        self.settled = false;
        let (terms, [rise, fall]) = (&self.terms, &mut *self.room);
        let crosses =
            kernels::swap(&mut self.s, &mut self.inverse, &self.lo, &self.hi, &self.liquidity, terms, flip, flow, rise, fall);
        let ([growth0, growth1, loss, earned], [worth0, worth1]) = (&mut self.growth, &self.worth);
        kernels::grow(rise, fall, growth0, growth1, loss, earned, worth0, worth1, terms);
        if crosses {
            for l in 0..L {
                // The kernel left these lanes alone, and said so by a fee that is no fee.
                if flow.fee[l] < 0.0 {
                    let walk = self.walk_amount(l, (flow.base_in[l] ^ flip) != 0, flow.amount_in[l]);
                    flow.set(l, walk.amount_in, walk.amount_out, walk.amount_in * self.terms.fee);
                    self.go(l, walk);
                }
            }
        }
        self.book_protocol(flow);
    }

    /// Swaps in the lanes listed, one by one.
    pub(super) fn swap_listed(&mut self, few: &mut FewTrades<L>) {
        let FewTrades { lanes, flow } = few;
        let flip = if flow.base == TokenIndex::ZERO { 0 } else { u64::MAX };
        let Terms { fee, protocol_share, .. } = self.terms;
        self.settled = false;
        for (k, l) in lanes.iter().take(FewTrades::<L>::MOST).enumerate() {
            let amount_in = flow.amount_in[k];
            let trade = kernels::swap_lane(self.at(l), &self.terms, flow.base_in[k] ^ flip, amount_in);
            flow.clear(k);
            if trade.crosses != 0 {
                let walk = self.walk_amount(l, trade.down != 0, amount_in);
                flow.set(k, walk.amount_in, walk.amount_out, walk.amount_in * fee);
                self.go(l, walk);
            } else if trade.trades != 0 {
                flow.set(k, amount_in, self.liquidity[l] * kernels::unit(trade.rise, trade.fall).1, amount_in * fee);
                self.apply(l, &trade);
            }
            if protocol_share > 0.0 {
                self.protocol_fees[usize::from(trade.down == 0)][l] += flow.fee[k] * protocol_share;
            }
        }
    }
}
