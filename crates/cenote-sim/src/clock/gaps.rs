use cenote_paths::{GammaVariates, StreamKey, StreamLanes};
use cenote_units::Lanes;

use super::Clock;

/// Gaps between blocks, in units of their mean.
#[derive(Clone, Debug)]
pub(super) enum Gaps<const L: usize> {
    /// All one.
    Even,
    /// Exponential: two from each draw.
    Exponential {
        key: StreamKey,
        streams: StreamLanes<L>,
        /// The second exponential of an even block's draw, for the odd block after it.
        spare: Lanes<L>,
    },
    /// Gamma of this shape.
    Gamma { variates: GammaVariates<L>, shape: f64 },
}

impl<const L: usize> Gaps<L> {
    pub(super) fn new(clock: Clock, key: StreamKey) -> Self {
        match clock {
            Clock::Fixed(_) => Self::Even,
            Clock::Poisson(_) => Self::Exponential { key, streams: StreamLanes::new(key, [0; L]), spare: Lanes::ZERO },
            Clock::Gamma { shape, .. } => Self::Gamma { variates: GammaVariates::new(key, shape), shape },
        }
    }

    pub(super) fn start(&mut self, paths: [u32; L]) {
        match self {
            Self::Even => {}
            Self::Exponential { key, streams, .. } => *streams = StreamLanes::new(*key, paths),
            Self::Gamma { variates, .. } => variates.start(paths),
        }
    }

    /// The gap before this block. Blocks follow one another, from an even one on.
    pub(super) fn before(&mut self, block: u32, gap: &mut Lanes<L>) {
        match self {
            Self::Even => *gap = Lanes::splat(1.0),
            Self::Exponential { streams, spare, .. } => {
                if block & 1 == 0 {
                    streams.waiting_pair(block, 0, gap, spare);
                } else {
                    *gap = *spare;
                }
            }
            Self::Gamma { variates, shape } => {
                variates.draw(block, gap);
                for l in 0..L {
                    gap[l] /= *shape;
                }
            }
        }
    }
}
