use cenote_paths::{GammaVariates, StreamKey, StreamLanes};
use cenote_units::Lanes;

use super::Clock;

/// Gaps between blocks, in units of their mean.
#[derive(Clone, Debug)]
pub(super) enum Gaps<const L: usize> {
    /// All one.
    Even(Lanes<L>),
    /// Exponential: four from each draw.
    Exponential {
        key: StreamKey,
        streams: StreamLanes<L>,
        /// Of a block whose number is a multiple of four, and of those after it.
        gaps: [Lanes<L>; 4],
    },
    /// Gamma of this shape.
    Gamma { variates: GammaVariates<L>, shape: f64, gap: Lanes<L> },
}

impl<const L: usize> Gaps<L> {
    pub(super) fn new(clock: Clock, key: StreamKey) -> Self {
        match clock {
            Clock::Fixed(_) => Self::Even(Lanes::splat(1.0)),
            Clock::Poisson(_) => Self::Exponential { key, streams: StreamLanes::new(key, [0; L]), gaps: [Lanes::ZERO; 4] },
            Clock::Gamma { shape, .. } => Self::Gamma { variates: GammaVariates::new(key, shape), shape, gap: Lanes::ZERO },
        }
    }

    pub(super) fn start(&mut self, paths: [u32; L]) {
        match self {
            Self::Even(_) => {}
            Self::Exponential { key, streams, .. } => *streams = StreamLanes::new(*key, paths),
            Self::Gamma { variates, .. } => variates.start(paths),
        }
    }

    /// The gap before this block. Blocks follow one another, from a multiple of four on.
    pub(super) fn before(&mut self, block: u32) -> &Lanes<L> {
        match self {
            Self::Even(gap) => gap,
            Self::Exponential { streams, gaps, .. } => {
                if block.is_multiple_of(4) {
                    streams.waiting_quad(block, 0, gaps);
                }
                &gaps[(block % 4) as usize]
            }
            Self::Gamma { variates, shape, gap } => {
                variates.draw(block, gap);
                for l in 0..L {
                    gap[l] /= *shape;
                }
                gap
            }
        }
    }

    /// No gap is longer; infinity, where there is no telling.
    pub(super) fn longest(&self) -> f64 {
        match self {
            Self::Even(_) => 1.0,
            Self::Exponential { .. } => StreamLanes::<L>::LONGEST_WAITING_TIME,
            Self::Gamma { .. } => f64::INFINITY,
        }
    }
}
