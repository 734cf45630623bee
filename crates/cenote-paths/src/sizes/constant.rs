use super::{BuildSizes, Lognormal, SizeLanes, SizeModel};
use crate::error::PathError;
use crate::stream::StreamKey;

/// Sizes that are all the same.
///
/// **Streams.** Those of a [`Lognormal`] of no spread: its coins fall alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constant(Lognormal);

impl Constant {
    /// Always `size`.
    ///
    /// # Errors
    /// A size that is not above zero and finite.
    pub fn new(size: f64) -> Result<Self, PathError> {
        Lognormal::new(size, 0.0).map(Self).map_err(|error| error.about("size"))
    }
}

impl SizeModel for Constant {
    fn mean(&self) -> f64 {
        self.0.mean()
    }
}

impl<const L: usize> BuildSizes<L> for Constant {
    fn build(&self, key: StreamKey) -> Box<dyn SizeLanes<L>> {
        self.0.build(key)
    }
}
