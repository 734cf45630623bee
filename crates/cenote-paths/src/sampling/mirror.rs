//! Antithetic paths.

use cenote_units::{Lanes, kernel};

use crate::stream::StreamKey;
use crate::stream_lanes::StreamLanes;

/// The normals of even paths, and for odd paths those of the path before with the other sign.
///
/// Hammersley and Morton 1956, "A new Monte Carlo technique: antithetic variates".
#[derive(Clone, Debug)]
pub(crate) struct Mirror<const L: usize> {
    streams: StreamLanes<L>,
    signs: Lanes<L>,
}

impl<const L: usize> Mirror<L> {
    pub(crate) fn new(key: StreamKey) -> Self {
        Self { streams: StreamLanes::new(key, [0; L]), signs: Lanes::splat(1.0) }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        self.streams = StreamLanes::new(self.streams.key(), paths.map(|path| path & !1));
        self.signs = Lanes(paths.map(|path| if path & 1 == 0 { 1.0 } else { -1.0 }));
    }

    pub(crate) fn quad(&self, first: u32, draw: u32, z: &mut [Lanes<L>; 4]) {
        self.streams.normal_quad(first, draw, z);
        sign(&self.signs, z);
    }

    pub(crate) fn quad_of_lane(&self, lane: usize, first: u32, draw: u32) -> [f64; 4] {
        self.streams.lane(lane, first).at_draw(draw).normal_quad().map(|z| self.signs[lane] * z)
    }
}

kernel! {
    fn sign<const L: usize>(signs: &Lanes<L>, z: &mut [Lanes<L>; 4]) {
        for z in z {
            for l in 0..L {
                z[l] *= signs[l];
            }
        }
    }
}
