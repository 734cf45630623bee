//! One-path pools in every lane: any pool runs in the lockstep world, in either arithmetic.
//!
//! Amounts cross the border as whole tokens. In the exact lane they are rounded toward zero to smallest units, and what the pool then
//! does is the contract's arithmetic.

mod fungible;
mod lifted_ranges;
mod ranges;
mod scale;

use cenote_units::{Lanes, SimTime, mask};

use super::FlowLanes;
use crate::lane::Lane;
use crate::pool::{Amount, Owner, Pool, SwapRequest, TokenIndex};

pub use fungible::{Lifted, PerLane};
pub use lifted_ranges::LiftedRanges;
pub use ranges::PerLaneRanges;

/// Who owns the liquidity that is there from the start.
const OTHERS: u32 = 1;
/// From here on, the positions of a world; their shares are the world's business.
const POSITIONS: u32 = 1 << 16;

fn others(number: usize) -> Owner {
    Owner::new(OTHERS + u32::try_from(number).unwrap_or(0))
}

fn positions(number: usize) -> Owner {
    Owner::new(POSITIONS + u32::try_from(number).unwrap_or(0))
}

/// The lanes of a lifted pool: trading, which is the same for all of them.
#[derive(Debug)]
struct Copies<P, const L: usize> {
    fresh: P,
    lanes: Vec<P>,
    /// Lane units per whole token.
    scale: Vec<f64>,
}

impl<P: Pool + Clone, const L: usize> Copies<P, L> {
    fn new(fresh: P, scale: Vec<f64>) -> Self {
        Self { lanes: vec![fresh.clone(); L], fresh, scale }
    }

    fn start(&mut self) {
        for lane in &mut self.lanes {
            lane.clone_from(&self.fresh);
        }
    }

    fn begin_block(&mut self, time: &[u64; L], active: &Lanes<L>) {
        for l in 0..L {
            if active[l] != 0.0 {
                self.lanes[l].begin_block(SimTime::from_nanos(time[l]));
            }
        }
    }

    /// One lane alone.
    fn alone(&self, lane: usize) -> Copies<P, 1> {
        let pool = &self.lanes[lane];
        Copies { fresh: pool.clone(), lanes: vec![pool.clone()], scale: self.scale.clone() }
    }

    /// An amount that is something, in the pool's unit.
    fn raw(&self, token: TokenIndex, amount: f64) -> Option<Amount<P>> {
        P::Lane::amount_from_f64(amount * self.scale[token.get()]).filter(|&raw| raw > P::Lane::ZERO)
    }

    fn whole(&self, token: TokenIndex, raw: Amount<P>) -> f64 {
        P::Lane::amount_to_f64(raw) / self.scale[token.get()]
    }

    /// One, of integers.
    fn unit(&self, token: TokenIndex) -> f64 {
        let whole_only = P::Lane::amount_from_f64(0.5) == Some(P::Lane::ZERO);
        if whole_only { 1.0 / self.scale[token.get()] } else { 0.0 }
    }

    fn spot_price(&self, base: TokenIndex, quote: TokenIndex, lane: usize) -> f64 {
        let to_whole = self.scale[base.get()] / self.scale[quote.get()];
        self.lanes[lane].spot_price(base, quote).map_or(f64::NAN, |price| price * to_whole)
    }

    fn quote(&self, lane: usize, token_in: TokenIndex, token_out: TokenIndex, amount_in: f64) -> f64 {
        self.raw(token_in, amount_in)
            .and_then(|raw| self.lanes[lane].quote(&SwapRequest::exact_in((token_in, token_out), raw)).ok())
            .map_or(0.0, |outcome| self.whole(token_out, outcome.amount_out))
    }

    /// Executes a request in one lane and books it in the flow; a refused one is no trade. Says whether anything changed.
    fn execute(&mut self, l: usize, request: &SwapRequest<P::Lane>, flow: &mut FlowLanes<L>) -> bool {
        let Ok(outcome) = self.lanes[l].swap(request) else {
            flow.clear(l);
            return false;
        };
        let amount_in = self.whole(request.token_in, outcome.amount_in);
        let amount_out = self.whole(request.token_out, outcome.amount_out);
        flow.set(l, amount_in, amount_out, self.whole(request.token_in, outcome.fee));
        true
    }

    fn swap(&mut self, l: usize, flow: &mut FlowLanes<L>) -> bool {
        let tokens = if flow.base_in[l] != 0 { (flow.base, flow.quote) } else { (flow.quote, flow.base) };
        if let Some(raw) = self.raw(tokens.0, flow.amount_in[l]) {
            return self.execute(l, &SwapRequest::exact_in(tokens, raw), flow);
        }
        flow.clear(l);
        false
    }

    fn arbitrage(&mut self, l: usize, price: f64, min_profit: f64, flow: &mut FlowLanes<L>) -> bool {
        flow.clear(l);
        let to_raw = self.scale[flow.quote.get()] / self.scale[flow.base.get()];
        let Some(request) = self.lanes[l].swap_to(flow.base, flow.quote, price * to_raw) else { return false };
        let Ok(outcome) = self.lanes[l].quote(&request) else { return false };
        let paid = self.whole(request.token_in, outcome.amount_in);
        let received = self.whole(request.token_out, outcome.amount_out);
        let sells = request.token_in == flow.base;
        let profit = if sells { received - paid * price } else { received * price - paid };
        if profit > min_profit {
            flow.base_in[l] = mask(sells);
            return self.execute(l, &request, flow);
        }
        false
    }
}
