//! Direction numbers.

use std::sync::Arc;

use sobol::params::JoeKuoD6;
use sobol::{ParamDimension, SobolParams};

/// The direction numbers of so many dimensions, at most as many as there are: 32 of 32 binary digits each, the first digit in bit 0.
pub(super) fn joe_kuo(dimensions: u32) -> Arc<[[u32; 32]]> {
    // The short tables are the beginning of the long one, which takes a while to read.
    let table = match dimensions {
        0..=100 => JoeKuoD6::minimal(),
        101..=1000 => JoeKuoD6::standard(),
        _ => JoeKuoD6::extended(),
    };
    // The first dimension is the sequence of van der Corput: it has no polynomial.
    let first = std::array::from_fn(|bit| 1 << bit);
    let count = usize::try_from(dimensions).unwrap_or(usize::MAX);
    let rest = (2..=count).map(|dimension| directions(table.get_dim(dimension)));
    std::iter::once(first).chain(rest).collect()
}

/// From the polynomial's coefficients and the initial numbers, by the recurrence of the sequence.
fn directions(parameters: &dyn ParamDimension<u32>) -> [u32; 32] {
    let degree = parameters.s();
    let mut v = [0_u32; 32];
    for i in 0..32 {
        v[i] = if i < degree {
            parameters.m(i) << (31 - i)
        } else {
            let mut next = v[i - degree] ^ (v[i - degree] >> degree);
            for k in 1..degree {
                next ^= v[i - k] * parameters.coefficient(degree - 1 - k);
            }
            next
        };
    }
    v.map(u32::reverse_bits)
}

/// The coordinates of points in one dimension, digits reversed. `bits` is how many binary digits the largest index has.
#[inline(always)]
pub(crate) fn reversed_digits<const L: usize>(directions: &[u32; 32], bits: u32, indices: &[u64; L], digits: &mut [u64; L]) {
    *digits = [0; L];
    for (bit, &direction) in directions.iter().take(bits as usize).enumerate() {
        for l in 0..L {
            digits[l] ^= u64::from(direction) & ((indices[l] >> bit) & 1).wrapping_neg();
        }
    }
}
