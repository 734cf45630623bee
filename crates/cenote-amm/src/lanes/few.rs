use cenote_units::LaneList;

use super::FlowLanes;

/// Trades in the few lanes of a pack that have one: written and booked at the cost of what they are.
#[derive(Clone, Debug, Default)]
pub struct FewTrades<const L: usize> {
    /// The lanes: [`MOST`](Self::MOST) at most.
    pub lanes: LaneList<L>,
    /// A trade for each of the lanes, in their order. It may be of nothing.
    pub flow: FlowLanes<32>,
}

impl<const L: usize> FewTrades<L> {
    /// More than so many are not few.
    pub const MOST: usize = 32;

    /// The place of each trade, and its lane.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.lanes.iter().take(Self::MOST).enumerate()
    }

    /// Takes them over from trades in all lanes.
    pub fn gather(&mut self, flow: &FlowLanes<L>) {
        (self.flow.base, self.flow.quote) = (flow.base, flow.quote);
        for (k, l) in self.lanes.iter().take(Self::MOST).enumerate() {
            self.flow.base_in[k] = flow.base_in[l];
            self.flow.set(k, flow.amount_in[l], flow.amount_out[l], flow.fee[l]);
        }
    }

    /// The same trades among all lanes.
    pub fn spread(&self, flow: &mut FlowLanes<L>) {
        (flow.base, flow.quote) = (self.flow.base, self.flow.quote);
        flow.clear_all();
        for (k, l) in self.iter() {
            flow.base_in[l] = self.flow.base_in[k];
            flow.set(l, self.flow.amount_in[k], self.flow.amount_out[k], self.flow.fee[k]);
        }
    }
}
