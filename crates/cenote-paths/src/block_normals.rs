//! The normals that processes take block by block.

use cenote_units::Lanes;

use crate::stream::StreamKey;
use crate::stream_lanes::StreamLanes;

/// One normal per block and lane: those of blocks b to b + 3, b a multiple of four, are the four of the draw
/// (block b, `draw`). They are kept while steps walk through them; a jump to any block draws its four again.
#[derive(Clone, Debug)]
pub(crate) struct BlockNormals<const L: usize> {
    normals: [Lanes<L>; 4],
    /// The first of the blocks whose normals are held.
    first: Option<u32>,
    draw: u32,
    streams: StreamLanes<L>,
}

impl<const L: usize> BlockNormals<L> {
    /// Before a [`start`](Self::start), of paths that are all 0.
    pub(crate) fn new(key: StreamKey, draw: u32) -> Self {
        Self { normals: [Lanes::ZERO; 4], first: None, draw, streams: StreamLanes::new(key, [0; L]) }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        self.first = None;
    }

    /// The streams that are drawn from.
    pub(crate) fn streams(&self) -> &StreamLanes<L> {
        &self.streams
    }

    /// The normals of a block.
    #[inline]
    pub(crate) fn of(&mut self, block: u32) -> &Lanes<L> {
        let first = block & !3;
        if self.first != Some(first) {
            self.streams.normal_quad(first, self.draw, &mut self.normals);
            self.first = Some(first);
        }
        &self.normals[(block & 3) as usize]
    }
}
