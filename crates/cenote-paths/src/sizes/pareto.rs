use cenote_units::{Lanes, kernel, math};

use super::uniform_lanes::{FromUniform, UniformLanes};
use super::{BuildSizes, SizeLanes, SizeModel};
use crate::error::PathError;
use crate::parameters::check;
use crate::stream::StreamKey;
use crate::uniform::exponential;

/// Sizes with a heavy tail: P(size > x) = (minimum/x)^tail for x above the minimum (Pareto).
///
/// The mean is minimum × tail/(tail − 1). With a tail of 2 or less the variance is infinite: means over paths then settle slowly,
/// and their standard errors say too little.
///
/// **Streams.** Draw 1 + ⌊j/2⌋ of a block gives the uniforms and the coins of two events, j among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pareto {
    minimum: f64,
    tail: f64,
}

impl Pareto {
    /// Sizes from `minimum` on, with this tail index.
    ///
    /// # Errors
    /// A minimum that is not above zero and finite; a tail index that is not above 1 (the mean would be infinite) or above 1000.
    pub fn new(minimum: f64, tail: f64) -> Result<Self, PathError> {
        check("minimum", minimum, minimum > 0.0 && minimum.is_finite(), "a size above zero")?;
        check("tail", tail, tail > 1.0 && tail <= 1000.0, "a tail index above 1, or the mean is infinite, and at most 1000")?;
        Ok(Self { minimum, tail })
    }
}

impl SizeModel for Pareto {
    fn mean(&self) -> f64 {
        self.minimum * self.tail / (self.tail - 1.0)
    }
}

impl<const L: usize> BuildSizes<L> for Pareto {
    fn build(&self, key: StreamKey) -> Box<dyn SizeLanes<L>> {
        Box::new(UniformLanes::<L, Self>::new(key, *self))
    }
}

impl FromUniform for Pareto {
    fn sizes<const L: usize>(&self, u: &Lanes<L>, sizes: &mut Lanes<L>) {
        sizes_of(u, self.minimum, 1.0 / self.tail, sizes);
    }
}

kernel! {
    /// A log size over that of the minimum is exponential.
    fn sizes_of<const L: usize>(u: &Lanes<L>, minimum: f64, inverse_tail: f64, sizes: &mut Lanes<L>) {
        for l in 0..L {
            sizes[l] = minimum * math::exp(exponential(u[l]) * inverse_tail);
        }
    }
}
