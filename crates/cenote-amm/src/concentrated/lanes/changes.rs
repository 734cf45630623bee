use cenote_units::{LaneList, SomeLanes};

/// Where trades happened since somebody last asked.
#[derive(Clone, Debug)]
pub(super) struct Changes<const L: usize> {
    flags: [bool; L],
    /// The same lanes, as long as they come one by one.
    list: LaneList<L>,
    listed: bool,
}

impl<const L: usize> Changes<L> {
    pub(super) fn everywhere() -> Self {
        Self { flags: [true; L], list: LaneList::EMPTY, listed: false }
    }

    /// The flags of all lanes, for many to be set.
    pub(super) fn all(&mut self) -> &mut [bool; L] {
        self.listed = false;
        &mut self.flags
    }

    /// Notes a lane, if there was a trade.
    #[inline]
    pub(super) fn add(&mut self, l: usize, trade: bool) {
        self.list.add_if(l, trade && !self.flags[l]);
        self.flags[l] |= trade;
    }

    /// The lanes so far; from now on none.
    pub(super) fn take(&mut self) -> SomeLanes<L> {
        let changed = if self.listed && self.list.count() <= SomeLanes::<L>::MOST_FEW {
            SomeLanes::Few(self.list)
        } else {
            SomeLanes::wanted(self.flags)
        };
        self.flags = [false; L];
        (self.list, self.listed) = (LaneList::EMPTY, true);
        changed
    }
}
