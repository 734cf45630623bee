use std::sync::Arc;

use cenote_units::Lanes;

use super::uniform_lanes::{FromUniform, UniformLanes};
use super::{BuildSizes, SizeLanes, SizeModel};
use crate::convert::{index_below, index_to_f64};
use crate::error::PathError;
use crate::parameters::check;
use crate::stream::StreamKey;

/// Observed sizes, drawn with replacement, each as likely as any other.
///
/// Cheap to clone: clones share the sizes. [`history::read_column`](crate::history::read_column) reads them from a CSV file.
///
/// **Streams.** Draw 1 + ⌊j/2⌋ of a block gives the uniforms and the coins of two events, j among them.
#[derive(Clone, Debug, PartialEq)]
pub struct Empirical {
    sizes: Arc<[f64]>,
    mean: f64,
}

impl Empirical {
    /// The sizes that there are.
    ///
    /// # Errors
    /// No size at all, or more than 2³²; a size that is negative or not finite; sizes that are all zero.
    pub fn new(sizes: &[f64]) -> Result<Self, PathError> {
        let number = index_to_f64(sizes.len());
        check("sizes", number, !sizes.is_empty() && u32::try_from(sizes.len()).is_ok(), "from 1 to 2^32 - 1 of them")?;
        for &size in sizes {
            check("sizes", size, (0.0..=1e150).contains(&size), "from 0 to 1e150")?;
        }
        let mean = sizes.iter().sum::<f64>() / number;
        check("sizes", mean, mean > 0.0, "above zero, at least one of them")?;
        Ok(Self { sizes: sizes.into(), mean })
    }

    /// The same sizes, each times a factor.
    ///
    /// # Errors
    /// A factor that is not above zero, or which brings a size out of its range.
    pub fn scaled(&self, factor: f64) -> Result<Self, PathError> {
        check("unit", factor, factor > 0.0 && factor.is_finite(), "above zero")?;
        Self::new(&self.sizes.iter().map(|size| size * factor).collect::<Vec<_>>())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sizes.len()
    }

    /// Never: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }
}

impl SizeModel for Empirical {
    fn mean(&self) -> f64 {
        self.mean
    }
}

impl<const L: usize> BuildSizes<L> for Empirical {
    fn build(&self, key: StreamKey) -> Box<dyn SizeLanes<L>> {
        Box::new(UniformLanes::<L, Self>::new(key, self.clone()))
    }
}

impl FromUniform for Empirical {
    fn sizes<const L: usize>(&self, u: &Lanes<L>, sizes: &mut Lanes<L>) {
        let number = index_to_f64(self.sizes.len());
        for l in 0..L {
            sizes[l] = self.sizes[index_below(u[l], number) as usize];
        }
    }
}
