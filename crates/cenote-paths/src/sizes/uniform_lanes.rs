//! Sizes that take one uniform each.

use std::fmt::Debug;

use cenote_units::Lanes;

use super::{Marks, SizeLanes};
use crate::stream::StreamKey;
use crate::stream_lanes::StreamLanes;

/// A size as a function of a uniform.
pub(super) trait FromUniform: Debug + Send {
    fn sizes<const L: usize>(&self, u: &Lanes<L>, sizes: &mut Lanes<L>);
}

/// Draw 1 + ⌊j/2⌋ of a block gives the uniforms and the coins of two events, j among them.
#[derive(Clone, Debug)]
pub(super) struct UniformLanes<const L: usize, D> {
    sizes: Lanes<L>,
    /// Of two events.
    uniforms: [Lanes<L>; 2],
    coins: [[u64; L]; 2],
    /// Block and draw that they are from.
    held: Option<(u32, u32)>,
    streams: StreamLanes<L>,
    distribution: D,
}

impl<const L: usize, D> UniformLanes<L, D> {
    pub(super) fn new(key: StreamKey, distribution: D) -> Self {
        let streams = StreamLanes::new(key, [0; L]);
        Self { sizes: Lanes::ZERO, uniforms: [Lanes::ZERO; 2], coins: [[0; L]; 2], held: None, streams, distribution }
    }
}

impl<const L: usize, D: FromUniform> SizeLanes<L> for UniformLanes<L, D> {
    fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths);
        self.held = None;
    }

    fn of(&mut self, block: u32, event: u32) -> Marks<'_, L> {
        let draw = 1 + event / 2;
        if self.held != Some((block, draw)) {
            self.streams.uniform_pair_with_bits(block, draw, &mut self.uniforms, &mut self.coins);
            self.held = Some((block, draw));
        }
        let of_two = (event & 1) as usize;
        self.distribution.sizes(&self.uniforms[of_two], &mut self.sizes);
        Marks { sizes: &self.sizes, coins: &self.coins[of_two] }
    }
}
