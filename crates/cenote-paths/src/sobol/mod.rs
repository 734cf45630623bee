//! Points that fill a cube evenly: the sequence of Sobol, and its random scrambling.

mod directions;
mod owen;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::error::PathError;
use crate::parameters::check;
use crate::stream::StreamKey;
use crate::uniform::open_uniform;

pub(crate) use directions::reversed_digits;
pub(crate) use owen::Scramble;

/// The sequence of Sobol (1967, "On the distribution of points in a cube and the approximate evaluation of integrals") in base 2,
/// with the direction numbers of Joe and Kuo (2008, "Constructing Sobol sequences with better two-dimensional projections", their
/// criterion D6).
///
/// Coordinate d of point i is the exclusive or of the direction numbers of dimension d at the binary digits of i (natural order, no
/// Gray code: any point at once). It has 32 binary digits, so the sequence has 2³² points. In every dimension the points
/// i 2ᵐ to (i + 1) 2ᵐ − 1 have one in each of the 2ᵐ intervals of length 2⁻ᵐ.
///
/// ```
/// use cenote_paths::Sobol;
/// let sobol = Sobol::new(3)?;
/// let point = |i| sobol.point(i).map(|digits| f64::from(digits) / 4_294_967_296.0).collect::<Vec<_>>();
/// assert_eq!(point(0), [0.0, 0.0, 0.0]);
/// assert_eq!(point(1), [0.5, 0.5, 0.5]);
/// assert_eq!(point(2), [0.25, 0.75, 0.75]);
/// assert_eq!(point(3), [0.75, 0.25, 0.25]);
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
#[derive(Clone)]
pub struct Sobol {
    /// Direction numbers with their digits reversed: the first binary digit of a coordinate is bit 0.
    directions: Arc<[[u32; 32]]>,
}

impl Sobol {
    /// As many as there are direction numbers for.
    pub const MAX_DIMENSIONS: u32 = 21_201;

    /// The sequence in so many dimensions.
    ///
    /// # Errors
    /// No dimension, or more than [`MAX_DIMENSIONS`](Self::MAX_DIMENSIONS).
    pub fn new(dimensions: u32) -> Result<Self, PathError> {
        let possible = (1..=Self::MAX_DIMENSIONS).contains(&dimensions);
        check("dimensions", f64::from(dimensions), possible, "a number of dimensions from 1 to 21201")?;
        Ok(Self { directions: directions::joe_kuo(dimensions) })
    }

    /// How many coordinates a point has.
    pub fn dimensions(&self) -> usize {
        self.directions.len()
    }

    /// The coordinates of point `index`, each times 2³²: a whole number.
    pub fn point(&self, index: u32) -> impl Iterator<Item = u32> + '_ {
        self.directions.iter().map(move |directions| low_digits(directions, index).reverse_bits())
    }

    /// The direction numbers of a dimension, digits reversed.
    pub(crate) fn directions(&self, dimension: u32) -> Option<&[u32; 32]> {
        self.directions.get(usize::try_from(dimension).ok()?)
    }
}

/// Without its tables, which are long.
impl std::fmt::Debug for Sobol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sobol").field("dimensions", &self.dimensions()).finish_non_exhaustive()
    }
}

/// A coordinate with its digits reversed.
fn low_digits(directions: &[u32; 32], index: u32) -> u32 {
    let mut digits = 0;
    for (bit, direction) in directions.iter().enumerate() {
        digits ^= direction & ((index >> bit) & 1).wrapping_neg();
    }
    digits
}

/// A [`Sobol`] sequence under nested uniform scrambling (Owen 1995, "Randomly permuted (t,m,s)-nets and (t,s)-sequences").
///
/// Each digit of a coordinate is flipped or not, by a coin that depends on the digits before it. A scrambled point is uniform in the
/// cube, and scrambled points fill it as evenly as before: means over 2ᵐ points are unbiased, and of smooth functions their error
/// falls faster than 2^(−m). Replicates are independent; how far they lie apart tells the error.
///
/// Coins come from a keyed hash: additions, multiplications by odd numbers and `x ^= x × even` carry from low bits to high ones
/// only, so on reversed digits they are a nested scrambling (Laine and Karras 2011, "Stratified sampling for stochastic
/// transparency"; Burley 2020, "Practical hash-based Owen scrambling"; with the operations of Vegdahl 2021, "Building a better LK
/// hash", and a second round of keys). Its four key words are those of one Philox draw per dimension and replicate. The 20 digits
/// after the 32 of the sequence are a hash of these: 52 in all, as every uniform here.
///
/// ```
/// use cenote_paths::{ScrambledSobol, Sobol, StreamKey};
/// let replicate = ScrambledSobol::new(Sobol::new(5)?, StreamKey::new(42, "sampling"), 0);
/// // The mean of x₁x₂x₃x₄x₅ is 1/32.
/// let mean = (0..1024).map(|i| replicate.point(i).product::<f64>()).sum::<f64>() / 1024.0;
/// assert!((mean * 32.0 - 1.0).abs() < 0.01);
/// # Ok::<(), cenote_paths::PathError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScrambledSobol {
    sobol: Sobol,
    key: StreamKey,
    replicate: u32,
}

impl ScrambledSobol {
    /// Scrambling number `replicate` of a sequence, of those that this key has.
    pub fn new(sobol: Sobol, key: StreamKey, replicate: u32) -> Self {
        Self { sobol, key, replicate }
    }

    /// The coordinates of point `index`: uniforms, strictly between 0 and 1.
    pub fn point(&self, index: u32) -> impl Iterator<Item = f64> + '_ {
        (0..).zip(self.sobol.directions.iter()).map(move |(dimension, directions)| {
            let scramble = Scramble::new(self.key, dimension, self.replicate);
            open_uniform(scramble.word(u64::from(low_digits(directions, index))))
        })
    }
}
