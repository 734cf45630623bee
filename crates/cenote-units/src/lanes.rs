use std::ops::{Deref, DerefMut};

/// Lanes of a Monte Carlo pack: enough to spread what a block costs however many lanes it has, few enough for the nearest caches.
pub const PACK: usize = 128;

/// One quantity of `L` paths side by side: the array type of the lockstep world.
///
/// Aligned to a cache line, because kernels over misaligned arrays cost a fifth more.
///
/// ```
/// use cenote_units::Lanes;
/// let mut price = Lanes::<4>::splat(2000.0);
/// price[1] = 1900.0;
/// assert_eq!(price.iter().sum::<f64>(), 7900.0);
/// ```
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lanes<const L: usize>(pub [f64; L]);

impl<const L: usize> Lanes<L> {
    /// All lanes zero.
    pub const ZERO: Self = Self([0.0; L]);

    /// The same value in every lane.
    pub const fn splat(value: f64) -> Self {
        Self([value; L])
    }
}

impl<const L: usize> Default for Lanes<L> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const L: usize> Deref for Lanes<L> {
    type Target = [f64; L];

    #[inline(always)]
    fn deref(&self) -> &[f64; L] {
        &self.0
    }
}

impl<const L: usize> DerefMut for Lanes<L> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64; L] {
        &mut self.0
    }
}

/// `a` where `mask` is all ones, `b` where it is zero.
///
/// Kernels choose between two arrays with this: an `if` between two loads becomes a choice between two addresses, which does not
/// vectorise.
#[inline(always)]
pub fn select(mask: u64, a: f64, b: f64) -> f64 {
    f64::from_bits((a.to_bits() & mask) | (b.to_bits() & !mask))
}

/// All ones for true, zero for false.
#[inline(always)]
pub fn mask(condition: bool) -> u64 {
    u64::from(condition).wrapping_neg()
}
