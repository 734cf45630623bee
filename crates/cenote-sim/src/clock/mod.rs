//! When blocks come: of one chain, and of several.

mod gaps;
mod one;
mod several;

use cenote_paths::{Step, StreamKey};
use cenote_units::{Lanes, SimDuration};

use self::one::OneClock;
use self::several::SeveralClocks;

/// When a chain makes blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Clock {
    /// Every interval; the first block comes one interval after the start.
    Fixed(SimDuration),
    /// With independent, exponentially distributed gaps of this mean.
    Poisson(SimDuration),
    /// With independent, gamma distributed gaps.
    Gamma {
        /// Their mean.
        mean: SimDuration,
        /// Their shape, above zero: 1 is a Poisson clock, and the larger, the more even are the gaps.
        shape: f64,
    },
}

impl Clock {
    /// The time between blocks, or its mean.
    pub const fn mean(self) -> SimDuration {
        match self {
            Self::Fixed(mean) | Self::Poisson(mean) | Self::Gamma { mean, .. } => mean,
        }
    }

    /// Whether blocks come at times that differ from path to path.
    pub const fn is_random(self) -> bool {
        !matches!(self, Self::Fixed(_))
    }
}

/// The number of a warm-up's first block. The measured time's is 0, so that its random numbers do not depend on how many blocks
/// the warm-up took: on a random clock that differs from path to path, and the lanes of a pack share the number.
pub(crate) const WARM_UP: u32 = 1 << 31;

/// What the current step is for one chain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn<'a, const L: usize> {
    /// 1 where the chain has a block at the step's end.
    pub(crate) active: &'a Lanes<L>,
    /// Years since its block before.
    pub(crate) years: &'a Lanes<L>,
    /// The same in all lanes, if it is.
    pub(crate) shared: Option<f64>,
    /// Whether it has to be looked at: some lane may have a block.
    pub(crate) some: bool,
    /// Whether every lane has one, as far as is known.
    pub(crate) all: bool,
}

/// The time of a world on `L` paths: it goes from block to block, whichever chain has the next one in a lane.
#[derive(Debug)]
pub(crate) enum Timeline<const L: usize> {
    /// Of one chain: all lanes go through the same block at once.
    One(OneClock<L>),
    /// Of several.
    Several(SeveralClocks<L>),
}

macro_rules! each {
    ($self:ident, $clock:ident => $body:expr) => {
        match $self {
            Self::One($clock) => $body,
            Self::Several($clock) => $body,
        }
    };
}

impl<const L: usize> Timeline<L> {
    /// Of chains with these clocks, which draw from these streams.
    pub(crate) fn new(chains: &[(Clock, StreamKey)]) -> Self {
        match chains {
            &[(clock, key)] => Self::One(OneClock::new(clock, key)),
            chains => Self::Several(SeveralClocks::new(chains)),
        }
    }

    pub(crate) fn start(&mut self, paths: [u32; L]) {
        each!(self, clock => clock.start(paths));
    }

    /// Sets the end of the next leg, counts blocks from here and numbers them from `first`.
    pub(crate) fn begin_leg(&mut self, first: u32, length: SimDuration) {
        each!(self, clock => clock.begin_leg(first, length));
    }

    /// Moves to the next block. `false` when the leg's end is reached in every lane, and there is nothing more to do in it.
    pub(crate) fn advance(&mut self) -> bool {
        each!(self, clock => clock.advance())
    }

    /// The step that led here.
    pub(crate) fn step(&self) -> Step<'_, L> {
        each!(self, clock => clock.step())
    }

    /// Where each lane is, in nanoseconds.
    pub(crate) fn time(&self) -> &[u64; L] {
        each!(self, clock => clock.time())
    }

    /// 1 where the current step ends in a block of some chain, 0 where it ended at the leg's end or did not happen.
    pub(crate) fn active(&self) -> &Lanes<L> {
        each!(self, clock => clock.active())
    }

    /// What the step is for this chain.
    pub(crate) fn turn(&self, chain: usize) -> Turn<'_, L> {
        match self {
            Self::One(clock) => clock.turn(),
            Self::Several(clocks) => clocks.turn(chain),
        }
    }

    /// Blocks of a chain in this leg so far, lane by lane.
    pub(crate) fn blocks(&self, chain: usize) -> Lanes<L> {
        match self {
            Self::One(clock) => clock.blocks(),
            Self::Several(clocks) => clocks.blocks(chain),
        }
    }
}

/// Nearest float; durations of whole studies in nanoseconds exceed 2⁵³ only where a rounding of 1e-16 means nothing.
#[expect(clippy::cast_precision_loss, reason = "stated above")]
fn to_f64(nanos: u64) -> f64 {
    nanos as f64
}
