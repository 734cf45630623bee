//! From random words to real numbers: the few formulas that scalar streams and lanes share.

use cenote_units::math;

/// The 53-bit uniform of a random word, strictly between 0 and 1: (2k + 1)/2⁵³ with k its upper 52 bits.
///
/// An odd numerator keeps the number away from 0 (a logarithm is taken of it) and from 1, and makes the
/// distribution symmetric about ½ to the last bit. Built by filling a mantissa, which vectorises on every
/// instruction set, where the conversion of a 64-bit integer does not.
#[inline(always)]
pub(crate) fn open_uniform(word: u64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    /// 1 − 2⁻⁵³: taking it from 1 + k/2⁵² is exact.
    const OFFSET: f64 = 1.0 - f64::EPSILON / 2.0;
    f64::from_bits(ONE | (word >> 12)) - OFFSET
}

/// The 33-bit uniform of a 32-bit word, strictly between 0 and 1: (2k + 1)/2³³.
#[inline(always)]
pub(crate) fn word_uniform(word: u64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    /// 1 − 2⁻³³: taking it from 1 + k/2³² is exact.
    const OFFSET: f64 = 1.0 - 1.0 / 8_589_934_592.0;
    f64::from_bits(ONE | (word << 20)) - OFFSET
}

/// ln u of an [`open_uniform`].
///
/// The bits set and cleared here are set and clear already, in every number from 2⁻⁶³ to 1; saying so lets the
/// compiler drop the logarithm's care for zero, negative, infinite and undefined arguments.
#[inline(always)]
fn ln_uniform(u: f64) -> f64 {
    const SET: u64 = 0x3c00_0000_0000_0000;
    const CLEAR: u64 = 0xc000_0000_0000_0000;
    math::ln(f64::from_bits((u.to_bits() | SET) & !CLEAR))
}

/// The two coins of a word that [`math::normal_pair`] leaves alone, 0 or 1 each: the first goes with the first normal.
#[inline(always)]
pub(crate) fn coins(word: u64) -> [u64; 2] {
    [(word >> 60) & 1, (word >> 61) & 1]
}

/// A standard exponential by inversion, −ln u.
#[inline(always)]
pub(crate) fn exponential(u: f64) -> f64 {
    -ln_uniform(u)
}

#[cfg(test)]
mod tests {
    use super::open_uniform;

    #[test]
    fn uniforms_stay_inside_the_open_interval() {
        assert_eq!(open_uniform(0), f64::EPSILON / 2.0);
        assert_eq!(open_uniform(u64::MAX), 1.0 - f64::EPSILON / 2.0);
        assert_eq!(open_uniform(1 << 63), 0.5 + f64::EPSILON / 2.0);
        // Symmetric about one half: the complement of a word gives the complement of its uniform.
        for word in [0, 1 << 12, 0x0123_4567_89ab_cdef, u64::MAX / 3] {
            assert_eq!(open_uniform(word) + open_uniform(!word), 1.0);
        }
    }
}
